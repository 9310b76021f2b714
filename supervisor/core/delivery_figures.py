"""What became of the messages of the last days: by channel, by day and by robot, with the share that went out.

The sums are counted from the messages themselves, by an index that holds all that is asked: no second book that could
disagree with the first, and no work for the verbs that change a state. So that a page stays bounded, the days counted
become fewer where a programme writes more than `BOUND` messages in them; the page says which days it counts.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from typing import Any

from peewee import Case, fn

from supervisor.clock import BEIJING
from supervisor.core.mailbox import PERSONAL, WAITING, is_shared
from supervisor.core.permissions import Actor
from supervisor.models import Channel, DeliveryAttempt, Message, MessageState, Robot
from supervisor.models.base import rows_of

#: Days counted, today included.
DAYS = 14
#: Messages counted for one page: of the programme, and of digests over several programmes (each is looked at).
BOUND, SHARED_BOUND = 50_000, 10_000


@dataclass
class Sums:
    """How many messages ended how."""

    states: dict[MessageState, int] = field(default_factory=lambda: defaultdict(int))
    read: int = 0

    def add(self, other: Sums) -> None:
        """Count another's messages too."""
        for state, count in other.states.items():
            self.states[state] += count
        self.read += other.read

    def of(self, *states: MessageState) -> int:
        """How many are in any of these states."""
        return sum(self.states.get(state, 0) for state in states)

    @property
    def written(self) -> int:
        """All of them."""
        return sum(self.states.values())

    @property
    def sent(self) -> int:
        """Taken by the other side; in the inbox: delivered."""
        return self.of(MessageState.SENT)

    @property
    def waiting(self) -> int:
        """Not tried yet, or being sent."""
        return self.of(*WAITING)

    @property
    def to_leave(self) -> int:
        """What was to leave: all but what was cancelled, or kept because there is no way out."""
        return self.written - self.of(MessageState.CANCELLED, MessageState.KEPT)

    @property
    def rate(self) -> str:
        """Per cent of what was to leave that went out."""
        return share(self.sent, self.to_leave)

    @property
    def read_rate(self) -> str:
        """Per cent of what was delivered that was read."""
        return share(self.read, self.sent)


@dataclass(frozen=True)
class RobotLine:
    """One robot's messages of the days, and how often it was tried to send them."""

    robot: Robot
    sums: Sums
    tries: int
    failed_tries: int


@dataclass(frozen=True)
class Figures:
    """The days counted, and their sums."""

    first: date
    last: date
    #: Whether fewer days are counted, because there are too many messages in them.
    cut: bool
    channels: dict[Channel, Sums]
    #: Day → channel → sums, the newest first, only where something was written.
    days: dict[date, dict[Channel, Sums]]
    robots: tuple[RobotLine, ...]

    @property
    def is_empty(self) -> bool:
        """Whether no message was written on these days."""
        return not self.channels


def share(part: int, whole: int) -> str:
    """Per cent with one decimal, rounded down so that 100 means all; a dash of nothing."""
    if not whole:
        return "–"
    full, tenths = divmod(part * 1000 // whole, 10)
    return f"{full}.{tenths}%" if tenths else f"{full}%"


def figures(actor: Actor, today: date) -> Figures:
    """The sums of the programme's messages written on the last DAYS days, in six queries at most."""
    own = Message.programme == actor.programme_id
    none = Message.programme.is_null()
    first = max(
        wanted := today - timedelta(days=DAYS - 1),
        _countable(own, wanted, BOUND),
        _countable(none, wanted, SHARED_BOUND),
    )
    days: dict[date, dict[Channel, Sums]] = defaultdict(lambda: defaultdict(Sums))
    robots: dict[int, Sums] = defaultdict(Sums)
    mail = Message.channel.in_(PERSONAL)
    for query in (_sums(own, Channel, first), _sums(none & mail & is_shared(actor), PERSONAL, first)):
        for day, channel, state, robot_id, count, read in rows_of(query):
            one = Sums({state: count}, read)
            days[day][channel].add(one)
            if robot_id is not None:
                robots[robot_id].add(one)
    ordered = {
        day: {channel: days[day][channel] for channel in Channel if channel in days[day]}
        for day in sorted(days, reverse=True)
    }
    return Figures(first, today, first > wanted, _by_channel(ordered), ordered, tuple(_lines(robots, first)))


def _countable(which: Any, first: date, bound: int) -> date:
    """The first day from which on there are at most `bound` messages; reads no more than that of an index."""
    newest = Message.select(Message.day).where(which & (Message.day >= first))
    # The order names the programme: to PostgreSQL a column that IS NULL is not one that stays the same.
    newest = newest.order_by(Message.programme.desc(), Message.day.desc(), Message.id.desc())
    over = rows_of(newest.offset(bound).limit(1))
    return over[0][0] + timedelta(days=1) if over else first


def _sums(which: Any, channels: Iterable[Channel], first: date) -> Any:
    # Every channel and state is named, so that the index is entered at the first day of each.
    narrow = Message.channel.in_(list(channels)) & Message.state.in_(list(MessageState))
    columns = (Message.day, Message.channel, Message.state, Message.robot)
    query = Message.select(*columns, fn.COUNT(Message.id), fn.COUNT(Message.read_at))
    return query.where(which & narrow & (Message.day >= first)).group_by(*columns)


def _by_channel(days: dict[date, dict[Channel, Sums]]) -> dict[Channel, Sums]:
    found = {channel: Sums() for channel in Channel}
    for of_day in days.values():
        for channel, sums in of_day.items():
            found[channel].add(sums)
    return {channel: sums for channel, sums in found.items() if sums.written}


def _lines(sums: dict[int, Sums], first: date) -> Iterable[RobotLine]:
    """A line for each robot that was to say something, in the order of the robots."""
    if not sums:
        return
    since = datetime.combine(first, time(), tzinfo=BEIJING)
    mine = DeliveryAttempt.robot.in_(sorted(sums)) & (DeliveryAttempt.at >= since)
    failed = fn.COUNT(Case(None, ((DeliveryAttempt.result != MessageState.SENT, 1),)))
    counted = DeliveryAttempt.select(DeliveryAttempt.robot, fn.COUNT(DeliveryAttempt.id), failed).where(mine)
    tried = {row[0]: row[1:] for row in rows_of(counted.group_by(DeliveryAttempt.robot))}
    for robot in Robot.select().where(Robot.id.in_(sorted(sums))).order_by(Robot.id):
        yield RobotLine(robot, sums[robot.id], *tried.get(robot.id, (0, 0)))
