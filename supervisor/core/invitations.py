"""Bringing people in: invited one by one, or imported as a list, each with a one-time link (walk step 2).

The token of a link exists in clear only in what is handed back here (to be printed) and in the mail to the
person; the database keeps its hash.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from peewee import JOIN

from supervisor.clock import beijing_date
from supervisor.core import accounts, events, liaison_rules, mail_addresses, messages, stand_ins, units
from supervisor.core.accounts import UNIT_ROLES
from supervisor.core.liaison_ranks import plain
from supervisor.core.people import valid_on
from supervisor.core.permissions import Actor, Permission
from supervisor.core.units import name_key
from supervisor.database import transactional
from supervisor.documents.liaison_xlsx import LiaisonRow, RowProblem
from supervisor.errors import Invalid
from supervisor.models import (
    LinkPurpose,
    Posting,
    Programme,
    Role,
    Unit,
    User,
)
from supervisor.words import N_, Sentence

#: Roles that the lead office gives, in the order of the form.
GIVEN = (
    Role.LIAISON,
    Role.UNIT_HEAD,
    Role.LEAD_OFFICE,
    Role.ASSESSOR,
    Role.LEADER,
    Role.INSPECTOR,
    Role.JUDGE,
)


@dataclass(frozen=True)
class Person:
    """Who is invited, as typed."""

    name: str
    email: str = ""
    phone: str = ""
    post: str = ""
    #: Of a liaison officer, from the programme's list.
    rank: str = ""


@dataclass(frozen=True)
class Invitation:
    """What came of an invitation; `token` is None for somebody who signs in already."""

    user: User
    role: Role
    unit: Unit | None
    token: str | None
    mailed: bool


@transactional
def invite(
    programme: Programme,
    role: Role,
    person: Person,
    *,
    by: Actor,
    now: datetime,
    link_base: str,
    unit: Unit | None = None,
    valid_from: date | None = None,
    replaces: bool = False,
) -> Invitation:
    """Give a person a post in the programme, making their account and one-time link if they have none.

    Args:
        programme: the programme of the post.
        role: the post; liaison and head need `unit`.
        person: name, e-mail, telephone, post. Somebody with this e-mail already here is appointed, not made anew.
        by: a person of the lead office.
        now: the instant.
        link_base: address before the token, for the mail.
        unit: the unit of a liaison or head.
        valid_from: first day; None = today.
        replaces: end the posts of the unit's present liaisons the day before.

    Raises:
        Invalid: no name, no such unit, or a second liaison where the notice's rule says one.
    """
    by.require(Permission.PEOPLE_INVITE)
    begin = valid_from or beijing_date(now)
    _check(programme, role, person, unit, begin, replaces=replaces)
    if replaces and role is Role.LIAISON and unit is not None:
        for old in _holders(programme, unit, begin):
            accounts.end_posting(old, begin - timedelta(days=1), by=by, now=now, reason=person.name)
    user = _known(person) or _make(person, by, now)
    accounts.appoint(
        user,
        role,
        programme=programme,
        unit=unit if role in UNIT_ROLES else None,
        valid_from=begin,
        rank=plain(person.rank) if role is Role.LIAISON else "",
        by=by,
        now=now,
    )
    return _link(user, role, unit, programme, by=by, now=now, link_base=link_base)


@transactional
def invite_stand_in(
    post: Posting, person: Person, absence: stand_ins.Absence, *, by: Actor, now: datetime, link_base: str
) -> Invitation:
    """Let a colleague without an account stand in for the holder of a post, with an account made for them.

    Raises Invalid for a missing name, an address that is none, or days that are over, reversed or too long.
    """
    by.require(Permission.PEOPLE_INVITE)
    wrong = _check_person(person) | stand_ins.check_absence(absence, today=beijing_date(now))
    if wrong:
        raise Invalid(N_("No stand-in was named."), wrong)
    user = _known(person) or _make(person, by, now)
    stand_ins.hold(post, user, absence, by=by, now=now)
    programme: Programme = Programme.get_by_id(post.programme_id)
    return _link(user, post.role, post.unit, programme, by=by, now=now, link_base=link_base)


def _check_person(person: Person) -> dict[str, Sentence]:
    wrong: dict[str, Sentence] = {}
    if not person.name.strip():
        wrong["name"] = N_("A name is needed.")
    if of_mail := mail_addresses.wrong(person.email):
        wrong["email"] = of_mail
    return wrong


def _check(
    programme: Programme, role: Role, person: Person, unit: Unit | None, begin: date, *, replaces: bool
) -> None:
    wrong = _check_person(person)
    if role in UNIT_ROLES and unit is None:
        wrong["unit"] = N_("A liaison officer or head needs a unit.")
    elif role is Role.LIAISON and unit is not None:
        rank = liaison_rules.rank_check(programme.id, begin)(person.rank)
        if rank is not None:
            wrong["rank"] = rank
        full = None if replaces else _no_more(programme, unit, begin)
        if full is not None:
            wrong["replaces"] = full
    if wrong:
        raise Invalid(N_("The invitation was not made."), wrong)


def _no_more(programme: Programme, unit: Unit, day: date) -> Sentence | None:
    """Why the unit names no further liaison officer, or None: it has as many as the notice wants (C11)."""
    wanted, holders = liaisons_wanted(programme, day), _holders(programme, unit, day)
    if wanted is None or len(holders) < wanted:
        return None
    if wanted == 1:
        return N_(
            "The notice wants one liaison officer a unit; %(name)s is it. Replace them or end their post first.",
            name=holders[0].user.name,
        )
    return N_(
        "The notice wants %(count)s liaison officers a unit; %(names)s are they. Replace them or end a post first.",
        count=wanted,
        names="、".join(post.user.name for post in holders),
    )


def liaisons_wanted(programme: Programme, day: date) -> int | None:
    """How many liaison officers each unit names by the notice's rule; None = the notice does not say."""
    rule = liaison_rules.rule_on(programme.id, day)
    return rule.count if rule is not None else None


def _holders(programme: Programme, unit: Unit, day: date) -> list[Posting]:
    mine = (Posting.programme == programme) & (Posting.unit == unit) & (Posting.role == Role.LIAISON)
    mine &= Posting.stands_in_for.is_null()  # a stand-in is no second liaison officer
    return list(Posting.select(Posting, User).join(User).where(mine & valid_on(day)))


def _known(person: Person) -> User | None:
    if not person.email:
        return None
    found: User | None = User.select().where((User.email == person.email.strip()) & User.active).first()
    return found


def _make(person: Person, by: Actor, now: datetime) -> User:
    return accounts.create_user(
        _free_username(person),
        person.name,
        post=person.post[:120],
        email=person.email,
        phone=person.phone[:40],
        by=by,
        now=now,
    )


def _free_username(person: Person) -> str:
    """The mail address, the telephone number, or the next free number; never the name, which may be another's."""
    for wanted in (person.email.strip().lower(), person.phone.strip()):
        if accounts.USERNAME.fullmatch(wanted) and not User.select().where(User.username == wanted).exists():
            return wanted
    number = User.select().count() + 1
    while User.select().where(User.username == f"u{number:05d}").exists():
        number += 1
    return f"u{number:05d}"


def _link(
    user: User,
    role: Role,
    unit: Unit | None,
    programme: Programme,
    *,
    by: Actor,
    now: datetime,
    link_base: str,
) -> Invitation:
    if user.password_hash is not None:
        return Invitation(user, role, unit, None, mailed=False)
    token = accounts.issue_link(user, LinkPurpose.INVITE, by=by, now=now)
    mailed = bool(user.email) and bool(
        messages.notify(
            event=events.INVITED,
            key=f"invite:{user.id}:{programme.id}:{now:%Y%m%d%H%M%S}",
            to=[user],
            fields={
                "programme": programme.name,
                "name": user.name,
                "role": role.label,
                "username": user.username,
                "link": f"{link_base}{token}",
            },
            programme_id=programme.id,
            now=now,
        )
    )
    return Invitation(user, role, unit, token, mailed=mailed)


@transactional
def renew_links(
    programme: Programme, user_ids: Sequence[int], *, by: Actor, now: datetime
) -> list[Invitation]:
    """Fresh one-time links, for printing, for people of the programme who have never signed in.

    Earlier links of these people stop working. Nothing is mailed.
    """
    by.require(Permission.PEOPLE_INVITE)
    found = []
    for post in uninvited(programme.id, beijing_date(now)):
        if post.user_id in user_ids:
            token = accounts.issue_link(post.user, LinkPurpose.INVITE, by=by, now=now)
            found.append(Invitation(post.user, post.role, post.unit, token, mailed=False))
    return found


def uninvited(programme_id: int, day: date) -> list[Posting]:
    """Posts of people who have not set a password yet, one a person, in roster order of their units."""
    query = (
        Posting.select(Posting, User, Unit)
        .join(User)
        .switch(Posting)
        .join(Unit, JOIN.LEFT_OUTER)
        .where(
            (Posting.programme == programme_id) & User.password_hash.is_null() & User.active & valid_on(day)
        )
    )
    rows = sorted(query, key=lambda post: (post.unit.sort if post.unit else 0, post.id))
    return list({post.user_id: post for post in reversed(rows)}.values())[::-1]


# A whole list -----------------------------------------------------------------------------------------------


def check_rows(programme: Programme, rows: Sequence[LiaisonRow], *, day: date) -> list[RowProblem]:
    """What stands in the way of importing these rows, each with its row; empty = all of them can go in."""
    known = units.known_names(programme.jurisdiction_id, day)
    mine = {unit.id for unit in _naming_units(programme, day)}
    wanted = {address for row in rows for address in (row.email, row.head_email) if address}
    people = {user.email: user for user in User.select().where(User.email.in_(wanted))}
    only_one = liaisons_wanted(programme, day) == 1
    rank_problem = liaison_rules.rank_check(programme.id, day)
    found = []
    for row in rows:
        unit_id = known.get(name_key(row.unit))
        if unit_id is None:
            found.append(RowProblem(row.row, "单位", N_("“%(name)s” is not in the register.", name=row.unit)))
        elif unit_id not in mine:
            found.append(
                RowProblem(row.row, "单位", N_("“%(name)s” has no task in this programme.", name=row.unit))
            )
        elif only_one and _other_liaison(programme, unit_id, row, day):
            found.append(
                RowProblem(
                    row.row, "联络员", N_("The unit already has a liaison officer; end that post first.")
                )
            )
        rank = rank_problem(row.rank)
        if rank is not None:
            found.append(RowProblem(row.row, "职级", rank))
        for column, name, address in (
            ("邮箱", row.name, row.email),
            ("负责人邮箱", row.head, row.head_email),
        ):
            other = people.get(address)
            if name and other is not None and other.name != name:
                text = N_("This address belongs to %(name)s.", name=other.name)
                found.append(RowProblem(row.row, column, text))
    return found


def _naming_units(programme: Programme, day: date) -> list[Unit]:
    expected = liaison_rules.expected_units(programme.id, day)
    return liaison_rules.listed_units(programme.id, expected)


def _other_liaison(programme: Programme, unit_id: int, row: LiaisonRow, day: date) -> bool:
    holders = [post.user for post in _holders(programme, Unit.get_by_id(unit_id), day)]
    return any(user.email != row.email if row.email else user.name != row.name for user in holders)


@transactional
def import_liaisons(
    programme: Programme, rows: Sequence[LiaisonRow], *, by: Actor, now: datetime, link_base: str
) -> list[Invitation]:
    """Appoint and invite everybody on the list, or nobody.

    Raises Invalid naming every bad row (as `row-N`). Somebody who holds the post already is left as they are.
    """
    by.require(Permission.PEOPLE_INVITE)
    day = beijing_date(now)
    problems = check_rows(programme, rows, day=day)
    if problems:
        fields = {f"row-{problem.row}": problem.reason for problem in problems}
        raise Invalid(N_("Nothing was imported: mend these rows first."), fields)
    known = units.known_names(programme.jurisdiction_id, day)
    made = []
    for row in rows:
        unit = Unit.get_by_id(known[name_key(row.unit)])
        wanted: Mapping[Role, Person] = {
            Role.LIAISON: Person(row.name, row.email, row.mobile, row.post, row.rank),
            **({Role.UNIT_HEAD: Person(row.head, row.head_email, row.head_mobile)} if row.head else {}),
        }
        for role, person in wanted.items():
            if not _holds(programme, unit, role, person, day):
                made.append(invite(programme, role, person, unit=unit, by=by, now=now, link_base=link_base))
    return made


def _holds(programme: Programme, unit: Unit, role: Role, person: Person, day: date) -> bool:
    same = (User.email == person.email) if person.email else (User.name == person.name)
    mine = (Posting.programme == programme) & (Posting.unit == unit) & (Posting.role == role)
    return bool(Posting.select().join(User).where(mine & same & valid_on(day)).exists())
