"""Accountability cases (问责线索): what a unit is held to account for, the evidence, and what a named leader decided.

A case says nothing about a unit until a leader has upheld it, and nothing to the score but by what was decided then.
What happened to a case is rows that never change; the case carries where it stands.
"""

from __future__ import annotations

import enum

from peewee import BooleanField, CharField, ForeignKeyField, IntegerField, TextField

from supervisor.fields import DayField, choice, instant, json_text
from supervisor.models.base import Base
from supervisor.models.registers import Programme, Unit
from supervisor.words import N_, Sentence


class CaseState(enum.StrEnum):
    """Where a case stands."""

    OPENED = "opened"
    SUBMITTED = "submitted"
    UPHELD = "upheld"
    DISMISSED = "dismissed"
    WITHDRAWN = "withdrawn"
    REVERSED = "reversed"

    @property
    def label(self) -> Sentence:
        """The state in words."""
        return CASE_STATE_LABELS[self]


CASE_STATE_LABELS = {
    CaseState.OPENED: N_("Opened, evidence is being collected"),
    CaseState.SUBMITTED: N_("Before a leader"),
    CaseState.UPHELD: N_("Case upheld"),
    CaseState.DISMISSED: N_("Dismissed"),
    CaseState.WITHDRAWN: N_("Withdrawn before a decision"),
    CaseState.REVERSED: N_("Upheld, then reversed"),
}


class CaseKind(Base):
    """One kind of trigger in a programme's own list; without rows the proposed list holds."""

    programme = ForeignKeyField(Programme, backref="case_kinds")
    programme_id: int
    name = CharField(max_length=60)
    sort = IntegerField()
    ended = BooleanField(default=False)

    class Meta:
        indexes = ((("programme", "name"), True),)


class AccountabilityCase(Base):
    """One case about one unit. Numbers of a programme and year have neither doubles nor gaps."""

    programme = ForeignKeyField(Programme, backref="cases")
    programme_id: int
    unit = ForeignKeyField(Unit, backref="cases")
    unit_id: int
    year = IntegerField()
    number = IntegerField()
    #: The trigger by its name when the case was opened.
    kind = CharField(max_length=60)
    title = CharField(max_length=200)
    #: What is said to have happened.
    account = TextField()
    #: Where it came from (audit, inspection, letter); never shown to the unit.
    source = CharField(max_length=300, default="")
    #: The day on which it happened, or the last day of the time it was about.
    happened_on = DayField()
    opened_by = IntegerField()
    opened_at = instant()
    state = choice(CaseState, default=CaseState.OPENED)
    decided_by = IntegerField(null=True)
    decided_by_name = CharField(max_length=80, default="")
    decided_at = instant(null=True)
    #: What was decided, in words.
    measure = TextField(default="")
    #: Effects on the score: a type of `penalty` facts, a trigger of `veto` facts; empty = none.
    penalty = CharField(max_length=60, default="")
    veto = CharField(max_length=60, default="")
    #: The day by which an upheld case belongs to a period; None = not decided.
    counts_on = DayField(null=True)
    version = IntegerField(default=1)

    class Meta:
        indexes = (
            (("programme", "year", "number"), True),
            (("programme", "state"), False),
            (("unit", "state"), False),
        )


class CaseStepKind(enum.StrEnum):
    """What happened to a case."""

    OPENED = "opened"
    EVIDENCE = "evidence"
    SUBMITTED = "submitted"
    UPHELD = "upheld"
    DISMISSED = "dismissed"
    WITHDRAWN = "withdrawn"
    REVERSED = "reversed"

    @property
    def label(self) -> Sentence:
        """The step in words."""
        return CASE_STEP_LABELS[self]


CASE_STEP_LABELS = {
    CaseStepKind.OPENED: N_("Case opened"),
    CaseStepKind.EVIDENCE: N_("Evidence added"),
    CaseStepKind.SUBMITTED: N_("Put before a leader"),
    CaseStepKind.UPHELD: N_("Upheld by a leader"),
    CaseStepKind.DISMISSED: N_("Dismissed by a leader"),
    CaseStepKind.WITHDRAWN: N_("Withdrawn"),
    CaseStepKind.REVERSED: N_("Decision reversed by a leader"),
}


class CaseStep(Base):
    """What happened to a case: who, when, in which words. Never changed."""

    case = ForeignKeyField(AccountabilityCase, backref="steps")
    case_id: int
    kind = choice(CaseStepKind)
    at = instant()
    by = IntegerField()
    by_name = CharField(max_length=80)
    words = TextField(default="")
    #: `records`: of evidence, `{"key": "obligation:5", "words": "2021-06"}`; `measure`, `penalty`, `veto`,
    #: `counts_on`: of a decision.
    details = json_text(default=dict)

    class Meta:
        indexes = ((("case", "id"), False),)
