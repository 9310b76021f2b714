"""Units' own work plans (C09): asked for after issue, saved at will, filed with a receipt, accepted or returned.

A working copy keeps everything typed. A filing is checked by rule (an indicator for every task, days, weights) and
never changes; the office accepts or returns it. Only an accepted filing brings milestones into force, and with them
the unit's planned progress (D6). An amended plan counts from its acceptance; what is done or past stays.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date, datetime
from typing import Any

from peewee import ModelSelect

from supervisor.bulk import insert_rows
from supervisor.clock import beijing_date
from supervisor.core import audit, cadences, events, messages, people, tasks
from supervisor.core.calendar import load_calendar
from supervisor.core.permissions import Actor, Permission
from supervisor.core.planned import start_of
from supervisor.core.programmes import settings_on
from supervisor.core.schedules import cutoff_of
from supervisor.core.work_plan_rows import MOST_ROWS, Asked, Row, check, content_of, rows_from
from supervisor.core.workdays import Calendar
from supervisor.database import digest, transactional
from supervisor.errors import Invalid, NotFound, Refused, Stale
from supervisor.fields import canonical_json
from supervisor.models import (
    Assignment,
    AssignmentState,
    LocalSettings,
    Milestone,
    Outcome,
    Plan,
    PlanFiling,
    PlanState,
    Task,
    TaskState,
    Verdict,
    WorkPlan,
    WorkPlanState,
)
from supervisor.models.base import rows_of
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


@transactional
def ask(programme_id: int, *, now: datetime) -> int:
    """Open the work plans of units that answer for tasks of an issued plan; returns how many were opened or dated.

    Each is due so many working days after issue, or after the unit joined (E-33); where the setting came later, after
    that. A due day once announced does not move. Running twice changes nothing.
    """
    wanted = _units_at_work(programme_id)
    settings = settings_on(programme_id, beijing_date(now))
    there = {
        (plan_id, unit_id): (key, due_on)
        for key, plan_id, unit_id, due_on in rows_of(
            WorkPlan.select(WorkPlan.id, WorkPlan.plan, WorkPlan.unit, WorkPlan.due_on).where(
                WorkPlan.programme == programme_id
            )
        )
    }
    calendar = load_calendar()
    fresh, dated = [], 0
    for (plan_id, unit_id), start in sorted(wanted.items()):
        dates = _dates(start, settings, calendar)
        if (plan_id, unit_id) not in there:
            fresh.append({"programme": programme_id, "plan": plan_id, "unit": unit_id, **dates})
        elif dates["due_on"] and there[plan_id, unit_id][1] is None:
            dated += _date(there[plan_id, unit_id][0], dates)
    insert_rows(WorkPlan, fresh, ignore=True)
    return len(fresh) + dated


def ask_due(now: datetime) -> int:
    """`ask` in every programme with an issued plan. Called by the tick."""
    issued = Plan.select(Plan.programme).where(Plan.state == PlanState.ISSUED).distinct()
    return sum(ask(row[0], now=now) for row in rows_of(issued))


def _units_at_work(programme_id: int) -> dict[tuple[int, int], date]:
    """(plan, unit) -> the day from which its work plan is counted, of units with live links."""
    query = (
        Assignment.select(Task.plan, Assignment.unit, Assignment.joined_on, Plan.issued_at, Plan.effective_on)
        .join(Task)
        .join(Plan)
        .where(
            (Assignment.programme == programme_id)
            & (Assignment.task_state == TaskState.OPEN)
            & Assignment.state.not_in([AssignmentState.CANCELLED, AssignmentState.CLOSED])
            & (Plan.state == PlanState.ISSUED)
            & (Task.standing == False)  # noqa: E712 -- a condition in SQL
        )
        .distinct()
    )
    found: dict[tuple[int, int], date] = {}
    for plan_id, unit_id, joined_on, issued_at, effective_on in rows_of(query):
        start = max(start_of(issued_at, effective_on), joined_on or date.min)
        key = (plan_id, unit_id)
        found[key] = min(start, found.get(key, start))
    return found


def _dates(start: date, settings: LocalSettings, calendar: Calendar) -> dict[str, Any]:
    if not settings.work_plan_workdays:
        return {"due_on": None, "due_at": None}
    due_on = calendar.add_workdays(start, settings.work_plan_workdays)
    if due_on < settings.valid_from:  # asked for afterwards: nobody is late through a setting made later
        due_on = calendar.add_workdays(settings.valid_from, settings.work_plan_workdays)
    return {
        "due_on": due_on,
        "due_at": cadences.deadline_instant(due_on, cutoff_of(settings.cutoff)),
    }


def _date(work_plan_id: int, dates: dict[str, Any]) -> int:
    query = WorkPlan.update(**dates).where((WorkPlan.id == work_plan_id) & WorkPlan.first_filed_at.is_null())
    return int(query.execute())


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

    Raises:
        Invalid: what is wrong, each with its place; nothing is filed and the working copy stays.
        Refused: it is with the office. Stale: it was saved meanwhile.
    """
    by.require(Permission.WORK_PLAN_FILE)
    _require_own(work_plan, by)
    today, asked, rows = beijing_date(now), asked_of(work_plan), rows_from(work_plan.draft)
    wrong = check(rows, asked, past_of(work_plan, today), load_calendar())
    if work_plan.in_force is not None and not reason.strip():
        wrong["reason"] = N_("Say why the accepted plan changes.")
    if wrong:
        raise Invalid(N_("The work plan was not filed."), wrong)
    content = content_of(rows, asked)
    if not content:
        raise Refused(N_("There is no task to plan for."))
    _claim(work_plan, WRITABLE, seen, state=WorkPlanState.FILED, **_timely(work_plan, now))
    number = PlanFiling.select().where(PlanFiling.work_plan == work_plan).count() + 1
    filing = PlanFiling.create(
        work_plan=work_plan, number=number, content=content, reason=reason.strip(), filed_by=by.user_id,
        filed_at=now,
    )  # fmt: skip
    after = {"work_plan": work_plan.id, "number": number, "sha256": digest(canonical_json(content))}
    head = audit.record(by, "work_plan.file", filing, now=now, after=after, reason=reason)
    receipt = f"BA-{beijing_date(now):%Y%m%d}-{work_plan.id}-{number}"
    PlanFiling.update(receipt=receipt, audit_head=str(head)).where(PlanFiling.id == filing.id).execute()
    return PlanFiling.get_by_id(filing.id)


def _timely(work_plan: WorkPlan, now: datetime) -> dict[str, Any]:
    """The first complete filing fixes whether it came in time (D11)."""
    if work_plan.first_filed_at is not None:
        return {}
    late = 0
    if work_plan.due_at is not None:
        late = cadences.late_workdays(work_plan.due_at, now, load_calendar())
    timely = None if work_plan.due_at is None else (Outcome.LATE if late else Outcome.ON_TIME)
    return {"first_filed_at": now, "outcome": timely, "late_workdays": late}


def _claim(work_plan: WorkPlan, states: Sequence[WorkPlanState], seen: int, **values: object) -> None:
    claimed = (
        WorkPlan.update(version=WorkPlan.version + 1, **values)
        .where((WorkPlan.id == work_plan.id) & (WorkPlan.version == seen) & WorkPlan.state.in_(list(states)))
        .execute()
    )
    if not claimed:
        raise Refused(N_("This work plan was saved, filed or decided meanwhile, perhaps in another window."))


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
        .where((PlanFiling.id == filing.id) & PlanFiling.verdict.is_null())
        .execute()
    )
    if not decided:
        raise Refused(N_("Somebody else has already decided on this filing."))
    _claim(work_plan, [WorkPlanState.FILED], work_plan.version, **_after(work_plan, filing, accepted, now))
    if accepted:
        _put_in_force(work_plan, filing, now)
    action = "work_plan.accept" if accepted else "work_plan.return"
    audit.record(by, action, filing, now=now, after={"number": filing.number}, reason=reason)
    _tell(work_plan, filing, accepted=accepted, reason=reason.strip(), now=now)
    return WorkPlan.get_by_id(work_plan.id)


def _after(work_plan: WorkPlan, filing: PlanFiling, accepted: bool, now: datetime) -> dict[str, Any]:  # noqa: FBT001
    if accepted:
        return {"state": WorkPlanState.ACCEPTED, "in_force": filing.number, "return_due_on": None}
    today = beijing_date(now)
    days = settings_on(work_plan.programme_id, today).return_workdays
    return {
        "state": WorkPlanState.RETURNED,
        "returns": work_plan.returns + 1,
        "return_due_on": load_calendar().add_workdays(today, days),
    }


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
    asked = {link.assignment for link in asked_of(work_plan)}
    gone = [
        row.id
        for key, row in there.items()
        if key not in wanted and row.in_force and row.assignment_id in asked
    ]
    Milestone.update(in_force=False, filing_number=filing.number).where(Milestone.id.in_(gone)).execute()
    _keep_steps(work_plan, now)


def _keep_steps(work_plan: WorkPlan, now: datetime) -> None:
    """What the links and their tasks keep of the milestones in force."""
    steps: dict[int, list[list[str | int]]] = {link.assignment: [] for link in asked_of(work_plan)}
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
        link=f"/p/{work_plan.programme_id}/work-plans/{work_plan.id}",
        programme_id=work_plan.programme_id,
        unit_id=work_plan.unit_id,
        about=work_plan.id,
        now=now,
    )


def _require_own(work_plan: WorkPlan, by: Actor) -> None:
    if work_plan.programme_id != by.programme_id or work_plan.unit_id not in by.unit_ids:
        raise NotFound
