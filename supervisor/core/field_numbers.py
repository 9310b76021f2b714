"""Numbers as people type them in the fields of a form: whole hundredths, exact, never rounded. Pure.

12,000 and １２０００ are 12000; 3.5 is 350 hundredths. What can be read in two ways (1,5) or hides its size (1e9,
1.2万) is refused with a word on how to write it.
"""

from __future__ import annotations

import re

from supervisor.errors import Invalid
from supervisor.words import N_, Sentence

#: The largest number taken, as for the quantities of tasks.
MOST = 2_000_000_000
#: Longest text that can be a number: digits, commas, point and decimals.
LONGEST = 32
#: Full-width forms to what they stand for; no other likeness (²) is a digit.
_NARROW = {code: code - 0xFEE0 for code in range(0xFF01, 0xFF5F)} | {0x3000: 0x20, 0x2212: 0x2D}
_NUMBER = re.compile(r"(?P<whole>[0-9]{1,3}(?:,[0-9]{3})+|[0-9]+)(?:\.(?P<part>[0-9]+))?")
_COMMA = re.compile(r"[0-9]+(?:,[0-9]+)+(?:\.[0-9]+)?")


def read_number(text: str, *, decimals: bool, measure: str = "") -> int:
    """The number in hundredths that `text` says; its unit of measure may stand behind it.

    Raises Invalid, saying what is wrong and how to write it.
    """
    typed = text.translate(_NARROW).strip()
    if measure:
        typed = typed.removesuffix(measure.translate(_NARROW)).rstrip()
    if len(typed) > LONGEST:
        raise _wrong(N_("Too long for a number: at most %(most)s.", most=f"{MOST:,}"))
    if typed.startswith("-"):
        raise _wrong(N_("The number cannot be negative."))
    found = _NUMBER.fullmatch(typed)
    if found is None and _COMMA.fullmatch(typed):
        raise _wrong(N_("Commas only part thousands (12,000). Write decimals with a point: 1.5, not 1,5."))
    if found is None:
        raise _wrong(N_("“%(text)s” is no number. Write all its digits, such as 12000.", text=typed))
    part = (found["part"] or "").rstrip("0")
    if part and not decimals:
        raise _wrong(N_("A whole number is asked for, without decimals."))
    if len(part) > 2:
        raise _wrong(N_("At most two decimals."))
    number = int(found["whole"].replace(",", "")) * 100 + int(part.ljust(2, "0"))
    if number > MOST * 100:
        raise _wrong(N_("Too large: at most %(most)s.", most=f"{MOST:,}"))
    return number


def _wrong(sentence: Sentence) -> Invalid:
    return Invalid(sentence)


def write_number(hundredths: int) -> str:
    """The number as a form shows it, so that `read_number` reads the same: 1234.5."""
    whole, part = divmod(hundredths, 100)
    return f"{whole}.{part:02d}".rstrip("0").rstrip(".") if part else str(whole)


def say_number(hundredths: int, measure: str = "") -> str:
    """The number for readers, thousands parted, with its unit of measure: 1,234.5 户."""
    whole, _point, part = write_number(hundredths).partition(".")
    digits = f"{int(whole):,}" + (f".{part}" if part else "")
    return f"{digits} {measure}" if measure else digits
