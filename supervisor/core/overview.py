"""What waits for whom: the counts in the navigation, and the figures of each role's home page."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime

from supervisor.clock import beijing_date
from supervisor.core.permissions import Actor, Permission
from supervisor.models import (
    Application,
    ApplicationState,
    Channel,
    Decision,
    Message,
    Obligation,
    ObligationState,
    Posting,
    Programme,
)

#: A count in the navigation stops here: "99+" says the same and costs no more.
MANY = 100


@dataclass(frozen=True)
class Frame:
    """What every page's frame shows: my programmes and how much of each noun waits for me."""

    programmes: tuple[Programme, ...]
    waiting: dict[str, int] = field(default_factory=dict)


def frame(actor: Actor, *, now: datetime) -> Frame:
    """The frame of a signed-in person's page: at most five queries, each on an index and bounded."""
    waiting = {"messages": _unread(actor)}
    if actor.may(Permission.REVIEW_DECIDE):
        waiting["reviews"] = _bounded(
            Obligation.select(Obligation.id).where(
                (Obligation.programme == actor.programme_id) & (Obligation.state == ObligationState.SUBMITTED)
            )
        ) + _bounded(
            Application.select(Application.id).where(
                (Application.programme == actor.programme_id) & (Application.state == ApplicationState.OPEN)
            )
        )
    if actor.unit_ids:
        waiting["reports"] = _bounded(
            Obligation.select(Obligation.id).where(
                Obligation.unit.in_(sorted(actor.unit_ids))
                & (Obligation.programme == actor.programme_id)
                & Obligation.state.in_(
                    [ObligationState.OPEN, ObligationState.RETURNED, ObligationState.WITH_HEAD]
                )
                & (Obligation.opens_at <= now)
            )
        )
    if actor.may(Permission.DECISION_TAKE):
        waiting["decisions"] = _bounded(
            Decision.select(Decision.id).where(
                (Decision.programme == actor.programme_id) & Decision.approved.is_null()
            )
        )
    return Frame(programmes_of(actor, now=now), waiting)


def programmes_of(actor: Actor, *, now: datetime) -> tuple[Programme, ...]:
    """Programmes in which the person holds a post today, newest first."""
    day = beijing_date(now)
    mine = Posting.select(Posting.programme).where(
        (Posting.user == actor.user_id)
        & (Posting.valid_from <= day)
        & (Posting.valid_to.is_null() | (Posting.valid_to >= day))
    )
    return tuple(Programme.select().where(Programme.id.in_(mine)).order_by(Programme.id.desc()))


def _unread(actor: Actor) -> int:
    return _bounded(
        Message.select(Message.id).where(
            (Message.recipient == actor.user_id)
            & (Message.channel == Channel.INBOX)
            & Message.read_at.is_null()
        )
    )


def _bounded(query: object) -> int:
    return len(list(query.limit(MANY).tuples()))  # type: ignore[attr-defined]  # any Peewee select
