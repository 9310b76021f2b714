"""One decision on several unread clauses: tasks, standing duties, or set aside; undone as one step."""

from __future__ import annotations

from collections.abc import Callable, Collection
from datetime import datetime

from supervisor.core import audit, corrections
from supervisor.core.draft_ledger import Ledger
from supervisor.core.draft_rows import Settled
from supervisor.core.item_corrections import SHORTEST_REASON, with_duty_of
from supervisor.core.permissions import Actor
from supervisor.core.questions import open_clauses
from supervisor.core.task_corrections import with_task_of
from supervisor.core.unread_clauses import Clause
from supervisor.database import transactional
from supervisor.errors import Invalid
from supervisor.models import Document
from supervisor.words import N_, Sentence

#: What a clause may become.
TASK, DUTY, ASIDE = "task", "duty", "aside"


@transactional
def decide_clauses(
    document: Document,
    starts: Collection[int],
    act: str,
    *,
    seen: int,
    by: Actor,
    now: datetime,
    reason: str = "",
) -> int:
    """Decide the clauses that begin at these offsets, all alike; returns how many.

    Title and units of a task or duty are proposed from its clause. Each clause is recorded singly. Raises Invalid
    where none of them is open any more, or clauses are set aside without a reason.
    """
    reason = reason.strip()
    clauses = [one for one in open_clauses(corrections.fresh(document)) if one.start in set(starts)]
    if not clauses:
        wrong = N_("Tick at least one clause.")
        raise Invalid(wrong, {"clause": wrong})
    if act == ASIDE and len(reason) < SHORTEST_REASON:
        wrong = N_("Say why the clause is set aside.")
        raise Invalid(wrong, {"reason": wrong})
    change, action, summary = _ACTS[act]

    def every(present: Ledger) -> Ledger:
        for clause in clauses:
            present = change(present, clause, reason)
        return present

    told = Sentence(summary, {"count": len(clauses)})
    corrections.save(
        document, every, seen=seen, action="document.decide_clauses", summary=told, anchor="clauses",
        by=by, now=now, reason=reason,
    )  # fmt: skip
    for clause in clauses:
        after = {"line": clause.line, "text": clause.title}
        audit.record(by, action, document, now=now, after=after, reason=reason)
    return len(clauses)


def _set_aside(ledger: Ledger, clause: Clause, reason: str) -> Ledger:
    return ledger.with_row("settled", Settled(clause.anchor, "aside", reason[:400]))


_ACTS: dict[str, tuple[Callable[[Ledger, Clause, str], Ledger], str, str]] = {
    TASK: (
        lambda ledger, clause, _reason: with_task_of(ledger, clause),
        "document.add_task",
        N_("%(count)s clauses made tasks").msgid,
    ),
    DUTY: (
        lambda ledger, clause, _reason: with_duty_of(ledger, clause),
        "document.add_duty",
        N_("%(count)s clauses made standing duties").msgid,
    ),
    ASIDE: (_set_aside, "document.set_clause_aside", N_("%(count)s clauses set aside").msgid),
}
