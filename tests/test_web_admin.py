"""The three administrators' pages."""

from __future__ import annotations

import re
from datetime import date

import pytest
from flask.testing import FlaskClient
from peewee import Database

from supervisor.core import accounts, audit
from supervisor.core.permissions import SYSTEM
from supervisor.database import count_queries
from supervisor.models import AdminRole, LoginSession, Posting, Role, User
from tests.builders import NOW, PASSWORD, programme, user
from tests.conftest import login


def test_the_first_administrator_makes_a_founder_and_gets_a_link_to_hand_over(client: FlaskClient) -> None:
    login(client, user("admin", admin=AdminRole.SYSTEM))
    data = {"username": "founder", "name": "周主任", "given": "founder", "_once": "a"}
    page = client.post("/admin/accounts", data=data)
    assert page.status_code == 200
    token = re.search(r"/link/([\w-]{30,})", page.text)
    assert token is not None
    client.post(f"/link/{token[1]}", data={"password": PASSWORD, "password_again": PASSWORD})
    founder = User.get(User.username == "founder")
    assert founder.password_hash is not None
    assert accounts.actor_for(founder, None, now=NOW).is_founder


def test_a_taken_name_comes_back_filled(client: FlaskClient) -> None:
    login(client, user("admin", admin=AdminRole.SYSTEM))
    answer = client.post("/admin/accounts", data={"username": "admin", "name": "另一人", "_once": "a"})
    assert answer.status_code == 422
    assert "另一人" in answer.text


def test_a_post_is_given_and_ended(client: FlaskClient) -> None:
    of = programme()
    login(client, user("admin", admin=AdminRole.SYSTEM))
    person = user("leader")
    data = {"role": "leader", "programme": str(of.id), "valid_from": "2021-06-01", "_once": "a"}
    assert client.post(f"/admin/accounts/{person.id}/posts", data=data).status_code == 303
    post = Posting.get(Posting.user == person)
    assert (post.role, post.programme_id) == (Role.LEADER, of.id)
    wrong = {"role": "liaison", "programme": str(of.id), "_once": "b"}
    assert client.post(f"/admin/accounts/{person.id}/posts", data=wrong).status_code == 422
    client.post(
        f"/admin/accounts/{person.id}/posts/{post.id}/end", data={"last_day": "2021-06-30", "_once": "c"}
    )
    assert Posting.get_by_id(post.id).valid_to == date(2021, 6, 30)


def test_disabling_needs_a_reason_and_works_at_once(client: FlaskClient) -> None:
    login(client, user("admin", admin=AdminRole.SYSTEM))
    person = user("wang")
    accounts.start_session(person, now=NOW)
    assert client.post(f"/admin/accounts/{person.id}/active", data={"_once": "a"}).status_code == 422
    client.post(f"/admin/accounts/{person.id}/active", data={"reason": "调离", "_once": "b"})
    assert not User.get_by_id(person.id).active
    assert (
        LoginSession.select().where((LoginSession.user == person) & LoginSession.ended_at.is_null()).count()
        == 0
    )


@pytest.mark.parametrize(
    ("admin", "mine"),
    [
        (AdminRole.SYSTEM, {"/admin/accounts", "/admin/calendar"}),
        (AdminRole.SECURITY, {"/admin/sessions"}),
        (AdminRole.AUDIT, {"/admin/audit"}),
    ],
)
def test_each_administrator_opens_only_their_own_pages(
    client: FlaskClient, admin: AdminRole, mine: set[str]
) -> None:
    login(client, user("one", admin=admin))
    pages = ["/admin/accounts", "/admin/calendar", "/admin/sessions", "/admin/audit"]
    assert {page for page in pages if client.get(page).status_code == 200} == mine
    assert all(client.get(page).status_code in {200, 403} for page in pages)


def test_the_audit_trail_is_filtered_paged_by_key_and_verified(
    client: FlaskClient, database: Database
) -> None:
    for number in range(120):
        audit.record(SYSTEM, "test.act", ("test", number), now=NOW, after={"number": number})
    login(client, user("auditor", admin=AdminRole.AUDIT))
    with count_queries(database) as seen:
        first = client.get("/admin/audit?action=test.act").text
    assert len(seen) <= 8
    numbers = [int(n) for n in re.findall(r'<td class="num">(\d+)</td>', first)]
    assert numbers == sorted(numbers, reverse=True)
    assert len(numbers) == 50
    following = re.search(r'href="([^"]*before=\d+[^"]*)"', first)
    assert following is not None
    second = client.get(following[1].replace("&amp;", "&")).text
    assert int(re.findall(r'<td class="num">(\d+)</td>', second)[0]) == numbers[-1] - 1
    assert "session.start" not in first.split("<tbody>")[1]
    assert "校验通过" in client.post("/admin/audit", data={}).text


def test_a_security_administrator_ends_a_sign_in(client: FlaskClient) -> None:
    person = user("wang")
    accounts.start_session(person, now=NOW)
    session = LoginSession.get(LoginSession.user == person)
    login(client, user("security", admin=AdminRole.SECURITY))
    client.post(f"/admin/sessions/{session.id}/end", data={"_once": "a"})
    assert LoginSession.get_by_id(session.id).ended_at is not None
    assert client.post(f"/admin/sessions/{session.id}/end", data={"_once": "b"}).status_code == 404
