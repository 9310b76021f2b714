"""Renaming a unit and merging it into another, from a day on (E-26): names keep their time, nothing is rewritten.

After a renaming the old name is an alias that ends with the day before; after a merger the old unit ends, and its
name is from that day an alias of the unit it went into. A notice is read with the names of its own date. Closed
quarters keep the names they were closed with. Tasks stay where they are: they move by numbered changes of the plan.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from supervisor.core import audit
from supervisor.core.permissions import Actor, Permission
from supervisor.core.unit_names import name_key
from supervisor.core.units import known_names
from supervisor.database import transactional
from supervisor.errors import Invalid
from supervisor.models import Assignment, AuditEntry, TaskState, Unit, UnitAlias
from supervisor.words import N_, Sentence

#: A reason shorter than this says nothing.
SHORTEST_REASON = 2
_RENAME, _MERGE = "unit.rename", "unit.merge"


@transactional
def rename(unit: Unit, name: str, on: date | None, reason: str, *, by: Actor, now: datetime) -> None:
    """The unit bears another name from this day on; the old one is read as it in notices of before.

    Raises Invalid for a name that is empty, the same, or another unit's; without a day or a reason.
    """
    by.require(Permission.REGISTER_EDIT)
    name = name.strip()
    wrong: dict[str, Sentence] = _missing(unit, on, reason)
    taken = known_names(unit.jurisdiction_id).get(name_key(name)) if name else None
    if not name:
        wrong["new_name"] = N_("A unit needs a name.")
    elif name_key(name) == name_key(unit.name):
        wrong["new_name"] = N_("That is the same name.")
    elif taken is not None and taken != unit.id:
        wrong["new_name"] = N_("“%(name)s” is already a name in the register.", name=name)
    _refuse(wrong)
    assert on is not None  # noqa: S101 -- `_refuse` has told it
    UnitAlias.delete().where((UnitAlias.unit == unit) & (UnitAlias.name == name)).execute()
    _alias(unit, unit.name, since=_named_since(unit), until=on - timedelta(days=1))
    Unit.update(name=name).where(Unit.id == unit.id).execute()
    audit.record(
        by, _RENAME, unit, now=now, before={"name": unit.name}, after={"name": name, "on": on}, reason=reason
    )


@transactional
def merge(unit: Unit, into: Unit | None, on: date | None, reason: str, *, by: Actor, now: datetime) -> None:
    """The unit ends with the day before; its name is from this day read as the unit it went into.

    Raises Invalid where that is no other unit in force, or without a day or a reason.
    """
    by.require(Permission.REGISTER_EDIT)
    wrong = _missing(unit, on, reason)
    if into is None or into.id == unit.id or into.valid_to is not None:
        wrong["into"] = N_("Choose the other unit that goes on.")
    _refuse(wrong)
    assert on is not None  # noqa: S101 -- `_refuse` has told it
    assert into is not None  # noqa: S101 -- `_refuse` has told it
    last = on - timedelta(days=1)
    Unit.update(valid_to=last).where(Unit.id == unit.id).execute()
    _alias(into, unit.name, since=on, until=None)
    # Other names of the old unit end with it and go on as the new one's: one name, one row, so they move whole.
    still = (UnitAlias.unit == unit) & UnitAlias.valid_to.is_null()
    UnitAlias.update(unit=into).where(still).execute()
    after = {"into": into.id, "name": into.name, "on": on}
    audit.record(by, _MERGE, unit, now=now, before={"name": unit.name}, after=after, reason=reason)


def _missing(unit: Unit, on: date | None, reason: str) -> dict[str, Sentence]:
    wrong: dict[str, Sentence] = {}
    if unit.valid_to is not None:
        wrong["on"] = N_("This unit has ended already.")
    elif on is None:
        wrong["on"] = N_("Say from which day on.")
    if len(reason.strip()) < SHORTEST_REASON:
        wrong["why"] = N_("Say why: the decision or document that it rests on.")
    return wrong


def _refuse(wrong: dict[str, Sentence]) -> None:
    if wrong:
        raise Invalid(next(iter(wrong.values())), wrong)


def _alias(unit: Unit, name: str, *, since: date | None, until: date | None) -> None:
    same = (UnitAlias.jurisdiction == unit.jurisdiction_id) & (UnitAlias.name == name)
    UnitAlias.delete().where(same).execute()
    UnitAlias.create(
        unit=unit, jurisdiction=unit.jurisdiction_id, name=name, valid_from=since, valid_to=until
    )


def _named_since(unit: Unit) -> date | None:
    days = [change.on for change in history(unit) if not change.into]
    return max(days, default=None)


@dataclass(frozen=True)
class UnitChange:
    """A renaming or merger on record."""

    on: date
    old: str
    #: The new name; after a merger that of the unit it went into.
    new: str
    #: Id of the unit it went into; None for a renaming.
    into: int | None
    reason: str
    by: str


def history(unit: Unit) -> list[UnitChange]:
    """What became of a unit's name, newest first."""
    mine = (AuditEntry.subject_type == Unit._meta.table_name) & (AuditEntry.subject_id == unit.id)  # noqa: SLF001 -- Peewee's public name
    rows = AuditEntry.select().where(mine & AuditEntry.action.in_([_RENAME, _MERGE]))
    found = []
    for row in rows.order_by(AuditEntry.seq.desc()):
        before, after = json.loads(row.before), json.loads(row.after)
        day = date.fromisoformat(after["on"])
        found.append(
            UnitChange(day, before["name"], after["name"], after.get("into"), row.reason, row.actor_name)
        )
    return found


def open_links(unit: Unit) -> int:
    """Links to tasks that are neither completed nor cancelled: after a merger they still stand at the old unit."""
    going = Assignment.task_state.not_in([TaskState.CLOSED, TaskState.CANCELLED])
    return int(Assignment.select().where((Assignment.unit == unit) & going).count())
