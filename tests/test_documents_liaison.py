import io
import zipfile
from collections.abc import Sequence
from pathlib import Path

import pytest
import xlsxwriter
from hypothesis import given, settings
from hypothesis import strategies as st

from supervisor.documents import grid
from supervisor.documents.liaison_xlsx import HEADINGS, LiaisonRow, RowProblem, read_liaisons, template
from supervisor.words import say

#: A list from before ranks were asked for: still read.
TITLES = [heading.title for heading in HEADINGS if heading.field != "rank"]
GOOD = [
    "硚口区人民政府",
    "汪 勇",
    "副处长",
    "13800000000",
    "Wang@Example.cn",
    "叶栋槺",
    "13900000000",
    "ye@example.cn",
]


def book(*rows: Sequence[object], hidden: bool = False) -> bytes:
    """An .xlsx with these rows from A1 on; numbers are stored as numbers."""
    buffer = io.BytesIO()
    file = xlsxwriter.Workbook(buffer, {"in_memory": True})
    if hidden:
        page = file.add_worksheet("旧")
        page.write_row(0, 0, ["别的"])
    page = file.add_worksheet("名单")
    for number, cells in enumerate(rows):
        page.write_row(number, 0, cells)
    if hidden:
        page.activate()
        file.get_worksheet_by_name("旧").hide()
    file.close()
    return buffer.getvalue()


def listed(*rows: Sequence[object]) -> bytes:
    return book(TITLES, *rows)


def places(problems: list[RowProblem]) -> list[tuple[int | None, str | None]]:
    return [(problem.row, problem.column) for problem in problems]


def only_sentence(data: bytes) -> str:
    rows, problems = read_liaisons(data)
    assert rows == []
    assert [problem.column for problem in problems] == [None]
    assert not say(problems[0].reason, "zh_CN").isascii()
    return str(problems[0].reason)


def test_a_good_row_comes_back_clean() -> None:
    rows, problems = read_liaisons(listed(GOOD))
    assert problems == []
    assert rows == [
        LiaisonRow(
            2,
            "硚口区人民政府",
            "汪勇",
            "副处长",
            "13800000000",
            "wang@example.cn",
            "叶栋槺",
            "13900000000",
            "ye@example.cn",
        )
    ]


@pytest.mark.parametrize(
    "mobile", [13800000000, 13800000000.0, "138 0000 0000", "+86 138-0000-0000", "１３８００００００００"]
)
def test_a_number_is_the_same_however_it_is_typed(mobile: object) -> None:
    rows, problems = read_liaisons(listed(["市财政局", "李四", "", mobile]))
    assert problems == []
    assert rows[0].mobile == "13800000000"


def test_headings_are_found_below_a_title_in_any_order_and_spelling() -> None:
    headings = ["手 机*", "单位名称", "电子邮箱（必填）", "姓名", "备注"]
    row = ["13800000000", "市财政局", "li@example.cn", "李四", "x"]
    data = book(["2021年联络员名单"], [], ["填写说明：一名"], headings, row)
    rows, problems = read_liaisons(data)
    assert problems == []
    assert rows == [LiaisonRow(5, "市财政局", "李四", "", "13800000000", "li@example.cn")]


def test_a_hidden_sheet_is_passed_over() -> None:
    rows, problems = read_liaisons(book(TITLES, GOOD, hidden=True))
    assert (len(rows), problems) == (1, [])


def test_the_template_filled_in_is_read_back() -> None:
    assert template() == template()
    assert only_sentence(template()) == "There is no row under the headings."
    assert only_sentence(template(["市财政局", "硚口区人民政府"])) == "There is no row under the headings."


def test_a_row_of_the_template_that_nobody_filled_in_is_passed_over() -> None:
    rows, problems = read_liaisons(book(TITLES, GOOD, ["市水务局"]))
    assert (len(rows), problems) == (1, [])


def test_missing_columns_are_named_with_those_found() -> None:
    said = only_sentence(book(["单位", "联络员", "职务"], ["市财政局", "李四", "科长"]))
    assert said == "These columns are missing: 手机、邮箱. Found: 单位、联络员、职务."


def test_no_headings_in_the_first_ten_rows() -> None:
    said = only_sentence(book(*[["x"]] * 10, TITLES, GOOD))
    assert said.startswith("No row of headings was found in the first ten rows: 单位、联络员、手机、邮箱")


def test_a_heading_that_stands_twice_is_refused() -> None:
    assert only_sentence(book([*TITLES, "电话"], GOOD)) == "These headings stand twice: 电话."


@pytest.mark.parametrize(
    ("row", "column"),
    [
        (["", "李四"], "单位"),
        (["市财政局", "", "科长"], "联络员"),
        (["市财政局", "李四", "", "1380000000"], "手机"),
        (["市财政局", "李四", "", "", "li@example"], "邮箱"),
        (["市财政局", "李四", "", "", "li example.cn"], "邮箱"),
        (["市财政局", "李四", "", "", "", "", "13900000000"], "单位负责人"),
        (["市财政局", "李四", "", "", "", "王五", "027-12345678"], "负责人手机"),
        (["市财政局", "李四", "", "", "", "王五", "", "wang＃example.cn"], "负责人邮箱"),
    ],
)
def test_each_bad_row_is_named_by_row_and_column(row: list[object], column: str) -> None:
    if not row[0]:
        row = [*row, "", "13800000000"]
    rows, problems = read_liaisons(listed(GOOD, [], row))
    assert places(problems) == [(4, column)]
    assert [good.row for good in rows] == [2]
    assert not say(problems[0].reason, "zh_CN").isascii()


def test_units_and_addresses_that_stand_twice() -> None:
    rows, problems = read_liaisons(listed(
        GOOD,
        ["硚口区 人民政府", "赵六"],
        ["市财政局", "李四", "", "", "WANG@example.cn"],
        ["市审计局", "钱七", "", "", "qian@example.cn", "孙八", "", "ye@example.cn"],
    ))  # fmt: skip
    assert places(problems) == [(3, "单位"), (4, "邮箱"), (5, "负责人邮箱")]
    assert str(problems[0].reason) == "The unit already stands in row 2."
    assert [row.row for row in rows] == [2]


def test_a_head_may_be_the_liaison_officer_of_the_same_unit() -> None:
    rows, problems = read_liaisons(
        listed(["市财政局", "李四", "", "", "li@example.cn", "李四", "", "li@example.cn"])
    )
    assert (len(rows), problems) == (1, [])


def test_an_old_xls_is_read() -> None:
    rows, problems = read_liaisons((Path(__file__).parent / "files" / "liaisons.xls").read_bytes())
    assert problems == []
    assert [(row.unit, row.name, row.mobile) for row in rows] == [
        ("硚口区人民政府", "汪勇", "13800000000"),
        ("璠城街道办事处", "李四", "13800000001"),
    ]


@pytest.mark.parametrize(
    ("data", "said"),
    [
        (b"", "The file is empty."),
        (b"unit,name\n1,2", "This is not an Excel file. Upload .xlsx or .xls."),
        (grid.ZIP_MAGIC + b"broken", str(grid.BROKEN)),
        (grid.OLE_MAGIC + b"broken", str(grid.BROKEN)),
        (b"PK\x03\x04" + b"x" * grid.LARGEST_FILE, "The file is larger than 5 MB."),
    ],
)
def test_a_file_that_is_no_spreadsheet(data: bytes, said: str) -> None:
    assert only_sentence(data) == said


def packed(**members: bytes) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in members.items():
            archive.writestr(name.replace("_", "/").replace("workbook", "workbook.xml"), content)
    return buffer.getvalue()


def test_another_kind_of_zip_is_no_spreadsheet() -> None:
    assert only_sentence(packed(word_document=b"x")) == "This is not an Excel file. Upload .xlsx or .xls."


def test_a_zip_bomb_is_refused_unopened() -> None:
    bomb = packed(xl_workbook=b"", xl_bomb=b"\0" * (grid.LARGEST_UNPACKED + 1))
    assert len(bomb) < 100_000
    assert only_sentence(bomb) == "The file unpacks to far more than a list can need; it is refused."


def test_a_bomb_that_lies_about_its_size_is_counted_not_believed() -> None:
    bomb = bytearray(packed(xl_workbook=b"", xl_bomb=b"\0" * (grid.LARGEST_UNPACKED + 1)))
    true_size = (grid.LARGEST_UNPACKED + 1).to_bytes(4, "little")
    while (position := bomb.find(true_size)) >= 0:
        bomb[position : position + 4] = (10).to_bytes(4, "little")
    assert only_sentence(bytes(bomb)) in {
        str(grid.BROKEN),
        "The file unpacks to far more than a list can need; it is refused.",
    }


def test_a_small_file_that_asks_for_the_whole_memory_harms_nobody() -> None:
    buffer = io.BytesIO()
    file = xlsxwriter.Workbook(buffer, {"in_memory": True})
    page = file.add_worksheet()
    page.write(0, 0, "单位")
    page.write(1_048_575, 16_383, "x")
    file.close()
    assert len(buffer.getvalue()) < 10_000
    assert (
        only_sentence(buffer.getvalue())
        == "The spreadsheet asks for too much memory. Copy the list into a new file."
    )


def test_a_list_beyond_its_limit_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("supervisor.documents.liaison_xlsx.MOST_ROWS", 2)
    assert (
        only_sentence(listed(*[[f"第{i}局", "李四"] for i in range(3)])) == "The list has more than 2 rows."
    )


@settings(max_examples=25, deadline=None)
@given(
    st.binary(max_size=300).map(lambda tail: grid.OLE_MAGIC + tail)
    | st.binary(max_size=300).map(lambda tail: grid.ZIP_MAGIC + tail)
)
def test_no_bytes_make_it_raise(data: bytes) -> None:
    rows, problems = read_liaisons(data)
    assert (rows, len(problems)) == ([], 1)


def test_e13_a_rank_is_read_from_its_own_column_never_from_the_post() -> None:
    ((first, second), problems) = read_liaisons(
        book(
            [*TITLES, "职级"],
            [*GOOD, " 处 级 "],
            ["市水务局", "赵六", "处长", "13700000000", "zhao@example.cn"],
        )
    )
    assert problems == []
    assert (first.rank, second.rank) == ("处级", "")
