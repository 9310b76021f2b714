"""Formulas behind the figures of the ranking table, for whoever wants to see in Excel how a total comes about.

A formula stands only where it gives the frozen figure to the hundredth, worked out here beforehand; any other figure
(an indicator replaced by the group's mean, a place by a stated tie-break) stays a plain number. Excel must never show
another score than the one that was closed.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal

from xlsxwriter.utility import xl_col_to_name

from supervisor.documents.content import RankedGroup, RankedUnit

HUNDREDTH = Decimal("0.01")


@dataclass(frozen=True)
class Place:
    """Where a group stands on its sheet: rows of its first unit and of its last ranked one, from 0; columns by key."""

    first: int
    last_ranked: int
    columns: Mapping[str, int]

    def cell(self, key: str, row: int) -> str:
        """The address of a unit's cell."""
        return f"{xl_col_to_name(self.columns[key])}{row + 1}"


def formulas_of(group: RankedGroup, unit: RankedUnit, row: int, place: Place) -> dict[str, str]:
    """Column key -> formula, for those of base, total and place that a formula gives exactly.

    Args:
        group: the unit's group, with the weights of its indicators.
        unit: the line.
        row: its row, from 0.
        place: where the group stands.
    """
    found: dict[str, str] = {}
    if unit.base is not None and unit.base == base_of(group, unit):
        found["base"] = _base(group, row, place)
    if unit.base is not None and unit.total is not None and unit.total == total_of(unit):
        base, bonus, less = (place.cell(key, row) for key in ("base", "bonus", "deduction"))
        found["total"] = f"=ROUND({base}+{bonus}-{less},2)"
    if unit.place is not None and unit.place == _rank_of(group.units, unit):
        column = xl_col_to_name(place.columns["total"])
        found["place"] = (
            f"=RANK({place.cell('total', row)},{column}${place.first + 1}:{column}${place.last_ranked + 1},0)"
        )
    return found


def base_of(group: RankedGroup, unit: RankedUnit) -> Decimal | None:
    """Points of what applies, set against the points that could be had, on the table's total; None without any."""
    held = {one.key: unit.points.get(one.key) for one in group.indicators}
    applicable = sum((one.weight for one in group.indicators if held[one.key] is not None), Decimal(0))
    if not applicable:
        return None
    earned = sum((points for points in held.values() if points is not None), Decimal(0))
    whole = sum((one.weight for one in group.indicators), Decimal(0))
    return (earned * whole / applicable).quantize(HUNDREDTH, ROUND_HALF_UP)


def total_of(unit: RankedUnit) -> Decimal | None:
    """Base and bonus less deduction, without any bound."""
    return None if unit.base is None else unit.base + unit.bonus - unit.deduction


def _base(group: RankedGroup, row: int, place: Place) -> str:
    keys = [f"indicator:{one.key}" for one in group.indicators]
    cells = f"{place.cell(keys[0], row)}:{place.cell(keys[-1], row)}"
    weights = ",".join(f"{one.weight.normalize():f}" for one in group.indicators)
    whole = sum((one.weight for one in group.indicators), Decimal(0)).normalize()
    applicable = f"SUMPRODUCT(ISNUMBER({cells})*{{{weights}}})"
    # Rounded twice: binary fractions stand a hair beside halves of a hundredth, which the scheme rounds up.
    return f"=ROUND(ROUND(SUM({cells})*{whole:f}/{applicable},9),2)"


def _rank_of(units: Sequence[RankedUnit], unit: RankedUnit) -> int | None:
    totals = [one.total for one in units if one.place is not None and one.total is not None]
    return None if unit.total is None else 1 + sum(total > unit.total for total in totals)
