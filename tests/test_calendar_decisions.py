"""A changed calendar: what it touches is shown before, decided by name, asked of each office; nothing moves alone."""

from __future__ import annotations

from datetime import date

import pytest
from peewee import Database

from supervisor.core import calendar, calendar_decisions, calendar_questions, obligations, reminders
from supervisor.core.calendar import load_calendar
from supervisor.core.holiday_notices import read_notice
from supervisor.core.workdays import CalendarDay, CalendarRow
from supervisor.database import count_queries
from supervisor.errors import Invalid, NotAllowed, NotFound, Refused
from supervisor.models import (
    AdminRole,
    AuditEntry,
    CalendarAnswer,
    CalendarDate,
    CalendarDecision,
    CalendarQuestion,
    CalendarYear,
    LocalSettings,
    Message,
    MessageKind,
    Obligation,
    Programme,
    Reminder,
    ReportingRule,
    Role,
    Unit,
)
from tests import builders
from tests.builders import NOW, at
from tests.holiday_texts import rows_of_arrangement, stretches, write

ADMIN = builders.actor(admin=AdminRole.SYSTEM)
SOURCE = "国办发明电〔2020〕27号"
#: The Dragon Boat holiday of 2021 is 12 to 14 June; June's reports are due on the 5th, a Saturday.
SATURDAY_DUE = date(2021, 6, 5)


@pytest.fixture(autouse=True)
def seeded(database: Database) -> None:
    calendar.seed_calendar(now=NOW)


def owing(policy: str = "before", units: int = 2) -> tuple[Programme, list[Obligation]]:
    """A programme whose May reports are due, under this policy, around Saturday 5 June 2021."""
    programme = builders.programme()
    LocalSettings.update(day_off_policy=policy).where(LocalSettings.programme == programme).execute()
    plan = builders.plan(programme)
    for number in range(units):
        unit = builders.unit(f"第{number}局")
        builders.user(f"liaison{number}", Role.LIAISON, programme, unit)
        builders.assignment(builders.task(plan), unit)
    builders.rule(programme)
    builders.user("office", Role.LEAD_OFFICE, programme)
    obligations.generate(programme.id, now=NOW)
    return programme, list(Obligation.select().where(Obligation.period == "2021-05").order_by(Obligation.id))


def work_on_saturday() -> CalendarDecision:
    """The administrator makes Saturday 5 June a make-up day."""
    proposal = calendar_decisions.propose_day(SATURDAY_DUE, "work", "端午节")
    return calendar_decisions.apply(proposal, source="", reason="补充通知", by=ADMIN, now=NOW)


def office(programme: Programme):  # type: ignore[no-untyped-def]
    return builders.actor(Role.LEAD_OFFICE, programme)


def test_an_announced_year_takes_the_place_of_the_provisional_one_for_everybody_at_once() -> None:
    day = date(2027, 2, 6)
    assert not load_calendar().is_workday(day)
    row = CalendarRow(day, is_work=True, name="春节", source="")
    calendar_decisions.apply(
        calendar_decisions.propose_notice(2027, [row], text="……"),
        source="国办发明电〔2026〕9号",
        by=ADMIN,
        now=NOW,
    )
    assert load_calendar().is_makeup_day(day)
    assert load_calendar().is_confirmed(day)
    withdrawn = calendar_decisions.propose_withdrawal(2027)
    calendar_decisions.apply(withdrawn, source="", reason="贴错了", by=ADMIN, now=NOW)
    assert not load_calendar().is_workday(day)
    assert not load_calendar().is_confirmed(day)
    assert CalendarYear.select().where(CalendarYear.year == 2027).count() == 1
    assert load_calendar().is_makeup_day(date(2026, 1, 4)), "other years stay"
    kept = calendar_decisions.history(2027, by=ADMIN)
    assert [row.number for row in kept] == [2, 1]
    assert kept[1].changes == [["2027-02-06", "", "work 春节"]]


@pytest.mark.parametrize("year", [2012, 2019, 2023, 2026])
def test_a_year_applied_again_from_its_own_notice_changes_no_day(year: int) -> None:
    text = write(year, stretches(rows_of_arrangement(year)))
    proposal = calendar_decisions.propose_notice(year, read_notice(text).rows, text=text)
    assert proposal.counting == ()
    touched = [change for change in proposal.changes if change.before and change.after]
    assert [change for change in touched if change.before.is_work != change.after.is_work] == []  # type: ignore[union-attr]


def test_new_year_in_december_belongs_to_the_year_that_begins() -> None:
    """2023's notice gave 31 December 2022; correcting 2022 must not lose it, correcting 2023 must replace it."""
    without = calendar_decisions.propose_notice(2022, [], text="x")
    assert without.calendar.days[date(2022, 12, 31)] == CalendarDay(is_work=False, name="元旦")
    anew = calendar_decisions.propose_notice(2023, [], text="x")
    assert date(2022, 12, 31) not in anew.calendar.days
    assert date(2023, 12, 31) in anew.calendar.days


@pytest.mark.parametrize(
    ("policy", "was_due", "due"),
    [("before", date(2021, 6, 4), SATURDAY_DUE), ("after", date(2021, 6, 7), SATURDAY_DUE)],
)
def test_what_a_change_touches_is_shown_before_anything_is_decided(
    policy: str, was_due: date, due: date
) -> None:
    programme, _ = owing(policy)
    proposal = calendar_decisions.propose_day(SATURDAY_DUE, "work", "端午节")
    found = calendar_decisions.effects(proposal, by=ADMIN, now=NOW)
    (line,) = found.touched
    assert (line.programme.id, line.period, line.units) == (programme.id, "2021-05", 2)
    assert (line.was_due_on, line.due_on) == (was_due, due)
    assert line.moves_due
    assert line.shifts
    assert CalendarDecision.select().count() == 0
    assert Obligation.select().where(Obligation.due_on == was_due).count() == 2


def test_a_deadline_that_keeps_its_date_still_has_its_lock_asked_about() -> None:
    owing("keep")
    found = calendar_decisions.effects(
        calendar_decisions.propose_day(date(2021, 6, 19), "work", "端午节"), by=ADMIN, now=NOW
    )
    (line,) = found.touched
    assert not line.moves_due
    assert line.moves_lock
    assert line.locked_on < line.was_locked_on


def test_a_day_far_away_touches_nothing_and_says_what_stays() -> None:
    owing()
    proposal = calendar_decisions.propose_day(date(2021, 10, 9), "weekday", "")
    found = calendar_decisions.effects(proposal, by=ADMIN, now=NOW)
    assert found.touched == ()


def test_a_deadline_moved_by_a_person_stays_where_they_put_it() -> None:
    _, rows = owing()
    Obligation.update(due_on=date(2021, 6, 8)).where(Obligation.id == rows[0].id).execute()
    proposal = calendar_decisions.propose_day(SATURDAY_DUE, "work", "端午节")
    found = calendar_decisions.effects(proposal, by=ADMIN, now=NOW)
    assert [(line.was_due_on, line.units) for line in found.touched] == [(date(2021, 6, 4), 1)]
    assert [line.was_due_on for line in found.staying if line.period == "2021-05"] == [date(2021, 6, 8)]


def test_applying_moves_nothing_asks_the_office_and_is_on_record() -> None:
    programme, rows = owing()
    decision = work_on_saturday()
    assert [Obligation.get_by_id(row.id).due_on for row in rows] == [date(2021, 6, 4)] * 2
    (question,) = calendar_questions.waiting(programme.id)
    assert (question.decision_id, question.units, question.due_on) == (decision.id, 2, SATURDAY_DUE)
    told = Message.select().where(Message.kind == MessageKind.DECISION)
    assert {row.person.username for row in told} == {"office"}
    assert "2021" in told[0].subject
    entry = AuditEntry.select().where(AuditEntry.action == "calendar.apply").get()
    assert entry.reason == "补充通知"
    assert "2021-06-05" in entry.after


def test_moving_changes_open_reports_cancels_old_reminders_and_tells_the_units() -> None:
    programme, rows = owing()
    reminders.queue(at("2021-06-01 09:00"))  # three working days before 4 June
    assert Reminder.select().where(Reminder.cancelled_at.is_null()).count() > 0
    work_on_saturday()
    question = calendar_questions.waiting(programme.id)[0]
    moved = calendar_questions.answer(question, move=True, reason="当天上班", by=office(programme), now=NOW)
    assert moved == 2
    for row in rows:
        after = Obligation.get_by_id(row.id)
        assert after.due_on == SATURDAY_DUE
        assert after.due_at == at("2021-06-06 00:00")
        assert after.schedule_version == 2
    mail = Reminder.select().where(Reminder.channel == "mail")
    assert mail
    assert all(row.cancelled_at == NOW for row in mail)
    told = Message.select().where(Message.key.startswith(f"calendar-question:{question.id}:"))
    assert {row.person.username for row in told} == {"liaison0", "liaison1"}
    assert all(question.rule.name in row.subject for row in told)
    assert calendar_questions.waiting(programme.id) == []
    kept = CalendarQuestion.get_by_id(question.id)
    assert (kept.answer, kept.moved, kept.answered_by_name) == (CalendarAnswer.MOVED, 2, "测试员")
    moves = AuditEntry.select().where(AuditEntry.action == "obligation.move")
    assert [row.reason for row in moves] == ["当天上班"] * 2


def test_grace_follows_the_moved_due_day() -> None:
    programme, rows = owing(units=1)
    ReportingRule.update(grace_workdays=2).execute()
    work_on_saturday()
    question = calendar_questions.waiting(programme.id)[0]
    calendar_questions.answer(question, move=True, reason="当天上班", by=office(programme), now=NOW)
    assert Obligation.get_by_id(rows[0].id).grace_at == at("2021-06-09 00:00")


def test_keeping_leaves_every_date_and_says_so() -> None:
    programme, rows = owing()
    work_on_saturday()
    question = calendar_questions.waiting(programme.id)[0]
    assert (
        calendar_questions.answer(question, move=False, reason="已部署", by=office(programme), now=NOW) == 0
    )
    assert [Obligation.get_by_id(row.id).due_on for row in rows] == [date(2021, 6, 4)] * 2
    told = Message.select().where(Message.key.startswith(f"calendar-question:{question.id}:"))
    assert {row.person.username for row in told} == {"liaison0", "liaison1"}
    with pytest.raises(Refused):
        calendar_questions.answer(question, move=True, reason="x", by=office(programme), now=NOW)


def test_what_was_handed_in_meanwhile_is_not_moved() -> None:
    programme, rows = owing()
    work_on_saturday()
    Obligation.update(first_submitted_at=NOW, state="submitted").where(Obligation.id == rows[0].id).execute()
    question = calendar_questions.waiting(programme.id)[0]
    assert (
        calendar_questions.answer(question, move=True, reason="当天上班", by=office(programme), now=NOW) == 1
    )
    assert Obligation.get_by_id(rows[0].id).due_on == date(2021, 6, 4)


def test_a_later_decision_outdates_the_earlier_question() -> None:
    programme, _ = owing()
    work_on_saturday()
    back = calendar_decisions.propose_day(SATURDAY_DUE, "weekday", "")
    calendar_decisions.apply(back, source="", reason="通知有误", by=ADMIN, now=NOW)
    again = calendar_decisions.propose_day(SATURDAY_DUE, "work", "端午节")
    calendar_decisions.apply(again, source="", reason="更正", by=ADMIN, now=NOW)
    assert len(calendar_questions.waiting(programme.id)) == 1
    assert [row.answer for row in calendar_questions.answered(programme.id)] == [CalendarAnswer.OUTDATED]


@pytest.mark.parametrize("late", ["2021-06-06 09:00", "2021-07-30 09:00"])
def test_nothing_is_moved_into_the_past(late: str) -> None:
    programme, rows = owing()
    work_on_saturday()
    question = calendar_questions.waiting(programme.id)[0]
    with pytest.raises(Invalid):
        calendar_questions.answer(question, move=True, reason="当天上班", by=office(programme), now=at(late))
    assert Obligation.get_by_id(rows[0].id).due_on == date(2021, 6, 4)


def test_only_the_programme_s_own_office_answers_and_with_a_reason() -> None:
    programme, _ = owing()
    work_on_saturday()
    question = calendar_questions.waiting(programme.id)[0]
    other = builders.programme("别的专项")
    with pytest.raises(NotFound):
        calendar_questions.answer(question, move=True, reason="x", by=office(other), now=NOW)
    with pytest.raises(NotFound):
        calendar_questions.get(question.id, office(other))
    with pytest.raises(Invalid):
        calendar_questions.answer(question, move=True, reason=" ", by=office(programme), now=NOW)
    liaison = builders.actor(Role.LIAISON, programme, Unit.get())
    with pytest.raises(NotAllowed):
        calendar_questions.answer(question, move=True, reason="x", by=liaison, now=NOW)


def test_two_administrators_at_once_the_second_is_told() -> None:
    first = calendar_decisions.propose_day(date(2027, 1, 2), "off", "元旦")
    second = calendar_decisions.propose_day(date(2027, 1, 3), "work", "元旦")
    calendar_decisions.apply(first, source="", reason="通知", by=ADMIN, now=NOW)
    with pytest.raises(Refused):
        calendar_decisions.apply(second, source="", reason="通知", by=ADMIN, now=NOW)


@pytest.mark.parametrize(("source", "reason", "field"), [("", "", "source"), (" ", "x", "source")])
def test_a_notice_needs_its_source(source: str, reason: str, field: str) -> None:
    row = CalendarRow(date(2027, 1, 1), is_work=False, name="元旦", source="")
    proposal = calendar_decisions.propose_notice(2027, [row], text="x")
    with pytest.raises(Invalid) as error:
        calendar_decisions.apply(proposal, source=source, reason=reason, by=ADMIN, now=NOW)
    assert field in error.value.fields
    assert CalendarDate.select().where(CalendarDate.day >= date(2027, 1, 1)).count() == 0


def test_what_changes_nothing_is_refused() -> None:
    same = calendar_decisions.propose_day(date(2021, 10, 9), "work", "国庆节")
    with pytest.raises(Invalid):
        calendar_decisions.apply(same, source="", reason="x", by=ADMIN, now=NOW)


def test_only_the_system_administrator_decides() -> None:
    programme = builders.programme()
    with pytest.raises(NotAllowed):
        calendar_decisions.apply(
            calendar_decisions.propose_day(date(2027, 1, 2), "off", "元旦"), source="", reason="x",
            by=office(programme), now=NOW,
        )  # fmt: skip


def test_the_preview_costs_the_same_for_two_units_and_for_thirty(database: Database) -> None:
    owing(units=30)
    proposal = calendar_decisions.propose_day(SATURDAY_DUE, "work", "端午节")
    calendar_decisions.effects(proposal, by=ADMIN, now=NOW)
    with count_queries(database) as seen:
        found = calendar_decisions.effects(proposal, by=ADMIN, now=NOW)
    assert found.touched[0].units == 30
    assert len(seen) <= 8
