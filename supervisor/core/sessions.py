"""Signing in and out. A session is a row that the server can end; the browser holds a random token.

Failures are counted in the database, so the throttle holds across processes: 5 in 15 minutes for one account
from one source, with wider budgets for an account from everywhere and for a source over all accounts (so that
nobody can lock a colleague out from his own desk). Unknown names, disabled people and wrong passwords get the
same answer after the same time.
"""

from __future__ import annotations

import secrets
from datetime import datetime, timedelta
from typing import Any

from supervisor.config import Config
from supervisor.core import audit, passwords
from supervisor.core.permissions import Actor
from supervisor.database import digest, transaction, transactional
from supervisor.errors import Invalid, TooMany
from supervisor.models import LoginAttempt, LoginSession, User
from supervisor.statements import statement
from supervisor.words import N_

WINDOW = timedelta(minutes=15)
#: Failures in WINDOW: of one account from one source, of one account, of one source.
PAIR_LIMIT, ACCOUNT_LIMIT, SOURCE_LIMIT = 5, 20, 30
SEEN_EVERY = timedelta(minutes=1)


def normal_username(username: str) -> str:
    """User names are compared without case and surrounding spaces."""
    return username.strip().lower()[:80]


def sign_in(username: str, password: str, *, ip: str, agent: str, now: datetime) -> str:
    """Check the password and open a session; answers its token, for the cookie.

    Raises TooMany with the seconds to wait, or Invalid with one sentence for everything else that is wrong.
    """
    name = normal_username(username)
    attempt = _count_attempt(name, ip, now)
    user = User.get_or_none(User.username == name)
    # Outside the transaction: 40 ms of hashing must not keep other writers waiting.
    right = passwords.matches(user.password_hash if user and user.active else None, password)
    by = Actor(user.id if user else None, user.name if user else "", ip=ip)
    if user is None or not right:
        with transaction():
            audit.record(by, "session.start", ("user", user.id if user else None), now=now, outcome="refused")
        raise Invalid(N_("User name or password is wrong."))
    renewed = passwords.hash_password(password) if passwords.is_outdated(str(user.password_hash)) else None
    with transaction():
        LoginAttempt.update(succeeded=True).where(LoginAttempt.id == attempt.id).execute()
        if renewed:
            User.update(password_hash=renewed).where(User.id == user.id).execute()
        return start_session(user, now=now, ip=ip, agent=agent)


def _count_attempt(name: str, ip: str, now: datetime) -> LoginAttempt:
    # Written before it is counted: of any number of attempts at once, no more than the limit get through.
    with transaction():
        attempt = LoginAttempt.create(username=name, ip=ip[:60], at=now, succeeded=False)
    wait = max(
        _seconds_to_wait(PAIR_LIMIT, now, username=name, ip=ip[:60]),
        _seconds_to_wait(ACCOUNT_LIMIT, now, username=name),
        _seconds_to_wait(SOURCE_LIMIT, now, ip=ip[:60]),
    )
    if wait:
        # A refused attempt does not count itself, else hammering would lock the account for good.
        attempt.delete_instance()
        minutes = -(-wait // 60)
        raise TooMany(N_("Too many attempts. Try again in %(minutes)s minutes.", minutes=minutes), wait)
    return attempt


def _seconds_to_wait(limit: int, now: datetime, **of: str) -> int:
    """Seconds until one more attempt is free; 0 = it is. The present attempt is already among the rows."""
    mine = [getattr(LoginAttempt, column) == value for column, value in of.items()]
    since = now - WINDOW
    if "username" in of:  # a success wipes the account's earlier failures
        last = LoginAttempt.select(LoginAttempt.at).where(
            *mine, LoginAttempt.succeeded, LoginAttempt.at > since
        )
        since = max([since, *(row.at for row in last)])
    failures = LoginAttempt.select(LoginAttempt.at).where(
        *mine, ~LoginAttempt.succeeded, LoginAttempt.at > since
    )
    times = sorted(row.at for row in failures)
    if len(times) <= limit:
        return 0
    return max(1, int((times[-limit - 1] + WINDOW - now).total_seconds()))


@transactional
def start_session(user: User, *, now: datetime, ip: str = "", agent: str = "") -> str:
    """Open a session for somebody who has proved who they are; answers its token. Only the hash is kept."""
    token = secrets.token_urlsafe(32)
    session = LoginSession.create(
        token_hash=digest(token), user=user, created_at=now, last_seen_at=now, ip=ip[:60], agent=agent[:200]
    )
    audit.record(Actor(user.id, user.name, ip=ip), "session.start", session, now=now)
    return token


def session_of(token: str, *, now: datetime, config: Config) -> tuple[LoginSession, User] | None:
    """The session and person behind a token, or None: unknown, ended, idle or old beyond the limits.

    One query; the time last seen is written at most once a minute.
    """
    found = _open_sessions(digest(token))
    if not found or not found[0].user.active:
        return None
    session: LoginSession = found[0]
    if now - session.last_seen_at > timedelta(minutes=config.idle_minutes):
        _end([session], now, "idle")
        return None
    if now - session.created_at > timedelta(hours=config.absolute_hours):
        _end([session], now, "absolute")
        return None
    if now - session.last_seen_at >= SEEN_EVERY:
        with transaction():
            LoginSession.update(last_seen_at=now).where(LoginSession.id == session.id).execute()
    return session, session.user


@statement
def _open_sessions(token_hash: Any) -> Any:
    query = LoginSession.select(LoginSession, User).join(User)
    return query.where(LoginSession.token_hash == token_hash, LoginSession.ended_at.is_null())


@transactional
def end_session(session: LoginSession, *, by: Actor, now: datetime, reason: str = "sign-out") -> None:
    """End one session; its token is worth nothing from here on."""
    if _end([session], now, reason):
        audit.record(by, "session.end", session, now=now, reason=reason)


@transactional
def end_all_sessions(
    user: User, *, by: Actor, now: datetime, reason: str = "sign-out", keep: int | None = None
) -> int:
    """End every session of a person but the one with id `keep`; answers how many."""
    mine = LoginSession.select().where(LoginSession.user == user, LoginSession.ended_at.is_null())
    ended = _end([row for row in mine if row.id != keep], now, reason)
    if ended:
        audit.record(by, "session.end_all", user, now=now, after={"sessions": ended}, reason=reason)
    return ended


@transactional
def move_sessions(step: timedelta) -> None:
    """Move open sessions along with a trial clock, else setting it forward would sign everybody out."""
    for session in list(LoginSession.select().where(LoginSession.ended_at.is_null())):
        LoginSession.update(
            created_at=session.created_at + step, last_seen_at=session.last_seen_at + step
        ).where(LoginSession.id == session.id).execute()


@transactional
def _end(sessions: list[LoginSession], now: datetime, reason: str) -> int:
    open_ones = LoginSession.id.in_([row.id for row in sessions]) & LoginSession.ended_at.is_null()
    return int(LoginSession.update(ended_at=now, end_reason=reason).where(open_ones).execute())
