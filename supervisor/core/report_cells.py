"""The small square of one obligation: how it ended in time, or what is still to be done about it."""

from __future__ import annotations

import enum
from datetime import datetime
from typing import Any

from peewee import Case

from supervisor.core.obligations import ALL_SUSPENDED
from supervisor.models import Obligation, ObligationState, Outcome
from supervisor.words import N_, Sentence


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
    SUSPENDED = "suspended"

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
    Cell.SUSPENDED: N_("Suspended"),
}
CELL_SIGNS = {
    Cell.ON_TIME: "✓", Cell.LATE: "△", Cell.NIL: "○", Cell.MISSING: "×", Cell.RETURNED: "↩", Cell.OVERDUE: "!",
    Cell.OPEN: "·", Cell.WAIVED: "—", Cell.SUSPENDED: "‖",
}  # fmt: skip


class Mark(enum.StrEnum):
    """What else is known of a report, beside how it ended in time."""

    EXTENDED = "extended"
    PERMITTED = "permitted"
    IN_REVIEW = "in_review"

    @property
    def label(self) -> Sentence:
        """The mark in words."""
        return MARK_LABELS[self]

    @property
    def sign(self) -> str:
        """The sign in the corner of a square."""
        return MARK_SIGNS[self]


MARK_LABELS = {
    Mark.EXTENDED: N_("Extended"),
    Mark.PERMITTED: N_("Late hand-in permitted"),
    Mark.IN_REVIEW: N_("Waiting for review or receipt"),
}
MARK_SIGNS = {Mark.EXTENDED: "+", Mark.PERMITTED: "*", Mark.IN_REVIEW: "?"}
#: From bad to good: of several reports in one square the first of these is shown.
WORST_FIRST = (
    Cell.MISSING, Cell.OVERDUE, Cell.RETURNED, Cell.LATE, Cell.OPEN, Cell.NIL, Cell.ON_TIME, Cell.SUSPENDED,
    Cell.WAIVED,
)  # fmt: skip
#: Nothing is asked for any more.
EXCUSED = (Cell.WAIVED, Cell.SUSPENDED)


def cell_of(
    state: ObligationState, outcome: Outcome | None, due_at: datetime, now: datetime, waive_reason: str = ""
) -> Cell:
    """The square of a report."""
    if state is ObligationState.WAIVED:
        return Cell.SUSPENDED if waive_reason == ALL_SUSPENDED else Cell.WAIVED
    if state is ObligationState.RETURNED:
        return Cell.RETURNED
    if outcome is not None:
        return Cell(outcome.value)
    return Cell.OVERDUE if now >= due_at else Cell.OPEN


def timeliness_of(obligation: Obligation, now: datetime) -> Cell:
    """How it stands in time alone: of a report that came back, how its first complete submission was (D11)."""
    back = obligation.state is ObligationState.RETURNED
    state = ObligationState.SUBMITTED if back else obligation.state
    return cell_of(state, obligation.outcome, obligation.due_at, now, obligation.waive_reason)


def cell_column(now: datetime) -> Any:
    """`cell_of` as a column, so that squares are counted and chosen by the database."""
    waived = Obligation.state == ObligationState.WAIVED
    return Case(
        None,
        (
            (waived & (Obligation.waive_reason == ALL_SUSPENDED), Cell.SUSPENDED.value),
            (waived, Cell.WAIVED.value),
            (Obligation.state == ObligationState.RETURNED, Cell.RETURNED.value),
            (Obligation.outcome.is_null(is_null=False), Obligation.outcome),
            (Obligation.due_at <= now, Cell.OVERDUE.value),
        ),
        Cell.OPEN.value,
    )
