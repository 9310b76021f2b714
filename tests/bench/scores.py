"""A quarter from raw tables to stored scores, for 300 and 3,000 units on both databases; the engine alone; what-if.

Seconds by the clock, with the share spent in SQL (the same statements sent bare), engine and storing. The baseline of
one run is reading the facts' own JSON text once: both grow with the number of facts.
"""

from __future__ import annotations

import json
import sys
import tempfile
import time
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

from peewee import Database

from scoring import (
    Fact,
    Facts,
    Result,
    ScoredUnit,
    assess,
    canonical,
    facts_to_json,
    load_facts,
    load_preset,
    load_rulebook,
    preset_text,
    result_to_json,
)
from scoring.what_if import compare
from supervisor.config import VERSION
from supervisor.core import facts, samples, score_runs
from supervisor.core.calendar import seed_calendar
from supervisor.core.periods import Period
from supervisor.core.score_books import period_row
from supervisor.database import digest, transaction
from supervisor.models import Programme, RulebookVersion, ScoreLine, ScoreRun
from tests.bench.ledger import opened, timed
from tests.bench.measure import line
from tests.builders import at
from tests.databases import run_postgres

NOW, QUARTER = at("2021-08-10 09:00"), Period.parse("2021-Q2")
#: Units with tasks: each task has one lead and two responsible units.
SIZES = ((300, 1_000), (3_000, 10_000))


def run() -> None:
    """Print the figures."""
    engine_alone()
    with tempfile.TemporaryDirectory() as folder:
        for units, tasks in SIZES:
            _measure("SQLite", f"sqlite:///{Path(folder) / f'{units}.db'}", units, tasks)
    with run_postgres() as postgres:
        if isinstance(postgres, str):
            sys.stdout.write(f"{postgres}\n")
        else:
            for units, tasks in SIZES:
                _measure("PostgreSQL", postgres.new_database(), units, tasks)


def _measure(kind: str, url: str, units: int, tasks: int) -> None:
    with opened(url) as database:
        seed_calendar(now=NOW)
        samples.fill(tasks, units=units, months=5, now=NOW)
        programme = Programme.get()
        book = _adopted(programme)
        database.execute_sql("ANALYZE")
        gathered, gather, sql = _gathered(database, programme)
        text, freeze = timed(lambda: canonical(facts_to_json(gathered)))
        _, base = timed(lambda: json.loads(text))
        found, engine = timed(lambda: score_runs.assess_text(text, book.text))
        _, store = timed(lambda: _store(programme, book, found))
        name = f"{kind}, {units:,} units"
        whole = gather + freeze + engine + store
        lines, size = ScoreLine.select().count(), len(gathered.facts)
        line(f"{name}: {size:,} facts, their JSON read (baseline)", base, "s")
        line(f"{name}: quarter from raw tables to {lines:,} stored lines", whole, "s", base)
        for part, took in (
            ("facts gathered", gather),
            ("facts as text", freeze),
            ("engine", engine),
            ("stored", store),
        ):
            line(f"{name}:   {part} ({took / whole:.0%})", took, "s", base)
        line(f"{name}:   SQL of gathering sent bare ({sql / whole:.0%})", sql, "s", base)
        if units == SIZES[0][0]:
            _what_if(name, gathered, base)


def _adopted(programme: Programme) -> RulebookVersion:
    text = preset_text("default-quarter")
    return RulebookVersion.create(
        programme=programme, name="默认考核办法", version="1", text=text, sha256=digest(text),
        valid_from=date(2021, 1, 1), adopted_at=NOW,
    )  # fmt: skip


def _gathered(database: Database, programme: Programme) -> tuple[Facts, float, float]:
    """The facts, the seconds that took, and the seconds of its statements alone with all their rows fetched."""
    facts.gather(programme, QUARTER)  # warm: statements prepared, pages read
    gathered, took = timed(lambda: facts.gather(programme, QUARTER))
    asked: list[tuple[str, Any]] = []

    def hook(event: Any) -> None:
        asked.append((event.sql, event.params))

    database.query_hooks.append(hook)
    facts.gather(programme, QUARTER)
    database.query_hooks.remove(hook)
    begun = time.perf_counter()
    for sql, params in asked:
        database.execute_sql(sql, params).fetchall()
    return gathered, took, time.perf_counter() - begun


def _store(programme: Programme, book: RulebookVersion, found: score_runs.Assessed) -> None:
    with transaction():
        row = period_row(programme, QUARTER)
        made = ScoreRun.create(
            period=row, rulebook=book, number=1, facts=found.facts_text, facts_sha256=digest(found.facts_text),
            result=found.result_text, result_sha256=digest(found.result_text), code_version=VERSION, ran_at=NOW,
        )  # fmt: skip
        score_runs.store(made, found.result)


def _what_if(name: str, gathered: Facts, base: float) -> None:
    """Four quarters under two rulebooks, as the page works them out the first time."""
    text = canonical(facts_to_json(gathered))
    old, new = load_preset("default-quarter"), load_preset("pingshi-dingqi")

    def four() -> None:
        for _ in range(4):
            compare(load_facts(json.loads(text)), old, new)

    line(f"{name}: what-if of four quarters", timed(four)[1], "s", base, "then kept")


RATE = 'measure = { facts = "task", take = "share", hit = { on_time = true } }'
DONE = 'measure = { facts = "task", take = "sum", value = "done" }'
#: Ten indicators of ten methods over one kind of fact.
METHODS = (
    (
        "proportional",
        'measure = { facts = "task", take = "mean_ratio", numerator = "done", denominator = "planned" }',
    ),
    (
        "threshold_tiers",
        f'tiers = [{{ at_least = "90%", points = 10 }}, {{ at_least = "60%", points = 6 }}]\n{RATE}',
    ),
    ("per_point", f'threshold = "95%"\ndeduct_each = "0.1"\n{RATE}'),
    ("binary", 'at_least = 5\nmeasure = { facts = "task", take = "count" }'),
    ("per_occurrence", 'facts = "task"\ndeduct = [{ where = { on_time = false }, points = "0.5" }]'),
    ("mark", 'facts = "task"'),
    ("relative_to_best", DONE),
    ("minmax", 'measure = { facts = "task", take = "mean", value = "mark" }'),
    ("rank_linear", DONE),
    ("judges", 'facts = "task"\nper = "panel"'),
)


def engine_alone(units: int = 1_000, facts_each: int = 10) -> None:
    """1,000 units × 10 indicators, ten facts a unit, groups of fifty."""
    text = '[rulebook]\nname = "x"\nversion = "1"\n[[table]]\n' + "".join(
        f'[[table.indicator]]\nkey = "k{n}"\ntitle = "k{n}"\nweight = 10\nmethod = "{method}"\n{rest}\n'
        for n, (method, rest) in enumerate(METHODS)
    )
    book = load_rulebook(text)
    made = Facts(
        "2021-Q2",
        "quarter",
        tuple(ScoredUnit(str(n), f"第{n}街道", f"g{n // 50}", n) for n in range(units)),
        tuple(
            Fact(
                "task", str(n), f"{t}",
                {
                    "done": Decimal(n * 7 + t * 13).remainder_near(50) + 50, "planned": 100,
                    "on_time": (n + t) % 5 > 0, "mark": (n + t) % 40 + 60, "panel": "p",
                }, f"r:{n}:{t}",
            )
            for n in range(units)
            for t in range(facts_each)
        ),
        frozenset({"task"}),
    )  # fmt: skip
    _, base = timed(lambda: json.loads(canonical(facts_to_json(made))))
    result, took = timed(lambda: assess(made, book))
    _, printed = timed(lambda: canonical(result_to_json(result)))
    _check(result)
    line(f"engine alone: {len(made.facts):,} facts, their JSON written and read (baseline)", base, "s")
    line(f"engine alone: {units:,} units × {len(METHODS)} indicators", took, "s", base)
    line("engine alone: the result as text", printed, "s", base)


def _check(result: Result) -> None:
    """Nothing is measured that has not been worked out."""
    if any(line.points is None for line in result.lines):
        raise RuntimeError("an indicator does not apply: the figure would be too good")


if __name__ == "__main__":
    run()
