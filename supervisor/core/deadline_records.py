"""What was asked, permitted and decided about the deadline of one thing owed, and what the reader may do about it.

One page part for everything that is owed: reports, filings and work plans show and do the same.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from supervisor.core import cadences, extensions, late_permits, record_corrections
from supervisor.core.late_permits import PermitState
from supervisor.core.permissions import Actor, Permission
from supervisor.core.record_corrections import Corrected
from supervisor.models import Extension, LatePermit, Obligation, ObligationState, User
from supervisor.models.base import rows_of


@dataclass(frozen=True)
class DeadlineRecord:
    """Requests, permits and rights about one deadline."""

    obligation: Obligation
    #: Newest first.
    extensions: Sequence[Extension]
    #: Permits to hand in after the lock, newest first, with what became of each.
    permits: Sequence[tuple[LatePermit, PermitState]]
    people: Mapping[int, str]
    may_ask: bool
    #: The office decides for every unit but its own.
    may_decide: bool
    may_permit: bool
    may_move: bool
    may_waive: bool
    #: It stands as late, and the office may find that it was not.
    may_correct: bool
    #: Corrections of this record and its marks, the oldest first.
    corrected: Sequence[Corrected]

    @property
    def lock_day(self) -> date:
        """The last day on which it is taken late."""
        return cadences.due_day(self.obligation.locked_at)


def read(obligation: Obligation, actor: Actor, *, now: datetime) -> DeadlineRecord:
    """The deadline's part of a page, in four queries."""
    asked = list(Extension.select().where(Extension.obligation == obligation).order_by(Extension.id.desc()))
    given = list(
        LatePermit.select().where(LatePermit.obligation == obligation).order_by(LatePermit.id.desc())
    )
    ids = {row.asked_by for row in asked} | {row.decided_by for row in asked if row.decided_by}
    ids |= {row.given_by for row in given}
    names = rows_of(User.select(User.id, User.name).where(User.id.in_(sorted(ids)))) if ids else []
    decides = actor.may(Permission.EXTENSION_DECIDE) and obligation.unit_id not in actor.unit_ids
    untouched = obligation.state is ObligationState.OPEN and obligation.first_submitted_at is None
    undecided = any(row.granted is None for row in asked)
    return DeadlineRecord(
        obligation=obligation,
        extensions=asked,
        permits=[(row, late_permits.state_of(row, obligation, now)) for row in given],
        people=dict(names),
        may_ask=not undecided and extensions.may_be_asked(obligation, actor, now),
        may_decide=decides,
        may_permit=decides and late_permits.may_be_given(obligation, now),
        may_move=decides and untouched and now < obligation.locked_at,
        may_waive=decides and untouched,
        may_correct=decides and obligation.late_workdays > 0 and obligation.first_submitted_at is not None,
        corrected=record_corrections.corrections_of(obligation),
    )
