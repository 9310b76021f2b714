"""Rules added, changed and ended on their page: shown first, with a reason, past stays, reminders follow (D7, D12)."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, time
from typing import Any

import pytest

from supervisor.core import extensions, link_marks, obligations, reminders, rule_changes, rule_pages
from supervisor.core.periods import Period
from supervisor.core.permissions import Actor
from supervisor.core.rule_changes import Effects, RuleTerms
from supervisor.core.rule_corrections import TypedRule
from supervisor.errors import Invalid, NotAllowed, Stale
from supervisor.models import (
    AuditEntry,
    Channel,
    Message,
    MessageState,
    Obligation,
    ObligationState,
    Phase,
    Plan,
    Programme,
    Reminder,
    ReportingRule,
    Role,
    RuleVersion,
    Unit,
)
from tests import builders as b

pytestmark = pytest.mark.usefixtures("database")
NOW = b.at("2021-06-01 09:00")
TERMS = RuleTerms(
    TypedRule(
        what="整改情况", kind="filing", obliged="linked", units=(), recipients=(), every="monthly", days="25",
        due_on=None, shift=0, minimum=1,
    ),
    valid_from=date(2021, 4, 1),
)  # fmt: skip


@pytest.fixture
def plan(database: object) -> Plan:
    made = b.plan(b.programme())
    made.issued_at, made.effective_on = b.at("2021-04-01 09:00"), date(2021, 4, 1)
    made.save()
    task = b.task(made)
    for name in ("甲局", "乙局"):
        unit = b.unit(name)
        b.assignment(task, unit)
        b.user(name, Role.LIAISON, made.programme, unit)
    return made


@pytest.fixture
def office(plan: Plan) -> Actor:
    return b.actor(
        Role.LEAD_OFFICE, plan.programme, person=b.user("office", Role.LEAD_OFFICE, plan.programme)
    )


def typed(**values: Any) -> RuleTerms:
    return replace(TERMS, typed=replace(TERMS.typed, **values))


def save(
    plan: Plan, terms: RuleTerms, by: Actor, rule: ReportingRule | None = None, **values: Any
) -> tuple[ReportingRule, Effects]:
    given = {"reason": "统一安排", "seen": rule.version if rule else 0, "by": by, "now": NOW, **values}
    return rule_changes.save(rule, Programme.get_by_id(plan.programme_id), terms, **given)


def rows(rule: ReportingRule, unit: str = "甲局") -> dict[str, tuple[date, str]]:
    mine = (Obligation.rule == rule) & (Unit.name == unit)
    query = Obligation.select().join(Unit).where(mine).order_by(Obligation.period)
    return {o.period: (o.due_on, o.state.value) for o in query}


def test_a_new_rule_asks_for_what_is_still_to_come_and_units_are_told(plan: Plan, office: Actor) -> None:
    rule, effects = save(plan, replace(TERMS, valid_from=date(2021, 6, 1)), office)
    assert effects.counts == {"added": 2, "removed": 0, "moved": 0}
    assert rows(rule) == {"2021-06": (date(2021, 6, 25), "open")}
    assert Message.select().where(Message.subject.contains("整改情况")).count() >= 2
    assert AuditEntry.select().where(AuditEntry.action == "rule.add").count() == 1
    assert [v.reason for v in RuleVersion.select()] == ["统一安排"]


def test_a_rule_made_or_widened_later_asks_nobody_for_what_had_passed(plan: Plan, office: Actor) -> None:
    """Else units would be late, or missing for good, the moment that a rule is made."""
    only = replace(
        TERMS, typed=replace(TERMS.typed, obliged="named", units=("甲局",)), valid_from=date(2021, 3, 1)
    )
    rule, effects = save(plan, only, office)
    assert effects.counts["added"] == 1
    assert list(rows(rule)) == ["2021-06"]
    both = replace(only, typed=replace(only.typed, units=("甲局", "乙局")))
    after = b.at("2021-07-26 09:00")
    obligations.generate(plan.programme_id, now=b.at("2021-07-01 09:00"))
    _, effects = save(plan, both, office, ReportingRule.get_by_id(rule.id), now=after)
    assert (effects.counts["added"], rows(rule, "乙局")) == (0, {})
    obligations.generate(plan.programme_id, now=b.at("2021-08-02 09:00"))
    assert (list(rows(rule)), list(rows(rule, "乙局"))) == (["2021-06", "2021-07", "2021-08"], ["2021-08"])


def test_what_a_new_rule_asks_for_opens_when_the_rule_holds(plan: Plan, office: Actor) -> None:
    terms = replace(typed(every="yearly", days="12-31"), valid_from=date(2021, 6, 3))
    rule, _ = save(plan, terms, office)
    obligations.generate(plan.programme_id, now=b.at("2021-06-03 09:00"))
    assert {row.opens_at for row in Obligation.select().where(Obligation.rule == rule)} == {
        b.at("2021-06-03 00:00")
    }


def test_a_rule_for_a_single_day_that_is_past_is_refused_unless_the_day_stays(
    plan: Plan, office: Actor
) -> None:
    past = typed(every="", days="", due_on=date(2021, 5, 31))
    with pytest.raises(Invalid) as refused:
        save(plan, past, office)
    assert "is past" in str(refused.value.fields["due_on"])
    rule, _ = save(plan, typed(every="", days="", due_on=date(2021, 6, 1)), office)
    kept = replace(past.typed, due_on=date(2021, 6, 1), what="整改总结")
    renamed, _ = save(
        plan,
        replace(past, typed=kept),
        office,
        ReportingRule.get_by_id(rule.id),
        now=b.at("2021-07-01 09:00"),
    )
    assert renamed.name == "整改总结"


def test_a_preview_tells_exactly_what_the_change_does_and_keeps_nothing(plan: Plan, office: Actor) -> None:
    rule, _ = save(plan, TERMS, office)
    terms = typed(days="28")
    before = (rows(rule), RuleVersion.select().count(), AuditEntry.select().count())
    shown = rule_changes.preview(rule, plan.programme, terms, by=office, now=NOW)
    assert (rows(rule), RuleVersion.select().count(), AuditEntry.select().count()) == before
    _, made = save(plan, terms, office, ReportingRule.get_by_id(rule.id))
    assert shown == made
    assert made.counts == {"added": 0, "removed": 0, "moved": 2}


def test_d7_past_obligations_stay_and_future_ones_follow(plan: Plan, office: Actor) -> None:
    rule, _ = save(plan, TERMS, office)
    old = rows(rule)
    save(plan, typed(days="28"), office, ReportingRule.get_by_id(rule.id))
    new = rows(rule)
    assert new["2021-06"] == (date(2021, 6, 28), "open")
    assert {key: row for key, row in new.items() if key != "2021-06"} == {
        key: row for key, row in old.items() if key != "2021-06"
    }


def test_d12_reminders_of_the_old_day_are_cancelled_with_the_change(plan: Plan, office: Actor) -> None:
    rule, _ = save(plan, TERMS, office)
    reminders.queue(b.at("2021-06-22 09:00"))
    june = Obligation.select(Obligation.id).where(
        (Obligation.rule == rule) & (Obligation.period == "2021-06")
    )
    unsent = (Message.channel == Channel.MAIL) & Message.state.in_([MessageState.NEW, MessageState.RETRY])
    open_ones = (
        Reminder.select()
        .join(Message)
        .where(Reminder.obligation.in_(june) & Reminder.cancelled_at.is_null() & unsent)
    )
    assert open_ones.count() > 0
    save(plan, typed(days="末"), office, ReportingRule.get_by_id(rule.id), now=b.at("2021-06-22 10:00"))
    assert open_ones.count() == 0


def test_a_day_that_a_person_named_stays(plan: Plan, office: Actor) -> None:
    rule, _ = save(plan, TERMS, office)
    row = Obligation.get(
        (Obligation.rule == rule)
        & (Obligation.period == "2021-06")
        & (Obligation.unit == Unit.get(Unit.name == "甲局"))
    )
    extensions.move_deadline(row, date(2021, 6, 29), reason="防汛", by=office, now=NOW)
    save(plan, typed(days="28"), office, ReportingRule.get_by_id(rule.id))
    assert rows(rule)["2021-06"][0] == date(2021, 6, 29)
    assert rows(rule, "乙局")["2021-06"][0] == date(2021, 6, 28)


def test_what_a_rule_asks_for_no_more_is_waived_and_owed_again_when_it_does(
    plan: Plan, office: Actor
) -> None:
    rule, _ = save(plan, TERMS, office)
    _, ended = save(
        plan, replace(TERMS, valid_to=date(2021, 5, 31)), office, ReportingRule.get_by_id(rule.id)
    )
    assert ended.counts["removed"] == 2
    assert rows(rule)["2021-06"][1] == ObligationState.WAIVED
    _, again = save(plan, TERMS, office, ReportingRule.get_by_id(rule.id))
    assert again.counts["added"] == 2
    assert rows(rule)["2021-06"] == (date(2021, 6, 25), "open")


@pytest.mark.parametrize(
    ("terms", "fields"),
    [
        (typed(what=""), {"what"}),
        (typed(obliged="named", units=("无此单位",)), {"units"}),
        (replace(TERMS, valid_from=None), {"valid_from"}),
        (replace(TERMS, valid_to=date(2020, 1, 1)), {"valid_to"}),
        (replace(TERMS, every_years=2), {"anchor_year"}),
        (replace(TERMS, grace_workdays=-1), {"grace_workdays"}),
        (replace(TERMS, day_off_policy="never"), {"day_off_policy"}),
    ],
)
def test_what_is_wrong_is_named_and_nothing_is_kept(
    plan: Plan, office: Actor, terms: RuleTerms, fields: set[str]
) -> None:
    with pytest.raises(Invalid) as error:
        save(plan, terms, office)
    assert set(error.value.fields) == fields
    assert ReportingRule.select().count() == 0


def test_a_change_needs_a_reason_the_office_and_the_newest_version(plan: Plan, office: Actor) -> None:
    rule, _ = save(plan, TERMS, office)
    with pytest.raises(Invalid) as error:
        save(plan, TERMS, office, rule, reason=" ")
    assert set(error.value.fields) == {"reason"}
    with pytest.raises(Stale):
        save(plan, TERMS, office, rule, seen=rule.version - 1)
    with pytest.raises(NotAllowed):
        save(plan, TERMS, b.actor(Role.LIAISON, plan.programme), rule)


def test_a_rule_that_would_ask_the_same_twice_is_refused(plan: Plan, office: Actor) -> None:
    obligations.generate(plan.programme_id, now=NOW)
    with pytest.raises(Invalid) as error:
        save(plan, typed(kind="progress", what="每周进度", every="weekly", days="周五"), office)
    assert "月报" in str(error.value.fields["what"].params.values())
    save(plan, TERMS, office)
    with pytest.raises(Invalid):
        save(plan, typed(days="10"), office)  # the same papers on another day


def test_terms_of_its_own_are_kept_and_shown_in_the_form(plan: Plan, office: Actor) -> None:
    terms = replace(
        TERMS, cutoff=time(17, 30), grace_workdays=2, day_off_policy="before", documents=("方案", "台账")
    )
    rule, _ = save(plan, terms, office)
    given = rule_pages.given(ReportingRule.get_by_id(rule.id))
    assert (given["cutoff"], given["grace_workdays"], given["documents"]) == ("17:30", "2", "方案、台账")
    assert (given["every"], given["days"]) == ("monthly", "25")


def test_c18_e45_the_next_deadlines_keep_the_announced_day_beside_the_one_that_counts(
    plan: Plan, office: Actor
) -> None:
    terms = replace(typed(every="yearly", days="10月30日"), day_off_policy="before")
    rule, _ = save(plan, terms, office)
    days = rule_pages.next_deadlines(rule, now=NOW)[:2]
    assert [(d.literal, d.effective, d.day_off) for d in days] == [
        (date(2021, 10, 30), date(2021, 10, 29), True),
        (date(2022, 10, 30), date(2022, 10, 28), True),
    ]
    assert len(rule_pages.next_deadlines(rule, now=NOW)) == 6


def test_c17_on_the_first_of_may_the_second_phase_runs_and_an_open_start_follows_the_phase_before(
    plan: Plan,
) -> None:
    names = [
        ("部署阶段", date(2021, 2, 1), date(2021, 3, 31)),
        ("办理阶段", date(2021, 4, 1), date(2021, 10, 31)),
        ("巩固阶段", None, date(2023, 12, 31)),
    ]
    for order, (name, begins, ends) in enumerate(names, start=1):
        Phase.create(plan=plan, name=name, begins_on=begins, ends_on=ends, sort=order)
    phases = rule_pages.phases_of(plan.programme_id)
    found = {
        day: rule_pages.phase_on(phases, day)
        for day in (date(2021, 5, 1), date(2022, 1, 1), date(2024, 1, 1))
    }
    assert [phase and phase.name for phase in found.values()] == ["办理阶段", "巩固阶段", None]


def test_the_burden_of_a_month_counts_what_each_unit_is_asked_for(plan: Plan, office: Actor) -> None:
    obligations.generate(plan.programme_id, now=NOW)
    save(plan, TERMS, office)
    found = rule_pages.burden(plan.programme_id, Period.parse("2021-06"), office)
    assert [(row.unit.name, row.total) for row in found] == [("甲局", 2), ("乙局", 2)]
    own = b.actor(Role.LIAISON, plan.programme, Unit.get(Unit.name == "乙局"))
    assert [row.unit.name for row in rule_pages.burden(plan.programme_id, Period.parse("2021-06"), own)] == [
        "乙局"
    ]


def test_the_burden_of_a_month_to_come_counts_what_is_not_made_yet(plan: Plan, office: Actor) -> None:
    """Else a quiet month would be promised where the rules ask for much."""
    obligations.generate(plan.programme_id, now=NOW)
    save(plan, TERMS, office)
    own = b.actor(Role.LIAISON, plan.programme, Unit.get(Unit.name == "乙局"))
    for month in ("2021-09", "2022-03"):
        found = rule_pages.burden(plan.programme_id, Period.parse(month), office)
        assert [(row.unit.name, row.total) for row in found] == [("甲局", 2), ("乙局", 2)], month
    assert [row.unit.name for row in rule_pages.burden(plan.programme_id, Period.parse("2021-09"), own)] == [
        "乙局"
    ]
    assert rule_pages.burden(plan.programme_id, Period.parse("2020-09"), office) == []
    kept = Obligation.select().where(Obligation.due_on > date(2021, 9, 1))
    assert not kept.exists(), "a look at the page made something"


def test_e57_deadlines_appear_and_disappear_with_the_marks(plan: Plan, office: Actor) -> None:
    terms = replace(typed(every="yearly", days="11-30"), condition="已列入计划")
    rule, effects = save(plan, terms, office)
    assert effects.counts["added"] == 0
    first, second = link_marks.candidates(rule)
    with pytest.raises(Invalid):
        link_marks.mark(rule, {first.id}, reason="", by=office, now=NOW)
    shown = link_marks.mark(rule, {first.id}, reason="计划已下达", by=office, now=NOW)
    assert shown.counts == {"added": 1, "removed": 0, "moved": 0}
    assert rows(rule) == {"2021": (date(2021, 11, 30), "open")}
    later = b.at("2021-09-01 09:00")
    gone = link_marks.mark(rule, {second.id}, reason="资金未落实", by=office, now=later)
    assert gone.counts == {"added": 1, "removed": 1, "moved": 0}
    assert (rows(rule)["2021"][1], rows(rule, "乙局")["2021"][1]) == ("waived", "open")
    link_marks.mark(rule, {first.id, second.id}, reason="资金已到位", by=office, now=later)
    assert rows(rule)["2021"][1] == "open"
