"""Which facts of entered kinds Dukao gives by itself in a period: nobody enters what units have said already.

Publicity comes from counted items as soon as a rule asks for them; early completions from accepted applications where
the rulebook asks for them by their working days. Of these nothing is entered beside: what was entered before is kept
and not counted. Problems due to be put right come from findings and supervised matters, resolutions from decisions of
the monthly dispatch, and people add those that were found or taken elsewhere; a recorded one stands in the place of the
one of the same name (put right only on paper), never beside it. A closed period keeps its sources: corrected under a
later version, it is not counted from others.
"""

from __future__ import annotations

import json
import re
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from scoring import Fact
from supervisor.core import fact_needs, item_facts, rectification_facts, rulebooks
from supervisor.core.periods import Period
from supervisor.models import PeriodState, ScorePeriod, ScoreRun
from supervisor.words import N_, Sentence

EARLY = "early_closure"
EARLY_FORM = f"bonus.{EARLY}"
#: Forms of which Dukao may give some or all facts.
FORMS = frozenset({"publicity", "rectification", "resolution", EARLY_FORM})


@dataclass(frozen=True)
class Given:
    """What Dukao gives of a form in a period.

    Attributes:
        kind: kind of the facts.
        facts: the facts themselves; none where others tell them (early completions).
        words: where they come from.
        alone: nothing is entered beside them.
    """

    kind: str
    facts: tuple[Fact, ...]
    words: Sentence
    alone: bool

    @property
    def told(self) -> tuple[Fact, ...]:
        """The facts without those that only say that nothing was asked of a unit in a month."""
        return tuple(fact for fact in self.facts if fact.values.get("excuse") != "not_owed")


def given(programme_id: int, span: Period, units: Collection[int]) -> dict[str, Given]:
    """By form what Dukao gives of it in a span; forms that only people fill are not named.

    Args:
        programme_id: whose facts.
        span: the period, or the year of a period type of the rulebook's own.
        units: ids of the units that are scored.
    """
    found: dict[str, Given] = {}
    frozen = _frozen(programme_id, span)
    if _gives(item_facts.KIND, frozen) and (asked := item_facts.owed(programme_id, span)):
        names = "、".join(dict.fromkeys(row.rule.name for row in asked))
        found["publicity"] = Given(
            item_facts.KIND,
            tuple(item_facts.facts_of(asked, units, span)),
            N_("Counted from the items that units hand in under: %(rules)s.", rules=names),
            alone=True,
        )
    if _gives(rectification_facts.KIND, frozen):
        facts = rectification_facts.facts_of(programme_id, span)
        found["rectification"] = Given(
            rectification_facts.KIND,
            tuple(fact for fact in facts if int(fact.unit) in units),
            N_(
                "Findings of the weekly supervision and supervised matters are counted by themselves, each once. "
                "Enter only problems found elsewhere, and those that were put right only on paper."
            ),
            alone=False,
        )
    if _gives(rectification_facts.RESOLUTION, frozen):
        facts = rectification_facts.resolutions_of(programme_id, span)
        found["resolution"] = Given(
            rectification_facts.RESOLUTION,
            tuple(fact for fact in facts if int(fact.unit) in units),
            N_(
                "Decisions of the monthly dispatch are counted by themselves. Enter only resolutions of other meetings."
            ),
            alone=False,
        )
    if _asks_early(programme_id, span):
        words = N_(
            "Counted from accepted applications for completion, by working days before the time limit."
        )
        found[EARLY_FORM] = Given(EARLY, (), words, alone=True)
    return found


def given_of(programme_id: int, span: Period, form: str, units: Collection[int]) -> Given | None:
    """What Dukao gives of one form; None for a form that only people fill."""
    return given(programme_id, span, units).get(form) if form in FORMS else None


def standing(some: Mapping[str, Given], recorded: Iterable[tuple[str, Fact]]) -> list[Fact]:
    """What counts of given and recorded facts: nothing twice.

    Args:
        some: as `given` says.
        recorded: recorded facts, each with the form it was entered by.
    """
    entered = [fact for form, fact in recorded if not (form in some and some[form].alone)]
    told = {(fact.kind, int(fact.unit), folded(fact.subject)) for fact in entered}
    given_ones = [fact for one in some.values() for fact in one.facts]
    return [
        *(one for one in given_ones if (one.kind, int(one.unit), folded(one.subject)) not in told),
        *entered,
    ]


def subjects(one: Given | None) -> set[tuple[int, str]]:
    """Unit and folded subject of what is given beside entered facts: what need not be entered."""
    return {(int(fact.unit), folded(fact.subject)) for fact in one.facts} if one is not None else set()


def folded(subject: str) -> str:
    """A subject without its running number, spaces and signs: how two writings of one thing are found to be one."""
    return re.sub(r"[\W_]+", "", re.sub(r"^\d+\s", "", subject.strip())).lower()


def _asks_early(programme_id: int, span: Period) -> bool:
    version = rulebooks.in_force(programme_id, span)
    if version is None:
        return False
    return any(one.need.kind == EARLY for one in fact_needs.sources_of(version.text, span.type))


def _frozen(programme_id: int, span: Period) -> Mapping[str, Any] | None:
    """The facts of a closed period as they were frozen; None while it is not closed."""
    mine = (ScorePeriod.programme == programme_id) & (ScorePeriod.key == span.key)
    row = ScorePeriod.get_or_none(mine & (ScorePeriod.state == PeriodState.FROZEN))
    newest = ScoreRun.select(ScoreRun.facts).where(ScoreRun.period == row).order_by(ScoreRun.number.desc())
    run: ScoreRun | None = newest.first() if row is not None else None
    found: Mapping[str, Any] | None = json.loads(run.facts) if run is not None else None
    return found


def _gives(kind: str, frozen: Mapping[str, Any] | None) -> bool:
    """Whether Dukao gives a kind: in a closed period only where it did so when the books were closed."""
    if frozen is None:
        return True
    records = [str(fact["record"]) for fact in frozen["facts"] if fact["kind"] == kind]
    by_hand = sum(record.startswith("recorded_fact:") for record in records)
    return kind in frozen["supplied"] and (not records or by_hand < len(records))
