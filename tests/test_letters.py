"""A rehearsal writes every message of the next days to a file, sends none, and changes nothing (issue 5)."""

from __future__ import annotations

import csv
from datetime import date
from email import message_from_bytes
from email.policy import default
from pathlib import Path

import pytest
from peewee import Database

from supervisor import jobs
from supervisor.config import Config
from supervisor.core import obligations
from supervisor.models import Message, Plan, Programme, Reminder, ReportingRule, Role, Tick
from tests import builders as b

MORNING = b.at("2021-06-01 07:30")


@pytest.fixture
def programme(database: Database) -> Programme:
    made = b.programme()
    plan = b.plan(made)
    Plan.update(issued_at=b.at("2021-03-22 09:00"), effective_on=date(2021, 3, 22)).execute()
    task = b.task(plan)
    for name in ("市城建局", "市水务局"):
        unit = b.unit(name)
        b.user(f"of{unit.id}", Role.LIAISON, made, unit, name=f"{name}联络员")
        b.assignment(task, unit)
    ReportingRule.create(programme=made, name="=月报", recurrence="monthly:15", valid_from=date(2021, 5, 1))
    obligations.generate(made.id, now=MORNING)
    return made


def test_what_will_be_sent_stands_in_files_and_the_programme_stays_as_it_was(
    programme: Programme, config: Config, tmp_path: Path
) -> None:
    count = jobs.rehearse(programme, tmp_path / "out", now=MORNING, days=16, config=config)
    files = [path for path in (tmp_path / "out").rglob("*") if path.is_file() and path.name != "messages.csv"]
    assert count == len(files) > 4
    mails = sorted(path for path in files if path.suffix == ".eml")
    mail = message_from_bytes(mails[0].read_bytes(), policy=default)
    assert mail["To"].addresses[0].addr_spec.endswith("@example.cn")
    assert "市城建局" in mail.get_content() or "市水务局" in mail.get_content()
    with (tmp_path / "out" / "messages.csv").open(encoding="utf-8-sig", newline="") as file:
        rows = list(csv.DictReader(file))
    assert {row["文件"] for row in rows} == {str(path.relative_to(tmp_path / "out")) for path in files}
    assert {row["日期"] for row in rows} >= {"2021-06-09", "2021-06-11", "2021-06-15", "2021-06-16"}
    assert not Message.select().exists()
    assert not Reminder.select().exists()
    assert not Tick.select().exists()


def test_the_days_end_where_they_are_said_to_end(
    programme: Programme, config: Config, tmp_path: Path
) -> None:
    jobs.rehearse(programme, tmp_path / "out", now=MORNING, days=10, config=config)
    days = {path.parent.name for path in (tmp_path / "out").rglob("*.eml")}
    assert days == {"2021-06-09"}
