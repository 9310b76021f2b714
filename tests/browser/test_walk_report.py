"""The walk, second half: reminded, reported (on a phone, with a draft that stays), returned, accepted, closed."""

from __future__ import annotations

from playwright.sync_api import Page, expect

from supervisor import jobs
from supervisor.core import accounts, assignments, reports
from supervisor.core.outbox import OutboxOnly
from supervisor.core.report_bodies import EntryBody, ReportBody, wanted_entries
from supervisor.models import Obligation, ObligationState, Reminder, Report
from tests.browser.conftest import PHONE, Live, sign_in
from tests.browser.walking import STREET, Complaints, Issued, issued
from tests.builders import at

AUGUST = at("2025-08-04 09:00")


def world_in_august(live: Live) -> tuple[Issued, Obligation]:
    """Issued and signed for in July; July's report is owed and due on 5 August."""
    world = issued(STREET)
    by = accounts.actor_for(world.liaison, world.programme.id, now=STREET.now)
    assignments.acknowledge_all(world.programme.id, by=by, now=STREET.now)
    live.clock.moment = AUGUST
    return world, Obligation.get((Obligation.unit == world.unit) & (Obligation.period == "2025-07"))


def hand_in(world: Issued, owed: Obligation, done: str = "完成抽查。") -> Report:
    by = accounts.actor_for(world.liaison, world.programme.id, now=AUGUST)
    entries = [EntryBody(entry.id, 20, done) for entry in wanted_entries(owed)]
    return reports.submit(owed, ReportBody(entries), by=by, now=AUGUST)


def test_a_pass_of_time_reminds_the_liaison_officer(live_server: Live, page: Page) -> None:
    world, owed = world_in_august(live_server)
    jobs.tick(AUGUST, OutboxOnly(), AUGUST)
    assert Reminder.select().where(Reminder.obligation == owed).exists()
    sign_in(page, live_server, "liaison")
    page.goto(f"{live_server.url}/messages")
    expect(page.locator("main")).to_contain_text(world.programme.name[:4])


def test_on_a_phone_what_was_typed_survives_and_the_report_goes_out(live_server: Live, page: Page) -> None:
    world, owed = world_in_august(live_server)
    heard = Complaints().listen(page)
    page.set_viewport_size(PHONE)
    sign_in(page, live_server, "liaison")
    form = f"{live_server.url}/p/{world.programme.id}/reports/{owed.id}/form"
    page.goto(form)
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth"), "the page scrolls sideways"
    first = page.locator("textarea[name$='-done']").first
    first.fill("登记巷道126条，录入档案40份。")
    page.wait_for_timeout(700)
    page.goto(f"{live_server.url}/help")
    page.goto(form)
    expect(first).to_have_value("登记巷道126条，录入档案40份。")

    for box in page.locator("input[name$='-progress']").all():
        box.fill("25")
    for place, box in enumerate(page.locator("textarea[name$='-done']").all()):
        box.fill(f"本月完成第{place + 1}项任务的现场核查。")
    page.locator("form[data-draft] button.btn-primary").click()
    page.wait_for_url(lambda url: not url.endswith("/form"))
    assert Obligation.get_by_id(owed.id).state is ObligationState.SUBMITTED
    receipt = Report.get(Report.obligation == owed).receipt
    page.goto(f"{live_server.url}/p/{world.programme.id}/reports/{owed.id}/receipt")
    expect(page.locator("main")).to_contain_text(receipt)
    assert page.evaluate("Object.keys(localStorage).filter(k => k.includes('report:')).length") == 0
    assert heard.errors == []


def test_the_office_returns_one_entry_accepts_the_others_and_the_unit_answers(
    live_server: Live, page: Page
) -> None:
    world, owed = world_in_august(live_server)
    hand_in(world, owed)
    base = f"{live_server.url}/p/{world.programme.id}"
    sign_in(page, live_server, "office")
    page.goto(f"{base}/reviews")
    page.locator("tr[data-review] a").last.click()
    page.locator("form[action$='/give_back'] textarea[name=note]").fill("请写明本月完成的数量。")
    page.locator("form[action$='/give_back'] button").click()
    page.goto(f"{base}/reviews")
    for box in page.locator("input[data-pick]").all():
        box.check()
    page.locator("input[name=mark]").fill("88")
    page.locator("form.review-form .sticky-end button").first.click()
    expect(page.locator(".flash-done")).to_be_visible()
    fresh = Obligation.get_by_id(owed.id)
    assert (fresh.state, fresh.returns) == (ObligationState.RETURNED, 1)
    page.context.clear_cookies()

    sign_in(page, live_server, "liaison")
    page.goto(f"{base}/reports/{owed.id}/form")
    expect(page.locator("main")).to_contain_text("请写明本月完成的数量。")
    expect(page.locator("textarea[name$='-done']")).to_have_count(1)
    page.locator("textarea[name$='-done']").fill("本月巡查巷道126条，派发整改单40份。")
    page.locator("form[data-draft] button.btn-primary").click()
    page.wait_for_url(lambda url: not url.endswith("/form"))
    assert Report.select().where(Report.obligation == owed).count() == 2
    assert Obligation.get_by_id(owed.id).outcome == fresh.outcome, "a return never makes a report late"


def test_a_keyboard_is_enough_to_reach_the_content_and_open_a_row(live_server: Live, page: Page) -> None:
    world, _owed = world_in_august(live_server)
    sign_in(page, live_server, "office")
    page.goto(f"{live_server.url}/p/{world.programme.id}/tasks")
    page.keyboard.press("Tab")
    expect(page.locator(".skip-link")).to_be_focused()
    page.keyboard.press("Enter")
    assert page.evaluate("location.hash") == "#main"
    page.locator("tr[data-href]").first.focus()
    page.keyboard.press("Enter")
    page.wait_for_url(lambda url: "/tasks/" in url)


def test_reading_needs_no_script(live_server: Live, page: Page) -> None:
    world, owed = world_in_august(live_server)
    hand_in(world, owed)
    sign_in(page, live_server, "office")
    cookies = page.context.cookies()
    context = page.context.browser.new_context(java_script_enabled=False, locale="zh-CN")  # type: ignore[union-attr]  # launched by the plugin
    context.add_cookies([replace_none(cookie) for cookie in cookies])  # type: ignore[misc]  # its own answer
    plain = context.new_page()
    for path, text in (("", world.programme.name), ("tasks", "开展全面普查"), (f"reports/{owed.id}", "完成抽查。"),
                       ("reviews", world.unit.name), ("units", world.unit.name)):  # fmt: skip
        plain.goto(f"{live_server.url}/p/{world.programme.id}/{path}")
        expect(plain.locator("main, nav").filter(has_text=text).first).to_be_visible()
    context.close()


def replace_none(cookie: object) -> object:
    """A cookie as the next context wants it."""
    return {k: v for k, v in dict(cookie).items() if v is not None}  # type: ignore[call-overload]  # a typed dict
