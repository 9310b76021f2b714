"""Monthly circulars: the register, a draft and its edition, the issue, and the forms in which it goes out."""

from __future__ import annotations

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from supervisor.core import circular_proposals, circulars, issued_papers, list_circulars, month_figures
from supervisor.core.circular_proposals import BEHIND, Proposal
from supervisor.core.circulars import Words
from supervisor.core.month_figures import month_of
from supervisor.core.permissions import Permission
from supervisor.errors import Invalid, NotFound
from supervisor.models import Circular
from supervisor.web.exports import sent
from supervisor.web.forms import text_of, whole_of
from supervisor.web.guard import actor, now, once, programme, requires, today

blueprint = Blueprint("circulars", __name__, url_prefix="/p/<int:programme_id>/circulars")
Page = str | Response | tuple[str, int]


@blueprint.get("")
@requires(Permission.CIRCULAR_READ)
def index(programme_id: int) -> Page:
    """The register."""
    return _index({})


def _index(errors: dict[str, object]) -> str:
    rows = circulars.register(actor())
    return render_template(
        "supervision/circulars.html",
        rows=rows,
        names=circulars.names_of(rows),
        of_lists=list(list_circulars.visible_to(actor()).limit(100)),
        numbers=issued_papers.numbers_of("circular", [row.id for row in rows]),
        months=month_figures.reported_months(programme().id, today()),
        issued={row.month for row in rows if row.number},
        errors=errors,
        typed=request.form,
    )


@blueprint.post("")
@requires(Permission.CIRCULAR_EDIT)
def draft(programme_id: int) -> Page:
    """Begin a month's circular, or a correction of an issued one."""
    try:
        month = month_of(text_of("month"))
        with once(answer=url_for("circulars.index", programme_id=programme_id)):
            made = circulars.draft(programme(), month, why=text_of("why"), by=actor(), now=now())
    except Invalid as wrong:
        return _index(dict(wrong.fields)), 422
    return redirect(url_for("circulars.show", programme_id=programme_id, circular_id=made.id), 303)


@blueprint.get("/<int:circular_id>")
@requires(Permission.CIRCULAR_READ)
def show(programme_id: int, circular_id: int) -> Page:
    """A circular as it reads, and for the office its draft to edit."""
    return _page(circulars.get_visible(circular_id, actor()))


def _page(circular: Circular, wrong: Invalid | None = None) -> Page:
    content = circulars.content_of(circular, now=now())
    issued = circular.number is not None
    page = render_template(
        "supervision/circular.html",
        circular=circular,
        content=content,
        seal="" if issued else circulars.seal_of(content),
        choices=[] if issued else _naming(circular),
        named={one["unit"]: one for one in circular.named},
        names=circulars.names_of([circular]),
        unit_names=circulars.named_units(circular),
        holds=circulars.verify(circular) if issued else True,
        errors=wrong.fields if wrong else {},
        typed=request.form if wrong else {},
    )
    return (page, 422) if wrong else page


def _naming(circular: Circular) -> list[Proposal]:
    """Units to choose from: those that figures propose, those named already, then all others in list order."""
    month = circulars.read(circular, now=now())
    against = circulars.barred(circular, [unit.unit_id for unit in month.units])
    first = circular_proposals.proposals(month, against)
    known = {one.unit.unit_id for one in first}
    rest = [
        Proposal(unit, "", circular_proposals.reason_of(unit))
        for unit in month.units
        if unit.unit_id not in known
    ]
    named = {one["unit"] for one in circular.named}
    rest.sort(key=lambda one: one.unit.unit_id not in named)
    return [
        Proposal(one.unit, one.side, one.words, circulars.step_for(circular, one.unit.unit_id, now()))
        if one.side == BEHIND or one.unit.unit_id in named
        else one
        for one in (*first, *rest)
    ]


def _words(circular: Circular) -> Words:
    """What was typed; units whose side is chosen."""
    ids = [unit.unit_id for unit in circulars.read(circular, now=now()).units]
    named = {key: (text_of(f"side-{key}"), text_of(f"reason-{key}")) for key in ids if text_of(f"side-{key}")}
    return Words(text_of("title"), text_of("opening"), text_of("closing"), named)


@blueprint.post("/<int:circular_id>")
@requires(Permission.CIRCULAR_READ)
def act(programme_id: int, circular_id: int) -> Page:
    """Keep the draft, issue it, or let a leader do without an earlier step; the verbs ask for the right."""
    circular = circulars.get_visible(circular_id, actor())
    circular.version = whole_of("seen_version") or 0
    answer = url_for("circulars.show", programme_id=programme_id, circular_id=circular_id)
    try:
        with once(answer=answer):
            said = _act(circular)
    except Invalid as wrong:
        return _page(circular, wrong)
    flash(said, "done")
    return redirect(answer, 303)


def _act(circular: Circular) -> str:
    verb = text_of("verb")
    if verb == "issue":
        circulars.issue(circular, seen=text_of("seal"), by=actor(), now=now())
        return str(_("Issued: the circular is in the inboxes of all units and will not change any more."))
    if verb == "override":
        unit_id = whole_of("unit") or 0
        circulars.override(circular, unit_id, text_of(f"override-{unit_id}"), by=actor(), now=now())
        return str(_("Your reason is kept in the circular's file."))
    circulars.edit(circular, _words(circular), by=actor(), now=now())
    return str(_("The draft is kept. Below it reads as it would go out."))


@blueprint.get("/<int:circular_id>.<kind>")
@requires(Permission.CIRCULAR_READ)
def export(programme_id: int, circular_id: int, kind: str) -> Response:
    """As a Word document or a workbook."""
    if kind not in {"docx", "xlsx"}:
        raise NotFound
    return sent(circulars.export(circulars.get_visible(circular_id, actor()), kind, by=actor(), now=now()))
