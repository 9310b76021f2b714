"""The fairness view's arithmetic, worked by hand."""

from __future__ import annotations

from decimal import Decimal
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from scoring import Facts, assess, load_facts, load_preset, load_rulebook, preset_names
from scoring.fairness import Fairness, correlation, examine
from tests.test_scoring_properties import quarters

BOOK = """
[rulebook]
name = "示例"
version = "1"
[[table]]
[[table.indicator]]
key = "done"
title = "完成率"
weight = 60
method = "proportional"
measure = { facts = "task", take = "mean_ratio", numerator = "done", denominator = "planned" }
[[table.indicator]]
key = "reports"
title = "月报"
weight = 40
method = "per_occurrence"
facts = "report"
[[table.indicator.deduct]]
title = "迟报"
where = { outcome = "late" }
points = 1
[[table.indicator.deduct]]
title = "漏报"
where = { outcome = "missing" }
points = 5
[penalty]
[[penalty.item]]
key = "absence"
title = "缺会"
facts = "absence"
points = 2
"""


def look(rows: list[tuple[str, str, list[int], list[str]]], absent: tuple[str, ...] = ()) -> Fairness:
    """Units as (id, group, percent done of each task, outcome of each report)."""
    facts: list[dict[str, object]] = []
    for unit, _, done, outcomes in rows:
        facts += [
            {"kind": "task", "unit": unit, "subject": f"t{n}", "values": {"done": d, "planned": 100}}
            for n, d in enumerate(done)
        ]
        facts += [
            {"kind": "report", "unit": unit, "record": f"r:{unit}:{n}", "values": {"outcome": o}}
            for n, o in enumerate(outcomes)
        ]
    facts += [{"kind": "absence", "unit": unit, "values": {}} for unit in absent]
    units = [{"id": unit, "name": unit, "group": group} for unit, group, _, _ in rows]
    read = load_facts({"period": "2021-Q2", "units": units, "facts": facts})
    return examine(read, assess(read, load_rulebook(BOOK)))


THREE = [
    ("a", "g", [100, 50, 90], ["late", "missing"]),
    ("b", "g", [100, 100, 100], ["late"]),
    ("c", "g", [40], ["on_time"]),
]


def test_points_lost_are_summed_by_cause_and_group() -> None:
    """a: 80 % of 60 loses 12, reports 6; b: 0 and 1; c: 40 % loses 36 and 0. Together 48 and 7."""
    found = look(THREE, absent=("a", "a"))
    assert [(one.key, one.units, str(one.lost), str(one.mean), one.share) for one in found.of("g", "indicator")] == [
        ("done", 3, "48.00", "16.00", 87),
        ("reports", 3, "7.00", "2.33", 13),
    ]  # fmt: skip
    assert [(one.title, one.units, str(one.lost)) for one in found.of("g", "deduction")] == [
        ("漏报", 1, "5.00"),
        ("迟报", 2, "2.00"),
    ]
    assert [(one.title, one.units, str(one.lost)) for one in found.of("g", "penalty")] == [
        ("缺会", 1, "4.00")
    ]


def test_e86_a_unit_with_few_tasks_is_named_with_their_number() -> None:
    """E-86: one task against many; a unit without any task but with a score is named too."""
    found = look([*THREE, ("d", "g", [], ["on_time"])])
    assert [(one.standing.unit, one.tasks) for one in found.few] == [("c", 1), ("d", 0)]


def test_an_indicator_on_which_all_score_the_same_tells_nobody_apart() -> None:
    same = [(unit, "g", [n, n, n], ["late"]) for n, unit in ((80, "a"), (90, "b"), (70, "c"))]
    assert [(one.line.indicator, str(one.line.points), one.units) for one in look(same).flat] == [
        ("reports", "39.00", 3)
    ]
    assert look(same[:2]).flat == ()  # of two units that says nothing


def test_a_group_that_loses_a_tenth_of_the_weight_more_than_the_others_is_named() -> None:
    """g loses 16 a unit on 60 points, h 9: 7 ≥ 6; at 10.20 it is not named."""
    others = [(unit, "h", [85, 85, 85], ["late"]) for unit in "xyz"]
    assert [(one.loss.group, str(one.loss.mean), str(one.others)) for one in look([*THREE, *others]).apart] == [
        ("g", "16.00", "9.00")
    ]  # fmt: skip
    closer = [(unit, "h", [83, 83, 83], ["late"]) for unit in "xyz"]
    assert look([*THREE, *closer]).apart == ()


def numbers(*values: int) -> list[Decimal]:
    return [Decimal(value) for value in values]


def paired(first: list[Decimal], second: list[Decimal]) -> list[tuple[Decimal, Decimal]]:
    return list(zip(first, second, strict=True))


def test_spearman_by_hand() -> None:
    """Neighbours exchanged: Σd² = 8, 1 − 6·8 ÷ (8·63) = 0.9048. Pairs of equals: 40 ÷ √(40·42) = 0.9759."""
    places = numbers(1, 2, 3, 4, 5, 6, 7, 8)
    assert correlation(paired(places, numbers(2, 1, 4, 3, 6, 5, 8, 7))) == Decimal("0.90")
    assert correlation(paired(numbers(1, 1, 2, 2, 3, 3, 4, 4), places)) == Decimal("0.98")
    assert correlation(paired(places, places[::-1])) == Decimal("-1.00")


def test_nothing_is_said_of_few_units_or_of_a_side_without_spread() -> None:
    assert correlation(paired(numbers(1, 2, 3, 4, 5, 6, 7), numbers(1, 2, 3, 4, 5, 6, 7))) is None
    assert correlation(paired(numbers(*range(8)), numbers(*[5] * 8))) is None


def test_a_score_that_rises_with_the_number_of_tasks_is_strong_from_r_squared_n_4_on() -> None:
    """Eight units, one more task and ten more points each: r = 1, 1·1·8 ≥ 4."""
    rows = [(f"u{n}", "g", [10 * n] * n, ["on_time"]) for n in range(1, 9)]
    tasks = [one for one in look(rows).correlations if one.what == "tasks"]
    assert [(one.n, str(one.r), one.is_strong) for one in tasks] == [(8, "1.00", True)]
    assert [one.r for one in look(rows[:7]).correlations] == [None]


def test_the_size_of_groups_is_held_against_all_scores() -> None:
    """Five units of 50 % and three of 90 %: size 5 goes with the lower score, r = −1."""
    rows = [(f"a{n}", "large", [50] * 3, ["on_time"]) for n in range(5)]
    rows += [(f"b{n}", "small", [90] * 3, ["on_time"]) for n in range(3)]
    size = [one for one in look(rows).correlations if one.what == "group_size"]
    assert [(one.group, one.n, str(one.r)) for one in size] == [("", 8, "-1.00")]


@settings(max_examples=25, deadline=None)
@given(quarters())
def test_shares_of_the_loss_are_parts_of_it_and_r_stays_within_one(facts: Facts) -> None:
    found = examine(facts, assess(facts, load_preset("default-quarter")))
    for group in found.groups:
        losses = found.of(group, "indicator")
        shares = [one.share or 0 for one in losses]
        assert all(0 <= share <= 100 for share in shares)
        assert not any(one.lost for one in losses) or abs(sum(shares) - 100) <= len(shares)
        assert all(first.lost >= second.lost for first, second in pairwise(losses))
    assert all(one.r is None or -1 <= one.r <= 1 for one in found.correlations)


@settings(max_examples=20, deadline=None)
@given(st.lists(st.tuples(st.integers(0, 5), st.integers(0, 5)), min_size=8, max_size=20), st.randoms())
def test_the_order_of_units_makes_no_difference_to_r(pairs: list[tuple[int, int]], random: object) -> None:
    exact = [(Decimal(x), Decimal(y)) for x, y in pairs]
    assert correlation(exact) == correlation(exact[::-1])
    assert correlation([(y, x) for x, y in exact]) == correlation(exact)


@pytest.mark.parametrize("colour", ["blue", "yellow", "red"])
@pytest.mark.parametrize("name", preset_names())
def test_a_notice_of_any_colour_can_be_scored_by_every_preset(name: str, colour: str) -> None:
    """The ladder gives blue notices too: a rulebook that has no points for them would keep the books open."""
    book = load_preset(name)
    values = {"type": "notice", "colour": colour, "level": 2}
    fact = {"kind": "penalty", "unit": "a", "subject": "m", "record": "ladder_step:1", "values": values}
    period = next(table.period for table in book.tables)
    facts = load_facts(
        {"period": "2021-Q2", "period_type": period, "units": [{"id": "a", "group": "g"}], "facts": [fact]}
    )
    if book.table_for(period, "g") is not None:
        assert assess(facts, book).standings[0].penalty == {"blue": 0, "yellow": 1, "red": 3}[colour]
