"""Accountability cases: the list, the form of a new one, one case with its steps and acts, the list of triggers."""

from __future__ import annotations

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from supervisor.core import attachments, case_kinds, case_pages, case_readers, case_records, cases, units
from supervisor.core.cases import Ruling, Wanted
from supervisor.core.permissions import Permission
from supervisor.errors import Invalid, NotFound
from supervisor.models import AccountabilityCase
from supervisor.web.attachments import kept_files, taken_files
from supervisor.web.forms import day_of, text_of, version_seen, whole_of
from supervisor.web.guard import actor, now, once, programme, requires, today

blueprint = Blueprint("cases", __name__, url_prefix="/p/<int:programme_id>/cases")
Page = str | Response | tuple[str, int]


@blueprint.get("")
@requires(Permission.CASE_READ)
def index(programme_id: int) -> Page:
    """The cases that the reader may see, newest first."""
    wanted = request.args.get("show", "")
    return render_template(
        "cases/index.html",
        rows=case_pages.listed(actor(), wanted),
        wanted=wanted if wanted in case_pages.FILTERS else "",
        number_of=cases.number_of,
    )


@blueprint.get("/new")
@requires(Permission.CASE_OPEN)
def new(programme_id: int) -> Page:
    """The form of a new case."""
    return _new_page()


def _new_page(wrong: Invalid | None = None) -> Page:
    page = render_template(
        "cases/new.html",
        units=[(unit.id, unit.name) for unit in units.register_of(programme())],
        kinds=case_kinds.names_of(programme().id),
        errors=wrong.fields if wrong else {},
        typed=request.form if wrong else {},
    )
    return (page, 422) if wrong else page


@blueprint.post("/new")
@requires(Permission.CASE_OPEN)
def open_case(programme_id: int) -> Page:
    """Open a case; on to its evidence."""
    try:
        with once(answer=url_for("cases.index", programme_id=programme_id)):
            words = {name: text_of(name) for name in ("kind", "title", "account", "source")}
            wanted = Wanted(whole_of("unit") or 0, **words, happened_on=day_of("happened_on"))
            made = cases.open_case(wanted, by=actor(), now=now())
    except Invalid as wrong:
        return _new_page(wrong)
    flash(_("Opened. Add the evidence, then put the case before a leader."), "done")
    return redirect(url_for("cases.show", programme_id=programme_id, case_id=made.id), 303)


@blueprint.get("/kinds")
@requires(Permission.CASE_OPEN)
def kinds(programme_id: int) -> Page:
    """The local list of triggers."""
    return _kinds_page()


def _kinds_page(wrong: Invalid | None = None) -> Page:
    kept = "\n".join(case_kinds.names_of(programme().id))
    page = render_template(
        "cases/kinds.html",
        text=request.form.get("kinds", "") if wrong else kept,
        errors=wrong.fields if wrong else {},
    )
    return (page, 422) if wrong else page


@blueprint.post("/kinds")
@requires(Permission.SETTINGS_EDIT)
def change_kinds(programme_id: int) -> Page:
    """Keep the list of triggers."""
    answer = url_for("cases.kinds", programme_id=programme_id)
    try:
        with once(answer=answer):
            case_kinds.change(programme(), text_of("kinds"), by=actor(), now=now())
    except Invalid as wrong:
        return _kinds_page(wrong)
    flash(_("The list is kept; cases keep the trigger that they were opened with."), "done")
    return redirect(answer, 303)


@blueprint.get("/<int:case_id>")
@requires(Permission.CASE_READ)
def show(programme_id: int, case_id: int) -> Page:
    """One case: how it stands, what may be done, everything that happened."""
    return _case_page(case_readers.get_visible(case_id, actor()))


def _case_page(case: AccountabilityCase, wrong: Invalid | None = None, form: str = "") -> Page:
    page = render_template(
        "cases/show.html",
        r=case_pages.read(case, actor(), today()),
        case=case,
        records=case_records.of_unit(case) if actor().may(Permission.CASE_OPEN) else [],
        chosen=request.form.getlist("record") if form == "evidence" else [],
        errors=wrong.fields if wrong else {},
        failed=form,
        typed=request.form if wrong else {},
        kept=kept_files() if form == "evidence" else [],
        accept=attachments.ACCEPT,
    )
    return (page, 422) if wrong else page


@blueprint.post("/<int:case_id>")
@requires(Permission.CASE_READ)
def act(programme_id: int, case_id: int) -> Page:
    """Add evidence, put before a leader, decide, withdraw, reverse; the verbs ask for the right."""
    case, verb = case_readers.get_visible(case_id, actor()), text_of("verb")
    answer = url_for("cases.show", programme_id=programme_id, case_id=case_id)
    try:
        files = taken_files("files") if verb == "evidence" else []
        with once(answer=answer):
            said = _act(case, verb, files)
    except Invalid as wrong:
        return _case_page(case, wrong, verb)
    flash(said, "done")
    return redirect(answer, 303)


def _act(case: AccountabilityCase, verb: str, files: list[int]) -> str:
    by, at = actor(), now()
    if verb == "evidence":
        records = request.form.getlist("record")[:100]
        cases.add_evidence(case, text_of("words"), records, files, by=by, now=at)
        return str(_("The evidence is on record."))
    if verb == "submit":
        cases.submit(case, text_of("proposal"), by=by, now=at)
        return str(_("The leaders have been told."))
    if verb in {"uphold", "dismiss"}:
        ruling = Ruling(
            verb == "uphold", text_of("reason"), text_of("measure"), text_of("penalty"), text_of("veto")
        )
        cases.decide(case, ruling, seen=version_seen(), by=by, now=at)
        return str(_("Decided; the unit has been told."))
    if verb == "withdraw":
        cases.withdraw(case, text_of("end_reason"), by=by, now=at)
        return str(_("Withdrawn; it stays on record."))
    if verb == "reverse":
        cases.reverse(case, text_of("end_reason"), by=by, now=at)
        return str(_("Reversed; the unit has been told."))
    raise NotFound
