"""The holidays of the law: their official names, how many days each gives, and since when.

Order 270 of the State Council in its versions of 1999, 2007 (in force from 2008) and 2024 (from 2025, order 795).
The lunar ones move; how many days they give does not, and that is what an arrangement is checked by.
"""

from __future__ import annotations

import re
from collections.abc import Mapping

NEW_YEAR, SPRING, QINGMING, LABOUR, DRAGON_BOAT, MID_AUTUMN, NATIONAL = (
    "元旦", "春节", "清明节", "劳动节", "端午节", "中秋节", "国庆节",
)  # fmt: skip

#: From which year on a version of the order gives which holidays how many days.
_VERSIONS: tuple[tuple[int, Mapping[str, int]], ...] = (
    (1999, {NEW_YEAR: 1, SPRING: 3, LABOUR: 3, NATIONAL: 3}),
    (2008, {NEW_YEAR: 1, SPRING: 3, QINGMING: 1, LABOUR: 1, DRAGON_BOAT: 1, MID_AUTUMN: 1, NATIONAL: 3}),
    (2025, {NEW_YEAR: 1, SPRING: 4, QINGMING: 1, LABOUR: 2, DRAGON_BOAT: 1, MID_AUTUMN: 1, NATIONAL: 3}),
)

#: How a holiday is written → its official name.
SPELLINGS: Mapping[str, str] = {
    "元旦节": NEW_YEAR, "元旦": NEW_YEAR, "新年": NEW_YEAR,
    "春节": SPRING, "农历新年": SPRING,
    "清明节": QINGMING, "清明": QINGMING,
    "“五一”国际劳动节": LABOUR, "国际劳动节": LABOUR, "劳动节": LABOUR, "“五一”": LABOUR, "五一": LABOUR,
    "端午节": DRAGON_BOAT, "端午": DRAGON_BOAT,
    "中秋节": MID_AUTUMN, "中秋": MID_AUTUMN,
    "“十一”国庆节": NATIONAL, "国庆节": NATIONAL, "国庆": NATIONAL, "“十一”": NATIONAL, "十一": NATIONAL,
}  # fmt: skip
#: One spelling, the longest first.
SPELLING = "|".join(re.escape(name) for name in sorted(SPELLINGS, key=len, reverse=True))


def days_of_law(year: int) -> Mapping[str, int]:
    """Official name → days off that the law gives in this year, in the order of the year."""
    return next(days for since, days in reversed(_VERSIONS) if since <= max(year, _VERSIONS[0][0]))


def official_name(written: str) -> str:
    """The official name of a holiday however it is written; an unknown one as it is."""
    return SPELLINGS.get(written.strip(), written.strip())
