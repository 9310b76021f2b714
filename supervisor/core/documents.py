"""Notices: received, read into a draft ledger, corrected by a person. A draft is no plan before `plans.adopt`."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime
from itertools import islice

from peewee import JOIN, Expression

from supervisor.core import audit
from supervisor.core.corrections import ledger_of
from supervisor.core.draft_ledger import from_reading, to_json
from supervisor.core.permissions import Actor, Permission
from supervisor.core.unit_names import name_key
from supervisor.database import digest, transactional
from supervisor.errors import Invalid, NotFound, Obstacle, Refused, Stale
from supervisor.intake import Draft, IntakeError, read
from supervisor.models import Document, DocumentState, Plan, Programme
from supervisor.words import N_, Sentence

__all__ = [
    "DocumentRow", "SameNotice", "document_link", "drop", "find_same", "get", "ledger_of", "listed", "plan_of",
    "read_notice", "receive", "visible_to",
]  # fmt: skip


class SameNotice(Refused):
    """The programme already has this notice; a person may still want to read it again."""

    def __init__(self, earlier: Document) -> None:
        link = document_link(earlier)
        title = earlier.title or earlier.filename
        super().__init__(
            N_("This notice was already received."),
            [Obstacle(N_("“%(title)s”, received before", title=title), link)],
        )
        self.earlier = earlier


def document_link(document: Document) -> str:
    """Application path of a notice's review page."""
    return f"/p/{document.programme_id}/documents/{document.id}"


def read_notice(data: bytes, name: str) -> Draft:
    """Read a notice into a draft. Pure and slow (office files in a child process): call it before the transaction.

    Raises Invalid with the reader's own sentence where the file is no readable notice.
    """
    try:
        return read(data, name)
    except IntakeError as error:
        sentence = Sentence(error.message, error.params)
        raise Invalid(sentence, {"file": sentence}) from error


@transactional
def receive(
    programme: Programme, draft: Draft, data: bytes, name: str, *, again: bool, by: Actor, now: datetime
) -> Document:
    """Keep a notice that was read; `again` = a person knows that it was received before.

    Raises SameNotice where its bytes or its text (white space aside) came before.
    """
    by.require(Permission.DOCUMENT_REVIEW)
    earlier = find_same(programme, data, draft)
    if earlier is not None and not again:
        raise SameNotice(earlier)
    ledger = from_reading(draft)
    document = Document.create(
        programme=programme,
        filename=name[:200],
        sha256=digest(data),
        title=ledger.title[:400],
        issuer=(draft.document.issuer or "")[:200],
        numbers=list(draft.document.doc_numbers),
        issued_on=ledger.issued_on,
        published_on=draft.document.published,
        text=draft.document.text,
        draft=to_json(ledger),
        created_by=by.user_id,
        created_at=now,
    )
    after = {"filename": document.filename, "sha256": document.sha256, "tasks": len(draft.tasks)}
    audit.record(by, "document.receive", document, now=now, after=after)
    return document


def find_same(programme: Programme, data: bytes, draft: Draft) -> Document | None:
    """An earlier notice of the programme with the same bytes or the same text."""
    mine = (Document.programme == programme) & (Document.state != DocumentState.DROPPED)
    wanted = _text_digest(draft.document.text)
    for document in Document.select().where(mine).order_by(Document.id.desc()):
        if document.sha256 == digest(data) or _text_digest(document.text) == wanted:
            return document
    return None


def _text_digest(text: str) -> str:
    return digest(re.sub(r"\s", "", text))


@dataclass(frozen=True)
class DocumentRow:
    """A line of the list of notices."""

    document: Document
    plan: Plan | None


def visible_to(actor: Actor) -> Expression:
    """Notices a person may see: drafts only those who review them, adopted ones every member (D16)."""
    mine: Expression = Document.programme == actor.programme_id
    return mine if actor.may(Permission.DOCUMENT_REVIEW) else mine & (Document.state == DocumentState.ADOPTED)


def listed(actor: Actor, words: str = "") -> list[DocumentRow]:
    """The notices a person may see, newest first, each with the plan it became; one query, at most 200.

    With `words`, those whose numbers, title, issuer or file name hold them, in either form of brackets (C01).
    """
    query = (
        Document.select(
            Document.id,
            Document.programme,
            Document.title,
            Document.filename,
            Document.issuer,
            Document.numbers,
            Document.issued_on,
            Document.state,
            Document.created_at,
            Plan,
        )
        .join(Plan, JOIN.LEFT_OUTER, on=(Plan.document == Document.id), attr="plan_row")
        .where(visible_to(actor))
        .order_by(Document.id.desc())
    )
    wanted = name_key(words)
    found = (document for document in query if _holds(document, wanted)) if wanted else query.limit(200)
    rows = (DocumentRow(document, getattr(document, "plan_row", None)) for document in found)
    return list(islice(rows, 200))


def _holds(document: Document, wanted: str) -> bool:
    words = (*document.numbers, document.title, document.issuer, document.filename)
    return any(wanted in name_key(word) for word in words)


def get(document_id: int, actor: Actor) -> Document:
    """A notice that the person may see, or NotFound."""
    document = Document.get_or_none((Document.id == document_id) & visible_to(actor))
    if document is None:
        raise NotFound
    return document


def plan_of(document: Document) -> Plan | None:
    """The plan adopted from a notice, or the one that its confirmed changes went into."""
    adopted = Plan.select().where(Plan.document == document).order_by(Plan.id.desc()).first()
    amended = None if adopted else ledger_of(document).amends
    return adopted or (Plan.get_or_none(Plan.id == amended) if amended else None)


@transactional
def drop(document: Document, reason: str, *, seen: int, by: Actor, now: datetime) -> None:
    """Set a notice aside; it stays readable."""
    by.require(Permission.DOCUMENT_REVIEW)
    mine = (Document.id == document.id) & (Document.version == seen) & (Document.state == DocumentState.DRAFT)
    values = {"state": DocumentState.DROPPED, "version": Document.version + 1}
    if not Document.update(**values).where(mine).execute():
        raise Stale([], [])
    audit.record(by, "document.drop", document, now=now, reason=reason)
