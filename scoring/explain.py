"""The words of an explanation: English msgids, listed here once so that a translation can be complete."""

from __future__ import annotations

from enum import StrEnum
from typing import TYPE_CHECKING

from scoring.numbers import display, show
from scoring.result import Line, Step

if TYPE_CHECKING:
    from collections.abc import Iterable


class Label(StrEnum):
    """What a step shows."""

    ADDED = "Added"
    BLEND = "Parts together"
    CAPPED = "Held within its limits"
    COUNT = "Number"
    DEDUCTED = "Deducted"
    DIFFERENCE = "Difference"
    DOUBLED = "Deductions multiplied: few items"
    GIVEN = "Points given"
    HIGHEST = "Highest in the group"
    LOWEST = "Lowest in the group"
    MARK = "Mean mark"
    MEAN = "Mean"
    MET = "Case that holds"
    MONTHS = "Short in the months"
    NA = "Not applicable"
    NA_FULL = "Not applicable: full points by the rulebook"
    NA_MEAN = "Not applicable: mean of the group by the rulebook"
    NA_ZERO = "Not applicable: no points by the rulebook"
    MULTIPLIED = "Multiplied"
    OWN_TO_BEST = "Own value against the best"
    PART = "Part"
    PER_THING = "By kind of quantity"
    PLACE = "Place in the group"
    POINTS = "Points"
    RATE = "Rate"
    RATIO_ONLY = "Rate only: the group is too small to compare"
    REWARDED = "Above the threshold"
    SHORTFALL = "Below the threshold"
    START = "Starting points"
    SUM = "Sum"
    TAKEN_OUT = "Taken out by"
    VALUE = "Value"
    ZEROED = "No points: a condition of the rulebook is met"


class NaReason(StrEnum):
    """Why an indicator is not applicable."""

    NOT_SUPPLIED = "No such facts exist in the product yet"
    NOTHING_DUE = "Nothing was due in the period"
    NO_BASE = "No base: the denominator is zero"
    NO_DATA = "No data"
    GROUP_TOO_SMALL = "The group is too small to compare"
    FEW_MARKS = "Too few marks"


class RankNote(StrEnum):
    """Why a unit has no rank."""

    NO_SCORE = "No indicator applies: not assessed"
    UNDER_WEIGHT = "Applicable weight under the minimum: shown, not ranked"
    NOT_APPLICABLE = "An indicator does not apply: not ranked by the rulebook"
    FEW_ITEMS = "Fewer items than the rulebook asks for a rank: shown, not ranked"
    SMALL_GROUP = "Too few units in the group to rank"


class TierNote(StrEnum):
    """Why the tier is not the one of the score alone."""

    VETO = "Lowered by a veto"
    QUOTA = "Lowered by the quota of the group"
    NOT_GRADED = "Not graded: shown outside the ranking"


class Remark(StrEnum):
    """Notes on a whole result."""

    NOT_SUPPLIED = "%(title)s: no facts of the kind %(kind)s exist in the product yet; not counted"
    NO_PLAN = "%(place)s: no planned amount; left out"


LABELS: tuple[str, ...] = tuple(
    str(word) for words in (Label, NaReason, RankNote, TierNote, Remark) for word in words
)


def explain(line: Line) -> list[Step]:
    """A line as a list of steps that ends in its points, or in the reason why there are none."""
    if line.points is None:
        return [*line.steps, Step(Label.NA, "")]
    return [*line.steps, Step(Label.POINTS, "" if line.steps else show(line.weight), line.points)]


def product(*factors: str) -> str:
    """`25 × 0.92`."""
    return " × ".join(factors)


def sum_of(terms: Iterable[str], limit: int = 12) -> str:
    """`a + b + c`; past the limit the first terms, an ellipsis and the number of terms."""
    listed = list(terms)
    if len(listed) <= limit:
        return " + ".join(listed)
    return " + ".join(listed[:limit]) + f" + … ({len(listed)})"


__all__ = [
    "LABELS",
    "Label",
    "NaReason",
    "RankNote",
    "Remark",
    "TierNote",
    "display",
    "explain",
    "product",
    "show",
    "sum_of",
]
