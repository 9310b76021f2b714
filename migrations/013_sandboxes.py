"""Sandboxes: copies of a programme with a clock of their own. Frozen in time."""

from peewee import AutoField, CharField, DateTimeField, ForeignKeyField, IntegerField, Model


def tables(db):
    class Base(Model):
        class Meta:
            database = db
            legacy_table_names = False

    class Programme(Base):
        id = AutoField()

    class Sandbox(Base):
        id = AutoField()
        programme = ForeignKeyField(Programme, backref="+")
        name = CharField(max_length=120)
        key = CharField(max_length=32, unique=True)
        starts_at = DateTimeField()
        created_by = IntegerField()
        created_by_name = CharField(max_length=120)
        created_at = DateTimeField()
        ended_at = DateTimeField(null=True)

    return [Sandbox]


def up(migrator, db):
    db.create_tables(tables(db), safe=False)


def down(migrator, db):
    db.drop_tables(list(reversed(tables(db))))
