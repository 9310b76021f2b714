"""Units' own work plans (C09): saved at will, filed with a receipt, then with the office (`work_plan_verdicts`).

What is asked for is an obligation (`work_plan_asking`), which keeps dates, outcome, extensions and permits. A working
copy keeps everything typed. A filing is checked by rule (an indicator for every task, days, weights) and never changes.
Where the head approves, it counts when the head sends it. An amended plan counts from its acceptance; what is done or
past stays.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date, datetime
from typing import Any

from peewee import ModelSelect

from supervisor.clock import beijing_date
from supervisor.core import approvals, audit, reminders, reports
from supervisor.core.calendar import load_calendar
from supervisor.core.permissions import Actor, Permission
from supervisor.core.planned import start_of
from supervisor.core.work_plan_rows import MOST_ROWS, Asked, Row, check, content_of, rows_from
from supervisor.database import digest, transactional
from supervisor.errors import Invalid, NotFound, Refused, Stale
from supervisor.fields import canonical_json
from supervisor.models import (
    Assignment,
    AssignmentState,
    Milestone,
    Obligation,
    ObligationState,
    Plan,
    PlanFiling,
    Task,
    TaskState,
    Verdict,
    WorkPlan,
    WorkPlanState,
)
from supervisor.words import N_, Sentence

#: Work plans in which the unit may write.
WRITABLE = (WorkPlanState.OPEN, WorkPlanState.RETURNED, WorkPlanState.ACCEPTED)


def visible_to(actor: Actor) -> ModelSelect[WorkPlan]:
    """The work plans a person may see: all of the programme, or those of their own units (D16)."""
    query = WorkPlan.select().where(WorkPlan.programme == actor.programme_id)
    return query if actor.sees_all else query.where(WorkPlan.unit.in_(sorted(actor.unit_ids)))


def get_visible(work_plan_id: int, actor: Actor) -> WorkPlan:
    """One work plan by its number; NotFound when there is none that this person may see."""
    row: WorkPlan | None = visible_to(actor).where(WorkPlan.id == work_plan_id).first()
    if row is None:
        raise NotFound
    return row


def of_obligation(owed: Obligation) -> WorkPlan:
    """The plan that answers what is owed; NotFound where it is no work plan that is owed."""
    row: WorkPlan | None = WorkPlan.get_or_none(WorkPlan.obligation == owed)
    if row is None:
        raise NotFound
    return row


def asked_of(work_plan: WorkPlan) -> list[Asked]:
    """The unit's live tasks in the order of the notice."""
    query = (
        Assignment.select(Assignment, Task, Plan)
        .join(Task)
        .join(Plan)
        .where(
            (Task.plan == work_plan.plan_id)
            & (Assignment.unit == work_plan.unit_id)
            & (Assignment.task_state == TaskState.OPEN)
            & Assignment.state.not_in([AssignmentState.CANCELLED, AssignmentState.CLOSED])
        )
        .order_by(Task.sort, Task.id)
    )
    return [_asked(link) for link in query]


def _asked(link: Assignment) -> Asked:
    task = link.task
    start = max(start_of(task.plan.issued_at, task.plan.effective_on), link.joined_on or date.min)
    return Asked(
        link.id, task.id, task.sort, task.title, start, task.due_on, standing=task.standing, role=link.role.label
    )  # fmt: skip


def past_of(work_plan: WorkPlan, today: date) -> dict[int, Milestone]:
    """Milestones in force that are done or whose day is over, by key: an amended plan keeps them."""
    over = (Milestone.due_on < today) | Milestone.done_on.is_null(False)  # noqa: FBT003 -- Peewee's word
    query = Milestone.select().where((Milestone.work_plan == work_plan) & Milestone.in_force & over)
    return {row.key: row for row in query}


@transactional
def save(work_plan: WorkPlan, rows: Sequence[Row], *, seen: int, by: Actor, now: datetime) -> WorkPlan:
    """Keep the working copy, as often as the unit likes and whatever it says.

    Raises NotFound for another unit's, Refused while it is with the office, Stale when somebody saved meanwhile.
    """
    by.require(Permission.WORK_PLAN_FILE)
    _require_own(work_plan, by)
    if work_plan.state not in WRITABLE:
        raise Refused(N_("This work plan is with the lead office; it can be changed after the verdict."))
    if len(rows) > MOST_ROWS:
        raise Invalid(N_("A work plan has at most %(n)s rows.", n=MOST_ROWS))
    draft = [row.as_json() for row in rows]
    saved = (
        WorkPlan.update(draft=draft, saved_at=now, saved_by=by.user_id, version=WorkPlan.version + 1)
        .where(
            (WorkPlan.id == work_plan.id) & (WorkPlan.version == seen) & WorkPlan.state.in_(list(WRITABLE))
        )
        .execute()
    )
    if not saved:
        theirs = WorkPlan.get_by_id(work_plan.id)
        raise Stale(_shown(rows_from(theirs.draft)), _shown(rows))
    after = {"rows": len(draft), "sha256": digest(canonical_json(draft))}
    audit.record(by, "work_plan.save", work_plan, now=now, after=after)
    return WorkPlan.get_by_id(work_plan.id)


def _shown(rows: Iterable[Row]) -> list[tuple[Sentence | str, str]]:
    return [(row.title, f"{row.due} {row.weight}".strip()) for row in rows if not row.is_blank]


@transactional
def file(work_plan: WorkPlan, *, reason: str = "", seen: int, by: Actor, now: datetime) -> PlanFiling:
    """File the working copy as it stands: checked by rule, kept for good, with a receipt.

    Where the programme wants it, it waits for the unit's head and is filed when the head sends it (D11).

    Raises:
        Invalid: what is wrong, each with its place; nothing is filed and the working copy stays.
        Refused: it is with the office or locked. Stale: it was saved meanwhile.
    """
    by.require(Permission.WORK_PLAN_FILE)
    _require_own(work_plan, by)
    owed = _owed(work_plan, now)
    content = _checked(work_plan, reason, now)
    waits = approvals.is_wanted(work_plan.programme_id, by, now)
    claim(work_plan, WRITABLE, seen, state=WorkPlanState.WITH_HEAD if waits else WorkPlanState.FILED)
    if owed is not None:
        reports.claim(owed, ObligationState.WITH_HEAD if waits else ObligationState.SUBMITTED)
    number = PlanFiling.select().where(PlanFiling.work_plan == work_plan).count() + 1
    filing = PlanFiling.create(
        work_plan=work_plan, number=number, content=content, reason=reason.strip(), filed_by=by.user_id,
        filed_at=now, sent=False,
    )  # fmt: skip
    after = {"work_plan": work_plan.id, "number": number, "sha256": digest(canonical_json(content))}
    action = "work_plan.prepare" if waits else "work_plan.file"
    head = audit.record(by, action, filing, now=now, after=after, reason=reason)
    if waits:
        approvals.ask_heads(
            work_plan.unit_id, work_plan.programme_id, key=f"plan:{filing.id}", what=_what(work_plan),
            link=page_link(work_plan), now=now,
        )  # fmt: skip
    else:
        _hand_in(work_plan, owed, filing, head, now)
    return PlanFiling.get_by_id(filing.id)


def _owed(work_plan: WorkPlan, now: datetime) -> Obligation | None:
    """What the filing answers; None where none is asked for, or what was asked for has been accepted or waived."""
    owed: Obligation | None = work_plan.obligation
    if owed is None or owed.state in {ObligationState.ACCEPTED, ObligationState.WAIVED}:
        return None
    reports.require_unlocked(owed, now)
    return owed


def _checked(work_plan: WorkPlan, reason: str, now: datetime) -> list[dict[str, Any]]:
    """The working copy as a filing keeps it."""
    today, asked, rows = beijing_date(now), asked_of(work_plan), rows_from(work_plan.draft)
    wrong = check(rows, asked, past_of(work_plan, today), load_calendar())
    if work_plan.in_force is not None and not reason.strip():
        wrong["reason"] = N_("Say why the accepted plan changes.")
    if wrong:
        raise Invalid(N_("The work plan was not filed."), wrong)
    content = content_of(rows, asked)
    if not content:
        raise Refused(N_("There is no task to plan for."))
    return content


def _hand_in(
    work_plan: WorkPlan, owed: Obligation | None, filing: PlanFiling, head: audit.Head, now: datetime
) -> None:
    """It is filed: a receipt; the first complete filing fixes whether it came in time (D11)."""
    if owed is not None:
        reports.fix_outcome(owed, now)
        reminders.cancel(owed.id, now)
    receipt = f"BA-{beijing_date(now):%Y%m%d}-{work_plan.id}-{filing.number}"
    PlanFiling.update(sent=True, receipt=receipt, audit_head=str(head)).where(
        PlanFiling.id == filing.id
    ).execute()


@transactional
def approve(filing: PlanFiling, *, by: Actor, now: datetime) -> PlanFiling:
    """The unit's head files what was prepared: this is the filing whose time counts (D11)."""
    work_plan = _with_head(filing, by)
    owed = _owed(work_plan, now)
    claim(work_plan, [WorkPlanState.WITH_HEAD], work_plan.version, state=WorkPlanState.FILED)
    if owed is not None:
        reports.claim(owed, ObligationState.SUBMITTED)
    PlanFiling.update(approved_by=by.user_id, approved_at=now).where(PlanFiling.id == filing.id).execute()
    after = {"number": filing.number, "approved": True}
    head = audit.record(by, "work_plan.file", filing, now=now, after=after, reason=filing.reason)
    _hand_in(work_plan, owed, filing, head, now)
    return PlanFiling.get_by_id(filing.id)


@transactional
def hand_back(filing: PlanFiling, reason: str, *, by: Actor, now: datetime) -> None:
    """The unit's head gives a prepared plan back to the liaison, with a reason; it was not filed."""
    work_plan = _with_head(filing, by)
    approvals.require_reason(reason)
    owed: Obligation | None = work_plan.obligation
    if owed is not None and owed.state is ObligationState.WITH_HEAD:
        reports.claim(owed, approvals.state_unsent(owed))
    claim(work_plan, [WorkPlanState.WITH_HEAD], work_plan.version, state=_state_unsent(work_plan))
    audit.record(by, "work_plan.hand_back", filing, now=now, reason=reason)
    approvals.tell_writer(
        filing.filed_by, work_plan.programme_id, key=f"plan:{filing.id}", what=_what(work_plan), reason=reason,
        link=page_link(work_plan), now=now,
    )  # fmt: skip


def _with_head(filing: PlanFiling, by: Actor) -> WorkPlan:
    """The plan whose newest filing waits for this head."""
    by.require(Permission.REPORT_APPROVE)
    work_plan: WorkPlan = WorkPlan.get_by_id(filing.work_plan_id)
    _require_own(work_plan, by)
    newest = PlanFiling.select().where(PlanFiling.work_plan == work_plan).count()
    waits = work_plan.state is WorkPlanState.WITH_HEAD and not filing.sent and filing.number == newest
    if not waits:
        raise Refused(N_("This work plan is not waiting for your approval."))
    return work_plan


def _state_unsent(work_plan: WorkPlan) -> WorkPlanState:
    """Where the plan stood before it was laid before the head."""
    sent = (PlanFiling.work_plan == work_plan) & (PlanFiling.sent == True)  # noqa: E712 -- a column
    last = PlanFiling.select().where(sent).order_by(PlanFiling.number.desc()).first()
    if last is None:
        return WorkPlanState.OPEN
    return WorkPlanState.ACCEPTED if last.verdict is Verdict.ACCEPTED else WorkPlanState.RETURNED


def page_link(work_plan: WorkPlan) -> str:
    """Application path of the plan's page."""
    return f"/p/{work_plan.programme_id}/work-plans/{work_plan.id}"


def _what(work_plan: WorkPlan) -> Sentence:
    return N_("work plan for “%(plan)s”", plan=work_plan.plan.title)


def claim(work_plan: WorkPlan, states: Sequence[WorkPlanState], seen: int, **values: object) -> None:
    """Change the plan where it still stands in one of these states; Refused where somebody was quicker."""
    claimed = (
        WorkPlan.update(version=WorkPlan.version + 1, **values)
        .where((WorkPlan.id == work_plan.id) & (WorkPlan.version == seen) & WorkPlan.state.in_(list(states)))
        .execute()
    )
    if not claimed:
        raise Refused(N_("This work plan was saved, filed or decided meanwhile, perhaps in another window."))


def _require_own(work_plan: WorkPlan, by: Actor) -> None:
    if work_plan.programme_id != by.programme_id or work_plan.unit_id not in by.unit_ids:
        raise NotFound
