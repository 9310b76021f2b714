"""The history of a figure: a unit's score or one line of it in a period. Who did what, when, from what, and why.

Runs, appeals, corrections and publications come from their tables; what happened to the records behind the line comes
from the audit trail, which every act on them has written. A reader sees of it what the reader may see elsewhere.
"""

from __future__ import annotations

import json
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from supervisor.core import audit_words, record_corrections, score_sheet
from supervisor.core.periods import Period
from supervisor.core.permissions import Actor
from supervisor.core.score_notices import CORRECTED
from supervisor.core.score_pages import names_of, standings_visible_to
from supervisor.core.score_records import Evidence
from supervisor.core.score_sheet import Sheet, SheetLine
from supervisor.errors import NotFound
from supervisor.models import (
    Appeal,
    AppealState,
    AuditEntry,
    CorrectionState,
    InstructedUnit,
    Programme,
    Publication,
    RecordedFact,
    Report,
    ScoreCorrection,
    ScoreLine,
    ScoreRun,
    Standing,
)
from supervisor.models.base import rows_of
from supervisor.words import N_, Sentence

#: Acts on records that are shown; the newest ones where there are more.
MOST_ACTS = 200
#: Kinds of records as facts name them → tables as the trail names them.
TABLES = {
    "accountability_case", "application", "assignment", "ladder_step", "mark_sheet", "obligation", "recorded_fact",
    "report", "report_entry", "reporting_rule",
}  # fmt: skip
CORRECTIONS = {"obligation.correct", "report_entry.correct"}
#: Of a case the unit learns what was decided, and nothing of how it came about.
DECIDED = {"case.uphold", "case.reverse"}


@dataclass(frozen=True)
class Event:
    """Something that happened to a figure, or to a record behind it."""

    at: datetime
    who: str
    what: Sentence | str
    #: run, life, appeal, correction, publication or record.
    kind: str
    reason: Sentence | str = ""
    #: What it was done on, and where that can be read.
    subject: Sentence | str = ""
    link: str | None = None
    #: Of a run: whether it counts, the figure in hundredths (None = not applicable), and how it was worked out.
    counts: bool = False
    value: int | None = None
    steps: tuple[Mapping[str, str | None], ...] = ()


@dataclass(frozen=True)
class History:
    """A figure with everything that happened to it, the oldest first."""

    sheet: Sheet
    #: None: the score itself.
    item: SheetLine | None
    events: tuple[Event, ...]
    #: Acts on records that are left out.
    left_out: int
    #: Records behind the line, for reading.
    records: tuple[Evidence, ...]


def history(
    programme: Programme, period: Period, unit_id: int, line: str, *, by: Actor, now: datetime
) -> History:
    """The history of one figure.

    Args:
        programme: whose period.
        period: a preliminary or closed one.
        unit_id: the unit.
        line: `part.indicator`, or empty for the score.
        by: the reader.
        now: the moment.

    NotFound as the sheet, and for a line that it does not have.
    """
    sheet = score_sheet.sheet(programme, period, unit_id, by=by, now=now)
    item = _item(sheet, line)
    acts, left_out = _acts(item.evidence, by) if item else ([], 0)
    events = [
        *_corrections(sheet, by),
        *_runs(sheet, item, by, now),
        *_life(sheet),
        *_appeals(sheet, item),
        *_publications(sheet, by),
        *acts,
    ]
    # What happened at the same moment stays in the order above: a decision, the run, the closing that it allows.
    return History(
        sheet,
        item,
        tuple(sorted(events, key=lambda one: one.at)),
        left_out,
        item.evidence if item else (),
    )


def _item(sheet: Sheet, line: str) -> SheetLine | None:
    if not line:
        return None
    part, _, indicator = line.partition(".")
    for item in (*sheet.lines, *sheet.adjustments):
        if (item.line.part, item.line.indicator) == (part, indicator):
            return item
    raise NotFound


def _runs(sheet: Sheet, item: SheetLine | None, by: Actor, now: datetime) -> Iterator[Event]:
    """Every run that the reader may see of this unit, with the figure that it gave."""
    columns = (
        ScoreRun.id,
        ScoreRun.number,
        ScoreRun.ran_by,
        ScoreRun.ran_at,
        ScoreRun.reason,
        ScoreRun.superseded,
    )
    runs = list(
        ScoreRun.select(*columns, ScoreRun.result_sha256)
        .where(ScoreRun.period == sheet.row)
        .order_by(ScoreRun.number)
    )
    names = names_of(run.ran_by for run in runs)
    corrected = {
        one.after_id
        for one in ScoreCorrection.select(ScoreCorrection.after).where(ScoreCorrection.period == sheet.row)
    }
    last: tuple[int, int, int] | None = None
    for run in runs:
        visible = standings_visible_to(by, sheet.row, run, now=now)
        standing: Standing | None = visible.where(Standing.unit == sheet.standing.unit_id).first()
        if standing is None:
            continue
        value, steps = (standing.score, ()) if item is None else _worked_out(run, item.line)
        own = (standing.earned, standing.bonus, standing.penalty)
        # Before publication no other unit is named: a run that left this unit's points alone was about another one.
        told = by.sees_all or run.id in corrected or last is None or own != last
        last = own
        yield Event(
            at=run.ran_at,
            who=names.get(run.ran_by or 0, ""),
            what=N_("Worked out: run %(number)s", number=run.number),
            kind="run",
            reason=run.reason if told else CORRECTED,
            subject=run.result_sha256[:16],
            counts=not run.superseded,
            value=value,
            steps=steps,
        )


def _worked_out(run: ScoreRun, line: ScoreLine) -> tuple[int | None, tuple[Mapping[str, str | None], ...]]:
    """Points of a line in a run, added where it has several rows, and the steps of all of them."""
    rows = list(
        ScoreLine.select(ScoreLine.points, ScoreLine.steps)
        .where(
            (ScoreLine.run == run)
            & (ScoreLine.unit == line.unit_id)
            & (ScoreLine.part == line.part)
            & (ScoreLine.indicator == line.indicator)
        )
        .order_by(ScoreLine.sort)
    )
    points = [row.points for row in rows if row.points is not None]
    return (sum(points) if points else None), tuple(step for row in rows for step in row.steps)


def _life(sheet: Sheet) -> Iterator[Event]:
    row = sheet.row
    names = names_of([row.preliminary_by, row.closed_by])
    if row.preliminary_at is not None:
        yield Event(
            row.preliminary_at, names.get(row.preliminary_by or 0, ""), N_("Shown to the unit"), "life"
        )
    if row.closed_at is not None:
        yield Event(row.closed_at, names.get(row.closed_by or 0, ""), N_("Books closed"), "life")


def _appeals(sheet: Sheet, item: SheetLine | None) -> Iterator[Event]:
    mine = (Appeal.period == sheet.row) & (Appeal.unit == sheet.standing.unit_id)
    if item is not None:
        mine &= (Appeal.part == item.line.part) & (Appeal.indicator == item.line.indicator)
    for one in Appeal.select().where(mine).order_by(Appeal.id):
        link = f"/p/{sheet.row.programme_id}/appeals/{one.id}"
        yield Event(one.filed_at, one.filed_name, N_("Appeal filed"), "appeal", one.claim, one.title, link)
        if one.decided_at is not None and one.state is not AppealState.OPEN:
            said = one.state.label
            yield Event(one.decided_at, one.decided_name, said, "appeal", one.decision, one.title, link)


def _corrections(sheet: Sheet, by: Actor) -> Iterator[Event]:
    """Corrections of the period; a unit learns of those that were carried out."""
    rows = (
        ScoreCorrection.select().where(ScoreCorrection.period == sheet.row).order_by(ScoreCorrection.number)
    )
    for one in rows:
        done = one.state is CorrectionState.DONE
        if not done and not by.sees_all:
            continue
        link = f"/p/{sheet.row.programme_id}/corrections/{one.id}/notice" if done else None
        name = N_("Correction %(number)s", number=one.number)
        proposed = N_("Correction proposed")
        yield Event(one.proposed_at, one.proposed_name, proposed, "correction", one.reason, name, link)
        if one.decided_at is not None:
            said = one.state.label
            yield Event(one.decided_at, one.decided_name, said, "correction", one.decision, name, link)


def _publications(sheet: Sheet, by: Actor) -> Iterator[Event]:
    """When the figure was published; to whom and why is for those who decide on it."""
    columns = (Publication.number, Publication.reach, Publication.reason, Publication.published_name)
    rows = Publication.select(*columns, Publication.published_at).where(Publication.period == sheet.row)
    for one in rows.order_by(Publication.number):
        yield Event(
            one.published_at,
            one.published_name,
            N_("Published: version %(number)s", number=one.number),
            "publication",
            one.reason if by.sees_all else "",
            one.reach.label if by.sees_all else "",
        )


def _acts(evidence: Sequence[Evidence], by: Actor) -> tuple[list[Event], int]:
    """What happened to the records behind a line, from the audit trail; the newest `MOST_ACTS`, and how many more."""
    by_record = {one.record: one for one in evidence}
    wanted = _subjects(by_record)
    found: list[AuditEntry] = []
    for table, ids in wanted.items():
        found.extend(_entries(table, sorted(ids)))
    found = [one for one in found if _is_shown(one, by)]
    found.sort(key=lambda one: one.seq, reverse=True)
    events = [
        _act(one, by_record.get(wanted[one.subject_type][one.subject_id or 0]), by)
        for one in found[:MOST_ACTS]
    ]
    return list(reversed(events)), max(0, len(found) - MOST_ACTS)


def _subjects(records: Collection[str]) -> dict[str, dict[int, str]]:
    """Table → id → the record of the line: with the reports of what was owed, the versions of what was entered."""
    wanted: dict[str, dict[int, str]] = {}
    for record in records:
        table, _, number = record.partition(":")
        if table in TABLES and number.isdigit():
            wanted.setdefault(table, {})[int(number)] = record
    owed = wanted.get("obligation", {})
    reports = Report.select(Report.id, Report.obligation).where(Report.obligation.in_(sorted(owed)))
    told = {report: owed[obligation] for report, obligation in rows_of(reports)}
    wanted["report"] = told | wanted.get("report", {})
    parts = {int(one.partition(":")[2]): one for one in records if one.startswith("instructed_unit:")}
    orders = InstructedUnit.select(InstructedUnit.id, InstructedUnit.instruction)
    for part, order in rows_of(orders.where(InstructedUnit.id.in_(sorted(parts)))):
        wanted.setdefault("instruction", {})[order] = parts[part]
    later = dict(wanted.get("recorded_fact", {}))
    while later:  # each version names the one that it replaced
        rows = RecordedFact.select(RecordedFact.id, RecordedFact.replaces).where(
            RecordedFact.id.in_(sorted(later))
        )
        later = {earlier: later[one] for one, earlier in rows_of(rows) if earlier is not None}
        wanted["recorded_fact"] |= later
    return wanted


def _entries(table: str, ids: list[int]) -> list[AuditEntry]:
    """Rows of the trail about these records. SQLite takes a limited number of parameters."""
    columns = (
        AuditEntry.seq, AuditEntry.at, AuditEntry.actor_name, AuditEntry.action, AuditEntry.subject_type,
        AuditEntry.subject_id, AuditEntry.before, AuditEntry.after, AuditEntry.reason, AuditEntry.outcome,
    )  # fmt: skip
    found: list[AuditEntry] = []
    for start in range(0, len(ids), 500):
        about = (AuditEntry.subject_type == table) & AuditEntry.subject_id.in_(ids[start : start + 500])
        found.extend(AuditEntry.select(*columns).where(about & (AuditEntry.outcome == "done")))
    return found


def _is_shown(entry: AuditEntry, by: Actor) -> bool:
    if entry.action.startswith("export.") or entry.action.endswith(".prepare"):
        return False
    return by.sees_all or entry.subject_type != "accountability_case" or entry.action in DECIDED


def _act(entry: AuditEntry, evidence: Evidence | None, by: Actor) -> Event:
    what = audit_words.act_words(entry.action)
    if entry.action in CORRECTIONS:
        what = record_corrections.correction_words(json.loads(entry.before), json.loads(entry.after))
    subject, link = (evidence.subject, evidence.link) if evidence else ("", None)
    # A unit is not told which judge gave it which marks, as on the sheet itself.
    who = "" if entry.subject_type == "mark_sheet" and not by.sees_all else entry.actor_name
    return Event(entry.at, who, what, "record", entry.reason, subject, link)
