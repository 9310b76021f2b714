"""Whether somebody may still be told: a message waits, and meanwhile people leave."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date

from supervisor.models import Posting, Role, User
from supervisor.models.base import rows_of
from supervisor.words import N_, Sentence

#: Posts in which a unit's reports are one's own.
_OF_UNITS = (Role.LIAISON, Role.UNIT_HEAD)


def why_gone(person: User, programme_id: int | None, day: date) -> Sentence | None:
    """Why a message of a programme must not go to this person any more; None = it may.

    Somebody invited for a later day is not gone.
    """
    if not person.active:
        return N_("Its receiver's account was closed before it was sent.")
    if programme_id is None:
        return None
    held = (Posting.user == person) & (Posting.valid_to.is_null() | (Posting.valid_to >= day))
    if Posting.select().where(held & (Posting.programme == programme_id)).exists():
        return None
    return N_("Its receiver had left the post before it was sent.")


def units_of(person: User, programme_ids: Iterable[int], day: date) -> set[tuple[int, int]]:
    """(programme, unit) pairs for whose reports this person answers on a day."""
    mine = (
        (Posting.user == person)
        & Posting.programme.in_(sorted(set(programme_ids)))
        & Posting.role.in_(_OF_UNITS)
        & (Posting.valid_from <= day)
        & (Posting.valid_to.is_null() | (Posting.valid_to >= day))
    )
    return set(rows_of(Posting.select(Posting.programme, Posting.unit).where(mine)))
