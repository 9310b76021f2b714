"""A draft as JSON and back without loss, and whatever else is made of frozen dataclasses like it."""

import dataclasses
from collections.abc import Callable, Mapping
from datetime import date
from decimal import Decimal
from functools import cache
from types import UnionType
from typing import Any, Union, get_args, get_origin, get_type_hints

from supervisor.intake.draft import Draft


def to_plain(value: Any) -> Any:
    """Return what `json.dumps` takes: dataclasses as objects, tuples as lists, days and decimals as text."""
    kind = type(value)
    if kind in _PLAIN:
        return value
    if isinstance(value, tuple):
        return [to_plain(item) for item in value]
    if dataclasses.is_dataclass(kind):
        return {name: to_plain(getattr(value, name)) for name in _names_of(kind)}
    if isinstance(value, date):
        return value.isoformat()
    return str(value) if isinstance(value, Decimal) else value


#: What JSON takes as it is; most values are such.
_PLAIN = frozenset({str, int, bool, type(None)})


@cache
def _names_of(kind: type) -> tuple[str, ...]:
    return tuple(field.name for field in dataclasses.fields(kind))


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
    make = _maker(kind, skip_unknown)
    return value if make is None or value is None else make(value)


@cache
def _maker(kind: Any, skip_unknown: bool) -> Callable[[Any], Any] | None:  # noqa: FBT001 -- a key of the cache
    """Return what makes a value of this kind, worked out once; None where the kept value is the value itself."""
    if get_origin(kind) in {Union, UnionType}:
        kind = next(arg for arg in get_args(kind) if arg is not type(None))
    if get_origin(kind) is tuple:
        item = _maker(get_args(kind)[0], skip_unknown)
        return (
            tuple if item is None else lambda kept: tuple(None if one is None else item(one) for one in kept)
        )
    if kind is date:
        return date.fromisoformat
    if kind is Decimal:
        return Decimal
    if isinstance(kind, type) and dataclasses.is_dataclass(kind):
        return _dataclass_maker(kind, skip_unknown)
    return None


def _dataclass_maker(kind: type, skip_unknown: bool) -> Callable[[Any], Any]:  # noqa: FBT001 -- see `_maker`
    makers = {name: _maker(hint, skip_unknown) for name, hint in hints_of(kind).items()}

    def make(kept: Mapping[str, Any]) -> Any:
        values = {}
        for name, item in kept.items():
            if name in makers:
                build = makers[name]
                values[name] = item if build is None or item is None else build(item)
            elif not skip_unknown:
                raise KeyError(name)
        return kind(**values)

    return make


def draft_from_json(stored: dict[str, Any]) -> Draft:
    """Return the draft that `draft_to_json` stored.

    Raises:
        TypeError, KeyError, ValueError: the document is not a stored draft.
    """
    draft = rebuilt(Draft, stored)
    if not isinstance(draft, Draft):
        raise TypeError("not a stored draft")
    return draft
