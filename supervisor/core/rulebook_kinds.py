"""Kinds of facts in plain words: what one fact is about, which values it has and what each value may say.

What a rulebook names beyond these stays what it is: a word of the office's own.
"""

from __future__ import annotations

import enum
from collections.abc import Mapping
from dataclasses import dataclass

from supervisor.words import N_, Sentence


class ValueType(enum.StrEnum):
    """What a value of a fact is."""

    NUMBER = "number"
    YES_NO = "yes_no"
    CHOICE = "choice"
    TEXT = "text"
    DAY = "day"
    MONTH = "month"


@dataclass(frozen=True)
class Named:
    """One value of a fact: its name in the rulebook, its words, and what it may say."""

    name: str
    label: Sentence
    type: ValueType = ValueType.NUMBER
    choices: tuple[tuple[str, Sentence], ...] = ()


@dataclass(frozen=True)
class Kind:
    """A kind of facts. `gathered` = Dukao has them by itself; others are entered by the person in charge."""

    key: str
    label: Sentence
    values: tuple[Named, ...]
    gathered: bool = False


def _number(name: str, label: Sentence) -> Named:
    return Named(name, label)


def _yes(name: str, label: Sentence) -> Named:
    return Named(name, label, ValueType.YES_NO)


def _choice(name: str, label: Sentence, *choices: tuple[str, Sentence]) -> Named:
    return Named(name, label, ValueType.CHOICE, choices)


SHARE = _number("share", N_("share of responsibility (lead 1, responsible 0.5)"))
LEVEL = _choice(
    "level",
    N_("level"),
    ("本级", N_("own level")),
    ("市级", N_("city")),
    ("省级", N_("province")),
    ("国家级", N_("national")),
)
OUTCOME = _choice(
    "outcome",
    N_("outcome"),
    ("on_time", N_("handed in on time")),
    ("late", N_("handed in late")),
    ("missing", N_("not handed in")),
    ("nil", N_("nothing to report")),
    ("waived", N_("waived")),
)
LATE = _number("late_workdays", N_("working days late"))
MARK = _number("mark", N_("mark"))
IN_TIME = _yes("on_time", N_("done in time"))
MONTH = Named("period", N_("month"), ValueType.MONTH)
DAY = Named("day", N_("day"), ValueType.DAY)

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
                Named("due", N_("day due"), ValueType.DAY),
                Named("applied", N_("day applied for"), ValueType.DAY),
            ),
            gathered=True,
        ),
        Kind(
            "quantity",
            N_("core quantities"),
            (
                _number("done_cumulative", N_("done so far")),
                _number("planned_cumulative", N_("planned so far")),
                Named("measure", N_("kind of quantity"), ValueType.TEXT),
            ),
            gathered=True,
        ),
        Kind(
            "report",
            N_("reports due"),
            (OUTCOME, LATE, _number("returns", N_("times returned")), MONTH),
            gathered=True,
        ),
        Kind(
            "mark",
            N_("marks of reviewed reports"),
            (
                MARK,
                _number("returns", N_("times returned")),
                Named("report", N_("report"), ValueType.TEXT),
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
                Named("level", N_("level"), ValueType.TEXT),
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
                ),
            ),
            gathered=True,
        ),
        Kind("publicity", N_("publicity items"), (MONTH,)),
        Kind(
            "rectification",
            N_("problems due to be put right"),
            (IN_TIME, _yes("false", N_("put right only on paper"))),
        ),
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
            (_number("done", N_("done")), _number("target", N_("target")), SHARE),
        ),
        Kind(
            "satisfaction",
            N_("satisfaction surveys"),
            (
                _number("rate", N_("satisfaction rate")),
                _number("answers", N_("number of answers")),
                _choice(
                    "source",
                    N_("asked"),
                    ("residents", N_("residents")),
                    ("conference", N_("members of the conference")),
                ),
            ),
        ),
        Kind("judge_mark", N_("marks of judges"), (MARK, Named("item", N_("item marked"), ValueType.TEXT))),
        Kind("leader_mark", N_("marks of the leading group"), (MARK,)),
        Kind("inspection_mark", N_("marks of inspections on site"), (MARK,)),
        Kind(
            "assessor_points",
            N_("points given by the assessor"),
            (
                _number("points", N_("points")),
                Named("indicator", N_("key of the indicator"), ValueType.TEXT),
            ),
        ),
        Kind("summary", N_("half-year summaries"), (OUTCOME, LATE)),
        Kind("resolution", N_("resolutions of the joint meeting"), (IN_TIME,)),
        Kind("look_back", N_("problems of the look-back"), (IN_TIME,)),
        Kind("entry", N_("sites to be entered"), (IN_TIME,)),
    )
}

#: What every fact has besides its values.
OF_EVERY_FACT = (
    Named("subject", N_("matter concerned"), ValueType.TEXT),
    Named("record", N_("record"), ValueType.TEXT),
)


def kind_words(kind: str) -> Sentence | str:
    """A kind of facts in words; an unknown one as it is written."""
    return KINDS[kind].label if kind in KINDS else kind or N_("facts not chosen yet")


def named_in(kind: str, name: str) -> Named | None:
    """A value of a kind by its name."""
    values = KINDS[kind].values if kind in KINDS else ()
    return next((one for one in (*values, *OF_EVERY_FACT) if one.name == name), None)


def is_yes_no(name: str) -> bool:
    """Whether a value of this name says yes or no wherever it is known."""
    named = [one for kind in KINDS.values() for one in kind.values if one.name == name]
    return bool(named) and all(one.type is ValueType.YES_NO for one in named)


def name_words(kind: str, name: str) -> Sentence | str:
    """The name of a value in words; an unknown one as it is written."""
    found = named_in(kind, name)
    return found.label if found else name or "…"


def value_words(kind: str, name: str, value: object) -> Sentence | str:
    """What a value says, in words; an unknown one as it is written."""
    found = named_in(kind, name)
    return dict(found.choices).get(str(value), str(value)) if found else str(value)


def names_of_values(kind: str, names: list[str]) -> list[Sentence | str]:
    """Names of values in words."""
    return [name_words(kind, name) for name in names]
