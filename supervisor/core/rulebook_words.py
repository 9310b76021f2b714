"""A rulebook as it reads: facts, measures, events and conditions in sentences, from the document as it stands.

Unlike the engine's own words these also say a rule that is not finished yet: what is missing is shown as …
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any, TypeAlias

from scoring.numbers import HUNDRED
from scoring.reading import as_number
from supervisor.core.fact_kinds import kind_words, name_words, value_words
from supervisor.core.rulebook_conditions import Row, rows_of, said, table_in, tables_in
from supervisor.core.rulebook_schema import in_percent
from supervisor.words import N_, OwnWords, Sentence

Words: TypeAlias = Sentence | str
GAP = "…"


def joined(parts: Sequence[Words], two: Callable[[Words, Words], Words]) -> Words:
    """Several words as one, put together two by two."""
    if not parts:
        return ""
    whole = parts[-1]
    for part in reversed(parts[:-1]):
        whole = two(part, whole)
    return whole


def comma(first: Words, second: Words) -> Sentence:
    """Two words with a comma."""
    return N_("%(first)s, %(second)s", first=first, second=second)


def semicolon(first: Words, second: Words) -> Sentence:
    """Two half-sentences."""
    return N_("%(first)s; %(second)s", first=first, second=second)


def either(first: Words, second: Words) -> Sentence:
    """One of two."""
    return N_("%(first)s or %(second)s", first=first, second=second)


def both(first: Words, second: Words) -> Sentence:
    """Both together."""
    return N_("%(first)s and %(second)s", first=first, second=second)


def number_words(value: Any) -> str:
    """A number as it is written, a gap where there is none."""
    return GAP if value is None or value == "" else said(value)


def limit_words(value: Any, measure: Mapping[str, Any]) -> str:
    """A limit of a measure: in per cent where that gives a rate."""
    number = as_number(value) if in_percent(measure) else None
    if number is None:
        return number_words(value)
    return f"{format((number * HUNDRED).normalize(), 'f')} %"


def step_words(value: Any, measure: Mapping[str, Any]) -> Words:
    """A step on a measure: in percentage points where that gives a rate."""
    number = as_number(value) if in_percent(measure) else None
    if number is None:
        return number_words(value)
    points = format((number * HUNDRED).normalize(), "f")
    return N_("1 percentage point") if points == "1" else N_("%(count)s percentage points", count=points)


def names_words(kind: str, names: Any) -> Words:
    """Names of values: one, or a list of them."""
    listed = names if isinstance(names, list) else [names]
    words = [N_("all of them together") if one == "*" else name_words(kind, said(one)) for one in listed]
    return joined(words, comma)


def where_words(kind: str, where: Any) -> Words:
    """Conditions: all must hold."""
    return joined([_row_words(kind, row) for row in rows_of(where)], comma)


_SIGNS = {"lt": "<", "le": "≤", "gt": ">", "ge": "≥"}


def _row_words(kind: str, row: Row) -> Sentence:
    name = name_words(kind, row.field)
    match row.operator:
        case "yes":
            return N_("%(name)s: yes", name=name)
        case "no":
            return N_("%(name)s: no", name=name)
        case "present":
            return N_("%(name)s is given", name=name)
        case "absent":
            return N_("%(name)s is not given", name=name)
    values = joined([value_words(kind, row.field, one) for one in row.values], either) or GAP
    if row.operator in _SIGNS:
        return N_("%(name)s %(sign)s %(value)s", name=name, sign=_SIGNS[row.operator], value=values)
    if row.operator == "not":
        return N_("%(name)s is not %(value)s", name=name, value=values)
    return N_("%(name)s is %(value)s", name=name, value=values)


def facts_words(kind: Any, where: Any) -> Words:
    """Facts of a kind, those of them that are meant."""
    name = kind_words(said(kind or ""))
    conditions = where_words(said(kind or ""), where)
    return N_("%(facts)s (%(conditions)s)", facts=name, conditions=conditions) if conditions else name


def measure_words(measure: Mapping[str, Any]) -> Words:
    """What is measured."""
    take, kind = measure.get("take"), said(measure.get("facts") or "")
    if take == "quotient":
        over, under = table_in(measure, "numerator"), table_in(measure, "denominator")
        return N_("(%(over)s) ÷ (%(under)s)", over=measure_words(over), under=measure_words(under))
    if take == "difference":
        of, less = table_in(measure, "of"), table_in(measure, "less")
        return N_("(%(of)s) less (%(less)s)", of=measure_words(of), less=measure_words(less))
    facts, hit = facts_words(kind, measure.get("where")), where_words(kind, measure.get("hit"))
    words = _take_words(str(take), facts, hit, kind, measure)
    if measure.get("cap") is not None or take == "mean_ratio":
        words = N_(
            "%(measure)s, each at most %(cap)s", measure=words, cap=number_words(measure.get("cap", 1))
        )
    if measure.get("share"):
        words = N_(
            "%(measure)s, weighted by %(share)s", measure=words, share=names_words(kind, measure["share"])
        )
    if measure.get("each"):
        each = name_words(kind, said(measure["each"]))
        words = N_("%(measure)s, apart for each %(each)s, then the mean", measure=words, each=each)
    return words


def _take_words(take: str, facts: Words, hit: Words, kind: str, measure: Mapping[str, Any]) -> Words:
    value = name_words(kind, said(measure.get("value") or ""))
    over = name_words(kind, said(measure.get("numerator") or ""))
    under = name_words(kind, said(measure.get("denominator") or ""))
    if take in {"count", "sum", "mean", "max", "min", "months"} and hit:
        facts = N_("%(facts)s with %(hit)s", facts=facts, hit=hit)
    match take:
        case "share":
            return N_("the share with “%(hit)s” among %(facts)s", facts=facts, hit=hit or GAP)
        case "ratio":
            return N_("sum of %(over)s ÷ sum of %(under)s of %(facts)s", over=over, under=under, facts=facts)
        case "mean_ratio":
            return N_("mean of %(over)s ÷ %(under)s of %(facts)s", over=over, under=under, facts=facts)
        case "count":
            return N_("number of %(facts)s", facts=facts)
        case "sum":
            return N_("sum of %(value)s of %(facts)s", value=value, facts=facts)
        case "mean":
            return N_("mean of %(value)s of %(facts)s", value=value, facts=facts)
        case "max":
            return N_("largest %(value)s of %(facts)s", value=value, facts=facts)
        case "min":
            return N_("smallest %(value)s of %(facts)s", value=value, facts=facts)
        case "months":
            return N_("number of months with %(facts)s", facts=facts)
    return N_("(what is measured is not chosen yet)")


def event_words(rule: Mapping[str, Any], sign: str, kind: str = "") -> Words:
    """Points for events, or for a measure off its limit. `kind` = the indicator's, where the rule names none."""
    named = said(rule.get("facts") or kind)
    words = _gap_words(rule, sign) if "measure" in rule else _points_words(rule, sign, named)
    limits = {**_LIMITS, "once_per": _once_highest} if sign == "+" else _LIMITS
    for key, say_it in limits.items():
        if rule.get(key) not in (None, "", []):
            words = semicolon(words, say_it(rule[key], named, rule))
    title = said(rule.get("title") or "")
    own = OwnWords(title, en=said(rule.get("title_en") or ""))
    return N_("%(title)s: %(rule)s", title=own, rule=words) if title else words


def _once_highest(value: Any, kind: str, _: Mapping[str, Any]) -> Sentence:
    return N_("for the same %(name)s only the highest counts", name=names_words(kind, value))


_LIMITS: Mapping[str, Callable[[Any, str, Mapping[str, Any]], Sentence]] = {
    "amount": lambda value, kind, _: N_(
        "multiplied by the %(name)s of each", name=name_words(kind, said(value))
    ),
    "share": lambda value, kind, _: N_("multiplied by %(name)s", name=names_words(kind, value)),
    "factor": lambda value, kind, rule: N_(
        "those with %(conditions)s count %(factor)s times",
        factor=said(value),
        conditions=where_words(kind, rule.get("factor_where")) or GAP,
    ),
    "max_each": lambda value, _kind, _: N_("one counts at most %(points)s", points=said(value)),
    "once_per": lambda value, kind, _: N_(
        "for the same %(name)s only the heaviest counts", name=names_words(kind, value)
    ),
    "repeat_per": lambda value, kind, _: N_(
        "times are counted for the same %(name)s", name=name_words(kind, said(value))
    ),
    "max": lambda value, _kind, _: N_("together at most %(points)s", points=said(value)),
}


def _points_words(rule: Mapping[str, Any], sign: str, kind: str) -> Words:
    facts, points = facts_words(kind, rule.get("where")), rule.get("points")
    if isinstance(points, dict) or rule.get("by"):
        by = said(rule.get("by") or "")
        levels = [
            level_words(value_words(kind, by, key), f"{sign}{said(one)}")
            for key, one in (points if isinstance(points, dict) else {}).items()
        ]
        return N_(
            "for each of %(facts)s, by %(by)s: %(levels)s",
            facts=facts,
            by=name_words(kind, by),
            levels=joined(levels, comma) or GAP,
        )
    if isinstance(points, list):
        turns = joined([f"{sign}{said(one)}" for one in points], comma) or GAP
        return N_("for each of %(facts)s, by turn: %(turns)s", facts=facts, turns=turns)
    return N_("%(points)s for each of %(facts)s", facts=facts, points=f"{sign}{number_words(points)}")


def level_words(level: Words, points: str) -> Sentence:
    """A level with its points."""
    return N_("%(level)s %(points)s", level=level, points=points)


def _gap_words(rule: Mapping[str, Any], sign: str) -> Words:
    measure = table_in(rule, "measure")
    limit = limit_words(rule.get("threshold"), measure)
    points = f"{sign}{number_words(rule.get('points'))}"
    below = (rule.get("side") or ("above" if sign == "+" else "below")) == "below"
    if rule.get("per") is not None:
        per = step_words(rule["per"], measure)
        said_of = (
            N_("%(points)s for every %(per)s that “%(measure)s” is below %(limit)s")
            if below
            else N_("%(points)s for every %(per)s that “%(measure)s” is above %(limit)s")
        )
        words: Words = Sentence(
            said_of.msgid, {"points": points, "per": per, "measure": measure_words(measure), "limit": limit}
        )
        return (
            comma(words, STEPS_WORDS[str(rule["steps"])]) if str(rule.get("steps")) in STEPS_WORDS else words
        )
    said_of = (
        N_("%(points)s where “%(measure)s” is below %(limit)s")
        if below
        else N_("%(points)s where “%(measure)s” is above %(limit)s")
    )
    return Sentence(said_of.msgid, {"points": points, "measure": measure_words(measure), "limit": limit})


STEPS_WORDS: Mapping[str, Sentence] = {
    "whole": N_("only full steps count"), "started": N_("every step begun counts"),
}  # fmt: skip


def condition_words(condition: Mapping[str, Any]) -> Words:
    """When a condition holds."""
    if "measure" in condition:
        measure = table_in(condition, "measure")
        limits: list[Words] = []
        if condition.get("below") is not None:
            limits.append(N_("below %(limit)s", limit=limit_words(condition["below"], measure)))
        if condition.get("at_least") is not None:
            limits.append(N_("at least %(limit)s", limit=limit_words(condition["at_least"], measure)))
        if condition.get("at_most") is not None:
            limits.append(N_("at most %(limit)s", limit=limit_words(condition["at_most"], measure)))
        return N_(
            "“%(measure)s” is %(limits)s",
            measure=measure_words(measure),
            limits=joined(limits, either) or GAP,
        )
    facts = facts_words(condition.get("facts"), condition.get("where"))
    return N_(
        "at least %(count)s of %(facts)s", count=number_words(condition.get("at_least", 1)), facts=facts
    )


def bands_words(table: Mapping[str, Any]) -> Words:
    """Steps of a measure with their points, or places."""
    measure = table_in(table, "measure")
    words: list[Words] = []
    for band in tables_in(table, "tiers"):
        points = number_words(band.get("points"))
        if "to" in band:
            words.append(N_("up to place %(place)s %(points)s points", place=said(band["to"]), points=points))
        elif "share" in band:
            words.append(
                N_(
                    "the first %(share)s of the group %(points)s points",
                    share=said(band["share"]),
                    points=points,
                )
            )
        elif "last" in band:
            words.append(N_("the last %(count)s %(points)s points", count=said(band["last"]), points=points))
        elif "at_most" in band:
            words.append(
                N_(
                    "up to %(limit)s %(points)s points",
                    limit=limit_words(band["at_most"], measure),
                    points=points,
                )
            )
        else:
            words.append(
                N_(
                    "from %(limit)s on %(points)s points",
                    limit=limit_words(band.get("at_least"), measure),
                    points=points,
                )
            )
    return joined(words, comma) or GAP
