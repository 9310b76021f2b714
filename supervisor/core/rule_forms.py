"""The form of a rule: fields that the office adds, changes, orders and ends; shown before it is made (D7).

A form is never changed: each change makes a new version with all its fields, for periods that end on a day or later.
What was handed in keeps the version that it was filled with, also when it comes back. A field keeps its key through
all versions, and with it its kind and unit of measure: another unit would be another figure.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Any

from peewee import JOIN

from supervisor.clock import beijing_date
from supervisor.core import audit, events, field_numbers, held_figures, messages, people
from supervisor.core.obliged import links_of, parties_of
from supervisor.core.periods import Period
from supervisor.core.permissions import Actor, Permission
from supervisor.core.unit_names import name_key
from supervisor.database import db, transactional
from supervisor.errors import Invalid, Refused, Stale
from supervisor.models import (
    FieldKind,
    Obligation,
    ObligationState,
    Report,
    ReportingRule,
    RuleField,
    RuleForm,
    RuleKind,
    RuleVersion,
)
from supervisor.words import N_, Sentence

#: Fields in one form, and choices in one field, at most: what a page can hold and a person fill in.
MOST_FIELDS, MOST_CHOICES = 40, 30
LONGEST_NAME, LONGEST_MEASURE, LONGEST_HINT, LONGEST_CHOICE = 40, 20, 200, 40


@dataclass(frozen=True)
class TypedField:
    """One field as typed; `place` names its inputs (`name-3`), `key` is None for a new one."""

    place: int
    name: str
    kind: str
    key: int | None = None
    measure: str = ""
    decimals: bool = False
    target: str = ""
    choices: tuple[str, ...] = ()
    required: bool = True
    hint: str = ""
    #: Where it stands in the form; equal ones stand as typed.
    order: int = 0
    #: Code of `held_figures.Source`, for a figure that is shown and not asked for.
    source: str = ""


@dataclass(frozen=True)
class FormEffects:
    """What a change of the form does."""

    added: tuple[str, ...] = ()
    changed: tuple[str, ...] = ()
    ended: tuple[str, ...] = ()
    #: Period → how many reports owed now, and not handed in yet, will ask for the new form.
    asked: Mapping[str, int] | None = None
    #: Reports of such periods that were handed in already and keep the form they had.
    kept: int = 0
    #: Units that owe what the rule asks for: their liaisons are told.
    units: int = 0


def newest_form(rule_id: int) -> RuleForm | None:
    """The last version of a rule's form, also one that holds from a day to come."""
    row: RuleForm | None = (
        RuleForm.select().where(RuleForm.rule == rule_id).order_by(RuleForm.number.desc()).first()
    )
    return row


def fields_of(form: RuleForm | None) -> list[RuleField]:
    """The fields of a form in their order."""
    if form is None:
        return []
    rows = RuleField.select().where(RuleField.form == form)
    return list(rows.order_by(RuleField.sort, RuleField.key))


def form_of(obligation: Obligation) -> RuleForm | None:
    """The form that this report is filled with: that of its first version, else the one for its period.

    A nil report has filled in none: a version that answers its return has the form of the period.
    """
    first = (
        Report.select(Report, RuleForm)
        .join(RuleForm, JOIN.LEFT_OUTER)
        .where((Report.obligation == obligation) & (Report.nil == False))  # noqa: E712 -- a column, not a bool
        .order_by(Report.number)
        .first()
    )
    if first is not None:
        return first.form if first.form_id else None
    return next(iter(_for_period(obligation.rule_id, obligation.period)), None)


def _for_period(rule_id: int, period: str) -> list[RuleForm]:
    end = Period.parse(period).end
    forms = RuleForm.select().where((RuleForm.rule == rule_id) & (RuleForm.valid_from <= end))
    return list(forms.order_by(RuleForm.number.desc()).limit(1))


def preview(
    rule: ReportingRule, typed: Sequence[TypedField], valid_from: date | None, *, by: Actor, now: datetime
) -> FormEffects:
    """What `save` would do; nothing is kept. Raises what `save` raises, but for a missing reason."""
    with db.atomic() as made:
        newest = newest_form(rule.id)
        _form, effects = save(
            rule, typed, valid_from, reason="预览", seen=newest.number if newest else 0, by=by, now=now, tell=False
        )  # fmt: skip
        made.rollback()
    return effects


@transactional
def save(
    rule: ReportingRule,
    typed: Sequence[TypedField],
    valid_from: date | None,
    *,
    reason: str,
    seen: int,
    by: Actor,
    now: datetime,
    tell: bool = True,
) -> tuple[RuleForm, FormEffects]:
    """Make a new version of a rule's form with these fields; the units that owe it are told.

    Raises Invalid for what is wrong or held elsewhere, Stale where somebody changed the form meanwhile.
    """
    by.require(Permission.PLAN_EDIT)
    if rule.kind is RuleKind.WORK_PLAN:
        raise Refused(N_("Units' work plans have a form of their own; no fields are added to it."))
    # Holding the rule's row keeps two that save apart.
    ReportingRule.update(version=ReportingRule.version + 1).where(ReportingRule.id == rule.id).execute()
    row: ReportingRule = ReportingRule.get_by_id(rule.id)
    old = newest_form(row.id)
    if (old.number if old else 0) != seen:
        raise Stale([], [])
    before = fields_of(old)
    wrong = _wrong(row, typed, before, valid_from, reason, beijing_date(now))
    if wrong or valid_from is None:
        raise Invalid(N_("The form was not changed."), wrong)
    form = RuleForm.create(
        rule=row, number=seen + 1, valid_from=valid_from, reason=reason.strip(), made_by=by.user_id,
        made_by_name=by.name, made_at=now,
    )  # fmt: skip
    _enter(form, typed, before)
    after = fields_of(form)
    owing = sorted({link.unit_id for link in parties_of(row, links_of(row.programme_id))})
    effects = replace(_effects(form, before, after), units=len(owing))
    kept = {"fields": [_kept(field) for field in before]}, {"fields": [_kept(field) for field in after]}
    RuleVersion.create(
        rule=row, number=row.version, before=kept[0], after=kept[1], reason=reason.strip(),
        changed_by=by.user_id, changed_by_name=by.name, changed_at=now,
    )  # fmt: skip
    audit.record(by, "rule.form", row, now=now, before=kept[0], after=kept[1], reason=reason)
    if tell and owing:
        _tell(row, form, effects, owing, now)
    return form, effects


def _wrong(
    rule: ReportingRule,
    typed: Sequence[TypedField],
    before: Sequence[RuleField],
    valid_from: date | None,
    reason: str,
    today: date,
) -> dict[str, Sentence]:
    wrong: dict[str, Sentence] = {}
    if not reason.strip():
        wrong["reason"] = N_("Say why: units will ask.")
    if valid_from is None:
        wrong["valid_from"] = N_("Give the day from which it holds.")
    elif valid_from < today:
        wrong["valid_from"] = N_(
            "Not before today: what is asked about a period that has ended stays as it was."
        )
    if len(typed) > MOST_FIELDS:
        wrong["fields"] = N_("At most %(most)s fields in one form.", most=MOST_FIELDS)
    old = {field.key: field for field in before}
    asked = held_figures.asked_of(rule)
    names: set[str] = set()
    for one in typed:
        wrong |= _wrong_field(one, old.get(one.key or 0), asked)
        key = name_key(one.name)
        if key and key in names:
            wrong[f"name-{one.place}"] = N_("“%(name)s” stands in this form twice.", name=one.name)
        names.add(key)
    return wrong


def _wrong_field(
    one: TypedField, old: RuleField | None, asked: Sequence[held_figures.Source]
) -> dict[str, Sentence]:
    wrong: dict[str, Sentence] = {}
    if not one.name.strip() or len(one.name) > LONGEST_NAME:
        wrong["name"] = N_("A name of at most %(most)s characters.", most=LONGEST_NAME)
    if len(one.measure) > LONGEST_MEASURE:
        wrong["measure"] = N_("At most %(n)s characters.", n=LONGEST_MEASURE)
    if len(one.hint) > LONGEST_HINT:
        wrong["hint"] = N_("At most %(n)s characters.", n=LONGEST_HINT)
    if one.kind not in set(FieldKind):
        wrong["kind"] = N_("Choose what the field holds.")
    elif old is not None and (old.kind.value, old.measure) != (one.kind, _measure(one)):
        wrong["kind"] = N_(
            "“%(name)s” keeps its kind and unit of measure: another would be another figure. "
            "End it and add a new field.",
            name=old.name,
        )
    elif old is not None and old.decimals and not one.decimals and old.kind.is_figure:
        wrong["kind"] = N_(
            "“%(name)s” was reported with decimals: it cannot do without them now.", name=old.name
        )
    else:
        wrong |= _wrong_kind(one, FieldKind(one.kind), asked)
    return {f"{name}-{one.place}": text for name, text in wrong.items()}


def _wrong_kind(
    one: TypedField, kind: FieldKind, asked: Sequence[held_figures.Source]
) -> dict[str, Sentence]:
    wrong: dict[str, Sentence] = {}
    if kind is FieldKind.CUMULATIVE and one.target.strip():
        try:
            field_numbers.read_number(one.target, decimals=one.decimals, measure=one.measure)
        except Invalid as error:
            wrong["target"] = error.sentence
    if kind is FieldKind.CHOICE:
        if not 2 <= len(set(one.choices)) <= MOST_CHOICES or len(set(one.choices)) < len(one.choices):
            wrong["choices"] = N_("Two to %(most)s different choices, separated by 、", most=MOST_CHOICES)
        elif any(len(each) > LONGEST_CHOICE for each in one.choices):
            wrong["choices"] = N_("A choice has at most %(most)s characters.", most=LONGEST_CHOICE)
    if kind is FieldKind.HELD:
        if one.source not in {source.code for source in asked if source.is_figure}:
            wrong["source"] = N_("Choose where the figure is held.")
    elif (clash := held_figures.clash(one.name, kind, asked)) is not None:
        wrong["name"] = clash
    return wrong


def _measure(one: TypedField) -> str:
    return one.measure if one.kind in {FieldKind.NUMBER, FieldKind.CUMULATIVE} else ""


def _enter(form: RuleForm, typed: Sequence[TypedField], before: Sequence[RuleField]) -> None:
    used = RuleField.select(RuleField.key).join(RuleForm).where(RuleForm.rule == form.rule_id)
    last = max((field.key for field in used), default=0)
    known = {field.key for field in before}
    for sort, one in enumerate(sorted(typed, key=lambda each: (each.order, each.place)), start=1):
        if one.key not in known:
            last += 1
        RuleField.create(
            form=form,
            key=one.key if one.key in known else last,
            sort=sort,
            **_values(one, FieldKind(one.kind)),
        )


def _values(one: TypedField, kind: FieldKind) -> dict[str, Any]:
    target = one.target.strip() if kind is FieldKind.CUMULATIVE else ""
    measure = one.measure
    return {
        "name": one.name.strip(), "kind": kind, "hint": one.hint, "measure": _measure(one),
        "decimals": one.decimals and kind.is_figure,
        "target": field_numbers.read_number(target, decimals=one.decimals, measure=measure) if target else None,
        "choices": list(one.choices) if kind is FieldKind.CHOICE else [],
        "required": one.required and kind is not FieldKind.HELD,
        **(held_figures.columns_of(one.source) if kind is FieldKind.HELD else {}),
    }  # fmt: skip


def _kept(field: RuleField) -> dict[str, Any]:
    """A field as history and audit trail keep it."""
    names = ("key", "name", "kind", "measure", "decimals", "target", "choices", "required", "hint", "sort")
    return {name: getattr(field, name) for name in names} | {"source": held_figures.code_of(field)}


def _effects(form: RuleForm, before: Sequence[RuleField], after: Sequence[RuleField]) -> FormEffects:
    old, new = {field.key: field for field in before}, {field.key: field for field in after}
    rows = list(Obligation.select().where(Obligation.rule == form.rule_id).order_by(Obligation.due_at))
    reported = {
        row.obligation_id
        for row in Report.select(Report.obligation).join(Obligation).where(Obligation.rule == form.rule_id)
    }
    asked: dict[str, int] = {}
    kept = 0
    for row in rows:
        if Period.parse(row.period).end < form.valid_from:
            continue
        if row.id in reported:
            kept += 1
        elif row.state is ObligationState.OPEN:
            asked[row.period] = asked.get(row.period, 0) + 1
    return FormEffects(
        added=tuple(new[key].name for key in new if key not in old),
        changed=tuple(new[key].name for key in new if key in old and _kept(new[key]) != _kept(old[key])),
        ended=tuple(old[key].name for key in old if key not in new),
        asked=asked,
        kept=kept,
    )


def _tell(
    rule: ReportingRule, form: RuleForm, effects: FormEffects, owing: Sequence[int], now: datetime
) -> None:
    """Tell the liaisons of the units that owe it, once a version (D13)."""
    found = people.liaisons_of(owing, rule.programme_id, beijing_date(now))
    parts = (
        (N_("Newly asked for: %(names)s"), effects.added),
        (N_("Changed: %(names)s"), effects.changed),
        (N_("No longer asked for: %(names)s"), effects.ended),
    )
    changes = [Sentence(words.msgid, {"names": "、".join(names)}) for words, names in parts if names]
    messages.notify(
        event=events.FORM_CHANGED,
        key=f"form:{rule.id}:{form.number}",
        to=[person for some in found.values() for person in some],
        fields={"rule": rule.name, "reason": form.reason, "changes": changes},
        link=f"/p/{rule.programme_id}/rules/{rule.id}",
        programme_id=rule.programme_id,
        now=now,
    )
