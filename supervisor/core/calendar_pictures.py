"""The working calendar as pictures: months of weeks of days, each day with its kind and its holiday's name."""

from __future__ import annotations

from calendar import Calendar as Weeks
from calendar import monthrange
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Protocol

from supervisor.core.workdays import SATURDAY, Calendar

_MONDAY_FIRST = Weeks(firstweekday=0)
MONTHS = 12
#: A way through more months than this is told by its end alone.
MOST_MONTHS = 6


class Named(Protocol):
    """Anything that is a day of a kind with a name."""

    @property
    def day(self) -> date:
        """The day."""

    @property
    def kind(self) -> str:
        """work, weekend, off or makeup."""

    @property
    def name(self) -> str:
        """The holiday's name, or empty."""


@dataclass(frozen=True)
class DayPicture:
    """One square: `kind` is work, weekend, off (announced) or makeup; `changed` marks it in a preview."""

    day: date
    kind: str
    name: str
    is_outside: bool = False
    changed: bool = False


@dataclass(frozen=True)
class Stretch:
    """Days in a row of one kind and name, as a line under the picture: 1–3 元旦."""

    first: date
    last: date
    kind: str
    name: str


@dataclass(frozen=True)
class MonthPicture:
    """A month with its weeks (Monday first), how many days are worked, and its announced days in words."""

    year: int
    month: int
    weeks: tuple[tuple[DayPicture, ...], ...]
    workdays: int
    announced: tuple[Stretch, ...]


def year_picture(year: int, calendar: Calendar, changed: Iterable[date] = ()) -> tuple[MonthPicture, ...]:
    """The twelve months of a year."""
    marked = frozenset(changed)
    return tuple(month_picture(year, month, calendar, marked) for month in range(1, MONTHS + 1))


def month_picture(
    year: int, month: int, calendar: Calendar, changed: frozenset[date] = frozenset()
) -> MonthPicture:
    """One month in whole weeks; days of its neighbours are marked as outside."""
    weeks = tuple(
        tuple(day_picture(day, calendar, month=month, changed=day in changed) for day in week)
        for week in _MONDAY_FIRST.monthdatescalendar(year, month)
    )
    days = [date(year, month, number) for number in range(1, monthrange(year, month)[1] + 1)]
    worked = sum(map(calendar.is_workday, days))
    return MonthPicture(year, month, weeks, worked, tuple(stretches(days, calendar)))


def day_picture(day: date, calendar: Calendar, *, month: int = 0, changed: bool = False) -> DayPicture:
    """One day as its square shows it."""
    outside = bool(month) and day.month != month
    return DayPicture(day, kind_of(day, calendar), calendar.name_of(day), outside, changed)


def kind_of(day: date, calendar: Calendar) -> str:
    """work, weekend, off or makeup: a weekend day inside a holiday is off, as it is announced."""
    if calendar.is_workday(day):
        return "makeup" if day.weekday() >= SATURDAY else "work"
    return "off" if calendar.name_of(day) else "weekend"


def stretches(days: Iterable[date], calendar: Calendar) -> list[Stretch]:
    """Announced days in order, neighbours of one kind and name together."""
    pictures = [day_picture(day, calendar) for day in days]
    return merged(each for each in pictures if each.kind in {"off", "makeup"})


def merged(days: Iterable[Named]) -> list[Stretch]:
    """Days in order as stretches: neighbours of one kind and name together."""
    found: list[Stretch] = []
    for each in days:
        last = found[-1] if found else None
        if (
            last
            and (last.kind, last.name) == (each.kind, each.name)
            and each.day - last.last == timedelta(days=1)
        ):
            found[-1] = Stretch(last.first, each.day, each.kind, each.name)
        else:
            found.append(Stretch(each.day, each.day, each.kind, each.name))
    return found


def months_between(first: date, last: date, calendar: Calendar) -> list[MonthPicture]:
    """The months from one day to another, either order; the ends are marked. Empty where there are more than six."""
    low, high = sorted((first, last))
    count = (high.year - low.year) * MONTHS + high.month - low.month + 1
    if count > MOST_MONTHS:
        return []
    numbers = [low.year * MONTHS + low.month - 1 + n for n in range(count)]
    ends = frozenset({first, last})
    return [month_picture(number // MONTHS, number % MONTHS + 1, calendar, ends) for number in numbers]


def holidays_of(year: int, calendar: Calendar) -> list[tuple[str, list[Stretch], list[Stretch]]]:
    """Holiday → its days off and its make-up days within the year, in the order of the year."""
    days = [date(year, 1, 1) + timedelta(days=n) for n in range(366 if monthrange(year, 2)[1] == 29 else 365)]
    found: dict[str, tuple[list[Stretch], list[Stretch]]] = {}
    for each in stretches(days, calendar):
        off, work = found.setdefault(each.name, ([], []))
        (off if each.kind == "off" else work).append(each)
    ordered = sorted(found.items(), key=lambda item: (item[1][0] or item[1][1])[0].first)
    return [(name, off, work) for name, (off, work) in ordered]
