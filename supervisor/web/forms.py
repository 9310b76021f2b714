"""What was typed, read once: days, whole numbers, files. A mistake names its field."""

from __future__ import annotations

from datetime import date, time

from flask import request

from supervisor.errors import Invalid
from supervisor.words import N_, Sentence

#: Digits of the longest whole number that is taken; an integer of the database holds it.
DIGITS = 9


def text_of(name: str) -> str:
    """A field's text without surrounding space; empty where it was not sent."""
    return request.form.get(name, "").strip()


def day_of(name: str) -> date | None:
    """A day from a date field; None where it is empty."""
    text = text_of(name)
    try:
        return date.fromisoformat(text) if text else None
    except ValueError:
        raise _wrong(name, N_("A day such as 2021-06-15.")) from None


def time_of(name: str) -> time:
    """A time of day; midnight where it is empty."""
    text = text_of(name)
    try:
        return time.fromisoformat(text) if text else time(0)
    except ValueError:
        raise _wrong(name, N_("A time of day such as 17:30.")) from None


def number(text: str) -> int:
    """The number that at most nine digits say: what a key or a version can be, on either database.

    Raises ValueError for all else, so that it also reads numbers of an address (`type=number`).
    """
    if not is_number(text):
        raise ValueError(text)
    return int(text)


def is_number(text: str) -> bool:
    """Whether `number` reads it; `str.isdigit` also takes ², and any length."""
    return text.isascii() and text.isdigit() and len(text) <= DIGITS


def version_seen() -> int:
    """The version on the page that was sent; 0, which nobody saw, where it is none."""
    text = text_of("version")
    return number(text) if is_number(text) else 0


def whole_of(name: str) -> int | None:
    """A whole number; None where the field is empty."""
    text = text_of(name)
    try:
        return _whole(text) if text else None
    except ValueError:
        raise _wrong(name, N_("A whole number of at most nine digits.")) from None


def wholes_of(name: str) -> list[int]:
    """Whole numbers typed in one field, split at commas or spaces."""
    text = text_of(name).replace("，", " ").replace("、", " ").replace(",", " ")
    try:
        return [_whole(part) for part in text.split()]
    except ValueError:
        raise _wrong(name, N_("Whole numbers separated by commas.")) from None


def chosen(name: str) -> list[int]:
    """The numbers of the boxes ticked under one name."""
    return [number(value) for value in request.form.getlist(name) if is_number(value)]


def _whole(text: str) -> int:
    if len(text.lstrip("+-")) > DIGITS:  # the database's integers end soon after
        raise ValueError(text)
    return int(text)


def _wrong(name: str, sentence: Sentence) -> Invalid:
    return Invalid(N_("Please mend what is marked below. Nothing you typed is lost."), {name: sentence})
