"""The demo, loaded once a test session and copied for each test that wants it."""

from __future__ import annotations

import fcntl
from pathlib import Path

from supervisor.core import demo
from supervisor.core.calendar import seed_calendar
from supervisor.database import migrate, open_database
from tests.databases import close


def load_into(path: Path) -> Path:
    """A new SQLite file with the demo in it."""
    database = open_database(f"sqlite:///{path}")
    migrate(database)
    with database.connection_context():
        seed_calendar(now=demo.TODAY)
        demo.load()
    close(database)
    return path


def shared_demo(folder: Path) -> Path:
    """The session's demo, made by the first worker that asks; the others wait for it."""
    path = folder / "demo.db"
    with (folder / "demo.lock").open("w", encoding="ascii") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        if not path.exists():
            load_into(folder / "demo.new").rename(path)
    return path
