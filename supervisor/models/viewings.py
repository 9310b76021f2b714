"""Site viewings (观摩讲评): what was viewed, who judged, and the mark sheets that they signed.

A sheet is one judge's about one project. It is signed once and never changed: a correction is a further version with
its reason, and the newest version counts. What a judge may give for a criterion ends at its weight; weights sum to 100.
"""

from __future__ import annotations

import enum

from peewee import BooleanField, CharField, Check, ForeignKeyField, IntegerField, TextField

from supervisor.fields import DayField, choice, instant, json_text
from supervisor.models.accounts import User
from supervisor.models.base import Base
from supervisor.models.registers import Programme, Unit
from supervisor.words import N_, Sentence


class ViewingState(enum.StrEnum):
    """Whether sheets are still taken."""

    OPEN = "open"
    FINISHED = "finished"

    @property
    def label(self) -> Sentence:
        """The state in words."""
        return VIEWING_STATE_LABELS[self]


VIEWING_STATE_LABELS = {
    ViewingState.OPEN: N_("Sheets are being taken"),
    ViewingState.FINISHED: N_("Finished: counts for the score"),
}


class Viewing(Base):
    """One viewing event on one day. Its marks count from the moment it is finished."""

    programme = ForeignKeyField(Programme, backref="viewings")
    programme_id: int
    title = CharField(max_length=200)
    held_on = DayField()
    #: Route, order of the day or whatever else the judges are told.
    about = TextField(default="")
    #: How many of the highest and as many of the lowest marks of a project are left out of its mean.
    dropped = IntegerField(default=1)
    #: In order: `{"key": "quality", "name": "工程质量", "weight": 30}`; local settings.
    criteria = json_text(default=list)
    state = choice(ViewingState, default=ViewingState.OPEN)
    made_by = IntegerField()
    made_at = instant()
    finished_by = IntegerField(null=True)
    finished_at = instant(null=True)
    #: Why it was finished although sheets are missing; empty = none is.
    why_missing = TextField(default="")
    version = IntegerField(default=1)

    class Meta:
        indexes = ((("programme", "held_on"), False),)
        constraints = (Check("dropped BETWEEN 0 AND 2", name="viewing_dropped"),)


class ViewedProject(Base):
    """One place that was viewed; its marks are its unit's."""

    viewing = ForeignKeyField(Viewing, backref="projects")
    viewing_id: int
    number = IntegerField()
    unit = ForeignKeyField(Unit)
    unit_id: int
    name = CharField(max_length=120)
    place = CharField(max_length=200, default="")

    class Meta:
        indexes = ((("viewing", "number"), True),)


class Panelist(Base):
    """One named judge of a viewing: somebody with an account, or a name whose paper sheets the office types in."""

    viewing = ForeignKeyField(Viewing, backref="panelists")
    viewing_id: int
    number = IntegerField()
    user = ForeignKeyField(User, null=True)
    user_id: int | None
    name = CharField(max_length=80)
    #: The unit that a judge without an account belongs to; None = none of the programme.
    unit = ForeignKeyField(Unit, null=True)
    unit_id: int | None

    class Meta:
        indexes = ((("viewing", "number"), True), (("viewing", "user"), True))


class MarkSheet(Base):
    """What one judge gave one project, as signed; never changed but for being followed by a further version."""

    project = ForeignKeyField(ViewedProject, backref="sheets")
    project_id: int
    panelist = ForeignKeyField(Panelist, backref="sheets")
    panelist_id: int
    #: 1 = as first signed.
    number = IntegerField()
    #: Criterion key → mark as text with at most one decimal: `{"quality": "27.5"}`.
    marks = json_text(default=dict)
    comment = TextField(default="")
    #: Why it was corrected; empty in the first version.
    reason = TextField(default="")
    signed_at = instant()
    #: Who signed, or who typed a paper sheet.
    typed_by = IntegerField()
    typed_by_name = CharField(max_length=80)
    superseded = BooleanField(default=False)

    class Meta:
        indexes = ((("project", "panelist", "number"), True),)
