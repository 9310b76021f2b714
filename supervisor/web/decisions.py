"""What waits for a leader, and what was decided."""

from __future__ import annotations

from flask import Blueprint, flash, make_response, redirect, render_template, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response as BaseResponse

from supervisor.core import decisions
from supervisor.core.permissions import Permission
from supervisor.core.score_pages import names_of
from supervisor.errors import Invalid
from supervisor.web import guard
from supervisor.web.forms import is_number, number
from supervisor.web.guard import once, requires

blueprint = Blueprint("decisions", __name__)


@blueprint.get("/p/<int:programme_id>/decisions")
@requires(Permission.PERIOD_READ)
def index(programme_id: int) -> str:
    """Open decisions first, then those taken."""
    return _list(programme_id)


@blueprint.post("/p/<int:programme_id>/decisions/host-assessor")
@requires(Permission.PERIOD_READ)
def name_host_assessor(programme_id: int) -> BaseResponse:
    """Propose (or, as a leader, name) another assessor, so that the host unit is ranked (D17)."""
    answer = url_for("decisions.index", programme_id=programme_id)
    person = request.form.get("person", "")
    try:
        with once(answer=answer):
            decisions.name_host_assessor(
                guard.programme(),
                number(person) if is_number(person) else 0,
                reason=request.form.get("reason", ""),
                by=guard.actor(),
                now=guard.now(),
            )
    except Invalid as error:
        return make_response(_list(programme_id, error), 422)
    flash(_("Recorded. What was decided is kept with its reason."), "done")
    return redirect(answer, 303)


@blueprint.post("/p/<int:programme_id>/decisions/<int:decision_id>")
@requires(Permission.DECISION_TAKE)
def decide(programme_id: int, decision_id: int) -> BaseResponse:
    """Approve or refuse a proposal."""
    answer = url_for("decisions.index", programme_id=programme_id)
    row = decisions.in_programme(decision_id, programme_id)
    approved = request.form.get("verdict") == "approve"
    try:
        with once(answer=answer):
            decisions.decide(
                row,
                approved=approved,
                words=request.form.get("words", ""),
                by=guard.actor(),
                now=guard.now(),
            )
    except Invalid as error:
        return make_response(_list(programme_id, error, decision_id), 422)
    flash(_("Decided. The proposer has been told."), "done")
    return redirect(answer, 303)


def _list(programme_id: int, error: Invalid | None = None, at: int | None = None) -> str:
    rows = decisions.listed(programme_id)
    programme = guard.programme()
    return render_template(
        "decisions/index.html",
        rows=rows,
        people=names_of([i for row in rows for i in (row.proposed_by, row.decided_by)]),
        label_of=decisions.label_of,
        candidates=decisions.assessors_to_name(programme, now=guard.now()),
        named=decisions.named_assessor(programme_id),
        errors=error.fields if error else {},
        wrong_at=at,
        typed=request.form,
    )
