"""Months, quarters and years as score periods: each closed by itself, the longer ones from their parts' scores."""

from __future__ import annotations

import json
import random
from datetime import date
from pathlib import Path

import pytest
from flask.testing import FlaskClient
from peewee import Database

from scoring.archive import check
from supervisor.core import (
    archives,
    fact_needs,
    facts,
    score_calendar,
    score_corrections,
    score_parts,
    score_sheet,
    scores,
)
from supervisor.core.completeness import examine
from supervisor.core.periods import Period
from supervisor.core.score_books import find_row
from supervisor.core.score_proofs import differences_of
from supervisor.core.score_runs import assess_text
from supervisor.core.scored_periods import part_types, scored_period, types_of
from supervisor.database import digest
from supervisor.errors import NotFound, Refused
from supervisor.models import Obligation, ObligationState, Outcome, Role, ScoreRun, Standing
from tests import builders, year_world
from tests.builders import at
from tests.conftest import StillClock, login
from tests.quarters import World
from tests.year_world import BY_MONTHS, YEAR_CLOSING, assessor, close

MONTHS = ("2021-04", "2021-05", "2021-06")
Q2, YEAR = Period.parse("2021-Q2"), Period.parse("2021")
#: What is left of 2021 besides the worked quarter: nobody owed a report, so that nobody has a score.
REST = (*(f"2021-{month:02}" for month in range(7, 13)), "2021-Q3", "2021-Q4")


def scores_of(world: World, run: ScoreRun) -> dict[str, int | None]:
    """Scores in hundredths by letter."""
    found = {row.unit_id: row.score for row in Standing.select().where(Standing.run == run)}
    return {letter: found[unit.id] for letter, unit in world.units.items()}


def whole_year(world: World) -> ScoreRun:
    """Every part of 2021 closed, then the year."""
    year_world.mark_year_end(world, {"A": 90, "B": 80, "C": 70, "D": 60, "E": 50})
    return close(world, *MONTHS, "2021-Q2", *REST, "2021-year_end", "2021")


# ---- which periods there are


def test_a_rulebook_says_which_kinds_are_scored_and_which_rest_on_which() -> None:
    assert types_of(BY_MONTHS) == ("month", "quarter", "year", "year_end")
    assert [part_types(BY_MONTHS, one) for one in types_of(BY_MONTHS)] == [
        (), ("month",), ("quarter", "year_end"), (),
    ]  # fmt: skip
    assert types_of("") == ("quarter",)


@pytest.mark.parametrize(
    "key", ["2021-W14", "2021-06-T1", "2021-06-15", "2021-13", "2021-quarter", "06", "2021-x"]
)
def test_an_address_of_nothing_that_is_scored_leads_nowhere(key: str) -> None:
    with pytest.raises(NotFound):
        scored_period(key)


def test_periods_stand_in_time_and_what_lies_before_scoring_began_is_no_part(database: Database) -> None:
    world = year_world.by_months()
    found = score_calendar.scored_between(world.programme.id, date(2021, 6, 1), date(2021, 7, 31))
    assert [one.key for one in found] == ["2021-06", "2021-Q2", "2021-07", "2021-Q3", "2021-year_end", "2021"]
    parts = score_calendar.parts_of(world.programme.id, YEAR, date(2022, 2, 10))
    assert [one.key for one in parts] == ["2021-Q2", "2021-Q3", "2021-Q4", "2021-year_end"]


# ---- the year from its parts


def test_a_longer_period_waits_for_its_parts_and_then_rests_on_their_frozen_scores(
    database: Database,
) -> None:
    """A: 100, 100, 90; B: three times 100; C: 90, 80, 100; D: 100, 100, 90; E owes nothing."""
    world = year_world.by_months()
    told = [
        one for one in examine(world.programme, Q2, YEAR_CLOSING).obstacles if "/periods/" in (one.link or "")
    ]
    assert [one.link for one in told] == [f"/p/{world.programme.id}/periods/{key}" for key in MONTHS]
    with pytest.raises(Refused):
        close(world, "2021-Q2")

    run = close(world, *MONTHS, "2021-Q2")

    assert scores_of(world, run) == {"A": 9667, "B": 10000, "C": 9000, "D": 9667, "E": None}
    one = next(fact for fact in json.loads(run.facts)["facts"] if fact["unit"] == str(world.units["A"].id))
    assert one["values"] == {"type": "month", "period": "2021-04", "score": "100.00", "run": 1}
    sheet = score_sheet.sheet(world.programme, Q2, world.units["A"].id, by=assessor(world), now=YEAR_CLOSING)
    assert [proof.link for proof in sheet.lines[0].evidence] == [
        f"/p/{world.programme.id}/periods/{key}/units/{world.units['A'].id}"
        for key in ("2021-06", *MONTHS[:2])
    ]


def test_a_part_without_a_score_leaves_the_mean_and_is_never_zero(database: Database) -> None:
    """E owes nothing all year: 30 % year-end alone. D had no report in April; nobody had one after June."""
    world = year_world.by_months()
    Obligation.update(state=ObligationState.WAIVED).where(
        (Obligation.unit == world.units["D"]) & (Obligation.period == "2021-04")
    ).execute()
    run = whole_year(world)
    quarter = ScoreRun.get(ScoreRun.period == find_row(world.programme, Q2))
    assert scores_of(world, quarter)["D"] == 9500
    assert scores_of(world, run) == {"A": 9467, "B": 9400, "C": 8400, "D": 8450, "E": 5000}
    outside = Standing.get((Standing.run == run) & (Standing.unit == world.units["E"]))
    assert outside.rank is None, "30 of 100 points apply to it: shown, not ranked"


def test_what_counts_for_bonus_or_deduction_counts_once_a_year_and_a_veto_also_in_the_year(
    database: Database,
) -> None:
    world = year_world.by_months()
    asked = {
        type_: {need.part for need in fact_needs.needs_of(BY_MONTHS, type_)} for type_ in types_of(BY_MONTHS)
    }
    assert ["penalty" in asked[type_] for type_ in types_of(BY_MONTHS)] == [True, False, False, False]
    assert fact_needs.kinds_wanted(BY_MONTHS, "year") == {"period_score", "veto"}
    assert "report" in facts.gather(world.programme, scored_period("2021-06")).supplied
    assert {one.kind for one in facts.gather(world.programme, YEAR).facts} == set()


def test_a_part_corrected_later_changes_no_year_by_itself_and_the_year_is_corrected_by_two(
    database: Database,
) -> None:
    world = year_world.by_months()
    year = whole_year(world)
    Obligation.update(outcome=Outcome.ON_TIME, late_workdays=0).where(
        (Obligation.unit == world.units["A"]) & (Obligation.period == "2021-06")
    ).execute()
    for key in ("2021-06", "2021-Q2"):
        _correct(world, key)

    assert scores.verify_frozen() is None
    assert scores_of(world, year)["A"] == 9467
    [old] = score_parts.superseded(world.programme.id, YEAR, year)
    assert (old.period.key, old.taken, old.counts) == ("2021-Q2", 1, 2)

    after = _correct(world, "2021")
    assert scores_of(world, after)["A"] == 9700
    assert score_parts.superseded(world.programme.id, YEAR, after) == []
    assert scores.verify_frozen() is None


def _correct(world: World, key: str) -> ScoreRun:
    period, leader = scored_period(key), builders.actor(Role.LEADER, world.programme)
    proposed = score_corrections.propose_correction(
        world.programme, period, reason="迟报更正", by=assessor(world), now=YEAR_CLOSING
    )
    score_corrections.carry_out(proposed, world.programme, by=leader, now=YEAR_CLOSING)
    return ScoreRun.get((ScoreRun.period == proposed.period_id) & (ScoreRun.superseded == False))  # noqa: E712


# ---- proof


def test_verify_and_the_archive_hold_a_year_against_the_frozen_scores_of_its_parts(
    database: Database, tmp_path: Path
) -> None:
    """A forger who rewrites the year's facts, its result and every hash still disagrees with the quarter."""
    world = year_world.by_months()
    year = whole_year(world)
    assert scores.verify_frozen() is None
    kept = json.loads(year.facts)
    for name in ("facts", "units"):  # goal 19: rows in any order give the same bytes
        random.Random(19).shuffle(kept[name])  # noqa: S311 -- an order, no secret
    assert assess_text(json.dumps(kept), year.rulebook.text).result_text == year.result
    good = tmp_path / "good.zip"
    archives.write_archive(good, now=YEAR_CLOSING)
    assert check(good).differences == ()

    forged = year.facts.replace('"score":"96.67"', '"score":"99.67"', 1)
    assert forged != year.facts
    ScoreRun.update(facts=forged, facts_sha256=digest(forged)).where(ScoreRun.id == year.id).execute()
    assert any("from 2021-Q2, which gave 96.67" in why for why in differences_of(ScoreRun.get_by_id(year.id)))

    bad = tmp_path / "bad.zip"
    archives.write_archive(bad, now=YEAR_CLOSING)
    assert any("from 2021-Q2, which gave 96.67" in why for why in check(bad).differences)


# ---- pages


def read(client: FlaskClient, path: str) -> str:
    """A page that must be there, in English."""
    answer = client.get(f"{path}?lang=en")
    assert answer.status_code == 200, (path, answer.status_code)
    return answer.text


def test_a_year_is_read_at_a_glance_and_a_stale_figure_is_shown_with_the_correction_to_propose(
    client: FlaskClient, database: Database, clock: StillClock
) -> None:
    clock.moment = YEAR_CLOSING
    world = year_world.by_months()
    whole_year(world)
    Obligation.update(outcome=Outcome.ON_TIME, late_workdays=0).execute()
    for key in ("2021-06", "2021-Q2"):
        _correct(world, key)
    place, unit = f"/p/{world.programme.id}", world.units["A"].id
    login(client, world.assessor, YEAR_CLOSING)
    page = read(client, f"{place}/years/2021")
    for key in (*MONTHS, *REST, "2021-Q2", "2021-year_end", "2021"):
        assert f'href="{place}/periods/{key}/units/{unit}"' in page
    assert "Year 2021 rests on a figure that was corrected after it was closed." in page
    assert "rests on a figure corrected since" in read(client, f"{place}/periods")
    ranking = read(client, f"{place}/periods/2021")
    assert "taken from run 1; run 2 counts now" in ranking
    assert "Q2 2021 was corrected (run 2 in the place of run 1).</textarea>" in ranking
    assert f'href="{place}/periods/2021-Q2/units/{unit}"' in read(
        client, f"{place}/periods/2021/units/{unit}"
    )

    login(client, builders.user("liaison", Role.LIAISON, world.programme, world.units["B"]), YEAR_CLOSING)
    own = read(client, f"{place}/years/2021")
    assert f"/units/{world.units['B'].id}" in own
    assert f"/units/{unit}" not in own, "others' scores only once published (D16)"
    assert client.get(f"{place}/years/2020").status_code == 404
    assert client.get(f"{place}/years/2023").status_code == 404


def test_open_periods_of_a_year_say_what_blocks_them(
    client: FlaskClient, database: Database, clock: StillClock
) -> None:
    clock.moment = at("2021-08-10 09:00")
    world = year_world.by_months()
    login(client, world.assessor, clock.moment)
    page = read(client, f"/p/{world.programme.id}/years/2021")
    assert "Ready to be closed" in page
    assert "April 2021 is a part of it and is not closed." in page
    assert page.count("Running") == 4, "August, the third quarter, the year-end table and the year"
