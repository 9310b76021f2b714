"""A filing in a browser: a later day asked for and granted, the head sends it; another comes late by a permit."""

from __future__ import annotations

from playwright.sync_api import Page, expect

from supervisor.core import obligations
from supervisor.models import LatePermit, Obligation, ObligationState, Outcome, Report
from tests.browser.conftest import PHONE, Live, sign_in
from tests.browser.test_work_plan import change_user
from tests.builders import at
from tests.test_filing_deadlines import Case, world


def in_june(live: Live) -> tuple[Case, str]:
    """A filing due on 30 June 2021; the unit's head sends what is handed in."""
    case = world(nil_allowed=True, documents=["实施方案"])
    case.settle(head_approves=True)
    live.clock.moment = at("2021-06-28 09:00")
    return case, f"{live.url}{case.url()}"


def prepare(page: Page, here: str) -> None:
    """The liaison lays the document before the head."""
    page.goto(here)
    page.locator("[name='title-0']").fill("甲县实施方案")
    page.locator("[name='text-0']").fill("一、总体要求。二、工作任务。")
    page.locator(f"form[action$='{here.rpartition('/p/')[2]}'] button").click()
    page.wait_for_load_state()


def send(page: Page, here: str, verdict: str, reason: str = "") -> None:
    page.goto(here)
    page.locator("#back_reason").fill(reason)
    page.locator(f"button[name='verdict'][value='{verdict}']").click()
    page.wait_for_load_state()


def test_a_filing_is_put_off_prepared_given_back_and_sent_by_the_head(live_server: Live, page: Page) -> None:
    case, here = in_june(live_server)
    sign_in(page, live_server, "liaison")
    page.goto(here)
    page.get_by_text("申请延期", exact=False).locator("visible=true").last.click()
    page.locator("[name='wanted_on']").fill("2021-07-09")
    page.locator("#ask_reason").fill("汛期人员抽调")
    page.locator("form[action$='/extension'] button").click()
    page.wait_for_load_state()

    change_user(page, live_server, "office")
    page.goto(here)
    page.locator("button[name='verdict'][value='grant']").click()
    page.wait_for_load_state()
    assert case.owed.due_on.isoformat() == "2021-07-09"
    expect(page.locator(".figures")).to_contain_text("经申请延期1次")

    live_server.clock.moment = at("2021-07-09 15:00")
    change_user(page, live_server, "liaison")
    prepare(page, here)
    assert case.owed.state.value == "with_head"
    change_user(page, live_server, "head")
    send(page, here, "back", "请补充资金测算")
    assert case.owed.state.value == "open"
    change_user(page, live_server, "liaison")
    prepare(page, here)
    change_user(page, live_server, "head")
    page.set_viewport_size(PHONE)
    page.goto(here)
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth"), "the page scrolls sideways"
    send(page, here, "send")
    assert (case.owed.state, case.owed.outcome) == (ObligationState.SUBMITTED, Outcome.ON_TIME)
    expect(page.locator("main")).to_contain_text(Report.get(Report.sent).receipt)


def test_after_its_lock_a_filing_comes_by_a_permit_and_is_late(live_server: Live, page: Page) -> None:
    case, here = in_june(live_server)
    live_server.clock.moment = at("2021-08-02 09:00")
    obligations.mark_missing(live_server.clock.moment)
    sign_in(page, live_server, "liaison")
    page.goto(here)
    expect(page.locator("[name='title-0']")).to_have_count(0)

    change_user(page, live_server, "office")
    page.goto(here)
    page.locator("details:has([name='until_on']) summary").click()
    page.locator("[name='until_on']").fill("2021-08-04")
    page.locator("#permit_reason").fill("机构调整，材料移交")
    page.locator("form[action$='/permit'] button").click()
    page.wait_for_load_state()
    assert LatePermit.get().until_on.isoformat() == "2021-08-04"

    change_user(page, live_server, "liaison")
    prepare(page, here)
    change_user(page, live_server, "head")
    send(page, here, "send")
    owed = Obligation.get_by_id(case.owed.id)
    assert (owed.outcome, owed.late_workdays) == (Outcome.LATE, 23)
    expect(page.locator(".figures")).to_contain_text("迟报")
