"""All milestones as a workbook: the rows that the reader may see, in the order of units and days."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime

from supervisor.clock import beijing_date
from supervisor.core import milestones
from supervisor.core.milestones import MilestoneState
from supervisor.core.permissions import Actor
from supervisor.documents.content import CellKind, CellValue, Column, Lamp, Light, Sheet, Workbook
from supervisor.models import Milestone, Programme, Task, Unit

COLUMNS = (
    Column("number", "序号", CellKind.INTEGER, 6),
    Column("unit", "单位", CellKind.TEXT, 20),
    Column("place", "任务序号", CellKind.INTEGER, 7),
    Column("task", "工作任务", CellKind.TEXT, 28),
    Column("title", "子任务/成果", CellKind.TEXT, 28),
    Column("document", "交付成果", CellKind.WORD, 7),
    Column("due", "完成时限", CellKind.DATE, 11),
    Column("weight", "权重（%）", CellKind.INTEGER, 8),
    Column("indicator", "可量化指标", CellKind.TEXT, 26),
    Column("measure", "计量", CellKind.TEXT, 12),
    Column("target", "目标", CellKind.INTEGER, 9),
    Column("state", "状态", CellKind.LAMP, 10),
    Column("done", "完成日期", CellKind.DATE, 11),
    Column("evidence", "完成情况及依据", CellKind.TEXT, 30),
)
LAMPS = {
    MilestoneState.DONE: Lamp(Light.GREEN, "已完成"),
    MilestoneState.OVERDUE: Lamp(Light.RED, "已逾期"),
    MilestoneState.OPEN: Lamp(Light.GREY, "未到期"),
}


def rows_to_print(by: Actor) -> list[Milestone]:
    """Milestones in force that the reader may see."""
    order = (Unit.sort, Unit.id, Task.sort, Milestone.due_on, Milestone.key)
    return list(milestones.visible_to(by).order_by(*order))


def workbook(programme: Programme, rows: Sequence[Milestone], *, audit_head: str, now: datetime) -> Workbook:
    """The workbook's content."""
    today = beijing_date(now)
    title = f"{programme.name}单位工作计划节点表"
    sheet = Sheet(
        name="节点",
        title=title,
        columns=COLUMNS,
        rows=tuple(_values(number, row, today) for number, row in enumerate(rows, start=1)),
        left=f"填报单位（盖章）：{programme.office_name}",
        right=f"截至日期：{today.year}年{today.month}月{today.day}日",
        footnotes=("权重为该节点占本单位该项任务工作量的百分比。", f"审计链校验值：{audit_head}"),
        frozen=2,
    )
    return Workbook((sheet,), now, title)


def _values(number: int, row: Milestone, today: date) -> dict[str, CellValue]:
    link = row.assignment
    return {
        "number": number, "unit": link.unit.name, "place": link.task.sort, "task": link.task.title, "title": row.title,
        "document": "是" if row.document else "", "due": row.due_on, "weight": row.weight,
        "indicator": row.indicator, "measure": row.measure, "target": row.target,
        "state": LAMPS[milestones.state_of(row, today)], "done": row.done_on, "evidence": row.evidence,
    }  # fmt: skip
