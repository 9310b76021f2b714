"""Reminders of answers that steps of the ladder wait for: a working day before, on the day, after it; each once."""

from __future__ import annotations

from datetime import date, datetime

from supervisor.clock import beijing_date
from supervisor.core import events, messages
from supervisor.core.cadences import reminder_day
from supervisor.core.calendar import load_calendar
from supervisor.core.days import day_words, left_words
from supervisor.core.ladder import WAITING, receivers
from supervisor.core.reminder_stages import stage_words
from supervisor.core.reminders import may_go_out
from supervisor.core.workdays import Calendar
from supervisor.database import transactional
from supervisor.models import Matter, MatterState, Programme, Unit
from supervisor.words import Sentence

#: Working days before and after the answer's day on which the unit is told; the latest that has come is sent.
STAGES = (-1, 0, 1)


def queue(now: datetime) -> int:
    """Tell units whose answer is due or overdue; running it again changes nothing. Returns how many matters."""
    today, calendar = beijing_date(now), load_calendar()
    if not may_go_out(now, calendar):
        return 0
    running = Programme.ended_on.is_null() | (Programme.ended_on >= today)
    due = Matter.state.in_(WAITING) & (Matter.answer_due_on <= calendar.add_workdays(today, 1))
    query = Matter.select(Matter, Unit).join(Unit).switch(Matter).join(Programme).where(running & due)
    return sum(
        _remind(row, stage, calendar, now) for row in list(query) if (stage := _stage(row, calendar, today))
    )


def _stage(row: Matter, calendar: Calendar, today: date) -> str:
    due_on = row.answer_due_on or today
    fallen = [step for step in STAGES if reminder_day(due_on, step, calendar) <= today]
    return f"{due_on}:{fallen[-1]}" if fallen else ""


def key_of(matter: Matter) -> str:
    """How the keys of a matter's reminders begin."""
    return f"ladder:due:{matter.id}:"


def stage_of(message_key: str) -> str:
    """A reminder's key without its person and channel."""
    return message_key.rsplit(":", 2)[0]


def words_of(stage: str) -> Sentence:
    """The stage that such a key ends with, in words."""
    step = int(stage.rpartition(":")[2])
    kind = "due" if step == 0 else "before" if step < 0 else "overdue"
    return stage_words(f"{kind}:{abs(step)}")


@transactional
def _remind(row: Matter, stage: str, calendar: Calendar, now: datetime) -> int:
    key, to = f"{key_of(row)}{row.steps}:{stage}", receivers(row, now)
    if not to or messages.was_told(key, to) or row.answer_due_on is None:
        return 0
    left = left_words(beijing_date(now), row.answer_due_on, calendar)
    messages.notify(
        event=events.STEP_SIGN_DUE if row.state is MatterState.ISSUED else events.STEP_ANSWER_DUE,
        key=key,
        to=to,
        fields={"title": row.title, "day": day_words(row.answer_due_on), "left": left},
        link=f"/p/{row.programme_id}/matters/{row.id}",
        programme_id=row.programme_id,
        unit_id=row.unit_id,
        now=now,
    )
    return 1
