"""What waits for the office: reports to review, and requests to decide, oldest first. Reads only."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from peewee import ModelSelect

from supervisor.clock import beijing_date
from supervisor.core import field_values, reviews
from supervisor.core.calendar import load_calendar
from supervisor.core.periods import Period
from supervisor.core.permissions import Actor
from supervisor.core.planned import planned_of_link
from supervisor.core.programmes import settings_on
from supervisor.errors import NotFound
from supervisor.models import (
    Assignment,
    Attachment,
    Entry,
    FieldValue,
    Obligation,
    ObligationState,
    Plan,
    QuantityTarget,
    Report,
    ReportedQuantity,
    ReportEntry,
    ReportingRule,
    Task,
    Unit,
    Verdict,
)

#: Reports a page.
PAGE = 20


@dataclass(frozen=True)
class Figure:
    """A cumulative quantity beside the one before and its target."""

    measure: str
    now: int | None
    before: int | None
    target: int | None

    @property
    def changed(self) -> bool:
        """Whether it differs from the one before."""
        return self.before is not None and self.now != self.before


@dataclass(frozen=True)
class Line:
    """One entry to review, with what the reviewer compares it with."""

    row: ReportEntry
    task: Task
    assignment: Assignment
    #: Progress planned for the end of the period, whole percent; None = no plan and no due date.
    planned: int | None
    #: The entry about the same task accepted for the period before, or None.
    before: ReportEntry | None
    figures: tuple[Figure, ...]
    attachments: tuple[Attachment, ...]

    @property
    def step(self) -> int | None:
        """Percentage points since the period before."""
        return None if self.before is None else self.row.progress - self.before.progress


@dataclass(frozen=True)
class Waiting:
    """One report that waits, and its entries that have no verdict yet."""

    report: Report
    obligation: Obligation
    unit: Unit
    lines: tuple[Line, ...]
    days_open: int
    #: Open longer than the programme allows itself.
    is_overdue: bool
    #: The reviewer's own unit: somebody else must review it.
    is_own: bool
    #: What the form of the rule says: names and values.
    said: tuple[FieldValue, ...] = ()


@dataclass(frozen=True)
class Queue:
    """A page of the queue, what it can be narrowed to, and where it goes on."""

    reports: tuple[Waiting, ...]
    units: tuple[Unit, ...]
    periods: tuple[str, ...]
    following: str | None = None
    return_workdays: int = 3


def queue(
    actor: Actor,
    *,
    now: datetime,
    unit_id: int | None = None,
    task_id: int | None = None,
    period: str = "",
    after: str = "",
) -> Queue:
    """Reports with entries to review, oldest first, one page from `after` (a cursor) on."""
    waiting = _waiting_reports(actor)
    narrowed = waiting
    if unit_id is not None:
        narrowed = narrowed.where(Obligation.unit == unit_id)
    if period:
        narrowed = narrowed.where(Obligation.period == period)
    if task_id is not None:
        of_task = ReportEntry.select(ReportEntry.report).join(Entry).where(Entry.task == task_id)
        narrowed = narrowed.where(Report.id.in_(of_task))
    if after:
        narrowed = narrowed.where(_beyond(after))
    rows = list(narrowed.order_by(Report.received_at, Report.id).limit(PAGE + 1))
    shown, more = rows[:PAGE], len(rows) > PAGE
    settings = settings_on(actor.programme_id or 0, beijing_date(now))
    choices = _choices(actor)
    return Queue(
        reports=tuple(_with_lines(shown, actor, now, settings.review_alarm_workdays, task_id)),
        units=choices[0],
        periods=choices[1],
        following=_cursor(shown[-1]) if more else None,
        return_workdays=settings.return_workdays,
    )


def one(report_entry_id: int, actor: Actor, *, now: datetime) -> tuple[Waiting, Line]:
    """One entry with its report, also after its review; NotFound outside the actor's programme."""
    query = _reports(actor).where(
        Report.id.in_(ReportEntry.select(ReportEntry.report).where(ReportEntry.id == report_entry_id))
    )
    report = query.first()
    if report is None:
        raise NotFound
    settings = settings_on(report.obligation.programme_id, beijing_date(now))
    (waiting,) = _with_lines([report], actor, now, settings.review_alarm_workdays, None, decided=True)
    for line in waiting.lines:
        if line.row.id == report_entry_id:
            return waiting, line
    raise NotFound


def versions(line: Line) -> list[ReportEntry]:
    """All versions of an entry, oldest first, with their reports."""
    return list(
        ReportEntry.select(ReportEntry, Report)
        .join(Report)
        .where((ReportEntry.entry == line.row.entry_id) & (Report.sent == True))  # noqa: E712 -- a condition in SQL
        .order_by(Report.number)
    )


def next_after(report_id: int, report_entry_id: int, actor: Actor) -> int | None:
    """The entry to review after this one: in the same report, else the first of the oldest report."""
    same = (
        ReportEntry.select(ReportEntry.id)
        .join(Entry)
        .where(
            (ReportEntry.report == report_id)
            & ReportEntry.verdict.is_null()
            & (ReportEntry.id != report_entry_id)
        )
        .order_by(Entry.sort, Entry.id)
        .first()
    )
    if same is not None:
        return int(same.id)
    oldest = (
        _waiting_reports(actor).where(Report.id != report_id).order_by(Report.received_at, Report.id).first()
    )
    if oldest is None:
        return None
    first = (
        ReportEntry.select(ReportEntry.id)
        .join(Entry)
        .where((ReportEntry.report == oldest.id) & ReportEntry.verdict.is_null())
        .order_by(Entry.sort, Entry.id)
        .first()
    )
    return int(first.id) if first else None


def _reports(actor: Actor) -> ModelSelect[Report]:
    return (
        Report.select(Report, Obligation, Unit, ReportingRule)
        .join(Obligation)
        .join(Unit)
        .switch(Obligation)
        .join(ReportingRule)
        .where((Obligation.programme == actor.programme_id) & (Report.sent == True))  # noqa: E712 -- SQL
    )


def _waiting_reports(actor: Actor) -> ModelSelect[Report]:
    unreviewed = ReportEntry.select(ReportEntry.report).where(ReportEntry.verdict.is_null())
    return _reports(actor).where((Obligation.state == ObligationState.SUBMITTED) & Report.id.in_(unreviewed))


def _choices(actor: Actor) -> tuple[tuple[Unit, ...], tuple[str, ...]]:
    """Units and periods that have something waiting, in one query."""
    rows = list(
        Obligation.select(Obligation.period, Obligation.unit, Unit)
        .join(Unit)
        .where((Obligation.programme == actor.programme_id) & (Obligation.state == ObligationState.SUBMITTED))
        .order_by(Unit.sort, Unit.id)
    )
    units = {row.unit_id: row.unit for row in rows}
    return tuple(units.values()), tuple(sorted({row.period for row in rows}))


def _cursor(report: Report) -> str:
    return f"{report.received_at.isoformat()}~{report.id}"


def _beyond(cursor: str) -> object:
    moment, _, key = cursor.partition("~")
    try:
        at, last = datetime.fromisoformat(moment), int(key)
    except ValueError:
        raise NotFound from None
    if at.tzinfo is None:
        raise NotFound
    return (Report.received_at > at) | ((Report.received_at == at) & (Report.id > last))


def _with_lines(
    reports: Sequence[Report],
    actor: Actor,
    now: datetime,
    allowed: int,
    task_id: int | None,
    *,
    decided: bool = False,
) -> list[Waiting]:
    """Reports with their lines, in five queries however many there are."""
    lines = _lines_of(reports, _entries([report.id for report in reports], task_id, decided=decided))
    today, calendar = beijing_date(now), load_calendar()
    said = field_values.values_of([report.id for report in reports])
    found = []
    for report in reports:
        waited = reviews.days_open(report.received_at, today, calendar)
        found.append(
            Waiting(
                report=report,
                obligation=report.obligation,
                unit=report.obligation.unit,
                lines=tuple(lines[report.id]),
                days_open=waited,
                is_overdue=waited > allowed,
                is_own=report.obligation.unit_id in actor.unit_ids,
                said=tuple(said.get(report.id, {}).values()),
            )
        )
    return found


def _lines_of(reports: Sequence[Report], entries: Sequence[ReportEntry]) -> dict[int, list[Line]]:
    """Report -> its lines, each with what was said before and against which target."""
    before = _before(reports, entries)
    figures = _figures([*entries, *before.values()])
    targets = _targets(entries)
    files: dict[int, list[Attachment]] = defaultdict(list)
    for file in Attachment.select().where(Attachment.report_entry.in_([row.id for row in entries])):
        files[file.report_entry_id or 0].append(file)
    lines: dict[int, list[Line]] = defaultdict(list)
    for row in entries:
        link, task = row.entry.assignment, row.entry.task
        previous = before.get((row.report_id, link.id))
        wanted = targets.get((task.id, link.unit_id), {})
        end = Period.parse(row.report.obligation.period).end
        lines[row.report_id].append(
            Line(
                row=row,
                task=task,
                assignment=link,
                planned=planned_of_link(link, task, task.plan, end),
                before=previous,
                figures=tuple(
                    Figure(
                        measure,
                        figures.get((row.id, measure)),
                        figures.get((previous.id, measure)) if previous else None,
                        target,
                    )
                    for measure, target in wanted.items()
                ),
                attachments=tuple(files[row.id]),
            )
        )
    return lines


def _entries(report_ids: Sequence[int], task_id: int | None, *, decided: bool) -> list[ReportEntry]:
    query = (
        ReportEntry.select(ReportEntry, Report, Obligation, Entry, Assignment, Task, Plan)
        .join(Report)
        .join(Obligation)
        .switch(ReportEntry)
        .join(Entry)
        .join(Assignment)
        .switch(Entry)
        .join(Task)
        .join(Plan)
        .where(ReportEntry.report.in_(list(report_ids)))
    )
    if not decided:
        query = query.where(ReportEntry.verdict.is_null())
    if task_id is not None:
        query = query.where(Entry.task == task_id)
    return list(query.order_by(Entry.sort, Entry.id))


def _before(reports: Sequence[Report], entries: Sequence[ReportEntry]) -> dict[tuple[int, int], ReportEntry]:
    """(report, link) → the entry accepted for the period before, in one query."""
    previous = {report.id: Period.parse(report.obligation.period).previous().key for report in reports}
    rows = (
        ReportEntry.select(ReportEntry, Entry, Report, Obligation)
        .join(Entry)
        .switch(ReportEntry)
        .join(Report)
        .join(Obligation)
        .where(
            Entry.assignment.in_([row.entry.assignment_id for row in entries])
            & (ReportEntry.verdict == Verdict.ACCEPTED)
            & Obligation.period.in_(sorted(set(previous.values())))
        )
        .order_by(Report.number)
    )
    accepted = {(row.entry.assignment_id, row.report.obligation.period): row for row in rows}
    found = {}
    for row in entries:
        match = accepted.get((row.entry.assignment_id, previous[row.report_id]))
        if match is not None:
            found[row.report_id, row.entry.assignment_id] = match
    return found


def _figures(rows: Iterable[ReportEntry]) -> dict[tuple[int, str], int]:
    wanted = sorted({row.id for row in rows})
    query = ReportedQuantity.select().where(ReportedQuantity.report_entry.in_(wanted))
    return {(row.report_entry_id, row.measure): row.cumulative for row in query}


def _targets(entries: Sequence[ReportEntry]) -> dict[tuple[int, int], dict[str, int]]:
    """(task, unit) → measure → target."""
    found: dict[tuple[int, int], dict[str, int]] = defaultdict(dict)
    query = QuantityTarget.select().where(
        QuantityTarget.task.in_(sorted({row.entry.task_id for row in entries}))
        & QuantityTarget.unit.in_(sorted({row.entry.assignment.unit_id for row in entries}))
    )
    for row in query.order_by(QuantityTarget.id):
        found[row.task_id, row.unit_id][row.measure] = row.target
    return found
