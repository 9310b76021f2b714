"""The kinds of facts that people enter, declared in one place: each form with its fields, limits and words.

A form gives facts of one kind, some of whose values it fixes: residents' and the conference's surveys are two forms of
the kind `satisfaction` and never one figure (C46, E-95). What a rulebook of somebody's own asks for beyond these gets
a form from the fields that its indicators use (`fact_needs`).
"""

from __future__ import annotations

import enum
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any, TypeAlias

from supervisor.words import N_, Sentence, say

Named: TypeAlias = Mapping[str, Any]
HUNDRED = Decimal(100)


class FieldType(enum.StrEnum):
    """How a value is typed and checked."""

    NUMBER = "number"
    WHOLE = "whole"
    TEXT = "text"
    CHOICE = "choice"
    YES_NO = "yes_no"


@dataclass(frozen=True)
class FactField:
    """One value of a fact; `low` and `high` are inclusive, numbers have at most `decimals` decimals."""

    name: str
    label: Sentence | str
    type: FieldType = FieldType.NUMBER
    low: Decimal | None = None
    high: Decimal | None = None
    decimals: int = 2
    #: Value as the rulebook compares it → what people read.
    choices: tuple[tuple[str, Sentence | str], ...] = ()
    required: bool = True
    #: A base that others are divided by: 0 gives no rate.
    is_base: bool = False
    unit: Sentence | str = ""


@dataclass(frozen=True)
class FactForm:
    """How facts of one kind are entered.

    Attributes:
        key: in addresses and tables; never changes.
        fixed: values that every fact of the form has.
        many: as many facts a unit as there were (events, items); else one fact a unit, and a table of all units.
        happens: an event, of which there may have been none (无), rather than a figure that every unit has.
        subject: what a fact is about, where it is about something; asked for.
        day: whether the day is asked for; it must lie in the period, and its month is the value `period`.
        one_thing: names that, with the unit, make two facts say the same thing.
    """

    key: str
    kind: str
    label: Sentence | str
    fields: tuple[FactField, ...] = ()
    fixed: Named = field(default_factory=dict)
    many: bool = False
    happens: bool = False
    subject: Sentence | None = None
    day: bool = False
    one_thing: tuple[str, ...] = ()
    about: Sentence | str = ""
    #: English label of a form made from a rulebook, whose own title is Chinese.
    label_en: str = ""
    #: Of the unit's group and the values: why this cannot be said of it, or None.
    refuse: Callable[[str, Named], Sentence | None] | None = None

    def name_in(self, locale: str) -> str:
        """The label in the reader's language."""
        return self.label_en if locale == "en" and self.label_en else say(self.label, locale)

    def field_named(self, name: str) -> FactField | None:
        """The field of this name."""
        return next((one for one in self.fields if one.name == name), None)


MARK = FactField("mark", N_("Mark, 0–100"), low=Decimal(0), high=HUNDRED, unit=N_("points"))
POINTS = N_("points")
#: As the rulebook's tables by level name them.
LEVELS = (
    ("本级", N_("own level")), ("市级", N_("city")), ("省级", N_("province")), ("国家级", N_("national")),
)  # fmt: skip
OUTCOMES = (
    ("on_time", N_("on time")), ("late", N_("late")), ("missing", N_("missing")), ("waived", N_("waived")),
)  # fmt: skip
GRAVITIES = (
    ("一般", N_("ordinary")), ("较大", N_("considerable")), ("重大", N_("grave")), ("特别重大", N_("extremely grave")),
)  # fmt: skip
ON_TIME = FactField("on_time", N_("Kept in time"), FieldType.YES_NO)
SURVEY = (
    FactField("answers", N_("Answers"), FieldType.WHOLE, low=Decimal(0)),
    FactField("satisfied", N_("Satisfied among them"), FieldType.WHOLE, low=Decimal(0), required=False),
    FactField(
        "rate",
        N_("Satisfaction rate, %"),
        low=Decimal(0),
        high=HUNDRED,
        decimals=4,
        required=False,
        unit=N_("percent"),
    ),
)
ITEM = N_("Item, as in the document")
ONCE_AT_ITS_HIGHEST = N_("One item counts once, at its highest level.")
LEVEL = FactField("level", N_("Level"), FieldType.CHOICE, choices=LEVELS)


def _event(key: str, kind: str, label: Sentence, subject: Sentence, **more: Any) -> FactForm:
    fixed = more.pop("fixed", {"type": key.partition(".")[2]})
    return FactForm(key, kind, label, fixed=fixed, many=True, happens=True, subject=subject, day=True, **more)


FORMS: tuple[FactForm, ...] = (
    FactForm(
        "satisfaction.residents", "satisfaction", N_("Residents' satisfaction"), SURVEY, {"source": "residents"},
        about=N_("Answers and how many of them were satisfied, or the rate. No answers is no data, not 0 %."),
    ),
    FactForm(
        "satisfaction.conference", "satisfaction", N_("Opinion of the conference's members"), SURVEY,
        {"source": "conference"},
        about=N_("Kept apart from the residents' survey. No answers is no data, not 0 %."),
    ),
    FactForm("leader_mark", "leader_mark", N_("Evaluation by the leading group"), (MARK,)),
    FactForm("summary_mark", "summary_mark", N_("Quality of the summary"), (MARK,)),
    FactForm("inspection_mark", "inspection_mark", N_("Inspection on site"), (MARK,)),
    _event(
        "bonus.praise", "bonus", N_("Praise and instructions from above"), ITEM, fields=(LEVEL,),
        one_thing=("subject", "level"), about=ONCE_AT_ITS_HIGHEST,
    ),
    _event(
        "bonus.adoption", "bonus", N_("Information adopted"), ITEM, fields=(LEVEL,), one_thing=("subject", "level"),
        about=ONCE_AT_ITS_HIGHEST,
    ),
    _event("bonus.early_closure", "bonus", N_("Completed early"), N_("Task it concerns"), one_thing=("subject",)),
    _event(
        "bonus.experience", "bonus", N_("Experience spread, meeting on site"), N_("Experience or meeting"),
        one_thing=("subject",),
    ),
    _event(
        "penalty.criticism", "penalty", N_("Criticism by a superior"), N_("Circular, as printed"),
        one_thing=("subject",),
    ),
    _event("penalty.absence", "penalty", N_("Meeting missed"), N_("Meeting"), one_thing=("subject", "day")),
    _event(
        "penalty.accident", "penalty", N_("Safety accident"), N_("Accident"),
        fields=(FactField("level", N_("Gravity"), FieldType.CHOICE, choices=GRAVITIES),), one_thing=("subject",),
    ),
    _event(
        "publicity", "publicity", N_("Publicity items"), N_("Title of the item"), fixed={}, one_thing=("subject",),
    ),
    _event("visit", "visit", N_("Guidance on site"), N_("Place and purpose"), fixed={}, one_thing=("subject", "day")),
    FactForm(
        "rectification", "rectification", N_("Problems due to be put right"),
        (ON_TIME, FactField("false", N_("Put right only on paper"), FieldType.YES_NO, required=False)),
        many=True, happens=True, subject=N_("Problem found"), one_thing=("subject",),
    ),
    FactForm(
        "look_back", "look_back", N_("Problems of the look-back"), (ON_TIME,), many=True, happens=True,
        subject=N_("Problem found"), one_thing=("subject",),
    ),
    FactForm(
        "resolution", "resolution", N_("Resolutions of the joint meeting"), (ON_TIME,), many=True, happens=True,
        subject=N_("Resolution"), one_thing=("subject",),
    ),
    FactForm(
        "entry", "entry", N_("Entering the site in time"), (ON_TIME,), many=True, happens=True,
        subject=N_("Site"), one_thing=("subject",),
    ),
    FactForm(
        "annual_target", "annual_target", N_("Targets of the year"),
        (
            FactField("done", N_("Quantity done"), low=Decimal(0)),
            FactField("target", N_("Target set"), low=Decimal(0), is_base=True),
            FactField("share", N_("Share (lead 1, responsible 0.5)"), low=Decimal(0), high=Decimal(1), required=False),
        ),
        many=True, subject=N_("Task it concerns"), one_thing=("subject",),
    ),
    FactForm(
        "summary", "summary", N_("Half-year summary received"),
        (
            FactField("outcome", N_("Outcome"), FieldType.CHOICE, choices=OUTCOMES),
            FactField(
                "late_workdays", N_("Working days late"), FieldType.WHOLE, low=Decimal(0), required=False
            ),
        ),
    ),
)  # fmt: skip

#: Names of values that rulebooks use, for the forms made from a rulebook of one's own.
KNOWN_FIELDS: Mapping[str, FactField] = {
    one.name: one
    for one in (
        MARK, LEVEL, ON_TIME,
        FactField("points", N_("Points given"), low=Decimal(0)),
        FactField("outcome", N_("Outcome"), FieldType.CHOICE, choices=OUTCOMES),
        FactField("late_workdays", N_("Working days late"), FieldType.WHOLE, low=Decimal(0), required=False),
        FactField("done", N_("Quantity done"), low=Decimal(0)),
        FactField("target", N_("Target set"), low=Decimal(0)),
        FactField("planned", N_("Quantity planned"), low=Decimal(0)),
        FactField("share", N_("Share (lead 1, responsible 0.5)"), low=Decimal(0), high=Decimal(1), required=False),
        FactField("count", N_("Number"), FieldType.WHOLE, low=Decimal(0)),
        FactField("measure", N_("What is measured"), FieldType.TEXT),
        FactField("item", N_("Item"), FieldType.TEXT),
        FactField("type", N_("Type"), FieldType.TEXT),
        FactField("rate", N_("Rate, %"), low=Decimal(0), high=HUNDRED, decimals=4),
    )
}  # fmt: skip

#: What values of facts are called, by their names.
LABELS: Mapping[str, Sentence | str] = {
    field.name: field.label
    for fields in (*(form.fields for form in FORMS), KNOWN_FIELDS.values())
    for field in fields
}
