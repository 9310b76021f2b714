"""The presets: four proposals of ours that load, sum to 100 and score; the year rests on its periods."""

from __future__ import annotations

import json
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from scoring import assess, load_facts, load_preset, preset_names, preset_text

EXAMPLES = Path(__file__).parent.parent / "docs" / "examples"
QUARTERLY = ("default-quarter", "pingshi-dingqi", "zhou-yue-ji")


def quarter(group: str) -> dict[str, Any]:
    document: dict[str, Any] = json.loads((EXAMPLES / "quarter.json").read_text(encoding="utf-8"))
    for unit in document["units"]:
        unit["group"] = group
    return document


def test_the_presets_are_the_four_of_the_design() -> None:
    assert preset_names() == ("default-quarter", "pingshi-dingqi", "yue-tongbao-guanmo", "zhou-yue-ji")
    assert [load_preset(name).name for name in preset_names()] == [
        "默认考核办法",
        "平时定期型",
        "月通报观摩型",
        "周月季型",
    ]
    with pytest.raises(KeyError):
        preset_text("../README")


@pytest.mark.parametrize("name", preset_names())
def test_every_table_of_a_preset_sums_to_100_and_every_rule_is_in_words(name: str) -> None:
    for table in load_preset(name).tables:
        assert sum(indicator.weight for indicator in table.indicators) == 100
        for indicator in table.indicators:
            assert indicator.title
            assert indicator.title_en
            assert indicator.rule
            assert indicator.rule_en


@pytest.mark.parametrize("name", QUARTERLY)
@pytest.mark.parametrize("group", ["街道办事处", "县直部门"])
def test_a_quarterly_preset_scores_the_example_quarter(name: str, group: str) -> None:
    result = assess(load_facts(quarter(group)), load_preset(name))
    assert [standing.rank for standing in result.standings] == [1, 2, 3]
    assert all(standing.score is not None and standing.tier for standing in result.standings)


def test_the_weekly_monthly_quarterly_preset_has_a_table_for_districts_and_one_for_departments() -> None:
    preset = load_preset("zhou-yue-ji")
    district, department = (
        assess(load_facts(quarter(g)), preset).lines_of("a") for g in ("区政府", "市直部门")
    )
    assert [(line.indicator, str(line.points)) for line in district] == [
        ("renewal_rate", "24.80"),  # 30 × 0.8267
        ("task_completion", "18.40"),  # 20 × 0.92
        ("on_time_closure", "9.56"),
        ("report_timeliness", "9.50"),
        ("report_quality", "3.90"),  # 88 × 5 % − 0.5
        ("publicity", "10.00"),  # one in each month
        ("rectification", "None"),
    ]
    assert "renewal_rate" not in {line.indicator for line in department}


def test_a_month_without_an_item_costs_even_if_another_month_has_two() -> None:
    document = quarter("区政府")
    for fact in document["facts"]:
        if fact["kind"] == "publicity" and fact["values"]["period"] == "2021-08":
            fact["values"]["period"] = "2021-07"
    line = assess(load_facts(document), load_preset("zhou-yue-ji")).lines_of("a")[5]
    assert (line.indicator, line.points) == ("publicity", Decimal("7.00"))


def test_the_monthly_preset_scores_a_month() -> None:
    document = quarter("街道办事处")
    document["period"] = "2021-07"
    document["facts"] = [f for f in document["facts"] if f["kind"] != "closure"]
    result = assess(load_facts(document), load_preset("yue-tongbao-guanmo"))
    points = {line.indicator: line.points for line in result.lines_of("a")}
    assert points["households"] == Decimal("6.89")  # 10 × 620 ÷ 900
    assert points["demolition"] is None


@pytest.mark.parametrize(
    ("scores", "expected"),
    [
        (
            [("quarter", "90"), ("quarter", "92.00"), ("quarter", "88"), ("year_end", "80")],
            "87.00",
        ),  # 63 + 24
        (
            [("quarter", "90"), ("quarter", "91.01")],
            "90.50",
        ),  # 63.35 of 70; the year-end is not scored yet: left out
        ([("quarter", "105"), ("year_end", "105")], "105.00"),
    ],
)
def test_the_year_is_the_weighted_mean_of_its_periods(scores: list[tuple[str, str]], expected: str) -> None:
    facts = [
        {
            "kind": "period_score",
            "unit": "a",
            "subject": f"{number}",
            "values": {"type": kind, "score": score},
        }
        for number, (kind, score) in enumerate(scores)
    ]
    document = {"period": "2021", "units": [{"id": "a"}], "facts": facts}
    assert str(assess(load_facts(document), load_preset("default-quarter")).standings[0].score) == expected


def test_the_year_end_table_judges_satisfaction_and_targets() -> None:
    """E-95: the conference's survey is not averaged into the residents'."""
    marks = [
        {
            "kind": "judge_mark",
            "unit": "a",
            "subject": "项目",
            "record": f"judge:{i}",
            "values": {"mark": mark},
        }
        for i, mark in enumerate((50, 80, 90, 91, 99))
    ]
    facts = [
        *marks,
        {"kind": "annual_target", "unit": "a", "subject": "一", "values": {"done": 44, "target": 50}},
        {
            "kind": "satisfaction",
            "unit": "a",
            "values": {"source": "residents", "rate": "93.5", "answers": 300},
        },
        {
            "kind": "satisfaction",
            "unit": "a",
            "values": {"source": "conference", "rate": "60", "answers": 20},
        },
        {"kind": "assessor_points", "unit": "a", "values": {"indicator": "lasting_mechanism", "points": 9}},
    ]
    document = {"period": "2021", "period_type": "year_end", "units": [{"id": "a"}], "facts": facts}
    result = assess(load_facts(document), load_preset("default-quarter"))
    assert [str(line.points) for line in result.lines] == ["35.20", "16.00", "17.40", "9.00", "None"]
    # 77.60 ÷ 90 × 100 would be 合格; the veto on targets under 90 % allows no more than that anyway
    assert (str(result.standings[0].score), result.standings[0].tier) == ("86.22", "合格")
    assert result.standings[0].vetoes == ("年度任务完成不足 90%",)
