"""A look at a result before it is published: where points are lost, what tells units apart, what goes with size.

It warns and decides nothing. Figures are exact: sums and means of hundredths, means rounded half-up.

Correlation here is Spearman's: of n units, x and y are replaced by their mid-ranks (equals share the mean of their
places), and r is Pearson's of these ranks, Σ(x−x̄)(y−ȳ) ÷ √(Σ(x−x̄)²·Σ(y−ȳ)²), worked out with 60 digits and rounded
half-up to hundredths. It is stated for n ≥ `ENOUGH` and where neither side is all equal. It is called strong where
r²·n ≥ 4, that is |r| ≥ 2 ÷ √n: chance alone gives so much about once in twenty times.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal

from scoring.explain import Label
from scoring.facts import Facts
from scoring.numbers import ZERO, exact, hundredths
from scoring.result import Line, Result, Standing

#: Fewer units than this: no correlation is stated.
ENOUGH = 8
#: Fewer tasks than this: one miss is a third or more of every rate.
FEW = 3
#: Fewer units than this cannot be said to be "all equal", or to lose points in a pattern.
SEVERAL = 3
#: Percent of an indicator's weight by which one group must lose more than the others to be named.
GAP = 10
TASK, QUANTITY = "task", "quantity"


@dataclass(frozen=True)
class Loss:
    """Points that a group loses on one cause.

    Attributes:
        part: `indicator`, `deduction` (a rule inside the indicator; contained in the indicator's figure), `penalty`.
        units: to how many units it applies; of a deduction or penalty, how many it hits.
        lost: hundredths, summed over units; `mean` for each unit of the group to whom the indicator applies
            (deduction, penalty: for each unit of the group that has a score).
        share: percent of all points that the group loses on indicators, whole; None for other parts.
    """

    group: str
    part: str
    key: str
    title: str
    title_en: str
    units: int
    lost: Decimal
    mean: Decimal
    weight: Decimal
    share: int | None = None


@dataclass(frozen=True)
class Apart:
    """A group that loses clearly more on an indicator than the other groups; `others` is their mean for each unit.

    Means are compared as parts of the weight, and `others` is given on this group's weight: another group's table may
    weigh the same indicator otherwise.
    """

    loss: Loss
    others: Decimal


@dataclass(frozen=True)
class Flat:
    """An indicator on which all units of a group have the same points: it tells nobody apart."""

    group: str
    line: Line
    units: int


@dataclass(frozen=True)
class FewTasks:
    """A unit with so few tasks that one of them decides."""

    standing: Standing
    tasks: int


@dataclass(frozen=True)
class Correlation:
    """How far the score goes with something else.

    Attributes:
        group: the group it is about; "" = all units together.
        what: `tasks` (number of the unit's tasks), `quantity` (planned amount of `measure`), `group_size` (units in
            the unit's group).
        r: −1 to 1; None where n is under `ENOUGH` or one side is all equal.
    """

    group: str
    what: str
    measure: str
    n: int
    r: Decimal | None

    @property
    def is_strong(self) -> bool:
        """Whether it is more than chance gives about once in twenty times."""
        return self.r is not None and self.r * self.r * self.n >= 4


@dataclass(frozen=True)
class Fairness:
    """Everything the view shows, groups in the order of the result."""

    losses: tuple[Loss, ...]
    flat: tuple[Flat, ...]
    few: tuple[FewTasks, ...]
    correlations: tuple[Correlation, ...]
    apart: tuple[Apart, ...] = ()

    def of(self, group: str, part: str) -> tuple[Loss, ...]:
        """The losses of a group on one kind of cause, the largest first."""
        found = (loss for loss in self.losses if loss.group == group and loss.part == part)
        return tuple(sorted(found, key=lambda loss: -loss.lost))

    @property
    def groups(self) -> tuple[str, ...]:
        """Groups that have lost or could lose points."""
        return tuple(dict.fromkeys(loss.group for loss in self.losses))


def examine(facts: Facts, result: Result) -> Fairness:
    """What is worth a second look in a result; `facts` are those it was made from."""
    with exact():
        groups: dict[str, list[Standing]] = {}
        for standing in result.standings:
            groups.setdefault(standing.group, []).append(standing)
        tasks = _counts(facts, TASK)
        losses = tuple(loss for name, members in groups.items() for loss in _losses(name, members, result))
        return Fairness(
            losses=losses,
            apart=tuple(_apart(losses)),
            flat=tuple(one for name, members in groups.items() for one in _flat(name, members, result)),
            few=tuple(
                FewTasks(standing, tasks.get(standing.unit, 0))
                for standing in result.standings
                if standing.score is not None and tasks.get(standing.unit, 0) < FEW
            )
            if TASK in facts.supplied
            else (),
            correlations=tuple(_correlations(facts, groups, tasks)),
        )


def correlation(pairs: Sequence[tuple[Decimal, Decimal]]) -> Decimal | None:
    """Spearman's r of the pairs as the module defines it; None where it is not stated."""
    if len(pairs) < ENOUGH:
        return None
    with exact():
        first, second = (_ranks([pair[side] for pair in pairs]) for side in (0, 1))
        middle = Decimal(len(pairs) + 1) / 2
        xs, ys = [rank - middle for rank in first], [rank - middle for rank in second]
        spread = sum((x * x for x in xs), ZERO) * sum((y * y for y in ys), ZERO)
        if not spread:
            return None
        return hundredths(sum((x * y for x, y in zip(xs, ys, strict=True)), ZERO) / spread.sqrt())


def _ranks(values: Sequence[Decimal]) -> list[Decimal]:
    """Places from the smallest, equals sharing the mean of theirs: 1, 2.5, 2.5, 4."""
    ordered = sorted(values)
    first: dict[Decimal, int] = {}
    number: dict[Decimal, int] = {}
    for place, value in enumerate(ordered, start=1):
        first.setdefault(value, place)
        number[value] = number.get(value, 0) + 1
    return [first[value] + Decimal(number[value] - 1) / 2 for value in values]


def _counts(facts: Facts, kind: str) -> Mapping[str, int]:
    counts: dict[str, int] = {}
    for fact in facts.facts:
        if fact.kind == kind:
            counts[fact.unit] = counts.get(fact.unit, 0) + 1
    return counts


def _by_indicator(members: Sequence[Standing], result: Result) -> Mapping[str, list[Line]]:
    """The group's lines that have points, by indicator."""
    mine = {standing.unit for standing in members}
    lines: dict[str, list[Line]] = {}
    for line in result.lines:
        if line.unit in mine:
            found = lines.setdefault(line.indicator, [])
            if line.points is not None and not line.na_treatment:
                found.append(line)
    return {key: found for key, found in lines.items() if found}


def _losses(group: str, members: Sequence[Standing], result: Result) -> Iterable[Loss]:
    by_indicator = _by_indicator(members, result)
    lost = {key: hundredths(sum(map(_lost, lines), ZERO)) for key, lines in by_indicator.items()}
    whole = sum(lost.values(), ZERO)
    scored = sum(standing.score is not None for standing in members)
    for key, lines in by_indicator.items():
        yield Loss(
            group, "indicator", key, lines[0].title, lines[0].title_en, len(lines), lost[key],
            hundredths(lost[key] / len(lines)), lines[0].weight, _percent(lost[key], whole),
        )  # fmt: skip
        yield from _deductions(group, lines, scored)
    mine = {standing.unit for standing in members}
    penalties: dict[str, list[Line]] = {}
    for line in result.adjustments:
        if line.part == "penalty" and line.unit in mine:
            penalties.setdefault(line.indicator, []).append(line)
    for key, lines in penalties.items():
        taken = -sum((line.points or ZERO for line in lines), ZERO)
        yield Loss(
            group, "penalty", key, lines[0].title, lines[0].title_en, len(lines), taken,
            hundredths(taken / max(scored, 1)), lines[0].weight,
        )  # fmt: skip


def _lost(line: Line) -> Decimal:
    return max(line.weight - (line.points or ZERO), ZERO)


def _deductions(group: str, lines: Sequence[Line], scored: int) -> Iterable[Loss]:
    """The rules that took points inside an indicator, by their names in the rulebook."""
    taken: dict[str, list[Decimal]] = {}
    for line in lines:
        for step in line.steps:
            if step.label == Label.DEDUCTED and step.value:
                taken.setdefault(step.name, []).append(-step.value)
    for name, values in taken.items():
        total = hundredths(sum(values, ZERO))
        yield Loss(
            group, "deduction", lines[0].indicator, name or lines[0].title, "", len(values), total,
            hundredths(total / max(scored, 1)), lines[0].weight,
        )  # fmt: skip


def _apart(losses: Sequence[Loss]) -> Iterable[Apart]:
    indicators = [loss for loss in losses if loss.part == "indicator"]
    for loss in indicators:
        others = [one for one in indicators if one.key == loss.key and one.group != loss.group]
        units = sum(one.units for one in others)
        if min(loss.units, units) < SEVERAL:
            continue
        theirs = hundredths(sum((one.lost / one.weight for one in others), ZERO) / units * loss.weight)
        if (loss.mean - theirs) * 100 >= GAP * loss.weight:
            yield Apart(loss, theirs)


def _percent(part: Decimal, whole: Decimal) -> int:
    return int(hundredths(part / whole) * 100) if whole else 0


def _flat(group: str, members: Sequence[Standing], result: Result) -> Iterable[Flat]:
    for lines in _by_indicator(members, result).values():
        if len(lines) >= SEVERAL and len({line.points for line in lines}) == 1:
            yield Flat(group, lines[0], len(lines))


def _correlations(
    facts: Facts, groups: Mapping[str, Sequence[Standing]], tasks: Mapping[str, int]
) -> Iterable[Correlation]:
    planned = _planned(facts)
    for name, members in groups.items():
        scores = {one.unit: one.score for one in members if one.score is not None}
        if TASK in facts.supplied:
            yield _against(name, "tasks", "", scores, {unit: Decimal(tasks.get(unit, 0)) for unit in scores})
        for measure, amounts in planned.items():
            known = {unit: score for unit, score in scores.items() if unit in amounts}
            if len(known) >= SEVERAL:
                yield _against(name, "quantity", measure, known, amounts)
    if len(groups) > 1:
        every = {one.unit: one.score for of in groups.values() for one in of if one.score is not None}
        size = {one.unit: Decimal(len(of)) for of in groups.values() for one in of}
        yield _against("", "group_size", "", every, size)


def _against(
    group: str, what: str, measure: str, scores: Mapping[str, Decimal], other: Mapping[str, Decimal]
) -> Correlation:
    pairs = [(other[unit], score) for unit, score in scores.items()]
    return Correlation(group, what, measure, len(pairs), correlation(pairs))


def _planned(facts: Facts) -> Mapping[str, dict[str, Decimal]]:
    """By measure and unit: the amount that was planned, as a size of the unit."""
    found: dict[str, dict[str, Decimal]] = {}
    for fact in facts.facts:
        amount = fact.value("planned_cumulative")
        if fact.kind == QUANTITY and isinstance(amount, int | Decimal) and not isinstance(amount, bool):
            of = found.setdefault(str(fact.value("measure")), {})
            of[fact.unit] = of.get(fact.unit, ZERO) + Decimal(amount)
    return dict(sorted(found.items()))
