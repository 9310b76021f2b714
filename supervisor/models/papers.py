"""Papers that went out under a number: the register of an issuer (发文登记簿)."""

from __future__ import annotations

from peewee import CharField, Check, ForeignKeyField, IntegerField

from supervisor.fields import instant
from supervisor.models.base import Base
from supervisor.models.registers import Jurisdiction, Programme


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
