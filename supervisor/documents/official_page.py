"""The page of an official paper in .docx (GB/T 9704-2012): margins, grid, fonts, numbers of pages, pages across.

Page numbers stand outside: right on odd pages, left on even ones, a character from the edge of the text, half-width
digits between dashes, counted on through annexes. On a page across they stay where they are on the paper, which is
its left edge there, and read with the paper upright.
"""

from __future__ import annotations

import io
import zipfile
from datetime import datetime
from typing import Any
from xml.sax.saxutils import quoteattr

from docx import Document
from docx.enum.section import WD_ORIENT, WD_SECTION
from docx.enum.text import WD_ALIGN_PARAGRAPH
from docx.opc.constants import RELATIONSHIP_TYPE
from docx.oxml import OxmlElement, parse_xml
from docx.oxml.ns import nsdecls, qn
from docx.shared import Mm, Pt

from supervisor.documents.official_paper import (
    BODY_FONT,
    HEADING_FONT,
    SUBHEADING_FONT,
    TITLE_FONT,
    Fonts,
)

DIGITS = "宋体"
LINE = Pt(28.95)
#: From the edge of the text to a page number: one character of 四号.
OUTSIDE = Pt(14)
#: From the page's edge to the foot of its number: the dashes stand 7 mm below the text.
NUMBER_FOOT = Mm(25)
#: Millimetres of an A4 page: head, foot, binding edge, outer edge.
HEAD, FOOT, BINDING, EDGE = 37, 35, 28, 26
#: What a reader takes whose machine does not have a font.
INSTEAD = {TITLE_FONT: "方正小标宋_GBK", BODY_FONT: "仿宋", SUBHEADING_FONT: "楷体", HEADING_FONT: "SimHei"}
XML = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>'
#: The day that every part of the file bears: the earliest an archive can.
EARLIEST = (1980, 1, 1, 0, 0, 0)
VML = 'xmlns:v="urn:schemas-microsoft-com:vml" xmlns:o="urn:schemas-microsoft-com:office:office"'


def new_paper(title: str, author: str, created: datetime) -> Any:
    """An empty A4 document with the official margins and grid, its pages numbered."""
    paper = Document()
    paper.core_properties.title, paper.core_properties.author = title, author[:255]
    paper.core_properties.created = paper.core_properties.modified = created.replace(
        tzinfo=None, microsecond=0
    )
    paper.core_properties.comments = ""
    _normal(paper)
    upright(paper.sections[0])
    paper.settings.odd_and_even_pages_header_footer = True
    _number_upright(paper.sections[0])
    return paper


def _normal(paper: Any) -> None:
    """Text stands on the grid: its pitch is counted from the size of the default style."""
    normal = paper.styles["Normal"]
    normal.font.size, normal.font.name = Pt(16), BODY_FONT
    fonts = normal.element.get_or_add_rPr().get_or_add_rFonts()
    for name in ("asciiTheme", "hAnsiTheme", "eastAsiaTheme", "cstheme"):
        fonts.attrib.pop(qn(f"w:{name}"), None)  # a theme's font would win
    fonts.set(qn("w:eastAsia"), BODY_FONT)
    shape = normal.paragraph_format
    shape.space_before = shape.space_after = Pt(0)
    shape.line_spacing = 1.0
    shape.widow_control = False
    # What may begin and end a line is a question of the language.
    for one in paper.styles.element.iter(qn("w:lang")):
        one.set(qn("w:eastAsia"), "zh-CN")


def upright(section: Any) -> None:
    """A4 upright: 37 mm above, 35 below, 28 at the binding edge, 26 outside; 22 lines of 28 characters."""
    section.orientation = WD_ORIENT.PORTRAIT
    section.page_width, section.page_height = Mm(210), Mm(297)
    section.top_margin, section.bottom_margin = Mm(HEAD), Mm(FOOT)
    section.left_margin, section.right_margin = Mm(BINDING), Mm(EDGE)
    _grid(section, "linesAndChars")


def landscape(paper: Any) -> None:
    """A new page, from here on across: the upright page turned, with its margins and its number."""
    section = paper.add_section(WD_SECTION.NEW_PAGE)
    across(section)
    _number_across(section)


def portrait(paper: Any) -> None:
    """A new page, from here on upright again."""
    section = paper.add_section(WD_SECTION.NEW_PAGE)
    upright(section)
    _number_upright(section)


def across(section: Any) -> None:
    """A4 across: its head is the binding edge of the page (GB/T 9704 横排表)."""
    section.orientation = WD_ORIENT.LANDSCAPE
    section.page_width, section.page_height = Mm(297), Mm(210)
    section.top_margin, section.bottom_margin = Mm(BINDING), Mm(EDGE)
    section.left_margin, section.right_margin = Mm(FOOT), Mm(HEAD)
    _grid(section, "lines")


def _grid(section: Any, kind: str) -> None:
    section.footer_distance = NUMBER_FOOT
    grid = OxmlElement("w:docGrid")
    for name, value in (("type", kind), ("linePitch", "579"), ("charSpace", "-848")):
        grid.set(qn(f"w:{name}"), value)
    properties = section._sectPr  # noqa: SLF001 -- python-docx offers no way to the grid
    for old in properties.findall(qn("w:docGrid")):
        properties.remove(old)
    properties.append(grid)


# Numbers of pages ---------------------------------------------------------------------------------------------


def _number_upright(section: Any) -> None:
    """— 1 — in 四号宋体; sections added later go on counting."""
    section.footer.is_linked_to_previous = section.even_page_footer.is_linked_to_previous = False
    odd, even = section.footer.paragraphs[0], section.even_page_footer.paragraphs[0]
    odd.alignment, odd.paragraph_format.right_indent = WD_ALIGN_PARAGRAPH.RIGHT, OUTSIDE
    even.alignment, even.paragraph_format.left_indent = WD_ALIGN_PARAGRAPH.LEFT, OUTSIDE
    for paragraph in (odd, even):
        for run in _number_runs():
            paragraph._p.append(run)  # noqa: SLF001 -- python-docx has no fields


def _number_across(section: Any) -> None:
    """The number at the left edge of a page across, turned: there it lies where it does on every other page."""
    section.footer.is_linked_to_previous = section.even_page_footer.is_linked_to_previous = False
    character = OUTSIDE.mm
    length = 40.0
    tops = (210 - EDGE - character - length, BINDING + character)
    for footer, top, side in zip(
        (section.footer, section.even_page_footer), tops, ("right", "left"), strict=True
    ):
        runs = "".join(f"<w:r>{inside}</w:r>" for inside in _number_parts())
        box = (
            f'<w:r {nsdecls("w")} {VML}><w:pict><v:rect stroked="f" filled="f" style="position:absolute;'
            f"margin-left:{25.5 * 72 / 25.4:.1f}pt;margin-top:{top * 72 / 25.4:.1f}pt;"
            f"width:{20:.1f}pt;height:{length * 72 / 25.4:.1f}pt;mso-position-horizontal-relative:page;"
            'mso-position-vertical-relative:page;mso-wrap-style:square;v-text-anchor:top">'
            '<v:textbox style="layout-flow:vertical" inset="0,0,0,0"><w:txbxContent><w:p><w:pPr>'
            f'<w:spacing w:before="0" w:after="0"/><w:jc w:val="{side}"/></w:pPr>{runs}</w:p></w:txbxContent>'
            "</v:textbox></v:rect></w:pict></w:r>"
        )
        footer.paragraphs[0]._p.append(parse_xml(box))  # noqa: SLF001 -- python-docx has no text boxes


def _number_runs() -> list[Any]:
    return [parse_xml(f"<w:r {nsdecls('w')}>{inside}</w:r>") for inside in _number_parts()]


def _number_parts() -> list[str]:
    """What stands in the runs of a page number: a field that a reader counts; 1 is what is seen until then."""
    style = (
        f'<w:rPr><w:rFonts w:ascii="{DIGITS}" w:hAnsi="{DIGITS}" w:eastAsia="{DIGITS}"/>'
        '<w:sz w:val="28"/><w:szCs w:val="28"/></w:rPr>'
    )
    inside = (
        '<w:t xml:space="preserve">— </w:t>', '<w:fldChar w:fldCharType="begin"/>', "<w:instrText>PAGE</w:instrText>",
        '<w:fldChar w:fldCharType="separate"/>', "<w:t>1</w:t>", '<w:fldChar w:fldCharType="end"/>',
        '<w:t xml:space="preserve"> —</w:t>',
    )  # fmt: skip
    return [style + one for one in inside]


# The file -----------------------------------------------------------------------------------------------------


def bytes_of(paper: Any, fonts: Fonts | None = None) -> bytes:
    """The document as a file; the same document gives the same bytes. `fonts`: the house's instead of the official."""
    for one in (*_with_fonts(paper), paper.styles.element):
        _rename(one, fonts or Fonts())
    _name_fonts(paper, fonts or Fonts())
    made = io.BytesIO()
    paper.save(made)
    out = io.BytesIO()
    with zipfile.ZipFile(made) as held, zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as kept:
        for name in held.namelist():
            # The clock of the machine is no part of a paper.
            entry = zipfile.ZipInfo(name, EARLIEST)
            entry.compress_type, entry.external_attr = zipfile.ZIP_DEFLATED, 0o600 << 16
            kept.writestr(entry, held.read(name))
    return out.getvalue()


def _with_fonts(paper: Any) -> list[Any]:
    found = [paper.element]
    for section in paper.sections:
        for footer in (section.footer, section.even_page_footer):
            found += [] if footer.is_linked_to_previous else [footer._element]  # noqa: SLF001
    return found


def _rename(element: Any, fonts: Fonts) -> None:
    names = (fonts.title, fonts.heading, fonts.body, fonts.subheading)
    ours = dict(zip((TITLE_FONT, HEADING_FONT, BODY_FONT, SUBHEADING_FONT), names, strict=True))
    for one in element.iter(qn("w:rFonts")):
        for key, name in one.attrib.items():
            one.set(key, ours.get(name, name))


def _name_fonts(paper: Any, fonts: Fonts) -> None:
    """The table of fonts, with what is taken where one is missing."""
    part = paper.part.part_related_by(RELATIONSHIP_TYPE.FONT_TABLE)
    official = (TITLE_FONT, HEADING_FONT, BODY_FONT, SUBHEADING_FONT)
    ours = (fonts.title, fonts.heading, fonts.body, fonts.subheading)
    named = {mine: INSTEAD[name] for mine, name in zip(ours, official, strict=True)}
    fonts_named = "".join(
        f"<w:font w:name={quoteattr(name)}>"
        + (f"<w:altName w:val={quoteattr(instead)}/>" if instead != name else "")
        + '<w:charset w:val="86"/><w:family w:val="auto"/><w:pitch w:val="default"/></w:font>'
        for name, instead in named.items()
    )
    part._blob = f"{XML}<w:fonts {nsdecls('w')}>{fonts_named}</w:fonts>".encode()  # noqa: SLF001 -- a part without a class
