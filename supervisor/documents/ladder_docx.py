"""A paper of the ladder as .docx: red head, number and signer, the form or the circular's text, and the reply slip."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from docx.shared import Mm, Pt

from supervisor.documents.circular import day_words
from supervisor.documents.ladder_paper import PaperContent, Slip
from supervisor.documents.official_docx import (
    BODY,
    HEADING,
    RED,
    TITLE,
    bytes_of,
    cell,
    line,
    new_paper,
    rule,
)

#: Width of the names and of the texts of a form: 156 mm between the margins.
NAMES, TEXTS = Mm(34), Mm(122)


def write_paper_docx(content: PaperContent, slip: Slip, created: datetime) -> bytes:
    """The paper as a Word document."""
    paper = new_paper(content.heading, content.office, created)
    line(paper, content.office, font=TITLE, size=26, align="center", colour=RED)
    signer = f"　　签发人：{content.signer}" if content.signer else ""
    rule(line(paper, f"{content.number or '（未编号）'}{signer}", align="center"))
    line(paper, content.heading, font=TITLE, size=22, align="center")
    if content.level:
        line(paper, f"等级：{content.level}", font=HEADING, align="center")
    if content.is_circular:
        line(paper, "各有关单位：", indent=False)
        for paragraph in content.paragraphs():
            line(paper, paragraph)
    else:
        line(paper, f"{content.unit}：", indent=False)
        _form(paper, content.rows())
    line(paper, f"{content.office}　　", align="right")
    if content.issued_on:
        line(paper, f"{day_words(content.issued_on)}　　", align="right")
    line(paper, f"回　执（{content.number or '未编号'}）", font=HEADING, align="center")
    _form(paper, slip.rows())
    return bytes_of(paper)


def _form(paper: Any, rows: tuple[tuple[str, str], ...]) -> None:
    table = paper.add_table(rows=0, cols=2)
    table.style = "Table Grid"
    table.autofit = False
    for name, text in rows:
        left, right = table.add_row().cells
        left.width, right.width = NAMES, TEXTS
        cell(left, name, HEADING, 12)
        cell(right, text, BODY, 12)
        for each in (left, right):
            shape = each.paragraphs[0].paragraph_format
            shape.space_before = shape.space_after = Pt(3)
