"""Manners of scoring beyond the real rules of §12, written from docs/rulebook.md alone, results worked by hand.

The files are `docs/examples/more-rules/NN.toml` and `NN.json`; what is done by hand stands beside each number.
"""

from __future__ import annotations

import json
import re
from decimal import Decimal
from pathlib import Path

import pytest

from scoring import LABELS, assess, explain, load_facts, load_rulebook

DOCS = Path(__file__).parent.parent / "docs"
FOLDER = DOCS / "examples" / "more-rules"

CASES: dict[int, dict[str, str]] = {
    1: {"a": "86.00", "b": "70.00"},  # 45 + 1 + 40; 40 × 0.8 + 2 − 4 + 40
    2: {"a": "94.00", "b": "62.00", "c": "91.00"},  # 15 + 9 + 70; 9 + 6 ÷ 2 + 15 + 35; 9 + 12 + 70
    3: {"a": "97.50", "b": "100.00"},  # 60 − 4 × 0.5, 40 − 2 × 0.25; under both targets
    4: {"a": "97.25", "b": "106.00", "c": "55.10"},  # 70 + 17.85 + 5.4 + 4; 100 + 6 of 8; 35 + 14.7 + 5.4
    5: {
        "a": "106.00",
        "b": "103.00",
        "c": "101.00",
        "d": "90.00",
    },  # 10 points × 0.6, × 0.3, × 0.1 (10.5 → 10)
    6: {
        "a": "40.00",
        "b": "34.00",
        "c": "27.50",
        "d": "23.00",
    },  # 25 + 6 + 2 + 7; 25 + 4 + 5; 24.5 + 3; 23 + 0
    7: {"a": "78.40"},  # 90 × 0.2 + 75 × 0.4 + 76 × 0.4
    8: {"a": "80.00", "b": "50.00", "c": "95.00"},  # 50 + 50 − 20 (not − 25); 0 + 50; 50 + 45
    9: {"a": "100.00", "b": "73.00", "c": "0.00"},  # both; 75 − 2 reports; funds at 10 %
    10: {"a": "40.00", "b": "80.00", "c": "30.00"},  # 40 + 0; 20 + 60; 0 + 30
    11: {"a": "94.30", "b": "94.95"},  # 50 − 20 + 20 − 7 + 900 = 943; 0 + 20 + 929.5
    12: {"a": "74.00", "b": "103.00"},  # 40 − 10 − 10 + 54; 100 + 1 + 2 (210 ÷ 120 = 1.75)
    13: {
        "a": "90.00",
        "c": "90.00",
        "d": "86.00",
        "f": "86.00",
        "g": "80.00",
        "h": "80.00",
    },  # 2.4 → 2 places
    14: {"a": "91.68", "b": "100.00", "c": "93.00"},  # 70 × 0.88 × 1.05 + 27; 77 held at 70; no factor
    15: {"a": "20.00", "b": "16.00", "c": "3.00", "d": "0.00"},  # 12 + 8 ÷ 2; 12 × 0.25
    16: {"a": "83.00", "b": "-74.00"},  # 54 + 12 + 29 − 12; 6 − 80
    17: {"a": "87.10"},  # (80 + 90 + 95.5) ÷ 3 = 88.5; 53.1 + 34
    18: {"a": "67.50", "b": "100.00"},  # 10 + 37.5 + 20
}


@pytest.mark.parametrize("number", CASES)
def test_a_further_manner_of_scoring_gives_the_numbers_worked_by_hand(number: int) -> None:
    facts = json.loads((FOLDER / f"{number:02d}.json").read_text(encoding="utf-8"))
    rulebook = load_rulebook((FOLDER / f"{number:02d}.toml").read_text(encoding="utf-8"))
    result = assess(load_facts(facts), rulebook)
    scores = {standing.unit: standing.score for standing in result.standings}
    assert {unit: scores[unit] for unit in CASES[number]} == {
        unit: Decimal(score) for unit, score in CASES[number].items()
    }
    lines = (*result.lines, *result.adjustments)
    assert {step.label for line in lines for step in explain(line)} <= set(LABELS)


def test_three_dead_at_once_fail_without_a_point_taken_for_it() -> None:
    """A veto changes the tier only: 95 points stay, the tier is the last."""
    facts = json.loads((FOLDER / "08.json").read_text(encoding="utf-8"))
    result = assess(load_facts(facts), load_rulebook((FOLDER / "08.toml").read_text(encoding="utf-8")))
    assert {s.unit: s.tier for s in result.standings} == {"a": "合格", "b": "不合格", "c": "不合格"}


def test_few_requests_are_scored_and_not_ranked() -> None:
    facts = json.loads((FOLDER / "18.json").read_text(encoding="utf-8"))
    result = assess(load_facts(facts), load_rulebook((FOLDER / "18.toml").read_text(encoding="utf-8")))
    assert {s.unit: s.rank for s in result.standings} == {"a": 1, "b": None}


def test_the_page_lists_every_further_scheme() -> None:
    section = (DOCS / "rulebook.md").read_text(encoding="utf-8").split("## 13.", 1)[1]
    rows = dict(re.findall(r"^\| M(\d+) \| .* \| (.+) \|$", section, re.MULTILINE))
    assert {int(number) for number, said in rows.items() if not re.match(r"no:|by a person", said)} == set(
        CASES
    )
    assert {int(path.stem) for path in FOLDER.glob("*.toml")} == set(CASES)
