"""What the office adds to a plan: due dates, quarterly planned progress, quantities per unit (D6, local settings)."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from supervisor.core import audit, tasks
from supervisor.core.adoption import FULL_SHARE, HALF_SHARE
from supervisor.core.corrections import ledger_of
from supervisor.core.periods import Period, PeriodKind, periods_between
from supervisor.core.permissions import Actor, Permission
from supervisor.core.plans import TaskLinks, tasks_of
from supervisor.core.units import known_names, name_key
from supervisor.database import transactional
from supervisor.errors import Invalid, NotFound, Refused, Stale
from supervisor.models import (
    Document,
    LinkRole,
    Plan,
    PlanState,
    QuantityTarget,
    Task,
    TaskState,
    TaskToken,
    Unit,
)
from supervisor.words import N_, Sentence

#: Nobody plans farther ahead than this, quarters.
MOST_QUARTERS = 24
_COUNTER = re.compile(
    r"万平方米|平方米|平方公里|公里|万户|万人|万台|万个|亩|个|户|处|栋|座|条|项|套|家|台|部|次|件|名|人|份|间|所|米|吨"
)


@dataclass(frozen=True)
class Quarter:
    """A quarter in a task's plan: what was set, and what would follow from a straight line."""

    key: str
    planned: int | None
    linear: int | None


def quarters_of(task: Task, plan: Plan) -> list[Quarter]:
    """The quarters from the plan's beginning to the task's due date; none without a due date."""
    if task.due_on is None or task.due_on < plan.effective_on:
        return []
    found: list[Quarter] = []
    start = tasks.start_of(plan.issued_at, plan.effective_on)
    for period in list(periods_between(PeriodKind.QUARTER, plan.effective_on, task.due_on))[:MOST_QUARTERS]:
        linear = tasks.planned_on({}, start, task.due_on, period.end)
        found.append(Quarter(period.key, task.planned.get(period.key), linear))
    return found


def get_task(task_id: int, plan: Plan) -> TaskLinks:
    """A task of the plan with its names and links, or NotFound."""
    row = next((row for row in tasks_of(plan) if row.task.id == task_id), None)
    if row is None:
        raise NotFound
    return row


@transactional
def set_figures(
    task: Task,
    *,
    due_on: date | None,
    planned: Mapping[str, int],
    seen: int,
    by: Actor,
    now: datetime,
    from_notice: bool = False,
) -> None:
    """Set a task's due date and planned progress before its plan is issued; afterwards `tasks.change` does (D7).

    `from_notice`: a notice issued again prints the new due date.

    Raises:
        Invalid: a percentage outside 0–100, one that falls, or a due date before the plan begins.
        Refused: the plan is issued. Stale: somebody saved the task meanwhile.
    """
    by.require(Permission.PLAN_EDIT)
    _refuse_issued(task.plan)
    wrong = _wrong(task.plan, due_on, planned)
    if wrong:
        raise Invalid(N_("Please mend what is marked below. Nothing you typed is lost."), wrong)
    before, after = audit.changes(task, due_on=due_on, planned=dict(planned))
    if not after:
        return
    printed = from_notice or (task.due_from_notice and "due_on" not in after)
    values = {**after, "due_from_notice": printed, "version": Task.version + 1}
    if not Task.update(**values).where((Task.id == task.id) & (Task.version == seen)).execute():
        present = Task.get_by_id(task.id)
        raise Stale(_pairs(present.due_on, present.planned), _pairs(due_on, planned))
    audit.record(by, "task.plan", task, now=now, before=before, after=after)


def _wrong(plan: Plan, due_on: date | None, planned: Mapping[str, int]) -> dict[str, Sentence]:
    wrong: dict[str, Sentence] = {}
    if due_on is not None and due_on < plan.effective_on:
        wrong["due_on"] = N_("The due date lies before the date of the notice.")
    last = 0
    for key in sorted(planned):
        if not 0 <= planned[key] <= 100:
            wrong[key] = N_("A whole number from %(least)s to %(most)s.", least=0, most=100)
        elif planned[key] < last:
            wrong[key] = N_("Planned progress does not fall from one quarter to the next.")
        last = max(last, planned[key])
    return wrong


def _pairs(due_on: date | None, planned: Mapping[str, int]) -> list[tuple[str, str]]:
    return [
        (N_("Due date").msgid, str(due_on or "")),
        *((key, f"{planned[key]}%") for key in sorted(planned)),
    ]


@transactional
def date_the_undated(plan: Plan, due_on: date, *, by: Actor, now: datetime) -> int:
    """Give every task without a due date this one; returns how many."""
    by.require(Permission.PLAN_EDIT)
    _refuse_issued(plan)
    wrong = _wrong(plan, due_on, {})
    if wrong:
        raise Invalid(wrong["due_on"], wrong)
    undated = (Task.plan == plan) & Task.due_on.is_null() & ~Task.standing & (Task.state == TaskState.DRAFT)
    count = int(Task.update(due_on=due_on, version=Task.version + 1).where(undated).execute())
    if count:
        audit.record(by, "plan.date_tasks", plan, now=now, after={"due_on": due_on, "tasks": count})
    return count


@transactional
def decide_lead(task: Task, lead: str, *, each_answers: bool, by: Actor, now: datetime) -> None:
    """Settle a task without lead unit: name one of the register, or confirm that each answers for itself (D3)."""
    by.require(Permission.PLAN_EDIT)
    _refuse_issued(task.plan)
    if each_answers:
        Task.update(responsible_share=FULL_SHARE, version=Task.version + 1).where(
            Task.id == task.id
        ).execute()
        audit.record(by, "task.each_answers", task, now=now, after={"responsible_share": FULL_SHARE})
        return
    unit_id = known_names(task.plan.programme.jurisdiction_id).get(name_key(lead)) if lead.strip() else None
    if unit_id is None:
        wrong = N_("Name a unit of the register, or confirm that each answers for itself.")
        raise Invalid(wrong, {"lead": wrong})
    TaskToken.delete().where((TaskToken.task == task) & (TaskToken.unit == unit_id)).execute()
    TaskToken.create(task=task, role=LinkRole.LEAD, text=lead.strip(), unit=unit_id)
    Task.update(responsible_share=HALF_SHARE, version=Task.version + 1).where(Task.id == task.id).execute()
    audit.record(by, "task.name_lead", task, now=now, after={"lead": lead.strip()})


def _refuse_issued(plan: Plan) -> None:
    if plan.state is not PlanState.DRAFT:
        raise Refused(
            N_("The plan is issued; from here on changes are made on the task's page, with a reason.")
        )


# Quantities -------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class NoticeTarget:
    """A quantity that the notice itself states, with the name under which it is shared out."""

    measure: str
    value: int
    text: str
    due: date | None
    line: int | None


def notice_targets(plan: Plan) -> list[NoticeTarget]:
    """Whole quantities of the plan's notice."""
    if plan.document_id is None:
        return []
    ledger = ledger_of(Document.get_by_id(plan.document_id))
    return [
        NoticeTarget(measure_name(target.text), int(target.value), target.text, target.due_on, target.line)
        for target in ledger.targets
        if target.value == int(target.value) and not target.dropped
    ]


def measure_name(text: str) -> str:
    """300个老旧小区改造 as a measure: 老旧小区改造（个）."""
    rest = re.sub(r"^\D*[\d,.]+\s*", "", text)
    counter = _COUNTER.match(rest)
    if counter is None:
        return rest[:80]
    return f"{rest[counter.end() :] or '数量'}（{counter.group()}）"[:80]


@dataclass(frozen=True)
class Measure:
    """One measure of a task: its target by unit, their sum, and what the notice wants in all."""

    name: str
    targets: Mapping[int, int]
    wanted: int | None

    @property
    def total(self) -> int:
        """Sum of the units' targets."""
        return sum(self.targets.values())

    @property
    def missing(self) -> int:
        """How much of the notice's quantity nobody has been given; negative = too much."""
        return 0 if self.wanted is None else self.wanted - self.total


def measures_of(task: Task, stated: Sequence[NoticeTarget]) -> list[Measure]:
    """The task's measures by name."""
    wanted = {target.measure: target.value for target in stated}
    found: dict[str, dict[int, int]] = {}
    for row in QuantityTarget.select().where(QuantityTarget.task == task).order_by(QuantityTarget.id):
        found.setdefault(row.measure, {})[row.unit_id] = row.target
    return [Measure(name, targets, wanted.get(name)) for name, targets in found.items()]


def measures_in(plan: Plan) -> dict[int, list[Measure]]:
    """Task id → its measures, for the plan's page; two queries."""
    stated = {target.measure: target.value for target in notice_targets(plan)}
    found: dict[int, dict[str, dict[int, int]]] = {}
    query = QuantityTarget.select().join(Task).where(Task.plan == plan).order_by(QuantityTarget.id)
    for row in query:
        found.setdefault(row.task_id, {}).setdefault(row.measure, {})[row.unit_id] = row.target
    return {
        task_id: [Measure(name, targets, stated.get(name)) for name, targets in measures.items()]
        for task_id, measures in found.items()
    }


@transactional
def set_targets(
    row: TaskLinks, measure: str, targets: Mapping[int, int], *, by: Actor, now: datetime
) -> None:
    """Share a quantity out to units of the task; a unit without a number gets none.

    What a unit has already delivered stays. Raises Invalid for a negative number, a unit outside the task or
    no name.
    """
    by.require(Permission.PLAN_EDIT)
    measure = measure.strip()
    wrong: dict[str, Sentence] = {}
    if not measure or len(measure) > 80:
        wrong["measure"] = N_("Say what is counted, in at most 80 characters, for example 改造小区（个）.")
    linked = {unit_id for unit_id, _role, _group in row.links}
    for unit_id, value in targets.items():
        if value < 0 or unit_id not in linked:
            wrong[f"unit-{unit_id}"] = N_("A whole number that is not negative.")
    if wrong:
        raise Invalid(N_("Please mend what is marked below. Nothing you typed is lost."), wrong)
    mine = (QuantityTarget.task == row.task) & (QuantityTarget.measure == measure)
    before: dict[str, object] = {str(old.unit_id): old.target for old in QuantityTarget.select().where(mine)}
    QuantityTarget.delete().where(mine & QuantityTarget.unit.not_in(list(targets))).execute()
    for unit_id, value in targets.items():
        if not QuantityTarget.update(target=value).where(mine & (QuantityTarget.unit == unit_id)).execute():
            QuantityTarget.create(task=row.task, unit=unit_id, measure=measure, target=value)
    after: dict[str, object] = {str(unit_id): value for unit_id, value in targets.items()}
    before["measure"] = after["measure"] = measure
    audit.record(by, "task.targets", row.task, now=now, before=before, after=after)


def units_in(row: TaskLinks) -> list[tuple[Unit, LinkRole]]:
    """The units of a task in roster order within lead and responsible."""
    roles = {unit_id: role for unit_id, role, _group in row.links}
    found = Unit.select().where(Unit.id.in_(list(roles))).order_by(Unit.sort, Unit.id)
    return sorted(((unit, roles[unit.id]) for unit in found), key=lambda pair: pair[1] is not LinkRole.LEAD)


def default_due(plan: Plan) -> date:
    """The date proposed for tasks without one: the notice's own horizon, else the end of its year."""
    dues = [target.due for target in notice_targets(plan) if target.due]
    return min(dues, default=Period.parse(str(plan.effective_on.year)).end)
