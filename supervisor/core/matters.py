"""Matters (督办事项): what a step of the ladder can be about, which a person may see, and the one writer of a matter.

What is not yet a matter is named by a key: `report:5` an owed report, `task:7` a unit's part of a task,
`instruction:3` a unit's part of an instruction; `matter:9` is one that was taken up.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

from peewee import JOIN, ModelSelect

from supervisor.clock import beijing_date
from supervisor.core import audit, owed_words
from supervisor.core.periods import Period
from supervisor.core.permissions import Actor
from supervisor.errors import NotFound, Obstacle, Refused
from supervisor.models import (
    Assignment,
    AssignmentState,
    InstructedUnit,
    Instruction,
    InstructionKind,
    LinkRole,
    Matter,
    MatterSource,
    MatterState,
    Obligation,
    ObligationState,
    Plan,
    Programme,
    ReportingRule,
    Rung,
    Task,
    TaskState,
    Unit,
)
from supervisor.words import N_, Sentence

#: A report is owed in these states.
OWED = (ObligationState.OPEN, ObligationState.WITH_HEAD, ObligationState.RETURNED)
#: A unit's part of a task is worked on in these.
AT_WORK = (AssignmentState.ISSUED, AssignmentState.ACKNOWLEDGED, AssignmentState.OBJECTED)


@dataclass(frozen=True)
class Thing:
    """What a step would be about: with what a paper says of it, and why nothing is to be asked any more."""

    key: str
    source: MatterSource
    unit: Unit
    title: str
    basis: str
    due_on: date | None
    given_on: date | None
    #: The lead unit as printed.
    lead: str
    #: Application path to the record.
    link: str
    #: Why nothing is owed any more; None = it is.
    settled: Sentence | None = None
    #: The column of `Matter` that refers to the record.
    refers: Mapping[str, int] = field(default_factory=dict)
    matter: Matter | None = None


def visible_to(actor: Actor) -> ModelSelect[Matter]:
    """The matters a person may see: all of the programme, or those of their own units once a step was taken."""
    query = Matter.select(Matter, Unit).join(Unit).where(Matter.programme == actor.programme_id)
    if actor.sees_all:
        return query
    return query.where(Matter.unit.in_(sorted(actor.unit_ids)) & (Matter.steps > 0))


def get_visible(matter_id: int, actor: Actor) -> Matter:
    """One matter by its key; NotFound when there is none that this person may see."""
    row: Matter | None = visible_to(actor).where(Matter.id == matter_id).first()
    if row is None:
        raise NotFound
    return row


def thing_of(key: str, actor: Actor) -> Thing:
    """What the key names, in the actor's programme, with its open matter where there is one; else NotFound."""
    kind, _, number = key.partition(":")
    reader = {"report": _report, "task": _part, "instruction": _instructed, "matter": _matter}.get(kind)
    if (
        reader is None
        or not (number.isascii() and number.isdigit() and len(number) <= 9)
        or not actor.sees_all
    ):
        raise NotFound
    thing = reader(int(number), actor)
    if thing is None:
        raise NotFound
    return thing


def _matter(matter_id: int, actor: Actor) -> Thing:
    """A matter taken up; whether anything is still owed is asked of what it is about."""
    row = get_visible(matter_id, actor)
    ids = {
        MatterSource.REPORT: row.obligation_id, MatterSource.TASK: row.assignment_id,
        MatterSource.INSTRUCTION: row.instructed_id,
    }  # fmt: skip
    about, lead = ids.get(row.source), row.unit.name
    settled = N_("The matter has been crossed off.") if row.state is MatterState.CLOSED else None
    if about is not None:
        origin = _READERS[row.source](about, actor)
        if origin is not None:
            lead, settled = origin.lead, settled or origin.settled
    return Thing(
        f"matter:{row.id}", row.source, row.unit, row.title, row.basis, row.due_on, row.given_on, lead,
        f"/p/{row.programme_id}/matters/{row.id}", settled, matter=row,
    )  # fmt: skip


def _open(key: str) -> Matter | None:
    found: Matter | None = Matter.select(Matter, Unit).join(Unit).where(Matter.open_key == key).first()
    return found


def _report(key: int, actor: Actor) -> Thing | None:
    row: Obligation | None = (
        Obligation.select(Obligation, Unit, ReportingRule, Plan)
        .join(Unit)
        .switch(Obligation)
        .join(ReportingRule)
        .join(Plan, JOIN.LEFT_OUTER)
        .where((Obligation.id == key) & (Obligation.programme == actor.programme_id))
        .first()
    )
    if row is None:
        return None
    returned = row.state is ObligationState.RETURNED
    title = owed_words.to_do(row.period, row.rule)
    return Thing(
        f"report:{key}", MatterSource.REPORT, row.unit, f"{title}（退回重报）" if returned else title,
        f"《{row.rule.plan.title}》" if row.rule.plan else "", row.return_due_on if returned else row.due_on,
        beijing_date(row.opens_at), row.unit.name, f"/p/{row.programme_id}/reports/{key}",
        None if row.state in OWED else N_("The report has been handed in or waived: it is not owed any more."),
        {"obligation": key}, _open(f"report:{key}"),
    )  # fmt: skip


def _part(key: int, actor: Actor) -> Thing | None:
    row: Assignment | None = (
        Assignment.select(Assignment, Unit, Task, Plan)
        .join(Unit)
        .switch(Assignment)
        .join(Task)
        .join(Plan)
        .where((Assignment.id == key) & (Assignment.programme == actor.programme_id))
        .first()
    )
    if row is None or row.task_state is TaskState.DRAFT:
        return None
    settled = None
    if row.suspended:
        settled = N_("The unit's part is suspended.")
    elif row.state is AssignmentState.APPLIED:
        settled = N_("The unit has applied for completion: decide on that first.")
    elif row.task_state is not TaskState.OPEN or row.state not in AT_WORK:
        settled = N_("The unit's part is completed or cancelled.")
    task: Task = row.task
    return Thing(
        f"task:{key}", MatterSource.TASK, row.unit, task.title[:300],
        f"《{task.plan.title}》" + (f"第{task.number}项" if task.number else ""), task.due_on,
        beijing_date(task.plan.issued_at) if task.plan.issued_at else None, _leads(task) or row.unit.name,
        f"/p/{row.programme_id}/tasks/{task.id}", settled, {"assignment": key}, _open(f"task:{key}"),
    )  # fmt: skip


def _leads(task: Task) -> str:
    here = (Assignment.task == task) & (Assignment.role == LinkRole.LEAD)
    query = Assignment.select(Assignment, Unit).join(Unit).order_by(Unit.sort, Unit.id)
    names = [row.unit.name for row in query.where(here & (Assignment.state != AssignmentState.CANCELLED))]
    return "、".join(names[:5]) + (f"等{len(names)}家单位" if len(names) > 5 else "")


def _instructed(key: int, actor: Actor) -> Thing | None:
    row: InstructedUnit | None = (
        InstructedUnit.select(InstructedUnit, Instruction, Unit)
        .join(Instruction)
        .switch(InstructedUnit)
        .join(Unit)
        .where((InstructedUnit.id == key) & (Instruction.programme == actor.programme_id))
        .first()
    )
    if row is None:
        return None
    said: Instruction = row.instruction
    name = Period.parse(said.period).official_name
    return Thing(
        f"instruction:{key}", MatterSource.INSTRUCTION, row.unit, said.text[:300],
        f"{name}督导发现" if said.kind is InstructionKind.FINDING else f"{name}调度会议议定事项", said.due_on,
        beijing_date(said.recorded_at), row.unit.name, f"/p/{said.programme_id}/instructions",
        N_("The instruction has been done.") if row.done_on else None, {"instructed": key},
        _open(f"instruction:{key}"),
    )  # fmt: skip


_READERS = {
    MatterSource.REPORT: _report, MatterSource.TASK: _part, MatterSource.INSTRUCTION: _instructed,
}  # fmt: skip


def origin_of(matter: Matter) -> str:
    """Application path to the record that a matter is about; empty where there is none."""
    place = f"/p/{matter.programme_id}"
    if matter.obligation_id is not None:
        return f"{place}/reports/{matter.obligation_id}"
    if matter.assignment is not None:
        return f"{place}/tasks/{matter.assignment.task_id}"
    return f"{place}/instructions" if matter.instructed_id is not None else ""


def take_up(thing: Thing, *, by: Actor, now: datetime) -> Matter:
    """The open matter about a thing; made if there is none. Call inside a verb that holds the programme."""
    if thing.matter is not None:
        return thing.matter
    key = None if thing.source is MatterSource.FREE else thing.key
    row: Matter = Matter.create(
        programme=by.programme_id, unit=thing.unit, source=thing.source, open_key=key, title=thing.title,
        basis=thing.basis, due_on=thing.due_on, given_on=thing.given_on, opened_at=now, opened_by=by.user_id,
        **thing.refers,
    )  # fmt: skip
    audit.record(by, "matter.open", row, now=now, after={"about": key or "", "unit": thing.unit.id})
    return row


def move(matter: Matter, **values: Any) -> None:
    """Write to a matter unless somebody else did since it was read; the only writer of its columns."""
    unchanged = (Matter.id == matter.id) & (Matter.version == matter.version)
    if not Matter.update(version=Matter.version + 1, **values).where(unchanged).execute():
        here = f"/p/{matter.programme_id}/matters/{matter.id}"
        raise Refused(
            N_("Somebody else has acted on this matter meanwhile."), [Obstacle(N_("See how it stands"), here)]
        )


def hold(programme_id: int) -> None:
    """Two offices must not take one step twice, nor two papers one number."""
    Programme.update(id=Programme.id).where(Programme.id == programme_id).execute()


def highest(first: Rung | None, second: Rung) -> Rung:
    """The higher of two rungs."""
    return second if first is None or second.height > first.height else first
