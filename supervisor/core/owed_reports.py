"""What reports are owed: a unit's list, soonest first, what it handed in before, and how the present month stands."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from peewee import fn

from supervisor.clock import beijing_date
from supervisor.core.calendar import load_calendar
from supervisor.core.days import left_words
from supervisor.core.obligations import OWED
from supervisor.core.owed_periods import periods_of
from supervisor.core.permissions import Actor
from supervisor.core.report_cells import Cell, cell_of
from supervisor.models import (
    Entry,
    EntryState,
    Extension,
    Obligation,
    ObligationState,
    ReportingRule,
    RuleKind,
    Unit,
)
from supervisor.models.base import rows_of
from supervisor.words import Sentence

#: Past reports shown in a unit's list.
PAST = 24
#: Periods among which the one that is due next is looked for.
NEWEST = 6


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
        Obligation.select(Obligation, Unit, ReportingRule)
        .join(Unit)
        .switch(Obligation)
        .join(ReportingRule)
        .where(
            (Obligation.programme == actor.programme_id)
            & Obligation.unit.in_(sorted(actor.unit_ids))
            & (
                Obligation.state.not_in(list(OWED))
                | ((Obligation.locked_at <= now) & Obligation.first_submitted_at.is_null())
            )
        )
        .order_by(Obligation.due_at.desc(), Unit.sort)
        .limit(PAST)
    )
    return [(row, cell_of(row.state, row.outcome, row.due_at, now)) for row in query]


@dataclass(frozen=True)
class Standing:
    """How the month that is being reported stands: handed in of all, and the time left."""

    period: str
    missing: int
    all: int
    left: Sentence


def standing(programme_id: int, *, now: datetime) -> Standing | None:
    """The month whose report is due next (or, when none is, was due last); None where nothing is owed."""
    mine = (ReportingRule.programme == programme_id) & (ReportingRule.kind == RuleKind.PROGRESS)
    rules = [row[0] for row in rows_of(ReportingRule.select(ReportingRule.id).where(mine))]
    periods = periods_of(rules, beijing_date(now).year - 1, years=2) if rules else []
    newest = [period.key for period in sorted(periods, key=lambda one: one.end)[-NEWEST:]]
    of = Obligation.rule.in_(rules) & Obligation.period.in_(newest)
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
