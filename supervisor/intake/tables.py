"""Tables of tasks: cells between tabs (or bars), and the same pasted with one cell a line."""

import re
from dataclasses import dataclass, field
from datetime import date

from supervisor.intake import dates, roles
from supervisor.intake.draft import Deadline, DraftTask
from supervisor.intake.lines import Line
from supervisor.intake.outline import numbered, title_span
from supervisor.intake.passages import Passage, Source
from supervisor.intake.units import looks_like_unit, split_units

_COLUMNS = {
    "number": re.compile(r"^(?:序号|编号|项目编号|任务编号|No\.?|NO\.?)$"),
    "time": re.compile(
        r"(?:时限|时间节点|完成时间|时间要求|完成期限|办结时间|计划时间|整改期限|时间安排|完成日期)(?:\(.*\))?$|^时间$|^进度(?:安排|要求|时限)?$"
    ),
    "lead": re.compile(r"^(?:总?牵头|主办|主责|牵头责任)(?:\(?责任\)?)?(?:单位|部门|处室|科室)?(?:\(.*\))?$"),
    "responsible": re.compile(
        r"^(?:责任|配合|协办|参与|落实|承办|实施|协同|协助|配合责任|责任\(配合\)|牵头和配合|牵头及配合|牵头、?责任|牵头及责任|牵头和责任|责任主体|具体)"
        r"(?:单位|部门|主体|处室|科室|地区|分工)?(?:\(.*\))?$|^(?:单位|责任主体|责任部门和单位)$"
    ),
    "title": re.compile(
        r"^(?:重点|主要|具体|工作|改革|目标|年度|建设|任务|整改|试点|核心|提升)*(?:任务|事项|工作|内容|举措|措施|项目|目标|要点|清单)(?:名称|内容|及措施|和措施|及要求|分工|分解|清单)?(?:\(.*\))?$"
        r"|^(?:名称|问题|任务及措施|工作要求|推进措施|整改措施)$"
    ),
    "aside": re.compile(
        r"备注|领导|责任人|联系人|电话|类别|领域|分类|方面|板块|指标|成果|形式|依据|来源|标准|要求|预期|状态|进展|金额|投资"
    ),
}


@dataclass(slots=True)
class Row:
    """One row: its cells by column."""

    cells: list[Passage]
    line: int
    section: str = ""


@dataclass(slots=True)
class Sheet:
    """The tables of a document and the lines that they take."""

    taken: set[int] = field(default_factory=set)
    grids: list[tuple[list[str], list[Row]]] = field(default_factory=list)

    def tasks(self, issued: date | None, *, first_leads: bool) -> list[DraftTask]:
        """Return a task for each row that names units."""
        return [
            task
            for kinds, rows in self.grids
            for i in range(len(rows))
            if (task := _task(kinds, rows, i, issued, first_leads=first_leads))
        ]


def kind_of(header: str) -> str | None:
    """Return what a column holds, by its printed name."""
    for kind, pattern in _COLUMNS.items():
        if len(header) <= 16 and pattern.search(header):
            return kind
    return None


def _header(names: list[str]) -> list[str] | None:
    kinds = [kind_of(name) or "aside" for name in names]
    known = sum(kind_of(name) is not None for name in names)
    if len(names) < 2 or known * 2 < len(names) or not {"lead", "responsible"} & set(kinds):
        return None
    return kinds if "title" in kinds or "aside" in kinds else None


def _cells(source: Source, line: Line, separator: str) -> list[Passage]:
    cells, start = [], line.start
    text = source.folded[line.start : line.end]
    for piece in text.split(separator):
        cells.append(source.passage([(start, start + len(piece))]))
        start += len(piece) + 1
    if separator == "|":
        cells = cells[1:-1] if len(cells) > 2 and not cells[0].text and not cells[-1].text else cells
    return cells


def _separator(source: Source, line: Line) -> str | None:
    text = source.folded[line.start : line.end]
    return "\t" if text.count("\t") >= 1 else "|" if text.count("|") >= 2 else None


def _joined(a: Passage, b: Passage) -> Passage:
    if not a.text or not b.text:
        return a if a.text else b
    return Passage(a.text + b.text, a.at + b.at, a.source)


def _grid(
    source: Source, lines: list[Line], start: int, separator: str, kinds: list[str], sheet: Sheet
) -> int:
    """Read the rows below a header; a cell that was broken over lines goes on in the next line."""
    rows: list[Row] = []
    section = ""
    i = start
    width = len(kinds)
    while i < len(lines):
        if _separator(source, lines[i]) != separator:
            if (
                rows
                and len(lines[i].text) <= 60
                and _more_below(source, lines, i, separator)
                and not numbered(lines[i].text)
            ):
                rows[-1].cells[-1] = _joined(rows[-1].cells[-1], lines[i].passage)
                sheet.taken.add(lines[i].number)
                i += 1
                continue
            if not rows or not _more_below(source, lines, i, separator):
                break
            section = lines[i].passage.printed()
            sheet.taken.add(lines[i].number)
            i += 1
            continue
        cells = _cells(source, lines[i], separator)
        sheet.taken.add(lines[i].number)
        first = lines[i].number
        filled = [cell for cell in cells if cell.text]
        if _header([cell.text for cell in cells]) or (
            separator == "|" and all(set(c.text) <= set("-:") for c in cells)
        ):
            i += 1
            continue
        if len(filled) == 1 and (numbered(filled[0].text) or cells[0].text) and len(cells) != width:
            section = filled[0].printed()
            i += 1
            continue
        i += 1
        while len(cells) < width and i < len(lines):
            more = (
                _cells(source, lines[i], separator)
                if _separator(source, lines[i]) == separator
                else [lines[i].passage]
            )
            if len(cells) - 1 + len(more) > width or re.fullmatch(r"\d{1,3}[.、]?", more[0].text):
                break
            cells = [*cells[:-1], _joined(cells[-1], more[0]), *more[1:]]
            sheet.taken.add(lines[i].number)
            i += 1
        cells += [source.passage([])] * (width - len(cells))
        if sum(bool(cell.text) for cell in cells) == 1 and not any(
            cells[k].text for k, v in enumerate(kinds) if v in {"lead", "responsible"}
        ):
            section = next(cell for cell in cells if cell.text).printed()
            continue
        rows.append(Row(cells[:width], first, section))
    if rows:
        sheet.grids.append((kinds, rows))
    return i


def _more_below(source: Source, lines: list[Line], i: int, separator: str) -> bool:
    return any(_separator(source, line) == separator for line in lines[i + 1 : i + 3])


def _stacked_header(lines: list[Line], i: int) -> list[str] | None:
    """Return the columns of a table that was pasted with one cell a line."""
    names: list[str] = []
    for line in lines[i : i + 9]:
        if kind_of(line.text) is None:
            break
        names.append(line.text)
    while len(names) >= 3:
        kinds = _header(names)
        if kinds and kinds[0] == "number" and "title" in kinds:
            return kinds
        names.pop()
    return None


def _stacked(source: Source, lines: list[Line], start: int, kinds: list[str], sheet: Sheet) -> int:
    """Read rows of one cell a line; each row opens with its number."""
    rows: list[Row] = []
    i, expected = start, 1
    while i < len(lines):
        if not re.fullmatch(rf"{expected}[.、]?", lines[i].text):
            break
        stop = i + 1
        while (
            stop < len(lines)
            and stop - i < 40
            and not re.fullmatch(rf"{expected + 1}[.、]?", lines[stop].text)
        ):
            stop += 1
        last_row = stop >= len(lines) or stop - i >= 40
        if last_row:
            stop = min(i + len(kinds), len(lines))
        values = [line.passage for line in lines[i + 1 : stop]]
        rows.append(Row([lines[i].passage, *_fitted(source, values, kinds[1:])], lines[i].number))
        sheet.taken.update(line.number for line in lines[i:stop])
        i, expected = stop, expected + 1
        if last_row:
            break
    if rows:
        sheet.grids.append((kinds, rows))
    return i


def _fitted(source: Source, values: list[Passage], kinds: list[str]) -> list[Passage]:
    """Fit the lines of a row to its columns: surplus lines continue the first column of text."""
    while len(values) > len(kinds):
        at = next(
            (
                k
                for k in range(1, len(values))
                if not _is_units(values[k]) and not dates.find(values[k].text, None, weak=True)
            ),
            1,
        )
        values = [*values[: at - 1], _joined(values[at - 1], values[at]), *values[at + 1 :]]
    return values + [source.passage([])] * (len(kinds) - len(values))


def _is_units(passage: Passage) -> bool:
    names = split_units(passage.text)
    return bool(names) and all(looks_like_unit(name) for name in names)


def read_tables(source: Source, lines: list[Line]) -> Sheet:
    """Return the tables of tasks among the lines."""
    sheet = Sheet()
    i = 0
    while i < len(lines):
        separator = _separator(source, lines[i])
        if separator:
            kinds = _header([cell.text for cell in _cells(source, lines[i], separator)])
            if kinds:
                sheet.taken.add(lines[i].number)
                i = _grid(source, lines, i + 1, separator, kinds, sheet)
                continue
        elif kind_of(lines[i].text) == "number":
            stacked = _stacked_header(lines, i)
            if stacked:
                sheet.taken.update(line.number for line in lines[i : i + len(stacked)])
                i = _stacked(source, lines, i + len(stacked), stacked, sheet)
                continue
        i += 1
    return sheet


def _value(kinds: list[str], rows: list[Row], i: int, kind: str) -> list[Passage]:
    return [rows[i].cells[k] for k, name in enumerate(kinds) if name == kind and rows[i].cells[k].text]


def _units(kinds: list[str], rows: list[Row], i: int) -> tuple[list[str], list[str]]:
    """Return lead and responsible units of a row; where both are empty, of the row above (merged cells)."""
    lead: list[str] = []
    responsible: list[str] = []
    for kind, default in (("lead", roles.Role.LEAD), ("responsible", roles.Role.RESPONSIBLE)):
        for cell in _value(kinds, rows, i, kind):
            more_lead, more, _ = roles.verb_units(cell.gapped(0, len(cell)), default)
            labelled = roles.labelled(cell, 0, len(cell))
            if labelled and labelled.units:
                more_lead, more = list(labelled.lead), list(labelled.responsible)
            lead += more_lead
            responsible += more
    if not lead and not responsible and i > 0 and _value(kinds, rows, i, "title"):
        return _units(kinds, rows, i - 1)
    return lead, [name for name in dict.fromkeys(responsible) if name not in lead]


def _titles(kinds: list[str], rows: list[Row], i: int) -> tuple[list[str], Passage | None]:
    """Return the headings above a row and its own title: a value shared with a neighbour is a heading (merged cell)."""
    above = [rows[i].section] if rows[i].section else []
    columns = [k for k, name in enumerate(kinds) if name == "title"] or [
        k for k, name in enumerate(kinds) if name == "aside"
    ][:1]
    for n, k in enumerate(columns):
        cell = rows[i].cells[k]
        shared = any(
            0 <= j < len(rows)
            and rows[j].cells[k].text in {cell.text, ""}
            and any(rows[j].cells[c].text for c in columns[n + 1 :])
            for j in (i - 1, i + 1)
            if not (0 <= j < len(rows) and j < i and rows[j].cells[k].text == "")
        )
        if n + 1 < len(columns) and (not cell.text or (shared and rows[i].cells[columns[n + 1]].text)):
            if cell.text:
                above.append(cell.printed())
            continue
        if cell.text:
            return above, cell
    return above, None


def _task(
    kinds: list[str], rows: list[Row], i: int, issued: date | None, *, first_leads: bool
) -> DraftTask | None:
    above, title = _titles(kinds, rows, i)
    if title is None:
        return None
    lead, responsible = _units(kinds, rows, i)
    if not lead and not responsible:
        return None
    if first_leads and not lead:
        lead, responsible = responsible[:1], responsible[1:]
    found: list[Deadline] = []
    for cell in _value(kinds, rows, i, "time"):
        hits = dates.find(cell.text, issued, weak=True)
        found += [
            Deadline(cell.printed(h.start, h.end), h.date, h.recur, cell.place(h.start, h.end)) for h in hits
        ]
        if not hits and dates.CONTINUOUS.fullmatch(cell.text.strip("。;,")):
            found.append(Deadline(cell.printed(), None, "continuous", cell.place()))
    if not found:
        hits = dates.find(title.text, issued)
        found = [
            Deadline(title.printed(h.start, h.end), h.date, h.recur, title.place(h.start, h.end))
            for h in hits
        ]
    number = next((cell.text.rstrip(".、") for cell in _value(kinds, rows, i, "number")), "")
    inner = numbered(title.text)
    short = title.cut(len(inner[1])) if inner else title
    short = short.cut(0, title_span(short))
    text = "\t".join(cell.printed() for cell in rows[i].cells)
    return DraftTask(
        tuple(above),
        number,
        short.printed(),
        text,
        tuple(lead),
        tuple(responsible),
        tuple(found),
        title.place(),
    )
