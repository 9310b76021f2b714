"""Pages of scores: who sees what, closing in the browser's way, a sheet that leads from a point to its record."""

from __future__ import annotations

import re
from datetime import date, timedelta

import pytest
from flask import Flask
from flask.testing import FlaskClient
from peewee import Database

from supervisor.core import scores
from supervisor.core.permissions import Actor
from supervisor.core.score_records import report_address, task_address
from supervisor.database import count_queries
from supervisor.models import (
    Decision,
    GroupMember,
    LocalSettings,
    Obligation,
    Programme,
    Reach,
    Role,
    RulebookVersion,
    ScorePeriod,
    ScoreRun,
    UnitGroup,
    User,
)
from tests import builders, quarters
from tests.conftest import StillClock, login
from tests.quarters import CLOSING, Q2, World


@pytest.fixture
def world(database: Database, clock: StillClock) -> World:
    """The worked quarter, ready to be closed."""
    clock.moment = CLOSING
    return quarters.worked_quarter()


@pytest.fixture
def closed(world: World) -> World:
    """The worked quarter, closed."""
    scores.close(world.programme, Q2, by=assessor(world), now=CLOSING)
    return world


def assessor(world: World) -> Actor:
    return builders.actor(Role.ASSESSOR, world.programme, person=world.assessor)


def place(world: World, rest: str = "") -> str:
    return f"/p/{world.programme.id}/periods{rest}"


def member(world: World, role: Role, letter: str | None = None) -> User:
    unit = world.units[letter] if letter else None
    return builders.user(f"{role.value}{letter or ''}", role, world.programme, unit, now=CLOSING)


def enter(client: FlaskClient, person: User) -> FlaskClient:
    login(client, person, CLOSING)
    client.set_cookie("lang", "en")
    return client


def read(client: FlaskClient, path: str, status: int = 200) -> str:
    answer = client.get(f"{path}?lang=en")
    assert answer.status_code == status, answer.text
    return answer.text


def key_of(page: str) -> str:
    found = re.search(r'name="_once" value="(\w+)"', page)
    assert found
    return found[1]


def test_the_assessor_closes_and_reads_the_ranking(client: FlaskClient, world: World) -> None:
    enter(client, world.assessor)
    assert "Q2 2021 is complete" in read(client, place(world))
    page = read(client, place(world, "/2021-Q2"))

    answer = client.post(place(world, "/2021-Q2/close"), data={"_once": key_of(page), "confirm": "1"})

    assert answer.status_code == 303
    ranking = read(client, place(world, "/2021-Q2"))
    assert re.findall(r'class="num place"[^>]*>([^<]+)<', ranking) == ["1", "2", "3", "—", "—"]
    assert "93.01" in ranking
    assert "硚西区人民政府" in ranking


def test_closing_asks_for_the_checkbox(client: FlaskClient, world: World) -> None:
    enter(client, world.assessor)
    page = read(client, place(world, "/2021-Q2"))
    answer = client.post(place(world, "/2021-Q2/close"), data={"_once": key_of(page)})
    assert answer.status_code == 422
    assert ScorePeriod.select().count() == 0


def test_a_replayed_form_closes_nothing_again(client: FlaskClient, world: World) -> None:
    enter(client, world.assessor)
    form = {"_once": key_of(read(client, place(world, "/2021-Q2"))), "confirm": "1"}
    assert client.post(place(world, "/2021-Q2/close"), data=form).status_code == 303
    again = client.post(place(world, "/2021-Q2/close"), data=form)
    assert again.status_code == 302
    assert again.location.endswith("/periods/2021-Q2")
    assert ScoreRun.select().count() == 1


def test_an_incomplete_quarter_shows_what_is_missing_and_no_button(client: FlaskClient, world: World) -> None:
    Obligation.update(state="submitted").where(Obligation.unit == world.units["B"]).execute()
    enter(client, world.assessor)
    page = read(client, place(world, "/2021-Q2"))
    assert "waiting for review: April 2021, May 2021, June 2021." in page
    assert "/close" not in page

    answer = client.post(place(world, "/2021-Q2/close"), data={"_once": "1" * 32, "confirm": "1"})

    assert answer.status_code == 409
    assert "硚西区人民政府" in answer.text


@pytest.mark.parametrize("role", [Role.LEAD_OFFICE, Role.LEADER, Role.INSPECTOR])
def test_others_see_everything_and_cannot_close(client: FlaskClient, world: World, role: Role) -> None:
    enter(client, member(world, role))
    assert "Only an assessor closes the books." in read(client, place(world, "/2021-Q2"))
    assert (
        client.post(place(world, "/2021-Q2/close"), data={"_once": "1" * 32, "confirm": "1"}).status_code
        == 403
    )


def test_a_unit_waits_for_the_closing(client: FlaskClient, world: World) -> None:
    enter(client, member(world, Role.LIAISON, "A"))
    page = read(client, place(world, "/2021-Q2"))
    assert "The books of this period are still open." in page
    assert "missing" not in page
    read(client, place(world, f"/2021-Q2/units/{world.units['A'].id}"), 404)


def test_a_unit_sees_its_own_sheet_and_no_other(client: FlaskClient, closed: World) -> None:
    enter(client, member(closed, Role.LIAISON, "A"))
    assert "My unit's score and why" in read(client, place(closed))
    assert "93.01" in read(client, place(closed, f"/2021-Q2/units/{closed.units['A'].id}"))
    read(client, place(closed, f"/2021-Q2/units/{closed.units['B'].id}"), 404)
    ranking = read(client, place(closed, "/2021-Q2"))
    assert "硚西区人民政府" not in ranking
    assert "chart.svg" not in ranking
    read(client, place(closed, "/2021-Q2/chart.svg"), 404)
    assert client.get(place(closed, "/2021-Q2/ranking.xlsx")).status_code == 403


@pytest.mark.parametrize(
    ("published", "shown", "status"), [(True, True, 200), (True, False, 404), (False, True, 404)]
)
def test_other_units_are_seen_once_published_and_if_the_programme_says_so(
    client: FlaskClient,
    closed: World,
    published: bool,  # noqa: FBT001 -- a table of cases
    shown: bool,  # noqa: FBT001 -- a table of cases
    status: int,
) -> None:
    if published:
        quarters.publish(closed.programme, assessor(closed), Reach.UNITS)
    LocalSettings.update(scores_shown_to_units=shown).execute()
    enter(client, member(closed, Role.LIAISON, "A"))
    read(client, place(closed, f"/2021-Q2/units/{closed.units['B'].id}"), status)


def test_a_lost_half_point_is_two_clicks_from_its_record(client: FlaskClient, closed: World) -> None:
    enter(client, member(closed, Role.LIAISON, "A"))
    unit = closed.units["A"]
    june = Obligation.get((Obligation.unit == unit) & (Obligation.period == "2021-06"))

    start = read(client, place(closed))
    sheet_link = f"/p/{closed.programme.id}/periods/2021-Q2/units/{unit.id}"
    assert f'href="{sheet_link}"' in start  # the first click
    sheet = read(client, sheet_link)

    line = sheet[sheet.index('id="line-report_timeliness"') :]
    line = line[: line.index("</article>")]
    assert "−0.50" in line
    assert "late by 1 working day(s): due 2021-07-05, submitted 2021-07-06" in line
    assert f'href="/p/{closed.programme.id}/reports/{june.id}"' in line  # the second
    assert client.get(f"/p/{closed.programme.id}/reports/{june.id}").status_code == 200


def test_a_sheet_without_a_place_says_why(client: FlaskClient, closed: World) -> None:
    enter(client, closed.assessor)
    page = read(client, place(closed, f"/2021-Q2/units/{closed.units['E'].id}"))
    assert "No place, because: No indicator applies: not assessed." in page
    assert "Not assessed is not zero." in page


@pytest.mark.parametrize("key", ["2021-06-T1", "2021-Q5", "2021-W10", "nonsense", "2031-Q1"])
def test_what_is_no_quarter_is_not_found(client: FlaskClient, closed: World, key: str) -> None:
    enter(client, closed.assessor)
    read(client, place(closed, f"/{key}"), 404)


def test_another_programme_s_people_find_nothing(client: FlaskClient, closed: World) -> None:
    other = builders.programme("另一专项", now=CLOSING)
    enter(client, builders.user("stranger", Role.ASSESSOR, other, now=CLOSING))
    for path in ("", "/2021-Q2", "/2021-Q2/ranking.xlsx", f"/2021-Q2/units/{closed.units['A'].id}"):
        assert client.get(place(closed, path)).status_code == 404


def test_an_empty_programme_says_what_will_appear(
    client: FlaskClient, database: Database, clock: StillClock
) -> None:
    clock.moment = CLOSING
    programme = builders.programme(now=CLOSING)
    enter(client, builders.user("new", Role.ASSESSOR, programme, now=CLOSING))
    page = read(client, f"/p/{programme.id}/periods")
    assert "No period yet." in page
    assert "No rulebook has been adopted yet" in page


def test_a_rulebook_is_read_and_adopted(client: FlaskClient, database: Database, clock: StillClock) -> None:
    clock.moment = CLOSING
    programme = builders.programme(now=CLOSING)
    enter(client, builders.user("new", Role.ASSESSOR, programme, now=CLOSING))
    rulebooks = f"/p/{programme.id}/rulebooks"
    assert "Reports on time" in read(client, f"{rulebooks}/presets/default-quarter")
    read(client, f"{rulebooks}/presets/nothing", 404)

    page = read(client, rulebooks)
    wrong = client.post(
        rulebooks, data={"_once": key_of(page), "preset": "default-quarter", "valid_from": "?"}
    )
    assert wrong.status_code == 422
    form = {"_once": key_of(page), "preset": "default-quarter", "valid_from": "2021-07-01"}
    assert client.post(rulebooks, data=form).status_code == 303

    version = RulebookVersion.get()
    assert (version.programme_id, str(version.valid_from)) == (programme.id, "2021-07-01")
    assert "In force from 1 Jul 2021." in read(client, f"{rulebooks}/{version.id}")


def test_a_rulebook_cannot_begin_in_a_closed_quarter(client: FlaskClient, closed: World) -> None:
    enter(client, closed.assessor)
    rulebooks = f"/p/{closed.programme.id}/rulebooks"
    form = {"_once": key_of(read(client, rulebooks)), "preset": "default-quarter", "valid_from": "2021-06-30"}
    assert client.post(rulebooks, data=form).status_code == 409
    assert RulebookVersion.select().count() == 1


def test_a_leader_decides_what_was_proposed(
    client: FlaskClient, database: Database, clock: StillClock
) -> None:
    clock.moment = CLOSING
    world = quarters.worked_quarter(host=True)
    other = builders.user("other", Role.ASSESSOR, world.programme, name="外部考核员", now=CLOSING)
    decisions = f"/p/{world.programme.id}/decisions"
    enter(client, world.assessor)
    form = {"_once": key_of(read(client, decisions)), "person": str(other.id), "reason": "回避"}
    assert client.post(decisions + "/host-assessor", data=form).status_code == 303
    proposal = Decision.get()
    again = client.post(
        f"{decisions}/{proposal.id}", data={"_once": "2" * 32, "words": "好", "verdict": "approve"}
    )
    assert again.status_code == 403  # an assessor proposes, a leader decides

    enter(client, member(world, Role.LEADER))
    page = read(client, decisions)
    assert "外部考核员" in page
    empty = {"_once": key_of(page), "words": "", "verdict": "approve"}
    assert client.post(f"{decisions}/{proposal.id}", data=empty).status_code == 422
    form = {"_once": key_of(page), "words": "同意", "verdict": "approve"}
    assert client.post(f"{decisions}/{proposal.id}", data=form).status_code == 303
    assert Decision.get().approved is True


def test_pages_ask_a_fixed_number_of_questions(
    client: FlaskClient, database: Database, closed: World
) -> None:
    enter(client, closed.assessor)
    unit = closed.units["A"]
    limits = {"": 14, "/2021-Q2": 16, f"/2021-Q2/units/{unit.id}": 30}
    for path, most in limits.items():
        client.get(place(closed, path))
        with count_queries(database) as seen:
            assert client.get(place(closed, path)).status_code == 200
        assert len(seen) <= most, (path, len(seen), seen)


def test_more_units_cost_no_more_questions(client: FlaskClient, database: Database, world: World) -> None:
    extra = [builders.unit(f"第{n}区人民政府") for n in range(12)]
    builders.group(world.programme, "功能区", extra)
    scores.close(world.programme, Q2, by=assessor(world), now=CLOSING + timedelta(hours=1))
    enter(client, world.assessor)
    with count_queries(database) as seen:
        assert client.get(place(world, "/2021-Q2")).status_code == 200
    assert len(seen) <= 16


def test_the_chart_is_drawn_once_and_kept(
    client: FlaskClient, closed: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    enter(client, closed.assessor)
    first = client.get(place(closed, "/2021-Q2/chart.svg"))
    assert first.mimetype == "image/svg+xml"
    assert b"<svg" in first.data

    def never(*_args: object, **_kw: object) -> bytes:
        raise AssertionError("drawn a second time")

    monkeypatch.setattr("supervisor.documents.chart.draw_chart", never)
    assert client.get(place(closed, "/2021-Q2/chart.svg")).data == first.data


def test_programmes_keep_their_books_apart(database: Database, clock: StillClock) -> None:
    world = quarters.worked_quarter()
    scores.close(world.programme, Q2, by=assessor(world), now=CLOSING)
    other = Programme.create(
        jurisdiction=world.programme.jurisdiction_id, name="另一专项", created_at=CLOSING
    )
    assert ScorePeriod.select().where(ScorePeriod.programme == other).count() == 0


def test_every_place_that_an_obstacle_or_a_record_names_exists(app: Flask, world: World) -> None:
    Obligation.update(state="submitted").where(Obligation.unit == world.units["B"]).execute()
    GroupMember.delete().where(GroupMember.unit == world.units["C"]).execute()
    UnitGroup.update(confirmed_at=None).execute()
    RulebookVersion.update(valid_from=date(2022, 1, 1)).execute()
    office = builders.actor(Role.LEAD_OFFICE, world.programme)
    links = [
        one.link
        for by in (office, assessor(world))
        for when in (Q2, Q2.previous())
        for one in scores.completeness(world.programme, when, CLOSING, by)
        if one.link
    ]
    links += [report_address(1, 1, 1).split("#")[0], task_address(1, 1)]
    assert len(links) > 10
    places = app.url_map.bind("localhost")
    for link in links:
        places.match(link.split("?")[0])
