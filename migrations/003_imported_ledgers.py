"""Existing ledgers: uploads on their way, and what an imported ledger said of each task. Frozen in time."""

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

    class Document(Base):
        id = AutoField()

    class LedgerUpload(Base):
        id = AutoField()
        programme = ForeignKeyField(Programme, backref="+")
        filename = CharField(max_length=200)
        sha256 = CharField(max_length=64)
        sheets = TextField()
        choices = TextField()
        created_by = IntegerField(null=True)
        created_at = DateTimeField(index=True)

    class ImportedRow(Base):
        id = AutoField()
        document = ForeignKeyField(Document, backref="+")
        row = IntegerField()
        as_of = DateField()
        progress = IntegerField(null=True)
        said = TextField()
        closed = BooleanField()
        closed_on = DateField(null=True)
        cells = TextField()

        class Meta:
            indexes = ((("document", "row"), True),)

    return [LedgerUpload, ImportedRow]


def up(migrator, db):
    db.create_tables(tables(db), safe=False)


def down(migrator, db):
    db.drop_tables(list(reversed(tables(db))))
