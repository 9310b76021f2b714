"""The office's queue: reports to review, and what units ask of the office."""

from __future__ import annotations

from datetime import date
from typing import Any, TypeVar

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from flask_babel import ngettext
from werkzeug.wrappers import Response

from supervisor.core import assignments, extensions, form_pages, requests, review_queue, reviews
from supervisor.core.calendar import load_calendar
from supervisor.core.permissions import Permission
from supervisor.core.programmes import settings_on
from supervisor.errors import Invalid, NotFound
from supervisor.models import Application, Assignment, Extension, Objection, Obligation, Verdict
from supervisor.models.base import Base
from supervisor.web import guard
from supervisor.web.forms import chosen, day_of, number, text_of, whole_of
from supervisor.web.guard import once, requires
from supervisor.words import Sentence

blueprint = Blueprint("reviews", __name__)
Row = TypeVar("Row", bound=Base)

#: The tabs and what answers each.
REQUESTS = {
    "applications": requests.applications,
    "objections": requests.objections,
    "extensions": requests.extensions,
}


@blueprint.get("/p/<int:programme_id>/reviews")
@requires(Permission.REVIEW_DECIDE)
def index(programme_id: int) -> str:
    """What waits, on the tab asked for."""
    tab = request.args.get("tab", "reports")
    return _requests_page(tab) if tab in REQUESTS else _queue_page()


@blueprint.post("/p/<int:programme_id>/reviews/accept")
@requires(Permission.REVIEW_DECIDE)
def accept_many(programme_id: int) -> Response | tuple[str, int]:
    """Accept the chosen entries with one mark."""
    narrow: dict[str, Any] = {name: text_of(name) for name in ("unit", "task", "period") if text_of(name)}
    answer = url_for("reviews.index", programme_id=programme_id, **narrow)
    try:
        with once(answer):
            done = reviews.accept_many(chosen("entry"), whole_of("mark"), by=guard.actor(), now=guard.now())
    except Invalid as error:
        return _queue_page(errors=error.fields or {"mark": error.sentence}), error.status
    flash(ngettext("%(num)d entry accepted.", "%(num)d entries accepted.", done), "done")
    return redirect(answer, 303)


@blueprint.get("/p/<int:programme_id>/reviews/<int:report_entry_id>")
@requires(Permission.REVIEW_DECIDE)
def entry(programme_id: int, report_entry_id: int) -> str:
    """One entry beside last month's, with everything that was said about it before."""
    return _entry_page(report_entry_id)


@blueprint.post("/p/<int:programme_id>/reviews/<int:report_entry_id>/<any(accept, give_back):verdict>")
@requires(Permission.REVIEW_DECIDE)
def decide(programme_id: int, report_entry_id: int, verdict: str) -> Response | tuple[str, int]:
    """Accept with a mark, or return with a reason and a day; then on to the next entry."""
    _waiting, line = review_queue.one(report_entry_id, guard.actor(), now=guard.now())
    accepted = verdict == "accept"
    try:
        with once(_next(programme_id, line)):
            reviews.decide(
                line.row, Verdict.ACCEPTED if accepted else Verdict.RETURNED,
                mark=whole_of("mark") if accepted else None, note=text_of("note"),
                due_on=None if accepted else day_of("due_on"), by=guard.actor(), now=guard.now(),
            )  # fmt: skip
    except Invalid as error:
        return _entry_page(report_entry_id, error.fields), error.status
    flash(_("Accepted.") if accepted else _("Returned to the unit."), "done")
    return redirect(_next(programme_id, line), 303)


@blueprint.post("/p/<int:programme_id>/reviews/applications/<int:key>")
@requires(Permission.APPLICATION_DECIDE)
def decide_application(programme_id: int, key: int) -> Response | tuple[str, int]:
    """Completion accepted, or returned with what is missing."""
    row = _of_programme(Application.select().where(Application.programme == programme_id), Application, key)
    accepted = text_of("answer") == "yes"
    return _decided(
        "applications", key, lambda: assignments.decide_application(
            row, accepted=accepted, reason=text_of("reason"), by=guard.actor(), now=guard.now()
        ),
    )  # fmt: skip


@blueprint.post("/p/<int:programme_id>/reviews/objections/<int:key>")
@requires(Permission.OBJECTION_DECIDE)
def decide_objection(programme_id: int, key: int) -> Response | tuple[str, int]:
    """The assignment is taken back, or stands with a reason."""
    query = Objection.select().join(Assignment).where(Assignment.programme == programme_id)
    row = _of_programme(query, Objection, key)
    upheld = text_of("answer") == "yes"
    return _decided(
        "objections", key, lambda: assignments.decide_objection(
            row, upheld=upheld, decision=text_of("reason"), alone=bool(text_of("alone")), by=guard.actor(),
            now=guard.now(),
        ),
    )  # fmt: skip


@blueprint.post("/p/<int:programme_id>/reviews/extensions/<int:key>")
@requires(Permission.EXTENSION_DECIDE)
def decide_extension(programme_id: int, key: int) -> Response | tuple[str, int]:
    """A later due day is granted, or refused with a reason."""
    query = Extension.select().join(Obligation).where(Obligation.programme == programme_id)
    row = _of_programme(query, Extension, key)
    granted = text_of("answer") == "yes"
    return _decided(
        "extensions", key, lambda: extensions.decide_extension(
            row, granted=granted, decision=text_of("reason"), due_on=day_of("due_on") if granted else None,
            by=guard.actor(), now=guard.now(),
        ),
    )  # fmt: skip


def _of_programme(query: Any, table: type[Row], key: int) -> Row:
    row: Row | None = query.where(table.id == key).first()
    if row is None:
        raise NotFound
    return row


def _decided(tab: str, key: int, verb: Any) -> Response | tuple[str, int]:
    answer = url_for("reviews.index", programme_id=guard.programme().id, tab=tab)
    try:
        with once(answer):
            verb()
    except Invalid as error:
        # Fields are named by their row: several forms stand on one page.
        wrong = {
            f"{name}-{key}" if name in {"due_on", "alone"} else f"reason-{key}": s
            for name, s in error.fields.items()
        }
        return _requests_page(tab, wrong or {f"reason-{key}": error.sentence}, key), error.status
    flash(_("Decided. The unit has been told."), "done")
    return redirect(answer, 303)


def _next(programme_id: int, line: review_queue.Line) -> str:
    following = review_queue.next_after(line.row.report_id, line.row.id, guard.actor())
    if following is None:
        return url_for("reviews.index", programme_id=programme_id)
    return url_for("reviews.entry", programme_id=programme_id, report_entry_id=following)


def _queue_page(errors: dict[str, Sentence] | None = None) -> str:
    narrow = request.values
    queue = review_queue.queue(
        guard.actor(),
        now=guard.now(),
        unit_id=narrow.get("unit", type=number),
        task_id=narrow.get("task", type=number),
        period=narrow.get("period", ""),
        after=narrow.get("after", ""),
    )
    return render_template(
        "reviews/index.html",
        queue=queue,
        counts=requests.counts(guard.actor()),
        tab="reports",
        errors=errors or {},
        picked=set(chosen("entry")),
        filtered=any(narrow.get(name) for name in ("unit", "task", "period")),
    )


def _entry_page(report_entry_id: int, errors: dict[str, Sentence] | None = None) -> str:
    waiting, line = review_queue.one(report_entry_id, guard.actor(), now=guard.now())
    return render_template(
        "reviews/entry.html",
        waiting=waiting,
        line=line,
        versions=[row for row in review_queue.versions(line) if row.id != line.row.id],
        form=form_pages.filled(waiting.obligation, [waiting.report]).get(waiting.report.id),
        errors=errors or {},
        proposed_day=_proposed_day(),
        following=review_queue.next_after(line.row.report_id, line.row.id, guard.actor()),
    )


def _proposed_day() -> date:
    settings = settings_on(guard.programme().id, guard.today())
    return load_calendar().add_workdays(guard.today(), settings.return_workdays)


def _requests_page(tab: str, errors: dict[str, Sentence] | None = None, wrong_row: int | None = None) -> str:
    return render_template(
        "reviews/requests.html",
        tab=tab,
        found=REQUESTS[tab](guard.actor()),
        counts=requests.counts(guard.actor()),
        errors=errors or {},
        wrong_row=wrong_row,
    )
