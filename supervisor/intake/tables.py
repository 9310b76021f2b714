"""Tables of tasks: cells between tabs (or bars), one cell a line, or columns run together by spaces.

`pasted.py` reads those that lost their grid, `rows.py` makes tasks of what is found here.
"""

import re
from itertools import dropwhile

from supervisor.intake import cells as loose_cells
from supervisor.intake import pasted
from supervisor.intake.columns import Row, Sheet, ends_table, join_cells, kind_of
from supervisor.intake.lines import Line
from supervisor.intake.outline import numbered
from supervisor.intake.passages import Passage, Source

_CHINESE = re.compile(r"[(〔]?[一二三四五六七八九十]{1,3}[)〕]?[、.]?")


def _header(names: list[str]) -> list[str] | None:
    named = [kind_of(name, line=True) for name in names]
    kinds = [kind or "aside" for kind in named]
    known = sum(kind is not None for kind in named)
    numbered_table = kinds[:1] == ["number"] and known >= 2
    if (
        len(names) < 2
        or (known * 2 < len(names) and not numbered_table)
        or not {"lead", "responsible"} & set(kinds)
    ):
        return None
    return kinds if {"title", "class", "aside"} & set(kinds) else None


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


def _unquoted(cell: Passage) -> Passage:
    """Return a cell without the quotation marks that a spreadsheet puts around one of several lines."""
    return cell.cut(1, -1) if len(cell) > 2 and cell.text[0] == cell.text[-1] == '"' else cell


def _separator(source: Source, line: Line) -> str | None:
    text = source.folded[line.start : line.end]
    if "\t" in text.strip():  # a browser copies tabs around a cell that stands alone
        return "\t"
    return "|" if text.count("|") >= 2 else None


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
        while at < len(self.lines) and not ends_table(self.lines[at]):
            following = self._row(at) if self._split(self.lines[at]) else self._plain(at)
            if following == at:
                break
            self.taken.update(line.number for line in self.lines[at:following])
            at = following
        return at

    def _split(self, line: Line) -> bool:
        text = self.source.folded[line.start : line.end]
        return "\t" in text if self.separator == "\t" else text.count("|") >= 2

    def _plain(self, at: int) -> int:
        """Take a line without cells: the rest of a cell above, or a heading between rows."""
        line = self.lines[at]
        if not any(self._split(later) for later in self.lines[at + 1 : at + 3]):
            return at
        if self.rows and len(line.text) <= 60 and not numbered(line.text):
            self.rows[-1].cells[-1] = join_cells(self.rows[-1].cells[-1], line.passage)
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
        while len(cells) < width and at < len(self.lines) and not ends_table(self.lines[at]):
            line = self.lines[at]
            more = _cells(self.source, line, self.separator) if self._split(line) else [line.passage]
            if len(cells) - 1 + len(more) > width or re.fullmatch(r"\d{1,3}[.、]?", more[0].text):
                break
            cells = [*cells[:-1], join_cells(cells[-1], more[0]), *more[1:]]
            at += 1
        cells = [_unquoted(cell) for cell in cells]
        cells += [self.source.passage([])] * (width - len(cells))
        cells = self._shifted(cells[:width])
        self.rows.append(Row(cells[:width], number, self.section))
        return at

    def _shifted(self, cells: list[Passage]) -> list[Passage]:
        """Return a row that stands too far left, because merged cells before it were left out, at its columns."""
        columns = [k for k, kind in enumerate(self.kinds) if kind in {"lead", "responsible"}]
        filled = sum(1 for _ in dropwhile(lambda cell: not cell.text, reversed(cells)))
        if not self.rows or not 2 <= filled < len(cells) or any(cells[k].text for k in columns):
            return cells
        missing = len(cells) - filled
        moved = cells[filled:] + cells[:filled]
        own = [moved[k] for k in columns if moved[k].text]
        fits = own and all(loose_cells.is_units(cell.text) for cell in own) and moved[missing].text
        return moved if fits else cells

    def _is_section(self, cells: list[Passage]) -> bool:
        """Take a row that is a heading: one cell alone, or a Chinese number and a title without units."""
        filled = [cell for cell in cells if cell.text]
        if len(filled) == 1 and cells[0].text and (len(cells) != len(self.kinds) or numbered(cells[0].text)):
            self.section = filled[0].printed()
            return True
        if self.kinds[0] == "number" and cells[0].text and not loose_cells.is_number(cells[0].text):
            units = [k for k, kind in enumerate(self.kinds) if kind in {"lead", "responsible"}]
            if self.rows and not any(k < len(cells) and cells[k].text for k in units) and len(filled) <= 2:
                self.section = " ".join(cell.printed() for cell in filled)
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
            behind = pasted.read_spaced(source, lines, i, sheet) or pasted.read_stacked(
                source, lines, i, sheet
            )
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
