"""The fairness view as the assessor sees it: before closing, after closing, and nobody else."""

from __future__ import annotations

import pytest
from flask.testing import FlaskClient
from peewee import Database

from supervisor.core import scores
from supervisor.models import Role, RulebookVersion
from tests import builders, quarters
from tests.conftest import StillClock, login
from tests.quarters import CLOSING, Q2, World


@pytest.fixture
def world(database: Database, clock: StillClock) -> World:
    """The worked quarter, its books open."""
    clock.moment = CLOSING
    return quarters.worked_quarter()


def place(world: World, rest: str = "", key: str = "2021-Q2") -> str:
    return f"/p/{world.programme.id}/periods/{key}/fairness{rest}"


def enter(client: FlaskClient, world: World) -> FlaskClient:
    login(client, world.assessor, CLOSING)
    client.set_cookie("lang", "en")
    return client


def test_before_closing_the_assessor_sees_where_points_would_be_lost(
    client: FlaskClient, world: World
) -> None:
    page = enter(client, world).get(place(world)).text
    assert "Preliminary: from the facts as they are now; the books are open." in page
    assert "units have fewer than 3 tasks" in page.replace("unit(s)", "units")
    assert "of this: 漏报" in page
    assert "too few units to say anything" in page
    assert (
        "Fairness view: where points would be lost"
        in client.get(f"/p/{world.programme.id}/periods/2021-Q2").text
    )


def test_after_closing_it_speaks_of_the_frozen_facts_and_leads_to_the_sheets(
    client: FlaskClient, world: World
) -> None:
    by = builders.actor(Role.ASSESSOR, world.programme, person=world.assessor)
    scores.close(world.programme, Q2, by=by, now=CLOSING)
    page = enter(client, world).get(place(world)).text
    assert "From the frozen facts of this period." in page
    assert f"/periods/2021-Q2/units/{world.units['A'].id}" in page
    picture = client.get(place(world, ".svg"))
    assert picture.mimetype == "image/svg+xml"
    assert picture.text.count("<use ") > 20


def test_without_a_rulebook_the_page_says_so(client: FlaskClient, world: World) -> None:
    RulebookVersion.delete().execute()
    assert "No rulebook is in force for this period." in enter(client, world).get(place(world)).text
    assert client.get(place(world, ".svg")).status_code == 404


def test_a_quarter_that_has_not_begun_has_no_view(client: FlaskClient, world: World) -> None:
    assert enter(client, world).get(place(world, key="2031-Q2")).status_code == 404
    assert client.get(place(world, key="2021-W14")).status_code == 404


@pytest.mark.parametrize("role", [Role.LEAD_OFFICE, Role.LEADER, Role.INSPECTOR, Role.LIAISON, Role.JUDGE])
def test_nobody_but_the_assessor_sees_it(client: FlaskClient, world: World, role: Role) -> None:
    unit = world.units["A"] if role is Role.LIAISON else None
    login(client, builders.user("other", role, world.programme, unit, now=CLOSING), CLOSING)
    assert client.get(place(world)).status_code == 403
    assert client.get(place(world, ".svg")).status_code == 403
