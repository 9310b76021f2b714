"""Site viewings: projects, judges, signed mark sheets. Frozen in time."""

from peewee import (
    AutoField,
    BooleanField,
    CharField,
    Check,
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

    class Viewing(Base):
        id = AutoField()
        programme = ForeignKeyField(Programme, backref="+")
        title = CharField(max_length=200)
        held_on = DateField()
        about = TextField()
        dropped = IntegerField()
        criteria = TextField()
        state = CharField(max_length=40)
        made_by = IntegerField()
        made_at = DateTimeField()
        finished_by = IntegerField(null=True)
        finished_at = DateTimeField(null=True)
        why_missing = TextField()
        version = IntegerField()

        class Meta:
            indexes = ((("programme", "held_on"), False),)
            constraints = (Check("dropped BETWEEN 0 AND 2", name="viewing_dropped"),)

    class ViewedProject(Base):
        id = AutoField()
        viewing = ForeignKeyField(Viewing, backref="+")
        number = IntegerField()
        unit = ForeignKeyField(Unit, backref="+")
        name = CharField(max_length=120)
        place = CharField(max_length=200)

        class Meta:
            indexes = ((("viewing", "number"), True),)

    class Panelist(Base):
        id = AutoField()
        viewing = ForeignKeyField(Viewing, backref="+")
        number = IntegerField()
        user = ForeignKeyField(User, null=True, backref="+")
        name = CharField(max_length=80)
        unit = ForeignKeyField(Unit, null=True, backref="+")

        class Meta:
            indexes = ((("viewing", "number"), True), (("viewing", "user"), True))

    class MarkSheet(Base):
        id = AutoField()
        project = ForeignKeyField(ViewedProject, backref="+")
        panelist = ForeignKeyField(Panelist, backref="+")
        number = IntegerField()
        marks = TextField()
        comment = TextField()
        reason = TextField()
        signed_at = DateTimeField()
        typed_by = IntegerField()
        typed_by_name = CharField(max_length=80)
        superseded = BooleanField()

        class Meta:
            indexes = ((("project", "panelist", "number"), True),)

    return [Viewing, ViewedProject, Panelist, MarkSheet]


def up(migrator, db):
    db.create_tables(tables(db), safe=False)


def down(migrator, db):
    db.drop_tables(list(reversed(tables(db))))
