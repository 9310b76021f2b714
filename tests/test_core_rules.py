"""Reporting rules of every kind: what each unit owes, for which period, on which day (C20, C24, C25, E-33, E-44 …)."""

from __future__ import annotations

from datetime import date, time
from itertools import permutations
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from supervisor.core import obligations, schedules
from supervisor.core.calendar import load_calendar
from supervisor.core.obliged import links_of
from supervisor.core.periods import Period
from supervisor.core.programmes import settings_on
from supervisor.models import (
    Assignment,
    Entry,
    GroupMember,
    LinkMark,
    LinkRole,
    LocalSettings,
    Obligation,
    Obliged,
    Plan,
    Programme,
    ReportingRule,
    RuleKind,
    RuleParty,
    RuleState,
    Unit,
)
from tests import builders as b

pytestmark = pytest.mark.usefixtures("database")


def issued(programme: Programme, at: str = "2021-03-22 09:00", effective: date | None = None) -> Plan:
    plan = b.plan(programme)
    plan.issued_at, plan.effective_on = b.at(at), effective or date.fromisoformat(at[:10])
    plan.save()
    return plan


@pytest.fixture
def plan(database: object) -> Plan:
    """A plan issued on 22 March 2021: 甲局 leads its task, 乙局 answers for it, 丙局 has none."""
    made = issued(b.programme())
    task = b.task(made)
    b.assignment(task, b.unit("甲局"))
    b.assignment(task, b.unit("乙局"), LinkRole.RESPONSIBLE)
    b.unit("丙局")
    return made


def rule(plan: Plan, recurrence: str = "", **values: Any) -> ReportingRule:
    given: dict[str, Any] = {
        "name": "材料", "kind": RuleKind.FILING, "subject_shift": 0, "valid_from": date(2021, 1, 1),
    }  # fmt: skip
    return ReportingRule.create(programme=plan.programme_id, recurrence=recurrence, **{**given, **values})


def owed(of: ReportingRule, unit: str = "甲局") -> list[tuple[str, str]]:
    query = Obligation.select().join(Unit).where((Obligation.rule == of) & (Unit.name == unit))
    return [(o.period, o.due_on.isoformat()) for o in query.order_by(Obligation.due_on, Obligation.period)]


def generate(plan: Plan, until: str) -> int:
    return obligations.generate(plan.programme_id, now=b.at(f"{until} 09:00"))


def due(of: ReportingRule, first: date, last: date) -> list[tuple[str, str, bool]]:
    """(period, literal day, skipped) of a rule's slots."""
    calendar = load_calendar()
    found = schedules.slots(of, first, last, lambda day: settings_on(of.programme_id, day))
    return [(s.subject.key, s.literal.isoformat(), schedules.is_skipped(s, calendar)) for s in found]


@pytest.mark.parametrize(
    ("recurrence", "values", "until", "expected"),
    [
        (
            "weekly:fri", {}, "2021-04-05",
            [("2021-W12", "2021-03-26"), ("2021-W13", "2021-04-02"), ("2021-W14", "2021-04-09")],
        ),
        ("tenday:end", {}, "2021-04-02", [("2021-03-T3", "2021-03-31"), ("2021-04-T1", "2021-04-10")]),
        ("monthly:25", {}, "2021-04-02", [("2021-03", "2021-03-25"), ("2021-04", "2021-04-25")]),
        ("monthly:5", {"subject_shift": -1}, "2021-04-02", [("2021-03", "2021-04-05"), ("2021-04", "2021-05-05")]),
        ("monthly:31", {}, "2021-04-02", [("2021-03", "2021-03-31"), ("2021-04", "2021-04-30")]),
        ("monthly:10,25", {}, "2021-04-02", [(day, day) for day in ("2021-03-25", "2021-04-10", "2021-04-25")]),
        ("quarterly:1-10", {"subject_shift": -1}, "2021-04-02", [("2021-Q1", "2021-04-10"), ("2021-Q2", "2021-07-10")]),
        ("quarterly:end", {}, "2021-04-02", [("2021-Q1", "2021-03-31"), ("2021-Q2", "2021-06-30")]),
        ("halfyear:6-15", {}, "2021-07-01", [("2021-H1", "2021-06-15"), ("2021-H2", "2021-12-15")]),
        ("yearly:06-15", {}, "2021-04-02", [("2021", "2021-06-15")]),
        ("yearly:11-30", {}, "2022-01-03", [("2021", "2021-11-30"), ("2022", "2022-11-30")]),
    ],
)  # fmt: skip
def test_every_rhythm_asks_for_its_period_by_its_day(
    plan: Plan, recurrence: str, values: dict[str, Any], until: str, expected: list[tuple[str, str]]
) -> None:
    of = rule(plan, recurrence, **values)
    generate(plan, until)
    assert owed(of) == expected
    assert not Entry.select().join(Obligation).where(Obligation.rule == of).exists()


def test_e49_the_plan_of_next_year_is_due_this_year_and_belongs_to_the_next(plan: Plan) -> None:
    of = rule(plan, "yearly:10-30", subject_shift=1)
    generate(plan, "2021-04-02")
    assert owed(of) == [("2022", "2021-10-30")]
    generate(plan, "2022-01-02")
    assert owed(of) == [("2022", "2021-10-30"), ("2023", "2022-10-30")]


@pytest.mark.parametrize(
    ("recurrence", "shift"),
    [
        ("weekly:fri", 0), ("monthly:5", -1), ("monthly:10,25", 0), ("monthly:10,25", -1), ("yearly:10-30", 1),
        ("quarterly", -1),
    ],
)  # fmt: skip
def test_a_slot_is_found_again_by_what_it_is_about(plan: Plan, recurrence: str, shift: int) -> None:
    of = rule(plan, recurrence, subject_shift=shift)

    def on(day: date) -> LocalSettings:
        return settings_on(of.programme_id, day)

    found = list(schedules.slots(of, date(2021, 3, 1), date(2022, 6, 30), on))
    assert found
    assert [schedules.slot_about(of, slot.subject, on) for slot in found] == found


@pytest.mark.parametrize(
    ("policy", "due_on"),
    [("", "2021-10-30"), ("keep", "2021-10-30"), ("before", "2021-10-29"), ("after", "2021-11-01")],
)
def test_e45_the_policy_for_days_off_is_the_rule_s_own(plan: Plan, policy: str, due_on: str) -> None:
    of = rule(plan, "yearly:10-30", day_off_policy=policy)
    generate(plan, "2021-04-02")
    assert owed(of) == [("2021", due_on)]


@pytest.mark.parametrize("day", [date(2020, 1, 27), date(2022, 1, 31)])
def test_e54_c20_a_week_without_a_working_day_is_skipped_and_shown_as_skipped(plan: Plan, day: date) -> None:
    of = rule(plan, "weekly:fri", valid_from=date(2020, 1, 1))
    (found,) = due(of, day, day)
    assert found[2]
    assert [skipped for *_, skipped in due(of, date(2024, 2, 12), date(2024, 2, 12))] == [False]


def test_e54_c20_nothing_is_owed_for_a_skipped_week_and_each_other_week_is_owed_once(plan: Plan) -> None:
    of = rule(plan, "weekly:fri", valid_from=date(2022, 1, 17))
    generate(plan, "2022-02-14")
    assert [period for period, _ in owed(of)] == ["2022-W03", "2022-W04", "2022-W06", "2022-W07"]
    assert generate(plan, "2022-02-15") == 0


def test_e55_the_week_over_new_year_is_of_its_thursday_s_year(plan: Plan) -> None:
    of = rule(plan, "weekly:fri")
    assert due(of, date(2020, 12, 28), date(2021, 1, 4)) == [
        ("2020-W53", "2021-01-01", False),
        ("2021-W01", "2021-01-08", False),
    ]


def test_e51_of_two_days_one_item_a_month_is_owed_and_the_days_only_remind(plan: Plan) -> None:
    of = rule(plan, "monthly:10,25", kind=RuleKind.COUNT)
    generate(plan, "2021-06-01")
    assert owed(of)[-1] == ("2021-06", "2021-06-30")
    assert len(owed(of)) == 4
    assert schedules.reminding_days(of, Period.parse("2021-07")) == (date(2021, 7, 10), date(2021, 7, 25))


@pytest.mark.parametrize(
    ("anchor", "every", "years"),
    [
        (2021, 1, ["2021", "2022", "2023"]),
        (2021, 2, ["2022"]),
        (2022, 2, ["2023"]),
        (None, 2, []),
        (2023, 1, ["2023"]),
    ],
)
def test_c25_e59_checks_and_evaluations_follow_the_anchor_year(
    plan: Plan, anchor: int | None, every: int, years: list[str]
) -> None:
    of = rule(plan, "yearly:12-31", anchor_year=anchor, every_years=every)
    found = due(of, date(2021, 1, 1), date(2023, 12, 31))
    assert [period for period, *_ in found] == years


def test_c25_with_anchor_2021_evaluations_fall_in_2022_and_2024(plan: Plan) -> None:
    of = rule(plan, "yearly:12-31", anchor_year=2021, every_years=2)
    assert [period for period, *_ in due(of, date(2021, 1, 1), date(2025, 1, 1))] == ["2022", "2024"]


def test_e58_a_rhythm_without_a_day_asks_for_nothing_until_one_is_set(plan: Plan) -> None:
    of = rule(plan, "weekly")
    generate(plan, "2021-06-01")
    assert owed(of) == []


def test_a_filing_due_once_is_owed_once_from_the_start(plan: Plan) -> None:
    of = rule(plan, due_on=date(2021, 6, 30))
    generate(plan, "2021-03-22")
    generate(plan, "2021-09-01")
    assert owed(of) == [("2021-06-30", "2021-06-30")]


def test_e52_what_was_due_before_the_notice_or_its_issue_is_not_owed(plan: Plan) -> None:
    early, late = rule(plan, due_on=date(2021, 3, 10)), rule(plan, due_on=date(2021, 3, 31))
    generate(plan, "2021-03-22")
    assert (owed(early), owed(late)) == ([], [("2021-03-31", "2021-03-31")])


@pytest.mark.parametrize(
    ("obliged", "units"),
    [(Obliged.LINKED, {"甲局", "乙局"}), (Obliged.LEADING, {"甲局"}), (Obliged.NAMED, {"丙局"})],
)
def test_e34_each_rule_has_its_own_obligated_set(plan: Plan, obliged: Obliged, units: set[str]) -> None:
    of = rule(plan, due_on=date(2021, 6, 30), obliged=obliged)
    RuleParty.create(rule=of, unit=Unit.get(Unit.name == "丙局"), name="丙局")
    generate(plan, "2021-04-01")
    assert {o.unit.name for o in Obligation.select().where(Obligation.rule == of)} == units


def test_e33_a_named_unit_owes_from_the_day_it_joins_to_the_day_it_leaves(plan: Plan) -> None:
    of = rule(plan, "monthly:25", obliged=Obliged.NAMED)
    RuleParty.create(
        rule=of, unit=Unit.get(Unit.name == "丙局"), name="丙局", valid_from=date(2021, 5, 3),
        valid_to=date(2021, 7, 10),
    )  # fmt: skip
    generate(plan, "2021-09-01")
    assert [period for period, _ in owed(of, "丙局")] == ["2021-05", "2021-06", "2021-07"]


def test_e33_a_member_of_a_named_group_owes_as_long_as_it_is_one(plan: Plan) -> None:
    of = rule(plan, "monthly:25", obliged=Obliged.NAMED)
    group = b.group(plan.programme, "各区", [Unit.get(Unit.name == "丙局")])
    RuleParty.create(rule=of, group=group, name="各区")
    member = GroupMember.get(GroupMember.group == group)
    member.valid_from, member.valid_to = date(2021, 5, 1), date(2021, 5, 31)
    member.save()
    generate(plan, "2021-07-01")
    assert owed(of, "丙局") == [("2021-05", "2021-05-25")]


def test_e32_a_name_that_is_neither_unit_nor_group_owes_nothing(plan: Plan) -> None:
    of = rule(plan, due_on=date(2021, 6, 30), obliged=Obliged.NAMED)
    RuleParty.create(rule=of, name="各县市")
    generate(plan, "2021-04-01")
    assert not Obligation.select().where(Obligation.rule == of).exists()


def test_e57_a_conditional_deadline_is_owed_only_by_links_that_bear_the_mark(plan: Plan) -> None:
    of = rule(plan, "yearly:11-30", condition="已列入计划")
    generate(plan, "2021-04-01")
    assert owed(of) == []
    LinkMark.create(assignment=Assignment.get(), name="已列入计划", set_on=date(2021, 5, 6))
    generate(plan, "2021-05-06")
    assert owed(of) == [("2021", "2021-11-30")]
    assert owed(of, "乙局") == []


def test_c24_on_06_16_the_list_of_missing_is_all_expected_minus_received(plan: Plan) -> None:
    of = rule(plan, "yearly:06-15")
    generate(plan, "2021-04-01")
    mine = Obligation.rule == of
    Obligation.update(first_submitted_at=b.at("2021-06-15 23:59")).where(
        mine & (Obligation.unit == Unit.get(Unit.name == "甲局"))
    ).execute()
    late = Obligation.select().where(
        mine & (Obligation.due_at <= b.at("2021-06-16 00:00")) & Obligation.first_submitted_at.is_null()
    )
    assert [row.unit.name for row in late] == ["乙局"]


def test_own_cut_off_grace_and_lock_come_before_the_programme_s(plan: Plan) -> None:
    of = rule(plan, due_on=date(2021, 6, 30), grace_workdays=2, lock_after_workdays=1)
    of.cutoff = time(17)
    of.save()
    generate(plan, "2021-04-01")
    row = Obligation.get(Obligation.rule == of)
    assert (row.due_at, row.grace_at) == (b.at("2021-06-30 17:00"), b.at("2021-07-02 17:00"))
    assert row.locked_at == row.grace_at  # a lock never comes before the grace has ended


def test_a_proposed_rule_asks_nothing_and_the_monthly_report_stays(plan: Plan) -> None:
    of = rule(plan, due_on=date(2021, 6, 30), state=RuleState.PROPOSED)
    generate(plan, "2021-03-22")
    assert owed(of) == []
    assert [r.name for r in ReportingRule.select().where(ReportingRule.kind == RuleKind.PROGRESS)] == ["月报"]


def test_an_ended_rule_owes_nothing_for_later_periods(plan: Plan) -> None:
    of = rule(plan, "monthly:25", valid_to=date(2021, 5, 10))
    generate(plan, "2021-09-01")
    assert [period for period, _ in owed(of)] == ["2021-03", "2021-04", "2021-05"]


def test_a_rule_asks_for_nothing_that_was_due_before_it_held_or_once_after_it_ended(plan: Plan) -> None:
    of = rule(plan, "monthly:10,25", valid_from=date(2021, 5, 20))
    once = rule(plan, due_on=date(2021, 6, 30), valid_to=date(2021, 6, 29))
    generate(plan, "2021-06-01")
    assert [day for _, day in owed(of)] == ["2021-05-25", "2021-06-10", "2021-06-25"]
    assert owed(once) == []


SHAPES: list[tuple[str, dict[str, Any]]] = [
    ("weekly:fri", {}),
    ("monthly:10,25", {}),
    ("quarterly:end", {"obliged": Obliged.LEADING}),
    ("", {"due_on": date(2021, 6, 30)}),
    ("monthly:25", {"kind": RuleKind.COUNT}),
]


def _everything() -> set[tuple[str, str, str, str]]:
    rows = (
        Obligation.select(Obligation, ReportingRule, Unit).join(ReportingRule).switch(Obligation).join(Unit)
    )
    return {(o.rule.name, o.unit.name, o.period, o.due_on.isoformat()) for o in rows}


@pytest.mark.parametrize("order", list(permutations(range(3)))[:4])
def test_the_order_of_rules_is_irrelevant_and_twice_is_the_same(plan: Plan, order: tuple[int, ...]) -> None:
    for place in (*order, 3, 4):
        recurrence, values = SHAPES[place]
        rule(plan, recurrence, name=f"第{place}项", **values)
    generate(plan, "2021-05-20")
    once = _everything()
    assert generate(plan, "2021-05-20") == 0
    assert _everything() == once
    # Two units: 9 weeks, 5 days, a filing, 3 months, and their monthly report; 2 quarters of the lead unit.
    assert len(once) == 9 * 2 + 5 * 2 + 2 + 2 + 3 * 2 + 3 * 2


@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(stops=st.lists(st.integers(0, 200), min_size=1, max_size=5))
def test_generating_on_any_days_makes_what_generating_once_makes(stops: list[int]) -> None:
    plan = issued(b.programme(f"工作{Programme.select().count()}"))
    b.assignment(b.task(plan), b.unit(f"局{Unit.select().count()}"))
    of = rule(plan, "weekly:fri")
    first = date(2021, 3, 22).toordinal()
    for stop in sorted(stops):
        generate(plan, date.fromordinal(first + stop).isoformat())
    made = {o.period for o in Obligation.select().where(Obligation.rule == of)}
    links, last = links_of(plan.programme_id), date.fromordinal(first + max(stops))
    assert made == {slot.subject.key for slot, _dates, owing in obligations.owed_by(of, links, last) if owing}
