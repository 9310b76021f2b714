"""The connection, the transaction and the schema, alike on SQLite and PostgreSQL.

SQLite: WAL with synchronous=FULL (an acknowledged report survives a power cut), every write transaction
BEGIN IMMEDIATE (a deferred one fails on its first write under load, whatever the timeout).
"""

from __future__ import annotations

import contextlib
import functools
import hashlib
import logging
import threading
from collections.abc import Callable, Iterator
from datetime import datetime
from pathlib import Path
from typing import Any, ParamSpec, TypeVar

import peewee
from peewee import Database, DatabaseProxy, PostgresqlDatabase, SqliteDatabase
from playhouse import db_url
from playhouse.migrations import Runner

P = ParamSpec("P")
R = TypeVar("R")

log = logging.getLogger(__name__)

# The library that Peewee chose (pysqlite3 where there is a wheel): never a second one in this process.
sqlite3: Any = vars(peewee)["sqlite3"]

db = DatabaseProxy()

#: Below this SQLite's write-ahead log can corrupt the file (WAL-reset bug): rollback journal instead (D25).
WAL_FLOOR = (3, 51, 3)
#: How long a writer waits for another, seconds (D31).
BUSY_SECONDS = 15
MIGRATIONS = Path(__file__).resolve().parent.parent / "migrations"
#: Advisory lock that one migrating process holds on PostgreSQL.
MIGRATION_LOCK = 74210

# SQLite lets waiting writers starve; one queue per process cut the worst wait from 3.2 s to 0.5 s.
_writers = threading.RLock()


def open_database(url: str) -> Database:
    """A database for `url` with the pragmas and pool of this product, bound to the models. Opens no connection."""
    if url.startswith("sqlite"):
        wal = sqlite3.sqlite_version_info >= WAL_FLOOR
        if not wal:
            log.warning(
                "SQLite %s is older than 3.51.3: using the rollback journal, which is slower under many users",
                sqlite3.sqlite_version,
            )
        path = url.removeprefix("sqlite:///")
        if path != ":memory:":
            Path(path).parent.mkdir(parents=True, exist_ok=True)
        database: Database = SqliteDatabase(
            path,
            pragmas={
                "journal_mode": "wal" if wal else "delete",
                "synchronous": "full",
                "foreign_keys": 1,
                "recursive_triggers": 1,  # else REPLACE slips past the append-only triggers of the audit table
                "mmap_size": 0,
                "busy_timeout": BUSY_SECONDS * 1000,
                "cache_size": -16000,
            },
            timeout=BUSY_SECONDS,
            lock_type="IMMEDIATE",
            autoconnect=False,
        )
    else:
        scheme, rest = url.split("://", 1)
        if scheme not in {"postgresql", "postgres"}:
            raise ValueError(
                f"the database address must begin with sqlite:/// or postgresql://, not {scheme}://"
            )
        database = db_url.connect(
            f"postgresql+pool://{rest}",
            max_connections=20,
            stale_timeout=300,
            timeout=BUSY_SECONDS,
            autoconnect=False,
        )
    db.initialize(database)
    return database


def network_filesystem(path: Path, mounts: Path = Path("/proc/self/mounts")) -> str | None:
    """The kind of network file system that `path` lies on, or None; the log of SQLite is not safe there."""
    try:
        lines = mounts.read_text(encoding="utf-8", errors="replace").splitlines()
    except OSError:  # no such list on this system
        return None
    where = path.resolve()
    best, kind = "", ""
    for line in lines:
        _device, point, filesystem = line.split(" ")[:3]
        point = point.replace("\\040", " ")
        if len(point) >= len(best) and where.is_relative_to(point):
            best, kind = point, filesystem
    return kind if kind.startswith(("nfs", "cifs", "smb", "9p", "ceph", "glusterfs", "fuse.sshfs")) else None


def is_sqlite() -> bool:
    """Whether the bound database is SQLite."""
    return isinstance(db.obj, SqliteDatabase)


def transactional(verb: Callable[P, R]) -> Callable[P, R]:
    """One transaction a verb: all of it or none. Inside another verb it becomes a savepoint."""

    @functools.wraps(verb)
    def within(*args: P.args, **kwargs: P.kwargs) -> R:
        with transaction():
            return verb(*args, **kwargs)

    return within


@contextlib.contextmanager
def transaction() -> Iterator[None]:
    """A write transaction, waiting its turn in this process first on SQLite."""
    if is_sqlite() and not db.in_transaction():
        with _writers, db.atomic():
            yield
    else:
        with db.atomic():
            yield


@contextlib.contextmanager
def migration_lock(database: Database) -> Iterator[None]:
    """One migrating process at a time, on either database."""
    if isinstance(database, PostgresqlDatabase):
        database.execute_sql("select pg_advisory_lock(%s)", (MIGRATION_LOCK,))
        try:
            yield
        finally:
            database.execute_sql("select pg_advisory_unlock(%s)", (MIGRATION_LOCK,))
        return
    if database.database == ":memory:":
        yield
        return
    import fcntl

    with Path(f"{database.database}.migrate.lock").open("w", encoding="ascii") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield


def pending_migrations(database: Database) -> list[str]:
    """Names of migrations that this database has not had."""
    return [row.name for row in Runner(database, str(MIGRATIONS)).status() if row.path and not row.applied]


def migrate(database: Database, *, copies: Path | None = None, now: datetime | None = None) -> list[str]:
    """Bring the schema up to date; returns the names applied. A copy is taken first into `copies` (D34).

    Runs under a lock, so several processes may start at once.
    """
    with database.connection_context(), migration_lock(database):
        pending = pending_migrations(database)
        if pending and copies is not None and now is not None and isinstance(database, SqliteDatabase):
            source = Path(str(database.database))
            if source.exists() and database.get_tables():
                copies.mkdir(parents=True, exist_ok=True)
                copy_sqlite(database, copies / f"before-{pending[0]}-{now:%Y%m%dT%H%M%S}.db")
        return list(Runner(database, str(MIGRATIONS)).up()) if pending else []


def copy_sqlite(database: Database, target: Path) -> None:
    """A consistent copy while others write: the online backup, by the same SQLite library.

    A second library or a plain file copy would drop POSIX locks and lose commits.
    """
    copy = sqlite3.connect(str(target))
    try:
        database.connection().backup(copy)
    finally:
        copy.close()


@contextlib.contextmanager
def count_queries(database: Database) -> Iterator[list[str]]:
    """Collects the SQL run inside the block; list pages have tests on its length."""
    seen: list[str] = []

    def hook(event: Any) -> None:
        seen.append(event.sql)

    database.query_hooks.append(hook)
    try:
        yield seen
    finally:
        database.query_hooks.remove(hook)


def digest(text: str | bytes) -> str:
    """SHA-256 in hex; the algorithm's name is stored beside it wherever it is kept."""
    return hashlib.sha256(text.encode() if isinstance(text, str) else text).hexdigest()
