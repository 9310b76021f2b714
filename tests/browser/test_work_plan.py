"""A unit's work plan from first row to amendment, in a browser: filed, returned, receipt, milestone done, compared."""

from __future__ import annotations

import re

from playwright.sync_api import Page, expect

from supervisor.models import Assignment, Milestone, PlanFiling, Role, WorkPlan, WorkPlanState
from tests import builders
from tests.browser.conftest import PHONE, Live, sign_in
from tests.browser.walking import Complaints
from tests.builders import at
from tests.work_plan_world import World


def world_in_may(live: Live) -> tuple[World, str]:
    """Issued on 2 May 2021; the plan is due on Friday 28 May. The address of the unit's plan."""
    world = World()
    world.settle(work_plan_workdays=18)
    work_plan = world.ask(at("2021-05-06 09:00"))
    builders.user("office", Role.LEAD_OFFICE, world.programme)
    live.clock.moment = at("2021-05-20 09:00")
    return world, f"{live.url}/p/{world.programme.id}/work-plans/{work_plan.id}"


def change_user(page: Page, live: Live, username: str) -> None:
    page.context.clear_cookies()
    sign_in(page, live, username)


def fill_row(page: Page, key: int, **texts: str) -> None:
    for name, text in texts.items():
        page.locator(f"[name='m{key}-{name}']").fill(text)


def fill_in(page: Page, world: World, here: str) -> None:
    """Two rows for the first task, one for the second; the second task's has no indicator yet."""
    page.goto(f"{here}/form")
    fill_row(page, 1, title="摸排点位", due="2021-06-30", weight="40", indicator="点位清单一份")
    fill_row(page, 2, title="整治方案", due="2021-09-30", weight="100")
    page.locator(f"button[name='act'][value='add:{world.link.id}']").click()
    fill_row(page, 3, title="安装完成", due="2021-11-30", weight="60", measure="路灯（盏）", target="320")


def verdict(page: Page, here: str, word: str, reason: str = "") -> None:
    page.goto(here)
    page.locator("textarea[name='reason']").first.fill(reason)
    page.locator(f"button[name='verdict'][value='{word}']").click()
    page.wait_for_load_state()


def test_c09_a_plan_is_filed_returned_filed_again_accepted_worked_on_and_amended(
    live_server: Live, page: Page
) -> None:
    world, here = world_in_may(live_server)
    heard = Complaints().listen(page)
    sign_in(page, live_server, world.liaison.username)
    page.goto(f"{live_server.url}/p/{world.programme.id}/")
    expect(page.locator("main")).to_contain_text("工作计划")

    # Without an indicator nothing is filed, and nothing typed is lost (S4-20).
    fill_in(page, world, here)
    page.locator("button[name='act'][value='file']").click()
    expect(page.locator(".mistakes")).to_contain_text("清理积存垃圾")
    assert not PlanFiling.select().exists()
    fill_row(page, 2, indicator="方案印发")
    page.locator("button[name='act'][value='file']").click()
    page.wait_for_url(re.compile(r"/receipts/1$"))
    expect(page.locator("main")).to_contain_text(PlanFiling.get().receipt)

    change_user(page, live_server, "office")
    verdict(page, here, "return", "安装目标应分季度")
    assert WorkPlan.get().state is WorkPlanState.RETURNED

    change_user(page, live_server, world.liaison.username)
    page.goto(here)
    expect(page.locator(".returned-note")).to_contain_text("安装目标应分季度")
    page.goto(f"{here}/form")
    fill_row(page, 3, title="三季度末安装完成", due="2021-09-29")
    page.locator("button[name='act'][value='file']").click()
    page.wait_for_url(re.compile(r"/receipts/2$"))

    change_user(page, live_server, "office")
    verdict(page, here, "accept")
    assert Assignment.get_by_id(world.link.id).planned_steps == [["2021-06-30", 40], ["2021-09-29", 60]]

    # Planned progress moves with the milestones' days; a milestone is done with evidence.
    live_server.clock.moment = at("2021-06-30 10:00")
    change_user(page, live_server, world.liaison.username)
    page.goto(f"{live_server.url}/p/{world.programme.id}/tasks/{world.task.id}")
    expect(page.locator("main")).to_contain_text("40%")
    page.goto(here)
    item = page.locator(f"#m{Milestone.get(Milestone.key == 1).id}")
    item.locator("summary").click()
    item.locator("textarea[name='evidence']").fill("点位清单已印发，共86处。")
    item.locator("button").click()
    expect(item).to_contain_text("点位清单已印发，共86处。")

    # An amended plan stands beside the one in force.
    page.goto(f"{here}/form")
    fill_row(page, 3, due="2021-11-30")
    page.locator("textarea[name='reason']").fill("雨季顺延")
    page.locator("button[name='act'][value='file']").click()
    page.wait_for_url(re.compile(r"/receipts/3$"))
    change_user(page, live_server, "office")
    page.goto(here)
    expect(page.locator("main")).to_contain_text("由2021年9月29日调整为2021年11月30日")
    expect(page.locator("main")).to_contain_text("雨季顺延")
    assert Milestone.get(Milestone.key == 3).due_on.isoformat() == "2021-09-29", "not before it is accepted"
    assert heard.errors == [
        "Failed to load resource: the server responded with a status of 422 (UNPROCESSABLE ENTITY)"
    ]
    assert heard.strangers == []


def test_on_a_phone_the_form_and_the_page_fit(live_server: Live, page: Page) -> None:
    world, here = world_in_may(live_server)
    page.set_viewport_size(PHONE)
    sign_in(page, live_server, world.liaison.username)
    for address in (
        here,
        f"{here}/form",
        f"{live_server.url}/p/{world.programme.id}/calendar?day=2021-05-28",
    ):
        page.goto(address)
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth"), (
            f"{address} scrolls sideways"
        )
