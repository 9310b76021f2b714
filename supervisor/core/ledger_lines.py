"""What each row of a ledger's sheet is: a task, a heading, a sum, a note below, a heading printed again. Pure."""

from __future__ import annotations

import enum
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from supervisor.core.ledger_headings import Field, Headings, heading_word
from supervisor.documents.ledger_sheets import Sheet
from supervisor.intake.outline import numbered, rank_of
from supervisor.intake.passages import fold

_SUM = re.compile(r"(?:本页|本表|以上|全部)?(?:合|总|小|累|共)计(?:数|项|[:：(].*)?|总数")
_NOTE = re.compile(
    r"(?:注|备注|说明|填表说明|填报说明|填报人|填表人|制表人?|填报单位|填报日期|填报时间|统计时间|审核人?|审签|"
    r"单位负责人|分管领导|主要领导|联系人|联系电话|制表单位|制表日期|日期)[:：]|注\d?[.、]|第\d+页"
)
_HEADING_NUMBER = re.compile(
    r"[(（]?[一二三四五六七八九十百]{1,4}[)）]?[、.]?|第[一二三四五六七八九十\d]+[章节部分板块]*"
)
#: A note has few cells; a task that begins with 说明 has more.
_MOST_OF_A_NOTE = 4


class Kind(enum.Enum):
    """What a row is."""

    TASK = "task"
    SECTION = "section"
    EMPTY = "empty"
    SUM = "sum"
    NOTE = "note"
    AGAIN = "again"


@dataclass(frozen=True)
class Line:
    """A row below the headings, counted from 0: its cells with merged values filled in, and its headings above."""

    row: int
    kind: Kind
    cells: tuple[str, ...]
    #: Columns whose value comes from a cell merged over this row and those above.
    merged: frozenset[int] = frozenset()
    sections: tuple[str, ...] = ()


def lines_of(sheet: Sheet, headings: Headings, fixes: Mapping[tuple[int, int], str]) -> Iterator[Line]:
    """The rows below the headings in their order; `fixes` replace cells, counted from 0."""
    width = len(headings.fields)
    spread = _spread(sheet, headings.last)
    across = {(top, left) for top, left, bottom, right in sheet.merges if top == bottom and right > left}
    printed = _printed_above(sheet, headings)
    sections: list[tuple[int, str]] = []
    for row in range(headings.last + 1, len(sheet.cells)):
        own = list(sheet.cells[row][:width]) + [""] * (width - len(sheet.cells[row]))
        for column in range(width):
            own[column] = fixes.get((row, column), own[column])
        kind = _kind(row, own, headings, printed, across)
        if kind is Kind.SECTION:
            _open(sections, "、".join(part for c in own if (part := c.strip().strip("、."))))
        merged = {c: text for c in range(width) if not own[c] and (text := spread.get((row, c)))}
        cells = tuple(own[c] or merged.get(c, "") for c in range(width))
        above = tuple(text for _, text in sections)
        yield Line(row, kind, cells, frozenset(merged), above)


def _filled(cells: Sequence[str]) -> int:
    return sum(bool(cell) for cell in cells)


def _spread(sheet: Sheet, below: int) -> dict[tuple[int, int], str]:
    """The value of each cell merged downwards, at the rows it covers beside its first."""
    found = {}
    for top, left, bottom, _right in sheet.merges:
        if bottom > top > below and left < len(sheet.cells[top] if top < len(sheet.cells) else ()):
            for row in range(top + 1, min(bottom + 1, len(sheet.cells))):
                found[row, left] = sheet.cells[top][left]
    return found


def _printed_above(sheet: Sheet, headings: Headings) -> frozenset[str]:
    return frozenset(
        heading_word(cell) for row in sheet.cells[: headings.last + 1] for cell in row if cell
    ) | frozenset(heading_word(name) for name in headings.names if name)


def _kind(
    row: int, own: Sequence[str], headings: Headings, printed: frozenset[str], across: set[tuple[int, int]]
) -> Kind:
    filled = [(column, cell) for column, cell in enumerate(own) if cell]
    if not filled:
        return Kind.EMPTY
    first = fold("".join(filled[0][1].split()))
    # 是, a number or a unit may stand above the headings too: only a row that says nothing else is a repetition.
    if all(heading_word(cell) in printed for _, cell in filled) and (len(filled) > 1 or len(first) > 6):
        return Kind.AGAIN
    if any(_SUM.fullmatch(fold("".join(cell.split()))) for _, cell in filled[:3]):
        return Kind.SUM
    if _NOTE.match(first) and len(filled) <= _MOST_OF_A_NOTE:
        return Kind.NOTE
    return Kind.SECTION if _is_section(row, filled, headings, across) else Kind.TASK


def _is_section(
    row: int, filled: Sequence[tuple[int, str]], headings: Headings, across: set[tuple[int, int]]
) -> bool:
    """One cell with the number of a heading or merged over columns; or 一 as number and a title, nothing else."""
    column, text = filled[0]
    plain = fold("".join(text.split()))
    if len(filled) == 1:
        mark = numbered(plain)
        return (row, column) in across or (
            mark is not None and mark[0] in {"chapter", "section", "one", "two"}
        )
    names = {headings.fields[c] for c, _ in filled}
    return names <= {Field.NUMBER, Field.TITLE, Field.CATEGORY} and bool(
        headings.fields[column] is Field.NUMBER and len(filled) == 2 and _HEADING_NUMBER.fullmatch(plain)
    )


def _open(sections: list[tuple[int, str]], text: str) -> None:
    """Put a heading below those of a higher rank; one without a number stands alone."""
    text = " ".join(text.split())
    mark = numbered(fold("".join(text.split())))
    rank = rank_of(*mark) if mark else -1
    while sections and sections[-1][0] >= rank:
        sections.pop()
    sections.append((rank, text))
