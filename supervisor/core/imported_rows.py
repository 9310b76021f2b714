"""What an imported ledger said of a task: shown as history, and why a task is issued as completed."""

from __future__ import annotations

from datetime import date

from peewee import Expression, fn

from supervisor.core.permissions import Actor
from supervisor.models import Assignment, AssignmentState, ImportedRow, LinkRole, Plan, Task
from supervisor.models.base import rows_of


def of_task(task: Task, actor: Actor) -> ImportedRow | None:
    """The row a task came from, to those who read all and to the units that answer for the whole task (D16)."""
    if task.source_line is None:
        return None
    row: ImportedRow | None = (
        ImportedRow.select()
        .join(Plan, on=(Plan.document == ImportedRow.document))
        .where((Plan.id == task.plan_id) & (ImportedRow.row == task.source_line))
        .first()
    )
    if row is None or actor.sees_all:
        return row
    mine = (
        (Assignment.task == task)
        & Assignment.unit.in_(sorted(actor.unit_ids))
        & (Assignment.state != AssignmentState.CANCELLED)
    )
    if task.leads:
        mine &= Assignment.role == LinkRole.LEAD
    return row if Assignment.select().where(mine).exists() else None


def was_done() -> Expression:
    """Links of work that the imported ledger calls completed, for a query that joins task and plan.

    A unit that joins such a task after the issue has a link of its own, which is open.
    """
    row = ImportedRow.select(ImportedRow.id).where(
        (ImportedRow.document == Plan.document)
        & (ImportedRow.row == Task.source_line)
        & (ImportedRow.closed == True)  # noqa: E712 -- a column, not a bool
    )
    done: Expression = (Assignment.state == AssignmentState.CLOSED) & fn.EXISTS(row)
    return done


def closed_lines(plan: Plan) -> dict[int, date]:
    """Lines of the plan's document that the imported ledger calls completed → the day; none for a notice."""
    if plan.document_id is None:
        return {}
    query = ImportedRow.select(ImportedRow.row, ImportedRow.closed_on, ImportedRow.as_of).where(
        (ImportedRow.document == plan.document_id) & (ImportedRow.closed == True)  # noqa: E712 -- a column, not a bool
    )
    return {row: closed_on or as_of for row, closed_on, as_of in rows_of(query)}
