"""The papers of a site viewing as .docx, across: the empty score sheet and the result table."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from docx.enum.section import WD_ORIENT
from docx.shared import Mm, Pt

from supervisor.documents.official_docx import BODY, HEADING, TITLE, bytes_of, cell, line, new_paper
from supervisor.documents.official_paper import Fonts, day_words
from supervisor.documents.viewing import ResultContent, SheetContent


def write_sheet_docx(content: SheetContent, created: datetime, fonts: Fonts | None = None) -> bytes:
    """The empty score sheet as a Word document."""
    paper = _across(f"{content.title}评分表", content.office, created)
    line(paper, f"{content.title}评分表", font=TITLE, size=20, align="center")
    line(
        paper,
        f"评委：{content.judge or '＿＿＿＿＿＿'}　　日期：{day_words(content.held_on)}",
        align="center",
        size=12,
    )
    criteria = [f"{name}（{weight}分）" for name, weight in content.criteria]
    heads = ["序号", "单位", "项目", *criteria, "合计（100分）", "备注"]
    rows = [
        [str(one.number), one.unit, _where(one.name, one.place)]
        + ["回避" if one.barred else ""] * (len(content.criteria) + 1)
        + [""]
        for one in content.projects
    ]
    _table(paper, heads, rows, tall=True)
    for note in content.notes:
        line(paper, note, size=10.5)
    line(paper, "评委签名：＿＿＿＿＿＿＿　　录入人：＿＿＿＿＿＿＿　　", align="right", size=12)
    return bytes_of(paper, fonts)


def write_result_docx(content: ResultContent, created: datetime, fonts: Fonts | None = None) -> bytes:
    """The result table as a Word document."""
    paper = _across(f"{content.title}评分结果", content.office, created)
    line(paper, f"{content.title}评分结果", font=TITLE, size=20, align="center")
    line(paper, f"{content.programme}　　观摩日期：{day_words(content.held_on)}", align="center", size=12)
    heads = ["序号", "单位", "项目", *content.judges, "项目得分"]
    rows = [
        [str(one.number), one.unit, _where(one.name, one.place), *(mark.text for mark in marks), mean or "—"]
        for one, marks, mean in content.projects
    ]
    _table(paper, heads, rows)
    line(paper, "各单位得分（满分100分）", font=HEADING, size=12)
    _table(paper, ["单位", "得分"], [[one.unit, one.points or "评分不足"] for one in content.units])
    for note in content.notes:
        line(paper, note, size=10.5)
    line(paper, f"{content.office}　　", align="right", size=12)
    done = f"办结人：{content.finished_by}　　" if content.finished_by else ""
    line(paper, f"{done}{day_words(content.day)}　　", align="right", size=12)
    return bytes_of(paper, fonts)


def _where(name: str, place: str) -> str:
    return f"{name}（{place}）" if place else name


def _across(title: str, office: str, created: datetime) -> Any:
    paper = new_paper(title, office, created)
    section = paper.sections[0]
    section.orientation = WD_ORIENT.LANDSCAPE
    section.page_width, section.page_height = Mm(297), Mm(210)
    section.left_margin = section.right_margin = Mm(20)
    section.top_margin = Mm(22)
    return paper


def _table(paper: Any, heads: Sequence[str], rows: Sequence[Sequence[str]], *, tall: bool = False) -> None:
    table = paper.add_table(rows=1, cols=len(heads))
    table.style = "Table Grid"
    for at, text in zip(table.rows[0].cells, heads, strict=True):
        cell(at, text, HEADING, 10.5)
    for row in rows:
        made = table.add_row()
        if tall:
            made.height = Pt(30)
        for at, text in zip(made.cells, row, strict=True):
            cell(at, text, BODY, 10.5)
