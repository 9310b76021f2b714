"""The register of issued papers (发文登记簿): a year at a time, and as a workbook."""

from __future__ import annotations

from flask import Blueprint, render_template, request
from werkzeug.wrappers import Response

from supervisor.core import issued_register
from supervisor.core.permissions import Permission
from supervisor.web.exports import sent
from supervisor.web.forms import number
from supervisor.web.guard import actor, now, programme, requires

blueprint = Blueprint("issued_papers", __name__, url_prefix="/p/<int:programme_id>/issued-papers")


@blueprint.get("")
@requires(Permission.ISSUED_READ)
def index(programme_id: int) -> str:
    """The register of the lead office, newest first."""
    year, before = request.args.get("year", type=number), request.args.get("before", type=number)
    return render_template(
        "issued_papers/index.html",
        page=issued_register.page(programme(), year, before, by=actor()),
        is_foreign=lambda row: issued_register.is_foreign(row, actor()),
        gaps=issued_register.gap_words,
    )


@blueprint.get("/<int:year>.xlsx")
@requires(Permission.ISSUED_READ)
def export(programme_id: int, year: int) -> Response:
    """A year of the register."""
    return sent(issued_register.export(programme(), year, by=actor(), now=now()))
