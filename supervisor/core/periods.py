"""Reporting periods and their keys (D9): the span of days that a report or a score is about.

Keys sort by time within a kind: `2021-W14` (ISO week, Monday to Sunday), `2021-06-T1` (first ten days,
上旬), `2021-06`, `2021-Q2`, `2021-H1`, `2021`. A fact belongs to the period it is about, never to the one
it was sent in.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum

from supervisor.words import N_, Sentence, say

TEN_DAY_STARTS = (1, 11, 21)
THURSDAY = timedelta(days=3)


class PeriodKind(StrEnum):
    """The spans a report can be about."""

    WEEK = "week"
    TEN_DAY = "ten_day"
    MONTH = "month"
    QUARTER = "quarter"
    HALF_YEAR = "half_year"
    YEAR = "year"

    @property
    def label(self) -> Sentence:
        """The kind's name."""
        return KIND_LABELS[self]


KIND_WEEK_LABEL = N_("Week %(number)s of %(year)s")
TEN_DAY_LABELS = (
    N_("First ten days of %(month)s"),
    N_("Middle ten days of %(month)s"),
    N_("Last ten days of %(month)s"),
)
MONTH_LABELS = (
    N_("January %(year)s"),
    N_("February %(year)s"),
    N_("March %(year)s"),
    N_("April %(year)s"),
    N_("May %(year)s"),
    N_("June %(year)s"),
    N_("July %(year)s"),
    N_("August %(year)s"),
    N_("September %(year)s"),
    N_("October %(year)s"),
    N_("November %(year)s"),
    N_("December %(year)s"),
)
LABELS = {
    PeriodKind.MONTH: MONTH_LABELS,
    PeriodKind.QUARTER: (N_("Q1 %(year)s"), N_("Q2 %(year)s"), N_("Q3 %(year)s"), N_("Q4 %(year)s")),
    PeriodKind.HALF_YEAR: (N_("First half of %(year)s"), N_("Second half of %(year)s")),
    PeriodKind.YEAR: (N_("Year %(year)s"),),
}


def _start_of(kind: PeriodKind, day: date) -> date:
    if kind is PeriodKind.WEEK:
        return day - timedelta(days=day.weekday())
    if kind is PeriodKind.TEN_DAY:
        return day.replace(day=max(start for start in TEN_DAY_STARTS if start <= day.day))
    months = MONTHS_IN[kind]
    return date(day.year, (day.month - 1) // months * months + 1, 1)


def _first_day(kind: PeriodKind, year: int, number: int = 1, month: int = 1) -> date:
    if kind is PeriodKind.WEEK:
        return date.fromisocalendar(year, number, 1)
    if kind is PeriodKind.TEN_DAY:
        return date(year, month, TEN_DAY_STARTS[number - 1])
    return date(year, (number - 1) * MONTHS_IN[kind] + 1, 1)
