"""Reminders under faults: several scheduler processes on one database that are killed and paused at random.

Reliability goal 6, small in `make test`, at full size in `make endurance`. What counts is what a mail server of
our own received, kept outside the database: every planned mail at least once, and no more extra ones than faults.
A naive sender on the same work must send twice, or the experiment proves nothing.

Run as a module it is one such scheduler: `python -m tests.faults URL PORT START careful|naive`.
"""

from __future__ import annotations

import random
import signal
import socket
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from email import message_from_bytes
from typing import Any

from aiosmtpd.controller import Controller

from supervisor import jobs
from supervisor.config import ROOT
from supervisor.core import outbox, reminders
from supervisor.core.mail import SmtpSender
from supervisor.database import db, open_database, transaction
from supervisor.models import Channel, Message, MessageState, Reminder, Role, User
from tests import builders
from tests.builders import at

#: Friday before the dragon boat holiday; the report falls due on the Tuesday after it.
FRIDAY, DUE = at("2021-06-11 09:00"), date(2021, 6, 15)
#: Times of the schedulers under test, shortened in the same proportion to each other as in the product.
LEASE, RECLAIM, CLAIM_GOOD_FOR = timedelta(seconds=1), timedelta(seconds=4), 1.5
#: A pause outlasts lease and claim.
PAUSE = 2.5
UNSENT = (MessageState.NEW, MessageState.SENDING, MessageState.RETRY)


class Sink:
    """A mail server on loopback that takes a moment for each mail and counts Message-IDs."""

    def __init__(self, moment: float = 0.005) -> None:
        self.received: Counter[str] = Counter()
        self.moment = moment

    async def handle_DATA(self, _server: Any, _session: Any, envelope: Any) -> str:  # noqa: N802 -- the library's name
        """Count one mail; between this and the sender's mark lies the window in which a crash sends twice."""
        time.sleep(self.moment)  # noqa: ASYNC251 -- one mail after the other is meant
        self.received[str(message_from_bytes(envelope.content)["Message-ID"])] += 1
        return "250 taken"

    @property
    def extra(self) -> int:
        """Mails received more than once, counted without their first."""
        return sum(self.received.values()) - len(self.received)


def free_port() -> int:
    """A port on loopback that nobody listens at."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@contextmanager
def listening(sink: Sink) -> Iterator[int]:
    """The port at which the sink listens."""
    port = free_port()
    server = Controller(sink, hostname="127.0.0.1", port=port)
    server.start()
    try:
        yield port
    finally:
        server.stop()


@dataclass(frozen=True)
class Outcome:
    """What the experiment ended with."""

    planned: int
    rows: int
    received: int
    extra: int
    faults: int
    unsent: int

    @property
    def holds(self) -> bool:
        """Rows as planned, none missing, extra mails no more than faults."""
        return (
            self.rows == 2 * self.planned
            and self.received == self.planned
            and self.unsent == 0
            and self.extra <= self.faults
        )


def build_city(units: int) -> None:
    """A running programme in which each unit has a liaison with an address and owes May's report."""
    with transaction():
        programme = builders.programme()
        builders.plan(programme)
        for number in range(1, units + 1):
            unit = builders.unit(f"第{number}局")
            builders.user(f"liaison{number}", Role.LIAISON, programme, unit)
            builders.obligation(unit, programme, due_on=DUE)


def run(url: str, units: int, *, kills: int, pauses: int, seed: int = 1, naive: bool = False) -> Outcome:
    """Four schedulers work off the reminders of `units` while `kills` and `pauses` strike; needs the database open."""
    dice = random.Random(seed)  # noqa: S311 -- repeatable, not secret
    build_city(units)
    sink = Sink()
    with listening(sink) as port:
        workers = Workers(url, port, naive=naive)
        try:
            faults = _strike(workers, dice, kills, pauses)
            _settle(workers)
        finally:
            workers.end()
    waiting = Message.select().where((Message.channel == Channel.MAIL) & Message.state.in_(UNSENT))
    return Outcome(units, sent_rows(), len(sink.received), sink.extra, faults, waiting.count())


def sent_rows() -> int:
    """Reminder rows that a message carries, collapsed stages left out."""
    return Reminder.select().where(Reminder.message.is_null(False)).count()  # noqa: FBT003 -- Peewee's word


class Workers:
    """Four scheduler processes; one that was killed is followed by another."""

    def __init__(self, url: str, port: int, *, naive: bool) -> None:
        self.words = [
            sys.executable, "-m", "tests.faults", url, str(port), str(time.time()), "naive" if naive else "careful",
        ]  # fmt: skip
        self.running = [self._start() for _ in range(4)]

    def _start(self) -> subprocess.Popen[bytes]:
        return subprocess.Popen(self.words, cwd=ROOT)

    def kill(self, number: int) -> None:
        """`kill -9`, and a new one in its place."""
        self.running[number].kill()
        self.running[number].wait()
        self.running[number] = self._start()

    def pause(self, number: int, seconds: float) -> None:
        """Stop one for longer than its lease and its claim hold, then let it go on where it was."""
        self.running[number].send_signal(signal.SIGSTOP)
        time.sleep(seconds)
        self.running[number].send_signal(signal.SIGCONT)

    def failed(self) -> list[int]:
        """Exit codes of workers that ended by themselves: there should be none."""
        return [worker.returncode for worker in self.running if worker.poll() is not None]

    def end(self) -> None:
        """Stop them all."""
        for worker in self.running:
            worker.kill()
            worker.wait()


def _strike(workers: Workers, dice: random.Random, kills: int, pauses: int) -> int:
    while not Message.select().where(Message.channel == Channel.MAIL).exists():
        time.sleep(0.05)  # faults before the first message prove nothing
    blows = ["kill"] * kills + ["pause"] * pauses
    dice.shuffle(blows)
    for blow in blows:
        time.sleep(dice.uniform(0.05, 0.6))
        number = dice.randrange(4)
        if blow == "kill":
            workers.kill(number)
        else:
            workers.pause(number, PAUSE)
    return len(blows)


def _settle(workers: Workers, within: float = 240) -> None:
    """Wait until nothing waits any more."""
    end = time.monotonic() + within
    waiting = Message.select().where((Message.channel == Channel.MAIL) & Message.state.in_(UNSENT))
    while waiting.exists() and time.monotonic() < end:
        if workers.failed():
            raise RuntimeError(f"a scheduler ended by itself: {workers.failed()}")
        time.sleep(0.1)


def _work(url: str, port: int, start: float, *, naive: bool) -> None:
    """One scheduler: pass after pass, in the product's time that began at `start`."""
    jobs.LEASE, outbox.RECLAIM_AFTER, outbox.CLAIM_GOOD_FOR = LEASE, RECLAIM, CLAIM_GOOD_FOR
    open_database(url)
    sender = SmtpSender(f"smtp://127.0.0.1:{port}", "dukao@example.cn", "https://dukao.example.cn")
    while True:
        now = FRIDAY + timedelta(seconds=time.time() - start)
        with db.connection_context():
            if naive:
                _send_naively(sender, now)
            else:
                jobs.tick(now, sender, datetime.now(UTC))
        time.sleep(0.05)


def _send_naively(sender: SmtpSender, now: datetime) -> None:
    """The control: looks for unsent mail, sends it, marks it; neither claim nor fence."""
    reminders.queue(now)
    unsent = Message.select(Message, User).join(User).where(
        (Message.channel == Channel.MAIL) & (Message.state == MessageState.NEW)
    )  # fmt: skip
    for message in list(unsent):
        sender.send(message)
        Message.update(state=MessageState.SENT, sent_at=now).where(Message.id == message.id).execute()


if __name__ == "__main__":
    _work(sys.argv[1], int(sys.argv[2]), float(sys.argv[3]), naive=sys.argv[4] == "naive")
