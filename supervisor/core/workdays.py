"""Working days: the State Council's arrangement, days off and make-up days included (C18).

A period of N working days does not count its first day, and counts Saturdays and Sundays that were
declared working days (调休上班). The table of days is the caller's: people edit it every autumn, when
the next year is announced. A year that nobody has confirmed is answered from weekends and the holidays
of fixed date, never with an error, and everything computed from it is labelled provisional.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from functools import lru_cache

from supervisor.core.statutory_holidays import official_name

ONE_DAY = timedelta(days=1)
SATURDAY = 5

# Statutory holidays with a fixed date; the lunar ones (and every 调休) are known only from the yearly notice.
# The second day of Labour Day is a holiday from 2025 on (State Council order 795).
FIXED_HOLIDAYS = {(1, 1): "元旦", (5, 1): "劳动节", (10, 1): "国庆节", (10, 2): "国庆节", (10, 3): "国庆节"}
SECOND_LABOUR_DAY, SECOND_LABOUR_DAY_SINCE = (5, 2), 2025


@dataclass(frozen=True)
class CalendarDay:
    """A day whose kind was announced: `is_work`, and the Chinese `name` of the holiday it belongs to."""

    is_work: bool
    name: str


@dataclass(frozen=True)
class CalendarRow:
    """One announced day as it is stored: the day, its kind, the holiday's name, and where we have it from."""

    day: date
    is_work: bool
    name: str
    source: str


@dataclass(frozen=True)
class Calendar:
    """The announced days and the years they cover; answers every date, announced or not.

    `days` holds only days off and make-up days; every other day of a confirmed year follows the weekday.
    `years` maps a year to whether its arrangement is confirmed; a year that is missing is provisional.
    """

    days: Mapping[date, CalendarDay]
    years: Mapping[int, bool]

    def is_confirmed(self, day: date) -> bool:
        """Whether the arrangement of this day's year has been announced and loaded."""
        return self.years.get(day.year, False)

    def is_workday(self, day: date) -> bool:
        """Whether `day` is a working day, by the announcement, else by weekday and fixed holidays."""
        announced = self.days.get(day)
        if announced is not None:
            return announced.is_work
        if day.weekday() >= SATURDAY:
            return False
        return self.is_confirmed(day) or fixed_holiday(day) is None

    def is_makeup_day(self, day: date) -> bool:
        """Whether `day` is a Saturday or Sunday on which people work (调休上班日)."""
        return day.weekday() >= SATURDAY and self.is_workday(day)

    def name_of(self, day: date) -> str:
        """The Chinese name of the holiday that `day` is off for or made up for; empty for ordinary days."""
        announced = self.days.get(day)
        if announced is not None:
            return announced.name
        return "" if self.is_confirmed(day) else fixed_holiday(day) or ""

    def add_workdays(self, day: date, count: int) -> date:
        """The day `count` working days after `day` (before it, if negative); `day` itself is not counted.

        Zero answers `day` unchanged, also where it is no working day. OverflowError beyond the year 9999.
        """
        step = ONE_DAY if count > 0 else -ONE_DAY
        for _ in range(abs(count)):
            day += step
            while not self.is_workday(day):
                day += step
        return day

    def next_workday(self, day: date) -> date:
        """The first working day after `day`, never `day` itself."""
        return self.add_workdays(day, 1)

    def previous_workday(self, day: date) -> date:
        """The last working day before `day`, never `day` itself."""
        return self.add_workdays(day, -1)

    def on_or_after(self, day: date) -> date:
        """`day` if it is a working day, else the next one (顺延)."""
        return day if self.is_workday(day) else self.next_workday(day)

    def on_or_before(self, day: date) -> date:
        """`day` if it is a working day, else the one before it (提前)."""
        return day if self.is_workday(day) else self.previous_workday(day)

    def workdays_between(self, start: date, end: date) -> int:
        """How many working days lie from `start` to `end`; `start` is not counted, `end` is.

        Negative where `end` is before `start`. The inverse of `add_workdays`:
        `workdays_between(d, add_workdays(d, n)) == n`.
        """
        if end >= start:
            return sum(map(self.is_workday, _days(start + ONE_DAY, end))) if end > start else 0
        return -sum(map(self.is_workday, _days(end, start - ONE_DAY)))

    def covers(self, first: date, last: date) -> bool:
        """Whether every year from `first` to `last` (in either order) is confirmed."""
        low, high = sorted((first.year, last.year))
        return all(self.years.get(year, False) for year in range(low, high + 1))


def fixed_holiday(day: date) -> str | None:
    """The Chinese name of the statutory holiday that always falls on this date, or None."""
    month_day = (day.month, day.day)
    if month_day == SECOND_LABOUR_DAY and day.year >= SECOND_LABOUR_DAY_SINCE:
        return FIXED_HOLIDAYS[5, 1]
    return FIXED_HOLIDAYS.get(month_day)


def seed_rows() -> tuple[CalendarRow, ...]:
    """The announced days of 2004–2026 in order of date, as first content of the table (D31)."""
    from chinese_calendar import constants

    names = {holiday.value: official_name(holiday.chinese) for holiday in constants.Holiday}
    announced = {day: (False, name) for day, name in constants.holidays.items()}
    announced |= {day: (True, name) for day, name in constants.workdays.items()}
    # The package also lists holidays that fall on a weekend: kept, because the page shows their names.
    return tuple(
        CalendarRow(day, is_work, names[name], "chinesecalendar")
        for day, (is_work, name) in sorted(announced.items())
    )


def seed_years() -> tuple[int, ...]:
    """The years that `seed_rows` covers, all confirmed."""
    days = [row.day.year for row in seed_rows()]
    return tuple(range(min(days), max(days) + 1))


def calendar_of(rows: Iterable[CalendarRow], years: Mapping[int, bool]) -> Calendar:
    """The calendar made of stored rows and of the years marked confirmed."""
    return Calendar({row.day: CalendarDay(row.is_work, row.name) for row in rows}, dict(years))


@lru_cache(maxsize=1)
def seed_calendar() -> Calendar:
    """The calendar of 2004–2026 without any table: for commands that open no database."""
    return calendar_of(seed_rows(), dict.fromkeys(seed_years(), True))


def _days(first: date, last: date) -> Iterable[date]:
    return (first + timedelta(days=offset) for offset in range((last - first).days + 1))
