"""What people are told: one message per person and channel, exactly once by its key, sent after the commit.

A verb calls `notify` inside its own transaction; the inbox has the message at once, mail waits as an outbox
row, and so does what a robot tells its group. `core/outbox.py` sends what waits.
"""

from __future__ import annotations

import secrets
from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any

from supervisor.clock import beijing_date
from supervisor.core import quiet_hours
from supervisor.core.message_events import MessageEvent, said
from supervisor.core.message_fields import Value
from supervisor.core.wordings import in_force
from supervisor.database import transactional
from supervisor.models import Channel, Message, MessageKind, MessageState, Robot, User
from supervisor.words import DEFAULT_LOCALE, LOCALES

#: Columns `Message.subject` and `Message.key` hold this much.
SUBJECT_LENGTH, KEY_LENGTH = 300, 160


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
    inbox = channel is Channel.INBOX
    at_once = inbox or event.kind is MessageKind.INVITATION  # somebody sits there and waits for the link
    _insert(
        key=key,
        next_try_at=None if at_once else quiet_hours.wait_until(programme_id, now),
        recipient=person.id,
        channel=channel,
        kind=event.kind,
        event=event.key,
        about=about,
        unit=unit_id,
        subject=subject,
        body=body,
        link=link,
        programme=programme_id,
        state=MessageState.SENT if inbox else MessageState.NEW,
        sent_at=now if inbox else None,
        message_id="" if inbox else f"<{secrets.token_hex(16)}@dukao.local>",
        now=now,
    )


def post_to_robot(
    *, key: str, kind: MessageKind, robot: Robot, subject: str, body: str, link: str, now: datetime
) -> None:
    """Write one message to a robot's group unless its key is there; it waits to be sent, a test not for the morning."""
    _insert(
        key=key,
        next_try_at=None if kind is MessageKind.TEST else quiet_hours.wait_until(robot.programme_id, now),
        robot=robot.id,
        channel=robot.channel,
        kind=kind,
        subject=subject,
        body=body,
        link=link,
        programme=robot.programme_id,
        state=MessageState.NEW,
        message_id=secrets.token_hex(16),
        now=now,
    )


def _insert(*, key: str, subject: str, now: datetime, **columns: Any) -> None:
    if len(key) > KEY_LENGTH:
        raise ValueError(f"a message's key holds {KEY_LENGTH} characters: {key}")
    Message.insert(
        key=key,
        day=beijing_date(now),
        # One line: a line break in a subject would begin another header of the mail.
        subject=" ".join(subject.split())[:SUBJECT_LENGTH],
        created_at=now,
        **columns,
    ).on_conflict_ignore().execute()
