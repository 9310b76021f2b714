"""Facts entered by the person in charge: recorded with evidence, corrected, withdrawn, or declared not to exist.

Nothing is deleted: a correction is a new version with a reason, the one before stays readable. Once the books of a
period are closed nothing of it changes, except while a correction of it waits for its second person.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime

from peewee import IntegrityError

from scoring import Fact
from supervisor.core import attachments, audit, fact_assessors, fact_changes, given_facts
from supervisor.core.fact_changes import Change, valid_facts
from supervisor.core.fact_forms import FactForm
from supervisor.core.fact_needs import EXEMPTION
from supervisor.core.periods import Period
from supervisor.core.permissions import Actor
from supervisor.database import db, transactional
from supervisor.errors import Invalid, NotAllowed, NotFound, Obstacle, Refused
from supervisor.models import (
    Attachment,
    CorrectionState,
    FactAssessor,
    FactSettlement,
    FactState,
    PeriodState,
    Programme,
    RecordedFact,
    ScoreCorrection,
    ScorePeriod,
)
from supervisor.models.base import rows_of
from supervisor.words import N_

LONGEST_REASON = 400
MEND = N_("Please mend what is marked below. Nothing you typed is lost.")


# What the score gets -----------------------------------------------------------------------------------------


def facts_of(programme_id: int, key: str) -> Iterator[tuple[str, Fact]]:
    """The facts of a period that hold, as the engine reads them, each with the form it was entered by."""
    for row in valid_facts(programme_id, key):
        reviewer = {"reviewer": row.by_name} if row.kind == EXEMPTION else {}
        record = f"recorded_fact:{row.id}"
        yield row.form, Fact(row.kind, str(row.unit_id), row.subject, row.named | reviewer, record)


def kinds_supplied(programme_id: int, key: str) -> frozenset[str]:
    """Kinds that somebody is in charge of, has entered, or has declared not to exist (D21).

    A supplied kind without facts means that nothing happened; therefore `completeness` asks those in charge to
    enter or to declare before the books are closed.
    """
    in_charge = FactAssessor.select(FactAssessor.kind).where(
        (FactAssessor.programme == programme_id) & FactAssessor.ended_at.is_null()
    )
    entered = RecordedFact.select(RecordedFact.kind).where(
        (RecordedFact.programme == programme_id)
        & (RecordedFact.period == key)
        & (RecordedFact.state == FactState.VALID)
    )
    declared = FactSettlement.select(FactSettlement.kind).where(
        (FactSettlement.programme == programme_id)
        & (FactSettlement.period == key)
        & FactSettlement.ended_at.is_null()
    )
    return frozenset(
        kind for query in (in_charge, entered, declared) for (kind,) in rows_of(query.distinct())
    )


# Entering ----------------------------------------------------------------------------------------------------


def is_closed(programme_id: int, key: str) -> bool:
    """Whether the books of the period are closed, and no correction of it waits for its second person.

    While one waits, its facts can be put right with a reason; they count once it is carried out.
    """
    mine = (ScorePeriod.programme == programme_id) & (ScorePeriod.key == key)
    row = ScorePeriod.get_or_none(mine & (ScorePeriod.state == PeriodState.FROZEN))
    if row is None:
        return False
    waits = (ScoreCorrection.period == row) & (ScoreCorrection.state == CorrectionState.PROPOSED)
    return not ScoreCorrection.select().where(waits).exists()


def refuse_closed(programme: Programme, period: Period) -> None:
    """Raise Refused, with the way out, once the books of the period are closed."""
    if is_closed(programme.id, period.key):
        raise Refused(
            N_("The books of %(period)s are closed: its facts do not change any more.", period=period.label),
            [
                Obstacle(
                    N_(
                        "Propose a correction of the closed period; until the second person has decided, its "
                        "facts can be corrected."
                    ),
                    f"/p/{programme.id}/periods/{period.key}",
                )
            ],
        )


@transactional
def record(
    programme: Programme,
    period: Period,
    form: FactForm,
    changes: Sequence[Change],
    *,
    source: str,
    files: Sequence[int] = (),
    reason: str = "",
    by: Actor,
    now: datetime,
) -> list[RecordedFact]:
    """Store new facts and corrections, all or none; what is recorded already is left as it is.

    Args:
        programme: of the facts.
        period: where they count.
        form: what is entered.
        changes: as `fact_changes.read` found them right.
        source: document number or other source, for all of them.
        files: uploaded evidence, for all of them.
        reason: why recorded facts are corrected; needed where one is.
        by: who is in charge of the form.
        now: when.

    Errors: NotAllowed, Refused (books closed, or somebody else entered the same meanwhile), Invalid (no evidence, no
    reason).
    """
    _check_may(programme, period, form, [change.unit.id for change in changes], by, now)
    _refuse_given(programme, period, form)
    news = [change for change in changes if not change.is_same]
    wrong = {}
    if not source.strip() and not files and any(not _has_evidence(change) for change in news):
        wrong["source"] = N_("Name the document or source, or attach a file: a fact needs evidence.")
    if any(change.before is not None for change in news) and not reason.strip():
        wrong["reason"] = N_("A recorded fact is only corrected with a reason.")
    if wrong:
        raise Invalid(MEND, wrong)
    made = [_store(programme, period, form, one, source.strip(), reason.strip(), by, now) for one in news]
    _attach(made, files, by)
    if made:
        _end_settlement(programme, period, form, by, now)
    return made


def _refuse_given(programme: Programme, period: Period, form: FactForm) -> None:
    """Nothing is entered that Dukao counts by itself: it would be asked for twice."""
    one = given_facts.given_of(programme.id, period, form.key, ())
    if one is not None and one.alone:
        raise Refused(
            N_("%(what)s: Dukao counts this by itself, nothing is entered.", what=form.label),
            [Obstacle(one.words, f"/p/{programme.id}/facts/{period.key}/{form.key}")],
        )


def _has_evidence(change: Change) -> bool:
    before = change.before
    return bool(change.typed.source) or (
        before is not None
        and (bool(before.source) or Attachment.select().where(Attachment.recorded_fact == before).exists())
    )


def _store(
    programme: Programme,
    period: Period,
    form: FactForm,
    change: Change,
    source: str,
    reason: str,
    by: Actor,
    now: datetime,
) -> RecordedFact:
    old, typed = change.before, change.typed
    if old is not None:
        _end(old, FactState.REPLACED, reason, by, now)
    try:
        with db.atomic():
            row = RecordedFact.create(
                programme=programme, period=period.key, form=form.key, kind=form.kind, unit=change.unit,
                subject=typed.subject, day=typed.day, named=dict(typed.named), note=typed.note,
                source=(typed.source or source or (old.source if old else ""))[:300],
                open_key=fact_changes.open_key(programme.id, period, form, change.unit.id, typed),
                number=old.number + 1 if old else 1, replaces=old, reason=reason[:LONGEST_REASON] if old else "",
                entered_by=by.user_id, by_name=by.name, entered_at=now,
            )  # fmt: skip
    except IntegrityError:
        raise Refused(
            N_("Somebody else has just recorded the same for %(unit)s.", unit=change.unit.name),
            [Obstacle(N_("Open the list again."), f"/p/{programme.id}/facts/{period.key}/{form.key}")],
        ) from None
    if old is not None:
        carried = Attachment.select().where(Attachment.recorded_fact == old).order_by(Attachment.id)
        attachments.carry(list(carried), recorded_fact=row)
    audit.record(
        by, "fact.correct" if old else "fact.record", row, now=now, reason=row.reason,
        before={"fact": old.id, "named": old.named, "subject": old.subject} if old else None,
        after={"period": period.key, "form": form.key, "unit": row.unit_id, "named": row.named,
               "subject": row.subject, "source": row.source},
    )  # fmt: skip
    return row


def _attach(made: Sequence[RecordedFact], files: Sequence[int], by: Actor) -> None:
    """The files are the evidence of every fact that was entered with them."""
    if not files or not made:
        return
    own = attachments.own_unlinked(files, by)
    attachments.link(files, by=by, recorded_fact=made[0])
    for row in made[1:]:
        attachments.carry(own, recorded_fact=row)


@transactional
def withdraw(
    row: RecordedFact, period: Period, form: FactForm, *, reason: str, by: Actor, now: datetime
) -> None:
    """Take a fact back with a reason; it stays readable and counts no more.

    Errors: NotAllowed, Refused (books closed), Invalid (no reason), NotFound (it does not count any more).
    """
    _check_may(row.programme, period, form, [row.unit_id], by, now)
    if not reason.strip():
        raise Invalid(MEND, {"end_reason": N_("A fact is only withdrawn with a reason.")})
    _end(row, FactState.WITHDRAWN, reason.strip(), by, now)
    audit.record(
        by, "fact.withdraw", row, now=now, reason=reason.strip(),
        before={"period": row.period, "form": row.form, "unit": row.unit_id, "named": row.named},
    )  # fmt: skip


def _end(row: RecordedFact, state: FactState, reason: str, by: Actor, now: datetime) -> None:
    won = (
        RecordedFact.update(
            state=state, open_key=None, ended_by=by.user_id, ended_name=by.name, ended_at=now,
            end_reason=reason[:LONGEST_REASON],
        )
        .where((RecordedFact.id == row.id) & (RecordedFact.state == FactState.VALID))
        .execute()
    )  # fmt: skip
    if not won:
        raise Refused(N_("Somebody else has just corrected or withdrawn No. %(n)s.", n=row.id))


# Nothing to enter --------------------------------------------------------------------------------------------


def settlements(programme_id: int, key: str) -> dict[str, FactSettlement]:
    """What was declared empty or complete in a period, by form."""
    of_period = (FactSettlement.programme == programme_id) & (FactSettlement.period == key)
    rows = FactSettlement.select().where(of_period & FactSettlement.ended_at.is_null())
    return {row.form: row for row in rows.order_by(FactSettlement.id)}


@transactional
def settle(
    programme: Programme, period: Period, form: FactForm, *, words: str, by: Actor, now: datetime
) -> FactSettlement:
    """Declare that there is nothing (more) to enter: nothing happened, or these units have no figure.

    Errors: NotAllowed, Refused (books closed, declared already), Invalid (no words).
    """
    _check_may(programme, period, form, [], by, now)
    if not words.strip():
        raise Invalid(MEND, {"words": N_("Say how you know that there is nothing to enter.")})
    try:
        with db.atomic():
            row = FactSettlement.create(
                programme=programme, period=period.key, form=form.key, kind=form.kind,
                words=words.strip()[:LONGEST_REASON], settled_by=by.user_id, by_name=by.name, settled_at=now,
                open_key=f"{programme.id}:{period.key}:{form.key}",
            )  # fmt: skip
    except IntegrityError:
        raise Refused(N_("This has been declared already.")) from None
    audit.record(
        by, "fact.settle", row, now=now, reason=row.words, after={"period": period.key, "form": form.key}
    )
    return row


@transactional
def reopen(
    programme: Programme, period: Period, form: FactForm, *, reason: str, by: Actor, now: datetime
) -> None:
    """Take back a declaration. Errors: NotAllowed, Refused (books closed), Invalid (no reason), NotFound."""
    _check_may(programme, period, form, [], by, now)
    if not reason.strip():
        raise Invalid(MEND, {"reopen_reason": N_("A declaration is only taken back with a reason.")})
    if not _end_settlement(programme, period, form, by, now, reason.strip()):
        raise NotFound


def _end_settlement(
    programme: Programme, period: Period, form: FactForm, by: Actor, now: datetime, reason: str = ""
) -> bool:
    row = settlements(programme.id, period.key).get(form.key)
    if row is None:
        return False
    row.ended_at, row.ended_name, row.open_key = now, by.name, None
    row.end_reason = reason[:LONGEST_REASON]  # empty: a fact was entered after all
    row.save()
    audit.record(
        by,
        "fact.reopen",
        row,
        now=now,
        reason=row.end_reason,
        before={"period": period.key, "form": form.key},
    )
    return True


def _check_may(
    programme: Programme,
    period: Period,
    form: FactForm,
    unit_ids: Sequence[int],
    by: Actor,
    now: datetime,
) -> None:
    fact_assessors.require(by, programme.id, form)
    if fact_assessors.own_units(by, programme.id, now) & set(unit_ids):
        raise NotAllowed(N_("Nobody enters facts for their own unit."))
    refuse_closed(programme, period)
