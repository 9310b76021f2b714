"""Between which days an item is sent that counts for a period. Frozen in time."""

from peewee import CharField


def up(migrator, _db):
    migrator.migrate(
        migrator.add_column("reporting_rule", "counted_by", CharField(max_length=40, default="period"))
    )


def down(migrator, _db):
    migrator.migrate(migrator.drop_column("reporting_rule", "counted_by"))
