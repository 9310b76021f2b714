"""Scores over periods as pictures with their tables: trend, shares of points by indicator, places won and lost."""

from __future__ import annotations

from flask import Blueprint, Response, render_template, request

from supervisor.core import score_charts, score_pages, score_trends
from supervisor.core.permissions import Permission
from supervisor.core.score_trends import GroupFigures
from supervisor.core.scored_periods import scored_period
from supervisor.errors import NotFound
from supervisor.web import guard
from supervisor.web.guard import requires
from supervisor.web.pictures import picture

blueprint = Blueprint("score_figures", __name__, url_prefix="/p/<int:programme_id>/periods/<key>")

PICTURES = {
    "trend": score_charts.group_trend,
    "heat": score_charts.heat_map,
    "changes": score_charts.place_changes,
}


@blueprint.get("/figures")
@requires(Permission.SCORE_READ)
def show(programme_id: int, key: str) -> str:
    """One page of one group: the three pictures, each with its table beneath."""
    figures = _figures(key)
    return render_template(
        "scores/figures.html",
        figures=figures,
        drawn={name: draw(guard.programme(), figures) is not None for name, draw in PICTURES.items()},
        own_unit=score_pages.own_unit(guard.actor()),
    )


@blueprint.get("/figures/<name>.svg")
@requires(Permission.SCORE_READ)
def chart(programme_id: int, key: str, name: str) -> Response:
    """One of the pictures of a group's page."""
    if name not in PICTURES:
        raise NotFound
    return picture(PICTURES[name](guard.programme(), _figures(key)), f"scores-{name}")


@blueprint.get("/places.svg")
@requires(Permission.SCORE_READ)
def places(programme_id: int, key: str) -> Response:
    """Places won and lost in all groups, where they fit into one picture."""
    ranking = score_pages.ranking(guard.programme(), scored_period(key), by=guard.actor(), now=guard.now())
    changes = score_trends.changes_of(guard.programme(), ranking, by=guard.actor(), now=guard.now())
    content = score_charts.all_changes(guard.programme(), changes, ranking.period) if changes else None
    return picture(content, "scores-places")


@blueprint.get("/units/<int:unit_id>/trend.svg")
@requires(Permission.SCORE_READ)
def own_trend(programme_id: int, key: str, unit_id: int) -> Response:
    """One unit's score and place over periods."""
    trend = score_trends.own_trend(
        guard.programme(), scored_period(key), unit_id, by=guard.actor(), now=guard.now()
    )
    return picture(score_charts.own_trend(guard.programme(), trend), "scores-unit")


def _figures(key: str) -> GroupFigures:
    group, page = (request.args.get(name, default, type=int) for name, default in (("group", 0), ("page", 1)))
    return score_trends.group_figures(
        guard.programme(), scored_period(key), group, page, by=guard.actor(), now=guard.now()
    )
