"""What of a period is open to whom because it was published: asked by every page, file and address alike (D16).

A version opens the scores of exactly the run that it froze. After a correction the new run is open to others only
when it has been published in its turn. What a programme's local settings keep to itself no version opens to units.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from supervisor.clock import beijing_date
from supervisor.core.periods import Period
from supervisor.core.permissions import Actor
from supervisor.core.programmes import settings_on
from supervisor.errors import NotFound
from supervisor.models import Programme, Publication, Reach, ScorePeriod, ScoreRun, Standing


@dataclass(frozen=True)
class Version:
    """A version as one reader sees it; `content` is what was frozen, for a unit perhaps only its own groups."""

    publication: Publication
    content: Mapping[str, Any]
    #: The version that took its place, and the first one's number is 1.
    replaced_by: Publication | None
    #: Every version behind the same door, the newest first.
    others: tuple[Publication, ...]
    #: Whether this reader sees every group.
    is_whole: bool = True


def versions_of(row: ScorePeriod) -> list[Publication]:
    """Every version of a period, the newest first."""
    return list(Publication.select().where(Publication.period == row).order_by(Publication.number.desc()))


def in_force(row: ScorePeriod) -> Publication | None:
    """The newest version, unless it was withdrawn."""
    newest: Publication | None = (
        Publication.select().where(Publication.period == row).order_by(Publication.number.desc()).first()
    )
    return newest if newest is not None and newest.withdrawn_at is None else None


def reach_of(row: ScorePeriod, run: ScoreRun, *, now: datetime) -> Reach:
    """How far the scores of this run are open to units; OWN = nobody sees another unit's.

    A period published before versions were kept is open to all units where the local setting says so.
    """
    if row.published_at is None or not _units_may_see_each_other(row, now):
        return Reach.OWN
    version = in_force(row)
    if version is None:
        return Reach.UNITS
    return version.reach if version.ranked and version.run_id == run.id else Reach.OWN


def shows_places(actor: Actor, row: ScorePeriod) -> bool:
    """Whether the reader is shown places: not a unit of a period that was published with tiers only."""
    if actor.sees_all:
        return True
    version = in_force(row)
    return version is None or version.ranked


def version(programme: Programme, period: Period, number: int, *, by: Actor, now: datetime) -> Version:
    """A stored version inside the house. NotFound for a unit that it does not reach, or not any more."""
    row = ScorePeriod.get_or_none((ScorePeriod.programme == programme) & (ScorePeriod.key == period.key))
    found = [one for one in versions_of(row) if _reaches(one, row, by, now)] if row is not None else []
    one = next((one for one in found if one.number == number), None)
    if one is None:
        raise NotFound
    content = json.loads(one.content)
    whole = by.sees_all or one.reach in {Reach.UNITS, Reach.PUBLIC}
    if not whole:
        own = own_groups(by, one.run_id)
        content["groups"] = [group for group in content["groups"] if group["name"] in own]
    return Version(one, content, _next(one, found), tuple(found), whole)


def newest_for(row: ScorePeriod, *, by: Actor, now: datetime) -> Publication | None:
    """The version in force if it reaches this reader."""
    one = in_force(row)
    return one if one is not None and _reaches(one, row, by, now) else None


def public_version(token: str, number: int | None = None) -> Version:
    """What stands behind a public address: the newest version, or the one of a number.

    NotFound for every address that was never given out. A withdrawn version has no content left to show.
    """
    rows = Publication.select().where(Publication.token == token).order_by(Publication.number.desc())
    found = list(rows) if token else []
    one = next((one for one in found if number in {None, one.number}), None)
    if one is None:
        raise NotFound
    content = json.loads(one.content) if one.withdrawn_at is None else {}
    return Version(one, content, _next(one, found), tuple(found))


def own_groups(actor: Actor, run_id: int) -> set[str]:
    """Names of the groups in which the reader's units stood in a run."""
    mine = (Standing.run == run_id) & Standing.unit.in_(sorted(actor.unit_ids))
    return {one.group_name for one in Standing.select(Standing.group_name).where(mine)}


def _reaches(one: Publication, row: ScorePeriod, actor: Actor, now: datetime) -> bool:
    if actor.sees_all:
        return True
    if one.withdrawn_at is not None or one.reach is Reach.OWN or not _units_may_see_each_other(row, now):
        return False
    return one.reach is not Reach.GROUP or bool(own_groups(actor, one.run_id))


def _units_may_see_each_other(row: ScorePeriod, now: datetime) -> bool:
    return bool(settings_on(row.programme_id, beijing_date(now)).scores_shown_to_units)


def _next(one: Publication, found: list[Publication]) -> Publication | None:
    later = [other for other in found if other.number > one.number]
    return later[-1] if later else None
