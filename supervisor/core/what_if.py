"""What if another rulebook held: the frozen facts of closed periods under it, before anybody adopts it.

Nothing is stored and nothing becomes official. The facts are those that were frozen when the books were closed:
what a period did not have then stays "not applicable", and the answer says so.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

from scoring import FactsError, Problem, Rulebook, load_facts, load_rulebook
from scoring.what_if import Comparison, Move, compare
from supervisor.core import rulebook_drafts, rulebooks
from supervisor.core.periods import Period
from supervisor.core.permissions import Actor, Permission
from supervisor.core.scored_periods import scored_period
from supervisor.models import PeriodState, Programme, RulebookDraft, RulebookVersion, ScorePeriod, ScoreRun
from supervisor.words import N_, Sentence

#: Closed periods that are tried, the latest first.
MOST_PERIODS = 4
#: Before the number of a draft in a choice's key.
DRAFT = "draft-"
#: The choice that means: each period as it was closed, under its own rulebook.
AS_CLOSED = ""


@dataclass(frozen=True)
class Choice:
    """A rulebook that can be chosen: its key in an address, its name, its text."""

    key: str
    name: Sentence
    text: str


@dataclass(frozen=True)
class Tried:
    """One closed period: what differs, or why one of the rulebooks cannot score it."""

    period: Period
    run_number: int
    comparison: Comparison | None
    problems: tuple[Problem, ...] = ()

    @property
    def moved(self) -> tuple[Move, ...]:
        """Units with another place or tier."""
        moves = self.comparison.moves if self.comparison else ()
        return tuple(move for move in moves if move.gets_other_place or move.gets_other_tier)


@dataclass(frozen=True)
class Trial:
    """Two rulebooks on the last closed periods, the latest first. `base` None: each period as it was closed."""

    base: Choice | None
    other: Choice
    rulebook: Rulebook
    periods: tuple[Tried, ...]

    def period(self, key: str) -> Tried | None:
        """The period of a key, or the latest one; None where none is closed."""
        named = next((one for one in self.periods if one.period.key == key), None)
        return named or next(iter(self.periods), None)


def choices(programme_id: int) -> list[Choice]:
    """Drafts in the making, adopted rulebooks, the latest first, then the presets."""
    return [
        *(_draft(draft) for draft in rulebook_drafts.drafts(programme_id)),
        *(_adopted(version) for version in rulebooks.versions(programme_id)),
        *(_preset(preset) for preset in rulebooks.presets()),
    ]


def choice(programme_id: int, key: str) -> Choice:
    """One of them by its key: `draft-7`, a version's number or a preset's name.

    Errors: NotFound; Invalid (a draft that is no rulebook yet: every problem with its place).
    """
    number = key.removeprefix(DRAFT)
    if number != key and number.isascii() and number.isdigit() and len(number) < 10:
        draft = rulebook_drafts.in_programme(int(number), programme_id)
        rulebooks.parse(draft.text)
        return _draft(draft)
    if key.isascii() and key.isdigit():
        return _adopted(rulebooks.in_programme(int(key), programme_id))
    return _preset(rulebooks.preset(key))


def try_out(programme: Programme, base: Choice | None, other: Choice, *, by: Actor) -> Trial:
    """The last closed periods under both rulebooks, the latest first.

    Errors: NotAllowed (not an assessor).
    """
    by.require(Permission.PERIOD_CLOSE)
    tried = tuple(_tried(run, base, other) for run in _closed(programme.id))
    return Trial(base, other, load_rulebook(other.text), tried)


def _draft(draft: RulebookDraft) -> Choice:
    return Choice(f"{DRAFT}{draft.id}", N_("%(name)s (draft)", name=draft.name), draft.text)


def _adopted(version: RulebookVersion) -> Choice:
    name = N_(
        "%(name)s, in force from %(day)s",
        name=f"{version.name} {version.version}",
        day=version.valid_from.isoformat(),
    )
    return Choice(str(version.id), name, version.text)


def _preset(preset: rulebooks.Preset) -> Choice:
    book = preset.rulebook
    return Choice(
        preset.key, N_("%(name)s (proposal)", name=f"{book.name} {book.version}"), rulebooks.text_of(preset)
    )


def _closed(programme_id: int) -> Sequence[ScoreRun]:
    """The runs that count of the last closed periods, without their long texts."""
    columns = (ScoreRun.id, ScoreRun.number, ScoreRun.facts_sha256, ScorePeriod.key, RulebookVersion.text)
    rows = ScoreRun.select(*columns).join(ScorePeriod).switch(ScoreRun).join(RulebookVersion)
    mine = (ScorePeriod.programme == programme_id) & (ScorePeriod.state == PeriodState.FROZEN)
    counts = ScoreRun.superseded == False  # noqa: E712 -- a condition in SQL
    return list(
        rows.where(mine & counts).order_by(ScorePeriod.ends_on.desc(), ScorePeriod.key).limit(MOST_PERIODS)
    )


def _tried(run: ScoreRun, base: Choice | None, other: Choice) -> Tried:
    period, text = scored_period(run.period.key), base.text if base else run.rulebook.text
    try:
        return Tried(period, run.number, _compared(run.id, run.facts_sha256, text, other.text))
    except FactsError as error:
        return Tried(period, run.number, None, error.problems)


@lru_cache(maxsize=8)
def _compared(run_id: int, _facts_sha256: str, base: str, other: str) -> Comparison:
    """Frozen facts never change under their checksum, so that a comparison is worked out once."""
    frozen = ScoreRun.get_by_id(run_id).facts
    return compare(load_facts(json.loads(frozen)), load_rulebook(base), load_rulebook(other))
