"""Issue 7: a preliminary run of 300 units, pages of scores over 20 closed quarters, and the proof of all of them.

Runs and the proof are in seconds by the clock against reading the facts' own JSON text; pages in processor time against
fifty rows from memory (`pages`). On both databases.
"""

from __future__ import annotations

import json
import sys
import tempfile
from datetime import date
from pathlib import Path

from scoring import load_facts, load_rulebook, preset_text
from scoring.engine import assess
from supervisor.config import Config
from supervisor.core import accounts, rulebooks, samples, score_runs, scores
from supervisor.core.calendar import seed_calendar
from supervisor.core.periods import Period, PeriodKind, periods_between
from supervisor.core.permissions import Actor
from supervisor.core.score_books import Act, make_run, period_row, seal
from supervisor.database import db, transaction
from supervisor.models import PeriodState, Programme, Role, ScoreLine, ScorePeriod, ScoreRun, Standing
from tests import builders
from tests.bench.ledger import opened, timed
from tests.bench.measure import line, processor_ms
from tests.bench.pages import answered, plain_page
from tests.builders import at
from tests.conftest import StillClock, make_app
from tests.databases import run_postgres

NOW, QUARTER = at("2021-08-10 09:00"), Period.parse("2021-Q2")
UNITS, TASKS = 300, 1_000
#: Closed quarters, the measured one included: the trend takes the last eight.
QUARTERS = list(periods_between(PeriodKind.QUARTER, date(2016, 7, 1), date(2021, 4, 1)))


def run() -> None:
    """Print the figures."""
    with tempfile.TemporaryDirectory() as name:
        _measure("SQLite", f"sqlite:///{Path(name) / 'periods.db'}", Path(name))
        with run_postgres() as postgres:
            if isinstance(postgres, str):
                sys.stdout.write(f"{postgres}\n")
            else:
                _measure("PostgreSQL", postgres.new_database(), Path(name))


def _measure(kind: str, url: str, folder: Path) -> None:
    with opened(url) as database:
        seed_calendar(now=NOW)
        samples.fill(TASKS, units=UNITS, months=5, now=NOW)
        programme = Programme.get()
        person = builders.user("bench", Role.ASSESSOR, programme)
        by = builders.actor(Role.ASSESSOR, programme, person=person)
        rulebooks.adopt(
            programme, preset_text("default-quarter"), valid_from=date(2016, 1, 1), by=by, now=NOW
        )
        database.execute_sql("ANALYZE")
        first, took = timed(lambda: _preliminary(programme, by))
        _, base = timed(lambda: json.loads(first.facts))
        stored = f"{ScoreLine.select().count():,} stored lines, {Standing.select().count()} units"
        line(f"{kind}: facts of {UNITS} units, their JSON read (baseline)", base, "s")
        line(f"{kind}: preliminary run, raw tables to {stored}", took, "s", base)
        _close_all(programme, first, by)
        database.execute_sql("ANALYZE")
        broken, took = timed(scores.verify_frozen)
        if broken is not None:
            raise RuntimeError(f"what is measured does not hold: {broken}")
        runs = ScoreRun.select().count()
        line(f"{kind}: verify of {runs} frozen quarters", took, "s", base * runs, "ratio to their JSON read")
        token = accounts.start_session(person, now=NOW)
        unit_id = Standing.select().where(Standing.run == first).order_by(Standing.sort).first().unit_id
    _pages(kind, url, folder, programme.id, unit_id, token)
    if not db.is_closed():
        db.close()


def _preliminary(programme: Programme, by: Actor) -> ScoreRun:
    with transaction():
        row = period_row(programme, QUARTER)
        return make_run(programme, QUARTER, row, number=1, act=Act("period.close", by, NOW))


def _close_all(programme: Programme, first: ScoreRun, by: Actor) -> None:
    """The same run for every earlier quarter, sealed on the trail like any other."""
    result = assess(load_facts(json.loads(first.facts)), load_rulebook(first.rulebook.text))
    for quarter in QUARTERS:
        with transaction():
            row = period_row(programme, quarter)
            ScorePeriod.update(state=PeriodState.FROZEN, closed_by=by.user_id, closed_at=NOW).where(
                ScorePeriod.id == row.id
            ).execute()
            if quarter == QUARTER:
                continue
            copied = {
                name: getattr(first, name)
                for name in ("facts", "facts_sha256", "result", "result_sha256", "code_version", "ran_at")
            }
            run = ScoreRun.create(period=row, rulebook=first.rulebook, number=1, **copied)
            score_runs.store(run, result)
            seal(run, row, Act("period.close", by, NOW))


def _pages(kind: str, url: str, folder: Path, programme_id: int, unit_id: int, token: str) -> None:
    config = Config(data=folder, mode="trial", secret="0123456789abcdef" * 4, database_url=url)
    client = make_app(config, StillClock(NOW)).test_client()
    client.set_cookie("sid", token)
    base = processor_ms(plain_page([]), times=5)
    line(f"{kind}: an empty page, bare Flask + Jinja (baseline)", base, "ms")
    place = f"/p/{programme_id}"
    for name, path in (
        (f"ranking, {UNITS} units", f"{place}/periods/{QUARTER.key}"),
        (f"ranking with trend, {UNITS} units × 8 periods", f"{place}/periods/{QUARTER.key}/figures"),
        (f"a year at a glance, {UNITS} units × 4 periods", f"{place}/years/2020"),
        ("explanation: one unit's sheet", f"{place}/periods/{QUARTER.key}/units/{unit_id}"),
        ("the list of periods", f"{place}/periods"),
    ):
        line(f"{kind}: {name}", processor_ms(answered(client, path), times=2, repeats=3), "ms", base)


if __name__ == "__main__":
    run()
