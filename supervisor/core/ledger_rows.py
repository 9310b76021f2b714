"""The rows of an existing ledger as tasks with their past, and everything wrong with them at once. Pure.

What cannot be read is a fault with its cell; what a person must decide is a question; what was done about rows
that are no tasks is a note. Nothing is stored here.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from datetime import date
from typing import Any

from supervisor.core.ledger_cells import (
    are_fractions,
    is_error,
    read_day,
    read_percent,
    read_state,
    read_units,
)
from supervisor.core.ledger_headings import Field, Headings, heading_word
from supervisor.core.ledger_lines import Kind, Line, lines_of
from supervisor.core.ledger_reading import Answers, Fault, Note, Reading, RowQuantity, RowTask, letters
from supervisor.core.quantities import of_cell
from supervisor.core.unit_names import name_key
from supervisor.documents.ledger_sheets import MOST_TASKS, Sheet
from supervisor.intake.outline import numbered
from supervisor.intake.passages import fold
from supervisor.intake.roles import Role
from supervisor.words import N_, Sentence

LONGEST_TITLE, SHORT_TITLE = 400, 60
LONGEST_UNIT = 160


def read_rows(
    sheet: Sheet, headings: Headings, answers: Answers, *, base: date, as_of: date, since_1904: bool
) -> Reading:
    """Read the rows below the headings.

    Args:
        sheet: where they stand.
        headings: the rows of headings and what each column holds, as a person confirmed it.
        answers: what a person decided so far.
        base: its year completes days without one.
        as_of: the day of which the ledger speaks.
        since_1904: whether the file counts days from 1904.
    """
    if sheet.cut:
        whole = N_(
            "The sheet has more than %(most)s tasks. Split it, or remove the rows below them.",
            most=MOST_TASKS,
        )
        return Reading((), (Fault(len(sheet.cells), None, "", whole),))
    lines = list(lines_of(sheet, headings, answers.fixes))
    reader = _Reader(sheet, headings, answers, base, as_of, since_1904=since_1904)
    reader.read([line for line in lines if line.kind is Kind.TASK])
    return reader.reading(lines)


class _Reader:
    """Collects tasks and faults row by row."""

    def __init__(
        self, sheet: Sheet, headings: Headings, answers: Answers, base: date, as_of: date, *, since_1904: bool
    ) -> None:
        self.sheet, self.headings, self.answers = sheet, headings, answers
        self.base, self.as_of, self.since_1904 = base, as_of, since_1904
        self.columns: dict[Field, list[int]] = {}
        for column, what in enumerate(headings.fields):
            self.columns.setdefault(what, []).append(column)
        self.tasks: list[RowTask] = []
        self.faults: list[Fault] = []
        self.joined: list[int] = []
        self.fractions = False

    def read(self, lines: Sequence[Line]) -> None:
        """Read the rows that are tasks; rows below one merged title are one task, or its parts."""
        progress = self.columns.get(Field.PROGRESS, [])
        self.fractions = are_fractions(line.cells[c] for line in lines for c in progress)
        above: list[str] = []
        sections: tuple[str, ...] = ()
        title = self.columns.get(Field.TITLE, [-1])[0]
        group: list[tuple[Line, tuple[str, ...]]] = []
        for line in lines:
            above = self._categories(line, above if line.sections == sections else [])
            sections = line.sections
            if group and title not in line.merged:
                self._finish(group)
                group = []
            group.append((line, (*line.sections, *(text for text in above if text))))
        if group:
            self._finish(group)

    def _categories(self, line: Line, above: Sequence[str]) -> list[str]:
        """The categories in force: a new one ends those to its right."""
        columns = self.columns.get(Field.CATEGORY, [])
        kept = list(above) or [""] * len(columns)
        for place, column in enumerate(columns):
            text = " ".join(line.cells[column].split())
            if text and text != kept[place]:
                kept[place:] = [text] + [""] * (len(columns) - place - 1)
        return kept

    def _finish(self, group: Sequence[tuple[Line, tuple[str, ...]]]) -> None:
        texts = {self._text(line) for line, _ in group} - {""}
        if len(group) > 1 and len(texts) > 1:  # one title over several rows, each with work of its own
            for line, path in group:
                head = " ".join(self._one(line, Field.TITLE).split())
                own = self._text(line)
                task = self._task(line, (*path, head) if own and head else path)
                self.tasks.append(replace(task, title=_title(own)) if own else task)
            return
        whole = self._task(*group[0])
        for line, path in group[1:]:
            whole = _join(whole, self._task(line, path))
            self.joined.append(line.row + 1)
        self.tasks.append(whole)

    def _one(self, line: Line, what: Field) -> str:
        columns = self.columns.get(what)
        return line.cells[columns[0]] if columns else ""

    def _text(self, line: Line) -> str:
        return "\n".join(
            dict.fromkeys(line.cells[c] for c in self.columns.get(Field.TEXT, []) if line.cells[c])
        )

    def _fault(self, line: Line, column: int | None, reason: Sentence) -> None:
        given = "" if column is None else line.cells[column]
        if column is not None and not given:
            given = self.sheet.errors.get((line.row, column), "")
        self.faults.append(Fault(line.row, column, given, reason))

    def _task(self, line: Line, path: tuple[str, ...]) -> RowTask:
        failed = set(self._failed(line))
        title = self._one(line, Field.TITLE)
        if not title and not failed & set(self.columns.get(Field.TITLE, [])):
            self._fault(
                line,
                self.columns[Field.TITLE][0] if Field.TITLE in self.columns else None,
                N_("No task is named. Name it; or take its column as category, which fills the rows below."),
            )
        lead, responsible = self._units(line)
        day, due_text = self._day(line, Field.DUE, failed)
        progress, closed = self._progress(line, failed)
        said = "\n".join(line.cells[c] for c in self.columns.get(Field.SAID, []) if line.cells[c])
        closed_on, _ = self._day(line, Field.CLOSED_ON, failed)
        word = self._one(line, Field.STATE).strip()
        state = read_state(word) if word else closed
        if state is None and word:
            state = self.answers.states.get(word)
        if state is None and not self.columns.get(Field.STATE):
            state = True if closed_on else read_state(said)
        return RowTask(
            row=line.row,
            last_row=line.row,
            title=_title(title),
            number=self._one(line, Field.NUMBER).rstrip(".、 ")[:20],
            path=path,
            text=self._whole_text(line),
            lead=lead,
            responsible=responsible,
            due_text=due_text,
            due_on=day,
            progress=progress,
            said=said,
            state_word=word,
            closed=bool(state),
            closed_on=closed_on if state else None,
            cells=tuple(self._kept(line)),
            **self._quantities(line, failed),
        )

    def _quantities(self, line: Line, failed: set[int]) -> dict[str, Any]:
        """Quantities by their columns; a measure counts once in a task, what is no quantity stays text."""
        found: dict[str, RowQuantity] = {}
        unread = []
        for column in self.columns.get(Field.QUANTITY, []):
            if column in failed or not line.cells[column]:
                continue
            said, more = of_cell(_counted(line.cells[column], self.headings.names[column]))
            fresh = [one for one in said if one[0] not in found]
            found |= {one[0]: RowQuantity(line.row, column, *one) for one in fresh}
            if more or len(fresh) < len(said):
                unread.append((line.row, column))
        return {"quantities": tuple(found.values()), "unread": tuple(unread)}

    def _failed(self, line: Line) -> Iterator[int]:
        """Columns whose cell holds an error of Excel; each is a fault."""
        for column, what in enumerate(self.headings.fields):
            mended = (line.row, column) in self.answers.fixes
            shown = "" if mended else self.sheet.errors.get((line.row, column), "")
            if what is Field.SKIP or not (shown or is_error(line.cells[column])):
                continue
            if shown == "=":
                self._fault(
                    line,
                    column,
                    N_(
                        "The formula has no stored value. Type the value here, or open the file in Excel and save it."
                    ),
                )
            else:
                self._fault(
                    line, column, N_("The formula ended in an error. Type here what should stand there.")
                )
            yield column

    def _units(self, line: Line) -> tuple[tuple[str, ...], tuple[str, ...]]:
        lead: list[str] = []
        responsible: list[str] = []
        for what, role in ((Field.LEAD, Role.LEAD), (Field.RESPONSIBLE, Role.RESPONSIBLE)):
            for column in self.columns.get(what, []):
                people = heading_word(self.headings.names[column]).endswith("人")
                first, rest = read_units(line.cells[column], role, people=people)
                lead += first
                responsible += rest
                if any(len(name) > LONGEST_UNIT for name in (*first, *rest)):
                    self._fault(
                        line, column, N_("A unit's name has at most 160 characters. Separate the names by 、")
                    )
        leads = tuple(dict.fromkeys(lead))
        return leads, tuple(name for name in dict.fromkeys(responsible) if name not in leads)

    def _day(self, line: Line, what: Field, failed: set[int]) -> tuple[date | None, str]:
        for column in self.columns.get(what, []):
            if column not in failed and line.cells[column]:
                found = read_day(line.cells[column], self.base, since_1904=self.since_1904)
                if found.wrong:
                    self._fault(line, column, found.wrong)
                elif what is Field.CLOSED_ON and found.day and found.day > self.as_of:
                    self._fault(line, column, N_("The day lies after the day of which the ledger speaks."))
                return found.day, "" if found.wrong else line.cells[column]
        return None, ""

    def _progress(self, line: Line, failed: set[int]) -> tuple[int | None, bool | None]:
        for column in self.columns.get(Field.PROGRESS, []):
            if column not in failed:
                found = read_percent(line.cells[column], fractions=self.fractions)
                if found.wrong:
                    self._fault(line, column, found.wrong)
                return found.percent, found.closed
        return None, None

    def _whole_text(self, line: Line) -> str:
        """What the task consists of: its title as written, and the columns that say more, by their headings."""
        title = self._one(line, Field.TITLE).strip()
        more = [
            (self.headings.names[c], line.cells[c].strip())
            for c in self.columns.get(Field.TEXT, [])
            if line.cells[c] and line.cells[c].strip() != title
        ]
        parts = [f"{name}：{text}" for name, text in more] if len(more) > 1 else [text for _, text in more]
        return "\n".join([title, *parts] if title != _title(title) or not parts else parts)

    def _kept(self, line: Line) -> Iterator[tuple[str, str]]:
        for column, what in enumerate(self.headings.fields):
            if what is not Field.SKIP and line.cells[column]:
                yield self.headings.names[column] or letters(column), line.cells[column]

    def reading(self, lines: Sequence[Line]) -> Reading:
        """Everything found, with what is still to be decided."""
        tasks, twice = self.tasks, _twice(self.tasks)
        if self.answers.twice == "first":
            again = {row for _, row in twice}
            tasks = [task for task in tasks if task.row + 1 not in again]
        leaderless = tuple(task.row + 1 for task in tasks if task.responsible and not task.lead)
        words = Counter(task.state_word for task in tasks if task.state_word)
        unknown = {word: n for word, n in words.items() if read_state(word) is None}
        tasks = [_led(task, self.answers.lead) for task in tasks]
        faults = sorted(self.faults, key=lambda fault: (fault.row, fault.column or 0))
        if len(tasks) > MOST_TASKS:
            most = N_(
                "The sheet has more than %(most)s tasks. Split it, or remove the rows below them.",
                most=MOST_TASKS,
            )
            faults.insert(0, Fault(len(self.sheet.cells), None, "", most))
        elif not tasks:
            faults.append(Fault(self.headings.last, None, "", N_("No task stands below the headings.")))
        notes = tuple(_notes(self.sheet, lines, tasks, self.joined))
        return Reading(tuple(tasks), tuple(faults), notes, leaderless, twice, unknown)


def _title(text: str) -> str:
    """A short title: the text without its own number, up to its first full stop where it is long."""
    plain = " ".join(text.split())
    mark = numbered(fold(plain))
    if mark and mark[0] != "chapter" and len(plain) > len(mark[1]):
        plain = plain[len(mark[1]) :].strip()
    if len(plain) > SHORT_TITLE:
        plain = re.split(r"[。；;！？!?]", plain)[0] or plain
    if len(plain) > SHORT_TITLE * 2:
        plain = re.split(r"[，：:]", plain)[0] if re.match(r"[^，：:]{6,60}[，：:]", plain) else plain
    return plain[:LONGEST_TITLE]


def _join(whole: RowTask, more: RowTask) -> RowTask:
    """Rows below one merged title: their units and words together."""
    lead = tuple(dict.fromkeys((*whole.lead, *more.lead)))
    said = "\n".join(dict.fromkeys(text for text in (whole.said, more.said) if text))
    cells = dict(whole.cells)
    for name, text in more.cells:
        if text not in cells.get(name, "").split("\n"):
            cells[name] = f"{cells[name]}\n{text}" if name in cells else text
    days = [day for day in (whole.due_on, more.due_on) if day]
    return replace(
        whole,
        last_row=more.row,
        lead=lead,
        responsible=tuple(n for n in dict.fromkeys((*whole.responsible, *more.responsible)) if n not in lead),
        due_on=max(days, default=None),
        due_text=whole.due_text or more.due_text,
        progress=whole.progress if whole.progress is not None else more.progress,
        said=said,
        closed=whole.closed and more.closed,
        cells=tuple(cells.items()),
        **_joined_quantities(whole, more),
    )


def _counted(cell: str, heading: str) -> str:
    """A bare number with the unit of measure that its heading names: 300 below 改造规模（户）."""
    unit = re.search(r"[(（]([^()（）%]{1,6})[)）]\s*$", heading)
    return cell + unit[1] if unit and re.fullmatch(r"[\d.,，]+", cell.strip()) else cell


def _joined_quantities(whole: RowTask, more: RowTask) -> dict[str, Any]:
    known = {one.measure for one in whole.quantities}
    fresh = tuple(one for one in more.quantities if one.measure not in known)
    again = tuple((one.row, one.column) for one in more.quantities if one.measure in known)
    return {"quantities": whole.quantities + fresh, "unread": whole.unread + more.unread + again}


def _led(task: RowTask, rule: str) -> RowTask:
    if task.lead or not task.responsible:
        return task
    if rule == "first":
        return replace(task, lead=task.responsible[:1], responsible=task.responsible[1:])
    return replace(task, each_answers=rule == "each")


def _twice(tasks: Iterable[RowTask]) -> tuple[tuple[int, int], ...]:
    """Rows with the number and title of an earlier one; where nothing is numbered, with its headings and title."""
    firsts: dict[tuple[object, str], int] = {}
    found = []
    for task in tasks:
        if task.title:
            key = (task.number or task.path, name_key(task.title))
            if (first := firsts.setdefault(key, task.row + 1)) != task.row + 1:
                found.append((first, task.row + 1))
    return tuple(found)


def _notes(
    sheet: Sheet, lines: Sequence[Line], tasks: Sequence[RowTask], joined: Sequence[int]
) -> Iterator[Note]:
    """What happened to rows that are no tasks, and what may surprise in those that are."""
    rows = {kind: tuple(line.row + 1 for line in lines if line.kind is kind) for kind in Kind}
    between = tuple(row for row in rows[Kind.EMPTY] if tasks and row <= tasks[-1].row)
    said = (
        (N_("Sums, left out"), rows[Kind.SUM]),
        (N_("Headings printed again, left out"), rows[Kind.AGAIN]),
        (N_("Notes beside the table, left out"), rows[Kind.NOTE]),
        (N_("Empty rows, passed over"), between),
        (N_("Headings between the rows, kept as headings of the tasks below"), rows[Kind.SECTION]),
        (N_("Joined with the row above, with which they share one merged task"), tuple(joined)),
        (N_("Hidden rows, taken like the others"), tuple(t.row + 1 for t in tasks if t.row in sheet.hidden)),
        (
            N_("Not wholly read as quantities; what was not read stays text"),
            tuple(dict.fromkeys(row + 1 for t in tasks for row, _column in t.unread)),
        ),
        (
            N_("Quantities without one unit that leads; share them out on the plan's page"),
            tuple(t.row + 1 for t in tasks if t.quantities and not t.answering),
        ),
        (N_("No unit is named; name one on the review page"), tuple(t.row + 1 for t in tasks if not t.units)),
        (
            N_("A time limit in words without a day; the task gets no due date"),
            tuple(t.row + 1 for t in tasks if t.due_text and not t.due_on),
        ),
        (
            N_("Called completed, with less than 100%"),
            tuple(t.row + 1 for t in tasks if t.closed and t.progress is not None and t.progress < 100),
        ),
        (
            N_("100%, yet not called completed; the task stays open"),
            tuple(t.row + 1 for t in tasks if t.progress == 100 and not t.closed),
        ),
    )
    return (Note(sentence, found) for sentence, found in said if found)
