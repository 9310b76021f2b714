"""Appeals against preliminary scores: the form beside the line, the desk, the decision."""

from __future__ import annotations

from flask import Blueprint, flash, make_response, redirect, render_template, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response as BaseResponse

from supervisor.core import appeal_pages, appeals, attachments, score_sheet
from supervisor.core.permissions import Permission
from supervisor.core.scored_periods import scored_period
from supervisor.errors import Invalid, NotFound
from supervisor.web import guard
from supervisor.web.attachments import kept_files, taken_files
from supervisor.web.guard import once, requires

blueprint = Blueprint("appeals", __name__, url_prefix="/p/<int:programme_id>")


@blueprint.get("/appeals")
@requires(Permission.SCORE_READ)
def index(programme_id: int) -> str:
    """The desk: what waits with its clock, what was decided, how it went."""
    return render_template("appeals/index.html", desk=appeal_pages.desk(guard.actor(), today=guard.today()))


@blueprint.get("/appeals/<int:appeal_id>")
@requires(Permission.SCORE_READ)
def show(programme_id: int, appeal_id: int) -> str:
    """One appeal."""
    return _page(appeal_id)


@blueprint.post("/appeals/<int:appeal_id>/decide")
@requires(Permission.APPEAL_DECIDE)
def decide(programme_id: int, appeal_id: int) -> BaseResponse:
    """Accept or reject it."""
    answer = url_for("appeals.show", programme_id=programme_id, appeal_id=appeal_id)
    verdict, words = request.form.get("verdict", ""), request.form.get("decision", "")
    try:
        if verdict not in {"accept", "reject"}:
            raise NotFound
        with once(answer=answer):
            appeal = appeals.get_visible(appeal_id, guard.actor())
            appeals.decide(
                appeal, accepted=verdict == "accept", decision=words, by=guard.actor(), now=guard.now()
            )
    except Invalid as error:
        return make_response(_page(appeal_id, error), 422)
    flash(_("The appeal is decided; the unit has been told."), "done")
    return redirect(answer, 303)


@blueprint.post("/appeals/<int:appeal_id>/withdraw")
@requires(Permission.APPEAL_FILE)
def withdraw(programme_id: int, appeal_id: int) -> BaseResponse:
    """The unit takes it back."""
    answer = url_for("appeals.show", programme_id=programme_id, appeal_id=appeal_id)
    with once(answer=answer):
        appeals.withdraw(appeals.get_visible(appeal_id, guard.actor()), by=guard.actor(), now=guard.now())
    flash(_("Withdrawn. The line can be appealed against again while there is time."), "done")
    return redirect(answer, 303)


@blueprint.get("/periods/<key>/units/<int:unit_id>/lines/<int:line_id>/appeal")
@requires(Permission.APPEAL_FILE)
def form(programme_id: int, key: str, unit_id: int, line_id: int) -> str:
    """The form, with the line it is about."""
    return _form(key, unit_id, line_id)


@blueprint.post("/periods/<key>/units/<int:unit_id>/lines/<int:line_id>/appeal")
@requires(Permission.APPEAL_FILE)
def file_appeal(programme_id: int, key: str, unit_id: int, line_id: int) -> BaseResponse:
    """File it."""
    answer = url_for("scores.sheet", programme_id=programme_id, key=key, unit_id=unit_id)
    try:
        files = taken_files("files")
        with once(answer=answer, alone=True):
            appeals.file_appeal(
                guard.programme(),
                scored_period(key),
                line_id,
                claim=request.form.get("claim", ""),
                files=files,
                by=guard.actor(),
                now=guard.now(),
            )
    except Invalid as error:
        return make_response(_form(key, unit_id, line_id, error), 422)
    flash(_("The appeal is filed. The answer comes by message and stands beside the line."), "done")
    return redirect(answer, 303)


def _form(key: str, unit_id: int, line_id: int, error: Invalid | None = None) -> str:
    sheet = score_sheet.sheet(
        guard.programme(), scored_period(key), unit_id, by=guard.actor(), now=guard.now()
    )
    line = next((one for one in (*sheet.lines, *sheet.adjustments) if one.line.id == line_id), None)
    if line is None or unit_id not in guard.actor().unit_ids:
        raise NotFound
    appeals.refuse_late(guard.programme(), sheet.period, sheet.row, guard.now())
    return render_template(
        "appeals/form.html",
        sheet=sheet,
        item=line,
        errors=error.fields if error else {},
        typed=request.form,
        kept=kept_files(),
        accept=attachments.ACCEPT,
    )


def _page(appeal_id: int, error: Invalid | None = None) -> str:
    return render_template(
        "appeals/show.html",
        page=appeal_pages.read_appeal(appeal_id, guard.actor(), today=guard.today()),
        errors=error.fields if error else {},
        typed=request.form,
    )
