"""Changes of an issued plan: a unit joins or leaves a collective name on a day (D7, E-33).

Numbered per programme, with a reason, readable in the audit trail. What was owed before stays; a unit that
joins owes from its day on, one that leaves owes nothing after it.
"""

from __future__ import annotations

from datetime import date, datetime

from supervisor.clock import beijing_date
from supervisor.core import audit, events, messages, obligations, tasks
from supervisor.core.change_numbers import next_number
from supervisor.core.people import heads_of, liaisons_of
from supervisor.core.permissions import Actor, Permission
from supervisor.database import transactional
from supervisor.errors import Invalid, Refused
from supervisor.models import (
    Assignment,
    AssignmentState,
    AuditEntry,
    GroupMember,
    LinkRole,
    Plan,
    PlanState,
    Task,
    TaskState,
    TaskToken,
    Unit,
    UnitGroup,
)
from supervisor.words import N_, Sentence

#: Acts on a collective name's members.
ACTS = ("group.join", "group.leave")


def is_issued(group: UnitGroup) -> bool:
    """Whether the collective name stands in an issued plan, so that its members change only here."""
    return bool(Assignment.select().where(Assignment.group == group).exists())


def history(group: UnitGroup) -> list[AuditEntry]:
    """The numbered changes of a collective name, newest first."""
    mine = (AuditEntry.subject_type == "unit_group") & (AuditEntry.subject_id == group.id)
    return list(AuditEntry.select().where(mine & AuditEntry.action.in_(ACTS)).order_by(AuditEntry.seq.desc()))


@transactional
def join(group: UnitGroup, unit: Unit, joined_on: date, reason: str, *, by: Actor, now: datetime) -> int:
    """Let a unit join a collective name: a link for each of its open tasks, owed from `joined_on` on (E-33).

    Returns the links made. Raises Invalid for a day in the past, a member, or no reason.
    """
    by.require(Permission.PLAN_EDIT)
    _check(group, joined_on, reason, now)
    mine = (GroupMember.group == group) & (GroupMember.unit == unit)
    old = GroupMember.get_or_none(mine)
    if old is not None and (old.valid_to is None or old.valid_to >= joined_on):
        wrong = N_("%(unit)s belongs to it already.", unit=unit.name)
        raise Invalid(wrong, {"unit": wrong})
    number = next_number(group.programme_id)
    if old is not None:
        GroupMember.update(valid_from=joined_on, valid_to=None, note=reason[:400]).where(mine).execute()
    else:
        last = GroupMember.select().where(GroupMember.group == group).count()
        GroupMember.create(group=group, unit=unit, sort=last + 1, valid_from=joined_on, note=reason[:400])
    made = _link(group, unit, joined_on)
    tasks.refresh(made, now)
    obligations.generate(group.programme_id, now=now)
    after = {"unit": unit.id, "from": joined_on, "links": len(made), "number": number}
    audit.record(by, "group.join", group, now=now, after=after, reason=reason)
    subject = N_(
        "%(unit)s joins %(group)s: %(count)s tasks", unit=unit.name, group=group.name, count=len(made)
    )
    _tell(group, unit, subject, reason, number, now)
    return len(made)


@transactional
def leave(group: UnitGroup, unit: Unit, reason: str, *, by: Actor, now: datetime) -> int:
    """Let a unit leave a collective name today: its open links there are cancelled, records stay.

    Returns the links cancelled. Raises Invalid for a stranger or no reason, Refused for the last member.
    """
    by.require(Permission.PLAN_EDIT)
    last_day = beijing_date(now)
    _check(group, last_day, reason, now)
    present = (GroupMember.group == group) & GroupMember.valid_to.is_null()
    mine = present & (GroupMember.unit == unit)
    if not GroupMember.select().where(mine).exists():
        wrong = N_("%(unit)s does not belong to it.", unit=unit.name)
        raise Invalid(wrong, {"unit": wrong})
    if GroupMember.select().where(present).count() == 1:
        raise Refused(N_("A collective name needs at least one unit."))
    number = next_number(group.programme_id)
    GroupMember.update(valid_to=last_day).where(mine).execute()
    links = list(
        Assignment.select().where(
            (Assignment.group == group)
            & (Assignment.unit == unit)
            & Assignment.state.not_in([AssignmentState.CLOSED, AssignmentState.CANCELLED])
        )
    )
    for link in links:
        Assignment.update(state=AssignmentState.CANCELLED, version=Assignment.version + 1).where(
            Assignment.id == link.id
        ).execute()
        obligations.forget_link(link, now=now)
    tasks.refresh([link.task_id for link in links], now)
    after = {"unit": unit.id, "to": last_day, "links": len(links), "number": number}
    audit.record(by, "group.leave", group, now=now, after=after, reason=reason)
    subject = N_("%(unit)s leaves %(group)s", unit=unit.name, group=group.name)
    _tell(group, unit, subject, reason, number, now)
    return len(links)


def _check(group: UnitGroup, day: date, reason: str, now: datetime) -> None:
    if not is_issued(group):
        raise Refused(N_("This collective name stands in no issued plan; confirm its members instead."))
    wrong: dict[str, Sentence] = {}
    if day < beijing_date(now):
        wrong["day"] = N_("A unit joins today or on a later day; past obligations stay.")
    if not reason.strip():
        wrong["reason"] = N_("Say why: units will ask.")
    if wrong:
        raise Invalid(N_("The change was not made."), wrong)


def _link(group: UnitGroup, unit: Unit, joined_on: date) -> list[int]:
    """A link at every open task that names the collective, unless the unit stands there already (E-35)."""
    named = (
        TaskToken.select(TaskToken, Task)
        .join(Task)
        .join(Plan)
        .where((TaskToken.group == group) & (Task.state == TaskState.OPEN) & (Plan.state == PlanState.ISSUED))
        .order_by(TaskToken.role, Task.sort)  # "lead" first: lead wins
    )
    made = []
    for token in named:
        task = token.task
        here = (Assignment.task == task) & (Assignment.unit == unit)
        lead = token.role is LinkRole.LEAD
        values = {
            "role": token.role,
            "group": group,
            "share": task.lead_share if lead else task.responsible_share,
            "joined_on": joined_on,
        }
        old = Assignment.get_or_none(here)
        if old is None:
            Assignment.create(
                task=task,
                programme=task.programme_id,
                unit=unit,
                task_state=task.state,
                due_on=task.due_on,
                **values,
            )
        elif old.state is AssignmentState.CANCELLED:
            back = {**values, "state": AssignmentState.ISSUED, "version": Assignment.version + 1}
            Assignment.update(**back).where(Assignment.id == old.id).execute()
        else:
            continue
        made.append(task.id)
    return made


def _tell(group: UnitGroup, unit: Unit, subject: Sentence, reason: str, number: int, now: datetime) -> None:
    day = beijing_date(now)
    people = [liaisons_of([unit.id], group.programme_id, day), heads_of([unit.id], group.programme_id, day)]
    messages.notify(
        event=events.PLAN_CHANGED,
        key=f"change:{group.programme_id}:{number}",
        to=[person for found in people for person in found.get(unit.id, [])],
        fields={"what": subject, "number": number, "reason": reason},
        link=f"/p/{group.programme_id}/tasks",
        programme_id=group.programme_id,
        unit_id=unit.id,
        now=now,
    )
