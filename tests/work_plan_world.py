"""A programme with two tasks and one unit that plans for them; rows of work plans in few words."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, datetime

from supervisor.core import work_plan_asking, work_plan_verdicts, work_plans
from supervisor.core.permissions import Actor
from supervisor.core.work_plan_rows import Row
from supervisor.models import (
    Assignment,
    LocalSettings,
    Obligation,
    Plan,
    PlanFiling,
    Programme,
    Role,
    Task,
    Unit,
    User,
    WorkPlan,
)
from tests import builders
from tests.builders import NOW


@dataclass
class World:
    """Issued on 2 May 2021; the unit leads both tasks: one due 31 December, one 30 September."""

    now: datetime = NOW
    programme: Programme = field(default_factory=builders.programme)
    unit: Unit = field(default_factory=lambda: builders.unit("澄江市城管局"))

    def __post_init__(self) -> None:
        self.liaison: User = builders.user("chengguan", Role.LIAISON, self.programme, self.unit)
        self.plan: Plan = builders.plan(self.programme)
        self.task: Task = builders.task(self.plan, "补齐路灯")
        self.other: Task = builders.task(self.plan, "清理积存垃圾", due_on=date(2021, 9, 30))
        self.link: Assignment = builders.assignment(self.task, self.unit)
        self.second: Assignment = builders.assignment(self.other, self.unit)
        self.by: Actor = builders.actor(Role.LIAISON, self.programme, self.unit, person=self.liaison)
        self.office: Actor = builders.actor(Role.LEAD_OFFICE, self.programme)

    def settle(self, **values: object) -> None:
        """Local settings, in force from the start of 2021."""
        LocalSettings.update(**values).execute()

    def ask(self, now: datetime = NOW) -> WorkPlan:
        """The unit's work plan, opened."""
        work_plan_asking.ask(self.programme.id, now=now)
        return WorkPlan.get(WorkPlan.unit == self.unit)

    @property
    def owed(self) -> Obligation:
        """What the unit owes as its work plan."""
        found = WorkPlan.get(WorkPlan.unit == self.unit).obligation
        assert found is not None
        return Obligation.get_by_id(found.id)

    def good_rows(self) -> list[Row]:
        """Two milestones for the first task, a deliverable for the second."""
        return [
            row(1, self.link, "摸排点位", "2021-06-30", "40", indicator="点位清单一份"),
            row(2, self.link, "安装完成", "2021-11-30", "60", measure="路灯（盏）", target="320"),
            row(3, self.second, "整治方案", "2021-09-30", "100", indicator="方案印发", document=True),
        ]

    def file(self, rows: list[Row] | None = None, *, now: datetime = NOW, reason: str = "") -> PlanFiling:
        """Saved and filed."""
        work_plan = WorkPlan.get_or_none(WorkPlan.unit == self.unit) or self.ask(now)
        saved = work_plans.save(
            work_plan, self.good_rows() if rows is None else rows, seen=work_plan.version, by=self.by, now=now
        )
        return work_plans.file(saved, reason=reason, seen=saved.version, by=self.by, now=now)

    def accept(self, rows: list[Row] | None = None, *, now: datetime = NOW, reason: str = "") -> WorkPlan:
        """Saved, filed and accepted."""
        return work_plan_verdicts.decide(
            self.file(rows, now=now, reason=reason), accepted=True, by=self.office, now=now
        )


def row(
    key: int,
    link: Assignment,
    title: str = "摸排点位",
    due: str = "2021-06-30",
    weight: str = "100",
    *,
    indicator: str = "",
    measure: str = "",
    target: str = "",
    document: bool = False,
) -> Row:
    """A row as typed."""
    return Row(key, link.id, title, due, indicator, measure, target, weight, document)
