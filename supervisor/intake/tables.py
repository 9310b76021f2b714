"""Tables of tasks: cells between tabs (or bars), and the same pasted with one cell a line.

`rows.py` makes tasks of what is found here.
"""

import re
from dataclasses import dataclass, field

from supervisor.intake import dates
from supervisor.intake.lines import Line
from supervisor.intake.outline import numbered
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


_ENDS_TABLE = re.compile(r"附件?\d{0,2}(?:$|:)|注:|备注:")
_ROSTER_WORDS = {"组长", "副组长", "成员", "召集人", "指挥长", "组员", "组长:", "副组长:", "成员:"}


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


class _Grid:
    """Reads the rows below a header; a cell that was broken over lines goes on in the next line."""

    def __init__(self, source: Source, lines: list[Line], separator: str, kinds: list[str]) -> None:
        self.source = source
        self.lines = lines
        self.separator = separator
        self.kinds = kinds
        self.rows: list[Row] = []
        self.taken: set[int] = set()
        self.section = ""

    def read(self, at: int) -> int:
        """Read from line `at` on and return the index of the first line behind the table."""
        while at < len(self.lines) and not self._ends(self.lines[at]):
            following = self._row(at) if self._split(self.lines[at]) else self._plain(at)
            if following == at:
                break
            self.taken.update(line.number for line in self.lines[at:following])
            at = following
        return at

    def _ends(self, line: Line) -> bool:
        return bool(_ENDS_TABLE.match(line.text)) or line.words[0] in _ROSTER_WORDS

    def _split(self, line: Line) -> bool:
        return _separator(self.source, line) == self.separator

    def _plain(self, at: int) -> int:
        """Take a line without cells: the rest of a cell above, or a heading between rows."""
        line = self.lines[at]
        if not any(self._split(later) for later in self.lines[at + 1 : at + 3]):
            return at
        if self.rows and len(line.text) <= 60 and not numbered(line.text):
            self.rows[-1].cells[-1] = _joined(self.rows[-1].cells[-1], line.passage)
        else:
            self.section = line.passage.printed()
        return at + 1

    def _row(self, at: int) -> int:
        cells = _cells(self.source, self.lines[at], self.separator)
        texts = [cell.text for cell in cells]
        number = self.lines[at].number
        if _header(texts) or (self.separator == "|" and all(set(text) <= set("-:") for text in texts)):
            return at + 1
        filled = [cell for cell in cells if cell.text]
        width = len(self.kinds)
        if len(filled) == 1 and cells[0].text and (len(cells) != width or numbered(cells[0].text)):
            self.section = filled[0].printed()
            return at + 1
        at += 1
        while len(cells) < width and at < len(self.lines) and not self._ends(self.lines[at]):
            line = self.lines[at]
            more = _cells(self.source, line, self.separator) if self._split(line) else [line.passage]
            if len(cells) - 1 + len(more) > width or re.fullmatch(r"\d{1,3}[.、]?", more[0].text):
                break
            cells = [*cells[:-1], _joined(cells[-1], more[0]), *more[1:]]
            at += 1
        cells += [self.source.passage([])] * (width - len(cells))
        self.rows.append(Row(cells[:width], number, self.section))
        return at


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
                grid = _Grid(source, lines, separator, kinds)
                i = grid.read(i + 1)
                sheet.taken |= grid.taken
                if grid.rows:
                    sheet.grids.append((kinds, grid.rows))
                continue
        elif kind_of(lines[i].text) == "number":
            stacked = _stacked_header(lines, i)
            if stacked:
                sheet.taken.update(line.number for line in lines[i : i + len(stacked)])
                i = _stacked(source, lines, i + len(stacked), stacked, sheet)
                continue
        i += 1
    return sheet
