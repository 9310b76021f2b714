"""A site viewing in a browser, from the plan to the line of the score; and a case, from the trigger to the tier."""

from __future__ import annotations

from datetime import date

import pytest
from playwright.sync_api import Page, expect

from supervisor.core import rulebooks
from supervisor.core.viewing_forms import PROPOSED
from supervisor.models import AccountabilityCase, CaseState, MarkSheet, Role
from tests import builders as b
from tests import quarters, viewing_world
from tests.browser.conftest import DESK, PHONE, Live, sign_in
from tests.browser.walking import Complaints
from tests.quarters import CLOSING
from tests.viewing_world import GIVEN


def be(page: Page, live: Live, who: str, moment: str) -> None:
    live.clock.moment = b.at(moment)
    page.context.clear_cookies()
    sign_in(page, live, who, b.PASSWORD)


def close_books(page: Page, place: str) -> None:
    page.goto(f"{place}/periods/2021-Q2")
    page.get_by_label("我已阅知，确认对2021年第二季度封账。").check()
    page.get_by_role("button", name="2021年第二季度封账").click()
    expect(page.get_by_role("heading", name="2021年第二季度排名")).to_be_visible()


@pytest.mark.slow
def test_c51_four_projects_and_five_judges_give_the_mean_that_feeds_the_indicator(
    live_server: Live, page: Page
) -> None:
    """A's projects have the means 84 and 90 without highest and lowest: 20 × 0.87 = 17.40."""
    live_server.clock.moment = b.at("2021-06-10 09:00")
    quarter = quarters.worked_quarter()
    b.user("judge", Role.JUDGE, quarter.programme, name="评委甲")
    b.user("office", Role.LEAD_OFFICE, quarter.programme)
    rulebooks.adopt(
        quarter.programme, viewing_world.text(), valid_from=date(2021, 4, 1),
        by=b.actor(Role.ASSESSOR, quarter.programme), now=b.at("2021-06-10 09:00"),
    )  # fmt: skip
    place = f"{live_server.url}/p/{quarter.programme.id}"
    heard = Complaints().listen(page)

    be(page, live_server, "office", "2021-06-10 09:00")
    page.goto(f"{place}/viewings")
    page.get_by_role("link", name="安排观摩").first.click()
    page.locator("#title").fill("二季度观摩讲评")
    page.locator("#held_on").fill("2021-06-18")
    for n, (letter, name) in enumerate(
        (("A", "一号院"), ("A", "二号院"), ("B", "三号院"), ("C", "四号院")), start=1
    ):
        page.locator(f"#unit-{n}").select_option(str(quarter.units[letter].id))
        page.locator(f"#project-{n}").fill(name)
    page.locator("#account-1").select_option(label="评委甲")
    for n, name in enumerate(("评委乙", "评委丙", "评委丁", "评委戊"), start=2):
        page.locator(f"#judge-{n}").fill(name)
    page.locator("#belongs-5").select_option(str(quarter.units["C"].id))
    page.locator("main form.wide button").click()
    expect(page.locator("main")).to_contain_text("二季度观摩讲评")
    here = page.url

    def sign(judge: int) -> None:
        """Each project's sum, the criteria filled one after the other."""
        page.goto(f"{here}/marks/{judge}")
        for fieldset, totals in zip(page.locator("#marks fieldset").all(), GIVEN.values(), strict=True):
            fields = fieldset.locator(".marks input").all()
            left = totals[judge - 1] if fields else 0
            for field, (_key, _name, weight) in zip(fields, PROPOSED, strict=False):
                field.fill(str(min(left, weight)))
                left -= min(left, weight)
        page.locator("#marks button.btn-primary").click()

    page.set_viewport_size(PHONE)
    be(page, live_server, "judge", "2021-06-18 15:00")
    sign(1)
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth"), "the page scrolls sideways"
    page.set_viewport_size(DESK)
    be(page, live_server, "office", "2021-06-18 16:00")
    for judge in range(2, 6):
        sign(judge)
    assert MarkSheet.select().count() == 19  # the fifth judge belongs to the fourth project's unit
    page.goto(here)
    expect(page.locator(".result-list")).to_contain_text("87.00")
    page.locator("#finish form button").click()
    expect(page.locator("#reopen")).to_be_visible()

    be(page, live_server, "assessor", f"{CLOSING:%Y-%m-%d} 17:00")
    close_books(page, place)
    page.goto(f"{place}/periods/2021-Q2/units/{quarter.units['A'].id}")
    line = page.locator("#line-viewing")
    expect(line).to_contain_text("17.40")
    line.get_by_role("link", name="一号院").first.click()
    expect(page.locator("main")).to_contain_text("80")
    assert heard.errors == []
    assert heard.strangers == []


@pytest.mark.slow
def test_c44_a_case_touches_the_score_only_once_a_leader_has_decided(live_server: Live, page: Page) -> None:
    live_server.clock.moment = b.at("2021-07-15 10:00")
    quarter = quarters.worked_quarter()
    b.user("leader", Role.LEADER, quarter.programme, name="沈市长")
    place = f"{live_server.url}/p/{quarter.programme.id}"
    heard = Complaints().listen(page)

    be(page, live_server, "assessor", "2021-07-15 10:00")
    page.goto(f"{place}/cases")
    page.get_by_role("link", name="登记线索").first.click()
    page.locator("#unit").select_option(str(quarter.units["B"].id))
    page.locator("#kind").select_option(index=1)
    page.locator("#title").fill("五月进度虚报")
    page.locator("#happened_on").fill("2021-05-31")
    page.locator("#account").fill("所报进度与现场不符。")
    page.locator("main form button.btn-primary").click()
    expect(page.locator("#submit form")).to_have_count(0)  # nothing goes to a leader without evidence
    page.locator("#words").fill("现场核查照片。")
    page.locator("#files").set_input_files({"name": "核查.txt", "mimeType": "text/plain", "buffer": b"half"})
    page.locator("#evidence form button").click()
    page.locator("#proposal").fill("建议认定。")
    page.locator("#submit form button").click()
    here = page.url
    expect(page.locator("#decide")).to_have_count(0)  # who opened it does not decide it

    be(page, live_server, "leader", "2021-07-16 10:00")
    page.goto(here)
    page.locator("#reason").fill("现场核实数据不实。")
    page.locator("#measure").fill("责令更正。")
    page.locator("#penalty input[value=untrue_data]").check()
    page.locator("#veto input[value=falsification]").check()
    page.locator("button[value=uphold]").click()
    expect(page.locator(".case-line")).to_contain_text("现场核实数据不实")
    assert AccountabilityCase.get().state is CaseState.UPHELD

    be(page, live_server, "assessor", f"{CLOSING:%Y-%m-%d} 17:00")
    close_books(page, place)
    page.goto(f"{place}/periods/2021-Q2/units/{quarter.units['B'].id}")
    line = page.locator("#line-untrue_data")
    expect(line).to_contain_text("2.00")
    expect(page.locator("main")).to_contain_text("弄虚作假")
    line.get_by_role("link", name="五月进度虚报").click()
    expect(page).to_have_url(here)
    assert heard.errors == []
    assert heard.strangers == []
