"""Site viewings (C51): planned, marked sheet by sheet, finished, and then a line of the score that opens each sheet."""

from __future__ import annotations

import io
from dataclasses import replace
from datetime import date
from decimal import Decimal

import pytest
from docx import Document
from flask.testing import FlaskClient
from peewee import Database

from scoring import assess, load_facts, load_rulebook, preset_text
from supervisor.core import facts, mark_sheets, scores, viewing_pages, viewings
from supervisor.core.completeness import completeness
from supervisor.core.mark_sheets import Typed
from supervisor.core.permissions import Actor
from supervisor.core.viewing_forms import WantedJudge, WantedProject
from supervisor.errors import Invalid, NotAllowed, NotFound, Refused
from supervisor.models import (
    AuditEntry,
    MarkSheet,
    Message,
    Role,
    ScoreLine,
    ScoreRun,
    User,
    ViewedProject,
    Viewing,
    ViewingState,
)
from tests import builders as b
from tests import quarters, viewing_world
from tests.conftest import StillClock, login
from tests.quarters import CLOSING, Q2, correct_closed
from tests.viewing_world import NOW, World, marks


@pytest.fixture
def world(database: Database, clock: StillClock) -> World:
    clock.moment = NOW
    return viewing_world.build()


def assessor(world: World) -> Actor:
    return b.actor(Role.ASSESSOR, world.quarter.programme, person=world.quarter.assessor)


def close(world: World) -> ScoreRun:
    return scores.close(world.quarter.programme, Q2, by=assessor(world), now=CLOSING)


# ---- C51, end to end


def test_c51_four_projects_and_five_scorers_give_averages_that_feed_the_schemes_indicator(
    world: World,
) -> None:
    """C51: of each project's marks the highest and the lowest fall away, the mean of a unit's projects is its mark."""
    viewing_world.adopt(world)
    world.sign_all()
    world.finish()

    run = close(world)

    lines = ScoreLine.select().where((ScoreLine.run == run) & (ScoreLine.indicator == "viewing"))
    found = {line.unit_id: line.points for line in lines}
    units = world.quarter.units
    # A: (84 + 90) / 2 = 87 % of 20; B: 76 %; C: (60 + 70) / 2 = 65 %; D, E were not viewed.
    expected = {"A": 1740, "B": 1520, "C": 1300, "D": None, "E": None}
    assert {letter: found[unit.id] for letter, unit in units.items()} == expected


def test_c51_the_score_line_opens_the_sheet_and_the_sheet_says_who_gave_what(
    world: World, client: FlaskClient
) -> None:
    viewing_world.adopt(world)
    world.sign_all()
    world.finish()
    close(world)
    place = f"/p/{world.quarter.programme.id}"
    login(client, world.quarter.assessor, NOW)
    sheet = MarkSheet.select().join(ViewedProject).where(ViewedProject.number == 3).first()
    address = f"{place}/viewings/{world.viewing.id}/sheets/{sheet.id}"
    page = client.get(f"{place}/periods/2021-Q2/units/{world.quarter.units['B'].id}").text
    assert address in page
    opened = client.get(address).text
    assert "评委甲" in opened
    assert "三号院" in opened
    assert ">60<" in opened


def test_the_viewings_own_result_is_the_engines_and_names_its_arithmetic(world: World) -> None:
    world.sign_all()
    shown = viewing_pages.board(world.viewing)
    assert [row.mean for row in shown.rows] == ["84", "90", "76", "65"]
    assert shown.rows[0].formula == "(82 + 84 + 86) ÷ 3"
    units = world.quarter.units
    assert {one.unit: one.points for one in shown.results} == {
        units["A"].name: Decimal("87.00"), units["B"].name: Decimal("76.00"), units["C"].name: Decimal("65.00"),
    }  # fmt: skip
    assert (shown.expected, shown.signed, shown.missing) == (19, 19, 0)  # five times four, less the own unit


def test_marks_count_only_once_a_person_has_finished_the_viewing(world: World) -> None:
    world.sign_all()
    programme = world.quarter.programme
    assert not [one for one in facts.gather(programme, Q2).facts if one.kind == "judge_mark"]
    world.finish()
    found = [one for one in facts.gather(programme, Q2).facts if one.kind == "judge_mark"]
    assert len(found) == 19
    assert not [one for one in facts.gather(programme, Q2.previous()).facts if one.kind == "judge_mark"]
    first = min(found, key=lambda one: one.record)
    parts = [first.values[key] for key in ("quality", "progress", "residents", "highlights")]
    assert first.values["mark"] == sum(Decimal(str(part)) for part in parts)
    assert "评委" not in str(dict(first.values))  # a unit reads its facts, and not who gave what


def test_the_preset_with_a_table_for_viewings_scores_each_criterion_from_the_same_facts(world: World) -> None:
    """月通报观摩型: four indicators, one a criterion; drop one of five each way."""
    ids = {row.number: row.id for row in viewings.projects_of(world.viewing)}
    for number in range(1, 6):
        given = {"quality": str(20 + number), "progress": "30", "residents": "10.5", "highlights": "0"}
        mark_sheets.sign(
            world.viewing, world.panelist(number), {ids[3]: Typed(given)}, by=world.signer(number), now=NOW
        )
    world.finish("其余项目因雨未看")
    gathered = [
        {"kind": one.kind, "unit": "b", "subject": one.subject, "record": one.record,
         "values": {name: str(value) for name, value in one.values.items()}}
        for one in facts.gather(world.quarter.programme, Q2).facts
        if one.kind == "judge_mark"
    ]  # fmt: skip
    document = {
        "period": "2021-viewing-1", "period_type": "site_viewing", "supplied": ["judge_mark"],
        "units": [{"id": "b", "name": "乙", "group": "街道", "order": 1}], "facts": gathered,
    }  # fmt: skip
    result = assess(load_facts(document), load_rulebook(preset_text("yue-tongbao-guanmo")))
    assert {line.indicator: str(line.points) for line in result.lines} == {
        "viewing_quality": "23.00", "viewing_progress": "30.00", "viewing_residents": "10.50",
        "viewing_highlights": "0.00",
    }  # fmt: skip


# ---- missing sheets


def test_missing_sheets_are_named_by_judge_and_finishing_without_them_needs_a_reason(world: World) -> None:
    world.sign(2, {1: 80, 2: 80, 3: 80, 4: 80})
    world.sign(5, {1: 80, 2: 80})
    late = {judge.name: count for judge, count in viewing_pages.board(world.viewing).late}
    assert late == {"评委甲": 4, "评委丙": 4, "评委丁": 4, "评委戊": 1}
    with pytest.raises(Invalid) as wrong:
        world.finish()
    assert "why_missing" in wrong.value.fields
    done = world.finish("两名评委临时请假")
    assert (done.state, done.why_missing) == (ViewingState.FINISHED, "两名评委临时请假")


def test_a_viewing_without_any_sheet_is_not_finished(world: World) -> None:
    with pytest.raises(Refused, match="No sheet has been signed"):
        world.finish("无")


def test_the_books_stay_open_while_a_viewing_that_the_rulebook_asks_for_is_not_finished(world: World) -> None:
    """With the place where it is mended; a rulebook without judges' marks does not ask."""
    programme = world.quarter.programme
    assert not [one for one in completeness(programme, Q2, CLOSING) if "viewings" in (one.link or "")]
    viewing_world.adopt(world)
    world.sign(1, {1: 80})
    (obstacle,) = [one for one in completeness(programme, Q2, CLOSING) if "viewings" in (one.link or "")]
    assert "18" in str(obstacle.sentence)
    assert obstacle.link == f"/p/{programme.id}/viewings/{world.viewing.id}"
    with pytest.raises(Refused):
        close(world)


# ---- what a sheet refuses


@pytest.mark.parametrize(
    ("text", "told"),
    [("30.5", "between 0 and 30"), ("-1", "at most one decimal"), ("九", "at most one decimal"),
     ("27.55", "at most one decimal"), ("", "missing"), ("1e1", "at most one decimal"), ("NaN", "at most one decimal")],
)  # fmt: skip
def test_a_mark_out_of_range_or_no_number_is_refused_at_its_place_and_nothing_is_signed(
    world: World, text: str, told: str
) -> None:
    ids = [row.id for row in viewings.projects_of(world.viewing)]
    bad = Typed(dict(marks(80).marks) | {"quality": text})
    with pytest.raises(Invalid) as wrong:
        mark_sheets.sign(
            world.viewing, world.panelist(2), {ids[0]: marks(80), ids[1]: bad}, by=world.office, now=NOW
        )
    assert told in str(wrong.value.fields[f"mark-{ids[1]}-quality"])
    assert not MarkSheet.select().exists()


def test_marks_typed_with_full_width_digits_are_read(world: World) -> None:
    ids = [row.id for row in viewings.projects_of(world.viewing)]
    typed = Typed(dict(marks(80).marks) | {"quality": "２７．５"})
    (sheet,) = mark_sheets.sign(world.viewing, world.panelist(2), {ids[0]: typed}, by=world.office, now=NOW)
    assert sheet.marks["quality"] == "27.5"
    assert mark_sheets.total(MarkSheet.get_by_id(sheet.id)) == Decimal("77.5")


def test_a_second_sheet_of_one_judge_for_one_project_is_refused(world: World) -> None:
    world.sign(2, {1: 80})
    with pytest.raises(Refused, match="already"):
        world.sign(2, {1: 90})
    assert MarkSheet.select().count() == 1


def test_nobody_marks_a_project_of_their_own_unit(world: World) -> None:
    """By the unit named for a judge on paper, and by any post that an account holds."""
    with pytest.raises(Refused, match="own unit"):
        world.sign(5, {4: 90})
    b.posting(world.judge, Role.LIAISON, world.quarter.programme, world.quarter.units["B"])
    with pytest.raises(Refused, match="own unit"):
        world.sign(1, {3: 90})
    assert not MarkSheet.select().exists()


def test_only_the_judge_signs_with_an_account_and_only_the_office_types_paper_sheets(world: World) -> None:
    programme = world.quarter.programme
    ids = [row.id for row in viewings.projects_of(world.viewing)]
    other = b.actor(Role.JUDGE, programme, person=b.user("别的评委", Role.JUDGE, programme))
    for judge, by in ((1, world.office), (1, other), (2, other), (2, world.judge_actor())):
        with pytest.raises(NotAllowed):
            mark_sheets.sign(world.viewing, world.panelist(judge), {ids[0]: marks(80)}, by=by, now=NOW)
    (sheet,) = world.sign(2, {1: 80})
    assert sheet.typed_by_name == "王五"


def test_no_sheet_before_the_day_and_none_after_the_end(world: World) -> None:
    ids = [row.id for row in viewings.projects_of(world.viewing)]
    with pytest.raises(Refused, match="not been held"):
        mark_sheets.sign(
            world.viewing,
            world.panelist(2),
            {ids[0]: marks(80)},
            by=world.office,
            now=b.at("2021-06-17 09:00"),
        )
    world.sign(2, {1: 80})
    world.finish("雨")
    with pytest.raises(Refused, match="finished"):
        world.sign(3, {1: 80})


def test_a_signed_sheet_changes_only_by_a_further_version_with_a_reason(world: World) -> None:
    (sheet,) = world.sign(2, {1: 80})
    with pytest.raises(Invalid) as wrong:
        mark_sheets.correct(sheet, marks(85), " ", by=world.office, now=NOW)
    assert "reason" in wrong.value.fields
    with pytest.raises(Invalid, match="Nothing was corrected"):
        mark_sheets.correct(sheet, marks(80), "看错", by=world.office, now=NOW)
    fresh = mark_sheets.correct(sheet, marks(85), "录入时看错一行", by=world.office, now=NOW)
    assert fresh.number == 2
    assert mark_sheets.total(fresh) == Decimal(85)
    assert [row.number for row in mark_sheets.sheets_of(world.viewing)] == [2]
    with pytest.raises(Refused, match="meanwhile"):
        mark_sheets.correct(sheet, marks(90), "再改", by=world.office, now=NOW)
    acts = [
        row.action
        for row in AuditEntry.select().where(AuditEntry.subject_type == "mark_sheet").order_by(AuditEntry.seq)
    ]
    assert acts == ["mark_sheet.sign", "mark_sheet.correct"]


def test_a_correction_reaches_a_closed_quarter_only_when_it_is_run_again(world: World) -> None:
    viewing_world.adopt(world)
    world.sign_all()
    world.finish()
    run = close(world)
    sheet = next(
        one
        for one in mark_sheets.sheets_of(world.viewing)
        if one.project.number == 3 and one.panelist.number == 3
    )
    mark_sheets.correct(sheet, marks(79), "录入时看错一行", by=world.office, now=CLOSING)
    unit = world.quarter.units["B"]

    def points(of: object) -> int:
        line = ScoreLine.get(
            (ScoreLine.run == of) & (ScoreLine.unit == unit) & (ScoreLine.indicator == "viewing")
        )
        return int(line.points or 0)

    assert points(run) == 1520
    again = correct_closed(world.quarter, "一份评分表更正", CLOSING)
    assert points(again) == 1540  # (75 + 77 + 79) / 3 = 77


# ---- planning


@pytest.mark.parametrize(
    ("changes", "place"),
    [
        ({"title": " "}, "title"),
        ({"held_on": None}, "held_on"),
        ({"dropped": 3}, "dropped"),
        ({"criteria": {1: ("质量", "60"), 2: ("进度", "50")}}, "weight-1"),
        ({"criteria": {1: ("质量", "33.333"), 2: ("进度", "66")}}, "weight-1"),
        ({"criteria": {1: ("质量", "50"), 4: ("质量", "50")}}, "criterion-4"),
        ({"criteria": {1: ("mark", "100")}}, "criterion-1"),
        ({"criteria": {}}, "criterion-1"),
        ({"projects": {}}, "project-1"),
        ({"projects": {3: WantedProject(None, "无主项目")}}, "unit-3"),
        ({"judges": {1: WantedJudge(None, "甲"), 2: WantedJudge(None, "甲"), 3: WantedJudge(None, "乙")}}, "judge-2"),
        ({"judges": {1: WantedJudge(None, "甲"), 2: WantedJudge(None, "乙")}}, "judge-1"),
        ({"judges": {2: WantedJudge(987654)}}, "account-2"),
    ],
)  # fmt: skip
def test_a_viewing_that_cannot_be_is_refused_with_the_row_that_is_wrong(
    world: World, changes: dict[str, object], place: str
) -> None:
    with pytest.raises(Invalid) as wrong:
        viewings.plan(viewing_world.changed(world, **changes), by=world.office, now=NOW)
    assert place in wrong.value.fields
    assert Viewing.select().count() == 1


def test_weights_that_do_not_sum_to_100_are_told_with_their_sum(world: World) -> None:
    with pytest.raises(Invalid) as wrong:
        viewings.plan(
            viewing_world.changed(world, criteria={1: ("质量", "60"), 2: ("进度", "50")}),
            by=world.office,
            now=NOW,
        )
    assert "110" in str(wrong.value.fields["weight-1"])


def test_what_judges_signed_against_does_not_change_any_more_but_a_judge_may_still_come(world: World) -> None:
    world.sign(2, {1: 80})
    typed = viewing_world.wanted(world.quarter, world.judge)
    seen = Viewing.get_by_id(world.viewing.id).version
    for changes in (
        {"dropped": 0},
        {"held_on": date(2021, 6, 19)},
        {"projects": dict(list(typed.projects.items())[:2])},
    ):
        other = replace(typed, **changes)
        with pytest.raises(Refused, match="do not change any more"):
            viewings.change(world.viewing, other, seen=seen, by=world.office, now=NOW)
    others = {n: one for n, one in typed.judges.items() if n not in {2, 3}}
    with pytest.raises(Refused, match="stays on the panel"):
        viewings.change(world.viewing, replace(typed, judges=others), seen=seen, by=world.office, now=NOW)
    come = {n: one for n, one in typed.judges.items() if n != 3} | {9: WantedJudge(None, "评委己")}
    viewings.change(world.viewing, replace(typed, judges=come), seen=seen, by=world.office, now=NOW)
    assert [row.name for row in viewings.panel_of(world.viewing)] == [
        "评委甲",
        "评委乙",
        "评委丁",
        "评委戊",
        "评委己",
    ]


def test_of_two_people_who_change_a_viewing_the_second_is_told(world: World) -> None:
    typed = viewing_world.wanted(world.quarter, world.judge)
    viewings.change(world.viewing, replace(typed, title="甲改"), seen=1, by=world.office, now=NOW)
    with pytest.raises(Refused, match="Somebody else"):
        viewings.change(world.viewing, replace(typed, title="乙改"), seen=1, by=world.office, now=NOW)
    assert Viewing.get_by_id(world.viewing.id).title == "甲改"


def test_a_judge_with_an_account_is_told_once(world: World) -> None:
    typed = viewing_world.wanted(world.quarter, world.judge)
    viewings.change(world.viewing, replace(typed, title="新名称"), seen=1, by=world.office, now=NOW)
    told = Message.select().where((Message.event == "viewing.called") & (Message.channel == "inbox"))
    assert [row.recipient_id for row in told] == [world.judge.id]


def test_an_open_viewing_opened_again_counts_no_more(world: World) -> None:
    world.sign_all()
    done = world.finish()
    with pytest.raises(Invalid):
        viewings.reopen(done, "", seen=done.version, by=world.office, now=NOW)
    viewings.reopen(done, "一名评委的评分表漏录", seen=done.version, by=world.office, now=NOW)
    assert not [one for one in facts.gather(world.quarter.programme, Q2).facts if one.kind == "judge_mark"]


# ---- pages


def typed_form(world: World) -> dict[str, str]:
    fields = viewing_pages.filled(world.viewing)
    return {**fields, "_once": "k", "version": "1"}


def test_the_office_plans_a_viewing_on_the_page_and_the_form_comes_back_filled_when_a_weight_is_wrong(
    world: World, client: FlaskClient
) -> None:
    login(client, User.get(User.username == "王五"), NOW)
    place = f"/p/{world.quarter.programme.id}/viewings"
    form = typed_form(world) | {"weight-1": "31"}
    answer = client.post(f"{place}/new", data=form)
    assert answer.status_code == 422
    assert "四号院" in answer.text
    assert "101" in answer.text
    assert client.post(f"{place}/new", data=form | {"weight-1": "30", "_once": "k2"}).status_code == 303
    assert Viewing.select().count() == 2


def test_a_judge_marks_on_the_page_sees_own_sheets_only_and_not_the_result(
    world: World, client: FlaskClient
) -> None:
    world.sign(2, {1: 99})
    login(client, world.judge, NOW)
    place = f"/p/{world.quarter.programme.id}"
    assert "二季度观摩讲评" in client.get(f"{place}/").text
    ids = [row.id for row in viewings.projects_of(world.viewing)]
    form = {f"mark-{ids[0]}-{key}": text for key, text in marks(80).marks.items()}
    page = f"{place}/viewings/{world.viewing.id}/marks/1"
    assert client.get(page).status_code == 200
    answer = client.post(page, data=form | {f"mark-{ids[0]}-quality": "31", "_once": "a"})
    assert answer.status_code == 422
    assert 'value="31"' in answer.text
    assert client.post(page, data=form | {"_once": "b"}).status_code == 303
    mine = MarkSheet.get(MarkSheet.panelist == world.panelist(1))
    other = MarkSheet.get(MarkSheet.panelist == world.panelist(2))
    sheets = f"{place}/viewings/{world.viewing.id}/sheets"
    assert client.get(f"{sheets}/{mine.id}").status_code == 200
    for path in (f"{sheets}/{other.id}", f"{place}/viewings/{world.viewing.id}/marks/2"):
        assert client.get(path).status_code == 404
    assert client.get(f"{place}/viewings/{world.viewing.id}/result").status_code == 403
    assert "评委乙" not in client.get(f"{place}/viewings/{world.viewing.id}").text


def test_a_unit_reads_the_sheets_about_it_once_the_quarter_is_published_and_never_the_judges_names(
    world: World, client: FlaskClient
) -> None:
    viewing_world.adopt(world)
    world.sign_all()
    world.finish()
    close(world)
    programme, unit = world.quarter.programme, world.quarter.units["B"]
    person = b.user("乙联络员", Role.LIAISON, programme, unit)
    sheet = next(one for one in mark_sheets.sheets_of(world.viewing) if one.project.number == 3)
    foreign = next(one for one in mark_sheets.sheets_of(world.viewing) if one.project.number == 1)
    reader = b.actor(Role.LIAISON, programme, unit, person=person)
    with pytest.raises(NotFound):
        mark_sheets.get_visible(sheet.id, reader)
    quarters.publish(programme, assessor(world))
    login(client, person, NOW)
    place = f"/p/{programme.id}/viewings/{world.viewing.id}/sheets"
    page = client.get(f"{place}/{sheet.id}")
    assert page.status_code == 200
    assert "评委甲" not in page.text
    assert "王五" not in page.text
    assert client.get(f"{place}/{foreign.id}").status_code == 404


def test_the_empty_sheet_bars_the_own_unit_and_the_result_table_says_what_is_missing(
    world: World, client: FlaskClient
) -> None:
    world.sign(2, {1: 80})
    login(client, User.get(User.username == "王五"), NOW)
    place = f"/p/{world.quarter.programme.id}/viewings/{world.viewing.id}"
    sheet = Document(io.BytesIO(client.get(f"{place}/paper.docx?judge=5").data))
    rows = [[cell.text for cell in row.cells] for row in sheet.tables[0].rows]
    assert [row[3] for row in rows[1:]] == ["", "", "", "回避"]
    assert rows[0][3] == "工程质量（30分）"
    assert client.get(f"{place}/paper?judge=5").text.count("回避") >= 5
    result = Document(io.BytesIO(client.get(f"{place}/result.docx").data))
    text = "\n".join(paragraph.text for paragraph in result.paragraphs)
    assert "缺评分表18份" in text
    assert "尚未办结" in text
    assert "缺" in client.get(f"{place}/result").text
