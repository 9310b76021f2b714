"""Scores over periods: what is drawn, who sees what of it, and how much of it."""

from __future__ import annotations

import re
from datetime import timedelta
from decimal import Decimal

import pytest
from flask import Flask
from flask.testing import FlaskClient
from peewee import Database

from scoring.spreads import Spread, part_earned, spread
from supervisor.bulk import insert_rows
from supervisor.config import Config
from supervisor.core import score_charts, score_trends, scores
from supervisor.core.periods import Period
from supervisor.core.permissions import Actor
from supervisor.core.score_runs import current_run
from supervisor.database import count_queries
from supervisor.documents.chart import draw_chart
from supervisor.documents.content import HeatChart, HeatRow, TrendChart, TrendLine, TrendPanel
from supervisor.errors import NotFound
from supervisor.models import PeriodState, Reach, Role, ScorePeriod, ScoreRun, Standing
from tests import builders, quarters
from tests.conftest import StillClock, login, make_app
from tests.quarters import CLOSING, Q2, World

Q1 = Period.parse("2021-Q1")


@pytest.fixture
def app(sqlite: Database, config: Config, clock: StillClock) -> Flask:
    """The pages on one kind of database: they are not about it."""
    return make_app(config, clock)


@pytest.fixture
def world(sqlite: Database, clock: StillClock) -> World:
    """The worked quarter, closed."""
    clock.moment = CLOSING
    return closed()


def closed() -> World:
    world = quarters.worked_quarter()
    scores.close(world.programme, Q2, by=assessor(world), now=CLOSING)
    return world


def assessor(world: World) -> Actor:
    return builders.actor(Role.ASSESSOR, world.programme, person=world.assessor)


def liaison(world: World, letter: str) -> Actor:
    return builders.actor(Role.LIAISON, world.programme, world.units[letter])


def close_earlier(world: World, key: str = "2021-Q1", **ranks: int) -> None:
    """A closed period before, its standings written past the verbs: place by letter, the others unranked."""
    now = current_run(ScorePeriod.get(ScorePeriod.key == "2021-Q2"))
    assert now is not None
    row = ScorePeriod.create(
        type=Period.parse(key).type,
        ends_on=Period.parse(key).end,
        programme=world.programme,
        key=key,
        state=PeriodState.FROZEN,
        closed_at=CLOSING - timedelta(days=90),
    )
    values = {"facts": "{}", "facts_sha256": "", "result": "{}", "result_sha256": key, "code_version": "1"}
    run = ScoreRun.create(period=row, rulebook=now.rulebook, number=1, ran_at=CLOSING, **values)
    insert_rows(
        Standing,
        (
            {
                "run": run.id, "unit": unit.id, "unit_name": unit.name, "group_name": "区人民政府",
                "sort": ranks.get(letter, 9), "score": 9500 - ranks.get(letter, 9) * 100, "rank": ranks.get(letter),
            }
            for letter, unit in world.units.items()
        ),
    )  # fmt: skip


def figures(world: World, by: Actor, period: Period = Q2, group: int = 0) -> score_trends.GroupFigures:
    return score_trends.group_figures(world.programme, period, group, 1, by=by, now=CLOSING)


def test_a_first_period_has_no_trend_and_nothing_to_compare_with(client: FlaskClient, world: World) -> None:
    found = figures(world, assessor(world))
    assert score_charts.group_trend(world.programme, found) is None
    assert score_charts.place_changes(world.programme, found) is None
    login(client, world.assessor, CLOSING)
    page = client.get(f"/p/{world.programme.id}/periods/2021-Q2/figures?lang=en").text
    assert "This is the first period." in page
    assert "There is no earlier period to compare with." in page
    assert client.get(f"/p/{world.programme.id}/periods/2021-Q2/figures/trend.svg").status_code == 404


def test_places_won_and_lost_are_counted_against_the_closed_period_before(database: Database) -> None:
    world = closed()
    close_earlier(world, A=3, B=2, C=1)
    moves = figures(world, assessor(world)).moves
    assert [(one.unit_name[:2], one.before, one.after, one.won) for one in moves] == [
        ("东湖", 3, 1, 2),
        ("硚西", 2, 2, 0),
        ("璠溪", 1, 3, -2),
    ]


def test_only_periods_of_the_same_kind_are_compared(world: World) -> None:
    close_earlier(world, "2020", A=3)
    assert figures(world, assessor(world)).before is None


def test_the_heat_map_gives_the_share_of_the_points_and_tells_what_does_not_apply_from_zero(
    world: World,
) -> None:
    found = figures(world, assessor(world))
    keys = [one.key for one in found.indicators]
    share = {one.unit_name[:2]: dict(zip(keys, one.shares, strict=True)) for one in found.shares}
    assert share["东湖"]["report_timeliness"] == 96  # 11.50 of 12
    assert share["璠溪"]["on_time_closure"] is None  # no task of its own was due
    assert {one.key for one in found.silent}.isdisjoint(keys)
    assert found.silent  # publicity: nobody has recorded any


@pytest.mark.parametrize(
    ("points", "weight", "percent"),
    [("9.99", "10", 99), ("10", "10", 100), ("0.01", "10", 1), ("0", "10", 0), (None, "10", None), ("0", "0", None)],
)  # fmt: skip
def test_a_share_is_whole_only_where_nothing_was_lost(
    points: str | None, weight: str, percent: int | None
) -> None:
    assert part_earned(None if points is None else Decimal(points), Decimal(weight)) == percent


def test_a_spread_is_told_from_enough_values_on_only() -> None:
    values = [Decimal(one) for one in ("90.01", "80", "95", "70.02")]
    assert spread(values, least=4) == Spread(4, Decimal("70.02"), Decimal("85.01"), Decimal(95))
    assert spread(values, least=5) is None


def test_a_unit_sees_its_own_way_and_no_other_before_publication(world: World) -> None:
    close_earlier(world, A=3, B=2, C=1)
    by = liaison(world, "A")
    assert [one.unit_id for one in figures(world, by).units] == [world.units["A"].id]
    trend = score_trends.own_trend(world.programme, Q2, world.units["A"].id, by=by, now=CLOSING)
    assert [(one.score, one.rank) if one else None for one in trend.points] == [(9200, 3), (9301, 1)]
    assert trend.spreads == (None, None)  # three units in the group: least and greatest would name somebody
    with pytest.raises(NotFound):
        score_trends.own_trend(world.programme, Q2, world.units["B"].id, by=by, now=CLOSING)


def test_where_tiers_only_were_published_no_place_is_drawn(world: World) -> None:
    close_earlier(world, A=3, B=2, C=1)
    quarters.publish(world.programme, assessor(world), Reach.UNITS, ranked=False)
    found = figures(world, liaison(world, "A"))
    assert [one.after for one in found.moves] == [None]
    assert [point.rank if point else None for point in found.units[0].points] == [3, None]
    assert figures(world, assessor(world)).units[0].points[-1].rank == 1  # type: ignore[union-attr]


def test_the_page_costs_the_same_however_many_units_and_periods_there_are(
    client: FlaskClient, world: World, sqlite: Database
) -> None:
    close_earlier(world, A=3, B=2, C=1)
    login(client, world.assessor, CLOSING)
    address = f"/p/{world.programme.id}/periods/2021-Q2/figures"
    client.get(address)
    run = current_run(ScorePeriod.get(ScorePeriod.key == "2021-Q2"))
    with count_queries(sqlite) as few:
        assert client.get(address).status_code == 200
    for number in range(score_trends.UNITS):
        unit = builders.unit(f"第{number}街道办事处")
        Standing.create(run=run, unit=unit, unit_name=unit.name, group_name="区人民政府", sort=90 + number)
    close_earlier(world, "2020-Q4", A=1)
    with count_queries(sqlite) as many:
        page = client.get(f"{address}?lang=en").text
    assert len(many) == len(few)
    assert len(re.findall(r'<th scope="row">', page)) == 3 * score_trends.UNITS
    assert "Page 1 of 2 of this group" in page
    assert client.get(f"{address}?page=3").status_code == 404
    assert client.get(f"{address}?group=7").status_code == 404


@pytest.mark.parametrize(
    "content",
    [
        TrendChart(
            "走势", ("2021年\n第一季度", "2021年\n第二季度"),
            (
                TrendPanel("得分", (TrendLine("甲", (None, Decimal(93)), ("", "93.00")),), subject=True,
                           low=(None, Decimal(70)), middle=(None, Decimal(80)), high=(None, Decimal(95))),
                TrendPanel("名次", tuple(TrendLine(f"第{n}街道", (Decimal(n), Decimal(9 - n))) for n in range(1, 9)),
                           places=True),
            ),
        ),
        HeatChart("得分率", ("任务完成率", "群众满意度"), (HeatRow("甲", (100, None)), HeatRow("乙", (0, 63)))),
    ],
)  # fmt: skip
def test_the_pictures_need_no_font_and_repeat_their_bytes(content: TrendChart | HeatChart) -> None:
    svg = draw_chart(content)
    assert b"<text" not in svg
    assert svg.count(b"<use ") > 20
    assert draw_chart(content) == svg
