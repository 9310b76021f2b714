"""What was decided while one notice was reviewed, kept for the jurisdiction and proposed for the next one.

Nothing of it is applied by itself: a precedent may change who answers, so it is shown with its day and its notice
and followed with one click, singly or all at once. Only an alias that stands in the register is read at once.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from supervisor.core import corrections, item_corrections, printed_names
from supervisor.core.draft_ledger import Ledger
from supervisor.core.draft_rows import LedgerCollective, LedgerMember, NameDecision, Settled
from supervisor.core.permissions import Actor
from supervisor.core.printed_names import Register
from supervisor.core.questions import open_clauses
from supervisor.core.same_units import APART, pair_key
from supervisor.core.unit_names import name_key
from supervisor.core.unread_clauses import unread_clauses
from supervisor.database import transactional
from supervisor.errors import NotFound
from supervisor.models import Document, Precedent, PrecedentKind
from supervisor.words import N_, Sentence

#: The compared form is kept up to this length.
LONGEST = 200


@dataclass(frozen=True)
class Proposal:
    """A precedent that fits this notice: what following it would do, and what it changes."""

    precedent: Precedent
    sentence: Sentence
    change: Callable[[Ledger], Ledger]


def remember(document: Document, ledger: Ledger, *, by: Actor, now: datetime) -> int:
    """Keep the decisions of a review for later notices of the jurisdiction; called when it is adopted.

    A later decision on the same name takes the earlier one's place. Returns how many were kept.
    """
    rows = [
        {
            "jurisdiction": document.programme.jurisdiction_id,
            "kind": kind,
            "name": name[:LONGEST],
            "value": value,
            "document": document.id,
            "title": ledger.title[:400],
            "decided_by": by.user_id,
            "decided_by_name": by.name,
            "decided_at": now,
        }
        for (kind, name), value in dict(_decisions(ledger)).items()
    ]
    new = ("value", "document", "title", "decided_by", "decided_by_name", "decided_at")
    for row in rows:
        Precedent.insert(**row).on_conflict(
            conflict_target=[Precedent.jurisdiction, Precedent.kind, Precedent.name],
            preserve=[getattr(Precedent, name) for name in new],
        ).execute()
    return len(rows)


def _decisions(ledger: Ledger) -> Iterator[tuple[tuple[PrecedentKind, str], dict[str, object]]]:
    for decision in ledger.names:
        if decision.no_unit:
            yield (PrecedentKind.NO_UNIT, name_key(decision.key)), {"printed": decision.key}
        elif decision.unit:
            yield (
                (PrecedentKind.ALIAS, name_key(decision.key)),
                {"printed": decision.key, "unit": decision.unit},
            )
    for row in ledger.collectives:
        if row.confirmed:
            members = [member.name for member in row.chosen]
            yield (PrecedentKind.MEMBERS, name_key(row.token)), {"printed": row.token, "members": members}
    clauses = {clause.anchor: clause for clause in unread_clauses(ledger)}
    for settled in ledger.settled:
        if settled.answer == APART:
            yield (PrecedentKind.APART, settled.key.removeprefix("pair-")), {}
        elif settled.answer == "aside" and settled.key in clauses:
            text = clauses[settled.key].text
            yield (
                (PrecedentKind.ASIDE, name_key(text)[:LONGEST]),
                {"text": text[:60], "reason": settled.reason},
            )


def proposals(document: Document, ledger: Ledger, register: Register) -> list[Proposal]:
    """The jurisdiction's precedents that fit something still open in this notice; one query."""
    here = Precedent.jurisdiction == document.programme.jurisdiction_id
    foreign = Precedent.document.is_null() | (Precedent.document != document.id)
    known = {(p.kind, p.name): p for p in Precedent.select().where(here & foreign).order_by(Precedent.id)}
    return list(_fitting(ledger, register, known)) if known else []


_Known = dict[tuple[PrecedentKind, str], Precedent]


def _fitting(ledger: Ledger, register: Register, known: _Known) -> Iterator[Proposal]:
    decided = {name_key(name.key) for name in ledger.names}
    for name in ledger.printed_names:
        key = name_key(name)
        if key in decided:
            continue
        alias = known.get((PrecedentKind.ALIAS, key))
        if alias is not None and register.unit_of(name) is None:
            yield _alias(alias, name)
        struck = known.get((PrecedentKind.NO_UNIT, key))
        if struck is not None:
            yield _strike(struck, name)
    tokens = {name_key(row.token): row.token for row in ledger.collectives if not row.confirmed}
    confirmed = {name_key(row.token) for row in ledger.collectives if row.confirmed}
    tokens |= {name_key(name): name for name in ledger.printed_names}
    for key, token in tokens.items():
        members = known.get((PrecedentKind.MEMBERS, key))
        if members is not None and key not in confirmed and key not in decided:
            yield _members(members, token)
    names = {name_key(name) for name in ledger.printed_names}
    for (kind, pair), precedent in known.items():
        one, _, two = pair.partition("|")
        if (
            kind is PrecedentKind.APART
            and {one, two} <= names
            and ledger.answer_to(pair_key(one, two)) is None
        ):
            yield _settled(
                precedent,
                pair_key(one, two),
                APART,
                N_("“%(one)s” and “%(two)s” are two units", one=one, two=two),
            )
    for clause in open_clauses(ledger):
        aside = known.get((PrecedentKind.ASIDE, name_key(clause.text)[:LONGEST]))
        if aside is not None:
            told = N_("Clause set aside: “%(text)s”", text=clause.title)
            yield _settled(aside, clause.anchor, "aside", told)


def _alias(precedent: Precedent, name: str) -> Proposal:
    unit = str(precedent.value["unit"])
    return Proposal(
        precedent,
        N_("“%(name)s” is %(unit)s", name=name, unit=unit),
        lambda ledger: ledger.with_row("name", NameDecision(name, ledger.unit_of(unit))),
    )


def _strike(precedent: Precedent, name: str) -> Proposal:
    def change(ledger: Ledger) -> Ledger:
        return item_corrections.without_name(ledger, name).with_row("name", NameDecision(name, no_unit=True))

    return Proposal(precedent, N_("“%(name)s” is no unit", name=name), change)


def _members(precedent: Precedent, token: str) -> Proposal:
    names = [str(name) for name in precedent.value["members"]]

    def change(ledger: Ledger) -> Ledger:
        row = ledger.collective(token) or LedgerCollective(token, key=ledger.new_key("collective"))
        wanted = {name_key(name) for name in names}
        kept = [replace(member, ticked=name_key(member.name) in wanted) for member in row.members]
        present = {name_key(member.name) for member in kept}
        kept += [LedgerMember(name) for name in names if name_key(name) not in present]
        return ledger.with_row("collective", replace(row, members=tuple(kept), confirmed=True))

    told = N_(
        "%(token)s stands for %(count)s units: %(names)s",
        token=token,
        count=len(names),
        names="、".join(names),
    )
    return Proposal(precedent, told, change)


def _settled(precedent: Precedent, key: str, answer: str, told: Sentence) -> Proposal:
    reason = str(precedent.value.get("reason", ""))
    return Proposal(precedent, told, lambda ledger: ledger.with_row("settled", Settled(key, answer, reason)))


@transactional
def follow(document: Document, ids: Sequence[int], *, seen: int, by: Actor, now: datetime) -> int:
    """Decide as decided before, for the precedents with these ids; returns how many fitted. NotFound for none."""
    ledger = corrections.fresh(document)
    names = printed_names.read(document.programme.jurisdiction_id, ledger.issued_on)
    wanted = [one for one in proposals(document, ledger, names) if one.precedent.id in set(ids)]
    if not wanted:
        raise NotFound

    def change(present: Ledger) -> Ledger:
        for proposal in wanted:
            present = proposal.change(present)
        return present

    corrections.save(
        document, change, seen=seen, action="document.follow_precedents",
        summary=N_("%(count)s earlier decisions followed", count=len(wanted)), anchor="precedents", by=by, now=now,
    )  # fmt: skip
    return len(wanted)
