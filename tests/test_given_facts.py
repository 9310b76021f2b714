"""What units and the office have said already is never entered again: items, problems put right, early completions."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any

import pytest
from flask.testing import FlaskClient

from supervisor.core import (
    fact_changes,
    fact_gaps,
    fact_pages,
    facts,
    instructions,
    ladder_answers,
    recorded_facts,
    rulebooks,
    score_sheet,
    scores,
)
from supervisor.core.fact_changes import Row
from supervisor.core.instructions import Wanted
from supervisor.core.periods import Period
from supervisor.core.permissions import Actor
from supervisor.errors import Refused
from supervisor.models import (
    FiledDocument,
    InstructedUnit,
    InstructionKind,
    Obligation,
    ObligationState,
    Outcome,
    RecordedFact,
    Report,
    ReportingRule,
    Role,
    RuleKind,
    Rung,
    ScoreLine,
)
from tests import builders, ladder_world, quarters
from tests.builders import at
from tests.conftest import login
from tests.quarters import CLOSING, MONTHS, Q2, World

pytestmark = pytest.mark.usefixtures("database")
Values = Mapping[str, Any]


def assessor(world: World) -> Actor:
    return builders.actor(Role.ASSESSOR, world.programme, person=world.assessor)


def asks_for_items(world: World, letters: str = "ABC") -> dict[tuple[str, str], Obligation]:
    """One item a month in Q2, of these units."""
    rule = ReportingRule.create(
        programme=world.programme, name="宣传信息", kind=RuleKind.COUNT, recurrence="monthly",
        subject_shift=0, valid_from=date(2021, 4, 1), nil_allowed=True,
    )  # fmt: skip
    return {
        (letter, month): builders.obligation(
            world.units[letter], world.programme, month, of=rule, due_on=Period.parse(month).end
        )
        for letter in letters
        for month in MONTHS
    }


def sends(row: Obligation, title: str = "工地见闻", day: str = "", nil: str = "") -> None:
    """An item (or nothing, with the reason), in the middle of its month."""
    report = Report.create(
        obligation=row, number=Report.select().where(Report.obligation == row).count() + 1, nil=bool(nil),
        nil_reason=nil, submitted_by=1, received_at=at(f"{day or row.period + '-15'} 10:00"),
    )  # fmt: skip
    outcome = Outcome.NIL if nil else Outcome.ON_TIME
    Obligation.update(state=ObligationState.ACCEPTED, outcome=outcome).where(
        Obligation.id == row.id
    ).execute()
    if not nil:
        FiledDocument.create(report=report, kind="信息", title=title)


def lines_of(world: World, letter: str) -> dict[str, Any]:
    found = score_sheet.sheet(world.programme, Q2, world.units[letter].id, by=assessor(world), now=CLOSING)
    return {one.line.indicator: one for one in (*found.lines, *found.adjustments)}


def gathered(world: World, kind: str) -> list[tuple[str, str, Values]]:
    letters = {str(unit.id): letter for letter, unit in world.units.items()}
    found = facts.gather(world.programme, Q2).facts
    return [(letters[one.unit], one.subject, one.values) for one in found if one.kind == kind]


def typed(world: World, key: str, letter: str, texts: Mapping[str, str]) -> fact_changes.Reading:
    form = fact_pages.form_of(world.programme, Q2, key)
    lines = [Row("1", world.units[letter].id, texts)]
    return fact_changes.read(world.programme, Q2, form, lines, own=set(), today=date(2021, 8, 10))


def enter(world: World, key: str, letter: str, texts: Mapping[str, str]) -> list[RecordedFact]:
    form = fact_pages.form_of(world.programme, Q2, key)
    changes = typed(world, key, letter, texts).changes
    return recorded_facts.record(
        world.programme, Q2, form, changes, source="登记簿", by=assessor(world), now=CLOSING
    )


def test_items_handed_in_are_the_publicity_of_a_unit_and_excused_months_ask_for_none() -> None:
    """Three items a quarter: A sent two and was excused once, C sent one, nothing was asked of B."""
    world = quarters.worked_quarter()
    asked = asks_for_items(world, "AC")
    sends(asked["A", "2021-04"])
    sends(asked["A", "2021-05"], nil="本月无宣传内容，办公室同意")
    sends(asked["A", "2021-06"], "夜间施工告知单")
    sends(asked["C", "2021-04"])
    assert fact_gaps.gaps(world.programme, Q2, rulebooks.in_force(world.programme.id, Q2))[0] == []
    scores.close(world.programme, Q2, by=assessor(world), now=CLOSING)
    points = {letter: lines_of(world, letter)["publicity"] for letter in "ABC"}
    assert [points[letter].line.points for letter in "ABC"] == [500, None, 300]
    assert [str(one.words) for one in points["A"].evidence] == [
        "宣传信息, sent 2021-04-15",
        "nothing to send, with a reason: 本月无宣传内容，办公室同意",
        "宣传信息, sent 2021-06-15",
    ]
    assert str(points["B"].evidence[0].words) == "nothing was asked of the unit in this month"
    assert points["A"].evidence[2].link == f"/p/{world.programme.id}/filings/{asked['A', '2021-06'].id}"


def test_what_dukao_counts_is_not_entered_and_what_was_entered_before_is_kept_and_not_counted(
    client: FlaskClient,
) -> None:
    world = quarters.worked_quarter()
    before = {"subject": "手工登记的一篇", "day": "2021-05-20"}
    enter(world, "publicity", "A", before)
    assert [subject for _letter, subject, _values in gathered(world, "publicity")] == ["手工登记的一篇"]
    asked = asks_for_items(world)
    sends(asked["A", "2021-04"])
    assert "手工登记的一篇" not in [subject for _letter, subject, _values in gathered(world, "publicity")]
    with pytest.raises(Refused, match="Dukao counts this by itself") as told:
        enter(world, "publicity", "B", before | {"subject": "又一篇"})
    assert "items that units hand in under: 宣传信息" in str(told.value.obstacles[0].sentence)
    login(client, world.assessor, CLOSING)
    page = client.get(f"/p/{world.programme.id}/facts/2021-Q2/publicity").get_data(as_text=True)
    assert "工地见闻" in page
    assert "手工登记的一篇" in page
    assert 'name="subject"' not in page


def found(world: World, letters: str, text: str, due: str) -> list[InstructedUnit]:
    by, now = builders.actor(Role.INSPECTOR, world.programme), at("2021-05-10 10:00")
    wanted = Wanted(text, [world.units[letter].id for letter in letters], date.fromisoformat(due))
    made = instructions.record(world.programme, InstructionKind.FINDING, "2021-W19", wanted, by=by, now=now)
    return list(InstructedUnit.select().where(InstructedUnit.instruction == made).order_by(InstructedUnit.id))


def test_findings_are_the_problems_put_right_and_one_put_right_on_paper_stands_in_its_place() -> None:
    """Of A's three findings one is done in time, one late, one is due in the next quarter: 15 × 1 ÷ 2."""
    world = quarters.worked_quarter()
    by = builders.actor(Role.INSPECTOR, world.programme)
    [fence, fence_b] = found(world, "AB", "围挡破损", "2021-05-20")
    [late] = found(world, "A", "消防通道被占", "2021-05-20")
    found(world, "A", "管线标识缺失", "2021-07-02")
    for part, day in ((fence, "2021-05-20"), (late, "2021-05-21"), (fence_b, "2021-05-18")):
        instructions.follow_up(part, "已整改", done=True, by=by, now=at(f"{day} 23:30"))
    scores.close(world.programme, Q2, by=assessor(world), now=CLOSING)
    line = lines_of(world, "A")["rectification"]
    assert line.line.points == 750
    assert {str(one.words) for one in line.evidence} == {
        "due 2021-05-20, put right on 2021-05-20: in time",
        "due 2021-05-20, put right on 2021-05-21: too late",
    }
    assert lines_of(world, "B")["rectification"].line.points == 1500


def test_only_of_what_was_put_right_the_page_asks_whether_it_was_so_only_on_paper(
    client: FlaskClient,
) -> None:
    world = quarters.worked_quarter()
    [fence] = found(world, "A", "围挡破损", "2021-05-20")
    found(world, "A", "消防通道被占", "2021-05-20")
    by = builders.actor(Role.INSPECTOR, world.programme)
    instructions.follow_up(fence, "已整改", done=True, by=by, now=at("2021-05-19 10:00"))
    login(client, world.assessor, CLOSING)
    here = f"/p/{world.programme.id}/facts/2021-Q2/rectification"
    page = client.get(here).get_data(as_text=True)
    assert page.count("属虚假整改？") == 1
    offered = client.get(f"{here}?unit={world.units['A'].id}&subject=围挡破损").get_data(as_text=True)
    assert 'value="围挡破损"' in offered


def test_a_problem_that_dukao_counts_is_entered_only_when_it_was_put_right_on_paper() -> None:
    world = quarters.worked_quarter()
    found(world, "A", "围挡破损", "2021-05-20")
    twice = typed(world, "rectification", "A", {"subject": " 围挡 破损。", "on_time": "是"})
    assert "it would count twice" in str(twice.faults["1"]["subject"])
    assert typed(world, "rectification", "B", {"subject": "围挡破损", "on_time": "是"}).faults == {}
    enter(world, "rectification", "A", {"subject": "围挡破损", "on_time": "否", "false": "是"})
    enter(world, "rectification", "A", {"subject": "现场检查发现积水", "on_time": "是"})
    problems = gathered(world, "rectification")
    assert sorted(
        (letter, subject, one["on_time"], one.get("false")) for letter, subject, one in problems
    ) == [
        ("A", "围挡破损", False, True),
        ("A", "现场检查发现积水", True, False),
    ]


def test_decisions_of_a_dispatch_are_resolutions_and_are_not_entered_again() -> None:
    world = quarters.worked_quarter()
    by, now = builders.actor(Role.LEAD_OFFICE, world.programme), at("2021-05-10 10:00")
    wanted = Wanted("五月底前拆除围挡", [world.units["A"].id, world.units["B"].id], date(2021, 5, 31))
    made = instructions.record(world.programme, InstructionKind.DECISION, "2021-05", wanted, by=by, now=now)
    first = InstructedUnit.get(
        (InstructedUnit.instruction == made) & (InstructedUnit.unit == world.units["A"])
    )
    instructions.follow_up(first, "已拆除", done=True, by=by, now=at("2021-05-28 10:00"))
    kept = [(letter, values["on_time"]) for letter, _subject, values in gathered(world, "resolution")]
    assert sorted(kept) == [("A", True), ("B", False)]
    assert gathered(world, "rectification") == []
    twice = typed(world, "resolution", "B", {"subject": "五月底前拆除围挡", "on_time": "是"})
    assert (
        str(twice.faults["1"]["subject"]) == "Dukao counts this of the unit by itself: it would count twice."
    )
    other = typed(world, "resolution", "B", {"subject": "联席会议第三次会议", "on_time": "是"})
    assert other.faults == {}


def test_a_supervised_matter_is_one_problem_due_with_its_first_notice() -> None:
    """Urging is no notice; an answer that holds puts it right on its own day, and one sent back does not."""
    world = ladder_world.build()
    units = {unit.id: n for n, unit in enumerate(world.units)}
    builders.group(world.programme, "市直部门", world.units)
    for n in range(3):
        world.climb(world.key(n), urge="09")
    first = [world.take(world.key(n), Rung.BLUE, "2021-06-10", answer_by=date(2021, 6, 15)) for n in (0, 1)]
    for step, day in zip(first, ("2021-06-15", "2021-06-16"), strict=True):
        world.answered(step, day)
    problems = {
        units[int(one.unit)]: one.values
        for one in facts.gather(world.programme, Q2).facts
        if one.kind == "rectification"
    }
    assert {n: (one["due"], one["done"], one["on_time"]) for n, one in problems.items()} == {
        0: ("2021-06-15", "2021-06-15", True),
        1: ("2021-06-15", "2021-06-16", False),
    }
    ladder_answers.review(
        first[0], accept=False, words="没有附照片", answer_by=date(2021, 6, 25), by=world.office,
        now=at("2021-06-20 10:00"),
    )  # fmt: skip
    again = [one for one in facts.gather(world.programme, Q2).facts if one.kind == "rectification"]
    assert [one.values["on_time"] for one in again] == [False, False]


def test_an_early_completion_counts_by_its_working_days_in_the_quarter_of_its_application() -> None:
    """Applied for on Monday 28 June: one working day too few for a limit of 9 July, enough for 12 July."""
    world = quarters.worked_quarter()
    yards = world.tasks["yards"]
    for due, days in ((date(2021, 7, 9), 9), (date(2021, 7, 12), 10)):
        yards.due_on = due
        yards.save()
        [(letter, subject, values)] = gathered(world, "early_closure")
        assert (letter, subject, values["early_workdays"]) == ("A", "2 改造小区", days)
    with pytest.raises(Refused, match="Dukao counts this by itself"):
        enter(world, "bonus.early_closure", "A", {"subject": "改造小区", "day": "2021-06-28"})
    scores.close(world.programme, Q2, by=assessor(world), now=CLOSING)
    line = lines_of(world, "A")["early_closure"]
    assert line.line.points == 20
    assert [str(one.words) for one in line.evidence] == [
        "due 2021-07-12; applied for on 2021-06-28: 10 working days early"
    ]


def test_a_closed_quarter_keeps_its_sources_when_it_is_corrected() -> None:
    """Closed while its publicity was entered by hand: items found later on do not come in by a correction."""
    world = quarters.worked_quarter()
    enter(world, "publicity", "A", {"subject": "手工登记的一篇", "day": "2021-05-20"})
    first = scores.close(world.programme, Q2, by=assessor(world), now=CLOSING)
    sends(asks_for_items(world)["A", "2021-04"])
    second = quarters.correct_closed(world, "更正迟报天数", CLOSING)
    of_a = (ScoreLine.unit == world.units["A"]) & (ScoreLine.indicator == "publicity")
    points = [ScoreLine.get((ScoreLine.run == run) & of_a).points for run in (first, second)]
    assert points == [300, 300]
