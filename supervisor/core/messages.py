"""What people are told: one message per person and channel, exactly once by its key, sent after the commit.

A verb calls `notify` inside its own transaction; the inbox has the message at once, mail waits as an outbox
row. `deliver` claims each row before it touches the network, so that a crash can at worst repeat a mail, with
the same Message-ID (D12), and never lose one.
"""

from __future__ import annotations

import logging
import secrets
import time
from collections import Counter
from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta
from typing import Protocol

from supervisor.clock import beijing_date
from supervisor.core import digests
from supervisor.core.message_events import MessageEvent, said
from supervisor.core.message_fields import Value
from supervisor.core.wordings import in_force
from supervisor.database import transaction, transactional
from supervisor.models import Channel, Message, MessageKind, MessageState, User
from supervisor.words import DEFAULT_LOCALE, LOCALES

log = logging.getLogger(__name__)

#: A claim older than this belongs to a process that died between claim and mark.
RECLAIM_AFTER = timedelta(minutes=10)
#: A sender that was paused longer than this (seconds, monotonic) leaves its claim alone: another may have it.
CLAIM_GOOD_FOR = 120.0
#: Minutes until the next try; after the last one the message is given up.
BACK_OFF = (1, 5, 15, 60, 240, 720)
#: Messages tried in one pass, so that a pass ends.
BATCH = 500
#: Columns `Message.subject` and `Message.key` hold this much.
SUBJECT_LENGTH, KEY_LENGTH = 300, 160


class SendError(Exception):
    """A message did not go out. `retry`: worth another try; `down`: the server itself, so stop this pass."""

    def __init__(self, reason: str, *, retry: bool, down: bool = False) -> None:
        super().__init__(reason)
        self.retry = retry
        self.down = down


class Sender(Protocol):
    """A way out of the house for one channel's messages."""

    def send(self, message: Message) -> None:
        """Hand one message (with its recipient loaded) to the server; raises SendError."""

    def close(self) -> None:
        """End the connection that `send` may have kept open."""


class OutboxOnly:
    """No mail server is set: mail stays readable in the message centre and is never called sent."""

    def send(self, message: Message) -> None:
        """Keep it."""

    def close(self) -> None:
        """Nothing is open."""


def locale_of(person: User) -> str:
    """The language in which a person is written to: their choice, else Chinese."""
    return str(person.language) if person.language in LOCALES else DEFAULT_LOCALE


def channels_of(person: User) -> tuple[Channel, ...]:
    """The ways by which a person is reached: the inbox always, mail where there is an address."""
    return (Channel.INBOX, Channel.MAIL) if person.email else (Channel.INBOX,)


@transactional
def notify(
    *,
    event: MessageEvent,
    key: str,
    to: Iterable[User],
    fields: Mapping[str, Value],
    link: str = "",
    programme_id: int | None,
    unit_id: int | None = None,
    about: int | None = None,
    now: datetime,
) -> int:
    """Tell people of an event, each in their language, in the programme's words; call inside the verb's transaction.

    Args:
        event: of the table in `events`; says what it is about, in which words and by which ways.
        key: this very event, for example `return:report:17:2`. Person and channel are added; never told twice.
        to: receivers; repeated and disabled people are left out.
        fields: a value for each field of the event.
        link: application path to the record.
        programme_id: None = outside any programme.
        unit_id: the unit that it is about, where it is one.
        about: id of the record that the event's act is about.
        now: the instant of the event.

    Returns:
        How many people were written to (also when they had been before).

    Raises ValueError for fields that are not the event's.
    """
    if set(fields) != {field.name for field in event.fields}:
        raise ValueError(f"{event.key} wants {[field.name for field in event.fields]}, not {sorted(fields)}")
    people = {person.id: person for person in to if person.active}
    wording = in_force(event, programme_id, beijing_date(now))
    for person in people.values():
        locale = locale_of(person)
        subject, body = wording.words(said(fields, locale), locale)
        for channel in event.channels or channels_of(person):
            post(
                event=event,
                key=f"{key}:{person.id}:{channel.value}",
                person=person,
                channel=channel,
                subject=subject,
                body=body,
                link=link,
                programme_id=programme_id,
                unit_id=unit_id,
                about=about,
                now=now,
            )
    return len(people)


def was_told(key: str, people: Iterable[User]) -> bool:
    """Whether `notify` has told any of these people of this event; spares working out what would be said."""
    keys = [f"{key}:{person.id}:{Channel.INBOX.value}" for person in people]
    return bool(keys) and bool(Message.select().where(Message.key.in_(keys)).exists())


def post(
    *,
    event: MessageEvent,
    key: str,
    person: User,
    channel: Channel,
    subject: str,
    body: str,
    link: str,
    programme_id: int | None,
    unit_id: int | None = None,
    about: int | None = None,
    now: datetime,
) -> None:
    """Write one message row unless its key is there. In the inbox that is the delivery itself."""
    if len(key) > KEY_LENGTH:
        raise ValueError(f"a message's key holds {KEY_LENGTH} characters: {key}")
    inbox = channel is Channel.INBOX
    Message.insert(
        programme=programme_id,
        recipient=person.id,
        channel=channel,
        kind=event.kind,
        event=event.key,
        about=about,
        unit=unit_id,
        key=key,
        day=beijing_date(now),
        # One line: a line break in a subject would begin another header of the mail.
        subject=" ".join(subject.split())[:SUBJECT_LENGTH],
        body=body,
        link=link,
        state=MessageState.SENT if inbox else MessageState.NEW,
        sent_at=now if inbox else None,
        message_id="" if inbox else f"<{secrets.token_hex(16)}@dukao.local>",
        created_at=now,
    ).on_conflict_ignore().execute()


def deliver(sender: Sender, now: datetime, *, limit: int = BATCH) -> dict[str, int]:
    """One pass over the mail that is due: claim, send, mark, each message on its own.

    Safe to run in several processes at once. Returns how many ended in which state.
    """
    counts: Counter[str] = Counter()
    _reclaim(now)
    due = Message.select(Message.id).where(
        (Message.channel == Channel.MAIL)
        & (
            (Message.state == MessageState.NEW)
            | ((Message.state == MessageState.RETRY) & (Message.next_try_at <= now))
        )
    )
    try:
        # list(): a result half read would change under the writes that follow.
        for waiting in list(due.order_by(Message.id).limit(limit)):
            claimed_at = time.monotonic()
            message = _claim(waiting.id, now)
            if message is None:
                continue
            state, down = _send(sender, message, claimed_at, now)
            counts[state.value] += 1
            if down:  # every other message would wait for the same time-out
                break
    finally:
        sender.close()
    return dict(counts)


def _reclaim(now: datetime) -> None:
    """Mail left in `sending` by a process that died: to be sent again under the same Message-ID."""
    with transaction():
        Message.update(
            state=MessageState.RETRY,
            next_try_at=now,
            error="the process that was sending it ended; sent again under the same Message-ID",
        ).where(
            (Message.channel == Channel.MAIL)
            & (Message.state == MessageState.SENDING)
            & (Message.claimed_at < now - RECLAIM_AFTER)
        ).execute()


def _claim(message_id: int, now: datetime) -> Message | None:
    """Take one message before anything is sent, or None where somebody else has it or it became pointless."""
    with transaction():
        query = Message.select(Message, User).join(User).where(Message.id == message_id)
        message: Message | None = query.first()
        if message is None:
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
        if message.kind is MessageKind.DIGEST and not digests.refresh(message, now=now):
            return None
        return message


def _send(sender: Sender, message: Message, claimed_at: float, now: datetime) -> tuple[MessageState, bool]:
    """Send a claimed message and mark what came of it; the second value says that the server is down."""
    if time.monotonic() - claimed_at > CLAIM_GOOD_FOR:
        log.warning("message %s was not sent: this process was paused after claiming it", message.id)
        return MessageState.SENDING, False
    try:
        sender.send(message)
    except SendError as error:
        return _mark_failed(message, str(error), retry=error.retry, now=now), error.down
    except Exception as error:  # one message's accident must not hold up the others
        log.exception("message %s could not be sent", message.id)
        return _mark_failed(message, f"{type(error).__name__}: {error}", retry=True, now=now), False
    kept = isinstance(sender, OutboxOnly)
    state = MessageState.KEPT if kept else MessageState.SENT
    _mark(message, state=state, sent_at=None if kept else now, error="")
    return state, False


def _mark_failed(message: Message, reason: str, *, retry: bool, now: datetime) -> MessageState:
    again = retry and message.attempts <= len(BACK_OFF)
    state = MessageState.RETRY if again else MessageState.DEAD
    wait = timedelta(minutes=BACK_OFF[message.attempts - 1]) if again else None
    _mark(message, state=state, next_try_at=now + wait if wait else None, error=reason[:2000])
    return state


def _mark(message: Message, **values: object) -> None:
    """Write the end of a sending, unless the claim has meanwhile passed to another process."""
    with transaction():
        Message.update(**values).where(
            (Message.id == message.id)
            & (Message.fence == message.fence)
            & (Message.state == MessageState.SENDING)
        ).execute()
