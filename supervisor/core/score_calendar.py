"""Which periods a programme scores: the types of its rulebook in force, from the first scored one on, and parts."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from supervisor.core.periods import Period, PeriodKind
from supervisor.core.programmes import settings_on
from supervisor.core.scored_periods import (
    USUAL,
    length_of,
    part_types,
    periods_of_type,
    scored_period,
    types_of,
)
from supervisor.models import Plan, PlanState, RulebookVersion

_COLUMNS = (RulebookVersion.id, RulebookVersion.valid_from, RulebookVersion.text)


def rulebook_on(programme_id: int, day: date) -> RulebookVersion | None:
    """The rulebook in force on a day: the one adopted last of those that begin by then."""
    found: RulebookVersion | None = (
        RulebookVersion.select()
        .where((RulebookVersion.programme == programme_id) & (RulebookVersion.valid_from <= day))
        .order_by(RulebookVersion.valid_from.desc(), RulebookVersion.id.desc())
        .first()
    )
    return found


def types_on(programme_id: int, day: date) -> tuple[str, ...]:
    """Types of periods that are scored on a day, the shortest first; the usual one without a rulebook."""
    version = rulebook_on(programme_id, day)
    return types_of(version.text if version is not None else "")


def shortest_on(programme_id: int, day: date) -> Period:
    """The shortest scored period that a day lies in: the one in which events of that day count."""
    return next(periods_of_type(types_on(programme_id, day)[0], day, day))


def first_scored(programme_id: int, day: date) -> Period | None:
    """The first period that is scored: as settled, else the first whole one of the issued plans (E-53).

    None while no plan is issued and nothing is settled.
    """
    settled = settings_on(programme_id, day).first_scored_period
    if settled:
        return scored_period(settled)
    first = (
        Plan.select(Plan.effective_on)
        .where((Plan.programme == programme_id) & (Plan.state == PlanState.ISSUED))
        .order_by(Plan.effective_on)
        .first()
    )
    if first is None:
        return None
    period = shortest_on(programme_id, first.effective_on)
    return period if period.start == first.effective_on else period.next()


def precedes(period: Period, first: Period | None) -> bool:
    """Whether a period lies before scoring began.

    One that is longer than the first scored one may begin earlier: the year is scored from the quarters that it has.
    """
    if first is None:
        return False
    if length_of(period.type) > length_of(first.type):
        return period.end < first.start
    return period.start < first.start


def scored_between(programme_id: int, first: date, last: date) -> list[Period]:
    """The periods that are scored and touch these days, by their last day, at the same end the shortest first."""
    versions = _versions(programme_id)
    types = dict.fromkeys(type_ for version in versions for type_ in types_of(version.text)) or {USUAL: None}
    found = [
        period
        for type_ in types
        for period in periods_of_type(type_, first, last)
        if type_ in types_of(_text_on(versions, period.end))
    ]
    return sorted(found, key=in_time)


def in_time(period: Period) -> tuple[date, int, bool, str]:
    """Sorts periods by their last day, the shortest first; the year stands behind its own types."""
    return period.end, length_of(period.type), period.type == PeriodKind.YEAR, period.key


def parts_of(programme_id: int, period: Period, day: date) -> list[Period]:
    """The shorter periods and own types on whose scores a period rests, in order of time; `day` is today.

    Not among them: what no rulebook scored then, and what lies before scoring began. Those are simply not there.
    """
    versions = _versions(programme_id)
    text = _text_on(versions, period.end)
    types = part_types(text, period.type)
    first = first_scored(programme_id, day) if types else None
    found = [
        part
        for type_ in types
        for part in periods_of_type(type_, period.start, period.end)
        if period.start <= part.start
        and part.end <= period.end
        and type_ in types_of(_text_on(versions, part.end))
        and not precedes(part, first)
    ]
    return sorted(found, key=in_time)


def _versions(programme_id: int) -> list[RulebookVersion]:
    """The programme's rulebooks, the latest first."""
    mine = RulebookVersion.programme == programme_id
    order = (RulebookVersion.valid_from.desc(), RulebookVersion.id.desc())
    return list(RulebookVersion.select(*_COLUMNS).where(mine).order_by(*order))


def _text_on(versions: Sequence[RulebookVersion], day: date) -> str:
    return next((one.text for one in versions if one.valid_from <= day), "")
