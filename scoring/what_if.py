"""The same facts under two rulebooks: who would move, and which lines the difference comes from.

A score is full points less what its lines lost, rescaled to what applies, plus bonus, less penalty. So the
difference of two scores is the sum of the differences of these parts, and each part can be named.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal

from scoring.engine import assess
from scoring.facts import Facts
from scoring.numbers import ZERO, exact, hundredths
from scoring.result import Line, Note, Result, Standing
from scoring.rulebook import Rulebook

#: What is left when every line is named: scales, limits of the score, caps in common, and rounding.
FULL, REST = "full", "rest"


@dataclass(frozen=True)
class Cause:
    """One part of the difference between two scores.

    Attributes:
        part: `indicator`, `bonus`, `penalty`; `full` = another number of full points; `rest` = caps in common,
            limits of the score, rounding.
        effect: points of the final score, hundredths; more than 0 raises it.
        before, after: the line under each rulebook; None where that rulebook has none.
    """

    part: str
    effect: Decimal
    before: Line | None = None
    after: Line | None = None

    @property
    def line(self) -> Line | None:
        """The line that names the cause: the later one, else the earlier."""
        return self.after or self.before


@dataclass(frozen=True)
class Move:
    """One unit under both rulebooks; `causes` by their effect, the largest first."""

    before: Standing
    after: Standing
    causes: tuple[Cause, ...]

    @property
    def score_change(self) -> Decimal | None:
        """Hundredths; None where one side has no score."""
        if self.before.score is None or self.after.score is None:
            return None
        return self.after.score - self.before.score

    @property
    def places_won(self) -> int | None:
        """How many places better (more than 0) or worse; None where one side has no rank."""
        if self.before.rank is None or self.after.rank is None:
            return None
        return self.before.rank - self.after.rank

    @property
    def gets_other_tier(self) -> bool:
        """Whether the tier differs."""
        return self.before.tier != self.after.tier

    @property
    def gets_other_place(self) -> bool:
        """Whether the rank differs, or is there under one rulebook only."""
        return self.before.rank != self.after.rank

    @property
    def moves(self) -> bool:
        """Whether anything differs that a unit would notice: score, place, tier."""
        return self.gets_other_place or self.gets_other_tier or self.before.score != self.after.score


@dataclass(frozen=True)
class Silent:
    """An indicator of the second rulebook that applies to nobody of a group, and why."""

    group: str
    line: Line


@dataclass(frozen=True)
class Comparison:
    """A period under two rulebooks: groups with their moves in the order of the second ranking."""

    period: str
    groups: tuple[tuple[str, tuple[Move, ...]], ...]
    silent: tuple[Silent, ...]
    notes: tuple[Note, ...]

    @property
    def moves(self) -> tuple[Move, ...]:
        """The moves of all groups."""
        return tuple(move for _, moves in self.groups for move in moves)


def compare(facts: Facts, before: Rulebook, after: Rulebook) -> Comparison:
    """Score the facts under both rulebooks and say what differs, and why.

    Raises:
        FactsError: one of the rulebooks cannot score these facts; every reason.
    """
    old, new = assess(facts, before), assess(facts, after)
    with exact():
        earlier = {standing.unit: standing for standing in old.standings}
        old_lines, new_lines = _by_unit(old), _by_unit(new)
        groups: dict[str, list[Move]] = {}
        for standing in new.standings:
            unit, group, was = standing.unit, standing.group, earlier[standing.unit]
            causes = _causes(
                Side(was, old_lines[unit], _full(facts, before, group)),
                Side(standing, new_lines[unit], _full(facts, after, group)),
            )
            groups.setdefault(group, []).append(Move(was, standing, causes))
    return Comparison(
        facts.period,
        tuple((name, tuple(moves)) for name, moves in groups.items()),
        tuple(_silent(new)),
        new.notes,
    )


@dataclass(frozen=True)
class Side:
    """A unit under one rulebook: where it stands, its lines, and the score that full points give."""

    standing: Standing
    lines: Sequence[Line]
    full: Decimal

    def effect(self, line: Line | None) -> Decimal:
        """What a line does to the score.

        Of an indicator what it loses of its full points, rescaled to what applies; of an adjustment its points.
        """
        if line is None or line.points is None:
            return ZERO
        if line.part != "indicator":
            return line.points
        return (line.points - line.weight) * self.full / self.standing.applicable


def _full(facts: Facts, rulebook: Rulebook, group: str) -> Decimal:
    table = rulebook.table_for(facts.period_type, group)
    return ZERO if table is None else table.scale_to


def _by_unit(result: Result) -> Mapping[str, list[Line]]:
    lines: dict[str, list[Line]] = {standing.unit: [] for standing in result.standings}
    for line in (*result.lines, *result.adjustments):
        lines[line.unit].append(line)
    return lines


def _causes(was: Side, now: Side) -> tuple[Cause, ...]:
    """Every line whose effect on the score differs; without a score on one side there is no difference to explain."""
    if was.standing.score is None or now.standing.score is None:
        return ()
    before = {(line.part, line.indicator): line for line in was.lines}
    after = {(line.part, line.indicator): line for line in now.lines}
    causes = [Cause(FULL, hundredths(now.full - was.full))] if now.full != was.full else []
    for key in dict.fromkeys((*after, *before)):
        earlier, later = before.get(key), after.get(key)
        effect = hundredths(now.effect(later) - was.effect(earlier))
        if effect:
            causes.append(Cause(key[0], effect, _slim(earlier), _slim(later)))
    rest = now.standing.score - was.standing.score - sum((cause.effect for cause in causes), ZERO)
    if rest:
        causes.append(Cause(REST, rest))
    return tuple(sorted(causes, key=lambda cause: -abs(cause.effect)))


def _slim(line: Line | None) -> Line | None:
    """Without its arithmetic and records: comparisons are kept, and nobody reads these there."""
    return None if line is None else replace(line, steps=(), records=())


def _silent(result: Result) -> Iterable[Silent]:
    groups: dict[tuple[str, str], list[Line]] = {}
    of = {standing.unit: standing.group for standing in result.standings}
    for line in result.lines:
        groups.setdefault((of[line.unit], line.indicator), []).append(line)
    for (group, _), lines in groups.items():
        if all(line.points is None for line in lines):
            yield Silent(group, replace(lines[0], steps=(), records=()))
