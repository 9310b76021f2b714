"""Filings and items: handed in and sent by the head, the receipts of each recipient, items chosen for bulletins."""

from __future__ import annotations

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from supervisor.core import approvals, attachments, filing_pages, filing_readers, filings, form_pages
from supervisor.core.filings import FiledBody
from supervisor.core.permissions import Permission
from supervisor.errors import Invalid, NotFound
from supervisor.models import Obligation, Report, RuleRecipient
from supervisor.web.attachments import kept_files, taken_files
from supervisor.web.forms import chosen, text_of, whole_of
from supervisor.web.guard import actor, now, once, requires
from supervisor.web.rule_fields import kept_form_files, typed_answers

blueprint = Blueprint("filings", __name__, url_prefix="/p/<int:programme_id>/filings")
Answer = str | Response | tuple[str, int]


@blueprint.get("")
@requires(Permission.REPORT_READ)
def index(programme_id: int) -> str:
    """What is owed, what waits for a receipt of the reader's, and items with their bulletins."""
    return _index(programme_id)


def _index(programme_id: int, errors: Invalid | None = None) -> str:
    page = filing_pages.overview(programme_id, actor(), now=now())
    return render_template(
        "filings/index.html", page=page, errors=errors.fields if errors else {}, typed=request.form
    )


@blueprint.get("/<int:obligation_id>")
@requires(Permission.REPORT_READ)
def show(programme_id: int, obligation_id: int) -> str:
    """One filing: what is asked for, its dates, versions with receipts, and the reader's next step."""
    return _page(filing_readers.get(obligation_id, actor()))


def page_of(obligation: Obligation, errors: Invalid, failed: str) -> Answer:
    """The filing's page with the form named `failed` open and filled."""
    return _page(obligation, errors, failed), errors.status


def _page(obligation: Obligation, errors: Invalid | None = None, failed: str = "") -> str:
    page = filing_pages.read(obligation, actor(), now=now())
    fields = form_pages.to_fill(obligation) if page.may_submit else None
    kept = {place: kept_files(f"files-{place}") for place in range(len(page.wanted))}
    return render_template(
        "filings/show.html", page=page, errors=errors.fields if errors else {}, failed=failed,
        typed=request.form, kept=kept, own=obligation.unit_id in actor().unit_ids, fields=fields,
        filled=request.form if failed == "submit" else {}, kept_fields=kept_form_files(fields),
        accept=attachments.ACCEPT,
        forms=form_pages.filled(obligation, [version.report for version in page.versions]),
    )  # fmt: skip


@blueprint.post("/<int:obligation_id>")
@requires(Permission.REPORT_READ)
def submit(programme_id: int, obligation_id: int) -> Answer:
    """Hand in the documents, or one item more."""
    obligation = filing_readers.get(obligation_id, actor())
    answer = url_for("filings.show", programme_id=programme_id, obligation_id=obligation_id)
    try:
        answers = typed_answers(form_pages.to_fill(obligation))
        bodies = [
            FiledBody(kind, text_of(f"title-{n}"), text_of(f"text-{n}"), tuple(taken_files(f"files-{n}")))
            for n, kind in enumerate(filing_pages.wanted_of(obligation.rule))
        ]
        with once(answer=answer):
            report = filings.submit(obligation, bodies, answers, by=actor(), now=now())
    except Invalid as error:
        return page_of(obligation, error, "submit")
    _say(report)
    return redirect(answer, 303)


def _say(report: Report) -> None:
    handed_in = _("Handed in. Receipt %(number)s", number=report.receipt)
    flash(handed_in if report.sent else _("It is with the unit's head, who sends it."), "done")


@blueprint.post("/<int:obligation_id>/nil")
@requires(Permission.REPORT_READ)
def submit_nil(programme_id: int, obligation_id: int) -> Answer:
    """Say that there is nothing to hand in, and why."""
    obligation = filing_readers.get(obligation_id, actor())
    answer = url_for("filings.show", programme_id=programme_id, obligation_id=obligation_id)
    try:
        with once(answer=answer):
            report = filings.submit_nil(obligation, text_of("nil_reason"), by=actor(), now=now())
    except Invalid as error:
        return page_of(obligation, error, "nil")
    _say(report)
    return redirect(answer, 303)


@blueprint.post("/<int:obligation_id>/approval")
@requires(Permission.REPORT_APPROVE)
def decide_approval(programme_id: int, obligation_id: int) -> Answer:
    """The head sends what was prepared, or gives it back to the liaison."""
    obligation = filing_readers.get(obligation_id, actor())
    report = Report.get_or_none((Report.id == whole_of("report")) & (Report.obligation == obligation))
    if report is None:
        raise NotFound
    answer = url_for("filings.show", programme_id=programme_id, obligation_id=obligation_id)
    try:
        with once(answer=answer):
            if request.form.get("verdict") == "back":
                approvals.hand_back(report, text_of("reason"), by=actor(), now=now())
                flash(_("It goes back to the liaison."), "done")
            else:
                _say(filings.approve(report, by=actor(), now=now()))
    except Invalid as error:
        return page_of(obligation, error, "approval")
    return redirect(answer, 303)


@blueprint.post("/<int:obligation_id>/receipts")
@requires(Permission.REPORT_READ)
def receipt(programme_id: int, obligation_id: int) -> Answer:
    """Give a recipient's receipt, or send the filing back with a reason."""
    obligation = filing_readers.get(obligation_id, actor())
    report = Report.get_or_none((Report.id == whole_of("report")) & (Report.obligation == obligation))
    recipient = RuleRecipient.get_or_none(RuleRecipient.id == whole_of("recipient"))
    if report is None or recipient is None:
        raise NotFound
    answer = url_for("filings.show", programme_id=programme_id, obligation_id=obligation_id)
    try:
        with once(answer=answer):
            if "back" in request.form:
                filings.send_back(report, recipient, text_of("reason"), by=actor(), now=now())
            else:
                filings.give_receipt(report, recipient, by=actor(), now=now())
    except Invalid as error:
        return page_of(obligation, error, f"back-{recipient.id}")
    return redirect(answer, 303)


@blueprint.post("/bulletins")
@requires(Permission.REVIEW_DECIDE)
def make_bulletin(programme_id: int) -> Answer:
    """Make a bulletin of the ticked items."""
    answer = url_for("filings.index", programme_id=programme_id)
    try:
        with once(answer=answer):
            made = filings.make_bulletin(
                programme_id, text_of("title"), chosen("item"), by=actor(), now=now()
            )
    except Invalid as error:
        return _index(programme_id, error), error.status
    flash(_("Bulletin no. %(number)s is made.", number=made.number), "done")
    return redirect(f"{answer}#bulletins", 303)
