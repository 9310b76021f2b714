"""The engine: facts × rulebook → lines, standings. Pure; the order of facts and units makes no difference."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from decimal import Decimal, InvalidOperation

from scoring.case import Case, Outcome
from scoring.events import Tally, tally
from scoring.explain import Label, NaReason
from scoring.facts import Fact, Facts, ScoredUnit
from scoring.ledger import Ledger
from scoring.numbers import ZERO, clamp, display, exact, hundredths, settle
from scoring.problems import FactsError, Problem
from scoring.ranking import Candidate, rank_group
from scoring.result import Line, Result, Standing, Step
from scoring.rulebook import Adjustments, Rulebook, Veto
from scoring.tables import Indicator, Table

NOT_APPLICABLE = "not_applicable"
_TOO_LARGE = "the numbers multiply to more than can be counted with exactly"


def assess(facts: Facts, rulebook: Rulebook) -> Result:
    """Score every unit of a period.

    Each indicator is rounded half-up to hundredths, then summed, rescaled for what does not apply, rounded, and
    then adjusted and held within the limits of the score (D19; scoring rules of `docs/rulebook.md`).

    Raises:
        FactsError: the rulebook has no table for the period or a group, or facts it cannot use; all at once.
    """
    with exact():
        ledger = Ledger(facts, rulebook.ranking.compare_with)
        tables = _tables(ledger, rulebook)
        if ledger.problems:
            raise FactsError(ledger.problems)
        lines = {
            unit.id: _lines(ledger, table, unit)
            for group, table in tables.items()
            for unit in ledger.units_of(group)
        }
        for group, table in tables.items():
            _fill_group_means(table, [lines[unit.id] for unit in ledger.units_of(group)])
        adjustments: dict[str, list[Line]] = {}
        standings: list[Standing] = []
        for group, table in tables.items():
            candidates = []
            for unit in ledger.units_of(group):
                bonus, penalty = _adjust(ledger, rulebook, unit)
                adjustments[unit.id] = [*bonus.lines, *penalty.lines]
                candidates.append(_candidate(ledger, rulebook, table, unit, lines[unit.id], bonus, penalty))
            standings.extend(rank_group(candidates, rulebook))
        if ledger.problems:
            raise FactsError(ledger.problems)
        return Result(
            period=facts.period,
            rulebook=rulebook.name,
            version=rulebook.version,
            lines=tuple(line for standing in standings for line in lines[standing.unit]),
            standings=tuple(standings),
            adjustments=tuple(line for standing in standings for line in adjustments[standing.unit]),
            notes=tuple(sorted(ledger.notes, key=lambda note: (note.message, note.values))),
        )


def _tables(ledger: Ledger, rulebook: Rulebook) -> dict[str, Table]:
    """The table of each group, in the order of the groups."""
    tables: dict[str, Table] = {}
    period_type = ledger.facts.period_type
    for group in ledger.groups:
        table = rulebook.table_for(period_type, group)
        if table is None:
            place = f"group {group}" if group else "units"
            ledger.problems.append(
                Problem(place, f"the rulebook has no table for it in a period of type {period_type}")
            )
        else:
            tables[group] = table
    return tables


def _lines(ledger: Ledger, table: Table, unit: ScoredUnit) -> list[Line]:
    exempt = {
        str(fact.value("indicator")): str(fact.value("reason") or NaReason.NOTHING_DUE)
        for fact in ledger.of(NOT_APPLICABLE, unit.id)
    }
    for key in sorted(set(exempt) - {indicator.key for indicator in table.indicators}):
        ledger.problems.append(
            Problem(f"{NOT_APPLICABLE} › {unit.id}", f"there is no indicator {key!r} in its table")
        )
    return [_line(ledger, indicator, unit, exempt.get(indicator.key)) for indicator in table.indicators]


def _line(ledger: Ledger, indicator: Indicator, unit: ScoredUnit, exempt: str | None) -> Line:
    if exempt is None:
        try:
            outcome = indicator.method.score(Case(ledger, unit, indicator.weight))
            outcome = _with_events(ledger, indicator, unit, outcome)
        except InvalidOperation:
            ledger.problems.append(Problem(f"{unit.id} › {indicator.key}", _TOO_LARGE))
            outcome = Outcome(None, NaReason.NO_DATA)
    else:
        records = tuple(
            f for f in ledger.of(NOT_APPLICABLE, unit.id) if f.value("indicator") == indicator.key
        )
        reviewers = dict.fromkeys(str(fact.value("reviewer")) for fact in records if fact.value("reviewer"))
        steps = tuple(Step(Label.TAKEN_OUT, "", None, name) for name in reviewers)
        outcome = Outcome(None, exempt, steps, records)
    line = Line(
        unit=unit.id,
        indicator=indicator.key,
        title=indicator.title,
        weight=indicator.weight,
        points=None if outcome.points is None else hundredths(outcome.points),
        na_reason=outcome.na if outcome.points is None else None,
        rule=indicator.rule,
        clause=indicator.clause,
        steps=outcome.steps,
        records=_records(outcome.facts),
        title_en=indicator.title_en,
        rule_en=indicator.rule_en,
        assessor=indicator.assessor,
    )
    return line if line.points is not None else _treat(line, indicator)


def _records(facts: Sequence[Fact]) -> tuple[str, ...]:
    return tuple(sorted({fact.record or fact.place() for fact in facts}))


def _treat(line: Line, indicator: Indicator) -> Line:
    """What the rulebook puts in the place of an indicator that does not apply.

    Facts that do not exist in the product never give points (D21).
    """
    if line.na_reason == NaReason.NOT_SUPPLIED:
        return line
    if indicator.na == "full":
        step = Step(Label.NA_FULL, "", display(line.weight))
        return replace(line, points=hundredths(line.weight), na_treatment="full", steps=(*line.steps, step))
    if indicator.na == "zero":
        step = Step(Label.NA_ZERO, "", ZERO)
        return replace(line, points=hundredths(ZERO), na_treatment="zero", steps=(*line.steps, step))
    return line


def _fill_group_means(table: Table, of_units: Sequence[list[Line]]) -> None:
    """`na = "group_mean"`: the mean of those in the group to whom the indicator applies."""
    for index, indicator in enumerate(table.indicators):
        if indicator.na != "group_mean":
            continue
        known = [points for lines in of_units if (points := lines[index].points) is not None]
        for lines in of_units:
            line = lines[index]
            if known and line.points is None and line.na_reason != NaReason.NOT_SUPPLIED:
                mean = hundredths(sum(known, ZERO) / len(known))
                step = Step(Label.NA_MEAN, "", display(mean))
                lines[index] = replace(
                    line, points=mean, na_treatment="group_mean", steps=(*line.steps, step)
                )


def _with_events(ledger: Ledger, indicator: Indicator, unit: ScoredUnit, outcome: Outcome) -> Outcome:
    """Factors on the method's points, additions and deductions, then the limits of the indicator, then `zero_if`."""
    if outcome.points is None:
        return outcome
    points, steps, facts = outcome.points, list(outcome.steps), list(outcome.facts)
    for times in indicator.times:
        multiplier, reasons = times.of(ledger, unit)
        facts.extend(reasons)
        if multiplier != 1:
            steps.append(times.step(points, multiplier))
            points = settle(points * multiplier)
    for gain in tally(ledger, indicator.add, unit.id):
        points += gain.points
        steps.append(gain.step(Label.ADDED))
        facts.extend(fact for hit in gain.hits for fact in hit.facts)
    losses = tally(ledger, indicator.deduct, unit.id, indicator.heaviest_per)
    factor = _factor(ledger, indicator, unit)
    for loss in losses:
        points -= loss.points * factor
        steps.append(loss.step(Label.DEDUCTED, -1))
        facts.extend(fact for hit in loss.hits for fact in hit.facts)
    if losses and factor != 1:
        steps.append(Step(Label.DOUBLED, f"× {factor}", display(factor)))
    held = clamp(points, indicator.floor, indicator.ceiling)
    if held != points:
        steps.append(
            Step(
                Label.CAPPED, f"{display(indicator.floor):f} … {display(indicator.ceiling):f}", display(held)
            )
        )
    for condition in indicator.zero_if:
        met, reasons = condition.holds(ledger, unit.id, indicator.title)
        if met:
            held = ZERO
            steps.append(Step(Label.ZEROED, "", ZERO))
            facts.extend(reasons)
            break
    return replace(outcome, points=held, steps=tuple(steps), facts=tuple(facts))


def _factor(ledger: Ledger, indicator: Indicator, unit: ScoredUnit) -> Decimal:
    few = indicator.few
    if few is None or not ledger.supplies(few.condition.facts):
        return Decimal(1)
    _, facts = few.condition.holds(ledger, unit.id, indicator.title)
    return few.factor if len(facts) < few.below else Decimal(1)


@dataclass(frozen=True)
class Adjusted:
    """Bonus or penalty of one unit: hundredths after the common cap, and a line for each item."""

    points: Decimal
    lines: tuple[Line, ...]


def _adjust(ledger: Ledger, rulebook: Rulebook, unit: ScoredUnit) -> tuple[Adjusted, Adjusted]:
    return (
        _adjusted(ledger, rulebook.bonus, unit, "bonus", 1),
        _adjusted(ledger, rulebook.penalty, unit, "penalty", -1),
    )


def _adjusted(ledger: Ledger, rules: Adjustments, unit: ScoredUnit, part: str, sign: int) -> Adjusted:
    try:
        tallies = tally(ledger, rules.items, unit.id, rules.heaviest_per)
    except InvalidOperation:
        ledger.problems.append(Problem(f"{unit.id} › {part}", _TOO_LARGE))
        tallies = []
    lines = tuple(_adjustment_line(found, unit, part, sign) for found in tallies)
    total = sum((abs(line.points or ZERO) for line in lines), ZERO)
    return Adjusted(hundredths(total if rules.cap is None else min(total, rules.cap)), lines)


def _adjustment_line(found: Tally, unit: ScoredUnit, part: str, sign: int) -> Line:
    item = found.rule
    return Line(
        unit=unit.id,
        indicator=item.key,
        title=item.title,
        weight=item.maximum or ZERO,
        points=sign * hundredths(found.points),
        rule=item.rule or item.title,
        clause=item.clause,
        steps=(found.step(Label.ADDED if sign > 0 else Label.DEDUCTED, sign),),
        records=_records([fact for hit in found.hits for fact in hit.facts]),
        title_en=item.title_en,
        rule_en=item.rule_en,
        part=part,
    )


def _candidate(
    ledger: Ledger,
    rulebook: Rulebook,
    table: Table,
    unit: ScoredUnit,
    lines: Sequence[Line],
    bonus: Adjusted,
    penalty: Adjusted,
) -> Candidate:
    applied = [(line.weight, line.points) for line in lines if line.points is not None]
    applicable = sum((weight for weight, _ in applied), ZERO)
    earned = sum((points for _, points in applied), ZERO)
    base = hundredths(earned / applicable * table.scale_to) if applicable else None
    score = None
    if base is not None:
        ranking = rulebook.ranking
        score = hundredths(clamp(base + bonus.points - penalty.points, ranking.lowest, ranking.highest))
    standing = Standing(
        unit=unit.id,
        name=unit.name,
        group=unit.group,
        base=base,
        bonus=bonus.points,
        penalty=penalty.points,
        score=score,
        applicable=applicable,
        earned=earned,
    )
    treatments = {indicator.key: indicator.na for indicator in table.indicators}
    unranked = any(line.points is None and treatments[line.indicator] == "unranked" for line in lines)
    struck = tuple(veto for veto in rulebook.vetoes if _strikes(ledger, veto, unit))
    items = rulebook.ranking.min_items
    return Candidate(
        unit=unit,
        standing=standing,
        total=table.total,
        weights={line.indicator: line.weight for line in lines if line.points is not None},
        few=items is not None and ledger.supplies(items.facts) and not items.holds(ledger, unit.id, "")[0],
        unranked=unranked,
        struck=struck,
        points={line.indicator: line.points for line in lines},
    )


def _strikes(ledger: Ledger, veto: Veto, unit: ScoredUnit) -> bool:
    if veto.periods and ledger.facts.period_type not in veto.periods:
        return False
    try:
        return veto.condition.holds(ledger, unit.id, veto.title)[0]
    except InvalidOperation:
        ledger.problems.append(Problem(f"{unit.id} › {veto.key}", _TOO_LARGE))
        return False
