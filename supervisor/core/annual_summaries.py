"""The annual summary (年度总结, C25): how units' yearly summaries stand, and what is made of the accepted ones.

What is put together is edited by a person and kept as a version with its author; a version never changes. Nothing goes
out by itself: a version is read here and taken away as a Word document.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from typing import Any

from peewee import fn

from supervisor.clock import beijing_date
from supervisor.core import audit, paper_styles, year_figures
from supervisor.core.circulars import DOCX
from supervisor.core.exports import File
from supervisor.core.periods import Period
from supervisor.core.permissions import Actor, Permission
from supervisor.core.report_cells import Cell, cell_of
from supervisor.database import digest, transactional
from supervisor.documents.annual_docx import write_annual_docx
from supervisor.documents.annual_summary import AnnualContent, SummaryUnit
from supervisor.errors import Invalid, NotFound, Refused
from supervisor.models import (
    AnnualSummary,
    Attachment,
    FiledDocument,
    Obligation,
    ObligationState,
    Programme,
    Receipt,
    Report,
    ReportingRule,
    RuleKind,
    Unit,
)
from supervisor.models.base import rows_of
from supervisor.words import N_, Sentence

YEARLY = "yearly"
#: States in which something lies with the office.
HANDED_IN = (ObligationState.SUBMITTED, ObligationState.ACCEPTED, ObligationState.RETURNED)
LONGEST_TITLE, LONGEST_NOTE, LONGEST_TEXT = 200, 400, 20_000
OPENING = (
    "{year}，各单位按照{programme}工作部署推进各项任务。现根据各单位报送的{rule}，将全年工作情况汇总如下。"
)


@dataclass
class Year:
    """One yearly rule and the year it is about: how many units owe, have handed in, are accepted."""

    rule: ReportingRule
    period: Period
    owed: int = 0
    handed_in: int = 0
    accepted: int = 0
    versions: int = 0


def years(programme_id: int) -> list[Year]:
    """The yearly summaries that units owe or owed, the newest year first."""
    rules = {rule.id: rule for rule in ReportingRule.select().where(_yearly(programme_id))}
    of = Obligation.rule.in_(list(rules)) & (fn.LENGTH(Obligation.period) == 4)
    counted = (
        Obligation.select(Obligation.rule, Obligation.period, Obligation.state, fn.COUNT(Obligation.id))
        .where(of & (Obligation.state != ObligationState.WAIVED))
        .group_by(Obligation.rule, Obligation.period, Obligation.state)
    )
    found: dict[tuple[int, str], Year] = {}
    for rule_id, period, state, count in rows_of(counted):
        year = found.setdefault((rule_id, period), Year(rules[rule_id], Period.parse(period)))
        year.owed += count
        year.handed_in += count if state in HANDED_IN else 0
        year.accepted += count if state is ObligationState.ACCEPTED else 0
    kept = AnnualSummary.select(AnnualSummary.rule, AnnualSummary.period, fn.COUNT(AnnualSummary.id)).where(
        AnnualSummary.programme == programme_id
    )
    for rule_id, period, count in rows_of(kept.group_by(AnnualSummary.rule, AnnualSummary.period)):
        if (rule_id, period) in found:
            found[rule_id, period].versions = count
    return sorted(found.values(), key=lambda one: (-one.period.year, one.rule.id))


def _yearly(programme_id: int) -> Any:
    return (
        (ReportingRule.programme == programme_id)
        & (ReportingRule.kind == RuleKind.FILING)
        & ReportingRule.recurrence.startswith(YEARLY)
    )


@dataclass(frozen=True)
class Row:
    """One unit's yearly summary: how it stands, and what was accepted."""

    obligation: Obligation
    unit: Unit
    cell: Cell
    report: Report | None = None
    accepted_on: date | None = None
    text: str = ""
    files: tuple[str, ...] = ()

    @property
    def is_accepted(self) -> bool:
        """Whether it may go into the annual summary."""
        return self.report is not None


@dataclass(frozen=True)
class Gathered:
    """All units' yearly summaries of one rule and year, in list order, with the versions made of them."""

    programme: Programme
    rule: ReportingRule
    period: Period
    rows: Sequence[Row]
    versions: Sequence[AnnualSummary] = field(default=())

    @property
    def accepted(self) -> list[Row]:
        """Those that may go in."""
        return [row for row in self.rows if row.is_accepted]

    @property
    def newest(self) -> AnnualSummary | None:
        """The last version."""
        return self.versions[0] if self.versions else None

    @property
    def waiting(self) -> int:
        """Summaries handed in that still want a receipt."""
        return sum(row.obligation.state is ObligationState.SUBMITTED for row in self.rows)

    @property
    def absent(self) -> int:
        """Summaries due and not handed in."""
        return sum(row.cell in {Cell.OVERDUE, Cell.MISSING} for row in self.rows)


def gather(programme: Programme, rule_id: int, key: str, *, now: datetime) -> Gathered:
    """How the yearly summaries of a rule and year stand; NotFound where none is owed. Seven queries."""
    rule: ReportingRule | None = ReportingRule.get_or_none(
        _yearly(programme.id) & (ReportingRule.id == rule_id)
    )
    if rule is None:
        raise NotFound
    owed = list(
        Obligation.select(Obligation, Unit)
        .join(Unit)
        .where((Obligation.rule == rule) & (Obligation.period == key))
        .order_by(Unit.sort, Unit.id)
    )
    if not owed or len(key) != 4:
        raise NotFound
    accepted = _accepted([row.id for row in owed if row.state is ObligationState.ACCEPTED])
    rows = [
        replace(
            accepted.get(row.id, Row(row, row.unit, Cell.OPEN)),
            obligation=row, unit=row.unit, cell=cell_of(row.state, row.outcome, row.due_at, now, row.waive_reason),
        )
        for row in owed
    ]  # fmt: skip
    versions = AnnualSummary.select().where(
        (AnnualSummary.programme == programme) & (AnnualSummary.rule == rule) & (AnnualSummary.period == key)
    )
    return Gathered(
        programme, rule, Period.parse(key), rows, list(versions.order_by(AnnualSummary.number.desc()))
    )


def _accepted(obligation_ids: Sequence[int]) -> dict[int, Row]:
    """Obligation → its accepted version: texts, file names, the day of the last receipt."""
    reports = {row.obligation_id: row for row in _newest_reports(obligation_ids)}
    ids = [report.id for report in reports.values()]
    documents: dict[int, list[FiledDocument]] = {}
    for one in FiledDocument.select().where(FiledDocument.report.in_(ids)).order_by(FiledDocument.id):
        documents.setdefault(one.report_id, []).append(one)
    files: dict[int, list[str]] = {}
    of_report = (FiledDocument.report, Attachment.filename)
    named = Attachment.select(*of_report).join(FiledDocument).where(FiledDocument.report.in_(ids))
    for report_id, filename in rows_of(named.order_by(Attachment.id)):
        files.setdefault(report_id, []).append(filename)
    given = Receipt.select(Receipt.report, fn.MAX(Receipt.given_at)).where(Receipt.report.in_(ids))
    last = dict(rows_of(given.group_by(Receipt.report)))
    return {
        key: Row(
            report.obligation, report.obligation.unit, Cell.OPEN, report,
            beijing_date(last.get(report.id, report.received_at)),
            f"零报告：{report.nil_reason}" if report.nil else _text(documents.get(report.id, [])),
            tuple(files.get(report.id, ())),
        )
        for key, report in reports.items()
    }  # fmt: skip


def _newest_reports(obligation_ids: Sequence[int]) -> list[Report]:
    newest = (
        Report.select(fn.MAX(Report.id))
        .where(Report.obligation.in_(list(obligation_ids)) & (Report.sent == True))  # noqa: E712 -- a column
        .group_by(Report.obligation)
    )
    return list(
        Report.select(Report, Obligation, Unit).join(Obligation).join(Unit).where(Report.id.in_(newest))
    )


def _text(documents: Sequence[FiledDocument]) -> str:
    """The texts as handed in; of several documents each under its kind and title."""
    if len(documents) == 1:
        return documents[0].text
    return "\n".join(f"{one.kind}：{one.title}\n{one.text}".strip() for one in documents if one.text)


# Putting together ------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Part:
    """A unit's place in the form: the text to begin with, and what has changed since the last version."""

    row: Row
    text: str
    #: Accepted since the last version, or accepted anew with other words.
    is_new: bool = False
    is_changed: bool = False


def parts_of(gathered: Gathered) -> list[Part]:
    """Where the office begins: its own words of the last version, else the unit's as accepted."""
    newest = gathered.newest
    before = {unit.unit_id: unit for unit in content_of(newest).units} if newest else {}
    parts = []
    for row in gathered.accepted:
        known = before.get(row.unit.id)
        same = known is not None and row.report is not None and known.report == row.report.id
        parts.append(
            Part(
                row,
                known.text if known and same else row.text,
                is_new=newest is not None and known is None,
                is_changed=known is not None and not same,
            )
        )
    return parts


@dataclass(frozen=True)
class Words:
    """What a person writes: title, opening, closing, each unit's text, and what changed."""

    title: str
    opening: str
    closing: str
    texts: Mapping[int, str]
    note: str = ""


def first_words(gathered: Gathered) -> Words:
    """The words of the last version, or those that are proposed for the first."""
    if gathered.newest:
        content = content_of(gathered.newest)
        title, opening, closing = content.title, content.opening, content.closing
    else:
        year, name = gathered.period.official_name, gathered.programme.name
        title, closing = f"{name}{year}工作总结", ""
        opening = OPENING.format(year=year, programme=name, rule=gathered.rule.name)
    return Words(title, opening, closing, {part.row.unit.id: part.text for part in parts_of(gathered)})


def compose(gathered: Gathered, words: Words, *, now: datetime) -> AnnualContent:
    """The content of these words with the figures as of now; figures are never typed."""
    figures = year_figures.read_year(gathered.programme.id, gathered.period, now=now)
    units = tuple(
        SummaryUnit(
            row.unit.id, row.unit.name, row.report.id, row.accepted_on.isoformat(),
            words.texts.get(row.unit.id, row.text).strip(), figures.get(row.unit.id, year_figures.NOTHING), row.files,
        )
        for row in gathered.rows
        if row.report is not None and row.accepted_on is not None
    )  # fmt: skip
    return AnnualContent(
        office=gathered.programme.office_name, programme=gathered.programme.name, title=words.title.strip(),
        year=gathered.period.official_name, rule=gathered.rule.name, opening=words.opening.strip(),
        closing=words.closing.strip(), units=units, missing=_missing(gathered),
        as_of=beijing_date(now).isoformat(), until=year_figures.last_month(gathered.period, now).official_name,
    )  # fmt: skip


def _missing(gathered: Gathered) -> tuple[str, ...]:
    """Units whose summary is owed and not accepted; a waived one is not owed."""
    said = {
        ObligationState.SUBMITTED: "（已报送，待出具回执）",
        ObligationState.RETURNED: "（已退回）",
    }
    return tuple(
        f"{row.unit.name}{said.get(row.obligation.state, '（未报送）')}"
        for row in gathered.rows
        if not row.is_accepted and row.obligation.state is not ObligationState.WAIVED
    )


@transactional
def keep(gathered: Gathered, words: Words, *, seen: int, by: Actor, now: datetime) -> AnnualSummary:
    """Keep what was written as the next version; raises Refused where nothing is accepted yet, Invalid.

    `seen` is the number of the version from which the person began: where another was kept meanwhile, it is said.
    """
    by.require(Permission.SUMMARY_EDIT)
    programme, rule, key = gathered.programme, gathered.rule, gathered.period.key
    Programme.update(id=Programme.id).where(
        Programme.id == programme.id
    ).execute()  # two must not take one number
    fresh = gather(programme, rule.id, key, now=now)
    if not fresh.accepted:
        raise Refused(N_("No unit's summary is accepted yet: there is nothing to put together."))
    _check(words, fresh, seen)
    number = fresh.newest.number + 1 if fresh.newest else 1
    content = replace(compose(fresh, words, now=now), version=number, author=by.name)
    text = content.to_json()
    made = AnnualSummary.create(
        programme=programme, rule=rule, period=key, number=number, note=words.note.strip(),
        written_by=by.user_id, by_name=by.name, written_at=now, content=text, sha256=digest(text),
    )  # fmt: skip
    after = {"period": key, "number": number, "units": len(content.units), "sha256": made.sha256}
    audit.record(by, "summary.keep", made, now=now, after=after, reason=words.note.strip())
    return made


def _check(words: Words, fresh: Gathered, seen: int) -> None:
    wrong: dict[str, Sentence] = {}
    if not words.title.strip() or len(words.title) > LONGEST_TITLE:
        wrong["title"] = N_("A title of at most %(most)s characters.", most=LONGEST_TITLE)
    long = {"opening": words.opening, "closing": words.closing}
    long |= {f"text-{unit_id}": text for unit_id, text in words.texts.items()}
    wrong |= {
        name: N_("At most %(n)s characters.", n=LONGEST_TEXT)
        for name, text in long.items()
        if len(text) > LONGEST_TEXT
    }
    if len(words.note) > LONGEST_NOTE:
        wrong["note"] = N_("At most %(n)s characters.", n=LONGEST_NOTE)
    if fresh.newest and fresh.newest.number != seen:
        wrong["seen"] = N_(
            "%(name)s kept version %(number)s meanwhile. Read it, then keep yours as the next one.",
            name=fresh.newest.by_name,
            number=fresh.newest.number,
        )
    if wrong:
        raise Invalid(N_("Nothing was kept; what you wrote stands below."), wrong)


# Versions --------------------------------------------------------------------------------------------------------


def get(summary_id: int, actor: Actor) -> AnnualSummary:
    """One version by its key; NotFound when there is none that this person may see."""
    mine = (AnnualSummary.id == summary_id) & (AnnualSummary.programme == actor.programme_id)
    row: AnnualSummary | None = AnnualSummary.get_or_none(mine)
    if row is None or not actor.may(Permission.SUMMARY_READ):
        raise NotFound
    return row


def content_of(summary: AnnualSummary) -> AnnualContent:
    """What a version says."""
    return AnnualContent.read(summary.content)


def verify(summary: AnnualSummary) -> bool:
    """Whether a version's content is what was kept."""
    return digest(summary.content) == summary.sha256


@transactional
def export(summary: AnnualSummary, *, by: Actor, now: datetime) -> File:
    """A version as a Word document; audited."""
    by.require(Permission.SUMMARY_READ)
    audit.record(by, "export.summary", summary, now=now, after={"sha256": summary.sha256})
    content = content_of(summary)
    name = f"{content.title}（第{content.version}版）.docx"
    fonts = paper_styles.fonts_on(summary.programme_id, beijing_date(summary.written_at))
    return File(name, write_annual_docx(content, summary.written_at, fonts), DOCX)
