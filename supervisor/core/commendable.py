"""Who may not be commended (E-92): a unit with an open or upheld accountability case, or on the criticism list.

Asked by whatever proposes or issues a commendation. Refused with the reason, and with the place where it is settled.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, timedelta

from supervisor.clock import beijing_date
from supervisor.core.cadences import deadline_instant
from supervisor.core.case_readers import UNDECIDED
from supervisor.core.cases import address, number_of
from supervisor.core.circular_proposals import BEHIND
from supervisor.core.days import day_words
from supervisor.core.ladder_papers import number_of as paper_number
from supervisor.core.periods import Period
from supervisor.errors import Obstacle, Refused
from supervisor.models import (
    AccountabilityCase,
    Candidate,
    CaseState,
    Circular,
    LadderStep,
    ListSide,
    ListState,
    ListVerdict,
    Matter,
    NameList,
    Rung,
    ScorePeriod,
    Unit,
)
from supervisor.words import N_


def obstacles(
    programme_id: int, unit_ids: Sequence[int], since: date, until: date, *, beside: Sequence[int] = ()
) -> dict[int, list[Obstacle]]:
    """By unit why it may not be commended for a time; units without an obstacle have no key.

    Args:
        programme_id: whose.
        unit_ids: the units proposed.
        since: first day of the time that the commendation is about.
        until: its last day.
        beside: circulars that do not count, such as one that is corrected by the one being written.
    """
    found: dict[int, list[Obstacle]] = {}
    units = {unit.id: unit.name for unit in Unit.select().where(Unit.id.in_(list(unit_ids)))}
    for unit_id, obstacle in (
        *_by_cases(programme_id, units, since, until),
        *_by_circulars(programme_id, units, since, until, beside),
        *_by_papers(programme_id, units, since, until),
        *_by_lists(programme_id, units, since, until),
    ):
        found.setdefault(unit_id, []).append(obstacle)
    return found


def refuse(found: Mapping[int, Sequence[Obstacle]]) -> None:
    """Raise Refused with every reason where one of the units asked about may not be commended."""
    if found:
        names = "、".join(
            unit.name for unit in Unit.select().where(Unit.id.in_(list(found))).order_by(Unit.sort)
        )
        raise Refused(
            N_("May not be commended: %(units)s.", units=names),
            [one for rows in found.values() for one in rows],
        )


def _by_cases(
    programme_id: int, units: dict[int, str], since: date, until: date
) -> list[tuple[int, Obstacle]]:
    about = (AccountabilityCase.programme == programme_id) & AccountabilityCase.unit.in_(list(units))
    undecided = AccountabilityCase.state.in_(list(UNDECIDED))
    within = (AccountabilityCase.counts_on >= since) & (AccountabilityCase.counts_on <= until)
    upheld = (AccountabilityCase.state == CaseState.UPHELD) & within
    rows = AccountabilityCase.select().where(about & (undecided | upheld)).order_by(AccountabilityCase.id)
    return [
        (
            case.unit_id,
            Obstacle(
                N_("%(unit)s: the accountability case %(number)s stands at: %(state)s.",
                   unit=units[case.unit_id], number=number_of(case), state=case.state.label),
                address(case),
            ),
        )
        for case in rows
    ]  # fmt: skip


def _by_circulars(
    programme_id: int, units: dict[int, str], since: date, until: date, beside: Sequence[int]
) -> list[tuple[int, Obstacle]]:
    issued = (Circular.programme == programme_id) & Circular.number.is_null(is_null=False)
    found = []
    for row in Circular.select().where(issued & Circular.id.not_in(list(beside))).order_by(Circular.id):
        month = Period.parse(row.month)
        if month.end < since or month.start > until:
            continue
        for one in row.named:
            if one["side"] == BEHIND and one["unit"] in units:
                said = N_(
                    "%(unit)s: criticised in the circular “%(title)s”.",
                    unit=units[one["unit"]],
                    title=row.title,
                )
                found.append((one["unit"], Obstacle(said, f"/p/{programme_id}/circulars/{row.id}")))
    return found


def _by_papers(
    programme_id: int, units: dict[int, str], since: date, until: date
) -> list[tuple[int, Obstacle]]:
    query = (
        LadderStep.select(LadderStep, Matter)
        .join(Matter)
        .where(
            (LadderStep.programme == programme_id)
            & (LadderStep.rung == Rung.CRITICISM)
            & Matter.unit.in_(list(units))
            & (LadderStep.decided_at >= deadline_instant(since - timedelta(days=1)))
            & (LadderStep.decided_at < deadline_instant(until))
        )
    )
    return [
        (
            step.matter.unit_id,
            Obstacle(
                N_("%(unit)s: criticised by %(number)s of %(day)s.", unit=units[step.matter.unit_id],
                   number=paper_number(step), day=day_words(beijing_date(step.decided_at))),
                f"/p/{programme_id}/matters/{step.matter_id}",
            ),
        )
        for step in query.order_by(LadderStep.id)
    ]  # fmt: skip


def _by_lists(
    programme_id: int, units: dict[int, str], since: date, until: date
) -> list[tuple[int, Obstacle]]:
    """Approved lists of criticism about a time that this one touches, where the criticism was not lifted."""
    rows = (
        Candidate.select(Candidate, NameList, ScorePeriod)
        .join(NameList)
        .join(ScorePeriod)
        .where(
            (ScorePeriod.programme == programme_id)
            & (NameList.side == ListSide.CRITICISM)
            & (NameList.state == ListState.APPROVED)
            & Candidate.unit.in_(list(units))
            & (Candidate.verdict == ListVerdict.KEPT)
            & Candidate.lifted_at.is_null()
        )
    )
    found = []
    for row in rows.order_by(Candidate.id):
        period = Period.parse(row.name_list.period.key)
        if period.end >= since and period.start <= until:
            said = N_(
                "%(unit)s: on the list of criticism of %(period)s.",
                unit=units[row.unit_id],
                period=period.label,
            )
            found.append((row.unit_id, Obstacle(said, f"/p/{programme_id}/lists/{row.name_list_id}")))
    return found
