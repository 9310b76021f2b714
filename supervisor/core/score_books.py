"""What every run of a period has in common: the row of the period, gathering and scoring, the seal, who may not.

Used by the preliminary score, by closing and by corrections; none of them computes a point.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from peewee import IntegrityError

from scoring import Facts, FactsError, canonical, facts_to_json
from supervisor.clock import beijing_date
from supervisor.config import VERSION
from supervisor.core import audit, decisions, facts, people, rulebooks, score_runs
from supervisor.core.periods import Period
from supervisor.core.permissions import Actor
from supervisor.core.score_runs import current_run
from supervisor.database import db, digest
from supervisor.errors import NotFound, Obstacle, Refused
from supervisor.models import Programme, ScoreLine, ScorePeriod, ScoreRun, Standing
from supervisor.words import N_, Sentence


def find_row(programme: Programme, period: Period) -> ScorePeriod | None:
    """The period's row; None before anybody began with it."""
    row: ScorePeriod | None = ScorePeriod.get_or_none(
        (ScorePeriod.programme == programme) & (ScorePeriod.key == period.key)
    )
    return row


def period_row(programme: Programme, period: Period) -> ScorePeriod:
    """The period's row, made if it is the first time."""
    row = find_row(programme, period)
    if row is not None:
        return row
    try:
        with db.atomic():
            return ScorePeriod.create(
                programme=programme, key=period.key, type=period.type, ends_on=period.end
            )
    except IntegrityError:  # somebody else began at the same moment
        return ScorePeriod.get((ScorePeriod.programme == programme) & (ScorePeriod.key == period.key))


@dataclass(frozen=True)
class Act:
    """Why a run is made: the action on the trail, who, when, and the reason where there is one."""

    action: str
    by: Actor
    now: datetime
    reason: str = ""


def make_run(programme: Programme, period: Period, row: ScorePeriod, *, number: int, act: Act) -> ScoreRun:
    """Gather, score and store a run, and put it on the trail.

    Errors: NotFound (no rulebook in force), Refused (own unit, facts that the rulebook cannot score).
    """
    version = rulebooks.in_force(programme.id, period)
    if version is None:
        raise NotFound
    gathered = facts.gather(programme, period)
    refuse_own_unit(programme, gathered, act.by, act.now)
    try:
        found = score_runs.assess_text(canonical(facts_to_json(gathered)), version.text)
    except FactsError as error:
        raise Refused(
            N_("%(period)s cannot be scored by this rulebook.", period=period.label),
            [Obstacle(N_("%(problem)s", problem=str(problem))) for problem in error.problems],
        ) from error
    run = ScoreRun.create(
        period=row,
        rulebook=version,
        number=number,
        facts=found.facts_text,
        facts_sha256=digest(found.facts_text),
        result=found.result_text,
        result_sha256=digest(found.result_text),
        code_version=VERSION,
        ran_by=act.by.user_id,
        ran_at=act.now,
        reason=act.reason,
    )
    score_runs.store(run, found.result)
    seal(run, row, act)
    return run


def make_next_run(
    programme: Programme, period: Period, row: ScorePeriod, act: Act
) -> tuple[ScoreRun, ScoreRun]:
    """A run in the place of the one that counts: (before, after). Refused where another just did the same."""
    before = current_run(row)
    if before is None:
        raise NotFound
    won = (
        ScoreRun.update(superseded=True)
        .where((ScoreRun.id == before.id) & (ScoreRun.superseded == False))  # noqa: E712 -- a condition in SQL
        .execute()
    )
    if not won:
        raise Refused(N_("Somebody else has just run this period again."))
    return before, make_run(programme, period, row, number=before.number + 1, act=act)


def seal(run: ScoreRun, row: ScorePeriod, act: Act) -> None:
    """Put the run on the trail, and the trail's head into the run."""
    head = audit.record(
        act.by,
        act.action,
        row,
        now=act.now,
        reason=act.reason,
        after={
            "key": row.key,
            "run": run.number,
            "rulebook": run.rulebook_id,
            "facts_sha256": run.facts_sha256,
            "result_sha256": run.result_sha256,
        },
    )
    run.audit_head = str(head)
    run.save(only=[ScoreRun.audit_head])


def refuse_own_unit(programme: Programme, gathered: Facts, by: Actor, now: datetime) -> None:
    """Nobody confirms his own unit; where a leader has named who assesses, only that person closes (D17)."""
    named = decisions.named_assessor(programme.id)
    if named is not None and by.user_id != named:
        raise Refused(
            N_("The leader named another assessor for this programme; only they close its books."),
            [Obstacle(N_("See the decision."), f"/p/{programme.id}/decisions")],
        )
    posts = people.units_of_posts(by.user_id, programme.id, beijing_date(now))
    own = {str(unit_id) for unit_id in posts | by.unit_ids}
    ranked = [unit.name for unit in gathered.units if unit.id in own and unit.outside_ranking is None]
    if ranked:
        raise Refused(
            N_("Nobody confirms their own unit: you hold a post in %(unit)s.", unit="、".join(ranked)),
            [Obstacle(N_("Another assessor closes these books."), f"/p/{programme.id}/people")],
        )


@dataclass(frozen=True)
class Move:
    """What a later run changed for a unit; scores in hundredths."""

    unit_id: int
    unit_name: str
    score: tuple[int | None, int | None]
    rank: tuple[int | None, int | None]
    tier: tuple[str, str]

    @property
    def words(self) -> list[Sentence]:
        """The change, one sentence each."""
        said = []
        if self.score[0] != self.score[1]:
            said.append(
                N_("Score: %(old)s → %(new)s", old=_points(self.score[0]), new=_points(self.score[1]))
            )
        if self.rank[0] != self.rank[1]:
            said.append(N_("Place: %(old)s → %(new)s", old=self.rank[0] or "—", new=self.rank[1] or "—"))
        if self.tier[0] != self.tier[1]:
            said.append(N_("Tier: %(old)s → %(new)s", old=self.tier[0] or "—", new=self.tier[1] or "—"))
        return said


def moves_between(before: ScoreRun, after: ScoreRun) -> list[Move]:
    """Units whose score, place or tier a later run changed, in the order of the list."""
    old = {one.unit_id: one for one in Standing.select().where(Standing.run == before)}
    moved = []
    for one in Standing.select().where(Standing.run == after).order_by(Standing.sort):
        was = old.get(one.unit_id)
        past = (was.score, was.rank, was.tier) if was else (None, None, "")
        if past != (one.score, one.rank, one.tier):
            score, rank, tier = past
            moved.append(
                Move(one.unit_id, one.unit_name, (score, one.score), (rank, one.rank), (tier, one.tier))
            )
    return moved


def points_by_line(run: ScoreRun) -> Mapping[tuple[int, str, str], int | None]:
    """(unit, part, indicator) → points in hundredths, added where an indicator has several lines."""
    found: dict[tuple[int, str, str], int | None] = {}
    for line in ScoreLine.select().where(ScoreLine.run == run).order_by(ScoreLine.sort):
        key = (line.unit_id, line.part, line.indicator)
        known = found.get(key)
        found[key] = line.points if known is None else known + (line.points or 0)
    return found


def _points(hundredths: int | None) -> str:
    return "—" if hundredths is None else f"{Decimal(hundredths).scaleb(-2):.2f}"
