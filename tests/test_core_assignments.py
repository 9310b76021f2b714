"""Signing for, objecting, applying for completion, deciding: each state, each stranger, each deadline."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

import pytest

from supervisor.core import assignments, task_records
from supervisor.core.permissions import Actor
from supervisor.errors import Invalid, NotAllowed, NotFound, Refused
from supervisor.models import (
    Application,
    ApplicationState,
    Assignment,
    AssignmentState,
    AuditEntry,
    Entry,
    LinkRole,
    Message,
    Objection,
    Obligation,
    ObligationState,
    Plan,
    Role,
    Task,
    TaskState,
)
from tests import builders as b

pytestmark = pytest.mark.usefixtures("database")


@dataclass
class Case:
    plan: Plan
    task: Task
    lead: Assignment
    helper: Assignment
    liaison: Actor
    helpers_liaison: Actor
    office: Actor


@pytest.fixture
def case() -> Case:
    programme, one, two = b.programme(), b.unit("甲局"), b.unit("乙局")
    plan = b.plan(programme)
    task = b.task(plan)
    lead = b.assignment(task, one, state=AssignmentState.ISSUED)
    helper = b.assignment(task, two, LinkRole.RESPONSIBLE, state=AssignmentState.ISSUED)
    people = [b.user(name, Role.LIAISON, programme, unit) for name, unit in (("张三", one), ("李四", two))]
    return Case(
        plan,
        Task.get_by_id(task.id),
        lead,
        helper,
        b.actor(Role.LIAISON, programme, one, person=people[0]),
        b.actor(Role.LIAISON, programme, two, person=people[1]),
        b.actor(Role.LEAD_OFFICE, programme, person=b.user("王五", Role.LEAD_OFFICE, programme)),
    )


def fresh(link: Assignment) -> Assignment:
    return Assignment.get_by_id(link.id)


def test_a_unit_signs_for_its_task_once(case: Case) -> None:
    assignments.acknowledge(case.lead, by=case.liaison, now=b.NOW)
    assignments.acknowledge(fresh(case.lead), by=case.liaison, now=b.at("2021-06-02 09:00"))
    assert (fresh(case.lead).state, fresh(case.lead).acknowledged_at) == (AssignmentState.ACKNOWLEDGED, b.NOW)
    assert AuditEntry.select().where(AuditEntry.action == "assignment.acknowledge").count() == 1


def test_signing_for_all_takes_only_ones_own(case: Case) -> None:
    assert assignments.acknowledge_all(case.plan.programme_id, by=case.liaison, now=b.NOW) == 1
    assert assignments.acknowledge_all(case.plan.programme_id, by=case.liaison, now=b.NOW) == 0
    assert fresh(case.helper).state is AssignmentState.ISSUED


def test_a_strangers_link_does_not_exist(case: Case) -> None:
    with pytest.raises(NotFound):
        assignments.get_own(case.helper.id, case.liaison)
    with pytest.raises(NotFound):
        assignments.acknowledge(case.helper, by=case.liaison, now=b.NOW)
    with pytest.raises(NotFound):
        assignments.object_to(case.helper, "x", by=case.liaison, now=b.NOW)
    with pytest.raises(NotFound):
        assignments.apply_for_completion(case.helper, "x", by=case.liaison, now=b.NOW)
    with pytest.raises(NotAllowed):
        assignments.acknowledge(case.lead, by=case.office, now=b.NOW)


def test_an_objection_within_its_time_goes_to_the_office(case: Case) -> None:
    # issued on Sunday 2 May; five working days: 6, 7, 8 (make-up Saturday), 10, 11 May
    assert assignments.objection_deadline(case.plan, None) == date(2021, 5, 11)
    with pytest.raises(Invalid):
        assignments.object_to(case.lead, " ", by=case.liaison, now=b.at("2021-05-11 10:00"))
    raised = assignments.object_to(case.lead, "非我局职责", by=case.liaison, now=b.at("2021-05-11 23:59"))
    assert fresh(case.lead).state is AssignmentState.OBJECTED
    assert raised.upheld is None
    with pytest.raises(Refused):
        assignments.object_to(case.helper, "x", by=case.helpers_liaison, now=b.at("2021-05-12 00:00"))


def test_an_upheld_objection_takes_the_link_and_what_was_owed_for_it(case: Case) -> None:
    obligation = b.obligation(case.lead.unit, case.lead.programme)
    b.entry(obligation, case.lead)
    objection = assignments.object_to(case.lead, "非我局职责", by=case.liaison, now=b.at("2021-05-10 10:00"))
    assignments.decide_objection(
        objection, upheld=True, decision="同意", alone=True, by=case.office, now=b.at("2021-05-11 10:00")
    )
    assert fresh(case.lead).state is AssignmentState.CANCELLED
    assert not Entry.select().exists()
    assert Obligation.get_by_id(obligation.id).state is ObligationState.WAIVED
    kept = Task.get_by_id(case.task.id)
    assert (kept.links, kept.leads) == (1, 0)
    assert Message.select().where(Message.key.startswith(f"objection:{objection.id}:")).exists()
    with pytest.raises(Refused):
        assignments.decide_objection(objection, upheld=False, decision="x", by=case.office, now=b.NOW)


def test_d3_the_last_lead_s_objection_is_upheld_only_where_a_person_confirms_that_each_answers_for_itself(
    case: Case,
) -> None:
    objection = assignments.object_to(case.lead, "非我局职责", by=case.liaison, now=b.at("2021-05-10 10:00"))
    with pytest.raises(Invalid) as asked:
        assignments.decide_objection(objection, upheld=True, decision="同意", by=case.office, now=b.NOW)
    assert "without a lead unit" in str(asked.value.fields["alone"])
    assert Objection.get_by_id(objection.id).upheld is None
    assignments.decide_objection(
        objection, upheld=True, decision="同意", alone=True, by=case.office, now=b.NOW
    )
    assert (Task.get_by_id(case.task.id).responsible_share, fresh(case.helper).share) == (100, 100)
    assert AuditEntry.select().where(AuditEntry.action == "task.each_answers").count() == 1
    record = task_records.read_record(Task.get_by_id(case.task.id), case.office, today=date(2021, 5, 12))
    told = [event.what.msgid for event in record.history]
    assert {"Objected to the assignment", "Objection upheld", "Each unit answers for itself"} <= set(told)
    assert [link.unit_name for link in record.links] == [case.helper.unit.name]


def test_a_second_lead_remains_and_nothing_is_asked(case: Case) -> None:
    Assignment.update(role=LinkRole.LEAD).where(Assignment.id == case.helper.id).execute()
    before = fresh(case.helper).share
    objection = assignments.object_to(case.lead, "非我局职责", by=case.liaison, now=b.at("2021-05-10 10:00"))
    assignments.decide_objection(objection, upheld=True, decision="同意", by=case.office, now=b.NOW)
    assert fresh(case.helper).share == before


def test_no_upheld_objection_leaves_a_task_without_a_unit(case: Case) -> None:
    Assignment.update(state=AssignmentState.CANCELLED).where(Assignment.id == case.helper.id).execute()
    objection = assignments.object_to(case.lead, "非我局职责", by=case.liaison, now=b.at("2021-05-10 10:00"))
    with pytest.raises(Invalid) as refused:
        assignments.decide_objection(objection, upheld=True, decision="同意", by=case.office, now=b.NOW)
    assert "without a unit" in str(refused.value.fields["decision"])
    assert (fresh(case.lead).state, Objection.get_by_id(objection.id).upheld) == (
        AssignmentState.OBJECTED, None,
    )  # fmt: skip
    assignments.decide_objection(objection, upheld=False, decision="维持分工", by=case.office, now=b.NOW)


def test_an_objection_that_fails_is_to_be_signed_for_again(case: Case) -> None:
    objection = assignments.object_to(case.lead, "非我局职责", by=case.liaison, now=b.at("2021-05-10 10:00"))
    with pytest.raises(Invalid):
        assignments.decide_objection(objection, upheld=False, decision="", by=case.office, now=b.NOW)
    assignments.decide_objection(objection, upheld=False, decision="三定方案明确", by=case.office, now=b.NOW)
    assert fresh(case.lead).state is AssignmentState.ISSUED
    assert Objection.get_by_id(objection.id).upheld is False


def test_only_the_lead_applies_and_only_after_signing(case: Case) -> None:
    with pytest.raises(Refused):
        assignments.apply_for_completion(case.lead, "验收表", by=case.liaison, now=b.NOW)
    assignments.acknowledge(case.lead, by=case.liaison, now=b.NOW)
    assignments.acknowledge(case.helper, by=case.helpers_liaison, now=b.NOW)
    with pytest.raises(Invalid):
        assignments.apply_for_completion(fresh(case.lead), " ", by=case.liaison, now=b.NOW)
    with pytest.raises(Refused):
        assignments.apply_for_completion(fresh(case.helper), "验收表", by=case.helpers_liaison, now=b.NOW)
    assert not Application.select().exists()


def test_the_date_of_the_application_counts(case: Case) -> None:
    assignments.acknowledge(case.lead, by=case.liaison, now=b.NOW)
    application = assignments.apply_for_completion(
        fresh(case.lead), "验收表", by=case.liaison, now=b.at("2021-06-28 23:00")
    )
    assert fresh(case.lead).state is AssignmentState.APPLIED
    assignments.decide_application(
        application, accepted=True, reason="", by=case.office, now=b.at("2021-07-09 09:00")
    )
    closed = fresh(case.lead)
    assert (closed.state, closed.closed_on, closed.progress) == (
        AssignmentState.CLOSED,
        date(2021, 6, 28),
        100,
    )
    task = Task.get_by_id(case.task.id)
    assert (task.state, task.closed_on, task.leads_closed) == (TaskState.CLOSED, date(2021, 6, 28), 1)


def test_a_returned_application_may_be_filed_again(case: Case) -> None:
    assignments.acknowledge(case.lead, by=case.liaison, now=b.NOW)
    first = assignments.apply_for_completion(fresh(case.lead), "照片", by=case.liaison, now=b.NOW)
    with pytest.raises(Invalid):
        assignments.decide_application(first, accepted=False, reason=" ", by=case.office, now=b.NOW)
    assignments.decide_application(first, accepted=False, reason="缺验收表", by=case.office, now=b.NOW)
    with pytest.raises(Refused):
        assignments.decide_application(first, accepted=True, reason="", by=case.office, now=b.NOW)
    second = assignments.apply_for_completion(fresh(case.lead), "验收表", by=case.liaison, now=b.NOW)
    assert Application.get_by_id(first.id).state is ApplicationState.RETURNED
    assert second.state is ApplicationState.OPEN


def test_nobody_decides_for_their_own_unit(case: Case) -> None:
    assignments.acknowledge(case.lead, by=case.liaison, now=b.NOW)
    application = assignments.apply_for_completion(fresh(case.lead), "照片", by=case.liaison, now=b.NOW)
    both = b.actor([Role.LEAD_OFFICE, Role.LIAISON], case.lead.programme, case.lead.unit)
    with pytest.raises(Refused):
        assignments.decide_application(application, accepted=True, reason="", by=both, now=b.NOW)


def test_where_nobody_leads_each_applies_for_itself(case: Case) -> None:
    Assignment.delete().where(Assignment.id == case.lead.id).execute()
    Task.update(leads=0, links=1).execute()
    assignments.acknowledge(case.helper, by=case.helpers_liaison, now=b.NOW)
    application = assignments.apply_for_completion(
        fresh(case.helper), "验收表", by=case.helpers_liaison, now=b.NOW
    )
    assignments.decide_application(application, accepted=True, reason="", by=case.office, now=b.NOW)
    assert Task.get_by_id(case.task.id).state is TaskState.CLOSED
