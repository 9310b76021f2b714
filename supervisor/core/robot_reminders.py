"""Robots' reminders of owed reports: rows that exist exactly once, one digest a robot and day (D12).

The stages are those of people's reminders, and so are the days. A robot that could not speak for a while takes
up what it has not said in its next digest: one message, not one for each day.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from supervisor.clock import beijing_date
from supervisor.core import digests, messages, pauses, programmes, robot_digests
from supervisor.core.calendar import load_calendar
from supervisor.core.reminder_stages import DATE, Stage
from supervisor.core.reminders import (
    Terms,
    may_go_out,
    owed_until,
    running,
    special_rules,
    stages_of,
)
from supervisor.core.workdays import Calendar
from supervisor.database import transactional
from supervisor.models import Message, MessageKind, MessageState, Obligation, Robot, RobotReminder
from supervisor.models.base import rows_of
from supervisor.words import N_

#: Rows looked up at a time.
_CHUNK = 400
#: Stands for every schedule version: a date was told of, whatever the schedule has become.
_EVER = 0


@dataclass(frozen=True)
class Call:
    """A report of which a robot is about to tell: its latest stage, and the earlier ones that it takes in."""

    obligation: Obligation
    stage: str
    collapsed: tuple[str, ...]


def queue(now: datetime) -> int:
    """Write the digests of robots that have something new to tell today; running it again changes nothing.

    Returns of how many reports were told, counted by robot.
    """
    today, calendar = beijing_date(now), load_calendar()
    if not may_go_out(now, calendar):
        return 0
    of: dict[int, list[Robot]] = {}
    for robot in silent_today(now):
        of.setdefault(robot.programme_id, []).append(robot)
    done, special = 0, special_rules() if of else {}
    for programme_id in running(today) if of else ():
        paused = pauses.paused_on(programme_id, today)
        if programme_id not in of or paused.all:
            continue
        terms = Terms(programmes.settings_on(programme_id, today), special, paused.rules)
        for robot, calls in plan(of[programme_id], programme_id, terms, calendar, now):
            done += _write(robot, calls, calendar, now)
    return done


def plan(
    robots: Sequence[Robot], programme_id: int, terms: Terms, calendar: Calendar, now: datetime
) -> list[tuple[Robot, list[Call]]]:
    """What each of the programme's robots would write now; robots with nothing new are left out."""
    found = _fallen_due(programme_id, terms, calendar, now)
    planned = [(robot, _calls(robot, found, now)) for robot in robots] if found else []
    return [(robot, calls) for robot, calls in planned if calls]


def _fallen_due(
    programme_id: int, terms: Terms, calendar: Calendar, now: datetime
) -> list[tuple[Obligation, list[Stage]]]:
    """What is owed and of which a stage has fallen due by now, each with its fallen stages in order."""
    today = beijing_date(now)
    found = []
    for obligation in owed_until(programme_id, calendar.add_workdays(today, terms.longest + 1), terms, now):
        fallen = [stage for stage in stages_of(obligation, terms, calendar) if stage.day <= today]
        if fallen:
            found.append((obligation, fallen))
    return found


def reminding() -> list[Robot]:
    """Robots that remind, of every programme."""
    speaking = Robot.revoked_at.is_null() & Robot.paused_at.is_null()
    return [
        robot
        for robot in Robot.select().where(speaking).order_by(Robot.id)
        if MessageKind.DIGEST.value in robot.kinds
    ]


def silent_today(now: datetime) -> list[Robot]:
    """Robots that remind and have not written today's digest."""
    robots = reminding()
    keys = {robot_digests.key_of(robot, beijing_date(now)): robot for robot in robots}
    said = {row[0] for row in rows_of(Message.select(Message.key).where(Message.key.in_(list(keys))))}
    return [robot for key, robot in keys.items() if key not in said]


def _calls(robot: Robot, found: Sequence[tuple[Obligation, list[Stage]]], now: datetime) -> list[Call]:
    units = robot_digests.units_of(robot, beijing_date(now))
    mine = [(row, fallen) for row, fallen in found if units is None or row.unit_id in units]
    known = _known(robot, [row.id for row, _fallen in mine])
    calls = []
    for row, fallen in mine:
        new = [stage.name for stage in fallen if not _is_known(row, stage, known)]
        if new and new[-1] == fallen[-1].name:
            calls.append(Call(row, new[-1], tuple(new[:-1])))
    return calls


def _is_known(obligation: Obligation, stage: Stage, known: set[tuple[int, str, int]]) -> bool:
    """Whether a stage was told of under this schedule; a date of counted items, under any."""
    of = (obligation.id, stage.name)
    return (*of, obligation.schedule_version) in known or (*of, _EVER) in known


def _known(robot: Robot, ids: Sequence[int]) -> set[tuple[int, str, int]]:
    """(report, stage, schedule version) of what the robot has told or was about to."""
    found: set[tuple[int, str, int]] = set()
    columns = (
        RobotReminder.obligation,
        RobotReminder.stage,
        RobotReminder.schedule_version,
        RobotReminder.cancelled_at,
    )
    for start in range(0, len(ids), _CHUNK):
        some = RobotReminder.obligation.in_(ids[start : start + _CHUNK])
        for key, stage, version, cancelled_at in rows_of(
            RobotReminder.select(*columns).where((RobotReminder.robot == robot) & some)
        ):
            found.add((key, stage, version))
            if cancelled_at is None and stage.startswith(DATE):
                found.add((key, stage, _EVER))
    return found


@transactional
def _write(robot: Robot, calls: Sequence[Call], calendar: Calendar, now: datetime) -> int:
    """One robot's digest of today with its rows. What was handed in or moved since it was planned is left out."""
    items = {item.obligation_id: item for item in digests.items_of([call.obligation.id for call in calls])}
    still = [
        call
        for call in calls
        if call.obligation.id in items
        and items[call.obligation.id].schedule_version == call.obligation.schedule_version
    ]
    if not still:
        return 0
    told = [items[call.obligation.id] for call in still]
    late = [key for key in robot_digests.overdue_ids(robot, now) if key not in items]
    today = beijing_date(now)
    words = robot_digests.render(
        [*told, *digests.items_of(late)], robot, today=today, calendar=calendar
    )  # fmt: skip
    key = robot_digests.key_of(robot, today)
    if Message.select().where(Message.key == key).exists():
        return 0  # another process was first, with rows of its own
    messages.post_to_robot(
        key=key, kind=MessageKind.DIGEST, robot=robot, subject=words.subject, body=words.body, link=words.link,
        now=now,
    )  # fmt: skip
    message = Message.get(Message.key == key)
    _write_rows(robot, still, message, now)
    _take_in_older(robot, message, {call.obligation.id: call.stage for call in still})
    return len(still)


def _write_rows(robot: Robot, calls: Sequence[Call], message: Message, now: datetime) -> None:
    rows = [
        {
            "obligation": call.obligation.id,
            "stage": stage,
            "robot": robot.id,
            "schedule_version": call.obligation.schedule_version,
            "due_on": digests.due_day(call.obligation),
            "message": message.id if stage == call.stage else None,
            "collapsed_into": "" if stage == call.stage else call.stage,
            "created_at": now,
        }
        for call in calls
        for stage in (*call.collapsed, call.stage)
    ]
    RobotReminder.insert_many(rows).on_conflict_ignore().execute()


def _take_in_older(robot: Robot, message: Message, stages: dict[int, str]) -> None:
    """Digests of earlier days that never went out end here: their reports are told of in this one."""
    older = (
        (Message.robot == robot)
        & (Message.kind == MessageKind.DIGEST)
        & (Message.id < message.id)
        & Message.state.in_(list(robot_digests.UNSENT))
    )
    ids = [row[0] for row in rows_of(Message.select(Message.id).where(older))]
    if not ids:
        return
    rows = RobotReminder.message.in_(ids) & RobotReminder.cancelled_at.is_null()
    for row in list(RobotReminder.select().where(rows)):
        later = stages.get(row.obligation_id)
        values = {"message": None, "collapsed_into": later} if later else {"message": message.id}
        RobotReminder.update(**values).where(RobotReminder.id == row.id).execute()
    Message.update(
        state=MessageState.CANCELLED, error=N_("Taken into the digest of a later day.").msgid
    ).where(Message.id.in_(ids) & Message.state.in_(list(robot_digests.UNSENT))).execute()
