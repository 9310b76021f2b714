"""What was published of a closed period, to whom, as it was then: one row a version, never changed but withdrawn."""

from __future__ import annotations

import enum

from peewee import BooleanField, CharField, ForeignKeyField, IntegerField, TextField

from supervisor.fields import choice, instant
from supervisor.models.base import Base
from supervisor.models.scores import ScorePeriod, ScoreRun
from supervisor.words import N_, Sentence


class Reach(enum.StrEnum):
    """To whom a version goes; each one includes those before it."""

    OWN = "own"
    GROUP = "group"
    UNITS = "units"
    PUBLIC = "public"

    @property
    def label(self) -> Sentence:
        """The reach in words."""
        return REACH_LABELS[self]


REACH_LABELS = {
    Reach.OWN: N_("Each unit its own result"),
    Reach.GROUP: N_("Units of the same group"),
    Reach.UNITS: N_("All units of the programme"),
    Reach.PUBLIC: N_("The public"),
}


class Publication(Base):
    """A published version of a period: the bytes that went out, their hashes, the run that they follow from."""

    period = ForeignKeyField(ScorePeriod, backref="publications")
    period_id: int
    run = ForeignKeyField(ScoreRun, backref="+")
    run_id: int
    #: 1, 2, … of the period; a later one replaces the one before, which stays readable.
    number = IntegerField()
    reach = choice(Reach)
    #: Places and scores, or tiers only.
    ranked = BooleanField()
    #: Why it goes out in this way; shown with the version.
    reason = TextField()
    #: JSON and CSV exactly as they are handed out (UTF-8), with the SHA-256 of each.
    content = TextField()
    content_sha256 = CharField(max_length=64)
    sheet = TextField()
    sheet_sha256 = CharField(max_length=64)
    #: The unguessable part of the public address, the same for all public versions of the period; else empty.
    token = CharField(max_length=64, default="", index=True)
    published_by = IntegerField()
    published_name = CharField(max_length=120)
    published_at = instant()
    withdrawn_by = IntegerField(null=True)
    withdrawn_name = CharField(max_length=120, default="")
    withdrawn_at = instant(null=True)
    withdrawal = TextField(default="")

    class Meta:
        indexes = ((("period", "number"), True),)
