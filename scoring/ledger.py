"""The facts of one assessment, ready to be asked: by kind and unit, with numbers checked on the way out."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterable
from decimal import Decimal
from typing import Any, TypeVar

from scoring.facts import Fact, Facts, ScoredUnit, Value, in_order, scalar
from scoring.numbers import ONE, outsize
from scoring.problems import Problem
from scoring.result import Note

T = TypeVar("T")


class Ledger:
    """Facts by kind and unit. Whatever a rule finds wrong with a fact is collected in `problems`."""

    def __init__(self, facts: Facts, compare_with: str = "all") -> None:
        self.facts = facts
        self.compare_with = compare_with
        self.problems: list[Problem] = []
        self.notes: set[Note] = set()
        self._once: dict[Hashable, Any] = {}
        # A kind that occurs is a kind that can be given, whatever the caller has listed.
        self._supplied = facts.supplied | {fact.kind for fact in facts.facts}
        self._by: dict[tuple[str, str], list[Fact]] = {}
        known = {unit.id for unit in facts.units}
        for fact in in_order(self._exact(facts.facts)):
            if fact.unit not in known:
                self.problems.append(Problem(fact.place(), f"unit {fact.unit!r} is not among the units"))
            self._by.setdefault((fact.kind, fact.unit), []).append(fact)
        self._groups: dict[str, list[ScoredUnit]] = {}
        for unit in sorted(facts.units, key=lambda unit: (unit.order, unit.id)):
            self._groups.setdefault(unit.group, []).append(unit)

    def _exact(self, facts: Iterable[Fact]) -> list[Fact]:
        """Facts without binary fractions; those with one are refused, even when no rule looks at it."""
        kept = []
        for fact in facts:
            inexact = [name for name, value in fact.values.items() if _is_float(value)]
            for name in inexact:
                self.complain(fact, f"{name} is a binary fraction: it has no exact value")
            if not inexact:
                kept.append(fact)
        return kept

    @property
    def groups(self) -> tuple[str, ...]:
        """Groups in the order of their first unit."""
        return tuple(self._groups)

    def units_of(self, group: str) -> tuple[ScoredUnit, ...]:
        """The units of a group in roster order."""
        return tuple(self._groups.get(group, ()))

    def peers(self, unit: ScoredUnit) -> tuple[ScoredUnit, ...]:
        """The units a unit is compared with, itself included."""
        group = self.units_of(unit.group)
        if self.compare_with == "ranked":
            return tuple(peer for peer in group if peer.outside_ranking is None or peer.id == unit.id)
        return group

    def circle(self, unit: ScoredUnit) -> tuple[str, str]:
        """Names the peers of a unit: equal for two units that are compared with the same ones."""
        alone = self.compare_with == "ranked" and unit.outside_ranking is not None
        return unit.group, unit.id if alone else ""

    def once(self, key: Hashable, work_out: Callable[[], T]) -> T:
        """What is worked out, remembered: a measure or a best is the same for everyone who asks."""
        if key not in self._once:
            self._once[key] = work_out()
        found: T = self._once[key]
        return found

    def supplies(self, kind: str) -> bool:
        """Whether the source can give facts of this kind at all (D21)."""
        return kind in self._supplied

    def of(self, kind: str, unit: str) -> tuple[Fact, ...]:
        """The facts of a kind about a unit, in a settled order."""
        return tuple(self._by.get((kind, unit), ()))

    def number(
        self, fact: Fact, name: str, low: Decimal | None = None, high: Decimal | None = None
    ) -> Decimal | None:
        """A named number of a fact.

        None where the fact says null (known to be unknown), and, with a problem noted, where it is missing, is no
        number, or is out of range.
        """
        if name not in fact.values:
            self.problems.append(Problem(fact.place(), f"has no value {name!r}, which the rulebook asks for"))
            return None
        value = as_decimal(fact.values[name])
        if fact.values[name] is None:
            return None
        if value is None or outsize(value):
            self.problems.append(
                Problem(fact.place(), f"{name} must be an exact number, not {fact.values[name]!r}")
            )
            return None
        if (low is not None and value < low) or (high is not None and value > high):
            self.problems.append(
                Problem(fact.place(), f"{name} is {value}: it must lie within {low} and {high}")
            )
            return None
        return value

    def complain(self, fact: Fact, message: str) -> None:
        """Note a problem with a fact."""
        self.problems.append(Problem(fact.place(), message))

    def share(self, fact: Fact, names: tuple[str, ...]) -> Decimal:
        """The product of the named shares; a missing one counts as 1."""
        product = ONE
        for name in names:
            if fact.value(name) is not None:
                number = self.number(fact, name, low=Decimal(0))
                product *= ONE if number is None else number
        return product


def _is_float(value: object) -> bool:
    return isinstance(value, float)


def as_decimal(value: Value) -> Decimal | None:
    """A fact's value as a number: whole numbers, decimals and decimal strings; never a float or a truth value."""
    number = scalar(value)
    if isinstance(number, bool) or not isinstance(number, Decimal | int):
        return None
    return Decimal(number)
