"""Planned progress (D6): of a task and of one unit's part, on any day, and where the figure comes from.

The office's quarterly figures win; else a unit's accepted work plan says it, by the weight of the milestones due
by the day; else it rises evenly from issue to time limit. A task's own figure is the mean over the units that
answer for it. What the work plans add up to is kept with the task, so that no list has to ask.
"""

from __future__ import annotations

import itertools
import json
from bisect import bisect_right
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime

from supervisor.clock import beijing_date
from supervisor.core.periods import Period, PeriodKind
from supervisor.fields import canonical_json
from supervisor.models import Assignment, Plan, Task
from supervisor.words import N_, Sentence

#: Milestones of one link by day: [day, weight in percent].
Steps = Sequence[Sequence[str | int]]


def planned_percent(task: Task, plan: Plan, day: date) -> int | None:
    """Progress planned for `day` in whole percent; None where there is neither a plan nor a due date (D6)."""
    return planned_on(
        task.planned, start_of(plan.issued_at, plan.effective_on), task.due_on, day, task.unit_plans
    )


def planned_of_link(link: Assignment, task: Task, plan: Plan, day: date) -> int | None:
    """As `planned_percent`, of one unit's part of the task."""
    own = sum_steps([link.planned_steps]) if link.planned_steps else ""
    return planned_on(task.planned, start_of(plan.issued_at, plan.effective_on), task.due_on, day, own)


def start_of(issued_at: datetime | None, effective_on: date) -> date:
    """The day from which a plan's progress is counted: its issue."""
    return beijing_date(issued_at) if issued_at else effective_on


def planned_on(
    planned: Mapping[str, int], start: date, due_on: date | None, day: date, unit_plans: str = ""
) -> int | None:
    """As `planned_percent`, from the figures themselves. At the time limit everything is planned to be done."""
    if planned or not unit_plans:
        return _by_quarters(planned, start, due_on, day)
    if due_on is not None and day >= due_on:
        return 100
    kept = json.loads(unit_plans)
    due = bisect_right(kept["days"], day.isoformat())
    weight, links = sum(kept["weights"][:due]), kept["with"]
    even = _by_quarters({}, start, due_on, day)
    if even is not None:
        weight, links = weight + even * kept["without"], links + kept["without"]
    return int(weight // links)


def _by_quarters(planned: Mapping[str, int], start: date, due_on: date | None, day: date) -> int | None:
    """The quarterly figures, between two quarter ends rising evenly; without any, evenly to the due date."""
    if not planned and due_on is None:
        return None
    if due_on is not None and day >= due_on and not planned:
        return 100
    marks = [(start, 0)]
    for key in sorted(planned):
        period = Period.parse(key)
        if period.kind is PeriodKind.QUARTER and period.end > marks[-1][0]:
            marks.append((period.end, int(planned[key])))
    if due_on is not None and due_on > marks[-1][0]:
        marks.append((due_on, 100))
    for (begin, low), (end, high) in itertools.pairwise(marks):
        if day <= end:
            passed = max((day - begin).days, 0)
            return low + (high - low) * passed // max((end - begin).days, 1)
    return marks[-1][1]


def sum_steps(steps_by_link: Iterable[Steps]) -> str:
    """What the answering links' work plans add up to, as kept with a task; empty where none has any."""
    weights: Counter[str] = Counter()
    have = lack = 0
    for steps in steps_by_link:
        have, lack = have + bool(steps), lack + (not steps)
        for day, weight in steps:
            weights[str(day)] += int(weight)
    if not have:
        return ""
    days = sorted(weights)
    return canonical_json(
        {"days": days, "weights": [weights[day] for day in days], "with": have, "without": lack}
    )


def source_of(task: Task) -> Sentence | None:
    """Where a task's planned figure comes from, for its page; None where there is none."""
    if task.planned:
        return N_("from the lead office's quarterly figures")
    if task.unit_plans:
        kept = json.loads(task.unit_plans)
        if not kept["without"]:
            return N_("from the units' accepted work plans")
        return N_(
            "mean of the accepted work plans of %(n)s units and an even rise for %(rest)s others",
            n=kept["with"], rest=kept["without"],
        )  # fmt: skip
    return N_("even rise from issue to the time limit") if task.due_on else None
