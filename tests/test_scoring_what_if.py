"""The same facts under two rulebooks: who moves and why, worked by hand."""

from __future__ import annotations

from decimal import Decimal

from hypothesis import given, settings
from hypothesis import strategies as st

from scoring import Facts, load_facts, load_preset, load_rulebook
from scoring.what_if import FULL, REST, compare
from tests.test_scoring_properties import quarters

BOOK = """
[rulebook]
name = "示例"
version = "1"
[[tier]]
name = "优秀"
at_least = 82
[[tier]]
name = "合格"
[[table]]
total = {total}
[[table.indicator]]
key = "done"
title = "完成率"
weight = {done}
method = "proportional"
measure = {{ facts = "task", take = "ratio", numerator = "done", denominator = "planned" }}
[[table.indicator]]
key = "reports"
title = "月报"
weight = {reports}
method = "per_occurrence"
facts = "report"
[[table.indicator.deduct]]
where = {{ outcome = "missing" }}
points = {missing}
{more}"""


def book(done: int = 70, reports: int = 30, missing: int = 2, more: str = "") -> str:
    return BOOK.format(done=done, reports=reports, missing=missing, total=done + reports, more=more)


def facts(*, supplied: tuple[str, ...] = ()) -> Facts:
    """a: 80 %, one report missing; b: 60 %; c: 75 %."""
    rows = [
        {"kind": "task", "unit": unit, "subject": "一", "record": f"t:{unit}", "values": {"done": done, "planned": 100}}
        for unit, done in (("a", 80), ("b", 60), ("c", 75))
    ]  # fmt: skip
    rows += [
        {"kind": "report", "unit": unit, "record": f"r:{unit}", "values": {"outcome": outcome}}
        for unit, outcome in (("a", "missing"), ("b", "on_time"), ("c", "on_time"))
    ]
    units = [{"id": unit, "name": unit, "group": "g"} for unit in "abc"]
    return load_facts({"period": "2021-Q2", "units": units, "facts": rows, "supplied": list(supplied)})


def test_each_unit_says_from_which_lines_its_difference_comes() -> None:
    """70/30 against 50/50 with −10: a 84 → 80 (+4 −8), b 72 → 80 (+8), c 82.50 → 87.50 (+5)."""
    found = compare(facts(), load_rulebook(book()), load_rulebook(book(50, 50, 10)))
    moves = {move.after.unit: move for move in found.moves}
    assert [(m.after.unit, m.before.rank, m.after.rank) for m in found.moves] == [
        ("c", 2, 1),
        ("a", 1, 2),
        ("b", 3, 2),
    ]
    assert [str(moves[unit].score_change) for unit in "abc"] == ["-4.00", "8.00", "5.00"]
    assert [(c.line.indicator if c.line else "", str(c.effect)) for c in moves["a"].causes] == [
        ("reports", "-8.00"),
        ("done", "4.00"),
    ]
    assert moves["a"].places_won == -1
    assert (moves["a"].before.tier, moves["a"].after.tier) == ("优秀", "合格")


def test_a_line_that_is_new_or_gone_is_a_cause_of_its_own() -> None:
    alone = BOOK.split('[[table.indicator]]\nkey = "reports"', maxsplit=1)[0].format(total=100, done=100)
    found = compare(facts(), load_rulebook(book()), load_rulebook(alone))
    gone = {move.after.unit: move for move in found.moves}["a"].causes
    # 80 % of 100 loses 20 instead of 14; the missing report's 2 points come back.
    assert [(c.line.indicator if c.line else "", str(c.effect)) for c in gone] == [
        ("done", "-6.00"),
        ("reports", "2.00"),
    ]
    assert gone[1].after is None


def test_a_table_of_other_full_points_is_named_as_such() -> None:
    wide = (
        book(60, 60, 2)
        .replace("total = 120", "total = 120\nscale_to = 120")
        .replace("[[tier]]", "[ranking]\nhighest_score = 120\n[[tier]]", 1)
    )
    move = compare(facts(), load_rulebook(book(50, 50)), load_rulebook(wide)).moves[0]
    assert [(c.part, str(c.effect)) for c in move.causes if c.part == FULL] == [(FULL, "20.00")]


def test_what_a_closed_quarter_had_no_facts_for_is_said() -> None:
    extra = """[[table.indicator]]
key = "publicity"
title = "宣传"
weight = 20
method = "count_minimum"
facts = "publicity"
minimum = 1
deduct_each = 1
"""
    text = book(50, 30, 2, extra).replace("total = 80", "total = 100")
    found = compare(facts(), load_rulebook(book()), load_rulebook(text))
    assert [(one.group, one.line.title, str(one.line.na_reason)) for one in found.silent] == [
        ("g", "宣传", "No such facts exist in the product yet")
    ]
    supplied = compare(facts(supplied=("publicity",)), load_rulebook(book()), load_rulebook(text))
    assert supplied.silent == ()


@settings(max_examples=25, deadline=None)
@given(quarters(), st.sampled_from(["pingshi-dingqi", "zhou-yue-ji"]))
def test_the_causes_add_up_to_the_difference_of_the_scores(made: Facts, other: str) -> None:
    for move in compare(made, load_preset("default-quarter"), load_preset(other)).moves:
        if move.score_change is not None:
            assert sum((cause.effect for cause in move.causes), Decimal(0)) == move.score_change
            assert all(cause.line is not None or cause.part in {FULL, REST} for cause in move.causes)


@settings(max_examples=25, deadline=None)
@given(quarters())
def test_a_rulebook_against_itself_moves_nobody(made: Facts) -> None:
    same = load_preset("default-quarter")
    found = compare(made, same, same)
    assert not any(move.moves for move in found.moves)
    assert all(move.causes == () for move in found.moves)
