"""What a programme's meetings and circulars live on: problems, instructions, weekly records, circulars, summaries."""

from __future__ import annotations

import enum

from peewee import BooleanField, CharField, ForeignKeyField, IntegerField, TextField

from supervisor.fields import DayField, choice, instant, json_text
from supervisor.models.base import Base
from supervisor.models.obligations import Entry, ReportEntry
from supervisor.models.plans import Task
from supervisor.models.registers import Programme, Unit
from supervisor.models.rules import ReportingRule
from supervisor.words import N_, Sentence


class ProblemState(enum.StrEnum):
    """Where a problem of the register (问题台账) stands."""

    OPEN = "open"
    #: The unit says so in a report that was handed in.
    SOLVED = "solved"
    #: Crossed off by the office, with a reason.
    CLOSED = "closed"

    @property
    def label(self) -> Sentence:
        """The state in words."""
        return PROBLEM_STATE_LABELS[self]


PROBLEM_STATE_LABELS = {
    ProblemState.OPEN: N_("Unsolved"),
    ProblemState.SOLVED: N_("Solved, says the unit"),
    ProblemState.CLOSED: N_("Crossed off"),
}


class Problem(Base):
    """A problem of one unit with one task, from the report that raised it until it is solved or crossed off."""

    programme = ForeignKeyField(Programme)
    programme_id: int
    unit = ForeignKeyField(Unit)
    unit_id: int
    task = ForeignKeyField(Task)
    task_id: int
    #: The place in the report that raised it: all versions of one report speak of one problem.
    entry = ForeignKeyField(Entry, unique=True)
    entry_id: int
    text = TextField(default="")
    help_wanted = TextField(default="")
    #: The period of the report that raised it, and the month in which that period ends.
    raised_period = CharField(max_length=12)
    raised_month = CharField(max_length=7)
    state = choice(ProblemState, default=ProblemState.OPEN)
    #: The month in which it was solved or crossed off; empty = it carries over.
    settled_month = CharField(max_length=7, default="")
    #: How it was solved (the unit's words), or why it was crossed off (the office's).
    settled_how = TextField(default="")
    #: Who helps: a unit, or the office itself, and by when.
    helper = ForeignKeyField(Unit, null=True)
    helper_id: int | None
    office_helps = BooleanField(default=False)
    help_by = DayField(null=True)
    version = IntegerField(default=1)

    class Meta:
        indexes = (
            (("programme", "state", "raised_month", "id"), False),
            (("programme", "settled_month"), False),
            (("unit", "state"), False),
            (("helper", "state"), False),
        )


class ProblemAnswer(Base):
    """What a version of a report says of an older problem: still open, or solved and how."""

    report_entry = ForeignKeyField(ReportEntry, backref="problem_answers")
    report_entry_id: int
    problem = ForeignKeyField(Problem, backref="answers")
    problem_id: int
    solved = BooleanField()
    how = TextField(default="")

    class Meta:
        indexes = ((("report_entry", "problem"), True),)


class ProblemStep(enum.StrEnum):
    """What happened to a problem."""

    RAISED = "raised"
    REWORDED = "reworded"
    STILL_OPEN = "still_open"
    SOLVED = "solved"
    ASSIGNED = "assigned"
    PROGRESS = "progress"
    CLOSED = "closed"
    REOPENED = "reopened"

    @property
    def label(self) -> Sentence:
        """The step in words."""
        return PROBLEM_STEP_LABELS[self]


PROBLEM_STEP_LABELS = {
    ProblemStep.RAISED: N_("Raised in a report"),
    ProblemStep.REWORDED: N_("Worded anew in the next version of the report"),
    ProblemStep.STILL_OPEN: N_("Still unsolved, says the report"),
    ProblemStep.SOLVED: N_("Solved, says the report"),
    ProblemStep.ASSIGNED: N_("Help assigned"),
    ProblemStep.PROGRESS: N_("Progress noted"),
    ProblemStep.CLOSED: N_("Crossed off"),
    ProblemStep.REOPENED: N_("Opened again"),
}


class ProblemEvent(Base):
    """One line of a problem's history, readable by everybody who sees the problem."""

    problem = ForeignKeyField(Problem, backref="events")
    problem_id: int
    step = choice(ProblemStep)
    at = instant()
    #: The report's period, where a report said it.
    period = CharField(max_length=12, default="")
    by_name = CharField(max_length=80, default="")
    words = TextField(default="")


class InstructionKind(enum.StrEnum):
    """Where an instruction comes from."""

    FINDING = "finding"
    DECISION = "decision"

    @property
    def label(self) -> Sentence:
        """The kind in words."""
        return INSTRUCTION_KIND_LABELS[self]


INSTRUCTION_KIND_LABELS = {
    InstructionKind.FINDING: N_("Finding of the weekly supervision"),
    InstructionKind.DECISION: N_("Decision of the monthly dispatch"),
}


class Instruction(Base):
    """What units are to do by a day: a finding of a week's supervision or a decision of a month's dispatch."""

    programme = ForeignKeyField(Programme)
    programme_id: int
    kind = choice(InstructionKind)
    #: Week or month it belongs to: 2021-W23, 2021-05.
    period = CharField(max_length=12)
    text = TextField()
    task = ForeignKeyField(Task, null=True)
    task_id: int | None
    due_on = DayField()
    recorded_at = instant()
    recorded_by = IntegerField()
    by_name = CharField(max_length=80)

    class Meta:
        indexes = ((("programme", "kind", "period"), False),)


class InstructedUnit(Base):
    """One unit's part in an instruction, followed up until it is done."""

    instruction = ForeignKeyField(Instruction, backref="units")
    instruction_id: int
    unit = ForeignKeyField(Unit)
    unit_id: int
    done_on = DayField(null=True)
    #: What was done, or how far it is.
    note = TextField(default="")

    class Meta:
        indexes = ((("instruction", "unit"), True), (("unit", "done_on"), False))


class WeeklyRecord(Base):
    """One week's supervision of a programme (周督导): its figures, and who finished it."""

    programme = ForeignKeyField(Programme)
    programme_id: int
    #: ISO week: 2021-W23.
    week = CharField(max_length=8)
    #: Without a working day nothing is supervised and nothing is overdue (E-54).
    skipped = BooleanField(default=False)
    #: Last working day of the week; None where it has none.
    due_on = DayField(null=True)
    #: Figures as they stood when the record was made; empty = nobody counted in that week.
    figures = json_text(default=dict)
    made_at = instant()
    finished_at = instant(null=True)
    finished_by = CharField(max_length=80, default="")
    #: What the person says of the week as a whole.
    conclusion = TextField(default="")

    class Meta:
        indexes = ((("programme", "week"), True),)


class AnnualSummary(Base):
    """One version of a programme's annual summary (年度总结), put together from what units handed in; never changed."""

    programme = ForeignKeyField(Programme)
    programme_id: int
    #: The rule by which units hand in their yearly summaries, and the year they are about.
    rule = ForeignKeyField(ReportingRule)
    rule_id: int
    period = CharField(max_length=12)
    number = IntegerField()
    #: What changed against the version before, in the author's words.
    note = CharField(max_length=400, default="")
    written_by = IntegerField()
    by_name = CharField(max_length=80)
    written_at = instant()
    #: The content, canonical, and its SHA-256.
    content = TextField()
    sha256 = CharField(max_length=64)

    class Meta:
        indexes = ((("programme", "rule", "period", "number"), True),)


class Circular(Base):
    """A monthly circular (月通报): edited by people until it is issued; from then on its content never changes."""

    programme = ForeignKeyField(Programme)
    programme_id: int
    #: The month it is about: 2021-05.
    month = CharField(max_length=7)
    title = CharField(max_length=200)
    opening = TextField(default="")
    closing = TextField(default="")
    #: Units named ahead or behind: [{unit, side, reason, step, override, override_by}].
    named = json_text(default=list)
    #: The issued one that this corrects, and why.
    corrects = ForeignKeyField("self", null=True)
    corrects_id: int | None
    why = TextField(default="")
    written_by = IntegerField()
    written_at = instant()
    #: Number in the programme's register of that year; None = not issued.
    year = IntegerField(null=True)
    number = IntegerField(null=True)
    issued_at = instant(null=True)
    issued_by = IntegerField(null=True)
    #: The content as issued, canonical, and its SHA-256.
    content = TextField(default="")
    sha256 = CharField(max_length=64, default="")
    version = IntegerField(default=1)

    class Meta:
        indexes = (
            (("programme", "year", "number"), True),
            (("programme", "month", "id"), False),
        )
