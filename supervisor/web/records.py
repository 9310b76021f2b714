"""Corrections of single records, from the report's page: lateness that was none, a mark that was wrong."""

from __future__ import annotations

from flask import Blueprint, flash, redirect, request, url_for
from flask_babel import gettext as _

from supervisor.core import obligations, record_corrections
from supervisor.core.permissions import Permission
from supervisor.errors import Invalid, NotFound
from supervisor.models import ReportEntry
from supervisor.web.forms import text_of
from supervisor.web.guard import actor, now, once, requires
from supervisor.web.reports import Answer, page_of

blueprint = Blueprint("records", __name__, url_prefix="/p/<int:programme_id>")


@blueprint.post("/reports/<int:obligation_id>/correct")
@requires(Permission.EXTENSION_DECIDE)
def correct(programme_id: int, obligation_id: int) -> Answer:
    """What stands as late was in time."""
    obligation = obligations.get_visible(obligation_id, actor())
    answer = url_for("reports.show", programme_id=programme_id, obligation_id=obligation_id)
    try:
        with once(answer=answer):
            record_corrections.count_as_on_time(
                obligation, reason=text_of("late_reason"), by=actor(), now=now()
            )
    except Invalid as wrong:
        return page_of(obligation, wrong, "correct")
    flash(_("Corrected. A period already scored shows it once it is run again."), "done")
    return redirect(answer, 303)


@blueprint.post("/report-entries/<int:entry_id>/mark")
@requires(Permission.REVIEW_DECIDE)
def mark(programme_id: int, entry_id: int) -> Answer:
    """Another mark for an accepted entry."""
    entry = ReportEntry.get_or_none(ReportEntry.id == entry_id)
    if entry is None:
        raise NotFound
    obligation = obligations.get_visible(entry.report.obligation_id, actor())
    answer = url_for("reports.show", programme_id=programme_id, obligation_id=obligation.id)
    given = request.form.get("mark", "").strip()
    try:
        with once(answer=answer):
            record_corrections.correct_mark(
                entry, int(given) if given.isascii() and given.isdigit() else -1,
                reason=text_of("mark_reason"), by=actor(), now=now(),
            )  # fmt: skip
    except Invalid as wrong:
        return page_of(obligation, wrong, f"mark-{entry_id}")
    flash(_("Corrected. A period already scored shows it once it is run again."), "done")
    return redirect(answer, 303)
