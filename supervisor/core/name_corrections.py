"""Decisions on several names at once, and on half names, while a notice is reviewed; each can be undone as one step."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime

from supervisor.core import audit, corrections, printed_names
from supervisor.core.draft_ledger import Ledger
from supervisor.core.draft_rows import LedgerCollective, Settled
from supervisor.core.half_names import half_key
from supervisor.core.item_corrections import with_unit
from supervisor.core.permissions import Actor
from supervisor.core.same_units import ALONE, Pair, mention_of, open_pairs
from supervisor.database import transactional
from supervisor.errors import NotFound
from supervisor.models import Document
from supervisor.words import N_

#: The answer to who belongs to a collective name: not said yet, knowingly (E-32).
OPEN = "open"


@transactional
def confirm_same(
    document: Document,
    shown: Collection[str],
    ticked: Collection[str],
    *,
    seen: int,
    by: Actor,
    now: datetime,
) -> int:
    """Read the ticked names of the list as the units beside them; those shown and not ticked are asked singly.

    `shown` and `ticked` are keys of pairs. One step to undo; each name is recorded singly. Returns how many.
    NotFound where nothing of it is open any more.
    """
    ledger = corrections.fresh(document)
    register = printed_names.read(document.programme.jurisdiction_id, ledger.issued_on)
    pairs = [pair for pair in open_pairs(ledger, register) if pair.key in set(shown)]
    chosen = [pair for pair in pairs if pair.key in set(ticked)]
    if not pairs:
        raise NotFound

    def change(present: Ledger) -> Ledger:
        for pair in pairs:
            if pair in chosen:
                present = with_unit(present, pair.name, pair.unit)
            else:
                present = present.with_row("settled", Settled(pair.key, ALONE))
        return present

    corrections.save(
        document, change, seen=seen, action="document.confirm_names",
        summary=N_("%(count)s names read as the units beside them", count=len(chosen)), anchor="names", by=by, now=now,
    )  # fmt: skip
    _record_singly(document, chosen, by, now)
    return len(chosen)


def _record_singly(document: Document, pairs: Collection[Pair], by: Actor, now: datetime) -> None:
    for pair in pairs:
        audit.record(by, "document.name_unit", document, now=now, after={pair.name: pair.unit})


@transactional
def keep_as_unit(document: Document, name: str, *, seen: int, by: Actor, now: datetime) -> None:
    """A name that reads like half of one is a unit of its own."""
    corrections.save(
        document,
        lambda present: present.with_row("settled", Settled(half_key(name), "unit")),
        seen=seen,
        action="document.make_unit",
        summary=N_("“%(name)s” is a unit of its own", name=name),
        anchor="names",
        by=by,
        now=now,
    )


@transactional
def make_open_group(document: Document, name: str, *, seen: int, by: Actor, now: datetime) -> None:
    """A name stands for several units that nobody has named yet: it stays open (E-32)."""

    def change(present: Ledger) -> Ledger:
        row = present.collective(name)
        if row is None:
            line = mention_of(present, name).line
            row = LedgerCollective(token=name, line=line, key=present.new_key("collective"))
        return present.with_row("collective", row).with_row("settled", Settled(f"members-{row.key}", OPEN))

    corrections.save(
        document, change, seen=seen, action="document.make_collective",
        summary=N_("“%(name)s” stands for several units, still to be named", name=name), anchor="names", by=by, now=now,
    )  # fmt: skip


@transactional
def leave_open(document: Document, key: int, *, seen: int, by: Actor, now: datetime) -> None:
    """Nobody is named yet for a collective name, knowingly; its form stays on the page."""
    row = corrections.fresh(document).row("collective", key)
    if row is None:
        raise NotFound
    corrections.save(
        document,
        lambda present: present.with_row("settled", Settled(f"members-{key}", OPEN)),
        seen=seen,
        action="document.settle",
        summary=N_("%(name)s stays open", name=row.token),
        anchor=f"collective-{key}",
        by=by,
        now=now,
    )
