"""Tables of indicators: what is scored in a period type for some groups, and how."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

from scoring.case import Method, Population
from scoring.cases import Times, read_times
from scoring.events import About, Condition, EventRule, read_condition, read_event_rules
from scoring.measure import Measure
from scoring.methods import read_method
from scoring.numbers import CENT, HUNDRED, ONE, ZERO
from scoring.problems import Path, Problem
from scoring.reading import Reader
from scoring.select import read_where

NA_TREATMENTS = ("rescale", "full", "zero", "group_mean", "unranked")


@dataclass(frozen=True)
class Few:
    """Where a unit has fewer than `below` of these facts, its deductions are multiplied by `factor`."""

    condition: Condition
    below: Decimal
    factor: Decimal


@dataclass(frozen=True)
class Indicator:
    """One indicator (考核指标) of a table.

    Attributes:
        weight: full points.
        na: what happens to the weight where the indicator does not apply.
        floor, ceiling: limits of its points after deductions and additions.
        deduct, add: points for events on top of the method.
        heaviest_per: of deductions about the same thing only the heaviest counts.
        zero_if: conditions that take all points.
        few: multiplies deductions of a unit with few items.
        times: factors on the points of the method, before additions and deductions.
    """

    key: str
    title: str
    weight: Decimal
    method_name: str
    method: Method
    title_en: str
    section: str
    clause: str
    nature: str
    assessor: str
    rule: str
    rule_en: str
    na: str
    floor: Decimal
    ceiling: Decimal
    deduct: tuple[EventRule, ...]
    add: tuple[EventRule, ...]
    heaviest_per: tuple[str, ...]
    zero_if: tuple[Condition, ...]
    few: Few | None
    times: tuple[Times, ...] = ()

    @property
    def aspect(self) -> str:
        """`ratio`, `absolute`, `both` or `other`."""
        return self.method.aspect()


@dataclass(frozen=True)
class Table:
    """The indicators of one period type for some groups.

    Attributes:
        groups: empty = every group that no other table names.
        total: what the weights sum to.
        scale_to: what full points become in the score (120 points 换算成百分制: 100).
    """

    period: str
    groups: tuple[str, ...]
    title: str
    title_en: str
    total: Decimal
    scale_to: Decimal
    indicators: tuple[Indicator, ...]


def read_table(row: Reader) -> Table:
    """A `[[table]]` with its indicators; the weights must sum to its total."""
    period, groups = row.text("period"), row.words("groups")
    row.place = f"table {'/'.join([period or 'any', *groups])}"
    total = row.number("total", HUNDRED, low=ONE)
    table = Table(
        period=period,
        groups=groups,
        title=row.text("title"),
        title_en=row.text("title_en"),
        total=total,
        scale_to=row.number("scale_to", total, low=ONE),
        indicators=tuple(_read_indicator(item) for item in row.children("indicator", required=True)),
    )
    weights = sum((indicator.weight for indicator in table.indicators), ZERO)
    if weights != total:
        row.complain("", f"the weights sum to {weights}, not to {total}")
    keys = [indicator.key for indicator in table.indicators]
    for key in sorted({key for key in keys if keys.count(key) > 1}):
        last = len(keys) - 1 - keys[::-1].index(key)
        row.complain(f"indicator {key}", "is counted twice in this table", ("indicator", last, "key"))
    row.done()
    return table


def _read_indicator(row: Reader) -> Indicator:
    weight = row.number("weight", required=True, low=ZERO)
    if weight != weight.quantize(CENT) or weight == ZERO:
        row.complain("weight", f"is {weight}: it must be more than 0 with at most two decimals")
    method_name = row.text("method", required=True)
    method = read_method(row, method_name, weight)
    base = getattr(method, "base", weight)
    about = _about(method)
    indicator = Indicator(
        key=row.text("key", required=True),
        title=row.text("title", required=True),
        weight=weight,
        method_name=method_name,
        method=method,
        title_en=row.text("title_en"),
        section=row.text("section"),
        clause=row.text("clause"),
        nature=row.text("nature", choices=("", "quantitative", "qualitative")),
        assessor=row.text("assessor"),
        rule=row.text("rule") or method.words()[0],
        rule_en=row.text("rule_en") or method.words()[1],
        na=row.text("na", "rescale", choices=NA_TREATMENTS),
        floor=row.number("floor", ZERO),
        ceiling=row.number("ceiling", max(weight, base + getattr(method, "reward_max", ZERO))),
        deduct=read_event_rules(row, "deduct", about),
        add=read_event_rules(row, "add", about, side="above"),
        heaviest_per=row.words("heaviest_per"),
        zero_if=read_conditions(row, "zero_if"),
        few=_read_few(row),
        times=read_times(row),
    )
    if indicator.floor > indicator.ceiling:
        row.complain("floor", "is above ceiling")
    row.done()
    return indicator


def _about(method: Method) -> About:
    """The facts of a method: its population's or its measure's; methods of several measures have none."""
    basis = getattr(method, "population", None) or getattr(method, "measure", None)
    return About(basis.facts, basis.where) if isinstance(basis, Population | Measure) else About()


def _read_few(row: Reader) -> Few | None:
    few = row.child("few")
    if few is None:
        return None
    read = Few(
        Condition(few.text("facts", required=True), read_where(few)),
        few.number("below", required=True, low=ONE),
        few.number("factor", required=True, low=ONE),
    )
    few.done()
    return read


def read_conditions(row: Reader, key: str) -> tuple[Condition, ...]:
    """The conditions `[[….key]]`; any one of them is enough."""
    conditions = []
    for item in row.children(key):
        conditions.append(read_condition(item))
        item.done()
    return tuple(conditions)


def check_tables(root: Reader, tables: Sequence[Table], warnings: list[Problem]) -> None:
    """What only shows when the tables are seen together."""
    claimed: dict[tuple[str, str], int] = {}
    where: dict[tuple[str, str], Table] = {}
    last: dict[tuple[str, str], int] = {}
    for number, table in enumerate(tables):
        for group in table.groups or ("",):
            last[table.period, group] = number
            claimed[table.period, group] = claimed.get((table.period, group), 0) + 1
        for place, indicator in enumerate(table.indicators):
            for group in table.groups or ("",):
                other = where.setdefault((indicator.key, group), table)
                if other.period != table.period:
                    root.complain(
                        f"table {table.period} › indicator {indicator.key}",
                        f"is counted twice in a year: it also stands in the table of {other.period or 'any'}",
                        ("table", number, "indicator", place, "key"),
                    )
        _warn_of_one_sidedness(table, warnings, ("table", number))
    for (period, group), times in claimed.items():
        if times > 1:
            root.complain(
                f"table {period or 'any'}",
                f"{times} tables hold for {group or 'all other groups'}",
                ("table", last[period, group]),
            )


def _warn_of_one_sidedness(table: Table, warnings: list[Problem], path: Path) -> None:
    """数量与占比并重: a table with proportions only, or with absolute numbers only, is worth a second look."""
    aspects = {indicator.aspect for indicator in table.indicators}
    place = f"table {'/'.join([table.period or 'any', *table.groups])}"
    if "ratio" in aspects and not aspects & {"absolute", "both"}:
        warnings.append(Problem(place, "scores proportions only: small units find 100 % easy", path))
    elif "absolute" in aspects and not aspects & {"ratio", "both"}:
        warnings.append(Problem(place, "scores absolute numbers only: large units lead by size", path))
