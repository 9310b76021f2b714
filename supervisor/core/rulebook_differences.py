"""Two rulebooks compared in words: which indicator is new, dropped or moved, and which of its terms changed."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import reduce
from typing import Any

from scoring.reading import as_number
from supervisor.core.fact_kinds import kind_words, names_of_values
from supervisor.core.rulebook_conditions import said, table_in, tables_in
from supervisor.core.rulebook_fields import METHODS, FieldType, FormField, Offer
from supervisor.core.rulebook_parts import head_of
from supervisor.core.rulebook_problems import HEADS, table_words
from supervisor.core.rulebook_reads import indicator_words
from supervisor.core.rulebook_schema import fields_of
from supervisor.core.rulebook_text import Document
from supervisor.core.rulebook_words import (
    Words,
    bands_words,
    comma,
    condition_words,
    event_words,
    facts_words,
    joined,
    limit_words,
    measure_words,
    semicolon,
    where_words,
)
from supervisor.words import N_, OwnWords, Sentence

#: Fields that hold a scheme's own English, whatever the reader's language.
ENGLISH = frozenset({"Title in English", "Name in English", "The same in English"})


@dataclass(frozen=True)
class Term:
    """One term that differs: what it is called, how it was, how it is ("" = not there)."""

    label: Words
    before: Words
    after: Words

    @property
    def is_english(self) -> bool:
        """Whether its values are the scheme's English."""
        return isinstance(self.label, Sentence) and self.label.msgid in ENGLISH


@dataclass(frozen=True)
class Difference:
    """A part that differs. `kind` is `new`, `dropped` or `changed`; a new or dropped one says how it reads."""

    place: tuple[Words, ...]
    kind: str
    terms: tuple[Term, ...] = ()


@dataclass(frozen=True)
class Comparison:
    """What differs, and the names of what is the same."""

    differences: tuple[Difference, ...]
    same: tuple[Words, ...]


def compare(before: Document, after: Document) -> Comparison:
    """From one rulebook to another, part by part in the order of the page."""
    found: list[Difference] = []
    same: list[Words] = []
    for place, what in _parts(before, after):
        if isinstance(what, Difference):
            found.append(what)
        elif not what:
            same.append(place[-1])
        else:
            found.append(Difference(place, "changed", tuple(what)))
    return Comparison(tuple(found), tuple(same))


_Found = Iterator[tuple[tuple[Words, ...], Difference | Sequence[Term]]]


def _alone(place: tuple[Words, ...], kind: str, words: Words = "") -> Difference:
    """A part that stands on one side only, with what it says there."""
    if not words:
        return Difference(place, kind)
    sides = ("", words) if kind == "new" else (words, "")
    return Difference(place, kind, (Term(N_("How it reads"), *sides),))


def _read_aloud(shape: str, one: Mapping[str, Any], sign: str) -> Words:
    if shape == "item":
        return event_words({**one, "title": ""}, sign)
    return reduce(_next_to, indicator_words(one)) if shape == "indicator" else ""


def _next_to(first: Words, second: Words) -> Sentence:
    """Two sentences one after the other."""
    return N_("%(first)s %(second)s", first=first, second=second)


def _name(one: Mapping[str, Any]) -> Words:
    """What a part is called, in the scheme's own English where it has one."""
    for title, english in (("title", "title_en"), ("name", "name_en")):
        if one.get(title):
            return OwnWords(said(one[title]), en=said(one.get(english) or ""))
    return said(one.get("key") or "…")


def _parts(before: Document, after: Document) -> _Found:
    yield (HEADS["rulebook"],), _terms("rulebook", table_in(before, "rulebook"), table_in(after, "rulebook"))
    yield (HEADS["ranking"],), _terms("ranking", table_in(before, "ranking"), table_in(after, "ranking"))
    yield from _pairs((HEADS["tier"],), "tier", tables_in(before, "tier"), tables_in(after, "tier"), "name")
    yield from _tables(tables_in(before, "table"), tables_in(after, "table"))
    for part in ("bonus", "penalty"):
        first, second = table_in(before, part), table_in(after, part)
        yield (HEADS[part],), _terms("events", first, second)
        yield from _pairs((HEADS[part],), "item", tables_in(first, "item"), tables_in(second, "item"), "key")
    yield from _pairs((HEADS["veto"],), "veto", tables_in(before, "veto"), tables_in(after, "veto"), "key")


def _tables(before: list[dict[str, Any]], after: list[dict[str, Any]]) -> _Found:
    for first, second in matched(before, after, _table_names):
        place = (table_words(second or first or {}),)
        if first is None or second is None:
            names = "、".join(
                said(one.get("title") or "…") for one in tables_in(second or first or {}, "indicator")
            )
            yield place, _alone(place, "new" if first is None else "dropped", names)
            continue
        yield place, _terms("table", head_of(first), head_of(second))
        yield from _pairs(
            place, "indicator", tables_in(first, "indicator"), tables_in(second, "indicator"), "key"
        )


def _table_names(table: Mapping[str, Any]) -> list[str]:
    groups = table.get("groups") or []
    named = "、".join(sorted(said(one) for one in (groups if isinstance(groups, list) else [groups])))
    period = said(table.get("period") or "")
    keys = "、".join(said(one.get("key")) for one in tables_in(table, "indicator"))
    return [f"{period}/{named}", f"{period}/{said(table.get('title') or '')}", f"{period}/{keys}", period]


def _pairs(
    place: tuple[Words, ...], shape: str, before: list[dict[str, Any]], after: list[dict[str, Any]], key: str
) -> _Found:
    for first, second in matched(
        before, after, lambda one: [said(one.get(key) or ""), said(one.get("title") or "")]
    ):
        one = second or first or {}
        here = (*place, _name(one))
        if first is None or second is None:
            kind = "new" if first is None else "dropped"
            yield (
                here,
                _alone(here, kind, _read_aloud(shape, one, "−" if place == (HEADS["penalty"],) else "+")),
            )
        else:
            yield here, _terms(shape, first, second)


def matched(
    before: Sequence[dict[str, Any]], after: Sequence[dict[str, Any]], names: Any
) -> list[tuple[dict[str, Any] | None, dict[str, Any] | None]]:
    """Which of two lists belong together: by their first name, then by the next; the rest stands alone."""
    left, right = list(range(len(before))), list(range(len(after)))
    pairs: dict[int, int] = {}
    for turn in range(max((len(names(one)) for one in [*before, *after]), default=0)):
        for b in list(right):
            name = names(after[b])[turn]
            a = next((a for a in left if name and names(before[a])[turn] == name), None)
            if a is not None:
                pairs[b] = a
                left.remove(a)
                right.remove(b)
    result: list[tuple[dict[str, Any] | None, dict[str, Any] | None]] = [
        (before[pairs[b]] if b in pairs else None, after[b]) for b in range(len(after))
    ]
    return [*result, *((before[a], None) for a in left)]


def _terms(shape: str, before: Mapping[str, Any], after: Mapping[str, Any]) -> list[Term] | tuple[()]:
    terms: list[Term] = []
    if shape in {"indicator", "part"} and before.get("method") != after.get("method"):
        terms.append(Term(N_("How points are given"), _method(before), _method(after)))
    fields = {one.name: one for table in (before, after) for one in fields_of(shape, table)}
    for one in fields.values():
        if one.name in {"item", "key"}:
            continue
        first, second = term_words(one, before), term_words(one, after)
        if str(first) == str(second):
            continue
        if one not in fields_of(shape, before) or one not in fields_of(shape, after):
            terms.append(Term(one.label, first, second))
        elif _in_effect(one, before) != _in_effect(one, after):
            terms.append(
                Term(one.label, first or _default_words(one, before), second or _default_words(one, after))
            )
    known = {*fields, "method", "indicator", "by"}
    terms.extend(
        Term(key, said(before.get(key, "")), said(after.get(key, "")))
        for key in sorted({*before, *after} - known)
        if before.get(key) != after.get(key)
    )
    return terms or ()


def _in_effect(one: FormField, table: Mapping[str, Any]) -> object:
    """What holds for a term: its value, or the default where nothing is written."""
    value = table.get(one.name)
    if value is None or value == "":
        value = False if one.type is FieldType.FLAG else one.default
    number = as_number(value) if one.type is FieldType.NUMBER and value != "" else None
    return value if number is None else number


def _default_words(one: FormField, table: Mapping[str, Any]) -> Words:
    """The default of a term that a table does not write, "" where it has none."""
    if one.type is FieldType.CHOICE:
        return dict(one.options).get("", "") if one.default else ""
    return term_words(one, {**table, one.name: one.default}) if one.default else ""


def _method(table: Mapping[str, Any]) -> Words:
    method = said(table.get("method") or "")
    return METHODS[method][0] if method in METHODS else method


def term_words(one: FormField, table: Mapping[str, Any]) -> Words:
    """One term of a table in words; "" where nothing is written."""
    value = table.get(one.name)
    if value is None or value in ("", [], {}):
        return ""
    kind = said(table.get("facts") or table_in(table, "measure").get("facts") or "")
    match one.type:
        case FieldType.NUMBER:
            if one.rate:
                return limit_words(value, table_in(table, "measure"))
            number = as_number(value)
            return (
                format(number.normalize(), "f")
                if number is not None and not said(value).endswith("%")
                else said(value)
            )
        case FieldType.WHERE:
            return where_words(kind, value)
        case FieldType.TABLE:
            inner = table_in(table, one.name)
            return measure_words(inner) if one.shape == "measure" else _inner_words(inner)
        case FieldType.LIST:
            return joined(
                [_item_words(one.shape, item, kind) for item in tables_in(table, one.name)], semicolon
            )
        case FieldType.BANDS:
            return bands_words(table)
        case FieldType.POINTS:
            return event_words({key: table[key] for key in ("points", "by") if key in table}, "", kind)
        case FieldType.WORDS:
            return _names(one, kind, value)
        case FieldType.FLAG:
            return N_("yes") if value is True else N_("no") if value is False else said(value)
        case FieldType.CHOICE | FieldType.PICK:
            if one.offer is Offer.KINDS:
                return kind_words(said(value))
            if one.offer in {Offer.NUMBERS, Offer.NAMES}:
                return names_of_values(kind, [said(value)])[0]
            return dict(one.options).get("" if said(value) == one.default else said(value), said(value))
    return said(value)


def _names(one: FormField, kind: str, value: Any) -> Words:
    listed = [said(word) for word in (value if isinstance(value, list) else [value])]
    return joined(
        names_of_values(kind, listed) if one.offer in {Offer.NUMBERS, Offer.NAMES} else listed, comma
    )


def _item_words(shape: str, item: Mapping[str, Any], kind: str) -> Words:
    if shape == "zero_if":
        return condition_words(item)
    if shape == "part":
        terms = [_method(item), *(term_words(one, item) for one in fields_of("part", item))]
        return joined([term for term in terms if str(term)], comma)
    return event_words(item, "+" if shape == "add" else "−", kind)


def _inner_words(inner: Mapping[str, Any]) -> Words:
    facts = facts_words(inner.get("facts"), inner.get("where"))
    numbers = "、".join(
        f"{key} {said(inner[key])}" for key in ("at_least", "below", "factor") if key in inner
    )
    return N_("%(facts)s: %(numbers)s", facts=facts, numbers=numbers)


KIND_WORDS: Mapping[str, Sentence] = {
    "new": N_("new"),
    "dropped": N_("dropped"),
    "changed": N_("changed"),
}
