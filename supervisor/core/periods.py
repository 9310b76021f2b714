"""Reporting periods and their keys (D9): the span of days that a report or a score is about.

Keys sort by time within a kind: `2021-W14` (ISO week, Monday to Sunday), `2021-06-T1` (first ten days,
上旬), `2021-06`, `2021-Q2`, `2021-H1`, `2021`, and `2021-06-15` for what is owed once or on several days of a
period, each for itself. A fact belongs to the period it is about, never to the one it was sent in.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date, timedelta
from enum import StrEnum

from supervisor.words import N_, Sentence, say

TEN_DAY_STARTS = (1, 11, 21)
THURSDAY = timedelta(days=3)


class PeriodKind(StrEnum):
    """The spans a report can be about."""

    DAY = "day"
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


KIND_LABELS = {
    PeriodKind.DAY: N_("Day"),
    PeriodKind.WEEK: N_("Week"),
    PeriodKind.TEN_DAY: N_("Ten days"),
    PeriodKind.MONTH: N_("Month"),
    PeriodKind.QUARTER: N_("Quarter"),
    PeriodKind.HALF_YEAR: N_("Half-year"),
    PeriodKind.YEAR: N_("Year"),
}

MONTHS_IN = {PeriodKind.MONTH: 1, PeriodKind.QUARTER: 3, PeriodKind.HALF_YEAR: 6, PeriodKind.YEAR: 12}

#: Spans that a table of a rulebook may be for, the shortest first; days, weeks and ten days are only reported on.
SCORED = (PeriodKind.MONTH, PeriodKind.QUARTER, PeriodKind.HALF_YEAR, PeriodKind.YEAR)

KEY_SHAPES = {
    PeriodKind.DAY: re.compile(r"(?P<year>\d{4})-(?P<month>\d{2})-(?P<number>\d{2})", re.ASCII),
    PeriodKind.WEEK: re.compile(r"(?P<year>\d{4})-W(?P<number>\d{2})", re.ASCII),
    PeriodKind.TEN_DAY: re.compile(r"(?P<year>\d{4})-(?P<month>\d{2})-T(?P<number>[123])", re.ASCII),
    PeriodKind.MONTH: re.compile(r"(?P<year>\d{4})-(?P<number>\d{2})", re.ASCII),
    PeriodKind.QUARTER: re.compile(r"(?P<year>\d{4})-Q(?P<number>[1-4])", re.ASCII),
    PeriodKind.HALF_YEAR: re.compile(r"(?P<year>\d{4})-H(?P<number>[12])", re.ASCII),
    PeriodKind.YEAR: re.compile(r"(?P<year>\d{4})", re.ASCII),
}


@dataclass(frozen=True)
class Period:
    """A kind of span and its first day; ValueError where no such span starts on that day.

    `own_type`: a rulebook's own word for an assessment of a whole year (year_end); else empty. Its key, 2021-year_end,
    is read by `scored_periods`.
    """

    kind: PeriodKind
    start: date
    own_type: str = ""

    def __post_init__(self) -> None:
        if _start_of(self.kind, self.start) != self.start:
            raise ValueError(f"no {self.kind.value} starts on {self.start}")

    @classmethod
    def parse(cls, key: str) -> Period:
        """The period of a key as written by `key`; ValueError, naming the key, for anything else."""
        for kind, shape in KEY_SHAPES.items():
            found = shape.fullmatch(key)
            if found is None:
                continue
            parts = {name: int(digits) for name, digits in found.groupdict().items()}
            try:
                return cls(kind, _first_day(kind, **parts))
            except ValueError as error:
                raise ValueError(f"there is no period {key!r}") from error
        raise ValueError(f"not the key of a period: {key!r}")

    @property
    def end(self) -> date:
        """The last day, included."""
        if self.kind is PeriodKind.DAY:
            return self.start
        if self.kind is PeriodKind.WEEK:
            return self.start + timedelta(days=6)
        if self.kind is PeriodKind.TEN_DAY and self.start.day < TEN_DAY_STARTS[-1]:
            return self.start + timedelta(days=9)
        months = MONTHS_IN.get(self.kind, 1)
        return last_of_month(self.start.year, self.start.month + months - 1)

    @property
    def year(self) -> int:
        """The year of the key; for a week the ISO year, which is that of its Thursday."""
        return self.start.isocalendar().year if self.kind is PeriodKind.WEEK else self.start.year

    @property
    def number(self) -> int:
        """Which week, month, quarter or half of its year, which day or ten days of its month; 1 for a year."""
        if self.kind is PeriodKind.WEEK:
            return self.start.isocalendar().week
        if self.kind is PeriodKind.DAY:
            return self.start.day
        if self.kind is PeriodKind.TEN_DAY:
            return self.start.day // 10 + 1
        return (self.start.month - 1) // MONTHS_IN[self.kind] + 1

    @property
    def type(self) -> str:
        """The word by which a rulebook's tables name it: quarter, year, year_end."""
        return self.own_type or self.kind.value

    @property
    def key(self) -> str:
        """The stored form; `parse` is its inverse."""
        year = f"{self.year:04}"
        if self.own_type:
            return f"{year}-{self.own_type}"
        return {
            PeriodKind.DAY: f"{year}-{self.start.month:02}-{self.start.day:02}",
            PeriodKind.WEEK: f"{year}-W{self.number:02}",
            PeriodKind.TEN_DAY: f"{year}-{self.start.month:02}-T{self.number}",
            PeriodKind.MONTH: f"{year}-{self.number:02}",
            PeriodKind.QUARTER: f"{year}-Q{self.number}",
            PeriodKind.HALF_YEAR: f"{year}-H{self.number}",
            PeriodKind.YEAR: year,
        }[self.kind]

    def contains(self, day: date) -> bool:
        """Whether `day` lies in the period, both ends included."""
        return self.start <= day <= self.end

    def previous(self) -> Period:
        """The period of the same kind just before."""
        return replace(period_of(self.kind, self.start - timedelta(days=1)), own_type=self.own_type)

    def next(self) -> Period:
        """The period of the same kind just after."""
        return replace(period_of(self.kind, self.end + timedelta(days=1)), own_type=self.own_type)

    @property
    def label(self) -> Sentence:
        """The period's name for a reader: "June 2021", 2021年6月."""
        year = {"year": self.year}
        if self.own_type:
            return N_("%(type)s of %(year)s", type=type_label(self.own_type), year=self.year)
        if self.kind is PeriodKind.DAY:
            return Sentence(DAY_LABELS[self.start.month - 1].msgid, year | {"day": self.number})
        if self.kind is PeriodKind.WEEK:
            return Sentence(WEEK_LABEL.msgid, year | {"number": self.number})
        if self.kind is PeriodKind.TEN_DAY:
            month = Sentence(MONTH_LABELS[self.start.month - 1].msgid, year)
            return Sentence(TEN_DAY_LABELS[self.number - 1].msgid, {"month": month})
        return Sentence(LABELS[self.kind][self.number - 1].msgid, year)

    @property
    def official_name(self) -> str:
        """The Chinese name as official documents print it: 2021年第二季度, 2021年上半年, 2021年6月上旬."""
        return say(self.label, "zh_CN")

    def __str__(self) -> str:
        return self.key


def period_of(kind: PeriodKind, day: date) -> Period:
    """The period of this kind that `day` lies in."""
    return Period(kind, _start_of(kind, day))


def periods_between(kind: PeriodKind, first: date, last: date) -> Iterator[Period]:
    """The periods of this kind from the one of `first` to the one of `last`, in order; none if reversed."""
    if last < first:
        return
    period = period_of(kind, first)
    while period.start <= last:
        yield period
        period = period.next()


def quarter_of(period: Period) -> Period:
    """The quarter whose score counts this period's facts.

    A week belongs to the quarter of its Thursday (D9). ValueError for a half-year or a year, which no
    quarter holds.
    """
    if period.kind in {PeriodKind.HALF_YEAR, PeriodKind.YEAR}:
        raise ValueError(f"{period.key} is longer than a quarter")
    anchor = period.start + THURSDAY if period.kind is PeriodKind.WEEK else period.start
    return period_of(PeriodKind.QUARTER, anchor)


def last_month_of(period: Period) -> Period:
    """The month whose figures count this period's facts: the one in which it ends, for a week that of its Thursday."""
    day = period.start + THURSDAY if period.kind is PeriodKind.WEEK else period.end
    return period_of(PeriodKind.MONTH, day)


def months_of(period: Period) -> tuple[Period, ...]:
    """The months of a quarter, half-year or year, in order; ValueError for a shorter period but a month."""
    if period.kind not in MONTHS_IN:
        raise ValueError(f"{period.key} is not made of whole months")
    return tuple(periods_between(PeriodKind.MONTH, period.start, period.end))


def weeks_of(quarter: Period) -> tuple[Period, ...]:
    """The weeks that belong to this quarter (those with their Thursday in it), in order."""
    weeks = periods_between(PeriodKind.WEEK, quarter.start, quarter.end)
    return tuple(week for week in weeks if quarter_of(week) == quarter)


def last_of_month(year: int, month: int) -> date:
    """The last day of a month; months above 12 run into the next years."""
    year, month = year + month // 12, month % 12  # now month counts from 0 and names the one after
    if year > date.max.year:
        return date.max
    return date(year, month + 1, 1) - timedelta(days=1)


DAY_LABELS = (
    N_("%(day)s Jan %(year)s"),
    N_("%(day)s Feb %(year)s"),
    N_("%(day)s Mar %(year)s"),
    N_("%(day)s Apr %(year)s"),
    N_("%(day)s May %(year)s"),
    N_("%(day)s Jun %(year)s"),
    N_("%(day)s Jul %(year)s"),
    N_("%(day)s Aug %(year)s"),
    N_("%(day)s Sep %(year)s"),
    N_("%(day)s Oct %(year)s"),
    N_("%(day)s Nov %(year)s"),
    N_("%(day)s Dec %(year)s"),
)
WEEK_LABEL = N_("Week %(number)s of %(year)s")
TEN_DAY_LABELS = (
    N_("First ten days of %(month)s"),
    N_("Middle ten days of %(month)s"),
    N_("Last ten days of %(month)s"),
)
MONTH_NAMES = (
    N_("Jan"), N_("Feb"), N_("Mar"), N_("Apr"), N_("May"), N_("Jun"), N_("Jul"), N_("Aug"), N_("Sep"), N_("Oct"),
    N_("Nov"), N_("Dec"),
)  # fmt: skip
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


OWN_LABELS = {
    "year_end": N_("Year-end assessment"),
    "annual_summary": N_("Annual summary"),
    "annual_assessment": N_("Annual assessment"),
    "regular_assessment": N_("Regular assessment"),
    "site_viewing": N_("Site viewing"),
}


def type_label(type_: str) -> Sentence:
    """The name of a type of periods: of a span, or of a rulebook's own (its word where it has no other name)."""
    if type_ in set(PeriodKind):
        return KIND_LABELS[PeriodKind(type_)]
    return OWN_LABELS.get(type_) or N_("%(value)s", value=type_)


def _start_of(kind: PeriodKind, day: date) -> date:
    if kind is PeriodKind.DAY:
        return day
    if kind is PeriodKind.WEEK:
        return day - timedelta(days=day.weekday())
    if kind is PeriodKind.TEN_DAY:
        return day.replace(day=max(start for start in TEN_DAY_STARTS if start <= day.day))
    months = MONTHS_IN[kind]
    return date(day.year, (day.month - 1) // months * months + 1, 1)


def _first_day(kind: PeriodKind, year: int, number: int = 1, month: int = 1) -> date:
    if kind is PeriodKind.DAY:
        return date(year, month, number)
    if kind is PeriodKind.WEEK:
        return date.fromisocalendar(year, number, 1)
    if kind is PeriodKind.TEN_DAY:
        return date(year, month, TEN_DAY_STARTS[number - 1])
    return date(year, (number - 1) * MONTHS_IN[kind] + 1, 1)
