"""Signing in and out through the pages, one-time links, my account."""

from __future__ import annotations

from dataclasses import replace

import pytest
from flask.testing import FlaskClient
from peewee import Database

from supervisor.config import Config
from supervisor.core import accounts, passwords, people
from supervisor.core.permissions import SYSTEM
from supervisor.models import AuditEntry, LinkPurpose, LoginSession, Role, User
from tests.builders import NOW, PASSWORD, programme, user
from tests.conftest import OwnConnection, StillClock, login, make_app


def test_the_right_password_opens_the_page_that_was_asked_for(client: FlaskClient) -> None:
    user("wang")
    answer = client.post("/sign-in", data={"username": "wang", "password": PASSWORD, "next": "/me"})
    assert (answer.status_code, answer.location) == (303, "/me")
    cookie = answer.headers["Set-Cookie"]
    assert "HttpOnly" in cookie
    assert "SameSite=Lax" in cookie
    assert "wang" in client.get("/me").text


@pytest.mark.parametrize("onward", ["https://elsewhere.cn/", "//elsewhere.cn", "/\\elsewhere.cn"])
def test_signing_in_never_leads_to_another_host(client: FlaskClient, onward: str) -> None:
    user("wang")
    answer = client.post("/sign-in", data={"username": "wang", "password": PASSWORD, "next": onward})
    assert answer.location == "/"


def test_wrong_password_and_unknown_name_get_the_same_page(client: FlaskClient) -> None:
    user("wang")
    wrong = client.post("/sign-in", data={"username": "wang", "password": "x"})
    unknown = client.post("/sign-in", data={"username": "nobody", "password": "x"})
    assert wrong.status_code == unknown.status_code == 422
    assert wrong.text.replace("wang", "nobody").count("nobody") == unknown.text.count("nobody")
    assert 'value="wang"' in wrong.text


def test_the_sixth_wrong_password_has_to_wait(client: FlaskClient) -> None:
    user("wang")
    for _ in range(5):
        client.post("/sign-in", data={"username": "wang", "password": "x"})
    answer = client.post("/sign-in", data={"username": "wang", "password": PASSWORD})
    assert answer.status_code == 429


def test_signing_out_ends_the_session_at_the_server(client: FlaskClient) -> None:
    login(client, user("wang"))
    assert client.post("/sign-out").status_code == 303
    assert LoginSession.select().where(LoginSession.ended_at.is_null()).count() == 0
    assert client.get("/me").status_code == 302


def test_a_one_time_link_sets_the_password_once(client: FlaskClient) -> None:
    person = User.create(username="new", name="新人", created_at=NOW)
    token = accounts.issue_link(person, LinkPurpose.INVITE, by=SYSTEM, now=NOW)
    assert "新人" in client.get(f"/link/{token}").text
    weak = client.post(f"/link/{token}", data={"password": "short", "password_again": "short"})
    differ = client.post(f"/link/{token}", data={"password": PASSWORD, "password_again": "other"})
    assert (weak.status_code, differ.status_code) == (422, 422)
    good = client.post(f"/link/{token}", data={"password": PASSWORD, "password_again": PASSWORD})
    assert good.status_code == 303
    assert client.get(f"/link/{token}").status_code == 404
    assert client.post("/sign-in", data={"username": "new", "password": PASSWORD}).status_code == 303


def test_the_language_is_kept_with_the_person(client: FlaskClient) -> None:
    login(client, user("wang"))
    client.post("/language/en?next=/me")
    assert "My account" in client.get("/me").text
    client.post("/language/zh_CN")
    assert "我的账号" in client.get("/me").text
    assert client.post("/language/fr").status_code == 404


def test_a_stranger_keeps_a_language_in_the_browser_alone(client: FlaskClient) -> None:
    client.get("/language/en")
    assert "Password" in client.get("/sign-in").text
    assert not AuditEntry.select().where(AuditEntry.action == "account.change").exists()


def test_changing_the_password_needs_the_present_one(client: FlaskClient) -> None:
    login(client, user("wang"))
    data = {"current_password": "x", "password": "Xinmima-2021", "password_again": "Xinmima-2021"}
    assert client.post("/me/password", data=data).status_code == 422
    assert client.post("/me/password", data={**data, "current_password": PASSWORD}).status_code == 303
    assert client.get("/me").status_code == 200


def test_signing_out_elsewhere_keeps_this_session(client: FlaskClient) -> None:
    person = user("wang", Role.LEAD_OFFICE, programme())
    accounts.start_session(person, now=NOW)
    login(client, person)
    client.post("/me/sessions")
    assert LoginSession.select().where(LoginSession.ended_at.is_null()).count() == 1
    assert client.get("/me").status_code == 200


def test_demo_accounts_are_listed_only_in_demo_mode(client: FlaskClient) -> None:
    person = user("demo-office", Role.LEAD_OFFICE, programme())
    User.update(is_demo=True).where(User.id == person.id).execute()
    assert "demo-office" not in client.get("/sign-in").text


def test_in_demo_mode_one_press_signs_in(database: Database, config: Config, clock: StillClock) -> None:
    app = make_app(replace(config, mode="demo"), clock)
    app.test_client_class = OwnConnection
    person = user("demo-office", Role.LEAD_OFFICE, programme())
    hashed = passwords.hash_password(people.DEMO_PASSWORD)
    User.update(is_demo=True, password_hash=hashed).where(User.id == person.id).execute()
    client = app.test_client()
    page = client.get("/sign-in").text
    assert "demo-office" in page
    assert people.DEMO_PASSWORD in page
    assert client.post("/sign-in", data={"demo": "demo-office"}).status_code == 303


def test_outside_demo_mode_the_one_press_is_no_way_in(client: FlaskClient) -> None:
    person = user("demo-office", Role.LEAD_OFFICE, programme())
    hashed = passwords.hash_password(people.DEMO_PASSWORD)
    User.update(is_demo=True, password_hash=hashed).where(User.id == person.id).execute()
    assert client.post("/sign-in", data={"demo": "demo-office"}).status_code == 422
