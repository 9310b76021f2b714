"""Carries out the answer that a person chose under a question of the review page (see `questions`)."""

from __future__ import annotations

import inspect
import json
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from supervisor.core import corrections, item_corrections, name_corrections, precedents, task_corrections
from supervisor.core.draft_ledger import Ledger
from supervisor.core.permissions import Actor
from supervisor.core.questions import NO_TASK, is_unsure, questions
from supervisor.core.unread_clauses import Clause, unread_clause
from supervisor.errors import NotFound
from supervisor.models import Document
from supervisor.words import say


@dataclass(frozen=True)
class _Asked:
    """Whose answer, to what, when."""

    document: Document
    ledger: Ledger
    seen: int
    by: Actor
    now: datetime

    @property
    def how(self) -> dict[str, Any]:
        """What every verb wants to know."""
        return {"seen": self.seen, "by": self.by, "now": self.now}

    def clause(self, start: object) -> Clause:
        """The unread clause at this offset."""
        found = unread_clause(self.ledger, start) if isinstance(start, int) else None
        if found is None:
            raise NotFound
        return found


def carry_out(document: Document, answer: str, *, seen: int, by: Actor, now: datetime) -> str:
    """Carry out an answer; returns the anchor to go on from. NotFound for an answer that nothing asks for."""
    try:
        act, *arguments = json.loads(answer)
        verb = ACTS[act]
        inspect.signature(verb).bind(None, *arguments)
    except (ValueError, KeyError, TypeError):
        raise NotFound from None
    kinds = verb.__annotations__.values()
    if any(type(value).__name__ not in kinds for value in arguments):
        raise NotFound
    return verb(_Asked(document, corrections.ledger_of(document), seen, by, now), *arguments)


def _reason(number: object) -> str:
    if not isinstance(number, int) or not 0 <= number < len(NO_TASK):
        raise NotFound
    return say(NO_TASK[number], "zh_CN")  # what is put on record is Chinese


def _accept(asked: _Asked, key: int) -> str:
    task_corrections.accept(asked.document, [key], **asked.how)
    return f"task-{key}"


def _drop_task(asked: _Asked, key: int, reason: int) -> str:
    task_corrections.drop_task(asked.document, key, _reason(reason), **asked.how)
    return f"task-{key}"


def _each_answers(asked: _Asked, key: int) -> str:
    task_corrections.decide_leads(asked.document, [key], first=False, **asked.how)
    return f"task-{key}"


def _first_leads(asked: _Asked, key: int) -> str:
    task_corrections.decide_leads(asked.document, [key], first=True, **asked.how)
    return f"task-{key}"


def _all_undecided(asked: _Asked, how: str) -> str:
    keys = task_corrections.undecided(asked.ledger)
    task_corrections.decide_leads(asked.document, keys, first=how == "first", **asked.how)
    return "tasks"


def _all_standing(asked: _Asked) -> str:
    keys = [duty.key for duty in asked.ledger.duties if not duty.dropped]
    item_corrections.choose_standing(asked.document, keys, **asked.how)
    return "duties"


def _clause_task(asked: _Asked, start: int) -> str:
    return f"task-{task_corrections.add_from_clause(asked.document, asked.clause(start), **asked.how)}"


def _clause_duty(asked: _Asked, start: int) -> str:
    item_corrections.add_duty(asked.document, asked.clause(start), **asked.how)
    return "clauses"


def _clause_aside(asked: _Asked, start: int, reason: int) -> str:
    item_corrections.set_clause_aside(asked.document, asked.clause(start), _reason(reason), **asked.how)
    return "clauses"


def _same(asked: _Asked, printed: str, unit: str) -> str:
    item_corrections.name_unit(asked.document, printed, unit, **asked.how)
    return "names"


def _apart(asked: _Asked, one: str, two: str) -> str:
    item_corrections.keep_apart(asked.document, one, two, **asked.how)
    return "names"


def _own(asked: _Asked, name: str) -> str:
    name_corrections.keep_as_unit(asked.document, name, **asked.how)
    return "names"


def _open_group(asked: _Asked, name: str) -> str:
    name_corrections.make_open_group(asked.document, name, **asked.how)
    return "names"


def _no_unit(asked: _Asked, name: str) -> str:
    item_corrections.strike_name(asked.document, name, **asked.how)
    return "names"


def _open(asked: _Asked, key: int) -> str:
    name_corrections.leave_open(asked.document, key, **asked.how)
    return f"collective-{key}"


def _accept_all(asked: _Asked) -> str:
    keys = [task.key for task in asked.ledger.live if is_unsure(task)]
    if not keys:
        raise NotFound
    task_corrections.accept(asked.document, keys, **asked.how)
    return "tasks"


def _members(asked: _Asked, key: int) -> str:
    row = asked.ledger.row("collective", key)
    if row is None:
        raise NotFound
    ticked = [number for number, member in enumerate(row.members) if member.ticked]
    item_corrections.confirm_members(asked.document, key, ticked=ticked, notes={}, added=[], **asked.how)
    return f"collective-{key}"


def _settle(asked: _Asked, question: str) -> str:
    if not question.startswith("problem-"):
        raise NotFound
    item_corrections.settle(asked.document, [question], **asked.how)
    return "problems"


def _settle_all(asked: _Asked) -> str:
    keys = [one.key for one in questions(asked.ledger) if one.key.startswith("problem-") and not one.grave]
    if not keys:
        raise NotFound
    item_corrections.settle(asked.document, keys, **asked.how)
    return "problems"


def _precedent(asked: _Asked, *ids: int) -> str:
    precedents.follow(asked.document, ids, **asked.how)
    return "precedents"


ACTS: dict[str, Callable[..., str]] = {
    "accept": _accept,
    "drop_task": _drop_task,
    "each_answers": _each_answers,
    "first_leads": _first_leads,
    "all_undecided": _all_undecided,
    "all_standing": _all_standing,
    "clause_task": _clause_task,
    "clause_duty": _clause_duty,
    "clause_aside": _clause_aside,
    "same": _same,
    "apart": _apart,
    "own": _own,
    "open_group": _open_group,
    "no_unit": _no_unit,
    "open": _open,
    "accept_all": _accept_all,
    "members": _members,
    "settle": _settle,
    "settle_all": _settle_all,
    "precedent": _precedent,
}
