"""From a closed quarter to an issued circular by the keyboard alone: names decided, approved by a leader, issued."""

from __future__ import annotations

from playwright.sync_api import Page, expect

from supervisor.core import scores
from supervisor.models import IssuedPaper, ListCircular, Role
from tests import builders, quarters
from tests.browser.conftest import Live, sign_in
from tests.quarters import CLOSING, Q2

#: More stops than any page has.
MOST = 150
FOCUSED = """() => {
    const one = document.activeElement;
    const label = one.labels && one.labels.length ? one.labels[0].innerText : "";
    return (label + " " + (one.getAttribute("aria-label") || "") + " " + (one.innerText || "")).trim();
}"""


def reach(page: Page, name: str) -> None:
    """Go on with Tab until what has the focus bears this name."""
    for _stop in range(MOST):
        page.keyboard.press("Tab")
        if name in page.evaluate(FOCUSED):
            return
    raise AssertionError(f"no way to “{name}” by keys")


def press(page: Page, name: str) -> None:
    reach(page, name)
    with page.expect_navigation():
        page.keyboard.press("Enter")


def test_the_quarter_ends_in_a_circular_without_a_mouse(live_server: Live, page: Page) -> None:
    live_server.clock.moment = CLOSING
    world = quarters.worked_quarter()
    scores.close(
        world.programme,
        Q2,
        by=builders.actor(Role.ASSESSOR, world.programme, person=world.assessor),
        now=CLOSING,
    )
    for name, role in (("office", Role.LEAD_OFFICE), ("leader", Role.LEADER)):
        builders.user(name, role, world.programme, now=CLOSING)
    quarter = f"{live_server.url}/p/{world.programme.id}/periods/2021-Q2"

    sign_in(page, live_server, "office")
    page.goto(quarter)
    reach(page, "跳到")
    page.keyboard.press("Enter")  # past the navigation
    press(page, "表扬与批评")
    press(page, "据数据提出名单")
    expect(page.get_by_text("请逐个决定并写明理由。")).to_be_visible()
    press(page, "打开名单")
    expect(page.get_by_role("link", name=world.units["A"].name)).to_be_visible()
    reach(page, "理由")
    page.keyboard.press("Control+A")
    page.keyboard.type("各项指标均居前列。")
    press(page, "保留")
    expect(page.get_by_text("已保留在名单上。")).to_be_visible()
    press(page, "呈报领导")
    expect(page.get_by_text("已报领导审定，并已通知。")).to_be_visible()
    here = page.url

    page.context.clear_cookies()
    sign_in(page, live_server, "leader")
    page.goto(here)
    reach(page, "处理意见")
    page.keyboard.type("同意。")
    press(page, "批准名单")
    expect(page.get_by_text("已批准，并已通知牵头部门。")).to_be_visible()

    page.context.clear_cookies()
    sign_in(page, live_server, "office")
    page.goto(here)
    press(page, "起草通报")
    expect(page.get_by_role("heading", name="通报草稿")).to_be_visible()
    reach(page, "标题")
    page.keyboard.press("Control+A")
    page.keyboard.type("关于表扬第二季度先进单位的通报")
    press(page, "保存通报稿")
    expect(page.get_by_text("已保存。")).to_be_visible()
    press(page, "印发通报")
    expect(page.get_by_text("各单位已收到通知。")).to_be_visible()
    issued = ListCircular.get()
    assert issued.number == IssuedPaper.get().printed
    assert "关于表扬第二季度先进单位的通报" in issued.content
    assert "各项指标均居前列。" in issued.content
