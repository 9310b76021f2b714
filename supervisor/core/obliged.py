"""Who owes what a rule asks for, from which day to which: units with tasks, lead units, or those that a rule names."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Any

from peewee import fn

from supervisor.core import imported_rows
from supervisor.models import (
    Assignment,
    AssignmentState,
    GroupMember,
    LinkMark,
    LinkRole,
    Obligation,
    Obliged,
    Plan,
    PlanState,
    ReportingRule,
    RuleKind,
    RuleParty,
    Suspension,
    Task,
    TaskState,
)
from supervisor.models.base import rows_of


@dataclass(frozen=True)
class Link:
    """A link as generating needs it: who answers for what, from which day to which.

    Without a task for a unit that a rule names.
    """

    unit_id: int
    start: date
    closed_on: date | None
    issued_at: datetime
    assignment_id: int = 0
    task_id: int = 0
    sort: int = 0
    leads: bool = False
    plan_id: int = 0
    standing: bool = False
    #: Day from which no deadline binds any more, because a condition does not hold (E-57).
    lapsed_on: date | None = None
    #: Past suspensions: from a day on, until the day it was resumed. Nothing due in one is owed.
    pauses: tuple[tuple[date, date], ...] = ()

    def is_paused(self, due_on: date) -> bool:
        """Whether the link was suspended on a due day."""
        return any(begin <= due_on < end for begin, end in self.pauses)


def asks_progress() -> Any:
    """A condition on obligations: those that ask for progress on tasks. Scores and the monthly matrix count these."""
    rules = ReportingRule.select(ReportingRule.id).where(ReportingRule.kind == RuleKind.PROGRESS)
    return Obligation.rule.in_(rules)


def links_of(programme_id: int) -> list[Link]:
    """The programme's links that ask for reports, in the order of its tasks."""
    query = (
        Assignment.select(
            Assignment.unit,
            Assignment.joined_on,
            Plan.effective_on,
            # A responsible link never closes by itself (D2): it ends with its task.
            fn.COALESCE(Assignment.closed_on, Task.closed_on),
            Plan.issued_at,
            Assignment.id,
            Assignment.task,
            Task.sort,
            Assignment.role,
            Task.plan,
            Task.standing,
        )
        .join(Task)
        .join(Plan)
        .where(
            # By the plan: asked for the links' programme, PostgreSQL takes its index on it, wrongly, before a
            # large new plan has statistics.
            (Plan.programme == programme_id)
            & (Assignment.state != AssignmentState.CANCELLED)
            & ~imported_rows.was_done()
            & (Assignment.suspended == False)  # noqa: E712 -- a column, not a bool
            & (Plan.state == PlanState.ISSUED)
            & Task.state.in_([TaskState.OPEN, TaskState.CLOSED])
        )
        .order_by(Task.sort, Assignment.id)
    )
    pauses = _pauses(programme_id)
    return [
        Link(
            unit, max(joined, effective) if joined else effective, closed, issued, key, task, sort,
            role is LinkRole.LEAD, plan, standing, pauses=pauses.get(key, ()),
        )
        for unit, joined, effective, closed, issued, key, task, sort, role, plan, standing in rows_of(query)
    ]  # fmt: skip


def _pauses(programme_id: int) -> dict[int, tuple[tuple[date, date], ...]]:
    """Link → its suspensions that are over."""
    over = Suspension.select(Suspension.assignment, Suspension.from_on, Suspension.resumed_on).where(
        (Suspension.programme == programme_id) & Suspension.resumed_on.is_null(is_null=False)
    )
    found: dict[int, tuple[tuple[date, date], ...]] = {}
    for key, begin, end in rows_of(over.order_by(Suspension.id)):
        found[key] = (*found.get(key, ()), (begin, end))
    return found


def parties_of(rule: ReportingRule, links: list[Link]) -> list[Link]:
    """The links by which units owe what a rule asks for, each no longer than the unit is obliged."""
    if rule.condition:
        links = _marked(rule.condition, links)
    if rule.obliged is Obliged.LEADING:
        links = [link for link in links if link.leads]
    if rule.obliged is not Obliged.NAMED:
        return links
    found: list[Link] = []
    issued_at = min((link.issued_at for link in links), default=None)
    for unit_id, begin, end in _named(rule):
        own = [link for link in links if link.unit_id == unit_id]
        if rule.kind is not RuleKind.PROGRESS and not rule.condition and issued_at is not None:
            own = [Link(unit_id, rule.valid_from, None, issued_at)]
        found += [
            replace(link, start=max(link.start, begin or link.start), closed_on=_earlier(link.closed_on, end))
            for link in own
        ]
    return found


def _named(rule: ReportingRule) -> Iterator[tuple[int, date | None, date | None]]:
    """Units that a rule names itself or through a group, with the days of both memberships."""
    parties = list(RuleParty.select().where(RuleParty.rule == rule).order_by(RuleParty.sort, RuleParty.id))
    members: dict[int, list[GroupMember]] = {}
    groups = [party.group_id for party in parties if party.group_id]
    for member in GroupMember.select().where(GroupMember.group.in_(groups)).order_by(GroupMember.sort):
        members.setdefault(member.group_id, []).append(member)
    for party in parties:
        if party.unit_id is not None:
            yield party.unit_id, party.valid_from, party.valid_to
        for member in members.get(party.group_id or 0, ()):
            begins = [day for day in (party.valid_from, member.valid_from) if day]
            yield member.unit_id, max(begins, default=None), _earlier(party.valid_to, member.valid_to)


def _marked(name: str, links: list[Link]) -> list[Link]:
    """The links that bear a mark, each from the day it was set; it must hold when a deadline comes (E-57)."""
    of = {link.assignment_id: link for link in links}
    marks = LinkMark.select().where((LinkMark.name == name) & LinkMark.assignment.in_(list(of)))
    return [
        replace(
            of[mark.assignment_id],
            start=max(of[mark.assignment_id].start, mark.set_on),
            lapsed_on=mark.cleared_on,
        )
        for mark in marks.order_by(LinkMark.id)
    ]


def _earlier(one: date | None, two: date | None) -> date | None:
    return min(one, two) if one and two else one or two
