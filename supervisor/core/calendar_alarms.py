"""The alarm for a year whose arrangement is not loaded: administrators and lead offices are told once (E-60)."""

from __future__ import annotations

from datetime import datetime

from supervisor.clock import beijing_date
from supervisor.core import events, messages, people, reminders
from supervisor.core.calendar import load_calendar, missing_year
from supervisor.models import AdminRole, User


def send(now: datetime) -> int:
    """From November on, while next year is missing: one message to each of them; answers how many were told now."""
    today, calendar = beijing_date(now), load_calendar()
    year = missing_year(today, calendar)
    if year is None or not reminders.may_go_out(now, calendar):
        return 0
    keepers = list(User.select().where(User.active & User.admin_role.in_([AdminRole.SYSTEM, AdminRole.ALL])))
    told = _tell(keepers, year, f"calendar-missing:{year}", "/admin/calendar/notice", None, now)
    for programme_id in reminders.running(today):
        office = people.office_of(programme_id, today)
        key, link = f"calendar-missing:{year}:{programme_id}", f"/p/{programme_id}/calendar?day={year}-01-01"
        told += _tell(office, year, key, link, programme_id, now)
    return told


def _tell(them: list[User], year: int, key: str, link: str, programme_id: int | None, now: datetime) -> int:
    anew = [person for person in them if not messages.was_told(key, [person])]
    if not anew:
        return 0
    return messages.notify(
        event=events.CALENDAR_MISSING,
        key=key,
        to=anew,
        fields={"year": year},
        link=link,
        programme_id=programme_id,
        now=now,
    )
