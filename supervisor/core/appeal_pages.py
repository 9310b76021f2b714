"""What the pages about appeals show: the desk with its clock, one appeal, a sheet's appeals, statistics. Reads only."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from supervisor.clock import beijing_date
from supervisor.core import appeals
from supervisor.core.calendar import load_calendar
from supervisor.core.periods import Period
from supervisor.core.permissions import Actor, Permission
from supervisor.core.score_runs import current_run
from supervisor.core.scored_periods import scored_period
from supervisor.models import Appeal, AppealState, Attachment, PeriodState, ScoreLine, ScorePeriod, ScoreRun

#: Decided appeals a page; open ones are all shown.
PAGE = 100


@dataclass(frozen=True)
class AppealRow:
    """An appeal with its clock."""

    appeal: Appeal
    period: Period
    #: The day by which it is to be decided.
    answer_by: date
    #: Working days left until then, today not counted; negative = overdue. None once decided.
    left: int | None


@dataclass(frozen=True)
class IndicatorCount:
    """How the appeals against one indicator ended."""

    title: str
    title_en: str
    filed: int
    accepted: int
    rejected: int
    withdrawn: int
    #: Mean number of working days to the decision, in tenths; None where none was decided.
    days: int | None


@dataclass(frozen=True)
class Desk:
    """Appeals as one reader sees them: what waits, what was decided, how it went."""

    waiting: tuple[AppealRow, ...]
    decided: tuple[AppealRow, ...]
    counts: tuple[IndicatorCount, ...]
    #: All of them together, where there is more than one line.
    total: IndicatorCount | None


@dataclass(frozen=True)
class AppealPage:
    """One appeal: the disputed line, what stands there now, the evidence, who may decide."""

    row: AppealRow
    #: The line as it was appealed against, and in the run that counts now.
    line: ScoreLine | None
    current: ScoreLine | None
    files: tuple[Attachment, ...]
    may_decide: bool
    #: The reader scored the line, or it is of the reader's unit: somebody else decides.
    scored_by_reader: bool
    may_withdraw: bool


def desk(actor: Actor, *, today: date) -> Desk:
    """The reader's appeals, the most urgent first."""
    rows = [
        _row(one, today)
        for one in appeals.visible_to(actor).order_by(Appeal.filed_at.desc(), Appeal.id.desc())
    ]
    counts = tuple(_counts(row.appeal for row in rows))
    return Desk(
        waiting=_urgent(row for row in rows if row.left is not None),
        decided=tuple(row for row in rows if row.left is None)[:PAGE],
        counts=counts,
        total=_total([row.appeal for row in rows]) if len(counts) > 1 else None,
    )


def waiting(actor: Actor, *, today: date) -> tuple[AppealRow, ...]:
    """The appeals of the reader that wait for a decision, the most urgent first."""
    rows = appeals.visible_to(actor).where(Appeal.state == AppealState.OPEN)
    return _urgent(_row(one, today) for one in rows)


def _urgent(rows: Iterable[AppealRow]) -> tuple[AppealRow, ...]:
    return tuple(sorted(rows, key=lambda row: (row.answer_by, row.appeal.id)))


def read_appeal(appeal_id: int, actor: Actor, *, today: date) -> AppealPage:
    """One appeal as the reader may see it. NotFound for another's."""
    appeal = appeals.get_visible(appeal_id, actor)
    waits = appeal.state is AppealState.OPEN and appeal.period.state is PeriodState.PRELIMINARY
    own = appeal.unit_id in actor.unit_ids
    scored = own or actor.user_id in appeals.scorers_of(appeal)
    run = current_run(appeal.period)
    return AppealPage(
        row=_row(appeal, today),
        line=_line(appeal, appeal.run),
        current=_line(appeal, run) if run is not None and run.id != appeal.run_id else None,
        files=tuple(Attachment.select().where(Attachment.appeal == appeal).order_by(Attachment.id)),
        may_decide=waits and not scored and actor.may(Permission.APPEAL_DECIDE),
        scored_by_reader=waits and scored and actor.may(Permission.APPEAL_DECIDE),
        may_withdraw=waits and own and actor.may(Permission.APPEAL_FILE),
    )


def appeals_of_sheet(row: ScorePeriod, unit_id: int) -> dict[tuple[str, str], list[Appeal]]:
    """(part, indicator) → the unit's appeals against it in a period, the oldest first."""
    found: dict[tuple[str, str], list[Appeal]] = defaultdict(list)
    mine = (Appeal.period == row) & (Appeal.unit == unit_id)
    for one in Appeal.select().where(mine).order_by(Appeal.id):
        found[one.part, one.indicator].append(one)
    return dict(found)


def may_appeal(row: ScorePeriod, unit_id: int, actor: Actor, now: datetime) -> bool:
    """Whether the reader may still appeal against lines of this unit."""
    return (
        row.state is PeriodState.PRELIMINARY
        and row.appeals_until is not None
        and now < row.appeals_until
        and unit_id in actor.unit_ids
        and actor.may(Permission.APPEAL_FILE)
    )


def waiting_count(actor: Actor) -> int:
    """How many of the appeals that the reader sees wait for a decision."""
    return int(appeals.visible_to(actor).where(Appeal.state == AppealState.OPEN).count())


def _row(appeal: Appeal, today: date) -> AppealRow:
    answer_by = appeals.answer_by(appeal)
    waits = appeal.state is AppealState.OPEN
    left = load_calendar().workdays_between(today, answer_by) if waits else None
    return AppealRow(appeal, scored_period(appeal.period.key), answer_by, left)


def _line(appeal: Appeal, run: ScoreRun) -> ScoreLine | None:
    line: ScoreLine | None = (
        ScoreLine.select()
        .where(
            (ScoreLine.run == run.id)
            & (ScoreLine.unit == appeal.unit_id)
            & (ScoreLine.part == appeal.part)
            & (ScoreLine.indicator == appeal.indicator)
        )
        .order_by(ScoreLine.sort)
        .first()
    )
    return line


def _counts(rows: Iterable[Appeal]) -> Iterable[IndicatorCount]:
    by_line: dict[tuple[str, str], list[Appeal]] = defaultdict(list)
    for one in rows:
        by_line[one.part, one.indicator].append(one)
    for found in sorted(by_line.values(), key=lambda one: (-len(one), one[0].indicator)):
        yield _total(found, found[0].title, found[0].title_en)


def _total(rows: Sequence[Appeal], title: str = "", title_en: str = "") -> IndicatorCount:
    states = [one.state for one in rows]
    return IndicatorCount(
        title=title,
        title_en=title_en,
        filed=len(rows),
        accepted=states.count(AppealState.ACCEPTED),
        rejected=states.count(AppealState.REJECTED),
        withdrawn=states.count(AppealState.WITHDRAWN),
        days=_mean_days(rows),
    )


def _mean_days(rows: Sequence[Appeal]) -> int | None:
    calendar = load_calendar()
    days = [
        calendar.workdays_between(beijing_date(one.filed_at), beijing_date(one.decided_at))
        for one in rows
        if one.decided_at is not None and one.state is not AppealState.WITHDRAWN
    ]
    return round(sum(days) * 10 / len(days)) if days else None
