"""A circular from draft to inbox: proposed, edited, refused for want of a step, issued, read by a unit."""

from __future__ import annotations

from datetime import date

from playwright.sync_api import Page, expect

from supervisor.core import instructions
from supervisor.core.instructions import Wanted
from supervisor.models import Circular, InstructionKind, Role
from tests import builders as b
from tests.browser.conftest import PHONE, Live, sign_in
from tests.browser.walking import Complaints

JUNE_8 = b.at("2021-06-08 10:00")


def test_a_circular_is_drawn_up_edited_issued_and_read_by_a_unit(live_server: Live, page: Page) -> None:
    programme, unit = b.programme(), b.unit("甲局")
    link = b.assignment(b.task(b.plan(programme, now=b.at("2021-03-01 09:00"))), unit)
    b.entry(b.obligation(unit, programme, "2021-05", due_on=date(2021, 6, 5)), link)
    office = b.user("office", Role.LEAD_OFFICE, programme, now=JUNE_8)
    b.user("liaison", Role.LIAISON, programme, unit, now=JUNE_8)
    live_server.clock.moment = JUNE_8
    heard = Complaints().listen(page)
    sign_in(page, live_server, "office", b.PASSWORD)
    here = f"{live_server.url}/p/{programme.id}/circulars"

    page.goto(here)
    page.locator("#month").select_option("2021-05")
    page.locator("#main form button").click()
    expect(page.locator("article.official")).to_contain_text("甲局")
    page.locator("#closing").fill("各单位六月底前补齐进度。")
    page.locator(f"#side-{unit.id}").select_option("behind")
    page.locator(f"#reason-{unit.id}").fill("进度滞后。")
    page.locator("button", has_text="保存").click()
    expect(page.locator("article.official")).to_contain_text("甲局：进度滞后。")

    page.locator("input[value=issue] ~ button").click()
    expect(page.locator("main")).to_contain_text("没有前置督办记录")
    wanted = Wanted("工地停工", [unit.id], date(2021, 6, 20))
    by = b.actor(Role.LEAD_OFFICE, programme, person=office)
    instructions.record(programme, InstructionKind.FINDING, "2021-W23", wanted, by=by, now=JUNE_8)

    page.goto(f"{here}/{Circular.get().id}")
    page.locator("input[value=issue] ~ button").click()
    expect(page.locator("h1").first).to_contain_text("督查通报〔2021〕1号")
    expect(page.locator("#closing")).to_have_count(0)

    page.context.clear_cookies()
    page.set_viewport_size(PHONE)
    sign_in(page, live_server, "liaison", b.PASSWORD)
    page.goto(f"{live_server.url}/messages")
    page.get_by_text("督查通报〔2021〕1号").first.click()
    page.goto(f"{here}/{Circular.get().id}")
    expect(page.locator("article.official")).to_contain_text("各单位六月底前补齐进度。")
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth"), "the page scrolls sideways"
    assert not heard.strangers
