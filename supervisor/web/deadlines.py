"""Deadlines of whatever is owed: a unit asks for a later day, the office decides, moves, waives, permits late hand-in.

Each answers on the page of its own kind; a mistake comes back there with its form open and filled.
"""

from __future__ import annotations

from datetime import date

from flask import Blueprint, flash, redirect, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from supervisor.core import extensions, late_permits, obligations, work_plans
from supervisor.core.permissions import Permission
from supervisor.errors import Invalid, NotFound
from supervisor.models import Extension, Obligation, ReportingRule, RuleKind
from supervisor.web import filings, reports
from supervisor.web import work_plans as work_plan_web
from supervisor.web.forms import day_of, text_of
from supervisor.web.guard import actor, now, once, requires
from supervisor.words import N_

blueprint = Blueprint("deadlines", __name__)
Answer = str | Response | tuple[str, int]
PLACE = "/p/<int:programme_id>/reports/<int:obligation_id>"


def _here(obligation: Obligation) -> str:
    return url_for("reports.show", programme_id=obligation.programme_id, obligation_id=obligation.id)


def _again(obligation: Obligation, wrong: Invalid, form: str) -> Answer:
    """The page with the form named `form` open and filled."""
    rule: ReportingRule = obligation.rule
    if rule.kind is RuleKind.PROGRESS:
        return reports.page_of(obligation, wrong, form)
    if rule.kind is RuleKind.WORK_PLAN:
        return work_plan_web.page_of(work_plans.of_obligation(obligation), wrong, form)
    return filings.page_of(obligation, wrong, form)


@blueprint.post(f"{PLACE}/extension")
@requires(Permission.EXTENSION_ASK)
def ask_extension(programme_id: int, obligation_id: int) -> Answer:
    """Ask for a later due day."""
    obligation = obligations.get_visible(obligation_id, actor())
    answer = _here(obligation)
    try:
        with once(answer=answer):
            extensions.ask_extension(
                obligation, reason=text_of("reason"), wanted_on=_day("wanted_on"), by=actor(), now=now()
            )
    except Invalid as wrong:
        return _again(obligation, wrong, "extension")
    flash(_("The request is with the lead office. Until it is decided the due day stays."), "done")
    return redirect(answer, 303)


def _day(name: str) -> date:
    """A day that must be named."""
    day = day_of(name)
    if day is None:
        raise Invalid(N_("Please name a day."), {name: N_("Please name a day.")})
    return day


@blueprint.post("/p/<int:programme_id>/extensions/<int:extension_id>/decision")
@requires(Permission.EXTENSION_DECIDE)
def decide_extension(programme_id: int, extension_id: int) -> Answer:
    """Grant or refuse a later due day."""
    row = Extension.select().join(Obligation).where(
        (Extension.id == extension_id) & (Obligation.programme == programme_id)
    ).first()  # fmt: skip
    if row is None:
        raise NotFound
    granted, answer = request.form.get("verdict") == "grant", _here(row.obligation)
    try:
        day = _day("due_on") if granted else None
        with once(answer=answer):
            extensions.decide_extension(
                row, granted=granted, decision=text_of("decision"), due_on=day, by=actor(), now=now()
            )
    except Invalid as wrong:
        return _again(row.obligation, wrong, "decision")
    flash(_("Extension granted.") if granted else _("Extension refused."), "done")
    return redirect(answer, 303)


@blueprint.post(f"{PLACE}/deadline")
@requires(Permission.EXTENSION_DECIDE)
def move(programme_id: int, obligation_id: int) -> Answer:
    """The office moves a due day of its own accord, or waives what is owed."""
    obligation = obligations.get_visible(obligation_id, actor())
    answer, reason, waive = _here(obligation), text_of("reason"), request.form.get("verdict") == "waive"
    try:
        with once(answer=answer):
            if waive:
                extensions.waive(obligation, reason=reason, by=actor(), now=now())
            else:
                extensions.move_deadline(obligation, _day("due_on"), reason=reason, by=actor(), now=now())
    except Invalid as wrong:
        return _again(obligation, wrong, "deadline")
    flash(_("It is waived.") if waive else _("The due day has moved; reminders follow the new one."), "done")
    return redirect(answer, 303)


@blueprint.post(f"{PLACE}/permit")
@requires(Permission.EXTENSION_DECIDE)
def permit_late(programme_id: int, obligation_id: int) -> Answer:
    """The office lets the unit hand in after the lock, until a day."""
    obligation = obligations.get_visible(obligation_id, actor())
    answer = _here(obligation)
    try:
        with once(answer=answer):
            late_permits.permit(obligation, _day("until_on"), reason=text_of("reason"), by=actor(), now=now())
    except Invalid as wrong:
        return _again(obligation, wrong, "permit")
    flash(_("Late hand-in permitted; the unit has been told."), "done")
    return redirect(answer, 303)
