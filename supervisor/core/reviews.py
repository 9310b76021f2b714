"""Review of what units handed in: entry by entry, accepted with a mark or returned with a reason (D1, D9).

When the last entry of a report is decided, the report is accepted or goes back as a whole. How long the
review takes never touches the unit's lateness: that was fixed when it handed in.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from supervisor.clock import beijing_date
from supervisor.core import audit, events, messages, people, reminders, tasks
from supervisor.core.calendar import load_calendar
from supervisor.core.days import day_words
from supervisor.core.periods import Period, PeriodKind, period_of
from supervisor.core.permissions import Actor, Permission
from supervisor.core.programmes import settings_on
from supervisor.core.workdays import Calendar
from supervisor.database import is_sqlite, transactional
from supervisor.errors import Invalid, NotFound, Refused
from supervisor.models import (
    Assignment,
    AssignmentState,
    Entry,
    EntryState,
    Light,
    Obligation,
    ObligationState,
    QuantityTarget,
    Report,
    ReportedQuantity,
    ReportEntry,
    Task,
    Unit,
    User,
    Verdict,
)
from supervisor.models.base import rows_of
from supervisor.statements import among, statement
from supervisor.words import N_, Sentence

#: Longest reason, characters.
NOTE_LIMIT = 2000
#: A new version may be asked for at most this many days ahead.
FURTHEST = timedelta(days=92)
#: At most so many entries are accepted by one press.
MANY = 500


@dataclass(frozen=True)
class Ruling:
    """What the reviewer decides on entries; `check` says all that is wrong with it at once."""

    verdict: Verdict
    mark: int | None = None
    note: str = ""
    due_on: date | None = None

    def check(self, today: date) -> None:
        """Raise Invalid naming each field: a mark to accept; a reason and a day to return."""
        fields: dict[str, Sentence] = {}
        if self.verdict is Verdict.ACCEPTED:
            if self.mark is None:
                fields["mark"] = N_("Give a mark from 0 to 100.")
            elif not 0 <= self.mark <= 100:
                fields["mark"] = N_("A mark is a whole number from 0 to 100.")
        else:
            if not self.note.strip():
                fields["note"] = N_("Say what is to be changed; the unit reads this.")
            if self.due_on is None:
                fields["due_on"] = N_("Give the day by which the new version is due.")
            elif not today < self.due_on <= today + FURTHEST:
                fields["due_on"] = N_("The new version is due after today, within three months.")
        if len(self.note) > NOTE_LIMIT:
            fields["note"] = N_("At most %(n)s characters.", n=NOTE_LIMIT)
        if fields:
            raise Invalid(N_("Nothing was decided."), fields)


@transactional
def decide(
    report_entry: ReportEntry,
    verdict: Verdict,
    *,
    mark: int | None = None,
    note: str = "",
    due_on: date | None = None,
    by: Actor,
    now: datetime,
) -> None:
    """Accept one entry with a mark, or return it with a reason and a new due day.

    Raises NotFound for another programme's, Invalid for what is missing, Refused when it is no longer
    waiting or belongs to the reviewer's own unit.
    """
    by.require(Permission.REVIEW_DECIDE)
    _rule(Ruling(verdict, mark, note, due_on), [report_entry.id], by, now)


@transactional
def accept_many(ids: Sequence[int], mark: int | None, *, by: Actor, now: datetime) -> int:
    """Accept several entries with one mark, all or none; answers how many."""
    by.require(Permission.REVIEW_DECIDE)
    if not ids:
        raise Invalid(N_("Choose at least one entry."), {"entry": N_("Choose at least one entry.")})
    if len(ids) > MANY:
        raise Invalid(N_("At most %(n)s entries at once.", n=MANY))
    return _rule(Ruling(Verdict.ACCEPTED, mark), ids, by, now)


def _rule(ruling: Ruling, ids: Sequence[int], by: Actor, now: datetime) -> int:
    """Decide these entries alike, then each report whose last entry that was."""
    ruling.check(beijing_date(now))
    wanted = sorted(set(ids))
    rows = _waiting(wanted, by.programme_id)
    if len(rows) != len(wanted):
        raise NotFound
    for row in rows:
        if row.report.obligation.unit_id in by.unit_ids:
            raise Refused(N_("Nobody reviews the report of their own unit."))
    reports = {row.report_id: row.report for row in rows}
    for report in sorted(reports.values(), key=lambda report: report.obligation_id):
        _hold(report)
    _decide_entries(rows, ruling, by, now)
    if ruling.verdict is Verdict.RETURNED:
        for report in reports.values():
            _set_return_day(report, ruling)
    for report in reports.values():
        _conclude(report, by, now)
    tasks.refresh([row.entry.task_id for row in rows], now)
    return len(rows)


@statement
def _waiting(ids: Any, programme_id: Any) -> Any:
    """These entries of sent reports in the reviewer's programme, with all that a decision touches; no texts."""
    columns = (
        ReportEntry.id, ReportEntry.entry, ReportEntry.report, ReportEntry.progress, ReportEntry.self_light,
        Entry.id, Entry.state, Entry.task, Entry.assignment, Assignment.id, Assignment.task, Assignment.unit, Report.id,
        Report.obligation, Obligation.id, Obligation.unit, Obligation.period, Obligation.return_due_on,
    )  # fmt: skip
    return (
        ReportEntry.select(*columns)
        .join(Entry)
        .join(Assignment)
        .switch(ReportEntry)
        .join(Report)
        .join(Obligation)
        .where(
            among(ReportEntry.id, ids) & (Obligation.programme == programme_id) & (Report.sent == True)  # noqa: E712 -- a condition in SQL
        )
        .order_by(ReportEntry.id)
    )


def _hold(report: Report) -> None:
    """Take the owed report for this transaction: two reviewers of its last two entries must not both miss the end."""
    held = (
        Obligation.update(version=Obligation.version + 1)
        .where((Obligation.id == report.obligation_id) & (Obligation.state == ObligationState.SUBMITTED))
        .execute()
    )
    if not held:
        raise Refused(N_("This report is no longer waiting for review."))


def _figures_of(ids: Sequence[int]) -> dict[int, list[ReportedQuantity]]:
    """Report entry -> the quantities reported with it; one query."""
    found: dict[int, list[ReportedQuantity]] = {}
    for quantity in _reported(list(ids)):
        found.setdefault(quantity.report_entry_id, []).append(quantity)
    return found


@statement
def _reported(ids: Any) -> Any:
    return ReportedQuantity.select().where(among(ReportedQuantity.report_entry, ids))


def _decide_entries(rows: Sequence[ReportEntry], ruling: Ruling, by: Actor, now: datetime) -> None:
    """The same ruling on each; all of them or none, so that nobody's decision is written over."""
    accepted = ruling.verdict is Verdict.ACCEPTED
    state = EntryState.ACCEPTED if accepted else EntryState.RETURNED
    mark, ids = ruling.mark if accepted else None, [row.id for row in rows]
    decided = (
        ReportEntry.update(
            verdict=ruling.verdict,
            mark=mark,
            review_note=ruling.note.strip(),
            reviewed_by=by.user_id,
            reviewed_at=now,
        )
        .where(ReportEntry.id.in_(ids) & ReportEntry.verdict.is_null())
        .execute()
    )
    if decided != len(rows):
        raise Refused(N_("Somebody else has already reviewed this entry."))
    Entry.update(state=state).where(Entry.id.in_([row.entry_id for row in rows])).execute()
    if accepted:
        figures = _figures_of(ids)
        for report_id in dict.fromkeys(row.report_id for row in rows):
            _take_figures([row for row in rows if row.report_id == report_id], figures)
    after = {"state": state, "mark": mark, "due_on": ruling.due_on}
    action = "review.accept" if accepted else "review.return"
    for row in rows:
        before = {"state": row.entry.state}
        audit.record(by, action, row, now=now, before=before, after=after, reason=ruling.note.strip())


def _take_figures(rows: Sequence[ReportEntry], figures: Mapping[int, Sequence[ReportedQuantity]]) -> None:
    """What was accepted of one report becomes its links' progress and quantities.

    A link of which a later period was accepted before, or which is closed, keeps what it has.
    """
    period = rows[0].report.obligation.period
    mine = Assignment.id.in_([row.entry.assignment_id for row in rows]) & (
        Assignment.state != AssignmentState.CLOSED
    )
    # FOR UPDATE keeps a link from being closed between the look and the update (SQLite has one writer anyway).
    open_ones = (
        Assignment.select(Assignment.id, Assignment.progress_period).where(mine).order_by(Assignment.id)
    )
    known = rows_of(open_ones if is_sqlite() else open_ones.for_update())
    takers = {
        key for key, before in known if not before or Period.parse(before).end <= Period.parse(period).end
    }
    taken = [row for row in rows if row.entry.assignment_id in takers]
    alike: dict[tuple[int, Light | None], list[int]] = {}
    for row in taken:
        alike.setdefault((row.progress, row.self_light), []).append(row.entry.assignment_id)
    for (progress, own), links in alike.items():
        Assignment.update(progress=progress, progress_period=period, self_light=own).where(
            Assignment.id.in_(links)
        ).execute()
    for row in taken:
        for quantity in figures.get(row.id, ()):
            QuantityTarget.update(accepted=quantity.cumulative).where(
                (QuantityTarget.task == row.entry.assignment.task_id)
                & (QuantityTarget.unit == row.entry.assignment.unit_id)
                & (QuantityTarget.measure == quantity.measure)
            ).execute()


def _set_return_day(report: Report, ruling: Ruling) -> None:
    """One new version answers all returned entries: it is due on the latest of their days."""
    days = [ruling.due_on] if ruling.due_on else []
    returned = (ReportEntry.report == report.id) & (ReportEntry.verdict == Verdict.RETURNED)
    before = report.obligation.return_due_on
    if before and ReportEntry.select().where(returned).count() > 1:
        days.append(before)
    Obligation.update(return_due_on=max(days)).where(Obligation.id == report.obligation_id).execute()


def _conclude(report: Report, by: Actor, now: datetime) -> None:
    """After the last entry the report is accepted, or goes back with everything that was returned."""
    said = {row[0] for row in _verdicts(report.id)}
    if None in said:
        return
    obligation: Obligation = _place_of(report.obligation_id)[0]
    if Verdict.RETURNED not in said:
        Obligation.update(state=ObligationState.ACCEPTED).where(Obligation.id == obligation.id).execute()
        audit.record(by, "report.accept", report, now=now, after={"obligation": obligation.id})
        _tell_accepted(obligation, report, now)
        return
    # A slow review must leave the unit time: the new version is never due on the day it is asked for.
    soonest = load_calendar().next_workday(beijing_date(now))
    due_on = max(obligation.return_due_on or soonest, soonest)
    Obligation.update(
        state=ObligationState.RETURNED, returns=Obligation.returns + 1, return_due_on=due_on
    ).where(Obligation.id == obligation.id).execute()
    audit.record(by, "report.return", report, now=now, after={"obligation": obligation.id, "due_on": due_on})
    _tell_returned(obligation, report, _returned(report), due_on, now)


@statement
def _verdicts(report_id: Any) -> Any:
    return ReportEntry.select(ReportEntry.verdict).where(ReportEntry.report == report_id).tuples()


@statement
def _place_of(obligation_id: Any) -> Any:
    columns = (
        Obligation.id, Obligation.programme, Obligation.unit, Obligation.period, Obligation.return_due_on,
    )  # fmt: skip
    return Obligation.select(*columns).where(Obligation.id == obligation_id)


def _returned(report: Report) -> list[ReportEntry]:
    """The returned entries with their tasks, in the notice's order."""
    return list(
        ReportEntry.select(
            ReportEntry.id, ReportEntry.review_note, ReportEntry.entry, Entry.id, Entry.task, Task
        )
        .join(Entry)
        .join(Task)
        .where((ReportEntry.report == report.id) & (ReportEntry.verdict == Verdict.RETURNED))
        .order_by(Entry.sort, Entry.id)
    )


def _receivers(obligation: Obligation, now: datetime) -> list[User]:
    """The unit's liaisons; where there is none, its head (D13)."""
    place = [obligation.unit_id], obligation.programme_id, beijing_date(now)
    return people.liaisons_of(*place).get(obligation.unit_id) or people.heads_of(*place).get(
        obligation.unit_id, []
    )


def _tell_accepted(obligation: Obligation, report: Report, now: datetime) -> None:
    messages.notify(
        event=events.REPORT_ACCEPTED,
        key=f"accept:report:{report.id}",
        to=_receivers(obligation, now),
        fields={"period": Period.parse(obligation.period).label},
        link=f"/p/{obligation.programme_id}/reports/{obligation.id}",
        programme_id=obligation.programme_id,
        unit_id=obligation.unit_id,
        now=now,
    )


def _tell_returned(
    obligation: Obligation, report: Report, returned: Sequence[ReportEntry], due_on: date, now: datetime
) -> None:
    """A return is told at once, with every reason (D13)."""
    messages.notify(
        event=events.REPORT_RETURNED,
        key=f"return:report:{report.id}",
        to=_receivers(obligation, now),
        fields={
            "period": Period.parse(obligation.period).label,
            "day": day_words(due_on),
            "reasons": [
                N_("%(task)s: %(reason)s", task=entry.entry.task.title, reason=entry.review_note)
                for entry in returned
            ],
        },
        link=f"/p/{obligation.programme_id}/reports/{obligation.id}/form",
        programme_id=obligation.programme_id,
        unit_id=obligation.unit_id,
        about=obligation.id,
        now=now,
    )


def days_open(received_at: datetime, today: date, calendar: Calendar) -> int:
    """Working days that a report has been waiting for its review; 0 on the day it came."""
    return max(0, calendar.workdays_between(beijing_date(received_at), today))


def overdue(programme_id: int, *, now: datetime) -> list[Report]:
    """Reports that have waited longer for review than the programme allows itself (D9), oldest first."""
    today = beijing_date(now)
    allowed = settings_on(programme_id, today).review_alarm_workdays
    calendar = load_calendar()
    waiting = (
        Report.select(Report, Obligation, Unit)
        .join(Obligation)
        .join(Unit)
        .where(
            (Obligation.programme == programme_id)
            & (Obligation.state == ObligationState.SUBMITTED)
            & (Report.sent == True)  # noqa: E712 -- a condition in SQL
            & Report.id.in_(ReportEntry.select(ReportEntry.report).where(ReportEntry.verdict.is_null()))
        )
        .order_by(Report.received_at, Report.id)
    )
    return [row for row in waiting if days_open(row.received_at, today, calendar) > allowed]


def alarm(now: datetime) -> int:
    """Show reviews open too long to the leaders, once a week while any is; answers how many leaders were told."""
    today = beijing_date(now)
    if not reminders.may_go_out(now, load_calendar()):
        return 0
    week = period_of(PeriodKind.WEEK, today).key
    told = 0
    for programme_id in reminders.running(today):
        key = f"alarm:review:{programme_id}:{week}"
        leaders = people.leaders_of(programme_id, today)
        if not leaders or messages.was_told(key, leaders):
            continue
        late = overdue(programme_id, now=now)
        if not late:
            continue
        units = list(dict.fromkeys(row.obligation.unit.name for row in late))
        told += messages.notify(
            event=events.REVIEWS_LATE,
            key=key,
            to=leaders,
            fields={"count": len(late), "units": "、".join(units[:20])},
            link=f"/p/{programme_id}/",
            programme_id=programme_id,
            now=now,
        )
    return told
