"""An empty ledger (台账) with the columns that the import knows, to fill in with Excel or WPS."""

from __future__ import annotations

from datetime import UTC, datetime

from supervisor.documents.sheet_book import Book

#: Heading and width in characters.
COLUMNS = (
    ("序号", 6), ("类别", 14), ("任务名称", 30), ("工作内容", 40), ("牵头单位", 20), ("责任单位", 30),
    ("完成时限", 14), ("进度", 8), ("进展情况", 36), ("状态", 10), ("办结时间", 14), ("责任人", 12), ("备注", 20),
)  # fmt: skip
HINT = (
    "填写说明：一行一项任务；多个单位用顿号分开；完成时限可写 2021-06-30、2021年6月底、长期；进度写百分比；"
    "状态写未启动、进行中或已完成；没有的留空，不用的列可以删去。涉密内容不得填入。"
)
STATES = ["未启动", "进行中", "已完成"]
ROWS = 300  # prepared, so that days look alike and lists open


def ledger_template() -> bytes:
    """The empty ledger as the bytes of an .xlsx file."""
    book = Book(datetime(2021, 1, 1, tzinfo=UTC), "台账")
    page = book.add_page("台账")
    widths = tuple(float(width) for _, width in COLUMNS)
    for position, width in enumerate(widths):
        page.set_column(position, position, width)
    book.title(page, 0, len(COLUMNS) - 1, "重点任务台账")
    book.note(page, 1, widths, HINT)
    book.headings(page, 2, tuple(name for name, _ in COLUMNS))
    names = [name for name, _ in COLUMNS]
    look = {"border": 1, "border_color": "#d9e2ec", "text_wrap": True, "valign": "top"}
    formats = {"进度": "0%", "完成时限": "yyyy-mm-dd", "办结时间": "yyyy-mm-dd", "序号": "0"}
    for row in range(3, 3 + ROWS):
        for column, name in enumerate(names):
            page.write_blank(row, column, None, book.format(**look, num_format=formats.get(name, "@")))
    state = names.index("状态")
    page.data_validation(
        3, state, 2 + ROWS, state, {"validate": "list", "source": STATES, "error_type": "warning"}
    )
    page.data_validation(
        3, names.index("进度"), 2 + ROWS, names.index("进度"),
        {"validate": "decimal", "criteria": "between", "minimum": 0, "maximum": 1, "error_type": "warning",
         "error_title": "进度", "error_message": "请写 0% 至 100%。"},
    )  # fmt: skip
    page.freeze_panes(3, 3)
    page.repeat_rows(2)
    return book.bytes()
