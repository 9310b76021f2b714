"""Which facts the rulebook in force asks for, and by which form each is entered.

Read from the rulebook's own text: every indicator, bonus, penalty and veto names kinds of facts and the values that it
compares or counts. A kind that nothing gives and that no form is declared for gets a form from these values, so that
any office's own scheme can be fed.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from functools import lru_cache
from typing import Any

from scoring import RulebookError, load_rulebook
from supervisor.core.fact_forms import FORMS, KNOWN_FIELDS, FactForm, Named
from supervisor.core.fact_kinds import KINDS, FactField, FieldType
from supervisor.core.ladder_facts import LADDER_TRIGGERS, LADDER_TYPES
from supervisor.core.periods import Period
from supervisor.core.scored_periods import is_shortest, part_types
from supervisor.database import digest
from supervisor.words import N_, Sentence

#: Kinds that the product gives whatever they say; penalties and vetoes by their type, others by other work of people.
EXEMPTION = "not_applicable"
BY_ITSELF = frozenset(key for key, kind in KINDS.items() if kind.gathered) - {"penalty", "veto"}
ELSEWHERE: Mapping[str, Sentence] = {
    "judge_mark": N_("Marks of several judges come from site viewings, not from a single entry."),
    "veto": N_("A veto needs a case or a paper with a named decision; it is not entered here."),
    "untrue_data": N_(
        "Untrue data need an accountability case with a leader's decision; they are not entered here."
    ),
}
#: Parts of a rule that name values, by what the values are.
NUMBERS = ("value", "numerator", "denominator")
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
    """What a rulebook (TOML) asks people and the product for in a type of period, in its own order.

    Bonus and deduction ask in the shortest scored type only: an event counts once. A veto does not ask again for what
    a part was asked for.
    """
    book = tomllib.loads(text, parse_float=Decimal)
    found = _of_tables(book, period_type)
    if is_shortest(text, period_type):
        found += _of_adjustments(book)
    from_parts = kinds_from_parts(text, period_type)
    return found + [need for need in _of_vetoes(book, period_type) if need.kind not in from_parts]


@lru_cache(maxsize=64)
def kinds_wanted(text: str, period_type: str) -> frozenset[str]:
    """Kinds of facts that a period takes which is not the shortest scored one: those that its own table asks for.

    Vetoes take them too, but for what counts for bonus or deduction: that counted in the shorter periods.
    """
    if not text:
        return frozenset()
    book = tomllib.loads(text, parse_float=Decimal)
    own = {need.kind for need in _of_tables(book, period_type)}
    least = book.get("ranking", {}).get("min_items", {}).get("facts")
    vetoes = {need.kind for need in _of_vetoes(book, period_type)}
    adjusting = {need.kind for need in _of_adjustments(book)}
    return frozenset(own | ({least} if least else set()) | (vetoes - adjusting))


@lru_cache(maxsize=64)
def kinds_from_parts(text: str, period_type: str) -> frozenset[str]:
    """Kinds that only vetoes of a period look at and that its parts' tables ask for: taken from there."""
    if not text:
        return frozenset()
    book = tomllib.loads(text, parse_float=Decimal)
    own = {need.kind for need in _of_tables(book, period_type)}
    asked = {need.kind for type_ in part_types(text, period_type) for need in _of_tables(book, type_)}
    return frozenset({need.kind for need in _of_vetoes(book, period_type)} & asked - own)


def _of_tables(book: Mapping[str, Any], period_type: str) -> list[Need]:
    found: list[Need] = []
    for table in book.get("table", []):
        if table.get("period", period_type) == period_type:
            groups = frozenset(table.get("groups", ()))
            for row in table.get("indicator", []):
                found.extend(_needs(row, "indicator", groups))
    return found


def _of_adjustments(book: Mapping[str, Any]) -> list[Need]:
    return [
        need
        for part in ("bonus", "penalty")
        for row in book.get(part, {}).get("item", [])
        for need in _needs(row, part, frozenset())
    ]


def _of_vetoes(book: Mapping[str, Any], period_type: str) -> list[Need]:
    return [
        need
        for row in book.get("veto", [])
        if period_type in row.get("periods", [period_type])
        for need in _needs(row, "veto", frozenset())
    ]


def needs_of_rule(row: Mapping[str, Any]) -> list[Need]:
    """What one indicator asks for; nothing where it is not written far enough to tell."""
    try:
        return list(_needs(row, "indicator", frozenset()))
    except (ArithmeticError, AttributeError, TypeError, ValueError):
        return []


def source_of(need: Need, alike: Sequence[Need] = ()) -> Source:
    """By what a need is fed; `alike` are all needs of its kind, among which a form of its own is shared."""
    types = need.accepted.get("type", ())
    triggers = set(need.accepted.get("trigger", ()))
    by_ladder = (need.kind == "penalty" and types and set(types) <= LADDER_TYPES) or (
        need.kind == "veto" and triggers and triggers <= LADDER_TRIGGERS
    )
    if need.kind in BY_ITSELF or by_ladder:
        return Source(need, by_itself=True, elsewhere=None, forms=())
    for word in (need.kind, *types):
        if word in ELSEWHERE:
            return Source(need, by_itself=False, elsewhere=ELSEWHERE[word], forms=())
    declared = tuple(form for form in FORMS if form.kind == need.kind and _fits(form, need))
    return Source(
        need, by_itself=False, elsewhere=None, forms=declared or (_own_form(need, alike or (need,)),)
    )


@lru_cache(maxsize=64)
def sources_of(text: str, period_type: str) -> tuple[Source, ...]:
    """Every need of a rulebook in a type of period with what feeds it; forms of one key are one form.

    Nothing for a text that is no rulebook (any more): whoever closes the books is told so elsewhere.
    """
    try:
        load_rulebook(text)
    except RulebookError:
        return ()
    needs = needs_of(text, period_type)
    return tuple(source_of(need, [one for one in needs if one.kind == need.kind]) for need in needs)


def forms_of(text: str, period_type: str) -> dict[str, FactForm]:
    """The forms that a rulebook asks for in a type of period, by key, in its order."""
    return {form.key: form for source in sources_of(text, period_type) for form in source.forms}


def exemption_form(text: str, period_type: str) -> FactForm:
    """The form by which a reviewer takes an indicator out for one unit, with the reason (not applicable)."""
    try:
        book = load_rulebook(text)
    except RulebookError:
        book = None
    tables = [table for table in book.tables if table.period in {period_type, ""}] if book is not None else []
    titles = {one.key: one.title for table in tables for one in table.indicators}

    def refuse(group: str, named: Named) -> Sentence | None:
        table = book.table_for(period_type, group) if book is not None else None
        if table is not None and any(one.key == named.get("indicator") for one in table.indicators):
            return None
        return N_("The table of the group %(group)s has no such indicator.", group=group)

    return FactForm(
        EXEMPTION, EXEMPTION, N_("Indicators that do not apply to a unit"),
        (
            FactField("indicator", N_("Indicator"), FieldType.CHOICE, choices=tuple(titles.items())),
            FactField("reason", N_("Why it does not apply"), FieldType.TEXT),
        ),
        many=True, one_thing=("indicator",), refuse=refuse,
        about=N_("The indicator is then not counted for this unit, never zero. Your name stands with it as reviewer."),
    )  # fmt: skip


def form_named(key: str, text: str, period: Period) -> FactForm | None:
    """A form by its key: of the rulebook in force, or one that is declared anyway."""
    if key == EXEMPTION:
        return exemption_form(text, period.type) if text else None
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
            where, _own_fields(node, row), str(row.get("assessor", "")),
            Decimal(str(weight)) if row.get("method") == "given" and weight is not None else None,
        )  # fmt: skip
        known = by_thing.get((kind, where))
        by_thing[kind, where] = (
            need if known is None else replace(known, fields=_joined(known.fields, need.fields))
        )
    yield from by_thing.values()


def _own_fields(node: Mapping[str, Any], row: Mapping[str, Any]) -> tuple[FactField, ...]:
    """The fields of one part, each once; those that it takes numbers from go before those that it compares."""
    found: dict[str, FactField] = {}
    for one in _fields(node, row):
        found[one.name] = _wider(found[one.name], one) if one.name in found else one
    return tuple(found.values())


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
        if name not in {"where", "hit", "factor_where", "points", "tiers", "grades"}:
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
    """The values that one part of a rule counts or compares."""
    yield from _marked(node, row)
    if node.get("per_month") or node.get("take") == "months" or node.get("for_each") == "month":
        yield FactField("period", "period")
    if node.get("method") == "judges":
        yield FactField("judge", N_("Judge"), FieldType.TEXT)
    for name in [*_listed(node.get("share")), *_listed(node.get("amount"))]:
        yield replace(_known(name), required=False)
    for part in ("where", "hit", "factor_where"):
        for name, wanted in node.get(part, {}).items() if isinstance(node.get(part), dict) else ():
            yield _compared(name, wanted)
    if isinstance(node.get("by"), str) and isinstance(node.get("points"), dict):
        yield _chosen(node["by"], [str(one) for one in node["points"]], required=True)
    for name in [*_listed(node.get("each")), *_listed(node.get("per")), *_listed(node.get("repeat_per"))] + [
        name for part in SEVERAL_WORDS for name in _listed(node.get(part))
    ]:
        if name not in OF_THE_FACT | {"*"}:
            known = KNOWN_FIELDS.get(name)
            yield FactField(name, known.label if known else name, FieldType.TEXT, required=False)


def _marked(node: Mapping[str, Any], row: Mapping[str, Any]) -> Iterator[FactField]:
    """The number that a rule takes of each fact: a mark, points given, or what is summed and divided."""
    method, value = node.get("method"), node.get("value")
    if method == "given":
        yield replace(_known(str(value or "points")), low=Decimal(0), high=Decimal(str(row.get("weight", 0))))
    elif method in {"mark", "judges"} and isinstance(node.get("grades"), dict):
        yield _chosen(str(value or "mark"), [str(one) for one in node["grades"]], required=True)
    elif method in {"mark", "judges"}:
        full = Decimal(str(node.get("highest", node.get("full", 100))))
        yield replace(_known(str(value or "mark")), low=Decimal(0), high=full)
    else:
        for part in NUMBERS:
            if isinstance(node.get(part), str):
                yield replace(_known(node[part]), is_base=part == "denominator")


def _listed(value: object) -> list[str]:
    if isinstance(value, str):
        return [value] if value else []
    return [str(one) for one in value] if isinstance(value, list) else []


def _known(name: str) -> FactField:
    """A number by its name, with the label of the declared one where there is one."""
    known = KNOWN_FIELDS.get(name)
    if known is None:
        return FactField(name, name)
    return known if known.type in {FieldType.NUMBER, FieldType.WHOLE} else FactField(name, known.label)


def _compared(name: str, wanted: object) -> FactField:
    """A value that a condition compares: yes or no, one of some words, or a number."""
    tests = wanted if isinstance(wanted, dict) else {"in": wanted}
    values = [value for operator, value in tests.items() if operator != "present"]
    flat = [one for value in values for one in (value if isinstance(value, list) else [value])]
    known = KNOWN_FIELDS.get(name)
    label = known.label if known else name
    if not flat:
        return FactField(name, label, FieldType.TEXT, required=False)
    if all(isinstance(one, bool) for one in flat):
        return FactField(name, label, FieldType.YES_NO, required=False)
    if any(isinstance(one, str) for one in flat):
        return _chosen(name, [str(one) for one in flat], required=False)
    return replace(_known(name), required=False)


def _chosen(name: str, words: Iterable[str], *, required: bool) -> FactField:
    """One of some words; those of a declared field keep its labels, and a condition's `not` leaves others open."""
    known = KNOWN_FIELDS.get(name)
    labels = dict(known.choices) if known else {}
    offered = dict.fromkeys(words)
    if name == "outcome":
        offered = dict.fromkeys([*labels, *offered])
    return FactField(
        name, known.label if known else name, FieldType.CHOICE, required=required,
        choices=tuple((word, labels.get(word, word)) for word in offered),
    )  # fmt: skip


#: Of two types that parts of a rulebook give one value the wider one is asked for.
WIDTH = (FieldType.TEXT, FieldType.YES_NO, FieldType.WHOLE, FieldType.NUMBER, FieldType.CHOICE)


def _joined(some: tuple[FactField, ...], more: tuple[FactField, ...]) -> tuple[FactField, ...]:
    """Fields by name, each once; a word that only some parts ask for may be left empty."""
    mine, theirs = {one.name: one for one in some}, {one.name: one for one in more}
    found: list[FactField] = []
    for name in dict.fromkeys([*mine, *theirs]):
        one, other = mine.get(name), theirs.get(name)
        if one is not None and other is not None:
            found.append(_wider(one, other))
        elif (only := one or other) is not None:
            found.append(replace(only, required=only.required and only.type is not FieldType.CHOICE))
    return tuple(found)


def _wider(one: FactField, other: FactField) -> FactField:
    wide, narrow = (one, other) if WIDTH.index(one.type) >= WIDTH.index(other.type) else (other, one)
    highs = [each.high for each in (one, other) if each.high is not None]
    return replace(
        wide,
        choices=tuple((dict(one.choices) | dict(other.choices)).items()),
        required=one.required and other.required,
        is_base=one.is_base or other.is_base,
        high=max(highs) if highs and wide.type is not FieldType.CHOICE else wide.high,
        label=narrow.label if wide.label == wide.name else wide.label,
    )


def _own_form(need: Need, alike: Sequence[Need]) -> FactForm:
    """A form for a kind that is declared nowhere: what is certain in every need of it is fixed, the rest asked for.

    Needs of one kind that a fact can meet together share one form, so that nothing is entered twice.
    """
    parting = frozenset.intersection(*(frozenset(one.accepted) for one in alike))
    certain = {name: values[0] for name, values in need.where if name in parting and len(values) == 1}
    mates = [one for one in alike if all(one.accepted[name] == (value,) for name, value in certain.items())]
    words = "-".join([need.kind, *(str(certain[name]) for name in sorted(certain))])
    key = words if SLUG.fullmatch(words) else f"k-{digest(words)[:16]}"
    joined = mates[0].fields
    for mate in mates[1:]:
        joined = _joined(joined, mate.fields)
    names = {one.name for one in joined}
    fields = tuple(one for one in joined if one.name not in certain and one.name not in OF_THE_FACT)
    single = bool({"points", "mark"} & names or any(one.highest is not None for one in mates))
    single = single and not names & {"judge", "votes"}
    thing = ["subject", *(name for name in ("judge", "grade", "measure", "item") if name in names)]
    is_event = any(one.part != "indicator" for one in mates)
    return FactForm(
        key, need.kind, mates[0].title or need.kind, fields, certain, many=not single,
        happens=not single and not any(one.is_base for one in fields),
        subject=None if single else N_("Subject of the fact"),
        day=not single and ("period" in names or is_event), label_en=mates[0].title_en,
        one_thing=() if single else (*thing, "day") if is_event else tuple(thing),
    )  # fmt: skip
