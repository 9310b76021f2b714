"""What an assessment says: lines, standings, notes."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from functools import cached_property
from typing import Any


@dataclass(frozen=True)
class Step:
    """One step of the arithmetic behind a line.

    Attributes:
        label: English msgid from `scoring.explain.LABELS`.
        formula: numbers and symbols only.
        value: what the formula gives, at most four decimals; None for a step that only shows.
        name: the rulebook's own word for a deduction or addition, "" elsewhere.
    """

    label: str
    formula: str
    value: Decimal | None = None
    name: str = ""


@dataclass(frozen=True)
class Note:
    """A remark on the result: an English msgid with %(name)s places and what stands in them."""

    message: str
    values: tuple[tuple[str, str], ...] = ()

    @property
    def text(self) -> str:
        """The remark in English."""
        return self.message % dict(self.values) if self.values else self.message


@dataclass(frozen=True)
class Line:
    """One indicator (or bonus or penalty item) of one unit.

    Attributes:
        indicator: its key in the rulebook.
        weight: full points; for a bonus or penalty its cap, 0 where there is none.
        points: hundredths; None = not applicable. Penalties are negative.
        na_reason: English msgid (or a reviewer's own words) why it is not applicable; with `points` set, the
            rulebook has put a value in its place (`na_treatment`: full, zero, group_mean).
        rule, rule_en: the rule in words.
        records: references of the facts that entered, in a settled order.
        part: `indicator`, `bonus` or `penalty`.
    """

    unit: str
    indicator: str
    title: str
    weight: Decimal
    points: Decimal | None
    na_reason: str | None = None
    rule: str = ""
    clause: str = ""
    steps: tuple[Step, ...] = ()
    records: tuple[str, ...] = ()
    title_en: str = ""
    rule_en: str = ""
    na_treatment: str = ""
    part: str = "indicator"
    assessor: str = ""


@dataclass(frozen=True)
class Standing:
    """Where one unit stands.

    Attributes:
        base: indicator points rescaled to the table's total; None where no indicator applies.
        bonus, penalty: hundredths, both 0 or more.
        score: final score; None where no indicator applies: not assessed is not zero.
        rank: competition rank in the group (1, 1, 3); None with `rank_note` (English msgid or the unit's own reason).
        tier: name in the rulebook; None where the unit is not graded.
        tier_note: English msgid why the tier is not the one the score alone would give.
        vetoes: titles of the vetoes that struck.
        tied: another unit of the group has the same rank.
        applicable: sum of the weights that applied.
        earned: sum of points before rescaling.
        criticism_by_rank: whether the group is large enough to criticise by rank.
    """

    unit: str
    name: str
    group: str
    base: Decimal | None
    bonus: Decimal
    penalty: Decimal
    score: Decimal | None
    rank: int | None = None
    rank_note: str | None = None
    tier: str | None = None
    tier_note: str | None = None
    tied: bool = False
    applicable: Decimal = Decimal(0)
    earned: Decimal = Decimal(0)
    vetoes: tuple[str, ...] = ()
    criticism_by_rank: bool = False
    tier_en: str = ""


@dataclass(frozen=True)
class Result:
    """The whole assessment of one period.

    Attributes:
        lines: every indicator of every unit, units in the order of `standings`, indicators in the rulebook's.
        adjustments: bonus and penalty items that gave or took points.
        standings: by group order, rank, roster order.
    """

    period: str
    rulebook: str
    version: str
    lines: tuple[Line, ...]
    standings: tuple[Standing, ...]
    adjustments: tuple[Line, ...] = ()
    notes: tuple[Note, ...] = field(default=())

    def lines_of(self, unit: str) -> tuple[Line, ...]:
        """The indicator lines of one unit."""
        return self._lines.get(unit, ())

    def adjustments_of(self, unit: str) -> tuple[Line, ...]:
        """The bonus and penalty lines of one unit."""
        return self._adjustments.get(unit, ())

    @cached_property
    def _lines(self) -> Mapping[str, tuple[Line, ...]]:
        return _by_unit(self.lines)

    @cached_property
    def _adjustments(self) -> Mapping[str, tuple[Line, ...]]:
        return _by_unit(self.adjustments)


def _by_unit(lines: Iterable[Line]) -> Mapping[str, tuple[Line, ...]]:
    found: dict[str, list[Line]] = {}
    for line in lines:
        found.setdefault(line.unit, []).append(line)
    return {unit: tuple(of) for unit, of in found.items()}


def text_of(value: Decimal | None) -> str | None:
    """A number as it goes into JSON: plain digits, None stays null."""
    return None if value is None else format(value, "f")


def result_to_json(result: Result) -> dict[str, Any]:
    """Everything in the result; decimals as strings. Equal results give equal documents."""
    return {
        "period": result.period,
        "rulebook": {"name": result.rulebook, "version": result.version},
        "standings": [_standing_to_json(standing) for standing in result.standings],
        "lines": [_line_to_json(line) for line in result.lines],
        "adjustments": [_line_to_json(line) for line in result.adjustments],
        "notes": [note.text for note in result.notes],
    }


def score_to_contract(result: Result) -> dict[str, Any]:
    """The shape the `score` command prints: one object a unit with its lines."""
    return {
        "period": result.period,
        "rulebook": {"name": result.rulebook, "version": result.version},
        "units": [
            {
                **_standing_to_json(standing),
                "lines": [_contract_line(line) for line in result.lines_of(standing.unit)],
                "adjustments": [_contract_line(line) for line in result.adjustments_of(standing.unit)],
            }
            for standing in result.standings
        ],
        "notes": [note.text for note in result.notes],
    }


def _standing_to_json(standing: Standing) -> dict[str, Any]:
    return {
        "unit": standing.unit,
        "name": standing.name,
        "group": standing.group,
        "score": text_of(standing.score),
        "rank": standing.rank,
        "tied": standing.tied,
        "rank_note": standing.rank_note,
        "tier": standing.tier,
        "tier_note": standing.tier_note,
        "vetoes": list(standing.vetoes),
        "base": text_of(standing.base),
        "bonus": text_of(standing.bonus),
        "penalty": text_of(standing.penalty),
        "earned": text_of(standing.earned),
        "applicable_weight": text_of(standing.applicable),
        "criticism_by_rank": standing.criticism_by_rank,
    }


def _contract_line(line: Line) -> dict[str, Any]:
    return {
        "indicator": line.indicator,
        "title": line.title,
        "rule": line.rule,
        "clause": line.clause,
        "weight": text_of(line.weight),
        "points": text_of(line.points),
        "na_reason": line.na_reason,
        "na_treatment": line.na_treatment or None,
        "steps": [_step_to_json(step) for step in line.steps],
        "facts": list(line.records),
    }


def _line_to_json(line: Line) -> dict[str, Any]:
    return {"unit": line.unit, "part": line.part, "assessor": line.assessor, **_contract_line(line)} | {
        "title_en": line.title_en,
        "rule_en": line.rule_en,
    }


def _step_to_json(step: Step) -> dict[str, Any]:
    return {"label": step.label, "formula": step.formula, "value": text_of(step.value), "name": step.name}
