"""The door, route by route: every address is declared, and refuses whom it should, as it should."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from peewee import Database
from werkzeug.routing import Rule

from supervisor.config import Config
from supervisor.core.permissions import ADMIN_GRANTS, GRANTS, Permission
from supervisor.models import TABLES, AdminRole, Programme, Role, Tick, User
from tests import builders
from tests.conftest import OwnConnection, StillClock, login, make_app

HEADERS = {
    "Content-Security-Policy": "default-src 'self'",
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Permissions-Policy": "camera=()",
    "Cache-Control": "no-store",
}
#: What stands in the place of each part of an address. The door asks before any record is looked up.
PARTS = {
    "token": "no-such-token", "language": "en", "topic": "start", "name": "default-quarter", "key": "2021-Q2",
    "verdict": "accept",
}  # fmt: skip
#: Changed by looking at a page: the sign-in's own "last seen", and the throttle, which counts guessed addresses.
SEEN = {"login_session", "login_attempt"}


@pytest.fixture
def served(sqlite: Database, config: Config, clock: StillClock) -> Flask:
    app = make_app(config, clock)
    app.test_client_class = OwnConnection
    return app


@pytest.fixture
def world(sqlite: Database) -> tuple[Programme, Programme]:
    """Two programmes: the one people belong to, and a foreign one."""
    return builders.programme("老旧小区改造"), builders.programme("河湖长制")


def rules(app: Flask) -> Iterator[tuple[Rule, str, Any]]:
    """Every route of ours × method, with its view."""
    for rule in app.url_map.iter_rules():
        if rule.endpoint in {"static", "bootstrap.static"}:
            continue
        for method in sorted((rule.methods or set()) - {"HEAD", "OPTIONS"}):
            yield rule, method, app.view_functions[rule.endpoint]


def address(app: Flask, rule: Rule, programme: Programme) -> str:
    parts: dict[str, Any] = {name: PARTS.get(name, 1) for name in rule.arguments}
    if "programme_id" in parts:
        parts["programme_id"] = programme.id
    if "/collectives/" in rule.rule or "<int:key>" in rule.rule:
        parts["key"] = 1
    adapter = app.url_map.bind("localhost")
    return str(adapter.build(rule.endpoint, parts, method=min(rule.methods or set())))


def ask(client: FlaskClient, method: str, path: str) -> Any:
    return client.open(path, method=method, data={"_once": "k"} if method == "POST" else None)


def test_every_route_declares_who_may(served: Flask) -> None:
    undeclared = [rule.rule for rule, _method, view in rules(served) if not hasattr(view, "permission")]
    assert undeclared == []


def test_a_stranger_is_sent_to_sign_in_or_refused_everywhere(
    served: Flask, world: tuple[Programme, Programme]
) -> None:
    mine, _other = world
    client = served.test_client()
    wrong = []
    for rule, method, view in rules(served):
        if view.permission is None:
            continue
        answer = ask(client, method, address(served, rule, mine))
        expected = (
            answer.status_code == 401 if method != "GET" else "/sign-in" in answer.headers.get("Location", "")
        )
        if not expected:
            wrong.append((method, rule.rule, answer.status_code))
    assert wrong == []


def test_every_right_is_refused_to_roles_that_do_not_hold_it(
    served: Flask, world: tuple[Programme, Programme]
) -> None:
    mine, _other = world
    unit = builders.unit("市水务局")
    clients = {}
    for role in Role:
        clients[role] = login(served.test_client(), builders.user(role.value, role, mine, unit))
    wrong = []
    for rule, method, view in rules(served):
        if view.permission is None:
            continue
        for role in Role:
            held = GRANTS[role] | {Permission.APPEARANCE_CHOOSE, Permission.MESSAGE_READ}
            if view.permission in held:
                continue
            status = ask(clients[role], method, address(served, rule, mine)).status_code
            if status != 403:
                wrong.append((role, method, rule.rule, status))
    assert wrong == []


def test_a_foreign_programme_does_not_exist(served: Flask, world: tuple[Programme, Programme]) -> None:
    mine, other = world
    unit = builders.unit("市水务局")
    posts = [Role.LEAD_OFFICE, Role.ASSESSOR, Role.LEADER, Role.LIAISON, Role.UNIT_HEAD]
    client = login(served.test_client(), builders.user("everything", posts, mine, unit))
    wrong = []
    for rule, method, view in rules(served):
        if view.permission is None or "programme_id" not in rule.arguments:
            continue
        status = ask(client, method, address(served, rule, other)).status_code
        if status != 404:
            wrong.append((method, rule.rule, status))
    assert wrong == []


@pytest.mark.parametrize("admin", [AdminRole.SYSTEM, AdminRole.SECURITY, AdminRole.AUDIT])
def test_administrators_enter_no_programme_and_no_other_administration(
    served: Flask, world: tuple[Programme, Programme], admin: AdminRole
) -> None:
    mine, _other = world
    client = login(served.test_client(), builders.user("admin", admin=admin))
    wrong = []
    for rule, method, view in rules(served):
        held = ADMIN_GRANTS[admin] | {Permission.APPEARANCE_CHOOSE, Permission.MESSAGE_READ, None}
        inside = "programme_id" in rule.arguments
        if view.permission in held and not inside:
            continue
        status = ask(client, method, address(served, rule, mine)).status_code
        if view.permission is not None and status != (404 if inside else 403):
            wrong.append((method, rule.rule, status))
    assert wrong == []


def test_every_form_without_a_token_is_refused(
    sqlite: Database, config: Config, clock: StillClock, world: tuple[Programme, Programme]
) -> None:
    mine, _other = world
    app = make_app(config, clock, csrf=True)
    app.test_client_class = OwnConnection
    everything = [Role.LEAD_OFFICE, Role.ASSESSOR, Role.LEADER, Role.LIAISON, Role.UNIT_HEAD]
    person = builders.user("everything", everything, mine, builders.unit("市水务局"))
    builders.posting(person, Role.LEAD_OFFICE)
    client = login(app.test_client(), person)
    before = rows()
    wrong = []
    for rule, method, _view in rules(app):
        if method != "GET":
            status = ask(client, method, address(app, rule, mine)).status_code
            if status != 400:
                wrong.append((method, rule.rule, status))
    assert wrong == []
    assert rows() == before


def test_a_form_sent_without_any_cookie_keeps_its_text_and_leads_to_the_sign_in(
    sqlite: Database, config: Config, clock: StillClock
) -> None:
    client = make_app(config, clock, csrf=True).test_client()
    answer = client.post("/p/1/reports/1/form", data={"e7-done": "已完成走访。"})
    assert answer.status_code == 400
    assert "/sign-in?next=" in answer.text
    assert "已完成走访。" in answer.text


def test_pages_errors_and_downloads_carry_the_headers(
    served: Flask, world: tuple[Programme, Programme]
) -> None:
    mine, other = world
    client = login(served.test_client(), builders.user("office", Role.LEAD_OFFICE, mine))
    base = f"/p/{mine.id}"
    answers = {
        "page": client.get(f"{base}/tasks"),
        "sign-in": served.test_client().get("/sign-in"),
        "redirect": served.test_client().get(f"{base}/tasks"),
        "missing": client.get(f"{base}/tasks/999999"),
        "foreign": client.get(f"/p/{other.id}/tasks"),
        "forbidden": client.get("/admin/accounts"),
        "no such address": client.get("/no-such-page"),
        "wrong method": client.put(f"{base}/tasks"),
        "download": client.get(f"{base}/tasks.xlsx"),
        "health": client.get("/health"),
    }
    missing = [
        (what, name)
        for what, answer in answers.items()
        for name, begin in HEADERS.items()
        if not answer.headers.get(name, "").startswith(begin)
    ]
    assert missing == []
    assert answers["download"].headers["Content-Disposition"].startswith("attachment")
    assert "unsafe" not in answers["page"].headers["Content-Security-Policy"]


def test_reading_changes_nothing(served: Flask, world: tuple[Programme, Programme]) -> None:
    mine, _other = world
    unit = builders.unit("市水务局")
    plan = builders.plan(mine)
    link = builders.assignment(builders.task(plan), unit)
    owed = builders.obligation(unit, mine)
    builders.entry(owed, link)
    Tick.create(
        at=builders.NOW, ran_at=datetime.now(UTC), milliseconds=1
    )  # or /health says that time stands still
    people: list[User] = [
        builders.user("office", Role.LEAD_OFFICE, mine),
        builders.user("assessor", Role.ASSESSOR, mine),
        builders.user("liaison", Role.LIAISON, mine, unit),
        builders.user("admin", admin=AdminRole.SYSTEM),
    ]
    for person in people:
        client = login(served.test_client(), person)
        for rule, method, _view in rules(served):
            # An export leaves its audit row, and says so.
            if method != "GET" or rule.rule.endswith(".xlsx"):
                continue
            before = rows()
            answer = client.get(address(served, rule, mine))
            # Where no pass has run lately, /health answers 503 by design.
            assert answer.status_code < 500 or rule.rule == "/health", rule.rule
            assert rows() == before, rule.rule


def rows() -> dict[str, int]:
    """How many rows each table has."""
    return {
        table._meta.table_name: table.select().count()
        for table in TABLES
        if table._meta.table_name not in SEEN
    }


def test_an_error_page_gives_back_what_was_written_and_names_no_field_of_the_program(
    client: FlaskClient,
) -> None:
    typed = {
        "understood": "1",
        "verdict": "accept",
        "answer_text": "请按新的日期办理。",
        "reason": "工期调整",
    }
    page = client.post("/p/1/periods/2021-Q2/close", data=typed, headers={"Accept-Language": "zh-CN"}).text
    assert "请按新的日期办理。" in page
    assert "工期调整" in page
    assert not any(name in page for name in ("understood", "verdict", "answer_text"))


def test_a_report_typed_into_a_lost_session_is_shown_under_its_own_words(client: FlaskClient) -> None:
    typed = {"e7-done": "已完成走访。", "e7-progress": "40"}
    answer = client.post("/p/1/reports/1/form", data=typed, headers={"Accept-Language": "zh-CN"})
    page = answer.text
    assert answer.status_code == 401
    assert "已完成走访。" in page
    assert "本月完成情况" in page
    assert "e7-done" not in page
    assert page.index("/sign-in?next=") < page.index("已完成走访。"), (
        "the way on stands before the typed text"
    )
