"""Who sees lists of commendation and criticism: those who read everything; units learn of them by the circular."""

from __future__ import annotations

from peewee import ModelSelect

from supervisor.core.periods import Period
from supervisor.core.permissions import Actor, Permission
from supervisor.core.score_books import find_row
from supervisor.core.score_runs import current_run
from supervisor.errors import NotFound
from supervisor.models import (
    Candidate,
    ListSide,
    ListState,
    ListVerdict,
    NameList,
    PeriodState,
    Programme,
    ScorePeriod,
    ScoreRun,
    Unit,
)

#: Lists that say something: not those left for a newer one.
STANDING = (ListState.DRAFT, ListState.SUBMITTED, ListState.APPROVED)


def visible_to(actor: Actor) -> ModelSelect[NameList]:
    """The lists that a person may see, newest first."""
    query = NameList.select(NameList, ScorePeriod).join(ScorePeriod)
    here = ScorePeriod.programme == actor.programme_id
    seen = here if actor.may(Permission.LIST_READ) else (NameList.id == 0)
    return query.where(seen).order_by(ScorePeriod.key.desc(), NameList.id.desc())


def get_visible(list_id: int, actor: Actor) -> NameList:
    """One list by its key; NotFound when there is none that this person may see."""
    row: NameList | None = visible_to(actor).where(NameList.id == list_id).first()
    if row is None:
        raise NotFound
    return row


def get_candidate(name_list: NameList, candidate_id: int) -> Candidate:
    """One name on a list; NotFound where the list has none of this key."""
    row: Candidate | None = candidates_of(name_list).where(Candidate.id == candidate_id).first()
    if row is None:
        raise NotFound
    return row


def candidates_of(name_list: NameList) -> ModelSelect[Candidate]:
    """Names on a list: units in the order of the roster, then persons."""
    query = Candidate.select(Candidate, Unit).join(Unit).where(Candidate.name_list == name_list)
    return query.order_by(Candidate.person != "", Candidate.sort, Candidate.id)


def kept_on(name_list: NameList) -> list[Candidate]:
    """Names that stay on a list."""
    return list(candidates_of(name_list).where(Candidate.verdict == ListVerdict.KEPT))


def newest_of(row: ScorePeriod, side: ListSide) -> NameList | None:
    """The list of one side that counts; None before anybody began one."""
    found: NameList | None = (
        NameList.select()
        .where((NameList.period == row) & (NameList.side == side) & NameList.state.in_(list(STANDING)))
        .order_by(NameList.number.desc())
        .first()
    )
    return found


def closed_run(programme: Programme, period: Period) -> tuple[ScorePeriod, ScoreRun] | None:
    """The closed period and its run; None while the books are open."""
    row = find_row(programme, period)
    if row is None or row.state is not PeriodState.FROZEN:
        return None
    run = current_run(row)
    return (row, run) if run is not None else None


def is_stale(name_list: NameList) -> bool:
    """Whether the period was corrected after the list was proposed from it."""
    run = current_run(name_list.period)
    return run is None or run.id != name_list.run_id


def is_criticised(row: ScorePeriod, unit_id: int) -> bool:
    """Whether an approved list of a period criticises a unit, and it was not lifted."""
    return (
        Candidate.select()
        .join(NameList)
        .where(
            (NameList.period == row)
            & (NameList.side == ListSide.CRITICISM)
            & (NameList.state == ListState.APPROVED)
            & (Candidate.unit == unit_id)
            & (Candidate.verdict == ListVerdict.KEPT)
        )
        .exists()
    )


def criticised_before(programme: Programme, period: Period, most: int) -> dict[int, int]:
    """Unit -> how many periods of the same kind directly before this one an approved list criticised it."""
    counts: dict[int, int] = {}
    now: set[int] | None = None
    when = period.previous()
    for _turn in range(most):
        row = find_row(programme, when)
        if row is None:
            break
        units = _criticised_in(row)
        now = units if now is None else now & units
        if not now:
            break
        for unit in now:
            counts[unit] = counts.get(unit, 0) + 1
        when = when.previous()
    return counts


def _criticised_in(row: ScorePeriod) -> set[int]:
    rows = (
        Candidate.select(Candidate.unit)
        .join(NameList)
        .where(
            (NameList.period == row)
            & (NameList.side == ListSide.CRITICISM)
            & (NameList.state == ListState.APPROVED)
            & (Candidate.verdict == ListVerdict.KEPT)
        )
    )
    return {one.unit_id for one in rows}
