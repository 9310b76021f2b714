"""The form of a rule as pages show it: to be filled in, as a version said it, and as the office arranges it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from supervisor.core import field_numbers, field_values, held_figures, rule_forms
from supervisor.core.held_figures import Held
from supervisor.core.periods import Period
from supervisor.models import (
    Attachment,
    FieldKind,
    FieldValue,
    Obligation,
    Report,
    RuleField,
    RuleForm,
    RuleKind,
)

#: Empty fields offered at the end of the form that the office arranges.
EMPTY = 2


@dataclass(frozen=True)
class Line:
    """One field: what is said in it, what was said about the period before, what is held of it elsewhere."""

    field: RuleField
    value: FieldValue | None = None
    last: FieldValue | None = None
    files: Sequence[Attachment] = ()
    held: Sequence[Held] = ()
    #: Whether it differs from the version before.
    changed: bool = False

    @property
    def text(self) -> str:
        """What is said, for readers; `yes` and `no` stay words of the code."""
        return value_text(self.value)

    @property
    def last_text(self) -> str:
        """What was said about the period before."""
        return value_text(self.last)

    @property
    def typed(self) -> str:
        """What is said, as a form takes it."""
        if self.value is None:
            return ""
        number = self.value.number
        return self.value.text if number is None else field_numbers.write_number(number)

    @property
    def target_text(self) -> str:
        """The target with its unit of measure; empty = none."""
        target = self.field.target
        return "" if target is None else field_numbers.say_number(target, self.field.measure)

    @property
    def step(self) -> int | None:
        """Hundredths since the period before."""
        if self.value is None or self.last is None or self.value.number is None or self.last.number is None:
            return None
        return self.value.number - self.last.number

    @property
    def is_odd(self) -> bool:
        """Whether a cumulative figure fell or passed its target."""
        number = self.value.number if self.value else None
        if number is None or self.field.kind is not FieldKind.CUMULATIVE:
            return False
        fell = self.step is not None and self.step < 0
        return fell or (self.field.target is not None and number > self.field.target)


@dataclass(frozen=True)
class FormPage:
    """A form with its lines, and why what is unusual in it is right."""

    form: RuleForm
    lines: Sequence[Line]
    reason: str = ""


def value_text(value: FieldValue | None) -> str:
    """A value for readers."""
    if value is None:
        return ""
    if value.number is None:
        return value.text
    return field_numbers.say_number(value.number, value.field.measure)


def to_fill(obligation: Obligation) -> FormPage | None:
    """The form that a unit fills in, with what the version before said; None where the rule asks for none."""
    form = rule_forms.form_of(obligation)
    if form is None:
        return None
    newest = (
        Report.select().where(Report.obligation == obligation).order_by(Report.number.desc()).first()
        if obligation.rule.kind is not RuleKind.COUNT
        else None
    )
    values = field_values.values_of([newest.id]).get(newest.id, {}) if newest else {}
    return _page(form, obligation, values, reason=newest.form_reason if newest else "")


def filled(obligation: Obligation, reports: Sequence[Report]) -> dict[int, FormPage]:
    """Report → its form as that version says it, for versions of one thing owed, the oldest first."""
    with_form = [(report, report.form) for report in reports if report.form is not None]
    values = field_values.values_of([report.id for report, _form in with_form])
    found: dict[int, FormPage] = {}
    before: Mapping[int, FieldValue] = {}
    counted = obligation.rule.kind is RuleKind.COUNT
    for report, form in with_form:
        said = values.get(report.id, {})
        found[report.id] = _page(form, obligation, said, before=before, reason=report.form_reason)
        before = {} if counted else said
    return found


def _page(
    form: RuleForm,
    obligation: Obligation,
    values: Mapping[int, FieldValue],
    *,
    before: Mapping[int, FieldValue] | None = None,
    reason: str = "",
) -> FormPage:
    fields = rule_forms.fields_of(form)
    last = field_values.last_values(obligation)
    files = field_values.files_of(list(values.values()))
    until = Period.parse(obligation.period).end
    held = held_figures.read(fields, [obligation.unit_id], obligation.programme_id, until)
    lines = [
        Line(
            each,
            value := values.get(each.key),
            last.get(each.key),
            files.get(value.id, ()) if value else (),
            held.get((each.key, obligation.unit_id), ()),
            bool(before) and _said(value) != _said((before or {}).get(each.key)),
        )
        for each in fields
    ]
    return FormPage(form, lines, reason)


def _said(value: FieldValue | None) -> tuple[int | None, str]:
    return (value.number, value.text) if value else (None, "")


# The office's own page ----------------------------------------------------------------------------------------------


def given(form: RuleForm | None, today: date) -> tuple[dict[str, str], int]:
    """The inputs of the office's page as text, and how many fields they are; empty ones at the end."""
    fields = rule_forms.fields_of(form)
    values = {"valid_from": today.isoformat()}
    for place, field in enumerate(fields, start=1):
        own = {
            "key": field.key, "name": field.name, "kind": field.kind.value, "measure": field.measure,
            "decimals": "1" if field.decimals else "", "choices": "、".join(field.choices), "hint": field.hint,
            "target": "" if field.target is None else field_numbers.write_number(field.target),
            "required": "1" if field.required else "", "order": place, "source": held_figures.code_of(field),
        }  # fmt: skip
        values |= {f"{name}-{place}": str(value) for name, value in own.items()}
    rows = len(fields) + EMPTY
    for place in range(len(fields) + 1, rows + 1):
        values |= {f"order-{place}": str(place), f"required-{place}": "1"}
    return values, rows
