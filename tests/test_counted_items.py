"""Reminders of counted items (C45) and the month for which an item counts (E-51), through the tick."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import pytest

from supervisor import jobs
from supervisor.core import extensions, filing_pages, filings, obligations, reminders, rule_changes, schedules
from supervisor.core.calendar import load_calendar
from supervisor.core.filings import FiledBody
from supervisor.core.outbox import OutboxOnly
from supervisor.core.periods import Period
from supervisor.core.permissions import Actor
from supervisor.core.rule_changes import RuleTerms
from supervisor.core.rule_corrections import TypedRule
from supervisor.errors import Invalid, Refused
from supervisor.models import (
    Channel,
    CountedBy,
    LocalSettings,
    Message,
    MessageState,
    Obligation,
    ObligationState,
    Outcome,
    Plan,
    Reminder,
    ReportingRule,
    Role,
    RuleKind,
    Unit,
    User,
)
from tests import builders as b

pytestmark = pytest.mark.usefixtures("database")
UNITS = ("甲县", "乙县")
SPRING = date(2021, 3, 22)


@pytest.fixture
def plan(database: object) -> Plan:
    """A plan issued on 22 March 2021; each of two counties has a liaison and owes one item a month, 10th and 25th."""
    made = b.plan(b.programme())
    made.issued_at, made.effective_on = b.at("2021-03-22 09:00"), date(2021, 3, 22)
    made.save()
    task = b.task(made)
    for name in UNITS:
        unit = b.unit(name)
        b.assignment(task, unit)
        b.user(f"{name}联络员", Role.LIAISON, made.programme, unit)
    return made


def news(plan: Plan, recurrence: str = "monthly:10,25", **values: Any) -> ReportingRule:
    given: dict[str, Any] = {"name": "宣传信息", "kind": RuleKind.COUNT, "valid_from": date(2021, 6, 1)}
    return ReportingRule.create(
        programme=plan.programme_id, recurrence=recurrence, subject_shift=0, **{**given, **values}
    )


def liaison(plan: Plan, unit: str) -> Actor:
    person = User.get(User.username == f"{unit}联络员")
    return b.actor(Role.LIAISON, plan.programme, Unit.get(Unit.name == unit), person=person)


def office(plan: Plan) -> Actor:
    return b.actor(Role.LEAD_OFFICE, plan.programme)


def tick(*moments: str) -> None:
    for moment in moments:
        done = jobs.tick(b.at(moment), OutboxOnly(), b.at(moment))
        assert done is not None
        assert done.error == ""


def every_day(first: str, last: str) -> None:
    """Pass twice on each day: what goes out goes out once."""
    day = date.fromisoformat(first)
    while day <= date.fromisoformat(last):
        tick(f"{day} 09:00", f"{day} 15:00")
        day += timedelta(days=1)


def owed(unit: str, period: str) -> Obligation:
    found: Obligation = (
        Obligation.select()
        .join(ReportingRule)
        .switch(Obligation)
        .join(Unit)
        .where((Unit.name == unit) & (Obligation.period == period) & (ReportingRule.kind == RuleKind.COUNT))
        .get()
    )
    return found


def send(plan: Plan, unit: str, period: str, moment: str) -> Obligation:
    row = owed(unit, period)
    filings.submit(row, [FiledBody("信息", "工地见闻", "正文。")], by=liaison(plan, unit), now=b.at(moment))
    return owed(unit, period)


def sent(channel: Channel = Channel.INBOX, kind: str = "") -> list[tuple[str, str, str]]:
    """(day, stage, receiver) of reminders of items that went out by themselves, in order."""
    rows = (
        Reminder.select(Reminder, Message, User)
        .join(Message)
        .switch(Reminder)
        .join(User)
        .switch(Reminder)
        .join(Obligation)
        .join(ReportingRule)
        .where((Reminder.channel == channel) & (ReportingRule.kind == RuleKind.COUNT))
        .order_by(Reminder.id)
    )
    return [
        (
            f"{row.message.day:%m-%d}" if row.message else "",
            row.stage,
            row.recipient.username.removesuffix("联络员"),
        )
        for row in rows
        if row.stage.startswith(kind)
    ]


def test_c45_dates_remind_once_of_the_month_s_item_until_it_is_in(plan: Plan) -> None:
    """June: an item on the 25th satisfies the month although the 10th was empty. July: 9th and 23rd remind."""
    news(plan)
    every_day("2021-06-01", "2021-06-24")
    assert sent(kind="date:") == [("06-10", "date:06-10", "甲县"), ("06-10", "date:06-10", "乙县")]
    done = send(plan, "甲县", "2021-06", "2021-06-25 08:30")
    assert (done.state, done.outcome) == (ObligationState.ACCEPTED, Outcome.ON_TIME)
    every_day("2021-06-25", "2021-07-31")
    assert [one for one in sent() if one[2] == "甲县" and one[0] < "07-28"] == [
        ("06-10", "date:06-10", "甲县"),
        ("07-09", "date:07-10", "甲县"),  # the 10th is a Saturday
        ("07-23", "date:07-25", "甲县"),  # the 25th is a Sunday
    ]
    june = [stage for day, stage, who in sent() if who == "乙县" and day < "07-01"]
    assert june == ["date:06-10", "before:3", "before:1", "due:0"]
    taken_in = Reminder.get((Reminder.stage == "date:06-25") & (Reminder.channel == Channel.INBOX))
    assert taken_in.collapsed_into == "before:3"  # the 25th is three working days before the end: one message
    rows = Reminder.select(Reminder.obligation, Reminder.stage, Reminder.recipient, Reminder.channel).tuples()
    assert len(rows) == len(set(rows))
    assert sent(Channel.MAIL, "date:") == sent(Channel.INBOX, "date:")


def test_c45_a_bulletin_and_an_excused_month_end_the_reminders_of_their_units(plan: Plan) -> None:
    news(plan)
    tick("2021-06-01 09:00")
    for moment in ("2021-06-08 10:00", "2021-06-09 10:00", "2021-06-09 16:00"):
        send(plan, "甲县", "2021-06", moment)
    ids = [item.id for item in filings.items_of(plan.programme_id)]
    made = filings.make_bulletin(
        plan.programme_id, "简报", ids, by=office(plan), now=b.at("2021-06-09 17:00")
    )
    assert filings.chosen_by_unit(made) == {"甲县": 3}
    with pytest.raises(Invalid):
        extensions.waive(owed("乙县", "2021-06"), reason=" ", by=office(plan), now=b.at("2021-06-09 17:00"))
    extensions.waive(
        owed("乙县", "2021-06"), reason="防汛期间", by=office(plan), now=b.at("2021-06-09 17:00")
    )
    every_day("2021-06-10", "2021-06-30")
    assert sent() == []


def test_c45_of_two_items_wanted_one_is_not_enough_and_the_message_says_so(plan: Plan) -> None:
    news(plan, minimum=2)
    tick("2021-06-01 09:00")
    send(plan, "甲县", "2021-06", "2021-06-08 10:00")
    tick("2021-06-10 09:00")
    assert [who for _day, _stage, who in sent()] == ["甲县", "乙县"]
    mine = Message.select().where(
        (Message.recipient == User.get(User.username == "甲县联络员"))
        & (Message.channel == Channel.INBOX)
        & (Message.day == date(2021, 6, 10))
    )
    assert "2021年6月宣传信息已报1篇（条），至少2篇（条），截止2021年6月30日" in mine.get().body


@pytest.mark.parametrize(
    ("passes", "went_out"),
    [
        (["2021-07-12 09:00"], [("07-12", "date:07-10")]),
        (["2021-07-26 09:00"], [("07-26", "date:07-25")]),
        (["2021-07-09 07:59", "2021-07-10 09:00", "2021-07-12 08:00"], [("07-12", "date:07-10")]),
        (["2021-07-29 09:00"], [("07-29", "before:3")]),
        (["2021-08-02 09:00"], [("08-02", "overdue:1")]),
    ],
)
def test_what_was_missed_is_made_up_by_the_latest_stage_alone(
    plan: Plan, passes: list[str], went_out: list[tuple[str, str]]
) -> None:
    news(plan)
    tick("2021-07-01 09:00", *passes)
    july = [
        (f"{row.message.day:%m-%d}" if row.message else "", row.stage)
        for row in Reminder.select(Reminder, Message)
        .join(Message)
        .where((Reminder.obligation == owed("甲县", "2021-07")) & (Reminder.channel == Channel.INBOX))
    ]
    assert july == went_out
    taken_in = Reminder.select().where(
        (Reminder.obligation == owed("甲县", "2021-07")) & Reminder.message.is_null()
    )
    assert {row.collapsed_into for row in taken_in} <= {went_out[0][1]}


def test_a_unit_that_joins_on_the_15th_is_not_reminded_of_the_10th(plan: Plan) -> None:
    news(plan, "monthly:10,22")
    tick("2021-06-01 09:00")
    late = b.unit("丙县")
    b.assignment(b.task(plan, "海绵改造"), late)
    b.user("丙县联络员", Role.LIAISON, plan.programme, late)
    obligations.generate(plan.programme_id, now=b.at("2021-06-15 10:00"))
    Obligation.update(opens_at=b.at("2021-06-15 09:00")).where(Obligation.unit == late).execute()
    tick("2021-06-15 11:00", "2021-06-22 09:00")
    assert [one for one in sent() if one[2] == "丙县"] == [("06-22", "date:06-22", "丙县")]


def test_an_item_that_waits_for_the_head_is_not_in_and_the_date_reminds_the_head_too(plan: Plan) -> None:
    LocalSettings.update(head_approves=True).execute()
    b.user("甲县局长", Role.UNIT_HEAD, plan.programme, Unit.get(Unit.name == "甲县"))
    news(plan)
    tick("2021-06-01 09:00")
    assert send(plan, "甲县", "2021-06", "2021-06-08 10:00").state is ObligationState.WITH_HEAD
    tick("2021-06-10 09:00")
    told = [who for day, _stage, who in sent() if day == "06-10"]
    assert sorted(told) == ["乙县", "甲县", "甲县局长"]
    digest = Message.select().where(
        (Message.day == date(2021, 6, 10)) & (Message.recipient == User.get(User.username == "甲县局长"))
    )
    assert "已报0篇（条）" in "\n".join(one.body for one in digest)


def terms(days: str, **values: Any) -> RuleTerms:
    typed = TypedRule("宣传信息", "count", "linked", (), (), "monthly", days, None, 0, 1)
    return replace(RuleTerms(typed, valid_from=SPRING), **values)


def change(plan: Plan, rule: ReportingRule, moment: str, days: str, **values: Any) -> ReportingRule:
    saved, _effects = rule_changes.save(
        rule, plan.programme, terms(days, **values), reason="按会议要求调整", seen=rule.version, by=office(plan),
        now=b.at(moment),
    )  # fmt: skip
    return saved


def test_a_date_that_the_rule_no_longer_names_is_taken_back_while_its_mail_waits(plan: Plan) -> None:
    made = news(plan)
    tick("2021-07-01 09:00")
    Obligation.update(state=ObligationState.ACCEPTED).where(Obligation.period != "2021-07").execute()
    reminders.queue(b.at("2021-07-09 09:00"))
    change(plan, made, "2021-07-09 09:10", "15、25")
    mails = Message.select().where((Message.channel == Channel.MAIL) & (Message.day == date(2021, 7, 9)))
    digests = [mail.state for mail in mails if mail.key.startswith("digest:")]
    assert digests == [MessageState.CANCELLED] * 2
    tick("2021-07-15 09:00")
    assert [stage for _day, stage, _who in sent(Channel.MAIL, "date:07-15")] == ["date:07-15"] * 2


def test_a_moved_deadline_does_not_repeat_a_date_that_was_reminded_of(plan: Plan) -> None:
    news(plan)
    tick("2021-07-01 09:00", "2021-07-09 09:00")
    row = owed("甲县", "2021-07")
    extensions.move_deadline(
        row, date(2021, 8, 6), reason="汛期", by=office(plan), now=b.at("2021-07-12 09:00")
    )
    every_day("2021-07-12", "2021-07-23")
    assert [one for one in sent(kind="date:") if one[2] == "甲县" and one[1] > "date:07"] == [
        ("07-09", "date:07-10", "甲县"),
        ("07-23", "date:07-25", "甲县"),
    ]


@pytest.mark.parametrize(
    ("recurrence", "period", "days"),
    [
        ("monthly:10,25", "2021-07", [("07-10", "07-09"), ("07-25", "07-23")]),
        ("monthly:10,25", "2021-04", [("04-10", "04-09"), ("04-25", "04-25")]),  # a working Sunday
        ("monthly:1,末".replace("末", "end"), "2021-05", [("05-01", "05-06"), ("05-31", "05-31")]),
    ],
    ids=["C45 July", "C18 25 April is a working day", "nothing is owed yet before the period"],
)
def test_c45_on_which_working_day_a_date_is_reminded_of(
    plan: Plan, recurrence: str, period: str, days: list[tuple[str, str]]
) -> None:
    found = schedules.reminded_of(news(plan, recurrence), Period.parse(period), load_calendar())
    assert [(f"{day:%m-%d}", f"{on:%m-%d}") for day, on in found] == days


# For which month an item counts -------------------------------------------------------------------------------------

READINGS: list[tuple[CountedBy, str, tuple[str, str], dict[str, str]]] = [
    (CountedBy.PERIOD, "2021-04", ("04-01", "04-30"), {"2021-03": "03-31", "2021-04": "04-30"}),
    (
        CountedBy.WINDOW,
        "2021-05",
        ("04-26", "05-25"),
        {"2021-03": "03-25", "2021-04": "04-25", "2021-05": "05-25"},
    ),
]


@pytest.mark.parametrize(("reading", "month", "counting", "dues"), READINGS, ids=["E-51 April", "E-51 May"])
def test_e51_an_item_of_28_april_counts_for_april_or_for_may_as_set(
    plan: Plan, reading: CountedBy, month: str, counting: tuple[str, str], dues: dict[str, str]
) -> None:
    made = news(plan, counted_by=reading, valid_from=SPRING)
    tick("2021-04-25 09:00", "2021-04-28 09:00")
    rows = Obligation.select().join(Unit).where((Obligation.rule == made) & (Unit.name == "甲县"))
    assert {row.period: f"{row.due_on:%m-%d}" for row in rows} == dues
    assert obligations.generate_due(b.at("2021-04-29 09:00")) == 0
    days = schedules.counting_days(made, Period.parse(month))
    assert tuple(f"{day:%m-%d}" for day in days) == counting
    done = send(plan, "甲县", month, "2021-04-28 10:00")
    assert (done.state, done.outcome) == (ObligationState.ACCEPTED, Outcome.ON_TIME)
    page = filing_pages.read(done, liaison(plan, "甲县"), now=b.at("2021-04-28 11:00"))
    assert page.counting == days


def test_e51_by_window_may_opens_on_26_april_even_if_nothing_passed_on_that_day(plan: Plan) -> None:
    made = news(plan, counted_by=CountedBy.WINDOW, valid_from=SPRING)
    tick("2021-04-20 09:00", "2021-04-30 09:00")
    assert owed("甲县", "2021-05").opens_at == b.at("2021-04-26 00:00")
    assert [
        slot.subject.key for slot in schedules.slots(made, date(2021, 5, 10), date(2021, 5, 25), no_settings)
    ] == ["2021-05"]


def no_settings(_day: date) -> Any:
    raise AssertionError("counted items ask no local setting")


def test_e51_the_reading_is_changed_like_any_rule_and_moves_what_is_not_yet_due(plan: Plan) -> None:
    made = news(plan, valid_from=SPRING)
    tick("2021-05-06 09:00")
    saved = change(plan, made, "2021-05-06 10:00", "10、25", counted_by="window")
    assert (saved.counted_by, owed("甲县", "2021-05").due_on) == (CountedBy.WINDOW, date(2021, 5, 25))
    assert owed("甲县", "2021-04").due_on == date(2021, 4, 30)  # due already: it stays
    with pytest.raises(Invalid) as wrong:
        change(plan, saved, "2021-05-06 11:00", "", counted_by="window")
    assert set(wrong.value.fields) == {"days"}


@pytest.mark.parametrize(("moment", "taken"), [("2021-06-30 23:59", True), ("2021-07-01 00:00", False)])
def test_one_item_more_is_taken_while_it_counts_for_the_month(
    plan: Plan, moment: str, *, taken: bool
) -> None:
    news(plan)
    tick("2021-06-01 09:00")
    done = send(plan, "甲县", "2021-06", "2021-06-08 10:00")
    page = filing_pages.read(done, liaison(plan, "甲县"), now=b.at(moment))
    assert page.may_submit is taken
    try:
        send(plan, "甲县", "2021-06", moment)
    except Refused:
        assert not taken
    else:
        assert taken
