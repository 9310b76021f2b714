"""The work plan: adopted from a reviewed notice (`adoption`), completed (`plan_figures`), issued to the units here.

Issuing expands every name at every task to links (a unit once in a task, lead wins: E-35) and makes what is owed.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from supervisor.bulk import insert_rows
from supervisor.clock import beijing_date
from supervisor.core import (
    audit,
    events,
    imported_rows,
    messages,
    obligations,
    plan_rules,
    robot_notices,
    rules_at_issue,
    tasks,
    units,
    work_plan_asking,
)
from supervisor.core.adoption import FULL_SHARE, adopt
from supervisor.core.calendar import load_calendar
from supervisor.core.people import heads_of, liaisons_of
from supervisor.core.permissions import Actor, Permission
from supervisor.core.programmes import settings_on
from supervisor.database import transactional
from supervisor.errors import NotFound, Obstacle, Refused, Stale
from supervisor.models import (
    Assignment,
    AssignmentState,
    GroupKind,
    GroupMember,
    LinkRole,
    MessageKind,
    Plan,
    PlanState,
    Programme,
    Task,
    TaskState,
    TaskToken,
    Unit,
    UnitGroup,
)
from supervisor.words import N_

__all__ = [
    "Check", "Extent", "TaskLinks", "adopt", "checks", "extent_of", "get", "issue", "plan_link", "preflight",
    "tasks_of",
]  # fmt: skip


def plan_link(plan: Plan, page: str = "") -> str:
    """Application path of a plan's page."""
    return f"/p/{plan.programme_id}/plans/{plan.id}{page}"


# Reads ------------------------------------------------------------------------------------------------------


def get(plan_id: int, programme: Programme) -> Plan:
    """A plan of the programme, or NotFound."""
    plan = Plan.get_or_none((Plan.id == plan_id) & (Plan.programme == programme))
    if plan is None:
        raise NotFound
    return plan


@dataclass(frozen=True)
class TaskLinks:
    """A task of the plan with its names, and the units it is or would be issued to."""

    task: Task
    tokens: tuple[TaskToken, ...]
    #: (unit id, role, group id or None), lead first, each unit once.
    links: tuple[tuple[int, LinkRole, int | None], ...]

    @property
    def is_undecided(self) -> bool:
        """D3: nobody leads and nobody has said that each answers for itself."""
        leads = any(role is LinkRole.LEAD for _unit, role, _group in self.links)
        return not leads and not self.task.standing and self.task.responsible_share != FULL_SHARE

    def named(self, role: LinkRole) -> str:
        """The names of one role as printed."""
        return "、".join(token.text for token in self.tokens if token.role is role)


def tasks_of(plan: Plan) -> list[TaskLinks]:
    """The plan's tasks with names and links, in the order of the notice; three queries."""
    found = list(Task.select().where(Task.plan == plan).order_by(Task.sort, Task.id))
    tokens: dict[int, list[TaskToken]] = {task.id: [] for task in found}
    query = (
        TaskToken.select(TaskToken)
        .join(Task)
        .where(Task.plan == plan)
        .order_by(TaskToken.role, TaskToken.sort)  # "lead" sorts before "responsible"
    )
    for token in query:
        tokens[token.task_id].append(token)
    members = _group_members({t.group_id for some in tokens.values() for t in some if t.group_id})
    return [
        TaskLinks(task, tuple(tokens[task.id]), tuple(_expand(tokens[task.id], members))) for task in found
    ]


def _group_members(group_ids: set[int]) -> dict[int, list[int]]:
    members: dict[int, list[int]] = {group_id: [] for group_id in group_ids}
    query = GroupMember.select().where(GroupMember.group.in_(sorted(group_ids))).order_by(GroupMember.sort)
    for member in query:
        members[member.group_id].append(member.unit_id)
    return members


def _expand(
    tokens: Sequence[TaskToken], members: dict[int, list[int]]
) -> list[tuple[int, LinkRole, int | None]]:
    """Names → units: a collective to its members, a unit once in a task, lead first (E-35)."""
    links: dict[int, tuple[int, LinkRole, int | None]] = {}
    for token in sorted(tokens, key=lambda token: token.role is not LinkRole.LEAD):
        if token.unit_id is not None:
            links.setdefault(token.unit_id, (token.unit_id, token.role, None))
        for unit_id in members.get(token.group_id or 0, []):
            links.setdefault(unit_id, (unit_id, token.role, token.group_id))
    return list(links.values())


# Issuing ----------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Check:
    """A line of the list before issue; `grave` stops the issue."""

    obstacle: Obstacle
    grave: bool


def _live(plan: Plan) -> list[TaskLinks]:
    return [row for row in tasks_of(plan) if row.task.state is not TaskState.CANCELLED]


def checks(plan: Plan, found: Sequence[TaskLinks], *, now: datetime) -> list[Check]:
    """What to look at before issue, grave things first; `found` are the plan's tasks."""
    rows = [row for row in found if row.task.state is not TaskState.CANCELLED]
    listed = [*_task_checks(plan, rows), *_group_checks(plan, rows)]
    done = imported_rows.closed_lines(plan)
    if completed := sum(row.task.source_line in done for row in rows):
        text = N_(
            "%(count)s tasks are completed according to the imported ledger: they are issued as completed, "
            "and nobody reports on them.",
            count=completed,
        )
        listed.append(Check(Obstacle(text, plan_link(plan)), grave=False))
    for proposal in plan_rules.proposals(plan.programme_id, plan).values():
        text = N_(
            "The reporting rule “%(rule)s” stays a proposal and nobody will owe it: %(why)s.",
            rule=proposal.rule.name,
            why=proposal.words,
        )
        link = f"/p/{plan.programme_id}/rules/{proposal.rule.id}"
        listed.append(Check(Obstacle(text, link), grave=False))
    asked = rules_at_issue.rules_at_issue(plan, links_in(rows), now=now)
    listed += [Check(one, grave=False) for one in rules_at_issue.reaching_nobody(asked)]
    day = beijing_date(now)
    terms = settings_on(plan.programme_id, day)
    listed += [Check(one, grave=False) for one in rules_at_issue.plan_asked_twice(asked, terms)]
    linked = sorted({unit_id for row in rows for unit_id, _role, _group in row.links})
    reached = liaisons_of(linked, plan.programme_id, day)
    silent = len([unit_id for unit_id in linked if unit_id not in reached])
    if silent:
        text = N_(
            "%(count)s units have no liaison officer yet; their heads will be reminded instead.", count=silent
        )
        listed.append(Check(Obstacle(text, f"/p/{plan.programme_id}/people"), grave=False))
    if not load_calendar().is_confirmed(day):
        text = N_("The working calendar of %(year)s is provisional.", year=day.year)
        listed.append(Check(Obstacle(text), grave=False))
    return sorted(listed, key=lambda check: not check.grave)


def _task_checks(plan: Plan, rows: Sequence[TaskLinks]) -> list[Check]:
    if not rows:
        return [Check(Obstacle(N_("The plan has no task."), plan_link(plan)), grave=True)]
    found = []
    for row in rows:
        link = plan_link(plan, f"/tasks/{row.task.id}")
        if not row.links:
            found.append(
                Check(Obstacle(N_("“%(task)s” reaches no unit.", task=row.task.title), link), grave=True)
            )
        elif row.is_undecided:
            text = N_(
                "“%(task)s” names no lead unit: name one, or confirm that each answers for itself.",
                task=row.task.title,
            )
            found.append(Check(Obstacle(text, link), grave=True))
    undated = [row for row in rows if row.task.due_on is None and not row.task.standing]
    if undated:
        text = N_(
            "%(count)s tasks have no due date; their planned progress cannot be told.", count=len(undated)
        )
        found.append(Check(Obstacle(text, plan_link(plan)), grave=False))
    return found


def _group_checks(plan: Plan, rows: Sequence[TaskLinks]) -> list[Check]:
    found = []
    register = f"/p/{plan.programme_id}/units"
    used = {token.group_id for row in rows for token in row.tokens if token.group_id}
    for group in UnitGroup.select().where(UnitGroup.id.in_(sorted(used)) & UnitGroup.confirmed_at.is_null()):
        text = N_("Nobody has confirmed who belongs to %(name)s.", name=group.name)
        found.append(Check(Obstacle(text, f"{register}/groups/{group.id}"), grave=True))
    lost = sorted({t.text for row in rows for t in row.tokens if t.unit_id is None and t.group_id is None})
    for name in lost:
        text = N_("“%(name)s” is neither a unit of the register nor a collective name.", name=name)
        found.append(Check(Obstacle(text, register), grave=True))
    placed = {
        unit.id for _group, members in units.assessment_groups_of(plan.programme_id) for unit in members
    }
    linked = {unit_id for row in rows for unit_id, _role, _group in row.links}
    alone = len(linked - placed)
    if alone:
        text = N_("%(count)s units stand in no assessment group.", count=alone)
        found.append(Check(Obstacle(text, f"{register}/assessment"), grave=False))
    unconfirmed = UnitGroup.select().where(
        (UnitGroup.programme == plan.programme_id)
        & (UnitGroup.kind == GroupKind.ASSESSMENT)
        & UnitGroup.confirmed_at.is_null()
    )
    if unconfirmed.exists():
        text = N_("The assessment groups are proposed, not confirmed.")
        found.append(Check(Obstacle(text, f"{register}/assessment"), grave=False))
    return found


def preflight(plan: Plan, found: Sequence[TaskLinks], *, now: datetime) -> list[Obstacle]:
    """What stops the issue, each with its place; `found` are the plan's tasks."""
    return [check.obstacle for check in checks(plan, found, now=now) if check.grave]


@dataclass(frozen=True)
class Extent:
    """What issuing a plan makes: shown before it is confirmed, and checked by it."""

    tasks: int
    leads: int
    responsible: int
    units: int

    @property
    def links(self) -> int:
        """Links in all."""
        return self.leads + self.responsible


def links_in(rows: Sequence[TaskLinks]) -> list[tuple[int, LinkRole]]:
    """Unit and role of every link that issuing these tasks makes."""
    live = [row for row in rows if row.task.state is not TaskState.CANCELLED]
    return [(unit_id, role) for row in live for unit_id, role, _group in row.links]


def extent_of(rows: Sequence[TaskLinks]) -> Extent:
    """The size of what these tasks are issued to."""
    tasks = sum(row.task.state is not TaskState.CANCELLED for row in rows)
    links = links_in(rows)
    leads = sum(role is LinkRole.LEAD for _unit, role in links)
    return Extent(tasks, leads, len(links) - leads, len({unit_id for unit_id, _role in links}))


@transactional
def issue(plan: Plan, *, by: Actor, now: datetime) -> Extent:
    """Issue a plan: links, obligations, and a message to every unit's liaison and head.

    Raises:
        Refused: a grave check is open.
        Stale: it was issued meanwhile.
    """
    by.require(Permission.PLAN_ISSUE)
    mine = (Plan.id == plan.id) & (Plan.state == PlanState.DRAFT)
    values = {
        "state": PlanState.ISSUED,
        "issued_at": now,
        "issued_by": by.user_id,
        "version": Plan.version + 1,
    }
    if not Plan.update(**values).where(mine).execute():
        raise Stale([("state", PlanState.ISSUED.value)], [("state", PlanState.ISSUED.value)])
    rows = _live(plan)
    obstacles = preflight(plan, rows, now=now)
    if obstacles:
        raise Refused(N_("The plan cannot be issued yet."), obstacles)
    _link(rows, plan)
    Task.update(state=TaskState.OPEN, version=Task.version + 1).where(
        (Task.plan == plan) & (Task.state == TaskState.DRAFT)
    ).execute()
    if not plan_rules.progress_rules(plan.programme_id).exists():
        plan_rules.monthly_report(plan).save(force_insert=True)
    tasks.refresh([row.task.id for row in rows], now)
    owed = obligations.generate(plan.programme_id, now=now)
    work_plan_asking.ask(plan.programme_id, now=now)
    _tell(rows, plan, now)
    extent = extent_of(rows)
    after = {"tasks": extent.tasks, "links": extent.links, "units": extent.units, "obligations": owed}
    audit.record(
        by, "plan.issue", plan, now=now, before={"state": "draft"}, after={"state": "issued", **after}
    )
    return extent


def _link(rows: Sequence[TaskLinks], plan: Plan) -> None:
    done = imported_rows.closed_lines(plan)
    links = [
        {
            "task": row.task.id,
            "programme": plan.programme_id,
            "unit": unit_id,
            "role": role,
            "group": group_id,
            "share": row.task.lead_share if role is LinkRole.LEAD else row.task.responsible_share,
            "task_state": TaskState.OPEN,
            "due_on": row.task.due_on,
            "state": AssignmentState.CLOSED if row.task.source_line in done else AssignmentState.ISSUED,
            "closed_on": done.get(row.task.source_line or 0),
        }
        for row in rows
        for unit_id, role, group_id in row.links
    ]
    insert_rows(Assignment, links)


def _tell(rows: Sequence[TaskLinks], plan: Plan, now: datetime) -> None:
    """Tell each unit's liaison and head what was issued to it (D13); what is completed asks nothing of it."""
    day = beijing_date(now)
    done = imported_rows.closed_lines(plan)
    counts: dict[int, list[int]] = {}
    for row in rows:
        for unit_id, role, _group in row.links if row.task.source_line not in done else ():
            counts.setdefault(unit_id, [0, 0])[role is not LinkRole.LEAD] += 1
    liaisons = liaisons_of(counts, plan.programme_id, day)
    heads = heads_of(counts, plan.programme_id, day)
    for unit in Unit.select().where(Unit.id.in_(sorted(counts))):
        leads, responsible = counts[unit.id]
        messages.notify(
            event=events.PLAN_ISSUED,
            key=f"issued:{plan.id}:{unit.id}",
            to=[*liaisons.get(unit.id, []), *heads.get(unit.id, [])],
            fields={"plan": plan.title, "unit": unit.name, "leads": leads, "others": responsible},
            link=f"/p/{plan.programme_id}/tasks",
            programme_id=plan.programme_id,
            unit_id=unit.id,
            about=plan.id,
            now=now,
        )
    robot_notices.announce(
        plan.programme_id,
        MessageKind.ISSUED,
        f"issued:{plan.id}",
        N_("“%(plan)s” was issued: tasks for %(units)s units", plan=plan.title, units=len(counts)),
        [
            N_(
                "Please sign for them. What is to be reported, and when, stands under Reports and in the calendar."
            )
        ],
        f"/p/{plan.programme_id}/tasks",
        now,
    )
