"""The worked examples of docs/rulebook.md, run from the files that the page shows."""

from __future__ import annotations

import json
from decimal import Decimal
from pathlib import Path

from scoring import Result, assess, load_facts, load_preset, load_rulebook, score_to_contract

EXAMPLES = Path(__file__).parent.parent / "docs" / "examples"


def assessed(facts: str, rulebook: str) -> Result:
    document = json.loads((EXAMPLES / facts).read_text(encoding="utf-8"))
    return assess(load_facts(document), load_rulebook((EXAMPLES / rulebook).read_text(encoding="utf-8")))


def test_the_default_quarter_gives_91_24_and_every_line_worked_by_hand() -> None:
    document = json.loads((EXAMPLES / "quarter.json").read_text(encoding="utf-8"))
    result = assess(load_facts(document), load_preset("default-quarter"))
    points = {line.indicator: line.points for line in result.lines_of("a")}
    assert points == {
        "task_completion": Decimal("23.00"),  # 25 × 0.92
        "on_time_closure": Decimal("14.56"),  # 16 ÷ 17 = 94.12 %, 15 − 0.5 × 0.88
        "core_quantity": Decimal("16.53"),  # 20 × (0.7 × 620/700 + 0.3 × 620/900)
        "report_timeliness": Decimal("11.50"),
        "report_quality": Decimal("6.54"),  # 88 × 8 % − 0.5
        "publicity": Decimal("5.00"),
        "rectification": None,
    }
    standing = next(standing for standing in result.standings if standing.unit == "a")
    assert (standing.earned, standing.applicable) == (Decimal("77.13"), Decimal(85))
    assert (standing.base, standing.bonus) == (Decimal("90.74"), Decimal("0.50"))
    assert (standing.score, standing.rank, standing.tier) == (Decimal("91.24"), 1, "优秀")


def test_ratio_and_absolute_number_together_give_61_11_and_95_00() -> None:
    """C41, E-85: 2 of 2 against 9 of 10, half ratio and half absolute number."""
    result = assessed("two-units.json", "two-indicators.toml")
    assert [(s.unit, s.score, s.rank) for s in result.standings] == [
        ("b", Decimal("95.00"), 1),
        ("a", Decimal("61.11"), 2),
    ]


def test_the_contract_holds_decimals_as_strings_and_names_the_facts() -> None:
    contract = score_to_contract(assessed("two-units.json", "two-indicators.toml"))
    unit = contract["units"][1]
    assert contract["rulebook"] == {"name": "两项指标示例", "version": "1"}
    assert (unit["score"], unit["rank"], unit["bonus"]) == ("61.11", 2, "0.00")
    assert unit["lines"][1]["points"] == "11.11"
    assert unit["lines"][1]["facts"] == ["task:a1", "task:a2"]
    assert json.loads(json.dumps(contract)) == contract
