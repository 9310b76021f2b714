"""Problems due to be put right (整改), as facts: findings of the weekly supervision and supervised matters.

A finding is due on the day that the office set, and put right on the day on which it was marked as done. A matter on
the ladder is one problem however many papers it took: due on the last day for the answer to its first supervision
notice, and put right with the first answer that was not sent back, whatever day the office looks at it. A matter about
a finding is that finding, and counted once. Each belongs to the period in which it was due. Decisions of the monthly
dispatch are followed up like findings, and give the kind `resolution`.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

from scoring import Fact
from supervisor.clock import beijing_date
from supervisor.core.ladder_facts import NOTICES, subject_of
from supervisor.core.periods import Period
from supervisor.models import (
    InstructedUnit,
    Instruction,
    InstructionKind,
    LadderStep,
    Matter,
    Obligation,
    StepEvent,
    StepEventKind,
)
from supervisor.models.base import rows_of

KIND, RESOLUTION = "rectification", "resolution"
#: Characters of a finding that name it.
LONGEST = 120


def facts_of(programme_id: int, span: Period) -> Iterator[Fact]:
    """Everything that was due to be put right in a span, one fact for each unit and problem."""
    yield from _instructed(programme_id, span, InstructionKind.FINDING)
    yield from _matters(programme_id, span)


def resolutions_of(programme_id: int, span: Period) -> Iterator[Fact]:
    """Every decision of a monthly dispatch that was due in a span, one fact for each unit."""
    yield from _instructed(programme_id, span, InstructionKind.DECISION)


def _instructed(programme_id: int, span: Period, kind: InstructionKind) -> Iterator[Fact]:
    rows = (
        InstructedUnit.select(InstructedUnit, Instruction)
        .join(Instruction)
        .where(
            (Instruction.programme == programme_id)
            & (Instruction.kind == kind)
            & Instruction.due_on.between(span.start, span.end)
        )
        .order_by(InstructedUnit.id)
    )
    for row in rows:
        found: Instruction = row.instruction
        subject = found.text if len(found.text) <= LONGEST else found.text[: LONGEST - 1] + "…"
        yield _fact(row.unit_id, subject, kind.value, found.due_on, row.done_on, f"instructed_unit:{row.id}")


def _matters(programme_id: int, span: Period) -> Iterator[Fact]:
    query = (
        LadderStep.select(LadderStep, Matter)
        .join(Matter)
        .where((LadderStep.programme == programme_id) & LadderStep.rung.in_(list(NOTICES)))
        .order_by(LadderStep.matter, LadderStep.number)
    )
    first: dict[int, LadderStep] = {}
    for step in query:
        first.setdefault(step.matter_id, step)
    due = [step for step in first.values() if span.contains(step.answer_by)]
    findings = _about_findings([step.matter.instructed_id for step in due if step.matter.instructed_id])
    done = _put_right([step.matter for step in due])
    for step in due:
        matter: Matter = step.matter
        if matter.instructed_id not in findings:
            yield _fact(
                matter.unit_id, subject_of(step), "notice", step.answer_by, done.get(matter.id),
                f"ladder_step:{step.id}",
            )  # fmt: skip


def _about_findings(ids: list[int]) -> set[int]:
    query = InstructedUnit.select(InstructedUnit.id).join(Instruction)
    findings = InstructedUnit.id.in_(ids) & (Instruction.kind == InstructionKind.FINDING)
    return {key for (key,) in rows_of(query.where(findings))}


def _put_right(matters: list[Matter]) -> dict[int, date]:
    """By matter the day on which it was put right: an answer that holds, the report owed, or crossed off."""
    days: dict[int, list[date]] = {
        matter.id: [beijing_date(matter.closed_at)] if matter.closed_at else [] for matter in matters
    }
    events = (
        StepEvent.select(StepEvent.kind, StepEvent.number, StepEvent.at, StepEvent.step, LadderStep.matter)
        .join(LadderStep)
        .where(LadderStep.matter.in_(sorted(days)))
        .order_by(StepEvent.id)
    )
    answers: dict[tuple[int, int], tuple[int, date]] = {}
    for kind, number, at, step_id, matter_id in rows_of(events):
        if kind is StepEventKind.ANSWERED:
            answers[step_id, number] = (matter_id, beijing_date(at))
        elif kind is StepEventKind.SENT_BACK:
            answers.pop((step_id, number), None)
    for matter_id, day in answers.values():
        days[matter_id].append(day)
    owed = {matter.obligation_id: matter.id for matter in matters if matter.obligation_id is not None}
    handed_in = Obligation.select(Obligation.id, Obligation.first_submitted_at).where(
        Obligation.id.in_(sorted(owed)) & Obligation.first_submitted_at.is_null(is_null=False)
    )
    for key, at in rows_of(handed_in):
        days[owed[key]].append(beijing_date(at))
    return {key: min(some) for key, some in days.items() if some}


def _fact(unit_id: int, subject: str, origin: str, due: date, done: date | None, record: str) -> Fact:
    return Fact(
        RESOLUTION if origin == InstructionKind.DECISION else KIND,
        str(unit_id),
        subject,
        {
            "on_time": done is not None and done <= due,
            "due": due.isoformat(),
            "done": done.isoformat() if done else None,
            "origin": origin,
        },
        record,
    )
