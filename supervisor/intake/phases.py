"""Phases of the work: headings such as 部署阶段（2021年2—3月）, with the ends that the notice states (C17)."""

import re
from collections.abc import Iterator
from datetime import date

from supervisor.intake import rhythms
from supervisor.intake.draft import Phase
from supervisor.intake.moments import day_of
from supervisor.intake.outline import Node, Outline, title_span

_YEAR = r"(?:(?P<year>20\d\d)年?)?"
#: What stands before the last date: the beginning of a range, or the month itself of a phase of one month.
_RANGE = re.compile(rf"{_YEAR}(?P<month>\d{{1,2}})月?(?:(?P<day>\d{{1,2}})日)?(?:起)?(?:-|—|–|~|至|到)")
_MONTH = re.compile(rf"{_YEAR}(?P<month>\d{{1,2}})月(?:份)?")


def phases_in(outline: Outline, issued: date | None) -> Iterator[Phase]:
    """Return the phases in the order of the notice."""
    for node in outline.nodes:
        for found in rhythms.phase(node, "", issued):
            name = _name(node)
            if "阶段" in name or "步骤" in name:
                yield Phase(name, _begin(found.text, found.date), found.date, found.place)


def _name(node: Node) -> str:
    title = node.first.cut(0, min(title_span(node.first), 60)).text
    return re.split(r"[(:]", title, maxsplit=1)[0].strip("。,;")


def _begin(text: str, ends: date | None) -> date | None:
    """Return the first day of a range or of a single month; None where the notice names only an end."""
    plain = re.sub(r"[—–―~－-]", "-", text)
    match = _RANGE.match(plain) or _MONTH.fullmatch(plain)
    if match is None or ends is None:
        return None
    year = int(match["year"]) if match["year"] else ends.year
    day = match.groupdict().get("day")
    return day_of(year, int(match["month"]), int(day) if day else 1)
