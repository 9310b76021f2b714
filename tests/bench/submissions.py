"""Reports handed in per second at eight connections, against a bare insert and commit in FULL sync."""

from __future__ import annotations

import tempfile
import threading
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path

from supervisor.core import reports, samples
from supervisor.core.calendar import seed_calendar
from supervisor.core.permissions import Actor
from supervisor.core.report_bodies import EntryBody, ReportBody
from supervisor.database import db, migrate, open_database, transaction
from supervisor.models import Entry, Obligation, ObligationState, Role, User
from tests.bench.measure import line
from tests.bench.pages import NOW

CONNECTIONS = 8


def run() -> None:
    """Print the figures of handing in."""
    with tempfile.TemporaryDirectory() as name:
        database = open_database(f"sqlite:///{Path(name) / 'reports.db'}")
        migrate(database)
        with database.connection_context():
            seed_calendar(now=NOW)
            samples.fill(1000, units=200, months=2, now=NOW)
            people = {user.username: user for user in User.select()}
            still = (Obligation.state == ObligationState.OPEN) & (Obligation.locked_at > NOW)
            owed = list(
                Obligation.select().where(still & Obligation.outcome.is_null()).order_by(Obligation.id)
            )
            work = [(each, _body(each), _actor(each, people)) for each in owed]
            db.execute_sql("CREATE TABLE bare (id INTEGER PRIMARY KEY, text TEXT)")
        bare = _per_second([_insert] * 400)
        full = _per_second(
            [partial(reports.submit, o, b, by=a, now=max(NOW, o.opens_at)) for o, b, a in work]
        )
    line(f"bare insert + commit, {CONNECTIONS} connections (baseline)", bare, "/s")
    line(f"reports with audit and outbox, {CONNECTIONS} connections", full, "/s", bare)


def _body(obligation: Obligation) -> ReportBody:
    entries = Entry.select().where(Entry.obligation == obligation)
    return ReportBody([EntryBody(e.id, 100, done="本月完成招标，进场施工。") for e in entries])


def _actor(obligation: Obligation, people: dict[str, User]) -> Actor:
    person = people["office"]
    return Actor(
        person.id,
        person.name,
        obligation.programme_id,
        frozenset({Role.LIAISON}),
        frozenset({obligation.unit_id}),
    )


def _insert() -> None:
    with transaction():
        db.execute_sql("INSERT INTO bare (text) VALUES ('x')")


def _per_second(acts: list[Callable[[], object]]) -> float:
    """How many of these acts a second, shared out among the connections."""
    barrier = threading.Barrier(CONNECTIONS + 1)
    errors: list[BaseException] = []

    def one(mine: list[Callable[[], object]]) -> None:
        db.connect()
        try:
            barrier.wait()
            for act in mine:
                act()
        except BaseException as error:  # noqa: BLE001 -- shown by the measuring thread
            errors.append(error)
        finally:
            db.close()

    threads = [threading.Thread(target=one, args=(acts[n::CONNECTIONS],)) for n in range(CONNECTIONS)]
    for thread in threads:
        thread.start()
    barrier.wait()
    start = time.perf_counter()
    for thread in threads:
        thread.join()
    spent = time.perf_counter() - start
    if errors:
        raise errors[0]
    return len(acts) / spent
