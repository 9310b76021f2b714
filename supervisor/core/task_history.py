"""The history on a task's page: the acts of the audit trail about it, in words."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from supervisor.core.days import day_words
from supervisor.models import ApplicationState, AuditEntry, LinkRole, Plan, Task
from supervisor.statements import among, statement
from supervisor.words import N_, Sentence

#: Acts shown on the page, newest first; the rest stands in the audit trail.
HISTORY = 80


@dataclass(frozen=True)
class Event:
    """A line of the history: when, who, what, with which words."""

    at: datetime
    who: str
    what: Sentence
    detail: Sequence[Sentence] = ()
    reason: str = ""


#: What the trail's acts are called on the page.
ACTS: Mapping[str, Sentence] = {
    "task.change": N_("Task changed"),
    "task.add": N_("Task added"),
    "task.cancel": N_("Task cancelled"),
    "task.reword": N_("Task reworded"),
    "task.units": N_("Units changed"),
    "task.each_answers": N_("Each unit answers for itself"),
    "assignment.acknowledge": N_("Signed for"),
    "assignment.suspend": N_("Suspended"),
    "assignment.resume": N_("Resumed"),
    "objection.raise": N_("Objected to the assignment"),
    "objection.decide": N_("Objection decided"),
    "application.file": N_("Applied for completion"),
    "application.decide": N_("Application decided"),
}


def read_history(
    task: Task, plan: Plan, *, links: Sequence[int], applications: Sequence[int], objections: Sequence[int]
) -> list[Event]:
    """What was done to the task and to these of its links, applications and objections, newest first."""
    acts = _acts_on(task.id, list(links), list(applications), list(objections))
    events = [_event(row) for row in acts]
    if plan.issued_at is not None:
        events.append(Event(plan.issued_at, "", N_("Issued with the plan")))
    return events


@statement
def _acts_on(task_id: Any, links: Any, applications: Any, objections: Any) -> Any:
    kind, key = AuditEntry.subject_type, AuditEntry.subject_id
    about = (
        ((kind == "task") & (key == task_id))
        | ((kind == "assignment") & among(key, links))
        | ((kind == "application") & among(key, applications))
        | ((kind == "objection") & among(key, objections))
    )
    acts = about & AuditEntry.action.in_(list(ACTS))
    return AuditEntry.select().where(acts).order_by(AuditEntry.seq.desc()).limit(HISTORY)


def _event(row: AuditEntry) -> Event:
    who = f"{row.actor_unit} {row.actor_name}".strip()
    before, after = (json.loads(text) if text else {} for text in (row.before, row.after))
    what = ACTS[row.action]
    if row.action == "task.change":
        what = N_("Change no. %(number)s", number=after.get("number", ""))
    elif row.action == "application.decide":
        accepted = after.get("state") == ApplicationState.ACCEPTED
        what = N_("Completion accepted") if accepted else N_("Application returned")
    elif row.action == "objection.decide":
        what = N_("Objection upheld") if after.get("upheld") else N_("Objection not upheld")
    return Event(row.at, who, what, _details(before, after), row.reason)


def _details(before: Mapping[str, Any], after: Mapping[str, Any]) -> list[Sentence]:
    lines = []
    if "due_on" in after:
        lines.append(
            N_(
                "Time limit: %(old)s → %(new)s",
                old=_day(before.get("due_on")),
                new=_day(after.get("due_on")),
            )
        )
    if "planned" in after:
        lines.append(
            N_(
                "Planned progress: %(old)s → %(new)s",
                old=_quarters(before.get("planned")),
                new=_quarters(after.get("planned")),
            )
        )
    for role in LinkRole:
        if role.value in before and before[role.value] != after.get(role.value):
            old, new = ("、".join(names[role.value]) or "—" for names in (before, after))
            lines.append(N_("%(label)s: %(old)s → %(new)s", label=role.label, old=old, new=new))
    if "title" in before:
        lines.append(N_("Title: %(old)s → %(new)s", old=before["title"], new=after["title"]))
    return lines


def _day(text: str | None) -> Sentence:
    return day_words(date.fromisoformat(text)) if text else N_("none")


def _quarters(planned: Mapping[str, int] | None) -> str | Sentence:
    if not planned:
        return N_("even rise to the time limit")
    return ", ".join(f"{key} {planned[key]}%" for key in sorted(planned))
