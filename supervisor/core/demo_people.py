"""The demo's city: its offices, units and people. All of it invented; the texts lie in `supervisor/demo/`."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import cache
from pathlib import Path
from typing import Any

from supervisor.core import accounts, inbox, liaison_rules, passwords, units
from supervisor.core.demo_story import Story, moment
from supervisor.core.people import DEMO_PASSWORD
from supervisor.core.permissions import SYSTEM, Actor
from supervisor.models import AdminRole, Posting, Programme, Role, Unit, UnitKind, User

TEXTS = Path(__file__).resolve().parent.parent / "demo"
CITY = "澜川市"
#: Who founds both programmes and runs their office, and who assesses and leads them.
OFFICE, DEPUTY, ASSESSOR, LEADER, INSPECTOR, JUDGE, ADMIN = (
    "office1", "office2", "assessor1", "leader1", "inspector1", "judge1", "admin",
)  # fmt: skip
#: Those who have an e-mail address; the others are reached by their inbox alone.
WITH_MAIL = frozenset({"dongling", "chengguan", "nanpu", "minzheng", "xilingqiao", "tongxin"})


@dataclass(frozen=True)
class Character:
    """A unit's people and ways: how fast it works, when it hands in, how well it writes."""

    user: str
    liaison: str
    post: str
    pace: int
    mark: int
    #: early, steady, last or late.
    habit: str
    head: str = ""
    #: Last month in which work went on; empty = it goes on.
    stuck: str = ""


@cache
def read_text(name: str) -> dict[str, Any]:
    """One of the demo's tables."""
    return tomllib.loads((TEXTS / name).read_text(encoding="utf-8"))


@cache
def characters() -> dict[str, Character]:
    """Unit name → its people and ways."""
    found = read_text("people.toml")["units"]
    return {name: Character(**values) for name, values in found.items()}


def first_people(now: datetime) -> None:
    """Those who are there before any programme: the founder and the administrator of the demo."""
    founder = _person(OFFICE, SYSTEM, now)
    accounts.appoint(founder, Role.LEAD_OFFICE, by=SYSTEM, now=now)
    accounts.create_user(
        ADMIN, "系统管理员", by=SYSTEM, now=now, admin_role=AdminRole.ALL, is_demo=True, post="演示管理员"
    )


def staff(story: Story, programme: Programme, now: datetime) -> None:
    """The office's deputy, assessor, leader and inspector take their posts in a programme."""
    by = story.actor(OFFICE, programme, now)
    for username, role in (
        (ASSESSOR, Role.ASSESSOR), (LEADER, Role.LEADER), (DEPUTY, Role.LEAD_OFFICE), (INSPECTOR, Role.INSPECTOR),
    ):  # fmt: skip
        accounts.appoint(_person(username, by, now), role, programme=programme, by=by, now=now)
    story.forget_posts()


def judge(story: Story, programme: Programme, now: datetime) -> None:
    """Somebody from outside is called as a judge of site viewings."""
    by = story.actor(OFFICE, programme, now)
    accounts.appoint(_person(JUDGE, by, now), Role.JUDGE, programme=programme, by=by, now=now)
    story.forget_posts()


def liaisons(story: Story, programme: Programme, now: datetime) -> None:
    """Every unit of the programme names its liaison officer, some their head; those shown first come first."""
    by = story.actor(OFFICE, programme, now)
    first = ("dongling", "chengguan", "xilingqiao")
    rank = "科级" if liaison_rules.ranks_of(programme.id) else ""
    rows = [(unit, characters()[unit.name]) for unit in units.units_of(programme.id)]
    rows.sort(key=lambda row: first.index(row[1].user) if row[1].user in first else len(first))
    for unit, who in rows:
        person = _made(who.user, who.liaison, f"{unit.name} {who.post}", by, now)
        accounts.appoint(person, Role.LIAISON, programme=programme, unit=unit, rank=rank, by=by, now=now)
    for unit, who in rows:
        if who.head:
            person = _made(f"{who.user}.head", who.head, f"{unit.name} 负责人", by, now)
            accounts.appoint(person, Role.UNIT_HEAD, programme=programme, unit=unit, by=by, now=now)
    story.forget_posts()


def arrange_groups(story: Story, programme: Programme, now: datetime) -> None:
    """Three assessment groups: area governments, departments, enterprises."""
    kinds = {UnitKind.DISTRICT: "区级政府", UnitKind.ENTERPRISE: "驻市企业"}
    placed = {unit.id: kinds.get(unit.kind, "市直部门") for unit in units.units_of(programme.id)}
    units.arrange_groups(programme, placed, by=story.actor(OFFICE, programme, now), now=now)


def give_passwords(now: datetime) -> None:
    """One hash for all: the password is on the sign-in page, and argon2 is slow on purpose."""
    User.update(password_hash=passwords.hash_password(DEMO_PASSWORD), password_changed_at=now).where(
        User.is_demo
    ).execute()


def read_everything(story: Story, now: datetime) -> None:
    """Everybody reads what is in their inbox."""
    for person in list(User.select().where(User.is_demo)):
        inbox.mark_all_read(inbox.Filter(), by=story.actor(person.username, None, now), now=now)


def unit_named(name: str) -> Unit:
    """A unit of the city's register."""
    return Unit.get(Unit.name == name)


def unit_of(username: str) -> Unit:
    """The unit whose liaison officer has this user name."""
    return unit_named(next(name for name, who in characters().items() if who.user == username))


def replace_liaison(
    story: Story, user: str, last_day: date, successor: str, name: str, now: datetime
) -> None:
    """A liaison officer moves on; without a successor the unit becomes a gap in the office's list."""
    person, begin = story.person(user), last_day + timedelta(days=1)
    for posting in list(Posting.select(Posting, Programme).join(Programme).where(Posting.user == person)):
        by = story.actor(OFFICE, posting.programme, now)
        accounts.end_posting(posting, last_day, by=by, now=now, reason="岗位调整")
        if successor:
            accounts.appoint(
                _made(successor, name, person.post, by, now), Role.LIAISON, programme=posting.programme,
                unit=posting.unit, valid_from=begin, rank=posting.rank, by=by, now=now,
            )  # fmt: skip
    story.at(moment(begin, 0, 5), lambda _now: story.forget_posts())


def _person(username: str, by: Actor, now: datetime) -> User:
    known = read_text("people.toml")["office"][username]
    return _made(username, known["name"], known["post"], by, now)


def _made(username: str, name: str, post: str, by: Actor, now: datetime) -> User:
    known: User | None = User.get_or_none(User.username == username)
    email = f"{username}@example.cn" if username in WITH_MAIL else ""
    return known or accounts.create_user(username, name, by=by, now=now, post=post, email=email, is_demo=True)
