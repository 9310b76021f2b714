"""One matter climbs the whole ladder in a browser: proposed, urged, three notices, a talk on record, crossed off."""

from __future__ import annotations

from datetime import date

import pytest
from playwright.sync_api import Page, expect

from supervisor.models import LadderStep, Matter, MatterState, Obligation, ObligationState, Role
from tests import builders as b
from tests.browser.conftest import PHONE, Live, sign_in
from tests.browser.walking import Complaints

FIRST = b.at("2021-06-09 10:00")


@pytest.mark.slow
def test_a_matter_climbs_the_whole_ladder(live_server: Live, page: Page) -> None:
    programme, unit = b.programme(), b.unit("甲局")
    b.obligation(unit, programme, due_on=date(2021, 6, 4))
    b.user("office", Role.LEAD_OFFICE, programme, now=FIRST)
    b.user("liaison", Role.LIAISON, programme, unit, now=FIRST)
    place = f"{live_server.url}/p/{programme.id}"
    heard = Complaints().listen(page)

    def be(who: str, day: str) -> None:
        live_server.clock.moment = b.at(f"{day} 10:00")
        page.context.clear_cookies()
        sign_in(page, live_server, who, b.PASSWORD)

    def climb(rung: str, number: str) -> None:
        page.goto(f"{place}/ladder")
        page.locator(f"a[href*='rung={rung}']").click()
        page.locator("#reason").fill("到期未反馈。")
        if rung == "talk":
            page.locator("#place").fill("三楼会议室")
        page.locator("button[value=preview]").click()
        expect(page.locator("article.official")).to_contain_text("回　执")
        page.locator("button[value=take]").click()
        expect(page.locator("main")).to_contain_text(number)

    be("office", "2021-06-09")
    climb("urge", "催〔2021〕1号")
    for day, rung, number in (
        ("2021-06-16", "blue", "督〔2021〕1号"), ("2021-06-22", "yellow", "督〔2021〕2号"),
        ("2021-06-28", "red", "督〔2021〕3号"), ("2021-07-02", "talk", "约〔2021〕1号"),
    ):  # fmt: skip
        be("office", day)
        climb(rung, number)
    here = f"{place}/matters/{Matter.get().id}"

    page.set_viewport_size(PHONE)
    be("liaison", "2021-07-05")
    page.goto(place)
    page.get_by_text("报送2021年5月月报").first.click()
    page.locator("button", has_text="签收").click()
    page.locator("#words").fill("五月报告已补报，已约定每月专人负责。")
    page.locator("#files").set_input_files({"name": "佐证.txt", "mimeType": "text/plain", "buffer": b"ok"})
    page.locator("button", has_text="向领导小组办公室反馈").click()
    expect(page.locator(".timeline")).to_contain_text("佐证.txt")
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth"), "the page scrolls sideways"

    page.set_viewport_size({"width": 1280, "height": 800})
    be("office", "2021-07-06")
    page.goto(here)
    page.locator("button[value=accept]").click()
    expect(page.locator("#close")).to_have_count(0)  # the report is still owed
    Obligation.update(state=ObligationState.SUBMITTED).execute()
    page.locator("#held_on").fill("2021-07-06")
    page.locator("#present").fill("市领导、甲局负责人")
    page.locator("#minutes").fill("说明原因，限期整改。")
    page.locator("#talk_result").fill("当场表态整改")
    page.locator("#talk form button").click()
    expect(page.locator(".timeline")).to_contain_text("当场表态整改")
    page.locator("#result").fill("报告已补报，同意销号。")
    page.locator("#close form button").click()
    expect(page.locator(".timeline li").last).to_contain_text("同意销号")
    assert Matter.get().state is MatterState.CLOSED
    assert LadderStep.select().count() == 5

    page.locator(".rungs a").last.click()
    expect(page.locator(".slip")).to_contain_text("liaison")
    page.emulate_media(media="print")
    assert not page.locator("nav.side").is_visible()
    assert page.locator(".slip").is_visible()
    assert heard.errors == []
    assert not heard.strangers
