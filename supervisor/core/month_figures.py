"""One month of a programme in figures, unit by unit in list order: what the dispatch page and the circular rest on.

A month's reports are those about it and about all periods that end in it, a week in the month of its Thursday (D9), be
they days, weeks or a year. Nothing is read of years that are past: what grows is looked up along an index. Progress is
what was accepted of reports about this month or earlier ones, whenever it was accepted, against what was planned for
the month's last day. Lights and overdue tasks are read on a day that is said: today, for older months the end of the
month after, in which its reports came in.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

from peewee import JOIN

from supervisor.clock import beijing_date
from supervisor.core import problems
from supervisor.core.owed_periods import periods_of
from supervisor.core.periods import Period, PeriodKind, last_month_of, period_of, periods_between
from supervisor.core.report_cells import Cell, cell_of
from supervisor.core.tasks import planned_on, start_of
from supervisor.errors import NotFound
from supervisor.models import (
    Assignment,
    AssignmentState,
    Entry,
    Light,
    LightChange,
    Obligation,
    Plan,
    Problem,
    ReportEntry,
    ReportingRule,
    Task,
    TaskState,
    Unit,
    Verdict,
)
from supervisor.models.base import rows_of

#: Months to choose from.
MOST_MONTHS = 24


@dataclass
class UnitMonth:
    """One unit's month. Percentages are whole; None = nothing planned, or no task."""

    unit_id: int
    unit: str
    progress: int | None = None
    planned: int | None = None
    #: Reports by how they ended in time, and those not handed in though due.
    reports: dict[Cell, int] = field(default_factory=dict)
    #: Open tasks of the unit by their light, and how it rated its own part in its last accepted reports.
    lights: dict[Light, int] = field(default_factory=dict)
    own: dict[Light, int] = field(default_factory=dict)
    #: Open tasks past their time limit.
    overdue_tasks: int = 0
    #: Unsolved problems: raised in this month, and carried over from earlier ones.
    new: int = 0
    carried: int = 0

    def count(self, cell: str) -> int:
        """How many reports ended so."""
        return self.reports.get(Cell(cell), 0)

    @property
    def gap(self) -> int | None:
        """Percentage points ahead of plan; negative = behind."""
        return None if self.progress is None or self.planned is None else self.progress - self.planned


@dataclass(frozen=True)
class OpenProblem:
    """A problem of the month with the names that a list needs."""

    problem: Problem
    unit: str
    task: str
    helper: str
    age: int


@dataclass(frozen=True)
class Month:
    """The month: units in list order, problems oldest first, and the day on which lights were read."""

    period: Period
    as_of: date
    units: Sequence[UnitMonth]
    carried: Sequence[OpenProblem]
    new: Sequence[OpenProblem]
    #: Solved or crossed off in this month.
    settled: int

    def total(self, cell: str) -> int:
        """Reports of all units that ended so."""
        return sum(unit.count(cell) for unit in self.units)


def month_of(key: str) -> Period:
    """The month of a key from an address; NotFound for anything else."""
    try:
        period = Period.parse(key)
    except ValueError:
        raise NotFound from None
    if period.kind is not PeriodKind.MONTH:
        raise NotFound
    return period


def reported_months(programme_id: int, today: date) -> list[Period]:
    """Months that have ended and in which a period ended about which something was owed, newest first; at most 24."""
    mine = ReportingRule.select(ReportingRule.id).where(ReportingRule.programme == programme_id)
    rules, this = [row[0] for row in rows_of(mine)], period_of(PeriodKind.MONTH, today)
    periods = periods_of(rules, today.year - 2, years=3) if rules else []
    months = {month for period in periods if (month := last_month_of(period)).start < this.start}
    return sorted(months, key=lambda month: month.start, reverse=True)[:MOST_MONTHS]


def keys_of(month: Period) -> list[str]:
    """Keys of all periods that belong to this month: those that end in it, a week by its Thursday (D9, E-55)."""
    return [
        period.key
        for kind in PeriodKind
        for period in periods_between(kind, month.start, month.end)
        if last_month_of(period) == month
    ]


def read_month(programme_id: int, month: Period, *, now: datetime) -> Month:
    """The month's figures; eight queries, whatever the number of units and of months before it."""
    as_of = min(beijing_date(now), month.next().end)
    units = _units(programme_id, month)
    _add_links(units, programme_id, month, as_of)
    _add_reports(units, programme_id, month, now)
    carried, new, settled = _problems(programme_id, month)
    for one in carried:
        if one.problem.unit_id in units:
            units[one.problem.unit_id].carried += 1
    for one in new:
        if one.problem.unit_id in units:
            units[one.problem.unit_id].new += 1
    return Month(month, as_of, list(units.values()), carried, new, settled)


def _units(programme_id: int, month: Period) -> dict[int, UnitMonth]:
    linked = Assignment.select(Assignment.unit).where(
        (Assignment.programme == programme_id) & (Assignment.state != AssignmentState.CANCELLED)
    )
    owing = Obligation.select(Obligation.unit).where(
        (Obligation.programme == programme_id) & Obligation.period.in_(keys_of(month))
    )
    query = Unit.select(Unit.id, Unit.name).where(Unit.id.in_(linked) | Unit.id.in_(owing))
    return {row[0]: UnitMonth(*row) for row in rows_of(query.order_by(Unit.sort, Unit.id))}


def _add_links(units: dict[int, UnitMonth], programme_id: int, month: Period, as_of: date) -> None:
    rows = list(
        Assignment.select(Assignment, Task, Plan)
        .join(Task)
        .join(Plan)
        .where(
            (Assignment.programme == programme_id)
            & (Assignment.state != AssignmentState.CANCELLED)
            & (Assignment.joined_on.is_null() | (Assignment.joined_on <= month.end))
        )
        .order_by(Assignment.id)
    )
    rows = [row for row in rows if start_of(row.task.plan.issued_at, row.task.plan.effective_on) <= month.end]
    earlier = _earlier_progress([row for row in rows if _is_after(row.progress_period, month)], month)
    lights = _lights_on((row.task_id for row in rows if row.task.state is TaskState.OPEN), as_of)
    sums: dict[int, list[tuple[int, int | None]]] = {}
    for row in rows:
        unit, task = units[row.unit_id], row.task
        closed = row.closed_on is not None and row.closed_on <= month.end
        if not row.suspended:
            start = start_of(task.plan.issued_at, task.plan.effective_on)
            plan = planned_on(task.planned, start, task.due_on, month.end)
            known = earlier.get(row.id) if _is_after(row.progress_period, month) else row.progress
            sums.setdefault(row.unit_id, []).append((100 if closed else known or 0, plan))
        if task.state is TaskState.OPEN and row.state is not AssignmentState.CLOSED:
            light = lights.get(task.id, Light.GREY)
            unit.lights[light] = unit.lights.get(light, 0) + 1
            unit.overdue_tasks += task.due_on is not None and task.due_on < as_of
            if row.self_light:
                unit.own[row.self_light] = unit.own.get(row.self_light, 0) + 1
    for unit_id, pairs in sums.items():
        planned = [(actual, plan) for actual, plan in pairs if plan is not None]
        units[unit_id].progress = mean([actual for actual, _ in planned or pairs])
        units[unit_id].planned = mean([plan for _, plan in planned])


def mean(numbers: Iterable[int]) -> int | None:
    """The mean of whole percentages, rounded half up; None of none."""
    found = list(numbers)
    return (2 * sum(found) + len(found)) // (2 * len(found)) if found else None


def _is_after(period: str, month: Period) -> bool:
    return bool(period) and last_month_of(Period.parse(period)).start > month.start


def _earlier_progress(rows: Sequence[Assignment], month: Period) -> dict[int, int]:
    """Link -> progress accepted of its newest report about this month or before, for links with later ones.

    Looked for quarter by quarter, backwards from the month, and only for links of which nothing was found yet.
    """
    found: dict[int, int] = {}
    begin = min(
        (start_of(row.task.plan.issued_at, row.task.plan.effective_on) for row in rows), default=date.max
    )
    waiting = {row.id: row.unit_id for row in rows}
    while waiting and month.end >= begin:
        months = [month, month.previous(), month.previous().previous()]
        keys = [key for one in months for key in keys_of(one)]
        found |= _newest_progress(rows[0].programme_id, waiting, keys)
        waiting = {link: unit for link, unit in waiting.items() if link not in found}
        month = months[-1].previous()
    return found


def _newest_progress(programme_id: int, links: Mapping[int, int], keys: Sequence[str]) -> dict[int, int]:
    query = (
        ReportEntry.select(Entry.assignment, Obligation.period, ReportEntry.progress)
        .join(Entry)
        .join(Obligation)
        .where(
            (Obligation.programme == programme_id)
            & Obligation.unit.in_(sorted(set(links.values())))
            & Obligation.period.in_(list(keys))
            & Entry.assignment.in_(list(links))
            & (ReportEntry.verdict == Verdict.ACCEPTED)
        )
        .order_by(ReportEntry.id)
    )
    newest = sorted(rows_of(query), key=lambda row: Period.parse(row[1]).end)
    return {link: progress for link, _, progress in newest}


def _lights_on(task_ids: Iterable[int], day: date) -> dict[int, Light]:
    """Task -> its light on that day: one look into the history of lights for each."""
    changes = LightChange.select(LightChange.light).where(
        (LightChange.task == Task.id) & (LightChange.day <= day)
    )
    newest = changes.order_by(LightChange.day.desc(), LightChange.id.desc()).limit(1)
    query = Task.select(Task.id, newest.alias("light_then")).where(Task.id.in_(sorted(set(task_ids))))
    return {key: Light(light) for key, light in rows_of(query) if light is not None}


def _add_reports(units: Mapping[int, UnitMonth], programme_id: int, month: Period, now: datetime) -> None:
    query = Obligation.select(Obligation.unit, Obligation.state, Obligation.outcome, Obligation.due_at).where(
        (Obligation.programme == programme_id) & Obligation.period.in_(keys_of(month))
    )
    for unit_id, state, outcome, due_at in rows_of(query):
        # How it ended in time counts, also where the report was returned since.
        cell = Cell(outcome.value) if outcome is not None else cell_of(state, None, due_at, now)
        reports = units[unit_id].reports
        reports[cell] = reports.get(cell, 0) + 1


def _problems(programme_id: int, month: Period) -> tuple[list[OpenProblem], list[OpenProblem], int]:
    of = (Problem.programme == programme_id) & (Problem.raised_month <= month.key)
    # Two ranges of one index: as one condition the database would rather walk all problems there ever were.
    of_all = Problem.select(Problem.id).where(Problem.programme == programme_id)
    open_then = of_all.where(Problem.settled_month == "") | of_all.where(Problem.settled_month > month.key)
    helper = Unit.alias()
    query: Any = (
        Problem.select(
            Problem, Unit.name.alias("unit_name"), Task.title.alias("title"), helper.name.alias("helps")
        )
        .join(Unit, on=(Problem.unit == Unit.id))
        .switch(Problem)
        .join(Task)
        .switch(Problem)
        .join(helper, JOIN.LEFT_OUTER, on=(Problem.helper == helper.id))
        .where(of & Problem.id.in_(open_then))
        .order_by(Unit.sort, Unit.id, Problem.raised_month, Problem.id)
    )
    rows = [
        OpenProblem(row, row.unit_name, row.title, row.helps or "", problems.age_in_months(row, month.start))
        for row in query.objects()
    ]
    settled = Problem.select().where(of & (Problem.settled_month == month.key)).count()
    return (
        [row for row in rows if row.problem.raised_month < month.key],
        [row for row in rows if row.problem.raised_month == month.key],
        settled,
    )
