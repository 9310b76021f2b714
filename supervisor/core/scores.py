"""Periods and their books: preliminary score, closing (封账), and proving a closed period.

A run = gathered facts × the rulebook in force → lines and standings, stored as the exact text that was hashed.
Nothing here computes a point. A later run supersedes the run before it and never edits it. The books go

    open → preliminary (units see their sheets and may appeal) → closed → published → corrected by two people

or, where the programme wants no appeals, from open to closed at once.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import datetime

from scoring import canonical, facts_to_json, load_facts
from supervisor.clock import beijing_date
from supervisor.core import facts, score_notices
from supervisor.core.cadences import deadline_instant, due_day
from supervisor.core.calendar import load_calendar
from supervisor.core.completeness import completeness
from supervisor.core.days import day_words
from supervisor.core.periods import Period
from supervisor.core.permissions import Actor, Permission
from supervisor.core.programmes import settings_on
from supervisor.core.score_books import (
    Act,
    find_row,
    make_next_run,
    make_run,
    moves_between,
    period_row,
    points_by_line,
    refuse_own_unit,
    seal,
)
from supervisor.core.score_proofs import verify_frozen
from supervisor.core.score_runs import current_run
from supervisor.database import alone
from supervisor.errors import Invalid, NotFound, Obstacle, Refused
from supervisor.models import Appeal, AppealState, PeriodState, Programme, ScorePeriod, ScoreRun
from supervisor.words import N_

__all__ = [
    "close",
    "completeness",
    "current_run",
    "run_again",
    "show_preliminary",
    "verify_frozen",
]


@alone
def show_preliminary(programme: Programme, period: Period, *, by: Actor, now: datetime) -> ScoreRun:
    """Score an open period and show each unit its own sheet; from now on lines can be appealed against.

    Errors: NotAllowed (not an assessor), Refused (begun already, something stands in the way, own unit D17, or
    the programme has set no days for appeals).
    """
    by.require(Permission.PERIOD_CLOSE)
    until = appeals_end(programme, now)
    if until is None:
        raise Refused(
            N_("This programme gives no days for appeals: its books are closed at once."),
            [Obstacle(N_("Local settings"), f"/p/{programme.id}/settings")],
        )
    row = period_row(programme, period)
    # The update takes the row's lock: of two who begin at the same time one is told so.
    won = (
        ScorePeriod.update(
            state=PeriodState.PRELIMINARY, preliminary_by=by.user_id, preliminary_at=now, appeals_until=until
        )
        .where((ScorePeriod.id == row.id) & (ScorePeriod.state == PeriodState.OPEN))
        .execute()
    )
    if not won:
        raise Refused(N_("%(period)s has a preliminary score already, or is closed.", period=period.label))
    _refuse_incomplete(programme, period, by, now)
    run = make_run(programme, period, row, number=1, act=Act("period.preliminary", by, now))
    score_notices.tell_preliminary(programme, period, run, until, now)
    return run


@alone
def run_again(programme: Programme, period: Period, *, reason: str, by: Actor, now: datetime) -> ScoreRun:
    """Score a preliminary period again after a record was corrected; whoever moved is told the difference.

    Where lines of a unit changed that had not appealed with success itself, the days for appeals begin anew.

    Errors: Invalid (no reason), Refused (not preliminary, something stands in the way, own unit).
    """
    by.require(Permission.PERIOD_CLOSE)
    if not reason.strip():
        raise Invalid(
            N_("A period is only run again with a reason."),
            {"reason": N_("Say which record was corrected, and why.")},
        )
    row = find_row(programme, period)
    if row is None or row.state is not PeriodState.PRELIMINARY:
        raise Refused(N_("%(period)s has no preliminary score.", period=period.label))
    _refuse_incomplete(programme, period, by, now)
    before, run = make_next_run(programme, period, row, Act("period.again", by, now, reason.strip()))
    if _surprised(row, before, run):
        until = appeals_end(programme, now)
        if until is not None and row.appeals_until is not None and until > row.appeals_until:
            ScorePeriod.update(appeals_until=until).where(ScorePeriod.id == row.id).execute()
    moves, concerned = moves_between(before, run), _concerned(row, before, run)
    score_notices.tell_moved(programme, period, run, moves, now, concerned=concerned)
    return run


@alone
def close(programme: Programme, period: Period, *, by: Actor, now: datetime) -> ScoreRun:
    """Close the books of a period: what the units were shown is frozen, after every appeal was decided.

    Where the programme gives no days for appeals, an open period is scored and frozen at once.

    Errors: NotAllowed (not an assessor), Refused (closed already, something stands in the way with its list,
    or the assessor would confirm their own unit, D17).
    """
    by.require(Permission.PERIOD_CLOSE)
    row = period_row(programme, period)
    shown = row.state is PeriodState.PRELIMINARY
    if row.state is PeriodState.OPEN and appeals_end(programme, now) is not None:
        raise Refused(
            N_("%(period)s cannot be closed before the units have seen their preliminary score.", period=period.label)
        )  # fmt: skip
    won = (
        ScorePeriod.update(state=PeriodState.FROZEN, closed_by=by.user_id, closed_at=now)
        .where((ScorePeriod.id == row.id) & (ScorePeriod.state == row.state))
        .execute()
    )
    if not won or row.state is PeriodState.FROZEN:
        raise Refused(N_("The books of %(period)s are closed already.", period=period.label))
    act = Act("period.close", by, now)
    if shown:
        run = _freeze_shown(programme, period, row, act)
    else:
        _refuse_incomplete(programme, period, by, now)
        run = make_run(programme, period, row, number=1, act=act)
    score_notices.tell_closed(programme, period, run, now)
    return run


def closing_obstacles(
    programme: Programme, period: Period, row: ScorePeriod, now: datetime, *, changed: bool | None = None
) -> list[Obstacle]:
    """What keeps a preliminary period from being closed: days for appeals, open appeals, other facts.

    `changed` says whether the records have changed, where a page knows; None = they are gathered and compared now.
    """
    return list(_appeal_obstacles(programme, period, row, now)) + list(
        _fact_obstacles(programme, period, row, changed=changed)
    )


def appeals_end(programme: Programme, now: datetime) -> datetime | None:
    """Until when (exclusive) appeals may come that can begin now; None = the programme gives no days.

    So many working days after the day of `now`, whole days: the last one ends at 24:00 Beijing time.
    """
    day = beijing_date(now)
    days = settings_on(programme.id, day).appeal_workdays
    if not days:
        return None
    last = load_calendar().add_workdays(day, days)
    return deadline_instant(last)


def _refuse_incomplete(programme: Programme, period: Period, by: Actor, now: datetime) -> None:
    obstacles = completeness(programme, period, now, by)
    if obstacles:
        raise Refused(N_("%(period)s cannot be scored yet.", period=period.label), obstacles)


def _freeze_shown(programme: Programme, period: Period, row: ScorePeriod, act: Act) -> ScoreRun:
    """Freeze exactly what was shown: no new run, and none of its facts may have changed meanwhile."""
    obstacles = closing_obstacles(programme, period, row, act.now)
    if obstacles:
        raise Refused(N_("%(period)s cannot be closed yet.", period=period.label), obstacles)
    run = current_run(row)
    if run is None:
        raise NotFound
    # Nothing differs from what would be gathered now: that was among the obstacles.
    refuse_own_unit(programme, load_facts(json.loads(run.facts)), act.by, act.now)
    seal(run, row, act)
    return run


def _appeal_obstacles(
    programme: Programme, period: Period, row: ScorePeriod, now: datetime
) -> Iterator[Obstacle]:
    if row.appeals_until is not None and now < row.appeals_until:
        last = due_day(row.appeals_until)
        yield Obstacle(N_("Units may appeal until the end of %(day)s.", day=day_words(last)))
    rows = list(Appeal.select().where(Appeal.period == row))
    waiting = sum(one.state is AppealState.OPEN for one in rows)
    desk = f"/p/{programme.id}/appeals"
    if waiting:
        yield Obstacle(N_("Appeals that wait for a decision: %(count)s", count=waiting), desk)
    run = current_run(row)
    accepted = [one for one in rows if one.state is AppealState.ACCEPTED]
    if run is not None and any(
        one.decided_at is not None and one.decided_at >= run.ran_at for one in accepted
    ):
        yield Obstacle(
            N_("An appeal was accepted after the last run: correct the record, then run the period again."),
            f"/p/{programme.id}/periods/{period.key}",
        )


def _fact_obstacles(
    programme: Programme, period: Period, row: ScorePeriod, *, changed: bool | None
) -> Iterator[Obstacle]:
    run = current_run(row)
    if changed is None and run is not None:
        changed = canonical(facts_to_json(facts.gather(programme, period))) != run.facts
    if changed:
        yield Obstacle(
            N_(
                "Records have changed since the units saw their sheets: run the period again with the reason."
            ),
            f"/p/{programme.id}/periods/{period.key}",
        )


def _surprised(row: ScorePeriod, before: ScoreRun, after: ScoreRun) -> bool:
    """Whether lines changed for a unit that had not won an appeal: it has a right to look at them in peace."""
    return bool(_changed(before, after) - _winners(row))


def _concerned(row: ScorePeriod, before: ScoreRun, after: ScoreRun) -> set[int]:
    """Units whose own record was corrected: those that won an appeal, else all whose lines changed."""
    changed = _changed(before, after)
    return (changed & _winners(row)) or changed


def _changed(before: ScoreRun, after: ScoreRun) -> set[int]:
    old, new = points_by_line(before), points_by_line(after)
    return {key[0] for key in old.keys() | new.keys() if old.get(key) != new.get(key)}


def _winners(row: ScorePeriod) -> set[int]:
    won = (Appeal.period == row) & (Appeal.state == AppealState.ACCEPTED)
    return {one.unit_id for one in Appeal.select(Appeal.unit).where(won)}
