"""A rulebook (考核办法) as a Word document: its tables with every rule in words, then bonus, vetoes, tiers, ranking."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from docx.shared import Mm

from supervisor.documents.official_docx import (
    BODY,
    HEADING,
    SUBHEADING,
    bytes_of,
    cell,
    columns,
    heading,
    line,
    new_paper,
)
from supervisor.documents.official_paper import Fonts

NUMERALS = "一二三四五六七八九十"
#: Widths of number, indicator, weight and rule within the 156 mm of a page.
WIDTHS = (Mm(13), Mm(33), Mm(14), Mm(96))


@dataclass(frozen=True)
class SchemeRow:
    """One indicator: its weight, its rule in the office's own words, and how it is calculated."""

    title: str
    weight: str
    own: str
    lines: tuple[str, ...]


@dataclass(frozen=True)
class SchemeTable:
    """The indicators of a period for some groups; `total` is what the weights make, `fault` what is wrong with it."""

    title: str
    head: str
    rows: tuple[SchemeRow, ...]
    total: str
    fault: str


@dataclass(frozen=True)
class SchemeClause:
    """A heading with its sentences."""

    title: str
    lines: tuple[str, ...]


@dataclass(frozen=True)
class SchemePaper:
    """The whole document."""

    title: str
    office: str
    version: str
    standing: str
    about: str
    tables: tuple[SchemeTable, ...]
    clauses: tuple[SchemeClause, ...]


def write_scheme_docx(paper: SchemePaper, created: datetime, fonts: Fonts | None = None) -> bytes:
    """The file."""
    doc = new_paper(paper.title, paper.office, created)
    heading(doc, paper.title)
    line(doc, f"（{paper.version}　{paper.standing}）", font=SUBHEADING, align="center")
    line(doc, "", indent=False)
    if paper.about:
        line(doc, paper.about)
    number = 0
    for table in paper.tables:
        for words, font in ((f"{_numeral(number)}、{table.title}", HEADING), (f"{table.head}。", BODY)):
            line(doc, words, font=font).paragraph_format.keep_with_next = True
        _write_table(doc, table)
        number += 1
    for clause in paper.clauses:
        line(doc, f"{_numeral(number)}、{clause.title}", font=HEADING)
        for index, text in enumerate(clause.lines, start=1):
            line(doc, f"{index}．{text}")
        number += 1
    return bytes_of(doc, fonts)


def _numeral(index: int) -> str:
    """The number of a heading: 一, 十, 十一, 二十一."""
    tens, ones = divmod(index + 1, 10)
    if not tens:
        return NUMERALS[ones - 1]
    return f"{NUMERALS[tens - 1] if tens > 1 else ''}十{NUMERALS[ones - 1] if ones else ''}"


def _write_table(doc: Any, table: SchemeTable) -> None:
    grid = doc.add_table(rows=1, cols=4)
    grid.style, grid.autofit = "Table Grid", False
    for at, text in zip(grid.rows[0].cells, ("序号", "指标", "分值", "计分规则"), strict=True):
        cell(at, text, HEADING)
    for index, row in enumerate(table.rows, start=1):
        cells = grid.add_row().cells
        rule = "\n".join([row.own, *row.lines] if row.own else row.lines)
        for at, text in zip(cells, (str(index), row.title, row.weight, rule), strict=True):
            cell(at, text, BODY)
    total = grid.add_row().cells
    cell(total[1], "合计", HEADING)
    cell(total[2], table.total, HEADING)
    cell(total[3], table.fault, BODY)
    columns(grid, WIDTHS)
    line(doc, "", indent=False)
