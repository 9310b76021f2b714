"""A rulebook as a document to be read aloud: on the page in the reader's language, and as a Word file in Chinese."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from supervisor.clock import beijing_date
from supervisor.core import audit, paper_styles, rulebook_drafts, rulebooks
from supervisor.core.circulars import DOCX
from supervisor.core.exports import File
from supervisor.core.permissions import Actor, Permission
from supervisor.core.rulebook_conditions import said, table_in, tables_in
from supervisor.core.rulebook_pages import Sum, sum_of
from supervisor.core.rulebook_parts import Part, head_of
from supervisor.core.rulebook_problems import HEADS, table_words
from supervisor.core.rulebook_reads import indicator_words, reads, table_head_words
from supervisor.core.rulebook_text import Document, document_of
from supervisor.core.rulebook_words import Words, number_words
from supervisor.database import transaction
from supervisor.documents.rulebook_docx import (
    SchemeClause,
    SchemePaper,
    SchemeRow,
    SchemeTable,
    write_scheme_docx,
)
from supervisor.errors import NotFound
from supervisor.models import Programme
from supervisor.words import N_, say

CHINESE = "zh_CN"


@dataclass(frozen=True)
class Entry:
    """An indicator of a printed table: its own words where it has some, then how it is calculated."""

    title: str
    title_en: str
    section: str
    clause: str
    weight: str
    own: str
    own_en: str
    lines: tuple[Words, ...]


@dataclass(frozen=True)
class PrintedTable:
    """A printed table with its sum."""

    title: Words
    head: Words
    entries: tuple[Entry, ...]
    sum: Sum


@dataclass(frozen=True)
class Scheme:
    """A whole rulebook to be read: `standing` says whether it holds."""

    name: str
    name_en: str
    version: str
    about: str
    standing: Words
    tables: tuple[PrintedTable, ...]
    clauses: tuple[tuple[Words, tuple[Words, ...]], ...]


def scheme_of(programme_id: int, which: str, by: Actor) -> Scheme:
    """The scheme of `version-1`, `preset-default-quarter` or `draft-3`. NotFound for others."""
    text, standing = _text(programme_id, which, by)
    return _scheme(document_of(text), standing)


def document(programme_id: int, which: str, by: Actor) -> Document:
    """The same as a document, to be compared. NotFound for others."""
    return document_of(_text(programme_id, which, by)[0])


def _text(programme_id: int, which: str, by: Actor) -> tuple[str, Words]:
    kind, _dash, name = which.partition("-")
    number = int(name) if name.isascii() and name.isdigit() and len(name) < 10 else 0
    if kind == "version":
        version = rulebooks.in_programme(number, programme_id)
        return version.text, N_("In force from %(day)s.", day=version.valid_from.isoformat())
    if kind == "preset":
        return rulebooks.text_of(rulebooks.preset(name)), N_("A proposal, not adopted.")
    if kind == "draft":
        by.require(Permission.PERIOD_CLOSE)
        return rulebook_drafts.in_programme(number, programme_id).text, N_("A draft, not adopted.")
    raise NotFound


def export(programme: Programme, which: str, *, by: Actor, now: datetime) -> File:
    """The scheme as a Word document; audited."""
    by.require(Permission.SCORE_READ)
    scheme = scheme_of(programme.id, which, by)
    with transaction():
        audit.record(
            by, "export.rulebook", programme, now=now, after={"rulebook": which, "name": scheme.name}
        )
    day = beijing_date(now)
    made = write_scheme_docx(_paper(programme, scheme), now, paper_styles.fonts_on(programme.id, day))
    return File(f"{programme.name}-{scheme.name}-{day.isoformat()}.docx", made, DOCX)


def _scheme(document: Document, standing: Words) -> Scheme:
    head = table_in(document, "rulebook")
    return Scheme(
        said(head.get("name") or "…"),
        said(head.get("name_en") or ""),
        number_words(head.get("version")),
        said(head.get("about") or ""),
        standing,
        tuple(_table(table) for table in tables_in(document, "table")),
        tuple(_clauses(document)),
    )


def _table(table: Mapping[str, Any]) -> PrintedTable:
    entries = tuple(
        Entry(
            said(one.get("title") or "…"), said(one.get("title_en") or ""), said(one.get("section") or ""),
            said(one.get("clause") or ""),
            number_words(one.get("weight")), said(one.get("rule") or ""), said(one.get("rule_en") or ""),
            tuple(indicator_words(one)),
        )
        for one in tables_in(table, "indicator")
    )  # fmt: skip
    return PrintedTable(table_words(table), table_head_words(head_of(table)), entries, sum_of(table))


def _clauses(document: Document) -> list[tuple[Words, tuple[Words, ...]]]:
    shapes = (
        ("bonus", "events"),
        ("penalty", "events"),
        ("veto", "vetoes"),
        ("tier", "tiers"),
        ("ranking", "ranking"),
    )
    found: list[tuple[Words, tuple[Words, ...]]] = []
    for at, shape in shapes:
        table = {at: document.get(at, [])} if at in {"veto", "tier"} else table_in(document, at)
        lines = tuple(reads(Part(at, shape, table), tables_in(document, "tier")))
        if lines:
            found.append((HEADS[at], lines))
    return found


def _paper(programme: Programme, scheme: Scheme) -> SchemePaper:
    return SchemePaper(
        title=scheme.name,
        office=programme.office_name,
        version=say(N_("Version %(number)s", number=scheme.version), CHINESE),
        standing=say(scheme.standing, CHINESE),
        about=scheme.about,
        tables=tuple(
            SchemeTable(
                say(table.title, CHINESE),
                say(table.head, CHINESE),
                tuple(
                    SchemeRow(one.title, one.weight, one.own, tuple(say(line, CHINESE) for line in one.lines))
                    for one in table.entries
                ),
                table.sum.plain,
                "" if table.sum.is_right else say(table.sum.words, CHINESE),
            )
            for table in scheme.tables
        ),
        clauses=tuple(
            SchemeClause(say(title, CHINESE), tuple(say(line, CHINESE) for line in lines))
            for title, lines in scheme.clauses
        ),
    )
