"""A draft as JSON and back without loss, for a draft under review."""

import dataclasses
from datetime import date
from decimal import Decimal
from functools import cache
from types import UnionType
from typing import Any, Union, get_args, get_origin, get_type_hints

from supervisor.intake.draft import Draft


def _plain(value: Any) -> Any:
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        return {f.name: _plain(getattr(value, f.name)) for f in dataclasses.fields(value)}
    if isinstance(value, tuple):
        return [_plain(item) for item in value]
    if isinstance(value, date):
        return value.isoformat()
    return str(value) if isinstance(value, Decimal) else value


def draft_to_json(draft: Draft) -> dict[str, Any]:
    """Return the draft as what `json.dumps` takes."""
    plain: dict[str, Any] = _plain(draft)
    return plain


@cache
def _hints(kind: type) -> dict[str, Any]:
    return get_type_hints(kind)


def _rebuilt(kind: Any, value: Any) -> Any:
    if value is None:
        return None
    if get_origin(kind) in {Union, UnionType}:
        kind = next(arg for arg in get_args(kind) if arg is not type(None))
        if kind is str or kind is int:
            return value
    if get_origin(kind) is tuple:
        return tuple(_rebuilt(get_args(kind)[0], item) for item in value)
    if kind is date:
        return date.fromisoformat(value)
    if kind is Decimal:
        return Decimal(value)
    if isinstance(kind, type) and dataclasses.is_dataclass(kind):
        hints = _hints(kind)
        return kind(**{name: _rebuilt(hints[name], item) for name, item in value.items()})
    return value


def draft_from_json(stored: dict[str, Any]) -> Draft:
    """Return the draft that `draft_to_json` stored.

    Raises:
        TypeError, KeyError, ValueError: the document is not a stored draft.
    """
    draft = _rebuilt(Draft, stored)
    if not isinstance(draft, Draft):
        raise TypeError("not a stored draft")
    return draft
