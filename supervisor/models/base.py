"""What every table shares: the database, an explicit key, plain table names."""

from __future__ import annotations

from typing import Any

from peewee import AutoField, Model

from supervisor.database import db


class Base(Model):
    """A table. Holds columns, enums and queries over itself; verbs live in `core/`."""

    id = AutoField()

    class Meta:
        database = db
        legacy_table_names = False


def rows_of(query: Any) -> list[tuple[Any, ...]]:
    """The rows of a select as plain tuples; Peewee's stubs say they are models."""
    return list(query.tuples())
