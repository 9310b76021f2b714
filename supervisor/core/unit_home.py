"""The home page of a unit: what it owes, what it has to sign for, where it is behind. Reads only, bounded."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field
from datetime import date, datetime

from supervisor.clock import beijing_date
from supervisor.core import (
    digests,
    milestones,
    published,
    score_pages,
    work_plan_pages,
)
from supervisor.core.calendar import load_calendar
from supervisor.core.permissions import Actor
from supervisor.models import (
    Assignment,
    AssignmentState,
    Light,
    Obligation,
    ObligationState,
    Outcome,
    Programme,
    ReportingRule,
    ScorePeriod,
    Standing,
    Task,
    TaskState,
    Unit,
)

#: A list on a home page shows this much and leads to the rest.
SHORT = 8


@dataclass(frozen=True)
class Owed:
    """One report that a unit owes."""

    obligation: Obligation
    due_on: date
    workdays_left: int
    is_late: bool


@dataclass(frozen=True)
class LastScore:
    """A unit's place in the last closed period."""

    period: ScorePeriod
    standing: Standing
    group_size: int
    #: Whether places are shown, or tiers only.
    shows_places: bool


@dataclass(frozen=True)
class UnitHome:
    """What a liaison or head sees first."""

    units: tuple[Unit, ...]
    owed: tuple[Owed, ...]
    unsigned: tuple[Assignment, ...]
    unsigned_more: int
    behind: tuple[Assignment, ...]
    #: Light → number of open tasks of the unit.
    lights: dict[Light, int] = field(default_factory=dict)
    score: LastScore | None = None
    #: Amended work plans that came back; what is asked for stands among `owed`.
    work_plans: tuple[work_plan_pages.Line, ...] = ()
    #: The unit's milestones that are overdue or due next.
    milestones: tuple[milestones.Line, ...] = ()

    @property
    def returned(self) -> int:
        """Reports that came back."""
        return sum(one.obligation.state is ObligationState.RETURNED for one in self.owed)

    @property
    def late(self) -> int:
        """Reports past their due time."""
        return sum(one.is_late for one in self.owed)


def unit_home(actor: Actor, programme: Programme, *, now: datetime) -> UnitHome:
    """Owed reports (returned first, then soonest), tasks to sign for, tasks behind, the last score."""
    mine, today = sorted(actor.unit_ids), beijing_date(now)
    links = list(
        Assignment.select(Assignment, Task)
        .join(Task)
        .where(
            (Assignment.programme == programme.id)
            & Assignment.unit.in_(mine)
            & (Assignment.task_state == TaskState.OPEN)
            & Assignment.state.not_in([AssignmentState.CANCELLED, AssignmentState.CLOSED])
        )
        .order_by(Task.due_on, Task.sort, Task.id)
    )
    lights: dict[Light, int] = defaultdict(int)
    for link in links:
        lights[link.task.light] += 1
    unsigned = [link for link in links if link.state is AssignmentState.ISSUED]
    behind = [link for link in links if link.task.light in {Light.RED, Light.AMBER}]
    return UnitHome(
        units=tuple(Unit.select().where(Unit.id.in_(mine)).order_by(Unit.sort, Unit.id)),
        owed=tuple(_owed(programme.id, mine, now)),
        unsigned=tuple(unsigned[:SHORT]),
        unsigned_more=max(0, len(unsigned) - SHORT),
        behind=tuple(sorted(behind, key=lambda link: link.task.light is not Light.RED)[:SHORT]),
        lights=dict(lights),
        score=_last_score(actor, programme, mine, now),
        work_plans=tuple(work_plan_pages.came_back(actor, today=today)),
        milestones=tuple(milestones.next_of(actor, today=today, limit=SHORT)),
    )


def _owed(programme_id: int, mine: list[int], now: datetime) -> list[Owed]:
    today, calendar = beijing_date(now), load_calendar()
    query = (
        Obligation.select(Obligation, Unit, ReportingRule)
        .join(Unit)
        .switch(Obligation)
        .join(ReportingRule)
        .where(
            (Obligation.programme == programme_id)
            & Obligation.unit.in_(mine)
            & Obligation.state.in_(digests.OWED)
            & (Obligation.opens_at <= now)
            & (
                Obligation.outcome.is_null()
                | (Obligation.outcome != Outcome.MISSING)
                | (Obligation.locked_at > now)
            )
        )
    )
    owed = []
    for row in query:
        day = digests.due_day(row)
        returned = row.state is ObligationState.RETURNED
        late = day < today if returned else row.due_at <= now
        owed.append(Owed(row, day, calendar.workdays_between(today, day), late))
    return sorted(
        owed,
        key=lambda one: (one.obligation.state is not ObligationState.RETURNED, one.due_on, one.obligation.id),
    )


def _last_score(actor: Actor, programme: Programme, mine: list[int], now: datetime) -> LastScore | None:
    """The first own unit's standing in the last closed period, if the reader may see it."""
    found = score_pages.last_closed(programme.id)
    if found is None:
        return None
    period, run = found
    query = score_pages.standings_visible_to(actor, period, run, now=now)
    standing: Standing | None = query.where(Standing.unit.in_(mine)).first()
    if standing is None:
        return None
    ranked = (Standing.run == run) & (Standing.group_name == standing.group_name) & ~Standing.rank.is_null()
    return LastScore(
        period, standing, Standing.select().where(ranked).count(), published.shows_places(actor, period)
    )
