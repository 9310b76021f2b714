"""Papers drafted from frozen data, and the register of what went out under a number (发文登记簿)."""

from __future__ import annotations

import enum

from peewee import CharField, Check, ForeignKeyField, IntegerField, TextField

from supervisor.fields import choice, instant
from supervisor.models.base import Base
from supervisor.models.registers import Jurisdiction, Programme
from supervisor.words import N_, Sentence


class IssuedPaper(Base):
    """One line of the register; never changed. Numbers of an issuer, series and year have neither doubles nor gaps."""

    #: Whose register it is: the office as printed, in its jurisdiction. An office may run several programmes.
    jurisdiction = ForeignKeyField(Jurisdiction, backref="issued_papers")
    jurisdiction_id: int
    issuer = CharField(max_length=220)
    programme = ForeignKeyField(Programme, backref="issued_papers")
    programme_id: int
    #: Which numbers run on: circular, urge, notice, criticism, talk.
    series = CharField(max_length=20)
    year = IntegerField()
    number = IntegerField()
    #: 督查通报〔2021〕7号, and what it stands on: 通报, 督办通知单.
    printed = CharField(max_length=80)
    kind = CharField(max_length=40)
    title = CharField(max_length=300)
    #: The paper: `circular:5`, `ladder_step:9`; and its page.
    subject = CharField(max_length=60, unique=True)
    link = CharField(max_length=200)
    #: SHA-256 of the content as issued.
    sha256 = CharField(max_length=64)
    issued_at = instant()
    issued_by = IntegerField(null=True)
    by_name = CharField(max_length=80)

    class Meta:
        indexes = (
            (("jurisdiction", "issuer", "year", "series", "number"), True),
            (("jurisdiction", "issuer", "year", "id"), False),
        )
        constraints = (Check("number >= 1", name="issued_paper_number"),)


class PaperKind(enum.StrEnum):
    """Papers that are drafted from frozen data and edited until they are issued."""

    PERIOD_CIRCULAR = "period_circular"

    @property
    def label(self) -> Sentence:
        """The kind in words."""
        return PAPER_KIND_LABELS[self]


PAPER_KIND_LABELS = {PaperKind.PERIOD_CIRCULAR: N_("Circular on a closed period")}


class DraftedPaper(Base):
    """A paper drafted from frozen data: its text is edited until it is issued, its figures are not; then frozen."""

    programme = ForeignKeyField(Programme, backref="drafted_papers")
    programme_id: int
    kind = choice(PaperKind)
    #: What it is about: `2021-Q2` of a circular on a period.
    about = CharField(max_length=40)
    title = CharField(max_length=200)
    #: 主送.
    addressees = CharField(max_length=300)
    #: Paragraphs, with figures by their names in braces.
    text = TextField()
    #: 附注; empty = none.
    remark = CharField(max_length=100, default="")
    #: Figures and annexes as drafted, canonical, and what they were drafted from: run and SHA-256 of its result.
    drawn_up = TextField()
    basis = CharField(max_length=100)
    written_by = IntegerField()
    written_at = instant()
    #: The content as issued, canonical, and its SHA-256; empty in a draft. Its number stands in the register.
    issued_at = instant(null=True)
    issued_by = IntegerField(null=True)
    content = TextField(default="")
    sha256 = CharField(max_length=64, default="")
    version = IntegerField(default=1)

    class Meta:
        indexes = ((("programme", "kind", "about", "id"), False),)
