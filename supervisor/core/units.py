"""The register of units: names, aliases, kinds; collective names and assessment groups of a programme (D5).

Nothing merges by itself: a name is the unit's own or an alias that a person added. Names that look alike are
shown, never joined (E-16 to E-18).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime

from peewee import fn

from supervisor.clock import beijing_date
from supervisor.core import audit
from supervisor.core.permissions import Actor, Permission
from supervisor.core.unit_names import guess_kind, is_in_force, name_key
from supervisor.database import transactional
from supervisor.errors import Invalid, NotFound, Refused
from supervisor.models import (
    Assignment,
    GroupKind,
    GroupMember,
    Plan,
    PlanState,
    Programme,
    Task,
    TaskState,
    TaskToken,
    Unit,
    UnitAlias,
    UnitGroup,
    UnitKind,
)
from supervisor.models.base import rows_of
from supervisor.words import N_

__all__ = [
    "UnitRow", "add_alias", "aliases_of", "arrange_groups", "assessment_groups_of", "change_unit", "collective",
    "confirm_group", "get_unit", "groups_of", "guess_kind", "known_names", "name_key", "propose_assessment_groups",
    "propose_groups", "register_of", "register_rows", "register_unit", "ungrouped",
    "units_of",
]  # fmt: skip


def known_names(jurisdiction_id: int, on: date | None = None) -> dict[str, int]:
    """Every compared name and alias of a jurisdiction's register → the unit's id; two queries.

    A name in force `on` a day goes before one that had ended or had not begun then: after a merger the old unit's
    name is the new unit's. Without a day every name counts, the units' own first.
    """
    ranked: list[tuple[bool, bool, str, int]] = []
    for is_own, model, key in ((False, UnitAlias, UnitAlias.unit), (True, Unit, Unit.id)):
        query = model.select(model.name, key, model.valid_from, model.valid_to).where(
            model.jurisdiction == jurisdiction_id
        )
        ranked += [
            (on is None or is_in_force(since, until, on), is_own, name_key(name), int(unit_id))
            for name, unit_id, since, until in rows_of(query)
        ]
    return {name: unit_id for _in_force, _is_own, name, unit_id in sorted(ranked)}


@transactional
def register_unit(
    name: str,
    *,
    jurisdiction_id: int,
    by: Actor,
    now: datetime,
    kind: UnitKind | None = None,
    sort: int | None = None,
) -> Unit:
    """The unit of this name or alias, entered at the end of the register if it was unknown."""
    by.require(Permission.REGISTER_EDIT)
    name = name.strip()
    if not name:
        raise Invalid(N_("A unit needs a name."), {"name": N_("A unit needs a name.")})
    known = known_names(jurisdiction_id, beijing_date(now)).get(name_key(name))
    if known is not None:
        return Unit.get_by_id(known)
    last = Unit.select(fn.MAX(Unit.sort)).where(Unit.jurisdiction == jurisdiction_id).scalar() or 0
    unit = Unit.create(
        jurisdiction=jurisdiction_id,
        name=name,
        kind=kind or guess_kind(name),
        sort=last + 1 if sort is None else sort,
    )
    audit.record(by, "unit.register", unit, now=now, after={"name": name, "kind": unit.kind})
    return unit


@transactional
def add_alias(unit: Unit, name: str, *, by: Actor, now: datetime) -> UnitAlias:
    """Another name of a unit, from here on read as the unit. Refused where the name is already in the register."""
    by.require(Permission.REGISTER_EDIT)
    name = name.strip()
    taken = known_names(unit.jurisdiction_id).get(name_key(name)) if name else None
    wrong = None
    if not name:
        wrong = N_("Type the other name.")
    elif taken is not None:
        wrong = N_("“%(name)s” is already a name in the register.", name=name)
    if wrong:
        raise Invalid(wrong, {"alias": wrong})
    alias = UnitAlias.create(unit=unit, jurisdiction=unit.jurisdiction_id, name=name)
    audit.record(by, "unit.alias", unit, now=now, after={"alias": name})
    return alias


@transactional
def change_unit(unit: Unit, *, name: str, kind: UnitKind, by: Actor, now: datetime) -> None:
    """Correct a unit's name or kind; the audit trail keeps both."""
    by.require(Permission.REGISTER_EDIT)
    known = known_names(unit.jurisdiction_id).get(name_key(name)) if name.strip() else 0
    if known is not None and known != unit.id:
        wrong = (
            N_("“%(name)s” is already a name in the register.", name=name)
            if known
            else N_("A unit needs a name.")
        )
        raise Invalid(wrong, {"name": wrong})
    before, after = audit.changes(unit, name=name.strip(), kind=kind)
    if after:
        Unit.update(**after).where(Unit.id == unit.id).execute()
        audit.record(by, "unit.change", unit, now=now, before=before, after=after)


# Reads -----------------------------------------------------------------------------------------------------


def units_of(programme_id: int) -> list[Unit]:
    """Units linked to an issued plan, or named in one that is not issued yet, in roster order."""
    return list(Unit.select().where(Unit.id.in_(_linked_ids(programme_id))).order_by(Unit.sort, Unit.id))


def _linked_ids(programme_id: int) -> list[int]:
    assigned = Assignment.select(Assignment.unit).where(Assignment.programme == programme_id).distinct()
    ids = {int(row[0]) for row in rows_of(assigned)}
    draft = (
        TaskToken.select(TaskToken.unit, TaskToken.group)
        .join(Task)
        .join(Plan)
        .where(
            (Plan.programme == programme_id)
            & (Plan.state == PlanState.DRAFT)
            & (Task.state != TaskState.CANCELLED)
        )
        .distinct()
    )
    groups: set[int] = set()
    for unit_id, group_id in rows_of(draft):
        if unit_id is not None:
            ids.add(int(unit_id))
        if group_id is not None:
            groups.add(int(group_id))
    members = GroupMember.select(GroupMember.unit).where(GroupMember.group.in_(sorted(groups)))
    return sorted(ids | {int(row[0]) for row in rows_of(members)}) if groups else sorted(ids)


def groups_of(programme_id: int, kind: GroupKind) -> list[tuple[UnitGroup, list[GroupMember]]]:
    """Groups of one kind with their members (unit joined) in order; two queries."""
    groups = list(
        UnitGroup.select()
        .where((UnitGroup.programme == programme_id) & (UnitGroup.kind == kind))
        .order_by(UnitGroup.sort, UnitGroup.id)
    )
    members: dict[int, list[GroupMember]] = {group.id: [] for group in groups}
    query = (
        GroupMember.select(GroupMember, Unit)
        .join(Unit)
        .where(GroupMember.group.in_(list(members)))
        .order_by(GroupMember.sort, Unit.sort, Unit.id)
    )
    for member in query:
        members[member.group_id].append(member)
    return [(group, members[group.id]) for group in groups]


def assessment_groups_of(programme_id: int) -> list[tuple[UnitGroup, list[Unit]]]:
    """Assessment groups with their units in roster order."""
    return [
        (group, sorted((member.unit for member in members), key=lambda unit: (unit.sort, unit.id)))
        for group, members in groups_of(programme_id, GroupKind.ASSESSMENT)
    ]


def ungrouped(programme_id: int) -> list[Unit]:
    """Units with work that stand in no assessment group."""
    placed = {unit.id for _group, units in assessment_groups_of(programme_id) for unit in units}
    return [unit for unit in units_of(programme_id) if unit.id not in placed]


@dataclass
class UnitRow:
    """A line of the register's page."""

    unit: Unit
    leads: int = 0
    responsible: int = 0
    group: str = ""
    aliases: list[str] = field(default_factory=list)


def register_rows(programme_id: int) -> list[UnitRow]:
    """Units of a programme with links by role, assessment group and aliases; a fixed number of queries."""
    rows = {unit.id: UnitRow(unit) for unit in units_of(programme_id)}
    counts = (
        Assignment.select(Assignment.unit, Assignment.role, fn.COUNT(Assignment.id))
        .where((Assignment.programme == programme_id) & Assignment.unit.in_(list(rows)))
        .group_by(Assignment.unit, Assignment.role)
    )
    for unit_id, role, count in rows_of(counts):
        if role.value == "lead":
            rows[unit_id].leads = count
        else:
            rows[unit_id].responsible = count
    for group, units in assessment_groups_of(programme_id):
        for unit in units:
            if unit.id in rows:
                rows[unit.id].group = group.name
    for alias in UnitAlias.select().where(UnitAlias.unit.in_(list(rows))).order_by(UnitAlias.id):
        rows[alias.unit_id].aliases.append(alias.name)
    return list(rows.values())


def get_unit(unit_id: int, programme: Programme) -> Unit:
    """A unit of the programme's register, or NotFound."""
    unit = Unit.get_or_none((Unit.id == unit_id) & (Unit.jurisdiction == programme.jurisdiction_id))
    if unit is None:
        raise NotFound
    return unit


def register_of(programme: Programme) -> list[Unit]:
    """Every unit of the programme's jurisdiction, in order."""
    here = Unit.jurisdiction == programme.jurisdiction_id
    return list(Unit.select().where(here).order_by(Unit.sort, Unit.id))


def aliases_of(unit: Unit) -> list[UnitAlias]:
    """A unit's other names, each with the days between which it is read as the unit."""
    return list(UnitAlias.select().where(UnitAlias.unit == unit).order_by(UnitAlias.id))


def collective(group_id: int, programme: Programme) -> UnitGroup:
    """A collective name of the programme, or NotFound."""
    mine = (UnitGroup.programme == programme) & (UnitGroup.kind == GroupKind.COLLECTIVE)
    found = UnitGroup.get_or_none(mine & (UnitGroup.id == group_id))
    if found is None:
        raise NotFound
    return found


# Groups ----------------------------------------------------------------------------------------------------


def propose_groups(units: Sequence[Unit]) -> list[tuple[str, list[Unit]]]:
    """Assessment groups proposed from the units' kinds: areas apart from departments, never across (D23)."""
    areas = [unit for unit in units if unit.kind is UnitKind.DISTRICT]
    streets = [unit for unit in units if unit.kind is UnitKind.STREET]
    others = [unit for unit in units if unit.kind not in {UnitKind.DISTRICT, UnitKind.STREET}]
    level = _level(others)
    proposed = [
        ("区政府（含功能区）" if level in {"市", ""} else "下级政府（含功能区）", areas),
        ("街道（乡镇）", streets),
        (f"{level}直部门（含垂管、企业）" if level else "部门（含垂管、企业）", others),
    ]
    return [(name, members) for name, members in proposed if members]


def _level(units: Sequence[Unit]) -> str:
    heads = [unit.name[:1] for unit in units if unit.name[:1] in "省市区县州旗"]
    return max(set(heads), key=heads.count) if heads else ""


@transactional
def propose_assessment_groups(programme: Programme, *, by: Actor, now: datetime) -> list[UnitGroup]:
    """Store the proposed groups for units that stand in none yet; they count only once confirmed."""
    by.require(Permission.REGISTER_EDIT)
    made = []
    for order, (name, members) in enumerate(propose_groups(ungrouped(programme.id)), start=1):
        same = (
            (UnitGroup.programme == programme)
            & (UnitGroup.kind == GroupKind.ASSESSMENT)
            & (UnitGroup.name == name)
        )
        group = UnitGroup.get_or_none(same) or UnitGroup.create(
            programme=programme, kind=GroupKind.ASSESSMENT, name=name, sort=order
        )
        for unit in members:
            GroupMember.create(group=group, unit=unit, sort=unit.sort)
        UnitGroup.update(confirmed_at=None, confirmed_by=None).where(UnitGroup.id == group.id).execute()
        audit.record(
            by, "group.propose", group, now=now, after={"name": name, "units": [u.id for u in members]}
        )
        made.append(group)
    return made


@transactional
def arrange_groups(
    programme: Programme, placed: Mapping[int, str], *, by: Actor, now: datetime
) -> list[UnitGroup]:
    """Put each unit into the assessment group of that name (empty = none) and confirm the groups.

    Groups left without units disappear. Closed quarters are not touched: a run keeps its own groups.

    Raises:
        Invalid: a unit that is not one of the programme's.
    """
    by.require(Permission.REGISTER_EDIT)
    units = {unit.id: unit for unit in units_of(programme.id)}
    if set(placed) - set(units):
        raise Invalid(N_("One of these units has no task in this programme."))
    before = {
        group.name: [unit.id for unit in members] for group, members in assessment_groups_of(programme.id)
    }
    mine = (UnitGroup.programme == programme) & (UnitGroup.kind == GroupKind.ASSESSMENT)
    kept = {group.name: group for group in UnitGroup.select().where(mine)}
    GroupMember.delete().where(GroupMember.group.in_([group.id for group in kept.values()])).execute()
    names = list(dict.fromkeys(name.strip() for name in placed.values() if name.strip()))
    result = []
    for order, name in enumerate(sorted(names, key=lambda n: kept[n].sort if n in kept else 99), start=1):
        group = kept.get(name) or UnitGroup.create(programme=programme, kind=GroupKind.ASSESSMENT, name=name)
        members = [units[unit_id] for unit_id, given in placed.items() if given.strip() == name]
        for unit in members:
            GroupMember.create(group=group, unit=unit, sort=unit.sort)
        UnitGroup.update(sort=order, confirmed_at=now, confirmed_by=by.user_id).where(
            UnitGroup.id == group.id
        ).execute()
        result.append(group)
    empty = [group.id for name, group in kept.items() if name not in names]
    UnitGroup.delete().where(UnitGroup.id.in_(empty)).execute()
    after = {name: [unit_id for unit_id, given in placed.items() if given.strip() == name] for name in names}
    audit.record(by, "group.arrange", programme, now=now, before=before, after=after)
    return result


@transactional
def confirm_group(
    group: UnitGroup,
    unit_ids: Sequence[int],
    *,
    notes: Mapping[int, str],
    added: Sequence[str] = (),
    by: Actor,
    now: datetime,
) -> None:
    """Fix who belongs to a collective name; a member's note says where the mapping comes from (E-14).

    `added` are further members by name; names that the register does not know enter it.
    Refused once a plan that uses the collective is issued: from then on changes are numbered (D7).
    """
    by.require(Permission.REGISTER_EDIT)
    used = Assignment.select().where(Assignment.group == group).exists()
    if group.kind is GroupKind.COLLECTIVE and used:
        raise Refused(N_("This collective name stands in an issued plan; its members no longer change here."))
    if not unit_ids and not added:
        raise Invalid(N_("A collective name needs at least one unit."))
    place = group.programme.jurisdiction_id
    unit_ids = [*unit_ids, *(register_unit(name, jurisdiction_id=place, by=by, now=now).id for name in added)]
    before = [
        int(row[0]) for row in rows_of(GroupMember.select(GroupMember.unit).where(GroupMember.group == group))
    ]
    GroupMember.delete().where(GroupMember.group == group).execute()
    for order, unit_id in enumerate(dict.fromkeys(unit_ids), start=1):
        GroupMember.create(group=group, unit=unit_id, sort=order, note=notes.get(unit_id, "")[:400])
    UnitGroup.update(confirmed_at=now, confirmed_by=by.user_id).where(UnitGroup.id == group.id).execute()
    audit.record(
        by, "group.confirm", group, now=now, before={"units": before}, after={"units": list(unit_ids)}
    )
