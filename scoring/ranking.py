"""Ranks and tiers: competition ranking inside each group, quotas, vetoes."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal

from scoring.explain import RankNote, TierNote
from scoring.facts import ScoredUnit
from scoring.numbers import HUNDRED, ZERO, whole_down
from scoring.result import Standing
from scoring.rulebook import Ranking, Rulebook, Tier, Veto


@dataclass(frozen=True)
class Candidate:
    """A scored unit before it is ranked.

    Attributes:
        total: the table's total.
        weights: weight by key of the indicators that apply.
        few: it has fewer items than the rulebook wants for a rank.
        unranked: an indicator whose rulebook says `na = "unranked"` does not apply.
        struck: the vetoes that hold.
        points: points by indicator key, for tie-breaks.
    """

    unit: ScoredUnit
    standing: Standing
    total: Decimal
    weights: Mapping[str, Decimal]
    few: bool
    unranked: bool
    struck: tuple[Veto, ...]
    points: Mapping[str, Decimal | None]


def rank_group(candidates: Sequence[Candidate], rulebook: Rulebook) -> list[Standing]:
    """The standings of one group: ranked units by rank, then the others, equals in roster order."""
    usual = _usual_weight(candidates)
    noted = [(candidate, _rank_note(candidate, rulebook.ranking, usual)) for candidate in candidates]
    able = [candidate for candidate, note in noted if note is None]
    small = len(able) < rulebook.ranking.min_group
    keys = {candidate.unit.id: _order(candidate, rulebook.ranking.tie_break) for candidate in able}
    ordered = sorted(keys.values())
    roster = {candidate.unit.id: (candidate.unit.order, candidate.unit.id) for candidate in candidates}
    standings: list[tuple[Candidate, Standing]] = []
    for candidate, note in noted:
        standing = replace(
            candidate.standing,
            rank_note=note or (RankNote.SMALL_GROUP if small else None),
            criticism_by_rank=len(able) >= rulebook.ranking.min_group_criticism
            and note is None
            and not small,
        )
        if note is None and not small:
            key = keys[candidate.unit.id]
            standing = replace(
                standing,
                rank=1 + bisect_left(ordered, key),
                tied=bisect_right(ordered, key) - bisect_left(ordered, key) > 1,
            )
        standings.append((candidate, standing))
    graded = _grade(standings, rulebook.tiers)
    return sorted(graded, key=lambda s: (s.rank is None, s.rank or 0, roster[s.unit]))


def _usual_weight(candidates: Sequence[Candidate]) -> Decimal:
    """Weight of the indicators that apply to at least half of the group's units: what its units are measured on."""
    weights = {key: weight for candidate in candidates for key, weight in candidate.weights.items()}
    return sum(
        (
            weight
            for key, weight in weights.items()
            if 2 * sum(key in candidate.weights for candidate in candidates) >= len(candidates)
        ),
        ZERO,
    )


def _rank_note(candidate: Candidate, ranking: Ranking, usual: Decimal) -> str | None:
    if candidate.unit.outside_ranking is not None:
        return candidate.unit.outside_ranking
    if candidate.standing.score is None:
        return RankNote.NO_SCORE
    if candidate.unranked:
        return RankNote.NOT_APPLICABLE
    whole = usual if ranking.min_weight_of == "group" else candidate.total
    if sum(candidate.weights.values(), ZERO) * HUNDRED < ranking.min_weight * whole:
        return RankNote.UNDER_WEIGHT
    if candidate.few:
        return RankNote.FEW_ITEMS
    return None


def _order(candidate: Candidate, tie_break: Sequence[str]) -> tuple[Decimal, ...]:
    """Smaller is better. A tie-break indicator that does not apply comes last."""
    standing = candidate.standing
    keys = [-(standing.score or ZERO)]
    for name in tie_break:
        if name == "penalty":
            keys.append(standing.penalty)
        elif name == "bonus":
            keys.append(-standing.bonus)
        else:
            points = candidate.points.get(name)
            keys.append(Decimal(1) if points is None else -points)
    return tuple(keys)


def _grade(standings: Sequence[tuple[Candidate, Standing]], tiers: Sequence[Tier]) -> list[Standing]:
    """Tiers by the final score, then vetoes, then quotas among those who are left (a veto frees its place)."""
    graded = [_grade_one(candidate, standing, tiers) for candidate, standing in standings]
    ranked = sum(standing.rank is not None for standing in graded)
    for index, tier in enumerate(tiers[:-1]):
        if tier.max_share is None or not ranked:
            continue
        places = max(int(whole_down(tier.max_share * ranked)), tier.min_places)
        ranks = sorted(standing.rank for standing in graded if standing.tier == tier.name and standing.rank)
        # Equals share a fate: who is equal to one too many is one too many, so that the share is never exceeded.
        lower = tiers[index + 1]
        graded = [
            replace(s, tier=lower.name, tier_en=lower.name_en, tier_note=TierNote.QUOTA)
            if s.tier == tier.name and s.rank and bisect_right(ranks, s.rank) > places
            else s
            for s in graded
        ]
    return graded


def _grade_one(candidate: Candidate, standing: Standing, tiers: Sequence[Tier]) -> Standing:
    if not tiers or standing.score is None:
        return standing
    vetoes = tuple(veto.title for veto in candidate.struck)
    if standing.rank is None and standing.rank_note != RankNote.SMALL_GROUP:
        return replace(standing, tier_note=TierNote.NOT_GRADED, vetoes=vetoes)
    names = [tier.name for tier in tiers]
    score = standing.score
    index = by_score = next(
        (place for place, tier in enumerate(tiers) if score >= tier.at_least), len(tiers) - 1
    )
    for veto in candidate.struck:
        index = max(index, names.index(veto.not_above)) if veto.not_above else index
    index = min(index + sum(veto.lower_by for veto in candidate.struck), len(tiers) - 1)
    note = TierNote.VETO if index > by_score else None
    return replace(standing, tier=names[index], tier_en=tiers[index].name_en, tier_note=note, vetoes=vetoes)
