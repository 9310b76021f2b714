"""How the parts of a rulebook read: an indicator by its method, tables, tiers, ranking, bonus, vetoes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from supervisor.core.rulebook_conditions import said, table_in, tables_in
from supervisor.core.rulebook_fields import PERIODS
from supervisor.core.rulebook_method_words import method_words, times_words
from supervisor.core.rulebook_parts import Part
from supervisor.core.rulebook_words import (
    GAP,
    Words,
    comma,
    condition_words,
    event_words,
    facts_words,
    joined,
    names_words,
    number_words,
)
from supervisor.words import N_, OwnWords, Sentence


def reads(part: Part, tiers: Sequence[Mapping[str, Any]] = ()) -> list[Words]:
    """The sentences of a part; `tiers` = those of its rulebook, the best first, which vetoes speak of."""
    match part.shape:
        case "indicator":
            return indicator_words(part.table)
        case "events":
            return events_words(part.table, "+" if part.at == "bonus" else "−")
        case "vetoes":
            return [veto_words(one, tiers) for one in tables_in(part.table, "veto")]
        case "tiers":
            return tiers_words(part.table)
        case "ranking":
            return ranking_words(part.table)
        case "table":
            return [table_head_words(part.table)]
    return frame_words(part.table)


def indicator_words(one: Mapping[str, Any]) -> list[Words]:
    """An indicator: its method, what is added and taken, its limits, and what holds where it does not apply."""
    kind = _kind(one)
    lines: list[Words] = [method_words(one, number_words(one.get("weight")))]
    lines += [times_words(rule) for rule in tables_in(one, "times")]
    lines += [event_words(rule, "−", kind) for rule in tables_in(one, "deduct")]
    lines += [event_words(rule, "+", kind) for rule in tables_in(one, "add")]
    if one.get("heaviest_per"):
        lines.append(
            N_(
                "Of deductions about the same %(name)s only the heaviest counts.",
                name=names_words(kind, one["heaviest_per"]),
            )
        )
    lines += [
        N_("No points at all where %(condition)s.", condition=condition_words(c))
        for c in tables_in(one, "zero_if")
    ]
    few = table_in(one, "few")
    if few:
        facts = facts_words(few.get("facts"), few.get("where"))
        lines.append(
            N_(
                "With fewer than %(count)s of %(facts)s deductions count %(factor)s times.",
                count=number_words(few.get("below")),
                facts=facts,
                factor=number_words(few.get("factor")),
            )
        )
    limits = _limits(one)
    return [*lines, *limits, NA_WORDS.get(str(one.get("na", "rescale")), NA_WORDS["rescale"])]


def _limits(one: Mapping[str, Any]) -> list[Words]:
    lines: list[Words] = []
    if one.get("floor") is not None:
        lines.append(N_("Never below %(points)s.", points=said(one["floor"])))
    elif tables_in(one, "deduct"):
        lines.append(N_("Never below 0."))
    if one.get("ceiling") is not None:
        lines.append(N_("Never above %(points)s.", points=said(one["ceiling"])))
    return lines


NA_WORDS: Mapping[str, Sentence] = {
    "rescale": N_("Where it does not apply to a unit, its weight is left out and the rest is scaled up."),
    "full": N_("Where it does not apply to a unit, the unit has full points."),
    "zero": N_("Where it does not apply to a unit, the unit has no points."),
    "group_mean": N_("Where it does not apply to a unit, the unit has the mean of the group."),
    "unranked": N_("Where it does not apply to a unit, its weight is left out and the unit is not ranked."),
}


def _kind(one: Mapping[str, Any]) -> str:
    return said(one.get("facts") or table_in(one, "measure").get("facts") or "")


def events_words(table: Mapping[str, Any], sign: str) -> list[Words]:
    """Bonus or penalty items with their cap."""
    lines = [event_words(one, sign) for one in tables_in(table, "item")]
    if table.get("heaviest_per"):
        name = names_words("", table["heaviest_per"])
        lines.append(
            N_("Of all items about the same %(name)s only the highest counts.", name=name)
            if sign == "+"
            else N_("Of all items about the same %(name)s only the heaviest counts.", name=name)
        )
    if lines and table.get("cap") is not None:
        lines.append(N_("All together at most %(points)s points.", points=said(table["cap"])))
    return lines


def veto_words(one: Mapping[str, Any], tiers: Sequence[Mapping[str, Any]] = ()) -> Words:
    """A veto: when it holds, and what becomes of the tier; below the lowest of `tiers` there is none."""
    effect: Words = GAP
    if one.get("not_above"):
        name = said(one["not_above"])
        tier = next((_tier_name(tier) for tier in tiers if said(tier.get("name") or "") == name), name)
        is_lowest = bool(tiers) and said(tiers[-1].get("name") or "") == name
        effect = (
            N_("the tier is %(tier)s", tier=tier)
            if is_lowest
            else N_("the tier is not above %(tier)s", tier=tier)
        )
    elif one.get("lower_by"):
        effect = N_("the tier is %(count)s lower", count=said(one["lower_by"]))
    words: Words = N_(
        "%(title)s: where %(condition)s, %(effect)s",
        title=OwnWords(said(one["title"]), en=said(one.get("title_en") or "")) if one.get("title") else GAP,
        condition=condition_words(one),
        effect=effect,
    )
    periods = one.get("periods")
    if periods:
        listed = periods if isinstance(periods, list) else [periods]
        words = N_(
            "%(rule)s (in: %(periods)s)",
            rule=words,
            periods=joined([PERIODS.get(said(p), said(p)) for p in listed], comma),
        )
    return words


def _tier_name(one: Mapping[str, Any]) -> Words:
    """A tier in the scheme's own English where it has one."""
    return OwnWords(said(one["name"]), en=said(one.get("name_en") or "")) if one.get("name") else GAP


def tiers_words(table: Mapping[str, Any]) -> list[Words]:
    """Each tier with its limit and quota."""
    lines: list[Words] = []
    for one in tables_in(table, "tier"):
        name = _tier_name(one)
        words: Words = (
            N_("%(tier)s: all others", tier=name)
            if one.get("at_least") is None
            else N_("%(tier)s: from %(score)s points on", tier=name, score=said(one["at_least"]))
        )
        if one.get("max_share") is not None:
            words = comma(
                words, N_("at most %(share)s of the ranked units of a group", share=said(one["max_share"]))
            )
        if one.get("min_places"):
            words = comma(words, N_("but at least %(count)s places", count=said(one["min_places"])))
        lines.append(words)
    return lines


def ranking_words(table: Mapping[str, Any]) -> list[Words]:
    """Limits of the score, who is ranked, and what decides between equals."""
    low, high = number_words(table.get("lowest_score", 0)), number_words(table.get("highest_score", 105))
    weight = number_words(table.get("min_weight", 60))
    lines: list[Words] = [N_("Scores begin at %(low)s and end at %(high)s.", low=low, high=high)]
    if table.get("min_weight_of") == "group":
        lines.append(
            N_(
                "A unit to which less than %(weight)s %% of what applies to its group applies is shown and not ranked.",
                weight=weight,
            )
        )
    else:
        lines.append(
            N_(
                "A unit to which less than %(weight)s %% of the table's weight applies is shown and not ranked.",
                weight=weight,
            )
        )
    lines.append(
        N_(
            "Groups of fewer than %(count)s units are not ranked; under %(few)s nobody is criticised by rank.",
            count=number_words(table.get("min_group", 3)),
            few=number_words(table.get("min_group_criticism", 5)),
        )
    )
    ties = table.get("tie_break")
    if ties:
        listed = ties if isinstance(ties, list) else [ties]
        lines.append(
            N_(
                "Equal scores: first who has more in %(names)s.",
                names=joined([_TIES.get(said(one), said(one)) for one in listed], comma),
            )
        )
    else:
        lines.append(N_("Equal scores share a place: 1, 1, 3."))
    if table.get("compare_with") == "ranked":
        lines.append(N_("Methods on the group compare with ranked units only."))
    items = table_in(table, "min_items")
    if items:
        lines.append(N_("Ranked only with %(condition)s.", condition=condition_words(items)))
    return lines


_TIES: Mapping[str, Sentence] = {"bonus": N_("Bonus"), "penalty": N_("Penalty: who has less")}


def table_head_words(table: Mapping[str, Any]) -> Words:
    """For which period and groups a table is, and what its weights make."""
    period = said(table.get("period") or "")
    name: Words = PERIODS.get(period, period) or N_("Every period")
    groups = table.get("groups") or []
    listed = groups if isinstance(groups, list) else [groups]
    whom: Words = joined([said(one) for one in listed], comma) or N_("every group that no other table names")
    words: Words = N_(
        "%(period)s, for %(groups)s; the weights make %(total)s",
        period=name,
        groups=whom,
        total=number_words(table.get("total", 100)),
    )
    if table.get("scale_to") is not None:
        words = comma(words, N_("which count as %(points)s", points=said(table["scale_to"])))
    return words


def frame_words(table: Mapping[str, Any]) -> list[Words]:
    """Name, version and validity."""
    lines: list[Words] = [
        N_(
            "%(name)s, version %(version)s",
            name=number_words(table.get("name")),
            version=number_words(table.get("version")),
        )
    ]
    if table.get("valid_from") is not None or table.get("valid_to") is not None:
        lines.append(
            N_(
                "Valid from %(first)s to %(last)s",
                first=number_words(table.get("valid_from")),
                last=number_words(table.get("valid_to")),
            )
        )
    return lines
