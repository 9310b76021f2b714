"""Official papers as .docx in the layout of GB/T 9704-2012: 22 lines of 28 characters, official fonts, a red head.

Fonts keep their official names (readers' Word and WPS have them).
"""

from __future__ import annotations

import io
from datetime import datetime
from typing import Any

from docx import Document
from docx.enum.text import WD_ALIGN_PARAGRAPH
from docx.oxml import OxmlElement
from docx.oxml.ns import qn
from docx.shared import Mm, Pt, RGBColor

TITLE, BODY, HEADING = "方正小标宋简体", "仿宋_GB2312", "黑体"
RED = RGBColor(0xD0, 0, 0)
LINE = Pt(28.95)
#: Two characters of 三号.
INDENT = Pt(32)


def new_paper(title: str, author: str, created: datetime) -> Any:
    """An empty A4 document with the official margins and grid."""
    paper = Document()
    paper.core_properties.title, paper.core_properties.author = title, author
    paper.core_properties.created = paper.core_properties.modified = created.replace(tzinfo=None)
    _page(paper.sections[0])
    return paper


def bytes_of(paper: Any) -> bytes:
    """The document as a file."""
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
