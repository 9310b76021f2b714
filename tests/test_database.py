from __future__ import annotations

import contextlib
import logging
import threading
from collections.abc import Callable
from contextlib import AbstractContextManager
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import peewee
import pytest
from peewee import Database, fn

from supervisor import database as ground
from supervisor.clock import BEIJING
from supervisor.core.calendar import seed_calendar
from supervisor.database import (
    count_queries,
    db,
    grant_to,
    migrate,
    open_database,
    transaction,
    transactional,
)
from supervisor.models import (
    Decision,
    Document,
    Jurisdiction,
    Lease,
    LocalSettings,
    LoginAttempt,
    Posting,
    Role,
    User,
)
from tests import builders
from tests.builders import NOW
from tests.conftest import postgres_or_skip
from tests.databases import close

# ---- instants


def test_naive_instants_are_refused_on_writing_and_asking(database: Database) -> None:
    naive = datetime(2021, 6, 1, 9)
    with pytest.raises(ValueError, match="naive"):
        LoginAttempt.create(username="x", ip="", at=naive, succeeded=False)
    with pytest.raises(ValueError, match="naive"):
        list(LoginAttempt.select().where(LoginAttempt.at == naive))


@pytest.mark.parametrize("zone", [UTC, BEIJING, timezone(timedelta(hours=-5))])
def test_one_instant_is_the_same_in_every_zone(database: Database, zone: Any) -> None:
    there = NOW.astimezone(zone)
    LoginAttempt.create(username="x", ip="", at=there, succeeded=False)
    row = LoginAttempt.get(LoginAttempt.at == NOW)
    assert row.at == NOW
    assert row.at.utcoffset() == timedelta(0)
    second = timedelta(seconds=1)
    assert LoginAttempt.select().where(LoginAttempt.at.between(there - second, there + second)).count() == 1
    assert LoginAttempt.select(fn.MAX(LoginAttempt.at)).scalar() == NOW


def test_instants_sort_by_time_not_by_text(database: Database) -> None:
    moments = [NOW, NOW + timedelta(microseconds=1), NOW + timedelta(seconds=1), NOW + timedelta(hours=16)]
    for n, moment in enumerate(reversed(moments)):
        LoginAttempt.create(username=str(n), ip="", at=moment.astimezone(BEIJING), succeeded=False)
    rows = LoginAttempt.select().order_by(LoginAttempt.at)
    assert [row.at for row in rows] == moments


@pytest.mark.parametrize("database_url", ["postgresql"], indirect=True)
def test_a_session_in_another_time_zone_changes_nothing(database: Database) -> None:
    LoginAttempt.create(username="x", ip="", at=NOW, succeeded=False)
    database.execute_sql("SET TIME ZONE 'Asia/Shanghai'")
    assert LoginAttempt.get(LoginAttempt.at == NOW).at == NOW


# ---- other columns


def test_a_choice_is_kept_by_value_and_an_unknown_one_refused(database: Database) -> None:
    user = builders.user("chen", Role.LEADER, builders.programme())
    assert Posting.get(Posting.user == user).role is Role.LEADER
    with pytest.raises(ValueError, match="king"):
        builders.posting(user, "king")  # type: ignore[arg-type]  # that is the point


def test_json_is_kept_readable_and_in_one_form(database: Database) -> None:
    programme = builders.programme()
    row = Document.create(
        programme=programme,
        filename="x",
        sha256="",
        text="",
        draft={"时限": {"天": 30}, "a": [1, "硚"]},
        created_at=NOW,
    )
    stored = database.execute_sql("SELECT draft FROM document").fetchone()[0]
    assert stored == '{"a":[1,"硚"],"时限":{"天":30}}'
    assert Document.get_by_id(row.id).draft == {"时限": {"天": 30}, "a": [1, "硚"]}
    assert LocalSettings.get().remind_before == [3, 1]


def test_text_that_could_be_sql_stays_text(database: Database) -> None:
    name = "'; DROP TABLE unit; -- 100% \\"
    Jurisdiction.create(name=name)
    assert Jurisdiction.get(Jurisdiction.name == name).name == name


def test_references_are_kept(database: Database) -> None:
    with pytest.raises(peewee.IntegrityError), transaction():
        Decision.create(programme=999, kind="x", subject="x", proposed_at=NOW)


# ---- transactions


def test_a_verb_that_fails_leaves_nothing(database: Database) -> None:
    @transactional
    def verb() -> None:
        Jurisdiction.create(name="甲")
        raise RuntimeError

    with pytest.raises(RuntimeError):
        verb()
    assert Jurisdiction.select().count() == 0


def test_a_verb_inside_a_verb_can_fail_alone(database: Database) -> None:
    @transactional
    def inner() -> None:
        Jurisdiction.create(name="乙")
        raise RuntimeError

    with transaction():
        Jurisdiction.create(name="甲")
        with pytest.raises(RuntimeError):
            inner()
    assert [row.name for row in Jurisdiction.select()] == ["甲"]


def _race(database: Database, begin: Any, *, threads: int = 8, turns: int = 15) -> list[BaseException]:
    """Each thread reads a number and writes it back one higher, in a transaction begun by `begin`."""
    with transaction():
        Lease.create(name="race", until=NOW)
    failures: list[BaseException] = []
    start = threading.Barrier(threads)

    def run() -> None:
        with db.connection_context():
            start.wait()
            for _ in range(turns):
                try:
                    with begin():
                        fence = Lease.get(Lease.name == "race").fence
                        Lease.update(fence=Lease.fence + 1, holder=str(fence)).where(
                            Lease.name == "race"
                        ).execute()
                except peewee.OperationalError as error:
                    failures.append(error)

    workers = [threading.Thread(target=run) for _ in range(threads)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    return failures


def test_eight_threads_that_read_then_write_never_find_it_locked(database: Database) -> None:
    assert _race(database, transaction) == []
    assert Lease.get(Lease.name == "race").fence == 8 * 15


def test_the_control_a_deferred_transaction_does_find_it_locked(sqlite: Database) -> None:
    failures = _race(sqlite, lambda: db.obj.atomic("DEFERRED"))
    assert any("locked" in str(error) for error in failures)


def _add_two(between: threading.Event, seen: threading.Event, patience: float) -> None:
    with db.connection_context(), transaction():
        Jurisdiction.create(name="甲")
        between.set()
        seen.wait(patience)  # time for whoever may come in here
        Jurisdiction.create(name="乙")


#: How the reader begins, how long the writer waits for it (seconds), and what it may then count.
#: The control reads at once and sees nothing yet.
READERS: dict[str, tuple[Callable[[], AbstractContextManager[Any]], float, list[int]]] = {
    "alone": (lambda: transaction(alone=True), 0.3, [2, 2]),
    "control": (contextlib.nullcontext, 60, [0, 0]),
}


@pytest.mark.parametrize("begins", READERS)
def test_who_reads_alone_never_sees_half_of_another_verb(database: Database, begins: str) -> None:
    begin, patience, expected = READERS[begins]
    between, seen = threading.Event(), threading.Event()
    writer = threading.Thread(target=_add_two, args=(between, seen, patience))
    writer.start()
    between.wait()
    with begin():
        first = Jurisdiction.select().count()
        second = Jurisdiction.select().count()
    seen.set()
    writer.join()
    assert [first, second] == expected


# ---- opening


def test_sqlite_is_opened_as_decided(sqlite: Database) -> None:
    def pragma(name: str) -> Any:
        return sqlite.execute_sql(f"PRAGMA {name}").fetchone()[0]

    assert ground.sqlite3.sqlite_version_info >= ground.WAL_FLOOR, "the wheel's own library is used"
    assert (pragma("journal_mode"), pragma("synchronous")) == ("wal", 2)
    assert (pragma("foreign_keys"), pragma("recursive_triggers"), pragma("mmap_size")) == (1, 1, 0)
    assert pragma("busy_timeout") == 15_000


def test_an_old_sqlite_gets_the_rollback_journal_and_a_warning(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    old = SimpleNamespace(sqlite_version_info=(3, 40, 1), sqlite_version="3.40.1")
    monkeypatch.setattr(ground, "sqlite3", old)
    with caplog.at_level(logging.WARNING):
        database = open_database(f"sqlite:///{tmp_path / 'old.db'}")
    with database.connection_context():
        assert database.execute_sql("PRAGMA journal_mode").fetchone()[0] == "delete"
    assert "3.40.1" in caplog.text


def test_another_kind_of_address_is_refused() -> None:
    with pytest.raises(ValueError, match="mysql"):
        open_database("mysql://localhost/dukao")


@pytest.mark.parametrize("database_url", ["postgresql"], indirect=True)
def test_a_pool_gives_connections_back(database: Database) -> None:
    for _ in range(50):
        database.close()
        database.connect()
    assert User.select().count() == 0


def test_queries_are_counted(database: Database) -> None:
    with count_queries(database) as queries:
        list(User.select())
        User.select().count()
    assert len(queries) == 2
    list(User.select())
    assert len(queries) == 2


# ---- the role that serves (D26)


def test_the_serving_role_writes_rows_but_neither_schema_nor_trail(request: pytest.FixtureRequest) -> None:
    server = postgres_or_skip(request)
    url = server.new_database()
    server.admin.execute("DROP ROLE IF EXISTS dukao_serving")
    server.admin.execute("CREATE ROLE dukao_serving LOGIN PASSWORD 'x'")
    owner = open_database(url)
    migrate(owner, now=NOW)
    with owner.connection_context():
        grant_to(owner, "dukao_serving")
        with pytest.raises(ValueError, match="plain role name"):
            grant_to(owner, 'x"; DROP TABLE audit_entry; --')
    close(owner)
    serving = open_database(server.as_role(url, "dukao_serving", "x"))
    assert migrate(serving, now=NOW) == []
    with serving.connection_context():
        seed_calendar(now=NOW)  # writes rows and the trail
        for forbidden in (
            "UPDATE audit_entry SET actor_name = 'x'",
            "DELETE FROM audit_entry",
            "TRUNCATE audit_entry",
            "DELETE FROM audit_head",
            "ALTER TABLE programme ADD COLUMN x int",
            "ALTER TABLE audit_entry DISABLE TRIGGER USER",
        ):
            with pytest.raises(peewee.DatabaseError, match=r"permission denied|must be owner"):
                serving.execute_sql(forbidden)
    close(serving)
