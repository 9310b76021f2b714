"""Quantities as the tables keep them: a whole number, and what is counted with its unit of measure. Pure (E-64).

1.94万户 are 19400 of 户, 1.94亿元 are 19400 of 万元, 3.5公里 are 3500 of 米: nothing is rounded. What no whole
number of a smaller unit can say stays text.
"""

from __future__ import annotations

import re
from decimal import Decimal

from supervisor.intake.targets import CellQuantity, quantities_in

#: The largest number a column of the tables holds.
MOST = 2**31 - 1
_COUNTER = re.compile(
    r"\s*(?P<times>万|亿)?(?P<unit>平方公里|平方米|立方米|公里|千米|公顷|千瓦|兆瓦|人次|千克|吨|元|亩|个|户|处|栋|幢|座|条|"
    r"项|套|家|台|部|辆|次|件|名|人|份|间|所|张|根|盏|株|场|期|批|片|延米|米)"
)
_NUMBER = re.compile(r"\d[\d,.]*")
#: Larger unit → the smaller one in which a broken number is whole, and how many of it one is.
_SMALLER = {
    "公里": ("米", 1000), "千米": ("米", 1000), "平方公里": ("平方米", 1_000_000), "公顷": ("平方米", 10_000),
    "吨": ("千克", 1000), "兆瓦": ("千瓦", 1000),
}  # fmt: skip
_MONEY, _MONEY_STEP = "元", 10_000
_LEAD_IN = re.compile(r"^.*?(?:年度?(?:底前|末)?|月(?:底前|末)?|以?前|以?内)(?=[一-龥]{2})")


def stated(text: str, value: Decimal, counted: str = "") -> tuple[str, int] | None:
    """What a quantity counts and how much, or None where no whole number says it.

    Args:
        text: as printed, for example 300个老旧小区改造 or 改造小区12个.
        value: its number of single units: 19400 for 1.94万户, 194000000 for 1.94亿元.
        counted: what is counted as the reader found it, for example 个小区, where the text names only 个.
    """
    number = _NUMBER.search(text)
    rest = text[number.end() :] if number else text
    counter = _COUNTER.match(rest)
    if counter is None:
        name = rest.strip() or "数量"
        return (name[:80], int(value)) if _fits(value) else None
    unit = counter["unit"]
    if unit == _MONEY and value >= _MONEY_STEP and not value % _MONEY_STEP:
        unit, value = "万元", value / _MONEY_STEP
    elif value % 1 and unit in _SMALLER:
        unit, times = _SMALLER[unit]
        value *= times
    if not _fits(value):
        return None
    before = _LEAD_IN.sub("", text[: number.start()] if number else "")
    before = re.sub(r"(?:不少于|约|共|计)+$", "", before).strip()
    words = rest[counter.end() :].strip() or before or _COUNTER.sub("", counted, count=1) or "数量"
    room = 80 - len(unit) - 2
    return f"{words[:room]}（{unit}）", int(value)


def of_cell(cell: str) -> tuple[list[tuple[str, int, CellQuantity]], bool]:
    """The quantities of a cell, each as measure, number and what was found; True where a part of it stays text.

    Of two with one measure the second stays text: they may not be added (E-68).
    """
    found, more = quantities_in(cell)
    kept: dict[str, tuple[str, int, CellQuantity]] = {}
    for one in found:
        said = stated(one.text, one.value, one.counted)
        if said is None or said[0] in kept:
            more = True
        else:
            kept[said[0]] = (*said, one)
    return list(kept.values()), more


def _fits(value: Decimal) -> bool:
    return not value % 1 and 0 <= value <= MOST
