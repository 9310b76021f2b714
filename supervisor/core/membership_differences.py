"""A re-issued notice beside its plan: who belongs to a collective name, and who sits in which body (D7).

Only what the new notice names is compared: a collective without members there says nothing about its members.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime

from peewee import JOIN, fn

from supervisor.clock import beijing_date
from supervisor.core import audit, plan_changes, units
from supervisor.core.changed_text import SentenceChange, marked
from supervisor.core.draft_ledger import Ledger
from supervisor.core.draft_rows import LedgerPerson
from supervisor.core.permissions import Actor
from supervisor.core.printed_names import Register, resolve
from supervisor.core.unit_names import name_key
from supervisor.models import GroupKind, GroupMember, Plan, PlanState, RosterEntry, Unit, UnitGroup
from supervisor.words import N_, Sentence

#: How keys of these differences begin.
ACTS = frozenset({"join", "leave", "seat", "unseat"})


@dataclass(frozen=True)
class Difference:
    """One thing that the new notice says otherwise; `key` names it in the form."""

    key: str
    label: Sentence
    title: str
    old: str = ""
    new: str = ""
    line: int | None = None
    task_id: int | None = None
    #: Of a text only the sentences that differ.
    sentences: tuple[SentenceChange, ...] = ()


def of_members(ledger: Ledger, plan: Plan, register: Register) -> Iterator[Difference]:
    """Units that a collective name of the programme gained or lost."""
    for group in _groups(plan):
        row = ledger.collective(group.name)
        if row is None or not row.chosen:
            continue
        named = {name_key(name): name for name in (resolve(ledger, register, m.name) for m in row.chosen)}
        present = {name_key(member.unit.name): member.unit for member in _members(group)}
        for key, name in named.items():
            if key not in present:
                yield Difference(
                    f"join-{group.id}-{name}", N_("belongs to it"), group.name, new=name, line=row.line
                )
        for key, unit in present.items():
            if key not in named:
                yield Difference(
                    f"leave-{group.id}-{unit.id}",
                    N_("no longer belongs to it"),
                    group.name,
                    unit.name,
                    line=row.line,
                )


def of_roster(ledger: Ledger, plan: Plan) -> Iterator[Difference]:
    """Seats that are new, gone, or held otherwise; bodies that the new notice does not name stay."""
    bodies = {person.body for person in ledger.roster if not person.dropped}
    seats = list(
        RosterEntry.select(RosterEntry, Unit)
        .join(Unit, JOIN.LEFT_OUTER)
        .where((RosterEntry.programme == plan.programme_id) & RosterEntry.body.in_(sorted(bodies)))
        .order_by(RosterEntry.sort, RosterEntry.id)
    )
    known_bodies = {seat.body for seat in seats}
    people = [person for person in ledger.roster if not person.dropped and person.body in known_bodies]
    pairs = _pairs(people, seats)
    for person in people:
        seat = pairs.get(person.key)
        new = _said(person.role, person.name, person.post)
        if seat is None:
            yield Difference(f"seat-{person.key}", N_("new in the roster"), person.body, "", new, person.line)
            continue
        old = _said(seat.role, seat.name, seat.post)
        if _plain(old) != _plain(new):
            yield Difference(
                f"seat-{person.key}",
                N_("roster"),
                person.body,
                old,
                new,
                person.line,
                sentences=(marked(old, new),),
            )
    kept = {seat.id for seat in pairs.values()}
    for seat in seats:
        if seat.id not in kept:
            old = _said(seat.role, seat.name, seat.post)
            yield Difference(f"unseat-{seat.id}", N_("no longer in the roster"), seat.body, old)


def _groups(plan: Plan) -> list[UnitGroup]:
    mine = (UnitGroup.programme == plan.programme_id) & (UnitGroup.kind == GroupKind.COLLECTIVE)
    return list(UnitGroup.select().where(mine).order_by(UnitGroup.sort, UnitGroup.id))


def _members(group: UnitGroup) -> list[GroupMember]:
    present = (GroupMember.group == group) & GroupMember.valid_to.is_null()
    return list(GroupMember.select(GroupMember, Unit).join(Unit).where(present).order_by(GroupMember.sort))


def _pairs(people: Sequence[LedgerPerson], seats: Sequence[RosterEntry]) -> dict[int, RosterEntry]:
    """Person's key → his seat: the same person in the body, else the same post (another person took it over)."""
    found: dict[int, RosterEntry] = {}
    left = list(seats)
    for same in (_is_same_person, _is_same_post):
        for person in people:
            seat = next((one for one in left if person.key not in found and same(person, one)), None)
            if seat is not None:
                found[person.key] = seat
                left.remove(seat)
    return found


def _is_same_person(person: LedgerPerson, seat: RosterEntry) -> bool:
    name = _plain(person.name)
    return person.body == seat.body and bool(name) and name == _plain(seat.name)


def _is_same_post(person: LedgerPerson, seat: RosterEntry) -> bool:
    same = (person.body, person.role, _plain(person.post)) == (seat.body, seat.role, _plain(seat.post))
    return same and bool(person.post)


def _said(role: str, name: str, post: str) -> str:
    return " ".join(word for word in (role, name, post) if word)


def _plain(text: str) -> str:
    return "".join(text.split())


# Making the changes ---------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class MembershipActs:
    """The chosen differences of members and roster as verbs."""

    ledger: Ledger
    plan: Plan
    register: Register
    reason: str
    by: Actor
    now: datetime

    def carry_out(self, key: str) -> None:
        """One change."""
        act, _, rest = key.partition("-")
        if act in {"join", "leave"}:
            group_id, _, what = rest.partition("-")
            group = next(group for group in _groups(self.plan) if group.id == int(group_id))
            (self._join if act == "join" else self._leave)(group, what)
        elif act == "seat":
            self._seat(int(rest))
        else:
            self._unseat(int(rest))

    def _join(self, group: UnitGroup, name: str) -> None:
        place = self.plan.programme.jurisdiction_id
        unit = units.register_unit(name, jurisdiction_id=place, by=self.by, now=self.now)
        if self.plan.state is PlanState.ISSUED and plan_changes.is_issued(group):
            today = beijing_date(self.now)
            plan_changes.join(group, unit, today, self.reason, by=self.by, now=self.now)
        else:
            self._confirm(group, [*(member.unit_id for member in _members(group)), unit.id])

    def _leave(self, group: UnitGroup, unit_id: str) -> None:
        unit = Unit.get_by_id(int(unit_id))
        if self.plan.state is PlanState.ISSUED and plan_changes.is_issued(group):
            plan_changes.leave(group, unit, self.reason, by=self.by, now=self.now)
        else:
            left = [member.unit_id for member in _members(group) if member.unit_id != unit.id]
            self._confirm(group, left)

    def _confirm(self, group: UnitGroup, ids: Sequence[int]) -> None:
        notes = {member.unit_id: member.note for member in _members(group)}
        units.confirm_group(group, ids, notes=notes, by=self.by, now=self.now)

    def _seat(self, key: int) -> None:
        person: LedgerPerson = self.ledger.row("person", key)
        unit = self._unit_of(person)
        values = {"role": person.role[:40], "name": person.name[:80], "post": person.post[:200], "unit": unit}
        seats = RosterEntry.select().where(
            (RosterEntry.programme == self.plan.programme_id) & (RosterEntry.body == person.body)
        )
        people = [one for one in self.ledger.roster if not one.dropped]
        seat = _pairs(people, list(seats.order_by(RosterEntry.sort, RosterEntry.id))).get(key)
        before = _said(seat.role, seat.name, seat.post) if seat else ""
        if seat is None:
            last = seats.select(fn.MAX(RosterEntry.sort)).scalar() or 0
            body = person.body[:200]
            seat = RosterEntry.create(programme=self.plan.programme_id, body=body, sort=last, **values)
        else:
            RosterEntry.update(**values).where(RosterEntry.id == seat.id).execute()
        self._record(seat, before, _said(person.role, person.name, person.post))

    def _unseat(self, seat_id: int) -> None:
        seat = RosterEntry.get_by_id(seat_id)
        RosterEntry.delete().where(RosterEntry.id == seat_id).execute()
        self._record(seat, _said(seat.role, seat.name, seat.post), "")

    def _unit_of(self, person: LedgerPerson) -> Unit | None:
        name = resolve(self.ledger, self.register, person.unit) if person.unit else ""
        place = self.plan.programme.jurisdiction_id
        return Unit.get_or_none((Unit.jurisdiction == place) & (Unit.name == name)) if name else None

    def _record(self, seat: RosterEntry, before: str, after: str) -> None:
        audit.record(
            self.by, "roster.change", seat, now=self.now, before={"seat": before}, after={"seat": after},
            reason=self.reason,
        )  # fmt: skip
