"""Days of reminding that a rule has of its own, and pauses of reminders with their reason. Frozen in time."""

from peewee import (
    AutoField,
    CharField,
    DateField,
    DateTimeField,
    ForeignKeyField,
    IntegerField,
    Model,
    TextField,
)


def tables(db):
    class Base(Model):
        class Meta:
            database = db
            legacy_table_names = False

    class Programme(Base):
        id = AutoField()

    class ReportingRule(Base):
        id = AutoField()

    class ReminderPause(Base):
        id = AutoField()
        programme = ForeignKeyField(Programme, backref="+")
        rule = ForeignKeyField(ReportingRule, null=True, backref="+")
        from_on = DateField()
        until_on = DateField()
        reason = CharField(max_length=400)
        made_by = IntegerField()
        made_by_name = CharField(max_length=120)
        made_at = DateTimeField()
        ended_at = DateTimeField(null=True)
        ended_by_name = CharField(max_length=120)
        end_reason = CharField(max_length=400)

        class Meta:
            indexes = ((("programme", "until_on"), False),)

    return [ReminderPause]


def up(migrator, db):
    db.create_tables(tables(db), safe=False)
    migrator.migrate(
        migrator.add_column("reporting_rule", "remind_before", TextField(null=True)),
        migrator.add_column("reporting_rule", "remind_after", TextField(null=True)),
    )


def down(migrator, db):
    migrator.migrate(
        migrator.drop_column("reporting_rule", "remind_after"),
        migrator.drop_column("reporting_rule", "remind_before"),
    )
    db.drop_tables(tables(db))
