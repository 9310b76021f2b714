"""What a programme's calendar shows between two days: what opens, falls due and locks, time limits, milestones.

Those who read all see counts by rule and period (of milestones by day); a unit sees its own one by one. Every query is
bounded by the visible days and runs on an index, however large the tables are.
"""

from __future__ import annotations

import enum
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from typing import Any

from peewee import fn

from supervisor.clock import beijing_date
from supervisor.core import cadences, milestones, obligations
from supervisor.core.permissions import Actor
from supervisor.models import (
    Assignment,
    AssignmentState,
    Extension,
    Milestone,
    Obligation,
    ObligationState,
    Phase,
    Plan,
    PlanState,
    ReportingRule,
    Task,
    TaskState,
    Unit,
)
from supervisor.models.base import rows_of
from supervisor.words import N_, Sentence

ONE_DAY = timedelta(days=1)
_NOT_IN = (ObligationState.OPEN, ObligationState.WITH_HEAD)


class EventKind(enum.StrEnum):
    """What happens on a day, in the order in which a day lists it."""

    DUE = "due"
    RETURNED = "returned"
    TASK = "task"
    MILESTONE = "milestone"
    BEGINS = "begins"
    ENDS = "ends"
    OPENS = "opens"
    LOCKS = "locks"

    @property
    def label(self) -> Sentence:
        """The kind in words."""
        return EVENT_LABELS[self]


EVENT_LABELS = {
    EventKind.DUE: N_("due"),
    EventKind.RETURNED: N_("new version due"),
    EventKind.TASK: N_("time limit"),
    EventKind.MILESTONE: N_("milestone"),
    EventKind.BEGINS: N_("phase begins"),
    EventKind.ENDS: N_("phase ends"),
    EventKind.OPENS: N_("opens"),
    EventKind.LOCKS: N_("last day for late reports"),
}


@dataclass(frozen=True)
class Event:
    """One line of a day. `count` units (or tasks) of which `waiting` are not in; `key` is stable for feeds."""

    day: date
    kind: EventKind
    key: str
    #: Rule's name or task's title; empty = several tasks.
    title: str
    #: Period key of a report; empty for tasks.
    period: str
    #: Application path below the programme.
    link: str
    count: int = 1
    waiting: int = 0
    #: Reports in it whose day was put off on request.
    extended: int = 0
    unit_name: str = ""
    is_late: bool = False
    #: When the record last changed its dates, for feeds.
    version: int = 1


def events(actor: Actor, first: date, last: date, *, now: datetime) -> dict[date, list[Event]]:
    """Day → its events, from `first` to `last`, both included; at most ten queries."""
    found = (
        [
            *_grouped(actor, first, last, now),
            *_task_counts(actor, first, last),
            *_milestone_counts(actor, first, last),
        ]
        if actor.sees_all
        else [
            *_single(actor, first, last, now),
            *_own_tasks(actor, first, last),
            *_own_milestones(actor, first, last),
        ]
    )
    found += _phase_days(actor, first, last)
    order = list(EventKind)
    by_day: dict[date, list[Event]] = defaultdict(list)
    for event in sorted(found, key=lambda event: (event.day, order.index(event.kind), event.key)):
        by_day[event.day].append(event)
    return dict(by_day)


def phases_between(programme_id: int, first: date, last: date) -> list[Phase]:
    """The phases of the issued plans that touch these days; an end that the notice leaves open reaches beyond."""
    query = (
        Phase.select()
        .join(Plan)
        .where(
            (Plan.programme == programme_id)
            & (Plan.state == PlanState.ISSUED)
            & (Phase.begins_on.is_null() | (Phase.begins_on <= last))
            & (Phase.ends_on.is_null() | (Phase.ends_on >= first))
        )
    )
    return list(query.order_by(Phase.plan, Phase.sort, Phase.id))


def _phase_days(actor: Actor, first: date, last: date) -> Iterator[Event]:
    for phase in phases_between(actor.programme_id or 0, first, last):
        for kind, day in ((EventKind.BEGINS, phase.begins_on), (EventKind.ENDS, phase.ends_on)):
            if day is not None and first <= day <= last:
                yield Event(day, kind, f"{kind}-h{phase.id}", phase.name, "", f"/plans/{phase.plan_id}")


def _between(column: Any, first: date, last: date) -> Any:
    """The condition that an instant lies on these days in Beijing."""
    return (column >= cadences.deadline_instant(first - ONE_DAY)) & (column < cadences.deadline_instant(last))


def _locking(first: date, last: date) -> Any:
    """Locks whose last day for late reports is one of these days: the lock itself is the instant after it."""
    after = cadences.deadline_instant(first - ONE_DAY)
    return (Obligation.locked_at > after) & (Obligation.locked_at <= cadences.deadline_instant(last))


def _grouped(actor: Actor, first: date, last: date, now: datetime) -> Iterator[Event]:
    owed = obligations.visible_to(actor).where(Obligation.state != ObligationState.WAIVED)
    names = _rule_names(actor)
    extended = _extended(actor, first, last)
    counted = (fn.COUNT(Obligation.id), fn.COUNT(Obligation.first_submitted_at))
    due = owed.select(
        Obligation.rule, Obligation.period, Obligation.due_on, fn.MIN(Obligation.due_at), *counted
    )
    due = due.where(Obligation.due_on.between(first, last))
    for rule, period, day, due_at, count, sent in rows_of(
        due.group_by(Obligation.rule, Obligation.period, Obligation.due_on)
    ):
        yield Event(
            day, EventKind.DUE, f"due-{rule}-{period}-{day}", names[rule], period, f"/reports?until={period}",
            count, count - sent, extended.get((rule, period, day), 0), is_late=count > sent and _moment(due_at) <= now,
        )  # fmt: skip
    yield from _instants(owed, Obligation.opens_at, _between(Obligation.opens_at, first, last), names)
    yield from _instants(owed, Obligation.locked_at, _locking(first, last), names)
    yield from _returned(owed, first, last, names)


def _moment(value: Any) -> datetime:
    """SQLite gives an aggregate's instant back as text."""
    return Obligation.due_at.python_value(value)  # type: ignore[no-any-return]


def _instants(owed: Any, column: Any, where: Any, names: dict[int, str]) -> Iterator[Event]:
    opening = column is Obligation.opens_at
    kind = EventKind.OPENS if opening else EventKind.LOCKS
    counted = (fn.COUNT(Obligation.id), fn.COUNT(Obligation.first_submitted_at))
    query = owed.select(Obligation.rule, Obligation.period, column, *counted).where(where)
    merged: dict[tuple[int, str, date], tuple[int, int]] = {}
    for rule, period, at, count, sent in rows_of(query.group_by(Obligation.rule, Obligation.period, column)):
        day = beijing_date(at) if opening else cadences.due_day(at)
        before = merged.get((rule, period, day), (0, 0))
        merged[rule, period, day] = (before[0] + count, before[1] + count - sent)
    for (rule, period, day), (count, waiting) in merged.items():
        yield Event(
            day, kind, f"{kind}-{rule}-{period}-{day}", names[rule], period, f"/reports?until={period}", count, waiting
        )  # fmt: skip


def _returned(owed: Any, first: date, last: date, names: dict[int, str]) -> Iterator[Event]:
    query = owed.select(
        Obligation.rule, Obligation.period, Obligation.return_due_on, fn.COUNT(Obligation.id)
    ).where((Obligation.state == ObligationState.RETURNED) & Obligation.return_due_on.between(first, last))
    kind = EventKind.RETURNED
    for rule, period, day, count in rows_of(
        query.group_by(Obligation.rule, Obligation.period, Obligation.return_due_on)
    ):
        key = f"{kind}-{rule}-{period}-{day}"
        yield Event(day, kind, key, names[rule], period, f"/reports?until={period}", count, count)


def _single(actor: Actor, first: date, last: date, now: datetime) -> Iterator[Event]:
    """A unit's own reports, each on the days on which something happens to it."""
    touching = (
        Obligation.due_on.between(first, last)
        | _between(Obligation.opens_at, first, last)
        | _locking(first, last)
        | ((Obligation.state == ObligationState.RETURNED) & Obligation.return_due_on.between(first, last))
    )
    query = (
        obligations.visible_to(actor)
        .where((Obligation.state != ObligationState.WAIVED) & touching)
        .select(Obligation, ReportingRule, Unit)
        .join(ReportingRule)
        .switch(Obligation)
        .join(Unit)
    )
    rows = list(query)
    extended = _extensions_of([row.id for row in rows])
    several = len(actor.unit_ids) > 1
    for row in rows:
        whole = Event(
            row.due_on, EventKind.DUE, f"due-o{row.id}", row.rule.name, row.period, f"/reports/{row.id}",
            waiting=int(row.state in _NOT_IN), extended=int(row.id in extended),
            unit_name=row.unit.name if several else "", is_late=row.state in _NOT_IN and row.due_at <= now,
            version=row.schedule_version,
        )  # fmt: skip
        yield from (event for event in _days_of(row, whole) if first <= event.day <= last)


def _days_of(row: Obligation, due: Event) -> Iterator[Event]:
    yield due
    still_out = row.state in _NOT_IN
    if row.state is ObligationState.RETURNED and row.return_due_on:
        yield replace(
            due, day=row.return_due_on, kind=EventKind.RETURNED, key=f"returned-o{row.id}", waiting=1
        )
    if still_out:
        yield replace(due, day=beijing_date(row.opens_at), kind=EventKind.OPENS, key=f"opens-o{row.id}")
        yield replace(due, day=cadences.due_day(row.locked_at), kind=EventKind.LOCKS, key=f"locks-o{row.id}")


def _rule_names(actor: Actor) -> dict[int, str]:
    query = ReportingRule.select(ReportingRule.id, ReportingRule.name)
    return dict(rows_of(query.where(ReportingRule.programme == actor.programme_id)))


def _extended(actor: Actor, first: date, last: date) -> dict[tuple[int, str, date], int]:
    """(rule, period, due day) → reports whose day was put off on request."""
    columns = (Obligation.rule, Obligation.period, Obligation.due_on)
    query = (
        Extension.select(*columns, fn.COUNT(Extension.obligation.distinct()))
        .join(Obligation)
        .where(
            (Obligation.programme == actor.programme_id)
            & Obligation.due_on.between(first, last)
            & (Extension.granted == True)  # noqa: E712 -- a column
        )
    )
    return {(rule, period, day): count for rule, period, day, count in rows_of(query.group_by(*columns))}


def _extensions_of(ids: list[int]) -> set[int]:
    query = Extension.select(Extension.obligation).where(
        Extension.obligation.in_(ids) & (Extension.granted == True)  # noqa: E712 -- a column
    )
    return {row[0] for row in rows_of(query)} if ids else set()


def _task_counts(actor: Actor, first: date, last: date) -> Iterator[Event]:
    mine = (
        (Task.programme == actor.programme_id)
        & Task.due_on.between(first, last)
        & (Task.state == TaskState.OPEN)
    )
    query = Task.select(Task.due_on, fn.COUNT(Task.id)).where(mine).group_by(Task.due_on)
    for day, count in rows_of(query):
        yield Event(day, EventKind.TASK, f"task-{day}", "", "", "/tasks", count, count)


def _own_tasks(actor: Actor, first: date, last: date) -> Iterator[Event]:
    query = (
        Assignment.select(Assignment.task, Assignment.due_on, Task.title)
        .join(Task)
        .where(
            (Assignment.programme == actor.programme_id)
            & Assignment.unit.in_(sorted(actor.unit_ids))
            & Assignment.due_on.between(first, last)
            & (Assignment.task_state == TaskState.OPEN)
            & Assignment.state.not_in([AssignmentState.CANCELLED, AssignmentState.CLOSED])
        )
        .distinct()
    )
    for task_id, day, title in rows_of(query):
        yield Event(day, EventKind.TASK, f"task-t{task_id}", title, "", f"/tasks/{task_id}", waiting=1)


def _milestone_counts(actor: Actor, first: date, last: date) -> Iterator[Event]:
    """Day → how many milestones of all units fall on it, and how many of them are not done."""
    found = milestones.visible_to(actor).where(Milestone.due_on.between(first, last))
    query = found.select(Milestone.due_on, fn.COUNT(Milestone.id), fn.COUNT(Milestone.done_on))
    for day, count, done in rows_of(query.group_by(Milestone.due_on)):
        yield Event(
            day, EventKind.MILESTONE, f"milestone-{day}", "", "", "/work-plans", count, count - done
        )  # fmt: skip


def _own_milestones(actor: Actor, first: date, last: date) -> Iterator[Event]:
    found = milestones.visible_to(actor).where(Milestone.due_on.between(first, last))
    for row in found:
        link = f"/work-plans/{row.work_plan_id}#m{row.id}"
        yield Event(
            row.due_on, EventKind.MILESTONE, f"milestone-m{row.id}", row.title, "", link,
            waiting=int(row.done_on is None), version=row.filing_number,
        )  # fmt: skip
