"""Steps of the ladder: taken by a named person with a reason, each on the one before, numbered without a gap (D22).

Nothing here happens by itself: rules propose (`ladder_proposals`), a person decides. Of two offices that urge about
the same matter at one moment one wins and the other is told, because a programme's steps are taken one after another.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import date, datetime

from supervisor.clock import beijing_date
from supervisor.core import audit, decisions, events, issued_papers, matters, messages, people, programmes
from supervisor.core.calendar import load_calendar
from supervisor.core.days import day_words
from supervisor.core.issued_papers import Entry
from supervisor.core.ladder_papers import Wanted, check, compose, number_of, steps_of
from supervisor.core.matters import Thing
from supervisor.core.permissions import Actor, Permission
from supervisor.core.rungs import FORMS
from supervisor.database import digest, transactional
from supervisor.documents.ladder_paper import PaperContent
from supervisor.errors import Invalid, NotAllowed, NotFound, Obstacle, Refused
from supervisor.models import (
    Decision,
    LadderStep,
    LocalSettings,
    Matter,
    MatterSource,
    MatterState,
    Programme,
    Rung,
    Unit,
    User,
)
from supervisor.words import N_, Sentence

#: States in which a paper waits for the unit; a new step takes the place of the one before.
WAITING = (MatterState.ISSUED, MatterState.SIGNED, MatterState.SENT_BACK)


@transactional
def take(key: str, wanted: Wanted, *, seen: int, by: Actor, now: datetime) -> LadderStep:
    """Take a step about a thing or matter: numbered, kept as it goes out, and the unit's liaison and head are told.

    Args:
        key: what it is about, as `matters.thing_of` reads it.
        wanted: the step as written.
        seen: version of the matter that the person saw; 0 = none was open.
        by: who decides.
        now: when.

    Raises:
        Invalid: a field is missing or wrong.
        Refused: own unit, no longer owed, an earlier step missing or still to be answered, urged a moment ago,
            somebody was quicker.
    """
    by.require(Permission.LADDER_DECIDE)
    check(wanted, now)
    programme = Programme.get_by_id(by.programme_id)
    matters.hold(programme.id)
    thing = matters.thing_of(key, by)
    settings, today = programmes.settings_on(programme.id, beijing_date(now)), beijing_date(now)
    steps = steps_of(thing.matter)
    refuse_settled(thing, by)
    refuse_throttled(steps, wanted.rung, settings, today)
    if seen != (thing.matter.version if thing.matter else 0):
        raise Refused(
            N_("Somebody else has acted on this matter meanwhile."),
            [Obstacle(N_("See how it stands"), thing.link)],
        )
    excuse = refuse_skipped(thing, steps, wanted.rung, settings, today)
    matter = matters.take_up(thing, by=by, now=now)
    content = compose(wanted, thing, steps, programme=programme, now=now)
    step = _write(matter, wanted, content, steps, excuse, settings, by, now)
    matters.move(
        matter, state=MatterState.ISSUED, rung=matters.highest(matter.rung, wanted.rung), steps=step.number,
        answer_due_on=wanted.answer_by,
    )  # fmt: skip
    audit.record(
        by, "ladder.take", step, now=now, reason=step.reason,
        after={"rung": step.rung, "number": number_of(step), "matter": matter.id, "sha256": step.sha256},
    )  # fmt: skip
    _tell(matter, step, now)
    return step


def _write(
    matter: Matter, wanted: Wanted, content: PaperContent, steps: Sequence[LadderStep], excuse: Decision | None,
    settings: LocalSettings, by: Actor, now: datetime,
) -> LadderStep:  # fmt: skip
    """The step's row with the next number of its register."""
    form, programme = FORMS[wanted.rung], matter.programme
    drawn = issued_papers.draw(programme, form.register, f"{settings.ladder_word}{form.letters}", now)
    text = replace(content, number=drawn.printed, issued_on=beijing_date(now).isoformat()).to_json()
    row: LadderStep = LadderStep.create(
        programme=matter.programme_id, matter=matter, number=len(steps) + 1, rung=wanted.rung, register=drawn.series,
        year=drawn.year, register_number=drawn.number, decided_by=by.user_id, by_name=by.name, decided_at=now,
        reason=wanted.reason.strip(), rule=wanted.rule, answer_by=wanted.answer_by, excuse=excuse, content=text,
        sha256=digest(text),
    )  # fmt: skip
    kind = f"{form.name}（{form.level}）" if form.level else form.name
    link = f"/p/{matter.programme_id}/ladder/papers/{row.id}"
    entry = Entry(kind, content.title or matter.title, f"ladder_step:{row.id}", link, row.sha256)
    issued_papers.enter(programme, drawn, entry, by=by, now=now)
    return row


def verify(step: LadderStep) -> bool:
    """Whether a step's paper is what went out."""
    return digest(step.content) == step.sha256


# What stands in the way -----------------------------------------------------------------------------------


def refuse_settled(thing: Thing, by: Actor) -> None:
    """Refused for the own unit and for what is not owed any more."""
    if thing.unit.id in by.unit_ids:
        raise Refused(N_("Nobody decides for their own unit."))
    if thing.settled is not None:
        way = N_("Cross the matter off instead") if thing.matter else N_("See the record")
        raise Refused(thing.settled, [Obstacle(way, _place(thing))])


def refuse_throttled(steps: Sequence[LadderStep], rung: Rung, settings: LocalSettings, today: date) -> None:
    """Refused where the matter was urged a short while ago: who did, when, and from when on it may be again."""
    urges = [step for step in steps if step.rung is Rung.URGE]
    if rung is not Rung.URGE or not urges:
        return
    last = urges[-1]
    again = load_calendar().add_workdays(beijing_date(last.decided_at), settings.ladder_urge_every)
    if today < again:
        raise Refused(
            N_(
                "%(who)s has urged about this matter on %(day)s (%(number)s). It may be urged again from %(again)s on.",
                who=last.by_name, day=day_words(beijing_date(last.decided_at)), number=number_of(last),
                again=day_words(again),
            ),
            [Obstacle(N_("See the matter"), f"/p/{last.programme_id}/matters/{last.matter_id}")],
        )  # fmt: skip


def refuse_skipped(
    thing: Thing, steps: Sequence[LadderStep], rung: Rung, settings: LocalSettings, today: date
) -> Decision | None:
    """Refused where the step before is missing or may still be answered.

    Answers the leader's decision that does without it, where one is used.
    """
    taken = [step.rung for step in steps]
    if rung is not Rung.URGE and rung in taken:
        raise Refused(
            N_("This step has been taken already about this matter."),
            [Obstacle(N_("See the matter"), _place(thing))],
        )
    stands, waits = stands_on(steps, rung, settings, today), waits_until(thing.matter, rung, today)
    if stands and waits is None:
        return None
    excuse = excuse_of(thing.matter, rung)
    if excuse is not None:
        return excuse
    form = f"/p/{settings.programme_id}/ladder/step?about={thing.key}"
    asking = Obstacle(
        N_("Or ask a leader to let it pass, with a reason"), f"{form}&rung={rung.value}#way-out"
    )
    if stands and waits is not None:
        raise Refused(
            N_(
                "The unit may still answer the step before until %(day)s: “%(step)s” is taken after that day, or once "
                "it has answered.",
                day=day_words(waits), step=rung.label,
            ),
            [Obstacle(N_("See how it stands"), _place(thing)), asking],
        )  # fmt: skip
    wanted = FORMS[rung].earlier[0] if rung is not Rung.CRITICISM else Rung.URGE
    raise Refused(
        N_(
            "“%(step)s” stands on an earlier step, and none that counts is on record about this matter.",
            step=rung.label,
        ),
        [
            Obstacle(
                N_("Take the step before first: %(step)s", step=wanted.label), f"{form}&rung={wanted.value}"
            ),
            asking,
        ],
    )


def waits_until(matter: Matter | None, rung: Rung, today: date) -> date | None:
    """The day until which the unit may still answer the newest step, before which no higher one is taken.

    None where it has answered, the day is past, or the step is another urge, which has a throttle of its own.
    """
    if matter is None or rung is Rung.URGE or matter.state not in WAITING:
        return None
    day = matter.answer_due_on
    return day if day is not None and today <= day else None


def stands_on(steps: Sequence[LadderStep], rung: Rung, settings: LocalSettings, today: date) -> bool:
    """Whether an earlier step that still counts carries this one."""
    earlier = FORMS[rung].earlier
    if not earlier:
        return True
    since = (
        load_calendar().add_workdays(today, -settings.ladder_counts_for)
        if settings.ladder_counts_for
        else None
    )
    return any(
        step.rung in earlier and (since is None or beijing_date(step.decided_at) >= since) for step in steps
    )


def _place(thing: Thing) -> str:
    return f"/p/{thing.matter.programme_id}/matters/{thing.matter.id}" if thing.matter else thing.link


# Doing without an earlier step ----------------------------------------------------------------------------


def kind_of(rung: Rung) -> str:
    """The kind of the leader's decision to do without the step before this one."""
    return f"ladder_{rung.value}"


def excuse_of(matter: Matter | None, rung: Rung) -> Decision | None:
    """The leader's approval to take this step about this matter without the one before."""
    if matter is None:
        return None
    said = (Decision.programme == matter.programme_id) & (Decision.kind == kind_of(rung))
    approved = Decision.approved == True  # noqa: E712 -- a condition in SQL
    found: Decision | None = (
        Decision.select()
        .where(said & (Decision.subject_id == matter.id) & approved)
        .order_by(Decision.id.desc())
        .first()
    )
    return found


@transactional
def ask_excuse(key: str, rung: Rung, reason: str, *, by: Actor, now: datetime) -> Decision:
    """Ask the leader to let a step be taken without the one before; a leader decides so at once. Opens the matter."""
    if not (by.may(Permission.LADDER_DECIDE) or by.may(Permission.DECISION_TAKE)):
        raise NotAllowed
    if not reason.strip() or len(reason) > decisions.LONGEST:
        raise Invalid(N_("Nothing was asked."), {"excuse": N_("Say why: it stays on record.")})
    matters.hold(by.programme_id or 0)
    thing = matters.thing_of(key, by)
    refuse_settled(thing, by)
    matter = matters.take_up(thing, by=by, now=now)
    waiting = (
        (Decision.kind == kind_of(rung)) & (Decision.subject_id == matter.id) & Decision.approved.is_null()
    )
    if Decision.select().where((Decision.programme == by.programme_id) & waiting).exists():
        raise Refused(N_("A proposal is already waiting for the leader's decision."))
    subject = f"{FORMS[rung].name}{FORMS[rung].level}：{thing.unit.name}“{thing.title}”"
    return decisions.propose(
        kind_of(rung), subject, subject_id=matter.id, link=f"/p/{matter.programme_id}/matters/{matter.id}",
        reason=reason, by=by, now=now,
    )  # fmt: skip


@transactional
def open_matter(
    unit_id: int, title: str, *, basis: str, due_on: date | None, by: Actor, now: datetime
) -> Matter:
    """Take up a matter of the office's own, such as a leader's instruction; the first step is taken from its page."""
    by.require(Permission.LADDER_DECIDE)
    programme = Programme.get_by_id(by.programme_id)
    unit = Unit.get_or_none((Unit.id == unit_id) & (Unit.jurisdiction == programme.jurisdiction_id))
    wrong: dict[str, Sentence] = {}
    if unit is None:
        wrong["unit"] = N_("Choose a unit of the list.")
    for name, text, needed in (("title", title, True), ("basis", basis, False)):
        if needed and not text.strip():
            wrong[name] = N_("This may not be empty.")
        elif len(text.strip()) > 300:
            wrong[name] = N_("At most %(n)s characters.", n=300)
    if wrong or unit is None:
        raise Invalid(N_("Nothing was recorded."), wrong)
    if unit.id in by.unit_ids:
        raise Refused(N_("Nobody decides for their own unit."))
    thing = Thing(
        "", MatterSource.FREE, unit, title.strip(), basis.strip(), due_on, beijing_date(now), unit.name, ""
    )
    return matters.take_up(thing, by=by, now=now)


def get_step(step_id: int, actor: Actor) -> LadderStep:
    """One step with its matter; NotFound when there is none that this person may see."""
    row: LadderStep | None = LadderStep.get_or_none(LadderStep.id == step_id)
    if row is None:
        raise NotFound
    row.matter = matters.get_visible(row.matter_id, actor)
    return row


def _tell(matter: Matter, step: LadderStep, now: datetime) -> None:
    content = PaperContent.read(step.content)
    messages.notify(
        event=events.STEP_TAKEN,
        key=f"ladder:{step.id}",
        to=receivers(matter, now),
        fields={
            "what": step.rung.label, "number": content.number, "title": matter.title, "text": content.demand,
            "day": day_words(step.answer_by),
        },
        link=f"/p/{matter.programme_id}/matters/{matter.id}",
        programme_id=matter.programme_id,
        unit_id=matter.unit_id,
        about=matter.id,
        now=now,
    )  # fmt: skip


def receivers(matter: Matter, now: datetime) -> list[User]:
    """Who is told at the unit: liaisons and heads (D13)."""
    day = beijing_date(now)
    found = people.liaisons_of([matter.unit_id], matter.programme_id, day).get(matter.unit_id, [])
    return found + people.heads_of([matter.unit_id], matter.programme_id, day).get(matter.unit_id, [])
