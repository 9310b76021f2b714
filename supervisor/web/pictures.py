"""A chart as an answer: SVG drawn once for each state of its data (D27), under a policy that lets it do nothing."""

from __future__ import annotations

from flask import Response

from supervisor.documents.chart import ChartFailed, Content, draw_once
from supervisor.errors import NotFound
from supervisor.web import guard
from supervisor.words import N_

POLICY = "default-src 'none'; style-src 'unsafe-inline'; sandbox"


def picture(content: Content | None, name: str) -> Response:
    """The chart, kept under `name`. NotFound where there is nothing to draw, or the drawing failed."""
    if content is None:
        raise NotFound
    try:
        drawn = draw_once(content, guard.config().data / "charts", name)
    except ChartFailed as error:
        raise NotFound(N_("The chart could not be drawn. The table says the same.")) from error
    answer = Response(drawn, mimetype="image/svg+xml")
    answer.headers["Content-Security-Policy"] = POLICY
    return answer
