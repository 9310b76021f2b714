"""Tasks: which ones a person may see, how they stand, and changes after issue (D7).

`refresh` alone writes a task's kept columns (links, leads, progress, light, state), inside the verb that
made them change, so that no list counts. Time alone changes the light: `refresh_lights` renews it daily.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from peewee import ModelSelect, chunked, fn

from supervisor.bulk import insert_rows
from supervisor.clock import beijing_date
from supervisor.core import audit, lights
from supervisor.core.calendar import load_calendar
from supervisor.core.change_numbers import next_number
from supervisor.core.periods import Period
from supervisor.core.permissions import Actor, Permission
from supervisor.core.planned import Steps, planned_on, planned_percent, start_of, sum_steps
from supervisor.core.programmes import settings_on
from supervisor.database import transactional
from supervisor.errors import Invalid, NotFound, Stale
from supervisor.models import (
    Assignment,
    AssignmentState,
    Entry,
    Light,
    LightChange,
    LinkRole,
    Obligation,
    Plan,
    Task,
    TaskState,
)
from supervisor.models.base import rows_of
from supervisor.statements import among, statement
from supervisor.words import N_, Sentence

#: Tasks handled at a time where there may be many.
BATCH = 400

#: Role, state, accepted progress, suspended, closed on, steps of the work plan.
_Link = tuple[LinkRole, AssignmentState, int | None, bool, date | None, Steps]

__all__ = [
    "bigrams", "change", "get_visible", "planned_on", "planned_percent", "refresh", "refresh_lights", "start_of",
    "visible_to",
]  # fmt: skip

_WORD = re.compile(r"[a-z0-9]+|[^\W_a-z0-9]+")


def bigrams(text: str) -> str:
    """The text as search words, each once: pairs of Chinese characters, Latin words and numbers whole (D29).

    A single Chinese character stands alone. Full-width forms and case make no difference.
    """
    words: dict[str, None] = {}
    for run in _WORD.findall(unicodedata.normalize("NFKC", text).lower()):
        if run[0].isascii() or len(run) == 1:
            words[run] = None
        else:
            words.update(dict.fromkeys(run[i : i + 2] for i in range(len(run) - 1)))
    return " ".join(words)


def visible_to(actor: Actor) -> ModelSelect[Task]:
    """The issued tasks a person may see (D16): all of the programme, or those their units are linked to."""
    issued: ModelSelect[Task] = _issued(actor.programme_id)
    return issued if actor.sees_all else issued.where(_linked(actor.programme_id, sorted(actor.unit_ids)))


def _issued(programme_id: Any) -> Any:
    return Task.select().where((Task.programme == programme_id) & (Task.state != TaskState.DRAFT))


def _linked(programme_id: Any, unit_ids: Any) -> Any:
    """A condition on tasks: units are linked to them."""
    links = Assignment.select(Assignment.task).where(
        (Assignment.programme == programme_id)
        & among(Assignment.unit, unit_ids)
        & (Assignment.state != AssignmentState.CANCELLED)
    )
    return Task.id.in_(links)


def get_visible(task_id: int, actor: Actor) -> Task:
    """One task by its number; NotFound when there is none that this person may see."""
    here = actor.programme_id
    found = _any(task_id, here) if actor.sees_all else _own(task_id, here, sorted(actor.unit_ids))
    if not found:
        raise NotFound
    task: Task = found[0]
    return task


@statement
def _any(task_id: Any, programme_id: Any) -> Any:
    return _issued(programme_id).where(Task.id == task_id)


@statement
def _own(task_id: Any, programme_id: Any, unit_ids: Any) -> Any:
    return _issued(programme_id).where((Task.id == task_id) & _linked(programme_id, unit_ids))


@dataclass
class _Sums:
    """What the links of one task add up to."""

    links: int = 0
    leads: int = 0
    leads_closed: int = 0
    answering: int = 0
    closed: int = 0
    suspended: int = 0
    known: int = 0
    total: int = 0
    closed_on: date | None = None
    #: What the work plans of the answering units add up to.
    unit_plans: str = ""


@dataclass(frozen=True)
class _Turn:
    """A task's light turned in this pass."""

    task_id: int
    judged: lights.Judgement
    stands: lights.Situation

    def row(self, day: date) -> dict[str, object]:
        """The line of history."""
        return {
            "task": self.task_id, "day": day, "light": self.judged.light, "why": self.judged.why,
            "progress": self.stands.progress, "planned": self.stands.planned,
        }  # fmt: skip


def refresh(task_ids: Iterable[int], now: datetime) -> None:
    """Work out the kept columns of these tasks anew from their links; call inside the verb's transaction.

    A task closes when all its lead links are closed; where nobody leads, all its links (D2, D3).
    """
    day, calendar = beijing_date(now), load_calendar()
    limits: dict[int, lights.Limits] = {}
    for ids in chunked(sorted(set(task_ids)), BATCH):
        sums, owed, turned = _sums_of(ids), _had_report_due(ids, now), list[_Turn]()
        alike: dict[tuple[tuple[str, object], ...], list[int]] = {}
        for task in _with_plans(ids):
            if task.programme_id not in limits:
                limits[task.programme_id] = lights.Limits.of(settings_on(task.programme_id, day))
            of = sums.get(task.id, _Sums())
            stands = _situation(task, of, day, report_was_due=task.id in owed)
            judged = lights.judge(
                stands,
                day=day,
                calendar=calendar,
                limits=limits[task.programme_id],
                amber_since=task.amber_since,
            )
            if changed := _changed(task, of, stands, judged, day):
                alike.setdefault(tuple(changed.items()), []).append(task.id)
            if task.state in ISSUED and "light" in changed:
                turned.append(_Turn(task.id, judged, stands))
        for values, changing in alike.items():
            _write(dict(values), changing)
        if turned:
            _write_turns(turned, day)


def _write_turns(turned: Sequence[_Turn], day: date) -> None:
    """Keep one line of history a task and day: what a day of reviews ends with, not each step on the way."""
    ids = [turn.task_id for turn in turned]
    LightChange.delete().where(LightChange.task.in_(ids) & (LightChange.day == day)).execute()
    newest = (
        LightChange.select(fn.MAX(LightChange.id)).where(LightChange.task.in_(ids)).group_by(LightChange.task)
    )
    before = dict(
        rows_of(LightChange.select(LightChange.task, LightChange.light).where(LightChange.id.in_(newest)))
    )
    rows = [turn.row(day) for turn in turned if before.get(turn.task_id, Light.GREY) is not turn.judged.light]
    insert_rows(LightChange, rows)


@statement
def _with_plans(ids: Any) -> Any:
    columns = (
        Task.id, Task.plan, Task.programme, Task.state, Task.planned, Task.unit_plans, Task.due_on, Task.closed_on,
        Task.links, Task.leads, Task.leads_closed, Task.progress, Task.light, Task.light_why, Task.amber_since,
        Task.light_on, Plan.id, Plan.issued_at, Plan.effective_on,
    )  # fmt: skip
    return Task.select(*columns).join(Plan).where(among(Task.id, ids))


def refresh_lights(now: datetime, *, limit: int = BATCH) -> int:
    """Renew lights that are of an earlier day, oldest first; returns how many. Called by the tick."""
    day = beijing_date(now)
    stale = (
        Task.select(Task.id)
        .where((Task.state == TaskState.OPEN) & (Task.light_on.is_null() | (Task.light_on < day)))
        .limit(limit)
    )
    ids = [row[0] for row in rows_of(stale)]
    if ids:
        _refresh_in_one(ids, now)
    return len(ids)


@transactional
def _refresh_in_one(ids: Sequence[int], now: datetime) -> None:
    refresh(ids, now)


def _sums_of(ids: Sequence[int]) -> dict[int, _Sums]:
    roles: dict[int, list[_Link]] = {}
    for task_id, *link in _links_of(list(ids)):
        roles.setdefault(task_id, []).append(tuple(link))
    return {task_id: _sum(links) for task_id, links in roles.items()}


@statement
def _links_of(task_ids: Any) -> Any:
    columns = (
        Assignment.task, Assignment.role, Assignment.state, Assignment.progress, Assignment.suspended,
        Assignment.closed_on, Assignment.planned_steps,
    )  # fmt: skip
    live = among(Assignment.task, task_ids) & (Assignment.state != AssignmentState.CANCELLED)
    return Assignment.select(*columns).where(live).tuples()


def _sum(links: Sequence[_Link]) -> _Sums:
    sums, steps = (
        _Sums(links=len(links), leads=sum(role is LinkRole.LEAD for role, *_ in links)),
        list[Steps](),
    )
    for role, state, progress, suspended, closed_on, planned in links:
        closed = state is AssignmentState.CLOSED
        sums.leads_closed += closed and role is LinkRole.LEAD
        if sums.leads and role is not LinkRole.LEAD:
            continue
        sums.answering += 1
        steps.append(planned)
        sums.closed += closed
        sums.suspended += suspended
        if closed or progress is not None:
            sums.known += 1
            sums.total += 100 if closed else int(progress or 0)
        if closed_on is not None:
            sums.closed_on = max(sums.closed_on or closed_on, closed_on)
    sums.unit_plans = sum_steps(steps)
    return sums


def _had_report_due(ids: Sequence[int], now: datetime) -> set[int]:
    return {row[0] for row in _tasks_due(list(ids), now)}


@statement
def _tasks_due(task_ids: Any, now: Any) -> Any:
    due = among(Entry.task, task_ids) & (Obligation.due_at <= now)
    return Entry.select(Entry.task).join(Obligation).where(due).distinct().tuples()


ISSUED = (TaskState.OPEN, TaskState.CLOSED)


def _situation(task: Task, sums: _Sums, day: date, *, report_was_due: bool) -> lights.Situation:
    return lights.Situation(
        # Whoever has reported nothing yet counts as nought, once others have: a mean of the eager says too much.
        progress=sums.total // sums.answering if sums.known else None,
        planned=planned_on(
            task.planned,
            start_of(task.plan.issued_at, task.plan.effective_on),
            task.due_on,
            day,
            sums.unit_plans,
        ),
        due_on=task.due_on,
        closed=task.state in ISSUED and sums.answering > 0 and sums.closed == sums.answering,
        suspended=sums.answering > 0 and sums.suspended == sums.answering,
        report_was_due=report_was_due,
    )


def _changed(
    task: Task, sums: _Sums, stands: lights.Situation, judged: lights.Judgement, day: date
) -> dict[str, object]:
    """What changed of a task's kept columns, with the new values."""
    issued = task.state in ISSUED
    new: dict[str, object] = {
        "links": sums.links,
        "leads": sums.leads,
        "leads_closed": sums.leads_closed,
        "unit_plans": sums.unit_plans,
        "progress": stands.progress,
        "light": judged.light if issued else Light.GREY,
        "light_why": judged.why if issued else None,
        "amber_since": judged.amber_since if issued else None,
        "light_on": day,
    }
    if issued:
        new |= {
            "state": TaskState.CLOSED if stands.closed else TaskState.OPEN,
            "closed_on": sums.closed_on if stands.closed else None,
        }
    return {name: value for name, value in new.items() if getattr(task, name) != value}


def _write(values: Mapping[str, object], task_ids: Sequence[int]) -> None:
    """Write the same changes to tasks that change alike: after an issue nearly all do."""
    Task.update(**values).where(Task.id.in_(task_ids)).execute()
    if "state" in values:
        Assignment.update(task_state=values["state"]).where(Assignment.task.in_(task_ids)).execute()


@transactional
def change(
    task: Task,
    *,
    due_on: date | None,
    planned: Mapping[str, int],
    seen_version: int,
    reason: str,
    by: Actor,
    now: datetime,
    from_notice: bool = False,
) -> Task:
    """Change due date or planned progress of an issued task: a numbered change with its reason (D7).

    Links that were signed for are to be signed again. `from_notice`: a notice issued again prints the new date.
    Raises Invalid for a missing reason or planned progress that falls, Stale when somebody else saved first.
    """
    by.require(Permission.TASK_EDIT)
    _check_change(due_on, planned, reason)
    planned = {key: int(planned[key]) for key in sorted(planned)}
    number = next_number(by.programme_id or task.plan.programme_id)
    before, after = audit.changes(task, due_on=due_on, planned=planned)
    saved = (
        Task.update(
            due_on=due_on,
            planned=planned,
            version=Task.version + 1,
            due_from_notice=from_notice or (task.due_from_notice and "due_on" not in after),
        )
        .where((Task.id == task.id) & (Task.version == seen_version))
        .execute()
    )
    if not saved:
        raise Stale(theirs=_shown(Task.get_by_id(task.id)), yours=_words(due_on, planned))
    if "due_on" in after:
        live = (Assignment.task == task.id) & (Assignment.state != AssignmentState.CANCELLED)
        Assignment.update(due_on=due_on).where(live).execute()
        Assignment.update(
            state=AssignmentState.ISSUED, acknowledged_at=None, acknowledged_by=None, version=Assignment.version + 1
        ).where(live & (Assignment.state == AssignmentState.ACKNOWLEDGED)).execute()  # fmt: skip
    audit.record(
        by, "task.change", task, now=now, before=before, after=after | {"number": number}, reason=reason
    )
    refresh([task.id], now)
    return Task.get_by_id(task.id)


def _check_change(due_on: date | None, planned: Mapping[str, int], reason: str) -> None:
    fields = {}
    if not reason.strip():
        fields["reason"] = N_("Say why: the reason stays with the change for every unit to read.")
    values = [planned[key] for key in sorted(planned)]
    if any(not 0 <= value <= 100 for value in values):
        fields["planned"] = N_("Planned progress is a whole percent from 0 to 100.")
    elif values != sorted(values):
        fields["planned"] = N_("Planned progress must not fall from one quarter to the next.")
    if due_on is None and planned and values[-1] != 100:
        fields["due_on"] = N_("Without a time limit the last planned quarter must be 100%.")
    if fields:
        raise Invalid(N_("The change was not saved."), fields)


def _shown(task: Task) -> list[tuple[Sentence | str, str]]:
    return _words(task.due_on, task.planned)


def _words(due_on: date | None, planned: Mapping[str, int]) -> list[tuple[Sentence | str, str]]:
    pairs: list[tuple[Sentence | str, str]] = [(N_("Time limit").msgid, due_on.isoformat() if due_on else "")]
    return pairs + [(Period.parse(key).label, f"{planned[key]}%") for key in sorted(planned)]
