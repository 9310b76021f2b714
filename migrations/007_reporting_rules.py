"""Reporting rules of every kind, who owes them and to whom; rhythms of supervision; phases. Frozen in time."""

from peewee import (
    AutoField,
    CharField,
    DateField,
    DateTimeField,
    ForeignKeyField,
    IntegerField,
    Model,
    SqliteDatabase,
    TextField,
    TimeField,
)

#: SQLite takes the table apart to add columns that are never empty; others refer to it, so their keys rest meanwhile,
#: and keys can only rest outside a transaction.
atomic = False

COLUMNS = {
    "kind": CharField(max_length=40, default="progress"),
    "obliged": CharField(max_length=40, default="linked"),
    "state": CharField(max_length=40, default="confirmed"),
    "due_on": DateField(null=True),
    "subject_shift": IntegerField(default=-1),
    "every_years": IntegerField(default=1),
    "anchor_year": IntegerField(null=True),
    "minimum": IntegerField(default=1),
    "condition": CharField(max_length=80, default=""),
    "documents": TextField(default="[]"),
    "cutoff": TimeField(null=True),
    "day_off_policy": CharField(max_length=8, default=""),
    "lock_after_workdays": IntegerField(null=True),
    "grace_workdays": IntegerField(default=0),
    "generated_on": DateField(null=True),
    "clause": TextField(default=""),
    "source_line": IntegerField(null=True),
}


def tables(db):
    class Base(Model):
        class Meta:
            database = db
            legacy_table_names = False

    class Programme(Base):
        id = AutoField()

    class Unit(Base):
        id = AutoField()

    class UnitGroup(Base):
        id = AutoField()

    class Plan(Base):
        id = AutoField()

    class ReportingRule(Base):
        id = AutoField()

    class Assignment(Base):
        id = AutoField()

    class RuleParty(Base):
        id = AutoField()
        rule = ForeignKeyField(ReportingRule, backref="+")
        unit = ForeignKeyField(Unit, null=True, backref="+")
        group = ForeignKeyField(UnitGroup, null=True, backref="+")
        name = CharField(max_length=160)
        valid_from = DateField(null=True)
        valid_to = DateField(null=True)
        sort = IntegerField()

        class Meta:
            indexes = ((("rule", "name"), True),)

    class RuleRecipient(Base):
        id = AutoField()
        rule = ForeignKeyField(ReportingRule, backref="+")
        unit = ForeignKeyField(Unit, null=True, backref="+")
        name = CharField(max_length=160)
        sort = IntegerField()

        class Meta:
            indexes = ((("rule", "name"), True),)

    class RuleVersion(Base):
        id = AutoField()
        rule = ForeignKeyField(ReportingRule, backref="+")
        number = IntegerField()
        before = TextField()
        after = TextField()
        reason = TextField()
        changed_by = IntegerField(null=True)
        changed_by_name = CharField(max_length=120)
        changed_at = DateTimeField()

        class Meta:
            indexes = ((("rule", "number"), True),)

    class LinkMark(Base):
        id = AutoField()
        assignment = ForeignKeyField(Assignment, backref="+")
        name = CharField(max_length=80)
        set_on = DateField()
        cleared_on = DateField(null=True)
        reason = TextField()

        class Meta:
            indexes = ((("assignment", "name"), False),)

    class Cadence(Base):
        id = AutoField()
        programme = ForeignKeyField(Programme, backref="+")
        plan = ForeignKeyField(Plan, backref="+")
        name = CharField(max_length=80)
        recurrence = CharField(max_length=40)
        source_line = IntegerField(null=True)

        class Meta:
            indexes = ((("plan", "name"), True),)

    class Phase(Base):
        id = AutoField()
        plan = ForeignKeyField(Plan, backref="+")
        name = CharField(max_length=120)
        begins_on = DateField(null=True)
        ends_on = DateField(null=True)
        source_line = IntegerField(null=True)
        sort = IntegerField()

    return [RuleParty, RuleRecipient, RuleVersion, LinkMark, Cadence, Phase]


def in_peace(db, change):
    """Run `change` in one transaction, on SQLite while no key is watched; all keys are looked at before it ends."""
    is_sqlite = isinstance(db, SqliteDatabase)
    if is_sqlite:
        db.execute_sql("PRAGMA foreign_keys = 0")
    try:
        with db.atomic():
            change()
            if is_sqlite and db.execute_sql("PRAGMA foreign_key_check").fetchall():
                raise RuntimeError("a row refers to one that does not exist")
    finally:
        if is_sqlite:
            db.execute_sql("PRAGMA foreign_keys = 1")


def up(migrator, db):
    def change():
        db.create_tables(tables(db), safe=False)
        for name, column in COLUMNS.items():
            migrator.migrate(migrator.add_column("reporting_rule", name, column))
        migrator.migrate(migrator.add_column("obligation", "grace_at", DateTimeField(null=True)))

    in_peace(db, change)


def down(migrator, db):
    def change():
        migrator.migrate(migrator.drop_column("obligation", "grace_at"))
        for name in reversed(COLUMNS):
            migrator.migrate(migrator.drop_column("reporting_rule", name))
        db.drop_tables(list(reversed(tables(db))))

    in_peace(db, change)
