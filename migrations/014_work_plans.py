"""Units' work plans: working copy, filings, milestones; what they plan, kept with link and task. Frozen in time."""

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

    class Plan(Base):
        id = AutoField()

    class Unit(Base):
        id = AutoField()

    class Assignment(Base):
        id = AutoField()

    class WorkPlan(Base):
        id = AutoField()
        programme = ForeignKeyField(Programme, backref="+")
        plan = ForeignKeyField(Plan, backref="+")
        unit = ForeignKeyField(Unit, backref="+")
        state = CharField(max_length=40)
        due_on = DateField(null=True)
        due_at = DateTimeField(null=True)
        outcome = CharField(max_length=40, null=True)
        first_filed_at = DateTimeField(null=True)
        late_workdays = IntegerField()
        returns = IntegerField()
        return_due_on = DateField(null=True)
        draft = TextField()
        saved_at = DateTimeField(null=True)
        saved_by = IntegerField(null=True)
        in_force = IntegerField(null=True)
        version = IntegerField()

        class Meta:
            indexes = (
                (("plan", "unit"), True),
                (("programme", "state"), False),
                (("state", "due_at"), False),
            )

    class PlanFiling(Base):
        id = AutoField()
        work_plan = ForeignKeyField(WorkPlan, backref="+")
        number = IntegerField()
        content = TextField()
        reason = TextField()
        filed_by = IntegerField()
        filed_at = DateTimeField()
        receipt = CharField(max_length=40)
        audit_head = CharField(max_length=80)
        verdict = CharField(max_length=40, null=True)
        verdict_reason = TextField()
        decided_by = IntegerField(null=True)
        decided_at = DateTimeField(null=True)

        class Meta:
            indexes = ((("work_plan", "number"), True),)
            constraints = (Check("verdict IS NULL OR decided_by IS NOT NULL", name="plan_filing_decided"),)

    class Milestone(Base):
        id = AutoField()
        work_plan = ForeignKeyField(WorkPlan, backref="+")
        assignment = ForeignKeyField(Assignment, backref="+")
        key = IntegerField()
        filing_number = IntegerField()
        in_force = BooleanField()
        title = CharField(max_length=200)
        due_on = DateField()
        indicator = TextField()
        measure = CharField(max_length=80)
        target = IntegerField(null=True)
        weight = IntegerField()
        document = BooleanField()
        done_on = DateField(null=True)
        evidence = TextField()
        done_by = IntegerField(null=True)
        done_at = DateTimeField(null=True)

        class Meta:
            indexes = (
                (("work_plan", "key"), True),
                (("assignment", "due_on"), False),
            )
            constraints = (Check("weight BETWEEN 1 AND 100", name="milestone_weight"),)

    return [WorkPlan, PlanFiling, Milestone]


def up(migrator, db):
    made = tables(db)
    db.create_tables(made, safe=False)
    milestone = made[-1]
    to_milestone = ForeignKeyField(milestone, field=milestone.id, backref="+", null=True)
    migrator.migrate(
        migrator.add_column("attachment", "milestone_id", to_milestone),
        migrator.add_column("task", "unit_plans", TextField(default="")),
        migrator.add_column("assignment", "planned_steps", TextField(default="[]")),
        migrator.add_column("local_settings", "work_plan_workdays", IntegerField(default=0)),
    )


def down(migrator, db):
    migrator.migrate(
        migrator.drop_column("local_settings", "work_plan_workdays"),
        migrator.drop_column("assignment", "planned_steps"),
        migrator.drop_column("task", "unit_plans"),
        migrator.drop_index("attachment", "attachment_milestone_id"),
        migrator.drop_column("attachment", "milestone_id"),
    )
    db.drop_tables(list(reversed(tables(db))))
