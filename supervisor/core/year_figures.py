"""A unit's year in figures, for the annual summary: tasks, progress, reports, problems.

Progress and unsolved problems are those of the year's last month, or of the present one while the year runs.
"""

from __future__ import annotations

from collections import Counter
from datetime import datetime

from peewee import fn

from supervisor.clock import beijing_date
from supervisor.core import month_figures
from supervisor.core.periods import Period, PeriodKind, period_of
from supervisor.documents.annual_summary import SummaryFigures
from supervisor.models import Assignment, AssignmentState, LinkRole, Obligation, ObligationState, Outcome
from supervisor.models.base import rows_of

NOTHING = SummaryFigures(0, 0, 0, None, None, 0, 0, 0, 0, 0)


def last_month(year: Period, now: datetime) -> Period:
    """The month up to which a year's figures count: its December, or the present month while it runs."""
    return period_of(PeriodKind.MONTH, min(year.end, beijing_date(now)))


def read_year(programme_id: int, year: Period, *, now: datetime) -> dict[int, SummaryFigures]:
    """Unit → its figures; ten queries, whatever the number of units. Who is not in it has none."""
    month = month_figures.read_month(programme_id, last_month(year, now), now=now)
    links, reports = _links(programme_id, year), _reports(programme_id, year)
    known = {unit.unit_id: unit for unit in month.units}
    units = {key[0] for key in (*links, *reports)} | set(known)
    return {
        unit_id: SummaryFigures(
            leads=links[unit_id, "lead"], closed=links[unit_id, "closed"], supports=links[unit_id, "supports"],
            progress=known[unit_id].progress if unit_id in known else None,
            planned=known[unit_id].planned if unit_id in known else None,
            on_time=reports[unit_id, Outcome.ON_TIME], late=reports[unit_id, Outcome.LATE],
            missing=reports[unit_id, Outcome.MISSING], nil=reports[unit_id, Outcome.NIL],
            problems=known[unit_id].new + known[unit_id].carried if unit_id in known else 0,
        )
        for unit_id in units
    }  # fmt: skip


def _links(programme_id: int, year: Period) -> Counter[tuple[int, str]]:
    """(unit, lead | closed | supports) → how many, of links that had begun by the year's end."""
    query = Assignment.select(Assignment.unit, Assignment.role, Assignment.closed_on).where(
        (Assignment.programme == programme_id)
        & (Assignment.state != AssignmentState.CANCELLED)
        & (Assignment.joined_on.is_null() | (Assignment.joined_on <= year.end))
    )
    found: Counter[tuple[int, str]] = Counter()
    for unit_id, role, closed_on in rows_of(query):
        found[unit_id, "lead" if role is LinkRole.LEAD else "supports"] += 1
        found[unit_id, "closed"] += role is LinkRole.LEAD and closed_on is not None and closed_on <= year.end
    return found


def _reports(programme_id: int, year: Period) -> Counter[tuple[int, Outcome]]:
    """(unit, outcome) → how many of what is about the year ended so."""
    query = (
        Obligation.select(Obligation.unit, Obligation.outcome, fn.COUNT(Obligation.id))
        .where(
            (Obligation.programme == programme_id)
            & Obligation.period.startswith(year.key)
            & Obligation.outcome.is_null(is_null=False)
            & (Obligation.state != ObligationState.WAIVED)
        )
        .group_by(Obligation.unit, Obligation.outcome)
    )
    found: Counter[tuple[int, Outcome]] = Counter()
    for unit_id, outcome, count in rows_of(query):
        found[unit_id, outcome] = count
    return found
