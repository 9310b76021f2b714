from __future__ import annotations

from datetime import date

import pytest
from peewee import Database

from supervisor.core import calendar
from supervisor.core.workdays import Calendar
from supervisor.database import count_queries
from supervisor.models import AuditEntry
from tests.builders import NOW


def test_unseeded_tables_answer_as_the_seed_would(database: Database) -> None:
    assert calendar.load_calendar().is_makeup_day(date(2021, 9, 26))


def test_the_tables_are_seeded_once(database: Database) -> None:
    assert calendar.seed_calendar(now=NOW)
    assert not calendar.seed_calendar(now=NOW)
    loaded = calendar.load_calendar()
    assert loaded.is_makeup_day(date(2021, 9, 26))
    assert loaded.is_confirmed(date(2004, 1, 1))
    assert not loaded.is_confirmed(date(2027, 1, 1))
    assert [row.action for row in AuditEntry.select()] == ["calendar.seed"]


def test_a_loaded_calendar_costs_one_query(database: Database) -> None:
    calendar.seed_calendar(now=NOW)
    first = calendar.load_calendar()
    with count_queries(database) as queries:
        assert calendar.load_calendar() is first
    assert len(queries) == 1


@pytest.mark.parametrize(
    ("today", "confirmed", "missing"),
    [
        ("2026-10-31", {2026}, None),
        ("2026-11-01", {2026}, 2027),
        ("2026-11-01", {2026, 2027}, None),
        ("2027-01-01", {2026}, 2027),
    ],
)
def test_from_november_on_the_next_year_is_missed(
    today: str, confirmed: set[int], missing: int | None
) -> None:
    years = dict.fromkeys(confirmed, True)
    assert calendar.missing_year(date.fromisoformat(today), Calendar({}, years)) == missing
