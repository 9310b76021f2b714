"""Holding reminders back (暂停提醒): of a programme or of one rule, for a reason, until a day, by a named person.

Nothing is lost by a pause: what falls due meanwhile collapses into its latest stage and goes out on the first working
day after it. Only reminders are held back; decisions, returns and the steps of the ladder go out as ever.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from supervisor.clock import beijing_date
from supervisor.core import audit
from supervisor.core.permissions import Actor, Permission
from supervisor.database import transactional
from supervisor.errors import Invalid, NotFound, Refused
from supervisor.models import Programme, ReminderPause, ReportingRule
from supervisor.statements import statement
from supervisor.words import N_, Sentence

#: Nobody may silence a programme for longer at a time.
LONGEST_DAYS = 31


@dataclass(frozen=True)
class Paused:
    """What is held back on a day."""

    #: Every reminder of the programme.
    all: bool = False
    rules: frozenset[int] = frozenset()


def paused_on(programme_id: int, day: date) -> Paused:
    """What of the programme is held back on this day. One query."""
    return held_on(_pauses_on(programme_id, day), day)


def held_on(pauses: Sequence[ReminderPause], day: date) -> Paused:
    """What these pauses hold back on a day."""
    found = [row for row in pauses if row.from_on <= day <= row.until_on]
    rules = frozenset(row.rule_id for row in found if row.rule_id is not None)
    return Paused(any(row.rule_id is None for row in found), rules)


@statement
def _pauses_on(programme_id: Any, day: Any) -> Any:
    return ReminderPause.select().where(
        (ReminderPause.programme == programme_id)
        & ReminderPause.ended_at.is_null()
        & (ReminderPause.from_on <= day)
        & (ReminderPause.until_on >= day)
    )


def pauses_of(programme: Programme, today: date) -> list[ReminderPause]:
    """Pauses that hold today or later, in the order in which they begin."""
    mine = (ReminderPause.programme == programme) & ReminderPause.ended_at.is_null()
    query = ReminderPause.select().where(mine & (ReminderPause.until_on >= today))
    return list(query.order_by(ReminderPause.from_on, ReminderPause.id))


@transactional
def pause(
    programme: Programme,
    rule: ReportingRule | None,
    *,
    from_on: date | None,
    until_on: date | None,
    reason: str,
    by: Actor,
    now: datetime,
) -> ReminderPause:
    """Hold back the reminders of a rule, or of all for None, from a day to a day, both included.

    Raises:
        Invalid: a day that is missing, past or in the wrong order, more than LONGEST_DAYS days, no reason.
        Refused: the same is held back in these days already.
    """
    by.require(Permission.SETTINGS_EDIT)
    today, wrong = beijing_date(now), dict[str, Sentence]()
    if from_on is None or from_on < today:
        wrong["from_on"] = N_("Today or a later day.")
    if until_on is None or (from_on is not None and until_on < from_on):
        wrong["until_on"] = N_("The last day of the pause, not before its first.")
    elif from_on is not None and (until_on - from_on).days >= LONGEST_DAYS:
        wrong["until_on"] = N_(
            "At most %(n)s days at a time: reminders must not fall silent.", n=LONGEST_DAYS
        )
    if not reason.strip():
        wrong["reason"] = N_("Say why: units will ask.")
    if wrong or from_on is None or until_on is None:
        raise Invalid(N_("Reminders go on as before."), wrong)
    # Holding the programme's row: two offices that pause at one moment make one pause.
    Programme.update(id=Programme.id).where(Programme.id == programme.id).execute()
    same = ReminderPause.rule.is_null() if rule is None else (ReminderPause.rule == rule)
    overlapping = (ReminderPause.from_on <= until_on) & (ReminderPause.until_on >= from_on)
    mine = (ReminderPause.programme == programme) & ReminderPause.ended_at.is_null()
    if ReminderPause.select().where(mine & same & overlapping).exists():
        raise Refused(N_("These reminders are held back in these days already: end that pause first."))
    row = ReminderPause.create(
        programme=programme, rule=rule, from_on=from_on, until_on=until_on, reason=reason.strip()[:400],
        made_by=by.user_id, made_by_name=by.name, made_at=now,
    )  # fmt: skip
    after = {"rule": rule.name if rule else None, "from_on": from_on, "until_on": until_on}
    audit.record(by, "reminder.pause", row, now=now, after=after, reason=reason)
    return row


@transactional
def resume(row: ReminderPause, *, reason: str, by: Actor, now: datetime) -> None:
    """End a pause before its last day; what fell due meanwhile goes out with the next pass of a working day."""
    by.require(Permission.SETTINGS_EDIT)
    if not reason.strip():
        raise Invalid(N_("Reminders stay held back."), {"end_reason": N_("Say why.")})
    ended = ReminderPause.update(
        ended_at=now, ended_by_name=by.name, end_reason=reason.strip()[:400]
    ).where((ReminderPause.id == row.id) & ReminderPause.ended_at.is_null())  # fmt: skip
    if not ended.execute():
        raise Refused(N_("This pause has ended already."))
    audit.record(by, "reminder.resume", row, now=now, reason=reason)


def get(pause_id: int, programme: Programme) -> ReminderPause:
    """A pause of the programme, or NotFound."""
    found: ReminderPause | None = ReminderPause.get_or_none(
        (ReminderPause.id == pause_id) & (ReminderPause.programme == programme)
    )
    if found is None:
        raise NotFound
    return found
