"""Posts held for somebody who is absent, and why. Frozen in time."""

from peewee import AutoField, CharField, ForeignKeyField, Model


def posting(db):
    class Posting(Model):
        id = AutoField()

        class Meta:
            database = db
            legacy_table_names = False

    return Posting


def up(migrator, db):
    of = posting(db)
    migrator.migrate(
        migrator.add_column(
            "posting", "stands_in_for_id", ForeignKeyField(of, field=of.id, backref="+", null=True)
        ),
        migrator.add_column("posting", "reason", CharField(max_length=200, default="")),
    )


def down(migrator, db):
    migrator.migrate(
        migrator.drop_column("posting", "reason"),
        migrator.drop_index("posting", "posting_stands_in_for_id"),
        migrator.drop_column("posting", "stands_in_for_id"),
    )
