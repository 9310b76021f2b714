"""Ten rules of every rhythm for 300 units through a year, and a tick over 100,000 obligations of which none is due."""

from __future__ import annotations

import sys
import tempfile
from datetime import date
from pathlib import Path

from peewee import Database

from supervisor.bulk import insert_rows
from supervisor.core import obligations, reminders
from supervisor.core.calendar import seed_calendar
from supervisor.database import count_queries, transaction
from supervisor.models import Obligation, Plan, ReportingRule, RuleKind, Unit
from tests.bench.ledger import opened, timed
from tests.bench.measure import line
from tests.builders import NOW, assignment, at, jurisdiction, plan, programme, task
from tests.databases import run_postgres

UNITS, WAITING = 300, 100_000
RHYTHMS = (
    "weekly:fri", "tenday:end", "monthly:25", "monthly:10,25", "quarterly:end", "quarterly:1-10", "halfyear:6-15",
    "yearly:12-10", "monthly:end",
)  # fmt: skip


def issued(units: int = UNITS) -> Plan:
    """A plan issued at the beginning of 2021 with a task for every unit, and nine rules beside its monthly report."""
    seed_calendar(now=NOW)
    made = plan(programme())
    made.issued_at, made.effective_on = at("2021-01-01 00:00"), date(2021, 1, 1)
    made.save()
    work, place = task(made), jurisdiction()
    insert_rows(
        Unit,
        (
            {"jurisdiction": place, "name": f"第{n}街道", "kind": "department", "sort": n}
            for n in range(1, units + 1)
        ),
    )
    for unit in Unit.select():
        assignment(work, unit)
    for recurrence in RHYTHMS:
        ReportingRule.create(
            programme=made.programme_id, name=recurrence, kind=RuleKind.FILING, recurrence=recurrence,
            subject_shift=0, valid_from=date(2021, 1, 1),
        )  # fmt: skip
    return made


def wait_long(made: Plan, rows: int = WAITING) -> None:
    """Obligations that are all due in years: what a tick must step over."""
    rule = ReportingRule.get(ReportingRule.recurrence == "weekly:fri")
    units = [unit.id for unit in Unit.select(Unit.id)]
    far = at("2031-01-01 00:00")
    values = (
        {
            "programme": made.programme_id, "rule": rule.id, "unit": units[n % len(units)],
            "period": f"W{n // len(units):05}", "opens_at": NOW, "due_at": far, "due_on": date(2030, 12, 31),
            "locked_at": far,
        }
        for n in range(rows)
    )  # fmt: skip
    insert_rows(Obligation, values)


def looking(made: Plan) -> None:
    """What a tick looks for: periods that have begun, locks that have passed, reminders that have fallen due."""
    now = at("2022-01-04 09:00")
    obligations.generate_due(now)
    obligations.mark_missing(now)
    reminders.queue(now)


def run() -> None:
    """Measure on both databases."""
    with tempfile.TemporaryDirectory() as folder:
        _measure("SQLite", f"sqlite:///{Path(folder) / 'rules.db'}")
    with run_postgres() as postgres:
        if isinstance(postgres, str):
            sys.stdout.write(f"{postgres}\n")
        else:
            _measure("PostgreSQL", postgres.new_database())


def _measure(name: str, url: str) -> None:
    with opened(url) as database:
        _year(name, database)


def _year(name: str, database: Database) -> None:
    made = issued()
    count, took = timed(lambda: obligations.generate(made.programme_id, now=at("2021-12-31 12:00")))
    line(f"{name}: a year of {UNITS} units × 10 rules ({count} obligations)", took, "s")
    again, took = timed(lambda: obligations.generate(made.programme_id, now=at("2021-12-31 12:00")))
    line(f"{name}: generating again ({again} new)", took, "s")
    with transaction():
        Obligation.update(state="accepted").execute()
        wait_long(made)
    ReportingRule.update(generated_on=date(2022, 1, 4)).execute()  # every period has been generated already
    _, took = timed(lambda: looking(made))
    with count_queries(database) as queries:
        _, took = timed(lambda: looking(made))
    line(f"{name}: looking in a tick, {WAITING} obligations not due", took * 1000, "ms")
    line(f"{name}: its queries", len(queries), "")


if __name__ == "__main__":
    run()
