"""What pages of accountability cases show: the list, and one case with its steps, as far as a reader may see them."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from supervisor.core import case_effects, case_records, cases
from supervisor.core.case_effects import Effect
from supervisor.core.case_readers import DECIDED, UNDECIDED, visible_to
from supervisor.core.permissions import Actor
from supervisor.models import AccountabilityCase, Attachment, CaseState, CaseStep, CaseStepKind

#: Cases on the page; older ones are reached by their filter.
MOST = 200
#: What a filter shows, by its word in the address.
FILTERS: Mapping[str, Sequence[CaseState]] = {
    "": list(CaseState),
    "undecided": list(UNDECIDED),
    "decided": list(DECIDED),
}
#: Steps that a unit reads: what is said of it and what was decided; not who spoke.
OUTER = (CaseStepKind.UPHELD, CaseStepKind.DISMISSED, CaseStepKind.REVERSED)


@dataclass(frozen=True)
class Moment:
    """One step, with its files and the records that it names (words, link)."""

    step: CaseStep
    files: tuple[Attachment, ...] = ()
    records: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True)
class CasePage:
    """One case as a reader may see it."""

    case: AccountabilityCase
    number: str
    moments: tuple[Moment, ...]
    #: Whether the reader sees source, evidence and proposals, or only what was decided.
    inner: bool
    #: Titles of the rules that the decision meets, with what they do.
    effects: tuple[Effect, ...] = ()
    evidence: int = 0
    choices: tuple[Effect, ...] = ()
    counts_on: date | None = None


def listed(actor: Actor, wanted: str) -> list[AccountabilityCase]:
    """The cases that a person may see, newest first."""
    states = FILTERS.get(wanted, FILTERS[""])
    rows = visible_to(actor).where(AccountabilityCase.state.in_(list(states)))
    return list(rows.order_by(AccountabilityCase.id.desc()).limit(MOST))


def waiting(actor: Actor) -> list[AccountabilityCase]:
    """Cases that wait for a leader, the oldest first."""
    rows = visible_to(actor).where(AccountabilityCase.state == CaseState.SUBMITTED)
    return list(rows.order_by(AccountabilityCase.id))


def read(case: AccountabilityCase, actor: Actor, today: date) -> CasePage:
    """One case with its steps; for a unit without source, evidence and proposals."""
    inner = actor.sees_all
    steps = list(CaseStep.select().where(CaseStep.case == case).order_by(CaseStep.id))
    shown = steps if inner else [one for one in steps if one.kind in OUTER]
    files: dict[int, list[Attachment]] = defaultdict(list)
    if inner:
        rows = Attachment.select().where(Attachment.case_step.in_([one.id for one in shown]))
        for row in rows.order_by(Attachment.id):
            files[row.case_step_id or 0].append(row)
    counts = case.counts_on or cases.counts_on(case, today)
    choices = case_effects.choices(case.programme_id, counts)
    met = {("penalty", case.penalty), ("veto", case.veto)}
    return CasePage(
        case, cases.number_of(case),
        tuple(Moment(one, tuple(files.get(one.id, ())), _records(case, one) if inner else ()) for one in shown),
        inner,
        tuple(one for one in choices if (one.part, one.value) in met),
        sum(one.kind is CaseStepKind.EVIDENCE for one in steps),
        tuple(choices), counts,
    )  # fmt: skip


def _records(case: AccountabilityCase, step: CaseStep) -> tuple[tuple[str, str], ...]:
    return tuple(
        (one["words"], case_records.link_of(case.programme_id, one["key"]))
        for one in step.details.get("records", ())
    )
