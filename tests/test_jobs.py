from __future__ import annotations

import threading
from dataclasses import replace
from datetime import datetime, timedelta

import pytest
from peewee import Database

from supervisor import jobs
from supervisor.config import Config
from supervisor.core import accounts
from supervisor.core.mail import SmtpSender
from supervisor.core.outbox import OutboxOnly, WaysOut
from supervisor.core.robot_senders import RobotSender
from supervisor.database import db, transaction
from supervisor.models import IdempotencyKey, Lease, LoginAttempt, LoginSession, OneTimeLink, Tick
from tests import builders
from tests.builders import NOW

MINUTE = timedelta(minutes=1)


def tick(at: datetime = NOW, ran_at: datetime | None = None) -> Tick | None:
    return jobs.tick(at, OutboxOnly(), ran_at or at)


def test_a_pass_leaves_a_row_with_what_it_did(database: Database) -> None:
    row = tick(NOW, NOW + timedelta(days=1000))
    assert row is not None
    assert (row.at, row.ran_at, row.error) == (NOW, NOW + timedelta(days=1000), "")
    assert set(row.counts) == {name for name, _ in jobs.steps(OutboxOnly())}


def test_a_failing_step_is_written_down_and_stops_no_other(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(_now: datetime) -> int:
        raise RuntimeError("the disk is full")

    monkeypatch.setattr(jobs, "steps", lambda _sender: [("first", fail), ("second", lambda _now: 3)])
    row = tick()
    assert row is not None
    assert row.error == "first: RuntimeError: the disk is full"
    assert row.counts == {"second": 3}


def test_idle_passes_leave_one_row_an_hour_and_busy_ones_all(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    done = iter([0, 0, 5, 0, 0, 0])
    monkeypatch.setattr(jobs, "steps", lambda _sender: [("step", lambda _now: next(done))])
    for minutes in (0, 10, 20, 30, 40, 70):
        tick(NOW + minutes * MINUTE)
    rows = Tick.select().order_by(Tick.at)
    assert [(int((row.at - NOW) / MINUTE), row.counts["step"]) for row in rows] == [(20, 5), (40, 0), (70, 0)]


def test_another_process_at_it_is_left_alone_until_its_lease_ends(database: Database) -> None:
    assert tick()
    Lease.update(holder="elsewhere:1", until=NOW + MINUTE).execute()
    assert tick(NOW, NOW + MINUTE / 2) is None
    assert tick(NOW, NOW + MINUTE) is not None


def test_a_pass_gives_its_lease_back_at_once(database: Database) -> None:
    assert tick()
    row = Lease.get()
    assert row.until == NOW
    assert row.fence == 1


def test_two_passes_in_one_process_wait_for_each_other(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    inside, most = [0], [0]

    def step(_now: datetime) -> int:
        inside[0] += 1
        most[0] = max(most[0], inside[0])
        threading.Event().wait(0.05)
        inside[0] -= 1
        return 1

    monkeypatch.setattr(jobs, "steps", lambda _sender: [("step", step)])
    rows: list[Tick | None] = []

    def run() -> None:
        with db.connection_context():
            rows.append(tick())

    threads = [threading.Thread(target=run) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert most == [1]
    assert all(rows)


def test_old_keys_attempts_sign_ins_and_links_go_and_young_ones_stay(database: Database) -> None:
    user = builders.user("chen")
    day = timedelta(days=1)
    with transaction():
        for age in (29, 31):
            IdempotencyKey.create(user_id=user.id, key=str(age), fingerprint="", at=NOW - age * day)
        for hours in (23, 25):
            LoginAttempt.create(username="x", ip="", at=NOW - hours * day / 24, succeeded=False)
        for age in (189, 191):
            token = accounts.start_session(user, now=NOW - age * day)
            found = LoginSession.get(LoginSession.created_at == NOW - age * day)
            accounts.end_session(found, by=builders.actor(person=user), now=NOW - age * day)
            OneTimeLink.create(
                token_hash=token,
                user=user,
                purpose="reset",
                created_at=NOW - age * day,
                expires_at=NOW - age * day,
            )
        accounts.start_session(user, now=NOW - 400 * day)
    assert jobs.thin(NOW) == 4
    assert [row.key for row in IdempotencyKey.select()] == ["29"]
    assert (LoginAttempt.select().count(), OneTimeLink.select().count(), LoginSession.select().count()) == (
        1,
        1,
        2,
    )
    assert jobs.thin(NOW) == 0


def test_mail_leaves_only_with_a_server_set_and_nothing_leaves_a_sandbox(config: Config) -> None:
    without = jobs.sender_of(config)
    assert isinstance(without, WaysOut)
    assert isinstance(without.mail, OutboxOnly)
    assert isinstance(without.robots, RobotSender)
    given = replace(config, smtp_url="smtps://mail.example.cn", base_url="https://dukao.example.cn")
    sender = jobs.sender_of(given)
    assert isinstance(sender, WaysOut)
    assert isinstance(sender.mail, SmtpSender)
    assert sender.mail.base_url == "https://dukao.example.cn"
    assert isinstance(jobs.sender_of(replace(given, mode="sandbox")), OutboxOnly)


@pytest.mark.parametrize(
    ("setting", "why"),
    [
        ({"smtp_url": "http://mail"}, "DUKAO_SMTP_URL: the mail server"),
        ({"wecom_url": "ftp://wecom.example.cn/send"}, "DUKAO_WECOM_URL: This is no address"),
        (
            {"dingtalk_url": "https://dd.example.cn/send?access_token=x"},
            "DUKAO_DINGTALK_URL: give the address without",
        ),
    ],
)
def test_a_setting_of_a_way_out_that_cannot_be_used_is_named(
    config: Config, setting: dict[str, str], why: str
) -> None:
    with pytest.raises(ValueError, match=why):
        jobs.sender_of(replace(config, **setting))  # type: ignore[arg-type]  # texts, all of them
