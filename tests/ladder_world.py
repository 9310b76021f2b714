"""A programme with three units that are behind, and the people who climb the ladder with them."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Any

from supervisor.core import ladder, ladder_answers, ladder_papers, matters
from supervisor.core.ladder_papers import Wanted
from supervisor.core.permissions import Actor
from supervisor.models import (
    Assignment,
    LadderStep,
    Matter,
    Obligation,
    Programme,
    Role,
    Rung,
    StepEvent,
    Unit,
    User,
)
from tests import builders as b

#: Wednesday; May's reports were due on Friday 4 June.
NOW = b.at("2021-06-09 10:00")


@dataclass
class World:
    programme: Programme
    units: list[Unit]
    #: Owed reports of the units, and the first one's part of a task.
    owed: list[Obligation]
    part: Assignment
    clerk: User
    office: Actor
    leader: Actor
    #: The liaisons of the units.
    people: list[User]

    def unit(self, n: int) -> Actor:
        """The liaison of a unit."""
        return b.actor(Role.LIAISON, self.programme, self.units[n], person=self.people[n])

    def key(self, n: int) -> str:
        """What an owed report is called."""
        return f"report:{self.owed[n].id}"

    def wanted(self, key: str, rung: Rung, now: datetime = NOW, **changes: Any) -> Wanted:
        """A step as proposed, with a reason."""
        thing = matters.thing_of(key, self.office)
        words = ladder_papers.proposed(thing, rung, programme=self.programme, by=self.clerk, now=now)
        words = replace(words, reason="逾期未报，多次提醒无果", place="市政府三楼会议室")
        return replace(words, **changes)

    def take(self, key: str, rung: Rung, day: str = "2021-06-09", **changes: Any) -> LadderStep:
        """A step taken by the office at ten on a day, having seen how the matter stands."""
        now = b.at(f"{day} 10:00")
        matter = matters.thing_of(key, self.office).matter
        wanted = self.wanted(key, rung, now, **changes)
        return ladder.take(key, wanted, seen=matter.version if matter else 0, by=self.office, now=now)

    def climb(self, key: str, **days: str) -> LadderStep:
        """Steps on these days of June, each to be answered the same day and not answered: `urge="09", blue="10"`."""
        for rung, day in days.items():
            due = date.fromisoformat(f"2021-06-{day}")
            step = self.take(key, Rung(rung), due.isoformat(), answer_by=due)
        return step

    def matter(self, key: str) -> Matter:
        """The open matter about a thing."""
        found = matters.thing_of(key, self.office).matter
        assert found is not None
        return found

    def answered(self, step: LadderStep, day: str, words: str = "已安排专人办理") -> None:
        """The unit signs for a step and answers."""
        n = next(
            n for n, unit in enumerate(self.units) if unit.id == Matter.get_by_id(step.matter_id).unit_id
        )
        if not StepEvent.select().where(StepEvent.step == step).exists():
            ladder_answers.sign(step, by=self.unit(n), now=b.at(f"{day} 11:00"))
        ladder_answers.answer(step, words, [], by=self.unit(n), now=b.at(f"{day} 15:00"))


def build() -> World:
    """Three units that owe May's report; the first one leads a task that was due on 1 June."""
    programme = b.programme()
    units = [b.unit(name) for name in ("甲局", "乙局", "丙局")]
    plan = b.plan(programme)
    part = b.assignment(b.task(plan, "改造管网", due_on=date(2021, 6, 1)), units[0])
    owed = [b.obligation(unit, programme, due_on=date(2021, 6, 4)) for unit in units]
    clerk = b.user("王五", Role.LEAD_OFFICE, programme)
    leader = b.user("沈市长", Role.LEADER, programme)
    people = [b.user(f"联络员{n}", Role.LIAISON, programme, unit) for n, unit in enumerate(units)]
    for n, unit in enumerate(units):
        b.user(f"负责人{n}", Role.UNIT_HEAD, programme, unit)
    return World(
        programme, units, owed, part, clerk, b.actor(Role.LEAD_OFFICE, programme, person=clerk),
        b.actor(Role.LEADER, programme, person=leader), people,
    )  # fmt: skip
