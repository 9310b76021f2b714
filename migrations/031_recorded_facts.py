"""Recorded facts with their versions, what was declared empty, who enters what, uploads. Frozen in time."""

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

    class Unit(Base):
        id = AutoField()

    class User(Base):
        id = AutoField()

    class RecordedFact(Base):
        id = AutoField()
        programme = ForeignKeyField(Programme, backref="+")
        period = CharField(max_length=40)
        form = CharField(max_length=60)
        kind = CharField(max_length=60)
        unit = ForeignKeyField(Unit, backref="+")
        subject = CharField(max_length=200)
        day = DateField(null=True)
        named = TextField()
        source = CharField(max_length=300)
        note = CharField(max_length=400)
        state = CharField(max_length=40)
        open_key = CharField(max_length=120, null=True, unique=True)
        number = IntegerField()
        replaces = ForeignKeyField("self", null=True, backref="+")
        reason = CharField(max_length=400)
        entered_by = IntegerField()
        by_name = CharField(max_length=80)
        entered_at = DateTimeField()
        ended_by = IntegerField(null=True)
        ended_name = CharField(max_length=80)
        ended_at = DateTimeField(null=True)
        end_reason = CharField(max_length=400)

        class Meta:
            indexes = ((("programme", "period", "state", "form"), False), (("unit", "state"), False))

    class FactSettlement(Base):
        id = AutoField()
        programme = ForeignKeyField(Programme, backref="+")
        period = CharField(max_length=40)
        form = CharField(max_length=60)
        kind = CharField(max_length=60)
        words = CharField(max_length=400)
        settled_by = IntegerField()
        by_name = CharField(max_length=80)
        settled_at = DateTimeField()
        open_key = CharField(max_length=120, null=True, unique=True)
        ended_name = CharField(max_length=80)
        ended_at = DateTimeField(null=True)
        end_reason = CharField(max_length=400)

        class Meta:
            indexes = ((("programme", "period"), False),)

    class FactAssessor(Base):
        id = AutoField()
        programme = ForeignKeyField(Programme, backref="+")
        form = CharField(max_length=60)
        kind = CharField(max_length=60)
        unit = ForeignKeyField(Unit, null=True, backref="+")
        person = ForeignKeyField(User, null=True, backref="+")
        reason = CharField(max_length=400)
        named_by = IntegerField()
        by_name = CharField(max_length=80)
        named_at = DateTimeField()
        open_key = CharField(max_length=120, null=True, unique=True)
        ended_name = CharField(max_length=80)
        ended_at = DateTimeField(null=True)
        end_reason = CharField(max_length=400)

        class Meta:
            indexes = ((("programme", "form"), False),)

    class FactUpload(Base):
        id = AutoField()
        programme = ForeignKeyField(Programme, backref="+")
        period = CharField(max_length=40)
        form = CharField(max_length=60)
        filename = CharField(max_length=200)
        sha256 = CharField(max_length=64)
        cells = TextField()
        source = CharField(max_length=300)
        created_by = IntegerField()
        created_at = DateTimeField(index=True)

    return [RecordedFact, FactSettlement, FactAssessor, FactUpload]


def up(migrator, db):
    made = tables(db)
    db.create_tables(made, safe=False)
    fact = ForeignKeyField(made[0], field=made[0].id, null=True, backref="+")
    migrator.migrate(migrator.add_column("attachment", "recorded_fact_id", fact))


def down(migrator, db):
    migrator.migrate(
        migrator.drop_index("attachment", "attachment_recorded_fact_id"),
        migrator.drop_column("attachment", "recorded_fact_id"),
    )
    db.drop_tables(list(reversed(tables(db))))
