"""Totals and their parts among the targets: 11 + 9 = 20; a total without parts is incomplete (C31, E-69)."""

import re
from collections.abc import Iterable
from decimal import Decimal
from itertools import groupby

from supervisor.intake.draft import Problem, Target
from supervisor.intake.problems import problem
from supervisor.words import N_

_TOTAL = re.compile(r"共|总计|合计|总数|涉及")


def _precision(target: Target) -> Decimal:
    """Return how coarse a figure is printed (1.94万 is exact to a hundred)."""
    match = re.search(r"\d+(?:\.(?P<places>\d+))?\s*(?P<wan>万|亿)?", target.text)
    if match is None:
        return Decimal(1)
    step = Decimal({"万": 10000, "亿": 100000000}.get(match["wan"] or "", 1))
    return step.scaleb(-len(match["places"] or ""))


def of_targets(targets: list[Target]) -> Iterable[Problem]:
    """Yield totals that their parts do not make, and totals without parts beside totals that have some.

    A total says 共, 涉及 or the like; its parts follow in the same paragraph, count the same thing and are each due
    on another day. Figures printed in 万 may differ by what their last digit leaves open (E-64).
    """
    for _, group in groupby(targets, key=lambda target: target.place.line):
        row = list(group)
        split = [
            (total, _parts(total, row[i + 1 :])) for i, total in enumerate(row) if _TOTAL.match(total.verb)
        ]
        if not any(parts for _, parts in split):
            continue
        for total, parts in split:
            if not parts:
                sentence = N_("“%(total)s” is not split, while other totals beside it are.", total=total.text)
                yield problem("target_open", sentence, total.place.line)
            elif abs(sum(part.value for part in parts) - total.value) > sum(map(_slack, [total, *parts])):
                yield problem(
                    "target_sum",
                    N_(
                        "%(parts)s make %(sum)s, but %(total)s is named.",
                        parts=" + ".join(part.text for part in parts),
                        sum=str(sum(part.value for part in parts)),
                        total=total.text,
                    ),
                    total.place.line,
                )


def _slack(target: Target) -> Decimal:
    step = _precision(target)
    return step / 2 if step > 1 else Decimal(0)


def _parts(total: Target, behind: list[Target]) -> list[Target]:
    """Return the parts of a total: what follows it, counts the same and is due on days of its own."""
    parts = []
    for target in behind:
        if target.unit_of_measure != total.unit_of_measure:
            continue
        if _TOTAL.match(target.verb):
            break
        parts.append(target)
    days = {part.due for part in parts}
    return parts if len(parts) >= 2 and None not in days and len(days) == len(parts) else []
