"""What a sheet says beside its lines: last period, the group's spread, one more report in time."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import timedelta
from decimal import Decimal

import pytest
from flask import Flask
from flask.testing import FlaskClient
from peewee import Database

from scoring import Facts, Rulebook, assess, load_facts, load_rulebook
from scoring.one_more import gains_of, late_reports, on_time
from supervisor.config import Config
from supervisor.core import score_explanations, score_sheet, scores
from supervisor.core.permissions import Actor
from supervisor.core.score_explanations import Explained
from supervisor.core.score_runs import current_run
from supervisor.models import Reach, Role, ScoreLine, ScorePeriod, ScoreRun, Standing
from tests import builders, quarters
from tests.conftest import StillClock, login, make_app
from tests.quarters import CLOSING, Q2, World

LINE = ("indicator", "report_timeliness")


@pytest.fixture
def app(sqlite: Database, config: Config, clock: StillClock) -> Flask:
    """The pages on one kind of database: they are not about it."""
    return make_app(config, clock)


@pytest.fixture
def world(sqlite: Database, clock: StillClock) -> World:
    """The worked quarter, closed."""
    clock.moment = CLOSING
    world = quarters.worked_quarter()
    by = builders.actor(Role.ASSESSOR, world.programme, person=world.assessor)
    scores.close(world.programme, Q2, by=by, now=CLOSING)
    return world


def run_of() -> ScoreRun:
    run = current_run(ScorePeriod.get())
    assert run is not None
    return run


def read(run: ScoreRun) -> tuple[Facts, Rulebook]:
    return load_facts(json.loads(run.facts)), load_rulebook(run.rulebook.text)


def explained(world: World, letter: str, by: Actor | None = None) -> Explained:
    by = by or builders.actor(Role.LIAISON, world.programme, world.units[letter])
    found = score_sheet.sheet(world.programme, Q2, world.units[letter].id, by=by, now=CLOSING)
    return score_explanations.explain(found)


@pytest.mark.parametrize(
    ("letter", "line"),
    [("A", ["0.50"]), ("B", []), ("C", ["1.00", "2.00"]), ("D", ["1.00"])],
)
def test_one_more_report_in_time_is_worked_out_by_the_engine_on_the_frozen_facts(
    world: World, letter: str, line: list[str]
) -> None:
    facts, rulebook = read(run_of())
    unit = str(world.units[letter].id)
    gains = gains_of(facts, rulebook, unit)
    assert [gain.of(*LINE) for gain in gains] == [Decimal(one) for one in line]
    for gain, late in zip(gains, late_reports(facts, unit), strict=True):
        # Of the whole period, not of the group alone, which the gain is counted on.
        changed = replace(facts, facts=tuple(on_time(one) if one is late else one for one in facts.facts))
        then = next(one for one in assess(changed, rulebook).standings if one.unit == unit)
        assert gain.after == then
        stored = Standing.get(Standing.unit == int(unit)).score
        assert stored is not None
        assert gain.before.score == Decimal(stored).scaleb(-2)


def test_a_place_is_told_only_after_publication(world: World) -> None:
    (before,) = explained(world, "A").on_time[LINE]
    assert (before.line, before.places) == (Decimal("0.50"), None)
    by = builders.actor(Role.ASSESSOR, world.programme, person=world.assessor)
    quarters.publish(world.programme, by)
    (after,) = explained(world, "A").on_time[LINE]
    assert after.places == (1, 1)
    quarters.publish(world.programme, by, Reach.UNITS, ranked=False, now=CLOSING + timedelta(hours=1))
    (tiers,) = explained(world, "A").on_time[LINE]
    assert tiers.places is None


def test_the_spread_is_shown_only_where_it_names_nobody(world: World) -> None:
    assert explained(world, "A").spreads == {}
    run = run_of()
    line = ScoreLine.get((ScoreLine.run == run) & (ScoreLine.indicator == "report_timeliness"))
    for number in range(3):  # with A, B and C six units have points in this line
        unit = builders.unit(f"第{number}区人民政府")
        Standing.create(run=run, unit=unit, unit_name=unit.name, group_name="区人民政府", sort=90 + number)
        fields = {"indicator": line.indicator, "title": line.title, "weight": line.weight}
        ScoreLine.create(run=run, unit=unit, sort=1, points=100 * number, **fields)
    spread = explained(world, "A").spreads[LINE]
    # 0, 1, 2 and the quarter's own 9, 11.50 and 12.
    assert (spread.low, spread.middle, spread.high) == (Decimal(0), Decimal("5.50"), Decimal(12))
    assert set(explained(world, "A").spreads) == {LINE}


def test_the_sheet_says_what_a_report_in_time_would_have_meant(client: FlaskClient, world: World) -> None:
    unit = world.units["A"]
    login(client, builders.user("l", Role.LIAISON, world.programme, unit, now=CLOSING), CLOSING)
    page = client.get(f"/p/{world.programme.id}/periods/2021-Q2/units/{unit.id}?lang=en").text
    line = page[page.index('id="line-report_timeliness"') :].split("</article>")[0]
    assert "One more report in time would have meant" in line
    assert "this line +0.50" in line
    assert "score +0.63" in line  # rescaled from 80 to 100
    assert "Compared line by line" in page
    assert "硚西区人民政府" not in page
