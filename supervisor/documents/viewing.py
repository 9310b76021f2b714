"""What the papers of a site viewing say: the empty score sheet and the result table."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class ProjectLine:
    """A project as printed; `barred`: of the judge's own unit, not to be marked."""

    number: int
    unit: str
    name: str
    place: str
    barred: bool = False


@dataclass(frozen=True)
class SheetContent:
    """An empty score sheet. Days are ISO texts; criteria are (name, weight)."""

    office: str
    programme: str
    title: str
    held_on: str
    #: Empty = for any judge.
    judge: str
    criteria: tuple[tuple[str, int], ...]
    projects: tuple[ProjectLine, ...]

    @property
    def notes(self) -> tuple[str, ...]:
        """How it is filled in."""
        return (
            "各项得分不超过括号内分值，可保留一位小数；“回避”为评委本单位项目，不打分。",
            "填写后签名交回，录入时注明录入人；录入后只能注明理由更正。",
        )


@dataclass(frozen=True)
class Mark:
    """What one judge gave in all: empty and not barred = the sheet is missing."""

    total: str
    barred: bool

    @property
    def text(self) -> str:
        """As printed."""
        return "回避" if self.barred else self.total or "缺"


@dataclass(frozen=True)
class UnitLine:
    """A unit's points of 100; empty = too few marks."""

    unit: str
    points: str


@dataclass(frozen=True)
class ResultContent:
    """The result table: each project with what every judge gave, and what follows for each unit."""

    office: str
    programme: str
    title: str
    held_on: str
    judges: tuple[str, ...]
    projects: tuple[tuple[ProjectLine, tuple[Mark, ...], str], ...]
    units: tuple[UnitLine, ...]
    dropped: int
    missing: int
    why_missing: str
    finished_by: str
    day: str
    provisional: bool

    @property
    def notes(self) -> tuple[str, ...]:
        """How it was computed, and what is missing."""
        rule = (
            f"每个项目去掉{self.dropped}个最高分、{self.dropped}个最低分后取平均；"
            if self.dropped
            else "每个项目取全部评委的平均分；"
        )
        said = [f"{rule}一个单位有多个项目的，取各项目得分的平均。评委不给本单位的项目打分。"]
        if self.missing:
            said.append(f"缺评分表{self.missing}份。{self.why_missing}")
        if self.provisional:
            said.append("尚未办结，本表不作为考核依据。")
        return tuple(said)
