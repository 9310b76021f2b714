"""What is allowed in a rulebook and worth a second look: points and tiers nobody can reach, steps too fine to mean."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from decimal import Decimal
from typing import Protocol

from scoring.cases import Cases
from scoring.compare import ByRank
from scoring.events import EventRule
from scoring.numbers import show
from scoring.points import PerPoint, ThresholdTiers
from scoring.problems import Problem
from scoring.tables import Indicator, Table

#: A step of one percentage point, which a rate has unless it is written otherwise.
_PERCENT = Decimal("0.01")


class Tier(Protocol):
    """What is asked of a tier: its lower bound."""

    @property
    def name(self) -> str:
        """Its name."""
        ...

    @property
    def at_least(self) -> Decimal:
        """Lower bound."""
        ...


def second_look(
    tables: Sequence[Table], tiers: Sequence[Tier], bonus: Sequence[EventRule], cap: Decimal | None
) -> Iterator[Problem]:
    """Warnings about a whole rulebook, each with its place."""
    for number, table in enumerate(tables):
        name = f"table {'/'.join([table.period or 'any', *table.groups])}"
        for index, indicator in enumerate(table.indicators):
            place, path = f"{name} › indicator {indicator.key}", ("table", number, "indicator", index)
            best = most_points(indicator)
            if best is not None and best < indicator.weight and not indicator.add:
                message = (
                    f"gives at most {show(best)} of {show(indicator.weight)} points: nobody can have them all"
                )
                yield Problem(place, message, path)
            method = indicator.method
            if isinstance(method, PerPoint) and method.per == _PERCENT and not method.measure.is_rate:
                message = (
                    "counts each hundredth as a step, though the measure is no rate: say how large a step is"
                )
                yield Problem(f"{place} › per", message, (*path, "per"))
    if bonus and cap is None:
        return
    most = max((highest_score(table) for table in tables), default=Decimal(0)) + (cap or 0 if bonus else 0)
    for index, tier in enumerate(tiers):
        if tier.at_least > most:
            message = f"is {show(tier.at_least)}, and full points with all bonus make {show(most)}: nobody can reach it"
            yield Problem(f"tier {tier.name} › at_least", message, ("tier", index, "at_least"))


def most_points(indicator: Indicator) -> Decimal | None:
    """The most that a method with fixed points can give, before additions; None where it can give all or more."""
    method = indicator.method
    if isinstance(method, ThresholdTiers):
        return max([method.otherwise, *(points for _, points in method.bands)])
    if isinstance(method, Cases):
        return max([method.otherwise, *(case.points for case in method.cases)])
    if isinstance(method, ByRank) and not method.linear:
        return max([method.otherwise, *(places.points for places in method.table)])
    if isinstance(method, PerPoint):
        return method.base + method.reward_max
    return None


def highest_score(table: Table) -> Decimal:
    """What a unit has that reaches every ceiling."""
    reached = sum((max(one.ceiling, one.weight) for one in table.indicators), Decimal(0))
    return reached / table.total * table.scale_to
