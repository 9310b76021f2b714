"""Circulars of approved lists, drafted and as issued. Frozen in time."""

from peewee import AutoField, CharField, DateTimeField, ForeignKeyField, IntegerField, Model, TextField


def tables(db):
    class Base(Model):
        class Meta:
            database = db
            legacy_table_names = False

    class NameList(Base):
        id = AutoField()

    class ListCircular(Base):
        id = AutoField()
        name_list = ForeignKeyField(NameList, backref="+", unique=True)
        title = CharField(max_length=200)
        opening = TextField()
        closing = TextField()
        version = IntegerField()
        written_by = IntegerField()
        written_name = CharField(max_length=120)
        written_at = DateTimeField()
        content = TextField()
        sha256 = CharField(max_length=64)
        number = CharField(max_length=80)
        issued_by = IntegerField(null=True)
        issued_name = CharField(max_length=120)
        issued_at = DateTimeField(null=True)

    return [ListCircular]


def up(_migrator, db):
    db.create_tables(tables(db), safe=False)


def down(_migrator, db):
    db.drop_tables(tables(db))
