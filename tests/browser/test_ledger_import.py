"""An existing ledger in a browser: from the file to the review page, by keyboard, without scripts, on a phone."""

from __future__ import annotations

from pathlib import Path

import pytest
import xlsxwriter
from playwright.sync_api import Browser, Page, expect

from supervisor.models import Document, ImportedRow, LedgerUpload, Programme, Role
from tests.browser.conftest import PHONE, Live, sign_in
from tests.browser.walking import Complaints
from tests.builders import NOW, programme, unit, user

HEAD = ("序号", "类别", "重点任务", "责任单位", "配合单位", "完成时限", "进度", "是否办结")
ROWS = (
    ("1", "硬件", "改造老旧小区120个", "市住建局", "市财政局", "2021年12月31日", "35%", "否"),
    ("2", "", "加装电梯60部", "市住建局", "市市场监管局", "2021年13月1日", "50%", "否"),
    ("3", "服务", "建立小区管理委员会", "市民政局", "", "2021年5月底", "100%", "是"),
)


@pytest.fixture
def ledger(tmp_path: Path) -> Path:
    """A ledger with a title above its headings and one day that does not exist."""
    path = tmp_path / "城市更新台账.xlsx"
    with xlsxwriter.Workbook(str(path)) as book:
        page = book.add_worksheet("台账")
        page.merge_range(0, 0, 0, 7, "澄江市2021年城市更新重点任务台账（截至2021年5月31日）")
        for row, cells in enumerate((HEAD, *ROWS), start=1):
            page.write_row(row, 0, cells)
    return path


@pytest.fixture
def of(live_server: Live) -> Programme:
    """A programme with its lead office."""
    found = programme("城市更新")
    user("office", Role.LEAD_OFFICE, found, now=NOW)
    unit("市住建局")
    return found


def test_a_ledger_is_imported_by_keyboard_alone(
    page: Page, live_server: Live, of: Programme, ledger: Path
) -> None:
    said = Complaints().listen(page)
    sign_in(page, live_server, "office")
    page.goto(f"{live_server.url}/p/{of.id}/documents")
    page.get_by_role("link", name="导入已有台账").first.press("Enter")
    page.locator("#file").set_input_files(ledger)
    page.get_by_role("button", name="读取文件").press("Enter")

    expect(page.locator("#column-3")).to_have_value("lead")
    expect(page.locator("#column-4")).to_have_value("responsible")
    page.locator("#column-1").focus()
    page.get_by_role("button", name="检查台账").press("Enter")

    expect(page.get_by_label("F4 完成时限")).to_have_value("2021年13月1日")
    assert Document.select().count() == 0
    page.get_by_label("F4 完成时限").fill("2021-10-01")
    page.get_by_label("F4 完成时限").press("Enter")
    page.get_by_role("button", name="导入 3 项任务并核对").first.press("Enter")

    page.wait_for_url("**/documents/*")
    expect(page.locator(".flash-done")).to_contain_text("已导入 3 项任务")
    expect(page.locator("#task-1")).to_contain_text("加装电梯60部")
    rows = ImportedRow.select().order_by(ImportedRow.row)
    assert [(row.progress, row.closed) for row in rows] == [(35, False), (50, False), (100, True)]
    assert LedgerUpload.select().count() == 0
    assert said.strangers == []
    assert said.errors == []


def test_the_pages_work_without_scripts_and_fit_a_phone(
    browser: Browser, live_server: Live, of: Programme, ledger: Path
) -> None:
    context = browser.new_context(java_script_enabled=False, viewport=PHONE, locale="zh-CN")
    page = context.new_page()
    sign_in(page, live_server, "office")
    measured = []

    def look() -> None:
        # Without scripts nothing can be asked of the page: the widest thing on it is measured from outside.
        boxes = [page.locator(part).bounding_box() for part in ("main", "h1", ".steps")]
        measured.append(max(box["x"] + box["width"] for box in boxes if box))

    page.goto(f"{live_server.url}/p/{of.id}/ledger-import")
    look()
    page.locator("#file").set_input_files(ledger)
    page.get_by_role("button", name="读取文件").click()
    look()
    page.get_by_role("button", name="检查台账").click()
    look()
    page.get_by_label("F4 完成时限").fill("长期")
    page.get_by_role("button", name="按此重新检查").click()
    page.get_by_role("button", name="导入 3 项任务并核对").first.click()
    page.wait_for_url("**/documents/*")
    assert Document.select().count() == 1
    assert max(measured) <= PHONE["width"]
    context.close()
