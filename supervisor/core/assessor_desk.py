"""The assessor's desk: where open periods stand and what blocks them, what waits, facts that nobody has entered.

Reads only; each list is bounded and leads on to its page.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime

from supervisor.clock import beijing_date
from supervisor.core import (
    appeal_pages,
    appeals,
    cadences,
    completeness,
    decisions,
    fact_gaps,
    gathered_facts,
    rulebooks,
    scores,
)
from supervisor.core.appeal_pages import AppealRow
from supervisor.core.periods import Period
from supervisor.core.permissions import Actor, Permission
from supervisor.core.score_pages import PeriodRow, shown_period
from supervisor.core.scored_periods import scored_period
from supervisor.errors import Obstacle
from supervisor.models import CorrectionState, Decision, Programme, ScoreCorrection, ScorePeriod

#: Open periods that are looked into; appeals on the page.
MOST_PERIODS, MOST_APPEALS = 4, 8
#: Obstacles of one period that are listed; the period's page has them all.
MOST_OBSTACLES = 5


@dataclass(frozen=True)
class Standing:
    """An ended period that is not closed: its stage and what blocks the next one."""

    row: PeriodRow
    #: Until which day units may appeal; None before the preliminary score, or where there are no days.
    last_appeal_day: date | None
    obstacles: tuple[Obstacle, ...]
    #: Obstacles that are left out here.
    more: int

    @property
    def period(self) -> Period:
        """The period."""
        return self.row.period


@dataclass(frozen=True)
class WaitingAppeal:
    """An appeal with its clock, and whether the reader may decide it."""

    row: AppealRow
    may_decide: bool


@dataclass(frozen=True)
class WaitingCorrection:
    """A proposed correction; `is_own`: the reader proposed it, so that somebody else decides."""

    correction: ScoreCorrection
    period: Period
    is_own: bool


@dataclass(frozen=True)
class FactGap:
    """Facts of a period that nobody has entered; `blocks`: the books stay open for them."""

    period: Period
    obstacle: Obstacle
    blocks: bool


@dataclass(frozen=True)
class Desk:
    """One morning of an assessor."""

    standings: tuple[Standing, ...]
    appeals: tuple[WaitingAppeal, ...]
    more_appeals: int
    corrections: tuple[WaitingCorrection, ...]
    gaps: tuple[FactGap, ...]
    decisions: tuple[Decision, ...]
    #: Closed and not published.
    unpublished: tuple[Period, ...]

    @property
    def waits(self) -> int:
        """How many things wait for the reader in person."""
        return sum(one.may_decide for one in self.appeals) + sum(not one.is_own for one in self.corrections)


def desk(actor: Actor, programme: Programme, rows: Iterable[PeriodRow], *, now: datetime) -> Desk:
    """The desk of who reads how the books stand; `rows` are the listed periods, newest first."""
    listed = list(rows)
    ended = [one for one in listed if one.has_ended and not one.is_closed][:MOST_PERIODS]
    waiting = appeal_pages.waiting(actor, today=beijing_date(now))
    return Desk(
        standings=tuple(_standing(actor, programme, one, now) for one in ended),
        appeals=tuple(WaitingAppeal(one, _may_decide(actor, one)) for one in waiting[:MOST_APPEALS]),
        more_appeals=max(0, len(waiting) - MOST_APPEALS),
        corrections=tuple(_corrections(actor, programme)),
        gaps=tuple(gap for one in ended for gap in _gaps(programme, one.period)),
        decisions=tuple(decisions.open_about_scores(programme.id)),
        unpublished=tuple(
            one.period for one in listed if one.is_closed and one.row and one.row.published_at is None
        ),
    )


def _standing(actor: Actor, programme: Programme, row: PeriodRow, now: datetime) -> Standing:
    """What blocks the next step: of a preliminary period the closing, of an open one the first score."""
    shown = shown_period(programme, row.period) if row.is_preliminary else None
    if shown is None:
        found = completeness.completeness(programme, row.period, now, actor)
        return Standing(row, None, tuple(found[:MOST_OBSTACLES]), max(0, len(found) - MOST_OBSTACLES))
    kept, run = shown
    changed, _ = gathered_facts.changed_since(programme, row.period, run, now=now)
    found = scores.closing_obstacles(programme, row.period, kept, now, changed=changed)
    until = kept.appeals_until
    last = cadences.due_day(until) if until else None
    return Standing(row, last, tuple(found[:MOST_OBSTACLES]), max(0, len(found) - MOST_OBSTACLES))


def _may_decide(actor: Actor, row: AppealRow) -> bool:
    appeal = row.appeal
    if not actor.may(Permission.APPEAL_DECIDE) or appeal.unit_id in actor.unit_ids:
        return False
    return actor.user_id not in appeals.scorers_of(appeal)


def _corrections(actor: Actor, programme: Programme) -> Iterable[WaitingCorrection]:
    rows = (
        ScoreCorrection.select(ScoreCorrection, ScorePeriod)
        .join(ScorePeriod)
        .where((ScorePeriod.programme == programme) & (ScoreCorrection.state == CorrectionState.PROPOSED))
        .order_by(ScoreCorrection.proposed_at, ScoreCorrection.id)
    )
    for one in rows:
        yield WaitingCorrection(one, scored_period(one.period.key), one.proposed_by == actor.user_id)


def _gaps(programme: Programme, period: Period) -> Iterable[FactGap]:
    missing, unused = fact_gaps.gaps(programme, period, rulebooks.in_force(programme.id, period))
    yield from (FactGap(period, one, blocks=True) for one in missing)
    yield from (FactGap(period, one, blocks=False) for one in unused)
