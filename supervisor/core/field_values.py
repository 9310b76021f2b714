"""What a unit says in the fields of a rule's form: read, checked, kept with the version of its report.

What is odd (totals that fall or pass their target, words and figures of the period before) is asked about as in the
entries of a report: the unit mends it or says why it is right, and the reviewer reads the reason.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from random import Random
from typing import Any

from supervisor.core import attachments, field_numbers, rule_forms
from supervisor.core.days import in_a_row
from supervisor.core.form_answers import NO, REASON, YES, Answers, field_name
from supervisor.core.permissions import Actor
from supervisor.core.report_bodies import TEXT_LIMIT, is_copy, says_nothing
from supervisor.errors import Invalid, NotFound
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
from supervisor.words import N_, Sentence

#: So many figures of a period, all those of the period before, are taken for a copy.
COPIED = 2


@dataclass(frozen=True)
class Said:
    """What one field holds, read."""

    field: RuleField
    number: int | None = None
    text: str = ""
    files: Sequence[int] = ()
    #: Files of the version before, which stay where no others are attached.
    carried: Sequence[Attachment] = ()

    @property
    def is_empty(self) -> bool:
        """Whether nothing was said."""
        return self.number is None and not self.text and not self.files and not self.carried


@dataclass(frozen=True)
class Filled:
    """The form of one report, read and checked: its values, what is wrong by input, what is odd."""

    form: RuleForm | None = None
    said: Sequence[Said] = ()
    reason: str = ""
    wrong: Mapping[str, Sentence] = field(default_factory=dict)
    odd: Sequence[Sentence] = ()

    @property
    def unexplained(self) -> dict[str, Sentence]:
        """What is odd and has no reason, as `Invalid.fields`."""
        if not self.odd or self.reason.strip():
            return {}
        return {REASON: N_("%(odd)s Mend it, or say why it is right.", odd=in_a_row(self.odd))}

    def require(self) -> None:
        """Raise Invalid, naming each field, where something is wrong or odd without a reason."""
        if self.wrong:
            raise Invalid(N_("Nothing was handed in."), self.wrong)
        if self.unexplained:
            raise Invalid(N_("Something is unusual. Mend it or give a reason."), self.unexplained)


def read(obligation: Obligation, answers: Answers) -> Filled:
    """The answers read against the form that this report is filled with; raises NotFound for a key of none."""
    form = rule_forms.form_of(obligation)
    fields = {each.key: each for each in rule_forms.fields_of(form)}
    number = form.number if form else 0
    wrong: dict[str, Sentence] = dict(answers.refused)
    if answers.form != number:
        # What was typed is read all the same: fields that stayed keep it.
        wrong["form"] = N_(
            "The office has changed the form meanwhile. What you typed is kept; please read it again."
        )
    elif (set(answers.texts) | set(answers.files)) - set(fields):
        raise NotFound
    before = files_before(obligation)
    said = []
    for each in fields.values():
        if each.kind is FieldKind.HELD:
            continue
        try:
            said.append(_read_field(each, answers, before.get(each.key, ())))
        except Invalid as error:
            wrong.setdefault(field_name(each.key), error.sentence)
    if len(answers.reason) > TEXT_LIMIT:
        wrong[REASON] = N_("At most %(n)s characters.", n=TEXT_LIMIT)
    odd = tuple(_odd(said, last_values(obligation))) if form else ()
    return Filled(form, said, answers.reason.strip(), wrong, odd)


def _read_field(of: RuleField, answers: Answers, carried: Sequence[Attachment]) -> Said:
    text = answers.texts.get(of.key, "").strip()
    said = Said(of)
    if of.kind.is_figure and text:
        said = replace(said, number=_number(of, text))
    elif of.kind is FieldKind.FILE:
        given = tuple(answers.files.get(of.key, ()))
        said = replace(said, files=given, carried=() if given else tuple(carried))
    elif text:
        _check_words(of, text)
        said = replace(said, text=text)
    if of.required and said.is_empty and not (answers.rehearsed and of.kind is FieldKind.FILE):
        raise Invalid(N_("“%(name)s” is missing.", name=of.name))
    return said


def _number(of: RuleField, text: str) -> int:
    try:
        return field_numbers.read_number(text, decimals=of.decimals, measure=of.measure)
    except Invalid as error:
        raise Invalid(N_("“%(name)s”: %(what)s", name=of.name, what=error.sentence)) from None


def _check_words(of: RuleField, text: str) -> None:
    if len(text) > TEXT_LIMIT:
        raise Invalid(N_("“%(name)s”: at most %(n)s characters.", name=of.name, n=TEXT_LIMIT))
    if of.kind is FieldKind.CHOICE and text not in of.choices:
        raise Invalid(N_("“%(name)s”: choose one of those offered.", name=of.name))
    if of.kind is FieldKind.YES_NO and text not in {YES, NO}:
        raise Invalid(N_("“%(name)s”: choose yes or no.", name=of.name))


def _odd(said: Sequence[Said], last: Mapping[int, FieldValue]) -> Iterator[Sentence]:
    same = []
    for one in said:
        before = last.get(one.field.key)
        if one.field.kind is FieldKind.CUMULATIVE and one.number is not None:
            yield from _odd_total(one.field, one.number, before)
        elif one.field.kind is FieldKind.TEXT and says_nothing(one.text):
            yield N_("“%(name)s” says nothing that can be checked.", name=one.field.name)
        elif one.field.kind is FieldKind.TEXT and before is not None and is_copy(one.text, before.text):
            yield N_("“%(name)s” reads as in the period before.", name=one.field.name)
        elif one.field.kind is FieldKind.NUMBER and one.number:
            same.append(before is not None and before.number == one.number)
    if len(same) >= COPIED and all(same):
        yield N_("All numbers of the period are those of the period before.")


def _odd_total(of: RuleField, number: int, before: FieldValue | None) -> Iterator[Sentence]:
    if before is not None and before.number is not None and number < before.number:
        yield N_(
            "%(measure)s: the cumulative figure falls from %(old)s to %(new)s.",
            measure=of.name,
            old=field_numbers.say_number(before.number),
            new=field_numbers.say_number(number),
        )
    if of.target is not None and number > of.target:
        yield N_(
            "%(measure)s: %(new)s is more than the target of %(target)s.",
            measure=of.name,
            new=field_numbers.say_number(number),
            target=field_numbers.say_number(of.target),
        )


def last_values(obligation: Obligation) -> dict[int, FieldValue]:
    """Key → what the unit said in the newest earlier period for which it handed in a form."""
    row = (
        Report.select(Report.id)
        .join(Obligation)
        .where(
            (Obligation.rule == obligation.rule_id)
            & (Obligation.unit == obligation.unit_id)
            & (Obligation.period < obligation.period)
            & Report.sent
            & Report.form.is_null(is_null=False)
            & (Report.nil == False)  # noqa: E712 -- a column, not a bool
        )
        .order_by(Obligation.period.desc(), Report.number.desc())
        .first()
    )
    return {} if row is None else values_of([row.id]).get(row.id, {})


def values_of(report_ids: Sequence[int]) -> dict[int, dict[int, FieldValue]]:
    """Report → key → value with its field, in the order of the forms."""
    query = FieldValue.select(FieldValue, RuleField).join(RuleField)
    rows = query.where(FieldValue.report.in_(list(report_ids))).order_by(RuleField.sort, RuleField.key)
    found: dict[int, dict[int, FieldValue]] = {}
    for row in rows:
        found.setdefault(row.report_id, {})[row.field.key] = row
    return found


def files_of(values: Sequence[FieldValue]) -> dict[int, list[Attachment]]:
    """Value → its files."""
    found: dict[int, list[Attachment]] = {}
    ids = [row.id for row in values]
    for file in Attachment.select().where(Attachment.field_value.in_(ids)).order_by(Attachment.id):
        found.setdefault(file.field_value_id or 0, []).append(file)
    return found


def files_before(obligation: Obligation) -> dict[int, list[Attachment]]:
    """Key → files of the newest version of a report that came back; of counted items each has its own."""
    newest = (
        Report.select(Report.id).where(Report.obligation == obligation).order_by(Report.number.desc()).first()
    )
    if newest is None or obligation.rule.kind is RuleKind.COUNT:
        return {}
    values = values_of([newest.id]).get(newest.id, {})
    files = files_of(list(values.values()))
    return {key: files[row.id] for key, row in values.items() if row.id in files}


def store(report: Report, filled: Filled, *, by: Actor) -> None:
    """Keep the values with the version just written."""
    for one in filled.said:
        if one.is_empty:
            continue
        row = FieldValue.create(report=report, field=one.field, number=one.number, text=one.text)
        attachments.link(one.files, field_value=row, by=by)
        attachments.carry(one.carried, field_value=row)


def content_of(filled: Filled) -> dict[str, Any]:
    """The values as the audit trail hashes them."""
    if filled.form is None:
        return {}
    return {
        "form": filled.form.number,
        "reason": filled.reason,
        "values": {
            str(one.field.key): [one.number, one.text, sorted([*one.files, *(f.id for f in one.carried)])]
            for one in filled.said
            if not one.is_empty
        },
    }


def rehearse(obligation: Obligation, dice: Random) -> Answers:
    """Answers that a played unit gives: figures that rise and stay below their targets."""
    form = rule_forms.form_of(obligation)
    last = last_values(obligation)
    texts = {
        each.key: _played(each, last.get(each.key), obligation, dice)
        for each in rule_forms.fields_of(form)
        if each.kind not in {FieldKind.FILE, FieldKind.HELD}
    }
    return Answers(form.number if form else 0, texts, reason="推演" if form else "", rehearsed=True)


def _played(of: RuleField, before: FieldValue | None, obligation: Obligation, dice: Random) -> str:
    if of.kind is FieldKind.CUMULATIVE:
        reached = before.number if before and before.number else 0
        rest = max((of.target or reached + 10_000) - reached, 0) // 100
        return field_numbers.write_number(reached + 100 * dice.randint(0, rest // 6))
    if of.kind is FieldKind.NUMBER:
        return str(dice.randint(1, 30))
    if of.kind is FieldKind.CHOICE:
        return str(dice.choice(of.choices))
    return dice.choice([YES, NO]) if of.kind is FieldKind.YES_NO else f"推演：{obligation.period}情况。"
