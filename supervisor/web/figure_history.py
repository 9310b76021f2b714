"""The history of one figure: who, when, from what."""

from __future__ import annotations

from flask import Blueprint, render_template, request

from supervisor.core import figure_history
from supervisor.core.permissions import Permission
from supervisor.core.scored_periods import scored_period
from supervisor.web import guard
from supervisor.web.guard import requires

blueprint = Blueprint("figure_history", __name__)


@blueprint.get("/p/<int:programme_id>/periods/<key>/units/<int:unit_id>/history")
@requires(Permission.SCORE_READ)
def show(programme_id: int, key: str, unit_id: int) -> str:
    """Everything that happened to a unit's score, or to one line of it (`?line=part.indicator`)."""
    found = figure_history.history(
        guard.programme(),
        scored_period(key),
        unit_id,
        request.args.get("line", ""),
        by=guard.actor(),
        now=guard.now(),
    )
    return render_template("scores/history.html", found=found, sheet=found.sheet)
