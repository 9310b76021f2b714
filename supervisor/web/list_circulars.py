"""Circulars of commendation and criticism: drawn up from an approved list, edited, issued, handed out as Word."""

from __future__ import annotations

from flask import Blueprint, flash, make_response, redirect, render_template, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from supervisor.core import list_circulars, list_readers
from supervisor.core.list_circulars import Words
from supervisor.core.permissions import Permission
from supervisor.errors import Invalid, NotFound
from supervisor.models import ListCircular
from supervisor.web.exports import sent
from supervisor.web.forms import text_of, version_seen
from supervisor.web.guard import actor, now, once, requires

blueprint = Blueprint("list_circulars", __name__, url_prefix="/p/<int:programme_id>")


@blueprint.post("/lists/<int:list_id>/circular")
@requires(Permission.CIRCULAR_EDIT)
def draft(programme_id: int, list_id: int) -> Response:
    """Draw up the circular of an approved list."""
    row = list_readers.get_visible(list_id, actor())
    with once(answer=url_for("name_lists.show", programme_id=programme_id, list_id=list_id)):
        made = list_circulars.draft(row, by=actor(), now=now())
    return redirect(url_for("list_circulars.show", programme_id=programme_id, circular_id=made.id), 303)


@blueprint.get("/list-circulars/<int:circular_id>")
@requires(Permission.CIRCULAR_READ)
def show(programme_id: int, circular_id: int) -> Response:
    """The circular as it reads, and for the office its words to edit."""
    return _page(list_circulars.get_visible(circular_id, actor()))


@blueprint.post("/list-circulars/<int:circular_id>")
@requires(Permission.CIRCULAR_EDIT)
def act(programme_id: int, circular_id: int) -> Response:
    """Keep the words, or issue it."""
    row, verb = list_circulars.get_visible(circular_id, actor()), text_of("verb")
    answer = url_for("list_circulars.show", programme_id=programme_id, circular_id=circular_id)
    try:
        with once(answer=answer):
            if verb == "edit":
                words = Words(text_of("title"), text_of("opening"), text_of("closing"))
                list_circulars.edit(row, words, seen=version_seen(), by=actor(), now=now())
                said = _("Kept.")
            elif verb == "issue":
                made = list_circulars.issue(row, seal=text_of("seal"), by=actor(), now=now())
                said = _("Issued as %(number)s; the units have been told.", number=made.number)
            else:
                raise NotFound
    except Invalid as wrong:
        return _page(row, wrong)
    flash(said, "done")
    return redirect(answer, 303)


@blueprint.get("/list-circulars/<int:circular_id>.docx")
@requires(Permission.CIRCULAR_READ)
def export(programme_id: int, circular_id: int) -> Response:
    """The circular as a Word document."""
    row = list_circulars.get_visible(circular_id, actor())
    return sent(list_circulars.export(row, by=actor(), now=now()))


def _page(row: ListCircular, wrong: Invalid | None = None) -> Response:
    paper = list_circulars.paper_of(row, now=now())
    page = render_template(
        "name_lists/circular.html",
        row=row,
        paper=paper,
        seal="" if row.content else list_circulars.seal_of(paper),
        holds=list_circulars.holds(row),
        errors=wrong.fields if wrong else {},
        typed=request.form if wrong else {},
    )
    return make_response(page, 422 if wrong else 200)
