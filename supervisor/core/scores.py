"""Quarters and their books: closing (封账), running the engine, publishing, and proving a closed quarter.

A run = gathered facts × the rulebook in force → lines and standings, stored as the exact text that was hashed.
Nothing here computes a point. A rerun supersedes the run before it and never edits it.
"""

from __future__ import annotations

from datetime import datetime

from peewee import IntegrityError

from scoring import Facts, FactsError, canonical, facts_to_json
from supervisor.clock import beijing_date
from supervisor.config import VERSION
from supervisor.core import audit, decisions, events, facts, messages, people, rulebooks, score_runs
from supervisor.core.completeness import completeness
from supervisor.core.message_fields import Value
from supervisor.core.periods import Period, PeriodKind
from supervisor.core.permissions import Actor, Permission
from supervisor.core.score_proofs import verify_frozen
from supervisor.core.score_runs import current_run
from supervisor.database import alone, db, digest, transactional
from supervisor.errors import Invalid, NotFound, Obstacle, Refused
from supervisor.models import (
    PeriodState,
    Programme,
    ScorePeriod,
    ScoreRun,
    Standing,
    Unit,
)
from supervisor.words import N_

__all__ = ["close", "completeness", "current_run", "publish", "quarter", "rerun", "verify_frozen"]


def quarter(key: str) -> Period:
    """The quarter of a key from an address; NotFound for anything else."""
    try:
        period = Period.parse(key)
    except ValueError:
        raise NotFound from None
    if period.kind is not PeriodKind.QUARTER:
        raise NotFound
    return period


@alone
def close(programme: Programme, period: Period, *, by: Actor, now: datetime) -> ScoreRun:
    """Close the books of a quarter: facts are gathered and frozen, scored, and ranked within groups.

    Errors: NotAllowed (not an assessor), Refused (closed already, something stands in the way with its list,
    or the assessor would confirm their own unit, D17).
    """
    by.require(Permission.PERIOD_CLOSE)
    row = _period_row(programme, period)
    # The update takes the row's lock: of two who close at the same time one is told so.
    won = (
        ScorePeriod.update(state=PeriodState.FROZEN, closed_by=by.user_id, closed_at=now)
        .where((ScorePeriod.id == row.id) & (ScorePeriod.state == PeriodState.OPEN))
        .execute()
    )
    if not won:
        raise Refused(N_("The books of %(quarter)s are closed already.", quarter=period.label))
    obstacles = completeness(programme, period, now, by)
    if obstacles:
        raise Refused(N_("%(quarter)s cannot be closed yet.", quarter=period.label), obstacles)
    run = _run(programme, period, row, number=1, reason="", by=by, now=now)
    _tell_leaders(programme, period, run, now)
    return run


@alone
def rerun(programme: Programme, period: Period, *, reason: str, by: Actor, now: datetime) -> ScoreRun:
    """Gather and score a closed quarter again, after a fact was corrected. The run before stays, superseded.

    Errors: Invalid (no reason), Refused (not closed, something stands in the way, own unit), NotFound.
    """
    by.require(Permission.PERIOD_CLOSE)
    if not reason.strip():
        raise Invalid(
            N_("A closed quarter is only run again with a reason."),
            {"reason": N_("Say which fact was corrected, and why.")},
        )
    row = ScorePeriod.get_or_none((ScorePeriod.programme == programme) & (ScorePeriod.key == period.key))
    if row is None or row.state is not PeriodState.FROZEN:
        raise Refused(N_("%(quarter)s has not been closed.", quarter=period.label))
    obstacles = completeness(programme, period, now, by)
    if obstacles:
        raise Refused(N_("%(quarter)s cannot be run again yet.", quarter=period.label), obstacles)
    before = current_run(row)
    if before is None:
        raise NotFound
    won = (
        ScoreRun.update(superseded=True)
        .where((ScoreRun.id == before.id) & (ScoreRun.superseded == False))  # noqa: E712 -- a condition in SQL
        .execute()
    )
    if not won:
        raise Refused(N_("Somebody else has just run this quarter again."))
    run = _run(programme, period, row, number=before.number + 1, reason=reason.strip(), by=by, now=now)
    if row.published_at is not None:
        _tell_units(programme, period, run, now)
    return run


@transactional
def publish(programme: Programme, period: Period, *, by: Actor, now: datetime) -> ScorePeriod:
    """Publish a closed quarter: units are told; they see others only if the programme says so (D16)."""
    by.require(Permission.PERIOD_CLOSE)
    done = (
        ScorePeriod.update(published_at=now, published_by=by.user_id)
        .where(
            (ScorePeriod.programme == programme)
            & (ScorePeriod.key == period.key)
            & (ScorePeriod.state == PeriodState.FROZEN)
            & ScorePeriod.published_at.is_null()
        )
        .execute()
    )
    if not done:
        raise Refused(N_("%(quarter)s is not closed, or published already.", quarter=period.label))
    row = ScorePeriod.get((ScorePeriod.programme == programme) & (ScorePeriod.key == period.key))
    run = current_run(row)
    if run is None:
        raise NotFound
    audit.record(by, "period.publish", row, now=now, after={"key": row.key, "run": run.number})
    _tell_units(programme, period, run, now)
    return row


def _period_row(programme: Programme, period: Period) -> ScorePeriod:
    row = ScorePeriod.get_or_none((ScorePeriod.programme == programme) & (ScorePeriod.key == period.key))
    if row is not None:
        return row
    try:
        with db.atomic():
            return ScorePeriod.create(programme=programme, key=period.key)
    except IntegrityError:  # somebody else began at the same moment
        return ScorePeriod.get((ScorePeriod.programme == programme) & (ScorePeriod.key == period.key))


def _run(
    programme: Programme,
    period: Period,
    row: ScorePeriod,
    *,
    number: int,
    reason: str,
    by: Actor,
    now: datetime,
) -> ScoreRun:
    version = rulebooks.in_force(programme.id, period)
    if version is None:
        raise NotFound
    gathered = facts.gather(programme, period)
    _refuse_own_unit(programme, gathered, by, now)
    try:
        found = score_runs.assess_text(canonical(facts_to_json(gathered)), version.text)
    except FactsError as error:
        raise Refused(
            N_("%(quarter)s cannot be scored by this rulebook.", quarter=period.label),
            [Obstacle(N_("%(problem)s", problem=str(problem))) for problem in error.problems],
        ) from error
    run = ScoreRun.create(
        period=row,
        rulebook=version,
        number=number,
        facts=found.facts_text,
        facts_sha256=digest(found.facts_text),
        result=found.result_text,
        result_sha256=digest(found.result_text),
        code_version=VERSION,
        ran_by=by.user_id,
        ran_at=now,
        reason=reason,
    )
    score_runs.store(run, found.result)
    _seal(run, row, by, now)
    return run


def _seal(run: ScoreRun, row: ScorePeriod, by: Actor, now: datetime) -> None:
    """Put the run on the trail, and the trail's head into the run."""
    head = audit.record(
        by,
        "period.rerun" if run.reason else "period.close",
        row,
        now=now,
        reason=run.reason,
        after={
            "key": row.key,
            "run": run.number,
            "rulebook": run.rulebook_id,
            "facts_sha256": run.facts_sha256,
            "result_sha256": run.result_sha256,
        },
    )
    run.audit_head = str(head)
    run.save(only=[ScoreRun.audit_head])


def _refuse_own_unit(programme: Programme, gathered: Facts, by: Actor, now: datetime) -> None:
    """Nobody confirms his own unit; where a leader has named who assesses, only that person closes (D17)."""
    named = decisions.named_assessor(programme.id)
    if named is not None and by.user_id != named:
        raise Refused(
            N_("The leader named another assessor for this programme; only they close its books."),
            [Obstacle(N_("See the decision."), f"/p/{programme.id}/decisions")],
        )
    posts = people.units_of_posts(by.user_id, programme.id, beijing_date(now))
    own = {str(unit_id) for unit_id in posts | by.unit_ids}
    ranked = [unit.name for unit in gathered.units if unit.id in own and unit.outside_ranking is None]
    if ranked:
        raise Refused(
            N_("Nobody confirms their own unit: you hold a post in %(unit)s.", unit="、".join(ranked)),
            [Obstacle(N_("Another assessor closes these books."), f"/p/{programme.id}/people")],
        )


def _tell_leaders(programme: Programme, period: Period, run: ScoreRun, now: datetime) -> None:
    day = beijing_date(now)
    messages.notify(
        event=events.BOOKS_CLOSED,
        key=f"period:{run.period_id}:closed",
        to=[*people.leaders_of(programme.id, day), *people.office_of(programme.id, day)],
        fields={"quarter": period.label},
        link=f"/p/{programme.id}/periods/{period.key}",
        programme_id=programme.id,
        now=now,
    )


def _tell_units(programme: Programme, period: Period, run: ScoreRun, now: datetime) -> None:
    """Each unit's people hear of their own score; again, with the reason, when a published quarter is run again."""
    units = [one.unit_id for one in Standing.select(Standing.unit).where(Standing.run == run)]
    day = beijing_date(now)
    liaisons = people.liaisons_of(units, programme.id, day)
    heads = people.heads_of(units, programme.id, day)
    names = {unit.id: unit.name for unit in Unit.select().where(Unit.id.in_(units))}
    for unit_id in units:
        fields: dict[str, Value] = {"quarter": period.label, "unit": names[unit_id]}
        messages.notify(
            event=events.SCORE_AGAIN if run.reason else events.SCORE_PUBLISHED,
            key=f"period:{run.period_id}:run:{run.number}:unit:{unit_id}",
            to=[*liaisons.get(unit_id, []), *heads.get(unit_id, [])],
            fields={**fields, "reason": run.reason} if run.reason else fields,
            link=f"/p/{programme.id}/periods/{period.key}/units/{unit_id}",
            programme_id=programme.id,
            unit_id=unit_id,
            now=now,
        )
