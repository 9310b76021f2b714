"""From when until when mail and group messages wait for the morning. Frozen in time."""

from datetime import time

from peewee import TimeField


def up(migrator, db):
    migrator.migrate(
        migrator.add_column("local_settings", "quiet_from", TimeField(default=time(20))),
        migrator.add_column("local_settings", "quiet_until", TimeField(default=time(8))),
    )


def down(migrator, db):
    migrator.migrate(
        migrator.drop_column("local_settings", "quiet_until"),
        migrator.drop_column("local_settings", "quiet_from"),
    )
