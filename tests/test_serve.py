from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import click
import pytest

from supervisor import database, scheduler, serve
from supervisor.clock import Clock
from supervisor.config import ROOT, Config
from supervisor.core import audit
from supervisor.database import db, network_filesystem, open_database, transaction
from supervisor.models import AuditEntry, CalendarYear, Tick, User
from tests import builders
from tests.builders import NOW
from tests.conftest import StillClock, make_app
from tests.faults import free_port

GOOD = "0123456789abcdef" * 4


@contextmanager
def served(*words: str, code: str = "", **environment: str) -> Iterator[subprocess.Popen[str]]:
    """A serving process of its own; ended, whatever happens."""
    command = [sys.executable, "-c", code] if code else [sys.executable, "run.py", *words]
    process = subprocess.Popen(
        command, cwd=ROOT, env={**os.environ, **environment}, stderr=subprocess.PIPE, text=True
    )
    try:
        yield process
    finally:
        if process.poll() is None:
            process.kill()
        process.communicate(timeout=20)


def get(url: str, *, within: float = 30) -> str:
    """The page, once the server is there."""
    end = time.monotonic() + within
    while True:
        try:
            with urllib.request.urlopen(url, timeout=10) as answer:  # noqa: S310 -- our own server
                return str(answer.read().decode())
        except OSError:
            if time.monotonic() > end:
                raise
            time.sleep(0.1)


def test_a_trial_start_serves_ticks_greets_and_ends_well(tmp_path: Path) -> None:
    port, place = free_port(), tmp_path / "walk"
    with served("--now", "2021-03-22T09:00", "--data", str(place), "--port", str(port)) as process:
        for _ in range(50):
            if '"status":"ok"' in get(f"http://127.0.0.1:{port}/health"):
                break
            time.sleep(0.1)
        process.send_signal(signal.SIGTERM)
        _, said = process.communicate(timeout=20)
    assert process.returncode == 0, said
    assert f"http://127.0.0.1:{port}" in said
    assert "Trial clock: 2021-03-22 09:00" in said
    assert f"http://127.0.0.1:{port}/link/" in said
    with open_database(f"sqlite:///{place / 'dukao.db'}").connection_context():
        assert Tick.select().count() >= 1
        assert Tick.select().first().error == ""
        assert CalendarYear.select().count() == 23
        assert [user.username for user in User.select()] == ["admin"]
    assert (place / "mode").read_text(encoding="ascii") == "trial"


SLOW = """
import flask, time, supervisor
from pathlib import Path
from supervisor import serve
from supervisor.clock import Clock
from supervisor.config import Config
app = flask.Flask("slow")
@app.get("/slow")
def slow():
    Path({began!r}).touch()
    time.sleep(1.5)
    return "finished"
supervisor.create_app = lambda config, clock: app
config = Config(data=Path({data!r}), mode="trial", port={port}, secret="0123456789abcdef" * 4)
clock = Clock(config.clock_file)
serve.prepare(config, clock)
serve.run(config, clock)
"""


def test_sigterm_lets_a_running_request_finish(tmp_path: Path) -> None:
    port, began = free_port(), tmp_path / "began"
    code = SLOW.format(began=str(began), data=str(tmp_path / "place"), port=port)
    answers: list[str] = []
    with served(code=code) as process:
        thread = threading.Thread(target=lambda: answers.append(get(f"http://127.0.0.1:{port}/slow")))
        thread.start()
        end = time.monotonic() + 30
        while not began.exists() and time.monotonic() < end:
            time.sleep(0.05)
        process.send_signal(signal.SIGTERM)
        _, said = process.communicate(timeout=20)
        thread.join()
    assert (answers, process.returncode) == (["finished"], 0), said


# ---- before the first request


@pytest.mark.parametrize(
    ("kept", "now", "mode"),
    [
        (None, None, None),
        (None, "2021-03-22", "trial"),
        ("trial", None, "trial"),
        ("demo", "2021-03-22", "demo"),
    ],
)
def test_the_mode_is_that_of_the_last_start(
    tmp_path: Path, kept: str | None, now: str | None, mode: str | None
) -> None:
    if kept:
        (tmp_path / "mode").write_text(kept, encoding="ascii")
    assert serve.choose_mode(tmp_path, now) == mode


def test_the_environment_has_the_last_word_on_the_mode(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "mode").write_text("trial", encoding="ascii")
    monkeypatch.setenv("DUKAO_MODE", "production")
    assert serve.choose_mode(tmp_path, "2021-03-22") is None


@pytest.mark.parametrize(
    ("change", "word"),
    [({"debug": True}, "DUKAO_DEBUG"), ({"host": "0.0.0.0"}, "plain http"), ({"secret": "x" * 64}, "secret")],  # noqa: S104 -- refused
)
def test_an_unsafe_production_start_touches_nothing(
    tmp_path: Path, change: dict[str, object], word: str
) -> None:
    values: dict[str, object] = {"data": tmp_path / "place", "mode": "production", "secret": GOOD, **change}
    config = Config(**values)  # type: ignore[arg-type]  # by name
    with pytest.raises(click.ClickException, match=word):
        serve.prepare(config, Clock(config.clock_file))
    assert not (tmp_path / "place").exists()


def test_production_refuses_demo_accounts_and_a_kept_trial_clock(tmp_path: Path) -> None:
    config = Config(data=tmp_path, mode="production", secret=GOOD)
    serve.prepare(config, Clock(config.clock_file))
    with open_database(config.url).connection_context():
        User.create(username="demo", name="演示", is_demo=True, created_at=NOW)
    with pytest.raises(click.ClickException, match="demo accounts"):
        serve.prepare(config, Clock(config.clock_file))
    Clock(tmp_path / "clock.json").set_trial(NOW)
    with pytest.raises(click.ClickException, match="trial clock"):
        serve.prepare(config, Clock(config.clock_file))


def test_production_takes_no_clock_from_the_command_line(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("DUKAO_MODE", "production")
    with pytest.raises(SystemExit) as ended:
        serve.main(["--now", "2021-03-22T09:00", "--data", str(tmp_path)])
    assert ended.value.code == 2


def test_a_wrong_mail_address_is_said_at_the_start(config: Config) -> None:
    with pytest.raises(click.ClickException, match="DUKAO_SMTP_URL"):
        serve.prepare(replace(config, smtp_url="http://mail"), Clock(config.clock_file))


def test_a_trial_clock_runs_on_and_only_forward(config: Config) -> None:
    clock = Clock(config.clock_file)
    serve.prepare(config, clock, NOW)
    assert timedelta(0) <= clock.now() - NOW < timedelta(minutes=1)
    later = NOW + timedelta(days=30)
    serve.prepare(config, clock, later)
    assert clock.now() >= later
    serve.prepare(config, clock, NOW)
    serve.prepare(config, clock)
    assert later <= clock.now() < later + timedelta(minutes=1)


def test_an_older_database_put_back_is_noticed_and_work_goes_on(
    config: Config, capsys: pytest.CaptureFixture[str]
) -> None:
    clock = Clock(config.clock_file)
    serve.prepare(config, clock, NOW)
    config.heads_file.write_text(f"{NOW.isoformat()} 99999 {'a' * 64}\n", encoding="ascii")
    serve.prepare(config, clock)
    assert "this database is older than the one that served here last" in capsys.readouterr().err
    with open_database(config.url).connection_context():
        assert AuditEntry.select().where(AuditEntry.action == "trail.behind").count() == 1


def test_a_machine_whose_clock_stands_before_the_last_act_does_not_start(tmp_path: Path) -> None:
    config = Config(data=tmp_path, mode="production", secret=GOOD)
    serve.prepare(config, Clock())
    with open_database(config.url).connection_context(), transaction():
        audit.record(builders.actor(), "unit.create", ("unit", 1), now=datetime.now(UTC) + timedelta(hours=1))
    with pytest.raises(click.ClickException, match="clock is wrong"):
        serve.prepare(config, Clock())


def test_a_trial_clock_catches_up_with_the_last_act(config: Config) -> None:
    clock = Clock(config.clock_file)
    serve.prepare(config, clock, NOW)
    later = NOW + timedelta(days=3)
    with db.obj.connection_context(), transaction():
        audit.record(builders.actor(), "unit.create", ("unit", 1), now=later)
    serve.prepare(config, clock)
    assert clock.now() >= later


@pytest.mark.parametrize(
    ("mounts", "kind"),
    [
        ("/dev/sda1 / ext4 rw 0 0\nhost:/x /srv nfs4 rw 0 0\n", "nfs4"),
        ("/dev/sda1 / ext4 rw 0 0\nhost:/x /srv cifs rw 0 0\n/dev/sdb /srv/dukao xfs rw 0 0\n", None),
        ("/dev/sda1 / ext4 rw 0 0\nhost:/x /srv2 nfs rw 0 0\n", None),
        ("//host/x /srv/dukao/my\\040share smb3 rw 0 0\n/dev/sda1 / ext4 rw 0 0\n", None),
    ],
)
def test_a_network_share_is_told_from_a_disk(tmp_path: Path, mounts: str, kind: str | None) -> None:
    listed = tmp_path / "mounts"
    listed.write_text(mounts, encoding="utf-8")
    assert network_filesystem(Path("/srv/dukao/var"), listed) == kind


def test_sqlite_on_a_network_share_is_refused(config: Config, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(database, "network_filesystem", lambda _path: "nfs4")
    with pytest.raises(click.ClickException, match="network share"):
        serve.prepare(config, Clock(config.clock_file))


# ---- the heartbeat


def test_the_scheduler_makes_a_pass_at_once_and_skips_none(config: Config) -> None:
    clock = Clock(config.clock_file)
    serve.prepare(config, clock, NOW)
    running = scheduler.start_scheduler(config, clock)
    try:
        (job,) = running.get_jobs()
        assert (job.misfire_grace_time, job.coalesce, job.max_instances) == (None, True, 1)
        assert str(running.timezone) == "Asia/Shanghai"
        with db.obj.connection_context():
            end = time.monotonic() + 15
            while not Tick.select().exists() and time.monotonic() < end:
                time.sleep(0.05)
            row = Tick.get()
    finally:
        running.shutdown(wait=True)
    assert abs(row.at - NOW) < timedelta(minutes=1)
    assert abs(row.ran_at - datetime.now(UTC)) < timedelta(minutes=1)


def test_the_application_alone_starts_nothing(sqlite: object, config: Config) -> None:
    before = threading.active_count()
    make_app(config, StillClock(builders.NOW))
    assert threading.active_count() == before
