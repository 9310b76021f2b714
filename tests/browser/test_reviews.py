"""The review queue in a real browser: by keys alone, and by hand with the text that a reviewer types."""

from __future__ import annotations

from playwright.sync_api import Page, expect

from supervisor.models import Message, MessageKind, Obligation, ObligationState, ReportEntry, Role
from tests import builders
from tests.browser.conftest import Live, sign_in
from tests.builders import at
from tests.test_core_reviews import hand_in, place


def test_entries_are_chosen_with_keys_and_accepted_with_one_mark(live_server: Live, page: Page) -> None:
    here = place(3)
    hand_in(here)
    builders.user("office", Role.LEAD_OFFICE, here.programme)
    live_server.clock.moment = at("2021-06-07 10:00")
    sign_in(page, live_server, "office")
    page.get_by_role("link", name="审核").first.click()
    bar = page.locator("[data-bulk]")
    expect(bar).to_be_hidden()  # bulk actions appear with a selection
    for key in "jaja":
        page.keyboard.press(key)
    expect(bar).to_be_visible()
    expect(page.locator("[data-picked]")).to_have_text("2")
    page.locator("#mark").fill("86")
    bar.get_by_role("button").click()
    expect(page.get_by_text("已通过2条")).to_be_visible()
    assert sorted(row.mark or 0 for row in ReportEntry.select()) == [0, 86, 86]


def test_an_entry_is_compared_and_returned_by_hand(live_server: Live, page: Page) -> None:
    here = place(1)
    hand_in(here)
    builders.user("office", Role.LEAD_OFFICE, here.programme)
    live_server.clock.moment = at("2021-06-07 10:00")
    sign_in(page, live_server, "office")
    page.goto(f"{live_server.url}/p/{here.programme.id}/reviews")
    page.keyboard.press("j")
    page.keyboard.press("r")
    page.wait_for_url("**/reviews/*#return")
    page.get_by_label("需要修改的内容").fill("请附验收单")
    page.get_by_role("button", name="退回本条").click()
    expect(page.get_by_text("没有待审核的报告")).to_be_visible()
    assert Obligation.get().state is ObligationState.RETURNED
    assert Message.get(Message.kind == MessageKind.RETURN).body == "任务1：请附验收单"
