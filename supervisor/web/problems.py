"""The register of problems: what is unsolved, who helps, what became of it."""

from __future__ import annotations

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from supervisor.core import problem_pages, problems, units
from supervisor.core.permissions import Permission
from supervisor.core.problem_pages import AGES, Filter
from supervisor.errors import Invalid
from supervisor.models import Problem, ProblemState, Task, Unit
from supervisor.web.exports import sent
from supervisor.web.forms import day_of, text_of, whole_of
from supervisor.web.guard import actor, now, once, programme, requires, today

blueprint = Blueprint("problems", __name__, url_prefix="/p/<int:programme_id>")
Page = str | Response | tuple[str, int]


@blueprint.get("/problems")
@requires(Permission.PROBLEM_READ)
def index(programme_id: int) -> Page:
    """The problems, oldest first; the open ones unless told."""
    wanted = Filter.read(request.args)
    after = request.args.get("after", "")
    return render_template(
        "problems/index.html",
        page=problem_pages.read_page(actor(), wanted, day=today(), after=after),
        wanted=wanted,
        is_narrow=wanted != Filter(),
        units=[(unit.id, unit.name) for unit in units.units_of(programme_id)] if actor().sees_all else [],
        states=list(ProblemState),
        ages=AGES,
    )


@blueprint.get("/problems.xlsx")
@requires(Permission.PROBLEM_READ)
def export(programme_id: int) -> Response:
    """The same rows as a workbook."""
    return sent(problem_pages.export(programme(), Filter.read(request.args), by=actor(), now=now()))


@blueprint.get("/problems/<int:problem_id>")
@requires(Permission.PROBLEM_READ)
def show(programme_id: int, problem_id: int) -> Page:
    """One problem with its history and, for the office, what can be done."""
    return _page(problems.get_visible(problem_id, actor()))


def _page(problem: Problem, wrong: Invalid | None = None) -> Page:
    page = render_template(
        "problems/show.html",
        problem=problem,
        unit=Unit.get_by_id(problem.unit_id),
        task=Task.get_by_id(problem.task_id),
        helper=Unit.get_or_none(Unit.id == problem.helper_id),
        report_id=problem.entry.obligation_id,
        age=problems.age_in_months(problem, today()),
        history=problem_pages.history(problem),
        others=[("", programme().office_name)]
        + [(unit.id, unit.name) for unit in units.register_of(programme()) if unit.id != problem.unit_id],
        errors=wrong.fields if wrong else {},
        typed=request.form if wrong else {},
    )
    return (page, 422) if wrong else page


@blueprint.post("/problems/<int:problem_id>")
@requires(Permission.PROBLEM_EDIT)
def act(programme_id: int, problem_id: int) -> Page:
    """The office says who helps, notes progress, crosses off or opens again."""
    problem = problems.get_visible(problem_id, actor())
    problem.version = whole_of("seen") or 0
    answer = url_for("problems.show", programme_id=programme_id, problem_id=problem_id)
    try:
        with once(answer=answer):
            _act(problem)
    except Invalid as wrong:
        return _page(problem, wrong)
    flash(_("Kept in the problem's history."), "done")
    return redirect(answer, 303)


def _act(problem: Problem) -> None:
    verb = text_of("verb")
    if verb == "assign":
        wanted = problems.Help(whole_of("helper"), day_of("help_by"), text_of("help_words"))
        problems.assign_help(problem, wanted, by=actor(), now=now())
    elif verb == "close":
        problems.close(problem, text_of("reason"), by=actor(), now=now())
    elif verb == "reopen":
        problems.reopen(problem, text_of("reason"), by=actor(), now=now())
    else:
        problems.note_progress(problem, text_of("words"), by=actor(), now=now())
