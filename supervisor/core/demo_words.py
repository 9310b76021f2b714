"""What the demo's units write: sentences from small tables, with figures and places, never twice in a row."""

from __future__ import annotations

import random
from dataclasses import dataclass
from functools import cache
from typing import Any

from supervisor.core.demo_people import Character, characters, read_text
from supervisor.core.demo_story import dice
from supervisor.models import LinkRole


@dataclass(frozen=True)
class Words:
    """The texts of one entry."""

    done: str
    problems: str
    next_steps: str
    help_wanted: str


def words(unit: str, task: str, role: LinkRole, month: str) -> Words:
    """What a unit writes about a task in a month (2026-06): the same every time it is asked."""
    roll = dice("words", unit, task, month)
    fill = _figures(unit, roll)
    number = int(month[:4]) * 12 + int(month[5:])
    table = _tables()["tasks"][task]
    common = _tables()["common"]
    done = [frame.format(**fill) for frame in _done(unit, task, role, number)]
    troubled = characters()[unit].pace < 90
    hit = roll.random() < (0.12 if troubled else 0.03)
    problems = roll.choice(common["problems"] if hit else common["none"])
    wanted = roll.choice(common["help"]) if hit and roll.random() < 0.4 else ""
    return Words(
        "".join(done),
        problems.format(**fill),
        f"下月{_turn(table['next'], unit, task, number).format(**fill)}。",
        wanted.format(**fill),
    )


def nil_reason(unit: str, month: str) -> str:
    """Why there is nothing to report."""
    return str(dice("nil", unit, month).choice(_tables()["common"]["nil"]))


def solved_how(about: str) -> str:
    """How a unit solved a problem."""
    return str(dice("how", about).choice(_tables()["common"]["solved"]))


def return_reason(times: int, about: str) -> str:
    """Why the office returns a report, the first or the second time."""
    return str(dice("return", about).choice(_tables()["common"]["returned" if times == 1 else "twice"]))


def mark_of(who: Character, month: str, *, returned: bool, late: bool) -> int:
    """What the review gives, 70–98: a unit's usual mark, a little luck, less for a return."""
    luck = dice("mark", who.user, month).randint(-4, 3)
    return max(70, min(98, who.mark + luck - 6 * returned - 2 * late))


def _done(unit: str, task: str, role: LinkRole, number: int) -> list[str]:
    """One or two frames: an area writes from its lanes, a department from its trade."""
    table, trade = _tables()["tasks"][task], _tables()["trades"].get(unit, [])
    roll = dice("frames", unit, task, number)
    if "local" in table and unit in _tables_of_people()["places"]:
        first = _turn(table["local"], unit, task, number)
        rest = [frame for frame in table["local"] if frame != first]
        return [first] + ([roll.choice(rest)] if roll.random() < 0.45 else [])
    own = f"{_turn(trade, unit, task, number)}。" if trade else _turn(table["city"], unit, task, number)
    if role is LinkRole.LEAD:
        return [_turn(table["city"], unit, task, number), own]
    opening = roll.choice([f"围绕{table['about']}，", "", "本月", f"配合做好{table['about']}，"])
    return [opening + own]


def _turn(frames: list[str], unit: str, task: str, number: int) -> str:
    """The frames by turns from a place of the unit's own: neighbours differ, and so do a unit's months."""
    start = dice("turn", unit, task).randrange(len(frames))
    return frames[(start + number) % len(frames)]


def _figures(unit: str, roll: random.Random) -> dict[str, Any]:
    places = _tables_of_people()["places"]
    place = places.get(unit) or places[roll.choice(sorted(places))]
    lane, lane2 = roll.sample(place["lanes"], 2)
    return {
        "lane": lane,
        "lane2": lane2,
        "street": roll.choice(place["streets"]),
        "n": roll.randint(2, 9),
        "m": roll.randint(12, 60),
        "k": roll.randrange(110, 900, 10) + roll.randint(0, 9),
    }


@cache
def _tables() -> dict[str, Any]:
    return read_text("reports.toml")


def _tables_of_people() -> dict[str, Any]:
    return read_text("people.toml")
