"""Units' own work plans (单位工作计划, C09): the copy they work on, what they filed, the milestones in force."""

from __future__ import annotations

import enum

from peewee import BooleanField, CharField, Check, ForeignKeyField, IntegerField, TextField

from supervisor.fields import DayField, choice, instant, json_text
from supervisor.models.base import Base
from supervisor.models.obligations import Obligation, Verdict
from supervisor.models.plans import Assignment, Plan
from supervisor.models.registers import Programme, Unit
from supervisor.words import N_, Sentence


class WorkPlanState(enum.StrEnum):
    """Where a unit's work plan stands."""

    OPEN = "open"
    WITH_HEAD = "with_head"
    FILED = "filed"
    RETURNED = "returned"
    ACCEPTED = "accepted"

    @property
    def label(self) -> Sentence:
        """The state in words."""
        return WORK_PLAN_STATE_LABELS[self]


WORK_PLAN_STATE_LABELS = {
    WorkPlanState.OPEN: N_("Not filed"),
    WorkPlanState.WITH_HEAD: N_("With the unit's head"),
    WorkPlanState.FILED: N_("Waiting for review"),
    WorkPlanState.RETURNED: N_("Returned"),
    WorkPlanState.ACCEPTED: N_("Accepted"),
}


class WorkPlan(Base):
    """How one unit means to do its tasks of one issued plan. The working copy changes, filings never do."""

    programme = ForeignKeyField(Programme, backref="work_plans")
    programme_id: int
    plan = ForeignKeyField(Plan, backref="work_plans")
    plan_id: int
    unit = ForeignKeyField(Unit, backref="work_plans")
    unit_id: int
    state = choice(WorkPlanState, default=WorkPlanState.OPEN)
    #: What is owed, with its dates, outcome, extensions and permits; None = the programme asks for none.
    obligation = ForeignKeyField(Obligation, null=True, backref="work_plans")
    obligation_id: int | None
    #: The working copy, row by row as typed.
    draft = json_text(default=list)
    saved_at = instant(null=True)
    saved_by = IntegerField(null=True)
    #: Number of the accepted filing whose milestones are in force; None = none yet.
    in_force = IntegerField(null=True)
    #: Rises with every save, filing and verdict.
    version = IntegerField(default=1)

    class Meta:
        indexes = (
            (("plan", "unit"), True),
            (("programme", "state"), False),
        )


class PlanFiling(Base):
    """One filing of a work plan: its content, who, when, receipt; then the office's verdict. Never changed."""

    work_plan = ForeignKeyField(WorkPlan, backref="filings")
    work_plan_id: int
    number = IntegerField()
    #: The rows as checked: key, assignment, title, due, indicator, measure, target, weight, document.
    content = json_text()
    #: Why an accepted plan is amended; empty for a first filing.
    reason = TextField(default="")
    filed_by = IntegerField()
    #: Server time at which the request had been received in full: the time that judges, unless the head sends it.
    filed_at = instant()
    #: False while it waits for the unit's head (D11); what the head gives back is never sent.
    sent = BooleanField(default=True)
    approved_by = IntegerField(null=True)
    approved_at = instant(null=True)
    receipt = CharField(max_length=40, default="")
    audit_head = CharField(max_length=80, default="")
    verdict = choice(Verdict, null=True)
    verdict_reason = TextField(default="")
    decided_by = IntegerField(null=True)
    decided_at = instant(null=True)

    class Meta:
        indexes = ((("work_plan", "number"), True),)
        constraints = (Check("verdict IS NULL OR decided_by IS NOT NULL", name="plan_filing_decided"),)


class Milestone(Base):
    """A sub-task or deliverable of an accepted work plan, with its own due day and its own state (C09)."""

    work_plan = ForeignKeyField(WorkPlan, backref="milestones")
    work_plan_id: int
    assignment = ForeignKeyField(Assignment, backref="milestones")
    assignment_id: int
    #: The row's number in the working copy; the same through all filings.
    key = IntegerField()
    #: Number of the filing that last brought or removed it.
    filing_number = IntegerField()
    #: False once an accepted filing left it out.
    in_force = BooleanField(default=True)
    title = CharField(max_length=200)
    due_on = DayField()
    indicator = TextField(default="")
    measure = CharField(max_length=80, default="")
    target = IntegerField(null=True)
    #: Percent of the assignment's work.
    weight = IntegerField()
    #: A deliverable: it is done when there is a document.
    document = BooleanField(default=False)
    done_on = DayField(null=True)
    evidence = TextField(default="")
    done_by = IntegerField(null=True)
    done_at = instant(null=True)

    class Meta:
        indexes = (
            (("work_plan", "key"), True),
            (("assignment", "due_on"), False),
        )
        constraints = (Check("weight BETWEEN 1 AND 100", name="milestone_weight"),)
