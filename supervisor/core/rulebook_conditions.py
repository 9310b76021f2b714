"""Conditions on facts as rows of a form: a value, how it is compared, with what. And numbers as people type them."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from scoring.numbers import HUNDRED, decimal_of
from scoring.reading import as_number
from supervisor.core.rulebook_fields import Option
from supervisor.words import N_

#: How a value may be compared; `yes` and `no` need nothing to compare with, nor do the last two.
OPERATORS: tuple[Option, ...] = (
    ("in", N_("is")),
    ("not", N_("is not")),
    ("yes", N_("holds (yes)")),
    ("no", N_("does not hold (no)")),
    ("lt", N_("is less than")),
    ("le", N_("is at most")),
    ("ge", N_("is at least")),
    ("gt", N_("is more than")),
    ("present", N_("is given")),
    ("absent", N_("is not given")),
)
ALONE = frozenset({"yes", "no", "present", "absent"})
#: Between words in one field; 、 and the comma stand inside names (片区、小区).
SEPARATORS = re.compile(r"[；;\n]+")
BETWEEN_NUMBERS = re.compile(r"[、；;，,\s]+")
_FULL_WIDTH = str.maketrans("０１２３４５６７８９．％－＋", "0123456789.%-+")


@dataclass(frozen=True)
class Row:
    """One condition: `raw` is what the text says, where nothing on the form says otherwise."""

    field: str
    operator: str
    values: tuple[str, ...] = ()
    raw: Any = None


def rows_of(where: Any) -> list[Row]:
    """The conditions of a `where` as rows, in their order."""
    rows: list[Row] = []
    for field, wanted in (where if isinstance(where, dict) else {}).items():
        if isinstance(wanted, dict) and wanted:
            rows.extend(_row(field, operator, value, {operator: value}) for operator, value in wanted.items())
        else:
            rows.append(_row(field, "in", wanted, wanted))
    return rows


def _row(field: str, operator: str, value: Any, raw: Any) -> Row:
    if operator == "present" and isinstance(value, bool):
        return Row(field, "present" if value else "absent", (), raw)
    if isinstance(value, bool) and operator == "in":
        return Row(field, "yes" if value else "no", (), raw)
    return Row(
        field, operator, tuple(said(one) for one in (value if isinstance(value, list) else [value])), raw
    )


def where_of(rows: Sequence[Row], before: Any) -> dict[str, Any]:
    """The `where` of rows as typed; a row that stood there before keeps its exact text."""
    known = {_same(row): row.raw for row in rows_of(before)}
    found: dict[str, Any] = {}
    for row in rows:
        raw = known.get(_same(row), _Unknown)
        value = _written(row) if raw is _Unknown else raw
        found[row.field] = _both(found[row.field], value) if row.field in found else value
    return found


def _same(row: Row) -> tuple[str, str, frozenset[str]]:
    """What tells a condition from others, whatever the order and the separators of its values."""
    return row.field, row.operator, frozenset(words_typed("；".join(row.values)))


class _Unknown:
    """Stands for a row that was not there before."""


def _written(row: Row) -> Any:
    if row.operator in {"yes", "no"}:
        return row.operator == "yes"
    if row.operator in {"present", "absent"}:
        return {"present": row.operator == "present"}
    values = [typed_value(text) for text in row.values]
    value: Any = values[0] if len(values) == 1 else values
    return value if row.operator == "in" else {row.operator: value}


def _both(first: Any, second: Any) -> dict[str, Any]:
    """Two conditions on one value stand together in a table of operators."""
    together: dict[str, Any] = {}
    for one in (first, second):
        for operator, value in (one if isinstance(one, dict) else {"in": one}).items():
            if operator in together and operator in {"in", "not"}:
                value = [*_list(together[operator]), *_list(value)]  # noqa: PLW2901 -- the same condition, widened
            together[operator] = value
    return together


def _list(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [value]


def said(value: Any) -> str:
    """A scalar of the text as a form shows it."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, date):
        return value.isoformat()
    return format(value, "f") if isinstance(value, Decimal) and value.is_finite() else str(value)


def typed_value(text: str) -> Any:
    """A text to compare with: whole numbers and true or false are what they say."""
    if text in {"true", "false"}:
        return text == "true"
    number = decimal_of(text)
    return (
        int(number)
        if number is not None and number == number.to_integral_value() and "." not in text
        else text
    )


def words_typed(text: str) -> list[str]:
    """Several words in one field, separated by ； or a line."""
    return [word for word in (part.strip() for part in SEPARATORS.split(text)) if word]


def numbers_typed(text: str) -> list[str]:
    """Several numbers in one field."""
    return [number for number in BETWEEN_NUMBERS.split(text.strip()) if number]


def shown_number(value: Any, *, percent: bool) -> str:
    """A number as the form shows it: in per cent without the sign where `percent`."""
    if value is None:
        return ""
    if percent:
        number = as_number(value)
        if number is None:
            return said(value)
        shown = format((number * HUNDRED).normalize(), "f")
        return shown if shown != "-0" else "0"
    return said(value)


def typed_number(text: str, before: Any, *, percent: bool) -> Any:
    """A number for the text of the rulebook: as it stood, where it was not changed; else exactly as typed."""
    text = text.strip().translate(_FULL_WIDTH).replace(" ", "")
    if before is not None and text == shown_number(before, percent=percent).strip():
        return before
    number = decimal_of(text)
    if percent and number is not None:
        return f"{text}%"
    if number is not None and "." not in text:
        return int(number)
    return text


def in_percent(value: Any, *, percent: bool) -> Any:
    """The limit of a measure that has become a rate, or ceased to be one: 95 is 95 %, and 95 % is 95."""
    text = said(value)
    if percent and decimal_of(text) is not None:
        return f"{text}%"
    if not percent and text.endswith("%") and decimal_of(text[:-1]) is not None:
        return typed_value(text[:-1])
    return value


def table_in(table: Mapping[str, Any], key: str) -> dict[str, Any]:
    """The table under a key, or an empty one."""
    value = table.get(key)
    return value if isinstance(value, dict) else {}


def tables_in(table: Mapping[str, Any], key: str) -> list[dict[str, Any]]:
    """The list of tables under a key; what is no table counts as an empty one, so that places stay right."""
    value = table.get(key)
    return [one if isinstance(one, dict) else {} for one in value] if isinstance(value, list) else []
