"""通报表扬 and 通报批评 as official papers: opening, names by group with their reasons, what is asked, the annex."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from supervisor.documents.content import CellKind, Column
from supervisor.documents.official_paper import (
    Annex,
    Figure,
    OfficialPaper,
    PaperStyle,
    Paragraph,
    Part,
    annex_of,
    paragraph,
    paragraphs,
)

ORDINALS = "一二三四五六七八九十"
#: Where the group's own name stands in no roster.
NO_GROUP = "各单位"


@dataclass(frozen=True)
class NamedUnit:
    """A unit on the list: why, and how it stands in the closed books. Points and places as printed; empty = none."""

    unit: str
    group: str
    reason: str
    score: str
    place: str
    #: The page of its sheet.
    source: str


@dataclass(frozen=True)
class NamedPerson:
    """A person on the list with the post held and what they did."""

    person: str
    unit: str
    post: str
    account: str


@dataclass(frozen=True)
class ListContent:
    """All that the circular of a list is made from."""

    office: str
    programme: str
    period: str
    title: str
    opening: str
    closing: str
    #: One sentence of figures about the period, with their sources.
    facts: tuple[Part, ...]
    units: tuple[NamedUnit, ...]
    persons: tuple[NamedPerson, ...]
    annex_title: str
    style: PaperStyle
    number: str = ""
    issued_on: str = ""

    def paper(self) -> OfficialPaper:
        """The circular as page and file print it."""
        return OfficialPaper(
            office=self.office, title=self.title, number=self.number, to="各责任单位", body=tuple(self._body()),
            annexes=(self._annex(),) if self.units else (), issued_on=self.issued_on, style=self.style,
            whole=(self.programme, self.period, *(one.unit for one in self.units)),
        )  # fmt: skip

    def _body(self) -> Iterator[Paragraph]:
        yield from paragraphs(self.opening)
        yield paragraph(*self.facts)
        groups: dict[str, list[NamedUnit]] = {}
        for one in self.units:
            groups.setdefault(one.group or NO_GROUP, []).append(one)
        headings = [*groups, *(["个人"] if self.persons else [])]
        for ordinal, name in zip(ORDINALS, headings, strict=False):
            yield paragraph(f"{ordinal}、{name}")
            lines = (
                [_unit(one) for one in groups[name]]
                if name in groups
                else [_person(one) for one in self.persons]
            )
            for n, parts in enumerate(lines, start=1):
                yield Paragraph((f"{n}．", *parts))
        yield from paragraphs(self.closing)

    def _annex(self) -> Annex:
        rows = [{"n": n, **vars(one)} for n, one in enumerate(self.units, start=1)]
        for row in rows:
            row.update({key: None for key in ("score", "place") if not row[key]})
        return annex_of(self.annex_title, COLUMNS, rows, "得分和名次为封账结果。", across=False)


COLUMNS = (
    Column("n", "序号", CellKind.INTEGER, 6),
    Column("group", "组别", CellKind.TEXT, 16),
    Column("unit", "单位", CellKind.TEXT, 30),
    Column("score", "得分", CellKind.POINTS, 9),
    Column("place", "组内名次", CellKind.INTEGER, 9),
)


def _unit(one: NamedUnit) -> Sequence[Part]:
    return (f"{one.unit}。", *linked(one.reason, {one.score: one.source}))


def _person(one: NamedPerson) -> Sequence[Part]:
    return (f"{one.person}，{one.unit}{one.post}。{one.account}",)


def linked(text: str, sources: Mapping[str, str]) -> tuple[Part, ...]:
    """A text whose known figures are parts of their own that lead to where they come from."""
    known = [figure for figure in sources if figure]
    if not known:
        return (text,)
    pattern = re.compile(rf"(?<![\d.])({'|'.join(re.escape(one) for one in known)})(?![\d.])")
    return tuple(
        Figure(part, sources[part]) if part in sources else part for part in pattern.split(text) if part
    )
