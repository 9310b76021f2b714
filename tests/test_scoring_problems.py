"""A wrong rulebook or facts file gives all its problems with their places, and never half a result."""

from __future__ import annotations

import pytest

from scoring import FactsError, RulebookError, assess, load_facts, load_preset, load_rulebook, preset_names
from scoring.methods import METHODS

TIER = "[[tier]]\nname = 'A'\n"
HEAD = '[rulebook]\nname = "示例"\nversion = "1"\n'
TASKS = 'measure = { facts = "task", take = "share", hit = { done = true } }\n'


def indicator(key: str = "k", weight: str = "100", rest: str = f'method = "proportional"\n{TASKS}') -> str:
    return f'[[table.indicator]]\nkey = "{key}"\ntitle = "指标"\nweight = {weight}\n{rest}'


def problems_of(text: str) -> list[str]:
    with pytest.raises(RulebookError) as caught:
        load_rulebook(text)
    return [str(problem) for problem in caught.value.problems]


def test_all_problems_are_named_at_once() -> None:
    text = (
        HEAD
        + '[[table]]\nperiod = "quarter"\ngroups = ["街道"]\n'
        + indicator("a", "40")
        + indicator("b", "50", 'method = "proportonal"\n')
        + indicator("c", "20", 'method = "per_point"\nmeasure = { facts = "task", take = "share" }\n')
    )
    assert problems_of(text) == [
        f"table quarter/街道 › indicator b › method: is 'proportonal'; it must be one of: {', '.join(METHODS)}",
        "table quarter/街道 › indicator c › measure › hit: is missing: it says which facts count",
        "table quarter/街道 › indicator c › threshold: is missing",
        "table quarter/街道 › indicator c › deduct_each: is missing",
        "table quarter/街道: the weights sum to 110, not to 100",
    ]


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("[rulebook\n", "TOML: "),
        ("", "rulebook: is missing"),
        (HEAD, "table: is missing"),
        (HEAD + "[[table]]\n" + indicator(weight="33.333"), "weight: is 33.333"),
        (HEAD + "[[table]]\n" + indicator(weight='"viel"'), "weight: must be a number"),
        (HEAD + "[[table]]\n" + indicator(weight="nan"), "weight: must be a number"),
        (HEAD + "[[table]]\n" + indicator(weight="true"), "weight: must be a number"),
        (HEAD + "[[table]]\n" + indicator("a", "50") + indicator("a", "50"), "is counted twice in this table"),
        (HEAD + "[[table]]\n" + indicator() + "target = 2\n", "target: is 2, which nobody can reach"),
        (HEAD + "[[table]]\n" + indicator() + "target = 95\n", 'target: is 95, but a rate is a part of 1: write "95%"'),
        (
            HEAD
            + "[[table]]\n"
            + indicator(rest='method = "per_point"\nthreshold = "95%"\nper = 1\ndeduct_each = 1\n' + TASKS),
            'per: is 1, but a rate is a part of 1: write "1%"',
        ),
        (HEAD + "[[table]]\n" + indicator() + "targte = 1\n", "targte: is not a key of this table"),
        (HEAD + "[[table]]\n" + indicator() + 'na = "half"\n', "na: is 'half'"),
        (HEAD + "[[table]]\n" + indicator() + "floor = 101\n", "floor: is above ceiling"),
        (HEAD + "[[table]]\n" + indicator() + TIER + "at_least = 110\n[[tier]]\nname = 'B'\n", "nobody can reach"),
        (HEAD + "[[table]]\n" + indicator() + TIER + "at_least = 50\n", "the last tier must start at 0"),
        (
            HEAD + "[[table]]\n" + indicator() + "[[veto]]\nkey='v'\ntitle='v'\nfacts='veto'\nnot_above='C'\n" + TIER,
            "not_above: is 'C'",
        ),
        (HEAD + '[ranking]\ntie_break = ["zz"]\n[[table]]\n' + indicator(), "'zz' is no indicator"),
        (
            HEAD + '[[table]]\nperiod = "quarter"\n' + indicator() + '[[table]]\nperiod = "year_end"\n' + indicator(),
            "is counted twice in a year",
        ),
        (
            HEAD + '[[table]]\nperiod = "quarter"\n' + indicator() + '[[table]]\nperiod = "quarter"\n' + indicator(),
            "2 tables hold for all other groups",
        ),
        (HEAD + "[[table]]\n" + indicator(rest='method = "per_occurrence"\nfacts = "report"\n'), "deduct: is missing"),
        (
            HEAD
            + "[[table]]\n"
            + indicator(rest='method = "per_occurrence"\nfacts = "r"\n[[table.indicator.deduct]]\npoints = -1\n'),
            "points: must be a number of at least 0",
        ),
        (
            HEAD
            + "[[table]]\n"
            + indicator(rest='method = "per_occurrence"\nfacts = "r"\n[[table.indicator.deduct]]\npoints = [1, 2]\n'),
            "repeat_per: is missing",
        ),
        (
            HEAD + "[[table]]\n" + indicator(rest='method = "given"\nfacts = "g"\nwhere = { x = { over = 2 } }\n'),
            "has no operator 'over'",
        ),
        ("x = " + "[" * 200_000, "TOML"),
        ("#" * 1_000_001, "is longer than 1000000 characters"),
    ],
)  # fmt: skip
def test_a_wrong_rulebook_is_refused_with_the_place(text: str, problem: str) -> None:
    assert any(problem in found for found in problems_of(text))


def test_ratios_alone_are_a_warning_and_not_a_refusal() -> None:
    rulebook = load_rulebook(HEAD + "[[table]]\n" + indicator())
    assert [warning.place for warning in rulebook.warnings] == ["table any"]


UNITS = [{"id": "a", "name": "甲", "group": "g", "order": 1}]


def facts_problems(**changes: object) -> list[str]:
    with pytest.raises(FactsError) as caught:
        load_facts({"period": "2021-Q2", "units": UNITS, "facts": [], **changes})
    return [str(problem) for problem in caught.value.problems]


def task(**changes: object) -> dict[str, object]:
    return {"kind": "task", "unit": "a", "subject": "一", "values": {"done": True}, **changes}


@pytest.mark.parametrize(
    ("changes", "problem"),
    [
        ({"facts": [task(values={"share": 0.5})]}, "facts[0].values.share: is a binary fraction"),
        ({"facts": [task(values={"share": float("nan")})]}, "facts[0].values.share: is a binary fraction"),
        ({"facts": [task(values={"n": 10**15})]}, "facts[0].values.n: is no number this engine counts with"),
        ({"facts": [task(values={"n": "0.1234567890123"})]}, "facts[0].values.n: is no number"),
        ({"facts": [task(unit="z")]}, "facts[0]: unit 'z' is not among the units"),
        ({"facts": [task(), task()]}, "facts[1]: says the same thing again as facts[0]"),
        (
            {"facts": [task(), task(values={"done": False})]},
            "facts[1]: says the same thing again as facts[0]",
        ),
        ({"facts": [task(values=[1])]}, "facts[0].values: must be an object"),
        ({"facts": [task(kind="")]}, "facts[0].kind: is missing"),
        ({"facts": ["task"]}, "facts[0]: must be an object"),
        ({"facts": None}, "facts: is missing"),
        ({"units": [*UNITS, *UNITS]}, "units[1]: unit 'a' is listed twice"),
        ({"units": [{"id": "a", "ordre": 1}]}, "units[0].ordre: is not a key of this format"),
        ({"period": "Q2"}, "period_type: cannot be told"),
        ({"period": ""}, "period: is missing"),
        ({"supplied": [1]}, "supplied: must be a list of kinds"),
    ],
)
def test_wrong_facts_are_refused_with_the_place(changes: dict[str, object], problem: str) -> None:
    assert any(problem in found for found in facts_problems(**changes))


def test_two_items_without_a_record_are_two_items() -> None:
    item = {"kind": "publicity", "unit": "a", "values": {"period": "2021-06"}}
    assert len(load_facts({"period": "2021-Q2", "units": UNITS, "facts": [item, item]}).facts) == 2


@pytest.mark.parametrize(
    ("values", "problem"),
    [
        ({"mark": 101}, "mark is 101"),
        ({"mark": -1}, "mark is -1"),
        ({}, "has no value 'mark'"),
        ({"mark": "gut"}, "exact number"),
    ],
)
def test_a_fact_the_rulebook_cannot_use_is_refused_when_assessed(
    values: dict[str, object], problem: str
) -> None:
    rulebook = load_rulebook(HEAD + "[[table]]\n" + indicator(rest='method = "mark"\nfacts = "mark"\n'))
    row = {"kind": "mark", "unit": "a", "record": "review:1", "values": values}
    with pytest.raises(FactsError, match=problem):
        assess(load_facts({"period": "2021-Q2", "units": UNITS, "facts": [row]}), rulebook)


def test_a_group_or_period_without_a_table_is_refused() -> None:
    text = HEAD + '[[table]]\nperiod = "quarter"\ngroups = ["h"]\n' + indicator()
    with pytest.raises(FactsError, match="group g: the rulebook has no table"):
        assess(load_facts({"period": "2021-Q2", "units": UNITS, "facts": []}), load_rulebook(text))


def test_an_exemption_for_an_unknown_indicator_is_refused() -> None:
    row = {"kind": "not_applicable", "unit": "a", "values": {"indicator": "zz", "reason": "无任务"}}
    with pytest.raises(FactsError, match="there is no indicator 'zz'"):
        assess(
            load_facts({"period": "2021-Q2", "units": UNITS, "facts": [row]}),
            load_rulebook(HEAD + "[[table]]\n" + indicator()),
        )


BANDS = 'method = "threshold_tiers"\nmeasure = { facts = "t", take = "count" }\n'


@pytest.mark.parametrize(
    ("rest", "warning"),
    [
        (BANDS + "tiers = [{ at_least = 9, points = 80 }]\n", "gives at most 80 of 100 points: nobody"),
        (
            'method = "rank_tiers"\nmeasure = { facts = "t", take = "count" }\ntiers = [{ to = 1, points = 90 }]\n',
            "gives at most 90 of 100 points",
        ),
        (
            'method = "per_point"\nmeasure = { facts = "t", take = "count" }\nthreshold = 9\ndeduct_each = 1\n',
            "counts each hundredth as a step",
        ),
        (
            'method = "per_point"\nbase = 95\nthreshold = "95%"\ndeduct_each = 1\n' + TASKS,
            "gives at most 95 of 100 points",
        ),
    ],
)  # fmt: skip
def test_points_that_nobody_can_have_are_a_warning_with_their_place(rest: str, warning: str) -> None:
    rulebook = load_rulebook(HEAD + "[[table]]\n" + indicator(rest=rest))
    told = next(one for one in rulebook.warnings if warning in one.message)
    assert told.path[:4] == ("table", 0, "indicator", 0)


def test_a_tier_above_full_points_and_bonus_is_a_warning() -> None:
    tiers = "[[tier]]\nname = 'A'\nat_least = 104\n[[tier]]\nname = 'B'\n"
    bonus = "[bonus]\ncap = 3\n[[bonus.item]]\nkey = 'p'\ntitle = 'p'\nfacts = 'bonus'\npoints = 1\n"
    rulebook = load_rulebook(HEAD + "[[table]]\n" + indicator() + tiers + bonus)
    told = [one for one in rulebook.warnings if "nobody can reach it" in one.message]
    assert [one.path for one in told] == [("tier", 0, "at_least")]
    reachable = load_rulebook(
        HEAD + "[[table]]\n" + indicator() + tiers + bonus.replace("cap = 3", "cap = 4")
    )
    assert not [one for one in reachable.warnings if "nobody can reach it" in one.message]


def test_the_proposals_and_examples_promise_nothing_that_nobody_can_have() -> None:
    """What the product proposes itself needs no such second look."""
    for name in preset_names():
        messages = [one.message for one in load_preset(name).warnings]
        assert not [message for message in messages if "nobody" in message or "hundredth" in message], name
