"""Units' own work plans (C09, S4-18 to S4-20): saved at will, filed by rule, accepted, and what follows from it."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from peewee import Database

from supervisor.clock import beijing_date
from supervisor.core import (
    late_permits,
    milestones,
    obligations,
    planned,
    reminders,
    tasks,
    work_plan_asking,
    work_plan_verdicts,
    work_plans,
)
from supervisor.core.milestones import MilestoneState
from supervisor.core.planned import sum_steps
from supervisor.core.work_plan_rows import Asked, Row, check, content_of, field_of
from supervisor.core.workdays import seed_calendar
from supervisor.errors import Invalid, NotAllowed, NotFound, Refused, Stale
from supervisor.models import (
    Assignment,
    AuditEntry,
    LinkRole,
    Message,
    Milestone,
    Outcome,
    PlanFiling,
    Role,
    Task,
    Verdict,
    WorkPlan,
    WorkPlanState,
)
from supervisor.words import say
from tests import builders
from tests.builders import NOW, at
from tests.work_plan_world import World, row


@pytest.fixture
def world(database: Database) -> World:
    return World()


# ---- C09: a deliverable with its own date and state; no plan without an indicator


def test_c09_a_deliverable_has_its_own_due_day_and_its_own_state(world: World) -> None:
    world.accept()
    deliverable = Milestone.get(Milestone.title == "整治方案")
    assert (deliverable.document, deliverable.due_on) == (True, date(2021, 9, 30))
    stands = [milestones.state_of(deliverable, date(2021, 9, day)) for day in (29, 30)]
    assert stands == [MilestoneState.OPEN, MilestoneState.OPEN]
    assert milestones.state_of(deliverable, date(2021, 10, 1)) is MilestoneState.OVERDUE
    # The task itself is untouched by it.
    assert Assignment.get_by_id(world.second.id).state is world.second.state


def test_c09_a_plan_without_an_indicator_is_returned_by_rule_and_not_filed(world: World) -> None:
    rows = [
        replace(one, indicator="") if one.assignment == world.second.id else one for one in world.good_rows()
    ]
    with pytest.raises(Invalid) as refused:
        world.file(rows)
    assert list(refused.value.fields) == [f"t{world.second.id}"]
    assert "任务2“清理积存垃圾”" in say(refused.value.fields[f"t{world.second.id}"], "zh_CN")
    kept = WorkPlan.get()
    assert (kept.state, PlanFiling.select().count()) == (WorkPlanState.OPEN, 0)
    assert [Row(**one) for one in kept.draft] == rows, "everything typed is kept"


MISTAKES: list[tuple[dict[str, Any], str, str]] = [
    ({"title": " "}, "title", "标题"),
    ({"due": ""}, "due", "缺完成日期"),
    ({"due": "6月30日"}, "due", "不是日期"),
    ({"due": "2021-04-30"}, "due", "早于"),
    ({"due": "2022-01-04"}, "due", "晚于任务时限"),
    ({"due": "2021-06-14"}, "due", "休息日"),  # Dragon Boat Festival, a Monday
    ({"due": "2021-06-26"}, "due", "2021年6月25日"),  # a Saturday; the Friday before is named
    ({"weight": ""}, "weight", "权重"),
    ({"weight": "0"}, "weight", "权重"),
    ({"weight": "33.3"}, "weight", "权重"),
    ({"target": "12"}, "measure", "计量"),
    ({"measure": "路灯（盏）"}, "target", "数量"),
    ({"measure": "路灯（盏）", "target": "-1"}, "target", "不小于0"),
    ({"title": "灯" * 201}, "title", "200"),
]


@pytest.mark.parametrize(("change", "where", "says"), MISTAKES)
def test_each_mistake_is_named_with_its_place(
    database: Database, change: dict[str, Any], where: str, says: str
) -> None:
    world = World()
    rows = world.good_rows()
    rows[0] = replace(rows[0], **change)
    with pytest.raises(Invalid) as refused:
        world.file(rows)
    text = say(refused.value.fields[field_of(1, where)], "zh_CN")
    assert text.startswith("任务1第1行"), text
    assert says in text


def test_a_title_twice_and_weights_that_do_not_sum_are_named(world: World) -> None:
    rows = world.good_rows()
    rows[1] = replace(rows[1], title="摸排 点位", weight="50")
    with pytest.raises(Invalid) as refused:
        world.file(rows)
    assert set(refused.value.fields) == {field_of(1, "title"), field_of(2, "title"), f"t{world.link.id}"}
    assert "90%" in say(refused.value.fields[f"t{world.link.id}"], "zh_CN")


def test_e45_a_milestone_may_be_due_with_a_time_limit_that_is_a_day_off(world: World) -> None:
    Task.update(due_on=date(2021, 10, 30)).where(Task.id == world.other.id).execute()  # a Saturday
    rows = world.good_rows()
    rows[2] = replace(rows[2], due="2021-10-30")
    assert world.file(rows).number == 1


def test_a_make_up_saturday_is_a_working_day(world: World) -> None:
    rows = world.good_rows()
    rows[0] = replace(rows[0], due="2021-09-18")
    assert world.file(rows).number == 1


def test_a_task_without_rows_is_named_and_a_standing_one_is_not_asked(world: World) -> None:
    standing = builders.task(world.plan, "信息报送", due_on=None, standing=True)
    builders.assignment(standing, world.unit)
    with pytest.raises(Invalid) as refused:
        world.file(world.good_rows()[:2])
    assert list(refused.value.fields) == [f"t{world.second.id}"]


# ---- the working copy, the filing


def test_saving_keeps_whatever_was_typed(world: World) -> None:
    work_plan = world.ask()
    odd = [row(1, world.link, "  半句", "明天", "很多", target="若干")]
    saved = work_plans.save(work_plan, odd, seen=work_plan.version, by=world.by, now=NOW)
    assert [Row(**one) for one in saved.draft] == odd


def test_a_save_over_somebody_elses_is_refused_and_shows_theirs(world: World) -> None:
    work_plan = world.ask()
    work_plans.save(work_plan, world.good_rows(), seen=work_plan.version, by=world.by, now=NOW)
    with pytest.raises(Stale) as stale:
        work_plans.save(work_plan, [], seen=work_plan.version, by=world.by, now=NOW)
    assert ("摸排点位", "2021-06-30 40") in stale.value.theirs
    assert len(WorkPlan.get().draft) == 3


def test_s4_19_a_filing_has_a_receipt_and_never_changes(world: World) -> None:
    first = world.file()
    assert first.receipt == f"BA-20210601-{first.work_plan_id}-1"
    assert first.audit_head
    work_plan_verdicts.decide(first, accepted=False, reason="请细化安装环节", by=world.office, now=NOW)
    rows = world.good_rows()
    rows[0] = replace(rows[0], title="点位摸排")
    second = world.file(rows, now=NOW + timedelta(days=1))
    first = PlanFiling.get_by_id(first.id)
    assert next(one["title"] for one in first.content) == "摸排点位"
    assert (second.number, first.verdict, second.verdict) == (2, Verdict.RETURNED, None)
    acts = [one.action for one in AuditEntry.select().order_by(AuditEntry.seq)]
    assert acts[-5:] == [
        "work_plan.save",
        "work_plan.file",
        "work_plan.return",
        "work_plan.save",
        "work_plan.file",
    ]


def test_while_it_is_with_the_office_nobody_writes_in_it(world: World) -> None:
    world.file()
    work_plan = WorkPlan.get()
    with pytest.raises(Refused):
        work_plans.save(work_plan, [], seen=work_plan.version, by=world.by, now=NOW)


def test_only_the_unit_files_and_only_the_office_decides(world: World) -> None:
    work_plan, strange = world.ask(), builders.unit("澄江市水务局")
    with pytest.raises(NotAllowed):
        work_plans.save(work_plan, [], seen=1, by=world.office, now=NOW)
    other = builders.actor(Role.LIAISON, world.programme, strange)
    with pytest.raises(NotFound):
        work_plans.save(work_plan, [], seen=1, by=other, now=NOW)
    filing = world.file()
    with pytest.raises(NotAllowed):
        work_plan_verdicts.decide(filing, accepted=True, by=world.by, now=NOW)
    own = builders.actor([Role.LEAD_OFFICE, Role.LIAISON], world.programme, world.unit)
    with pytest.raises(Refused):
        work_plan_verdicts.decide(filing, accepted=True, by=own, now=NOW)
    assert list(work_plans.visible_to(other)) == []
    assert list(work_plans.visible_to(world.office)) == [work_plan]


def test_a_return_wants_a_reason_and_a_verdict_is_given_once(world: World) -> None:
    filing = world.file()
    with pytest.raises(Invalid):
        work_plan_verdicts.decide(filing, accepted=False, reason=" ", by=world.office, now=NOW)
    work_plan_verdicts.decide(filing, accepted=True, by=world.office, now=NOW)
    with pytest.raises(Refused):
        work_plan_verdicts.decide(filing, accepted=False, reason="再想想", by=world.office, now=NOW)
    told = Message.get(Message.recipient == world.liaison, Message.channel == "inbox")
    assert "工作计划已通过" in told.subject


# ---- when it is due


#: Issued on 2 May 2021, in the holiday of Labour Day; Saturday 8 May is worked.
DUE = [(10, date(2021, 5, 18)), (1, date(2021, 5, 6)), (0, None)]


@pytest.mark.parametrize(("days", "due_on"), DUE)
def test_it_is_due_so_many_working_days_after_issue(
    database: Database, days: int, due_on: date | None
) -> None:
    world = World()
    world.settle(work_plan_workdays=days)
    owed = world.ask().obligation
    assert (owed.due_on if owed else None) == due_on


def test_e33_for_a_late_joiner_the_days_count_from_joining(world: World) -> None:
    world.settle(work_plan_workdays=5)
    Assignment.update(joined_on=date(2021, 6, 7)).execute()
    world.ask()
    assert world.owed.due_on == date(2021, 6, 15)  # 14 June is a holiday


def test_a_setting_made_later_makes_nobody_late_and_an_announced_day_stays(world: World) -> None:
    assert world.ask().obligation is None
    world.settle(work_plan_workdays=3, valid_from=beijing_date(NOW))
    world.ask()
    assert world.owed.due_on == date(2021, 6, 4)
    world.settle(work_plan_workdays=9)
    world.ask()
    assert world.owed.due_on == date(2021, 6, 4)
    assert work_plan_asking.ask(world.programme.id, now=NOW) == 0


def test_d11_the_first_complete_filing_fixes_timeliness_also_after_a_return(world: World) -> None:
    world.settle(work_plan_workdays=18)  # 28 May
    filing = world.file(now=at("2021-05-28 23:59"))
    assert world.owed.outcome is Outcome.ON_TIME
    work_plan_verdicts.decide(
        filing, accepted=False, reason="补充指标", by=world.office, now=at("2021-06-01 10:00")
    )
    world.file(now=at("2021-06-10 10:00"))
    assert (world.owed.outcome, world.owed.first_submitted_at) == (
        Outcome.ON_TIME,
        at("2021-05-28 23:59"),
    )


def test_the_day_after_is_late_and_after_the_lock_it_is_missing_and_locked(world: World) -> None:
    world.settle(work_plan_workdays=18, lock_after_workdays=5)
    world.ask()
    assert obligations.mark_missing(at("2021-06-04 23:59")) == 0
    assert obligations.mark_missing(at("2021-06-05 00:00")) == 1
    assert world.owed.outcome is Outcome.MISSING
    with pytest.raises(Refused):
        world.file(now=at("2021-06-07 09:00"))
    late_permits.permit(
        world.owed, date(2021, 6, 8), reason="抗旱", by=world.office, now=at("2021-06-07 09:00")
    )
    world.file(now=at("2021-06-07 10:00"))
    assert (world.owed.outcome, world.owed.late_workdays) == (Outcome.LATE, 6)


def test_reminders_go_on_the_days_of_reports_each_once(world: World) -> None:
    world.settle(work_plan_workdays=18)  # 28 May, a Friday; reminders 3 and 1 working days before
    world.ask()
    passes = [
        at(f"2021-05-{day} {hour}")
        for day in (24, 25, 26, 27, 28, 31)
        for hour in ("07:00", "09:00", "16:00")
    ]
    told = [beijing_date(moment).day for moment in passes if reminders.queue(moment)]
    assert told == [25, 27, 28, 31]
    world.file(now=at("2021-05-31 18:00"))
    assert reminders.queue(at("2021-06-02 09:00")) == 0


# ---- planned progress (D6)


def test_d6_accepted_milestones_are_the_planned_progress_of_link_and_task(world: World) -> None:
    before = tasks.planned_percent(Task.get_by_id(world.task.id), world.plan, date(2021, 6, 30))
    world.file()
    assert tasks.planned_percent(Task.get_by_id(world.task.id), world.plan, date(2021, 6, 30)) == before
    work_plan_verdicts.decide(PlanFiling.get(), accepted=True, by=world.office, now=NOW)
    task, link = Task.get_by_id(world.task.id), Assignment.get_by_id(world.link.id)
    days = [date(2021, 6, 29), date(2021, 6, 30), date(2021, 11, 29), date(2021, 11, 30), date(2021, 12, 31)]
    assert [planned.planned_of_link(link, task, world.plan, day) for day in days] == [0, 40, 40, 100, 100]
    assert [tasks.planned_percent(task, world.plan, day) for day in days] == [0, 40, 40, 100, 100]


def test_d6_the_offices_quarterly_figures_win(world: World) -> None:
    Task.update(planned={"2021-Q2": 10, "2021-Q4": 100}).where(Task.id == world.task.id).execute()
    world.accept()
    task, link = Task.get_by_id(world.task.id), Assignment.get_by_id(world.link.id)
    assert tasks.planned_percent(task, world.plan, date(2021, 6, 30)) == 10
    assert planned.planned_of_link(link, task, world.plan, date(2021, 6, 30)) == 10


def test_d6_the_task_is_the_mean_over_those_who_answer(world: World) -> None:
    builders.assignment(world.task, builders.unit("澄江市财政局"))
    builders.assignment(world.task, builders.unit("澄江市审计局"), LinkRole.RESPONSIBLE)
    even = tasks.planned_percent(Task.get_by_id(world.task.id), world.plan, date(2021, 6, 30))
    assert even is not None
    world.accept()
    task = Task.get_by_id(world.task.id)
    assert tasks.planned_percent(task, world.plan, date(2021, 6, 30)) == (40 + even) // 2
    source = planned.source_of(task)
    assert source is not None
    assert say(source, "zh_CN") == "1个单位按已通过的工作计划、其余1个单位按匀速推进取平均"


steps = st.lists(
    st.lists(st.tuples(st.dates(date(2021, 5, 1), date(2022, 3, 1)), st.integers(1, 100)), max_size=5),
    max_size=4,
)


@given(
    plans=steps,
    due_on=st.none() | st.dates(date(2021, 6, 1), date(2022, 3, 1)),
    start=st.just(date(2021, 5, 1)),
)
def test_planned_progress_never_falls_and_stays_from_0_to_100(
    plans: list[list[tuple[date, int]]], due_on: date | None, start: date
) -> None:
    links: list[list[list[str | int]]] = []
    for plan in plans:
        total = 0
        of: list[list[str | int]] = []
        for day, wanted in sorted(plan):
            weight = min(wanted, 100 - total)
            total += weight
            of.append([day.isoformat(), weight])
        links.append(of)
    kept = sum_steps(links)
    days = [date(2021, 4, 1) + timedelta(days=n) for n in range(0, 360, 3)]
    figures = [planned.planned_on({}, start, due_on, day, kept) for day in days]
    if not kept and due_on is None:
        assert set(figures) == {None}
        return
    known = [figure for figure in figures if figure is not None]
    assert len(known) == len(figures)
    assert known == sorted(known)
    assert all(0 <= figure <= 100 for figure in known)


ROWS = [
    Row(1, 7, "一", "2021-06-30", "1份", weight="30"), Row(2, 7, "二", "2021-07-30", weight="70"),
    Row(3, 8, "三", "2021-06-30", "1份", weight="50"), Row(4, 8, "四", "2021-06-30", weight="50"),
]  # fmt: skip


@given(order=st.permutations(ROWS))
def test_any_order_of_saving_gives_the_same_filing(order: list[Row]) -> None:
    asked = [
        Asked(key, key, key, "", date(2021, 5, 1), None, standing=False, role=LinkRole.LEAD.label)
        for key in (7, 8)
    ]
    assert content_of(order, asked) == content_of(ROWS, asked)
    assert check(order, asked, {}, seed_calendar()) == {}


# ---- after acceptance


def test_a_milestone_is_done_on_a_day_with_evidence_and_a_deliverable_with_its_document(world: World) -> None:
    world.accept()
    now = at("2021-07-01 10:00")
    plain = milestones.get_own(Milestone.get(Milestone.title == "摸排点位").id, world.by)
    with pytest.raises(Invalid) as wrong:
        milestones.complete(plain, done_on=date(2021, 7, 2), evidence=" ", by=world.by, now=now)
    assert set(wrong.value.fields) == {"done_on", "evidence"}
    milestones.complete(plain, done_on=date(2021, 6, 29), evidence="清单已印发", by=world.by, now=now)
    assert milestones.state_of(Milestone.get_by_id(plain.id), date(2021, 8, 1)) is MilestoneState.DONE
    assert milestones.done_weight([world.link.id, world.second.id], date(2021, 6, 30)) == {
        world.link.id: 40, world.second.id: 0,
    }  # fmt: skip
    deliverable = milestones.get_own(Milestone.get(Milestone.title == "整治方案").id, world.by)
    with pytest.raises(Invalid) as lacking:
        milestones.complete(deliverable, done_on=date(2021, 7, 1), evidence="已印发", by=world.by, now=now)
    assert set(lacking.value.fields) == {"files"}


def test_the_office_opens_a_milestone_again_with_a_reason(world: World) -> None:
    world.accept()
    mine = milestones.get_own(Milestone.get(Milestone.title == "摸排点位").id, world.by)
    milestones.complete(mine, done_on=date(2021, 5, 31), evidence="清单", by=world.by, now=NOW)
    milestones.reopen(Milestone.get_by_id(mine.id), reason="清单缺两个片区", by=world.office, now=NOW)
    assert Milestone.get_by_id(mine.id).done_on is None
    with pytest.raises(Refused):
        milestones.reopen(Milestone.get_by_id(mine.id), reason="再开", by=world.office, now=NOW)


def test_an_amended_plan_counts_from_its_acceptance_and_wants_a_reason(world: World) -> None:
    world.accept()
    rows = world.good_rows()
    rows[1] = replace(rows[1], due="2021-12-15")
    with pytest.raises(Invalid) as wrong:
        world.file(rows)
    assert set(wrong.value.fields) == {"reason"}
    filing = world.file(rows, reason="雨季顺延")
    assert Milestone.get(Milestone.key == 2).due_on == date(2021, 11, 30)
    assert Assignment.get_by_id(world.link.id).planned_steps == [["2021-06-30", 40], ["2021-11-30", 60]]
    work_plan_verdicts.decide(filing, accepted=True, by=world.office, now=NOW)
    assert Milestone.get(Milestone.key == 2).due_on == date(2021, 12, 15)
    assert Assignment.get_by_id(world.link.id).planned_steps == [["2021-06-30", 40], ["2021-12-15", 60]]


def test_past_milestones_stay_as_they_were(world: World) -> None:
    world.accept()
    later = at("2021-07-05 09:00")
    gone = [
        row(2, world.link, "安装完成", "2021-11-30", "60", measure="路灯（盏）", target="320"),
        row(4, world.link, "补充摸排", "2021-08-31", "40"),
        world.good_rows()[2],
    ]
    with pytest.raises(Invalid) as refused:
        world.file(gone, now=later, reason="重新安排")
    assert list(refused.value.fields) == [f"t{world.link.id}"]
    moved = world.good_rows()
    moved[0] = replace(moved[0], due="2021-08-31")
    with pytest.raises(Invalid) as refused:
        world.file(moved, now=later, reason="重新安排")
    assert list(refused.value.fields) == [field_of(1, "title")]


def test_a_milestone_left_out_is_no_longer_in_force_and_stays_as_history(world: World) -> None:
    world.accept()
    rows = [world.good_rows()[0], row(4, world.link, "验收", "2021-12-15", "60"), world.good_rows()[2]]
    world.accept(rows, reason="改为整体验收")
    assert [(one.key, one.in_force) for one in Milestone.select().order_by(Milestone.key)] == [
        (1, True), (2, False), (3, True), (4, True),
    ]  # fmt: skip
    shown = milestones.of_task(world.task, world.by, today=date(2021, 6, 1))
    assert [line.row.title for line in shown] == ["摸排点位", "验收"]


def test_other_units_do_not_see_a_units_milestones_but_the_lead_unit_does(world: World) -> None:
    helper = builders.unit("澄江市水务局")
    builders.assignment(world.task, helper, LinkRole.RESPONSIBLE)
    world.accept()
    today = date(2021, 6, 1)
    assert (
        milestones.of_task(world.task, builders.actor(Role.LIAISON, world.programme, helper), today=today)
        == []
    )
    assert len(milestones.of_task(world.task, world.office, today=today)) == 2
