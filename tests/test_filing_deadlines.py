"""Filings have what reports have: nil, the head's approval (D11), extensions, waivers, late permits on their page."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

import pytest
from flask.testing import FlaskClient
from peewee import Database

from supervisor.core import (
    accounts,
    approvals,
    extensions,
    filing_pages,
    filings,
    late_permits,
    obligations,
    stand_ins,
    suspensions,
)
from supervisor.core.filings import FiledBody
from supervisor.core.permissions import Actor
from supervisor.core.stand_ins import Absence
from supervisor.errors import Invalid, NotAllowed, NotFound, Refused
from supervisor.models import (
    Assignment,
    AuditEntry,
    Extension,
    LatePermit,
    LocalSettings,
    Message,
    Obligation,
    ObligationState,
    Outcome,
    Plan,
    Posting,
    Programme,
    Report,
    ReportingRule,
    Role,
    RuleKind,
    RuleRecipient,
    Unit,
    User,
)
from tests import builders as b
from tests.conftest import StillClock, login

BODY = [FiledBody("材料", "实施方案", "见正文。")]
#: The filing is due on 30 June 2021, a Wednesday, and locks twenty days later.
IN_TIME, TOO_LATE, LOCKED = (
    b.at("2021-06-29 16:00"),
    b.at("2021-07-02 09:00"),
    b.at("2021-07-29 09:00"),
)


@dataclass
class Case:
    programme: Programme
    unit: Unit
    rule: ReportingRule
    recipient: RuleRecipient
    liaison: Actor
    head: Actor
    office: Actor
    receiver: Actor

    @property
    def owed(self) -> Obligation:
        return Obligation.get(Obligation.rule == self.rule)

    def settle(self, **values: object) -> None:
        LocalSettings.update(**values).execute()

    def url(self, path: str = "") -> str:
        return f"/p/{self.programme.id}/filings/{self.owed.id}{path}"


def person(name: str, role: Role, programme: Programme, unit: Unit | None = None) -> Actor:
    return b.actor(role, programme, unit, person=b.user(name, role, programme, unit))


def world(**values: Any) -> Case:
    programme = b.programme()
    unit, other = b.unit("甲县"), b.unit("市财政局")
    b.assignment(b.task(b.plan(programme)), unit)
    given = {"name": "备案材料", "kind": RuleKind.FILING, "recurrence": "", "due_on": date(2021, 6, 30)}
    rule = ReportingRule.create(
        programme=programme, subject_shift=0, valid_from=date(2021, 5, 1), **(given | values)
    )
    to = RuleRecipient.create(rule=rule, unit=other, name=other.name, sort=1)
    case = Case(
        programme, unit, rule, to, person("liaison", Role.LIAISON, programme, unit),
        person("head", Role.UNIT_HEAD, programme, unit), person("office", Role.LEAD_OFFICE, programme),
        person("receiver", Role.LIAISON, programme, other),
    )  # fmt: skip
    obligations.generate(programme.id, now=b.at("2021-06-01 09:00"))
    return case


@pytest.fixture
def case(database: Database) -> Case:
    return world(nil_allowed=True)


# ---- four outcomes


FOUR: list[tuple[datetime | None, bool, Outcome, int]] = [
    (IN_TIME, False, Outcome.ON_TIME, 0),
    (TOO_LATE, False, Outcome.LATE, 2),
    (None, False, Outcome.MISSING, 0),
    (IN_TIME, True, Outcome.NIL, 0),
    (TOO_LATE, True, Outcome.NIL, 2),
]


@pytest.mark.parametrize(("moment", "nil", "outcome", "late"), FOUR)
def test_a_filing_ends_on_time_late_missing_or_nil(
    case: Case, moment: datetime | None, nil: bool, outcome: Outcome, late: int  # noqa: FBT001 -- a table
) -> None:  # fmt: skip
    if moment and nil:
        filings.submit_nil(case.owed, "本年度无此事项", by=case.liaison, now=moment)
    elif moment:
        filings.submit(case.owed, BODY, by=case.liaison, now=moment)
    obligations.mark_missing(LOCKED)
    assert (case.owed.outcome, case.owed.late_workdays) == (outcome, late)


def test_a_nil_filing_gets_its_receipts_and_shows_its_reason(case: Case) -> None:
    report = filings.submit_nil(case.owed, "本年度无此事项", by=case.liaison, now=IN_TIME)
    assert (case.owed.state, report.receipt) == (
        ObligationState.SUBMITTED,
        f"HZ-2021-06-30-{case.owed.id}-1",
    )
    filings.give_receipt(report, case.recipient, by=case.receiver, now=IN_TIME)
    assert case.owed.state is ObligationState.ACCEPTED
    assert AuditEntry.get(AuditEntry.action == "filing.submit").reason == "本年度无此事项"


def test_nil_wants_a_reason_and_a_rule_that_takes_it(case: Case) -> None:
    with pytest.raises(Invalid) as wrong:
        filings.submit_nil(case.owed, " ", by=case.liaison, now=IN_TIME)
    assert set(wrong.value.fields) == {"nil_reason"}
    ReportingRule.update(nil_allowed=False).execute()
    with pytest.raises(Refused):
        filings.submit_nil(case.owed, "无", by=case.liaison, now=IN_TIME)
    with pytest.raises(NotFound):
        filings.submit_nil(case.owed, "无", by=case.receiver, now=IN_TIME)


def test_what_was_handed_in_cannot_be_nil_afterwards(case: Case) -> None:
    report = filings.submit(case.owed, BODY, by=case.liaison, now=IN_TIME)
    filings.send_back(report, case.recipient, "缺附表", by=case.receiver, now=IN_TIME)
    with pytest.raises(Refused):
        filings.submit_nil(case.owed, "无", by=case.liaison, now=IN_TIME)


def test_a_month_without_items_is_answered_by_nil(database: Database) -> None:
    case = world(
        nil_allowed=True, kind=RuleKind.COUNT, recurrence="monthly", due_on=None, minimum=2, name="信息"
    )
    row = Obligation.get((Obligation.rule == case.rule) & (Obligation.period == "2021-06"))
    filings.submit_nil(row, "当月无信息", by=case.liaison, now=IN_TIME)
    row = Obligation.get_by_id(row.id)
    assert (row.state, row.outcome) == (ObligationState.ACCEPTED, Outcome.NIL)


# ---- the head's approval (D11)


def test_d11_a_filing_counts_when_the_head_sends_it(case: Case) -> None:
    case.settle(head_approves=True)
    prepared = filings.submit(case.owed, BODY, by=case.liaison, now=IN_TIME)
    assert (case.owed.state, case.owed.outcome, prepared.receipt) == (ObligationState.WITH_HEAD, None, "")
    told = Message.get((Message.recipient == case.head.user_id) & (Message.channel == "inbox"))
    assert told.subject == "待您审签：“备案材料”"
    with pytest.raises(NotAllowed):
        filings.approve(prepared, by=case.liaison, now=IN_TIME)
    sent = filings.approve(prepared, by=case.head, now=TOO_LATE)
    assert (case.owed.state, case.owed.outcome, case.owed.late_workdays) == (
        ObligationState.SUBMITTED, Outcome.LATE, 2,
    )  # fmt: skip
    assert (sent.sent, sent.approved_by, sent.receipt) == (
        True,
        case.head.user_id,
        f"HZ-2021-06-30-{case.owed.id}-1",
    )
    with pytest.raises(Refused):
        filings.approve(sent, by=case.head, now=TOO_LATE)


def test_what_the_head_files_waits_for_nobody(case: Case) -> None:
    case.settle(head_approves=True)
    assert filings.submit(case.owed, BODY, by=case.head, now=IN_TIME).sent
    assert case.owed.outcome is Outcome.ON_TIME


def test_d11_after_a_return_the_head_sends_again_and_the_first_time_stays(case: Case) -> None:
    case.settle(head_approves=True)
    first = filings.approve(
        filings.submit(case.owed, BODY, by=case.liaison, now=IN_TIME), by=case.head, now=IN_TIME
    )
    filings.send_back(first, case.recipient, "缺附表", by=case.receiver, now=TOO_LATE)
    second = filings.submit(case.owed, BODY, by=case.liaison, now=LOCKED)
    approvals.hand_back(second, "附表也要", by=case.head, now=LOCKED)
    assert case.owed.state is ObligationState.RETURNED
    third = filings.submit(case.owed, BODY, by=case.liaison, now=LOCKED)
    filings.approve(third, by=case.head, now=LOCKED)
    assert (case.owed.state, case.owed.outcome) == (ObligationState.SUBMITTED, Outcome.ON_TIME)
    assert filings.give_receipt(third, case.recipient, by=case.receiver, now=LOCKED).report_id == third.id


def test_what_waits_for_the_head_is_seen_by_the_unit_alone(case: Case) -> None:
    case.settle(head_approves=True)
    filings.submit(case.owed, BODY, by=case.liaison, now=IN_TIME)
    seen = {
        name: len(filing_pages.read(case.owed, who, now=IN_TIME).versions)
        for name, who in {"own": case.head, "office": case.office, "receiver": case.receiver}.items()
    }
    assert seen == {"own": 1, "office": 0, "receiver": 0}


def test_the_head_s_stand_in_sends_and_the_trail_says_for_whom(case: Case) -> None:
    case.settle(head_approves=True)
    head = Posting.get(Posting.user == case.head.user_id)
    deputy: User = b.user("deputy", Role.LIAISON, case.programme, case.unit)
    stand_ins.name_stand_in(
        head, deputy.id, Absence(date(2021, 6, 28), date(2021, 7, 2), "外出培训"), by=case.head,
        now=b.at("2021-06-25 09:00"),
    )  # fmt: skip
    prepared = filings.submit(case.owed, BODY, by=case.liaison, now=IN_TIME)
    actor = accounts.actor_for(deputy, case.programme.id, now=IN_TIME)
    filings.approve(prepared, by=actor, now=IN_TIME)
    assert case.owed.outcome is Outcome.ON_TIME
    assert "（代" in AuditEntry.get(AuditEntry.action == "filing.submit").actor_name


def test_d11_of_items_each_is_sent_by_the_head_and_counts_then(database: Database) -> None:
    case = world(kind=RuleKind.COUNT, recurrence="monthly", due_on=None, minimum=2, name="信息")
    case.settle(head_approves=True)

    def now_of() -> Obligation:
        return Obligation.get((Obligation.rule == case.rule) & (Obligation.period == "2021-06"))

    item = [FiledBody("信息", "工地见闻", "正文。")]
    states = []
    for moment in (b.at("2021-06-10 10:00"), b.at("2021-06-20 10:00"), b.at("2021-06-29 10:00")):
        filings.approve(filings.submit(now_of(), item, by=case.liaison, now=moment), by=case.head, now=moment)
        states.append((now_of().state, now_of().outcome))
    assert states == [
        (ObligationState.OPEN, None),
        (ObligationState.ACCEPTED, Outcome.ON_TIME),
        (ObligationState.ACCEPTED, Outcome.ON_TIME),
    ]
    assert now_of().first_submitted_at == b.at("2021-06-20 10:00")
    fourth = filings.submit(now_of(), item, by=case.liaison, now=b.at("2021-06-29 11:00"))
    approvals.hand_back(fourth, "重复", by=case.head, now=b.at("2021-06-29 12:00"))
    assert now_of().state is ObligationState.ACCEPTED
    assert filings.items_of(case.programme.id).count() == 3


# ---- deadlines


def test_an_extension_moves_a_filing_s_day_and_names_it(case: Case) -> None:
    extensions.ask_extension(
        case.owed, reason="汛期", wanted_on=date(2021, 7, 9), by=case.liaison, now=IN_TIME
    )
    extensions.decide_extension(Extension.get(), granted=True, decision="", by=case.office, now=IN_TIME)
    assert case.owed.due_on == date(2021, 7, 9)
    told = Message.get((Message.recipient == case.liaison.user_id) & (Message.channel == "inbox"))
    assert told.subject == "同意延期：“备案材料”"


def test_a_filing_by_permit_is_late_never_on_time(case: Case) -> None:
    obligations.mark_missing(LOCKED)
    late_permits.permit(case.owed, date(2021, 7, 30), reason="机构调整", by=case.office, now=LOCKED)
    filings.submit(case.owed, BODY, by=case.liaison, now=b.at("2021-07-30 09:00"))
    assert (case.owed.outcome, case.owed.late_workdays) == (Outcome.LATE, 22)


# ---- on the page


def test_the_page_asks_grants_permits_waives_and_answers_nil(
    case: Case, client: FlaskClient, clock: StillClock
) -> None:
    clock.moment = IN_TIME
    page, at = case.url(), f"/p/{case.programme.id}/reports/{case.owed.id}"
    login(client, User.get_by_id(case.liaison.user_id), clock.moment)
    shown = client.get(page).text
    assert "申请延期" in shown
    assert "零报告" in shown
    wrong = client.post(f"{at}/extension", data={"_once": "a", "wanted_on": "2021-06-01", "reason": "汛期"})
    assert wrong.status_code == 422
    assert "备案材料 · 甲县" in wrong.text
    assert "汛期" in wrong.text
    asked = client.post(f"{at}/extension", data={"_once": "b", "wanted_on": "2021-07-09", "reason": "汛期"})
    assert asked.status_code == 303
    again = client.post(case.url("/nil"), data={"_once": "c", "nil_reason": ""})
    assert again.status_code == 422
    login(client, User.get_by_id(case.office.user_id), clock.moment)
    decision = f"/p/{case.programme.id}/extensions/{Extension.get().id}/decision"
    none = client.post(decision, data={"_once": "d", "verdict": "refuse", "decision": ""})
    assert none.status_code == 422
    assert "备案材料 · 甲县" in none.text
    granted = {"_once": "e", "verdict": "grant", "due_on": "2021-07-09", "decision": ""}
    assert client.post(decision, data=granted).status_code == 303
    assert "经申请延期1次" in client.get(page).text
    clock.moment = b.at("2021-09-01 09:00")
    obligations.mark_missing(clock.now())
    login(client, User.get_by_id(case.office.user_id), clock.moment)
    permit = {"_once": "f", "until_on": "2021-09-03", "reason": "机构调整"}
    assert client.post(f"{at}/permit", data=permit).status_code == 303
    assert LatePermit.get().until_on == date(2021, 9, 3)
    assert "机构调整" in client.get(page).text
    waived = client.post(f"{at}/deadline", data={"_once": "g", "verdict": "waive", "reason": "职能划转"})
    assert waived.status_code == 303
    assert "职能划转" in client.get(page).text


def test_the_head_reads_and_sends_on_the_filing_s_page(
    case: Case, client: FlaskClient, clock: StillClock
) -> None:
    case.settle(head_approves=True)
    clock.moment = IN_TIME
    login(client, User.get_by_id(case.liaison.user_id), clock.moment)
    typed = {"_once": "a", "title-0": "实施方案", "text-0": "见正文。"}
    assert client.post(case.url(), data=typed).status_code == 303
    login(client, User.get_by_id(case.head.user_id), clock.moment)
    old = f"/p/{case.programme.id}/reports/{case.owed.id}/approval"
    assert "审签并报出" in client.get(old, follow_redirects=True).text
    report = Report.get()
    back = {"_once": "b", "report": report.id, "verdict": "back", "reason": ""}
    assert client.post(case.url("/approval"), data=back).status_code == 422
    send = {"_once": "c", "report": report.id, "verdict": "send"}
    assert client.post(case.url("/approval"), data=send).status_code == 303
    assert case.owed.state is ObligationState.SUBMITTED


def test_the_rule_s_form_says_whether_nil_is_an_answer(
    case: Case, client: FlaskClient, clock: StillClock
) -> None:
    login(client, User.get_by_id(case.office.user_id), clock.moment)
    form = client.get(f"/p/{case.programme.id}/rules/{case.rule.id}").text
    box = form[form.index('name="nil_allowed"') :][:80]
    assert "checked" in box


def test_a_filing_is_owed_as_long_as_one_task_of_the_unit_is_left(case: Case) -> None:
    plan = Plan.get()
    second = b.assignment(b.task(plan, "第二项任务"), case.unit)
    states = []
    for link in (Assignment.get(Assignment.id != second.id), second):
        suspensions.suspend(
            link, from_on=date(2021, 6, 2), review_on=date(2021, 9, 1), reason="资金未到位", by=case.office,
            now=b.at("2021-06-02 09:00"),
        )  # fmt: skip
        states.append(case.owed.state)
    suspensions.resume(
        Assignment.get_by_id(second.id), reason="资金到位", by=case.office, now=b.at("2021-06-03 09:00")
    )
    assert [*states, case.owed.state] == [
        ObligationState.OPEN, ObligationState.WAIVED, ObligationState.OPEN,
    ]  # fmt: skip
