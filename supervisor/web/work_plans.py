"""Units' work plans: the list, the form (buttons that post and keep everything typed), receipt, verdict, milestones."""

from __future__ import annotations

from flask import Blueprint, flash, g, redirect, render_template, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from supervisor.core import (
    approvals,
    attachments,
    milestones,
    work_plan_pages,
    work_plan_verdicts,
    work_plans,
)
from supervisor.core.permissions import Permission
from supervisor.core.work_plan_pages import Stage
from supervisor.core.work_plan_rows import Row, field_of
from supervisor.errors import Invalid, NotFound, Stale
from supervisor.models import Milestone, PlanFiling, WorkPlan
from supervisor.web.attachments import kept_files, taken_files
from supervisor.web.forms import day_of, is_number, number, text_of, whole_of
from supervisor.web.guard import actor, now, once, requires, today

blueprint = Blueprint("work_plans", __name__)
Answer = str | Response | tuple[str, int]
PLACE = "/p/<int:programme_id>/work-plans"


@blueprint.get(PLACE)
@requires(Permission.WORK_PLAN_READ)
def index(programme_id: int) -> Answer:
    """All units' work plans for those who read everything; a unit's own ones."""
    lines = work_plan_pages.lines(actor(), today=today())
    if not actor().sees_all and len(lines) == 1:
        return redirect(url_for("work_plans.show", programme_id=programme_id, work_plan_id=lines[0].row.id))
    only = request.args.get("stage", "")
    shown = [line for line in lines if only in {"", line.stage.value} or (only == "late" and line.is_late)]
    return render_template("work_plans/index.html", lines=lines, shown=shown, only=only, Stage=Stage)


@blueprint.get(f"{PLACE}/<int:work_plan_id>")
@requires(Permission.WORK_PLAN_READ)
def show(programme_id: int, work_plan_id: int) -> Answer:
    """One work plan: what is in force, what was filed, what waits for a verdict."""
    return page_of(work_plans.get_visible(work_plan_id, actor()))


def page_of(work_plan: WorkPlan, errors: Invalid | None = None, form: str = "") -> Answer:
    """The page; with `errors` the form named `form` is open and filled."""
    page = render_template(
        "work_plans/show.html",
        r=work_plan_pages.read_record(work_plan, actor(), now=now()),
        own=work_plan.unit_id in actor().unit_ids,
        errors=errors.fields if errors else {},
        failed=form,
        typed=request.form if errors else {},
        kept=kept_files() if form else [],
        accept=attachments.ACCEPT,
        indicator_text=work_plan_pages.indicator_text,
    )
    return (page, 422) if errors else page


def _own(work_plan_id: int) -> WorkPlan:
    """A work plan of the reader's own unit; nobody else's can be written."""
    row = work_plans.get_visible(work_plan_id, actor())
    if row.unit_id not in actor().unit_ids:
        raise NotFound
    return row


@blueprint.get(f"{PLACE}/<int:work_plan_id>/form")
@requires(Permission.WORK_PLAN_FILE)
def form(programme_id: int, work_plan_id: int) -> Answer:
    """The working copy as a form."""
    work_plan = _own(work_plan_id)
    if work_plan.state not in work_plans.WRITABLE:
        return redirect(url_for("work_plans.show", programme_id=programme_id, work_plan_id=work_plan_id))
    return _form_page(work_plan)


def _form_page(
    work_plan: WorkPlan,
    errors: Invalid | None = None,
    stale: Stale | None = None,
    rows: list[Row] | None = None,
) -> Answer:
    page = render_template(
        "work_plans/form.html",
        w=work_plan,
        unit_name=work_plan.unit.name,
        groups=work_plan_pages.groups(work_plan, today=today(), rows=rows),
        last=work_plan_pages.read_record(work_plan, actor(), now=now()).latest,
        errors=errors.fields if errors else {},
        mistake=errors,
        stale=stale,
        typed=request.form,
        field_of=field_of,
        head_approves=approvals.is_wanted(work_plan.programme_id, actor(), now()),
    )
    return (page, 409 if stale else 422) if errors or stale else page


@blueprint.post(f"{PLACE}/<int:work_plan_id>/form")
@requires(Permission.WORK_PLAN_FILE)
def write(programme_id: int, work_plan_id: int) -> Answer:
    """Save what was typed; then add or remove a row, or file it."""
    work_plan, act = _own(work_plan_id), request.form.get("act", "save")
    rows = _changed(work_plan, _typed(), act)
    answer, anchor = url_for("work_plans.form", programme_id=programme_id, work_plan_id=work_plan_id), ""
    try:
        with once(answer=answer):
            saved = work_plans.save(work_plan, rows, seen=whole_of("version") or 0, by=actor(), now=now())
    except Stale as stale:
        return _form_page(WorkPlan.get_by_id(work_plan.id), stale=stale, rows=rows)
    if act == "file":
        return _file(saved)
    if act == "save":
        flash(_("Saved. It is not filed yet."), "done")
    else:
        anchor = _anchor(rows, act)
    return redirect(answer + anchor, 303)


def _file(saved: WorkPlan) -> Answer:
    """File what has just been saved; a mistake leaves the working copy as typed."""
    try:
        filing = work_plans.file(saved, reason=text_of("reason"), seen=saved.version, by=actor(), now=now())
    except Invalid as wrong:
        g.once_spent = True  # saving has spent the form's key; the mended form needs one of its own
        return _form_page(saved, wrong)
    if not filing.sent:
        flash(_("It is with the unit's head, who sends it."), "done")
        return redirect(_here(saved), 303)
    return redirect(_receipt_of(saved, filing), 303)


def _receipt_of(work_plan: WorkPlan, filing: PlanFiling) -> str:
    place = "work_plans.receipt"
    return url_for(
        place, programme_id=work_plan.programme_id, work_plan_id=work_plan.id, number=filing.number
    )


@blueprint.post(f"{PLACE}/<int:work_plan_id>/approvals/<int:number>")
@requires(Permission.REPORT_APPROVE)
def decide_approval(programme_id: int, work_plan_id: int, number: int) -> Answer:
    """The unit's head files what was prepared, or gives it back to the liaison."""
    work_plan = _own(work_plan_id)
    filing = _filing(work_plan, number)
    back = request.form.get("verdict") == "back"
    answer = _here(work_plan) if back else _receipt_of(work_plan, filing)
    try:
        with once(answer=answer):
            if back:
                work_plans.hand_back(filing, text_of("reason"), by=actor(), now=now())
            else:
                work_plans.approve(filing, by=actor(), now=now())
    except Invalid as wrong:
        return page_of(work_plan, wrong, "approval")
    return redirect(answer, 303)


def _filing(work_plan: WorkPlan, number: int) -> PlanFiling:
    found = PlanFiling.get_or_none((PlanFiling.work_plan == work_plan) & (PlanFiling.number == number))
    if found is None:
        raise NotFound
    return found


def _typed() -> list[Row]:
    """The rows as typed, in the order of the page."""
    found = []
    for place in request.form.getlist("row"):
        key, _colon, assignment = place.partition(":")
        if is_number(key) and is_number(assignment):
            found.append(_row(number(key), number(assignment)))
    return found


def _row(key: int, assignment: int) -> Row:
    def text(name: str) -> str:
        return request.form.get(field_of(key, name), "").replace("\r\n", "\n")

    names = ("title", "due", "indicator", "measure", "target", "weight")
    return Row(key, assignment, **{name: text(name) for name in names}, document=bool(text("document")))


def _changed(work_plan: WorkPlan, rows: list[Row], act: str) -> list[Row]:
    verb, _colon, place = act.partition(":")
    if verb == "add" and is_number(place):
        return work_plan_pages.with_row(rows, work_plan_pages.next_key(work_plan, rows), number(place))
    if verb == "drop" and is_number(place):
        return work_plan_pages.without_row(rows, number(place))
    return rows


def _anchor(rows: list[Row], act: str) -> str:
    """Where the page goes on: at the new row, or at the task from which one was removed."""
    if act.startswith("add:"):
        mine = [row.key for row in rows if str(row.assignment) == act[4:]]
        return f"#{field_of(mine[-1], 'title')}" if mine else ""
    return f"#t{request.form.get('task-of-' + act[5:], '')}"


@blueprint.get(f"{PLACE}/<int:work_plan_id>/receipts/<int:number>")
@requires(Permission.WORK_PLAN_READ)
def receipt(programme_id: int, work_plan_id: int, number: int) -> Answer:
    """The receipt of a filing; prints as one page."""
    record = work_plan_pages.read_record(work_plans.get_visible(work_plan_id, actor()), actor(), now=now())
    filed = next((one for one in record.filings if one.row.number == number), None)
    if filed is None:
        raise NotFound
    return render_template("work_plans/receipt.html", r=record, f=filed)


@blueprint.post(f"{PLACE}/<int:work_plan_id>/verdicts/<int:number>")
@requires(Permission.WORK_PLAN_DECIDE)
def decide(programme_id: int, work_plan_id: int, number: int) -> Answer:
    """Accept a filing or return it."""
    work_plan = work_plans.get_visible(work_plan_id, actor())
    filing = _filing(work_plan, number)
    answer, accepted = _here(work_plan), request.form.get("verdict") == "accept"
    try:
        with once(answer=answer):
            work_plan_verdicts.decide(
                filing, accepted=accepted, reason=text_of("reason"), by=actor(), now=now()
            )
    except Invalid as wrong:
        return page_of(work_plan, wrong, "verdict")
    accepted_text = _("Accepted: its milestones are in force.")
    flash(accepted_text if accepted else _("The work plan goes back to the unit."), "done")
    return redirect(answer, 303)


def _here(work_plan: WorkPlan) -> str:
    return url_for("work_plans.show", programme_id=work_plan.programme_id, work_plan_id=work_plan.id)


@blueprint.post("/p/<int:programme_id>/milestones/<int:milestone_id>/done")
@requires(Permission.WORK_PLAN_FILE)
def complete(programme_id: int, milestone_id: int) -> Answer:
    """Mark a milestone as done, with evidence and files."""
    milestone = milestones.get_own(milestone_id, actor())
    answer = _here(milestone.work_plan) + f"#m{milestone_id}"
    try:
        files, day = taken_files("files"), day_of("done_on")
        with once(answer=answer):
            milestones.complete(
                milestone,
                done_on=day,
                evidence=text_of("evidence"),
                attachment_ids=files,
                by=actor(),
                now=now(),
            )
    except Invalid as wrong:
        return page_of(milestone.work_plan, wrong, f"m{milestone_id}")
    flash(_("Marked as done."), "done")
    return redirect(answer, 303)


@blueprint.post("/p/<int:programme_id>/milestones/<int:milestone_id>/open")
@requires(Permission.WORK_PLAN_DECIDE)
def reopen(programme_id: int, milestone_id: int) -> Answer:
    """Open a milestone again that is not done after all."""
    milestone: Milestone | None = milestones.visible_to(actor()).where(Milestone.id == milestone_id).first()
    if milestone is None:
        raise NotFound
    answer = _here(milestone.work_plan) + f"#m{milestone_id}"
    try:
        with once(answer=answer):
            milestones.reopen(milestone, reason=text_of("reason"), by=actor(), now=now())
    except Invalid as wrong:
        return page_of(milestone.work_plan, wrong, f"m{milestone_id}")
    flash(_("The milestone is open again."), "done")
    return redirect(answer, 303)
