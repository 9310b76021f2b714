"""Closing a quarter in a browser, and the way from a lost half point to the record that cost it."""

from __future__ import annotations

import io
import re

from playwright.sync_api import Page, expect
from python_calamine import CalamineWorkbook

from supervisor.core import scores
from supervisor.models import Obligation, Role
from tests import builders, quarters
from tests.browser.conftest import PHONE, Live, sign_in
from tests.quarters import CLOSING, Q2


def test_the_assessor_closes_the_quarter_and_finds_the_half_point(live_server: Live, page: Page) -> None:
    live_server.clock.moment = CLOSING
    world = quarters.worked_quarter()
    june = Obligation.get((Obligation.unit == world.units["A"]) & (Obligation.period == "2021-06"))
    complaints: list[str] = []
    page.on("console", lambda said: complaints.append(said.text) if said.type == "error" else None)
    sign_in(page, live_server, "assessor")

    page.goto(f"{live_server.url}/p/{world.programme.id}/periods")
    page.get_by_role("link", name="进入2021年第二季度").click()
    expect(page.get_by_text("报告已齐并审核完毕，可以封账。")).to_be_visible()
    page.get_by_label("我已阅知，确认对2021年第二季度封账。").check()
    page.get_by_role("button", name="2021年第二季度封账").click()

    expect(page.get_by_role("heading", name="2021年第二季度排名")).to_be_visible()
    places = page.locator("td.place").all_inner_texts()
    assert places == ["1", "2", "3", "—", "—"]
    chart = page.locator("figure.chart img")
    chart.scroll_into_view_if_needed()
    expect(chart).to_have_js_property("complete", True, timeout=30_000)  # noqa: FBT003 -- a property's value
    assert chart.evaluate("img => img.naturalWidth") > 300

    page.get_by_role("link", name="东湖区人民政府").first.click()
    page.locator(".waterfall a", has_text="月报及时率").click()  # the first click of "why"
    assert page.url.endswith("#line-report_timeliness")
    line = page.locator("#line-report_timeliness")
    expect(line).to_contain_text("迟报1个工作日：应于2021-07-05报送，2021-07-06报送")
    line.get_by_role("link", name="2021年6月").click()  # the second
    expect(page).to_have_url(re.compile(rf"/reports/{june.id}$"))
    assert complaints == []


def test_the_workbook_comes_down_with_its_chinese_name(live_server: Live, page: Page) -> None:
    live_server.clock.moment = CLOSING
    world = quarters.worked_quarter()
    by = builders.actor(Role.ASSESSOR, world.programme, person=world.assessor)
    scores.close(world.programme, Q2, by=by, now=CLOSING)
    sign_in(page, live_server, "assessor")
    page.goto(f"{live_server.url}/p/{world.programme.id}/periods/2021-Q2")

    with page.expect_download() as download:
        page.get_by_role("link", name="导出Excel").click()

    assert download.value.suggested_filename == "老旧小区改造-2021年第二季度-考核排名.xlsx"
    book = CalamineWorkbook.from_filelike(io.BytesIO(download.value.path().read_bytes()))
    assert book.sheet_names == ["排名", "得分明细", "台账"]


def test_a_liaison_reads_the_sheet_on_a_phone(live_server: Live, page: Page) -> None:
    live_server.clock.moment = CLOSING
    world = quarters.worked_quarter()
    by = builders.actor(Role.ASSESSOR, world.programme, person=world.assessor)
    scores.close(world.programme, Q2, by=by, now=CLOSING)
    builders.user("liaison", Role.LIAISON, world.programme, world.units["A"], now=CLOSING)
    page.set_viewport_size(PHONE)
    sign_in(page, live_server, "liaison")

    page.goto(f"{live_server.url}/p/{world.programme.id}/periods")
    page.get_by_role("link", name="2021年第二季度").click()

    expect(page.get_by_role("heading", name="东湖区人民政府")).to_be_visible()
    expect(page.locator("#line-report_timeliness .lost")).to_have_text("−0.50")
    assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth + 1")
