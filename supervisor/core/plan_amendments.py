"""Changes of an adopted plan after its adoption: a task is added, cancelled, reworded, or gets other units (D7).

In an issued plan each is a numbered change with a reason: what was owed before stays, the future follows from the
day of the change on, the units concerned are told and sign again. In a plan that is not issued yet the same verbs
only change the plan. `effects_of` carries changes out, counts what they do, and takes everything back.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, datetime

from supervisor.clock import beijing_date
from supervisor.core import audit, events, messages, obligations, tasks, units
from supervisor.core.adoption import FULL_SHARE, HALF_SHARE
from supervisor.core.change_numbers import next_number
from supervisor.core.people import heads_of, liaisons_of
from supervisor.core.permissions import Actor, Permission
from supervisor.core.unit_names import name_key
from supervisor.database import db, transaction, transactional
from supervisor.errors import Invalid, Refused
from supervisor.models import (
    Assignment,
    AssignmentState,
    Entry,
    GroupKind,
    GroupMember,
    LinkRole,
    Message,
    Obligation,
    ObligationState,
    Plan,
    PlanState,
    Task,
    TaskState,
    TaskToken,
    Unit,
    UnitGroup,
)
from supervisor.words import N_, Sentence

#: What must be said before a task is left without a lead unit (D3).
LEADERLESS = N_(
    "nobody would lead it. Beside the notice, name a lead unit or confirm that each unit answers for itself."
)


@dataclass(frozen=True)
class Wording:
    """A task's words and units as a notice prints them."""

    title: str
    text: str = ""
    number: str = ""
    path: tuple[str, ...] = ()
    lead: tuple[str, ...] = ()
    responsible: tuple[str, ...] = ()
    due_on: date | None = None
    due_from_notice: bool = False
    each_answers: bool = False
    standing: bool = False

    @property
    def answers_alone(self) -> bool:
        """Whether each unit answers for itself: nobody leads, and a person said so (D3), or nobody ever leads (D4)."""
        return self.standing or (self.each_answers and not self.lead)


@transactional
def add_task(plan: Plan, wanted: Wording, reason: str, *, by: Actor, now: datetime) -> Task:
    """Add a task to an adopted plan; in an issued one its units owe from today on and are told.

    Raises Invalid for no title, no unit or no reason; Refused where a collective name has no confirmed members.
    """
    by.require(Permission.PLAN_EDIT)
    _check(reason, plan)
    if not wanted.title.strip() or not (wanted.lead or wanted.responsible):
        raise Invalid(N_("A task needs a title and at least one unit."))
    _require_lead(plan, wanted)
    last = Task.select(Task.sort).where(Task.plan == plan).order_by(Task.sort.desc()).scalar() or 0
    task = Task.create(
        plan=plan,
        programme=plan.programme_id,
        sort=last + 1,
        path=list(wanted.path),
        number=wanted.number[:20],
        title=wanted.title.strip()[:400],
        text=wanted.text,
        due_on=wanted.due_on,
        due_from_notice=wanted.due_from_notice,
        standing=wanted.standing,
        responsible_share=FULL_SHARE if wanted.answers_alone else HALF_SHARE,
        search=tasks.bigrams(f"{wanted.title} {wanted.text}"),
        state=TaskState.OPEN if plan.state is PlanState.ISSUED else TaskState.DRAFT,
    )
    told = _place(task, plan, wanted, by, now)
    after = {"title": task.title, "lead": list(wanted.lead), "responsible": list(wanted.responsible)}
    _finish(
        plan, task, "task.add", N_("New task: %(task)s", task=task.title), reason, told, by, now, after=after
    )
    return task


@transactional
def cancel_task(task: Task, reason: str, *, by: Actor, now: datetime) -> None:
    """Cancel a task: its open links end today and leave the reports not handed in yet; what was reported stays.

    Raises Invalid for no reason, Refused for a task that is completed or cancelled already.
    """
    by.require(Permission.PLAN_EDIT)
    plan = task.plan
    _check(reason, plan)
    here = (Task.id == task.id) & Task.state.in_([TaskState.DRAFT, TaskState.OPEN])
    if not Task.update(state=TaskState.CANCELLED, version=Task.version + 1).where(here).execute():
        raise Refused(N_("“%(task)s” is completed or cancelled already.", task=task.title))
    links = _open_links(task)
    for link in links:
        _end(link, now)
    Assignment.update(task_state=TaskState.CANCELLED).where(Assignment.task == task).execute()
    told = {link.unit_id for link in links}
    _finish(plan, task, "task.cancel", N_("Task cancelled: %(task)s", task=task.title), reason, told, by, now)


@transactional
def reword_task(task: Task, title: str, text: str, reason: str, *, by: Actor, now: datetime) -> None:
    """Change a task's title and text; its units are told and sign again."""
    by.require(Permission.PLAN_EDIT)
    plan = task.plan
    _check(reason, plan)
    before, after = audit.changes(task, title=title.strip()[:400], text=text)
    if not after:
        return
    search = tasks.bigrams(f"{title} {text}")
    Task.update(**after, search=search, version=Task.version + 1).where(Task.id == task.id).execute()
    told = _sign_again(task)
    subject = N_("Task reworded: %(task)s", task=title)
    _finish(plan, task, "task.reword", subject, reason, told, by, now, before=before, after=after)


@transactional
def change_units(task: Task, wanted: Wording, reason: str, *, by: Actor, now: datetime) -> None:
    """Give a task the units of `wanted`: who joins owes from today on, who leaves owes nothing more.

    A unit whose part changes signs again. Raises Invalid for no unit, no lead where nobody confirmed that each unit
    answers for itself (D3), or no reason.
    """
    by.require(Permission.PLAN_EDIT)
    plan = task.plan
    _check(reason, plan)
    if not wanted.lead and not wanted.responsible:
        raise Invalid(N_("A task needs a title and at least one unit."))
    _require_lead(plan, wanted)
    tokens = TaskToken.select().where(TaskToken.task == task).order_by(TaskToken.role, TaskToken.sort)
    before = {role.value: [token.text for token in tokens if token.role is role] for role in LinkRole}
    TaskToken.delete().where(TaskToken.task == task).execute()
    task.responsible_share = _share_of(task, wanted)
    told = _place(task, plan, wanted, by, now)
    Task.update(version=Task.version + 1, responsible_share=task.responsible_share).where(
        Task.id == task.id
    ).execute()
    after = {"lead": list(wanted.lead), "responsible": list(wanted.responsible)}
    subject = N_("Units changed: %(task)s", task=task.title)
    _finish(plan, task, "task.units", subject, reason, told, by, now, before=before, after=after)


def _check(reason: str, plan: Plan) -> None:
    if plan.state is PlanState.ISSUED and not reason.strip():
        wrong = N_("Say why: the reason stays with the change for every unit to read.")
        raise Invalid(wrong, {"reason": wrong})


def _require_lead(plan: Plan, wanted: Wording) -> None:
    """Raise Invalid where an issued task would have no lead, and nobody confirmed that each unit answers for itself."""
    if plan.state is PlanState.ISSUED and not wanted.lead and not wanted.answers_alone:
        wrong = N_("“%(task)s”: %(what)s", task=wanted.title, what=LEADERLESS)
        raise Invalid(wrong, {"key": wrong})


def _share_of(task: Task, wanted: Wording) -> int:
    """The share of units that do not lead: full where each answers for itself, half again once somebody leads."""
    if wanted.answers_alone:
        return FULL_SHARE
    return (
        HALF_SHARE if task.responsible_share == FULL_SHARE and not task.standing else task.responsible_share
    )


def _place(task: Task, plan: Plan, wanted: Wording, by: Actor, now: datetime) -> set[int]:
    """Write the names of a task and, in an issued plan, bring its links into line; returns the units concerned."""
    links: dict[int, tuple[LinkRole, int | None]] = {}
    named = [(LinkRole.LEAD, wanted.lead), (LinkRole.RESPONSIBLE, wanted.responsible)]
    for role, names in named:
        for order, name in enumerate(dict.fromkeys(names), start=1):
            unit, group = _meant(name, plan, by, now)
            TaskToken.create(task=task, role=role, text=name[:160], unit=unit, group=group, sort=order)
            for unit_id in [unit.id] if unit else _members(group):
                links.setdefault(unit_id, (role, group.id if group else None))
    return _relink(task, plan, links, now) if plan.state is PlanState.ISSUED else set()


def _meant(name: str, plan: Plan, by: Actor, now: datetime) -> tuple[Unit | None, UnitGroup | None]:
    """The unit or the collective that a name means; a name nobody knows is entered into the register."""
    collectives = UnitGroup.select().where(
        (UnitGroup.programme == plan.programme_id) & (UnitGroup.kind == GroupKind.COLLECTIVE)
    )
    group = next((one for one in collectives if name_key(one.name) == name_key(name)), None)
    if group is None:
        return units.register_unit(name, jurisdiction_id=plan.programme.jurisdiction_id, by=by, now=now), None
    if group.confirmed_at is None:
        raise Refused(N_("Nobody has confirmed who belongs to %(name)s.", name=group.name))
    return None, group


def _members(group: UnitGroup | None) -> list[int]:
    present = (GroupMember.group == group) & GroupMember.valid_to.is_null()
    return [member.unit_id for member in GroupMember.select().where(present).order_by(GroupMember.sort)]


def _relink(task: Task, plan: Plan, links: dict[int, tuple[LinkRole, int | None]], now: datetime) -> set[int]:
    """Make, change and end links until they are `links`; returns the units for which something changed."""
    old = {link.unit_id: link for link in Assignment.select().where(Assignment.task == task)}
    changed: set[int] = set()
    for unit_id, (role, group_id) in links.items():
        link = old.get(unit_id)
        share = task.lead_share if role is LinkRole.LEAD else task.responsible_share
        part = {"role": role, "group": group_id, "share": share}
        if link is None:
            Assignment.create(
                task=task, programme=plan.programme_id, unit=unit_id, joined_on=beijing_date(now),
                task_state=TaskState.OPEN, due_on=task.due_on, **part,
            )  # fmt: skip
        elif link.state is AssignmentState.CANCELLED:
            back = part | {"state": AssignmentState.ISSUED, "joined_on": beijing_date(now)}
            _update(link, **back, acknowledged_at=None, acknowledged_by=None)
        elif link.role is not role:
            state = link.state if link.state is AssignmentState.CLOSED else AssignmentState.ISSUED
            _update(link, **part, state=state)
        else:
            if link.share != share:
                _update(link, share=share)
            continue
        changed.add(unit_id)
    for unit_id, link in old.items():
        if unit_id not in links and link.state not in {AssignmentState.CANCELLED, AssignmentState.CLOSED}:
            _end(link, now)
            changed.add(unit_id)
    return changed


def _update(link: Assignment, **values: object) -> None:
    Assignment.update(version=Assignment.version + 1, **values).where(Assignment.id == link.id).execute()


def _end(link: Assignment, now: datetime) -> None:
    _update(link, state=AssignmentState.CANCELLED)
    obligations.forget_link(link, now=now)


def _open_links(task: Task) -> list[Assignment]:
    over = [AssignmentState.CLOSED, AssignmentState.CANCELLED]
    return list(Assignment.select().where((Assignment.task == task) & Assignment.state.not_in(over)))


def _sign_again(task: Task) -> set[int]:
    live = (Assignment.task == task) & Assignment.state.in_(
        [AssignmentState.ACKNOWLEDGED, AssignmentState.ISSUED]
    )
    told = {link.unit_id for link in Assignment.select(Assignment.unit).where(live)}
    Assignment.update(
        state=AssignmentState.ISSUED, acknowledged_at=None, acknowledged_by=None, version=Assignment.version + 1
    ).where(live & (Assignment.state == AssignmentState.ACKNOWLEDGED)).execute()  # fmt: skip
    return told


def _finish(
    plan: Plan,
    task: Task,
    action: str,
    subject: Sentence,
    reason: str,
    told: set[int],
    by: Actor,
    now: datetime,
    *,
    before: Mapping[str, object] | None = None,
    after: Mapping[str, object] | None = None,
) -> None:
    """What every change ends with: figures, obligations, the numbered trail, and a word to the units concerned."""
    number: int | None = None
    if plan.state is PlanState.ISSUED:
        number = next_number(plan.programme_id)
        tasks.refresh([task.id], now)
        obligations.generate(plan.programme_id, now=now)
    more = {"number": number} if number else {}
    audit.record(by, action, task, now=now, before=before, after={**(after or {}), **more}, reason=reason)
    if number is None or not told:
        return
    day = beijing_date(now)
    found = [liaisons_of(told, plan.programme_id, day), heads_of(told, plan.programme_id, day)]
    messages.notify(
        event=events.PLAN_CHANGED,
        key=f"change:{plan.programme_id}:{number}",
        to=[person for some in found for unit_id in sorted(told) for person in some.get(unit_id, [])],
        fields={"what": subject, "number": number, "reason": reason},
        link=f"/p/{plan.programme_id}/tasks/{task.id}",
        programme_id=plan.programme_id,
        now=now,
    )


# What changes would do -----------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Effects:
    """What changes do to links, to what is owed, and to people; counted by carrying them out and taking them back."""

    links_made: int
    links_ended: int
    units: int
    reports_made: int
    reports_waived: int
    entries_made: int
    entries_dropped: int
    messages: int


def effects_of(plan: Plan, act: Callable[[], object]) -> Effects:
    """Carry `act` out, count, and take it back: what is shown is what would happen.

    Errors of the act (Invalid, Refused) come through: they would stop it as well.
    """
    with transaction(), db.atomic() as trial:
        before = _counts(plan)
        act()
        found = _difference(before, _counts(plan))
        trial.rollback()
    return found


#: Live links with their units, reports, waived reports, entries, messages.
_Counts = tuple[dict[int, int], set[int], set[int], set[int], int]


def _counts(plan: Plan) -> _Counts:
    mine = Assignment.programme == plan.programme_id
    live = Assignment.select().where(mine & (Assignment.state != AssignmentState.CANCELLED))
    owed = Obligation.select(Obligation.id, Obligation.state).where(Obligation.programme == plan.programme_id)
    rows = list(owed)
    entries = Entry.select(Entry.id).join(Obligation).where(Obligation.programme == plan.programme_id)
    return (
        {link.id: link.unit_id for link in live},
        {row.id for row in rows},
        {row.id for row in rows if row.state is ObligationState.WAIVED},
        {row.id for row in entries},
        Message.select().where(Message.programme == plan.programme_id).count(),
    )


def _difference(before: _Counts, after: _Counts) -> Effects:
    made, ended = set(after[0]) - set(before[0]), set(before[0]) - set(after[0])
    concerned = {after[0][key] for key in made} | {before[0][key] for key in ended}
    return Effects(
        links_made=len(made),
        links_ended=len(ended),
        units=len(concerned),
        reports_made=len(after[1] - before[1]),
        reports_waived=len(after[2] - before[2]),
        entries_made=len(after[3] - before[3]),
        entries_dropped=len(before[3] - after[3]),
        messages=after[4] - before[4],
    )
