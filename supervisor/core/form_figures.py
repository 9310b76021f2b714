"""What units said in the fields of a rule about one period: units × fields with sums, as page and as workbook.

Of counted items the numbers of a period are added up; of everything else the newest version handed in counts.
Sums are of whole hundredths. Nothing is divided here.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from peewee import chunked

from supervisor.clock import beijing_date
from supervisor.core import field_numbers, field_values, held_figures
from supervisor.core.form_answers import YES
from supervisor.core.periods import Period
from supervisor.core.permissions import Actor, Permission
from supervisor.core.report_cells import Cell, cell_of
from supervisor.documents.content import CellKind, CellValue, Column, Sheet, Workbook
from supervisor.errors import NotFound
from supervisor.models import (
    FieldKind,
    FieldValue,
    Obligation,
    ObligationState,
    Programme,
    Report,
    ReportingRule,
    RuleField,
    RuleForm,
    RuleKind,
    Unit,
)
from supervisor.models.base import rows_of

#: Reports read at a time; old SQLite takes at most 999 values in one statement.
AT_ONCE = 500
#: Periods offered at most, the newest first.
PERIODS = 36


@dataclass(frozen=True)
class Row:
    """One unit: how its report stands, and what it says, by the fields' keys."""

    unit: Unit
    obligation: Obligation
    cell: Cell
    numbers: Mapping[int, int]
    texts: Mapping[int, str]
    #: How many files it handed in.
    files: Mapping[int, int]
    #: Whether it has filled in the form; what is held elsewhere is shown all the same.
    has_said: bool


@dataclass(frozen=True)
class FigureTable:
    """All units of one rule and period."""

    rule: ReportingRule
    period: Period
    periods: Sequence[str]
    fields: Sequence[RuleField]
    rows: Sequence[Row]
    #: Key of a number → the sum of what was handed in.
    sums: Mapping[int, int]

    @property
    def reported(self) -> int:
        """How many units have filled in the form."""
        return sum(row.has_said for row in self.rows)


def periods_of(rule: ReportingRule) -> list[str]:
    """Periods for which something is owed by the rule, the newest first."""
    query = Obligation.select(Obligation.period).where(Obligation.rule == rule).distinct()
    return [row[0] for row in rows_of(query.order_by(Obligation.period.desc()).limit(PERIODS))]


def table(rule: ReportingRule, key: str, actor: Actor, *, now: datetime) -> FigureTable:
    """The table of a period, by default the newest about which something was said; NotFound for a key of none.

    A fixed number of queries, however many units and fields there are.
    """
    actor.require(Permission.TASK_READ_ALL)
    periods = periods_of(rule)
    if key and key not in periods:
        raise NotFound
    chosen = key or _newest_said(rule) or next(iter(periods), "")
    if not chosen:
        raise NotFound
    period = Period.parse(chosen)
    owed = list(
        Obligation.select(Obligation, Unit)
        .join(Unit)
        .where(
            (Obligation.rule == rule)
            & (Obligation.period == chosen)
            & (Obligation.state != ObligationState.WAIVED)
        )
        .order_by(Unit.sort, Unit.id)
    )
    reports = _reports([row.id for row in owed])
    fields = _fields(rule, {report.form_id or 0 for report in reports}, period)
    values = _values(reports, counted=rule.kind is RuleKind.COUNT)
    held = held_figures.read(fields, [row.unit_id for row in owed], rule.programme_id, period.end)
    shown = {
        (unit_id, field_key): "；".join(one.text for one in some)
        for (field_key, unit_id), some in held.items()
    }
    rows = [_row(row, values.get(row.id), fields, shown, now) for row in owed]
    sums = {
        field.key: sum(row.numbers.get(field.key, 0) for row in rows)
        for field in fields
        if field.kind.is_figure and any(field.key in row.numbers for row in rows)
    }
    return FigureTable(rule, period, periods, fields, rows, sums)


def _newest_said(rule: ReportingRule) -> str:
    said = Report.form.is_null(is_null=False) & Report.sent & (Obligation.rule == rule)
    row = Report.select(Obligation.period).join(Obligation).where(said).order_by(Obligation.period.desc())
    return next((period for (period,) in rows_of(row.limit(1))), "")


def _fields(rule: ReportingRule, used: set[int], period: Period) -> list[RuleField]:
    """The fields of the forms used in the period, or else of the one that is to be filled: each key once."""
    forms = RuleForm.select(RuleForm.id).where((RuleForm.rule == rule) & (RuleForm.valid_from <= period.end))
    current = [row[0] for row in rows_of(forms.order_by(RuleForm.number.desc()).limit(1))]
    query = RuleField.select(RuleField, RuleForm).join(RuleForm)
    rows = query.where(RuleField.form.in_(sorted({*used, *current})))
    found: dict[int, RuleField] = {}
    for field in rows.order_by(RuleForm.number.desc(), RuleField.sort):
        found.setdefault(field.key, field)
    return list(found.values())


class _Said:
    """What one report, or all items of a period, say."""

    def __init__(self) -> None:
        self.numbers: dict[int, int] = {}
        self.texts: dict[int, str] = {}
        self.files: dict[int, int] = {}
        self.fields: dict[int, RuleField] = {}

    def add(self, value: FieldValue, files: int, *, counted: bool) -> None:
        key, number = value.field.key, value.number
        self.fields[key] = value.field
        if number is not None and counted and value.field.kind is FieldKind.NUMBER:
            self.numbers[key] = self.numbers.get(key, 0) + number
        elif number is not None:
            self.numbers[key] = number
        elif value.text:
            self.texts[key] = value.text
        if files:
            self.files[key] = files + (self.files.get(key, 0) if counted else 0)


def _values(reports: Sequence[Report], *, counted: bool) -> dict[int, _Said]:
    """Thing owed → what its newest version says, or all its items together."""
    newest = {report.obligation_id: report.id for report in reports}
    wanted = [r for r in reports if counted or newest[r.obligation_id] == r.id]
    values = field_values.values_of([report.id for report in wanted])
    files = field_values.files_of([value for said in values.values() for value in said.values()])
    found: dict[int, _Said] = {}
    for report in wanted:
        said = found.setdefault(report.obligation_id, _Said())
        for value in values.get(report.id, {}).values():
            said.add(value, len(files.get(value.id, ())), counted=counted)
    return found


def printed(owed: Mapping[int, int]) -> dict[int, str]:
    """Thing owed (with its rule) → what is said in its form, in one text as an official table prints it."""
    with_form = RuleForm.select(RuleForm.rule).where(RuleForm.rule.in_(sorted(set(owed.values()))))
    found: dict[int, str] = {}
    for rule in ReportingRule.select().where(ReportingRule.id.in_(with_form)):
        mine = [key for key, rule_id in owed.items() if rule_id == rule.id]
        for some in chunked(mine, AT_ONCE):
            said = _values(_reports(some), counted=rule.kind is RuleKind.COUNT)
            found |= {key: "；".join(_parts(one)) for key, one in said.items()}
    return found


def _parts(said: _Said) -> Iterator[str]:
    for key, field in said.fields.items():
        if key in said.numbers:
            yield f"{field.name}：{field_numbers.say_number(said.numbers[key], field.measure)}"
        elif key in said.texts:
            yield f"{field.name}：{_word(said.texts[key], field)}"
        elif key in said.files:
            yield f"{field.name}：{said.files[key]}个文件"


def _word(text: str, field: RuleField) -> str:
    return ("是" if text == YES else "否") if field.kind is FieldKind.YES_NO else text


def _reports(owed: Sequence[int]) -> list[Report]:
    """The versions handed in with a form, the oldest first."""
    sent = Report.obligation.in_(list(owed)) & Report.sent & Report.form.is_null(is_null=False)
    rows = Report.select(Report.id, Report.obligation, Report.form).where(sent)
    return list(rows.order_by(Report.number))


def _row(
    owed: Obligation,
    found: _Said | None,
    fields: Sequence[RuleField],
    shown: Mapping[tuple[int, int], str],
    now: datetime,
) -> Row:
    said = found or _Said()
    held = {f.key: shown[owed.unit_id, f.key] for f in fields if (owed.unit_id, f.key) in shown}
    cell = cell_of(owed.state, owed.outcome, owed.due_at, now)
    return Row(owed.unit, owed, cell, said.numbers, {**said.texts, **held}, said.files, found is not None)


# The workbook -------------------------------------------------------------------------------------------------------

#: How a report stands, as the workbook prints it.
STANDS = {
    Cell.ON_TIME: "按时", Cell.LATE: "逾期", Cell.MISSING: "缺报", Cell.NIL: "零报告",
}  # fmt: skip


def workbook(
    programme: Programme, found: FigureTable, period_words: str, *, audit_head: str, now: datetime
) -> Workbook:
    """The table as a file: exactly the rows of the page, the sums below."""
    today = beijing_date(now)
    title = f"{found.rule.name}填报数据（{period_words}）"
    columns = (
        Column("number", "序号", CellKind.INTEGER, 6),
        Column("unit", "单位", CellKind.TEXT, 22),
        Column("stands", "报送情况", CellKind.WORD, 10),
        *(_column(field) for field in found.fields),
    )
    rows = [_printed(number, row, found.fields) for number, row in enumerate(found.rows, start=1)]
    sums: dict[str, CellValue] = {"unit": "合计"}
    sums |= {f"f{f.key}": _exact(found.sums[f.key], f) for f in found.fields if f.key in found.sums}
    sheet = Sheet(
        name="填报数据",
        title=title,
        columns=columns,
        rows=(*rows, sums),
        left=f"填报单位（盖章）：{programme.office_name}",
        right=f"截至日期：{today.year}年{today.month}月{today.day}日",
        footnotes=("合计为已报数据之和；累计数取最近一次报送。", f"审计链校验值：{audit_head}"),
        frozen=2,
    )
    return Workbook((sheet,), now, title)


def _column(field: RuleField) -> Column:
    heading = f"{field.name}（{field.measure}）" if field.measure else field.name
    if field.kind.is_figure:
        return Column(f"f{field.key}", heading, CellKind.POINTS if field.decimals else CellKind.INTEGER, 12)
    return Column(f"f{field.key}", heading, CellKind.TEXT, 24)


def _exact(hundredths: int, field: RuleField) -> CellValue:
    return Decimal(hundredths).scaleb(-2) if field.decimals else hundredths // 100


def _printed(number: int, row: Row, fields: Sequence[RuleField]) -> dict[str, CellValue]:
    printed: dict[str, CellValue] = {
        "number": number, "unit": row.unit.name, "stands": STANDS.get(row.cell, "未报"),
    }  # fmt: skip
    for field in fields:
        key = field.key
        if key in row.numbers:
            printed[f"f{key}"] = _exact(row.numbers[key], field)
        elif key in row.files:
            printed[f"f{key}"] = f"{row.files[key]}个文件"
        elif key in row.texts:
            text = row.texts[key]
            printed[f"f{key}"] = _word(text, field)
    return printed
