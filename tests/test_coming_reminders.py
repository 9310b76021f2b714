"""What will be sent in the next thirty days, and pauses: the preview says what the passes then do (issue 5)."""

from __future__ import annotations

from collections import Counter
from datetime import date, datetime, timedelta

import pytest
from peewee import Database

from supervisor.core import coming_reminders, obligations, outbox, pauses, reminders, robot_reminders
from supervisor.database import count_queries
from supervisor.errors import Invalid, Refused
from supervisor.models import (
    Channel,
    Obligation,
    ObligationState,
    Plan,
    Posting,
    Programme,
    Reminder,
    ReportingRule,
    Robot,
    RobotReminder,
    Role,
    RuleKind,
    Task,
    Unit,
    User,
)
from tests import builders as b
from tests.test_core_messages import Recorder

START = b.at("2021-06-01 07:30")


def city(units: int = 2, *, recurrence: str = "monthly:15") -> Programme:
    """A running programme whose units each have a liaison; what they owe is made by the tick's own verb."""
    programme = b.programme()
    plan = b.plan(programme)
    Plan.update(issued_at=b.at("2021-03-22 09:00"), effective_on=date(2021, 3, 22)).execute()
    task = b.task(plan)
    for number in range(1, units + 1):
        unit = b.unit(f"第{number}局")
        b.user(f"liaison{number}", Role.LIAISON, programme, unit)
        b.assignment(task, unit)
    ReportingRule.create(programme=programme, name="月报", recurrence=recurrence, valid_from=date(2021, 5, 1))
    obligations.generate(programme.id, now=START)
    return programme


def told_by_passes(programme: Programme, first: datetime, days: int) -> Counter[tuple[date, str, str, str]]:
    """(day, person, stage, period) of what passes of every morning really write, also what only then is owed."""
    for number in range(days):
        moment = first + timedelta(days=number, hours=1)
        obligations.generate_due(moment)
        reminders.queue(moment)
    rows = (
        Reminder.select(Reminder, User, Obligation)
        .join(User)
        .switch(Reminder)
        .join(Obligation)
        .where((Reminder.channel == Channel.INBOX) & (Reminder.collapsed_into == ""))
    )
    return Counter(
        (row.created_at.date(), row.recipient.username, row.stage, row.obligation.period) for row in rows
    )


def foretold(programme: Programme, now: datetime, days: int) -> Counter[tuple[date, str, str, str]]:
    return Counter(
        (day.day, letter.receiver.username, line.stage, line.period)
        for day in coming_reminders.coming(programme, now=now, days=days)
        for letter in day.letters
        for line in letter.lines
        if isinstance(letter.receiver, User)
    )


@pytest.mark.parametrize(
    "recurrence", ["monthly:15", "weekly:fri", "monthly:10,25", "tenday:end", "monthly:end"]
)
def test_the_preview_says_what_the_passes_of_the_next_thirty_days_then_do(
    database: Database, recurrence: str
) -> None:
    programme = city(recurrence=recurrence)
    preview = foretold(programme, START, 30)
    assert preview
    assert preview == told_by_passes(programme, START, 30)


def test_c52_whoever_begins_within_the_days_is_foretold_what_is_overdue_by_then(database: Database) -> None:
    programme = city(2, recurrence="monthly:1")  # May's is due today: its last reminder falls on 8 June
    leaving = Posting.get(Posting.user == User.get(username="liaison1"))
    Posting.update(valid_to=date(2021, 6, 12)).where(Posting.id == leaving.id).execute()
    new = b.user("new", Role.LIAISON, programme, leaving.unit)
    Posting.update(valid_from=date(2021, 6, 13)).where(Posting.user == new).execute()
    preview = foretold(programme, START, 20)
    assert (date(2021, 6, 15), "new", "overdue:5", "2021-05") in preview  # 12 to 14 June are a holiday
    assert preview == told_by_passes(programme, START, 20)


def test_the_preview_of_counted_items_has_their_dates(database: Database) -> None:
    programme = city(1)
    ReportingRule.create(
        programme=programme, name="宣传稿件", kind=RuleKind.COUNT, recurrence="monthly:10,25",
        valid_from=date(2021, 5, 1), subject_shift=0,
    )  # fmt: skip
    obligations.generate(programme.id, now=START)
    preview = foretold(programme, START, 30)
    assert (date(2021, 6, 10), "liaison1", "date:06-10", "2021-06") in preview
    assert preview == told_by_passes(programme, START, 30)


def test_looking_writes_nothing(database: Database) -> None:
    programme = city()
    with count_queries(database) as seen:
        coming_reminders.coming(programme, now=START)
    assert not [sql for sql in seen if not sql.startswith("SELECT")]


def test_looking_costs_the_same_for_two_units_and_for_forty(database: Database) -> None:
    def cost(programme: Programme) -> int:
        with count_queries(database) as seen:
            coming_reminders.coming(programme, now=START)
        return len(seen)

    programme = city(2)
    few = cost(programme)
    task = Task.get()
    for number in range(3, 41):
        unit = b.unit(f"第{number}局")
        b.user(f"liaison{number}", Role.LIAISON, programme, unit)
        b.assignment(task, unit)
    obligations.generate(programme.id, now=START)
    assert cost(programme) == few


def test_a_rules_own_stages_come_before_the_local_settings(database: Database) -> None:
    programme = city(1)
    ReportingRule.update(remind_before=[7], remind_after=[]).execute()
    stages = {stage for _, _, stage, period in foretold(programme, START, 40) if period == "2021-06"}
    assert stages <= {"before:7", "due:0"}
    assert "before:7" in stages


def test_who_has_handed_in_and_who_stands_paused_is_not_in_the_preview(database: Database) -> None:
    programme = city(2)
    first = Unit.get(Unit.name == "第1局")
    Obligation.update(state=ObligationState.SUBMITTED).where(
        (Obligation.unit == first) & (Obligation.period == "2021-05")
    ).execute()
    assert {(person, period) for _, person, _, period in foretold(programme, START, 14)} == {
        ("liaison2", "2021-05")
    }
    office = b.actor(Role.LEAD_OFFICE, programme)
    pauses.pause(
        programme,
        None,
        from_on=date(2021, 6, 2),
        until_on=date(2021, 6, 11),
        reason="系统切换",
        by=office,
        now=START,
    )
    days = {day for day, *_ in foretold(programme, START, 20)}
    assert days
    assert not {day for day in days if date(2021, 6, 2) <= day <= date(2021, 6, 11)}


def test_what_fell_due_in_a_pause_is_one_message_after_it(database: Database) -> None:
    programme = city(1)
    office = b.actor(Role.LEAD_OFFICE, programme)
    pauses.pause(
        programme,
        None,
        from_on=date(2021, 6, 9),
        until_on=date(2021, 6, 17),
        reason="系统切换",
        by=office,
        now=START,
    )
    told = told_by_passes(programme, START, 20)
    mine = sorted((day, stage) for day, _, stage, period in told if period == "2021-05")
    assert mine[0] == (date(2021, 6, 18), "overdue:3")  # before:3 on the 9th to overdue:1 are in it
    assert foretold(programme, START, 20) >= Counter(
        {(date(2021, 6, 18), "liaison1", "overdue:3", "2021-05"): 1}
    )


def test_the_pause_of_one_rule_leaves_the_others(database: Database) -> None:
    programme = city(1)
    other = ReportingRule.create(
        programme=programme, name="总结", kind=RuleKind.FILING, recurrence="halfyear:6-15", subject_shift=0,
        valid_from=date(2021, 1, 1),
    )  # fmt: skip
    obligations.generate(programme.id, now=START)
    office = b.actor(Role.LEAD_OFFICE, programme)
    pauses.pause(
        programme,
        other,
        from_on=date(2021, 6, 1),
        until_on=date(2021, 6, 20),
        reason="另行通知",
        by=office,
        now=START,
    )
    told = told_by_passes(programme, START, 15)
    assert {period for _, _, _, period in told} == {"2021-05"}


def test_a_pause_ends_early_with_a_reason_and_never_lasts_for_ever(database: Database) -> None:
    programme = city(1)
    office = b.actor(Role.LEAD_OFFICE, programme)
    days = {"from_on": date(2021, 6, 2), "until_on": date(2021, 6, 20)}
    made = pauses.pause(programme, None, **days, reason="系统切换", by=office, now=START)
    with pytest.raises(Refused):
        pauses.pause(programme, None, **days, reason="再一次", by=office, now=START)
    with pytest.raises(Invalid):
        pauses.resume(made, reason=" ", by=office, now=START)
    pauses.resume(made, reason="切换完成", by=office, now=START)
    with pytest.raises(Refused):
        pauses.resume(made, reason="切换完成", by=office, now=START)
    assert not pauses.paused_on(programme.id, date(2021, 6, 3)).all


@pytest.mark.parametrize(
    ("from_on", "until_on", "reason", "fields"),
    [
        (None, None, "", {"from_on", "until_on", "reason"}),
        (date(2021, 5, 31), date(2021, 6, 3), "x", {"from_on"}),
        (date(2021, 6, 3), date(2021, 6, 2), "x", {"until_on"}),
        (date(2021, 6, 3), date(2021, 7, 4), "x", {"until_on"}),
    ],
)
def test_a_pause_that_cannot_be_is_named_field_by_field(
    database: Database, from_on: date | None, until_on: date | None, reason: str, fields: set[str]
) -> None:
    programme = city(1)
    with pytest.raises(Invalid) as wrong:
        pauses.pause(
            programme, None, from_on=from_on, until_on=until_on, reason=reason,
            by=b.actor(Role.LEAD_OFFICE, programme), now=START,
        )  # fmt: skip
    assert set(wrong.value.fields) == fields


def test_a_robots_digests_are_foretold_as_its_passes_write_them(database: Database) -> None:
    programme = city(3, recurrence="weekly:fri")
    unit = Unit.get(Unit.name == "第2局")
    everybody, one = b.robot(programme, name="全部"), b.robot(programme, name="一个", units=[unit])
    foreseen = {
        (day.day, letter.receiver.name, line.unit_name, line.stage, line.period)
        for day in coming_reminders.coming(programme, now=START, days=14)
        for letter in day.letters
        for line in letter.lines
        if isinstance(letter.receiver, Robot)
    }
    for number in range(14):
        moment = START + timedelta(days=number, hours=1)
        obligations.generate_due(moment)
        robot_reminders.queue(moment)
        outbox.deliver(Recorder(), moment)  # what was not said would be taken into the next day's digest
    rows = (
        RobotReminder.select(RobotReminder, Robot, Obligation, Unit)
        .join(Robot)
        .switch(RobotReminder)
        .join(Obligation)
        .join(Unit)
        .where(RobotReminder.collapsed_into == "")
    )
    written = {
        (row.created_at.date(), row.robot.name, row.obligation.unit.name, row.stage, row.obligation.period)
        for row in rows
    }
    assert foreseen == written
    assert {name for _, name, *_ in written} == {everybody.name, one.name}
    assert {unit_name for _, name, unit_name, *_ in written if name == one.name} == {"第2局"}
