"""Official papers as .docx in the layout of GB/T 9704-2012: 22 lines of 28 characters, red head, numbered pages.

Fonts keep their official names (readers' Word and WPS have them). Page numbers stand outside: right on odd pages, left
on even ones, a character from the edge of the text, half-width digits between dashes, counted on through annexes.
"""

from __future__ import annotations

import io
from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any

from docx import Document
from docx.enum.section import WD_ORIENT, WD_SECTION
from docx.enum.text import WD_ALIGN_PARAGRAPH
from docx.oxml import OxmlElement
from docx.oxml.ns import qn
from docx.shared import Mm, Pt, RGBColor

from supervisor.documents.content import Column

TITLE, BODY, HEADING = "方正小标宋简体", "仿宋_GB2312", "黑体"
SUBHEADING, DIGITS = "楷体_GB2312", "宋体"
RED = RGBColor(0xD0, 0, 0)
LINE = Pt(28.95)
#: Two characters of 三号, and one of 四号.
INDENT, OUTSIDE = Pt(32), Pt(14)
#: From the page's edge to the foot of its number: the dashes stand 7 mm below the text.
NUMBER_FOOT = Mm(25)


def new_paper(title: str, author: str, created: datetime) -> Any:
    """An empty A4 document with the official margins and grid, its pages numbered."""
    paper = Document()
    paper.core_properties.title, paper.core_properties.author = title, author
    paper.core_properties.created = paper.core_properties.modified = created.replace(tzinfo=None)
    _page(paper.sections[0])
    _number_pages(paper)
    return paper


def _number_pages(paper: Any) -> None:
    """— 1 — in 四号宋体; sections added later go on counting."""
    paper.settings.odd_and_even_pages_header_footer = True
    section = paper.sections[0]
    odd, even = section.footer.paragraphs[0], section.even_page_footer.paragraphs[0]
    odd.alignment, odd.paragraph_format.right_indent = WD_ALIGN_PARAGRAPH.RIGHT, OUTSIDE
    even.alignment, even.paragraph_format.left_indent = WD_ALIGN_PARAGRAPH.LEFT, OUTSIDE
    for paragraph in (odd, even):
        _style(paragraph.add_run("— "), DIGITS, 14)
        _add(paragraph, "fldChar", fldCharType="begin")
        _add(paragraph, "instrText").text = "PAGE"
        _add(paragraph, "fldChar", fldCharType="separate")
        _style(paragraph.add_run("1"), DIGITS, 14)  # what is seen until a reader counts
        _add(paragraph, "fldChar", fldCharType="end")
        _style(paragraph.add_run(" —"), DIGITS, 14)


def _add(paragraph: Any, tag: str, **values: str) -> Any:
    """A part of a field, in a run of its own: python-docx has no fields."""
    run, part = paragraph.add_run(), OxmlElement(f"w:{tag}")
    _style(run, DIGITS, 14)
    for name, value in values.items():
        part.set(qn(f"w:{name}"), value)
    run._r.append(part)  # noqa: SLF001
    return part


def landscape(paper: Any) -> None:
    """A new page, from here on across."""
    section = paper.add_section(WD_SECTION.NEW_PAGE)
    section.orientation = WD_ORIENT.LANDSCAPE
    section.page_width, section.page_height = Mm(297), Mm(210)


def annex(
    paper: Any,
    name: str,
    title: str,
    columns: tuple[Column, ...],
    rows: Iterable[Mapping[str, object]],
    note: str,
) -> None:
    """A table under its number and title, with a column for each key of a row."""
    line(paper, name, font=HEADING, indent=False)
    line(paper, title, font=TITLE, size=18, align="center")
    table = paper.add_table(rows=1, cols=len(columns))
    table.style = "Table Grid"
    for at, column in zip(table.rows[0].cells, columns, strict=True):
        cell(at, column.heading, HEADING)
    for row in rows:
        for at, column in zip(table.add_row().cells, columns, strict=True):
            value = row[column.key]
            cell(at, "—" if value is None else str(value), BODY)
    if note:
        line(paper, note, size=12)


def bytes_of(paper: Any) -> bytes:
    """The document as a file."""
    out = io.BytesIO()
    paper.save(out)
    return out.getvalue()


def _page(section: Any) -> None:
    section.page_width, section.page_height = Mm(210), Mm(297)
    section.top_margin, section.bottom_margin = Mm(37), Mm(35)
    section.left_margin, section.right_margin = Mm(28), Mm(26)
    section.footer_distance = NUMBER_FOOT
    grid = OxmlElement("w:docGrid")
    for name, value in (("type", "linesAndChars"), ("linePitch", "579"), ("charSpace", "-848")):
        grid.set(qn(f"w:{name}"), value)
    for old in section._sectPr.findall(qn("w:docGrid")):  # noqa: SLF001 -- python-docx offers no way to the grid
        section._sectPr.remove(old)  # noqa: SLF001
    section._sectPr.append(grid)  # noqa: SLF001


def rule(paragraph: Any) -> None:
    """A red line under a paragraph, as wide as the text."""
    edges = OxmlElement("w:pBdr")
    drawn = OxmlElement("w:bottom")
    for name, value in (("val", "single"), ("sz", "12"), ("space", "8"), ("color", "D00000")):
        drawn.set(qn(f"w:{name}"), value)
    edges.append(drawn)
    paragraph._p.get_or_add_pPr().append(edges)  # noqa: SLF001 -- python-docx has no borders


def cell(at: Any, text: str, font: str, size: float = 10.5) -> None:
    """Write into a table's cell."""
    _style(at.paragraphs[0].add_run(text), font, size)


def line(
    paper: Any,
    text: str,
    *,
    font: str = BODY,
    size: float = 16,
    align: str = "",
    colour: Any = None,
    indent: bool = True,
) -> Any:
    """A paragraph; of body size it stands on the grid, indented by two characters unless it is aligned."""
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
