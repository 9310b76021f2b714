"""The table of scoring methods, and the one that puts several together."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from decimal import Decimal

from scoring.case import Case, Method, Outcome
from scoring.cases import Cases
from scoring.compare import ByRank, MinMax, Mixed, RelativeToBest
from scoring.explain import Label, show
from scoring.marks import CountMinimum, Given, Judges, Mark, Start
from scoring.numbers import ONE, ZERO, display, settle
from scoring.points import Binary, PerPoint, Proportional, ThresholdTiers
from scoring.reading import Reader
from scoring.result import Step


@dataclass(frozen=True)
class Blend:
    """Several methods, each for a share of the weight; parts that do not apply are left out (日常与年终各半)."""

    parts: tuple[tuple[Decimal, str, Method], ...]

    @classmethod
    def read(cls, reader: Reader, weight: Decimal) -> Blend:
        """`[[….part]]` with `portion`, `title`, `method` and the method's own parameters; portions sum to 1."""
        parts: list[tuple[Decimal, str, Method]] = []
        for row in reader.children("part", required=True):
            share = row.number("portion", required=True, low=ZERO, high=ONE)
            name = row.text("method", required=True)
            if name in {"blend", "per_occurrence", "accumulate"}:
                row.complain("method", f"{name} cannot be a part of a blend")
                name = ""
            parts.append((share, row.text("title"), read_method(row, name, weight * share)))
            row.done()
        if sum((share for share, _, _ in parts), ZERO) != ONE:
            reader.complain("part", "the portions must sum to 1")
        return cls(tuple(parts))

    def score(self, case: Case) -> Outcome:
        """Points for one unit."""
        outcomes = [
            (share, title, method.score(Case(case.ledger, case.unit, case.weight * share)))
            for share, title, method in self.parts
        ]
        facts = tuple(fact for _, _, outcome in outcomes for fact in outcome.facts)
        steps = [step for _, _, outcome in outcomes for step in outcome.steps]
        applied = [(share, title, o.points) for share, title, o in outcomes if o.points is not None and share]
        if not applied:
            return Outcome(None, next(o.na for _, _, o in outcomes), tuple(steps), facts)
        share_sum = sum((share for share, _, _ in applied), ZERO)
        points = settle(sum((part for _, _, part in applied), ZERO) / share_sum)
        steps.extend(
            Step(Label.PART, f"× {show(share)}", display(part), title) for share, title, part in applied
        )
        formula = f"({' + '.join(show(part) for _, _, part in applied)}) ÷ {show(share_sum)}"
        return Outcome(points, None, (*steps, Step(Label.BLEND, formula, display(points))), facts)

    def aspect(self) -> str:
        """Both, where its parts are a proportion and an amount."""
        aspects = {method.aspect() for _, _, method in self.parts}
        if {"ratio", "absolute"} <= aspects or "both" in aspects:
            return "both"
        return next(iter(sorted(aspects - {"other"})), "other")

    def words(self) -> tuple[str, str]:
        """In words."""
        zh = "；".join(f"{show(share)}：{title or method.words()[0]}" for share, title, method in self.parts)
        en = "; ".join(f"{show(share)}: {method.words()[1]}" for share, _, method in self.parts)
        return f"分部分合成：{zh}", f"parts: {en}"


METHODS: Mapping[str, Callable[[Reader, Decimal], Method]] = {
    "proportional": Proportional.read,
    "threshold_tiers": ThresholdTiers.read,
    "per_point": PerPoint.read,
    "binary": Binary.read,
    "per_occurrence": Start.per_occurrence,
    "accumulate": Start.accumulate,
    "mark": Mark.read,
    "judges": Judges.read,
    "count_minimum": CountMinimum.read,
    "given": Given.read,
    "relative_to_best": RelativeToBest.read,
    "mixed": Mixed.read,
    "minmax": MinMax.read,
    "rank_tiers": ByRank.tiers,
    "rank_linear": ByRank.line,
    "cases": Cases.read,
    "blend": Blend.read,
}


@dataclass(frozen=True)
class Unreadable:
    """Stands for a method that could not be read, so that the other problems are found too."""

    def score(self, case: Case) -> Outcome:
        """Never asked: a rulebook with problems is refused."""
        raise NotImplementedError

    def aspect(self) -> str:
        """Unknown."""
        return "other"

    def words(self) -> tuple[str, str]:
        """None."""
        return "", ""


def read_method(reader: Reader, name: str, weight: Decimal) -> Method:
    """The method with its parameters."""
    if name not in METHODS:
        if name:
            reader.complain("method", f"is {name!r}; it must be one of: {', '.join(METHODS)}")
        reader.forgive()
        return Unreadable()
    return METHODS[name](reader, weight)
