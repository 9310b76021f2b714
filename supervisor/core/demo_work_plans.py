"""The demo's work plans, in the elder care proposal: most are accepted, one is back, one amended, two are missing."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime, timedelta
from functools import cache, partial
from typing import Any

from supervisor.clock import beijing_date
from supervisor.core import milestones, people, units, work_plan_pages, work_plan_verdicts, work_plans
from supervisor.core.demo_people import OFFICE, characters, read_text
from supervisor.core.demo_story import Story, dice, moment
from supervisor.core.permissions import Actor
from supervisor.core.work_plan_rows import Row, rows_from
from supervisor.models import Assignment, LinkRole, Milestone, PlanFiling, Programme, Task, WorkPlan

#: Working days from the due day on which a unit of this habit files.
HABITS = {"early": -6, "steady": -2, "last": 0, "late": 2}
#: Returned once and filed again; returned and silent since; begun and never filed; never begun; amended last.
MENDED, BACK, BEGUN, SILENT, AMENDED = "shichang", "yibao", "canlian", "fulian", "shangwu"
AMENDED_AT = "2026-07-06 16:20"


class Planning:
    """What units do with their work plans in one programme."""

    def __init__(self, story: Story, programme: Programme) -> None:
        self.story, self.programme = story, programme

    def begin(self, _now: datetime) -> None:
        """After issue: each unit in its habit."""
        for unit in units.units_of(self.programme.id):
            who = characters()[unit.name]
            if who.user == SILENT:
                continue
            due = owed.due_on if (owed := self._of(unit.id).obligation) else beijing_date(self.story.today)
            roll = dice("work plan", who.user)
            day = self.story.calendar.add_workdays(due, HABITS[who.habit])
            when = moment(day, roll.randint(9, 16), roll.randint(0, 59))
            self.story.at(when, partial(self._write, who.user, unit.id))
        self.story.on(AMENDED_AT, self._amend)

    def _write(self, user: str, unit_id: int, now: datetime) -> None:
        """Save and file; the office answers two working days later."""
        work_plan = self._of(unit_id)
        by = self.story.actor(user, self.programme, now)
        rows = self._rows(work_plan)
        saved = work_plans.save(
            work_plan, rows[:2] if user == BEGUN else rows, seen=work_plan.version, by=by, now=now
        )
        if user == BEGUN:
            return
        self._file(saved, by, now)
        answer = moment(self.story.workday(beijing_date(now), 2), 10, 15)
        self.story.at(answer, partial(self._answer, user, unit_id))

    def _file(self, saved: WorkPlan, by: Actor, now: datetime, reason: str = "") -> None:
        """File; where the head approves, the head sends it within the hour."""
        filing = work_plans.file(saved, reason=reason, seen=saved.version, by=by, now=now)
        if not filing.sent:
            self.story.at(now + timedelta(minutes=35), partial(self._send, filing.id, saved.unit_id))

    def _send(self, filing_id: int, unit_id: int, now: datetime) -> None:
        head = people.heads_of([unit_id], self.programme.id, beijing_date(now))[unit_id][0]
        by = self.story.actor(head.username, self.programme, now)
        work_plans.approve(PlanFiling.get_by_id(filing_id), by=by, now=now)

    def _answer(self, user: str, unit_id: int, now: datetime) -> None:
        filing = self._newest(unit_id)
        back = user == BACK or (user == MENDED and filing.number == 1)
        words = str(read_text("work_plans.toml")["said"]["returned"]) if back else ""
        by = self.story.actor(OFFICE, self.programme, now)
        work_plan_verdicts.decide(filing, accepted=not back, reason=words, by=by, now=now)
        if user == MENDED and back:
            self.story.at(now + timedelta(days=1), partial(self._write, user, unit_id))
        elif not back:
            self._foresee(user, unit_id, now)

    def _foresee(self, user: str, unit_id: int, now: datetime) -> None:
        """Milestones are done a little before their day by units at pace, and left open by the others."""
        pace = next(who.pace for who in characters().values() if who.user == user)
        for row in Milestone.select().where(Milestone.work_plan == self._of(unit_id)):
            roll = dice("milestone", user, row.key)
            if row.document or roll.randint(0, 100) > pace:
                continue
            day = self.story.calendar.add_workdays(row.due_on, -roll.randint(0, 3))
            self.story.at(max(moment(day, 17, 5), now), partial(self._complete, user, row.id))

    def _complete(self, user: str, milestone_id: int, now: datetime) -> None:
        by = self.story.actor(user, self.programme, now)
        said = dice("done", user, milestone_id).choice(read_text("work_plans.toml")["said"]["done"])
        row = milestones.get_own(milestone_id, by)
        milestones.complete(row, done_on=beijing_date(now), evidence=str(said), by=by, now=now)

    def _amend(self, now: datetime) -> None:
        by = self.story.actor(AMENDED, self.programme, now)
        work_plan = next(iter(work_plans.visible_to(by).where(WorkPlan.unit.in_(sorted(by.unit_ids)))))
        rows = rows_from(work_plan.draft)
        moved = [replace(row, due="2026-10-16") if row.due == "2026-09-18" else row for row in rows]
        saved = work_plans.save(work_plan, moved, seen=work_plan.version, by=by, now=now)
        reason = str(read_text("work_plans.toml")["said"]["reason"])
        self._file(saved, by, now, reason)

    def _rows(self, work_plan: WorkPlan) -> list[Row]:
        if work_plan.draft:
            return rows_from(work_plan.draft)
        query = (
            Assignment.select(Assignment, Task)
            .join(Task)
            .where((Task.plan == work_plan.plan_id) & (Assignment.unit == work_plan.unit_id))
        )
        rows: list[Row] = []
        for link in query.order_by(Task.sort):
            if not link.task.standing:
                rows += self._of_link(link, work_plan_pages.next_key(work_plan, rows))
        return rows

    def _of_link(self, link: Assignment, key: int) -> list[Row]:
        table = _tables()
        lines = table["lead"].get(link.task.title) if link.role is LinkRole.LEAD else None
        return [
            Row(
                key + place, link.id, title, self._workday(day), indicator, measure,
                str(target) if measure else "", str(weight), document,
            )
            for place, (title, day, weight, indicator, measure, target, document) in enumerate(
                lines or list(table["other"].values())
            )
        ]  # fmt: skip

    def _workday(self, day: str) -> str:
        return self.story.calendar.on_or_before(date.fromisoformat(day)).isoformat()

    def _of(self, unit_id: int) -> WorkPlan:
        return WorkPlan.get((WorkPlan.programme == self.programme) & (WorkPlan.unit == unit_id))

    def _newest(self, unit_id: int) -> PlanFiling:
        mine = PlanFiling.select().where(PlanFiling.work_plan == self._of(unit_id))
        return mine.order_by(PlanFiling.number.desc()).get()


@cache
def _tables() -> dict[str, Any]:
    return read_text("work_plans.toml")
