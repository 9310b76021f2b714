"""The ladder (提醒 → 催办 → 督办 → 通报 / 约谈): matters, the steps taken about each, what became of them.

A *matter* (督办事项) is one thing that one unit owes: a report that is overdue, its part of a task that is overdue or
red, an instruction of the office that is past its day, or whatever else the office writes down. It begins with the
first step that a person takes; until then it is only proposed, from the tables that say what is overdue.

A *step* is a paper: decided by a named person with a reason, numbered from a register, kept as it went out. Steps are
never changed, and neither is what happens to them (signed for, answered, accepted or sent back, talked about): that is
a row of its own. The matter carries what lists ask for; `core.matters.move` alone writes those columns.
"""

from __future__ import annotations

import enum

from peewee import CharField, Check, ForeignKeyField, IntegerField, TextField

from supervisor.fields import DayField, choice, instant, json_text
from supervisor.models.base import Base
from supervisor.models.obligations import Obligation
from supervisor.models.plans import Assignment
from supervisor.models.registers import Programme, Unit
from supervisor.models.scores import Decision
from supervisor.models.supervision import InstructedUnit
from supervisor.words import N_, Sentence


class Rung(enum.StrEnum):
    """A step's kind, in climbing order; the reminder below them is automatic and no paper."""

    URGE = "urge"
    BLUE = "blue"
    YELLOW = "yellow"
    RED = "red"
    CRITICISM = "criticism"
    TALK = "talk"

    @property
    def label(self) -> Sentence:
        """The step in words."""
        return RUNG_LABELS[self]

    @property
    def height(self) -> int:
        """Its place from below, 1 to 6."""
        return list(Rung).index(self) + 1


RUNG_LABELS = {
    Rung.URGE: N_("Urge"),
    Rung.BLUE: N_("Supervision notice, blue"),
    Rung.YELLOW: N_("Supervision notice, yellow"),
    Rung.RED: N_("Supervision notice, red"),
    Rung.CRITICISM: N_("Criticism by circular"),
    Rung.TALK: N_("Formal talk"),
}


class MatterSource(enum.StrEnum):
    """What a matter is about."""

    REPORT = "report"
    TASK = "task"
    INSTRUCTION = "instruction"
    FREE = "free"

    @property
    def label(self) -> Sentence:
        """The source in words."""
        return MATTER_SOURCE_LABELS[self]


MATTER_SOURCE_LABELS = {
    MatterSource.REPORT: N_("Report owed"),
    MatterSource.TASK: N_("Part of a task"),
    MatterSource.INSTRUCTION: N_("Instruction"),
    MatterSource.FREE: N_("Matter of the office"),
}


class MatterState(enum.StrEnum):
    """Where a matter stands: what its newest step waits for."""

    #: Opened, no step yet (a leader is asked whether an earlier step may be done without).
    OPENED = "opened"
    ISSUED = "issued"
    SIGNED = "signed"
    ANSWERED = "answered"
    SENT_BACK = "sent_back"
    ACCEPTED = "accepted"
    CLOSED = "closed"

    @property
    def label(self) -> Sentence:
        """The state in words."""
        return MATTER_STATE_LABELS[self]


MATTER_STATE_LABELS = {
    MatterState.OPENED: N_("Opened, no step yet"),
    MatterState.ISSUED: N_("Waiting to be signed for by the unit"),
    MatterState.SIGNED: N_("Signed for, to be answered"),
    MatterState.ANSWERED: N_("Answer to be reviewed"),
    MatterState.SENT_BACK: N_("Sent back, to be answered again"),
    MatterState.ACCEPTED: N_("Answer accepted"),
    MatterState.CLOSED: N_("Crossed off"),
}


class Matter(Base):
    """One thing that one unit owes, with the steps taken about it; open until it is crossed off (销号)."""

    programme = ForeignKeyField(Programme, backref="matters")
    programme_id: int
    unit = ForeignKeyField(Unit, backref="matters")
    unit_id: int
    source = choice(MatterSource)
    obligation = ForeignKeyField(Obligation, null=True, backref="matters")
    obligation_id: int | None
    assignment = ForeignKeyField(Assignment, null=True, backref="matters")
    assignment_id: int | None
    instructed = ForeignKeyField(InstructedUnit, null=True, backref="matters")
    instructed_id: int | None
    #: `report:5`, `task:7`, `instruction:3` while open: a thing has one open matter. NULL = free, or closed.
    open_key = CharField(max_length=40, null=True, unique=True)
    #: As printed: what is to be done.
    title = CharField(max_length=300)
    #: Where it comes from (来源/依据), as printed.
    basis = CharField(max_length=300, default="")
    #: When the thing was to be done; what "overdue" counts from.
    due_on = DayField(null=True)
    #: When the thing was given to the unit (交办日期).
    given_on = DayField(null=True)
    opened_at = instant()
    opened_by = IntegerField()
    state = choice(MatterState, default=MatterState.OPENED)
    #: Highest step so far; None = no step yet.
    rung = choice(Rung, null=True)
    steps = IntegerField(default=0)
    #: Last day for the answer to the newest step; None = nothing is waited for.
    answer_due_on = DayField(null=True)
    closed_at = instant(null=True)
    closed_by = IntegerField(null=True)
    #: How it ended (办理结果), in the words of whoever crossed it off.
    result = TextField(default="")
    version = IntegerField(default=1)

    class Meta:
        indexes = (
            (("programme", "state", "answer_due_on"), False),
            (("programme", "id"), False),
            (("unit", "state"), False),
        )


class LadderStep(Base):
    """One paper about one matter; never changed. Numbers of a register and year have neither doubles nor gaps."""

    programme = ForeignKeyField(Programme)
    programme_id: int
    matter = ForeignKeyField(Matter, backref="ladder_steps")
    matter_id: int
    #: 1 for the matter's first step.
    number = IntegerField()
    rung = choice(Rung)
    #: Which series the number is of: urge, notice, criticism, talk.
    register = CharField(max_length=20)
    year = IntegerField()
    register_number = IntegerField()
    decided_by = IntegerField()
    by_name = CharField(max_length=80)
    decided_at = instant()
    #: Why, in the words of whoever decided.
    reason = TextField()
    #: The rule that had proposed it; empty = by hand.
    rule = CharField(max_length=20, default="")
    #: Last day for the unit's answer.
    answer_by = DayField()
    #: The leader's decision to do without an earlier step (D22).
    excuse = ForeignKeyField(Decision, null=True)
    excuse_id: int | None
    #: The paper as it went out, canonical, and its SHA-256.
    content = TextField()
    sha256 = CharField(max_length=64)

    class Meta:
        indexes = (
            (("programme", "register", "year", "register_number"), True),
            (("matter", "number"), True),
            (("programme", "decided_at"), False),
        )
        constraints = (Check("register_number >= 1", name="ladder_step_register_number"),)


class StepEventKind(enum.StrEnum):
    """What happened to a step."""

    SIGNED = "signed"
    ANSWERED = "answered"
    ACCEPTED = "accepted"
    SENT_BACK = "sent_back"
    TALKED = "talked"

    @property
    def label(self) -> Sentence:
        """The event in words."""
        return STEP_EVENT_LABELS[self]


STEP_EVENT_LABELS = {
    StepEventKind.SIGNED: N_("Signed for by the unit"),
    StepEventKind.ANSWERED: N_("Answered by the unit"),
    StepEventKind.ACCEPTED: N_("Answer accepted"),
    StepEventKind.SENT_BACK: N_("Answer sent back"),
    StepEventKind.TALKED: N_("Talk held, on record"),
}


class StepEvent(Base):
    """What happened to a step: who, when, in which words. Never changed."""

    step = ForeignKeyField(LadderStep, backref="events")
    step_id: int
    kind = choice(StepEventKind)
    #: Which one of its kind; a verdict bears the number of its answer.
    number = IntegerField(default=1)
    at = instant()
    by = IntegerField()
    by_name = CharField(max_length=80)
    words = TextField(default="")
    #: By kind: `answer_by` of a return; `held_on`, `place`, `present`, `result` of a talk.
    details = json_text(default=dict)

    class Meta:
        indexes = ((("step", "kind", "number"), True),)


class LeftProposal(Base):
    """A proposed step that a person decided not to take: for good, or until a day; with the reason."""

    programme = ForeignKeyField(Programme)
    programme_id: int
    #: What the step would have been about: `report:5`, `task:7`, `instruction:3`, `matter:9`.
    about = CharField(max_length=40)
    rung = choice(Rung)
    #: Put off until this day; None = left for good.
    until_on = DayField(null=True)
    reason = TextField()
    by = IntegerField()
    by_name = CharField(max_length=80)
    at = instant()

    class Meta:
        indexes = ((("programme", "about", "rung"), False),)
