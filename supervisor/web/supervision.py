"""Weekly supervision, monthly dispatch, instructions: what is found, what is decided, and whether it is done."""

from __future__ import annotations

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from supervisor.core import instructions, month_figures, tasks, units, weekly_records
from supervisor.core.instructions import Wanted
from supervisor.core.month_figures import month_of, read_month
from supervisor.core.periods import Period
from supervisor.core.permissions import Permission
from supervisor.core.weekly_records import is_worse
from supervisor.errors import Invalid
from supervisor.models import InstructionKind, Light, Task
from supervisor.web.forms import chosen, day_of, text_of, whole_of
from supervisor.web.guard import actor, now, once, programme, requires, today

blueprint = Blueprint("supervision", __name__, url_prefix="/p/<int:programme_id>")
Page = str | Response | tuple[str, int]


@blueprint.get("/weekly")
@requires(Permission.WEEKLY_READ)
def weekly(programme_id: int) -> Page:
    """The weeks, newest first."""
    quarter = request.args.get("quarter", "")
    found = weekly_records.weeks(programme_id, today(), quarter=quarter)
    keys = [week.row.week for week in found]
    return render_template(
        "supervision/weekly.html",
        weeks=found,
        findings=weekly_records.findings(actor(), keys),
        quarter=quarter,
    )


def _lights() -> dict[str, object]:
    return {light.value: light for light in Light}


@blueprint.get("/weekly/<week>")
@requires(Permission.WEEKLY_READ)
def week(programme_id: int, week: str) -> Page:
    """One week's record."""
    return _week_page(week)


def _week_page(key: str, wrong: Invalid | None = None) -> Page:
    found = weekly_records.get_week(programme(), key, today())
    moves = found.row.figures.get("moves", [])
    page = render_template(
        "supervision/week.html",
        week=found,
        figures=found.row.figures,
        moves=moves,
        worse=sum(is_worse(move) for move in moves),
        findings=instructions.of_periods(actor(), InstructionKind.FINDING, [key]),
        earlier=instructions.still_open(actor(), InstructionKind.FINDING, before=key),
        lights=_lights(),
        **_choices(wrong),
    )
    return (page, 422) if wrong else page


def _choices(wrong: Invalid | None) -> dict[str, object]:
    """What the form of a finding or decision offers, and what was typed in it."""
    rows = tasks.visible_to(actor()).select(Task.id, Task.title).order_by(Task.sort, Task.id).limit(1000)
    return {
        "units": units.units_of(programme().id),
        "tasks": [("", _("none in particular")), *((row.id, row.title) for row in rows)],
        "errors": wrong.fields if wrong else {},
        "typed": request.form if wrong else {},
        "ticked": chosen("units") if wrong else [],
    }


def _wanted() -> Wanted:
    return Wanted(text_of("text"), chosen("units"), day_of("due_on"), whole_of("task"))


@blueprint.post("/weekly/<week>")
@requires(Permission.FINDING_WRITE)
def act_on_week(programme_id: int, week: str) -> Page:
    """Record a finding, or finish the week."""
    found = weekly_records.get_week(programme(), week, today())
    answer = url_for("supervision.week", programme_id=programme_id, week=week)
    try:
        with once(answer=answer):
            if text_of("verb") == "finish":
                weekly_records.finish(found, text_of("conclusion"), by=actor(), now=now())
            else:
                weekly_records.add_finding(programme(), found, _wanted(), by=actor(), now=now())
    except Invalid as wrong:
        return _week_page(week, wrong)
    flash(_("Recorded."), "done")
    return redirect(answer, 303)


@blueprint.get("/dispatch")
@requires(Permission.DISPATCH_READ)
def dispatch(programme_id: int) -> Page:
    """The newest month that has ended."""
    months = month_figures.reported_months(programme_id, today())
    if not months:
        return render_template("supervision/no_month.html")
    return _dispatch_page(months[0], months)


@blueprint.get("/dispatch/<month>")
@requires(Permission.DISPATCH_READ)
def dispatch_of(programme_id: int, month: str) -> Page:
    """A month's dispatch."""
    return _dispatch_page(month_of(month), month_figures.reported_months(programme_id, today()))


def _dispatch_page(month: Period, months: list[Period], wrong: Invalid | None = None) -> Page:
    decided, before = InstructionKind.DECISION, month.previous()
    page = render_template(
        "supervision/dispatch.html",
        m=read_month(programme().id, month, now=now()),
        months=months,
        last=instructions.of_periods(actor(), decided, [before.key]),
        older=instructions.still_open(actor(), decided, before=before.key),
        decisions=instructions.of_periods(actor(), decided, [month.key]),
        lights=_lights(),
        **_choices(wrong),
    )
    return (page, 422) if wrong else page


@blueprint.post("/dispatch/<month>")
@requires(Permission.DISPATCH_EDIT)
def decide(programme_id: int, month: str) -> Page:
    """Record a decision of the month's meeting."""
    period = month_of(month)
    answer = url_for("supervision.dispatch_of", programme_id=programme_id, month=month)
    try:
        with once(answer=answer):
            instructions.record(
                programme(), InstructionKind.DECISION, period.key, _wanted(), by=actor(), now=now()
            )
    except Invalid as wrong:
        return _dispatch_page(period, month_figures.reported_months(programme_id, today()), wrong)
    flash(_("Recorded; the units named have been told."), "done")
    return redirect(answer, 303)


@blueprint.get("/instructions")
@requires(Permission.INSTRUCTION_READ)
def listing(programme_id: int) -> Page:
    """What was found and decided, as far as this person sees it."""
    return render_template("supervision/instructions.html", parts=instructions.newest(actor()), wrong_at=0)


@blueprint.post("/instructions/<int:part_id>")
@requires(Permission.FINDING_WRITE)
def follow_up(programme_id: int, part_id: int) -> Page:
    """Note how far a unit is, or that it is done."""
    part = instructions.get_part(part_id, actor())
    answer = url_for("supervision.listing", programme_id=programme_id)
    try:
        with once(answer=answer):
            done = text_of("verb") == "done"
            instructions.follow_up(part, text_of("note"), done=done, by=actor(), now=now())
    except Invalid as wrong:
        parts = instructions.newest(actor())
        page = render_template(
            "supervision/instructions.html", parts=parts, wrong_at=part_id, errors=wrong.fields
        )
        return page, 422
    flash(_("Recorded."), "done")
    return redirect(answer, 303)
