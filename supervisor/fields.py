"""Column types of our own, as typed factories: Peewee's stubs cannot express them as classes.

Pitfalls they remove: SQLite compares aware datetimes as text and PostgreSQL shifts them; Peewee's
JSON column behaves differently on the two databases; a naive datetime is a bug waiting for a holiday.
"""

from __future__ import annotations

import enum
import json
from collections.abc import Mapping
from datetime import UTC, date, datetime
from typing import TYPE_CHECKING, Any, Literal, TypeVar, cast, overload

from peewee import CharField, DateField, DateTimeField, TextField

if TYPE_CHECKING:
    from peewee import Field

E = TypeVar("E", bound=enum.Enum)


class UTCDateTimeField(DateTimeField):
    """An instant: refuses naive values, stores UTC without offset, returns aware UTC."""

    def db_value(self, value: Any) -> Any:
        """UTC, naive, for the database."""
        if isinstance(value, datetime):
            if value.tzinfo is None:
                raise ValueError("a naive datetime has no place in the database")
            value = value.astimezone(UTC).replace(tzinfo=None)
        return super().db_value(value)  # type: ignore[no-untyped-call]  # unhinted in the stubs

    def python_value(self, value: Any) -> Any:
        """Aware, UTC."""
        if isinstance(value, str):  # as SQLite hands it over; Peewee would try its formats one by one
            value = datetime.fromisoformat(value)
        if isinstance(value, datetime) and value.tzinfo is None:
            return value.replace(tzinfo=UTC)
        return value


if TYPE_CHECKING:
    DayField = DateField
else:

    class DayField(DateField):
        """A day. Read by its one form: Peewee tries formats one by one, which was a tenth of a list page."""

        def python_value(self, value: Any) -> Any:
            """The date."""
            return date.fromisoformat(value) if isinstance(value, str) else value


class ChoiceField(CharField):
    """A StrEnum member stored by its English value."""

    def __init__(self, choices_of: type[enum.Enum], **kwargs: Any) -> None:
        self.choices_of = choices_of
        super().__init__(max_length=40, **kwargs)

    def db_value(self, value: Any) -> Any:
        """The member's value; an unknown value is an error here, not in the database."""
        return None if value is None else self.choices_of(value).value

    def python_value(self, value: Any) -> Any:
        """The member."""
        return None if value is None else self.choices_of(value)


class JsonTextField(TextField):
    """A JSON document as canonical text: sorted keys, Chinese readable, the same on both databases."""

    def db_value(self, value: Any) -> Any:
        """Canonical text."""
        return None if value is None else canonical_json(value)

    def python_value(self, value: Any) -> Any:
        """Parsed."""
        return None if value is None else json.loads(value)


def canonical_json(value: Mapping[str, Any] | list[Any] | Any) -> str:
    """One text per content: sorted keys, no spaces, Chinese as it is; Decimals become strings."""
    return json.dumps(value, ensure_ascii=False, sort_keys=True, separators=(",", ":"), default=str)


@overload
def instant(*, null: Literal[True], **kwargs: Any) -> Field[datetime | None]: ...
@overload
def instant(*, null: Literal[False] = ..., **kwargs: Any) -> Field[datetime]: ...
def instant(*, null: bool = False, **kwargs: Any) -> Any:
    """A column for an instant (aware, UTC). No default: time is passed in."""
    return UTCDateTimeField(null=null, **kwargs)  # type: ignore[call-overload]  # the stubs want literals


@overload
def choice(of: type[E], *, null: Literal[True], **kwargs: Any) -> Field[E | None]: ...
@overload
def choice(of: type[E], *, null: Literal[False] = ..., **kwargs: Any) -> Field[E]: ...
def choice(of: type[E], *, null: bool = False, **kwargs: Any) -> Any:
    """A column for a member of the enum `of`, stored by value."""
    return ChoiceField(of, null=null, **kwargs)


def json_text(**kwargs: Any) -> Field[Any]:
    """A column for a JSON document kept as canonical text."""
    return cast("Field[Any]", JsonTextField(**kwargs))
