"""The weekly supervision record (周督导, C20): one a week for each running programme, made by the tick.

Made on the week's first working day with the figures of that morning, the same that the leader's digest shows. A week
without a working day is skipped and never overdue (E-54); a week belongs to the quarter of its Thursday (E-55).
"""

from __future__ import annotations

import enum
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import date, datetime, timedelta
from typing import Any

from peewee import fn

from supervisor.clock import beijing, beijing_date
from supervisor.core import audit, instructions, reminders, weekly
from supervisor.core.calendar import load_calendar
from supervisor.core.periods import Period, PeriodKind, period_of, periods_between, quarter_of, weeks_of
from supervisor.core.permissions import SYSTEM, Actor, Permission
from supervisor.core.workdays import Calendar
from supervisor.database import transactional
from supervisor.errors import Invalid, NotFound, Refused
from supervisor.models import InstructionKind, Light, LightChange, Programme, Task, WeeklyRecord
from supervisor.models.base import rows_of
from supervisor.words import N_, Sentence

#: Weeks made up for at most, after the server did not run.
MADE_UP = 26
#: Weeks shown at most.
NEWEST = 26
LONGEST = 2000
SEVERITY = {Light.GREEN: 0, Light.GREY: 0, Light.AMBER: 1, Light.RED: 2}


class WeekState(enum.StrEnum):
    """Where a week's supervision stands."""

    OPEN = "open"
    FINISHED = "finished"
    OVERDUE = "overdue"
    SKIPPED = "skipped"

    @property
    def label(self) -> Sentence:
        """The state in words."""
        return WEEK_STATE_LABELS[self]


WEEK_STATE_LABELS = {
    WeekState.OPEN: N_("To be finished"),
    WeekState.FINISHED: N_("Finished"),
    WeekState.OVERDUE: N_("Not finished in its week"),
    WeekState.SKIPPED: N_("Skipped: no working day"),
}


@dataclass(frozen=True)
class Week:
    """A record with what pages show of it."""

    row: WeeklyRecord
    period: Period
    quarter: Period
    state: WeekState


def state_of(row: WeeklyRecord, day: date) -> WeekState:
    """Finished by a person, skipped for want of a working day, overdue after its last working day, else open."""
    if row.skipped:
        return WeekState.SKIPPED
    if row.finished_at is not None:
        return WeekState.FINISHED
    return WeekState.OVERDUE if row.due_on is not None and day > row.due_on else WeekState.OPEN


def make(now: datetime) -> int:
    """Make what records are due, also of weeks in which nobody ran the server (without figures); a step of the tick."""
    day, calendar = beijing_date(now), load_calendar()
    return sum(_make_for(programme_id, day, calendar, now) for programme_id in reminders.running(day))


@transactional
def _make_for(programme_id: int, day: date, calendar: Calendar, now: datetime) -> int:
    this = period_of(PeriodKind.WEEK, day)
    mine = WeeklyRecord.select().where(WeeklyRecord.programme == programme_id)
    last: WeeklyRecord | None = mine.order_by(WeeklyRecord.week.desc()).first()
    first = Period.parse(last.week).next().start if last else this.start
    first = max(first, this.start - timedelta(weeks=MADE_UP))
    made = 0
    for week in periods_between(PeriodKind.WEEK, first, this.start):
        due_on = last_workday(week, calendar)
        begun = week != this or _has_begun(week, day, due_on, calendar, now)
        if begun:
            figures = _figures(programme_id, week, now) if week == this and due_on else {}
            row = WeeklyRecord.create(
                programme=programme_id, week=week.key, skipped=due_on is None, due_on=due_on,
                figures=figures, made_at=now,
            )  # fmt: skip
            audit.record(
                SYSTEM, "weekly.make", row, now=now, after={"week": week.key, "skipped": row.skipped}
            )
            made += 1
    return made


def last_workday(week: Period, calendar: Calendar) -> date | None:
    """The week's last working day; None where it has none."""
    days = [week.start + timedelta(days=n) for n in range(7)]
    return next((day for day in reversed(days) if calendar.is_workday(day)), None)


def _has_begun(week: Period, day: date, due_on: date | None, calendar: Calendar, now: datetime) -> bool:
    if due_on is None:
        return True
    opens = calendar.on_or_after(week.start)
    return day > opens or (day == opens and beijing(now).time() >= reminders.START_OF_DAY)


def _figures(programme_id: int, week: Period, now: datetime) -> dict[str, Any]:
    """The digest's figures of this morning, and which lights moved since the week before began."""
    counts = asdict(weekly.figures(programme_id, now))
    return counts | {"moves": _moves(programme_id, week.previous().start, beijing_date(now))}


def _moves(programme_id: int, first: date, until: date) -> list[dict[str, Any]]:
    """Tasks whose light differs from what it was before `first`: from, to; worse ones first."""
    turned = LightChange.select(LightChange.task).where(
        (LightChange.task == Task.id) & LightChange.day.between(first, until)
    )
    before, after = _light_on(first - timedelta(days=1)), _light_on(until)
    query = (
        Task.select(Task.id, Task.title, before.alias("light_before"), after.alias("light_after"))
        .where((Task.programme == programme_id) & fn.EXISTS(turned))
        .order_by(Task.sort, Task.id)
    )
    grey = Light.GREY.value
    moves = [
        {"task": key, "title": title, "from": was or grey, "to": now}
        for key, title, was, now in rows_of(query)
        if (was or grey) != now
    ]
    return sorted(moves, key=lambda move: SEVERITY[Light(move["from"])] - SEVERITY[Light(move["to"])])


def _light_on(day: date) -> Any:
    """A column: the light that a task had on a day; one look into its history."""
    until = LightChange.select(LightChange.light).where(
        (LightChange.task == Task.id) & (LightChange.day <= day)
    )
    return until.order_by(LightChange.day.desc(), LightChange.id.desc()).limit(1)


def is_worse(move: dict[str, str]) -> bool:
    """Whether a light moved towards red."""
    return SEVERITY[Light(move["to"])] > SEVERITY[Light(move["from"])]


def weeks(programme_id: int, day: date, *, quarter: str = "") -> list[Week]:
    """The records of a quarter (by each week's Thursday), or the newest 26; newest first."""
    query = WeeklyRecord.select().where(WeeklyRecord.programme == programme_id)
    if quarter:
        query = query.where(WeeklyRecord.week.in_(_weeks_of(quarter)))
    return [_week(row, day) for row in query.order_by(WeeklyRecord.week.desc()).limit(NEWEST)]


def _weeks_of(quarter: str) -> list[str]:
    """Keys of a quarter's weeks; none for what is no quarter."""
    try:
        period = Period.parse(quarter)
    except ValueError:
        return []
    return [week.key for week in weeks_of(period)] if period.kind is PeriodKind.QUARTER else []


def _week(row: WeeklyRecord, day: date) -> Week:
    period = Period.parse(row.week)
    return Week(row, period, quarter_of(period), state_of(row, day))


def get_week(programme: Programme, key: str, day: date) -> Week:
    """The record of one week; NotFound where there is none."""
    row = WeeklyRecord.get_or_none((WeeklyRecord.programme == programme) & (WeeklyRecord.week == key))
    if row is None:
        raise NotFound
    return _week(row, day)


@transactional
def add_finding(
    programme: Programme, week: Week, wanted: instructions.Wanted, *, by: Actor, now: datetime
) -> None:
    """Record a finding of the week's supervision. Refused for a week without a working day."""
    if week.state is WeekState.SKIPPED:
        raise Refused(N_("This week has no working day: it is skipped."))
    instructions.record(programme, InstructionKind.FINDING, week.row.week, wanted, by=by, now=now)


@transactional
def finish(week: Week, conclusion: str, *, by: Actor, now: datetime) -> None:
    """Finish a week's record with a sentence on the whole; late is allowed and shown."""
    by.require(Permission.FINDING_WRITE)
    if not conclusion.strip() or len(conclusion) > LONGEST:
        raise Invalid(
            N_("The week is not finished yet."), {"conclusion": N_("Say in a sentence how the week went.")}
        )
    unfinished = (WeeklyRecord.id == week.row.id) & WeeklyRecord.finished_at.is_null() & ~WeeklyRecord.skipped
    after = {"finished_at": now, "finished_by": by.name, "conclusion": conclusion.strip()}
    if not WeeklyRecord.update(**after).where(unfinished).execute():
        raise Refused(N_("This week was finished before, or has no working day."))
    audit.record(by, "weekly.finish", week.row, now=now, after={"conclusion": conclusion.strip()})


def findings(actor: Actor, keys: Sequence[str]) -> dict[str, list[Any]]:
    """Week -> its findings, as this person may see them."""
    found: dict[str, list[Any]] = {}
    for part in instructions.of_periods(actor, InstructionKind.FINDING, keys):
        found.setdefault(part.instruction.period, []).append(part)
    return found
