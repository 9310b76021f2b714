"""Corrections on the review page: each a form or a button, each answered by the page at the item it changed."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from flask import Blueprint, request
from werkzeug.wrappers import Response

from supervisor.core import (
    answers,
    clause_corrections,
    corrections,
    documents,
    item_corrections,
    name_corrections,
    task_corrections,
)
from supervisor.core.draft_ledger import split_names
from supervisor.core.draft_rows import LedgerTask
from supervisor.core.permissions import Permission
from supervisor.core.questions import NO_TASK
from supervisor.core.task_corrections import Halves
from supervisor.core.unread_clauses import unread_clause
from supervisor.errors import Invalid, NotFound
from supervisor.models import Document
from supervisor.web.documents import review, saved
from supervisor.web.forms import chosen, day_of, is_number, number, text_of, version_seen, whole_of
from supervisor.web.guard import actor, now, once, requires
from supervisor.words import say

blueprint = Blueprint("corrections", __name__, url_prefix="/p/<int:programme_id>/documents/<int:document_id>")
Page = str | Response | tuple[str, int]


def _correct(document_id: int, opened: str, verb: Callable[[Document, dict[str, Any]], object]) -> Page:
    """Run a verb in the form's one transaction; a mistake comes back in its form, with everything typed.

    The verb may answer the anchor to go on from; else the page goes back to `opened`.
    """
    document = documents.get(document_id, actor())
    how: dict[str, Any] = {"seen": version_seen(), "by": actor(), "now": now()}
    try:
        with once(answer=f"{documents.document_link(document)}#{opened}"):
            anchor = verb(document, how)
    except Invalid as error:
        return review(document, errors=error.fields or {"text": error.sentence}, opened=opened), error.status
    return saved(document, anchor if isinstance(anchor, str) else opened)


@blueprint.post("/answers")
@requires(Permission.DOCUMENT_REVIEW)
def answer(programme_id: int, document_id: int) -> Page:
    """Answer a question by one of its buttons."""
    given = request.form.get("answer", "")
    return _correct(document_id, "questions", lambda document, how: answers.carry_out(document, given, **how))


@blueprint.post("/head")
@requires(Permission.DOCUMENT_REVIEW)
def correct_head(programme_id: int, document_id: int) -> Page:
    """Correct title, issuer, numbers and dates."""

    def verb(document: Document, how: dict[str, Any]) -> None:
        values: dict[str, Any] = {"title": text_of("title"), "issued_on": day_of("issued_on")}
        if "issuer" in request.form:
            values |= {
                "issuer": text_of("issuer"),
                "numbers": split_names(request.form.get("numbers", "")),
                "published_on": day_of("published_on"),
            }
        item_corrections.correct_head(document, values, **how)

    return _correct(document_id, "head", verb)


# Tasks ----------------------------------------------------------------------------------------------------------


@blueprint.post("/tasks")
@requires(Permission.DOCUMENT_REVIEW)
def correct_task(programme_id: int, document_id: int) -> Page:
    """Correct a task or add one."""

    def verb(document: Document, how: dict[str, Any]) -> str:
        return f"task-{task_corrections.correct_task(document, _typed_task(document), **how).key}"

    return _correct(document_id, f"task-{request.form.get('key', '')}", verb)


def _typed_task(document: Document) -> LedgerTask:
    key = text_of("key")
    old = corrections.ledger_of(document).task(number(key)) if is_number(key) else None  # "new" adds one
    values: dict[str, Any] = {
        "title": text_of("title"),
        "lead": split_names(request.form.get("lead", "")),
        "responsible": split_names(request.form.get("responsible", "")),
        "due_on": day_of("due_on"),
        "each_answers": bool(request.form.get("each_answers")),
    }
    if old is None:
        return LedgerTask(key=-1, text=text_of("text"), **values)
    return LedgerTask(**{**vars(old), **values})


@blueprint.post("/tasks/<int:key>/drop")
@requires(Permission.DOCUMENT_REVIEW)
def drop_task(programme_id: int, document_id: int, key: int) -> Page:
    """Leave a task out with a reason, or take it in again."""
    return _correct(
        document_id,
        f"task-{key}",
        lambda document, how: task_corrections.drop_task(document, key, text_of("reason"), **how),
    )


@blueprint.post("/tasks/<int:key>/units")
@requires(Permission.DOCUMENT_REVIEW)
def move_unit(programme_id: int, document_id: int, key: int) -> Page:
    """Let a unit of a task lead, answer for it, or leave it."""
    role, _, name = text_of("move").partition("|")
    return _correct(
        document_id,
        f"task-{key}",
        lambda document, how: task_corrections.move_unit(document, key, name, role, **how),
    )


@blueprint.post("/tasks/<int:key>/split")
@requires(Permission.DOCUMENT_REVIEW)
def split_task(programme_id: int, document_id: int, key: int) -> Page:
    """Make two tasks of one."""

    def verb(document: Document, how: dict[str, Any]) -> None:
        names = request.form.getlist("name")
        sides = {name: text_of(f"side-{place}") for place, name in enumerate(names)}
        halves = Halves(whole_of("cut"), (text_of("title_1"), text_of("title_2")), sides)
        task_corrections.split_task(document, key, halves, **how)

    return _correct(document_id, f"split-{key}", verb)


@blueprint.post("/tasks/merge")
@requires(Permission.DOCUMENT_REVIEW)
def merge_tasks(programme_id: int, document_id: int) -> Page:
    """Make one task of those that are ticked."""

    def verb(document: Document, how: dict[str, Any]) -> str:
        return f"task-{task_corrections.merge_tasks(document, chosen('task'), **how)}"

    return _correct(document_id, "merge", verb)


@blueprint.post("/tasks/accept")
@requires(Permission.DOCUMENT_REVIEW)
def accept_tasks(programme_id: int, document_id: int) -> Page:
    """Mark the ticked tasks as found right."""

    def verb(document: Document, how: dict[str, Any]) -> str:
        if not chosen("task"):
            raise NotFound
        task_corrections.accept(document, chosen("task"), **how)
        return "tasks"

    return _correct(document_id, "tasks", verb)


# Everything else ------------------------------------------------------------------------------------------------


@blueprint.post("/standing")
@requires(Permission.DOCUMENT_REVIEW)
def choose_standing(programme_id: int, document_id: int) -> Page:
    """Which duties become standing tasks."""
    return _correct(
        document_id,
        "duties",
        lambda document, how: item_corrections.choose_standing(document, chosen("duty"), **how),
    )


#: Kind → how each field of its form is read.
FIELDS: dict[str, dict[str, Callable[[str], Any]]] = {
    "duty": {"units": lambda name: split_names(text_of(name)), "text": text_of},
    "person": {"role": text_of, "name": text_of, "post": text_of, "unit": text_of, "body": text_of},
    "target": {"text": text_of, "due_on": day_of},
    "rhythm": {"what": text_of, "on": day_of},
    "phase": {"name": text_of, "begins_on": day_of, "ends_on": day_of},
    "liaison": {"units": lambda name: split_names(text_of(name)), "count": whole_of},
}


@blueprint.post("/items/<kind>/<int:key>")
@requires(Permission.DOCUMENT_REVIEW)
def correct_row(programme_id: int, document_id: int, kind: str, key: int) -> Page:
    """Correct a duty, a line of the roster, a target, a rhythm or a liaison rule; or leave it out."""

    def verb(document: Document, how: dict[str, Any]) -> None:
        if "drop" in request.form:
            item_corrections.drop_row(document, kind, key, text_of("reason"), **how)
            return
        values = {name: read(name) for name, read in FIELDS.get(kind, {}).items() if name in request.form}
        item_corrections.correct_row(document, kind, key, values, **how)

    return _correct(document_id, f"{kind}-{key}", verb)


@blueprint.post("/collectives/<int:place>")
@requires(Permission.DOCUMENT_REVIEW)
def confirm_members(programme_id: int, document_id: int, place: int) -> Page:
    """Confirm who belongs to a collective name, or say that it is one unit."""

    def verb(document: Document, how: dict[str, Any]) -> None:
        if "one_unit" in request.form:
            item_corrections.make_unit(document, place, **how)
            return
        notes = {
            number(k[5:]): v for k, v in request.form.items() if k.startswith("note-") and is_number(k[5:])
        }
        added = split_names(request.form.get("added", ""))
        item_corrections.confirm_members(
            document, place, ticked=chosen("member"), notes=notes, added=added, **how
        )

    return _correct(document_id, f"collective-{place}", verb)


@blueprint.post("/names")
@requires(Permission.DOCUMENT_REVIEW)
def decide_name(programme_id: int, document_id: int) -> Page:
    """What a printed name stands for: a unit under another name, several units, no unit, or itself."""
    name, act = text_of("printed"), text_of("act")

    def verb(document: Document, how: dict[str, Any]) -> str:
        if act == "strike":
            item_corrections.strike_name(document, name, **how)
        elif act == "several":
            return f"collective-{item_corrections.make_collective(document, name, **how)}"
        else:
            item_corrections.name_unit(document, name, "" if act == "itself" else text_of("unit"), **how)
        return "names"

    return _correct(document_id, f"name-{text_of('place')}", verb)


@blueprint.post("/names/same")
@requires(Permission.DOCUMENT_REVIEW)
def confirm_same(programme_id: int, document_id: int) -> Page:
    """Read the ticked names of the list as the units beside them."""

    def verb(document: Document, how: dict[str, Any]) -> str:
        shown, ticked = request.form.getlist("shown"), request.form.getlist("pair")
        name_corrections.confirm_same(document, shown, ticked, **how)
        return "names"

    return _correct(document_id, "names", verb)


@blueprint.post("/clauses")
@requires(Permission.DOCUMENT_REVIEW)
def decide_clauses(programme_id: int, document_id: int) -> Page:
    """Make tasks or duties of the ticked clauses, or set them aside for a usual reason."""
    act, _dash, place = text_of("act").partition("-")
    if act not in {clause_corrections.TASK, clause_corrections.DUTY, clause_corrections.ASIDE}:
        raise NotFound
    reason = dict(enumerate(NO_TASK)).get(number(place)) if is_number(place) else None

    def verb(document: Document, how: dict[str, Any]) -> str:
        told = say(reason, "zh_CN") if reason else ""  # what is put on record is Chinese
        clause_corrections.decide_clauses(document, chosen("clause"), act, reason=told, **how)
        return "clauses"

    return _correct(document_id, "clauses", verb)


@blueprint.post("/clauses/<int:start>")
@requires(Permission.DOCUMENT_REVIEW)
def set_clause_aside(programme_id: int, document_id: int, start: int) -> Page:
    """Set a clause aside with a reason in one's own words."""

    def verb(document: Document, how: dict[str, Any]) -> str:
        clause = unread_clause(corrections.ledger_of(document), start)
        if clause is None:
            raise NotFound
        item_corrections.set_clause_aside(document, clause, text_of("reason"), **how)
        return "clauses"

    return _correct(document_id, f"clause-{start}", verb)
