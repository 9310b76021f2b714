"""A re-issued notice beside the adopted plan: its differences, what following them would do, and making them."""

from __future__ import annotations

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from flask_babel import ngettext
from werkzeug.wrappers import Response

from supervisor.core import corrections, documents, plan_differences, plans, printed_names
from supervisor.core.permissions import Permission
from supervisor.core.plan_amendments import Effects
from supervisor.errors import Invalid, NotFound
from supervisor.models import Document, DocumentState, Plan
from supervisor.web.forms import text_of, version_seen
from supervisor.web.guard import actor, now, once, programme, requires
from supervisor.words import Sentence

blueprint = Blueprint(
    "plan_differences",
    __name__,
    url_prefix="/p/<int:programme_id>/documents/<int:document_id>/plans/<int:plan_id>",
)
Page = str | Response | tuple[str, int]


@blueprint.get("")
@requires(Permission.PLAN_EDIT)
def show(programme_id: int, document_id: int, plan_id: int) -> str:
    """The differences, each to be ticked."""
    document, plan = _both(document_id, plan_id)
    return _page(document, plan)


@blueprint.post("/preview")
@requires(Permission.PLAN_EDIT)
def preview(programme_id: int, document_id: int, plan_id: int) -> Page:
    """What the ticked changes would do; nothing is made."""
    document, plan = _both(document_id, plan_id)
    try:
        effects = plan_differences.preview(
            document, plan, request.form.getlist("key"), text_of("reason"), by=actor(), now=now()
        )
    except Invalid as error:
        return _page(document, plan, errors=error.fields or {"key": error.sentence}), error.status
    return _page(document, plan, effects=effects)


@blueprint.post("")
@requires(Permission.PLAN_EDIT)
def make(programme_id: int, document_id: int, plan_id: int) -> Page:
    """Make the ticked changes."""
    document, plan = _both(document_id, plan_id)
    try:
        with once(answer=_link(document, plan)):
            count = plan_differences.make(
                document, plan, request.form.getlist("key"), text_of("reason"), by=actor(), now=now()
            )
    except Invalid as error:
        return _page(document, plan, errors=error.fields or {"key": error.sentence}), error.status
    flash(ngettext("%(num)d change is made.", "%(num)d changes are made.", count), "done")
    return redirect(_link(document, plan), 303)


@blueprint.post("/finish")
@requires(Permission.PLAN_EDIT)
def finish(programme_id: int, document_id: int, plan_id: int) -> Response:
    """The comparison is done."""
    document, plan = _both(document_id, plan_id)
    with once(answer=plans.plan_link(plan)):
        plan_differences.finish(document, plan, seen=version_seen(), by=actor(), now=now())
    flash(_("The comparison is done. What was not ticked stays as the plan has it."), "done")
    return redirect(plans.plan_link(plan), 303)


def _both(document_id: int, plan_id: int) -> tuple[Document, Plan]:
    document = documents.get(document_id, actor())
    plan = plans.get(plan_id, programme())
    if document.state is not DocumentState.DRAFT or plan.document_id == document.id:
        raise NotFound
    return document, plan


def _link(document: Document, plan: Plan) -> str:
    return url_for(
        "plan_differences.show",
        programme_id=document.programme_id,
        document_id=document.id,
        plan_id=plan.id,
    )


def _page(
    document: Document,
    plan: Plan,
    *,
    errors: dict[str, Sentence] | None = None,
    effects: Effects | None = None,
) -> str:
    ledger = corrections.ledger_of(document)
    register = printed_names.read(programme().jurisdiction_id, ledger.issued_on)
    return render_template(
        "documents/difference.html",
        document=document,
        ledger=ledger,
        plan=plan,
        found=plan_differences.compare_with(plan, ledger, register),
        errors=errors or {},
        effects=effects,
        ticked=request.form.getlist("key"),
        reason=text_of("reason"),
    )
