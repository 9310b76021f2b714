"""Work plans are owed like reports: dates and outcomes, head's approval (D11), extensions, permits, calendar."""

from __future__ import annotations

from datetime import date, timedelta
from pathlib import Path

import pytest
from flask.testing import FlaskClient
from peewee import Database

from supervisor.core import (
    accounts,
    calendar_events,
    extensions,
    facts,
    feeds,
    late_permits,
    obligations,
    owed_reports,
    programme_copies,
    rehearsals,
    rule_changes,
    rule_forms,
    rule_pages,
    stand_ins,
    suspensions,
    unit_home,
    work_plan_asking,
    work_plan_pages,
    work_plan_verdicts,
    work_plans,
)
from supervisor.core.calendar_events import EventKind
from supervisor.core.periods import Period
from supervisor.core.permissions import Actor
from supervisor.core.rule_corrections import TypedRule
from supervisor.core.rule_forms import TypedField
from supervisor.core.stand_ins import Absence
from supervisor.database import make_database, migrate, visiting
from supervisor.errors import Invalid, NotAllowed, Refused
from supervisor.models import (
    Assignment,
    AuditEntry,
    Extension,
    LatePermit,
    Message,
    Milestone,
    Obligation,
    ObligationState,
    Outcome,
    PlanFiling,
    Posting,
    ReportingRule,
    Role,
    RuleKind,
    User,
    WorkPlan,
    WorkPlanState,
)
from tests import builders
from tests.builders import at
from tests.conftest import StillClock, login
from tests.work_plan_world import World

#: Issued on 2 May 2021; eighteen working days after that is Friday 28 May; it locks five working days later.
DUE, LOCKED = date(2021, 5, 28), at("2021-06-05 00:00")
IN_TIME, TOO_LATE = at("2021-05-27 10:00"), at("2021-05-31 09:00")


@pytest.fixture
def world(database: Database) -> World:
    made = World()
    made.settle(work_plan_workdays=18, lock_after_workdays=5)
    made.ask(at("2021-05-06 09:00"))
    return made


def head_of(world: World) -> Actor:
    person = builders.user("head", Role.UNIT_HEAD, world.programme, world.unit)
    return builders.actor(Role.UNIT_HEAD, world.programme, world.unit, person=person)


def plan() -> WorkPlan:
    found: WorkPlan = WorkPlan.get()
    return found


# ---- what is owed


def test_s4_18_each_unit_owes_its_plan_by_one_rule_of_the_notice(world: World) -> None:
    other = builders.unit("澄江市水务局")
    builders.assignment(world.task, other)
    Obligation.update(due_on=DUE).execute()
    work_plan_asking.ask(world.programme.id, now=at("2021-05-07 09:00"))
    rule = ReportingRule.get(ReportingRule.kind == RuleKind.WORK_PLAN)
    owed = list(Obligation.select().where(Obligation.rule == rule))
    assert {(row.period, row.due_on) for row in owed} == {("2021-05-28", DUE)}
    assert (rule.plan_id, len(owed)) == (world.plan.id, 2)
    assert work_plan_asking.ask(world.programme.id, now=at("2021-05-10 09:00")) == 0


def test_s4_19_a_filing_has_number_and_time_and_the_list_says_who_is_missing(world: World) -> None:
    builders.assignment(world.task, builders.unit("澄江市水务局"))
    work_plan_asking.ask(world.programme.id, now=at("2021-05-07 09:00"))
    filing = world.file(now=IN_TIME)
    assert (filing.receipt, filing.filed_at) == (f"BA-20210527-{filing.work_plan_id}-1", IN_TIME)
    lines = work_plan_pages.lines(world.office, today=date(2021, 5, 31))
    assert {line.unit_name: line.is_late for line in lines} == {"澄江市城管局": False, "澄江市水务局": True}
    obligations.mark_missing(LOCKED)
    outcomes = [row.outcome for row in Obligation.select().order_by(Obligation.unit)]
    assert outcomes == [Outcome.ON_TIME, Outcome.MISSING]


def test_s4_20_a_plan_without_a_measurable_indicator_meets_nothing(world: World) -> None:
    rows = [row for row in world.good_rows() if row.assignment == world.link.id]
    with pytest.raises(Invalid):
        world.file(rows, now=IN_TIME)
    assert (world.owed.state, world.owed.first_submitted_at) == (ObligationState.OPEN, None)


def test_the_verdict_answers_what_is_owed_and_an_amended_plan_leaves_it(world: World) -> None:
    filing = world.file(now=IN_TIME)
    work_plan_verdicts.decide(
        filing, accepted=False, reason="补充指标", by=world.office, now=at("2021-06-01 10:00")
    )
    assert (world.owed.state, world.owed.returns, world.owed.return_due_on) == (
        ObligationState.RETURNED, 1, date(2021, 6, 4),
    )  # fmt: skip
    world.accept(now=at("2021-06-10 10:00"))
    assert (world.owed.state, world.owed.outcome) == (ObligationState.ACCEPTED, Outcome.ON_TIME)
    amended = world.file(now=at("2021-07-01 10:00"), reason="雨季顺延")
    work_plan_verdicts.decide(
        amended, accepted=False, reason="不同意", by=world.office, now=at("2021-07-02 10:00")
    )
    assert (world.owed.state, plan().state) == (ObligationState.ACCEPTED, WorkPlanState.RETURNED)
    came = work_plan_pages.came_back(world.by, today=date(2021, 7, 3))
    assert [line.unit_name for line in came] == ["澄江市城管局"]


def test_a_waived_plan_is_not_late_and_may_still_be_filed(world: World) -> None:
    extensions.waive(world.owed, reason="职能划转", by=world.office, now=TOO_LATE)
    assert not work_plan_pages.is_late(plan(), date(2021, 6, 30))
    world.accept(now=at("2021-06-10 10:00"))
    assert world.owed.state is ObligationState.WAIVED


# ---- head's approval (D11)


def test_d11_a_plan_counts_when_the_head_files_it(world: World) -> None:
    world.settle(head_approves=True)
    head = head_of(world)
    prepared = world.file(now=IN_TIME)
    assert (plan().state, world.owed.state, prepared.receipt) == (
        WorkPlanState.WITH_HEAD, ObligationState.WITH_HEAD, "",
    )  # fmt: skip
    told = Message.get((Message.recipient == head.user_id) & (Message.channel == "inbox"))
    assert told.subject == f"待您审签：《{world.plan.title}》工作计划"
    with pytest.raises(Refused):
        work_plan_verdicts.decide(prepared, accepted=True, by=world.office, now=IN_TIME)
    with pytest.raises(NotAllowed):
        work_plans.approve(prepared, by=world.by, now=IN_TIME)
    sent = work_plans.approve(prepared, by=head, now=TOO_LATE)
    assert (world.owed.outcome, world.owed.late_workdays, sent.approved_by) == (
        Outcome.LATE,
        1,
        head.user_id,
    )
    assert sent.receipt.startswith("BA-20210531-")
    work_plan_verdicts.decide(sent, accepted=True, by=world.office, now=TOO_LATE)
    assert Milestone.select().where(Milestone.in_force).count() == 3


def test_the_head_gives_a_plan_back_with_a_reason_and_nobody_else_ever_saw_it(world: World) -> None:
    world.settle(head_approves=True)
    head = head_of(world)
    prepared = world.file(now=IN_TIME)
    of_office = work_plan_pages.read_record(plan(), world.office, now=IN_TIME)
    of_unit = work_plan_pages.read_record(plan(), world.by, now=IN_TIME)
    assert (of_office.filings, of_office.waiting, of_office.compared) == ([], None, {})
    assert of_unit.waiting is not None
    with pytest.raises(Invalid):
        work_plans.hand_back(prepared, " ", by=head, now=IN_TIME)
    work_plans.hand_back(prepared, "指标偏低", by=head, now=IN_TIME)
    assert (plan().state, world.owed.state) == (WorkPlanState.OPEN, ObligationState.OPEN)
    again = world.file(now=IN_TIME)
    work_plans.approve(again, by=head, now=IN_TIME)
    assert world.owed.outcome is Outcome.ON_TIME
    with pytest.raises(Refused):
        work_plans.approve(prepared, by=head, now=IN_TIME)


def test_an_amendment_given_back_leaves_the_plan_in_force(world: World) -> None:
    world.accept(now=IN_TIME)
    world.settle(head_approves=True)
    prepared = world.file(now=at("2021-07-01 10:00"), reason="雨季顺延")
    work_plans.hand_back(prepared, "再议", by=head_of(world), now=at("2021-07-01 11:00"))
    assert (plan().state, plan().in_force, world.owed.state) == (
        WorkPlanState.ACCEPTED, 1, ObligationState.ACCEPTED,
    )  # fmt: skip


def test_the_head_s_stand_in_files_and_the_trail_says_for_whom(world: World) -> None:
    world.settle(head_approves=True)
    head = head_of(world)
    deputy: User = builders.user("deputy", Role.LIAISON, world.programme, world.unit)
    post = Posting.get(Posting.user == head.user_id)
    stand_ins.name_stand_in(
        post, deputy.id, Absence(date(2021, 5, 25), date(2021, 5, 28), "外出培训"), by=head,
        now=at("2021-05-24 09:00"),
    )  # fmt: skip
    prepared = world.file(now=IN_TIME)
    work_plans.approve(prepared, by=accounts.actor_for(deputy, world.programme.id, now=IN_TIME), now=IN_TIME)
    assert world.owed.outcome is Outcome.ON_TIME
    assert "（代" in AuditEntry.get(AuditEntry.action == "work_plan.file").actor_name


# ---- the day asked to be later, permits


def test_a_later_day_is_asked_before_it_decided_by_a_person_and_counted(world: World) -> None:
    with pytest.raises(Refused):
        extensions.ask_extension(
            world.owed, reason="汛期", wanted_on=date(2021, 6, 4), by=world.by, now=at("2021-05-29 00:00")
        )
    extensions.ask_extension(
        world.owed, reason="汛期", wanted_on=date(2021, 6, 4), by=world.by, now=at("2021-05-28 23:59")
    )
    extensions.decide_extension(Extension.get(), granted=True, decision="", by=world.office, now=TOO_LATE)
    assert world.owed.due_on == date(2021, 6, 4)
    world.file(now=at("2021-06-04 23:59"))
    assert world.owed.outcome is Outcome.ON_TIME
    assert extensions.granted_count(world.programme.id) == {world.unit.id: 1}


def test_the_page_asks_grants_and_permits_and_the_head_files_there(
    world: World, client: FlaskClient, clock: StillClock
) -> None:
    here, owed = (
        f"/p/{world.programme.id}/work-plans/{plan().id}",
        f"/p/{world.programme.id}/reports/{world.owed.id}",
    )
    clock.moment = IN_TIME
    login(client, world.liaison, clock.moment)
    assert client.get(owed).location == here
    assert client.get(f"{owed}/form").location == f"{here}/form"
    wrong = client.post(f"{owed}/extension", data={"_once": "a", "wanted_on": "2021-05-01", "reason": "汛期"})
    assert wrong.status_code == 422
    assert "工作计划 · 澄江市城管局" in wrong.text
    asked = {"_once": "b", "wanted_on": "2021-06-04", "reason": "汛期"}
    assert client.post(f"{owed}/extension", data=asked).status_code == 303
    office = builders.user("office1", Role.LEAD_OFFICE, world.programme)
    login(client, office, clock.moment)
    listed = client.get(f"/p/{world.programme.id}/reviews?tab=extensions").text
    assert "澄江市城管局 · 工作计划" in listed
    granted = {"_once": "c", "verdict": "grant", "due_on": "2021-06-04", "decision": ""}
    decision = f"/p/{world.programme.id}/extensions/{Extension.get().id}/decision"
    assert client.post(decision, data=granted).status_code == 303
    assert "经申请延期1次" in client.get(here).text
    clock.moment = at("2021-06-21 09:00")
    obligations.mark_missing(clock.moment)
    login(client, world.liaison, clock.moment)
    assert "已锁定" in client.get(here).text
    login(client, office, clock.moment)
    permit = {"_once": "d", "until_on": "2021-06-22", "reason": "机构调整"}
    assert client.post(f"{owed}/permit", data=permit).status_code == 303
    assert LatePermit.get().until_on == date(2021, 6, 22)
    world.settle(head_approves=True)
    prepared = world.file(now=clock.moment)
    head = User.get_by_id(head_of(world).user_id)
    login(client, head, clock.moment)
    home = client.get(f"/p/{world.programme.id}/").text
    assert f"{owed}/approval" in home
    assert "摸排点位" in client.get(f"{owed}/approval", follow_redirects=True).text
    form = f"{here}/approvals/{prepared.number}"
    assert client.post(form, data={"_once": "e", "verdict": "back", "reason": ""}).status_code == 422
    sent = client.post(form, data={"_once": "f", "verdict": "send"})
    assert sent.location == f"{here}/receipts/1"
    assert world.owed.outcome is Outcome.LATE
    assert PlanFiling.get().receipt in client.get(sent.location).text


def test_by_a_permit_it_is_late(world: World) -> None:
    obligations.mark_missing(LOCKED)
    late_permits.permit(
        world.owed, date(2021, 6, 8), reason="抗旱", by=world.office, now=at("2021-06-07 09:00")
    )
    world.file(now=at("2021-06-08 09:00"))
    assert (world.owed.outcome, late_permits.count_by_unit(world.programme.id)) == (
        Outcome.LATE, {world.unit.id: 1},
    )  # fmt: skip


# ---- where it shows


def days(actor: Actor, first: date, last: date) -> list[tuple[str, str, str, int]]:
    found = calendar_events.events(actor, first, last, now=IN_TIME)
    return [
        (day.isoformat(), event.kind.value, event.title, event.waiting)
        for day, events in found.items()
        for event in events
        if event.kind in {EventKind.DUE, EventKind.MILESTONE}
    ]


def test_due_day_and_milestones_are_on_the_calendar_of_unit_and_office(world: World) -> None:
    may = (date(2021, 5, 1), date(2021, 5, 31))
    assert ("2021-05-28", "due", "工作计划", 1) in days(world.by, *may)
    assert ("2021-05-28", "due", "工作计划", 1) in days(world.office, *may)
    world.accept(now=IN_TIME)
    rest = (date(2021, 6, 1), date(2021, 12, 31))
    assert [row for row in days(world.by, *rest) if row[1] == "milestone"] == [
        ("2021-06-30", "milestone", "摸排点位", 1),
        ("2021-09-30", "milestone", "整治方案", 1),
        ("2021-11-30", "milestone", "安装完成", 1),
    ]
    assert [row for row in days(world.office, *rest) if row[1] == "milestone"] == [
        (day, "milestone", "", 1) for day in ("2021-06-30", "2021-09-30", "2021-11-30")
    ]
    stranger = builders.actor(Role.LIAISON, world.programme, builders.unit("澄江市水务局"))
    assert [row for row in days(stranger, *rest) if row[1] == "milestone"] == []


def test_the_feed_holds_the_due_day_and_the_milestones(world: World) -> None:
    def said() -> str:
        found = feeds._days(world.programme, world.by, "zh_CN", "https://dukao.local", IN_TIME)
        return "；".join(f"{one.day} {one.summary}" for one in found)

    assert "2021-05-28 截止：工作计划" in said()
    world.accept(now=IN_TIME)
    assert "2021-06-30 工作节点：摸排点位" in said()


def test_the_calendar_page_shows_milestones(world: World, client: FlaskClient, clock: StillClock) -> None:
    world.accept(now=IN_TIME)
    login(client, world.liaison)
    mine = client.get(f"/p/{world.programme.id}/calendar?view=month&day=2021-06-30").text
    assert "摸排点位" in mine
    login(client, builders.user("office1", Role.LEAD_OFFICE, world.programme))
    assert "1项未完成" in client.get(f"/p/{world.programme.id}/calendar?view=month&day=2021-06-30").text


def test_it_is_owed_on_the_unit_s_home_and_counted_in_its_burden(world: World) -> None:
    home = unit_home.unit_home(world.by, world.programme, now=IN_TIME)
    assert [(one.obligation.rule.name, one.due_on) for one in home.owed] == [("工作计划", DUE)]
    listed = owed_reports.owed(world.by, now=IN_TIME)
    assert [row.obligation.rule.name for row in listed] == ["工作计划"]
    burden = rule_pages.burden(world.programme.id, Period.parse("2021-05"), world.office)
    assert [(one.unit.name, [(rule.name, count) for rule, count in one.due]) for one in burden] == [
        ("澄江市城管局", [("工作计划", 1)])
    ]


@pytest.mark.parametrize(("name", "twice"), [("工作方案", 1), ("半年工作小结", 0)])
def test_a_plan_that_is_asked_for_as_a_document_as_well_is_said_to_be_asked_twice(
    world: World, name: str, twice: int
) -> None:
    ReportingRule.create(
        programme=world.programme, name=name, kind=RuleKind.FILING, recurrence="", due_on=DUE,
        valid_from=date(2021, 5, 1),
    )  # fmt: skip
    found = rule_pages.asked_twice(world.programme.id)
    assert [(one.name, two.name, units) for one, two, units in found] == [("工作计划", name, 1)][:twice]


def test_no_score_counts_a_work_plan(world: World) -> None:
    builders.group(world.programme, "市直部门", [world.unit])
    obligations.mark_missing(LOCKED)
    gathered = facts.gather(world.programme, Period.parse("2021-Q2"))
    assert [fact for fact in gathered.facts if fact.kind == "report"] == []


# ---- what changes around it


def test_generating_reports_again_neither_doubles_nor_drops_it(world: World) -> None:
    obligations.generate(world.programme.id, now=at("2021-06-20 09:00"))
    owed = Obligation.select().join(ReportingRule).where(ReportingRule.kind == RuleKind.WORK_PLAN)
    assert [row.state for row in owed] == [ObligationState.OPEN]


def test_its_rule_is_shown_and_changed_in_the_local_settings_alone(world: World, client: FlaskClient) -> None:
    rule = ReportingRule.get(ReportingRule.kind == RuleKind.WORK_PLAN)
    login(client, builders.user("office1", Role.LEAD_OFFICE, world.programme))
    page = client.get(f"/p/{world.programme.id}/rules/{rule.id}").text
    assert "本地设置" in page
    assert 'name="version"' not in page
    assert 'value="work_plan"' not in client.get(f"/p/{world.programme.id}/rules/new").text
    terms = rule_changes.RuleTerms(
        typed=TypedRule("工作计划", "filing", "linked", (), (), "", "", DUE, 0, 1),
        valid_from=date(2021, 5, 2),
    )
    with pytest.raises(Refused):
        rule_changes.save(
            rule, world.programme, terms, reason="改", seen=rule.version, by=world.office, now=IN_TIME
        )
    field = TypedField(1, "备注", "text")
    with pytest.raises(Refused):
        rule_forms.save(rule, [field], DUE, reason="加", seen=0, by=world.office, now=IN_TIME)


def test_a_plan_is_owed_as_long_as_one_task_of_the_unit_is_left(world: World) -> None:
    stood = []
    for link in (world.link, world.second):
        suspensions.suspend(
            link, from_on=date(2021, 5, 10), review_on=date(2021, 9, 1), reason="资金未到位", by=world.office,
            now=at("2021-05-10 09:00"),
        )  # fmt: skip
        stood.append(world.owed.state)
    suspensions.resume(
        Assignment.get_by_id(world.link.id), reason="资金到位", by=world.office, now=at("2021-05-12 09:00")
    )
    stood.append(world.owed.state)
    assert stood == [ObligationState.OPEN, ObligationState.WAIVED, ObligationState.OPEN]


def test_a_copy_of_the_programme_takes_plan_and_obligation_along(world: World, tmp_path: Path) -> None:
    world.accept(now=IN_TIME)
    target = make_database(f"sqlite:///{tmp_path / 'copy.db'}")
    migrate(target)
    with target.connection_context():
        programme_copies.copy_programme(world.programme, target)
        with visiting(target):
            assert Obligation.get_by_id(WorkPlan.get().obligation_id).outcome is Outcome.ON_TIME
            assert Milestone.select().count() == 3


def test_in_a_sandbox_the_played_units_file_their_plans_and_the_office_accepts(world: World) -> None:
    habits = rehearsals.Habits(late=0, missing=0, returned=0)
    morning = at("2021-05-10 09:00")
    while morning < at("2021-06-02 09:00"):
        rehearsals.act(world.programme, habits, morning)
        morning += timedelta(days=1)
    assert (world.owed.state, world.owed.outcome) == (ObligationState.ACCEPTED, Outcome.ON_TIME)
    assert plan().in_force == 1
