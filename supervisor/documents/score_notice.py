"""得分通知单 of a unit and 更正通报 of a corrected period as content and as .docx; page and file say the same."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from docx.shared import Pt

from supervisor.documents.content import CellKind, Column
from supervisor.documents.official_docx import (
    RED,
    TITLE,
    annex,
    bytes_of,
    heading,
    landscape,
    line,
    new_paper,
    rule,
)

NOTICE_COLUMNS = (
    Column("name", "考核项目", width=16),
    Column("full", "满分", CellKind.POINTS, 8),
    Column("points", "得分", CellKind.POINTS, 8),
    Column("lost", "失分", CellKind.POINTS, 8),
    Column("before", "上期得分", CellKind.POINTS, 10),
    Column("why", "失分依据", width=60),
)
CORRECTION_COLUMNS = (
    Column("unit", "单位", width=30),
    Column("group", "组别", width=16),
    Column("score", "得分", CellKind.POINTS, 18),
    Column("place", "名次", CellKind.INTEGER, 12),
    Column("tier", "等次", CellKind.INTEGER, 14),
)


@dataclass(frozen=True)
class NoticeLine:
    """One line of a score as printed."""

    name: str
    full: str
    points: str
    lost: str
    before: str
    why: str


@dataclass(frozen=True)
class ScoreNotice:
    """What a unit is told of its score. All texts as printed; `proof` names hashes and the head of the audit chain."""

    title: str
    office: str
    unit: str
    paragraphs: tuple[str, ...]
    lines: tuple[NoticeLine, ...]
    signed_on: str
    proof: tuple[str, ...]


@dataclass(frozen=True)
class MovedUnit:
    """What a correction changed for one unit, as printed: before → after."""

    unit: str
    group: str
    score: str
    place: str
    tier: str


@dataclass(frozen=True)
class CorrectionNotice:
    """What is told of a corrected period: why, by whom, and whose result changed."""

    title: str
    office: str
    paragraphs: tuple[str, ...]
    moved: tuple[MovedUnit, ...]
    signed_on: str
    proof: tuple[str, ...]


def write_score_notice(content: ScoreNotice, created: datetime) -> bytes:
    """The score notice as a Word document."""
    paper = _begin(content.title, content.office, created)
    line(paper, f"{content.unit}：", indent=False)
    return _end(paper, content, "考核得分明细", NOTICE_COLUMNS, [vars(one) for one in content.lines])


def write_correction_notice(content: CorrectionNotice, created: datetime) -> bytes:
    """The correction notice as a Word document."""
    paper = _begin(content.title, content.office, created)
    line(paper, "各有关单位：", indent=False)
    return _end(paper, content, "更正前后对照", CORRECTION_COLUMNS, [vars(one) for one in content.moved])


def _begin(title: str, office: str, created: datetime) -> Any:
    paper = new_paper(title, office, created)
    rule(line(paper, office, font=TITLE, size=26, align="center", colour=RED))
    heading(paper, title, whole=(office,))
    line(paper, "", indent=False)
    return paper


def _end(
    paper: Any,
    content: ScoreNotice | CorrectionNotice,
    name: str,
    columns: tuple[Column, ...],
    rows: list[Mapping[str, object]],
) -> bytes:
    for paragraph in content.paragraphs:
        line(paper, paragraph)
    if rows:
        line(paper, f"附件：{name}")
    line(paper, f"{content.office}　　", align="right")
    line(paper, f"{content.signed_on}　　", align="right")
    for proof in ("核验信息", *content.proof):
        # Small and close: for whoever checks, beside the signature and not in the way of reading.
        line(paper, proof, size=10.5, indent=False).paragraph_format.line_spacing = Pt(15)
    if rows:
        landscape(paper)
        annex(paper, "附件", name, columns, rows, "")
    return bytes_of(paper)
