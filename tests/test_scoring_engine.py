"""What the engine does beyond the examples of docs/rulebook.md."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from scoring import Result, assess, load_facts, load_rulebook

HEAD = '[rulebook]\nname = "示例"\nversion = "1"\n[[table]]\n'


def run(rules: str, facts: list[dict[str, Any]], **document: Any) -> Result:
    units = [{"id": unit} for unit in sorted({fact["unit"] for fact in facts})]
    return assess(
        load_facts({"period": "2021-Q3", "units": units, "facts": facts, **document}), load_rulebook(rules)
    )


def fact(kind: str, unit: str = "a", subject: str = "", **values: Any) -> dict[str, Any]:
    return {"kind": kind, "unit": unit, "subject": subject, "values": values}


def test_a_deduction_without_a_kind_of_its_own_looks_only_at_what_the_indicator_is_about() -> None:
    rules = (
        HEAD
        + """
[[table.indicator]]
key = "monthly"
title = "月报"
weight = 100
method = "per_occurrence"
facts = "report"
where = { rule = "monthly" }
[[table.indicator.deduct]]
where = { outcome = "late" }
points = 1
"""
    )
    facts = [fact("report", rule="monthly", outcome="late"), fact("report", rule="weekly", outcome="late")]
    assert run(rules, facts).lines[0].points == Decimal("99.00")


def test_a_late_report_that_was_returned_and_accepted_counts_once_as_late_and_once_as_returned() -> None:
    rules = (
        HEAD
        + """
[[table.indicator]]
key = "reports"
title = "月报"
weight = 100
method = "per_occurrence"
facts = "report"
heaviest_per = "record"
[[table.indicator.deduct]]
where = { outcome = "late" }
points = 1
[[table.indicator.deduct]]
amount = "returns"
points = ["0.5", 2]
"""
    )
    late = fact("report", outcome="late", returns=2) | {"record": "obligation:1"}
    early = fact("report", outcome="on_time", returns=1) | {"record": "obligation:2"}
    line = run(rules, [late, early]).lines[0]
    assert line.points == Decimal("97.00")  # 2.5 for the first (the heaviest), 0.5 for the second
    assert line.records == ("obligation:1", "obligation:2")


QUOTIENT = (
    HEAD
    + """
[[table.indicator]]
key = "per_task"
title = "每件任务的现场指导次数"
weight = 100
method = "proportional"
target = 2
[table.indicator.measure]
take = "quotient"
numerator = { facts = "visit", take = "count", empty = "zero" }
denominator = { facts = "task", take = "count" }
"""
)


def test_one_measure_may_be_divided_by_another() -> None:
    facts = [*[fact("visit") for _ in range(3)], fact("task", subject="一"), fact("task", subject="二")]
    assert run(QUOTIENT, facts).lines[0].points == Decimal("75.00")
    assert run(QUOTIENT, [fact("visit")], supplied=["task"]).lines[0].points is None


def test_a_measure_of_months_counts_each_month_once() -> None:
    rules = (
        HEAD
        + """
[[table.indicator]]
key = "meetings"
title = "例会"
weight = 90
method = "proportional"
target = 3
measure = { facts = "meeting", take = "months" }
[[table.indicator]]
key = "rest"
title = "其他"
weight = 10
method = "binary"
at_least = 5
measure = { facts = "meeting", take = "max", value = "people" }
"""
    )
    facts = [
        fact("meeting", period=month, people=n)
        for month, n in (("2021-07", 3), ("2021-07", 5), ("2021-09", 4))
    ]
    assert [line.points for line in run(rules, facts).lines] == [Decimal("60.00"), Decimal("10.00")]


def test_kinds_of_quantities_are_measured_apart_and_then_averaged() -> None:
    rules = (
        HEAD
        + """
[[table.indicator]]
key = "best"
title = "实物量"
weight = 100
method = "relative_to_best"
measure = { facts = "quantity", take = "sum", value = "done", each = "measure" }
"""
    )
    facts = [
        fact("quantity", "a", measure="户数", done=500),
        fact("quantity", "a", measure="公里", done=1),
        fact("quantity", "b", measure="户数", done=1000),
        fact("quantity", "b", measure="公里", done=1),
        fact("quantity", "c", measure="公里", done="0.5"),
    ]
    result = run(rules, facts)
    assert {line.unit: line.points for line in result.lines} == {
        "a": Decimal("75.00"),
        "b": Decimal("100.00"),
        "c": Decimal("50.00"),
    }
    assert {step.name for step in result.lines_of("a")[0].steps if step.label.startswith("Own")} == {
        "户数",
        "公里",
    }


def test_a_null_number_is_no_data_and_not_zero() -> None:
    rules = (
        HEAD
        + """
[[table.indicator]]
key = "mark"
title = "评分"
weight = 100
method = "mark"
facts = "mark"
"""
    )
    lines = run(
        rules, [fact("mark", "a", mark=None), fact("mark", "b", mark=80), fact("mark", "b", mark=None)]
    ).lines
    assert {line.unit: (line.points, line.na_reason) for line in lines} == {
        "a": (None, "No data"),
        "b": (Decimal("80.00"), None),
    }


def test_a_negative_floor_lets_an_indicator_go_below_zero() -> None:
    rules = (
        HEAD
        + """
[[table.indicator]]
key = "main"
title = "主要"
weight = 90
method = "given"
facts = "points"
[[table.indicator]]
key = "faults"
title = "差错"
weight = 10
method = "per_occurrence"
facts = "fault"
floor = -10
[[table.indicator.deduct]]
points = 7
"""
    )
    facts = [fact("points", points=90), *[fact("fault") for _ in range(4)]]
    result = run(rules, facts)
    assert [line.points for line in result.lines] == [Decimal("90.00"), Decimal("-10.00")]
    assert result.standings[0].score == Decimal("80.00")


def test_a_rule_without_words_of_its_own_is_put_into_words_with_percentages() -> None:
    rules = (
        HEAD
        + """
[[table.indicator]]
key = "rate"
title = "办结率"
weight = 100
method = "per_point"
threshold = "95%"
deduct_each = "0.5"
measure = { facts = "closure", take = "share", hit = { on_time = true } }
"""
    )
    line = run(rules, [fact("closure", on_time=True)]).lines[0]
    assert line.rule == "达到 95% 得 100 分，每低 1% 扣 0.5 分"
    assert line.rule_en == "100 from 95% on, −0.5 for each 1% below"


def test_a_rate_and_a_number_may_come_from_two_kinds_of_facts() -> None:
    """0.7 × 1 + 0.3 × 1 ÷ 2 for a; the absolute number is of another kind than the rate."""
    book = """
[rulebook]
name = "示例"
version = "1"
[[table]]
[[table.indicator]]
key = "k"
title = "k"
weight = 100
method = "mixed"
ratio_share = "0.7"
absolute_share = "0.3"
ratio = { facts = "task", take = "share", hit = { done = true } }
absolute = { facts = "visit", take = "count" }
"""
    rows = [{"kind": "task", "unit": unit, "subject": "t", "values": {"done": True}} for unit in "abc"]
    rows += [
        {"kind": "visit", "unit": unit, "record": f"{unit}{n}", "values": {}}
        for unit, n in (("a", 1), ("b", 1), ("b", 2), ("c", 1))
    ]
    facts = load_facts(
        {"period": "2021-Q2", "units": [{"id": u, "group": "g"} for u in "abc"], "facts": rows}
    )
    scores = {s.unit: str(s.score) for s in assess(facts, load_rulebook(book)).standings}
    assert scores == {"a": "85.00", "b": "100.00", "c": "85.00"}


def test_an_indicator_taken_out_by_a_person_names_reason_and_reviewer() -> None:
    book = """
[rulebook]
name = "示例"
version = "1"
[[table]]
[[table.indicator]]
key = "k"
title = "k"
weight = 100
method = "given"
facts = "points"
"""
    values = {"indicator": "k", "reason": "无此项任务", "reviewer": "考核办 严衡"}
    rows = [{"kind": "not_applicable", "unit": "a", "record": "n:1", "values": values}]
    facts = load_facts({"period": "2021-Q2", "units": [{"id": "a", "group": "g"}], "facts": rows})
    line = assess(facts, load_rulebook(book)).lines[0]
    assert (line.points, line.na_reason) == (None, "无此项任务")
    assert [(str(step.label), step.name) for step in line.steps] == [("Taken out by", "考核办 严衡")]
    assert line.records == ("n:1",)
