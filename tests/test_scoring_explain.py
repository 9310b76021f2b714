"""Explanations: every word is a listed msgid, every number is the one that was scored."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

from scoring import LABELS, Line, Result, assess, explain, load_facts, load_preset, load_rulebook

EXAMPLES = Path(__file__).parent.parent / "docs" / "examples"
PAIRS = [(path, path.with_suffix(".toml")) for path in sorted((EXAMPLES / "real-rules").glob("*.json"))]


def results() -> list[Result]:
    found = [
        assess(
            load_facts(json.loads(facts.read_text(encoding="utf-8"))),
            load_rulebook(rules.read_text(encoding="utf-8")),
        )
        for facts, rules in [*PAIRS, (EXAMPLES / "two-units.json", EXAMPLES / "two-indicators.toml")]
    ]
    document = json.loads((EXAMPLES / "quarter.json").read_text(encoding="utf-8"))
    return [*found, assess(load_facts(document), load_preset("default-quarter"))]


@pytest.fixture(scope="module")
def lines() -> list[Line]:
    return [line for result in results() for line in (*result.lines, *result.adjustments)]


def test_every_word_of_an_explanation_is_a_listed_msgid(lines: list[Line]) -> None:
    words = {step.label for line in lines for step in explain(line)} | {line.na_reason for line in lines} - {
        None
    }
    assert words - set(LABELS) == set()
    notes = {note.message for result in results() for note in result.notes}
    places = {s.rank_note for r in results() for s in r.standings} | {
        s.tier_note for r in results() for s in r.standings
    }
    assert (notes | places) - {None} - set(LABELS) == set()


def test_a_formula_holds_numbers_and_symbols_only(lines: list[Line]) -> None:
    formulas = {step.formula for line in lines for step in line.steps}
    words = {word for formula in formulas for word in re.findall(r"[^\W\d_]+", formula)}
    assert words <= {"min"}


def test_an_explanation_ends_in_the_points_or_in_the_reason(lines: list[Line]) -> None:
    for line in lines:
        last = explain(line)[-1]
        assert last.value == line.points
        assert (last.label == "Not applicable") == (line.points is None)


def test_every_line_with_facts_names_them(lines: list[Line]) -> None:
    example = next(line for line in lines if line.indicator == "on_time_closure" and line.unit == "a")
    assert len(example.records) == 17
    assert "closure:18" not in example.records  # suspended: it left the denominator
