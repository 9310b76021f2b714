"""Notices, the plan that comes out of one, its tasks and who answers for each."""

from __future__ import annotations

import enum

from peewee import BooleanField, CharField, Check, ForeignKeyField, IntegerField, TextField

from supervisor.fields import DayField, choice, instant, json_text
from supervisor.models.base import Base
from supervisor.models.registers import Programme, Unit, UnitGroup
from supervisor.words import N_, Sentence


class DocumentState(enum.StrEnum):
    """Where a notice stands between reading and plan."""

    DRAFT = "draft"
    ADOPTED = "adopted"
    DROPPED = "dropped"

    @property
    def label(self) -> Sentence:
        """The state in words."""
        return DOCUMENT_STATE_LABELS[self]


DOCUMENT_STATE_LABELS = {
    DocumentState.DRAFT: N_("Under review"),
    DocumentState.ADOPTED: N_("Adopted as plan"),
    DocumentState.DROPPED: N_("Dropped"),
}


class Document(Base):
    """A notice as received, with the draft ledger read from it. The draft is no plan before a person confirms."""

    programme = ForeignKeyField(Programme, backref="documents")
    programme_id: int
    filename = CharField(max_length=200)
    sha256 = CharField(max_length=64)
    title = CharField(max_length=400, default="")
    issuer = CharField(max_length=200, default="")
    numbers = json_text(default=list)
    issued_on = DayField(null=True)
    published_on = DayField(null=True)
    text = TextField()
    #: intake.draft_to_json: what was read, with the reviewer's corrections.
    draft = json_text()
    state = choice(DocumentState, default=DocumentState.DRAFT)
    #: Rises with every saved correction; a save with an older one is answered with both versions.
    version = IntegerField(default=1)
    created_by = IntegerField(null=True)
    created_at = instant()

    class Meta:
        indexes = ((("programme", "sha256"), False),)


class PlanState(enum.StrEnum):
    """Draft until issued; issued plans change only by numbered changes (D7)."""

    DRAFT = "draft"
    ISSUED = "issued"

    @property
    def label(self) -> Sentence:
        """The state in words."""
        return PLAN_STATE_LABELS[self]


PLAN_STATE_LABELS = {PlanState.DRAFT: N_("Not issued"), PlanState.ISSUED: N_("Issued")}


class Plan(Base):
    """The work plan adopted from a notice: its tasks, and from issue on what units owe."""

    programme = ForeignKeyField(Programme, backref="plans")
    programme_id: int
    document = ForeignKeyField(Document, null=True, backref="plans")
    document_id: int | None
    title = CharField(max_length=400)
    state = choice(PlanState, default=PlanState.DRAFT)
    adopted_at = instant()
    issued_at = instant(null=True)
    issued_by = IntegerField(null=True)
    #: Nothing is owed for times before this day (E-52): the notice's own date.
    effective_on = DayField()
    version = IntegerField(default=1)


class TaskState(enum.StrEnum):
    """A task closes when all its lead links are closed (D2)."""

    DRAFT = "draft"
    OPEN = "open"
    CLOSED = "closed"
    CANCELLED = "cancelled"

    @property
    def label(self) -> Sentence:
        """The state in words."""
        return TASK_STATE_LABELS[self]


TASK_STATE_LABELS = {
    TaskState.DRAFT: N_("Not issued"),
    TaskState.OPEN: N_("In progress"),
    TaskState.CLOSED: N_("Completed"),
    TaskState.CANCELLED: N_("Cancelled"),
}


class Light(enum.StrEnum):
    """Traffic light: always shape, word and colour together; grey = not started or suspended."""

    GREEN = "green"
    AMBER = "amber"
    RED = "red"
    GREY = "grey"

    @property
    def label(self) -> Sentence:
        """The light in words."""
        return LIGHT_LABELS[self]


LIGHT_LABELS = {
    Light.GREEN: N_("On course"),
    Light.AMBER: N_("Needs attention"),
    Light.RED: N_("Behind or overdue"),
    Light.GREY: N_("Not started"),
}


class LightReason(enum.StrEnum):
    """What decided a light; `core.lights.explain` makes the sentence with its figures."""

    COMPLETED = "completed"
    SUSPENDED = "suspended"
    OVERDUE = "overdue"
    FAR_BEHIND = "far_behind"
    STILL_AMBER = "still_amber"
    BEHIND = "behind"
    NEAR = "near"
    NOTHING_OWED = "nothing_owed"
    ON_COURSE = "on_course"
    NO_PLAN = "no_plan"


class Task(Base):
    """A supervised task as printed in the notice, with the figures the lead office added (D6)."""

    plan = ForeignKeyField(Plan, backref="tasks")
    plan_id: int
    programme = ForeignKeyField(Programme, backref="tasks")
    programme_id: int
    #: Position in the notice; printed numbers may skip or repeat (E-37).
    sort = IntegerField()
    path = json_text(default=list)
    number = CharField(max_length=20, default="")
    title = CharField(max_length=400)
    text = TextField(default="")
    #: Line of the notice on which the task stands; None = added by hand.
    source_line = IntegerField(null=True)
    #: From a duty clause: no due date, entered in the monthly report (D4).
    standing = BooleanField(default=False)
    #: Local setting unless the notice states it (`due_from_notice`).
    due_on = DayField(null=True)
    due_from_notice = BooleanField(default=False)
    #: Quarter key → planned progress in percent at its end; empty = linear between issue and due date.
    planned = json_text(default=dict)
    #: Kept up: what the answering units' accepted work plans add up to (`core.planned.sum_steps`); empty = none.
    unit_plans = TextField(default="")
    #: Share of a lead and of a responsible unit in hundredths (D3, §2.2).
    lead_share = IntegerField(default=100)
    responsible_share = IntegerField(default=50)
    state = choice(TaskState, default=TaskState.DRAFT)
    closed_on = DayField(null=True)
    #: Kept up by verbs, so that no list counts: links in all, lead links, closed lead links.
    links = IntegerField(default=0)
    leads = IntegerField(default=0)
    leads_closed = IntegerField(default=0)
    #: Mean accepted progress of the lead links, whole percent; None = nothing accepted yet.
    progress = IntegerField(null=True)
    light = choice(Light, default=Light.GREY)
    #: What decided the light; None = never judged.
    light_why = choice(LightReason, null=True)
    #: First day of an unbroken stretch of amber by the task's own figures.
    amber_since = DayField(null=True)
    #: Day for which the light was worked out; time alone changes it, so the tick renews older ones.
    light_on = DayField(null=True)
    #: Bigrams of title and text for searching Chinese on both databases (D29).
    search = TextField(default="")
    version = IntegerField(default=1)

    class Meta:
        indexes = (
            (("programme", "state", "due_on", "id"), False),
            (("programme", "due_on", "id"), False),
            (("programme", "sort", "id"), False),
            (("plan", "sort"), False),
            (("state", "light_on"), False),
        )
        constraints = (Check("leads_closed <= leads", name="task_leads_closed"),)


class LightChange(Base):
    """A task's light turned: from which day, to what, why, and with which figures (whole percent)."""

    #: Its index is that of task and day.
    task = ForeignKeyField(Task, backref="lights", index=False)
    task_id: int
    day = DayField()
    light = choice(Light)
    why = choice(LightReason)
    progress = IntegerField(null=True)
    planned = IntegerField(null=True)

    class Meta:
        indexes = ((("task", "day"), False),)


class LinkRole(enum.StrEnum):
    """How a unit answers for a task."""

    LEAD = "lead"
    RESPONSIBLE = "responsible"

    @property
    def label(self) -> Sentence:
        """The role in words."""
        return LINK_ROLE_LABELS[self]


LINK_ROLE_LABELS = {LinkRole.LEAD: N_("Lead unit"), LinkRole.RESPONSIBLE: N_("Responsible unit")}


class TaskToken(Base):
    """A unit's name as printed at a task; names one unit or a collective, and is expanded at issue (C07)."""

    task = ForeignKeyField(Task, backref="tokens")
    task_id: int
    role = choice(LinkRole)
    text = CharField(max_length=160)
    unit = ForeignKeyField(Unit, null=True)
    unit_id: int | None
    group = ForeignKeyField(UnitGroup, null=True)
    group_id: int | None
    sort = IntegerField(default=0)

    class Meta:
        indexes = ((("task", "role", "text"), True),)


class AssignmentState(enum.StrEnum):
    """Where the work of one unit on one task stands (D2)."""

    ISSUED = "issued"
    ACKNOWLEDGED = "acknowledged"
    OBJECTED = "objected"
    APPLIED = "applied"
    CLOSED = "closed"
    CANCELLED = "cancelled"

    @property
    def label(self) -> Sentence:
        """The state in words."""
        return ASSIGNMENT_STATE_LABELS[self]


ASSIGNMENT_STATE_LABELS = {
    AssignmentState.ISSUED: N_("Waiting to be signed for"),
    AssignmentState.ACKNOWLEDGED: N_("Signed for, in progress"),
    AssignmentState.OBJECTED: N_("Objected to"),
    AssignmentState.APPLIED: N_("Completion applied for"),
    AssignmentState.CLOSED: N_("Completed"),
    AssignmentState.CANCELLED: N_("Cancelled"),
}


class Assignment(Base):
    """The link task × unit × role: holds the state of the work (D2). A unit stands once in a task (E-35)."""

    task = ForeignKeyField(Task, backref="assignments")
    task_id: int
    programme = ForeignKeyField(Programme)
    programme_id: int
    unit = ForeignKeyField(Unit, backref="assignments")
    unit_id: int
    role = choice(LinkRole)
    #: The collective through which the unit came in, for showing n/15.
    group = ForeignKeyField(UnitGroup, null=True)
    group_id: int | None
    #: Hundredths: 100 = full share.
    share = IntegerField(default=100)
    #: Nothing is owed for times before this day (E-33); None = from the plan's beginning.
    joined_on = DayField(null=True)
    state = choice(AssignmentState, default=AssignmentState.ISSUED)
    acknowledged_at = instant(null=True)
    acknowledged_by = IntegerField(null=True)
    #: Progress last accepted by the office, whole percent, and the period it is about.
    progress = IntegerField(null=True)
    progress_period = CharField(max_length=12, default="")
    #: How the unit itself rated its part in the report last accepted; shown beside the light, never part of it.
    self_light = choice(Light, null=True)
    applied_at = instant(null=True)
    #: Milestones in force as [day, weight] by day: what the unit itself planned; empty = no accepted work plan.
    planned_steps = json_text(default=list)
    closed_on = DayField(null=True)
    suspended = BooleanField(default=False)
    #: Copies of the task's, for a unit's list in one index.
    task_state = choice(TaskState, default=TaskState.OPEN)
    due_on = DayField(null=True)
    version = IntegerField(default=1)

    class Meta:
        indexes = (
            (("task", "unit"), True),
            (("programme", "unit", "task_state", "due_on", "task"), False),
            (("unit", "state"), False),
        )


class QuantityTarget(Base):
    """What one unit is to deliver for a task in numbers: a measure and its target (D6, local setting)."""

    task = ForeignKeyField(Task, backref="targets")
    task_id: int
    unit = ForeignKeyField(Unit)
    unit_id: int
    #: What is counted, with its unit of measure: 改造小区（个）.
    measure = CharField(max_length=80)
    target = IntegerField()
    #: Quarter key → planned cumulative quantity; empty = linear.
    planned = json_text(default=dict)
    #: Cumulative quantity last accepted.
    accepted = IntegerField(null=True)

    class Meta:
        indexes = ((("task", "unit", "measure"), True),)
        constraints = (Check("target >= 0", name="quantity_target_not_negative"),)


class Objection(Base):
    """A unit's objection to an assignment, within the set time, and what the office decided."""

    assignment = ForeignKeyField(Assignment, backref="objections")
    assignment_id: int
    reason = TextField()
    raised_by = IntegerField()
    raised_at = instant()
    #: None = undecided; True = the assignment is taken back.
    upheld = BooleanField(null=True)
    decision = TextField(default="")
    decided_by = IntegerField(null=True)
    decided_at = instant(null=True)


class ApplicationState(enum.StrEnum):
    """An application for completion (申请办结)."""

    OPEN = "open"
    ACCEPTED = "accepted"
    RETURNED = "returned"

    @property
    def label(self) -> Sentence:
        """The state in words."""
        return APPLICATION_STATE_LABELS[self]


APPLICATION_STATE_LABELS = {
    ApplicationState.OPEN: N_("Waiting for review"),
    ApplicationState.ACCEPTED: N_("Accepted"),
    ApplicationState.RETURNED: N_("Returned"),
}


class Application(Base):
    """A lead unit applies for completion with evidence; the date that counts is the application's (D2)."""

    assignment = ForeignKeyField(Assignment, backref="applications")
    assignment_id: int
    programme = ForeignKeyField(Programme)
    programme_id: int
    evidence = TextField()
    applied_by = IntegerField()
    applied_at = instant()
    state = choice(ApplicationState, default=ApplicationState.OPEN)
    decided_by = IntegerField(null=True)
    decided_at = instant(null=True)
    reason = TextField(default="")

    class Meta:
        indexes = ((("programme", "state", "applied_at"), False),)
