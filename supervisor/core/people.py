"""Who holds which post: liaisons, heads, office and leaders of a programme; and what a person sees of themself."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

from peewee import JOIN, Expression, ModelSelect

from supervisor.clock import beijing_date
from supervisor.errors import NotFound
from supervisor.models import (
    Assignment,
    AssignmentState,
    LoginSession,
    Posting,
    Programme,
    Role,
    Unit,
    User,
)
from supervisor.models.base import rows_of
from supervisor.statements import among, statement
from supervisor.words import Sentence

#: Password of every demo account; printed on the sign-in page, refused in production (reliability goal 24).
DEMO_PASSWORD = "Dukao-2021"  # noqa: S105 -- public on purpose


@dataclass(frozen=True)
class DemoAccount:
    """A line of the sign-in page in demo mode."""

    username: str
    name: str
    role: Sentence
    unit_name: str = ""


def demo_accounts() -> tuple[DemoAccount, ...]:
    """One account a role (and of liaisons the first three), in the order of the roles; administrators last."""
    query = (
        Posting.select(Posting, User, Unit)
        .join(User)
        .switch(Posting)
        .join(Unit, JOIN.LEFT_OUTER)
        .where(User.is_demo & User.active)
        .order_by(User.id, Posting.id)
    )
    order = list(Role)
    by_role: dict[Role, list[DemoAccount]] = {}
    seen: set[int] = set()
    for post in query:
        if post.user_id in seen:
            continue
        seen.add(post.user_id)
        shown = by_role.setdefault(post.role, [])
        if len(shown) < (3 if post.role is Role.LIAISON else 1):
            unit_name = post.unit.name if post.unit else ""
            shown.append(DemoAccount(post.user.username, post.user.name, post.role.label, unit_name))
    found = [account for role in order for account in by_role.get(role, [])]
    people = User.select().where(User.is_demo & User.active & ~User.admin_role.is_null())
    found += [DemoAccount(p.username, p.name, p.admin_role.label) for p in people if p.admin_role]
    return tuple(found)


def posts_of(person: User, *, now: datetime) -> list[Posting]:
    """The posts a person holds today or will hold, newest programme first."""
    return list(
        Posting.select(Posting, Programme, Unit)
        .join(Programme, JOIN.LEFT_OUTER)
        .switch(Posting)
        .join(Unit, JOIN.LEFT_OUTER)
        .where(
            (Posting.user == person) & (Posting.valid_to.is_null() | (Posting.valid_to >= beijing_date(now)))
        )
        .order_by(
            Posting.programme.is_null(), Posting.programme.desc(), Posting.id
        )  # NULL sorts unlike on the two
    )


def open_sessions(person: User) -> list[LoginSession]:
    """Sign-ins of a person that have not ended, last seen first."""
    return list(
        LoginSession.select()
        .where((LoginSession.user == person) & LoginSession.ended_at.is_null())
        .order_by(LoginSession.last_seen_at.desc())
        .limit(50)
    )


def valid_on(day: date) -> Expression:
    """Posts held on this day, as a condition."""
    held: Expression = (Posting.valid_from <= day) & (Posting.valid_to.is_null() | (Posting.valid_to >= day))
    return held


def units_of_posts(user_id: int | None, programme_id: int, day: date) -> set[int]:
    """Ids of the units in which a person holds any post of a programme on a day: their own units (D17)."""
    posts = Posting.select(Posting.unit).where(
        (Posting.user == user_id)
        & (Posting.programme == programme_id)
        & ~Posting.unit.is_null()
        & valid_on(day)
    )
    return {unit_id for (unit_id,) in rows_of(posts)}


def liaisons_of(unit_ids: Iterable[int], programme_id: int, day: date) -> dict[int, list[User]]:
    """Liaison officers by unit on a day; a unit without one has no key."""
    return _of_units(Role.LIAISON, unit_ids, programme_id, day)


def heads_of(unit_ids: Iterable[int], programme_id: int, day: date) -> dict[int, list[User]]:
    """Unit heads by unit on a day; a unit without one has no key."""
    return _of_units(Role.UNIT_HEAD, unit_ids, programme_id, day)


def liaisons_and_heads(unit_ids: Iterable[int], programme_id: int, day: date) -> list[User]:
    """Everybody who is told what goes out to these units: their liaison officers, then their heads."""
    units = list(unit_ids)
    found = (liaisons_of(units, programme_id, day), heads_of(units, programme_id, day))
    return [person for by_unit in found for persons in by_unit.values() for person in persons]


def office_of(programme_id: int, day: date) -> list[User]:
    """The people of the lead office on a day."""
    return _of_role(Role.LEAD_OFFICE, programme_id, day)


def assessors_of(programme_id: int, day: date) -> list[User]:
    """People of the assessment office on a day."""
    return _of_role(Role.ASSESSOR, programme_id, day)


def leaders_of(programme_id: int, day: date) -> list[User]:
    """The leaders on a day."""
    return _of_role(Role.LEADER, programme_id, day)


def linked_units(programme_id: int) -> ModelSelect[Assignment]:
    """Ids of the units that answer for something: linked by a live assignment, draft plans aside."""
    live = Assignment.state != AssignmentState.CANCELLED
    return Assignment.select(Assignment.unit).where((Assignment.programme == programme_id) & live)


def gaps(programme_id: int, day: date) -> list[Unit]:
    """Units with issued tasks and without a liaison officer on a day, in roster order."""
    has_one = Posting.select(Posting.unit).where(
        (Posting.programme == programme_id) & (Posting.role == Role.LIAISON) & valid_on(day)
    )
    return list(
        Unit.select()
        .where(Unit.id.in_(linked_units(programme_id)) & Unit.id.not_in(has_one))
        .order_by(Unit.sort, Unit.id)
    )


@dataclass
class UnitPeople:
    """The posts of one unit: who holds them now, and who held them before."""

    unit: Unit
    liaisons: list[Posting] = field(default_factory=list)
    heads: list[Posting] = field(default_factory=list)
    former: list[Posting] = field(default_factory=list)

    @property
    def is_gap(self) -> bool:
        """Whether the unit has no liaison officer."""
        return not self.liaisons


def people_by_unit(units: Sequence[Unit], programme_id: int, day: date) -> list[UnitPeople]:
    """Liaisons and heads of these units in their order, units without a liaison first; one query."""
    found = {unit.id: UnitPeople(unit) for unit in units}
    query = (
        Posting.select(Posting, User)
        .join(User)
        .where(
            (Posting.programme == programme_id)
            & Posting.role.in_([Role.LIAISON, Role.UNIT_HEAD])
            & Posting.unit.in_([unit.id for unit in units])
        )
        .order_by(Posting.valid_from, Posting.id)
    )
    for post in query:
        place = found[int(post.unit_id or 0)]
        if post.valid_to is not None and post.valid_to < day:
            place.former.append(post)
        else:
            (place.liaisons if post.role is Role.LIAISON else place.heads).append(post)
    return sorted(found.values(), key=lambda row: not row.is_gap)


def everybody(programme_id: int, day: date) -> list[Posting]:
    """All posts of the programme held on a day with their people and units, offices first, units in their order."""
    query = (
        Posting.select(Posting, User, Unit)
        .join(User)
        .switch(Posting)
        .join(Unit, JOIN.LEFT_OUTER)
        .where((Posting.programme == programme_id) & valid_on(day) & User.active)
    )
    order = list(Role)
    return sorted(
        query, key=lambda p: (p.unit is not None, p.unit.sort if p.unit else 0, order.index(p.role), p.id)
    )


def holder(user_id: int, programme_id: int, day: date) -> User:
    """A person who holds a post of the programme on a day; else NotFound."""
    mine = Posting.select(Posting.user).where((Posting.programme == programme_id) & valid_on(day))
    found: User | None = User.get_or_none((User.id == user_id) & User.id.in_(mine) & User.active)
    if found is None:
        raise NotFound
    return found


def get_post(posting_id: int, programme: Programme) -> Posting:
    """A post in the programme, or NotFound."""
    post = Posting.get_or_none((Posting.id == posting_id) & (Posting.programme == programme))
    if post is None:
        raise NotFound
    return post


def office_posts(programme_id: int, day: date) -> list[Posting]:
    """Posts that belong to no unit (office, assessor, leader …) held on a day, in the order of the roles."""
    order = list(Role)
    query = (
        Posting.select(Posting, User)
        .join(User)
        .where((Posting.programme == programme_id) & Posting.unit.is_null() & valid_on(day))
    )
    return sorted(query, key=lambda post: (order.index(post.role), post.id))


def _of_units(role: Role, unit_ids: Iterable[int], programme_id: int, day: date) -> dict[int, list[User]]:
    found: dict[int, list[User]] = {}
    for post in _posts_at(role, sorted(set(unit_ids)), programme_id, day):
        found.setdefault(int(post.unit_id or 0), []).append(post.user)
    return found


@statement
def _posts_at(role: Any, unit_ids: Any, programme_id: Any, day: Any) -> Any:
    return (
        Posting.select(Posting.unit, Posting.user, User)
        .join(User)
        .where(
            (Posting.programme == programme_id)
            & (Posting.role == role)
            & among(Posting.unit, unit_ids)
            & valid_on(day)
            & User.active
        )
        .order_by(Posting.valid_from, Posting.id)
    )


def _of_role(role: Role, programme_id: int, day: date) -> list[User]:
    mine = Posting.select(Posting.user).where(
        (Posting.programme == programme_id) & (Posting.role == role) & valid_on(day)
    )
    return list(User.select().where(User.id.in_(mine) & User.active).order_by(User.id))
