"""Proof of published versions: what is handed out today has the hashes that the audit trail kept when it went out."""

from __future__ import annotations

import json
from collections.abc import Iterator

from supervisor.core import audit
from supervisor.core.publications import trail_of
from supervisor.database import digest
from supervisor.models import AuditEntry, Publication, ScorePeriod, ScoreRun


def verify_published() -> audit.Break | None:
    """The first version that was edited, opened wider, brought back or removed; None = all are as published.

    `seq` of the answer is the row of the trail by which it was published, else the version's id.
    """
    rows = Publication.select(Publication, ScorePeriod, ScoreRun).join(ScorePeriod).switch(Publication)
    stored = {(one.period_id, one.number): one for one in rows.join(ScoreRun).order_by(Publication.id)}
    for entry in _trail("period.publish"):
        said = json.loads(entry.after)
        if "version" not in said:  # published before versions were kept
            continue
        one = stored.pop((entry.subject_id or 0, said["version"]), None)
        name = f"published version {said['version']} of {said['key']} in programme {entry.programme_id}"
        if one is None:
            return audit.Break(entry.seq, f"{name}, made by row {entry.seq} of the audit trail, is gone")
        why = next(_differences(one, said), None)
        if why is not None:
            return audit.Break(entry.seq, f"{name}: {why}")
    for one in stored.values():
        name = f"published version {one.number} of {one.period.key}"
        return audit.Break(one.id, f"{name}: no row of the audit trail made it")
    return _brought_back()


def _trail(*actions: str) -> Iterator[AuditEntry]:
    rows: Iterator[AuditEntry] = iter(
        AuditEntry.select().where(AuditEntry.action.in_(actions)).order_by(AuditEntry.seq)
    )
    return rows


def _differences(one: Publication, said: dict[str, object]) -> Iterator[str]:
    if digest(one.content) != one.content_sha256:
        yield "its content was changed"
    if digest(one.sheet) != one.sheet_sha256:
        yield "its table was changed"
    for name, value in trail_of(one).items():
        if said[name] != value:
            yield f"its {name} is not what the audit trail kept: {value!r}, it was {said[name]!r}"
    if json.loads(one.content)["reason"] != one.reason:
        yield "its reason was changed"


def _brought_back() -> audit.Break | None:
    """The first version that the trail has withdrawn and that is open all the same."""
    for entry in _trail("period.publish", "period.withdraw"):
        said = json.loads(entry.after)
        again = Publication.select(Publication.number).where(
            (Publication.period == entry.subject_id)
            & Publication.number.in_(said.get("ended", []))
            & Publication.withdrawn_at.is_null()
        )
        for one in again:
            why = f"published version {one.number} of {said['key']} was withdrawn and is open again"
            return audit.Break(entry.seq, why)
    return None
