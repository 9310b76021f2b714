"""A person's inbox: filters, keyset pages by day, read and unread in bulk with the way back.

No page reads more than a fixed number of rows. Unread, days and what is to do are found by index; what only a look
at the message tells (kind, programme, unit, words) is looked for in the newest `LOOK` messages, and in the next ones
when the reader asks to look further back.
"""

from __future__ import annotations

import enum
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from peewee import JOIN, Expression, Tuple

from supervisor.core.message_acts import still_open
from supervisor.core.permissions import Actor
from supervisor.core.tasks import bigrams
from supervisor.database import transactional
from supervisor.errors import NotFound
from supervisor.models import Channel, Message, MessageKind, Programme, Unit
from supervisor.models.base import rows_of

PAGE = 50
#: Messages looked through for a page of what no index tells.
LOOK = 5000
#: Words that are looked for at once, and messages marked in one transaction.
WORDS, BATCH = 12, 500


class Show(enum.StrEnum):
    """The tabs of the inbox."""

    ALL = "all"
    UNREAD = "unread"
    TO_DO = "todo"


@dataclass(frozen=True)
class Filter:
    """What the reader wants to see; it lives in the address."""

    show: Show = Show.ALL
    kind: MessageKind | None = None
    programme_id: int | None = None
    unit_id: int | None = None
    first: date | None = None
    last: date | None = None
    words: str = ""

    @property
    def looks(self) -> bool:
        """Whether each message has to be looked at."""
        return bool(self.kind or self.programme_id or self.unit_id or self.words.strip())

    @property
    def narrows(self) -> bool:
        """Whether anything is left out at all."""
        return self.looks or self.show is not Show.ALL or self.first is not None or self.last is not None


@dataclass(frozen=True)
class Cursor:
    """The last message of a page; the next page begins after it."""

    day: date
    id: int

    def __str__(self) -> str:
        return f"{self.day.isoformat()}.{self.id}"


@dataclass(frozen=True)
class Inbox:
    """A page of a person's messages, newest first."""

    rows: tuple[Message, ...]
    #: Ids of all messages that still want an act of the reader, on whatever page.
    wanting: frozenset[int]
    #: None = that was all.
    following: Cursor | None
    #: Whether `following` leads to more looking rather than to more that was found.
    looked: bool = False


@dataclass(frozen=True)
class Choices:
    """What the filters offer: programmes and units that the person's newest messages are about."""

    programmes: tuple[tuple[int, str], ...]
    units: tuple[tuple[int, str], ...]


def page(actor: Actor, wanted: Filter, *, after: Cursor | None = None, now: datetime) -> Inbox:
    """A page of what the person got, in two queries (three where the looking ended before the page was full)."""
    to_do = still_open(_of(actor), now)
    mine = _reach(actor, wanted, to_do)
    if after is not None:
        mine &= Tuple(Message.day, Message.id) < (after.day, after.id)
    query = Message.select(Message, Programme.id, Programme.name, Unit.id, Unit.name)
    query = query.join(Programme, JOIN.LEFT_OUTER).switch(Message).join(Unit, JOIN.LEFT_OUTER)
    if wanted.looks:
        newest = _newest(Message.select(Message.id).where(mine)).limit(LOOK)
        query = query.where(Message.id.in_(newest) & _look(wanted))
    else:
        query = query.where(mine)
    rows = list(_newest(query).limit(PAGE + 1))
    if len(rows) > PAGE:
        return Inbox(tuple(rows[:PAGE]), frozenset(to_do), Cursor(rows[PAGE - 1].day, rows[PAGE - 1].id))
    end = _end_of_look(mine) if wanted.looks else None
    return Inbox(tuple(rows), frozenset(to_do), end, looked=end is not None)


def _end_of_look(mine: Expression) -> Cursor | None:
    """The last message that was looked at, where there may be older ones."""
    last = rows_of(_newest(Message.select(Message.day, Message.id).where(mine)).offset(LOOK - 1).limit(1))
    return Cursor(*last[0]) if last else None


def choices(actor: Actor, wanted: Filter) -> Choices:
    """Programmes and units of the newest messages, and those chosen; bounded like a page."""
    newest = _newest(Message.select(Message.programme, Message.unit).where(_mine(actor))).limit(LOOK)
    pairs = rows_of(newest)
    programmes = {row[0] for row in pairs} | {wanted.programme_id}
    units = {row[1] for row in pairs} | {wanted.unit_id}
    return Choices(_named(Programme, programmes), _named(Unit, units))


def _named(table: type[Programme | Unit], ids: set[int | None]) -> tuple[tuple[int, str], ...]:
    known = sorted(one for one in ids if one is not None)
    if not known:
        return ()
    return tuple(rows_of(table.select(table.id, table.name).where(table.id.in_(known)).order_by(table.id)))


def _of(actor: Actor) -> int:
    if actor.user_id is None:
        raise NotFound
    return actor.user_id


def _mine(actor: Actor) -> Expression:
    mine: Expression = (Message.recipient == _of(actor)) & (Message.channel == Channel.INBOX)
    return mine


def _reach(actor: Actor, wanted: Filter, to_do: Sequence[int]) -> Expression:
    """The part of a filter that an index answers."""
    reach = _mine(actor)
    if wanted.show is Show.UNREAD:
        reach &= Message.read_at.is_null()
    elif wanted.show is Show.TO_DO:
        reach &= Message.id.in_(list(to_do))
    if wanted.first is not None:
        reach &= Message.day >= wanted.first
    if wanted.last is not None:
        reach &= Message.day <= wanted.last
    return reach


def _look(wanted: Filter) -> Expression:
    """The part of a filter for which each message is looked at."""
    look: Any = Message.id > 0
    if wanted.kind is not None:
        look &= Message.kind == wanted.kind
    if wanted.programme_id is not None:
        look &= Message.programme == wanted.programme_id
    if wanted.unit_id is not None:
        look &= Message.unit == wanted.unit_id
    for word in bigrams(wanted.words).split()[:WORDS]:
        look &= Message.subject.contains(word) | Message.body.contains(word)
    condition: Expression = look
    return condition


def _newest(query: Any) -> Any:
    return query.order_by(Message.day.desc(), Message.id.desc())


def own(message_id: int, by: Actor) -> Message:
    """One of the person's own messages; NotFound for another's."""
    row: Message | None = Message.select().where(_mine(by) & (Message.id == message_id)).first()
    if row is None:
        raise NotFound
    return row


# Read and unread -----------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Marked:
    """What was marked as read together: at this instant, which nothing else of the person's carries."""

    count: int
    at: datetime


def mark_read(ids: Sequence[int], *, by: Actor, now: datetime) -> Marked:
    """Mark one's own messages as read; what was read stays read, and keeps its time."""
    unread = _mine(by) & Message.read_at.is_null() & Message.id.in_(list(ids))
    return _mark_batches(unread, by, now)


def mark_all_read(wanted: Filter, *, by: Actor, now: datetime) -> Marked:
    """Mark everything that the filter shows as read, however much it is, a batch a transaction."""
    to_do = still_open(_of(by), now) if wanted.show is Show.TO_DO else []
    unread = _reach(by, wanted, to_do) & _look(wanted) & Message.read_at.is_null()
    return _mark_batches(unread, by, now)


@transactional
def mark_unread(ids: Sequence[int], *, by: Actor) -> int:
    """Put one's own messages back among the unread ones; answers how many."""
    return int(Message.update(read_at=None).where(_mine(by) & Message.id.in_(list(ids))).execute())


def undo(at: datetime, *, by: Actor) -> int:
    """Take back what was marked as read together; answers how many. Twice changes nothing."""
    together = _mine(by) & (Message.read_at == at)
    return _in_batches(together, None)


def count_marked(at: datetime, by: Actor) -> int:
    """How many messages were marked as read together and still are."""
    return int(Message.select().where(_mine(by) & (Message.read_at == at)).count())


def _mark_batches(unread: Expression, by: Actor, now: datetime) -> Marked:
    at = now
    while Message.select().where(_mine(by) & (Message.read_at == at)).exists():
        at += timedelta(microseconds=1)
    return Marked(_in_batches(unread, at), at)


def _in_batches(which: Expression, read_at: datetime | None) -> int:
    done = 0
    while ids := [row[0] for row in rows_of(Message.select(Message.id).where(which).limit(BATCH))]:
        done += _set(ids, read_at)
    return done


@transactional
def _set(ids: list[int], read_at: datetime | None) -> int:
    return int(Message.update(read_at=read_at).where(Message.id.in_(ids)).execute())
