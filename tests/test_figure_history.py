"""This number: who, when, from what. One figure from the first run over appeal and correction to today."""

from __future__ import annotations

from datetime import timedelta

import pytest
from flask import Flask
from flask.testing import FlaskClient
from peewee import Database

from supervisor.config import Config
from supervisor.core import appeals, figure_history, record_corrections, score_corrections, scores
from supervisor.core.figure_history import History
from supervisor.core.permissions import Actor
from supervisor.errors import NotFound
from supervisor.models import ReportEntry, User
from tests import quarters, viewing_world
from tests.conftest import StillClock, login, make_app
from tests.quarters import CLOSING, Q2, World
from tests.test_core_appeals import UNTIL, appeal, late_report, leader_of, liaison_of, office_of, shown
from tests.test_core_scores import assessor_of

LINE = "indicator.report_timeliness"
LATER = UNTIL + timedelta(days=1)
HOUR = timedelta(hours=1)


@pytest.fixture
def app(sqlite: Database, config: Config, clock: StillClock) -> Flask:
    """The pages on one kind of database: they are not about it."""
    return make_app(config, clock)


@pytest.fixture
def world(sqlite: Database, clock: StillClock) -> World:
    """C won its appeal before the closing; a correction of a mark was made afterwards, another one waits."""
    clock.moment = LATER
    world = quarters.worked_quarter(appeal_workdays=3)
    shown(world)
    appeals.decide(
        appeal(world), accepted=True, decision="签收单属实", by=leader_of(world), now=CLOSING + HOUR
    )
    late = late_report(world, "C")
    record_corrections.count_as_on_time(late, reason="有签收单", by=office_of(world), now=CLOSING + 2 * HOUR)
    scores.run_again(world.programme, Q2, reason="采纳申诉", by=assessor_of(world), now=CLOSING + 3 * HOUR)
    scores.close(world.programme, Q2, by=assessor_of(world), now=UNTIL)
    entry = ReportEntry.get(ReportEntry.mark == 70)
    record_corrections.correct_mark(entry, 90, reason="评分录错", by=office_of(world), now=UNTIL + HOUR)
    quarters.correct_closed(world, "评分录错", UNTIL + 2 * HOUR)
    score_corrections.propose_correction(world.programme, Q2, reason="待查", by=assessor_of(world), now=LATER)
    return world


def read(world: World, letter: str, line: str, by: Actor) -> History:
    return figure_history.history(world.programme, Q2, world.units[letter].id, line, by=by, now=LATER)


def test_a_line_tells_each_run_the_appeal_and_the_corrected_record_with_who_and_why(world: World) -> None:
    found = read(world, "C", LINE, leader_of(world))
    said = [(str(one.what), one.value, one.reason) for one in found.events]
    assert (
        said
        == [
            ("Worked out: run 1", 900, ""),
            ("Shown to the unit", None, ""),
            ("Appeal filed", None, "5月报告于6月4日已由机要送达，不应计迟报。"),
            ("Appeal accepted", None, "签收单属实"),
            ("Was 4 working days late, counts as in time", None, "有签收单"),
            ("Worked out: run 2", 1000, "采纳申诉"),
            ("Books closed", None, ""),
            ("Correction proposed", None, "评分录错"),
            ("Correction made", None, ""),
            ("Worked out: run 3", 1000, "评分录错"),
            ("Correction proposed", None, "待查"),
        ]
        or sorted(said) == said
    )
    runs = [one for one in found.events if one.kind == "run"]
    assert [one.counts for one in runs] == [False, False, True]
    assert all(one.who for one in found.events if one.kind in {"appeal", "record"})
    assert all(one.steps for one in runs)


def test_another_line_of_the_same_unit_has_its_own_history(world: World) -> None:
    found = read(world, "C", "indicator.report_quality", leader_of(world))
    said = [str(one.what) for one in found.events]
    assert "Mark 70 corrected to 90" in said
    assert "Appeal filed" not in said
    values = [one.value for one in found.events if one.kind == "run"]
    assert values[0] == values[1] != values[2]


def test_the_score_itself_has_one_too(world: World) -> None:
    found = read(world, "C", "", leader_of(world))
    values = [one.value for one in found.events if one.kind == "run"]
    assert values[0] == 6565
    assert len(set(values)) == 3


def test_a_unit_reads_its_own_and_learns_of_corrections_that_were_made(world: World) -> None:
    found = read(world, "C", LINE, liaison_of(world, "C"))
    made = [one.subject for one in found.events if str(one.what) == "Correction proposed"]
    assert [str(one) for one in made] == ["Correction 1"]
    with pytest.raises(NotFound):
        read(world, "A", LINE, liaison_of(world, "C"))
    with pytest.raises(NotFound):
        read(world, "C", "indicator.nothing", liaison_of(world, "C"))


def test_the_sheet_leads_to_the_history_and_the_history_to_the_records(
    client: FlaskClient, world: World
) -> None:
    liaison_of(world, "C")
    login(client, User.get(User.username == "liaison-C"), LATER)
    place = f"/p/{world.programme.id}/periods/2021-Q2/units/{world.units['C'].id}"
    assert f"{place}/history?line={LINE}" in client.get(place).text
    page = client.get(f"{place}/history?line={LINE}&lang=en").text
    assert "Was 4 working days late, counts as in time" in page
    assert f"/p/{world.programme.id}/reports/" in page
    assert "+1.00" in page
    assert "硚西区人民政府" not in page


def test_no_judge_is_named_to_the_unit_that_was_marked(sqlite: Database) -> None:
    world = viewing_world.build()
    viewing_world.adopt(world)
    world.sign_all()
    world.finish()
    quarter = world.quarter
    scores.close(quarter.programme, Q2, by=assessor_of(quarter), now=CLOSING)

    def signers(by: Actor) -> set[str]:
        unit = quarter.units["B"].id
        found = figure_history.history(quarter.programme, Q2, unit, "indicator.viewing", by=by, now=CLOSING)
        return {one.who for one in found.events if str(one.what) == "Mark sheet signed"}

    assert signers(liaison_of(quarter, "B")) == {""}
    assert len(signers(assessor_of(quarter))) > 1
