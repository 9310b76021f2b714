"""What a report says, before it is handed in: its parts, what makes it complete, which figures are odd.

Odd figures (falling, above target) are not refused: the unit mends them or says why they are right.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from supervisor.errors import Invalid, NotFound
from supervisor.fields import canonical_json
from supervisor.models import Assignment, Entry, EntryState, Obligation, QuantityTarget
from supervisor.statements import among, statement
from supervisor.words import N_, Sentence

#: Longest text of one field, characters.
TEXT_LIMIT = 5000
#: Entries that wait for the unit's words.
WANTED = (EntryState.OPEN, EntryState.RETURNED)


@dataclass(frozen=True)
class EntryBody:
    """What the unit says about one task. `quantities` maps a measure to its cumulative figure."""

    entry_id: int
    #: Whole percent; None = not filled in.
    progress: int | None
    done: str = ""
    problems: str = ""
    next_steps: str = ""
    help_wanted: str = ""
    #: Reason for a figure that falls or exceeds its target.
    figure_reason: str = ""
    quantities: Mapping[str, int | None] = field(default_factory=dict)
    attachment_ids: Sequence[int] = ()


@dataclass(frozen=True)
class ReportBody:
    """A whole report: an entry for each open task, or nil with its reason."""

    entries: Sequence[EntryBody] = ()
    nil: bool = False
    nil_reason: str = ""


@dataclass(frozen=True)
class Known:
    """What is known of a task before this report: progress and quantities last accepted, and the targets."""

    progress: int | None
    targets: Mapping[str, int]
    accepted: Mapping[str, int | None]


def wanted_entries(obligation: Obligation) -> list[Entry]:
    """The entries that wait for the unit's words, in the notice's order: new ones and returned ones."""
    return _wanted(obligation.id)


@statement
def _wanted(obligation_id: Any) -> Any:
    query = Entry.select(
        Entry, Assignment.id, Assignment.unit, Assignment.role, Assignment.state, Assignment.progress
    ).join(Assignment).where((Entry.obligation == obligation_id) & Entry.state.in_(list(WANTED)))  # fmt: skip
    return query.order_by(Entry.sort, Entry.id)


@statement
def _targets_of(task_ids: Any, unit_ids: Any) -> Any:
    columns = (
        QuantityTarget.task, QuantityTarget.unit, QuantityTarget.measure, QuantityTarget.target,
        QuantityTarget.accepted,
    )  # fmt: skip
    mine = among(QuantityTarget.task, task_ids) & among(QuantityTarget.unit, unit_ids)
    return QuantityTarget.select(*columns).where(mine).order_by(QuantityTarget.id).tuples()


def known_of(entries: Sequence[Entry]) -> dict[int, Known]:
    """Entry id -> what was last accepted of its task, in one query."""
    targets: dict[tuple[int, int], list[tuple[str, int, int | None]]] = {}
    pairs = {(entry.task_id, entry.assignment.unit_id) for entry in entries}
    wanted = sorted({task for task, _ in pairs}), sorted({unit for _, unit in pairs})
    for task_id, unit_id, measure, target, accepted in _targets_of(*wanted):
        targets.setdefault((task_id, unit_id), []).append((measure, target, accepted))
    return {
        entry.id: Known(
            entry.assignment.progress,
            {m: t for m, t, _ in targets.get((entry.task_id, entry.assignment.unit_id), [])},
            {m: a for m, _, a in targets.get((entry.task_id, entry.assignment.unit_id), [])},
        )
        for entry in entries
    }


def warnings(obligation: Obligation, body: ReportBody) -> dict[int, list[Sentence]]:
    """Entry id -> odd figures that want a reason: progress or a quantity that falls, more than the target."""
    return _odd_entries(body, known_of(wanted_entries(obligation)))


def _odd_entries(body: ReportBody, known: Mapping[int, Known]) -> dict[int, list[Sentence]]:
    return {
        said.entry_id: found
        for said in body.entries
        if said.entry_id in known and (found := _odd(said, known[said.entry_id]))
    }


def _odd(said: EntryBody, known: Known) -> list[Sentence]:
    odd = []
    if said.progress is not None and known.progress is not None and said.progress < known.progress:
        odd.append(
            N_(
                "Progress falls from %(old)s%% (accepted) to %(new)s%%.",
                old=known.progress,
                new=said.progress,
            )
        )
    for measure, figure in said.quantities.items():
        before, target = known.accepted.get(measure), known.targets.get(measure)
        if figure is None:
            continue
        if before is not None and figure < before:
            odd.append(
                N_(
                    "%(measure)s: the cumulative figure falls from %(old)s to %(new)s.",
                    measure=measure,
                    old=before,
                    new=figure,
                )
            )
        if target is not None and figure > target:
            odd.append(
                N_(
                    "%(measure)s: %(new)s is more than the target of %(target)s.",
                    measure=measure,
                    new=figure,
                    target=target,
                )
            )
    return odd


def field_name(entry_id: int, name: str) -> str:
    """The name of an entry's field in forms and in `Invalid.fields`."""
    return f"e{entry_id}-{name}"


def check(entries: Sequence[Entry], body: ReportBody, known: Mapping[int, Known]) -> None:
    """Everything wrong at once; Invalid names each field. `known` as `known_of` says it of the entries."""
    fields: dict[str, Sentence] = {}
    if body.nil:
        if not body.nil_reason.strip():
            fields["nil_reason"] = N_("Say why there is nothing to report.")
        if any(entry.state is EntryState.RETURNED for entry in entries):
            fields["nil"] = N_(
                "An entry was returned: it wants an answer, a nil report cannot take its place."
            )
    else:
        fields |= _check_entries(entries, body, known)
    if len(body.nil_reason) > TEXT_LIMIT:
        fields["nil_reason"] = N_("At most %(n)s characters.", n=TEXT_LIMIT)
    if fields:
        raise Invalid(
            N_("The report was not submitted. It is complete when each task has its entry."), fields
        )
    odd = {} if body.nil else _odd_entries(body, known)
    by_id = {said.entry_id: said for said in body.entries}
    unexplained = {
        field_name(key, "figure_reason"): N_("%(odd)s Mend it, or say why it is right.", odd=found[0])
        for key, found in odd.items()
        if not by_id[key].figure_reason.strip()
    }
    if unexplained:
        raise Invalid(N_("Some figures are unusual. Mend them or give a reason."), unexplained)


def _check_entries(
    entries: Sequence[Entry], body: ReportBody, known: Mapping[int, Known]
) -> dict[str, Sentence]:
    fields: dict[str, Sentence] = {}
    said_of = {said.entry_id: said for said in body.entries}
    if set(said_of) - {entry.id for entry in entries}:
        raise NotFound  # an entry of somebody else, or one already accepted
    for entry in entries:
        said = said_of.get(entry.id, EntryBody(entry.id, None))
        if said.progress is None:
            fields[field_name(entry.id, "progress")] = N_("Progress is missing or no whole number.")
        elif not 0 <= said.progress <= 100:
            fields[field_name(entry.id, "progress")] = N_("Progress is a whole percent from 0 to 100.")
        if not said.done.strip():
            fields[field_name(entry.id, "done")] = N_("Say what was done, in a sentence at least.")
        for part in ("done", "problems", "next_steps", "help_wanted", "figure_reason"):
            if len(getattr(said, part)) > TEXT_LIMIT:
                fields[field_name(entry.id, part)] = N_("At most %(n)s characters.", n=TEXT_LIMIT)
        fields |= _check_quantities(entry.id, said, known[entry.id])
    return fields


def _check_quantities(entry_id: int, said: EntryBody, known: Known) -> dict[str, Sentence]:
    fields: dict[str, Sentence] = {}
    if set(said.quantities) - set(known.targets):
        raise NotFound
    for place, measure in enumerate(known.targets):
        figure = said.quantities.get(measure)
        if figure is None:
            fields[field_name(entry_id, f"q{place}")] = N_(
                "%(measure)s is missing or no whole number.", measure=measure
            )
        elif figure < 0:
            fields[field_name(entry_id, f"q{place}")] = N_(
                "%(measure)s: a cumulative figure cannot be negative.", measure=measure
            )
        elif figure > 2_000_000_000:
            fields[field_name(entry_id, f"q{place}")] = N_("%(measure)s: too large.", measure=measure)
    return fields


def content_of(body: ReportBody) -> str:
    """The report as one canonical text; its hash stands in the audit trail."""
    entries = [
        {
            "entry": said.entry_id,
            "progress": said.progress,
            "done": said.done,
            "problems": said.problems,
            "next_steps": said.next_steps,
            "help_wanted": said.help_wanted,
            "figure_reason": said.figure_reason,
            "quantities": dict(said.quantities),
            "attachments": sorted(said.attachment_ids),
        }
        for said in sorted(body.entries, key=lambda said: said.entry_id)
    ]
    return canonical_json({"nil": body.nil, "nil_reason": body.nil_reason, "entries": entries})
