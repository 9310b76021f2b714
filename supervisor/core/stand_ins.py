"""Stand-ins (代理): somebody acts for an absent liaison, head or reviewer, from a day to a day, on record.

A stand-in holds a post of their own of the same role and unit, which names the post it stands in for. Rights,
messages and what they may see follow from it as from any post; the trail says for whom they acted.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from supervisor.clock import beijing_date
from supervisor.core import audit, events, messages, people
from supervisor.core.days import day_words
from supervisor.core.permissions import Actor, Permission
from supervisor.database import transactional
from supervisor.errors import Invalid, NotAllowed, NotFound, Refused
from supervisor.models import Posting, Programme, Role, User
from supervisor.words import N_, Sentence

#: An absence longer than this is a change of person.
LONGEST = timedelta(days=183)
UNIT_ROLES = (Role.LIAISON, Role.UNIT_HEAD)
#: Whoever assesses is not whoever is assessed with the office's own work (D17).
APART = frozenset({Role.LEAD_OFFICE, Role.ASSESSOR})


def get_principal(posting_id: int, programme: Programme, actor: Actor) -> Posting:
    """The post for which this person may name a stand-in: their own, or any where they invite people."""
    post: Posting = people.get_post(posting_id, programme)
    if post.user_id != actor.user_id and not actor.may(Permission.PEOPLE_INVITE):
        raise NotFound
    if post.stands_in_for_id is not None:
        raise Refused(N_("A stand-in names no stand-in: %(name)s does.", name=post.stands_in_for.user.name))
    return post


def candidates(post: Posting, day: date) -> list[User]:
    """Who can stand in: for a unit's post others of the unit, for an office's post others of the offices."""
    held = list(
        Posting.select(Posting, User)
        .join(User)
        .where((Posting.programme == post.programme_id) & people.valid_on(day) & User.active)
        .order_by(User.id)
    )
    of: dict[int, list[Posting]] = {}
    for one in held:
        of.setdefault(one.user_id, []).append(one)
    return [posts[0].user for posts in of.values() if _can(post, posts)]


def _can(post: Posting, posts: Sequence[Posting]) -> bool:
    if any(one.role is post.role and one.unit_id == post.unit_id for one in posts):
        return False  # holds it already, or is the absent person
    if post.role in UNIT_ROLES:
        return any(one.unit_id == post.unit_id for one in posts)
    roles = {one.role for one in posts}
    return not (roles & {*UNIT_ROLES, Role.JUDGE}) and (post.role not in APART or not roles & APART)


def stand_ins_of(post: Posting, day: date) -> list[Posting]:
    """Those who stand in for this post on a day or later, soonest first."""
    return list(
        Posting.select(Posting, User)
        .join(User)
        .where((Posting.stands_in_for == post) & (Posting.valid_to.is_null() | (Posting.valid_to >= day)))
        .order_by(Posting.valid_from, Posting.id)
    )


@dataclass(frozen=True)
class Absence:
    """From which day to which somebody is absent, both included, and why."""

    first: date
    last: date
    reason: str


@transactional
def name_stand_in(
    post: Posting, user_id: int | None, absence: Absence, *, by: Actor, now: datetime
) -> Posting:
    """Let somebody of `candidates` act in a post for a while; they and the absent person are told.

    Raises:
        NotAllowed: it is neither the person's own post nor do they invite people.
        Invalid: nobody chosen, a span that is over, reversed or too long, or no reason.
    """
    if post.programme_id != by.programme_id or not (
        post.user_id == by.user_id or by.may(Permission.PEOPLE_INVITE)
    ):
        raise NotAllowed
    chosen = next((user for user in candidates(post, beijing_date(now)) if user.id == user_id), None)
    wrong = check_absence(absence, today=beijing_date(now))
    if chosen is None:
        wrong["user"] = N_("Choose somebody of the list; whoever is missing there is invited first.")
    elif not wrong and _overlaps(post, chosen, absence):
        wrong["first"] = N_("%(name)s already stands in on some of these days.", name=chosen.name)
    if wrong or chosen is None:
        raise Invalid(N_("No stand-in was named."), wrong)
    return hold(post, chosen, absence, by=by, now=now)


def check_absence(absence: Absence, *, today: date) -> dict[str, Sentence]:
    """What is wrong with the days and the reason, by field."""
    wrong: dict[str, Sentence] = {}
    if absence.last < absence.first:
        wrong["last"] = N_("The last day comes before the first.")
    elif absence.last < today:
        wrong["last"] = N_("These days are past.")
    elif absence.last - absence.first > LONGEST:
        wrong["last"] = N_("An absence of more than half a year is a change of person: replace them instead.")
    if not absence.reason.strip():
        wrong["reason"] = N_("Say why: it stays on record.")
    return wrong


def hold(post: Posting, chosen: User, absence: Absence, *, by: Actor, now: datetime) -> Posting:
    """Write the stand-in's post and tell both; for verbs that have checked who and when, in their transaction."""
    first, last, reason = absence.first, absence.last, absence.reason.strip()
    made = Posting.create(
        user=chosen, programme=post.programme_id, role=post.role, unit=post.unit_id,
        valid_from=first, valid_to=last, stands_in_for=post, reason=reason[:200],
    )  # fmt: skip
    after = {
        "user": chosen,
        "for": post.user_id,
        "role": post.role,
        "unit": post.unit_id,
        "from": first,
        "to": last,
    }
    audit.record(by, "posting.stand_in", made, now=now, after=after, reason=reason)
    messages.notify(
        event=events.STAND_IN_NAMED,
        key=f"stand-in:{made.id}",
        to=[chosen, post.user],
        fields={
            "name": chosen.name,
            "absent": post.user.name,
            "role": post.role.label,
            "first": day_words(first),
            "last": day_words(last),
            "reason": reason,
        },
        programme_id=by.programme_id,
        unit_id=post.unit_id,
        now=now,
    )
    return made


def _overlaps(post: Posting, chosen: User, absence: Absence) -> bool:
    return bool(
        Posting.select()
        .where(
            (Posting.stands_in_for == post)
            & (Posting.user == chosen)
            & (Posting.valid_from <= absence.last)
            & (Posting.valid_to >= absence.first)
        )
        .exists()
    )


@transactional
def end_stand_in(made: Posting, *, by: Actor, now: datetime) -> None:
    """The absent person is back: the stand-in's rights end at once; one that has not begun never begins.

    Raises NotAllowed for anybody but the absent person and those who invite people.
    """
    principal: Posting | None = made.stands_in_for
    if principal is None or made.programme_id != by.programme_id:
        raise NotFound
    if principal.user_id != by.user_id and not by.may(Permission.PEOPLE_INVITE):
        raise NotAllowed
    last = beijing_date(now) - timedelta(days=1)
    before, after = audit.changes(made, valid_to=last)
    made.valid_to = last
    made.save(only=["valid_to"])
    audit.record(by, "posting.end", made, now=now, before=before, after=after)
