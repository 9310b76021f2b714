"""Corrections of closed periods (更正): one person proposes with the reason, another carries it out.

The run before stays readable beside the reason; whoever moved is told the difference.
"""

from __future__ import annotations

from datetime import datetime

from supervisor.core import audit, score_events, score_notices
from supervisor.core.completeness import completeness
from supervisor.core.periods import Period
from supervisor.core.permissions import Actor, Permission
from supervisor.core.score_books import Act, find_row, make_next_run, moves_between
from supervisor.core.scored_periods import scored_period
from supervisor.database import alone, transactional
from supervisor.errors import Invalid, NotFound, Refused
from supervisor.models import CorrectionState, PeriodState, Programme, ScoreCorrection, ScorePeriod
from supervisor.words import N_


@transactional
def propose_correction(
    programme: Programme, period: Period, *, reason: str, by: Actor, now: datetime
) -> ScoreCorrection:
    """Say which record of a closed period was wrong; nothing changes until a second person carries it out.

    Errors: NotAllowed (not an assessor), Invalid (no reason), Refused (not closed, another one waits already).
    """
    by.require(Permission.PERIOD_CLOSE)
    if not reason.strip():
        raise Invalid(
            N_("A closed period is only corrected with a reason."),
            {"reason": N_("Say which record was wrong, what it is now, and how it was found.")},
        )
    row = find_row(programme, period)
    if row is None or row.state is not PeriodState.FROZEN:
        raise Refused(N_("%(period)s has not been closed.", period=period.label))
    earlier = list(ScoreCorrection.select().where(ScoreCorrection.period == row))
    if any(one.state is CorrectionState.PROPOSED for one in earlier):
        raise Refused(N_("A correction of this period waits for the second person already."))
    correction = ScoreCorrection.create(
        period=row,
        number=len(earlier) + 1,
        reason=reason.strip(),
        proposed_by=by.user_id,
        proposed_name=by.name,
        proposed_at=now,
    )
    audit.record(by, "correction.propose", correction, now=now, after={"key": row.key}, reason=reason.strip())
    score_notices.tell_deciders(
        score_events.CORRECTION_PROPOSED,
        programme,
        key=f"score_correction:{correction.id}",
        fields={"period": period.label, "name": by.name, "reason": reason.strip()},
        link=f"/p/{programme.id}/periods/{period.key}",
        but=by.user_id,
        now=now,
    )
    return correction


@alone
def carry_out(correction: ScoreCorrection, programme: Programme, *, by: Actor, now: datetime) -> None:
    """The second person: gather and score the period again; the run before stays, superseded.

    Errors: NotAllowed, NotFound, Refused (the proposer himself, decided already, something stands in the way,
    own unit).
    """
    row = _undecided(correction, by)
    period = scored_period(row.key)
    obstacles = completeness(programme, period, now, by)
    if obstacles:
        raise Refused(N_("%(period)s cannot be run again yet.", period=period.label), obstacles)
    _settle(correction, CorrectionState.DONE, "", by, now)
    before, after = make_next_run(programme, period, row, Act("period.rerun", by, now, correction.reason))
    ScoreCorrection.update(before=before, after=after).where(ScoreCorrection.id == correction.id).execute()
    audit.record(
        by, "correction.make", correction, now=now, after={"run": after.number}, reason=correction.reason
    )
    score_notices.tell_moved(programme, period, after, moves_between(before, after), now)


@transactional
def refuse_correction(correction: ScoreCorrection, *, reason: str, by: Actor, now: datetime) -> None:
    """The second person finds the record right as it was. Errors: as `carry_out`, and Invalid without a reason."""
    _undecided(correction, by)
    if not reason.strip():
        raise Invalid(
            N_("Nothing was decided."), {"refusal": N_("Say why the period stays as it was published.")}
        )
    _settle(correction, CorrectionState.REFUSED, reason.strip(), by, now)
    audit.record(by, "correction.refuse", correction, now=now, reason=reason.strip())


def corrections_of(row: ScorePeriod) -> list[ScoreCorrection]:
    """Corrections of a period, the newest first."""
    return list(
        ScoreCorrection.select().where(ScoreCorrection.period == row).order_by(ScoreCorrection.number.desc())
    )


def in_programme(correction_id: int, programme_id: int) -> ScoreCorrection:
    """A correction of the programme; NotFound for others."""
    row: ScoreCorrection | None = (
        ScoreCorrection.select(ScoreCorrection, ScorePeriod)
        .join(ScorePeriod)
        .where((ScoreCorrection.id == correction_id) & (ScorePeriod.programme == programme_id))
        .first()
    )
    if row is None:
        raise NotFound
    return row


def _undecided(correction: ScoreCorrection, by: Actor) -> ScorePeriod:
    by.require(Permission.CORRECTION_DECIDE)
    if correction.period.programme_id != by.programme_id:
        raise NotFound
    if correction.proposed_by == by.user_id:
        raise Refused(N_("Two people correct a closed period: somebody else decides what you proposed."))
    row: ScorePeriod = correction.period
    return row


def _settle(
    correction: ScoreCorrection, state: CorrectionState, words: str, by: Actor, now: datetime
) -> None:
    done = (
        ScoreCorrection.update(
            state=state, decision=words, decided_by=by.user_id, decided_name=by.name, decided_at=now
        )
        .where((ScoreCorrection.id == correction.id) & (ScoreCorrection.state == CorrectionState.PROPOSED))
        .execute()
    )
    if not done:
        raise Refused(N_("Somebody else has already decided this correction."))
