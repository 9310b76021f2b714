"""Tables that lost their grid: one cell a line, cells between empty lines, or columns run together by spaces."""

import re
from dataclasses import dataclass
from itertools import pairwise

from supervisor.intake import cells
from supervisor.intake.columns import Row, Sheet, ends_table, join_cells, kind_of
from supervisor.intake.lines import Line
from supervisor.intake.outline import numbered
from supervisor.intake.passages import Passage, Source


def _sizes(words: list[str], i: int) -> range:
    """Return how many words may be one name: up to three; of single letters (工 作 任 务) as many as there are."""
    letters = next((k for k, word in enumerate(words[i : i + 8]) if len(word) > 1), len(words[i : i + 8]))
    return range(letters, 0, -1) if letters > 1 else range(1, 4)


def _named(words: list[str], *, line: bool) -> tuple[list[str], int]:
    """Return the kinds of the columns that words name, cut names joined, and how many words were taken."""
    kinds: list[str] = []
    i = 0
    while i < len(words):
        for size in _sizes(words, i):
            kind = kind_of("".join(words[i : i + size]), line=line) if i + size <= len(words) else None
            if kind:
                kinds.append(kind)
                i += size
                break
        else:
            following = kind_of(words[i + 1], line=line) if i + 1 < len(words) else None
            if not following or not 2 <= len(words[i]) <= 8 or numbered(words[i]):
                break
            kinds.append("aside")
            i += 1
    return kinds, i


def _whole_header(kinds: list[str]) -> bool:
    return len(kinds) >= 2 and "title" in kinds and bool({"lead", "responsible"} & set(kinds))


def read_spaced(source: Source, lines: list[Line], i: int, sheet: Sheet) -> int | None:
    """Read a table whose columns stand apart by spaces alone; each row opens with its number."""
    words = lines[i].words
    if len(words) < 3 or kind_of(words[0]) != "number":
        return None
    kinds, taken = _named(words, line=True)
    if taken < len(words) or not _whole_header(kinds):
        return None
    at, rows = i + 1, []
    while at < len(lines) and cells.is_number(lines[at].words[0]) and _whole_row(lines[at : at + _ROW_LINES]):
        stop = at + 1
        while stop < len(lines) and stop - at < 8 and not cells.is_number(lines[stop].words[0]):
            stop += 1
        opens = stop < len(lines) and cells.is_number(lines[stop].words[0]) and len(lines[stop].words) >= 2
        stop = stop if opens else at + 1
        pieces = [piece for line in lines[at:stop] for piece in _pieces(source, line)]
        rows.append(_row_of(source, pieces, cells.fit(pieces, kinds, one_row=True)[0], lines[at].number))
        at = stop
    if not rows:
        return None
    sheet.taken.update(line.number for line in lines[i:at])
    sheet.grids.append((kinds, rows))
    return at


_ROW_LINES = 4  # lines in which a row whose cells were broken must show three cells


def _whole_row(lines: list[Line]) -> bool:
    """Tell whether a row has three cells, in its line or in those below it up to the next number."""
    words = len(lines[0].words)
    for line in lines[1:]:
        if words >= 3 or cells.is_number(line.words[0]):
            break
        words += len(line.words)
    return words >= 3 and len(lines[0].words) >= 2


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
    row = []
    for indexes in columns:
        cell = source.passage([])
        for index in indexes:
            cell = join_cells(cell, pieces[index])
        row.append(cell)
    return Row(row, number)


@dataclass(slots=True)
class _Block:
    """One cell of a table without a grid: a line, or the lines between two empty ones."""

    passage: Passage
    lines: list[Line]

    @property
    def text(self) -> str:
        return self.passage.text


def _blocks(lines: list[Line], i: int, most: int) -> list[_Block]:
    """Return the cells of `most` lines from line `i` on.

    Where empty lines part the cells of the header, they part all cells; where bars stand before them, bars do.
    """
    head = lines[i : i + 3]
    barred = any(line.text.startswith("|") for line in head)
    parted = barred or all(b.number - a.number >= 2 for a, b in pairwise(head))
    found: list[_Block] = []
    for line in lines[i : i + most]:
        fresh = line.text.startswith("|") or not found or line.number > found[-1].lines[-1].number + 1
        if not parted or fresh or len(found[-1].lines) >= _WRAPPED:
            found.append(_Block(_bare(line), [line]))
        else:
            found[-1].passage = join_cells(found[-1].passage, line.passage)
            found[-1].lines.append(line)
    return found


def _bare(line: Line) -> Passage:
    """Return the cell of a line without the bar before or behind it."""
    start, end = line.text.startswith("|"), len(line.text) - line.text.endswith("|")
    return line.passage.cut(int(start), end) if end - start < len(line.text) else line.passage


_WRAPPED = 40  # lines of one cell
_NEAR = 60  # lines below a header in which the first units must stand


def read_stacked(source: Source, lines: list[Line], i: int, sheet: Sheet) -> int | None:
    """Read a table that was pasted with one cell a line, or with an empty line between its cells."""
    kinds, taken = _named([_bare(line).text for line in lines[i : i + 10]], line=False)
    if not _whole_header(kinds) or (len(kinds) == 2 and kinds[0] == "responsible"):
        return None
    if not any(cells.is_units(_bare(line).text) for line in lines[i + taken : i + taken + _NEAR]):
        return None
    body = _stacked_body(lines, i, kinds, taken)
    if not body:
        return None
    rows: list[Row] = []
    section = ""
    pieces = [block.passage for block in body]
    for columns in _rows_of(body, kinds):
        first = min(index for indexes in columns for index in indexes)
        row = _row_of(source, pieces, columns, body[first].lines[0].number)
        filled = [cell for cell in row.cells if cell.text]
        if len(filled) == 1 and not cells.is_units(filled[0].text):
            section = filled[0].printed()
            continue
        row.section = section
        rows.append(row)
    stop = next(k for k in range(i, len(lines)) if lines[k] is body[-1].lines[-1]) + 1
    sheet.taken.update(line.number for line in lines[i:stop])
    sheet.grids.append((kinds, rows))
    return stop


def _rows_of(body: list[_Block], kinds: list[str]) -> list[list[list[int]]]:
    """Return rows of columns of the indexes of cells; where bars stand before cells, one without a bar opens a row."""
    pieces = [block.passage for block in body]
    opens = [k for k, block in enumerate(body) if not block.lines[0].text.startswith("|")]
    if len(opens) == len(body) or not opens:
        return cells.fit(pieces, kinds)
    rows = []
    for start, end in pairwise([*({0} - set(opens)), *opens, len(body)]):
        (columns,) = cells.fit(pieces[start:end], kinds, one_row=True)
        rows.append([[start + index for index in indexes] for indexes in columns])
    return rows


def _stacked_body(lines: list[Line], i: int, kinds: list[str], taken: int) -> list[_Block]:
    """Return the cells below a header; looks further only while the table goes on."""
    body: list[_Block] = []
    for most in (100, 600, 3000):
        blocks = _blocks(lines, i, most)
        header = [block.text for block in blocks[:taken]]
        body = _without_header(blocks[taken:], header)
        if "number" not in kinds and sum(cells.is_number(block.text) for block in body[:30]) >= 2:
            kinds.insert(0 if cells.is_number(body[0].text) else 1, "number")
        stop = _stacked_end(body, kinds)
        if stop + 2 * len(kinds) + 10 < len(body):
            return body[:stop]
        body = body[:stop]
    return body


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
    """Return how many cells belong to the table.

    It is over where neither units nor the next running number follow within two rows.
    """
    at, last, units, expected = 0, 0, False, 0
    reach = 2 * len(kinds) + 6
    while at < len(blocks) and at - last <= reach and not ends_table(blocks[at].lines[0]):
        text = blocks[at].text
        if cells.is_units(text) or (units and at == last + 1 and text in cells.NOTHING):
            last, units = at, True
        elif (
            text.rstrip(".、").isdigit() and int(text.rstrip(".、")) == expected + 1 and at + 1 < len(blocks)
        ):
            last, expected = at + 1, expected + 1
        at += 1
    if not units:
        return 0
    behind = kinds[max(k for k, kind in enumerate(kinds) if kind in {"lead", "responsible"}) + 1 :]
    stop = last + 1
    for kind in behind:
        text = blocks[stop].text if stop < len(blocks) else ""
        if text and (cells.is_time(text) or (kind == "aside" and (len(text) <= 4 or text[0] == "《"))):
            stop += 1
    return stop
