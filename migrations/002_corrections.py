"""Corrections of a draft ledger, step by step, and the decisions remembered for a jurisdiction. Frozen in time."""

from peewee import (
    AutoField,
    BooleanField,
    CharField,
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

    class Jurisdiction(Base):
        id = AutoField()

    class Document(Base):
        id = AutoField()

    class Correction(Base):
        id = AutoField()
        document = ForeignKeyField(Document, backref="+")
        number = IntegerField()
        version = IntegerField()
        anchor = CharField(max_length=80)
        summary = TextField()
        patch = TextField()
        undone = BooleanField()
        made_by = IntegerField(null=True)
        made_by_name = CharField(max_length=120)
        made_at = DateTimeField()

        class Meta:
            indexes = ((("document", "number"), True),)

    class Precedent(Base):
        id = AutoField()
        jurisdiction = ForeignKeyField(Jurisdiction, backref="+")
        kind = CharField(max_length=40)
        name = CharField(max_length=200)
        value = TextField()
        document = ForeignKeyField(Document, backref="+", null=True)
        title = CharField(max_length=400)
        decided_by = IntegerField(null=True)
        decided_by_name = CharField(max_length=120)
        decided_at = DateTimeField()

        class Meta:
            indexes = ((("jurisdiction", "kind", "name"), True),)

    return [Correction, Precedent]


def up(migrator, db):
    db.create_tables(tables(db), safe=False)


def down(migrator, db):
    db.drop_tables(list(reversed(tables(db))))
