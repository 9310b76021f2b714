"""What becomes of a step: the unit signs and answers with evidence, the office reviews and crosses off (销号)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from peewee import fn

from supervisor.clock import beijing_date
from supervisor.core import attachments, audit, events, matters, messages, people
from supervisor.core.days import day_words
from supervisor.core.ladder import receivers
from supervisor.core.ladder_papers import FARTHEST, LONG, SHORT, number_of
from supervisor.core.message_events import MessageEvent
from supervisor.core.message_fields import Value
from supervisor.core.permissions import Actor, Permission
from supervisor.database import transactional
from supervisor.errors import Invalid, NotFound, Obstacle, Refused
from supervisor.models import LadderStep, Matter, MatterSource, MatterState, Rung, StepEvent, StepEventKind
from supervisor.words import N_, Sentence

#: The page has a result of the matter beside that of the talk.
_FIELDS = {"result": "talk_result"}


@dataclass(frozen=True)
class Talk:
    """The record (纪要) of a formal talk."""

    held_on: date | None
    place: str
    present: str
    minutes: str
    result: str


@transactional
def sign(step: LadderStep, *, by: Actor, now: datetime) -> StepEvent:
    """The unit signs for its newest paper: who and when stand on the reply slip."""
    matter = _of_unit(step, by)
    _newest(step, matter)
    if matter.state is not MatterState.ISSUED:
        raise Refused(N_("This paper has been signed for already."))
    event = _happen(step, StepEventKind.SIGNED, "", by, now)
    matters.move(matter, state=MatterState.SIGNED)
    audit.record(by, "ladder.sign", step, now=now)
    return event


@transactional
def answer(step: LadderStep, words: str, files: Sequence[int], *, by: Actor, now: datetime) -> StepEvent:
    """The unit answers with evidence; the office is told. Refused before the paper is signed for."""
    matter = _of_unit(step, by)
    _newest(step, matter)
    if matter.state is MatterState.ISSUED:
        raise Refused(N_("Sign for the paper first."), [Obstacle(N_("See the matter"), _page(matter))])
    if matter.state not in {MatterState.SIGNED, MatterState.SENT_BACK}:
        raise Refused(N_("No answer is waited for."))
    if wrong := _wrong(words, N_("Say what was done and how far it is.")):
        raise Invalid(N_("The answer was not sent."), {"words": wrong})
    event = _happen(step, StepEventKind.ANSWERED, words.strip(), by, now)
    attachments.link(files, by=by, step_event=event)
    matters.move(matter, state=MatterState.ANSWERED)
    audit.record(by, "ladder.answer", step, now=now, after={"files": list(files)}, reason=words.strip())
    messages.notify(
        event=events.STEP_ANSWERED,
        key=f"ladder:{step.id}:answer:{event.number}",
        to=people.office_of(matter.programme_id, beijing_date(now)),
        fields={
            "number": number_of(step),
            "unit": matter.unit.name,
            "title": matter.title,
            "text": words.strip()[:SHORT],
        },
        link=_page(matter),
        programme_id=matter.programme_id,
        unit_id=matter.unit_id,
        about=matter.id,
        now=now,
    )
    return event


@transactional
def review(
    step: LadderStep, *, accept: bool, words: str, answer_by: date | None, by: Actor, now: datetime
) -> StepEvent:
    """Accept the unit's answer, or send it back with a reason and a new day; the unit is told."""
    matter = _of_office(step.matter_id, by)
    _newest(step, matter)
    if matter.state is not MatterState.ANSWERED:
        raise Refused(N_("There is no answer to be reviewed."))
    mistakes: dict[str, Sentence] = {}
    if not accept and (wrong := _wrong(words, N_("Say what is missing: the unit reads it."))):
        mistakes["verdict_words"] = wrong
    today = beijing_date(now)
    if not accept and (answer_by is None or not today <= answer_by <= today + FARTHEST):
        mistakes["verdict_by"] = N_("Name a day from today on.")
    if mistakes:
        raise Invalid(N_("Nothing was decided."), mistakes)
    kind = StepEventKind.ACCEPTED if accept else StepEventKind.SENT_BACK
    details = {} if accept or answer_by is None else {"answer_by": answer_by.isoformat()}
    event = _happen(
        step, kind, words.strip(), by, now, number=_count(step, StepEventKind.ANSWERED), **details
    )
    state = MatterState.ACCEPTED if accept else MatterState.SENT_BACK
    matters.move(matter, state=state, answer_due_on=None if accept else answer_by)
    audit.record(
        by, "ladder.review", step, now=now, after={"accepted": accept} | details, reason=words.strip()
    )
    fields: dict[str, Value] = {"number": number_of(step), "title": matter.title, "reason": words.strip()}
    if answer_by is not None and not accept:
        fields["day"] = day_words(answer_by)
    told = events.STEP_ACCEPTED if accept else events.STEP_SENT_BACK
    _tell_unit(told, matter, f"ladder:{step.id}:verdict:{event.number}", fields, now)
    return event


@transactional
def record_talk(step: LadderStep, talk: Talk, *, by: Actor, now: datetime) -> StepEvent:
    """Keep the record of a formal talk: when, where, who was there, what was said, with which result."""
    matter = _of_office(step.matter_id, by)
    if step.rung is not Rung.TALK or matter.state is MatterState.CLOSED:
        raise NotFound
    if _count(step, StepEventKind.TALKED):
        raise Refused(N_("The talk is on record already."))
    fields: dict[str, Sentence] = {}
    if (
        talk.held_on is None
        or talk.held_on > beijing_date(now)
        or talk.held_on < beijing_date(step.decided_at)
    ):
        fields["held_on"] = N_("The day of the talk: from the paper's day until today.")
    for name, longest in (("place", SHORT), ("present", SHORT), ("minutes", LONG), ("result", SHORT)):
        text = getattr(talk, name).strip()
        if not text:
            fields[_FIELDS.get(name, name)] = N_("This may not be empty.")
        elif len(text) > longest:
            fields[_FIELDS.get(name, name)] = N_("At most %(n)s characters.", n=longest)
    if fields or talk.held_on is None:
        raise Invalid(N_("Nothing was recorded."), fields)
    event = _happen(
        step, StepEventKind.TALKED, talk.minutes.strip(), by, now, held_on=talk.held_on.isoformat(),
        place=talk.place.strip(), present=talk.present.strip(), result=talk.result.strip(),
    )  # fmt: skip
    audit.record(by, "ladder.talk", step, now=now, after=event.details, reason=event.words)
    return event


@transactional
def close(matter: Matter, result: str, *, by: Actor, now: datetime) -> None:
    """Cross a matter off (销号) with its result; the unit is told.

    Refused while an answer is waited for or unread, unless what it is about is no longer owed; while a report that
    steps were taken about is owed, whatever was answered; and while a talk has no record.
    """
    matter = _of_office(matter.id, by)
    if matter.state is MatterState.CLOSED:
        raise Refused(N_("The matter has been crossed off."))
    if wrong := _wrong(result, N_("Say how it ended: the unit reads it.")):
        raise Invalid(N_("The matter stays open."), {"result": wrong})
    done = matters.thing_of(f"matter:{matter.id}", by).settled is not None
    if not done and is_owed_still(matter):
        raise Refused(
            N_("The report that it is about is still owed: an answer does not take its place."),
            [Obstacle(N_("See the report: it is handed in, or waived"), matters.origin_of(matter))],
        )
    if matter.state not in {MatterState.ACCEPTED, MatterState.OPENED} and not done:
        raise Refused(
            N_("Its newest step has no accepted answer, and what it is about is still owed."),
            [Obstacle(N_("Review the answer, or wait for it"), _page(matter))],
        )
    newest = newest_step(matter)
    for step in LadderStep.select().where((LadderStep.matter == matter) & (LadderStep.rung == Rung.TALK)):
        if not _count(step, StepEventKind.TALKED):
            raise Refused(N_("The talk is not on record yet."), [Obstacle(N_("Record it"), _page(matter))])
    matters.move(
        matter, state=MatterState.CLOSED, open_key=None, answer_due_on=None, closed_at=now, closed_by=by.user_id,
        result=result.strip(),
    )  # fmt: skip
    audit.record(
        by, "matter.close", matter, now=now, after={"state": MatterState.CLOSED}, reason=result.strip()
    )
    if newest is not None:
        fields = {"number": number_of(newest), "title": matter.title, "reason": result.strip()}
        _tell_unit(events.MATTER_CLOSED, matter, f"ladder:closed:{matter.id}", fields, now)


def is_owed_still(matter: Matter) -> bool:
    """Whether a matter is about a report that nothing but the report settles; ask where it is not settled.

    What was taken up without any step is the office's own note, and goes as it came.
    """
    return matter.source is MatterSource.REPORT and matter.steps > 0


def newest_step(matter: Matter) -> LadderStep | None:
    """The step that stands; None where none was taken."""
    found: LadderStep | None = (
        LadderStep.select().where(LadderStep.matter == matter).order_by(LadderStep.number.desc()).first()
    )
    return found


def _of_unit(step: LadderStep, by: Actor) -> Matter:
    by.require(Permission.LADDER_ANSWER)
    matter = matters.get_visible(step.matter_id, by)
    if matter.unit_id not in by.unit_ids:
        raise NotFound
    return matter


def _of_office(matter_id: int, by: Actor) -> Matter:
    by.require(Permission.LADDER_DECIDE)
    matter = matters.get_visible(matter_id, by)
    if matter.unit_id in by.unit_ids:
        raise Refused(N_("Nobody decides for their own unit."))
    return matter


def _newest(step: LadderStep, matter: Matter) -> None:
    if step.number != matter.steps:
        raise Refused(
            N_("A newer step has taken this one's place."), [Obstacle(N_("See the matter"), _page(matter))]
        )


def _happen(
    step: LadderStep,
    kind: StepEventKind,
    words: str,
    by: Actor,
    now: datetime,
    *,
    number: int = 0,
    **details: str,
) -> StepEvent:
    row: StepEvent = StepEvent.create(
        step=step, kind=kind, number=number or _count(step, kind) + 1, at=now, by=by.user_id, by_name=by.name,
        words=words, details=details,
    )  # fmt: skip
    return row


def _count(step: LadderStep, kind: StepEventKind) -> int:
    of_kind = (StepEvent.step == step) & (StepEvent.kind == kind)
    return StepEvent.select(fn.MAX(StepEvent.number)).where(of_kind).scalar() or 0


def _wrong(words: str, missing: Sentence) -> Sentence | None:
    if not words.strip():
        return missing
    return N_("At most %(n)s characters.", n=LONG) if len(words.strip()) > LONG else None


def _page(matter: Matter) -> str:
    return f"/p/{matter.programme_id}/matters/{matter.id}"


def _tell_unit(
    event: MessageEvent, matter: Matter, key: str, fields: Mapping[str, Value], now: datetime
) -> None:
    messages.notify(
        event=event,
        key=key,
        to=receivers(matter, now),
        fields=fields,
        link=_page(matter),
        programme_id=matter.programme_id,
        unit_id=matter.unit_id,
        about=matter.id,
        now=now,
    )
