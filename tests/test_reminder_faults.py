"""Reminders stay exactly once while schedulers die, sleep and are doubled (reliability goals 6 and 8, small)."""

from __future__ import annotations

import time
from contextlib import ExitStack
from pathlib import Path

from peewee import Database

from supervisor.models import Message, MessageState
from tests import faults
from tests.test_serve import get, served

#: In the background of everything else four processes need a while to start.
PATIENCE = 90.0


def test_goal_6_no_reminder_is_lost_and_extra_mails_never_exceed_the_faults(
    database: Database, database_url: str
) -> None:
    outcome = faults.run(database_url, 120, kills=6, pauses=2)
    assert outcome.holds, outcome


def test_goal_6_its_control_a_sender_without_claims_sends_twice_with_no_fault_at_all(
    database: Database, database_url: str
) -> None:
    outcome = faults.run(database_url, 120, kills=0, pauses=0, naive=True)
    assert outcome.extra > 0, outcome


def test_goal_8_four_servers_on_one_database_remind_each_once(
    database: Database, database_url: str, tmp_path: Path
) -> None:
    faults.build_city(6)
    sink = faults.Sink()
    with faults.listening(sink) as mail, ExitStack() as stack:
        environment = {
            "DUKAO_DATABASE_URL": database_url, "DUKAO_SMTP_URL": f"smtp://127.0.0.1:{mail}", "DUKAO_TICK_SECONDS": "1",
        }  # fmt: skip
        place = ["--data", str(tmp_path / "place"), "--now", "2021-06-11T09:00"]
        ports = [faults.free_port() for _ in range(4)]
        for port in ports:
            stack.enter_context(served(*place, "--port", str(port), **environment))
        for port in ports:
            get(f"http://127.0.0.1:{port}/sign-in", within=PATIENCE)
        end = time.monotonic() + PATIENCE
        while time.monotonic() < end and len(sink.received) < 6:
            time.sleep(0.1)
        time.sleep(3)  # passes of all four, with nothing left to do
    assert faults.sent_rows() == 12  # inbox and mail
    assert Message.select().where(Message.state == MessageState.SENT).count() == 12
    assert (len(sink.received), sink.extra) == (6, 0)
