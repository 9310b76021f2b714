"""The office's message centre: what was sent, failed, waits. Keyset pages, newest first.

However many messages there are, a page looks through a bounded number: channel, state, day and person are found by an
index, a window for each way of them; what no index tells (kind, robot, whether a digest over several programmes speaks
of this one) is looked for in the newest `LOOK` of those, and in the next ones when the reader asks to look further.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from functools import reduce
from typing import Any

from peewee import JOIN, SQL, Expression, Select, Tuple, Value, fn

from supervisor.core import audit, mail
from supervisor.core.inbox import Cursor
from supervisor.core.permissions import Actor, Permission
from supervisor.database import db, transactional
from supervisor.errors import NotFound, Refused
from supervisor.models import (
    Channel,
    DeliveryAttempt,
    Message,
    MessageKind,
    MessageState,
    Obligation,
    Posting,
    Reminder,
    ReportingRule,
    Robot,
    RobotReminder,
    Unit,
    User,
)
from supervisor.models.base import rows_of
from supervisor.words import N_

PAGE = 50
#: Messages looked through for a page; their numbers go into one statement.
LOOK = 900
#: A count stops here.
MANY = 100
#: People of one name or unit whose messages are looked for at once.
RECEIVERS = 20
#: Ways of a person; a robot's messages are of one programme.
PERSONAL = (Channel.INBOX, Channel.MAIL)
#: Ways on which something can fail.
LEAVING = tuple(channel for channel in Channel if channel is not Channel.INBOX)
#: States from which the office may send a message again.
AGAIN = (MessageState.DEAD, MessageState.UNKNOWN, MessageState.KEPT)
#: States that want somebody's eye, and those that merely wait.
TROUBLED = (MessageState.DEAD, MessageState.UNKNOWN, MessageState.RETRY)
ASKING = (MessageState.DEAD, MessageState.UNKNOWN)
WAITING = (MessageState.NEW, MessageState.SENDING)


@dataclass(frozen=True)
class Filter:
    """What the office wants to see; it lives in the address."""

    states: tuple[MessageState, ...] = ()
    channel: Channel | None = None
    kind: MessageKind | None = None
    first: date | None = None
    last: date | None = None
    robot_id: int | None = None
    #: Only messages of the inbox that were read.
    read: bool = False
    #: Only messages to these people, by a part of their name or by their unit.
    name: str = ""
    unit_id: int | None = None


@dataclass(frozen=True)
class Outbox:
    """A page of a programme's messages, with its receivers."""

    rows: tuple[Message, ...]
    #: None = that was all.
    following: Cursor | None
    #: Whether `following` leads to more looking rather than to more that was found.
    looked: bool = False
    #: More people have that name or unit than are looked for.
    more_people: bool = False


def outbox(actor: Actor, wanted: Filter = Filter(), *, after: Cursor | None = None) -> Outbox:
    """What the programme's people and groups were told, newest first."""
    people = _people(actor, wanted)
    windows = _windows(actor, wanted, None if people is None else people[:RECEIVERS])
    keys = _newest_of([_bounded(window, wanted, after) for window in windows])
    query = _told().where(Message.id.in_([key.id for key in keys]) & of_programme(actor))
    if people is not None and wanted.states:  # the windows of people do not tell states
        query = query.where(Message.state.in_(list(wanted.states)))
    if wanted.kind is not None:
        query = query.where(Message.kind == wanted.kind)
    if wanted.robot_id is not None:
        query = query.where(Message.robot == wanted.robot_id)
    if wanted.read:
        query = query.where(Message.read_at.is_null(False))  # noqa: FBT003 -- Peewee's word for "is not null"
    rows = list(query.order_by(Message.day.desc(), Message.id.desc()).limit(PAGE + 1))
    more_people = people is not None and len(people) > RECEIVERS
    if len(rows) > PAGE:
        return Outbox(
            tuple(rows[:PAGE]), Cursor(rows[PAGE - 1].day, rows[PAGE - 1].id), more_people=more_people
        )
    end = keys[-1] if len(keys) == LOOK else None
    return Outbox(tuple(rows), end, looked=end is not None, more_people=more_people)


def counts(actor: Actor) -> dict[str, int]:
    """How many messages by mail and robots are in trouble, wait, or were kept, each counted to MANY, in one query.

    Of digests over several programmes the newest LOOK of each state are looked at.
    """
    named: dict[str, tuple[MessageState, ...]] = {
        "dead": (MessageState.DEAD,), "unknown": (MessageState.UNKNOWN,), "retry": (MessageState.RETRY,),
        "waiting": WAITING, "kept": (MessageState.KEPT,),
    }  # fmt: skip
    parts: list[Any] = []
    for name, states in named.items():
        own = Message.select(Message.id).where(Message.programme == actor.programme_id)
        queries = [own.where(Message.channel.in_(LEAVING) & Message.state.in_(states))]
        for state in states:
            newest = _shared().where((Message.channel == Channel.MAIL) & (Message.state == state))
            looked = (
                newest.select(Message.id).order_by_extend(Message.day.desc(), Message.id.desc()).limit(LOOK)
            )
            queries.append(Message.select(Message.id).where(Message.id.in_(looked) & is_shared(actor)))
        for query in queries:
            counted = query.limit(MANY).alias(f"c{len(parts)}")
            parts.append(Select([counted], [Value(name).cast("TEXT"), fn.COUNT(SQL("*"))]))
    found = dict.fromkeys(named, 0)
    for name, count in rows_of(_all_of(parts).bind(db)):
        found[name] = min(found[name] + count, MANY)
    return found


def mail_trouble() -> DeliveryAttempt | None:
    """The newest try to send a mail, if the mail server itself failed at it: then all mail waits.

    Looked for among the newest tries of all, so that the page costs the same however many there were.
    """
    ended = DeliveryAttempt.select().where(DeliveryAttempt.result != MessageState.SENDING)
    newest = ended.order_by(DeliveryAttempt.id.desc()).limit(MANY)
    last: DeliveryAttempt | None = next((row for row in newest if row.channel is Channel.MAIL), None)
    return last if last is not None and last.error.partition("\n")[0] in mail.DOWN else None


def one(message_id: int, actor: Actor) -> Message:
    """One message of the programme; NotFound for another's."""
    row: Message | None = _told().where((Message.id == message_id) & of_programme(actor)).first()
    if row is None:
        raise NotFound
    return row


def units_told(actor: Actor) -> list[tuple[int, str]]:
    """The units whose people get messages of the programme, by number and name."""
    query = (
        Posting.select(Unit.id, Unit.name, Unit.sort)
        .join(Unit)
        .where(Posting.programme == actor.programme_id)
    )
    return [(row[0], row[1]) for row in rows_of(query.distinct().order_by(Unit.sort, Unit.id))]


def carried(message: Message, actor: Actor) -> list[Reminder] | list[RobotReminder]:
    """The reminders of this programme that a digest carries."""
    if message.robot_id is not None:
        return list(
            RobotReminder.select(RobotReminder, Obligation, Unit, ReportingRule)
            .join(Obligation)
            .join(Unit)
            .switch(Obligation)
            .join(ReportingRule)
            .where(RobotReminder.message == message.id)
            .order_by(RobotReminder.due_on, Unit.sort)
        )
    return list(
        Reminder.select(Reminder, Obligation, Unit, ReportingRule)
        .join(Obligation)
        .join(Unit)
        .switch(Obligation)
        .join(ReportingRule)
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
def send_chosen_again(ids: Sequence[int], *, by: Actor, now: datetime) -> int:
    """Put the chosen messages (a page of them at most) back into the line, all or none; answers how many.

    Raises Refused naming the first one that cannot be sent again.
    """
    by.require(Permission.OUTBOX_READ)
    chosen = sorted(set(ids))
    if not chosen:
        raise Refused(N_("Choose at least one message."))
    if len(chosen) > PAGE:
        raise Refused(N_("At most %(n)s messages are sent again at once.", n=PAGE))
    rows = list(_told().where(Message.id.in_(chosen) & of_programme(by)).order_by(Message.id))
    if len(rows) < len(chosen):
        raise NotFound
    for message in rows:
        try:
            send_again(message, by=by, now=now)
        except Refused:
            raise Refused(
                N_(
                    "“%(subject)s” to %(name)s cannot be sent again: somebody else did, it has arrived, or its robot "
                    "was revoked. None of the chosen messages was touched. Open the page again and choose once more.",
                    subject=message.subject,
                    name=message.receiver_name,
                )
            ) from None
    return len(rows)


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


# Which messages ------------------------------------------------------------------------------------------------


def of_programme(actor: Actor) -> Expression:
    """Whether a message is the programme's own, or a digest over several programmes that speaks of it."""
    own: Expression = (Message.programme == actor.programme_id) | is_shared(actor)
    return own


def is_shared(actor: Actor) -> Expression:
    """Whether a message is a digest over several programmes that carries a reminder of this one; by its number."""
    carried_here = (
        Reminder.select(SQL("1"))
        .join(Obligation)
        .where((Reminder.message == Message.id) & (Obligation.programme == actor.programme_id))
    )
    shared: Expression = Message.programme.is_null() & fn.EXISTS(carried_here)
    return shared


def _told() -> Any:
    query = Message.select(Message, User, Robot).join(User, JOIN.LEFT_OUTER)
    return query.switch(Message).join(Robot, JOIN.LEFT_OUTER)


def _people(actor: Actor, wanted: Filter) -> list[int] | None:
    """Who is meant by name and unit, one more than is looked for; None = anybody."""
    if not wanted.name and wanted.unit_id is None:
        return None
    query = Posting.select(Posting.user).join(User).where(Posting.programme == actor.programme_id)
    if wanted.name:
        query = query.where(User.name.contains(wanted.name))
    if wanted.unit_id is not None:
        query = query.where(Posting.unit == wanted.unit_id)
    return [row[0] for row in rows_of(query.distinct().order_by(Posting.user).limit(RECEIVERS + 1))]


def _windows(
    actor: Actor, wanted: Filter, people: Iterable[int] | None, channels: Iterable[Channel] = Channel
) -> list[Any]:
    """Queries that together hold what is wanted, each answered by one index from the newest on."""
    through = [channel for channel in channels if wanted.channel in {None, channel}]
    columns = Message.select(Message.day, Message.id)
    if people is not None:
        personal = [channel for channel in through if channel in PERSONAL]
        pairs = [(person, channel) for person in people for channel in personal]
        return [columns.where((Message.recipient == who) & (Message.channel == way)) for who, way in pairs]
    own = columns.where(Message.programme == actor.programme_id)
    shared = _shared()
    if wanted.channel is None and not wanted.states and not wanted.read:
        return [own, shared]
    return [
        query.where((Message.channel == channel) & (Message.state == state))
        for query, possible in ((own, through), (shared, [one for one in through if one in PERSONAL]))
        for channel in possible
        for state in ([MessageState.SENT] if channel is Channel.INBOX else MessageState)
        if not wanted.states or state in wanted.states
    ]


def _shared() -> Any:
    """What goes to people of several programmes, or of none."""
    query = Message.select(Message.day, Message.id).where(Message.programme.is_null())
    # The order names the programme: to PostgreSQL a column that IS NULL is not one that stays the same.
    return query.order_by(Message.programme.desc())


def _bounded(window: Any, wanted: Filter, after: Cursor | None) -> Any:
    if wanted.first is not None:
        window = window.where(Message.day >= wanted.first)
    if wanted.last is not None:
        window = window.where(Message.day <= wanted.last)
    if after is not None:
        window = window.where(Tuple(Message.day, Message.id) < (after.day, after.id))
    return window.order_by_extend(Message.day.desc(), Message.id.desc()).limit(LOOK)


def _newest_of(windows: Sequence[Any]) -> list[Cursor]:
    """The newest messages of all windows, at most LOOK, in one query."""
    if not windows:
        return []
    parts = [Select([window.alias(f"w{n}")], [SQL("*")]) for n, window in enumerate(windows)]
    newest = _all_of(parts).order_by(SQL("1 DESC"), SQL("2 DESC")).limit(LOOK).bind(db)
    return [Cursor(Message.day.python_value(day), number) for day, number in rows_of(newest)]


def _all_of(parts: Sequence[Any]) -> Any:
    return reduce(lambda one, other: one.union_all(other), parts)
