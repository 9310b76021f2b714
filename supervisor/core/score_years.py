"""A year at a glance (年度总览): score, place and tier of each unit in every period, and what open ones wait for."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime

from supervisor.clock import beijing_date
from supervisor.core import published, score_calendar, score_parts
from supervisor.core.completeness import examine
from supervisor.core.periods import Period
from supervisor.core.permissions import Actor, Permission
from supervisor.core.score_pages import PeriodRow, period_rows, standings_visible_to
from supervisor.errors import NotFound, Obstacle
from supervisor.models import PeriodState, Programme, ScorePeriod, ScoreRun, Standing


@dataclass(frozen=True)
class YearColumn:
    """A period of the year with a score that somebody was shown."""

    period: Period
    row: ScorePeriod
    #: Whether the reader is shown places, or tiers only.
    shows_places: bool
    #: Whether it rests on a part that was corrected since.
    is_outdated: bool

    @property
    def is_preliminary(self) -> bool:
        """Whether it may still change by appeals."""
        return self.row.state is PeriodState.PRELIMINARY


@dataclass(frozen=True)
class UnitYear:
    """One unit over the columns; None where it has no standing that the reader sees."""

    unit_id: int
    unit_name: str
    cells: tuple[Standing | None, ...]


@dataclass(frozen=True)
class OpenPeriod:
    """A period without a score, and what stands in the way of one; None for whoever does not read the books."""

    row: PeriodRow
    obstacles: tuple[Obstacle, ...] | None


@dataclass(frozen=True)
class YearView:
    """The page of a year: columns in order of time, units by group in the order of the last column."""

    year: int
    columns: tuple[YearColumn, ...]
    groups: tuple[tuple[str, tuple[UnitYear, ...]], ...]
    open: tuple[OpenPeriod, ...]
    #: The years beside it, where there is something to see.
    before: int | None
    after: int | None


def year_view(programme: Programme, year: int, *, by: Actor, now: datetime) -> YearView:
    """A year as the reader may see it. NotFound for a year in which nothing is scored."""
    today = beijing_date(now)
    if not 1900 < year <= today.year:
        raise NotFound
    begin, end = date(year, 1, 1), date(year, 12, 31)
    first = score_calendar.first_scored(programme.id, today)
    rows = [one for one in period_rows(programme, begin, min(today, end), first) if one.period.end <= end]
    if not rows:
        raise NotFound
    reads_books = by.may(Permission.PERIOD_READ)
    outdated = score_parts.outdated(programme.id, begin) if reads_books else frozenset()
    runs = _runs(programme.id, begin, end)
    columns, standings = [], []
    for one in rows:
        run = runs.get(one.period.key)
        if one.row is not None and run is not None:
            shows = published.shows_places(by, one.row)
            columns.append(YearColumn(one.period, one.row, shows, one.period.key in outdated))
            seen = standings_visible_to(by, one.row, run, now=now)
            standings.append({standing.unit_id: standing for standing in seen})
    waiting = [one for one in rows if one.period.key not in runs]
    return YearView(
        year,
        tuple(columns),
        _by_group(standings),
        tuple(
            OpenPeriod(one, _obstacles(programme, one, by, now) if reads_books else None) for one in waiting
        ),
        year - 1 if _has_before(programme, first, begin) else None,
        year + 1 if year < today.year else None,
    )


def _runs(programme_id: int, begin: date, end: date) -> Mapping[str, ScoreRun]:
    """The runs that count of what was shown in a year, without their long texts, by key."""
    columns = (ScoreRun.id, ScoreRun.number, ScoreRun.ran_at, ScoreRun.period, ScorePeriod)
    rows = (
        ScoreRun.select(*columns)
        .join(ScorePeriod)
        .where(
            (ScorePeriod.programme == programme_id)
            & (ScorePeriod.state != PeriodState.OPEN)
            & ScorePeriod.ends_on.between(begin, end)
            & (ScoreRun.superseded == False)  # noqa: E712 -- a condition in SQL
        )
    )
    return {run.period.key: run for run in rows.order_by(ScorePeriod.key)}


def _by_group(standings: list[dict[int, Standing]]) -> tuple[tuple[str, tuple[UnitYear, ...]], ...]:
    """Units by the group of their last standing; the order is that of the last period they stand in."""
    last: dict[int, Standing] = {}
    for column in standings:
        last |= column
    order = sorted(last.values(), key=lambda one: (one.group_sort, one.group_name, one.sort, one.unit_id))
    groups: dict[str, list[UnitYear]] = {}
    for one in order:
        cells = tuple(column.get(one.unit_id) for column in standings)
        groups.setdefault(one.group_name, []).append(UnitYear(one.unit_id, one.unit_name, cells))
    return tuple((name, tuple(units)) for name, units in groups.items())


def _obstacles(programme: Programme, one: PeriodRow, by: Actor, now: datetime) -> tuple[Obstacle, ...]:
    """What stands in the way of a period that has ended; a running one waits for its end, nothing is looked up."""
    return examine(programme, one.period, now, by).obstacles if one.has_ended else ()


def _has_before(programme: Programme, first: Period | None, begin: date) -> bool:
    if first is not None and first.start < begin:
        return True
    earlier = (ScorePeriod.programme == programme) & (ScorePeriod.ends_on < begin)
    return bool(ScorePeriod.select().where(earlier).exists())
