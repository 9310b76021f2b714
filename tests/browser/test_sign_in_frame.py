from __future__ import annotations

from playwright.sync_api import Page, expect

from supervisor.models import Role
from tests import builders
from tests.browser.conftest import PHONE, Live, sign_in


def test_signing_in_leads_on_and_out_again(live_server: Live, page: Page) -> None:
    builders.user("chen", Role.LEAD_OFFICE, builders.programme(), name="陈晓")
    complaints: list[str] = []
    page.on("console", lambda message: complaints.append(message.text) if message.type == "error" else None)
    sign_in(page, live_server, "chen")
    expect(page.locator("body")).to_contain_text("陈晓")
    assert not [text for text in complaints if "Content Security Policy" in text], complaints


def test_a_wrong_password_is_said_in_chinese_on_the_same_page(live_server: Live, page: Page) -> None:
    builders.user("chen")
    page.set_viewport_size(PHONE)
    page.goto(f"{live_server.url}/sign-in")
    page.locator("input[name=username]").fill("chen")
    page.locator("input[name=password]").fill("wrong")
    page.locator("form button[type=submit]").first.click()
    expect(page.locator("body")).to_contain_text("账号或密码不正确")
    expect(page.locator("input[name=username]")).to_have_value("chen")


def test_chinese_has_a_font_here(live_server: Live, page: Page) -> None:
    """Without one every picture of ours shows boxes (D28): all glyphs would then be one and the same box."""
    page.goto(f"{live_server.url}/sign-in")
    pictures = page.evaluate(
        """() => ['硚', '槺', '督', '考'].map(sign => {
            const canvas = document.createElement('canvas');
            const pen = canvas.getContext('2d');
            pen.font = '40px sans-serif';
            pen.fillText(sign, 0, 60);
            return canvas.toDataURL();
        })"""
    )
    assert len(set(pictures)) == 4
