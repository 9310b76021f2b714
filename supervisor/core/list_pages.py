"""What the pages of lists show: both of a period, and one with its names, figures, obstacles and problems."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime

from peewee import JOIN

from supervisor.core import (
    candidates,
    list_circulars,
    list_readers,
    list_rules,
    name_lists,
    public_notices,
    score_records,
)
from supervisor.core.earlier_steps import EarlierStep
from supervisor.core.periods import Period
from supervisor.core.permissions import Actor, Permission
from supervisor.core.programmes import settings_on
from supervisor.errors import Obstacle
from supervisor.models import (
    Candidate,
    ListCircular,
    ListObjection,
    ListSide,
    ListState,
    ListVerdict,
    NameList,
    Problem,
    ProblemState,
    Programme,
    ScorePeriod,
    Standing,
    Unit,
)
from supervisor.words import Sentence

#: Problems shown beside a criticised unit; the register has them all.
PROBLEMS = 5


@dataclass(frozen=True)
class Why:
    """One trigger in words, with the pages of the records behind it."""

    words: Sentence
    links: tuple[str, ...]


@dataclass(frozen=True)
class Line:
    """A name on a list as the page shows it."""

    candidate: Candidate
    why: tuple[Why, ...]
    #: Why it cannot stay here; empty when it can.
    obstacles: tuple[Obstacle, ...] = ()
    #: The earlier step that a criticism would stand on (D22).
    step: EarlierStep | None = None
    #: What the unit says keeps it from doing its work, and who owes it an answer.
    problems: tuple[Problem, ...] = ()
    objections: tuple[ListObjection, ...] = ()

    @property
    def is_kept(self) -> bool:
        """Whether the name stays on the list."""
        return self.candidate.verdict is ListVerdict.KEPT


@dataclass(frozen=True)
class ListPage:
    """One list with everything that a person needs to decide on it."""

    name_list: NameList
    period: Period
    units: tuple[Line, ...]
    persons: tuple[Line, ...]
    #: What stands between an approved list and its circular.
    blockers: tuple[Obstacle, ...]
    is_stale: bool
    #: Units that can be added by hand: (id, name).
    others: tuple[tuple[int, str], ...] = ()
    #: Units whose people can be named: (id, name).
    all_units: tuple[tuple[int, str], ...] = ()
    persons_allowed: int = 0
    circular: ListCircular | None = None

    @property
    def kept(self) -> int:
        """How many names stay."""
        return sum(one.is_kept for one in (*self.units, *self.persons))

    @property
    def open(self) -> int:
        """How many names nobody has decided on."""
        return sum(one.candidate.verdict is ListVerdict.OPEN for one in (*self.units, *self.persons))


@dataclass(frozen=True)
class SideCard:
    """One side of a period: its list that counts, and how many names stand on it."""

    side: ListSide
    name_list: NameList | None
    names: Mapping[str, int] = field(default_factory=dict)


def both(programme: Programme, period: Period) -> list[SideCard] | None:
    """Both sides of a closed period; None while its books are open."""
    found = list_readers.closed_run(programme, period)
    if found is None:
        return None
    cards = []
    for side in ListSide:
        newest = list_readers.newest_of(found[0], side)
        counts: dict[str, int] = defaultdict(int)
        for one in list_readers.candidates_of(newest) if newest is not None else ():
            counts[one.verdict.value] += 1
        cards.append(SideCard(side, newest, counts))
    return cards


def older_of(programme: Programme, period: Period) -> list[NameList]:
    """Lists of a period that a newer one replaced, newest first."""
    found = list_readers.closed_run(programme, period)
    if found is None:
        return []
    query = NameList.select().where((NameList.period == found[0]) & (NameList.state == ListState.REPLACED))
    return list(query.order_by(NameList.id.desc()))


def waiting(actor: Actor) -> list[NameList]:
    """Lists that wait for a leader, the oldest first."""
    rows = list_readers.visible_to(actor).where(NameList.state == ListState.SUBMITTED)
    return list(rows.order_by(NameList.id))


def read(name_list: NameList, actor: Actor, *, now: datetime, today: date) -> ListPage:
    """One list; names are few, and what is read beside them is read once for all of them."""
    rows = list(list_readers.candidates_of(name_list))
    programme_id = name_list.period.programme_id
    undecided = name_list.state in {ListState.DRAFT, ListState.SUBMITTED}
    against = name_lists.obstacles_of(name_list, rows) if undecided else {}
    criticises = name_list.side is ListSide.CRITICISM
    problems = _problems_of(programme_id, [one.unit_id for one in rows]) if criticises else {}
    links = _links(rows, name_list)
    objections = _objections(name_list)
    lines = [
        Line(
            one,
            _why(one, links),
            tuple(against.get(one.unit_id, ())),
            name_lists.step_for(name_list, one.unit_id, now) if criticises and undecided else None,
            tuple(problems.get(one.unit_id, ())[:PROBLEMS]),
            tuple(objections.get(one.id, ())),
        )
        for one in rows
    ]
    rules = settings_on(programme_id, today)
    edits = actor.may(Permission.LIST_EDIT) and name_list.state is ListState.DRAFT
    return ListPage(
        name_list=name_list,
        period=Period.parse(name_list.period.key),
        units=tuple(one for one in lines if not one.candidate.person),
        persons=tuple(one for one in lines if one.candidate.person),
        blockers=tuple(public_notices.obstacles(name_list, now))
        if name_list.state is ListState.APPROVED
        else (),
        is_stale=name_list.state is not ListState.REPLACED and list_readers.is_stale(name_list),
        others=_units_of(name_list, [one.unit_id for one in rows if not one.person]) if edits else (),
        all_units=_units_of(name_list, []) if edits and rules.list_persons else (),
        persons_allowed=rules.list_persons if name_list.side is ListSide.COMMENDATION else 0,
        circular=list_circulars.of_list(name_list),
    )


def nominations_of(name_list: NameList, unit_ids: Iterable[int]) -> list[Candidate]:
    """Persons of these units on a list: what a unit sees of it."""
    mine = Candidate.unit.in_(sorted(unit_ids)) & (Candidate.person != "")
    return list(list_readers.candidates_of(name_list).where(mine))


def open_to(programme: Programme, actor: Actor, now: datetime) -> list[tuple[Period, NameList, Unit]]:
    """Commendation lists to which the reader's units may name persons now."""
    drafts = (
        NameList.select(NameList, ScorePeriod)
        .join(ScorePeriod)
        .where(
            (ScorePeriod.programme == programme)
            & (NameList.side == ListSide.COMMENDATION)
            & (NameList.state == ListState.DRAFT)
        )
        .order_by(NameList.id.desc())
    )
    units = list(Unit.select().where(Unit.id.in_(sorted(actor.unit_ids))).order_by(Unit.sort, Unit.id))
    found = []
    for row in drafts:
        period = Period.parse(row.period.key)
        found += [
            (period, row, unit)
            for unit in units
            if candidates.open_list(programme, period, unit.id, now) == row
        ]
    return found


def _why(one: Candidate, links: Mapping[str, str]) -> tuple[Why, ...]:
    return tuple(
        Why(
            list_rules.words_of(reason),
            tuple(dict.fromkeys(links[record] for record in reason["records"] if record in links)),
        )
        for reason in one.triggers
    )


def _links(rows: Sequence[Candidate], name_list: NameList) -> dict[str, str]:
    programme_id, key = name_list.period.programme_id, name_list.period.key
    records = {record for one in rows for reason in one.triggers for record in reason["records"]}
    found = score_records.links_of(records, programme_id)
    for one in rows:
        for reason in one.triggers:
            for record in reason["records"]:
                if record.startswith("sheet:"):
                    found[record] = f"/p/{programme_id}/periods/{key}/units/{one.unit_id}"
    return found


def _objections(name_list: NameList) -> dict[int, list[ListObjection]]:
    found: dict[int, list[ListObjection]] = defaultdict(list)
    for row in public_notices.objections_of(name_list):
        found[row.candidate_id].append(row)
    return found


def _problems_of(programme_id: int, unit_ids: Sequence[int]) -> dict[int, list[Problem]]:
    found: dict[int, list[Problem]] = defaultdict(list)
    rows = Problem.select(Problem, Unit).join(Unit, JOIN.LEFT_OUTER, on=Problem.helper)
    mine = (Problem.programme == programme_id) & Problem.unit.in_(list(unit_ids))
    for row in rows.where(mine & (Problem.state == ProblemState.OPEN)).order_by(Problem.id):
        found[row.unit_id].append(row)
    return found


def _units_of(name_list: NameList, without: Sequence[int]) -> tuple[tuple[int, str], ...]:
    here = list(without)
    query = Standing.select(Standing.unit, Standing.unit_name, Standing.sort).where(
        (Standing.run == name_list.run_id) & Standing.unit.not_in(here)
    )
    return tuple((one.unit_id, one.unit_name) for one in query.order_by(Standing.sort))
