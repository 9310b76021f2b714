"""What units owe: generated once, for the right units and times; missing at the lock; extensions."""

from __future__ import annotations

from datetime import date, datetime, timedelta

import pytest

from supervisor.core import extensions, obligations
from supervisor.core.permissions import Actor
from supervisor.errors import Invalid, NotFound, Refused
from supervisor.models import (
    Assignment,
    AssignmentState,
    AuditEntry,
    Entry,
    LinkRole,
    LocalSettings,
    Obligation,
    ObligationState,
    Outcome,
    Plan,
    Programme,
    Reminder,
    ReportingRule,
    Role,
    Unit,
)
from tests import builders as b

pytestmark = pytest.mark.usefixtures("database")


def issued(programme: Programme, at: str = "2021-03-22 09:00", effective: date | None = None) -> Plan:
    plan = b.plan(programme)
    moment = b.at(at)
    plan.issued_at, plan.effective_on = moment, effective or date.fromisoformat(at[:10])
    plan.save()
    return plan


def owed(unit: Unit | None = None) -> list[tuple[str, str]]:
    query = Obligation.select().order_by(Obligation.period, Obligation.unit)
    if unit:
        query = query.where(Obligation.unit == unit)
    return [(o.period, o.due_on.isoformat()) for o in query]


def test_each_unit_owes_each_month_from_the_notice_to_today_and_no_earlier_one() -> None:
    programme = b.programme()
    plan, one, two, idle = issued(programme), b.unit("甲局"), b.unit("乙局"), b.unit("丙局")
    first, second = b.task(plan), b.task(plan, "改造管网")
    b.assignment(first, one)
    b.assignment(second, one, LinkRole.RESPONSIBLE)
    b.assignment(second, two)
    assert obligations.generate(programme.id, now=b.at("2021-06-01 09:00")) == 8
    months = [
        ("2021-03", "2021-04-05"),
        ("2021-04", "2021-05-05"),
        ("2021-05", "2021-06-05"),
        ("2021-06", "2021-07-05"),
    ]
    assert owed(one) == months
    assert owed(two) == months
    assert owed(idle) == []
    june = Obligation.get(Obligation.unit == one, Obligation.period == "2021-06")
    assert [e.task_id for e in Entry.select().where(Entry.obligation == june).order_by(Entry.sort)] == [
        first.id,
        second.id,
    ]
    assert june.opens_at == b.at("2021-06-01 00:00")
    assert june.due_at == b.at("2021-07-06 00:00")
    assert june.locked_at == b.at("2021-08-03 00:00")  # 20 working days after Monday 5 July
    march = Obligation.get(Obligation.unit == one, Obligation.period == "2021-03")
    assert march.opens_at == b.at("2021-03-22 09:00")  # not before the issue


def test_running_twice_adds_nothing() -> None:
    programme = b.programme()
    b.assignment(b.task(issued(programme)), b.unit("甲局"))
    now = b.at("2021-06-01 09:00")
    obligations.generate(programme.id, now=now)
    rows = (Obligation.select().count(), Entry.select().count(), ReportingRule.select().count())
    assert obligations.generate(programme.id, now=now) == 0
    assert obligations.generate_due(now) == 0
    assert (Obligation.select().count(), Entry.select().count(), ReportingRule.select().count()) == rows
    assert AuditEntry.select().where(AuditEntry.action == "obligation.generate").count() == 1


def test_the_tick_makes_the_next_month_when_it_begins() -> None:
    programme = b.programme()
    b.assignment(b.task(issued(programme)), b.unit("甲局"))
    obligations.generate(programme.id, now=b.at("2021-03-22 09:00"))
    assert obligations.generate_due(b.at("2021-03-31 23:59")) == 0
    assert obligations.generate_due(b.at("2021-04-01 00:00")) == 1
    assert [period for period, _ in owed()] == ["2021-03", "2021-04"]


def test_a_deadline_that_had_passed_at_the_issue_is_not_owed() -> None:
    programme = b.programme()
    plan = issued(programme, "2021-04-20 10:00", effective=date(2021, 3, 10))
    b.assignment(b.task(plan), b.unit("甲局"))
    obligations.generate(programme.id, now=b.at("2021-04-20 10:00"))
    assert [period for period, _ in owed()] == ["2021-04"]


def test_a_unit_that_joins_later_owes_from_then_on() -> None:
    programme = b.programme()
    plan, early, late = issued(programme), b.unit("甲局"), b.unit("乙局")
    task = b.task(plan)
    b.assignment(task, early)
    obligations.generate(programme.id, now=b.at("2021-05-03 09:00"))
    link = b.assignment(task, late, LinkRole.RESPONSIBLE)
    Assignment.update(joined_on=date(2021, 5, 12)).where(Assignment.id == link.id).execute()
    assert obligations.generate(programme.id, now=b.at("2021-05-12 09:00")) == 1
    assert [period for period, _ in owed(late)] == ["2021-05"]
    assert Obligation.get(Obligation.unit == late).opens_at == b.at("2021-05-12 00:00")


def test_a_new_link_gets_its_entry_in_the_open_report_only() -> None:
    programme = b.programme()
    plan, unit = issued(programme), b.unit("甲局")
    b.assignment(b.task(plan), unit)
    obligations.generate(programme.id, now=b.at("2021-04-30 09:00"))
    Obligation.update(state=ObligationState.SUBMITTED).where(Obligation.period == "2021-03").execute()
    b.assignment(b.task(plan, "改造管网"), unit)
    obligations.generate(programme.id, now=b.at("2021-05-03 10:00"))
    counts = {o.period: Entry.select().where(Entry.obligation == o).count() for o in Obligation.select()}
    assert counts == {"2021-03": 1, "2021-04": 2, "2021-05": 2}


def test_a_closed_task_is_not_owed_in_later_months() -> None:
    programme = b.programme()
    link = b.assignment(b.task(issued(programme)), b.unit("甲局"))
    Assignment.update(state=AssignmentState.CLOSED, closed_on=date(2021, 4, 20)).where(
        Assignment.id == link.id
    ).execute()
    obligations.generate(programme.id, now=b.at("2021-06-01 09:00"))
    assert [period for period, _ in owed()] == ["2021-03", "2021-04"]


@pytest.mark.parametrize(
    ("policy", "due"), [("keep", "2021-06-05"), ("before", "2021-06-04"), ("after", "2021-06-07")]
)
def test_the_due_day_follows_the_local_settings(policy: str, due: str) -> None:
    programme = b.programme()
    LocalSettings.update(day_off_policy=policy).execute()
    b.assignment(b.task(issued(programme, "2021-05-03 09:00")), b.unit("甲局"))
    obligations.generate(programme.id, now=b.at("2021-05-03 09:00"))
    assert owed() == [("2021-05", due)]


def test_only_what_was_never_handed_in_is_missing_from_the_lock_on() -> None:
    programme = b.programme()
    plan, silent, sent = issued(programme, "2021-04-01 09:00"), b.unit("甲局"), b.unit("乙局")
    task = b.task(plan)
    b.assignment(task, silent)
    b.assignment(task, sent, LinkRole.RESPONSIBLE)
    obligations.generate(programme.id, now=b.at("2021-04-01 09:00"))
    Obligation.update(
        state=ObligationState.RETURNED, outcome=Outcome.ON_TIME, first_submitted_at=b.at("2021-05-01 09:00")
    ).where(Obligation.unit == sent).execute()
    lock = Obligation.get(Obligation.unit == silent).locked_at
    assert obligations.mark_missing(lock - timedelta(microseconds=1)) == 0
    assert obligations.mark_missing(lock) == 1
    assert obligations.mark_missing(lock) == 0
    assert {o.unit_id: o.outcome for o in Obligation.select()} == {
        silent.id: Outcome.MISSING,
        sent.id: Outcome.ON_TIME,
    }


def asked(day: str = "2021-06-01 09:00") -> tuple[Obligation, Actor, Actor, datetime]:
    programme = b.programme()
    unit = b.unit("甲局")
    obligation = b.obligation(unit, programme)
    person = b.user("甲", Role.LIAISON, programme, unit)
    return (
        obligation,
        b.actor(Role.LIAISON, programme, unit, person=person),
        b.actor(Role.LEAD_OFFICE, programme),
        b.at(day),
    )


def test_a_granted_extension_moves_the_deadline_and_raises_the_schedule() -> None:
    obligation, liaison, office, now = asked()
    request = extensions.ask_extension(
        obligation, reason="正在汇总", wanted_on=date(2021, 6, 10), by=liaison, now=now
    )
    extensions.decide_extension(request, granted=True, decision="", by=office, now=now)
    moved = Obligation.get_by_id(obligation.id)
    assert (moved.due_on, moved.due_at) == (date(2021, 6, 10), b.at("2021-06-11 00:00"))
    assert moved.locked_at > obligation.due_at
    assert moved.schedule_version == obligation.schedule_version + 1
    assert extensions.granted_count(obligation.programme_id) == {obligation.unit_id: 1}
    assert not Reminder.select().where(Reminder.cancelled_at.is_null()).exists()


def test_after_the_lock_no_later_day_makes_a_missing_report_punctual_unless_the_unit_had_asked_in_time() -> (
    None
):
    obligation, liaison, office, now = asked()
    late = obligation.locked_at
    with pytest.raises(Refused):
        extensions.move_deadline(obligation, date(2021, 12, 1), reason="防汛", by=office, now=late)
    request = extensions.ask_extension(
        obligation, reason="正在汇总", wanted_on=date(2021, 12, 10), by=liaison, now=now
    )
    extensions.decide_extension(request, granted=True, decision="", by=office, now=late)
    assert Obligation.get_by_id(obligation.id).due_on == date(2021, 12, 10)


def test_a_refused_extension_needs_a_reason_and_leaves_the_day() -> None:
    obligation, liaison, office, now = asked()
    request = extensions.ask_extension(
        obligation, reason="正在汇总", wanted_on=date(2021, 6, 10), by=liaison, now=now
    )
    with pytest.raises(Invalid):
        extensions.decide_extension(request, granted=False, decision=" ", by=office, now=now)
    extensions.decide_extension(request, granted=False, decision="全市统一时间", by=office, now=now)
    assert Obligation.get_by_id(obligation.id).due_on == obligation.due_on
    with pytest.raises(Refused):
        extensions.decide_extension(request, granted=True, decision="", by=office, now=now)


def test_an_extension_is_asked_before_the_due_time_once_and_for_ones_own_unit() -> None:
    obligation, liaison, _office, now = asked()
    late = Obligation.get_by_id(obligation.id).due_at
    with pytest.raises(Refused):
        extensions.ask_extension(obligation, reason="x", wanted_on=date(2021, 6, 10), by=liaison, now=late)
    with pytest.raises(Invalid) as wrong:
        extensions.ask_extension(obligation, reason="", wanted_on=date(2021, 6, 5), by=liaison, now=now)
    assert set(wrong.value.fields) == {"reason", "wanted_on"}
    extensions.ask_extension(obligation, reason="x", wanted_on=date(2021, 6, 10), by=liaison, now=now)
    with pytest.raises(Refused):
        extensions.ask_extension(obligation, reason="x", wanted_on=date(2021, 6, 10), by=liaison, now=now)
    foreign = b.actor(Role.LIAISON, b.programme("别的工作"), b.unit("乙局"))
    with pytest.raises(NotFound):
        extensions.ask_extension(obligation, reason="x", wanted_on=date(2021, 6, 10), by=foreign, now=now)


def test_the_office_may_waive_what_is_not_handed_in() -> None:
    obligation, _liaison, office, now = asked()
    with pytest.raises(Invalid):
        extensions.waive(obligation, reason="", by=office, now=now)
    extensions.waive(obligation, reason="机构改革", by=office, now=now)
    assert Obligation.get_by_id(obligation.id).state is ObligationState.WAIVED
    with pytest.raises(Refused):
        extensions.waive(obligation, reason="机构改革", by=office, now=now)
