"""The monthly circular as .docx in the layout of GB/T 9704-2012: 22 lines of 28 characters, red head, annexes.

Fonts keep their official names (readers' Word and WPS have them).
"""

from __future__ import annotations

import io
from datetime import datetime
from typing import Any

from docx import Document
from docx.enum.section import WD_ORIENT, WD_SECTION
from docx.enum.text import WD_ALIGN_PARAGRAPH
from docx.oxml import OxmlElement
from docx.oxml.ns import qn
from docx.shared import Mm, Pt, RGBColor

from supervisor.documents.circular import (
    NOTE,
    PROBLEM_COLUMNS,
    UNIT_COLUMNS,
    CircularContent,
    day_words,
)
from supervisor.documents.content import Column

TITLE, BODY, HEADING = "方正小标宋简体", "仿宋_GB2312", "黑体"
RED = RGBColor(0xD0, 0, 0)
LINE = Pt(28.95)
#: Two characters of 三号.
INDENT = Pt(32)


def write_circular_docx(content: CircularContent, created: datetime) -> bytes:
    """The circular as a Word document; unit and problem tables are annexes on landscape pages."""
    paper = Document()
    paper.core_properties.title, paper.core_properties.author = content.title, content.office
    paper.core_properties.created = paper.core_properties.modified = created.replace(tzinfo=None)
    _page(paper.sections[0])
    _head(paper, content)
    _line(paper, f"{content.addressees}：", indent=False)
    if content.corrects:
        _line(paper, content.corrects)
    for paragraph in filter(None, content.opening.split("\n")):
        _line(paper, paragraph)
    for heading, paragraphs in content.sections():
        _line(paper, heading, font=HEADING)
        for paragraph in paragraphs:
            _line(paper, paragraph)
    _foot(paper, content)
    section = paper.add_section(WD_SECTION.NEW_PAGE)
    section.orientation = WD_ORIENT.LANDSCAPE
    section.page_width, section.page_height = Mm(297), Mm(210)
    until = f"截至{day_words(content.as_of)}。{NOTE}"
    _annex(paper, "附件1", f"{content.month}各单位工作进展情况表", UNIT_COLUMNS, content.units, until)
    if content.carried:
        paper.add_section(WD_SECTION.NEW_PAGE)
        _annex(paper, "附件2", f"{content.month}结转的未解决问题", PROBLEM_COLUMNS, content.carried, "")
    out = io.BytesIO()
    paper.save(out)
    return out.getvalue()


def _page(section: Any) -> None:
    section.page_width, section.page_height = Mm(210), Mm(297)
    section.top_margin, section.bottom_margin = Mm(37), Mm(35)
    section.left_margin, section.right_margin = Mm(28), Mm(26)
    grid = OxmlElement("w:docGrid")
    for name, value in (("type", "linesAndChars"), ("linePitch", "579"), ("charSpace", "-848")):
        grid.set(qn(f"w:{name}"), value)
    for old in section._sectPr.findall(qn("w:docGrid")):  # noqa: SLF001 -- python-docx offers no way to the grid
        section._sectPr.remove(old)  # noqa: SLF001
    section._sectPr.append(grid)  # noqa: SLF001


def _head(paper: Any, content: CircularContent) -> None:
    _line(paper, content.office, font=TITLE, size=26, align="center", colour=RED)
    _line(paper, "", indent=False)
    number = _line(paper, content.number or "（未印发）", align="center")
    _rule(number)
    _line(paper, "", indent=False)
    _line(paper, content.title, font=TITLE, size=22, align="center")
    _line(paper, "", indent=False)


def _rule(paragraph: Any) -> None:
    """A red line under the number, as wide as the text."""
    edges = OxmlElement("w:pBdr")
    line = OxmlElement("w:bottom")
    for name, value in (("val", "single"), ("sz", "12"), ("space", "8"), ("color", "D00000")):
        line.set(qn(f"w:{name}"), value)
    edges.append(line)
    paragraph._p.get_or_add_pPr().append(edges)  # noqa: SLF001 -- python-docx has no borders


def _foot(paper: Any, content: CircularContent) -> None:
    annexes = [f"附件：1.{content.month}各单位工作进展情况表"]
    annexes += [f"　　　2.{content.month}结转的未解决问题"] if content.carried else []
    _line(paper, "", indent=False)
    for annex in annexes:
        _line(paper, annex)
    _line(paper, "", indent=False)
    _line(paper, f"{content.office}　　", align="right")
    if content.issued_on:
        _line(paper, f"{day_words(content.issued_on)}　　", align="right")


def _annex(
    paper: Any, name: str, title: str, columns: tuple[Column, ...], rows: tuple[Any, ...], note: str
) -> None:
    _line(paper, name, font=HEADING, indent=False)
    _line(paper, title, font=TITLE, size=18, align="center")
    table = paper.add_table(rows=1, cols=len(columns))
    table.style = "Table Grid"
    for cell, column in zip(table.rows[0].cells, columns, strict=True):
        _cell(cell, column.heading, HEADING)
    for row in rows:
        for cell, column in zip(table.add_row().cells, columns, strict=True):
            value = getattr(row, column.key)
            _cell(cell, "—" if value is None else str(value), BODY)
    if note:
        _line(paper, note, size=12)


def _cell(cell: Any, text: str, font: str) -> None:
    _style(cell.paragraphs[0].add_run(text), font, 10.5)


def _line(
    paper: Any,
    text: str,
    *,
    font: str = BODY,
    size: float = 16,
    align: str = "",
    colour: Any = None,
    indent: bool = True,
) -> Any:
    paragraph = paper.add_paragraph()
    shape = paragraph.paragraph_format
    shape.space_before = shape.space_after = Pt(0)
    if size <= 16:
        shape.line_spacing = LINE
    if align:
        paragraph.alignment = WD_ALIGN_PARAGRAPH.CENTER if align == "center" else WD_ALIGN_PARAGRAPH.RIGHT
    elif indent:
        shape.first_line_indent = INDENT
    _style(paragraph.add_run(text), font, size, colour)
    return paragraph


def _style(run: Any, font: str, size: float, colour: Any = None) -> None:
    run.font.name, run.font.size = font, Pt(size)
    run._r.get_or_add_rPr().get_or_add_rFonts().set(qn("w:eastAsia"), font)  # noqa: SLF001 -- only so for Chinese
    if colour is not None:
        run.font.color.rgb = colour
