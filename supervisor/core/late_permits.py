"""Late permits (补报许可): after its lock one unit may hand in one report until a day; it is late, never on time.

The report stays missing until it is handed in: a permit that is not used changes no figure. Each is given by a
named person with a reason, counted and shown beside the unit, and the unit is told at once.
"""

from __future__ import annotations

import enum
from collections import Counter
from datetime import date, datetime, timedelta

from supervisor.clock import beijing_date
from supervisor.core import audit, events, messages, owed_words, people
from supervisor.core.cadences import deadline_instant
from supervisor.core.days import day_words
from supervisor.core.permissions import Actor, Permission
from supervisor.core.programmes import settings_on
from supervisor.core.schedules import cutoff_for
from supervisor.database import transactional
from supervisor.errors import Invalid, NotFound, Refused
from supervisor.models import (
    LatePermit,
    Obligation,
    ObligationState,
    Outcome,
    ReportingRule,
)
from supervisor.models.base import rows_of
from supervisor.words import N_, Sentence

#: Farther off a day is a slip of the pen.
FARTHEST = timedelta(days=366)
#: Longest reason that is kept, in characters.
LONGEST = 400
#: States in which a report may be missing.
_NOT_IN = (ObligationState.OPEN, ObligationState.WITH_HEAD)


class PermitState(enum.StrEnum):
    """What became of a permit."""

    OPEN = "open"
    USED = "used"
    UNUSED = "unused"

    @property
    def label(self) -> Sentence:
        """The state in words."""
        return PERMIT_STATE_LABELS[self]


PERMIT_STATE_LABELS = {
    PermitState.OPEN: N_("May still be used"),
    PermitState.USED: N_("Used: the report counts as late"),
    PermitState.UNUSED: N_("Ran out unused: the report stays missing"),
}


def state_of(permit: LatePermit, obligation: Obligation, now: datetime) -> PermitState:
    """Whether the report came in under this permit, may still, or did not."""
    sent = obligation.first_submitted_at
    if sent is not None:
        return PermitState.USED if permit.given_at <= sent < permit.until_at else PermitState.UNUSED
    return PermitState.OPEN if now < permit.until_at else PermitState.UNUSED


def may_be_given(obligation: Obligation, now: datetime) -> bool:
    """Whether a report is locked and was never handed in."""
    never_sent = obligation.state in _NOT_IN and obligation.first_submitted_at is None
    return never_sent and now >= obligation.locked_at


@transactional
def permit(obligation: Obligation, until_on: date, *, reason: str, by: Actor, now: datetime) -> LatePermit:
    """Let one unit hand in one locked report until the end of a day; the unit is told.

    Raises Refused for the own unit's report and where nothing is locked, Invalid for a day that is past or more
    than a year off and for a missing reason.
    """
    by.require(Permission.EXTENSION_DECIDE)
    if obligation.programme_id != by.programme_id:
        raise NotFound
    if obligation.unit_id in by.unit_ids:
        raise Refused(N_("Nobody decides on a report of their own unit."))
    if not may_be_given(obligation, now):
        raise Refused(N_("This report is not locked: there is nothing to permit."))
    fields = _mistakes(until_on, reason, now)
    if fields:
        raise Invalid(N_("The late hand-in was not permitted."), fields)
    rule = ReportingRule.get_by_id(obligation.rule_id)
    until_at = deadline_instant(until_on, cutoff_for(rule, settings_on(obligation.programme_id, until_on)))
    if until_at <= now:
        raise Invalid(
            N_("The late hand-in was not permitted."), {"until_on": N_("That day's time is already past.")}
        )
    _reopen(obligation, until_at)
    row: LatePermit = LatePermit.create(
        obligation=obligation, until_on=until_on, until_at=until_at, was_locked_at=obligation.locked_at,
        reason=reason.strip(), given_by=by.user_id, given_at=now,
    )  # fmt: skip
    audit.record(
        by, "obligation.late_permit", obligation, now=now, reason=row.reason,
        before={"locked_at": obligation.locked_at, "outcome": obligation.outcome}, after={"until_on": until_on},
    )  # fmt: skip
    _tell(row, obligation, now)
    return row


def _mistakes(until_on: date, reason: str, now: datetime) -> dict[str, Sentence]:
    fields, today = {}, beijing_date(now)
    if until_on < today:
        fields["until_on"] = N_("That day's time is already past.")
    elif until_on > today + FARTHEST:
        fields["until_on"] = N_("That day is more than a year off.")
    if not reason.strip():
        fields["reason"] = N_("Say why the report may come after its lock.")
    elif len(reason.strip()) > LONGEST:
        fields["reason"] = N_("At most %(n)s characters.", n=LONGEST)
    return fields


def _reopen(obligation: Obligation, until_at: datetime) -> None:
    """Take the report again until an instant. It is missing all the while, also where no pass has marked it yet."""
    reopened = (
        Obligation.update(locked_at=until_at, outcome=Outcome.MISSING, version=Obligation.version + 1)
        .where(
            (Obligation.id == obligation.id)
            & (Obligation.version == obligation.version)
            & Obligation.first_submitted_at.is_null()
            & Obligation.state.in_(_NOT_IN)
        )
        .execute()
    )
    if not reopened:
        raise Refused(N_("The report has been handed in or changed meanwhile."))


def _tell(row: LatePermit, obligation: Obligation, now: datetime) -> None:
    today, unit = beijing_date(now), obligation.unit_id
    found = people.liaisons_of([unit], obligation.programme_id, today)
    messages.notify(
        event=events.LATE_PERMIT_GIVEN,
        key=f"late_permit:{row.id}",
        to=found.get(unit, []),
        fields={
            "what": owed_words.what(obligation),
            "day": day_words(row.until_on),
            "reason": row.reason,
        },
        link=f"/p/{obligation.programme_id}/reports/{obligation.id}",
        programme_id=obligation.programme_id,
        unit_id=unit,
        about=obligation.id,
        now=now,
    )


def count_by_unit(programme_id: int) -> dict[int, int]:
    """Unit → how many late permits it was given in the programme; shown beside its reports."""
    # From the few permits to their reports: joined, the database may walk all reports of the programme.
    unit = Obligation.select(Obligation.unit).where(
        (Obligation.id == LatePermit.obligation) & (Obligation.programme == programme_id)
    )
    given = LatePermit.select(unit.alias("unit_of"))
    return Counter(key for (key,) in rows_of(given) if key is not None)
