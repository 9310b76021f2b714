"""A site viewing in June 2021: four projects of three units, five judges, means that work out by hand."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date

from scoring import preset_text
from supervisor.core import mark_sheets, rulebooks, viewings
from supervisor.core.mark_sheets import Typed
from supervisor.core.permissions import Actor
from supervisor.core.viewing_forms import PROPOSED, Wanted, WantedJudge, WantedProject
from supervisor.models import MarkSheet, Panelist, Role, User, Viewing
from tests import builders as b
from tests import quarters
from tests.quarters import CLOSING
from tests.quarters import World as Quarter

HELD = date(2021, 6, 18)
NOW = b.at("2021-06-18 15:00")
#: By project (in the order of the route) what the five judges give in all.
#:   1 (A): 80 82 84 86 98 -> 84      2 (A): 70 90 90 90 91 -> 90      3 (B): 60 75 76 77 90 -> 76
#:   4 (C): the fifth judge belongs to C: 50 60 70 80 -> 65
GIVEN = {1: (80, 82, 84, 86, 98), 2: (70, 90, 90, 90, 91), 3: (60, 75, 76, 77, 90), 4: (50, 60, 70, 80)}
#: A quarterly table with nothing but the viewing, in place of the core quantities of the default rulebook.
INDICATOR = """
[[table.indicator]]
key = "viewing"
title = "现场观摩"
weight = 20
method = "judges"
facts = "judge_mark"
minimum = 4
"""


@dataclass
class World:
    """The quarter, who plans, the account judge, and the viewing."""

    quarter: Quarter
    office: Actor
    judge: User
    viewing: Viewing

    def judge_actor(self) -> Actor:
        """The judge with an account, number 1 of the panel."""
        return b.actor(Role.JUDGE, self.quarter.programme, person=self.judge)

    def panelist(self, number: int) -> Panelist:
        """A judge of the panel."""
        found: Panelist = Panelist.get((Panelist.viewing == self.viewing) & (Panelist.number == number))
        return found

    def signer(self, number: int) -> Actor:
        """Who signs for a judge."""
        return self.judge_actor() if number == 1 else self.office

    def sign(self, number: int, projects: dict[int, int]) -> list[MarkSheet]:
        """Sheets of one judge: project number → what is given in all."""
        ids = {row.number: row.id for row in viewings.projects_of(self.viewing)}
        typed = {ids[project]: marks(total) for project, total in projects.items()}
        return mark_sheets.sign(self.viewing, self.panelist(number), typed, by=self.signer(number), now=NOW)

    def sign_all(self) -> None:
        """Every sheet as in GIVEN."""
        for number in range(1, 6):
            given = {
                project: totals[number - 1] for project, totals in GIVEN.items() if number <= len(totals)
            }
            self.sign(number, given)

    def finish(self, why: str = "") -> Viewing:
        """The office finishes the viewing as it stands now."""
        fresh = Viewing.get_by_id(self.viewing.id)
        return viewings.finish(fresh, why, seen=fresh.version, by=self.office, now=NOW)


def marks(total: int) -> Typed:
    """Marks that sum to this: the criteria are filled one after the other."""
    given = {}
    for key, _name, weight in PROPOSED:
        part = min(total, weight)
        given[key], total = str(part), total - part
    return Typed(given)


def wanted(quarter: Quarter, judge: User) -> Wanted:
    """The viewing as the office types it."""
    units = quarter.units
    projects = [
        WantedProject(units["A"].id, "一号院", "东街1号"),
        WantedProject(units["A"].id, "二号院"),
        WantedProject(units["B"].id, "三号院"),
        WantedProject(units["C"].id, "四号院"),
    ]
    judges = [
        WantedJudge(judge.id), WantedJudge(None, "评委乙"), WantedJudge(None, "评委丙"), WantedJudge(None, "评委丁"),
        WantedJudge(None, "评委戊", units["C"].id),
    ]  # fmt: skip
    return Wanted(
        "二季度观摩讲评", HELD, "", 1,
        {n: (name, str(weight)) for n, (_key, name, weight) in enumerate(PROPOSED, start=1)},
        dict(enumerate(projects, start=1)), dict(enumerate(judges, start=1)),
    )  # fmt: skip


def build() -> World:
    """A quarter that can be closed, and a viewing in it without sheets."""
    quarter = quarters.worked_quarter()
    judge = b.user("评委甲", Role.JUDGE, quarter.programme)
    office = b.actor(
        Role.LEAD_OFFICE, quarter.programme, person=b.user("王五", Role.LEAD_OFFICE, quarter.programme)
    )
    made = viewings.plan(wanted(quarter, judge), by=office, now=b.at("2021-06-10 09:00"))
    return World(quarter, office, judge, made)


def text() -> str:
    """A rulebook whose quarterly table has the viewing in the place of the core quantities."""
    preset = preset_text("default-quarter").replace('version = "2"', 'version = "2.1"', 1)
    start = preset.index('[[table.indicator]]\nkey = "core_quantity"')
    return preset[:start] + INDICATOR + preset[preset.index("[[table.indicator]]", start + 10) :]


def adopt(world: World) -> None:
    """The rulebook with the viewing, in force."""
    rulebooks.adopt(
        world.quarter.programme, text(), valid_from=date(2021, 4, 1),
        by=b.actor(Role.ASSESSOR, world.quarter.programme), now=CLOSING.replace(day=1),
    )  # fmt: skip


def changed(world: World, **changes: object) -> Wanted:
    """The viewing as typed, with some of it otherwise."""
    return replace(wanted(world.quarter, world.judge), **changes)  # type: ignore[arg-type]
