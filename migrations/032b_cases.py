"""Accountability cases: the local list of triggers, cases, their steps, evidence. Frozen in time."""

from peewee import (
    AutoField,
    BooleanField,
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

    class Unit(Base):
        id = AutoField()

    class CaseKind(Base):
        id = AutoField()
        programme = ForeignKeyField(Programme, backref="+")
        name = CharField(max_length=60)
        sort = IntegerField()
        ended = BooleanField()

        class Meta:
            indexes = ((("programme", "name"), True),)

    class AccountabilityCase(Base):
        id = AutoField()
        programme = ForeignKeyField(Programme, backref="+")
        unit = ForeignKeyField(Unit, backref="+")
        year = IntegerField()
        number = IntegerField()
        kind = CharField(max_length=60)
        title = CharField(max_length=200)
        account = TextField()
        source = CharField(max_length=300)
        happened_on = DateField()
        opened_by = IntegerField()
        opened_at = DateTimeField()
        state = CharField(max_length=40)
        decided_by = IntegerField(null=True)
        decided_by_name = CharField(max_length=80)
        decided_at = DateTimeField(null=True)
        measure = TextField()
        penalty = CharField(max_length=60)
        veto = CharField(max_length=60)
        counts_on = DateField(null=True)
        version = IntegerField()

        class Meta:
            indexes = (
                (("programme", "year", "number"), True),
                (("programme", "state"), False),
                (("unit", "state"), False),
            )

    class CaseStep(Base):
        id = AutoField()
        case = ForeignKeyField(AccountabilityCase, backref="+")
        kind = CharField(max_length=40)
        at = DateTimeField()
        by = IntegerField()
        by_name = CharField(max_length=80)
        words = TextField()
        details = TextField()

        class Meta:
            indexes = ((("case", "id"), False),)

    return [CaseKind, AccountabilityCase, CaseStep]


def up(migrator, db):
    made = tables(db)
    db.create_tables(made, safe=False)
    step = ForeignKeyField(made[2], field=made[2].id, null=True, backref="+")
    migrator.migrate(migrator.add_column("attachment", "case_step_id", step))


def down(migrator, db):
    migrator.migrate(
        migrator.drop_index("attachment", "attachment_case_step_id"),
        migrator.drop_column("attachment", "case_step_id"),
    )
    db.drop_tables(list(reversed(tables(db))))
