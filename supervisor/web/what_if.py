"""What if another rulebook held: the page, its chart and its papers. For the assessor; nothing is stored."""

from __future__ import annotations

from flask import Blueprint, Response, render_template, request

from supervisor.core import rulebooks, what_if, what_if_papers
from supervisor.core.permissions import Permission
from supervisor.core.what_if import Choice, Trial, Tried
from supervisor.documents.chart import ChartFailed, draw_once
from supervisor.errors import Invalid, NotFound
from supervisor.web import guard
from supervisor.web.exports import sent
from supervisor.web.guard import requires
from supervisor.web.languages import locale
from supervisor.words import N_

blueprint = Blueprint("what_if", __name__, url_prefix="/p/<int:programme_id>/rulebooks/what-if")
Page = str | tuple[str, int]
PICTURE_POLICY = "default-src 'none'; style-src 'unsafe-inline'; sandbox"


@blueprint.get("")
@requires(Permission.PERIOD_CLOSE)
def show(programme_id: int) -> Page:
    """Two rulebooks on the last closed periods; without a choice the first proposal."""
    try:
        trial = _trial(_chosen(programme_id))
    except Invalid as error:  # a draft that is no rulebook yet
        return render_template("rulebooks/untried.html", errors=error.fields), 422
    shown, english = trial.period(request.args.get("period", "")), locale() == "en"
    return render_template(
        "rulebooks/what_if.html",
        trial=trial,
        shown=shown,
        choices=what_if.choices(programme_id),
        summary=what_if_papers.summary_words,
        why=lambda move: what_if_papers.move_words(move, english=english),
        problem_words=what_if_papers.problem_words,
        silent=lambda found: what_if_papers.silent_words(found, english=english),
    )


@blueprint.get("/chart.svg")
@requires(Permission.PERIOD_CLOSE)
def chart(programme_id: int) -> Response:
    """Changed places of one period as a picture, drawn once for each state of its data (D27)."""
    tried = _trial(_chosen(programme_id)).period(request.args.get("period", ""))
    try:
        drawn = _drawn(tried) if tried else b""
    except ChartFailed as error:
        raise NotFound(N_("The chart could not be drawn. The table says the same.")) from error
    if not drawn:
        raise NotFound
    answer = Response(drawn, mimetype="image/svg+xml")
    answer.headers["Content-Security-Policy"] = PICTURE_POLICY
    return answer


@blueprint.get("/comparison.<kind>")
@requires(Permission.PERIOD_CLOSE)
def export(programme_id: int, kind: str) -> Response:
    """The trial as a Word document or a workbook."""
    if kind not in {"docx", "xlsx"}:
        raise NotFound
    trial = _trial(_chosen(programme_id))
    return sent(what_if_papers.export(guard.programme(), trial, kind, by=guard.actor(), now=guard.now()))


def _chosen(programme_id: int) -> Choice:
    return what_if.choice(programme_id, request.args.get("with") or rulebooks.FIRST_CHOICE)


def _trial(other: Choice) -> Trial:
    programme, key = guard.programme(), request.args.get("base", "")
    base = what_if.choice(programme.id, key) if key else None
    return what_if.try_out(programme, base, other, by=guard.actor())


def _drawn(tried: Tried) -> bytes:
    """The picture; nothing where no unit is ranked on both sides."""
    content = what_if_papers.chart_of(guard.programme(), tried)
    if not any(panel.units for panel in content.panels):
        return b""
    return draw_once(content, guard.config().data / "charts", "what-if")
