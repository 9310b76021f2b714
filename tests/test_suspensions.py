"""Suspension: set aside from a day on, resumed by a person; what was due outside those days stays owed."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

import pytest
from flask.testing import FlaskClient
from peewee import Database

from supervisor.core import obligations, suspensions
from supervisor.core.permissions import Actor
from supervisor.errors import Invalid, NotAllowed, NotFound, Refused
from supervisor.models import (
    Assignment,
    AuditEntry,
    Entry,
    Light,
    LinkRole,
    Message,
    Obligation,
    ObligationState,
    Programme,
    Role,
    Suspension,
    Task,
    Unit,
    User,
)
from tests import builders as b
from tests.conftest import StillClock, login

NOW = b.at("2021-06-01 09:00")
TODAY, REVIEW = date(2021, 6, 1), date(2021, 9, 1)


@dataclass
class Case:
    programme: Programme
    unit: Unit
    #: The unit's two links: it leads the first task, is responsible for the second.
    one: Assignment
    two: Assignment
    office: Actor
    clerk: User

    def suspend(
        self, link: Assignment, from_on: date = TODAY, now: object = NOW, reason: str = "资金未到位"
    ) -> None:
        self.move(link, "suspend", from_on=from_on, review_on=REVIEW, reason=reason, now=now)

    def resume(self, link: Assignment, day: str, reason: str = "资金到位") -> None:
        self.move(link, "resume", reason=reason, now=b.at(day))

    def move(self, link: Assignment, verb: str, **more: object) -> None:
        getattr(suspensions, verb)(suspensions.get(link.id, self.office), by=self.office, **more)

    def asked(self) -> dict[str, list[int]]:
        """Period → the tasks that the unit's report asks for; waived reports ask for none."""
        owed = Obligation.select().where(
            (Obligation.unit == self.unit) & (Obligation.state != ObligationState.WAIVED)
        )
        return {
            row.period: [
                entry.task_id for entry in Entry.select().where(Entry.obligation == row).order_by(Entry.sort)
            ]
            for row in owed.order_by(Obligation.period)
        }


@pytest.fixture
def case(database: Database) -> Case:
    programme, unit, other = b.programme(), b.unit("甲局"), b.unit("乙局")
    plan = b.plan(programme, now=b.at("2021-05-01 09:00"))
    first, second = b.task(plan, "加装电梯"), b.task(plan, "改造管网")
    links = b.assignment(first, unit), b.assignment(second, unit, LinkRole.RESPONSIBLE)
    b.assignment(second, other)
    b.user("张三", Role.LIAISON, programme, unit)
    clerk = b.user("office", Role.LEAD_OFFICE, programme)
    obligations.generate(programme.id, now=NOW)
    return Case(programme, unit, *links, b.actor(Role.LEAD_OFFICE, programme, person=clerk), clerk)


def test_reports_due_from_the_day_on_do_not_ask_for_it_and_earlier_ones_still_do(case: Case) -> None:
    one, two = case.one.task_id, case.two.task_id
    before = case.asked()
    assert before == {"2021-04": [one, two], "2021-05": [one, two], "2021-06": [one, two]}
    case.suspend(case.one)
    assert case.asked() == {"2021-04": [one, two], "2021-05": [two], "2021-06": [two]}
    obligations.generate(case.programme.id, now=b.at("2021-07-01 09:00"))
    assert case.asked()["2021-07"] == [two]


def test_its_light_is_grey_and_back_after_resuming(case: Case) -> None:
    Assignment.update(progress=1).where(Assignment.id == case.one.id).execute()
    case.suspend(case.one)
    assert Task.get_by_id(case.one.task_id).light is Light.GREY
    case.resume(case.one, "2021-06-10 09:00")
    assert Task.get_by_id(case.one.task_id).light is not Light.GREY


def test_a_report_left_empty_is_waived_and_both_come_back_while_it_is_not_due(case: Case) -> None:
    one, two = case.one.task_id, case.two.task_id
    case.suspend(case.one)
    case.suspend(case.two)
    assert case.asked() == {"2021-04": [one, two]}
    # June's report (due 5 July) is still open, May's (due 5 June) was due while both were set aside.
    case.resume(case.one, "2021-07-02 09:00")
    assert case.asked() == {"2021-04": [one, two], "2021-06": [one], "2021-07": [one]}
    case.resume(case.two, "2021-07-03 09:00")
    assert case.asked() == {"2021-04": [one, two], "2021-06": [one, two], "2021-07": [one, two]}


def test_nothing_is_owed_afterwards_for_what_fell_due_while_it_was_suspended(case: Case) -> None:
    case.suspend(case.one)
    case.suspend(case.two)
    case.resume(case.one, "2021-10-10 09:00")
    assert sorted(case.asked()) == ["2021-04", "2021-10"]


def test_the_review_day_shows_it_to_the_office_and_nothing_happens_by_itself(case: Case) -> None:
    case.suspend(case.one)
    shown = suspensions.waiting(case.programme.id, today=REVIEW)
    assert [(line.title, line.unit_name, line.is_due) for line in shown.lines] == [("加装电梯", "甲局", True)]
    assert not suspensions.waiting(case.programme.id, today=TODAY).lines[0].is_due
    obligations.generate(case.programme.id, now=b.at("2021-09-02 09:00"))
    assert Assignment.get_by_id(case.one.id).suspended
    case.resume(case.one, "2021-09-02 09:00")
    assert suspensions.waiting(case.programme.id, today=REVIEW).lines == []


def test_both_acts_are_in_the_trail_and_the_unit_is_told(case: Case) -> None:
    case.suspend(case.one)
    case.resume(case.one, "2021-06-10 09:00")
    acts = AuditEntry.select().where(AuditEntry.action.in_(["assignment.suspend", "assignment.resume"]))
    assert [(act.action, act.reason) for act in acts.order_by(AuditEntry.seq)] == [
        ("assignment.suspend", "资金未到位"),
        ("assignment.resume", "资金到位"),
    ]
    assert {message.key.split(":")[0] for message in Message.select()} == {"suspend", "resume"}
    row = Suspension.get()
    assert (row.from_on, row.review_on, row.resumed_on) == (TODAY, REVIEW, date(2021, 6, 10))


@pytest.mark.parametrize(
    ("from_on", "review_on", "reason", "fields"),
    [
        (date(2021, 6, 2), REVIEW, "x", {"from_on"}),
        (TODAY, TODAY, "x", {"review_on"}),
        (TODAY, date(2031, 1, 1), "x", {"review_on"}),
        (TODAY, REVIEW, "  ", {"reason"}),
        (TODAY, REVIEW, "长" * 401, {"reason"}),
    ],
)
def test_what_does_not_hold_is_named(
    case: Case, from_on: date, review_on: date, reason: str, fields: set[str]
) -> None:
    with pytest.raises(Invalid) as wrong:
        case.move(case.one, "suspend", from_on=from_on, review_on=review_on, reason=reason, now=NOW)
    assert set(wrong.value.fields) == fields
    assert not Assignment.get_by_id(case.one.id).suspended


def test_nothing_is_suspended_or_resumed_twice_nor_into_an_earlier_suspension(case: Case) -> None:
    with pytest.raises(Refused):
        case.resume(case.one, "2021-06-10 09:00")
    case.suspend(case.one)
    with pytest.raises(Refused):
        case.suspend(case.one)
    with pytest.raises(Invalid):
        case.resume(case.one, "2021-06-10 09:00", reason=" ")
    case.resume(case.one, "2021-06-10 09:00")
    with pytest.raises(Invalid):
        case.suspend(case.one, date(2021, 6, 9), b.at("2021-06-11 09:00"))
    case.suspend(case.one, date(2021, 6, 10), b.at("2021-06-11 09:00"))


def test_nobody_suspends_for_the_own_unit_for_another_programme_or_without_the_right(case: Case) -> None:
    both = b.actor([Role.LEAD_OFFICE, Role.LIAISON], case.programme, case.unit)
    foreign = b.actor(Role.LEAD_OFFICE, b.programme("另一事项"))
    unit = b.actor(Role.LIAISON, case.programme, case.unit)
    for by, error in ((both, Refused), (foreign, NotFound), (unit, NotAllowed)):
        with pytest.raises(error):
            suspensions.suspend(case.one, from_on=TODAY, review_on=REVIEW, reason="x", by=by, now=NOW)


def test_the_office_suspends_and_resumes_on_the_tasks_page(
    case: Case, client: FlaskClient, clock: StillClock
) -> None:
    clock.moment = NOW
    place, task = f"/p/{case.programme.id}", f"/p/{case.programme.id}/tasks/{case.one.task_id}"
    act = f"{place}/assignments/{case.one.id}"
    login(client, case.clerk, NOW)
    typed = {"assignment": case.one.id, "from_on": "x", "review_on": "", "reason": "资金未到位"}
    wrong = client.post(f"{task}/suspensions", data={"_once": "a", **typed})
    assert wrong.status_code == 422
    assert "资金未到位" in wrong.get_data(as_text=True)
    typed |= {"from_on": "2021-06-01", "review_on": "2021-09-01", "reason": "资金未到位"}
    unnamed = client.post(f"{task}/suspensions", data={"_once": "g", **typed, "assignment": ""})
    assert "请选择单位" in unnamed.get_data(as_text=True)
    stray = typed | {"assignment": case.one.id + 1}
    assert client.post(f"{task}/suspensions", data={"_once": "f", **stray}).status_code == 404
    assert client.post(f"{task}/suspensions", data={"_once": "b", **typed}).status_code == 303
    page = client.get(task).get_data(as_text=True)
    assert "甲局：自2021年6月1日起挂账" in page
    assert "复核日期：2021年9月1日" in page
    assert "挂账待复核" in client.get(f"{place}/").get_data(as_text=True)
    assert client.post(f"{act}/resumption", data={"_once": "c", "resume_reason": ""}).status_code == 422
    assert (
        client.post(f"{act}/resumption", data={"_once": "d", "resume_reason": "资金到位"}).status_code == 303
    )
    assert "资金到位" in client.get(task).get_data(as_text=True)
    login(client, User.get(User.name == "张三"), NOW)
    assert client.post(f"{task}/suspensions", data={"_once": "e", **typed}).status_code == 403
