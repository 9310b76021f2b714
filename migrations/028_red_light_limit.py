"""For how many working days a light must be red before an urge is proposed. Frozen in time."""

from peewee import IntegerField


def up(migrator, db):
    migrator.migrate(migrator.add_column("local_settings", "ladder_light_after", IntegerField(default=10)))


def down(migrator, db):
    migrator.migrate(migrator.drop_column("local_settings", "ladder_light_after"))
