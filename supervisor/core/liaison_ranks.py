"""The list of ranks for liaison officers, proposed from the notice's words (处级干部). Pure.

A rank is recorded, never read off a title: a 主任 may be of any rank (E-13). The list is the programme's own and
may be changed; it only starts with the usual ranks, those that the notice asks for ticked.
"""

from __future__ import annotations

import re

#: The usual ranks of cadres, highest first.
LADDER = ("厅级", "处级", "科级", "股级")
_OTHERS = ("科室负责人", "业务人员")
_AT_LEAST = re.compile(r"以上")


def plain(rank: str) -> str:
    """A rank as the lists have it: 处级干部 is 处级."""
    return rank.strip().removesuffix("干部")


def ranks_for(printed: str) -> list[tuple[str, bool]]:
    """Names of ranks with whether each meets the rule as printed; a word of its own becomes a rank of its own."""
    asked = [
        rank for rank in LADDER if rank[0] in printed and re.search(rf"{rank[0]}(?:级|室级|干部)", printed)
    ]
    if asked:
        lowest = LADDER.index(asked[-1])
        fitting = set(LADDER[: lowest + 1]) if _AT_LEAST.search(printed) else set(asked)
        return [(rank, rank in fitting) for rank in LADDER] + [(rank, False) for rank in _OTHERS]
    own = next((rank for rank in _OTHERS if rank[:2] in printed), printed[:40])
    names = [*LADDER, *dict.fromkeys((*_OTHERS, own))]
    return [(rank, rank == own) for rank in names]
