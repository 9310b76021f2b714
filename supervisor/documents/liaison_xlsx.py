"""The list of liaison officers (联络员名单) as a blank .xlsx, and back from one that a unit has filled in.

Reading gives good rows and problems side by side; whether one problem refuses the whole list is the core's
decision. Problems are sentences for the reader and name row and column as Excel shows them.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from supervisor.documents.grid import GridRefused, read_grid
from supervisor.documents.sheet_book import SECONDARY, Book
from supervisor.words import N_, Sentence

MOST_ROWS = 5000
HEADING_WITHIN = 10  # rows from the top


@dataclass(frozen=True)
class Heading:
    """A column of the list: its field in LiaisonRow, heading, other names it goes by, width in characters."""

    field: str
    title: str
    also: tuple[str, ...]
    width: int
    is_required: bool = False


HEADINGS = (
    Heading("unit", "单位", ("单位名称", "责任单位", "成员单位"), 26, is_required=True),
    Heading("name", "联络员", ("联络员姓名", "姓名"), 12, is_required=True),
    Heading("post", "职务", ("联络员职务", "职务职级"), 20),
    Heading("rank", "职级", ("联络员职级", "级别", "行政级别"), 12),
    Heading("mobile", "手机", ("手机号", "手机号码", "联系电话", "电话", "联络员手机"), 16, is_required=True),
    Heading("email", "邮箱", ("电子邮箱", "电子邮件", "email", "e-mail", "联络员邮箱"), 26, is_required=True),
    Heading("head", "单位负责人", ("负责人", "负责人姓名", "分管负责人"), 12),
    Heading("head_mobile", "负责人手机", ("负责人电话", "负责人手机号", "负责人联系电话"), 16),
    Heading("head_email", "负责人邮箱", ("负责人电子邮箱", "负责人电子邮件"), 26),
)
TITLE_OF = {heading.field: heading.title for heading in HEADINGS}
FIELD_OF = {name: heading.field for heading in HEADINGS for name in (heading.title, *heading.also)}

HINT = "填写说明：每个单位一行，单位用全称；联络员一名；手机、邮箱用于接收提醒；没有的项目留空。请勿改动第3行标题。"
TEMPLATE_ROWS = 200  # prepared as text, so that Excel does not turn a number into 1.38E+10

MOBILE = re.compile(r"1[3-9]\d{9}", re.ASCII)
EMAIL = re.compile(r"[a-z0-9.!#$%&'*+/=?^_`{|}~-]+@[a-z0-9-]+(\.[a-z0-9-]+)+", re.ASCII)
BETWEEN_CHINESE = re.compile(
    r"(?<=[\u3400-\u9fff\U00020000-\U0003ffff·])\s+(?=[\u3400-\u9fff\U00020000-\U0003ffff·])"
)


@dataclass(frozen=True)
class LiaisonRow:
    """One unit's liaison officer and head; `row` as Excel counts. Empty text where nothing was given."""

    row: int
    unit: str
    name: str
    post: str = ""
    mobile: str = ""
    email: str = ""
    head: str = ""
    head_mobile: str = ""
    head_email: str = ""
    rank: str = ""


@dataclass(frozen=True)
class RowProblem:
    """What is wrong where: `row` as Excel counts, or None for the whole file; `column` its heading, or None."""

    row: int | None
    column: str | None
    reason: Sentence


def template(units: Sequence[str] = ()) -> bytes:
    """A list to fill in, as the bytes of an .xlsx file; `units` already stand in its first column."""
    book = Book(datetime(2021, 1, 1, tzinfo=UTC), "联络员名单")
    page = book.add_page("联络员名单")
    for position, heading in enumerate(HEADINGS):
        page.set_column(position, position, heading.width)
    last = len(HEADINGS) - 1
    book.title(page, 0, last, "联络员名单")
    book.across(page, 1, (0, last), HINT, font_color=SECONDARY, text_wrap=True, align="left")
    page.set_row(1, 20)
    book.headings(page, 2, tuple(heading.title for heading in HEADINGS))
    blank = book.format(num_format="@", border=1, border_color="#d9e2ec", text_wrap=True)
    for row in range(3, 3 + max(TEMPLATE_ROWS, len(units))):
        for column in range(len(HEADINGS)):
            page.write_blank(row, column, None, blank)
    for row, unit in enumerate(units, start=3):
        page.write_string(row, 0, unit, blank)
    page.freeze_panes(3, 1)
    page.repeat_rows(2)
    return book.bytes()


def read_liaisons(data: bytes) -> tuple[list[LiaisonRow], list[RowProblem]]:
    """The good rows of a filled-in list, and every problem with its place; never raises for a bad file.

    `data` is .xlsx or .xls. The row of headings may stand anywhere in the first ten rows, its columns in any
    order. A row with a problem is not among the good rows.
    """
    try:
        grid = read_grid(data, rows=MOST_ROWS + HEADING_WITHIN + 1)
    except GridRefused as refusal:
        return [], [RowProblem(None, None, refusal.sentence)]
    found = _find_headings(grid)
    missing = [
        heading.title for heading in HEADINGS if heading.is_required and heading.field not in found.columns
    ]
    if missing or found.doubled:
        return [], [_heading_problem(missing, found)]
    unit = found.columns["unit"]
    # A row that holds nothing but the unit is one of the template's that nobody has filled in yet.
    filled = [
        (number, cells)
        for number, cells in enumerate(grid, start=1)
        if number > found.row and any(cell for place, cell in enumerate(cells) if place != unit)
    ]
    if not filled:
        return [], [RowProblem(None, None, N_("There is no row under the headings."))]
    if len(filled) > MOST_ROWS:
        return [], [RowProblem(None, None, N_("The list has more than %(most)s rows.", most=MOST_ROWS))]
    rows = [_row_of(number, cells, found.columns) for number, cells in filled]
    problems = sorted(
        [problem for row in rows for problem in _problems_of(row)] + _duplicates(rows),
        key=lambda one: one.row or 0,
    )
    bad = {problem.row for problem in problems}
    return [row for row in rows if row.row not in bad], problems


@dataclass(frozen=True)
class _Headings:
    """The row of headings as found: its number, the position of each field, what stands there, what twice."""

    row: int
    columns: dict[str, int]
    seen: tuple[str, ...]
    doubled: tuple[str, ...]


def _find_headings(grid: list[list[str]]) -> _Headings:
    """The row among the first ten that names most columns; an empty one where none names any."""
    best = _Headings(0, {}, (), ())
    for number, cells in enumerate(grid[:HEADING_WITHIN], start=1):
        columns: dict[str, int] = {}
        doubled = []
        for position, cell in enumerate(cells):
            field = FIELD_OF.get(_heading_word(cell))
            if field in columns:
                doubled.append(cell)
            elif field is not None:
                columns[field] = position
        if len(columns) > len(best.columns):
            best = _Headings(number, columns, tuple(cell for cell in cells if cell), tuple(doubled))
    return best


def _heading_word(cell: str) -> str:
    """A heading without spaces, stars and what stands in brackets: "手 机（必填）*" is 手机."""
    word = unicodedata.normalize("NFKC", cell).lower()
    return re.sub(r"\(.*?\)|[\s*:]", "", word)


def _heading_problem(missing: list[str], found: _Headings) -> RowProblem:
    if not found.columns:
        sentence = N_("No row of headings was found in the first ten rows: %(missing)s are needed.")
    elif missing:
        sentence = N_("These columns are missing: %(missing)s. Found: %(found)s.")
    else:
        sentence = N_("These headings stand twice: %(doubled)s.")
    params = {
        "missing": "、".join(missing),
        "found": "、".join(found.seen),
        "doubled": "、".join(found.doubled),
    }
    return RowProblem(found.row or None, None, Sentence(sentence.msgid, params))


def _row_of(number: int, cells: list[str], columns: dict[str, int]) -> LiaisonRow:
    values = {
        field: CLEANED_BY[field](cells[position]) if position < len(cells) else ""
        for field, position in columns.items()
    }
    return LiaisonRow(row=number, **values)


def _clean_name(text: str) -> str:
    """A name without its typographic space: 汪 勇 is 汪勇."""
    return BETWEEN_CHINESE.sub("", " ".join(text.split()))


def _clean_mobile(text: str) -> str:
    digits = re.sub(r"[\s\-()]", "", unicodedata.normalize("NFKC", text))
    return digits.removeprefix("+86")


def _clean_email(text: str) -> str:
    return unicodedata.normalize("NFKC", text).strip().lower().removeprefix("mailto:")


CLEANED_BY: dict[str, Callable[[str], str]] = {
    "unit": _clean_name,
    "name": _clean_name,
    "post": _clean_name,
    "rank": _clean_name,
    "mobile": _clean_mobile,
    "email": _clean_email,
    "head": _clean_name,
    "head_mobile": _clean_mobile,
    "head_email": _clean_email,
}


def _problems_of(row: LiaisonRow) -> Iterable[RowProblem]:
    """What is wrong inside one row."""
    for field, given in (("unit", row.unit), ("name", row.name)):
        if not given:
            yield RowProblem(row.row, TITLE_OF[field], N_("This must be filled in."))
    if not row.head and (row.head_mobile or row.head_email):
        yield RowProblem(row.row, TITLE_OF["head"], N_("A number or address is given, but no name."))
    for field, given in (("mobile", row.mobile), ("head_mobile", row.head_mobile)):
        if given and not MOBILE.fullmatch(given):
            yield RowProblem(
                row.row, TITLE_OF[field], N_("Not a mobile number of 11 digits: %(given)s", given=given)
            )
    for field, given in (("email", row.email), ("head_email", row.head_email)):
        if given and not EMAIL.fullmatch(given):
            yield RowProblem(row.row, TITLE_OF[field], N_("Not an e-mail address: %(given)s", given=given))


def _duplicates(rows: list[LiaisonRow]) -> list[RowProblem]:
    """Units named twice, and e-mail addresses given to two people (an address is how a person signs in).

    The head of a unit may be its liaison officer, under one name in one row.
    """
    problems = []
    units: dict[str, int] = {}
    people: dict[str, tuple[int, str]] = {}
    for row in rows:
        if row.unit and units.setdefault(row.unit, row.row) != row.row:
            reason = N_("The unit already stands in row %(row)s.", row=units[row.unit])
            problems.append(RowProblem(row.row, TITLE_OF["unit"], reason))
        for field, email, name in (("email", row.email, row.name), ("head_email", row.head_email, row.head)):
            if email and people.setdefault(email, (row.row, name)) != (row.row, name):
                reason = N_("The address already stands in row %(row)s.", row=people[email][0])
                problems.append(RowProblem(row.row, TITLE_OF[field], reason))
    return problems
