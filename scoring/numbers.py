"""Exact numbers: Decimal in, Decimal out, rounding in one place.

Ratios such as 1/3 are not finite decimals. They are carried with 60 digits; what is compared is first settled to 30
places, and what is rounded to 20, so that three thirds are one and a tie at the third decimal is really a tie.
"""

from __future__ import annotations

import re
from decimal import ROUND_CEILING, ROUND_FLOOR, ROUND_HALF_EVEN, ROUND_HALF_UP, Context, Decimal, localcontext
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from contextlib import AbstractContextManager

ZERO = Decimal(0)
ONE = Decimal(1)
HUNDRED = Decimal(100)
CENT = Decimal("0.01")
LIMIT = Decimal(10) ** 15
DECIMALS = 12
_CONTEXT = Context(prec=60, rounding=ROUND_HALF_EVEN)
_FINE = Decimal(1).scaleb(-30)
_COARSE = Decimal(1).scaleb(-20)
_DISPLAY = Decimal("0.0001")
_PLAIN = re.compile(r"-?(0|[1-9][0-9]*)(\.[0-9]+)?")


def exact() -> AbstractContextManager[Context]:
    """The arithmetic of every calculation here, whatever context the caller has set."""
    return localcontext(_CONTEXT)


def settle(value: Decimal) -> Decimal:
    """Remove the noise of one chain of unfinished divisions before a comparison."""
    return value.quantize(_FINE, context=_CONTEXT)


def steady(value: Decimal) -> Decimal:
    """Remove the noise that sums and products of settled values may still carry."""
    return value.quantize(_COARSE, context=_CONTEXT)


def hundredths(value: Decimal) -> Decimal:
    """Half-up to two decimals: 0.005 becomes 0.01, and -0.005 becomes -0.01."""
    return steady(value).quantize(CENT, rounding=ROUND_HALF_UP, context=_CONTEXT)


def whole_down(value: Decimal) -> Decimal:
    """The integer at or below."""
    return steady(value).to_integral_value(rounding=ROUND_FLOOR)


def whole_up(value: Decimal) -> Decimal:
    """The integer at or above."""
    return steady(value).to_integral_value(rounding=ROUND_CEILING)


def percentage(part: int, whole: int) -> Decimal | None:
    """`part` of `whole` on a scale of 100, with as many decimals as a fact may have; None without a base.

    Twelve decimals keep any share of fewer than 10^9 apart from a limit with four decimals that it does not reach.
    """
    if not whole:
        return None
    return (
        (Decimal(100 * part) / whole)
        .quantize(Decimal(1).scaleb(-DECIMALS), context=_CONTEXT)
        .normalize(_CONTEXT)
    )


def clamp(value: Decimal, low: Decimal, high: Decimal) -> Decimal:
    """The value, held between low and high."""
    return max(low, min(value, high))


def display(value: Decimal) -> Decimal:
    """For explanations only: at most four decimals, no trailing zeros."""
    shown = steady(value).quantize(_DISPLAY, rounding=ROUND_HALF_UP, context=_CONTEXT)
    return shown.quantize(ONE) if shown == shown.to_integral_value() else shown.normalize(_CONTEXT)


def show(value: Decimal) -> str:
    """A number in a formula: plain digits, at most four decimals."""
    return format(display(value), "f")


def decimal_of(text: str) -> Decimal | None:
    """The Decimal a plain decimal string stands for, or None (`007`, `1e3` and `2021-06` are words)."""
    return Decimal(text) if _PLAIN.fullmatch(text) else None


def outsize(value: Decimal) -> bool:
    """Whether a number is not finite, 10^15 or more, or has more than 12 decimals."""
    if not value.is_finite():
        return True
    exponent = value.as_tuple().exponent
    return abs(value) >= LIMIT or (isinstance(exponent, int) and -exponent > DECIMALS)
