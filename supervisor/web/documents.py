"""Notices: the list, receiving one, the review page, and what becomes of a reviewed notice."""

from __future__ import annotations

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from supervisor.core import (
    corrections,
    documents,
    plan_rules,
    plans,
    questions,
    review_page,
    rule_words,
    task_corrections,
)
from supervisor.core.cadences import describe, parse_recurrence
from supervisor.core.permissions import Permission
from supervisor.errors import Invalid
from supervisor.models import CHOSEN_KINDS, Document, DocumentState, Obliged
from supervisor.web.forms import is_number, number, text_of, version_seen
from supervisor.web.guard import actor, now, once, programme, requires
from supervisor.words import N_, Sentence

blueprint = Blueprint("documents", __name__, url_prefix="/p/<int:programme_id>/documents")
Page = str | Response | tuple[str, int]


@blueprint.get("")
@requires(Permission.DOCUMENT_READ)
def index(programme_id: int) -> str:
    """The programme's notices and the plans they became; `q` finds by number, title or issuer."""
    words = request.args.get("q", "").strip()[:80]
    return render_template("documents/index.html", rows=documents.listed(actor(), words), words=words)


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
    try:
        data, name = _received(text)
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
    return saved(document)


@blueprint.get("/<int:document_id>")
@requires(Permission.DOCUMENT_READ)
def show(programme_id: int, document_id: int) -> str:
    """The notice beside its draft ledger; `?open=task-3` shows that item's form, also without scripts."""
    return review(
        documents.get(document_id, actor()),
        opened=request.args.get("open", ""),
        at=request.args.get("at", ""),
    )


@blueprint.get("/<int:document_id>/forms/<anchor>")
@requires(Permission.DOCUMENT_REVIEW)
def form(programme_id: int, document_id: int, anchor: str) -> str:
    """The form of one item by itself, fetched into the page where scripts run."""
    page = review_page.gather(documents.get(document_id, actor()), at=anchor)
    return render_template("documents/form.html", **_shown(page, {}, anchor))


@blueprint.post("/<int:document_id>/undo")
@requires(Permission.DOCUMENT_REVIEW)
def undo(programme_id: int, document_id: int) -> Response:
    """Take the last correction back."""
    document = documents.get(document_id, actor())
    with once(answer=documents.document_link(document)):
        anchor = corrections.undo(document, seen=version_seen(), by=actor(), now=now())
    return saved(document, anchor)


@blueprint.post("/<int:document_id>/redo")
@requires(Permission.DOCUMENT_REVIEW)
def redo(programme_id: int, document_id: int) -> Response:
    """Make the correction again that was undone last."""
    document = documents.get(document_id, actor())
    with once(answer=documents.document_link(document)):
        anchor = corrections.redo(document, seen=version_seen(), by=actor(), now=now())
    return saved(document, anchor)


@blueprint.post("/<int:document_id>/adopt")
@requires(Permission.DOCUMENT_REVIEW)
def adopt(programme_id: int, document_id: int) -> Response:
    """Make the plan."""
    document = documents.get(document_id, actor())
    with once(answer=url_for("documents.index", programme_id=programme_id)):
        plan = plans.adopt(document, seen=version_seen(), by=actor(), now=now())
    flash(_("The notice is adopted as a plan. Nothing is issued yet."), "done")
    return redirect(plans.plan_link(plan), 303)


@blueprint.post("/<int:document_id>/drop")
@requires(Permission.DOCUMENT_REVIEW)
def drop(programme_id: int, document_id: int) -> Response:
    """Set the notice aside."""
    document = documents.get(document_id, actor())
    with once(answer=url_for("documents.index", programme_id=programme_id)):
        documents.drop(document, text_of("reason"), seen=version_seen(), by=actor(), now=now())
    flash(_("The notice has been set aside. It stays readable."), "done")
    return redirect(url_for("documents.index", programme_id=programme_id), 303)


def _received(text: str) -> tuple[bytes, str]:
    file = request.files.get("file")
    if file and file.filename:
        return file.read(), file.filename.rsplit("/", 1)[-1].rsplit("\\", 1)[-1]
    if not text.strip():
        why = N_("Paste the text of the notice, or choose its file.")
        raise Invalid(N_("Nothing was read."), {"text": why})
    return text.encode(), _("Pasted text") + ".txt"


def review(
    document: Document, *, errors: dict[str, Sentence] | None = None, opened: str = "", at: str = ""
) -> str:
    """The review page, with one form open and what is wrong in it."""
    page = review_page.gather(document, part=_part(), at=at or opened)
    return render_template("documents/review.html", **_shown(page, errors or {}, opened))


def _shown(page: review_page.ReviewPage, errors: dict[str, Sentence], opened: str) -> dict[str, object]:
    document = page.document
    is_draft = document.state is DocumentState.DRAFT
    return {
        "page": page,
        "document": document,
        "ledger": page.ledger,
        "may_edit": is_draft and actor().may(Permission.DOCUMENT_REVIEW),
        "reissued": page.reissued,
        "plan": None if is_draft else documents.plan_of(document),
        "errors": errors,
        "opened": opened,
        "missing_in": plan_rules.missing_in,
        "said_of": corrections.said,
        "parts_of": task_corrections.parts_of,
        "no_task": questions.NO_TASK,
        **_of_rules(),
    }


def _of_rules() -> dict[str, object]:
    """What the forms of proposed rules are made of."""
    return {
        "rhythm": _rhythm,
        "kinds": {kind.value: kind.label for kind in CHOSEN_KINDS},
        "who": {who.value: who.label for who in Obliged},
        "every": rule_words.EVERY,
        "shifts": rule_words.SHIFTS,
        "every_of": rule_words.every_of,
        "days_of": rule_words.days_of,
        "rare": rule_words.last_day_words,
    }


def _rhythm(word: str) -> Sentence | str:
    try:
        return describe(parse_recurrence(word))
    except ValueError:
        return word


def _part() -> int:
    """Which part of a long ledger is wanted; what is no number wants the first."""
    text = request.values.get("part", "")
    return number(text) if is_number(text) else 1


def saved(document: Document, anchor: str = "") -> Response:
    """Back to the review page, at the item that was saved."""
    link = documents.document_link(document)
    if request.form.get("part"):  # a long ledger: back to the part that shows the item
        link += f"?at={anchor}" if anchor.startswith("task-") else f"?part={_part()}"
    return redirect(f"{link}#{anchor}" if anchor else link, 303)


def _fields(error: Invalid) -> dict[str, Sentence]:
    return error.fields or {"text": error.sentence}
