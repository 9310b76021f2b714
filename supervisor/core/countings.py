"""Counting days on a calendar: N working days, N days, N months from a day, with what was passed over and why.

By analogy to the Civil Code: the first day is not counted (art. 201); a period of months ends on the same day
number or, where there is none, on the last of the month (art. 202); where a period of days or months ends on a day
off, it ends on the first working day after (art. 203). Working days pass days off over and count make-up days.
"""

from __future__ import annotations

import enum
from dataclasses import dataclass
from datetime import date, timedelta

from supervisor.core.calendar_pictures import kind_of
from supervisor.core.periods import last_of_month
from supervisor.core.workdays import Calendar
from supervisor.errors import Invalid
from supervisor.words import N_, Sentence

ONE_DAY = timedelta(days=1)


class Measure(enum.StrEnum):
    """What is counted."""

    WORKDAYS = "workdays"
    DAYS = "days"
    MONTHS = "months"

    @property
    def label(self) -> Sentence:
        """The measure in words."""
        return MEASURE_LABELS[self]


MEASURE_LABELS = {
    Measure.WORKDAYS: N_("working days"),
    Measure.DAYS: N_("days (calendar days)"),
    Measure.MONTHS: N_("months"),
}
#: Beyond these nobody counts, and an address could ask for a century.
LONGEST = {Measure.WORKDAYS: 1000, Measure.DAYS: 3660, Measure.MONTHS: 120}


@dataclass(frozen=True)
class Passed:
    """A day on the way that was passed over (off, weekend) or counted although a weekend day (makeup)."""

    day: date
    kind: str
    name: str


@dataclass(frozen=True)
class Counted:
    """Where a count ends: `literal` by the number alone, `end` after a day off at its end was rolled over."""

    start: date
    count: int
    measure: Measure
    literal: date
    end: date
    #: Days passed over, and make-up days that counted, in order.
    passed: tuple[Passed, ...]
    #: Whether the arrangement of every year on the way is loaded; else the end is provisional (E-60).
    confirmed: bool
    #: A month without the start's day number: its last day was taken.
    is_shortened: bool = False

    @property
    def is_rolled(self) -> bool:
        """Whether the end was moved from a day off to the next working day."""
        return self.end != self.literal


def count_on(start: date, count: int, measure: Measure, calendar: Calendar) -> Counted:
    """Count from a day, backwards if negative: then nothing is rolled over. OverflowError beyond the year 9999."""
    if measure is Measure.WORKDAYS:
        literal = end = calendar.add_workdays(start, count)
    else:
        literal = start + ONE_DAY * count if measure is Measure.DAYS else add_months(start, count)
        end = calendar.on_or_after(literal) if count > 0 else literal
    first, last = _way(start, literal, end, measure)
    return Counted(
        start,
        count,
        measure,
        literal,
        end,
        tuple(_passed(first, last, calendar)),
        calendar.covers(start, end),
        measure is Measure.MONTHS and literal.day != start.day,
    )


def check_length(count: int, measure: Measure) -> None:
    """Raise Invalid beyond LONGEST: an address must not make the server count for a minute."""
    if abs(count) > LONGEST[measure]:
        wrong = N_("At most %(most)s.", most=LONGEST[measure])
        raise Invalid(wrong, {"n": wrong})


def add_months(day: date, count: int) -> date:
    """The day with the same number `count` months on, or the last of that month (art. 202)."""
    last = last_of_month(day.year, day.month + count)
    return last.replace(day=min(day.day, last.day))


def _way(start: date, literal: date, end: date, measure: Measure) -> tuple[date, date]:
    """The days of which passing over matters: all of them for working days, else only those at the end."""
    if measure is Measure.WORKDAYS:
        return (start + ONE_DAY, end) if end >= start else (end, start - ONE_DAY)
    return literal, end - ONE_DAY


def _passed(first: date, last: date, calendar: Calendar) -> list[Passed]:
    days = [first + ONE_DAY * n for n in range((last - first).days + 1)]
    seen = [Passed(day, kind_of(day, calendar), calendar.name_of(day)) for day in days]
    return [each for each in seen if each.kind != "work"]
