"""Drafts of rulebooks: begun from nothing, a preset or an adopted one; saved by one or several; adopted by one.

A draft may hold problems, adoption may not. Each save names the revision that its writer had read: where somebody was
first, what touches nothing of theirs is put beside it and said, and what does is shown side by side (`Overtaken`).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from scoring import preset_names, preset_text
from supervisor.core import audit, rulebooks
from supervisor.core.permissions import Actor, Permission
from supervisor.core.rulebook_conditions import said, table_in, tables_in
from supervisor.core.rulebook_parts import Part, head_of, part_at, path_of, replaced
from supervisor.core.rulebook_text import Document, document_of, text_of
from supervisor.database import digest, transactional
from supervisor.errors import NotFound, Refused, Stale
from supervisor.models import Programme, RulebookDraft, RulebookRevision, RulebookVersion
from supervisor.words import N_, say

#: Where a draft from nothing begins: a frame whose gaps the check names.
BLANK = """[rulebook]
name = "{name}"
version = "1"

[[tier]]
name = "优秀"
name_en = "excellent"
at_least = 90
max_share = "30%"
min_places = 1

[[tier]]
name = "合格"
name_en = "sufficient"
at_least = 60

[[tier]]
name = "不合格"
name_en = "insufficient"

[[table]]
period = "quarter"
title = "季度考核表"
title_en = "Quarterly table"
"""


class Overtaken(Stale):
    """Somebody else changed or removed the same part. `theirs` is what now stands there, or None."""

    def __init__(self, draft: RulebookDraft, theirs: Part | None) -> None:
        super().__init__([], [])
        self.draft = draft
        self.part = theirs


@dataclass(frozen=True)
class Saved:
    """A save that came through. `meanwhile` = the text that the writer had read, where others had saved since."""

    draft: RulebookDraft
    meanwhile: str = ""


def drafts(programme_id: int) -> list[RulebookDraft]:
    """Drafts in the making, the last saved first."""
    return list(
        RulebookDraft.select()
        .where(
            (RulebookDraft.programme == programme_id)
            & RulebookDraft.removed_at.is_null()
            & RulebookDraft.adopted.is_null()
        )
        .order_by(RulebookDraft.saved_at.desc(), RulebookDraft.id.desc())
    )


def in_programme(draft_id: int, programme_id: int) -> RulebookDraft:
    """A draft of this programme, also one that has been adopted. NotFound for others and removed ones."""
    row = RulebookDraft.get_or_none(
        (RulebookDraft.id == draft_id)
        & (RulebookDraft.programme == programme_id)
        & RulebookDraft.removed_at.is_null()
    )
    if row is None:
        raise NotFound
    return row


def revisions(draft: RulebookDraft) -> list[RulebookRevision]:
    """Every save, the last first."""
    return list(
        RulebookRevision.select()
        .where(RulebookRevision.draft == draft)
        .order_by(RulebookRevision.number.desc())
    )


def text_at(draft: RulebookDraft, number: int) -> str:
    """The text of a revision. NotFound where there is none."""
    row = RulebookRevision.get_or_none(
        (RulebookRevision.draft == draft) & (RulebookRevision.number == number)
    )
    if row is None:
        raise NotFound
    return str(row.text)


def text_to_start_from(programme_id: int, start: str, name: str) -> str:
    """The text of a preset by its key, of an adopted rulebook by its number, or a frame. NotFound for others."""
    if start.isascii() and start.isdigit():
        return rulebooks.in_programme(int(start), programme_id).text
    if start:
        if start not in preset_names():
            raise NotFound
        return preset_text(start)
    return BLANK.format(name=name)


@transactional
def start(programme: Programme, source: str, *, by: Actor, now: datetime) -> RulebookDraft:
    """Begin a draft from nothing (""), a preset (its key) or an adopted rulebook (its number)."""
    by.require(Permission.PERIOD_CLOSE)
    name = say(N_("Scheme of our own"), "zh_CN")
    text = text_to_start_from(programme.id, source, name)
    person = _person(by)
    draft = RulebookDraft.create(
        programme=programme,
        name=_name(document_of(text)),
        text=text,
        created_by=person,
        created_at=now,
        saved_by=person,
        saved_at=now,
    )
    RulebookRevision.create(draft=draft, number=1, text=text, saved_by=person, saved_at=now)
    audit.record(
        by, "rulebook_draft.start", draft, now=now, after={"name": draft.name, "from": source or "nothing"}
    )
    return draft


@transactional
def save_text(draft: RulebookDraft, text: str, *, seen: int, by: Actor, now: datetime) -> Saved:
    """Keep a whole text, comments and all. Invalid where it cannot be read, Overtaken where somebody was first."""
    by.require(Permission.PERIOD_CLOSE)
    return _keep(draft, text, document_of(text), seen=seen, by=by, now=now)


@transactional
def save_part(
    draft: RulebookDraft,
    at: str,
    table: Mapping[str, Any],
    *,
    seen: int,
    by: Actor,
    now: datetime,
    after: Callable[[Document, str], Document] = lambda document, _at: document,
) -> Saved:
    """Keep one part of a draft. Overtaken where somebody changed or removed the same part since `seen`.

    Args:
        draft: which one.
        at: address of the part in the revision that was read.
        table: the part as it is to be.
        seen: the revision that was read.
        by: who saves.
        now: when.
        after: what else follows from the change, given the document and the part's address in it.
    """
    by.require(Permission.PERIOD_CLOSE)
    read = text_at(draft, seen)
    current = document_of(draft.text)
    place = at
    if draft.revision != seen:
        document = document_of(read)
        before = part_at(document, at)
        home = _table_now(document, current, before)
        place = _still_there(current, before, home) or ""
        if not place:
            raise Overtaken(draft, _of_the_same_name(current, before, home))
    changed = after(replaced(current, place, table), place)
    saved = _keep(draft, text_of(changed), changed, seen=draft.revision, by=by, now=now)
    return Saved(saved.draft, read if draft.revision - 1 != seen else "")


@transactional
def save_document(
    draft: RulebookDraft, change: Callable[[Document], Document], *, seen: int, by: Actor, now: datetime
) -> Saved:
    """Keep a draft after a change to its structure. Overtaken where somebody was first: nothing had been typed."""
    by.require(Permission.PERIOD_CLOSE)
    if draft.revision != seen:
        raise Overtaken(draft, None)
    document = change(document_of(draft.text))
    return _keep(draft, text_of(document), document, seen=seen, by=by, now=now)


@transactional
def adopt(
    draft: RulebookDraft,
    *,
    valid_from: date,
    remark: str,
    seen: int,
    by: Actor,
    now: datetime,
    gaps_known: str = "",
) -> RulebookVersion:
    """Adopt a draft from a day on, as its text now is. Invalid with every problem, Overtaken where it was changed."""
    by.require(Permission.PERIOD_CLOSE)
    _refuse_adopted(draft)
    if draft.revision != seen:
        raise Overtaken(draft, None)
    version = rulebooks.adopt(
        draft.programme,
        draft.text,
        valid_from=valid_from,
        by=by,
        now=now,
        remark=remark,
        gaps_known=gaps_known,
    )
    draft.adopted = version
    draft.save(only=[RulebookDraft.adopted])
    audit.record(
        by,
        "rulebook_draft.adopt",
        draft,
        now=now,
        after={"version": version.id, "revision": seen},
        reason=remark,
    )
    return version


@transactional
def remove(draft: RulebookDraft, *, by: Actor, now: datetime) -> None:
    """Take a draft off the list; its texts stay on record. Refused for an adopted one."""
    by.require(Permission.PERIOD_CLOSE)
    _refuse_adopted(draft)
    draft.removed_at = now
    draft.save(only=[RulebookDraft.removed_at])
    audit.record(by, "rulebook_draft.remove", draft, now=now, before={"name": draft.name})


def _keep(
    draft: RulebookDraft, text: str, document: Document, *, seen: int, by: Actor, now: datetime
) -> Saved:
    _refuse_adopted(draft)
    person = _person(by)
    number = seen + 1
    still = (
        (RulebookDraft.id == draft.id) & (RulebookDraft.revision == seen) & RulebookDraft.adopted.is_null()
    )
    values = {"text": text, "revision": number, "name": _name(document), "saved_by": person, "saved_at": now}
    if not RulebookDraft.update(**values).where(still).execute():
        raise Overtaken(in_programme(draft.id, draft.programme_id), None)
    for name, value in values.items():
        setattr(draft, name, value)
    RulebookRevision.create(draft=draft, number=number, text=text, saved_by=person, saved_at=now)
    audit.record(
        by, "rulebook_draft.save", draft, now=now, after={"revision": number, "sha256": digest(text)}
    )
    return Saved(draft)


def _still_there(document: Document, before: Part, table: int | None) -> str | None:
    """Where a part that was read now is, unchanged: at its address, or at the only one that reads the same."""
    parts = _parts_like(document, before, table)
    same = [at for at, held in parts if held == before.table]
    here = _address_in(before, table)
    return here if here in same else same[0] if len(same) == 1 else None


def _of_the_same_name(document: Document, before: Part, table: int | None) -> Part | None:
    """What now stands where a part was: that with its short name, or what is at its address."""
    parts = _parts_like(document, before, table)
    key = before.table.get("key")
    named = [at for at, held in parts if key and held.get("key") == key]
    at = named[0] if len(named) == 1 else _address_in(before, table)
    return part_at(document, at) if (named or not key) and at in dict(parts) else None


def _parts_like(document: Document, before: Part, table: int | None) -> list[tuple[str, dict[str, Any]]]:
    """The parts that a part may have become: never one of another table, however alike two groups' tables are."""
    if before.shape not in {"table", "indicator"}:
        return [(before.at, part_at(document, before.at).table)]
    if table is None:
        return []
    home = tables_in(document, "table")[table]
    if before.shape == "table":
        return [(f"table.{table}", head_of(home))]
    return [(f"table.{table}.indicator.{i}", one) for i, one in enumerate(tables_in(home, "indicator"))]


def _address_in(before: Part, table: int | None) -> str:
    """A part's address where its table now stands at this number."""
    if table is None or before.shape not in {"table", "indicator"}:
        return before.at
    return ".".join(["table", str(table), *before.at.split(".")[2:]])


def _table_now(read: Document, document: Document, before: Part) -> int | None:
    """The number that the table of a part now has; None where it is gone or cannot be told from its twins.

    A table copied for a second group reads like the first until somebody changes one of them.
    """
    if before.shape not in {"table", "indicator"}:
        return None
    number = int(path_of(before.at)[1])
    was = [head_of(one) for one in tables_in(read, "table")]
    now = [head_of(one) for one in tables_in(document, "table")]
    twins = [n for n, head in enumerate(was) if head == was[number]]
    same = [n for n, head in enumerate(now) if head == was[number]]
    if len(twins) == len(same):
        return same[twins.index(number)]
    if number in same:
        return number
    return number if not same and len(was) == len(now) else None


def _refuse_adopted(draft: RulebookDraft) -> None:
    if draft.adopted_id is not None:
        raise Refused(
            N_(
                "This draft has been adopted and no longer changes. Begin a new one from the adopted rulebook."
            )
        )


def _name(document: Document) -> str:
    return said(table_in(document, "rulebook").get("name", ""))[:120] or "—"


def _person(by: Actor) -> int:
    if by.user_id is None:  # a draft is written by people
        raise Refused(N_("Only a named person may do this."))
    return by.user_id
