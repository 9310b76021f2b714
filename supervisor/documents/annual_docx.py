"""The annual summary as .docx: the text of every unit in order, and a table of figures as annex."""

from __future__ import annotations

from datetime import datetime

from supervisor.documents.annual_summary import FIGURE_COLUMNS, AnnualContent
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


def write_annual_docx(content: AnnualContent, created: datetime, fonts: Fonts | None = None) -> bytes:
    """The annual summary as a Word document."""
    paper = new_paper(content.title, content.office, created)
    heading(paper, content.title, whole=(content.office,))
    line(paper, content.standing, font=SUBHEADING, align="center")
    line(paper, "", indent=False)
    for paragraph in filter(None, content.opening.splitlines()):
        line(paper, paragraph)
    for name, paragraphs in content.front():
        line(paper, name, font=HEADING)
        for paragraph in paragraphs:
            line(paper, paragraph)
    for name, paragraphs in content.parts():
        line(paper, name, font=SUBHEADING)
        for paragraph in paragraphs:
            line(paper, paragraph)
    for name, paragraphs in content.rest():
        line(paper, name, font=HEADING)
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
    return bytes_of(paper, fonts)
