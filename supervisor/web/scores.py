"""Scores: periods, the ranking, a unit's sheet. Every point is at most two clicks from its record."""

from __future__ import annotations

from datetime import datetime

from flask import Blueprint, Response, flash, make_response, redirect, render_template, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response as BaseResponse

from supervisor.core import (
    appeal_pages,
    completeness,
    fact_assessors,
    gathered_facts,
    rulebooks,
    score_corrections,
    score_explanations,
    score_pages,
    score_papers,
    score_parts,
    score_scope,
    score_sheet,
    score_trends,
    score_years,
    scores,
)
from supervisor.core.periods import Period
from supervisor.core.permissions import Permission
from supervisor.core.scored_periods import scored_period
from supervisor.documents.chart import ChartFailed
from supervisor.errors import Invalid, NotFound, Obstacle
from supervisor.models import ScoreCorrection
from supervisor.web import guard
from supervisor.web.guard import once, requires
from supervisor.words import N_

blueprint = Blueprint("scores", __name__)


@blueprint.get("/p/<int:programme_id>/periods")
@requires(Permission.SCORE_READ)
def index(programme_id: int) -> str:
    """The periods, newest first."""
    programme = guard.programme()
    return render_template(
        "scores/index.html",
        periods=score_pages.periods(programme, by=guard.actor(), now=guard.now()),
        has_rulebook=bool(rulebooks.versions(programme_id)),
        own_unit=score_pages.own_unit(guard.actor()),
        enters_facts=guard.actor().sees_all
        or bool(fact_assessors.forms_in_charge(guard.actor(), programme_id)),
    )


@blueprint.get("/p/<int:programme_id>/years/<int:year>")
@requires(Permission.SCORE_READ)
def year(programme_id: int, year: int) -> str:
    """A year at a glance: every unit in every period of it, and what open periods wait for."""
    found = score_years.year_view(guard.programme(), year, by=guard.actor(), now=guard.now())
    return render_template("scores/year.html", found=found, own_unit=score_pages.own_unit(guard.actor()))


@blueprint.get("/p/<int:programme_id>/periods/<key>")
@requires(Permission.SCORE_READ)
def period(programme_id: int, key: str) -> str:
    """A closed period's ranking, or what an open one is waiting for."""
    when = scored_period(key)
    if score_pages.shown_period(guard.programme(), when) is None:
        return _open_books(when)
    return _ranking_of(when)


@blueprint.post("/p/<int:programme_id>/periods/<key>/close")
@requires(Permission.PERIOD_CLOSE)
def close(programme_id: int, key: str) -> BaseResponse:
    """Close the books of a period."""
    when = scored_period(key)
    answer = url_for("scores.period", programme_id=programme_id, key=key)
    if not request.form.get("confirm"):
        raise Invalid(N_("Please confirm by the checkbox that you have read what will happen."))
    with once(answer=answer, alone=True):
        scores.close(guard.programme(), when, by=guard.actor(), now=guard.now())
    flash(_("The books are closed. The ranking below will not change any more."), "done")
    return redirect(answer, 303)


@blueprint.post("/p/<int:programme_id>/periods/<key>/preliminary")
@requires(Permission.PERIOD_CLOSE)
def show_preliminary(programme_id: int, key: str) -> BaseResponse:
    """Show each unit its preliminary sheet."""
    when = scored_period(key)
    answer = url_for("scores.period", programme_id=programme_id, key=key)
    if not request.form.get("confirm"):
        raise Invalid(N_("Please confirm by the checkbox that you have read what will happen."))
    with once(answer=answer, alone=True):
        scores.show_preliminary(guard.programme(), when, by=guard.actor(), now=guard.now())
    flash(_("Each unit sees its own sheet now, and has been told until when it may appeal."), "done")
    return redirect(answer, 303)


@blueprint.post("/p/<int:programme_id>/periods/<key>/again")
@requires(Permission.PERIOD_CLOSE)
def run_again(programme_id: int, key: str) -> BaseResponse:
    """Run a preliminary period again after a record was corrected."""
    when, reason = scored_period(key), request.form.get("reason", "")
    answer = url_for("scores.period", programme_id=programme_id, key=key)
    try:
        with once(answer=answer, alone=True):
            scores.run_again(guard.programme(), when, reason=reason, by=guard.actor(), now=guard.now())
    except Invalid as error:
        return make_response(_ranking_of(when, errors=error.fields, reason=reason), 422)
    flash(_("The period was run again; units whose result moved have been told."), "done")
    return redirect(answer, 303)


@blueprint.post("/p/<int:programme_id>/periods/<key>/corrections")
@requires(Permission.PERIOD_CLOSE)
def propose_correction(programme_id: int, key: str) -> BaseResponse:
    """Propose to correct a closed period; a second person carries it out."""
    when, reason = scored_period(key), request.form.get("reason", "")
    answer = url_for("scores.period", programme_id=programme_id, key=key)
    try:
        with once(answer=answer):
            score_corrections.propose_correction(
                guard.programme(), when, reason=reason, by=guard.actor(), now=guard.now()
            )
    except Invalid as error:
        return make_response(_ranking_of(when, errors=error.fields, reason=reason), 422)
    flash(_("Proposed. A second person carries it out or refuses it."), "done")
    return redirect(answer, 303)


@blueprint.post("/p/<int:programme_id>/corrections/<int:correction_id>")
@requires(Permission.CORRECTION_DECIDE)
def decide_correction(programme_id: int, correction_id: int) -> BaseResponse:
    """The second person carries a correction out, or refuses it with the reason."""
    correction = score_corrections.in_programme(correction_id, programme_id)
    when = scored_period(correction.period.key)
    answer = url_for("scores.period", programme_id=programme_id, key=when.key)
    try:
        with once(answer=answer, alone=True):
            said = _decide_correction(correction)
    except Invalid as error:
        return make_response(_ranking_of(when, errors=error.fields), 422)
    flash(said, "done")
    return redirect(answer, 303)


def _decide_correction(correction: ScoreCorrection) -> str:
    if request.form.get("verdict") == "refuse":
        score_corrections.refuse_correction(
            correction, reason=request.form.get("refusal", ""), by=guard.actor(), now=guard.now()
        )
        return str(_("Refused. The period stays as it is."))
    score_corrections.carry_out(correction, guard.programme(), by=guard.actor(), now=guard.now())
    return str(
        _("The period was run again; the run before is kept, and units whose result moved have been told.")
    )


@blueprint.get("/p/<int:programme_id>/periods/<key>/units/<int:unit_id>")
@requires(Permission.SCORE_READ)
def sheet(programme_id: int, key: str, unit_id: int) -> str:
    """Why one unit has its score: every line, its rule, its arithmetic, its records."""
    found = score_sheet.sheet(
        guard.programme(), scored_period(key), unit_id, by=guard.actor(), now=guard.now()
    )
    return render_template(
        "scores/sheet.html",
        sheet=found,
        trend=score_trends.own_trend(
            guard.programme(), found.period, unit_id, by=guard.actor(), now=guard.now()
        ),
        ENOUGH=score_trends.ENOUGH,
        explained=score_explanations.explain(found),
        cutoff=score_papers.cutoff(found.period, found.run, found.row.closed_at),
    )


@blueprint.get("/p/<int:programme_id>/periods/<key>/chart.svg")
@requires(Permission.SCORE_READ)
def chart(programme_id: int, key: str) -> Response:
    """The ranking as a picture, drawn once for each state of its data (D27)."""
    ranking = score_pages.ranking(guard.programme(), scored_period(key), by=guard.actor(), now=guard.now())
    if not ranking.is_whole:
        raise NotFound
    try:
        drawn = score_papers.chart_svg(guard.programme(), ranking, guard.config().data / "charts")
    except ChartFailed as error:
        raise NotFound(N_("The chart could not be drawn. The table says the same.")) from error
    answer = Response(drawn, mimetype="image/svg+xml")
    answer.headers["Content-Security-Policy"] = "default-src 'none'; style-src 'unsafe-inline'; sandbox"
    return answer


def _open_books(when: Period) -> str:
    programme, actor = guard.programme(), guard.actor()
    if when.start > guard.today():
        raise NotFound
    if not actor.may(Permission.PERIOD_READ):
        return render_template("scores/waiting.html", period=when)
    return render_template(
        "scores/open.html",
        period=when,
        appeals_end=scores.appeals_end(programme, guard.now()),
        books=completeness.examine(programme, when, guard.now(), actor),
        rulebook=rulebooks.in_force(programme.id, when),
        places=score_scope.memberships(programme.id, when),
    )


def _ranking_of(when: Period, **form: object) -> str:
    ranking = score_pages.ranking(guard.programme(), when, by=guard.actor(), now=guard.now())
    obstacles, compared_at = _closing_obstacles(ranking)
    return render_template(
        "scores/period.html",
        ranking=ranking,
        runs=score_pages.runs_of(ranking.row),
        cutoff=score_papers.cutoff(ranking.period, ranking.run, ranking.row.closed_at),
        own_unit=score_pages.own_unit(guard.actor()),
        corrections=score_corrections.corrections_of(ranking.row),
        obstacles=obstacles,
        superseded=_superseded(ranking),
        compared_at=compared_at,
        changes=score_trends.changes_of(guard.programme(), ranking, by=guard.actor(), now=guard.now()),
        appeals_waiting=appeal_pages.waiting_count(guard.actor()) if ranking.is_preliminary else 0,
        **form,
    )


def _superseded(ranking: score_pages.Ranking) -> list[score_parts.Superseded]:
    """Parts that were corrected after this period took their scores, for those who read how its books stand."""
    if ranking.is_preliminary or not guard.actor().may(Permission.PERIOD_READ):
        return []
    return score_parts.superseded(guard.programme().id, ranking.period, ranking.run)


def _closing_obstacles(ranking: score_pages.Ranking) -> tuple[list[Obstacle], datetime | None]:
    """What keeps a preliminary period from being closed, and when its records were compared with what was shown.

    Nothing for those who do not read how its books stand.
    """
    if not ranking.is_preliminary or not guard.actor().may(Permission.PERIOD_READ):
        return [], None
    programme, now = guard.programme(), guard.now()
    changed, at = gathered_facts.changed_since(programme, ranking.period, ranking.run, now=now)
    return scores.closing_obstacles(programme, ranking.period, ranking.row, now, changed=changed), at
