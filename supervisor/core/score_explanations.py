"""What a unit's sheet says beside its lines: against last period, the group's spread, one more report in time.

The spread names nobody: least, median and greatest of a line are shown from `ENOUGH` units with points on. What one
more report in time would have meant is worked out by the engine on the frozen facts, once for each run and unit.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from functools import lru_cache

from scoring import ScoringError, load_facts, load_rulebook
from scoring.one_more import Gain, gains_of
from scoring.spreads import Spread, spread
from supervisor.core.periods import Period
from supervisor.core.score_sheet import Sheet, SheetLine
from supervisor.core.score_trends import ENOUGH
from supervisor.models import RulebookVersion, ScoreLine, ScoreRun, Standing
from supervisor.models.base import rows_of
from supervisor.words import Sentence

#: Late reports of one unit that are worked out; a unit with more has other worries.
MOST_LATE = 6

Key = tuple[str, str]


@dataclass(frozen=True)
class OnTime:
    """One late or missing report: what its line and the score would have gained, in points."""

    report: Sentence | str
    outcome: str
    line: Decimal
    score: Decimal | None
    #: Places before and after, only where the reader is shown places and the period was published.
    places: tuple[int, int] | None


@dataclass(frozen=True)
class Explained:
    """What stands beside the lines of one sheet."""

    #: (part, indicator) → the group's spread; lines of small groups are missing.
    spreads: Mapping[Key, Spread]
    #: (part, indicator) → late reports that the line counts.
    on_time: Mapping[Key, tuple[OnTime, ...]]
    #: The rulebook of the period before, where it was another one.
    other_rulebook: RulebookVersion | None
    least: int = ENOUGH


def explain(sheet: Sheet) -> Explained:
    """What is to be said beside the lines of a sheet that the reader may see."""
    return Explained(
        spreads=_spreads(sheet.run, sheet.standing),
        on_time=_on_time(sheet),
        other_rulebook=_other_rulebook(sheet),
    )


def _spreads(run: ScoreRun, standing: Standing) -> dict[Key, Spread]:
    group = Standing.select(Standing.unit).where(
        (Standing.run == run) & (Standing.group_name == standing.group_name)
    )
    rows = ScoreLine.select(ScoreLine.part, ScoreLine.indicator, ScoreLine.points).where(
        (ScoreLine.run == run)
        & (ScoreLine.part == "indicator")
        & ScoreLine.unit.in_(group)
        & ~ScoreLine.points.is_null()
    )
    points: dict[Key, list[Decimal]] = {}
    for part, indicator, hundredths in rows_of(rows):
        points.setdefault((part, indicator), []).append(Decimal(hundredths).scaleb(-2))
    found = {key: spread(values, least=ENOUGH) for key, values in points.items()}
    return {key: one for key, one in found.items() if one is not None}


def _on_time(sheet: Sheet) -> dict[Key, tuple[OnTime, ...]]:
    lines: tuple[SheetLine, ...] = (*sheet.lines, *sheet.adjustments)
    if not any(one.costs and one.record.startswith("obligation:") for item in lines for one in item.evidence):
        return {}
    run = sheet.run
    gains = _gains((run.id, run.facts_sha256, run.rulebook.sha256, sheet.standing.unit_id))
    found: dict[Key, tuple[OnTime, ...]] = {}
    for item in lines:
        key = (item.line.part, item.line.indicator)
        records = set(item.line.records)
        mine = tuple(
            _said(gain, key, sheet) for gain in gains if gain.of(*key) or gain.fact.record in records
        )
        if mine:
            found[key] = mine
    return found


def _said(gain: Gain, key: Key, sheet: Sheet) -> OnTime:
    before, after = gain.before.rank, gain.after.rank
    shown = sheet.shows_places and sheet.row.published_at is not None
    places = (before, after) if shown and before is not None and after is not None else None
    return OnTime(
        _name(gain.fact.subject), str(gain.fact.value("outcome")), gain.of(*key), gain.points, places
    )


def _name(subject: str) -> Sentence | str:
    try:
        return Period.parse(subject).label
    except ValueError:
        return subject


@lru_cache(maxsize=512)
def _gains(key: tuple[int, str, str, int]) -> tuple[Gain, ...]:
    """Worked out once for each run, hash of its facts, hash of its rules and unit."""
    run_id, _, _, unit_id = key
    run = ScoreRun.select(ScoreRun, RulebookVersion).join(RulebookVersion).where(ScoreRun.id == run_id).get()
    try:
        facts, rulebook = load_facts(json.loads(run.facts)), load_rulebook(run.rulebook.text)
        return gains_of(facts, rulebook, str(unit_id), most=MOST_LATE)
    except ScoringError:  # frozen under an engine that read other facts or rules
        return ()


def _other_rulebook(sheet: Sheet) -> RulebookVersion | None:
    if sheet.before is None:
        return None
    found: RulebookVersion | None = (
        RulebookVersion.select(RulebookVersion.id, RulebookVersion.name, RulebookVersion.version)
        .join(ScoreRun)
        .where((ScoreRun.id == sheet.before[1].run_id) & (ScoreRun.rulebook != sheet.run.rulebook_id))
        .first()
    )
    return found
