"""Rulebooks taken apart and put together again for tests: values as TOML text, and changes at any place."""

from __future__ import annotations

import copy
import json
from collections.abc import Iterator
from datetime import date
from decimal import Decimal
from random import Random
from typing import Any

#: What somebody may write in the place of anything.
ODD: tuple[Any, ...] = (
    "", " ", "x", "unranked", "95%", "-1", "1e9", "∞", "２", "\u0000", 0, -1, 1, 2, 10**15, 10**20, True, False,
    Decimal("0.5"), Decimal("33.333"), Decimal("NaN"), Decimal("Infinity"), Decimal("1E-30"), Decimal("1E+400"),
    date(2021, 7, 1), [], {}, [[]], ["x", 1], [{}], [{"points": 1}], {"x": {}}, {"gt": 2}, {"in": []},
    {"present": "yes"},
)  # fmt: skip


def dump(document: dict[str, Any]) -> str:
    """A parsed TOML document as text again, each top key on a line of its own."""
    return "\n".join(f"{_key(key)} = {_value(value)}" for key, value in document.items())


def _key(name: str) -> str:
    return json.dumps(name, ensure_ascii=False).replace("\x7f", "\\u007f")


def _value(value: Any) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, Decimal):
        if value.is_nan() or value.is_infinite():
            return "nan" if value.is_nan() else "inf"
        text = format(value, "f") if abs(value.adjusted()) < 40 else format(value, "e")
        return text if "." in text or "e" in text else f"{text}.0"
    if isinstance(value, int):
        return str(value)
    if isinstance(value, str):
        return _key(value)
    if isinstance(value, list):
        return "[" + ", ".join(map(_value, value)) + "]"
    if isinstance(value, dict):
        return "{" + ", ".join(f"{_key(key)} = {_value(inner)}" for key, inner in value.items()) + "}"
    return str(value)  # a day


def places(value: Any) -> Iterator[tuple[Any, Any]]:
    """Every (container, key or index) below a value."""
    items = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, inner in list(items):
        yield value, key
        yield from places(inner)


def spoil(document: Any, random: Random, times: int) -> None:
    """Change a document in place: replace, delete, exchange, rename or double something, so many times."""
    for _ in range(times):
        every = list(places(document))
        if not every:
            return
        holder, key = random.choice(every)
        act = random.randrange(5)
        if act == 0:
            del holder[key]
        elif act == 1:
            other, there = random.choice(every)
            if there in other if isinstance(other, dict) else there < len(other):
                holder[key] = copy.deepcopy(other[there])
        elif act == 2 and isinstance(holder, dict):
            holder[random.choice(["x", "facts", "points", "measure", "where", "at_least"])] = holder.pop(key)
        elif act == 3 and isinstance(holder, list):
            holder.append(copy.deepcopy(holder[key]))
        else:
            holder[key] = copy.deepcopy(random.choice(ODD))
