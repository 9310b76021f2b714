"""What units ask of the office and still wait for: completion, another assignment, a later day. Reads only."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from supervisor.core.obliged import asks_progress
from supervisor.core.permissions import Actor
from supervisor.models import (
    Application,
    ApplicationState,
    Assignment,
    Attachment,
    Extension,
    Objection,
    Obligation,
    ObligationState,
    ReportingRule,
    Task,
    Unit,
    User,
)
from supervisor.models.base import rows_of

#: Requests of one kind a page; when these are decided the next ones show.
PAGE = 100
#: A count on a tab stops here.
MANY = 100


@dataclass(frozen=True)
class Requests:
    """Open requests of one kind, each with its attachments where it has any."""

    rows: tuple[Application | Objection | Extension, ...]
    attachments: dict[int, list[Attachment]] = field(default_factory=dict)
    names: dict[int, str] = field(default_factory=dict)


def applications(actor: Actor) -> Requests:
    """Applications for completion that wait for a decision, oldest first."""
    rows = list(
        Application.select(Application, Assignment, Task, Unit)
        .join(Assignment)
        .join(Task)
        .switch(Assignment)
        .join(Unit)
        .where((Application.programme == actor.programme_id) & (Application.state == ApplicationState.OPEN))
        .order_by(Application.applied_at, Application.id)
        .limit(PAGE)
    )
    files: dict[int, list[Attachment]] = defaultdict(list)
    for row in Attachment.select().where(Attachment.application.in_([row.id for row in rows])):
        files[row.application_id or 0].append(row)
    return Requests(tuple(rows), dict(files), _names(row.applied_by for row in rows))


def objections(actor: Actor) -> Requests:
    """Objections to assignments that wait for a decision, oldest first."""
    rows = list(
        Objection.select(Objection, Assignment, Task, Unit)
        .join(Assignment)
        .join(Task)
        .switch(Assignment)
        .join(Unit)
        .where((Assignment.programme == actor.programme_id) & Objection.upheld.is_null())
        .order_by(Objection.raised_at, Objection.id)
        .limit(PAGE)
    )
    return Requests(tuple(rows), names=_names(row.raised_by for row in rows))


def extensions(actor: Actor) -> Requests:
    """Requests for a later due day that wait for a decision, oldest first."""
    rows = list(
        Extension.select(Extension, Obligation, Unit, ReportingRule)
        .join(Obligation)
        .join(Unit)
        .switch(Obligation)
        .join(ReportingRule)
        .where((Obligation.programme == actor.programme_id) & Extension.granted.is_null())
        .order_by(Extension.asked_at, Extension.id)
        .limit(PAGE)
    )
    return Requests(tuple(rows), names=_names(row.asked_by for row in rows))


def counts(actor: Actor) -> dict[str, int]:
    """How much waits on each tab, counted to MANY."""
    mine = actor.programme_id
    queries: dict[str, Any] = {
        "reports": Obligation.select(Obligation.id).where(
            (Obligation.programme == mine) & (Obligation.state == ObligationState.SUBMITTED) & asks_progress()
        ),
        "applications": Application.select(Application.id).where(
            (Application.programme == mine) & (Application.state == ApplicationState.OPEN)
        ),
        "objections": Objection.select(Objection.id)
        .join(Assignment)
        .where((Assignment.programme == mine) & Objection.upheld.is_null()),
        "extensions": Extension.select(Extension.id)
        .join(Obligation)
        .where((Obligation.programme == mine) & Extension.granted.is_null()),
    }
    return {name: len(rows_of(query.limit(MANY))) for name, query in queries.items()}


def _names(ids: Iterable[int]) -> dict[int, str]:
    wanted = sorted(set(ids))
    return {row.id: row.name for row in User.select(User.id, User.name).where(User.id.in_(wanted))}
