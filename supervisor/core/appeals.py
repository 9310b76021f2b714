"""Appeals (申诉) against lines of a preliminary score: filed by the unit, decided by somebody who did not score.

What an accepted appeal changes is a *record*, by the record's own verb; the period is then run again. No appeal
ever sets a number.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime

from peewee import ModelSelect

from supervisor.clock import beijing_date
from supervisor.core import attachments, audit, cadences, messages, people, score_events, score_notices
from supervisor.core.calendar import load_calendar
from supervisor.core.days import day_words
from supervisor.core.message_fields import Value
from supervisor.core.periods import Period
from supervisor.core.permissions import Actor, Permission
from supervisor.core.programmes import settings_on
from supervisor.core.score_books import find_row
from supervisor.core.score_runs import current_run
from supervisor.core.scored_periods import scored_period
from supervisor.database import alone, transactional
from supervisor.errors import Invalid, NotFound, Obstacle, Refused
from supervisor.models import (
    Appeal,
    AppealState,
    PeriodState,
    Programme,
    ReportEntry,
    ScoreLine,
    ScorePeriod,
    ScoreRun,
    Unit,
)
from supervisor.words import N_

#: A claim of one line says nothing that could be examined; a novel is not read.
LONGEST = 4000


@alone
def file_appeal(
    programme: Programme,
    period: Period,
    line_id: int,
    *,
    claim: str,
    files: Sequence[int] = (),
    by: Actor,
    now: datetime,
) -> Appeal:
    """Appeal against one line of the unit's own preliminary sheet, once, in the days given for it.

    Args:
        programme: whose period it is.
        period: the period.
        line_id: the line of the run that counts.
        claim: what is wrong and what should stand there.
        files: evidence that the person has uploaded.
        by: the unit's liaison officer or head.
        now: the moment; one second late is late.

    Errors: NotAllowed, NotFound (another unit's line), Invalid (no claim), Refused (too late, closed, run again
    meanwhile, the same line twice).
    """
    by.require(Permission.APPEAL_FILE)
    row = find_row(programme, period)
    if row is None or row.state is PeriodState.OPEN:
        raise NotFound
    line = _own_line(row, line_id, by)
    refuse_late(programme, period, row, now)
    _refuse_again(row, line)
    if not claim.strip():
        raise Invalid(
            N_("The appeal was not filed."),
            {"claim": N_("Say what is wrong with this line and what should stand there.")},
        )
    if len(claim) > LONGEST:
        raise Invalid(N_("The appeal was not filed."), {"claim": N_("At most %(n)s characters.", n=LONGEST)})
    appeal = Appeal.create(
        period=row,
        run=line.run_id,
        unit=line.unit_id,
        indicator=line.indicator,
        part=line.part,
        title=line.title,
        title_en=line.title_en,
        points=line.points,
        claim=claim.strip(),
        filed_by=by.user_id,
        filed_name=by.name,
        filed_at=now,
    )
    attachments.link(files, by=by, appeal=appeal)
    audit.record(
        by, "appeal.file", appeal, now=now,
        after={"line": line.indicator, "unit": line.unit_id, "points": line.points}, reason=claim.strip(),
    )  # fmt: skip
    _tell_filed(programme, period, appeal, now)
    return appeal


@transactional
def withdraw(appeal: Appeal, *, by: Actor, now: datetime) -> None:
    """The unit takes its appeal back before it is decided; the line can be appealed against again in time."""
    by.require(Permission.APPEAL_FILE)
    if appeal.unit_id not in by.unit_ids:
        raise NotFound
    _move(appeal, AppealState.WITHDRAWN, decision="", by=by, now=now)
    audit.record(by, "appeal.withdraw", appeal, now=now)


@transactional
def decide(appeal: Appeal, *, accepted: bool, decision: str, by: Actor, now: datetime) -> None:
    """Accept (naming the record that is corrected) or reject (with the reason); the unit is told at once.

    Errors: NotAllowed, NotFound, Invalid (no words), Refused (the scorer himself, his own unit, decided already).
    """
    by.require(Permission.APPEAL_DECIDE)
    if appeal.period.programme_id != by.programme_id:
        raise NotFound
    refuse_scorer(appeal, by)
    if not decision.strip():
        say = (
            N_("Say which record is corrected, and how.")
            if accepted
            else N_("Say why the line stays as it is.")
        )
        raise Invalid(N_("Nothing was decided."), {"decision": say})
    state = AppealState.ACCEPTED if accepted else AppealState.REJECTED
    _move(appeal, state, decision=decision.strip(), by=by, now=now)
    audit.record(by, "appeal.decide", appeal, now=now, after={"state": state.value}, reason=decision.strip())
    _tell_decided(appeal, state, decision.strip(), now)


def refuse_scorer(appeal: Appeal, by: Actor) -> None:
    """Nobody decides on what he scored himself, or on his own unit. Refused says who may."""
    if appeal.unit_id in by.unit_ids:
        raise Refused(N_("Nobody decides on an appeal of their own unit."))
    if by.user_id in scorers_of(appeal):
        raise Refused(
            N_("You scored this line yourself: somebody else decides the appeal."),
            [Obstacle(N_("Another assessor, or a leader, decides."), f"/p/{by.programme_id}/people")],
        )


def scorers_of(appeal: Appeal) -> set[int]:
    """Who had a hand in the line: whoever ran the period, and the reviewers whose marks stand behind it."""
    found = {appeal.run.ran_by}
    lines = ScoreLine.select(ScoreLine.records).where(
        (ScoreLine.run == appeal.run_id)
        & (ScoreLine.unit == appeal.unit_id)
        & (ScoreLine.part == appeal.part)
        & (ScoreLine.indicator == appeal.indicator)
    )
    entries = [
        int(record.partition(":")[2])
        for line in lines
        for record in line.records
        if record.startswith("report_entry:")
    ]
    for row in ReportEntry.select(ReportEntry.reviewed_by).where(ReportEntry.id.in_(entries)):
        found.add(row.reviewed_by)
    return {one for one in found if one is not None}


def visible_to(actor: Actor) -> ModelSelect[Appeal]:
    """Appeals that a reader may see: their own units', or all of the programme (D16)."""
    query = (
        Appeal.select(Appeal, ScorePeriod, ScoreRun, Unit)
        .join(ScorePeriod)
        .switch(Appeal)
        .join(ScoreRun)
        .switch(Appeal)
        .join(Unit)
        .where(ScorePeriod.programme == actor.programme_id)
    )
    return query if actor.sees_all else query.where(Appeal.unit.in_(sorted(actor.unit_ids)))


def get_visible(appeal_id: int, actor: Actor) -> Appeal:
    """One appeal; NotFound for another's."""
    row: Appeal | None = visible_to(actor).where(Appeal.id == appeal_id).first()
    if row is None:
        raise NotFound
    return row


def answer_by(appeal: Appeal) -> date:
    """The day by which it is to be decided: so many working days after it was filed (local setting)."""
    day = beijing_date(appeal.filed_at)
    days = settings_on(appeal.period.programme_id, day).appeal_answer_workdays
    return load_calendar().add_workdays(day, days)


def _own_line(row: ScorePeriod, line_id: int, by: Actor) -> ScoreLine:
    line = ScoreLine.get_or_none(ScoreLine.id == line_id)
    if line is None or line.unit_id not in by.unit_ids or line.run.period_id != row.id:
        raise NotFound
    run = current_run(row)
    if run is None or line.run_id != run.id:
        raise Refused(
            N_("The period was run again meanwhile: look at the new sheet first."),
            [Obstacle(N_("Your sheet"), f"/p/{row.programme_id}/periods/{row.key}/units/{line.unit_id}")],
        )
    return line


def refuse_late(programme: Programme, period: Period, row: ScorePeriod, now: datetime) -> None:
    """Refused where the books are closed or the days for appeals are over: said before anybody types, and after."""
    if row.state is PeriodState.FROZEN:
        raise Refused(
            N_("The books of %(period)s are closed; no appeal is taken any more.", period=period.label),
            [
                Obstacle(
                    N_("A mistake found now is corrected by a notice: tell the assessment office."),
                    f"/p/{programme.id}/people",
                )
            ],
        )
    if row.appeals_until is not None and now >= row.appeals_until:
        last = day_words(cadences.due_day(row.appeals_until))
        raise Refused(N_("The time for appeals ended with %(day)s.", day=last))


def _refuse_again(row: ScorePeriod, line: ScoreLine) -> None:
    """One line is appealed against once, unless it was taken back or shows other points since."""
    mine = Appeal.select().where(
        (Appeal.period == row)
        & (Appeal.unit == line.unit_id)
        & (Appeal.part == line.part)
        & (Appeal.indicator == line.indicator)
        & (Appeal.state != AppealState.WITHDRAWN)
    )
    for one in mine:
        if one.state is AppealState.OPEN or one.points == line.points:
            raise Refused(
                N_("Your unit has appealed against this line already."),
                [Obstacle(N_("See the appeal."), f"/p/{row.programme_id}/appeals/{one.id}")],
            )


def _move(appeal: Appeal, state: AppealState, *, decision: str, by: Actor, now: datetime) -> None:
    if appeal.period.state is not PeriodState.PRELIMINARY:
        raise Refused(N_("The books are closed; nothing about this appeal changes any more."))
    moved = (
        Appeal.update(
            state=state, decision=decision, decided_by=by.user_id, decided_name=by.name, decided_at=now
        )
        .where((Appeal.id == appeal.id) & (Appeal.state == AppealState.OPEN))
        .execute()
    )
    if not moved:
        raise Refused(N_("Somebody else has already decided this appeal, or it was withdrawn."))


def _tell_filed(programme: Programme, period: Period, appeal: Appeal, now: datetime) -> None:
    unit = Unit.get_by_id(appeal.unit_id)
    score_notices.tell_deciders(
        score_events.APPEAL_FILED,
        programme,
        key=f"appeal:{appeal.id}:filed",
        fields={
            "period": period.label,
            "unit": unit.name,
            "line": appeal.title,
            "day": day_words(answer_by(appeal)),
        },
        link=f"/p/{programme.id}/appeals/{appeal.id}",
        but=None,
        now=now,
    )


def _tell_decided(appeal: Appeal, state: AppealState, decision: str, now: datetime) -> None:
    day = beijing_date(now)
    period, programme_id = scored_period(appeal.period.key), appeal.period.programme_id
    liaisons = people.liaisons_of([appeal.unit_id], programme_id, day)
    heads = people.heads_of([appeal.unit_id], programme_id, day)
    fields: dict[str, Value] = {"period": period.label, "line": appeal.title, "reason": decision}
    messages.notify(
        event=score_events.APPEAL_ACCEPTED if state is AppealState.ACCEPTED else score_events.APPEAL_REJECTED,
        key=f"appeal:{appeal.id}:decided",
        to=[*liaisons.get(appeal.unit_id, []), *heads.get(appeal.unit_id, [])],
        fields=fields,
        link=f"/p/{programme_id}/appeals/{appeal.id}",
        programme_id=programme_id,
        unit_id=appeal.unit_id,
        now=now,
    )
