"""Kinds of facts: the one dictionary of what a fact is about, which values it has and what each value may say.

The rulebook's editor and its sentences read it, the forms by which people enter facts are made from it, and evidence is
said in its words. What a rulebook names beyond it stays what it is: a word of the office's own.
"""

from __future__ import annotations

import enum
from collections.abc import Mapping
from dataclasses import dataclass, replace
from decimal import Decimal

from supervisor.words import N_, Sentence

HUNDRED = Decimal(100)


class FieldType(enum.StrEnum):
    """What a value of a fact is: how it is typed, checked and compared."""

    NUMBER = "number"
    WHOLE = "whole"
    TEXT = "text"
    CHOICE = "choice"
    YES_NO = "yes_no"
    DAY = "day"
    MONTH = "month"


NUMERIC = frozenset({FieldType.NUMBER, FieldType.WHOLE})


@dataclass(frozen=True)
class FactField:
    """One value of a fact; `low` and `high` are inclusive, numbers have at most `decimals` decimals.

    Attributes:
        name: in rulebooks and facts; never changes.
        label: as a heading.
        words: inside a sentence; the heading where left empty.
        choices: value as the rulebook compares it → what people read.
        is_base: a base that others are divided by: 0 gives no rate.
    """

    name: str
    label: Sentence | str
    type: FieldType = FieldType.NUMBER
    low: Decimal | None = None
    high: Decimal | None = None
    decimals: int = 2
    choices: tuple[tuple[str, Sentence | str], ...] = ()
    required: bool = True
    is_base: bool = False
    unit: Sentence | str = ""
    words: Sentence | str = ""

    @property
    def inline(self) -> Sentence | str:
        """Its words inside a sentence."""
        return self.words or self.label


@dataclass(frozen=True)
class Kind:
    """A kind of facts. `gathered` = Dukao has them by itself; others are entered by the person in charge."""

    key: str
    label: Sentence
    values: tuple[FactField, ...]
    gathered: bool = False


def _number(name: str, words: Sentence) -> FactField:
    return FactField(name, words)


def _yes(name: str, words: Sentence) -> FactField:
    return FactField(name, words, FieldType.YES_NO)


def _choice(name: str, words: Sentence, *choices: tuple[str, Sentence]) -> FactField:
    return FactField(name, words, FieldType.CHOICE, choices=choices)


# Values that several kinds have -----------------------------------------------------------------------------------

SHARE = FactField(
    "share", N_("Share (lead 1, responsible 0.5)"), low=Decimal(0), high=Decimal(1), required=False,
    words=N_("share of responsibility (lead 1, responsible 0.5)"),
)  # fmt: skip
#: As the rulebook's tables by level name them.
LEVEL = FactField(
    "level", N_("Level"), FieldType.CHOICE, words=N_("level"),
    choices=(
        ("本级", N_("own level")), ("市级", N_("city")), ("省级", N_("province")), ("国家级", N_("national")),
    ),
)  # fmt: skip
_OUTCOMES = (
    ("on_time", N_("on time")), ("late", N_("late")), ("missing", N_("missing")), ("waived", N_("waived")),
)  # fmt: skip
OUTCOME = FactField("outcome", N_("Outcome"), FieldType.CHOICE, choices=_OUTCOMES, words=N_("outcome"))
NIL = ("nil", N_("nothing to report"))
LATE = FactField(
    "late_workdays", N_("Working days late"), FieldType.WHOLE, low=Decimal(0), required=False,
    words=N_("working days late"),
)  # fmt: skip
MARK = FactField("mark", N_("Mark, 0–100"), low=Decimal(0), high=HUNDRED, unit=N_("points"), words=N_("mark"))
IN_TIME = FactField("on_time", N_("Kept in time"), FieldType.YES_NO, words=N_("done in time"))
FALSE = FactField(
    "false",
    N_("Put right only on paper"),
    FieldType.YES_NO,
    required=False,
    words=N_("put right only on paper"),
)
MONTH = FactField("period", N_("month"), FieldType.MONTH)
DAY = FactField("day", N_("day"), FieldType.DAY)
DONE = FactField("done", N_("Quantity done"), low=Decimal(0), words=N_("done"))
TARGET = FactField("target", N_("Target set"), low=Decimal(0), words=N_("target"))
POINTS = FactField("points", N_("Points given"), low=Decimal(0), words=N_("points"))
RATE = FactField(
    "rate", N_("Satisfaction rate, %"), low=Decimal(0), high=HUNDRED, decimals=4, required=False, unit=N_("percent"),
    words=N_("satisfaction rate"),
)  # fmt: skip
ANSWERS = FactField("answers", N_("Answers"), FieldType.WHOLE, low=Decimal(0), words=N_("number of answers"))
SATISFIED = FactField(
    "satisfied", N_("Satisfied among them"), FieldType.WHOLE, low=Decimal(0), required=False,
    words=N_("number of satisfied"),
)  # fmt: skip
GRAVITY = FactField(
    "level", N_("Gravity"), FieldType.CHOICE,
    choices=(
        ("一般", N_("ordinary")), ("较大", N_("considerable")), ("重大", N_("grave")),
        ("特别重大", N_("extremely grave")),
    ),
)  # fmt: skip
EARLY_WORKDAYS = _number("early_workdays", N_("working days early"))
RELEASED = _number("released", N_("items that it is excused from"))
RULE = FactField("rule", N_("name of the reporting rule"), FieldType.TEXT)
ADOPTED = _yes("adopted", N_("chosen for a bulletin"))

KINDS: Mapping[str, Kind] = {
    kind.key: kind
    for kind in (
        Kind(
            "task",
            N_("tasks of the unit"),
            (
                _number("accepted", N_("progress accepted")),
                _number("planned", N_("progress planned")),
                SHARE,
                _choice(
                    "role", N_("role"), ("lead", N_("lead unit")), ("responsible", N_("responsible unit"))
                ),
            ),
            gathered=True,
        ),
        Kind(
            "closure",
            N_("tasks due to be closed"),
            (
                IN_TIME,
                _yes("suspended", N_("suspension approved")),
                SHARE,
                FactField("due", N_("day due"), FieldType.DAY),
                FactField("applied", N_("day applied for"), FieldType.DAY),
            ),
            gathered=True,
        ),
        Kind(
            "quantity",
            N_("core quantities"),
            (
                _number("done_cumulative", N_("done so far")),
                _number("planned_cumulative", N_("planned so far")),
                FactField("measure", N_("kind of quantity"), FieldType.TEXT),
            ),
            gathered=True,
        ),
        Kind(
            "report",
            N_("reports due"),
            (
                replace(OUTCOME, choices=(*_OUTCOMES, NIL)),
                LATE,
                _number("returns", N_("times returned")),
                MONTH,
            ),
            gathered=True,
        ),
        Kind(
            "mark",
            N_("marks of reviewed reports"),
            (
                MARK,
                _number("returns", N_("times returned")),
                FactField("report", N_("report"), FieldType.TEXT),
            ),
            gathered=True,
        ),
        Kind(
            "penalty",
            N_("supervision notices and other penalties"),
            (
                _choice(
                    "type",
                    N_("type"),
                    ("urge", N_("urged")),
                    ("notice", N_("supervision notice")),
                    ("circular", N_("circular of criticism")),
                    ("talk", N_("formal talk")),
                    ("untrue_data", N_("untrue data")),
                    ("absence", N_("meeting missed")),
                    ("criticism", N_("criticised from above")),
                    ("accident", N_("accident")),
                ),
                _choice(
                    "colour",
                    N_("colour"),
                    ("blue", N_("blue")),
                    ("yellow", N_("yellow")),
                    ("red", N_("red colour")),
                ),
                FactField("level", N_("level"), FieldType.TEXT),
                DAY,
                _number("number", N_("number of the notice")),
            ),
            gathered=True,
        ),
        Kind(
            "veto",
            N_("grave cases"),
            (
                _choice(
                    "trigger",
                    N_("case"),
                    ("falsification", N_("falsification")),
                    ("grave_accident", N_("grave accident")),
                    ("misuse_of_funds", N_("misuse of funds")),
                    ("third_notice", N_("third notice about one matter")),
                    ("interview", N_("formal talk")),
                ),
                DAY,
            ),
            gathered=True,
        ),
        Kind(
            "period_score",
            N_("scores of earlier periods"),
            (
                _number("score", N_("score")),
                _choice(
                    "type",
                    N_("period"),
                    ("month", N_("month")),
                    ("quarter", N_("quarter")),
                    ("half_year", N_("half-year")),
                    ("year_end", N_("year-end")),
                    ("site_viewing", N_("viewing of sites")),
                    ("annual_summary", N_("Annual summary")),
                    ("annual_assessment", N_("Annual assessment")),
                    ("regular_assessment", N_("Regular assessment")),
                ),
            ),
            gathered=True,
        ),
        Kind(
            "early_closure",
            N_("tasks completed before their time limit"),
            (
                EARLY_WORKDAYS,
                SHARE,
                FactField("due", N_("day due"), FieldType.DAY),
                FactField("applied", N_("day applied for"), FieldType.DAY),
            ),
            gathered=True,
        ),
        Kind("publicity", N_("publicity items"), (MONTH, RELEASED, ADOPTED, RULE)),
        Kind(
            "rectification",
            N_("problems due to be put right"),
            (
                IN_TIME,
                FALSE,
                _choice(
                    "origin",
                    N_("where it was found"),
                    ("finding", N_("weekly supervision")),
                    ("notice", N_("supervision notice")),
                ),
            ),
        ),
        Kind("visit", N_("guidance on site"), (MONTH, DAY)),
        Kind(
            "bonus",
            N_("praise, adoption and other merits"),
            (
                _choice(
                    "type",
                    N_("type"),
                    ("adoption", N_("information adopted")),
                    ("praise", N_("praised from above")),
                    ("early_closure", N_("closed early")),
                    ("experience", N_("experience spread")),
                ),
                LEVEL,
            ),
        ),
        Kind(
            "annual_target",
            N_("targets of the year"),
            (DONE, replace(TARGET, is_base=True), SHARE),
        ),
        Kind(
            "satisfaction",
            N_("satisfaction surveys"),
            (
                RATE,
                ANSWERS,
                SATISFIED,
                _choice(
                    "source",
                    N_("asked"),
                    ("residents", N_("residents")),
                    ("conference", N_("members of the conference")),
                ),
            ),
        ),
        Kind(
            "judge_mark", N_("marks of judges"), (MARK, FactField("item", N_("item marked"), FieldType.TEXT))
        ),
        Kind("leader_mark", N_("marks of the leading group"), (MARK,)),
        Kind("summary_mark", N_("marks of summaries"), (MARK,)),
        Kind("inspection_mark", N_("marks of inspections on site"), (MARK,)),
        Kind(
            "assessor_points",
            N_("points given by the assessor"),
            (
                POINTS,
                FactField("indicator", N_("key of the indicator"), FieldType.TEXT),
            ),
        ),
        Kind("summary", N_("half-year summaries"), (OUTCOME, LATE)),
        Kind("resolution", N_("resolutions of the joint meeting"), (IN_TIME,)),
        Kind("look_back", N_("problems of the look-back"), (IN_TIME,)),
        Kind("entry", N_("sites to be entered"), (IN_TIME,)),
    )
}
#: What one fact of a kind is, for whoever writes a rule: one "for each" counts as often as there are facts.
ONE_FACT: Mapping[str, Sentence] = {
    "task": N_("One for each task of the unit."),
    "closure": N_("One for each task due to be closed in the period."),
    "early_closure": N_("One for each task completed before its time limit."),
    "quantity": N_("One for each task and kind of quantity."),
    "report": N_(
        "One for each report owed, however many tasks it speaks of; the times returned are those of the report."
    ),
    "mark": N_(
        "One for each task reported on, not for each report; the times returned are those of the whole report and "
        "stand with each of its tasks. What is to count once a report says so: counts once for the same “report”."
    ),
    "penalty": N_("One for each matter in the period, at its highest step; one for each case decided."),
    "veto": N_("One for each case."),
    "period_score": N_("One for each earlier period."),
    "publicity": N_("One for each item handed in, and one for each month of which nothing was asked."),
    "rectification": N_("One for each problem, however many papers it took."),
    "judge_mark": N_("One for each judge and site."),
    "resolution": N_("One for each resolution."),
}
#: What every fact has besides its values.
OF_EVERY_FACT = (
    FactField("subject", N_("matter concerned"), FieldType.TEXT),
    FactField("record", N_("record"), FieldType.TEXT),
)


def kind_words(kind: str) -> Sentence | str:
    """A kind of facts in words; an unknown one as it is written."""
    return KINDS[kind].label if kind in KINDS else kind or N_("facts not chosen yet")


def named_in(kind: str, name: str) -> FactField | None:
    """A value of a kind by its name."""
    values = KINDS[kind].values if kind in KINDS else ()
    return next((one for one in (*values, *OF_EVERY_FACT) if one.name == name), None)


def is_yes_no(name: str) -> bool:
    """Whether a value of this name says yes or no wherever it is known."""
    named = [one for kind in KINDS.values() for one in kind.values if one.name == name]
    return bool(named) and all(one.type is FieldType.YES_NO for one in named)


def name_words(kind: str, name: str) -> Sentence | str:
    """The name of a value in words, where no kind is chosen yet as any kind calls it; an unknown one as written."""
    found = named_in(kind, name) or (None if kind else _named_anywhere(name))
    return found.inline if found else name or "…"


def _named_anywhere(name: str) -> FactField | None:
    return next((one for kind in KINDS.values() for one in kind.values if one.name == name), None)


def value_words(kind: str, name: str, value: object) -> Sentence | str:
    """What a value says, in words; an unknown one as it is written."""
    found = named_in(kind, name)
    return dict(found.choices).get(str(value), str(value)) if found else str(value)


def names_of_values(kind: str, names: list[str]) -> list[Sentence | str]:
    """Names of values in words."""
    return [name_words(kind, name) for name in names]
