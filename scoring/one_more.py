"""What one more report in time would have meant: the same facts with one late or missing report handed in on time.

Computed by the engine itself, so that floors, caps, scales and the comparison within the group all count. Nothing else
is changed: a report that was never handed in gets no marks by being on time.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from decimal import Decimal

from scoring.engine import assess
from scoring.facts import Fact, Facts
from scoring.numbers import ZERO, exact
from scoring.result import Line, Result, Standing
from scoring.rulebook import Rulebook

REPORT, LATE, MISSING, ON_TIME, NIL = "report", "late", "missing", "on_time", "nil"


@dataclass(frozen=True)
class LineGain:
    """A line that would read otherwise; points None = not applicable."""

    part: str
    indicator: str
    before: Decimal | None
    after: Decimal | None

    @property
    def points(self) -> Decimal:
        """How many points more the line would have."""
        with exact():
            return (self.after or ZERO) - (self.before or ZERO)


@dataclass(frozen=True)
class Gain:
    """One late or missing report, and the unit's result had it been on time."""

    fact: Fact
    lines: tuple[LineGain, ...]
    before: Standing
    after: Standing

    @property
    def points(self) -> Decimal | None:
        """How many points more the score would have; None without a score on one side."""
        if self.before.score is None or self.after.score is None:
            return None
        with exact():
            return self.after.score - self.before.score

    def of(self, part: str, indicator: str) -> Decimal:
        """How many points more a line would have."""
        with exact():
            return sum(
                (one.points for one in self.lines if (one.part, one.indicator) == (part, indicator)), ZERO
            )


def late_reports(facts: Facts, unit: str) -> tuple[Fact, ...]:
    """The unit's late and missing reports, in order of their periods."""
    found = (one for one in facts.facts if one.kind == REPORT and one.unit == unit)
    behind = [one for one in found if one.value("outcome") in {LATE, MISSING}]
    return tuple(sorted(behind, key=lambda one: (str(one.value("period")), one.record)))


def gains_of(facts: Facts, rulebook: Rulebook, unit: str, *, most: int = 12) -> tuple[Gain, ...]:
    """For each of the unit's late and missing reports (`most` at the most): the result had it been on time.

    Raises:
        FactsError: the rulebook cannot score these facts.
    """
    late = late_reports(facts, unit)[:most]
    if not late:
        return ()
    within = _group_of(facts, unit)
    now = assess(within, rulebook)
    return tuple(_gain(within, rulebook, unit, fact, now) for fact in late)


def on_time(fact: Fact) -> Fact:
    """The same report, handed in on its due day."""
    values = {**fact.values, "outcome": NIL if fact.value("nil") else ON_TIME, "late_workdays": 0}
    if "submitted" in values:
        values["submitted"] = values.get("due")
    return replace(fact, values=values)


def _group_of(facts: Facts, unit: str) -> Facts:
    """Facts of the unit's group alone: bests, places and means live inside a group, so that nothing is lost."""
    group = {one.id: one.group for one in facts.units}.get(unit)
    units = tuple(one for one in facts.units if one.group == group)
    members = {one.id for one in units}
    # What occurs anywhere can be supplied, as the engine sees it.
    supplied = facts.supplied | {one.kind for one in facts.facts}
    return replace(
        facts, units=units, facts=tuple(f for f in facts.facts if f.unit in members), supplied=supplied
    )


def _gain(facts: Facts, rulebook: Rulebook, unit: str, fact: Fact, now: Result) -> Gain:
    changed = replace(facts, facts=tuple(on_time(one) if one is fact else one for one in facts.facts))
    then = assess(changed, rulebook)
    return Gain(fact, tuple(_line_gains(now, then, unit)), _standing(now, unit), _standing(then, unit))


def _line_gains(now: Result, then: Result, unit: str) -> Iterator[LineGain]:
    before, after = _points(now, unit), _points(then, unit)
    for key in dict.fromkeys((*before, *after)):
        old, new = before.get(key), after.get(key)
        if old != new:
            yield LineGain(*key, old, new)


def _points(result: Result, unit: str) -> dict[tuple[str, str], Decimal | None]:
    """Points by part and indicator, added where an indicator has several lines."""
    found: dict[tuple[str, str], Decimal | None] = {}
    lines: tuple[Line, ...] = (*result.lines_of(unit), *result.adjustments_of(unit))
    with exact():
        for line in lines:
            key = (line.part, line.indicator)
            known = found.get(key)
            found[key] = line.points if known is None else known + (line.points or ZERO)
    return found


def _standing(result: Result, unit: str) -> Standing:
    return next(one for one in result.standings if one.unit == unit)
