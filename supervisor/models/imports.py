"""An existing ledger (台账) on its way into a programme, and what it said of each task's past."""

from __future__ import annotations

from peewee import BooleanField, CharField, ForeignKeyField, IntegerField, TextField

from supervisor.fields import DayField, instant, json_text
from supervisor.models.base import Base
from supervisor.models.plans import Document
from supervisor.models.registers import Programme


class LedgerUpload(Base):
    """A spreadsheet that was uploaded and is being checked; swept after two days, gone once it is imported."""

    programme = ForeignKeyField(Programme, backref="ledger_uploads")
    programme_id: int
    filename = CharField(max_length=200)
    sha256 = CharField(max_length=64)
    #: documents.ledger_sheets.read_plain: the cells as text.
    sheets = json_text()
    #: What a person chose so far: sheet, headings, columns, answers, mended cells.
    choices = json_text(default=dict)
    created_by = IntegerField(null=True)
    created_at = instant(index=True)


class ImportedRow(Base):
    """What an imported ledger said of a task at the time of import. History: never a unit's report (D2)."""

    document = ForeignKeyField(Document, backref="imported_rows")
    document_id: int
    #: Row of the sheet as Excel counts; the line of the document, and `Task.source_line`.
    row = IntegerField()
    #: The day of which the ledger speaks.
    as_of = DayField()
    #: Whole percent as the ledger has it; None = it names none.
    progress = IntegerField(null=True)
    said = TextField(default="")
    #: Called completed: such a task is issued as completed, and nobody reports on it.
    closed = BooleanField(default=False)
    closed_on = DayField(null=True)
    #: Heading and cell, in the order of the sheet.
    cells = json_text(default=list)

    class Meta:
        indexes = ((("document", "row"), True),)
