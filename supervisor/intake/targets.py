"""Targets: quantities to reach, with what is counted, the verb and the date (C31, E-64 to E-68)."""

import re
import unicodedata
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from supervisor.intake import dates
from supervisor.intake.draft import Target
from supervisor.intake.passages import Passage

_VERBS = (
    "计划新开工|计划开工|计划完成|计划改造提质|计划改造|计划新建|计划建成|基本完成|全面完成|新开工|开工|完成|新建|改建|扩建|建成|建设|"
    "新增|培育|打造|创建|实施|改造提升|改造提质|改造|加装|安装|整治|建立|达到|涉及|共|引进|开展|种植|治理|修复|更新"
)
_MEASURE = (
    "个|户|万户|套|间|处|座|台|部|辆|公里|千米|平方米|平方公里|亩|万亩|公顷|家|所|件|项|人次|万人次|人|名|万人|吨|万吨|"
    "千瓦|万千瓦|兆瓦|张|栋|幢|条|片|株|万株|场|期|批|个次|盏|根|延米"
)
_QUANTITY = re.compile(
    rf"(?<![\d.])(?P<value>\d{{1,9}}(?:\.\d{{1,4}})?)(?P<wan>万|亿)?(?:余)?(?P<measure>{_MEASURE})(?P<noun>[一-龥]{{0,12}})"
)
_NOT_NOUN = re.compile(r"(?:的|以上|以下|左右|改造|建设|任务|工作|项目建设|、|,|和|及|并|提升|完成|目标).*$")
_NOT_TARGET = re.compile(r"^(?:工作日|月|小时|方面|阶段|以上部门|层面|环节|类|字|百分点)")


_WINDOW = 120  # characters before a quantity in which its verb and its date may stand


def _noun(after: str, before: str) -> str:
    """Return what is counted: the words behind the measure word, or those before the number, without adjectives."""
    noun = _NOT_NOUN.sub("", after)
    if len(noun) < 2:
        bare = re.sub(rf"(?:{_VERBS}|累计|共|计|约|各|至少|达|到|以上)+$", "", before)
        match = (
            re.search(r"([一-龥](?:[一-龥](?:园|站|桩|位|室|院|区|点|队|馆|库|厂|路)|[一-龥]))$", bare)
            if bare == before
            else None
        )
        noun = match.group(1) if match else ""
    if noun.endswith(("小区", "片区", "社区", "学位", "泊位", "单位", "公路", "道路")):
        return noun[-2:]
    noun = re.sub(r"^(?:城镇|城市|农村|市级|省级|区级|县级|公办|新型|重点|高标准|标准化)*(?:老旧)?", "", noun)
    return noun if len(noun) <= 4 else noun[-2:]


def _verb(before: str) -> str:
    """Return the verb that asks for a quantity: the last one; 新开工改造 begins, 基本完成…,涉及 finishes (E-68)."""
    hits = list(re.finditer(_VERBS, before))
    while len(hits) > 1 and hits[-2].end() == hits[-1].start():
        hits.pop()
    if hits and hits[-1].group() == "涉及":
        strong = [hit.group() for hit in hits if re.search(r"^计划|完成|开工", hit.group())]
        return strong[-1] if strong else "涉及"
    return hits[-1].group() if hits else ""


def _due(text: str, start: int, at: int, issued: date | None) -> date | None:
    """Return the last date, or else the end of the last year, named before a quantity in its sentence."""
    before = text[start:at]
    near = [hit.date for hit in dates.find(before, issued) if hit.date]
    if near:
        return near[-1]
    plain = re.findall(r"(20\d\d)年", before)
    return date(int(plain[-1]), 12, 31) if plain else None


def targets_in(passage: Passage, issued: date | None) -> list[Target]:
    """Return the quantities of a passage that a verb asks for."""
    text = passage.text
    found: list[Target] = []
    for match in _QUANTITY.finditer(text):
        if _NOT_TARGET.match(text[match.start("measure") + 1 : match.start("measure") + 4] or " "):
            continue
        window = max(0, match.start() - _WINDOW)
        clause_start = max(text.rfind(mark, window, match.start()) + 1 for mark in "。;") or window
        before = text[max(clause_start, match.start() - 60) : match.start()]
        verb = _verb(before)
        if not verb or re.search(r"[〔第《]$|不少于$|不低于$|不超过$|每[一-龥]{0,4}$", before):
            continue
        value = Decimal(match["value"]) * {"万": 10000, "亿": 100000000}.get(match["wan"] or "", 1)
        measure = match["measure"]
        if measure.startswith("万") and len(measure) > 1:
            value, measure = value * 10000, measure[1:]
        counted = (
            measure
            if measure in {"户", "人", "人次", "公里", "平方米", "亩"}
            else measure + _noun(match["noun"], before)
        )
        found.append(
            Target(
                passage.printed(match.start(), match.end("measure" if measure == "户" else "noun")),
                value.normalize() if value % 1 else value.quantize(Decimal(1)),
                counted,
                verb,
                _due(text, clause_start, match.start(), issued),
                passage.place(match.start(), match.end("measure")),
            )
        )
    return found


# One cell of a spreadsheet ----------------------------------------------------------------------------------

_IN_CELL = re.compile(
    rf"(?<![\d.])(?P<value>\d{{1,12}}(?:\.\d{{1,4}})?)(?P<wan>万|亿)?余?(?P<measure>{_MEASURE}|元|份|立方米|千克|米)(?P<noun>[一-龥]{{0,12}})"
)
_WORDS_BEFORE = re.compile(
    r"(?:(?<=年)|(?<=月)|(?<=前)|(?<=末)|(?<=内)|(?<![一-龥]))(?!年|月|底|前|末|内)[一-龥]{1,16}$"
)


@dataclass(frozen=True, slots=True)
class CellQuantity:
    """A quantity of a cell: as printed (改造小区12个), with the words about it behind the number, and its value."""

    printed: str
    text: str
    value: Decimal
    counted: str


def quantities_in(cell: str) -> tuple[list[CellQuantity], bool]:
    """Return the quantities of a cell whose column holds them, so that no verb need ask; and whether it says more.

    True where a part of the cell is no quantity: 14个工作日 and 15分钟 count nothing to reach (E-67).
    """
    plain = unicodedata.normalize("NFKC", cell)
    plain = re.sub(r"(?<=\d),(?=\d{3}(?!\d))", "", plain)
    found: list[CellQuantity] = []
    more = False
    for piece in re.split(r"[、,;。\n]", plain):
        part = re.sub(r"\s", "", piece)
        hits = [one for one in _IN_CELL.finditer(part) if not _NOT_TARGET.match(one["noun"])]
        end = 0
        for hit in hits:
            before = _WORDS_BEFORE.search(part[end : hit.start()])
            words = re.sub(r"(?:不少于|不低于|大约|约|共|计)$", "", before[0]) if before else ""
            number = f"{hit['value']}{hit['wan'] or ''}{hit['measure']}"
            value = Decimal(hit["value"]) * {"万": 10000, "亿": 100000000}.get(hit["wan"] or "", 1)
            if hit["measure"].startswith("万"):
                value *= 10000
            found.append(
                CellQuantity(
                    f"{words}{number}{hit['noun']}",
                    f"{number}{words}{hit['noun']}",
                    value,
                    hit["measure"] + hit["noun"],
                )
            )
            end = hit.end()
        more = more or (bool(part) and not hits)
    return found, more
