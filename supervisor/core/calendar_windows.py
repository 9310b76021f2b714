"""The days that a calendar page shows at once: a month in whole weeks, a week, or a month as a list."""

from __future__ import annotations

import enum
from dataclasses import dataclass
from datetime import date, timedelta

from supervisor.core.periods import last_of_month
from supervisor.words import N_, Sentence

WEEK = timedelta(days=7)
#: Years that a page goes to; beyond them an address is somebody's typing.
FIRST_DAY, LAST_DAY = date(2000, 1, 1), date(2100, 12, 31)


class View(enum.StrEnum):
    """How the days are shown."""

    MONTH = "month"
    WEEK = "week"
    LIST = "list"

    @property
    def label(self) -> Sentence:
        """The view in words."""
        return VIEW_LABELS[self]


VIEW_LABELS = {View.MONTH: N_("Month"), View.WEEK: N_("Week"), View.LIST: N_("List")}


@dataclass(frozen=True)
class Window:
    """First and last day shown, and the days by which one goes back and on."""

    view: View
    day: date
    first: date
    last: date
    previous: date
    following: date

    @property
    def weeks(self) -> list[list[date]]:
        """The days in rows of seven, for month and week."""
        days = [self.first + timedelta(days=n) for n in range((self.last - self.first).days + 1)]
        return [days[start : start + 7] for start in range(0, len(days), 7)]


def window(view: str, day: str, today: date) -> Window:
    """The window that an address asks for; what it does not spell right is the month of today."""
    shown = next((each for each in View if each.value == view), View.MONTH)
    try:
        at = min(max(date.fromisoformat(day), FIRST_DAY), LAST_DAY)
    except ValueError:
        at = today
    monday = at - timedelta(days=at.weekday())
    if shown is View.WEEK:
        return Window(shown, at, monday, monday + timedelta(days=6), at - WEEK, at + WEEK)
    start, end = at.replace(day=1), last_of_month(at.year, at.month)
    previous, following = (start - timedelta(days=1)).replace(day=1), end + timedelta(days=1)
    if shown is View.LIST:
        return Window(shown, at, start, end, previous, following)
    first = start - timedelta(days=start.weekday())
    return Window(shown, at, first, end + timedelta(days=6 - end.weekday()), previous, following)
