"""What a changed calendar would do to announced deadlines, locks and reminders, worked out before it is decided.

Only what is still open counts: reports not handed in and not locked. A deadline is touched where the present
calendar gives exactly the announced day and the new one gives another; a day that a person named (an extension)
stays. Units with the same rule, period and days are one line, so that the list does not grow with the units.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from typing import NamedTuple

from peewee import fn

from supervisor.core import cadences, reminder_stages, schedules
from supervisor.core.periods import Period
from supervisor.core.programmes import settings_on
from supervisor.core.schedules import Dates
from supervisor.core.workdays import Calendar
from supervisor.models import (
    Channel,
    LocalSettings,
    Message,
    MessageState,
    Obligation,
    ObligationState,
    Programme,
    Reminder,
    ReportingRule,
    RuleKind,
)
from supervisor.models.base import rows_of
from supervisor.words import Sentence


class _Group(NamedTuple):
    """Open reports of one rule and period with the same announced dates."""

    programme_id: int
    rule_id: int
    period: str
    due_on: date
    due_at: datetime
    locked_at: datetime
    units: int

    @property
    def dates(self) -> Dates:
        return Dates(self.due_on, self.due_at, self.locked_at)


#: A day off or two moves a date by no more than this.
REACH = timedelta(days=31)


@dataclass(frozen=True)
class Shift:
    """A reminder that would go out on another day: its stage, the old and the new day."""

    stage: Sentence
    was: date
    becomes: date


@dataclass(frozen=True)
class Line:
    """One rule's period in one programme, for all units whose report is not in yet."""

    programme: Programme
    rule: ReportingRule
    period: str
    units: int
    was_due_on: date
    due_on: date
    was_locked_on: date
    locked_on: date
    #: Reminders that are written and not sent yet.
    unsent: int
    shifts: tuple[Shift, ...]

    @property
    def moves_due(self) -> bool:
        """Whether the due day would be another."""
        return self.due_on != self.was_due_on

    @property
    def moves_lock(self) -> bool:
        """Whether the last day for late reports would be another."""
        return self.locked_on != self.was_locked_on

    @property
    def is_touched(self) -> bool:
        """Whether an announced date would be another: then the programme's office is asked."""
        return self.moves_due or self.moves_lock


@dataclass(frozen=True)
class Effects:
    """Every open line near the days that change, touched or not, programme by programme."""

    lines: tuple[Line, ...]

    @property
    def touched(self) -> tuple[Line, ...]:
        """Lines about which the programme's office is asked."""
        return tuple(line for line in self.lines if line.is_touched)

    @property
    def staying(self) -> tuple[Line, ...]:
        """Lines whose announced dates are the same under both calendars."""
        return tuple(line for line in self.lines if not line.is_touched)


def work_out(present: Calendar, planned: Calendar, days: Sequence[date], *, now: datetime) -> Effects:
    """The effects of the days that change between the two calendars; one query and two a rule and period."""
    if not days:
        return Effects(())
    first, last = min(days) - REACH, max(days) + REACH
    unsent = _unsent()
    groups = _groups(first, last, now)
    programmes = {
        row.id: row
        for row in Programme.select().where(Programme.id.in_({group.programme_id for group in groups}))
    }
    rules = {
        row.id: row
        for row in ReportingRule.select().where(ReportingRule.id.in_({group.rule_id for group in groups}))
    }
    lines = []
    for group in groups:
        dates, settings = _new_dates(rules[group.rule_id], group, present, planned)
        dates = _still_possible(group.dates, dates, now)
        line = Line(
            programmes[group.programme_id], rules[group.rule_id], group.period, group.units, group.due_on,
            dates.due_on, cadences.due_day(group.locked_at), cadences.due_day(dates.locked_at),
            unsent.get((group.rule_id, group.period), 0),
            tuple(_shifts(rules[group.rule_id], group, dates.due_on, settings, present, planned)),
        )  # fmt: skip
        lines.append(line)
    return Effects(tuple(sorted(lines, key=lambda line: (line.programme.id, line.was_due_on, line.rule.id))))


def _groups(first: date, last: date, now: datetime) -> list[_Group]:
    columns = (
        Obligation.programme, Obligation.rule, Obligation.period, Obligation.due_on, Obligation.due_at,
        Obligation.locked_at,
    )  # fmt: skip
    open_ones = (
        Obligation.state.in_([ObligationState.OPEN, ObligationState.WITH_HEAD])
        & Obligation.first_submitted_at.is_null()
        & (Obligation.locked_at > now)
        & (Obligation.locked_at >= cadences.deadline_instant(first))
        & (Obligation.due_on <= last)
    )
    query = Obligation.select(*columns, fn.COUNT(Obligation.id)).where(open_ones).group_by(*columns)
    return [_Group(*row) for row in rows_of(query)]


def _unsent() -> dict[tuple[int, str], int]:
    """(rule, period) → reminder rows whose mail has not left."""
    query = (
        Reminder.select(Obligation.rule, Obligation.period, fn.COUNT(Reminder.id))
        .join(Message)
        .switch(Reminder)
        .join(Obligation)
        .where(
            Reminder.cancelled_at.is_null()
            & (Message.channel == Channel.MAIL)
            & Message.state.in_([MessageState.NEW, MessageState.RETRY])
        )
        .group_by(Obligation.rule, Obligation.period)
    )
    return {(rule, period): count for rule, period, count in rows_of(query)}


def _new_dates(
    rule: ReportingRule, group: _Group, present: Calendar, planned: Calendar
) -> tuple[Dates, LocalSettings]:
    """The dates of the planned calendar where the present one gives exactly the announced; else the announced."""
    period = Period.parse(group.period)
    settings = settings_on(rule.programme_id, period.end + timedelta(days=1))
    slot = schedules.slot_about(rule, period, lambda day: settings_on(rule.programme_id, day))
    if slot is None:  # a rule that, as it now stands, gives this period no day
        return group.dates, settings
    before, after = (
        replace(schedules.dates_of(slot.literal, rule, settings, calendar), grace_at=None)
        for calendar in (present, planned)
    )
    return (after if before == group.dates else group.dates), settings


def _still_possible(announced: Dates, wanted: Dates, now: datetime) -> Dates:
    """What has fallen due stays so, and nothing is moved to a time already past."""
    past = announced.due_at <= now or wanted.due_at <= now
    lock = (
        announced.locked_at
        if wanted.locked_at <= now or (past and wanted.due_on != announced.due_on)
        else None
    )
    return Dates(
        announced.due_on if past else wanted.due_on,
        announced.due_at if past else wanted.due_at,
        lock or wanted.locked_at,
    )


def _shifts(
    rule: ReportingRule,
    group: _Group,
    due: date,
    settings: LocalSettings,
    present: Calendar,
    planned: Calendar,
) -> Iterator[Shift]:
    was = reminder_stages.stages(group.due_on, settings, present)
    becomes = reminder_stages.stages(due, settings, planned)
    if rule.kind is RuleKind.COUNT:
        was = [*reminder_stages.date_stages(rule, group.period, present), *was]
        becomes = [*reminder_stages.date_stages(rule, group.period, planned), *becomes]
    for old, new in zip(was, becomes, strict=True):
        if old.day != new.day:
            yield Shift(reminder_stages.stage_words(old.name), old.day, new.day)
