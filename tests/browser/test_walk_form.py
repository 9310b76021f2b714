"""The walk of a form: the office chooses fields, a unit fills them in, the office reviews and reads the table."""

from __future__ import annotations

from playwright.sync_api import Page, expect

from supervisor.models import FieldValue, Obligation, ObligationState, ReportingRule, RuleForm
from tests.browser.conftest import Live, sign_in
from tests.browser.walking import Complaints, zh
from tests.builders import PASSWORD, at
from tests.form_world import World, make_world

JULY = at("2021-07-02 09:00")


def choose(page: Page, place: int, name: str, kind: str, **more: str) -> None:
    page.fill(f"[name=name-{place}]", name)
    page.select_option(f"[name=kind-{place}]", kind)
    for part, value in more.items():
        page.fill(f"[name={part}-{place}]", value)


def office_chooses(page: Page, live: Live, world: World) -> None:
    page.goto(f"{live.url}/p/{world.programme.id}/rules/{world.rule.id}")
    page.get_by_role("link", name=zh("Choose fields")).click()
    choose(page, 1, "新增就业", "cumulative", measure="人", target="100")
    choose(page, 2, "阶段", "choice", choices="启动、推进、收尾")
    page.get_by_role("button", name=zh("More empty fields")).click()
    choose(page, 3, "已建台账", "yes_no")
    page.get_by_role("button", name=zh("Show what it would do")).click()
    page.get_by_role("button", name=zh("Make this change")).click()
    expect(page.locator("[role=alert]")).to_contain_text(zh("Say why: units will ask."))
    page.fill("[name=reason]", "就业专项统计")
    page.get_by_role("button", name=zh("Show what it would do")).click()
    expect(page.locator("[role=status]")).to_contain_text("新增就业、阶段、已建台账")
    assert RuleForm.select().count() == 0
    page.get_by_role("button", name=zh("Make this change")).click()
    expect(page.locator("#form")).to_contain_text("100 人")
    assert RuleForm.select().count() == 1


def unit_reports(page: Page, live: Live, world: World) -> None:
    page.goto(f"{live.url}/p/{world.programme.id}/reports/{world.owed().id}/form")
    page.locator("input[name$='-progress']").fill("30")
    page.locator("textarea[name$='-done']").fill("完成招标，签订合同。")
    page.fill("[name=f1]", "1,5")
    page.locator("form[data-draft] button.btn-primary").click()
    expect(page.locator(".mistakes")).to_contain_text("1,5")
    page.locator(".mistakes a[href='#f3']").click()
    expect(page.locator("[name=f1]")).to_have_value("1,5")
    page.fill("[name=f1]", "１２")
    page.select_option("[name=f2]", "推进")
    page.check("[name=f3][value=no]")
    page.locator("form[data-draft] button.btn-primary").click()
    expect(page.locator(".receipt")).to_contain_text("12 人")


def test_a_form_goes_from_the_office_to_the_unit_and_back_into_one_table(
    live_server: Live, page: Page
) -> None:
    world = make_world()
    heard = Complaints().listen(page)
    sign_in(page, live_server, "office", PASSWORD)
    office_chooses(page, live_server, world)
    page.context.clear_cookies()

    live_server.clock.moment = JULY
    sign_in(page, live_server, "liaison", PASSWORD)
    unit_reports(page, live_server, world)
    assert {v.field.name: (v.number, v.text) for v in FieldValue.select()} == {
        "新增就业": (1200, ""), "阶段": (None, "推进"), "已建台账": (None, "no"),
    }  # fmt: skip
    page.context.clear_cookies()

    sign_in(page, live_server, "office", PASSWORD)
    page.goto(f"{live_server.url}/p/{world.programme.id}/reviews")
    page.locator("tr[data-review] a").last.click()
    expect(page.locator(".rule-form")).to_contain_text("12 人")
    page.fill("[name=mark]", "90")
    page.locator("form[action$='/accept'] button").click()
    assert Obligation.get_by_id(world.owed().id).state is ObligationState.ACCEPTED
    page.goto(f"{live_server.url}/p/{world.programme.id}/rules/{world.rule.id}")
    page.get_by_role("link", name=zh("Figures reported")).click()
    expect(page.locator("tfoot")).to_contain_text("12")
    with page.expect_download() as file:
        page.get_by_role("link", name=zh("Excel file")).click()
    assert file.value.suggested_filename == "月报-2021年6月-填报数据.xlsx"
    assert heard.errors == [f for f in heard.errors if "422" in f], "only the refused form is an error"
    assert ReportingRule.select().count() == 1
