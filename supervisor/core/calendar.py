"""The working calendar in force: the State Council's arrangement as people keep it in two tables.

`workdays` does the counting; here is where its table comes from, who may change it, and when it is read again.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from weakref import WeakKeyDictionary

from peewee import Database, fn

from supervisor.core import audit, workdays
from supervisor.core.permissions import SYSTEM, Actor, Permission
from supervisor.core.workdays import Calendar, CalendarRow, calendar_of
from supervisor.database import db, transactional
from supervisor.errors import Invalid
from supervisor.models import AuditEntry, CalendarDate, CalendarYear
from supervisor.statements import statement
from supervisor.words import N_

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
    of_calendar = AuditEntry.action.in_(["calendar.seed", "calendar.set_year"])
    return AuditEntry.select(fn.MAX(AuditEntry.seq)).where(of_calendar).tuples()


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
    _insert(workdays.seed_rows())
    audit.record(SYSTEM, "calendar.seed", ("calendar_year", None), now=now)
    return True


@transactional
def set_year(
    year: int, rows: Sequence[CalendarRow], *, confirmed: bool, source: str, by: Actor, now: datetime
) -> None:
    """Replace a year's announced days by `rows`, from the notice named in `source`.

    Raises NotAllowed, or Invalid where a day lies outside the year or stands there twice.
    """
    by.require(Permission.CALENDAR_EDIT)
    days = [row.day for row in rows]
    if any(day.year != year for day in days) or len(set(days)) != len(days):
        raise Invalid(N_("Each day of the arrangement stands once and lies in %(year)s.", year=year))
    CalendarDate.delete().where(CalendarDate.day.between(f"{year}-01-01", f"{year}-12-31")).execute()
    _insert(rows)
    CalendarYear.delete().where(CalendarYear.year == year).execute()
    CalendarYear.create(year=year, confirmed=confirmed, source=source)
    after = {"confirmed": confirmed, "source": source, "days": len(rows)}
    audit.record(by, "calendar.set_year", ("calendar_year", year), now=now, after=after)


def _insert(rows: Sequence[CalendarRow]) -> None:
    for start in range(0, len(rows), 200):  # old SQLite takes at most 999 values in one statement
        CalendarDate.insert_many(
            [
                {"day": row.day, "is_workday": row.is_work, "name": row.name}
                for row in rows[start : start + 200]
            ]
        ).execute()
