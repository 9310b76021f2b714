"""What leaves the house: each message that is due is claimed, sent and marked, on its own.

A row is claimed before the network is touched, so that a crash can at worst repeat a mail, with the same
Message-ID, and never lose one (D12). A robot's message that a crash left without a result waits for a person:
its group could not tell the second from the first. Every try leaves a row of its own.

One way that is down does not hold up the others: after a failure of the server itself only what would go the
same way (all mail, all robots of one host) waits for the next pass.
"""

from __future__ import annotations

import logging
import time
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Protocol

from peewee import JOIN

from supervisor.clock import beijing_date
from supervisor.core import digests, receivers, robot_digests
from supervisor.database import transaction
from supervisor.models import (
    ROBOT_CHANNELS,
    Channel,
    DeliveryAttempt,
    Message,
    MessageKind,
    MessageState,
    Robot,
    User,
)
from supervisor.models.base import rows_of
from supervisor.words import N_, Sentence

log = logging.getLogger(__name__)

#: A claim older than this belongs to a process that died between claim and mark.
RECLAIM_AFTER = timedelta(minutes=10)
#: A sender that was paused longer than this (seconds, monotonic) leaves its claim alone: another may have it.
CLAIM_GOOD_FOR = 120.0
#: Minutes until the next try; after the last one the message is given up.
BACK_OFF = (1, 5, 15, 60, 240, 720)
#: Mails tried in one pass, so that a pass ends.
BATCH = 500
#: What WeCom and DingTalk take of one robot; what is more waits for a later pass.
ROBOT_MOST, ROBOT_WINDOW = 20, timedelta(minutes=1)


class SendError(Exception):
    """A message did not go out.

    Args:
        reason: a sentence without parameters, or the other side's own words.
        detail: the other side's own words beside a sentence.
        retry: worth another try.
        down: the server itself, not this message: what goes the same way waits for the next pass.
        unknown: it may have arrived, and a second one could not be told from it: a person decides.
        wait: too many at once; nothing goes this way before that, and the try is not counted.
    """

    def __init__(
        self,
        reason: Sentence | str,
        *,
        detail: str = "",
        retry: bool,
        down: bool = False,
        unknown: bool = False,
        wait: timedelta | None = None,
    ) -> None:
        said = reason if isinstance(reason, str) else reason.msgid
        super().__init__(f"{said}\n{detail}" if detail else said)
        self.retry, self.down, self.unknown, self.wait = retry, down, unknown, wait


class Sender(Protocol):
    """A way out of the house."""

    def send(self, message: Message) -> None:
        """Hand one message (with its person or robot loaded) to the server; raises SendError."""

    def close(self) -> None:
        """End the connection that `send` may have kept open."""


class OutboxOnly:
    """No way out is set: messages stay readable in the message centre and are never called sent."""

    def send(self, message: Message) -> None:
        """Keep it."""

    def close(self) -> None:
        """Nothing is open."""


@dataclass(frozen=True)
class WaysOut:
    """Mail by one way, robots by another."""

    mail: Sender
    robots: Sender

    def way(self, channel: Channel) -> Sender:
        """The way of a channel."""
        return self.robots if channel.is_robot else self.mail

    def send(self, message: Message) -> None:
        """Hand it to its channel's way."""
        self.way(message.channel).send(message)

    def close(self) -> None:
        """Close both."""
        self.mail.close()
        self.robots.close()


def deliver(sender: Sender, now: datetime, *, limit: int = BATCH) -> dict[str, int]:
    """One pass over what is due: claim, send, mark, each message on its own.

    Safe to run in several processes at once. Returns how many ended in which state.
    """
    counts: Counter[str] = Counter()
    _reclaim(now)
    began, down = time.monotonic(), set[str]()
    try:
        for message_id, lane in _due(now, limit):
            if lane in down:  # every other message would wait for the same time-out
                continue
            moment = now + timedelta(seconds=time.monotonic() - began)
            state, is_down = _deliver(sender, message_id, moment, now)
            if state is not None:
                counts[state.value] += 1
            if is_down:
                down.add(lane)
    finally:
        sender.close()
    return dict(counts)


def deliver_one(sender: Sender, message_id: int, now: datetime) -> MessageState | None:
    """Send one message at once, for somebody who waits for its result; None = it was not to be sent."""
    try:
        return _deliver(sender, message_id, now, now)[0]
    finally:
        sender.close()


def _due(now: datetime, limit: int) -> Iterator[tuple[int, str]]:
    """Messages to send with the way that they go: mail first, then each robot's, as many as it may say now."""
    # A new message waits only for the end of quiet hours.
    waiting = (
        (Message.state == MessageState.NEW) & (Message.next_try_at.is_null() | (Message.next_try_at <= now))
    ) | ((Message.state == MessageState.RETRY) & (Message.next_try_at <= now))
    mail = Message.select(Message.id).where((Message.channel == Channel.MAIL) & waiting)
    # rows_of(): a result half read would change under the writes that follow.
    yield from ((row[0], "mail") for row in rows_of(mail.order_by(Message.id).limit(limit)))
    theirs = Message.select(Message.robot).where(Message.channel.in_(ROBOT_CHANNELS) & waiting).distinct()
    speaking = Robot.paused_at.is_null() & (Robot.held_until.is_null() | (Robot.held_until <= now))
    for robot in list(Robot.select().where(Robot.id.in_(theirs) & speaking).order_by(Robot.id)):
        query = Message.select(Message.id).where((Message.robot == robot) & waiting)
        for row in rows_of(query.order_by(Message.id).limit(ROBOT_MOST)):
            yield row[0], lane_of(robot)


def lane_of(robot: Robot) -> str:
    """What a robot shares with others when a server is down."""
    return robot.host or robot.channel.value


def _deliver(
    sender: Sender, message_id: int, moment: datetime, now: datetime
) -> tuple[MessageState | None, bool]:
    claimed_at = time.monotonic()
    message = _claim(message_id, sender, moment, now)
    if message is None:
        return None, False
    if _keeps(sender, message.channel):
        _mark(message, state=MessageState.KEPT, sent_at=None, error="")
        return MessageState.KEPT, False
    return _send(sender, message, claimed_at, now)


def _keeps(sender: Sender, channel: Channel) -> bool:
    way = sender.way(channel) if isinstance(sender, WaysOut) else sender
    return isinstance(way, OutboxOnly)


def _reclaim(now: datetime) -> None:
    """What a process that died left in `sending`: mail goes again, a robot's message waits for a person."""
    died = (Message.state == MessageState.SENDING) & (Message.claimed_at < now - RECLAIM_AFTER)
    again = N_("The process that was sending it ended; it is sent again under the same Message-ID.")
    asks = N_(
        "The process that was sending it ended: whether the group has it is not known. Look there first."
    )
    with transaction():
        ids = [row[0] for row in rows_of(Message.select(Message.id).where(died))]
        if not ids:
            return
        of = DeliveryAttempt.message.in_(ids) & (DeliveryAttempt.result == MessageState.SENDING)
        DeliveryAttempt.update(result=MessageState.UNKNOWN).where(of).execute()
        mail = Message.channel == Channel.MAIL
        for channel, state, error, next_try in (
            (mail, MessageState.RETRY, again, now),
            (~mail, MessageState.UNKNOWN, asks, None),
        ):
            Message.update(state=state, next_try_at=next_try, error=error.msgid).where(
                Message.id.in_(ids) & channel & (Message.state == MessageState.SENDING)
            ).execute()


def _claim(message_id: int, sender: Sender, moment: datetime, now: datetime) -> Message | None:
    """Take one message before anything is sent, or None where it is another's, pointless or too soon."""
    with transaction():
        message = _loaded(message_id)
        if message is None or not _may_say(message, moment):
            return None
        taken = (
            Message.update(
                state=MessageState.SENDING,
                claimed_at=now,
                fence=message.fence + 1,
                attempts=Message.attempts + 1,
            )
            .where(
                (Message.id == message_id)
                & (Message.state == message.state)
                & Message.state.in_([MessageState.NEW, MessageState.RETRY])
                & (Message.fence == message.fence)
            )
            .execute()
        )
        if not taken:
            return None
        message.fence += 1
        message.attempts += 1
        why_not = _refresh(message, now)
        if why_not is not None:
            _withdraw(message, why_not)
            return None
        if not _keeps(sender, message.channel):
            DeliveryAttempt.create(
                message=message.id, robot=message.robot_id, channel=message.channel, fence=message.fence,
                day=beijing_date(moment), at=moment, result=MessageState.SENDING,
            )  # fmt: skip
        return message


def _loaded(message_id: int) -> Message | None:
    query = (
        Message.select(Message, User, Robot)
        .join(User, JOIN.LEFT_OUTER)
        .switch(Message)
        .join(Robot, JOIN.LEFT_OUTER)
        .where(Message.id == message_id)
    )
    found: Message | None = query.first()
    return found


def _may_say(message: Message, moment: datetime) -> bool:
    """Whether a robot may say one more now; counted from its tries, in whatever process they were made."""
    robot = message.robot
    if robot is None:
        return True
    if robot.paused_at is not None and message.kind is not MessageKind.TEST:
        return False
    if robot.held_until is not None and robot.held_until > moment:
        return False
    recent = (DeliveryAttempt.robot == robot) & (DeliveryAttempt.at > moment - ROBOT_WINDOW)
    return DeliveryAttempt.select().where(recent).count() < ROBOT_MOST


def _refresh(message: Message, now: datetime) -> Sentence | None:
    """Bring a message up to date with the facts before it goes; why it is pointless by now, or None."""
    if message.robot is not None:
        if message.robot.revoked_at is not None:
            return N_("The robot was revoked before it was sent.")
        return robot_digests.refresh(message, now=now) if robot_digests.is_one(message) else None
    left = receivers.why_gone(message.person, message.programme_id, beijing_date(now))
    if left is not None:
        return left
    return digests.refresh(message, now=now) if digests.is_one(message) else None


def _withdraw(message: Message, why: Sentence) -> None:
    Message.update(
        state=MessageState.CANCELLED, attempts=message.attempts - 1, claimed_at=None, error=why.msgid
    ).where((Message.id == message.id) & (Message.fence == message.fence)).execute()


def _send(sender: Sender, message: Message, claimed_at: float, now: datetime) -> tuple[MessageState, bool]:
    """Send a claimed message and mark what came of it; the second value says that the server is down."""
    if time.monotonic() - claimed_at > CLAIM_GOOD_FOR:
        log.warning("message %s was not sent: this process was paused after claiming it", message.id)
        return MessageState.SENDING, False
    began = time.monotonic()
    try:
        sender.send(message)
    except SendError as error:
        return _mark_failed(message, error, began, now), error.down
    except Exception as error:  # one message's accident must not hold up the others
        log.exception("message %s could not be sent", message.id)
        accident = SendError(f"{type(error).__name__}: {error}", retry=True)
        return _mark_failed(message, accident, began, now), False
    _mark(message, began, state=MessageState.SENT, sent_at=now, error="")
    return MessageState.SENT, False


def _mark_failed(message: Message, error: SendError, began: float, now: datetime) -> MessageState:
    values: dict[str, Any] = {"error": str(error)[:2000], "next_try_at": None}
    if error.unknown:
        values["state"] = MessageState.UNKNOWN
    elif message.kind is MessageKind.TEST or not error.retry:
        values["state"] = MessageState.DEAD
    elif error.wait is not None:
        # Not this message's failure: it keeps all its tries, and so never dies of a crowd.
        values |= {
            "state": MessageState.RETRY, "attempts": message.attempts - 1, "next_try_at": now + error.wait,
        }  # fmt: skip
    elif message.attempts <= len(BACK_OFF):
        wait = timedelta(minutes=BACK_OFF[message.attempts - 1])
        values |= {"state": MessageState.RETRY, "next_try_at": now + wait}
    else:
        values["state"] = MessageState.DEAD
    _mark(message, began, held_until=now + error.wait if error.wait else None, **values)
    state: MessageState = values["state"]
    return state


def _mark(
    message: Message, began: float | None = None, *, held_until: datetime | None = None, **values: Any
) -> None:
    """Write the end of a sending, unless the claim has meanwhile passed to another process."""
    with transaction():
        Message.update(**values).where(
            (Message.id == message.id)
            & (Message.fence == message.fence)
            & (Message.state == MessageState.SENDING)
        ).execute()
        if began is not None:
            attempt = (DeliveryAttempt.message == message.id) & (DeliveryAttempt.fence == message.fence)
            took = int((time.monotonic() - began) * 1000)
            DeliveryAttempt.update(result=values["state"], error=values["error"], milliseconds=took).where(
                attempt
            ).execute()
        if held_until is not None:
            Robot.update(held_until=held_until).where(Robot.id == message.robot_id).execute()
