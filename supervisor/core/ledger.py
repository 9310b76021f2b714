"""The ledger of tasks (台账): filters that live in the address, pages by key, a cost that does not grow.

A page reads one stretch of one index and then the names for its fifty rows: never a count over the table,
never OFFSET. Whoever is bound to units reads the links' copies of state and due date, again in one index.
"""

from __future__ import annotations

import functools
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from typing import Any

from peewee import JOIN, fn

from supervisor.core import tasks
from supervisor.core.permissions import Actor
from supervisor.models import (
    Assignment,
    AssignmentState,
    Light,
    LinkRole,
    Plan,
    Task,
    TaskState,
    Unit,
    UnitGroup,
)
from supervisor.models.base import rows_of
from supervisor.statements import among, plain_statement, statement

PAGE = 50
#: A count stops here: "99+" says the same and costs no more.
MANY = 100
#: Cursor of the tasks without a due date, which stand after all others.
UNDATED = "-"
#: States that the ledger shows; a draft is its plan's business.
SHOWN_STATES = (TaskState.OPEN, TaskState.CLOSED, TaskState.CANCELLED)


@dataclass(frozen=True)
class Filter:
    """What is asked for. `state` and `light` by value; `q` as typed; `sort` `due` or `order` (the notice's)."""

    unit_id: int | None = None
    state: str = ""
    light: str = ""
    role: str = ""
    q: str = ""
    overdue: bool = False
    sort: str = "due"

    @classmethod
    def read(cls, args: Mapping[str, str]) -> Filter:
        """The filter that an address asks for; what it does not know is left out, never an error."""
        unit = args.get("unit", "")
        return cls(
            unit_id=int(unit) if unit.isascii() and unit.isdigit() and len(unit) < 10 else None,
            state=args.get("state", "") if args.get("state") in SHOWN_STATES else "",
            light=args.get("light", "") if args.get("light") in set(Light) else "",
            role=args.get("role", "") if args.get("role") in set(LinkRole) else "",
            q=args.get("q", "").strip()[:80],
            overdue=args.get("overdue") == "1",
            sort="order" if args.get("sort") == "order" else "due",
        )

    @property
    def is_narrow(self) -> bool:
        """Whether anything but the order is asked for."""
        return self != Filter(sort=self.sort)


@dataclass(frozen=True, slots=True)
class Row:
    """One task as the ledger shows it."""

    id: int
    #: Running number in the notice; the printed one starts again in every section (E-37).
    place: int
    number: str
    title: str
    due_on: date | None
    standing: bool
    state: TaskState
    light: Light
    progress: int | None
    planned: int | None
    #: Names of the lead units; a collective once, with how many of it are closed.
    leads: str
    responsible: int
    closed: str


@dataclass(frozen=True)
class Page:
    """Fifty rows and the cursors of the pages beside; None where there is none."""

    rows: Sequence[Row] = ()
    following: str | None = None


@dataclass
class _Lead:
    names: list[str] = field(default_factory=list)
    groups: dict[str, list[int]] = field(default_factory=dict)


#: Columns of Task that a row needs, in the order that `_row` unpacks.
COLUMNS = (
    Task.id, Task.number, Task.title, Task.due_on, Task.standing, Task.state, Task.light, Task.progress,
    Task.planned, Task.links, Task.leads, Task.leads_closed, Task.sort, Plan.issued_at, Plan.effective_on,
    Task.unit_plans,
)  # fmt: skip


def read_page(actor: Actor, wanted: Filter, *, today: date, after: str = "", limit: int = PAGE) -> Page:
    """The rows that come after the cursor; the same rows whatever the table's size costs."""
    found = _found(actor, wanted, today, after, limit + 1)
    shown = found[:limit]
    leads = _leads([row[0] for row in shown])
    rows = [_row(row, leads, today) for row in shown]
    return Page(rows, _cursor(shown[-1], wanted.sort) if len(found) > limit else None)


def read_all(actor: Actor, wanted: Filter, *, today: date) -> list[Row]:
    """Every row that the filter shows, for an export; page after page, so that memory stays flat."""
    rows: list[Row] = []
    after = ""
    while True:
        page = read_page(actor, wanted, today=today, after=after, limit=1000)
        rows.extend(page.rows)
        if page.following is None:
            return rows
        after = page.following


def overdue_count(actor: Actor, today: date) -> int:
    """Open tasks past their time limit that the actor may see; counted up to MANY."""
    if actor.sees_all:
        late: Any = Task.select(Task.id).where(
            (Task.programme == actor.programme_id) & (Task.state == TaskState.OPEN) & (Task.due_on < today)
        )
    else:
        late = Assignment.select(Assignment.id).where(
            (Assignment.programme == actor.programme_id)
            & Assignment.unit.in_(sorted(actor.unit_ids))
            & (Assignment.task_state == TaskState.OPEN)
            & (Assignment.due_on < today)
            & (Assignment.state != AssignmentState.CANCELLED)
        )
    return len(rows_of(late.limit(MANY)))


def units_with_tasks(actor: Actor) -> list[tuple[int, str]]:
    """Units that stand in the programme's tasks, in roster order, for the filter (E-99)."""
    return [(key, name) for key, name in _units_linked(actor.programme_id)]


@plain_statement
def _units_linked(programme_id: Any) -> Any:
    linked = Assignment.select(Assignment.unit).where(
        (Assignment.programme == programme_id) & (Assignment.unit == Unit.id)
    )
    return Unit.select(Unit.id, Unit.name).where(fn.EXISTS(linked)).order_by(Unit.sort, Unit.id)


def _found(actor: Actor, wanted: Filter, today: date, after: str, limit: int) -> list[tuple[Any, ...]]:
    units = _units(actor, wanted)
    shape = _Shape(
        replace(wanted, unit_id=None, sort="order" if wanted.sort == "order" else "due"),
        reach="all" if units is None else "one" if len(units) == 1 else "several",
        resumed=bool(after),
    )
    begin, last = _resume_at(after, wanted.sort)
    values = (actor.programme_id, units or [], units[0] if units else None, today, begin, last)
    if wanted.sort == "order":
        return _run(shape, *values, limit)
    rows: list[tuple[Any, ...]] = []
    if not after.startswith(UNDATED):
        rows = _run(shape, *values, limit)
    if len(rows) < limit and not wanted.overdue:
        undated = replace(shape, undated=True, resumed=after.startswith(UNDATED))
        rows += _run(undated, *values, limit - len(rows))
    return rows


def _units(actor: Actor, wanted: Filter) -> list[int] | None:
    """The units whose links bound the ledger; None = the whole programme."""
    if actor.sees_all:
        return None if wanted.unit_id is None else [wanted.unit_id]
    own = sorted(actor.unit_ids)
    return [wanted.unit_id] if wanted.unit_id in own else own


@dataclass(frozen=True)
class _Shape:
    """What makes the ledger's select another one, but for its values; `wanted` without its unit."""

    wanted: Filter
    #: `one` unit's links are read in their own index; `all` = the whole programme.
    reach: str
    resumed: bool
    undated: bool = False


def _run(shape: _Shape, *values: Any) -> list[tuple[Any, ...]]:
    """The rows of this select; the usual ones are kept as statements, those with words are as many as words."""
    if shape.wanted.q:
        return rows_of(_write(shape, *values))
    return _statement_of(shape)(*values)


@functools.lru_cache(maxsize=256)
def _statement_of(shape: _Shape) -> Callable[..., list[Any]]:
    def build(programme: Any, units: Any, unit: Any, today: Any, begin: Any, last: Any, limit: Any) -> Any:
        return _write(shape, programme, units, unit, today, begin, last, limit).tuples()

    return statement(build)


def _write(
    shape: _Shape, programme: Any, units: Any, unit: Any, today: Any, begin: Any, last: Any, limit: Any
) -> Any:
    by_links = shape.reach == "one"
    query = _of_shape(shape, programme, units, unit)
    due: Any
    key: Any
    due, key = (Assignment.due_on, Assignment.task) if by_links else (Task.due_on, Task.id)
    if shape.wanted.overdue:
        query = query.where((due < today) & (Task.state == TaskState.OPEN))
    if shape.wanted.light:
        query = query.where(Task.light == Light(shape.wanted.light))
    for word in tasks.bigrams(shape.wanted.q).split():
        query = query.where(Task.search.contains(word))
    if shape.wanted.sort == "order":
        due, key = Task.sort, Task.id
    else:
        query = query.where(due.is_null(shape.undated))
    if shape.resumed:
        # `due >= begin` bounds the index; the bracket only drops what was shown of that day.
        rest = (key > last) if shape.undated else (due >= begin) & ((due > begin) | (key > last))
        query = query.where(rest)
    return query.order_by(due, key).limit(limit)


def _of_shape(shape: _Shape, programme: Any, units: Any, unit: Any) -> Any:
    state = TaskState(shape.wanted.state) if shape.wanted.state else None
    if shape.reach == "one":
        return (
            Assignment.select(*COLUMNS)
            .join(Task)
            .join(Plan, JOIN.LEFT_OUTER)
            .where(_links_of(Assignment.unit == unit, programme, shape.wanted))
            .where(Assignment.task_state == state if state else Assignment.task_state != TaskState.DRAFT)
        )
    # LEFT: the plan is looked up for each row; as a plain join it could come first and spoil the order.
    query: Any = Task.select(*COLUMNS).join(Plan, JOIN.LEFT_OUTER).where(Task.programme == programme)
    query = query.where(Task.state == state if state else Task.state != TaskState.DRAFT)
    if shape.reach == "several":
        links = _links_of(among(Assignment.unit, units), programme, shape.wanted)
        query = query.where(Task.id.in_(Assignment.select(Assignment.task).where(links)))
    return query


def _links_of(of_units: Any, programme: Any, wanted: Filter) -> Any:
    condition: Any = (
        (Assignment.programme == programme) & of_units & (Assignment.state != AssignmentState.CANCELLED)
    )
    if wanted.role:
        condition &= Assignment.role == LinkRole(wanted.role)
    return condition


def _resume_at(after: str, sort: str) -> tuple[date | int | None, int | None]:
    """What the cursor says: the day or place, and the key, of the last row shown."""
    left, _, last = after.rpartition(".")
    if not left:
        return None, None
    if sort == "order":
        return int(left), int(last)
    return None if left == UNDATED else date.fromisoformat(left), int(last)


def _cursor(row: tuple[Any, ...], sort: str) -> str:
    if sort == "order":
        return f"{row[12]}.{row[0]}"
    return f"{row[3].isoformat() if row[3] else UNDATED}.{row[0]}"


def is_cursor(text: str, sort: str) -> bool:
    """Whether an address's cursor can be one of ours."""
    left, dot, key = text.rpartition(".")
    if not dot or not key.isascii() or not key.isdigit() or len(key) > 18:
        return False
    if sort == "order":
        return left.isascii() and left.isdigit() and len(left) <= 18
    try:
        return left == UNDATED or bool(date.fromisoformat(left))
    except ValueError:
        return False


def _leads(task_ids: Sequence[int]) -> Mapping[int, _Lead]:
    """Task -> who leads: units by name, members of a collective gathered under its name."""
    if not task_ids:
        return {}
    found: dict[int, _Lead] = {}
    for task_id, state, unit_name, group_name in _led_by(list(task_ids)):
        lead = found.setdefault(task_id, _Lead())
        if group_name is None:
            lead.names.append(unit_name)
        else:
            closed = lead.groups.setdefault(group_name, [0, 0])
            closed[0] += state == AssignmentState.CLOSED
            closed[1] += 1
    return found


@plain_statement
def _led_by(task_ids: Any) -> Any:
    return (
        Assignment.select(Assignment.task, Assignment.state, Unit.name, UnitGroup.name)
        .join(Unit)
        .switch(Assignment)
        .join(UnitGroup, JOIN.LEFT_OUTER)
        .where(
            among(Assignment.task, task_ids)
            & (Assignment.role == LinkRole.LEAD)
            & (Assignment.state != AssignmentState.CANCELLED)
        )
        .order_by(Unit.sort, Unit.id)
    )


def _row(row: tuple[Any, ...], leads: Mapping[int, _Lead], today: date) -> Row:
    task_id, number, title, due_on, standing, state, light, progress, planned, links, led, led_closed = row[
        :12
    ]
    lead = leads.get(task_id)
    names = [] if lead is None else lead.names + [f"{g}（{n}）" for g, (_, n) in lead.groups.items()]
    return Row(
        id=task_id,
        place=row[12],
        number=number,
        title=title,
        due_on=due_on,
        standing=standing,
        state=state,
        light=light,
        progress=progress,
        planned=tasks.planned_on(planned, tasks.start_of(row[13], row[14]), due_on, today, row[15]),
        leads="、".join(names),
        responsible=links - led,
        closed=f"{led_closed}/{led}" if led > 1 else "",
    )
