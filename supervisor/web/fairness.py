"""The fairness view of a period, for the assessor alone, before anything is published."""

from __future__ import annotations

from flask import Blueprint, Response, render_template

from supervisor.core import fairness
from supervisor.core.periods import Period
from supervisor.core.permissions import Permission
from supervisor.core.scored_periods import scored_period
from supervisor.documents.chart import ChartFailed, draw_once
from supervisor.errors import NotFound
from supervisor.web import guard
from supervisor.web.guard import requires
from supervisor.web.languages import locale
from supervisor.words import N_

blueprint = Blueprint("fairness", __name__)


@blueprint.get("/p/<int:programme_id>/periods/<key>/fairness")
@requires(Permission.PERIOD_CLOSE)
def show(programme_id: int, key: str) -> str:
    """Warnings, where points are lost, and what goes with what."""
    seen, english = _seen(key), locale() == "en"
    return render_template(
        "scores/fairness.html",
        seen=seen,
        cautions=fairness.cautions(guard.programme(), seen, english=english),
        has_chart=fairness.chart_of(guard.programme(), seen) is not None,
        title_of=lambda loss: fairness.title_of(loss, english=english),
        what_of=fairness.what_of,
        group_of=fairness.group_of,
    )


@blueprint.get("/p/<int:programme_id>/periods/<key>/fairness.svg")
@requires(Permission.PERIOD_CLOSE)
def chart(programme_id: int, key: str) -> Response:
    """Points lost by cause and group as a picture, drawn once for each state of its data (D27)."""
    content = fairness.chart_of(guard.programme(), _seen(key))
    if content is None:
        raise NotFound
    try:
        drawn = draw_once(content, guard.config().data / "charts", "fairness")
    except ChartFailed as error:
        raise NotFound(N_("The chart could not be drawn. The table says the same.")) from error
    answer = Response(drawn, mimetype="image/svg+xml")
    answer.headers["Content-Security-Policy"] = "default-src 'none'; style-src 'unsafe-inline'; sandbox"
    return answer


def _seen(key: str) -> fairness.View:
    period: Period = scored_period(key)
    if period.start > guard.today():
        raise NotFound
    return fairness.view(guard.programme(), period, by=guard.actor(), now=guard.now())
