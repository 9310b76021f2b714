"""The ladder: matters, numbered steps, what happened to them, proposals left; its local settings. Frozen in time."""

from peewee import (
    AutoField,
    CharField,
    Check,
    DateField,
    DateTimeField,
    ForeignKeyField,
    IntegerField,
    Model,
    TextField,
)

SETTINGS = {
    "ladder_urge_after": 1, "ladder_blue_after": 5, "ladder_yellow_after": 10, "ladder_red_after": 20,
    "ladder_last_after": 30, "ladder_answer_workdays": 3, "ladder_unanswered_after": 1, "ladder_urge_every": 3,
    "ladder_counts_for": 65,
}  # fmt: skip


def tables(db):
    class Base(Model):
        class Meta:
            database = db
            legacy_table_names = False

    class Programme(Base):
        id = AutoField()

    class Unit(Base):
        id = AutoField()

    class Obligation(Base):
        id = AutoField()

    class Assignment(Base):
        id = AutoField()

    class InstructedUnit(Base):
        id = AutoField()

    class Decision(Base):
        id = AutoField()

    class Matter(Base):
        id = AutoField()
        programme = ForeignKeyField(Programme, backref="+")
        unit = ForeignKeyField(Unit, backref="+")
        source = CharField(max_length=40)
        obligation = ForeignKeyField(Obligation, null=True, backref="+")
        assignment = ForeignKeyField(Assignment, null=True, backref="+")
        instructed = ForeignKeyField(InstructedUnit, null=True, backref="+")
        open_key = CharField(max_length=40, null=True, unique=True)
        title = CharField(max_length=300)
        basis = CharField(max_length=300)
        due_on = DateField(null=True)
        given_on = DateField(null=True)
        opened_at = DateTimeField()
        opened_by = IntegerField()
        state = CharField(max_length=40)
        rung = CharField(max_length=40, null=True)
        steps = IntegerField()
        answer_due_on = DateField(null=True)
        closed_at = DateTimeField(null=True)
        closed_by = IntegerField(null=True)
        result = TextField()
        version = IntegerField()

        class Meta:
            indexes = (
                (("programme", "state", "answer_due_on"), False),
                (("programme", "id"), False),
                (("unit", "state"), False),
            )

    class LadderStep(Base):
        id = AutoField()
        programme = ForeignKeyField(Programme, backref="+")
        matter = ForeignKeyField(Matter, backref="+")
        number = IntegerField()
        rung = CharField(max_length=40)
        register = CharField(max_length=20)
        year = IntegerField()
        register_number = IntegerField()
        decided_by = IntegerField()
        by_name = CharField(max_length=80)
        decided_at = DateTimeField()
        reason = TextField()
        rule = CharField(max_length=20)
        answer_by = DateField()
        excuse = ForeignKeyField(Decision, null=True, backref="+")
        content = TextField()
        sha256 = CharField(max_length=64)

        class Meta:
            indexes = (
                (("programme", "register", "year", "register_number"), True),
                (("matter", "number"), True),
                (("programme", "decided_at"), False),
            )
            constraints = (Check("register_number >= 1", name="ladder_step_register_number"),)

    class StepEvent(Base):
        id = AutoField()
        step = ForeignKeyField(LadderStep, backref="+")
        kind = CharField(max_length=40)
        number = IntegerField()
        at = DateTimeField()
        by = IntegerField()
        by_name = CharField(max_length=80)
        words = TextField()
        details = TextField()

        class Meta:
            indexes = ((("step", "kind", "number"), True),)

    class LeftProposal(Base):
        id = AutoField()
        programme = ForeignKeyField(Programme, backref="+")
        about = CharField(max_length=40)
        rung = CharField(max_length=40)
        until_on = DateField(null=True)
        reason = TextField()
        by = IntegerField()
        by_name = CharField(max_length=80)
        at = DateTimeField()

        class Meta:
            indexes = ((("programme", "about", "rung"), False),)

    return [Matter, LadderStep, StepEvent, LeftProposal]


def up(migrator, db):
    made = tables(db)
    db.create_tables(made, safe=False)
    event = ForeignKeyField(made[2], field=made[2].id, null=True, backref="+")
    migrator.migrate(
        migrator.add_column("attachment", "step_event_id", event),
        migrator.add_column("local_settings", "ladder_word", CharField(max_length=20, default="")),
        *(
            migrator.add_column("local_settings", name, IntegerField(default=value))
            for name, value in SETTINGS.items()
        ),
    )


def down(migrator, db):
    migrator.migrate(
        *(migrator.drop_column("local_settings", name) for name in SETTINGS),
        migrator.drop_column("local_settings", "ladder_word"),
        migrator.drop_index("attachment", "attachment_step_event_id"),
        migrator.drop_column("attachment", "step_event_id"),
    )
    db.drop_tables(list(reversed(tables(db))))
