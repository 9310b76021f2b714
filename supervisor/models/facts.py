"""Facts that nothing in the product gives: entered by a named person with evidence, corrected, never deleted.

A row says one thing about one unit in one period. A correction writes a new row that names the one it replaces; a
withdrawal keeps the row with its reason. `open_key` is unique while the row holds and NULL afterwards, so that the
database itself refuses two facts about one thing.
"""

from __future__ import annotations

import enum

from peewee import CharField, ForeignKeyField, IntegerField

from supervisor.fields import DayField, choice, instant, json_text
from supervisor.models.accounts import User
from supervisor.models.base import Base
from supervisor.models.registers import Programme, Unit
from supervisor.words import N_, Sentence


class FactState(enum.StrEnum):
    """Whether a recorded fact counts."""

    VALID = "valid"
    REPLACED = "replaced"
    WITHDRAWN = "withdrawn"

    @property
    def label(self) -> Sentence:
        """The state in words."""
        return FACT_STATE_LABELS[self]


FACT_STATE_LABELS = {
    FactState.VALID: N_("Valid"),
    FactState.REPLACED: N_("Replaced by a correction"),
    FactState.WITHDRAWN: N_("Withdrawn"),
}


class RecordedFact(Base):
    """One version of one fact; its content never changes, only whether it counts."""

    programme = ForeignKeyField(Programme, backref="recorded_facts")
    programme_id: int
    #: Key of the period it counts in: 2021-Q2, or 2021-year_end for a period type of the rulebook's own.
    period = CharField(max_length=40)
    #: Key of the form it was entered by, and the kind that the rulebook knows it by.
    form = CharField(max_length=60)
    kind = CharField(max_length=60)
    unit = ForeignKeyField(Unit, backref="recorded_facts")
    unit_id: int
    #: What it is about (an item, a task, a meeting); empty = nothing in particular.
    subject = CharField(max_length=200, default="")
    day = DayField(null=True)
    #: Named values as the engine reads them: whole numbers, decimal strings, texts, true, false, null.
    named = json_text(default=dict)
    #: Document number or other source (文号、出处).
    source = CharField(max_length=300, default="")
    note = CharField(max_length=400, default="")
    state = choice(FactState, default=FactState.VALID)
    open_key = CharField(max_length=120, null=True, unique=True)
    #: 1 for the first entry, one more with each correction.
    number = IntegerField(default=1)
    replaces = ForeignKeyField("self", null=True, backref="+")
    replaces_id: int | None
    #: Why it was corrected: the reason of this version.
    reason = CharField(max_length=400, default="")
    entered_by = IntegerField()
    by_name = CharField(max_length=80)
    entered_at = instant()
    #: How it ceased to count.
    ended_by = IntegerField(null=True)
    ended_name = CharField(max_length=80, default="")
    ended_at = instant(null=True)
    end_reason = CharField(max_length=400, default="")

    class Meta:
        indexes = ((("programme", "period", "state", "form"), False), (("unit", "state"), False))


class FactSettlement(Base):
    """A named person says that a form has nothing (more) to enter in a period (无): silence is told from nothing."""

    programme = ForeignKeyField(Programme, backref="+")
    programme_id: int
    period = CharField(max_length=40)
    form = CharField(max_length=60)
    kind = CharField(max_length=60)
    words = CharField(max_length=400)
    settled_by = IntegerField()
    by_name = CharField(max_length=80)
    settled_at = instant()
    open_key = CharField(max_length=120, null=True, unique=True)
    ended_name = CharField(max_length=80, default="")
    ended_at = instant(null=True)
    end_reason = CharField(max_length=400, default="")

    class Meta:
        indexes = ((("programme", "period"), False),)


class FactAssessor(Base):
    """Who enters the facts of a form: the people of a unit, or one person (E-96)."""

    programme = ForeignKeyField(Programme, backref="+")
    programme_id: int
    form = CharField(max_length=60)
    kind = CharField(max_length=60)
    unit = ForeignKeyField(Unit, null=True, backref="+")
    unit_id: int | None
    person = ForeignKeyField(User, null=True, backref="+")
    person_id: int | None
    reason = CharField(max_length=400)
    named_by = IntegerField()
    by_name = CharField(max_length=80)
    named_at = instant()
    open_key = CharField(max_length=120, null=True, unique=True)
    ended_name = CharField(max_length=80, default="")
    ended_at = instant(null=True)
    end_reason = CharField(max_length=400, default="")

    class Meta:
        indexes = ((("programme", "form"), False),)


class FactUpload(Base):
    """A filled-in template that was uploaded and is being looked at; swept after two days, gone once it is stored."""

    programme = ForeignKeyField(Programme, backref="+")
    programme_id: int
    period = CharField(max_length=40)
    form = CharField(max_length=60)
    filename = CharField(max_length=200)
    sha256 = CharField(max_length=64)
    #: {columns: [{letter, name}], rows: [{row, cells}]} as read from the sheet.
    cells = json_text()
    source = CharField(max_length=300, default="")
    created_by = IntegerField()
    created_at = instant(index=True)
