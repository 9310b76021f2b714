"""What one cell of a ledger says: a day, a percentage, a state, units. Pure; nothing is guessed in silence."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from functools import lru_cache

from supervisor.intake import dates, roles
from supervisor.intake.passages import Source, fold
from supervisor.intake.roles import Role
from supervisor.intake.units import clean, looks_like_unit
from supervisor.words import N_, Sentence

#: What Excel shows in a cell that failed.
ERROR = re.compile(r"#(?:REF!|N/A|NAME\?|VALUE!|DIV/0!|NULL!|NUM!|SPILL!|CALC!|####*)", re.IGNORECASE)
#: Serial numbers of the days from 2000 to 2099, from which a bare number in a column of days is one.
_SERIALS = range(36526, 73050)
_BEHIND_1904 = 1462
_FIRST_YEAR, _LAST_YEAR = 2000, 2099

_ISO = re.compile(r"(\d{4})[-./年](\d{1,2})[-./月](\d{1,2})日?(?:[T ]?\d{1,2}:.*)?")
_COMPACT = re.compile(r"(20\d\d)(\d\d)(\d\d)")
_YEAR_MONTH = re.compile(r"(20\d\d)[-./年](\d{1,2})月?份?(?:底|末|底前|前)?")
_MONTH = re.compile(r"(\d{1,2})月份?(?:底|末)?(?:之?前)?")
_YEAR = re.compile(r"(20\d\d)年?度?(?:底|末)?(?:之?前)?")
_MONTH_DAY = re.compile(r"(\d{1,2})[/-](1[3-9]|2\d|3[01])(?:日|号)?")
#: 6.3 is what Excel makes of 6.30; 3-6 may be two months.
_NUMBER_OR_DAY = re.compile(r"\d{1,2}\.\d|\d{1,2}[/-]\d{1,2}")
#: Figures that are meant as a day: 2021.13.45, 2月30日, 31/6.
_MEANT_AS_DAY = re.compile(r"\d{1,4}[-./年月]\d{1,2}|^\d+$|\d[日号]")
#: Figures that are none: 14个工作日, 3年内, 每月10日前, 24小时.
_NO_DAY = re.compile(r"\d+(?:个|天|年内|小时|周|工作日)|每")


@dataclass(frozen=True)
class Day:
    """A cell of a column of days: the last day it names; none for words such as 长期; or what is wrong with it."""

    day: date | None = None
    wrong: Sentence | None = None


def is_error(text: str) -> bool:
    """Whether a cell holds nothing but one of Excel's errors."""
    return bool(ERROR.fullmatch(text.strip()))


@lru_cache(maxsize=4096)
def read_day(text: str, base: date, *, since_1904: bool = False) -> Day:
    """The day that a cell names, in every form that the reader of notices knows, and as Excel stores days.

    Args:
        text: the cell.
        base: its year completes days without one.
        since_1904: whether the file counts days from 1904.
    """
    plain = re.sub(r"\s", "", fold(text)).strip("。;,")
    if not plain:
        return Day()
    try:
        found = _typed_day(plain, base, since_1904=since_1904)
    except ValueError:
        return Day(wrong=N_("This day does not exist. Write it as 2021-06-30."))
    if found is None and _NUMBER_OR_DAY.fullmatch(plain):
        return Day(wrong=N_("Month and day, or a number? Write it as 2021-06-30."))
    if found is None:
        hits = [hit.date for hit in dates.find(plain, date(base.year, 1, 1), weak=True) if hit.date]
        found = max(hits, default=None)
    if found is not None:
        if not _FIRST_YEAR <= found.year <= _LAST_YEAR:
            return Day(wrong=N_("The year %(year)s cannot be right.", year=found.year))
        return Day(found)
    if _MEANT_AS_DAY.search(plain) and not _NO_DAY.search(plain):
        return Day(wrong=N_("This cannot be read as a day. Write it as 2021-06-30, 6月底 or 长期."))
    return Day()


def _typed_day(plain: str, base: date, *, since_1904: bool) -> date | None:
    """Days in figures; raises ValueError where the calendar has no such day."""
    if match := _ISO.fullmatch(plain) or _COMPACT.fullmatch(plain):
        return date(int(match[1]), int(match[2]), int(match[3]))
    if plain.isdigit() and int(plain) in _SERIALS:
        return date(1899, 12, 30) + timedelta(days=int(plain) + (_BEHIND_1904 if since_1904 else 0))
    if match := _YEAR_MONTH.fullmatch(plain):
        return _month_end(int(match[1]), int(match[2]))
    if match := _MONTH.fullmatch(plain):
        return _month_end(base.year, int(match[1]))
    if match := _MONTH_DAY.fullmatch(plain):
        return date(base.year, int(match[1]), int(match[2]))
    if match := _YEAR.fullmatch(plain):
        return date(int(match[1]), 12, 31)
    return None


def _month_end(year: int, month: int) -> date:
    return (
        date(year + month // 12, month % 12 + 1, 1) - timedelta(days=1)
        if 1 <= month <= 12
        else date(year, month, 1)
    )


# Percent ---------------------------------------------------------------------------------------------------

_PERCENT = re.compile(r"(?<![\d.])(\d{1,3}(?:\.\d+)?)%")
_BELOW_NOUGHT = re.compile(r"[-−–]\d+(?:\.\d+)?%?")
_NUMBER = re.compile(r"\d+(?:\.\d+)?")


@dataclass(frozen=True)
class Percent:
    """A cell of a column of progress, in whole percent; `closed` where it says 已完成 instead of a figure."""

    percent: int | None = None
    closed: bool | None = None
    wrong: Sentence | None = None


def are_fractions(cells: Iterable[str]) -> bool:
    """Whether the bare numbers of a column are parts of one: 0.35 for 35%."""
    numbers = [float(plain) for cell in cells if _NUMBER.fullmatch(plain := fold(cell).strip())]
    return bool(numbers) and max(numbers) <= 1


def read_percent(text: str, *, fractions: bool) -> Percent:
    """0.35, 35%, “35％”, 35, 完成35%, 已完成; `fractions` as `are_fractions` says of the column."""
    plain = re.sub(r"\s", "", fold(text))
    if not plain or plain in {"-", "/", "无"}:
        return Percent()
    if _BELOW_NOUGHT.fullmatch(plain):
        return _whole(-1)
    figures = _PERCENT.findall(plain)
    if len(figures) == 1:
        return _whole(float(figures[0]))
    if len(figures) > 1:
        return Percent(wrong=N_("Several percentages in one cell: which one counts? Write one, such as 35%."))
    if _NUMBER.fullmatch(plain):
        value = float(plain)
        if not fractions and 0 < value < 1:
            return Percent(
                wrong=N_("%(given)s among whole percentages: write 35%% or 0.35%%.", given=text.strip())
            )
        return _whole(value * 100 if fractions else value)
    state = read_state(plain)
    if state is None:
        return Percent(wrong=N_("No percentage. Write 35% or 0.35, or take the column as progress in words."))
    return Percent(
        100 if state else 0 if re.search("未(?:启动|开工|开展|开始)", plain) else None, closed=state
    )


def _whole(value: float) -> Percent:
    if not 0 <= value <= 100:
        return Percent(wrong=N_("A percentage lies between 0 and 100."))
    return Percent(int(value + 0.5) if value < 99.5 or value == 100 else 99)


# State -----------------------------------------------------------------------------------------------------

_SHAPES = re.compile(r"[●○■□▲△◆◇★☆√✓✔×✗✘\s]")
_OPEN = re.compile(
    r"未|没有|尚|推进|进行|实施中|办理中|建设中|整改中|滞后|缓慢|逾期|超期|延期|启动|开工|开展|正常|持续|长期|在建|在办|按序时|序时|"
    r"基本完成|部分|即将|预计|计划|达到|红灯|黄灯|绿灯|亮灯"
)
_CLOSED = re.compile(
    r"(?:已|全部|全面|按时|提前|按期|如期|均已?|都已?)*(?:完成|办结|完结|销号|竣工|结束|交付|验收)(?:销号|验收|任务|办结|并?通过验收)?"
)
_YES, _NO = {"是", "√", "✓", "✔", "y", "yes", "1", "对"}, {"否", "×", "✗", "✘", "n", "no", "0", "x"}


def read_state(text: str) -> bool | None:
    """Whether a word calls a task completed (True) or not yet (False); None for a word that says neither."""
    word = re.sub(r"\s", "", fold(text)).lower().strip("。;,")
    if word in _YES or word in _NO:
        return word in _YES
    bare = _SHAPES.sub("", word)
    if _CLOSED.fullmatch(bare):
        return True
    return False if len(bare) <= 12 and _OPEN.search(bare) else None


# Units -----------------------------------------------------------------------------------------------------

_BETWEEN = re.compile(r"\s*[;；/]\s*|\s{2,}")
_LABEL = re.compile(
    r"(?P<lead>(?:总?牵头|主办|主责)(?:单位|部门)?|第一责任单位):|(?:责任|配合|协办|协同|承办|参与|落实|实施)(?:单位|部门)?:"
)
#: The unit's end, then a person's name in brackets.
_PERSON = re.compile(r"(?<=[局委办厅部院会室署府处心司])[(（][一-龥·]{2,4}[)）]")


@lru_cache(maxsize=4096)
def read_units(text: str, role: Role, *, people: bool = False) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Lead and responsible units of a cell, as printed.

    Args:
        text: the cell.
        role: of names without a word of their own.
        people: whether persons are named beside the units (市城管局 张三, 市城管局（张三）); they are left out.

    Names stand between 、 ， ； line ends or wide spaces; 甲局牵头、乙局配合 and 牵头：甲局 are understood.
    """
    if people:
        text = _PERSON.sub("", text)
    listed = re.sub(r"、+", "、", _BETWEEN.sub("、", _unwrapped(text))).replace("：、", "：").strip("、")
    source = Source.of(listed)
    cell = source.passage([(0, len(listed))])
    lead: list[str] = []
    responsible: list[str] = []
    for part, says in _parts(cell.gapped(0, len(cell)), role):
        more_lead, more, said = roles.verb_units(part, says, people=people)
        if said and says is Role.LEAD and not more:
            # 甲局（牵头）、乙局 in a column of lead units: the word says who of them leads.
            more_lead, more, _ = roles.verb_units(part, Role.RESPONSIBLE, people=people)
        lead += more_lead
        responsible += more
    first = tuple(dict.fromkeys(cell.as_printed(name) for name in lead))
    rest = dict.fromkeys(cell.as_printed(name) for name in responsible)
    return first, tuple(name for name in rest if name not in first)


def _unwrapped(text: str) -> str:
    """The lines of a cell as one list: a line that ends within a name goes on in the next one."""
    joined = ""
    for line in text.split("\n"):
        last = re.split(r"[、,，;；:：]", joined)[-1].strip()
        whole = not last or looks_like_unit(clean(fold(last))) or joined[-1] in "、,，;；:："
        joined += ("\n、" if joined and whole else "") + line.strip()
    return joined.replace("\n", "")


def _parts(text: str, role: Role) -> Iterable[tuple[str, Role]]:
    """The names in front of the first label, and those behind each."""
    at = 0
    for label in _LABEL.finditer(text):
        yield text[at : label.start()].strip("、,; "), role
        at, role = label.end(), Role.LEAD if label["lead"] else Role.RESPONSIBLE
    yield text[at:], role
