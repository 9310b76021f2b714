"""What a rulebook would leave unscored: assessment groups without a table, and kinds of periods scored until now."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from scoring import RulebookError, load_rulebook
from supervisor.core import score_calendar, units
from supervisor.core.periods import type_label
from supervisor.core.scored_periods import USUAL, periods_of_type, types_of
from supervisor.words import N_, Sentence


@dataclass(frozen=True)
class Gap:
    """One thing that is not scored: `key` names it, `at` is the table (table.0 …) that could, "" for none."""

    key: str
    words: Sentence
    at: str = ""


def gaps(programme_id: int, text: str, valid_from: date) -> list[Gap]:
    """What a rulebook adopted from a day on leaves unscored; nothing for a text that is no rulebook."""
    try:
        rulebook = load_rulebook(text)
    except RulebookError:
        return []
    names = [
        group.name
        for group, members in units.assessment_groups_of(programme_id)
        if members and group.confirmed_at is not None
    ]
    found = []
    for kind in types_of(text):
        without = [name for name in names if rulebook.table_for(kind, name) is None]
        place = next((n for n, table in enumerate(rulebook.tables) if (table.period or USUAL) == kind), 0)
        if without:
            told = N_(
                "%(kind)s: no table for %(groups)s. The period cannot be scored while these groups have units in it",
                kind=type_label(kind), groups="、".join(without),
            )  # fmt: skip
            found.append(Gap(f"{kind}:{'、'.join(without)}", told, f"table.{place}"))
    return [*found, *_kinds_dropped(programme_id, text, valid_from)]


def key_of(found: Iterable[Gap]) -> str:
    """Names all gaps at once: who ticked that these are known did not tick others."""
    return "|".join(gap.key for gap in found)


def _kinds_dropped(programme_id: int, text: str, valid_from: date) -> Iterable[Gap]:
    before = score_calendar.rulebook_on(programme_id, valid_from)
    for kind in types_of(before.text) if before is not None else ():
        if kind not in types_of(text):
            first = next(periods_of_type(kind, valid_from, valid_from))
            told = N_(
                "%(kind)s: scored until now, no longer from this one on: %(period)s",
                kind=type_label(kind), period=first.label,
            )  # fmt: skip
            yield Gap(kind, told)
