"""The file of an existing ledger: what is read from it, and why a file is refused and what to do about it."""

from __future__ import annotations

import io
import struct
import zipfile
from collections.abc import Callable
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
import xlsxwriter

from supervisor.core.ledger_choices import propose
from supervisor.core.ledger_reading import Answers
from supervisor.core.ledger_rows import read_rows
from supervisor.documents import ledger_sheets, sheets_child
from supervisor.documents.content import LedgerContent, LedgerRow
from supervisor.documents.grid import GridRefused
from supervisor.documents.ledger_sheets import Sheets, from_plain, read_plain
from supervisor.documents.ledger_template import ledger_template
from supervisor.words import say

XLS = Path(__file__).parent / "files" / "ledger.xls"
DAY = date(2021, 6, 1)


def book(fill: Callable[[Any, Any], None], **options: object) -> bytes:
    """An .xlsx whose sheet 台账 was filled by `fill(workbook, page)`."""
    buffer = io.BytesIO()
    file = xlsxwriter.Workbook(buffer, {"in_memory": True, **options})
    fill(file, file.add_worksheet("台账"))
    file.close()
    return buffer.getvalue()


def simple(_file: Any, page: Any) -> None:
    page.write_row(0, 0, ["任务名称", "责任单位"])
    page.write_row(1, 0, ["修桥", "市交通局"])


def with_formula(_file: Any, page: Any) -> None:
    page.write_string(0, 0, "x")
    page.write_formula(0, 1, "=A1")


def five_rows(_file: Any, page: Any) -> None:
    page.write_column(0, 0, ["x"] * 5)


def rewritten(data: bytes, change: dict[str, bytes]) -> bytes:
    """The same archive with some members replaced or added."""
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(data)) as old, zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as new:
        for name in old.namelist():
            new.writestr(name, change.pop(name, old.read(name)))
        for name, content in change.items():
            new.writestr(name, content)
    return out.getvalue()


def read(data: bytes, name: str = "台账.xlsx") -> Sheets:
    return from_plain(read_plain(data, name))


def refusal(data: bytes, name: str = "台账.xlsx") -> str:
    with pytest.raises(GridRefused) as refused:
        read_plain(data, name)
    assert not say(refused.value.sentence, "zh_CN").isascii()
    return str(refused.value)


# ---- what is read


def test_cells_are_read_as_they_look() -> None:
    def fill(file: Any, page: Any) -> None:
        page.write_datetime(
            0, 0, datetime(2021, 6, 30), file.add_format({"num_format": 'yyyy"年"m"月"d"日"'})
        )
        page.write_number(0, 1, 0.355, file.add_format({"num_format": "0.0%"}))
        page.write_number(0, 2, 13)
        page.write_formula(0, 3, "=B9", None, "缓存的值")
        page.write_string(0, 4, "=1+1")
        page.write_string(0, 5, "市住建局\n市财政局")
        page.write_formula(1, 0, "=A99", None, "#REF!")
        page.write_string(1, 1, "x")
        page.set_row(1, None, None, {"hidden": True})
        page.merge_range(2, 0, 3, 0, "合并")

    sheet = read(book(fill)).sheets[0]
    assert sheet.cells[0] == ["2021-06-30", "35.5%", "13", "缓存的值", "=1+1", "市住建局\n市财政局"]
    assert sheet.errors == {(1, 0): "#REF!"}
    assert sheet.hidden == {1}
    assert sheet.merges == [[2, 0, 3, 0]]


def test_a_formula_without_a_stored_value_is_known() -> None:
    data = book(with_formula)
    part = (
        zipfile.ZipFile(io.BytesIO(data)).read("xl/worksheets/sheet1.xml").replace(b"</f><v>0</v>", b"</f>")
    )
    assert read(rewritten(data, {"xl/worksheets/sheet1.xml": part})).sheets[0].errors == {(0, 1): "="}


def test_days_since_1904_are_the_same_days() -> None:
    def fill(file: Any, page: Any) -> None:
        page.write_datetime(0, 0, datetime(2021, 6, 30), file.add_format({"num_format": "yyyy-mm-dd"}))

    found = read(book(fill, date_1904=True))
    assert found.since_1904
    assert found.sheets[0].cells == [["2021-06-30"]]
    assert not read(book(fill)).since_1904


def test_every_visible_sheet_is_offered_and_hidden_ones_are_named() -> None:
    def fill(file: Any, page: Any) -> None:
        simple(file, page)
        file.add_worksheet("空")
        simple(file, file.add_worksheet("五月"))
        hidden = file.add_worksheet("旧")
        simple(file, hidden)
        hidden.hide()

    found = read(book(fill))
    assert [sheet.name for sheet in found.sheets] == ["台账", "五月"]
    assert found.unseen == ("旧",)


def test_merged_cells_are_cut_to_what_is_read_and_never_more_than_fit() -> None:
    assert list(sheets_child.clipped([((0, 0), (99, 99)), ((3, 0), (4, 0))], 2, 3)) == [(0, 0, 1, 2)]
    assert list(sheets_child.clipped([((0, 0), (1, 1))] * 5, 2, 4)) == [(0, 0, 1, 1)] * 2


def test_an_old_excel_file_is_read_like_a_new_one() -> None:
    found = read(XLS.read_bytes(), "台账.xls")
    sheet = found.sheets[0]
    assert sheet.cells[2] == ["1", "补植行道树", "市园林局", "2021-06-30", "35%"]
    assert sheet.errors == {(3, 4): "#DIV/0!"}
    assert sheet.hidden == {3}
    assert sheet.merges == [[0, 0, 0, 4]]
    choices = propose(found, 0, "台账.xls", DAY)
    assert (choices.first, choices.title) == (1, "澄江市绿化重点任务台账（2021年）")


def test_a_small_old_excel_file_lies_in_small_sectors() -> None:
    """[MS-CFB] keeps streams below 4096 bytes elsewhere; made by hand, since no writer of ours makes one."""
    stream = struct.pack("<HH", 0x22, 2) + b"\x01\x00"
    header = (
        b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
        + bytes(16)
        + struct.pack("<HHHHH", 62, 3, 0xFFFE, 9, 6)
        + bytes(10)
    )
    header += struct.pack("<IIIIIIII", 1, 1, 0, 4096, 2, 1, 0xFFFFFFFE, 0) + struct.pack("<I", 0)
    header += struct.pack("<I", 0xFFFFFFFF) * 108
    fat = struct.pack("<IIII", 0xFFFFFFFD, 0xFFFFFFFE, 0xFFFFFFFE, 0xFFFFFFFE) + b"\xff" * 496
    root = "Root Entry".encode("utf-16-le").ljust(64, b"\0") + bytes(52) + struct.pack("<III", 3, 64, 0)
    entry = (
        "Workbook".encode("utf-16-le").ljust(64, b"\0") + bytes(52) + struct.pack("<III", 0, len(stream), 0)
    )
    small = struct.pack("<I", 0xFFFFFFFE) + b"\xff" * 508
    data = header + fat + (root + entry).ljust(512, b"\0") + small + stream.ljust(512, b"\0")
    assert sheets_child.workbook_stream(data) == stream
    assert sheets_child.xls_traits(data) == ({}, True)
    assert sheets_child.xls_traits(data[:600]) == ({}, False)


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030", "utf-16"])
@pytest.mark.parametrize("mark", [",", "\t", ";"])
def test_a_csv_is_read_in_the_encodings_of_offices(encoding: str, mark: str) -> None:
    text = f'任务名称{mark}责任单位\r\n"修桥，铺路"{mark}"市交通局\n市城管局"\r\n=1+1{mark}\r\n'
    sheet = read(text.encode(encoding), "台账.csv").sheets[0]
    assert sheet.cells == [["任务名称", "责任单位"], ["修桥，铺路", "市交通局\n市城管局"], ["=1+1", ""]]


def test_a_csv_in_gb18030_with_a_mark_keeps_its_first_heading() -> None:
    data = "\ufeff序号,任务名称,责任单位\r\n1,修桥,市交通局\r\n".encode("gb18030")
    assert read(data, "台账.csv").sheets[0].cells[0][0] == "序号"


def test_rows_beyond_the_limit_are_counted_not_read(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ledger_sheets, "MOST_ROWS", 3)
    excel = read(book(five_rows)).sheets[0]
    plain = read(b"x,y\n" * 5, "a.csv").sheets[0]
    assert [(len(sheet.cells), sheet.cut) for sheet in (excel, plain)] == [(3, 2), (3, 2)]


def test_the_template_filled_in_is_read_back() -> None:
    found = read(ledger_template())
    choices = propose(found, 0, "台账.xlsx", DAY)
    names = choices.headings_in(found.sheets[0]).names
    assert [field.value for field in choices.fields] == [
        "number", "category", "title", "text", "lead", "responsible", "due", "progress", "said", "state",
        "closed_on", "keep", "keep",
    ]  # fmt: skip
    assert names[2] == "任务名称"
    assert ledger_template() == ledger_template()


def test_our_own_ledger_is_read_back() -> None:
    from supervisor.documents.ledger_xlsx import write_ledger

    row = LedgerRow(
        number=1, category="绿化", task="补植行道树", lead_units="市园林局", responsible_units="市水务局",
        due=date(2021, 6, 30), actual=Decimal(35), progress="已补植百株",
    )  # fmt: skip
    content = LedgerContent(
        title="澄江市绿化台账", filled_by="市园林局", as_of=date(2021, 5, 31), rows=(row,),
        created=datetime(2021, 6, 1, tzinfo=UTC), audit_head="1-ab",
    )  # fmt: skip
    found = read(write_ledger(content))
    choices = propose(found, 0, "x.xlsx", DAY)
    sheet = found.sheets[0]
    task = read_rows(
        sheet, choices.headings_in(sheet), Answers(), base=DAY, as_of=choices.as_of, since_1904=False
    ).tasks[0]
    assert (choices.title, choices.as_of) == ("澄江市绿化台账", date(2021, 5, 31))
    assert (task.title, task.lead, task.due_on, task.progress) == (
        "补植行道树",
        ("市园林局",),
        date(2021, 6, 30),
        35,
    )


# ---- what is refused


@pytest.mark.parametrize(
    ("data", "name", "said"),
    [
        (b"", "a.xlsx", "empty"),
        (b"%PDF-1.7 \x00\x01", "a.xlsx", "not a spreadsheet"),
        (b"just a line of text", "a.xlsx", "not a spreadsheet"),
        (b"PK\x03\x04 broken", "a.xlsx", "damaged"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1 broken", "a.xls", "damaged"),
        (b"\xd0\xcf\x11\xe0" + b"x" * 600, "a.et", "In WPS choose Save as, type .xlsx"),
        (b"PK\x03\x04", "a.xlsm", "macros"),
        (b"<html><table><tr><td>\xe4\xbb\xbb\xe5\x8a\xa1</td></tr></table>", "a.xls", "web page"),
        (b" ,\n,\n", "a.csv", "nothing in the visible sheets"),
        (b"\xff\xff\xff,\xff", "a.csv", "not a spreadsheet"),
    ],
)
def test_a_file_that_is_no_ledger_is_refused_with_what_to_do(data: bytes, name: str, said: str) -> None:
    assert said in refusal(data, name)


def test_macros_inside_are_found_whatever_the_file_is_called() -> None:
    assert "macros" in refusal(rewritten(book(simple), {"xl/vbaProject.bin": b"x"}))


def test_a_password_is_named() -> None:
    locked = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(600) + "EncryptedPackage".encode("utf-16-le")
    assert "password" in refusal(locked)


def test_a_word_file_is_no_ledger() -> None:
    data = io.BytesIO()
    with zipfile.ZipFile(data, "w") as file:
        file.writestr("word/document.xml", "<x/>")
    assert "not a spreadsheet" in refusal(data.getvalue())


def test_a_file_that_is_too_large_is_refused_before_it_is_opened() -> None:
    assert refusal(b"PK\x03\x04" + bytes(20 * 1024 * 1024)) == "The file is larger than 10 MB."


def test_a_zip_bomb_is_refused() -> None:
    assert "unpacks" in refusal(rewritten(book(simple), {"xl/media/image1.png": bytes(120 * 1024 * 1024)}))


def test_a_document_type_inside_is_refused() -> None:
    data = book(simple)
    part = zipfile.ZipFile(io.BytesIO(data)).read("xl/workbook.xml")
    evil = part.replace(b"<workbook", b'<!DOCTYPE x [<!ENTITY a "b">]><workbook', 1)
    assert "damaged" in refusal(rewritten(data, {"xl/workbook.xml": evil}))


def test_a_cell_in_the_last_corner_takes_no_memory_of_ours() -> None:
    def fill(_file: Any, page: Any) -> None:
        page.write_string(0, 0, "任务名称")
        page.write_string(1048575, 16383, "x")

    assert "memory" in refusal(book(fill))
