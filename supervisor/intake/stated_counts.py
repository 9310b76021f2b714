"""Counts that a notice states of a list of units (等20个部门), held against what it lists (E-71)."""

import re
from collections.abc import Iterable

from supervisor.intake.draft import Problem
from supervisor.intake.moments import number
from supervisor.intake.passages import Passage
from supervisor.intake.problems import problem
from supervisor.intake.units import looks_like_unit, split_units
from supervisor.words import N_

_COUNT = re.compile(
    r"等(?P<n>\d{1,3}|[一二两三四五六七八九十]{1,3})(?:个|家)(?:[一-龥]{0,6}?)"
    r"(?:部门|单位|成员单位|街道|乡镇|地区|企业|机构)(?!关于|印发|联合(?:印发|下发|发文))"
)
_BEGINS = re.compile(r"[。;:!?(〔《“]|由|包括|包含|分别是|分别为|涉及|会同|组成单位[为有]")
_LONGEST = 900  # characters before a count in which its list may stand


def of_counts(passages: Iterable[Passage]) -> Iterable[Problem]:
    """Yield lists of units that hold more or fewer than the notice states; a list of one only names the first."""
    for passage in passages:
        text = passage.text
        for match in _COUNT.finditer(text):
            window = max(0, match.start() - _LONGEST)
            begin = max((m.end() for m in _BEGINS.finditer(text, window, match.start())), default=window)
            names = split_units(text[begin : match.start()])
            stated = number(match["n"].replace("两", "二"))
            if len(names) < 2 or len(names) == stated or not all(map(looks_like_unit, names)):
                continue
            sentence = N_(
                "“%(text)s”: %(stated)s units are stated, %(listed)s are listed.",
                text=passage.printed(match.start() + 1, match.end()),
                stated=stated,
                listed=len(names),
            )
            yield problem("stated_count", sentence, passage.place(match.start(), match.end()).line)
