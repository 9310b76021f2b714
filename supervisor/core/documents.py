"""Notices: received, read into a draft ledger, corrected by a person. A draft is no plan before `plans.adopt`."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime

from peewee import JOIN, Expression

from supervisor.core import audit, draft_ledger
from supervisor.core.draft_ledger import Ledger, LedgerMember, LedgerTask
from supervisor.core.permissions import Actor, Permission
from supervisor.database import digest, transactional
from supervisor.errors import Invalid, NotFound, Obstacle, Refused, Stale
from supervisor.intake import Draft, IntakeError, read
from supervisor.models import Document, DocumentState, Plan, Programme
from supervisor.words import N_, Sentence

#: How the columns are called beside another version.
LABELS = {
    "title": N_("Title"),
    "issued_on": N_("Date of the notice"),
    "standing": N_("Duties"),
    "token": N_("Collective names"),
    "members": N_("Stands for"),
    "lead": N_("Lead units"),
    "responsible": N_("Responsible units"),
    "due_on": N_("Due date"),
    "each_answers": N_("each answers for itself"),
    "dropped": N_("left out"),
    "state": N_("State"),
}
#: A reason shorter than this says nothing.
SHORTEST_REASON = 2


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
    ledger = draft_ledger.from_reading(draft)
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
        draft=draft_ledger.to_json(ledger),
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


def listed(actor: Actor) -> list[DocumentRow]:
    """The notices a person may see, newest first, each with the plan it became; one query, at most 200."""
    query = (
        Document.select(
            Document.id,
            Document.programme,
            Document.title,
            Document.filename,
            Document.issuer,
            Document.issued_on,
            Document.state,
            Document.created_at,
            Plan,
        )
        .join(Plan, JOIN.LEFT_OUTER, on=(Plan.document == Document.id), attr="plan_row")
        .where(visible_to(actor))
        .order_by(Document.id.desc())
        .limit(200)
    )
    return [DocumentRow(document, getattr(document, "plan_row", None)) for document in query]


def get(document_id: int, actor: Actor) -> Document:
    """A notice that the person may see, or NotFound."""
    document = Document.get_or_none((Document.id == document_id) & visible_to(actor))
    if document is None:
        raise NotFound
    return document


def ledger_of(document: Document) -> Ledger:
    """The draft ledger as it stands."""
    return draft_ledger.from_json(document.draft)


def plan_of(document: Document) -> Plan | None:
    """The plan adopted from a notice."""
    plan: Plan | None = Plan.select().where(Plan.document == document).order_by(Plan.id.desc()).first()
    return plan


# Corrections ------------------------------------------------------------------------------------------------


@transactional
def correct_head(
    document: Document, *, seen: int, title: str, issued_on: date | None, by: Actor, now: datetime
) -> None:
    """Correct the title and the date of the notice."""
    if not title.strip():
        raise Invalid(N_("A title is needed."), {"title": N_("A title is needed.")})
    ledger = ledger_of(document)
    before = {"title": ledger.title, "issued_on": ledger.issued_on}
    after = {"title": title.strip()[:400], "issued_on": issued_on}

    def change(present: Ledger) -> Ledger:
        return replace(present, title=title.strip()[:400], issued_on=issued_on)

    _save(document, seen, change, "document.correct_head", before, after, by, now)


@transactional
def correct_task(
    document: Document, wanted: LedgerTask, *, seen: int, by: Actor, now: datetime
) -> LedgerTask:
    """Save a task as a person wants it; `wanted.key` −1 adds one. A dropped task keeps its reason.

    Raises Invalid for a task without title; Stale where somebody saved the notice meanwhile.
    """
    if not wanted.title.strip():
        raise Invalid(N_("A title is needed."), {"title": N_("A title is needed.")})
    if any(len(name) > 160 for name in wanted.units):
        raise Invalid(
            N_("A unit's name has at most 160 characters."), {"lead": N_("Separate the names by 、")}
        )
    ledger = ledger_of(document)
    key = wanted.key if wanted.key >= 0 else max((task.key for task in ledger.tasks), default=-1) + 1
    old = ledger.task(key)
    lead = tuple(dict.fromkeys(wanted.lead))
    task = replace(
        wanted,
        key=key,
        title=wanted.title.strip()[:400],
        lead=lead,
        responsible=tuple(name for name in dict.fromkeys(wanted.responsible) if name not in lead),
        each_answers=wanted.each_answers and not lead,
        due_from_notice=old is not None and old.due_from_notice and old.due_on == wanted.due_on,
        corrected=True,
    )
    action = "document.correct_task" if old else "document.add_task"
    _save(document, seen, lambda present: present.with_task(task), action, _shown(old), _shown(task), by, now)
    return task


@transactional
def drop_task(document: Document, key: int, reason: str, *, seen: int, by: Actor, now: datetime) -> None:
    """Leave a task out, with the reason; an empty reason takes it in again."""
    ledger = ledger_of(document)
    old = ledger.task(key)
    if old is None:
        raise NotFound
    reason = reason.strip()
    if not old.dropped and len(reason) < SHORTEST_REASON:
        raise Invalid(N_("Say why this task is left out."), {"reason": N_("Say why this task is left out.")})
    task = replace(old, dropped="" if old.dropped else reason)
    action = "document.restore_task" if old.dropped else "document.drop_task"
    _save(
        document,
        seen,
        lambda present: present.with_task(task),
        action,
        _shown(old),
        _shown(task),
        by,
        now,
        reason,
    )


@transactional
def choose_standing(
    document: Document, places: Sequence[int], *, seen: int, by: Actor, now: datetime
) -> None:
    """Which duties become standing tasks (D4)."""
    ledger = ledger_of(document)
    chosen = frozenset(place for place in places if 0 <= place < len(ledger.read.duties))
    before, after = {"standing": sorted(ledger.standing)}, {"standing": sorted(chosen)}
    _save(
        document,
        seen,
        lambda present: replace(present, standing=chosen),
        "document.choose_standing",
        before,
        after,
        by,
        now,
    )


@transactional
def confirm_members(
    document: Document,
    place: int,
    *,
    ticked: Sequence[int],
    notes: Mapping[int, str],
    added: Sequence[str],
    seen: int,
    by: Actor,
    now: datetime,
) -> None:
    """Confirm who belongs to a collective name: the proposals ticked, and names added by hand (E-14)."""
    ledger = ledger_of(document)
    if not 0 <= place < len(ledger.collectives):
        raise NotFound
    old = ledger.collectives[place]
    members = [
        replace(member, ticked=number in ticked, note=notes.get(number, member.note).strip()[:400])
        for number, member in enumerate(old.members)
    ]
    known = {member.name for member in members}
    members += [LedgerMember(name[:160], note="") for name in added if name not in known]
    if not any(member.ticked for member in members):
        raise Invalid(N_("A collective name needs at least one unit."))
    new = replace(old, members=tuple(members), confirmed=True)
    changed = tuple(new if number == place else c for number, c in enumerate(ledger.collectives))
    before, after = (
        {"members": [m.name for m in old.chosen]},
        {"token": old.token, "members": [m.name for m in new.chosen]},
    )
    _save(
        document,
        seen,
        lambda present: replace(present, collectives=changed),
        "document.confirm_members",
        before,
        after,
        by,
        now,
    )


@transactional
def drop(document: Document, reason: str, *, seen: int, by: Actor, now: datetime) -> None:
    """Set a notice aside; it stays readable."""
    by.require(Permission.DOCUMENT_REVIEW)
    mine = (Document.id == document.id) & (Document.version == seen) & (Document.state == DocumentState.DRAFT)
    values = {"state": DocumentState.DROPPED, "version": Document.version + 1}
    if not Document.update(**values).where(mine).execute():
        raise Stale([], [])
    audit.record(by, "document.drop", document, now=now, reason=reason)


def _save(
    document: Document,
    seen: int,
    change: Callable[[Ledger], Ledger],
    action: str,
    before: Mapping[str, object],
    after: Mapping[str, object],
    by: Actor,
    now: datetime,
    reason: str = "",
) -> None:
    by.require(Permission.DOCUMENT_REVIEW)
    ledger = change(ledger_of(document))
    values = {
        "draft": draft_ledger.to_json(ledger),
        "title": ledger.title,
        "issued_on": ledger.issued_on,
        "version": Document.version + 1,
    }
    mine = (Document.id == document.id) & (Document.version == seen) & (Document.state == DocumentState.DRAFT)
    if not Document.update(**values).where(mine).execute():
        raise Stale(_pairs(_theirs(document.id, after)), _pairs(after))
    audit.record(by, action, document, now=now, before=before, after=after, reason=reason)


def _theirs(document_id: int, mine: Mapping[str, object]) -> Mapping[str, object]:
    """What the notice says now of the things that were to be changed."""
    present = Document.get_by_id(document_id)
    ledger = ledger_of(present)
    key = mine.get("key")
    if isinstance(key, int):
        return _shown(ledger.task(key))
    now: dict[str, object] = {
        "title": ledger.title,
        "issued_on": ledger.issued_on,
        "standing": sorted(ledger.standing),
    }
    token = mine.get("token")
    if isinstance(token, str) and (collective := ledger.collective(token)):
        now |= {"token": token, "members": [m.name for m in collective.chosen]}
    return {name: now.get(name) for name in mine} | {"state": present.state.value}


def _shown(task: LedgerTask | None) -> dict[str, object]:
    """A task in the audit trail and beside another version of itself."""
    if task is None:
        return {}
    return {
        "key": task.key,
        "title": task.title,
        "lead": "、".join(task.lead),
        "responsible": "、".join(task.responsible),
        "due_on": task.due_on,
        "each_answers": task.each_answers,
        "dropped": task.dropped,
    }


def _pairs(values: Mapping[str, object]) -> list[tuple[str, str]]:
    return [(LABELS[name].msgid, _plain(value)) for name, value in values.items() if name in LABELS]


def _plain(value: object) -> str:
    if isinstance(value, list):
        return "、".join(str(one) for one in value)
    if value is True:
        return "✓"
    return "" if value in {None, False} else str(value)
