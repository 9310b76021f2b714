"""Steps 1 to 3 of the walk in a browser: from the first administrator's link to an issued plan and a liaison."""

from __future__ import annotations

import re
from datetime import date

from playwright.sync_api import Browser, Page, expect

from supervisor.core import accounts, calendar
from supervisor.models import Assignment, Plan, PlanState, Posting, Role, User
from tests.browser.conftest import PHONE, Live, sign_in
from tests.builders import PASSWORD, at, posting, programme, user
from tests.test_core_draft_names import CLAUSES
from tests.test_core_plans import NOTICE

WHEN = at("2021-03-22 09:00")

#: A task read from running text, one without lead unit, a clause that nothing was read from.
DOUBTFUL = """澄江市河湖整治工作方案
各区人民政府，市政府各部门：
一、工作任务
（一）编制规划。2021年6月底前完成规划编制。同步公布规划图。（牵头单位：市水务局；责任单位：市财政局）
（二）清理河道。组织清理淤积河段。由市水务局牵头，市城管局、市财政局配合。
（三）沿河增绿。补植行道树和绿地。（责任单位：市园林局、市财政局）
二、保障措施
要加强宣传引导，营造良好氛围。市督查室负责组织督导检查。
澄江市人民政府办公室
2021年3月10日
"""


def set_password(page: Page, link: str) -> None:
    page.goto(link)
    page.locator("#password").fill(PASSWORD)
    page.locator("#password_again").fill(PASSWORD)
    page.locator("form button[type=submit]").click()
    page.wait_for_url("**/sign-in**")


def paste_notice(page: Page, live: Live, programme_id: int) -> None:
    page.goto(f"{live.url}/p/{programme_id}/documents/new")
    page.locator("#text").fill(NOTICE)
    page.get_by_role("button", name="读取通知").click()
    page.wait_for_url("**/documents/*")


def test_a_new_installation_walks_from_the_first_link_to_an_issued_plan(
    page: Page, live_server: Live
) -> None:
    live_server.clock.moment = WHEN
    calendar.seed_calendar(now=WHEN)
    _admin, token = accounts.first_administrator(now=WHEN)
    errors: list[str] = []
    page.on("console", lambda message: errors.append(message.text) if message.type == "error" else None)

    set_password(page, f"{live_server.url}/link/{token}")
    sign_in(page, live_server, "admin")
    page.goto(f"{live_server.url}/admin/accounts")
    page.locator("#name").fill("周主任")
    page.locator("#username").fill("founder")
    page.get_by_role("button", name="新建账号").click()
    path = page.locator(".strip-link").inner_text().split("/link/")[1]
    page.context.clear_cookies()

    set_password(page, f"{live_server.url}/link/{path}")
    sign_in(page, live_server, "founder")
    page.goto(f"{live_server.url}/programmes/new")
    for field, text in {
        "name": "老旧小区改造", "jurisdiction": "澄江市", "host_unit": "市房管局", "office_name": "领导小组办公室",
    }.items():  # fmt: skip
        page.locator(f"#{field}").fill(text)
    page.get_by_role("button", name="新建").click()
    page.wait_for_url("**/documents/new")
    page.locator("#text").fill(NOTICE)
    page.get_by_role("button", name="读取通知").click()

    # One task names no lead unit: nothing can be adopted before somebody decides.
    expect(page.locator(".ask.is-grave")).to_have_count(1)
    page.get_by_role("button", name="各单位各自负责", exact=True).click()
    expect(page.locator(".ask")).to_have_count(0)
    page.get_by_role("button", name="审定为方案").click()
    page.wait_for_url("**/plans/*")
    page.get_by_role("link", name="交办…").click()
    page.locator("#understood").check()
    page.get_by_role("button", name="个单位交办").click()
    expect(page.locator(".flash-done")).to_contain_text("2 项任务、5 条责任关系、4 个单位")

    plan = Plan.get()
    page.goto(f"{live_server.url}/p/{plan.programme_id}/people")
    page.get_by_role("link", name="邀请…").first.click()
    page.locator("#name").fill("李敏")
    page.locator("#phone").fill("13800000001")
    page.get_by_role("button", name="邀请并显示链接").click()
    expect(page.locator(".strip-link")).to_contain_text("/link/")

    assert plan.state is PlanState.ISSUED
    assert Assignment.select().count() == 5
    assert Posting.select().where(Posting.role == Role.LIAISON).count() == 1
    assert User.get(User.name == "李敏").username == "13800000001"
    assert errors == []


def test_an_item_lights_its_line_and_a_line_its_item(page: Page, live_server: Live) -> None:
    live_server.clock.moment = WHEN
    of = programme()
    user("office", Role.LEAD_OFFICE, of, now=WHEN)
    sign_in(page, live_server, "office")
    paste_notice(page, live_server, of.id)
    page.locator("#task-0 .item-name").click()
    expect(page.locator("#L5")).to_have_class(re.compile(r"has-task\b.* lit"))
    page.locator("#L6").click()
    expect(page.locator("#task-1")).to_have_class(re.compile(r"\blit\b"))
    expect(page.locator("#L5")).not_to_have_class(re.compile(r"\blit\b"))


def test_the_review_fits_a_phone_without_scrolling_sideways(page: Page, live_server: Live) -> None:
    live_server.clock.moment = WHEN
    of = programme()
    posting(user("office", Role.LEAD_OFFICE, of, now=WHEN), Role.LEAD_OFFICE, valid_from=date(2021, 1, 1))
    page.set_viewport_size(PHONE)
    sign_in(page, live_server, "office")
    paste_notice(page, live_server, of.id)
    assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")


def reviewing(page: Page, live: Live) -> None:
    live.clock.moment = WHEN
    of = programme()
    user("office", Role.LEAD_OFFICE, of, now=WHEN)
    sign_in(page, live, "office")
    page.goto(f"{live.url}/p/{of.id}/documents/new")
    page.locator("#text").fill(DOUBTFUL)
    page.get_by_role("button", name="读取通知").click()
    page.wait_for_url("**/documents/*")


def titles(page: Page) -> list[str]:
    return page.locator(".item[id^=task-] .item-name").all_inner_texts()


def test_a_notice_is_reviewed_to_the_end_by_keyboard_alone(page: Page, live_server: Live) -> None:
    errors: list[str] = []
    page.on("console", lambda message: errors.append(message.text) if message.type == "error" else None)
    reviewing(page, live_server)
    left = page.locator(".bench-asks")
    expect(left).to_contain_text("3 处疑问")
    page.keyboard.press("n")
    expect(page.locator("#q-1")).to_be_focused()
    expect(page.locator("#L5")).to_have_class(re.compile(r"\blit\b"))
    for count in (2, 1):
        page.keyboard.press("1")  # the first answer; the next question has the focus
        expect(left).to_contain_text(f"{count} 处疑问")
        expect(page.locator("#q-1")).to_be_focused()
    page.keyboard.press("1")
    expect(left).to_contain_text("疑问已全部处理")
    assert len(titles(page)) == 4  # the clause that nothing was read from became a task
    page.keyboard.press("u")
    expect(left).to_contain_text("1 处疑问")
    page.keyboard.press("Shift+U")
    expect(left).to_contain_text("疑问已全部处理")
    page.get_by_role("button", name="审定为方案").click()
    page.wait_for_url("**/plans/*")
    assert errors == []


def test_a_task_is_edited_split_and_merged_by_keyboard(page: Page, live_server: Live) -> None:
    reviewing(page, live_server)
    page.locator("#task-0 .item-name").click()
    page.keyboard.press("j")
    page.keyboard.press("k")
    page.keyboard.press("e")
    expect(page.locator("#task-0-title")).to_be_focused()
    page.keyboard.press("Control+A")
    page.keyboard.type("编制河湖规划")
    page.keyboard.press("Enter")
    expect(page.locator("#task-0 .item-name")).to_contain_text("编制河湖规划")

    page.keyboard.press("s")
    page.locator("#split-0-title-2").fill("公布规划图")
    page.get_by_role("button", name="拆成两项任务").click()
    expect(page.locator(".item[id^=task-] .item-name")).to_have_count(4)
    expect(page.locator("#task-0")).to_have_class(re.compile(r"\blit\b"))
    page.keyboard.press("x")
    page.keyboard.press("j")
    page.keyboard.press("x")
    page.keyboard.press("m")
    expect(page.locator(".item[id^=task-] .item-name")).to_have_count(3)

    page.keyboard.press("d")
    expect(page.locator("#task-0-reason")).to_be_focused()
    page.keyboard.type("与上级文件重复")
    page.keyboard.press("Enter")
    expect(page.locator("#task-0")).to_have_class(re.compile("is-dropped"))


def test_without_scripts_links_lead_both_ways_and_buttons_answer(browser: Browser, live_server: Live) -> None:
    context = browser.new_context(java_script_enabled=False, locale="zh-CN")
    page = context.new_page()
    reviewing(page, live_server)
    page.locator("#L4 a").first.click()
    assert page.url.endswith("#task-0")
    page.locator("#task-0 a.line").click()
    assert page.url.endswith("#L4")
    page.locator("#task-0 a[data-open]").click()
    expect(page.locator("#task-0-lead")).to_have_value("市水务局")
    page.locator("#q-1 .choices button").first.click()
    expect(page.locator(".bench-asks")).to_contain_text("2 处疑问")
    context.close()


def test_a_notice_of_many_names_and_clauses_is_reviewed_with_few_keys(page: Page, live_server: Live) -> None:
    live_server.clock.moment = WHEN
    of = programme(now=WHEN)
    user("office", Role.LEAD_OFFICE, of, now=WHEN)
    sign_in(page, live_server, "office")
    page.goto(f"{live_server.url}/p/{of.id}/documents/new")
    page.locator("#text").fill(CLAUSES)
    page.get_by_role("button", name="读取通知").click()
    page.wait_for_url("**/documents/*")
    keys = 0
    while page.locator(".bench-asks b").count():
        assert keys < 12
        ask = page.locator(".ask:focus")
        if not ask.count():
            page.keyboard.press("n")
            expect(page.locator(".ask:focus")).to_have_count(1)
        elif ask.get_attribute("id") == "clauses-many":
            page.keyboard.press("X")
            expect(page.locator("input[name=clause]:checked")).to_have_count(3)
            answer(page, "1")
            keys += 1
        else:
            answer(page, "1")
        keys += 1
    # n, X and 1 for three clauses, the list of names, the contradiction, three half names.
    assert keys == 8
    expect(page.locator("form[action$='/adopt'] button")).to_be_visible()


def answer(page: Page, key: str) -> None:
    """Press a key that sends an answer, and wait for the page that comes back with its next question."""
    with page.expect_navigation():
        page.keyboard.press(key)
    page.wait_for_function(
        "document.activeElement.closest('.ask') || !document.querySelector('.bench-asks b')"
    )
