"""A rulebook to be printed or read aloud: as a page and as a Word document."""

from __future__ import annotations

from flask import Blueprint, Response, render_template

from supervisor.core import rulebook_papers
from supervisor.core.permissions import Permission
from supervisor.web import guard
from supervisor.web.exports import sent
from supervisor.web.guard import requires

blueprint = Blueprint("rulebook_papers", __name__, url_prefix="/p/<int:programme_id>/rulebooks/paper")


@blueprint.get("/<which>")
@requires(Permission.SCORE_READ)
def show(programme_id: int, which: str) -> str:
    """The scheme as a document: an adopted one, a proposal, or (for the assessor) a draft."""
    scheme = rulebook_papers.scheme_of(programme_id, which, guard.actor())
    return render_template("rulebooks/paper.html", scheme=scheme, which=which)


@blueprint.get("/<which>.docx")
@requires(Permission.SCORE_READ)
def export(programme_id: int, which: str) -> Response:
    """The same as a Word document."""
    return sent(rulebook_papers.export(guard.programme(), which, by=guard.actor(), now=guard.now()))
