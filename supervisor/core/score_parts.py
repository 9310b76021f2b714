"""What a longer period takes from the periods in it: their frozen scores as facts, and what is wrong with them.

The year from its quarters: a part without a score for a unit, or one that was never scored, is simply not there, and
so leaves the mean (D21). A part that was corrected after the longer period was frozen changes nothing by itself; the
assessor is told on which figure that still rests.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from scoring import Fact
from scoring.parts import PART_FACTS
from supervisor.core import fact_needs, recorded_facts, score_calendar
from supervisor.core.periods import Period
from supervisor.core.scored_periods import part_types, scored_period
from supervisor.errors import Obstacle
from supervisor.models import PeriodState, Programme, RulebookVersion, ScorePeriod, ScoreRun, Standing
from supervisor.words import N_

RECORD = "standing"


@dataclass(frozen=True)
class Part:
    """A part of a longer period and how its books stand; `row` None before anybody began with it."""

    period: Period
    row: ScorePeriod | None

    @property
    def is_closed(self) -> bool:
        """Whether its score counts in the longer period."""
        return self.row is not None and self.row.state is PeriodState.FROZEN


@dataclass(frozen=True)
class Superseded:
    """A part run again after the longer period had taken its scores: the run taken, and the one that counts."""

    period: Period
    taken: int
    counts: int


def facts_of(programme_id: int, period: Period, text: str) -> Iterator[Fact]:
    """One `period_score` for each unit and closed part with a score, and what was entered for the parts' vetoes.

    `text` is the rulebook of the period.
    """
    types = part_types(text, period.type)
    if not types:
        return
    runs = {run.id: run for run in _counting_runs(programme_id, _within(period, types))}
    scored = Standing.run.in_(sorted(runs)) & ~Standing.score.is_null()
    for one in Standing.select().where(scored).order_by(Standing.run, Standing.sort):
        run = runs[one.run_id]
        yield Fact(
            PART_FACTS,
            str(one.unit_id),
            run.period.key,
            {
                "type": run.period.type,
                "period": run.period.key,
                "score": Decimal(one.score or 0).scaleb(-2),
                "run": run.number,
            },
            f"{RECORD}:{one.id}",
        )
    kinds = fact_needs.kinds_from_parts(text, period.type)
    for key in sorted({run.period.key for run in runs.values()}) if kinds else ():
        yield from (fact for _form, fact in recorded_facts.facts_of(programme_id, key) if fact.kind in kinds)


def parts(programme: Programme, period: Period, day: date) -> list[Part]:
    """The parts that a period rests on, in order of time, closed or not; `day` is today."""
    wanted = score_calendar.parts_of(programme.id, period, day)
    keys = [one.key for one in wanted]
    rows = ScorePeriod.select().where((ScorePeriod.programme == programme) & ScorePeriod.key.in_(keys))
    known = {row.key: row for row in rows}
    return [Part(one, known.get(one.key)) for one in wanted]


def obstacles(programme: Programme, found: Sequence[Part]) -> Iterator[Obstacle]:
    """Parts whose books are not closed: the longer period waits for them."""
    for part in found:
        if not part.is_closed:
            yield Obstacle(
                N_("%(period)s is a part of it and is not closed.", period=part.period.label),
                f"/p/{programme.id}/periods/{part.period.key}",
            )


def superseded(programme_id: int, period: Period, run: ScoreRun) -> list[Superseded]:
    """Parts of a run whose taken scores have been corrected since, in order of time."""
    if not part_types(run.rulebook.text, period.type):
        return []
    taken = {
        fact["values"]["period"]: int(fact["values"]["run"])
        for fact in json.loads(run.facts)["facts"]
        if fact["kind"] == PART_FACTS
    }
    if not taken:
        return []
    keyed = ScorePeriod.key.in_(sorted(taken))
    now = {one.period.key: one.number for one in _counting_runs(programme_id, keyed)}
    periods = sorted((scored_period(key) for key in taken), key=score_calendar.in_time)
    return [
        Superseded(one, taken[one.key], now[one.key])
        for one in periods
        if now.get(one.key, taken[one.key]) != taken[one.key]
    ]


def outdated(programme_id: int, since: date) -> frozenset[str]:
    """Keys of closed periods ending since a day that rest on a part corrected after they were scored."""
    rows = (
        ScoreRun.select(
            ScoreRun.id, ScoreRun.audit_head, ScorePeriod.key, ScorePeriod.type, RulebookVersion.text
        )
        .join(ScorePeriod)
        .switch(ScoreRun)
        .join(RulebookVersion)
        .where(
            (ScorePeriod.programme == programme_id)
            & (ScorePeriod.state == PeriodState.FROZEN)
            & (ScorePeriod.ends_on >= since)
            & (ScoreRun.superseded == False)  # noqa: E712 -- a condition in SQL
        )
        .order_by(ScorePeriod.key)
    )
    runs = [(scored_period(run.period.key), _seq(run), run.rulebook.text) for run in rows]
    return frozenset(
        whole.key
        for whole, made, text in runs
        for part, counted, _text in runs
        if counted > made
        and part.type in part_types(text, whole.type)
        and whole.start <= part.start
        and part.end <= whole.end
    )


def _seq(run: ScoreRun) -> int:
    """The number of the row of the trail that made a run: what came later has a greater one."""
    return int(run.audit_head.partition("-")[0] or 0)


def _counting_runs(programme_id: int, among: object) -> list[ScoreRun]:
    """The runs that count of closed periods, without their long texts."""
    columns = (
        ScoreRun.id,
        ScoreRun.number,
        ScoreRun.period,
        ScorePeriod.id,
        ScorePeriod.key,
        ScorePeriod.type,
    )
    mine = (ScorePeriod.programme == programme_id) & (ScorePeriod.state == PeriodState.FROZEN) & among
    counts = ScoreRun.superseded == False  # noqa: E712 -- a condition in SQL
    query = ScoreRun.select(*columns).join(ScorePeriod).where(mine & counts)
    return list(query.order_by(ScorePeriod.key, ScoreRun.id))


def _within(period: Period, types: Iterable[str]) -> object:
    days = (ScorePeriod.ends_on >= period.start) & (ScorePeriod.ends_on <= period.end)
    return days & ScorePeriod.type.in_(list(types))
