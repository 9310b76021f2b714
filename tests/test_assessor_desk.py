"""What an assessor finds in the morning: where periods stand, what blocks them, what waits and for whom."""

from __future__ import annotations

from datetime import timedelta

import pytest
from flask import Flask
from flask.testing import FlaskClient
from peewee import Database

from supervisor.config import Config
from supervisor.core import appeals, assessor_desk, score_corrections, score_pages, scores
from supervisor.core.assessor_desk import Desk
from supervisor.core.permissions import Actor
from supervisor.models import Role
from tests import builders, quarters
from tests.conftest import StillClock, login, make_app
from tests.quarters import CLOSING, Q2, World
from tests.test_core_appeals import UNTIL, appeal, leader_of, shown
from tests.test_core_scores import assessor_of

HOUR = timedelta(hours=1)


@pytest.fixture
def app(sqlite: Database, config: Config, clock: StillClock) -> Flask:
    """The pages on one kind of database: they are not about it."""
    return make_app(config, clock)


@pytest.fixture
def world(sqlite: Database) -> World:
    return quarters.worked_quarter(appeal_workdays=3)


def other_assessor(world: World) -> Actor:
    person = builders.user("second", Role.ASSESSOR, world.programme, now=CLOSING)
    return builders.actor(Role.ASSESSOR, world.programme, person=person)


def desk(world: World, by: Actor) -> Desk:
    rows = score_pages.periods(world.programme, by=by, now=UNTIL).rows
    return assessor_desk.desk(by, world.programme, rows, now=UNTIL)


def said(found: Desk) -> list[str]:
    (standing,) = found.standings
    assert standing.period == Q2
    return [str(one.sentence) for one in standing.obstacles]


def test_an_ended_period_stands_with_what_blocks_it_until_its_books_are_closed(world: World) -> None:
    by = assessor_of(world)
    assert said(desk(world, by)) == []
    shown(world)
    disputed = appeal(world)
    assert said(desk(world, by)) == ["Appeals that wait for a decision: 1"]
    appeals.decide(disputed, accepted=False, decision="迟报属实", by=leader_of(world), now=CLOSING + HOUR)
    assert said(desk(world, by)) == []
    scores.close(world.programme, Q2, by=by, now=UNTIL)
    found = desk(world, by)
    assert (found.standings, found.unpublished) == ((), (Q2,))
    quarters.publish(world.programme, by, now=UNTIL)
    assert desk(world, by).unpublished == ()


def test_an_appeal_waits_for_who_did_not_score(world: World) -> None:
    shown(world)
    appeal(world)
    scorer, other = desk(world, assessor_of(world)), desk(world, other_assessor(world))
    assert [one.may_decide for one in (*scorer.appeals, *other.appeals)] == [False, True]
    assert (scorer.waits, other.waits) == (0, 1)


def test_a_correction_waits_for_the_second_person(world: World) -> None:
    shown(world)
    scores.close(world.programme, Q2, by=assessor_of(world), now=UNTIL)
    by = assessor_of(world)
    score_corrections.propose_correction(world.programme, Q2, reason="评分录错", by=by, now=UNTIL)
    mine, theirs = desk(world, by), desk(world, other_assessor(world))
    assert [one.is_own for one in (*mine.corrections, *theirs.corrections)] == [True, False]
    assert (mine.waits, theirs.waits) == (0, 1)


def test_the_home_of_an_assessor_is_the_desk(client: FlaskClient, world: World, clock: StillClock) -> None:
    clock.moment = CLOSING + HOUR
    shown(world)
    appeal(world)
    login(client, world.assessor, clock.moment)
    page = client.get(f"/p/{world.programme.id}/?lang=en").text
    assert "Units may appeal until the end of" in page
    assert "somebody else decides" in page
    assert "Nobody has entered facts for" in page
