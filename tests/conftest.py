"""What all tests share: a migrated database of either kind, a clock that stands still, an app and its client.

Tests never leave the machine, and what cannot run here is skipped with its reason.
"""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import tempfile
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from hypothesis import HealthCheck, settings
from peewee import Database

from supervisor.clock import Clock
from supervisor.config import Config
from supervisor.core import gathered_facts
from supervisor.core.workdays import Calendar, seed_calendar
from supervisor.database import db, migrate, open_database
from supervisor.models import User
from tests.builders import NOW
from tests.databases import KINDS, Postgres, close, run_postgres
from tests.fonts import write_fontconfig


def pytest_configure(config: pytest.Config) -> None:
    """A Chinese font for every browser started from here (D28); no test reaches outside this machine."""
    os.environ["FONTCONFIG_FILE"] = str(write_fontconfig(Path(tempfile.gettempdir()) / "dukao-fonts"))
    for name in [name for name in os.environ if name.startswith("DUKAO_")]:
        del os.environ[name]  # the developer's own settings must not decide a test
    # How fast examples are made says how busy the machine is, not whether the product is right.
    settings.register_profile("dukao", deadline=None, suppress_health_check=[HealthCheck.too_slow])
    settings.load_profile("dukao")
    _keep_inside()


def pytest_addoption(parser: pytest.Parser) -> None:
    """`--every-database`: pages on PostgreSQL as well."""
    parser.addoption("--every-database", action="store_true", help="tests of pages on PostgreSQL as well")


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Tests of pages run on SQLite alone unless asked: what they query is tested on both below the pages."""
    if config.getoption("--every-database"):
        return
    left = [item for item in items if item.path.name.startswith("test_web_") and "[postgresql" in item.nodeid]
    if left:
        config.hook.pytest_deselected(items=left)
        items[:] = [item for item in items if item not in set(left)]


def _keep_inside() -> None:
    connect = socket.socket.connect

    def only_here(self: socket.socket, address: Any) -> None:
        host = address[0] if isinstance(address, tuple) else "localhost"
        if self.family != socket.AF_UNIX and host not in {"localhost", "127.0.0.1", "::1"}:
            raise AssertionError(f"a test tried to reach {host}")
        connect(self, address)

    socket.socket.connect = only_here  # type: ignore[method-assign, assignment]  # that is the point


@pytest.fixture(scope="session")
def postgres() -> Iterator[Postgres | str]:
    """The PostgreSQL server of this worker, or the reason why there is none."""
    with run_postgres() as server:
        yield server


@pytest.fixture(scope="session")
def sqlite_template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A migrated SQLite file, copied for every test that wants one."""
    path = tmp_path_factory.mktemp("template") / "dukao.db"
    database = open_database(f"sqlite:///{path}")
    migrate(database)
    close(database)
    return path


def postgres_or_skip(request: pytest.FixtureRequest) -> Postgres:
    """The session's PostgreSQL server; the test is skipped, with the reason, where there is none."""
    server = request.getfixturevalue("postgres")
    if isinstance(server, str):
        pytest.skip(server)
    assert isinstance(server, Postgres)
    return server


@pytest.fixture(params=KINDS)
def database_url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """The address of a migrated database without rows, of either kind."""
    if request.param == "sqlite":
        path = tmp_path / "dukao.db"
        shutil.copyfile(request.getfixturevalue("sqlite_template"), path)
        return f"sqlite:///{path}"
    return postgres_or_skip(request).emptied()


@pytest.fixture(params=KINDS)
def empty_url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """The address of a database without tables, of either kind; for tests of the schema itself."""
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path / 'dukao.db'}"
    return postgres_or_skip(request).new_database()


@pytest.fixture
def database(database_url: str) -> Iterator[Database]:
    """A migrated database of either kind, bound to the models and connected in this thread."""
    bound = open_database(database_url)
    bound.connect()
    yield bound
    close(bound)


@pytest.fixture
def sqlite(sqlite_template: Path, tmp_path: Path) -> Iterator[Database]:
    """A migrated SQLite database, where the test is not about the database (pages, browser)."""
    shutil.copyfile(sqlite_template, tmp_path / "dukao.db")
    bound = open_database(f"sqlite:///{tmp_path / 'dukao.db'}")
    bound.connect()
    yield bound
    close(bound)


@pytest.fixture(scope="session")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    """A throw-away certificate of this machine and its key."""
    if not shutil.which("openssl"):
        pytest.skip("no openssl to make a certificate with")
    folder = tmp_path_factory.mktemp("tls")
    made, key = folder / "cert.pem", folder / "key.pem"
    names = "subjectAltName=DNS:localhost,IP:127.0.0.1"
    command = [
        "openssl",
        "req",
        "-x509",
        "-newkey",
        "rsa:2048",
        "-nodes",
        "-days",
        "2",
        "-subj",
        "/CN=localhost",
    ]
    subprocess.run(
        [*command, "-addext", names, "-keyout", str(key), "-out", str(made)], check=True, capture_output=True
    )
    return made, key


class StillClock(Clock):
    """A clock that a test moves by hand."""

    def __init__(self, moment: datetime) -> None:
        super().__init__()
        self.moment = moment

    def now(self) -> datetime:
        """The moment last set."""
        return self.moment


@pytest.fixture(autouse=True)
def _nothing_gathered() -> None:
    """Worlds that are built alike have the same trail: no test reads the facts of another."""
    gathered_facts.forget()


@pytest.fixture
def clock() -> StillClock:
    """A clock standing at `builders.NOW`; set `clock.moment` to move it."""
    return StillClock(NOW)


@pytest.fixture
def calendar() -> Calendar:
    """The working calendar of 2004–2026."""
    return seed_calendar()


@pytest.fixture
def config(tmp_path: Path) -> Config:
    """The settings of a trial installation inside the test's own folder."""
    return Config(data=tmp_path, mode="trial", secret="0123456789abcdef" * 4)


@pytest.fixture
def app(database: Database, config: Config, clock: StillClock) -> Flask:
    """The web application on `database`, at `clock`."""
    return make_app(config, clock)


def make_app(config: Config, clock: Clock, *, csrf: bool = False) -> Flask:
    """create_app for tests; the test client's forms carry no CSRF token, a browser's do (`csrf`)."""
    from supervisor import create_app

    app = create_app(config, clock)
    app.config.update(TESTING=not csrf, WTF_CSRF_ENABLED=csrf)
    return app


class OwnConnection(FlaskClient):
    """Each request has its own connection, as in service; the test's is closed before and opened again after."""

    def open(self, *args: Any, **kwargs: Any) -> Any:
        """One request."""
        db.close()
        try:
            return super().open(*args, **kwargs)
        finally:
            db.connect(reuse_if_open=True)


def client_of(app: Flask) -> FlaskClient:
    """A client of an application that a test made itself, with other settings."""
    app.test_client_class = OwnConnection
    return app.test_client()


@pytest.fixture
def client(app: Flask) -> FlaskClient:
    """A client of `app`, signed in by `login`."""
    return client_of(app)


def login(client: FlaskClient, user: User, now: datetime = NOW) -> FlaskClient:
    """Let `client` be signed in as `user` since `now`, without the form."""
    from supervisor.core import accounts

    client.set_cookie("sid", accounts.start_session(user, now=now))
    return client
