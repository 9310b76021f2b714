"""Tasks: the ledger, a task's page, and what units and the lead office do with a task."""

from __future__ import annotations

from datetime import date
from typing import Any

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from flask_babel import ngettext
from markupsafe import Markup
from werkzeug.wrappers import Response

from supervisor.core import (
    assignments,
    attachments,
    duty_matrix,
    imported_rows,
    ledger,
    rule_pages,
    suspensions,
    task_records,
    tasks,
)
from supervisor.core.periods import PeriodKind, periods_between
from supervisor.core.permissions import Permission
from supervisor.errors import Invalid, NotFound
from supervisor.models import Application, Assignment, LinkRole, Objection, Plan, Task, TaskState
from supervisor.web.attachments import kept_files, taken_files
from supervisor.web.forms import version_seen
from supervisor.web.guard import actor, now, once, requires, today
from supervisor.words import N_

blueprint = Blueprint("tasks", __name__)
Answer = str | Response | tuple[str, int]


class Bars(dict[tuple[int | None, int | None], Markup]):
    """(progress, planned) -> its bar, drawn once a page however many rows show it."""

    def __missing__(self, key: tuple[int | None, int | None]) -> Markup:
        progress, planned = key
        fill = f'<rect width="{progress}" height="8" class="bar-fill"/>' if progress else ""
        mark = (
            f'<rect x="{min(planned, 99)}" width="1" height="8" class="bar-plan"/>'
            if planned is not None
            else ""
        )
        label = _("No progress accepted yet") if progress is None else f"{progress}%"
        beside = f'<span class="quiet">({planned}%)</span>' if planned is not None else ""
        bar = self[key] = Markup(  # noqa: S704 -- whole numbers and a word of our own catalogue
            f'<span class="bar"><svg viewBox="0 0 100 8" preserveAspectRatio="none" role="img" aria-label="{label}">'
            f'<rect width="100" height="8" class="bar-ground"/>{fill}{mark}</svg>'
            f'<span class="num">{"—" if progress is None else f"{progress}%"}</span>{beside}</span>'
        )
        return bar


@blueprint.get("/p/<int:programme_id>/tasks")
@requires(Permission.TASK_READ)
def index(programme_id: int) -> Answer:
    """The ledger: filters and order in the address, fifty rows a page."""
    wanted = ledger.Filter.read(request.args)
    after = request.args.get("after", "")
    if after and not ledger.is_cursor(after, wanted.sort):
        raise NotFound
    own = actor().may(Permission.ASSIGNMENT_ACKNOWLEDGE)
    page = ledger.read_page(actor(), wanted, today=today(), after=after)
    return render_template(
        "tasks/index.html",
        page=page,
        wanted=wanted,
        units=ledger.units_with_tasks(actor()) if actor().sees_all else [],
        states=ledger.SHOWN_STATES,
        LinkRole=LinkRole,
        bars=Bars(),
        unsigned=assignments.unsigned(actor()).limit(ledger.MANY).count() if own else 0,
        sentence="" if wanted.is_narrow else _sentence(ledger.overdue_count(actor(), today())),
        link_to=url_for("tasks.show", programme_id=programme_id, task_id=0)[:-1],
    )


def _sentence(late: int) -> str:
    if not late:
        return str(_("No open task is past its time limit."))
    if late >= ledger.MANY:
        return str(_("More than %(n)s open tasks are past their time limit.", n=ledger.MANY - 1))
    return str(
        ngettext(
            "%(num)s open task is past its time limit.", "%(num)s open tasks are past their time limit.", late
        )
    )


@blueprint.get("/p/<int:programme_id>/tasks/<int:task_id>")
@requires(Permission.TASK_READ)
def show(programme_id: int, task_id: int) -> Answer:
    """One task: what it is, how it stands, what comes next, its history."""
    return _page(tasks.get_visible(task_id, actor()))


def _page(task: Task, errors: Invalid | None = None, form: str = "") -> Answer:
    """The task's page; with `errors` the form named `form` is open and filled."""
    record = task_records.read_record(task, actor(), today=today())
    page = render_template(
        "tasks/show.html",
        r=record,
        imported=imported_rows.of_task(task, actor()),
        phase=rule_pages.phase_of_plan(record.plan, today()) if task.state is TaskState.OPEN else None,
        suspensions=suspensions.of_links(
            [link.assignment.id for link in record.links if link.open], today=today()
        ),
        clauses=duty_matrix.clauses_at(task) if task.standing else [],
        mistake=errors,
        errors=errors.fields if errors else {},
        failed=form,
        typed=request.form,
        kept=kept_files() if form == "application" else [],
        accept=attachments.ACCEPT,
    )
    return (page, 422) if errors else page


def _back(programme_id: int, task_id: int) -> str:
    return url_for("tasks.show", programme_id=programme_id, task_id=task_id)


@blueprint.post("/p/<int:programme_id>/tasks/acknowledgements")
@requires(Permission.ASSIGNMENT_ACKNOWLEDGE)
def acknowledge_all(programme_id: int) -> Answer:
    """Sign for everything that waits for my unit."""
    answer = url_for("tasks.index", programme_id=programme_id)
    with once(answer=answer):
        count = assignments.acknowledge_all(programme_id, by=actor(), now=now())
    flash(ngettext("Signed for %(num)s task.", "Signed for %(num)s tasks.", count), "done")
    return redirect(answer, 303)


@blueprint.post("/p/<int:programme_id>/assignments/<int:assignment_id>/acknowledgement")
@requires(Permission.ASSIGNMENT_ACKNOWLEDGE)
def acknowledge(programme_id: int, assignment_id: int) -> Answer:
    """Sign for one task."""
    link = assignments.get_own(assignment_id, actor())
    with once(answer=_back(programme_id, link.task_id)):
        assignments.acknowledge(link, by=actor(), now=now())
    flash(_("Signed for."), "done")
    return redirect(_back(programme_id, link.task_id), 303)


@blueprint.post("/p/<int:programme_id>/assignments/<int:assignment_id>/objection")
@requires(Permission.ASSIGNMENT_ACKNOWLEDGE)
def object_to(programme_id: int, assignment_id: int) -> Answer:
    """Object to an assignment."""
    link = assignments.get_own(assignment_id, actor())
    try:
        with once(answer=_back(programme_id, link.task_id)):
            assignments.object_to(link, request.form.get("reason", ""), by=actor(), now=now())
    except Invalid as wrong:
        return _page(link.task, wrong, "objection")
    flash(_("The objection is with the lead office. Until it is decided the task stays yours."), "done")
    return redirect(_back(programme_id, link.task_id), 303)


@blueprint.post("/p/<int:programme_id>/assignments/<int:assignment_id>/application")
@requires(Permission.APPLICATION_FILE)
def apply(programme_id: int, assignment_id: int) -> Answer:
    """Apply for completion, with evidence and files."""
    link = assignments.get_own(assignment_id, actor())
    try:
        files = taken_files("files")
        with once(answer=_back(programme_id, link.task_id)):
            assignments.apply_for_completion(
                link, request.form.get("evidence", ""), attachment_ids=files, by=actor(), now=now()
            )
    except Invalid as wrong:
        return _page(link.task, wrong, "application")
    flash(_("The application is with the lead office. The day that counts is today's."), "done")
    return redirect(_back(programme_id, link.task_id), 303)


@blueprint.post("/p/<int:programme_id>/applications/<int:application_id>/decision")
@requires(Permission.APPLICATION_DECIDE)
def decide_application(programme_id: int, application_id: int) -> Answer:
    """Accept or return an application for completion."""
    row = _of_programme(Application, application_id, programme_id)
    accepted, reason = request.form.get("verdict") == "accept", request.form.get("reason", "")
    try:
        with once(answer=_back(programme_id, row.assignment.task_id)):
            assignments.decide_application(row, accepted=accepted, reason=reason, by=actor(), now=now())
    except Invalid as wrong:
        return _page(row.assignment.task, wrong, f"application-{row.id}")
    flash(_("Completion accepted.") if accepted else _("Application returned."), "done")
    return redirect(_back(programme_id, row.assignment.task_id), 303)


@blueprint.post("/p/<int:programme_id>/objections/<int:objection_id>/decision")
@requires(Permission.OBJECTION_DECIDE)
def decide_objection(programme_id: int, objection_id: int) -> Answer:
    """Uphold an objection, or not."""
    row = _of_programme(Objection, objection_id, programme_id)
    upheld, decision = request.form.get("verdict") == "uphold", request.form.get("decision", "")
    try:
        with once(answer=_back(programme_id, row.assignment.task_id)):
            assignments.decide_objection(
                row,
                upheld=upheld,
                decision=decision,
                alone=bool(request.form.get("alone")),
                by=actor(),
                now=now(),
            )
    except Invalid as wrong:
        return _page(row.assignment.task, wrong, f"objection-{row.id}")
    flash(_("Objection upheld.") if upheld else _("Objection not upheld."), "done")
    return redirect(_back(programme_id, row.assignment.task_id), 303)


def _of_programme(table: Any, key: int, programme_id: int) -> Any:
    row = (
        table.select()
        .join(Assignment)
        .where((table.id == key) & (Assignment.programme == programme_id))
        .first()
    )
    if row is None:
        raise NotFound
    return row


@blueprint.get("/p/<int:programme_id>/tasks/<int:task_id>/change")
@requires(Permission.TASK_EDIT)
def edit(programme_id: int, task_id: int) -> Answer:
    """The form for a numbered change."""
    task = tasks.get_visible(task_id, actor())
    return _edit_page(task, {})


@blueprint.post("/p/<int:programme_id>/tasks/<int:task_id>/change")
@requires(Permission.TASK_EDIT)
def change(programme_id: int, task_id: int) -> Answer:
    """Change due date or planned progress, with a reason."""
    task = tasks.get_visible(task_id, actor())
    try:
        due_on, planned, seen = _read_change()
        with once(answer=_back(programme_id, task_id)):
            tasks.change(
                task, due_on=due_on, planned=planned, seen_version=seen, reason=request.form.get("reason", ""),
                by=actor(), now=now(),
            )  # fmt: skip
    except Invalid as wrong:
        return _edit_page(task, wrong.fields), 422
    flash(_("The change is saved; the units sign again where the time limit moved."), "done")
    return redirect(_back(programme_id, task_id), 303)


def _edit_page(task: Task, errors: dict[str, Any]) -> str:
    plan = Plan.get_by_id(task.plan_id)
    start = tasks.start_of(plan.issued_at, plan.effective_on)
    end = max(task.due_on or start, start.replace(month=12, day=31))
    quarters = [period.key for period in periods_between(PeriodKind.QUARTER, start, end)]
    return render_template(
        "tasks/change.html", task=task, quarters=quarters, errors=errors, typed=request.form
    )


def _read_change() -> tuple[date | None, dict[str, int], int]:
    """Due date, planned progress by quarter and the version seen, as typed; Invalid for what is no date or number."""
    form = request.form
    try:
        due_on = date.fromisoformat(form["due_on"]) if form.get("due_on") else None
    except ValueError:
        raise Invalid(N_("The change was not saved."), {"due_on": N_("That is not a day.")}) from None
    try:
        planned = {k[2:]: int(v) for k, v in form.items() if k.startswith("p-") and v.strip()}
        return due_on, planned, version_seen()
    except ValueError:
        message = N_("Planned progress is a whole percent from 0 to 100.")
        raise Invalid(N_("The change was not saved."), {"planned": message}) from None


@blueprint.post("/p/<int:programme_id>/tasks/<int:task_id>/suspensions")
@requires(Permission.TASK_EDIT)
def suspend(programme_id: int, task_id: int) -> Answer:
    """Suspend the task for one of its units."""
    task = tasks.get_visible(task_id, actor())
    try:
        link = _chosen_link(task)
        from_on, review_on = _days("from_on", "review_on")
        with once(answer=_back(programme_id, task_id)):
            suspensions.suspend(
                link, from_on=from_on, review_on=review_on, reason=request.form.get("reason", ""),
                by=actor(), now=now(),
            )  # fmt: skip
    except Invalid as wrong:
        return _page(task, wrong, "suspension")
    flash(_("The task is suspended for this unit, which has been told."), "done")
    return redirect(_back(programme_id, task_id), 303)


def _chosen_link(task: Task) -> Assignment:
    """The task's link that the form names."""
    chosen = request.form.get("assignment", "")
    if not chosen:
        raise Invalid(N_("The task was not suspended."), {"assignment": N_("Name the unit.")})
    link = suspensions.get(int(chosen) if chosen.isdecimal() and len(chosen) < 12 else 0, actor())
    if link.task_id != task.id:
        raise NotFound
    return link


def _days(*names: str) -> list[date]:
    """Days as typed; Invalid names each that is none."""
    found, wrong = [], {}
    for name in names:
        try:
            found.append(date.fromisoformat(request.form.get(name, "")))
        except ValueError:
            wrong[name] = N_("That is not a day.")
    if wrong:
        raise Invalid(N_("The task was not suspended."), wrong)
    return found


@blueprint.post("/p/<int:programme_id>/assignments/<int:assignment_id>/resumption")
@requires(Permission.TASK_EDIT)
def resume(programme_id: int, assignment_id: int) -> Answer:
    """Take a suspended part up again."""
    link = suspensions.get(assignment_id, actor())
    try:
        with once(answer=_back(programme_id, link.task_id)):
            suspensions.resume(link, reason=request.form.get("resume_reason", ""), by=actor(), now=now())
    except Invalid as wrong:
        return _page(link.task, wrong, f"suspension-{link.id}")
    flash(_("The task is taken up again; the unit has been told."), "done")
    return redirect(_back(programme_id, link.task_id), 303)
