"""A leader's one screen: lights by group, the last ranking, how scores moved, what waits for a decision."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from peewee import fn

from supervisor.clock import beijing_date
from supervisor.core import office_home, reviews, score_pages, unit_home, units
from supervisor.core.score_calendar import shortest_on
from supervisor.models import (
    Assignment,
    AssignmentState,
    Decision,
    Light,
    LinkRole,
    PeriodState,
    Programme,
    Report,
    ScorePeriod,
    ScoreRun,
    Standing,
    Task,
    TaskState,
)
from supervisor.models.base import rows_of

#: Units shown at either end of a group.
ENDS = 3
#: Periods drawn.
MOST_PERIODS = 6


@dataclass(frozen=True)
class Lights:
    """How many open tasks of one group stand at which light; a task of several groups counts in each."""

    name: str
    green: int
    amber: int
    red: int
    grey: int

    @property
    def total(self) -> int:
        """All open tasks."""
        return self.green + self.amber + self.red + self.grey


@dataclass(frozen=True)
class Ends:
    """The first and the last of one group in the last closed period."""

    name: str
    first: tuple[Standing, ...]
    last: tuple[Standing, ...]
    ranked: int


@dataclass(frozen=True)
class Trend:
    """Scores of a group's units, in hundredths, period by period; the middle one is an actual unit's score."""

    name: str
    #: (period key, scores from lowest to highest).
    periods: tuple[tuple[str, tuple[int, ...]], ...]

    @staticmethod
    def middle(scores: tuple[int, ...]) -> int:
        """The score in the middle (the lower one of two): a value that a unit has, not a computed mean."""
        return scores[(len(scores) - 1) // 2]


@dataclass(frozen=True)
class LeaderHome:
    """What a leader sees in half a minute."""

    lights: Lights
    groups: tuple[Lights, ...]
    due: office_home.Due | None
    period: ScorePeriod | None
    ends: tuple[Ends, ...]
    trends: tuple[Trend, ...]
    decisions: tuple[Decision, ...]
    slow_reviews: tuple[Report, ...]
    behind: tuple[Task, ...]


def leader_home(programme: Programme, *, now: datetime) -> LeaderHome:
    """One screen in a fixed number of queries."""
    found = score_pages.last_closed(programme.id)
    open_ones = (Task.programme == programme.id) & (Task.state == TaskState.OPEN)
    red = Task.select().where(open_ones & (Task.light == Light.RED)).order_by(Task.due_on, Task.id)
    undecided = Decision.select().where((Decision.programme == programme.id) & Decision.approved.is_null())
    return LeaderHome(
        lights=_all_lights(programme.id),
        groups=tuple(_lights_by_group(programme.id)),
        due=office_home.due_now(programme.id, now=now),
        period=found[0] if found else None,
        ends=tuple(_ends(found[1])) if found else (),
        trends=tuple(_trends(programme.id, shortest_on(programme.id, beijing_date(now)).type)),
        decisions=tuple(undecided.order_by(Decision.id).limit(unit_home.SHORT)),
        slow_reviews=tuple(reviews.overdue(programme.id, now=now)),
        behind=tuple(red.limit(unit_home.SHORT)),
    )


def _counted(name: str, rows: Iterable[tuple[Light, int]]) -> Lights:
    found = dict(rows)
    return Lights(name, *(found.get(light, 0) for light in (Light.GREEN, Light.AMBER, Light.RED, Light.GREY)))


def _all_lights(programme_id: int) -> Lights:
    query = Task.select(Task.light, fn.COUNT(Task.id)).where(
        (Task.programme == programme_id) & (Task.state == TaskState.OPEN)
    )
    return _counted("", rows_of(query.group_by(Task.light)))


def _lights_by_group(programme_id: int) -> list[Lights]:
    """Led tasks by the assessment group of their lead units."""
    groups = units.assessment_groups_of(programme_id)
    group_of = {unit.id: group.id for group, members in groups for unit in members}
    query = (
        Assignment.select(Assignment.unit, Assignment.task, Task.light)
        .join(Task)
        .where(
            (Assignment.programme == programme_id)
            & (Assignment.role == LinkRole.LEAD)
            & (Assignment.state != AssignmentState.CANCELLED)
            & (Task.state == TaskState.OPEN)
        )
    )
    tasks: dict[int, dict[int, Light]] = defaultdict(dict)
    for unit_id, task_id, light in rows_of(query):
        if unit_id in group_of:
            tasks[group_of[unit_id]][task_id] = light
    found = []
    for group, _members in groups:
        counts: dict[Light, int] = defaultdict(int)
        for light in tasks[group.id].values():
            counts[light] += 1
        found.append(_counted(group.name, counts.items()))
    return [one for one in found if one.total]


def _ends(run: ScoreRun) -> list[Ends]:
    rows = (
        Standing.select()
        .where((Standing.run == run) & ~Standing.rank.is_null())
        .order_by(Standing.group_sort, Standing.rank, Standing.sort)
    )
    groups: dict[str, list[Standing]] = {}
    for row in rows:
        groups.setdefault(row.group_name, []).append(row)
    return [
        Ends(name, tuple(ranked[:ENDS]), tuple(ranked[max(ENDS, len(ranked) - ENDS) :]), len(ranked))
        for name, ranked in groups.items()
    ]


def _trends(programme_id: int, type_: str) -> list[Trend]:
    closed = (
        ScoreRun.select(ScoreRun.id, ScorePeriod.key)
        .join(ScorePeriod)
        .where(
            (ScorePeriod.programme == programme_id)
            & (ScorePeriod.state == PeriodState.FROZEN)
            & (ScorePeriod.type == type_)
            & (ScoreRun.superseded == False)  # noqa: E712 -- a condition in SQL
        )
        .order_by(ScorePeriod.key.desc())
        .limit(MOST_PERIODS)
    )
    keys = dict(rows_of(closed))
    query = (
        Standing.select(Standing.run, Standing.group_name, Standing.score)
        .where(Standing.run.in_(list(keys)) & ~Standing.score.is_null())
        .order_by(Standing.group_sort, Standing.score)
    )
    scores: dict[str, dict[str, list[int]]] = {}
    for run_id, name, score in rows_of(query):
        scores.setdefault(name, defaultdict(list))[keys[run_id]].append(score)
    return [
        Trend(name, tuple((key, tuple(found)) for key, found in sorted(by_period.items())))
        for name, by_period in scores.items()
    ]
