"""What the ladder says to the score: of each matter one fact a period, at its highest level; never points.

A matter that was urged, then had a yellow and a red notice, and was circulated, is one `penalty` fact with the
colour of its heaviest notice and the level of its highest step. Points are the rulebook's, by colour or by level.
Two vetoes that rulebooks know speak of the ladder: a formal talk, and the third notice about one matter.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator

from scoring import Fact
from supervisor.clock import beijing_date
from supervisor.core.ladder_papers import number_of
from supervisor.core.periods import Period
from supervisor.models import LadderStep, Matter, Rung

NOTICES = (Rung.BLUE, Rung.YELLOW, Rung.RED)
#: What the ladder calls its `penalty` facts.
LADDER_TYPES = frozenset({"urge", "notice", "circular", "talk"})
LADDER_TRIGGERS = frozenset({"interview", "third_notice"})
#: Notices about one matter from which the veto of the third one holds.
THIRD = 3


def facts_of(programme_id: int, period: Period) -> Iterator[Fact]:
    """The facts of a period: of each matter its steps decided in it."""
    by_matter: dict[int, list[LadderStep]] = defaultdict(list)
    query = LadderStep.select(LadderStep, Matter).join(Matter).where(LadderStep.programme == programme_id)
    for step in query.order_by(LadderStep.matter, LadderStep.number):
        by_matter[step.matter_id].append(step)
    for steps in by_matter.values():
        within = [step for step in steps if period.contains(beijing_date(step.decided_at))]
        if within:
            yield _highest(within)
            yield from _vetoes(steps, within)


def _highest(within: list[LadderStep]) -> Fact:
    top = max(within, key=lambda step: step.rung.height)
    notices = [step for step in within if step.rung in NOTICES]
    heaviest = max(notices, key=lambda step: step.rung.height) if notices else None
    told = heaviest or top
    kinds = {Rung.URGE: "urge", Rung.CRITICISM: "circular", Rung.TALK: "talk"}
    return Fact(
        "penalty",
        str(top.matter.unit_id),
        subject_of(top),
        {
            "type": kinds.get(told.rung, "notice"),
            "colour": heaviest.rung.value if heaviest else None,
            "level": top.rung.value,
            "day": beijing_date(told.decided_at).isoformat(),
            "number": number_of(told),
        },
        f"ladder_step:{told.id}",
    )


def _vetoes(steps: list[LadderStep], within: list[LadderStep]) -> Iterator[Fact]:
    for step in within:
        notices = [one for one in steps if one.rung in NOTICES and one.number <= step.number]
        trigger = "interview" if step.rung is Rung.TALK else ""
        if step.rung in NOTICES and len(notices) == THIRD:
            trigger = "third_notice"
        if trigger:
            day = {"trigger": trigger, "day": beijing_date(step.decided_at).isoformat()}
            yield Fact("veto", str(step.matter.unit_id), subject_of(step), day, f"ladder_step:{step.id}")


def subject_of(step: LadderStep) -> str:
    """A matter as facts name it: its number and title, so that two of one title stay apart."""
    return f"{step.matter_id} {step.matter.title}"
