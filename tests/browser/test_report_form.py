"""A liaison's month in a real browser: sign for, write (kept while typing), hand in, receipt; and on a phone."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from supervisor.models import AssignmentState, Entry, Obligation, Report, Role
from tests import builders as b
from tests.browser.conftest import PHONE, Live, sign_in


@dataclass
class Case:
    url: str
    obligation: Obligation
    entries: list[Entry]


@pytest.fixture
def case(live_server: Live) -> Case:
    programme, unit = b.programme(), b.unit("甲局")
    plan = b.plan(programme)
    obligation = b.obligation(unit, programme)
    Obligation.update(opens_at=b.at("2021-05-01 00:00")).execute()
    links = [
        b.assignment(b.task(plan, title), unit, state=AssignmentState.ISSUED)
        for title in ("加装电梯", "改造管网")
    ]
    entries = [b.entry(obligation, link) for link in links]
    b.user("liaison", Role.LIAISON, programme, unit)
    return Case(f"{live_server.url}/p/{programme.id}", obligation, entries)


def test_from_signing_for_to_the_receipt(case: Case, live_server: Live, page: Page) -> None:
    sign_in(page, live_server, "liaison")
    page.goto(f"{case.url}/tasks")
    page.get_by_role("button", name="全部签收（2项）").click()
    expect(page.get_by_role("status")).to_contain_text("已签收2项任务")
    page.goto(f"{case.url}/reports")
    page.get_by_role("link", name="填写报告").click()
    first, second = case.entries
    page.locator(f"#e{first.id}-progress").fill("35")
    page.locator(f"#e{first.id}-done").fill("完成招标，施工单位进场。")
    page.locator("[data-draft-note]").wait_for(state="visible")
    page.reload()  # what was typed is back, from this browser
    expect(page.locator(f"#e{first.id}-done")).to_have_value("完成招标，施工单位进场。")
    button = page.get_by_role("button", name="向领导小组办公室报送2021年5月报告")
    button.click()
    expect(page.get_by_role("alert")).to_be_visible()  # the second task has no entry yet
    expect(page.locator(f"#e{first.id}-done")).to_have_value("完成招标，施工单位进场。")
    page.locator(f"#e{second.id}-progress").fill("20")
    page.locator(f"#e{second.id}-done").fill("完成管线普查。")
    button.click()
    expect(page.get_by_role("heading", name="回执")).to_be_visible()
    expect(page.locator(".receipt")).to_contain_text(Report.get().receipt)
    assert page.evaluate("Object.keys(localStorage).filter(k => k.startsWith('draft:')).length") == 0
    page.goto(f"{case.url}/reports")
    expect(page.locator("main")).to_contain_text("当前没有待报的报告")


def test_files_that_the_server_would_cut_off_leave_the_form_as_it_was(
    case: Case, live_server: Live, page: Page, tmp_path: Path
) -> None:
    big = tmp_path / "现场.pdf"
    with big.open("wb") as file:
        file.truncate(live_server.config.upload_limit + 2**21)
    sign_in(page, live_server, "liaison")
    page.goto(f"{case.url}/reports/{case.obligation.id}/form")
    first = case.entries[0]
    page.locator(f"#e{first.id}-done").fill("完成招标。")
    box = page.locator("input[type=file]").first
    box.set_input_files(big)
    page.locator("form[data-draft] button.btn-primary").click()
    assert box.evaluate("box => box.validationMessage") == "所选文件合计超过 20 MB。"
    expect(page.locator(f"#e{first.id}-done")).to_have_value("完成招标。")
    expect(page.locator("form[data-draft] button.btn-primary")).to_be_enabled()
    box.set_input_files([])
    assert box.evaluate("box => box.validationMessage") == ""


def test_the_form_fits_a_phone(case: Case, live_server: Live, page: Page) -> None:
    page.set_viewport_size(PHONE)
    sign_in(page, live_server, "liaison")
    page.goto(f"{case.url}/reports/{case.obligation.id}/form")
    assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")
    page.get_by_text("本月无进展").click()
    page.locator("#nil").check()
    page.locator("#nil_reason").fill("汛期停工")
    page.get_by_role("button", name="向领导小组办公室报送2021年5月报告").click()
    expect(page.get_by_role("heading", name="回执")).to_be_visible()
    assert Report.get().nil
