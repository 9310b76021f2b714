"""What a report says, before it is handed in: its parts, what makes it complete, which figures are odd.

What is odd (figures that fall, exceed the target or contradict each other; words copied from the period before or
saying nothing) is not refused: the unit mends it or says why it is right, and the reviewer reads the reason.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from difflib import SequenceMatcher
from typing import Any

from peewee import fn

from supervisor.core.days import in_a_row
from supervisor.core.form_answers import UNASKED, Answers
from supervisor.errors import Invalid, NotFound
from supervisor.fields import canonical_json
from supervisor.models import (
    Assignment,
    Entry,
    EntryState,
    Light,
    Obligation,
    Problem,
    ProblemAnswer,
    ProblemState,
    QuantityTarget,
    ReportEntry,
)
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
    #: The unit's own rating of its part; None = none given.
    self_light: Light | None = None
    #: Open problem -> how it was solved; the others are still open.
    solved: Mapping[int, str] = field(default_factory=dict)


@dataclass(frozen=True)
class ReportBody:
    """A whole report: an entry for each open task, or nil with its reason."""

    entries: Sequence[EntryBody] = ()
    nil: bool = False
    nil_reason: str = ""
    #: What was typed in the fields of the rule's form.
    answers: Answers = UNASKED


@dataclass(frozen=True)
class Known:
    """What is known of a task before this report: progress and quantities last accepted, targets, last words."""

    progress: int | None
    targets: Mapping[str, int]
    accepted: Mapping[str, int | None]
    #: What the unit wrote as done in the period before; empty = nothing.
    done: str = ""
    #: Open problems of the unit with this task: the form asks whether each still stands.
    problems: Sequence[Problem] = ()


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
    """Entry id -> what was last accepted of its task and last said, for entries of one obligation; three queries."""
    targets: dict[tuple[int, int], list[tuple[str, int, int | None]]] = {}
    words, standing = _words_before(entries), _standing_problems(entries)
    pairs = {(entry.task_id, entry.assignment.unit_id) for entry in entries}
    wanted = sorted({task for task, _ in pairs}), sorted({unit for _, unit in pairs})
    for task_id, unit_id, measure, target, accepted in _targets_of(*wanted):
        targets.setdefault((task_id, unit_id), []).append((measure, target, accepted))
    return {
        entry.id: Known(
            entry.assignment.progress,
            {m: t for m, t, _ in targets.get((entry.task_id, entry.assignment.unit_id), [])},
            {m: a for m, _, a in targets.get((entry.task_id, entry.assignment.unit_id), [])},
            words.get(entry.assignment_id, ""),
            standing.get(entry.task_id, ()),
        )
        for entry in entries
    }


def _standing_problems(entries: Sequence[Entry]) -> dict[int, list[Problem]]:
    """Task -> the unit's problems that other reports raised and that are open, or solved by this very report."""
    found: dict[int, list[Problem]] = {}
    if entries:
        first = entries[0]
        for problem in _problems_of(
            first.assignment.unit_id, [e.task_id for e in entries], first.obligation_id
        ):
            found.setdefault(problem.task_id, []).append(problem)
    return found


@statement
def _problems_of(unit_id: Any, task_ids: Any, obligation_id: Any) -> Any:
    own, ours = Entry.alias(), Entry.alias()
    settled = (
        ProblemAnswer.select(ProblemAnswer.problem)
        .join(ReportEntry)
        .join(ours, on=(ReportEntry.entry == ours.id))
        .where(ours.obligation == obligation_id)
    )
    open_or_ours = (Problem.state == ProblemState.OPEN) | (
        (Problem.state == ProblemState.SOLVED) & Problem.id.in_(settled)
    )
    raised_here = Entry.select(own.id).from_(own).where(own.obligation == obligation_id)
    mine = (Problem.unit == unit_id) & among(Problem.task, task_ids) & Problem.entry.not_in(raised_here)
    return Problem.select().where(mine & open_or_ours).order_by(Problem.raised_month, Problem.id)


def _words_before(entries: Sequence[Entry]) -> dict[int, str]:
    """Assignment -> what was written as done in the newest report before these entries' own."""
    if not entries:
        return {}
    rows = _earlier_words([entry.assignment_id for entry in entries], entries[0].obligation_id)
    return dict(rows)  # the newest comes last and stays


@statement
def _earlier_words(links: Any, obligation_id: Any) -> Any:
    own, before = Obligation.alias(), Obligation.alias()
    last = (
        Obligation.select(fn.MAX(before.period))
        .from_(before)
        .join(own, on=(before.rule == own.rule) & (before.unit == own.unit) & (before.period < own.period))
        .where((own.id == obligation_id) & before.first_submitted_at.is_null(is_null=False))
    )
    this = Obligation.alias()
    return (
        ReportEntry.select(Entry.assignment, ReportEntry.done)
        .join(Entry)
        .join(Obligation)
        .join(this, on=(Obligation.rule == this.rule) & (Obligation.unit == this.unit))
        .where((this.id == obligation_id) & (Obligation.period == last) & among(Entry.assignment, links))
        .order_by(ReportEntry.id)
        .tuples()
    )


def warnings(obligation: Obligation, body: ReportBody) -> dict[int, list[Sentence]]:
    """Entry id -> what wants a reason: figures that fall, exceed or contradict, words that say nothing new."""
    return _odd_entries(body, known_of(wanted_entries(obligation)))


def _odd_entries(body: ReportBody, known: Mapping[int, Known]) -> dict[int, list[Sentence]]:
    return {
        said.entry_id: found
        for said in body.entries
        if said.entry_id in known and (found := _odd(said, known[said.entry_id]))
    }


def _odd(said: EntryBody, known: Known) -> list[Sentence]:
    return [*_odd_progress(said, known), *_odd_quantities(said, known), *_odd_words(said, known)]


def _odd_progress(said: EntryBody, known: Known) -> Iterator[Sentence]:
    if said.progress is None:
        return
    if known.progress is not None and said.progress < known.progress:
        yield N_(
            "Progress falls from %(old)s%% (accepted) to %(new)s%%.", old=known.progress, new=said.progress
        )
    short = [
        measure
        for measure, target in known.targets.items()
        if (figure := said.quantities.get(measure)) is not None and figure < target
    ]
    if said.progress == 100 and short:
        yield N_("Progress is 100%%, yet %(measure)s is below its target.", measure="、".join(short))


def _odd_quantities(said: EntryBody, known: Known) -> Iterator[Sentence]:
    for measure, figure in said.quantities.items():
        before, target = known.accepted.get(measure), known.targets.get(measure)
        if figure is None:
            continue
        if before is not None and figure < before:
            yield N_(
                "%(measure)s: the cumulative figure falls from %(old)s to %(new)s.",
                measure=measure,
                old=before,
                new=figure,
            )
        if target is not None and figure > target:
            yield N_(
                "%(measure)s: %(new)s is more than the target of %(target)s.",
                measure=measure,
                new=figure,
                target=target,
            )


def _odd_words(said: EntryBody, known: Known) -> Iterator[Sentence]:
    if says_nothing(said.done):
        yield N_("What was done says nothing that can be checked.")
    elif is_copy(said.done, known.done):
        yield N_("What was done reads as in the period before.")


#: Words that report nothing: a reader could not tell one month from another.
STOCK_PHRASES = re.compile(
    r"(无|暂无|没有|同上(月|期)?|略|正常"
    r"|(正在|正|持续|有序|稳步|按计划|按要求|积极|扎实|正常|继续)+(推进|开展|进行|落实|实施)(中|该?项?工作)?)+"
)
_MARKS = re.compile(r"[\W_]+")
#: Texts this alike, of at least so many characters, are one text with a date changed.
ALIKE, LONG = 0.95, 20
#: Characters compared at most: the comparison grows with their square.
COMPARED = 600


def bare_words(text: str) -> str:
    """The text without spaces, punctuation and differences of width."""
    return _MARKS.sub("", unicodedata.normalize("NFKC", text))


def says_nothing(text: str) -> bool:
    """Whether a text consists of stock phrases alone; an empty one is missing, not stock."""
    bare = bare_words(text)
    return bool(text.strip()) and (not bare or STOCK_PHRASES.fullmatch(bare) is not None)


def is_copy(text: str, before: str) -> bool:
    """Whether a report's words are those of the report before, but for marks, digits or a few characters."""
    new, old = bare_words(text), bare_words(before)
    if not new or not old:
        return False
    if new == old:
        return True
    if min(len(new), len(old)) < LONG or abs(len(new) - len(old)) > len(old) // 10:
        return False
    return SequenceMatcher(None, new[:COMPARED], old[:COMPARED], autojunk=False).ratio() >= ALIKE


def field_name(entry_id: int, name: str) -> str:
    """The name of an entry's field in forms and in `Invalid.fields`."""
    return f"e{entry_id}-{name}"


def check(
    entries: Sequence[Entry],
    body: ReportBody,
    known: Mapping[int, Known],
    wrong: Mapping[str, Sentence],
    odd_form: Mapping[str, Sentence],
) -> None:
    """Everything wrong at once, in the rule's form (`wrong`, `odd_form`) too; `known` as `known_of` says it."""
    fields: dict[str, Sentence] = {}
    if body.nil:
        if not body.nil_reason.strip():
            fields["nil_reason"] = N_("Say why there is nothing to report.")
        if any(entry.state is EntryState.RETURNED for entry in entries):
            fields["nil"] = N_(
                "An entry was returned: it wants an answer, a nil report cannot take its place."
            )
    else:
        fields |= {**_check_entries(entries, body, known), **wrong}
    if len(body.nil_reason) > TEXT_LIMIT:
        fields["nil_reason"] = N_("At most %(n)s characters.", n=TEXT_LIMIT)
    if fields:
        raise Invalid(
            N_("The report was not submitted. It is complete when each task has its entry."), fields
        )
    odd = {} if body.nil else _odd_entries(body, known)
    by_id = {said.entry_id: said for said in body.entries}
    unexplained = {
        field_name(key, "figure_reason"): N_("%(odd)s Mend it, or say why it is right.", odd=in_a_row(found))
        for key, found in odd.items()
        if not by_id[key].figure_reason.strip()
    }
    unexplained |= odd_form
    if unexplained:
        raise Invalid(N_("Something is unusual. Mend it or give a reason."), unexplained)


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
        fields |= _check_solved(entry.id, said, known[entry.id])
    return fields


def _check_solved(entry_id: int, said: EntryBody, known: Known) -> dict[str, Sentence]:
    if set(said.solved) - {problem.id for problem in known.problems}:
        raise NotFound
    fields: dict[str, Sentence] = {}
    for problem_id, how in said.solved.items():
        if not how.strip():
            fields[field_name(entry_id, f"p{problem_id}-how")] = N_("Say how the problem was solved.")
        elif len(how) > TEXT_LIMIT:
            fields[field_name(entry_id, f"p{problem_id}-how")] = N_("At most %(n)s characters.", n=TEXT_LIMIT)
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


def content_of(body: ReportBody, form: Mapping[str, Any]) -> str:
    """The report as one canonical text, with what its form says; its hash stands in the audit trail."""
    entries = [
        {
            "entry": said.entry_id,
            "progress": said.progress,
            "done": said.done,
            "problems": said.problems,
            "next_steps": said.next_steps,
            "help_wanted": said.help_wanted,
            "figure_reason": said.figure_reason,
            "self_light": said.self_light.value if said.self_light else "",
            "quantities": dict(said.quantities),
            "attachments": sorted(said.attachment_ids),
            "solved": {str(key): how for key, how in said.solved.items()},
        }
        for said in sorted(body.entries, key=lambda said: said.entry_id)
    ]
    return canonical_json({"nil": body.nil, "nil_reason": body.nil_reason, "entries": entries, **form})
