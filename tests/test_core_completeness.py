"""What stands in the way of closing a quarter: each thing once, with the place where it is mended."""

from __future__ import annotations

from datetime import date, timedelta

from peewee import Database

from supervisor.core import scores
from supervisor.models import (
    Application,
    GroupMember,
    LocalSettings,
    Objection,
    Obligation,
    Plan,
    RulebookVersion,
    UnitGroup,
)
from tests import quarters
from tests.quarters import CLOSING, Q2


def test_e53_scoring_begins_with_the_first_whole_quarter_unless_settled(database: Database) -> None:
    world = quarters.worked_quarter()

    def said() -> list[str]:
        return [str(one.sentence) for one in scores.completeness(world.programme, Q2, CLOSING)]

    assert said() == []
    Plan.update(effective_on=date(2021, 4, 2)).execute()  # E-53: a broken quarter is not scored
    assert said() == ["Scoring begins with Q3 2021."]
    LocalSettings.update(first_scored_period="2021-Q2").execute()
    assert said() == []


def test_a_rulebook_without_a_quarterly_table_is_in_the_way(database: Database) -> None:
    world = quarters.worked_quarter()
    quarters.adopt(world.programme, "yue-tongbao-guanmo", date(2021, 5, 1))
    said = [str(one.sentence) for one in scores.completeness(world.programme, Q2, CLOSING)]
    assert said == ["The rulebook 月通报观摩型 has no table for this kind of period: Quarter."]


def test_what_else_is_in_the_way_is_named_with_its_place(database: Database) -> None:
    world = quarters.worked_quarter()
    UnitGroup.update(confirmed_at=None).where(UnitGroup.name == "市直部门").execute()
    GroupMember.delete().where(GroupMember.unit == world.units["C"]).execute()
    RulebookVersion.update(valid_from=date(2021, 7, 1)).execute()
    Application.update(state="open").execute()
    Objection.create(
        assignment=world.links["lifts", "D"], reason="不属本单位职责", raised_by=1, raised_at=CLOSING
    )

    found = scores.completeness(world.programme, Q2, CLOSING)

    assert [(str(one.sentence), (one.link or "").split("/", 3)[3]) for one in found] == [
        ("Applications for completion wait for a decision: 1 (东湖区人民政府).", "reviews?tab=applications"),
        ("Objections to assignments wait for a decision: 1 (市住房局).", "reviews?tab=objections"),
        ("In no assessment group: 璠溪区人民政府.", "units"),
        ("The assessment group 市直部门 has not been confirmed.", "units"),
        ("No rulebook is in force on the last day of Q2 2021.", "rulebooks"),
    ]


def test_a_returned_report_may_come_back_until_its_lock(database: Database) -> None:
    world = quarters.worked_quarter()
    june = Obligation.get((Obligation.unit == world.units["A"]) & (Obligation.period == "2021-06"))
    Obligation.update(state="returned").where(Obligation.id == june.id).execute()
    before = scores.completeness(world.programme, Q2, june.locked_at - timedelta(minutes=1))
    assert [str(one.sentence)[:28] for one in before] == ["Returned and not in again, J"]
    assert scores.completeness(world.programme, Q2, june.locked_at) == []
