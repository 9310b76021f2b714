"""Announced deadlines that a changed calendar would give another day: the office keeps or moves each (D8, D12).

A question is one rule's period with all its units. Answering "move" changes the reports that are still open as
announced, cancels their unsent reminders and tells the units, in one transaction; what was handed in meanwhile or
moved by a person stays. Answering "keep" leaves the dates and says so to the units where the due day would differ.
"""

from __future__ import annotations

from datetime import datetime, timedelta

from peewee import ModelSelect

from supervisor.clock import beijing_date
from supervisor.core import audit, cadences, events, messages, people, reminders
from supervisor.core.calendar import load_calendar
from supervisor.core.calendar_effects import Effects
from supervisor.core.days import day_words
from supervisor.core.message_events import MessageEvent
from supervisor.core.periods import Period
from supervisor.core.permissions import Actor, Permission
from supervisor.core.programmes import settings_on
from supervisor.core.schedules import cutoff_for, dates_from
from supervisor.database import transactional
from supervisor.errors import Invalid, NotFound, Refused
from supervisor.models import (
    CalendarAnswer,
    CalendarDecision,
    CalendarQuestion,
    LocalSettings,
    Obligation,
    ObligationState,
    ReportingRule,
)
from supervisor.words import N_

#: Answered questions on the page.
ANSWERED = 50


def ask(decision: CalendarDecision, effects: Effects, *, now: datetime) -> int:
    """Write the questions of a decision and tell each office once; call in the decision's transaction.

    A question of an earlier decision about the same report is outdated by it. Returns how many are open now.
    """
    told: dict[int, int] = {}
    for line in effects.touched:
        (
            CalendarQuestion.update(answer=CalendarAnswer.OUTDATED, answered_at=now)
            .where(
                (CalendarQuestion.rule == line.rule)
                & (CalendarQuestion.period == line.period)
                & CalendarQuestion.answer.is_null()
            )
            .execute()
        )
        CalendarQuestion.create(
            decision=decision, programme=line.programme, rule=line.rule, period=line.period, units=line.units,
            was_due_on=line.was_due_on, due_on=line.due_on, was_locked_on=line.was_locked_on,
            locked_on=line.locked_on,
        )  # fmt: skip
        told[line.programme.id] = told.get(line.programme.id, 0) + 1
    for programme_id, count in told.items():
        messages.notify(
            event=events.CALENDAR_CHANGED,
            key=f"calendar:{decision.id}:{programme_id}",
            to=people.office_of(programme_id, beijing_date(now)),
            fields={"year": decision.year, "count": count, "source": decision.source or decision.reason},
            link=f"/p/{programme_id}/calendar/changes",
            programme_id=programme_id,
            about=decision.id,
            now=now,
        )
    return len(effects.touched)


def waiting(programme_id: int) -> list[CalendarQuestion]:
    """Questions that nobody has answered, by due day."""
    return list(
        _of(programme_id).where(CalendarQuestion.answer.is_null()).order_by(CalendarQuestion.was_due_on)
    )


def answered(programme_id: int) -> list[CalendarQuestion]:
    """Answered questions, newest first, at most a page."""
    query = _of(programme_id).where(CalendarQuestion.answer.is_null(False))  # noqa: FBT003 -- Peewee's word
    return list(query.order_by(CalendarQuestion.id.desc()).limit(ANSWERED))


def count_waiting(programme_id: int) -> int:
    """How many questions wait for the office."""
    mine = (CalendarQuestion.programme == programme_id) & CalendarQuestion.answer.is_null()
    return int(CalendarQuestion.select().where(mine).count())


def get(question_id: int, by: Actor) -> CalendarQuestion:
    """A question of the actor's programme, or NotFound."""
    found: CalendarQuestion | None = (
        _of(by.programme_id or 0).where(CalendarQuestion.id == question_id).first()
    )
    if found is None:
        raise NotFound
    return found


def _of(programme_id: int) -> ModelSelect[CalendarQuestion]:
    return (
        CalendarQuestion.select(CalendarQuestion, ReportingRule, CalendarDecision)
        .join(ReportingRule)
        .switch(CalendarQuestion)
        .join(CalendarDecision)
        .where(CalendarQuestion.programme == programme_id)
    )


@transactional
def answer(question: CalendarQuestion, *, move: bool, reason: str, by: Actor, now: datetime) -> int:
    """Keep or move the announced dates; returns how many reports were moved.

    Raises Invalid without a reason or for a day already past, Refused where it has been answered.
    """
    by.require(Permission.EXTENSION_DECIDE)
    if question.programme_id != by.programme_id:
        raise NotFound
    if not reason.strip():
        raise Invalid(N_("Nothing was decided."), {"reason": N_("Say why: units will ask.")})
    moved = _move(question, reason=reason.strip(), by=by, now=now) if move else []
    taken = (
        CalendarQuestion.update(
            answer=CalendarAnswer.MOVED if move else CalendarAnswer.KEPT, moved=len(moved), reason=reason.strip(),
            answered_by=by.user_id, answered_by_name=by.name, answered_at=now,
        )
        .where((CalendarQuestion.id == question.id) & CalendarQuestion.answer.is_null())
        .execute()
    )  # fmt: skip
    if not taken:
        raise Refused(N_("Somebody else has already decided this."))
    audit.record(
        by, "calendar_question.answer", question, now=now, reason=reason,
        before={"due_on": question.was_due_on, "locked_on": question.was_locked_on},
        after={"answer": "moved" if move else "kept", "due_on": question.due_on, "reports": len(moved)},
    )  # fmt: skip
    units = moved if move else [row.unit_id for row in _still_open(question)]
    if question.due_on != question.was_due_on or move:
        _tell(question, units, moved=move, reason=reason.strip(), now=now)
    return len(moved)


def _still_open(question: CalendarQuestion) -> list[Obligation]:
    """Reports of the question that are not in and still stand as announced."""
    cutoff = cutoff_for(question.rule, _settings(question))
    query = Obligation.select().where(
        (Obligation.rule == question.rule_id)
        & (Obligation.period == question.period)
        & (Obligation.due_on == question.was_due_on)
        & (Obligation.locked_at == cadences.deadline_instant(question.was_locked_on, cutoff))
        & Obligation.first_submitted_at.is_null()
        & Obligation.state.in_([ObligationState.OPEN, ObligationState.WITH_HEAD])
    )
    return list(query.order_by(Obligation.id))


def _settings(question: CalendarQuestion) -> LocalSettings:
    return settings_on(question.programme_id, Period.parse(question.period).end + timedelta(days=1))


def _move(question: CalendarQuestion, *, reason: str, by: Actor, now: datetime) -> list[int]:
    """Give the open reports their new dates; returns their units."""
    settings = _settings(question)
    cutoff = cutoff_for(question.rule, settings)
    due_at = cadences.deadline_instant(question.due_on, cutoff)
    # Grace is no announced day of its own: it follows the due day.
    grace_at = dates_from(question.due_on, question.rule, settings, load_calendar()).grace_at
    locked_at = cadences.deadline_instant(question.locked_on, cutoff)
    if locked_at <= now or (question.due_on != question.was_due_on and due_at <= now):
        raise Invalid(N_("The deadline was not moved."), {"reason": N_("The new day is already past.")})
    units = []
    for row in _still_open(question):
        changed = (
            Obligation.update(
                due_on=question.due_on, due_at=due_at, grace_at=grace_at, locked_at=locked_at,
                schedule_version=Obligation.schedule_version + 1, version=Obligation.version + 1,
            )
            .where((Obligation.id == row.id) & (Obligation.version == row.version))
            .execute()
        )  # fmt: skip
        if changed:
            reminders.cancel(row.id, now)
            audit.record(
                by, "obligation.move", row, now=now, reason=reason,
                before={"due_on": row.due_on, "locked_on": question.was_locked_on},
                after={"due_on": question.due_on, "locked_on": question.locked_on},
            )  # fmt: skip
            units.append(row.unit_id)
    return units


def _tell(question: CalendarQuestion, units: list[int], *, moved: bool, reason: str, now: datetime) -> None:
    found = people.liaisons_of(units, question.programme_id, beijing_date(now))
    messages.notify(
        event=_event(question, moved=moved),
        key=f"calendar-question:{question.id}",
        to=[person for persons in found.values() for person in persons],
        fields={
            "rule": question.rule.name,
            "period": Period.parse(question.period).label,
            "day": day_words(question.due_on if moved else question.was_due_on),
            "until": day_words(question.locked_on if moved else question.was_locked_on),
            "reason": reason,
        },
        link=f"/p/{question.programme_id}/calendar",
        programme_id=question.programme_id,
        now=now,
    )


def _event(question: CalendarQuestion, *, moved: bool) -> MessageEvent:
    if moved and question.due_on != question.was_due_on:
        return events.DEADLINE_MOVED
    return events.LOCK_MOVED if moved else events.DEADLINE_KEPT
