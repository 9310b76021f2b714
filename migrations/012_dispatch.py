"""The register of problems, instructions and weekly records, and the monthly circulars. Frozen in time."""

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

    class Task(Base):
        id = AutoField()

    class Entry(Base):
        id = AutoField()

    class ReportEntry(Base):
        id = AutoField()

    class Problem(Base):
        id = AutoField()
        programme = ForeignKeyField(Programme, backref="+")
        unit = ForeignKeyField(Unit, backref="+")
        task = ForeignKeyField(Task, backref="+")
        entry = ForeignKeyField(Entry, backref="+", unique=True)
        text = TextField(default="")
        help_wanted = TextField(default="")
        raised_period = CharField(max_length=12)
        raised_month = CharField(max_length=7)
        state = CharField(max_length=40, default="open")
        settled_month = CharField(max_length=7, default="")
        settled_how = TextField(default="")
        helper = ForeignKeyField(Unit, backref="+", null=True)
        office_helps = BooleanField(default=False)
        help_by = DateField(null=True)
        version = IntegerField(default=1)

        class Meta:
            indexes = (
                (("programme", "state", "raised_month", "id"), False),
                (("unit", "state"), False),
                (("helper", "state"), False),
            )

    class ProblemAnswer(Base):
        id = AutoField()
        report_entry = ForeignKeyField(ReportEntry, backref="+")
        problem = ForeignKeyField(Problem, backref="+")
        solved = BooleanField()
        how = TextField(default="")

        class Meta:
            indexes = ((("report_entry", "problem"), True),)

    class ProblemEvent(Base):
        id = AutoField()
        problem = ForeignKeyField(Problem, backref="+")
        step = CharField(max_length=40)
        at = DateTimeField()
        period = CharField(max_length=12, default="")
        by_name = CharField(max_length=80, default="")
        words = TextField(default="")

    class Instruction(Base):
        id = AutoField()
        programme = ForeignKeyField(Programme, backref="+")
        kind = CharField(max_length=40)
        period = CharField(max_length=12)
        text = TextField()
        task = ForeignKeyField(Task, backref="+", null=True)
        due_on = DateField()
        recorded_at = DateTimeField()
        recorded_by = IntegerField()
        by_name = CharField(max_length=80)

        class Meta:
            indexes = ((("programme", "kind", "period"), False),)

    class InstructedUnit(Base):
        id = AutoField()
        instruction = ForeignKeyField(Instruction, backref="+")
        unit = ForeignKeyField(Unit, backref="+")
        done_on = DateField(null=True)
        note = TextField(default="")

        class Meta:
            indexes = ((("instruction", "unit"), True), (("unit", "done_on"), False))

    class WeeklyRecord(Base):
        id = AutoField()
        programme = ForeignKeyField(Programme, backref="+")
        week = CharField(max_length=8)
        skipped = BooleanField(default=False)
        due_on = DateField(null=True)
        figures = TextField(default="{}")
        made_at = DateTimeField()
        finished_at = DateTimeField(null=True)
        finished_by = CharField(max_length=80, default="")
        conclusion = TextField(default="")

        class Meta:
            indexes = ((("programme", "week"), True),)

    class Circular(Base):
        id = AutoField()
        programme = ForeignKeyField(Programme, backref="+")
        month = CharField(max_length=7)
        title = CharField(max_length=200)
        opening = TextField(default="")
        closing = TextField(default="")
        named = TextField(default="[]")
        corrects = ForeignKeyField("self", backref="+", null=True)
        why = TextField(default="")
        written_by = IntegerField()
        written_at = DateTimeField()
        year = IntegerField(null=True)
        number = IntegerField(null=True)
        issued_at = DateTimeField(null=True)
        issued_by = IntegerField(null=True)
        content = TextField(default="")
        sha256 = CharField(max_length=64, default="")
        version = IntegerField(default=1)

        class Meta:
            indexes = (
                (("programme", "year", "number"), True),
                (("programme", "month", "id"), False),
            )

    return [Problem, ProblemAnswer, ProblemEvent, Instruction, InstructedUnit, WeeklyRecord, Circular]


def up(_migrator, db):
    db.create_tables(tables(db), safe=False)


def down(_migrator, db):
    db.drop_tables(list(reversed(tables(db))))
