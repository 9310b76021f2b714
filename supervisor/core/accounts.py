"""People, their posts and their links: who they are, what they may do where, from which day to which.

Rights come from dated posts (任职), so a person who moves on loses them by the calendar, while what they did
stays with the unit. Administrators of the installation exclude each other and hold no business posts (D15).
Nobody gives himself a post, and no password is ever set by somebody else: that is what one-time links are for.
"""

from __future__ import annotations

import re
from datetime import date, datetime
from typing import Any

from peewee import JOIN

from supervisor.clock import beijing_date
from supervisor.core import audit, mail_addresses
from supervisor.core.one_time_links import change_password, issue_link, link_of, redeem_link
from supervisor.core.permissions import SYSTEM, Actor, Permission, require_any
from supervisor.core.sessions import (
    end_all_sessions,
    end_session,
    move_sessions,
    normal_username,
    session_of,
    sign_in,
    start_session,
)
from supervisor.database import transactional
from supervisor.errors import Invalid, NotAllowed, Refused
from supervisor.models import (
    AdminRole,
    LinkPurpose,
    OneTimeLink,
    Posting,
    Programme,
    Role,
    Unit,
    User,
)
from supervisor.statements import statement
from supervisor.words import N_, Sentence

__all__ = [
    "actor_for",
    "appoint",
    "change_details",
    "change_password",
    "create_user",
    "disable_user",
    "enable_user",
    "end_all_sessions",
    "end_posting",
    "end_session",
    "first_administrator",
    "has_demo_accounts",
    "issue_link",
    "link_of",
    "move_sessions",
    "redeem_link",
    "session_of",
    "sign_in",
    "start_session",
]

#: Roles that are held for a unit.
UNIT_ROLES = frozenset({Role.LIAISON, Role.UNIT_HEAD})
USERNAME = re.compile(r"[\w.@+-]{2,80}")


@transactional
def create_user(
    username: str,
    name: str,
    *,
    by: Actor,
    now: datetime,
    post: str = "",
    email: str = "",
    phone: str = "",
    language: str | None = None,
    admin_role: AdminRole | None = None,
    is_demo: bool = False,
) -> User:
    """Add a person who cannot sign in yet; `issue_link` gives them the way in.

    Raises Invalid naming the fields, NotAllowed, or Refused for an administrator of everything outside demo.
    """
    require_any(by, Permission.ACCOUNT_ADMINISTER, *([] if admin_role else [Permission.PEOPLE_INVITE]))
    if admin_role is AdminRole.ALL and not is_demo:
        raise Refused(N_("One person may hold all three administrations in the demo only."))
    username = normal_username(username)
    wrong = {}
    if not USERNAME.fullmatch(username):
        wrong["username"] = N_("2 to 80 letters, digits or . @ + - _, without spaces.")
    elif User.select().where(User.username == username).exists():
        wrong["username"] = N_("This user name is taken.")
    if not name.strip():
        wrong["name"] = N_("A name is needed.")
    if of_mail := mail_addresses.wrong(email):
        wrong["email"] = of_mail
    if wrong:
        raise Invalid(N_("This account cannot be made."), wrong)
    user = User.create(
        username=username,
        name=name.strip(),
        post=post,
        email=email.strip(),
        phone=phone.strip(),
        language=language,
        admin_role=admin_role,
        is_demo=is_demo,
        created_at=now,
    )
    audit.record(by, "user.create", user, now=now, after=_details(user))
    return user


@transactional
def change_details(user: User, *, by: Actor, now: datetime, **new: str | None) -> User:
    """Change name, post, e-mail, phone or language; a person may change their own language alone.

    The account's name stays, also where it was the old address. Raises Invalid naming what is wrong.
    """
    unknown = set(new) - {"name", "post", "email", "phone", "language"}
    if unknown:
        raise TypeError(f"no such detail: {unknown}")
    if not (by.user_id == user.id and set(new) == {"language"}):
        require_any(by, Permission.ACCOUNT_ADMINISTER, Permission.PEOPLE_INVITE)
        if by.may(Permission.PEOPLE_INVITE) and user.admin_role:
            raise NotAllowed
    wrong: dict[str, Sentence] = {}
    if not (new.get("name", user.name) or "").strip():
        wrong["name"] = N_("A name is needed.")
    if of_mail := mail_addresses.wrong(new.get("email") or ""):
        wrong["email"] = of_mail
    if wrong:
        raise Invalid(N_("Nothing was changed."), wrong)
    before, after = audit.changes(user, **new)
    if after:
        for column, value in after.items():
            setattr(user, column, value)
        user.save(only=list(after))
        audit.record(by, "user.change", user, now=now, before=before, after=after)
    return user


@transactional
def disable_user(user: User, *, by: Actor, now: datetime, reason: str) -> None:
    """End a person's right to sign in, at once: open sessions and links end with it. Nothing is deleted."""
    require_any(by, Permission.ACCOUNT_ADMINISTER)
    if by.user_id == user.id:
        raise Refused(N_("Nobody disables himself: the installation would lose its administrator."))
    user.active = False
    user.save(only=["active"])
    OneTimeLink.update(expires_at=now).where(
        (OneTimeLink.user == user) & (OneTimeLink.expires_at > now)
    ).execute()
    end_all_sessions(user, by=by, now=now, reason="disabled")
    audit.record(
        by, "user.disable", user, now=now, before={"active": True}, after={"active": False}, reason=reason
    )


@transactional
def enable_user(user: User, *, by: Actor, now: datetime, reason: str) -> None:
    """Give a disabled person the right to sign in again."""
    require_any(by, Permission.ACCOUNT_ADMINISTER)
    user.active = True
    user.save(only=["active"])
    audit.record(
        by, "user.enable", user, now=now, before={"active": False}, after={"active": True}, reason=reason
    )


@transactional
def appoint(
    user: User,
    role: Role,
    *,
    by: Actor,
    now: datetime,
    programme: Programme | None = None,
    unit: Unit | None = None,
    valid_from: date | None = None,
    valid_to: date | None = None,
    rank: str = "",
    reason: str = "",
) -> Posting:
    """Give a person a role in a programme (None: the right to found programmes), from a day to a day inclusive.

    `rank` is a liaison officer's, checked by whoever invites (`invitations`).

    Raises Refused for an administrator, NotAllowed for oneself or a foreign programme, Invalid for a liaison
    or head without a unit or a span that ends before it begins.
    """
    _may_appoint(user, role, programme, by)
    begin = valid_from or beijing_date(now)
    if user.admin_role is not None:
        raise Refused(N_("An administrator of the installation holds no post in a programme."))
    if role in UNIT_ROLES and unit is None:
        raise Invalid(
            N_("This post cannot be given."), {"unit": N_("A liaison officer or head needs a unit.")}
        )
    if programme is None and role is not Role.LEAD_OFFICE:
        raise Invalid(N_("This post cannot be given."), {"programme": N_("This role needs a programme.")})
    if valid_to is not None and valid_to < begin:
        raise Invalid(N_("This post cannot be given."), {"valid_to": N_("It ends before it begins.")})
    posting = Posting.create(
        user=user, programme=programme, role=role, unit=unit, valid_from=begin, valid_to=valid_to, rank=rank
    )
    after = {"user": user, "role": role, "programme": programme, "unit": unit, "from": begin, "to": valid_to}
    if rank:
        after["rank"] = rank
    audit.record(by, "posting.create", posting, now=now, after=after, reason=reason)
    return posting


def _may_appoint(user: User, role: Role, programme: Programme | None, by: Actor) -> None:
    if by is SYSTEM:
        return
    if by.user_id == user.id:
        # The founder of a programme becomes its first lead office; every other post comes from somebody else.
        first = programme is not None and not Posting.select().where(Posting.programme == programme).exists()
        if not (by.may(Permission.PROGRAMME_CREATE) and role is Role.LEAD_OFFICE and first):
            raise NotAllowed(N_("Nobody gives himself a post."))
        return
    invites = programme is not None and by.programme_id == programme.id and by.may(Permission.PEOPLE_INVITE)
    if not (by.may(Permission.ACCOUNT_ADMINISTER) or invites):
        raise NotAllowed


@transactional
def end_posting(posting: Posting, last_day: date, *, by: Actor, now: datetime, reason: str = "") -> None:
    """Let a post end with `last_day`; from the next day on it gives no rights."""
    invites = by.programme_id == posting.programme_id and by.may(Permission.PEOPLE_INVITE)
    if not invites:
        require_any(by, Permission.ACCOUNT_ADMINISTER)
    before, after = audit.changes(posting, valid_to=last_day)
    if after:
        posting.valid_to = last_day
        posting.save(only=["valid_to"])
        audit.record(by, "posting.end", posting, now=now, before=before, after=after, reason=reason)


def actor_for(
    user: User, programme_id: int | None, *, now: datetime, ip: str = "", request_id: str = ""
) -> Actor:
    """Who `user` is in this programme today (or outside any), by the posts valid that day. One query."""
    today = beijing_date(now)
    held = _posts_held(user.id, today, programme_id)
    here = [posting for posting in held if posting.programme_id is not None]
    units = {p.unit.id: p.unit.name for p in here if p.unit is not None and p.role in UNIT_ROLES}
    absent = dict.fromkeys(p.stands_in_for.user.name for p in here if p.stands_in_for_id is not None)
    return Actor(
        user_id=user.id,
        # The trail says for whom a stand-in acted.
        name=f"{user.name}（代{'、'.join(absent)}）" if absent else user.name,
        programme_id=programme_id,
        roles=frozenset(posting.role for posting in here),
        unit_ids=frozenset(units),
        unit_name="、".join(units.values()),
        admin_role=user.admin_role,
        is_founder=any(p.programme_id is None and p.role is Role.LEAD_OFFICE for p in held),
        ip=ip,
        request_id=request_id,
    )


@statement
def _posts_held(user_id: Any, day: Any, programme_id: Any) -> Any:
    absent, person = Posting.alias(), User.alias()
    return (
        Posting.select(Posting, Unit, absent.id, absent.user, person.id, person.name)
        .join(Unit, JOIN.LEFT_OUTER)
        .switch(Posting)
        .join(absent, JOIN.LEFT_OUTER, on=(Posting.stands_in_for == absent.id), attr="stands_in_for")
        .join(person, JOIN.LEFT_OUTER, on=(absent.user == person.id), attr="user")
        .where(
            Posting.user == user_id,
            Posting.valid_from <= day,
            Posting.valid_to.is_null() | (Posting.valid_to >= day),
            (Posting.programme == programme_id) | Posting.programme.is_null(),
        )
        .order_by(Posting.id)
    )


@transactional
def first_administrator(*, now: datetime) -> tuple[User, str]:
    """The installation's first system administrator and their link; again the link, while it was not used (D18).

    Refused as soon as a system administrator can sign in.
    """
    system = list(User.select().where(User.admin_role.in_([AdminRole.SYSTEM, AdminRole.ALL]), User.active))
    if any(user.password_hash is not None for user in system):
        raise Refused(N_("There is a system administrator already. Name whose password is to be set anew."))
    user = system[0] if system else create_user(
        "admin", "系统管理员", by=SYSTEM, now=now, admin_role=AdminRole.SYSTEM
    )  # fmt: skip
    return user, issue_link(user, LinkPurpose.INVITE, by=SYSTEM, now=now)


def has_demo_accounts() -> bool:
    """Whether anybody is here whose password stands in the documentation."""
    return bool(User.select().where(User.is_demo, User.active).exists())


def _details(user: User) -> dict[str, object]:
    names = ("username", "name", "post", "email", "phone", "admin_role")
    return {name: getattr(user, name) for name in names if getattr(user, name)}
