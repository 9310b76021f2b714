"""The ledger (台账) on paper: exactly the rows a filter shows, with what the columns of an official ledger ask for."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal

from peewee import JOIN, chunked

from scoring.numbers import exact, hundredths
from supervisor.core import people
from supervisor.core.ledger import Filter, Row, read_all
from supervisor.core.permissions import Actor
from supervisor.documents.content import Lamp, LedgerContent, LedgerRow
from supervisor.documents.content import Light as PrintedLight
from supervisor.errors import Refused
from supervisor.models import (
    Assignment,
    AssignmentState,
    Entry,
    LinkRole,
    Programme,
    QuantityTarget,
    ReportEntry,
    Task,
    Unit,
    UnitGroup,
    Verdict,
)
from supervisor.models.base import rows_of
from supervisor.words import N_, say

#: A workbook of more rows would need more memory than the server may take.
MOST_ROWS = 20_000
#: Units whose words are printed in one cell; of a collective of fifteen nobody reads more.
SPEAKERS = 3
BATCH = 500
CHINESE = "zh_CN"


@dataclass
class _More:
    """What a printed row needs beyond the page's."""

    category: str = ""
    targets: list[str] = field(default_factory=list)
    responsible: list[str] = field(default_factory=list)
    lead_ids: list[int] = field(default_factory=list)
    spoken: list[tuple[str, ReportEntry]] = field(default_factory=list)


def ledger_content(
    programme: Programme,
    wanted: Filter,
    rows: Sequence[Row],
    *,
    by: Actor,
    audit_head: str,
    now: datetime,
    today: date,
) -> LedgerContent:
    """The rows as printed; `audit_head` is the chain's head at the export."""
    more = _more(rows, by)
    liaisons = people.liaisons_of(
        sorted({unit for one in more.values() for unit in one.lead_ids}), programme.id, today
    )
    names = {unit: "、".join(user.name for user in users) for unit, users in liaisons.items()}
    return LedgerContent(
        title=f"{programme.name}工作台账",
        filled_by=by.unit_name or programme.office_name,
        as_of=today,
        rows=tuple(_printed(n, row, more[row.id], names) for n, row in enumerate(rows, start=1)),
        created=now,
        audit_head=audit_head,
        footnotes=(f"筛选条件：{filter_words(wanted)}；共{len(rows)}项。",),
    )


def rows_to_print(by: Actor, wanted: Filter, *, today: date) -> list[Row]:
    """Every row that the filter shows this reader. Refused where a file of them would be too large."""
    rows = read_all(by, wanted, today=today)
    if len(rows) > MOST_ROWS:
        raise Refused(
            N_(
                "This ledger has %(count)s rows; a file takes %(most)s. Narrow the filter.",
                count=len(rows),
                most=MOST_ROWS,
            )
        )
    return rows


def filter_words(wanted: Filter) -> str:
    """The filter in Chinese, for the footnote."""
    parts = []
    if wanted.unit_id is not None:
        unit = Unit.get_or_none(Unit.id == wanted.unit_id)
        parts.append(f"单位={unit.name if unit else wanted.unit_id}")
    if wanted.state:
        parts.append(f"状态={wanted.state}")
    if wanted.light:
        parts.append(f"亮灯={say(PRINTED[wanted.light][1], CHINESE)}")
    if wanted.role:
        parts.append(f"角色={say(LinkRole(wanted.role).label, CHINESE)}")
    if wanted.overdue:
        parts.append("已逾期")
    if wanted.q:
        parts.append(f"检索=“{wanted.q}”")
    return "、".join(parts) or "无"


#: Light by value → the printed lamp and its word.
PRINTED: Mapping[str, tuple[PrintedLight, str]] = {
    "green": (PrintedLight.GREEN, "正常"),
    "amber": (PrintedLight.AMBER, "滞后"),
    "red": (PrintedLight.RED, "严重滞后"),
    "grey": (PrintedLight.GREY, "未启动"),
}


def _printed(number: int, row: Row, more: _More, liaisons: Mapping[int, str]) -> LedgerRow:
    light, word = PRINTED[row.light.value]
    with exact():
        completion = (
            min(hundredths(Decimal(row.progress * 100) / row.planned), Decimal(100))
            if row.progress is not None and row.planned
            else None
        )
    return LedgerRow(
        number=number,
        category=more.category,
        task=row.title,
        target="；".join(more.targets),
        lead_units=row.leads,
        responsible_units="、".join(more.responsible),
        due=row.due_on or "长期",
        planned=None if row.planned is None else Decimal(row.planned),
        actual=None if row.progress is None else Decimal(row.progress),
        completion=completion,
        progress=_words(more, "done"),
        problems=_words(more, "problems"),
        next_steps=_words(more, "next_steps"),
        lamp=Lamp(light, "办结" if row.state.value == "closed" else word),
        liaison="、".join(liaisons[unit] for unit in more.lead_ids[:SPEAKERS] if unit in liaisons),
        remark=say(row.state.label, CHINESE) + (f"（{row.closed}）" if row.closed else ""),
    )


def _words(more: _More, column: str) -> str:
    several = len(more.spoken) > 1
    said = [(unit, str(getattr(entry, column))) for unit, entry in more.spoken]
    return "\n".join(f"{unit}：{text}" if several else text for unit, text in said if text)


def _more(rows: Sequence[Row], by: Actor) -> dict[int, _More]:
    found = {row.id: _More() for row in rows}
    for ids in chunked(list(found), BATCH):
        for task in Task.select(Task.id, Task.path).where(Task.id.in_(ids)):
            found[task.id].category = task.path[0] if task.path else ""
        _add_targets(found, ids, by)
        _add_links(found, ids)
        _add_spoken(found, ids, by)
    return found


def _add_targets(found: dict[int, _More], ids: Sequence[int], by: Actor) -> None:
    mine = QuantityTarget.task.in_(ids)
    if not by.sees_all:
        mine &= QuantityTarget.unit.in_(sorted(by.unit_ids))
    sums: dict[tuple[int, str], int] = {}
    for target in QuantityTarget.select().where(mine).order_by(QuantityTarget.id):
        key = (target.task_id, target.measure)
        sums[key] = sums.get(key, 0) + target.target
    for (task_id, measure), total in sums.items():
        found[task_id].targets.append(f"{measure} {total}")


def _add_links(found: dict[int, _More], ids: Sequence[int]) -> None:
    links = (
        Assignment.select(Assignment.task, Assignment.role, Assignment.unit, Unit.name, UnitGroup.name)
        .join(Unit)
        .switch(Assignment)
        .join(UnitGroup, JOIN.LEFT_OUTER)
        .where(Assignment.task.in_(ids) & (Assignment.state != AssignmentState.CANCELLED))
        .order_by(Unit.sort, Unit.id)
    )
    for task_id, role, unit_id, unit_name, group_name in rows_of(links):
        if role is LinkRole.LEAD:
            found[task_id].lead_ids.append(unit_id)
        elif (name := group_name or unit_name) not in found[task_id].responsible:
            found[task_id].responsible.append(name)


def _add_spoken(found: dict[int, _More], ids: Sequence[int], by: Actor) -> None:
    """The newest accepted words of the lead units (of one's own units, for a unit), a few of them (D16)."""
    entries = (
        ReportEntry.select(ReportEntry, Entry, Assignment, Unit)
        .join(Entry)
        .join(Assignment)
        .join(Unit)
        .where(Entry.task.in_(ids) & (ReportEntry.verdict == Verdict.ACCEPTED) & _speakers(by))
        .order_by(ReportEntry.id.desc())
    )
    seen: set[int] = set()
    for entry in entries:
        link = entry.entry.assignment
        if link.id not in seen and len(found[entry.entry.task_id].spoken) < SPEAKERS:
            found[entry.entry.task_id].spoken.append((link.unit.name, entry))
        seen.add(link.id)


def _speakers(by: Actor) -> object:
    if by.sees_all:
        return Assignment.role == LinkRole.LEAD
    return Assignment.unit.in_(sorted(by.unit_ids))
