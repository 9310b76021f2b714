"""The working calendar in force: the State Council's arrangement as people keep it in two tables.

`workdays` does the counting; here is where its table comes from and when it is read again. `calendar_decisions`
changes it.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime
from typing import Any
from weakref import WeakKeyDictionary

from peewee import Database, fn

from supervisor.core import audit, workdays
from supervisor.core.permissions import SYSTEM
from supervisor.core.workdays import Calendar, CalendarRow, calendar_of
from supervisor.database import db, transactional
from supervisor.models import AuditEntry, CalendarDate, CalendarYear
from supervisor.statements import statement

#: Acts of the audit trail that change a day or a year; `calendar.set_year` is an older version's.
CHANGING = ("calendar.seed", "calendar.apply", "calendar.set_year")
#: From this month on next year's arrangement is expected; it has been announced in October or November.
EXPECTED_FROM = 11

# By database, because tests open several; the number is the audit row of the table's last change, so that
# every process notices a change made by another with one indexed query.
_kept: WeakKeyDictionary[Database, tuple[int, Calendar]] = WeakKeyDictionary()


def load_calendar() -> Calendar:
    """The calendar as it now stands in the tables; read again only after a change. Unseeded: that of 2004–2026."""
    version = _last_change()[0][0] or 0
    kept = _kept.get(db.obj)
    if kept is None or kept[0] != version:
        kept = (version, _read())
        _kept[db.obj] = kept
    return kept[1]


@statement
def _last_change() -> Any:
    of_calendar = AuditEntry.action.in_(CHANGING)
    return AuditEntry.select(fn.MAX(AuditEntry.seq)).where(of_calendar).tuples()


def missing_year(today: date, calendar: Calendar) -> int | None:
    """The year whose arrangement should be loaded by now and is not: this one, or from November on the next (E-60)."""
    if not calendar.is_confirmed(today):
        return today.year
    if today.month >= EXPECTED_FROM and not calendar.years.get(today.year + 1, False):
        return today.year + 1
    return None


def _read() -> Calendar:
    years = {row.year: row.confirmed for row in CalendarYear.select()}
    if not years:
        return workdays.seed_calendar()
    rows = (CalendarRow(row.day, row.is_workday, row.name, "") for row in CalendarDate.select())
    return calendar_of(rows, years)


@transactional
def seed_calendar(*, now: datetime) -> bool:
    """Fill empty tables with 2004–2026 (D31); answers whether it did. Runs after every migration."""
    if CalendarYear.select().exists():
        return False
    CalendarYear.insert_many(
        [{"year": year, "confirmed": True, "source": "chinesecalendar"} for year in workdays.seed_years()]
    ).execute()
    insert_days(workdays.seed_rows())
    audit.record(SYSTEM, "calendar.seed", ("calendar_year", None), now=now)
    return True


def insert_days(rows: Sequence[CalendarRow]) -> None:
    """Write announced days; call in the verb that has made room for them."""
    for start in range(0, len(rows), 200):  # old SQLite takes at most 999 values in one statement
        CalendarDate.insert_many(
            [
                {"day": row.day, "is_workday": row.is_work, "name": row.name}
                for row in rows[start : start + 200]
            ]
        ).execute()
