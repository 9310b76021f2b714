"""Ranks, tiers, quotas, vetoes, what does not apply."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

from scoring import Result, Standing, assess, load_facts, load_rulebook

SCHEME = """
[rulebook]
name = "示例"
version = "1"
{ranking}
[[tier]]
name = "优秀"
at_least = 90
max_share = "30%"
[[tier]]
name = "良好"
at_least = 80
[[tier]]
name = "合格"
at_least = 60
[[tier]]
name = "不合格"
[[table]]
[[table.indicator]]
key = "main"
title = "主要"
weight = 70
method = "given"
facts = "main"
[[table.indicator]]
key = "minor"
title = "次要"
weight = 30
method = "given"
facts = "minor"
{na}
[bonus]
cap = 5
[[bonus.item]]
key = "praise"
title = "表扬"
facts = "praise"
points = 3
[penalty]
cap = 10
[[penalty.item]]
key = "notice"
title = "督办"
facts = "notice"
points = 6
[[veto]]
key = "false"
title = "弄虚作假"
facts = "veto"
where = {{ trigger = "falsification" }}
not_above = "不合格"
[[veto]]
key = "red"
title = "红单"
facts = "veto"
where = {{ trigger = "red" }}
lower_by = 1
"""

Row = tuple[str, str | None, str | None]


def fact(kind: str, unit: str, **values: Any) -> dict[str, Any]:
    return {"kind": kind, "unit": unit, "values": values}


def run(
    rows: list[Row],
    *events: dict[str, Any],
    ranking: str = "",
    na: str = "",
    outside: tuple[str, ...] = (),
    groups: dict[str, str] | None = None,
) -> Result:
    units = [
        {
            "id": unit,
            "group": (groups or {}).get(unit, "g"),
            "order": order,
            "outside_ranking": "host" if unit in outside else None,
        }
        for order, (unit, _, _) in enumerate(rows)
    ]
    facts = [
        fact(kind, unit, points=points)
        for unit, main, minor in rows
        for kind, points in (("main", main), ("minor", minor))
        if points is not None
    ]
    document = {
        "period": "2021-Q2",
        "units": units,
        "facts": [*facts, *events],
        "supplied": ["main", "minor", "praise", "notice", "veto"],
    }
    return assess(load_facts(document), load_rulebook(SCHEME.format(ranking=ranking, na=na)))


def by_unit(result: Result) -> dict[str, Standing]:
    return {standing.unit: standing for standing in result.standings}


def test_equals_share_a_rank_and_stand_in_roster_order() -> None:
    """E-89: 1, 1, 3, equals in the order of the roster."""
    result = run([("z", "50", "10"), ("m", "60", "20"), ("a", "50", "10"), ("k", "60", "21")])
    assert [(s.unit, s.rank, s.tied) for s in result.standings] == [
        ("k", 1, False),
        ("m", 2, False),
        ("z", 3, True),
        ("a", 3, True),
    ]
    result = run([("z", "60", "20"), ("a", "60", "20"), ("m", "50", "10")])
    assert [(s.unit, s.rank) for s in result.standings] == [("z", 1), ("a", 1), ("m", 3)]


def test_a_tie_break_separates_equals_and_what_does_not_apply_goes_last() -> None:
    rows: list[Row] = [("a", "50", "20"), ("b", "60", "10"), ("c", "40", "30")]
    result = run(rows, ranking='[ranking]\ntie_break = ["main"]\n')
    assert [(s.unit, s.rank, s.tied) for s in result.standings] == [
        ("b", 1, False),
        ("a", 2, False),
        ("c", 3, False),
    ]


def test_a_unit_with_too_few_items_is_shown_and_not_ranked() -> None:
    """E-86: one task cannot make a unit the first."""
    rows: list[Row] = [(u, "50", p) for u, p in zip("abcd", ("30", "20", "10", "5"), strict=True)]
    events = [fact("notice", unit) for unit in "abbccdd"]
    result = run(rows, *events, ranking='[ranking]\nmin_items = { facts = "notice", at_least = 2 }\n')
    assert [(s.unit, s.rank) for s in result.standings] == [("b", 1), ("c", 2), ("d", 3), ("a", None)]
    assert (
        result.standings[-1].rank_note == "Fewer items than the rulebook asks for a rank: shown, not ranked"
    )


def test_groups_are_ranked_apart_in_the_order_of_the_roster() -> None:
    """E-87: districts, departments and companies are no one list."""
    rows: list[Row] = [(u, "70", p) for u, p in zip("abcdef", ("1", "2", "3", "4", "5", "6"), strict=True)]
    result = run(rows, groups=dict(zip("abcdef", "hghghg", strict=True)))
    assert [(s.group, s.unit, s.rank) for s in result.standings] == [
        ("h", "e", 1), ("h", "c", 2), ("h", "a", 3), ("g", "f", 1), ("g", "d", 2), ("g", "b", 3),
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("size", "ranked", "criticism"), [(2, False, False), (3, True, False), (4, True, False), (5, True, True)]
)
def test_small_groups_have_no_rank_or_no_criticism_by_rank(size: int, ranked: bool, criticism: bool) -> None:  # noqa: FBT001  # a table of cases
    result = run([(str(i), "70", str(i)) for i in range(size)])
    assert {s.rank is not None for s in result.standings} == {ranked}
    assert {s.criticism_by_rank for s in result.standings} == {criticism}
    assert all((s.rank_note is None) is ranked and s.tier is not None for s in result.standings)


def test_a_unit_outside_the_ranking_is_shown_and_takes_no_place() -> None:
    rows: list[Row] = [("a", "70", "30"), ("b", "60", "20"), ("c", "50", "20"), ("d", "40", "20")]
    result = run(rows, outside=("a",))
    assert [(s.unit, s.rank, s.rank_note, s.tier) for s in result.standings] == [
        ("b", 1, None, "良好"),
        ("c", 2, None, "合格"),
        ("d", 3, None, "合格"),
        ("a", None, "host", None),
    ]
    assert by_unit(result)["a"].score == Decimal("100.00")


def test_what_does_not_apply_is_rescaled_and_too_little_weight_is_not_ranked() -> None:
    rows: list[Row] = [
        ("a", "63", None),
        ("b", None, "30"),
        ("c", None, None),
        ("d", "7", "3"),
        ("e", "14", "6"),
        ("f", "1", "1"),
    ]
    standings = by_unit(run(rows))
    assert (standings["a"].score, standings["a"].rank) == (Decimal("90.00"), 1)
    assert (standings["b"].score, standings["b"].rank) == (Decimal("100.00"), None)
    assert standings["b"].rank_note == "Applicable weight under the minimum: shown, not ranked"
    assert (standings["c"].score, standings["c"].rank_note) == (None, "No indicator applies: not assessed")
    assert standings["d"].score == Decimal("10.00")


@pytest.mark.parametrize(
    ("na", "points", "score", "rank"),
    [
        ("rescale", None, "90.00", 1),
        ("full", "30.00", "93.00", 1),
        ("zero", "0.00", "63.00", 2),
        ("group_mean", "15.00", "78.00", 2),
        ("unranked", None, "90.00", None),
    ],
)
def test_the_rulebook_says_what_stands_for_what_does_not_apply(
    na: str, points: str | None, score: str, rank: int | None
) -> None:
    rows: list[Row] = [("a", "63", None), ("b", "70", "20"), ("c", "40", "10"), ("d", "30", "15")]
    result = run(rows, na=f'na = "{na}"')
    line = result.lines_of("a")[1]
    assert line.points == (None if points is None else Decimal(points))
    assert line.na_reason == "Nothing was due in the period" if points is None else line.na_treatment == na
    standing = by_unit(result)["a"]
    assert (standing.score, standing.rank) == (Decimal(score), rank)


def test_facts_that_cannot_be_supplied_are_never_full_marks() -> None:
    text = SCHEME.format(ranking="", na='na = "full"')
    document = {
        "period": "2021-Q2",
        "units": [{"id": "a"}],
        "facts": [fact("main", "a", points=70)],
        "supplied": [],
    }
    result = assess(load_facts(document), load_rulebook(text))
    assert (result.lines[1].points, result.lines[1].na_reason) == (
        None,
        "No such facts exist in the product yet",
    )
    assert any("表扬" in note.text for note in result.notes)


def test_a_reviewer_takes_an_indicator_out_with_his_reason() -> None:
    exempt = fact("not_applicable", "a", indicator="minor", reason="无此项任务", reviewer="考核办")
    line = run([("a", "63", "10"), ("b", "70", "20"), ("c", "40", "10")], exempt).lines_of("a")[1]
    assert (line.points, line.na_reason) == (None, "无此项任务")


@pytest.mark.parametrize(
    ("main", "minor", "tier"),
    [
        ("63", "27", "良好"),
        ("60", "20", "良好"),
        ("60", "19.99", "合格"),
        ("40", "20", "合格"),
        ("40", "19.99", "不合格"),
    ],
)
def test_lower_bounds_of_tiers_are_inclusive(main: str, minor: str, tier: str) -> None:
    rows: list[Row] = [("a", main, minor), ("b", "70", "30"), ("c", "0", "0"), ("d", "0", "0")]
    assert by_unit(run(rows))["a"].tier == tier


def test_the_quota_is_never_exceeded_and_equals_share_a_fate() -> None:
    rows: list[Row] = [
        (f"u{i}", "70", minor)
        for i, minor in enumerate(["30", "29", "28", "28", "20", "20", "20", "20", "20", "20"])
    ]
    standings = by_unit(run(rows))
    assert [standings[f"u{i}"].tier for i in range(5)] == ["优秀", "优秀", "良好", "良好", "良好"]
    assert standings["u2"].tier_note == "Lowered by the quota of the group"


def test_a_veto_changes_the_tier_and_neither_score_nor_rank_and_frees_its_place() -> None:
    rows: list[Row] = [("a", "70", "30"), ("b", "70", "25"), ("c", "70", "15"), ("d", "0", "0")]
    standings = by_unit(
        run(rows, fact("veto", "a", trigger="falsification"), fact("veto", "c", trigger="red"))
    )
    assert (standings["a"].score, standings["a"].rank, standings["a"].tier) == (
        Decimal("100.00"),
        1,
        "不合格",
    )
    assert standings["a"].vetoes == ("弄虚作假",)
    assert (standings["b"].tier, standings["c"].tier, standings["d"].tier) == ("优秀", "合格", "不合格")


def test_bonus_and_penalty_are_capped_and_the_score_is_held_within_its_limits() -> None:
    events = [fact("praise", "a"), fact("praise", "a"), fact("notice", "b"), fact("notice", "b")]
    result = run([("a", "70", "29"), ("b", "4", "4"), ("c", "50", "20")], *events)
    standings = by_unit(result)
    assert (standings["a"].bonus, standings["a"].score) == (Decimal("5.00"), Decimal("104.00"))
    assert (standings["b"].penalty, standings["b"].score) == (Decimal("10.00"), Decimal("0.00"))
    assert [(a.unit, a.part, a.points) for a in result.adjustments] == [
        ("a", "bonus", Decimal("6.00")),
        ("b", "penalty", Decimal("-12.00")),
    ]


def test_the_method_on_the_group_may_leave_out_those_outside_the_ranking() -> None:
    text = """
[rulebook]
name = "示例"
version = "1"
[ranking]
compare_with = "{whom}"
[[table]]
[[table.indicator]]
key = "n"
title = "数量"
weight = 100
method = "relative_to_best"
measure = {{ facts = "quantity", take = "sum", value = "done" }}
"""
    units = [{"id": "a", "outside_ranking": "host"}, {"id": "b"}, {"id": "c"}, {"id": "d"}]
    facts = [fact("quantity", unit, done=done) for unit, done in zip("abcd", (20, 10, 5, 5), strict=True)]
    document = {"period": "2021-Q2", "units": units, "facts": facts}
    scores = {
        whom: [
            str(s.score)
            for s in assess(load_facts(document), load_rulebook(text.format(whom=whom))).standings
        ]
        for whom in ("all", "ranked")
    }
    assert scores == {
        "all": ["50.00", "25.00", "25.00", "100.00"],
        "ranked": ["100.00", "50.00", "50.00", "100.00"],
    }


THIN = """
[rulebook]
name = "r"
version = "1"
[ranking]
min_weight = 60
{of}
[[table]]
period = "quarter"
[[table.indicator]]
key = "reports"
title = "月报"
weight = 45
method = "per_occurrence"
facts = "report"
[[table.indicator.deduct]]
title = "迟报"
facts = "report"
where = {{ outcome = "late" }}
points = 1
[[table.indicator]]
key = "publicity"
title = "信息"
weight = 55
method = "count_minimum"
facts = "publicity"
minimum = 3
deduct_each = 1
"""


@pytest.mark.parametrize(("of", "ranked"), [("", False), ('min_weight_of = "group"', True)])
def test_an_indicator_nobody_in_the_group_has_facts_for_costs_the_rank_only_where_the_whole_table_counts(
    of: str, *, ranked: bool
) -> None:
    facts = load_facts({
        "period": "2021-Q2",
        "supplied": ["report"],
        "units": [{"id": u, "name": u, "group": "g", "order": n} for n, u in enumerate("abc")],
        "facts": [
            {"kind": "report", "unit": u, "subject": f"{u}1", "values": {"period": "2021-04", "outcome": "on_time"}}
            for u in "abc"
        ],
    })  # fmt: skip

    result = assess(facts, load_rulebook(THIN.format(of=of)))

    assert [(s.rank is not None) for s in result.standings] == [ranked] * 3


def test_a_unit_with_one_indicator_more_than_the_others_does_not_cost_them_the_rank() -> None:
    facts = load_facts({
        "period": "2021-Q2",
        "supplied": ["report", "publicity"],
        "units": [{"id": u, "name": u, "group": "g", "order": n} for n, u in enumerate("abc")],
        "facts": [
            {"kind": "report", "unit": u, "subject": f"{u}1", "values": {"period": "2021-04", "outcome": "on_time"}}
            for u in "abc"
        ] + [{"kind": "publicity", "unit": "a", "subject": "p", "values": {"period": "2021-04"}}],
    })  # fmt: skip
    text = THIN.format(of='min_weight_of = "group"').replace(
        "deduct_each = 1", 'deduct_each = 1\nempty = "na"'
    )

    result = assess(facts, load_rulebook(text))

    assert sorted(standing.applicable for standing in result.standings) == [45, 45, 100]
    assert all(standing.rank for standing in result.standings)
