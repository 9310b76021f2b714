"""Tasks from the rows of a table: units from their columns, merged cells as headings."""

from datetime import date
from itertools import pairwise

from supervisor.intake import cells, dates, roles
from supervisor.intake.columns import Row, Sheet
from supervisor.intake.draft import Deadline, DraftTask
from supervisor.intake.outline import numbered, title_span
from supervisor.intake.passages import Passage
from supervisor.intake.rules import Rules
from supervisor.intake.tasks import once, without_end


def tasks_of(sheet: Sheet, issued: date | None, rules: Rules) -> list[DraftTask]:
    """Return a task for each row that names units; a row without any has those of the row above (merged cells)."""
    found = []
    for kinds, rows in sheet.grids:
        held: tuple[list[str], list[str]] = ([], [])
        heads, columns = _layout(kinds, rows)
        values: dict[int, str] = {}  # what a merged cell gives to the rows below
        for row in rows:
            own = _units(kinds, row)
            if own[1] and not own[0] and _led_first(kinds):
                own = (held[0], own[1])
            held = own if own[0] or own[1] else held
            values.update({k: row.cells[k].printed() for k in heads if row.cells[k].text})
            above = [row.section] if row.section else []
            above += [values[k] for k in heads if k in values]
            title = next((row.cells[k] for k in columns if row.cells[k].text), None)
            if title is not None and (held[0] or held[1]):
                found.append(_task(kinds, row, (above, title), held, issued, rules))
    return found


def _led_first(kinds: list[str]) -> bool:
    """Tell whether the column of lead units groups the rows: it stands before that of the tasks."""
    return "lead" in kinds and "title" in kinds and kinds.index("lead") < kinds.index("title")


def _value(kinds: list[str], row: Row, kind: str) -> list[Passage]:
    return [row.cells[k] for k, name in enumerate(kinds) if name == kind and row.cells[k].text]


def _units(kinds: list[str], row: Row) -> tuple[list[str], list[str]]:
    """Return the lead and responsible units that a row names itself."""
    lead: list[str] = []
    responsible: list[str] = []
    for kind, default in (("lead", roles.Role.LEAD), ("responsible", roles.Role.RESPONSIBLE)):
        for cell in _value(kinds, row, kind):
            if cell.text in {"同上", "〃", *cells.NOTHING}:
                continue
            more_lead, more, _ = roles.verb_units(cell.gapped(0, len(cell)), default, people=True)
            labels = roles.labels_in(cell)
            labelled = roles.labelled(cell, len(cell), labels) if labels else None
            if labelled and labelled.units:
                more_lead, more = list(labelled.lead), list(labelled.responsible)
            lead += [cell.as_printed(name) for name in more_lead]
            responsible += [cell.as_printed(name) for name in more]
    return lead, [name for name in dict.fromkeys(responsible) if name not in lead]


def _before_comma(kinds: list[str], row: Row) -> int:
    own = [cell for kind, cell in zip(kinds, row.cells, strict=True) if kind == "responsible" and cell.text]
    return roles.before_comma(own[0].text) if own else 0


def _layout(kinds: list[str], rows: list[Row]) -> tuple[list[int], list[int]]:
    """Return the columns that hold headings (a value shared with a neighbour: merged cells), and those of the title."""
    columns = [k for k, name in enumerate(kinds) if name == "title"]
    columns = columns or _longest(kinds, rows)
    heads: list[int] = []
    for k, name in enumerate(kinds):
        if name != "class" or k in columns:
            continue
        if _names_each(rows, k, columns[0]):
            columns.insert(0, k)
        else:
            heads.append(k)
    while len(columns) > 1 and _shares(rows, columns[0], columns[-1]):
        heads.append(columns.pop(0))
    return heads, columns


def _longest(kinds: list[str], rows: list[Row]) -> list[int]:
    """Return the column of a table without a known column of tasks that holds most text (案由 beside 案号, 提案人)."""
    columns = [k for k, name in enumerate(kinds) if name in {"class", "aside"}]
    lengths = {k: sum(len(row.cells[k].text) for row in rows[:50]) for k in columns}
    return [max(columns, key=lambda k: lengths[k])] if columns else []


def _names_each(rows: list[Row], column: int, content: int) -> bool:
    """Tell whether a column gives every row a short name of its own beside a long text."""
    names = [row.cells[column].text for row in rows]
    texts = sorted(len(row.cells[content].text) for row in rows)
    return len(rows) >= 3 and all(names) and len(set(names)) == len(names) and texts[len(texts) // 2] > 40


def _shares(rows: list[Row], column: int, following: int) -> bool:
    """Tell whether neighbouring rows share a value of a column (a cell merged over rows) and differ in another."""
    for above, below in pairwise(rows):
        value = below.cells[column].text
        if (
            below.cells[following].text
            and above.cells[following].text
            and value in {"", above.cells[column].text}
        ):
            return True
    return False


def _task(
    kinds: list[str],
    row: Row,
    headings: tuple[list[str], Passage],
    units: tuple[list[str], list[str]],
    issued: date | None,
    rules: Rules,
) -> DraftTask:
    above, title = headings
    lead, responsible = units
    first, rest = rules.roles(tuple(lead), tuple(responsible), _before_comma(kinds, row))
    found: list[Deadline] = []
    for cell in _value(kinds, row, "time"):
        hits = dates.find(cell.text, issued, weak=True)
        found += [
            Deadline(cell.printed(h.start, h.end), h.date, h.recur, cell.place(h.start, h.end)) for h in hits
        ]
        found += without_end(cell)
    found += [
        Deadline(cell.printed(h.start, h.end), h.date, h.recur, cell.place(h.start, h.end))
        for cell in _value(kinds, row, "title") or [title]
        for h in dates.find(cell.text, issued)
    ]
    number = next((cell.text.rstrip(".、") for cell in _value(kinds, row, "number")), "")
    inner = numbered(title.text)
    short = title.cut(len(inner[1])) if inner else title
    short = short.cut(0, title_span(short))
    text = "\t".join(cell.printed() for cell in row.cells)
    return DraftTask(
        tuple(above),
        number,
        short.printed(),
        text,
        first,
        rules.complete(first, rest),
        once(found),
        title.place(),
    )
