"""What the office adds to a plan: due dates, quarterly planned progress, quantities per unit (D6, local settings)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from peewee import fn

from supervisor.clock import beijing_date
from supervisor.core import audit, quantities, tasks
from supervisor.core.adoption import FULL_SHARE, HALF_SHARE
from supervisor.core.corrections import ledger_of
from supervisor.core.draft_ledger import Ledger
from supervisor.core.draft_rows import LedgerTarget
from supervisor.core.periods import Period, PeriodKind, periods_between
from supervisor.core.permissions import Actor, Permission
from supervisor.core.plans import TaskLinks, tasks_of
from supervisor.core.units import known_names, name_key
from supervisor.database import transactional
from supervisor.errors import Invalid, NotFound, Refused, Stale
from supervisor.intake.sums import Quantity, sums_of
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
from supervisor.models.base import rows_of
from supervisor.words import N_, Sentence

#: Nobody plans farther ahead than this, quarters.
MOST_QUARTERS = 24


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
    known = known_names(task.plan.programme.jurisdiction_id, beijing_date(now))
    unit_id = known.get(name_key(lead)) if lead.strip() else None
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
    #: The task in whose text it stands, by its line; None = none.
    task_line: int | None = None
    #: The parts that the notice splits a total into, as printed.
    parts: tuple[str, ...] = ()
    #: The total less its parts; None = no total of a split paragraph.
    difference: int | None = None
    #: Whether it is a part of such a total.
    is_part: bool = False

    @property
    def is_incomplete(self) -> bool:
        """A total beside split ones that is not split itself: incomplete, not wrong (E-69)."""
        return self.difference is not None and not self.parts


def notice_targets(plan: Plan) -> list[NoticeTarget]:
    """The quantities of the plan's notice that are whole numbers, with the check of their sums (C31)."""
    if plan.document_id is None:
        return []
    ledger = ledger_of(Document.get_by_id(plan.document_id))
    rows = [row for row in ledger.targets if not row.dropped]
    figures = [Quantity(row.text, row.value, row.measure, row.verb, row.due_on, row.line) for row in rows]
    totals = {id(one.total): one for one in sums_of(figures)}
    parts = {id(part) for one in totals.values() for part in one.parts}
    found = []
    for row, figure in zip(rows, figures, strict=True):
        if (said := quantities.stated(row.text, row.value, row.measure)) is None:
            continue
        total = totals.get(id(figure))
        found.append(
            NoticeTarget(
                *said,
                row.text,
                row.due_on,
                row.line,
                _task_line(ledger, row),
                tuple(part.text for part in total.parts) if total else (),
                int(total.difference) if total else None,
                id(figure) in parts,
            )
        )
    return found


def _task_line(ledger: Ledger, row: LedgerTarget) -> int | None:
    at = row.spans[0][0] if row.spans else -1
    inside = (task.line for task in ledger.live if any(start <= at < end for start, end in task.spans))
    return next(inside, None)


def wanted_by(stated: Sequence[NoticeTarget]) -> dict[str, int]:
    """Measure → what the notice wants of it in all: its total where it is split, else its one figure.

    Several figures of one measure without a total say nothing of all together, and are left out.
    """
    found: dict[str, int] = {}
    for measure in dict.fromkeys(target.measure for target in stated):
        of = [target for target in stated if target.measure == measure]
        values = {t.value for t in of if t.difference is not None} or {t.value for t in of}
        if len(values) == 1:
            found[measure] = values.pop()
    return found


@dataclass(frozen=True)
class Measure:
    """One measure of a task: its target by unit, their sum, and what the notice wants in all."""

    name: str
    targets: Mapping[int, int]
    wanted: int | None
    #: Shared out at other tasks, where the notice wants it of all tasks together.
    elsewhere: int = 0

    @property
    def total(self) -> int:
        """Sum of the units' targets."""
        return sum(self.targets.values())

    @property
    def missing(self) -> int:
        """How much of the notice's quantity nobody has been given; negative = too much."""
        return 0 if self.wanted is None else self.wanted - self.total - self.elsewhere


def measures_of(task: Task, stated: Sequence[NoticeTarget]) -> list[Measure]:
    """The task's measures by name; two queries."""
    mine: dict[str, dict[int, int]] = {}
    for row in QuantityTarget.select().where(QuantityTarget.task == task).order_by(QuantityTarget.id):
        mine.setdefault(row.measure, {})[row.unit_id] = row.target
    shared = shared_out(task.plan_id, list(mine))
    return _measures(mine, stated, task.source_line, shared)


def measures_in(plan: Plan, stated: Sequence[NoticeTarget]) -> dict[int, list[Measure]]:
    """Task id → its measures, for the plan's page; two queries."""
    found: dict[int, dict[str, dict[int, int]]] = {}
    lines: dict[int, int | None] = {}
    columns = (QuantityTarget.task, QuantityTarget.measure, QuantityTarget.unit, QuantityTarget.target)
    query = QuantityTarget.select(*columns, Task.source_line).join(Task).where(Task.plan == plan)
    for task_id, measure, unit_id, target, line in rows_of(query.order_by(QuantityTarget.id)):
        found.setdefault(task_id, {}).setdefault(measure, {})[unit_id] = target
        lines[task_id] = line
    shared = shared_out(plan.id)
    return {task_id: _measures(mine, stated, lines[task_id], shared) for task_id, mine in found.items()}


def shared_out(plan_id: int, measures: Sequence[str] | None = None) -> dict[str, int]:
    """Measure → what the plan's tasks have been given of it together."""
    query = QuantityTarget.select(QuantityTarget.measure, fn.SUM(QuantityTarget.target)).join(Task)
    mine = Task.plan == plan_id
    if measures is not None:
        mine &= QuantityTarget.measure.in_(measures)
    return {name: int(total) for name, total in rows_of(query.where(mine).group_by(QuantityTarget.measure))}


def _measures(
    mine: Mapping[str, Mapping[int, int]],
    stated: Sequence[NoticeTarget],
    line: int | None,
    shared: Mapping[str, int],
) -> list[Measure]:
    """What stands in a task's own text is wanted of it alone; the rest of all tasks together."""
    own = wanted_by([target for target in stated if line is not None and target.task_line == line])
    general = wanted_by([target for target in stated if target.task_line is None])
    found = []
    for name, targets in mine.items():
        if name in own:
            found.append(Measure(name, targets, own[name]))
        else:
            others = shared.get(name, 0) - sum(targets.values())
            found.append(Measure(name, targets, general.get(name), others if name in general else 0))
    return found


@dataclass(frozen=True)
class ShownTarget:
    """A quantity of the notice on the plan's page: what of it is shared out, and the task it stands in."""

    stated: NoticeTarget
    #: Shared out to units; None = it is a part of a total, which is shared out itself.
    shared: int | None
    task: Task | None


def shown_targets(
    plan: Plan, stated: Sequence[NoticeTarget], rows: Sequence[TaskLinks], *, most: int = 100
) -> list[ShownTarget]:
    """The first quantities of the notice, each with what the plan's units have been given of it; two queries."""
    shown = stated[:most]
    tasks_at = {row.task.source_line: row.task for row in rows if row.task.source_line is not None}
    lines = {one.task_line for one in shown if one.task_line is not None}
    inside = {line: tasks_at[line] for line in lines if line in tasks_at}
    general, own = shared_out(plan.id), _shared_at([task.id for task in inside.values()])
    found = []
    for one in shown:
        task = inside.get(one.task_line) if one.task_line is not None else None
        given = own.get((task.id, one.measure), 0) if task else general.get(one.measure, 0)
        found.append(ShownTarget(one, None if one.is_part else given, task))
    return found


def _shared_at(task_ids: Sequence[int]) -> dict[tuple[int, str], int]:
    total = fn.SUM(QuantityTarget.target)
    query = QuantityTarget.select(QuantityTarget.task, QuantityTarget.measure, total)
    mine = query.where(QuantityTarget.task.in_(task_ids))
    rows = rows_of(mine.group_by(QuantityTarget.task, QuantityTarget.measure))
    return {(task_id, measure): int(sum_) for task_id, measure, sum_ in rows}


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


def default_due(plan: Plan, stated: Sequence[NoticeTarget]) -> date:
    """The date proposed for tasks without one: the notice's own horizon, else the end of its year."""
    dues = [target.due for target in stated if target.due]
    return min(dues, default=Period.parse(str(plan.effective_on.year)).end)
