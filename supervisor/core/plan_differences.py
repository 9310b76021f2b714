"""A re-issued notice beside the plan that was adopted from the earlier one: what is new, gone or changed (D7).

Tasks are matched by their words and numbers, one to one, best first. Nothing follows by itself: the person ticks
changes, sees what they would do, and makes them; each becomes a numbered change of the plan (`plan_amendments`).
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Any

from supervisor.core import (
    adoption,
    audit,
    corrections,
    membership_differences,
    plan_amendments,
    plans,
    precedents,
    printed_names,
    tasks,
)
from supervisor.core.changed_text import changed_sentences, marked
from supervisor.core.draft_ledger import Ledger, to_json
from supervisor.core.draft_rows import LedgerDuty, LedgerTask
from supervisor.core.membership_differences import ACTS, Difference, MembershipActs
from supervisor.core.permissions import Actor, Permission
from supervisor.core.plan_amendments import Effects, Wording
from supervisor.core.plan_figures import set_figures
from supervisor.core.plans import TaskLinks
from supervisor.core.printed_names import Register, resolve
from supervisor.core.unit_names import name_key
from supervisor.database import transactional
from supervisor.errors import Invalid, Stale
from supervisor.models import Document, DocumentState, LinkRole, Plan, PlanState, Task, TaskState
from supervisor.words import N_, Sentence

#: From this likeness on two titles are of one programme of work, and two tasks may be one.
SAME_NOTICE, SAME_TASK = 0.5, 0.4
_NOISE = re.compile(r"[\s\W_]|关于|印发|通知|修订|调整|重新|工作方案|实施方案|的")
_NUMBERED = re.compile(r"^[（(]?[一二三四五六七八九十\d]+[）)、.．]?")
_MARKS = re.compile(r"[（(][^（）()]*(?:单位|部门|负责|牵头)[^（）()]*[）)]")


@dataclass(frozen=True)
class Comparison:
    """All differences, in the order of the new notice, and how many tasks are the same."""

    added: tuple[Difference, ...]
    removed: tuple[Difference, ...]
    changed: tuple[Difference, ...]
    same: int
    #: Units that a collective name gained or lost.
    members: tuple[Difference, ...] = ()
    roster: tuple[Difference, ...] = ()

    @property
    def every(self) -> tuple[Difference, ...]:
        """All of them."""
        return (*self.added, *self.changed, *self.removed, *self.members, *self.roster)


def adopted_plans(document: Document) -> list[Plan]:
    """The programme's plans from other notices, newest first; one query."""
    others = Plan.document.is_null() | (Plan.document != document.id)
    query = Plan.select().where((Plan.programme == document.programme_id) & others)
    return list(query.order_by(Plan.id.desc()))


def like(document: Document, ledger: Ledger) -> Plan | None:
    """The plan that this notice seems to re-issue: the one whose title is most alike, if any is alike enough."""
    mine = _grams(_NOISE.sub("", ledger.title))
    rated = [
        (_likeness(mine, _grams(_NOISE.sub("", plan.title))), plan.id, plan)
        for plan in adopted_plans(document)
    ]
    best = max(rated, key=lambda one: one[:2], default=None)
    return best[2] if best and best[0] >= SAME_NOTICE else None


def _grams(text: str) -> frozenset[str]:
    plain = re.sub(r"\s", "", text)
    return frozenset(plain[at : at + 2] for at in range(len(plain) - 1)) or frozenset(plain)


def _likeness(one: frozenset[str], two: frozenset[str]) -> float:
    return len(one & two) / len(one | two) if one and two else 0.0


# Comparing ------------------------------------------------------------------------------------------------------


def compare_with(plan: Plan, ledger: Ledger, register: Register) -> Comparison:
    """Compare a reviewed notice with a plan: its tasks, the members of its collective names, its roster."""
    return replace(
        compare(ledger, plans.tasks_of(plan), register),
        members=tuple(membership_differences.of_members(ledger, plan, register)),
        roster=tuple(membership_differences.of_roster(ledger, plan)),
    )


def compare(ledger: Ledger, rows: Sequence[TaskLinks], register: Register) -> Comparison:
    """Compare a reviewed notice with a plan's tasks; `register` says which printed names are one unit."""
    mine = _wordings(ledger)
    theirs = [row for row in rows if row.task.state is not TaskState.CANCELLED]
    pairs = _matched([wording for _key, wording, _line in mine], theirs)
    added, changed, same = [], [], 0
    for at, (key, wording, line) in enumerate(mine):
        if at not in pairs:
            said = _said(wording)
            new = Difference(f"add-{key}", N_("new"), wording.title, new=said, line=line)
            added.append(replace(new, open_question=_open_question(wording)))
            continue
        found = list(_changes(ledger, wording, theirs[pairs[at]], register, line))
        changed += found
        same += not found
    kept = set(pairs.values())
    removed = [
        Difference(f"cancel-{row.task.id}", N_("no longer there"), row.task.title, task_id=row.task.id)
        for at, row in enumerate(theirs)
        if at not in kept and row.task.state is not TaskState.CLOSED
    ]
    return Comparison(tuple(added), tuple(removed), tuple(changed), same)


def _wordings(ledger: Ledger) -> list[tuple[str, Wording, int | None]]:
    found = [(f"task-{task.key}", _of_task(task), task.line) for task in ledger.live]
    return found + [(f"duty-{duty.key}", _of_duty(duty), duty.line) for duty in ledger.standing]


def _of_task(task: LedgerTask) -> Wording:
    return Wording(
        task.title, task.text, task.number, task.path, task.lead, task.responsible, task.due_on,
        task.due_from_notice, task.each_answers,
    )  # fmt: skip


def _of_duty(duty: LedgerDuty) -> Wording:
    return Wording(duty.title, duty.text, responsible=duty.units, standing=True)


def _matched(mine: Sequence[Wording], theirs: Sequence[TaskLinks]) -> dict[int, int]:
    """Place in the notice → place in the plan, one to one, the likest first."""
    old = [(_grams(_bare(row.task.title)), _grams(_body(row.task.text)), row.task.number) for row in theirs]
    rated: list[tuple[float, int, int]] = []
    for at, wording in enumerate(mine):
        title, body = _grams(_bare(wording.title)), _grams(_body(wording.text))
        for other, (old_title, old_body, number) in enumerate(old):
            score = max(_likeness(title, old_title), _likeness(body, old_body))
            if score >= SAME_TASK:
                rated.append((score + 0.05 * (number == wording.number), at, other))
    pairs: dict[int, int] = {}
    taken: set[int] = set()
    for _score, at, other in sorted(rated, key=lambda one: (-one[0], abs(one[1] - one[2]), one[1])):
        if at not in pairs and other not in taken:
            pairs[at] = other
            taken.add(other)
    return pairs


def _bare(title: str) -> str:
    return _NUMBERED.sub("", title.strip())


def _body(text: str) -> str:
    """What a text says: without its number, the brackets that name units, and lines behind its last full stop."""
    said = _bare(_MARKS.sub("", text))
    return said[: said.rfind("。") + 1] or said


def _changes(
    ledger: Ledger, wording: Wording, row: TaskLinks, register: Register, line: int | None
) -> Iterator[Difference]:
    task = row.task
    ident: dict[str, Any] = {"line": line, "task_id": task.id}
    # A standing task's title is made of its text: only the text counts.
    titles = not task.standing and _plain(wording.title) != _plain(task.title)
    sentences = changed_sentences(_body(task.text), _body(wording.text))
    if titles or sentences:
        heads = (marked(task.title, wording.title),) if titles else ()
        old, new = (task.title, wording.title) if titles else (_body(task.text), _body(wording.text))
        yield Difference(
            f"words-{task.id}", N_("wording"), task.title, old, new, sentences=(*heads, *sentences), **ident
        )
    printed = Wording(
        task.title,
        lead=tuple(token.text for token in row.tokens if token.role is LinkRole.LEAD),
        responsible=tuple(token.text for token in row.tokens if token.role is LinkRole.RESPONSIBLE),
    )
    if _units(ledger, register, printed) != _units(ledger, register, wording):
        yield Difference(
            f"units-{task.id}", N_("who answers"), task.title, _said(printed), _said(wording),
            open_question=_open_question(wording), **ident,
        )  # fmt: skip
    if wording.due_from_notice and wording.due_on and wording.due_on != task.due_on:
        yield Difference(
            f"due-{task.id}", N_("due date"), task.title, _day(task.due_on), _day(wording.due_on), **ident
        )


def _units(ledger: Ledger, register: Register, wording: Wording) -> list[set[str]]:
    return [
        {name_key(resolve(ledger, register, name)) for name in names}
        for names in (wording.lead, wording.responsible)
    ]


def _open_question(wording: Wording) -> Sentence | None:
    return None if wording.lead or wording.answers_alone else plan_amendments.LEADERLESS


def _said(wording: Wording) -> str:
    """Lead units｜responsible units, as the ledger prints them."""
    return "｜".join("、".join(names) for names in (wording.lead, wording.responsible) if names)


def _plain(text: str) -> str:
    return re.sub(r"\s", "", text)


def _day(day: date | None) -> str:
    return day.isoformat() if day else "—"


# Making the changes ---------------------------------------------------------------------------------------------


def preview(
    document: Document, plan: Plan, keys: Collection[str], reason: str, *, by: Actor, now: datetime
) -> Effects:
    """What the chosen changes would do, without making them. Raises what making them would raise."""
    by.require(Permission.PLAN_EDIT)
    return plan_amendments.effects_of(plan, lambda: make(document, plan, keys, reason, by=by, now=now))


@transactional
def make(
    document: Document, plan: Plan, keys: Collection[str], reason: str, *, by: Actor, now: datetime
) -> int:
    """Make the chosen changes in the plan, each numbered and with the reason; returns how many.

    A change that is no difference any more is left out: somebody made it meanwhile, or made it twice.
    """
    by.require(Permission.PLAN_EDIT)
    if plan.state is PlanState.ISSUED and not reason.strip():
        wrong = N_("Say why: the reason stays with the change for every unit to read.")
        raise Invalid(wrong, {"reason": wrong})
    ledger = corrections.fresh(document)
    rows = plans.tasks_of(plan)
    register = printed_names.read(plan.programme.jurisdiction_id, ledger.issued_on)
    wanted = [one.key for one in compare_with(plan, ledger, register).every if one.key in set(keys)]
    chosen = list(dict.fromkeys(wanted))
    if not chosen:
        wrong = N_("Choose at least one change.")
        raise Invalid(wrong, {"key": wrong})
    acts = _Acts(ledger, rows, reason, by, now)
    adoption.enter_names(acts.named(chosen), plan.programme, by, now)
    sides = MembershipActs(ledger, plan, register, reason, by, now)
    # Members first: a task that is added goes to whoever belongs to its collective name now.
    for key in sorted(chosen, key=lambda key: key.partition("-")[0] not in ACTS):
        if key.partition("-")[0] in ACTS:
            sides.carry_out(key)
        else:
            acts.carry_out(plan, key)
    audit.record(
        by, "plan.amend", plan, now=now, after={"document": document.id, "changes": chosen}, reason=reason
    )
    return len(chosen)


@dataclass(frozen=True)
class _Acts:
    """The chosen differences as verbs on the plan."""

    ledger: Ledger
    rows: Sequence[TaskLinks]
    reason: str
    by: Actor
    now: datetime

    def named(self, keys: Collection[str]) -> Ledger:
        """The ledger with only the tasks and duties whose units the chosen changes name."""
        partners = self._partners()
        wanted = {key.removeprefix("add-") for key in keys if key.startswith("add-")}
        wanted |= {partners[int(key[6:])][0] for key in keys if key.startswith("units-")}
        return replace(
            self.ledger,
            tasks=tuple(task for task in self.ledger.tasks if f"task-{task.key}" in wanted),
            duties=tuple(duty for duty in self.ledger.duties if f"duty-{duty.key}" in wanted),
        )

    def carry_out(self, plan: Plan, key: str) -> None:
        """One change."""
        how: dict[str, Any] = {"by": self.by, "now": self.now}
        act, _, rest = key.partition("-")
        if act == "add":
            wording = next(one for name, one, _line in _wordings(self.ledger) if name == rest)
            plan_amendments.add_task(plan, wording, self.reason, **how)
            return
        task = Task.get_by_id(int(rest))
        if act == "cancel":
            plan_amendments.cancel_task(task, self.reason, **how)
            return
        wording = self._partners()[task.id][1]
        if act == "words":
            plan_amendments.reword_task(task, wording.title, wording.text, self.reason, **how)
        elif act == "units":
            plan_amendments.change_units(task, wording, self.reason, **how)
        elif plan.state is PlanState.ISSUED:
            tasks.change(
                task, due_on=wording.due_on, planned=task.planned, seen_version=task.version, reason=self.reason,
                from_notice=True, **how,
            )  # fmt: skip
        else:
            set_figures(
                task, due_on=wording.due_on, planned=task.planned, seen=task.version, from_notice=True, **how
            )

    def _partners(self) -> dict[int, tuple[str, Wording]]:
        mine = _wordings(self.ledger)
        theirs = [row for row in self.rows if row.task.state is not TaskState.CANCELLED]
        pairs = _matched([wording for _key, wording, _line in mine], theirs)
        return {theirs[other].task.id: (mine[at][0], mine[at][1]) for at, other in pairs.items()}


@transactional
def finish(document: Document, plan: Plan, *, seen: int, by: Actor, now: datetime) -> None:
    """The comparison is done: the notice counts as taken into the plan; what nobody ticked stays as the plan has it."""
    by.require(Permission.PLAN_EDIT)
    ledger = replace(corrections.fresh(document), amends=plan.id)
    mine = (Document.id == document.id) & (Document.version == seen) & (Document.state == DocumentState.DRAFT)
    values = {"state": DocumentState.ADOPTED, "draft": to_json(ledger), "version": Document.version + 1}
    if not Document.update(**values).where(mine).execute():
        state = Document.get_by_id(document.id).state
        raise Stale([("state", state.value)], [("state", DocumentState.ADOPTED.value)])
    precedents.remember(document, ledger, by=by, now=now)
    audit.record(by, "document.compared", document, now=now, after={"plan": plan.id})
