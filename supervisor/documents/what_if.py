"""A trial of another rulebook on paper: content, tables, .docx. All of it says that it is a trial."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from supervisor.documents.content import CellKind, CellValue, Column, Sheet, Workbook
from supervisor.documents.official_docx import (
    HEADING,
    SUBHEADING,
    annex,
    bytes_of,
    heading,
    landscape,
    line,
    new_paper,
)
from supervisor.documents.official_paper import Fonts, day_words

STANDING = "试算结果，未经采用，不作为考核结果"
COLUMNS = (
    Column("group", "组别", CellKind.WORD, 14),
    Column("unit", "单位", CellKind.TEXT, 24),
    Column("score_before", "原得分", CellKind.POINTS, 9),
    Column("score_after", "试算得分", CellKind.POINTS, 9),
    Column("change", "得分变化", CellKind.CHANGE, 9),
    Column("place_before", "原名次", CellKind.INTEGER, 7),
    Column("place_after", "试算名次", CellKind.INTEGER, 7),
    Column("tier_before", "原等次", CellKind.WORD, 8),
    Column("tier_after", "试算等次", CellKind.WORD, 8),
    Column("why", "变化原因", CellKind.TEXT, 60),
)
#: In the Word document: fewer and wider.
PAPER_COLUMNS = (
    Column("unit", "单位", width=22),
    Column("score", "得分", width=16),
    Column("place", "名次", width=9),
    Column("tier", "等次", width=12),
    Column("why", "变化原因", width=60),
)


@dataclass(frozen=True)
class TriedUnit:
    """One unit under both rulebooks, as printed; None = none."""

    group: str
    unit: str
    score_before: Decimal | None
    score_after: Decimal | None
    change: Decimal | None
    place_before: int | None
    place_after: int | None
    tier_before: str
    tier_after: str
    why: str
    moved: bool


@dataclass(frozen=True)
class TriedPeriod:
    """One closed period: what to know of it in sentences, and its units in the order of the trial."""

    name: str
    summary: str
    remarks: tuple[str, ...]
    units: tuple[TriedUnit, ...]


@dataclass(frozen=True)
class TrialPaper:
    """The whole trial. `as_of` is an ISO day."""

    title: str
    office: str
    before: str
    after: str
    as_of: str
    periods: tuple[TriedPeriod, ...]
    audit_head: str


def write_trial_docx(paper: TrialPaper, created: datetime, fonts: Fonts | None = None) -> bytes:
    """As a Word document: what was compared, what comes out in each period, and the units that move as annexes."""
    doc = new_paper(paper.title, paper.office, created)
    heading(doc, paper.title)
    line(doc, STANDING, font=SUBHEADING, align="center")
    line(doc, "", indent=False)
    for text in _opening(paper):
        line(doc, text)
    for period in paper.periods:
        line(doc, period.name, font=HEADING)
        for text in (period.summary, *period.remarks):
            line(doc, text)
    line(doc, f"{paper.office}　　", align="right")
    line(doc, f"{day_words(paper.as_of)}　　", align="right")
    tabled = [period for period in paper.periods if period.units]
    for number, period in enumerate(tabled, start=1):
        landscape(doc)
        rows = [_texts(unit) for unit in period.units if unit.moved]
        title = f"{period.name}名次、等次变化的单位"
        note = f"{STANDING}。审计链校验值：{paper.audit_head}"
        annex(doc, f"附件{number}", title, PAPER_COLUMNS, rows, note)
    return bytes_of(doc, fonts)


def workbook(paper: TrialPaper, created: datetime) -> Workbook:
    """As a workbook: a sheet for each period with all its units."""
    return Workbook(
        tuple(
            Sheet(
                name=period.name,
                title=f"{paper.title}（{period.name}）",
                columns=COLUMNS,
                rows=tuple(_values(unit) for unit in period.units),
                left=STANDING,
                right=f"{paper.before} → {paper.after}",
                footnotes=(period.summary, *period.remarks, f"审计链校验值：{paper.audit_head}"),
                frozen=2,
            )
            for period in paper.periods
        ),
        created,
        paper.title,
    )


def _opening(paper: TrialPaper) -> tuple[str, ...]:
    return (
        f"以各季度封账时的事实数据，分别按“{paper.before}”和“{paper.after}”计算得分、名次和等次，对比如下。",
        "事实数据与封账时一致，未作增减；当时没有采集的数据，有关指标按不适用处理。",
    )


def _values(unit: TriedUnit) -> dict[str, CellValue]:
    return {column.key: getattr(unit, column.key) for column in COLUMNS}


def _texts(unit: TriedUnit) -> Mapping[str, object]:
    scores = [None if score is None else f"{score:.2f}" for score in (unit.score_before, unit.score_after)]
    return {
        "unit": f"{unit.unit}（{unit.group}）" if unit.group else unit.unit,
        "score": _then(*scores),
        "place": _then(unit.place_before, unit.place_after),
        "tier": _then(unit.tier_before or None, unit.tier_after or None),
        "why": unit.why,
    }


def _then(before: object, after: object) -> str:
    return f"{'—' if before is None else before} → {'—' if after is None else after}"
