"""A rulebook or facts file changed at any place is refused with a list of places, or scored whole; it never breaks."""

from __future__ import annotations

import copy
import json
import tomllib
from decimal import Decimal
from pathlib import Path
from random import Random
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from scoring import (
    FactsError,
    RulebookError,
    ScoringError,
    assess,
    canonical,
    explain,
    load_facts,
    load_rulebook,
    preset_names,
    preset_text,
    result_to_json,
    score_to_contract,
)
from tests.test_scoring_problems import HEAD, TASKS, indicator, problems_of
from tests.toml_text import dump, spoil

EXAMPLES = Path(__file__).parent.parent / "docs" / "examples"


def pairs() -> list[tuple[dict[str, Any], dict[str, Any]]]:
    """Every example and preset, parsed, with facts it can score."""
    found = [
        (path.read_text(encoding="utf-8"), path.with_suffix(".json").read_text(encoding="utf-8"))
        for path in sorted(EXAMPLES.glob("*-rules/*.toml"))
    ]
    quarter = (EXAMPLES / "quarter.json").read_text(encoding="utf-8")
    found += [(preset_text(name), quarter) for name in preset_names()]
    return [(tomllib.loads(book, parse_float=Decimal), json.loads(facts)) for book, facts in found]


PAIRS = pairs()


@settings(max_examples=150, deadline=None)
@given(st.sampled_from(range(len(PAIRS))), st.integers(0, 2**32), st.integers(0, 3), st.integers(0, 3))
def test_files_changed_at_any_place_are_refused_or_scored_whole(
    which: int, seed: int, in_book: int, in_facts: int
) -> None:
    random = Random(seed)  # noqa: S311 -- repeatable changes, no secret
    book, facts = copy.deepcopy(PAIRS[which])
    spoil(book, random, in_book)
    spoil(facts, random, in_facts)
    try:
        read, rulebook = load_facts(facts), load_rulebook(dump(book))
        result = assess(read, rulebook)
    except ScoringError as error:
        assert error.problems  # noqa: PT017  # either outcome is right; a crash is not
        assert all(problem.message for problem in error.problems)  # noqa: PT017
    else:
        assert len(result.standings) == len(read.units)
        canonical(result_to_json(result))
        score_to_contract(result)
        assert all(explain(line) for line in result.lines)


@pytest.mark.parametrize("number", ["nan", "inf", "1e400", '"1000000000000000"'])
def test_points_that_are_no_exact_number_are_refused(number: str) -> None:
    rest = f'method = "per_occurrence"\nfacts = "r"\n[[table.indicator.deduct]]\npoints = {number}\n'
    assert any(
        "must be a number of at least 0" in p
        for p in problems_of(HEAD + "[[table]]\n" + indicator(rest=rest))
    )


def test_a_condition_on_no_number_is_refused() -> None:
    rest = 'method = "given"\nfacts = "g"\nwhere = { x = { gt = nan } }\n'
    found = problems_of(HEAD + "[[table]]\n" + indicator(rest=rest))
    assert any("where › x: must be compared with a number" in problem for problem in found)


@pytest.mark.parametrize(
    ("rest", "key"),
    [
        ('method = "cases"\ncase = []\n', "case"),
        ('method = "cases"\n[[table.indicator.case]]\ntitle = "x"\npoints = 1\nall = []\n', "all"),
        (f'method = "threshold_tiers"\ntiers = []\n{TASKS}', "tiers"),
        ('method = "blend"\npart = []\n', "part"),
    ],
)
def test_an_empty_list_is_no_list_of_rules(rest: str, key: str) -> None:
    found = problems_of(HEAD + "[[table]]\n" + indicator(rest=rest))
    assert any(f"{key}: must hold at least one" in problem for problem in found)


def test_numbers_that_multiply_beyond_what_is_exact_are_refused_with_unit_and_indicator() -> None:
    rest = (
        'method = "per_occurrence"\nfacts = "r"\n[[table.indicator.deduct]]\n'
        'points = 100000000000000\namount = "n"\nshare = "s"\n'
    )
    fact = {"kind": "r", "unit": "a", "record": "1", "values": {"n": 10**14, "s": 10**14}}
    facts = load_facts({"period": "2021-Q2", "units": [{"id": "a", "group": "g"}], "facts": [fact]})
    with pytest.raises(FactsError, match="a › k: the numbers multiply to more than can be counted"):
        assess(facts, load_rulebook(HEAD + "[[table]]\n" + indicator(rest=rest)))


@pytest.mark.parametrize("depth", [5, 60])
def test_measures_within_measures_end_where_nobody_could_read_them(depth: int) -> None:
    inner = '{ facts = "task", take = "count" }'
    for _ in range(depth):
        inner = f'{{ take = "difference", of = {inner}, less = {{ facts = "task", take = "count" }} }}'
    text = HEAD + "[[table]]\n" + indicator(rest=f'method = "binary"\nat_least = 1\nmeasure = {inner}\n')
    with pytest.raises(RulebookError, match="is nested too deeply"):
        load_rulebook(text)


def test_rows_of_places_and_factors_say_what_they_lack() -> None:
    place = 'method = "rank_tiers"\ntiers = [{ to = 1, last = 2, points = 1 }, { points = 2 }]\n' + TASKS
    found = problems_of(HEAD + "[[table]]\n" + indicator(rest=place))
    assert sum("give one of to, share and last" in problem for problem in found) == 2
    factor = (
        f'method = "proportional"\n{TASKS}[[table.indicator.times]]\ntitle = "x"\nfacts = "w"\nvalue = "f"\n'
    )
    assert any(
        "times 1 › high: is missing" in p for p in problems_of(HEAD + "[[table]]\n" + indicator(rest=factor))
    )
    words = 'method = "mark"\nfacts = "v"\ngrades = { "好" = 101 }\n'
    assert any("grades › 好: is 101" in p for p in problems_of(HEAD + "[[table]]\n" + indicator(rest=words)))
    months = 'method = "count_minimum"\nfacts = "v"\nminimum = 1\ndeduct_each = 1\nfor_each = "month"\n'
    assert any(
        "month needs per_month" in p for p in problems_of(HEAD + "[[table]]\n" + indicator(rest=months))
    )


def test_a_word_without_a_mark_and_a_second_factor_are_refused_with_the_fact() -> None:
    book = load_rulebook(
        HEAD
        + "[[table]]\n"
        + indicator(
            rest='method = "mark"\nfacts = "v"\nvalue = "grade"\ngrades = { "好" = 100 }\n'
            '[[table.indicator.times]]\ntitle = "x"\nfacts = "w"\nvalue = "f"\nhigh = 2\n'
        )
    )
    rows = [
        {"kind": "v", "unit": "a", "record": "1", "values": {"grade": "优"}},
        {"kind": "w", "unit": "a", "record": "2", "values": {"f": 1}},
        {"kind": "w", "unit": "a", "record": "3", "values": {"f": 3}},
    ]
    facts = {"period": "2021-Q2", "units": [{"id": "a", "group": "g"}], "facts": rows}
    with pytest.raises(FactsError) as caught:
        assess(load_facts(facts), book)
    assert any("grade is '优'" in str(problem) for problem in caught.value.problems)
    rows[0]["values"] = {"grade": "好"}
    with pytest.raises(FactsError, match="there are 2 facts where the rulebook takes one"):
        assess(load_facts(facts), book)
