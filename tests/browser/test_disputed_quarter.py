"""A disputed quarter in a browser: preliminary, three appeals, frozen, published, corrected; and what is refused."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest
from playwright.sync_api import Page, expect

from supervisor.core import accounts, audit, scores
from supervisor.models import (
    Appeal,
    AppealState,
    PeriodState,
    ReportEntry,
    Role,
    ScoreCorrection,
    ScoreLine,
    ScorePeriod,
    ScoreRun,
    User,
)
from tests import builders, quarters
from tests.browser.conftest import Live
from tests.quarters import CLOSING, Q2, World
from tests.test_core_appeals import UNTIL, late_report, line_of

HOUR, SECOND = timedelta(hours=1), timedelta(seconds=1)
LINE = "report_timeliness"


@pytest.mark.slow
def test_a_disputed_quarter_from_the_first_sheet_to_the_correction(live_server: Live, page: Page) -> None:
    walk = Walk(live_server, page)
    world, units = walk.world, walk.world.units

    walk.be("assessor", CLOSING)
    walk.send(walk.books, "preliminary", confirm=True)
    for letter, claim in (("C", "4月报告已由机要按时送达"), ("A", "6月报告只迟半小时")):
        walk.be(f"liaison-{letter.lower()}", CLOSING + HOUR)
        page.goto(walk.sheet(letter))
        page.locator(f"#line-{LINE} .appeal-link a").click()
        page.locator("#claim").fill(claim)
        page.locator("form button.btn-primary").click()
        expect(page.locator(f"#line-{LINE} .appeal")).to_contain_text("待裁定")
    accepted, rejected = Appeal.select().order_by(Appeal.id)

    # Who scored does not decide; somebody else does.
    page.goto(walk.as_("assessor", f"/appeals/{accepted.id}", CLOSING + 2 * HOUR))
    expect(page.locator("main")).to_contain_text("应由他人裁定")
    assert page.locator("button[name=verdict]").count() == 0
    walk.be("leader", CLOSING + 2 * HOUR)
    for one, verdict, words in ((accepted, "accept", "签收单属实"), (rejected, "reject", "迟半小时也是迟报")):
        page.goto(f"{walk.place}/appeals/{one.id}")
        page.locator("#decision").fill(words)
        page.locator(f"button[value={verdict}]").click()
    states = [one.state for one in Appeal.select().order_by(Appeal.id)]
    assert states == [AppealState.ACCEPTED, AppealState.REJECTED]

    # Accepted: the record is corrected, then the quarter is run again; rejected: the reason stands on the sheet.
    late = late_report(world, "C")
    page.goto(walk.as_("office", f"/reports/{late.id}", CLOSING + 3 * HOUR))
    walk.fill("correct", late_reason="签收单证明按时送达")
    walk.be("assessor", CLOSING + 4 * HOUR)
    walk.send(walk.books, "again", reason="采纳璠溪区申诉，更正4月迟报")
    page.goto(walk.as_("liaison-a", walk.sheet("A", ""), CLOSING + 5 * HOUR))
    expect(page.locator(f"#line-{LINE}")).to_contain_text("迟半小时也是迟报")

    # One second too late.
    walk.be("liaison-b", UNTIL - SECOND)
    page.goto(f"{walk.sheet('B')}/lines/{line_of(world, 'B', LINE).id}/appeal")
    walk.at(UNTIL)
    page.locator("#claim").fill("来晚一步")
    page.locator("form button.btn-primary").click()
    expect(page.locator("main")).to_contain_text("申诉期已于2021年8月13日")
    assert Appeal.select().count() == 2

    # Frozen, by two windows at once: the second one is told so.
    walk.be("assessor", UNTIL)
    second = page.context.new_page()
    for window in (page, second):
        window.goto(walk.books)
        window.locator("input[name=confirm]").check()
    for window in (page, second):
        window.locator("form[action$='/close'] button").click()
    expect(second.locator("main")).to_contain_text("已经封账")
    second.close()
    assert (ScorePeriod.get().state, ScoreRun.select().count()) == (PeriodState.FROZEN, 2)
    # An appeal against a frozen quarter has no form to come from, and its address says so.
    walk.be("liaison-c", UNTIL + HOUR)
    page.goto(f"{walk.sheet('C')}/lines/{line_of(world, 'C', LINE).id}/appeal")
    expect(page.locator("main")).to_contain_text("已封账")

    walk.be("assessor", UNTIL + 2 * HOUR)
    page.goto(f"{walk.books}/publication")
    page.locator("#reach-own").check()
    page.locator("#ranks-ranked").check()
    page.locator("#reason").fill("按办法公布")
    page.locator("form[action$='/publication'] button.btn-primary").click()
    expect(page.get_by_text("第1版已公布")).to_be_visible()
    assert ScorePeriod.get().published_at is not None

    # A mark was wrong: proposed by one, carried out by another; never by the same person.
    entry = ReportEntry.get(ReportEntry.mark == 70)
    page.goto(walk.as_("office", f"/reports/{entry.report.obligation_id}", UNTIL + 3 * HOUR))
    walk.fill(f"report-entries/{entry.id}/mark", mark="90", mark_reason="评分录错")
    walk.be("assessor", UNTIL + 4 * HOUR)
    walk.send(walk.books, "corrections", reason="4月评分录错")
    correction = ScoreCorrection.get()
    expect(page.locator("#corrections")).to_contain_text("须由第二人决定")
    assert page.locator("button[value=carry_out]").count() == 0
    walk.be("leader", UNTIL + 5 * HOUR)
    page.goto(walk.books)
    page.locator("button[value=carry_out]").click()
    page.goto(f"{walk.place}/corrections/{correction.id}/notice")
    expect(page.locator("article.official")).to_contain_text("更正原因：4月评分录错。")
    page.goto(f"{walk.sheet('C')}/history?line=indicator.report_quality")
    expect(page.locator(".figure-line")).to_contain_text("评分由70更正为90")

    # Proved before and after somebody edits one score past the application.
    assert audit.verify_chain([]) is None
    assert scores.verify_frozen() is None
    line = line_of(world, "C", LINE)
    ScoreLine.update(points=1200).where(ScoreLine.id == line.id).execute()
    found = scores.verify_frozen()
    assert found is not None
    assert all(words in found.why for words in ("2021-Q2", units["C"].name, LINE, "points"))
    assert walk.errors == []


class Walk:
    """The worked quarter in a browser, its people, and the moment at which they act."""

    def __init__(self, live: Live, page: Page) -> None:
        self.live, self.page = live, page
        live.clock.moment = CLOSING
        self.world: World = quarters.worked_quarter(appeal_workdays=3)
        self.place = f"{live.url}/p/{self.world.programme.id}"
        self.books = f"{self.place}/periods/{Q2.key}"
        self.errors: list[str] = []
        for letter in "ABC":
            builders.user(
                f"liaison-{letter.lower()}",
                Role.LIAISON,
                self.world.programme,
                self.world.units[letter],
                now=CLOSING,
            )
        for name, role in (("leader", Role.LEADER), ("office", Role.LEAD_OFFICE)):
            builders.user(name, role, self.world.programme, now=CLOSING)
        page.on("pageerror", lambda error: self.errors.append(str(error)))

    def at(self, moment: datetime) -> None:
        self.live.clock.moment = moment

    def be(self, who: str, moment: datetime) -> None:
        """Somebody else at the desk: thirteen times in this walk, so that nobody types a password."""
        self.at(moment)
        person = User.get(User.username == who)
        self.page.context.clear_cookies()
        sid = accounts.start_session(person, now=moment)
        self.page.context.add_cookies([{"name": "sid", "value": sid, "url": self.live.url}])

    def as_(self, who: str, path: str, moment: datetime) -> str:
        self.be(who, moment)
        return f"{self.place}{path}"

    def sheet(self, letter: str, place: str | None = None) -> str:
        start = self.place if place is None else place
        return f"{start}/periods/{Q2.key}/units/{self.world.units[letter].id}"

    def send(self, address: str, act: str, *, confirm: bool = False, **fields: str) -> None:
        """Open a page and send the form whose address ends with `act`."""
        self.page.goto(address)
        if confirm:
            self.page.locator(f"form[action$='/{act}'] input[name=confirm]").check()
        self.fill(act, **fields)

    def fill(self, act: str, **fields: str) -> None:
        """Fill the form whose address ends with `act`, in a fold if it is in one, and send it."""
        form = self.page.locator(f"form[action$='/{act}']").first
        if not form.is_visible():
            self.page.locator("details", has=form).last.locator("summary").first.click()
        for name, value in fields.items():
            form.locator(f"[name={name}]").fill(value)
        form.locator("button").first.click()
        self.page.wait_for_load_state()
