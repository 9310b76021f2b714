"""The ladder: each step on the one before, decided by a person, numbered without a gap, told at once (D22, D13)."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest
from peewee import Database

from supervisor.core import decisions, ladder, ladder_answers, ladder_papers, matters
from supervisor.core.ladder_answers import Talk
from supervisor.core.permissions import Actor
from supervisor.database import db
from supervisor.documents.ladder_paper import PaperContent
from supervisor.errors import Invalid, NotAllowed, NotFound, Refused
from supervisor.models import (
    Assignment,
    AssignmentState,
    AuditEntry,
    Decision,
    LadderStep,
    LocalSettings,
    Matter,
    MatterState,
    Message,
    MessageKind,
    Obligation,
    ObligationState,
    Role,
    Rung,
    StepEvent,
)
from tests import builders as b
from tests import ladder_world
from tests.databases import at_one_moment
from tests.ladder_world import NOW, World


@pytest.fixture
def world(database: Database) -> World:
    return ladder_world.build()


def numbers() -> list[str]:
    return [ladder_papers.number_of(step) for step in LadderStep.select().order_by(LadderStep.id)]


def told(step: LadderStep) -> set[str]:
    rows = Message.select().where(Message.key.startswith(f"ladder:{step.id}:"))
    return {row.person.name for row in rows}


# ---- the chain


def test_a_matter_climbs_the_whole_ladder_and_each_step_is_a_paper_with_a_number(world: World) -> None:
    key, days = world.key(0), ("09", "16", "23", "30")
    for rung, day in zip((Rung.URGE, Rung.BLUE, Rung.YELLOW, Rung.RED), days, strict=True):
        world.take(key, rung, f"2021-06-{day}")
    world.take(key, Rung.CRITICISM, "2021-07-07")
    world.take(key, Rung.TALK, "2021-07-13")
    assert numbers() == [
        "催〔2021〕1号", "督〔2021〕1号", "督〔2021〕2号", "督〔2021〕3号", "督通〔2021〕1号", "约〔2021〕1号",
    ]  # fmt: skip
    matter = world.matter(key)
    assert (matter.rung, matter.steps, matter.state) == (Rung.TALK, 6, MatterState.ISSUED)
    last = PaperContent.read(LadderStep.get(LadderStep.number == 6).content)
    assert last.earlier[:2] == (
        "2021年6月9日催办单催〔2021〕1号",
        "2021年6月16日督办通知单（蓝色）督〔2021〕1号",
    )


@pytest.mark.parametrize(
    ("before", "rung"),
    [
        ((), Rung.BLUE),
        ((), Rung.CRITICISM),
        ((Rung.URGE,), Rung.YELLOW),
        ((Rung.URGE, Rung.BLUE), Rung.RED),
        ((Rung.URGE,), Rung.TALK),
    ],
    ids=["no urge", "out of the blue", "blue left out", "yellow left out", "a talk on an urge alone"],
)
def test_d22_a_step_whose_earlier_steps_are_missing_is_refused_and_says_the_way_out(
    world: World, before: tuple[Rung, ...], rung: Rung
) -> None:
    if before:
        world.climb(world.key(0), **{one.value: f"{9 + n:02d}" for n, one in enumerate(before)})
    kept = LadderStep.select().count()
    with pytest.raises(Refused) as refused:
        world.take(world.key(0), rung, "2021-06-15")
    step, leader = refused.value.obstacles
    assert step.link is not None
    assert "/ladder/step?about=" in step.link
    assert "leader" in str(leader.sentence)
    assert LadderStep.select().count() == kept
    assert Matter.select().count() == bool(before), "a refused first step opens no matter"


def test_d22_an_urge_on_record_about_the_matter_is_enough_for_a_criticism(world: World) -> None:
    world.take(world.key(0), Rung.URGE)
    world.take(world.key(1), Rung.URGE)
    assert world.take(world.key(0), Rung.CRITICISM, "2021-06-16").register_number == 1


def test_an_earlier_step_counts_for_as_long_as_the_local_setting_says(world: World) -> None:
    LocalSettings.update(ladder_counts_for=5).execute()
    world.take(world.key(0), Rung.URGE)
    with pytest.raises(Refused):
        world.take(world.key(0), Rung.BLUE, "2021-06-18")
    assert world.take(world.key(0), Rung.BLUE, "2021-06-17").number == 2


def test_no_colour_is_given_twice_about_one_matter(world: World) -> None:
    world.climb(world.key(0), urge="09", blue="10")
    with pytest.raises(Refused) as refused:
        world.take(world.key(0), Rung.BLUE, "2021-06-11")
    assert "taken already" in str(refused.value)


def test_three_matters_climb_the_ladder_and_one_is_refused_for_a_missing_step(world: World) -> None:
    """The issue's sentence."""
    free = ladder.open_matter(
        world.units[2].id, "落实市长批示", basis="市长批示", due_on=date(2021, 6, 1), by=world.office, now=NOW
    )
    for key in (world.key(0), f"task:{world.part.id}", f"matter:{free.id}"):
        world.take(key, Rung.URGE)
        world.take(key, Rung.BLUE, "2021-06-16")
    with pytest.raises(Refused):
        world.take(world.key(1), Rung.BLUE, "2021-06-16")
    assert numbers() == [
        f"催〔2021〕{n // 2 + 1}号" if n % 2 == 0 else f"督〔2021〕{n // 2 + 1}号" for n in range(6)
    ]
    assert {row.rung for row in Matter.select()} == {Rung.BLUE}


# ---- a step has its time


def test_no_higher_step_goes_out_while_the_unit_may_still_answer_the_one_before(world: World) -> None:
    key = world.key(0)
    world.take(key, Rung.URGE, answer_by=date(2021, 6, 11))
    for day in ("2021-06-09", "2021-06-11"):
        with pytest.raises(Refused) as refused:
            world.take(key, Rung.BLUE, day)
        assert "may still answer" in str(refused.value)
        see, leader = refused.value.obstacles
        assert (see.link or "").endswith(f"/matters/{world.matter(key).id}")
        assert "rung=blue#way-out" in (leader.link or "")
    assert world.take(key, Rung.BLUE, "2021-06-15").number == 2


def test_an_answer_lets_the_next_step_go_out_at_once_and_one_sent_back_has_its_new_day(world: World) -> None:
    key = world.key(0)
    step = world.take(key, Rung.URGE, answer_by=date(2021, 6, 11))
    world.answered(step, "2021-06-09")
    ladder_answers.review(
        step,
        accept=False,
        words="不实",
        answer_by=date(2021, 6, 10),
        by=world.office,
        now=b.at("2021-06-09 16:00"),
    )
    with pytest.raises(Refused):
        world.take(key, Rung.BLUE, "2021-06-10")
    world.answered(step, "2021-06-10")
    assert world.take(key, Rung.BLUE, "2021-06-10").excuse_id is None


def test_a_leader_may_let_a_step_go_out_at_once_and_it_bears_the_reason(world: World) -> None:
    key = world.key(0)
    world.take(key, Rung.URGE)
    ladder.ask_excuse(key, Rung.BLUE, "汛期将至，不能再等", by=world.leader, now=NOW)
    step = world.take(key, Rung.BLUE)
    assert step.excuse is not None
    assert step.excuse.reason == "汛期将至，不能再等"


def test_a_matter_about_a_report_stays_open_while_the_report_is_owed_whatever_was_answered(
    world: World,
) -> None:
    step = world.take(world.key(0), Rung.URGE)
    world.answered(step, "2021-06-10", "下周补报")
    ladder_answers.review(step, accept=True, words="", answer_by=None, by=world.office, now=NOW)
    with pytest.raises(Refused) as refused:
        ladder_answers.close(Matter.get(), "承诺补报", by=world.office, now=NOW)
    assert [one.link for one in refused.value.obstacles] == [
        f"/p/{world.programme.id}/reports/{world.owed[0].id}"
    ]
    Obligation.update(state=ObligationState.SUBMITTED).where(Obligation.id == world.owed[0].id).execute()
    ladder_answers.close(Matter.get(), "已补报", by=world.office, now=NOW)
    assert Matter.get().state is MatterState.CLOSED


# ---- a leader does without


def test_a_leader_may_do_without_the_step_before_and_the_reason_is_kept_with_the_step(world: World) -> None:
    key = world.key(0)
    asked = ladder.ask_excuse(key, Rung.RED, "群众反映强烈", by=world.office, now=NOW)
    with pytest.raises(Refused):
        world.take(key, Rung.RED)  # asked is not granted
    with pytest.raises(NotAllowed):
        decisions.decide(asked, approved=True, words="同意", by=world.office, now=NOW)
    decisions.decide(asked, approved=True, words="同意直接发红单", by=world.leader, now=NOW)
    with pytest.raises(Refused):
        world.take(key, Rung.YELLOW)  # granted for one step, not for all
    step = world.take(key, Rung.RED)
    assert step.excuse is not None
    assert (step.excuse.reason, step.excuse.decision) == ("群众反映强烈", "同意直接发红单")


def test_what_a_leader_refuses_stays_refused_and_is_not_asked_twice_at_a_time(world: World) -> None:
    asked = ladder.ask_excuse(world.key(0), Rung.RED, "急", by=world.office, now=NOW)
    with pytest.raises(Refused):
        ladder.ask_excuse(world.key(0), Rung.RED, "很急", by=world.office, now=NOW)
    decisions.decide(asked, approved=False, words="先催办", by=world.leader, now=NOW)
    with pytest.raises(Refused):
        world.take(world.key(0), Rung.RED)
    assert Message.select().where(Message.kind == MessageKind.DECISION).count() > 0


def test_a_leader_who_asks_has_decided(world: World) -> None:
    with pytest.raises(Invalid):
        ladder.ask_excuse(world.key(0), Rung.YELLOW, " ", by=world.leader, now=NOW)
    ladder.ask_excuse(world.key(0), Rung.YELLOW, "影响汛期安全", by=world.leader, now=NOW)
    assert Decision.get().approved is True
    assert world.take(world.key(0), Rung.YELLOW).excuse_id == Decision.get().id


# ---- urging is throttled


def test_a_matter_is_urged_again_only_after_the_days_of_the_local_setting(world: World) -> None:
    world.take(world.key(0), Rung.URGE)
    with pytest.raises(Refused) as refused:
        world.take(world.key(0), Rung.URGE, "2021-06-11")
    assert "王五" in str(refused.value)
    assert "催〔2021〕1号" in str(refused.value)
    assert (
        world.take(world.key(0), Rung.URGE, "2021-06-15").number == 2
    )  # three working days; Monday is a day off
    assert world.take(world.key(1), Rung.URGE, "2021-06-15").register_number == 3


def test_of_two_offices_that_urge_at_one_moment_one_wins_and_the_other_is_told(
    world: World, database: Database
) -> None:
    colleague = b.actor(
        Role.LEAD_OFFICE, world.programme, person=b.user("赵六", Role.LEAD_OFFICE, world.programme)
    )
    wanted = world.wanted(world.key(0), Rung.URGE)

    def urge(by: Actor) -> LadderStep:
        return ladder.take(world.key(0), wanted, seen=0, by=by, now=NOW)

    answers = at_one_moment(database, lambda: urge(world.office), lambda: urge(colleague))
    (lost,) = [one for one in answers if isinstance(one, Refused)]
    (won,) = [one for one in answers if isinstance(one, LadderStep)]
    assert won.by_name in str(lost)
    assert lost.obstacles[0].link == f"/p/{world.programme.id}/matters/{won.matter_id}"
    assert (Matter.select().count(), numbers()) == (1, ["催〔2021〕1号"])


def test_the_register_has_neither_doubles_nor_gaps_when_many_write_and_some_fail(
    world: World, database: Database
) -> None:
    wanted = [world.wanted(world.key(n), Rung.URGE) for n in range(3)]
    bad = world.wanted(world.key(0), Rung.BLUE)

    def urge(n: int) -> LadderStep:
        return ladder.take(world.key(n), wanted[n], seen=0, by=world.office, now=NOW)

    at_one_moment(
        database, lambda: urge(0), lambda: urge(1), lambda: urge(2), lambda: urge(1),
        lambda: ladder.take(world.key(0), bad, seen=7, by=world.office, now=NOW),
    )  # fmt: skip
    assert sorted(numbers()) == ["催〔2021〕1号", "催〔2021〕2号", "催〔2021〕3号"]


def test_a_failure_after_the_number_was_drawn_leaves_no_gap(world: World) -> None:
    with db.atomic() as undone:
        world.take(world.key(0), Rung.URGE)
        undone.rollback()
    assert ladder_papers.number_of(world.take(world.key(1), Rung.URGE)) == "催〔2021〕1号"


def test_numbers_begin_anew_each_year_and_bear_the_offices_letters(world: World) -> None:
    LocalSettings.update(ladder_word="澄").execute()
    world.take(world.key(0), Rung.URGE)
    world.take(world.key(0), Rung.URGE, "2022-01-04")
    assert numbers() == ["澄催〔2021〕1号", "澄催〔2022〕1号"]


# ---- who may, and what is refused


def test_only_the_lead_office_decides_and_never_for_its_own_unit(world: World) -> None:
    wanted = world.wanted(world.key(0), Rung.URGE)
    for by in (world.unit(0), world.leader, b.actor(Role.INSPECTOR, world.programme)):
        with pytest.raises(NotAllowed):
            ladder.take(world.key(0), wanted, seen=0, by=by, now=NOW)
    both = b.actor([Role.LEAD_OFFICE, Role.LIAISON], world.programme, world.units[0], person=world.clerk)
    with pytest.raises(Refused):
        ladder.take(world.key(0), wanted, seen=0, by=both, now=NOW)
    stranger = b.actor(Role.LEAD_OFFICE, b.programme("别的"))
    with pytest.raises(NotFound):
        ladder.take(world.key(0), wanted, seen=0, by=stranger, now=NOW)


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"reason": " "}, "reason"),
        ({"demand": ""}, "demand"),
        ({"title": "长" * 301}, "title"),
        ({"limit_on": date(2021, 6, 8)}, "limit_on"),
        ({"answer_by": None}, "answer_by"),
        ({"answer_by": date(2031, 6, 9)}, "answer_by"),
        ({"signer": ""}, "signer"),
    ],
)
def test_a_paper_that_is_not_complete_names_the_field(
    world: World, changes: dict[str, Any], field: str
) -> None:
    with pytest.raises(Invalid) as wrong:
        world.take(world.key(0), Rung.URGE, **changes)
    assert set(wrong.value.fields) == {field}


def test_a_talk_names_who_is_called_where_and_when(world: World) -> None:
    world.climb(world.key(0), urge="09", blue="10")
    with pytest.raises(Invalid) as wrong:
        world.take(world.key(0), Rung.TALK, "2021-06-11", called="", place="", talk_on=None)
    assert set(wrong.value.fields) == {"called", "place", "talk_on"}


def test_what_is_no_longer_owed_is_not_urged_about(world: World) -> None:
    wanted = world.wanted(world.key(0), Rung.URGE)
    Obligation.update(state=ObligationState.SUBMITTED).execute()
    with pytest.raises(Refused):
        ladder.take(world.key(0), wanted, seen=0, by=world.office, now=NOW)
    Assignment.update(state=AssignmentState.APPLIED).execute()
    with pytest.raises(Refused):
        world.take(f"task:{world.part.id}", Rung.URGE)


def test_who_acts_on_an_old_view_of_the_matter_is_told(world: World) -> None:
    world.take(world.key(0), Rung.URGE)
    wanted = world.wanted(world.key(0), Rung.BLUE)
    with pytest.raises(Refused):
        ladder.take(world.key(0), wanted, seen=0, by=world.office, now=NOW)


@pytest.mark.parametrize(
    "key", ["", "report", "report:", "report:x", "report:٣", "report:99999999999", "task:0", "无:1"]
)
def test_a_key_that_names_nothing_is_not_found(world: World, key: str) -> None:
    with pytest.raises(NotFound):
        matters.thing_of(key, world.office)


# ---- the paper goes out


def test_the_units_liaison_and_head_are_told_at_once_and_nobody_else(world: World) -> None:
    step = world.take(world.key(0), Rung.URGE)
    rows = Message.select().where(Message.key.startswith(f"ladder:{step.id}:"))
    assert {row.person.name for row in rows} == {"联络员0", "负责人0"}
    assert {row.kind for row in rows} == {MessageKind.LADDER}
    assert AuditEntry.select().where(AuditEntry.action == "ladder.take").count() == 1


def test_a_paper_says_every_field_and_stays_as_it_went_out(world: World) -> None:
    step = world.take(f"task:{world.part.id}", Rung.URGE, phone="0715-8123456", contact="王五")
    content = PaperContent.read(step.content)
    rows = dict(content.rows())
    assert rows["督办事项"] == "改造管网"
    assert rows["来源/依据"] == "《老旧小区改造工作方案》第1项"
    assert (rows["牵头单位"], rows["责任单位"], rows["责任领导"]) == ("甲局", "甲局", "负责人0")
    assert (rows["交办日期"], rows["办结时限"]) == ("2021年5月2日", "2021年6月15日24时")
    assert rows["逾期天数"] == "6个工作日（原定2021年6月1日完成）"
    assert (rows["前次催办记录"], rows["联系人电话"]) == ("无", "王五 0715-8123456")
    assert (content.signer, content.issued_on) == ("王五", "2021-06-09")
    assert ladder.verify(step)
    LadderStep.update(content=step.content.replace("改造", "改建")).execute()
    assert not ladder.verify(LadderStep.get())


def test_the_public_version_of_a_paper_hides_every_telephone_number(world: World) -> None:
    step = world.take(
        world.key(0),
        Rung.URGE,
        phone="0715-8123456",
        demand="有事打13800138000，或8123456转3",
        contact="王五",
    )
    shown = str(PaperContent.read(step.content).public().rows())
    for number in ("8123456", "13800138000"):
        assert number not in shown
    assert "王五" in shown


# ---- signed for, answered, reviewed, crossed off


def test_the_unit_signs_answers_is_sent_back_answers_again_and_is_crossed_off(world: World) -> None:
    step = world.take(world.key(0), Rung.URGE)
    with pytest.raises(Refused):
        ladder_answers.answer(step, "已办", [], by=world.unit(0), now=NOW)  # not signed for
    world.answered(step, "2021-06-10")
    with pytest.raises(Refused):
        ladder_answers.sign(step, by=world.unit(0), now=NOW)
    with pytest.raises(Invalid):
        ladder_answers.review(step, accept=False, words="", answer_by=None, by=world.office, now=NOW)
    back: dict[str, Any] = {"words": "没有佐证材料", "answer_by": date(2021, 6, 17)}
    ladder_answers.review(step, accept=False, by=world.office, now=b.at("2021-06-11 09:00"), **back)
    assert (Matter.get().state, Matter.get().answer_due_on) == (MatterState.SENT_BACK, date(2021, 6, 17))
    world.answered(step, "2021-06-15", "附照片")
    ladder_answers.review(
        step, accept=True, words="", answer_by=None, by=world.office, now=b.at("2021-06-16 09:00")
    )
    Obligation.update(state=ObligationState.SUBMITTED).execute()
    ladder_answers.close(Matter.get(), "六月报告已补报", by=world.office, now=b.at("2021-06-16 10:00"))
    kinds = [(row.kind.value, row.number) for row in StepEvent.select().order_by(StepEvent.id)]
    assert kinds == [("signed", 1), ("answered", 1), ("sent_back", 1), ("answered", 2), ("accepted", 2)]
    matter = Matter.get()
    assert (matter.state, matter.open_key, matter.result) == (MatterState.CLOSED, None, "六月报告已补报")
    acts = ("ladder.sign", "ladder.answer", "ladder.review", "matter.close")
    counts = [AuditEntry.select().where(AuditEntry.action == act).count() for act in acts]
    assert counts == [1, 2, 2, 1]


def test_a_matter_with_an_unread_answer_is_not_crossed_off_but_one_no_longer_owed_is(world: World) -> None:
    world.take(world.key(0), Rung.URGE)
    with pytest.raises(Refused):
        ladder_answers.close(Matter.get(), "算了", by=world.office, now=NOW)
    Obligation.update(state=ObligationState.SUBMITTED).execute()
    ladder_answers.close(Matter.get(), "报告已报送", by=world.office, now=NOW)
    assert Matter.get().state is MatterState.CLOSED


def test_the_same_thing_may_be_taken_up_again_after_it_was_crossed_off(world: World) -> None:
    free = f"task:{world.part.id}"
    step = world.take(free, Rung.URGE)
    world.answered(step, "2021-06-10")
    ladder_answers.review(step, accept=True, words="", answer_by=None, by=world.office, now=NOW)
    ladder_answers.close(Matter.get(), "承诺按期完成", by=world.office, now=NOW)
    again = world.take(free, Rung.URGE, "2021-06-24")
    assert (again.matter_id != step.matter_id, again.number) == (True, 1)


def test_only_the_unit_itself_signs_and_answers_and_only_the_newest_paper(world: World) -> None:
    first = world.take(world.key(0), Rung.URGE)
    for by, error in ((world.unit(1), NotFound), (world.office, NotAllowed), (world.leader, NotAllowed)):
        with pytest.raises(error):
            ladder_answers.sign(first, by=by, now=NOW)
    second = world.take(world.key(0), Rung.BLUE, "2021-06-16")
    with pytest.raises(Refused):
        ladder_answers.sign(first, by=world.unit(0), now=NOW)
    ladder_answers.sign(second, by=world.unit(0), now=NOW)


def test_a_unit_sees_its_own_matters_and_none_before_a_step_was_taken(world: World) -> None:
    world.take(world.key(0), Rung.URGE)
    world.take(world.key(1), Rung.URGE)
    ladder.ask_excuse(f"task:{world.part.id}", Rung.RED, "急", by=world.office, now=NOW)
    assert matters.visible_to(world.office).count() == 3
    assert [row.unit_id for row in matters.visible_to(world.unit(0))] == [world.units[0].id]
    assert matters.visible_to(b.actor(Role.LIAISON, b.programme("别的"), world.units[0])).count() == 0
    with pytest.raises(NotFound):
        ladder.get_step(LadderStep.get(LadderStep.register_number == 2).id, world.unit(0))


def test_a_talk_is_put_on_record_once_and_before_the_matter_is_crossed_off(world: World) -> None:
    step = world.climb(f"task:{world.part.id}", urge="09", blue="10", talk="15")
    world.answered(step, "2021-06-16")
    when = b.at("2021-06-18 09:00")
    ladder_answers.review(step, accept=True, words="", answer_by=None, by=world.office, now=when)
    with pytest.raises(Refused):
        ladder_answers.close(Matter.get(), "整改到位", by=world.office, now=when)
    talk = Talk(date(2021, 6, 17), "三楼会议室", "沈市长、负责人0", "说明原因，限期整改", "当场表态")
    early = Talk(date(2021, 6, 14), "", "", "", "")
    with pytest.raises(Invalid):
        ladder_answers.record_talk(step, early, by=world.office, now=when)
    event = ladder_answers.record_talk(step, talk, by=world.office, now=when)
    assert (event.words, event.details["present"]) == ("说明原因，限期整改", "沈市长、负责人0")
    with pytest.raises(Refused):
        ladder_answers.record_talk(step, talk, by=world.office, now=when)
    ladder_answers.close(Matter.get(), "整改到位", by=world.office, now=when)
