"""The office's message centre: what was sent, failed, waits. Keyset pages, newest first."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from peewee import JOIN, Expression, ModelSelect

from supervisor.core import audit
from supervisor.core.permissions import Actor, Permission
from supervisor.database import transactional
from supervisor.errors import NotFound, Refused
from supervisor.models import (
    Channel,
    DeliveryAttempt,
    Message,
    MessageKind,
    MessageState,
    Obligation,
    Reminder,
    Robot,
    RobotReminder,
    Unit,
    User,
)
from supervisor.models.base import rows_of
from supervisor.words import N_

PAGE = 50
#: A count stops here.
MANY = 100
#: States from which the office may send a message again.
AGAIN = (MessageState.DEAD, MessageState.UNKNOWN, MessageState.KEPT)
#: States that want somebody's eye, and those that merely wait.
TROUBLED = (MessageState.DEAD, MessageState.UNKNOWN, MessageState.RETRY)
WAITING = (MessageState.NEW, MessageState.SENDING)


@dataclass(frozen=True)
class Outbox:
    """A page of a programme's messages, with its receivers."""

    rows: tuple[Message, ...]
    following: int | None


def outbox(
    actor: Actor,
    *,
    states: Sequence[MessageState] = (),
    channel: Channel | None = None,
    kind: MessageKind | None = None,
    day: date | None = None,
    before: int | None = None,
) -> Outbox:
    """What the programme's people were told, newest first, in one query."""
    query = _of_programme(actor)
    if states:
        query = query.where(Message.state.in_(list(states)))
    if channel is not None:
        query = query.where(Message.channel == channel)
    if kind is not None:
        query = query.where(Message.kind == kind)
    if day is not None:
        query = query.where(Message.day == day)
    if before is not None:
        query = query.where(Message.id < before)
    rows = list(query.order_by(Message.id.desc()).limit(PAGE + 1))
    return Outbox(tuple(rows[:PAGE]), rows[PAGE - 1].id if len(rows) > PAGE else None)


def counts(actor: Actor) -> dict[str, int]:
    """How many messages by mail and robots are in trouble or wait, counted to MANY."""
    mail = _of_programme(actor).where(Message.channel != Channel.INBOX)
    found = {}
    for name, states in (
        ("dead", [MessageState.DEAD]),
        ("unknown", [MessageState.UNKNOWN]),
        ("retry", [MessageState.RETRY]),
        ("waiting", list(WAITING)),
    ):
        found[name] = len(rows_of(mail.where(Message.state.in_(states)).select(Message.id).limit(MANY)))
    return found


def one(message_id: int, actor: Actor) -> Message:
    """One message of the programme; NotFound for another's."""
    row: Message | None = _of_programme(actor).where(Message.id == message_id).first()
    if row is None:
        raise NotFound
    return row


def carried(message: Message, actor: Actor) -> list[Reminder] | list[RobotReminder]:
    """The reminders of this programme that a digest carries."""
    if message.robot_id is not None:
        return list(
            RobotReminder.select(RobotReminder, Obligation, Unit)
            .join(Obligation)
            .join(Unit)
            .where(RobotReminder.message == message.id)
            .order_by(RobotReminder.due_on, Unit.sort)
        )
    return list(
        Reminder.select(Reminder, Obligation, Unit)
        .join(Obligation)
        .join(Unit)
        .where((Reminder.message == message.id) & (Obligation.programme == actor.programme_id))
        .order_by(Reminder.due_on, Unit.sort)
    )


@transactional
def send_again(message: Message, *, by: Actor, now: datetime) -> None:
    """Put a message that was given up, is unknown, or stayed in the house back into the line."""
    by.require(Permission.OUTBOX_READ)
    if message.robot is not None and message.robot.revoked_at is not None:
        raise Refused(N_("The robot was revoked before it was sent."))
    again = (
        Message.update(state=MessageState.NEW, attempts=0, next_try_at=None, error="")
        .where((Message.id == message.id) & (Message.channel != Channel.INBOX) & Message.state.in_(AGAIN))
        .execute()
    )
    if not again:
        raise Refused(N_("This message is not waiting to be sent again."))
    audit.record(by, "message.send_again", message, now=now, before={"state": message.state})


@transactional
def settle(message: Message, *, by: Actor, now: datetime) -> None:
    """A person has looked: a message without a known result did arrive, and is not sent again."""
    by.require(Permission.OUTBOX_READ)
    unknown = (Message.id == message.id) & (Message.state == MessageState.UNKNOWN)
    if not Message.update(state=MessageState.SENT, sent_at=message.claimed_at).where(unknown).execute():
        raise Refused(N_("The result of this message is known."))
    audit.record(by, "message.settle", message, now=now, before={"state": message.state})


def tries(message: Message) -> list[DeliveryAttempt]:
    """Every try to send a message, the newest first."""
    mine = DeliveryAttempt.select().where(DeliveryAttempt.message == message.id)
    return list(mine.order_by(DeliveryAttempt.id.desc()).limit(PAGE))


def _of_programme(actor: Actor) -> ModelSelect[Message]:
    """Messages of the programme, and digests over several programmes that carry one of its reports."""
    shared = Message.programme.is_null() & Message.id.in_(
        Reminder.select(Reminder.message)
        .join(Obligation)
        .where((Obligation.programme == actor.programme_id) & _is_carried())
    )
    query = (
        Message.select(Message, User, Robot)
        .join(User, JOIN.LEFT_OUTER)
        .switch(Message)
        .join(Robot, JOIN.LEFT_OUTER)
    )
    return query.where((Message.programme == actor.programme_id) | shared)


def _is_carried() -> Expression:
    return Reminder.message.is_null(False)  # noqa: FBT003 -- Peewee's word for "is not null"
