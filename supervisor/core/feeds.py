"""A person's calendar behind a secret address: what they may see falls due, for telephone and mail program.

The address is shown once, kept as a hash, renewed or revoked at will, and answers like an unknown one when the
person is disabled. What it holds is asked anew each time with the person's rights of that day.
"""

from __future__ import annotations

import secrets
from collections.abc import Iterator
from datetime import datetime, timedelta

from supervisor.clock import beijing_date
from supervisor.core import accounts, audit, calendar_events, icalendar, overview
from supervisor.core.calendar_events import Event, EventKind
from supervisor.core.icalendar import AllDay
from supervisor.core.messages import locale_of
from supervisor.core.periods import Period
from supervisor.core.permissions import Actor, Permission
from supervisor.core.sessions import SOURCE_LIMIT, WINDOW
from supervisor.database import digest, transaction, transactional
from supervisor.errors import NotFound, TooMany
from supervisor.models import CalendarFeed, LoginAttempt, Programme, User
from supervisor.words import N_, Sentence, say

#: Days back and ahead that a feed holds.
BACK, AHEAD = timedelta(days=31), timedelta(days=366)
#: What a telephone is to show: days by which something must be done.
SHOWN = (EventKind.DUE, EventKind.RETURNED, EventKind.TASK, EventKind.MILESTONE)
#: The source of a wrong address is counted apart from sign-ins: an old address must not lock an office out.
SOURCE = "calendar "


def feed_of(user: User) -> CalendarFeed | None:
    """The person's address in use, or None."""
    mine = (CalendarFeed.user == user) & CalendarFeed.revoked_at.is_null()
    found: CalendarFeed | None = CalendarFeed.select().where(mine).order_by(CalendarFeed.id.desc()).first()
    return found


@transactional
def renew(user: User, *, by: Actor, now: datetime) -> str:
    """A new secret address; the one before stops at once. Answers the token, which is kept only as its hash."""
    _own(user, by)
    _revoke(user, now)
    token = secrets.token_urlsafe(32)
    feed = CalendarFeed.create(user=user, token_hash=digest(token), created_at=now)
    audit.record(by, "feed.make", feed, now=now)
    return token


@transactional
def revoke(user: User, *, by: Actor, now: datetime) -> None:
    """The address stops at once; NotFound where there is none."""
    _own(user, by)
    feed = feed_of(user)
    if feed is None:
        raise NotFound
    _revoke(user, now)
    audit.record(by, "feed.revoke", feed, now=now)


def read(token: str, *, ip: str, now: datetime, public_url: str) -> bytes:
    """The calendar behind an address; NotFound for unknown, revoked and disabled alike, TooMany for guessing."""
    query = CalendarFeed.select(CalendarFeed, User).join(User)
    feed = query.where((CalendarFeed.token_hash == digest(token)) & CalendarFeed.revoked_at.is_null()).first()
    if feed is None or not feed.user.active:
        _count_wrong(ip, now)
        raise NotFound
    if feed.last_read_at is None or now - feed.last_read_at > timedelta(hours=1):
        with transaction():
            CalendarFeed.update(last_read_at=now).where(CalendarFeed.id == feed.id).execute()
    locale = locale_of(feed.user)
    days = [
        event for each in _programmes(feed.user, ip, now) for event in _days(*each, locale, public_url, now)
    ]
    return icalendar.write(say(N_("Dukao: deadlines"), locale), days, now=now)


def _own(user: User, by: Actor) -> None:
    by.require(Permission.APPEARANCE_CHOOSE)
    if by.user_id != user.id:
        raise NotFound


def _revoke(user: User, now: datetime) -> None:
    CalendarFeed.update(revoked_at=now).where(
        (CalendarFeed.user == user) & CalendarFeed.revoked_at.is_null()
    ).execute()


def _count_wrong(ip: str, now: datetime) -> None:
    source = f"{SOURCE}{ip}"[:60]
    recent = (LoginAttempt.ip == source) & (LoginAttempt.at > now - WINDOW)
    if LoginAttempt.select().where(recent).count() >= SOURCE_LIMIT:
        minutes = int(WINDOW.total_seconds()) // 60
        raise TooMany(
            N_("Too many attempts. Try again in %(minutes)s minutes.", minutes=minutes), minutes * 60
        )
    with transaction():
        LoginAttempt.create(username="", ip=source, at=now, succeeded=False)


def _programmes(user: User, ip: str, now: datetime) -> Iterator[tuple[Programme, Actor]]:
    anywhere = accounts.actor_for(user, None, now=now, ip=ip, request_id="")
    for programme in overview.programmes_of(anywhere, now=now):
        actor = accounts.actor_for(user, programme.id, now=now, ip=ip, request_id="")
        if actor.may(Permission.REPORT_READ):
            yield programme, actor


def _days(
    programme: Programme, actor: Actor, locale: str, public_url: str, now: datetime
) -> Iterator[AllDay]:
    today = beijing_date(now)
    by_day = calendar_events.events(actor, today - BACK, today + AHEAD, now=now)
    for event in (event for day in by_day.values() for event in day):
        if event.kind in SHOWN and event.waiting:
            yield AllDay(
                uid=f"p{programme.id}-{event.key}@dukao.local",
                day=event.day,
                summary=say(_summary(event), locale),
                description="\n".join(part for part in (programme.name, event.unit_name) if part),
                url=f"{public_url}/p/{programme.id}{event.link}",
                sequence=event.version - 1,
            )


def _summary(event: Event) -> Sentence:
    if event.kind is EventKind.TASK:
        if not event.title:
            return N_("Time limit of %(n)s tasks", n=event.count)
        return N_("Time limit: %(task)s", task=event.title)
    if event.kind is EventKind.MILESTONE:
        if not event.title:
            return N_(
                "Milestones: %(waiting)s of %(count)s not done", waiting=event.waiting, count=event.count
            )
        return N_("Milestone: %(title)s", title=event.title)
    report = N_("%(rule)s %(period)s", rule=event.title, period=Period.parse(event.period).label)
    if event.key.startswith(f"{event.kind}-o"):
        kind = (
            N_("New version due: %(report)s") if event.kind is EventKind.RETURNED else N_("Due: %(report)s")
        )
        return Sentence(kind.msgid, {"report": report})
    return N_(
        "Due: %(report)s, %(waiting)s of %(count)s units not in",
        report=report,
        waiting=event.waiting,
        count=event.count,
    )
