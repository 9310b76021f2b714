"""Files that units hand in with a record of theirs."""

from __future__ import annotations

from peewee import CharField, ForeignKeyField, IntegerField

from supervisor.fields import instant
from supervisor.models.appeals import Appeal
from supervisor.models.base import Base
from supervisor.models.cases import CaseStep
from supervisor.models.facts import RecordedFact
from supervisor.models.filings import FiledDocument
from supervisor.models.ladder import StepEvent
from supervisor.models.obligations import FieldValue, ReportEntry
from supervisor.models.plans import Application
from supervisor.models.registers import Unit
from supervisor.models.work_plans import Milestone


class Attachment(Base):
    """A file, kept under its hash, linked to one record of the unit or not yet linked."""

    sha256 = CharField(max_length=64, index=True)
    filename = CharField(max_length=200)
    size = IntegerField()
    media_type = CharField(max_length=120)
    unit = ForeignKeyField(Unit, null=True)
    unit_id: int | None
    uploaded_by = IntegerField()
    uploaded_at = instant()
    report_entry = ForeignKeyField(ReportEntry, null=True, backref="attachments")
    report_entry_id: int | None
    application = ForeignKeyField(Application, null=True, backref="attachments")
    application_id: int | None
    milestone = ForeignKeyField(Milestone, null=True, backref="attachments")
    milestone_id: int | None
    #: The document of a filing, or the item, that it belongs to.
    filed = ForeignKeyField(FiledDocument, null=True, backref="attachments")
    filed_id: int | None
    #: What happened to a step of the ladder: the unit's answer with its evidence.
    step_event = ForeignKeyField(StepEvent, null=True, backref="attachments")
    step_event_id: int | None
    #: The field of a rule's form that it was asked for in.
    field_value = ForeignKeyField(FieldValue, null=True, backref="attachments")
    field_value_id: int | None
    #: The fact that it is the evidence of.
    recorded_fact = ForeignKeyField(RecordedFact, null=True, backref="attachments")
    recorded_fact_id: int | None
    #: The appeal that it proves.
    appeal = ForeignKeyField(Appeal, null=True, backref="attachments")
    appeal_id: int | None
    #: Evidence of an accountability case.
    case_step = ForeignKeyField(CaseStep, null=True, backref="attachments")
    case_step_id: int | None
