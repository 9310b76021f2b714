"""A robot's day: what it tells its group of what is owed, unit by unit (D12).

One message a robot and day. Until it is sent it follows the facts, as a person's digest does: what has been
handed in meanwhile drops out, and a message that has nothing left to say is cancelled.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from supervisor.clock import beijing_date
from supervisor.core import digests, pauses
from supervisor.core.calendar import load_calendar
from supervisor.core.days import due_words, left_words
from supervisor.core.digests import OWED, Item
from supervisor.core.periods import Period
from supervisor.core.workdays import Calendar
from supervisor.database import transactional
from supervisor.models import (
    Audience,
    GroupMember,
    Message,
    MessageState,
    Obligation,
    Programme,
    Robot,
    RobotReminder,
    RobotUnit,
    Unit,
)
from supervisor.models.base import rows_of
from supervisor.statements import statement
from supervisor.words import N_, Sentence, say

UNSENT = (MessageState.NEW, MessageState.RETRY)


@dataclass(frozen=True)
class Words:
    """A rendered digest of a robot."""

    subject: str
    body: str
    link: str


def key_of(robot: Robot, day: date) -> str:
    """The key that makes a robot's digest of a day unique."""
    return f"robot-digest:{robot.id}:{day.isoformat()}"


def is_one(message: Message) -> bool:
    """Whether a message is a robot's digest of a day."""
    return message.key.startswith("robot-digest:")


def units_of(robot: Robot, day: date) -> set[int] | None:
    """The units of whose reports a robot speaks on a day; None = all of the programme."""
    if robot.audience is Audience.PROGRAMME:
        return None
    if robot.audience is Audience.UNITS:
        return {row[0] for row in rows_of(RobotUnit.select(RobotUnit.unit).where(RobotUnit.robot == robot))}
    begun = GroupMember.valid_from.is_null() | (GroupMember.valid_from <= day)
    lasting = GroupMember.valid_to.is_null() | (GroupMember.valid_to >= day)
    members = GroupMember.select(GroupMember.unit).where(
        (GroupMember.group == robot.group_id) & begun & lasting
    )
    return {row[0] for row in rows_of(members)}


def overdue_ids(robot: Robot, now: datetime) -> list[int]:
    """What the robot's units owe beyond its due day and may still hand in; without rules that are held back."""
    late = (
        (Obligation.programme == robot.programme_id)
        & Obligation.state.in_(OWED)
        & (Obligation.due_at <= now)
        & (Obligation.locked_at > now)
        & Obligation.outcome.is_null()
    )
    today = beijing_date(now)
    units, paused = units_of(robot, today), pauses.paused_on(robot.programme_id, today)
    rows = rows_of(Obligation.select(Obligation.id, Obligation.unit, Obligation.rule).where(late))
    return [
        key
        for key, unit_id, rule_id in rows
        if (units is None or unit_id in units) and rule_id not in paused.rules
    ]


def render(items: Sequence[Item], robot: Robot, *, today: date, calendar: Calendar) -> Words:
    """The digest's words in the robot's language; `items` is not empty."""
    overdue = [item for item in items if item.due_on < today]
    coming = [item for item in items if item.due_on >= today]
    lines: list[Sentence | str] = []
    if overdue:
        lines += [N_("Overdue:"), *_by_unit(overdue, robot.language, today, calendar)]
    if coming:
        lines += [N_("Due soon:"), *_by_unit(coming, robot.language, today, calendar)]
    subject = N_(
        "%(programme)s: %(count)s reports are owed, %(overdue)s of them overdue",
        programme=_programme_name(robot),
        count=len(items),
        overdue=len(overdue),
    )
    return Words(
        subject=say(subject, robot.language),
        body="\n".join(say(line, robot.language) if isinstance(line, Sentence) else line for line in lines),
        link=f"/p/{robot.programme_id}/reports",
    )


def _programme_name(robot: Robot) -> str:
    return str(Programme.select(Programme.name).where(Programme.id == robot.programme_id).scalar())


def _by_unit(items: Iterable[Item], locale: str, today: date, calendar: Calendar) -> list[str]:
    """A line a unit in the order of the register, its reports the most urgent first."""
    of: dict[int, list[Item]] = {}
    for item in digests.in_order(items):
        of.setdefault(item.unit_id, []).append(item)
    order = rows_of(Unit.select(Unit.id).where(Unit.id.in_(sorted(of))).order_by(Unit.sort, Unit.id))
    lines = []
    for (unit_id,) in order:
        said = [say(_report(item, today, calendar), locale) for item in of[unit_id]]
        together = ("；" if locale == "zh_CN" else "; ").join(said)
        lines.append(say(N_("· %(unit)s: %(reports)s", unit=of[unit_id][0].unit, reports=together), locale))
    return lines


def _report(item: Item, today: date, calendar: Calendar) -> Sentence:
    words = {
        "rule": item.rule,
        "period": Period.parse(item.period).label,
        "day": due_words(item.due_on, calendar),
        "left": left_words(today, item.due_on, calendar),
    }
    if item.returned:
        return N_("%(rule)s of %(period)s was returned, due %(day)s (%(left)s)", **words)
    if item.once:
        return N_("%(rule)s, due %(day)s (%(left)s)", **words)
    return N_("%(rule)s of %(period)s, due %(day)s (%(left)s)", **words)


def refresh(message: Message, *, now: datetime) -> Sentence | None:
    """Bring an unsent digest up to date with the facts; why there is nothing left to say, or None.

    Call inside the transaction that holds the message. `message` needs its robot loaded.
    """
    robot, today = message.robot, beijing_date(now)
    if robot is None:
        raise ValueError("this message goes to a person")
    mine = (RobotReminder.message == message.id) & RobotReminder.cancelled_at.is_null()
    carried = {row[0] for row in rows_of(RobotReminder.select(RobotReminder.obligation).where(mine))}
    units = units_of(robot, today)
    items = [
        item for item in digests.items_of(sorted(carried)) if units is None or item.unit_id in units
    ]  # fmt: skip
    gone = carried - {item.obligation_id for item in items}
    if gone:
        RobotReminder.update(cancelled_at=now).where(
            mine & RobotReminder.obligation.in_(sorted(gone))
        ).execute()
    if not items:
        return digests.why_empty(carried)
    kept = {item.obligation_id for item in items}
    late = [key for key in overdue_ids(robot, now) if key not in kept]
    words = render([*items, *digests.items_of(late)], robot, today=today, calendar=load_calendar())
    message.subject, message.body, message.link = words.subject[:300], words.body, words.link
    Message.update(subject=message.subject, body=words.body, link=words.link).where(
        Message.id == message.id
    ).execute()
    return None


@transactional
def cancel_older(obligation_id: int, now: datetime) -> None:
    """Take back what robots have not yet said of an older schedule; in the transaction that moves the day."""
    older = [row.id for row in _unsent_older(obligation_id)]
    if older:
        RobotReminder.update(cancelled_at=now).where(RobotReminder.id.in_(older)).execute()


@statement
def _unsent_older(obligation_id: Any) -> Any:
    return (
        RobotReminder.select(RobotReminder.id)
        .join(Message)
        .switch(RobotReminder)
        .join(Obligation)
        .where(
            (RobotReminder.obligation == obligation_id)
            & RobotReminder.cancelled_at.is_null()
            & (RobotReminder.schedule_version < Obligation.schedule_version)
            & Message.state.in_(list(UNSENT))
        )
    )
