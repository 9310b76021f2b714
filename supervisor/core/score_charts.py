"""Pictures of scores over periods as content: trend, heat map, places won and lost. Chinese, as on official papers."""

from __future__ import annotations

from decimal import Decimal

from supervisor.core.periods import Period
from supervisor.core.score_trends import (
    ENOUGH,
    Changes,
    Column,
    GroupFigures,
    OwnTrend,
    PlaceMove,
    Point,
    UnitTrend,
    exact_points,
)
from supervisor.documents.content import (
    ChangeChart,
    ChangedPlace,
    ChangePanel,
    HeatChart,
    HeatRow,
    TrendChart,
    TrendLine,
    TrendPanel,
)
from supervisor.models import Programme

SCORE, PLACE = "得分", "名次"


def group_trend(programme: Programme, figures: GroupFigures) -> TrendChart | None:
    """Scores and places of one page of a group; None with fewer than two periods."""
    if len(figures.columns) < 2:
        return None
    scores = tuple(_line(one, _scores(one.points)) for one in figures.units)
    places = tuple(_line(one, _places(one.points)) for one in figures.units)
    panels = [
        TrendPanel(name, lines, places=name == PLACE)
        for name, lines in ((SCORE, scores), (PLACE, places))
        if any(value is not None for line in lines for value in line.values)
    ]
    if not panels:
        return None
    return TrendChart(
        f"{programme.name}得分与名次走势（{_group_of(figures)}）", _names(figures.columns), tuple(panels)
    )


def own_trend(programme: Programme, trend: OwnTrend) -> TrendChart | None:
    """One unit's score with its group's spread, and its place; None with fewer than two scores."""
    if not trend.is_drawn:
        return None
    scores, places = _scores(trend.points), _places(trend.points)
    shown = any(spread is not None for spread in trend.spreads)
    panels = [
        TrendPanel(
            SCORE,
            (
                TrendLine(
                    trend.unit_name, scores, tuple("" if one is None else f"{one:.2f}" for one in scores)
                ),
            ),
            note="灰色为组内最低至最高，虚线为中位" if shown else f"组内不足{ENOUGH}个单位的，不显示组内分布",
            subject=True,
            low=tuple(one.low if one else None for one in trend.spreads),
            middle=tuple(one.middle if one else None for one in trend.spreads),
            high=tuple(one.high if one else None for one in trend.spreads),
        )
    ]
    if any(place is not None for place in places):
        said = tuple("" if p is None or p.rank is None else f"{p.rank}/{p.size}" for p in trend.points)
        lines = (TrendLine(trend.unit_name, places, said),)
        panels.append(TrendPanel(PLACE, lines, note="组内名次/参加排名的单位数", places=True, subject=True))
    return TrendChart(
        f"{trend.unit_name}得分与名次走势（{programme.name}）", _names(trend.columns), tuple(panels)
    )


def heat_map(programme: Programme, figures: GroupFigures) -> HeatChart | None:
    """Units by indicators; None where no indicator gave anybody points."""
    if not figures.indicators:
        return None
    silent = "、".join(one.title for one in figures.silent)
    return HeatChart(
        f"{programme.name}{figures.period.official_name}各项得分率（{_group_of(figures)}）",
        tuple(one.title for one in figures.indicators),
        tuple(HeatRow(one.unit_name, one.shares) for one in figures.shares),
        f"本组均不适用：{silent}。" if silent else "",
    )


def place_changes(programme: Programme, figures: GroupFigures) -> ChangeChart | None:
    """Places against the closed period before; None where there is none, or nobody was ranked in both."""
    if figures.before is None:
        return None
    panel = _change_panel(_group_of(figures), figures.moves)
    return _change_chart(programme, figures.before.period, figures.period, (panel,)) if panel.units else None


def all_changes(programme: Programme, changes: Changes, period: Period) -> ChangeChart | None:
    """Places of all groups, a panel each; None where nobody was ranked in both, or one picture cannot hold them."""
    if not changes.fits:
        return None
    panels = tuple(_change_panel(name, moves) for name, moves in changes.groups)
    return _change_chart(
        programme, changes.before.period, period, tuple(panel for panel in panels if panel.units)
    )


def _change_chart(
    programme: Programme, before: Period, after: Period, panels: tuple[ChangePanel, ...]
) -> ChangeChart:
    """Panels of changed places under their title."""
    title = f"{programme.name}{after.official_name}名次变化"
    return ChangeChart(title, before.official_name, after.official_name, panels, columns=min(2, len(panels)))


def _change_panel(name: str, moves: tuple[PlaceMove, ...]) -> ChangePanel:
    """One group's changed places; who was not ranked both times stands in the table only."""
    units = tuple(
        ChangedPlace(one.unit_name, one.before, one.after)
        for one in moves
        if one.before is not None and one.after is not None
    )
    left_out = len(moves) - len(units)
    return ChangePanel(name, units, f"另有{left_out}个单位两期未同时排名" if left_out else "")


def _group_of(figures: GroupFigures) -> str:
    return figures.name if figures.pages == 1 else f"{figures.name}，第{figures.page}页共{figures.pages}页"


def _names(columns: tuple[Column, ...]) -> tuple[str, ...]:
    """Each period's name in two lines: the year above."""
    said = []
    for one in columns:
        year, _, rest = one.period.official_name.partition("年")
        mark = "（初评）" if one.is_preliminary else ""
        said.append(f"{year}年\n{rest}{mark}".strip())
    return tuple(said)


def _scores(points: tuple[Point | None, ...]) -> tuple[Decimal | None, ...]:
    return tuple(exact_points(one.score) if one else None for one in points)


def _places(points: tuple[Point | None, ...]) -> tuple[Decimal | None, ...]:
    return tuple(None if one is None or one.rank is None else Decimal(one.rank) for one in points)


def _line(one: UnitTrend, values: tuple[Decimal | None, ...]) -> TrendLine:
    return TrendLine(one.unit_name, values)
