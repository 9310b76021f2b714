"""Counting days: the vectors of the domain, in the core, on the page and in the commands."""

from __future__ import annotations

import json
from datetime import date, timedelta

import pytest
from click.testing import CliRunner
from flask.testing import FlaskClient
from hypothesis import given
from hypothesis import strategies as st

from supervisor.cli import commands
from supervisor.core.cadences import DuePolicy, due_date, has_workday, reminder_day
from supervisor.core.calendar import seed_calendar as seed_tables
from supervisor.core.countings import LONGEST, Measure, add_months, check_length, count_on
from supervisor.core.periods import Period, PeriodKind, period_of
from supervisor.core.workdays import seed_calendar
from supervisor.errors import Invalid
from supervisor.models import Role
from tests.builders import NOW, programme, user
from tests.conftest import login

seed = seed_calendar()
W, D, M = Measure.WORKDAYS, Measure.DAYS, Measure.MONTHS
#: start, number, measure, end. The numbers are those of the domain's edge cases and of the law's own examples.
VECTORS = [
    ("2021-03-22", 14, W, "2021-04-12"),  # E-44
    ("2021-04-20", 14, W, "2021-05-11"),
    ("2021-06-01", 14, W, "2021-06-22"),
    ("2021-06-18", 14, W, "2021-07-08"),
    ("2021-09-06", 14, W, "2021-09-26"),  # a Sunday that is worked
    ("2021-09-13", 14, W, "2021-10-08"),
    ("2021-09-24", 14, W, "2021-10-19"),
    ("2021-11-01", 14, W, "2021-11-19"),
    ("2022-01-20", 14, W, "2022-02-14"),
    ("2025-09-22", 14, W, "2025-10-16"),
    ("2026-01-30", 14, W, "2026-02-26"),
    ("2026-04-28", 5, W, "2026-05-08"),
    ("2026-09-18", 14, W, "2026-10-14"),
    ("2026-09-30", 3, W, "2026-10-10"),  # a Saturday that is worked
    ("2021-06-15", -1, W, "2021-06-11"),  # E-56
    ("2026-09-16", 15, D, "2026-10-08"),  # the 15th day is 1 October
    ("2026-02-03", 15, D, "2026-02-24"),  # the 15th day lies in 春节
    ("2026-10-20", 15, D, "2026-11-04"),
    ("2026-10-20", -15, D, "2026-10-05"),  # backwards nothing rolls over
    ("2026-01-31", 1, M, "2026-02-28"),  # no 31st, and the 28th is a make-up Saturday
    ("2026-03-15", 1, M, "2026-04-15"),
    ("2026-08-31", 6, M, "2027-03-01"),  # 28 February 2027 is a Sunday
    ("2024-02-29", 12, M, "2025-02-28"),
    ("2026-07-01", 3, M, "2026-10-08"),  # 1 October is off
    ("2026-03-31", -1, M, "2026-02-28"),
]


@pytest.mark.parametrize(("start", "number", "measure", "end"), VECTORS)
def test_the_core_counts(start: str, number: int, measure: Measure, end: str) -> None:
    assert count_on(date.fromisoformat(start), number, measure, seed).end.isoformat() == end


@pytest.mark.parametrize(("start", "number", "measure", "end"), VECTORS)
def test_the_command_counts(start: str, number: int, measure: Measure, end: str) -> None:
    unit = [] if measure is W else ["--unit", measure.value]
    done = CliRunner().invoke(commands, ["workday", start, f"{number:+d}", *unit])
    assert done.exit_code == 0, done.output
    assert done.stdout.strip() == end


@pytest.mark.parametrize(("start", "number", "measure", "end"), VECTORS)
def test_the_page_counts(client: FlaskClient, start: str, number: int, measure: Measure, end: str) -> None:
    seed_tables(now=NOW)
    of = programme()
    login(client, user("office", Role.LEAD_OFFICE, of))
    page = client.get(f"/p/{of.id}/calendar/count?from={start}&n={number}&of={measure.value}")
    assert page.status_code == 200
    assert f'<p class="answer"><time datetime="{end}">' in page.text
    assert ("调休待公布" in page.text) == (end > "2026-12-31")


def test_every_day_passed_over_is_named_with_its_reason() -> None:
    found = count_on(date(2021, 9, 24), 14, W, seed)
    passed = {(each.day.isoformat()[5:], each.kind, each.name) for each in found.passed}
    assert ("09-25", "weekend", "") in passed
    assert ("09-26", "makeup", "国庆节") in passed
    assert ("10-01", "off", "国庆节") in passed
    assert ("10-09", "makeup", "国庆节") in passed
    assert len([each for each in found.passed if each.kind == "makeup"]) == 2


def test_a_period_of_days_that_ends_on_a_day_off_says_where_it_would_have_ended() -> None:
    found = count_on(date(2026, 9, 16), 15, D, seed)
    assert found.literal == date(2026, 10, 1)
    assert found.is_rolled
    assert [each.day.day for each in found.passed] == [1, 2, 3, 4, 5, 6, 7]


def test_a_month_without_the_day_is_said_so() -> None:
    assert count_on(date(2026, 1, 31), 1, M, seed).is_shortened
    assert not count_on(date(2026, 1, 28), 1, M, seed).is_shortened


@pytest.mark.parametrize(("start", "end"), [("2026-12-30", 3), ("2027-01-10", -10)])
def test_a_year_that_is_not_loaded_makes_the_result_provisional(start: str, end: int) -> None:
    """E-60: answered, and never in silence."""
    assert not count_on(date.fromisoformat(start), end, W, seed).confirmed
    done = CliRunner().invoke(commands, ["workday", start, f"{end:+d}"])
    assert done.exit_code == 0
    assert "not loaded" in done.stderr


@pytest.mark.parametrize("measure", list(Measure))
def test_beyond_the_limits_it_is_refused_by_name(measure: Measure) -> None:
    with pytest.raises(Invalid) as error:
        check_length(-LONGEST[measure] - 1, measure)
    assert "n" in error.value.fields


@pytest.mark.parametrize(
    "query", ["from=x&n=3", "from=2026-01-01&n=x", "from=2026-01-01&n=99999", "from=9999-12-31&n=1"]
)
def test_a_mistyped_address_says_what_is_wrong(client: FlaskClient, query: str) -> None:
    of = programme()
    login(client, user("office", Role.LEAD_OFFICE, of))
    page = client.get(f"/p/{of.id}/calendar/count?{query}")
    assert page.status_code == 422
    assert 'role="alert"' in page.text


@given(st.dates(date(2005, 1, 1), date(2025, 12, 31)), st.integers(1, 400))
def test_an_end_of_days_is_a_working_day_and_never_early(start: date, number: int) -> None:
    found = count_on(start, number, D, seed)
    assert seed.is_workday(found.end)
    assert found.end >= start + timedelta(days=number)


@given(st.dates(date(2005, 1, 1), date(2025, 12, 31)), st.integers(-60, 60))
def test_months_keep_the_day_or_take_the_last(start: date, number: int) -> None:
    end = add_months(start, number)
    assert (end.year - start.year) * 12 + end.month - start.month == number
    assert end.day == start.day or (end + timedelta(days=1)).day == 1


# ---- the other edge cases of days


@pytest.mark.parametrize(
    ("rule", "literal", "before", "after"),
    [
        ("yearly:10-30", "2021-10-30", "2021-10-29", "2021-11-01"),
        ("yearly:10-30", "2022-10-30", "2022-10-28", "2022-10-31"),
        ("yearly:11-30", "2024-11-30", "2024-11-29", "2024-12-02"),
        ("yearly:11-30", "2025-11-30", "2025-11-28", "2025-12-01"),
        ("monthly:end", "2021-10-31", "2021-10-29", "2021-11-01"),
        ("yearly:12-31", "2022-12-31", "2022-12-30", "2023-01-03"),
        ("yearly:12-31", "2023-12-31", "2023-12-29", "2024-01-02"),
        ("monthly:25", "2021-04-25", "2021-04-25", "2021-04-25"),  # E-46: a Sunday, and a working day
    ],
)  # fmt: skip
def test_a_deadline_on_a_day_off_by_each_policy(rule: str, literal: str, before: str, after: str) -> None:
    """E-45, E-46."""
    for policy, wanted in (("keep", literal), ("before", before), ("after", after)):
        done = CliRunner().invoke(
            commands, ["deadlines", rule, "--from", literal, "--to", literal, "--policy", policy, "--json"]
        )
        (row,) = json.loads(done.stdout)
        assert (row["literal"], row["effective"]) == (literal, wanted)
    reminded = reminder_day(date.fromisoformat(literal), 0, seed)
    assert reminded.isoformat() == before


def test_seven_of_twenty_four_days_of_2026_are_days_off() -> None:
    days = [date(2026, month, day) for month in range(1, 13) for day in (10, 25)]
    assert sum(not due_date(day, DuePolicy.KEEP, seed).working_day for day in days) == 7


@pytest.mark.parametrize(
    ("monday", "worked"),
    [
        ("2020-01-27", False),
        ("2022-01-31", False),
        ("2024-02-12", True),
        ("2024-09-30", True),
        ("2025-01-27", True),
    ],
)
def test_a_week_without_a_working_day_is_known(monday: str, worked: bool) -> None:  # noqa: FBT001 -- a table's column
    """E-54."""
    assert has_workday(period_of(PeriodKind.WEEK, date.fromisoformat(monday)), seed) is worked


@pytest.mark.parametrize(
    ("day", "week", "quarter"),
    [
        ("2020-12-31", "2020-W53", "2020-Q4"),
        ("2021-01-03", "2020-W53", "2020-Q4"),
        ("2021-04-01", "2021-W13", "2021-Q2"),
    ],
)  # fmt: skip
def test_a_week_belongs_to_the_quarter_of_its_thursday(day: str, week: str, quarter: str) -> None:
    """E-55."""
    of = period_of(PeriodKind.WEEK, date.fromisoformat(day))
    assert of.key == week
    thursday = of.start + timedelta(days=3)
    assert period_of(PeriodKind.QUARTER, thursday) == Period.parse(quarter)


def test_the_half_year_summary_is_reminded_of_before_the_holiday() -> None:
    """E-56: due 15 June 2021, one working day before is Friday the 11th."""
    assert reminder_day(date(2021, 6, 15), -1, seed) == date(2021, 6, 11)


def test_c18_a_date_of_every_year_with_its_last_working_day_before() -> None:
    """C18: 10-30 is a Saturday in 2021 and a Sunday in 2022; 2021-04-25 is a working Sunday."""
    command = [
        "deadlines",
        "yearly:10-30",
        "--from",
        "2021-01-01",
        "--to",
        "2022-12-31",
        "--policy",
        "before",
    ]
    rows = json.loads(CliRunner().invoke(commands, [*command, "--json"]).stdout)
    assert [(row["literal"], row["effective"]) for row in rows] == [
        ("2021-10-30", "2021-10-29"),
        ("2022-10-30", "2022-10-28"),
    ]
    assert seed.is_makeup_day(date(2021, 4, 25))
    late = json.loads(
        CliRunner()
        .invoke(
            commands, ["deadlines", "yearly:10-30", "--from", "2027-01-01", "--to", "2027-12-31", "--json"]
        )
        .stdout
    )
    assert [row["calendar"] for row in late] == ["provisional"]
