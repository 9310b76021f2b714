"""The calendar page of 300 units and 10 rules, with a year of reports and with ten: it must not notice the years."""

from __future__ import annotations

import tempfile
from datetime import date, timedelta
from pathlib import Path

from flask.testing import FlaskClient

from supervisor.config import Config
from supervisor.core import accounts, cadences
from supervisor.core.calendar import seed_calendar
from supervisor.core.holiday_notices import read_notice
from supervisor.core.periods import Period, PeriodKind, periods_between
from supervisor.database import migrate, open_database, transaction
from supervisor.models import Obligation, Programme, ReportingRule, Role, Unit
from tests import builders
from tests.bench.measure import line, processor_ms
from tests.bench.pages import NOW, answered
from tests.conftest import StillClock, make_app
from tests.databases import close, run_postgres
from tests.holiday_texts import rows_of_arrangement, stretches, write

UNITS, RULES = 300, 10
YEARS = (1, 10)


def run() -> None:
    """Print the figures of both databases."""
    text = write(2026, stretches(rows_of_arrangement(2026)))
    line("a holiday notice read and checked", processor_ms(lambda: read_notice(text)), "ms")
    with tempfile.TemporaryDirectory() as folder, run_postgres() as postgres:
        for kind in ("sqlite", "postgresql"):
            if kind == "postgresql" and isinstance(postgres, str):
                continue
            took = []
            for years in YEARS:
                place = Path(folder) / f"{years}.db"
                url = f"sqlite:///{place}" if kind == "sqlite" else postgres.new_database()  # type: ignore[union-attr]
                took.append(_page(url, Path(folder), years))
                line(
                    f"calendar, month, office, {years * UNITS * RULES * 12:,} reports, {kind}", took[-1], "ms"
                )
            line(f"ten years against one, {kind}", took[1] / took[0], "×", None, "aim ≤ 1.3 ×")


def _page(url: str, folder: Path, years: int) -> float:
    database = open_database(url)
    migrate(database)
    app = make_app(Config(data=folder, mode="trial", secret="0123456789abcdef" * 4), StillClock(NOW))
    with database.connection_context():
        seed_calendar(now=NOW)
        programme = builders.programme(now=NOW)
        client: FlaskClient = app.test_client()
        office = builders.user("office", Role.LEAD_OFFICE, programme, now=NOW)
        client.set_cookie("sid", accounts.start_session(office, now=NOW))
        _fill(programme, years)
        database.execute_sql("ANALYZE")
    # Outside: a request on PostgreSQL gives its connection back.
    took = processor_ms(answered(client, f"/p/{programme.id}/calendar?day=2021-06-15"))
    close(database)
    return took


def _fill(programme: Programme, years: int) -> None:
    units = [builders.unit(f"第{number}局", sort=number) for number in range(UNITS)]
    last = date(2021, 12, 31)
    months = list(periods_between(PeriodKind.MONTH, date(2022 - years, 1, 1), last))
    for number in range(RULES):
        rule = ReportingRule.create(
            programme=programme, name=f"第{number}项", recurrence="monthly", valid_from=months[0].start
        )
        _owe(programme, rule, units, months, number)


def _owe(
    programme: Programme, rule: ReportingRule, units: list[Unit], months: list[Period], number: int
) -> None:
    for month in months:
        due = month.end + timedelta(days=number + 1)
        rows = [
            {
                "programme": programme.id, "rule": rule.id, "unit": unit.id, "period": month.key,
                "opens_at": cadences.deadline_instant(month.start), "due_on": due,
                "due_at": cadences.deadline_instant(due),
                "locked_at": cadences.deadline_instant(due + timedelta(days=20)),
            }
            for unit in units
        ]  # fmt: skip
        with transaction():
            for start in range(0, len(rows), 100):
                Obligation.insert_many(rows[start : start + 100]).execute()
