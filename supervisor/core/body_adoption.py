"""Adopting the bodies of a reviewed notice: bodies, seats, persons, liaison rules and ranks.

A notice that names a body again renews it: who stays keeps seat and history, who is missing ends the day before,
who is new begins with the notice.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from supervisor.core import audit, units
from supervisor.core.draft_bodies import DraftBody, DraftSeat, bodies_of
from supervisor.core.draft_ledger import Ledger
from supervisor.core.liaison_ranks import ranks_for
from supervisor.core.permissions import Actor
from supervisor.core.unit_names import name_key
from supervisor.intake.people import unit_of
from supervisor.models import (
    Body,
    Document,
    Holder,
    LiaisonRank,
    LiaisonRule,
    Person,
    Programme,
    Seat,
    Unit,
    UnitGroup,
)


@dataclass(frozen=True)
class Stands:
    """For whom the roster stands: line's key → (unit's name, note by hand), and what the names are in the register."""

    lines: Mapping[int, tuple[str, str]]
    register: Mapping[str, Unit]
    groups: Mapping[str, UnitGroup]


def enter_bodies(
    ledger: Ledger, document: Document, stands: Stands, *, from_day: date, by: Actor, now: datetime
) -> list[Body]:
    """Store a notice's bodies with their seats, and its liaison rules; part of `adoption.adopt`.

    Args:
        ledger: the reviewed notice.
        document: its record, to which seats and rules point back.
        stands: what the names of the roster mean.
        from_day: day from which a renewed body's new members sit.
        by: who adopts.
        now: the instant.
    """
    entering = _Entering(ledger, document, stands, from_day)
    made = entering.bodies()
    for body in made:
        seats = Seat.select().where((Seat.body == body) & Seat.valid_to.is_null()).count()
        audit.record(
            by, "body.adopt", body, now=now, after={"name": body.name, "kind": body.kind, "seats": seats}
        )
    _liaison_rules(ledger, document, from_day, now)
    return made


class _Entering:
    def __init__(self, ledger: Ledger, document: Document, stands: Stands, from_day: date) -> None:
        self.ledger, self.document, self.stands, self.from_day = ledger, document, stands, from_day
        self.programme: Programme = document.programme
        self.known = units.known_names(self.programme.jurisdiction_id, ledger.issued_on)
        self.people: dict[str, list[tuple[Person, str, int | None]]] = {}
        for holder in (
            Holder.select(Holder, Person, Seat)
            .join(Person)
            .switch(Holder)
            .join(Seat)
            .where(Person.programme == self.programme)
        ):
            self._remember(holder.person, holder.post, holder.seat.unit_id)

    def bodies(self) -> list[Body]:
        made: dict[str, Body] = {}
        last = Body.select().where(Body.programme == self.programme).count()
        for order, draft in enumerate(bodies_of(self.ledger), start=last + 1):
            body, is_new = self._body(draft, made.get(draft.parent), order)
            made[draft.name] = body
            self._seats(body, draft, renews=not is_new)
        return list(made.values())

    def _body(self, draft: DraftBody, parent: Body | None, order: int) -> tuple[Body, bool]:
        host, seal = self._unit(draft.host), self._unit(draft.seal)
        values = {
            "parent": parent,
            "host_unit": host,
            "host_name": draft.host[:160],
            "seal_unit": seal,
            "seal_name": draft.seal[:160],
            "succession": "" if parent else "\n".join(one.text for one in self.ledger.read.succession),
            "document": self.document,
            "source_line": draft.line,
        }
        old = Body.get_or_none((Body.programme == self.programme) & (Body.name == draft.name))
        if old is None:
            body = Body.create(
                programme=self.programme, name=draft.name, kind=draft.kind, sort=order, **values
            )
            return body, True
        Body.update(**{name: value for name, value in values.items() if value}).where(
            Body.id == old.id
        ).execute()
        return Body.get_by_id(old.id), False

    def _seats(self, body: Body, draft: DraftBody, *, renews: bool) -> None:
        present = list(Seat.select().where((Seat.body == body) & Seat.valid_to.is_null())) if renews else []
        sitting = {seat.id: self._sits(seat) for seat in present}
        kept: set[int] = set()
        for order, printed in enumerate(draft.seats, start=1):
            unit, group, note = self._stands_for(printed)
            same = (printed.role, printed.name, printed.post if not printed.name else "", unit)
            stays = next((s for s in present if s.id not in kept and sitting[s.id] == same), None)
            if stays is not None:
                kept.add(stays.id)
                Seat.update(sort=order).where(Seat.id == stays.id).execute()
                continue
            seat = Seat.create(
                body=body,
                role=printed.role[:40],
                post=printed.post[:200],
                unit=unit,
                group=group,
                note=note[:400],
                sort=order,
                document=self.document,
                source_line=printed.line,
                valid_from=self.from_day if renews else None,
            )
            if printed.name:
                person = self._person(printed.name, printed.post, unit)
                since = self.from_day if renews else None
                Holder.create(seat=seat, person=person, post=printed.post[:200], valid_from=since)
        if draft.seats:  # a notice that only mentions the body ends nobody's seat
            self._end([seat.id for seat in present if seat.id not in kept])

    def _sits(self, seat: Seat) -> tuple[str, str, str, int | None]:
        held = (
            Holder.select(Holder, Person)
            .join(Person)
            .where((Holder.seat == seat) & Holder.valid_to.is_null())
            .first()
        )
        return (seat.role, held.person.name if held else "", "" if held else seat.post, seat.unit_id)

    def _end(self, seat_ids: list[int]) -> None:
        last_day = self.from_day - timedelta(days=1)
        Seat.update(valid_to=last_day).where(Seat.id.in_(seat_ids)).execute()
        open_ones = Holder.seat.in_(seat_ids) & Holder.valid_to.is_null()
        Holder.update(valid_to=last_day, reason=self.document.title[:400]).where(open_ones).execute()

    def _stands_for(self, printed: DraftSeat) -> tuple[int | None, UnitGroup | None, str]:
        """The unit or collective that a seat stands for, and why where a person said so."""
        if printed.person is None:
            unit = self._unit(printed.unit or unit_of(printed.post) or "")
            return (unit.id if unit else None), None, ""
        name, note = self.stands.lines.get(printed.person.key, ("", ""))
        group = self.stands.groups.get(name_key(name)) if name else None
        unit = None if group else self.stands.register.get(name_key(self.ledger.unit_of(name)))
        return (unit.id if unit else None), group, note

    def _unit(self, name: str) -> Unit | None:
        """The unit of the register with this printed name, alias or chosen name."""
        if not name:
            return None
        key = name_key(self.ledger.unit_of(name))
        found = self.stands.register.get(key)
        return found or (Unit.get_by_id(self.known[key]) if key in self.known else None)

    def _person(self, name: str, post: str, unit_id: int | None) -> Person:
        """The person of this name and post. Without a post it is whoever of the name sits already (E-06).

        The same name with another post in another unit may be somebody else: nobody is merged by a name alone.
        """
        known = self.people.get(name, [])
        same = [
            one for one, theirs, unit in known if not post or theirs == post or (unit_id and unit == unit_id)
        ]
        person = same[0] if same else Person.create(programme=self.programme, name=name[:80])
        self._remember(person, post, unit_id)
        return person

    def _remember(self, person: Person, post: str, unit_id: int | None) -> None:
        self.people.setdefault(person.name, []).append((person, post, unit_id))


def _liaison_rules(ledger: Ledger, document: Document, from_day: date, now: datetime) -> None:
    rules = [rule for rule in ledger.liaison if not rule.dropped]
    for rule in rules:
        LiaisonRule.create(
            programme=document.programme_id,
            document=document,
            text=rule.text,
            source_line=rule.line,
            count=rule.count,
            rank=rule.rank[:80],
            members_only=not rule.units or any("成员" in name for name in rule.units),
            valid_from=from_day,
            set_at=now,
        )
    ranks = next((rule.rank for rule in rules if rule.rank), "")
    if ranks and not LiaisonRank.select().where(LiaisonRank.programme == document.programme_id).exists():
        for order, (name, fits) in enumerate(ranks_for(ranks), start=1):
            LiaisonRank.create(programme=document.programme_id, name=name, fits=fits, sort=order)
