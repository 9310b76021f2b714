"""A programme whose monthly report has a form of its own: one unit with a task and a target, its people, the office."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from supervisor.core import obligations, reports, rule_forms
from supervisor.core.form_answers import Answers
from supervisor.core.permissions import Actor
from supervisor.core.report_bodies import EntryBody, ReportBody, wanted_entries
from supervisor.core.rule_forms import FormEffects, TypedField
from supervisor.models import (
    Obligation,
    Programme,
    QuantityTarget,
    Report,
    ReportingRule,
    Role,
    RuleForm,
    RuleKind,
    Unit,
    User,
)
from tests import builders as b

#: Jobs: key 1, cumulative with a target; money: key 2, with decimals; words 3; stage 4; ready 5; a paper, optional, 6.
FIELDS = (
    TypedField(1, "新增就业", "cumulative", measure="人", target="100", order=1),
    TypedField(2, "投入资金", "number", measure="万元", decimals=True, order=2),
    TypedField(3, "主要做法", "text", required=False, order=3),
    TypedField(4, "阶段", "choice", choices=("启动", "推进", "收尾"), order=4),
    TypedField(5, "已建台账", "yes_no", order=5),
    TypedField(6, "佐证材料", "file", required=False, order=6),
)
TEXTS = {1: "12", 2: "3.5", 3: "走访企业40家，办招聘会两场。", 4: "启动", 5: "yes"}


@dataclass
class World:
    programme: Programme
    rule: ReportingRule
    unit: Unit
    office_user: User
    liaison_user: User
    office: Actor
    liaison: Actor

    def choose(
        self, *fields: TypedField, now: datetime = b.NOW, **values: Any
    ) -> tuple[RuleForm, FormEffects]:
        newest = rule_forms.newest_form(self.rule.id)
        given: dict[str, Any] = {
            "reason": "就业专项统计", "seen": newest.number if newest else 0, "by": self.office, "now": now,
        }  # fmt: skip
        begin = values.pop("valid_from", date(2021, 6, 1))
        return rule_forms.save(self.rule, fields or FIELDS, begin, **(given | values))

    def owed(
        self, period: str = "2021-06", unit: Unit | None = None, rule: ReportingRule | None = None
    ) -> Obligation:
        row: Obligation = Obligation.get(
            (Obligation.rule == (rule or self.rule))
            & (Obligation.unit == (unit or self.unit))
            & (Obligation.period == period)
        )
        return row

    def report(
        self,
        texts: dict[int, str] | None = None,
        period: str = "2021-06",
        *,
        now: datetime | None = None,
        quantities: dict[str, int] | None = None,
        **values: Any,
    ) -> Report:
        """Hand in the report of a period, the form filled with `texts`."""
        owed = self.owed(period)
        form = rule_forms.form_of(owed)
        given: dict[str, Any] = {
            "form": form.number if form else 0,
            "texts": TEXTS if texts is None else texts,
        }
        entries = [
            EntryBody(entry.id, 30, f"{period}完成招标", quantities=quantities or {})
            for entry in wanted_entries(owed)
        ]
        body = ReportBody(entries, answers=Answers(**(given | values)))
        month = int(period[5:]) + 1
        return reports.submit(owed, body, by=self.liaison, now=now or b.at(f"2021-{month:02d}-02 09:00"))


def make_world(*, target: bool = False, kind: RuleKind = RuleKind.PROGRESS) -> World:
    """Reports owed for June and July; with `target` the task has a quantity of its own."""
    programme = b.programme()
    plan, unit = b.plan(programme), b.unit("甲局")
    task = b.task(plan, "老旧管网改造")
    b.assignment(task, unit)
    if target:
        QuantityTarget.create(task=task, unit=unit, measure="改造管网（米）", target=5000)
    rule = b.rule(programme)
    rule.kind, rule.name = kind, "月报"
    rule.subject_shift = -1 if kind is RuleKind.PROGRESS else 0
    rule.save()
    office = b.user("office", Role.LEAD_OFFICE, programme)
    liaison = b.user("liaison", Role.LIAISON, programme, unit)
    generate(programme)
    return World(
        programme, rule, unit, office, liaison,
        b.actor(Role.LEAD_OFFICE, programme, person=office), b.actor(Role.LIAISON, programme, unit, person=liaison),
    )  # fmt: skip


def form_number(report: Report) -> int:
    """Number of the form that a report was filled with; 0 = none."""
    return report.form.number if report.form else 0


def generate(programme: Programme) -> None:
    """Make what is owed up to July."""
    obligations.generate(programme.id, now=b.at("2021-07-01 09:00"))
