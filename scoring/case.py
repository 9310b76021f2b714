"""What every scoring method is asked and answers, and the facts an indicator is about."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from typing import Protocol

from scoring.explain import Label, NaReason
from scoring.facts import Fact, ScoredUnit
from scoring.ledger import Ledger
from scoring.measure import EMPTY
from scoring.numbers import ZERO
from scoring.reading import Reader
from scoring.result import Step
from scoring.select import Where, matches, read_where


@dataclass(frozen=True)
class Case:
    """What a method is asked about: a unit, the facts, and the points at stake."""

    ledger: Ledger
    unit: ScoredUnit
    weight: Decimal


@dataclass(frozen=True)
class Outcome:
    """What a method answers: points (not yet rounded or held within limits), or why there are none."""

    points: Decimal | None
    na: str | None = None
    steps: tuple[Step, ...] = ()
    facts: tuple[Fact, ...] = ()


class Method(Protocol):
    """A way of giving points. Implementations are frozen dataclasses built by their reader."""

    def score(self, case: Case) -> Outcome:
        """Points for one unit."""
        ...

    def aspect(self) -> str:
        """`ratio`, `absolute`, `both`, or `other` (marks, deductions)."""
        ...

    def words(self) -> tuple[str, str]:
        """The rule in words, Chinese and English, for rulebooks that give none."""
        ...


@dataclass(frozen=True)
class Population:
    """The facts an indicator is about, for methods without a measure."""

    facts: str
    where: Where
    empty: str

    def of(self, case: Case) -> tuple[tuple[Fact, ...], Outcome | None]:
        """The facts, or the outcome where there are none."""
        if not case.ledger.supplies(self.facts):
            return (), Outcome(None, NaReason.NOT_SUPPLIED)
        facts = tuple(fact for fact in case.ledger.of(self.facts, case.unit.id) if matches(fact, self.where))
        if facts:
            return facts, None
        if self.empty == "na":
            return (), Outcome(None, NaReason.NOTHING_DUE)
        points = case.weight if self.empty == "full" else ZERO
        return (), Outcome(points, None, (Step(Label.COUNT, "0", ZERO),))


def read_population(reader: Reader, empty: str = "na") -> Population:
    """`facts`, `where`, `empty`."""
    return Population(
        reader.text("facts", required=True), read_where(reader), reader.text("empty", empty, choices=EMPTY)
    )
