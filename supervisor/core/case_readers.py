"""Who sees which accountability cases: those who read everything; a unit its own, once they are decided."""

from __future__ import annotations

from peewee import ModelSelect

from supervisor.core.permissions import Actor, Permission
from supervisor.errors import NotFound
from supervisor.models import AccountabilityCase, CaseState, CaseStep, Unit

#: A leader has spoken.
DECIDED = (CaseState.UPHELD, CaseState.DISMISSED, CaseState.REVERSED)
#: No leader has spoken yet, and the case was not withdrawn.
UNDECIDED = (CaseState.OPENED, CaseState.SUBMITTED)


def visible_to(actor: Actor) -> ModelSelect[AccountabilityCase]:
    """The cases that a person may see. Judges, who are no party, see none."""
    query = AccountabilityCase.select(AccountabilityCase, Unit).join(Unit)
    here = AccountabilityCase.programme == actor.programme_id
    if actor.sees_all:
        return query.where(here)
    own = AccountabilityCase.unit.in_(sorted(actor.unit_ids)) & AccountabilityCase.state.in_(list(DECIDED))
    return query.where(here & own)


def get_visible(case_id: int, actor: Actor) -> AccountabilityCase:
    """One case by its key; NotFound when there is none that this person may see."""
    row: AccountabilityCase | None = visible_to(actor).where(AccountabilityCase.id == case_id).first()
    if row is None:
        raise NotFound
    return row


def may_read_evidence(step_id: int, actor: Actor) -> bool:
    """Whether a person may open the files of a step: the unit does not, because they may say who spoke."""
    step = CaseStep.get_by_id(step_id)
    inner = actor.may(Permission.CASE_READ) and actor.sees_all
    return inner and visible_to(actor).where(AccountabilityCase.id == step.case_id).exists()
