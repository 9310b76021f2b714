"""Bodies of a programme (联席会议, 领导小组, 工作组, 办公室, 专班), their seats, and who holds a seat when.

A seat is what the notice prints: a role, and a post or a person. Who sits there is kept apart, with dates, so
that a post is a seat before anybody is named for it (E-09, E-10) and a change keeps its history (C52).
"""

from __future__ import annotations

import enum

from peewee import BooleanField, CharField, ForeignKeyField, IntegerField, TextField

from supervisor.fields import DayField, choice, instant
from supervisor.models.base import Base
from supervisor.models.plans import Document, Task
from supervisor.models.registers import Programme, Unit, UnitGroup
from supervisor.words import N_, Sentence


class BodyKind(enum.StrEnum):
    """What kind of body it is."""

    LEADING_GROUP = "leading_group"
    JOINT_MEETING = "joint_meeting"
    HEADQUARTERS = "headquarters"
    COMMITTEE = "committee"
    WORKING_GROUP = "working_group"
    TASK_FORCE = "task_force"
    OFFICE = "office"
    OTHER = "other"

    @property
    def label(self) -> Sentence:
        """The kind in words."""
        return BODY_KIND_LABELS[self]


BODY_KIND_LABELS = {
    BodyKind.LEADING_GROUP: N_("Leading group"),
    BodyKind.JOINT_MEETING: N_("Joint meeting"),
    BodyKind.HEADQUARTERS: N_("Headquarters"),
    BodyKind.COMMITTEE: N_("Committee"),
    BodyKind.WORKING_GROUP: N_("Working group"),
    BodyKind.TASK_FORCE: N_("Special team"),
    BodyKind.OFFICE: N_("Office of a body"),
    BodyKind.OTHER: N_("Body of another kind"),
}


class Body(Base):
    """A body of a programme. Host and seal keep the printed name where the register does not know the unit."""

    programme = ForeignKeyField(Programme, backref="bodies")
    programme_id: int
    name = CharField(max_length=200)
    kind = choice(BodyKind)
    #: The body whose office or team this is.
    parent = ForeignKeyField("self", null=True, backref="children")
    parent_id: int | None
    #: Where an office sits.
    host_unit = ForeignKeyField(Unit, null=True, backref="hosted_bodies")
    host_unit_id: int | None
    host_name = CharField(max_length=160, default="")
    #: Whose seal its papers bear where it has none of its own (代章).
    seal_unit = ForeignKeyField(Unit, null=True, backref="sealed_bodies")
    seal_unit_id: int | None
    seal_name = CharField(max_length=160, default="")
    #: The notice's clause on who follows a member that moves on.
    succession = TextField(default="")
    document = ForeignKeyField(Document, null=True, backref="bodies")
    document_id: int | None
    #: Line of the notice that founds it; None = entered by hand.
    source_line = IntegerField(null=True)
    sort = IntegerField(default=0)

    class Meta:
        indexes = ((("programme", "name"), True),)


class Person(Base):
    """A person named in the bodies of a programme: one, however many seats they hold (E-06)."""

    programme = ForeignKeyField(Programme, backref="people")
    programme_id: int
    name = CharField(max_length=80)

    class Meta:
        indexes = ((("programme", "name"), False),)


class Seat(Base):
    """A place in a body as printed: role, post, and the unit or collective it stands for."""

    body = ForeignKeyField(Body, backref="seats")
    body_id: int
    role = CharField(max_length=40)
    #: As printed; empty = the notice states no post (E-08).
    post = CharField(max_length=200, default="")
    unit = ForeignKeyField(Unit, null=True, backref="seats")
    unit_id: int | None
    group = ForeignKeyField(UnitGroup, null=True, backref="seats")
    group_id: int | None
    #: Why it stands for this unit where the post does not say so (E-14).
    note = CharField(max_length=400, default="")
    #: The printed order, for every list (E-99).
    sort = IntegerField(default=0)
    document = ForeignKeyField(Document, null=True, backref="seats")
    document_id: int | None
    source_line = IntegerField(null=True)
    #: First and last day; None = since the notice, and still.
    valid_from = DayField(null=True)
    valid_to = DayField(null=True)

    class Meta:
        indexes = ((("body", "sort"), False),)


class Holder(Base):
    """A person in a seat from a day to a day; rows are ended, never overwritten (C52)."""

    seat = ForeignKeyField(Seat, backref="holders")
    seat_id: int
    person = ForeignKeyField(Person, backref="holdings")
    person_id: int
    #: This person's post; empty = not stated.
    post = CharField(max_length=200, default="")
    valid_from = DayField(null=True)
    valid_to = DayField(null=True)
    reason = CharField(max_length=400, default="")

    class Meta:
        indexes = ((("seat", "valid_from"), False),)


class LiaisonRule(Base):
    """How many liaison officers of what rank each unit names, as the notice says it (C11)."""

    programme = ForeignKeyField(Programme, backref="liaison_rules")
    programme_id: int
    document = ForeignKeyField(Document, null=True, backref="liaison_rules")
    document_id: int | None
    text = TextField()
    source_line = IntegerField(null=True)
    #: None = the notice does not say how many.
    count = IntegerField(null=True)
    #: As printed; empty = any rank.
    rank = CharField(max_length=80, default="")
    #: Asked of the units with a seat only, not of every unit with work (E-34).
    members_only = BooleanField(default=True)
    valid_from = DayField()
    set_at = instant()


class LiaisonRank(Base):
    """A rank of the programme's list; `fits` = it meets the notice's rule. Never read off a title (E-13)."""

    programme = ForeignKeyField(Programme, backref="liaison_ranks")
    programme_id: int
    name = CharField(max_length=40)
    fits = BooleanField(default=True)
    sort = IntegerField(default=0)

    class Meta:
        indexes = ((("programme", "name"), True),)


class DutyClause(Base):
    """A clause of a duty with the role verb it opens with: 牵头, 负责, 参与, 配合, 指导 (C05); empty = none."""

    task = ForeignKeyField(Task, backref="clauses")
    task_id: int
    sort = IntegerField()
    verb = CharField(max_length=20, default="")
    text = TextField()

    class Meta:
        indexes = ((("task", "sort"), True),)
