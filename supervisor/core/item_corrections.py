"""Corrections of what is no task: head, duties, collective names, roster, targets, rhythms, names, questions."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import fields, replace
from datetime import datetime
from typing import Any

from supervisor.core import corrections
from supervisor.core.draft_ledger import Ledger
from supervisor.core.draft_rows import (
    LedgerCollective,
    LedgerDuty,
    LedgerMember,
    NameDecision,
    Settled,
)
from supervisor.core.permissions import Actor
from supervisor.core.same_units import APART, pair_key
from supervisor.core.unit_names import name_key
from supervisor.core.unread_clauses import Clause
from supervisor.database import transactional
from supervisor.errors import Invalid, NotFound
from supervisor.models import Document
from supervisor.words import N_

#: Kinds whose rows are corrected field by field, and how each is called.
WORDS = {
    "duty": N_("duty"),
    "person": N_("line of the roster"),
    "target": N_("target"),
    "rhythm": N_("rhythm or date"),
    "liaison": N_("rule on liaison officers"),
    "report": N_("reporting rule"),
    "phase": N_("phase"),
}
#: A reason shorter than this says nothing.
SHORTEST_REASON = 2
LONGEST_NAME = 160


def check_names(names: Sequence[str], field: str) -> None:
    """Raise Invalid where a unit's name is longer than the register takes."""
    if any(len(name) > LONGEST_NAME for name in names):
        raise Invalid(
            N_("A unit's name has at most 160 characters."), {field: N_("Separate the names by 、")}
        )


@transactional
def correct_head(
    document: Document, values: Mapping[str, Any], *, seen: int, by: Actor, now: datetime
) -> None:
    """Correct title, issuer, numbers and dates of the notice; `values` are fields of the ledger's head."""
    title = str(values.get("title", "")).strip()
    if "title" in values and not title:
        raise Invalid(N_("A title is needed."), {"title": N_("A title is needed.")})
    wanted = {name: value for name, value in values.items() if name in corrections.HEAD}
    if "title" in wanted:
        wanted["title"] = title[:400]
    corrections.save(
        document,
        lambda present: replace(present, **wanted),
        seen=seen,
        action="document.correct_head",
        summary=N_("Title and dates corrected"),
        anchor="head",
        by=by,
        now=now,
    )


@transactional
def correct_row(
    document: Document,
    kind: str,
    key: int,
    values: Mapping[str, Any],
    *,
    seen: int,
    by: Actor,
    now: datetime,
) -> None:
    """Correct fields of a duty, a line of the roster, a target, a rhythm or a liaison rule."""

    def change(present: Ledger) -> Ledger:
        row = _row(present, kind, key)
        known = {field.name for field in fields(row)} - {"key", "spans", "line"}
        if not set(values) <= known:
            raise NotFound
        return present.with_row(kind, replace(row, **values, corrected=True))

    check_names(values.get("units", ()), "units")
    word = WORDS.get(kind)
    if word is None:
        raise NotFound
    summary = N_("Corrected: %(what)s “%(text)s”", what=word, text=_text(document, kind, key))
    corrections.save(
        document, change, seen=seen, action=f"document.correct_{kind}", summary=summary, anchor=f"{kind}-{key}",
        by=by, now=now,
    )  # fmt: skip


@transactional
def drop_row(
    document: Document, kind: str, key: int, reason: str, *, seen: int, by: Actor, now: datetime
) -> None:
    """Leave a row out with a reason; a row that is left out is taken in again."""
    reason = reason.strip()
    old = _row(corrections.fresh(document), kind, key)
    if not old.dropped and len(reason) < SHORTEST_REASON:
        raise Invalid(N_("Say why it is left out."), {"reason": N_("Say why it is left out.")})

    def change(present: Ledger) -> Ledger:
        row = _row(present, kind, key)
        return present.with_row(kind, replace(row, dropped="" if old.dropped else reason[:400]))

    text = _text(document, kind, key)
    summary = (
        N_("Taken in again: “%(text)s”", text=text) if old.dropped else N_("Left out: “%(text)s”", text=text)
    )
    corrections.save(
        document, change, seen=seen, action=f"document.drop_{kind}", summary=summary, anchor=f"{kind}-{key}",
        by=by, now=now, reason=reason,
    )  # fmt: skip


def _row(ledger: Ledger, kind: str, key: int) -> Any:
    row = ledger.row(kind, key) if kind in WORDS else None
    if row is None:
        raise NotFound
    return row


def _text(document: Document, kind: str, key: int) -> str:
    row = _row(corrections.fresh(document), kind, key)
    return str(getattr(row, "name", "") or getattr(row, "text", "") or getattr(row, "post", ""))[:24]


@transactional
def choose_standing(document: Document, keys: Sequence[int], *, seen: int, by: Actor, now: datetime) -> None:
    """Which duties become standing tasks (D4)."""
    wanted = frozenset(keys)

    def change(present: Ledger) -> Ledger:
        return replace(
            present,
            duties=tuple(
                duty if duty.standing == (duty.key in wanted) else replace(duty, standing=duty.key in wanted)
                for duty in present.duties
            ),
        )

    corrections.save(
        document, change, seen=seen, action="document.choose_standing",
        summary=N_("%(count)s duties become standing tasks", count=len(wanted)), anchor="duties", by=by, now=now,
    )  # fmt: skip


@transactional
def add_duty(document: Document, clause: Clause, *, seen: int, by: Actor, now: datetime) -> None:
    """Make a standing duty of a clause that nothing was read from."""
    corrections.save(
        document, lambda present: with_duty_of(present, clause), seen=seen, action="document.add_duty",
        summary=N_("Made a duty: “%(text)s”", text=clause.title), anchor=clause.anchor, by=by, now=now,
    )  # fmt: skip


def with_duty_of(ledger: Ledger, clause: Clause) -> Ledger:
    """The ledger with a standing duty made of a clause."""
    duty = LedgerDuty(
        key=ledger.new_key("duty"), units=(*clause.lead, *clause.responsible), text=clause.text,
        line=clause.line, spans=((clause.start, clause.end),), standing=True, corrected=True,
    )  # fmt: skip
    return ledger.with_row("duty", duty)


# Collective names -----------------------------------------------------------------------------------------------


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
    check_names(added, "added")

    def change(present: Ledger) -> Ledger:
        old = present.row("collective", place)
        if old is None:
            raise NotFound
        return present.with_row("collective", _with_members(old, ticked, notes, added))

    row = corrections.fresh(document).row("collective", place)
    corrections.save(
        document, change, seen=seen, action="document.confirm_members",
        summary=N_("Members of %(name)s confirmed", name=row.token if row else ""), anchor=f"collective-{place}",
        by=by, now=now,
    )  # fmt: skip


def _with_members(
    old: LedgerCollective, ticked: Sequence[int], notes: Mapping[int, str], added: Sequence[str]
) -> LedgerCollective:
    members = [
        replace(member, ticked=number in ticked, note=notes.get(number, member.note).strip()[:400])
        for number, member in enumerate(old.members)
    ]
    known = {member.name for member in members}
    members += [LedgerMember(name, note="") for name in added if name not in known]
    if not any(member.ticked for member in members):
        wrong = N_("A collective name needs at least one unit.")
        raise Invalid(wrong, {"added": wrong})
    return replace(old, members=tuple(members), confirmed=True)


@transactional
def make_collective(document: Document, name: str, *, seen: int, by: Actor, now: datetime) -> int:
    """A name that was read as one unit stands for several: it becomes a collective name, its members still to name."""
    made: list[int] = []

    def change(present: Ledger) -> Ledger:
        if present.collective(name) is not None:
            return present
        made.append(present.new_key("collective"))
        line = next((row.line for row in present.live if name in row.units), None)
        return present.with_row("collective", LedgerCollective(token=name, line=line, key=made[-1]))

    corrections.save(
        document, change, seen=seen, action="document.make_collective",
        summary=N_("“%(name)s” stands for several units", name=name), anchor="names", by=by, now=now,
    )  # fmt: skip
    return made[-1] if made else 0


@transactional
def make_unit(document: Document, place: int, *, seen: int, by: Actor, now: datetime) -> None:
    """A name that was read as a collective is one unit."""
    row = corrections.fresh(document).row("collective", place)
    if row is None:
        raise NotFound
    corrections.save(
        document, lambda present: present.without_row("collective", place), seen=seen, action="document.make_unit",
        summary=N_("“%(name)s” is one unit", name=row.token), anchor="names", by=by, now=now,
    )  # fmt: skip


# Names ----------------------------------------------------------------------------------------------------------


@transactional
def name_unit(document: Document, printed: str, unit: str, *, seen: int, by: Actor, now: datetime) -> None:
    """A printed name is this unit under another name; an empty unit takes the choice back.

    Raises Invalid where the two names are one or the unit is itself another's alias.
    """
    unit = unit.strip()
    check_names([unit], "unit")
    if unit and name_key(unit) == name_key(printed):
        wrong = N_("That is the same name.")
        raise Invalid(wrong, {"unit": wrong})

    def change(present: Ledger) -> Ledger:
        return with_unit(present, printed, unit) if unit else present.without_row("name", printed)

    summary = (
        N_("“%(name)s” is %(unit)s", name=printed, unit=unit)
        if unit
        else N_("“%(name)s” is a unit of its own", name=printed)
    )
    corrections.save(
        document,
        change,
        seen=seen,
        action="document.name_unit",
        summary=summary,
        anchor="names",
        by=by,
        now=now,
    )


def with_unit(ledger: Ledger, printed: str, unit: str) -> Ledger:
    """The ledger in which a printed name is read as this unit; Invalid where the unit is read as that name."""
    target = ledger.unit_of(unit)
    if name_key(target) == name_key(printed):
        wrong = N_("“%(unit)s” is itself read as “%(name)s”.", unit=unit, name=printed)
        raise Invalid(wrong, {"unit": wrong})
    # Whoever was read as this name follows it to its unit: no chains.
    for name in ledger.names:
        if name_key(name.unit) == name_key(printed):
            ledger = ledger.with_row("name", replace(name, unit=target))
    return ledger.with_row("name", NameDecision(printed, target))


@transactional
def keep_apart(document: Document, one: str, two: str, *, seen: int, by: Actor, now: datetime) -> None:
    """Two similar names are two units."""
    corrections.save(
        document,
        lambda present: present.with_row("settled", Settled(pair_key(one, two), APART)),
        seen=seen,
        action="document.keep_apart",
        summary=N_("“%(one)s” and “%(two)s” are two units", one=one, two=two),
        anchor="names",
        by=by,
        now=now,
    )


@transactional
def strike_name(document: Document, name: str, *, seen: int, by: Actor, now: datetime) -> None:
    """A printed name is no unit: it leaves every task and duty, and is remembered as such."""

    def change(present: Ledger) -> Ledger:
        return without_name(present, name).with_row("name", NameDecision(name, no_unit=True))

    corrections.save(
        document, change, seen=seen, action="document.strike_name",
        summary=N_("“%(name)s” is no unit", name=name), anchor="names", by=by, now=now,
    )  # fmt: skip


def without_name(ledger: Ledger, name: str) -> Ledger:
    """The ledger with a name taken out of every task and duty."""

    def kept(names: tuple[str, ...]) -> tuple[str, ...]:
        return tuple(one for one in names if name_key(one) != name_key(name))

    tasks = tuple(
        replace(task, lead=kept(task.lead), responsible=kept(task.responsible), corrected=True)
        if name in task.units
        else task
        for task in ledger.tasks
    )
    duties = tuple(
        replace(duty, units=kept(duty.units)) if name in duty.units else duty for duty in ledger.duties
    )
    return replace(ledger, tasks=tasks, duties=duties)


# Questions ------------------------------------------------------------------------------------------------------


@transactional
def settle(document: Document, keys: Sequence[str], *, seen: int, by: Actor, now: datetime) -> None:
    """Questions are answered: what they ask about stays as it is."""

    def change(present: Ledger) -> Ledger:
        for key in keys:
            present = present.with_row("settled", Settled(key, "seen"))
        return present

    corrections.save(
        document, change, seen=seen, action="document.settle",
        summary=N_("%(count)s questions answered: it stays as it is", count=len(keys)), anchor=keys[0], by=by, now=now,
    )  # fmt: skip


@transactional
def set_clause_aside(
    document: Document, clause: Clause, reason: str, *, seen: int, by: Actor, now: datetime
) -> None:
    """A clause that looks like work is none, with the reason."""
    reason = reason.strip()
    if len(reason) < SHORTEST_REASON:
        wrong = N_("Say why the clause is set aside.")
        raise Invalid(wrong, {"reason": wrong})
    corrections.save(
        document,
        lambda present: present.with_row("settled", Settled(clause.anchor, "aside", reason[:400])),
        seen=seen,
        action="document.set_clause_aside",
        summary=N_("Clause set aside: “%(text)s”", text=clause.title),
        anchor=clause.anchor,
        by=by,
        now=now,
        reason=reason,
    )
