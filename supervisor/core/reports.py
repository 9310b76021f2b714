"""Reports: handing in what is owed, with the head's approval where the programme asks for it (D1, D11).

The server's time at which the request had been received decides. The first complete submission fixes the
outcome for good: a return and a slow review never make a unit late. Where the head approves, the report is
handed in when the head sends it. A sent version is never changed; after a return a new one follows.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from supervisor.core import (
    approvals,
    attachments,
    audit,
    cadences,
    field_values,
    owed_words,
    problems,
    reminders,
)
from supervisor.core.calendar import load_calendar
from supervisor.core.field_values import Filled
from supervisor.core.permissions import Actor, Permission
from supervisor.core.report_bodies import (
    EntryBody,
    Known,
    ReportBody,
    check,
    content_of,
    known_of,
    wanted_entries,
    warnings,
)
from supervisor.database import digest, transactional
from supervisor.errors import NotAllowed, NotFound, Obstacle, Refused
from supervisor.models import (
    Entry,
    EntryState,
    Obligation,
    ObligationState,
    Outcome,
    Report,
    ReportedQuantity,
    ReportEntry,
)
from supervisor.words import N_


@transactional
def submit(obligation: Obligation, body: ReportBody, *, by: Actor, now: datetime) -> Report:
    """Hand in a report, or leave it with the unit's head where the programme wants that (D11).

    `obligation` as it was when the form was read: another submission meanwhile makes this one Refused.
    Raises NotFound for another unit's, Invalid for what is incomplete or unusual without a reason.
    """
    if not (by.may(Permission.REPORT_SUBMIT) or by.may(Permission.REPORT_APPROVE)):
        raise NotAllowed
    require_own(obligation, by)
    require_open(obligation, now)
    waits = approvals.is_wanted(obligation.programme_id, by, now)
    # Claimed before it is read further: whoever comes second is told so, not that fields are missing.
    claim(obligation, ObligationState.WITH_HEAD if waits else ObligationState.SUBMITTED)
    entries = wanted_entries(obligation)
    known = known_of(entries)
    # A nil report says that nothing changed: it leaves the form empty, as it leaves the entries.
    filled = Filled() if body.nil else field_values.read(obligation, body.answers)
    check(entries, body, known, filled.wrong, filled.unexplained)
    said = _said(entries, body, known)
    report = _store(obligation, said, body, filled, by, now, sent=not waits)
    if not body.nil:
        problems.keep_answers(report, said, known)
    head = audit.record(
        by, "report.prepare" if waits else "report.submit", report, now=now,
        after={
            "obligation": obligation.id, "version": report.number, "nil": body.nil,
            "sha256": digest(content_of(body, field_values.content_of(filled))),
        },
    )  # fmt: skip
    if waits:
        approvals.ask_heads(
            obligation.unit_id, obligation.programme_id, key=str(report.id), what=owed_words.what(obligation),
            link=f"/p/{obligation.programme_id}/reports/{obligation.id}/approval", about=obligation.id, now=now,
        )  # fmt: skip
    else:
        _send(obligation, report, head, by, now)
    return Report.get_by_id(report.id)


def require_own(obligation: Obligation, by: Actor) -> None:
    """Raise NotFound for a report of another unit."""
    if obligation.programme_id != by.programme_id or obligation.unit_id not in by.unit_ids:
        raise NotFound


def require_open(obligation: Obligation, now: datetime) -> None:
    """Raise Refused, saying why, where nothing is taken: handed in, not begun, or locked."""
    here = f"/p/{obligation.programme_id}/reports/{obligation.id}"
    if obligation.state not in {ObligationState.OPEN, ObligationState.RETURNED}:
        raise Refused(
            N_("This report is not open for writing. It stands at: %(state)s.", state=obligation.state.label),
            [Obstacle(N_("See the report as it stands"), here)],
        )
    if obligation.opens_at > now:
        raise Refused(N_("This period has not begun yet."))
    require_unlocked(obligation, now)


def require_unlocked(obligation: Obligation, now: datetime) -> None:
    """Raise Refused after the lock; a returned report was in time once: no slow review locks it out."""
    if obligation.first_submitted_at is None and now >= obligation.locked_at:
        raise Refused(
            N_("This report is locked: the time for handing it in late is over as well."),
            [Obstacle(N_("See the report as it stands"), f"/p/{obligation.programme_id}/reports/{obligation.id}")],
        )  # fmt: skip


def claim(obligation: Obligation, state: ObligationState) -> None:
    """Take the report over into a state; Refused where somebody was quicker."""
    claimed = (
        Obligation.update(state=state, version=Obligation.version + 1)
        .where((Obligation.id == obligation.id) & (Obligation.version == obligation.version))
        .execute()
    )
    if not claimed:
        here = f"/p/{obligation.programme_id}/reports/{obligation.id}"
        raise Refused(
            N_("This report was handed in or changed meanwhile, perhaps in another window."),
            [Obstacle(N_("See the report as it stands"), here)],
        )


def _store(
    obligation: Obligation,
    said: Sequence[EntryBody],
    body: ReportBody,
    filled: Filled,
    by: Actor,
    now: datetime,
    *,
    sent: bool,
) -> Report:
    number = Report.select().where(Report.obligation == obligation).count() + 1
    report = Report.create(
        obligation=obligation,
        number=number,
        nil=body.nil,
        nil_reason=body.nil_reason.strip() if body.nil else "",
        submitted_by=by.user_id,
        received_at=now,
        sent=sent,
        form=filled.form,
        form_reason=filled.reason,
    )
    ReportEntry.insert_many(
        [
            {
                "report": report.id,
                "entry": one.entry_id,
                "progress": one.progress,
                "done": one.done.strip(),
                "problems": one.problems.strip(),
                "next_steps": one.next_steps.strip(),
                "help_wanted": one.help_wanted.strip(),
                "self_light": one.self_light,
                "figure_reason": one.figure_reason.strip(),
            }
            for one in said
        ]
    ).execute()
    _store_figures(report, said, by)
    field_values.store(report, filled, by=by)
    return report


def _store_figures(report: Report, said: Sequence[EntryBody], by: Actor) -> None:
    """Quantities and files of the entries just written."""
    if not any(one.quantities or one.attachment_ids for one in said):
        return
    written = ReportEntry.select(ReportEntry.id, ReportEntry.entry).where(ReportEntry.report == report.id)
    row_of = {row.entry_id: row for row in written}
    figures: list[dict[str, Any]] = [
        {"report_entry": row_of[one.entry_id].id, "measure": measure, "cumulative": figure}
        for one in said
        for measure, figure in one.quantities.items()
        if figure is not None
    ]
    if figures:
        ReportedQuantity.insert_many(figures).execute()
    for one in said:
        attachments.link(one.attachment_ids, report_entry=row_of[one.entry_id], by=by)


def _said(entries: Sequence[Entry], body: ReportBody, known: Mapping[int, Known]) -> list[EntryBody]:
    """What a complete report says of each entry, in the notice's order."""
    said_of = {one.entry_id: one for one in body.entries}
    return [_nil_entry(entry, known[entry.id]) if body.nil else said_of[entry.id] for entry in entries]


def _nil_entry(entry: Entry, known: Known) -> EntryBody:
    """What a nil report says of each task: everything as last accepted. The office accepts or returns it."""
    return EntryBody(
        entry.id, known.progress or 0, quantities={m: a for m, a in known.accepted.items() if a is not None}
    )


def _send(obligation: Obligation, report: Report, head: audit.Head, by: Actor, now: datetime) -> None:
    """The report is handed in: entries wait for review, the first one fixes outcome and lateness (D11)."""
    entry_ids = ReportEntry.select(ReportEntry.entry).where(ReportEntry.report == report)
    Entry.update(state=EntryState.SUBMITTED).where(Entry.id.in_(entry_ids)).execute()
    fix_outcome(obligation, now, nil=report.nil)
    number = f"HZ-{obligation.period}-{obligation.id}-{report.number}"
    Report.update(sent=True, receipt=number, audit_head=str(head)).where(Report.id == report.id).execute()
    reminders.cancel(obligation.id, now)
    problems.take(report, obligation, by=by, now=now)


def fix_outcome(obligation: Obligation, now: datetime, *, nil: bool = False) -> None:
    """The first complete submission fixes outcome and lateness for good (D11); in the grace nothing is late."""
    if obligation.first_submitted_at is not None:
        return
    # What was missing at its lock and comes by a late permit is late, whatever the grace.
    was_missing = obligation.outcome is Outcome.MISSING
    in_grace = not was_missing and obligation.grace_at is not None and now < obligation.grace_at
    late = 0 if in_grace else cadences.late_workdays(obligation.due_at, now, load_calendar())
    timely = Outcome.LATE if late else Outcome.ON_TIME
    Obligation.update(
        first_submitted_at=now, outcome=Outcome.NIL if nil else timely, late_workdays=late
    ).where(Obligation.id == obligation.id).execute()


@transactional
def approve(report: Report, *, by: Actor, now: datetime) -> Report:
    """The unit's head sends the report to the lead office: this is the submission whose time counts (D11)."""
    obligation = approvals.waiting(report, by)
    require_unlocked(obligation, now)
    claim(obligation, ObligationState.SUBMITTED)
    Report.update(approved_by=by.user_id, approved_at=now).where(Report.id == report.id).execute()
    head = audit.record(
        by, "report.submit", report, now=now, after={"obligation": obligation.id, "approved": True}
    )
    _send(obligation, report, head, by, now)
    return Report.get_by_id(report.id)


__all__ = ["EntryBody", "ReportBody", "approve", "submit", "warnings"]
