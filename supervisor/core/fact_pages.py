"""What the pages of facts show: by indicator where its facts come from, and by form what is entered and missing."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal

from scoring.numbers import show
from supervisor.clock import beijing_date
from supervisor.core import (
    fact_assessors,
    fact_needs,
    fact_values,
    given_facts,
    recorded_facts,
    rulebooks,
    score_calendar,
    score_records,
    score_scope,
)
from supervisor.core.fact_changes import valid_facts
from supervisor.core.fact_forms import FORMS, FactForm
from supervisor.core.fact_kinds import FactField, FieldType
from supervisor.core.fact_needs import Need, Source
from supervisor.core.fact_readers import visible_to
from supervisor.core.given_facts import Given
from supervisor.core.periods import Period
from supervisor.core.permissions import Actor
from supervisor.core.score_scope import Membership
from supervisor.core.scored_periods import periods_of_type, scored_period, types_of
from supervisor.errors import NotFound
from supervisor.models import (
    Attachment,
    FactAssessor,
    FactSettlement,
    FactState,
    Programme,
    RecordedFact,
    RulebookVersion,
    Unit,
)
from supervisor.words import N_, Sentence

YES, NO = N_("yes"), N_("no")
#: Periods of a type in the list; older ones that hold facts are listed too.
MOST = 8


@dataclass(frozen=True)
class FormState:
    """A form in a period: who is in charge, what is entered, for which units something is missing."""

    form: FactForm
    in_charge: tuple[FactAssessor, ...]
    facts: tuple[RecordedFact, ...]
    #: Units whose tables ask for it, in roster order.
    due: tuple[Unit, ...]
    settlement: FactSettlement | None
    may_enter: bool
    #: What Dukao gives of it by itself.
    given: Given | None = None

    @property
    def is_given(self) -> bool:
        """Whether nothing is entered, because Dukao counts it."""
        return self.given is not None and self.given.alone

    @property
    def entered(self) -> int:
        """Units with at least one fact, of those due."""
        units = {fact.unit_id for fact in self.facts}
        return sum(unit.id in units for unit in self.due)

    @property
    def missing(self) -> tuple[Unit, ...]:
        """Units without a fact, where every unit has one."""
        units = {fact.unit_id for fact in self.facts}
        return () if self.form.many else tuple(unit for unit in self.due if unit.id not in units)

    @property
    def is_complete(self) -> bool:
        """Whether nothing is waited for: declared so, every unit entered, or events entered."""
        if self.settlement is not None or self.is_given:
            return True
        if self.given is not None and not self.in_charge:
            return True  # what is found elsewhere may be added, and need not
        return bool(self.facts) and not self.missing

    @property
    def is_used(self) -> bool:
        """Whether anybody is in charge of it or has entered or declared anything."""
        return bool(self.in_charge or self.facts or self.settlement)


@dataclass(frozen=True)
class Asked:
    """An indicator with what feeds it."""

    source: Source
    states: tuple[FormState, ...]

    @property
    def need(self) -> Need:
        """What the rulebook asks for."""
        return self.source.need


@dataclass(frozen=True)
class Overview:
    """The page of a period."""

    period: Period
    rulebook: RulebookVersion | None
    asked: tuple[Asked, ...]
    #: Forms with facts that the rulebook in force does not ask for.
    others: tuple[FormState, ...]
    is_closed: bool
    #: Whether the reader may take an indicator out for one unit.
    exempts: bool = False

    @property
    def states(self) -> tuple[FormState, ...]:
        """Every form asked for, once."""
        return tuple({one.form.key: one for asked in self.asked for one in asked.states}.values())


@dataclass(frozen=True)
class PeriodLine:
    """A period in the list of periods, with how many facts it holds."""

    period: Period
    facts: int
    is_closed: bool


def periods(programme: Programme, *, by: Actor, now: datetime) -> list[PeriodLine]:
    """Periods that facts are entered for, newest first: those that the rulebook in force has tables for.

    Of each type the last ones since scoring began, up to the present one.
    """
    today = beijing_date(now)
    version = rulebooks.in_force(programme.id, score_calendar.shortest_on(programme.id, today))
    types = types_of(version.text) if version is not None else ()
    begin = score_calendar.first_scored(programme.id, today)
    first = begin.start if begin is not None and begin.start <= today else today
    keys = [key for type_ in types for key in _keys_of(type_, first, today)]
    held = _facts_by_period(by)
    keys += [key for key in held if key not in keys]
    lines = [scored_period(key) for key in keys]
    return [
        PeriodLine(one, held.get(one.key, 0), recorded_facts.is_closed(programme.id, one.key))
        for one in sorted(lines, key=lambda one: (one.end, one.key), reverse=True)
    ]


def _keys_of(type_: str, first: date, today: date) -> list[str]:
    """Keys of the last periods of a type, up to the present one; at most `MOST` of them."""
    return [one.key for one in periods_of_type(type_, first, today)][-MOST:]


def _facts_by_period(by: Actor) -> dict[str, int]:
    counts: dict[str, int] = {}
    for row in visible_to(by).where(RecordedFact.state == FactState.VALID):
        counts[row.period] = counts.get(row.period, 0) + 1
    return counts


def overview(programme: Programme, period: Period, *, by: Actor) -> Overview:
    """By indicator what the rulebook in force asks for, and what is there; to a person in charge only their forms."""
    version = rulebooks.in_force(programme.id, period)
    sources = fact_needs.sources_of(version.text, period.type) if version is not None else ()
    states = {state.form.key: state for state in form_states(programme, period, sources, by=by)}
    asked = []
    for source in sources:
        shown = tuple(states[form.key] for form in source.forms if form.key in states)
        if by.sees_all or any(state.may_enter for state in shown):
            asked.append(Asked(source, shown))
    wanted = {form.key for source in sources for form in source.forms}
    others = tuple(one for key, one in states.items() if key not in wanted and (by.sees_all or one.may_enter))
    exempts = version is not None and fact_assessors.may_enter(
        by, fact_assessors.by_form(programme.id).get(fact_needs.EXEMPTION, ())
    )
    return Overview(
        period, version, tuple(asked), others, recorded_facts.is_closed(programme.id, period.key), exempts
    )


def form_states(
    programme: Programme, period: Period, sources: Iterable[Source], *, by: Actor | None
) -> list[FormState]:
    """The state of every form that is asked for or has facts; a fixed number of selects."""
    places = score_scope.memberships(programme.id, period)
    in_charge = fact_assessors.by_form(programme.id)
    settled = recorded_facts.settlements(programme.id, period.key)
    facts: dict[str, list[RecordedFact]] = {}
    for row in valid_facts(programme.id, period.key):
        facts.setdefault(row.form, []).append(row)
    given = given_facts.given(programme.id, period, {place.unit.id for place in places})
    forms: dict[str, FactForm] = {}
    due: dict[str, set[int]] = {}
    everywhere = _named_groups(sources)
    for source in sources:
        for form in source.forms:
            forms[form.key] = form
            due.setdefault(form.key, set()).update(_units_of(source.need, places, everywhere))
    for key in facts:
        if key not in forms and (known := _known_form(programme, period, key)) is not None:
            forms[key] = known
    return [
        FormState(
            form, tuple(in_charge.get(key, ())), tuple(facts.get(key, ())),
            tuple(place.unit for place in places if place.unit.id in due.get(key, ())), settled.get(key),
            by is not None and fact_assessors.may_enter(by, in_charge.get(key, ())), given.get(key),
        )
        for key, form in forms.items()
    ]  # fmt: skip


def form_state(programme: Programme, period: Period, key: str, *, by: Actor) -> FormState:
    """One form in a period. NotFound for a form that neither the rulebook nor the product knows, or not for him."""
    form = form_of(programme, period, key)
    version = rulebooks.in_force(programme.id, period)
    sources = fact_needs.sources_of(version.text, period.type) if version is not None else ()
    known = {one.form.key: one for one in form_states(programme, period, sources, by=by)}
    state = known.get(key)
    if state is None:
        in_charge = tuple(fact_assessors.by_form(programme.id).get(key, ()))
        places = tuple(place.unit for place in score_scope.memberships(programme.id, period))
        state = FormState(
            form, in_charge, (), places, None, fact_assessors.may_enter(by, in_charge),
            given_facts.given_of(programme.id, period, key, {unit.id for unit in places}),
        )  # fmt: skip
    if not (by.sees_all or state.may_enter):
        raise NotFound
    return state


def form_of(programme: Programme, period: Period, key: str) -> FactForm:
    """A form by its key. NotFound for an unknown one."""
    version = rulebooks.in_force(programme.id, period)
    form = fact_needs.form_named(key, version.text if version is not None else "", period)
    if form is None:
        raise NotFound
    return form


def _known_form(programme: Programme, period: Period, key: str) -> FactForm | None:
    try:
        return form_of(programme, period, key)
    except NotFound:
        return None


def all_forms(programme: Programme, *, now: datetime) -> dict[str, FactForm]:
    """The forms that the rulebook in force asks for in any type of period, then the declared ones, by key."""
    version = rulebooks.in_force(programme.id, score_calendar.shortest_on(programme.id, beijing_date(now)))
    found: dict[str, FactForm] = {}
    for type_ in types_of(version.text) if version is not None else ():
        found |= fact_needs.forms_of(version.text, type_) if version is not None else {}
    return found | {form.key: form for form in FORMS if form.key not in found}


def groups_of(programme: Programme, period: Period, state: FormState) -> list[tuple[str, list[Unit]]]:
    """The units that a form is asked for, by assessment group."""
    due = {unit.id for unit in state.due}
    found: dict[str, list[Unit]] = {}
    for place in score_scope.memberships(programme.id, period):
        if place.unit.id in due:
            found.setdefault(place.group.name, []).append(place.unit)
    return list(found.items())


@dataclass(frozen=True)
class GivenLine:
    """One fact that Dukao gives, as the page of its form lists it."""

    unit: Unit
    subject: str | Sentence
    words: Sentence
    link: str | None
    #: Whether it costs points.
    costs: bool
    #: As somebody types it who found that it was put right only on paper; empty = it was not put right at all.
    typed: str


def given_lines(programme: Programme, state: FormState) -> list[GivenLine]:
    """What Dukao gives of a form, by unit in the order of the roster; those that cost points first in each unit.

    Left out: what a recorded fact stands for.
    """
    entered = {(row.unit_id, given_facts.folded(row.subject)) for row in state.facts if not state.is_given}
    facts = [
        fact
        for fact in (state.given.told if state.given is not None else ())
        if (int(fact.unit), given_facts.folded(fact.subject)) not in entered
    ]
    units = {unit.id: unit for unit in state.due}
    links = score_records.links_of((fact.record for fact in facts), programme.id)
    lines = []
    for fact in facts:
        unit = units.get(int(fact.unit))
        if unit is not None:
            told = score_records.evidence_of(
                {"kind": fact.kind, "subject": fact.subject, "values": fact.values, "record": fact.record},
                links.get(fact.record),
            )
            lines.append(
                GivenLine(
                    unit,
                    told.subject,
                    told.words,
                    told.link,
                    told.costs,
                    fact.subject if fact.values.get("done") else "",
                )
            )
    order = {unit.id: place for place, unit in enumerate(state.due)}
    return sorted(lines, key=lambda line: (order[line.unit.id], not line.costs))


def not_asked(state: FormState) -> dict[tuple[str, ...], list[str]]:
    """Of which units nothing was asked, by the months (keys) in which it was not."""
    units = {str(unit.id): unit.name for unit in state.due}
    months: dict[str, list[str]] = {}
    for fact in state.given.facts if state.given is not None else ():
        if fact.unit in units and fact.values.get("excuse") == "not_owed":
            months.setdefault(fact.unit, []).append(str(fact.values["period"]))
    found: dict[tuple[str, ...], list[str]] = {}
    for key, name in units.items():
        if key in months:
            found.setdefault(tuple(sorted(months[key])), []).append(name)
    return found


def _named_groups(sources: Iterable[Source]) -> frozenset[str]:
    return frozenset(name for source in sources for name in source.need.groups)


def _units_of(need: Need, places: list[Membership], named: frozenset[str]) -> set[int]:
    """Units that an indicator is for: of the groups its table names, or of all that no table names."""
    if need.part != "indicator":
        return {place.unit.id for place in places}
    if need.groups:
        return {place.unit.id for place in places if place.group.name in need.groups}
    return {place.unit.id for place in places if place.group.name not in named}


def shown(field: FactField, value: object) -> Sentence | str:
    """A stored value as people read it; a dash where it is known to be unknown."""
    if value is None or value == "":
        return "—"
    if field.type is FieldType.YES_NO:
        return YES if value else NO
    if field.type is FieldType.CHOICE:
        return dict(field.choices).get(str(value), str(value))
    if field.type is FieldType.TEXT:
        return str(value)
    return show(Decimal(str(value)))


def typed_again(form: FactForm, row: RecordedFact) -> dict[str, str]:
    """What stands in the fields when a fact is corrected."""
    texts = {field.name: fact_values.text_of(form, field.name, row.named) for field in form.fields}
    if form.kind == "satisfaction" and texts.get("satisfied"):
        texts["rate"] = ""  # it was worked out from the counts
    return texts | {"subject": row.subject, "day": row.day.isoformat() if row.day else "", "note": row.note}


@dataclass(frozen=True)
class FactPage:
    """One fact with its form, every version of it (the newest first), and whether the reader may change it."""

    row: RecordedFact
    form: FactForm
    period: Period
    versions: tuple[RecordedFact, ...]
    files: Mapping[int, list[Attachment]]
    may_change: bool
    is_own: bool
    is_closed: bool


def fact_page(row: RecordedFact, programme: Programme, *, by: Actor, now: datetime) -> FactPage:
    """Everything about one fact."""
    period = scored_period(row.period)
    form = form_of_fact(programme, row)
    versions = _versions(row)
    files: dict[int, list[Attachment]] = {}
    ids = [one.id for one in versions]
    for file in Attachment.select().where(Attachment.recorded_fact.in_(ids)).order_by(Attachment.id):
        files.setdefault(file.recorded_fact_id or 0, []).append(file)
    in_charge = fact_assessors.by_form(programme.id).get(row.form, [])
    own = row.unit_id in fact_assessors.own_units(by, programme.id, now)
    return FactPage(
        row, form, period, tuple(versions), files, fact_assessors.may_enter(by, in_charge) and not own, own,
        recorded_facts.is_closed(programme.id, row.period),
    )  # fmt: skip


def form_of_fact(programme: Programme, row: RecordedFact) -> FactForm:
    """The form of a fact; of one that no rulebook asks for any more, a form made from its values."""
    try:
        return form_of(programme, scored_period(row.period), row.form)
    except NotFound:
        fields = tuple(FactField(name, name, FieldType.TEXT, required=False) for name in sorted(row.named))
        return FactForm(row.form, row.kind, row.kind, fields)


def _versions(row: RecordedFact) -> list[RecordedFact]:
    """The chain that a fact belongs to, newest first: what replaced it, itself, what it replaced."""
    chain = [row]
    while (newer := RecordedFact.get_or_none(RecordedFact.replaces == chain[0].id)) is not None:
        chain.insert(0, newer)
    while chain[-1].replaces_id is not None:
        chain.append(RecordedFact.get_by_id(chain[-1].replaces_id))
    return chain
