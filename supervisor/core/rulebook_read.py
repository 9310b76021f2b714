"""What was typed into the form of a part, read back into the part: everything it does not speak of stays as it was.

Nothing is refused here: a draft may hold problems, and the engine says them with their places.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from typing import Any

from scoring.measure import PAIRS
from supervisor.core.fact_kinds import is_yes_no
from supervisor.core.rulebook_conditions import (
    ALONE,
    Row,
    in_percent,
    numbers_typed,
    said,
    shown_number,
    table_in,
    tables_in,
    typed_number,
    where_of,
    words_typed,
)
from supervisor.core.rulebook_fields import FieldType, FormField
from supervisor.core.rulebook_methods import MEASURES, PARAMETERS
from supervisor.core.rulebook_schema import fields_of, rates
from supervisor.core.rulebook_show import OWN, bound_of, points_mode

#: Most conditions, steps or levels that one form reads.
MOST_ROWS = 200


class Posted:
    """A form as it came: names with their values, in order."""

    def __init__(self, pairs: Iterable[tuple[str, str]]) -> None:
        self._values: dict[str, list[str]] = {}
        for name, value in pairs:
            self._values.setdefault(name, []).append(value)

    def get(self, name: str) -> str:
        """The first value of a name, "" where it did not come."""
        return self.getlist(name)[0] if name in self._values else ""

    def getlist(self, name: str) -> list[str]:
        """All values of a name."""
        return self._values.get(name, [])

    def __contains__(self, name: str) -> bool:
        """Whether the form has the name."""
        return name in self._values


def read(shape: str, posted: Posted, before: Mapping[str, Any], prefix: str = "") -> dict[str, Any]:
    """The table that a form of this shape says, on top of what stood there before."""
    drawn = _as_drawn(posted, before, prefix)
    table = dict(before)
    for one in fields_of(shape, drawn):
        _read_field(one, posted, drawn, table, prefix)
    _choose(shape, posted, drawn, table, prefix)
    return table


def _as_drawn(posted: Posted, before: Mapping[str, Any], prefix: str) -> dict[str, Any]:
    """The table as the form took it to be: with the method, measure and basis that it was drawn for."""
    drawn = dict(before)
    for key in ("method", "take"):
        if f"{prefix}{key}.shown" in posted:
            drawn[key] = posted.get(f"{prefix}{key}.shown")
    basis = posted.get(f"{prefix}basis.shown")
    if basis == "measure":
        drawn.setdefault("measure", {})
    elif basis:
        drawn.pop("measure", None)
    if f"{prefix}factor" in posted:
        drawn.setdefault("factor", "")
    mode = posted.get(f"{prefix}points.mode.shown")
    if mode and mode != points_mode(drawn):
        drawn["points"] = {} if mode == "by" else [] if mode == "list" else None
        drawn.pop("by", None)
    return drawn


def _choose(shape: str, posted: Posted, drawn: Mapping[str, Any], table: dict[str, Any], prefix: str) -> None:
    """Take over another method, measure or basis, and drop what belongs to the former one only."""
    for key, parameters in (("method", PARAMETERS), ("take", MEASURES)):
        if f"{prefix}{key}" in posted:
            _set(table, key, posted.get(f"{prefix}{key}").strip())
            if table.get(key) != drawn.get(key):
                former = {one.name for fields in parameters.values() for one in fields}
                if key == "take" and PAIRS.keys() & {str(drawn.get(key)), str(table.get(key))}:
                    former |= {
                        "numerator",
                        "denominator",
                        "of",
                        "less",
                        "facts",
                        "where",
                        "each",
                        "empty",
                        "share",
                    }
                _keep_only(table, fields_of(shape, table), former)
    basis = posted.get(f"{prefix}basis")
    if basis and basis != posted.get(f"{prefix}basis.shown"):
        _rebase(shape, table, basis)
    if "measure" in table and rates(table) != rates(drawn):
        _turn_limits(shape, table)


_BY_EVENTS = {
    "facts", "where", "by", "amount", "share", "factor_where", "once_per", "max_each", "repeat_per", "value", "low",
    "high",
}  # fmt: skip
_BY_MEASURE = {"measure", "threshold", "side", "per", "steps", "below", "at_least", "at_most"}


def _rebase(shape: str, table: dict[str, Any], basis: str) -> None:
    """Go by events, a measure, or a unit's own factor instead."""
    if basis == "measure":
        _keep_only(table, (), _BY_EVENTS | {"at_least", "at_most"})
        table["measure"] = {}
    elif "measure" in table:
        _keep_only(table, (), _BY_MEASURE)
    if shape == "times":
        table.setdefault("factor", "1")
        if basis == "own":
            _keep_only(table, (), {"factor", "at_least", "at_most"})


def _turn_limits(shape: str, table: dict[str, Any]) -> None:
    for one in fields_of(shape, table):
        if one.rate and one.name in table:
            table[one.name] = in_percent(table[one.name], percent=rates(table))
        if one.type is FieldType.BANDS:
            for band in tables_in(table, one.name):
                for key in ("at_least", "at_most"):
                    if key in band:
                        band[key] = in_percent(band[key], percent=rates(table))


def _keep_only(table: dict[str, Any], fields: Sequence[FormField], former: set[str]) -> None:
    kept = {one.name for one in fields}
    for key in former - kept:
        table.pop(key, None)


def _set(table: dict[str, Any], key: str, value: Any) -> None:
    """Write a value, or take the key out where nothing was typed."""
    if value is None or value == "" or (isinstance(value, dict | list) and not value):
        table.pop(key, None)
    else:
        table[key] = value


def _read_field(
    one: FormField, posted: Posted, drawn: Mapping[str, Any], table: dict[str, Any], prefix: str
) -> None:
    name, before = f"{prefix}{one.name}", drawn.get(one.name)
    match one.type:
        case FieldType.TABLE:
            if f"{name}.here" in posted:
                inner = read(one.shape, posted, table_in(drawn, one.name), f"{name}.")
                if inner or isinstance(before, dict):
                    table[one.name] = inner
        case FieldType.LIST:
            if f"{name}.here" in posted:
                items = tables_in(drawn, one.name)
                read_items = [read(one.shape, posted, item, f"{name}.{n}.") for n, item in enumerate(items)]
                _set(table, one.name, read_items)
        case FieldType.WHERE:
            if f"{name}.here" in posted:
                found = where_of(_rows(posted, name), before)
                _set(table, one.name, before if found == before else found)
        case FieldType.BANDS:
            if f"{name}.here" in posted:
                _set(table, one.name, _bands(posted, name, drawn))
        case FieldType.GRADES:
            if f"{name}.here" in posted:
                _set(table, one.name, _levels(posted, name, before if isinstance(before, dict) else {}))
        case FieldType.POINTS:
            if f"{name}.here" in posted:
                _read_points(posted, name, drawn, table)
        case FieldType.WORDS:
            if f"{name}.here" in posted:
                _set(table, one.name, _words(posted, name, before))
        case _:
            if name in posted:
                _set(table, one.name, _plain(one, posted, name, drawn))


def _plain(one: FormField, posted: Posted, name: str, drawn: Mapping[str, Any]) -> Any:
    before = drawn.get(one.name)
    text = posted.get(name)
    if one.type is FieldType.PICK and text == OWN:
        text = posted.get(f"{name}.own").strip()
    text = text.replace("\r\n", "\n").strip()
    if one.type is FieldType.NUMBER:
        return typed_number(text, before, percent=one.rate and rates(drawn)) if text else None
    if before is not None and text == said(before).replace("\r\n", "\n").strip():
        return before
    if one.type is FieldType.FLAG:
        return True if text == "true" else before if before is False else None
    if one.type is FieldType.DAY:
        return _day(text)
    return text


def _day(text: str) -> Any:
    try:
        return date.fromisoformat(text)
    except ValueError:
        return text


def _words(posted: Posted, name: str, before: Any) -> Any:
    values = [*posted.getlist(name), *words_typed(posted.get(f"{name}.own"))]
    former = before if isinstance(before, list) else [] if before is None else [before]
    texts = [said(one) for one in former]
    # Ticked boxes come in the order of the page; what stood there keeps the order it had.
    ordered = [text for text in texts if text in values] + [value for value in values if value not in texts]
    if set(words_typed("；".join(texts))) == set(words_typed("；".join(values))):
        return before
    return ordered[0] if isinstance(before, str) and len(ordered) == 1 else ordered


def _rows(posted: Posted, name: str) -> list[Row]:
    rows: list[Row] = []
    for index in range(MOST_ROWS):
        place = f"{name}.{index}"
        if f"{place}.field" not in posted:
            break
        field = posted.get(f"{place}.field")
        field = posted.get(f"{place}.field.own").strip() if field == OWN else field
        operator = posted.get(f"{place}.operator") or ("yes" if is_yes_no(field) else "in")
        values = [*posted.getlist(f"{place}.values"), *words_typed(posted.get(f"{place}.values.own"))]
        if field:
            rows.append(Row(field, operator, () if operator in ALONE else tuple(dict.fromkeys(values))))
    return rows


def _bands(posted: Posted, name: str, drawn: Mapping[str, Any]) -> list[dict[str, Any]]:
    bands, by_place = tables_in(drawn, "tiers"), drawn.get("method") == "rank_tiers"
    percent = not by_place and rates(drawn)
    found: list[dict[str, Any]] = []
    for index in range(MOST_ROWS):
        place = f"{name}.{index}"
        if f"{place}.points" not in posted:
            break
        before = bands[index] if index < len(bands) else {}
        shown = bound_of(drawn, before)
        bound = posted.get(f"{place}.side" if by_place else f"{name}.side") or shown
        band = {key: value for key, value in before.items() if key not in {shown, "points"}}
        limit, points = posted.get(f"{place}.limit").strip(), posted.get(f"{place}.points").strip()
        if limit:
            band[bound] = typed_number(limit, before.get(shown), percent=percent)
        if points:
            band["points"] = typed_number(points, before.get("points"), percent=False)
        if limit or points:
            found.append(band)
    return found


def _read_points(posted: Posted, name: str, drawn: Mapping[str, Any], table: dict[str, Any]) -> None:
    """Points, by the way in which they were drawn; then turned into the way that was chosen."""
    before, mode = drawn.get("points"), points_mode(drawn)
    chosen = posted.get(f"{name}.mode") or mode
    if mode == "by":
        by = posted.get(f"{name}.by")
        _set(table, "by", posted.get(f"{name}.by.own").strip() if by == OWN else by)
        table["points"] = _levels(posted, name, before if isinstance(before, dict) else {})
    else:
        _set(table, "points", _several(posted.get(f"{name}.value"), before, many=mode == "list"))
    if chosen == mode:
        return
    numbers = table.get("points")
    if mode == "by":
        numbers = list(numbers.values()) if isinstance(numbers, dict) else []
    values = numbers if isinstance(numbers, list) else [] if numbers is None else [numbers]
    table.pop("by", None)
    if chosen == "by":
        table["points"] = {}
    elif chosen == "list":
        table["points"] = values
    else:
        _set(table, "points", values[0] if values else None)


def _levels(posted: Posted, name: str, before: Mapping[str, Any]) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for index in range(MOST_ROWS):
        place = f"{name}.{index}"
        if place not in posted:
            break
        key, text = posted.get(f"{place}.key").strip(), posted.get(place).strip()
        if key and text:
            found[key] = typed_number(text, before.get(key), percent=False)
    return found


def _several(text: str, before: Any, *, many: bool) -> Any:
    former = before if isinstance(before, list) else [before]
    parts = numbers_typed(text) if many else [text.strip()] if text.strip() else []
    if [shown_number(one, percent=False) for one in former if one is not None] == parts:
        return before
    numbers = [
        typed_number(part, former[n] if n < len(former) else None, percent=False)
        for n, part in enumerate(parts)
    ]
    if many:
        return numbers
    return numbers[0] if numbers else None
