"""Proof of closed periods: every run is scored again and held against its rows and against the audit trail.

An edit of one table is found by scoring again. Whoever edits facts, result, hashes and rows alike, in every
table, is found by the trail, which kept the hashes; whoever rewrites the trail too, by a head kept outside.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from scoring.archive import ADOPTING, FREEZING, RUNNING
from scoring.parts import frozen_part, part_differences, takes_parts
from supervisor.core import audit, publication_proofs
from supervisor.core.score_runs import Assessed, assess_text, line_rows, standing_rows
from supervisor.core.scored_periods import scored_period
from supervisor.database import digest
from supervisor.models import (
    AuditEntry,
    PeriodState,
    RulebookVersion,
    ScoreLine,
    ScorePeriod,
    ScoreRun,
    Standing,
)

#: Of a standing but not of its run: counted from whatever run counted for the period before at that time.
COUNTED_BEFORE = "change"


def verify_frozen() -> audit.Break | None:
    """Recompute every stored run from its facts and its rulebook, byte for byte; None = all agree.

    `seq` of the answer is the run's id, or the trail's row where a run is gone. Rows that pages read (lines,
    standings) are compared column by column, and a difference is named by unit, indicator and column. Versions
    that were published are held against the trail last.
    """
    for run in _runs():
        why = next(differences_of(run), None)
        if why is not None:
            return audit.Break(run.id, f"{_name(run)}: {why}")
    return _gone() or publication_proofs.verify_published()


def _runs() -> Iterable[ScoreRun]:
    runs: Iterable[ScoreRun] = (
        ScoreRun.select(ScoreRun, RulebookVersion, ScorePeriod)
        .join(RulebookVersion)
        .switch(ScoreRun)
        .join(ScorePeriod)
        .order_by(ScoreRun.id)
    )
    return runs


def _name(run: ScoreRun) -> str:
    return f"run {run.number} of {run.period.key} in programme {run.period.programme_id}"


def differences_of(run: ScoreRun) -> Iterator[str]:
    """Everything about a stored run that is not as it was frozen, in words."""
    if digest(run.rulebook.text) != run.rulebook.sha256:
        yield "the text of its rulebook was changed"
    if digest(run.facts) != run.facts_sha256:
        yield "its facts were changed"
    if digest(run.result) != run.result_sha256:
        yield "its result was changed"
    yield from _against_trail(run)
    try:
        again = assess_text(run.facts, run.rulebook.text)
    except ValueError as error:
        yield f"it cannot be scored any more ({error})"
        return
    if again.result_text != run.result:
        yield "scoring it again gives another result"
    yield from _parts(run)
    yield from _rows(run, again)


def _against_trail(run: ScoreRun) -> Iterator[str]:
    row = AuditEntry.get_or_none(AuditEntry.seq == int(run.audit_head.partition("-")[0] or 0))
    if row is None or row.action not in RUNNING or row.subject_id != run.period_id:
        yield "no row of the audit trail made it"
        return
    said = json.loads(row.after)
    if said["run"] != run.number or said["key"] != run.period.key:
        yield f"row {row.seq} of the audit trail made run {said['run']} of {said['key']}"
    for name, kept in (("facts", run.facts_sha256), ("result", run.result_sha256)):
        if said[f"{name}_sha256"] != kept:
            yield f"its {name} are not those that row {row.seq} of the audit trail froze"
    if run.rulebook.sha256 != _adopted(run.rulebook_id):
        yield "its rulebook is not the text that was adopted"
    if said["rulebook"] != run.rulebook_id:
        yield f"its rulebook is not the one that row {row.seq} of the audit trail names"
    if run.period.state is PeriodState.OPEN or (
        row.action in FREEZING and run.period.state is not PeriodState.FROZEN
    ):
        yield "its period was opened again"


def _parts(run: ScoreRun) -> Iterator[str]:
    """Where scores of parts are not those that were frozen when this run was made."""
    facts = json.loads(run.facts)
    if not takes_parts(facts):
        return
    seq, programme_id = int(run.audit_head.partition("-")[0] or 0), run.period.programme_id
    before = AuditEntry.action.in_(sorted(FREEZING)) & (AuditEntry.seq < seq)
    counted: dict[int | None, int] = {}
    for row in (
        AuditEntry.select().where(before & (AuditEntry.programme_id == programme_id)).order_by(AuditEntry.seq)
    ):
        counted[row.subject_id] = json.loads(row.after)["run"]
    span = scored_period(run.period.key)
    within = (ScorePeriod.programme == programme_id) & ScorePeriod.ends_on.between(span.start, span.end)
    frozen = {}
    for one in ScoreRun.select(ScoreRun, ScorePeriod).join(ScorePeriod).where(within).order_by(ScoreRun.id):
        if one.number == counted.get(one.period_id):
            frozen[one.period.key] = frozen_part(json.loads(one.facts), json.loads(one.result), one.number)
    yield from part_differences(facts, frozen)


def _adopted(rulebook_id: int) -> str:
    """The hash under which the trail has the rulebook adopted; empty where it has not."""
    row = AuditEntry.get_or_none((AuditEntry.action == ADOPTING) & (AuditEntry.subject_id == rulebook_id))
    return str(json.loads(row.after)["sha256"]) if row is not None else ""


def _rows(run: ScoreRun, again: Assessed) -> Iterator[str]:
    names = {int(unit.id): unit.name for unit in again.facts.units}
    lines = {(row["unit"], row["sort"]): row for row in line_rows(run, again.result)}
    kept = {(row["unit"], row["sort"]): row for row in _stored(ScoreLine, run)}
    for key in sorted(lines.keys() | kept.keys()):
        for found in _columns(lines.get(key), kept.get(key)):
            yield f"its score lines were changed: {names.get(key[0])}, {_title(lines, kept, key)}: {found}"
    places = {row["unit"]: row for row in standing_rows(run, again.result, {})}
    stored = {row["unit"]: row for row in _stored(Standing, run)}
    for unit in sorted(places.keys() | stored.keys()):
        for found in _columns(places.get(unit), stored.get(unit)):
            yield f"its standings were changed: {names.get(unit)}: {found}"


def _stored(table: type[ScoreLine | Standing], run: ScoreRun) -> list[dict[str, Any]]:
    query: Any = table.select().where(table.run == run).dicts()
    return list(query)


def _title(lines: Mapping[Any, Any], kept: Mapping[Any, Any], key: tuple[int, int]) -> str:
    row = lines.get(key) or kept[key]
    return str(row["indicator"])


def _columns(right: Mapping[str, Any] | None, stored: Mapping[str, Any] | None) -> Iterator[str]:
    if right is None or stored is None:
        yield "a row too many" if right is None else "the row is gone"
        return
    for name, value in right.items():
        if name != COUNTED_BEFORE and stored[name] != value:
            yield f"{name} is {stored[name]!r}, it was {value!r}"


def _gone() -> audit.Break | None:
    """The first run that the trail knows and no table holds any more."""
    stored = {(run.period_id, run.number) for run in ScoreRun.select(ScoreRun.period, ScoreRun.number)}
    frozen = AuditEntry.select().where(AuditEntry.action.in_(sorted(RUNNING))).order_by(AuditEntry.seq)
    for row in frozen:
        said = json.loads(row.after)
        if (row.subject_id, said["run"]) not in stored:
            name = f"run {said['run']} of {said['key']} in programme {row.programme_id}"
            return audit.Break(row.seq, f"{name}, made by row {row.seq} of the audit trail, is gone")
    return None
