"""The one place that asks the time. Read it in web, cli and scheduler only, and pass it on as `now=`.

Instants are aware and in UTC; dates and deadlines are those of Asia/Shanghai (E-61: Beijing time rules
everywhere in China). A trial clock (D10) is an offset kept in a file beside the database, so that all
processes on it tell the same time.
"""

from __future__ import annotations

import json
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

BEIJING = ZoneInfo("Asia/Shanghai")


class Clock:
    """Real time, or real time plus the offset found in `file` (a trial clock)."""

    def __init__(self, file: Path | None = None) -> None:
        self._file = file

    @property
    def is_trial(self) -> bool:
        """Whether a trial clock is set."""
        return self._file is not None and self._file.exists()

    def now(self) -> datetime:
        """The present moment, aware, in UTC."""
        return datetime.now(UTC) + self._offset()

    def set_trial(self, moment: datetime) -> None:
        """Let the trial clock run on from `moment`; never backwards, because the audit trail has an order."""
        if self._file is None:
            raise ValueError("this clock has no file to keep a trial time in")
        if moment.tzinfo is None:
            moment = moment.replace(tzinfo=BEIJING)
        offset = moment.astimezone(UTC) - datetime.now(UTC)
        if self.is_trial and offset < self._offset():
            raise ValueError("a trial clock only moves forward")
        self._file.parent.mkdir(parents=True, exist_ok=True)
        beside = self._file.with_suffix(".new")
        beside.write_text(json.dumps({"offset_seconds": offset.total_seconds()}), encoding="utf-8")
        beside.replace(self._file)

    def _offset(self) -> timedelta:
        if self._file is None:
            return timedelta(0)
        try:
            kept = json.loads(self._file.read_text(encoding="utf-8"))
        except FileNotFoundError:
            return timedelta(0)
        return timedelta(seconds=float(kept["offset_seconds"]))


def machine_now() -> datetime:
    """The machine's own time, which no trial clock moves: for signatures that another system checks."""
    return datetime.now(UTC)


def beijing(moment: datetime) -> datetime:
    """The same instant as read from a clock in Beijing."""
    return moment.astimezone(BEIJING)


def beijing_date(moment: datetime) -> date:
    """The calendar day in Beijing at this instant."""
    return moment.astimezone(BEIJING).date()
