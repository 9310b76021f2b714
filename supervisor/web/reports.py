"""Reports: what is owed, the form, the head's approval, the report with its versions."""

from __future__ import annotations

from collections.abc import Sequence

from flask import Blueprint, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from supervisor.core import (
    approvals,
    attachments,
    extensions,
    form_pages,
    late_permits,
    obligations,
    owed_reports,
    report_matrix,
    report_records,
    reports,
    work_plans,
)
from supervisor.core.form_answers import Answers
from supervisor.core.matrix_choices import Wanted
from supervisor.core.permissions import Permission
from supervisor.core.report_bodies import EntryBody, ReportBody, field_name
from supervisor.core.report_cells import Cell, Mark, cell_of, timeliness_of
from supervisor.core.report_records import FormEntry, ReportForm
from supervisor.errors import Invalid, NotFound
from supervisor.models import Light, Obligation, RuleKind
from supervisor.web.attachments import kept_files, taken_files
from supervisor.web.guard import actor, now, once, requires
from supervisor.web.rule_fields import kept_form_files, typed_answers

blueprint = Blueprint("reports", __name__)
Answer = str | Response | tuple[str, int]
PLACE = "/p/<int:programme_id>/reports"
#: How a unit may rate its own part; grey is no rating.
RATINGS = {light.value: light for light in (Light.GREEN, Light.AMBER, Light.RED)}


@blueprint.get(PLACE)
@requires(Permission.REPORT_READ)
def index(programme_id: int) -> Answer:
    """For a unit what it owes, soonest first; for those who read all, units by periods."""
    if not actor().sees_all:
        mine = owed_reports.owed(actor(), now=now())
        past = owed_reports.past(actor(), now=now())
        return render_template(
            "reports/owed.html", owed=mine, past=past, units=report_matrix.own_units(actor())
        )
    return render_template(
        "reports/matrix.html",
        matrix=report_matrix.matrix(actor(), Wanted.read(request.args), now=now()),
        Cell=Cell,
        Mark=Mark,
        standing=owed_reports.standing(programme_id, now=now()),
        granted=extensions.granted_count(programme_id),
        permitted=late_permits.count_by_unit(programme_id),
        owed=owed_reports.owed(actor(), now=now()) if actor().unit_ids else [],
    )


@blueprint.get(f"{PLACE}/units/<int:unit_id>")
@requires(Permission.REPORT_READ)
def unit(programme_id: int, unit_id: int) -> Answer:
    """One unit's year, rule by rule; or what stands in one square of the matrix."""
    wanted, column = Wanted.read(request.args), request.args.get("column", "")
    year = report_matrix.unit_year(unit_id, actor(), wanted, now=now(), column=column)
    return render_template("reports/unit.html", year=year, Cell=Cell, Mark=Mark, narrowed=bool(column))


@blueprint.get(f"{PLACE}/<int:obligation_id>")
@requires(Permission.REPORT_READ)
def show(programme_id: int, obligation_id: int) -> Answer:
    """One report with all its versions; what asks for documents or items has a page of its own."""
    obligation = obligations.get_visible(obligation_id, actor())
    return (
        page_of(obligation) if obligation.rule.kind is RuleKind.PROGRESS else redirect(_own_page(obligation))
    )


def _own_page(obligation: Obligation, place: str = "show") -> str:
    """Where what is no progress report is shown and handed in: a filing's page, a unit's work plan."""
    programme_id = obligation.programme_id
    if obligation.rule.kind is RuleKind.WORK_PLAN:
        key = work_plans.of_obligation(obligation).id
        return url_for(f"work_plans.{place}", programme_id=programme_id, work_plan_id=key)
    return url_for("filings.show", programme_id=programme_id, obligation_id=obligation.id)


def page_of(obligation: Obligation, errors: Invalid | None = None, form: str = "") -> Answer:
    """The report's page; with `errors` the form named `form` is open and filled."""
    record = report_records.read_record(obligation, actor(), now=now())
    own = obligation.unit_id in actor().unit_ids
    page = render_template(
        "reports/show.html",
        r=record,
        forms=form_pages.filled(obligation, record.reports),
        own=own,
        cell=cell_of(obligation.state, obligation.outcome, obligation.due_at, now(), obligation.waive_reason),
        timely=timeliness_of(obligation, now()),
        may_write=own and _is_writable(obligation),
        errors=errors.fields if errors else {},
        mistake=errors,
        failed=form,
        typed=request.form,
    )
    return (page, 422) if errors else page


def _is_writable(obligation: Obligation) -> bool:
    opened = obligation.state.value in {"open", "returned"} and obligation.opens_at <= now()
    return opened and (obligation.first_submitted_at is not None or now() < obligation.locked_at)


def _own(obligation_id: int) -> Obligation:
    """An owed report of the reader's own unit; others' cannot be written, so they do not exist here."""
    obligation = obligations.get_visible(obligation_id, actor())
    if obligation.unit_id not in actor().unit_ids:
        raise NotFound
    return obligation


@blueprint.get(f"{PLACE}/<int:obligation_id>/form")
@requires(Permission.REPORT_READ)
def form(programme_id: int, obligation_id: int) -> Answer:
    """The month's report on one page."""
    obligation = _own(obligation_id)
    if obligation.rule.kind is not RuleKind.PROGRESS:
        return redirect(_own_page(obligation, "form"))
    if not _is_writable(obligation):
        return redirect(url_for("reports.show", programme_id=programme_id, obligation_id=obligation_id))
    return _form_page(report_records.read_form(obligation, now=now()))


def _form_page(shown: ReportForm, errors: Invalid | None = None) -> Answer:
    fields = form_pages.to_fill(shown.obligation)
    page = render_template(
        "reports/form.html",
        f=shown,
        fields=fields,
        kept_fields=kept_form_files(fields) if errors else {},
        errors=errors.fields if errors else {},
        mistake=errors,
        typed=request.form if errors else {},
        kept={entry.entry.id: kept_files(field_name(entry.entry.id, "files")) for entry in shown.entries}
        if errors
        else {},
        accept=attachments.ACCEPT,
        ratings=[(value, light.label) for value, light in RATINGS.items()],
    )
    return (page, 422) if errors else page


@blueprint.post(f"{PLACE}/<int:obligation_id>/form")
@requires(Permission.REPORT_READ)
def submit(programme_id: int, obligation_id: int) -> Answer:
    """Hand the report in, or leave it with the unit's head."""
    obligation = _own(obligation_id)
    if obligation.rule.kind is not RuleKind.PROGRESS:
        raise NotFound
    answer = url_for("reports.receipt", programme_id=programme_id, obligation_id=obligation_id)
    shown = report_records.read_form(obligation, now=now())
    try:
        # Files first, outside the transaction: a mistake elsewhere must not lose them.
        body = read_body(shown.entries, typed_answers(form_pages.to_fill(obligation)))
        with once(answer=answer):
            reports.submit(obligation, body, by=actor(), now=now())
    except Invalid as wrong:
        return _form_page(shown, wrong)
    return redirect(answer, 303)


def read_body(entries: Sequence[FormEntry], answers: Answers) -> ReportBody:
    """The report as typed. Raises Invalid, naming the field, for a file that is not taken."""
    if request.form.get("nil") == "1":
        return ReportBody(nil=True, nil_reason=request.form.get("nil_reason", ""))
    try:
        return ReportBody([_read_entry(entry) for entry in entries], answers=answers)
    except Invalid as wrong:
        raise Invalid(wrong.sentence, {**wrong.fields, **answers.refused}) from None


def _read_entry(of: FormEntry) -> EntryBody:
    def text(name: str) -> str:
        return request.form.get(field_name(of.entry.id, name), "").replace("\r\n", "\n")

    files = field_name(of.entry.id, "files")
    try:
        ids = taken_files(files)
    except Invalid as wrong:
        raise Invalid(wrong.sentence, {files: wrong.sentence}) from None
    return EntryBody(
        of.entry.id,
        _whole(text("progress")),
        done=text("done"),
        problems=text("problems"),
        next_steps=text("next_steps"),
        help_wanted=text("help_wanted"),
        figure_reason=text("figure_reason"),
        quantities={m: _whole(text(f"q{place}")) for place, m in enumerate(of.known.targets)},
        attachment_ids=ids,
        self_light=RATINGS.get(text("self_light")),
        solved={p.id: text(f"p{p.id}-how") for p in of.known.problems if text(f"p{p.id}") == "solved"},
    )


def _whole(text: str) -> int | None:
    """A whole number as typed, full-width digits and thousands marks included; None for anything else."""
    text = text.strip().replace(",", "").replace("，", "").removesuffix("%")
    try:
        return int(text) if len(text) < 12 else None
    except ValueError:
        return None


@blueprint.get(f"{PLACE}/<int:obligation_id>/receipt")
@requires(Permission.REPORT_READ)
def receipt(programme_id: int, obligation_id: int) -> Answer:
    """The receipt of the version last handed in; prints as one page."""
    obligation = obligations.get_visible(obligation_id, actor())
    record = report_records.read_record(obligation, actor(), now=now())
    if not record.reports:
        raise NotFound
    return render_template(
        "reports/receipt.html", r=record, forms=form_pages.filled(obligation, record.reports)
    )


@blueprint.get(f"{PLACE}/<int:obligation_id>/approval")
@requires(Permission.REPORT_APPROVE)
def approval(programme_id: int, obligation_id: int) -> Answer:
    """The prepared report, for the unit's head."""
    obligation = _own(obligation_id)
    record = report_records.read_record(obligation, actor(), now=now())
    if record.waiting is None or obligation.rule.kind is not RuleKind.PROGRESS:
        return redirect(url_for("reports.show", programme_id=programme_id, obligation_id=obligation_id))
    forms = form_pages.filled(obligation, record.reports)
    return render_template("reports/approval.html", r=record, forms=forms, errors={}, typed={})


@blueprint.post(f"{PLACE}/<int:obligation_id>/approval")
@requires(Permission.REPORT_APPROVE)
def decide_approval(programme_id: int, obligation_id: int) -> Answer:
    """The head sends the report, or gives it back to the liaison."""
    obligation = _own(obligation_id)
    record = report_records.read_record(obligation, actor(), now=now())
    back = request.form.get("verdict") == "back"
    place = "reports.show" if back else "reports.receipt"
    answer = url_for(place, programme_id=programme_id, obligation_id=obligation_id)
    try:
        with once(answer=answer):
            if record.waiting is None or obligation.rule.kind is not RuleKind.PROGRESS:
                raise NotFound
            if back:
                approvals.hand_back(record.waiting, request.form.get("reason", ""), by=actor(), now=now())
            else:
                reports.approve(record.waiting, by=actor(), now=now())
    except Invalid as wrong:
        forms = form_pages.filled(obligation, record.reports)
        page = render_template(
            "reports/approval.html", r=record, forms=forms, errors=wrong.fields, typed=request.form
        )
        return page, 422
    return redirect(answer, 303)
