"""The preview of the next thirty days on its page, a day in full, and pausing with a reason."""

from __future__ import annotations

from datetime import date

import pytest
from flask.testing import FlaskClient
from peewee import Database

from supervisor.core import obligations
from supervisor.models import Plan, Programme, ReminderPause, ReportingRule, Role, Unit, User
from tests import builders as b
from tests.conftest import StillClock, login

MORNING = b.at("2021-06-01 07:30")


@pytest.fixture
def programme(database: Database, clock: StillClock) -> Programme:
    clock.moment = MORNING
    made = b.programme()
    plan = b.plan(made)
    Plan.update(issued_at=b.at("2021-03-22 09:00"), effective_on=date(2021, 3, 22)).execute()
    task = b.task(plan)
    for name in ("市城建局", "市水务局"):
        unit = b.unit(name)
        b.user(f"of{name}", Role.LIAISON, made, unit)
        b.assignment(task, unit)
    ReportingRule.create(programme=made, name="月报", recurrence="monthly:15", valid_from=date(2021, 5, 1))
    obligations.generate(made.id, now=MORNING)
    b.user("office", Role.LEAD_OFFICE, made)
    return made


def page(client: FlaskClient, programme: Programme, **query: object) -> str:
    return client.get(f"/p/{programme.id}/reminders", query_string=query).text


def test_a_day_says_who_is_told_of_what_and_a_unit_can_be_chosen(
    client: FlaskClient, programme: Programme
) -> None:
    login(client, User.get(User.username == "office"))
    text = page(client, programme, day="2021-06-11")
    assert "of市城建局" in text
    assert "of市水务局" in text
    unit = Unit.get(Unit.name == "市城建局")
    one = page(client, programme, day="2021-06-11", unit=unit.id)
    assert "of市城建局" in one
    assert "of市水务局" not in one


def test_the_units_to_choose_from_stand_in_the_order_of_the_roster(
    client: FlaskClient, programme: Programme
) -> None:
    login(client, User.get(User.username == "office"))
    for sorts in ((1, 2), (2, 1)):
        for name, sort in zip(("市城建局", "市水务局"), sorts, strict=True):
            Unit.update(sort=sort).where(Unit.name == name).execute()
        options = page(client, programme).partition('id="f-unit"')[2].partition("</select>")[0]
        assert (options.index("市城建局") < options.index("市水务局")) is (sorts == (1, 2))


def test_reminders_are_held_back_and_let_go_with_reasons(client: FlaskClient, programme: Programme) -> None:
    login(client, User.get(User.username == "office"))
    place = f"/p/{programme.id}/reminders"
    form = {"from_on": "2021-06-09", "until_on": "2021-06-12", "reason": "系统切换", "_once": "p1"}
    assert client.post(f"{place}/pauses", data=form).status_code == 303
    text = page(client, programme)
    assert "系统切换" in text
    row = ReminderPause.get()
    wrong = client.post(f"{place}/pauses/{row.id}/end", data={"end_reason": " ", "_once": "p2"})
    assert wrong.status_code == 422
    assert ReminderPause.get().ended_at is None
    assert (
        client.post(f"{place}/pauses/{row.id}/end", data={"end_reason": "完成", "_once": "p3"}).status_code
        == 303
    )
    assert ReminderPause.get().ended_at == MORNING


def test_a_wrong_pause_comes_back_filled(client: FlaskClient, programme: Programme) -> None:
    login(client, User.get(User.username == "office"))
    form = {"from_on": "2021-06-09", "until_on": "2021-12-31", "reason": "系统切换", "_once": "p1"}
    answer = client.post(f"/p/{programme.id}/reminders/pauses", data=form)
    assert answer.status_code == 422
    assert "2021-12-31" in answer.text
    assert "系统切换" in answer.text
    assert not ReminderPause.select().exists()


def test_units_do_not_see_whom_else_the_office_reminds(client: FlaskClient, programme: Programme) -> None:
    login(client, User.get(User.username == "of市城建局"))
    assert client.get(f"/p/{programme.id}/reminders").status_code == 403


def test_a_rule_has_stages_of_its_own(client: FlaskClient, programme: Programme) -> None:
    login(client, User.get(User.username == "office"))
    rule = ReportingRule.get()
    form = {
        "what": "月报", "kind": "progress", "obliged": "linked", "every": "monthly", "days": "15", "shift": "-1",
        "minimum": "1", "valid_from": "2021-05-01", "version": str(rule.version), "reason": "提前提醒",
        "remind_before": "7，3", "remind_after": "0", "make": "1", "_once": "r1",
    }  # fmt: skip
    answer = client.post(f"/p/{programme.id}/rules/{rule.id}", data=form)
    assert answer.status_code == 303, answer.text
    after = ReportingRule.get()
    assert (after.remind_before, after.remind_after) == ([7, 3], [])
