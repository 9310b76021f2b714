"""What is wrong with a rulebook, in the reader's words, each with the part of the page where it is mended.

The engine says its problems in English, with keys and indices; here each is told by its pattern and said again with
words of the form. One that no pattern knows is shown as the engine says it (a test asks that there is none).
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from scoring import RulebookError, load_rulebook
from scoring.problems import Path, Problem
from supervisor.core import fact_needs
from supervisor.core.fact_kinds import name_words
from supervisor.core.rulebook_conditions import said, table_in, tables_in
from supervisor.core.rulebook_fields import METHODS, PERIODS
from supervisor.core.rulebook_parts import part_at
from supervisor.core.rulebook_schema import fields_of
from supervisor.core.rulebook_text import Document
from supervisor.words import N_, OwnWords, Sentence

#: Every problem and warning of the engine; `%(…)s` stands for what differs.
MESSAGES = (
    N_("is missing"),
    N_("must be a text between quotation marks"),
    N_("is %(value)s; it must be one of: %(choices)s"),
    N_('must be a number such as 5, "0.5" or "95%%", not %(value)s'),
    N_("is %(value)s; it must be at least %(low)s and at most %(high)s"),
    N_("is %(value)s; it must be at least %(low)s"),
    N_("is %(value)s; it must be at most %(high)s"),
    N_("must be a whole number"),
    N_("must be true or false"),
    N_("must be a list of texts"),
    N_("must be a date such as 2021-07-01, not %(value)s"),
    N_("must be a table"),
    N_("must be a list of tables ([[%(key)s]])"),
    N_("is not a key of this table"),
    N_("is before valid_from"),
    N_("must be a text or a number"),
    N_("must be below highest_score"),
    N_("is %(value)s, which nobody can reach: scores end at %(high)s"),
    N_("is %(value)s, which nobody can reach: the measure gives at most %(high)s"),
    N_("must be lower than that of the tier before: write the best tier first"),
    N_("the last tier must start at %(low)s: leave out its at_least"),
    N_("name the same tier twice"),
    N_("is listed twice"),
    N_("needs tiers to lower"),
    N_("give either not_above or lower_by"),
    N_("give one of not_above and lower_by"),
    N_("%(key)s is no indicator, and neither bonus nor penalty"),
    N_("and absolute_share must sum to 1"),
    N_("and absolute must have the same each"),
    N_("a condition on a measure needs below, at_least or at_most"),
    N_("is nested too deeply: at most %(count)s measures in one another"),
    N_("must name the mark that each word stands for"),
    N_("month needs per_month = true"),
    N_("give one of to, share and last"),
    N_("must hold at least one condition"),
    N_("must hold at least one"),
    N_("is above high"),
    N_("is missing: it says which facts the factor is for"),
    N_("is missing: points for the first, second … time need amount or repeat_per"),
    N_("must be more than 0"),
    N_("must be one number where there is a measure"),
    N_("must be a table of points for each value of %(by)s"),
    N_("must be a number of at least 0 (the sign comes from the place), not %(value)s"),
    N_("is missing: points by the values of a field need the name of the field"),
    N_("is missing: what is deducted for each occurrence"),
    N_("is missing: what is added for each occurrence"),
    N_("must be more than %(low)s: otherwise no mark is left"),
    N_("is missing: it says which facts count"),
    N_('is %(value)s, but a rate is a part of 1: write "%(again)s%%"'),
    N_("%(method)s cannot be a part of a blend"),
    N_("the portions must sum to 1"),
    N_("must differ from zero_at"),
    N_("must all say at_least or all say at_most"),
    N_("name the same bound twice"),
    N_("is missing: how much may be added above the threshold"),
    N_("give either at_least or at_most"),
    N_("give one of at_least and at_most"),
    N_("has no operator %(operator)s; it must be one of: %(choices)s"),
    N_("must be compared with a number, a text, a date, true, false or a list of them"),
    N_("present must be true or false"),
    N_("the weights sum to %(sum)s, not to %(total)s"),
    N_("is counted twice in this table"),
    N_("is %(value)s: it must be more than 0 with at most two decimals"),
    N_("is above ceiling"),
    N_("is counted twice in a year: it also stands in the table of %(period)s"),
    N_("%(count)s tables hold for %(group)s"),
    N_("is longer than %(count)s characters"),
    N_("is nested too deeply"),
    N_("gives at most %(best)s of %(weight)s points: nobody can have them all"),
    N_("counts each hundredth as a step, though the measure is no rate: say how large a step is"),
    N_("is %(value)s, and full points with all bonus make %(most)s: nobody can reach it"),
    N_("scores proportions only: small units find 100 % easy"),
    N_("scores absolute numbers only: large units lead by size"),
)  # fmt: skip
_PLACE = re.compile(r"%\((\w+)\)s")


@dataclass(frozen=True)
class Found:
    """One problem: its place in words, what is wrong, and the part (`at`) and control (`anchor`) that mends it."""

    place: tuple[Sentence | str, ...]
    what: Sentence
    at: str
    anchor: str


def within(one: Found) -> tuple[Sentence | str, ...]:
    """The place of a problem as the form of its part says it, without the names that the form has as its title."""
    outer = 2 if ".indicator." in one.at or one.at in {"tier", "veto"} else 1
    return one.place[outer:]


@dataclass(frozen=True)
class Check:
    """A draft looked over: adoption needs `problems` to be empty, warnings are worth a second look."""

    problems: tuple[Found, ...]
    warnings: tuple[Found, ...]

    def of(self, at: str) -> dict[str, list[Sentence]]:
        """Problems of a part, by the control they belong to."""
        wrong: dict[str, list[Sentence]] = {}
        for one in self.problems:
            if one.at == at:
                wrong.setdefault(one.anchor, []).append(one.what)
        return wrong


def check(document: Document, text: str) -> Check:
    """Everything that the engine says of a draft, and what only this product knows of its facts."""
    try:
        said_by_engine = found(document, load_rulebook(text).warnings)
        return Check((), (*said_by_engine, *_tiers_alike(document), *_facts_mixed(document)))
    except RulebookError as error:
        return Check(tuple(found(document, error.problems)), ())


def _tiers_alike(document: Mapping[str, Any]) -> Iterator[Found]:
    """Tiers with one English name: on English pages nobody can tell them apart."""
    seen: dict[str, str] = {}
    for index, one in enumerate(tables_in(document, "tier")):
        name, english = said(one.get("name") or ""), said(one.get("name_en") or "")
        if english and english in seen:
            told = N_("has the English name of “%(other)s” too", other=seen[english])
            yield Found((HEADS["tier"], name), told, "tier", f"tier.{index}.name_en")
        seen.setdefault(english, name)


#: Methods that take what a person gave as it is: two of them on the same facts give the same points twice.
_AS_GIVEN = frozenset({"given", "mark", "judges"})


def _facts_mixed(document: Mapping[str, Any]) -> Iterator[Found]:
    """Indicators that add up two surveys (C46), or take the same marks as another one of their table."""
    for number, table in enumerate(tables_in(document, "table")):
        seen: dict[object, Sentence | str] = {}
        for index, row in enumerate(tables_in(table, "indicator")):
            at = f"table.{number}.indicator.{index}"
            place = (part_words(document, f"table.{number}"), part_words(document, at))
            needs = fact_needs.needs_of_rule(row)
            if any(need.kind == "satisfaction" and "source" not in need.accepted for need in needs):
                yield Found(place, SURVEYS_MIXED, at, "where")
            if row.get("method") in _AS_GIVEN and needs:
                about = (needs[0].kind, needs[0].where, str(row.get("value", "")))
                if about in seen:
                    told = N_(
                        "takes the same facts as “%(other)s”: the same marks count twice", other=seen[about]
                    )
                    yield Found(place, told, at, "facts")
                seen.setdefault(about, place[-1])


SURVEYS_MIXED = N_(
    "takes the residents' survey and the conference's together; they are two results: say in the conditions who was "
    "asked"
)


def found(document: Mapping[str, Any], problems: Iterable[Problem]) -> list[Found]:
    """Problems of the engine with their places on the page."""
    result = []
    for problem in problems:
        at, rest = address_of(problem.path)
        result.append(
            Found(
                _place(document, problem), in_words(problem.message), at, ".".join(str(one) for one in rest)
            )
        )
    return result


def address_of(path: Path) -> tuple[str, Path]:
    """The part that holds a path, and the path below it; ("", …) for what is wrong with the whole."""
    if not path:
        return "", ()
    if path[0] == "table" and len(path) > 1:
        if path[2:3] == ("indicator",) and len(path) > 3:
            return f"table.{path[1]}.indicator.{path[3]}", path[4:]
        return f"table.{path[1]}", path[2:]
    if path[0] in {"tier", "veto"}:
        return str(path[0]), path
    return (str(path[0]), path[1:]) if path[0] in {"rulebook", "ranking", "bonus", "penalty"} else ("", path)


def in_words(message: str) -> Sentence:
    """The engine's sentence as one that can be said in both languages."""
    for pattern, msgid in _patterns():
        told = pattern.fullmatch(message)
        if told is not None:
            return Sentence(msgid, {key: _term(key, value) for key, value in told.groupdict().items()})
    return Sentence("%(problem)s", {"problem": message})


def _term(key: str, value: str) -> Sentence | str:
    """A word of the engine inside its sentence as people read it."""
    if key == "by":
        return name_words("", value)
    if key == "method" and value in METHODS:
        return METHODS[value][0]
    return PERIODS.get(value, value) if key == "period" else value


@lru_cache(maxsize=1)
def _patterns() -> Sequence[tuple[re.Pattern[str], str]]:
    patterns = []
    for sentence in MESSAGES:
        parts = _PLACE.split(sentence.msgid)
        source = "".join(
            f"(?P<{part}>.+)" if index % 2 else re.escape(part.replace("%%", "%"))
            for index, part in enumerate(parts)
        )
        patterns.append((re.compile(source, re.DOTALL), sentence.msgid))
    return patterns


HEADS: Mapping[str, Sentence] = {
    "rulebook": N_("Name and validity"),
    "ranking": N_("Score and ranking"),
    "tier": N_("Tiers"),
    "bonus": N_("Bonus"),
    "penalty": N_("Deduction"),
    "veto": N_("Vetoes"),
    "table": N_("Tables of indicators"),
}


def part_words(document: Mapping[str, Any], at: str) -> Sentence | str:
    """What a part is called: the title of its table or indicator, or its heading."""
    bits = at.split(".")
    if bits[0] != "table" or len(bits) == 1:
        return HEADS.get(bits[0], at)
    tables = tables_in(document, "table")
    table = tables[int(bits[1])] if int(bits[1]) < len(tables) else {}
    if len(bits) == 2:
        return table_words(table)
    indicators = tables_in(table, "indicator")
    one = indicators[int(bits[3])] if int(bits[3]) < len(indicators) else {}
    return _own_name(one) or N_("Indicator %(number)s", number=int(bits[3]) + 1)


def _own_name(part: Mapping[str, Any]) -> Sentence | None:
    """The title that the office gave, in its own English where there is one."""
    title = said(part.get("title") or "")
    return OwnWords(title, en=said(part.get("title_en") or "")) if title else None


def table_words(table: Mapping[str, Any]) -> Sentence | str:
    """What a table is called: its title with its groups, or its period."""
    period = said(table.get("period", ""))
    name = _own_name(table) or PERIODS.get(period) or period or N_("Every period")
    groups = table.get("groups") or []
    listed = groups if isinstance(groups, list) else [groups]
    if not listed:
        return name
    return N_("%(table)s · %(groups)s", table=name, groups="、".join(said(one) for one in listed))


def _place(document: Mapping[str, Any], problem: Problem) -> tuple[Sentence | str, ...]:
    at, rest = address_of(problem.path)
    if not at:
        return (
            (problem.place,)
            if problem.place and not rest
            else tuple(HEADS.get(str(one), str(one)) for one in rest)
        )
    words: list[Sentence | str] = []
    if at.startswith("table.") and "indicator" in at:
        words.append(part_words(document, ".".join(at.split(".")[:2])))
    words.append(part_words(document, at))
    return (*words, *_field_words(document, at, rest))


def _field_words(document: Mapping[str, Any], at: str, rest: Path) -> list[Sentence | str]:
    part = part_at(document, at)
    shape, table = part.shape, part.table
    words: list[Sentence | str] = []
    items: list[dict[str, Any]] = []
    for step in rest:
        if isinstance(step, int):
            words.append(str(step + 1))
            table = items[step] if step < len(items) else {}
            continue
        if step in _CHOOSERS:
            words.append(_CHOOSERS[step])
            break
        one = next((one for one in fields_of(shape, table) if one.name == step), None)
        words.append(one.label if one else step)
        if one is None or not one.shape:
            break
        shape, items, table = one.shape, tables_in(table, step), table_in(table, step)
    return words


_CHOOSERS: Mapping[str, Sentence] = {
    "method": N_("How points are given"),
    "take": N_("What is measured"),
    "indicator": N_("Indicators"),
    "points": N_("Points"),
    "by": N_("by the value of"),
}
