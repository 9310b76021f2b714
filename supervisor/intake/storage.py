"""A draft as JSON and back without loss, and whatever else is made of frozen dataclasses like it."""

import dataclasses
from datetime import date
from decimal import Decimal
from functools import cache
from types import UnionType
from typing import Any, Union, get_args, get_origin, get_type_hints

from supervisor.intake.draft import Draft


def to_plain(value: Any) -> Any:
    """Return what `json.dumps` takes: dataclasses as objects, tuples as lists, days and decimals as text."""
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        return {f.name: to_plain(getattr(value, f.name)) for f in dataclasses.fields(value)}
    if isinstance(value, tuple):
        return [to_plain(item) for item in value]
    if isinstance(value, date):
        return value.isoformat()
    return str(value) if isinstance(value, Decimal) else value


def draft_to_json(draft: Draft) -> dict[str, Any]:
    """Return the draft as what `json.dumps` takes."""
    plain: dict[str, Any] = to_plain(draft)
    return plain


@cache
def hints_of(kind: type) -> dict[str, Any]:
    """Return the types of a dataclass's fields by name."""
    return get_type_hints(kind)


def rebuilt(kind: Any, value: Any, *, skip_unknown: bool = False) -> Any:
    """Return a value of this kind from what `to_plain` made of it.

    A name that the dataclass does not know is an error, or left out with `skip_unknown` (kept by a later version).
    """
    if value is None:
        return None
    if get_origin(kind) in {Union, UnionType}:
        kind = next(arg for arg in get_args(kind) if arg is not type(None))
    if get_origin(kind) is tuple:
        return tuple(rebuilt(get_args(kind)[0], item, skip_unknown=skip_unknown) for item in value)
    if kind is date:
        return date.fromisoformat(value)
    if kind is Decimal:
        return Decimal(value)
    if isinstance(kind, type) and dataclasses.is_dataclass(kind):
        hints = hints_of(kind)
        known = {name: item for name, item in value.items() if name in hints or not skip_unknown}
        return kind(
            **{name: rebuilt(hints[name], item, skip_unknown=skip_unknown) for name, item in known.items()}
        )
    return value


def draft_from_json(stored: dict[str, Any]) -> Draft:
    """Return the draft that `draft_to_json` stored.

    Raises:
        TypeError, KeyError, ValueError: the document is not a stored draft.
    """
    draft = rebuilt(Draft, stored)
    if not isinstance(draft, Draft):
        raise TypeError("not a stored draft")
    return draft
