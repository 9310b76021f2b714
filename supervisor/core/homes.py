"""The home pages of office and unit: what is owed, what waits, where the gaps are. Reads only, bounded."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Any

from peewee import Case, fn

from supervisor.clock import beijing_date
from supervisor.core import (
    digests,
    mailbox,
    milestones,
    people,
    requests,
    reviews,
    score_pages,
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
    PeriodState,
    Plan,
    PlanState,
    Programme,
    ReportingRule,
    ScorePeriod,
    ScoreRun,
    Standing,
    Task,
    TaskState,
    Tick,
    Unit,
)
from supervisor.models.base import rows_of

#: A list on a home page shows this much and leads to the rest.
SHORT = 8
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

    @property
    def is_quiet(self) -> bool:
        """Whether nothing about the unit wants the office's eye."""
        open_things = self.overdue + self.returned + self.waiting + self.unsigned + self.red
        return not open_things and self.has_liaison


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
    """Open reports by unit in one query, the present period's in another."""
    columns = (Obligation.unit, Obligation.state, Obligation.outcome, Obligation.due_at, Obligation.locked_at)
    unfinished = [*_NOT_IN, ObligationState.SUBMITTED, ObligationState.RETURNED]
    query = Obligation.select(*columns).where(
        (Obligation.programme == programme_id) & Obligation.state.in_(unfinished) & asks_progress()
    )
    for row in query:
        line = lines.get(row.unit_id)
        if line is None:
            continue
        if row.state is ObligationState.SUBMITTED:
            line.waiting += 1
        elif row.state is ObligationState.RETURNED:
            line.returned += 1
        elif row.outcome is Outcome.MISSING:
            line.missing += 1
        elif row.due_at <= now:
            line.overdue += 1
    if due is not None:
        present = (Obligation.programme == programme_id) & (Obligation.period == due.period) & asks_progress()
        for row in Obligation.select().where(present):
            if row.unit_id in lines:
                lines[row.unit_id].present = row


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


@dataclass(frozen=True)
class Owed:
    """One report that a unit owes."""

    obligation: Obligation
    due_on: date
    workdays_left: int
    is_late: bool


@dataclass(frozen=True)
class LastScore:
    """A unit's place in the last closed quarter."""

    period: ScorePeriod
    standing: Standing
    group_size: int


@dataclass(frozen=True)
class UnitHome:
    """What a liaison or head sees first."""

    units: tuple[Unit, ...]
    owed: tuple[Owed, ...]
    unsigned: tuple[Assignment, ...]
    unsigned_more: int
    behind: tuple[Assignment, ...]
    #: Light → number of open tasks of the unit.
    lights: dict[Light, int] = field(default_factory=dict)
    score: LastScore | None = None
    #: Amended work plans that came back; what is asked for stands among `owed`.
    work_plans: tuple[work_plan_pages.Line, ...] = ()
    #: The unit's milestones that are overdue or due next.
    milestones: tuple[milestones.Line, ...] = ()

    @property
    def returned(self) -> int:
        """Reports that came back."""
        return sum(one.obligation.state is ObligationState.RETURNED for one in self.owed)

    @property
    def late(self) -> int:
        """Reports past their due time."""
        return sum(one.is_late for one in self.owed)


def unit_home(actor: Actor, programme: Programme, *, now: datetime) -> UnitHome:
    """Owed reports (returned first, then soonest), tasks to sign for, tasks behind, the last score."""
    mine, today = sorted(actor.unit_ids), beijing_date(now)
    links = list(
        Assignment.select(Assignment, Task)
        .join(Task)
        .where(
            (Assignment.programme == programme.id)
            & Assignment.unit.in_(mine)
            & (Assignment.task_state == TaskState.OPEN)
            & Assignment.state.not_in([AssignmentState.CANCELLED, AssignmentState.CLOSED])
        )
        .order_by(Task.due_on, Task.sort, Task.id)
    )
    lights: dict[Light, int] = defaultdict(int)
    for link in links:
        lights[link.task.light] += 1
    unsigned = [link for link in links if link.state is AssignmentState.ISSUED]
    behind = [link for link in links if link.task.light in {Light.RED, Light.AMBER}]
    return UnitHome(
        units=tuple(Unit.select().where(Unit.id.in_(mine)).order_by(Unit.sort, Unit.id)),
        owed=tuple(_owed(programme.id, mine, now)),
        unsigned=tuple(unsigned[:SHORT]),
        unsigned_more=max(0, len(unsigned) - SHORT),
        behind=tuple(sorted(behind, key=lambda link: link.task.light is not Light.RED)[:SHORT]),
        lights=dict(lights),
        score=_last_score(actor, programme, mine, now),
        work_plans=tuple(work_plan_pages.came_back(actor, today=today)),
        milestones=tuple(milestones.next_of(actor, today=today, limit=SHORT)),
    )


def _owed(programme_id: int, mine: list[int], now: datetime) -> list[Owed]:
    today, calendar = beijing_date(now), load_calendar()
    query = (
        Obligation.select(Obligation, Unit, ReportingRule)
        .join(Unit)
        .switch(Obligation)
        .join(ReportingRule)
        .where(
            (Obligation.programme == programme_id)
            & Obligation.unit.in_(mine)
            & Obligation.state.in_(digests.OWED)
            & (Obligation.opens_at <= now)
            & (
                Obligation.outcome.is_null()
                | (Obligation.outcome != Outcome.MISSING)
                | (Obligation.locked_at > now)
            )
        )
    )
    owed = []
    for row in query:
        day = digests.due_day(row)
        returned = row.state is ObligationState.RETURNED
        late = day < today if returned else row.due_at <= now
        owed.append(Owed(row, day, calendar.workdays_between(today, day), late))
    return sorted(
        owed,
        key=lambda one: (one.obligation.state is not ObligationState.RETURNED, one.due_on, one.obligation.id),
    )


def _last_score(actor: Actor, programme: Programme, mine: list[int], now: datetime) -> LastScore | None:
    """The first own unit's standing in the last closed quarter, if the reader may see it."""
    found = last_closed(programme.id)
    if found is None:
        return None
    period, run = found
    query = score_pages.standings_visible_to(actor, period, run, now=now)
    standing: Standing | None = query.where(Standing.unit.in_(mine)).first()
    if standing is None:
        return None
    ranked = (Standing.run == run) & (Standing.group_name == standing.group_name) & ~Standing.rank.is_null()
    return LastScore(period, standing, Standing.select().where(ranked).count())


def last_closed(programme_id: int) -> tuple[ScorePeriod, ScoreRun] | None:
    """The last quarter whose books are closed, with the run that counts (without its long texts)."""
    run: ScoreRun | None = (
        ScoreRun.select(ScoreRun.id, ScoreRun.number, ScoreRun.ran_at, ScoreRun.period, ScorePeriod)
        .join(ScorePeriod)
        .where(
            (ScorePeriod.programme == programme_id)
            & (ScorePeriod.state == PeriodState.FROZEN)
            & (ScoreRun.superseded == False)  # noqa: E712 -- a condition in SQL
        )
        .order_by(ScorePeriod.key.desc(), ScoreRun.number.desc())
        .first()
    )
    return (run.period, run) if run is not None else None
