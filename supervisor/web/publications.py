"""Publishing inside the house: the choice with its reason, every version, what a unit may read of it."""

from __future__ import annotations

from flask import Blueprint, Response, flash, make_response, redirect, render_template, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response as BaseResponse

from supervisor.core import publications, published, score_pages
from supervisor.core.periods import Period
from supervisor.core.permissions import Permission
from supervisor.core.programmes import settings_on
from supervisor.core.publications import Choice
from supervisor.core.scored_periods import scored_period
from supervisor.errors import Invalid, NotFound
from supervisor.models import PeriodState, Reach
from supervisor.web import guard
from supervisor.web.guard import once, requires
from supervisor.words import N_

blueprint = Blueprint("publications", __name__, url_prefix="/p/<int:programme_id>/periods/<key>")

MEDIA = {"csv": "text/csv; charset=utf-8", "json": "application/json; charset=utf-8"}


@blueprint.get("/publication")
@requires(Permission.PERIOD_READ)
def index(programme_id: int, key: str) -> str:
    """Every version of a closed period, and the form for the next one."""
    return _page(scored_period(key))


@blueprint.post("/publication")
@requires(Permission.PERIOD_CLOSE)
def publish(programme_id: int, key: str) -> BaseResponse:
    """Publish a version to those chosen."""
    when = scored_period(key)
    answer = url_for("publications.index", programme_id=programme_id, key=key)
    try:
        with once(answer=answer):
            version = publications.publish(
                guard.programme(), when, _choice(), by=guard.actor(), now=guard.now()
            )
    except Invalid as error:
        return make_response(_page(when, error), 422)
    flash(
        _("Version %(number)s is published: liaisons and heads have been told.", number=version.number),
        "done",
    )
    return redirect(answer, 303)


@blueprint.post("/publication/withdraw")
@requires(Permission.PERIOD_CLOSE)
def withdraw(programme_id: int, key: str) -> BaseResponse:
    """Take every version back."""
    when = scored_period(key)
    answer = url_for("publications.index", programme_id=programme_id, key=key)
    try:
        with once(answer=answer):
            publications.withdraw(
                guard.programme(), when, reason=request.form.get("withdrawal", ""), by=guard.actor(), now=guard.now()
            )  # fmt: skip
    except Invalid as error:
        return make_response(_page(when, error), 422)
    flash(_("Withdrawn. Each unit sees its own result only, and the public address says so."), "done")
    return redirect(answer, 303)


@blueprint.get("/published/<int:number>")
@requires(Permission.SCORE_READ)
def show(programme_id: int, key: str, number: int) -> str:
    """One version as it was frozen."""
    when = scored_period(key)
    found = published.version(guard.programme(), when, number, by=guard.actor(), now=guard.now())
    return render_template("publications/show.html", found=found, period=when)


@blueprint.get("/published/<int:number>.<kind>")
@requires(Permission.SCORE_READ)
def file(programme_id: int, key: str, number: int, kind: str) -> Response:
    """Its bytes, for whoever sees all of it."""
    when = scored_period(key)
    found = published.version(guard.programme(), when, number, by=guard.actor(), now=guard.now())
    if not found.is_whole:
        raise NotFound
    return bytes_of(found, kind)


def bytes_of(found: published.Version, kind: str) -> Response:
    """The frozen bytes as a file, named by period and version; NotFound for another kind than `MEDIA` has."""
    if kind not in MEDIA:
        raise NotFound
    one = found.publication
    answer = make_response((one.sheet if kind == "csv" else one.content).encode())
    answer.headers["Content-Type"] = MEDIA[kind]
    name = f"{found.content['period']}-v{one.number}.{kind}"
    answer.headers["Content-Disposition"] = f'attachment; filename="{name}"'
    return answer


def _choice() -> Choice:
    """What the form says; Invalid names each field that was left open."""
    reach, ranks = request.form.get("reach", ""), request.form.get("ranks", "")
    open_fields = {
        name: N_("Please choose.")
        for name, value, known in (
            ("reach", reach, set(Reach)),
            ("ranks", ranks, {"ranked", "tiers"}),
        )
        if value not in known
    }
    if open_fields:
        fault = publications.reason_fault(
            guard.programme(), request.form.get("reason", ""), is_public=reach == Reach.PUBLIC
        )
        open_fields |= {"reason": fault} if fault is not None else {}
        raise Invalid(N_("Nothing was published."), open_fields)
    return Choice(Reach(reach), ranks == "ranked", request.form.get("reason", ""))


def _page(when: Period, error: Invalid | None = None) -> str:
    programme = guard.programme()
    found = score_pages.shown_period(programme, when)
    if found is None or found[0].state is not PeriodState.FROZEN:
        raise NotFound
    row, run = found
    versions = published.versions_of(row)
    return render_template(
        "publications/index.html",
        period=when,
        row=row,
        run=run,
        versions=versions,
        in_force=published.in_force(row),
        token=next((one.token for one in versions if one.token), ""),
        base_url=guard.config().public_url,
        preview=publications.preview(programme, when, run, guard.now()),
        units_see_each_other=settings_on(programme.id, guard.today()).scores_shown_to_units,
        reaches=Reach,
        errors=error.fields if error else {},
        typed=request.form,
    )
