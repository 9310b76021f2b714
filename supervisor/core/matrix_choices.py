"""What a matrix of units and periods is asked to show: rule or kind of rules, year, group; and the columns that gives.

One rule has its own periods as columns. All rules of a kind share them: what is shorter than a month stands in its
month (a week in that of its Thursday, D9), what is longer in a column of its own. Whatever would be too wide for a
page is shown a quarter at a time.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date

from peewee import fn

from supervisor.core.owed_periods import periods_of
from supervisor.core.periods import (
    MONTH_NAMES,
    MONTHS_IN,
    Period,
    PeriodKind,
    last_month_of,
    period_of,
    quarter_of,
)
from supervisor.core.report_cells import Cell
from supervisor.models import Obligation, ReportingRule, RuleKind, UnitGroup
from supervisor.models.base import rows_of
from supervisor.words import N_, Sentence

#: The choice beside kinds and rules: every rule.
ALL = "all"
#: Columns that still stand beside each other: twelve months, quarters, halves and the year.
WIDEST = 19


@dataclass(frozen=True)
class Wanted:
    """What an address asks for. `of`: `all`, a kind of rules or a rule's number; 0 and "" = not said."""

    of: str = ""
    year: int = 0
    quarter: int = 0
    group_id: int = 0
    only: Cell | None = None
    #: Sort and number of the unit behind which the page begins.
    after: tuple[int, int] | None = None

    @classmethod
    def read(cls, args: Mapping[str, str]) -> Wanted:
        """What an address asks for; what it does not know is left out, never an error."""
        sort, dash, key = args.get("after", "").partition("-")
        return cls(
            of=args.get("of", ""),
            year=_whole(args.get("year", "")),
            quarter=_whole(args.get("quarter", "")) if args.get("quarter") in {"1", "2", "3", "4"} else 0,
            group_id=_whole(args.get("group", "")),
            only=next((cell for cell in Cell if cell.value == args.get("only")), None),
            after=(_whole(sort), _whole(key)) if dash else None,
        )


def _whole(text: str) -> int:
    return int(text) if text.isascii() and text.isdigit() and len(text) < 10 else 0


@dataclass(frozen=True)
class RuleChoice:
    """A rule that has been asked for, with the first and last period that it is owed for."""

    id: int
    name: str
    kind: RuleKind
    minimum: int
    first: str
    last: str


@dataclass(frozen=True)
class Column:
    """One column: its key in addresses, its short and full name, and the periods that stand in it."""

    key: str
    short: Sentence
    label: Sentence
    periods: tuple[str, ...]


@dataclass(frozen=True)
class Choices:
    """What was chosen and what may be chosen instead."""

    wanted: Wanted
    rules: Sequence[RuleChoice]
    #: The rules shown.
    shown: Sequence[RuleChoice]
    years: Sequence[int]
    #: Quarters of the year to choose from; none where the whole year is shown.
    quarters: Sequence[int]
    groups: Sequence[tuple[int, str]]
    columns: Sequence[Column]
    #: Period → key of its column.
    column_of: Mapping[str, str] = field(init=False)

    def __post_init__(self) -> None:
        found = {period: column.key for column in self.columns for period in column.periods}
        object.__setattr__(self, "column_of", found)

    @property
    def kinds(self) -> list[RuleKind]:
        """Kinds of which there are several rules."""
        return [kind for kind in RuleKind if sum(rule.kind is kind for rule in self.rules) > 1]

    @property
    def title(self) -> Sentence:
        """What is shown, in words."""
        if len(self.shown) == 1:
            return Sentence("%(name)s", {"name": self.shown[0].name})
        if self.wanted.of not in set(RuleKind):
            return N_("Everything that is asked for")
        return N_("All rules: %(kind)s", kind=RuleKind(self.wanted.of).label)


def choose(programme_id: int, wanted: Wanted, today: date) -> Choices:
    """What a page shows: what was asked for where there is such, else progress reports of the present year."""
    rules = _rules(programme_id)
    wanted = replace(wanted, of=_known(wanted.of, rules))
    shown = [rule for rule in rules if wanted.of in {ALL, rule.kind.value, str(rule.id)}]
    years, quarters = _years(shown), list[int]()
    wanted = replace(wanted, year=_year(wanted.year, years, today))
    periods = periods_of([rule.id for rule in shown], wanted.year) if shown else []
    columns: Sequence[Column] = columns_of(periods, mixed=len(shown) > 1)
    quarter, quarters, columns = _narrow(columns, wanted.quarter, wanted.year, today)
    wanted = replace(wanted, quarter=quarter)
    groups = UnitGroup.select(UnitGroup.id, UnitGroup.name).where(UnitGroup.programme == programme_id)
    names = rows_of(groups.order_by(UnitGroup.kind, UnitGroup.sort, UnitGroup.id))
    return Choices(wanted, rules, shown, years[::-1], quarters, [(key, name) for key, name in names], columns)


def _year(asked: int, years: Sequence[int], today: date) -> int:
    """The year asked for, else the present one; until February last year's, which is still being reported on."""
    if asked in years:
        return asked
    usual = period_of(PeriodKind.MONTH, today).previous().year
    return max((year for year in years if year <= usual), default=min(years, default=0))


def _rules(programme_id: int) -> list[RuleChoice]:
    owed = Obligation.select().where(Obligation.rule == ReportingRule.id)
    query = (
        ReportingRule.select(
            ReportingRule.id, ReportingRule.name, ReportingRule.kind, ReportingRule.minimum,
            owed.select(fn.MIN(Obligation.period)).alias("first"), owed.select(fn.MAX(Obligation.period)).alias("last"),
        )
        .where(ReportingRule.programme == programme_id)
        .order_by(ReportingRule.id)
    )  # fmt: skip
    return [RuleChoice(*row) for row in rows_of(query) if row[-1]]


def _known(of: str, rules: Sequence[RuleChoice]) -> str:
    kinds = [rule.kind.value for rule in rules]
    known = {
        *kinds,
        *(str(rule.id) for rule in rules),
        *([ALL] if rules else []),
    }
    if of in known:
        return of
    return next((kind.value for kind in RuleKind if kind.value in kinds), "")


def _years(rules: Iterable[RuleChoice]) -> list[int]:
    found: set[int] = set()
    for rule in rules:
        found |= set(range(int(rule.first[:4]), int(rule.last[:4]) + 1))
    return sorted(found)


def columns_of(periods: Iterable[Period], *, mixed: bool) -> list[Column]:
    """Periods as columns, by their ends; where rhythms are mixed, what is shorter than a month in its month."""
    gathered: dict[Period, list[Period]] = {}
    for period in sorted(periods, key=lambda one: (one.start, one.end)):
        shared = last_month_of(period) if mixed and period.kind not in MONTHS_IN else period
        gathered.setdefault(shared, []).append(period)
    return [
        Column(one.key, short_name(one), one.label, tuple(period.key for period in gathered[one]))
        for one in sorted(gathered, key=lambda one: (one.end, -one.start.toordinal()))
    ]


def _narrow(
    columns: Sequence[Column], quarter: int, year: int, today: date
) -> tuple[int, list[int], Sequence[Column]]:
    """The quarter shown, the quarters to choose from, and its columns; all columns where they find room."""
    if len(columns) <= WIDEST:
        return 0, [], columns
    by_quarter: dict[int, list[Column]] = {}
    for column in columns:
        by_quarter.setdefault(_quarter_number(Period.parse(column.key)), []).append(column)
    if quarter not in by_quarter:
        begun = [
            one for one in by_quarter if Period(PeriodKind.QUARTER, date(year, one * 3 - 2, 1)).start <= today
        ]
        quarter = max(begun, default=min(by_quarter))
    return quarter, sorted(by_quarter), by_quarter[quarter]


def _quarter_number(period: Period) -> int:
    """The quarter in which a period stands; for half-years and years the one in which they end."""
    if period.kind in {PeriodKind.HALF_YEAR, PeriodKind.YEAR}:
        return period_of(PeriodKind.QUARTER, period.end).number
    return quarter_of(period).number


def short_name(period: Period) -> Sentence:
    """The name of a column under its year: Jun, W14, 6-10."""
    day = period.start
    if period.kind is PeriodKind.DAY:
        return Sentence(f"{day.month}-{day.day}")
    if period.kind is PeriodKind.TEN_DAY:
        first = N_("%(month)s, 1st ten", month=day.month)
        return (first, N_("%(month)s, 2nd ten", month=day.month), N_("%(month)s, 3rd ten", month=day.month))[
            period.number - 1
        ]
    if period.kind is PeriodKind.WEEK:
        return N_("W%(n)s", n=period.number)
    if period.kind is PeriodKind.MONTH:
        return MONTH_NAMES[day.month - 1]
    if period.kind is PeriodKind.YEAR:
        return N_("Whole year")
    return QUARTERS[period.number - 1] if period.kind is PeriodKind.QUARTER else HALVES[period.number - 1]


QUARTERS = (N_("Q1"), N_("Q2"), N_("Q3"), N_("Q4"))
HALVES = (N_("H1"), N_("H2"))
