"""A rulebook written from nothing on the page, by somebody who has never seen its text, adopted, and scored with."""

from __future__ import annotations

from playwright.sync_api import Page, expect

from supervisor.models import RulebookVersion, ScoreLine
from tests import quarters
from tests.browser.conftest import Live, sign_in
from tests.quarters import CLOSING


def test_a_small_rulebook_is_written_from_nothing_adopted_and_a_quarter_is_scored_with_it(
    live_server: Live, page: Page
) -> None:
    live_server.clock.moment = CLOSING
    world = quarters.worked_quarter()
    complaints: list[str] = []
    page.on("console", lambda said: complaints.append(said.text) if said.type == "error" else None)
    sign_in(page, live_server, "assessor")
    home = f"{live_server.url}/p/{world.programme.id}"

    page.goto(f"{home}/rulebooks")
    page.get_by_label("自己起草一份").select_option("")
    page.get_by_role("button", name="开始起草").click()
    page.locator("#rulebook").get_by_role("link", name="修改").click()
    page.locator("#name").fill("街道考核试行办法")
    page.get_by_role("button", name="保存并返回办法").click()

    page.get_by_role("button", name="添加", exact=True).click()
    page.locator("#title").fill("任务完成率")
    page.locator("#weight").fill("60")
    page.locator("#method").select_option("proportional")
    page.locator("[id='measure.take']").select_option("mean_ratio")
    page.locator("[id='measure.facts']").select_option("task")
    page.locator("[id='measure.numerator']").select_option("accepted")
    page.locator("[id='measure.denominator']").select_option("planned")
    expect(page.locator("#reads")).to_contain_text("60 分 ×（本单位任务的审核认定进度 ÷ 计划进度的平均值")
    expect(page.locator("#reads")).to_contain_text("100 分中已有 60 分：还差 40 分")
    page.get_by_role("button", name="保存并添加下一项指标").click()

    expect(page.locator("#title")).to_have_value("")
    page.locator("#title").fill("月报及时率")
    page.locator("#weight").fill("40")
    page.locator("#method").select_option("per_occurrence")
    page.locator("#facts").select_option("report")
    page.locator("#deduct").get_by_role("button", name="添加").click()
    page.locator("[id='deduct.0.title']").fill("迟报")
    page.locator("[id='deduct.0.where.0.field']").select_option("outcome")
    page.locator("[id='deduct.0.where.0']").get_by_label("迟报").check()
    page.locator("[id='deduct.0.points.value']").fill("2.5")
    expect(page.locator("#reads")).to_contain_text("迟报：每件应报报告（结果为迟报） −2.5")
    expect(page.locator("#reads")).to_contain_text("100 分中已有 100 分：齐了")
    page.get_by_role("button", name="保存并返回办法").click()

    expect(page.locator("#check")).to_contain_text("年终考核：此前计分，自此期起不再计分")
    page.locator("#valid_from").fill("2021-04-01")
    page.locator("#remark").fill("领导小组第三次会议决定")
    page.get_by_label("我已知悉：以上所列在本考核办法下不计分。").check()
    page.get_by_role("button", name="采用该考核办法").click()
    expect(page.get_by_role("heading", name="街道考核试行办法 1")).to_be_visible()

    page.goto(f"{home}/periods")
    page.get_by_role("link", name="进入2021年第二季度").click()
    page.get_by_label("我已阅知，确认对2021年第二季度封账。").check()
    page.get_by_role("button", name="2021年第二季度封账").click()
    expect(page.get_by_role("heading", name="2021年第二季度排名")).to_be_visible()

    lines = list(ScoreLine.select().where(ScoreLine.unit == world.units["A"]).order_by(ScoreLine.sort))
    assert [(line.title, line.weight) for line in lines] == [("任务完成率", 6000), ("月报及时率", 4000)]
    assert lines[1].points == 3750  # June came one working day late: 40 − 2.5
    assert (
        RulebookVersion.select().order_by(RulebookVersion.id.desc()).get().remark == "领导小组第三次会议决定"
    )
    assert complaints == []


def test_without_scripts_the_same_fields_come_by_a_button(live_server: Live, page: Page) -> None:
    """A browser that runs no scripts: choosing a method and pressing the button brings its fields; nothing is saved."""
    live_server.clock.moment = CLOSING
    world = quarters.worked_quarter()
    browser = page.context.browser
    assert browser is not None
    still = browser.new_context(java_script_enabled=False, locale="zh-CN").new_page()
    sign_in(still, live_server, "assessor")
    still.goto(f"{live_server.url}/p/{world.programme.id}/rulebooks")
    still.get_by_role("button", name="开始起草").click()
    still.get_by_role("button", name="添加", exact=True).click()
    still.locator("#title").fill("宣传信息")
    still.locator("#method").select_option("count_minimum")
    still.locator(".field:has(> .with-button #method)").get_by_role("button", name="显示相应内容").click()
    expect(still.locator("#title")).to_have_value("宣传信息")
    still.locator("#facts").select_option("publicity")
    still.locator("#minimum").fill("3")
    still.locator("#deduct_each").fill("1")
    still.get_by_role("button", name="读给我看").click()
    expect(still.locator("#reads")).to_contain_text("至少 3 件宣传信息得 10 分，每少 1 件扣 1 分。")
    still.context.close()
