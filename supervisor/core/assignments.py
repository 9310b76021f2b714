"""A unit's work on a task: signed for, objected to, applied for as completed, decided by the office (D2).

The state lives on the link. Only who leads (or, where nobody leads, everybody who answers) applies for
completion; the date that counts is the application's, so that a slow decision costs the unit nothing.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, datetime

from peewee import ModelSelect

from supervisor.clock import beijing_date
from supervisor.core import attachments, audit, events, messages, obligations, people, tasks
from supervisor.core.adoption import FULL_SHARE
from supervisor.core.calendar import load_calendar
from supervisor.core.message_events import MessageEvent
from supervisor.core.message_fields import Value
from supervisor.core.permissions import Actor, Permission
from supervisor.core.programmes import settings_on
from supervisor.database import transactional
from supervisor.errors import Invalid, NotFound, Refused
from supervisor.models import (
    Application,
    ApplicationState,
    Assignment,
    AssignmentState,
    LinkRole,
    Objection,
    Plan,
    Task,
    TaskState,
)
from supervisor.words import N_

#: States in which the unit is at work and may object or apply.
AT_WORK = (AssignmentState.ISSUED, AssignmentState.ACKNOWLEDGED)


def get_own(assignment_id: int, by: Actor) -> Assignment:
    """A link of one of the actor's own units in this programme; NotFound for any other."""
    row: Assignment | None = (
        Assignment.select(Assignment, Task)
        .join(Task)
        .where(
            (Assignment.id == assignment_id)
            & (Assignment.programme == by.programme_id)
            & Assignment.unit.in_(sorted(by.unit_ids))
            & (Assignment.state != AssignmentState.CANCELLED)
        )
        .first()
    )
    if row is None:
        raise NotFound
    return row


def unsigned(by: Actor) -> ModelSelect[Assignment]:
    """Links of the actor's units that wait to be signed for."""
    return Assignment.select().where(
        (Assignment.programme == by.programme_id)
        & Assignment.unit.in_(sorted(by.unit_ids))
        & (Assignment.state == AssignmentState.ISSUED)
        & (Assignment.task_state == TaskState.OPEN)
    )


@transactional
def acknowledge(assignment: Assignment, *, by: Actor, now: datetime) -> None:
    """Sign for a task (签收). Signing twice changes nothing; Refused where there is nothing to sign for."""
    by.require(Permission.ASSIGNMENT_ACKNOWLEDGE)
    _require_own(assignment, by)
    signed = (
        Assignment.update(
            state=AssignmentState.ACKNOWLEDGED,
            acknowledged_at=now,
            acknowledged_by=by.user_id,
            version=Assignment.version + 1,
        )
        .where((Assignment.id == assignment.id) & (Assignment.state == AssignmentState.ISSUED))
        .execute()
    )
    if signed:
        audit.record(by, "assignment.acknowledge", assignment, now=now, after={"task": assignment.task_id})
    elif assignment.state is not AssignmentState.ACKNOWLEDGED:
        raise Refused(N_("This task is not waiting to be signed for."))


@transactional
def acknowledge_all(programme_id: int, *, by: Actor, now: datetime) -> int:
    """Sign for everything that waits for the actor's units; returns how many. One audit row a link."""
    by.require(Permission.ASSIGNMENT_ACKNOWLEDGE)
    if by.programme_id != programme_id:
        raise NotFound
    rows = list(unsigned(by))
    for row in rows:
        acknowledge(row, by=by, now=now)
    return len(rows)


def objection_deadline(plan: Plan, joined_on: date | None) -> date | None:
    """The last day on which a unit may object: so many working days after issue, or after it joined."""
    if plan.issued_at is None:
        return None
    start = max(beijing_date(plan.issued_at), joined_on or date.min)
    settings = settings_on(plan.programme_id, start)
    return load_calendar().add_workdays(start, settings.objection_workdays)


@transactional
def object_to(assignment: Assignment, reason: str, *, by: Actor, now: datetime) -> Objection:
    """Object to an assignment, within the set time and with a reason; the work goes on until it is decided."""
    by.require(Permission.ASSIGNMENT_ACKNOWLEDGE)
    _require_own(assignment, by)
    if not reason.strip():
        raise Invalid(N_("The objection was not sent."), {"reason": N_("Say why the task is not yours.")})
    last = objection_deadline(assignment.task.plan, assignment.joined_on)
    if last is None or beijing_date(now) > last:
        raise Refused(N_("The time for objecting to this assignment is over."))
    _move(assignment, AT_WORK, AssignmentState.OBJECTED)
    row = Objection.create(assignment=assignment, reason=reason.strip(), raised_by=by.user_id, raised_at=now)
    audit.record(by, "objection.raise", row, now=now, after={"task": assignment.task_id}, reason=reason)
    return row


@transactional
def decide_objection(
    objection: Objection, *, upheld: bool, decision: str, by: Actor, now: datetime, alone: bool = False
) -> None:
    """The office decides an objection: upheld takes the assignment back, otherwise the unit signs for it.

    Where the last lead unit's is upheld, `alone` confirms that each remaining unit answers for itself (D3). Raises
    Invalid for no reason, a task left without a unit, or without a lead where that is not confirmed.
    """
    by.require(Permission.OBJECTION_DECIDE)
    assignment: Assignment = objection.assignment
    _require_foreign(assignment, by)
    if not decision.strip():
        raise Invalid(N_("Nothing was decided."), {"decision": N_("Give the unit a reason.")})
    leaderless = upheld and leaves_no_lead(assignment)
    if upheld:
        _require_another_unit(assignment)
    if leaderless and not alone:
        text = N_(
            "“%(task)s” would be left without a lead unit. Confirm that each unit answers for itself, or give it a "
            "lead first by issuing the notice again.",
            task=assignment.task.title,
        )
        raise Invalid(N_("Nothing was decided."), {"alone": text})
    decided = (
        Objection.update(upheld=upheld, decision=decision.strip(), decided_by=by.user_id, decided_at=now)
        .where((Objection.id == objection.id) & Objection.upheld.is_null())
        .execute()
    )
    if not decided:
        raise Refused(N_("Somebody else has already decided this objection."))
    _move(
        assignment,
        [AssignmentState.OBJECTED],
        AssignmentState.CANCELLED if upheld else AssignmentState.ISSUED,
    )
    audit.record(by, "objection.decide", objection, now=now, after={"upheld": upheld}, reason=decision)
    if upheld:
        obligations.forget_link(assignment, now=now)
    if leaderless:
        _let_each_answer(assignment.task, by, now)
    tasks.refresh([assignment.task_id], now)
    fields = {"task": assignment.task.title, "words": decision}
    event = events.OBJECTION_UPHELD if upheld else events.OBJECTION_REFUSED
    _tell(assignment, event, f"objection:{objection.id}", fields, now)


def leaves_no_lead(assignment: Assignment) -> bool:
    """Whether a task loses its last lead unit with this link (D3)."""
    if assignment.role is not LinkRole.LEAD:
        return False
    others = (Assignment.task == assignment.task_id) & (Assignment.id != assignment.id)
    leads = (Assignment.role == LinkRole.LEAD) & (Assignment.state != AssignmentState.CANCELLED)
    return not Assignment.select().where(others & leads).exists()


def _let_each_answer(task: Task, by: Actor, now: datetime) -> None:
    """Nobody leads: each unit's part counts in full (D3)."""
    Task.update(responsible_share=FULL_SHARE, version=Task.version + 1).where(Task.id == task.id).execute()
    live = (Assignment.task == task) & (Assignment.state != AssignmentState.CANCELLED)
    Assignment.update(share=FULL_SHARE).where(live).execute()
    audit.record(by, "task.each_answers", task, now=now, after={"responsible_share": FULL_SHARE})


def _require_another_unit(assignment: Assignment) -> None:
    """Raise Invalid where taking this link back would leave its task without a unit (D7)."""
    others = (Assignment.task == assignment.task_id) & (Assignment.id != assignment.id)
    if not Assignment.select().where(others & (Assignment.state != AssignmentState.CANCELLED)).exists():
        raise Invalid(
            N_("Nothing was decided."),
            {
                "decision": N_(
                    "“%(task)s” would be left without a unit. Give it another one first, or cancel it, by issuing "
                    "the notice again; or do not uphold the objection.",
                    task=assignment.task.title,
                )
            },
        )


def may_apply(assignment: Assignment, task: Task) -> bool:
    """Whether this link may be applied for as completed: it leads, or nobody does (D2, D3)."""
    return assignment.role is LinkRole.LEAD or task.leads == 0


@transactional
def apply_for_completion(
    assignment: Assignment,
    evidence: str,
    *,
    attachment_ids: Sequence[int] = (),
    by: Actor,
    now: datetime,
) -> Application:
    """Apply for completion with evidence (申请办结). Refused for responsible units, which report only (D2)."""
    by.require(Permission.APPLICATION_FILE)
    _require_own(assignment, by)
    if not may_apply(assignment, assignment.task):
        raise Refused(
            N_("Only the lead unit applies for completion; a responsible unit reports its own part.")
        )
    if assignment.state is AssignmentState.ISSUED:
        raise Refused(N_("Sign for the task first."))
    if not evidence.strip():
        raise Invalid(
            N_("The application was not sent."),
            {"evidence": N_("Say what shows that the task is completed.")},
        )
    _move(assignment, [AssignmentState.ACKNOWLEDGED], AssignmentState.APPLIED, applied_at=now)
    row = Application.create(
        assignment=assignment,
        programme=assignment.programme_id,
        evidence=evidence.strip(),
        applied_by=by.user_id,
        applied_at=now,
    )
    attachments.link(attachment_ids, application=row, by=by)
    audit.record(
        by, "application.file", row, now=now,
        after={"task": assignment.task_id, "unit": assignment.unit_id, "attachments": sorted(attachment_ids)},
    )  # fmt: skip
    return row


@transactional
def decide_application(
    application: Application, *, accepted: bool, reason: str, by: Actor, now: datetime
) -> None:
    """The office accepts (the link closes as of the day of the application) or returns with a reason (D2)."""
    by.require(Permission.APPLICATION_DECIDE)
    assignment: Assignment = application.assignment
    _require_foreign(assignment, by)
    if not accepted and not reason.strip():
        raise Invalid(N_("Nothing was decided."), {"reason": N_("Say what is missing for completion.")})
    state = ApplicationState.ACCEPTED if accepted else ApplicationState.RETURNED
    decided = (
        Application.update(state=state, reason=reason.strip(), decided_by=by.user_id, decided_at=now)
        .where((Application.id == application.id) & (Application.state == ApplicationState.OPEN))
        .execute()
    )
    if not decided:
        raise Refused(N_("Somebody else has already decided this application."))
    if accepted:
        closed_on = beijing_date(application.applied_at)
        _move(
            assignment, [AssignmentState.APPLIED], AssignmentState.CLOSED, closed_on=closed_on, progress=100
        )
    else:
        _move(assignment, [AssignmentState.APPLIED], AssignmentState.ACKNOWLEDGED, applied_at=None)
    audit.record(by, "application.decide", application, now=now, after={"state": state}, reason=reason)
    tasks.refresh([assignment.task_id], now)
    fields = {"task": assignment.task.title, "reason": reason}
    event = events.COMPLETION_ACCEPTED if accepted else events.COMPLETION_RETURNED
    _tell(assignment, event, f"application:{application.id}", fields, now)


def _require_own(assignment: Assignment, by: Actor) -> None:
    if assignment.programme_id != by.programme_id or assignment.unit_id not in by.unit_ids:
        raise NotFound


def _require_foreign(assignment: Assignment, by: Actor) -> None:
    if assignment.programme_id != by.programme_id:
        raise NotFound
    if assignment.unit_id in by.unit_ids:
        raise Refused(N_("Nobody decides for their own unit."))


def _move(
    assignment: Assignment, allowed: Sequence[AssignmentState], state: AssignmentState, **also: object
) -> None:
    """Compare and set: from one of `allowed` to `state`; Refused when another act came first."""
    moved = (
        Assignment.update(state=state, version=Assignment.version + 1, **also)
        .where((Assignment.id == assignment.id) & Assignment.state.in_(list(allowed)))
        .execute()
    )
    if not moved:
        present = Assignment.get_by_id(assignment.id).state
        raise Refused(N_("That is not possible now. The task stands at: %(state)s.", state=present.label))


def _tell(
    assignment: Assignment, event: MessageEvent, key: str, fields: Mapping[str, Value], now: datetime
) -> None:
    found = people.liaisons_of([assignment.unit_id], assignment.programme_id, beijing_date(now))
    messages.notify(
        event=event,
        key=key,
        to=found.get(assignment.unit_id, []),
        fields=fields,
        link=f"/p/{assignment.programme_id}/tasks/{assignment.task_id}",
        programme_id=assignment.programme_id,
        unit_id=assignment.unit_id,
        now=now,
    )
