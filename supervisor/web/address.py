"""What an address asks for, read once; what cannot be read there is left out, so that an old link still opens."""

from __future__ import annotations

import enum
from datetime import date
from typing import TypeVar

from flask import request

from supervisor.core.inbox import Cursor
from supervisor.web.forms import number

Choice = TypeVar("Choice", bound=enum.StrEnum)


def choice_in(of: type[Choice], name: str) -> Choice | None:
    """One of the values of an enum."""
    try:
        return of(request.args.get(name, ""))
    except ValueError:
        return None


def day_in(name: str) -> date | None:
    """A day such as 2021-06-15."""
    try:
        return date.fromisoformat(request.args.get(name, ""))
    except ValueError:
        return None


def cursor_in(name: str) -> Cursor | None:
    """Where a page of messages begins."""
    day, _, row = request.args.get(name, "").partition(".")
    try:
        return Cursor(date.fromisoformat(day), number(row))
    except ValueError:
        return None
