"""A year that is not loaded: told once to those who can mend it, and written on every day computed in it (E-60)."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from flask.testing import FlaskClient
from peewee import Database

from supervisor.core import calendar_alarms, calendar_decisions, digests
from supervisor.core.calendar import load_calendar, seed_calendar
from supervisor.core.days import due_words
from supervisor.core.workdays import CalendarRow
from supervisor.models import AdminRole, Message, Role
from supervisor.words import say
from tests import builders
from tests.builders import NOW, at
from tests.conftest import StillClock, login

MONDAY = at("2026-11-02 09:00")
ADMIN = builders.actor(admin=AdminRole.SYSTEM)


@pytest.fixture
def house(database: Database) -> None:
    """A running programme with its office and a liaison, and the three administrators."""
    seed_calendar(now=NOW)
    programme = builders.programme()
    unit = builders.unit("市水务局")
    builders.assignment(builders.task(builders.plan(programme)), unit)
    builders.user("office", Role.LEAD_OFFICE, programme)
    builders.user("liaison", Role.LIAISON, programme, unit)
    for role in (AdminRole.SYSTEM, AdminRole.SECURITY, AdminRole.AUDIT):
        builders.user(role.value, admin=role)


def told() -> set[str]:
    return {row.person.username for row in Message.select()}


def load_2027() -> None:
    row = CalendarRow(date(2027, 1, 1), is_work=False, name="元旦", source="")
    proposal = calendar_decisions.propose_notice(2027, [row], text="x")
    calendar_decisions.apply(proposal, source="国办发明电〔2026〕8号", by=ADMIN, now=MONDAY)


@pytest.mark.usefixtures("house")
def test_from_november_on_administrator_and_office_are_told_once() -> None:
    assert calendar_alarms.send(at("2026-10-30 09:00")) == 0
    assert calendar_alarms.send(at("2026-11-01 09:00")) == 0, "a Sunday"
    assert calendar_alarms.send(at("2026-11-02 07:59")) == 0
    assert calendar_alarms.send(MONDAY) == 2
    assert told() == {"office", AdminRole.SYSTEM.value}
    assert calendar_alarms.send(MONDAY + timedelta(days=1)) == 0
    assert calendar_alarms.send(at("2027-01-04 09:00")) == 0, "told of this year already"


@pytest.mark.usefixtures("house")
def test_nobody_is_told_once_the_year_is_loaded() -> None:
    load_2027()
    assert calendar_alarms.send(MONDAY) == 0
    assert told() == set()


@pytest.mark.usefixtures("house")
def test_a_day_in_such_a_year_says_so_in_messages() -> None:
    calendar = load_calendar()
    assert say(due_words(date(2027, 1, 5), calendar), "zh_CN") == "2027年1月5日（调休待公布）"
    assert say(due_words(date(2026, 12, 31), calendar), "zh_CN") == "2026年12月31日"
    item = digests.Item(
        1, 1, 1, "专项", "市水务局", "月报", "2026-12", date(2027, 1, 5), returned=False, schedule_version=1
    )
    body = digests.render([item], builders.user("li"), today=date(2026, 12, 31), calendar=calendar).body
    assert "2027年1月5日（调休待公布）" in body


def test_home_pages_and_reports_say_so_until_it_is_loaded(client: FlaskClient, clock: StillClock) -> None:
    seed_calendar(now=NOW)
    clock.moment = at("2026-12-15 10:00")
    programme = builders.programme(now=NOW)
    unit = builders.unit("市水务局")
    builders.assignment(builders.task(builders.plan(programme)), unit)
    due = builders.obligation(unit, programme, "2026-12", due_on=date(2027, 1, 5))
    people = [
        builders.user("office", Role.LEAD_OFFICE, programme, now=clock.moment),
        builders.user("liaison", Role.LIAISON, programme, unit, now=clock.moment),
        builders.user("admin", admin=AdminRole.SYSTEM, now=clock.moment),
    ]
    pages = [f"/p/{programme.id}/", f"/p/{programme.id}/reports/{due.id}", "/admin/accounts"]
    words = ["2027 年放假安排尚未录入", "2027年1月5日（调休待公布）", "2027 年放假安排尚未录入"]
    for person, page, word in zip(people, pages, words, strict=True):
        login(client, person, now=clock.moment)
        assert word in client.get(page).text, page
    load_2027()
    for person, page, word in zip(people, pages, words, strict=True):
        login(client, person, now=clock.moment)
        assert word not in client.get(page).text, page
