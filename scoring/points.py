"""Scoring methods that turn a measure of one unit into points."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal

from scoring.case import Case, Outcome
from scoring.events import in_steps
from scoring.explain import Label, product, show
from scoring.measure import Measure, Measured, check_limit, check_step, in_words, measure_of, read_measure
from scoring.numbers import ONE, ZERO, clamp, display, settle
from scoring.reading import Reader
from scoring.result import Step


def aspect_of(measure: Measure) -> str:
    """Whether a measure is a proportion or an amount."""
    if measure.is_rate:
        return "ratio"
    return "other" if measure.take == "mean" else "absolute"


@dataclass(frozen=True)
class Proportional:
    """Points in proportion to a measure: weight × (x − zero_at) ÷ (target − zero_at), between 0 and cap."""

    measure: Measure
    target: Decimal
    zero_at: Decimal
    cap: Decimal

    @classmethod
    def read(cls, reader: Reader, _weight: Decimal) -> Proportional:
        """`measure`, `target` (1), `zero_at` (0), `cap` (1)."""
        method = cls(
            read_measure(reader),
            reader.number("target", ONE),
            reader.number("zero_at", ZERO),
            reader.number("cap", ONE, low=ZERO),
        )
        if method.target == method.zero_at:
            reader.complain("target", "must differ from zero_at")
        check_limit(reader, "target", method.measure, max(method.target, method.zero_at))
        return method

    def score(self, case: Case) -> Outcome:
        """Points for one unit."""
        found = measure_of(case.ledger, self.measure, case.unit.id)
        if found.value is None:
            return Outcome(None, found.na, found.steps, found.facts)
        part = clamp(settle((found.value - self.zero_at) / (self.target - self.zero_at)), ZERO, self.cap)
        points = case.weight * part
        step = Step(Label.POINTS, product(show(case.weight), show(part)), display(points))
        return Outcome(points, None, (*found.steps, step), found.facts)

    def aspect(self) -> str:
        """Of its measure."""
        return aspect_of(self.measure)

    def words(self) -> tuple[str, str]:
        """In words."""
        to = f"（目标 {in_words(self.measure, self.target)}）" if self.target != ONE else ""
        to_en = f" (target {in_words(self.measure, self.target)})" if self.target != ONE else ""
        return f"按比例计分{to}", f"in proportion{to_en}"


@dataclass(frozen=True)
class ThresholdTiers:
    """Fixed points by the band the measure falls into; lower (or upper) bounds are inclusive."""

    measure: Measure
    bands: tuple[tuple[Decimal, Decimal], ...]
    otherwise: Decimal
    falling: bool
    linear: bool = False

    @classmethod
    def read(cls, reader: Reader, weight: Decimal) -> ThresholdTiers:
        """`measure`, `tiers = [{at_least, points}, …]` (or at_most), `otherwise` (0), `between` (steps)."""
        measure = read_measure(reader)
        bands: list[tuple[Decimal, Decimal]] = []
        falling = False
        for row in reader.children("tiers", required=True):
            falling = falling or row.has("at_most")
            bound = row.number("at_most" if row.has("at_most") else "at_least", required=True)
            bands.append((bound, row.number("points", required=True, low=ZERO, high=weight)))
            if not falling:
                check_limit(row, "at_least", measure, bound)
            row.done()
        if falling and any("at_least" in row for row in reader.table["tiers"]):
            reader.complain("tiers", "must all say at_least or all say at_most")
        if len({bound for bound, _ in bands}) < len(bands):
            reader.complain("tiers", "name the same bound twice")
        ordered = tuple(sorted(bands, reverse=not falling))
        otherwise = reader.number("otherwise", ZERO, low=ZERO, high=weight)
        linear = reader.text("between", "steps", choices=("steps", "linear")) == "linear"
        return cls(measure, ordered, otherwise, falling, linear)

    def score(self, case: Case) -> Outcome:
        """Points for one unit."""
        found = measure_of(case.ledger, self.measure, case.unit.id)
        if found.value is None:
            return Outcome(None, found.na, found.steps, found.facts)
        above: tuple[Decimal, Decimal] | None = None
        for bound, points in self.bands:
            if found.value <= bound if self.falling else found.value >= bound:
                if self.linear and above is not None:
                    return self._between(found, (bound, points), above)
                sign = "≤" if self.falling else "≥"
                step = Step(Label.POINTS, f"{show(found.value)} {sign} {show(bound)}", points)
                return Outcome(points, None, (*found.steps, step), found.facts)
            above = (bound, points)
        step = Step(Label.POINTS, show(found.value), self.otherwise)
        return Outcome(self.otherwise, None, (*found.steps, step), found.facts)

    def _between(
        self, found: Measured, reached: tuple[Decimal, Decimal], above: tuple[Decimal, Decimal]
    ) -> Outcome:
        """On the straight line from the bound that is reached to the next better one (内插法)."""
        value = found.value or ZERO
        part = settle((value - reached[0]) / (above[0] - reached[0]))
        points = reached[1] + (above[1] - reached[1]) * part
        formula = f"{show(reached[1])} + {show(above[1] - reached[1])} × {show(part)}"
        return Outcome(
            points, None, (*found.steps, Step(Label.POINTS, formula, display(points))), found.facts
        )

    def aspect(self) -> str:
        """Of its measure."""
        return aspect_of(self.measure)

    def words(self) -> tuple[str, str]:
        """In words."""
        sign = "≤" if self.falling else "≥"
        bands = "；".join(
            f"{sign}{in_words(self.measure, bound)} 得 {show(points)} 分" for bound, points in self.bands
        )
        bands_en = "; ".join(
            f"{sign} {in_words(self.measure, bound)}: {show(points)}" for bound, points in self.bands
        )
        line, line_en = ("，界线之间按线性插值", ", linear between the bounds") if self.linear else ("", "")
        return (
            f"分段计分：{bands}；其余 {show(self.otherwise)} 分{line}",
            f"by bands: {bands_en}; else {show(self.otherwise)}{line_en}",
        )


@dataclass(frozen=True)
class PerPoint:
    """Full points from a threshold on; below it a deduction for each step (percentage point) that is missing."""

    measure: Measure
    threshold: Decimal
    per: Decimal
    deduct: Decimal
    steps: str
    base: Decimal
    reward: Decimal
    reward_max: Decimal

    @classmethod
    def read(cls, reader: Reader, weight: Decimal) -> PerPoint:
        """`measure`, `threshold`, `deduct_each`, `per` (1%), `steps` (prorata), `base`, `reward`, `reward_max`."""
        method = cls(
            measure=read_measure(reader),
            threshold=reader.number("threshold", required=True),
            per=reader.number("per", Decimal("0.01")),
            deduct=reader.number("deduct_each", required=True, low=ZERO),
            steps=reader.text("steps", "prorata", choices=("prorata", "whole", "started")),
            base=reader.number("base", weight, low=ZERO),
            reward=reader.number("reward", ZERO, low=ZERO),
            reward_max=reader.number("reward_max", ZERO, low=ZERO),
        )
        if method.per <= ZERO:
            reader.complain("per", "must be more than 0")
            return cls(method.measure, ZERO, ONE, ZERO, "prorata", weight, ZERO, ZERO)
        if method.reward and not method.reward_max:
            reader.complain("reward_max", "is missing: how much may be added above the threshold")
        check_limit(reader, "threshold", method.measure, method.threshold)
        check_step(reader, "per", method.measure, method.per)
        return method

    def score(self, case: Case) -> Outcome:
        """Points for one unit."""
        found = measure_of(case.ledger, self.measure, case.unit.id)
        if found.value is None:
            return Outcome(None, found.na, found.steps, found.facts)
        gap = in_steps(abs(found.value - self.threshold) / self.per, self.steps)
        over = found.value >= self.threshold
        change = min(self.reward * gap, self.reward_max) if over else -self.deduct * gap
        steps = list(found.steps)
        if gap and change:
            factor = show(self.reward if over else self.deduct)
            steps.append(
                Step(Label.REWARDED if over else Label.SHORTFALL, product(factor, show(gap)), display(change))
            )
        return Outcome(self.base + change, None, tuple(steps), found.facts)

    def aspect(self) -> str:
        """Of its measure."""
        return aspect_of(self.measure)

    def words(self) -> tuple[str, str]:
        """In words."""
        per, at = in_words(self.measure, self.per), in_words(self.measure, self.threshold)
        zh = f"达到 {at} 得 {show(self.base)} 分，每低 {per} 扣 {show(self.deduct)} 分"
        en = f"{show(self.base)} from {at} on, −{show(self.deduct)} for each {per} below"
        if self.reward:
            zh += f"；每超 {per} 加 {show(self.reward)} 分，最多加 {show(self.reward_max)} 分"
            en += f"; +{show(self.reward)} for each {per} above, at most {show(self.reward_max)}"
        return zh, en


@dataclass(frozen=True)
class Binary:
    """All or nothing by one limit on a measure."""

    measure: Measure
    at_least: Decimal | None
    at_most: Decimal | None
    otherwise: Decimal

    @classmethod
    def read(cls, reader: Reader, weight: Decimal) -> Binary:
        """`measure`, `at_least` or `at_most`, `otherwise` (0)."""
        method = cls(
            read_measure(reader),
            reader.optional("at_least"),
            reader.optional("at_most"),
            reader.number("otherwise", ZERO, low=ZERO, high=weight),
        )
        if (method.at_least is None) == (method.at_most is None):
            none = method.at_least is None
            reader.complain(
                "at_least",
                "give one of at_least and at_most" if none else "give either at_least or at_most",
            )
        if method.at_least is not None:
            check_limit(reader, "at_least", method.measure, method.at_least)
        return method

    def score(self, case: Case) -> Outcome:
        """Points for one unit."""
        found = measure_of(case.ledger, self.measure, case.unit.id)
        if found.value is None:
            return Outcome(None, found.na, found.steps, found.facts)
        limit = self.at_least if self.at_least is not None else self.at_most or ZERO
        met = found.value >= limit if self.at_least is not None else found.value <= limit
        points = case.weight if met else self.otherwise
        return Outcome(
            points,
            None,
            (*found.steps, Step(Label.POINTS, self._formula(found.value, limit), points)),
            found.facts,
        )

    def _formula(self, value: Decimal, limit: Decimal) -> str:
        if self.at_least is not None:
            return f"{show(value)} {'≥' if value >= limit else '<'} {show(limit)}"
        return f"{show(value)} {'≤' if value <= limit else '>'} {show(limit)}"

    def aspect(self) -> str:
        """Of its measure."""
        return aspect_of(self.measure)

    def words(self) -> tuple[str, str]:
        """In words."""
        sign, limit = ("≥", self.at_least) if self.at_least is not None else ("≤", self.at_most)
        text = f"{sign} {in_words(self.measure, limit or ZERO)}"
        return (
            f"{text} 得满分，否则 {show(self.otherwise)} 分",
            f"full points if {text}, else {show(self.otherwise)}",
        )
