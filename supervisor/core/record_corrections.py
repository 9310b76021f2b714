"""Records found wrong after the act: a report that counted as late though it was not, a reviewer's mark.

Corrected with a reason, by the lead office, never for one's own unit; the trail keeps both values. What was
scored from the old value stays as it was until the quarter is run again or corrected.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from supervisor.core import audit
from supervisor.core.permissions import Actor, Permission
from supervisor.database import transactional
from supervisor.errors import Invalid, NotFound, Refused
from supervisor.models import AuditEntry, Obligation, Outcome, Report, ReportEntry, Verdict
from supervisor.words import N_, Sentence

#: Marks run from 0 to 100 (审核评分).
MARKS = range(101)


@transactional
def count_as_on_time(obligation: Obligation, *, reason: str, by: Actor, now: datetime) -> None:
    """A report that stands as late counts as on time: it was handed in another way, or the line was down.

    A nil report stays nil and loses its lateness.

    Errors: NotAllowed, NotFound (another programme), Invalid (no reason), Refused (own unit, not late).
    """
    by.require(Permission.EXTENSION_DECIDE)
    if obligation.programme_id != by.programme_id:
        raise NotFound
    if obligation.unit_id in by.unit_ids:
        raise Refused(N_("Nobody decides on a report of their own unit."))
    if not reason.strip():
        raise Invalid(
            N_("The record was not corrected."),
            {"late_reason": N_("Say why it was in time, and by what that is proved.")},
        )
    outcome = Outcome.NIL if obligation.outcome is Outcome.NIL else Outcome.ON_TIME
    corrected = (
        Obligation.update(outcome=outcome, late_workdays=0, version=Obligation.version + 1)
        .where(
            (Obligation.id == obligation.id)
            & (Obligation.version == obligation.version)
            & ~Obligation.first_submitted_at.is_null()
            & (Obligation.late_workdays > 0)
        )
        .execute()
    )
    if not corrected:
        raise Refused(N_("This report does not stand as late, or was changed meanwhile."))
    audit.record(
        by, "obligation.correct", obligation, now=now, reason=reason.strip(),
        before={"outcome": obligation.outcome, "late_workdays": obligation.late_workdays},
        after={"outcome": outcome, "late_workdays": 0},
    )  # fmt: skip


@transactional
def correct_mark(entry: ReportEntry, mark: int, *, reason: str, by: Actor, now: datetime) -> None:
    """Another mark for an accepted entry. Errors: as above; Invalid for a mark outside 0–100 or without change."""
    by.require(Permission.REVIEW_DECIDE)
    obligation: Obligation = entry.report.obligation
    if obligation.programme_id != by.programme_id:
        raise NotFound
    if obligation.unit_id in by.unit_ids:
        raise Refused(N_("Nobody decides on a report of their own unit."))
    fields = {}
    if mark not in MARKS:
        fields["mark"] = N_("A mark from 0 to 100.")
    elif mark == entry.mark:
        fields["mark"] = N_("This mark stands there already.")
    if not reason.strip():
        fields["mark_reason"] = N_("Say why the mark was wrong.")
    if fields:
        raise Invalid(N_("The record was not corrected."), fields)
    corrected = (
        ReportEntry.update(mark=mark)
        .where(
            (ReportEntry.id == entry.id)
            & (ReportEntry.verdict == Verdict.ACCEPTED)
            & (ReportEntry.mark == entry.mark)
        )
        .execute()
    )
    if not corrected:
        raise Refused(N_("This entry has no mark, or was changed meanwhile."))
    audit.record(
        by, "report_entry.correct", entry, now=now, reason=reason.strip(),
        before={"mark": entry.mark}, after={"mark": mark},
    )  # fmt: skip


@dataclass(frozen=True)
class Corrected:
    """A correction on record: when, by whom, what it did in words, and the reason."""

    at: datetime
    name: str
    what: Sentence
    reason: str


def corrections_of(obligation: Obligation) -> list[Corrected]:
    """What was corrected about a report and its entries, the oldest first; read from the audit trail."""
    entries = ReportEntry.select(ReportEntry.id).join(Report).where(Report.obligation == obligation)
    own = (AuditEntry.subject_type == "obligation") & (AuditEntry.subject_id == obligation.id)
    marks = (AuditEntry.subject_type == "report_entry") & AuditEntry.subject_id.in_(entries)
    rows = AuditEntry.select().where(
        (own & (AuditEntry.action == "obligation.correct"))
        | (marks & (AuditEntry.action == "report_entry.correct"))
    )
    return [
        Corrected(
            row.at,
            row.actor_name,
            correction_words(json.loads(row.before), json.loads(row.after)),
            row.reason,
        )
        for row in rows.order_by(AuditEntry.seq)
    ]


def correction_words(before: Mapping[str, Any], after: Mapping[str, Any]) -> Sentence:
    """What a correction of a record did, from the values that the trail keeps."""
    if "mark" in after:
        return N_("Mark %(old)s corrected to %(new)s", old=before["mark"], new=after["mark"])
    return N_("Was %(days)s working days late, counts as in time", days=before["late_workdays"])
