import calendar
from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from supervisor.core.periods import (
    Period,
    PeriodKind,
    last_of_month,
    months_of,
    period_of,
    periods_between,
    quarter_of,
    weeks_of,
)
from supervisor.words import say

kinds = st.sampled_from(PeriodKind)
dates = st.dates(date(1950, 1, 1), date(2150, 12, 31))


@pytest.mark.parametrize(
    ("key", "kind", "start", "end"),
    [
        ("2021-W14", PeriodKind.WEEK, "2021-04-05", "2021-04-11"),
        ("2020-W53", PeriodKind.WEEK, "2020-12-28", "2021-01-03"),
        ("2021-W01", PeriodKind.WEEK, "2021-01-04", "2021-01-10"),
        ("2021-06-T1", PeriodKind.TEN_DAY, "2021-06-01", "2021-06-10"),
        ("2021-06-T2", PeriodKind.TEN_DAY, "2021-06-11", "2021-06-20"),
        ("2021-02-T3", PeriodKind.TEN_DAY, "2021-02-21", "2021-02-28"),
        ("2021-07-T3", PeriodKind.TEN_DAY, "2021-07-21", "2021-07-31"),
        ("2024-02", PeriodKind.MONTH, "2024-02-01", "2024-02-29"),
        ("2021-12", PeriodKind.MONTH, "2021-12-01", "2021-12-31"),
        ("2021-Q2", PeriodKind.QUARTER, "2021-04-01", "2021-06-30"),
        ("2021-Q4", PeriodKind.QUARTER, "2021-10-01", "2021-12-31"),
        ("2021-H1", PeriodKind.HALF_YEAR, "2021-01-01", "2021-06-30"),
        ("2021-H2", PeriodKind.HALF_YEAR, "2021-07-01", "2021-12-31"),
        ("2021", PeriodKind.YEAR, "2021-01-01", "2021-12-31"),
    ],
)
def test_keys_and_spans(key: str, kind: PeriodKind, start: str, end: str) -> None:
    period = Period.parse(key)
    assert (period.kind, period.start.isoformat(), period.end.isoformat()) == (kind, start, end)
    assert period.key == str(period) == key


@pytest.mark.parametrize(
    "key",
    ["", "2021-W54", "2021-W00", "2019-W53", "2021-13", "2021-00", "2021-Q5", "2021-H0", "2021-06-T4", "21-06",
     "2021-6", "2021-06-31", " 2021", "2021-06\n", "２０２１", "2021-w14", "0000"],
)  # fmt: skip
def test_what_is_no_key_is_refused_by_name(key: str) -> None:
    with pytest.raises(ValueError, match="period"):
        Period.parse(key)


def test_a_period_starts_where_its_kind_starts() -> None:
    with pytest.raises(ValueError, match="no quarter starts on 2021-05-01"):
        Period(PeriodKind.QUARTER, date(2021, 5, 1))


@pytest.mark.parametrize(
    ("key", "quarter"),
    [
        ("2021-06", "2021-Q2"),  # due on 5 July, yet a fact of the second quarter
        ("2021-W13", "2021-Q2"),  # 29 March to 4 April: its Thursday is 1 April
        ("2021-W26", "2021-Q3"),  # 28 June to 4 July: its Thursday is 1 July
        ("2020-W53", "2020-Q4"),
        ("2021-06-T3", "2021-Q2"),
        ("2021-Q3", "2021-Q3"),
    ],
)
def test_the_quarter_that_counts_a_period(key: str, quarter: str) -> None:
    assert quarter_of(Period.parse(key)).key == quarter


@pytest.mark.parametrize("key", ["2021-H1", "2021"])
def test_no_quarter_holds_a_longer_period(key: str) -> None:
    with pytest.raises(ValueError, match="longer than a quarter"):
        quarter_of(Period.parse(key))


def test_months_of_a_quarter() -> None:
    assert [month.key for month in months_of(Period.parse("2021-Q2"))] == ["2021-04", "2021-05", "2021-06"]
    assert len(months_of(Period.parse("2021"))) == 12
    with pytest.raises(ValueError, match="whole months"):
        months_of(Period.parse("2021-W14"))


def test_each_week_belongs_to_one_quarter() -> None:
    weeks = [week.key for q in (1, 2, 3, 4) for week in weeks_of(Period.parse(f"2020-Q{q}"))]
    assert weeks == [f"2020-W{n:02}" for n in range(1, 54)]


def test_names_in_both_languages() -> None:
    cases = {
        "2021-06": ("June 2021", "2021年6月"),
        "2021-06-T2": ("Middle ten days of June 2021", "2021年6月中旬"),
        "2021-W14": ("Week 14 of 2021", "2021年第14周"),
        "2021-Q2": ("Q2 2021", "2021年第二季度"),
        "2021-H2": ("Second half of 2021", "2021年下半年"),
        "2021": ("Year 2021", "2021年度"),
    }
    for key, (english, official) in cases.items():
        period = Period.parse(key)
        assert (str(period.label), period.official_name) == (english, official)
    assert str(PeriodKind.HALF_YEAR.label) == "Half-year"


@given(kinds, dates)
def test_every_day_lies_in_exactly_one_period_of_a_kind(kind: PeriodKind, day: date) -> None:
    period = period_of(kind, day)
    assert period.contains(day)
    assert not period.previous().contains(day)
    assert not period.next().contains(day)
    assert Period.parse(period.key) == period


@given(kinds, dates)
def test_neighbours_touch(kind: PeriodKind, day: date) -> None:
    period = period_of(kind, day)
    assert period.next().start == period.end + timedelta(days=1)
    assert period.next().previous() == period


def test_no_periods_between_reversed_days() -> None:
    assert list(periods_between(PeriodKind.MONTH, date(2021, 6, 20), date(2021, 6, 5))) == []


@given(kinds, dates, st.integers(0, 500))
def test_keys_sort_like_time(kind: PeriodKind, day: date, span: int) -> None:
    listed = list(periods_between(kind, day, day + timedelta(days=span)))
    assert [p.key for p in listed] == sorted(p.key for p in listed)
    assert listed[0].contains(day)
    assert listed[-1].contains(day + timedelta(days=span))
    assert sum((p.end - p.start).days + 1 for p in listed) == (listed[-1].end - listed[0].start).days + 1


@given(dates)
def test_week_belongs_to_where_most_of_its_days_are(day: date) -> None:
    week = period_of(PeriodKind.WEEK, day)
    quarter = quarter_of(week)
    assert sum(quarter.contains(week.start + timedelta(days=i)) for i in range(7)) >= 4


@given(st.integers(1, 9998), st.integers(1, 12))
def test_last_of_month_agrees_with_the_standard_library(year: int, month: int) -> None:
    assert last_of_month(year, month).day == calendar.monthrange(year, month)[1]


def test_the_last_year_of_all_has_an_end() -> None:
    assert Period.parse("9999").end == date(9999, 12, 31)
    assert Period.parse("9999-Q4").end == date(9999, 12, 31)


def test_every_name_is_said_in_chinese() -> None:
    for kind in PeriodKind:
        assert not say(kind.label, "zh_CN").isascii()
        for period in periods_between(kind, date(2021, 1, 1), date(2021, 12, 31)):
            assert not set(say(period.label, "zh_CN")) & set("abcdefghijklmnopqrstuvwxyzQHW%(")
            assert str(period.label).isascii()
