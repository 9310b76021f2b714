"""Notices: the list, receiving one, and the review page with its corrections."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from supervisor.core import documents, draft_ledger, plans
from supervisor.core.cadences import describe, parse_recurrence
from supervisor.core.draft_ledger import LedgerTask, split_names
from supervisor.core.permissions import Permission
from supervisor.core.source_view import source_lines
from supervisor.errors import Invalid
from supervisor.models import Document, DocumentState
from supervisor.web.forms import chosen, day_of, text_of
from supervisor.web.guard import actor, now, once, programme, requires
from supervisor.words import Sentence

blueprint = Blueprint("documents", __name__, url_prefix="/p/<int:programme_id>/documents")
Page = str | Response | tuple[str, int]


@blueprint.get("")
@requires(Permission.DOCUMENT_READ)
def index(programme_id: int) -> str:
    """The programme's notices and the plans they became."""
    return render_template("documents/index.html", rows=documents.listed(actor()))


@blueprint.get("/new")
@requires(Permission.DOCUMENT_REVIEW)
def new(programme_id: int) -> str:
    """Paste or upload a notice."""
    return render_template("documents/new.html", errors={}, text="", same=None)


@blueprint.post("/new")
@requires(Permission.DOCUMENT_REVIEW)
def receive(programme_id: int) -> Page:
    """Read the notice and show the draft ledger; what cannot be read comes back with the reason."""
    text = request.form.get("text", "")
    data, name = _received(text)
    try:
        draft = documents.read_notice(data, name)
        text = text or draft.document.text
        again = bool(request.form.get("again"))
        with once(answer=url_for("documents.index", programme_id=programme_id)):
            document = documents.receive(programme(), draft, data, name, again=again, by=actor(), now=now())
    except Invalid as error:
        return render_template(
            "documents/new.html", errors=_fields(error), text=text, same=None
        ), error.status
    except documents.SameNotice as same:
        return render_template("documents/new.html", errors={}, text=text, same=same), same.status
    return redirect(_link(document), 303)


@blueprint.get("/<int:document_id>")
@requires(Permission.DOCUMENT_READ)
def show(programme_id: int, document_id: int) -> str:
    """The notice beside its draft ledger."""
    return _review(documents.get(document_id, actor()))


@blueprint.post("/<int:document_id>/head")
@requires(Permission.DOCUMENT_REVIEW)
def correct_head(programme_id: int, document_id: int) -> Page:
    """Correct title and date."""
    document = documents.get(document_id, actor())
    try:
        with once(answer=_link(document, "head")):
            documents.correct_head(
                document,
                seen=_seen(),
                title=text_of("title"),
                issued_on=day_of("issued_on"),
                by=actor(),
                now=now(),
            )
    except Invalid as error:
        return _review(document, errors=_fields(error), opened="head"), error.status
    return _saved(document, "head")


@blueprint.post("/<int:document_id>/tasks")
@requires(Permission.DOCUMENT_REVIEW)
def correct_task(programme_id: int, document_id: int) -> Page:
    """Correct a task or add one."""
    document = documents.get(document_id, actor())
    anchor = f"task-{request.form.get('key', '')}"
    try:
        wanted = _typed_task(document)
        with once(answer=_link(document, anchor)):
            task = documents.correct_task(document, wanted, seen=_seen(), by=actor(), now=now())
    except Invalid as error:
        return _review(document, errors=_fields(error), opened=anchor), error.status
    return _saved(document, f"task-{task.key}")


@blueprint.post("/<int:document_id>/tasks/<int:key>/drop")
@requires(Permission.DOCUMENT_REVIEW)
def drop_task(programme_id: int, document_id: int, key: int) -> Page:
    """Leave a task out with a reason, or take it in again."""
    document = documents.get(document_id, actor())
    try:
        with once(answer=_link(document, f"task-{key}")):
            documents.drop_task(document, key, text_of("reason"), seen=_seen(), by=actor(), now=now())
    except Invalid as error:
        return _review(document, errors=_fields(error), opened=f"task-{key}"), error.status
    return _saved(document, f"task-{key}")


@blueprint.post("/<int:document_id>/standing")
@requires(Permission.DOCUMENT_REVIEW)
def choose_standing(programme_id: int, document_id: int) -> Page:
    """Which duties become standing tasks."""
    document = documents.get(document_id, actor())
    with once(answer=_link(document, "duties")):
        documents.choose_standing(document, chosen("duty"), seen=_seen(), by=actor(), now=now())
    return _saved(document, "duties")


@blueprint.post("/<int:document_id>/collectives/<int:place>")
@requires(Permission.DOCUMENT_REVIEW)
def confirm_members(programme_id: int, document_id: int, place: int) -> Page:
    """Confirm who belongs to a collective name."""
    document = documents.get(document_id, actor())
    notes = {int(k[5:]): v for k, v in request.form.items() if k.startswith("note-") and k[5:].isdigit()}
    added = split_names(request.form.get("added", ""))
    try:
        with once(answer=_link(document, f"collective-{place}")):
            documents.confirm_members(
                document,
                place,
                ticked=chosen("member"),
                notes=notes,
                added=added,
                seen=_seen(),
                by=actor(),
                now=now(),
            )
    except Invalid as error:
        return _review(document, errors={"added": error.sentence}, opened=f"collective-{place}"), error.status
    return _saved(document, f"collective-{place}")


@blueprint.post("/<int:document_id>/adopt")
@requires(Permission.DOCUMENT_REVIEW)
def adopt(programme_id: int, document_id: int) -> Response:
    """Make the plan."""
    document = documents.get(document_id, actor())
    with once(answer=url_for("documents.index", programme_id=programme_id)):
        plan = plans.adopt(document, seen=_seen(), by=actor(), now=now())
    flash(_("The notice is adopted as a plan. Nothing is issued yet."), "done")
    return redirect(plans.plan_link(plan), 303)


@blueprint.post("/<int:document_id>/drop")
@requires(Permission.DOCUMENT_REVIEW)
def drop(programme_id: int, document_id: int) -> Response:
    """Set the notice aside."""
    document = documents.get(document_id, actor())
    with once(answer=url_for("documents.index", programme_id=programme_id)):
        documents.drop(document, text_of("reason"), seen=_seen(), by=actor(), now=now())
    flash(_("The notice has been set aside. It stays readable."), "done")
    return redirect(url_for("documents.index", programme_id=programme_id), 303)


def _received(text: str) -> tuple[bytes, str]:
    file = request.files.get("file")
    if file and file.filename:
        return file.read(), file.filename.rsplit("/", 1)[-1].rsplit("\\", 1)[-1]
    return text.encode(), _("Pasted text") + ".txt"


def _typed_task(document: Document) -> LedgerTask:
    ledger = documents.ledger_of(document)
    key = text_of("key")
    old = ledger.task(int(key)) if key.isdigit() else None  # "new" adds one
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


def _review(document: Document, *, errors: dict[str, Sentence] | None = None, opened: str = "") -> str:
    ledger = documents.ledger_of(document)
    found = draft_ledger.findings(ledger)
    may_edit = document.state is DocumentState.DRAFT and actor().may(Permission.DOCUMENT_REVIEW)
    return render_template(
        "documents/review.html",
        document=document,
        ledger=ledger,
        lines=source_lines(ledger, found),
        findings=found if may_edit else [],
        grave=sum(finding.grave for finding in found),
        may_edit=may_edit,
        plan=documents.plan_of(document) if document.state is DocumentState.ADOPTED else None,
        errors=errors or {},
        opened=opened,
        rhythm=_rhythm,
    )


def _rhythm(word: str) -> Sentence | str:
    try:
        return describe(parse_recurrence(word))
    except ValueError:
        return word


def _seen() -> int:
    return int(request.form.get("version", "0") or 0)


def _link(document: Document, anchor: str = "") -> str:
    return documents.document_link(document) + (f"#{anchor}" if anchor else "")


def _saved(document: Document, anchor: str) -> Response:
    return redirect(_link(document, anchor), 303)


def _fields(error: Invalid) -> dict[str, Sentence]:
    return error.fields or {"text": error.sentence}
