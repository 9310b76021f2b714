"""The demo's lists of a closed quarter: one approved, the other sent back once and before a leader again."""

from __future__ import annotations

from datetime import datetime
from functools import partial

from supervisor.core import candidates, list_circulars, list_readers, name_lists
from supervisor.core.demo_acts import Acts
from supervisor.core.demo_people import LEADER, OFFICE
from supervisor.core.periods import Period
from supervisor.core.permissions import Actor
from supervisor.models import Candidate, ListSide, ListVerdict, NameList

QUARTER = Period.parse("2026-Q1")
#: Taken off by the office, with the reason.
SPARED = {"市通信发展办公室": "得分主要受上季度遗留事项影响，遗留事项已于四月办结，本季度新任务进度正常。"}


def decide(acts: Acts) -> None:
    """Everything, each at its moment."""
    praise, blame = ListSide.COMMENDATION, ListSide.CRITICISM
    acts.on("2026-05-06 10:00", partial(_propose, acts))
    acts.on(
        "2026-05-07 15:20", partial(_submit, acts, praise, "拟表扬名单按办法和封账得分提出，已逐家核对。")
    )
    acts.on("2026-05-08 09:30", partial(_approve, acts, praise, "同意。通报印发各责任单位。"))
    acts.on("2026-05-11 09:00", partial(_issue, acts, praise))
    acts.on("2026-05-07 15:40", partial(_submit, acts, blame, "拟批评名单请审定。"))
    acts.on(
        "2026-05-08 09:50", partial(_send_back, acts, blame, "批评要有此前督办作依据，请逐家补齐后再报。")
    )
    acts.on(
        "2026-07-07 11:10", partial(_submit, acts, blame, "六月以来已逐家催办，情况未根本好转，重新报审。")
    )


def _newest(acts: Acts, side: ListSide) -> NameList:
    found = list_readers.closed_run(acts.programme, QUARTER)
    row = list_readers.newest_of(found[0], side) if found is not None else None
    if row is None:
        raise LookupError(f"the demo has no list of {QUARTER.key}")
    return row


def _propose(acts: Acts, now: datetime) -> None:
    by = acts.story.actor(OFFICE, acts.programme, now)
    name_lists.propose(acts.programme, QUARTER, by=by, now=now)


def _submit(acts: Acts, side: ListSide, remark: str, now: datetime) -> None:
    by = acts.story.actor(OFFICE, acts.programme, now)
    for one in list(
        list_readers.candidates_of(_newest(acts, side)).where(Candidate.verdict == ListVerdict.OPEN)
    ):
        _decide(_newest(acts, side), one, by, now)
    row = _newest(acts, side)
    name_lists.submit(row, remark, seen=row.version, by=by, now=now)


def _decide(row: NameList, one: Candidate, by: Actor, now: datetime) -> None:
    spared = SPARED.get(one.unit_name)
    verdict = ListVerdict.REMOVED if spared else ListVerdict.KEPT
    candidates.decide(row, one.id, verdict, spared or one.reason, by=by, now=now)


def _approve(acts: Acts, side: ListSide, reason: str, now: datetime) -> None:
    by, row = acts.story.actor(LEADER, acts.programme, now), _newest(acts, side)
    name_lists.approve(row, reason, leaves={}, seen=row.version, by=by, now=now)


def _send_back(acts: Acts, side: ListSide, reason: str, now: datetime) -> None:
    by, row = acts.story.actor(LEADER, acts.programme, now), _newest(acts, side)
    name_lists.send_back(row, reason, seen=row.version, by=by, now=now)


def _issue(acts: Acts, side: ListSide, now: datetime) -> None:
    by = acts.story.actor(OFFICE, acts.programme, now)
    row = list_circulars.draft(_newest(acts, side), by=by, now=now)
    seen = list_circulars.seal_of(list_circulars.paper_of(row, now=now))
    list_circulars.issue(row, seal=seen, by=by, now=now)
