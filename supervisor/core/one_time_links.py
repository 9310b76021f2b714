"""One-time links and passwords: a person sets their own, nobody that of another (D18)."""

from __future__ import annotations

import secrets
from datetime import datetime, timedelta

from supervisor.core import audit, passwords
from supervisor.core.permissions import SYSTEM, Actor, Permission, require_any
from supervisor.core.sessions import end_all_sessions
from supervisor.database import digest, transactional
from supervisor.errors import Invalid, NotAllowed, NotFound, Refused
from supervisor.models import LinkPurpose, OneTimeLink, User
from supervisor.words import N_

#: How long a one-time link is good for.
LINK_LIFE = {LinkPurpose.INVITE: timedelta(days=14), LinkPurpose.RESET: timedelta(hours=24)}


@transactional
def issue_link(user: User, purpose: LinkPurpose, *, by: Actor, now: datetime) -> str:
    """A one-time link's token, to be given to the person by hand or mail; earlier links stop working.

    The lead office invites people who have never signed in. Forgotten passwords are for the administrator,
    and an administrator's own for whoever runs the machine (`run.py admin`, D18).
    """
    require_any(
        by, Permission.ACCOUNT_ADMINISTER, *([Permission.PEOPLE_INVITE] if user.password_hash is None else [])
    )
    if by is not SYSTEM and user.admin_role and user.password_hash is not None:
        raise NotAllowed(N_("An administrator's link is printed by `run.py admin` on the machine itself."))
    if not user.active:
        raise Refused(N_("This account is disabled."))
    open_links = (OneTimeLink.user == user) & OneTimeLink.used_at.is_null() & (OneTimeLink.expires_at > now)
    OneTimeLink.update(expires_at=now).where(open_links).execute()
    token = secrets.token_urlsafe(32)
    link = OneTimeLink.create(
        token_hash=digest(token),
        user=user,
        purpose=purpose,
        created_at=now,
        expires_at=now + LINK_LIFE[purpose],
        created_by=by.user_id,
    )
    audit.record(by, "link.issue", user, now=now, after={"link": link.id, "purpose": purpose})
    return token


def link_of(token: str, *, now: datetime) -> OneTimeLink:
    """The link behind a token, with its user. NotFound where it is unknown, used or too old."""
    query = OneTimeLink.select(OneTimeLink, User).join(User).where(OneTimeLink.token_hash == digest(token))
    link: OneTimeLink | None = query.first()
    if link is None or link.used_at is not None or link.expires_at <= now or not link.user.active:
        raise NotFound(N_("This link has been used or is too old. Ask for a new one."))
    return link


def redeem_link(token: str, password: str, *, now: datetime, ip: str = "") -> User:
    """Set the person's password by their link; ends their open sessions. The link works this once.

    Raises NotFound for a dead link and Invalid for a password against the policy (the link stays good).
    """
    user = link_of(token, now=now).user
    passwords.check_policy(password, user.username)
    return _redeem(token, passwords.hash_password(password), now=now, ip=ip)


@transactional
def _redeem(token: str, password_hash: str, *, now: datetime, ip: str) -> User:
    link = link_of(token, now=now)
    mine = (OneTimeLink.id == link.id) & OneTimeLink.used_at.is_null()
    if not OneTimeLink.update(used_at=now).where(mine).execute():  # two tabs at once: one of them wins
        raise NotFound(N_("This link has been used or is too old. Ask for a new one."))
    user = link.user
    by = Actor(user.id, user.name, admin_role=user.admin_role, ip=ip)
    _set_password(user, password_hash, now)
    end_all_sessions(user, by=by, now=now, reason="password")
    audit.record(by, "password.set", user, now=now, after={"link": link.id, "purpose": link.purpose})
    return user


def change_password(
    user: User, current: str, new: str, *, by: Actor, now: datetime, keep: int | None = None
) -> None:
    """Change one's own password; ends all sessions but `keep` (its id). Invalid names the field that is wrong."""
    if by.user_id != user.id:
        raise NotAllowed
    if not passwords.matches(user.password_hash, current):
        raise Invalid(
            N_("This password cannot be used."),
            {"current_password": N_("This is not your present password.")},
        )
    passwords.check_policy(new, user.username)
    _change_password(user, passwords.hash_password(new), by, now, keep)


@transactional
def _change_password(user: User, password_hash: str, by: Actor, now: datetime, keep: int | None) -> None:
    _set_password(user, password_hash, now)
    end_all_sessions(user, by=by, now=now, reason="password", keep=keep)
    audit.record(by, "password.change", user, now=now)


def _set_password(user: User, password_hash: str, now: datetime) -> None:
    user.password_hash, user.password_changed_at = password_hash, now
    user.save(only=["password_hash", "password_changed_at"])
