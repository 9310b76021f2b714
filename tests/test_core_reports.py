"""Handing in reports: who, when, how complete; the head; timeliness; two windows at once."""

from __future__ import annotations

import threading
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from pathlib import Path

import pytest

from supervisor.core import approvals, attachments, audit, obligations, reports
from supervisor.core.permissions import Actor
from supervisor.core.report_bodies import EntryBody, ReportBody
from supervisor.database import db
from supervisor.errors import Invalid, NotAllowed, NotFound, Refused
from supervisor.models import (
    Assignment,
    Attachment,
    AuditEntry,
    Entry,
    EntryState,
    LocalSettings,
    Message,
    Obligation,
    ObligationState,
    Outcome,
    Programme,
    QuantityTarget,
    Report,
    ReportedQuantity,
    ReportEntry,
    Role,
    Unit,
)
from tests import builders as b

pytestmark = pytest.mark.usefixtures("database")

#: The report for May is due on Saturday 5 June 2021, at the end of the day.
IN_TIME = b.at("2021-06-03 15:00")


@dataclass
class Case:
    """A unit with two tasks, its May report, its people."""

    programme: Programme
    unit: Unit
    obligation: Obligation
    entries: list[Entry]
    liaison: Actor
    head: Actor


@pytest.fixture
def case() -> Case:
    programme, unit = b.programme(), b.unit("甲局")
    plan = b.plan(programme)
    obligation = b.obligation(unit, programme)
    obligation.opens_at = b.at("2021-05-01 00:00")
    obligation.save()
    entries = [b.entry(obligation, b.assignment(b.task(plan, title), unit)) for title in ("一", "二")]
    person = b.user("张三", Role.LIAISON, programme, unit)
    head = b.user("李四", Role.UNIT_HEAD, programme, unit)
    return Case(
        programme,
        unit,
        obligation,
        entries,
        b.actor(Role.LIAISON, programme, unit, person=person),
        b.actor(Role.UNIT_HEAD, programme, unit, person=head),
    )


def full(case: Case, progress: int = 30) -> ReportBody:
    return ReportBody([EntryBody(e.id, progress, done="完成招标") for e in case.entries])


def send(
    case: Case, body: ReportBody | None = None, *, now: datetime = IN_TIME, by: Actor | None = None
) -> Report:
    seen = Obligation.get_by_id(case.obligation.id)
    return reports.submit(seen, body or full(case), by=by or case.liaison, now=now)


def now_of(case: Case) -> Obligation:
    return Obligation.get_by_id(case.obligation.id)


def test_a_complete_report_is_handed_in_with_receipt_and_trace(case: Case) -> None:
    report = send(case)
    assert report.receipt == f"HZ-2021-05-{case.obligation.id}-1"
    head = audit.read_head()
    trace = AuditEntry.get(AuditEntry.action == "report.submit")
    assert report.audit_head == f"{trace.seq}-{trace.hash[:16]}" == str(head)
    after = now_of(case)
    assert (after.state, after.outcome, after.late_workdays) == (
        ObligationState.SUBMITTED,
        Outcome.ON_TIME,
        0,
    )
    assert after.first_submitted_at == IN_TIME
    assert {e.state for e in Entry.select()} == {EntryState.SUBMITTED}
    assert [r.progress for r in ReportEntry.select()] == [30, 30]


@pytest.mark.parametrize(
    ("moment", "outcome", "late"),
    [
        ("2021-06-05 23:59:59.999999", Outcome.ON_TIME, 0),
        ("2021-06-06 00:00:00", Outcome.LATE, 1),
        ("2021-06-07 12:00", Outcome.LATE, 1),
        ("2021-06-09 12:00", Outcome.LATE, 3),
    ],
)
def test_the_servers_time_decides(case: Case, moment: str, outcome: Outcome, late: int) -> None:
    send(case, now=b.at(moment))
    assert (now_of(case).outcome, now_of(case).late_workdays) == (outcome, late)


def test_an_incomplete_report_names_every_field(case: Case) -> None:
    first, second = case.entries
    with pytest.raises(Invalid) as wrong:
        send(case, ReportBody([EntryBody(first.id, 130, done=" ")]))
    assert set(wrong.value.fields) == {
        f"e{e.id}-{part}" for e in (first, second) for part in ("progress", "done")
    }
    assert not Report.select().exists()
    assert now_of(case).state is ObligationState.OPEN


def test_a_nil_report_needs_its_reason_and_keeps_its_lateness(case: Case) -> None:
    with pytest.raises(Invalid) as wrong:
        send(case, ReportBody(nil=True, nil_reason=""))
    assert set(wrong.value.fields) == {"nil_reason"}
    report = send(case, ReportBody(nil=True, nil_reason="汛期停工"), now=b.at("2021-06-08 09:00"))
    assert (report.nil, report.nil_reason) == (True, "汛期停工")
    assert (now_of(case).outcome, now_of(case).late_workdays) == (Outcome.NIL, 2)


def test_odd_figures_want_a_reason(case: Case) -> None:
    first, second = case.entries
    Assignment.update(progress=50).where(Assignment.id == first.assignment_id).execute()
    QuantityTarget.create(
        task=second.task_id, unit=case.unit, measure="改造小区（个）", target=10, accepted=6
    )
    said = ReportBody(
        [
            EntryBody(first.id, 40, done="x"),
            EntryBody(second.id, 60, done="x", quantities={"改造小区（个）": 5}),
        ]
    )
    assert {key: len(odd) for key, odd in reports.warnings(case.obligation, said).items()} == {
        first.id: 1,
        second.id: 1,
    }
    with pytest.raises(Invalid) as wrong:
        send(case, said)
    assert set(wrong.value.fields) == {f"e{e.id}-figure_reason" for e in case.entries}
    above = replace(said.entries[1], quantities={"改造小区（个）": 11}, figure_reason="追加任务")
    send(case, ReportBody([replace(said.entries[0], figure_reason="上期误报"), above]))
    assert [q.cumulative for q in ReportedQuantity.select()] == [11]
    assert {r.figure_reason for r in ReportEntry.select()} == {"上期误报", "追加任务"}


@pytest.mark.parametrize(("figure", "part"), [(-1, "q0"), (None, "q0"), (3_000_000_000, "q0")])
def test_a_negative_or_missing_quantity_is_refused(case: Case, figure: int | None, part: str) -> None:
    first, second = case.entries
    QuantityTarget.create(task=first.task_id, unit=case.unit, measure="电梯（部）", target=10)
    said = [
        EntryBody(first.id, 5, done="x", figure_reason="y", quantities={"电梯（部）": figure}),
        EntryBody(second.id, 5, done="x"),
    ]
    with pytest.raises(Invalid) as wrong:
        send(case, ReportBody(said))
    assert f"e{first.id}-{part}" in wrong.value.fields


def test_another_units_report_does_not_exist(case: Case) -> None:
    other = b.unit("乙局")
    stranger = b.actor(Role.LIAISON, case.programme, other)
    with pytest.raises(NotFound):
        send(case, by=stranger)
    with pytest.raises(NotFound):
        obligations.get_visible(case.obligation.id, stranger)
    foreign = b.entry(
        b.obligation(other, case.programme), b.assignment(b.task(b.plan(case.programme)), other)
    )
    with pytest.raises(NotFound):
        send(case, ReportBody([*full(case).entries, EntryBody(foreign.id, 10, done="x")]))
    assert not Report.select().exists()


@pytest.mark.parametrize("role", [Role.LEAD_OFFICE, Role.ASSESSOR, Role.LEADER, Role.INSPECTOR, Role.JUDGE])
def test_only_liaison_and_head_hand_in(case: Case, role: Role) -> None:
    with pytest.raises(NotAllowed):
        send(case, by=b.actor(role, case.programme, case.unit))


def test_after_the_lock_nothing_is_taken_unless_it_was_in_once(case: Case) -> None:
    lock = case.obligation.locked_at
    with pytest.raises(Refused):
        send(case, now=lock)
    send(case, now=lock - timedelta(seconds=1))
    _return(case, case.entries[:1])
    send(case, ReportBody([EntryBody(case.entries[0].id, 35, done="补充")]), now=lock + timedelta(days=9))
    assert now_of(case).state is ObligationState.SUBMITTED


def _return(case: Case, returned: list[Entry]) -> None:
    kept = [e.id for e in case.entries if e not in returned]
    Entry.update(state=EntryState.ACCEPTED).where(Entry.id.in_(kept)).execute()
    Entry.update(state=EntryState.RETURNED).where(Entry.id.in_([e.id for e in returned])).execute()
    Obligation.update(
        state=ObligationState.RETURNED, returns=Obligation.returns + 1, version=Obligation.version + 1
    ).execute()


def test_a_returned_report_is_never_late_and_keeps_what_was_accepted(case: Case) -> None:
    send(case)
    _return(case, case.entries[:1])
    with pytest.raises(NotFound):  # an accepted entry is not open for writing
        send(case, full(case), now=b.at("2021-07-20 09:00"))
    with pytest.raises(Invalid):  # nor can nil take the place of an answer
        send(case, ReportBody(nil=True, nil_reason="x"), now=b.at("2021-07-20 09:00"))
    again = send(
        case, ReportBody([EntryBody(case.entries[0].id, 35, done="补充")]), now=b.at("2021-07-20 09:00")
    )
    after = now_of(case)
    assert (again.number, after.outcome, after.late_workdays) == (2, Outcome.ON_TIME, 0)
    assert after.first_submitted_at == IN_TIME
    assert [e.entry_id for e in ReportEntry.select().where(ReportEntry.report == again)] == [
        case.entries[0].id
    ]
    assert ReportEntry.select().count() == 3


def test_with_a_head_it_is_handed_in_when_the_head_sends_it(case: Case) -> None:
    LocalSettings.update(head_approves=True).execute()
    prepared = send(case)
    assert not prepared.sent
    assert (now_of(case).state, now_of(case).first_submitted_at) == (ObligationState.WITH_HEAD, None)
    assert {e.state for e in Entry.select()} == {EntryState.OPEN}
    assert Message.select().where(Message.key.startswith(f"approve:{prepared.id}:")).exists()
    with pytest.raises(NotAllowed):
        reports.approve(prepared, by=case.liaison, now=IN_TIME)
    sent = reports.approve(prepared, by=case.head, now=b.at("2021-06-06 08:00"))
    assert sent.sent
    assert (now_of(case).outcome, now_of(case).late_workdays) == (Outcome.LATE, 1)
    with pytest.raises(Refused):
        reports.approve(prepared, by=case.head, now=b.at("2021-06-06 08:01"))


def test_the_head_may_give_it_back_with_a_reason(case: Case) -> None:
    LocalSettings.update(head_approves=True).execute()
    prepared = send(case)
    with pytest.raises(Invalid):
        approvals.hand_back(prepared, " ", by=case.head, now=IN_TIME)
    approvals.hand_back(prepared, "数字请核实", by=case.head, now=IN_TIME)
    assert now_of(case).state is ObligationState.OPEN
    second = send(case)
    assert second.number == 2
    with pytest.raises(Refused):
        reports.approve(prepared, by=case.head, now=IN_TIME)
    assert reports.approve(second, by=case.head, now=IN_TIME).sent


def test_a_head_who_writes_needs_nobodys_approval(case: Case) -> None:
    LocalSettings.update(head_approves=True).execute()
    assert send(case, by=case.head).sent


def test_two_windows_make_one_report(case: Case) -> None:
    first, second = now_of(case), now_of(case)
    reports.submit(first, full(case), by=case.liaison, now=IN_TIME)
    with pytest.raises(Refused):
        reports.submit(second, full(case, 90), by=case.liaison, now=IN_TIME)
    assert [r.progress for r in ReportEntry.select()] == [30, 30]


def test_two_threads_at_once_make_one_report(case: Case) -> None:
    barrier = threading.Barrier(2)
    answers: list[Report | Refused] = []

    def one() -> None:
        db.connect()
        try:
            seen = now_of(case)
            barrier.wait(timeout=10)
            answers.append(reports.submit(seen, full(case), by=case.liaison, now=IN_TIME))
        except Refused as refused:
            answers.append(refused)
        finally:
            db.close()

    threads = [threading.Thread(target=one) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(type(answer).__name__ for answer in answers) == ["Refused", "Report"]
    assert Report.select().count() == 1
    assert audit.verify_chain() is None


def test_the_period_must_have_begun(case: Case) -> None:
    with pytest.raises(Refused):
        send(case, now=b.at("2021-04-30 23:59"))


def png(folder: Path, by: Actor, name: str = "现场.png") -> Attachment:
    return attachments.store(
        b"\x89PNG\r\n\x1a\n" + b"0" * 20, name, folder=folder, limit=10_000, by=by, now=IN_TIME
    )


def test_attachments_go_with_their_entry_and_only_the_uploaders(case: Case, tmp_path: Path) -> None:
    mine = png(tmp_path, case.liaison)
    said = full(case).entries
    with_file = ReportBody([replace(said[0], attachment_ids=[mine.id]), said[1]])
    stranger = b.actor(Role.LIAISON, case.programme, b.unit("乙局"), person=b.user("王五"))
    theirs = png(tmp_path, stranger)
    with pytest.raises(NotFound):
        send(case, ReportBody([replace(said[0], attachment_ids=[theirs.id]), said[1]]))
    send(case, with_file)
    assert attachments.get_visible(mine.id, case.head) == mine
    for other in (stranger, b.actor(Role.LEAD_OFFICE, b.programme("别的"))):
        with pytest.raises(NotFound):
            attachments.get_visible(mine.id, other)
    assert attachments.get_visible(mine.id, b.actor(Role.LEAD_OFFICE, case.programme)) == mine
    _return(case, case.entries)
    with pytest.raises(NotFound):  # a file is given once
        send(case, with_file)


def test_the_working_day_of_the_receipt_counts_after_a_festival(case: Case) -> None:
    Obligation.update(due_on=date(2021, 6, 11), due_at=b.at("2021-06-12 00:00")).execute()
    send(case, now=b.at("2021-06-15 10:00"))  # 12–14 June: Dragon Boat Festival
    assert now_of(case).late_workdays == 1
