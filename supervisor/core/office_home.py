"""The home page of the lead office: what is collected now, what waits, where the gaps are. Reads only, bounded."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from peewee import SQL, Case, ModelSelect, Value, fn

from supervisor.clock import beijing_date
from supervisor.core import (
    mailbox,
    people,
    requests,
    reviews,
    units,
    work_plan_pages,
)
from supervisor.core.calendar import load_calendar
from supervisor.core.obliged import asks_progress
from supervisor.core.permissions import Actor
from supervisor.models import (
    Assignment,
    AssignmentState,
    Light,
    LinkRole,
    Obligation,
    ObligationState,
    Outcome,
    Plan,
    PlanState,
    Task,
    TaskState,
    Tick,
    Unit,
)
from supervisor.models.base import rows_of

#: Days ahead and back in which a period counts as the present one.
AHEAD, BACK = timedelta(days=40), timedelta(days=45)
#: Working days before a due day from which that report comes before the last one's stragglers.
PRESSING = 5
#: Missed passes (in intervals) after which reminders are said to have stopped (D34).
LATE_INTERVALS = 15

#: Not handed in yet.
_NOT_IN = (ObligationState.OPEN, ObligationState.WITH_HEAD)


@dataclass(frozen=True)
class Pulse:
    """Whether time is being worked on: the last pass, and whether it is too long ago."""

    last: Tick | None
    is_late: bool


@dataclass(frozen=True)
class Due:
    """The report that is collected now: its period, and how many units have handed it in."""

    period: str
    due_on: date
    units: int
    missing: int
    workdays_left: int

    @property
    def handed_in(self) -> int:
        """Units that have reported."""
        return self.units - self.missing


@dataclass
class UnitLine:
    """A unit in the office's table: its present report, and what is open."""

    unit: Unit
    present: Obligation | None = None
    overdue: int = 0
    returned: int = 0
    waiting: int = 0
    missing: int = 0
    unsigned: int = 0
    red: int = 0
    amber: int = 0
    has_liaison: bool = True


@dataclass(frozen=True)
class OfficeHome:
    """One morning of the lead office."""

    due: Due | None
    due_soon: int
    overdue: int
    to_review: int
    slow_reviews: int
    requests: dict[str, int]
    unsigned: int
    gaps: tuple[Unit, ...]
    lines: tuple[UnitLine, ...]
    pulse: Pulse
    has_plan: bool
    #: Filed work plans that wait for a verdict.
    work_plans: int = 0
    #: Mails that were given up or whose fate is unknown.
    dead_mail: int = 0


def pulse(*, machine_now: datetime, tick_seconds: int) -> Pulse:
    """The last pass of everything that time makes happen; `machine_now` is real time, never a trial clock's."""
    last = Tick.select().order_by(Tick.ran_at.desc()).first()
    limit = timedelta(seconds=tick_seconds * LATE_INTERVALS)
    return Pulse(last, last is None or machine_now - last.ran_at > limit)


def office_home(actor: Actor, *, now: datetime, pulse_now: Pulse) -> OfficeHome:
    """What the lead office sees first, in a fixed number of queries."""
    programme_id = actor.programme_id or 0
    today = beijing_date(now)
    lines = {unit.id: UnitLine(unit) for unit in units.units_of(programme_id)}
    gaps = people.gaps(programme_id, today)
    for unit in gaps:
        if unit.id in lines:
            lines[unit.id].has_liaison = False
    due = due_now(programme_id, now=now)
    _count_reports(lines, programme_id, due, now)
    _count_links(lines, programme_id)
    soon = (
        (Obligation.programme == programme_id)
        & Obligation.state.in_(_NOT_IN)
        & (Obligation.due_at > now)
        & (Obligation.due_on <= today + timedelta(days=7))
    )
    counted, mail = requests.counts(actor), mailbox.counts(actor)
    plan = (Plan.programme == programme_id) & (Plan.state == PlanState.ISSUED)
    return OfficeHome(
        due=due,
        due_soon=Obligation.select().where(soon).count(),
        overdue=sum(line.overdue for line in lines.values()),
        to_review=counted.pop("reports"),
        slow_reviews=len(reviews.overdue(programme_id, now=now)),
        requests=counted,
        unsigned=sum(line.unsigned for line in lines.values()),
        gaps=tuple(gaps),
        lines=tuple(lines.values()),
        pulse=pulse_now,
        has_plan=Plan.select().where(plan).exists(),
        work_plans=work_plan_pages.waiting(actor),
        dead_mail=mail["dead"] + mail["unknown"],
    )


def due_now(programme_id: int, *, now: datetime) -> Due | None:
    """The period whose report is being collected; None where nothing is owed near today.

    That is the one due next, or still the last one while its due day is nearer than the next, or while units
    are behind with it and the next is not pressing.
    """
    today, calendar = beijing_date(now), load_calendar()
    near = (
        (Obligation.programme == programme_id)
        & asks_progress()
        & (Obligation.due_on >= today - BACK)
        & (Obligation.due_on <= today + AHEAD)
        & (Obligation.opens_at <= now)
        & (Obligation.state != ObligationState.WAIVED)
    )
    still_out = Obligation.first_submitted_at.is_null() & Obligation.outcome.is_null()
    still_out &= Obligation.locked_at > now
    grouped = Obligation.select(
        Obligation.period,
        fn.MIN(Obligation.due_on),
        fn.COUNT(Obligation.id),
        fn.COUNT(Obligation.first_submitted_at),
        fn.SUM(Case(None, [(still_out, 1)], 0)),
    ).where(near)
    rows = [
        (Due(key, _day(day), n, n - sent, calendar.workdays_between(today, _day(day))), out)
        for key, day, n, sent, out in rows_of(grouped.group_by(Obligation.period))
    ]
    coming = min((row[0] for row in rows if row[0].due_on >= today), key=_due_day, default=None)
    past, out = max((row for row in rows if row[0].due_on < today), key=_due_day_of_row, default=(None, 0))
    if coming is None or past is None:
        return coming or past
    nearer = today - past.due_on < coming.due_on - today
    return past if nearer or (out and coming.workdays_left > PRESSING) else coming


def _due_day(due: Due) -> date:
    return due.due_on


def _due_day_of_row(row: tuple[Due, int]) -> date:
    return row[0].due_on


def _day(value: Any) -> date:
    # SQLite gives an aggregate's day back as text.
    return date.fromisoformat(value[:10]) if isinstance(value, str) else value


def _count_reports(lines: dict[int, UnitLine], programme_id: int, due: Due | None, now: datetime) -> None:
    """What is behind or waits, by unit, in two queries; the present period's reports in another."""
    mine = Obligation.programme == programme_id
    returned = Obligation.state == ObligationState.RETURNED
    # Documents, items and work plans are late as reports are; what waits for review is counted where it is reviewed.
    stands = Case(
        None, [(returned, "returned"), (Obligation.outcome == Outcome.MISSING, "missing")], "overdue"
    )
    behind = returned | (Obligation.state.in_(_NOT_IN) & (Obligation.due_at <= now))
    _add(lines, Obligation.select(Obligation.unit, stands, fn.COUNT(Obligation.id)).where(mine & behind))
    waits = (Obligation.state == ObligationState.SUBMITTED) & asks_progress()
    _add(
        lines,
        Obligation.select(Obligation.unit, Value("waiting"), fn.COUNT(Obligation.id)).where(mine & waits),
    )
    if due is not None:
        present = (Obligation.programme == programme_id) & (Obligation.period == due.period) & asks_progress()
        for row in Obligation.select().where(present):
            if row.unit_id in lines:
                lines[row.unit_id].present = row


def _add(lines: dict[int, UnitLine], counted: ModelSelect[Obligation]) -> None:
    """Put counts by unit and column into the lines."""
    for unit_id, column, count in rows_of(counted.group_by(Obligation.unit, SQL("2"))):
        if unit_id in lines:
            setattr(lines[unit_id], column, count)


def _count_links(lines: dict[int, UnitLine], programme_id: int) -> None:
    """Unsigned links, and led tasks that are behind, by unit; counted in the database."""
    live = (Assignment.programme == programme_id) & (Assignment.task_state == TaskState.OPEN)
    unsigned = Assignment.select(Assignment.unit, fn.COUNT(Assignment.id)).where(
        live & (Assignment.state == AssignmentState.ISSUED)
    )
    for unit_id, count in rows_of(unsigned.group_by(Assignment.unit)):
        if unit_id in lines:
            lines[unit_id].unsigned = count
    behind = (
        Assignment.select(Assignment.unit, Task.light, fn.COUNT(Assignment.id))
        .join(Task)
        .where(
            live
            & (Assignment.role == LinkRole.LEAD)
            & Assignment.state.not_in([AssignmentState.CANCELLED, AssignmentState.CLOSED])
            & Task.light.in_([Light.RED, Light.AMBER])
        )
    )
    for unit_id, light, count in rows_of(behind.group_by(Assignment.unit, Task.light)):
        if unit_id in lines:
            setattr(lines[unit_id], "red" if light is Light.RED else "amber", count)
