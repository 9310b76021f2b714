"""What each unit owes, when, and what it handed in: obligations, entries, reports, reviews."""

from __future__ import annotations

import enum

from peewee import BigIntegerField, BooleanField, CharField, Check, ForeignKeyField, IntegerField, TextField

from supervisor.fields import DayField, choice, instant
from supervisor.models.base import Base
from supervisor.models.forms import RuleField, RuleForm
from supervisor.models.plans import Assignment, Light, Task
from supervisor.models.registers import Programme, Unit
from supervisor.models.rules import ReportingRule
from supervisor.words import N_, Sentence


class ObligationState(enum.StrEnum):
    """Where one owed report stands."""

    OPEN = "open"
    WITH_HEAD = "with_head"
    SUBMITTED = "submitted"
    RETURNED = "returned"
    ACCEPTED = "accepted"
    WAIVED = "waived"

    @property
    def label(self) -> Sentence:
        """The state in words."""
        return OBLIGATION_STATE_LABELS[self]


OBLIGATION_STATE_LABELS = {
    ObligationState.OPEN: N_("Not reported"),
    ObligationState.WITH_HEAD: N_("With the unit's head"),
    ObligationState.SUBMITTED: N_("Waiting for review"),
    ObligationState.RETURNED: N_("Returned"),
    ObligationState.ACCEPTED: N_("Accepted"),
    ObligationState.WAIVED: N_("Waived"),
}


class Outcome(enum.StrEnum):
    """How an obligation ended in time; missing and nil are never merged."""

    ON_TIME = "on_time"
    LATE = "late"
    MISSING = "missing"
    NIL = "nil"

    @property
    def label(self) -> Sentence:
        """The outcome in words."""
        return OUTCOME_LABELS[self]


OUTCOME_LABELS = {
    Outcome.ON_TIME: N_("On time"),
    Outcome.LATE: N_("Late"),
    Outcome.MISSING: N_("Missing"),
    Outcome.NIL: N_("Nil report"),
}


class Obligation(Base):
    """Reporting rule × unit × period: one submission, one receipt, one lateness (D1)."""

    programme = ForeignKeyField(Programme)
    programme_id: int
    #: Its index is that of rule and period.
    rule = ForeignKeyField(ReportingRule, backref="obligations", index=False)
    rule_id: int
    unit = ForeignKeyField(Unit, backref="obligations")
    unit_id: int
    #: Period key the report is about, for example 2021-06 (D9).
    period = CharField(max_length=12)
    opens_at = instant()
    #: First instant that is too late (24:00 of the due day by default).
    due_at = instant()
    #: The due day as announced, for words and working days.
    due_on = DayField()
    #: What comes before this instant is not called late, though the due time is past (宽限期); empty = no grace.
    grace_at = instant(null=True)
    #: No report is taken from here on without a permit.
    locked_at = instant()
    state = choice(ObligationState, default=ObligationState.OPEN)
    #: Fixed by the first complete submission, also after a return (D11); missing is set at lock.
    outcome = choice(Outcome, null=True)
    first_submitted_at = instant(null=True)
    late_workdays = IntegerField(default=0)
    returns = IntegerField(default=0)
    #: Due day of a returned entry's new version.
    return_due_on = DayField(null=True)
    #: Rises when the deadline moves; unsent reminders of older schedules are cancelled (D12).
    schedule_version = IntegerField(default=1)
    waive_reason = CharField(max_length=400, default="")
    version = IntegerField(default=1)

    class Meta:
        indexes = (
            (("rule", "unit", "period"), True),
            (("rule", "period"), False),
            (("programme", "state", "due_at"), False),
            (("unit", "state", "due_at"), False),
            (("programme", "period"), False),
            (("state", "due_at"), False),
        )


class EntryState(enum.StrEnum):
    """Entries are accepted or returned singly (D1)."""

    OPEN = "open"
    SUBMITTED = "submitted"
    ACCEPTED = "accepted"
    RETURNED = "returned"

    @property
    def label(self) -> Sentence:
        """The state in words."""
        return ENTRY_STATE_LABELS[self]


ENTRY_STATE_LABELS = {
    EntryState.OPEN: N_("Not reported"),
    EntryState.SUBMITTED: N_("Waiting for review"),
    EntryState.ACCEPTED: N_("Accepted"),
    EntryState.RETURNED: N_("Returned"),
}


class Entry(Base):
    """One task of the unit within an obligation."""

    obligation = ForeignKeyField(Obligation, backref="entries")
    obligation_id: int
    assignment = ForeignKeyField(Assignment, backref="entries")
    assignment_id: int
    task = ForeignKeyField(Task)
    task_id: int
    sort = IntegerField(default=0)
    state = choice(EntryState, default=EntryState.OPEN)

    class Meta:
        indexes = ((("obligation", "assignment"), True),)


class Report(Base):
    """One submission of an obligation; a new version after a return. Versions are never changed."""

    obligation = ForeignKeyField(Obligation, backref="reports")
    obligation_id: int
    number = IntegerField()
    #: An explicit nil report with its reason, instead of entries.
    nil = BooleanField(default=False)
    nil_reason = TextField(default="")
    submitted_by = IntegerField()
    #: Server time at which the request had been received in full: the time that judges.
    received_at = instant()
    approved_by = IntegerField(null=True)
    approved_at = instant(null=True)
    #: False while it waits for the unit's head (D11).
    sent = BooleanField(default=True)
    #: Receipt: number and the audit head printed on it.
    receipt = CharField(max_length=40, default="")
    audit_head = CharField(max_length=80, default="")
    #: The form of the rule that it was filled with; empty = the rule had none.
    form = ForeignKeyField(RuleForm, null=True, backref="reports")
    form_id: int | None
    #: Why unusual figures of the form are right.
    form_reason = TextField(default="")

    class Meta:
        indexes = ((("obligation", "number"), True),)


class Verdict(enum.StrEnum):
    """What the reviewer decided on an entry."""

    ACCEPTED = "accepted"
    RETURNED = "returned"

    @property
    def label(self) -> Sentence:
        """The verdict in words."""
        return VERDICT_LABELS[self]


VERDICT_LABELS = {Verdict.ACCEPTED: N_("Accepted"), Verdict.RETURNED: N_("Returned")}


class ReportEntry(Base):
    """What one version of a report says about one task, and the review of it."""

    report = ForeignKeyField(Report, backref="entries")
    report_id: int
    entry = ForeignKeyField(Entry, backref="versions")
    entry_id: int
    #: Whole percent, 0–100.
    progress = IntegerField()
    done = TextField(default="")
    problems = TextField(default="")
    next_steps = TextField(default="")
    help_wanted = TextField(default="")
    #: The unit's own rating of its part (自评): green, amber, red, or none given.
    self_light = choice(Light, null=True)
    #: Reason for an odd figure (falling, above target) that the unit confirmed.
    figure_reason = TextField(default="")
    verdict = choice(Verdict, null=True)
    #: 0–100, given with acceptance.
    mark = IntegerField(null=True)
    review_note = TextField(default="")
    reviewed_by = IntegerField(null=True)
    reviewed_at = instant(null=True)

    class Meta:
        indexes = ((("report", "entry"), True),)
        constraints = (
            Check("progress BETWEEN 0 AND 100", name="report_entry_progress"),
            Check("mark IS NULL OR mark BETWEEN 0 AND 100", name="report_entry_mark"),
            Check("verdict IS NULL OR reviewed_by IS NOT NULL", name="report_entry_reviewed"),
        )


class ReportedQuantity(Base):
    """A cumulative quantity reported with an entry, against its target."""

    report_entry = ForeignKeyField(ReportEntry, backref="quantities")
    report_entry_id: int
    measure = CharField(max_length=80)
    cumulative = IntegerField()

    class Meta:
        indexes = ((("report_entry", "measure"), True),)
        constraints = (Check("cumulative >= 0", name="reported_quantity_not_negative"),)


class FieldValue(Base):
    """What one version of a report says in one field of its form; never changed. A file hangs at it."""

    report = ForeignKeyField(Report, backref="values")
    report_id: int
    field = ForeignKeyField(RuleField, backref="values")
    field_id: int
    #: A number in hundredths.
    number = BigIntegerField(null=True)
    #: A text, the choice made, or `yes` or `no`.
    text = TextField(default="")

    class Meta:
        indexes = ((("report", "field"), True),)
        constraints = (Check("number IS NULL OR number >= 0", name="field_value_not_negative"),)


class Extension(Base):
    """A request, made before the due date, for a later one (延期申请); counted and shown."""

    obligation = ForeignKeyField(Obligation, backref="extensions")
    obligation_id: int
    reason = TextField()
    wanted_on = DayField()
    asked_by = IntegerField()
    asked_at = instant()
    granted = BooleanField(null=True)
    granted_on = DayField(null=True)
    decision = TextField(default="")
    decided_by = IntegerField(null=True)
    decided_at = instant(null=True)


class LatePermit(Base):
    """Permission to hand in one report after its lock, until a day (补报许可); never makes it in time."""

    obligation = ForeignKeyField(Obligation, backref="late_permits")
    obligation_id: int
    until_on = DayField()
    #: First instant that is too late again.
    until_at = instant()
    #: The lock that had passed.
    was_locked_at = instant()
    reason = CharField(max_length=400)
    given_by = IntegerField()
    given_at = instant()


class Suspension(Base):
    """A unit's part of a task set aside from a day on (挂账), until somebody resumes it; kept after that."""

    programme = ForeignKeyField(Programme)
    programme_id: int
    assignment = ForeignKeyField(Assignment, backref="suspensions")
    assignment_id: int
    from_on = DayField()
    #: The day on which the office is to look at it again (复核日期); nothing happens by itself.
    review_on = DayField()
    reason = CharField(max_length=400)
    made_by = IntegerField()
    made_at = instant()
    #: First day on which the part is worked on again; None = suspended now.
    resumed_on = DayField(null=True)
    resume_reason = CharField(max_length=400, default="")
    resumed_by = IntegerField(null=True)
    resumed_at = instant(null=True)

    class Meta:
        indexes = ((("programme", "resumed_on", "review_on"), False),)
