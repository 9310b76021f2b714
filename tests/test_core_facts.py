"""Facts of a quarter: which period a fact belongs to, what is left out, and that the order of rows says nothing."""

from __future__ import annotations

import json
import random
from datetime import date
from decimal import Decimal

import pytest
from peewee import Database

from scoring import Fact, canonical, facts_to_json, load_facts
from supervisor.core import facts
from supervisor.core.periods import Period
from supervisor.models import (
    Assignment,
    Entry,
    GroupMember,
    Obligation,
    Outcome,
    QuantityTarget,
    Report,
    ReportEntry,
    Suspension,
    Task,
    Unit,
)
from tests import builders, quarters
from tests.builders import at
from tests.quarters import MONTHS, Q2, World


def gathered(world: World, kind: str, letter: str) -> list[Fact]:
    found = facts.gather(world.programme, Q2)
    return [one for one in found.facts if one.kind == kind and one.unit == str(world.units[letter].id)]


def text_of(world: World, period: Period = Q2) -> str:
    return canonical(facts_to_json(facts.gather(world.programme, period)))


def test_a_report_belongs_to_the_month_it_is_about(database: Database) -> None:
    world = quarters.worked_quarter()
    july = builders.obligation(world.units["A"], world.programme, "2021-07", due_on=date(2021, 8, 5))
    builders.entry(july, world.links["lifts", "A"])
    quarters.hand_in(july, {world.links["lifts", "A"]: (90, 99, 999)})

    periods = [one.subject for one in gathered(world, "report", "A")]
    tasks = {one.subject: one.values["accepted"] for one in gathered(world, "task", "A")}
    quantities = [one.values["done_cumulative"] for one in gathered(world, "quantity", "A")]

    assert periods == list(MONTHS)  # June's report was due on 5 July
    assert tasks["1 加装电梯"] == 50
    assert quantities == [620]


def test_the_order_of_rows_says_nothing(database: Database) -> None:
    world = quarters.worked_quarter()
    before = text_of(world)

    shuffle = random.Random(7)  # noqa: S311 -- an order, no secret
    for table in (
        Obligation,
        Report,
        ReportEntry,
        Entry,
        Assignment,
        GroupMember,
        QuantityTarget,
        Unit,
        Task,
    ):
        ids = [row.id for row in table.select(table.id)]
        shuffle.shuffle(ids)
        for key in ids:  # PostgreSQL writes a changed row at a new place
            table.update(id=key).where(table.id == key).execute()
    if "sqlite" in type(database).__name__.lower():
        database.execute_sql("PRAGMA reverse_unordered_selects = ON")

    assert text_of(world) == before


def test_facts_read_back_from_their_text_are_the_same(database: Database) -> None:
    world = quarters.worked_quarter()
    text = text_of(world)
    assert canonical(facts_to_json(load_facts(json.loads(text)))) == text


def test_a_late_report_stays_late_after_its_return_and_acceptance(database: Database) -> None:
    world = quarters.worked_quarter()
    april = gathered(world, "report", "C")[0]
    assert (april.values["outcome"], april.values["late_workdays"], april.values["returns"]) == ("late", 4, 2)


def test_missing_and_nil_are_told_apart_and_a_late_nil_is_late(database: Database) -> None:
    world = quarters.worked_quarter()
    assert [one.values["outcome"] for one in gathered(world, "report", "C")] == ["late", "missing", "on_time"]
    assert [(one.values["outcome"], one.values["nil"]) for one in gathered(world, "report", "D")] == [
        ("on_time", False),
        ("nil", True),
        ("late", True),
    ]


def test_a_waived_report_is_not_owed(database: Database) -> None:
    world = quarters.worked_quarter()
    Obligation.update(state="waived").where(
        (Obligation.unit == world.units["C"]) & (Obligation.period == "2021-05")
    ).execute()
    assert [one.subject for one in gathered(world, "report", "C")] == ["2021-04", "2021-06"]


@pytest.mark.parametrize(
    ("from_on", "resumed_on", "counted"),
    [
        (date(2021, 6, 30), None, False),
        (date(2021, 7, 1), None, True),  # a matter of the next quarter
        (date(2021, 5, 1), date(2021, 6, 30), True),  # taken up again within the quarter
        (date(2021, 5, 1), date(2021, 7, 1), False),  # resuming later does not change what was
    ],
)
def test_a_link_suspended_at_the_quarters_end_leaves_the_denominator(
    database: Database, from_on: date, resumed_on: date | None, *, counted: bool
) -> None:
    world = quarters.worked_quarter()
    Suspension.create(
        programme=world.programme, assignment=world.links["lifts", "A"], from_on=from_on, resumed_on=resumed_on,
        review_on=date(2021, 12, 1), reason="资金未到位", made_by=1, made_at=at("2021-06-30 09:00"),
    )  # fmt: skip
    lifts = ["1 加装电梯"] if counted else []
    assert [one.subject for one in gathered(world, "task", "A")] == [*lifts, "2 改造小区"]
    assert len(gathered(world, "quantity", "A")) == len(lifts)


@pytest.mark.parametrize(
    ("applied", "known"),
    [
        ("2021-06-30 23:59", "2021-06-30"),
        ("2021-06-10 08:00", "2021-06-10"),
        ("2021-07-01 00:00", None),  # a fact of the next quarter
    ],
)
def test_a_completion_counts_by_the_day_of_its_application(
    database: Database,
    applied: str,
    known: str | None,
) -> None:
    world = quarters.start()
    quarters.complete(world.links["yards", "A"], at(applied))
    closure = gathered(world, "closure", "A")[0]
    assert (closure.values["on_time"], closure.values["applied"]) == (known is not None, known)


def test_only_lead_links_can_be_closed(database: Database) -> None:
    world = quarters.worked_quarter()
    assert gathered(world, "closure", "B") == []


def test_what_was_accepted_in_an_earlier_quarter_still_stands(database: Database) -> None:
    world = quarters.start()
    row = quarters.owe(world, "A", "2021-04")
    quarters.hand_in(row, {world.links["lifts", "A"]: (30, 90, 250)})

    q3 = facts.gather(world.programme, Period.parse("2021-Q3"))

    task = next(one for one in q3.facts if one.kind == "task" and one.subject == "1 加装电梯")
    assert (task.values["accepted"], task.values["as_of"]) == (30, "2021-04")
    assert [one for one in q3.facts if one.kind in {"mark", "report"}] == []


def test_a_quantity_without_a_plan_follows_the_planned_progress_exactly(database: Database) -> None:
    world = quarters.start()
    QuantityTarget.update(planned={}, target=333).execute()
    assert [one.values["planned_cumulative"] for one in gathered(world, "quantity", "A")] == [
        Decimal("166.5")
    ]


def test_a_unit_that_joins_later_is_not_scored_for_the_time_before(database: Database) -> None:
    world = quarters.start()
    Assignment.update(joined_on=date(2021, 7, 1)).where(Assignment.unit == world.units["C"]).execute()
    assert gathered(world, "task", "C") == []
    assert gathered(world, "quantity", "C") == []


def test_a_unit_that_left_its_group_is_shown_outside_the_ranking(database: Database) -> None:
    world = quarters.worked_quarter()
    GroupMember.update(valid_to=date(2021, 5, 31)).where(GroupMember.unit == world.units["C"]).execute()
    units = {one.name: one.outside_ranking for one in facts.gather(world.programme, Q2).units}
    assert units["璠溪区人民政府"] == facts.LEFT.msgid
    assert units["东湖区人民政府"] is None


def test_a_unit_that_changed_groups_stands_in_the_later_one(database: Database) -> None:
    world = quarters.worked_quarter()
    GroupMember.update(valid_to=date(2021, 5, 31)).where(GroupMember.unit == world.units["C"]).execute()
    other = builders.group(world.programme, "功能区", [])
    GroupMember.create(group=other, unit=world.units["C"], sort=1, valid_from=date(2021, 6, 1))
    units = {one.name: (one.group, one.outside_ranking) for one in facts.gather(world.programme, Q2).units}
    assert units["璠溪区人民政府"] == ("功能区", None)


def test_units_stand_in_the_order_of_groups_and_roster(database: Database) -> None:
    world = quarters.worked_quarter()
    names = [one.name for one in facts.gather(world.programme, Q2).units]
    assert names == [world.units[letter].name for letter in "ABCDE"]


def test_the_last_version_of_a_returned_entry_counts(database: Database) -> None:
    world = quarters.start()
    link = world.links["lifts", "C"]
    row = quarters.owe(world, "C", "2021-04")
    quarters.hand_in(row, {link: (10, 60, 50)})
    quarters.hand_in(row, {link: (20, 85, 80)}, returns=1)
    assert [one.values["mark"] for one in gathered(world, "mark", "C")] == [85]
    assert [one.values["accepted"] for one in gathered(world, "task", "C")] == [20]


def test_another_programme_s_rows_are_not_gathered(database: Database) -> None:
    world = quarters.worked_quarter()
    other = builders.programme("另一专项")
    builders.group(other, "区人民政府", [world.units["A"]])
    assert facts.gather(other, Q2).facts == ()


def test_outcomes_have_the_engine_s_words() -> None:
    assert {one.value for one in Outcome} == {"on_time", "late", "missing", "nil"}
