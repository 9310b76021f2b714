"""The forms by which people enter facts, made of the values that `fact_kinds` declares.

A form gives facts of one kind, some of whose values it fixes: residents' and the conference's surveys are two forms of
the kind `satisfaction` and never one figure (C46, E-95). What a rulebook of somebody's own asks for beyond these gets
a form from the fields that its indicators use (`fact_needs`).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from decimal import Decimal
from typing import Any, TypeAlias

from supervisor.core.fact_kinds import (
    ANSWERS,
    DONE,
    FALSE,
    GRAVITY,
    HUNDRED,
    IN_TIME,
    LATE,
    LEVEL,
    MARK,
    OUTCOME,
    POINTS,
    RATE,
    SATISFIED,
    SHARE,
    TARGET,
    FactField,
    FieldType,
)
from supervisor.words import N_, Sentence, say

Named: TypeAlias = Mapping[str, Any]


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


ITEM = N_("Item, as in the document")
ONCE_AT_ITS_HIGHEST = N_("One item counts once, at its highest level.")
#: A survey's figures: whichever of the last two is given, the other one follows.
SURVEY = (ANSWERS, SATISFIED, RATE)


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
        fields=(GRAVITY,), one_thing=("subject",),
    ),
    _event(
        "publicity", "publicity", N_("Publicity items"), N_("Title of the item"), fixed={}, one_thing=("subject",),
    ),
    _event("visit", "visit", N_("Guidance on site"), N_("Place and purpose"), fixed={}, one_thing=("subject", "day")),
    FactForm(
        "rectification", "rectification", N_("Problems due to be put right"),
        (IN_TIME, FALSE),
        many=True, happens=True, subject=N_("Problem found"), one_thing=("subject",),
    ),
    FactForm(
        "look_back", "look_back", N_("Problems of the look-back"), (IN_TIME,), many=True, happens=True,
        subject=N_("Problem found"), one_thing=("subject",),
    ),
    FactForm(
        "resolution", "resolution", N_("Resolutions of the joint meeting"), (IN_TIME,), many=True, happens=True,
        subject=N_("Resolution"), one_thing=("subject",),
    ),
    FactForm(
        "entry", "entry", N_("Entering the site in time"), (IN_TIME,), many=True, happens=True,
        subject=N_("Site"), one_thing=("subject",),
    ),
    FactForm(
        "annual_target", "annual_target", N_("Targets of the year"),
        (DONE, replace(TARGET, is_base=True), SHARE),
        many=True, subject=N_("Task it concerns"), one_thing=("subject",),
    ),
    FactForm(
        "summary", "summary", N_("Half-year summary received"),
        (OUTCOME, LATE),
    ),
)  # fmt: skip

#: Values that rulebooks use besides those of the declared kinds.
_MORE = (
    FactField("planned", N_("Quantity planned"), low=Decimal(0)),
    FactField("count", N_("Number"), FieldType.WHOLE, low=Decimal(0)),
    FactField("measure", N_("What is measured"), FieldType.TEXT),
    FactField("item", N_("Item"), FieldType.TEXT),
    FactField("type", N_("Type"), FieldType.TEXT),
    FactField("rate", N_("Rate, %"), low=Decimal(0), high=HUNDRED, decimals=4),
)
#: Names of values that rulebooks use, for the forms made from a rulebook of one's own.
KNOWN_FIELDS: Mapping[str, FactField] = {
    one.name: one for one in (MARK, LEVEL, IN_TIME, POINTS, OUTCOME, LATE, DONE, TARGET, SHARE, *_MORE)
}

#: What values of facts are called, by their names.
LABELS: Mapping[str, Sentence | str] = {
    field.name: field.label
    for fields in (*(form.fields for form in FORMS), KNOWN_FIELDS.values())
    for field in fields
}
