"""The monthly circular (月通报) as content: one frozen dataclass that page, print, .docx and .xlsx say alike.

What is issued is this content as canonical JSON, kept for good; every form is made from it and from nothing else.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import asdict, dataclass, field, fields
from datetime import datetime
from typing import Any

from supervisor.documents.content import CellKind, Column, Sheet, Workbook
from supervisor.documents.official_paper import (
    Figure,
    OfficialPaper,
    PaperStyle,
    Paragraph,
    annex_of,
    day_words,
    paragraph,
    paragraphs,
)
from supervisor.documents.sheet_book import write_workbook


@dataclass(frozen=True)
class CircularUnit:
    """One unit's line. Progress in whole percent; None = nothing to compare."""

    place: int
    unit: str
    progress: int | None
    planned: int | None
    on_time: int
    late: int
    missing: int
    nil: int
    overdue: int
    red: int
    amber: int
    overdue_tasks: int
    problems: int


@dataclass(frozen=True)
class CircularProblem:
    """An unsolved problem carried over from earlier months."""

    place: int
    unit: str
    task: str
    text: str
    raised: str
    age: int
    helper: str


@dataclass(frozen=True)
class Named:
    """A unit that a person named, with the reason printed."""

    unit: str
    reason: str


@dataclass(frozen=True)
class CircularContent:
    """All that a circular says. Days as ISO texts; `number` and `issued_on` are empty in a draft."""

    office: str
    programme: str
    title: str
    month: str
    number: str
    addressees: str
    opening: str
    #: What the figures say, each with the page that it comes from.
    facts: tuple[Paragraph, ...]
    ahead: tuple[Named, ...]
    behind: tuple[Named, ...]
    carried: tuple[CircularProblem, ...]
    closing: str
    units: tuple[CircularUnit, ...]
    as_of: str
    issued_on: str = ""
    #: Which circular this one corrects, and why.
    corrects: str = ""
    style: PaperStyle = field(default_factory=PaperStyle)

    @property
    def summary(self) -> tuple[str, ...]:
        """What the figures say, as printed."""
        return tuple(one.text for one in self.facts)

    def to_json(self) -> str:
        """Canonical text; `read` is its inverse."""
        return json.dumps(asdict(self), ensure_ascii=False, sort_keys=True, separators=(",", ":"))

    @classmethod
    def read(cls, text: str) -> CircularContent:
        """From canonical text."""
        held: dict[str, Any] = json.loads(text)
        rows = {"ahead": Named, "behind": Named, "carried": CircularProblem, "units": CircularUnit}
        for name, kind in rows.items():
            held[name] = tuple(kind(**row) for row in held[name])
        # Circulars issued before figures had a source say it in plain words.
        plain = [{"parts": [one], "level": 0} for one in held.get("summary", ())]
        held["facts"] = tuple(
            Paragraph(
                tuple(part if isinstance(part, str) else Figure(**part) for part in one["parts"]),
                one["level"],
            )
            for one in held.get("facts", plain)
        )
        held["style"] = PaperStyle.of(held.get("style"))
        return cls(**{each.name: held[each.name] for each in fields(cls)})

    def sections(self) -> Iterator[tuple[str, tuple[str, ...]]]:
        """Headings with their paragraphs, numbered as an official paper numbers them."""
        for heading, parts in self._parts():
            yield heading, tuple(one.text for one in parts)

    def _parts(self) -> Iterator[tuple[str, tuple[Paragraph, ...]]]:
        annexed = "附件1" if self.carried else "附件"
        parts: list[tuple[str, tuple[Paragraph, ...]]] = [
            ("总体情况", (*self.facts, paragraph(f"各单位情况见{annexed}。")))
        ]
        if self.ahead:
            parts.append(
                ("进展较快的单位", tuple(paragraph(f"{one.unit}：{one.reason}") for one in self.ahead))
            )
        if self.behind:
            parts.append(
                ("进展滞后的单位", tuple(paragraph(f"{one.unit}：{one.reason}") for one in self.behind))
            )
        carried = (
            f"上月及以前提出、至今未解决的问题{len(self.carried)}个，结转继续督办，见附件2。"
            if self.carried
            else "上月无结转的未解决问题。"
        )
        parts.append(("未解决问题", (paragraph(carried),)))
        parts.append(("下步要求", paragraphs(self.closing)))
        for number, (heading, found) in zip("一二三四五", parts, strict=False):
            yield f"{number}、{heading}", found

    def paper(self) -> OfficialPaper:
        """The circular as an official paper."""
        body = [*([paragraph(self.corrects)] if self.corrects else []), *paragraphs(self.opening)]
        for heading, found in self._parts():
            body += [paragraph(heading), *found]
        units = annex_of(
            f"{self.month}各单位工作进展情况表", UNIT_COLUMNS, [vars(one) for one in self.units],
            f"截至{day_words(self.as_of)}。{NOTE}",
        )  # fmt: skip
        carried = annex_of(
            f"{self.month}结转的未解决问题", PROBLEM_COLUMNS, [vars(one) for one in self.carried]
        )
        return OfficialPaper(
            office=self.office, title=self.title, number=self.number, to=self.addressees, body=tuple(body),
            annexes=(units, carried) if self.carried else (units,), issued_on=self.issued_on, style=self.style,
            whole=(self.programme, self.month),
        )  # fmt: skip


UNIT_COLUMNS = (
    Column("place", "序号", CellKind.INTEGER, 6),
    Column("unit", "单位", CellKind.TEXT, 28),
    Column("progress", "实际进度（%）", CellKind.INTEGER, 9),
    Column("planned", "计划进度（%）", CellKind.INTEGER, 9),
    Column("on_time", "按时报送", CellKind.INTEGER, 8),
    Column("late", "迟报", CellKind.INTEGER, 7),
    Column("missing", "漏报", CellKind.INTEGER, 7),
    Column("nil", "零报告", CellKind.INTEGER, 8),
    Column("overdue", "到期未报", CellKind.INTEGER, 8),
    Column("red", "红灯事项", CellKind.INTEGER, 8),
    Column("amber", "黄灯事项", CellKind.INTEGER, 8),
    Column("overdue_tasks", "逾期事项", CellKind.INTEGER, 8),
    Column("problems", "未解决问题", CellKind.INTEGER, 9),
)
PROBLEM_COLUMNS = (
    Column("place", "序号", CellKind.INTEGER, 6),
    Column("unit", "单位", CellKind.TEXT, 22),
    Column("task", "工作任务", CellKind.TEXT, 22),
    Column("text", "问题", CellKind.TEXT, 40),
    Column("raised", "提出时间", CellKind.WORD, 14),
    Column("age", "已存在（月）", CellKind.INTEGER, 9),
    Column("helper", "协调单位", CellKind.TEXT, 20),
)
NOTE = "进度为本单位各项有计划任务已审核进度的平均数；没有计划进度的任务不与计划比较。"


def write_circular_xlsx(content: CircularContent, created: datetime) -> bytes:
    """The same words and figures as a workbook: the text, every unit, every problem carried over."""
    lines = [("标题", content.title), ("文号", content.number or "（未印发）"), ("主送", content.addressees)]
    lines += [("更正", content.corrects)] if content.corrects else []
    lines += [("正文", content.opening)]
    lines += [(heading, "\n".join(paragraphs)) for heading, paragraphs in content.sections()]
    lines += [("署名", content.office), ("日期", day_words(content.issued_on) if content.issued_on else "")]
    until = f"截至{day_words(content.as_of)}"
    text = Sheet(
        "通报", content.title,
        (Column("part", "部分", CellKind.WORD, 20), Column("words", "内容", CellKind.TEXT, 110)),
        tuple({"part": part, "words": words} for part, words in lines),
    )  # fmt: skip
    units = Sheet(
        "各单位情况", f"{content.month}各单位工作进展情况表", UNIT_COLUMNS,
        tuple({column.key: getattr(row, column.key) for column in UNIT_COLUMNS} for row in content.units),
        left=content.programme, right=until, footnotes=(NOTE,), frozen=2,
    )  # fmt: skip
    carried = Sheet(
        "未解决问题", f"{content.month}结转的未解决问题", PROBLEM_COLUMNS,
        tuple({column.key: getattr(row, column.key) for column in PROBLEM_COLUMNS} for row in content.carried),
        left=content.programme, right=until, frozen=2,
    )  # fmt: skip
    return write_workbook(Workbook((text, units, carried), created, content.title))
