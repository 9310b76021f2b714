"""Cadences: recurrence words, the days they name, and the moment a deadline ends (D8, C18).

A recurrence is a word and, where the notice states one, a day: `weekly:fri`, `tenday:end`, `monthly:10,25`,
`monthly:end`, `quarterly:1-10` (first month, tenth day), `halfyear:6-15`, `yearly:10-30`, `continuous`.
A word without a day is kept as it is and names no date: the day is then a local setting, never a guess.

**When is a report late?** A deadline includes its day and ends at the cut-off, 24:00 Beijing time unless a
local setting says otherwise. `deadline_instant` is the first moment that is too late: what is received at
23:59:59.999999 is on time, at 00:00:00 of the next day it is late. The test is `received_at < due_at`
everywhere, and `is_late` is the one place that makes it.
"""

from __future__ import annotations

import re
from calendar import monthrange
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from enum import StrEnum
from zoneinfo import ZoneInfo

from supervisor.clock import BEIJING
from supervisor.core.periods import MONTHS_IN, Period, PeriodKind, last_of_month, periods_between
from supervisor.core.workdays import Calendar
from supervisor.words import N_, Sentence

END = "end"
WEEKDAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
END_OF_DAY = timedelta(hours=24)
LEAP_YEAR = 2000
SMALLEST_STEP = timedelta(microseconds=1)

PERIOD_OF_WORD = {
    "weekly": PeriodKind.WEEK,
    "tenday": PeriodKind.TEN_DAY,
    "monthly": PeriodKind.MONTH,
    "quarterly": PeriodKind.QUARTER,
    "halfyear": PeriodKind.HALF_YEAR,
    "yearly": PeriodKind.YEAR,
}
CONTINUOUS = "continuous"


@dataclass(frozen=True)
class Recurrence:
    """A recurrence word and its days as written (`fri`, `10`, `6-15`, `end`), in the order of time.

    `days` is empty where the notice states none; `continuous` never has any.
    """

    word: str
    days: tuple[str, ...] = ()

    @property
    def kind(self) -> PeriodKind | None:
        """The period that it returns in; None for `continuous`."""
        return PERIOD_OF_WORD.get(self.word)

    @property
    def is_dated(self) -> bool:
        """Whether the rule names a day, so that deadlines can be computed from it alone."""
        return bool(self.days)

    def __str__(self) -> str:
        return f"{self.word}:{','.join(self.days)}" if self.days else self.word


class DuePolicy(StrEnum):
    """What happens to a deadline that falls on a day off: it stays, comes before, or comes after."""

    KEEP = "keep"
    BEFORE = "before"
    AFTER = "after"

    @property
    def label(self) -> Sentence:
        """The policy's name in a form."""
        return POLICY_LABELS[self]


POLICY_LABELS = {
    DuePolicy.KEEP: N_("stays on its date"),
    DuePolicy.BEFORE: N_("moves to the last working day before"),
    DuePolicy.AFTER: N_("moves to the next working day"),
}


@dataclass(frozen=True)
class Deadline:
    """A deadline's date as printed and as it counts.

    `working_day` says whether the *literal* date is one; `confirmed` whether the working-day arrangement of
    every day between the two dates has been announced (otherwise the date is provisional).
    """

    literal: date
    effective: date
    working_day: bool
    confirmed: bool

    def as_json(self) -> dict[str, str | bool]:
        """The row that `run.py deadlines --json` prints."""
        return {
            "literal": self.literal.isoformat(),
            "effective": self.effective.isoformat(),
            "working_day": self.working_day,
            "calendar": "confirmed" if self.confirmed else "provisional",
        }


def parse_recurrence(text: str) -> Recurrence:
    """The recurrence that `text` spells; ValueError, saying what is wrong, for anything else."""
    word, colon, tail = text.strip().lower().partition(":")
    if word != CONTINUOUS and word not in PERIOD_OF_WORD:
        raise ValueError(f"unknown recurrence {text!r}: one of {', '.join([*PERIOD_OF_WORD, CONTINUOUS])}")
    if not colon:
        return Recurrence(word)
    if word == CONTINUOUS:
        raise ValueError("'continuous' has no day")
    days = [_day_word(word, day.strip()) for day in tail.split(",")]
    order = ORDER_OF[word]
    return Recurrence(word, tuple(sorted(dict.fromkeys(days), key=order)))


def occurrences(rule: Recurrence, first: date, last: date) -> tuple[date, ...]:
    """The days from `first` to `last`, both included, that the rule names, in order and each once.

    A day number that a month does not have means its last day (Civil Code art. 202: 31 in June is the
    30th). ValueError for a rule without a day: its day is a local setting, so that nothing can be listed.
    """
    if rule.kind is None or not rule.is_dated:
        raise ValueError(f"'{rule}' names no day; say for instance monthly:5, weekly:fri or quarterly:end")
    periods = periods_between(rule.kind, first, last)
    named = {_day_in(period, day) for period in periods for day in rule.days}
    return tuple(sorted(day for day in named if first <= day <= last))


def due_of(period: Period, day: int, months_after: int = 1) -> date:
    """The day a period's report is due: `day` of the month `months_after` its last month (June: 5 July).

    A day beyond the month's end is its last day, so 31 always means the last. ValueError for weeks and ten
    days, whose reports are due by weekday or date: use `occurrences`.
    """
    if period.kind not in MONTHS_IN:
        raise ValueError(f"{period.key} is not made of whole months")
    if not 1 <= day <= 31 or months_after < 0:
        raise ValueError(f"no month has a day {day}" if months_after >= 0 else "months_after is negative")
    last = last_of_month(period.end.year, period.end.month + months_after)
    return last.replace(day=min(day, last.day))


def due_date(literal: date, policy: DuePolicy, calendar: Calendar) -> Deadline:
    """The day that counts for a deadline printed as `literal`."""
    move: dict[DuePolicy, Callable[[date], date]] = {
        DuePolicy.KEEP: lambda day: day,
        DuePolicy.BEFORE: calendar.on_or_before,
        DuePolicy.AFTER: calendar.on_or_after,
    }
    effective = move[policy](literal)
    return Deadline(literal, effective, calendar.is_workday(literal), calendar.covers(literal, effective))


def deadlines(
    rule: Recurrence, first: date, last: date, policy: DuePolicy, calendar: Calendar
) -> tuple[Deadline, ...]:
    """The rule's deadlines whose *literal* date lies from `first` to `last`; ValueError as `occurrences`."""
    return tuple(due_date(day, policy, calendar) for day in occurrences(rule, first, last))


def deadline_instant(day: date, cutoff: timedelta = END_OF_DAY, zone: ZoneInfo = BEIJING) -> datetime:
    """The first moment that is too late for a deadline on `day`, in UTC.

    `cutoff` is the local time of day as time since midnight (above 0, up to 24 hours); 24 hours is
    00:00 of the next day, however long the day was.
    """
    if not timedelta(0) < cutoff <= END_OF_DAY:
        raise ValueError(f"a day does not end at {cutoff}")
    wall = datetime.combine(day, time()) + cutoff  # read on the wall: then a day of 23 hours ends right too
    return wall.replace(tzinfo=zone).astimezone(UTC)


def is_late(due_at: datetime, received_at: datetime) -> bool:
    """Whether what was received at `received_at` missed the deadline that ends at `due_at` (both aware)."""
    if due_at.tzinfo is None or received_at.tzinfo is None:
        raise ValueError("a moment without a time zone cannot be judged")
    return received_at >= due_at


def due_day(due_at: datetime, zone: ZoneInfo = BEIJING) -> date:
    """The day whose deadline ends at `due_at`: the inverse of `deadline_instant`."""
    return (due_at - SMALLEST_STEP).astimezone(zone).date()


def late_workdays(
    due_at: datetime, received_at: datetime, calendar: Calendar, zone: ZoneInfo = BEIJING
) -> int:
    """How many working days late: 0 exactly when on time, else those after the due day up to the receipt's.

    What comes late on the due day itself (after an earlier cut-off), or on the days off right after it, is
    one day late: late is never zero.
    """
    if not is_late(due_at, received_at):
        return 0
    return max(1, calendar.workdays_between(due_day(due_at, zone), received_at.astimezone(zone).date()))


def reminder_day(due: date, workdays: int, calendar: Calendar) -> date:
    """The working day a reminder goes out: `workdays` before the due day if negative, after it if positive.

    Zero is the due day itself or, where that is a day off, the last working day before it.
    """
    return calendar.add_workdays(due, workdays) if workdays else calendar.on_or_before(due)


def has_workday(period: Period, calendar: Calendar) -> bool:
    """Whether anybody works in the period; a weekly duty of a week without working days is skipped (E-54)."""
    return calendar.workdays_between(period.start - timedelta(days=1), period.end) > 0


def describe(rule: Recurrence) -> Sentence:
    """The rule in words for a reader: "every month: day 10, day 25"."""
    word = WORD_LABELS[rule.word]
    if not rule.is_dated:
        return word
    *front, listed = [_describe_day(rule, day) for day in rule.days]
    for day in reversed(front):
        listed = N_("%(first)s, %(rest)s", first=day, rest=listed)
    return N_("%(word)s: %(days)s", word=word, days=listed)


WORD_LABELS = {
    "weekly": N_("every week"),
    "tenday": N_("every ten days"),
    "monthly": N_("every month"),
    "quarterly": N_("every quarter"),
    "halfyear": N_("every half-year"),
    "yearly": N_("every year"),
    CONTINUOUS: N_("continuously"),
}
WEEKDAY_LABELS = (
    N_("Monday"),
    N_("Tuesday"),
    N_("Wednesday"),
    N_("Thursday"),
    N_("Friday"),
    N_("Saturday"),
    N_("Sunday"),
)


def _describe_day(rule: Recurrence, day: str) -> Sentence:
    if day == END:
        return N_("last day")
    if day in WEEKDAYS:
        return WEEKDAY_LABELS[WEEKDAYS.index(day)]
    if "-" not in day:
        return N_("day %(day)s", day=int(day))
    month, number = _month_day(day)
    if rule.kind is PeriodKind.YEAR:
        return N_("month %(month)s day %(day)s", month=month, day=number)
    return N_("day %(day)s of its month %(month)s", month=month, day=number)


def _day_word(word: str, day: str) -> str:
    """One day of a recurrence in its normal spelling; ValueError where `word` has no such day."""
    if day == END:
        return END
    wrong = ValueError(f"{word} has no day {day!r}")
    if word == "weekly":
        if day not in WEEKDAYS:
            raise wrong
        return day
    if word in {"tenday", "monthly"}:
        longest = 11 if word == "tenday" else 31
        if not re.fullmatch(r"\d{1,2}", day, re.ASCII) or not 1 <= int(day) <= longest:
            raise wrong
        return str(int(day))
    if not re.fullmatch(r"\d{1,2}-\d{1,2}", day, re.ASCII):
        raise wrong
    month, number = _month_day(day)
    if not 1 <= month <= MONTHS_IN[PERIOD_OF_WORD[word]]:
        raise wrong
    # A quarter's first month is January, April, July or October: 31 is a day of some; 30 February is none.
    longest = monthrange(LEAP_YEAR, month)[1] if word == "yearly" else 31
    if not 1 <= number <= longest:
        raise wrong
    return f"{month:02}-{number:02}" if word == "yearly" else f"{month}-{number}"


def _month_day(day: str) -> tuple[int, int]:
    month, number = day.split("-")
    return int(month), int(number)


def _day_in(period: Period, day: str) -> date:
    """The date that one day of a recurrence names in a period."""
    if day == END:
        return period.end
    if day in WEEKDAYS:
        return period.start + timedelta(days=WEEKDAYS.index(day))
    month, number = _month_day(day) if "-" in day else (1, int(day))
    if period.kind is PeriodKind.TEN_DAY:
        return min(period.start + timedelta(days=number - 1), period.end)
    last = last_of_month(period.start.year, period.start.month + month - 1)
    return last.replace(day=min(number, last.day))


def _by_number(day: str) -> tuple[int, int]:
    if day == END:
        return (99, 0)
    return _month_day(day) if "-" in day else (0, int(day))


def _by_weekday(day: str) -> tuple[int, int]:
    return (99, 0) if day == END else (0, WEEKDAYS.index(day))


ORDER_OF = {word: _by_weekday if word == "weekly" else _by_number for word in PERIOD_OF_WORD}
