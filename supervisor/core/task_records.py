"""Everything a task's page shows, gathered in a fixed number of queries and cut to what the reader may see.

D16: the office and the leader read all; the lead unit also what was accepted of the responsible units;
any other unit only its own. The notice itself names the units of a task, so their names are no secret.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from peewee import Case

from supervisor.core import assignments, lights, milestones, task_history, tasks
from supervisor.core import planned as planning
from supervisor.core.calendar import load_calendar
from supervisor.core.days import left_words
from supervisor.core.permissions import Actor
from supervisor.core.programmes import settings_on
from supervisor.models import (
    Application,
    Assignment,
    AssignmentState,
    Attachment,
    Entry,
    Light,
    LightChange,
    LightReason,
    LinkRole,
    Objection,
    Obligation,
    Plan,
    QuantityTarget,
    ReportEntry,
    Task,
    TaskState,
    Unit,
    UnitGroup,
    User,
    Verdict,
)
from supervisor.models.base import rows_of
from supervisor.statements import among, statement
from supervisor.words import Sentence

#: Entries shown on the page, newest first; the rest stands in the units' reports.
ENTRIES = 60
TURNS = 20


@dataclass(frozen=True)
class Link:
    """One unit's link as the page's table shows it; `open` False = only name and role may be read."""

    assignment: Assignment
    unit_name: str
    group_name: str
    signed_by: str
    open: bool
    own: bool


@dataclass(frozen=True)
class Said:
    """An accepted entry: what a unit reported for a period, with the office's mark where it may be read."""

    period: str
    unit_name: str
    progress: int
    done: str
    problems: str
    next_steps: str
    mark: int | None
    obligation_id: int
    entry_id: int
    files: Sequence[Attachment] = ()


@dataclass(frozen=True)
class Target:
    """A unit's quantity: cumulative accepted against target."""

    unit_name: str
    measure: str
    accepted: int | None
    target: int

    @property
    def percent(self) -> int | None:
        """Accepted of the target in whole percent, for the bar."""
        if self.accepted is None or not self.target:
            return None
        return min(self.accepted * 100 // self.target, 100)


@dataclass(frozen=True)
class Waiting:
    """An application or objection that waits for the office, or was the last one decided."""

    row: Application | Objection
    unit_name: str
    who: str
    files: Sequence[Attachment] = ()


@dataclass(frozen=True)
class Turned:
    """The light turned: from which day, to what, and why."""

    day: date
    light: Light
    why: Sentence


@dataclass(frozen=True)
class TaskRecord:
    """The page of one task."""

    task: Task
    plan: Plan
    planned: int | None
    left: Sentence | None
    links: Sequence[Link]
    targets: Sequence[Target]
    said: Sequence[Said]
    applications: Sequence[Waiting]
    objections: Sequence[Waiting]
    history: Sequence[task_history.Event]
    #: While an own unit may object.
    objection_until: date | None
    own: Sequence[Link] = field(default=())
    #: Why the light is what it is; None = never judged.
    why: Sentence | None = None
    #: Where the planned figure comes from; None = there is none.
    source: Sentence | None = None
    #: Milestones in force of all units that the reader may see.
    milestones: Sequence[milestones.Line] = ()
    #: Newest first.
    lights: Sequence[Turned] = ()


def read_record(task: Task, actor: Actor, *, today: date) -> TaskRecord:
    """The record of a task that the actor may see (`tasks.get_visible`)."""
    plan: Plan = _plan_of(task.plan_id)[0]
    every = _links(task, actor)
    links = [link for link in every if link.assignment.state is not AssignmentState.CANCELLED]
    names = {link.assignment.id: link.unit_name for link in every}
    readable = [link.assignment.id for link in links if link.open]
    # What was done to a link that was taken back stays in the history (D7).
    past = [link.assignment.id for link in every if link.open and link not in links]
    own = [link for link in links if link.own]
    applications = _applications(readable, names)
    objections = _objections(readable, names)
    settled = _objections(past, names) if past else []
    until = assignments.objection_deadline(plan, own[0].assignment.joined_on) if own else None
    open_now = task.state is TaskState.OPEN and task.due_on is not None
    planned = tasks.planned_percent(task, plan, today)
    why, turned = _lights(task, planned, today)
    return TaskRecord(
        task=task,
        plan=plan,
        planned=planned,
        left=left_words(today, task.due_on, load_calendar()) if open_now and task.due_on else None,
        links=links,
        targets=_targets(task, links),
        said=_said(task, readable, actor),
        applications=applications,
        objections=objections,
        history=task_history.read_history(
            task,
            plan,
            links=[*readable, *past],
            applications=[waiting.row.id for waiting in applications],
            objections=[waiting.row.id for waiting in (*objections, *settled)],
        ),
        objection_until=until if until and until >= today else None,
        own=own,
        why=why,
        lights=turned,
        source=planning.source_of(task),
        milestones=milestones.of_task(task, actor, today=today),
    )


@statement
def _plan_of(plan_id: Any) -> Any:
    return Plan.select().where(Plan.id == plan_id)


def _lights(task: Task, planned: int | None, today: date) -> tuple[Sentence | None, list[Turned]]:
    """Why the light is what it is, and how it turned so far."""
    limits = lights.Limits.of(settings_on(task.programme_id, today))

    def explained(why: LightReason, progress: int | None, planned: int | None) -> Sentence:
        return lights.explain(why, progress=progress, planned=planned, due_on=task.due_on, limits=limits)

    turned = [
        Turned(row.day, row.light, explained(row.why, row.progress, row.planned))
        for row in _turns_of(task.id)
    ]
    return explained(task.light_why, task.progress, planned) if task.light_why else None, turned


@statement
def _turns_of(task_id: Any) -> Any:
    return (
        LightChange.select().where(LightChange.task == task_id).order_by(LightChange.id.desc()).limit(TURNS)
    )


def _links(task: Task, actor: Actor) -> list[Link]:
    rows = _links_of(task.id)
    leads = any(
        row.role is LinkRole.LEAD
        and row.state is not AssignmentState.CANCELLED
        and row.unit_id in actor.unit_ids
        for row in rows
    )
    groups = _names(UnitGroup, [row.group_id for row in rows])
    people = _names(User, [row.acknowledged_by for row in rows])
    return [
        Link(
            assignment=row,
            unit_name=row.unit.name,
            group_name=groups.get(row.group_id, ""),
            signed_by=people.get(row.acknowledged_by, ""),
            own=row.unit_id in actor.unit_ids,
            open=actor.sees_all or leads or row.unit_id in actor.unit_ids,
        )
        for row in rows
    ]


@statement
def _links_of(task_id: Any) -> Any:
    first_leads = Case(Assignment.role, [(LinkRole.LEAD.value, 0)], 1)
    return (
        Assignment.select(Assignment, Unit)
        .join(Unit)
        .where(Assignment.task == task_id)
        .order_by(first_leads, Unit.sort, Unit.id)
    )


def _names(table: type[UnitGroup | User], ids: Iterable[int | None]) -> dict[int | None, str]:
    wanted = sorted({key for key in ids if key is not None})
    return dict(rows_of(table.select(table.id, table.name).where(table.id.in_(wanted)))) if wanted else {}


def _targets(task: Task, links: Sequence[Link]) -> list[Target]:
    names = {link.assignment.unit_id: link.unit_name for link in links if link.open}
    return [
        Target(names[unit_id], measure, accepted, target)
        for unit_id, measure, accepted, target in _targets_of(task.id, sorted(names))
    ]


@statement
def _targets_of(task_id: Any, unit_ids: Any) -> Any:
    columns = QuantityTarget.unit, QuantityTarget.measure, QuantityTarget.accepted, QuantityTarget.target
    mine = (QuantityTarget.task == task_id) & among(QuantityTarget.unit, unit_ids)
    query = QuantityTarget.select(*columns).where(mine)
    return query.order_by(QuantityTarget.measure, QuantityTarget.id).tuples()


@statement
def _accepted(task_id: Any, links: Any) -> Any:
    return (
        ReportEntry.select(
            ReportEntry.id, Obligation.period, Unit.name, Unit.id, ReportEntry.progress, ReportEntry.done,
            ReportEntry.problems, ReportEntry.next_steps, ReportEntry.mark, Obligation.id,
        )
        .join(Entry)
        .join(Obligation)
        .join(Unit)
        .where(
            (Entry.task == task_id)
            & among(Entry.assignment, links)
            & (ReportEntry.verdict == Verdict.ACCEPTED)
        )
        .order_by(Obligation.period.desc(), Unit.sort, ReportEntry.id)
        .limit(ENTRIES)
        .tuples()
    )  # fmt: skip


def _said(task: Task, readable: Sequence[int], actor: Actor) -> list[Said]:
    rows = _accepted(task.id, list(readable))
    files = _by_owner(_entry_files([row[0] for row in rows]), "report_entry_id")
    return [
        Said(
            period=period,
            unit_name=unit_name,
            progress=progress,
            done=done,
            problems=problems,
            next_steps=next_steps,
            # A mark is part of a score: another unit's is nobody's business before it is published.
            mark=mark if actor.sees_all or unit_id in actor.unit_ids else None,
            obligation_id=obligation_id,
            entry_id=key,
            files=files.get(key, ()),
        )
        for key, period, unit_name, unit_id, progress, done, problems, next_steps, mark, obligation_id in rows
    ]


def _by_owner(rows: Iterable[Attachment], owner: str) -> dict[int, list[Attachment]]:
    found: dict[int, list[Attachment]] = {}
    for row in rows:
        found.setdefault(getattr(row, owner), []).append(row)
    return found


@statement
def _entry_files(ids: Any) -> Any:
    return Attachment.select().where(among(Attachment.report_entry, ids)).order_by(Attachment.id)


@statement
def _application_files(ids: Any) -> Any:
    return Attachment.select().where(among(Attachment.application, ids)).order_by(Attachment.id)


def _applications(readable: Sequence[int], names: Mapping[int, str]) -> list[Waiting]:
    rows = _applications_for(list(readable))
    people = _names(User, [row.applied_by for row in rows])
    files = _by_owner(_application_files([row.id for row in rows]), "application_id") if rows else {}
    return [
        Waiting(row, names[row.assignment_id], people.get(row.applied_by, ""), files.get(row.id, ()))
        for row in rows
    ]


@statement
def _applications_for(links: Any) -> Any:
    return Application.select().where(among(Application.assignment, links)).order_by(Application.id.desc())


@statement
def _objections_to(links: Any) -> Any:
    return Objection.select().where(among(Objection.assignment, links)).order_by(Objection.id.desc())


def _objections(readable: Sequence[int], names: Mapping[int, str]) -> list[Waiting]:
    rows = _objections_to(list(readable))
    people = _names(User, [row.raised_by for row in rows])
    return [Waiting(row, names[row.assignment_id], people.get(row.raised_by, "")) for row in rows]
