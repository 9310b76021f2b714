"""Reminders go out once, on working days, to those who can act (C19, D12, D13; reliability goals 6 to 8)."""

from __future__ import annotations

import threading
from datetime import date, timedelta
from typing import Any

import pytest
from peewee import Database

from supervisor.core import digests, outbox, reminder_stages, reminders, weekly
from supervisor.database import db
from supervisor.models import (
    Channel,
    LocalSettings,
    Message,
    MessageKind,
    MessageState,
    Obligation,
    ObligationState,
    Programme,
    Reminder,
    ReportingRule,
    Role,
    RuleKind,
    Unit,
    User,
)
from tests import builders
from tests.builders import at

DUE = date(2021, 6, 15)
FRIDAY = at("2021-06-11 09:00")


def city(units: int = 2, *, due_on: date = DUE, head: bool = False) -> tuple[Programme, list[Unit]]:
    """A running programme in which each unit has a liaison and owes May's report."""
    programme = builders.programme()
    builders.plan(programme)
    made = []
    for number in range(1, units + 1):
        unit = builders.unit(f"第{number}局")
        builders.user(f"liaison{number}", Role.LIAISON, programme, unit)
        if head:
            builders.user(f"head{number}", Role.UNIT_HEAD, programme, unit)
        builders.obligation(unit, programme, due_on=due_on)
        made.append(unit)
    return programme, made


def sent(channel: Channel = Channel.INBOX) -> list[tuple[str, str]]:
    """(stage, receiver) of the rows that went out by themselves."""
    rows = (
        Reminder.select(Reminder, User)
        .join(User)
        .where(
            (Reminder.channel == channel) & (Reminder.collapsed_into == "") & Reminder.cancelled_at.is_null()
        )
        .order_by(Reminder.id)
    )
    return [(row.stage, row.recipient.username) for row in rows]


def test_before_the_dragon_boat_holiday_41_units_are_reminded_on_friday_and_not_twice(
    database: Database,
) -> None:
    programme, units = city(41)
    Obligation.update(state=ObligationState.SUBMITTED).where(Obligation.unit == units[40]).execute()
    late_unit = builders.unit("第42局")
    builders.user("liaison42", Role.LIAISON, programme, late_unit)
    builders.obligation(late_unit, programme, due_on=DUE)

    assert reminders.queue(FRIDAY) == 41
    assert reminders.queue(FRIDAY + timedelta(seconds=20)) == 0

    assert len(sent()) == 41
    assert len(sent(Channel.MAIL)) == 41
    assert "liaison41" not in {who for _, who in sent()}  # it has submitted
    assert Message.select().where(Message.channel == Channel.MAIL).count() == 41


@pytest.mark.parametrize(
    ("moment", "stage"),
    [
        ("2021-06-09 09:00", "before:3"),
        ("2021-06-11 09:00", "before:1"),  # three days off lie before Tuesday 15 June
        ("2021-06-15 09:00", "due:0"),
        ("2021-06-16 09:00", "overdue:1"),
        ("2021-06-18 09:00", "overdue:3"),
        ("2021-06-22 09:00", "overdue:5"),
    ],
)
def test_a_stage_goes_out_on_its_working_day(database: Database, moment: str, stage: str) -> None:
    city(1)
    assert reminders.queue(at(moment)) == 1
    assert sent() == [(stage, "liaison1")]


@pytest.mark.parametrize(
    "moment", ["2021-06-12 09:00", "2021-06-14 23:00", "2021-06-11 07:59", "2021-06-08 09:00"]
)
def test_nothing_goes_out_on_days_off_before_work_or_before_its_day(database: Database, moment: str) -> None:
    city(1)
    assert reminders.queue(at(moment)) == 0
    assert Message.select().count() == 0


def test_on_the_day_moves_forward_from_a_day_off_and_takes_in_the_day_before(database: Database) -> None:
    city(1, due_on=date(2021, 6, 13))  # a Sunday of the holiday: its last working day is Friday
    reminders.queue(FRIDAY)
    assert sent() == [("due:0", "liaison1")]
    assert {row.stage: row.collapsed_into for row in Reminder.select()}["before:1"] == "due:0"


def test_e62_a_run_missed_on_friday_is_made_up_once_on_tuesday(database: Database) -> None:
    city(1)
    reminders.queue(at("2021-06-09 09:00"))
    # Down on Friday; back on Tuesday, the due day itself.
    assert [reminders.queue(at(f"2021-06-15 0{hour}:00")) for hour in (8, 9)] == [1, 0]
    assert sent() == [("before:3", "liaison1"), ("due:0", "liaison1")]
    collapsed = Reminder.get((Reminder.stage == "before:1") & (Reminder.channel == Channel.INBOX))
    assert (collapsed.collapsed_into, collapsed.message_id) == ("due:0", None)


def test_every_stage_is_sent_or_collapsed_whatever_days_the_server_slept(database: Database) -> None:
    city(1, head=True)
    for day in (9, 17, 23):
        reminders.queue(at(f"2021-06-{day:02d} 10:00"))
    stages = ["before:3", "before:1", "due:0", "overdue:1", "overdue:3", "overdue:5"]
    rows = list(Reminder.select().join(User).where(User.username == "liaison1"))
    assert sorted({row.stage for row in rows}) == sorted(stages)
    assert len(rows) == 2 * len(stages)
    assert [stage for stage, who in sent() if who == "liaison1"] == ["before:3", "overdue:1", "overdue:5"]


def test_the_head_hears_of_what_is_overdue_only(database: Database) -> None:
    city(1, head=True)
    reminders.queue(FRIDAY)
    reminders.queue(at("2021-06-16 09:00"))
    assert sent() == [("before:1", "liaison1"), ("overdue:1", "liaison1"), ("overdue:1", "head1")]


def test_a_unit_without_liaison_reaches_its_head_at_once(database: Database) -> None:
    programme = builders.programme()
    builders.plan(programme)
    unit = builders.unit("无人局")
    builders.user("head", Role.UNIT_HEAD, programme, unit)
    builders.obligation(unit, programme, due_on=DUE)
    reminders.queue(FRIDAY)
    assert sent() == [("before:1", "head")]


def test_a_report_that_waits_for_its_head_reminds_the_head(database: Database) -> None:
    city(1, head=True)
    Obligation.update(state=ObligationState.WITH_HEAD).execute()
    reminders.queue(FRIDAY)
    assert sent() == [("before:1", "liaison1"), ("before:1", "head1")]


def test_a_digest_is_one_message_that_carries_all_of_a_persons_reports(database: Database) -> None:
    programme, (unit, _) = city(2)
    builders.obligation(unit, programme, "2021-04", due_on=date(2021, 6, 10))
    reminders.queue(FRIDAY)
    mine = Message.get(
        (Message.recipient == User.get(username="liaison1")) & (Message.channel == Channel.MAIL)
    )
    assert mine.kind is MessageKind.DIGEST
    assert len(mine.body.splitlines()) == 2
    assert "2021年4月" in mine.body.splitlines()[0]  # the overdue one comes first
    assert len(digests.carried_by(mine)) == 2
    assert Message.select().where(Message.channel == Channel.INBOX).count() == 2


def test_what_is_owed_once_is_named_in_a_digest_by_its_day_alone(database: Database) -> None:
    programme, (unit, _) = city(2)
    once = ReportingRule.create(
        programme=programme, name="半年小结", kind=RuleKind.FILING, recurrence="", due_on=date(2021, 6, 15),
        subject_shift=0, valid_from=date(2021, 3, 1),
    )  # fmt: skip
    builders.obligation(unit, programme, "2021-06-15", due_on=date(2021, 6, 15), of=once)
    reminders.queue(FRIDAY)
    mine = Message.get(Message.recipient == User.get(username="liaison1"))
    assert "：半年小结，截止2021年6月15日" in mine.body


def test_what_falls_due_later_the_same_day_joins_the_digest_while_it_waits(database: Database) -> None:
    programme, (unit,) = city(1)
    reminders.queue(FRIDAY)
    Message.update(read_at=FRIDAY).where(Message.channel == Channel.INBOX).execute()
    builders.obligation(unit, programme, "2021-04", due_on=date(2021, 6, 11))
    assert reminders.queue(FRIDAY + timedelta(hours=1)) == 1
    inbox = Message.get(Message.channel == Channel.INBOX)
    assert len(inbox.body.splitlines()) == 2
    assert inbox.read_at is None  # it says something new
    assert Message.select().count() == 2


def test_what_falls_due_after_the_mail_has_left_waits_for_the_next_working_day(database: Database) -> None:
    programme, (unit,) = city(1)
    reminders.queue(FRIDAY)
    outbox.deliver(outbox.OutboxOnly(), FRIDAY)
    late = builders.obligation(unit, programme, "2021-04", due_on=date(2021, 6, 11))
    reminders.queue(FRIDAY + timedelta(hours=1))
    assert (
        not Reminder.select()
        .where((Reminder.obligation == late) & (Reminder.channel == Channel.MAIL))
        .exists()
    )
    reminders.queue(at("2021-06-15 09:00"))
    assert (
        Reminder.select().where((Reminder.obligation == late) & (Reminder.channel == Channel.MAIL)).exists()
    )


def test_a_unit_that_submits_before_the_mail_leaves_gets_none(database: Database) -> None:
    _programme, (unit, _) = city(2)
    reminders.queue(FRIDAY)
    Obligation.update(state=ObligationState.SUBMITTED).where(Obligation.unit == unit).execute()
    counts = outbox.deliver(outbox.OutboxOnly(), FRIDAY)
    assert counts == {"kept": 1}
    states = {m.person.username: m.state for m in Message.select().where(Message.channel == Channel.MAIL)}
    assert states == {"liaison1": MessageState.CANCELLED, "liaison2": MessageState.KEPT}


def test_a_moved_deadline_takes_back_what_is_unsent_and_begins_again(database: Database) -> None:
    city(1)
    reminders.queue(FRIDAY)
    obligation = Obligation.get()
    moved = {"due_on": date(2021, 6, 25), "schedule_version": 2, "locked_at": at("2021-07-30 00:00")}
    Obligation.update(moved).execute()
    assert reminders.cancel(obligation.id, FRIDAY) == 1
    mail = Message.get(Message.channel == Channel.MAIL)
    assert mail.state is MessageState.CANCELLED
    assert mail.error == "The day that it reminded of was moved before it was sent."
    assert outbox.deliver(outbox.OutboxOnly(), FRIDAY) == {}
    assert reminders.queue(at("2021-06-15 09:00")) == 0
    assert reminders.queue(at("2021-06-22 09:00")) == 1
    assert Reminder.get(Reminder.schedule_version == 2).stage == "before:3"


def test_a_moved_deadline_leaves_the_other_reports_of_a_waiting_digest(database: Database) -> None:
    programme, (unit,) = city(1)
    other = builders.obligation(unit, programme, "2021-04", due_on=date(2021, 6, 10))
    reminders.queue(FRIDAY)
    moved = Obligation.get(Obligation.period == "2021-05")
    Obligation.update(due_on=date(2021, 6, 30), schedule_version=2).where(Obligation.id == moved.id).execute()
    reminders.cancel(moved.id, FRIDAY)
    mail = Message.get(Message.channel == Channel.MAIL)
    assert mail.state is MessageState.NEW
    assert digests.carried_by(mail) == [other.id]
    assert len(mail.body.splitlines()) == 1


def test_a_returned_report_is_reminded_of_by_its_new_due_day(database: Database) -> None:
    city(1)
    Obligation.update(
        state=ObligationState.RETURNED,
        returns=1,
        return_due_on=date(2021, 7, 9),
        locked_at=at("2021-07-01 00:00"),
    ).execute()
    assert reminders.queue(at("2021-07-05 09:00")) == 0
    assert reminders.queue(at("2021-07-06 09:00")) == 1
    assert reminders.queue(at("2021-07-08 09:00")) == 1
    assert sent() == [("r1:before:3", "liaison1"), ("r1:before:1", "liaison1")]
    assert "退回" in Message.get(Message.channel == Channel.INBOX).subject


def test_a_locked_report_is_no_longer_asked_for(database: Database) -> None:
    city(1)
    Obligation.update(locked_at=at("2021-06-16 00:00")).execute()
    assert reminders.queue(at("2021-06-16 09:00")) == 0


def test_each_receiver_is_written_to_in_their_language_with_the_days_that_are_left(
    database: Database,
) -> None:
    city(2)
    User.update(language="en").where(User.username == "liaison2").execute()
    reminders.queue(at("2021-06-09 09:00"))
    inbox = Message.select().where(Message.channel == Channel.INBOX).order_by(Message.id)
    chinese, english = list(inbox)
    assert chinese.subject == "月报（2021年5月）：还剩3个工作日"
    assert english.subject == "月报 (May 2021): 3 working days left"
    assert "15 Jun 2021" in english.body
    assert "2021年6月15日" in chinese.body


def test_stages_follow_the_local_settings(database: Database) -> None:
    city(1)
    LocalSettings.update(remind_before=[5], remind_after=[]).execute()
    assert reminders.queue(at("2021-06-07 09:00")) == 1
    assert reminders.queue(at("2021-06-09 09:00")) == 0
    assert sent() == [("before:5", "liaison1")]


def test_e62_four_processes_at_once_remind_once(database: Database) -> None:
    city(8)
    barrier = threading.Barrier(4)
    failures: list[BaseException] = []

    def run() -> None:
        try:
            db.connect(reuse_if_open=True)
            barrier.wait()
            reminders.queue(FRIDAY)
        except BaseException as error:  # noqa: BLE001 -- shown by the main thread
            failures.append(error)
        finally:
            db.close()

    threads = [threading.Thread(target=run) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert failures == []
    assert len(sent()) == 8
    assert Message.select().count() == 16


def test_a_pass_with_nothing_to_do_is_cheap_and_writes_nothing(database: Database) -> None:
    city(30)
    reminders.queue(FRIDAY)
    from supervisor.database import count_queries

    with count_queries(database) as seen:
        reminders.queue(FRIDAY + timedelta(minutes=1))
    assert len(seen) <= 10
    assert not [sql for sql in seen if not sql.startswith("SELECT")]


def test_leaders_get_one_digest_a_week_on_its_first_working_day(database: Database) -> None:
    programme, _ = city(2)
    builders.user("leader", Role.LEADER, programme)
    assert weekly.send(at("2021-06-11 09:00")) == 0  # a Friday
    assert weekly.send(at("2021-06-14 09:00")) == 0  # Monday, a day off
    assert weekly.send(at("2021-06-15 07:00")) == 0
    assert weekly.send(at("2021-06-15 09:00")) == 1
    assert weekly.send(at("2021-06-15 09:01")) == 0
    message = Message.get(Message.kind == MessageKind.WEEKLY)
    assert message.subject == "老旧小区改造：2021年第24周情况"
    assert Message.select().where(Message.kind == MessageKind.WEEKLY).count() == 1


@pytest.mark.parametrize(
    ("name", "english"),
    [
        ("before:3", "3 working days before"),
        ("before:1", "1 working day before"),
        ("due:0", "on the day"),
        ("r2:overdue:5", "5 working days after, after a return"),
    ],
)
def test_a_stage_has_words(name: str, english: str) -> None:
    assert str(reminder_stages.stage_words(name)) == english


def test_what_changed_between_looking_and_writing_is_left_out(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    city(3)
    plan = reminders.plan
    first, second, _third = list(Obligation.select().order_by(Obligation.id))

    def plan_then_others_act(*args: Any) -> list[reminders.Call]:
        calls = plan(*args)
        Obligation.update(state=ObligationState.SUBMITTED).where(Obligation.id == first.id).execute()
        Obligation.update(schedule_version=2).where(Obligation.id == second.id).execute()
        return calls

    monkeypatch.setattr(reminders, "plan", plan_then_others_act)
    assert reminders.queue(FRIDAY) == 1
    assert sent() == [("before:1", "liaison3")]
    assert Message.select().count() == 2
