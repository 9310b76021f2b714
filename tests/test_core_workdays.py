from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from supervisor.core.workdays import Calendar, CalendarDay, seed_calendar, seed_rows, seed_years

seed = seed_calendar()
days_2004_2026 = st.dates(date(2004, 6, 1), date(2026, 6, 30))


def d(text: str) -> date:
    return date.fromisoformat(text)


@pytest.mark.parametrize(
    ("start", "end"),
    [
        ("2021-03-22", "2021-04-12"),
        ("2021-04-20", "2021-05-11"),
        ("2021-06-01", "2021-06-22"),
        ("2021-09-06", "2021-09-26"),  # a Sunday that is worked
        ("2021-09-13", "2021-10-08"),
        ("2021-09-24", "2021-10-19"),
        ("2021-11-01", "2021-11-19"),
        ("2022-01-20", "2022-02-14"),
        ("2025-09-22", "2025-10-16"),
    ],
)
def test_fourteen_working_days_of_a_public_notice(start: str, end: str) -> None:
    assert seed.add_workdays(d(start), 14) == d(end)
    assert seed.workdays_between(d(start), d(end)) == 14


@pytest.mark.parametrize(
    ("start", "steps", "end"),
    [
        ("2021-06-15", -1, "2021-06-11"),  # the Dragon Boat holiday lies between
        ("2026-09-28", 5, "2026-10-10"),  # a make-up Saturday
        ("2021-12-31", 1, "2022-01-04"),
        ("2021-10-30", 0, "2021-10-30"),  # zero steps: unchanged, though a Saturday
    ],
)
def test_steps_in_both_directions(start: str, steps: int, end: str) -> None:
    assert seed.add_workdays(d(start), steps) == d(end)


def test_working_days_per_month_of_2026() -> None:
    year = [date(2026, 1, 1) + timedelta(i) for i in range(365)]
    counted = [sum(seed.is_workday(day) for day in year if day.month == month) for month in range(1, 13)]
    assert counted == [21, 16, 22, 21, 19, 21, 23, 21, 22, 18, 21, 23]


@pytest.mark.parametrize("text", [
    "2026-01-04", "2026-02-14", "2026-02-28", "2026-05-09", "2026-09-20", "2026-10-10",
    "2021-04-25", "2021-09-26", "2021-10-09",
])  # fmt: skip
def test_makeup_days_are_working_days(text: str) -> None:
    assert seed.is_workday(d(text))
    assert seed.is_makeup_day(d(text))


@pytest.mark.parametrize(
    ("literal", "before", "after"),
    [
        ("2021-04-10", "2021-04-09", "2021-04-12"),
        ("2021-04-25", "2021-04-25", "2021-04-25"),
        ("2021-07-10", "2021-07-09", "2021-07-12"),
        ("2021-07-25", "2021-07-23", "2021-07-26"),
        ("2021-09-25", "2021-09-24", "2021-09-26"),
        ("2021-10-10", "2021-10-09", "2021-10-11"),
        ("2021-10-30", "2021-10-29", "2021-11-01"),
        ("2021-12-25", "2021-12-24", "2021-12-27"),
        ("2022-10-30", "2022-10-28", "2022-10-31"),
        ("2023-12-31", "2023-12-29", "2024-01-02"),
    ],
)
def test_working_day_at_or_around_a_date(literal: str, before: str, after: str) -> None:
    assert seed.on_or_before(d(literal)) == d(before)
    assert seed.on_or_after(d(literal)) == d(after)


def test_working_days_left_do_not_count_the_day_of_signing() -> None:
    assert seed.workdays_between(d("2021-03-13"), d("2021-03-31")) == 13
    assert seed.workdays_between(d("2021-03-10"), d("2021-03-31")) == 15
    assert seed.workdays_between(d("2021-06-18"), d("2021-06-30")) == 8


@pytest.mark.parametrize(
    ("monday", "worked"),
    [("2020-01-27", 0), ("2022-01-31", 0), ("2024-02-12", 1), ("2024-09-30", 1), ("2025-01-27", 1)],
)
def test_weeks_of_the_great_holidays(monday: str, worked: int) -> None:
    assert sum(seed.is_workday(d(monday) + timedelta(i)) for i in range(7)) == worked


def test_a_year_that_is_not_loaded_is_answered_and_labelled() -> None:
    assert seed.is_confirmed(d("2026-12-31"))
    assert not seed.is_confirmed(d("2027-01-04"))
    assert not seed.is_workday(d("2027-01-01"))  # New Year
    assert not seed.is_workday(d("2027-05-02"))
    assert not seed.is_workday(d("2028-05-02"))  # a Tuesday: the second day of Labour Day
    assert seed.is_workday(d("2027-02-08"))  # in truth the Spring Festival: unknown until announced
    assert seed.add_workdays(d("2026-12-30"), 3) == d("2027-01-05")
    assert not seed.covers(d("2026-12-30"), d("2027-01-05"))
    assert seed.covers(d("2026-12-31"), d("2004-01-01"))
    assert seed.name_of(d("2027-10-02")) == "国庆节"


def test_a_day_announced_ahead_counts_in_a_provisional_year() -> None:
    announced = Calendar({d("2027-02-08"): CalendarDay(is_work=False, name="春节")}, {2027: False})
    assert not announced.is_workday(d("2027-02-08"))
    assert not announced.is_confirmed(d("2027-02-08"))


def test_fixed_holidays_do_not_touch_confirmed_years() -> None:
    worked = Calendar({}, {2027: True})
    assert worked.is_workday(d("2027-10-01"))


def test_seed_covers_every_year_and_names_each_day_in_chinese() -> None:
    assert seed_years() == tuple(range(2004, 2027))
    rows = seed_rows()
    assert {row.day.year for row in rows} == set(range(2004, 2027))
    assert len({row.day for row in rows}) == len(rows) > 700
    assert all(row.name and not row.name.isascii() for row in rows)
    assert seed.name_of(d("2021-06-14")) == "端午节"
    assert seed.name_of(d("2021-06-16")) == ""


@given(days_2004_2026)
def test_every_day_agrees_with_the_package_itself(day: date) -> None:
    import chinese_calendar

    assert seed.is_workday(day) == chinese_calendar.is_workday(day)


def plainly_added(calendar: Calendar, day: date, count: int) -> date:
    """The same by listing all days and picking: slow and obvious."""
    ahead = [day + timedelta(i) for i in range(1, 140)]
    if count < 0:
        ahead = [day - timedelta(i) for i in range(1, 140)]
    return [candidate for candidate in ahead if calendar.is_workday(candidate)][abs(count) - 1]


@given(days_2004_2026, st.integers(-60, 60).filter(bool))
def test_adding_agrees_with_a_plain_list_of_days(day: date, count: int) -> None:
    assert seed.add_workdays(day, count) == plainly_added(seed, day, count)


@given(days_2004_2026, st.integers(-60, 60))
def test_counting_is_the_inverse_of_adding(day: date, count: int) -> None:
    end = seed.add_workdays(day, count)
    assert seed.workdays_between(day, end) == count


@given(days_2004_2026, st.integers(0, 60), st.integers(0, 60))
def test_steps_add_up(day: date, first: int, second: int) -> None:
    assert seed.add_workdays(seed.add_workdays(day, first), second) == seed.add_workdays(day, first + second)


@given(st.dates(date(1990, 1, 1), date(2060, 1, 1)), st.integers(-300, 300))
def test_no_year_raises(day: date, count: int) -> None:
    assert seed.is_workday(seed.add_workdays(day, count)) or count == 0
