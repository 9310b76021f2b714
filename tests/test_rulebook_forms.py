"""Page and text of a rulebook are the same thing: what the form shows, sent back, is the text again, without loss."""

from __future__ import annotations

import contextlib
from collections.abc import Iterable, Mapping
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from scoring import load_rulebook, preset_names, preset_text
from scoring.methods import METHODS as ENGINE_METHODS
from supervisor.config import ROOT
from supervisor.core.rulebook_conditions import tables_in
from supervisor.core.rulebook_differences import compare
from supervisor.core.rulebook_fields import METHODS
from supervisor.core.rulebook_methods import PARAMETERS
from supervisor.core.rulebook_pages import view
from supervisor.core.rulebook_parts import acted, part_at, replaced, with_indicator, with_table
from supervisor.core.rulebook_problems import check
from supervisor.core.rulebook_read import Posted, read
from supervisor.core.rulebook_reads import reads
from supervisor.core.rulebook_schema import fields_of
from supervisor.core.rulebook_show import Control, Scene, controls, mark_wrong
from supervisor.core.rulebook_text import document_of, text_of
from supervisor.errors import NotFound

RULES = sorted((ROOT / "docs" / "examples").rglob("*.toml"))
TEXTS = {path.stem: path.read_text(encoding="utf-8") for path in RULES} | {
    name: preset_text(name) for name in preset_names()
}


def sent(shown: Iterable[Control]) -> list[tuple[str, str]]:
    """What a browser sends of a form that nobody touched; the templates' names are tried in the walks."""
    pairs: list[tuple[str, str]] = []
    for one in shown:
        match one.type:
            case "chooser":
                pairs += [(f"{one.name}.shown", one.value), (one.name, chosen(one))]
            case "choice" | "flag":
                pairs.append((one.name, chosen(one)))
            case "pick":
                pairs += [(one.name, chosen(one)), (f"{one.name}.own", one.own)]
            case "checks" | "words":
                if one.type == "words":
                    pairs.append((f"{one.name}.here", "1"))
                pairs += [(one.name, key) for key, _, is_chosen in one.options if is_chosen]
                pairs.append((f"{one.name}.own", one.own))
            case "where" | "table" | "list" | "points" | "grades":
                pairs += [(f"{one.name}.here", "1"), *sent(one.parts)]
            case "bands":
                side = [(f"{one.name}.side", chosen(one))] if one.options else []
                pairs += [(f"{one.name}.here", "1"), *side, *sent(one.parts)]
            case "condition" | "item" | "band":
                pairs += sent(one.parts)
            case "level":
                pairs += [(f"{one.name}.key", one.own), (one.name, one.value)]
            case _:
                pairs.append((one.name, one.value))
    return pairs


def chosen(one: Control) -> str:
    return next(
        (key for key, _, is_chosen in one.options if is_chosen), one.options[0][0] if one.options else ""
    )


def sent_back(document: Mapping[str, Any], at: str) -> dict[str, Any]:
    """The document after a part's form was opened and saved without a change."""
    part = part_at(document, at)
    form = Posted(sent(controls(part.shape, part.table, Scene(document))))
    return replaced(document, at, read(part.shape, form, part.table))


def addresses(document: Mapping[str, Any]) -> list[str]:
    places = ["rulebook", "ranking", "tier", "bonus", "penalty", "veto"]
    for n, table in enumerate(tables_in(document, "table")):
        places += [
            f"table.{n}",
            *(f"table.{n}.indicator.{i}" for i in range(len(tables_in(table, "indicator")))),
        ]
    return places


@pytest.mark.parametrize("name", TEXTS)
def test_the_text_written_anew_is_the_same_rulebook(name: str) -> None:
    """text → document → text: nothing is lost but comments."""
    document = document_of(TEXTS[name])
    again = text_of(document)
    assert document_of(again) == document
    assert load_rulebook(again) == load_rulebook(TEXTS[name])


@pytest.mark.parametrize("name", TEXTS)
def test_every_form_saved_untouched_changes_nothing(name: str) -> None:
    """page → text → page: each part's form, opened and saved as it is, leaves the document as it was."""
    document = document_of(TEXTS[name])
    for at in addresses(document):
        assert sent_back(document, at) == document, at
    assert load_rulebook(text_of(document)) == load_rulebook(TEXTS[name])


@pytest.mark.parametrize("name", TEXTS)
def test_a_form_sent_back_onto_an_empty_part_says_the_same_rules(name: str) -> None:
    """The form carries everything: read without what stood there before, it still is the same rulebook."""
    document = document_of(TEXTS[name])
    for at in addresses(document):
        part = part_at(document, at)
        form = Posted(sent(controls(part.shape, part.table, Scene(document))))
        skeleton = hollow(part.table)
        document = replaced(document, at, read(part.shape, form, skeleton))
    assert load_rulebook(text_of(document)) == load_rulebook(TEXTS[name])


def hollow(table: Any) -> Any:
    """What stands there without its values: only how many items lists have."""
    return {
        key: [hollow(one) for one in value]
        for key, value in table.items()
        if isinstance(value, list) and value and isinstance(value[0], dict) and key not in {"tiers", "points"}
    }


def test_every_method_of_the_engine_has_a_form_with_its_words_and_an_example() -> None:
    assert set(METHODS) == set(PARAMETERS) == set(ENGINE_METHODS)
    for name in METHODS:
        assert fields_of("indicator", {"method": name})


SCALARS = st.one_of(
    st.text(st.characters(codec="utf-8", exclude_categories=["Cs"]), max_size=12),
    st.integers(-(10**12), 10**12), st.booleans(),
    st.decimals(allow_nan=False, allow_infinity=False, places=3, min_value=-999, max_value=999), st.dates(),
)  # fmt: skip
KEYS = st.one_of(
    st.sampled_from(["table", "indicator", "deduct", "measure", "where", "tiers", "points", "tier", "键"]),
    st.text(st.characters(codec="utf-8", exclude_categories=["Cs"]), max_size=6),
)
TREES = st.recursive(
    SCALARS,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(KEYS, inner, max_size=4),
    max_leaves=20,
)


@given(st.dictionaries(KEYS, TREES, max_size=5))
def test_any_document_is_written_and_read_back_exactly(document: dict[str, Any]) -> None:
    """The renderer is exact for whatever TOML can say, also for texts that are no rulebooks."""
    assert document_of(text_of(document)) == document


@given(st.decimals(allow_nan=False, allow_infinity=False))
def test_a_fraction_stays_exactly_what_it_was(number: Decimal) -> None:
    again = document_of(text_of({"x": number}))["x"]
    assert isinstance(again, Decimal)
    assert again == number


def test_the_examples_are_there() -> None:
    assert len(RULES) >= 20
    assert all(isinstance(path, Path) for path in RULES)


JUNK: st.SearchStrategy[Any] = st.one_of(
    SCALARS,
    st.lists(SCALARS, max_size=2),
    st.dictionaries(KEYS, SCALARS, max_size=2),
    st.just([{}]),
    st.just({}),
)


def places_in(node: Any, path: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    found = [path] if path else []
    items = node.items() if isinstance(node, dict) else enumerate(node) if isinstance(node, list) else ()
    for key, value in items:
        found += places_in(value, (*path, key))
    return found


@settings(max_examples=150, deadline=None)
@given(st.data())
def test_a_rulebook_edited_into_nonsense_at_any_place_is_shown_and_not_a_broken_page(
    data: st.DataObject,
) -> None:
    """Whatever a hand-written text puts anywhere, the page of the draft, every form and the comparison still stand."""
    name = data.draw(st.sampled_from(sorted(TEXTS)))
    document = document_of(TEXTS[name])
    *upper, last = data.draw(st.sampled_from(places_in(document)))
    holder: Any = document
    for step in upper:
        holder = holder[step]
    holder[last] = data.draw(JUNK)
    text = text_of(document)
    found = check(document, text)
    assert view(document, found).parts
    compare(document_of(TEXTS[name]), document)
    for at in addresses(document):
        part = part_at(document, at)
        assert reads(part) is not None
        shown = controls(part.shape, part.table, Scene(document))
        mark_wrong(shown, found.of(at))
        document_of(text_of(replaced(document, at, read(part.shape, Posted(sent(shown)), part.table))))
    for act in ("add", "copy", "up", "down", "remove"):
        for place in ("deduct", "deduct.0", "x.y.0", "0", "", "deduct.²", "measure.0.facts"):
            with contextlib.suppress(NotFound):
                acted(document, place, act)
    with contextlib.suppress(NotFound):
        with_indicator(with_table(document), 0)
