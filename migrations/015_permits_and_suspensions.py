"""Permits to hand in after the lock, and suspensions of a unit's part of a task. Frozen in time."""

from peewee import (
    AutoField,
    CharField,
    DateField,
    DateTimeField,
    ForeignKeyField,
    IntegerField,
    Model,
)


def tables(db):
    class Base(Model):
        class Meta:
            database = db
            legacy_table_names = False

    class Obligation(Base):
        id = AutoField()

    class Programme(Base):
        id = AutoField()

    class Assignment(Base):
        id = AutoField()

    class LatePermit(Base):
        id = AutoField()
        obligation = ForeignKeyField(Obligation, backref="+")
        until_on = DateField()
        until_at = DateTimeField()
        was_locked_at = DateTimeField()
        reason = CharField(max_length=400)
        given_by = IntegerField()
        given_at = DateTimeField()

    class Suspension(Base):
        id = AutoField()
        programme = ForeignKeyField(Programme, backref="+")
        assignment = ForeignKeyField(Assignment, backref="+")
        from_on = DateField()
        review_on = DateField()
        reason = CharField(max_length=400)
        made_by = IntegerField()
        made_at = DateTimeField()
        resumed_on = DateField(null=True)
        resume_reason = CharField(max_length=400)
        resumed_by = IntegerField(null=True)
        resumed_at = DateTimeField(null=True)

        class Meta:
            indexes = ((("programme", "resumed_on", "review_on"), False),)

    return [LatePermit, Suspension]


def up(migrator, db):
    db.create_tables(tables(db), safe=False)


def down(migrator, db):
    db.drop_tables(list(reversed(tables(db))))
