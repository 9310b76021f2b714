"""Selects that are written once and run many times.

Peewee takes about half a millisecond to write a select, the database far less to answer one by its index. What
every page asks (who is signed in, what waits) and what every verb asks (settings, calendar, receivers) is
therefore written at its first use and kept. Only selects whose shape never depends on their values belong here.
"""

from __future__ import annotations

import functools
import inspect
import json
from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

from peewee import SQL, Context, Node, NodeList

from supervisor.database import db, is_sqlite

#: What turns a Python value into the column's, or None where the slot is compared with no column.
Converter = Callable[[Any], Any]


class _Place(NamedTuple):
    """Where in the statement an argument goes, in the form of the column that it is compared with."""

    argument: int
    converter: Converter | None

    def fill(self, arguments: Sequence[Any]) -> Any:
        value = arguments[self.argument]
        return self.converter(value) if self.converter else value


class _Slot(Node):
    """Stands for an argument while the select is written."""

    def __init__(self, argument: int, converter: Converter | None = None) -> None:
        self.argument, self.converter = argument, converter

    def __sql__(self, ctx: Context) -> Context:
        # Peewee hands the column's converter down to what the column is compared with.
        place = _Place(self.argument, self.converter or ctx.state.converter)
        written: Context = ctx.value(place, converter=False)
        return written


class _Kept:
    """The database as a select sees it, with the text and values that were worked out before."""

    def __init__(self, sql: str, values: Sequence[Any]) -> None:
        self.sql, self.values = sql, values

    def execute(self, _query: object) -> Any:
        return db.execute_sql(self.sql, self.values)


def among(column: Any, ids: Any) -> Any:
    """The condition that an integer column is one of `ids`, however many: in a statement, in place of `in_`."""
    if not isinstance(ids, _Slot):
        return column.in_(list(ids))
    if is_sqlite():
        return NodeList(
            (column, SQL("IN (SELECT value FROM json_each("), _Slot(ids.argument, json.dumps), SQL("))"))
        )
    return NodeList((column, SQL("= ANY("), _Slot(ids.argument, list), SQL(")")))


def statement(build: Callable[..., Any]) -> Callable[..., list[Any]]:
    """Turn a function that writes a select from its arguments into one that runs it and answers the rows.

    Rows are what the select makes of them. The function is called once per kind of database, with slots for its
    arguments: it may compare them with columns, by `among` with lists of numbers, and must do nothing else with
    them (no `if`, no `in_`).
    """
    prepare = _prepared(build)

    @functools.wraps(build)
    def run(*arguments: Any) -> list[Any]:
        query, sql, values = prepare(arguments)
        return list(query.clone().execute(_Kept(sql, values)))

    return run


def plain_statement(build: Callable[..., Any]) -> Callable[..., list[tuple[Any, ...]]]:
    """As `statement`; rows are tuples as the database hands them over: for numbers and texts alone."""
    prepare = _prepared(build)

    @functools.wraps(build)
    def run(*arguments: Any) -> list[tuple[Any, ...]]:
        _query, sql, values = prepare(arguments)
        rows: list[tuple[Any, ...]] = db.execute_sql(sql, values).fetchall()
        return rows

    return run


def _prepared(build: Callable[..., Any]) -> Callable[[Sequence[Any]], tuple[Any, str, list[Any]]]:
    """What writes the select at its first use, and then hands out its text with the arguments in their places."""
    size = len(inspect.signature(build).parameters)
    kept: dict[type, tuple[Any, str, tuple[Any, ...]]] = {}

    def prepare(arguments: Sequence[Any]) -> tuple[Any, str, list[Any]]:
        if len(arguments) != size:
            raise TypeError(f"{build.__name__} takes {size} values, not {len(arguments)}")
        kind = type(db.obj)
        if kind not in kept:
            query = build(*(_Slot(number) for number in range(size)))
            sql, values = query.sql()
            kept[kind] = (query, sql, tuple(values))
        query, sql, values = kept[kind]
        filled = [value.fill(arguments) if isinstance(value, _Place) else value for value in values]
        return query, sql, filled

    return prepare
