"""An existing ledger as a draft for the review page: each row a line of the document, each task beside it. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import date, timedelta

from supervisor.core import draft_ledger
from supervisor.core.draft_ledger import Ledger
from supervisor.core.ledger_reading import RowQuantity, RowTask
from supervisor.documents.ledger_sheets import Sheet
from supervisor.intake import Deadline, Document, Draft, DraftTask, Member, Place, Target
from supervisor.intake.collectives import read_collectives
from supervisor.intake.passages import Source


def text_of(sheet: Sheet) -> str:
    """The sheet as text: one line a row, so that a line's number is the row's in Excel; tabs between cells."""
    return "\n".join("\t".join(" ".join(cell.split()) for cell in row).rstrip() for row in sheet.cells)


def draft_of(
    sheet: Sheet, tasks: Sequence[RowTask], *, title: str, as_of: date, register: Iterable[str]
) -> Ledger:
    """The draft ledger.

    Args:
        sheet: the sheet as it stands.
        tasks: what was read from it.
        title: of the ledger.
        as_of: the day of which it speaks; nothing is owed for times up to it.
        register: units known beforehand, to propose whom 各区人民政府 stands for.
    """
    source = Source.of(text_of(sheet))
    ends = (*source.starts[1:], len(source.text) + 1)
    drafts = tuple(_draft_task(task, source.starts[task.row], ends[task.last_row] - 1) for task in tasks)
    names = dict.fromkeys((*register, *(name for task in tasks for name in task.units)))
    known = [Member("", "", "", name, Place(1, 0, 0)) for name in names if not name.startswith("各")]
    document = Document(text=source.text, title=title, issued=as_of + timedelta(days=1))
    targets = tuple(
        _target(one, source.starts[one.row], ends[one.row] - 1) for task in tasks for one in task.quantities
    )
    collectives = tuple(read_collectives(source, list(drafts), [], known))
    ledger = draft_ledger.from_reading(
        Draft(document, tasks=drafts, collectives=collectives, targets=targets)
    )
    each = tuple(
        replace(kept, each_answers=task.each_answers) for kept, task in zip(ledger.tasks, tasks, strict=True)
    )
    return replace(ledger, tasks=each)


def _target(one: RowQuantity, start: int, end: int) -> Target:
    """The whole row is its place; its day is that of the task."""
    found = one.found
    return Target(found.text, found.value, found.counted, "", None, Place(one.row + 1, start, end))


def _draft_task(task: RowTask, start: int, end: int) -> DraftTask:
    place = Place(task.row + 1, start, end)
    deadlines = (Deadline(task.due_text, task.due_on, None, place),) if task.due_on else ()
    return DraftTask(
        path=task.path,
        number=task.number,
        title=task.title,
        text=task.text,
        lead=task.lead,
        responsible=task.responsible,
        deadlines=deadlines,
        place=place,
    )
