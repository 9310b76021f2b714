"""The walk, first half: from a pasted notice to a plan whose units have signed for their tasks."""

from __future__ import annotations

from playwright.sync_api import Page, expect

from supervisor.models import Assignment, AssignmentState, Obligation, Plan, Role, Task, Unit
from tests import builders
from tests.browser.conftest import Live, sign_in
from tests.browser.walking import NOTICE, PASSWORD, STREET, Complaints, adopted, issued, zh


def test_a_pasted_notice_becomes_a_plan(live_server: Live, page: Page) -> None:
    live_server.clock.moment = NOTICE.now
    founder = builders.user("office", name="许晏清", now=NOTICE.now)
    builders.posting(founder, Role.LEAD_OFFICE, now=NOTICE.now)
    heard = Complaints().listen(page)
    sign_in(page, live_server, "office")

    page.goto(f"{live_server.url}/programmes/new")
    for name, value in (
        ("name", "老旧小区改造"), ("jurisdiction", "澄江市"), ("host_unit", "市房管局"), ("office_name", "改造办"),
    ):  # fmt: skip
        page.locator(f"input[name={name}]").fill(value)
    page.get_by_role("button", name=zh("Found this programme")).click()
    page.goto(f"{live_server.url}/p/1/documents/new")
    page.locator("textarea[name=text]").fill(NOTICE.path.read_text(encoding="utf-8"))
    page.get_by_role("button", name=zh("Read the notice and show the draft ledger")).click()

    expect(page.locator("ul.tally li").first).to_contain_text(str(NOTICE.tasks))
    line = page.locator("#task-0 a.line")
    place = line.get_attribute("href")
    line.click()
    expect(page.locator(f"{place}")).to_be_in_viewport()
    for _ in range(5):
        waiting = page.locator("form[action*='/collectives/']").filter(has=page.locator("button:visible"))
        proposed = page.locator("article.item:has(form[action*='/collectives/'])").filter(
            has_text=zh("proposed")
        )
        if not proposed.count():
            break
        for box in proposed.first.locator("input[name=member]").all():
            box.check()
        waiting.first.locator("button").first.click()
    page.locator("form[action$='/adopt'] button").first.click()

    expect(page).to_have_url(f"{live_server.url}/p/1/plans/1")
    assert Task.select().where(Task.plan == Plan.get()).count() == NOTICE.tasks
    assert heard.errors == []
    assert heard.strangers == []


def test_the_register_shows_groups_and_the_person_confirms_them(live_server: Live, page: Page) -> None:
    live_server.clock.moment = NOTICE.now
    programme, _plan, _office, _by = adopted(NOTICE)
    sign_in(page, live_server, "office")
    page.goto(f"{live_server.url}/p/{programme.id}/units")
    expect(page.locator("body")).to_contain_text(NOTICE.unit)
    page.goto(f"{live_server.url}/p/{programme.id}/units/assessment")
    page.get_by_role("button", name=zh("Confirm these groups")).click()
    expect(page.locator("tr.group").first).to_contain_text(zh("confirmed"))


def test_a_liaison_officer_comes_in_by_a_link_that_works_once(live_server: Live, page: Page) -> None:
    live_server.clock.moment = NOTICE.now
    programme, _plan, _office, _by = adopted(NOTICE)
    unit = Unit.get(Unit.name == NOTICE.unit)
    sign_in(page, live_server, "office")
    page.goto(f"{live_server.url}/p/{programme.id}/people/invite?unit={unit.id}&role=liaison")
    page.locator("input[name=name]").fill("闵惠民")
    page.locator("input[name=phone]").fill("13900000001")
    if NOTICE.rank:
        page.locator("select[name=rank]").select_option(NOTICE.rank)
    page.get_by_role("button", name=zh("Invite this person and show the link")).click()
    link = page.locator(".strip-link").inner_text().strip()
    username = page.locator(".strip b").nth(1).inner_text().strip()
    page.context.clear_cookies()

    page.goto(f"{live_server.url}/link/{link.rsplit('/', 1)[1]}")
    page.locator("input[name=password]").fill(PASSWORD)
    page.locator("input[name=password_again]").fill(PASSWORD)
    page.get_by_role("button", name=zh("Set the password and go to sign-in")).click()
    sign_in(page, live_server, username, PASSWORD)
    expect(page.locator("header.top")).to_contain_text("闵惠民")
    page.context.clear_cookies()
    page.goto(f"{live_server.url}/link/{link.rsplit('/', 1)[1]}")
    expect(page.locator("body")).to_contain_text(
        zh("This link has been used or is too old. Ask for a new one.")
    )


def test_issuing_says_what_will_happen_and_then_it_has(live_server: Live, page: Page) -> None:
    live_server.clock.moment = NOTICE.now
    programme, plan, _office, _by = adopted(NOTICE)
    sign_in(page, live_server, "office")
    page.goto(f"{live_server.url}/p/{programme.id}/plans/{plan.id}/issue")
    page.locator("form[action$='/issue'] button.btn-primary").click()
    assert Plan.get_by_id(plan.id).issued_at is None, "issued without the confirmation by reading"
    page.locator("input[name=understood]").check()
    page.locator("form[action$='/issue'] button.btn-primary").click()
    page.wait_for_url(lambda url: not url.endswith("/issue"))

    leads = Assignment.select().where(Assignment.role == "lead").count()
    assert (leads, Assignment.select().count() - leads) == (NOTICE.leads, NOTICE.responsible)
    assert Obligation.select().count() == NOTICE.units
    page.goto(f"{live_server.url}/p/{programme.id}/tasks")
    expect(page.locator("tbody tr[data-href]")).to_have_count(NOTICE.tasks)
    page.set_viewport_size({"width": 700, "height": 990})  # an A4 page: narrow, and still a table
    page.emulate_media(media="print")
    expect(page.locator(".ledger.cards thead").first).to_be_visible()


def test_a_unit_signs_for_its_tasks_and_objects_to_one(live_server: Live, page: Page) -> None:
    live_server.clock.moment = STREET.now
    world = issued()
    sign_in(page, live_server, "liaison")
    page.goto(f"{live_server.url}/p/{world.programme.id}/tasks")
    page.locator("form[action$='/acknowledgements'] button").click()
    mine = Assignment.select().where(Assignment.unit == world.unit)
    assert {row.state for row in mine} == {AssignmentState.ACKNOWLEDGED}

    task = Task.get(Task.title == "编制更新计划")
    page.goto(f"{live_server.url}/p/{world.programme.id}/tasks/{task.id}")
    page.locator("details:has(form[action$='/objection']) > summary").click()
    page.locator("form[action$='/objection'] textarea[name=reason]").fill(
        "计划由市住建局牵头编制，我局不承担。"
    )
    page.locator("form[action$='/objection'] button").click()
    expect(page.locator("main")).to_contain_text(zh("Objected to"))
