"""A rulebook to be printed or read aloud: as a page and as a Word document."""

from __future__ import annotations

from flask import Blueprint, Response, render_template, request, url_for
from flask_babel import gettext as _

from supervisor.core import rulebook_differences, rulebook_papers, rulebooks
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


@blueprint.get("/<which>/compare")
@requires(Permission.SCORE_READ)
def compare(programme_id: int, which: str) -> str:
    """An adopted rulebook or a proposal against another, side by side in words."""
    by = guard.actor()
    sides = {
        f"version-{one.id}": f"{one.name} {one.version} · {_('in force from %(day)s', day=one.valid_from)}"
        for one in rulebooks.versions(programme_id)
    } | {f"preset-{one.key}": one.rulebook.name for one in rulebooks.presets()}
    name = rulebook_papers.scheme_of(programme_id, which, by).name
    other = request.args.get("other") or next((side for side in sides if side != which), which)
    comparison = rulebook_differences.compare(
        rulebook_papers.document(programme_id, other, by), rulebook_papers.document(programme_id, which, by)
    )
    return render_template(
        "rulebooks/compare.html", home=url_for("rulebook_papers.show", programme_id=programme_id, which=which),
        name=name, action=url_for("rulebook_papers.compare", programme_id=programme_id, which=which), sides=sides,
        other=other, before_name=sides.get(other, other), after_name=sides.get(which, name), comparison=comparison,
        kinds=rulebook_differences.KIND_WORDS,
    )  # fmt: skip
