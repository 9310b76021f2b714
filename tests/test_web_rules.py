"""The pages of rules, filings and burden: what they show, what their forms do, and who is let in."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

import pytest
from flask.testing import FlaskClient
from peewee import Database

from supervisor.core import obligations
from supervisor.models import (
    FiledDocument,
    Obligation,
    ObligationState,
    Plan,
    PlanState,
    Programme,
    Receipt,
    ReportingRule,
    Role,
    RuleKind,
    RuleRecipient,
    RuleState,
    Unit,
    User,
)
from tests import builders as b
from tests.conftest import StillClock, login


@dataclass
class Case:
    programme: Programme
    unit: Unit
    office: User
    liaison: User
    receiver: User

    def url(self, path: str) -> str:
        return f"/p/{self.programme.id}{path}"


@pytest.fixture
def case(database: Database, clock: StillClock) -> Case:
    """An issued plan with 甲局; 市财政局 only receives."""
    programme = b.programme()
    plan = b.plan(programme)
    unit, other = b.unit("甲局"), b.unit("市财政局")
    b.assignment(b.task(plan), unit)
    return Case(
        programme,
        unit,
        b.user("office", Role.LEAD_OFFICE, programme),
        b.user("liaison", Role.LIAISON, programme, unit),
        b.user("receiver", Role.LIAISON, programme, other),
    )


FORM = {
    "what": "整改情况", "kind": "filing", "obliged": "linked", "every": "monthly", "days": "25", "shift": "0",
    "minimum": "1", "valid_from": "2021-06-01", "every_years": "1", "reason": "统一安排", "_once": "k1",
    "recipients": "市财政局",
}  # fmt: skip


def made(case: Case, **values: object) -> Obligation:
    rule = ReportingRule.create(
        programme=case.programme, name="备案材料", kind=RuleKind.FILING, recurrence="", due_on=date(2021, 6, 30),
        subject_shift=0, valid_from=date(2021, 6, 1), **values,
    )  # fmt: skip
    RuleRecipient.create(rule=rule, unit=Unit.get(Unit.name == "市财政局"), name="市财政局", sort=1)
    obligations.generate(case.programme.id, now=b.NOW)
    row: Obligation = Obligation.get(Obligation.rule == rule)
    return row


def test_a_rule_is_previewed_before_it_is_made(case: Case, client: FlaskClient) -> None:
    login(client, case.office)
    shown = client.post(case.url("/rules/new"), data=FORM)
    assert shown.status_code == 200
    assert "甲局" in shown.text
    assert ReportingRule.select().where(ReportingRule.name == "整改情况").count() == 0
    assert "2021年6月25日" in shown.text, "the deadlines it would have"
    done = client.post(case.url("/rules/new"), data=FORM | {"make": "1"})
    assert done.status_code == 303
    assert "已生效，并已通知有关单位" in client.get(case.url("/rules")).text
    rule = ReportingRule.get(ReportingRule.name == "整改情况")
    assert Obligation.select().where(Obligation.rule == rule).count() == 1
    listed = client.get(case.url("/rules")).text
    assert "整改情况" in listed
    assert "市财政局" in listed
    again = client.get(case.url(f"/rules/{rule.id}")).text
    assert "统一安排" in again


def test_a_rule_saved_before_the_issue_or_that_changes_nothing_owed_does_not_claim_to_have_told_units(
    case: Case, client: FlaskClient
) -> None:
    login(client, case.office)
    later = FORM | {
        "what": "年终材料",
        "every": "yearly",
        "days": "3-1",
        "valid_from": "2022-01-01",
        "make": "1",
    }
    client.post(case.url("/rules/new"), data=later)
    assert "未另行通知单位" in client.get(case.url("/rules")).text
    Plan.update(state=PlanState.DRAFT).execute()
    assert "方案尚未交办：自交办起" in client.post(case.url("/rules/new"), data=FORM).text
    client.post(case.url("/rules/new"), data=FORM | {"make": "1", "_once": "second"})
    page = client.get(case.url("/rules")).text
    assert "方案交办后由各单位报送" in page
    assert "已通知有关单位" not in page


def test_the_list_says_on_what_mark_a_rule_depends_and_which_documents_it_wants(
    case: Case, client: FlaskClient
) -> None:
    login(client, case.office)
    terms = {"condition": "已列入计划", "documents": "验收报告、决算", "make": "1"}
    client.post(case.url("/rules/new"), data=FORM | terms)
    page = client.get(case.url("/rules")).text
    assert "仅限标注为“已列入计划”的任务" in page
    assert "验收报告、决算" in page


def test_mistakes_come_back_with_everything_typed(case: Case, client: FlaskClient) -> None:
    login(client, case.office)
    page = client.post(case.url("/rules/new"), data=FORM | {"days": "周五", "make": "1"})
    assert page.status_code == 422
    assert 'value="整改情况"' in page.text
    assert 'value="周五"' in page.text


def test_e51_the_month_for_which_an_item_counts_is_set_and_shown_as_a_local_setting(
    case: Case, client: FlaskClient
) -> None:
    login(client, case.office)
    form = FORM | {"kind": "count", "days": "10、25", "counted_by": "window", "recipients": ""}
    assert client.post(case.url("/rules/new"), data=form | {"make": "1"}).status_code == 303
    rule = ReportingRule.get(ReportingRule.name == "整改情况")
    assert '<option value="window" selected>' in client.get(case.url(f"/rules/{rule.id}")).text
    owed = Obligation.get(Obligation.rule == rule)
    login(client, case.liaison)
    page = client.get(case.url(f"/filings/{owed.id}")).text
    counts = page.index("2021年5月26日至2021年6月25日报送的计入本期。")
    assert "本地设置" in page[counts : counts + 200]


def test_a_proposed_rule_is_shown_as_one_that_nobody_owes(case: Case, client: FlaskClient) -> None:
    rule = ReportingRule.create(
        programme=case.programme, name="月度小结", kind=RuleKind.FILING, recurrence="", state=RuleState.PROPOSED,
        valid_from=date(2021, 6, 1),
    )  # fmt: skip
    login(client, case.office)
    assert "原因：未设时间" in client.get(case.url(f"/rules/{rule.id}")).text
    assert "无人需报送：未设时间" in client.get(case.url("/rules")).text


def test_a_day_that_not_every_month_has_is_said_in_the_preview_and_on_the_rule_s_page(
    case: Case, client: FlaskClient
) -> None:
    login(client, case.office)
    typed = FORM | {"days": "30"}
    assert "没有的，以当月最后一日为准" in client.post(case.url("/rules/new"), data=typed).text
    client.post(case.url("/rules/new"), data=typed | {"make": "1"})
    rule = ReportingRule.get(ReportingRule.name == "整改情况")
    assert "没有的，以当月最后一日为准" in client.get(case.url(f"/rules/{rule.id}")).text
    february = client.post(
        case.url("/rules/new"), data=FORM | {"what": "年度小结", "every": "yearly", "days": "2月30日"}
    )
    assert "2月没有30日" in february.text


@pytest.mark.parametrize("path", ["/rules/new"])
def test_a_unit_changes_no_rule(case: Case, client: FlaskClient, path: str) -> None:
    login(client, case.liaison)
    assert client.get(case.url("/rules")).status_code == 200
    assert client.get(case.url("/rules/burden")).status_code == 200
    assert client.get(case.url(path)).status_code == 403
    assert client.post(case.url(path), data=FORM).status_code == 403


def test_a_filing_is_handed_in_and_received_on_its_page(case: Case, client: FlaskClient) -> None:
    row = made(case)
    login(client, case.liaison)
    assert "备案材料" in client.get(case.url("/reports")).text
    assert client.get(case.url(f"/reports/{row.id}")).status_code == 302
    page = case.url(f"/filings/{row.id}")
    wrong = client.post(page, data={"_once": "a", "title-0": "甲局备案", "text-0": ""})
    assert wrong.status_code == 422
    assert "甲局备案" in wrong.text
    assert (
        client.post(page, data={"_once": "b", "title-0": "甲局备案", "text-0": "见正文。"}).status_code == 303
    )
    report_id = FiledDocument.get().report_id
    recipient = RuleRecipient.get()
    given = {"_once": "c", "report": report_id, "recipient": recipient.id}
    assert client.post(f"{page}/receipts", data=given).status_code == 404  # not the recipient
    login(client, case.receiver)
    assert "备案材料" in client.get(case.url("/filings")).text
    assert client.post(f"{page}/receipts", data=given | {"_once": "d"}).status_code == 303
    assert Obligation.get_by_id(row.id).state is ObligationState.ACCEPTED
    assert Receipt.get().number in client.get(page).text


def test_a_stranger_finds_no_filing(case: Case, client: FlaskClient) -> None:
    row = made(case)
    stranger = b.user("stranger", Role.LIAISON, case.programme, b.unit("乙局"))
    login(client, stranger)
    assert client.get(case.url(f"/filings/{row.id}")).status_code == 404


def test_the_office_sees_how_every_filing_stands(case: Case, client: FlaskClient) -> None:
    made(case)
    login(client, case.office)
    page = client.get(case.url("/filings")).text
    assert "甲局" in page
    assert "备案材料" in client.get(case.url("/rules/burden?month=2021-06")).text
