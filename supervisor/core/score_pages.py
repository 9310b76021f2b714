"""What the pages of scores show: periods, a ranking, one unit's sheet with the records behind each point.

Read only, joined for templates. Numbers come as stored (hundredths); nothing is computed but differences of
stored integers.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from itertools import groupby

from peewee import ModelSelect

from supervisor.clock import beijing_date
from supervisor.core import cadences, published, score_calendar, score_parts
from supervisor.core.completeness import Books, examine
from supervisor.core.periods import Period
from supervisor.core.permissions import Actor, Permission
from supervisor.core.score_runs import current_run
from supervisor.core.scored_periods import scored_period
from supervisor.errors import NotFound
from supervisor.models import (
    PeriodState,
    Programme,
    Publication,
    Reach,
    ScoreLine,
    ScorePeriod,
    ScoreRun,
    Standing,
    Unit,
    User,
)

#: Years on one page; older ones have a page each.
MOST_YEARS = 3


@dataclass(frozen=True)
class PeriodRow:
    """A period in the list: open, or closed by somebody at some time."""

    period: Period
    row: ScorePeriod | None
    closed_by: str
    has_ended: bool

    @property
    def is_preliminary(self) -> bool:
        """Whether units have seen their sheets and its books are still open."""
        return self.row is not None and self.row.state is PeriodState.PRELIMINARY

    @property
    def is_closed(self) -> bool:
        """Whether its books are closed."""
        return self.row is not None and self.row.state is PeriodState.FROZEN

    @property
    def is_due(self) -> bool:
        """Whether it has ended and nobody has begun with its books."""
        return self.has_ended and not self.is_closed and not self.is_preliminary


@dataclass(frozen=True)
class Periods:
    """The list of periods, newest first, and what the next one to be closed is waiting for."""

    rows: tuple[PeriodRow, ...]
    next_books: Books | None
    #: Years with periods before those listed, the latest first.
    older: tuple[int, ...]
    #: Keys of closed periods that rest on a part corrected since, for those who read how the books stand.
    outdated: frozenset[str] = frozenset()

    @property
    def years(self) -> list[tuple[int, list[PeriodRow]]]:
        """The rows by year, in their order."""
        return [(year, list(rows)) for year, rows in groupby(self.rows, key=lambda one: one.period.end.year)]


@dataclass(frozen=True)
class Group:
    """One group of a ranking: ranked units by place, then the others."""

    name: str
    ranked: tuple[Standing, ...]
    others: tuple[Standing, ...]

    @property
    def standings(self) -> tuple[Standing, ...]:
        """All of them, in the order of print."""
        return (*self.ranked, *self.others)


@dataclass(frozen=True)
class Ranking:
    """A preliminary or closed period as one reader may see it."""

    period: Period
    row: ScorePeriod
    run: ScoreRun
    groups: tuple[Group, ...]
    #: Indicators that apply to nobody, with the reason.
    never: tuple[tuple[ScoreLine, str], ...]
    closed_by: str
    #: Whether this is everybody, or only the reader's own units.
    is_whole: bool
    #: Whether units may still file appeals.
    appeals_open: bool
    #: Whether the reader is shown places, or tiers only.
    shows_places: bool
    #: The published version in force, where it reaches the reader.
    version: Publication | None

    @property
    def is_preliminary(self) -> bool:
        """Whether it may still change by appeals."""
        return self.row.state is PeriodState.PRELIMINARY

    @property
    def last_appeal_day(self) -> date | None:
        """The last day on which appeals are or were taken."""
        until = self.row.appeals_until
        return cadences.due_day(until) if until else None


def periods(programme: Programme, *, by: Actor, now: datetime) -> Periods:
    """Scored periods of the last years up to the present ones, newest first, and what the next one waits for."""
    today = beijing_date(now)
    first = score_calendar.first_scored(programme.id, today)
    rows = period_rows(programme, _since(today), today, first)
    due = [one for one in rows if one.is_due and not score_calendar.precedes(one.period, first)]
    books = examine(programme, due[0].period, now, by) if due and by.may(Permission.PERIOD_READ) else None
    earlier = ScorePeriod.select(ScorePeriod.ends_on).where(ScorePeriod.programme == programme)
    oldest = earlier.order_by(ScorePeriod.ends_on).first()
    older = range(oldest.ends_on.year, today.year - MOST_YEARS + 1) if oldest is not None else ()
    outdated = (
        score_parts.outdated(programme.id, _since(today)) if by.may(Permission.PERIOD_READ) else frozenset()
    )
    return Periods(tuple(reversed(rows)), books, tuple(reversed(older)), outdated)


def _since(today: date) -> date:
    return date(today.year - MOST_YEARS + 1, 1, 1)


def period_rows(programme: Programme, since: date, today: date, first: Period | None) -> list[PeriodRow]:
    """Periods that end since a day, up to the present ones, in order of time: those scored, and those begun already."""
    mine = (ScorePeriod.programme == programme) & (ScorePeriod.ends_on >= since)
    known = {row.key: row for row in ScorePeriod.select().where(mine)}
    found = {key: scored_period(key) for key in known}
    if first is not None:
        scored = score_calendar.scored_between(programme.id, max(since, first.start), today)
        found |= {one.key: one for one in scored if not score_calendar.precedes(one, first)}
    people = names_of(row.closed_by for row in known.values())
    return [
        PeriodRow(one, known.get(one.key), _closer(known.get(one.key), people), one.end < today)
        for one in sorted(found.values(), key=score_calendar.in_time)
    ]


def shown_period(programme: Programme, period: Period) -> tuple[ScorePeriod, ScoreRun] | None:
    """The period with the run that counts, preliminary or closed; None before anybody was shown a score."""
    row = ScorePeriod.get_or_none((ScorePeriod.programme == programme) & (ScorePeriod.key == period.key))
    run = current_run(row) if row is not None and row.state is not PeriodState.OPEN else None
    return (row, run) if row is not None and run is not None else None


def standings_visible_to(
    actor: Actor, row: ScorePeriod, run: ScoreRun, *, now: datetime
) -> ModelSelect[Standing]:
    """Standings a reader may see: their own units', their groups', or everybody's, as was published (D16).

    List, sheet, chart and export ask this one query.
    """
    query = Standing.select().where(Standing.run == run).order_by(Standing.sort)
    if sees_whole(actor, row, run, now=now):
        return query
    own = Standing.unit.in_(sorted(actor.unit_ids))
    if published.reach_of(row, run, now=now) is Reach.GROUP:
        return query.where(own | Standing.group_name.in_(sorted(published.own_groups(actor, run.id))))
    return query.where(own)


def sees_whole(actor: Actor, row: ScorePeriod, run: ScoreRun, *, now: datetime) -> bool:
    """Whether the reader sees every unit of this run of a closed period (D16)."""
    return actor.sees_all or published.reach_of(row, run, now=now) in {Reach.UNITS, Reach.PUBLIC}


def ranking(programme: Programme, period: Period, *, by: Actor, now: datetime) -> Ranking:
    """The ranking of a preliminary or closed period. NotFound before anybody was shown a score."""
    found = shown_period(programme, period)
    if found is None:
        raise NotFound
    row, run = found
    groups: dict[str, list[Standing]] = {}
    for one in standings_visible_to(by, row, run, now=now):
        groups.setdefault(one.group_name, []).append(one)
    return Ranking(
        period=period,
        row=row,
        run=run,
        groups=tuple(
            Group(
                name,
                tuple(one for one in rows if one.rank is not None),
                tuple(one for one in rows if one.rank is None),
            )
            for name, rows in groups.items()
        ),
        never=_never_applied(run),
        closed_by=names_of([row.closed_by]).get(row.closed_by or 0, ""),
        is_whole=sees_whole(by, row, run, now=now),
        appeals_open=row.appeals_until is not None and now < row.appeals_until,
        shows_places=published.shows_places(by, row),
        version=published.newest_for(row, by=by, now=now),
    )


def runs_of(row: ScorePeriod) -> list[ScoreRun]:
    """Every run of a period, the newest first, without its long texts."""
    columns = (ScoreRun.id, ScoreRun.number, ScoreRun.ran_by, ScoreRun.ran_at, ScoreRun.reason)
    more = (ScoreRun.superseded, ScoreRun.result_sha256, ScoreRun.audit_head, ScoreRun.code_version)
    return list(
        ScoreRun.select(*columns, *more).where(ScoreRun.period == row).order_by(ScoreRun.number.desc())
    )


def names_of(ids: Iterable[int | None]) -> dict[int, str]:
    """People's names by id."""
    wanted = sorted({one for one in ids if one is not None})
    return {user.id: user.name for user in User.select(User.id, User.name).where(User.id.in_(wanted))}


def own_unit(actor: Actor) -> Unit | None:
    """The first unit the reader speaks for, in roster order."""
    return (
        Unit.select().where(Unit.id.in_(sorted(actor.unit_ids))).order_by(Unit.sort, Unit.id).first()
        if actor.unit_ids
        else None
    )


def _closer(row: ScorePeriod | None, people: dict[int, str]) -> str:
    return people.get(row.closed_by or 0, "") if row is not None else ""


def _never_applied(run: ScoreRun) -> tuple[tuple[ScoreLine, str], ...]:
    """Indicators without points for any unit of the run, each once."""
    lines: dict[str, list[ScoreLine]] = {}
    columns = (
        ScoreLine.indicator,
        ScoreLine.title,
        ScoreLine.title_en,
        ScoreLine.points,
        ScoreLine.na_reason,
    )
    query = ScoreLine.select(*columns).where((ScoreLine.run == run) & (ScoreLine.part == "indicator"))
    for line in query.order_by(ScoreLine.sort):
        lines.setdefault(line.indicator, []).append(line)
    return tuple(
        (rows[0], rows[0].na_reason)
        for rows in lines.values()
        if all(one.points is None for one in rows) and len({one.na_reason for one in rows}) == 1
    )


def last_closed(programme_id: int) -> tuple[ScorePeriod, ScoreRun] | None:
    """The last period whose books are closed, with the run that counts (without its long texts)."""
    run: ScoreRun | None = (
        ScoreRun.select(ScoreRun.id, ScoreRun.number, ScoreRun.ran_at, ScoreRun.period, ScorePeriod)
        .join(ScorePeriod)
        .where(
            (ScorePeriod.programme == programme_id)
            & (ScorePeriod.state == PeriodState.FROZEN)
            & (ScoreRun.superseded == False)  # noqa: E712 -- a condition in SQL
        )
        .order_by(ScorePeriod.ends_on.desc(), ScorePeriod.closed_at.desc(), ScoreRun.number.desc())
        .first()
    )
    return (run.period, run) if run is not None else None
