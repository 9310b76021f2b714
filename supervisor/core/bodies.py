"""Bodies and people of a programme: who sits where on a day, for whom, beside which work.

A past day shows the names of its time (C52). Nothing here gives rights: those come from posts (`accounts`).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

from peewee import JOIN, Expression, ModelSelect

from supervisor.core import audit
from supervisor.core.permissions import Actor, Permission
from supervisor.database import transactional
from supervisor.errors import Invalid, NotFound
from supervisor.models import (
    Body,
    BodyKind,
    GroupMember,
    Holder,
    Person,
    Programme,
    Seat,
    Unit,
    UnitGroup,
)
from supervisor.models.base import rows_of
from supervisor.words import N_, Sentence

#: The role, as printed, of whoever neither leads nor holds office.
MEMBER = "成员"


@dataclass
class SeatRow:
    """A seat on a day: who holds it, who is named for later, who held it before, newest first."""

    seat: Seat
    holder: Holder | None = None
    coming: list[Holder] = field(default_factory=list)
    former: list[Holder] = field(default_factory=list)
    #: The holder's other seats: (body, seat, holder).
    others: list[tuple[Body, Seat, Holder]] = field(default_factory=list)

    @property
    def post(self) -> str:
        """The holder's post, taken from another of their seats where this one states none; a vacant seat's own."""
        if self.holder is None:
            return self.seat.post
        return self.holder.post or next((held.post for _body, _seat, held in self.others if held.post), "")


@dataclass
class BodyRow:
    """A body with its seats in printed order, and its office and teams."""

    body: Body
    seats: list[SeatRow] = field(default_factory=list)
    children: list[BodyRow] = field(default_factory=list)

    @property
    def roles(self) -> list[tuple[str, list[SeatRow]]]:
        """The roles in the order in which the notice prints them, each with its seats."""
        found: dict[str, list[SeatRow]] = {}
        for row in self.seats:
            found.setdefault(row.seat.role, []).append(row)
        return list(found.items())


# Reads -----------------------------------------------------------------------------------------------------


def _on(model: type[Seat | Holder], day: date) -> Expression:
    begun = model.valid_from.is_null() | (model.valid_from <= day)
    held: Expression = begun & (model.valid_to.is_null() | (model.valid_to >= day))
    return held


def bodies_of(programme_id: int, day: date) -> list[BodyRow]:
    """The bodies of a programme as they sit on a day, an office under its body; three queries."""
    rows = {body.id: BodyRow(body) for body in _bodies(programme_id)}
    seats = {
        seat.id: SeatRow(seat)
        for seat in _seats().where(Seat.body.in_(list(rows)) & _on(Seat, day)).order_by(Seat.sort, Seat.id)
    }
    _hold(seats, rows, day)
    for row in seats.values():
        rows[row.seat.body_id].seats.append(row)
    for found in rows.values():
        if found.body.parent_id:
            rows[found.body.parent_id].children.append(found)
    return [found for found in rows.values() if not found.body.parent_id]


def _seats() -> ModelSelect[Seat]:
    """Seats with the unit or collective they stand for."""
    query: ModelSelect[Seat] = (
        Seat.select(Seat, Unit, UnitGroup)
        .join(Unit, JOIN.LEFT_OUTER)
        .switch(Seat)
        .join(UnitGroup, JOIN.LEFT_OUTER)
    )
    return query


def _bodies(programme_id: int) -> list[Body]:
    host, seal = Unit.alias("host"), Unit.alias("seal")
    query = (
        Body.select(Body, host, seal)
        .join(host, JOIN.LEFT_OUTER, on=Body.host_unit)
        .switch(Body)
        .join(seal, JOIN.LEFT_OUTER, on=Body.seal_unit)
        .where(Body.programme == programme_id)
        .order_by(Body.sort, Body.id)
    )
    return list(query)


def _hold(seats: Mapping[int, SeatRow], bodies: Mapping[int, BodyRow], day: date) -> None:
    """Put the holders into their seats, and each person's other seats beside them."""
    mine = Seat.select(Seat.id).where(Seat.body.in_(list(bodies)))
    held: dict[int, list[tuple[Body, Seat, Holder]]] = {}
    query = Holder.select(Holder, Person).join(Person).where(Holder.seat.in_(mine))
    for holder in query.order_by(Holder.valid_from, Holder.id):
        row = seats.get(holder.seat_id)
        if row is None:
            continue
        if holder.valid_to is not None and holder.valid_to < day:
            row.former.insert(0, holder)
        elif holder.valid_from is not None and holder.valid_from > day:
            row.coming.append(holder)
        else:
            row.holder = holder
            held.setdefault(holder.person_id, []).append((bodies[row.seat.body_id].body, row.seat, holder))
    for row in seats.values():
        if row.holder is not None:
            row.others = [other for other in held[row.holder.person_id] if other[1].id != row.seat.id]


def seat_of(seat_id: int, programme: Programme, day: date) -> tuple[BodyRow, SeatRow]:
    """A seat of the programme with its body, also one that ended or begins later; NotFound otherwise."""
    found = Seat.get_or_none(Seat.id == seat_id)
    body = get_body(found.body_id, programme) if found is not None else None
    if found is None or body is None:
        raise NotFound
    bodies = {one.id: BodyRow(one) for one in _bodies(programme.id)}
    wanted = Seat.body.in_(list(bodies)) & (_on(Seat, day) | (Seat.id == seat_id))
    rows = {seat.id: SeatRow(seat) for seat in _seats().where(wanted)}
    _hold(rows, bodies, day)
    return bodies[body.id], rows[seat_id]


def day_asked(text: str) -> date | None:
    """A day from an address such as 2021-06-15; None for anything else."""
    try:
        return date.fromisoformat(text)
    except ValueError:
        return None


def get_body(body_id: int, programme: Programme) -> Body:
    """A body of the programme, or NotFound."""
    body = Body.get_or_none((Body.id == body_id) & (Body.programme == programme))
    if body is None:
        raise NotFound
    return body


def seats_of_unit(unit: Unit, programme_id: int, day: date) -> list[SeatRow]:
    """The seats that a unit holds on a day, its own and those of its collectives."""
    rows = [*(row for body in bodies_of(programme_id, day) for row in _all_seats(body))]
    groups = {
        int(row[0]) for row in rows_of(GroupMember.select(GroupMember.group).where(GroupMember.unit == unit))
    }
    return [row for row in rows if row.seat.unit_id == unit.id or row.seat.group_id in groups]


def _all_seats(body: BodyRow) -> list[SeatRow]:
    return [*body.seats, *(row for child in body.children for row in child.seats)]


def member_units(programme_id: int, day: date) -> list[Unit]:
    """Units with a seat in a body (its office aside) on a day, each once (E-11), collectives by their members."""
    seats = (
        Seat.select(Seat.unit, Seat.group)
        .join(Body)
        .where((Body.programme == programme_id) & (Body.kind != BodyKind.OFFICE) & _on(Seat, day))
    )
    ids: set[int] = set()
    groups: set[int] = set()
    for unit_id, group_id in rows_of(seats):
        ids |= {int(unit_id)} if unit_id is not None else set()
        groups |= {int(group_id)} if group_id is not None else set()
    members = GroupMember.select(GroupMember.unit).where(
        GroupMember.group.in_(sorted(groups))
        & (GroupMember.valid_from.is_null() | (GroupMember.valid_from <= day))
        & (GroupMember.valid_to.is_null() | (GroupMember.valid_to >= day))
    )
    ids |= {int(row[0]) for row in rows_of(members)}
    return list(Unit.select().where(Unit.id.in_(sorted(ids))).order_by(Unit.sort, Unit.id))


# Bodies by hand --------------------------------------------------------------------------------------------------


@transactional
def save_body(
    programme: Programme, values: Mapping[str, Any], *, by: Actor, now: datetime, body: Body | None = None
) -> Body:
    """Correct a body's name, kind, parent, host or seal, or enter one by hand (`body` None).

    `values`: name, kind, parent, host_unit, seal_unit. Raises Invalid for no name, a name in use, or a body that
    would stand under itself.
    """
    by.require(Permission.BODY_EDIT)
    name = str(values["name"]).strip()[:200]
    wrong: dict[str, Sentence] = {}
    namesake = Body.get_or_none((Body.programme == programme) & (Body.name == name))
    if not name:
        wrong["name"] = N_("A name is needed.")
    elif namesake is not None and (body is None or namesake.id != body.id):
        wrong["name"] = N_("There is a body of this name already.")
    parent = values.get("parent")
    if body is not None and parent is not None and (parent.id == body.id or parent.parent_id is not None):
        wrong["parent"] = N_("An office or team stands under a body of its own standing.")
    elif body is not None and parent is not None and Body.select().where(Body.parent == body).exists():
        wrong["parent"] = N_("This body has an office or team of its own; it cannot stand under another.")
    if wrong:
        raise Invalid(N_("The body was not saved."), wrong)
    changed = {**values, "name": name}
    if body is None:
        last = Body.select().where(Body.programme == programme).count()
        body = Body.create(programme=programme, sort=last + 1, **changed)
        audit.record(by, "body.add", body, now=now, after={"name": name, "kind": body.kind})
        return body
    before, after = audit.changes(body, **changed)
    if after:
        Body.update(**changed).where(Body.id == body.id).execute()
        audit.record(by, "body.change", body, now=now, before=before, after=after)
    return Body.get_by_id(body.id)


# Members and work --------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Gaps:
    """What the stored plan says of members and work (C04): units on the one side only."""

    without_work: tuple[Unit, ...]
    without_member: tuple[Unit, ...]


def gaps(members: Sequence[Unit], working: Sequence[Unit]) -> Gaps | None:
    """Compare the units that have a seat with those that have work; None where either side is empty."""
    if not members or not working:
        return None
    seated, busy = {unit.id for unit in members}, {unit.id for unit in working}
    return Gaps(
        tuple(unit for unit in members if unit.id not in busy),
        tuple(unit for unit in working if unit.id not in seated),
    )


def unplaced(rows: Sequence[BodyRow]) -> list[SeatRow]:
    """Members whose seat stands for no unit of the register: they are in neither list of `gaps` (C04)."""
    return [
        row
        for body in rows
        for row in body.seats
        if row.seat.role == MEMBER and row.seat.unit_id is None and row.seat.group_id is None
    ]
