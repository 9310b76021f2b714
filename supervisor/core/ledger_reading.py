"""What reading an existing ledger gives: tasks with their past, faults, questions, notes; and the answers."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from itertools import groupby

from supervisor.intake.targets import CellQuantity
from supervisor.words import Sentence


@dataclass(frozen=True)
class Fault:
    """A cell that cannot be taken as it stands, counted from 0; `column` None = the whole row."""

    row: int
    column: int | None
    given: str
    reason: Sentence

    @property
    def place(self) -> str:
        """The cell as Excel names it: D12."""
        return f"{letters(self.column) if self.column is not None else ''}{self.row + 1}"


@dataclass(frozen=True)
class Note:
    """What was done with some rows (as Excel counts); for reading, not for mending."""

    sentence: Sentence
    rows: tuple[int, ...] = ()


@dataclass(frozen=True)
class RowQuantity:
    """A quantity of a task with its cell, counted from 0: what is counted with its unit, and a whole number."""

    row: int
    column: int
    measure: str
    number: int
    found: CellQuantity


@dataclass(frozen=True)
class RowTask:
    """A task as the ledger has it, with what the ledger says of its past. `row` counts from 0."""

    row: int
    last_row: int
    title: str
    number: str = ""
    path: tuple[str, ...] = ()
    text: str = ""
    lead: tuple[str, ...] = ()
    responsible: tuple[str, ...] = ()
    due_text: str = ""
    due_on: date | None = None
    progress: int | None = None
    said: str = ""
    state_word: str = ""
    closed: bool = False
    closed_on: date | None = None
    #: Heading and cell of all columns but those left out.
    cells: tuple[tuple[str, str], ...] = ()
    each_answers: bool = False
    quantities: tuple[RowQuantity, ...] = ()
    #: Cells of quantities that say something else too, or nothing that is one; counted from 0.
    unread: tuple[tuple[int, int], ...] = ()

    @property
    def units(self) -> tuple[str, ...]:
        """All names at the task, lead first."""
        return (*self.lead, *self.responsible)

    @property
    def answering(self) -> str:
        """The one unit that answers for the task's quantities: who leads alone, or stands alone; else nobody."""
        names = self.lead or self.responsible
        return names[0] if len(names) == 1 and not names[0].startswith("各") else ""


@dataclass(frozen=True)
class Answers:
    """What a person decided about the sheet as a whole; empty text = not decided yet."""

    #: Rows without lead unit: `first` leads, `each` answers for itself, or `ask` at each task (D3).
    lead: str = ""
    #: The same number and title twice: `both` are tasks, or the `first` alone.
    twice: str = ""
    #: Words of the state column that say neither completed nor open -> completed.
    states: Mapping[str, bool] = field(default_factory=dict)
    #: Cells mended on the page, counted from 0.
    fixes: Mapping[tuple[int, int], str] = field(default_factory=dict)


@dataclass(frozen=True)
class Reading:
    """A sheet read whole: tasks, faults, open questions, notes."""

    tasks: tuple[RowTask, ...]
    faults: tuple[Fault, ...] = ()
    notes: tuple[Note, ...] = ()
    #: Rows (as Excel counts) of tasks that name units and none that leads.
    leaderless: tuple[int, ...] = ()
    #: Rows (as Excel counts) that repeat the number and title of another one: (first, again).
    twice: tuple[tuple[int, int], ...] = ()
    #: Words of the state column that say neither, with how often they stand there.
    unknown_states: Mapping[str, int] = field(default_factory=dict)


def letters(column: int) -> str:
    """A column as Excel names it, counted from 0: 0 = A, 26 = AA."""
    name = ""
    column += 1
    while column:
        column, rest = divmod(column - 1, 26)
        name = chr(65 + rest) + name
    return name


def row_words(rows: Sequence[int]) -> str:
    """Rows in the shortest form: 3–5、9."""
    parts = []
    for _, run in groupby(enumerate(rows), key=lambda pair: pair[1] - pair[0]):
        numbers = [row for _, row in run]
        parts.append(str(numbers[0]) if len(numbers) == 1 else f"{numbers[0]}–{numbers[-1]}")
    return "、".join(parts)
