"""Reporting rules of a notice on the review page: confirmed, corrected, dropped, undone, adopted and put in force."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from typing import Any

import pytest
from peewee import Database

from supervisor.core import (
    corrections,
    documents,
    item_corrections,
    plan_rules,
    plans,
    rule_corrections,
    rule_words,
    rules_at_issue,
)
from supervisor.core.draft_ledger import Ledger, split_names
from supervisor.core.draft_rows import LedgerRule
from supervisor.core.permissions import Actor
from supervisor.core.rule_corrections import TypedRule
from supervisor.errors import Invalid
from supervisor.models import (
    Cadence,
    Document,
    LocalSettings,
    Obligation,
    Obliged,
    Phase,
    Plan,
    Programme,
    ReportingRule,
    Role,
    RuleKind,
    RuleParty,
    RuleState,
    Unit,
)
from tests.builders import actor, at, programme, user

WHEN = at("2021-03-22 09:00")

NOTICE = """澄江市河湖整治工作方案
各区人民政府，市政府各部门：
为做好河湖整治，制定本方案。
一、工作任务
（一）编制规划。2021年6月底前完成规划编制。（牵头单位：市水务局；责任单位：市财政局、市规划局）
（二）清理河道。组织清理淤积河段。（牵头单位：市水务局；责任单位：市城管局）
二、工作步骤
（一）部署阶段（2021年2—3月）。印发方案。
（二）整治阶段（2021年4—10月）。开展整治。
（三）巩固阶段（2023年12月底前）。总结经验。
三、工作要求
实行周督导、月调度、季通报、半年检查、全年总结。
各责任单位于6月15日前向市河长办报送半年工作小结。
各责任单位每月25日前将工作进展情况报市河长办。
各责任单位每月报送宣传信息不得少于1篇（每月10日、25日报送）。
市水务局于2021年6月30日前将专项规划报市发展改革委、市财政局和省水利厅。
澄江市人民政府办公室
2021年3月10日
"""


@pytest.fixture
def by(database: Database) -> Actor:
    of = programme()
    return actor(Role.LEAD_OFFICE, of, person=user("office", Role.LEAD_OFFICE, of, name="许晏清", now=WHEN))


@pytest.fixture
def document(by: Actor) -> Document:
    data = NOTICE.encode()
    of = Programme.get_by_id(by.programme_id)
    draft = documents.read_notice(data, "a.txt")
    return documents.receive(of, draft, data, "a.txt", again=False, by=by, now=WHEN)


def ledger(document: Document) -> Ledger:
    return corrections.ledger_of(Document.get_by_id(document.id))


def how(document: Document, by: Actor) -> dict[str, Any]:
    return {"seen": Document.get_by_id(document.id).version, "by": by, "now": WHEN}


TYPED = TypedRule(
    what="实施方案", kind="filing", obliged="named", units=("市水务局",), recipients=("市河长办",), every="",
    days="", due_on=date(2021, 4, 30), shift=0, minimum=1,
)  # fmt: skip


def test_rules_are_proposed_with_who_owes_what_to_whom_and_when(document: Document) -> None:
    rules = {rule.what: rule for rule in ledger(document).reporting}
    half, progress, news, plan = (rules[w] for w in ("半年工作小结", "工作进展情况", "宣传信息", "专项规划"))
    assert (half.obliged, half.due_on, half.recipients) == ("linked", date(2021, 6, 15), ("市河长办",))
    assert (progress.kind, progress.recurrence) == ("progress", "monthly:25")
    assert (news.kind, news.recurrence, news.minimum) == ("count", "monthly:10,25", 1)
    assert (plan.units, plan.recipients) == (("市水务局",), ("市发展改革委", "市财政局", "省水利厅"))
    assert "recipients" in news.open_parts
    assert not any(rule.confirmed for rule in rules.values())


def test_c17_phases_keep_the_ends_that_the_notice_leaves_open(document: Document) -> None:
    phases = [(phase.name, phase.begins_on, phase.ends_on) for phase in ledger(document).phases]
    assert phases == [
        ("部署阶段", date(2021, 2, 1), date(2021, 3, 31)),
        ("整治阶段", date(2021, 4, 1), date(2021, 10, 31)),
        ("巩固阶段", None, date(2023, 12, 31)),
    ]


def test_a_rule_is_confirmed_corrected_and_dropped_and_each_step_is_undone(
    document: Document, by: Actor
) -> None:
    rule_corrections.confirm_rules(document, [0], **how(document, by))
    rule_corrections.correct_rule(document, 1, TYPED, **how(document, by))
    item_corrections.drop_row(document, "report", 2, "另有规定", **how(document, by))
    rows = ledger(document).reporting
    assert (rows[0].confirmed, rows[1].what, rows[2].dropped) == (True, "实施方案", "另有规定")
    for _step in range(3):
        corrections.undo(document, **how(document, by))
    assert ledger(document).reporting == corrections.ledger_of(document).reporting


@pytest.mark.parametrize(
    ("wrong", "fields"),
    [
        ({"what": ""}, {"what"}),
        ({"units": ()}, {"units"}),
        ({"due_on": None}, {"due_on"}),
        ({"every": "monthly", "days": "周五"}, {"days"}),
        ({"every": "hourly"}, {"every"}),
        ({"minimum": 0, "what": "", "shift": 7}, {"minimum", "what", "shift"}),
        ({"kind": "progress"}, {"every"}),
    ],
)
def test_what_is_typed_wrong_is_named_by_its_field(
    document: Document, by: Actor, wrong: dict[str, Any], fields: set[str]
) -> None:
    with pytest.raises(Invalid) as error:
        rule_corrections.correct_rule(document, None, replace(TYPED, **wrong), **how(document, by))
    assert set(error.value.fields) == fields


def test_a_second_progress_report_of_the_same_units_is_refused(document: Document, by: Actor) -> None:
    keys = [rule.key for rule in ledger(document).reporting if rule.kind == "progress"]
    rule_corrections.confirm_rules(document, keys, **how(document, by))
    again = replace(TYPED, what="每周进度", kind="progress", every="weekly", days="周五", due_on=None)
    with pytest.raises(Invalid) as error:
        rule_corrections.correct_rule(document, None, again, **how(document, by))
    assert "twice" in error.value.fields["what"].msgid


@pytest.mark.parametrize(
    ("every", "days", "recurrence"),
    [
        ("weekly", "周五", "weekly:fri"),
        ("weekly", "Friday", "weekly:fri"),
        ("tenday", "末", "tenday:end"),
        ("monthly", "25日、10日", "monthly:10,25"),
        ("quarterly", "1-10", "quarterly:1-10"),
        ("halfyear", "6月15日", "halfyear:6-15"),
        ("yearly", "10月30日", "yearly:10-30"),
        ("yearly", "", "yearly"),
        ("", "", ""),
    ],
)
def test_days_are_typed_in_words(every: str, days: str, recurrence: str) -> None:
    read = rule_words.read_when(every, days)
    assert (read.recurrence, read.note) == (recurrence, None)
    assert rule_words.read_when(every, rule_words.days_of(recurrence)).recurrence == recurrence


def test_30_february_is_the_last_day_and_said_so() -> None:
    read = rule_words.read_when("yearly", "2月30日")
    assert read.recurrence == "yearly:02-29"
    assert read.note is not None
    assert str(read.note) == "Feb has no day 30: its last day is meant."


@pytest.mark.parametrize(
    ("recurrence", "days"),
    [
        ("monthly:30", "30"), ("monthly:31", "31"), ("monthly:5,29", "29"),
        ("yearly:02-29", "29"),
        ("quarterly:2-31", "31"), ("halfyear:2-30", "30"), ("tenday:9", "9"), ("monthly:28", None),
        ("monthly:end", None),
        ("yearly:10-30", None), ("yearly:06-30", None), ("weekly:fri", None), ("tenday:8", None), ("monthly", None),
        ("", None), ("continuous", None),
    ],
)  # fmt: skip
def test_a_day_that_not_every_month_has_is_said_to_fall_on_the_last(
    recurrence: str, days: str | None
) -> None:
    said = rule_words.last_day_words(recurrence)
    assert (said.params["days"] if said else None) == days


def test_what_is_typed_is_said_before_it_is_made() -> None:
    february, thirtieth = rule_words.typed_note("yearly", "2月30日"), rule_words.typed_note("monthly", "30")
    assert "Feb has no day 30" in str(february)
    assert "last day of the month" in str(thirtieth)
    assert rule_words.typed_note("monthly", "周五") is None


def _issued(document: Document, by: Actor) -> Plan:
    for task in ledger(document).tasks:
        assert task.lead
    present = Document.get_by_id(document.id)
    plan = plans.adopt(present, seen=present.version, by=by, now=WHEN)
    plans.issue(plan, by=by, now=WHEN)
    return plan


def test_a_rule_that_names_nobody_stays_a_proposal_also_when_it_was_confirmed() -> None:
    """Else it would count as in force while nobody owes it."""
    row = LedgerRule(0, "报送工作方案", obliged="named", due_on=date(2021, 3, 31), confirmed=True)
    assert [str(text) for text in plan_rules.missing_in(row)] == ["no unit is named that owes it"]
    assert plan_rules.missing_in(replace(row, units=("市水务局",))) == []


def test_a_confirmed_rule_that_is_incomplete_is_said_to_stay_a_proposal_before_issue(
    document: Document, by: Actor
) -> None:
    open_day = replace(TYPED, what="月度台账", every="monthly", days="", due_on=None, units=("市水务局",))
    rule_corrections.correct_rule(document, None, open_day, **how(document, by))
    present = Document.get_by_id(document.id)
    plan = plans.adopt(present, seen=present.version, by=by, now=WHEN)
    said = [str(check.obstacle.sentence) for check in plans.checks(plan, plans.tasks_of(plan), now=WHEN)]
    assert (
        "The reporting rule “月度台账” stays a proposal and nobody will owe it: its day is not set." in said
    )
    assert (
        "The reporting rule “宣传信息” stays a proposal and nobody will owe it: nobody has confirmed it."
        in said
    )
    plans.issue(plan, by=by, now=WHEN)
    rule = ReportingRule.get(ReportingRule.name == "月度台账")
    assert rule.state is RuleState.PROPOSED
    assert str(plan_rules.proposals(plan.programme_id)[rule.id].words) == "its day is not set"


def test_adopting_stores_the_rules_and_issuing_puts_the_confirmed_ones_in_force(
    document: Document, by: Actor
) -> None:
    keys = [rule.key for rule in ledger(document).reporting if rule.what != "宣传信息"]
    rule_corrections.confirm_rules(document, keys, **how(document, by))
    _issued(document, by)
    rules = {rule.name: rule for rule in ReportingRule.select()}
    assert set(rules) == {"半年工作小结", "工作进展情况", "宣传信息", "专项规划"}  # no second monthly report
    assert rules["宣传信息"].state is RuleState.PROPOSED
    assert rules["工作进展情况"].kind is RuleKind.PROGRESS
    assert rules["半年工作小结"].obliged is Obliged.LINKED
    assert rules["专项规划"].clause.startswith("市水务局于2021年6月30日前")
    owed = {o.rule.name for o in Obligation.select()}
    assert owed == {"半年工作小结", "工作进展情况", "专项规划"}
    plan_rows = Obligation.select().where(Obligation.rule == rules["专项规划"])
    assert [(o.unit.name, o.due_on) for o in plan_rows] == [("市水务局", date(2021, 6, 30))]


def test_without_a_confirmed_progress_rule_the_monthly_report_is_the_local_default(
    document: Document, by: Actor
) -> None:
    _issued(document, by)
    (made,) = ReportingRule.select().where(ReportingRule.state == RuleState.CONFIRMED)
    assert (made.name, made.clause) == ("月报", "")


def test_a_confirmed_unit_outside_the_tasks_enters_the_register_and_a_collective_does_not(
    document: Document, by: Actor
) -> None:
    typed = replace(TYPED, units=("市审计局", "各县市"))
    rule_corrections.correct_rule(document, None, typed, **how(document, by))
    _issued(document, by)
    parties = {party.name: party.unit_id for party in RuleParty.select()}
    assert parties == {
        "市审计局": Unit.get(Unit.name == "市审计局").id,
        "各县市": None,
        "市水务局": parties["市水务局"],
    }


def test_rhythms_of_supervision_and_phases_are_kept_with_the_plan(document: Document, by: Actor) -> None:
    plan = _issued(document, by)
    cadences = [(row.name, row.recurrence) for row in Cadence.select().order_by(Cadence.id)]
    assert cadences == [
        ("周督导", "weekly"), ("月调度", "monthly"), ("季通报", "quarterly"), ("半年检查", "halfyear"),
        ("全年总结", "yearly"),
    ]  # fmt: skip
    assert [row.name for row in Phase.select().where(Phase.plan == plan).order_by(Phase.sort)] == [
        "部署阶段", "整治阶段", "巩固阶段",
    ]  # fmt: skip


def test_units_are_split_as_everywhere() -> None:
    assert split_names("市水务局、市城管局，市水务局") == ("市水务局", "市城管局")


def test_what_the_page_says_before_the_issue_is_what_units_owe_after_it(
    document: Document, by: Actor
) -> None:
    keys = [rule.key for rule in ledger(document).reporting]
    rule_corrections.confirm_rules(document, keys, **how(document, by))
    outside = replace(TYPED, what="年度总结", due_on=date(2021, 11, 30), units=("市审计局", "各县市"))
    rule_corrections.correct_rule(document, None, outside, **how(document, by))
    present = Document.get_by_id(document.id)
    plan = plans.adopt(present, seen=present.version, by=by, now=WHEN)
    rows = plans.tasks_of(plan)
    found = rules_at_issue.rules_at_issue(plan, plans.links_in(rows), now=WHEN)
    said = {row.rule.name: (row.units, row.next and row.next.literal) for row in found}
    checks = [str(check.obstacle.sentence) for check in plans.checks(plan, rows, now=WHEN)]
    assert said["年度总结"] == (1, date(2021, 11, 30))
    assert any("“年度总结” names 各县市" in text for text in checks)
    plans.issue(plan, by=by, now=WHEN)
    owed: dict[str, set[int]] = {}
    for made in Obligation.select():
        owed.setdefault(made.rule.name, set()).add(made.unit_id)
    assert {name: units for name, (units, _) in said.items()} == {n: len(u) for n, u in owed.items()}
    for row in found:
        assert row.next is not None
        first = min(o.due_on for o in Obligation.select().where(Obligation.rule == row.rule))
        assert first == row.next.effective, row.rule.name


def test_a_plan_asked_for_as_a_document_and_as_a_work_plan_is_said_before_the_issue_and_one_is_proposed(
    document: Document, by: Actor
) -> None:
    twice = replace(TYPED, what="工作方案", obliged="linked", due_on=date(2021, 11, 30), units=())
    rule_corrections.correct_rule(document, None, twice, **how(document, by))
    present = Document.get_by_id(document.id)
    plan = plans.adopt(present, seen=present.version, by=by, now=WHEN)

    def said() -> list[str]:
        found = plans.checks(plan, plans.tasks_of(plan), now=WHEN)
        return [str(c.obstacle.sentence) for c in found if "twice" in str(c.obstacle.sentence)]

    assert said() == []
    LocalSettings.update(work_plan_workdays=7).execute()
    (told,) = said()
    assert "“工作方案” as a document" in told
    assert "Proposal: keep the work plan" in told
    ReportingRule.update(valid_to=date(2021, 11, 29)).where(ReportingRule.name == "工作方案").execute()
    assert said() == []


def test_the_default_report_is_told_before_the_issue_and_not_where_a_rule_asks_for_progress(
    document: Document, by: Actor
) -> None:
    present = Document.get_by_id(document.id)
    plan = plans.adopt(present, seen=present.version, by=by, now=WHEN)
    links = plans.links_in(plans.tasks_of(plan))
    (row,) = rules_at_issue.rules_at_issue(plan, links, now=WHEN)
    assert (row.rule.name, row.units) == ("月报", 4)
    assert not ReportingRule.select().where(ReportingRule.name == "月报").exists()
    ReportingRule.create(
        programme=plan.programme, plan=plan, name="进展周报", recurrence="weekly:fri", valid_from=WHEN.date()
    )
    (row,) = rules_at_issue.rules_at_issue(plan, links, now=WHEN)
    assert (row.rule.name, row.units) == ("进展周报", 4)
