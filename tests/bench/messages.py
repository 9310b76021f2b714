"""What reminding costs: a tick, 2,000 digests by mail, the message centre of a million, the preview of 30 days."""

from __future__ import annotations

import smtplib
import statistics
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

from flask.testing import FlaskClient
from peewee import Database

from supervisor import jobs
from supervisor.bulk import insert_rows
from supervisor.config import Config
from supervisor.core import accounts, obligations, outbox, reminders
from supervisor.core.mail import SmtpSender
from supervisor.core.outbox import OutboxOnly
from supervisor.database import count_queries, migrate, open_database, transaction
from supervisor.models import (
    Channel,
    Message,
    MessageKind,
    MessageState,
    Obligation,
    ObligationState,
    Plan,
    Posting,
    Programme,
    ReportingRule,
    Role,
    Unit,
    User,
)
from tests import builders
from tests.bench.ledger import timed
from tests.bench.measure import line, processor_ms
from tests.bench.pages import answered
from tests.bench.rules import WAITING, issued, wait_long
from tests.builders import NOW, at
from tests.conftest import StillClock, make_app
from tests.databases import close, run_postgres
from tests.faults import Sink, listening

DUE, DIGESTS = 500, 2_000
MESSAGES = (10_000, 1_000_000)
#: A Tuesday on which nothing but what is made for it falls due.
DAY = at("2022-01-04 09:00")
TODAY = date(2022, 1, 4)


def run() -> None:
    """Print the figures of both databases."""
    with tempfile.TemporaryDirectory() as name, run_postgres() as postgres:
        folder, made = Path(name), [0]

        def sqlite() -> str:
            made[0] += 1
            return f"sqlite:///{folder / f'messages{made[0]}.db'}"

        for kind, new in (("SQLite", sqlite), ("PostgreSQL", getattr(postgres, "new_database", None))):
            if new is None:
                continue
            _tick(kind, new)
            _mail(kind, new)
            _centre(kind, new, folder)
            _preview(kind, new, folder)


@contextmanager
def _opened(url: str) -> Iterator[Database]:
    database = open_database(url)
    migrate(database)
    try:
        with database.connection_context():
            yield database
    finally:
        close(database)


def people(programme: Programme) -> None:
    """A liaison officer with an address for every unit."""
    units = [unit.id for unit in Unit.select(Unit.id)]
    columns = {"password_hash": "-", "created_at": NOW, "password_changed_at": NOW}
    with transaction():
        insert_rows(
            User,
            ({"username": f"l{n}", "name": f"l{n}", "email": f"l{n}@example.cn", **columns} for n in units),
        )
        posts = zip(
            User.select(User.id).where(User.username.startswith("l")).order_by(User.id), units, strict=True
        )
        common = {"programme": programme.id, "role": Role.LIAISON, "valid_from": date(2020, 1, 1)}
        insert_rows(Posting, ({"user": user.id, "unit": unit, **common} for user, unit in posts))


def owe(made: Plan, rows: int, year: int = 2021) -> None:
    """So many reports that fall due on DAY, of the first week of `year` and of years before it."""
    rule = ReportingRule.get(ReportingRule.recurrence == "weekly:fri")
    units = [unit.id for unit in Unit.select(Unit.id)]
    common = {
        "programme": made.programme_id, "rule": rule.id, "opens_at": NOW, "due_at": at("2022-01-05 00:00"),
        "due_on": TODAY, "locked_at": at("2022-02-05 00:00"),
    }  # fmt: skip
    with transaction():
        insert_rows(
            Obligation,
            (
                {**common, "unit": units[n % len(units)], "period": f"{year - n // len(units)}-W01"}
                for n in range(rows)
            ),
        )


# A tick --------------------------------------------------------------------------------------------------------


def _tick(kind: str, new: Callable[[], str]) -> None:
    """Cost follows what is due, not what is there."""
    took = {}
    for waiting in (WAITING, 1_000):
        with _opened(new()) as database:
            made = issued()
            people(made.programme)
            with transaction():
                wait_long(made, waiting)
            ReportingRule.update(generated_on=TODAY).execute()  # every period has been generated already
            database.execute_sql("ANALYZE")
            owe(made, 10, year=1990)
            _pass()
            took[waiting, 0] = statistics.median(_pass() for _ in range(5))
            owe(made, DUE)
            took[waiting, DUE] = _pass()
    baseline = took[1_000, 0]
    for (waiting, due), seconds in sorted(took.items()):
        words = f"{kind}: tick, {waiting + due:,} obligations of which {due} are due"
        line(words, seconds * 1000, "ms", baseline * 1000, "× none due of 1,000")


def _pass() -> float:
    tick, seconds = timed(lambda: jobs.tick(DAY, OutboxOnly(), datetime.now(UTC)))
    assert tick is not None
    assert not tick.error, tick.error
    return seconds


# Mail ----------------------------------------------------------------------------------------------------------


def _mail(kind: str, new: Callable[[], str]) -> None:
    with _opened(new()), listening(sink := Sink(moment=0)) as port:
        bare = timed(lambda: _bare(port))[1]
        line(f"{kind}: {DIGESTS:,} bare mails by one connection (baseline)", bare, "s")
        made = issued(DIGESTS)
        people(made.programme)
        owe(made, DIGESTS)
        line(f"{kind}: {DIGESTS:,} digests queued", timed(lambda: reminders.queue(DAY))[1], "s", bare)
        line(f"{kind}: {DIGESTS:,} digests delivered", timed(lambda: _deliver(port))[1], "s", bare)
        assert len(sink.received) == DIGESTS + 1, len(sink.received)  # the bare ones share one number
        assert sink.extra == DIGESTS - 1


def _bare(port: int) -> None:
    with smtplib.SMTP("127.0.0.1", port) as server:
        for _ in range(DIGESTS):
            server.sendmail("a@example.cn", ["b@example.cn"], b"Message-ID: <bare>\r\nSubject: x\r\n\r\nx")


def _deliver(port: int) -> None:
    sender = SmtpSender(f"smtp://127.0.0.1:{port}", "dukao@example.cn", "https://dukao.example.cn")
    while outbox.deliver(sender, DAY):
        pass


# Pages ---------------------------------------------------------------------------------------------------------


def _centre(kind: str, new: Callable[[], str], folder: Path) -> None:
    took: dict[int, dict[str, tuple[float, float]]] = {}
    for rows in MESSAGES:
        with _opened(url := new()) as database:
            programme = builders.programme(now=NOW)
            office = builders.user("office", Role.LEAD_OFFICE, programme, builders.unit("市城建局"), now=NOW)
            _tell(programme, office, rows)
            database.execute_sql("ANALYZE")
        place = f"/p/{programme.id}/outbox"
        pages = {
            "settings": f"/p/{programme.id}/settings",
            "message centre": place,
            "its mail given up": f"{place}?show=dead&channel=mail",
            "its alarms (looked for)": f"{place}?kind=alarm",
            "one person's": f"{place}?name=office",
        }
        took[rows] = _pages(f"{kind}, {rows:,} messages", url, folder, office, pages)
    few, many = (took[rows] for rows in MESSAGES)
    for words, (processor, clock) in many.items():
        line(f"{kind}: 1,000,000 against 10,000, {words}", processor / few[words][0], "×")
        line(f"{kind}: the same by the clock, database and all", clock / few[words][1], "×")


def _tell(programme: Programme, person: User, rows: int) -> None:
    """Messages of 400 days until today, half by mail, of which one in a hundred was given up."""
    common = {
        "programme": programme.id, "recipient": person.id, "kind": MessageKind.DECISION,
        "subject": "2021年6月报告已审核通过", "body": "请登录系统查看。", "created_at": DAY,
    }  # fmt: skip
    with transaction():
        insert_rows(
            Message,
            (
                {
                    **common, "key": f"m{n}", "day": TODAY - timedelta(days=(rows - n) * 400 // rows),
                    "channel": Channel.MAIL if n % 2 else Channel.INBOX,
                    "state": MessageState.DEAD if n % 200 == 1 else MessageState.SENT,
                    "read_at": None if n % 4 else DAY,
                }
                for n in range(1, rows + 1)
            ),
        )  # fmt: skip


def _preview(kind: str, new: Callable[[], str], folder: Path) -> None:
    with _opened(url := new()) as database:
        made = issued()
        people(made.programme)
        office = builders.user("office", Role.LEAD_OFFICE, made.programme, now=NOW)
        obligations.generate(made.programme_id, now=at("2021-12-31 12:00"))
        Obligation.update(state=ObligationState.ACCEPTED).where(Obligation.due_on < TODAY).execute()
        database.execute_sql("ANALYZE")
    place = f"/p/{made.programme_id}"
    pages = {"settings": f"{place}/settings", "next 30 days": f"{place}/reminders"}
    _pages(f"{kind}, 300 units × 10 rules", url, folder, office, pages)


def _pages(
    name: str, url: str, folder: Path, person: User, pages: dict[str, str]
) -> dict[str, tuple[float, float]]:
    """Processor milliseconds of ours and milliseconds by the clock; the first page is the baseline."""
    database = open_database(url)
    app = make_app(Config(data=folder, mode="trial", secret="0123456789abcdef" * 4), StillClock(DAY))
    with database.connection_context():
        client: FlaskClient = app.test_client()
        client.set_cookie("sid", accounts.start_session(person, now=DAY))
    took: dict[str, tuple[float, float]] = {}
    for words, address in pages.items():
        act = answered(client, address)
        took[words] = processor_ms(act, times=2), statistics.median(_clock_ms(act) for _ in range(5))
        with count_queries(database) as queries:
            client.get(address)
        baseline = next(iter(took.values()))[0]
        line(f"{name}: {words} ({len(queries)} queries)", took[words][0], "ms", baseline, "× settings page")
    close(database)
    return took


def _clock_ms(act: Callable[[], object]) -> float:
    begun = time.perf_counter()
    act()
    return (time.perf_counter() - begun) * 1000


if __name__ == "__main__":
    run()
