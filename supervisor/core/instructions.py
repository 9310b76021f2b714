"""Instructions (交办事项): findings of weekly supervision and decisions of monthly dispatch, followed up until done."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from peewee import ModelSelect

from supervisor.clock import beijing_date
from supervisor.core import audit, events, messages, people, tasks
from supervisor.core.days import day_words
from supervisor.core.permissions import Actor, Permission
from supervisor.database import transactional
from supervisor.errors import Invalid, NotFound, Refused
from supervisor.models import (
    InstructedUnit,
    Instruction,
    InstructionKind,
    Programme,
    Task,
    Unit,
)
from supervisor.words import N_, Sentence

LONGEST = 2000
#: In the words of which event each kind is told.
TELLS = {
    InstructionKind.FINDING: events.FINDING_RECORDED,
    InstructionKind.DECISION: events.DECISION_RECORDED,
}
WRITES = {
    InstructionKind.FINDING: Permission.FINDING_WRITE,
    InstructionKind.DECISION: Permission.DISPATCH_EDIT,
}


@dataclass(frozen=True)
class Wanted:
    """What is to be recorded: words, units, the last day, and the task it is about (if one)."""

    text: str
    unit_ids: Sequence[int]
    due_on: date | None
    task_id: int | None = None


@transactional
def record(
    programme: Programme, kind: InstructionKind, period: str, wanted: Wanted, *, by: Actor, now: datetime
) -> Instruction:
    """Record a finding or a decision; the units named are told.

    Raises Invalid for missing words, units or day, a day that is past, a unit or task of elsewhere.
    """
    by.require(WRITES[kind])
    units = list(
        Unit.select().where(
            Unit.id.in_(list(wanted.unit_ids)) & (Unit.jurisdiction == programme.jurisdiction_id)
        )
    )
    wrong = _wrong(wanted, units, beijing_date(now))
    if wanted.task_id is not None and not tasks.visible_to(by).where(Task.id == wanted.task_id).exists():
        wrong["task"] = N_("Choose a task of the list.")
    if wrong or wanted.due_on is None:
        raise Invalid(N_("Nothing was recorded."), wrong)
    made = Instruction.create(
        programme=programme, kind=kind, period=period, text=wanted.text.strip(), task=wanted.task_id,
        due_on=wanted.due_on, recorded_at=now, recorded_by=by.user_id, by_name=by.name,
    )  # fmt: skip
    InstructedUnit.insert_many([{"instruction": made.id, "unit": unit.id} for unit in units]).execute()
    after = {
        "period": period,
        "units": [u.id for u in units],
        "due_on": wanted.due_on,
        "task": wanted.task_id,
    }
    action = "finding.record" if kind is InstructionKind.FINDING else "decision.record"
    audit.record(by, action, made, now=now, after=after, reason=made.text)
    told = people.liaisons_of([unit.id for unit in units], programme.id, beijing_date(now))
    messages.notify(
        event=TELLS[kind],
        key=f"instruction:{made.id}",
        to=[person for found in told.values() for person in found],
        fields={"text": made.text, "day": day_words(made.due_on)},
        link=f"/p/{programme.id}/instructions",
        programme_id=programme.id,
        about=made.id,
        now=now,
    )
    return made


def _wrong(wanted: Wanted, units: Sequence[Unit], today: date) -> dict[str, Sentence]:
    wrong: dict[str, Sentence] = {}
    if not wanted.text.strip():
        wrong["text"] = N_("Write down what it is about.")
    elif len(wanted.text) > LONGEST:
        wrong["text"] = N_("At most %(n)s characters.", n=LONGEST)
    if not units or len(units) != len(set(wanted.unit_ids)):
        wrong["units"] = N_("Choose at least one unit of the list.")
    if wanted.due_on is None or wanted.due_on < today:
        wrong["due_on"] = N_("Name a day from today on.")
    return wrong


@transactional
def follow_up(part: InstructedUnit, note: str, *, done: bool, by: Actor, now: datetime) -> None:
    """Note how far a unit is with its part, or that it is done."""
    instruction: Instruction = part.instruction
    by.require(WRITES[instruction.kind])
    if instruction.programme_id != by.programme_id:
        raise NotFound
    if not note.strip() or len(note) > LONGEST:
        raise Invalid(N_("Nothing was recorded."), {"note": N_("Say in a few words how far it is.")})
    open_part = (InstructedUnit.id == part.id) & InstructedUnit.done_on.is_null()
    after = {"note": note.strip(), "done_on": beijing_date(now) if done else None}
    if not InstructedUnit.update(**after).where(open_part).execute():
        raise Refused(N_("This was marked as done meanwhile."))
    audit.record(by, "instruction.follow_up", instruction, now=now, before={"note": part.note}, after=after)


def visible_to(actor: Actor) -> ModelSelect[InstructedUnit]:
    """The parts of instructions a person may see: all of the programme, or their own units'."""
    query = (
        InstructedUnit.select(InstructedUnit, Instruction, Unit)
        .join(Instruction)
        .switch(InstructedUnit)
        .join(Unit)
        .where(Instruction.programme == actor.programme_id)
    )
    return query if actor.sees_all else query.where(InstructedUnit.unit.in_(sorted(actor.unit_ids)))


def get_part(part_id: int, actor: Actor) -> InstructedUnit:
    """One unit's part; NotFound when there is none that this person may see."""
    row: InstructedUnit | None = visible_to(actor).where(InstructedUnit.id == part_id).first()
    if row is None:
        raise NotFound
    return row


def of_periods(actor: Actor, kind: InstructionKind, periods: Iterable[str]) -> list[InstructedUnit]:
    """The parts recorded in these weeks or months, in the order of recording and of the units."""
    here = (Instruction.kind == kind) & Instruction.period.in_(list(periods))
    return list(visible_to(actor).where(here).order_by(Instruction.id, Unit.sort, Unit.id))


def still_open(actor: Actor, kind: InstructionKind, *, before: str) -> list[InstructedUnit]:
    """Parts of earlier weeks or months that are not done, soonest due first."""
    here = (Instruction.kind == kind) & (Instruction.period < before) & InstructedUnit.done_on.is_null()
    return list(
        visible_to(actor).where(here).order_by(Instruction.due_on, Instruction.id, Unit.sort, Unit.id)
    )


def newest(actor: Actor, limit: int = 100) -> list[InstructedUnit]:
    """What is open first, then the newest."""
    done = InstructedUnit.done_on.is_null(is_null=False)
    return list(visible_to(actor).order_by(done, Instruction.due_on, Instruction.id).limit(limit))


def steps_against(programme_id: int, unit_id: int, first: date, until: datetime) -> list[Instruction]:
    """What was recorded about a unit from a day on until a moment: the earlier step that D22 asks for."""
    rows = (
        Instruction.select(Instruction)
        .join(InstructedUnit)
        .where(
            (Instruction.programme == programme_id)
            & (InstructedUnit.unit == unit_id)
            & (Instruction.recorded_at <= until)
        )
        .order_by(Instruction.id)
    )
    return [row for row in rows if beijing_date(row.recorded_at) >= first]
