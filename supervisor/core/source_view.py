"""The notice beside its draft ledger: numbered lines, each with the items read from it. Pure, for the review page."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from supervisor.core.draft_ledger import Ledger
from supervisor.core.draft_rows import Spans
from supervisor.core.questions import Question
from supervisor.core.unread_clauses import Clause


@dataclass
class SourceLine:
    """A line of the notice: `items` are the anchors of what was read from it, `kinds` what that was."""

    number: int
    text: str
    start: int
    items: list[str] = field(default_factory=list)
    kinds: list[str] = field(default_factory=list)
    #: Page furniture that was set aside.
    aside: bool = False
    #: The text in parts, (text, anchor of the unread clause or "").
    parts: list[tuple[str, str]] = field(default_factory=list)

    @property
    def first(self) -> str:
        """Where a click on the line leads."""
        return self.items[0] if self.items else ""


def source_lines(
    ledger: Ledger, questions: Sequence[Question], clauses: Sequence[Clause] = ()
) -> list[SourceLine]:
    """Every line of the text with its items; empty lines keep their number and are left out.

    `clauses` are the unread ones that still ask: their words are marked in the line.
    """
    document = ledger.read.document
    lines, place = [], 0
    furniture = set(document.furniture)
    for number, text in enumerate(document.text.split("\n"), start=1):
        lines.append(SourceLine(number, text, place, aside=number in furniture))
        place += len(text) + 1
    starts = [line.start for line in lines]
    for anchor, kind, spans in _items(ledger):
        for start, end in spans:
            first, last = bisect_right(starts, start), bisect_right(starts, max(start, end - 1))
            for line in lines[first - 1 : last]:
                _mark(line, anchor, kind)
    for question in questions:
        if question.line and 0 < question.line <= len(lines):
            _mark(lines[question.line - 1], question.anchor, "finding")
    _mark_clauses(lines, starts, clauses)
    return [line for line in lines if line.text.strip()]


def _mark(line: SourceLine, anchor: str, kind: str) -> None:
    if anchor and anchor not in line.items:
        line.items.append(anchor)
    if kind not in line.kinds:
        line.kinds.append(kind)


def _mark_clauses(lines: list[SourceLine], starts: list[int], clauses: Sequence[Clause]) -> None:
    cuts: dict[int, list[Clause]] = {}
    for clause in clauses:
        cuts.setdefault(bisect_right(starts, clause.start) - 1, []).append(clause)
    for place, some in cuts.items():
        line, at = lines[place], 0
        for clause in some:
            begin, end = clause.start - line.start, min(clause.end - line.start, len(line.text))
            line.parts += [(line.text[at:begin], ""), (line.text[begin:end], clause.anchor)]
            at = end
            _mark(line, clause.anchor, "unread")
        line.parts = [part for part in (*line.parts, (line.text[at:], "")) if part[0]]


def _items(ledger: Ledger) -> Iterator[tuple[str, str, Spans]]:
    for kind in ("task", "duty", "collective", "person", "target", "rhythm", "liaison", "report", "phase"):
        for row in ledger.rows(kind):
            yield f"{kind}-{row.key}", kind, row.spans
