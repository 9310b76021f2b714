"""What a reporting rule asks for and when: its slots, each a deadline and the period it is about.

A slot's *base* is the period in which it opens: the one reported on, or the one with the deadline where that comes
first (next year's plan, due in October: E-49). Several days of a period, each owed, are slots of a day each; items
that are counted (≥ 1 a month) have one slot a period, and their days only remind. Whether an item sent after the last
of these days counts for that month or the next is a local setting: by window, a month ends with its last day (E-51).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from supervisor.core import cadences
from supervisor.core.cadences import DuePolicy, Recurrence
from supervisor.core.periods import MONTHS_IN, Period, PeriodKind, period_of, periods_between
from supervisor.core.workdays import Calendar
from supervisor.models import CountedBy, LocalSettings, ReportingRule, RuleKind

#: Local settings in force on a day.
SettingsOn = Callable[[date], LocalSettings]


@dataclass(frozen=True)
class Dates:
    """The four dates of what is owed, kept apart but for its opening: due, grace, locked (first instants too late)."""

    due_on: date
    due_at: datetime
    locked_at: datetime
    grace_at: datetime | None = None


@dataclass(frozen=True)
class Slot:
    """One thing owed by every obliged unit: the period it is about, and the deadline as announced."""

    base: Period
    subject: Period
    literal: date
    #: The first day on which it may be handed in.
    opens_on: date


def recurrence_of(rule: ReportingRule) -> Recurrence | None:
    """The rule's recurrence; None where it is owed once."""
    return cadences.parse_recurrence(rule.recurrence) if rule.recurrence else None


def kind_of(rule: ReportingRule) -> PeriodKind | None:
    """The period in which the rule returns; None where it is owed once or names no rhythm."""
    recurrence = recurrence_of(rule)
    return recurrence.kind if recurrence else None


def slots(rule: ReportingRule, first: date, last: date, settings_on: SettingsOn) -> Iterator[Slot]:
    """The slots that lie in the days from `first` to `last`, in order; `is_skipped` tells the skipped ones.

    None for a rule whose day is not set: nothing can be late that has no day (E-58).
    """
    if rule.due_on is not None and not rule.recurrence:
        over = rule.valid_to is not None and rule.due_on > rule.valid_to
        if last >= first and not over:
            day = Period(PeriodKind.DAY, rule.due_on)
            yield Slot(day, day, rule.due_on, rule.valid_from)
        return
    recurrence = recurrence_of(rule)
    if recurrence is None or recurrence.kind is None:
        return
    if is_windowed(rule):  # the next period's may have begun
        found = _windows(rule, recurrence.kind, first, last)
    else:
        bases = periods_between(recurrence.kind, first, last)
        found = (slot for base in bases for slot in _of_base(rule, recurrence, base, settings_on))
    for slot in found:
        if slot.literal < rule.valid_from:  # it was due before anybody asked for it
            continue
        if falls_in(rule, slot.subject.year if rule.subject_shift <= 0 else slot.base.year):
            yield slot


def is_windowed(rule: ReportingRule) -> bool:
    """Whether a period of counted items ends with its last reminding day (E-51)."""
    recurrence = recurrence_of(rule)
    dated = recurrence is not None and recurrence.is_dated
    return rule.kind is RuleKind.COUNT and rule.counted_by is CountedBy.WINDOW and dated


def counting_days(rule: ReportingRule, period: Period) -> tuple[date, date]:
    """The first and the last day on which an item is sent that counts for a period (E-51)."""
    if not is_windowed(rule):
        return period.start, period.end
    before, last = reminding_days(rule, period.previous()), reminding_days(rule, period)
    return before[-1] + timedelta(days=1), last[-1]


def present_begin(rule: ReportingRule, today: date) -> date | None:
    """The day on which what the rule asks for now began; None for a rule that does not return."""
    kind = kind_of(rule)
    if kind is None:
        return None
    present = period_of(kind, today)
    return max(
        first for each in (present, present.next()) if (first := counting_days(rule, each)[0]) <= today
    )


def _windows(rule: ReportingRule, kind: PeriodKind, first: date, last: date) -> Iterator[Slot]:
    for base in periods_between(kind, first, period_of(kind, last).next().end):
        opens_on, literal = counting_days(rule, base)
        over = rule.valid_to is not None and base.start > rule.valid_to
        if opens_on <= last and literal >= first and not over:
            yield Slot(base, base, literal, opens_on)


def _of_base(
    rule: ReportingRule, recurrence: Recurrence, base: Period, settings_on: SettingsOn
) -> Iterator[Slot]:
    if rule.kind is RuleKind.COUNT:
        yield Slot(base, base, base.end, base.start)
        return
    if not recurrence.is_dated:
        if base.kind in MONTHS_IN:
            settings = settings_on(base.end + timedelta(days=1))
            yield Slot(base, base, cadences.due_of(base, settings.monthly_due_day), base.start)
        return
    subject, due = base, base
    for _step in range(abs(rule.subject_shift)):
        if rule.subject_shift < 0:
            due = due.next()
        else:
            subject = subject.next()
    days = cadences.occurrences(recurrence, due.start, due.end)
    if len(days) == 1 and len(recurrence.days) == 1:
        yield Slot(base, subject, days[0], base.start)
        return
    for day in days:
        yield Slot(base, Period(PeriodKind.DAY, day), day, base.start)


def slot_about(rule: ReportingRule, subject: Period, settings_on: SettingsOn) -> Slot | None:
    """The slot that is about a period; None where the rule, as it now stands, asks for nothing about it."""
    kind = kind_of(rule)
    first = subject.start
    if kind is not None and subject.kind is kind:
        for _step in range(rule.subject_shift):
            first = period_of(kind, first).previous().start
    elif kind is not None and rule.subject_shift < 0:
        first = period_of(kind, first).previous().start
    return next((s for s in slots(rule, first, subject.end, settings_on) if s.subject == subject), None)


def falls_in(rule: ReportingRule, year: int) -> bool:
    """Whether a rule of every so many years falls in this one (C25): every 2 from 2021 on means 2022, 2024.

    Without an anchor year a rule of more than one year falls in none: the anchor is a local setting (E-59).
    """
    if rule.anchor_year is None:
        return rule.every_years == 1
    return year >= rule.anchor_year and (year - rule.anchor_year + 1) % rule.every_years == 0


def reminding_days(rule: ReportingRule, period: Period) -> tuple[date, ...]:
    """The days that only remind of counted items (E-51)."""
    recurrence = recurrence_of(rule)
    if rule.kind is not RuleKind.COUNT or recurrence is None or not recurrence.is_dated:
        return ()
    return cadences.occurrences(recurrence, period.start, period.end)


def reminded_of(rule: ReportingRule, period: Period, calendar: Calendar) -> tuple[tuple[date, date], ...]:
    """Each reminding day with the working day on which it is reminded of: itself or the last one before.

    Where nothing is owed yet on the one before, the next working day.
    """
    days = reminding_days(rule, period)
    first = counting_days(rule, period)[0] if days else date.min
    working = ((day, cadences.reminder_day(day, 0, calendar)) for day in days)
    return tuple((day, on if on >= first else calendar.on_or_after(day)) for day, on in working)


def is_skipped(slot: Slot, calendar: Calendar) -> bool:
    """Whether nobody works in the week or ten days of a slot: it is skipped, and shown as skipped (E-54)."""
    return slot.base.kind in {PeriodKind.WEEK, PeriodKind.TEN_DAY} and not cadences.has_workday(
        period_of(slot.base.kind, slot.literal), calendar
    )


def dates_of(literal: date, rule: ReportingRule, settings: LocalSettings, calendar: Calendar) -> Dates:
    """The dates that follow from a deadline as announced: policy for days off, cut-off, grace and lock.

    The rule's own terms count before the programme's local settings.
    """
    policy = DuePolicy(rule.day_off_policy or settings.day_off_policy)
    return dates_from(cadences.due_date(literal, policy, calendar).effective, rule, settings, calendar)


def dates_from(due_on: date, rule: ReportingRule, settings: LocalSettings, calendar: Calendar) -> Dates:
    """The dates that follow from a due day that stays where it is."""
    cutoff = cutoff_for(rule, settings)
    lock = settings.lock_after_workdays if rule.lock_after_workdays is None else rule.lock_after_workdays
    grace = calendar.add_workdays(due_on, rule.grace_workdays) if rule.grace_workdays else None
    locked_on = calendar.add_workdays(due_on, max(lock, rule.grace_workdays))
    return Dates(
        due_on=due_on,
        due_at=cadences.deadline_instant(due_on, cutoff),
        locked_at=cadences.deadline_instant(locked_on, cutoff),
        grace_at=cadences.deadline_instant(grace, cutoff) if grace else None,
    )


def cutoff_for(rule: ReportingRule, settings: LocalSettings) -> timedelta:
    """The rule's cut-off, else the programme's."""
    return cutoff_of(settings.cutoff if rule.cutoff is None else rule.cutoff)


def cutoff_of(moment: time) -> timedelta:
    """The cut-off as time since midnight; 00:00 means the end of the day (D8)."""
    return timedelta(hours=moment.hour, minutes=moment.minute) or cadences.END_OF_DAY
