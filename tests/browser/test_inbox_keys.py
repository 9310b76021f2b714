"""The inbox in a real browser: by keys alone, never in the way of typing, switched off when asked, without scripts."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page, expect

from supervisor.core import events, messages
from supervisor.models import Channel, Message, Role, User
from tests import builders
from tests.browser.conftest import Live, sign_in
from tests.builders import NOW


@pytest.fixture
def liaison(live_server: Live) -> User:
    live_server.clock.moment = NOW
    programme = builders.programme()
    person = builders.user("liaison", Role.LIAISON, programme, builders.unit("市城建局"))
    for name in "甲乙丙":
        messages.notify(
            event=events.PLAN_CHANGED, key=name, to=[person], link="/account", programme_id=programme.id, now=NOW,
            fields={"what": f"主题{name}", "number": 1, "reason": "说明"},
        )  # fmt: skip
    return person


def unread() -> str:
    """The last letters of the unread subjects, newest first."""
    rows = Message.select().where((Message.channel == Channel.INBOX) & Message.read_at.is_null())
    return "".join(row.subject[-1] for row in rows.order_by(Message.id.desc()))


def open_inbox(page: Page, live: Live) -> None:
    sign_in(page, live, "liaison")
    page.goto(f"{live.url}/messages")
    expect(page.get_by_text("3条未读消息")).to_be_visible()


@pytest.mark.usefixtures("liaison")
def test_messages_are_read_put_back_chosen_and_opened_by_keys(live_server: Live, page: Page) -> None:
    open_inbox(page, live_server)
    page.keyboard.press("j")
    page.keyboard.press("e")
    expect(page.get_by_text("已将1条消息标为已读")).to_be_visible()
    assert unread() == "乙甲"
    page.get_by_role("button", name="撤销").click()
    expect(page.get_by_text("已将1条消息恢复为未读")).to_be_visible()
    assert unread() == "丙乙甲"
    for key in ("j", "x", "ArrowDown", "ArrowDown", "x", "k", "r"):
        page.keyboard.press(key)
    expect(page.get_by_text("已将2条消息标为已读")).to_be_visible()
    assert unread() == "乙"
    page.keyboard.press("u")  # goes on where one was
    expect(page.get_by_text("2条未读消息")).to_be_visible()
    assert unread() == "丙乙"
    page.keyboard.press("j")
    page.keyboard.press("Enter")
    page.wait_for_url("**/account")
    assert unread() == "丙"


@pytest.mark.usefixtures("liaison")
def test_keys_rest_while_somebody_types_and_when_switched_off(live_server: Live, page: Page) -> None:
    open_inbox(page, live_server)
    page.get_by_text("筛选").first.click()
    page.get_by_label("关键词").fill("")
    page.get_by_label("关键词").press_sequentially("jexu?")
    expect(page.get_by_label("关键词")).to_have_value("jexu?")
    page.get_by_text("收件箱快捷键").click()
    page.get_by_label("在本浏览器中停用快捷键").check()
    page.reload()
    page.keyboard.press("j")
    page.keyboard.press("e")
    assert page.evaluate("document.activeElement === document.body")
    assert unread() == "丙乙甲"


@pytest.mark.usefixtures("liaison")
@pytest.mark.browser_context_args(java_script_enabled=False)
def test_without_scripts_buttons_do_it_all(live_server: Live, page: Page) -> None:
    open_inbox(page, live_server)
    # Keys, their help and "choose all" are of scripts: that they are not there shows that none has run.
    expect(page.locator("[data-keys]")).to_be_hidden()
    expect(page.get_by_text("全选")).to_be_hidden()
    page.keyboard.press("j")
    page.keyboard.press("e")
    assert unread() == "丙乙甲"
    page.get_by_label("主题乙").check()
    page.get_by_role("button", name="标为已读", exact=True).click()
    expect(page.get_by_text("已将1条消息标为已读")).to_be_visible()
    assert unread() == "丙甲"
    page.get_by_role("button", name="撤销").click()
    expect(page.get_by_text("已将1条消息恢复为未读")).to_be_visible()
    assert unread() == "丙乙甲"
    page.get_by_text("筛选").first.click()
    page.get_by_label("关键词").fill("主题甲")
    page.get_by_role("button", name="应用").click()
    page.get_by_role("button", name="将筛选出的消息全部标为已读").click()
    expect(page.get_by_text("已将1条消息标为已读")).to_be_visible()
    assert unread() == "丙乙"


@pytest.mark.usefixtures("liaison")
def test_with_scripts_the_keys_and_choose_all_are_offered(live_server: Live, page: Page) -> None:
    """The control of the test without scripts."""
    open_inbox(page, live_server)
    expect(page.locator("[data-keys]")).to_be_visible()
    page.get_by_text("全选").click()
    page.keyboard.press("e")
    expect(page.get_by_text("已将3条消息标为已读")).to_be_visible()
    assert unread() == ""
