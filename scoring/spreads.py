"""How the points of a group lie, and what part of the full points was earned: figures beside a line, no judgement."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal

from scoring.numbers import exact, hundredths, percentage


@dataclass(frozen=True)
class Spread:
    """The least, the middle and the greatest of `count` values, in points; an even count has the mean of two."""

    count: int
    low: Decimal
    middle: Decimal
    high: Decimal


def spread(values: Iterable[Decimal], *, least: int = 1) -> Spread | None:
    """The spread of points, the median rounded half up to hundredths; None below `least` values."""
    found = sorted(values)
    count = len(found)
    if count < max(least, 1):
        return None
    with exact():
        middle = hundredths((found[(count - 1) // 2] + found[count // 2]) / 2)
    return Spread(count, found[0], middle, found[-1])


def part_earned(points: Decimal | None, weight: Decimal) -> int | None:
    """Percent of the full points, rounded half up but never to 100 or 0 from below or above; None without either."""
    if points is None or not weight:
        return None
    exactly = percentage(int(points.scaleb(2)), int(weight.scaleb(2)))
    if exactly is None:
        return None
    whole = int(hundredths(exactly / 100).scaleb(2))
    if whole == 100 and points < weight:
        return 99
    return 1 if whole == 0 and points > 0 else whole
