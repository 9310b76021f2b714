"""Lists of commendation and criticism: proposed from closed books, decided name by name, approved by a leader (C43).

    draft → before a leader → approved, or back to the office with the leader's reason

The figures propose and never decide (E-93). A unit on both lists, a commendation beside an open case, a criticism
without an earlier step (D22): refused, with the way out. A list rests on one closed run: where the period was
corrected since, it is proposed anew, and what was decided of names that are still there is carried over.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from supervisor.clock import beijing_date
from supervisor.core import (
    audit,
    commendable,
    earlier_steps,
    list_readers,
    list_rules,
    messages,
    people,
    score_events,
)
from supervisor.core.earlier_steps import EarlierStep
from supervisor.core.list_readers import STANDING
from supervisor.core.list_rules import Proposed
from supervisor.core.periods import Period
from supervisor.core.permissions import Actor, Permission
from supervisor.core.programmes import settings_on
from supervisor.core.scored_periods import scored_period
from supervisor.database import transactional
from supervisor.errors import Invalid, NotFound, Obstacle, Refused
from supervisor.models import (
    Candidate,
    ListSide,
    ListState,
    ListVerdict,
    NameList,
    Origin,
    Programme,
    ScorePeriod,
    ScoreRun,
    Standing,
)
from supervisor.words import N_, Sentence

#: Longest words that are kept with a decision.
LONGEST = 2000
#: Periods that are looked back for repeated criticism.
BACK = 12

OTHER = {ListSide.COMMENDATION: ListSide.CRITICISM, ListSide.CRITICISM: ListSide.COMMENDATION}


def address(name_list: NameList) -> str:
    """The list's page."""
    return f"/p/{name_list.period.programme_id}/lists/{name_list.id}"


# Proposing ---------------------------------------------------------------------------------------------------


@transactional
def propose(programme: Programme, period: Period, *, by: Actor, now: datetime) -> dict[ListSide, NameList]:
    """Propose both lists from the closed books; lists that rest on the same run stay as they are.

    Errors: NotAllowed, Refused (the books are open, or a list on older figures is before a leader).
    """
    by.require(Permission.LIST_EDIT)
    _hold(programme.id)
    found = list_readers.closed_run(programme, period)
    if found is None:
        raise Refused(
            N_("The books of %(period)s are open: names are proposed from closed figures.", period=period.label),
            [Obstacle(N_("See what is missing"), f"/p/{programme.id}/periods/{period.key}")],
        )  # fmt: skip
    row, run = found
    proposed = proposals(programme, period, run, now)
    return {
        side: _begin(row, run, side, [one for one in proposed if one.side is side], by, now)
        for side in ListSide
    }


def proposals(programme: Programme, period: Period, run: ScoreRun, now: datetime) -> list[Proposed]:
    """What the figures of a closed run propose by the local settings in force; nothing is stored."""
    standings = list(Standing.select().where(Standing.run == run).order_by(Standing.sort))
    facts = json.loads(run.facts)["facts"]
    before = list_readers.criticised_before(programme, period, BACK)
    return list_rules.propose(standings, facts, settings_on(programme.id, beijing_date(now)), before)


def _begin(
    row: ScorePeriod, run: ScoreRun, side: ListSide, found: Sequence[Proposed], by: Actor, now: datetime
) -> NameList:
    before = list_readers.newest_of(row, side)
    if before is not None and before.run_id == run.id:
        return before
    if before is not None:
        _replace(before, by, now)
    number = NameList.select().where((NameList.period == row) & (NameList.side == side)).count() + 1
    made = NameList.create(
        period=row, side=side, number=number, run=run, proposed_by=by.user_id or 0, proposed_name=by.name,
        proposed_at=now,
    )  # fmt: skip
    kept = list(list_readers.candidates_of(before)) if before is not None else []
    decided = {one.unit_id: one for one in kept if not one.person}
    for one in found:
        _store(made, one, decided.pop(one.standing.unit_id, None), by, now)
    for name in (*decided.values(), *(row for row in kept if row.person)):
        _carry(made, name)
    after = {"key": row.key, "side": side.value, "number": number, "run": run.number, "names": len(found)}
    audit.record(by, "list.propose", made, now=now, after=after)
    return made


def _store(made: NameList, one: Proposed, before: Candidate | None, by: Actor, now: datetime) -> None:
    standing, reasons = one.standing, [reason.to_json() for reason in one.reasons]
    carried = _decided(before) if before is not None and before.triggers == reasons else {}
    Candidate.create(
        name_list=made, unit=standing.unit_id, unit_name=standing.unit_name, group_name=standing.group_name,
        sort=standing.sort, origin=Origin.RULE, triggers=reasons, entered_by=by.user_id, entered_name=by.name,
        entered_at=now, **{"reason": list_rules.official_words(reasons)} | carried,
    )  # fmt: skip


def _carry(made: NameList, one: Candidate) -> None:
    """A name that the new figures do not propose: stays where a person put it, else it stays to be decided."""
    if one.origin is Origin.RULE and one.verdict is not ListVerdict.KEPT:
        return
    origin = Origin.ADDED if one.origin is Origin.RULE else one.origin
    decided = _decided(one) if one.origin is not Origin.RULE else {"reason": one.reason}
    Candidate.create(
        name_list=made, unit=one.unit_id, unit_name=one.unit_name, group_name=one.group_name, sort=one.sort,
        person=one.person, post=one.post, origin=origin, account=one.account or one.reason,
        entered_by=one.entered_by, entered_name=one.entered_name, entered_at=one.entered_at, **decided,
    )  # fmt: skip


def _decided(one: Candidate) -> dict[str, Any]:
    names = ("verdict", "reason", "chosen_by", "chosen_name", "chosen_at")
    return {name: getattr(one, name) for name in names}


def _replace(before: NameList, by: Actor, now: datetime) -> None:
    claim(before, STANDING, {"state": ListState.REPLACED}, version=before.version)
    audit.record(by, "list.replace", before, now=now, after={"state": ListState.REPLACED.value})


# Before a leader ---------------------------------------------------------------------------------------------


@transactional
def submit(name_list: NameList, remark: str, *, seen: int, by: Actor, now: datetime) -> None:
    """Put a list before the leaders.

    Errors: NotAllowed, Refused (a name is undecided, stands on both lists, may not be commended; nobody is on it;
    corrected or changed meanwhile).
    """
    by.require(Permission.LIST_EDIT)
    _refuse_stale(name_list)
    names = list(list_readers.candidates_of(name_list))
    undecided = [label_of(one) for one in names if one.verdict is ListVerdict.OPEN]
    if undecided:
        raise Refused(
            N_("Not decided yet: %(names)s.", names="、".join(undecided)),
            [Obstacle(N_("Keep each name or take it off, with a reason"), address(name_list))],
        )
    kept = [one for one in names if one.verdict is ListVerdict.KEPT]
    if not kept:
        raise Refused(N_("Nobody is on this list: there is nothing to approve."))
    _refuse_clashes(name_list, kept)
    after = {
        "state": ListState.SUBMITTED, "remark": remark.strip()[:LONGEST], "submitted_by": by.user_id,
        "submitted_name": by.name, "submitted_at": now, "decision": "", "decided_by": None, "decided_name": "",
        "decided_at": None,
    }  # fmt: skip
    claim(name_list, (ListState.DRAFT,), after, version=seen)
    audit.record(by, "list.submit", name_list, now=now, after=_trail(name_list, kept), reason=remark.strip())
    _tell_leaders(name_list, len(kept), now)


@transactional
def recall(name_list: NameList, *, by: Actor, now: datetime) -> None:
    """Take a list back from the leaders before they decided, to change it."""
    by.require(Permission.LIST_EDIT)
    claim(name_list, (ListState.SUBMITTED,), {"state": ListState.DRAFT}, version=name_list.version)
    audit.record(by, "list.recall", name_list, now=now)


@transactional
def send_back(name_list: NameList, reason: str, *, seen: int, by: Actor, now: datetime) -> None:
    """A leader sends a list back to the office with the reason. Invalid without one."""
    _require_leader(name_list, by)
    if not reason.strip():
        raise Invalid(N_("Nothing was decided."), {"decision": N_("Say why: it stays on record.")})
    after = _decision(ListState.DRAFT, reason, by, now)
    claim(name_list, (ListState.SUBMITTED,), after, version=seen)
    audit.record(by, "list.return", name_list, now=now, after={"state": "draft"}, reason=reason.strip())
    _tell_office(name_list, N_("sent back by a leader"), reason, now)


@transactional
def approve(
    name_list: NameList, reason: str, *, leaves: Mapping[int, str], seen: int, by: Actor, now: datetime
) -> None:
    """A leader approves the names that they have read.

    Args:
        name_list: before the leaders.
        reason: why, in the leader's words.
        leaves: candidate -> why it may be criticised without an earlier step on record (D22).
        seen: the list's version that the leader read.
        by: a leader, not the one who submitted the list.
        now: the moment.

    Errors: NotAllowed, Invalid (no reason), Refused (changed or corrected meanwhile, on both lists, not to be
    commended, no earlier step and no leave).
    """
    _require_leader(name_list, by)
    if not reason.strip():
        raise Invalid(N_("Nothing was decided."), {"decision": N_("Say why: it stays on record.")})
    _hold(name_list.period.programme_id)
    _refuse_stale(name_list)
    kept = list_readers.kept_on(name_list)
    _refuse_clashes(name_list, kept)
    steps = _steps_for(name_list, kept, leaves, now)
    claim(name_list, (ListState.SUBMITTED,), _decision(ListState.APPROVED, reason, by, now), version=seen)
    for one in kept:
        leave = leaves.get(one.id, "").strip()[:LONGEST]
        Candidate.update(
            step=steps.get(one.id, ""), leave=leave, leave_name=by.name if leave else ""
        ).where(Candidate.id == one.id).execute()  # fmt: skip
    after = _trail(name_list, kept) | {
        "steps": steps,
        "leaves": {str(key): text for key, text in leaves.items()},
    }
    audit.record(by, "list.approve", name_list, now=now, after=after, reason=reason.strip())
    _tell_office(name_list, N_("approved"), reason, now)


def step_for(name_list: NameList, unit_id: int, now: datetime) -> EarlierStep | None:
    """The newest step on record about a unit since the period began (D22)."""
    period = scored_period(name_list.period.key)
    return earlier_steps.newest_against(name_list.period.programme_id, unit_id, period.start, now)


def obstacles_of(name_list: NameList, names: Sequence[Candidate]) -> dict[int, list[Obstacle]]:
    """Unit -> why it cannot stay on this list: it may not be commended, or stands on the other list too."""
    found: dict[int, list[Obstacle]] = {}
    units = sorted({one.unit_id for one in names})
    period = scored_period(name_list.period.key)
    if name_list.side is ListSide.COMMENDATION:
        found |= commendable.obstacles(name_list.period.programme_id, units, period.start, period.end)
    other = list_readers.newest_of(name_list.period, OTHER[name_list.side])
    if other is not None:
        for one in list_readers.kept_on(other):
            if one.unit_id in units:
                said = N_("%(unit)s stands on the other list too.", unit=one.unit_name)
                found.setdefault(one.unit_id, []).append(Obstacle(said, address(other)))
    return found


def _refuse_clashes(name_list: NameList, kept: Sequence[Candidate]) -> None:
    found = obstacles_of(name_list, kept)
    if found:
        names = list(dict.fromkeys(one.unit_name for one in kept if one.unit_id in found))
        raise Refused(
            N_("Cannot stay on this list: %(units)s.", units="、".join(names)),
            [one for rows in found.values() for one in rows],
        )


def _steps_for(
    name_list: NameList, kept: Sequence[Candidate], leaves: Mapping[int, str], now: datetime
) -> dict[int, str]:
    """Candidate -> the earlier step in words; Refused where there is neither a step nor a leader's leave."""
    if name_list.side is ListSide.COMMENDATION:
        return {}
    steps = {one.id: step_for(name_list, one.unit_id, now) for one in kept}
    without = [one for one in kept if steps[one.id] is None and not leaves.get(one.id, "").strip()]
    if without:
        raise Refused(
            N_(
                "No earlier step is on record about %(units)s: nobody is criticised out of the blue.",
                units="、".join(one.unit_name for one in without),
            ),
            [
                Obstacle(
                    N_("Record a finding about the unit first"), f"/p/{name_list.period.programme_id}/weekly"
                ),
                Obstacle(N_("Or give a reason to do without, or send the list back"), address(name_list)),
            ],
        )
    return {key: step.kept for key, step in steps.items() if step is not None}


def claim(
    name_list: NameList, states: Sequence[ListState], after: Mapping[str, object], *, version: int
) -> None:
    """Write to a list as it was read; Refused where it moved on or somebody changed it meanwhile."""
    same = (NameList.id == name_list.id) & (NameList.version == version) & NameList.state.in_(list(states))
    if not NameList.update(version=NameList.version + 1, **after).where(same).execute():
        raise Refused(
            N_("This list was changed or decided meanwhile. Read it again."),
            [Obstacle(N_("See how it stands"), address(name_list))],
        )
    name_list.version += 1


def label_of(one: Candidate) -> str:
    """A name as printed: the unit, or the person with unit and post."""
    return f"{one.unit_name}{one.post}{one.person}" if one.person else one.unit_name


def _decision(state: ListState, reason: str, by: Actor, now: datetime) -> dict[str, object]:
    return {
        "state": state,
        "decision": reason.strip()[:LONGEST],
        "decided_by": by.user_id,
        "decided_name": by.name,
        "decided_at": now,
    }


def _require_leader(name_list: NameList, by: Actor) -> None:
    """A leader, and not the person who put the list up."""
    by.require(Permission.DECISION_TAKE)
    if name_list.submitted_by == by.user_id:
        raise Refused(N_("You submitted this list yourself: another leader decides."))


def _refuse_stale(name_list: NameList) -> None:
    if list_readers.is_stale(name_list):
        raise Refused(
            N_("The period was corrected after these names were proposed. Have them proposed again."),
            [Obstacle(N_("The lists of the period"), lists_address(name_list))],
        )


def lists_address(name_list: NameList) -> str:
    """The page of both lists of the period."""
    return f"/p/{name_list.period.programme_id}/periods/{name_list.period.key}/lists"


def _trail(name_list: NameList, kept: Sequence[Candidate]) -> dict[str, object]:
    return {
        "key": name_list.period.key,
        "side": name_list.side.value,
        "run": name_list.run_id,
        "names": [label_of(one) for one in kept],
    }


def _hold(programme_id: int) -> None:
    """Two people must not begin two lists at one moment."""
    Programme.update(id=Programme.id).where(Programme.id == programme_id).execute()


def _words(name_list: NameList) -> Sentence:
    period = scored_period(name_list.period.key)
    return N_("%(side)s, %(period)s", side=name_list.side.label, period=period.label)


def _tell_leaders(name_list: NameList, count: int, now: datetime) -> None:
    programme_id = name_list.period.programme_id
    messages.notify(
        event=score_events.LIST_SUBMITTED,
        key=f"list:{name_list.id}:{name_list.version}",
        to=people.leaders_of(programme_id, beijing_date(now)),
        fields={"title": _words(name_list), "count": count},
        link=address(name_list),
        programme_id=programme_id,
        now=now,
    )


def _tell_office(name_list: NameList, what: Sentence, reason: str, now: datetime) -> None:
    programme_id = name_list.period.programme_id
    messages.notify(
        event=score_events.LIST_DECIDED,
        key=f"list:{name_list.id}:{name_list.version}",
        to=people.office_of(programme_id, beijing_date(now)),
        fields={"title": _words(name_list), "what": what, "reason": reason.strip()},
        link=address(name_list),
        programme_id=programme_id,
        now=now,
    )


def get_unit_standing(name_list: NameList, unit_id: int) -> Standing:
    """A unit as it stands in the list's run; NotFound where the run does not know it."""
    row: Standing | None = Standing.get_or_none(
        (Standing.run == name_list.run_id) & (Standing.unit == unit_id)
    )
    if row is None:
        raise NotFound
    return row
