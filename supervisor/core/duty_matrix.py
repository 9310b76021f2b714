"""Who does what: units beside the entries of the plan, with role verb and state of each (C05, E-36).

An entry is a task or a standing duty. Its clauses keep the verbs of the notice (牵头, 负责, 参与, 配合, 指导); each
unit of a shared entry has a state of its own, and the entry counts how many of them are done.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from supervisor.bulk import insert_rows
from supervisor.core import tasks
from supervisor.core.draft_ledger import Ledger
from supervisor.core.permissions import Actor
from supervisor.intake.duty_entries import clauses_of
from supervisor.intake.passages import Source
from supervisor.models import Assignment, AssignmentState, DutyClause, LinkRole, Plan, Task, Unit
from supervisor.models.base import rows_of

#: Entries on a page.
PER_PAGE = 40
#: Verbs of an entry that the notice gives as a task with lead and responsible units.
LEADS, ANSWERS = "牵头", "责任"
#: Signs of the states: colour alone says nothing in black and white.
SIGNS: Mapping[AssignmentState, str] = {
    AssignmentState.ISSUED: "○",
    AssignmentState.ACKNOWLEDGED: "◐",
    AssignmentState.OBJECTED: "!",
    AssignmentState.APPLIED: "◕",
    AssignmentState.CLOSED: "●",
}


def enter_clauses(ledger: Ledger, plan: Plan) -> None:
    """Keep the clauses of a plan's standing duties with their verbs; part of `adoption.adopt`."""
    standing = Task.select(Task.id).where((Task.plan == plan) & Task.standing).order_by(Task.sort)
    rows = []
    for (task_id,), duty in zip(rows_of(standing), ledger.standing, strict=True):
        passage = Source.of(duty.text).passage([(0, len(duty.text))])
        rows += [
            {"task": task_id, "sort": order, "verb": clause.verb[:20], "text": clause.text}
            for order, clause in enumerate(clauses_of(passage), start=1)
        ]
    insert_rows(DutyClause, rows)


@dataclass(frozen=True)
class Square:
    """One unit at one entry; `state` None = not this reader's to see (D16)."""

    verbs: tuple[str, ...]
    state: AssignmentState | None

    @property
    def short(self) -> str:
        """The verbs by their first characters: 牵, 负."""
        return "".join(verb[0] for verb in self.verbs)

    @property
    def sign(self) -> str:
        """The state's sign."""
        return SIGNS.get(self.state, "") if self.state else ""


@dataclass
class MatrixRow:
    """An entry with its units; done and of count the links that close it: its leads, else all."""

    task: Task
    squares: dict[int, Square] = field(default_factory=dict)
    done: int = 0
    of: int = 0


@dataclass(frozen=True)
class DutyMatrix:
    """A page of entries with the units that stand at them, in roster order; `following` = where the next begins."""

    units: Sequence[Unit]
    rows: Sequence[MatrixRow]
    following: int | None


def read_matrix(actor: Actor, *, after: int = 0) -> DutyMatrix:
    """The entries a person may see, plan by plan in the order of the notice, behind task `after`; three queries."""
    query = tasks.visible_to(actor).where(Task.id > after).order_by(Task.id)
    found = list(query.limit(PER_PAGE + 1))
    following = found[PER_PAGE - 1].id if len(found) > PER_PAGE else None
    rows = {task.id: MatrixRow(task) for task in found[:PER_PAGE]}
    units = _fill(rows, actor)
    return DutyMatrix(sorted(units, key=lambda unit: (unit.sort, unit.id)), list(rows.values()), following)


def entries_of(unit: Unit, actor: Actor) -> list[MatrixRow]:
    """The first entries at which a unit stands, as far as the reader may see its states; else nothing."""
    if not (actor.sees_all or unit.id in actor.unit_ids):
        return []
    mine = Assignment.select(Assignment.task).where(
        (Assignment.unit == unit) & (Assignment.state != AssignmentState.CANCELLED)
    )
    query = tasks.visible_to(actor).where(Task.id.in_(mine)).order_by(Task.id)
    rows = {task.id: MatrixRow(task) for task in query.limit(PER_PAGE)}
    _fill(rows, actor)
    return list(rows.values())


def clauses_at(task: Task) -> list[DutyClause]:
    """The clauses of a standing duty, in order."""
    return list(DutyClause.select().where(DutyClause.task == task).order_by(DutyClause.sort))


def _fill(rows: Mapping[int, MatrixRow], actor: Actor) -> list[Unit]:
    verbs: dict[int, dict[str, None]] = {}
    said = DutyClause.select(DutyClause.task, DutyClause.verb).where(DutyClause.task.in_(list(rows)))
    for task_id, verb in rows_of(said.order_by(DutyClause.sort)):
        if verb:
            verbs.setdefault(task_id, {})[verb] = None
    units: dict[int, Unit] = {}
    links = (
        Assignment.select(Assignment, Unit)
        .join(Unit)
        .where(Assignment.task.in_(list(rows)) & (Assignment.state != AssignmentState.CANCELLED))
        .order_by(Unit.sort, Unit.id)
    )
    for link in links:
        row = rows[link.task_id]
        units[link.unit_id] = link.unit
        lead = link.role is LinkRole.LEAD
        plain = () if row.task.standing else (LEADS if lead else ANSWERS,)
        seen = actor.sees_all or link.unit_id in actor.unit_ids
        row.squares[link.unit_id] = Square(
            tuple(verbs.get(link.task_id, ())) or plain, link.state if seen else None
        )
        if lead or row.task.leads == 0:
            row.of += 1
            row.done += link.state is AssignmentState.CLOSED
    return list(units.values())
