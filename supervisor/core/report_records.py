"""A report as its pages show it: the form with last month beside it, and all versions with what changed."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime

from supervisor.clock import beijing_date
from supervisor.core import deadline_records, milestones
from supervisor.core.calendar import load_calendar
from supervisor.core.days import left_words
from supervisor.core.deadline_records import DeadlineRecord
from supervisor.core.periods import Period
from supervisor.core.permissions import Actor
from supervisor.core.programmes import settings_on
from supervisor.core.report_bodies import Known, known_of, wanted_entries
from supervisor.models import (
    Attachment,
    Entry,
    EntryState,
    Obligation,
    ObligationState,
    Problem,
    ProblemAnswer,
    Report,
    ReportedQuantity,
    ReportEntry,
    Task,
    Unit,
    User,
)
from supervisor.models.base import rows_of
from supervisor.words import Sentence

#: Texts of an entry that a page compares between versions.
TEXTS = ("done", "problems", "next_steps", "help_wanted", "figure_reason")


@dataclass(frozen=True)
class Version:
    """What one version says of one task."""

    row: ReportEntry
    number: int
    quantities: Mapping[str, int]
    files: Sequence[Attachment] = ()
    #: Names of the parts that differ from the version before.
    changed: frozenset[str] = frozenset()
    #: What it says of problems raised before.
    answers: Sequence[ProblemAnswer] = ()


@dataclass(frozen=True)
class FormEntry:
    """One task of the form: what to fill, what was said last period, what was said before the return."""

    entry: Entry
    task: Task
    known: Known
    last: Version | None
    before: Version | None
    #: Percent of the unit's part whose milestones were done by the period's end; None = no accepted work plan.
    milestones: int | None = None

    @property
    def proposed(self) -> int | None:
        """The progress that done milestones propose, never less than what was accepted."""
        return None if self.milestones is None else max(self.milestones, self.known.progress or 0)

    @property
    def returned(self) -> bool:
        """Whether the office wants this one again."""
        return self.entry.state is EntryState.RETURNED


@dataclass(frozen=True)
class ReportForm:
    """The whole form; `kept` are entries already accepted or waiting, shown read-only."""

    obligation: Obligation
    unit_name: str
    number: int
    entries: Sequence[FormEntry]
    kept: Sequence[tuple[Entry, Version]]
    last_period: str
    left: Sentence
    head_approves: bool
    may_nil: bool


@dataclass(frozen=True)
class TaskVersions:
    """One task in the report: its versions, oldest first."""

    entry: Entry
    task: Task
    versions: Sequence[Version]


@dataclass(frozen=True)
class ReportRecord:
    """The report's page."""

    obligation: Obligation
    unit_name: str
    reports: Sequence[Report]
    tasks: Sequence[TaskVersions]
    deadline: DeadlineRecord
    people: Mapping[int, str] = field(default_factory=dict)
    left: Sentence | None = None

    @property
    def waiting(self) -> Report | None:
        """The version that waits for the unit's head."""
        newest = self.reports[-1] if self.reports else None
        with_head = self.obligation.state is ObligationState.WITH_HEAD
        return newest if with_head and newest is not None and not newest.sent else None

    @property
    def newest_sent(self) -> Report | None:
        """The version last handed in."""
        return next((report for report in reversed(self.reports) if report.sent), None)


def read_form(obligation: Obligation, *, now: datetime) -> ReportForm:
    """The form for what the unit still owes in this report."""
    wanted = wanted_entries(obligation)
    known = known_of(wanted)
    rows = _entries_of(obligation)
    by_task = {entry.id: entry.task for entry in rows}
    versions = _versions(Report.obligation == obligation, sent_only=False)
    last_period, last = _last(obligation)
    open_ids = {entry.id for entry in wanted}
    done = milestones.done_weight(
        [entry.assignment_id for entry in wanted], Period.parse(obligation.period).end
    )
    settings = settings_on(obligation.programme_id, beijing_date(now))
    return ReportForm(
        obligation=obligation,
        unit_name=Unit.get_by_id(obligation.unit_id).name,
        number=Report.select().where(Report.obligation == obligation).count() + 1,
        entries=[
            FormEntry(
                entry,
                by_task[entry.id],
                known[entry.id],
                last.get(entry.assignment_id),
                versions[entry.id][-1] if entry.id in versions else None,
                done.get(entry.assignment_id),
            )
            for entry in wanted
        ],
        kept=[(e, versions[e.id][-1]) for e in rows if e.id not in open_ids and e.id in versions],
        last_period=last_period,
        left=left_words(beijing_date(now), _due_day(obligation), load_calendar()),
        head_approves=settings.head_approves,
        may_nil=all(entry.state is EntryState.OPEN for entry in wanted),
    )


def _due_day(obligation: Obligation) -> date:
    if obligation.state is ObligationState.RETURNED and obligation.return_due_on:
        return obligation.return_due_on
    return obligation.due_on


def _entries_of(obligation: Obligation) -> list[Entry]:
    query = Entry.select(Entry, Task).join(Task).where(Entry.obligation == obligation)
    return list(query.order_by(Entry.sort, Entry.id))


def _last(obligation: Obligation) -> tuple[str, dict[int, Version]]:
    """The unit's report before this one that was handed in, and its newest words by assignment."""
    row = (
        Obligation.select()
        .where(
            (Obligation.rule == obligation.rule_id)
            & (Obligation.unit == obligation.unit_id)
            & (Obligation.period < obligation.period)
            & Obligation.first_submitted_at.is_null(is_null=False)
        )
        .order_by(Obligation.period.desc())
        .first()
    )
    if row is None:
        return "", {}
    of = dict(rows_of(Entry.select(Entry.id, Entry.assignment).where(Entry.obligation == row)))
    found = _versions(Report.obligation == row, sent_only=True)
    return row.period, {of[entry_id]: versions[-1] for entry_id, versions in found.items()}


def _versions(of: object, *, sent_only: bool) -> dict[int, list[Version]]:
    """Entry id -> its versions, oldest first, with quantities, files and answers, in four queries."""
    query = ReportEntry.select(ReportEntry, Report).join(Report).where(of)
    if sent_only:
        query = query.where(Report.sent == True)  # noqa: E712 -- a column, not a bool
    rows = list(query.order_by(Report.number, ReportEntry.id))
    ids = [row.id for row in rows]
    figures: dict[int, dict[str, int]] = {}
    quantities = ReportedQuantity.select(
        ReportedQuantity.report_entry, ReportedQuantity.measure, ReportedQuantity.cumulative
    ).where(ReportedQuantity.report_entry.in_(ids))
    for key, measure, cumulative in rows_of(quantities.order_by(ReportedQuantity.id)):
        figures.setdefault(key, {})[measure] = cumulative
    files: dict[int | None, list[Attachment]] = {}
    for file in Attachment.select().where(Attachment.report_entry.in_(ids)).order_by(Attachment.id):
        files.setdefault(file.report_entry_id, []).append(file)
    answers: dict[int, list[ProblemAnswer]] = {}
    told = (
        ProblemAnswer.select(ProblemAnswer, Problem).join(Problem).where(ProblemAnswer.report_entry.in_(ids))
    )
    for answer in told.order_by(ProblemAnswer.id):
        answers.setdefault(answer.report_entry_id, []).append(answer)
    found: dict[int, list[Version]] = {}
    for row in rows:
        earlier = found.setdefault(row.entry_id, [])
        said = figures.get(row.id, {})
        changed = _changed(earlier[-1], row, said) if earlier else frozenset()
        earlier.append(
            Version(row, row.report.number, said, files.get(row.id, ()), changed, answers.get(row.id, ()))
        )
    return found


def _changed(before: Version, row: ReportEntry, quantities: Mapping[str, int]) -> frozenset[str]:
    parts = {name for name in (*TEXTS, "progress") if getattr(before.row, name) != getattr(row, name)}
    parts |= {measure for measure, n in quantities.items() if before.quantities.get(measure) != n}
    return frozenset(parts)


def read_record(obligation: Obligation, actor: Actor, *, now: datetime) -> ReportRecord:
    """All versions of a report; what waits for the unit's head is the unit's own business until sent (D16)."""
    own = obligation.unit_id in actor.unit_ids
    query = Report.select().where(Report.obligation == obligation)
    if not own:
        query = query.where(Report.sent == True)  # noqa: E712 -- a column, not a bool
    reports = list(query.order_by(Report.number))
    versions = _versions(Report.obligation == obligation, sent_only=not own)
    ids = {report.submitted_by for report in reports} | {report.approved_by for report in reports}
    ids |= {v.row.reviewed_by for each in versions.values() for v in each}
    people = rows_of(User.select(User.id, User.name).where(User.id.in_(sorted(i for i in ids if i))))
    open_now = obligation.state in {ObligationState.OPEN, ObligationState.RETURNED}
    return ReportRecord(
        obligation=obligation,
        unit_name=Unit.get_by_id(obligation.unit_id).name,
        reports=reports,
        tasks=[TaskVersions(e, e.task, versions.get(e.id, ())) for e in _entries_of(obligation)],
        deadline=deadline_records.read(obligation, actor, now=now),
        people=dict(people),
        left=left_words(beijing_date(now), _due_day(obligation), load_calendar()) if open_now else None,
    )
