"""Official papers as .docx in the layout of GB/T 9704-2012: red head, title, text, annexes, signature, colophon.

`write_official_docx` writes an `OfficialPaper`; the other functions are its parts, used by papers of other shapes.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any
from xml.sax.saxutils import escape

from docx.enum.section import WD_ORIENT
from docx.enum.text import WD_ALIGN_PARAGRAPH
from docx.oxml import OxmlElement, parse_xml
from docx.oxml.ns import nsdecls, qn
from docx.shared import Pt, RGBColor

from supervisor.documents.content import Column
from supervisor.documents.official_page import BINDING, LINE, VML, bytes_of, landscape, new_paper, portrait
from supervisor.documents.official_paper import (
    BODY_FONT,
    HEADING_FONT,
    SUBHEADING_FONT,
    TITLE_CHARS,
    TITLE_FONT,
    Annex,
    Form,
    OfficialPaper,
    Paragraph,
    annex_of,
    signature_indents,
)
from supervisor.documents.title_lines import balanced_lines, text_width

__all__ = [
    "BODY", "HEADING", "RED", "SUBHEADING", "TITLE", "annex", "bytes_of", "cell", "heading", "landscape", "line",
    "new_paper", "rule", "write_official_docx",
]  # fmt: skip
TITLE, BODY, HEADING, SUBHEADING = TITLE_FONT, BODY_FONT, HEADING_FONT, SUBHEADING_FONT
RED = RGBColor(0xD0, 0, 0)
#: Points of a character of the text. The page's grid gives 156 mm / 28 = 15.79, but readers differ in how they apply it
#: (some set a character that is wider than its cell into two), so that the text is set closer by itself.
CHAR, CLOSER = 15.75, "-5"
INDENT = Pt(2 * CHAR)
#: The mark is at most 初号, and no wider than 154 of the 156 mm.
LARGEST, MARK_WIDTH = 42, 436.0
#: Width of a text in twips: upright, and across.
WIDE, ACROSS = 8845, 12757
#: Twips of the colophon: a line of 四号, the air of a row, and where the text of a page ends, from its head.
COLOPHON_LINE, COLOPHON_AIR, TEXT_FOOT = 440, 60, 14854
#: Characters of 四号 in a line of 抄送, a character free at both ends.
COPIES_CHARS = 26
#: Of a form: the names; the texts have the rest.
NAMES = 1900
#: Control characters that XML cannot hold.
_UNFIT = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")
OFF_GRID = '<w:autoSpaceDE w:val="0"/><w:autoSpaceDN w:val="0"/><w:snapToGrid w:val="0"/>'
FONT_OF_LEVEL = {1: HEADING, 2: SUBHEADING}


def write_official_docx(content: OfficialPaper, created: datetime) -> bytes:
    """A paper as a Word document."""
    paper = new_paper(content.title, content.office, created)
    _head(paper, content)
    heading(paper, content.title, whole=(*content.whole, content.office))
    if content.level:
        line(paper, content.level, font=HEADING, align="center")
    line(paper, "", indent=False)
    if content.to:
        line(paper, f"{content.to}：", indent=False)
    for one in content.body:
        _paragraph(paper, one)
    if content.body:
        paper.paragraphs[-1].paragraph_format.keep_with_next = True
    if content.form:
        _form(paper, content.form)
    if content.annexes:
        _annex_names(paper, content)
    _sign(paper, content)
    if content.slip:
        line(paper, "", indent=False)
        line(paper, content.slip.heading, font=HEADING, align="center").paragraph_format.keep_with_next = True
        _form(paper, content.slip)
    for place, table_of in enumerate(content.annexes, start=1):
        _annex(paper, content.annex_number(place), table_of)
    if content.style.colophon:
        if content.annexes and content.annexes[-1].across:
            portrait(paper)
        _colophon(paper, content)
    return bytes_of(paper, content.style.fonts)


# Head ---------------------------------------------------------------------------------------------------------


def _head(paper: Any, content: OfficialPaper) -> None:
    """The mark 35 mm below the head of the text, the number two lines under it, the red line 4 mm under that."""
    lines = content.mark_lines()
    size = int(min(LARGEST, MARK_WIDTH / max(text_width(one) for one in lines)))
    mark = line(paper, "\n".join(lines), font=TITLE, size=size, align="center", colour=RED)
    mark.paragraph_format.line_spacing = Pt(round(size * 1.2))
    if not content.high:
        # A line of 1.2 times the size has its air above the character.
        mark.paragraph_format.space_before = Pt(35 * 72 / 25.4 - size * 0.15)
    for _blank in range(1 if content.high else 2):
        line(paper, "", indent=False)
    number = content.number or "（未编号）"
    if content.signer:
        made = line(paper, f"　{number}\t签发人：", indent=False)
        _tab(made, WIDE - 316)
        style(made.add_run(content.signer), SUBHEADING, 16)
    else:
        made = line(paper, number, align="center")
    rule(made)
    for _blank in range(1 if content.high else 2):
        line(paper, "", indent=False)


def rule(paragraph: Any) -> None:
    """A red line 4 mm under a paragraph, as wide as the text."""
    edges = OxmlElement("w:pBdr")
    drawn = OxmlElement("w:bottom")
    for name, value in (("val", "single"), ("sz", "12"), ("space", "7"), ("color", "D00000")):
        drawn.set(qn(f"w:{name}"), value)
    edges.append(drawn)
    paragraph._p.get_or_add_pPr().insert_element_before(  # noqa: SLF001 -- python-docx has no borders
        edges, "w:tabs", "w:autoSpaceDE", "w:spacing", "w:ind", "w:jc", "w:rPr"
    )


def _tab(paragraph: Any, at: int) -> None:
    tabs = parse_xml(f'<w:tabs {nsdecls("w")}><w:tab w:val="right" w:pos="{at}"/></w:tabs>')
    paragraph._p.get_or_add_pPr().insert_element_before(tabs, "w:autoSpaceDE", "w:spacing")  # noqa: SLF001


def heading(paper: Any, text: str, *, whole: Sequence[str] = (), size: float = 22) -> None:
    """A title in 二号小标宋, centred, in balanced lines."""
    lines = balanced_lines(text, TITLE_CHARS * 22 / size, whole=whole)
    made = line(paper, "\n".join(lines), font=TITLE, size=size, align="center")
    # A line: the height of the character and 7/8 of that of 三号 (GB/T 9704 3.2).
    made.paragraph_format.line_spacing = Pt(size + 14)
    made.paragraph_format.keep_with_next = True


# Text ---------------------------------------------------------------------------------------------------------


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
    _off_grid(paragraph)
    shape = paragraph.paragraph_format
    shape.space_before = shape.space_after = Pt(0)
    if size <= 16:
        shape.line_spacing = LINE
    if align:
        paragraph.alignment = WD_ALIGN_PARAGRAPH.CENTER if align == "center" else WD_ALIGN_PARAGRAPH.RIGHT
    elif indent:
        paragraph.alignment = WD_ALIGN_PARAGRAPH.JUSTIFY
        shape.first_line_indent = INDENT
        shape._element.pPr.ind.set(qn("w:firstLineChars"), "200")  # noqa: SLF001 -- characters, whatever the font
    if text:
        style(paragraph.add_run(clean(text)), font, size, colour)
    return paragraph


def _off_grid(paragraph: Any) -> None:
    """Lines are set to their exact height and characters to their exact width; no gaps beside digits."""
    properties = paragraph._p.get_or_add_pPr()  # noqa: SLF001 -- python-docx has no word for these
    properties.extend(parse_xml(f"<w:pPr {nsdecls('w')}>{OFF_GRID}</w:pPr>"))


def _paragraph(paper: Any, content: Paragraph) -> None:
    """A paragraph of the text: 一、 in 黑体, （一） in 楷体, all else in 仿宋."""
    made, text = line(paper, ""), content.text
    split = content.heading_length if content.level in FONT_OF_LEVEL else 0
    for part, font in ((text[:split], FONT_OF_LEVEL.get(content.level, BODY)), (text[split:], BODY)):
        if part:
            style(made.add_run(clean(part)), font, 16)
    if content.level and split == len(text):
        made.paragraph_format.keep_with_next = True


def _annex_names(paper: Any, content: OfficialPaper) -> None:
    """附件说明: a line under the text; names that go on stand under their own beginning."""
    line(paper, "", indent=False)
    names = content.annex_names()
    for one in names:
        made = line(paper, one.lstrip("　"), indent=False)
        hang = 3 if len(names) == 1 else 4.5
        shape = made.paragraph_format
        if one.startswith("附件"):
            shape.left_indent, shape.first_line_indent = Pt((2 + hang) * CHAR), Pt(-hang * CHAR)
        else:
            shape.left_indent, shape.first_line_indent = Pt((2 + hang) * CHAR), Pt(-1.5 * CHAR)
        shape.keep_with_next = True


def _sign(paper: Any, content: OfficialPaper) -> None:
    """署名 and date, with room for a seal where there is one; never alone on a page."""
    paper.paragraphs[-1].paragraph_format.keep_with_next = True
    for _blank in range(2 if content.style.sealed and not content.form else 1):
        line(paper, "", indent=False).paragraph_format.keep_with_next = True
    lines = content.signature()
    names, dated = signature_indents(lines, content.day, sealed=content.style.sealed)
    for text, free in (*zip(lines, names, strict=True), (content.day, dated)):
        made = line(paper, text, align="right")
        made.paragraph_format.right_indent = Pt(free * CHAR)
        made.paragraph_format.keep_with_next = text != content.day
    if content.remark:
        line(paper, f"（{content.remark}）")


def _colophon(paper: Any, content: OfficialPaper) -> None:
    """版记 at the foot of the last page: 抄送, 印发机关 and day between lines of 0.35, 0.25 and 0.35 mm.

    It stands in a box whose height is counted, because readers differ in how they align one to the foot.
    """
    rows, heights = [], []
    day = f"{content.day}印发"
    right = int((text_width(day) + 2.5) * 280)
    if content.copies:
        lines = -(-text_width(content.copies) // COPIES_CHARS)
        heights.append(int(lines) * COLOPHON_LINE + COLOPHON_AIR)
        rows.append(_colophon_row([(WIDE, f"抄送：{content.copies}", "hang")], heights[-1], first=True))
    lines = max(1, -(-(text_width(content.printer) + 1) * 280 // (WIDE - right)))
    heights.append(int(lines) * COLOPHON_LINE + COLOPHON_AIR)
    row = [(WIDE - right, content.printer, "left"), (right, day, "right")]
    rows.append(_colophon_row(row, heights[-1], first=not rows, last=True))
    tall = sum(heights) / 20
    table = (
        f'<w:tbl><w:tblPr><w:tblW w:w="{WIDE}" w:type="dxa"/><w:tblLayout w:type="fixed"/><w:tblCellMar>'
        '<w:left w:w="0" w:type="dxa"/><w:right w:w="0" w:type="dxa"/></w:tblCellMar></w:tblPr>'
        f'<w:tblGrid><w:gridCol w:w="{WIDE - right}"/><w:gridCol w:w="{right}"/></w:tblGrid>{"".join(rows)}</w:tbl>'
        '<w:p><w:pPr><w:spacing w:before="0" w:after="0" w:line="20" w:lineRule="exact"/></w:pPr></w:p>'
    )
    box = (
        f'<w:r {nsdecls("w")} {VML} xmlns:w10="urn:schemas-microsoft-com:office:word"><w:pict><v:rect stroked="f" '
        f'filled="f" style="position:absolute;margin-left:{BINDING * 72 / 25.4:.2f}pt;'
        f"margin-top:{TEXT_FOOT / 20 - tall:.2f}pt;width:{WIDE / 20:.2f}pt;height:{tall + 1:.2f}pt;"
        'mso-position-horizontal-relative:page;mso-position-vertical-relative:page">'
        f'<v:textbox inset="0,0,0,0"><w:txbxContent>{table}</w:txbxContent></v:textbox>'
        '<w10:wrap type="topAndBottom"/></v:rect></w:pict></w:r>'
    )
    held = line(paper, "", indent=False)
    held.paragraph_format.line_spacing = Pt(1)
    held._p.append(parse_xml(box))  # noqa: SLF001 -- python-docx has no text boxes


def _colophon_row(
    cells: Sequence[tuple[int, str, str]], height: int, *, first: bool = False, last: bool = False
) -> str:
    """A row of 四号仿宋; 0.35 mm are 8 eighths of a point, 0.25 mm are 6."""
    made = []
    for width, text, side in cells:
        indent = {
            "hang": '<w:ind w:left="1120" w:right="280" w:hanging="840"/>', "left": '<w:ind w:left="280"/>',
            "right": '<w:ind w:right="280"/>',
        }[side]  # fmt: skip
        top, bottom = (8 if first else 6), (8 if last else 6)
        span = '<w:gridSpan w:val="2"/>' if len(cells) == 1 else ""
        made.append(
            f'<w:tc><w:tcPr><w:tcW w:w="{width}" w:type="dxa"/>{span}<w:tcBorders>'
            f'<w:top w:val="single" w:sz="{top}" w:space="0" w:color="000000"/>'
            f'<w:bottom w:val="single" w:sz="{bottom}" w:space="0" w:color="000000"/></w:tcBorders>'
            f'<w:vAlign w:val="center"/></w:tcPr><w:p><w:pPr>{OFF_GRID}'
            f'<w:spacing w:before="0" w:after="0" w:line="{COLOPHON_LINE}" w:lineRule="exact"/>{indent}'
            f'<w:jc w:val="{"right" if side == "right" else "left"}"/></w:pPr>{_run(text, BODY, 14)}</w:p></w:tc>'
        )
    height_of = f'<w:trHeight w:val="{height}" w:hRule="exact"/>'
    return f"<w:tr><w:trPr><w:cantSplit/>{height_of}</w:trPr>{''.join(made)}</w:tr>"


# Tables -------------------------------------------------------------------------------------------------------


def annex(
    paper: Any,
    name: str,
    title: str,
    columns: tuple[Column, ...],
    rows: Iterable[Mapping[str, object]],
    note: str,
) -> None:
    """A table under its number and title, with a column for each key of a row."""
    _fill_annex(paper, name, annex_of(title, columns, list(rows), note))


def _annex(paper: Any, number: str, content: Annex) -> None:
    (landscape if content.across else portrait)(paper)
    _fill_annex(paper, number, content)


def _fill_annex(paper: Any, number: str, content: Annex) -> None:
    """附件1 in the first line, the title in the third, then the table: its head on every page, no row cut in two."""
    line(paper, number, font=HEADING, indent=False)
    line(paper, "", indent=False)
    heading(paper, content.title, size=18)
    section = paper.sections[-1]
    wide = ACROSS if section.orientation == WD_ORIENT.LANDSCAPE else WIDE
    table(paper, content.heads, content.rows, content.widths, numbers=content.numbers, wide=wide)
    if content.note:
        line(paper, content.note, size=12)


def table(
    paper: Any,
    heads: Sequence[str],
    rows: Iterable[Sequence[str]],
    widths: Sequence[float],
    *,
    numbers: Sequence[bool] = (),
    wide: int = WIDE,
    size: float = 10.5,
) -> None:
    """A ruled table in the width of the text; columns of numbers are centred."""
    total = sum(widths)
    measures = [int(wide * one / total) for one in widths]
    centred = numbers or (False,) * len(heads)
    head = "".join(
        _cell(text, width, HEADING, size, "center") for text, width in zip(heads, measures, strict=True)
    )
    made = [f"<w:tr><w:trPr><w:cantSplit/><w:tblHeader/></w:trPr>{head}</w:tr>"]
    for row in rows:
        cells = "".join(
            _cell(text, width, BODY, size, "center" if middle else "left")
            for text, width, middle in zip(row, measures, centred, strict=True)
        )
        made.append(f"<w:tr><w:trPr><w:cantSplit/></w:trPr>{cells}</w:tr>")
    _put_table(paper, measures, made)


def _form(paper: Any, content: Form) -> None:
    """Names and texts in two columns."""
    measures = [NAMES, WIDE - NAMES]
    rows = [
        f"<w:tr><w:trPr><w:cantSplit/></w:trPr>{_cell(name, NAMES, HEADING, 12, 'left', 40)}"
        f"{_cell(text, WIDE - NAMES, BODY, 12, 'left', 40)}</w:tr>"
        for name, text in content.rows
    ]
    _put_table(paper, measures, rows)


def _put_table(paper: Any, measures: Sequence[int], rows: Sequence[str]) -> None:
    edges = "".join(
        f'<w:{side} w:val="single" w:sz="4" w:space="0" w:color="000000"/>'
        for side in ("top", "left", "bottom", "right", "insideH", "insideV")
    )
    grid = "".join(f'<w:gridCol w:w="{one}"/>' for one in measures)
    made = (
        f'<w:tbl {nsdecls("w")}><w:tblPr><w:tblW w:w="{sum(measures)}" w:type="dxa"/><w:jc w:val="center"/>'
        f'<w:tblBorders>{edges}</w:tblBorders><w:tblLayout w:type="fixed"/><w:tblCellMar>'
        '<w:left w:w="60" w:type="dxa"/><w:right w:w="60" w:type="dxa"/></w:tblCellMar></w:tblPr>'
        f"<w:tblGrid>{grid}</w:tblGrid>{''.join(rows)}</w:tbl>"
    )
    paper.element.body.insert_element_before(parse_xml(made), "w:sectPr")


def _cell(text: str, width: int, font: str, size: float, side: str, air: int = 20) -> str:
    # Lines of a table are closer than those of the grid; an empty cell is as high as the mark of its paragraph.
    mark = f'<w:rPr><w:sz w:val="{round(size * 2)}"/><w:szCs w:val="{round(size * 2)}"/></w:rPr>'
    return (
        f'<w:tc><w:tcPr><w:tcW w:w="{width}" w:type="dxa"/><w:vAlign w:val="center"/></w:tcPr><w:p><w:pPr>'
        f'{OFF_GRID}<w:spacing w:before="{air}" w:after="{air}" w:line="240" w:lineRule="auto"/>'
        f'<w:jc w:val="{side}"/>{mark}</w:pPr>{_run(text, font, size)}</w:p></w:tc>'
    )


def _run(text: str, font: str, size: float) -> str:
    """A run's XML; lines of a text become lines of its cell."""
    inside = "<w:br/>".join(
        f'<w:t xml:space="preserve">{escape(one)}</w:t>' for one in clean(text).split("\n")
    )
    half = round(size * 2)
    return (
        f'<w:r><w:rPr><w:rFonts w:ascii="{font}" w:hAnsi="{font}" w:eastAsia="{font}"/><w:sz w:val="{half}"/>'
        f'<w:szCs w:val="{half}"/></w:rPr>{inside}</w:r>'
    )


def cell(at: Any, text: str, font: str, size: float = 10.5) -> None:
    """Write into a table's cell, off the page's grid: the body's wide lines and characters are not for tables."""
    paragraph = at.paragraphs[0]
    _off_grid(paragraph)
    shape = paragraph.paragraph_format
    shape.space_before, shape.space_after, shape.line_spacing = Pt(2), Pt(2), Pt(size * 1.5)
    style(paragraph.add_run(clean(text)), font, size)


def columns(table: Any, widths: Sequence[Any]) -> None:
    """Widths of a table's columns, said to every reader of the file; its first row stands again on each page.

    Word goes by the cells, others by the grid. A row stays on one page.
    """
    for column, width in zip(table.columns, widths, strict=True):
        column.width = width
        for at in column.cells:
            at.width = width
    for number, row in enumerate(table.rows):
        properties = row._tr.get_or_add_trPr()  # noqa: SLF001 -- python-docx has no word for these
        for name in ("w:cantSplit", *(() if number else ("w:tblHeader",))):
            properties.append(OxmlElement(name))


def style(run: Any, font: str, size: float, colour: Any = None) -> None:
    """Font, size and colour of a run."""
    run.font.name, run.font.size = font, Pt(size)
    run._r.get_or_add_rPr().get_or_add_rFonts().set(qn("w:eastAsia"), font)  # noqa: SLF001 -- only so for Chinese
    if size == 16:
        closer = OxmlElement("w:spacing")
        closer.set(qn("w:val"), CLOSER)
        run._r.rPr.insert_element_before(closer, "w:w", "w:kern", "w:position", "w:sz", "w:szCs")  # noqa: SLF001
    if colour is not None:
        run.font.color.rgb = colour


def clean(text: str) -> str:
    """The text without signs that no Word document can hold."""
    return _UNFIT.sub("", text)
