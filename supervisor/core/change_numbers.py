"""The numbers of changes to a programme's issued plans: one series, counted in the audit trail (D7)."""

from __future__ import annotations

from supervisor.models import AuditEntry, Programme

#: Acts that count as changes of an issued plan.
NUMBERED = (
    "group.join",
    "group.leave",
    "task.add",
    "task.cancel",
    "task.change",
    "task.reword",
    "task.units",
)


def next_number(programme_id: int) -> int:
    """The next change's number; the programme's row is held so that two changes do not get the same."""
    Programme.update(id=Programme.id).where(Programme.id == programme_id).execute()
    mine = (AuditEntry.programme_id == programme_id) & AuditEntry.action.in_(NUMBERED)
    return AuditEntry.select().where(mine).count() + 1
