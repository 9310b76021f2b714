"""The ledger (台账) as .xlsx: one task a row, real dates and numbers, the lamp as fill, shape and word."""

from __future__ import annotations

from dataclasses import fields

from supervisor.documents.content import (
    CellKind,
    CellValue,
    Column,
    LedgerContent,
    LedgerRow,
    Sheet,
    Workbook,
)
from supervisor.documents.sheet_book import write_workbook

COLUMNS = (
    Column("number", "序号", CellKind.INTEGER, 5),
    Column("category", "任务类别", CellKind.TEXT, 10),
    Column("task", "工作任务", CellKind.TEXT, 30),
    Column("target", "年度目标", CellKind.TEXT, 16),
    Column("leader", "牵头领导", CellKind.WORD, 9),
    Column("lead_units", "牵头单位", CellKind.TEXT, 14),
    Column("responsible_units", "责任单位", CellKind.TEXT, 20),
    Column("due", "完成时限", CellKind.DATE, 11),
    Column("planned", "计划进度", CellKind.PERCENT, 8.5),
    Column("actual", "实际进度", CellKind.PERCENT, 8.5),
    Column("completion", "完成率", CellKind.PERCENT, 8.5),
    Column("progress", "本期进展", CellKind.TEXT, 26),
    Column("problems", "存在问题", CellKind.TEXT, 17),
    Column("next_steps", "下步措施", CellKind.TEXT, 17),
    Column("lamp", "状态", CellKind.LAMP, 10),
    Column("liaison", "联络员", CellKind.TEXT, 9),
    Column("remark", "备注", CellKind.TEXT, 10),
)
FROZEN = 3  # 序号, 任务类别 and 工作任务 stay in sight


def write_ledger(content: LedgerContent) -> bytes:
    """The ledger as the bytes of an .xlsx file."""
    return write_workbook(Workbook((ledger_sheet(content),), content.created, content.title))


def ledger_sheet(content: LedgerContent) -> Sheet:
    """The ledger as one sheet, to stand alone or behind a ranking."""
    as_of = f"截至日期：{content.as_of.year}年{content.as_of.month}月{content.as_of.day}日"
    return Sheet(
        name="台账",
        title=content.title,
        columns=COLUMNS,
        rows=tuple(_values(row) for row in content.rows),
        left=f"填报单位（盖章）：{content.filled_by}",
        right=as_of,
        footnotes=(*content.footnotes, f"审计链校验值：{content.audit_head}"),
        frozen=FROZEN,
    )


def _values(row: LedgerRow) -> dict[str, CellValue]:
    return {field.name: getattr(row, field.name) for field in fields(row)}
