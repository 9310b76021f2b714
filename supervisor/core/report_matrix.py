"""The matrix of units and periods: how each report, filing, number of items or work plan ended in time.

One select chooses the obligations (`_chosen`); page, counts, export and a unit's own view take theirs from it, so that
they cannot disagree. A page reads its own units' squares and nothing else.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from peewee import ModelSelect, Value, fn

from supervisor.clock import beijing_date
from supervisor.core import obligations
from supervisor.core.matrix_choices import ALL, Choices, RuleChoice, Wanted, choose
from supervisor.core.permissions import Actor
from supervisor.core.report_cells import EXCUSED, WORST_FIRST, Cell, Mark, cell_column
from supervisor.errors import NotFound
from supervisor.models import (
    Extension,
    GroupMember,
    LatePermit,
    Obligation,
    ObligationState,
    Report,
    RuleKind,
    Unit,
)
from supervisor.models.base import rows_of

#: Units on a page.
PER_PAGE = 60
#: Handed in, whenever.
HANDED_IN = (Cell.ON_TIME, Cell.LATE, Cell.NIL)
SEVERITY = {cell: place for place, cell in enumerate(WORST_FIRST)}


@dataclass(frozen=True, slots=True)
class Square:
    """One thing owed, or the worst of several that share a column."""

    cell: Cell
    #: The obligation behind it; of several the worst.
    id: int
    rule_id: int = 0
    period: str = ""
    late_workdays: int = 0
    marks: tuple[Mark, ...] = ()
    #: Items handed in, of a minimum; 0 = no items are counted.
    items: int = 0
    minimum: int = 0
    #: How many are in of how many that are asked for.
    done: int = 0
    of: int = 1
    #: Whether more than one thing owed stands in this square.
    several: bool = False

    @property
    def numbers(self) -> str:
        """N of m, where there is more than one."""
        if self.of > 1:
            return f"{self.done}/{self.of}"
        return f"{self.items}/{self.minimum}" if self.minimum else ""

    @property
    def look(self) -> tuple[Any, ...]:
        """What its sign and words depend on: squares of one look are written once."""
        return self.cell, self.numbers, self.late_workdays, self.marks


@dataclass(frozen=True)
class Matrix:
    """A page of units by columns. `squares` maps (unit, column) to its square; a pair without one owes nothing."""

    choices: Choices
    units: Sequence[tuple[int, str]]
    squares: Mapping[tuple[int, str], Square]
    #: Squares of all units by what they say.
    counts: Mapping[Cell, int]
    #: Where the next page begins; None on the last.
    following: str | None = None

    @property
    def asked(self) -> int:
        """Things owed in the columns shown, by all units; what is excused is not owed."""
        return sum(count for cell, count in self.counts.items() if cell not in EXCUSED)

    @property
    def handed_in(self) -> int:
        """How many of them are in, whenever; also those that came back."""
        return sum(self.counts.get(cell, 0) for cell in (*HANDED_IN, Cell.RETURNED))


def matrix(actor: Actor, wanted: Wanted, *, now: datetime) -> Matrix:
    """A page of the matrix."""
    choices = choose(_programme(actor), wanted, beijing_date(now))
    found = list(rows_of(_units(actor, choices, now).limit(PER_PAGE + 1)))
    units, more = found[:PER_PAGE], len(found) > PER_PAGE
    squares = _squares(actor, choices, [row[0] for row in units], now)
    following = f"{units[-1][2]}-{units[-1][0]}" if more else None
    names = [(key, name) for key, name, _ in units]
    return Matrix(choices, names, _gathered(squares, choices), _counts(actor, choices, now), following)


def whole(
    actor: Actor, wanted: Wanted, *, now: datetime, most: int
) -> tuple[Matrix, list[tuple[str, Square]]] | None:
    """All units of the matrix, and every single square with its unit's name; None where there are more than `most`."""
    choices = choose(_programme(actor), replace(wanted, after=None), beijing_date(now))
    counts = _counts(actor, choices, now)
    if sum(counts.values()) > most:
        return None
    units = {key: name for key, name, _ in rows_of(_units(actor, choices, now))}
    squares = list(_squares(actor, choices, list(units), now))
    shown = Matrix(choices, list(units.items()), _gathered(squares, choices), counts)
    return shown, [(units[unit], square) for unit, square in squares]


@dataclass(frozen=True)
class UnitYear:
    """One unit's year: for each rule its squares, in order of periods."""

    unit: Unit
    choices: Choices
    rows: Sequence[tuple[RuleChoice, Sequence[Square]]]


def unit_year(unit_id: int, actor: Actor, wanted: Wanted, *, now: datetime, column: str = "") -> UnitYear:
    """What one unit owes by the rules chosen, or in one of their columns. NotFound for a unit not the reader's."""
    unit = Unit.get_or_none(Unit.id == unit_id)
    if unit is None or not (actor.sees_all or unit_id in actor.unit_ids):
        raise NotFound
    of = wanted.of or ALL
    choices = choose(_programme(actor), replace(wanted, of=of), beijing_date(now))
    if column in {one.key for one in choices.columns}:
        choices = replace(choices, columns=[one for one in choices.columns if one.key == column])
    of_rule: dict[int, list[Square]] = {}
    for _, square in _squares(actor, choices, [unit_id], now):
        of_rule.setdefault(square.rule_id, []).append(square)
    order = {period: n for n, one in enumerate(choices.columns) for period in one.periods}
    rows = [
        (rule, sorted(of_rule[rule.id], key=lambda one: (order[one.period], one.period)))
        for rule in choices.shown
        if rule.id in of_rule
    ]
    return UnitYear(unit, choices, rows)


def own_units(actor: Actor) -> list[tuple[int, str]]:
    """The units for which a person acts, in roster order."""
    mine = Unit.select(Unit.id, Unit.name).where(Unit.id.in_(sorted(actor.unit_ids)))
    return list(rows_of(mine.order_by(Unit.sort, Unit.id)))


def _programme(actor: Actor) -> int:
    if actor.programme_id is None:
        raise NotFound
    return actor.programme_id


def _chosen(actor: Actor, choices: Choices) -> Any:
    """The obligations of the matrix that this person may see (D16)."""
    rules = [rule.id for rule in choices.shown]
    query = obligations.visible_to(actor).where(
        Obligation.rule.in_(rules) & Obligation.period.in_(list(choices.column_of))
    )
    return _of_group(query, Obligation.unit, choices)


def _of_group(query: Any, unit: Any, choices: Choices) -> Any:
    group = choices.wanted.group_id
    if group not in {key for key, _ in choices.groups}:
        return query
    return query.where(unit.in_(GroupMember.select(GroupMember.unit).where(GroupMember.group == group)))


def _units(actor: Actor, choices: Choices, now: datetime) -> ModelSelect[Unit]:
    """Units with a square, in roster order, from the page's first on: number, name, place in the roster."""
    wanted = choices.wanted
    owing = _chosen(actor, choices).select(Obligation.unit)
    if wanted.only is not None:
        owing = owing.where(cell_column(now) == wanted.only.value)
    query = Unit.select(Unit.id, Unit.name, Unit.sort).where(Unit.id.in_(owing)).order_by(Unit.sort, Unit.id)
    if wanted.after is None:
        return query
    sort, key = wanted.after
    return query.where((Unit.sort > sort) | ((Unit.sort == sort) & (Unit.id > key)))


def _counts(actor: Actor, choices: Choices, now: datetime) -> dict[Cell, int]:
    cell = cell_column(now).alias("cell")
    found = dict(rows_of(_chosen(actor, choices).select(cell, fn.COUNT(Value(1))).group_by(cell)))
    return {cell: found.get(cell.value, 0) for cell in Cell}


def _squares(
    actor: Actor, choices: Choices, unit_ids: Sequence[int], now: datetime
) -> Iterable[tuple[int, Square]]:
    """Each single square of these units, with its unit."""
    minimum = {rule.id: rule.minimum if rule.kind is RuleKind.COUNT else 0 for rule in choices.shown}
    of = Obligation.id
    extended = fn.EXISTS(Extension.select().where((Extension.obligation == of) & Extension.granted))
    permitted = fn.EXISTS(LatePermit.select().where(LatePermit.obligation == of))
    counted: Any = Value(0)
    if any(minimum.values()):
        counted = Report.select(fn.COUNT(Report.id)).where((Report.obligation == of) & Report.sent)
    query = (
        _chosen(actor, choices)
        .where(Obligation.unit.in_(list(unit_ids)))
        .select(
            Obligation.unit, of, Obligation.rule, Obligation.period, cell_column(now).alias("cell"),
            Obligation.late_workdays, Obligation.state, extended.alias("extended"), permitted.alias("permitted"),
            counted.alias("items"),
        )
    )  # fmt: skip
    return [(row[0], _square(row[1:], minimum)) for row in rows_of(query)]


def _square(row: Sequence[Any], minimum: Mapping[int, int]) -> Square:
    key, rule, period, word, late, state, extended, permitted, items = row
    cell, in_review = Cell(word), state is ObligationState.SUBMITTED
    known = ((Mark.EXTENDED, extended), (Mark.PERMITTED, permitted), (Mark.IN_REVIEW, in_review))
    return Square(
        cell, key, rule, period, late, marks=tuple(mark for mark, holds in known if holds),
        items=items, minimum=minimum[rule], done=int(cell in HANDED_IN), of=int(cell not in EXCUSED),
    )  # fmt: skip


def _gathered(squares: Iterable[tuple[int, Square]], choices: Choices) -> dict[tuple[int, str], Square]:
    """Squares by unit and column; of several in one the worst, with how many of all are in."""
    found: dict[tuple[int, str], list[Square]] = {}
    for unit, square in squares:
        found.setdefault((unit, choices.column_of[square.period]), []).append(square)
    return {place: some[0] if len(some) == 1 else _worst(some) for place, some in found.items()}


def _worst(some: Sequence[Square]) -> Square:
    marks = {mark for square in some for mark in square.marks}
    return replace(
        min(some, key=lambda square: SEVERITY[square.cell]),
        done=sum(square.done for square in some), of=sum(square.of for square in some), several=True,
        marks=tuple(mark for mark in Mark if mark in marks),
    )  # fmt: skip
