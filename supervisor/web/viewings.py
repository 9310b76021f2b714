"""Site viewings: the list, one viewing with its sheets and result, the forms of planning and marking, the papers."""

from __future__ import annotations

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from supervisor.core import mark_sheets, units, viewing_forms, viewing_pages, viewings
from supervisor.core.mark_sheets import Typed
from supervisor.core.permissions import Permission
from supervisor.core.viewing_forms import Wanted, WantedJudge, WantedProject
from supervisor.errors import Invalid, NotFound
from supervisor.models import MarkSheet, Panelist, Viewing
from supervisor.web.exports import sent
from supervisor.web.forms import day_of, is_number, number, text_of, version_seen, whole_of
from supervisor.web.guard import actor, now, once, programme, requires, today

blueprint = Blueprint("viewings", __name__, url_prefix="/p/<int:programme_id>/viewings")
Page = str | Response | tuple[str, int]


@blueprint.get("")
@requires(Permission.VIEWING_READ)
def index(programme_id: int) -> Page:
    """The viewings, newest first."""
    return render_template("viewings/index.html", rows=viewing_pages.listed(actor()))


# Planning --------------------------------------------------------------------------------------------------


@blueprint.get("/new")
@requires(Permission.VIEWING_EDIT)
def new(programme_id: int) -> Page:
    """The form of a new viewing."""
    return _form_page(None)


@blueprint.get("/<int:viewing_id>/change")
@requires(Permission.VIEWING_EDIT)
def edit(programme_id: int, viewing_id: int) -> Page:
    """The form of a viewing that is there."""
    return _form_page(viewings.get_visible(viewing_id, actor()))


def _form_page(viewing: Viewing | None, wrong: Invalid | None = None) -> Page:
    page = render_template(
        "viewings/form.html",
        viewing=viewing,
        typed=request.form if wrong else viewing_pages.filled(viewing),
        criteria=range(1, viewing_forms.CRITERIA + 1),
        projects=range(1, _rows(viewing, "projects", 6, viewing_forms.PROJECTS) + 1),
        judges=range(1, _rows(viewing, "panelists", 7, viewing_forms.JUDGES) + 1),
        units=[(unit.id, unit.name) for unit in units.register_of(programme())],
        accounts=[
            (one.id, one.name)
            for one in viewing_forms.accounts(programme().id, viewing.held_on if viewing else today())
        ],
        signed=viewing is not None and viewings.has_sheets(viewing),
        errors=wrong.fields if wrong else {},
    )
    return (page, 422) if wrong else page


def _rows(viewing: Viewing | None, kind: str, least: int, most: int) -> int:
    """Rows of a part of the form: those in use and three more; as many as were sent where it comes back."""
    sent_rows = whole_of(f"{kind}_rows") if request.method == "POST" else None
    used = getattr(viewing, kind).count() if viewing is not None else 0
    return min(most, max(least, used + 3, sent_rows or 0))


@blueprint.post("/new")
@requires(Permission.VIEWING_EDIT)
def plan(programme_id: int) -> Page:
    """Plan a viewing."""
    try:
        with once(answer=url_for("viewings.index", programme_id=programme_id)):
            made = viewings.plan(_wanted(), by=actor(), now=now())
    except Invalid as wrong:
        return _form_page(None, wrong)
    flash(_("Planned; judges with accounts have been told."), "done")
    return redirect(url_for("viewings.show", programme_id=programme_id, viewing_id=made.id), 303)


@blueprint.post("/<int:viewing_id>/change")
@requires(Permission.VIEWING_EDIT)
def change(programme_id: int, viewing_id: int) -> Page:
    """Change a viewing."""
    viewing = viewings.get_visible(viewing_id, actor())
    answer = url_for("viewings.show", programme_id=programme_id, viewing_id=viewing_id)
    try:
        with once(answer=answer):
            viewings.change(viewing, _wanted(), seen=version_seen(), by=actor(), now=now())
    except Invalid as wrong:
        return _form_page(viewing, wrong)
    flash(_("Changed and kept."), "done")
    return redirect(answer, 303)


def _wanted() -> Wanted:
    rows = range(1, max(viewing_forms.CRITERIA, viewing_forms.PROJECTS, viewing_forms.JUDGES) + 1)
    criteria = {
        n: (text_of(f"criterion-{n}"), text_of(f"weight-{n}")) for n in rows[: viewing_forms.CRITERIA]
    }
    projects = {
        n: WantedProject(whole_of(f"unit-{n}"), text_of(f"project-{n}"), text_of(f"place-{n}"))
        for n in rows[: viewing_forms.PROJECTS]
    }
    judges = {
        n: WantedJudge(whole_of(f"account-{n}"), text_of(f"judge-{n}"), whole_of(f"belongs-{n}"))
        for n in rows[: viewing_forms.JUDGES]
    }
    return Wanted(
        text_of("title"),
        day_of("held_on"),
        text_of("about"),
        whole_of("dropped"),
        {n: one for n, one in criteria.items() if any(one)},
        {n: one for n, one in projects.items() if one != WantedProject(None, "")},
        {n: one for n, one in judges.items() if one != WantedJudge(None)},
    )


# One viewing -----------------------------------------------------------------------------------------------


@blueprint.get("/<int:viewing_id>")
@requires(Permission.VIEWING_READ)
def show(programme_id: int, viewing_id: int) -> Page:
    """One viewing: which sheets are in and which are missing, and the result."""
    return _show_page(viewings.get_visible(viewing_id, actor()))


def _show_page(viewing: Viewing, wrong: Invalid | None = None, form: str = "") -> Page:
    page = render_template(
        "viewings/show.html",
        viewing=viewing,
        board=viewing_pages.board(viewing) if actor().sees_all else None,
        mine=viewing_pages.judge_of(viewing, actor()),
        calls=[one for one in viewing_pages.calls_of(actor()) if one.viewing.id == viewing.id],
        projects=viewings.projects_of(viewing),
        few=viewing_pages.few_marks(viewing) if actor().may(Permission.VIEWING_EDIT) else None,
        held=viewings.is_held(viewing, now()),
        may_type=lambda judge: mark_sheets.may_type(judge, actor()),
        errors=wrong.fields if wrong else {},
        failed=form,
        typed=request.form if wrong else {},
    )
    return (page, 422) if wrong else page


@blueprint.post("/<int:viewing_id>")
@requires(Permission.VIEWING_EDIT)
def act(programme_id: int, viewing_id: int) -> Page:
    """Finish a viewing, or take sheets again."""
    viewing, verb = viewings.get_visible(viewing_id, actor()), text_of("verb")
    answer = url_for("viewings.show", programme_id=programme_id, viewing_id=viewing_id)
    try:
        with once(answer=answer):
            if verb == "finish":
                viewings.finish(viewing, text_of("why_missing"), seen=version_seen(), by=actor(), now=now())
                said = _("Finished: the marks count for the score from now on.")
            elif verb == "reopen":
                viewings.reopen(viewing, text_of("reopen_reason"), seen=version_seen(), by=actor(), now=now())
                said = _("Open again; the marks do not count until it is finished.")
            else:
                raise NotFound
    except Invalid as wrong:
        return _show_page(viewing, wrong, verb)
    flash(said, "done")
    return redirect(answer, 303)


# Marking ---------------------------------------------------------------------------------------------------


@blueprint.get("/<int:viewing_id>/marks/<int:judge_number>")
@requires(Permission.VIEWING_READ)
def marking(programme_id: int, viewing_id: int, judge_number: int) -> Page:
    """The mark sheets of one judge, to be filled in."""
    viewing = viewings.get_visible(viewing_id, actor())
    return _marking_page(viewing, viewing_pages.panelist(viewing, judge_number))


def _marking_page(viewing: Viewing, judge: Panelist, wrong: Invalid | None = None) -> Page:
    if not mark_sheets.may_type(judge, actor()):
        raise NotFound
    page = render_template(
        "viewings/marks.html",
        viewing=viewing,
        judge=judge,
        projects=viewings.projects_of(viewing),
        own=viewings.own_units(viewing, judge),
        sheets={one.project_id: one for one in mark_sheets.sheets_of(viewing) if one.panelist_id == judge.id},
        total=mark_sheets.total,
        show=mark_sheets.show,
        held=viewings.is_held(viewing, now()),
        errors=wrong.fields if wrong else {},
        typed=request.form if wrong else {},
    )
    return (page, 422) if wrong else page


@blueprint.post("/<int:viewing_id>/marks/<int:judge_number>")
@requires(Permission.VIEWING_READ)
def sign(programme_id: int, viewing_id: int, judge_number: int) -> Page:
    """Sign what was filled in; the verb asks for the right."""
    viewing = viewings.get_visible(viewing_id, actor())
    judge = viewing_pages.panelist(viewing, judge_number)
    answer = url_for(
        "viewings.marking", programme_id=programme_id, viewing_id=viewing_id, judge_number=judge_number
    )
    typed = {row.id: _typed(viewing, row.id) for row in viewings.projects_of(viewing)}
    try:
        with once(answer=answer):
            made = mark_sheets.sign(viewing, judge, typed, by=actor(), now=now())
    except Invalid as wrong:
        return _marking_page(viewing, judge, wrong)
    flash(_("Sheets signed: %(count)s. They do not change any more.", count=len(made)), "done")
    return redirect(answer, 303)


def _typed(viewing: Viewing, project_id: int) -> Typed:
    marks = {one["key"]: text_of(f"mark-{project_id}-{one['key']}")[:20] for one in viewing.criteria}
    return Typed(marks, text_of(f"comment-{project_id}"))


@blueprint.get("/<int:viewing_id>/sheets/<int:sheet_id>")
@requires(Permission.SCORE_READ)
def sheet(programme_id: int, viewing_id: int, sheet_id: int) -> Page:
    """One signed sheet with its versions: what a score's line leads to."""
    return _sheet_page(_sheet(viewing_id, sheet_id))


def _sheet(viewing_id: int, sheet_id: int) -> MarkSheet:
    found = mark_sheets.get_visible(sheet_id, actor())
    if found.project.viewing_id != viewing_id:
        raise NotFound
    return found


def _sheet_page(one: MarkSheet, wrong: Invalid | None = None) -> Page:
    page = render_template(
        "viewings/sheet.html",
        sheet=one,
        viewing=one.project.viewing,
        versions=mark_sheets.versions_of(one),
        newest=mark_sheets.newest_of(one),
        total=mark_sheets.total,
        show=mark_sheets.show,
        named=actor().sees_all or one.panelist.user_id == actor().user_id,
        may_correct=not one.superseded and mark_sheets.may_type(one.panelist, actor()),
        may_see_viewing=viewings.visible_to(actor()).where(Viewing.id == one.project.viewing_id).exists(),
        errors=wrong.fields if wrong else {},
        typed=request.form if wrong else {},
    )
    return (page, 422) if wrong else page


@blueprint.post("/<int:viewing_id>/sheets/<int:sheet_id>")
@requires(Permission.SCORE_READ)
def correct(programme_id: int, viewing_id: int, sheet_id: int) -> Page:
    """Correct a signed sheet; the verb asks for the right."""
    one = _sheet(viewing_id, sheet_id)
    answer = url_for("viewings.sheet", programme_id=programme_id, viewing_id=viewing_id, sheet_id=sheet_id)
    try:
        with once(answer=answer):
            made = mark_sheets.correct(
                one, _typed(one.project.viewing, one.project_id), text_of("reason"), by=actor(), now=now()
            )
    except Invalid as wrong:
        return _sheet_page(one, wrong)
    flash(_("Corrected; the version before stays on record."), "done")
    target = url_for("viewings.sheet", programme_id=programme_id, viewing_id=viewing_id, sheet_id=made.id)
    return redirect(target, 303)


# Papers ----------------------------------------------------------------------------------------------------


@blueprint.get("/<int:viewing_id>/paper")
@requires(Permission.VIEWING_READ)
def paper(programme_id: int, viewing_id: int) -> Page:
    """The empty score sheet, for reading and print."""
    viewing = viewings.get_visible(viewing_id, actor())
    judge = _named_judge(viewing)
    content = viewing_pages.sheet_content(viewing, judge)
    return render_template("viewings/paper.html", viewing=viewing, content=content, judge=judge)


@blueprint.get("/<int:viewing_id>/paper.docx")
@requires(Permission.VIEWING_READ)
def export_paper(programme_id: int, viewing_id: int) -> Response:
    """The empty score sheet as a Word document."""
    viewing = viewings.get_visible(viewing_id, actor())
    return sent(viewing_pages.export_sheet(viewing, _named_judge(viewing), by=actor(), now=now()))


def _named_judge(viewing: Viewing) -> Panelist | None:
    asked = request.args.get("judge", "")
    return viewing_pages.panelist(viewing, number(asked)) if is_number(asked) else None


@blueprint.get("/<int:viewing_id>/result")
@requires(Permission.PERIOD_READ)
def result(programme_id: int, viewing_id: int) -> Page:
    """The result table, for reading and print."""
    viewing = viewings.get_visible(viewing_id, actor())
    return render_template(
        "viewings/result.html", viewing=viewing, content=viewing_pages.result_content(viewing, now())
    )


@blueprint.get("/<int:viewing_id>/result.docx")
@requires(Permission.PERIOD_READ)
def export_result(programme_id: int, viewing_id: int) -> Response:
    """The result table as a Word document."""
    viewing = viewings.get_visible(viewing_id, actor())
    return sent(viewing_pages.export_result(viewing, by=actor(), now=now()))
