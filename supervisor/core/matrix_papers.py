"""The matrix of units and periods as a workbook: the page's squares in words, and every single report behind them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from supervisor.clock import beijing_date
from supervisor.core import form_figures, report_matrix
from supervisor.core.matrix_choices import Choices, Wanted
from supervisor.core.periods import Period
from supervisor.core.permissions import Actor
from supervisor.core.report_cells import Cell
from supervisor.core.report_matrix import Matrix, Square
from supervisor.documents.content import CellKind, CellValue, Column, Lamp, Light, Sheet, Workbook
from supervisor.errors import Refused
from supervisor.models import Programme
from supervisor.words import N_, say

#: A workbook of more rows would need more memory than the server may take.
MOST_ROWS = 20_000
CHINESE = "zh_CN"
LIGHTS = {
    Cell.ON_TIME: Light.GREEN, Cell.NIL: Light.GREEN, Cell.LATE: Light.AMBER, Cell.RETURNED: Light.AMBER,
    Cell.MISSING: Light.RED, Cell.OVERDUE: Light.RED,
}  # fmt: skip


@dataclass(frozen=True)
class Printed:
    """All units of a matrix, and every single square with its unit's name."""

    shown: Matrix
    squares: Sequence[tuple[str, Square]]


def read(by: Actor, wanted: Wanted, *, now: datetime) -> Printed:
    """What the page's filter shows this reader, on one page. Refused beyond a size."""
    found = report_matrix.whole(by, wanted, now=now, most=MOST_ROWS)
    if found is None:
        raise Refused(
            N_(
                "These are more than %(most)s reports: choose one rule, one group or one quarter.",
                most=MOST_ROWS,
            )
        )
    return Printed(*found)


def workbook(programme: Programme, found: Printed, *, audit_head: str, now: datetime) -> Workbook:
    """The workbook's content."""
    choices, today = found.shown.choices, beijing_date(now)
    title = f"{programme.name}报送情况（{say(choices.title, CHINESE)}）"
    right = f"截至日期：{today.year}年{today.month}月{today.day}日"
    notes = (_scope(choices), f"审计链校验值：{audit_head}")
    columns = (
        Column("unit", "单位", CellKind.TEXT, 22),
        *(Column(one.key, say(one.label, CHINESE), CellKind.LAMP, 12) for one in choices.columns),
    )
    left = f"填报单位（盖章）：{programme.office_name}"
    rows = tuple(_row(found.shown, unit, name) for unit, name in found.shown.units)
    sheets = [Sheet("矩阵", title, columns, rows, left, right, notes, frozen=1)]
    sheets.append(Sheet("明细", title, LINES, _lines(found), left, right, notes, frozen=2))
    return Workbook(tuple(sheets), now, title)


def _scope(choices: Choices) -> str:
    wanted = choices.wanted
    parts = [f"{wanted.year}年" if wanted.year else "", f"第{wanted.quarter}季度" if wanted.quarter else ""]
    parts.append(dict(choices.groups).get(wanted.group_id, ""))
    if wanted.only is not None:
        parts.append(f"仅列有“{say(wanted.only.label, CHINESE)}”的单位")
    return "筛选条件：" + ("；".join(part for part in parts if part) or "无")


def _row(shown: Matrix, unit: int, name: str) -> dict[str, CellValue]:
    values: dict[str, CellValue] = {"unit": name}
    for column in shown.choices.columns:
        square = shown.squares.get((unit, column.key))
        values[column.key] = _lamp(square) if square else None
    return values


def _lamp(square: Square) -> Lamp:
    return Lamp(
        LIGHTS.get(square.cell, Light.GREY), f"{say(square.cell.label, CHINESE)} {square.numbers}".strip()
    )


LINES = (
    Column("number", "序号", CellKind.INTEGER, 6),
    Column("unit", "单位", CellKind.TEXT, 22),
    Column("rule", "报送事项", CellKind.TEXT, 26),
    Column("period", "所属期", CellKind.WORD, 16),
    Column("cell", "报送情况", CellKind.LAMP, 12),
    Column("late", "迟报工作日", CellKind.INTEGER, 9),
    Column("items", "已报/应报条数", CellKind.WORD, 11),
    Column("said", "填报内容", CellKind.TEXT, 40),
    Column("marks", "备注", CellKind.TEXT, 24),
)


def _lines(found: Printed) -> tuple[Mapping[str, CellValue], ...]:
    names = {rule.id: rule.name for rule in found.shown.choices.shown}
    said = form_figures.printed({square.id: square.rule_id for _unit, square in found.squares})
    return tuple(
        {
            "number": number, "unit": unit, "rule": names[square.rule_id],
            "period": Period.parse(square.period).official_name,
            "cell": Lamp(LIGHTS.get(square.cell, Light.GREY), say(square.cell.label, CHINESE)),
            "late": square.late_workdays or None, "items": square.numbers, "said": said.get(square.id, ""),
            "marks": "；".join(say(mark.label, CHINESE) for mark in square.marks),
        }
        for number, (unit, square) in enumerate(found.squares, start=1)
    )  # fmt: skip
