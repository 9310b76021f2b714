"""The work plan before it is issued: figures, checks, and the issue itself, confirmed by reading."""

from __future__ import annotations

from datetime import date

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from flask_babel import ngettext
from werkzeug.wrappers import Response

from supervisor.core import plan_figures, plans, programmes, rules_at_issue, work_plan_asking
from supervisor.core.calendar import load_calendar
from supervisor.core.permissions import Permission
from supervisor.core.plan_figures import NoticeTarget, measures_of
from supervisor.core.plans import TaskLinks
from supervisor.errors import Invalid, NotFound
from supervisor.models import Plan, PlanState
from supervisor.web.forms import day_of, is_number, number, text_of, whole_of
from supervisor.web.guard import actor, now, once, programme, requires, today
from supervisor.words import N_, Sentence

blueprint = Blueprint("plans", __name__, url_prefix="/p/<int:programme_id>/plans")
#: Tasks on one page of the plan.
ROWS = 200
Page = str | Response | tuple[str, int]


@blueprint.get("/<int:plan_id>")
@requires(Permission.DOCUMENT_READ)
def show(programme_id: int, plan_id: int) -> str:
    """The plan: its tasks with figures, and what stands before the issue."""
    return _plan_page(_get(plan_id), {})


@blueprint.post("/<int:plan_id>/dates")
@requires(Permission.PLAN_EDIT)
def date_the_undated(programme_id: int, plan_id: int) -> Page:
    """One due date for every task that has none."""
    plan = _get(plan_id)
    try:
        due_on = _needed_day("due_on")
        with once(answer=plans.plan_link(plan)):
            count = plan_figures.date_the_undated(plan, due_on, by=actor(), now=now())
    except Invalid as error:
        return _plan_page(plan, error.fields), error.status
    flash(ngettext("%(num)d task got this due date.", "%(num)d tasks got this due date.", count), "done")
    return redirect(plans.plan_link(plan), 303)


@blueprint.get("/<int:plan_id>/tasks/<int:task_id>")
@requires(Permission.PLAN_EDIT)
def task(programme_id: int, plan_id: int, task_id: int) -> str:
    """A task's figures: due date, planned progress, quantities."""
    plan = _get(plan_id)
    return _task_page(plan, plan_figures.get_task(task_id, plan), {})


@blueprint.post("/<int:plan_id>/tasks/<int:task_id>")
@requires(Permission.PLAN_EDIT)
def set_figures(programme_id: int, plan_id: int, task_id: int) -> Page:
    """Save due date and planned progress."""
    plan = _get(plan_id)
    row = plan_figures.get_task(task_id, plan)
    try:
        planned = {name: value for name in _quarters() if (value := whole_of(name)) is not None}
        with once(answer=_task_link(plan, task_id)):
            plan_figures.set_figures(
                row.task,
                due_on=day_of("due_on"),
                planned=planned,
                seen=whole_of("version") or 0,
                by=actor(),
                now=now(),
            )
    except Invalid as error:
        return _task_page(plan, row, error.fields), error.status
    flash(_("Saved."), "done")
    return redirect(_task_link(plan, task_id), 303)


@blueprint.post("/<int:plan_id>/tasks/<int:task_id>/lead")
@requires(Permission.PLAN_EDIT)
def decide_lead(programme_id: int, plan_id: int, task_id: int) -> Page:
    """Name a lead unit, or confirm that each answers for itself."""
    plan = _get(plan_id)
    row = plan_figures.get_task(task_id, plan)
    try:
        with once(answer=_task_link(plan, task_id)):
            each = bool(request.form.get("each_answers"))
            plan_figures.decide_lead(row.task, text_of("lead"), each_answers=each, by=actor(), now=now())
    except Invalid as error:
        return _task_page(plan, row, error.fields), error.status
    return redirect(_task_link(plan, task_id), 303)


@blueprint.post("/<int:plan_id>/tasks/<int:task_id>/targets")
@requires(Permission.PLAN_EDIT)
def set_targets(programme_id: int, plan_id: int, task_id: int) -> Page:
    """Share a quantity out to the task's units."""
    plan = _get(plan_id)
    row = plan_figures.get_task(task_id, plan)
    try:
        named = [name for name in request.form if name.startswith("unit-") and is_number(name[5:])]
        given = {number(name[5:]): whole_of(name) for name in named}
        targets = {unit_id: value for unit_id, value in given.items() if value is not None}
        with once(answer=_task_link(plan, task_id)):
            plan_figures.set_targets(row, text_of("measure"), targets, by=actor(), now=now())
    except Invalid as error:
        return _task_page(plan, row, error.fields), error.status
    flash(_("Saved."), "done")
    return redirect(_task_link(plan, task_id), 303)


@blueprint.get("/<int:plan_id>/issue")
@requires(Permission.PLAN_ISSUE)
def before_issue(programme_id: int, plan_id: int) -> str:
    """What issuing will make, and what stands in its way."""
    return _issue_page(_get(plan_id), {})


@blueprint.post("/<int:plan_id>/issue")
@requires(Permission.PLAN_ISSUE)
def issue(programme_id: int, plan_id: int) -> Page:
    """Issue the plan, once it is confirmed by reading."""
    plan = _get(plan_id)
    if not request.form.get("understood"):
        return _issue_page(plan, {"understood": N_("Read what will be made and confirm it.")}), 422
    with once(answer=plans.plan_link(plan)):
        extent = plans.issue(plan, by=actor(), now=now())
    said = {"tasks": extent.tasks, "links": extent.links, "units": extent.units}
    flash(_("Issued: %(tasks)s tasks, %(links)s links, %(units)s units.", **said), "done")
    return redirect(plans.plan_link(plan), 303)


def _get(plan_id: int) -> Plan:
    plan = plans.get(plan_id, programme())
    if plan.state is PlanState.DRAFT and not actor().may(Permission.PLAN_EDIT):
        raise NotFound  # drafts only for those who make them (D16)
    return plan


def _plan_page(plan: Plan, errors: dict[str, Sentence]) -> str:
    rows, stated = plans.tasks_of(plan), plan_figures.notice_targets(plan)
    last = max(1, -(-len(rows) // ROWS))
    page = min(max(request.args.get("page", 1, type=number), 1), last)
    return render_template(
        "plans/show.html",
        plan=plan,
        rows=rows[(page - 1) * ROWS : page * ROWS],
        page=(page, last, len(rows)),
        extent=plans.extent_of(rows),
        checks=plans.checks(plan, rows, now=now()) if plan.state is PlanState.DRAFT else [],
        measures=plan_figures.measures_in(plan, stated),
        targets=plan_figures.shown_targets(plan, stated, rows),
        undated=sum(1 for row in rows if row.task.due_on is None and not row.task.standing),
        default_due=plan_figures.default_due(plan, stated),
        settings=programmes.settings_on(plan.programme_id, today()),
        errors=errors,
    )


def _task_page(plan: Plan, row: TaskLinks, errors: dict[str, Sentence]) -> str:
    stated: list[NoticeTarget] = plan_figures.notice_targets(plan)
    return render_template(
        "plans/task.html",
        plan=plan,
        row=row,
        task=row.task,
        quarters=plan_figures.quarters_of(row.task, plan),
        units=plan_figures.units_in(row),
        stated=stated,
        measures=measures_of(row.task, stated),
        is_draft=plan.state is PlanState.DRAFT,
        errors=errors,
    )


def _issue_page(plan: Plan, errors: dict[str, Sentence]) -> str:
    rows = plans.tasks_of(plan)
    checks = plans.checks(plan, rows, now=now())
    settings = programmes.settings_on(plan.programme_id, today())
    return render_template(
        "plans/issue.html",
        plan=plan,
        extent=plans.extent_of(rows),
        checks=checks,
        grave=[check for check in checks if check.grave],
        asked=rules_at_issue.rules_at_issue(plan, plans.links_in(rows), now=now()),
        settings=settings,
        work_plans_due=work_plan_asking.due_after(today(), settings, load_calendar()),
        errors=errors,
    )


def _quarters() -> list[str]:
    return [name for name in request.form if len(name) == 7 and name[4:6] == "-Q"]


def _needed_day(name: str) -> date:
    day = day_of(name)
    if day is None:
        wrong = N_("Choose a day.")
        raise Invalid(wrong, {name: wrong})
    return day


def _task_link(plan: Plan, task_id: int) -> str:
    return url_for("plans.task", programme_id=plan.programme_id, plan_id=plan.id, task_id=task_id)
