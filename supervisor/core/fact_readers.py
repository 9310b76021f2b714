"""Who sees which recorded facts (D16): one query for the page, the list, the file and the export."""

from __future__ import annotations

from peewee import ModelSelect

from supervisor.core import fact_assessors
from supervisor.core.permissions import Actor
from supervisor.errors import NotFound
from supervisor.models import PeriodState, RecordedFact, ScorePeriod, Unit


def visible_to(actor: Actor) -> ModelSelect[RecordedFact]:
    """Facts of the programme that a reader may see, in every state.

    Those who see the whole programme: all. A person in charge: those of their forms. A unit's people: their own
    unit's, once a score that rests on them is shown to it (preliminary or closed).
    """
    query = (
        RecordedFact.select(RecordedFact, Unit).join(Unit).where(RecordedFact.programme == actor.programme_id)
    )
    if actor.sees_all:
        return query
    shown = [PeriodState.PRELIMINARY, PeriodState.FROZEN]
    closed = ScorePeriod.select(ScorePeriod.key).where(
        (ScorePeriod.programme == actor.programme_id) & ScorePeriod.state.in_(shown)
    )
    own = RecordedFact.unit.in_(sorted(actor.unit_ids)) & RecordedFact.period.in_(closed)
    forms = sorted(fact_assessors.forms_in_charge(actor, actor.programme_id or 0))
    return query.where(own | RecordedFact.form.in_(forms))


def get_visible(fact_id: int, actor: Actor) -> RecordedFact:
    """A fact that the reader may see; else NotFound."""
    found: RecordedFact | None = visible_to(actor).where(RecordedFact.id == fact_id).first()
    if found is None:
        raise NotFound
    return found


def may_read(fact_id: int, actor: Actor) -> bool:
    """Whether the reader may see this fact, and so its evidence."""
    return visible_to(actor).where(RecordedFact.id == fact_id).exists()
