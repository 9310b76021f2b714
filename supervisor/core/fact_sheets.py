"""Facts by spreadsheet: a template for each assessment group, filled with what is recorded, and the way back.

The way back stores nothing before a person has seen what would change; one bad row of five hundred, and nothing is
stored at all. Rows are numbered as the spreadsheet numbers them.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

from supervisor.clock import beijing_date
from supervisor.core import audit, fact_assessors, fact_changes, fact_pages, recorded_facts
from supervisor.core.fact_changes import Reading, Row
from supervisor.core.fact_forms import FactForm
from supervisor.core.fact_kinds import FieldType
from supervisor.core.fact_pages import FormState
from supervisor.core.fact_values import Faults
from supervisor.core.ledger_reading import letters
from supervisor.core.periods import Period
from supervisor.core.permissions import Actor
from supervisor.core.scored_periods import scored_period
from supervisor.core.unit_names import name_key
from supervisor.core.units import known_names
from supervisor.database import digest, transactional
from supervisor.documents import ledger_sheets
from supervisor.documents.content import CellKind, CellValue, Column, Sheet, Workbook
from supervisor.documents.grid import GridRefused
from supervisor.errors import Invalid, NotFound, Refused
from supervisor.models import FactUpload, Programme, RecordedFact, Unit
from supervisor.words import N_, Sentence, say

#: An upload that nobody confirms is kept this long.
KEPT = timedelta(days=2)
MOST_ROWS = 5_000
#: Rows in which the headings are looked for.
FIRST_ROWS = 12
NUMBER, UNIT, SUBJECT, DAY, SOURCE, NOTE = "number", "unit", "subject", "day", "source", "note"


@dataclass(frozen=True)
class Preview:
    """What an upload would do: `reading` of its rows, faults also of the sheet itself, row by row."""

    form: FactForm
    period: Period
    reading: Reading
    faults: Mapping[str, Faults]
    #: By name of a field: letter and heading of its column.
    columns: Mapping[str, tuple[str, str]]
    rows: int

    @property
    def is_ready(self) -> bool:
        """Whether it can be stored."""
        return not self.faults and bool(self.reading.news)

    @property
    def changed(self) -> int:
        """Corrections of recorded facts among the news."""
        return sum(change.before is not None for change in self.reading.news)


# The template ------------------------------------------------------------------------------------------------


def template(
    programme: Programme, period: Period, state: FormState, group: str, *, now: datetime
) -> tuple[str, Workbook]:
    """The name and content of a group's template: its units with what is recorded. NotFound for another group."""
    units = dict(fact_pages.groups_of(programme, period, state)).get(group)
    if units is None:
        raise NotFound
    form = state.form
    name = form.name_in("zh_CN")
    title = f"{name}录入表（{say(period.label, 'zh_CN')}）"
    columns = tuple(
        Column(key, heading, _kind(form, key), _width(key, heading))
        for key, heading in headings_of(form).items()
    )
    sheet = Sheet(
        name="录入表",
        title=title,
        columns=columns,
        rows=tuple(_filled(form, state.facts, units)),
        left=f"考核组：{group}",
        right=f"制表：{programme.office_name}",
        footnotes=_advice(form),
        frozen=2,
    )
    return f"{programme.name}-{title}-{group}.xlsx", Workbook((sheet,), now, title)


def headings_of(form: FactForm) -> dict[str, str]:
    """By name of a field the heading of its column, in their order; official tables are Chinese."""
    found = {NUMBER: "编号", UNIT: "单位"}
    if form.subject is not None:
        found[SUBJECT] = say(form.subject, "zh_CN")
    if form.day:
        found[DAY] = "日期"
    found |= {field.name: say(field.label, "zh_CN") for field in form.fields}
    return found | {SOURCE: "文号或出处", NOTE: "备注"}


def _kind(form: FactForm, key: str) -> CellKind:
    field = form.field_named(key)
    if key == NUMBER or (field is not None and field.type is FieldType.WHOLE):
        return CellKind.INTEGER
    if key == DAY:
        return CellKind.DATE
    if field is not None and field.type is not FieldType.TEXT:
        return CellKind.WORD
    return CellKind.TEXT


def _width(key: str, heading: str) -> float:
    wide = {UNIT: 26, SUBJECT: 36, SOURCE: 24, NOTE: 20, NUMBER: 8, DAY: 12}
    return float(wide.get(key, max(12, 2 * len(heading) + 2)))


def _filled(
    form: FactForm, facts: Sequence[RecordedFact], units: Sequence[Unit]
) -> list[dict[str, CellValue]]:
    """The recorded facts of each unit and, where one more can be entered, a line with the unit alone."""
    rows: list[dict[str, CellValue]] = []
    for unit in units:
        mine = [fact for fact in facts if fact.unit_id == unit.id]
        for fact in mine:
            texts = fact_pages.typed_again(form, fact)
            row: dict[str, CellValue] = {
                NUMBER: fact.id,
                UNIT: unit.name,
                SOURCE: fact.source,
                NOTE: fact.note,
            }
            row |= {SUBJECT: fact.subject, DAY: fact.day}
            row |= {field.name: _cell(field.type, texts.get(field.name, "")) for field in form.fields}
            rows.append(row)
        if form.many or not mine:
            rows.append({UNIT: unit.name})
    return rows


def _cell(type_: FieldType, text: str) -> CellValue:
    if not text:
        return None
    if type_ is FieldType.WHOLE:
        return int(text)
    return Decimal(text) if type_ is FieldType.NUMBER else text


def _advice(form: FactForm) -> tuple[str, ...]:
    lines = ["编号由系统填写：有编号的行是更正该条数据，没有编号的行是新增；只有单位名称的行不导入。"]
    for field in form.fields:
        if field.choices:
            offered = "、".join(say(label, "zh_CN") for _, label in field.choices)
            lines.append(f"“{say(field.label, 'zh_CN')}”填：{offered}。")
        elif field.type is FieldType.YES_NO:
            lines.append(f"“{say(field.label, 'zh_CN')}”填“是”或“否”。")
    if form.many:
        lines.append("同一单位有多条的，可插入行，单位名称照填。")
    return tuple(lines)


# The way back ------------------------------------------------------------------------------------------------


def read_file(form: FactForm, data: bytes, name: str) -> dict[str, Any]:
    """The rows of a filled-in template as plain values. Slow (a child process): call it before the transaction.

    Raises Invalid, naming the file's fault, the heading that is missing, or too many rows.
    """
    try:
        sheets = ledger_sheets.from_plain(ledger_sheets.read_plain(data, name))
    except GridRefused as refusal:
        raise Invalid(refusal.sentence, {"file": refusal.sentence}) from refusal
    wanted = headings_of(form)
    for sheet in sheets.sheets:
        for number, cells in enumerate(sheet.cells[:FIRST_ROWS]):
            columns = {_plain(text): column for column, text in enumerate(cells) if text}
            if wanted[UNIT] in columns:
                return _rows(
                    sheet, number, {key: columns.get(_plain(text)) for key, text in wanted.items()}, form
                )
    wrong = N_(
        "No row of headings with “%(unit)s” was found: fill in the template of this list.", unit=wanted[UNIT]
    )
    raise Invalid(wrong, {"file": wrong})


def _rows(
    sheet: ledger_sheets.Sheet, heading: int, columns: Mapping[str, int | None], form: FactForm
) -> dict[str, Any]:
    wanted = headings_of(form)
    needed = {field.name for field in form.fields if field.required} | {UNIT}
    needed |= ({SUBJECT} if form.subject is not None else set()) | ({DAY} if form.day else set())
    missing = [wanted[key] for key in wanted if key in needed and columns.get(key) is None]
    if missing:
        wrong = N_(
            "Columns are missing: %(names)s. Fill in the template of this list.", names="、".join(missing)
        )
        raise Invalid(wrong, {"file": wrong})
    below = sheet.cells[heading + 1 :]
    if len(below) > MOST_ROWS or sheet.cut:
        wrong = N_("More than %(n)s rows: split the file.", n=MOST_ROWS)
        raise Invalid(wrong, {"file": wrong})
    rows, places = [], {key: column for key, column in columns.items() if column is not None}
    for number, cells in enumerate(below, start=heading + 1):
        texts = {key: cells[column].strip() if column < len(cells) else "" for key, column in places.items()}
        broken = {
            key: sheet.errors[number, col] for key, col in places.items() if (number, col) in sheet.errors
        }
        said = {key for key, text in texts.items() if text}
        is_advice = said == {NUMBER} and not texts[NUMBER].isdigit()  # the lines under the template's table
        if broken or (said - {UNIT} and not is_advice):
            rows.append({"row": number + 1, "texts": texts, "broken": broken})
    if not rows:
        wrong = N_("No row says anything but the unit: nothing was typed in.")
        raise Invalid(wrong, {"file": wrong})
    return {"columns": {key: [letters(col), wanted[key]] for key, col in places.items()}, "rows": rows}


@transactional
def receive(
    programme: Programme,
    period: Period,
    form: FactForm,
    cells: Mapping[str, Any],
    data: bytes,
    name: str,
    *,
    by: Actor,
    now: datetime,
) -> FactUpload:
    """Keep an upload that was read until somebody confirms it. Errors: NotAllowed, Refused (books closed)."""
    fact_assessors.require(by, programme.id, form)
    recorded_facts.refuse_closed(programme, period)
    return FactUpload.create(
        programme=programme, period=period.key, form=form.key, filename=name[-200:], sha256=digest(data),
        cells=dict(cells), created_by=by.user_id, created_at=now,
    )  # fmt: skip


def get(upload_id: int, by: Actor) -> FactUpload:
    """An upload, to the person who made it; else NotFound."""
    mine = (
        (FactUpload.id == upload_id)
        & (FactUpload.programme == by.programme_id)
        & (FactUpload.created_by == by.user_id)
    )
    found: FactUpload | None = FactUpload.get_or_none(mine)
    if found is None:
        raise NotFound(
            N_("This upload was stored already, or is older than two days. Upload the file again.")
        )
    return found


def preview(programme: Programme, upload: FactUpload, *, by: Actor, now: datetime) -> Preview:
    """What the upload would do, and every fault of it with row and column; nothing is stored."""
    period = scored_period(upload.period)
    form = fact_pages.form_of(programme, period, upload.form)
    ids = known_names(programme.jurisdiction_id, period.end)
    rows, faults = [], {}
    for one in upload.cells["rows"]:
        place, texts = str(one["row"]), one["texts"]
        broken: Faults = {
            key: N_("The cell holds “%(text)s” and no value.", text=text)
            for key, text in one["broken"].items()
        }
        number, fault = _number(texts.get(NUMBER, ""))
        if fault is not None:
            broken[NUMBER] = fault
        if broken:
            faults[place] = broken
            continue
        rows.append(Row(place, ids.get(name_key(texts.get(UNIT, ""))), texts, number))
    own = fact_assessors.own_units(by, programme.id, now)
    reading = fact_changes.read(programme, period, form, rows, own=own, today=beijing_date(now))
    columns = {key: (letter, heading) for key, (letter, heading) in upload.cells["columns"].items()}
    merged = {place: faults.get(place) or reading.faults[place] for place in [*faults, *reading.faults]}
    in_order = dict(sorted(merged.items(), key=lambda item: int(item[0])))
    return Preview(form, period, reading, in_order, columns, len(upload.cells["rows"]))


@transactional
def confirm(
    programme: Programme, upload: FactUpload, *, source: str, reason: str, by: Actor, now: datetime
) -> list[RecordedFact]:
    """Store everything that the upload says, whole; the upload goes.

    Errors: as `recorded_facts.record`; Refused where a row is wrong by now: nothing is stored.
    """
    found = preview(programme, upload, by=by, now=now)
    if found.faults:
        raise Refused(N_("Rows of the file are wrong: nothing was stored."))
    made = recorded_facts.record(
        programme,
        found.period,
        found.form,
        found.reading.changes,
        source=source,
        reason=reason,
        by=by,
        now=now,
    )
    FactUpload.delete().where(FactUpload.id == upload.id).execute()
    audit.record(
        by, "fact.import", programme, now=now, reason=reason,
        after={"period": upload.period, "form": upload.form, "filename": upload.filename, "sha256": upload.sha256,
               "rows": found.rows, "stored": len(made), "corrected": found.changed},
    )  # fmt: skip
    return made


@transactional
def drop(upload: FactUpload) -> None:
    """Set an upload aside; nothing of it was stored."""
    FactUpload.delete().where(FactUpload.id == upload.id).execute()


def sweep(now: datetime) -> int:
    """Remove uploads that nobody confirmed; called by the tick inside its transaction. Returns how many."""
    return int(FactUpload.delete().where(FactUpload.created_at < now - KEPT).execute())


def _number(text: str) -> tuple[int | None, Sentence | None]:
    plain = text.strip()
    if not plain:
        return None, None
    if plain.isascii() and plain.isdigit() and len(plain) <= 9:
        return int(plain), None
    return None, N_("“%(text)s” is no number of a fact; leave the cell empty for a new one.", text=plain[:40])


def _plain(text: str) -> str:
    return "".join(text.split())
