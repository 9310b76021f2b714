"""The demo's own time: acts in a queue, done in the order of their moments by the real verbs.

Nothing here writes a row by itself, so the demo's trail, receipts and messages are what the product makes.
"""

from __future__ import annotations

import heapq
import itertools
import random
from collections.abc import Callable
from datetime import UTC, date, datetime, time, timedelta

from supervisor.clock import BEIJING, beijing_date
from supervisor.core import (
    accounts,
    obligations,
    outbox,
    people,
    reminders,
    reviews,
    weekly_records,
)
from supervisor.core.calendar import load_calendar
from supervisor.core.outbox import OutboxOnly
from supervisor.core.permissions import Actor
from supervisor.core.workdays import Calendar
from supervisor.models import Programme, User

Act = Callable[[datetime], None]

#: Mixed into every die, so that the same demo comes out every time.
SEED = 20260708
#: Before this day the story sends no reminders.
REMINDED_FROM = date(2026, 6, 25)
#: From this day on weekly records are made.
SUPERVISED_FROM = date(2026, 4, 13)


def moment(day: date, hour: int, minute: int = 0) -> datetime:
    """An instant from Beijing's calendar and clock, in UTC."""
    return datetime.combine(day, time(hour, minute), BEIJING).astimezone(UTC)


def dice(*about: object) -> random.Random:
    """A die of its own for each question: what one answer takes from it never moves another."""
    return random.Random(":".join(str(part) for part in (SEED, *about)))  # noqa: S311 -- a story, no secret


class Story:
    """The queue of what is going to happen, up to the demo's today."""

    def __init__(self, today: datetime) -> None:
        self.today = today
        self.calendar: Calendar = load_calendar()
        self._queue: list[tuple[datetime, int, Act]] = []
        self._order = itertools.count()
        self._people: dict[str, User] = {}
        self._liaisons: dict[tuple[int, int], str] = {}
        self._actors: dict[tuple[str, int | None], Actor] = {}

    def at(self, when: datetime, act: Act) -> None:
        """Let `act` happen at this moment; what would come after today never happens."""
        if when <= self.today:
            heapq.heappush(self._queue, (when, next(self._order), act))

    def on(self, day: str, act: Act) -> None:
        """As `at`, from "2026-07-02 10:30"."""
        self.at(datetime.fromisoformat(day).replace(tzinfo=BEIJING).astimezone(UTC), act)

    def play(self) -> None:
        """Do everything in its order; acts may add later ones."""
        while self._queue:
            when, _order, act = heapq.heappop(self._queue)
            act(when)

    def workday(self, day: date, steps: int = 0) -> date:
        """The working day so many steps from the first one on or after `day`."""
        return self.calendar.add_workdays(self.calendar.on_or_after(day), steps)

    def person(self, username: str) -> User:
        """Who has this user name."""
        if username not in self._people:
            self._people[username] = User.get(User.username == username)
        return self._people[username]

    def actor(self, username: str, programme: Programme | None, now: datetime) -> Actor:
        """Who this person is in the programme; posts do not change but where `forget_posts` is called."""
        key = (username, programme.id if programme else None)
        if key not in self._actors:
            self._actors[key] = accounts.actor_for(self.person(username), key[1], now=now)
        return self._actors[key]

    def liaison(self, unit_id: int, programme_id: int, now: datetime) -> str:
        """The user name of the unit's liaison officer; empty where there is none."""
        if (unit_id, programme_id) not in self._liaisons:
            found = people.liaisons_of([unit_id], programme_id, beijing_date(now)).get(unit_id, [])
            self._liaisons[unit_id, programme_id] = found[0].username if found else ""
        return self._liaisons[unit_id, programme_id]

    def forget_posts(self) -> None:
        """Somebody was appointed or left: ask anew who is who."""
        self._actors.clear()
        self._liaisons.clear()

    def let_time_pass(self, first: date) -> None:
        """What the tick does each working morning from this day on: missing, owed, reminded, sent."""
        day = first
        while moment(day, 8, 30) <= self.today:
            if self.calendar.is_workday(day):
                self.at(moment(day, 8, 30), _morning)
            day += timedelta(days=1)


def _morning(now: datetime) -> None:
    day = beijing_date(now)
    if day.day <= 12:  # a month begins, or the first days after a holiday
        obligations.generate_due(now)
    obligations.mark_missing(now)
    if day >= SUPERVISED_FROM:
        weekly_records.make(now)
    # Reminders of long ago interest nobody, and between two months' stages there is nothing to remind of.
    if day >= REMINDED_FROM and not 16 <= day.day <= 25:
        reminders.queue(now)
        reviews.alarm(now)
        outbox.deliver(OutboxOnly(), now)
