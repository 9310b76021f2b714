"""Lists of commendation and criticism: both of a period, one with its names, nominations of persons by their units."""

from __future__ import annotations

from collections.abc import Callable

from flask import Blueprint, flash, make_response, redirect, render_template, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from supervisor.core import (
    candidates,
    list_pages,
    list_readers,
    name_lists,
    public_notices,
    score_pages,
)
from supervisor.core.candidates import Person
from supervisor.core.permissions import Permission
from supervisor.core.scored_periods import scored_period
from supervisor.errors import Invalid, NotFound
from supervisor.models import ListVerdict, NameList
from supervisor.web.forms import day_of, text_of, version_seen, whole_of
from supervisor.web.guard import actor, now, once, programme, requires, today

blueprint = Blueprint("name_lists", __name__, url_prefix="/p/<int:programme_id>")


@blueprint.get("/lists")
@requires(Permission.LIST_READ)
def index(programme_id: int) -> str:
    """Every list, newest period first."""
    rows = list(list_readers.visible_to(actor()).limit(200))
    last = score_pages.last_closed(programme().id)
    return render_template("name_lists/index.html", rows=rows, newest=last[0].key if last else "")


@blueprint.get("/periods/<key>/lists")
@requires(Permission.LIST_READ)
def both(programme_id: int, key: str) -> str:
    """Both lists of a closed period."""
    when = scored_period(key)
    return render_template(
        "name_lists/both.html",
        period=when,
        cards=list_pages.both(programme(), when),
        older=list_pages.older_of(programme(), when),
    )


@blueprint.post("/periods/<key>/lists")
@requires(Permission.LIST_EDIT)
def propose(programme_id: int, key: str) -> Response:
    """Have the names proposed from the closed figures."""
    answer = url_for("name_lists.both", programme_id=programme_id, key=key)
    with once(answer=answer):
        name_lists.propose(programme(), scored_period(key), by=actor(), now=now())
    flash(_("Proposed from the closed figures. Now decide on each name, with a reason."), "done")
    return redirect(answer, 303)


@blueprint.get("/lists/<int:list_id>")
@requires(Permission.LIST_READ)
def show(programme_id: int, list_id: int) -> Response:
    """One list with its names."""
    return _page(list_readers.get_visible(list_id, actor()))


@blueprint.post("/lists/<int:list_id>")
@requires(Permission.LIST_READ)
def act(programme_id: int, list_id: int) -> Response:
    """Whatever a person does to a list; the verb says what and asks for the right."""
    row = list_readers.get_visible(list_id, actor())
    verb = request.form.get("verb", "")
    known = ACTS.get(verb)
    if known is None:
        raise NotFound
    answer = url_for("name_lists.show", programme_id=programme_id, list_id=list_id)
    try:
        with once(answer=answer):
            said = known(row)
    except Invalid as wrong:
        return _page(row, wrong)
    flash(said, "done")
    part = request.form.get("candidate", "")
    return redirect(f"{answer}#name-{part}" if part.isdigit() else answer, 303)


def _decide(row: NameList) -> str:
    asked = request.form.get("verdict", "")
    verdict = ListVerdict(asked) if asked in set(ListVerdict) else ListVerdict.OPEN
    one = whole_of("candidate") or 0
    candidates.decide(row, one, verdict, text_of(f"reason-{one}"), by=actor(), now=now())
    return str(_("The name stays on the list.") if verdict is ListVerdict.KEPT else _("Taken off the list."))


def _add(row: NameList) -> str:
    candidates.add_unit(row, whole_of("unit") or 0, text_of("account"), by=actor(), now=now())
    return str(_("Added; the name stays on the list."))


def _person() -> Person:
    return Person(text_of("person"), text_of("post"), text_of("account"))


def _nominate(row: NameList) -> str:
    candidates.nominate(row, whole_of("unit") or 0, _person(), by=actor(), now=now())
    return str(_("Nominated."))


def _submit(row: NameList) -> str:
    name_lists.submit(row, text_of("remark"), seen=version_seen(), by=actor(), now=now())
    return str(_("Put before the leaders, who have been told."))


def _recall(row: NameList) -> str:
    name_lists.recall(row, by=actor(), now=now())
    return str(_("Taken back: it can be changed again."))


def _approve(row: NameList) -> str:
    leaves = {
        int(name.removeprefix("leave-")): text.strip()
        for name, text in request.form.items()
        if name.startswith("leave-") and name.removeprefix("leave-").isdigit() and text.strip()
    }
    reason = text_of("decision")
    name_lists.approve(row, reason, leaves=leaves, seen=version_seen(), by=actor(), now=now())
    return str(_("Approved. The lead office has been told."))


def _send_back(row: NameList) -> str:
    name_lists.send_back(row, text_of("decision"), seen=version_seen(), by=actor(), now=now())
    return str(_("Sent back with your reason."))


def _notice(row: NameList) -> str:
    last = public_notices.begin(row, day_of("first"), by=actor(), now=now())
    return str(_("Recorded. The public notice lasts until %(day)s, that day included.", day=last.isoformat()))


def _object(row: NameList) -> str:
    one = whole_of("candidate") or 0
    public_notices.object_to(row, one, text_of("words"), source=text_of("source"), by=actor(), now=now())
    return str(_("The objection is kept. It needs an answer before the circular goes out."))


def _answer(row: NameList) -> str:
    one = whole_of("objection") or 0
    upheld = request.form.get("upheld") == "1"
    public_notices.answer(row, one, upheld=upheld, words=text_of(f"answer-{one}"), by=actor(), now=now())
    return str(_("Answered; the person is off the list.") if upheld else _("Answered; the person stays."))


def _lift(row: NameList) -> str:
    one = whole_of("candidate") or 0
    candidates.lift(row, one, text_of(f"lifting-{one}"), by=actor(), now=now())
    return str(_("The criticism is lifted. What was issued stays as it was issued."))


ACTS: dict[str, Callable[[NameList], str]] = {
    "decide": _decide,
    "add": _add,
    "nominate": _nominate,
    "submit": _submit,
    "recall": _recall,
    "approve": _approve,
    "send_back": _send_back,
    "notice": _notice,
    "object": _object,
    "answer": _answer,
    "lift": _lift,
}


@blueprint.get("/nominations")
@requires(Permission.LIST_NOMINATE)
def nominations(programme_id: int) -> Response:
    """A unit names persons for commendation, where the programme commends persons."""
    return _nominations_page()


@blueprint.post("/nominations/<int:list_id>")
@requires(Permission.LIST_NOMINATE)
def nominate(programme_id: int, list_id: int) -> Response:
    """Name one person of the unit."""
    open_lists = {row.id: row for _period, row, _unit in list_pages.open_to(programme(), actor(), now())}
    if list_id not in open_lists:
        raise NotFound
    answer = url_for("name_lists.nominations", programme_id=programme_id)
    try:
        with once(answer=answer):
            candidates.nominate(open_lists[list_id], whole_of("unit") or 0, _person(), by=actor(), now=now())
    except Invalid as wrong:
        return _nominations_page(wrong)
    flash(_("Nominated. The lead office decides, then a leader."), "done")
    return redirect(answer, 303)


def _nominations_page(wrong: Invalid | None = None) -> Response:
    found = list_pages.open_to(programme(), actor(), now())
    page = render_template(
        "name_lists/nominations.html",
        open_lists=found,
        mine={row.id: list_pages.nominations_of(row, actor().unit_ids) for _period, row, _unit in found},
        errors=wrong.fields if wrong else {},
        typed=request.form if wrong else {},
    )
    return make_response(page, 422 if wrong else 200)


def _page(row: NameList, wrong: Invalid | None = None) -> Response:
    page = render_template(
        "name_lists/show.html",
        r=list_pages.read(row, actor(), now=now(), today=today()),
        row=row,
        errors=wrong.fields if wrong else {},
        failed=request.form.get("verb", "") if wrong else "",
        typed=request.form if wrong else {},
    )
    return make_response(page, 422 if wrong else 200)
