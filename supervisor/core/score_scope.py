"""Who and what a period is about: its reports, its assessed units in their groups, its links task × unit."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from functools import lru_cache

from peewee import ModelSelect

from supervisor.core import imported_rows
from supervisor.core.obliged import asks_progress
from supervisor.core.periods import MONTHS_IN, THURSDAY, Period, PeriodKind, period_of
from supervisor.models import (
    Assignment,
    AssignmentState,
    GroupKind,
    GroupMember,
    Obligation,
    Plan,
    PlanState,
    Suspension,
    Task,
    TaskState,
    Unit,
    UnitGroup,
)
from supervisor.models.base import rows_of


@dataclass(frozen=True)
class Membership:
    """A unit's place in an assessment group during a period."""

    unit: Unit
    group: UnitGroup
    #: Whether the unit left the group before the period's last day.
    left: bool


@lru_cache(maxsize=2048)
def counts_in(kind: PeriodKind, key: str) -> Period:
    """The span of a kind in which a report's facts count, by the report's key.

    It is the one that the report is about (D9), a week being about its Thursday; a report about more than the span,
    such as a half-year's for a quarter, counts in the last one of its time.
    """
    period = Period.parse(key)
    if MONTHS_IN.get(period.kind, 0) > MONTHS_IN[kind]:
        return period_of(kind, period.end)
    return period_of(kind, period.start + THURSDAY if period.kind is PeriodKind.WEEK else period.start)


def obligations_of(programme_id: int, period: Period) -> list[Obligation]:
    """The progress reports owed about this period, with their units, by unit and period; waived ones included."""
    # Keys of weeks, months and halves sort differently: the years narrow in SQL, the period is told here.
    near = Obligation.period.between(str(period.start.year - 1), f"{period.end.year + 1}~")
    rows = (
        Obligation.select(Obligation, Unit)
        .join(Unit)
        .where((Obligation.programme == programme_id) & near & asks_progress())
    )
    mine = [row for row in rows if counts_in(period.kind, row.period).start == period.start]
    return sorted(mine, key=lambda row: (row.unit.sort, row.unit_id, row.period, row.rule_id))


def memberships(programme_id: int, period: Period) -> list[Membership]:
    """Who is assessed in which group, in the order of groups and roster; a unit stands in one group only.

    Of several memberships in the period the last one counts (E-33).
    """
    rows = (
        GroupMember.select(GroupMember, UnitGroup, Unit)
        .join(UnitGroup)
        .switch(GroupMember)
        .join(Unit)
        .where((UnitGroup.programme == programme_id) & (UnitGroup.kind == GroupKind.ASSESSMENT))
    )
    found: dict[int, tuple[tuple[date, date, int], GroupMember]] = {}
    for row in rows:
        begin, end = row.valid_from or date.min, row.valid_to or date.max
        if begin > period.end or end < period.start:
            continue
        rank = (min(end, period.end), begin, -row.group_id)
        if row.unit_id not in found or rank > found[row.unit_id][0]:
            found[row.unit_id] = (rank, row)
    places = [
        Membership(row.unit, row.group, (row.valid_to or date.max) < period.end) for _, row in found.values()
    ]
    return sorted(places, key=lambda p: (p.group.sort, p.group.id, p.unit.sort, p.unit.id))


def links_of(programme_id: int, period: Period) -> list[Assignment]:
    """Links task × unit in force in the period, with task and plan; suspended ones included.

    `suspended` says whether it was so at the period's end, whatever was suspended or resumed later.

    Not counted: drafts, cancelled links and tasks, plans that take effect later, units that join later (E-33),
    and work that an imported ledger calls completed.
    """
    rows = _in_force(Assignment.select(Assignment, Task, Plan), programme_id, period)
    links = sorted(rows, key=lambda link: (link.task.sort, link.task_id, link.unit_id))
    at_rest = _suspended_at(programme_id, period.end)
    for link in links:
        link.suspended = link.id in at_rest
    return links


def _suspended_at(programme_id: int, day: date) -> set[int]:
    """Ids of the links that were suspended on a day."""
    on_day = (Suspension.from_on <= day) & (Suspension.resumed_on.is_null() | (Suspension.resumed_on > day))
    rows = Suspension.select(Suspension.assignment).where((Suspension.programme == programme_id) & on_day)
    return {link_id for (link_id,) in rows_of(rows)}


def linked_units(programme_id: int, period: Period) -> set[int]:
    """Ids of the units that have a link in force in the period."""
    rows = _in_force(Assignment.select(Assignment.unit).distinct(), programme_id, period)
    return {unit_id for (unit_id,) in rows_of(rows)}


def _in_force(query: ModelSelect[Assignment], programme_id: int, period: Period) -> ModelSelect[Assignment]:
    return (
        query.join(Task)
        .join(Plan)
        .where(
            (Assignment.programme == programme_id)
            & (Assignment.state != AssignmentState.CANCELLED)
            & ~imported_rows.was_done()
            & Task.state.in_([TaskState.OPEN, TaskState.CLOSED])
            & (Plan.state == PlanState.ISSUED)
            & (Plan.effective_on <= period.end)
            & (Assignment.joined_on.is_null() | (Assignment.joined_on <= period.end))
        )
    )
