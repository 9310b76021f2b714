"""The parameters of each scoring method and measure, as fields of a form (`docs/rulebook.md` §5 and §6)."""

from __future__ import annotations

from collections.abc import Mapping

from supervisor.core.rulebook_fields import BETTER, BETWEEN, STEPS, FieldType, FormField, Offer, Option
from supervisor.words import N_, Sentence

T = FieldType
KIND = FormField("facts", T.PICK, N_("About which facts"), offer=Offer.KINDS, required=True)
WHERE = FormField("where", T.WHERE, N_("Only those for which"), N_("Nothing chosen: all of them."))
MEASURE = FormField("measure", T.TABLE, N_("The measure"), shape="measure")
OTHERWISE = FormField("otherwise", T.NUMBER, N_("Points for all others"), default="0")
BETTER_FIELD = FormField("better", T.CHOICE, N_("Which is better"), options=BETTER, default="higher")
SHARES = FormField(
    "share",
    T.WORDS,
    N_("Multiplied by"),
    N_("For instance the share of responsibility: lead 1, responsible 0.5."),
    offer=Offer.NUMBERS,
    more=True,
)


def _empty(code: str, default: Sentence, *others: Option) -> FormField:
    options = (("", default), *others)
    return FormField("empty", T.CHOICE, N_("A unit without any"), options=options, default=code, more=True)


NOT_APPLICABLE = N_("does not apply to it")
EMPTY_NA = _empty("na", NOT_APPLICABLE, ("full", N_("full points")), ("zero", N_("no points")))
EMPTY_ZERO = _empty(
    "zero", N_("keeps the starting points"), ("na", NOT_APPLICABLE), ("full", N_("full points"))
)
VALUE = FormField("value", T.PICK, N_("Which figure"), offer=Offer.NUMBERS, default="mark", more=True)
FULL = FormField("full", T.NUMBER, N_("Highest mark"), default="100", more=True)

GRADES = FormField(
    "grades",
    T.GRADES,
    N_("Marks are words, which stand for"),
    N_("For instance 好 100, 较好 80. Nothing written: marks are numbers."),
    more=True,
)

PARAMETERS: Mapping[str, tuple[FormField, ...]] = {
    "proportional": (
        MEASURE,
        FormField("target", T.NUMBER, N_("Full points at"), default="1", rate=True),
        FormField("zero_at", T.NUMBER, N_("No points at"), default="0", rate=True, more=True),
        FormField("cap", T.NUMBER, N_("At most so many times the full points"), default="1", more=True),
    ),
    "threshold_tiers": (
        MEASURE,
        FormField("tiers", T.BANDS, N_("Steps"), N_("A limit itself belongs to its step.")),
        OTHERWISE,
        FormField("between", T.CHOICE, N_("Between two limits"), options=BETWEEN, default="steps", more=True),
    ),
    "per_point": (
        MEASURE,
        FormField("threshold", T.NUMBER, N_("Full points from"), rate=True, required=True),
        FormField("deduct_each", T.NUMBER, N_("Points off for each step below"), required=True),
        FormField("per", T.NUMBER, N_("One step is"), default="0.01", rate=True),
        FormField("steps", T.CHOICE, N_("Parts of a step"), options=STEPS, default="prorata", more=True),
        FormField("base", T.NUMBER, N_("Points at the limit"), N_("Left empty: the weight."), more=True),
        FormField("reward", T.NUMBER, N_("Points more for each step above"), default="0", more=True),
        FormField("reward_max", T.NUMBER, N_("At most so many more"), default="0", more=True),
    ),
    "binary": (
        MEASURE,
        FormField("at_least", T.NUMBER, N_("Full points where it is at least"), rate=True),
        FormField("at_most", T.NUMBER, N_("or where it is at most"), rate=True),
        OTHERWISE,
    ),
    "per_occurrence": (KIND, WHERE, EMPTY_NA),
    "accumulate": (KIND, WHERE, FormField("start", T.NUMBER, N_("Starting points"), default="0"), EMPTY_ZERO),
    "mark": (
        KIND,
        WHERE,
        VALUE,
        FULL,
        FormField(
            "highest", T.NUMBER, N_("Largest mark allowed"), N_("Left empty: the highest mark."), more=True
        ),
        SHARES,
        GRADES,
        EMPTY_NA,
    ),
    "judges": (
        KIND,
        WHERE,
        FormField("drop", T.NUMBER, N_("Highest and lowest marks dropped, of each"), default="1"),
        FormField(
            "minimum", T.NUMBER, N_("Fewest marks needed"), N_("Left empty: one more than are dropped.")
        ),
        VALUE,
        FULL,
        FormField("per", T.PICK, N_("Marks of the same"), offer=Offer.NAMES, default="subject", more=True),
        FormField(
            "drop_lowest", T.NUMBER, N_("Lowest marks dropped, where others than the highest"), more=True
        ),
        FormField(
            "drop_highest", T.NUMBER, N_("Highest marks dropped, where others than the lowest"), more=True
        ),
        GRADES,
        EMPTY_NA,
    ),
    "count_minimum": (
        KIND,
        WHERE,
        FormField("minimum", T.NUMBER, N_("Items needed for full points"), required=True),
        FormField("deduct_each", T.NUMBER, N_("Points off for each missing"), required=True),
        FormField("per_month", T.FLAG, N_("Each month by itself")),
        FormField(
            "for_each",
            T.CHOICE,
            N_("Points are lost for each"),
            options=(("", N_("item missing")), ("month", N_("month that is short"))),
            default="item",
            more=True,
        ),
        FormField("value", T.PICK, N_("Sum this figure instead of counting"), offer=Offer.NUMBERS, more=True),
        FormField(
            "released",
            T.PICK,
            N_("Figure of facts that are no items but excuse from so many"),
            offer=Offer.NUMBERS,
            more=True,
        ),
        _empty("zero", N_("counts as none"), ("na", NOT_APPLICABLE), ("full", N_("full points"))),
    ),
    "given": (
        KIND,
        WHERE,
        FormField("value", T.PICK, N_("Which figure"), offer=Offer.NUMBERS, default="points", more=True),
        EMPTY_NA,
    ),
    "relative_to_best": (MEASURE, BETTER_FIELD),
    "mixed": (
        FormField("ratio", T.TABLE, N_("The proportion"), shape="measure"),
        FormField("absolute", T.TABLE, N_("The absolute number"), shape="measure"),
        FormField(
            "ratio_share",
            T.NUMBER,
            N_("Share of the proportion"),
            N_("For instance 70%; both shares make 100%."),
            required=True,
        ),
        FormField("absolute_share", T.NUMBER, N_("Share of the absolute number"), required=True),
        FormField(
            "floor_when_met",
            T.NUMBER,
            N_("Own plan met: the second part is at least"),
            default="0",
            more=True,
        ),
        FormField(
            "min_group",
            T.NUMBER,
            N_("In smaller groups the proportion alone counts: fewest units"),
            default="3",
            more=True,
        ),
    ),
    "minmax": (MEASURE, BETTER_FIELD, FormField("lowest", T.NUMBER, N_("Points of the worst"), default="0")),
    "rank_tiers": (MEASURE, BETTER_FIELD, FormField("tiers", T.BANDS, N_("Places")), OTHERWISE),
    "rank_linear": (
        MEASURE,
        BETTER_FIELD,
        FormField("last", T.NUMBER, N_("Points of the last place"), default="0"),
    ),
    "cases": (
        FormField("case", T.LIST, N_("Cases: the first that holds counts"), shape="case"),
        OTHERWISE,
    ),
    "blend": (FormField("part", T.LIST, N_("Parts"), shape="part"),),
}

HIT = FormField("hit", T.WHERE, N_("Of these count those for which"))
SUM = FormField("value", T.PICK, N_("Which figure"), offer=Offer.NUMBERS, required=True)
OVER = FormField("numerator", T.PICK, N_("Figure above the line"), offer=Offer.NUMBERS, required=True)
UNDER = FormField("denominator", T.PICK, N_("Figure below the line"), offer=Offer.NUMBERS, required=True)
EACH = FormField(
    "each",
    T.PICK,
    N_("Measured apart for each"),
    N_("For instance each kind of quantity: households and kilometres do not add up."),
    offer=Offer.NAMES,
    more=True,
)
NONE = FormField(
    "empty",
    T.CHOICE,
    N_("A unit without any"),
    options=(("", NOT_APPLICABLE), ("zero", N_("counts as 0"))),
    default="na",
    more=True,
)
CAP = FormField(
    "cap",
    T.NUMBER,
    N_("Each is at most"),
    N_("1 or 100%: what is done beyond the plan does not count."),
    more=True,
)
MEASURES: Mapping[str, tuple[FormField, ...]] = {
    "share": (HIT,),
    "ratio": (OVER, UNDER, CAP),
    "mean_ratio": (OVER, UNDER, CAP),
    "count": (HIT,),
    "sum": (SUM, HIT),
    "mean": (SUM, HIT),
    "max": (SUM, HIT),
    "min": (SUM, HIT),
    "months": (HIT,),
}
