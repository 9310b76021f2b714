"""Seats of a body: who holds them from which day, and seats that come and go, each change with its reason.

A seat outlives who holds it: naming somebody ends the present holder's time the day before; rows are ended, never
overwritten, and the audit trail keeps who did it.
"""

from __future__ import annotations

from datetime import date, datetime, timedelta

from supervisor.core import audit
from supervisor.core.permissions import Actor, Permission
from supervisor.database import transactional
from supervisor.errors import Invalid, Stale
from supervisor.models import AuditEntry, Body, Holder, Person, Seat, Unit
from supervisor.words import N_, Sentence


@transactional
def name_holder(
    seat: Seat,
    name: str,
    post: str,
    *,
    from_day: date,
    reason: str,
    seen: int,
    by: Actor,
    now: datetime,
    same_person: bool | None = None,
) -> Holder:
    """Let a person hold a seat from a day on; the present holder's time ends the day before.

    Args:
        seat: the seat.
        name: the person's name; spaces within are not kept.
        post: their post; empty = not stated.
        from_day: first day.
        reason: why, needed where somebody held the seat.
        seen: id of the last holder that the form showed, 0 = nobody.
        by: a person of the lead office.
        now: the instant.
        same_person: whether somebody of this name with another post is meant; None = ask.

    Raises:
        Invalid: no name, no reason, a day before the present holder's first, or a namesake to tell apart.
        Stale: somebody changed the seat meanwhile.
    """
    by.require(Permission.BODY_EDIT)
    last = _unchanged(seat, seen)
    name = "".join(name.split())
    wrong = _wrong_holder(seat, name, from_day, reason, last)
    if wrong:
        raise Invalid(N_("Nobody was named for this seat."), wrong)
    person = _person(seat, name, post.strip(), same_person=same_person)
    before = {}
    if last is not None and (last.valid_to is None or last.valid_to >= from_day):
        before = {"name": last.person.name, "to": last.valid_to}
        Holder.update(valid_to=from_day - timedelta(days=1)).where(Holder.id == last.id).execute()
    made = Holder.create(
        seat=seat, person=person, post=post.strip()[:200], valid_from=from_day, reason=reason.strip()[:400]
    )
    after = {"name": name, "post": made.post, "from": from_day, "role": seat.role}
    audit.record(by, "seat.name", seat, now=now, before=before, after=after, reason=reason)
    return made


def _last_holder(seat: Seat) -> Holder | None:
    query = Holder.select(Holder, Person).join(Person).where(Holder.seat == seat)
    found: Holder | None = query.order_by(Holder.id.desc()).first()
    return found


def _unchanged(seat: Seat, seen: int) -> Holder | None:
    last = _last_holder(seat)
    if (last.id if last else 0) != seen:
        raise Stale([("holder", last.person.name if last else "")], [("holder", "")])
    return last


def _wrong_holder(
    seat: Seat, name: str, from_day: date, reason: str, last: Holder | None
) -> dict[str, Sentence]:
    wrong: dict[str, Sentence] = {}
    if not name:
        wrong["name"] = N_("A name is needed.")
    if last is not None and not reason.strip():
        wrong["reason"] = N_("Say why the seat changes hands.")
    if last is not None and last.valid_from is not None and from_day <= last.valid_from:
        wrong["from_day"] = N_(
            "%(name)s holds the seat from %(day)s; choose a later day.",
            name=last.person.name,
            day=last.valid_from,
        )
    if seat.valid_to is not None and from_day > seat.valid_to:
        wrong["from_day"] = N_("The seat ends on %(day)s.", day=seat.valid_to)
    return wrong


def _person(seat: Seat, name: str, post: str, *, same_person: bool | None) -> Person:
    """The person of this name: known by the same post or unit, else as told, else a question (E-06)."""
    known = list(
        Holder.select(Holder, Person, Seat)
        .join(Person)
        .switch(Holder)
        .join(Seat)
        .where((Person.programme == seat.body.programme_id) & (Person.name == name))
        .order_by(Holder.id.desc())
    )
    if not known:
        return Person.create(programme=seat.body.programme_id, name=name[:80])
    same = [
        held for held in known if held.post == post or (seat.unit_id and held.seat.unit_id == seat.unit_id)
    ]
    if same or same_person:
        return (same or known)[0].person
    if same_person is False:
        return Person.create(programme=seat.body.programme_id, name=name[:80])
    wrong = N_("%(name)s (%(post)s) has a seat already: the same person, or another of that name?",
               name=name, post=known[0].post or known[0].seat.role)  # fmt: skip
    raise Invalid(wrong, {"same_person": wrong})


@transactional
def vacate(seat: Seat, *, last_day: date, reason: str, seen: int, by: Actor, now: datetime) -> None:
    """Let the present holder leave with a day; the seat stays and waits for a successor.

    Raises Invalid for no reason, nobody in the seat, or a day before their first; Stale as `name_holder`.
    """
    by.require(Permission.BODY_EDIT)
    last = _unchanged(seat, seen)
    wrong: dict[str, Sentence] = {}
    if last is None or last.valid_to is not None:
        wrong["last_day"] = N_("Nobody holds this seat.")
    elif last.valid_from is not None and last_day < last.valid_from:
        wrong["last_day"] = N_("It ends before it begins.")
    if not reason.strip():
        wrong["reason"] = N_("Say why the seat changes hands.")
    if wrong or last is None:
        raise Invalid(N_("The seat was not vacated."), wrong)
    Holder.update(valid_to=last_day, reason=reason.strip()[:400]).where(Holder.id == last.id).execute()
    after = {"name": last.person.name, "to": last_day, "role": seat.role}
    audit.record(by, "seat.vacate", seat, now=now, before={"to": None}, after=after, reason=reason)


# Seats that come and go ------------------------------------------------------------------------------------------


@transactional
def add_seat(
    body: Body,
    role: str,
    post: str,
    *,
    unit: Unit | None,
    from_day: date,
    reason: str,
    by: Actor,
    now: datetime,
) -> Seat:
    """A new seat at the end of a body, from a day on; a person is named for it afterwards.

    Raises Invalid for no role, neither post nor unit, or no reason.
    """
    by.require(Permission.BODY_EDIT)
    wrong: dict[str, Sentence] = {}
    if not role.strip():
        wrong["role"] = N_("A role is needed, such as 成员.")
    if not reason.strip():
        wrong["reason"] = N_("Say where this seat comes from.")
    if wrong:
        raise Invalid(N_("The seat was not added."), wrong)
    last = Seat.select().where(Seat.body == body).count()
    seat = Seat.create(
        body=body, role=role.strip()[:40], post=post.strip()[:200], unit=unit, sort=last + 1, valid_from=from_day
    )  # fmt: skip
    after = {"body": body.name, "role": seat.role, "post": seat.post, "unit": unit, "from": from_day}
    audit.record(by, "seat.add", seat, now=now, after=after, reason=reason)
    return seat


@transactional
def end_seat(seat: Seat, *, last_day: date, reason: str, by: Actor, now: datetime) -> None:
    """Let a seat end with a day, and whoever holds it then; it stays in the history.

    Raises Invalid for no reason or a seat that ended already.
    """
    by.require(Permission.BODY_EDIT)
    wrong: dict[str, Sentence] = {}
    if seat.valid_to is not None:
        wrong["end_day"] = N_("The seat ends on %(day)s.", day=seat.valid_to)
    elif seat.valid_from is not None and last_day < seat.valid_from:
        wrong["end_day"] = N_("It ends before it begins.")
    if not reason.strip():
        wrong["end_reason"] = N_("Say why the seat ends.")
    if wrong:
        raise Invalid(N_("The seat was not ended."), wrong)
    Seat.update(valid_to=last_day).where(Seat.id == seat.id).execute()
    held = (Holder.seat == seat) & (Holder.valid_to.is_null() | (Holder.valid_to > last_day))
    Holder.update(valid_to=last_day).where(held).execute()
    audit.record(
        by,
        "seat.end",
        seat,
        now=now,
        before={"to": None},
        after={"to": last_day, "role": seat.role},
        reason=reason,
    )


@transactional
def map_seat(seat: Seat, unit: Unit | None, note: str, *, by: Actor, now: datetime) -> None:
    """Say by hand for which unit a seat stands, with a note why (E-14). Raises Invalid without the note."""
    by.require(Permission.BODY_EDIT)
    if unit is not None and not note.strip():
        wrong = N_("Say why this seat stands for the unit: its post does not.")
        raise Invalid(wrong, {"note": wrong})
    before, after = audit.changes(seat, unit=unit, note=note.strip()[:400])
    if after:
        Seat.update(unit=unit, group=None, note=note.strip()[:400]).where(Seat.id == seat.id).execute()
        audit.record(by, "seat.map", seat, now=now, before=before, after=after, reason=note)


def history(seat: Seat) -> list[AuditEntry]:
    """What the office did to a seat, newest first."""
    mine = (AuditEntry.subject_type == "seat") & (AuditEntry.subject_id == seat.id)
    return list(AuditEntry.select().where(mine).order_by(AuditEntry.seq.desc()).limit(50))
