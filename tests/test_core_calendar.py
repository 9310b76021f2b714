from __future__ import annotations

from datetime import date

import pytest
from peewee import Database

from supervisor.core import calendar
from supervisor.core.workdays import CalendarRow
from supervisor.database import count_queries
from supervisor.errors import Invalid, NotAllowed
from supervisor.models import AdminRole, AuditEntry, CalendarYear, Role
from tests import builders
from tests.builders import NOW

ADMIN = builders.actor(admin=AdminRole.SYSTEM)


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


def test_an_announced_year_replaces_the_provisional_one_for_everybody_at_once(database: Database) -> None:
    calendar.seed_calendar(now=NOW)
    day = date(2027, 2, 6)
    assert not calendar.load_calendar().is_workday(day)
    row = CalendarRow(day, is_work=True, name="春节", source="")
    calendar.set_year(2027, [row], confirmed=True, source="国办发明电〔2026〕9号", by=ADMIN, now=NOW)
    assert calendar.load_calendar().is_makeup_day(day)
    assert calendar.load_calendar().is_confirmed(day)
    calendar.set_year(2027, [], confirmed=False, source="撤回", by=ADMIN, now=NOW)
    assert not calendar.load_calendar().is_workday(day)
    assert CalendarYear.select().where(CalendarYear.year == 2027).count() == 1
    assert calendar.load_calendar().is_makeup_day(date(2026, 1, 4)), "other years stay"


def test_a_loaded_calendar_costs_one_query(database: Database) -> None:
    calendar.seed_calendar(now=NOW)
    first = calendar.load_calendar()
    with count_queries(database) as queries:
        assert calendar.load_calendar() is first
    assert len(queries) == 1


@pytest.mark.parametrize("days", [[date(2026, 12, 31)], [date(2027, 1, 1), date(2027, 1, 1)]])
def test_days_outside_the_year_or_twice_are_refused(database: Database, days: list[date]) -> None:
    rows = [CalendarRow(day, is_work=False, name="元旦", source="") for day in days]
    with pytest.raises(Invalid):
        calendar.set_year(2027, rows, confirmed=True, source="x", by=ADMIN, now=NOW)


def test_only_the_system_administrator_edits_it(database: Database) -> None:
    office = builders.actor(Role.LEAD_OFFICE, builders.programme())
    with pytest.raises(NotAllowed):
        calendar.set_year(2027, [], confirmed=True, source="x", by=office, now=NOW)
