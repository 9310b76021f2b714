"""The dry run of an import: what a sheet would become and everything that is wrong with it. Reads only."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from datetime import date

from supervisor.core import ledger_choices, units
from supervisor.core.draft_ledger import Ledger
from supervisor.core.ledger_choices import Choices
from supervisor.core.ledger_draft import draft_of
from supervisor.core.ledger_headings import Field
from supervisor.core.ledger_reading import Reading, RowQuantity, letters
from supervisor.core.ledger_rows import read_rows
from supervisor.core.units import name_key
from supervisor.documents import ledger_sheets
from supervisor.documents.ledger_sheets import Sheet, Sheets
from supervisor.errors import Invalid
from supervisor.intake.draft import LikeNames
from supervisor.intake.likenames import like_names
from supervisor.models import LedgerUpload
from supervisor.words import N_


def sheets_of(upload: LedgerUpload) -> Sheets:
    """The file's sheets."""
    return ledger_sheets.from_plain(upload.sheets)


def choices_of(upload: LedgerUpload) -> Choices:
    """What was chosen so far."""
    return ledger_choices.from_plain(upload.choices)


@dataclass(frozen=True)
class ColumnView:
    """A column on the page where it is confirmed: its heading, what it is taken for, and some of its values."""

    number: int
    name: str
    field: Field
    samples: tuple[str, ...]

    @property
    def letter(self) -> str:
        """Its name in Excel."""
        return letters(self.number)


def columns_of(sheet: Sheet, choices: Choices, *, samples: int) -> list[ColumnView]:
    """The columns under the headings, each with its first values that differ; empty columns are passed over."""
    headings = choices.headings_in(sheet)
    found = []
    for column, (name, what) in enumerate(zip(headings.names, headings.fields, strict=True)):
        values: dict[str, None] = {}
        for row in sheet.cells[headings.last + 1 :]:
            if len(values) >= samples:
                break
            if column < len(row) and row[column] and row[column] != name and sum(map(bool, row)) > 1:
                values[row[column]] = None
        found.append(ColumnView(column, name, what, tuple(values)))
    return found


@dataclass(frozen=True)
class Check:
    """What would be imported, and what still stands in the way; nothing of it is stored."""

    choices: Choices
    sheet: Sheet
    reading: Reading
    #: The draft ledger that the tasks would become.
    ledger: Ledger
    #: Names that the register does not know, with how many tasks they stand at.
    new_units: tuple[tuple[str, int], ...]
    #: Names known to the register.
    known_units: int
    #: A new name and one like it, in the register or new as well.
    similar: tuple[LikeNames, ...]

    @property
    def questions(self) -> int:
        """Questions without an answer."""
        answers = self.choices.answers
        return (
            bool(self.reading.leaderless and not answers.lead)
            + bool(self.reading.twice and not answers.twice)
            + sum(word not in answers.states for word in self.reading.unknown_states)
        )

    @property
    def is_ready(self) -> bool:
        """Whether nothing stands in the way."""
        return not self.reading.faults and not self.questions


@dataclass(frozen=True)
class QuantityCell:
    """A cell of quantities on the page of the check: as it stands, what was read, who is to deliver it."""

    row: int
    column: int
    cell: str
    read: tuple[RowQuantity, ...]
    #: Whether a part of it stays text.
    more: bool
    unit: str


def quantity_cells(found: Check) -> list[QuantityCell]:
    """The cells of quantities; those that were not wholly read first."""
    fixes, sheet = found.choices.answers.fixes, found.sheet
    cells = []
    for task in found.reading.tasks:
        for row, column in dict.fromkeys((*((q.row, q.column) for q in task.quantities), *task.unread)):
            text = fixes.get(
                (row, column), sheet.cells[row][column] if column < len(sheet.cells[row]) else ""
            )
            read = tuple(q for q in task.quantities if (q.row, q.column) == (row, column))
            cells.append(QuantityCell(row, column, text, read, (row, column) in task.unread, task.answering))
    return sorted(cells, key=lambda one: not one.more)


def check(upload: LedgerUpload) -> Check:
    """Read the sheet as chosen and say everything about it at once.

    Raises Invalid where no column names the task yet.
    """
    choices, sheets = choices_of(upload), sheets_of(upload)
    if Field.TITLE not in choices.fields:
        wrong = N_("Choose the column that names the task.")
        raise Invalid(wrong, {"columns": wrong})
    sheet = sheets.sheets[choices.sheet]
    reading = read_rows(
        sheet,
        choices.headings_in(sheet),
        choices.answers,
        base=date(choices.year, 1, 1),
        as_of=choices.as_of,
        since_1904=sheets.since_1904,
    )
    known = units.known_names(upload.programme.jurisdiction_id, choices.as_of)
    register = [unit.name for unit in units.register_of(upload.programme)]
    ledger = draft_of(sheet, reading.tasks, title=choices.title, as_of=choices.as_of, register=register)
    collectives = {name_key(one.token) for one in ledger.collectives}
    counts: Counter[str] = Counter()
    first: dict[str, str] = {}
    for name, times in Counter(name for task in reading.tasks for name in task.units).items():
        first.setdefault(name_key(name), name)
        counts[name_key(name)] += times
    new = [key for key in counts if key not in known and key not in collectives]
    return Check(
        choices,
        sheet,
        reading,
        ledger,
        tuple((first[key], counts[key]) for key in new),
        sum(key in known for key in counts),
        like_names([first[key] for key in new], register),
    )
