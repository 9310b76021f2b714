"""Papers about scores, as pages to print and as Word documents: a unit's score notice, a correction notice."""

from __future__ import annotations

from flask import Blueprint, Response, render_template

from supervisor.core import audit, score_notice_papers, score_sheet
from supervisor.core.permissions import Permission
from supervisor.core.score_sheet import Sheet
from supervisor.core.scored_periods import scored_period
from supervisor.documents.score_notice import CORRECTION_COLUMNS, NOTICE_COLUMNS
from supervisor.web import guard
from supervisor.web.exports import sent
from supervisor.web.guard import requires

blueprint = Blueprint("score_notices", __name__, url_prefix="/p/<int:programme_id>")


@blueprint.get("/periods/<key>/units/<int:unit_id>/notice")
@requires(Permission.SCORE_READ)
def notice(programme_id: int, key: str, unit_id: int) -> str:
    """A unit's score notice (得分通知单), for reading and print."""
    sheet = _sheet(key, unit_id)
    content = score_notice_papers.score_notice(guard.programme(), sheet, head=audit.read_head())
    return render_template("scores/notice.html", sheet=sheet, content=content, COLUMNS=NOTICE_COLUMNS)


@blueprint.get("/periods/<key>/units/<int:unit_id>/notice.docx")
@requires(Permission.SCORE_READ)
def notice_file(programme_id: int, key: str, unit_id: int) -> Response:
    """The same as a Word document."""
    return sent(
        score_notice_papers.export_score_notice(
            guard.programme(), _sheet(key, unit_id), by=guard.actor(), now=guard.now()
        )
    )


@blueprint.get("/corrections/<int:correction_id>/notice")
@requires(Permission.SCORE_READ)
def correction(programme_id: int, correction_id: int) -> str:
    """The notice of a correction (更正通报), for reading and print."""
    found = score_notice_papers.correction_notice(
        guard.programme(), correction_id, by=guard.actor(), now=guard.now()
    )
    return render_template(
        "scores/correction.html", found=found, content=found.notice, COLUMNS=CORRECTION_COLUMNS
    )


@blueprint.get("/corrections/<int:correction_id>/notice.docx")
@requires(Permission.SCORE_READ)
def correction_file(programme_id: int, correction_id: int) -> Response:
    """The same as a Word document."""
    return sent(
        score_notice_papers.export_correction_notice(
            guard.programme(), correction_id, by=guard.actor(), now=guard.now()
        )
    )


def _sheet(key: str, unit_id: int) -> Sheet:
    return score_sheet.sheet(
        guard.programme(), scored_period(key), unit_id, by=guard.actor(), now=guard.now()
    )
