from __future__ import annotations

import enum

import pytest

from supervisor import models
from supervisor.core import cadences, periods
from supervisor.errors import NotFound
from supervisor.words import N_, Sentence, say
from tests.catalogue import read_catalogue


def test_a_sentence_is_said_in_the_reader_s_language() -> None:
    lead = models.Role.LEAD_OFFICE.label
    assert say(lead, "en") == "Lead office"
    assert say(lead, "zh_CN") == "领导小组办公室"


def test_parameters_that_are_sentences_are_said_too() -> None:
    inner = models.Outcome.LATE.label
    outer = Sentence("%(outcome)s!", {"outcome": inner})
    assert say(outer, "zh_CN") == "迟报!"
    assert str(outer) == "Late!"


def test_a_percent_sign_without_parameters_is_no_place() -> None:
    assert say(N_("100% done"), "en") == "100% done"


def test_an_error_carries_its_sentence() -> None:
    assert NotFound().sentence.msgid == str(NotFound())


CATALOGUE = read_catalogue()


def test_every_sentence_has_its_chinese() -> None:
    assert CATALOGUE.missing() == {}


def test_no_sentence_has_two_meanings() -> None:
    assert CATALOGUE.conflicts() == {}


def test_places_are_the_same_in_both_languages() -> None:
    assert CATALOGUE.torn() == {}


def test_the_check_would_see_a_missing_sentence() -> None:
    assert "Lead office" in CATALOGUE.used
    assert any(place.startswith("templates/") for places in CATALOGUE.used.values() for place in places)
    CATALOGUE.used["Never said before"] = ["here"]
    try:
        assert CATALOGUE.missing().keys() >= {"Never said before"}
    finally:
        del CATALOGUE.used["Never said before"]


ENUMS = [
    value
    for module in (models, cadences, periods)
    for value in vars(module).values()
    if isinstance(value, type) and issubclass(value, enum.StrEnum) and value is not enum.StrEnum
]


@pytest.mark.parametrize("kind", ENUMS, ids=lambda kind: kind.__name__)
def test_every_member_of_every_enum_that_is_shown_has_words(kind: type[enum.StrEnum]) -> None:
    if not hasattr(kind, "label"):
        pytest.skip("never shown: it has no label at all")
    for member in kind:
        label = member.label
        assert say(label, "en")
        assert say(label, "zh_CN") != label.msgid, f"{kind.__name__}.{member.name} has no Chinese"
