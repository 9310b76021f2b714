"""Runs of the engine: the exact texts that are hashed, and the rows that pages read."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from scoring import Facts, Line, Result, assess, canonical, load_facts, load_rulebook, result_to_json
from supervisor.bulk import insert_rows
from supervisor.models import (
    PeriodState,
    RulebookVersion,
    ScoreLine,
    ScorePeriod,
    ScoreRun,
    Standing,
)


@dataclass(frozen=True)
class Assessed:
    """One application of a rulebook: the exact texts that are stored and hashed, and what they say."""

    facts_text: str
    result_text: str
    facts: Facts
    result: Result


def assess_text(facts_text: str, rulebook_text: str) -> Assessed:
    """Score facts from their stored text: closing and checking go the same way, so that they can agree."""
    read = load_facts(json.loads(facts_text))
    result = assess(read, load_rulebook(rulebook_text))
    return Assessed(facts_text, canonical(result_to_json(result)), read, result)


def current_run(row: ScorePeriod) -> ScoreRun | None:
    """The run that counts: the last one, not superseded."""
    run: ScoreRun | None = (
        ScoreRun.select(ScoreRun, RulebookVersion)
        .join(RulebookVersion)
        .where((ScoreRun.period == row) & (ScoreRun.superseded == False))  # noqa: E712 -- a condition in SQL
        .order_by(ScoreRun.number.desc())
        .first()
    )
    return run


def store(run: ScoreRun, result: Result) -> None:
    """Write the lines and standings of a run, with the change against the closed period before it."""
    insert_rows(ScoreLine, line_rows(run, result))
    insert_rows(Standing, standing_rows(run, result, scores_before(run.period)))


def closed_before(programme_id: int, type_: str, key: str) -> ScorePeriod | None:
    """The last closed period of a type before the one of this key; a quarter is compared with a quarter only."""
    row: ScorePeriod | None = (
        ScorePeriod.select()
        .where(
            (ScorePeriod.programme == programme_id)
            & (ScorePeriod.state == PeriodState.FROZEN)
            & (ScorePeriod.type == type_)
            & (ScorePeriod.key < key)
        )
        .order_by(ScorePeriod.key.desc())
        .first()
    )
    return row


def scores_before(period: ScorePeriod) -> dict[int, int]:
    """Scores of the closed period of the same type before this one, in hundredths, by unit; empty if none."""
    earlier = closed_before(period.programme_id, period.type, period.key)
    run = current_run(earlier) if earlier is not None else None
    if run is None:
        return {}
    return {
        one.unit_id: one.score
        for one in Standing.select().where(Standing.run == run)
        if one.score is not None
    }


def _hundredths(value: Decimal | None) -> int | None:
    """Points as stored; the engine has rounded them, so that nothing is lost here."""
    return None if value is None else int(value.scaleb(2))


def _whole(value: Decimal) -> int:
    return int(value.scaleb(2))


def line_rows(run: ScoreRun, result: Result) -> Iterator[dict[str, Any]]:
    """Every row of `ScoreLine` that a result means."""
    for standing in result.standings:
        lines: Iterable[Line] = (*result.lines_of(standing.unit), *result.adjustments_of(standing.unit))
        for sort, line in enumerate(lines, start=1):
            yield {
                "run": run.id,
                "unit": int(line.unit),
                "sort": sort,
                "indicator": line.indicator[:60],
                "part": line.part,
                "title": line.title[:120],
                "title_en": line.title_en[:120],
                "weight": _whole(line.weight),
                "points": _hundredths(line.points),
                "na_reason": (line.na_reason or "")[:300],
                "na_treatment": line.na_treatment,
                "rule": line.rule,
                "rule_en": line.rule_en,
                "clause": line.clause[:200],
                "steps": [
                    {"label": str(step.label), "formula": step.formula, "name": step.name}
                    | {"value": None if step.value is None else format(step.value, "f")}
                    for step in line.steps
                ],
                "records": list(line.records),
            }


def standing_rows(run: ScoreRun, result: Result, before: dict[int, int]) -> Iterator[dict[str, Any]]:
    """Every row of `Standing` that a result means; `before` gives the scores that `change` is counted from."""
    groups = list(dict.fromkeys(standing.group for standing in result.standings))
    for sort, one in enumerate(result.standings, start=1):
        unit, score = int(one.unit), _hundredths(one.score)
        past = before.get(unit)
        yield {
            "run": run.id,
            "unit": unit,
            "unit_name": one.name[:160],
            "group_name": one.group,
            "group_sort": groups.index(one.group),
            "sort": sort,
            "earned": _whole(one.earned),
            "applicable": _whole(one.applicable),
            "base": _hundredths(one.base),
            "bonus": _whole(one.bonus),
            "penalty": _whole(one.penalty),
            "score": score,
            "rank": one.rank,
            "tied": one.tied,
            "rank_note": (one.rank_note or "")[:300],
            "tier": one.tier or "",
            "tier_en": one.tier_en,
            "tier_note": (one.tier_note or "")[:300],
            "vetoes": list(one.vetoes),
            "change": score - past if score is not None and past is not None else None,
        }
