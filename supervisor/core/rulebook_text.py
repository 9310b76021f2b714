"""The text of a rulebook and the document that it says: read with `tomllib`, written by a renderer of our own.

`document_of(text_of(document))` is `document` again. Comments are no part of the document: a text that is written anew
has none (what should be kept stands in `about`).
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator, Mapping
from datetime import date, datetime, time
from decimal import Decimal
from typing import Any, TypeAlias

from supervisor.errors import Invalid
from supervisor.words import N_

Document: TypeAlias = dict[str, Any]
#: Longest text of a rulebook, characters; the longest preset has a tenth of it. Asked before anything is read.
LONGEST = 200_000
#: Written as a head of their own, `[…]`; what else is a table stands on one line.
SECTIONS = frozenset(
    {"rulebook", "ranking", "bonus", "penalty", "measure", "ratio", "absolute", "table", "indicator", "few"}
)
#: Lists of tables written as `[[…]]`; other lists stand on one line.
LISTS = frozenset(
    {"table", "indicator", "deduct", "add", "item", "part", "zero_if", "tier", "veto", "case", "times"}
)
_BARE = re.compile(r"[A-Za-z0-9_-]+")
_ESCAPES = {"\\": "\\\\", '"': '\\"', "\n": "\\n", "\t": "\\t", "\r": "\\r", "\b": "\\b", "\f": "\\f"}


def document_of(text: str) -> Document:
    """The document of a text. Invalid where it is too long or no TOML, with the line."""
    if len(text) > LONGEST:
        raise Invalid(
            N_("The text is not kept."),
            {
                "text": N_(
                    "The text has %(length)s characters; a rulebook has at most %(n)s. It was not read.",
                    length=len(text),
                    n=LONGEST,
                )
            },
        )
    try:
        return tomllib.loads(text, parse_float=Decimal)
    except tomllib.TOMLDecodeError as error:
        raise Invalid(
            N_("The text is not kept."), {"text": N_("The text cannot be read: %(why)s", why=str(error))}
        ) from error
    except (RecursionError, ValueError) as error:
        raise Invalid(N_("The text is not kept."), {"text": N_("The text is nested too deeply.")}) from error


def text_of(document: Mapping[str, Any]) -> str:
    """The document as a text that people can read and mend."""
    return "\n".join(_lines(document, ())).strip("\n") + "\n"


def comments_in(text: str) -> int:
    """How many lines of a text are, or end in, a comment: a document has none."""
    return sum(_has_comment(line) for line in text.splitlines())


def _has_comment(line: str) -> bool:
    bare = re.sub(r'"(\\.|[^"\\])*"' + r"|'[^']*'", "", line)
    return "#" in bare


def _lines(table: Mapping[str, Any], path: tuple[str, ...]) -> Iterator[str]:
    later: list[tuple[str, Any]] = []
    for key, value in table.items():
        if _is_section(key, value):
            later.append((key, value))
        else:
            yield f"{_key(key)} = {_value(value)}"
    for key, value in later:
        here = (*path, key)
        name = ".".join(_key(part) for part in here)
        for one in value if isinstance(value, list) else [value]:
            yield ""
            yield f"[[{name}]]" if isinstance(value, list) else f"[{name}]"
            yield from _lines(one, here)


def _is_section(key: str, value: object) -> bool:
    if isinstance(value, dict):
        return key in SECTIONS and bool(value)
    return (
        isinstance(value, list)
        and key in LISTS
        and bool(value)
        and all(isinstance(one, dict) for one in value)
    )


def _key(key: str) -> str:
    return key if _BARE.fullmatch(key) else _string(key)


def _value(value: object) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, str):
        return _string(value)
    if isinstance(value, Decimal):
        return _decimal(value)
    if isinstance(value, datetime | date | time):
        return value.isoformat()
    if isinstance(value, list):
        return f"[{', '.join(_value(one) for one in value)}]"
    if isinstance(value, dict):
        inner = ", ".join(f"{_key(key)} = {_value(one)}" for key, one in value.items())
        return f"{{ {inner} }}" if inner else "{}"
    return str(value)


def _decimal(value: Decimal) -> str:
    """A fraction stays one: `5.0` is written so, for `5` would be read as another type."""
    if not value.is_finite():
        return ("-" if value.is_signed() else "") + ("inf" if value.is_infinite() else "nan")
    text = str(value)
    return text if any(mark in text for mark in ".eE") else f"{text}.0"


def _string(text: str) -> str:
    said = "".join(
        _ESCAPES.get(sign) or (f"\\u{ord(sign):04x}" if ord(sign) < 32 or ord(sign) == 127 else sign)
        for sign in text
    )
    return f'"{said}"'
