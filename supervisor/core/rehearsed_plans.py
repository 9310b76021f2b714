"""Work plans in a sandbox: a played unit files a plain one, the played office accepts it the morning after."""

from __future__ import annotations

from datetime import date, datetime, timedelta

from supervisor.clock import beijing_date
from supervisor.core import work_plan_pages, work_plan_verdicts, work_plans
from supervisor.core.calendar import load_calendar
from supervisor.core.permissions import Actor
from supervisor.core.work_plan_rows import Asked, Row
from supervisor.core.workdays import Calendar
from supervisor.models import Obligation, PlanFiling, Programme, WorkPlan, WorkPlanState

#: A task without a time limit is planned to take so long.
USUAL = timedelta(days=180)


def file(obligation: Obligation, *, by: Actor, now: datetime) -> int:
    """One sub-task for every task of the unit, due with it; answers how many plans were filed."""
    work_plan = work_plans.of_obligation(obligation)
    asked = [task for task in work_plans.asked_of(work_plan) if not task.standing]
    if work_plan.state not in work_plans.WRITABLE or not asked:
        return 0
    key, calendar, today = work_plan_pages.next_key(work_plan, []), load_calendar(), beijing_date(now)
    rows = [_row(key + place, task, today, calendar) for place, task in enumerate(asked)]
    saved = work_plans.save(work_plan, rows, seen=work_plan.version, by=by, now=now)
    work_plans.file(saved, seen=saved.version, by=by, now=now)
    return 1


def _row(key: int, task: Asked, today: date, calendar: Calendar) -> Row:
    day = task.due_on or calendar.on_or_after(max(today, task.start) + USUAL)
    return Row(
        key, task.assignment, f"推演：完成{task.title}"[:200], day.isoformat(), indicator="推演：按要求完成",
        weight="100",
    )  # fmt: skip


def accept(programme: Programme, *, by: Actor, now: datetime) -> int:
    """The office accepts what was filed before this morning."""
    waiting = (
        PlanFiling.select(PlanFiling, WorkPlan)
        .join(WorkPlan)
        .where(
            (WorkPlan.programme == programme)
            & (WorkPlan.state == WorkPlanState.FILED)
            & PlanFiling.verdict.is_null()
            & (PlanFiling.filed_at < now)
        )
        .order_by(PlanFiling.id)
    )
    found = list(waiting)
    for filing in found:
        work_plan_verdicts.decide(filing, accepted=True, by=by, now=now)
    return len(found)
