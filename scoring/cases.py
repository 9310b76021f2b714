"""Points by cases: the first of which everything holds (按期办结且合格得满分); and factors on a method's points."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal

from scoring.case import Case, Outcome
from scoring.events import Condition, read_condition
from scoring.explain import Label, show
from scoring.facts import Fact, ScoredUnit, together
from scoring.ledger import Ledger
from scoring.measure import measure_of
from scoring.numbers import ONE, ZERO, display
from scoring.reading import Reader
from scoring.result import Step
from scoring.select import Where, matches, read_where


@dataclass(frozen=True)
class OneCase:
    """Points where all conditions hold."""

    title: str
    points: Decimal
    conditions: tuple[Condition, ...]


@dataclass(frozen=True)
class Cases:
    """The points of the first case of which every condition holds; else `otherwise`."""

    cases: tuple[OneCase, ...]
    otherwise: Decimal

    @classmethod
    def read(cls, reader: Reader, weight: Decimal) -> Cases:
        """`[[….case]]` with `title`, `points` and `all` (conditions); `otherwise` (0)."""
        cases = []
        for row in reader.children("case", required=True):
            conditions = []
            for item in row.children("all", required=True):
                conditions.append(read_condition(item))
                item.done()
            if not conditions and row.has("all"):
                row.complain("all", "must hold at least one condition")
            points = row.number("points", required=True, low=ZERO, high=weight)
            cases.append(OneCase(row.text("title", required=True), points, tuple(conditions)))
            row.done()
        return cls(tuple(cases), reader.number("otherwise", ZERO, low=ZERO, high=weight))

    def score(self, case: Case) -> Outcome:
        """Points for one unit; not applicable where none of the conditions can be told."""
        conditions = [condition for one in self.cases for condition in one.conditions]
        unknown = [condition.unknown(case.ledger, case.unit.id) for condition in conditions]
        if all(unknown):
            return Outcome(None, unknown[0])
        for one in self.cases:
            found = [condition.holds(case.ledger, case.unit.id, one.title) for condition in one.conditions]
            if all(met for met, _ in found):
                step = Step(Label.MET, "", one.points, one.title)
                return Outcome(one.points, None, (step,), together(facts for _, facts in found))
        step = Step(Label.POINTS, "", self.otherwise)
        return Outcome(self.otherwise, None, (step,), self._looked_at(case))

    def _looked_at(self, case: Case) -> tuple[Fact, ...]:
        """The facts of the measures: what was found not to be enough."""
        measures = [c.measure for one in self.cases for c in one.conditions if c.measure is not None]
        return together(measure_of(case.ledger, measure, case.unit.id).facts for measure in measures)

    def aspect(self) -> str:
        """Conditions are neither a proportion nor an amount."""
        return "other"

    def words(self) -> tuple[str, str]:
        """In words."""
        zh = "；".join(f"{one.title} {show(one.points)} 分" for one in self.cases)
        en = "; ".join(f"{one.title}: {show(one.points)}" for one in self.cases)
        return (
            f"分情形计分：{zh}；其余 {show(self.otherwise)} 分",
            f"by cases: {en}; else {show(self.otherwise)}",
        )


@dataclass(frozen=True)
class Times:
    """A factor on the points of a method: a fixed one under a condition, or one that a fact gives for the unit.

    Attributes:
        factor, condition: ×0.8 where the condition holds.
        facts, where, value, low, high: else the unit's own factor (难度系数, 工作量系数); without such a fact 1.
    """

    title: str
    title_en: str
    factor: Decimal = ONE
    condition: Condition | None = None
    facts: str = ""
    where: Where = ()
    value: str = ""
    low: Decimal = ZERO
    high: Decimal = ONE

    def of(self, ledger: Ledger, unit: ScoredUnit) -> tuple[Decimal, tuple[Fact, ...]]:
        """The factor for a unit, and the facts it comes from."""
        if self.condition is not None:
            met, facts = self.condition.holds(ledger, unit.id, self.title)
            return (self.factor, facts) if met else (ONE, ())
        facts = tuple(fact for fact in ledger.of(self.facts, unit.id) if matches(fact, self.where))
        if len(facts) > 1:
            ledger.complain(facts[1], f"there are {len(facts)} facts where the rulebook takes one")
        number = ledger.number(facts[0], self.value, self.low, self.high) if facts else None
        return ONE if number is None else number, facts

    def step(self, points: Decimal, factor: Decimal) -> Step:
        """As a step of the line."""
        return Step(
            Label.MULTIPLIED, f"{show(points)} × {show(factor)}", display(points * factor), self.title
        )


def read_times(row: Reader) -> tuple[Times, ...]:
    """The tables `[[….times]]`: `title`; `factor` with a condition, or `facts`, `where`, `value`, `low`, `high`."""
    read = []
    for item in row.children("times"):
        title, title_en = item.text("title", required=True), item.text("title_en")
        if item.has("factor"):
            factor = item.number("factor", ONE, low=ZERO)
            read.append(Times(title, title_en, factor, read_condition(item)))
        else:
            low, high = item.number("low", ZERO, low=ZERO), item.number("high", required=True, low=ZERO)
            if low > high:
                item.complain("low", "is above high")
            facts, value = item.text("facts", required=True), item.text("value", required=True)
            read.append(
                Times(title, title_en, facts=facts, where=read_where(item), value=value, low=low, high=high)
            )
        item.done()
    return tuple(read)
