"""What the pages of filings and items show."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from peewee import ModelSelect

from supervisor.clock import beijing_date
from supervisor.core import approvals, cadences, deadline_records, filing_readers, filings, schedules
from supervisor.core.calendar import load_calendar
from supervisor.core.days import left_words
from supervisor.core.deadline_records import DeadlineRecord
from supervisor.core.periods import Period
from supervisor.core.permissions import Actor, Permission
from supervisor.core.report_cells import Cell, cell_of, timeliness_of
from supervisor.models import (
    Attachment,
    Bulletin,
    FiledDocument,
    Obligation,
    ObligationState,
    Receipt,
    Report,
    ReportingRule,
    RuleKind,
    RuleRecipient,
    Unit,
    User,
)
from supervisor.models.base import rows_of
from supervisor.words import Sentence

#: Kind of document where a rule names none; kept with the document, so Chinese.
ANY_DOCUMENT, ITEM = "材料", "信息"
#: Rows shown of one list.
SHOWN = 200


@dataclass(frozen=True)
class Version:
    """One version of a filing, or one item: its documents with files, and the receipts given for it."""

    report: Report
    documents: Sequence[FiledDocument]
    files: Mapping[int | None, Sequence[Attachment]]
    receipts: Mapping[int, Receipt]


@dataclass(frozen=True)
class FilingPage:
    """One thing owed, with its versions and what the reader may do."""

    obligation: Obligation
    rule: ReportingRule
    unit: Unit
    timely: Cell
    left: Sentence
    versions: Sequence[Version]
    recipients: Sequence[RuleRecipient]
    wanted: Sequence[str]
    reminders: Sequence[tuple[date, date]]
    #: First and last day on which an item is sent that counts for the period, where items are counted (E-51).
    counting: tuple[date, date] | None
    deadline: DeadlineRecord
    people: Mapping[int, str]
    may_submit: bool
    #: Whether "nothing to hand in" is an answer here.
    may_nil: bool
    #: Whether the reader is the head who sends what waits.
    may_approve: bool
    head_approves: bool
    #: Recipients for whom the reader gives receipts.
    acts_for: Sequence[RuleRecipient]

    @property
    def counted(self) -> bool:
        """Whether items are counted here."""
        return self.rule.kind is RuleKind.COUNT

    @property
    def sent(self) -> Sequence[Version]:
        """The versions that were handed in, oldest first."""
        return [version for version in self.versions if version.report.sent]

    @property
    def newest(self) -> Version | None:
        """The version last handed in."""
        return self.sent[-1] if self.sent else None

    @property
    def given(self) -> Sequence[Receipt]:
        """The receipts given for the version last handed in, oldest first."""
        receipts = self.newest.receipts.values() if self.newest else ()
        return sorted(receipts, key=lambda one: (one.given_at, one.id))

    @property
    def waiting(self) -> Version | None:
        """The version that waits for the unit's head."""
        last = self.versions[-1] if self.versions else None
        with_head = self.obligation.state is ObligationState.WITH_HEAD
        return last if with_head and last is not None and not last.report.sent else None

    @property
    def grace_day(self) -> date | None:
        """The last day that is not called late, where there is a grace."""
        at = self.obligation.grace_at
        return cadences.due_day(at) if at else None


def wanted_of(rule: ReportingRule) -> list[str]:
    """The kinds of documents that a rule asks for, each a part of the form."""
    return [str(kind) for kind in rule.documents] or [ITEM if rule.kind is RuleKind.COUNT else ANY_DOCUMENT]


def read(obligation: Obligation, actor: Actor, *, now: datetime) -> FilingPage:
    """The page of one filing."""
    rule: ReportingRule = obligation.rule
    recipients = filing_readers.recipients_of(rule) if rule.kind is RuleKind.FILING else []
    own, period = obligation.unit_id in actor.unit_ids, Period.parse(obligation.period)
    acts = actor.may(Permission.REPORT_SUBMIT) or actor.may(Permission.REPORT_APPROVE)
    versions = _versions(obligation, own=own)
    may_submit = own and acts and _is_open(obligation, rule, now)
    return FilingPage(
        obligation=obligation,
        rule=rule,
        unit=obligation.unit,
        timely=timeliness_of(obligation, now),
        left=left_words(beijing_date(now), obligation.return_due_on or obligation.due_on, load_calendar()),
        versions=versions,
        recipients=recipients,
        wanted=wanted_of(rule),
        reminders=schedules.reminded_of(rule, period, load_calendar()),
        counting=_counting(obligation, rule, period),
        deadline=deadline_records.read(obligation, actor, now=now),
        people=_people(versions),
        may_submit=may_submit,
        may_nil=may_submit and filings.may_be_nil(obligation),
        may_approve=own and actor.may(Permission.REPORT_APPROVE),
        head_approves=approvals.is_wanted(obligation.programme_id, actor, now),
        acts_for=[one for one in recipients if filing_readers.is_recipient(one, actor)],
    )


def _counting(obligation: Obligation, rule: ReportingRule, period: Period) -> tuple[date, date] | None:
    """What counts, to the deadline as it stands: a person or the policy for days off may have moved it."""
    if rule.kind is not RuleKind.COUNT:
        return None
    return schedules.counting_days(rule, period)[0], obligation.due_on


def _is_open(obligation: Obligation, rule: ReportingRule, now: datetime) -> bool:
    if obligation.opens_at > now:
        return False
    if obligation.state is ObligationState.RETURNED:
        return True
    if obligation.state is ObligationState.ACCEPTED:
        return rule.kind is RuleKind.COUNT and now < obligation.due_at
    return obligation.state is ObligationState.OPEN and now < obligation.locked_at


def _people(versions: Sequence[Version]) -> dict[int, str]:
    ids = {one.report.submitted_by for one in versions} | {one.report.approved_by for one in versions}
    return dict(rows_of(User.select(User.id, User.name).where(User.id.in_(sorted(i for i in ids if i)))))


def _versions(obligation: Obligation, *, own: bool) -> list[Version]:
    """What was handed in; what waits for the unit's head is the unit's own business until sent (D16)."""
    query = Report.select().where(Report.obligation == obligation)
    if not own:
        query = query.where(Report.sent == True)  # noqa: E712 -- a column, not a bool
    found = list(query.order_by(Report.number))
    ids = [report.id for report in found]
    documents = list(FiledDocument.select().where(FiledDocument.report.in_(ids)).order_by(FiledDocument.id))
    files: dict[int | None, list[Attachment]] = {}
    for file in Attachment.select().where(Attachment.filed.in_([one.id for one in documents])):
        files.setdefault(file.filed_id, []).append(file)
    receipts: dict[int, dict[int, Receipt]] = {}
    for receipt in Receipt.select().where(Receipt.report.in_(ids)):
        receipts.setdefault(receipt.report_id, {})[receipt.recipient_id] = receipt
    return [
        Version(
            report, [d for d in documents if d.report_id == report.id], files, receipts.get(report.id, {})
        )
        for report in found
    ]


@dataclass(frozen=True)
class Overview:
    """The list page: what the reader owes, what waits for a receipt of theirs, how each rule stands, items.

    A unit sees its own items, the office all.
    """

    owed: Sequence[Obligation]
    waiting: Sequence[Obligation]
    standing: Sequence[Obligation]
    items: Sequence[FiledDocument]
    bulletins: Sequence[tuple[Bulletin, Mapping[str, int]]]
    cells: Mapping[int, Cell]

    @property
    def is_cut(self) -> bool:
        """Whether only the newest of all units' filings are listed."""
        return len(self.standing) == SHOWN


def overview(programme_id: int, actor: Actor, *, now: datetime) -> Overview:
    """Everything about filings and items that concerns the reader, each list at most SHOWN long."""
    own = list(filing_readers.owed_to_units(sorted(actor.unit_ids), programme_id).limit(SHOWN))
    owed = [row for row in own if row.opens_at <= now]
    submitted = Obligation.state == ObligationState.SUBMITTED
    waiting = list(
        filing_readers.received_by(actor).where(submitted).order_by(Obligation.due_at).limit(SHOWN)
    )
    standing = list(_standing(programme_id, now).limit(SHOWN)) if actor.sees_all else []
    items = filings.items_of(programme_id).limit(SHOWN)
    if not actor.sees_all:
        items = items.where(Obligation.unit.in_(sorted(actor.unit_ids)))
    made = Bulletin.select().where(Bulletin.programme == programme_id).order_by(Bulletin.number.desc())
    rows = {row.id: row for row in (*owed, *waiting, *standing)}.values()
    return Overview(
        owed=owed,
        waiting=waiting,
        standing=standing,
        items=list(items),
        bulletins=[(one, filings.chosen_by_unit(one)) for one in made.limit(12)],
        cells={row.id: cell_of(row.state, row.outcome, row.due_at, now) for row in rows},
    )


def _standing(programme_id: int, now: datetime) -> ModelSelect[Obligation]:
    """Every unit's filings and items that have begun, the newest deadlines first."""
    return (
        Obligation.select(Obligation, ReportingRule, Unit)
        .join(ReportingRule)
        .switch(Obligation)
        .join(Unit)
        .where(
            (Obligation.programme == programme_id)
            & ReportingRule.kind.in_(list(filing_readers.KINDS))
            & (Obligation.opens_at <= now)
        )
        .order_by(Obligation.due_at.desc(), Unit.sort, Obligation.id)
    )
