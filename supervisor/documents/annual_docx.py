"""The annual summary as .docx: the text of every unit in order, and a table of figures as annex."""

from __future__ import annotations

from datetime import datetime

from supervisor.documents.annual_summary import FIGURE_COLUMNS, AnnualContent
from supervisor.documents.circular import day_words
from supervisor.documents.official_docx import (
    HEADING,
    SUBHEADING,
    TITLE,
    annex,
    bytes_of,
    landscape,
    line,
    new_paper,
)


def write_annual_docx(content: AnnualContent, created: datetime) -> bytes:
    """The annual summary as a Word document."""
    paper = new_paper(content.title, content.office, created)
    line(paper, content.title, font=TITLE, size=22, align="center")
    line(paper, content.standing, font=SUBHEADING, align="center")
    line(paper, "", indent=False)
    for paragraph in filter(None, content.opening.splitlines()):
        line(paper, paragraph)
    for heading, paragraphs in content.front():
        line(paper, heading, font=HEADING)
        for paragraph in paragraphs:
            line(paper, paragraph)
    for heading, paragraphs in content.parts():
        line(paper, heading, font=SUBHEADING)
        for paragraph in paragraphs:
            line(paper, paragraph)
    for heading, paragraphs in content.rest():
        line(paper, heading, font=HEADING)
        for paragraph in paragraphs:
            line(paper, paragraph)
    line(paper, "", indent=False)
    line(paper, f"附件：{content.annex}")
    line(paper, "", indent=False)
    line(paper, f"{content.office}　　", align="right")
    line(paper, f"{day_words(content.as_of)}　　", align="right")
    landscape(paper)
    annex(
        paper, "附件", content.annex, FIGURE_COLUMNS, content.table(), f"数据截至{day_words(content.as_of)}。"
    )
    return bytes_of(paper)
