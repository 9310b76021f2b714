"""What has to follow when a trial clock is moved: sign-ins stay open, and the trail says who moved it (D10)."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, time, timedelta

from supervisor.clock import BEIJING, beijing_date
from supervisor.core import audit
from supervisor.core.calendar import load_calendar
from supervisor.core.permissions import Actor
from supervisor.database import transactional
from supervisor.errors import Invalid
from supervisor.models import LoginSession, Obligation, ObligationState
from supervisor.words import N_

#: At most so far in one step: every working day between is worked through.
FURTHEST = timedelta(days=400)
#: When a working day's pass runs while time is moved on: after reminders may go out.
MORNING = time(9)


def check(before: datetime, after: datetime) -> None:
    """Raise Invalid unless `after` is a moment to which the clock may be moved from `before`."""
    if after <= before:
        raise Invalid(N_("The clock was not moved."), {"moment": N_("A trial clock only moves forward.")})
    if after - before > FURTHEST:
        raise Invalid(
            N_("The clock was not moved."), {"moment": N_("At most %(n)s days at once.", n=FURTHEST.days)}
        )


def mornings(before: datetime, after: datetime) -> Iterator[datetime]:
    """The working mornings strictly between two moments: on each of them a pass would have run."""
    calendar = load_calendar()
    day = beijing_date(before)
    while day <= beijing_date(after):
        moment = datetime.combine(day, MORNING, tzinfo=BEIJING)
        if before < moment < after and calendar.is_workday(day):
            yield moment
        day += timedelta(days=1)


def proposals(now: datetime) -> list[datetime]:
    """Moments worth moving to: the next working morning, the next due day, and the morning after it."""
    calendar, today = load_calendar(), beijing_date(now)
    found = [datetime.combine(calendar.next_workday(today), MORNING, tzinfo=BEIJING)]
    owed = Obligation.state.in_([ObligationState.OPEN, ObligationState.WITH_HEAD])
    due = (
        Obligation.select(Obligation.due_on)
        .where(owed & (Obligation.due_at > now))
        .order_by(Obligation.due_at)
        .first()
    )
    if due is not None:
        found.append(datetime.combine(due.due_on, MORNING, tzinfo=BEIJING))
        found.append(datetime.combine(calendar.next_workday(due.due_on), MORNING, tzinfo=BEIJING))
    return sorted({moment for moment in found if moment > now})


@transactional
def moved(before: datetime, after: datetime, *, by: Actor) -> None:
    """Record that somebody moved the clock; open sign-ins move with it, for no real time has passed."""
    leap = after - before
    for session in list(LoginSession.select().where(LoginSession.ended_at.is_null())):
        LoginSession.update(
            created_at=session.created_at + leap, last_seen_at=session.last_seen_at + leap
        ).where(LoginSession.id == session.id).execute()
    audit.record(by, "clock.move", ("clock", None), now=after, before={"now": before}, after={"now": after})
