"""What the page of a draft shows: its parts as they read, the running sum of each table, indicators to begin from."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from functools import lru_cache
from typing import Any

from scoring import preset_text
from scoring.reading import as_number
from supervisor.core import rulebooks
from supervisor.core.rulebook_conditions import said, table_in, tables_in
from supervisor.core.rulebook_parts import Part, head_of, part_at
from supervisor.core.rulebook_problems import Check, table_words
from supervisor.core.rulebook_reads import indicator_words, reads, table_head_words
from supervisor.core.rulebook_text import Document, document_of
from supervisor.core.rulebook_words import Words, number_words
from supervisor.errors import NotFound
from supervisor.words import N_, Sentence

HUNDRED = Decimal(100)


@dataclass(frozen=True)
class Sum:
    """The weights of a table against what they are to make together."""

    weight: Decimal
    total: Decimal

    @property
    def plain(self) -> str:
        """The sum as a number."""
        return _plain(self.weight)

    @property
    def words(self) -> Sentence:
        """The running sum, and what is missing or too much."""
        fill = {
            "weight": _plain(self.weight),
            "total": _plain(self.total),
            "rest": _plain(abs(self.total - self.weight)),
        }
        if self.weight == self.total:
            return Sentence(N_("%(weight)s of %(total)s: complete").msgid, fill)
        if self.weight < self.total:
            return Sentence(N_("%(weight)s of %(total)s: %(rest)s missing").msgid, fill)
        return Sentence(N_("%(weight)s of %(total)s: %(rest)s too much").msgid, fill)

    @property
    def is_right(self) -> bool:
        """Whether they make exactly the total."""
        return self.weight == self.total


@dataclass(frozen=True)
class IndicatorRow:
    """An indicator in its table."""

    at: str
    title: str
    section: str
    weight: str
    rules: tuple[Words, ...]
    problems: int


@dataclass(frozen=True)
class TableView:
    """A table of indicators."""

    number: int
    at: str
    title: Words
    head: Words
    rows: tuple[IndicatorRow, ...]
    sum: Sum
    problems: int


@dataclass(frozen=True)
class PartView:
    """A part that is no table, as it reads."""

    at: str
    lines: tuple[Words, ...] = ()
    problems: int = 0


@dataclass(frozen=True)
class DraftView:
    """A draft as its page shows it."""

    tables: tuple[TableView, ...]
    parts: Mapping[str, PartView] = field(default_factory=dict)


def view(document: Document, check: Check) -> DraftView:
    """The whole draft."""
    count = {at: sum(one.at == at for one in check.problems) for at in {one.at for one in check.problems}}
    parts = {
        at: PartView(
            at,
            tuple(reads(part_at(document, at), tables_in(document, "tier")))
            if document.get(at) or at in _ALWAYS
            else (),
            count.get(at, 0),
        )
        for at in ("rulebook", "ranking", "tier", "bonus", "penalty", "veto")
    }
    tables = tuple(_table(table, number, count) for number, table in enumerate(tables_in(document, "table")))
    return DraftView(tables, parts)


_ALWAYS = frozenset({"rulebook", "ranking"})


def _table(table: Mapping[str, Any], number: int, count: Mapping[str, int]) -> TableView:
    at = f"table.{number}"
    rows = []
    for index, one in enumerate(tables_in(table, "indicator")):
        place = f"{at}.indicator.{index}"
        weight = number_words(one.get("weight"))
        rules = tuple(indicator_words(one)[:-1])
        rows.append(
            IndicatorRow(
                place,
                said(one.get("title") or ""),
                said(one.get("section") or ""),
                weight,
                rules,
                count.get(place, 0),
            )
        )
    return TableView(
        number,
        at,
        table_words(table),
        table_head_words(head_of(table)),
        tuple(rows),
        sum_of(table),
        count.get(at, 0),
    )


def sum_of(table: Mapping[str, Any]) -> Sum:
    """The running sum of a table; what is no number counts as 0."""
    weights = (as_number(one.get("weight")) for one in tables_in(table, "indicator"))
    total = as_number(table.get("total", HUNDRED))
    return Sum(
        sum((one for one in weights if one is not None and one.is_finite()), Decimal(0)),
        HUNDRED if total is None else total,
    )


def sum_around(document: Mapping[str, Any], part: Part) -> Sum | None:
    """The running sum of the table that an indicator stands in, with the indicator as it now is on the form."""
    if part.shape != "indicator":
        return None
    _, table, _, index = part.at.split(".")
    holder = tables_in(document, "table")[int(table)]
    others = [one for n, one in enumerate(tables_in(holder, "indicator")) if n != int(index)]
    return sum_of({**holder, "indicator": [*others, part.table]})


@lru_cache(maxsize=1)
def samples() -> tuple[tuple[Words, tuple[tuple[str, str, str], ...]], ...]:
    """Indicators of the proposals to begin from: (scheme, (key, Chinese title, English title))."""
    groups: list[tuple[Words, tuple[tuple[str, str, str], ...]]] = []
    seen: set[str] = set()
    for preset in rulebooks.presets():
        document = document_of(preset_text(preset.key))
        rows = []
        for t, table in enumerate(tables_in(document, "table")):
            for i, one in enumerate(tables_in(table, "indicator")):
                title = said(one.get("title"))
                if title not in seen and table.get("period") != "year":
                    seen.add(title)
                    rows.append((f"{preset.key}/{t}/{i}", title, said(one.get("title_en") or title)))
        groups.append((preset.rulebook.name, tuple(rows)))
    return tuple(groups)


def sample(key: str) -> dict[str, Any]:
    """An indicator of a proposal by the key that `samples` gave it. NotFound for others."""
    if key not in {one for _, rows in samples() for one, _, _ in rows}:
        raise NotFound
    preset, table, index = key.split("/")
    document = document_of(preset_text(preset))
    return tables_in(tables_in(document, "table")[int(table)], "indicator")[int(index)]


def day_in(document: Mapping[str, Any]) -> str:
    """The day from which a draft says it is valid, "" where it says none."""
    value = table_in(document, "rulebook").get("valid_from")
    return said(value) if value is not None else ""


def _plain(number: Decimal) -> str:
    return format(number.normalize(), "f") if number else "0"
