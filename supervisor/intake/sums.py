"""Totals and their parts among the targets: 11 + 9 = 20; a total without parts is incomplete (C31, E-69)."""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from itertools import groupby

from supervisor.intake.draft import Problem, Target
from supervisor.intake.problems import problem
from supervisor.words import N_, Sentence

#: What is begun is never added to what is finished (E-68).
_BEGINNING = re.compile(r"开工|启动")
_TOTAL = re.compile(r"共|总计|合计|总数|涉及")


@dataclass(frozen=True, slots=True)
class Quantity:
    """A figure of the notice, as read or as corrected; `measure` names what is counted."""

    text: str
    value: Decimal
    measure: str
    verb: str
    due: date | None
    line: int | None


@dataclass(frozen=True, slots=True)
class Sum:
    """A total and its parts; `difference` is the total less its parts, 0 where the printed precision leaves it open."""

    total: Quantity
    parts: tuple[Quantity, ...]
    difference: Decimal


def quantity(target: Target) -> Quantity:
    """Return a target as a figure to add."""
    return Quantity(
        target.text, target.value, target.unit_of_measure, target.verb, target.due, target.place.line
    )


def sums_of(stated: list[Quantity]) -> list[Sum]:
    """Return the totals of each paragraph that splits any, with their parts.

    A total says 共, 涉及 or the like; its parts follow in the same paragraph, count the same thing and are each due
    on another day. Figures printed in 万 may differ by what their last digit leaves open (E-64).
    """
    found = []
    for _, group in groupby(stated, key=lambda one: one.line):
        row = list(group)
        split = [
            (total, _parts(total, row[i + 1 :])) for i, total in enumerate(row) if _TOTAL.match(total.verb)
        ]
        if any(parts for _, parts in split):
            found += [Sum(total, tuple(parts), _difference(total, parts)) for total, parts in split]
    return found


def _difference(total: Quantity, parts: list[Quantity]) -> Decimal:
    if not parts:
        return total.value
    off = total.value - sum((part.value for part in parts), Decimal(0))
    return off if abs(off) > sum(map(_slack, [total, *parts])) else Decimal(0)


def _slack(one: Quantity) -> Decimal:
    """Return by how much a figure may be off: half of what its last printed digit stands for, above ones."""
    match = re.search(r"\d+(?:\.(?P<places>\d+))?\s*(?P<wan>万|亿)?", one.text)
    if match is None:
        return Decimal(0)
    step = Decimal({"万": 10000, "亿": 100000000}.get(match["wan"] or "", 1)).scaleb(
        -len(match["places"] or "")
    )
    return step / 2 if step > 1 else Decimal(0)


def _parts(total: Quantity, behind: list[Quantity]) -> list[Quantity]:
    """Return the parts of a total: what follows it, counts the same and is due on days of its own."""
    parts = []
    for one in behind:
        if one.measure != total.measure:
            continue
        if _TOTAL.match(one.verb):
            break
        parts.append(one)
    days = {part.due for part in parts}
    kinds = {bool(_BEGINNING.search(part.verb)) for part in parts}
    alike = len(kinds) == 1 and None not in days and len(days) == len(parts)
    return parts if len(parts) >= 2 and alike else []


def told(one: Sum) -> Sentence | None:
    """Return what a person must look at in a sum, or None where the parts make the total."""
    if not one.parts:
        return N_("“%(total)s” is not split, while other totals beside it are.", total=one.total.text)
    if not one.difference:
        return None
    return N_(
        "%(parts)s make %(sum)s, but %(total)s is named.",
        parts=" + ".join(part.text for part in one.parts),
        sum=str(one.total.value - one.difference),
        total=one.total.text,
    )


def of_targets(targets: list[Target]) -> Iterable[Problem]:
    """Yield totals that their parts do not make, and totals without parts beside totals that have some."""
    for one in sums_of([quantity(target) for target in targets]):
        sentence = told(one)
        if sentence is not None:
            yield problem("sum_differs" if one.parts else "sum_incomplete", sentence, one.total.line)
