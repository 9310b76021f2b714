"""The office's verdict on a filed work plan: accepted, its milestones come into force; returned, it is filed again.

Only an accepted filing moves planned progress (D6). A verdict on the first plan answers what was asked for; one on an
amended plan leaves that as it is.
"""

from __future__ import annotations

from datetime import date, datetime

from supervisor.clock import beijing_date
from supervisor.core import audit, events, messages, people, reports, tasks, work_plans
from supervisor.core.calendar import load_calendar
from supervisor.core.permissions import Actor, Permission
from supervisor.core.programmes import settings_on
from supervisor.database import transactional
from supervisor.errors import Invalid, NotFound, Refused
from supervisor.models import (
    Assignment,
    Milestone,
    Obligation,
    ObligationState,
    PlanFiling,
    Verdict,
    WorkPlan,
    WorkPlanState,
)
from supervisor.models.base import rows_of
from supervisor.words import N_


@transactional
def decide(filing: PlanFiling, *, accepted: bool, reason: str = "", by: Actor, now: datetime) -> WorkPlan:
    """The office accepts a filing, which brings its milestones into force, or returns it with a reason.

    Raises Refused for one's own unit and for a filing already decided, Invalid for a return without a reason.
    """
    by.require(Permission.WORK_PLAN_DECIDE)
    work_plan: WorkPlan = filing.work_plan
    if work_plan.programme_id != by.programme_id:
        raise NotFound
    if work_plan.unit_id in by.unit_ids:
        raise Refused(N_("Nobody decides on a work plan of their own unit."))
    if not accepted and not reason.strip():
        raise Invalid(N_("Nothing was decided."), {"reason": N_("Say what the unit should change.")})
    verdict = Verdict.ACCEPTED if accepted else Verdict.RETURNED
    decided = (
        PlanFiling.update(
            verdict=verdict, verdict_reason=reason.strip(), decided_by=by.user_id, decided_at=now
        )
        .where(
            (PlanFiling.id == filing.id) & PlanFiling.verdict.is_null() & (PlanFiling.sent == True)  # noqa: E712 -- a column
        )
        .execute()
    )
    if not decided:
        raise Refused(N_("Somebody else has already decided on this filing."))
    values = (
        {"state": WorkPlanState.ACCEPTED, "in_force": filing.number}
        if accepted
        else {"state": WorkPlanState.RETURNED}
    )
    work_plans.claim(work_plan, [WorkPlanState.FILED], work_plan.version, **values)
    _answer_owed(work_plan, now, accepted=accepted)
    if accepted:
        _put_in_force(work_plan, filing, now)
    action = "work_plan.accept" if accepted else "work_plan.return"
    audit.record(by, action, filing, now=now, after={"number": filing.number}, reason=reason)
    _tell(work_plan, filing, accepted=accepted, reason=reason.strip(), now=now)
    return WorkPlan.get_by_id(work_plan.id)


def _answer_owed(work_plan: WorkPlan, now: datetime, *, accepted: bool) -> None:
    """What was asked for is met, or wanted again by a day; a verdict on an amended plan leaves it as it is."""
    owed: Obligation | None = work_plan.obligation
    if owed is None or owed.state is not ObligationState.SUBMITTED:
        return
    reports.claim(owed, ObligationState.ACCEPTED if accepted else ObligationState.RETURNED)
    if not accepted:
        today = beijing_date(now)
        due_on = load_calendar().add_workdays(
            today, settings_on(work_plan.programme_id, today).return_workdays
        )
        Obligation.update(returns=Obligation.returns + 1, return_due_on=due_on).where(
            Obligation.id == owed.id
        ).execute()


def _put_in_force(work_plan: WorkPlan, filing: PlanFiling, now: datetime) -> None:
    """Write the filing's milestones; those it leaves out stay as history. What is done keeps its state."""
    there = {row.key: row for row in Milestone.select().where(Milestone.work_plan == work_plan)}
    wanted = {row["key"]: row for row in filing.content}
    for key, row in wanted.items():
        values = {
            "assignment": row["assignment"], "title": row["title"], "due_on": date.fromisoformat(row["due"]),
            "indicator": row["indicator"], "measure": row["measure"], "target": row["target"],
            "weight": row["weight"], "document": row["document"], "in_force": True, "filing_number": filing.number,
        }  # fmt: skip
        if key in there:
            Milestone.update(**values).where(Milestone.id == there[key].id).execute()
        else:
            Milestone.create(work_plan=work_plan, key=key, **values)
    # What a link that is closed meanwhile had planned stays: the plan no longer speaks of it.
    asked = {link.assignment for link in work_plans.asked_of(work_plan)}
    gone = [
        row.id
        for key, row in there.items()
        if key not in wanted and row.in_force and row.assignment_id in asked
    ]
    Milestone.update(in_force=False, filing_number=filing.number).where(Milestone.id.in_(gone)).execute()
    _keep_steps(work_plan, now)


def _keep_steps(work_plan: WorkPlan, now: datetime) -> None:
    """What the links and their tasks keep of the milestones in force."""
    steps: dict[int, list[list[str | int]]] = {link.assignment: [] for link in work_plans.asked_of(work_plan)}
    live = (Milestone.work_plan == work_plan) & Milestone.in_force
    for row in Milestone.select().where(live).order_by(Milestone.due_on, Milestone.key):
        steps.setdefault(row.assignment_id, []).append([row.due_on.isoformat(), row.weight])
    for assignment_id, of in steps.items():
        Assignment.update(planned_steps=of).where(Assignment.id == assignment_id).execute()
    touched = Assignment.select(Assignment.task).where(Assignment.id.in_(sorted(steps)))
    tasks.refresh([row[0] for row in rows_of(touched)], now)


def _tell(work_plan: WorkPlan, filing: PlanFiling, *, accepted: bool, reason: str, now: datetime) -> None:
    today = beijing_date(now)
    of = people.liaisons_of([work_plan.unit_id], work_plan.programme_id, today)
    heads = people.heads_of([work_plan.unit_id], work_plan.programme_id, today)
    messages.notify(
        event=events.WORK_PLAN_ACCEPTED if accepted else events.WORK_PLAN_RETURNED,
        key=f"work_plan:{filing.id}:verdict",
        to=of.get(work_plan.unit_id) or heads.get(work_plan.unit_id, []),
        fields={"plan": work_plan.plan.title, "reason": reason},
        link=work_plans.page_link(work_plan),
        programme_id=work_plan.programme_id,
        unit_id=work_plan.unit_id,
        about=work_plan.id,
        now=now,
    )
