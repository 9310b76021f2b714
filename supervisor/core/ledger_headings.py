"""Where a ledger's headings stand and what its columns hold, by their usual names. Pure.

Titles, dates and remarks stand above the headings; headings take one row or two (责任分工 over 牵头单位 and
责任单位). What is guessed here is shown to a person, who corrects it before anything is read.
"""

from __future__ import annotations

import enum
import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass, replace

from supervisor.documents.ledger_sheets import Sheet
from supervisor.words import N_, Sentence

#: Headings are looked for so far down.
WITHIN = 60


class Field(enum.StrEnum):
    """What a column holds."""

    NUMBER = "number"
    CATEGORY = "category"
    TITLE = "title"
    TEXT = "text"
    LEAD = "lead"
    RESPONSIBLE = "responsible"
    DUE = "due"
    PROGRESS = "progress"
    SAID = "said"
    STATE = "state"
    CLOSED_ON = "closed_on"
    QUANTITY = "quantity"
    KEEP = "keep"
    SKIP = "skip"

    @property
    def label(self) -> Sentence:
        """The field in words."""
        return FIELD_LABELS[self]


FIELD_LABELS = {
    Field.NUMBER: N_("Running number"),
    Field.CATEGORY: N_("Category (fills the rows below)"),
    Field.TITLE: N_("Task"),
    Field.TEXT: N_("What the task consists of"),
    Field.LEAD: N_("Lead units"),
    Field.RESPONSIBLE: N_("Responsible units"),
    Field.DUE: N_("Due date"),
    Field.PROGRESS: N_("Progress in percent"),
    Field.SAID: N_("Progress in words"),
    Field.STATE: N_("State (completed or not)"),
    Field.CLOSED_ON: N_("Day of completion"),
    Field.QUANTITY: N_("Quantities to reach (12个, 300户)"),
    Field.KEEP: N_("Keep with the task as it stands"),
    Field.SKIP: N_("Leave out"),
}
#: Fields that one column alone may hold.
SINGLE = frozenset({Field.NUMBER, Field.TITLE, Field.DUE, Field.PROGRESS, Field.STATE, Field.CLOSED_ON})

_UNIT = r"(?:单位|部门|处室|科室|主体|机构|地区|股室|局|方)"
#: In this order: the first that matches says what a heading means.
_NAMES: tuple[tuple[Field, re.Pattern[str]], ...] = (
    (Field.NUMBER, re.compile(r"^(?:序号|编号|项目编号|任务编号|事项编号|序|no\.?|号)$")),
    (Field.LEAD, re.compile(rf"牵头{_UNIT}(?:及|和|、|/).*人$")),
    (Field.RESPONSIBLE, re.compile(rf"(?:责任|配合){_UNIT}(?:及|和|、|/).*人$")),
    (Field.TITLE, re.compile(r"任务(?:及|和|、)|^问题清单$")),
    (
        Field.KEEP,
        re.compile(
            r"领导|责任人|联系人|联络员|负责人|电话|手机|备注|说明|经办|填报|来源|依据|审核|"
            r"问题|困难|原因|下一?步|计划安排|打算|资金|投资|金额"
        ),
    ),
    (
        Field.QUANTITY,
        re.compile(
            r"^(?:(?:任务|目标|计划|建设|改造|年度)+(?:数量?|量)|数量|建设规模|工程量|量化(?:目标|指标|任务))$"
        ),
    ),
    (Field.CLOSED_ON, re.compile(r"^(?:办结|完结|销号)(?:时间|日期|日)$|实际(?:完成|办结)(?:时间|日期)")),
    (
        Field.DUE,
        re.compile(
            r"时限|期限|时间节点|截止|截至时间|时间要求|完成时间|完成日期|计划时间|时间安排|限时|到期|"
            r"^时间$|^进度安排$|^时间进度$"
        ),
    ),
    (
        Field.STATE,
        re.compile(
            r"状态|是否(?:已)?(?:办结|完成|销号)|(?:办结|销号)情况|办理结果|^(?:办结|销号)$|红黄绿|亮灯"
        ),
    ),
    (Field.LEAD, re.compile(rf"(?:牵头|主办|主责|主管){_UNIT}|^(?:牵头|主办|主责)(?:责任)?$|牵头责任")),
    (
        Field.RESPONSIBLE,
        re.compile(
            rf"(?:责任|配合|协办|协助|协同|参与|参加|落实|承办|实施|会办|组成){_UNIT}|"
            rf"^(?:配合|协办|责任{_UNIT}?|承办|{_UNIT})$|责任分工|^牵头(?:及|和|、)"
        ),
    ),
    (
        Field.PROGRESS,
        re.compile(r"百分比|比例|完成率|进度\(?%|^(?:当前|目前|总体|工作|任务|形象|实际|累计|完成)*进度$|%$"),
    ),
    (
        Field.SAID,
        re.compile(
            r"进展|成效|^完成$|目前情况|(?:完成|落实|推进|办理|工作|执行|进度|开展|整改)情况",
        ),
    ),
    (
        Field.CATEGORY,
        re.compile(r"类别|分类|类型|板块|领域|专项|方面|大项|条线|行业|[一二三四]级|所属|章节|总体目标$"),
    ),
    (
        Field.TEXT,
        re.compile(
            r"(?:工作|任务|主要|具体|重点|建设|项目|整改|推进)(?:内容|举措|措施|要求)|^(?:内容|措施|举措|要求)$|"
            r"目标|标准|成果|指标|具体任务|任务分解|细化"
        ),
    ),
    (
        Field.TITLE,
        re.compile(r"(?:任务|事项|工作|项目|要点|清单|行动|工程)(?:名称|清单)?$|名称|^(?:标题|题目|事由)$"),
    ),
)
#: What a column is called that may stand for the task where none is called so; 目标 and 成果 may not.
_WORK = re.compile(r"内容|举措|措施|任务|要求")
_HELPS = re.compile(r"配合|协办|协助|协同|参与|参加|会办")


def heading_word(cell: str) -> str:
    r"""A heading as compared: one width, no white space, stars or remarks in brackets ("牵头\n单位（盖章）*")."""
    word = re.sub(r"\s", "", unicodedata.normalize("NFKC", cell)).lower()
    bare = re.sub(r"\([^%()]*\)|[*:：]", "", word)
    return bare or word


def field_of(heading: str) -> Field | None:
    """What a column of this name usually holds; None for a name that says nothing to us."""
    word = heading_word(heading)
    if not word or len(word) > 24:
        return None
    return next((field for field, pattern in _NAMES if pattern.search(word)), None)


@dataclass(frozen=True)
class Headings:
    """The rows of headings (counted from 0, both included), and by column the name and what it is taken to hold."""

    first: int
    last: int
    names: tuple[str, ...]
    fields: tuple[Field, ...]


def find_headings(sheet: Sheet) -> Headings | None:
    """The row, or two rows, that name most columns; None where none names a task and something of it."""
    near = replace(sheet, merges=[merge for merge in sheet.merges if merge[0] <= WITHIN])
    best, most = None, 1
    for row in range(min(len(sheet.cells), WITHIN)):
        for last in (row, row + 1):
            if last >= len(sheet.cells) or (last > row and not _goes_on(near, row)):
                continue
            names = heading_names(near, row, last)
            known = {field for name in names if (field := field_of(name))}
            score = len(known - {Field.KEEP}) * 2 + (Field.KEEP in known)
            told = {Field.TITLE, Field.TEXT} & known
            if score > most and (told or {Field.LEAD, Field.RESPONSIBLE} & known) and _is_heading(names):
                best, most = (row, last), score
    if best is None:
        return None
    return headings_at(sheet, *best)


def _is_heading(names: Sequence[str]) -> bool:
    filled = [name for name in names if name]
    return len(filled) >= 2 and sum(len(heading_word(name)) <= 16 for name in filled) * 4 >= len(filled) * 3


def _goes_on(sheet: Sheet, row: int) -> bool:
    """Whether the headings of a row take the next one too: cells merged downwards, or over names below.

    A title merged over the headings is none of them: beside what is merged a heading stands in its row.
    """
    across = [m for m in sheet.merges if m[0] == m[2] == row and m[3] > m[1]]
    covered = {column for _, first, _, last in across for column in range(first, last + 1)}
    alone = {field_of(cell) for column, cell in enumerate(sheet.cells[row]) if column not in covered}
    if not alone - {None, Field.KEEP}:
        return False
    below = sheet.cells[row + 1]
    if any(first == row and last == row + 1 for first, _, last, _ in sheet.merges):
        return any(field_of(cell) is not None for cell in below)
    named = any(sum(map(bool, below[first : last + 1])) > 1 for _, first, _, last in across)
    return named and all(len(cell) <= 16 for cell in below)


def heading_names(sheet: Sheet, first: int, last: int) -> tuple[str, ...]:
    """The name of each column over one row of headings or several; a merged cell names all it covers."""
    width = max(len(row) for row in sheet.cells[first : last + 1])
    parts: list[list[str]] = [[] for _ in range(width)]
    for row in range(first, last + 1):
        cells = list(sheet.cells[row]) + [""] * (width - len(sheet.cells[row]))
        for top, left, bottom, right in sheet.merges:
            if top <= row <= bottom and top >= first:
                for column in range(left, min(right, width - 1) + 1):
                    cells[column] = sheet.cells[top][left] if left < len(sheet.cells[top]) else ""
        for column, cell in enumerate(cells):
            name = " ".join(cell.split())
            if name and name not in parts[column]:
                parts[column].append(name)
    return tuple(_one_name(part) for part in parts)


def _one_name(parts: Sequence[str]) -> str:
    """The lower name where it speaks for itself (牵头单位 below 责任分工), else all of them."""
    if len(parts) > 1 and field_of(parts[-1]) is not None:
        return parts[-1]
    return "·".join(parts)


def headings_at(sheet: Sheet, first: int, last: int) -> Headings:
    """The columns as the headings in these rows name them."""
    names = heading_names(sheet, first, last)
    fields: list[Field] = []
    for name in names:
        field = field_of(name) or (Field.KEEP if name else Field.SKIP)
        if field in SINGLE and field in fields:
            field = Field.TEXT if field is Field.TITLE else Field.KEEP
        fields.append(field)
    _settle_units(names, fields)
    _settle_title(names, fields)
    return Headings(first, last, names, tuple(fields))


def _settle_units(names: Sequence[str], fields: list[Field]) -> None:
    """单位 beside columns of units is one of measure; whom others assist (协办, 配合) leads."""
    columns = [c for c, field in enumerate(fields) if field in {Field.LEAD, Field.RESPONSIBLE}]
    for column in columns if len(columns) > 1 else ():
        if heading_word(names[column]) == "单位":
            fields[column] = Field.KEEP
    others = [c for c in columns if fields[c] is Field.RESPONSIBLE]
    helped = [c for c in others if not _HELPS.search(names[c])]
    if Field.LEAD not in fields and len(helped) == 1 and len(others) > 1:
        fields[helped[0]] = Field.LEAD


def _settle_title(names: Sequence[str], fields: list[Field]) -> None:
    """Where no column is called a task: what the work consists of, or the lowest of several levels, is it."""
    if Field.TITLE in fields:
        return
    texts = [c for c, field in enumerate(fields) if field is Field.TEXT]
    work = [c for c in texts if _WORK.search(names[c])]
    levels = [c for c, field in enumerate(fields) if field is Field.CATEGORY]
    for column in work[:1] or levels[-1:] or texts[:1]:
        fields[column] = Field.TITLE
