"""Plain builders of records for tests: few arguments, everything invented, nothing hidden.

Each makes one row (and what it cannot be without) and answers it. `NOW` is a Tuesday morning in June 2021.
They write rows, not acts: no audit row, no permission asked. A test of a verb calls the verb.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache

from argon2 import PasswordHasher

from supervisor.clock import BEIJING, beijing_date
from supervisor.core.permissions import Actor
from supervisor.models import (
    AdminRole,
    Assignment,
    AssignmentState,
    Audience,
    Channel,
    Entry,
    GroupKind,
    GroupMember,
    Jurisdiction,
    LinkRole,
    LocalSettings,
    MessageKind,
    Obligation,
    Plan,
    PlanState,
    Posting,
    Programme,
    ReportingRule,
    Robot,
    RobotUnit,
    Role,
    Task,
    TaskState,
    Unit,
    UnitGroup,
    UnitKind,
    User,
)

#: 9:00 in Beijing on Tuesday 1 June 2021.
NOW = datetime(2021, 6, 1, 9, tzinfo=BEIJING).astimezone(UTC)
#: The pass phrase of every user built here.
PASSWORD = "Gandeng-2021"


def at(text: str) -> datetime:
    """An instant from Beijing's calendar and clock: `at("2021-07-05 09:00")`."""
    return datetime.fromisoformat(text).replace(tzinfo=BEIJING).astimezone(UTC)


def jurisdiction(name: str = "澄江市") -> Jurisdiction:
    """The city of that name, made on first use."""
    return Jurisdiction.get_or_none(Jurisdiction.name == name) or Jurisdiction.create(name=name)


def unit(name: str, kind: UnitKind = UnitKind.DEPARTMENT, *, sort: int | None = None) -> Unit:
    """A unit of the city's register; `sort` defaults to the order of making."""
    place = jurisdiction()
    order = Unit.select().count() + 1 if sort is None else sort
    return Unit.create(jurisdiction=place, name=name, kind=kind, sort=order)


def programme(name: str = "老旧小区改造", *, host: Unit | None = None, now: datetime = NOW) -> Programme:
    """A programme with its local settings at their defaults, in force from the start of 2021."""
    row = Programme.create(
        jurisdiction=jurisdiction(),
        name=name,
        host_unit=host,
        office_name=f"{name}领导小组办公室",
        created_at=now,
    )
    LocalSettings.create(programme=row, valid_from=date(2021, 1, 1), set_at=now)
    return row


@lru_cache(maxsize=1)
def _password_hash() -> str:
    # As cheap as argon2 allows: the real cost is tested once, in test_core_accounts.
    return PasswordHasher(time_cost=1, memory_cost=8, parallelism=1).hash(PASSWORD)


def user(
    username: str,
    role: Role | Iterable[Role] = (),
    programme: Programme | None = None,
    unit: Unit | None = None,
    *,
    admin: AdminRole | None = None,
    name: str = "",
    email: str = "",
    now: datetime = NOW,
) -> User:
    """A person who can sign in with PASSWORD, with these posts from a year before `now`."""
    row = User.create(
        username=username,
        name=name or username,
        email=email or f"{username}@example.cn",
        password_hash=_password_hash(),
        admin_role=admin,
        created_at=now,
        password_changed_at=now,
    )
    for each in [role] if isinstance(role, Role) else role:
        posting(row, each, programme, unit, now=now)
    return row


def posting(
    user: User,
    role: Role,
    programme: Programme | None = None,
    unit: Unit | None = None,
    *,
    valid_from: date | None = None,
    valid_to: date | None = None,
    now: datetime = NOW,
) -> Posting:
    """A post held from a year before `now` unless told."""
    begin = valid_from or beijing_date(now) - timedelta(days=365)
    return Posting.create(
        user=user, programme=programme, role=role, unit=unit, valid_from=begin, valid_to=valid_to
    )


def actor(
    role: Role | Iterable[Role] = (),
    programme: Programme | None = None,
    unit: Unit | None = None,
    *,
    person: User | None = None,
    admin: AdminRole | None = None,
) -> Actor:
    """Who acts, with these roles in this programme, without asking the tables of posts."""
    roles = frozenset([role] if isinstance(role, Role) else role)
    return Actor(
        user_id=person.id if person else 9001,
        name=person.name if person else "测试员",
        programme_id=programme.id if programme else None,
        roles=roles,
        unit_ids=frozenset([unit.id] if unit else []),
        unit_name=unit.name if unit else "",
        admin_role=admin,
        ip="127.0.0.1",
        request_id="test",
    )


def plan(programme: Programme, *, issued: bool = True, title: str = "", now: datetime = NOW) -> Plan:
    """A plan of the programme; issued a month before `now` unless told otherwise."""
    effective = now - timedelta(days=30)
    return Plan.create(
        programme=programme,
        title=title or f"{programme.name}工作方案",
        state=PlanState.ISSUED if issued else PlanState.DRAFT,
        adopted_at=effective,
        issued_at=effective if issued else None,
        issued_by=1 if issued else None,
        effective_on=beijing_date(effective),
    )


def task(
    plan: Plan,
    title: str = "加装电梯",
    *,
    due_on: date | None = date(2021, 12, 31),
    state: TaskState = TaskState.OPEN,
    standing: bool = False,
) -> Task:
    """A task of the plan, numbered in the order of making."""
    number = Task.select().where(Task.plan == plan).count() + 1
    return Task.create(
        plan=plan,
        programme=plan.programme_id,
        sort=number,
        number=str(number),
        title=title,
        text=title,
        due_on=due_on,
        standing=standing,
        state=state,
    )


def assignment(
    task: Task,
    unit: Unit,
    role: LinkRole = LinkRole.LEAD,
    *,
    state: AssignmentState = AssignmentState.ACKNOWLEDGED,
) -> Assignment:
    """The link of a task and a unit, counted in the task's own figures."""
    lead = role is LinkRole.LEAD
    row = Assignment.create(
        task=task,
        programme=task.programme_id,
        unit=unit,
        role=role,
        share=task.lead_share if lead else task.responsible_share,
        state=state,
        task_state=task.state,
        due_on=task.due_on,
    )
    Task.update(links=Task.links + 1, leads=Task.leads + int(lead)).where(Task.id == task.id).execute()
    return row


def group(
    programme: Programme,
    name: str,
    units: Iterable[Unit],
    kind: GroupKind = GroupKind.ASSESSMENT,
    now: datetime = NOW,
) -> UnitGroup:
    """A confirmed group of these units, in this order."""
    row = UnitGroup.create(
        programme=programme,
        kind=kind,
        name=name,
        sort=UnitGroup.select().count() + 1,
        confirmed_at=now,
        confirmed_by=1,
    )
    for order, each in enumerate(units, start=1):
        GroupMember.create(group=row, unit=each, sort=order)
    return row


def rule(programme: Programme, recurrence: str = "monthly:5", plan: Plan | None = None) -> ReportingRule:
    """The programme's monthly report, from the start of 2021."""
    return ReportingRule.create(
        programme=programme, plan=plan, name="月报", recurrence=recurrence, valid_from=date(2021, 1, 1)
    )


def obligation(
    unit: Unit,
    programme: Programme,
    period: str = "2021-05",
    *,
    due_on: date = date(2021, 6, 5),
    of: ReportingRule | None = None,
) -> Obligation:
    """One owed report, open from the period's last days, locked 20 days after its due day."""
    by = of or ReportingRule.get_or_none(ReportingRule.programme == programme) or rule(programme)
    midnight = datetime.combine(due_on + timedelta(days=1), time(0), tzinfo=BEIJING)
    return Obligation.create(
        programme=programme,
        rule=by,
        unit=unit,
        period=period,
        opens_at=(midnight - timedelta(days=10)).astimezone(UTC),
        due_at=midnight.astimezone(UTC),
        due_on=due_on,
        locked_at=(midnight + timedelta(days=20)).astimezone(UTC),
    )


def entry(obligation: Obligation, link: Assignment) -> Entry:
    """The place of one task in an owed report."""
    return Entry.create(obligation=obligation, assignment=link, task=link.task_id, sort=link.task.sort)


def robot(
    programme: Programme,
    channel: Channel = Channel.WECOM,
    *,
    name: str = "联络员群",
    credential: str = "k-123",
    secret: str = "",
    host: str = "",
    group: UnitGroup | None = None,
    units: Iterable[Unit] = (),
    kinds: Iterable[MessageKind] = (MessageKind.DIGEST,),
    language: str = "zh_CN",
    now: datetime = NOW,
) -> Robot:
    """A robot that speaks: of a group, of these units, or of all."""
    chosen = list(units)
    row = Robot.create(
        programme=programme,
        name=name,
        channel=channel,
        credential=credential,
        secret=secret,
        host=host,
        audience=Audience.GROUP if group else Audience.UNITS if chosen else Audience.PROGRAMME,
        group=group,
        kinds=[kind.value for kind in kinds],
        language=language,
        reason="试用",
        created_by=1,
        created_by_name="测试员",
        created_at=now,
    )
    for each in chosen:
        RobotUnit.create(robot=row, unit=each)
    return row
