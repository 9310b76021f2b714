"""The annual summary of a programme, put together from accepted unit summaries (C25); page numbers of papers."""

from __future__ import annotations

import io
from dataclasses import dataclass
from datetime import date
from typing import Any

import pytest
from docx import Document
from docx.oxml.ns import qn
from flask.testing import FlaskClient
from peewee import Database

from supervisor.core import annual_summaries, filings, obligations, year_figures
from supervisor.core.annual_summaries import Gathered, Words
from supervisor.core.filings import FiledBody
from supervisor.core.periods import Period
from supervisor.core.permissions import Actor
from supervisor.database import count_queries
from supervisor.documents.annual_summary import AnnualContent, numeral
from supervisor.errors import Invalid, NotAllowed, NotFound, Refused
from supervisor.models import (
    AnnualSummary,
    Assignment,
    Attachment,
    AuditEntry,
    FiledDocument,
    LocalSettings,
    Message,
    Obligation,
    ObligationState,
    Outcome,
    Programme,
    Report,
    ReportingRule,
    Role,
    RuleKind,
    RuleRecipient,
    Unit,
    User,
)
from tests import builders as b
from tests.conftest import StillClock, login

NOW = b.at("2021-12-28 10:00")
NAMES = ("甲县", "乙县", "丙县", "丁县")


@dataclass
class World:
    programme: Programme
    rule: ReportingRule
    office: Actor
    receiver: RuleRecipient

    def gathered(self, now: Any = NOW) -> Gathered:
        return annual_summaries.gather(self.programme, self.rule.id, "2021", now=now)

    def owed(self, name: str) -> Obligation:
        found: Obligation = (
            Obligation.select().join(Unit).where((Obligation.rule == self.rule) & (Unit.name == name)).get()
        )
        return found

    def file(
        self, name: str, text: str, *, accepted: bool = True, moment: str = "2021-12-20 09:00"
    ) -> Report:
        unit = Unit.get(Unit.name == name)
        report = filings.submit(
            self.owed(name), [FiledBody("年度总结", f"{name}2021年总结", text)],
            by=b.actor(Role.LIAISON, self.programme, unit, person=User.get(User.username == name)),
            now=b.at(moment),
        )  # fmt: skip
        if accepted:
            filings.give_receipt(report, self.receiver, by=self.office, now=b.at("2021-12-22 09:00"))
        return report

    def keep(self, *, seen: int = 0, **typed: Any) -> AnnualSummary:
        gathered = self.gathered()
        first = annual_summaries.first_words(gathered)
        words = Words(**({**vars(first)} | typed))
        return annual_summaries.keep(gathered, words, seen=seen, by=self.office, now=NOW)


@pytest.fixture
def world(database: Database) -> World:
    """Four counties, made in another order than their list order, owe a yearly summary by 25 December."""
    programme = b.programme()
    plan = b.plan(programme, now=b.at("2021-03-01 09:00"))
    task = b.task(plan)
    for sort in (4, 2, 3, 1):
        unit = b.unit(NAMES[sort - 1], sort=sort)
        b.assignment(task, unit)
        b.user(unit.name, Role.LIAISON, programme, unit)
    rule = ReportingRule.create(
        programme=programme, name="年度工作总结", kind=RuleKind.FILING, recurrence="yearly:12-25", subject_shift=0,
        valid_from=date(2021, 3, 1),
    )  # fmt: skip
    receiver = RuleRecipient.create(rule=rule, name="领导小组办公室", sort=1)
    obligations.generate(programme.id, now=b.at("2021-03-02 09:00"))
    person = b.user("王五", Role.LEAD_OFFICE, programme)
    return World(programme, rule, b.actor(Role.LEAD_OFFICE, programme, person=person), receiver)


def test_c25_the_annual_summary_is_put_together_from_accepted_unit_summaries_in_list_order(
    world: World,
) -> None:
    world.file("乙县", "全年改造12个小区。")
    report = world.file("甲县", "全年改造30个小区。\n加装电梯8部。")
    Attachment.create(
        sha256="0" * 64, filename="照片.pdf", size=1, media_type="application/pdf", uploaded_by=1, uploaded_at=NOW,
        filed=FiledDocument.get(FiledDocument.report == report),
    )  # fmt: skip
    world.file("丙县", "丙县的总结", accepted=False)
    made = world.keep()
    content = annual_summaries.content_of(made)
    assert [unit.unit for unit in content.units] == ["甲县", "乙县"]
    assert content.missing == ("丙县（已报送，待出具回执）", "丁县（未报送）")
    parts = dict(content.parts())
    assert parts["（一）甲县"][:2] == ("全年改造30个小区。", "加装电梯8部。")
    assert parts["（一）甲县"][-1] == "附件材料：照片.pdf。"
    assert "丙县的总结" not in made.content
    assert (content.title, content.version, content.author) == ("老旧小区改造2021年度工作总结", 1, "王五")
    assert AnnualContent.read(made.content) == content


def test_c25_who_has_handed_in_is_accepted_and_missing_is_counted(world: World) -> None:
    world.file("甲县", "总结")
    world.file("乙县", "总结", accepted=False)
    Obligation.update(state=ObligationState.WAIVED, waive_reason="机构撤并").where(
        Obligation.id == world.owed("丙县").id
    ).execute()
    [year] = annual_summaries.years(world.programme.id)
    assert (year.period.key, year.owed, year.handed_in, year.accepted, year.versions) == ("2021", 3, 2, 1, 0)
    gathered = world.gathered()
    assert [(row.unit.name, row.cell.value) for row in gathered.rows] == [
        ("甲县", "on_time"), ("乙县", "on_time"), ("丙县", "waived"), ("丁县", "overdue"),
    ]  # fmt: skip
    assert (gathered.waiting, gathered.absent) == (1, 1)
    assert "丙县" not in "".join(annual_summaries.content_of(world.keep()).missing)


def test_what_the_office_edits_is_kept_as_a_version_with_its_author_and_goes_nowhere(world: World) -> None:
    world.file("甲县", "原文")
    told = Message.select().count()
    first = world.keep(texts={Unit.get(Unit.name == "甲县").id: "办公室改写"}, closing="明年继续。")
    world.file("乙县", "乙县总结")
    parts = annual_summaries.parts_of(world.gathered())
    assert [(part.text, part.is_new, part.is_changed) for part in parts] == [
        ("办公室改写", False, False),
        ("乙县总结", True, False),
    ]
    second = world.keep(seen=1, note="补入乙县")
    assert (first.number, second.number, second.by_name, second.note) == (1, 2, "王五", "补入乙县")
    assert [heading for heading, _ in annual_summaries.content_of(second).rest()] == [
        "三、未纳入本总结的单位",
        "四、下步工作",
    ]
    assert AnnualSummary.get_by_id(first.id).content == first.content
    assert Message.select().count() == told
    acts = [row.action for row in AuditEntry.select().where(AuditEntry.action == "summary.keep")]
    assert len(acts) == 2


def test_a_summary_accepted_anew_brings_its_new_text(world: World) -> None:
    report = world.file("甲县", "第一稿", accepted=False)
    filings.send_back(report, world.receiver, "缺少数据", by=world.office, now=b.at("2021-12-21 09:00"))
    world.file("甲县", "第二稿", moment="2021-12-21 15:00")
    assert [part.text for part in annual_summaries.parts_of(world.gathered())] == ["第二稿"]


def test_bad_input_is_named_and_two_people_do_not_overwrite_each_other(world: World) -> None:
    with pytest.raises(Refused):
        world.keep()
    world.file("甲县", "总结")
    unit = Unit.get(Unit.name == "甲县").id
    with pytest.raises(Invalid) as wrong:
        world.keep(title=" ", texts={unit: "字" * 20_001}, note="x" * 401)
    assert set(wrong.value.fields) == {"title", f"text-{unit}", "note"}
    world.keep()
    with pytest.raises(Invalid) as wrong:
        world.keep(seen=0)
    assert wrong.value.fields["seen"].params == {"name": "王五", "number": 1}
    gathered, leader = world.gathered(), b.actor(Role.LEADER, world.programme)
    words = annual_summaries.first_words(gathered)
    with pytest.raises(NotAllowed):
        annual_summaries.keep(gathered, words, seen=1, by=leader, now=NOW)


@pytest.mark.parametrize("key", ["2020", "2021-12", "x", "20211"])
def test_a_year_about_which_nothing_is_owed_is_not_found(world: World, key: str) -> None:
    with pytest.raises(NotFound):
        annual_summaries.gather(world.programme, world.rule.id, key, now=NOW)


def test_figures_of_the_year_are_counted_from_what_is_about_it(world: World) -> None:
    unit = Unit.get(Unit.name == "甲县")
    lead = Assignment.get(Assignment.unit == unit)
    for key, outcome in (
        ("2021-05", Outcome.ON_TIME), ("2021-06", Outcome.LATE), ("2021-W30", Outcome.MISSING),
        ("2020-12", Outcome.LATE), ("2021-Q3", Outcome.NIL),
    ):  # fmt: skip
        row = b.obligation(unit, world.programme, key, of=world.rule)
        Obligation.update(outcome=outcome).where(Obligation.id == row.id).execute()
    waived = b.obligation(unit, world.programme, "2021-07", of=world.rule)
    Obligation.update(outcome=Outcome.LATE, state=ObligationState.WAIVED).where(
        Obligation.id == waived.id
    ).execute()
    Assignment.update(closed_on=date(2021, 11, 30), progress=90).where(Assignment.id == lead.id).execute()
    found = year_figures.read_year(world.programme.id, Period.parse("2021"), now=NOW)[unit.id]
    assert (found.leads, found.closed, found.supports) == (1, 1, 0)
    assert (found.on_time, found.late, found.missing, found.nil, found.progress) == (1, 1, 1, 1, 100)


def test_the_word_file_says_what_the_page_says_and_numbers_its_pages(
    world: World, client: FlaskClient, clock: StillClock
) -> None:
    world.file("甲县", "全年改造30个小区。")
    made = world.keep(closing="明年继续。")
    clock.moment = NOW
    login(client, User.get(User.username == "王五"), NOW)
    here = f"/p/{world.programme.id}/annual-summaries/versions/{made.id}"
    page = client.get(here).text
    paper = Document(io.BytesIO(client.get(f"{here}.docx").data))
    lines = [paragraph.text for paragraph in paper.paragraphs if paragraph.text]
    content = annual_summaries.content_of(made)
    assert lines[:2] == ["老旧小区改造2021年度工作总结", "（第1版，王五整理，数据截至2021年12月28日）"]
    for heading, paragraphs in (*content.front(), *content.parts(), *content.rest()):
        for text in (heading, *paragraphs):
            assert text in lines
            assert text in page
    assert [cell.text for cell in paper.tables[0].rows[1].cells][:3] == ["1", "甲县", "1"]
    odd, even = paper.sections[0].footer.paragraphs[0], paper.sections[0].even_page_footer.paragraphs[0]
    for footer in (odd, even):
        assert footer.text == "— 1 —"
        assert [one.text for one in footer._p.iter(qn("w:instrText"))] == ["PAGE"]
        assert {run.font.name for run in footer.runs} == {"宋体"}
        assert {run.font.size.pt for run in footer.runs if run.font.size} == {14}
    assert (str(odd.alignment), str(even.alignment)) == ("RIGHT (2)", "LEFT (0)")
    LocalSettings.update(font_body="方正仿宋_GBK").execute()
    again = Document(io.BytesIO(client.get(f"{here}.docx").data))
    assert "仿宋_GB2312" in paper.element.xml
    assert "仿宋_GB2312" not in again.element.xml


def test_the_pages_lead_from_the_list_to_a_version_and_bring_back_what_was_typed(
    world: World, client: FlaskClient, clock: StillClock
) -> None:
    clock.moment = NOW
    login(client, User.get(User.username == "王五"), NOW)
    top = f"/p/{world.programme.id}/annual-summaries"
    here = f"{top}/{world.rule.id}/2021"
    assert "年度工作总结" in client.get(top).text
    assert "尚无单位的年度总结通过" in client.get(here).text
    world.file("甲县", "原文")
    unit = Unit.get(Unit.name == "甲县").id
    form = client.get(f"{here}/edit")
    assert "原文" in form.text
    typed = {"_once": "a", "seen": "0", "title": "", f"text-{unit}": "改写过的文字", "closing": "下一年"}
    wrong = client.post(f"{here}/edit", data=typed)
    assert wrong.status_code == 422
    assert "改写过的文字" in wrong.text
    done = client.post(f"{here}/edit", data=typed | {"title": "总结", "_once": "b"})
    assert done.status_code == 303
    assert "改写过的文字" in client.get(done.headers["Location"]).text
    assert "第1版" in client.get(here).text
    assert client.get(f"{top}/versions/99").status_code == 404
    assert client.get(f"{top}/{world.rule.id}/1999").status_code == 404


def test_a_unit_reads_no_annual_summary_and_a_leader_changes_none(
    world: World, client: FlaskClient, clock: StillClock
) -> None:
    world.file("甲县", "原文")
    made = world.keep()
    clock.moment = NOW
    top = f"/p/{world.programme.id}/annual-summaries"
    login(client, User.get(User.username == "甲县"), NOW)
    for path in (
        top,
        f"{top}/{world.rule.id}/2021",
        f"{top}/versions/{made.id}",
        f"{top}/versions/{made.id}.docx",
    ):
        assert client.get(path).status_code == 403
    login(client, b.user("市长", Role.LEADER, world.programme), NOW)
    assert client.get(f"{top}/versions/{made.id}").status_code == 200
    assert client.get(f"{top}/{world.rule.id}/2021/edit").status_code == 403


def test_the_page_costs_the_same_for_four_units_and_for_forty(world: World) -> None:
    def cost() -> int:
        with count_queries(Obligation._meta.database) as seen:
            gathered = world.gathered()
            annual_summaries.compose(gathered, annual_summaries.first_words(gathered), now=NOW)
        return len(seen)

    world.file("甲县", "总结")
    few = cost()
    for n in range(40):
        unit = b.unit(f"第{n}局")
        row = b.obligation(unit, world.programme, "2021", of=world.rule)
        Report.create(obligation=row, number=1, submitted_by=1, received_at=NOW)
        Obligation.update(state=ObligationState.ACCEPTED).where(Obligation.id == row.id).execute()
    assert cost() == few


@pytest.mark.parametrize(
    ("number", "said"),
    [
        (1, "一"),
        (10, "十"),
        (11, "十一"),
        (20, "二十"),
        (23, "二十三"),
        (100, "一百"),
        (105, "一百零五"),
        (110, "一百一十"),
    ],
)
def test_parts_are_numbered_as_official_papers_number_them(number: int, said: str) -> None:
    assert numeral(number) == said
