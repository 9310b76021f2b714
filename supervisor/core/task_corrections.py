"""Corrections of tasks in a draft ledger: edit, accept, split, merge, move a unit, leave out, make of a clause."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from supervisor.core import corrections
from supervisor.core.draft_ledger import Ledger
from supervisor.core.draft_rows import LedgerTask
from supervisor.core.item_corrections import SHORTEST_REASON, check_names
from supervisor.core.permissions import Actor
from supervisor.core.unread_clauses import Clause
from supervisor.database import transactional
from supervisor.errors import Invalid, NotFound
from supervisor.models import Document
from supervisor.words import N_, Sentence

#: Where a unit may stand at a task; OUT takes it away.
LEAD, RESPONSIBLE, OUT = "lead", "responsible", "out"


@transactional
def correct_task(
    document: Document, wanted: LedgerTask, *, seen: int, by: Actor, now: datetime
) -> LedgerTask:
    """Save a task as a person wants it; `wanted.key` −1 adds one. A dropped task keeps its reason.

    Raises Invalid for a task without title; Stale where somebody saved the same task meanwhile.
    """
    if not wanted.title.strip():
        raise Invalid(N_("A title is needed."), {"title": N_("A title is needed.")})
    check_names(wanted.units, "lead")
    saved: list[LedgerTask] = []

    def change(present: Ledger) -> Ledger:
        key = wanted.key if wanted.key >= 0 else present.new_key("task")
        saved.append(_as_wanted(wanted, present.task(key), key))
        return present.with_row("task", saved[-1])

    old = corrections.fresh(document).task(wanted.key)
    summary = (
        N_("Corrected: “%(task)s”", task=wanted.title) if old else N_("Added: “%(task)s”", task=wanted.title)
    )
    action = "document.correct_task" if old else "document.add_task"
    anchor = f"task-{wanted.key}" if old else "tasks"
    corrections.save(
        document, change, seen=seen, action=action, summary=summary, anchor=anchor, by=by, now=now
    )
    return saved[-1]


def _as_wanted(wanted: LedgerTask, old: LedgerTask | None, key: int) -> LedgerTask:
    lead = tuple(dict.fromkeys(wanted.lead))
    return replace(
        wanted,
        key=key,
        title=wanted.title.strip()[:400],
        lead=lead,
        responsible=tuple(name for name in dict.fromkeys(wanted.responsible) if name not in lead),
        each_answers=wanted.each_answers and not lead,
        due_from_notice=old is not None and old.due_from_notice and old.due_on == wanted.due_on,
        corrected=True,
    )


def _save(
    document: Document,
    change: Callable[[Ledger], Ledger],
    key: int,
    action: str,
    summary: Sentence,
    seen: int,
    by: Actor,
    now: datetime,
    reason: str = "",
) -> None:
    corrections.save(
        document, change, seen=seen, action=action, summary=summary, anchor=f"task-{key}", by=by, now=now,
        reason=reason,
    )  # fmt: skip


def _task(ledger: Ledger, key: int) -> LedgerTask:
    task = ledger.task(key)
    if task is None:
        raise NotFound
    return task


@transactional
def accept(document: Document, keys: Sequence[int], *, seen: int, by: Actor, now: datetime) -> None:
    """Mark tasks as looked at and found right; one that is marked already is taken back if it is the only one."""
    first = _task(corrections.fresh(document), keys[0])
    value = not (len(keys) == 1 and first.accepted)

    def change(present: Ledger) -> Ledger:
        for key in keys:
            present = present.with_row("task", replace(_task(present, key), accepted=value))
        return present

    summary = N_("Found right: “%(task)s”", task=first.title)
    if len(keys) > 1:
        summary = N_("%(count)s tasks found right", count=len(keys))
    elif not value:
        summary = N_("To be looked at again: “%(task)s”", task=first.title)
    _save(document, change, keys[0], "document.accept_task", summary, seen, by, now)


@transactional
def drop_task(document: Document, key: int, reason: str, *, seen: int, by: Actor, now: datetime) -> None:
    """Leave a task out, with the reason; one that is left out is taken in again."""
    old = _task(corrections.fresh(document), key)
    reason = reason.strip()
    if not old.dropped and len(reason) < SHORTEST_REASON:
        raise Invalid(N_("Say why this task is left out."), {"reason": N_("Say why this task is left out.")})

    def change(present: Ledger) -> Ledger:
        dropped = "" if old.dropped else reason[:400]
        return present.with_row("task", replace(_task(present, key), dropped=dropped))

    action = "document.restore_task" if old.dropped else "document.drop_task"
    summary = (
        N_("Taken in again: “%(text)s”", text=old.title)
        if old.dropped
        else N_("Left out: “%(text)s”", text=old.title)
    )
    _save(document, change, key, action, summary, seen, by, now, reason)


@transactional
def move_unit(
    document: Document, key: int, name: str, role: str, *, seen: int, by: Actor, now: datetime
) -> None:
    """Let a unit of a task lead, answer, or leave it (`role`: LEAD, RESPONSIBLE or OUT)."""
    old = _task(corrections.fresh(document), key)
    if name not in old.units or role not in {LEAD, RESPONSIBLE, OUT}:
        raise NotFound

    def change(present: Ledger) -> Ledger:
        task = _task(present, key)
        lead = tuple(one for one in task.lead if one != name)
        rest = tuple(one for one in task.responsible if one != name)
        lead, rest = (*lead, name) if role == LEAD else lead, (*rest, name) if role == RESPONSIBLE else rest
        moved = replace(
            task, lead=lead, responsible=rest, each_answers=task.each_answers and not lead, corrected=True
        )
        return present.with_row("task", moved)

    told = {"unit": name, "task": old.title}
    summary = {
        LEAD: N_("%(unit)s leads “%(task)s”", **told),
        RESPONSIBLE: N_("%(unit)s answers for “%(task)s”", **told),
        OUT: N_("%(unit)s taken out of “%(task)s”", **told),
    }[role]
    _save(document, change, key, "document.move_unit", summary, seen, by, now)


@transactional
def decide_leads(
    document: Document, keys: Sequence[int], *, first: bool, seen: int, by: Actor, now: datetime
) -> None:
    """For tasks without lead unit: the first unit named leads, or each answers for itself (D3)."""
    if not keys:
        raise NotFound

    def change(present: Ledger) -> Ledger:
        for key in keys:
            task = _task(present, key)
            if task.lead or not task.responsible:
                continue
            decided = (
                replace(task, lead=task.responsible[:1], responsible=task.responsible[1:], corrected=True)
                if first
                else replace(task, each_answers=True)
            )
            present = present.with_row("task", decided)
        return present

    count = len(keys)
    summary = (
        N_("In %(count)s tasks the first unit leads", count=count)
        if first
        else N_("In %(count)s tasks each answers for itself", count=count)
    )
    _save(document, change, keys[0], "document.decide_leads", summary, seen, by, now)


def undecided(ledger: Ledger) -> list[int]:
    """Keys of the tasks that name units but no lead, and nobody has decided."""
    return [task.key for task in ledger.live if task.responsible and not task.lead and not task.each_answers]


_PART = re.compile(r"[^。；;!！?？\n]*[。；;!！?？\n]*")


def parts_of(text: str) -> list[tuple[int, str]]:
    """The sentences of a task's text with their offsets: where it may be split."""
    return [(found.start(), found.group()) for found in _PART.finditer(text) if found.group().strip()]


@dataclass(frozen=True)
class Halves:
    """How a task is split: where the second part begins in the text, both titles, and which names go where."""

    #: Offset in the task's text; None = both keep the whole text.
    cut: int | None
    titles: tuple[str, str]
    #: Name → "first", "second" or "both".
    sides: Mapping[str, str]


@transactional
def split_task(document: Document, key: int, halves: Halves, *, seen: int, by: Actor, now: datetime) -> int:
    """Make two tasks of one; returns the key of the second, which stands behind the first.

    Raises Invalid where the cut leaves a part without text, or a title is missing.
    """
    old = _task(corrections.fresh(document), key)
    wrong: dict[str, Sentence] = {}
    if halves.cut is not None and not 0 < halves.cut < len(old.text):
        wrong["cut"] = N_("Choose where the second task begins.")
    for place, title in enumerate(halves.titles, start=1):
        if not title.strip():
            wrong[f"title_{place}"] = N_("A title is needed.")
    if wrong:
        raise Invalid(N_("The task was not split."), wrong)
    made: list[int] = []

    def change(present: Ledger) -> Ledger:
        made.append(present.new_key("task"))
        first, second = _halves(_task(present, key), halves, made[-1])
        return present.with_row("task", first).with_row("task", second, after=key)

    _save(
        document, change, key, "document.split_task", N_("Split: “%(task)s”", task=old.title), seen, by, now
    )
    return made[-1]


def _halves(task: LedgerTask, halves: Halves, new_key: int) -> tuple[LedgerTask, LedgerTask]:
    def part(side: str, title: str, text: str, key: int) -> LedgerTask:
        kept = {name for name in task.units if halves.sides.get(name, "both") in {side, "both"}}
        return replace(
            task,
            key=key,
            title=title.strip()[:400],
            text=text.strip(),
            lead=tuple(name for name in task.lead if name in kept),
            responsible=tuple(name for name in task.responsible if name in kept),
            corrected=True,
            accepted=False,
        )

    return (
        part("first", halves.titles[0], task.text[: halves.cut], task.key),
        part("second", halves.titles[1], task.text[halves.cut or 0 :], new_key),
    )


@transactional
def merge_tasks(document: Document, keys: Sequence[int], *, seen: int, by: Actor, now: datetime) -> int:
    """Make one task of two or more: it keeps the first one's place, title and number; returns its key.

    A unit that leads any of them leads the whole; the latest due date holds.
    """
    ledger = corrections.fresh(document)
    wanted = [task.key for task in ledger.live if task.key in set(keys)]
    if len(wanted) < 2:
        wrong = N_("Choose at least two tasks to merge.")
        raise Invalid(wrong, {"task": wrong})

    def change(present: Ledger) -> Ledger:
        tasks = [_task(present, key) for key in wanted]
        for task in tasks[1:]:
            present = present.without_row("task", task.key)
        return present.with_row("task", merged(tasks))

    told = N_(
        "%(count)s tasks merged into “%(task)s”", count=len(wanted), task=_task(ledger, wanted[0]).title
    )
    _save(document, change, wanted[0], "document.merge_tasks", told, seen, by, now)
    return wanted[0]


def merged(tasks: Sequence[LedgerTask]) -> LedgerTask:
    """One task of several, in the place of the first."""
    first = tasks[0]
    lead = tuple(dict.fromkeys(name for task in tasks for name in task.lead))
    rest = dict.fromkeys(name for task in tasks for name in task.responsible)
    last = max((task.due_on for task in tasks if task.due_on), default=None)
    return replace(
        first,
        text="\n".join(dict.fromkeys(task.text for task in tasks if task.text)),
        lead=lead,
        responsible=tuple(name for name in rest if name not in lead),
        spans=tuple(dict.fromkeys(span for task in tasks for span in task.spans)),
        due_on=last,
        due_from_notice=any(task.due_from_notice and task.due_on == last for task in tasks),
        dates=tuple(dict.fromkeys(text for task in tasks for text in task.dates)),
        each_answers=not lead and any(task.each_answers for task in tasks),
        corrected=True,
        accepted=False,
    )


@transactional
def add_from_clause(document: Document, clause: Clause, *, seen: int, by: Actor, now: datetime) -> int:
    """Make a task of a clause that nothing was read from; returns its key. It stands in the order of the notice."""
    made: list[int] = []

    def change(present: Ledger) -> Ledger:
        made.append(present.new_key("task"))
        return with_task_of(present, clause)

    summary = N_("Made a task: “%(task)s”", task=clause.title)
    corrections.save(
        document,
        change,
        seen=seen,
        action="document.add_task",
        summary=summary,
        anchor=clause.anchor,
        by=by,
        now=now,
    )
    return made[-1]


def with_task_of(ledger: Ledger, clause: Clause) -> Ledger:
    """The ledger with a task made of a clause, under the heading and behind the task before it."""
    before = [task for task in ledger.tasks if task.line is not None and task.line <= clause.line]
    task = LedgerTask(
        key=ledger.new_key("task"), title=clause.title, lead=clause.lead, responsible=clause.responsible,
        text=clause.text, path=before[-1].path if before else (), line=clause.line,
        spans=((clause.start, clause.end),), corrected=True,
    )  # fmt: skip
    if not before:
        return replace(ledger, tasks=(task, *ledger.tasks))
    return ledger.with_row("task", task, after=before[-1].key)
