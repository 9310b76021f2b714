"""What a rulebook's parts are made of, as forms: every key of `docs/rulebook.md` with its words, example and default.

A shape is a kind of table (the frame, an indicator, a deduction, a measure…). `fields_of` gives the fields that a table
of a shape has as it now stands: the method decides the parameters, what is measured decides the measure's.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from scoring.measure import PAIRS, RATES
from supervisor.core.rulebook_fields import NA, STEPS, FieldType, FormField, Offer
from supervisor.core.rulebook_methods import (
    CAP,
    EACH,
    KIND,
    MEASURE,
    MEASURES,
    NONE,
    PARAMETERS,
    SHARES,
    WHERE,
)
from supervisor.words import N_, Sentence

T = FieldType
TITLE = FormField("title", T.TEXT, N_("Title"), required=True)
TITLE_EN = FormField("title_en", T.TEXT, N_("Title in English"), more=True)
KEY = FormField(
    "key",
    T.TEXT,
    N_("Short name"),
    N_("Names it in tie-breaks and facts; made by itself."),
    required=True,
    more=True,
)
CLAUSE = FormField("clause", T.TEXT, N_("Clause of the scheme"), more=True)
RULE = FormField(
    "rule",
    T.LONG,
    N_("The rule in your own words"),
    N_("Shown in place of the sentence made from this form. It is not calculated with: keep both alike."),
    more=True,
)
RULE_EN = FormField("rule_en", T.LONG, N_("The same in English"), more=True)


def rates(table: Mapping[str, Any]) -> bool:
    """Whether the measure of a table gives a rate, so that its limits are said in per cent."""
    measure = table.get("measure")
    return isinstance(measure, dict) and in_percent(measure)


def in_percent(measure: Mapping[str, Any]) -> bool:
    """Whether a measure is a rate, or the difference of two."""
    if measure.get("take") == "difference":
        pair = [measure.get(key) for key in PAIRS["difference"]]
        return all(isinstance(one, dict) and in_percent(one) for one in pair)
    return str(measure.get("take")) in RATES


def fields_of(shape: str, table: Mapping[str, Any]) -> tuple[FormField, ...]:
    """The fields that a table of this shape has as it stands."""
    if shape == "measure":
        return _measure(table)
    if shape in {"indicator", "part"}:
        return (*_METHOD_HEAD[shape], *PARAMETERS.get(str(table.get("method")), ()), *_METHOD_TAIL[shape])
    if shape in {"deduct", "add", "item"}:
        facts = (KIND if shape == "item" else KIND_OF_EVENT, *_BY_FACTS)
        return (*_EVENT_HEAD[shape], *(_BY_MEASURE if "measure" in table else facts), *_EVENT_TAIL)
    if shape == "times":
        return (TITLE, *_times(table), TITLE_EN)
    if shape in {"veto", "zero_if"}:
        return (
            *_CONDITION_HEAD[shape],
            *(_CONDITION_MEASURE if "measure" in table else _CONDITION_FACTS),
            *_CONDITION_TAIL[shape],
        )
    return SHAPES[shape]


def _times(table: Mapping[str, Any]) -> tuple[FormField, ...]:
    if "measure" in table or "factor" in table:
        return (FACTOR, *(_CONDITION_MEASURE if "measure" in table else _CONDITION_FACTS))
    return _OWN_FACTOR


def _pair(take: str, first: Sentence, second: Sentence) -> tuple[FormField, FormField]:
    one, two = PAIRS[take]
    return FormField(one, T.TABLE, first, shape="measure"), FormField(two, T.TABLE, second, shape="measure")


def _measure(table: Mapping[str, Any]) -> tuple[FormField, ...]:
    take = str(table.get("take"))
    if take == "quotient":
        return (*_pair("quotient", N_("Measure above the line"), N_("Measure below the line")), CAP)
    if take == "difference":
        return (*_pair("difference", N_("This measure"), N_("less this one")), CAP)
    spread = () if take in {"max", "min", "months"} else (SHARES,)
    return (KIND, WHERE, *MEASURES.get(take, ()), *spread, EACH, NONE)


_METHOD_HEAD: Mapping[str, tuple[FormField, ...]] = {
    "indicator": (TITLE, FormField("weight", T.NUMBER, N_("Weight, points"), required=True)),
    "part": (
        FormField("title", T.TEXT, N_("Title")),
        FormField(
            "portion",
            T.NUMBER,
            N_("Share of the weight"),
            N_("For instance 50%; all parts make 100%."),
            required=True,
        ),
    ),
}
_METHOD_TAIL: Mapping[str, tuple[FormField, ...]] = {
    "indicator": (
        FormField("deduct", T.LIST, N_("Deductions"), shape="deduct"),
        FormField("add", T.LIST, N_("Additions"), shape="add"),
        FormField("na", T.CHOICE, N_("Where it does not apply to a unit"), options=NA, default="rescale"),
        FormField(
            "heaviest_per",
            T.WORDS,
            N_("Of deductions about the same only the heaviest counts"),
            offer=Offer.NAMES_OR_ALL,
            more=True,
        ),
        FormField("times", T.LIST, N_("Points are multiplied"), shape="times", more=True),
        FormField("zero_if", T.LIST, N_("All points are lost where"), shape="zero_if", more=True),
        FormField("few", T.TABLE, N_("With few items deductions count more"), shape="few", more=True),
        FormField("floor", T.NUMBER, N_("Never below"), default="0", more=True),
        FormField("ceiling", T.NUMBER, N_("Never above"), N_("Left empty: the weight."), more=True),
        FormField(
            "nature",
            T.CHOICE,
            N_("Nature"),
            options=(("", "—"), ("quantitative", N_("quantitative")), ("qualitative", N_("qualitative"))),
            more=True,
        ),
        FormField("assessor", T.TEXT, N_("Scored by"), more=True),
        FormField("section", T.TEXT, N_("Heading it stands under"), more=True),
        CLAUSE,
        TITLE_EN,
        RULE,
        RULE_EN,
        KEY,
    ),
    "part": (),
}
POINTS = FormField(
    "points",
    T.POINTS,
    N_("Points each"),
    N_("Without a sign: the place says whether they are given or taken."),
    required=True,
)
MOST = FormField("max", T.NUMBER, N_("Together at most"))
_EVENT_HEAD: Mapping[str, tuple[FormField, ...]] = {
    "deduct": (FormField("title", T.TEXT, N_("What for")),),
    "add": (FormField("title", T.TEXT, N_("What for")),),
    "item": (FormField("title", T.TEXT, N_("What for"), required=True),),
}
KIND_OF_EVENT = FormField(
    "facts", T.PICK, N_("About which facts"), options=(("", N_("those of the indicator")),), offer=Offer.KINDS
)
_BY_FACTS = (
    WHERE,
    POINTS,
    MOST,
    FormField(
        "once_per", T.WORDS, N_("Counts once, with the most points, for the same"), offer=Offer.NAMES_OR_ALL
    ),
    FormField("max_each", T.NUMBER, N_("For one event at most"), more=True),
    FormField("amount", T.PICK, N_("Times the figure"), offer=Offer.NUMBERS, more=True),
    SHARES,
    FormField("factor", T.NUMBER, N_("Some count so many times"), more=True),
    FormField("factor_where", T.WHERE, N_("namely those for which"), more=True),
    FormField(
        "repeat_per", T.PICK, N_("First, second time is counted for the same"), offer=Offer.NAMES, more=True
    ),
)
_BY_MEASURE = (
    MEASURE,
    FormField("threshold", T.NUMBER, N_("Limit"), rate=True, required=True),
    POINTS,
    FormField("per", T.NUMBER, N_("for every so much off the limit"), N_("Left empty: once."), rate=True),
    FormField(
        "side",
        T.CHOICE,
        N_("Where it is"),
        options=(
            ("", N_("as usual: deductions below, additions above")),
            ("below", N_("below the limit")),
            ("above", N_("above the limit")),
        ),
        more=True,
    ),
    FormField("steps", T.CHOICE, N_("Parts of a step"), options=STEPS, default="prorata", more=True),
    MOST,
)
_EVENT_TAIL = (
    FormField("title_en", T.TEXT, N_("Title in English"), more=True),
    CLAUSE,
    RULE,
    RULE_EN,
    FormField("key", T.TEXT, N_("Short name"), more=True),
)
_CONDITION_FACTS = (
    KIND,
    WHERE,
    FormField("at_least", T.NUMBER, N_("There are at least"), default="1"),
    FormField("at_most", T.NUMBER, N_("or there are at most")),
)
_CONDITION_MEASURE = (
    MEASURE,
    FormField("below", T.NUMBER, N_("It is below"), rate=True),
    FormField("at_least", T.NUMBER, N_("or it is at least"), rate=True),
    FormField("at_most", T.NUMBER, N_("or it is at most"), rate=True),
)
FACTOR = FormField("factor", T.NUMBER, N_("Points are multiplied by"), required=True)
_OWN_FACTOR = (
    KIND,
    WHERE,
    FormField("value", T.PICK, N_("Which figure"), offer=Offer.NUMBERS, required=True),
    FormField("low", T.NUMBER, N_("Smallest factor"), default="0"),
    FormField("high", T.NUMBER, N_("Largest factor"), required=True),
)
_CONDITION_HEAD: Mapping[str, tuple[FormField, ...]] = {"veto": (TITLE,), "zero_if": ()}
_CONDITION_TAIL: Mapping[str, tuple[FormField, ...]] = {
    "veto": (
        FormField("not_above", T.CHOICE, N_("The tier is not above"), offer=Offer.TIERS),
        FormField("lower_by", T.NUMBER, N_("or so many tiers lower")),
        FormField(
            "periods",
            T.WORDS,
            N_("Holds in"),
            N_("Nothing chosen: in every period."),
            offer=Offer.PERIODS,
            more=True,
        ),
        TITLE_EN,
        CLAUSE,
        KEY,
    ),
    "zero_if": (),
}
SHAPES: Mapping[str, tuple[FormField, ...]] = {
    "rulebook": (
        FormField("name", T.TEXT, N_("Name of the scheme"), required=True),
        FormField("version", T.TEXT, N_("Version"), required=True),
        FormField("valid_from", T.DAY, N_("Valid from")),
        FormField("valid_to", T.DAY, N_("Valid to")),
        FormField(
            "about", T.LONG, N_("Remarks for the reader"), N_("Kept in the text whatever is changed here.")
        ),
        FormField("name_en", T.TEXT, N_("Name in English"), more=True),
    ),
    "ranking": (
        FormField("lowest_score", T.NUMBER, N_("Lowest score"), default="0"),
        FormField("highest_score", T.NUMBER, N_("Highest score"), default="105"),
        FormField(
            "min_weight", T.NUMBER, N_("Ranked only where so much of the weight applies, %"), default="60"
        ),
        FormField(
            "min_weight_of",
            T.CHOICE,
            N_("of"),
            options=(
                ("", N_("the table's total")),
                ("group", N_("what applies to at least half of the group")),
            ),
            default="table",
        ),
        FormField("min_group", T.NUMBER, N_("Ranks only from so many units"), default="3"),
        FormField(
            "min_group_criticism", T.NUMBER, N_("Criticism by rank only from so many units"), default="5"
        ),
        FormField(
            "tie_break",
            T.WORDS,
            N_("Equal scores: who has more points here goes first"),
            N_("Nothing chosen: equals share a place, 1, 1, 3."),
            offer=Offer.TIE_BREAKS,
        ),
        FormField(
            "compare_with",
            T.CHOICE,
            N_("Methods on the group compare with"),
            options=(("", N_("all units of the group")), ("ranked", N_("ranked units only"))),
            default="all",
            more=True,
        ),
        FormField("min_items", T.TABLE, N_("Ranked only with enough items"), shape="min_items", more=True),
    ),
    "min_items": (KIND, WHERE, FormField("at_least", T.NUMBER, N_("There are at least"))),
    "few": (
        KIND,
        WHERE,
        FormField("below", T.NUMBER, N_("Fewer than")),
        FormField("factor", T.NUMBER, N_("Deductions count so many times")),
    ),
    "case": (
        TITLE,
        FormField("points", T.NUMBER, N_("Points each"), required=True),
        FormField("all", T.LIST, N_("All of this holds"), shape="zero_if"),
    ),
    "tier": (
        FormField("name", T.TEXT, N_("Name of the tier"), required=True),
        FormField("at_least", T.NUMBER, N_("From this score on"), N_("Left empty for the last tier.")),
        FormField(
            "max_share", T.NUMBER, N_("At most this part of the ranked units"), N_("For instance 30%.")
        ),
        FormField("min_places", T.NUMBER, N_("But at least so many places"), default="0", more=True),
        FormField("name_en", T.TEXT, N_("Name in English"), more=True),
    ),
    "tiers": (FormField("tier", T.LIST, N_("Tiers, the best first"), shape="tier"),),
    "table": (
        FormField("title", T.TEXT, N_("Title")),
        FormField("period", T.PICK, N_("For which period"), offer=Offer.PERIODS),
        FormField(
            "groups",
            T.WORDS,
            N_("For which groups"),
            N_("Nothing chosen: for every group that no other table of the period names."),
            offer=Offer.GROUPS,
        ),
        FormField("total", T.NUMBER, N_("The weights make together"), default="100", more=True),
        FormField("scale_to", T.NUMBER, N_("Full points count as"), N_("Left empty: the total."), more=True),
        FormField("title_en", T.TEXT, N_("Title in English"), more=True),
    ),
    "events": (
        FormField("cap", T.NUMBER, N_("All together at most")),
        FormField("item", T.LIST, N_("Items"), shape="item"),
        FormField(
            "heaviest_per",
            T.WORDS,
            N_("Of all items about the same only the one with the most points counts"),
            offer=Offer.NAMES_OR_ALL,
            more=True,
        ),
    ),
    "vetoes": (FormField("veto", T.LIST, N_("Vetoes"), shape="veto"),),
}
