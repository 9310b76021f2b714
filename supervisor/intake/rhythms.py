"""Dates, cadences and liaison rules outside the tasks."""

import re
from datetime import date

from supervisor.intake import dates
from supervisor.intake.draft import Cadence, LiaisonRule, OtherDeadline
from supervisor.intake.outline import Node, Outline, title_span
from supervisor.intake.passages import Passage
from supervisor.intake.units import split_units

_STEP = (
    r"督导|调度|通报|检查|总结|观摩|考评|考核|评估|例会|报告|会商|督查|点评|排名|研判|巡查|汇报|讲评|提示|暗访|晾晒|推进|盘点|评比|"
    r"简报|分析|清零|督办|汇总|小结|评议|评价|述职|述评|调研|报送|公示|公布|报"
)
_WORD = re.compile(
    rf"(?<![\d一二三四五六七八九十本上下当每逐])(?P<every>周|旬|双月|月|季度|季|半年|全年|年度|年)(?:一)?(?P<step>{_STEP})"
)
_EVERY = {
    "周": "weekly",
    "月": "monthly",
    "季度": "quarterly",
    "季": "quarterly",
    "半年": "halfyear",
    "全年": "yearly",
    "年度": "yearly",
    "年": "yearly",
}
_RULE = re.compile(r"(?:实行|实施|建立|执行|落实|坚持|推行|健全|按照)[^。;,]{0,6}$")
_CN_COUNT = {"一": 1, "二": 2, "两": 2, "三": 3}
_LIAISON = re.compile(
    r"(?P<units>[^,。;:]{2,60}?(?:单位|部门|各区|各县|办事处|街道|乡镇|政府|各地|企业|公司|局|委|地区))(?:均|都|各|要|须|需|应|应当|分别)*"
    r"(?:明确|指定|确定|安排|选派|选定|落实|配备|指派|选配|抽调|设立?|推荐)(?P<count>\d|[一二两三])(?:至[2-3二三两])?(?:名|位|个)"
    r"(?P<rank>[^,。;]{0,24}?)(?:(?:为|担任|作为|任|负责(?!人|同志))[^,。;、]{0,10}?)?(?:工作|信息|专项|日常)*(?:联络员|联系人)"
)


def where(node: Node) -> str:
    """Return the numbers above and of an item (四、(二))."""
    marks: list[str] = []
    above: Node | None = node
    while above is not None:
        marks.append(above.mark)
        above = above.parent
    return "".join(reversed(marks))


def others_in(passage: Passage, place: str, issued: date | None) -> list[OtherDeadline]:
    """Return the dates and recurrences of one passage."""
    return [
        OtherDeadline(place, passage.printed(h.start, h.end), h.date, h.recur, passage.place(h.start, h.end))
        for h in dates.find(passage.text, issued)
    ]


def phase(node: Node, place: str, issued: date | None) -> list[OtherDeadline]:
    """Return the date in a phase heading (部署阶段(2021年2-3月)), also without 前 or 底."""
    first = node.first
    title = first.cut(0, min(title_span(first), 60))
    if not re.search(r"阶段|步骤|时间|安排|部署|启动|总结|验收", title.text) and not title.text.endswith(")"):
        return []
    for start in (i for i, char in enumerate(title.text) if char in "(:"):
        inner = title.cut(start + 1)
        for hit in dates.find(inner.text, issued, weak=True):
            if hit.date and hit.start <= 1:
                text = inner.printed(hit.start, hit.end)
                return [OtherDeadline(place, text, hit.date, None, inner.place(hit.start, hit.end))]
    return []


def words_in(passage: Passage) -> list[Cadence]:
    """Return cadence words (周督导、月调度): two or more in a row, or one behind 实行, 建立."""
    text = passage.text
    hits = list(_WORD.finditer(text))
    found = []
    for i, match in enumerate(hits):
        near = [other for other in hits[max(0, i - 1) : i + 2] if other is not match]
        listed = any(
            re.fullmatch(r"[、,和与及]", text[min(match.end(), o.end()) : max(match.start(), o.start())])
            for o in near
        )
        if match["every"] in _EVERY and (
            listed or _RULE.search(text[max(0, match.start() - 10) : match.start()])
        ):
            word = passage.printed(match.start(), match.end())
            found.append(
                Cadence(word, _EVERY[match["every"]], word, passage.place(match.start(), match.end()))
            )
    return found


def liaison_in(passage: Passage) -> list[LiaisonRule]:
    """Return the rules that ask units to name liaison officers."""
    found: list[LiaisonRule] = []
    if "联络员" not in passage.text and "联系人" not in passage.text:
        return found
    for match in _LIAISON.finditer(passage.text):
        units = tuple(passage.as_printed(unit) for unit in split_units(match["units"]))
        count = int(match["count"]) if match["count"].isdigit() else _CN_COUNT.get(match["count"])
        rank = passage.printed(match.start("rank"), match.end("rank")) or None
        found.append(
            LiaisonRule(
                passage.printed(match.start(), match.end()),
                units,
                count,
                rank,
                passage.place(match.start(), match.end()),
            )
        )
    return found


def outside_tasks(
    outline: Outline, loose: list[Passage], task_starts: set[int], issued: date | None
) -> tuple[list[OtherDeadline], list[Cadence], list[LiaisonRule]]:
    """Return what the items that are no tasks, and the text before the first item, say of time and liaison.

    Args:
        outline: the numbered items.
        loose: passages without a number.
        task_starts: offsets at which tasks begin in the source; their dates are theirs.
        issued: the document's date.
    """
    others: list[OtherDeadline] = []
    cadences: list[Cadence] = []
    rules: list[LiaisonRule] = []
    for passage in loose:
        others += others_in(passage, "", issued)
        rules += liaison_in(passage)
    for node in outline.nodes:
        place = where(node)
        is_task = bool(node.first.at) and node.first.at[0] in task_starts
        if not is_task:
            phases = phase(node, place, issued)
            seen = {item.place.start for item in phases}
            others += phases
            others += [
                o for p in node.passages for o in others_in(p, place, issued) if o.place.start not in seen
            ]
        for passage in node.passages:
            words = words_in(passage)
            cadences += words
            rules += liaison_in(passage)
            if not is_task:
                others += [OtherDeadline(place, w.text, None, w.recur, w.place) for w in words]
    others.sort(key=lambda item: item.place.start)
    return others, cadences, rules
