"""Reading a rulebook's tables: every key is asked for by name, and what nobody asked for is a problem."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from decimal import Decimal
from typing import Any

from scoring.facts import Value, scalar
from scoring.numbers import HUNDRED, ZERO, decimal_of, outsize
from scoring.problems import Path, Problem


class Reader:
    """One TOML table with its place. A wrong value adds a problem and gives a harmless one to go on with."""

    def __init__(
        self, table: Mapping[str, Any], place: str, problems: list[Problem], path: Path = ()
    ) -> None:
        self.table = table
        self.place = place
        self.problems = problems
        self.path = path
        self._asked: set[str] = set()
        self._forgiving = False

    def complain(self, key: str, message: str, at: Path | None = None) -> None:
        """Note a problem at a key of this table ("" = the table itself); `at` where the key is only its name."""
        place = " › ".join(part for part in (self.place, key) if part)
        self.problems.append(
            Problem(place, message, self.path + (((key,) if key else ()) if at is None else at))
        )

    def has(self, key: str) -> bool:
        """Whether the key is written."""
        return key in self.table

    def raw(self, key: str) -> Any:
        """The value as TOML gave it, or None."""
        self._asked.add(key)
        return self.table.get(key)

    def text(
        self, key: str, default: str = "", *, required: bool = False, choices: Sequence[str] = ()
    ) -> str:
        """A string, perhaps one of a few."""
        value = self.raw(key)
        if value is None:
            if required:
                self.complain(key, "is missing")
            return default
        if not isinstance(value, str) or (required and not value.strip()):
            self.complain(key, "must be a text between quotation marks")
            return default
        if choices and value not in choices:
            self.complain(key, f"is {value!r}; it must be one of: {', '.join(choices)}")
            return default
        return value

    def number(
        self,
        key: str,
        default: Decimal = ZERO,
        *,
        required: bool = False,
        low: Decimal | None = None,
        high: Decimal | None = None,
    ) -> Decimal:
        """A number: 0.5, "0.5" or "95%" (= 0.95)."""
        value = self.raw(key)
        if value is None:
            if required:
                self.complain(key, "is missing")
            return default
        number = as_number(value)
        if number is None or outsize(number):
            self.complain(key, f'must be a number such as 5, "0.5" or "95%", not {value!r}')
            return default
        if (low is not None and number < low) or (high is not None and number > high):
            limits = " and ".join(
                part
                for part in (
                    f"at least {low}" if low is not None else "",
                    f"at most {high}" if high is not None else "",
                )
                if part
            )
            self.complain(key, f"is {number}; it must be {limits}")
            return default
        return number

    def optional(self, key: str, *, low: Decimal | None = None) -> Decimal | None:
        """A number, or None where it is not written."""
        return self.number(key, low=low) if self.has(key) else None

    def whole(self, key: str, default: int = 0, *, low: int = 0) -> int:
        """A whole number."""
        number = self.number(key, Decimal(default), low=Decimal(low))
        if number != number.to_integral_value():
            self.complain(key, "must be a whole number")
            return default
        return int(number)

    def flag(self, key: str, *, default: bool = False) -> bool:
        """True or false."""
        value = self.raw(key)
        if value is None:
            return default
        if not isinstance(value, bool):
            self.complain(key, "must be true or false")
            return default
        return value

    def words(self, key: str) -> tuple[str, ...]:
        """A list of strings; a single string stands for a list of one."""
        value = self.raw(key)
        if value is None:
            return ()
        items = [value] if isinstance(value, str) else value
        if not isinstance(items, list) or not all(isinstance(item, str) for item in items):
            self.complain(key, "must be a list of texts")
            return ()
        return tuple(items)

    def day(self, key: str) -> str:
        """A date as YYYY-MM-DD, "" where it is not written."""
        value = self.raw(key)
        if isinstance(value, date):
            return value.isoformat()[:10]
        if value is None:
            return ""
        try:
            return date.fromisoformat(str(value)).isoformat()
        except ValueError:
            self.complain(key, f"must be a date such as 2021-07-01, not {value!r}")
            return ""

    def child(self, key: str, *, required: bool = False) -> Reader | None:
        """A table under this one."""
        value = self.raw(key)
        if value is None:
            if required:
                self.complain(key, "is missing")
            return None
        if not isinstance(value, dict):
            self.complain(key, "must be a table")
            return None
        return Reader(value, f"{self.place} › {key}" if self.place else key, self.problems, (*self.path, key))

    def children(self, key: str, *, required: bool = False) -> list[Reader]:
        """A list of tables under this one, each named by its `key` where it has one."""
        value = self.raw(key)
        if value is None:
            if required:
                self.complain(key, "is missing")
            return []
        if not isinstance(value, list) or not all(isinstance(item, dict) for item in value):
            self.complain(key, f"must be a list of tables ([[{key}]])")
            return []
        if required and not value:
            self.complain(key, "must hold at least one")
        return [
            Reader(
                item,
                " › ".join(part for part in (self.place, f"{key} {_name(item, index)}") if part),
                self.problems,
                (*self.path, key, index),
            )
            for index, item in enumerate(value)
        ]

    def forgive(self) -> None:
        """Do not name unknown keys: the method they belong to is unknown itself."""
        self._forgiving = True

    def done(self) -> None:
        """Name every key that nobody asked for: a mistyped parameter is never passed over in silence."""
        for key in self.table:
            if key not in self._asked and not self._forgiving:
                self.complain(key, "is not a key of this table")


def as_number(value: Any) -> Decimal | None:
    """5, 0.5 (TOML decimals are read exactly), "0.5" or "95%" as a Decimal; None for anything else, nan and inf too."""
    if isinstance(value, bool):
        return None
    if isinstance(value, int | Decimal):
        return Decimal(value) if Decimal(value).is_finite() else None
    if not isinstance(value, str):
        return None
    text = value.strip()
    if text.endswith("%"):
        percent = decimal_of(text[:-1].strip())
        return None if percent is None else percent / HUNDRED
    return decimal_of(text)


def as_scalar(value: Any) -> Value:
    """A value to compare facts with: dates become YYYY-MM-DD, decimal strings numbers."""
    if isinstance(value, date):
        return value.isoformat()[:10]
    if isinstance(value, Decimal) and not value.is_finite():
        return None
    if isinstance(value, str | bool | int | Decimal):
        return scalar(value)
    return None


def _name(item: Mapping[str, Any], index: int) -> str:
    name = item.get("key") or item.get("name")
    return name if isinstance(name, str) else str(index + 1)
