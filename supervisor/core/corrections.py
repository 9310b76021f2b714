"""Corrections of a draft ledger: each saved with what it changed, so that the last ones can be undone in turn.

A save names the version that the person saw. Where others saved meanwhile, it goes through only if they touched
nothing that it touches; else `Stale` carries both versions. So two people can review one notice at once.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from datetime import datetime
from typing import Any

from supervisor.core import audit
from supervisor.core.draft_ledger import Ledger, from_json, review_of, to_json, with_review
from supervisor.core.permissions import Actor, Permission
from supervisor.database import transactional
from supervisor.errors import Refused, Stale
from supervisor.models import Correction, Document, DocumentState
from supervisor.words import N_, Sentence

#: How fields are called beside another version.
LABELS = {
    "title": N_("Title"),
    "text": N_("Text of the task"),
    "issued_on": N_("Date of the notice"),
    "issuer": N_("Issued by"),
    "standing": N_("Duties"),
    "members": N_("Stands for"),
    "lead": N_("Lead units"),
    "responsible": N_("Responsible units"),
    "units": N_("Units"),
    "due_on": N_("Due date"),
    "each_answers": N_("each answers for itself"),
    "dropped": N_("left out"),
    "unit": N_("Unit"),
    "post": N_("Post"),
    "name": N_("Name"),
    "role": N_("Role"),
}
#: Fields of the notice's head are one thing: two people cannot mend them apart.
HEAD = frozenset({"title", "issued_on", "issuer", "numbers", "published_on"})
#: Steps shown in the list of what was done.
SHOWN = 30


def ledger_of(document: Document) -> Ledger:
    """The draft ledger as it stands."""
    return from_json(document.draft)


def fresh(document: Document) -> Ledger:
    """The draft ledger as it stands in the database now; for verbs, whose `document` may be older."""
    return ledger_of(Document.get_by_id(document.id))


@transactional
def save(
    document: Document,
    change: Callable[[Ledger], Ledger],
    *,
    seen: int,
    action: str,
    summary: Sentence,
    anchor: str,
    by: Actor,
    now: datetime,
    reason: str = "",
) -> Ledger:
    """Apply a change to the ledger as it now stands, and remember the way back.

    Raises:
        Stale: somebody else changed the same things since version `seen`, or the notice is no draft any more.
    """
    by.require(Permission.DOCUMENT_REVIEW)
    present = _present(document)
    ledger = ledger_of(present)
    changed = change(ledger)
    before, after = review_of(ledger), review_of(changed)
    patch = difference(before, after)
    if not patch:
        return changed
    if seen != present.version and touched(patch) & _touched_since(document, seen):
        raise Stale(_pairs(patch, 0), _pairs(patch, 1))
    _store(present, changed)
    Correction.delete().where((Correction.document == document) & Correction.undone).execute()
    last = Correction.select().where(Correction.document == document).count()
    Correction.create(
        document=document,
        number=last + 1,
        version=present.version + 1,
        anchor=anchor[:80],
        summary=_kept(summary),
        patch=patch,
        made_by=by.user_id,
        made_by_name=by.name,
        made_at=now,
    )
    _record(by, action, document, patch, now, reason)
    return changed


def _present(document: Document) -> Document:
    present: Document = Document.get_by_id(document.id)
    if present.state is not DocumentState.DRAFT:
        raise Stale([(N_("State").msgid, present.state.label.msgid)], [])
    return present


def _store(present: Document, ledger: Ledger) -> None:
    values = {
        "draft": to_json(ledger),
        "title": ledger.title[:400],
        "issuer": ledger.issuer[:200],
        "numbers": list(ledger.numbers),
        "issued_on": ledger.issued_on,
        "published_on": ledger.published_on,
        "version": Document.version + 1,
    }
    mine = (Document.id == present.id) & (Document.version == present.version)
    if not Document.update(**values).where(mine).execute():
        raise Stale([], [])


# The last steps -------------------------------------------------------------------------------------------------


@transactional
def undo(document: Document, *, seen: int, by: Actor, now: datetime) -> str:
    """Take the last correction back; returns the anchor of what it had changed. Raises Refused where there is none."""
    by.require(Permission.DOCUMENT_REVIEW)
    last = _steps(document).where(~Correction.undone).order_by(Correction.number.desc()).first()
    if last is None:
        raise Refused(N_("There is nothing to undo."))
    return _step(document, last, seen, by, now, undone=True)


@transactional
def redo(document: Document, *, seen: int, by: Actor, now: datetime) -> str:
    """Make the correction again that was undone last; returns its anchor. Raises Refused where there is none."""
    by.require(Permission.DOCUMENT_REVIEW)
    last = _steps(document).where(Correction.undone).order_by(Correction.number).first()
    if last is None:
        raise Refused(N_("There is nothing to make again."))
    return _step(document, last, seen, by, now, undone=False)


def _steps(document: Document) -> Any:
    return Correction.select().where(Correction.document == document)


def _step(document: Document, step: Correction, seen: int, by: Actor, now: datetime, *, undone: bool) -> str:
    present = _present(document)
    patch = step.patch
    if seen != present.version:
        raise Stale(_pairs(patch, 1 if undone else 0), [])
    ledger = ledger_of(present)
    _store(present, with_review(ledger, applied(review_of(ledger), patch, 0 if undone else 1)))
    values = {"undone": undone, "version": present.version + 1}
    Correction.update(**values).where(Correction.id == step.id).execute()
    if undone:
        patch = {field: {key: pair[::-1] for key, pair in rows.items()} for field, rows in patch.items()}
    _record(by, "document.undo" if undone else "document.redo", document, patch, now, "")
    return str(step.anchor)


def steps_of(document: Document) -> list[Correction]:
    """The last corrections, newest first, without their patches; undone ones are among them."""
    columns = [field for name, field in Correction._meta.fields.items() if name != "patch"]  # noqa: SLF001 -- Peewee's public name
    mine = Correction.select(*columns).where(Correction.document == document)
    return list(mine.order_by(Correction.number.desc()).limit(SHOWN))


def said(step: Correction) -> Sentence:
    """What a correction did, to be said in the reader's language."""
    return _sentence(step.summary)


def _kept(sentence: Sentence) -> dict[str, Any]:
    params = {
        name: _kept(value) if isinstance(value, Sentence) else value
        for name, value in sentence.params.items()
    }
    return {"msgid": sentence.msgid, "params": params}


def _sentence(kept: Mapping[str, Any]) -> Sentence:
    params = {
        name: _sentence(value) if isinstance(value, dict) else value for name, value in kept["params"].items()
    }
    return Sentence(kept["msgid"], params)


# Differences ----------------------------------------------------------------------------------------------------

#: Field → key of the row ("" for a plain value, "#" for the order of the rows) → [before, after].
Patch = Mapping[str, Mapping[str, list[Any]]]


def difference(before: Mapping[str, Any], after: Mapping[str, Any]) -> dict[str, dict[str, list[Any]]]:
    """What turns one review into another: rows by their keys, and the order where it is not plain adding."""
    patch: dict[str, dict[str, list[Any]]] = {}
    for field, old in before.items():
        new = after[field]
        if old == new:
            continue
        if not _is_keyed(old) or not _is_keyed(new):
            patch[field] = {"": [old, new]}
            continue
        was, is_ = ({str(row["key"]): row for row in rows} for rows in (old, new))
        rows = {key: [was.get(key), is_.get(key)] for key in {**was, **is_} if was.get(key) != is_.get(key)}
        if list(was) != list(is_):
            rows["#"] = [list(was), list(is_)]
        patch[field] = rows
    return patch


def applied(review: Mapping[str, Any], patch: Patch, side: int) -> dict[str, Any]:
    """The review with a patch applied: `side` 1 forwards, 0 backwards."""
    result = dict(review)
    for field, rows in patch.items():
        if "" in rows:
            result[field] = rows[""][side]
            continue
        present = {str(row["key"]): row for row in review[field]}
        for key, pair in rows.items():
            if key == "#":
                continue
            if pair[side] is None:
                present.pop(key, None)
            else:
                present[key] = pair[side]
        order = rows["#"][side] if "#" in rows else list(present)
        result[field] = [present[key] for key in order if key in present]
    return result


def _is_keyed(rows: Any) -> bool:
    return isinstance(rows, list) and all(isinstance(row, dict) and "key" in row for row in rows)


def touched(patch: Patch) -> set[str]:
    """The things that a patch changes: tasks/3, head."""
    return {
        "head" if field in HEAD else f"{field}/{key}"
        for field, rows in patch.items()
        for key in rows
        if key != "#"
    }


def _touched_since(document: Document, version: int) -> set[str]:
    later = Correction.select(Correction.patch).where(
        (Correction.document == document) & (Correction.version > version)
    )
    return {thing for row in later for thing in touched(row.patch)}


def _fields(patch: Patch, side: int) -> Iterable[tuple[str, str, Any]]:
    """(thing, field, value) of what really changed."""
    for field, rows in patch.items():
        for key, pair in rows.items():
            if key == "#":
                continue
            if key == "":
                yield "head", field, pair[side]
                continue
            row, other = (pair[n] if isinstance(pair[n], dict) else {} for n in (side, 1 - side))
            for name in {**row, **other}:
                if row.get(name) != other.get(name):
                    yield f"{field}/{key}", name, row.get(name)


def _pairs(patch: Patch, side: int) -> list[tuple[str, str]]:
    """What changed as (label, text) for showing two versions side by side."""
    return [
        (LABELS[name].msgid, _words(value)) for _thing, name, value in _fields(patch, side) if name in LABELS
    ]


def _words(value: Any) -> str:
    if isinstance(value, list):
        return "、".join(str(one["name"]) if isinstance(one, dict) else str(one) for one in value)
    if value is True:
        return "✓"
    return "" if value in {None, False} else str(value)


def _record(by: Actor, action: str, document: Document, patch: Patch, now: datetime, reason: str) -> None:
    shown: list[dict[str, dict[str, Any]]] = [{}, {}]
    for side in (0, 1):
        for thing, name, value in _fields(patch, side):
            shown[side].setdefault(thing, {})[name] = value
    audit.record(by, action, document, now=now, before=shown[0], after=shown[1], reason=reason)
