"""Reliability goals at full size: `make endurance`. Each prints `goal N: value (limit)`; ends with 1 if one fails.

Here stand the goals that the product so far can be held to: no lock errors and no lost update under 16 writers
(3, with its control), reminders of which none is lost and none goes out twice by itself while schedulers are killed
and paused (6, with its control), and backups under writes that hold every act acknowledged before them (10).
"""

from __future__ import annotations

import sys
import tempfile
import threading
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import peewee

from supervisor.config import Config
from supervisor.core import audit, backups
from supervisor.database import db, migrate, open_database, transaction
from supervisor.models import AuditEntry, Lease
from tests import faults
from tests.builders import NOW, actor
from tests.databases import close, run_postgres

WRITERS, TURNS, COPIES, DUE = 16, 200, 30, 2000


def main() -> int:
    """Run every goal on both databases; 0 where all hold."""
    held = []
    with tempfile.TemporaryDirectory() as folder, run_postgres() as postgres:
        for kind in ("sqlite", "postgresql"):
            if kind == "postgresql" and isinstance(postgres, str):
                _say(f"postgresql: {postgres}")
                continue
            for goal in (
                lock_errors,
                control,
                reminders_under_faults,
                reminders_naively,
                copies_under_writes,
            ):
                if kind == "postgresql" and goal is control:
                    continue
                place = Path(folder) / f"{kind}-{goal.__name__}"
                place.mkdir()
                url = f"sqlite:///{place / 'dukao.db'}" if kind == "sqlite" else postgres.new_database()  # type: ignore[union-attr]  # see above
                with _opened(url):
                    value, limit, good = goal(place, url)
                held.append(good)
                _say(f"{kind}: {value} ({limit}){'' if good else '  NOT HELD'}")
    return 0 if all(held) else 1


def lock_errors(_place: Path, _url: str) -> tuple[str, str, bool]:
    """Goal 3: 16 threads × 200 read-then-write."""
    errors, sum_ = _race(transaction)
    lost = WRITERS * TURNS - errors - sum_
    return f"goal 3: {errors} locked, {lost} lost of {WRITERS * TURNS}", "0, 0", (errors, lost) == (0, 0)


def control(_place: Path, _url: str) -> tuple[str, str, bool]:
    """Goal 3's control: deferred transactions must fail."""
    errors, _ = _race(lambda: db.obj.atomic("DEFERRED"))
    share = 100 * errors / (WRITERS * TURNS)
    return f"goal 3, control: {share:.0f} % locked", "> 50 %", share > 50


def reminders_under_faults(_place: Path, url: str) -> tuple[str, str, bool]:
    """Goal 6: 2,000 due, four schedulers, 40 kills and 10 pauses longer than lease and claim."""
    end = faults.run(url, DUE, kills=40, pauses=10)
    said = f"goal 6: {end.rows} rows, {end.received} of {end.planned} received, {end.extra} extra, {end.unsent} unsent"
    return said, f"{2 * DUE}, {DUE}, at most {end.faults}, 0", end.holds


def reminders_naively(_place: Path, url: str) -> tuple[str, str, bool]:
    """Goal 6's control: without claims, and with no fault at all, mail must go out twice."""
    end = faults.run(url, DUE // 10, kills=0, pauses=0, naive=True)
    return f"goal 6, control: {end.extra} extra", "> 0", end.extra > 0


def copies_under_writes(place: Path, url: str) -> tuple[str, str, bool]:
    """Goal 10: 30 backups while four writers go on; each whole, with every act acknowledged before it began."""
    stop = threading.Event()

    def write() -> None:
        with db.connection_context():
            while not stop.is_set():
                with transaction():
                    audit.record(actor(), "unit.change", ("unit", 1), now=NOW)

    writers = [threading.Thread(target=write) for _ in range(4)]
    for writer in writers:
        writer.start()
    whole = 0
    config = Config(data=place, mode="trial", database_url=url, secret="-" * 32)
    try:
        for number in range(COPIES):
            acknowledged = AuditEntry.select().count()
            manifest = backups.backup(place / f"copy{number}", config=config, now=datetime.now(UTC))
            rows = manifest.tables["audit_entry"]
            whole += rows == manifest.head.seq and rows >= acknowledged
    finally:
        stop.set()
        for writer in writers:
            writer.join()
    chain = audit.verify_chain()
    return (
        f"goal 10: {whole} of {COPIES} copies whole, chain {chain or 'holds'}",
        f"{COPIES}",
        whole == COPIES and not chain,
    )


def _race(begin: Callable[[], AbstractContextManager[Any]]) -> tuple[int, int]:
    """Lock errors, and the number as it stands after all have raised it."""
    with transaction():
        Lease.create(name="race", until=NOW)
    errors: list[Exception] = []
    start = threading.Barrier(WRITERS)

    def raise_it() -> None:
        with db.connection_context():
            start.wait()
            for _ in range(TURNS):
                try:
                    with begin():
                        Lease.get(Lease.name == "race")
                        Lease.update(fence=Lease.fence + 1).where(Lease.name == "race").execute()
                except peewee.OperationalError as error:
                    errors.append(error)

    threads = [threading.Thread(target=raise_it) for _ in range(WRITERS)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return len(errors), Lease.get(Lease.name == "race").fence


@contextmanager
def _opened(url: str) -> Iterator[None]:
    database = open_database(url)
    migrate(database)
    try:
        with database.connection_context():
            yield
    finally:
        close(database)


def _say(text: str) -> None:
    sys.stdout.write(f"{text}\n")
    sys.stdout.flush()


if __name__ == "__main__":
    sys.exit(main())
