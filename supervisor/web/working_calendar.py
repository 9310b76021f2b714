"""The administrator's pages of the working calendar: years as pictures, a notice read and applied, days corrected."""

from __future__ import annotations

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from supervisor.core import calendar_decisions, calendar_pictures
from supervisor.core.calendar import load_calendar, missing_year
from supervisor.core.calendar_decisions import FIRST_YEAR, LAST_YEAR, Proposal
from supervisor.core.holiday_arrangement import HolidayNotice
from supervisor.core.holiday_notices import read_notice
from supervisor.core.permissions import Permission
from supervisor.errors import Invalid
from supervisor.models import CalendarAct, CalendarYear
from supervisor.web.forms import day_of, text_of, whole_of
from supervisor.web.guard import actor, now, once, requires, today
from supervisor.words import DEFAULT_LOCALE, N_, Sentence, say

blueprint = Blueprint("working_calendar", __name__, url_prefix="/admin/calendar")
Page = str | Response | tuple[str, int]


@blueprint.get("")
@requires(Permission.CALENDAR_EDIT)
def index() -> str:
    """The years with their state; one of them as a picture, with its history."""
    return _index({})


@blueprint.get("/notice")
@requires(Permission.CALENDAR_EDIT)
def paste() -> str:
    """Where the year's notice is pasted."""
    return _check_page(None, None, {})


@blueprint.post("/check")
@requires(Permission.CALENDAR_EDIT)
def check() -> Page:
    """What was read, what contradicts itself and what it would do; nothing is changed."""
    try:
        notice, proposal = _typed()
    except Invalid as error:
        return _index(error.fields), error.status
    return _check_page(notice, proposal, {})


@blueprint.post("/apply")
@requires(Permission.CALENDAR_EDIT)
def apply() -> Page:
    """Put what was checked in force."""
    notice, proposal = _typed()
    if proposal is None:
        return _check_page(notice, None, {"text": N_("Mend the text first.")}), 422
    try:
        confirmed = _confirmed(notice)
        with once(answer=url_for("working_calendar.index", year=proposal.year)):
            calendar_decisions.apply(
                proposal, source=text_of("source"), reason=text_of("reason"), confirmations=confirmed,
                by=actor(), now=now(),
            )  # fmt: skip
    except Invalid as error:
        return _check_page(notice, proposal, error.fields or {"source": error.sentence}), error.status
    flash(_("The calendar of %(year)s has been changed.", year=proposal.year), "done")
    return redirect(url_for("working_calendar.index", year=proposal.year), 303)


def _typed() -> tuple[HolidayNotice | None, Proposal | None]:
    """The notice and proposal of the form; no proposal where the notice must be mended first."""
    act = text_of("act")
    if act == CalendarAct.DAY:
        day = day_of("day")
        if day is None:
            raise Invalid(N_("The day was not changed."), {"day": N_("A day such as 2021-06-15.")})
        return None, calendar_decisions.propose_day(day, text_of("kind"), text_of("name"))
    if act == CalendarAct.WITHDRAWAL:
        return None, calendar_decisions.propose_withdrawal(whole_of("year") or 0)
    text = request.form.get("text", "")
    notice = read_notice(text)
    if not notice.is_usable or notice.year is None:
        return notice, None
    only = [name for passage in notice.passages for name in passage.names] if notice.is_partial else []
    return notice, calendar_decisions.propose_notice(notice.year, notice.rows, text=text, only=only)


def _confirmed(notice: HolidayNotice | None) -> list[str]:
    """What was asked about the notice, all of it confirmed by a tick; Invalid names the one that is not."""
    asked = [
        (number, problem)
        for number, problem in enumerate(notice.problems if notice else ())
        if not problem.fatal
    ]
    for number, _problem in asked:
        if not request.form.get(f"confirm-{number}"):
            wrong = N_("Confirm that it is printed so, or mend the text.")
            raise Invalid(N_("The calendar was not changed."), {f"confirm-{number}": wrong})
    return [say(problem.what, DEFAULT_LOCALE) for _number, problem in asked]


def _index(errors: dict[str, Sentence]) -> str:
    calendar = load_calendar()
    missing = missing_year(today(), calendar)
    years = {row.year: row for row in CalendarYear.select().order_by(CalendarYear.year.desc())}
    year = min(max(request.values.get("year", today().year, int), FIRST_YEAR), LAST_YEAR)
    listed = sorted({*years, year, today().year + 1, *([missing] if missing else [])}, reverse=True)
    return render_template(
        "working_calendar/index.html",
        years=[(number, years.get(number)) for number in listed], year=year, row=years.get(year), missing=missing,
        months=calendar_pictures.year_picture(year, calendar),
        holidays=calendar_pictures.holidays_of(year, calendar),
        history=calendar_decisions.history(year, by=actor()), errors=errors,
    )  # fmt: skip


def _check_page(notice: HolidayNotice | None, proposal: Proposal | None, errors: dict[str, Sentence]) -> str:
    months = []
    if proposal is not None:
        touched = {change.day for change in proposal.changes}
        pictures = calendar_pictures.year_picture(proposal.year, proposal.calendar, touched)
        months = [m for m in pictures if any((d.year, d.month) == (m.year, m.month) for d in touched)]
    return render_template(
        "working_calendar/check.html",
        act=text_of("act") or CalendarAct.NOTICE.value, text=request.form.get("text", ""), notice=notice,
        proposal=proposal, months=months, errors=errors, now_confirmed=load_calendar().years,
        lines=request.form.get("text", "").splitlines(),
        effects=calendar_decisions.effects(proposal, by=actor(), now=now()) if proposal else None,
    )  # fmt: skip
