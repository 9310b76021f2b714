"""Titles in balanced lines: words stay whole, lines grow or shrink (梯形) or bulge (菱形), GB/T 9704 7.3.1."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence

#: May not begin a line, and may not end one.
NO_START = "，。、；：？！）〕》」』”’…—·%％的了和与及"
NO_END = "（〔《「『“‘第"
#: What must not be cut apart: numbers with their measure, words in Latin letters, years in brackets.
_WHOLE = re.compile(r"[0-9A-Za-z.]+(?:年|月|日|号|个|户|%|％|季度)?|〔\d+〕\d*号?")
#: Words that titles of official papers are made of.
_WORDS = re.compile(
    r"关于|印发|通报表扬|通报批评|情况的通报|进展情况|工作|考核|督办|通知|情况|办公室|领导小组|人民政府|"
    r"老旧小区|改造|责任|单位|结果|得分|更正|进展|完成|第[一二三四]季度|年度|季度|办理|滞后"
)
#: More lines than this are not looked for.
MOST_LINES = 6


def text_width(text: str) -> float:
    """Width in full-width characters: 1 for Chinese, a half for what is half-width."""
    return sum(1 if unicodedata.east_asian_width(sign) in "WFA" else 0.5 for sign in text)


def balanced_lines(text: str, most: float, *, whole: Sequence[str] = ()) -> tuple[str, ...]:
    """The text in as few lines of at most `most` full-width characters as it needs, broken where it reads well.

    `whole` are names that are kept on one line where they fit.
    """
    text = " ".join(text.split())
    if text_width(text) <= most:
        return (text,) if text else ()
    cost = _break_costs(text, most, whole)
    least = int(-(-text_width(text) // most))
    best: tuple[float, tuple[str, ...]] | None = None
    for count in range(least, least + 2):
        best = min(filter(None, (best, _best_of(text, most, cost, count))), default=None)
    return best[1] if best else _chopped(text, most)


def _best_of(
    text: str, most: float, cost: Sequence[float], count: int
) -> tuple[float, tuple[str, ...]] | None:
    """Cheapest way to set a text in so many lines: (cost, lines); None where there is none."""
    ideal = text_width(text) / count
    wide = [0.0]
    for sign in text:
        wide.append(wide[-1] + text_width(sign))
    paths: dict[int, list[tuple[float, tuple[int, ...]]]] = {0: [(0.0, ())]}
    for line in range(count):
        reached: dict[int, list[tuple[float, tuple[int, ...]]]] = {}
        for start, ways in paths.items():
            for end in range(start + 1, len(text) + 1):
                length = wide[end] - wide[start]
                if length > most:
                    break
                if (end == len(text)) != (line == count - 1):
                    continue
                step = (length - ideal) ** 2 + (cost[end] if end < len(text) else 0)
                reached.setdefault(end, []).extend((sofar + step, (*ends, end)) for sofar, ends in ways)
        # A few of the cheapest are kept, because the shape is judged over all lines.
        paths = {end: sorted(ways)[:8] for end, ways in reached.items()}
    found = [
        (price + _shape_cost(tuple(text[a:b].strip() for a, b in zip((0, *ends), ends, strict=False))), ends)
        for price, ends in paths.get(len(text), ())
    ]
    if not found:
        return None
    price, ends = min(found)
    # Another line costs: few lines read better.
    return price + 40 * count, tuple(text[a:b].strip() for a, b in zip((0, *ends), ends, strict=False))


def _shape_cost(lines: Sequence[str]) -> float:
    """Hourglasses are not set, and lines of one length are avoided."""
    widths = [text_width(one) for one in lines]
    pinched = any(widths[n] < min(max(widths[:n]), max(widths[n + 1 :])) for n in range(1, len(widths) - 1))
    return (60 if pinched else 0) + (3 if len(set(widths)) == 1 else 0)


def _break_costs(text: str, most: float, whole: Sequence[str]) -> list[float]:
    """What a break before each character costs."""
    cost = [0.0] * (len(text) + 1)
    for at in range(1, len(text)):
        if text[at] in NO_START or text[at - 1] in NO_END:
            cost[at] += 80
    for found in _WHOLE.finditer(text):
        _forbid(cost, found.start(), found.end(), 200)
    for found in _WORDS.finditer(text):
        _forbid(cost, found.start(), found.end(), 30)
    for name in whole:
        if name and text_width(name) <= most:
            for found in re.finditer(re.escape(name), text):
                _forbid(cost, found.start(), found.end(), 40)
    return cost


def _forbid(cost: list[float], start: int, end: int, price: float) -> None:
    for at in range(start + 1, end):
        cost[at] += price


def _chopped(text: str, most: float) -> tuple[str, ...]:
    """Lines cut at their width, for what no good break fits."""
    lines, held = [], ""
    for sign in text:
        if text_width(held + sign) > most:
            lines.append(held)
            held = ""
        held += sign
    return (*lines, held)
