"""Sandboxes: a copy holds all of one programme and nothing of another, its year is played, and nothing leaks."""

from __future__ import annotations

import io
import os
import re
import threading
import zipfile
from collections.abc import Iterator
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path

import pytest
from flask import Flask
from flask.testing import FlaskClient
from peewee import Database, ForeignKeyField
from playhouse.migrations import Runner

from supervisor.clock import Clock
from supervisor.config import Config
from supervisor.core import events, messages, obligations, programme_copies, rehearsals, sandboxes
from supervisor.core.rehearsals import Habits
from supervisor.database import MIGRATIONS, db, pending_migrations, visiting
from supervisor.errors import Invalid, NotAllowed, Refused
from supervisor.models import (
    Assignment,
    AssignmentState,
    AuditEntry,
    LinkRole,
    Obligation,
    Outcome,
    Programme,
    Receipt,
    Report,
    ReportingRule,
    Role,
    RuleKind,
    RuleRecipient,
    Sandbox,
    Task,
    Unit,
    User,
)
from supervisor.web.sandboxes import read_play, write_play
from tests import builders as b
from tests.conftest import login


class House:
    """A programme with an issued task of three units, another programme beside it, and a data folder."""

    def __init__(self, folder: Path) -> None:
        self.config = Config(data=folder, mode="trial", secret="s" * 40)
        self.programme, self.other = b.programme(), b.programme("别的")
        self.office = b.user("许一", Role.LEAD_OFFICE, self.programme)
        self.actor = b.actor(Role.LEAD_OFFICE, self.programme, person=self.office)
        b.user("外人", Role.LEAD_OFFICE, self.other)
        task = b.task(b.plan(self.programme))
        for name in ("甲局", "乙局", "丙局"):
            b.assignment(task, b.unit(name), LinkRole.RESPONSIBLE)
        b.assignment(b.task(b.plan(self.other), "别的任务"), b.unit("丁局"))

    def make(self) -> tuple[Sandbox, Database]:
        made = sandboxes.make_sandbox(
            self.programme, "启用前", b.NOW, by=self.actor, now=b.NOW, config=self.config
        )
        folder = sandboxes.folder_of(self.config, made.key)
        return made, sandboxes.open_database_of(self.config, folder)


@pytest.fixture
def house(database: Database, tmp_path: Path) -> House:
    return House(tmp_path)


@pytest.fixture
def inside(house: House) -> Iterator[Database]:
    """The sandbox's database, connected."""
    _made, found = house.make()
    with found.connection_context():
        yield found


def test_every_table_is_known_to_the_copy() -> None:
    for table in programme_copies.ordered():
        references = [f for f in table._meta.sorted_fields if isinstance(f, ForeignKeyField)]
        assert references or table in programme_copies.WHOLE or table in {User, *programme_copies.ROOTS}, (
            f"{table.__name__} refers to nothing: say in programme_copies whether it is copied"
        )


def test_the_copy_holds_the_programme_and_nothing_of_another(house: House, inside: Database) -> None:
    with visiting(inside):
        assert [row.id for row in Programme.select()] == [house.programme.id]
        assert Task.select().count() == 1
        assert {row.name for row in User.select()} == {"许一"}
        assert all(row.password_hash is None and not row.email for row in User.select())
        assert AuditEntry.select().count() == 1  # a chain of its own
    assert Task.select().count() == 2


def test_what_happens_inside_stays_inside(house: House, inside: Database) -> None:
    with visiting(inside):
        obligations.generate(house.programme.id, now=b.NOW)
        assert Obligation.select().count() > 0
    assert Obligation.select().count() == 0


def test_other_threads_are_not_led_into_the_sandbox(inside: Database) -> None:
    seen: list[object] = []
    with visiting(inside):
        thread = threading.Thread(target=lambda: seen.append(db.obj))
        thread.start()
        thread.join()
        assert db.obj is inside
    assert seen == [db.obj]


def _play(house: House, days: int, habits: Habits) -> None:
    for n in range(days):
        moment = b.NOW + timedelta(days=n)
        if moment.weekday() < 5:
            obligations.generate_due(moment)
            obligations.mark_missing(moment)
            rehearsals.act(house.programme, habits, moment)


def test_a_played_quarter_signs_reports_and_reviews_and_the_same_number_plays_it_again(house: House) -> None:
    outcomes = []
    for _ in range(2):
        made, found = house.make()
        with found.connection_context(), visiting(found):
            _play(house, 130, Habits(late=30, missing=30, returned=30, seed=7))
            outcomes.append(rehearsals.tally(house.programme))
            states = {row.state for row in Assignment.select()}
        sandboxes.remove_sandbox(made, by=house.actor, now=b.NOW, config=house.config)
    assert outcomes[0] == outcomes[1]
    assert states == {AssignmentState.ACKNOWLEDGED}
    ended = [line for line in outcomes[0] if not line.open]
    assert ended
    assert all(line.owed == 3 for line in outcomes[0])
    assert sum(line.late for line in ended) + sum(line.missing for line in ended) > 0


def test_documents_are_filed_with_every_receipt_and_items_counted(house: House) -> None:
    given = {"programme": house.programme, "valid_from": date(2021, 1, 1), "subject_shift": 0}
    filing = ReportingRule.create(
        name="备案", kind=RuleKind.FILING, recurrence="monthly:20", documents=["总结", "台账"], **given
    )
    for order, unit in enumerate(Unit.select().where(Unit.name == "丙局")):
        RuleRecipient.create(rule=filing, unit=unit, name=unit.name, sort=order)
    RuleRecipient.create(rule=filing, unit=None, name="办公室", sort=9)
    ReportingRule.create(name="信息", kind=RuleKind.COUNT, recurrence="monthly:25", minimum=2, **given)
    b.rule(house.programme)
    _made, found = house.make()
    with found.connection_context(), visiting(found):
        _play(house, 60, Habits(late=0, missing=0, returned=0))
        ended = {line.rule: line for line in rehearsals.tally(house.programme) if line.period == "2021-06"}
        assert (ended["备案"].on_time, ended["信息"].on_time) == (3, 3)
        assert Receipt.select().where(Receipt.report << _reports_of("甲局", "备案")).count() % 2 == 0
        items = Report.select().join(Obligation).where(Obligation.rule == ReportingRule.get(name="信息"))
        assert items.count() == 2 * 3 * len({row.obligation.period for row in items})


def _reports_of(unit: str, rule: str) -> list[Report]:
    return list(
        Report.select()
        .join(Obligation)
        .join(Unit)
        .switch(Obligation)
        .join(ReportingRule)
        .where((Unit.name == unit) & (ReportingRule.name == rule))
    )


def test_nobody_late_nobody_missing_is_all_on_time(house: House, inside: Database) -> None:
    with visiting(inside):
        _play(house, 100, Habits(late=0, missing=0, returned=0))
        ended = {row.outcome for row in Obligation.select().where(Obligation.due_on < date(2021, 8, 1))}
    assert ended == {Outcome.ON_TIME}


@pytest.mark.parametrize("habits", [Habits(late=101), Habits(missing=-1), Habits(late=60, missing=60)])
def test_impossible_habits_are_named(habits: Habits) -> None:
    with pytest.raises(Invalid):
        habits.check()


def test_a_sandbox_wants_a_name_a_possible_beginning_a_place_and_the_office(house: House) -> None:
    def make(name: str = "x", days: int = 0, **changed: object) -> Sandbox:
        begin = b.NOW + timedelta(days=days)
        given = {"by": house.actor, "config": house.config} | changed
        return sandboxes.make_sandbox(house.programme, name, begin, now=b.NOW, **given)  # type: ignore[arg-type]  # mixed values

    for name, days in ((" ", 0), ("x", -1), ("x", 800)):
        with pytest.raises(Invalid):
            make(name, days)
    with pytest.raises(NotAllowed):
        make(by=b.actor(Role.INSPECTOR, house.programme))
    with pytest.raises(Refused):
        make(config=replace(house.config, mode="sandbox"))
    for _ in range(sandboxes.AT_ONCE):
        make()
    with pytest.raises(Refused):
        make()
    assert len(list((house.config.data / "sandboxes").iterdir())) == sandboxes.AT_ONCE


def test_a_sandbox_older_than_an_update_is_opened_with_the_schema_of_this_version(house: House) -> None:
    made, database = house.make()
    with database.connection_context():
        assert Runner(database, str(MIGRATIONS)).down(), "as the version before left it"
        assert pending_migrations(database)
    again = sandboxes.open_database_of(house.config, sandboxes.folder_of(house.config, made.key))
    with again.connection_context():
        assert pending_migrations(again) == []


def test_a_removed_sandbox_leaves_no_file(house: House) -> None:
    made, _found = house.make()
    sandboxes.remove_sandbox(made, by=house.actor, now=b.NOW, config=house.config)
    assert not sandboxes.folder_of(house.config, made.key).exists()
    assert sandboxes.sandboxes_of(house.programme) == []


# Through the pages --------------------------------------------------------------------------------------------


@pytest.fixture
def entered(client: FlaskClient, app: Flask) -> tuple[FlaskClient, str, Programme]:
    """The lead office inside a sandbox of its programme: client, the sandbox's address, programme."""
    here = b.programme()
    office = b.user("许一", Role.LEAD_OFFICE, here)
    unit = b.unit("甲局")
    b.user("张三", Role.LIAISON, here, unit)
    b.assignment(b.task(b.plan(here)), unit, state=AssignmentState.ISSUED)
    login(client, office)
    client.post(f"/p/{here.id}/sandboxes", data={"name": "启用前", "starts_on": "", "_once": "k"})
    made = Sandbox.get()
    answer = client.post(f"/p/{here.id}/sandboxes/{made.id}/enter")
    assert answer.location == f"/sandbox/{made.key}/p/{here.id}/sandboxes/play"
    return client, f"/sandbox/{made.key}", here


def test_no_link_of_a_page_inside_leads_out(entered: tuple[FlaskClient, str, Programme]) -> None:
    client, place, here = entered
    todo, seen = [f"{place}/p/{here.id}/sandboxes/play"], set[str]()
    while todo and len(seen) < 60:
        path = todo.pop()
        seen.add(path)
        answer = client.get(path)
        assert answer.status_code < 500, path
        if answer.location:
            assert answer.location.startswith(place) or path.endswith("/leave"), (path, answer.location)
        if answer.mimetype != "text/html" or path.endswith("/leave"):
            continue
        links = set(re.findall(r'(?:href|action|src|data-href)="(/[^"#]*)', answer.text))
        outside = {link for link in links if not link.startswith(f"{place}/")}
        assert not outside, (path, outside)
        doubled = {link for link in links if link.partition("?")[0].count("/sandbox/") > 1}
        assert not doubled, (path, doubled)
        pages = {
            link.partition("?")[0] for link in links if "/static/" not in link and "/bootstrap/" not in link
        }
        todo += sorted(pages - seen - set(todo))
    assert len(seen) > 25


def send(client: FlaskClient, page: str, path: str, **typed: str) -> int:
    """Fill and send a form of a page inside, with the page's own token."""
    token = re.search(r'name="csrf_token" value="([^"]*)"', client.get(page).text)
    assert token is not None
    return client.post(path, data={"csrf_token": token[1], "_once": "k"} | typed).status_code


def test_inside_one_acts_as_a_unit_and_the_house_is_untouched(
    entered: tuple[FlaskClient, str, Programme],
) -> None:
    client, place, here = entered
    liaison = User.get(User.name == "张三")
    play = f"{place}/p/{here.id}/sandboxes/play"
    assert send(client, play, f"{play}/as", user=str(liaison.id)) == 303
    assert "当前身份：张三" in client.get(play).text
    assert client.get(f"{place}/p/{here.id}/outbox").status_code == 403
    assert client.get(f"/p/{here.id}/outbox").status_code == 200  # outside still the office
    link = Assignment.get()
    assert send(client, play, f"{place}/p/{here.id}/assignments/{link.id}/acknowledgement") == 303
    assert Assignment.get_by_id(link.id).state is AssignmentState.ISSUED


def test_every_message_of_a_play_can_be_had_as_a_file(
    entered: tuple[FlaskClient, str, Programme], config: Config
) -> None:
    client, place, here = entered
    key = place.rpartition("/")[2]
    within = sandboxes.open_database_of(config, sandboxes.folder_of(config, key))
    later = b.NOW + timedelta(days=400)
    with within.connection_context(), visiting(within):
        messages.notify(
            event=events.PLAN_ISSUED, key="told", to=[User.get(User.name == "张三")], programme_id=here.id, now=later,
            fields={"plan": "方案", "unit": "甲局", "leads": 1, "others": 0},
        )  # fmt: skip
    play = f"p/{here.id}/sandboxes/play"
    answer = client.get(f"{place}/{play}/messages.zip")
    assert answer.mimetype == "application/zip"
    archive = zipfile.ZipFile(io.BytesIO(answer.data))
    assert [name for name in archive.namelist() if "张三" in name]
    assert "张三" in archive.read("messages.csv").decode("utf-8-sig")
    assert client.get(f"/{play}/messages.zip").status_code == 404  # not outside


def test_without_having_entered_the_address_shows_nothing(
    entered: tuple[FlaskClient, str, Programme], app: Flask
) -> None:
    _client, place, here = entered
    stranger = app.test_client()
    assert stranger.get(f"{place}/p/{here.id}/").status_code == 302
    # Nobody has a password inside: where the sign-in has ended, the way leads to where one enters again.
    outside = stranger.get(f"{place}/p/{here.id}/", follow_redirects=True)
    assert outside.request.path == "/sign-in"
    assert outside.request.args["next"] == f"/p/{here.id}/sandboxes"
    given = {"username": "许一", "password": "Dukao-2021"}
    assert stranger.post(f"{place}/sign-in", data=given).status_code in {400, 401, 403, 422}
    assert stranger.get(f"/sandbox/{'0' * 32}/p/{here.id}/").status_code in {302, 404}


def test_outside_there_is_no_play_and_a_unit_has_no_sandbox(client: FlaskClient) -> None:
    here = b.programme()
    login(client, b.user("许一", Role.LEAD_OFFICE, here))
    assert client.get(f"/p/{here.id}/sandboxes/play").status_code == 404
    login(client, b.user("张三", Role.LIAISON, here, b.unit("甲局")))
    assert client.get(f"/p/{here.id}/sandboxes").status_code == 403


def test_a_clock_of_its_own_moves_only_itself(house: House) -> None:
    made, _found = house.make()
    inside = Clock(sandboxes.folder_of(house.config, made.key) / "clock.json")
    assert abs(inside.now() - b.NOW) < timedelta(minutes=1)
    assert not Clock(house.config.clock_file).is_trial


def test_a_play_whose_server_was_stopped_does_not_run_for_ever(app: Flask, tmp_path: Path) -> None:
    write_play(
        tmp_path / "play.json", b.NOW, b.NOW + timedelta(days=10), b.NOW + timedelta(days=5), done=False
    )
    with app.test_request_context():
        running = read_play(tmp_path)
        os.utime(tmp_path / "play.json", (0, 0))
        stopped = read_play(tmp_path)
    assert running is not None
    assert (running["done"], running["percent"]) == (False, 50)
    assert stopped is not None
    assert stopped["done"]
    assert stopped["error"]
