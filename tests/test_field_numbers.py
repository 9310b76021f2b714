"""Numbers typed into the fields of a form: exact hundredths, and a word on how to write what cannot be read."""

from __future__ import annotations

from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from supervisor.core.field_numbers import MOST, read_number, say_number, write_number
from supervisor.errors import Invalid

HUNDREDTHS = st.integers(0, MOST * 100)
WIDE = str.maketrans("0123456789,.", "０１２３４５６７８９，．")


@pytest.mark.parametrize(
    ("typed", "hundredths"),
    [
        ("12", 1200), (" 12 ", 1200), ("１２", 1200), ("12,000", 1200000), ("１２，０００", 1200000), ("12.0", 1200),
        ("3.5", 350), ("3．25", 325), ("0", 0), ("007", 700), ("12户", 1200), ("12 户", 1200), ("3.50", 350),
        ("2000000000", MOST * 100),
    ],
)  # fmt: skip
def test_what_people_type_is_read_exactly(typed: str, hundredths: int) -> None:
    assert read_number(typed, decimals=True, measure="户") == hundredths


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        ("1,5", "not 1,5"), ("1,23", "not 1,5"), ("12,00,0", "not 1,5"), ("-3", "negative"), ("－３", "negative"),
        ("−3", "negative"), ("1e9", "no number"), ("1.2万", "no number"), ("5²", "no number"), ("①", "no number"),
        ("约12", "no number"), ("12.345", "two decimals"), ("2000000000.01", "Too large"), ("9" * 32, "Too large"),
        ("9" * 5000, "Too long"), ("1_000", "no number"), ("٣", "no number"), ("+5", "no number"), ("NaN", "no number"),
        ("1.2.3", "no number"), (".5", "no number"), ("5.", "no number"), ("\x00", "no number"),
    ],
)  # fmt: skip
def test_what_can_be_misread_is_refused_with_a_word_on_how_to_write_it(typed: str, said: str) -> None:
    with pytest.raises(Invalid) as wrong:
        read_number(typed, decimals=True)
    assert said in str(wrong.value.sentence)


def test_decimals_are_refused_where_a_whole_number_is_asked_for() -> None:
    assert read_number("12.00", decimals=False) == 1200
    with pytest.raises(Invalid, match="whole number"):
        read_number("12.5", decimals=False)


@given(HUNDREDTHS)
def test_what_is_written_and_said_is_read_as_the_same_number(number: int) -> None:
    assert read_number(write_number(number), decimals=True) == number
    assert read_number(say_number(number, "万元"), decimals=True, measure="万元") == number
    assert read_number(say_number(number).translate(WIDE), decimals=True) == number


@given(st.text(st.sampled_from("0123456789,.，．０９ -e万"), max_size=14))
def test_a_text_is_read_as_the_number_it_is_or_not_at_all(text: str) -> None:
    try:
        found = read_number(text, decimals=True)
    except Invalid:
        return
    plain = text.translate({ord(wide): narrow for wide, narrow in zip("０９，．", "09,.", strict=True)})
    assert Fraction(found, 100) == Fraction(plain.replace(",", "").strip())


@given(st.text(max_size=60))
def test_no_text_breaks_the_reading(text: str) -> None:
    try:
        found = read_number(text, decimals=False)
    except Invalid:
        return
    assert 0 <= found <= MOST * 100
