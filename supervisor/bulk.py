"""Many rows written in few statements, alike on SQLite and PostgreSQL.

Peewee takes a third of a millisecond to write one row of an INSERT, ten times what the database takes to store it:
for a ledger of ten thousand rows that is most of the waiting. Here the statement is written once for all rows.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from itertools import islice
from typing import Any

from peewee import Field, Model

from supervisor.database import db, is_sqlite

#: Values in one statement; SQLite before 3.32 takes at most 999.
MOST_VALUES = 999
#: Rows in one statement on PostgreSQL, where they are one value.
ROWS = 2000


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
        self.columns = [field.column_name for field in (*fields, *(field for field, _ in defaults))]
        self.table = f'"{meta.table_name}"'
        self.tail = " ON CONFLICT DO NOTHING" if ignore else ""
        self.most = max(1, MOST_VALUES // len(self.columns)) if is_sqlite() else ROWS

    def write(self, rows: Sequence[Mapping[str, Any]]) -> None:
        columns = ", ".join(f'"{name}"' for name in self.columns)
        source, values = self._as_values(rows) if is_sqlite() else self._as_json(rows, columns)
        db.execute_sql(f"INSERT INTO {self.table} ({columns}) {source}{self.tail}", values)

    def _as_values(self, rows: Sequence[Mapping[str, Any]]) -> tuple[str, list[Any]]:
        marks = f"({', '.join([db.obj.param] * len(self.columns))})"
        values = [value for row in rows for value in self._of(row)]
        return f"VALUES {', '.join([marks] * len(rows))}", values

    def _as_json(self, rows: Sequence[Mapping[str, Any]], columns: str) -> tuple[str, list[Any]]:
        # One value: PostgreSQL takes half the time of thousands of them, and turns each into its column's type.
        plain = [dict(zip(self.columns, self._of(row), strict=True)) for row in rows]
        source = f"SELECT {columns} FROM json_populate_recordset(NULL::{self.table}, {db.obj.param})"
        return source, [json.dumps(plain, ensure_ascii=False, default=str)]

    def _of(self, row: Mapping[str, Any]) -> list[Any]:
        if len(row) != len(self.names):
            raise ValueError("rows written together must have the same names")
        own = [convert(row[name]) for convert, name in zip(self.convert, self.names, strict=True)]
        return own + self.same
