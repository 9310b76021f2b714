"""Whether the books of a period can be closed: what is in, what stands in the way, each with its place (D9)."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from supervisor.clock import beijing_date
from supervisor.core import (
    case_facts,
    decisions,
    fact_gaps,
    fact_needs,
    people,
    rulebooks,
    score_calendar,
    score_parts,
    score_scope,
    viewing_facts,
)
from supervisor.core.calendar import load_calendar
from supervisor.core.days import day_words, listed
from supervisor.core.periods import Period, type_label
from supervisor.core.permissions import Actor, Permission
from supervisor.core.score_calendar import precedes
from supervisor.core.score_parts import Part
from supervisor.core.score_runs import closed_before
from supervisor.core.scored_periods import is_shortest, types_of
from supervisor.database import digest
from supervisor.errors import Invalid, Obstacle
from supervisor.models import (
    Application,
    ApplicationState,
    Assignment,
    AssignmentState,
    GroupKind,
    Objection,
    Obligation,
    ObligationState,
    Programme,
    RulebookVersion,
    Unit,
    UnitGroup,
)
from supervisor.words import N_, Sentence

#: Kinds of facts for which the reports of a period must be in and reviewed.
FROM_REPORTS = frozenset({"mark", "quantity", "report", "task"})
#: Names printed in one sentence; the rest is a number.
NAMES = 6
NOT_IN = N_("Not in yet, %(period)s: %(count)s (%(units)s). They can come in until %(until)s.")
RETURNED = N_(
    "Returned and not in again, %(period)s: %(count)s (%(units)s). They can come in until %(until)s."
)


@dataclass(frozen=True)
class Books:
    """A period before it is closed: figures, its parts, obstacles and warnings.

    `owed` counts reports that are not waived; `received` those submitted at least once; `accepted` those
    reviewed and accepted; `missing` those never submitted although their lock has passed.
    """

    period: Period
    #: The shorter periods that it rests on, closed or not.
    parts: tuple[Part, ...]
    #: Whether it counts reports by itself, not only through its parts.
    counts_reports: bool
    owed: int
    received: int
    accepted: int
    waiting: int
    missing: int
    obstacles: tuple[Obstacle, ...]
    warnings: tuple[Obstacle, ...]
    #: When the last report still expected locks; None = nothing is expected any more.
    last_lock: datetime | None

    @property
    def is_ready(self) -> bool:
        """Whether nothing stands in the way."""
        return not self.obstacles


def completeness(
    programme: Programme, period: Period, now: datetime, by: Actor | None = None
) -> list[Obstacle]:
    """What stands in the way of closing this period; empty = it can be closed."""
    return list(examine(programme, period, now, by).obstacles)


def examine(programme: Programme, period: Period, now: datetime, by: Actor | None = None) -> Books:
    """The state of a period's books in a fixed number of queries.

    Links lead where `by` can act, or can at least read: the review queue opens to the lead office only.
    """
    reviews = by is None or by.may(Permission.REVIEW_DECIDE)
    version = rulebooks.in_force(programme.id, period)
    parts = score_parts.parts(programme, period, beijing_date(now))
    text = version.text if version is not None else ""
    wanted = fact_needs.kinds_wanted(text, period.type)
    counts_reports = is_shortest(text, period.type) or bool(FROM_REPORTS & wanted)
    owed = [
        row
        for row in (score_scope.obligations_of(programme.id, period) if counts_reports else ())
        if row.state is not ObligationState.WAIVED
    ]
    pending = [row for row in owed if _is_expected(row, now)]
    places = score_scope.memberships(programme.id, period)
    names = list(dict.fromkeys(place.group.name for place in places))
    obstacles = [
        *_too_early(programme, period, now),
        *score_parts.obstacles(programme, parts),
        *_pending(programme, pending),
        *_unreviewed(programme, owed, reviews=reviews),
        *_open_requests(programme, period, reviews=reviews),
        *_groups(programme, period, places),
        *_rulebook(programme, period, version, names),
        *_decisions(programme),
        *viewing_facts.obstacles(programme.id, period, version),
    ]
    missing, unasked = fact_gaps.gaps(programme, period, version)
    obstacles += missing
    return Books(
        period=period,
        parts=tuple(parts),
        counts_reports=counts_reports,
        owed=len(owed),
        received=sum(row.first_submitted_at is not None for row in owed),
        accepted=sum(row.state is ObligationState.ACCEPTED for row in owed),
        waiting=sum(row.state is ObligationState.SUBMITTED for row in owed),
        missing=sum(row.first_submitted_at is None and row.locked_at <= now for row in owed),
        obstacles=tuple(obstacles),
        warnings=(
            *unasked,
            *case_facts.warnings(programme.id, period),
            *_unnamed_groups(programme, period, version, names),
            *_warnings(programme, period),
        ),
        last_lock=max((row.locked_at for row in pending), default=None),
    )


def _is_expected(row: Obligation, now: datetime) -> bool:
    """Whether a report, or a returned one's new version, may still come in: its lock has not passed."""
    open_states = {ObligationState.OPEN, ObligationState.WITH_HEAD, ObligationState.RETURNED}
    return row.state in open_states and row.locked_at > now


def _too_early(programme: Programme, period: Period, now: datetime) -> Iterator[Obstacle]:
    today = beijing_date(now)
    if today <= period.end:
        yield Obstacle(N_("%(period)s has not ended.", period=period.label))
    first = score_calendar.first_scored(programme.id, today)
    if first is not None and precedes(period, first):
        yield Obstacle(
            N_("Scoring begins with %(first)s.", first=first.label),
            f"/p/{programme.id}/settings",
        )


def _pending(programme: Programme, pending: list[Obligation]) -> Iterator[Obstacle]:
    by_period: dict[tuple[str, bool], list[Obligation]] = {}
    for row in pending:
        came_back = row.state is ObligationState.RETURNED
        by_period.setdefault((row.period, came_back), []).append(row)
    for (key, came_back), rows in sorted(by_period.items()):
        yield Obstacle(
            Sentence(
                (RETURNED if came_back else NOT_IN).msgid,
                {
                    "period": Period.parse(key).label,
                    "count": len(rows),
                    "units": _names(row.unit for row in rows),
                    "until": day_words(_last_day(rows)),
                },
            ),
            f"/p/{programme.id}/reports?only={'returned' if came_back else 'open'}",
        )


def _last_day(rows: list[Obligation]) -> date:
    """The last day on which one of them can come in: `locked_at` is the first instant that is too late."""
    return beijing_date(max(row.locked_at for row in rows) - timedelta(microseconds=1))


def _unreviewed(programme: Programme, owed: list[Obligation], *, reviews: bool) -> Iterator[Obstacle]:
    by_unit: dict[int, list[Obligation]] = {}
    for row in owed:
        if row.state is ObligationState.SUBMITTED:
            by_unit.setdefault(row.unit_id, []).append(row)
    for unit_id, rows in by_unit.items():
        yield Obstacle(
            N_(
                "%(unit)s: waiting for review: %(periods)s.",
                unit=rows[0].unit.name,
                periods=listed([Period.parse(row.period).label for row in rows]),
            ),
            f"/p/{programme.id}/reviews?unit={unit_id}"
            if reviews
            else f"/p/{programme.id}/reports/{rows[0].id}",
        )


def _open_requests(programme: Programme, period: Period, *, reviews: bool) -> Iterator[Obstacle]:
    applications = (
        Application.select(Application, Assignment, Unit)
        .join(Assignment)
        .join(Unit)
        .where((Application.programme == programme) & (Application.state == ApplicationState.OPEN))
        .order_by(Unit.sort, Unit.id)
    )
    about = [row for row in applications if beijing_date(row.applied_at) <= period.end]
    if about:
        yield Obstacle(
            N_(
                "Applications for completion wait for a decision: %(count)s (%(units)s).",
                count=len(about),
                units=_names(row.assignment.unit for row in about),
            ),
            f"/p/{programme.id}/reviews?tab=applications"
            if reviews
            else f"/p/{programme.id}/tasks/{about[0].assignment.task_id}",
        )
    objections = list(
        Objection.select(Objection, Assignment, Unit)
        .join(Assignment)
        .join(Unit)
        .where(
            (Assignment.programme == programme)
            & Objection.upheld.is_null()
            & (Assignment.state != AssignmentState.CANCELLED)
        )
        .order_by(Unit.sort, Unit.id)
    )
    if objections:
        yield Obstacle(
            N_(
                "Objections to assignments wait for a decision: %(count)s (%(units)s).",
                count=len(objections),
                units=_names(row.assignment.unit for row in objections),
            ),
            f"/p/{programme.id}/reviews?tab=objections"
            if reviews
            else f"/p/{programme.id}/tasks/{objections[0].assignment.task_id}",
        )


def _groups(programme: Programme, period: Period, places: list[score_scope.Membership]) -> Iterator[Obstacle]:
    grouped = {place.unit.id for place in places}
    linked = score_scope.linked_units(programme.id, period)
    if not linked:
        yield Obstacle(
            N_("No task was in force in %(period)s: there is nothing to score.", period=period.label),
            f"/p/{programme.id}/documents",
        )
    outside = list(Unit.select().where(Unit.id.in_(sorted(linked - grouped))).order_by(Unit.sort, Unit.id))
    if outside:
        yield Obstacle(
            N_("In no assessment group: %(units)s.", units=_names(outside)), f"/p/{programme.id}/units"
        )
    unconfirmed = UnitGroup.select().where(
        (UnitGroup.programme == programme)
        & (UnitGroup.kind == GroupKind.ASSESSMENT)
        & UnitGroup.confirmed_at.is_null()
    )
    for group in unconfirmed.order_by(UnitGroup.sort, UnitGroup.id):
        yield Obstacle(
            N_("The assessment group %(group)s has not been confirmed.", group=group.name),
            f"/p/{programme.id}/units",
        )


def _rulebook(
    programme: Programme, period: Period, version: RulebookVersion | None, names: list[str]
) -> Iterator[Obstacle]:
    link = f"/p/{programme.id}/rulebooks"
    if version is None:
        yield Obstacle(
            N_("No rulebook is in force on the last day of %(period)s.", period=period.label), link
        )
        return
    if digest(version.text) != version.sha256:
        yield Obstacle(N_("The text of the rulebook was changed after it was adopted."), link)
        return
    try:
        rulebook = rulebooks.parse(version.text)
    except Invalid as error:  # adopted under an older format of rulebooks
        yield Obstacle(error.fields["text"], link)
        return
    if period.type not in types_of(version.text):
        yield Obstacle(
            N_(
                "The rulebook %(rulebook)s has no table for this kind of period: %(kind)s.",
                rulebook=version.name,
                kind=type_label(period.type),
            ),
            link,
        )
        return
    for name in names:
        if rulebook.table_for(period.type, name) is None:
            yield Obstacle(
                N_(
                    "The rulebook %(rulebook)s has no table for the group %(group)s: %(kind)s.",
                    rulebook=version.name,
                    group=name,
                    kind=type_label(period.type),
                ),
                link,
            )


def _decisions(programme: Programme) -> Iterator[Obstacle]:
    for row in decisions.open_about_scores(programme.id):
        yield Obstacle(
            N_("Waits for the leader's decision: %(what)s", what=row.subject), f"/p/{programme.id}/decisions"
        )


def _warnings(programme: Programme, period: Period) -> Iterator[Obstacle]:
    if not load_calendar().is_confirmed(period.end):
        yield Obstacle(
            N_(
                "The working calendar of %(year)s is provisional: late days may still change.",
                year=period.year,
            )
        )
    before = closed_before(programme.id, period.type, period.key)
    if before is not None and before.key != period.previous().key:
        yield Obstacle(
            N_(
                "%(period)s is not closed: there will be no comparison with it.",
                period=period.previous().label,
            )
        )
    for unit in people.gaps(programme.id, period.end)[:NAMES]:
        yield Obstacle(
            N_("%(unit)s had no liaison officer on the last day of the period.", unit=unit.name),
            f"/p/{programme.id}/people",
        )


def _unnamed_groups(
    programme: Programme, period: Period, version: RulebookVersion | None, names: list[str]
) -> Iterator[Obstacle]:
    """Groups that a rulebook with tables by group does not name: a differently spelt name would go unnoticed."""
    try:
        tables = rulebooks.parse(version.text).tables if version is not None else ()
    except Invalid:
        return
    named = {name for table in tables if table.period == period.type for name in table.groups}
    if not named & set(names):
        for name in names if named else ():
            yield Obstacle(
                N_(
                    "The rulebook has tables for named groups; %(group)s is not among them "
                    "and is scored by the table for all others.",
                    group=name,
                ),
                f"/p/{programme.id}/rulebooks",
            )


def _names(units: Iterable[Unit]) -> str:
    """Names in the given order, each once, cut after a few."""
    names = list(dict.fromkeys(unit.name for unit in units))
    more = f" +{len(names) - NAMES}" if len(names) > NAMES else ""
    return "、".join(names[:NAMES]) + more
