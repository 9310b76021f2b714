"""Many rows written in few statements, alike on SQLite and PostgreSQL.

Peewee takes a third of a millisecond to write one row of an INSERT, ten times what the database takes to store it:
for a ledger of ten thousand rows that is most of the waiting. Here the statement is written once for all rows.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from itertools import islice
from typing import Any

from peewee import Field, Model

from supervisor.database import db

#: Values in one statement; SQLite before 3.32 takes at most 999.
MOST_VALUES = 999


def insert_rows(table: type[Model], rows: Iterable[Mapping[str, Any]], *, ignore: bool = False) -> None:
    """Write rows in their order, as `insert_many` would; numbers rise in it. Call inside the verb's transaction.

    Args:
        table: where they go.
        rows: field name → value, all with the same names; what they leave out has its default.
        ignore: leave out, without an error, a row whose key is there already.

    Raises:
        KeyError, ValueError: a row lacks a name of the first one, or has one more.
    """
    rest = iter(rows)
    first = next(rest, None)
    if first is None:
        return
    writer = _Writer(table, first, ignore=ignore)
    some = [first, *islice(rest, writer.most - 1)]
    while some:
        writer.write(some)
        some = list(islice(rest, writer.most))


class _Writer:
    """The statement for rows with these names, and what turns their values into the columns'."""

    def __init__(self, table: type[Model], first: Mapping[str, Any], *, ignore: bool) -> None:
        meta: Any = table._meta  # noqa: SLF001 -- Peewee's public name for a table
        self.names = tuple(first)
        fields: list[Field[Any]] = [meta.combined[name] for name in self.names]
        given = {field.name for field in fields}
        #: A default may be made by a call; one call serves all rows, for it is stored, not handed on.
        defaults: list[tuple[Field[Any], Any]] = [
            (meta.fields[name], value) for name, value in meta.get_default_dict().items() if name not in given
        ]
        self.convert: list[Any] = [field.db_value for field in fields]
        self.same = [field.db_value(value) for field, value in defaults]
        columns = [f'"{field.column_name}"' for field in (*fields, *(field for field, _ in defaults))]
        self.most = max(1, MOST_VALUES // len(columns))
        self.row = f"({', '.join([db.obj.param] * len(columns))})"
        self.head = f'INSERT INTO "{meta.table_name}" ({", ".join(columns)}) VALUES '
        self.tail = " ON CONFLICT DO NOTHING" if ignore else ""

    def write(self, rows: Sequence[Mapping[str, Any]]) -> None:
        values: list[Any] = []
        for row in rows:
            if len(row) != len(self.names):
                raise ValueError("rows written together must have the same names")
            values += [convert(row[name]) for convert, name in zip(self.convert, self.names, strict=True)]
            values += self.same
        db.execute_sql(f"{self.head}{', '.join([self.row] * len(rows))}{self.tail}", values)
