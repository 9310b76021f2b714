"""Pages of units' work plans: the office's list, the form, a filing beside the one in force. Reads only."""

from __future__ import annotations

import enum
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

from peewee import JOIN

from supervisor.clock import beijing_date
from supervisor.core import deadline_records, milestones, work_plans
from supervisor.core.days import day_words
from supervisor.core.deadline_records import DeadlineRecord
from supervisor.core.permissions import Actor
from supervisor.core.report_cells import Cell, cell_of
from supervisor.core.work_plan_rows import Asked, Row, row_of, rows_from
from supervisor.models import (
    Assignment,
    Milestone,
    Obligation,
    ObligationState,
    Plan,
    PlanFiling,
    Task,
    Unit,
    User,
    WorkPlan,
    WorkPlanState,
)
from supervisor.models.base import rows_of
from supervisor.words import N_, Sentence


class Stage(enum.StrEnum):
    """Where a work plan stands, as the office's list counts it."""

    NOT_STARTED = "not_started"
    IN_WORK = "in_work"
    WITH_HEAD = "with_head"
    FILED = "filed"
    RETURNED = "returned"
    ACCEPTED = "accepted"

    @property
    def label(self) -> Sentence:
        """In words."""
        return STAGE_LABELS[self]


STAGE_LABELS = {
    Stage.NOT_STARTED: N_("Not begun"),
    Stage.IN_WORK: N_("In work"),
    Stage.WITH_HEAD: N_("With the unit's head"),
    Stage.FILED: N_("Waiting for review"),
    Stage.RETURNED: N_("Returned"),
    Stage.ACCEPTED: N_("Accepted"),
}


@dataclass(frozen=True)
class Line:
    """A work plan in a list, with its milestones in force."""

    row: WorkPlan
    unit_name: str
    plan_title: str
    stage: Stage
    is_late: bool
    milestones: int = 0
    done: int = 0
    overdue: int = 0


def stage_of(row: WorkPlan) -> Stage:
    """Not started and in work are told apart by the working copy."""
    if row.state is WorkPlanState.OPEN:
        return Stage.IN_WORK if row.saved_at else Stage.NOT_STARTED
    return Stage(row.state.value)


def is_late(row: WorkPlan, today: date) -> bool:
    """Whether it was filed late, or is not filed though its day is over."""
    owed = row.obligation
    if owed is None or owed.state is ObligationState.WAIVED:
        return False
    return owed.late_workdays > 0 or (owed.first_submitted_at is None and owed.due_on < today)


def lines(actor: Actor, *, today: date) -> list[Line]:
    """Work plans that the reader may see, in the order of the units; without the working copies themselves."""
    columns = [column for column in WorkPlan._meta.sorted_fields if column.name != "draft"]  # noqa: SLF001 -- Peewee's
    query = (
        work_plans.visible_to(actor)
        .select(*columns, Unit.id, Unit.name, Plan.id, Plan.title, Obligation)
        .join(Unit)
        .switch(WorkPlan)
        .join(Plan)
        .switch(WorkPlan)
        .join(Obligation, JOIN.LEFT_OUTER)
        .order_by(WorkPlan.plan.desc(), Unit.sort, Unit.id)
    )
    found = list(query)
    counts = milestones.counts_of([row.id for row in found], today)
    return [
        Line(row, row.unit.name, row.plan.title, stage_of(row), is_late(row, today), *counts.get(row.id, (0, 0, 0)))
        for row in found
    ]  # fmt: skip


def came_back(actor: Actor, *, today: date) -> list[Line]:
    """A unit's amended plans that the office returned; what is asked for stands among the things owed."""
    return [
        line
        for line in lines(actor, today=today)
        if line.stage is Stage.RETURNED
        and line.row.unit_id in actor.unit_ids
        and (line.row.obligation is None or line.row.obligation.state is not ObligationState.RETURNED)
    ]


def waiting(actor: Actor) -> int:
    """How many filings wait for the office."""
    count: int = work_plans.visible_to(actor).where(WorkPlan.state == WorkPlanState.FILED).count()
    return count


@dataclass(frozen=True)
class Group:
    """A task in the form with its rows; rows whose key is in `fixed` stay as they are."""

    task: Asked
    rows: Sequence[Row]
    fixed: frozenset[int]

    @property
    def weight(self) -> int:
        """What the weights typed so far add up to."""
        return sum(int(row.weight) for row in self.rows if row.weight.isascii() and row.weight.isdigit())


def groups(work_plan: WorkPlan, *, today: date, rows: Sequence[Row] | None = None) -> list[Group]:
    """The form's content: the working copy (or what was just typed), at least one row a task."""
    asked, past = work_plans.asked_of(work_plan), work_plans.past_of(work_plan, today)
    typed = list(rows_from(work_plan.draft) if rows is None else rows)
    # A link that came back or a copy begun before the acceptance lacks what is past: it must stand in the plan.
    typed += [row_of(one) for key, one in past.items() if key not in {row.key for row in typed}]
    key = next_key(work_plan, typed)
    found = []
    for task in asked:
        mine = [row for row in typed if row.assignment == task.assignment]
        if not mine:
            mine, key = [Row(key, task.assignment)], key + 1
        found.append(Group(task, mine, frozenset(past)))
    return found


def next_key(work_plan: WorkPlan, rows: Iterable[Row]) -> int:
    """A number that no row of the plan has or ever had."""
    used = [
        key for (key,) in rows_of(Milestone.select(Milestone.key).where(Milestone.work_plan == work_plan))
    ]
    return int(max([0, *used, *(row.key for row in rows)])) + 1


@dataclass(frozen=True)
class Change:
    """A row of a filing compared with the one in force."""

    row: Mapping[str, Any]
    task: str
    #: new, changed, gone or same.
    kind: str
    notes: Sequence[Sentence] = ()


@dataclass(frozen=True)
class Filed:
    """A filing with who filed and who decided."""

    row: PlanFiling
    by: str
    decided_by: str
    #: The head who sent it, where the head approves.
    approved_by: str = ""


@dataclass(frozen=True)
class Record:
    """Everything that a work plan's page shows."""

    row: WorkPlan
    unit_name: str
    plan: Plan
    stage: Stage
    is_late: bool
    filings: Sequence[Filed]
    #: The head's part: what waits for the head, for the unit alone.
    waiting: Filed | None = None
    #: How what is asked for stands in time, and what can be done about its day.
    cell: Cell | None = None
    deadline: DeadlineRecord | None = None
    #: The filing that waits for the office, by task; empty where none waits.
    compared: Mapping[str, Sequence[Change]] = field(default_factory=dict)
    milestones: Mapping[str, Sequence[milestones.Line]] = field(default_factory=dict)
    #: Titles of tasks that came after the plan in force.
    unplanned: Sequence[str] = ()

    @property
    def latest(self) -> Filed | None:
        """The newest filing."""
        return self.filings[0] if self.filings else None


def read_record(work_plan: WorkPlan, actor: Actor, *, now: datetime) -> Record:
    """The page of one work plan, in a fixed number of queries; what waits for the head is the unit's alone (D16)."""
    today, own, owed = beijing_date(now), work_plan.unit_id in actor.unit_ids, work_plan.obligation
    filings = _filings(work_plan, own=own)
    with_head = work_plan.state is WorkPlanState.WITH_HEAD
    waits = filings[0] if with_head and filings and not filings[0].row.sent else None
    sent = [one for one in filings if one.row.sent]
    rows = [one.row for one in ([waits] if waits else sent)]
    live = _milestones(work_plan, today)
    in_force = next((one.row for one in sent if one.row.number == work_plan.in_force), None)
    titles = _titles([*rows[:1], *([in_force] if in_force else [])])
    planned = {row["assignment"] for row in in_force.content} if in_force else set()
    return Record(
        row=work_plan,
        unit_name=work_plan.unit.name,
        plan=work_plan.plan,
        stage=stage_of(work_plan),
        is_late=is_late(work_plan, today),
        filings=sent,
        waiting=waits,
        cell=cell_of(owed.state, owed.outcome, owed.due_at, now) if owed else None,
        deadline=deadline_records.read(owed, actor, now=now) if owed else None,
        compared=_by_task(compare(rows[0].content, in_force.content if in_force else None, titles))
        if rows
        else {},
        milestones=live,
        unplanned=[
            one.title
            for one in (work_plans.asked_of(work_plan) if in_force else [])
            if one.assignment not in planned and not one.standing
        ],
    )


def _filings(work_plan: WorkPlan, *, own: bool) -> list[Filed]:
    query = PlanFiling.select().where(PlanFiling.work_plan == work_plan)
    if not own:
        query = query.where(PlanFiling.sent == True)  # noqa: E712 -- a column, not a bool
    rows = list(query.order_by(PlanFiling.number.desc()))
    ids = {person for row in rows for person in (row.filed_by, row.decided_by, row.approved_by) if person}
    names: dict[int | None, str] = dict(
        rows_of(User.select(User.id, User.name).where(User.id.in_(sorted(ids))))
    )
    return [
        Filed(row, names.get(row.filed_by, ""), names.get(row.decided_by, ""), names.get(row.approved_by, ""))
        for row in rows
    ]


def _milestones(work_plan: WorkPlan, today: date) -> dict[str, list[milestones.Line]]:
    query = (
        Milestone.select(Milestone, Assignment, Task, Unit)
        .join(Assignment)
        .join(Task)
        .switch(Assignment)
        .join(Unit)
        .where((Milestone.work_plan == work_plan) & Milestone.in_force)
        .order_by(Task.sort, Milestone.due_on, Milestone.key)
    )
    found: dict[str, list[milestones.Line]] = {}
    for line in milestones.lines(query, today):
        found.setdefault(_label(line.row.assignment.task), []).append(line)
    return found


def _titles(filings: Sequence[PlanFiling]) -> dict[int, str]:
    ids = sorted({row["assignment"] for filing in filings for row in filing.content})
    query = Assignment.select(Assignment, Task).join(Task).where(Assignment.id.in_(ids))
    return {link.id: _label(link.task) for link in query}


def _label(task: Task) -> str:
    return f"{task.sort}. {task.title}"


def compare(
    new: Sequence[Mapping[str, Any]], old: Sequence[Mapping[str, Any]] | None, titles: Mapping[int, str]
) -> list[Change]:
    """A filing row by row against the one in force (None = none yet): new, changed and how, gone, the same."""
    before = {row["key"]: row for row in old or ()}
    found = []
    for row in new:
        was = before.pop(row["key"], None)
        notes = _notes(was, row) if was else []
        kind = ("changed" if notes else "same") if was else ("new" if old is not None else "same")
        found.append(Change(row, titles.get(row["assignment"], ""), kind, notes))
    found += [Change(row, titles.get(row["assignment"], ""), "gone") for row in before.values()]
    return found


def _notes(was: Mapping[str, Any], row: Mapping[str, Any]) -> list[Sentence]:
    notes = []
    if was["due"] != row["due"]:
        old, new = (day_words(date.fromisoformat(one["due"])) for one in (was, row))
        notes.append(N_("moved from %(old)s to %(new)s", old=old, new=new))
    if was["weight"] != row["weight"]:
        notes.append(N_("weight %(old)s%% → %(new)s%%", old=was["weight"], new=row["weight"]))
    if was["title"] != row["title"]:
        notes.append(N_("was called “%(old)s”", old=was["title"]))
    if any(was[name] != row[name] for name in ("indicator", "measure", "target")):
        notes.append(N_("indicator was: %(old)s", old=indicator_text(was) or "—"))
    if was["document"] != row["document"]:
        notes.append(N_("is a deliverable now") if row["document"] else N_("is no deliverable any more"))
    return notes


def indicator_text(row: Mapping[str, Any]) -> str:
    """Indicator, measure and target of a filed row in one line."""
    figure = f"{row['measure']} {row['target']}" if row["target"] is not None else ""
    return "；".join(part for part in (row["indicator"], figure) if part)


def _by_task(changes: Iterable[Change]) -> dict[str, list[Change]]:
    found: dict[str, list[Change]] = {}
    for change in changes:
        found.setdefault(change.task, []).append(change)
    return found


def with_row(rows: Sequence[Row], key: int, assignment: int) -> list[Row]:
    """An empty row after the last one of its task."""
    places = [place for place, row in enumerate(rows) if row.assignment == assignment]
    place = places[-1] + 1 if places else len(rows)
    return [*rows[:place], Row(key, assignment), *rows[place:]]


def without_row(rows: Sequence[Row], key: int) -> list[Row]:
    """The rows without one; its neighbours keep their order."""
    return [row for row in rows if row.key != key]
