"""Scores and places over periods, shares of points by indicator, and places won and lost: reads, bounded by a group.

Each figure is asked of the same query as page and sheet (`standings_visible_to`), period by period: what of an earlier
one was never opened to the reader is left out of the trend as well.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from peewee import fn

from scoring.spreads import Spread, part_earned, spread
from supervisor.core import published
from supervisor.core.periods import Period
from supervisor.core.permissions import Actor
from supervisor.core.score_pages import Ranking, shown_period, standings_visible_to
from supervisor.core.scored_periods import scored_period
from supervisor.errors import NotFound
from supervisor.models import PeriodState, Programme, ScoreLine, ScorePeriod, ScoreRun, Standing
from supervisor.models.base import rows_of

#: Periods in a trend, the shown one included: two years of quarters.
PERIODS = 8
#: Units in one picture; larger groups have pages.
UNITS = 30
#: A group's spread is shown from so many scored units on: with fewer, least and greatest would name somebody.
ENOUGH = 6


@dataclass(frozen=True)
class Column:
    """A period of a trend with the run that counts (without its long texts)."""

    period: Period
    row: ScorePeriod
    run: ScoreRun
    #: Whether the reader is shown places of this period.
    shows_places: bool

    @property
    def is_preliminary(self) -> bool:
        """Whether it may still change by appeals."""
        return self.row.state is PeriodState.PRELIMINARY


@dataclass(frozen=True)
class Point:
    """A unit in one period: score in hundredths, place or None, and how many were ranked in its group."""

    score: int | None
    rank: int | None
    size: int


@dataclass(frozen=True)
class UnitTrend:
    """One unit over the columns; None where the reader sees nothing of it."""

    unit_id: int
    unit_name: str
    points: tuple[Point | None, ...]


@dataclass(frozen=True)
class Shares:
    """One unit's percent of points by indicator; None = does not apply."""

    unit_id: int
    unit_name: str
    shares: tuple[int | None, ...]


@dataclass(frozen=True)
class Indicator:
    """A column of the heat map; `weight` in hundredths."""

    key: str
    title: str
    title_en: str
    weight: int


@dataclass(frozen=True)
class PlaceMove:
    """A unit's place in the period before and now; None where it had none."""

    unit_id: int
    unit_name: str
    before: int | None
    after: int | None

    @property
    def won(self) -> int | None:
        """Places won (more than 0) or lost; None without a place on both sides."""
        return None if self.before is None or self.after is None else self.before - self.after


@dataclass(frozen=True)
class GroupFigures:
    """One page of one group: what the three pictures and their tables show."""

    period: Period
    names: tuple[str, ...]
    group: int
    page: int
    pages: int
    columns: tuple[Column, ...]
    units: tuple[UnitTrend, ...]
    indicators: tuple[Indicator, ...]
    shares: tuple[Shares, ...]
    #: Indicators that apply to none of the shown units: named, not drawn.
    silent: tuple[Indicator, ...]
    #: None where no period of this kind was closed before.
    before: Column | None
    moves: tuple[PlaceMove, ...]

    @property
    def name(self) -> str:
        """The group's name."""
        return self.names[self.group]


@dataclass(frozen=True)
class Changes:
    """Places against the closed period before, by group."""

    before: Column
    groups: tuple[tuple[str, tuple[PlaceMove, ...]], ...]

    @property
    def fits(self) -> bool:
        """Whether one picture holds all groups."""
        return 0 < sum(one.won is not None for _, moves in self.groups for one in moves) <= 2 * UNITS


@dataclass(frozen=True)
class OwnTrend:
    """One unit over periods, with its group's spread of scores where the group is large enough."""

    unit_name: str
    columns: tuple[Column, ...]
    points: tuple[Point | None, ...]
    spreads: tuple[Spread | None, ...]

    @property
    def is_drawn(self) -> bool:
        """Whether there are two scores at least, so that there is a way to draw."""
        return sum(point is not None and point.score is not None for point in self.points) > 1


def columns(programme: Programme, period: Period, *, by: Actor, limit: int = PERIODS) -> tuple[Column, ...]:
    """The shown period and the closed ones of the same kind before it, oldest first; a fixed number of queries."""
    slim = (
        ScoreRun.id,
        ScoreRun.number,
        ScoreRun.ran_at,
        ScoreRun.result_sha256,
        ScoreRun.period,
        ScorePeriod,
    )
    shown = (ScorePeriod.key == period.key) & (ScorePeriod.state != PeriodState.OPEN)
    earlier = (ScorePeriod.key < period.key) & (ScorePeriod.state == PeriodState.FROZEN)
    rows = (
        ScoreRun.select(*slim)
        .join(ScorePeriod)
        .where(
            (ScorePeriod.programme == programme)
            & (ScorePeriod.type == period.type)
            & (shown | earlier)
            & (ScoreRun.superseded == False)  # noqa: E712 -- a condition in SQL
        )
        .order_by(ScorePeriod.key.desc())
        .limit(limit)
    )
    return tuple(
        Column(scored_period(run.period.key), run.period, run, published.shows_places(by, run.period))
        for run in reversed(list(rows))
    )


def group_figures(
    programme: Programme, period: Period, group: int, page: int, *, by: Actor, now: datetime
) -> GroupFigures:
    """One page of a group's figures. NotFound for a period, group or page that the reader does not see."""
    found = shown_period(programme, period)
    if found is None:
        raise NotFound
    visible = standings_visible_to(by, *found, now=now)
    names = tuple(dict.fromkeys(one for (one,) in rows_of(visible.select(Standing.group_name))))
    if not 0 <= group < len(names):
        raise NotFound
    standings = list(visible.where(Standing.group_name == names[group]))
    pages = max(1, -(-len(standings) // UNITS))
    if not 1 <= page <= pages:
        raise NotFound
    shown = standings[(page - 1) * UNITS : page * UNITS]
    over = columns(programme, period, by=by)
    points = _points(over, [row.unit_id for row in shown], by, now)
    earlier = [one for one in over if one.period != period]
    indicators, silent, shares = _shares(found[1], shown)
    return GroupFigures(
        period=period,
        names=names,
        group=group,
        page=page,
        pages=pages,
        columns=over,
        units=tuple(
            UnitTrend(one.unit_id, one.unit_name, tuple(points[c.run.id].get(one.unit_id) for c in over))
            for one in shown
        ),
        indicators=indicators,
        shares=shares,
        silent=silent,
        before=earlier[-1] if earlier else None,
        moves=_moves(shown, over[-1], points[earlier[-1].run.id]) if earlier else (),
    )


def own_trend(programme: Programme, period: Period, unit_id: int, *, by: Actor, now: datetime) -> OwnTrend:
    """One unit over periods. NotFound for a unit that the reader does not see in the shown period."""
    over = columns(programme, period, by=by)
    seen = _points(over, [unit_id], by, now)
    points = [seen[one.run.id].get(unit_id) for one in over]
    if not over or over[-1].period != period or points[-1] is None:
        raise NotFound
    name = Standing.get((Standing.run == over[-1].run) & (Standing.unit == unit_id)).unit_name
    spreads = _spreads(list(seen), unit_id)
    return OwnTrend(name, over, tuple(points), tuple(spreads.get(one.run.id) for one in over))


def changes_of(programme: Programme, ranking: Ranking, *, by: Actor, now: datetime) -> Changes | None:
    """Places of a ranking against the closed period before, as the reader sees both; None where there is none."""
    found = columns(programme, ranking.period, by=by, limit=2)
    if len(found) < 2 or found[-1].period != ranking.period:
        return None
    before, after = found
    rows = [one for group in ranking.groups for one in group.standings]
    past = _points([before], [one.unit_id for one in rows], by, now)[before.run.id]
    groups = tuple((group.name, _moves(group.standings, after, past)) for group in ranking.groups)
    return Changes(before, groups)


def _points(
    over: Iterable[Column], unit_ids: list[int], by: Actor, now: datetime
) -> dict[int, dict[int, Point]]:
    """By run and unit, what the reader sees. Own units and everybody's for who sees all cost no query a column."""
    columns_by_run = {one.run.id: one for one in over}
    mine = Standing.run.in_(list(columns_by_run)) & Standing.unit.in_(unit_ids)
    rows = rows_of(
        Standing.select(
            Standing.run, Standing.unit, Standing.score, Standing.rank, Standing.group_name
        ).where(mine)
    )
    sizes = _sizes(list(columns_by_run), {row[4] for row in rows})
    found: dict[int, dict[int, Point]] = {run: {} for run in columns_by_run}
    opened = {run: _opened(one, unit_ids, by, now) for run, one in columns_by_run.items()}
    for run, unit, score, rank, group in rows:
        if unit in opened[run]:
            place = rank if columns_by_run[run].shows_places else None
            found[run][unit] = Point(score, place, sizes.get((run, group), 0))
    return found


def _opened(column: Column, unit_ids: list[int], by: Actor, now: datetime) -> set[int]:
    """Which of the units the reader sees in one period: asked of the query that the pages ask."""
    others = set(unit_ids) - by.unit_ids
    if by.sees_all or not others:
        return set(unit_ids)
    visible = standings_visible_to(by, column.row, column.run, now=now).select(Standing.unit)
    return {unit for (unit,) in rows_of(visible.where(Standing.unit.in_(unit_ids)))}


def _sizes(runs: list[int], groups: set[str]) -> dict[tuple[int, str], int]:
    """How many units were ranked, by run and group."""
    ranked = Standing.run.in_(runs) & Standing.group_name.in_(sorted(groups)) & ~Standing.rank.is_null()
    counted = Standing.select(Standing.run, Standing.group_name, fn.COUNT(Standing.id)).where(ranked)
    return {
        (run, name): count
        for run, name, count in rows_of(counted.group_by(Standing.run, Standing.group_name))
    }


def _moves(standings: Iterable[Standing], now: Column, past: Mapping[int, Point]) -> tuple[PlaceMove, ...]:
    return tuple(
        PlaceMove(
            one.unit_id,
            one.unit_name,
            past[one.unit_id].rank if one.unit_id in past else None,
            one.rank if now.shows_places else None,
        )
        for one in standings
    )


def _shares(
    run: ScoreRun, standings: list[Standing]
) -> tuple[tuple[Indicator, ...], tuple[Indicator, ...], tuple[Shares, ...]]:
    fields = (
        ScoreLine.unit,
        ScoreLine.indicator,
        ScoreLine.title,
        ScoreLine.title_en,
        ScoreLine.weight,
        ScoreLine.points,
    )
    mine = (ScoreLine.run == run) & (ScoreLine.part == "indicator")
    mine &= ScoreLine.unit.in_([one.unit_id for one in standings])
    columns: dict[str, Indicator] = {}
    cells: dict[tuple[int, str], int | None] = {}
    for unit, key, title, title_en, weight, points in rows_of(
        ScoreLine.select(*fields).where(mine).order_by(ScoreLine.sort)
    ):
        columns.setdefault(key, Indicator(key, title, title_en, weight))
        cells[unit, key] = part_earned(exact_points(points), Decimal(weight).scaleb(-2))
    told = {key for (_, key), share in cells.items() if share is not None}
    drawn = [one for key, one in columns.items() if key in told]
    rows = tuple(
        Shares(one.unit_id, one.unit_name, tuple(cells.get((one.unit_id, column.key)) for column in drawn))
        for one in standings
    )
    return tuple(drawn), tuple(one for key, one in columns.items() if key not in told), rows


def _spreads(runs: list[int], unit_id: int) -> dict[int, Spread | None]:
    """By run, the spread of scores in the group in which the unit stood; None for small groups."""
    own = Standing.alias()
    scored = (
        Standing.select(Standing.run, Standing.score)
        .join(own, on=(own.run == Standing.run) & (own.group_name == Standing.group_name))
        .where(Standing.run.in_(runs) & (own.unit == unit_id) & ~Standing.score.is_null())
    )
    found: dict[int, list[Decimal]] = {}
    for run, score in rows_of(scored):
        found.setdefault(run, []).append(Decimal(score).scaleb(-2))
    return {run: spread(scores, least=ENOUGH) for run, scores in found.items()}


def exact_points(hundredths: int | None) -> Decimal | None:
    """Stored hundredths as points."""
    return None if hundredths is None else Decimal(hundredths).scaleb(-2)
