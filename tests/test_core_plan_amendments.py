"""An adopted plan and the notice issued again: what differs, what a change would do, and what it does (D7)."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest
from peewee import Database

from supervisor.core import (
    corrections,
    documents,
    plan_amendments,
    plan_differences,
    plans,
    printed_names,
    task_corrections,
)
from supervisor.core.permissions import Actor
from supervisor.core.plan_amendments import Wording
from supervisor.errors import Invalid, NotAllowed, Refused
from supervisor.models import (
    Assignment,
    AssignmentState,
    AuditEntry,
    Document,
    DocumentState,
    Entry,
    Message,
    Obligation,
    Plan,
    Programme,
    Role,
    Task,
    TaskState,
    Unit,
)
from tests.builders import actor, at, programme, user

WHEN = at("2021-03-22 09:00")
LATER = at("2021-05-10 09:00")

FIRST = """澄江市河湖整治工作方案
各区人民政府，市政府各部门：
一、工作任务
（一）编制规划。2021年6月底前完成全市河湖整治规划编制。（牵头单位：市水务局；责任单位：市财政局、市规划局）
（二）清理河道。组织清理淤积河段和沿岸垃圾。（牵头单位：市水务局；责任单位：市城管局、市财政局）
（三）沿河增绿。补植行道树和绿地，建设滨河步道。（牵头单位：市园林局；责任单位：市财政局）
澄江市人民政府办公室
2021年3月10日
"""
AGAIN = """澄江市河湖整治工作方案（修订）
各区人民政府，市政府各部门：
一、工作任务
（一）编制规划。2021年9月底前完成全市河湖整治规划编制。（牵头单位：市水务局；责任单位：市财政局、市规划局）
（二）建立巡查制度。设置巡查员，每日巡查。（牵头单位：市水务局；责任单位：市公安局）
（三）清理河道。组织清理淤积河段和沿岸垃圾。（牵头单位：市城管局；责任单位：市水务局、市财政局）
澄江市人民政府办公室
2021年5月8日
"""


@pytest.fixture
def by(database: Database) -> Actor:
    of = programme()
    return actor(Role.LEAD_OFFICE, of, person=user("office", Role.LEAD_OFFICE, of, now=WHEN))


def received(text: str, by: Actor) -> Document:
    of = Programme.get_by_id(by.programme_id)
    data = text.encode()
    draft = documents.read_notice(data, "a.txt")
    return documents.receive(of, draft, data, "a.txt", again=False, by=by, now=WHEN)


@pytest.fixture
def plan(by: Actor) -> Plan:
    document = received(FIRST, by)
    plan = plans.adopt(document, seen=1, by=by, now=WHEN)
    user("li", Role.LIAISON, plan.programme, Unit.get(Unit.name == "市水务局"), now=WHEN)
    plans.issue(plan, by=by, now=WHEN)
    return Plan.get_by_id(plan.id)


@pytest.fixture
def again(plan: Plan, by: Actor) -> Document:
    return received(AGAIN, by)


def compared(again: Document, plan: Plan) -> plan_differences.Comparison:
    register = printed_names.read(plan.programme.jurisdiction_id)
    return plan_differences.compare(corrections.ledger_of(again), plans.tasks_of(plan), register)


def task(title: str) -> Task:
    found: Task = Task.get(Task.title == title)
    return found


def test_a_notice_issued_again_is_noticed_and_another_one_is_not(
    again: Document, plan: Plan, by: Actor
) -> None:
    found = plan_differences.like(again, corrections.ledger_of(again))
    assert found is not None
    assert found.id == plan.id
    other = received(
        "澄江市养老服务体系建设工作要点\n（一）建设食堂。（牵头单位：市民政局）\n2021年5月8日\n", by
    )
    assert plan_differences.like(other, corrections.ledger_of(other)) is None


def test_the_difference_says_what_is_new_gone_and_changed(again: Document, plan: Plan) -> None:
    found = compared(again, plan)
    assert [(d.title, d.new) for d in found.added] == [("建立巡查制度", "市水务局｜市公安局")]
    assert [d.title for d in found.removed] == ["沿河增绿"]
    assert [
        (d.label.msgid, d.title, d.old, d.new) for d in found.changed if not d.key.startswith("words")
    ] == [
        ("due date", "编制规划", "2021-06-30", "2021-09-30"),
        ("who answers", "清理河道", "市水务局｜市城管局、市财政局", "市城管局｜市水务局、市财政局"),
    ]


def test_the_same_notice_in_another_order_differs_in_nothing(plan: Plan, by: Actor) -> None:
    lines = FIRST.split("\n")
    lines[3], lines[5] = lines[5].replace("（三）", "（一）"), lines[3].replace("（一）", "（三）")
    found = compared(received("\n".join(lines), by), plan)
    assert (found.every, found.same) == ((), 3)


def test_an_alias_makes_no_difference(plan: Plan, by: Actor) -> None:
    from supervisor.core import units

    units.add_alias(Unit.get(Unit.name == "市水务局"), "市水利局", by=by, now=WHEN)
    found = compared(received(FIRST.replace("市水务局", "市水利局"), by), plan)
    assert found.every == ()


def test_only_what_is_ticked_changes_and_each_change_has_its_number(
    again: Document, plan: Plan, by: Actor
) -> None:
    keys = [d.key for d in compared(again, plan).every if not d.key.startswith(("words", "cancel"))]
    assert plan_differences.make(again, plan, keys, "澄政办〔2021〕20号", by=by, now=LATER) == 3
    assert task("编制规划").due_on == date(2021, 9, 30)
    assert task("编制规划").due_from_notice, "the notice issued again prints the date"
    assert task("沿河增绿").state is TaskState.OPEN
    new = task("建立巡查制度")
    assert (new.state, new.links, new.leads) == (TaskState.OPEN, 2, 1)
    links = {
        a.unit.name: a.role.value for a in Assignment.select().where(Assignment.task == task("清理河道"))
    }
    assert links == {"市城管局": "lead", "市水务局": "responsible", "市财政局": "responsible"}
    acts = AuditEntry.select().where(AuditEntry.action.in_(["task.add", "task.units", "task.change"]))
    assert {row.reason for row in acts} == {"澄政办〔2021〕20号"}
    left = [d.title for d in compared(again, plan).every if not d.key.startswith("words")]
    assert left == ["沿河增绿"]


def test_a_preview_tells_exactly_what_making_the_changes_does(again: Document, plan: Plan, by: Actor) -> None:
    keys = [d.key for d in compared(again, plan).every]
    before = (Assignment.select().count(), Entry.select().count(), Message.select().count())
    said = plan_differences.preview(again, plan, keys, "重新印发", by=by, now=LATER)
    assert (Assignment.select().count(), Entry.select().count(), Message.select().count()) == before
    assert Task.select().count() == 3
    links = {a.id for a in Assignment.select().where(Assignment.state != AssignmentState.CANCELLED)}
    entries = {row.id for row in Entry.select()}
    plan_differences.make(again, plan, keys, "重新印发", by=by, now=LATER)
    now_links = {a.id for a in Assignment.select().where(Assignment.state != AssignmentState.CANCELLED)}
    now_entries = {row.id for row in Entry.select()}
    assert (said.links_made, said.links_ended) == (len(now_links - links), len(links - now_links))
    assert (said.entries_made, said.entries_dropped) == (
        len(now_entries - entries),
        len(entries - now_entries),
    )
    assert said.messages == Message.select().count() - before[2] > 0


def test_d3_a_change_leaves_no_task_without_a_lead_unless_a_person_says_that_each_answers_for_itself(
    plan: Plan, by: Actor
) -> None:
    document = received(FIRST.replace("牵头单位：市园林局；责任", "责任"), by)
    (found,) = compared(document, plan).changed
    assert found.open_question is not None
    with pytest.raises(Invalid) as asked:
        plan_differences.preview(document, plan, [found.key], "重新印发", by=by, now=LATER)
    assert "“沿河增绿”: nobody would lead it" in str(asked.value.fields["key"])
    with pytest.raises(Invalid):
        plan_amendments.add_task(plan, Wording("巡河", responsible=("市财政局",)), "新增", by=by, now=LATER)

    (row,) = [row for row in corrections.ledger_of(document).live if not row.lead]
    task_corrections.correct_task(document, replace(row, each_answers=True), seen=1, by=by, now=LATER)
    document = Document.get_by_id(document.id)
    plan_differences.make(document, plan, [found.key], "重新印发", by=by, now=LATER)
    left = Assignment.get(
        (Assignment.task == task("沿河增绿")) & (Assignment.state != AssignmentState.CANCELLED)
    )
    assert (left.unit.name, left.share, task("沿河增绿").leads) == ("市财政局", 100, 0)


def test_a_cancelled_task_leaves_reports_not_handed_in_and_keeps_what_was_reported(
    plan: Plan, by: Actor
) -> None:
    green = task("沿河增绿")
    past = Obligation.select().count()
    plan_amendments.cancel_task(green, "并入专项规划", by=by, now=WHEN)
    assert task("沿河增绿").state is TaskState.CANCELLED
    assert {a.state for a in Assignment.select().where(Assignment.task == green)} == {
        AssignmentState.CANCELLED
    }
    assert Entry.select().where(Entry.task == green).count() == 0
    assert Obligation.select().count() == past
    with pytest.raises(Refused):
        plan_amendments.cancel_task(green, "再撤一次", by=by, now=WHEN)


def test_an_added_task_is_owed_from_its_day_on(plan: Plan, by: Actor) -> None:
    wanted = Wording("建立巡查制度", lead=("市公安局",), responsible=("市财政局",))
    made = plan_amendments.add_task(plan, wanted, "补充部署", by=by, now=LATER)
    assert {a.joined_on for a in Assignment.select().where(Assignment.task == made)} == {date(2021, 5, 10)}
    police = Unit.get(Unit.name == "市公安局")
    assert [o.period for o in Obligation.select().where(Obligation.unit == police)] == ["2021-05"]


@pytest.mark.parametrize("reason", ["", "  "])
def test_a_change_of_an_issued_plan_needs_a_reason(plan: Plan, by: Actor, reason: str) -> None:
    with pytest.raises(Invalid):
        plan_amendments.cancel_task(task("沿河增绿"), reason, by=by, now=WHEN)
    with pytest.raises(Invalid):
        plan_amendments.add_task(plan, Wording("甲", lead=("市水务局",)), reason, by=by, now=WHEN)
    assert task("沿河增绿").state is TaskState.OPEN


def test_a_plan_not_yet_issued_is_changed_without_numbers_or_messages(by: Actor) -> None:
    draft = plans.adopt(received(FIRST, by), seen=1, by=by, now=WHEN)
    again = received(AGAIN, by)
    keys = [d.key for d in compared(again, draft).every]
    plan_differences.make(again, draft, keys, "", by=by, now=LATER)
    assert compared(again, draft).every == ()
    assert (Assignment.select().count(), Message.select().count()) == (0, 0)
    assert task("建立巡查制度").state is TaskState.DRAFT
    assert task("编制规划").due_from_notice
    assert plans.issue(draft, by=by, now=LATER).tasks == 3


def test_the_comparison_ends_with_the_notice_taken_into_the_plan(
    again: Document, plan: Plan, by: Actor
) -> None:
    task_corrections.accept(again, [0], seen=1, by=by, now=LATER)
    plan_differences.finish(again, plan, seen=2, by=by, now=LATER)
    kept = Document.get_by_id(again.id)
    assert kept.state is DocumentState.ADOPTED
    assert documents.plan_of(kept) == plan
    assert Plan.select().count() == 1


def test_a_unit_s_people_change_no_plan(plan: Plan) -> None:
    liaison = actor(Role.LIAISON, plan.programme, Unit.get(Unit.name == "市水务局"))
    with pytest.raises(NotAllowed):
        plan_amendments.cancel_task(task("沿河增绿"), "不想做", by=liaison, now=WHEN)
