"""Tables of tasks: cells between tabs (or bars), one cell a line, or columns run together by spaces.

`cells.py` puts cells without a grid back in their columns; `rows.py` makes tasks of what is found here.
"""

import re
from dataclasses import dataclass, field
from itertools import pairwise

from supervisor.intake import cells as loose_cells
from supervisor.intake.lines import Line
from supervisor.intake.outline import numbered
from supervisor.intake.passages import Passage, Source

_PEOPLE = r"(?:(?:及|和|与|、|/|\()?(?:责任人|负责人|联系人|联系电话|电话|责任领导)\)?)?"
_COLUMNS = {
    "number": re.compile(r"^(?:序号|编号|项目编号|任务编号|序次|No\.?|NO\.?)$"),
    "time": re.compile(
        r"(?:时限(?:要求)?|时间节点|完成时间|时间要求|完成期限|办结时间|计划时间|整改期限|时间安排|完成日期|时间进度)(?:及.{0,6})?(?:\(.*\))?$"
        r"|^(?:时间|期限)$|^进度(?:安排|要求|时限)?$"
    ),
    "lead": re.compile(
        r"^(?:[市县区省州]级?)?(?:总?牵头|主办|主责|牵头责任|第一牵头)(?:\(?责任\)?)?(?:单位|部门|处室|科室|股室)?"
        rf"{_PEOPLE}(?:\(.*\))?$"
    ),
    "responsible": re.compile(
        r"^(?:[市县区省州]级?)?(?:责任|配合|协办|参与|参加|落实|承办|实施|协同|协助|负责|主管|主体责任|配合责任|责任\(配合\)|"
        r"(?:牵头|责任|配合)(?:和|及|、|/|与)?(?:单位|部门)?(?:和|及|、|/|与)?(?:责任|配合|参与|协办|落实)|责任主体|具体(?:责任|实施|负责)?)"
        rf"(?:单位|部门|主体|处室|科室|股室|地区|分工|街镇|部门和单位)?{_PEOPLE}(?:\(.*\))?$|^(?:单位|部门|责任分工)$"
    ),
    "title": re.compile(
        r"^(?:重点|主要|具体|工作|改革|目标|年度|建设|任务|整改|试点|核心|提升|细化|推进|细分|分解)*"
        r"(?:任务|事项|工作|内容|举措|措施|项目|目标|要点|清单)(?:名称|内容|及措施|和措施|及要求|分工|分解|清单|及内容)?(?:\(.*\))?$"
        r"|^(?:名称|问题|任务及措施|(?:工作|具体|任务)要求)$"
    ),
    "class": re.compile(
        r"^(?:任务|项目|工作|所属|所在|重点)?(?:类别|类型|领域|分类|方面|板块|维度|专项|大类)$"
    ),
    "aside": re.compile(
        r"^(?:责任|牵头|分管|包保|包联|挂钩|市级|县级|区级|主要|第一|具体|目标|工作|考核|参考|政策|完成|预期|当前|目前|推进|验收|评价|佐证|"
        r"实施|任务|年度|阶段性?|及|和|、)*"
        r"(?:备注|领导|责任人|负责人|联系人|联系电话|电话|指标|成果|成效|形式|依据|来源|标准|要求|状态|进展|情况|金额|投资|文件|附注|目的|"
        r"频次|方式|材料|目标)(?:\(.*\))?$"
    ),
}
_ENDS_TABLE = re.compile(r"附件?\d{0,2}(?:$|:)|注:|备注:|说明:")
_ROSTER_WORDS = {"组长", "副组长", "成员", "召集人", "指挥长", "组员", "组长:", "副组长:", "成员:"}
_CHINESE = re.compile(r"[(〔]?[一二三四五六七八九十]{1,3}[)〕]?[、.]?")


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
    if not 2 <= len(header) <= 16:
        return None
    return next((kind for kind, pattern in _COLUMNS.items() if pattern.search(header)), None)


def _header(names: list[str]) -> list[str] | None:
    kinds = [kind_of(name) or "aside" for name in names]
    known = sum(kind_of(name) is not None for name in names)
    if len(names) < 2 or known * 2 < len(names) or not {"lead", "responsible"} & set(kinds):
        return None
    return kinds if "title" in kinds or "aside" in kinds else None


def _cells(source: Source, line: Line, separator: str) -> list[Passage]:
    found, start = [], line.start
    text = source.folded[line.start : line.end]
    for piece in text.split(separator):
        found.append(source.passage([(start, start + len(piece))]))
        start += len(piece) + 1
    if separator == "|" and len(found) > 2:
        found = found[1:] if text.lstrip().startswith("|") else found
        found = found[:-1] if text.rstrip().endswith("|") else found
    return found


def _separator(source: Source, line: Line) -> str | None:
    text = source.folded[line.start : line.end]
    return "\t" if text.count("\t") >= 1 else "|" if text.count("|") >= 2 else None


def _joined(a: Passage, b: Passage) -> Passage:
    if not a.text or not b.text:
        return a if a.text else b
    return Passage(a.text + b.text, a.at + b.at, a.source)


def _ends(line: Line) -> bool:
    return bool(_ENDS_TABLE.match(line.text)) or line.words[0] in _ROSTER_WORDS


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
        while at < len(self.lines) and not _ends(self.lines[at]):
            following = self._row(at) if self._split(self.lines[at]) else self._plain(at)
            if following == at:
                break
            self.taken.update(line.number for line in self.lines[at:following])
            at = following
        return at

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
        if self._is_section(cells):
            return at + 1
        width = len(self.kinds)
        at += 1
        while len(cells) < width and at < len(self.lines) and not _ends(self.lines[at]):
            line = self.lines[at]
            more = _cells(self.source, line, self.separator) if self._split(line) else [line.passage]
            if len(cells) - 1 + len(more) > width or re.fullmatch(r"\d{1,3}[.、]?", more[0].text):
                break
            cells = [*cells[:-1], _joined(cells[-1], more[0]), *more[1:]]
            at += 1
        cells += [self.source.passage([])] * (width - len(cells))
        self.rows.append(Row(cells[:width], number, self.section))
        return at

    def _is_section(self, cells: list[Passage]) -> bool:
        """Take a row that is a heading: one cell alone, or a Chinese number and a title without units."""
        filled = [cell for cell in cells if cell.text]
        if len(filled) == 1 and cells[0].text and (len(cells) != len(self.kinds) or numbered(cells[0].text)):
            self.section = filled[0].printed()
            return True
        headed = len(filled) == 2 and len(self.kinds) > 2 and filled[0] is cells[0] and filled[1] is cells[1]
        if headed and _CHINESE.fullmatch(cells[0].text) and not loose_cells.is_units(cells[1].text):
            self.section = cells[0].printed() + cells[1].printed()
            return True
        return False


def _grid_header(source: Source, lines: list[Line], i: int, separator: str) -> tuple[list[str], int] | None:
    """Return the columns of a table with separators and the index behind its header, which may take several lines."""
    names = [cell.text for cell in _cells(source, lines[i], separator)]
    at = i + 1
    while at < min(i + 4, len(lines)):
        more = [cell.text for cell in _cells(source, lines[at], separator)]
        below = [name for name in more if name]
        if not names or not more or not below or len(more) > len(names) + 6:
            break
        if not more[0] and all(kind_of(name) for name in below) and len(below) >= 2:
            names += [""] * (len(more) - len(names))
            names = [new or old for old, new in zip(names, more + [""] * len(names), strict=False)]
        elif (more[0] and kind_of(names[-1] + more[0]) and all(kind_of(name) for name in more[1:])
              and len(names[-1] + more[0]) <= 12 and not loose_cells.is_units(more[0])):  # fmt: skip
            names = [*names[:-1], names[-1] + more[0], *more[1:]]
        else:
            break
        at += 1
    kinds = _header(names)
    return (kinds, at) if kinds else None


def _named(words: list[str], *, strange: bool) -> tuple[list[str], int]:
    """Return the kinds of the columns that words name, cut names joined, and how many words were taken."""
    kinds: list[str] = []
    i = 0
    while i < len(words):
        for size in (1, 2, 3):
            kind = kind_of("".join(words[i : i + size])) if i + size <= len(words) else None
            if kind:
                kinds.append(kind)
                i += size
                break
        else:
            following = kind_of(words[i + 1]) if i + 1 < len(words) else None
            if not strange or not following or not 2 <= len(words[i]) <= 8 or numbered(words[i]):
                break
            kinds.append("aside")
            i += 1
    return kinds, i


def _whole_header(kinds: list[str]) -> bool:
    return len(kinds) >= 2 and "title" in kinds and bool({"lead", "responsible"} & set(kinds))


def _spaced(source: Source, lines: list[Line], i: int, sheet: Sheet) -> int | None:
    """Read a table whose columns stand apart by spaces alone; each row opens with its number."""
    words = lines[i].words
    if len(words) < 3 or kind_of(words[0]) != "number":
        return None
    kinds, taken = _named(words, strange=True)
    if taken < len(words) or not _whole_header(kinds):
        return None
    at, rows = i + 1, []
    while at < len(lines) and loose_cells.is_number(lines[at].words[0]) and len(lines[at].words) >= 3:
        stop = at + 1
        while stop < len(lines) and stop - at < 8 and not loose_cells.is_number(lines[stop].words[0]):
            stop += 1
        opens = (
            stop < len(lines) and loose_cells.is_number(lines[stop].words[0]) and len(lines[stop].words) >= 3
        )
        stop = stop if opens else at + 1
        pieces = [piece for line in lines[at:stop] for piece in _pieces(source, line)]
        rows.append(
            _row_of(source, pieces, loose_cells.fit(pieces, kinds, one_row=True)[0], lines[at].number)
        )
        at = stop
    if not rows:
        return None
    sheet.taken.update(line.number for line in lines[i:at])
    sheet.grids.append((kinds, rows))
    return at


def _pieces(source: Source, line: Line) -> list[Passage]:
    """Return the cells of a line: its wide gaps part them, or every space where all gaps are narrow."""
    text = source.folded[line.start : line.end].rstrip()
    gaps = [len(gap) for gap in re.findall(r" +", text.strip())]
    wide = bool(gaps) and sorted(gaps)[len(gaps) // 2] >= 2
    pattern = r"\S+(?: \S+)*" if wide else r"\S+|(?<= ) (?=\S)"
    return [
        source.passage([(line.start + match.start(), line.start + match.end())])
        for match in re.finditer(pattern, text)
    ]


def _row_of(source: Source, pieces: list[Passage], columns: list[list[int]], number: int) -> Row:
    cells = []
    for indexes in columns:
        cell = source.passage([])
        for index in indexes:
            cell = _joined(cell, pieces[index])
        cells.append(cell)
    return Row(cells, number)


@dataclass(slots=True)
class _Block:
    """One cell of a table without a grid: a line, or the lines between two empty ones."""

    passage: Passage
    lines: list[Line]

    @property
    def text(self) -> str:
        return self.passage.text


def _blocks(lines: list[Line], i: int) -> list[_Block]:
    """Return the cells from line `i` on; where empty lines part the cells of the header, they part all cells."""
    spaced = all(b.number - a.number >= 2 for a, b in pairwise(lines[i : i + 3]))
    found: list[_Block] = []
    for k in range(i, min(i + 3000, len(lines))):
        if (
            spaced
            and found
            and lines[k].number == found[-1].lines[-1].number + 1
            and len(found[-1].lines) < 40
        ):
            found[-1].passage = _joined(found[-1].passage, lines[k].passage)
            found[-1].lines.append(lines[k])
        else:
            found.append(_Block(lines[k].passage, [lines[k]]))
    return found


def _stacked(source: Source, lines: list[Line], i: int, sheet: Sheet) -> int | None:
    """Read a table that was pasted with one cell a line, or with an empty line between its cells."""
    kinds, taken = _named([line.text for line in lines[i : i + 10]], strange=True)
    if not _whole_header(kinds) or (len(kinds) == 2 and kinds[0] == "responsible"):
        return None
    blocks = _blocks(lines, i)
    header = [block.text for block in blocks[:taken]]
    body = _without_header(blocks[taken:], header)
    if "number" not in kinds and sum(loose_cells.is_number(block.text) for block in body[:30]) >= 2:
        kinds.insert(0 if loose_cells.is_number(body[0].text) else 1, "number")
    body = body[: _stacked_end(body, kinds)]
    if not body:
        return None
    rows: list[Row] = []
    section = ""
    pieces = [block.passage for block in body]
    for columns in loose_cells.fit(pieces, kinds):
        first = min(index for indexes in columns for index in indexes)
        row = _row_of(source, pieces, columns, body[first].lines[0].number)
        filled = [cell for cell in row.cells if cell.text]
        if len(filled) == 1 and not loose_cells.is_units(filled[0].text):
            section = filled[0].printed()
            continue
        row.section = section
        rows.append(row)
    stop = next(k for k in range(i, len(lines)) if lines[k] is body[-1].lines[-1]) + 1
    sheet.taken.update(line.number for line in lines[i:stop])
    sheet.grids.append((kinds, rows))
    return stop


def _without_header(blocks: list[_Block], header: list[str]) -> list[_Block]:
    """Return the cells without the header that each page repeats."""
    found: list[_Block] = []
    k = 0
    while k < len(blocks):
        if blocks[k].text == header[0] and [block.text for block in blocks[k : k + len(header)]] == header:
            k += len(header)
        else:
            found.append(blocks[k])
            k += 1
    return found


def _stacked_end(blocks: list[_Block], kinds: list[str]) -> int:
    """Return how many cells belong to the table: where none of units follows within two rows, it is over."""
    at, last = 0, -1
    reach = 2 * len(kinds) + 6
    while at < len(blocks) and at - max(last, 0) <= reach and not _ends(blocks[at].lines[0]):
        if loose_cells.is_units(blocks[at].text):
            last = at
        at += 1
    if last < 0:
        return 0
    behind = kinds[max(k for k, kind in enumerate(kinds) if kind in {"lead", "responsible"}) + 1 :]
    stop = last + 1
    for kind in behind:
        text = blocks[stop].text if stop < len(blocks) else ""
        if text and (loose_cells.is_time(text) or (kind == "aside" and (len(text) <= 4 or text[0] == "《"))):
            stop += 1
    return stop


def read_tables(source: Source, lines: list[Line]) -> Sheet:
    """Return the tables of tasks among the lines."""
    sheet = Sheet()
    bars = {line.number for line in lines if not line.text.strip("|")}
    sheet.taken |= bars
    lines = [line for line in lines if line.number not in bars]
    i = 0
    while i < len(lines):
        separator = _separator(source, lines[i])
        behind = None
        if separator:
            behind = _read_grid(source, lines, i, separator, sheet)
        elif len(lines[i].text) <= 60 and kind_of(lines[i].words[0]):
            behind = _spaced(source, lines, i, sheet) or _stacked(source, lines, i, sheet)
        i = behind or i + 1
    return sheet


def _read_grid(source: Source, lines: list[Line], i: int, separator: str, sheet: Sheet) -> int | None:
    header = _grid_header(source, lines, i, separator)
    if header is None:
        return None
    kinds, at = header
    sheet.taken.update(line.number for line in lines[i:at])
    grid = _Grid(source, lines, separator, kinds)
    at = grid.read(at)
    sheet.taken |= grid.taken
    if grid.rows:
        sheet.grids.append((kinds, grid.rows))
    return at
