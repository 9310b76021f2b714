"""Who is told what of scores: units of their own, leaders and office of closed books."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from datetime import datetime

from supervisor.clock import beijing_date
from supervisor.core import cadences, events, messages, people, score_events
from supervisor.core.days import day_words
from supervisor.core.message_events import MessageEvent
from supervisor.core.message_fields import Value
from supervisor.core.periods import Period
from supervisor.core.score_books import Move
from supervisor.models import Programme, Reach, ScoreRun, Standing, User
from supervisor.words import N_

#: What units read of a run whose reason is about somebody else.
CORRECTED = N_("A record was corrected, and the period was worked out again.")


def tell_closed(programme: Programme, period: Period, run: ScoreRun, now: datetime) -> None:
    """Leaders and the office: the books are closed."""
    day = beijing_date(now)
    messages.notify(
        event=events.BOOKS_CLOSED,
        key=f"period:{run.period_id}:closed",
        to=[*people.leaders_of(programme.id, day), *people.office_of(programme.id, day)],
        fields={"period": period.label},
        link=f"/p/{programme.id}/periods/{period.key}",
        programme_id=programme.id,
        now=now,
    )


def tell_preliminary(
    programme: Programme, period: Period, run: ScoreRun, until: datetime, now: datetime
) -> None:
    """Each unit: look at your sheet, until when it can be appealed against."""
    last = day_words(cadences.due_day(until))
    names = {one.unit_id: one.unit_name for one in Standing.select().where(Standing.run == run)}
    _tell_each(
        programme,
        period,
        run,
        score_events.SCORE_PRELIMINARY,
        {unit: {"until": last} for unit in names},
        names,
        now,
    )


def tell_published(
    programme: Programme, period: Period, run: ScoreRun, reach: Reach, version: int, now: datetime
) -> None:
    """Each unit: its score is published, and who sees it."""
    names = {one.unit_id: one.unit_name for one in Standing.select().where(Standing.run == run)}
    fields = {unit: {"reach": reach.label} for unit in names}
    _tell_each(programme, period, run, events.SCORE_PUBLISHED, fields, names, now, turn=f":{version}")


def tell_withdrawn(programme: Programme, period: Period, run: ScoreRun, reason: str, now: datetime) -> None:
    """Each unit: what was published is taken back, and why."""
    names = {one.unit_id: one.unit_name for one in Standing.select().where(Standing.run == run)}
    fields = {unit: {"reason": reason} for unit in names}
    turn = f":{now:%Y%m%d%H%M%S}"
    _tell_each(programme, period, run, score_events.SCORE_WITHDRAWN, fields, names, now, turn=turn)


def tell_moved(
    programme: Programme,
    period: Period,
    run: ScoreRun,
    moves: Iterable[Move],
    now: datetime,
    *,
    concerned: Collection[int] | None = None,
) -> None:
    """Each unit whose score, place or tier the run changed: the difference and the reason.

    `concerned`: the units whose own record was corrected. Only they read the reason in its words, which names them;
    the others learn that a record was corrected (no other unit is named before publication, D16). None = everybody.
    """
    moves = list(moves)
    fields: dict[int, dict[str, Value]] = {
        move.unit_id: {
            "changes": move.words,
            "reason": run.reason if concerned is None or move.unit_id in concerned else CORRECTED,
        }
        for move in moves
    }
    names = {move.unit_id: move.unit_name for move in moves}
    _tell_each(programme, period, run, score_events.SCORE_MOVED, fields, names, now)


def _tell_each(
    programme: Programme,
    period: Period,
    run: ScoreRun,
    event: MessageEvent,
    fields: Mapping[int, Mapping[str, Value]],
    names: Mapping[int, str],
    now: datetime,
    turn: str = "",
) -> None:
    day = beijing_date(now)
    liaisons = people.liaisons_of(fields, programme.id, day)
    heads = people.heads_of(fields, programme.id, day)
    for unit_id, own in fields.items():
        messages.notify(
            event=event,
            key=f"period:{run.period_id}:run:{run.number}:{event.key}{turn}:unit:{unit_id}",
            to=[*liaisons.get(unit_id, []), *heads.get(unit_id, [])],
            fields={"period": period.label, "unit": names[unit_id], **own},
            link=f"/p/{programme.id}/periods/{period.key}/units/{unit_id}",
            programme_id=programme.id,
            unit_id=unit_id,
            now=now,
        )


def tell_deciders(
    event: MessageEvent,
    programme: Programme,
    *,
    key: str,
    fields: Mapping[str, Value],
    link: str,
    but: int | None,
    now: datetime,
) -> None:
    """Assessors and leaders, without the one who acts or who may not decide."""
    day = beijing_date(now)
    to: list[User] = [*people.assessors_of(programme.id, day), *people.leaders_of(programme.id, day)]
    messages.notify(
        event=event,
        key=key,
        to=[one for one in to if one.id != but],
        fields=fields,
        link=link,
        programme_id=programme.id,
        now=now,
    )
