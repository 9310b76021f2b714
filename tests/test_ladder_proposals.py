"""What the ladder's rules propose, how it is left or put off, what is reminded of, and what the score hears of it."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from peewee import Database

from scoring import assess
from supervisor.config import Config
from supervisor.core import (
    attachments,
    facts,
    instructions,
    ladder_answers,
    ladder_facts,
    ladder_proposals,
    ladder_reminders,
    message_acts,
    owed_words,
    rulebooks,
    sandboxes,
    score_records,
)
from supervisor.core.instructions import Wanted
from supervisor.core.periods import Period
from supervisor.database import count_queries, visiting
from supervisor.errors import Invalid, NotAllowed, NotFound
from supervisor.models import (
    Assignment,
    Attachment,
    Channel,
    InstructionKind,
    LadderStep,
    LeftProposal,
    Light,
    LightChange,
    LightReason,
    LinkRole,
    LocalSettings,
    Matter,
    Message,
    Obligation,
    ObligationState,
    Outcome,
    ReportingRule,
    Role,
    Rung,
    StepEvent,
    Task,
)
from tests import builders as b
from tests import ladder_world, quarters
from tests.ladder_world import NOW, World
from tests.quarters import Q2


@pytest.fixture
def world(database: Database) -> World:
    return ladder_world.build()


def proposed(world: World, day: str = "2021-06-09") -> list[tuple[str, str, str, int]]:
    """(unit, step, rule, working days) of what is proposed on a day."""
    found = ladder_proposals.read(world.programme.id, now=b.at(f"{day} 10:00"))
    return [(one.unit, one.rung.value, one.rule.value, one.days) for one in found]


# ---- what is proposed


def test_every_thing_overdue_by_the_setting_is_proposed_for_an_urge_with_its_evidence(world: World) -> None:
    assert proposed(world) == [
        ("甲局", "urge", "overdue", 6),
        *((name, "urge", "overdue", 3) for name in ("甲局", "乙局", "丙局")),
    ]
    one = ladder_proposals.read(world.programme.id, now=NOW)[0]
    assert (one.title, one.limit) == ("改造管网", 1)
    assert "6 working days" in str(one.evidence)
    assert (Matter.select().count(), LadderStep.select().count()) == (0, 0), "nothing happens by itself"


def test_what_is_owed_once_is_named_without_a_period(world: World) -> None:
    rule = ReportingRule.get()
    rule.name, rule.recurrence = "半年小结", "monthly:15"
    assert owed_words.to_do("2021-06", rule) == "报送2021年6月半年小结"
    rule.recurrence = ""
    assert owed_words.to_do("2021-06-15", rule) == "报送半年小结"


def test_the_limits_are_local_settings_with_their_day_of_validity(world: World) -> None:
    LocalSettings.create(
        programme=world.programme, valid_from=date(2021, 6, 10), set_at=NOW, ladder_urge_after=5
    )
    assert len(proposed(world)) == 4
    assert proposed(world, "2021-06-10") == [("甲局", "urge", "overdue", 7)]


def test_what_was_handed_in_is_not_proposed_and_what_came_back_is_again(world: World) -> None:
    Obligation.update(state=ObligationState.SUBMITTED).execute()
    Assignment.update(suspended=True).execute()
    assert proposed(world) == []
    Obligation.update(state=ObligationState.RETURNED, return_due_on=date(2021, 6, 8)).where(
        Obligation.id == world.owed[1].id
    ).execute()
    assert proposed(world) == [("乙局", "urge", "overdue", 1)]


def test_what_is_long_past_is_history(world: World) -> None:
    assert proposed(world, "2021-12-01") == []


def test_a_red_light_that_lasts_is_proposed_for_its_lead(world: World) -> None:
    Obligation.update(state=ObligationState.WAIVED).execute()
    b.assignment(Task.get(), world.units[1], LinkRole.RESPONSIBLE)
    Task.update(due_on=date(2021, 12, 31), light=Light.RED).execute()
    LightChange.create(
        task=Task.get(),
        day=date(2021, 6, 4),
        light=Light.RED,
        why=LightReason.FAR_BEHIND,
        progress=3,
        planned=50,
    )
    LocalSettings.update(ladder_urge_after=1, ladder_light_after=3).execute()
    assert proposed(world, "2021-06-08") == []
    assert proposed(world) == [("甲局", "urge", "red", 3)]


def test_an_instruction_past_its_day_is_proposed(world: World) -> None:
    Obligation.update(state=ObligationState.WAIVED).execute()
    Assignment.update(suspended=True).execute()
    wanted = Wanted("六月七日前复工", [unit.id for unit in world.units[:2]], date(2021, 6, 7))
    instructions.record(
        world.programme,
        InstructionKind.DECISION,
        "2021-05",
        wanted,
        by=world.office,
        now=b.at("2021-06-02 09:00"),
    )
    (part,) = [one for one in instructions.newest(world.office) if one.unit_id == world.units[1].id]
    instructions.follow_up(part, "已复工", done=True, by=world.office, now=NOW)
    assert proposed(world) == [("甲局", "urge", "overdue", 2)]


def test_no_answer_in_time_proposes_the_next_step_and_after_red_there_are_two(world: World) -> None:
    Obligation.update(state=ObligationState.WAIVED).where(Obligation.id != world.owed[0].id).execute()
    Assignment.update(suspended=True).execute()
    world.take(world.key(0), Rung.URGE)
    assert proposed(world, "2021-06-15") == []  # its answer may come until the end of this day
    assert proposed(world, "2021-06-16") == [("甲局", "blue", "unanswered", 1)]
    for rung, day in ((Rung.BLUE, "16"), (Rung.YELLOW, "22"), (Rung.RED, "28")):
        world.take(world.key(0), rung, f"2021-06-{day}")
    found = proposed(world, "2021-07-02")
    assert [(step, rule) for _unit, step, rule, _days in found] == [
        ("talk", "unanswered"),
        ("criticism", "unanswered"),
    ]


def test_an_accepted_answer_without_the_report_climbs_by_the_days_overdue(world: World) -> None:
    step = world.take(world.key(0), Rung.URGE)
    world.answered(step, "2021-06-10", "本周内报送")
    ladder_answers.review(step, accept=True, words="", answer_by=None, by=world.office, now=NOW)
    of_unit = [one for one in proposed(world, "2021-06-10") if one[1] != "urge"]
    assert of_unit == []
    LocalSettings.update(ladder_blue_after=4).execute()
    assert ("甲局", "blue", "overdue", 4) in proposed(world, "2021-06-10")
    Obligation.update(state=ObligationState.SUBMITTED).execute()
    assert [one for one in proposed(world, "2021-06-10") if one[1] != "urge"] == []


def test_reading_proposals_takes_as_many_queries_for_many_things_as_for_few(
    world: World, database: Database
) -> None:
    ladder_proposals.read(world.programme.id, now=NOW)  # loads the calendar
    with count_queries(database) as few:
        ladder_proposals.read(world.programme.id, now=NOW)
    for n in range(40):
        b.obligation(b.unit(f"单位{n}"), world.programme, due_on=date(2021, 6, 4))
    with count_queries(database) as many:
        assert len(ladder_proposals.read(world.programme.id, now=NOW)) == 44
    assert len(many) == len(few) <= 10


# ---- left, put off


def test_a_proposal_left_with_a_reason_does_not_come_again_for_that_step(world: World) -> None:
    with pytest.raises(Invalid):
        ladder_proposals.leave(world.key(0), Rung.URGE, " ", until_on=None, by=world.office, now=NOW)
    ladder_proposals.leave(world.key(0), Rung.URGE, "已电话沟通", until_on=None, by=world.office, now=NOW)
    assert len(proposed(world)) == 3
    assert len(proposed(world, "2021-07-20")) == 3
    assert LeftProposal.get().by_name == "王五"
    step = world.take(world.key(0), Rung.URGE, "2021-07-20")  # by hand it may be taken all the same
    assert ("甲局", "blue", "unanswered", 1) in proposed(world, "2021-07-26")
    assert step.matter_id


def test_a_proposal_put_off_comes_again_on_its_day(world: World) -> None:
    later = date(2021, 6, 16)
    ladder_proposals.leave(world.key(0), Rung.URGE, "说本周报", until_on=later, by=world.office, now=NOW)
    assert (len(proposed(world, "2021-06-15")), len(proposed(world, "2021-06-16"))) == (3, 4)
    for wrong in (date(2021, 6, 9), date(2022, 6, 9)):
        with pytest.raises(Invalid):
            ladder_proposals.leave(world.key(1), Rung.URGE, "晚", until_on=wrong, by=world.office, now=NOW)


def test_only_the_office_leaves_a_proposal_and_never_its_own_units(world: World) -> None:
    own = b.actor([Role.LEAD_OFFICE, Role.LIAISON], world.programme, world.units[0], person=world.clerk)
    for by, error in ((world.unit(0), NotAllowed), (world.leader, NotAllowed), (own, NotFound)):
        with pytest.raises(error):
            ladder_proposals.leave(world.key(0), Rung.URGE, "不催", until_on=None, by=by, now=NOW)


# ---- the answer is reminded of


def test_the_unit_is_reminded_of_its_answer_before_on_and_after_the_day_each_once(world: World) -> None:
    world.take(world.key(0), Rung.URGE)  # to be answered by Tuesday 15 June; Monday is a day off
    days = ("2021-06-10", "2021-06-11", "2021-06-12", "2021-06-15", "2021-06-16", "2021-06-17")
    sent = [
        [ladder_reminders.queue(b.at(f"{day} {hour}")) for hour in ("07:00", "09:00", "15:00")]
        for day in days
    ]
    assert sent == [[0, 0, 0], [0, 1, 0], [0, 0, 0], [0, 1, 0], [0, 1, 0], [0, 0, 0]]
    told = Message.select().where(Message.key.startswith("ladder:due:"))
    assert {row.person.name for row in told} == {"联络员0", "负责人0"}


def test_what_was_answered_is_not_reminded_of_and_a_missed_day_is_made_up_by_one(world: World) -> None:
    world.answered(world.take(world.key(0), Rung.URGE), "2021-06-10")
    world.take(world.key(1), Rung.URGE)
    assert ladder_reminders.queue(b.at("2021-06-17 09:00")) == 1


def test_a_papers_message_stays_to_do_until_the_unit_has_answered(world: World) -> None:
    def to_do(day: str) -> list[str]:
        wanted = message_acts.still_open(world.people[0].id, b.at(f"{day} 12:00"))
        here = Message.event.startswith("ladder.") & (Message.channel == Channel.INBOX)
        return [
            row.event for row in Message.select().where(Message.id.in_(wanted) & here).order_by(Message.id)
        ]

    step = world.take(world.key(0), Rung.URGE)
    assert to_do("2021-06-09") == ["ladder.step"]
    world.answered(step, "2021-06-10")
    assert to_do("2021-06-10") == []
    ladder_answers.review(
        step,
        accept=False,
        words="无佐证",
        answer_by=date(2021, 6, 17),
        by=world.office,
        now=b.at("2021-06-11 09:00"),
    )
    assert to_do("2021-06-11") == ["ladder.step", "ladder.sent_back"]


# ---- evidence


def test_the_evidence_of_an_answer_is_read_by_those_who_see_the_matter(world: World, tmp_path: Path) -> None:
    step, unit = world.take(world.key(0), Rung.URGE), world.unit(0)
    ladder_answers.sign(step, by=unit, now=NOW)
    file = attachments.store(b"%PDF-1.7\n", "佐证.pdf", folder=tmp_path, limit=9000, by=unit, now=NOW)
    ladder_answers.answer(step, "已补报", [file.id], by=unit, now=NOW)
    assert Attachment.get().step_event_id == StepEvent.get(StepEvent.kind == "answered").id
    for reader in (unit, world.office, world.leader):
        assert attachments.get_visible(file.id, reader).id == file.id
    for stranger in (world.unit(1), b.actor(Role.LEAD_OFFICE, b.programme("别的"))):
        with pytest.raises(NotFound):
            attachments.get_visible(file.id, stranger)
    assert attachments.sweep(tmp_path, b.at("2021-06-20 09:00")) == 0


# ---- the score


def said(world: World, period: str = "2021-Q2") -> list[tuple[str, Any, Any, str]]:
    found = ladder_facts.facts_of(world.programme.id, Period.parse(period))
    return [
        (one.kind, one.values.get("colour") or one.values.get("trigger"), one.values.get("level"), one.record)
        for one in found
    ]


def test_of_a_matter_that_climbed_the_score_hears_once_at_the_highest_level(world: World) -> None:
    for rung, day in ((Rung.URGE, "09"), (Rung.BLUE, "16"), (Rung.YELLOW, "23")):
        world.take(world.key(0), rung, f"2021-06-{day}")
    world.take(world.key(1), Rung.URGE)
    yellow = LadderStep.get(LadderStep.rung == Rung.YELLOW)
    assert said(world) == [
        ("penalty", "yellow", "yellow", f"ladder_step:{yellow.id}"),
        ("penalty", None, "urge", "ladder_step:4"),
    ]
    red = world.take(world.key(0), Rung.RED, "2021-07-01")
    assert said(world)[0][1] == "yellow", "what happened in July is the next quarter's"
    assert said(world, "2021-Q3") == [
        ("penalty", "red", "red", f"ladder_step:{red.id}"),
        ("veto", "third_notice", None, f"ladder_step:{red.id}"),
    ]


def test_a_step_beyond_the_red_notice_keeps_its_colour_and_a_talk_is_a_veto_of_its_own(world: World) -> None:
    world.climb(world.key(0), urge="09", blue="10", yellow="11", red="15", criticism="16", talk="17")
    (fact, *vetoes) = ladder_facts.facts_of(world.programme.id, Q2)
    assert (fact.values["type"], fact.values["colour"], fact.values["level"]) == ("notice", "red", "talk")
    assert [one.values["trigger"] for one in vetoes] == ["third_notice", "interview"]
    link = score_records.links_of([fact.record], world.programme.id)[fact.record]
    assert link == f"/p/{world.programme.id}/matters/{Matter.get().id}"


def test_the_default_rulebook_takes_three_points_once_for_a_matter_that_reached_red(
    database: Database,
) -> None:
    q = quarters.worked_quarter()
    owed = Obligation.get((Obligation.unit == q.units["A"]) & (Obligation.period == "2021-05"))
    Obligation.update(state=ObligationState.OPEN, outcome=Outcome.MISSING).where(
        Obligation.id == owed.id
    ).execute()
    clerk = b.user("office", Role.LEAD_OFFICE, q.programme)
    world = World(
        q.programme, [q.units["A"]], [owed], q.links["lifts", "A"], clerk,
        b.actor(Role.LEAD_OFFICE, q.programme, person=clerk), b.actor(Role.LEADER, q.programme), [],
    )  # fmt: skip
    world.climb(world.key(0), urge="21", blue="22", yellow="23", red="24")
    rulebook = rulebooks.in_force(q.programme.id, Q2)
    assert rulebook is not None
    outcome = assess(facts.gather(q.programme, Q2), rulebooks.parse(rulebook.text))
    lines = {line.indicator: line for line in outcome.adjustments_of(str(q.units["A"].id))}
    assert lines["notice"].points == Decimal(-3)
    assert lines["notice"].records == ("ladder_step:4",)


# ---- a sandbox


def test_a_sandbox_takes_matters_steps_and_answers_along(world: World, tmp_path: Path) -> None:
    world.answered(world.take(world.key(0), Rung.URGE), "2021-06-10")
    ladder_proposals.leave(world.key(1), Rung.URGE, "已沟通", until_on=None, by=world.office, now=NOW)
    config = Config(data=tmp_path, mode="trial", secret="s" * 40)
    made = sandboxes.make_sandbox(world.programme, "演练", NOW, by=world.office, now=NOW, config=config)
    inside = sandboxes.open_database_of(config, sandboxes.folder_of(config, made.key))
    with inside.connection_context(), visiting(inside):
        counts = [table.select().count() for table in (Matter, LadderStep, StepEvent, LeftProposal)]
        assert counts == [1, 1, 2, 1]
        world.take(world.key(2), Rung.URGE)
        assert LadderStep.select().count() == 2
    assert LadderStep.select().count() == 1
