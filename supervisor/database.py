"""The connection, the transaction and the schema, alike on SQLite and PostgreSQL.

SQLite: WAL with synchronous=FULL (an acknowledged report survives a power cut), every write transaction
BEGIN IMMEDIATE (a deferred one fails on its first write under load, whatever the timeout).
"""

from __future__ import annotations

import contextlib
import functools
import hashlib
import logging
import re
import threading
from collections.abc import Callable, Iterator
from contextvars import ContextVar
from datetime import datetime
from pathlib import Path
from typing import Any, ParamSpec, TypeVar
from weakref import WeakKeyDictionary

import peewee
from peewee import Database, DatabaseProxy, PostgresqlDatabase, SqliteDatabase
from playhouse import db_url
from playhouse.migrations import Runner

P = ParamSpec("P")
R = TypeVar("R")

log = logging.getLogger(__name__)

# The library that Peewee chose (pysqlite3 where there is a wheel): never a second one in this process.
sqlite3: Any = vars(peewee)["sqlite3"]

#: The database that this context visits instead of the one bound at the start: a sandbox's.
_visited: ContextVar[Database | None] = ContextVar("visited", default=None)


class _Bound(DatabaseProxy):
    """The database bound at the start or, within `visiting`, the one visited. Models and verbs know only this."""

    __slots__ = ("_start",)
    __setattr__ = object.__setattr__  # type: ignore[assignment]  # the base class takes none but its own slots

    def initialize(self, obj: Database | None) -> None:
        """Bind the database of this installation."""
        self._start = obj
        for callback in self._callbacks:
            callback(obj)

    @property
    def obj(self) -> Any:
        """The database in force here."""
        return _visited.get() or self._start


db = _Bound()


@contextlib.contextmanager
def visiting(database: Database) -> Iterator[None]:
    """Everything inside happens in `database`; threads begun inside do not inherit it."""
    token = _visited.set(database)
    try:
        yield
    finally:
        _visited.reset(token)


#: Below this SQLite's write-ahead log can corrupt the file (WAL-reset bug): rollback journal instead (D25).
WAL_FLOOR = (3, 51, 3)
#: How long a writer waits for another, seconds (D31).
BUSY_SECONDS = 15
MIGRATIONS = Path(__file__).resolve().parent.parent / "migrations"
#: Advisory lock that one migrating process holds on PostgreSQL.
MIGRATION_LOCK = 74210
#: Advisory lock of every write transaction on PostgreSQL: shared, or alone while the books are closed.
WRITERS_LOCK = 74211

# SQLite lets waiting writers starve; one queue per process and database cut the worst wait from 3.2 s to 0.5 s.
_queues: WeakKeyDictionary[Database, threading.RLock] = WeakKeyDictionary()
_queues_lock = threading.Lock()


def _queue() -> threading.RLock:
    database = db.obj
    with _queues_lock:
        return _queues.setdefault(database, threading.RLock())


def open_database(url: str) -> Database:
    """A database for `url` as `make_database`, bound to the models."""
    database = make_database(url)
    db.initialize(database)
    return database


def make_database(url: str) -> Database:
    """A database for `url` with the pragmas and pool of this product. Opens no connection."""
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


def alone(verb: Callable[P, R]) -> Callable[P, R]:
    """As `transactional`, while nobody else writes: what it reads in many selects belongs to one moment."""

    @functools.wraps(verb)
    def within(*args: P.args, **kwargs: P.kwargs) -> R:
        with transaction(alone=True):
            return verb(*args, **kwargs)

    return within


@contextlib.contextmanager
def transaction(*, alone: bool = False) -> Iterator[None]:
    """A write transaction; `alone` = while no other writes, as every one is on SQLite.

    On SQLite it waits its turn in this process first. On PostgreSQL each takes one lock first of all, shared
    or alone, so that a verb which reads facts in many selects never sees half of another's work: each select
    there sees what had been committed when that select began.
    """
    outermost = not db.in_transaction()
    if is_sqlite():
        with _queue() if outermost else contextlib.nullcontext(), db.atomic():
            yield
        return
    with db.atomic():
        if alone:
            db.execute_sql("select pg_advisory_xact_lock(%s)", (WRITERS_LOCK,))
        elif outermost:
            db.execute_sql("select pg_advisory_xact_lock_shared(%s)", (WRITERS_LOCK,))
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


def grant_to(database: Database, role: str) -> None:
    """Let a PostgreSQL role read and write rows but not change the schema or the audit trail (D26).

    Raises ValueError for what is no plain role name. Wants a connection under the owner's address, after `migrate`.
    """
    if not re.fullmatch(r"[a-z_][a-z0-9_]{0,62}", role):
        raise ValueError(f"{role!r} is no plain role name")
    with database.atomic():
        for statement in (
            "GRANT USAGE ON SCHEMA public TO {role}",
            "GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA public TO {role}",
            "GRANT USAGE, SELECT ON ALL SEQUENCES IN SCHEMA public TO {role}",
            "REVOKE UPDATE, DELETE, TRUNCATE ON audit_entry FROM {role}",
            "REVOKE INSERT, DELETE, TRUNCATE ON audit_head FROM {role}",
            "REVOKE INSERT, UPDATE, DELETE, TRUNCATE ON schema_migration FROM {role}",
        ):
            database.execute_sql(statement.format(role=f'"{role}"'))


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
