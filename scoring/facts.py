"""Facts: who did what, when, how much, and the record it was read from."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from types import MappingProxyType
from typing import Any, TypeAlias

from scoring.numbers import decimal_of, outsize
from scoring.problems import FactsError, Problem

Value: TypeAlias = Decimal | int | str | bool | None

PERIOD_TYPES = (
    ("week", re.compile(r"\d{4}-W\d{2}")),
    ("ten_day", re.compile(r"\d{4}-\d{2}-T[123]")),
    ("month", re.compile(r"\d{4}-\d{2}")),
    ("quarter", re.compile(r"\d{4}-Q[1-4]")),
    ("half_year", re.compile(r"\d{4}-H[12]")),
    ("year", re.compile(r"\d{4}")),
)

# What makes two facts of a kind speak of one thing. Other kinds are events, which may well be alike.
STATES: Mapping[str, tuple[str, ...]] = {
    "task": (),
    "closure": (),
    "quantity": ("measure",),
    "report": ("period",),
}

_FACT_KEYS = frozenset({"kind", "unit", "subject", "values", "record", "note"})
_UNIT_KEYS = frozenset({"id", "name", "group", "order", "outside_ranking"})
_FILE_KEYS = frozenset({"period", "period_type", "supplied", "units", "facts", "about"})


@dataclass(frozen=True)
class ScoredUnit:
    """A unit that is scored.

    Attributes:
        group: assessment group; ranks, bests and quotas live inside a group.
        order: place in the roster; equals are listed in this order.
        outside_ranking: the reason why the unit is shown but not ranked (D17), or None.
    """

    id: str
    name: str
    group: str
    order: int
    outside_ranking: str | None = None


@dataclass(frozen=True)
class Fact:
    """One thing that happened or stands, about one unit.

    Attributes:
        kind: `task`, `closure`, `report`, … or any word of the installation's own.
        subject: the thing it is about (a task, a report, a matter), "" where there is none.
        values: named values; numbers are Decimal or int, never float. None = known to be unknown.
        record: opaque reference to where it was read, such as `report_entry:123`, "" where none is kept.
    """

    kind: str
    unit: str
    subject: str = ""
    values: Mapping[str, Value] = field(default_factory=dict)
    record: str = ""
    note: str = ""

    def value(self, name: str) -> Value:
        """A named value; `subject`, `record` and `note` name the fact's own fields."""
        if name in self.values:
            return self.values[name]
        return {"subject": self.subject, "record": self.record, "note": self.note}.get(name)

    def place(self) -> str:
        """How a person finds this fact again."""
        return " › ".join(part for part in (self.kind, self.unit, self.subject, self.record) if part)


@dataclass(frozen=True)
class Facts:
    """Everything an assessment of one period rests on.

    Attributes:
        period: key such as `2021-Q3`.
        period_type: `quarter`, `month`, … or a type of the rulebook's own (`inspection`).
        supplied: kinds the source can give at all: tells "no such facts exist" from "nothing happened".
    """

    period: str
    period_type: str
    units: tuple[ScoredUnit, ...]
    facts: tuple[Fact, ...]
    supplied: frozenset[str]


def together(groups: Iterable[Sequence[Fact]]) -> tuple[Fact, ...]:
    """The facts of several groups, each once. By identity: facts hold mappings, and equal events are two."""
    return tuple({id(fact): fact for group in groups for fact in group}.values())


def period_type_of(period: str) -> str | None:
    """`2021-Q3` → `quarter`; None where the key has a shape of its own."""
    return next((name for name, shape in PERIOD_TYPES if shape.fullmatch(period)), None)


def months_of(period: str) -> tuple[str, ...]:
    """The month keys inside a quarter, half-year, year or month; empty for other periods."""
    year, kind = period[:4], period_type_of(period)
    if kind == "month":
        return (period,)
    size = {"quarter": 3, "half_year": 6, "year": 12}.get(kind or "")
    if size is None:
        return ()
    first = 1 if kind == "year" else (int(period[-1]) - 1) * size + 1
    return tuple(f"{year}-{month:02d}" for month in range(first, first + size))


def load_facts(data: Mapping[str, Any]) -> Facts:
    """Read a facts document (parsed JSON; `docs/rulebook.md` gives the format).

    Raises:
        FactsError: every problem with its place: floats, unknown units, doubled facts, missing keys.
    """
    problems: list[Problem] = []
    if not isinstance(data, Mapping):
        raise FactsError([Problem("", "the document must be a JSON object")])
    _unknown(data, _FILE_KEYS, "", problems)
    period = _word(data, "period", "", problems, required=True)
    period_type = _word(data, "period_type", "", problems) or period_type_of(period) or ""
    if period and not period_type:
        problems.append(Problem("period_type", f"cannot be told from the period {period!r}: state it"))
    units = _read_units(_list(data, "units", problems), problems)
    facts = _read_facts(_list(data, "facts", problems), units, problems)
    supplied = _list(data, "supplied", problems) if "supplied" in data else []
    if not all(isinstance(kind, str) for kind in supplied):
        problems.append(Problem("supplied", "must be a list of kinds (strings)"))
    if problems:
        raise FactsError(problems)
    kinds = frozenset(str(kind) for kind in supplied) | {fact.kind for fact in facts}
    return Facts(period, period_type, tuple(units), tuple(facts), kinds)


def facts_to_json(facts: Facts) -> dict[str, Any]:
    """The document `load_facts` reads, in one settled order: equal facts give equal bytes."""
    return {
        "period": facts.period,
        "period_type": facts.period_type,
        "supplied": sorted(facts.supplied),
        "units": [
            {
                "id": u.id,
                "name": u.name,
                "group": u.group,
                "order": u.order,
                "outside_ranking": u.outside_ranking,
            }
            for u in sorted(facts.units, key=lambda u: (u.order, u.id))
        ],
        "facts": [_fact_to_json(fact) for fact in in_order(facts.facts)],
    }


def in_order(facts: Sequence[Fact]) -> list[Fact]:
    """Facts in an order that depends on their content alone."""
    alike: dict[tuple[str, str, str, str], list[Fact]] = {}
    for fact in facts:
        alike.setdefault((fact.kind, fact.unit, fact.subject, fact.record), []).append(fact)
    ordered: list[Fact] = []
    for key in sorted(alike):
        same = alike[key]
        if len(same) > 1:  # the whole text is only worked out where the names do not decide
            same.sort(key=lambda fact: canonical(_fact_to_json(fact)))
        ordered.extend(same)
    return ordered


def canonical(obj: object) -> str:
    """JSON text with sorted keys, decimals as strings and no float: what a caller may hash.

    Raises:
        TypeError: a float, or anything else that has no exact text.
    """
    return json.dumps(_plain(obj), sort_keys=True, ensure_ascii=False, separators=(",", ":"))


def _plain(obj: object) -> object:
    if isinstance(obj, Decimal):
        return format(obj, "f")
    if obj is None or isinstance(obj, bool | int | str):
        return obj
    if isinstance(obj, Mapping):
        return {str(key): _plain(value) for key, value in obj.items()}
    if isinstance(obj, list | tuple):
        return [_plain(item) for item in obj]
    raise TypeError(f"{type(obj).__name__} has no exact text: {obj!r}")


def _fact_to_json(fact: Fact) -> dict[str, Any]:
    return {
        "kind": fact.kind,
        "unit": fact.unit,
        "subject": fact.subject,
        "values": {name: _plain(value) for name, value in sorted(fact.values.items())},
        "record": fact.record,
        "note": fact.note,
    }


def _read_units(rows: Sequence[Any], problems: list[Problem]) -> list[ScoredUnit]:
    units: list[ScoredUnit] = []
    seen: set[str] = set()
    for index, row in enumerate(rows):
        place = f"units[{index}]"
        if not isinstance(row, Mapping):
            problems.append(Problem(place, "must be an object"))
            continue
        _unknown(row, _UNIT_KEYS, place, problems)
        order = row.get("order", index + 1)
        if not isinstance(order, int) or isinstance(order, bool):
            problems.append(Problem(f"{place}.order", "must be a whole number"))
            order = index + 1
        unit_id = _word(row, "id", place, problems, required=True)
        unit = ScoredUnit(
            id=unit_id,
            name=_word(row, "name", place, problems) or unit_id,
            group=_word(row, "group", place, problems),
            order=order,
            outside_ranking=_word(row, "outside_ranking", place, problems) or None,
        )
        if unit.id in seen:
            problems.append(Problem(place, f"unit {unit.id!r} is listed twice"))
        seen.add(unit.id)
        units.append(unit)
    return units


def _read_facts(rows: Sequence[Any], units: Sequence[ScoredUnit], problems: list[Problem]) -> list[Fact]:
    known = {unit.id for unit in units}
    facts: list[Fact] = []
    seen: dict[str, int] = {}
    for index, row in enumerate(rows):
        place = f"facts[{index}]"
        if not isinstance(row, Mapping):
            problems.append(Problem(place, "must be an object"))
            continue
        _unknown(row, _FACT_KEYS, place, problems)
        fact = Fact(
            kind=_word(row, "kind", place, problems, required=True),
            unit=_word(row, "unit", place, problems, required=True),
            subject=_word(row, "subject", place, problems),
            values=_read_values(row.get("values", {}), place, problems),
            record=_word(row, "record", place, problems),
            note=_word(row, "note", place, problems),
        )
        if fact.unit and fact.unit not in known:
            problems.append(Problem(place, f"unit {fact.unit!r} is not among the units"))
        identity = _identity(fact)
        if identity is not None and identity in seen:
            problems.append(
                Problem(place, f"says the same thing again as facts[{seen[identity]}] ({fact.place()})")
            )
        elif identity is not None:
            seen[identity] = index
        facts.append(fact)
    return facts


def _identity(fact: Fact) -> str | None:
    if not fact.record and (not fact.subject or fact.kind not in STATES):
        return None
    if fact.kind in STATES:
        about: object = [fact.value(name) for name in STATES[fact.kind]]
    else:
        about = dict(fact.values)
    return canonical([fact.kind, fact.unit, fact.subject, fact.record, about])


def _read_values(values: Any, place: str, problems: list[Problem]) -> Mapping[str, Value]:
    if not isinstance(values, Mapping):
        problems.append(Problem(f"{place}.values", "must be an object of named values"))
        return MappingProxyType({})
    read: dict[str, Value] = {}
    for name, value in values.items():
        where = f"{place}.values.{name}"
        if isinstance(value, float):
            problems.append(
                Problem(where, 'is a binary fraction: give a whole number or a decimal string such as "0.5"')
            )
            continue
        if value is not None and not isinstance(value, Decimal | int | str | bool):
            problems.append(Problem(where, "must be a number, a string, true, false or null"))
            continue
        settled = scalar(value)
        if isinstance(settled, Decimal | int) and not isinstance(settled, bool) and outsize(Decimal(settled)):
            problems.append(
                Problem(where, "is no number this engine counts with (under 10^15, at most 12 decimals)")
            )
            continue
        read[str(name)] = settled
    return MappingProxyType(read)


def scalar(value: Value) -> Value:
    """A decimal string becomes its Decimal; everything else stays what it is."""
    if isinstance(value, str):
        number = decimal_of(value)
        return value if number is None else number
    return value


def _word(
    row: Mapping[str, Any], key: str, place: str, problems: list[Problem], *, required: bool = False
) -> str:
    value = row.get(key)
    where = f"{place}.{key}" if place else key
    if isinstance(value, int) and not isinstance(value, bool):
        value = str(value)  # an id or a year written as a number
    if value is None or value == "":
        if required:
            problems.append(Problem(where, "is missing"))
        return ""
    if not isinstance(value, str):
        problems.append(Problem(where, "must be a string"))
        return ""
    return value


def _list(data: Mapping[str, Any], key: str, problems: list[Problem]) -> Sequence[Any]:
    value = data.get(key)
    if not isinstance(value, list | tuple):
        problems.append(Problem(key, "is missing" if value is None else "must be a list"))
        return ()
    return value


def _unknown(row: Mapping[str, Any], known: frozenset[str], place: str, problems: list[Problem]) -> None:
    problems.extend(
        Problem(f"{place}.{key}" if place else str(key), "is not a key of this format")
        for key in row
        if key not in known
    )
