"""Reminders of work plans that are owed: on the days on which reports are reminded of, each stage once (D12, D13)."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime

from supervisor.clock import beijing, beijing_date
from supervisor.core import audit, cadences, events, messages, pauses, people, programmes, reminders
from supervisor.core.calendar import load_calendar
from supervisor.core.days import day_words, left_words
from supervisor.core.permissions import SYSTEM
from supervisor.core.reminders import START_OF_DAY, Stage, stages
from supervisor.core.schedules import cutoff_of
from supervisor.core.workdays import Calendar
from supervisor.database import transactional
from supervisor.models import LocalSettings, Outcome, User, WorkPlan, WorkPlanState

#: Plans marked as missing in one pass.
BATCH = 300


def queue(now: datetime) -> int:
    """Tell units of work plans that are due or overdue; what fell due while nothing could be sent is one message.

    Called by the tick; running it again changes nothing. Returns how many work plans were reminded of.
    """
    today, calendar = beijing_date(now), load_calendar()
    if not calendar.is_workday(today) or beijing(now).time() < START_OF_DAY:
        return 0
    done = 0
    for programme_id in reminders.running(today):
        owed = _owed(programme_id)
        if owed and not pauses.paused_on(programme_id, today).all:
            done += _remind(owed, programmes.settings_on(programme_id, today), calendar, now)
    return done


def _owed(programme_id: int) -> list[WorkPlan]:
    waiting = (WorkPlan.state == WorkPlanState.OPEN) & ~WorkPlan.due_on.is_null() & WorkPlan.outcome.is_null()
    returned = (WorkPlan.state == WorkPlanState.RETURNED) & ~WorkPlan.return_due_on.is_null()
    query = WorkPlan.select().where((WorkPlan.programme == programme_id) & (waiting | returned))
    return list(query.order_by(WorkPlan.id))


def _remind(owed: Sequence[WorkPlan], settings: LocalSettings, calendar: Calendar, now: datetime) -> int:
    today = beijing_date(now)
    units, programme_id = {row.unit_id for row in owed}, owed[0].programme_id
    liaisons = people.liaisons_of(units, programme_id, today)
    heads = people.heads_of(units, programme_id, today)
    told = 0
    for row in owed:
        due_on, prefix = _due(row)
        fallen = [stage for stage in stages(due_on, settings, calendar, prefix) if stage.day <= today]
        if not fallen:
            continue
        to = list(liaisons.get(row.unit_id, []))
        if fallen[-1].overdue or not to:
            to += heads.get(row.unit_id, [])
        key = f"work_plan:{row.id}:{due_on}:{fallen[-1].name}"
        if to and not messages.was_told(key, to):
            _tell(row, key, fallen[-1], to, due_on, calendar, now)
            told += 1
    return told


def _due(row: WorkPlan) -> tuple[date, str]:
    if row.state is WorkPlanState.RETURNED and row.return_due_on is not None:
        return row.return_due_on, f"r{row.returns}:"
    return row.due_on or date.max, ""


@transactional
def _tell(
    row: WorkPlan, key: str, stage: Stage, to: Sequence[User], due_on: date, calendar: Calendar, now: datetime
) -> None:
    left = left_words(beijing_date(now), due_on, calendar)
    messages.notify(
        event=events.WORK_PLAN_OVERDUE if stage.overdue else events.WORK_PLAN_DUE,
        key=key,
        to=to,
        fields={"plan": row.plan.title, "day": day_words(due_on), "left": left},
        link=f"/p/{row.programme_id}/work-plans/{row.id}",
        programme_id=row.programme_id,
        unit_id=row.unit_id,
        about=row.id,
        now=now,
    )


def mark_missing(now: datetime) -> int:
    """Mark as missing what was not filed while late reports are still taken; a later filing makes it late."""
    due = (
        (WorkPlan.state == WorkPlanState.OPEN)
        & (WorkPlan.due_at <= now)
        & WorkPlan.outcome.is_null()
        & WorkPlan.first_filed_at.is_null()
    )
    marked = 0
    for row in list(WorkPlan.select().where(due).order_by(WorkPlan.due_at).limit(BATCH)):
        marked += _mark(row, now)
    return marked


@transactional
def _mark(row: WorkPlan, now: datetime) -> int:
    due_on = row.due_on or beijing_date(now)
    settings = programmes.settings_on(row.programme_id, due_on)
    last = load_calendar().add_workdays(due_on, settings.lock_after_workdays)
    if cadences.deadline_instant(last, cutoff_of(settings.cutoff)) > now:
        return 0
    # The version stays: whoever has the form open goes on writing in it.
    still = (WorkPlan.id == row.id) & WorkPlan.first_filed_at.is_null() & WorkPlan.outcome.is_null()
    marked: int = WorkPlan.update(outcome=Outcome.MISSING).where(still).execute()
    if marked:
        audit.record(SYSTEM, "work_plan.missing", row, now=now, after={"outcome": Outcome.MISSING})
    return marked
