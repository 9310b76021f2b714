"""Which units the month's figures propose to name in a circular, ahead or behind, and in which words (D22).

A proposal only: a person takes it over, writes it anew or leaves it.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

from supervisor.core.earlier_steps import EarlierStep
from supervisor.core.month_figures import Month, UnitMonth

AHEAD, BEHIND = "ahead", "behind"
#: Percentage points behind plan from which a unit is proposed as behind; units proposed for a side at most.
FAR, MOST = 10, 3


@dataclass(frozen=True)
class Proposal:
    """A unit that figures propose to name, or that a person named; `step` is the earlier step on record."""

    unit: UnitMonth
    side: str
    words: str
    step: EarlierStep | None = None


def proposals(month: Month, barred: Collection[int] = ()) -> list[Proposal]:
    """At most three units for each side: the furthest ahead with nothing amiss, and the furthest behind.

    `barred`: ids of units that may not be commended (`commendable`, E-92).
    """
    fit = [u for u in month.units if u.unit_id not in barred]
    clean = [u for u in fit if u.gap is not None and u.gap >= 0 and not _amiss(u)]
    behind = [u for u in month.units if (u.gap is not None and u.gap <= -FAR) or u.count("missing")]
    clean.sort(key=lambda unit: -(unit.gap or 0))
    behind.sort(key=lambda unit: (unit.gap or 0, -unit.count("missing")))
    return [Proposal(u, AHEAD, reason_of(u)) for u in clean[:MOST]] + [
        Proposal(u, BEHIND, reason_of(u)) for u in behind[:MOST]
    ]


def _amiss(unit: UnitMonth) -> int:
    return unit.count("late") + unit.count("missing") + unit.count("overdue") + unit.overdue_tasks


def reason_of(unit: UnitMonth) -> str:
    """A reason in the figures' own words, for a person to keep or to write anew; empty where they say nothing."""
    parts = []
    if unit.progress is not None and unit.planned is not None:
        parts.append(f"实际进度{unit.progress}%，计划进度{unit.planned}%")
    parts += [
        f"{word}{unit.count(cell)}次"
        for cell, word in (("late", "迟报"), ("missing", "漏报"), ("overdue", "到期未报"))
        if unit.count(cell)
    ]
    if unit.overdue_tasks:
        parts.append(f"逾期事项{unit.overdue_tasks}项")
    return f"{'，'.join(parts)}。" if parts else ""
