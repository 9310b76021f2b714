"""Rows that somebody typed or uploaded, against what is recorded: what is new, what changes, what is wrong where.

The page with all units of a group, the form for one fact and the import ask this one module, so that they cannot
judge differently. Nothing is stored here.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date

from supervisor.core import fact_values, given_facts, score_scope
from supervisor.core.days import day_words
from supervisor.core.fact_forms import FactForm
from supervisor.core.fact_values import Faults, Typed
from supervisor.core.periods import Period
from supervisor.database import digest
from supervisor.fields import canonical_json
from supervisor.models import (
    FactState,
    GroupKind,
    GroupMember,
    Programme,
    RecordedFact,
    Unit,
    UnitGroup,
)
from supervisor.words import N_, Sentence

GIVEN_ALREADY = N_(
    "Dukao counts this problem of the unit by itself: it would count twice. Enter it only if it was put right only on "
    "paper; your entry then stands in its place."
)


GIVEN_ANYWAY = N_("Dukao counts this of the unit by itself: it would count twice.")


@dataclass(frozen=True)
class Row:
    """One line as typed.

    Attributes:
        place: names the line to the person: a unit's id on a page, a row of the sheet.
        unit: id of the unit; None = the name in the line is nobody's.
        texts: what stands in its fields.
        fact: number of the recorded fact that the line is about; None = whatever fact says the same thing, or none.
    """

    place: str
    unit: int | None
    texts: Mapping[str, str]
    fact: int | None = None


@dataclass(frozen=True)
class Change:
    """One line that is right: a new fact, a correction of `before`, or nothing new."""

    place: str
    unit: Unit
    typed: Typed
    before: RecordedFact | None

    @property
    def is_same(self) -> bool:
        """Whether the line says what is recorded already."""
        old, typed = self.before, self.typed
        if old is None or typed.source not in {"", old.source}:
            return False
        return (typed.subject, typed.day, dict(typed.named), typed.note) == (
            old.subject, old.day, dict(old.named), old.note,
        )  # fmt: skip


@dataclass(frozen=True)
class Reading:
    """All lines: those that are right, and by place and field what is wrong."""

    changes: tuple[Change, ...]
    faults: Mapping[str, Faults]

    @property
    def news(self) -> tuple[Change, ...]:
        """Lines that would change something."""
        return tuple(change for change in self.changes if not change.is_same)


def read(
    programme: Programme,
    period: Period,
    form: FactForm,
    rows: Iterable[Row],
    *,
    own: set[int],
    today: date,
) -> Reading:
    """Read lines; each fault names its line and field.

    Args:
        programme: whose units.
        period: where the facts count.
        form: what is entered.
        rows: the lines.
        own: units of the person who enters, for which they enter nothing (D17).
        today: no fact lies in the future.
    """
    places = {place.unit.id: place for place in score_scope.memberships(programme.id, period)}
    spans = _spans(programme.id)
    valid = list(valid_facts(programme.id, period.key, form.key))
    by_id, by_key = {row.id: row for row in valid}, {row.open_key: row for row in valid}
    given = given_facts.subjects(given_facts.given_of(programme.id, period, form.key, set(places)))
    changes: list[Change] = []
    faults: dict[str, Faults] = {}
    seen: dict[str, str] = {}
    for row in rows:
        typed, wrong = fact_values.read(form, row.texts, period, today)
        place = places.get(row.unit) if row.unit is not None else None
        unit = place.unit if place is not None else None
        if unit is None:
            wrong = {"unit": _not_assessed(row.unit, spans, period), **wrong}
        elif unit.id in own:
            wrong = {
                "unit": N_(
                    "Nobody enters facts for their own unit: you hold a post in %(unit)s.", unit=unit.name
                )
            }
        elif typed.day is not None and (fault := _not_there(unit, typed.day, spans)) is not None:
            wrong = {"day": fault, **wrong}
        elif form.refuse is not None and place is not None and not wrong:
            refusal = form.refuse(place.group.name, typed.named)
            wrong = {form.fields[0].name: refusal} if refusal is not None else {}
        elif row.unit is not None and not wrong and _is_given(row.unit, typed, given):
            wrong = {"subject": GIVEN_ALREADY if form.field_named("false") is not None else GIVEN_ANYWAY}
        before = by_id.get(row.fact) if row.fact is not None else None
        if row.fact is not None and before is None:
            wrong["number"] = N_("No. %(n)s is no fact of this list that still counts.", n=row.fact)
        if unit is not None and not wrong:
            key = open_key(programme.id, period, form, unit.id, typed)
            known = by_key.get(key)
            if (before is None and known is not None and form.many) or (
                before is not None and known is not None and known.id != before.id
            ):
                wrong["subject"] = _known_already(known)
            elif key in seen:
                wrong["subject" if form.many else "unit"] = N_(
                    "The same thing stands in line %(line)s already.", line=seen[key]
                )
            else:
                seen[key] = row.place
                changes.append(Change(row.place, unit, typed, before or known))
        if wrong:
            faults[row.place] = wrong
    return Reading(tuple(changes), faults)


def _is_given(unit_id: int, typed: Typed, given: set[tuple[int, str]]) -> bool:
    """Whether Dukao gives this already; what was put right only on paper, a person has to say."""
    return (unit_id, given_facts.folded(typed.subject)) in given and typed.named.get("false") is not True


def valid_facts(programme_id: int, key: str, form: str | None = None) -> Iterable[RecordedFact]:
    """Facts of a period that count, with their units, in the order of the roster."""
    of_period = (
        (RecordedFact.programme == programme_id)
        & (RecordedFact.period == key)
        & (RecordedFact.state == FactState.VALID)
    )
    if form is not None:
        of_period &= RecordedFact.form == form
    query = RecordedFact.select(RecordedFact, Unit).join(Unit).where(of_period)
    return query.order_by(Unit.sort, Unit.id, RecordedFact.day, RecordedFact.subject, RecordedFact.id)


def open_key(programme_id: int, period: Period, form: FactForm, unit_id: int, typed: Typed) -> str:
    """What makes two facts say the same thing, as the database keeps it unique."""
    about = {name: typed.subject if name == "subject" else typed.named.get(name) for name in form.one_thing}
    return digest(canonical_json([programme_id, period.key, form.key, unit_id, about]))


def _known_already(known: RecordedFact) -> Sentence:
    return N_(
        "This is recorded already as No. %(n)s, by %(name)s on %(day)s. Correct that one if it is wrong.",
        n=known.id, name=known.by_name, day=day_words(known.entered_at.date()),
    )  # fmt: skip


def _spans(programme_id: int) -> dict[int, list[tuple[date, date]]]:
    """From when to when each unit stood in an assessment group."""
    rows = (
        GroupMember.select(GroupMember.unit, GroupMember.valid_from, GroupMember.valid_to)
        .join(UnitGroup)
        .where((UnitGroup.programme == programme_id) & (UnitGroup.kind == GroupKind.ASSESSMENT))
        .order_by(GroupMember.id)
    )
    spans: dict[int, list[tuple[date, date]]] = {}
    for row in rows:
        spans.setdefault(row.unit_id, []).append((row.valid_from or date.min, row.valid_to or date.max))
    return spans


def _not_assessed(
    unit_id: int | None, spans: Mapping[int, list[tuple[date, date]]], period: Period
) -> Sentence:
    """Why nothing can be entered for a unit: no such unit, joined later, left before, in no group."""
    unit = Unit.get_or_none(Unit.id == unit_id) if unit_id is not None else None
    if unit is None:
        return N_("No unit of this period has that name.")
    mine = spans.get(unit.id, [])
    later = [first for first, _last in mine if first > period.end]
    earlier = [last for _first, last in mine if last < period.start]
    if later:
        return N_(
            "%(unit)s joined on %(day)s, after %(period)s: it is not assessed there.",
            unit=unit.name, day=day_words(min(later)), period=period.label,
        )  # fmt: skip
    if earlier:
        return N_(
            "%(unit)s left on %(day)s, before %(period)s: it is not assessed there.",
            unit=unit.name, day=day_words(max(earlier)), period=period.label,
        )  # fmt: skip
    return N_("%(unit)s is in no assessment group of %(period)s.", unit=unit.name, period=period.label)


def _not_there(unit: Unit, day: date, spans: Mapping[int, list[tuple[date, date]]]) -> Sentence | None:
    if any(first <= day <= last for first, last in spans.get(unit.id, [])):
        return None
    return N_(
        "%(unit)s was in no assessment group on %(day)s: what happened then is not counted for it.",
        unit=unit.name, day=day_words(day),
    )  # fmt: skip
