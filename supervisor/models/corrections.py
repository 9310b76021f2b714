"""What a person changed while reviewing a notice, step by step, and what of it holds for later notices."""

from __future__ import annotations

import enum

from peewee import BooleanField, CharField, ForeignKeyField, IntegerField

from supervisor.fields import choice, instant, json_text
from supervisor.models.base import Base
from supervisor.models.plans import Document
from supervisor.models.registers import Jurisdiction


class Correction(Base):
    """One correction of a draft ledger: who, when, what, and the way back (`core.corrections`)."""

    document = ForeignKeyField(Document, backref="corrections")
    document_id: int
    #: Counted within the notice; the last one that is not undone is the next to be undone.
    number = IntegerField()
    #: The notice's version that it made; a save from an older page is compared with it.
    version = IntegerField()
    #: Where on the review page it was made: task-3, head, clause-120.
    anchor = CharField(max_length=80, default="")
    #: What was done as msgid and params, said in the reader's language.
    summary = json_text()
    #: What it changed, with the values before and after.
    patch = json_text()
    undone = BooleanField(default=False)
    made_by = IntegerField(null=True)
    made_by_name = CharField(max_length=120, default="")
    made_at = instant()

    class Meta:
        indexes = ((("document", "number"), True),)


class PrecedentKind(enum.StrEnum):
    """What was decided on a review page and may be proposed for the next notice."""

    #: A printed name is a unit under another name.
    ALIAS = "alias"
    #: A collective name stands for these units.
    MEMBERS = "members"
    #: A printed name is no unit.
    NO_UNIT = "no_unit"
    #: Two similar names are two units.
    APART = "apart"
    #: A clause that looks like work is none.
    ASIDE = "aside"


class Precedent(Base):
    """A person's decision on a name or clause, kept for the jurisdiction; proposed later, never applied by itself."""

    jurisdiction = ForeignKeyField(Jurisdiction, backref="precedents")
    jurisdiction_id: int
    kind = choice(PrecedentKind)
    #: The name or the clause as compared (`unit_names.name_key`).
    name = CharField(max_length=200)
    #: The decision: {"unit": …}, {"members": […]}, {"reason": …}.
    value = json_text(default=dict)
    document = ForeignKeyField(Document, null=True, backref="precedents")
    document_id: int | None
    #: Title of the notice in which it was decided.
    title = CharField(max_length=400, default="")
    decided_by = IntegerField(null=True)
    decided_by_name = CharField(max_length=120, default="")
    decided_at = instant()

    class Meta:
        indexes = ((("jurisdiction", "kind", "name"), True),)
