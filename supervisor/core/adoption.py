"""Adopting a reviewed notice as a plan: units, collective names, roster and tasks enter the tables.

Units enter the register in roster order, groups are proposed. Nothing is owed before the plan is issued.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime

from supervisor.bulk import insert_rows
from supervisor.clock import beijing_date
from supervisor.core import (
    audit,
    body_adoption,
    duty_matrix,
    imported_quantities,
    plan_rules,
    precedents,
    printed_names,
    questions,
    tasks,
    units,
)
from supervisor.core.body_adoption import Stands
from supervisor.core.consistency import OWN_GOVERNMENT
from supervisor.core.corrections import ledger_of
from supervisor.core.documents import document_link
from supervisor.core.draft_ledger import Ledger
from supervisor.core.draft_rows import LedgerCollective, LedgerDuty, LedgerTask
from supervisor.core.permissions import Actor, Permission
from supervisor.core.units import name_key
from supervisor.database import transactional
from supervisor.errors import Refused, Stale
from supervisor.intake.units import strip_brackets
from supervisor.models import (
    Document,
    DocumentState,
    GroupKind,
    GroupMember,
    LinkRole,
    Plan,
    Programme,
    Task,
    TaskToken,
    Unit,
    UnitGroup,
)
from supervisor.models.base import rows_of
from supervisor.words import N_

#: Share of a responsible unit where nobody leads (D3) or where the task is standing (D4), and where somebody leads.
FULL_SHARE, HALF_SHARE = 100, 50
#: Seats that enter no unit by themselves: the government sits through its leaders, a collective for its members.
_UNENTERED = re.compile(rf"{OWN_GOVERNMENT.pattern}|^各")
#: The level before a unit's name, left out by a list after its first name (州发改委、教育局; E-20).
_LEVEL = re.compile(r"^[省市县区州旗盟](?!直)(?:委(?=.{2,}部$|政法|编办|网信))?")


@transactional
def adopt(document: Document, *, seen: int, by: Actor, now: datetime) -> Plan:
    """Make a plan of a reviewed notice: units into the register, collective names, roster, tasks with their names.

    Raises:
        Refused: grave findings are open (each an obstacle with its place).
        Stale: somebody saved the notice meanwhile, or it was adopted already.
    """
    by.require(Permission.DOCUMENT_REVIEW)
    ledger = ledger_of(document)
    known = printed_names.read(document.programme.jurisdiction_id, ledger.issued_on)
    open_things = questions.obstacles(ledger, document_link(document), known)
    if open_things:
        raise Refused(N_("The notice cannot become a plan yet."), open_things)
    mine = (Document.id == document.id) & (Document.version == seen) & (Document.state == DocumentState.DRAFT)
    values = {"state": DocumentState.ADOPTED, "version": Document.version + 1}
    if not Document.update(**values).where(mine).execute():
        state = Document.get_by_id(document.id).state
        raise Stale([("state", state.value)], [("state", DocumentState.ADOPTED.value)])
    programme = document.programme
    register, groups = enter_names(ledger, programme, by, now)
    plan = Plan.create(
        programme=programme,
        document=document,
        title=ledger.title,
        adopted_at=now,
        effective_on=ledger.issued_on or beijing_date(now),
    )
    body_adoption.enter_bodies(
        ledger,
        document,
        Stands(represented(ledger), register, groups),
        from_day=plan.effective_on,
        by=by,
        now=now,
    )
    _tasks(ledger, plan, register, groups)
    duty_matrix.enter_clauses(ledger, plan)
    plan_rules.enter_rules(ledger, plan, register, groups, by=by, now=now)
    allotted = imported_quantities.allot(ledger, plan, register)
    precedents.remember(document, ledger, by=by, now=now)
    units.propose_assessment_groups(programme, by=by, now=now)
    after = {"document": document.id, **ledger.counts, **({"quantities": allotted} if allotted else {})}
    audit.record(by, "plan.adopt", plan, now=now, after=after)
    return plan


def enter_names(
    ledger: Ledger, programme: Programme, by: Actor, now: datetime
) -> tuple[dict[str, Unit], dict[str, UnitGroup]]:
    """Enter a ledger's units, aliases and collective names; returns both by their compared names."""
    register = _register(ledger, programme, by, now)
    return register, _collectives(ledger, programme, register, by, now)


def unit_names(ledger: Ledger) -> list[str]:
    """Units of the notice in roster order; a name outside the roster stands before its neighbour in the tasks."""
    say = ledger.unit_of
    members = [say(member.name) for c in ledger.collectives for member in c.chosen]
    work = [say(name) for name in ledger.tokens if ledger.collective(name) is None]
    ordered = _seated(ledger, {name_key(name) for name in (*work, *members)})
    firsts: dict[str, str] = {}
    for name in ordered:
        firsts.setdefault(name_key(name), name)
    ordered, known = list(firsts.values()), set(firsts)
    for place in range(len(work) - 1, -1, -1):
        name = work[place]
        if name_key(name) in known:
            continue
        follower = next((n for n in work[place + 1 :] if name_key(n) in known), None)
        where = len(ordered) if follower is None else [name_key(n) for n in ordered].index(name_key(follower))
        ordered.insert(where, name)
        known.add(name_key(name))
    return ordered + [name for name in dict.fromkeys(members) if name_key(name) not in known]


def _seated(ledger: Ledger, working: set[str]) -> list[str]:
    """Units with a seat, in roster order, also those without work: they owe a liaison officer, and C04 tells them.

    Not the government itself, which sits through its leaders; not a name that leaves its level out (教育局 after
    州发改委), which is entered as the unit of the level or by a person (E-20).
    """
    no_unit = {name_key(name.key) for name in ledger.names if name.no_unit}
    seats = [ledger.unit_of(unit) for unit, _note in represented(ledger).values() if unit]
    full = {strip_brackets(key) for key in (*working, *map(name_key, seats))}
    elided = {_LEVEL.sub("", key) for key in full if _LEVEL.match(key)}
    return [
        name
        for name in seats
        if (key := name_key(name)) in working
        or not (
            key in no_unit or key in elided or _UNENTERED.search(key) or ledger.collective(name) is not None
        )
    ]


def represented(ledger: Ledger) -> dict[int, tuple[str, str]]:
    """Key of a roster line → the unit it stands for after confirmation, and the note on a mapping by hand (E-14)."""
    by_person = {
        (member.person, member.post): member
        for c in ledger.collectives
        for member in c.chosen
        if member.person
    }
    found = {}
    for person in ledger.roster:
        if person.dropped:
            continue
        member = by_person.get((person.name, person.post))
        unit = person.unit or (member.name if member else "")
        note = "" if person.unit or member is None else (member.note or member.name)
        found[person.key] = (unit, note)
    return found


def _register(ledger: Ledger, programme: Programme, by: Actor, now: datetime) -> dict[str, Unit]:
    """Compared name → unit for every unit of the notice, new ones entered in roster order."""
    known = units.known_names(programme.jurisdiction_id, ledger.issued_on)
    rows = {unit.id: unit for unit in Unit.select().where(Unit.jurisdiction == programme.jurisdiction_id)}
    last = max((unit.sort for unit in rows.values()), default=0)
    found: dict[str, Unit] = {}
    for order, name in enumerate(unit_names(ledger), start=last + 1):
        unit = rows.get(known.get(name_key(name), 0))
        if unit is None:
            unit = units.register_unit(
                name, jurisdiction_id=programme.jurisdiction_id, by=by, now=now, sort=order
            )
        elif unit.sort == 0:  # founded with the programme as host, before any roster was known
            Unit.update(sort=order, kind=units.guess_kind(unit.name)).where(Unit.id == unit.id).execute()
        found[name_key(name)] = unit
    _aliases(ledger, known, rows, found, by, now)
    return found


def _aliases(
    ledger: Ledger,
    known: dict[str, int],
    rows: dict[int, Unit],
    found: dict[str, Unit],
    by: Actor,
    now: datetime,
) -> None:
    """Enter the aliases chosen in the review; from here on they are read at once, in every notice."""
    for decision in ledger.names:
        key = name_key(decision.unit)
        unit = found.get(key) or rows.get(known.get(key, 0))
        if not decision.unit or unit is None:
            continue  # no unit, or one that nothing of this notice uses
        if name_key(decision.key) not in known:
            units.add_alias(unit, decision.key, by=by, now=now)
        found[name_key(decision.key)] = unit


def _collectives(
    ledger: Ledger, programme: Programme, register: dict[str, Unit], by: Actor, now: datetime
) -> dict[str, UnitGroup]:
    used = {name_key(name) for name in ledger.tokens}
    groups: dict[str, UnitGroup] = {}
    for order, item in enumerate(ledger.collectives, start=1):
        if name_key(item.token) not in used:
            continue
        same = (
            (UnitGroup.programme == programme)
            & (UnitGroup.kind == GroupKind.COLLECTIVE)
            & (UnitGroup.name == item.token)
        )
        group = UnitGroup.get_or_none(same)
        if group is None:
            group = UnitGroup.create(
                programme=programme,
                kind=GroupKind.COLLECTIVE,
                name=item.token,
                definition=item.definition[:400],
                sort=order,
            )
            _members(group, item, register, by, now)
        groups[name_key(item.token)] = group
    return groups


def _members(
    group: UnitGroup, item: LedgerCollective, register: dict[str, Unit], by: Actor, now: datetime
) -> None:
    # In roster order, not in that of the proposals: the same order as every other list (E-99).
    chosen = sorted(item.chosen, key=lambda member: register[name_key(member.name)].sort)
    ids = [register[name_key(member.name)].id for member in chosen]
    notes = {
        register[name_key(member.name)].id: _member_note(member.person, member.post, member.note)
        for member in chosen
    }
    if item.confirmed and ids:
        units.confirm_group(group, ids, notes=notes, by=by, now=now)
    else:
        for order, unit_id in enumerate(ids, start=1):
            GroupMember.create(group=group, unit=unit_id, sort=order, note=notes[unit_id])


def _member_note(person: str, post: str, note: str) -> str:
    who = f"{person}（{post}）" if person and post else person
    return f"{who}：{note}"[:400] if who and note else (who or note)[:400]


def _tasks(ledger: Ledger, plan: Plan, register: dict[str, Unit], groups: dict[str, UnitGroup]) -> None:
    made = [*map(_task_row, ledger.live), *map(_standing_row, ledger.standing)]
    shared = {"plan": plan, "programme": plan.programme_id}
    insert_rows(Task, ({**shared, "sort": number, **row} for number, row in enumerate(made, start=1)))
    ids = [key for (key,) in rows_of(Task.select(Task.id).where(Task.plan == plan).order_by(Task.sort))]
    named = [
        [*((LinkRole.LEAD, n) for n in item.lead), *((LinkRole.RESPONSIBLE, n) for n in item.responsible)]
        for item in ledger.live
    ]
    named += [[(LinkRole.RESPONSIBLE, n) for n in dict.fromkeys(duty.units)] for duty in ledger.standing]
    insert_rows(TaskToken, _tokens(zip(ids, named, strict=True), register, groups))


def _task_row(item: LedgerTask) -> dict[str, object]:
    return {
        "path": list(item.path),
        "number": item.number[:20],
        "title": item.title,
        "text": item.text,
        "source_line": item.line,
        "standing": False,
        "due_on": item.due_on,
        "due_from_notice": item.due_from_notice,
        "responsible_share": FULL_SHARE if item.each_answers else HALF_SHARE,
        "search": tasks.bigrams(f"{item.title} {item.text}"),
    }


def _standing_row(duty: LedgerDuty) -> dict[str, object]:
    return {
        "path": [],
        "number": "",
        "title": duty.title,
        "text": duty.text,
        "source_line": duty.line,
        "standing": True,
        "due_on": None,
        "due_from_notice": False,
        "responsible_share": FULL_SHARE,
        "search": tasks.bigrams(duty.text),
    }


def _tokens(
    named: Iterable[tuple[int, Sequence[tuple[LinkRole, str]]]],
    register: dict[str, Unit],
    groups: dict[str, UnitGroup],
) -> Iterator[dict[str, object]]:
    """Rows of the names at these tasks, numbered within a role; a name is one group's, else a unit's, else nobody's."""
    keys: dict[str, str] = {}
    for task_id, names in named:
        orders = {LinkRole.LEAD: 0, LinkRole.RESPONSIBLE: 0}
        for role, name in names:
            orders[role] += 1
            key = keys.get(name) or keys.setdefault(name, name_key(name))
            group = groups.get(key)
            unit = None if group else register.get(key)
            yield {
                "task": task_id,
                "role": role,
                "text": name,
                "unit": unit,
                "group": group,
                "sort": orders[role],
            }
