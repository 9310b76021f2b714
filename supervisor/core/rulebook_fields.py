"""The words and types of a rulebook's form: how a key is shown, what may be chosen, and what each choice means."""

from __future__ import annotations

import enum
from collections.abc import Mapping
from dataclasses import dataclass

from supervisor.words import N_, Sentence

Option = tuple[str, Sentence | str]


class FieldType(enum.StrEnum):
    """How a key is shown and read."""

    TEXT = "text"
    LONG = "long"
    NUMBER = "number"
    CHOICE = "choice"
    #: One of a few, or a word of one's own.
    PICK = "pick"
    #: Several words, some of them offered.
    WORDS = "words"
    DAY = "day"
    FLAG = "flag"
    WHERE = "where"
    #: A table of another shape.
    TABLE = "table"
    LIST = "list"
    BANDS = "bands"
    POINTS = "points"
    #: A mark for each word.
    GRADES = "grades"


class Offer(enum.StrEnum):
    """What a field offers to choose from, known only with the rulebook at hand."""

    NOTHING = ""
    KINDS = "kinds"
    NUMBERS = "numbers"
    NAMES = "names"
    #: Names of values, or all of them together.
    NAMES_OR_ALL = "names_or_all"
    GROUPS = "groups"
    PERIODS = "periods"
    TIERS = "tiers"
    TIE_BREAKS = "tie_breaks"


@dataclass(frozen=True)
class FormField:
    """One key of a table.

    Attributes:
        default: what holds where nothing is written, as a number or text.
        rate: a limit or step on the table's measure: shown in per cent where that gives a rate.
        more: seldom needed; shown folded.
        shape: of the tables under this key.
    """

    name: str
    type: FieldType
    label: Sentence
    hint: Sentence | None = None
    options: tuple[Option, ...] = ()
    offer: Offer = Offer.NOTHING
    default: str = ""
    rate: bool = False
    more: bool = False
    shape: str = ""
    required: bool = False


PERIODS: Mapping[str, Sentence] = {
    "week": N_("Week"),
    "ten_day": N_("Ten days"),
    "month": N_("Month"),
    "quarter": N_("Quarter"),
    "half_year": N_("Half-year"),
    "year_end": N_("Year-end"),
    "year": N_("Year"),
    "site_viewing": N_("Site viewing"),
    "annual_summary": N_("Annual summary"),
    "annual_assessment": N_("Annual assessment"),
    "regular_assessment": N_("Regular assessment"),
}
#: What each method does, with an example that can be read aloud.
METHODS: Mapping[str, tuple[Sentence, Sentence]] = {
    "proportional": (
        N_("In proportion"),
        N_("Example: 20 points × tasks done ÷ tasks planned; 88 % done gives 17.6."),
    ),
    "threshold_tiers": (
        N_("Steps"),
        N_("Example: from 95 on 20 points, from 90 on 16, from 80 on 10, else 0."),
    ),
    "per_point": (
        N_("Full points from a limit, less for each point below"),
        N_("Example: 95 % gives 15 points, each percentage point below costs 0.5."),
    ),
    "binary": (N_("All or nothing"), N_("Example: 5 points where no meeting was missed, else 0.")),
    "per_occurrence": (
        N_("Full points, less for each event"),
        N_(
            "Example: from 12 points, 0.5 off for each late report and 2 off for each missing one, down to 0."
        ),
    ),
    "accumulate": (
        N_("Starting points, more for each event"),
        N_("Example: 6 points to start with, 1 more for each item adopted by the city, up to 10."),
    ),
    "mark": (
        N_("Mean of marks"),
        N_("Example: marks 0–100 of the reviewed reports; a mean of 88 gives 88 % of the points."),
    ),
    "judges": (
        N_("Panel of judges"),
        N_("Example: each judge marks 0–100; the highest and the lowest mark are dropped, the mean counts."),
    ),
    "count_minimum": (
        N_("A minimum number of items"),
        N_("Example: 3 items a quarter give full points, each missing one costs 1."),
    ),
    "given": (
        N_("Points given by a person"),
        N_("Example: the leading group gives 0 to 10 points and says why."),
    ),
    "relative_to_best": (
        N_("Own figure ÷ best of the group"),
        N_("Example: 50 points × own households ÷ most households of a unit in the group."),
    ),
    "mixed": (
        N_("Proportion and absolute number together"),
        N_("Example: 20 points × (70 % own plan met + 30 % own number ÷ best of the group)."),
    ),
    "minmax": (
        N_("Between worst and best of the group"),
        N_("Example: the best of the group gets 10 points, the worst 4, the others in between."),
    ),
    "rank_tiers": (N_("Points for places"), N_("Example: first place 10 points, second 8, all others 5.")),
    "rank_linear": (
        N_("Points falling evenly with the place"),
        N_("Example: first place 10 points, last place 4, even steps between."),
    ),
    "cases": (
        N_("By cases: what holds together"),
        N_(
            "Example: all closed in time and marked 90 or more 10 points; 80 % in time and none returned 6; else 2."
        ),
    ),
    "blend": (
        N_("Several methods, each for a part"),
        N_("Example: half for the daily inspections, half for the year-end visit."),
    ),
}
TAKES: Mapping[str, Sentence] = {
    "share": N_("Rate: how many of all meet a condition"),
    "ratio": N_("Rate: sum of one figure ÷ sum of another"),
    "mean_ratio": N_("Rate: one figure ÷ another for each, then the mean"),
    "count": N_("Number of them"),
    "sum": N_("Sum of a figure"),
    "mean": N_("Mean of a figure"),
    "max": N_("Largest figure"),
    "min": N_("Smallest figure"),
    "months": N_("Number of months in which there was one"),
    "quotient": N_("One measure ÷ another"),
    "difference": N_("One measure less another"),
}
NA: tuple[Option, ...] = (
    ("", N_("its weight is left out, the rest is scaled up")),
    ("full", N_("full points")),
    ("zero", N_("no points")),
    ("group_mean", N_("mean of the group")),
    ("unranked", N_("its weight is left out and the unit is not ranked")),
)
STEPS: tuple[Option, ...] = (
    ("", N_("in proportion: half a step counts half")),
    ("whole", N_("only full steps count")),
    ("started", N_("every step begun counts")),
)
BETWEEN: tuple[Option, ...] = (
    ("", N_("the points of the step")),
    ("linear", N_("on a straight line to the next step")),
)
BETTER: tuple[Option, ...] = (("", N_("more is better")), ("lower", N_("less is better")))
