"""Targets: quantities to reach, with what is counted, the verb and the date (C31, E-64 to E-68)."""

import re
from datetime import date
from decimal import Decimal

from supervisor.intake import dates
from supervisor.intake.draft import Target
from supervisor.intake.passages import Passage

_VERBS = (
    "计划新开工|计划开工|计划完成|计划改造提质|计划改造|计划新建|计划建成|基本完成|全面完成|新开工|开工|完成|新建|改建|扩建|建成|建设|"
    "新增|培育|打造|创建|实施|改造提升|改造提质|改造|加装|安装|整治|建立|达到|涉及|共|引进|开展|种植|治理|修复|更新"
)
_MEASURE = "个|户|万户|套|间|处|座|台|部|辆|公里|千米|平方米|平方公里|亩|万亩|公顷|家|所|件|项|人次|万人次|人|名|万人|吨|万吨|千瓦|万千瓦|兆瓦|张|栋|幢|条|片|株|万株|场|期|批|个次|盏|根|延米"
_QUANTITY = re.compile(
    rf"(?P<value>\d+(?:\.\d+)?)(?P<wan>万|亿)?(?:余)?(?P<measure>{_MEASURE})(?P<noun>[一-龥]{{0,12}})"
)
_NOT_NOUN = re.compile(r"(?:的|以上|以下|左右|改造|建设|任务|工作|项目建设|、|,|和|及|并|提升|完成|目标).*$")
_NOT_TARGET = re.compile(r"^(?:工作日|月|小时|方面|阶段|以上部门|层面|环节|类|字|百分点)")
_COUNTED = re.compile(r"([一-龥]{2})$")


def _noun(after: str, before: str) -> str:
    """Return the last two characters of what is counted: behind the measure word, or before the number."""
    bare = _NOT_NOUN.sub("", after)
    if len(bare) >= 2:
        return bare[-2:]
    match = _COUNTED.search(before)
    return match.group(1) if match else ""


def _due(text: str, hits: list[dates.Found], at: int, years: list[tuple[int, int]]) -> date | None:
    start = text.rfind("。", 0, at) + 1
    start = max(start, text.rfind(";", 0, at) + 1)
    near = [hit.date for hit in hits if hit.date and start <= hit.start < at]
    if near:
        return near[-1]
    plain = [year for position, year in years if start <= position < at]
    return date(plain[-1], 12, 31) if plain else None


def targets_in(passage: Passage, issued: date | None) -> list[Target]:
    """Return the quantities of a passage that a verb asks for."""
    text = passage.text
    found: list[Target] = []
    hits: list[dates.Found] | None = None
    years: list[tuple[int, int]] = []
    for match in _QUANTITY.finditer(text):
        if _NOT_TARGET.match(text[match.start("measure") + 1 : match.start("measure") + 4] or " "):
            continue
        clause_start = max(text.rfind(mark, 0, match.start()) for mark in "。;") + 1
        before = text[max(clause_start, match.start() - 60) : match.start()]
        verbs = re.findall(_VERBS, before)
        if not verbs or re.search(r"[〔第《]$|不少于$|不低于$|不超过$|每[一-龥]{0,4}$", before):
            continue
        if hits is None:
            hits = dates.find(text, issued)
            years = [(m.start(), int(m[1])) for m in re.finditer(r"(20\d\d)年", text)]
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
                passage.printed(match.start(), match.end("measure"))
                if measure in {"户"}
                else passage.printed(match.start(), match.end()),
                value.normalize() if value % 1 else value.quantize(Decimal(1)),
                counted,
                verbs[-1],
                _due(text, hits, match.start(), years),
                passage.place(match.start(), match.end("measure")),
            )
        )
    return found
