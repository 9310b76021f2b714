"""Periods that are scored: the spans and own types for which a rulebook has tables, and what rests on what.

Months, quarters, half-years and years are spans; a rulebook may name types of its own besides (`year_end`), which
stand once a year under a key such as 2021-year_end. A period whose table asks for scores of others rests on these
as its parts.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator
from datetime import date
from functools import lru_cache

from scoring import RulebookError, load_rulebook
from scoring.parts import PART_FACTS
from supervisor.core.periods import MONTHS_IN, SCORED, Period, PeriodKind, periods_between
from supervisor.errors import NotFound

OWN_TYPE = re.compile(r"(?P<year>\d{4})-(?P<type>[a-z][a-z0-9_]{2,29})", re.ASCII)
#: What is scored where no rulebook says otherwise, and what a table is for that names no type.
USUAL = PeriodKind.QUARTER.value
_SPANS = {kind.value: kind for kind in SCORED}


def scored_period(key: str) -> Period:
    """The period of a key from an address. NotFound for anything that no table of a rulebook can be for."""
    own = OWN_TYPE.fullmatch(key)
    try:
        if own is not None and own["type"] not in {kind.value for kind in PeriodKind}:
            return Period(PeriodKind.YEAR, date(int(own["year"]), 1, 1), own["type"])
        period = Period.parse(key)
    except ValueError:
        raise NotFound from None
    if period.kind not in SCORED:
        raise NotFound
    return period


@lru_cache(maxsize=64)
def types_of(text: str) -> tuple[str, ...]:
    """Types of periods that a rulebook (TOML) scores, the shortest span first, its own types last.

    Without a usable text the usual one. Weeks and ten days have tables in some rulebooks; they are not scored here.
    """
    try:
        tables = load_rulebook(text).tables if text else ()
    except RulebookError:
        tables = ()
    named = dict.fromkeys(table.period or USUAL for table in tables)
    spans = [kind.value for kind in SCORED if kind.value in named]
    own = [one for one in named if one not in {kind.value for kind in PeriodKind}]
    return (*spans, *own) or (USUAL,)


def length_of(type_: str) -> int:
    """Months that a period of the type spans; a type of the rulebook's own stands for its year."""
    return MONTHS_IN[_SPANS.get(type_, PeriodKind.YEAR)]


def is_shortest(text: str, type_: str) -> bool:
    """Whether events count in periods of this type: no shorter one is scored, in which they counted already."""
    types = types_of(text)
    return type_ == types[0] or type_ not in types


def periods_of_type(type_: str, first: date, last: date) -> Iterator[Period]:
    """The periods of a type from the one of `first` to the one of `last`, in order."""
    kind = _SPANS.get(type_)
    if kind is not None:
        yield from periods_between(kind, first, last)
        return
    for year in periods_between(PeriodKind.YEAR, first, last):
        yield Period(PeriodKind.YEAR, year.start, type_)


@lru_cache(maxsize=256)
def part_types(text: str, type_: str) -> tuple[str, ...]:
    """Types of periods whose scores the tables of a type ask for (facts `period_score`), in the rulebook's order.

    A part is a shorter span; a rulebook's own type can be a part of the year alone.
    """
    try:
        tables = tomllib.loads(text).get("table", []) if text else []
    except tomllib.TOMLDecodeError:
        return ()
    asked: dict[str, None] = {}
    for table in tables:
        if table.get("period", type_) == type_:
            for wanted in _asked(table.get("indicator", []), None):
                asked |= dict.fromkeys(types_of(text) if wanted is None else wanted)
    return tuple(one for one in types_of(text) if one in asked and _can_be_part(one, type_))


def _can_be_part(part: str, whole: str) -> bool:
    if part not in _SPANS:
        return whole == PeriodKind.YEAR.value
    return length_of(part) < length_of(whole)


def _asked(node: object, where: object) -> Iterator[list[str] | None]:
    """The types named by each place of a rule that asks for scores of periods; None = any."""
    if isinstance(node, list):
        for inner in node:
            yield from _asked(inner, where)
    elif isinstance(node, dict):
        where = node.get("where", where)
        if node.get("facts") == PART_FACTS:
            yield _named(where.get("type") if isinstance(where, dict) else None)
        for inner in node.values():
            yield from _asked(inner, where)


def _named(test: object) -> list[str] | None:
    if isinstance(test, dict):
        test = test.get("in")
    if isinstance(test, str):
        return [test]
    return [str(one) for one in test] if isinstance(test, list) else None
