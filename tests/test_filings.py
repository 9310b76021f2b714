"""Filings with receipts of every recipient (C28, E-63) and counted items with bulletins (C45, E-51)."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime
from typing import Any

import pytest

from supervisor.core import extensions, filing_pages, filing_readers, filings, obligations
from supervisor.core.filings import FiledBody
from supervisor.core.permissions import Actor
from supervisor.errors import Invalid, NotAllowed, NotFound, Refused
from supervisor.models import (
    Obligation,
    ObligationState,
    Obliged,
    Outcome,
    Plan,
    Receipt,
    Report,
    ReportingRule,
    Role,
    RuleKind,
    RuleParty,
    RuleRecipient,
    Unit,
    User,
)
from tests import builders as b

pytestmark = pytest.mark.usefixtures("database")
KINDS = ["摸底调查情况", "改造专项规划", "工作实施方案"]


@pytest.fixture
def plan(database: object) -> Plan:
    """A plan issued on 22 March 2021 with 甲县 and 乙县; three departments receive."""
    made = b.plan(b.programme())
    made.issued_at, made.effective_on = b.at("2021-03-22 09:00"), date(2021, 3, 22)
    made.save()
    task = b.task(made)
    for name in ("甲县", "乙县"):
        b.assignment(task, b.unit(name))
    for name in ("市住建局", "市发展改革委", "市财政局"):
        b.unit(name)
    return made


def rule(plan: Plan, recurrence: str = "", **values: Any) -> ReportingRule:
    given: dict[str, Any] = {"name": "备案材料", "kind": RuleKind.FILING, "valid_from": date(2021, 3, 22)}
    return ReportingRule.create(
        programme=plan.programme_id, recurrence=recurrence, subject_shift=0, **{**given, **values}
    )


def recipients(of: ReportingRule, *names: str) -> list[RuleRecipient]:
    return [
        RuleRecipient.create(rule=of, unit=Unit.get(Unit.name == name), name=name, sort=order)
        for order, name in enumerate(names, start=1)
    ]


def owed(plan: Plan, of: ReportingRule, unit: str = "甲县", until: str = "2021-06-01") -> Obligation:
    obligations.generate(plan.programme_id, now=b.at(f"{until} 09:00"))
    return (
        Obligation.select()
        .join(Unit)
        .where((Obligation.rule == of) & (Unit.name == unit))
        .order_by(Obligation.due_at.desc())
        .get()
    )


@pytest.fixture
def liaison(plan: Plan) -> Callable[[str], Actor]:
    def of(unit: str) -> Actor:
        row = Unit.get(Unit.name == unit)
        found = User.get_or_none(User.username == unit) or b.user(unit, Role.LIAISON, plan.programme, row)
        return b.actor(Role.LIAISON, plan.programme, row, person=found)

    return of


def bodies(*kinds: str) -> list[FiledBody]:
    return [FiledBody(kind, f"{kind}（2021年）", "见正文。") for kind in kinds]


def fresh(row: Obligation) -> Obligation:
    found: Obligation = Obligation.get_by_id(row.id)
    return found


def test_c28_e63_three_documents_are_needed_and_three_receipts_each(
    plan: Plan, liaison: Callable[[str], Actor]
) -> None:
    of = rule(plan, due_on=date(2021, 6, 30), documents=KINDS)
    to = recipients(of, "市住建局", "市发展改革委", "市财政局")
    row = owed(plan, of)
    when = b.at("2021-06-29 16:00")
    with pytest.raises(Invalid) as wrong:
        filings.submit(row, bodies(*KINDS[:2]), by=liaison("甲县"), now=when)
    assert wrong.value.fields["documents"].params == {"what": KINDS[2]}
    report = filings.submit(row, bodies(*KINDS), by=liaison("甲县"), now=when)
    assert (fresh(row).outcome, fresh(row).state) == (Outcome.ON_TIME, ObligationState.SUBMITTED)
    assert report.receipt == f"HZ-2021-06-30-{row.id}-1"
    for place, one in enumerate(to):
        assert fresh(row).state is ObligationState.SUBMITTED
        filings.give_receipt(report, one, by=liaison(one.name), now=b.at(f"2021-07-0{place + 1} 09:00"))
        given = filing_pages.read(fresh(row), liaison("甲县"), now=b.at("2021-07-04 09:00")).given
        assert [receipt.recipient_id for receipt in given] == [recipient.id for recipient in to[: place + 1]]
    assert fresh(row).state is ObligationState.ACCEPTED
    numbers = [(r.number, r.given_at) for r in Receipt.select().order_by(Receipt.id)]
    assert numbers == [
        (f"SD-2021-06-30-{report.id}-{one.id}", b.at(f"2021-07-0{place + 1} 09:00"))
        for place, one in enumerate(to)
    ]
    assert fresh(owed(plan, of, "乙县")).state is ObligationState.OPEN  # its own set, its own receipts


def test_c28_a_filing_due_on_03_31_has_its_own_set_and_keeps_receipt_number_and_time(
    plan: Plan, liaison: Callable[[str], Actor]
) -> None:
    of = rule(plan, due_on=date(2021, 3, 31), obliged=Obliged.NAMED)
    RuleParty.create(rule=of, unit=Unit.get(Unit.name == "甲县"), name="甲县")
    (office,) = recipients(of, "市住建局")
    row = owed(plan, of, until="2021-03-23")
    assert [one.unit.name for one in Obligation.select().where(Obligation.rule == of)] == ["甲县"]
    assert row.due_on == date(2021, 3, 31)
    report = filings.submit(row, bodies("材料"), by=liaison("甲县"), now=b.at("2021-03-31 23:59"))
    given = filings.give_receipt(report, office, by=liaison("市住建局"), now=b.at("2021-04-01 09:30"))
    kept = Receipt.get_by_id(given.id)
    assert (kept.number, kept.given_at) == (
        f"SD-2021-03-31-{report.id}-{office.id}",
        b.at("2021-04-01 09:30"),
    )
    assert fresh(row).outcome is Outcome.ON_TIME


def test_c28_only_the_recipient_gives_its_receipt_and_once(
    plan: Plan, liaison: Callable[[str], Actor]
) -> None:
    of = rule(plan, due_on=date(2021, 3, 31))
    first, second = recipients(of, "市住建局", "市发展改革委")
    report = filings.submit(
        owed(plan, of, until="2021-03-23"), bodies("材料"), by=liaison("甲县"), now=b.at("2021-03-30 09:00")
    )
    when = b.at("2021-04-01 09:00")
    for stranger in (liaison("市财政局"), liaison("甲县"), b.actor(Role.LEAD_OFFICE, plan.programme)):
        with pytest.raises(NotFound):
            filings.give_receipt(report, first, by=stranger, now=when)
    filings.give_receipt(report, first, by=liaison("市住建局"), now=when)
    with pytest.raises(Refused):
        filings.give_receipt(report, first, by=liaison("市住建局"), now=when)
    assert Receipt.select().where(Receipt.recipient == second).count() == 0


def test_a_filing_sent_back_keeps_its_time_and_needs_all_receipts_anew(
    plan: Plan, liaison: Callable[[str], Actor]
) -> None:
    of = rule(plan, due_on=date(2021, 6, 30))
    first, second = recipients(of, "市住建局", "市财政局")
    row = owed(plan, of)
    old = filings.submit(row, bodies("材料"), by=liaison("甲县"), now=b.at("2021-06-30 23:59"))
    filings.give_receipt(old, first, by=liaison("市住建局"), now=b.at("2021-07-01 09:00"))
    with pytest.raises(Invalid):
        filings.send_back(old, second, " ", by=liaison("市财政局"), now=b.at("2021-07-01 10:00"))
    filings.send_back(old, second, "缺少资金测算", by=liaison("市财政局"), now=b.at("2021-07-01 10:00"))
    assert (fresh(row).state, fresh(row).returns) == (ObligationState.RETURNED, 1)
    new = filings.submit(fresh(row), bodies("材料"), by=liaison("甲县"), now=b.at("2021-07-20 09:00"))
    assert (fresh(row).outcome, fresh(row).late_workdays) == (Outcome.ON_TIME, 0)
    with pytest.raises(Refused):
        filings.give_receipt(old, second, by=liaison("市财政局"), now=b.at("2021-07-20 10:00"))
    page = filing_pages.read(fresh(row), liaison("甲县"), now=b.at("2021-07-20 10:00"))
    assert [len(version.receipts) for version in page.versions] == [1, 0]
    assert page.newest is not None
    assert page.newest.report.id == new.id


@pytest.mark.parametrize(
    ("moment", "grace", "outcome", "late"),
    [
        ("2021-06-30 23:59", 0, Outcome.ON_TIME, 0),
        ("2021-07-01 00:00", 0, Outcome.LATE, 1),
        ("2021-07-02 23:59", 2, Outcome.ON_TIME, 0),
        ("2021-07-03 00:00", 2, Outcome.LATE, 2),
    ],
)
def test_in_the_grace_nothing_is_called_late(
    plan: Plan, liaison: Callable[[str], Actor], moment: str, grace: int, outcome: Outcome, late: int
) -> None:
    of = rule(plan, due_on=date(2021, 6, 30), grace_workdays=grace)
    recipients(of, "市住建局")
    row = owed(plan, of)
    filings.submit(row, bodies("材料"), by=liaison("甲县"), now=b.at(moment))
    assert (fresh(row).outcome, fresh(row).late_workdays) == (outcome, late)


def test_who_is_neither_unit_nor_recipient_reads_nothing(plan: Plan, liaison: Callable[[str], Actor]) -> None:
    of = rule(plan, due_on=date(2021, 6, 30))
    recipients(of, "市住建局")
    row = owed(plan, of)
    assert filing_readers.get(row.id, liaison("市住建局")).id == row.id
    for stranger in ("市财政局", "乙县"):
        with pytest.raises(NotFound):
            filing_readers.get(row.id, liaison(stranger))
    with pytest.raises(NotFound):
        filings.submit(row, bodies("材料"), by=liaison("乙县"), now=b.at("2021-06-02 09:00"))
    with pytest.raises(NotAllowed):
        filings.submit(
            row, bodies("材料"), by=b.actor(Role.LEADER, plan.programme), now=b.at("2021-06-02 09:00")
        )


def news(plan: Plan) -> ReportingRule:
    return rule(plan, "monthly:10,25", name="宣传信息", kind=RuleKind.COUNT)


def send(row: Obligation, by: Actor, moment: datetime, title: str = "工地见闻") -> Report:
    return filings.submit(fresh(row), [FiledBody("信息", title, "正文。")], by=by, now=moment)


def test_c45_one_item_on_06_25_satisfies_june_although_06_10_was_empty(
    plan: Plan, liaison: Callable[[str], Actor]
) -> None:
    row = owed(plan, news(plan))
    assert (row.period, fresh(row).due_on) == ("2021-06", date(2021, 6, 30))
    send(row, liaison("甲县"), b.at("2021-06-25 10:00"))
    assert (fresh(row).state, fresh(row).outcome) == (ObligationState.ACCEPTED, Outcome.ON_TIME)
    send(row, liaison("甲县"), b.at("2021-06-28 10:00"))  # more than asked for is welcome
    assert fresh(row).first_submitted_at == b.at("2021-06-25 10:00")


def test_c45_of_two_items_asked_for_the_second_one_s_time_decides(
    plan: Plan, liaison: Callable[[str], Actor]
) -> None:
    of = rule(plan, "monthly", kind=RuleKind.COUNT, minimum=2)
    row = owed(plan, of)
    send(row, liaison("甲县"), b.at("2021-06-10 10:00"))
    assert (fresh(row).state, fresh(row).outcome) == (ObligationState.OPEN, None)
    send(row, liaison("甲县"), b.at("2021-07-02 10:00"))
    assert (fresh(row).state, fresh(row).outcome) == (ObligationState.ACCEPTED, Outcome.LATE)


def test_c45_a_bulletin_of_three_chosen_items_shows_the_counts_of_each_unit(
    plan: Plan, liaison: Callable[[str], Actor]
) -> None:
    of = news(plan)
    mine, other = owed(plan, of), owed(plan, of, "乙县")
    for day in (10, 25):
        send(mine, liaison("甲县"), b.at(f"2021-06-{day} 10:00"))
    send(other, liaison("乙县"), b.at("2021-06-24 10:00"))
    office = b.actor(Role.LEAD_OFFICE, plan.programme)
    ids = [item.id for item in filings.items_of(plan.programme_id)]
    made = filings.make_bulletin(plan.programme_id, "简报第1期", ids, by=office, now=b.at("2021-07-01 09:00"))
    assert filings.chosen_by_unit(made) == {"甲县": 2, "乙县": 1}
    now = b.at("2021-07-01 10:00")
    seen = filing_pages.overview(plan.programme_id, liaison("甲县"), now=now).items
    assert [item.report.obligation.unit.name for item in seen] == ["甲县"] * 2, "a unit sees its own items"
    with pytest.raises(Invalid) as wrong:
        filings.make_bulletin(plan.programme_id, "", ids, by=office, now=b.at("2021-07-01 09:00"))
    assert set(wrong.value.fields) == {"title", "item"}
    with pytest.raises(NotAllowed):
        filings.make_bulletin(plan.programme_id, "x", ids, by=liaison("甲县"), now=b.at("2021-07-01 09:00"))


def test_c45_an_excused_month_needs_a_reason(plan: Plan) -> None:
    row, office = owed(plan, news(plan)), b.actor(Role.LEAD_OFFICE, plan.programme)
    with pytest.raises(Invalid):
        extensions.waive(row, reason=" ", by=office, now=b.at("2021-06-20 09:00"))
    extensions.waive(fresh(row), reason="防汛期间", by=office, now=b.at("2021-06-20 09:00"))
    assert (fresh(row).state, fresh(row).waive_reason) == (ObligationState.WAIVED, "防汛期间")


def test_e34_a_unit_without_tasks_owes_what_a_rule_names_it_for(
    plan: Plan, liaison: Callable[[str], Actor]
) -> None:
    of = rule(plan, due_on=date(2021, 6, 15), obliged=Obliged.NAMED)
    RuleParty.create(rule=of, unit=Unit.get(Unit.name == "市财政局"), name="市财政局")
    recipients(of, "市住建局")
    row = owed(plan, of, "市财政局")
    filings.submit(row, bodies("材料"), by=liaison("市财政局"), now=b.at("2021-06-15 23:59"))
    assert fresh(row).outcome is Outcome.ON_TIME


def test_a_unit_that_is_itself_a_recipient_needs_no_receipt_of_its_own(plan: Plan) -> None:
    made = rule(plan, due_on=date(2021, 6, 30))
    recipients(made, "甲县", "市财政局")
    obligations.generate(plan.programme_id, now=b.at("2021-04-01 09:00"))
    owed = Obligation.get((Obligation.rule == made) & (Obligation.unit == Unit.get(Unit.name == "甲县")))
    liaison, finance = (
        b.actor(Role.LIAISON, plan.programme, Unit.get(Unit.name == name)) for name in ("甲县", "市财政局")
    )
    filings.submit(owed, [FiledBody("材料", "方案", "全文")], by=liaison, now=b.at("2021-06-01 09:00"))
    receiver = RuleRecipient.get((RuleRecipient.rule == made) & (RuleRecipient.name == "市财政局"))
    filings.give_receipt(
        Report.get(Report.obligation == owed), receiver, by=finance, now=b.at("2021-06-02 09:00")
    )
    assert Obligation.get_by_id(owed.id).state is ObligationState.ACCEPTED
