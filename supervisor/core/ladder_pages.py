"""What pages of the ladder show: the list of matters, one matter's time line, a paper with its reply slip."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from supervisor.clock import beijing, beijing_date
from supervisor.core import audit, ladder_proposals, matters, programmes
from supervisor.core.calendar import load_calendar
from supervisor.core.exports import File
from supervisor.core.ladder import WAITING, excuse_of, stands_on, waits_until
from supervisor.core.ladder_answers import is_owed_still
from supervisor.core.ladder_papers import clock_words, steps_of
from supervisor.core.matter_history import Moment, time_line
from supervisor.core.permissions import Actor, Permission
from supervisor.database import transactional
from supervisor.documents.ladder_paper import PaperContent, Slip
from supervisor.documents.official_docx import write_official_docx
from supervisor.documents.official_paper import day_words
from supervisor.models import (
    LadderStep,
    LocalSettings,
    Matter,
    MatterState,
    Rung,
    StepEvent,
    StepEventKind,
)
from supervisor.words import Sentence

DOCX = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"
#: Matters on one page.
PAGE = 50
#: What the list can be narrowed to beside the single states.
OPEN, LATE, ALL = "open", "late", "all"


@dataclass(frozen=True)
class Filter:
    """What is wanted of the list; the open matters unless told."""

    state: str = OPEN
    rung: str = ""
    unit_id: int | None = None

    @classmethod
    def read(cls, args: Mapping[str, str]) -> Filter:
        """From an address; what makes no sense is left out."""
        state, rung, unit = args.get("state", OPEN), args.get("rung", ""), args.get("unit", "")
        known = {OPEN, LATE, ALL, *(one.value for one in MatterState)}
        return cls(
            state if state in known else OPEN,
            rung if rung in {one.value for one in Rung} else "",
            int(unit) if unit.isascii() and unit.isdigit() and len(unit) < 10 else None,
        )


@dataclass(frozen=True)
class Page:
    """Some of the matters that fit, newest first, how many fit in all, and where the next page begins."""

    rows: Sequence[Matter]
    all: int
    following: int | None = None


def read_page(actor: Actor, wanted: Filter, *, today: date, before: int | None = None) -> Page:
    """A page of the matters this person may see; two queries."""
    query = matters.visible_to(actor)
    if wanted.state == OPEN:
        query = query.where(Matter.state != MatterState.CLOSED)
    elif wanted.state == LATE:
        query = query.where(Matter.state.in_(WAITING) & (Matter.answer_due_on < today))
    elif wanted.state != ALL:
        query = query.where(Matter.state == wanted.state)
    if wanted.rung:
        query = query.where(Matter.rung == wanted.rung)
    if wanted.unit_id is not None:
        query = query.where(Matter.unit == wanted.unit_id)
    count = query.count()
    if before is not None:
        query = query.where(Matter.id < before)
    rows = list(query.order_by(Matter.id.desc()).limit(PAGE + 1))
    return Page(rows[:PAGE], count, rows[PAGE - 1].id if len(rows) > PAGE else None)


def is_late(matter: Matter, today: date) -> bool:
    """Whether the unit's answer is overdue."""
    return matter.state in WAITING and matter.answer_due_on is not None and matter.answer_due_on < today


def to_do(actor: Actor, *, limit: int) -> list[Matter]:
    """What a unit has to sign for or to answer, the soonest first."""
    waiting = Matter.state.in_(WAITING) & Matter.unit.in_(sorted(actor.unit_ids))
    return list(
        matters.visible_to(actor).where(waiting).order_by(Matter.answer_due_on, Matter.id).limit(limit)
    )


@dataclass(frozen=True)
class Waits:
    """What of the ladder waits for the office: steps proposed, answers to review, matters that may be crossed off."""

    proposed: int
    answered: int
    to_close: int


def waits(actor: Actor, *, now: datetime) -> Waits:
    """Counted from what is due."""
    programme_id = actor.programme_id or 0
    rows = ladder_proposals.open_with_origin(programme_id)
    return Waits(
        len(ladder_proposals.read(programme_id, now=now, opened=rows)),
        sum(row.state is MatterState.ANSWERED for row in rows),
        sum(
            ladder_proposals.is_settled(row) or (row.state is MatterState.ACCEPTED and not is_owed_still(row))
            for row in rows
            if row.steps
        ),
    )


# One matter ------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class MatterPage:
    """One matter with all that is known of it."""

    matter: Matter
    steps: Sequence[LadderStep]
    moments: Sequence[Moment]
    #: The step that stands, and what its paper says.
    step: LadderStep | None
    paper: PaperContent | None
    #: Whether what it is about is owed no longer.
    settled: Sentence | None
    #: The talk that has no record yet.
    talk: LadderStep | None
    #: Application path to the record that it is about.
    origin: str
    #: What the unit last answered.
    answer: Moment | None

    @property
    def waits_for_report(self) -> bool:
        """Whether an answer was accepted and the report that it is about is owed all the same."""
        return (
            self.settled is None and self.matter.state is MatterState.ACCEPTED and is_owed_still(self.matter)
        )

    @property
    def may_close(self) -> bool:
        """Whether it may be crossed off as it stands."""
        ends = self.matter.state in {MatterState.ACCEPTED, MatterState.OPENED} and not self.waits_for_report
        return self.matter.state is not MatterState.CLOSED and (self.settled is not None or ends)


def read_matter(matter: Matter, actor: Actor) -> MatterPage:
    """One matter's page in a fixed number of queries."""
    steps = steps_of(matter)
    moments = time_line(matter, steps, inner=actor.sees_all)
    newest = steps[-1] if steps else None
    talked = {one.step.id for one in moments if one.step and one.what == StepEventKind.TALKED.label}
    talks = [step for step in steps if step.rung is Rung.TALK and step.id not in talked]
    answers = [one for one in moments if one.what == StepEventKind.ANSWERED.label and one.step == newest]
    thing = matters.thing_of(f"matter:{matter.id}", actor) if actor.sees_all else None
    return MatterPage(
        matter, steps, moments, newest, PaperContent.read(newest.content) if newest else None,
        thing.settled if thing and matter.state is not MatterState.CLOSED else None,
        talks[0] if talks and matter.state is not MatterState.CLOSED else None, matters.origin_of(matter),
        answers[-1] if answers else None,
    )  # fmt: skip


def open_rungs(read: MatterPage, settings: LocalSettings, today: date) -> list[Rung]:
    """The steps that may be taken about a matter now: on an earlier one that had its time, or let pass by a leader."""
    matter, taken = read.matter, {step.rung for step in read.steps}
    if matter.state is MatterState.CLOSED or read.settled is not None:
        return []
    return [
        rung
        for rung in Rung
        if (rung is Rung.URGE or rung not in taken)
        and (_is_free(read, rung, settings, today) or excuse_of(matter, rung))
    ]


def _is_free(read: MatterPage, rung: Rung, settings: LocalSettings, today: date) -> bool:
    return stands_on(read.steps, rung, settings, today) and waits_until(read.matter, rung, today) is None


def proposed_answer_by(programme_id: int, today: date) -> date:
    """The day proposed for another answer: the local setting's working days from today."""
    settings = programmes.settings_on(programme_id, today)
    return load_calendar().add_workdays(today, settings.ladder_answer_workdays)


# The paper -------------------------------------------------------------------------------------------------


def slip_of(step: LadderStep) -> Slip:
    """The reply slip as far as it is filled."""
    said: dict[StepEventKind, StepEvent] = {}
    for row in StepEvent.select().where(StepEvent.step == step).order_by(StepEvent.id):
        said[row.kind] = row
    signed, answer = said.get(StepEventKind.SIGNED), said.get(StepEventKind.ANSWERED)
    verdicts = [said[kind] for kind in (StepEventKind.ACCEPTED, StepEventKind.SENT_BACK) if kind in said]
    verdict = max(verdicts, key=lambda row: row.id, default=None)
    matter: Matter = step.matter
    done = matter.closed_at is not None and step.number == matter.steps
    return Slip(
        signed_by=signed.by_name if signed else "",
        signed_at=_moment_words(signed.at) if signed else "",
        answer=answer.words if answer else "",
        answered_at=_moment_words(answer.at) if answer else "",
        verdict=_verdict(verdict) if verdict else "",
        cleared=f"{_moment_words(matter.closed_at)} {matter.result}" if done and matter.closed_at else "",
    )


def _verdict(row: StepEvent) -> str:
    word = "审核通过" if row.kind is StepEventKind.ACCEPTED else "退回"
    return f"{word}：{row.words}（{row.by_name}）" if row.words else f"{word}（{row.by_name}）"


def _moment_words(at: datetime) -> str:
    local = beijing(at)
    return f"{day_words(beijing_date(at).isoformat())}{clock_words(local.time().replace(second=0, microsecond=0))}"


def export(step: LadderStep, *, public: bool, by: Actor, now: datetime) -> File:
    """A step's paper as .docx; the public version hides telephone numbers. Audited."""
    by.require(Permission.LADDER_READ)
    content = PaperContent.read(step.content)
    _record_export(step, by, now, public=public)
    made = content.public() if public else content
    slip = Slip() if public else slip_of(step)
    name = f"{content.number}{content.name}{'（公开）' if public else ''}.docx"
    return File(name, write_official_docx(made.official(slip), step.decided_at), DOCX)


@transactional
def _record_export(step: LadderStep, by: Actor, now: datetime, *, public: bool) -> None:
    audit.record(by, "export.ladder_step", step, now=now, after={"public": public, "sha256": step.sha256})
