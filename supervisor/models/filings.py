"""What is handed in where documents or items are asked for: documents of a filing, receipts, bulletins."""

from __future__ import annotations

from peewee import CharField, ForeignKeyField, IntegerField, TextField

from supervisor.fields import instant
from supervisor.models.base import Base
from supervisor.models.obligations import Report
from supervisor.models.registers import Programme
from supervisor.models.rules import RuleRecipient


class Bulletin(Base):
    """A bulletin (简报) for which the office chose items that units sent (C45)."""

    programme = ForeignKeyField(Programme, backref="bulletins")
    programme_id: int
    number = IntegerField()
    title = CharField(max_length=200)
    made_by = IntegerField()
    made_at = instant()

    class Meta:
        indexes = ((("programme", "number"), True),)


class FiledDocument(Base):
    """One document of a filing, or one item that counts: its kind, title and text."""

    report = ForeignKeyField(Report, backref="documents")
    report_id: int
    kind = CharField(max_length=80)
    title = CharField(max_length=200)
    text = TextField(default="")
    bulletin = ForeignKeyField(Bulletin, null=True, backref="items")
    bulletin_id: int | None


class Receipt(Base):
    """A recipient's receipt (回执) for one version of a filing: number, time and person (C28)."""

    report = ForeignKeyField(Report, backref="receipts")
    report_id: int
    recipient = ForeignKeyField(RuleRecipient)
    recipient_id: int
    number = CharField(max_length=60)
    given_by = IntegerField()
    given_by_name = CharField(max_length=120)
    given_at = instant()

    class Meta:
        indexes = ((("report", "recipient"), True),)
