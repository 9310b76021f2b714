"""Cells that lost their grid: which column each belongs to, by what it holds.

Pasted tables come with one cell a line, or with columns run together by single spaces; cells that were merged are
missing, cells that were wrapped are in pieces. The cheapest path through the columns puts them back.
"""

import re
from collections.abc import Sequence
from datetime import date
from functools import lru_cache

from supervisor.intake import dates
from supervisor.intake.passages import Passage
from supervisor.intake.roles import Role, verb_units
from supervisor.intake.units import is_office, looks_like_unit

_SOME_DAY = date(2000, 1, 1)
_NUMBER = re.compile(r"[(〔]?(?:\d{1,3}|[一二三四五六七八九十]{1,3})[)〕]?[.、]?|\d{1,2}(?:\.\d{1,2}){1,2}")
_NAME = re.compile(r"[一-龥]{2,3}")
_ACTION = re.compile(
    r"完成|推进|推动|建设|改建|新建|创建|开展|加强|加快|打造|实施|健全|建立|提升|优化|制定|组织|落实|支持|引导|鼓励|深化|强化|规范|完善|启动|"
    r"编制|争取|确保|做好|探索|培育|全面|持续|积极|进一步"
)
_TIME = re.compile(
    r"\d月|年底|年内|季度|上半年|下半年|每半?[年月周季旬个]|^(?:适时|及时|立即|立行立改|即知即改|随时)$|长期|全年|持续|常态|适时|立即|\d年|\d日"
)
_MISSING = {
    "number": 2.0,
    "title": 2.0,
    "lead": 1.6,
    "responsible": 1.2,
    "time": 1.0,
    "class": 0.8,
    "aside": 0.5,
}
_FAR = 1e9
#: What a cell prints that says nothing.
NOTHING = frozenset({"/", "-", "--", "无", "(无)", "暂无"})


def is_number(text: str) -> bool:
    """Tell whether a cell holds nothing but a running number."""
    return bool(_NUMBER.fullmatch(text))


def is_units(text: str) -> bool:
    """Tell whether a cell holds nothing but names of units."""
    return len(text) <= 300 and "。" not in text[:-1] and _all_names(text)


@lru_cache(maxsize=2048)
def _all_names(text: str) -> bool:
    lead, responsible, _ = verb_units(text, Role.RESPONSIBLE, strict=True)
    names = lead + responsible
    return bool(names) and all(_is_name(name) for name in names)


def _is_name(name: str) -> bool:
    """Tell a name from a phrase that happens to end like one (新建9座公园, 加装电梯700台)."""
    plain = len(name) <= 10 and not _ACTION.match(name) and not re.search(r"\d", name)
    return looks_like_unit(name) and (plain or (len(name) <= 28 and is_office(name)))


def is_time(text: str) -> bool:
    """Tell whether a cell holds nothing but a time."""
    if len(text) > 24 or "。" in text[:-1]:
        return False
    return bool(_TIME.search(text)) or bool(dates.CONTINUOUS.fullmatch(text))


def _costs(text: str) -> dict[str, float]:
    """Return for each kind of column what it costs to put this text there."""
    if not text:
        return dict.fromkeys(_MISSING, 0.1)
    if is_number(text):
        return {
            "number": 0.0,
            "title": 4.0,
            "lead": 6.0,
            "responsible": 6.0,
            "time": 4.0,
            "class": 4.0,
            "aside": 2.0,
        }
    if text in NOTHING:
        return {**dict.fromkeys(_MISSING, 0.1), "number": 6.0, "title": 3.0, "class": 2.0}
    units, time = is_units(text), is_time(text)
    long = len(text) > 24 or "。" in text or ";" in text
    names = 0.0 if units else 4.0 if long or time else 2.0
    return {
        "number": 6.0,
        "title": 3.0 if units or time else 0.0,
        "lead": names,
        "responsible": names,
        "time": 0.0 if time else 5.0 if long or units else 2.0,
        "class": 2.0 if units or time else 3.0 if long else 0.0,
        "aside": 0.2 if _NAME.fullmatch(text) else 1.2 if units else 0.6,
    }


def _join(before: str, after: str) -> float:
    """Return what it costs to take a cell as the rest of the one before it in the same column."""
    if not before or not after or is_number(after):
        return 6.0
    if is_units(after) and (is_units(before) or before[-1] in "、,"):
        return 0.7
    if before[-1] in "、,及和与" or after[0] in "、,。;)）及和与":
        return 0.0
    return 0.3 if len(after) <= 3 or (len(before) <= 6 and len(after) <= 6) else 0.9


def fit(cells: Sequence[Passage], kinds: Sequence[str], *, one_row: bool = False) -> list[list[list[int]]]:
    """Put cells back in rows and columns.

    Args:
        cells: the cells in reading order.
        kinds: what each column holds (`number`, `title`, `lead`, `responsible`, `time`, `class`, `aside`).
        one_row: whether all cells belong to a single row.

    Returns:
        For each row and column the indexes of the cells that stand there. Time grows with the number of cells.
    """
    if not cells:
        return []
    width = len(kinds)
    missing = [
        0.4 if kind == "title" and "title" in kinds[k + 1 :] else _MISSING[kind]
        for k, kind in enumerate(kinds)
    ]
    skipped = [sum(missing[:k]) for k in range(width + 1)]
    best = [_FAR] * width
    back: list[list[tuple[int, bool]]] = []
    for i, cell in enumerate(cells):
        own = _costs(cell.text)
        glue = _join(cells[i - 1].text, cell.text) if i else _FAR
        fresh, origin = _new_row(best, skipped, width) if i and not one_row else (0.0 if not i else _FAR, -1)
        now, steps = [_FAR] * width, [(-1, True)] * width
        for k, kind in enumerate(kinds):
            choices = [
                (fresh + skipped[k], (origin, True)),
                (best[k] + glue - own[kind] / 2, (k, False)),
            ]
            choices += [(best[j] + skipped[k] - skipped[j + 1], (j, False)) for j in range(k)] if i else []
            cost, steps[k] = min(choices)
            now[k] = cost + own[kind]  # a piece of a cell tells half as much as a whole one
        best = now
        back.append(steps)
    ends = [best[k] + skipped[width] - skipped[k + 1] for k in range(width)]
    return _trace(back, ends.index(min(ends)), width)


def _new_row(best: list[float], skipped: list[float], width: int) -> tuple[float, int]:
    """Return the least cost of ending the row before, and the column it ended in."""
    return min((best[k] + skipped[width] - skipped[k + 1], k) for k in range(width))


def _trace(back: list[list[tuple[int, bool]]], column: int, width: int) -> list[list[list[int]]]:
    rows: list[list[list[int]]] = [[[] for _ in range(width)]]
    for i in range(len(back) - 1, -1, -1):
        rows[-1][column].insert(0, i)
        column_before, first = back[i][column]
        if first and i:
            rows.append([[] for _ in range(width)])
        column = column_before
    return rows[::-1]
