"""Whether a rule takes nil as an answer where documents or items are asked for. Frozen in time."""

from peewee import BooleanField


def up(migrator, db):
    migrator.migrate(migrator.add_column("reporting_rule", "nil_allowed", BooleanField(default=False)))


def down(migrator, db):
    migrator.migrate(migrator.drop_column("reporting_rule", "nil_allowed"))
