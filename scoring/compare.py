"""Scoring methods that look at the group: place, distance from best and worst, own value against the best."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal

from scoring.case import Case, Outcome
from scoring.explain import Label, NaReason, product, show
from scoring.facts import together
from scoring.measure import Measure, Measured, measure_of, read_measure
from scoring.numbers import ONE, ZERO, clamp, display, settle, whole_down
from scoring.points import aspect_of
from scoring.reading import Reader
from scoring.result import Step

BETTER = ("higher", "lower")


def _values(case: Case, measure: Measure) -> list[Decimal]:
    """The measure of every unit of the group to which it applies, ascending."""

    def work_out() -> list[Decimal]:
        found = (measure_of(case.ledger, measure, peer.id).value for peer in case.ledger.peers(case.unit))
        return sorted(value for value in found if value is not None)

    return case.ledger.once(("values", measure, case.ledger.circle(case.unit)), work_out)


def _bests(case: Case, measure: Measure, better: str) -> Mapping[str, Decimal]:
    """The best value in the group, for each kind of quantity."""
    pick = max if better == "higher" else min

    def work_out() -> dict[str, Decimal]:
        bests: dict[str, Decimal] = {}
        for peer in case.ledger.peers(case.unit):
            for thing, value in measure_of(case.ledger, measure, peer.id).parts:
                bests[thing] = pick(bests.get(thing, value), value)
        return bests

    return case.ledger.once(("bests", measure, better, case.ledger.circle(case.unit)), work_out)


def _against_best(own: Decimal, best: Decimal, better: str) -> Decimal | None:
    """Own ÷ best (best ÷ own where lower is better), within 0 and 1; None where there is no base."""
    if better == "lower":
        return ONE if own == best else clamp(settle(best / own), ZERO, ONE) if own else None
    return clamp(settle(own / best), ZERO, ONE) if best > ZERO else None


@dataclass(frozen=True)
class RelativeToBest:
    """weight × own ÷ best of the group (D20)."""

    measure: Measure
    better: str

    @classmethod
    def read(cls, reader: Reader, _weight: Decimal) -> RelativeToBest:
        """`measure`, `better` (higher)."""
        return cls(read_measure(reader), reader.text("better", "higher", choices=BETTER))

    def score(self, case: Case) -> Outcome:
        """Points for one unit."""
        found = measure_of(case.ledger, self.measure, case.unit.id)
        if found.value is None:
            return Outcome(None, found.na, found.steps, found.facts)
        bests = _bests(case, self.measure, self.better)
        steps, parts = list(found.steps), []
        for thing, own in found.parts:
            part = _against_best(own, bests[thing], self.better)
            if part is not None:
                parts.append(part)
                steps.append(_against_step(own, bests[thing], part, self.better, thing))
        if not parts:
            return Outcome(None, NaReason.NO_BASE, tuple(steps), found.facts)
        mean = settle(sum(parts, ZERO) / len(parts))
        points = case.weight * mean
        steps.append(Step(Label.POINTS, product(show(case.weight), show(mean)), display(points)))
        return Outcome(points, None, tuple(steps), found.facts)

    def aspect(self) -> str:
        """Of its measure."""
        return aspect_of(self.measure)

    def words(self) -> tuple[str, str]:
        """In words."""
        return "本单位 ÷ 组内最好 × 分值", "own value ÷ best of the group × weight"


def _against_step(own: Decimal, best: Decimal, part: Decimal, better: str, thing: str) -> Step:
    above, below = (own, best) if better == "higher" else (best, own)
    return Step(Label.OWN_TO_BEST, f"{show(above)} ÷ {show(below)}", display(part), thing)


@dataclass(frozen=True)
class Mixed:
    """Proportion and absolute number together: weight × (a·min(rate, 1) + b·own ÷ best)."""

    ratio: Measure
    absolute: Measure
    ratio_share: Decimal
    absolute_share: Decimal
    floor_when_met: Decimal
    min_group: int

    @classmethod
    def read(cls, reader: Reader, _weight: Decimal) -> Mixed:
        """`ratio`, `absolute`, `ratio_share`, `absolute_share`, `floor_when_met` (0), `min_group` (3)."""
        method = cls(
            read_measure(reader, "ratio"),
            read_measure(reader, "absolute"),
            reader.number("ratio_share", required=True, low=ZERO, high=ONE),
            reader.number("absolute_share", required=True, low=ZERO, high=ONE),
            reader.number("floor_when_met", ZERO, low=ZERO, high=ONE),
            reader.whole("min_group", 3, low=1),
        )
        if method.ratio_share + method.absolute_share != ONE:
            reader.complain("ratio_share", "and absolute_share must sum to 1")
        if method.ratio.each != method.absolute.each:
            reader.complain("ratio", "and absolute must have the same each")
        return method

    def score(self, case: Case) -> Outcome:
        """Points for one unit."""
        rate = measure_of(case.ledger, self.ratio, case.unit.id)
        if rate.value is None:
            return Outcome(None, rate.na, rate.steps, rate.facts)
        amount = measure_of(case.ledger, self.absolute, case.unit.id)
        facts = together((rate.facts, amount.facts))
        if len(case.ledger.peers(case.unit)) < self.min_group or amount.value is None:
            part = settle(sum((clamp(value, ZERO, ONE) for _, value in rate.parts), ZERO) / len(rate.parts))
            steps = [*rate.steps, Step(Label.RATIO_ONLY, show(part), display(part))]
        else:
            part, steps = self._together(case, rate, amount)
        points = case.weight * part
        steps.append(Step(Label.POINTS, product(show(case.weight), show(part)), display(points)))
        return Outcome(points, None, tuple(steps), facts)

    def _together(self, case: Case, rate: Measured, amount: Measured) -> tuple[Decimal, list[Step]]:
        bests, amounts = _bests(case, self.absolute, "higher"), dict(amount.parts)
        steps, values = list(rate.steps), []
        for thing, ratio in rate.parts:
            own, best = amounts.get(thing, ZERO), bests.get(thing, ZERO)
            to_best = _against_best(own, best, "higher") or ZERO
            steps.append(_against_step(own, best, to_best, "higher", thing))
            if ratio >= ONE and to_best < self.floor_when_met:
                to_best = (
                    self.floor_when_met
                )  # a small unit that has met its own plan is not punished for its size
                steps.append(Step(Label.CAPPED, f"≥ {show(to_best)}", to_best, thing))
            capped = clamp(ratio, ZERO, ONE)
            value = self.ratio_share * capped + self.absolute_share * to_best
            values.append(value)
            formula = f"{show(self.ratio_share)}×{show(capped)} + {show(self.absolute_share)}×{show(to_best)}"
            steps.append(Step(Label.PART, formula, display(value), thing))
        return settle(sum(values, ZERO) / len(values)), steps

    def aspect(self) -> str:
        """Both at once."""
        return "both"

    def words(self) -> tuple[str, str]:
        """In words."""
        a, b = show(self.ratio_share), show(self.absolute_share)
        return (
            f"分值 ×（{a}×完成率 + {b}×本单位 ÷ 组内最大）",
            f"weight × ({a} × rate + {b} × own ÷ highest of the group)",
        )


@dataclass(frozen=True)
class MinMax:
    """weight from `lowest` (worst of the group) to full (best), linear between them."""

    measure: Measure
    better: str
    lowest: Decimal

    @classmethod
    def read(cls, reader: Reader, weight: Decimal) -> MinMax:
        """`measure`, `better` (higher), `lowest` (points of the worst, 0)."""
        return cls(
            read_measure(reader),
            reader.text("better", "higher", choices=BETTER),
            reader.number("lowest", ZERO, low=ZERO, high=weight),
        )

    def score(self, case: Case) -> Outcome:
        """Points for one unit; where all are equal, full points."""
        found = measure_of(case.ledger, self.measure, case.unit.id)
        if found.value is None:
            return Outcome(None, found.na, found.steps, found.facts)
        values = _values(case, self.measure)
        if len(values) < 2:
            return Outcome(None, NaReason.GROUP_TOO_SMALL, found.steps, found.facts)
        low, high = min(values), max(values)
        worst, best = (low, high) if self.better == "higher" else (high, low)
        part = ONE if low == high else settle((found.value - worst) / (best - worst))
        points = self.lowest + (case.weight - self.lowest) * part
        formula = f"{show(self.lowest)} + {show(case.weight - self.lowest)} × {show(part)}"
        steps = (
            *found.steps,
            Step(Label.LOWEST, "", display(low)),
            Step(Label.HIGHEST, "", display(high)),
            Step(Label.POINTS, formula, display(points)),
        )
        return Outcome(points, None, steps, found.facts)

    def aspect(self) -> str:
        """Of its measure."""
        return aspect_of(self.measure)

    def words(self) -> tuple[str, str]:
        """In words."""
        return (
            "组内最好得满分、最差得最低分，其余按线性插值",
            "best of the group full points, worst lowest, linear between",
        )


@dataclass(frozen=True, order=True)
class Places:
    """Which places get these points: up to a place, the first part of the group, or the last so many.

    A place that several rows hold for takes the first of them in the order `to`, `share`, `last`.
    """

    sort: int
    bound: Decimal
    points: Decimal

    def hold(self, place: int, number: int) -> bool:
        """Whether a place among so many is one of them."""
        if self.sort == _TO:
            return place <= self.bound
        if self.sort == _SHARE:
            return place <= whole_down(self.bound * number)
        return place > number - self.bound

    def words(self) -> tuple[str, str]:
        """In words."""
        if self.sort == _SHARE:
            percent = show(self.bound * 100)
            return f"前 {percent}% {show(self.points)} 分", f"first {percent}%: {show(self.points)}"
        if self.sort == _LAST:
            return f"末 {self.bound} 名 {show(self.points)} 分", f"last {self.bound}: {show(self.points)}"
        return f"前 {self.bound} 名 {show(self.points)} 分", f"to place {self.bound}: {show(self.points)}"


_TO, _SHARE, _LAST = range(3)


def _read_places(row: Reader, weight: Decimal) -> Places:
    named = [key for key in ("to", "share", "last") if row.has(key)]
    if len(named) != 1:
        row.complain("to", "give one of to, share and last")
    key = named[0] if named else "to"
    bound = (
        row.number("share", ZERO, low=ZERO, high=ONE) if key == "share" else Decimal(row.whole(key, 1, low=1))
    )
    points = row.number("points", required=True, low=ZERO, high=weight)
    return Places({"to": _TO, "share": _SHARE, "last": _LAST}[key], bound, points)


@dataclass(frozen=True)
class ByRank:
    """Points by place in the group (1, 1, 3): a table of places, or linear from first to last."""

    measure: Measure
    better: str
    table: tuple[Places, ...]
    otherwise: Decimal
    linear: bool

    @classmethod
    def tiers(cls, reader: Reader, weight: Decimal) -> ByRank:
        """`measure`, `better`, `tiers = [{to | share | last, points}, …]`, `otherwise` (0)."""
        measure, better = read_measure(reader), reader.text("better", "higher", choices=BETTER)
        table = []
        for row in reader.children("tiers", required=True):
            table.append(_read_places(row, weight))
            row.done()
        return cls(
            measure,
            better,
            tuple(sorted(table)),
            reader.number("otherwise", ZERO, low=ZERO, high=weight),
            linear=False,
        )

    @classmethod
    def line(cls, reader: Reader, weight: Decimal) -> ByRank:
        """`measure`, `better`, `last` (points of the last place, 0)."""
        measure, better = read_measure(reader), reader.text("better", "higher", choices=BETTER)
        return cls(measure, better, (), reader.number("last", ZERO, low=ZERO, high=weight), linear=True)

    def score(self, case: Case) -> Outcome:
        """Points for one unit."""
        found = measure_of(case.ledger, self.measure, case.unit.id)
        if found.value is None:
            return Outcome(None, found.na, found.steps, found.facts)
        own, values = found.value, _values(case, self.measure)
        if len(values) < 2:
            return Outcome(None, NaReason.GROUP_TOO_SMALL, found.steps, found.facts)
        above = (
            len(values) - bisect_right(values, own) if self.better == "higher" else bisect_left(values, own)
        )
        place = 1 + above
        place_step = Step(Label.PLACE, f"{place} / {len(values)}", Decimal(place))
        points, formula = self._points(case.weight, place, len(values))
        steps = (*found.steps, place_step, Step(Label.POINTS, formula, display(points)))
        return Outcome(points, None, steps, found.facts)

    def _points(self, weight: Decimal, place: int, number: int) -> tuple[Decimal, str]:
        if self.linear:
            fall = (weight - self.otherwise) * (place - 1) / (number - 1)
            return (
                weight - fall,
                f"{show(weight)} − {show(weight - self.otherwise)} × {place - 1} ÷ {number - 1}",
            )
        for places in self.table:
            if places.hold(place, number):
                return places.points, f"{place} / {number}"
        return self.otherwise, f"{place} / {number}"

    def aspect(self) -> str:
        """Of its measure."""
        return aspect_of(self.measure)

    def words(self) -> tuple[str, str]:
        """In words."""
        if self.linear:
            return (
                f"按名次赋分：第一名满分，末名 {show(self.otherwise)} 分，其余按名次等差",
                f"by place: first full points, last {show(self.otherwise)}, even steps between",
            )
        bands = "；".join(places.words()[0] for places in self.table)
        bands_en = "; ".join(places.words()[1] for places in self.table)
        return (
            f"按名次赋分：{bands}；其余 {show(self.otherwise)} 分",
            f"by place: {bands_en}; else {show(self.otherwise)}",
        )
