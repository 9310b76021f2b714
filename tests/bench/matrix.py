"""The matrix of 300 units: a year of one rule and of ten rules of every rhythm, in the first year and the fifth."""

from __future__ import annotations

import tempfile
from pathlib import Path

from flask.testing import FlaskClient
from peewee import Case

from supervisor.bulk import insert_rows
from supervisor.config import Config
from supervisor.core import accounts, obligations
from supervisor.database import count_queries, migrate, open_database, transaction
from supervisor.models import Obligation, ObligationState, Outcome, Plan, ReportingRule, Role
from tests import builders
from tests.bench.measure import line, processor_ms
from tests.bench.pages import answered
from tests.bench.rules import issued
from tests.conftest import StillClock, make_app
from tests.databases import close, run_postgres

NOW = builders.at("2021-12-20 09:00")
YEARS = (1, 5)


def report(made: Plan) -> None:
    """A year of obligations of which most are in, some late, nil, missing, returned or still open."""
    obligations.generate(made.programme_id, now=NOW)
    kind = Obligation.id.bin_and(15)  # `%` is LIKE to Peewee
    outcome = Case(
        kind,
        ((0, Outcome.MISSING.value), (1, Outcome.LATE.value), (2, Outcome.NIL.value)),
        Outcome.ON_TIME.value,
    )
    state = Case(
        kind,
        ((0, ObligationState.OPEN.value), (3, ObligationState.RETURNED.value)),
        ObligationState.ACCEPTED.value,
    )
    with transaction():
        Obligation.update(outcome=outcome, state=state, first_submitted_at=NOW).where(
            Obligation.due_at <= NOW
        ).execute()


def repeat(years: int) -> None:
    """The same reports in the years before, past the verbs: what a page must step over."""
    names = [name for name in Obligation._meta.sorted_field_names if name not in {"id", "period"}]
    rows = [row.__data__ for row in Obligation.select()]
    with transaction():
        for year in range(2022 - years, 2021):
            insert_rows(
                Obligation,
                (
                    {**{name: row[name] for name in names}, "period": f"{year}{row['period'][4:]}"}
                    for row in rows
                ),
            )


def run() -> None:
    """Print the figures of both databases."""
    with tempfile.TemporaryDirectory() as folder, run_postgres() as postgres:
        for kind in ("SQLite", "PostgreSQL"):
            if kind == "PostgreSQL" and isinstance(postgres, str):
                continue
            took = []
            for years in YEARS:
                place = Path(folder) / f"matrix{years}.db"
                url = f"sqlite:///{place}" if kind == "SQLite" else postgres.new_database()  # type: ignore[union-attr]
                took.append(_pages(f"{kind}, {years} year(s)", url, Path(folder), years))
            line(
                f"{kind}: five years against one, one rule", took[1][0] / took[0][0], "×", None, "aim ≤ 1.3 ×"
            )
            line(
                f"{kind}: five years against one, all rules",
                took[1][1] / took[0][1],
                "×",
                None,
                "aim ≤ 1.3 ×",
            )


def _pages(name: str, url: str, folder: Path, years: int) -> tuple[float, float]:
    database = open_database(url)
    migrate(database)
    app = make_app(Config(data=folder, mode="trial", secret="0123456789abcdef" * 4), StillClock(NOW))
    with database.connection_context():
        made = issued()
        report(made)
        repeat(years)
        office = builders.user("office", Role.LEAD_OFFICE, made.programme, now=NOW)
        client: FlaskClient = app.test_client()
        client.set_cookie("sid", accounts.start_session(office, now=NOW))
        monthly = ReportingRule.get(ReportingRule.name == "月报").id
        database.execute_sql("ANALYZE")
    place = f"/p/{made.programme_id}"
    pages = {
        "60 of 300 units × 12 months, one rule": f"{place}/reports?of={monthly}&year=2021",
        "60 of 300 units × a year, ten rules": f"{place}/reports?of=all&year=2021",
        "the same, only units with missing": f"{place}/reports?of=all&year=2021&only=missing",
        "one unit's year": f"{place}/reports/units/1?year=2021",
        "Excel of 300 units × 12 months": f"{place}/reports.xlsx?of={monthly}&year=2021",
    }
    baseline, took = 0.0, {}
    for words, address in pages.items():
        took[words] = processor_ms(answered(client, address), times=5)
        baseline = baseline or processor_ms(answered(client, f"{place}/settings"), times=5)
        with count_queries(database) as queries:
            client.get(address)
        line(f"{name}: {words} ({len(queries)} queries)", took[words], "ms", baseline, "× settings page")
    close(database)
    first, second, *_ = took.values()
    return first, second


if __name__ == "__main__":
    run()
