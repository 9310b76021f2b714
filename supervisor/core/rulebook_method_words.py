"""What each scoring method says, with its parameters as they stand."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from supervisor.core.fact_kinds import name_words
from supervisor.core.rulebook_conditions import said, table_in, tables_in
from supervisor.core.rulebook_fields import METHODS
from supervisor.core.rulebook_words import (
    GAP,
    STEPS_WORDS,
    Words,
    bands_words,
    both,
    comma,
    condition_words,
    facts_words,
    joined,
    limit_words,
    measure_words,
    number_words,
    semicolon,
    step_words,
)
from supervisor.words import N_, Sentence


def method_words(one: Mapping[str, Any], weight: Words) -> Words:
    """What the method says with its parameters; `weight` = the points at stake."""
    method = str(one.get("method") or "")
    if method not in METHODS:
        return method or N_("How points are given is not chosen yet.")
    return _METHOD_WORDS[method](one, weight)


def _proportional(one: Mapping[str, Any], weight: Words) -> Words:
    measure = table_in(one, "measure")
    words, target = measure_words(measure), limit_words(one.get("target", 1), measure)
    if one.get("zero_at") not in (None, 0):
        zero = limit_words(one["zero_at"], measure)
        return N_(
            "By %(measure)s: no points at %(zero)s, %(weight)s points at %(target)s, in proportion between.",
            measure=words,
            zero=zero,
            weight=weight,
            target=target,
        )
    return N_(
        "%(weight)s points × (%(measure)s), full points at %(target)s.",
        weight=weight,
        measure=words,
        target=target,
    )


def _steps(one: Mapping[str, Any], _weight: Words) -> Words:
    return N_(
        "By %(measure)s: %(bands)s, otherwise %(otherwise)s.",
        measure=measure_words(table_in(one, "measure")),
        bands=bands_words(one),
        otherwise=number_words(one.get("otherwise", 0)),
    )


def _per_point(one: Mapping[str, Any], weight: Words) -> Words:
    measure = table_in(one, "measure")
    per = step_words(one.get("per", "0.01"), measure)
    words: Words = N_(
        "From %(limit)s on %(base)s points for %(measure)s; each %(per)s below costs %(points)s",
        limit=limit_words(one.get("threshold"), measure), base=number_words(one["base"]) if "base" in one else weight,
        measure=measure_words(measure), per=per, points=number_words(one.get("deduct_each")),
    )  # fmt: skip
    if one.get("reward"):
        words = semicolon(
            words,
            N_(
                "each %(per)s above gives %(points)s more, at most %(most)s",
                per=per,
                points=said(one["reward"]),
                most=number_words(one.get("reward_max")),
            ),
        )
    return comma(words, STEPS_WORDS[str(one["steps"])]) if str(one.get("steps")) in STEPS_WORDS else words


def _binary(one: Mapping[str, Any], weight: Words) -> Words:
    measure = table_in(one, "measure")
    if one.get("at_most") is not None:
        limit = N_("at most %(limit)s", limit=limit_words(one["at_most"], measure))
    else:
        limit = N_("at least %(limit)s", limit=limit_words(one.get("at_least"), measure))
    return N_(
        "%(weight)s points where “%(measure)s” is %(limit)s, otherwise %(otherwise)s.",
        weight=weight,
        measure=measure_words(measure),
        limit=limit,
        otherwise=number_words(one.get("otherwise", 0)),
    )


def _per_occurrence(one: Mapping[str, Any], weight: Words) -> Words:
    return N_(
        "%(weight)s points to start with, less for each event among %(facts)s:",
        weight=weight,
        facts=facts_words(one.get("facts"), one.get("where")),
    )


def _accumulate(one: Mapping[str, Any], weight: Words) -> Words:
    return N_(
        "%(start)s points to start with, more for each event among %(facts)s, up to %(weight)s:",
        start=number_words(one.get("start", 0)),
        facts=facts_words(one.get("facts"), one.get("where")),
        weight=weight,
    )


def _mark(one: Mapping[str, Any], weight: Words) -> Words:
    kind = said(one.get("facts") or "")
    value = name_words(kind, said(one.get("value") or "mark"))
    return N_(
        "%(weight)s points × mean of %(value)s of %(facts)s ÷ %(full)s.",
        weight=weight,
        value=value,
        facts=facts_words(kind, one.get("where")),
        full=number_words(one.get("full", 100)),
    )


def _judges(one: Mapping[str, Any], weight: Words) -> Words:
    return N_(
        "%(weight)s points × mean of %(facts)s ÷ %(full)s, without the %(drop)s highest and %(drop)s lowest.",
        weight=weight,
        facts=facts_words(one.get("facts"), one.get("where")),
        full=number_words(one.get("full", 100)),
        drop=number_words(one.get("drop", 1)),
    )


def _count_minimum(one: Mapping[str, Any], weight: Words) -> Words:
    facts = facts_words(one.get("facts"), one.get("where"))
    fill = {
        "weight": weight,
        "facts": facts,
        "minimum": number_words(one.get("minimum")),
        "points": number_words(one.get("deduct_each")),
    }
    if one.get("released"):
        fill["released"] = name_words(str(one.get("facts", "")), str(one["released"]))
        return Sentence((RELEASED_BY_MONTH if one.get("per_month") else RELEASED).msgid, fill)
    return Sentence((MINIMUM_BY_MONTH if one.get("per_month") else MINIMUM).msgid, fill)


MINIMUM = N_("%(weight)s points for at least %(minimum)s of %(facts)s; each missing one costs %(points)s.")
MINIMUM_BY_MONTH = N_(
    "%(weight)s points for at least %(minimum)s of %(facts)s a month; each missing one costs %(points)s."
)
RELEASED = N_(
    "%(weight)s points for at least %(minimum)s of %(facts)s, less the %(released)s; each missing one costs %(points)s."
)
RELEASED_BY_MONTH = N_(
    "%(weight)s points for at least %(minimum)s of %(facts)s a month, less the %(released)s of that month; each "
    "missing one costs %(points)s."
)


def _given(one: Mapping[str, Any], weight: Words) -> Words:
    return N_(
        "A person gives 0 to %(weight)s points (%(facts)s).",
        weight=weight,
        facts=facts_words(one.get("facts"), one.get("where")),
    )


def _to_best(one: Mapping[str, Any], weight: Words) -> Words:
    words = measure_words(table_in(one, "measure"))
    if one.get("better") == "lower":
        return N_(
            "%(weight)s points × smallest of the group ÷ own: %(measure)s.", weight=weight, measure=words
        )
    return N_("%(weight)s points × own ÷ best of the group: %(measure)s.", weight=weight, measure=words)


def _mixed(one: Mapping[str, Any], weight: Words) -> Words:
    return N_(
        "%(weight)s points × (%(ratio_share)s × %(ratio)s + %(absolute_share)s × own ÷ best: %(absolute)s).",
        weight=weight, ratio_share=number_words(one.get("ratio_share")), ratio=measure_words(table_in(one, "ratio")),
        absolute_share=number_words(one.get("absolute_share")), absolute=measure_words(table_in(one, "absolute")),
    )  # fmt: skip


def _better(one: Mapping[str, Any]) -> Sentence:
    return N_("less is better") if one.get("better") == "lower" else N_("more is better")


def _minmax(one: Mapping[str, Any], weight: Words) -> Words:
    return N_(
        "By %(measure)s (%(better)s): best of the group %(weight)s points, worst %(lowest)s, evenly between.",
        measure=measure_words(table_in(one, "measure")),
        better=_better(one),
        weight=weight,
        lowest=number_words(one.get("lowest", 0)),
    )


def _rank_tiers(one: Mapping[str, Any], _weight: Words) -> Words:
    return N_(
        "By place in the group in %(measure)s (%(better)s): %(bands)s, all others %(otherwise)s.",
        measure=measure_words(table_in(one, "measure")),
        better=_better(one),
        bands=bands_words(one),
        otherwise=number_words(one.get("otherwise", 0)),
    )


def _rank_linear(one: Mapping[str, Any], weight: Words) -> Words:
    return N_(
        "By place in %(measure)s (%(better)s): first %(weight)s points, last %(last)s, even steps between.",
        measure=measure_words(table_in(one, "measure")),
        better=_better(one),
        weight=weight,
        last=number_words(one.get("last", 0)),
    )


def _cases(one: Mapping[str, Any], _weight: Words) -> Words:
    cases: list[Words] = []
    for case in tables_in(one, "case"):
        conditions = joined([condition_words(c) for c in tables_in(case, "all")], both) or GAP
        points = number_words(case.get("points"))
        cases.append(N_("%(points)s points where %(conditions)s", points=points, conditions=conditions))
    otherwise = number_words(one.get("otherwise", 0))
    return N_("%(cases)s; otherwise %(points)s.", cases=joined(cases, semicolon) or GAP, points=otherwise)


def times_words(one: Mapping[str, Any]) -> Words:
    """A factor on the points."""
    title = said(one.get("title") or GAP)
    if "factor" in one or "measure" in one:
        factor = number_words(one.get("factor"))
        return N_(
            "%(title)s: points × %(factor)s where %(condition)s",
            title=title,
            factor=factor,
            condition=condition_words(one),
        )
    kind = said(one.get("facts") or "")
    value = name_words(kind, said(one.get("value") or ""))
    low, high = number_words(one.get("low", 0)), number_words(one.get("high"))
    return N_(
        "%(title)s: points × %(value)s of %(facts)s, between %(low)s and %(high)s",
        title=title,
        value=value,
        facts=facts_words(kind, one.get("where")),
        low=low,
        high=high,
    )


def _blend(one: Mapping[str, Any], weight: Words) -> Words:
    parts: list[Words] = []
    for part in tables_in(one, "part"):
        rule = method_words(part, N_("its share of the points")) if part.get("method") else GAP
        parts.append(
            N_(
                "%(portion)s %(title)s: %(rule)s",
                portion=number_words(part.get("portion")),
                title=said(part.get("title") or ""),
                rule=rule,
            )
        )
    return N_("%(weight)s points in parts: %(parts)s", weight=weight, parts=joined(parts, semicolon) or GAP)


_METHOD_WORDS: Mapping[str, Callable[[Mapping[str, Any], Any], Words]] = {
    "proportional": _proportional, "threshold_tiers": _steps, "per_point": _per_point, "binary": _binary,
    "per_occurrence": _per_occurrence, "accumulate": _accumulate, "mark": _mark, "judges": _judges,
    "count_minimum": _count_minimum, "given": _given, "relative_to_best": _to_best, "mixed": _mixed,
    "cases": _cases,
    "minmax": _minmax, "rank_tiers": _rank_tiers, "rank_linear": _rank_linear, "blend": _blend,
}  # fmt: skip
