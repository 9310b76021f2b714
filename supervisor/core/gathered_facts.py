"""Facts of an open or preliminary period as pages show them: gathered once for each state of the records.

Gathering 300 units takes a second, and every view of a page asked for it. Each act leaves a row on the audit trail, so
that the last row that concerns a programme names the state of its records. Verbs that decide do not come here: they
gather for themselves, within their transaction.
"""

from __future__ import annotations

import threading
from collections import OrderedDict
from dataclasses import dataclass
from datetime import datetime

from scoring import Facts, canonical, facts_to_json
from supervisor.core import facts
from supervisor.core.periods import Period
from supervisor.database import digest
from supervisor.models import AuditEntry, Programme, ScoreRun

#: States kept in memory: facts of 300 units are some megabytes.
KEPT = 4
_LOCK = threading.Lock()
_kept: OrderedDict[tuple[str, int, str], Gathered] = OrderedDict()


@dataclass(frozen=True)
class Gathered:
    """Facts with the hash of their canonical text, and when they were gathered."""

    facts: Facts
    sha256: str
    at: datetime


def gathered(programme: Programme, period: Period, *, now: datetime) -> Gathered:
    """The facts of a period as the records stand; `at` may lie before `now` where nothing has happened since."""
    key = (_state_of(programme), programme.id, period.key)
    with _LOCK:
        known = _kept.get(key)
        if known is not None:
            _kept.move_to_end(key)
            return known
    found = facts.gather(programme, period)
    made = Gathered(found, digest(canonical(facts_to_json(found))), now)
    with _LOCK:
        _kept[key] = made
        while len(_kept) > KEPT:
            _kept.popitem(last=False)
    return made


def forget() -> None:
    """Keep nothing: for whoever puts other rows under the same trail (tests)."""
    with _LOCK:
        _kept.clear()


def changed_since(
    programme: Programme, period: Period, run: ScoreRun, *, now: datetime
) -> tuple[bool, datetime]:
    """Whether the records say something else than a run was made from, and when they were compared."""
    found = gathered(programme, period, now=now)
    return found.sha256 != run.facts_sha256, found.at


def _state_of(programme: Programme) -> str:
    """Hash of the trail's last row about the programme, or about nothing in particular (calendar, register)."""
    about = (AuditEntry.programme_id == programme.id) | (
        AuditEntry.programme_id.is_null() & ~AuditEntry.action.startswith("session.")
    )
    last = AuditEntry.select(AuditEntry.hash).where(about).order_by(AuditEntry.seq.desc()).first()
    return last.hash if last is not None else ""
