"""The notice beside its draft ledger: numbered lines, each with the items read from it. Pure, for the review page."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterator
from dataclasses import dataclass, field

from supervisor.core.draft_ledger import Finding, Ledger
from supervisor.intake import Place


@dataclass
class SourceLine:
    """A line of the notice: `items` are the anchors of what was read from it, `kinds` what that was."""

    number: int
    text: str
    items: list[str] = field(default_factory=list)
    kinds: list[str] = field(default_factory=list)
    #: Page furniture that was set aside.
    aside: bool = False

    @property
    def first(self) -> str:
        """Where a click on the line leads."""
        return self.items[0] if self.items else ""


def source_lines(ledger: Ledger, findings: list[Finding]) -> list[SourceLine]:
    """Every line of the text with its items; empty lines keep their number and are left out."""
    document = ledger.read.document
    lines = [SourceLine(number, text) for number, text in enumerate(document.text.split("\n"), start=1)]
    starts, place = [], 0
    for line in lines:
        starts.append(place)
        place += len(line.text) + 1
        line.aside = line.number in document.furniture
    for anchor, kind, where in _items(ledger):
        last = max(where.line, bisect_right(starts, max(where.start, where.end - 1)))
        for line in lines[where.line - 1 : last]:
            _mark(line, anchor, kind)
    for finding in findings:
        if finding.line and 0 < finding.line <= len(lines):
            _mark(lines[finding.line - 1], finding.anchor, "finding")
    return [line for line in lines if line.text.strip()]


def _mark(line: SourceLine, anchor: str, kind: str) -> None:
    if anchor and anchor not in line.items:
        line.items.append(anchor)
    if kind not in line.kinds:
        line.kinds.append(kind)


def _items(ledger: Ledger) -> Iterator[tuple[str, str, Place]]:
    read = ledger.read
    for number, task in enumerate(read.tasks):
        yield f"task-{number}", "task", task.place
    for number, duty in enumerate(read.duties):
        yield f"duty-{number}", "duty", duty.place
    for number, collective in enumerate(read.collectives):
        yield f"collective-{number}", "collective", collective.place
    people = [*(member.place for member in read.members), *(post.place for post in read.posts)]
    for number, place in enumerate(people):
        yield f"person-{number}", "person", place
    for number, rule in enumerate(read.liaison):
        yield f"liaison-{number}", "rule", rule.place
    for number, target in enumerate(read.targets):
        yield f"target-{number}", "target", target.place
    for number, cadence in enumerate(read.cadences):
        yield f"cadence-{number}", "cadence", cadence.place
    for number, deadline in enumerate(read.other_deadlines):
        if not any(cadence.place == deadline.place for cadence in read.cadences):
            yield f"date-{number}", "date", deadline.place
