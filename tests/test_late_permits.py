"""Late permits: after the lock one report is taken until a day; late, never on time; unused it stays missing."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime

import pytest
from flask.testing import FlaskClient
from peewee import Database

from supervisor.core import facts, late_permits, obligations, owed_reports, reports, unit_home
from supervisor.core.late_permits import PermitState
from supervisor.core.periods import Period
from supervisor.core.permissions import Actor
from supervisor.core.report_bodies import EntryBody, ReportBody
from supervisor.errors import Invalid, NotAllowed, NotFound, Refused
from supervisor.models import (
    AuditEntry,
    LatePermit,
    Message,
    Obligation,
    Outcome,
    Programme,
    Role,
    Unit,
    User,
)
from tests import builders as b
from tests.conftest import StillClock, login

#: The report of May was due on 5 June and locked twenty days later.
LOCK = b.at("2021-06-26 00:00")
NOW = b.at("2021-06-28 09:00")
UNTIL = date(2021, 6, 30)


@dataclass
class Case:
    programme: Programme
    unit: Unit
    obligation: Obligation
    body: ReportBody
    liaison: Actor
    office: Actor
    clerk: User

    def now(self) -> Obligation:
        return Obligation.get_by_id(self.obligation.id)

    def permit(self, until_on: date = UNTIL, reason: str = "汛期抢险", now: datetime = NOW) -> LatePermit:
        return late_permits.permit(self.now(), until_on, reason=reason, by=self.office, now=now)


@pytest.fixture
def case(database: Database) -> Case:
    programme, unit = b.programme(), b.unit("甲局")
    b.group(programme, "市直部门", [unit])
    obligation = b.obligation(unit, programme)
    entry = b.entry(obligation, b.assignment(b.task(b.plan(programme)), unit))
    person, clerk = (
        b.user("张三", Role.LIAISON, programme, unit),
        b.user("office", Role.LEAD_OFFICE, programme),
    )
    assert obligations.mark_missing(LOCK) == 1
    return Case(
        programme,
        unit,
        obligation,
        ReportBody([EntryBody(entry.id, 30, done="完成招标")]),
        b.actor(Role.LIAISON, programme, unit, person=person),
        b.actor(Role.LEAD_OFFICE, programme, person=clerk),
        clerk,
    )


@pytest.mark.parametrize("nil", [False, True])
@pytest.mark.parametrize(("moment", "late"), [("2021-06-28 10:00", 15), ("2021-06-30 23:59", 17)])
def test_a_report_by_permit_is_late_by_the_working_days_since_its_due_day(
    case: Case, moment: str, late: int, *, nil: bool
) -> None:
    case.permit()
    # A grace that outlasts everything makes no report in time that had been missing.
    Obligation.update(grace_at=b.at("2021-12-31 00:00")).execute()
    body = ReportBody(nil=True, nil_reason="本月无进展") if nil else case.body
    reports.submit(case.now(), body, by=case.liaison, now=b.at(moment))
    after = case.now()
    assert (after.outcome, after.late_workdays) == (Outcome.NIL if nil else Outcome.LATE, late)
    (fact,) = [
        one for one in facts.gather(case.programme, Period.parse("2021-Q2")).facts if one.kind == "report"
    ]
    assert fact.values["outcome"] == "late"
    assert late_permits.state_of(LatePermit.get(), after, NOW) is PermitState.USED


def test_until_it_is_handed_in_and_when_the_permit_runs_out_the_report_is_missing(case: Case) -> None:
    row = case.permit()
    assert case.now().outcome is Outcome.MISSING
    assert late_permits.state_of(row, case.now(), NOW) is PermitState.OPEN
    gone = b.at("2021-07-01 00:00")
    assert late_permits.state_of(row, case.now(), gone) is PermitState.UNUSED
    with pytest.raises(Refused):
        reports.submit(case.now(), case.body, by=case.liaison, now=gone)
    obligations.mark_missing(gone)
    assert case.now().outcome is Outcome.MISSING


def test_the_unit_finds_it_among_what_it_owes_and_is_told_at_once(case: Case) -> None:
    assert owed_reports.owed(case.liaison, now=NOW) == []
    assert unit_home.unit_home(case.liaison, case.programme, now=NOW).owed == ()
    case.permit()
    assert [one.late for one in owed_reports.owed(case.liaison, now=NOW)] == [True]
    assert [one.is_late for one in unit_home.unit_home(case.liaison, case.programme, now=NOW).owed] == [True]
    assert {message.key.split(":")[0] for message in Message.select()} == {"late_permit"}
    assert late_permits.count_by_unit(case.programme.id) == {case.unit.id: 1}
    trace = AuditEntry.get(AuditEntry.action == "obligation.late_permit")
    assert (trace.subject_id, trace.reason, trace.actor_name) == (case.obligation.id, "汛期抢险", "office")


@pytest.mark.parametrize(
    ("until_on", "reason", "fields"),
    [
        (date(2021, 6, 27), "x", {"until_on"}),
        (date(2031, 6, 27), "x", {"until_on"}),
        (date.max, "x", {"until_on"}),
        (UNTIL, " ", {"reason"}),
        (UNTIL, "长" * 401, {"reason"}),
        (date(2021, 6, 1), "", {"until_on", "reason"}),
    ],
)
def test_a_permit_needs_a_day_to_come_and_a_reason(
    case: Case, until_on: date, reason: str, fields: set[str]
) -> None:
    with pytest.raises(Invalid) as wrong:
        case.permit(until_on, reason)
    assert set(wrong.value.fields) == fields
    assert case.now().locked_at == LOCK


def test_only_what_is_locked_and_not_in_is_permitted_and_one_permit_at_a_time(case: Case) -> None:
    case.permit()
    with pytest.raises(Refused):
        case.permit()
    case.permit(date(2021, 7, 5), now=b.at("2021-07-01 09:00"))
    assert late_permits.count_by_unit(case.programme.id) == {case.unit.id: 2}
    reports.submit(case.now(), case.body, by=case.liaison, now=b.at("2021-07-02 09:00"))
    with pytest.raises(Refused):
        case.permit(date(2021, 7, 10), now=b.at("2021-07-07 09:00"))
    states = [
        late_permits.state_of(row, case.now(), NOW) for row in LatePermit.select().order_by(LatePermit.id)
    ]
    assert states == [PermitState.UNUSED, PermitState.USED]


def test_nobody_permits_for_the_own_unit_for_another_programme_or_without_the_right(case: Case) -> None:
    both = b.actor([Role.LEAD_OFFICE, Role.LIAISON], case.programme, case.unit)
    foreign = b.actor(Role.LEAD_OFFICE, b.programme("另一事项"))
    for by, error in ((both, Refused), (foreign, NotFound), (case.liaison, NotAllowed)):
        with pytest.raises(error):
            late_permits.permit(case.obligation, UNTIL, reason="x", by=by, now=NOW)


def test_the_office_permits_on_the_reports_page(case: Case, client: FlaskClient, clock: StillClock) -> None:
    clock.moment = NOW
    url = f"/p/{case.programme.id}/reports/{case.obligation.id}"
    login(client, case.clerk, NOW)
    wrong = client.post(f"{url}/permit", data={"_once": "a", "until_on": "2021-06-01", "reason": "汛期抢险"})
    assert wrong.status_code == 422
    assert "该日期的截止时间已过" in wrong.get_data(as_text=True)
    assert "汛期抢险" in wrong.get_data(as_text=True)
    done = client.post(f"{url}/permit", data={"_once": "b", "until_on": "2021-06-30", "reason": "汛期抢险"})
    assert done.status_code == 303
    page = client.get(url).get_data(as_text=True)
    assert "准予补报至2021年6月30日" in page
    assert "补报期限内" in page
    login(client, User.get(User.name == "张三"), NOW)
    assert client.get(f"{url}/form").status_code == 200
    assert f"{url}/permit" not in client.get(url).get_data(as_text=True)
