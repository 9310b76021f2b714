"""One unit's sheet in a closed period: each line with its rule, arithmetic, records, and the waterfall above."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from supervisor.core import appeal_pages, cadences, published, score_records
from supervisor.core.periods import Period
from supervisor.core.permissions import Actor
from supervisor.core.score_pages import names_of, shown_period, standings_visible_to
from supervisor.core.score_records import Evidence
from supervisor.core.score_runs import closed_before, current_run
from supervisor.core.scored_periods import part_types, scored_period
from supervisor.errors import NotFound
from supervisor.models import Appeal, PeriodState, Programme, ScoreLine, ScorePeriod, ScoreRun, Standing


@dataclass(frozen=True)
class SheetLine:
    """A line of a unit's sheet: points lost, points of the period before, and what they rest on.

    `lost` is less than 0 above full points, where the rulebook allows that.
    """

    line: ScoreLine
    lost: int | None
    before: int | None
    evidence: tuple[Evidence, ...]

    @property
    def change(self) -> int | None:
        """Hundredths against the period before; None where one of the two did not apply."""
        if self.before is None or self.line.points is None:
            return None
        return self.line.points - self.before


@dataclass(frozen=True)
class Bar:
    """One bar of the waterfall, from `start` to `end` in hundredths; `key` names the line it opens."""

    kind: str
    start: int
    end: int
    value: int | None
    line: ScoreLine | None = None

    @property
    def left(self) -> int:
        """The smaller end."""
        return min(self.start, self.end)

    @property
    def width(self) -> int:
        """Length in hundredths of a point."""
        return abs(self.end - self.start)


@dataclass(frozen=True)
class Sheet:
    """Everything about one unit in a closed period."""

    period: Period
    row: ScorePeriod
    run: ScoreRun
    standing: Standing
    lines: tuple[SheetLine, ...]
    adjustments: tuple[SheetLine, ...]
    waterfall: tuple[Bar, ...]
    #: The closed period before, with its standing of this unit.
    before: tuple[Period, Standing] | None
    group_size: int
    closed_by: str
    #: (part, indicator) → appeals against it, and whether the reader may still file one.
    appeals: Mapping[tuple[str, str], Sequence[Appeal]]
    may_appeal: bool
    #: Whether the reader is shown places, or tiers only.
    shows_places: bool

    @property
    def rests_on_parts(self) -> bool:
        """Whether it is worked out from shorter periods, in which bonus and deduction have counted."""
        return bool(part_types(self.run.rulebook.text, self.period.type))

    @property
    def is_preliminary(self) -> bool:
        """Whether it may still change by appeals."""
        return self.row.state is PeriodState.PRELIMINARY

    @property
    def last_appeal_day(self) -> date | None:
        """The last day on which appeals are taken."""
        until = self.row.appeals_until
        return cadences.due_day(until) if until else None


def sheet(programme: Programme, period: Period, unit_id: int, *, by: Actor, now: datetime) -> Sheet:
    """One unit's sheet. NotFound before it was shown to anybody, and for a unit the reader may not see."""
    found = shown_period(programme, period)
    if found is None:
        raise NotFound
    row, run = found
    standing = standings_visible_to(by, row, run, now=now).where(Standing.unit == unit_id).first()
    if standing is None:
        raise NotFound
    lines = list(
        ScoreLine.select()
        .where((ScoreLine.run == run) & (ScoreLine.unit == unit_id))
        .order_by(ScoreLine.sort)
    )
    before = _before(programme, period, unit_id)
    past = before[2] if before else {}
    facts = [one for one in json.loads(run.facts)["facts"] if one["unit"] == str(unit_id)]
    # Another unit's result may be published; the records behind it stay closed (D16).
    opens = by.sees_all or unit_id in by.unit_ids
    links = score_records.links_of((one["record"] for one in facts), programme.id) if opens else {}
    evidence = score_records.evidence_by_line(
        lines, facts, score_records.kinds_by_key(run.rulebook.text), links
    )
    shown = [
        SheetLine(
            line,
            None if line.points is None or line.part != "indicator" else line.weight - line.points,
            past.get(line.indicator),
            evidence.get(line.sort, ()),
        )
        for line in lines
    ]
    own = tuple(one for one in shown if one.line.part == "indicator")
    return Sheet(
        period=period,
        row=row,
        run=run,
        standing=standing,
        lines=own,
        adjustments=tuple(one for one in shown if one.line.part != "indicator"),
        waterfall=tuple(_waterfall(standing, [one.line for one in own])),
        before=(before[0], before[1]) if before else None,
        group_size=Standing.select()
        .where(
            (Standing.run == run) & (Standing.group_name == standing.group_name) & ~Standing.rank.is_null()
        )
        .count(),
        closed_by=names_of([row.closed_by]).get(row.closed_by or 0, ""),
        appeals=appeal_pages.appeals_of_sheet(row, unit_id),
        may_appeal=appeal_pages.may_appeal(row, unit_id, by, now),
        shows_places=published.shows_places(by, row),
    )


def _before(
    programme: Programme, period: Period, unit_id: int
) -> tuple[Period, Standing, dict[str, int | None]] | None:
    """The unit's standing and points by indicator in the closed period before this one."""
    row = closed_before(programme.id, period.type, period.key)
    run = current_run(row) if row is not None else None
    if row is None or run is None:
        return None
    standing = Standing.get_or_none((Standing.run == run) & (Standing.unit == unit_id))
    if standing is None:
        return None
    lines = ScoreLine.select().where((ScoreLine.run == run) & (ScoreLine.unit == unit_id))
    return scored_period(row.key), standing, {line.indicator: line.points for line in lines}


def _waterfall(standing: Standing, lines: list[ScoreLine]) -> Iterator[Bar]:
    """From full points down to what was earned, then rescaled for what does not apply, then adjusted."""
    level = sum(line.weight for line in lines)
    yield Bar("full", 0, level, level)
    for line in lines:
        if line.points is None:
            yield Bar("na", level, level - line.weight, -line.weight, line)
            level -= line.weight
    for line in lines:
        if line.points is not None:
            lost = line.weight - line.points
            yield Bar("loss" if lost > 0 else "gain" if lost else "kept", level, level - lost, -lost, line)
            level -= lost
    if standing.base is None or standing.score is None:
        return
    if standing.base != level:
        yield Bar("rescaled", level, standing.base, standing.base - level)
        level = standing.base
    if standing.bonus:
        yield Bar("bonus", level, level + standing.bonus, standing.bonus)
        level += standing.bonus
    if standing.penalty:
        yield Bar("penalty", level, level - standing.penalty, -standing.penalty)
        level -= standing.penalty
    if level != standing.score:
        yield Bar("limits", level, standing.score, standing.score - level)
    yield Bar("score", 0, standing.score, standing.score)
