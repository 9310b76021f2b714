"""A large, realistic, deterministic filling of an empty database, for measuring only.

Rows go in by the thousand, past the verbs: what is measured is reading, and single verbs on top of it.
Words are put together from small lists; the city, its units and its people do not exist.
"""

from __future__ import annotations

import random
from collections.abc import Iterable, Iterator
from datetime import UTC, date, datetime, timedelta
from typing import Any

from peewee import Model, chunked

from supervisor.clock import BEIJING
from supervisor.core.periods import Period
from supervisor.core.tasks import bigrams
from supervisor.database import transactional
from supervisor.errors import Refused
from supervisor.models import (
    Assignment,
    AssignmentState,
    Entry,
    EntryState,
    GroupKind,
    GroupMember,
    Jurisdiction,
    Light,
    LinkRole,
    LocalSettings,
    Obligation,
    ObligationState,
    Outcome,
    Plan,
    PlanState,
    Posting,
    Programme,
    Report,
    ReportEntry,
    ReportingRule,
    Role,
    Task,
    TaskState,
    Unit,
    UnitGroup,
    UnitKind,
    User,
    Verdict,
)
from supervisor.models.base import rows_of
from supervisor.words import N_

VERBS = ("推进", "完成", "整治", "改造", "建设", "排查", "提升", "规范", "落实", "完善")
PLACES = ("东湖片区", "北站片区", "老城西段", "河滨一带", "新桥片区", "南门街区", "纺织厂片区", "柳园片区")
WORKS = (
    "雨污分流管网", "背街小巷路面", "楼道照明", "加装电梯", "停车泊位", "健身场地", "养老服务点", "垃圾分类站",
    "消防通道", "弱电线路入地", "外墙保温", "小区绿地", "社区食堂", "充电设施", "无障碍坡道", "门禁与监控",
)  # fmt: skip
FAMILIES = "赵钱孙李周吴郑王冯陈褚卫蒋沈韩杨朱秦许何吕施张孔曹严华金魏陶姜"
GIVEN = "文清远安宁泽川林越然舒铭乔岚予恒若嘉宏意"
#: Entries a sample obligation holds at most; a unit with hundreds of tasks reports on these.
ENTRIES = 12
ROWS_AT_ONCE = 400


@transactional
def fill(
    tasks: int, *, units: int = 300, months: int = 12, now: datetime, seed: int = 20260618
) -> dict[str, int]:
    """Fill an empty database with `tasks` issued tasks among `units` units and `months` months of reports.

    Returns the number of rows a table. Refuses a database that already holds a programme. The same arguments
    always give the same rows.
    """
    if Programme.select().exists():
        raise Refused(N_("The database is not empty: a sample is only put into an empty one."))
    dice = random.Random(seed)  # noqa: S311 -- reproducible rows, no secret
    today = now.astimezone(BEIJING).date()
    start = _months_back(today, months)
    frame = _frame(units, start, now, dice)
    counts = {"unit": units, "user": units + 4}
    counts["task"] = _insert(Task, _tasks(tasks, frame, start, today, dice))
    task_rows = rows_of(Task.select(Task.id, Task.due_on, Task.state, Task.progress).order_by(Task.id))
    counts["assignment"] = _insert(Assignment, _assignments(task_rows, frame, now, dice))
    counts |= _reports(frame, start, today, now, dice)
    return counts


class _Frame:
    """What every row refers to."""

    def __init__(
        self, programme: Programme, plan: Plan, rule: ReportingRule, unit_ids: list[int], office: int
    ) -> None:
        self.programme, self.plan, self.rule, self.unit_ids, self.office = (
            programme,
            plan,
            rule,
            unit_ids,
            office,
        )


def _frame(units: int, start: date, now: datetime, dice: random.Random) -> _Frame:
    place = Jurisdiction.create(name="澜川市（样本）")
    _insert(Unit, (
        {
            "jurisdiction": place.id,
            "name": _unit_name(number),
            "kind": UnitKind.DISTRICT if number % 3 == 0 else UnitKind.DEPARTMENT,
            "sort": number,
        }
        for number in range(units)
    ))  # fmt: skip
    ids = [row.id for row in Unit.select(Unit.id).where(Unit.jurisdiction == place).order_by(Unit.sort)]
    programme = Programme.create(
        jurisdiction=place, name="城市更新提升行动（样本）", office_name="城市更新办", created_at=now
    )
    LocalSettings.create(programme=programme, valid_from=start, set_at=now, reason="样本")
    people: list[tuple[str, str, Role, int | None]] = [
        ("office", "样本办公室", Role.LEAD_OFFICE, None),
        ("assessor", "样本考核办", Role.ASSESSOR, None),
        ("leader", "样本领导", Role.LEADER, None),
        ("inspector", "样本督查", Role.INSPECTOR, None),
    ]
    people += [(f"u{number}", _person(dice), Role.LIAISON, unit) for number, unit in enumerate(ids)]
    _insert(
        User,
        (
            {"username": u, "name": n, "active": True, "is_demo": True, "created_at": now}
            for u, n, _, _ in people
        ),
    )
    keys = dict(rows_of(User.select(User.username, User.id)))
    _insert(Posting, (
        {"user": keys[u], "programme": programme.id, "role": role, "unit": unit, "valid_from": start}
        for u, _, role, unit in people
    ))  # fmt: skip
    for sort, (name, remainder) in enumerate((("区级政府", 0), ("市直部门", 1))):
        group = UnitGroup.create(
            programme=programme, kind=GroupKind.ASSESSMENT, name=name, sort=sort, confirmed_at=now
        )
        members = [u for i, u in enumerate(ids) if (i % 3 == 0) == (remainder == 0)]
        _insert(GroupMember, ({"group": group.id, "unit": u, "sort": i} for i, u in enumerate(members)))
    plan = Plan.create(
        programme=programme, title="城市更新提升行动方案（样本）", state=PlanState.ISSUED, adopted_at=now,
        issued_at=_noon(start), effective_on=start,
    )  # fmt: skip
    rule = ReportingRule.create(
        programme=programme, plan=plan, name="月报", recurrence="monthly", valid_from=start
    )
    return _Frame(programme, plan, rule, ids, keys["office"])


def _tasks(
    count: int, frame: _Frame, start: date, today: date, dice: random.Random
) -> Iterator[dict[str, Any]]:
    span = (today - start).days + 200
    for number in range(count):
        due = start + timedelta(days=dice.randrange(30, span))
        closed = due < today and dice.random() < 0.8
        progress = 100 if closed else dice.randrange(0, 100, 5)
        late = due < today and not closed
        title = f"{dice.choice(VERBS)}{dice.choice(PLACES)}{dice.choice(WORKS)}（第{number + 1}号）"
        text = f"{title}。明确时序，责任到人，{due.month}月底前见到成效，资料及时归档。"
        yield {
            "plan": frame.plan.id, "programme": frame.programme.id, "sort": number + 1, "number": str(number % 30 + 1),
            "path": ["二、工作任务", f"（{number // 30 + 1}）"], "title": title, "text": text, "due_on": due,
            "state": TaskState.CLOSED if closed else TaskState.OPEN, "closed_on": due if closed else None,
            "links": 3, "leads": 1, "leads_closed": int(closed), "progress": progress, "planned": {},
            "light": Light.RED if late else Light.AMBER if progress < 40 else Light.GREEN,
            "search": bigrams(f"{title} {text}"),
        }  # fmt: skip


def _assignments(
    tasks: list[tuple[Any, ...]], frame: _Frame, now: datetime, dice: random.Random
) -> Iterator[dict[str, Any]]:
    for task, due, state, progress in tasks:
        units = dice.sample(frame.unit_ids, min(3, len(frame.unit_ids)))
        for place, unit in enumerate(units):
            lead = place == 0
            closed = lead and state == TaskState.CLOSED
            yield {
                "task": task, "programme": frame.programme.id, "unit": unit,
                "role": LinkRole.LEAD if lead else LinkRole.RESPONSIBLE, "share": 100 if lead else 50,
                "state": AssignmentState.CLOSED if closed else AssignmentState.ACKNOWLEDGED,
                "acknowledged_at": now, "progress": progress, "task_state": state, "due_on": due,
                "closed_on": due if closed else None,
            }  # fmt: skip


def _reports(frame: _Frame, start: date, today: date, now: datetime, dice: random.Random) -> dict[str, int]:
    """One obligation a unit and month; the last month still open, the one before waiting for review."""
    mine: dict[int, list[tuple[int, int]]] = {}
    for key, task, unit in rows_of(
        Assignment.select(Assignment.id, Assignment.task, Assignment.unit).order_by(Assignment.id)
    ):
        links = mine.setdefault(unit, [])
        if len(links) < ENTRIES:
            links.append((key, task))
    months = list(_months(start, today))
    rows = [
        _obligation(frame, unit, month, age, dice)
        for age, month in enumerate(reversed(months))
        for unit in frame.unit_ids
    ]
    counts = {"obligation": _insert(Obligation, rows)}
    owed = rows_of(
        Obligation.select(
            Obligation.id, Obligation.unit, Obligation.state, Obligation.first_submitted_at
        ).order_by(Obligation.id)
    )
    states = {ObligationState.ACCEPTED: EntryState.ACCEPTED, ObligationState.SUBMITTED: EntryState.SUBMITTED}
    counts["entry"] = _insert(Entry, (
        {"obligation": key, "assignment": link, "task": task, "sort": sort, "state": states.get(state, EntryState.OPEN)}
        for key, unit, state, _ in owed
        for sort, (link, task) in enumerate(mine.get(unit, []))
    ))  # fmt: skip
    counts["report"] = _insert(Report, (
        {"obligation": key, "number": 1, "submitted_by": frame.office, "received_at": sent}
        for key, _, _, sent in owed if sent is not None
    ))  # fmt: skip
    reported = rows_of(
        Report.select(Report.id, Entry.id, Entry.state)
        .join(Entry, on=(Entry.obligation == Report.obligation))
        .order_by(Report.id, Entry.sort)
    )
    counts["report_entry"] = _insert(ReportEntry, (_report_entry(frame, row, now, dice) for row in reported))
    return counts


def _obligation(frame: _Frame, unit: int, month: Period, age: int, dice: random.Random) -> dict[str, Any]:
    due = month.next().start + timedelta(days=4)
    due_at = datetime.combine(due + timedelta(days=1), datetime.min.time(), BEIJING).astimezone(UTC)
    sent = (
        None
        if age == 0 or (age > 1 and dice.random() < 0.03)
        else due_at - timedelta(hours=dice.randrange(-48, 240))
    )
    state = (
        ObligationState.OPEN
        if sent is None
        else ObligationState.SUBMITTED
        if age == 1
        else ObligationState.ACCEPTED
    )
    if sent is not None:
        outcome: Outcome | None = Outcome.LATE if sent >= due_at else Outcome.ON_TIME
    else:
        outcome = None if age == 0 else Outcome.MISSING
    return {
        "programme": frame.programme.id, "rule": frame.rule.id, "unit": unit, "period": month.key,
        "opens_at": _noon(month.start), "due_at": due_at, "due_on": due, "locked_at": due_at + timedelta(days=28),
        "state": state, "outcome": outcome, "first_submitted_at": sent,
        "late_workdays": 1 if outcome == Outcome.LATE else 0,
    }  # fmt: skip


def _report_entry(frame: _Frame, row: tuple[Any, ...], now: datetime, dice: random.Random) -> dict[str, Any]:
    report, entry, state = row
    accepted = state == EntryState.ACCEPTED
    return {
        "report": report, "entry": entry, "progress": dice.randrange(0, 101, 5),
        "done": f"本月{dice.choice(VERBS)}{dice.choice(WORKS)}，进场{dice.randrange(2, 30)}人。",
        "verdict": Verdict.ACCEPTED if accepted else None, "mark": dice.randrange(70, 101) if accepted else None,
        "reviewed_by": frame.office if accepted else None, "reviewed_at": now if accepted else None,
    }  # fmt: skip


def _insert(model: type[Model], rows: Iterable[dict[str, Any]]) -> int:
    count = 0
    for batch in chunked(rows, ROWS_AT_ONCE):
        model.insert_many(batch).execute()
        count += len(batch)
    return count


def _months(start: date, today: date) -> Iterator[Period]:
    month = Period.parse(f"{start:%Y-%m}")
    while month.start <= today:
        yield month
        month = month.next()


def _months_back(day: date, months: int) -> date:
    total = day.year * 12 + day.month - 1 - months
    return date(total // 12, total % 12 + 1, 1)


def _noon(day: date) -> datetime:
    return datetime(day.year, day.month, day.day, 12, tzinfo=BEIJING).astimezone(UTC)


def _unit_name(number: int) -> str:
    hundred, rest = divmod(number, 10)
    ending = "区人民政府" if number % 3 == 0 else "局"
    return f"澜川市第{hundred}{'甲乙丙丁戊己庚辛壬癸'[rest]}{ending}"


def _person(dice: random.Random) -> str:
    return dice.choice(FAMILIES) + "".join(dice.choice(GIVEN) for _ in range(dice.randrange(1, 3)))
