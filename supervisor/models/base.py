"""What every table shares: the database, an explicit key, plain table names."""

from __future__ import annotations

from peewee import AutoField, Model

from supervisor.database import db


class Base(Model):
    """A table. Holds columns, enums and queries over itself; verbs live in `core/`."""

    id = AutoField()

    class Meta:
        database = db
        legacy_table_names = False
