"""A site viewing as it is typed: its criteria, projects and judges, and everything that can be wrong about them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from supervisor.core import people
from supervisor.errors import Invalid
from supervisor.models import Posting, Programme, Role, Unit, User
from supervisor.words import N_, Sentence

#: Most rows of each kind; longest texts in characters.
CRITERIA, PROJECTS, JUDGES = 8, 20, 15
NAME, LONG = 120, 2000
#: From so many judges on the highest and the lowest mark are usually left out.
ENOUGH_TO_DROP = 5
#: Proposed criteria: our own, there to be changed. Their keys are the names of values in facts.
PROPOSED: tuple[tuple[str, str, int], ...] = (
    ("quality", "工程质量", 30),
    ("progress", "工程进度", 30),
    ("residents", "群众评价", 20),
    ("highlights", "亮点做法", 20),
)
#: Names that a mark's fact uses itself.
RESERVED = frozenset({"mark", "judge", "day"})


@dataclass(frozen=True)
class WantedProject:
    """A place to be viewed, as typed."""

    unit_id: int | None
    name: str
    place: str = ""


@dataclass(frozen=True)
class WantedJudge:
    """A judge as typed: an account, or a name with the unit that it belongs to."""

    user_id: int | None
    name: str = ""
    unit_id: int | None = None


@dataclass(frozen=True)
class Wanted:
    """A viewing as typed; empty rows are left out by whoever reads the form, numbers of rows begin with 1."""

    title: str
    held_on: date | None
    about: str
    dropped: int | None
    #: Row → (name, weight as typed).
    criteria: Mapping[int, tuple[str, str]]
    projects: Mapping[int, WantedProject]
    judges: Mapping[int, WantedJudge]


def accounts(programme_id: int, day: date) -> list[User]:
    """People who hold the post of a judge on a day."""
    held = (Posting.programme == programme_id) & (Posting.role == Role.JUDGE) & people.valid_on(day)
    return list(User.select().where(User.id.in_(Posting.select(Posting.user).where(held))).order_by(User.id))


def check(wanted: Wanted, programme: Programme) -> None:
    """Invalid with everything that is wrong, row by row."""
    wrong: dict[str, Sentence] = {}
    if not wanted.title.strip():
        wrong["title"] = N_("This may not be empty.")
    elif len(wanted.title.strip()) > 200:
        wrong["title"] = N_("At most %(n)s characters.", n=200)
    if wanted.held_on is None:
        wrong["held_on"] = N_("Name the day: the marks count for the period in which it lies.")
    if len(wanted.about) > LONG:
        wrong["about"] = N_("At most %(n)s characters.", n=LONG)
    if wanted.dropped is None or not 0 <= wanted.dropped <= 2:
        wrong["dropped"] = N_("A number from 0 to 2.")
    wrong |= dict(_wrong_criteria(wanted.criteria))
    wrong |= dict(_wrong_projects(wanted.projects, programme))
    wrong |= dict(_wrong_judges(wanted, programme))
    if wrong:
        raise Invalid(N_("The viewing was not kept."), wrong)


def _wrong_criteria(rows: Mapping[int, tuple[str, str]]) -> Iterator[tuple[str, Sentence]]:
    total, names, clean = 0, set(), bool(rows)
    for row, (name, weight) in rows.items():
        if not name or len(name) > 40:
            yield f"criterion-{row}", N_("A name of at most 40 characters.")
        elif name in names or name in RESERVED:
            yield f"criterion-{row}", N_("This name stands here already, or is reserved.")
        names.add(name)
        if weight.isascii() and weight.isdigit() and 1 <= int(weight[:4]) <= 100:
            total += int(weight)
        else:
            clean = False
            yield f"weight-{row}", N_("A whole number from 1 to 100.")
    if clean and total != 100:
        yield "weight-1", N_("The weights sum to %(sum)s; they must sum to 100.", sum=total)
    if not rows:
        yield "criterion-1", N_("At least one criterion is needed.")


def _wrong_projects(
    rows: Mapping[int, WantedProject], programme: Programme
) -> Iterator[tuple[str, Sentence]]:
    known = _units_of(programme)
    names: set[tuple[int | None, str]] = set()
    for row, one in rows.items():
        if one.unit_id not in known:
            yield f"unit-{row}", N_("Choose the unit that the project belongs to.")
        if not one.name or len(one.name) > NAME:
            yield f"project-{row}", N_("A name of at most %(n)s characters.", n=NAME)
        elif (one.unit_id, one.name) in names:
            yield f"project-{row}", N_("This project stands here already.")
        names.add((one.unit_id, one.name))
        if len(one.place) > 200:
            yield f"place-{row}", N_("At most %(n)s characters.", n=200)
    if not rows:
        yield "project-1", N_("At least one project is needed.")


def _wrong_judges(wanted: Wanted, programme: Programme) -> Iterator[tuple[str, Sentence]]:
    known = _units_of(programme)
    day = wanted.held_on
    may = {one.id for one in accounts(programme.id, day)} if day else set()
    seen: set[object] = set()
    for row, one in wanted.judges.items():
        if one.user_id is not None and day is not None and one.user_id not in may:
            yield f"account-{row}", N_("This person does not hold the post of a judge on that day.")
        if one.user_id is None and not 0 < len(one.name) <= 80:
            yield f"judge-{row}", N_("A name of at most 80 characters, or an account.")
        if one.unit_id is not None and one.unit_id not in known:
            yield f"belongs-{row}", N_("Choose a unit of the list.")
        if who(one) in seen:
            yield f"judge-{row}", N_("This judge stands here already.")
        seen.add(who(one))
    if wanted.dropped is not None and len(wanted.judges) <= 2 * wanted.dropped:
        least = 2 * wanted.dropped + 1
        yield "judge-1", N_("With %(drop)s dropped at either end at least %(n)s judges are needed.",
                            drop=wanted.dropped, n=least)  # fmt: skip


def _units_of(programme: Programme) -> set[int]:
    query = Unit.select(Unit.id).where(Unit.jurisdiction == programme.jurisdiction_id)
    return {unit.id for unit in query}


def criteria_of(wanted: Wanted) -> list[dict[str, Any]]:
    """The criteria as kept; our own proposals keep their keys, any other criterion is known by its name."""
    keys = {name: key for key, name, _weight in PROPOSED}
    return [
        {"key": keys.get(name, name), "name": name, "weight": int(weight)}
        for name, weight in wanted.criteria.values()
    ]


def who(judge: WantedJudge) -> object:
    """What makes two judges one: the account, or the name on paper."""
    return judge.user_id if judge.user_id is not None else judge.name
