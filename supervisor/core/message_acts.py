"""Which of a person's messages still want an act: those whose record is open, the newest about each record.

Asked from the records, not from the messages: what is open for a person's units is little, however many messages
they have. Only acts of the posts that they hold today count; whoever has left a post owes nothing by it any more.
"""

from __future__ import annotations

import functools
import operator
from datetime import datetime
from typing import Any

from peewee import fn

from supervisor.clock import beijing_date
from supervisor.core.events import EVENTS
from supervisor.core.message_events import Act
from supervisor.core.people import valid_on
from supervisor.models import (
    AccountabilityCase,
    Assignment,
    AssignmentState,
    CalendarQuestion,
    CaseState,
    Channel,
    Decision,
    InstructedUnit,
    ListState,
    Matter,
    MatterState,
    Message,
    NameList,
    Obligation,
    ObligationState,
    Posting,
    Reminder,
    Role,
    ScorePeriod,
    Task,
    TaskState,
    WorkPlan,
    WorkPlanState,
)
from supervisor.models.base import rows_of

#: More than anybody could do; the newest of them.
MOST = 2000
_UNIT_ROLES = (Role.LIAISON, Role.UNIT_HEAD)


def still_open(user_id: int, now: datetime) -> list[int]:
    """Ids of the messages of this person that still want an act of theirs, newest first. One query."""
    queries = [_reminded(user_id, now)]
    other = Message.alias()
    for act, records in _records(user_id, now).items():
        keys = [event.key for event in EVENTS.values() if event.act is act]
        asked = (other.recipient == user_id) & other.event.in_(keys) & other.about.in_(records)
        if act is Act.SIGN:  # one message a unit: what the other unit signed for is done
            asked &= other.unit.in_(_unsigned(user_id, now).select(Assignment.unit))
        newest = other.select(fn.MAX(other.id)).where(asked & (other.channel == Channel.INBOX))
        queries.append(newest.group_by(other.event, other.about, other.unit))
    together = functools.reduce(operator.or_, queries)
    return sorted({row[0] for row in rows_of(together)}, reverse=True)[:MOST]


def _reminded(user_id: int, now: datetime) -> Any:
    """The newest digest about each report that is owed."""
    about = Reminder.obligation.in_(_owed(user_id, now)) & Reminder.cancelled_at.is_null()
    # The sum keeps the index of the receiver's reminders out of it: what is owed is less than what was reminded of.
    theirs = (Reminder.recipient + 0 == user_id) & (Reminder.channel == Channel.INBOX)
    sent = Reminder.message.is_null(False)  # noqa: FBT003 -- Peewee's word for "is not null"
    return (
        Reminder.select(fn.MAX(Reminder.message)).where(about & theirs & sent).group_by(Reminder.obligation)
    )


def _records(user_id: int, now: datetime) -> dict[Act, Any]:
    """By act the ids of the records that are open for the person."""
    units = _units(user_id, _UNIT_ROLES, now)
    return {
        Act.HAND_IN: _owed(user_id, now),
        Act.APPROVE: Obligation.select(Obligation.id).where(
            Obligation.unit.in_(_units(user_id, (Role.UNIT_HEAD,), now))
            & (Obligation.state == ObligationState.WITH_HEAD)
        ),
        Act.SIGN: _unsigned(user_id, now).join(Task).select(Task.plan),
        Act.FILE_WORK_PLAN: WorkPlan.select(WorkPlan.id).where(
            WorkPlan.unit.in_(units) & WorkPlan.state.in_([WorkPlanState.OPEN, WorkPlanState.RETURNED])
        ),
        Act.DECIDE: Decision.select(Decision.id).where(
            Decision.programme.in_(_programmes(user_id, Role.LEADER, now)) & Decision.approved.is_null()
        ),
        Act.DECIDE_CASE: AccountabilityCase.select(AccountabilityCase.id).where(
            AccountabilityCase.programme.in_(_programmes(user_id, Role.LEADER, now))
            & (AccountabilityCase.state == CaseState.SUBMITTED)
        ),
        Act.DECIDE_LIST: NameList.select(NameList.id)
        .join(ScorePeriod)
        .where(
            ScorePeriod.programme.in_(_programmes(user_id, Role.LEADER, now))
            & (NameList.state == ListState.SUBMITTED)
        ),
        Act.ANSWER_CALENDAR: CalendarQuestion.select(CalendarQuestion.decision).where(
            CalendarQuestion.programme.in_(_programmes(user_id, Role.LEAD_OFFICE, now))
            & CalendarQuestion.answer.is_null()
        ),
        Act.FOLLOW_UP: InstructedUnit.select(InstructedUnit.instruction).where(
            InstructedUnit.unit.in_(units) & InstructedUnit.done_on.is_null()
        ),
        Act.ANSWER_STEP: Matter.select(Matter.id).where(
            Matter.unit.in_(units)
            & Matter.state.in_([MatterState.ISSUED, MatterState.SIGNED, MatterState.SENT_BACK])
        ),
    }


def _owed(user_id: int, now: datetime) -> Any:
    """Reports that the person's units owe and may still hand in."""
    returned = Obligation.state == ObligationState.RETURNED
    open_ = (Obligation.state == ObligationState.OPEN) & (Obligation.locked_at > now)
    mine = Obligation.unit.in_(_units(user_id, _UNIT_ROLES, now))
    states = Obligation.state.in_([ObligationState.OPEN, ObligationState.RETURNED])  # a range of the index
    return Obligation.select(Obligation.id).where(mine & states & (returned | open_))


def _unsigned(user_id: int, now: datetime) -> Any:
    """Links of the person's units that nobody has signed for."""
    issued = (Assignment.state == AssignmentState.ISSUED) & (Assignment.task_state == TaskState.OPEN)
    return Assignment.select().where(Assignment.unit.in_(_units(user_id, _UNIT_ROLES, now)) & issued)


def _units(user_id: int, roles: tuple[Role, ...], now: datetime) -> Any:
    held = (Posting.user == user_id) & Posting.role.in_(roles) & valid_on(beijing_date(now))
    return Posting.select(Posting.unit).where(held)


def _programmes(user_id: int, role: Role, now: datetime) -> Any:
    held = (Posting.user == user_id) & (Posting.role == role) & valid_on(beijing_date(now))
    return Posting.select(Posting.programme).where(held)
