"""Quiet hours (免打扰时段): when mail and group messages wait until the morning; the inbox has everything at once.

From and until are local settings of the programme; messages outside any programme follow our defaults. A step of the
ladder and a decision wait too: a telephone that rings at night is switched off, and nothing is due at night.
"""

from __future__ import annotations

from datetime import datetime, time, timedelta

from supervisor.clock import BEIJING, beijing
from supervisor.core import programmes

#: Where no programme says otherwise.
QUIET_FROM, QUIET_UNTIL = time(20), time(8)


def wait_until(programme_id: int | None, now: datetime) -> datetime | None:
    """The instant at which the quiet hours end that hold at `now`; None where a message may leave at once."""
    first, last = QUIET_FROM, QUIET_UNTIL
    if programme_id is not None:
        settings = programmes.settings_on(programme_id, beijing(now).date())
        first, last = settings.quiet_from, settings.quiet_until
    return quiet_end(first, last, now)


def quiet_end(first: time, last: time, now: datetime) -> datetime | None:
    """The end of a quiet time from `first` to `last` (Beijing) that holds at `now`; equal ones mean none."""
    local = beijing(now)
    if first == last:
        return None
    over_midnight = first > last
    at = local.time()
    if not (at >= first or at < last if over_midnight else first <= at < last):
        return None
    day = local.date() + timedelta(days=1) if over_midnight and at >= first else local.date()
    return datetime.combine(day, last, tzinfo=BEIJING)
