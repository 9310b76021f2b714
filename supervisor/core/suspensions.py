"""Suspension (挂账): the office sets a unit's part of a task aside from a day on, until it resumes it.

What was due before the day stays owed. Reports due from it on and not yet handed in lose the part, new ones do not
ask for it, and it is left out where a quarter is scored at whose end it was suspended. The review day only reminds:
nothing is resumed by itself. Resumed, the part is asked for again in what falls due from that day on.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from peewee import ModelSelect

from supervisor.clock import beijing_date
from supervisor.core import audit, events, messages, obligations, people, tasks
from supervisor.core.days import day_words
from supervisor.core.message_events import MessageEvent
from supervisor.core.message_fields import Value
from supervisor.core.permissions import Actor, Permission
from supervisor.database import transactional
from supervisor.errors import Invalid, NotFound, Refused
from supervisor.models import (
    Assignment,
    AssignmentState,
    Suspension,
    Task,
    TaskState,
    Unit,
    User,
)
from supervisor.models.base import rows_of
from supervisor.statements import among, statement
from supervisor.words import N_, Sentence

#: Farther off a review day is a slip of the pen.
FARTHEST = timedelta(days=3 * 366)
#: Longest reason that is kept, in characters.
LONGEST = 400
#: The office's home page shows this many and counts the rest.
SHORT = 8
_ENDED = (AssignmentState.CANCELLED, AssignmentState.CLOSED)


@dataclass(frozen=True)
class Line:
    """A suspension with its names, as pages show it."""

    row: Suspension
    task_id: int
    title: str
    unit_name: str
    made_by: str
    resumed_by: str
    is_due: bool


@dataclass(frozen=True)
class Waiting:
    """Suspensions in force, the first to be looked at first; `more` are not in the list."""

    lines: Sequence[Line]
    more: int


def get(assignment_id: int, by: Actor) -> Assignment:
    """A link of the actor's programme with its task; NotFound for any other."""
    mine = (Assignment.id == assignment_id) & (Assignment.programme == by.programme_id)
    row: Assignment | None = Assignment.select(Assignment, Task).join(Task).where(mine).first()
    if row is None:
        raise NotFound
    return row


@transactional
def suspend(
    assignment: Assignment, *, from_on: date, review_on: date, reason: str, by: Actor, now: datetime
) -> Suspension:
    """Suspend a unit's part of a task from a day (today or earlier) on, to be looked at on the review day.

    Raises Refused for the own unit, for a part that is completed or suspended, Invalid naming the fields.
    """
    _require(assignment, by)
    if assignment.state in _ENDED or assignment.task_state is not TaskState.OPEN:
        raise Refused(N_("Only an open task can be suspended."))
    fields = _mistakes(assignment, from_on, review_on, beijing_date(now))
    if wrong := _wrong_reason(reason, N_("Say why the task is suspended.")):
        fields["reason"] = wrong
    if fields:
        raise Invalid(N_("The task was not suspended."), fields)
    _switch(assignment, suspended=True)
    row: Suspension = Suspension.create(
        programme=assignment.programme_id, assignment=assignment, from_on=from_on, review_on=review_on,
        reason=reason.strip(), made_by=by.user_id, made_at=now,
    )  # fmt: skip
    obligations.forget_link(assignment, now=now, suspended_from=from_on)
    audit.record(
        by, "assignment.suspend", assignment, now=now, reason=row.reason,
        after={"from_on": from_on, "review_on": review_on},
    )  # fmt: skip
    tasks.refresh([assignment.task_id], now)
    days = {"day": day_words(from_on), "review": day_words(review_on)}
    words = {"task": assignment.task.title, "reason": row.reason}
    _tell(assignment, events.TASK_SUSPENDED, f"suspend:{row.id}", {**words, **days}, now)
    return row


@transactional
def resume(assignment: Assignment, *, reason: str, by: Actor, now: datetime) -> None:
    """Take a suspended part up again from today: it is asked for in every report not yet due, and in new ones."""
    _require(assignment, by)
    if wrong := _wrong_reason(reason, N_("Say why the task is taken up again.")):
        raise Invalid(N_("The task stays suspended."), {"resume_reason": wrong})
    today = beijing_date(now)
    _switch(assignment, suspended=False)
    row = Suspension.get((Suspension.assignment == assignment) & Suspension.resumed_on.is_null())
    Suspension.update(
        resumed_on=today, resume_reason=reason.strip(), resumed_by=by.user_id, resumed_at=now
    ).where(Suspension.id == row.id).execute()
    obligations.recall_link(assignment, now=now)
    audit.record(
        by, "assignment.resume", assignment, now=now, reason=reason.strip(), after={"resumed_on": today}
    )
    tasks.refresh([assignment.task_id], now)
    fields: dict[str, Value] = {
        "task": assignment.task.title,
        "day": day_words(today),
        "reason": reason.strip(),
    }
    _tell(assignment, events.TASK_RESUMED, f"resume:{row.id}", fields, now)


def _require(assignment: Assignment, by: Actor) -> None:
    by.require(Permission.TASK_EDIT)
    if assignment.programme_id != by.programme_id:
        raise NotFound
    if assignment.unit_id in by.unit_ids:
        raise Refused(N_("Nobody decides for their own unit."))


def _mistakes(assignment: Assignment, from_on: date, review_on: date, today: date) -> dict[str, Sentence]:
    fields = {}
    last = (
        Suspension.select(Suspension.resumed_on)
        .where((Suspension.assignment == assignment) & Suspension.resumed_on.is_null(is_null=False))
        .order_by(Suspension.resumed_on.desc())
        .first()
    )
    if from_on > today:
        fields["from_on"] = N_("The day is still to come: suspend on it, or from today.")
    elif last is not None and from_on < last.resumed_on:
        fields["from_on"] = N_("The task was resumed on %(day)s.", day=day_words(last.resumed_on))
    if review_on <= today:
        fields["review_on"] = N_("The review day must be after today.")
    elif review_on > today + FARTHEST:
        fields["review_on"] = N_("That day is more than three years off.")
    return fields


def _wrong_reason(reason: str, missing: Sentence) -> Sentence | None:
    if not reason.strip():
        return missing
    return N_("At most %(n)s characters.", n=LONGEST) if len(reason.strip()) > LONGEST else None


def _switch(assignment: Assignment, *, suspended: bool) -> None:
    """Compare and set, so that of two people one is told that the other was quicker."""
    switched = (
        Assignment.update(suspended=suspended, version=Assignment.version + 1)
        .where((Assignment.id == assignment.id) & (Assignment.suspended == (not suspended)))
        .execute()
    )
    if not switched:
        raise Refused(N_("The task is already suspended.") if suspended else N_("The task is not suspended."))


def _tell(
    assignment: Assignment, event: MessageEvent, key: str, fields: Mapping[str, Value], now: datetime
) -> None:
    found = people.liaisons_of([assignment.unit_id], assignment.programme_id, beijing_date(now))
    messages.notify(
        event=event,
        key=key,
        to=found.get(assignment.unit_id, []),
        fields=fields,
        link=f"/p/{assignment.programme_id}/tasks/{assignment.task_id}",
        programme_id=assignment.programme_id,
        unit_id=assignment.unit_id,
        now=now,
    )


def waiting(programme_id: int, *, today: date) -> Waiting:
    """The suspensions in force that the office is to look at, by review day."""
    now_on = (Suspension.programme == programme_id) & Suspension.resumed_on.is_null()
    query = _with_names().where(now_on & Assignment.state.not_in(_ENDED))
    rows = list(query.order_by(Suspension.review_on, Suspension.id).limit(SHORT + 1))
    more = query.count() - SHORT if len(rows) > SHORT else 0
    return Waiting(_lines(rows[:SHORT], today), more)


def of_links(assignment_ids: Sequence[int], *, today: date) -> list[Line]:
    """All suspensions of some links, newest first."""
    return _lines(_suspensions_of(list(assignment_ids)), today) if assignment_ids else []


@statement
def _suspensions_of(assignment_ids: Any) -> Any:
    return _with_names().where(among(Suspension.assignment, assignment_ids)).order_by(Suspension.id.desc())


def _with_names() -> ModelSelect[Suspension]:
    return (
        Suspension.select(Suspension, Assignment, Task.id, Task.title, Unit.name)
        .join(Assignment)
        .join(Task)
        .switch(Assignment)
        .join(Unit)
    )


def _lines(rows: list[Suspension], today: date) -> list[Line]:
    ids = {row.made_by for row in rows} | {row.resumed_by for row in rows if row.resumed_by}
    names = dict(rows_of(User.select(User.id, User.name).where(User.id.in_(sorted(ids))))) if ids else {}
    return [
        Line(
            row, row.assignment.task.id, row.assignment.task.title, row.assignment.unit.name,
            names.get(row.made_by, ""), names.get(row.resumed_by, ""),
            row.resumed_on is None and row.review_on <= today,
        )
        for row in rows
    ]  # fmt: skip
