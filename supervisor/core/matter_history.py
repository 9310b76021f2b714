"""The history of a matter: reminders, steps, what became of them, what leaders decided, in order of time."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

from supervisor.core import circulars, ladder_reminders
from supervisor.core.circular_proposals import BEHIND
from supervisor.core.ladder import kind_of
from supervisor.core.ladder_papers import number_of
from supervisor.core.reminder_stages import stage_words
from supervisor.models import (
    Attachment,
    Channel,
    Circular,
    Decision,
    LadderStep,
    LeftProposal,
    Matter,
    Message,
    Reminder,
    Rung,
    StepEvent,
    User,
)
from supervisor.words import N_, Sentence


@dataclass(frozen=True)
class Moment:
    """One point of a matter's time line."""

    at: datetime
    #: reminder, opened, step, event, circular, decision, left, closed: how it is drawn.
    kind: str
    what: Sentence
    who: str = ""
    words: str = ""
    rung: Rung | None = None
    step: LadderStep | None = None
    number: str = ""
    files: Sequence[Attachment] = ()
    details: Mapping[str, Any] = field(default_factory=dict)
    #: Application path to what `number` names, where that is no paper of a step.
    link: str = ""


def time_line(matter: Matter, steps: Sequence[LadderStep], *, inner: bool) -> list[Moment]:
    """Everything about a matter in order of time: reminders sent, steps, what became of them, the end.

    `inner`: also what the office left and what leaders decided, which units do not read.
    """
    names = {row.id: row.name for row in User.select(User.id, User.name).where(User.id.in_(_people(matter)))}
    moments = [
        *_reminders(matter),
        *_answer_reminders(matter),
        *(
            Moment(
                step.decided_at, "step", step.rung.label, step.by_name, step.reason, step.rung, step, number_of(step)
            )
            for step in steps
        ),
        *_events(steps),
        *_circulars(matter, steps),
    ]  # fmt: skip
    if not steps or steps[0].decided_at != matter.opened_at:
        moments.append(Moment(matter.opened_at, "opened", N_("Taken up"), names.get(matter.opened_by, "")))
    if inner:
        moments += [*_decisions(matter), *_left(matter)]
    if matter.closed_at is not None:
        closed_by = names.get(matter.closed_by or 0, "")
        moments.append(Moment(matter.closed_at, "closed", N_("Crossed off"), closed_by, matter.result))
    return sorted(moments, key=lambda one: (one.at, _ORDER.index(one.kind)))


_ORDER = ["reminder", "opened", "decision", "left", "step", "event", "circular", "closed"]


def _people(matter: Matter) -> list[int]:
    return [one for one in (matter.opened_by, matter.closed_by) if one]


def _reminders(matter: Matter) -> list[Moment]:
    """Reminders of the report that went out: one line a stage, with who was told."""
    if matter.obligation_id is None:
        return []
    query = (
        Reminder.select(Reminder, User.name)
        .join(User)
        .where(
            (Reminder.obligation == matter.obligation_id)
            & (Reminder.channel == Channel.INBOX)
            & Reminder.cancelled_at.is_null()
            & Reminder.message.is_null(is_null=False)  # the others were taken in by a later stage
        )
    )
    stages: dict[tuple[int, str], list[Reminder]] = defaultdict(list)
    for row in query.order_by(Reminder.created_at, Reminder.id):
        stages[row.schedule_version, row.stage].append(row)
    return [
        Moment(
            rows[0].created_at, "reminder",
            N_("Reminded: %(stage)s", stage=stage_words(stage)), "、".join(row.recipient.name for row in rows),
        )
        for (_version, stage), rows in stages.items()
    ]  # fmt: skip


def _answer_reminders(matter: Matter) -> list[Moment]:
    """Reminders of the answers that steps wait for: one line each, with who was told."""
    key = ladder_reminders.key_of(matter)
    # A range and no LIKE: the index of keys serves it on both databases.
    mine = (
        (Message.key >= key)
        & (Message.key < f"{key.removesuffix(':')};")
        & (Message.channel == Channel.INBOX)
    )
    told: dict[str, list[Message]] = defaultdict(list)
    for row in Message.select(Message, User).join(User).where(mine).order_by(Message.created_at, Message.id):
        told[ladder_reminders.stage_of(row.key)].append(row)
    return [
        Moment(
            rows[0].created_at, "reminder",
            N_("Reminded of the answer: %(stage)s", stage=ladder_reminders.words_of(stage)),
            "、".join(row.person.name for row in rows),
        )
        for stage, rows in told.items()
    ]  # fmt: skip


def _events(steps: Sequence[LadderStep]) -> list[Moment]:
    by_id = {step.id: step for step in steps}
    rows = list(StepEvent.select().where(StepEvent.step.in_(list(by_id))).order_by(StepEvent.id))
    files: dict[int, list[Attachment]] = defaultdict(list)
    for file in (
        Attachment.select().where(Attachment.step_event.in_([row.id for row in rows])).order_by(Attachment.id)
    ):
        files[file.step_event_id or 0].append(file)
    return [
        Moment(
            row.at, "event", row.kind.label, row.by_name, row.words, step=by_id[row.step_id],
            number=number_of(by_id[row.step_id]), files=files.get(row.id, ()), details=_with_days(row.details),
        )
        for row in rows
    ]  # fmt: skip


def _circulars(matter: Matter, steps: Sequence[LadderStep]) -> list[Moment]:
    """Issued circulars that name the unit as behind and stand on a step of this matter (D22)."""
    numbers = [number_of(step) for step in steps]
    if not numbers:
        return []
    since = Circular.issued_at >= steps[0].decided_at
    rows = Circular.select().where((Circular.programme == matter.programme_id) & since).order_by(Circular.id)
    return [
        Moment(
            row.issued_at, "circular", N_("Named as behind in a circular"), words=one["reason"],
            number=circulars.number_words(row), link=f"/p/{row.programme_id}/circulars/{row.id}",
        )
        for row in rows
        for one in row.named
        if row.issued_at is not None
        and one["unit"] == matter.unit_id
        and one["side"] == BEHIND
        and any(f" {number} " in f"{one.get('step', '')} " for number in numbers)
    ]  # fmt: skip


def _with_days(details: Mapping[str, str]) -> dict[str, Any]:
    days = {"answer_by", "held_on"}
    return {name: date.fromisoformat(value) if name in days else value for name, value in details.items()}


def _decisions(matter: Matter) -> list[Moment]:
    """What leaders were asked and said about doing without an earlier step."""
    kinds = [kind_of(rung) for rung in Rung]
    here = (Decision.programme == matter.programme_id) & Decision.kind.in_(kinds)
    found = []
    for row in Decision.select().where(here & (Decision.subject_id == matter.id)).order_by(Decision.id):
        rung = Rung(row.kind.removeprefix("ladder_"))
        asked = N_("A leader is asked to let a step pass: %(step)s", step=rung.label)
        found.append(Moment(row.proposed_at, "decision", asked, "", row.reason))
        if row.decided_at is not None:
            said = N_("The leader approved: %(step)s", step=rung.label)
            if not row.approved:
                said = N_("The leader refused: %(step)s", step=rung.label)
            found.append(Moment(row.decided_at, "decision", said, "", row.decision))
    return found


def _left(matter: Matter) -> list[Moment]:
    keys = [f"matter:{matter.id}"]
    ids = {"report": matter.obligation_id, "task": matter.assignment_id, "instruction": matter.instructed_id}
    keys += [f"{name}:{number}" for name, number in ids.items() if number]
    here = (LeftProposal.programme == matter.programme_id) & LeftProposal.about.in_(keys)
    return [
        Moment(
            row.at, "left",
            N_("Proposal left: %(step)s", step=row.rung.label)
            if row.until_on is None
            else N_("Proposal put off: %(step)s", step=row.rung.label),
            row.by_name, row.reason,
        )
        for row in LeftProposal.select().where(here).order_by(LeftProposal.id)
    ]  # fmt: skip
