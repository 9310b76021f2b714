"""What must hold for any facts: order, names, hash seed and the caller's arithmetic make no difference."""

from __future__ import annotations

import hashlib
import json
import os
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import replace
from decimal import Context, Decimal, localcontext
from pathlib import Path
from random import Random
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from scoring import (
    Fact,
    Facts,
    FactsError,
    Result,
    RulebookError,
    ScoredUnit,
    assess,
    canonical,
    facts_to_json,
    load_facts,
    load_preset,
    load_rulebook,
    preset_names,
    result_to_json,
)

ROOT = Path(__file__).parent.parent
DEFAULT = load_preset("default-quarter")
SUPPLIED = frozenset(
    {
        "task",
        "closure",
        "quantity",
        "report",
        "mark",
        "publicity",
        "rectification",
        "bonus",
        "penalty",
        "veto",
    }
)
percent = st.decimals(min_value=0, max_value=100, places=1)
VALUES: Mapping[str, st.SearchStrategy[Mapping[str, Any]]] = {
    "task": st.fixed_dictionaries(
        {"share": st.sampled_from([Decimal(1), Decimal("0.5")]), "planned": percent, "accepted": percent}
    ),
    "closure": st.fixed_dictionaries({"on_time": st.booleans(), "suspended": st.booleans()}),
    "quantity": st.fixed_dictionaries(
        {
            "measure": st.sampled_from(["户数", "小区数"]),
            "done_cumulative": st.integers(0, 999),
            "planned_cumulative": st.integers(0, 999),
        }
    ),
    "report": st.fixed_dictionaries(
        {
            "outcome": st.sampled_from(["on_time", "late", "missing", "nil", "waived"]),
            "late_workdays": st.integers(0, 9),
            "period": st.sampled_from(["2021-07", "2021-08", "2021-09"]),
        }
    ),
    "mark": st.fixed_dictionaries(
        {"mark": percent, "returns": st.integers(0, 3), "report": st.sampled_from(["r1", "r2", "r3"])}
    ),
    "publicity": st.fixed_dictionaries({"period": st.just("2021-07")}),
    "rectification": st.fixed_dictionaries({"on_time": st.booleans(), "false": st.booleans()}),
    "bonus": st.fixed_dictionaries(
        {"type": st.sampled_from(["adoption", "praise"]), "level": st.sampled_from(["本级", "市级", "省级"])}
    ),
    "penalty": st.fixed_dictionaries(
        {"type": st.just("notice"), "colour": st.sampled_from(["yellow", "red"])}
    ),
    "veto": st.fixed_dictionaries({"trigger": st.sampled_from(["falsification", "interview"])}),
}
UNIT_IDS = ("u1", "u2", "u3", "u4", "u5")


@st.composite
def quarters(draw: st.DrawFn) -> Facts:
    units = tuple(
        ScoredUnit(
            unit,
            unit,
            draw(st.sampled_from(["g", "h"])),
            order,
            draw(st.sampled_from([None, None, None, "host"])),
        )
        for order, unit in enumerate(UNIT_IDS)
    )
    chosen = draw(
        st.lists(
            st.tuples(st.sampled_from(sorted(VALUES)), st.sampled_from(UNIT_IDS), st.integers(0, 3)),
            max_size=30,
        )
    )
    facts = tuple(
        Fact(kind, unit, f"s{subject}", draw(VALUES[kind]), f"{kind}:{number}")
        for number, (kind, unit, subject) in enumerate(chosen)
    )
    return Facts("2021-Q3", "quarter", units, facts, SUPPLIED)


def scores(result: Result) -> dict[str, Decimal | None]:
    return {standing.unit: standing.score for standing in result.standings}


@settings(max_examples=25, deadline=None)
@given(quarters(), st.randoms(use_true_random=False))
def test_the_order_of_facts_and_units_makes_no_difference(facts: Facts, random: Random) -> None:
    expected = canonical(result_to_json(assess(facts, DEFAULT)))
    for units, rows in (
        (random.sample(facts.units, len(facts.units)), random.sample(facts.facts, len(facts.facts))),
        (facts.units[::-1], facts.facts[::-1]),
    ):
        moved = replace(facts, units=tuple(units), facts=tuple(rows))
        assert canonical(result_to_json(assess(moved, DEFAULT))) == expected
        assert canonical(facts_to_json(moved)) == canonical(facts_to_json(facts))


@settings(max_examples=25, deadline=None)
@given(quarters())
def test_points_and_scores_keep_their_limits_and_what_applies_keeps_its_proportions(facts: Facts) -> None:
    result = assess(facts, DEFAULT)
    for line in result.lines:
        assert line.points is None or (
            0 <= line.points <= line.weight and line.points == round(line.points, 2)
        )
        assert (line.points is None) == (line.na_reason is not None)
    for standing in result.standings:
        if standing.score is None:
            assert standing.applicable == 0
            continue
        assert 0 <= standing.score <= 105
        assert standing.base is not None
        assert abs(standing.base - standing.earned * 100 / standing.applicable) <= Decimal("0.005")
        assert standing.bonus <= 5
        assert standing.penalty <= 10


@settings(max_examples=25, deadline=None)
@given(quarters(), st.sampled_from(UNIT_IDS))
def test_an_added_on_time_report_never_lowers_a_score(facts: Facts, unit: str) -> None:
    before = scores(assess(facts, DEFAULT))
    report = Fact(
        "report", unit, "月报", {"outcome": "on_time", "late_workdays": 0, "period": "2021-08"}, "report:new"
    )
    after = scores(assess(replace(facts, facts=(*facts.facts, report)), DEFAULT))
    assert (after.pop(unit) or 0) >= (before.pop(unit) or 0)
    assert after == before


@settings(max_examples=25, deadline=None)
@given(quarters())
def test_renaming_units_changes_nothing_but_names(facts: Facts) -> None:
    names = {unit: f"x{9 - int(unit[1])}" for unit in UNIT_IDS}
    renamed = replace(
        facts,
        units=tuple(replace(unit, id=names[unit.id], name=names[unit.id]) for unit in facts.units),
        facts=tuple(replace(fact, unit=names[fact.unit]) for fact in facts.facts),
    )
    old, new = assess(facts, DEFAULT), assess(renamed, DEFAULT)
    assert [(names[s.unit], s.score, s.rank, s.tier) for s in old.standings] == [
        (s.unit, s.score, s.rank, s.tier) for s in new.standings
    ]
    assert [line.points for line in old.lines] == [line.points for line in new.lines]


@settings(max_examples=25, deadline=None)
@given(quarters())
def test_facts_survive_their_json_and_the_callers_arithmetic(facts: Facts) -> None:
    again = load_facts(json.loads(canonical(facts_to_json(facts))))
    expected = canonical(result_to_json(assess(facts, DEFAULT)))
    with localcontext(Context(prec=3)):
        assert canonical(result_to_json(assess(again, DEFAULT))) == expected


@settings(max_examples=25, deadline=None)
@given(quarters())
def test_ranks_are_competition_ranks(facts: Facts) -> None:
    result = assess(facts, DEFAULT)
    for group in {s.group for s in result.standings}:
        ranked = [s for s in result.standings if s.group == group and s.rank is not None]
        values = [s.score or Decimal(0) for s in ranked]
        assert [s.rank for s in ranked] == [1 + sum(other > value for other in values) for value in values]


THIRDS = """
[rulebook]
name = "示例"
version = "1"
[[table]]
[[table.indicator]]
key = "k"
title = "k"
weight = 100
method = "threshold_tiers"
tiers = [{{ at_least = "{bound}", points = 100 }}]
measure = {{ facts = "t", take = "mean_ratio", numerator = "a", denominator = "b" }}
"""


@pytest.mark.parametrize("number", [1, 3, 30, 300])
def test_thirds_that_sum_to_a_half_reach_a_half(number: int) -> None:
    thirds = [Fact("t", "u", str(i), {"a": 1, "b": 3}) for i in range(3 * number)]
    wholes = [Fact("t", "u", f"w{i}", {"a": 1, "b": 1}) for i in range(number)]
    facts = Facts("2021-Q1", "quarter", (ScoredUnit("u", "u", "g", 1),), (*thirds, *wholes), SUPPLIED)
    assert assess(facts, load_rulebook(THIRDS.format(bound="50%"))).standings[0].score == Decimal(100)
    assert assess(facts, load_rulebook(THIRDS.format(bound="50.01%"))).standings[0].score == Decimal(0)


def test_the_same_bytes_under_any_hash_seed() -> None:
    program = (
        "import hashlib, json, scoring as s; "
        "f = s.load_facts(json.load(open('docs/examples/quarter.json', encoding='utf-8'))); "
        "r = s.assess(f, s.load_preset('default-quarter')); "
        "print(hashlib.sha256(s.canonical(s.result_to_json(r)).encode()).hexdigest())"
    )
    digests = {
        subprocess.run(
            [sys.executable, "-c", program],
            cwd=ROOT,
            env={**os.environ, "PYTHONHASHSEED": seed},
            capture_output=True,
            text=True,
            check=True,
        ).stdout
        for seed in ("0", "1", "4242")
    }
    assert len(digests) == 1
    assert len(digests.pop().strip()) == hashlib.sha256().digest_size * 2


def test_a_float_that_slips_past_the_reader_is_still_refused() -> None:
    """E-97: 61.11 is never 61.109999."""
    fact = Fact("task", "u", "一", {"share": 0.5})  # type: ignore[dict-item]  # the mistake under test
    with pytest.raises(FactsError, match="binary fraction"):
        assess(Facts("2021-Q3", "quarter", (ScoredUnit("u", "u", "g", 1),), (fact,), SUPPLIED), DEFAULT)
    with pytest.raises(TypeError, match="no exact text"):
        canonical({"x": 0.5})


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=8,
)
FACT = st.dictionaries(st.sampled_from(["kind", "unit", "subject", "values", "record", "note", "x"]), JSON)


@settings(max_examples=25, deadline=None)
@given(
    st.dictionaries(
        st.sampled_from(["period", "units", "facts", "supplied", "x"]), JSON | st.lists(FACT, max_size=3)
    )
)
def test_nonsense_facts_are_refused_and_never_crash(document: dict[str, Any]) -> None:
    try:
        load_facts({"period": "2021-Q3", "units": [], "facts": [], **document})
    except FactsError as error:
        assert error.problems  # noqa: PT017  # either outcome is right; a crash is not


@settings(max_examples=25, deadline=None)
@given(st.sampled_from(preset_names()), st.randoms(use_true_random=False))
def test_a_preset_edited_into_nonsense_is_refused_or_still_scores(name: str, random: Random) -> None:
    lines = (ROOT / "scoring" / "presets" / f"{name}.toml").read_text(encoding="utf-8").splitlines()
    for _ in range(random.randint(1, 4)):
        place = random.randrange(len(lines))
        lines[place] = random.choice(
            ["", "weight = -1", 'measure = "x"', "points = [1, [2]]", lines[random.randrange(len(lines))]]
        )
    try:
        rulebook = load_rulebook("\n".join(lines))
    except RulebookError as error:
        assert error.problems  # noqa: PT017  # either outcome is right; a crash is not
    else:
        assert all(sum(i.weight for i in table.indicators) == table.total for table in rulebook.tables)


@settings(max_examples=25, deadline=None)
@given(quarters(), st.sampled_from([i.key for i in DEFAULT.tables[0].indicators]))
def test_what_does_not_apply_is_taken_out_and_the_rest_keeps_its_proportions(
    facts: Facts, indicator: str
) -> None:
    """By hand from the lines before: Σ other points ÷ Σ other weights × 100; no other line changes."""
    reviewed = tuple(
        Fact("not_applicable", unit, "", {"indicator": indicator, "reason": "无任务"}, f"na:{unit}")
        for unit in UNIT_IDS
    )
    before = assess(facts, DEFAULT)
    after = assess(replace(facts, facts=(*facts.facts, *reviewed)), DEFAULT)
    bases = {standing.unit: standing.base for standing in after.standings}
    for unit in UNIT_IDS:
        others = [line for line in before.lines_of(unit) if line.indicator != indicator]
        assert [line.points for line in others] == [
            line.points for line in after.lines_of(unit) if line.indicator != indicator
        ]
        applied = [line for line in others if line.points is not None]
        weight = sum((line.weight for line in applied), Decimal(0))
        points = sum((line.points or Decimal(0) for line in applied), Decimal(0))
        expected = (points * 100 / weight).quantize(Decimal("0.01"), "ROUND_HALF_UP") if weight else None
        assert bases[unit] == expected


@settings(max_examples=25, deadline=None)
@given(quarters(), st.sampled_from(UNIT_IDS), st.sampled_from(preset_names()))
def test_an_on_time_report_never_lowers_a_score_under_any_preset_for_a_quarter(
    facts: Facts, unit: str, name: str
) -> None:
    book = load_preset(name)
    if book.table_for("quarter", "g") is None:
        return
    before = scores(assess(facts, book))
    report = Fact(
        "report", unit, "月报", {"outcome": "on_time", "late_workdays": 0, "period": "2021-08"}, "r:new"
    )
    after = scores(assess(replace(facts, facts=(*facts.facts, report)), book))
    assert (after[unit] or 0) >= (before[unit] or 0)
