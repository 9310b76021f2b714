"""What is held or asked already: with tasks, by another rule, in a report's fixed parts; nobody is asked for it twice.

A field of a form may show such a figure instead of asking for it. Shown is the newest one about the report's own
period or an earlier one, that was accepted or waits for review, with where it stands. Words, choices and files are
not shown elsewhere: a second field for them is left out.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from peewee import fn

from supervisor.core import field_numbers, obligations, schedules
from supervisor.core.obliged import links_of, parties_of
from supervisor.core.periods import Period
from supervisor.core.unit_names import name_key
from supervisor.errors import Invalid
from supervisor.models import (
    Entry,
    FieldKind,
    FieldValue,
    Obligation,
    ObligationState,
    QuantityTarget,
    Report,
    ReportedQuantity,
    ReportEntry,
    ReportingRule,
    RuleField,
    RuleForm,
    RuleKind,
    Task,
    TaskState,
    Verdict,
)
from supervisor.models.base import rows_of
from supervisor.words import N_, Sentence, say

_IN_BRACKETS = re.compile(r"[（(][^（）()]*[）)]$")
#: What a progress report asks of each task, besides its figures.
FIXED_PARTS = (N_("Done this month"), N_("Problems"), N_("Next steps"))
#: Names of fields that speak of the report itself: each report may have its own.
_ABOUT_THE_REPORT = frozenset(map(name_key, ("备注", "说明", "其他", "其他说明", "补充说明", "附件")))


@dataclass(frozen=True)
class Source:
    """Where a figure is held: its code in a form, its name, and where it is asked for in words."""

    code: str
    name: str
    words: Sentence
    link: str
    #: Whether it is asked of the same units in the same periods, so that asking again would be twice.
    binds: bool = True
    #: Whether it is a number, which a field may show; words, choices and files are only asked.
    is_figure: bool = True


@dataclass(frozen=True)
class Held:
    """A figure that is held: how much, about which period, handed in when, and whether it was accepted."""

    number: int
    measure: str
    target: int | None
    period: str
    received_at: datetime | None
    accepted: bool
    words: Sentence
    #: Application path of the report that says it.
    link: str

    @property
    def text(self) -> str:
        """The figure for readers."""
        return field_numbers.say_number(self.number, self.measure)


@dataclass(frozen=True)
class _Standing:
    """The rules in force of a programme, the units that owe each, and the fields that its form asks for."""

    rules: Sequence[ReportingRule]
    units: Mapping[int, set[int]]
    fields: Mapping[int, Sequence[RuleField]]


def _standing(programme_id: int, *more: ReportingRule) -> _Standing:
    links = links_of(programme_id)
    rules = list(obligations.rules_in_force(programme_id))
    units = {rule.id: {link.unit_id for link in parties_of(rule, links)} for rule in (*rules, *more)}
    fields: dict[int, list[RuleField]] = {}
    later = RuleForm.alias()
    newest = later.select(fn.MAX(later.number)).where(later.rule == RuleForm.rule)
    for field in (
        RuleField.select(RuleField, RuleForm)
        .join(RuleForm)
        .where(
            RuleForm.rule.in_(list(units)) & (RuleForm.number == newest) & (RuleField.kind != FieldKind.HELD)
        )
        .order_by(RuleField.sort)
    ):
        fields.setdefault(field.form.rule_id, []).append(field)
    return _Standing(rules, units, fields)


def sources(rule: ReportingRule) -> list[Source]:
    """The figures held elsewhere of units that owe what this rule asks for: of their tasks, of other rules."""
    return [source for source in asked_of(rule) if source.is_figure]


def asked_of(rule: ReportingRule) -> list[Source]:
    """All that units which owe what this rule asks for are asked already: figures, words, choices and files."""
    return _asked_of(rule, _standing(rule.programme_id, rule))


def _asked_of(rule: ReportingRule, standing: _Standing) -> list[Source]:
    fixed = _fixed_parts(rule, standing)
    return [*_of_tasks(rule, standing.units[rule.id]), *_of_rules(rule, standing), *fixed]


def _of_tasks(rule: ReportingRule, units: set[int]) -> Iterable[Source]:
    query = (
        QuantityTarget.select(QuantityTarget.measure, Task.id, Task.sort, Task.title)
        .join(Task)
        .where(
            (Task.programme == rule.programme_id)
            & Task.state.in_([TaskState.OPEN, TaskState.CLOSED])
            & QuantityTarget.unit.in_(sorted(units))
        )
        .order_by(Task.sort, QuantityTarget.id)
    )
    seen: set[str] = set()
    for measure, task_id, place, title in rows_of(query):
        if measure not in seen:
            seen.add(measure)
            yield Source(
                f"m:{measure}",
                measure,
                N_("task %(place)s “%(title)s”", place=place, title=title[:30]),
                f"/p/{rule.programme_id}/tasks/{task_id}",
            )


def _of_rules(rule: ReportingRule, standing: _Standing) -> Iterable[Source]:
    for other in standing.rules:
        if other.id == rule.id or not standing.units[rule.id] & standing.units[other.id]:
            continue
        for field in standing.fields.get(other.id, ()):
            yield Source(
                f"r:{other.id}:{field.key}",
                field.name,
                N_("“%(rule)s”", rule=other.name),
                f"/p/{rule.programme_id}/rules/{other.id}",
                _same_rhythm(rule, other),
                field.kind.is_figure,
            )


def _same_rhythm(one: ReportingRule, two: ReportingRule) -> bool:
    """Whether two rules ask about the same periods: those that return as often, or are owed once on one day."""
    kind = schedules.kind_of(one)
    return kind is schedules.kind_of(two) and (kind is not None or one.due_on == two.due_on)


def _fixed_parts(rule: ReportingRule, standing: _Standing) -> Iterable[Source]:
    """What every progress report asks for besides the fields of its form, of each task; the rule's own among them."""
    for other in {row.id: row for row in (*standing.rules, rule)}.values():
        common = standing.units[rule.id] & standing.units[other.id]
        if other.kind is not RuleKind.PROGRESS or not (common or other.id == rule.id):
            continue
        for part in FIXED_PARTS:
            yield Source(
                "",
                say(part, "zh_CN"),
                N_("the fixed parts of “%(rule)s”", rule=other.name),
                f"/p/{rule.programme_id}/rules/{other.id}",
                _same_rhythm(rule, other),
                is_figure=False,
            )


def _bare(name: str) -> str:
    """The name as compared, without the unit of measure that a task's quantity has in brackets."""
    return name_key(_IN_BRACKETS.sub("", name.strip()))


def clash(name: str, kind: FieldKind, asked: Sequence[Source]) -> Sentence | None:
    """What must be said of a field whose answer is asked for elsewhere already, or None."""
    for source in asked:
        if not source.binds or _bare(source.name) != _bare(name):
            continue
        said = {"name": name.strip(), "where": source.words}
        if source.is_figure and kind.is_figure:
            return N_(
                "“%(name)s” is held already: units report it with %(where)s. Choose “shown, held elsewhere” to show it "
                "here, leave the field out, or name the other figure that is meant.",
                **said,
            )
        if _bare(name) not in _ABOUT_THE_REPORT:
            return N_(
                "“%(name)s” is asked already: units fill it in with %(where)s. Leave the field out, or name what else "
                "is meant.",
                **said,
            )
    return None


def asked_twice(programme_id: int) -> list[tuple[ReportingRule, Sentence]]:
    """Fields of rules in force whose answer units give elsewhere too, each with what must be said of it."""
    standing = _standing(programme_id)
    return [
        (rule, said)
        for rule in standing.rules
        if rule.id in standing.fields
        for said in _clashes(rule, standing)
    ]


def _clashes(rule: ReportingRule, standing: _Standing) -> list[Sentence]:
    asked = _asked_of(rule, standing) if rule.id in standing.fields else []
    said = (clash(field.name, field.kind, asked) for field in standing.fields.get(rule.id, ()))
    return [one for one in said if one is not None]


def refuse(rule: ReportingRule) -> None:
    """Raise Invalid where a rule, as it now stands, asks its units for what they give elsewhere."""
    for said in _clashes(rule, _standing(rule.programme_id, rule)):
        raise Invalid(N_("The rule was not saved."), {"what": said})


def code_of(field: RuleField) -> str:
    """The code of the source that a field shows; empty for one that asks."""
    if field.source_rule_id is not None:
        return f"r:{field.source_rule_id}:{field.source_key}"
    return f"m:{field.source_measure}" if field.source_measure else ""


def columns_of(code: str) -> dict[str, object]:
    """The columns of a field that shows the source of this code."""
    kind, _colon, rest = code.partition(":")
    if kind == "m":
        return {"source_measure": rest}
    rule_id, _colon, key = rest.partition(":")
    return {"source_rule": int(rule_id), "source_key": int(key)}


# What is held -------------------------------------------------------------------------------------------------------

_Of = dict[tuple[int, int], list[Held]]


def read(fields: Sequence[RuleField], unit_ids: Sequence[int], programme_id: int, until: date) -> _Of:
    """(field's key, unit) → the figures held of it, about periods that end by `until`; at most three queries."""
    shown = [field for field in fields if field.kind is FieldKind.HELD]
    found: _Of = {}
    measures = {field.source_measure: field.key for field in shown if field.source_measure}
    if measures:
        _read_tasks(found, measures, unit_ids, programme_id, until)
    others = {(f.source_rule_id or 0, f.source_key or 0): f.key for f in shown if f.source_rule_id}
    if others:
        _read_rules(found, others, unit_ids, programme_id, until)
    return found


def _read_tasks(
    found: _Of, measures: dict[str, int], unit_ids: Sequence[int], programme_id: int, until: date
) -> None:
    """Of each of a unit's tasks the newest figure, in the order of tasks; they are never added up."""
    query = (
        ReportedQuantity.select(
            ReportedQuantity.measure, ReportedQuantity.cumulative, Obligation.id, Obligation.unit,
            Obligation.period, Report.received_at, ReportEntry.verdict, Task.id, Task.sort, Task.title,
        )
        .join(ReportEntry).join(Report).join(Obligation).switch(ReportEntry).join(Entry).join(Task)
        .where(
            (Obligation.programme == programme_id)
            & Obligation.unit.in_(list(unit_ids))
            & ReportedQuantity.measure.in_(sorted(measures))
            & Report.sent
            & (ReportEntry.verdict.is_null() | (ReportEntry.verdict == Verdict.ACCEPTED))
        )
        .order_by(Task.sort, Task.id, Report.received_at, Report.id)
    )  # fmt: skip
    targets = {
        (row.measure, row.unit_id, row.task_id): row
        for row in QuantityTarget.select(QuantityTarget, Task).join(Task).where(
            (Task.programme == programme_id)
            & QuantityTarget.measure.in_(sorted(measures))
            & QuantityTarget.unit.in_(list(unit_ids))
        ).order_by(Task.sort, Task.id)
    }  # fmt: skip
    newest: dict[tuple[str, int, int], tuple[date, Held]] = {}
    for measure, figure, owed, unit, period, at, verdict, task, place, title in rows_of(query):
        end, key = Period.parse(period).end, (measure, unit, task)
        if end > until or (key in newest and newest[key][0] > end):
            continue
        target = targets.get(key)
        newest[key] = end, Held(
            figure * 100, "", target.target * 100 if target else None, period, at, verdict is Verdict.ACCEPTED,
            N_("task %(place)s “%(title)s”", place=place, title=title[:30]),
            f"/p/{programme_id}/reports/{owed}#task-{task}",
        )  # fmt: skip
    for (measure, unit, _task), (_end, held) in newest.items():
        found.setdefault((measures[measure], unit), []).append(held)


def _read_rules(
    found: _Of,
    others: dict[tuple[int, int], int],
    unit_ids: Sequence[int],
    programme_id: int,
    until: date,
) -> None:
    query = (
        FieldValue.select(FieldValue, RuleField, Report, Obligation, ReportingRule)
        .join(RuleField)
        .switch(FieldValue)
        .join(Report)
        .join(Obligation)
        .join(ReportingRule)
        .where(
            (Obligation.programme == programme_id)
            & Obligation.unit.in_(list(unit_ids))
            & Obligation.rule.in_(sorted({rule for rule, _key in others}))
            & RuleField.key.in_(sorted({key for _rule, key in others}))
            & (Obligation.state != ObligationState.RETURNED)
            & Report.sent
        )
        .order_by(Report.number)
    )
    newest: dict[tuple[int, int], tuple[date, Held]] = {}
    for row in query:
        owed = row.report.obligation
        shown_as = others.get((owed.rule_id, row.field.key))
        end = Period.parse(owed.period).end
        if shown_as is None or row.number is None or end > until:
            continue
        key = (shown_as, owed.unit_id)
        if key not in newest or newest[key][0] <= end:
            newest[key] = end, _held_by_rule(row, owed)
    for key, (_end, held) in newest.items():
        found.setdefault(key, []).append(held)


def _held_by_rule(row: FieldValue, owed: Obligation) -> Held:
    where = "reports" if owed.rule.kind is RuleKind.PROGRESS else "filings"
    return Held(
        row.number or 0, row.field.measure, row.field.target, owed.period, row.report.received_at,
        owed.state is ObligationState.ACCEPTED, N_("“%(rule)s”", rule=owed.rule.name),
        f"/p/{owed.programme_id}/{where}/{owed.id}",
    )  # fmt: skip
