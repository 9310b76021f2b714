"""Tasks: numbered items and table rows that carry units, with titles, paths and deadlines."""

import re
from dataclasses import dataclass
from datetime import date

from supervisor.intake import dates, roles
from supervisor.intake.draft import Deadline, DraftTask, Place
from supervisor.intake.outline import Node, Outline, path_of, title_span
from supervisor.intake.passages import Passage
from supervisor.intake.roles import Annotation


@dataclass(slots=True)
class Marked:
    """A passage with the marks found in it."""

    passage: Passage
    notes: list[Annotation]


def marks_of(passage: Passage, *, heading: bool = False) -> Marked:
    """Return the unit marks of one passage, the most explicit form first."""
    line = None if heading and not passage.text.startswith(("责任", "牵头")) else roles.as_line(passage)
    if line:
        return Marked(passage, [line])
    notes = roles.in_brackets(passage)
    tail = roles.in_tail(passage)
    if tail and not any(note.start <= tail.start < note.end for note in notes):
        notes.append(tail)
    return Marked(passage, notes)


def _deadline(passage: Passage, hit: dates.Found) -> Deadline:
    return Deadline(
        passage.printed(hit.start, hit.end), hit.date, hit.recur, passage.place(hit.start, hit.end)
    )


def deadlines_in(passage: Passage, notes: list[Annotation], issued: date | None) -> list[Deadline]:
    """Return the deadlines of a passage: in its sentences, and in the marks that name a time."""
    times = [span for note in notes for span in note.times]
    found = []
    for hit in dates.find(passage.text, issued):
        inside = [note for note in notes if note.start <= hit.start < note.end]
        if not inside:
            found.append(_deadline(passage, hit))
    for start, end in times:
        value = passage.cut(start, end)
        hits = dates.find(value.text, issued, weak=True)
        found += [_deadline(value, hit) for hit in hits]
        bare = value.text.strip("。;,:")
        if not hits and 2 <= len(bare) <= 12 and dates.CONTINUOUS.fullmatch(bare):
            found.append(Deadline(value.printed(), None, "continuous", value.place()))
    return found


def once(found: list[Deadline]) -> tuple[Deadline, ...]:
    """Return the deadlines with each date and recurrence once."""
    kept: dict[tuple[date | None, str | None], Deadline] = {}
    for item in found:
        kept.setdefault((item.date, item.recur), item)
    return tuple(kept.values())


def title_of(node_first: Passage, notes: list[Annotation]) -> Passage:
    """Return the short heading: up to the first 。 or ;, and before any unit mark."""
    end = title_span(node_first)
    for note in notes:
        if 0 < note.start < end:
            end = note.start
    return node_first.cut(0, len(node_first.text[:end].rstrip(":,〔(")))


def _inherited(node: Node, issued: date | None) -> list[Deadline]:
    """Return the date of the nearest phase heading above ((一)准备阶段(2021年3月底前))."""
    above = node.parent
    while above is not None:
        title = above.first.cut(0, title_span(above.first))
        hits = [hit for hit in dates.find(title.text, issued, weak=True) if hit.date]
        if hits and re.search(r"阶段|时间|前|底|步骤", title.text):
            return [_deadline(title, hits[-1])]
        above = above.parent
    return []


def _as_printed(name: str, passages: list[Passage]) -> str:
    return next((p.as_printed(name) for p in passages if name in p.text), name)


class Reader:
    """Collects the marks of all items, settles to which item a mark belongs, and makes tasks."""

    def __init__(self, outline: Outline, issued: date | None, *, first_leads: bool) -> None:
        self.outline = outline
        self.issued = issued
        self.first_leads = first_leads
        self.marks: dict[int, list[Marked]] = {}

    def read(self) -> list[DraftTask]:
        """Return the tasks in reading order."""
        for node in self.outline.nodes:
            self.marks[id(node)] = [marks_of(p, heading=i == 0) for i, p in enumerate(node.passages)]
        self._lift()
        tasks = [task for node in self.outline.nodes if (task := self._task(node) or self._running(node))]
        return tasks + self._loose()

    def _has(self, node: Node) -> bool:
        return any(note.units for marked in self.marks[id(node)] for note in marked.notes)

    def _lift(self) -> None:
        """Give a line of its own behind the last of several unmarked items to the heading above them all."""
        groups: dict[int, list[Node]] = {}
        for node in self.outline.nodes:
            if node.parent is not None:
                groups.setdefault(id(node.parent), []).append(node)
        many = [group for group in groups.values() if len(group) >= 2]
        if any(self._has(node) for group in many for node in group[:-1]):
            return
        for group in many:
            last = group[-1]
            parent = last.parent
            if parent is None or last.children or self._has(parent):
                continue
            own = [m for m in self.marks[id(last)] if any(n.own_line and n.units for n in m.notes)]
            if own:
                self.marks[id(last)] = [m for m in self.marks[id(last)] if m not in own]
                self.marks[id(parent)] += own

    def _task(self, node: Node) -> DraftTask | None:
        marked = self.marks[id(node)]
        notes = [note for m in marked for note in m.notes if note.units]
        if not notes:
            return None
        return self._make(node, marked, roles.join(notes))

    def _running(self, node: Node) -> DraftTask | None:
        marked = [Marked(p, roles.in_running_text(p)) for p in node.passages]
        notes = [note for m in marked for note in m.notes]
        return self._make(node, marked, roles.join(notes)) if notes else None

    def _make(self, node: Node, marked: list[Marked], note: Annotation) -> DraftTask:
        found = [d for m in marked for d in deadlines_in(m.passage, m.notes, self.issued)]
        first = node.first
        title = title_of(first, marked[0].notes if marked and marked[0].passage is first else [])
        lead, responsible = self._roles(note, [m.passage for m in marked])
        start = first.at[0] - len(node.mark) if first.at else node.passages[-1].at[0]
        ends = [p.at[-1] + 1 for p in node.passages if p.at]
        start = max(0, start)
        end = max(ends, default=start)
        place = Place(first.source.place(start, end).line, start, end)
        return DraftTask(
            path=path_of(node), number=node.number, title=title.printed(), text=first.source.text[start:end],
            lead=lead, responsible=responsible, deadlines=once(found or _inherited(node, self.issued)), place=place,
            certain=note.certain,
        )  # fmt: skip

    def _roles(self, note: Annotation, passages: list[Passage]) -> tuple[tuple[str, ...], tuple[str, ...]]:
        lead = tuple(_as_printed(name, passages) for name in note.lead)
        responsible = tuple(_as_printed(name, passages) for name in note.responsible)
        if self.first_leads and not lead and responsible:
            return responsible[:1], responsible[1:]
        return lead, responsible

    def _loose(self) -> list[DraftTask]:
        """Make a task of each marked paragraph of a document that numbers nothing."""
        if self.outline.nodes:
            return []
        tasks = []
        for passage in self.outline.loose:
            marked = marks_of(passage)
            notes = [note for note in marked.notes if note.units]
            if notes and not notes[0].own_line:
                note = roles.join(notes)
                lead, responsible = self._roles(note, [passage])
                title = title_of(passage, marked.notes)
                place = passage.place()
                tasks.append(
                    DraftTask(
                        (),
                        "",
                        title.printed(),
                        passage.source.text[place.start : place.end],
                        lead,
                        responsible,
                        once(deadlines_in(passage, marked.notes, self.issued)),
                        place,
                    )
                )
        return tasks
