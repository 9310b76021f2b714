"""Help is there for everybody, in both languages; the trial clock moves forward by hand, and never in production."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import date, datetime, timedelta

import pytest
from flask.testing import FlaskClient
from peewee import Database

from supervisor.clock import Clock
from supervisor.config import Config
from supervisor.core import trial_clock
from supervisor.models import AuditEntry, LoginSession, Reminder, Role, Tick
from supervisor.web.help_pages import TOPICS
from tests import builders
from tests.builders import at
from tests.conftest import OwnConnection, login, make_app

START = at("2021-06-08 10:00")


@pytest.fixture
def moving(database: Database, config: Config) -> FlaskClient:
    """A client of an installation with a real trial clock, standing at START."""
    clock = Clock(config.data / "clock.json")
    clock.set_trial(START)
    app = make_app(config, clock)
    app.test_client_class = OwnConnection
    client = app.test_client()
    programme = builders.programme()
    builders.plan(programme)
    unit = builders.unit("市城建局")
    liaison = builders.user("liaison", Role.LIAISON, programme, unit)
    builders.obligation(unit, programme, due_on=date(2021, 6, 15))
    return login(client, liaison, START)


@pytest.mark.parametrize("language", ["zh_CN", "en"])
@pytest.mark.parametrize("topic", ["", *[f"/{key}" for key in TOPICS]])
def test_every_page_of_help_is_open_to_all(client: FlaskClient, topic: str, language: str) -> None:
    page = client.get(f"/help{topic}?lang={language}")
    assert page.status_code == 200
    assert ("帮助" in page.text) is (language == "zh_CN")


@pytest.mark.parametrize("topic", ["rules", "filings", "work-plans", "papers", "exceptions"])
def test_help_leads_a_reader_to_pages_of_the_own_programme_that_open(moving: FlaskClient, topic: str) -> None:
    article = moving.get(f"/help/{topic}").text.partition("<article")[2].partition("</article>")[0]
    found = re.findall(r'href="(/p/[^"]+)"', article)
    assert found
    assert {moving.get(link).status_code for link in found} == {200}


def test_there_is_no_page_beyond(client: FlaskClient) -> None:
    assert client.get("/help/_page").status_code == 404
    assert client.get("/help/nonsense").status_code == 404


def test_letting_time_pass_works_through_the_mornings_and_keeps_people_signed_in(moving: FlaskClient) -> None:
    page = moving.get("/help/clock").text
    assert 'value="2021-06-15T09:00"' in page  # the next due day is proposed
    answer = moving.post("/help/clock", data={"moment": "2021-06-16T09:30", "_once": "k1"})
    assert answer.status_code == 303
    after = moving.get("/help/clock")
    assert after.status_code == 200  # eight days later the sign-in still holds
    assert "2021年6月16日 09:30" in after.text
    # Two stages before, the day itself, and one after: each on its own morning, nothing collapsed.
    rows = list(Reminder.select().where(Reminder.channel == "inbox").order_by(Reminder.id))
    assert [row.stage for row in rows] == ["before:3", "before:1", "due:0", "overdue:1"]
    assert {row.collapsed_into for row in rows} == {""}
    assert Tick.select().count() >= 4
    moved = AuditEntry.get(AuditEntry.action == "clock.move")
    assert moved.actor_name == "liaison"


@pytest.mark.parametrize(
    "moment", ["2021-06-07T09:00", "", "nonsense", "2023-06-08T09:00", "2021-13-40T99:00"]
)
def test_backwards_too_far_and_nonsense_are_refused(moving: FlaskClient, moment: str) -> None:
    answer = moving.post("/help/clock", data={"moment": moment, "_once": "k1"})
    assert answer.status_code == 422
    assert "时钟未调整" in answer.text or "试用时钟" in answer.text
    assert AuditEntry.select().where(AuditEntry.action == "clock.move").count() == 0


def test_a_form_sent_twice_moves_the_clock_once(moving: FlaskClient) -> None:
    form = {"moment": "2021-06-09T09:30", "_once": "k1"}
    assert moving.post("/help/clock", data=form).status_code == 303
    assert moving.post("/help/clock", data=form).status_code in {302, 422}
    assert AuditEntry.select().where(AuditEntry.action == "clock.move").count() == 1


def test_strangers_do_not_move_the_clock_and_production_has_none(database: Database, config: Config) -> None:
    real = Clock(None)
    app = make_app(replace(config, mode="production"), real)
    app.test_client_class = OwnConnection
    client = app.test_client()
    form = {"moment": "2099-01-01T09:00", "_once": "k1"}
    assert client.post("/help/clock", data=form).status_code == 401
    login(client, builders.user("admin"), real.now())
    assert client.post("/help/clock", data=form).status_code == 409
    assert "没有可调的时钟" in client.get("/help/clock").text


def test_mornings_are_the_working_ones_strictly_between(database: Database) -> None:
    found = list(trial_clock.mornings(at("2021-06-11 09:00"), at("2021-06-16 09:00")))
    assert [(m.month, m.day, m.hour) for m in found] == [(6, 15, 9)]  # the 12th to 14th are off


def test_sign_ins_move_with_the_clock(database: Database) -> None:
    from supervisor.core import accounts

    person = builders.user("a")
    accounts.start_session(person, now=START)
    trial_clock.moved(START, START + timedelta(days=30), by=builders.actor(person=person))
    session = LoginSession.get()
    assert isinstance(session.last_seen_at, datetime)
    assert session.created_at == START + timedelta(days=30)
