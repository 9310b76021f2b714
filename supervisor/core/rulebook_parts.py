"""Parts of a rulebook by their address, and what can be done with them: add, copy, move, remove.

An address is written with dots: `rulebook`, `ranking`, `tier` (all tiers), `table.0`, `table.0.indicator.3`, `bonus`,
`penalty`, `veto` (all vetoes). Everything here gives a new document and leaves the old one as it was.
"""

from __future__ import annotations

import copy
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from supervisor.core.rulebook_conditions import said, table_in, tables_in
from supervisor.core.rulebook_text import Document
from supervisor.errors import NotFound

_ADDRESS = re.compile(
    r"rulebook|ranking|tier|bonus|penalty|veto|table\.(\d{1,4})(\.indicator\.(\d{1,4}))?", re.ASCII
)
#: Parts that are a whole list: the form holds all of it.
_LISTS = {"tier": "tiers", "veto": "vetoes"}
_SHAPES = {"rulebook": "rulebook", "ranking": "ranking", "bonus": "events", "penalty": "events", **_LISTS}


@dataclass(frozen=True)
class Part:
    """A part of a rulebook: its address, the shape of its form, and what stands there."""

    at: str
    shape: str
    table: dict[str, Any]

    @property
    def path(self) -> tuple[str | int, ...]:
        """Its place as keys and indices; a list's own form begins at the top."""
        return () if self.at in _LISTS else path_of(self.at)


def path_of(at: str) -> tuple[str | int, ...]:
    """An address as keys and indices."""
    return tuple(int(one) if one.isdigit() else one for one in at.split("."))


def part_at(document: Mapping[str, Any], at: str) -> Part:
    """The part at an address. NotFound where there is none."""
    found = _ADDRESS.fullmatch(at)
    if found is None:
        raise NotFound
    if at in _LISTS:
        return Part(at, _LISTS[at], {at: document[at]} if at in document else {})
    if found[1] is None:
        return Part(at, _SHAPES[at], table_in(document, at))
    tables = tables_in(document, "table")
    if int(found[1]) >= len(tables):
        raise NotFound
    table = tables[int(found[1])]
    if found[3] is None:
        return Part(at, "table", head_of(table))
    indicators = tables_in(table, "indicator")
    if int(found[3]) >= len(indicators):
        raise NotFound
    return Part(at, "indicator", indicators[int(found[3])])


def head_of(table: Mapping[str, Any]) -> dict[str, Any]:
    """A table of indicators without them: its indicators are parts of their own."""
    return {key: value for key, value in table.items() if key != "indicator"}


def replaced(document: Mapping[str, Any], at: str, table: Mapping[str, Any]) -> Document:
    """The document with another part at an address that it has."""
    part_at(document, at)
    changed = copy.deepcopy(dict(document))
    if at in _LISTS:
        changed.pop(at, None)
        return changed | copy.deepcopy(dict(table))
    *upper, last = path_of(at)
    place: Any = changed
    for one in upper:
        place = place[one]
    if isinstance(last, int):
        stood = place[last] if isinstance(place[last], dict) else {}
        within = {"indicator": stood["indicator"]} if upper == ["table"] and "indicator" in stood else {}
        place[last] = copy.deepcopy(dict(table)) | within
    elif table:
        place[last] = copy.deepcopy(dict(table))
    else:
        place.pop(last, None)
    return changed


def acted(table: Mapping[str, Any], place: str, act: str) -> dict[str, Any]:
    """A table in whose lists something was done: `add` to the list at a place, or something to one of its items.

    Args:
        table: the part.
        place: dotted, below the table: `deduct`, `deduct.1`, `part.0.measure`.
        act: `add`, `copy`, `up`, `down` or `remove`.
    """
    changed = copy.deepcopy(dict(table))
    try:
        _act(changed, place, act)
    except (KeyError, IndexError, TypeError, ValueError, AttributeError):
        raise NotFound from None  # the place is none of this table
    return changed


#: What a copy in a list does not take over: it waits for its own, and a short name is made anew.
_OF_ITS_OWN: Mapping[str, tuple[str, ...]] = {
    "tier": ("name", "name_en", "min_places"), "veto": ("key",), "item": ("key",),
}  # fmt: skip


def _act(changed: dict[str, Any], place: str, act: str) -> None:
    *upper, last = path_of(place)
    holder: Any = changed
    for one in upper:
        holder = holder[one] if isinstance(one, int) else holder.setdefault(one, [])
    if act == "add":
        holder.setdefault(last, []).append({})
        return
    items, index = holder, int(last)
    if not isinstance(items, list) or index >= len(items):
        raise NotFound
    _act_on(items, index, act)
    if act == "copy":
        for key in _OF_ITS_OWN.get(str(upper[-1]), ()):
            items[index + 1].pop(key, None)
    if not items and len(upper) == 1:
        del changed[str(upper[0])]


def _act_on(items: list[Any], index: int, act: str) -> None:
    if act == "remove":
        del items[index]
    elif act == "copy":
        items.insert(index + 1, copy.deepcopy(items[index]))
    elif act == "up" and index:
        items[index - 1], items[index] = items[index], items[index - 1]
    elif act == "down" and index + 1 < len(items):
        items[index + 1], items[index] = items[index], items[index + 1]


def with_table(document: Mapping[str, Any]) -> Document:
    """The document with one more, empty table."""
    changed = copy.deepcopy(dict(document))
    if not isinstance(changed.get("table"), list):
        changed["table"] = []
    changed["table"].append({"period": "quarter"})
    return changed


def with_indicator(
    document: Mapping[str, Any], table: int, like: Mapping[str, Any] | None = None
) -> Document:
    """The document with one more indicator at the end of a table: an empty one, or a copy of `like`."""
    part_at(document, f"table.{table}")
    changed = copy.deepcopy(dict(document))
    added = copy.deepcopy(dict(like or {}))
    added["key"] = free_key(changed, said(added.get("key", "")))
    if not like:
        added |= {"weight": 10}
    holder = changed["table"][table]
    if not isinstance(holder, dict):
        raise NotFound
    if not isinstance(holder.get("indicator"), list):
        holder["indicator"] = []
    holder["indicator"].append(added)
    return changed


def moved(document: Mapping[str, Any], at: str, act: str) -> Document:
    """A table or an indicator copied, moved up or down, or removed. A copied indicator gets a short name of its own."""
    part_at(document, at)
    changed = copy.deepcopy(dict(document))
    *upper, last = path_of(at)
    items: Any = changed
    for one in upper:
        items = items[one]
    if not isinstance(last, int):
        raise NotFound
    _act_on(items, last, act)
    if act == "copy":
        twin = items[last + 1]
        if "indicator" in at:
            twin["key"] = ""
            twin["key"] = free_key(changed, said(items[last].get("key", "")))
        else:
            # Two tables for the same groups are a problem; the twin waits for its own.
            twin.pop("groups", None)
    return changed


def keyed(document: Mapping[str, Any]) -> Document:
    """The document in which every indicator, item and veto has a short name."""
    changed = copy.deepcopy(dict(document))
    for one in _keyed_parts(changed):
        if not one.get("key"):
            one["key"] = free_key(changed, "")
    return changed


def parted(document: Mapping[str, Any], table: int) -> Document:
    """The document after a table was given another period: what others count too is named anew (E-87)."""
    changed = copy.deepcopy(dict(document))
    tables = tables_in(changed, "table")
    here = tables[table]
    elsewhere = {
        said(one.get("key", ""))
        for other in tables
        if other.get("period") != here.get("period")
        for one in tables_in(other, "indicator")
    }
    for one in tables_in(here, "indicator"):
        key = said(one.get("key", ""))
        if key in elsewhere:
            one["key"] = free_key(changed, key)
            where = table_in(one, "where")
            if where.get("indicator") == key:
                where["indicator"] = one["key"]
    return changed


def _keyed_parts(document: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
    for table in tables_in(document, "table"):
        yield from tables_in(table, "indicator")
    for part in ("bonus", "penalty"):
        yield from tables_in(table_in(document, part), "item")
    yield from tables_in(document, "veto")


def free_key(document: Mapping[str, Any], wish: str) -> str:
    """A short name that nothing in the rulebook has yet, the wished one where it is free."""
    taken = {said(one.get("key", "")) for one in _keyed_parts(document)}
    if wish and wish not in taken:
        return wish
    stem = f"{re.sub(r'_[0-9]+$', '', wish)}_" if wish else "i"
    number = 2 if wish else 1
    while f"{stem}{number}" in taken:
        number += 1
    return f"{stem}{number}"
