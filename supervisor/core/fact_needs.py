"""Which facts the rulebook in force asks for, and by which form each is entered.

Read from the rulebook's own text: every indicator, bonus, penalty and veto names kinds of facts and the values that it
compares or counts. A kind that nothing gives and that no form is declared for gets a form from these values, so that
any office's own scheme can be fed.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from decimal import Decimal
from functools import lru_cache
from typing import Any

from scoring import RulebookError, load_rulebook
from supervisor.core.fact_forms import FORMS, KNOWN_FIELDS, FactField, FactForm, FieldType
from supervisor.core.fact_periods import FactPeriod
from supervisor.core.ladder_facts import LADDER_TYPES
from supervisor.database import digest
from supervisor.words import N_, Sentence

#: Kinds that reports, obligations, the ladder and reviews give, and those that other work of people gives.
BY_ITSELF = frozenset({"closure", "mark", "quantity", "report", "task", "period_score"})
ELSEWHERE: Mapping[str, Sentence] = {
    "judge_mark": N_("Marks of several judges come from site viewings, not from a single entry."),
    "veto": N_("A veto needs a case or a paper with a named decision; it is not entered here."),
    "untrue_data": N_(
        "Untrue data need an accountability case with a leader's decision; they are not entered here."
    ),
}
#: Parts of a rule that name values, by what the values are.
NUMBERS = ("value", "numerator", "denominator", "amount")
WORDS = ("each", "per", "repeat_per")
SEVERAL_WORDS = ("once_per", "heaviest_per")
OF_THE_FACT = frozenset({"subject", "record", "note", "unit", "day", "period"})
SLUG = re.compile(r"[\w-]{1,40}")


@dataclass(frozen=True)
class Need:
    """One indicator, bonus or penalty item or veto that asks for a kind of facts.

    Attributes:
        part: `indicator`, `bonus`, `penalty` or `veto`.
        groups: assessment groups it is for; empty = all.
        where: values that its facts have for certain: name → those that it accepts.
        fields: values that it compares or counts.
        assessor: who scores it, as the rulebook says.
    """

    part: str
    key: str
    title: str
    title_en: str
    kind: str
    groups: frozenset[str] = frozenset()
    where: tuple[tuple[str, tuple[Any, ...]], ...] = ()
    fields: tuple[FactField, ...] = ()
    assessor: str = ""
    highest: Decimal | None = None

    @property
    def accepted(self) -> dict[str, tuple[Any, ...]]:
        """The values that a fact must have to be meant."""
        return dict(self.where)


@dataclass(frozen=True)
class Source:
    """What a need is fed by: the product itself, some other work, or forms."""

    need: Need
    by_itself: bool
    elsewhere: Sentence | None
    forms: tuple[FactForm, ...]


def needs_of(text: str, period_type: str) -> list[Need]:
    """What a rulebook (TOML) asks for in a type of period, in its own order."""
    book = tomllib.loads(text, parse_float=Decimal)
    found: list[Need] = []
    for table in book.get("table", []):
        if table.get("period", period_type) == period_type:
            groups = frozenset(table.get("groups", ()))
            for row in table.get("indicator", []):
                found.extend(_needs(row, "indicator", groups))
    for part in ("bonus", "penalty"):
        for row in book.get(part, {}).get("item", []):
            found.extend(_needs(row, part, frozenset()))
    for row in book.get("veto", []):
        if period_type in row.get("periods", [period_type]):
            found.extend(_needs(row, "veto", frozenset()))
    return found


def source_of(need: Need) -> Source:
    """By what a need is fed."""
    types = need.accepted.get("type", ())
    if need.kind in BY_ITSELF or (need.kind == "penalty" and types and set(types) <= LADDER_TYPES):
        return Source(need, by_itself=True, elsewhere=None, forms=())
    for word in (need.kind, *types):
        if word in ELSEWHERE:
            return Source(need, by_itself=False, elsewhere=ELSEWHERE[word], forms=())
    declared = tuple(form for form in FORMS if form.kind == need.kind and _fits(form, need))
    return Source(need, by_itself=False, elsewhere=None, forms=declared or (_own_form(need),))


@lru_cache(maxsize=64)
def sources_of(text: str, period_type: str) -> tuple[Source, ...]:
    """Every need of a rulebook in a type of period with what feeds it; forms of one key are one form.

    Nothing for a text that is no rulebook (any more): whoever closes the books is told so elsewhere.
    """
    try:
        load_rulebook(text)
    except RulebookError:
        return ()
    sources = [source_of(need) for need in needs_of(text, period_type)]
    merged: dict[str, FactForm] = {}
    for source in sources:
        for form in source.forms:
            merged[form.key] = _merged(merged[form.key], form) if form.key in merged else form
    return tuple(replace(one, forms=tuple(merged[form.key] for form in one.forms)) for one in sources)


def forms_of(text: str, period_type: str) -> dict[str, FactForm]:
    """The forms that a rulebook asks for in a type of period, by key, in its order."""
    return {form.key: form for source in sources_of(text, period_type) for form in source.forms}


def own_period_types(text: str) -> list[str]:
    """Types of periods for which a rulebook has tables, in its order."""
    try:
        return list(dict.fromkeys(table.period for table in load_rulebook(text).tables if table.period))
    except RulebookError:
        return []


def form_named(key: str, text: str, period: FactPeriod) -> FactForm | None:
    """A form by its key: of the rulebook in force, or one that is declared anyway."""
    asked = forms_of(text, period.type).get(key) if text else None
    return asked or next((form for form in FORMS if form.key == key), None)


def _fits(form: FactForm, need: Need) -> bool:
    accepted = need.accepted
    return all(name not in accepted or value in accepted[name] for name, value in form.fixed.items())


def _needs(row: Mapping[str, Any], part: str, groups: frozenset[str]) -> Iterator[Need]:
    """The needs of one rule, one for each kind it names with certain values."""
    weight = row.get("weight")
    by_thing: dict[tuple[str, tuple[tuple[str, tuple[Any, ...]], ...]], Need] = {}
    for node, kind, where in _nodes(row, "", ()):
        need = Need(
            part, str(row.get("key", "")), str(row.get("title", "")), str(row.get("title_en", "")), kind, groups,
            where, tuple(_fields(node, row)), str(row.get("assessor", "")),
            Decimal(str(weight)) if row.get("method") == "given" and weight is not None else None,
        )  # fmt: skip
        known = by_thing.get((kind, where))
        by_thing[kind, where] = (
            need if known is None else replace(known, fields=_joined(known.fields, need.fields))
        )
    yield from by_thing.values()


def _nodes(
    node: object, kind: str, where: tuple[tuple[str, tuple[Any, ...]], ...]
) -> Iterator[tuple[Mapping[str, Any], str, tuple[tuple[str, tuple[Any, ...]], ...]]]:
    """Every part of a rule with the kind it speaks of; deductions without a kind speak of the indicator's."""
    if isinstance(node, list):
        for one in node:
            yield from _nodes(one, kind, where)
        return
    if not isinstance(node, dict):
        return
    if not kind and "facts" not in node and isinstance(node.get("measure"), dict):
        kind, where = str(node["measure"].get("facts", "")), _certain(node["measure"])
    elif "facts" in node:
        kind, where = str(node["facts"]), _certain(node)
    if kind:
        yield node, kind, where
    for name, inner in node.items():
        if name not in {"where", "hit", "factor_where", "points", "tiers"}:
            yield from _nodes(inner, kind if name not in {"zero_if", "few"} else "", where)


def _certain(node: Mapping[str, Any]) -> tuple[tuple[str, tuple[Any, ...]], ...]:
    """Values that every fact of this rule has: words that its condition compares with, not numbers and truths."""
    found: dict[str, tuple[Any, ...]] = {}
    for name, wanted in node.get("where", {}).items():
        if isinstance(wanted, str) or (
            isinstance(wanted, list) and all(isinstance(one, str) for one in wanted)
        ):
            found[name] = (wanted,) if isinstance(wanted, str) else tuple(wanted)
    return tuple(sorted(found.items()))


def _fields(node: Mapping[str, Any], row: Mapping[str, Any]) -> Iterator[FactField]:
    method = str(node.get("method", ""))
    if method in {"mark", "judges"} and "value" not in node:
        yield KNOWN_FIELDS["mark"]
    if method == "given":
        points = KNOWN_FIELDS["points"]
        name = str(node.get("value", "points"))
        yield replace(points, name=name, high=Decimal(str(row.get("weight", 0))))
    elif method in {"mark", "judges"} and "value" in node:
        full = Decimal(str(node.get("highest", node.get("full", 100))))
        yield replace(_known(str(node["value"])), low=Decimal(0), high=full)
    else:
        for part in NUMBERS:
            if isinstance(node.get(part), str):
                yield replace(_known(node[part]), is_base=part == "denominator")
    if node.get("per_month") or node.get("take") == "months":
        yield FactField("period", "period")
    if method == "judges":
        yield FactField("judge", N_("Judge"), FieldType.TEXT)
    for name in _listed(node.get("share")):
        yield replace(_known(name), required=False)
    for part in ("where", "hit", "factor_where"):
        for name, wanted in node.get(part, {}).items() if isinstance(node.get(part), dict) else ():
            yield _compared(name, wanted)
    if isinstance(node.get("by"), str) and isinstance(node.get("points"), dict):
        yield _chosen(node["by"], [str(one) for one in node["points"]])
    for name in [str(node[part]) for part in WORDS if isinstance(node.get(part), str)] + [
        name for part in SEVERAL_WORDS for name in _listed(node.get(part))
    ]:
        if name not in OF_THE_FACT:
            yield replace(KNOWN_FIELDS.get(name, FactField(name, name, FieldType.TEXT)), required=False)


def _listed(value: object) -> list[str]:
    if isinstance(value, str):
        return [value] if value else []
    return [str(one) for one in value] if isinstance(value, list) else []


def _known(name: str) -> FactField:
    return KNOWN_FIELDS.get(name) or FactField(name, name)


def _compared(name: str, wanted: object) -> FactField:
    """A value that a condition compares: yes or no, one of some words, or a number."""
    if name in KNOWN_FIELDS:
        return KNOWN_FIELDS[name]
    values = [wanted] if not isinstance(wanted, dict) else list(wanted.values())
    flat = [one for value in values for one in (value if isinstance(value, list) else [value])]
    if all(isinstance(one, bool) for one in flat):
        return FactField(name, name, FieldType.YES_NO, required=False)
    if any(isinstance(one, str) for one in flat):
        return _chosen(name, [str(one) for one in flat])
    return FactField(name, name, required=False)


def _chosen(name: str, words: Iterable[str]) -> FactField:
    known = KNOWN_FIELDS.get(name)
    labels = dict(known.choices) if known else {}
    return FactField(
        name,
        known.label if known else name,
        FieldType.CHOICE,
        choices=tuple((word, labels.get(word, word)) for word in dict.fromkeys(words)),
    )


def _joined(some: tuple[FactField, ...], more: tuple[FactField, ...]) -> tuple[FactField, ...]:
    """Fields by name, each once; choices of both, and what one of them requires."""
    found = {one.name: one for one in some}
    for one in more:
        known = found.get(one.name)
        if known is None:
            found[one.name] = one
        elif one.type is known.type is FieldType.CHOICE:
            both = dict(known.choices) | dict(one.choices)
            found[one.name] = replace(known, choices=tuple(both.items()))
        else:
            high = known.high if one.high is None else max(known.high or one.high, one.high)
            found[one.name] = replace(known, is_base=known.is_base or one.is_base, high=high)
    return tuple(found.values())


def _merged(one: FactForm, other: FactForm) -> FactForm:
    return one if one in FORMS else replace(one, fields=_joined(one.fields, other.fields))


def _own_form(need: Need) -> FactForm:
    """A form for a kind that is declared nowhere: what is certain is fixed, the rest is asked for."""
    certain = {name: values[0] for name, values in need.where if len(values) == 1}
    words = "-".join([need.kind, *(str(certain[name]) for name in sorted(certain))])
    key = words if SLUG.fullmatch(words) else f"k-{digest(words)[:16]}"
    names = {one.name for one in need.fields}
    fields = tuple(
        one for one in _joined((), need.fields) if one.name not in certain and one.name not in OF_THE_FACT
    )
    single = bool({"points", "mark"} & names or need.highest is not None) and "judge" not in names
    thing = ["subject", *(name for name in ("judge", "measure", "item") if name in names)]
    return FactForm(
        key, need.kind, need.title or need.kind, fields, certain, many=not single,
        happens=not single and not any(one.is_base for one in fields),
        subject=None if single else N_("Subject of the fact"),
        day=not single and ("period" in names or need.part != "indicator"), label_en=need.title_en,
        one_thing=() if single else (*thing, "day") if need.part != "indicator" else tuple(thing),
    )  # fmt: skip
