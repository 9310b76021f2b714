"""The register of problems as its page and its spreadsheet show it: one filter, one order, the same rows."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import date, datetime
from typing import Any

from peewee import JOIN, fn

from supervisor.clock import beijing_date
from supervisor.core import audit, problems
from supervisor.core.exports import File
from supervisor.core.periods import Period
from supervisor.core.permissions import Actor, Permission
from supervisor.database import transaction
from supervisor.documents.content import CellKind, Column, Sheet, Workbook
from supervisor.documents.sheet_book import write_workbook
from supervisor.errors import Refused
from supervisor.models import Problem, ProblemEvent, ProblemState, ProblemStep, Programme, Task, Unit
from supervisor.models.base import rows_of
from supervisor.words import N_, say

#: Problems on one page; more than a workbook's rows are refused.
PAGE, MOST = 100, 20_000
#: Ages offered by the filter, months.
AGES = (1, 2, 3, 6)
CHINESE = "zh_CN"


@dataclass(frozen=True)
class Filter:
    """What is wanted of the register; the open ones unless told."""

    state: str = ProblemState.OPEN.value
    unit_id: int | None = None
    #: Months for which it has stood, at least.
    age: int = 0
    help: bool = False

    @classmethod
    def read(cls, args: Mapping[str, str]) -> Filter:
        """From an address; what makes no sense is left out."""
        state = args.get("state", ProblemState.OPEN.value)
        known = {"all", *(one.value for one in ProblemState)}
        unit, age = args.get("unit", ""), args.get("age", "")
        return cls(
            state if state in known else ProblemState.OPEN.value,
            int(unit) if unit.isascii() and unit.isdigit() and len(unit) < 10 else None,
            int(age) if age in {str(n) for n in AGES} else 0,
            args.get("help") == "1",
        )


@dataclass(frozen=True)
class Row:
    """One problem of the list."""

    problem: Problem
    unit: str
    task: str
    helper: str
    age: int
    #: What was last said of it.
    last: str


@dataclass(frozen=True)
class Page:
    """Some of the problems that fit, how many fit in all, and where the next page begins."""

    rows: Sequence[Row]
    all: int
    following: str = ""


def read_page(actor: Actor, wanted: Filter, *, day: date, after: str = "") -> Page:
    """The oldest problems first, a page of them; a fixed number of queries."""
    query = _wanted(actor, wanted, day)
    count = query.count()
    month, _, key = after.partition("_")
    if month and key.isdigit():
        query = query.where(
            (Problem.raised_month > month) | ((Problem.raised_month == month) & (Problem.id > int(key)))
        )
    rows = _read(query, day, PAGE + 1)
    last = rows[PAGE - 1].problem if len(rows) > PAGE else None
    return Page(rows[:PAGE], count, f"{last.raised_month}_{last.id}" if last else "")


def _wanted(actor: Actor, wanted: Filter, day: date) -> Any:
    query = problems.visible_to(actor)
    if wanted.state != "all":
        query = query.where(Problem.state == wanted.state)
    if wanted.unit_id is not None:
        query = query.where(Problem.unit == wanted.unit_id)
    if wanted.help:
        query = query.where(Problem.help_wanted != "")
    if wanted.age:
        months = day.year * 12 + day.month - 1 - wanted.age
        query = query.where(Problem.raised_month <= f"{months // 12:04}-{months % 12 + 1:02}")
    return query


def _read(query: Any, day: date, limit: int) -> list[Row]:
    helper = Unit.alias()
    columns = (
        Problem,
        Unit.name.alias("unit_name"),
        Task.title.alias("title"),
        helper.name.alias("helped_by"),
    )
    rows = list(
        query.select(*columns)
        .join(Unit, on=(Problem.unit == Unit.id))
        .switch(Problem)
        .join(Task)
        .switch(Problem)
        .join(helper, JOIN.LEFT_OUTER, on=(Problem.helper == helper.id))
        .order_by(Problem.raised_month, Problem.id)
        .limit(limit)
        .objects()
    )
    last = _last_words([row.id for row in rows])
    return [
        Row(
            row, row.unit_name, row.title, row.helped_by or "", problems.age_in_months(row, day),
            last.get(row.id, ""),
        )
        for row in rows
    ]  # fmt: skip


def _last_words(ids: Sequence[int]) -> dict[int, str]:
    """Problem -> the newest words of its history that add something to what was raised."""
    if not ids:
        return {}
    said = ProblemEvent.select(fn.MAX(ProblemEvent.id)).where(
        ProblemEvent.problem.in_(list(ids))
        & (ProblemEvent.words != "")
        & ProblemEvent.step.not_in([ProblemStep.RAISED, ProblemStep.REWORDED])
    )
    newest = said.group_by(ProblemEvent.problem)
    return dict(
        rows_of(
            ProblemEvent.select(ProblemEvent.problem, ProblemEvent.words).where(ProblemEvent.id.in_(newest))
        )
    )


def history(problem: Problem) -> list[ProblemEvent]:
    """What happened to a problem, oldest first."""
    return list(
        ProblemEvent.select()
        .where(ProblemEvent.problem == problem)
        .order_by(ProblemEvent.at, ProblemEvent.id)
    )


COLUMNS = (
    Column("n", "序号", CellKind.INTEGER, 6),
    Column("unit", "单位", CellKind.TEXT, 20),
    Column("task", "工作任务", CellKind.TEXT, 22),
    Column("raised", "提出月份", CellKind.WORD, 12),
    Column("age", "已存在（月）", CellKind.INTEGER, 8),
    Column("text", "存在问题", CellKind.TEXT, 36),
    Column("help", "需协调事项", CellKind.TEXT, 30),
    Column("helper", "协调单位", CellKind.TEXT, 18),
    Column("by", "协调时限", CellKind.DATE, 12),
    Column("state", "状态", CellKind.WORD, 14),
    Column("last", "最新进展", CellKind.TEXT, 30),
)


def export(programme: Programme, wanted: Filter, *, by: Actor, now: datetime) -> File:
    """Exactly the problems that the filter shows this reader, as a workbook. Refused beyond a size."""
    by.require(Permission.PROBLEM_READ)
    today = beijing_date(now)
    rows = _read(_wanted(by, wanted, today), today, MOST + 1)
    if len(rows) > MOST:
        raise Refused(N_("A file takes %(most)s problems. Narrow the filter.", most=MOST))
    with transaction():
        head = audit.record(
            by, "export.problems", programme, now=now, after={"filter": asdict(wanted), "rows": len(rows)}
        )
    sheet = Sheet(
        name="问题台账",
        title=f"{programme.name}问题台账",
        columns=COLUMNS,
        rows=tuple(_printed(n, row, programme) for n, row in enumerate(rows, start=1)),
        left=f"填报单位：{programme.office_name}",
        right=f"截至{today.year}年{today.month}月{today.day}日",
        footnotes=(f"共{len(rows)}项。审计链：{head}",),
        frozen=3,
    )
    content = write_workbook(Workbook((sheet,), now, sheet.title))
    return File(f"{programme.name}-问题台账-{today.isoformat()}.xlsx", content)


def _printed(n: int, row: Row, programme: Programme) -> dict[str, Any]:
    problem = row.problem
    return {
        "n": n,
        "unit": row.unit,
        "task": row.task,
        "raised": Period.parse(problem.raised_period).official_name,
        "age": row.age,
        "text": problem.text,
        "help": problem.help_wanted,
        "helper": row.helper or (programme.office_name if problem.office_helps else ""),
        "by": problem.help_by,
        "state": say(problem.state.label, CHINESE),
        "last": row.last,
    }
