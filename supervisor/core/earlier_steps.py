"""The earlier step that a criticism stands on (D22): a finding, a decision of a dispatch, an urge or a notice."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta

from supervisor.clock import beijing_date
from supervisor.core import instructions
from supervisor.core.cadences import deadline_instant
from supervisor.core.ladder_papers import number_of
from supervisor.models import LadderStep, Matter


@dataclass(frozen=True)
class EarlierStep:
    """One recorded step about a unit, as a draft shows it and as a circular's file keeps it."""

    at: datetime
    words: str

    @property
    def kept(self) -> str:
        """Day and words, for the file."""
        return f"{beijing_date(self.at)} {self.words}"


def newest_against(programme_id: int, unit_id: int, first: date, until: datetime) -> EarlierStep | None:
    """The newest step on record about a unit from a day on until a moment; None where nothing was done."""
    found = [
        EarlierStep(row.recorded_at, row.text)
        for row in instructions.steps_against(programme_id, unit_id, first, until)
    ]
    papers = (
        LadderStep.select(LadderStep, Matter)
        .join(Matter)
        .where(
            (LadderStep.programme == programme_id)
            & (Matter.unit == unit_id)
            & (LadderStep.decided_at >= deadline_instant(first - timedelta(days=1)))
            & (LadderStep.decided_at <= until)
        )
    )
    found += [EarlierStep(row.decided_at, f"{number_of(row)} {row.matter.title}") for row in papers]
    return max(found, key=lambda step: step.at, default=None)
