"""docs/rulebook.md is true: every example on the page is computed, every key of the readers is on it."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

from scoring import assess, load_facts, load_rulebook, preset_names, preset_text
from scoring.facts import STATES
from scoring.measure import TAKES
from scoring.methods import METHODS
from scoring.select import OPERATORS

PAGE = (Path(__file__).parent.parent / "docs" / "rulebook.md").read_text(encoding="utf-8")
EXAMPLE = re.compile(
    r"```toml\n(\[\[table\.indicator\]\]\n.*?)```\n```json\n(.*?)```\n```text\n(.*?)```", re.DOTALL
)
EXAMPLES = EXAMPLE.findall(PAGE)
WHOLE = [
    toml for toml in re.findall(r"```toml\n(.*?)```", PAGE, re.DOTALL) if not toml.startswith("[[table.ind")
]


def points_of(indicator: str, facts: str) -> dict[str, str]:
    weight = re.search(r"^weight = (\d+)", indicator, re.MULTILINE)
    assert weight
    rulebook = f'[rulebook]\nname = "示例"\nversion = "1"\n[[table]]\ntotal = {weight[1]}\n{indicator}'
    listed = json.loads(facts)
    units = sorted({fact["unit"] for fact in listed})
    document = {"period": "2021-Q3", "facts": listed, "units": [{"id": unit, "group": "g"} for unit in units]}
    # What a rule names is supplied: the page shows what happens, not what is missing.
    document["supplied"] = sorted(set(re.findall(r'facts = "(\w+)"', indicator)))
    result = assess(load_facts(document), load_rulebook(rulebook))
    return {line.unit: "NA" if line.points is None else str(line.points) for line in result.lines}


@pytest.mark.parametrize(
    ("indicator", "facts", "expected"), EXAMPLES, ids=[e[0].split('"')[1] for e in EXAMPLES]
)
def test_an_example_gives_the_points_the_page_says(indicator: str, facts: str, expected: str) -> None:
    points = points_of(indicator, facts)
    assert points == dict(line.split() for line in expected.strip().splitlines())


def test_every_method_has_its_example() -> None:
    shown = {method for toml, _, _ in EXAMPLES for method in re.findall(r'method = "(\w+)"', toml)}
    assert shown == set(METHODS)


@pytest.mark.parametrize("name", [*TAKES, "quotient", *OPERATORS, *METHODS, *STATES])
def test_the_page_names_every_word_of_the_format(name: str) -> None:
    assert f"`{name}`" in PAGE or f"### {name}\n" in PAGE


def test_the_page_names_every_key_the_readers_ask_for() -> None:
    asked = set()
    for source in (Path(__file__).parent.parent / "scoring").glob("*.py"):
        text = source.read_text(encoding="utf-8")
        asked |= set(
            re.findall(
                r'\.(?:text|number|optional|whole|flag|words|day|child|raw|children)\(\s*"(\w+)"', text
            )
        )
    named = set(re.findall(r"[\w]+", PAGE))
    assert asked
    assert asked - named == set()


def test_the_first_rulebook_of_the_page_loads_and_scores() -> None:
    rulebook = load_rulebook(WHOLE[0])
    facts = load_facts(json.loads(re.findall(r"```json\n(\{.*?)```", PAGE, re.DOTALL)[0]))
    standings = {s.unit: s for s in assess(facts, rulebook).standings}
    assert str(standings["a"].score) == "85.50"  # 70 × 0.8 + 29.5
    assert standings["b"].score is None


def test_the_other_fragments_of_the_page_load_within_a_rulebook() -> None:
    frame = '[rulebook]\nname = "示例"\nversion = "1"\n'
    tiers = "".join(f'[[tier]]\nname = "{n}"\nat_least = {b}\n' for n, b in (("良好", 80), ("合格", 60)))
    tiers += '[[tier]]\nname = "不合格"\n'
    year, bonus = WHOLE[1:]
    assert [i.key for i in load_rulebook(frame + year).tables[0].indicators] == ["quarters", "year_end"]
    assert len(load_rulebook(frame + tiers + year + bonus).vetoes) == 3


@pytest.mark.parametrize("name", preset_names())
def test_a_preset_says_that_it_is_our_proposal(name: str) -> None:
    assert "建议" in preset_text(name).splitlines()[0]
    assert "Our own proposal" in preset_text(name).splitlines()[1]
