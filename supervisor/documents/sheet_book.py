"""Tables to .xlsx: one way to write a cell, a heading and a page, shared by all spreadsheets.

Text is always stored as text, so that nothing a unit types can become a formula: written as a string and,
where it begins like a formula, with Excel's quote prefix, which survives the next edit as well.
"""

from __future__ import annotations

import io
from collections.abc import Iterable, Mapping
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

import xlsxwriter

from supervisor.documents.content import CellKind, CellValue, Column, Lamp, Light, Sheet, Workbook

TITLE_FONT, HEADING_FONT, BODY_FONT = "方正小标宋简体", "黑体", "宋体"
INK, SECONDARY, LINE, GROUND, PRIMARY = "#1f2933", "#52606d", "#9aa5b1", "#e4e9ef", "#1f5fbf"
LAMPS = {
    Light.GREEN: ("●", "#1d5c37", "#dcefe3"),
    Light.AMBER: ("▲", "#7a4d0b", "#fbecc8"),
    Light.RED: ("■", "#8f1b14", "#f9d9d6"),
    Light.GREY: ("○", "#4a5661", "#e6eaee"),
}
NUMBER_FORMATS = {
    CellKind.INTEGER: "0",
    CellKind.POINTS: "0.00",
    CellKind.CHANGE: "+0.00;-0.00;0.00",
    CellKind.PERCENT: "0.0%",
    CellKind.DATE: "yyyy-mm-dd",
}
FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r")
LONGEST_TEXT = 32767  # Excel's limit of a cell; XlsxWriter drops a longer one without a word
CUT_MARK = "……（超出单元格长度，余下略）"
A4 = 9
LINE_POINTS, TALLEST_ROW = 14, 409  # Excel allows no taller row
INDENT = 2  # characters that the indent and the borders of a cell take
PAGE_FOOTER = "&C第 &P 页 共 &N 页"


class Book:
    """An .xlsx file being written; `bytes()` closes it. The same content gives the same bytes."""

    def __init__(self, created: datetime, title: str = "") -> None:
        self._buffer = io.BytesIO()
        self.file = xlsxwriter.Workbook(
            self._buffer,
            {
                "in_memory": True,
                "strings_to_formulas": False,
                "strings_to_urls": False,
                "strings_to_numbers": False,
            },
        )
        stamp = created.astimezone(UTC).replace(tzinfo=None, microsecond=0)
        self.file.set_properties({"title": title, "created": stamp})
        self._formats: dict[tuple[tuple[str, Any], ...], Any] = {}

    def format(self, **look: object) -> Any:
        """A cell format with the house's font and ink; each look is made once."""
        look = {"font_name": BODY_FONT, "font_size": 10, "font_color": INK, "valign": "vcenter"} | look
        key = tuple(sorted(look.items()))
        if key not in self._formats:
            self._formats[key] = self.file.add_format(dict(key))
        return self._formats[key]

    def add_page(self, name: str) -> Any:
        """A sheet set up to print: A4 landscape, one page wide, numbered."""
        page = self.file.add_worksheet(name)
        page.set_landscape()
        page.set_paper(A4)
        page.set_margins(left=0.5, right=0.5, top=0.6, bottom=0.7)
        page.fit_to_pages(1, 0)
        page.set_footer(PAGE_FOOTER)
        page.hide_gridlines(2)
        page.ignore_errors({"number_stored_as_text": "A1:XFD1048576"})
        return page

    def text(self, page: Any, row: int, column: int, text: str, **look: object) -> None:
        """Write `text` as text, whatever it begins with; the part beyond Excel's limit is cut and marked."""
        if len(text) > LONGEST_TEXT:
            text = text[: LONGEST_TEXT - len(CUT_MARK)] + CUT_MARK
        if text.startswith(FORMULA_STARTS):
            look["quote_prefix"] = True
        if text:
            page.write_string(row, column, text, self.format(**look))
        else:
            page.write_blank(row, column, None, self.format(**look))

    def across(self, page: Any, row: int, columns: tuple[int, int], text: str, **look: object) -> None:
        """Write `text` over the columns from the first to the last given, merged."""
        first, last = columns
        if last > first:
            page.merge_range(row, first, row, last, "", self.format(**look))
        self.text(page, row, first, text, **look)

    def cell(
        self, page: Any, row: int, column: int, value: CellValue, kind: CellKind, **look: object
    ) -> None:
        """Write one value of a table as its kind is stored: a real number, a real date, text, or a lamp."""
        look = {"border": 1, "border_color": LINE} | look
        if isinstance(value, Lamp):
            shape, ink, ground = LAMPS[value.light]
            look |= {"align": "center", "font_color": ink, "bg_color": ground, "bold": True}
            self.text(page, row, column, f"{shape} {value.word}", **look)
        elif value is None:
            page.write_blank(row, column, None, self.format(**look))
        elif isinstance(value, str):
            aligned = (
                {"align": "left", "indent": 1, "text_wrap": True}
                if kind is CellKind.TEXT
                else {"align": "center"}
            )
            muted = {} if kind in {CellKind.TEXT, CellKind.WORD} else {"font_color": SECONDARY}
            self.text(page, row, column, value, **(aligned | muted | look))
        elif isinstance(value, date):
            look |= {"num_format": NUMBER_FORMATS[CellKind.DATE], "align": "center"}
            page.write_datetime(
                row, column, datetime(value.year, value.month, value.day), self.format(**look)
            )
        else:
            look |= {"num_format": NUMBER_FORMATS.get(kind, "General")}
            look |= {"align": "center"} if kind is CellKind.INTEGER else {"align": "right"}
            stored = Decimal(value).scaleb(-2) if kind is CellKind.PERCENT else value
            page.write_number(row, column, float(stored), self.format(**look))

    def formula(
        self, page: Any, row: int, column: int, formula: str, value: CellValue, kind: CellKind, **look: object
    ) -> None:
        """Write a formula of our own with the result that it gives: readers that do not calculate show that."""
        look = {"border": 1, "border_color": LINE, "num_format": NUMBER_FORMATS.get(kind, "General")} | look
        look |= {"align": "center"} if kind is CellKind.INTEGER else {"align": "right"}
        result = value if isinstance(value, str) else float(Decimal(str(value)))
        page.write_formula(row, column, formula, self.format(**look), result)

    def headings(self, page: Any, row: int, headings: tuple[str, ...], height: float = 30) -> None:
        """Write a table's row of headings, grey and centred."""
        page.set_row(row, height)
        for column, heading in enumerate(headings):
            self.text(
                page, row, column, heading,
                font_name=HEADING_FONT, align="center", text_wrap=True, bg_color=GROUND, border=1, border_color=LINE,
            )  # fmt: skip

    def title(self, page: Any, row: int, last_column: int, text: str) -> None:
        """Write a sheet's title over its columns."""
        page.set_row(row, 36)
        self.across(page, row, (0, last_column), text, font_name=TITLE_FONT, font_size=18, align="center")

    def note(self, page: Any, row: int, widths: tuple[float, ...], text: str) -> None:
        """Write a footnote over all columns; `widths` (in characters) tell how many lines it will take.

        Merged cells never grow with their text, so that the height is set here.
        """
        page.set_row(row, LINE_POINTS * lines_of(text, sum(widths)))
        self.across(
            page, row, (0, len(widths) - 1), text,
            font_size=9, font_color=SECONDARY, text_wrap=True, align="left", valign="top",
        )  # fmt: skip

    def bytes(self) -> bytes:
        """Close the file and return it."""
        self.file.close()
        return self._buffer.getvalue()


def write_workbook(content: Workbook) -> bytes:
    """The .xlsx of plain tables, one to a sheet: filtered, frozen, and set up to print."""
    book = Book(content.created, content.title)
    for sheet in content.sheets:
        write_sheet(book, sheet)
    return book.bytes()


def write_sheet(book: Book, sheet: Sheet) -> None:
    """Add one table to the file: title, line under it, headings, rows, footnotes."""
    page = book.add_page(sheet.name)
    last = len(sheet.columns) - 1
    for position, column in enumerate(sheet.columns):
        page.set_column(position, position, column.width)
    book.title(page, 0, last, sheet.title)
    _line_under_title(book, page, sheet, last)
    book.headings(page, 2, tuple(column.heading for column in sheet.columns))
    for row, values in enumerate(sheet.rows, start=3):
        _write_row(book, page, row, sheet.columns, values)
    page.autofilter(2, 0, 2 + len(sheet.rows), last)
    page.freeze_panes(3, sheet.frozen)
    page.repeat_rows(2)
    widths = tuple(column.width for column in sheet.columns)
    for offset, text in enumerate(sheet.footnotes):
        book.note(page, 4 + len(sheet.rows) + offset, widths, text)


def _line_under_title(book: Book, page: Any, sheet: Sheet, last: int) -> None:
    page.set_row(1, 20)
    half = last // 2
    book.across(page, 1, (0, half), sheet.left, align="left")
    if last > half:
        book.across(page, 1, (half + 1, last), sheet.right, align="right")


def _write_row(
    book: Book, page: Any, row: int, columns: tuple[Column, ...], values: Mapping[str, CellValue]
) -> None:
    texts = [(values.get(column.key), column.width) for column in columns if column.kind is CellKind.TEXT]
    page.set_row(row, row_height((text, width) for text, width in texts if isinstance(text, str)))
    for position, column in enumerate(columns):
        book.cell(page, row, position, values.get(column.key), column.kind)


def row_height(texts: Iterable[tuple[str, float]]) -> float:
    """The height in points that shows each text, wrapped in its width of characters, whole.

    Excel would find it by itself on opening; other programs and previews do not.
    """
    most = max((lines_of(text, width - INDENT) for text, width in texts), default=1)
    return min(LINE_POINTS * most + 4, TALLEST_ROW)


def lines_of(text: str, width: float) -> int:
    """How many lines the text takes where `width` half-width characters fit; a Chinese one takes two."""
    room = max(int(width), 2)
    lines = text.split("\n")
    return sum(
        max(1, -(-sum(1 if character.isascii() else 2 for character in line) // room)) for line in lines
    )
