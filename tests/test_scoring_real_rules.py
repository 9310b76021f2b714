"""Rules that offices have really used (numbers only, no text of theirs), written as rulebooks, worked by hand.

The files are `docs/examples/real-rules/NN.toml` and `NN.json`; the numbers are those of docs/rulebook.md §12.
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass, field
from decimal import Decimal
from pathlib import Path

import pytest

from scoring import assess, load_facts, load_rulebook

DOCS = Path(__file__).parent.parent / "docs"
FOLDER = DOCS / "examples" / "real-rules"


@dataclass(frozen=True)
class Expected:
    """What the units must get."""

    scores: dict[str, str]
    tiers: dict[str, str] = field(default_factory=dict)
    ranks: dict[str, int | None] = field(default_factory=dict)


CASES: dict[int, Expected] = {
    # a: 30 + 2 − 1 − 4 = 27, and 59 of 60; b: 31 + 60; e has no matter: 60 of 60, not ranked
    1: Expected({"a": "86.00", "b": "91.00", "e": "100.00"}, ranks={"a": 4, "b": 1, "e": None}),
    2: Expected({"a": "83.00", "b": "68.00"}),  # 80 − 15 + 18; with one matter only 80 − 30 + 18
    3: Expected({"a": "81.00", "b": "100.00"}),  # 27 − 3, 73 − 13 − 3; no matter, no notice: full points
    4: Expected({"a": "86.00", "b": "87.00"}),  # 80 + 2 + 1 − 2.5 + 5 + 0.5; 82 + 5
    5: Expected({"a": "98.40"}),  # 100 − 0.1 − 0.5 − 1
    6: Expected({"a": "10.00"}),  # 15 + 5 − 10
    7: Expected({"a": "108.00"}),  # 100 − 2 + 5 + 5, one experience at its highest level
    8: Expected({"a": "4.00", "b": "10.00"}),  # 5 − 0.5 × 2; 160 held at 10
    9: Expected({"a": "100.00", "b": "70.00"}),  # class of six: 120 − 20; class of three: 70
    10: Expected({"a": "1.00", "b": "15.00"}),  # 6 − 1 − 2 − 1 − 1; 6 + 10 − 1 (25 %)
    11: Expected({"a": "80.00", "b": "-215.00"}),  # 20 + 20 − 30 + 50 + 20; 15 + 20 − 50 − 200
    12: Expected({"a": "4.00"}),  # 1 + (1 + 2)
    13: Expected({"a": "89.00"}),  # 2 − 2.5 stops at 0; 98 − 7 − 2
    14: Expected({"a": "101.50", "b": "102.00", "c": "92.50"}),
    15: Expected({"a": "88.70"}),  # 60 %: 50 − 10; 50 − 0.9 − 0.4
    16: Expected({"a": "97.50"}),  # 0.3 + 0.2 + 0.5 + 1.5
    17: Expected({"a": "99.80", "b": "99.20"}),
    18: Expected({"a": "95.00", "d": "74.99"}, tiers={"a": "优秀", "b": "良好", "c": "合格", "d": "差"}),
    19: Expected({"a": "93.00", "b": "95.60"}, tiers={"a": "良好", "b": "不合格"}),  # 36 + 30 + 27; 35.6 + 60
    20: Expected(
        {"a": "108.00", "b": "90.00", "c": "99.00"}, tiers={"a": "良好", "b": "优秀", "c": "不合格"}
    ),
    21: Expected({"a": "65.90", "b": "100.00"}),  # 0 + 30.5 + 3.4 + 32
    22: Expected({"a": "96.00", "b": "59.50"}),  # 60 − 4 + 40; 59.5 + 0
    23: Expected({"a": "81.00"}),  # (81 + 48) ÷ 150 × 100 − 5
    24: Expected({"a": "83.00", "b": "90.00"}),  # 56 + 25 + 3 − 1
}


@pytest.mark.parametrize("number", CASES)
def test_a_real_scheme_gives_the_numbers_worked_by_hand(number: int) -> None:
    facts = json.loads((FOLDER / f"{number:02d}.json").read_text(encoding="utf-8"))
    rulebook = load_rulebook((FOLDER / f"{number:02d}.toml").read_text(encoding="utf-8"))
    standings = {standing.unit: standing for standing in assess(load_facts(facts), rulebook).standings}
    expected = CASES[number]
    assert {unit: standings[unit].score for unit in expected.scores} == {
        unit: Decimal(score) for unit, score in expected.scores.items()
    }
    assert {unit: standings[unit].tier for unit in expected.tiers} == expected.tiers
    assert {unit: standings[unit].rank for unit in expected.ranks} == expected.ranks


def test_the_page_lists_every_scheme_as_expressed_or_missing() -> None:
    section = (DOCS / "rulebook.md").read_text(encoding="utf-8").split("## 12.", 1)[1]
    rows = dict(re.findall(r"^\| (\d+) \|.*\| (yes|partly|no)\b.*\|$", section, re.MULTILINE))
    assert {int(number) for number in rows} == set(range(1, 25))
    assert {int(number) for number, said in rows.items() if said != "no"} == set(CASES)
    assert {int(path.stem) for path in FOLDER.glob("*.toml")} == set(CASES)
