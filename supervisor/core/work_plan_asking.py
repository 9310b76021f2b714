"""Asking for units' work plans after issue (C09): each opened once, and owed by a day where the programme says so.

What is owed is an obligation of a rule of its own (kind `WORK_PLAN`, one a plan), so that matrix, calendar, reminders,
extensions, late permits and waivers are those of everything else that is owed. Its days follow the unit, not the rule.
"""

from __future__ import annotations

from datetime import date, datetime, timedelta

from supervisor.bulk import insert_rows
from supervisor.clock import beijing_date
from supervisor.core import audit, cadences, schedules
from supervisor.core.calendar import load_calendar
from supervisor.core.permissions import SYSTEM
from supervisor.core.planned import start_of
from supervisor.core.programmes import settings_on
from supervisor.core.workdays import Calendar
from supervisor.database import transactional
from supervisor.models import (
    Assignment,
    AssignmentState,
    LocalSettings,
    Obligation,
    Plan,
    PlanState,
    ReportingRule,
    RuleKind,
    Task,
    TaskState,
    WorkPlan,
    WorkPlanState,
)
from supervisor.models.base import rows_of

#: Name of the rule by which work plans are owed; kept with it, so Chinese.
NAME = "工作计划"
#: (plan, unit) → the day from which its work plan is counted.
Starts = dict[tuple[int, int], date]


@transactional
def ask(programme_id: int, *, now: datetime) -> int:
    """Open the work plans of units that answer for tasks of an issued plan; returns how many were opened or asked for.

    Each is due so many working days after issue, or after the unit joined (E-33); where the setting came later, after
    that. A due day once announced does not move. Running twice changes nothing.
    """
    wanted = units_at_work(programme_id)
    there = set(
        rows_of(WorkPlan.select(WorkPlan.plan, WorkPlan.unit).where(WorkPlan.programme == programme_id))
    )
    fresh = [
        {"programme": programme_id, "plan": plan_id, "unit": unit_id}
        for plan_id, unit_id in sorted(wanted)
        if (plan_id, unit_id) not in there
    ]
    insert_rows(WorkPlan, fresh, ignore=True)
    settings = settings_on(programme_id, beijing_date(now))
    return len(fresh) + (_owe(programme_id, wanted, settings, now) if settings.work_plan_workdays else 0)


def _owe(programme_id: int, wanted: Starts, settings: LocalSettings, now: datetime) -> int:
    """Make what is asked for of plans that nobody asked for yet and that nobody began to file."""
    unasked = (WorkPlan.programme == programme_id) & (WorkPlan.state == WorkPlanState.OPEN)
    query = WorkPlan.select(WorkPlan, Plan).join(Plan).where(unasked & WorkPlan.obligation.is_null())
    rules: dict[int, ReportingRule] = {}
    made, calendar = 0, load_calendar()
    for row in query.order_by(WorkPlan.plan, WorkPlan.unit):
        start = wanted.get((row.plan_id, row.unit_id))
        if start is None:
            continue
        if row.plan_id not in rules:
            rules[row.plan_id] = _rule_of(row.plan, due_after(start_of_plan(row.plan), settings, calendar))
        made += _owe_one(row, rules[row.plan_id], start, settings, calendar)
    if made:
        after = {"work_plans": made}
        audit.record(SYSTEM, "work_plan.ask", ("programme", programme_id), now=now, after=after)
    return made


def _rule_of(plan: Plan, due_on: date) -> ReportingRule:
    """The rule by which a plan's work plans are owed; its day is that of units at work from the issue on."""
    of = (ReportingRule.plan == plan) & (ReportingRule.kind == RuleKind.WORK_PLAN)
    found: ReportingRule | None = ReportingRule.get_or_none(of)
    return found or ReportingRule.create(
        programme=plan.programme_id, plan=plan, name=NAME, kind=RuleKind.WORK_PLAN, recurrence="", due_on=due_on,
        subject_shift=0, valid_from=plan.effective_on,
    )  # fmt: skip


def _owe_one(
    row: WorkPlan, rule: ReportingRule, start: date, settings: LocalSettings, calendar: Calendar
) -> int:
    """One unit's obligation; a unit that joined in the middle has days of its own (E-33)."""
    dates = schedules.dates_from(due_after(start, settings, calendar), rule, settings, calendar)
    issued = row.plan.issued_at
    opens_at = cadences.deadline_instant(start - timedelta(days=1))
    made = Obligation.create(
        programme=row.programme_id, rule=rule, unit=row.unit_id, period=str(rule.due_on),
        opens_at=max(opens_at, issued) if issued else opens_at, due_at=dates.due_at, due_on=dates.due_on,
        grace_at=dates.grace_at, locked_at=dates.locked_at,
    )  # fmt: skip
    mine = (WorkPlan.id == row.id) & WorkPlan.obligation.is_null()
    return int(WorkPlan.update(obligation=made).where(mine).execute())


def ask_due(now: datetime) -> int:
    """`ask` in every programme with an issued plan. Called by the tick."""
    issued = Plan.select(Plan.programme).where(Plan.state == PlanState.ISSUED).distinct()
    return sum(ask(row[0], now=now) for row in rows_of(issued))


def units_at_work(programme_id: int) -> Starts:
    """(plan, unit) -> the day from which its work plan is counted, of units with live links."""
    query = (
        Assignment.select(Task.plan, Assignment.unit, Assignment.joined_on, Plan.issued_at, Plan.effective_on)
        .join(Task)
        .join(Plan)
        .where(
            (Assignment.programme == programme_id)
            & (Assignment.task_state == TaskState.OPEN)
            & Assignment.state.not_in([AssignmentState.CANCELLED, AssignmentState.CLOSED])
            & (Plan.state == PlanState.ISSUED)
            & (Task.standing == False)  # noqa: E712 -- a condition in SQL
        )
        .distinct()
    )
    found: dict[tuple[int, int], date] = {}
    for plan_id, unit_id, joined_on, issued_at, effective_on in rows_of(query):
        start = max(start_of(issued_at, effective_on), joined_on or date.min)
        key = (plan_id, unit_id)
        found[key] = min(start, found.get(key, start))
    return found


def start_of_plan(plan: Plan) -> date:
    """The day from which the days of units at work from the beginning are counted."""
    return start_of(plan.issued_at, plan.effective_on)


def due_after(start: date, settings: LocalSettings, calendar: Calendar) -> date:
    """The day by which the work plan of a unit at work from `start` is due, where the settings ask for it."""
    due_on = calendar.add_workdays(start, settings.work_plan_workdays)
    if due_on < settings.valid_from:  # asked for afterwards: nobody is late through a setting made later
        due_on = calendar.add_workdays(settings.valid_from, settings.work_plan_workdays)
    return due_on
