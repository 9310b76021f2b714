"""A programme's calendar: what opens, falls due and locks; deadlines to decide after a change; counting days."""

from __future__ import annotations

from datetime import date

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from flask_babel import ngettext
from werkzeug.wrappers import Response

from supervisor.core import (
    calendar_events,
    calendar_pictures,
    calendar_questions,
    calendar_windows,
    countings,
)
from supervisor.core.calendar import load_calendar
from supervisor.core.calendar_pictures import day_picture
from supervisor.core.countings import Measure
from supervisor.core.permissions import Permission
from supervisor.errors import Invalid
from supervisor.web.forms import text_of
from supervisor.web.guard import actor, now, once, requires, today
from supervisor.words import N_, Sentence

blueprint = Blueprint("calendars", __name__, url_prefix="/p/<int:programme_id>/calendar")
Page = str | Response | tuple[str, int]


@blueprint.get("")
@requires(Permission.REPORT_READ)
def index(programme_id: int) -> str:
    """What opens, falls due and locks, with days off and make-up days: a month, a week, or a list."""
    shown = calendar_windows.window(request.args.get("view", ""), request.args.get("day", ""), today())
    days, calendar = calendar_events.events(actor(), shown.first, shown.last, now=now()), load_calendar()
    return render_template(
        "calendar/index.html",
        window=shown, views=list(calendar_windows.View), events=days,
        weeks=[[day_picture(day, calendar, month=_month(shown)) for day in week] for week in shown.weeks],
        phases=calendar_events.phases_between(programme_id, shown.first, shown.last),
        unannounced=sorted({d.year for d in (shown.first, shown.last) if not calendar.is_confirmed(d)}),
        questions=calendar_questions.count_waiting(programme_id) if actor().may(Permission.TASK_READ_ALL) else 0,
    )  # fmt: skip


@blueprint.get("/count")
@requires(Permission.PROGRAMME_READ)
def count(programme_id: int) -> Page:
    """From a day on, N working days, days or months; the whole question stands in the address."""
    typed = {"from": request.args.get("from", today().isoformat()), "n": request.args.get("n", ""),
             "of": request.args.get("of", Measure.WORKDAYS.value)}  # fmt: skip
    found, errors, calendar = None, {}, load_calendar()
    if typed["n"]:
        try:
            found = countings.count_on(*_question(typed), calendar)
        except Invalid as error:
            errors = error.fields
    page = render_template(
        "calendar/count.html", typed=typed, found=found, errors=errors, measures=list(Measure),
        stretches=calendar_pictures.merged(found.passed) if found else [],
        months=calendar_pictures.months_between(found.start, found.end, calendar) if found else [],
    )  # fmt: skip
    return (page, 422) if errors else page


def _question(typed: dict[str, str]) -> tuple[date, int, Measure]:
    wrong: dict[str, Sentence] = {}
    try:
        start = date.fromisoformat(typed["from"])
        if not calendar_windows.FIRST_DAY <= start <= calendar_windows.LAST_DAY:
            raise ValueError  # noqa: TRY301 -- one sentence for every day that is none
    except ValueError:
        wrong["from"] = N_("A day such as 2021-06-15.")
    try:
        number = int(typed["n"])
    except ValueError:
        wrong["n"] = N_("A whole number.")
    if wrong:
        raise Invalid(N_("Nothing was counted."), wrong)
    measure = next((each for each in Measure if each.value == typed["of"]), Measure.WORKDAYS)
    countings.check_length(number, measure)
    return start, number, measure


@blueprint.get("/changes")
@requires(Permission.TASK_READ_ALL)
def changes(programme_id: int) -> str:
    """Announced deadlines that a changed calendar would give other dates: to decide, and decided."""
    return _changes(programme_id, 0, {})


@blueprint.post("/changes/<int:question_id>")
@requires(Permission.EXTENSION_DECIDE)
def answer(programme_id: int, question_id: int) -> Page:
    """Keep or move the dates of one rule's period, with the reason."""
    question = calendar_questions.get(question_id, actor())
    move, place = (
        request.form.get("verdict") == "move",
        url_for("calendars.changes", programme_id=programme_id),
    )
    try:
        with once(answer=place):
            count = calendar_questions.answer(
                question, move=move, reason=text_of("reason"), by=actor(), now=now()
            )
    except Invalid as error:
        return _changes(programme_id, question_id, error.fields), error.status
    moved = ngettext(
        "%(num)d report was moved; its unit is told.",
        "%(num)d reports were moved; their units are told.",
        count,
    )
    flash(moved if move else _("The announced dates stay."), "done")
    return redirect(place, 303)


def _month(shown: calendar_windows.Window) -> int:
    return shown.day.month if shown.view is calendar_windows.View.MONTH else 0


def _changes(programme_id: int, failed: int, errors: dict[str, Sentence]) -> str:
    return render_template(
        "calendar/changes.html",
        waiting=calendar_questions.waiting(programme_id),
        answered=calendar_questions.answered(programme_id),
        failed=failed,
        errors=errors,
    )
