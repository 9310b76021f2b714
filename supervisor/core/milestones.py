"""Milestones in force (C09): each with its own due day and its own state; done with evidence, seen by the office."""

from __future__ import annotations

import enum
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from peewee import ModelSelect

from supervisor.clock import beijing_date
from supervisor.core import attachments, audit
from supervisor.core.permissions import Actor, Permission
from supervisor.database import transactional
from supervisor.errors import Invalid, NotFound, Refused
from supervisor.models import Assignment, AssignmentState, Attachment, Milestone, Task, Unit
from supervisor.models.base import rows_of
from supervisor.statements import statement
from supervisor.words import N_, Sentence

#: A home page looks this far ahead.
AHEAD = timedelta(days=60)


class MilestoneState(enum.StrEnum):
    """How a milestone stands on a day."""

    OPEN = "open"
    DONE = "done"
    OVERDUE = "overdue"

    @property
    def label(self) -> Sentence:
        """In words."""
        return MILESTONE_STATE_LABELS[self]


MILESTONE_STATE_LABELS = {
    MilestoneState.OPEN: N_("Not due yet"),
    MilestoneState.DONE: N_("Is done"),
    MilestoneState.OVERDUE: N_("Overdue"),
}


@dataclass(frozen=True)
class Line:
    """A milestone as lists show it."""

    row: Milestone
    unit_name: str
    state: MilestoneState
    files: Sequence[Attachment] = ()


def state_of(row: Milestone, today: date) -> MilestoneState:
    """Done, overdue or open; the due day itself is in time."""
    if row.done_on is not None:
        return MilestoneState.DONE
    return MilestoneState.OVERDUE if row.due_on < today else MilestoneState.OPEN


def visible_to(actor: Actor) -> ModelSelect[Milestone]:
    """Milestones in force that a person may see: all of the programme, or those of their own units (D16)."""
    query = (
        Milestone.select(Milestone, Assignment, Task, Unit)
        .join(Assignment)
        .join(Task)
        .switch(Assignment)
        .join(Unit)
        .where(
            (Assignment.programme == actor.programme_id)
            & (Assignment.state != AssignmentState.CANCELLED)
            & Milestone.in_force
        )
    )
    return query if actor.sees_all else query.where(Assignment.unit.in_(sorted(actor.unit_ids)))


def of_task(task: Task, actor: Actor, *, today: date) -> list[Line]:
    """A task's milestones of all units that the reader may see; its lead units see those of all."""
    rows = _in_force_at(task.id)
    if rows and not actor.sees_all and not attachments.led_tasks(actor, [task.id]):
        rows = [row for row in rows if row.assignment.unit_id in actor.unit_ids]
    return lines(rows, today)


@statement
def _in_force_at(task_id: Any) -> Any:
    live = (Assignment.task == task_id) & (Assignment.state != AssignmentState.CANCELLED) & Milestone.in_force
    query = Milestone.select(Milestone, Assignment, Unit).join(Assignment).join(Unit).where(live)
    return query.order_by(Milestone.due_on, Unit.sort, Milestone.id)


def lines(rows: Iterable[Milestone], today: date) -> list[Line]:
    """Milestones (with link and unit loaded) as lists show them, with their files in one query."""
    found = list(rows)
    files: dict[int, list[Attachment]] = {}
    done = [row.id for row in found if row.done_on is not None]
    evidence = Attachment.select().where(Attachment.milestone.in_(done)).order_by(Attachment.id)
    for file in evidence if done else ():
        files.setdefault(file.milestone_id or 0, []).append(file)
    return [Line(row, row.assignment.unit.name, state_of(row, today), files.get(row.id, ())) for row in found]


def next_of(actor: Actor, *, today: date, limit: int) -> list[Line]:
    """The own units' open milestones, the most urgent first: overdue ones and those of the next 60 days."""
    soon = Milestone.done_on.is_null() & (Milestone.due_on <= today + AHEAD)
    mine = visible_to(actor).where(Assignment.unit.in_(sorted(actor.unit_ids)) & soon)
    return lines(mine.order_by(Milestone.due_on, Milestone.id).limit(limit), today)


def get_own(milestone_id: int, by: Actor) -> Milestone:
    """A milestone in force of one of the actor's own units; NotFound for any other."""
    mine = visible_to(by).where((Milestone.id == milestone_id) & Assignment.unit.in_(sorted(by.unit_ids)))
    row: Milestone | None = mine.first()
    if row is None:
        raise NotFound
    return row


@transactional
def complete(
    milestone: Milestone,
    *,
    done_on: date | None,
    evidence: str,
    attachment_ids: Sequence[int] = (),
    by: Actor,
    now: datetime,
) -> None:
    """The unit marks a milestone as done on a day, with what shows it.

    Raises Invalid for a day that has not come or before its plan, missing evidence or a deliverable without its
    document; Refused where it is done already.
    """
    by.require(Permission.WORK_PLAN_FILE)
    if (
        milestone.assignment.unit_id not in by.unit_ids
        or milestone.assignment.programme_id != by.programme_id
    ):
        raise NotFound
    wrong = _wrong(milestone, done_on, evidence, attachment_ids, beijing_date(now))
    if wrong:
        raise Invalid(N_("The milestone was not marked as done."), wrong)
    marked = (
        Milestone.update(done_on=done_on, evidence=evidence.strip(), done_by=by.user_id, done_at=now)
        .where((Milestone.id == milestone.id) & Milestone.done_on.is_null() & Milestone.in_force)
        .execute()
    )
    if not marked:
        raise Refused(N_("This milestone is already marked as done or is no longer in force."))
    attachments.link(attachment_ids, by=by, milestone=milestone)
    after = {"done_on": done_on, "files": len(attachment_ids), "assignment": milestone.assignment_id}
    audit.record(by, "milestone.complete", milestone, now=now, after=after, reason=evidence.strip())


def _wrong(
    milestone: Milestone, done_on: date | None, evidence: str, files: Sequence[int], today: date
) -> dict[str, Sentence]:
    wrong = {}
    begun = milestone.assignment.task.plan.effective_on
    if done_on is None:
        wrong["done_on"] = N_("Name the day on which it was done.")
    elif done_on > today:
        wrong["done_on"] = N_("That day has not come yet.")
    elif done_on < begun:
        wrong["done_on"] = N_("That day is before the plan began.")
    if not evidence.strip():
        wrong["evidence"] = N_("Say what shows that it is done.")
    if milestone.document and not files:
        wrong["files"] = N_("It is a deliverable: attach the document.")
    return wrong


@transactional
def reopen(milestone: Milestone, *, reason: str, by: Actor, now: datetime) -> None:
    """The office opens a milestone again that is not done after all; the evidence stays in the audit trail."""
    by.require(Permission.WORK_PLAN_DECIDE)
    if milestone.assignment.programme_id != by.programme_id:
        raise NotFound
    if milestone.assignment.unit_id in by.unit_ids:
        raise Refused(N_("Nobody decides on a work plan of their own unit."))
    if not reason.strip():
        raise Invalid(N_("The milestone stays done."), {"reason": N_("Say why it is not done.")})
    before, after = audit.changes(milestone, done_on=None, evidence="")
    opened = (
        Milestone.update(done_on=None, evidence="", done_by=None, done_at=None)
        .where((Milestone.id == milestone.id) & Milestone.done_on.is_null(False))  # noqa: FBT003 -- Peewee's word
        .execute()
    )
    if not opened:
        raise Refused(N_("This milestone is not marked as done."))
    audit.record(
        by, "milestone.reopen", milestone, now=now, before=before, after=after, reason=reason.strip()
    )


def done_weight(assignment_ids: Sequence[int], until: date) -> dict[int, int]:
    """Assignment -> percent of its work whose milestones were done by a day; without a work plan it is left out."""
    live = Milestone.assignment.in_(list(assignment_ids)) & Milestone.in_force
    found: dict[int, int] = {}
    for assignment_id, weight, done_on in rows_of(
        Milestone.select(Milestone.assignment, Milestone.weight, Milestone.done_on).where(live)
    ):
        counts = done_on is not None and done_on <= until
        found[assignment_id] = found.get(assignment_id, 0) + (weight if counts else 0)
    return found


def counts_of(work_plan_ids: Sequence[int], today: date) -> dict[int, tuple[int, int, int]]:
    """Work plan -> milestones in force, done, overdue."""
    found: dict[int, tuple[int, int, int]] = {}
    live: Any = Milestone.work_plan.in_(list(work_plan_ids)) & Milestone.in_force
    columns = (Milestone.work_plan, Milestone.done_on, Milestone.due_on)
    for key, done_on, due_on in rows_of(Milestone.select(*columns).where(live)):
        total, done, over = found.get(key, (0, 0, 0))
        found[key] = (
            total + 1, done + (done_on is not None), over + (done_on is None and due_on < today)
        )  # fmt: skip
    return found
