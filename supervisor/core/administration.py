"""What the three administrators read: accounts, sign-ins, the audit trail. Pages by key, never by counting."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Generic, TypeVar

from peewee import JOIN

from supervisor.clock import BEIJING
from supervisor.core.permissions import Actor, Permission
from supervisor.errors import NotFound
from supervisor.models import (
    AuditEntry,
    LoginAttempt,
    LoginSession,
    Posting,
    Programme,
    Unit,
    User,
)
from supervisor.models.base import rows_of

#: Rows on one page.
PAGE = 50
Row = TypeVar("Row")


@dataclass(frozen=True)
class Page(Generic[Row]):
    """Rows, and the key after which the next page begins (None = this is the last)."""

    rows: Sequence[Row]
    following: int | None


@dataclass(frozen=True)
class Account:
    """A person with the posts held or still to come."""

    user: User
    posts: tuple[Posting, ...]


def accounts_page(by: Actor, *, q: str = "", after: int = 0) -> Page[Account]:
    """Accounts by their number, found by name, user name or e-mail; three queries."""
    by.require(Permission.ACCOUNT_ADMINISTER)
    query = User.select().where(User.id > after)
    if q.strip():
        part = q.strip()
        query = query.where(
            User.name.contains(part) | User.username.contains(part) | User.email.contains(part)
        )
    users = list(query.order_by(User.id).limit(PAGE + 1))
    posts = _posts_of([user.id for user in users])
    rows = [Account(user, tuple(posts.get(user.id, ()))) for user in users[:PAGE]]
    return Page(rows, rows[-1].user.id if len(users) > PAGE else None)


def account(by: Actor, user_id: int) -> Account:
    """One account with its posts, or NotFound."""
    by.require(Permission.ACCOUNT_ADMINISTER)
    user = User.get_or_none(User.id == user_id)
    if user is None:
        raise NotFound
    return Account(user, tuple(_posts_of([user_id]).get(user_id, ())))


def _posts_of(user_ids: Sequence[int]) -> dict[int, list[Posting]]:
    found: dict[int, list[Posting]] = {}
    query = (
        Posting.select(Posting, Programme, Unit)
        .join(Programme, JOIN.LEFT_OUTER)
        .switch(Posting)
        .join(Unit, JOIN.LEFT_OUTER)
        .where(Posting.user.in_(user_ids))
        .order_by(Posting.id)
    )
    for post in query:
        found.setdefault(post.user_id, []).append(post)
    return found


def programmes_and_units(by: Actor) -> tuple[list[Programme], list[Unit]]:
    """What a post can be given for: every programme, every unit of the registers."""
    by.require(Permission.ACCOUNT_ADMINISTER)
    return list(Programme.select().order_by(Programme.id.desc())), list(
        Unit.select().order_by(Unit.sort, Unit.id)
    )


def sessions_page(by: Actor, *, before: int = 0) -> Page[LoginSession]:
    """Open sign-ins with their people, newest first."""
    by.require(Permission.SECURITY_ADMINISTER)
    query = LoginSession.select(LoginSession, User).join(User).where(LoginSession.ended_at.is_null())
    if before:
        query = query.where(LoginSession.id < before)
    rows = list(query.order_by(LoginSession.id.desc()).limit(PAGE + 1))
    return Page(rows[:PAGE], rows[PAGE - 1].id if len(rows) > PAGE else None)


def failed_attempts(by: Actor, *, now: datetime) -> list[LoginAttempt]:
    """Failed attempts of the last day, newest first, at most one page."""
    by.require(Permission.SECURITY_ADMINISTER)
    recent = (LoginAttempt.at > now - timedelta(days=1)) & ~LoginAttempt.succeeded
    return list(LoginAttempt.select().where(recent).order_by(LoginAttempt.at.desc()).limit(PAGE))


def open_session(by: Actor, session_id: int) -> LoginSession:
    """An open sign-in, or NotFound."""
    by.require(Permission.SECURITY_ADMINISTER)
    row = LoginSession.get_or_none((LoginSession.id == session_id) & LoginSession.ended_at.is_null())
    if row is None:
        raise NotFound
    return row


def audit_page(
    by: Actor, *, action: str = "", person: str = "", day: date | None = None, before: int = 0
) -> Page[AuditEntry]:
    """Rows of the audit trail, newest first: by act (or its noun), by person, by a day in Beijing."""
    by.require(Permission.AUDIT_READ)
    query = AuditEntry.select()
    if action:
        query = query.where((AuditEntry.action == action) | AuditEntry.action.startswith(f"{action}."))
    if person:
        query = query.where(AuditEntry.actor_name == person)
    if day is not None:
        start = datetime.combine(day, time(0), tzinfo=BEIJING)
        query = query.where((AuditEntry.at >= start) & (AuditEntry.at < start + timedelta(days=1)))
    if before:
        query = query.where(AuditEntry.seq < before)
    rows = list(query.order_by(AuditEntry.seq.desc()).limit(PAGE + 1))
    return Page(rows[:PAGE], rows[PAGE - 1].seq if len(rows) > PAGE else None)


def audit_actions(by: Actor) -> list[str]:
    """Every act that stands in the trail, for the filter."""
    by.require(Permission.AUDIT_READ)
    return sorted(row[0] for row in rows_of(AuditEntry.select(AuditEntry.action).distinct()))
