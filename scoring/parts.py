"""A longer period held against its parts: it took the scores that were frozen, all of them and no others."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from scoring.facts import months_of

#: The kind of facts that a part's score is.
PART_FACTS = "period_score"
_YEAR = 4


@dataclass(frozen=True)
class FrozenPart:
    """The run of a closed period that counted at some moment: its type, its number, the score of each unit."""

    type: str
    run: int
    scores: Mapping[str, Decimal]


def frozen_part(facts: Mapping[str, Any], result: Mapping[str, Any], run: int) -> FrozenPart:
    """A closed period from its frozen documents (parsed JSON)."""
    scores = {one["unit"]: Decimal(one["score"]) for one in result["standings"] if one["score"] is not None}
    return FrozenPart(str(facts["period_type"]), run, scores)


def takes_parts(facts: Mapping[str, Any]) -> bool:
    """Whether a period's facts (parsed JSON) hold scores of parts."""
    return any(fact["kind"] == PART_FACTS for fact in facts["facts"])


def part_differences(facts: Mapping[str, Any], frozen: Mapping[str, FrozenPart]) -> Iterator[str]:
    """Where the scores taken are not those that counted then, in words.

    Args:
        facts: the longer period's facts (parsed JSON).
        frozen: by key the periods of the same programme that were closed when it was scored, as they counted then.
    """
    units = {unit["id"] for unit in facts["units"]}
    taken: dict[str, dict[str, Mapping[str, Any]]] = {}
    for fact in facts["facts"]:
        if fact["kind"] == PART_FACTS:
            taken.setdefault(str(fact["values"]["period"]), {})[fact["unit"]] = fact["values"]
    types = {str(values["type"]) for by_unit in taken.values() for values in by_unit.values()}
    for key in sorted(taken):
        if key not in frozen:
            yield f"it takes scores of {key}, which was not closed"
            continue
        yield from _of_one(key, taken[key], frozen[key], units)
    for key in sorted(frozen.keys() - taken.keys()):
        part = frozen[key]
        if part.type in types and part.scores.keys() & units and _lies_in(key, str(facts["period"])):
            yield f"it leaves out {key}, which was closed"


def _of_one(
    key: str, taken: Mapping[str, Mapping[str, Any]], part: FrozenPart, units: set[str]
) -> Iterator[str]:
    wanted = {unit: score for unit, score in part.scores.items() if unit in units}
    for unit in sorted(taken.keys() | wanted.keys()):
        values, score = taken.get(unit), wanted.get(unit)
        if values is None:
            yield f"it leaves out the score of unit {unit} in {key}"
        elif values["run"] != part.run:
            yield f"it takes run {values['run']} of {key}, where run {part.run} counted"
            return
        elif score is None or Decimal(str(values["score"])) != score:
            yield f"it takes {values['score']} for unit {unit} from {key}, which gave {score}"


def _lies_in(part: str, whole: str) -> bool:
    return part != whole and set(_months(part)) <= set(_months(whole))


def _months(key: str) -> tuple[str, ...]:
    """The months of a period; a type of the rulebook's own (2021-year_end) stands for its year."""
    return months_of(key) or months_of(key[:_YEAR])
