"""What an upheld case can do to the score: exactly what the rulebook in force says of cases, and nothing else.

Read from the rulebook's own text: penalty items on `penalty` facts of a type, vetoes on `veto` facts of a trigger, as
far as neither the ladder nor an entry by hand gives these facts. A veto changes the tier, never the score.
"""

from __future__ import annotations

import tomllib
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from typing import Any

from supervisor.core import rulebooks, score_calendar
from supervisor.core.fact_forms import FORMS
from supervisor.core.ladder_facts import LADDER_TYPES
from supervisor.words import N_, Sentence

#: Vetoes that the ladder gives by itself.
LADDER_TRIGGERS = frozenset({"interview", "third_notice"})

#: The proposals' own types and triggers in words; any other stands for itself.
LABELS = {
    "untrue_data": N_("untrue data"),
    "falsification": N_("falsification"),
    "grave_accident": N_("grave accident"),
    "misuse_of_funds": N_("misuse of funds"),
}


@dataclass(frozen=True)
class Effect:
    """One rule that a case can meet.

    Attributes:
        part: `penalty` or `veto`.
        value: the type or trigger that the fact will have.
        words: what the rule does.
    """

    part: str
    value: str
    title: str
    title_en: str
    words: Sentence

    @property
    def label(self) -> Sentence | str:
        """The type or trigger in words: a rule with several is offered once for each."""
        return LABELS.get(self.value, self.value)

    def name_in(self, locale: str) -> str:
        """The rule's title in the reader's language."""
        return self.title_en if locale == "en" and self.title_en else self.title


def choices(programme_id: int, day: date) -> list[Effect]:
    """The effects that the rulebook of the scored period of this day knows; none without a rulebook."""
    version = rulebooks.in_force(programme_id, score_calendar.shortest_on(programme_id, day))
    return list(_read(tomllib.loads(version.text))) if version is not None else []


def _read(book: dict[str, Any]) -> Iterator[Effect]:
    for item in book.get("penalty", {}).get("item", []):
        for value in _values(item, "penalty", "type", LADDER_TYPES | _by_hand()):
            yield Effect("penalty", value, *_titles(item), _points(item))
    for veto in book.get("veto", []):
        for value in _values(veto, "veto", "trigger", LADDER_TRIGGERS):
            yield Effect("veto", value, *_titles(veto), _tier(veto))


def _values(rule: dict[str, Any], kind: str, name: str, others: frozenset[str]) -> list[str]:
    """The types or triggers of a rule, where it asks for nothing else."""
    where = rule.get("where", {})
    if rule.get("facts") != kind or set(where) != {name}:
        return []
    asked = where[name] if isinstance(where[name], list) else [where[name]]
    return [value for value in asked if isinstance(value, str) and value not in others and len(value) <= 60]


def _by_hand() -> frozenset[str]:
    """Types of `penalty` facts for which there is a form of entry."""
    return frozenset(
        str(form.fixed["type"]) for form in FORMS if form.kind == "penalty" and "type" in form.fixed
    )


def _titles(rule: dict[str, Any]) -> tuple[str, str]:
    return str(rule.get("title", "")), str(rule.get("title_en", ""))


def _points(item: dict[str, Any]) -> Sentence:
    points = item.get("points")
    if isinstance(points, dict | list):
        return N_("points by the rulebook")
    return N_("%(n)s points off", n=str(points))


def _tier(veto: dict[str, Any]) -> Sentence:
    if "not_above" in veto:
        return N_("tier not above %(tier)s, score unchanged", tier=str(veto["not_above"]))
    return N_("tier lowered by %(n)s, score unchanged", n=str(veto.get("lower_by", "")))
