"""Who owes what, seen from both sides: a unit's list, soonest first, and the office's matrix of months."""

from __future__ import annotations

import enum
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from peewee import fn

from supervisor.clock import beijing_date
from supervisor.core.calendar import load_calendar
from supervisor.core.days import left_words
from supervisor.core.obligations import OWED
from supervisor.core.obliged import asks_progress
from supervisor.core.permissions import Actor
from supervisor.models import (
    Entry,
    EntryState,
    Extension,
    Obligation,
    ObligationState,
    Outcome,
    ReportingRule,
    Unit,
)
from supervisor.models.base import rows_of
from supervisor.words import N_, Sentence

#: Months shown side by side.
MONTHS = 12
#: Past reports shown in a unit's list.
PAST = 24


class Cell(enum.StrEnum):
    """What a small square says of one report."""

    ON_TIME = "on_time"
    LATE = "late"
    NIL = "nil"
    MISSING = "missing"
    RETURNED = "returned"
    OVERDUE = "overdue"
    OPEN = "open"
    WAIVED = "waived"

    @property
    def label(self) -> Sentence:
        """The square in words."""
        return CELL_LABELS[self]

    @property
    def sign(self) -> str:
        """A sign in the square: colour alone says nothing in black and white."""
        return CELL_SIGNS[self]


CELL_LABELS = {
    Cell.ON_TIME: N_("On time"),
    Cell.LATE: N_("Late"),
    Cell.NIL: N_("Nil report"),
    Cell.MISSING: N_("Missing"),
    Cell.RETURNED: N_("Returned"),
    Cell.OVERDUE: N_("Overdue, not yet in"),
    Cell.OPEN: N_("Not due yet"),
    Cell.WAIVED: N_("Waived"),
}
CELL_SIGNS = {
    Cell.ON_TIME: "✓", Cell.LATE: "△", Cell.NIL: "○", Cell.MISSING: "×", Cell.RETURNED: "↩", Cell.OVERDUE: "!",
    Cell.OPEN: "·", Cell.WAIVED: "—",
}  # fmt: skip


def cell_of(state: ObligationState, outcome: Outcome | None, due_at: datetime, now: datetime) -> Cell:
    """The square of a report: how it ended in time, or what is still to be done about it."""
    if state is ObligationState.WAIVED:
        return Cell.WAIVED
    if state is ObligationState.RETURNED:
        return Cell.RETURNED
    if outcome is not None:
        return Cell(outcome.value)
    return Cell.OVERDUE if now >= due_at else Cell.OPEN


@dataclass(frozen=True)
class Owed:
    """A report that waits for the unit's words, or for its head."""

    obligation: Obligation
    unit_name: str
    left: Sentence
    late: bool
    tasks: int
    extension_asked: bool


def owed(actor: Actor, *, now: datetime) -> list[Owed]:
    """What the actor's units owe now: returned reports first, then by due time; what is locked is not owed."""
    today, calendar = beijing_date(now), load_calendar()
    query = (
        Obligation.select(Obligation, Unit, ReportingRule)
        .join(Unit)
        .switch(Obligation)
        .join(ReportingRule)
        .where(
            (Obligation.programme == actor.programme_id)
            & Obligation.unit.in_(sorted(actor.unit_ids))
            & Obligation.state.in_(list(OWED))
            & (Obligation.opens_at <= now)
            & ((Obligation.locked_at > now) | Obligation.first_submitted_at.is_null(is_null=False))
        )
        .order_by(Obligation.due_at, Unit.sort)
    )
    rows = sorted(query, key=lambda row: (row.state is not ObligationState.RETURNED, row.due_at))
    ids = [row.id for row in rows]
    wanted = _counts(Entry, ids, Entry.state.in_([EntryState.OPEN, EntryState.RETURNED]))
    asked = _counts(Extension, ids, Extension.granted.is_null())
    found = []
    for row in rows:
        day = row.return_due_on if row.state is ObligationState.RETURNED and row.return_due_on else row.due_on
        late = now >= row.due_at and row.first_submitted_at is None
        left = left_words(today, day, calendar)
        found.append(Owed(row, row.unit.name, left, late, wanted.get(row.id, 0), row.id in asked))
    return found


def _counts(table: type[Entry | Extension], ids: Sequence[int], condition: Any) -> dict[int, int]:
    if not ids:
        return {}
    query = table.select(table.obligation, fn.COUNT(table.id)).where(
        table.obligation.in_(list(ids)) & condition
    )
    return dict(rows_of(query.group_by(table.obligation)))


def past(actor: Actor, *, now: datetime) -> list[tuple[Obligation, Cell]]:
    """The actor's units' reports that are handed in, locked or waived, newest first."""
    query = (
        Obligation.select(Obligation, Unit)
        .join(Unit)
        .where(
            (Obligation.programme == actor.programme_id)
            & Obligation.unit.in_(sorted(actor.unit_ids))
            & (
                Obligation.state.not_in(list(OWED))
                | ((Obligation.locked_at <= now) & Obligation.first_submitted_at.is_null())
            )
        )
        .order_by(Obligation.period.desc(), Unit.sort)
        .limit(PAST)
    )
    return [(row, cell_of(row.state, row.outcome, row.due_at, now)) for row in query]


@dataclass(frozen=True)
class Square:
    """One report in the matrix."""

    obligation_id: int
    cell: Cell
    late_workdays: int
    #: Handed in and not yet reviewed.
    in_review: bool


@dataclass(frozen=True)
class Matrix:
    """Units by months. `squares` maps (unit, period) to its square; a pair without one owes nothing."""

    periods: Sequence[str]
    units: Sequence[tuple[int, str]]
    squares: Mapping[tuple[int, str], Square]
    counts: Mapping[Cell, int]

    def only(self, cell: Cell) -> Matrix:
        """The same months, only units that have such a square."""
        having = {unit for (unit, _), square in self.squares.items() if square.cell is cell}
        return Matrix(self.periods, [u for u in self.units if u[0] in having], self.squares, self.counts)


def matrix(programme_id: int, *, now: datetime, until: str = "", months: int = MONTHS) -> Matrix:
    """The last `months` periods up to `until` (empty: the newest) with every unit that owes in them."""
    of = (Obligation.programme == programme_id) & asks_progress()
    keys = Obligation.select(Obligation.period).where(of).distinct()
    if until:
        keys = keys.where(Obligation.period <= until)
    periods = sorted(row[0] for row in rows_of(keys.order_by(Obligation.period.desc()).limit(months)))
    query = (
        Obligation.select(
            Obligation.id, Obligation.unit, Unit.name, Obligation.period, Obligation.state, Obligation.outcome,
            Obligation.due_at, Obligation.late_workdays,
        )
        .join(Unit)
        .where(of & Obligation.period.in_(periods))
        .order_by(Unit.sort, Unit.id)
    )  # fmt: skip
    units: dict[int, str] = {}
    squares: dict[tuple[int, str], Square] = {}
    counts = dict.fromkeys(Cell, 0)
    for key, unit_id, unit_name, period, state, outcome, due_at, late in rows_of(query):
        units[unit_id] = unit_name
        cell = cell_of(state, outcome, due_at, now)
        counts[cell] += 1
        squares[unit_id, period] = Square(key, cell, late, state is ObligationState.SUBMITTED)
    return Matrix(periods, list(units.items()), squares, counts)


@dataclass(frozen=True)
class Standing:
    """How the month that is being reported stands: handed in of all, and the time left."""

    period: str
    missing: int
    all: int
    left: Sentence


def standing(programme_id: int, *, now: datetime) -> Standing | None:
    """The month whose report is due next (or, when none is, was due last); None where nothing is owed."""
    of = (Obligation.programme == programme_id) & asks_progress()
    opened = of & (Obligation.opens_at <= now)
    row = Obligation.select().where(opened & (Obligation.due_at > now)).order_by(Obligation.due_at).first()
    row = row or Obligation.select().where(opened).order_by(Obligation.due_at.desc()).first()
    if row is None:
        return None
    same = of & (Obligation.period == row.period) & (Obligation.state != ObligationState.WAIVED)
    states = rows_of(Obligation.select(Obligation.first_submitted_at, Obligation.due_on).where(same))
    missing = sum(sent is None for sent, _ in states)
    # One unit's extension does not move the month's announced day.
    announced = min((due_on for _, due_on in states), default=row.due_on)
    left = left_words(beijing_date(now), announced, load_calendar())
    return Standing(row.period, missing, len(states), left)
