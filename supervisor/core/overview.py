"""What waits for whom: the counts in the navigation, and the figures of each role's home page."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from peewee import SQL, fn

from supervisor.clock import beijing_date
from supervisor.core import people
from supervisor.core.obligations import OWED
from supervisor.core.obliged import asks_progress
from supervisor.core.permissions import Actor, Permission
from supervisor.models import (
    AccountabilityCase,
    Application,
    ApplicationState,
    CaseState,
    Channel,
    Decision,
    ListState,
    Message,
    NameList,
    Obligation,
    ObligationState,
    Posting,
    Programme,
    ReportingRule,
    RuleKind,
    ScorePeriod,
    WorkPlan,
    WorkPlanState,
)
from supervisor.statements import among, plain_statement, statement

#: A count in the navigation stops here: "99+" says the same and costs no more.
MANY = 100


@dataclass(frozen=True)
class Frame:
    """What every page's frame shows: my programmes and how much of each noun waits for me."""

    programmes: tuple[Programme, ...]
    waiting: dict[str, int] = field(default_factory=dict)


def frame(actor: Actor, *, now: datetime) -> Frame:
    """The frame of a signed-in person's page: at most nine queries, each on an index and bounded."""
    here = actor.programme_id
    waiting = {"messages": _unread(actor.user_id)[0][0]}
    if actor.may(Permission.REVIEW_DECIDE):
        waiting["reviews"] = _to_review(here)[0][0] + _applications(here)[0][0]
    if actor.may(Permission.WORK_PLAN_DECIDE):
        waiting["work_plans"] = _plans_filed(here)[0][0]
    if actor.unit_ids:
        waiting["work_plans"] = _plans_owed(sorted(actor.unit_ids), here)[0][0]
        waiting["reports"] = _owed(sorted(actor.unit_ids), here, now)[0][0]
    if actor.may(Permission.DECISION_TAKE):
        waiting["decisions"] = _to_decide(here)[0][0]
        waiting["cases"] = _cases(here)[0][0]
        waiting["lists"] = _lists(here)[0][0]
    return Frame(programmes_of(actor, now=now), waiting)


def programmes_of(actor: Actor, *, now: datetime) -> tuple[Programme, ...]:
    """Programmes in which the person holds a post today, newest first."""
    return tuple(_with_a_post(actor.user_id, beijing_date(now)))


@statement
def _with_a_post(user_id: Any, day: Any) -> Any:
    mine = Posting.select(Posting.programme).where((Posting.user == user_id) & people.valid_on(day))
    return Programme.select().where(Programme.id.in_(mine)).order_by(Programme.id.desc())


def _count(found: Any) -> Any:
    """How many were found, up to MANY."""
    return Programme.select(fn.COUNT(SQL("1"))).from_(found.limit(MANY).alias("found"))


@plain_statement
def _unread(user_id: Any) -> Any:
    inbox = (Message.recipient == user_id) & (Message.channel == Channel.INBOX) & Message.read_at.is_null()
    return _count(Message.select(Message.id).where(inbox))


@plain_statement
def _to_review(programme_id: Any) -> Any:
    sent = (
        (Obligation.programme == programme_id)
        & (Obligation.state == ObligationState.SUBMITTED)
        & asks_progress()
    )
    return _count(Obligation.select(Obligation.id).where(sent))


@plain_statement
def _applications(programme_id: Any) -> Any:
    waiting = (Application.programme == programme_id) & (Application.state == ApplicationState.OPEN)
    return _count(Application.select(Application.id).where(waiting))


@plain_statement
def _owed(unit_ids: Any, programme_id: Any, now: Any) -> Any:
    wanted = [ObligationState.OPEN, ObligationState.RETURNED, ObligationState.WITH_HEAD]
    mine = (
        among(Obligation.unit, unit_ids)
        & (Obligation.programme == programme_id)
        & Obligation.state.in_(wanted)
        & (Obligation.opens_at <= now)
    )
    return _count(Obligation.select(Obligation.id).where(mine))


@plain_statement
def _plans_filed(programme_id: Any) -> Any:
    filed = (WorkPlan.programme == programme_id) & (WorkPlan.state == WorkPlanState.FILED)
    return _count(WorkPlan.select(WorkPlan.id).where(filed))


@plain_statement
def _plans_owed(unit_ids: Any, programme_id: Any) -> Any:
    mine = (
        among(Obligation.unit, unit_ids)
        & (Obligation.programme == programme_id)
        & Obligation.state.in_(list(OWED))
        & (ReportingRule.kind == RuleKind.WORK_PLAN)
    )
    return _count(Obligation.select(Obligation.id).join(ReportingRule).where(mine))


@plain_statement
def _lists(programme_id: Any) -> Any:
    before = (ScorePeriod.programme == programme_id) & (NameList.state == ListState.SUBMITTED)
    return _count(NameList.select(NameList.id).join(ScorePeriod).where(before))


@plain_statement
def _cases(programme_id: Any) -> Any:
    submitted = (AccountabilityCase.programme == programme_id) & (
        AccountabilityCase.state == CaseState.SUBMITTED
    )
    return _count(AccountabilityCase.select(AccountabilityCase.id).where(submitted))


@plain_statement
def _to_decide(programme_id: Any) -> Any:
    waiting = (Decision.programme == programme_id) & Decision.approved.is_null()
    return _count(Decision.select(Decision.id).where(waiting))
