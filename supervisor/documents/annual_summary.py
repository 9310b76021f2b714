"""A programme's annual summary (年度总结) as content: one frozen dataclass that page and .docx say alike.

Each version is kept as this content in canonical JSON; every form is made from it and from nothing else.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import asdict, dataclass, fields
from typing import Any

from supervisor.documents.content import CellKind, Column
from supervisor.documents.official_paper import day_words

#: 一 … 九, then 十, 十一 …; a programme has no more units than these can count.
DIGITS = "一二三四五六七八九"


@dataclass(frozen=True)
class SummaryFigures:
    """A unit's year in figures. Progress in whole percent; None = no task, or nothing planned."""

    leads: int
    closed: int
    supports: int
    progress: int | None
    planned: int | None
    on_time: int
    late: int
    missing: int
    nil: int
    problems: int

    def words(self, as_of: str) -> str:
        """The figures as one sentence."""
        parts = [f"牵头工作任务{self.leads}项，已办结{self.closed}项，配合{self.supports}项"]
        if self.progress is not None:
            planned = "" if self.planned is None else f"，计划进度{self.planned}%"
            parts.append(f"截至{as_of}实际进度{self.progress}%{planned}")
        parts.append(
            f"全年报送按时{self.on_time}次、迟报{self.late}次、漏报{self.missing}次、零报告{self.nil}次"
        )
        parts.append(f"未解决问题{self.problems}个")
        return "；".join(parts) + "。"


@dataclass(frozen=True)
class SummaryUnit:
    """One unit's part: the text as the office edited it, the figures, the attachments by name, and its source."""

    unit_id: int
    unit: str
    #: The submission whose text this was, and the day of the last receipt for it.
    report: int
    accepted_on: str
    text: str
    figures: SummaryFigures
    attachments: tuple[str, ...] = ()


@dataclass(frozen=True)
class AnnualContent:
    """All that the annual summary says. Days as ISO texts; `version` is 0 in what is not kept yet."""

    office: str
    programme: str
    title: str
    year: str
    rule: str
    opening: str
    closing: str
    units: tuple[SummaryUnit, ...]
    #: Units whose summary is owed and not accepted, with how it stands.
    missing: tuple[str, ...]
    #: The day on which figures were read, and up to when they count (2021年12月).
    as_of: str
    until: str
    version: int = 0
    author: str = ""

    def to_json(self) -> str:
        """Canonical text; `read` is its inverse."""
        return json.dumps(asdict(self), ensure_ascii=False, sort_keys=True, separators=(",", ":"))

    @classmethod
    def read(cls, text: str) -> AnnualContent:
        """From canonical text."""
        held: dict[str, Any] = json.loads(text)
        held["units"] = tuple(
            SummaryUnit(
                **(
                    row
                    | {"figures": SummaryFigures(**row["figures"]), "attachments": tuple(row["attachments"])}
                )
            )
            for row in held["units"]
        )
        held["missing"] = tuple(held["missing"])
        return cls(**{field.name: held[field.name] for field in fields(cls)})

    @property
    def summary(self) -> str:
        """What the figures of all units come to."""
        return (
            f"共{len(self.units) + len(self.missing)}家单位应报送{self.rule}，已报送并收讫{len(self.units)}家。"
            f"上述单位牵头工作任务{self._sum('leads')}项，已办结{self._sum('closed')}项；"
            f"全年报送按时{self._sum('on_time')}次、迟报{self._sum('late')}次、漏报{self._sum('missing')}次、"
            f"零报告{self._sum('nil')}次；未解决问题{self._sum('problems')}个。各单位情况见附件。"
        )

    def _sum(self, name: str) -> int:
        return sum(getattr(unit.figures, name) for unit in self.units)

    @property
    def standing(self) -> str:
        """What this is, under the title: which version, whose, of which day."""
        if not self.version:
            return "（未保存）"
        return f"（第{self.version}版，{self.author}整理，数据截至{day_words(self.as_of)}）"

    @property
    def annex(self) -> str:
        """Title of the table of figures."""
        return f"{self.year}各单位工作情况表"

    def front(self) -> Iterator[tuple[str, tuple[str, ...]]]:
        """The sections before the units'; the second is theirs."""
        yield "一、总体情况", (self.summary,)
        yield "二、各单位工作情况", ()

    def parts(self) -> Iterator[tuple[str, tuple[str, ...]]]:
        """Each unit's heading with its paragraphs, in order."""
        for place, unit in enumerate(self.units, start=1):
            text = tuple(line.strip() for line in unit.text.splitlines() if line.strip())
            named = (f"附件材料：{'、'.join(unit.attachments)}。",) if unit.attachments else ()
            figures = (f"年度数据：{unit.figures.words(self.until)}",)
            yield (
                f"（{numeral(place)}）{unit.unit}",
                (*(text or ("（总结正文见附件材料。）",)), *figures, *named),
            )

    def rest(self) -> Iterator[tuple[str, tuple[str, ...]]]:
        """The sections after the units', numbered as an official paper numbers them."""
        parts: list[tuple[str, tuple[str, ...]]] = []
        if self.missing:
            parts.append(("未纳入本总结的单位", ("、".join(self.missing) + "。",)))
        closing = tuple(line.strip() for line in self.closing.splitlines() if line.strip())
        if closing:
            parts.append(("下步工作", closing))
        for number, (heading, paragraphs) in enumerate(parts, start=3):
            yield f"{numeral(number)}、{heading}", paragraphs

    def table(self) -> Iterator[dict[str, str | int | None]]:
        """The annex, a row a unit."""
        for place, unit in enumerate(self.units, start=1):
            yield {"place": place, "unit": unit.unit, **asdict(unit.figures)}


def numeral(number: int) -> str:
    """一, 十, 十一, 二十三, 一百零五: how official papers number their parts."""
    if number >= 100:
        hundreds, rest = divmod(number, 100)
        between = "零" if 0 < rest < 10 else "一" if 10 <= rest < 20 else ""
        return f"{DIGITS[hundreds - 1]}百{between}{numeral(rest) if rest else ''}"
    tens, ones = divmod(number, 10)
    front = "" if tens == 0 else "十" if tens == 1 else f"{DIGITS[tens - 1]}十"
    return front + (DIGITS[ones - 1] if ones else "")


FIGURE_COLUMNS = (
    Column("place", "序号", CellKind.INTEGER, 6),
    Column("unit", "单位", CellKind.TEXT, 28),
    Column("leads", "牵头任务", CellKind.INTEGER, 8),
    Column("closed", "已办结", CellKind.INTEGER, 8),
    Column("supports", "配合任务", CellKind.INTEGER, 8),
    Column("progress", "实际进度（%）", CellKind.INTEGER, 9),
    Column("planned", "计划进度（%）", CellKind.INTEGER, 9),
    Column("on_time", "按时报送", CellKind.INTEGER, 8),
    Column("late", "迟报", CellKind.INTEGER, 7),
    Column("missing", "漏报", CellKind.INTEGER, 7),
    Column("nil", "零报告", CellKind.INTEGER, 8),
    Column("problems", "未解决问题", CellKind.INTEGER, 9),
)
