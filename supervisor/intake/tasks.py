"""Tasks: numbered items and table rows that carry units, with titles, paths and deadlines."""

import re
from bisect import bisect_right
from dataclasses import dataclass, replace
from datetime import date
from itertools import accumulate, chain

from supervisor.intake import dates, duties, marks
from supervisor.intake.draft import Deadline, DraftTask, Place
from supervisor.intake.outline import Node, Outline, path_of, title_span
from supervisor.intake.passages import Passage, split_outside
from supervisor.intake.roles import Annotation, label_at
from supervisor.intake.rules import Rules

_TO_ALL = re.compile(
    r"(?:^|[,。;])(?:请)?各(?:有关|责任|牵头|成员|相关|配合|承办|地区?、各|级)*(?:单位|部门|地区)[^:]{10}"
)


@dataclass(slots=True)
class Marked:
    """A passage with the marks found in it."""

    passage: Passage
    notes: list[Annotation]


def marks_of(passage: Passage, *, heading: bool = False, verbal: bool = True) -> Marked:
    """Return the unit marks of one passage, the most explicit form first."""
    bare = heading and not label_at(passage, 0, len(passage))
    line = None if bare else marks.as_line(passage, verbal=verbal)
    if line:
        return Marked(passage, [line])
    notes = marks.in_brackets(passage)
    tail = marks.in_tail(passage)
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
    certain = sorted((note.start, note.end) for note in notes if note.certain)
    starts = [start for start, _end in certain]
    furthest = list(accumulate((end for _start, end in certain), max))
    found = []
    for hit in dates.find(passage.text, issued):
        before = bisect_right(starts, hit.start)
        if not before or furthest[before - 1] <= hit.start:  # in no mark
            found.append(_deadline(passage, hit))
    for start, end in times:
        value = passage.cut(start, end)
        hits = dates.find(value.text, issued, weak=True)
        found += [_deadline(value, hit) for hit in hits]
        found += without_end(value)
    return found


def without_end(value: Passage) -> list[Deadline]:
    """Return what a time says of going on without end (持续推进; 2023年7月31日前,并长期坚持)."""
    found, at = [], 0
    for piece in split_outside(value.text, "。;,:"):
        bare = piece.removeprefix("并")
        if 2 <= len(bare) <= 12 and dates.CONTINUOUS.fullmatch(bare):
            start = at + len(piece) - len(bare)
            part = value.cut(start, start + len(bare))
            found.append(Deadline(part.printed(), None, "continuous", part.place()))
        at += len(piece) + 1
    return found


def once(found: list[Deadline]) -> tuple[Deadline, ...]:
    """Return the deadlines with each date and recurrence once."""
    kept: dict[tuple[date | None, str | None], Deadline] = {}
    for item in found:
        kept.setdefault((item.date, item.recur), item)
    return tuple(kept.values())


def title_of(node_first: Passage, notes: list[Annotation]) -> Passage:
    """Return the short heading: up to the first 。 or ;, before any unit mark, behind one that opens the item."""
    if notes and node_first.text[:1] in "(〔" and notes[0].start == 0 and 0 < notes[0].end < len(node_first):
        return title_of(node_first.cut(notes[0].end), [])
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


def _whole_lines(passages: list[Passage]) -> list[Passage]:
    """Put a label that stands alone on its line (责任单位:) together with the line behind it."""
    joined: list[Passage] = []
    for passage in passages:
        if joined and marks.label_alone(joined[-1]) and not marks.label_alone(passage):
            joined[-1] = Passage(joined[-1].text + passage.text, joined[-1].at + passage.at, passage.source)
        else:
            joined.append(passage)
    return joined


def _as_printed(names: tuple[str, ...], passages: list[Passage]) -> tuple[str, ...]:
    """Return the names as the passages print them; they stand in the order of the passages, or are looked for."""
    found: list[str] = []
    at = 0
    for name in names:
        order = chain(range(at, len(passages)), range(at))
        at = next((k for k in order if name in passages[k].text), at)
        found.append(passages[at].as_printed(name) if passages else name)
    return tuple(found)


class Reader:
    """Collects the marks of all items, settles to which item a mark belongs, and makes tasks."""

    def __init__(self, outline: Outline, issued: date | None, rules: Rules) -> None:
        self.outline = outline
        self.issued = issued
        self.rules = rules
        self.marks: dict[int, list[Marked]] = {}
        self.duties: dict[int, bool] = {}

    def read(self) -> list[DraftTask]:
        """Return the tasks in reading order."""
        for node in self.outline.nodes:
            node.passages[1:] = _whole_lines(node.passages[1:])
            verbal = not self._among_duties(node)
            self.marks[id(node)] = [
                marks_of(p, heading=i == 0, verbal=verbal) for i, p in enumerate(node.passages)
            ]
        self._give_labels_up()
        self._share_with_items_before()
        self._set_closing_words_apart()
        self._lift()
        if not any(self._has(node) for node in self.outline.nodes):
            self._read_bare_names()
        alone = not any(self._has(node) for node in self.outline.nodes)
        tasks = [
            task
            for node in self.outline.nodes
            if (task := self._task(node) or self._running(node, alone=alone))
        ]
        return tasks + self._loose()

    def _among_duties(self, node: Node) -> bool:
        """Tell whether an item or a heading above it opens duties of units."""
        if id(node) not in self.duties:
            opens = duties.is_section(node.first.text[: title_span(node.first)])
            self.duties[id(node)] = opens or (node.parent is not None and self._among_duties(node.parent))
        return self.duties[id(node)]

    def _has(self, node: Node) -> bool:
        return any(note.units for marked in self.marks[id(node)] for note in marked.notes)

    def _give_labels_up(self) -> None:
        """Give the mark of an item that is nothing but a label and its value ((2)责任单位:…) to the item above."""
        for node in self.outline.nodes:
            own = self.marks[id(node)]
            if node.parent is not None and own and any(n.own_line and n.start == 0 for n in own[0].notes):
                self.marks[id(node.parent)].append(own[0])
                self.marks[id(node)] = own[1:]

    def _share_with_items_before(self) -> None:
        """Give a mark that speaks for several items (以上两项由…牵头) to those before its own as well."""
        rows: dict[tuple[int, int], list[Node]] = {}
        for node in self.outline.nodes:
            row = rows.setdefault((id(node.parent), node.rank), [])
            row.append(node)
            for marked in self.marks[id(node)]:
                for note in marked.notes:
                    for earlier in row[-note.items : -1]:
                        if not self._has(earlier):
                            self.marks[id(earlier)].append(
                                Marked(marked.passage.cut(0, 0), [replace(note, times=())])
                            )

    def _set_closing_words_apart(self) -> None:
        """Take what a part says to all at its end (请各单位于…前报送) from its last item, if that is marked before."""
        last = {node.part: node for node in self.outline.nodes}
        for node in last.values():
            marked = self.marks[id(node)]
            behind = max((k for k, m in enumerate(marked) if any(n.units for n in m.notes)), default=-1) + 1
            closing = next(
                (k for k in range(behind, len(node.passages)) if _TO_ALL.search(node.passages[k].text)), None
            )
            if behind and closing and len(marked) == len(node.passages):
                self.outline.closing += node.passages[closing:]
                node.passages[closing:] = []
                self.marks[id(node)] = marked[:closing]

    def _read_bare_names(self) -> None:
        """In a notice without any other mark, read lines of nothing but names below two or more items."""
        found = {
            id(node): Marked(node.passages[-1], [note])
            for node in self.outline.nodes
            if len(node.passages) > 1 and (note := marks.as_names(node.passages[-1]))
        }
        if len(found) >= 2:
            for key, marked in found.items():
                self.marks[key].append(marked)

    def _lift(self) -> None:
        """Give a line of its own behind the last of several unmarked items to the heading above them all.

        Only where no item of that depth but a last one carries a mark: there the notice marks headings.
        """
        groups: dict[int, list[Node]] = {}
        for node in self.outline.nodes:
            if node.parent is not None:
                groups.setdefault(id(node.parent), []).append(node)
        many = [group for group in groups.values() if len(group) >= 2]
        marked = {node.rank for group in many for node in group[:-1] if self._has(node)}
        for group in many:
            last = group[-1]
            parent = last.parent
            if parent is None or last.children or last.rank in marked or self._has(parent):
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
        return self._make(node, marked, marks.join([self.rules.on(note) for note in notes]))

    def _running(self, node: Node, *, alone: bool) -> DraftTask | None:
        if self._among_duties(node):
            return None
        marked = [Marked(p, marks.in_running_text(p, alone=alone)) for p in node.passages]
        notes = [note for m in marked for note in m.notes]
        return (
            self._make(node, marked, marks.join([self.rules.on(note) for note in notes])) if notes else None
        )

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
        lead, responsible = _as_printed(note.lead, passages), _as_printed(note.responsible, passages)
        return lead, self.rules.complete(lead, responsible)

    def _loose(self) -> list[DraftTask]:
        """Make a task of each marked paragraph of a document that numbers nothing.

        Of one that numbers, only of the words it begins with: an excerpt begins in the middle of an item.
        """
        unnumbered = self.outline.loose
        if self.outline.nodes:
            unnumbered = [p for p in unnumbered[:1] if not p.source.text[: p.at[0]].strip()]
        tasks = []
        for passage in unnumbered:
            marked = marks_of(passage)
            notes = [note for note in marked.notes if note.units]
            if notes and not notes[0].own_line:
                note = marks.join([self.rules.on(note) for note in notes])
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
