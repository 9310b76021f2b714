"""Everything that the review page of a notice shows, gathered with a fixed number of queries."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from supervisor.core import (
    consistency,
    corrections,
    plan_differences,
    precedents,
    printed_names,
    questions,
    same_units,
    source_view,
)
from supervisor.core.consistency import Consistency
from supervisor.core.draft_ledger import Ledger
from supervisor.core.draft_rows import LedgerTask
from supervisor.core.precedents import Proposal
from supervisor.core.printed_names import PrintedName, Register
from supervisor.core.questions import Question, is_unsure
from supervisor.core.same_units import Pair
from supervisor.core.source_view import SourceLine
from supervisor.core.task_corrections import undecided
from supervisor.core.unread_clauses import Clause, unread_clauses
from supervisor.models import Correction, Document, DocumentState, Plan

#: Tasks shown at once; an imported ledger may have ten thousand, and no page grows with it.
TASKS_SHOWN = 400
#: Unread clauses shown at once; more appear as these are decided.
CLAUSES_SHOWN = 300


@dataclass(frozen=True)
class Part:
    """Which tasks of a long ledger this page shows: `number` of `count`, those from `first` up to `last`."""

    number: int
    count: int
    first: int
    last: int

    @classmethod
    def of(cls, ledger: Ledger, *, number: int, at: str) -> Part:
        """The part that shows the task with the anchor `at`, else the one of this number, else the first."""
        size = len(ledger.tasks)
        count = max(-(-size // TASKS_SHOWN), 1)
        place = next((i for i, task in enumerate(ledger.tasks) if f"task-{task.key}" == at), None)
        number = place // TASKS_SHOWN + 1 if place is not None else min(max(number, 1), count)
        return cls(number, count, (number - 1) * TASKS_SHOWN, min(number * TASKS_SHOWN, size))


@dataclass(frozen=True)
class ReviewPage:
    """A notice beside its draft ledger, with what is asked and what was done."""

    document: Document
    ledger: Ledger
    register: Register
    lines: Sequence[SourceLine]
    questions: Sequence[Question]
    #: Unread clauses that ask, and those a person has set aside.
    clauses: Sequence[Clause]
    #: How many more ask than are shown.
    clauses_left: int
    set_aside: Sequence[tuple[Clause, str]]
    names: Sequence[PrintedName]
    #: Names that are another form of a name beside them: confirmed as one list.
    same: Sequence[Pair]
    proposals: Sequence[Proposal]
    consistency: Consistency | None
    steps: Sequence[Correction]
    undecided: Sequence[int]
    #: The plan that this notice seems to issue again, if there is one.
    reissued: Plan | None
    #: Anchor of an item → its questions with their running numbers.
    asked: Mapping[str, Sequence[tuple[int, Question]]] = field(default_factory=dict)
    part: Part = Part(1, 1, 0, 0)

    @property
    def tasks(self) -> Sequence[LedgerTask]:
        """The tasks that this page shows, in the notice's order."""
        return self.ledger.tasks[self.part.first : self.part.last]

    def question_link(self, number: int) -> str:
        """Where a question stands: here, or on the part of the page that shows its task."""
        if self.part.count == 1 or not 1 <= number <= len(self.questions):
            return f"#q-{number}"
        anchor = self.questions[number - 1].anchor
        here = {f"task-{task.key}" for task in self.tasks}
        elsewhere = anchor.startswith("task-") and anchor != "task-new" and anchor not in here
        return f"?at={anchor}#q-{number}" if elsewhere else f"#q-{number}"

    @property
    def grave(self) -> int:
        """Questions that stop adopting."""
        return sum(question.grave for question in self.questions)

    @property
    def noted(self) -> list[str]:
        """Keys of the notes on the reading that ask."""
        return [question.key for question in self.questions if question.key.startswith("problem-")]

    @property
    def unsure(self) -> int:
        """Tasks whose units were read from running text, still to be looked at."""
        return sum(is_unsure(task) for task in self.ledger.live)

    @property
    def accepted(self) -> int:
        """Tasks that a person found right or corrected."""
        return sum(task.accepted or task.corrected for task in self.ledger.live)

    @property
    def links(self) -> tuple[int, int]:
        """Lead and responsible links once collective names and aliases are resolved."""
        return self.ledger.expanded(lambda name: printed_names.resolve(self.ledger, self.register, name))

    @property
    def undoable(self) -> Correction | None:
        """The correction that undoing takes back."""
        return next((step for step in self.steps if not step.undone), None)

    @property
    def redoable(self) -> Correction | None:
        """The correction that is made again next."""
        undone = [step for step in self.steps if step.undone]
        return undone[-1] if undone else None


def gather(document: Document, *, part: int = 1, at: str = "") -> ReviewPage:
    """What the page shows; for a notice that is no draft any more without questions.

    Args:
        document: the notice.
        part: which part of a long ledger.
        at: anchor of a task that must be shown, whatever the part.
    """
    ledger = corrections.ledger_of(document)
    shown = Part.of(ledger, number=part, at=at)
    is_draft = document.state is DocumentState.DRAFT
    register = printed_names.read(document.programme.jurisdiction_id, ledger.issued_on)
    unread = unread_clauses(ledger)
    settled = {one.key: one.reason for one in ledger.settled}
    open_ones = [clause for clause in unread if clause.anchor not in settled] if is_draft else []
    pairs = same_units.open_pairs(ledger, register) if is_draft else []
    found = questions.questions(ledger, register, pairs, open_ones) if is_draft else []
    asked: dict[str, list[tuple[int, Question]]] = {}
    for number, question in enumerate(found, start=1):
        asked.setdefault(question.anchor or question.key, []).append((number, question))
    return ReviewPage(
        document=document,
        ledger=ledger,
        register=register,
        lines=_lines_of(ledger, shown, source_view.source_lines(ledger, found, open_ones)),
        questions=found,
        clauses=open_ones[:CLAUSES_SHOWN],
        clauses_left=max(len(open_ones) - CLAUSES_SHOWN, 0),
        set_aside=[(clause, settled[clause.anchor]) for clause in unread if clause.anchor in settled],
        names=printed_names.names_of(ledger, register),
        same=[pair for pair in pairs if pair.is_plain],
        proposals=precedents.proposals(document, ledger, register) if is_draft else [],
        consistency=consistency.check(ledger, register),
        steps=corrections.steps_of(document) if is_draft else [],
        undecided=undecided(ledger) if is_draft else [],
        reissued=plan_differences.like(document, ledger) if is_draft else None,
        asked=asked,
        part=shown,
    )


def _lines_of(ledger: Ledger, part: Part, lines: Sequence[SourceLine]) -> Sequence[SourceLine]:
    """The lines of the notice beside the tasks shown; the first part begins with the first line."""
    if part.count == 1:
        return lines

    def line_at(place: int) -> int | None:
        return next((task.line for task in ledger.tasks[place:] if task.line), None)

    first = line_at(part.first) if part.number > 1 else 0
    last = line_at(part.last)
    return [line for line in lines if (first or 0) <= line.number and (last is None or line.number < last)]
