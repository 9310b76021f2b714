"""A re-issued notice beside its plan: who belongs to a collective name, and who sits in which body (D7).

Only what the new notice names is compared: a collective without members there says nothing about its members.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from supervisor.clock import beijing_date
from supervisor.core import plan_changes, seats, units
from supervisor.core.changed_text import SentenceChange, marked
from supervisor.core.draft_bodies import DraftSeat, bodies_of
from supervisor.core.draft_ledger import Ledger
from supervisor.core.permissions import Actor
from supervisor.core.printed_names import Register, resolve
from supervisor.core.unit_names import name_key
from supervisor.intake.people import unit_of
from supervisor.models import (
    Body,
    GroupKind,
    GroupMember,
    Holder,
    Person,
    Plan,
    PlanState,
    Seat,
    Unit,
    UnitGroup,
)
from supervisor.models.base import rows_of
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
    #: What a person has to settle beside the notice before this can be followed.
    open_question: Sentence | None = None


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
    printed, sitting = _printed(ledger, plan), _seats(ledger, plan)
    pairs = _pairs(printed, sitting)
    for place, (body, one) in enumerate(printed):
        held = pairs.get(place)
        new = _said(one.role, one.name, one.post)
        if held is None:
            yield Difference(f"seat-{place}", N_("new in the roster"), body, "", new, one.line)
        elif _plain(held.said) != _plain(new):
            sides = (marked(held.said, new),)
            yield Difference(f"seat-{place}", N_("roster"), body, held.said, new, one.line, sentences=sides)
    kept = {held.seat.id for held in pairs.values()}
    for held in sitting:
        if held.seat.id not in kept:
            yield Difference(
                f"unseat-{held.seat.id}", N_("no longer in the roster"), held.seat.body.name, held.said
            )


@dataclass(frozen=True)
class _Held:
    """A seat that goes on, with who holds it now."""

    seat: Seat
    holder: Holder | None

    @property
    def name(self) -> str:
        return str(self.holder.person.name) if self.holder else ""

    @property
    def post(self) -> str:
        return str((self.holder.post if self.holder else "") or self.seat.post)

    @property
    def said(self) -> str:
        return _said(self.seat.role, self.name, self.post)


def _printed(ledger: Ledger, plan: Plan) -> list[tuple[str, DraftSeat]]:
    """The seats of the new notice in the bodies that the programme has, each with its body's name."""
    known = {
        str(name) for (name,) in rows_of(Body.select(Body.name).where(Body.programme == plan.programme_id))
    }
    return [(body.name, seat) for body in bodies_of(ledger) if body.name in known for seat in body.seats]


def _seats(ledger: Ledger, plan: Plan) -> list[_Held]:
    named = sorted({body.name for body in bodies_of(ledger) if body.seats})
    mine = (Body.programme == plan.programme_id) & Body.name.in_(named) & Seat.valid_to.is_null()
    rows = list(Seat.select(Seat, Body).join(Body).where(mine).order_by(Body.sort, Seat.sort, Seat.id))
    going = Holder.seat.in_([seat.id for seat in rows]) & Holder.valid_to.is_null()
    holders = {one.seat_id: one for one in Holder.select(Holder, Person).join(Person).where(going)}
    return [_Held(seat, holders.get(seat.id)) for seat in rows]


def _groups(plan: Plan) -> list[UnitGroup]:
    mine = (UnitGroup.programme == plan.programme_id) & (UnitGroup.kind == GroupKind.COLLECTIVE)
    return list(UnitGroup.select().where(mine).order_by(UnitGroup.sort, UnitGroup.id))


def _members(group: UnitGroup) -> list[GroupMember]:
    present = (GroupMember.group == group) & GroupMember.valid_to.is_null()
    return list(GroupMember.select(GroupMember, Unit).join(Unit).where(present).order_by(GroupMember.sort))


def _pairs(printed: Sequence[tuple[str, DraftSeat]], sitting: Sequence[_Held]) -> dict[int, _Held]:
    """Place in the notice → the seat: the same person in the body, else the same post that another took over."""
    found: dict[int, _Held] = {}
    left = list(sitting)
    for is_same in (_is_same_person, _is_same_post):
        for place, (body, one) in enumerate(printed):
            if place in found:
                continue
            held = next((held for held in left if held.seat.body.name == body and is_same(one, held)), None)
            if held is not None:
                found[place] = held
                left.remove(held)
    return found


def _is_same_person(one: DraftSeat, held: _Held) -> bool:
    return bool(one.name) and _plain(one.name) == _plain(held.name)


def _is_same_post(one: DraftSeat, held: _Held) -> bool:
    post = _plain(one.post)
    return bool(post) and (one.role, post) == (held.seat.role, _plain(held.post))


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

    def _seat(self, place: int) -> None:
        printed = _printed(self.ledger, self.plan)
        body, one = printed[place]
        held = _pairs(printed, _seats(self.ledger, self.plan)).get(place)
        if held is not None and held.seat.role != one.role:
            self._unseat(held.seat.id)
            held = None
        if held is not None:
            self._name(held.seat, one, held.holder.id if held.holder else 0)
            return
        home = Body.get((Body.programme == self.plan.programme_id) & (Body.name == body))
        seat = seats.add_seat(
            home, one.role, one.post, unit=self._unit_of(one), from_day=self._day, reason=self._why,
            by=self.by, now=self.now,
        )  # fmt: skip
        if one.name:
            self._name(seat, one, 0)

    def _name(self, seat: Seat, one: DraftSeat, seen: int) -> None:
        seats.name_holder(
            seat, one.name, one.post, from_day=self._day, reason=self._why, seen=seen, same_person=False,
            by=self.by, now=self.now,
        )  # fmt: skip

    def _unseat(self, seat_id: int) -> None:
        seat = Seat.get_by_id(seat_id)
        last_day = self._day - timedelta(days=1)
        seats.end_seat(seat, last_day=last_day, reason=self._why, by=self.by, now=self.now)

    @property
    def _day(self) -> date:
        """The new notice's date: from it on its roster holds."""
        return self.ledger.issued_on or beijing_date(self.now)

    @property
    def _why(self) -> str:
        return self.reason.strip() or self.ledger.title

    def _unit_of(self, one: DraftSeat) -> Unit | None:
        printed = one.unit or unit_of(one.post) or ""
        name = resolve(self.ledger, self.register, printed) if printed else ""
        place = self.plan.programme.jurisdiction_id
        return Unit.get_or_none((Unit.jurisdiction == place) & (Unit.name == name)) if name else None
