"""The monthly circular as .docx: red head, sections, and the unit and problem tables as annexes."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from docx.enum.section import WD_SECTION

from supervisor.documents.circular import (
    NOTE,
    PROBLEM_COLUMNS,
    UNIT_COLUMNS,
    CircularContent,
    day_words,
)
from supervisor.documents.official_docx import (
    HEADING,
    RED,
    TITLE,
    annex,
    bytes_of,
    landscape,
    line,
    new_paper,
    rule,
)


def write_circular_docx(content: CircularContent, created: datetime) -> bytes:
    """The circular as a Word document; unit and problem tables are annexes on landscape pages."""
    paper = new_paper(content.title, content.office, created)
    _head(paper, content)
    line(paper, f"{content.addressees}：", indent=False)
    if content.corrects:
        line(paper, content.corrects)
    for paragraph in filter(None, content.opening.split("\n")):
        line(paper, paragraph)
    for heading, paragraphs in content.sections():
        line(paper, heading, font=HEADING)
        for paragraph in paragraphs:
            line(paper, paragraph)
    _foot(paper, content)
    landscape(paper)
    until = f"截至{day_words(content.as_of)}。{NOTE}"
    annex(
        paper, "附件1", f"{content.month}各单位工作进展情况表", UNIT_COLUMNS, map(vars, content.units), until
    )
    if content.carried:
        paper.add_section(WD_SECTION.NEW_PAGE)
        annex(
            paper,
            "附件2",
            f"{content.month}结转的未解决问题",
            PROBLEM_COLUMNS,
            map(vars, content.carried),
            "",
        )
    return bytes_of(paper)


def _head(paper: Any, content: CircularContent) -> None:
    line(paper, content.office, font=TITLE, size=26, align="center", colour=RED)
    line(paper, "", indent=False)
    number = line(paper, content.number or "（未印发）", align="center")
    rule(number)
    line(paper, "", indent=False)
    line(paper, content.title, font=TITLE, size=22, align="center")
    line(paper, "", indent=False)


def _foot(paper: Any, content: CircularContent) -> None:
    annexes = [f"附件：1.{content.month}各单位工作进展情况表"]
    annexes += [f"　　　2.{content.month}结转的未解决问题"] if content.carried else []
    line(paper, "", indent=False)
    for one in annexes:
        line(paper, one)
    line(paper, "", indent=False)
    line(paper, f"{content.office}　　", align="right")
    if content.issued_on:
        line(paper, f"{day_words(content.issued_on)}　　", align="right")
