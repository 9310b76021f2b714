"""A leader's week in one message, on its first working day: how the programme stands (D13)."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from datetime import date, datetime, timedelta
from typing import cast

from peewee import fn

from supervisor.clock import beijing, beijing_date
from supervisor.core import events, messages, people, reminders
from supervisor.core.calendar import load_calendar
from supervisor.core.obliged import asks_progress
from supervisor.core.periods import PeriodKind, period_of
from supervisor.core.workdays import Calendar
from supervisor.models import (
    Decision,
    LatePermit,
    Light,
    Obligation,
    ObligationState,
    Programme,
    Task,
    TaskState,
)

#: Nothing locks later after its due day than this, but by a late permit.
LONGEST_LOCK = timedelta(days=2 * 366)


@dataclass(frozen=True)
class Week:
    """The figures of one programme on one morning."""

    overdue: int
    to_review: int
    red: int
    amber: int
    decisions: int


def send(now: datetime) -> int:
    """Write this week's digest to every leader's inbox, once; answers how many leaders were told."""
    today, calendar = beijing_date(now), load_calendar()
    if not is_first_workday(today, calendar) or beijing(now).time() < reminders.START_OF_DAY:
        return 0
    week = period_of(PeriodKind.WEEK, today)
    told = 0
    for programme_id in reminders.running(today):
        key = f"weekly:{programme_id}:{week.key}"
        leaders = people.leaders_of(programme_id, today)
        if messages.was_told(key, leaders):
            continue
        programme = Programme.get_by_id(programme_id)
        told += messages.notify(
            event=events.WEEK_FOR_LEADERS,
            key=key,
            to=leaders,
            fields={"programme": programme.name, "week": week.label, **asdict(figures(programme_id, now))},
            link=f"/p/{programme_id}/",
            programme_id=programme_id,
            now=now,
        )
    return told


def is_first_workday(day: date, calendar: Calendar) -> bool:
    """Whether `day` is the first working day of its week: Monday, or the day after a holiday."""
    first = period_of(PeriodKind.WEEK, day).start
    return calendar.is_workday(day) and calendar.on_or_after(first) == day


def figures(programme_id: int, now: datetime) -> Week:
    """What the digest says, in five queries."""
    states = Obligation.state
    mine = Obligation.programme == programme_id
    by_light = (
        Task.select(Task.light, fn.COUNT(Task.id))
        .where((Task.programme == programme_id) & (Task.state == TaskState.OPEN))
        .group_by(Task.light)
    )
    lights = dict(cast("list[tuple[Light, int]]", list(by_light.tuples())))
    return Week(
        overdue=_overdue(programme_id, now),
        to_review=Obligation.select()
        .where(mine & (states == ObligationState.SUBMITTED) & asks_progress())
        .count(),
        red=lights.get(Light.RED, 0),
        amber=lights.get(Light.AMBER, 0),
        decisions=Decision.select()
        .where((Decision.programme == programme_id) & Decision.approved.is_null())
        .count(),
    )


def _overdue(programme_id: int, now: datetime) -> int:
    """Reports past their due time that may still come: of the last years, and those that a late permit has reopened."""
    late = (
        (Obligation.programme == programme_id)
        & Obligation.state.in_([ObligationState.OPEN, ObligationState.WITH_HEAD])
        & (Obligation.due_at <= now)
        & (Obligation.locked_at > now)
    )
    # What was never handed in stays open for ever: without a bound each week would count through all years.
    bound = now - LONGEST_LOCK
    reopened = Obligation.id.in_(LatePermit.select(LatePermit.obligation).where(LatePermit.until_at > now))
    recent = Obligation.select().where(late & (Obligation.due_at > bound))
    older = Obligation.select().where(late & (Obligation.due_at <= bound) & reopened)
    return recent.count() + older.count()
