import calendar as standard
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from dateutil import rrule
from hypothesis import given
from hypothesis import strategies as st

from supervisor.core.cadences import (
    WORD_LABELS,
    Deadline,
    DuePolicy,
    deadline_instant,
    deadlines,
    describe,
    due_date,
    due_day,
    due_of,
    has_workday,
    is_late,
    late_workdays,
    occurrences,
    parse_recurrence,
    reminder_day,
)
from supervisor.core.periods import Period
from supervisor.core.workdays import seed_calendar
from supervisor.words import say

seed = seed_calendar()
BEIJING = ZoneInfo("Asia/Shanghai")
dates = st.dates(date(2005, 1, 1), date(2025, 12, 31))


def d(text: str) -> date:
    return date.fromisoformat(text)


def at(text: str) -> datetime:
    """A moment as read from a clock in Beijing."""
    return datetime.fromisoformat(text).replace(tzinfo=BEIJING)


@pytest.mark.parametrize(
    ("text", "kept"),
    [
        ("weekly:fri", "weekly:fri"),
        (" Monthly:25, 10 ", "monthly:10,25"),
        ("monthly:5", "monthly:5"),
        ("monthly:end,05", "monthly:5,end"),
        ("quarterly:end", "quarterly:end"),
        ("quarterly:1-10", "quarterly:1-10"),
        ("halfyear", "halfyear"),
        ("halfyear:6-15", "halfyear:6-15"),
        ("yearly:10-30", "yearly:10-30"),
        ("yearly:3-1,2-29", "yearly:02-29,03-01"),
        ("tenday:end", "tenday:end"),
        ("weekly:thu,mon,thu", "weekly:mon,thu"),
        ("continuous", "continuous"),
    ],
)
def test_recurrences_are_kept_in_one_spelling(text: str, kept: str) -> None:
    rule = parse_recurrence(text)
    assert str(rule) == kept
    assert parse_recurrence(kept) == rule


@pytest.mark.parametrize(
    "text",
    ["", "sometimes", "weekly:10", "weekly:", "monthly:0", "monthly:32", "monthly:1-5", "monthly:５", "monthly:-1",
     "quarterly:4-1", "quarterly:10", "halfyear:7-1", "yearly:2-30", "yearly:13-1", "yearly:10-0", "tenday:12",
     "continuous:end", "monthly:10;25"],
)  # fmt: skip
def test_what_is_no_recurrence_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r"recurrence|has no day"):
        parse_recurrence(text)


@pytest.mark.parametrize(
    ("text", "first", "last", "days"),
    [
        ("monthly:10,25", "2021-03-22", "2021-04-30", "2021-03-25 2021-04-10 2021-04-25"),
        ("monthly:31", "2021-01-31", "2021-04-30", "2021-01-31 2021-02-28 2021-03-31 2021-04-30"),
        ("monthly:end", "2024-02-01", "2024-02-29", "2024-02-29"),
        ("monthly:30,31", "2021-02-01", "2021-03-31", "2021-02-28 2021-03-30 2021-03-31"),
        ("weekly:fri", "2021-12-31", "2022-01-13", "2021-12-31 2022-01-07"),
        ("quarterly:end", "2021-01-01", "2021-12-31", "2021-03-31 2021-06-30 2021-09-30 2021-12-31"),
        ("quarterly:1-10", "2021-04-01", "2021-07-10", "2021-04-10 2021-07-10"),
        ("halfyear:6-15", "2021-01-01", "2021-12-31", "2021-06-15 2021-12-15"),
        ("yearly:10-30", "2021-06-18", "2022-12-31", "2021-10-30 2022-10-30"),
        ("yearly:2-29", "2023-01-01", "2024-12-31", "2023-02-28 2024-02-29"),
        ("tenday:end", "2021-02-01", "2021-02-28", "2021-02-10 2021-02-20 2021-02-28"),
        ("monthly:5", "2021-06-06", "2021-07-04", ""),
    ],
)
def test_occurrences(text: str, first: str, last: str, days: str) -> None:
    found = occurrences(parse_recurrence(text), d(first), d(last))
    assert " ".join(day.isoformat() for day in found) == days


@pytest.mark.parametrize("text", ["weekly", "monthly", "yearly", "continuous"])
def test_a_rule_without_a_day_lists_nothing_silently(text: str) -> None:
    with pytest.raises(ValueError, match="names no day"):
        occurrences(parse_recurrence(text), d("2021-01-01"), d("2021-12-31"))


def test_publicity_dates_of_2021_and_their_days_off() -> None:
    rows = deadlines(
        parse_recurrence("monthly:10,25"), d("2021-03-14"), d("2021-12-31"), DuePolicy.KEEP, seed
    )
    assert len(rows) == 19
    assert sum(not row.working_day for row in rows) == 6
    assert all(row.effective == row.literal and row.confirmed for row in rows)


def test_publicity_days_off_of_2026() -> None:
    rows = deadlines(
        parse_recurrence("monthly:10,25"), d("2026-01-01"), d("2026-12-31"), DuePolicy.KEEP, seed
    )
    assert (len(rows), sum(not row.working_day for row in rows)) == (24, 7)


def test_a_deadline_as_the_command_prints_it() -> None:
    (row,) = deadlines(
        parse_recurrence("yearly:10-30"), d("2021-01-01"), d("2021-12-31"), DuePolicy.BEFORE, seed
    )
    assert row.as_json() == {
        "literal": "2021-10-30",
        "effective": "2021-10-29",
        "working_day": False,
        "calendar": "confirmed",
    }


@pytest.mark.parametrize(
    ("literal", "policy", "effective", "confirmed"),
    [
        ("2022-10-30", DuePolicy.BEFORE, "2022-10-28", True),
        ("2022-10-30", DuePolicy.KEEP, "2022-10-30", True),
        ("2021-09-25", DuePolicy.AFTER, "2021-09-26", True),  # a Sunday that is worked
        ("2023-12-31", DuePolicy.AFTER, "2024-01-02", True),
        ("2027-01-01", DuePolicy.BEFORE, "2026-12-31", False),
        ("2027-10-02", DuePolicy.AFTER, "2027-10-04", False),
        ("2003-12-31", DuePolicy.KEEP, "2003-12-31", False),
    ],
)
def test_a_deadline_on_a_day_off(literal: str, policy: DuePolicy, effective: str, confirmed: bool) -> None:  # noqa: FBT001 -- a column of the table
    row = due_date(d(literal), policy, seed)
    assert row == Deadline(d(literal), d(effective), seed.is_workday(d(literal)), confirmed)


@pytest.mark.parametrize(
    ("key", "day", "months_after", "due"),
    [
        ("2021-06", 5, 1, "2021-07-05"),
        ("2021-06", 25, 0, "2021-06-25"),
        ("2021-01", 31, 1, "2021-02-28"),
        ("2021-12", 31, 2, "2022-02-28"),
        ("2023-12", 30, 2, "2024-02-29"),
        ("2021-Q4", 10, 1, "2022-01-10"),
        ("2021", 15, 1, "2022-01-15"),
        ("2021-H1", 15, 0, "2021-06-15"),
    ],
)
def test_the_day_a_report_is_due(key: str, day: int, months_after: int, due: str) -> None:
    assert due_of(Period.parse(key), day, months_after) == d(due)


@pytest.mark.parametrize(
    ("key", "day", "months_after"),
    [("2021-W14", 5, 1), ("2021-06", 0, 1), ("2021-06", 32, 1), ("2021-06", 5, -1)],
)
def test_a_due_day_that_makes_no_sense_is_refused(key: str, day: int, months_after: int) -> None:
    with pytest.raises(ValueError, match="month"):
        due_of(Period.parse(key), day, months_after)


def test_a_deadline_includes_its_day_to_the_last_microsecond() -> None:
    due_at = deadline_instant(d("2021-06-15"))
    assert due_at == datetime(2021, 6, 15, 16, 0, tzinfo=UTC)
    assert not is_late(due_at, at("2021-06-15T23:59:59.999999"))
    assert is_late(due_at, at("2021-06-16T00:00:00"))
    assert is_late(due_at, at("2021-06-16T00:30:00"))  # still 15 June in UTC
    assert due_day(due_at) == d("2021-06-15")


def test_an_earlier_cutoff_ends_the_same_day() -> None:
    due_at = deadline_instant(d("2021-06-15"), timedelta(hours=17, minutes=30))
    assert due_at == datetime(2021, 6, 15, 9, 30, tzinfo=UTC)
    assert due_day(due_at) == d("2021-06-15")
    assert not is_late(due_at, at("2021-06-15T17:29:59.999999"))
    assert is_late(due_at, at("2021-06-15T17:30:00"))


def test_a_day_with_a_changed_clock_ends_at_its_own_midnight() -> None:
    # Clocks in Berlin went forward on 28 March 2021: that day had 23 hours.
    berlin = ZoneInfo("Europe/Berlin")
    assert deadline_instant(d("2021-03-28"), zone=berlin) == datetime(2021, 3, 28, 22, 0, tzinfo=UTC)


def test_a_day_does_not_end_as_it_begins() -> None:
    with pytest.raises(ValueError, match="does not end"):
        deadline_instant(d("2021-06-15"), timedelta(0))


@pytest.mark.parametrize(
    ("due", "received", "late"),
    [
        ("2021-07-05", "2021-07-05T23:59:59", 0),
        ("2021-07-05", "2021-07-06T00:00:00", 1),
        ("2021-07-05", "2021-07-07T10:00:00", 2),
        ("2021-07-09", "2021-07-10T09:00:00", 1),  # Friday's, sent on Saturday: late is never zero
        ("2021-07-09", "2021-07-12T09:00:00", 1),
        ("2021-07-10", "2021-07-12T09:00:00", 1),  # due on a Saturday that was kept
        ("2021-06-11", "2021-06-16T09:00:00", 2),  # over the Dragon Boat holiday
        ("2021-09-24", "2021-09-26T09:00:00", 1),  # a Sunday that is worked
        ("2021-09-30", "2021-10-08T09:00:00", 1),
    ],
)
def test_working_days_late(due: str, received: str, late: int) -> None:
    assert late_workdays(deadline_instant(d(due)), at(received), seed) == late


def test_late_on_the_due_day_itself_is_one_day() -> None:
    assert (
        late_workdays(deadline_instant(d("2021-07-05"), timedelta(hours=17)), at("2021-07-05T18:00"), seed)
        == 1
    )


def test_moments_without_zone_are_refused() -> None:
    with pytest.raises(ValueError, match="time zone"):
        is_late(datetime(2021, 7, 5), at("2021-07-05T00:00"))


@pytest.mark.parametrize(
    ("due", "workdays", "day"),
    [
        ("2021-06-15", -1, "2021-06-11"),
        ("2021-06-15", 0, "2021-06-15"),
        ("2021-07-10", 0, "2021-07-09"),
        ("2021-07-25", 0, "2021-07-23"),
        ("2021-10-10", -1, "2021-10-09"),
        ("2021-07-05", 2, "2021-07-07"),
    ],
)
def test_reminders_go_out_on_working_days(due: str, workdays: int, day: str) -> None:
    assert reminder_day(d(due), workdays, seed) == d(day)


@pytest.mark.parametrize(
    ("key", "worked"),
    [("2022-W05", False), ("2020-W05", False), ("2024-W07", True), ("2022-W06", True)],
)
def test_a_week_of_holidays_has_no_working_day(key: str, worked: bool) -> None:  # noqa: FBT001 -- a column of the table
    assert has_workday(Period.parse(key), seed) is worked


def test_rules_are_said_in_both_languages() -> None:
    cases = {
        "weekly:fri": ("every week: Friday", "每周：星期五"),
        "monthly:10,25": ("every month: day 10, day 25", "每月：10日、25日"),
        "quarterly:1-10": ("every quarter: day 10 of its month 1", "每季度：第1个月10日"),
        "yearly:10-30": ("every year: month 10 day 30", "每年：10月30日"),
        "monthly:end": ("every month: last day", "每月：最后一天"),
        "continuous": ("continuously", "持续推进"),
    }
    for text, (english, chinese) in cases.items():
        assert (str(describe(parse_recurrence(text))), say(describe(parse_recurrence(text)), "zh_CN")) == (
            english,
            chinese,
        )
    for label in [*WORD_LABELS.values(), *(policy.label for policy in DuePolicy)]:
        assert not say(label, "zh_CN").isascii()


@given(st.lists(st.integers(1, 31), min_size=1, max_size=4), dates, st.integers(0, 800))
def test_monthly_days_agree_with_a_walk_over_every_day(numbers: list[int], first: date, span: int) -> None:
    last = first + timedelta(days=span)
    walked = []
    for offset in range(span + 1):
        day = first + timedelta(days=offset)
        month_end = standard.monthrange(day.year, day.month)[1]
        if any(day.day == min(number, month_end) for number in numbers):
            walked.append(day)
    rule = parse_recurrence("monthly:" + ",".join(map(str, numbers)))
    assert list(occurrences(rule, first, last)) == walked


@given(st.sampled_from(["mon", "wed", "fri", "sun"]), dates, st.integers(0, 400))
def test_weekly_and_quarterly_days_agree_with_dateutil(weekday: str, first: date, span: int) -> None:
    last = first + timedelta(days=span)
    start, until = datetime.combine(first, datetime.min.time()), datetime.combine(last, datetime.min.time())
    day = getattr(rrule, weekday[:2].upper())
    weekly = rrule.rrule(rrule.WEEKLY, byweekday=day, dtstart=start, until=until)
    assert occurrences(parse_recurrence(f"weekly:{weekday}"), first, last) == tuple(m.date() for m in weekly)
    quarterly = rrule.rrule(rrule.YEARLY, bymonth=(3, 6, 9, 12), bymonthday=-1, dtstart=start, until=until)
    assert occurrences(parse_recurrence("quarterly:end"), first, last) == tuple(m.date() for m in quarterly)


@given(dates, st.sampled_from(DuePolicy))
def test_a_moved_deadline_passes_only_days_off(literal: date, policy: DuePolicy) -> None:
    row = due_date(literal, policy, seed)
    between = sorted((row.literal, row.effective))
    passed = [between[0] + timedelta(days=i) for i in range((between[1] - between[0]).days + 1)]
    assert all(not seed.is_workday(day) for day in passed if day != row.effective)
    assert policy is DuePolicy.KEEP or seed.is_workday(row.effective)
    assert row.effective == literal or policy is not DuePolicy.KEEP


def plainly_late(due: date, cutoff_minutes: int, received: datetime) -> int:
    """The verdict by the wall clock alone: dates and minutes in Beijing, no instants."""
    local = received.astimezone(BEIJING)
    minute = local.hour * 60 + local.minute
    if local.date() < due or (local.date() == due and minute < cutoff_minutes):
        return 0
    days = [due + timedelta(days=i) for i in range(1, (local.date() - due).days + 1)]
    return max(1, len([day for day in days if seed.is_workday(day)]))


@given(dates, st.integers(1, 1440), st.integers(-40 * 24 * 3600, 40 * 24 * 3600))
def test_the_verdict_agrees_with_the_wall_clock(due: date, cutoff_minutes: int, seconds: int) -> None:
    due_at = deadline_instant(due, timedelta(minutes=cutoff_minutes))
    received = due_at + timedelta(seconds=seconds)
    assert late_workdays(due_at, received, seed) == plainly_late(due, cutoff_minutes, received)
    assert due_day(due_at) == due
