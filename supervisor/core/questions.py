"""What a person must decide before a draft ledger becomes a plan: questions with their answers as choices. Pure.

What was read from an explicit mark does not ask. A grave question stops adopting; the others are answered, or
left open knowingly. An answer is a short JSON text that the page sends back and `answers` carries out.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from supervisor.core.draft_ledger import Ledger
from supervisor.core.draft_rows import LedgerCollective, LedgerTask
from supervisor.core.half_names import half_names
from supervisor.core.printed_names import EMPTY, Register
from supervisor.core.same_units import Mention, Pair, open_pairs
from supervisor.core.unit_names import name_key
from supervisor.core.unread_clauses import Clause, unread_clauses
from supervisor.errors import Obstacle
from supervisor.intake import sums
from supervisor.words import N_, Sentence

#: Problems of the reading that are worked out anew from the corrected ledger.
RECHECKED = frozenset(
    {
        "no_task", "duties_only", "no_unit", "no_lead", "unnamed_collective", "no_date", "running_text",
        "not_in_roster", "no_work", "sum_differs", "sum_incomplete",
    }
)  # fmt: skip
#: The question that confirms all plain pairs of names at once.
SAME_NAMES = "same-names"
#: Usual reasons why a clause is no task, offered as buttons.
NO_TASK = (
    N_("says how work is done, not what"),
    N_("stands in another task already"),
    N_("not for units of this plan"),
)


@dataclass(frozen=True)
class Choice:
    """A button under a question: an answer to send, or an editor of the page to open."""

    label: Sentence
    answer: str = ""
    opens: str = ""


@dataclass(frozen=True)
class Question:
    """Something a person decides: where it stands in the source and on the page, and what can be answered."""

    key: str
    sentence: Sentence
    choices: tuple[Choice, ...] = ()
    line: int | None = None
    #: The item of the page beside which it is asked.
    anchor: str = ""
    #: Stops adopting.
    grave: bool = False
    #: The same beside its item, where the item need not be named again.
    brief: Sentence | None = None
    #: The two names it is about, with their clauses.
    pair: Pair | None = None
    #: The clause that prints the name it is about.
    at: Mention | None = None


def answer(act: str, *arguments: object) -> str:
    """An answer as the page sends it back."""
    return json.dumps([act, *arguments], ensure_ascii=False, separators=(",", ":"))


def questions(
    ledger: Ledger,
    register: Register = EMPTY,
    pairs: Sequence[Pair] | None = None,
    clauses: Sequence[Clause] | None = None,
) -> list[Question]:
    """All open questions in the order of the page: head, tasks, clauses, names, collective names, the rest.

    `pairs` are the open pairs of names and `clauses` the open ones, where the caller has found them already.
    """
    return [
        *_head_questions(ledger),
        *(question for task in ledger.live for question in task_questions(task)),
        *clause_questions(open_clauses(ledger) if clauses is None else clauses),
        *pair_questions(open_pairs(ledger, register) if pairs is None else pairs),
        *half_questions(ledger, register),
        *(question for row in ledger.collectives for question in collective_questions(ledger, row)),
        *_problem_questions(ledger),
    ]


def obstacles(ledger: Ledger, link: str, register: Register = EMPTY) -> list[Obstacle]:
    """Grave questions as what stands in the way of adopting; `link` is the review page's path."""
    grave = [*_head_questions(ledger), *(q for task in ledger.live for q in task_questions(task))]
    grave += half_questions(ledger, register)
    grave += _problem_questions(ledger)
    return [
        Obstacle(question.sentence, f"{link}#{question.anchor or question.key}")
        for question in grave
        if question.grave
    ]


def _head_questions(ledger: Ledger) -> Iterator[Question]:
    if not ledger.live and not ledger.standing:
        if ledger.duties:
            text = N_(
                "No task carries units; the %(count)s duties can become standing tasks.",
                count=len(ledger.duties),
            )
            everything = Choice(N_("All duties become standing tasks"), answer("all_standing"))
            yield Question("no_task", text, (everything,), anchor="duties", grave=True)
        else:
            add = Choice(N_("Add a task by hand"), opens="task-new")
            yield Question(
                "no_task", N_("No task was found in this text."), (add,), anchor="task-new", grave=True
            )
    if ledger.issued_on is None:
        text = N_("The date of the notice is missing; nothing is owed for times before it.")
        yield Question(
            "no_date", text, (Choice(N_("Enter the date"), opens="head"),), anchor="head", grave=True
        )


def task_questions(task: LedgerTask) -> Iterator[Question]:
    """What is to be decided at a task: its units, who leads, units read from running text."""
    anchor = f"task-{task.key}"
    edit = Choice(N_("Correct the units"), opens=anchor)
    if not task.units:
        drop = [
            Choice(_leave_out(reason), answer("drop_task", task.key, number))
            for number, reason in enumerate(NO_TASK)
        ]
        text = N_("“%(task)s” names no unit.", task=task.title)
        brief = N_("No unit is named.")
        yield Question(f"no_unit-{task.key}", text, (edit, *drop), task.line, anchor, grave=True, brief=brief)
    elif not task.lead and not task.each_answers:
        text = N_(
            "“%(task)s” names no lead unit: name one, or confirm that each answers for itself.",
            task=task.title,
        )
        choices = (
            Choice(N_("Each answers for itself"), answer("each_answers", task.key)),
            Choice(N_("%(unit)s leads", unit=task.responsible[0]), answer("first_leads", task.key)),
            edit,
        )
        brief = N_("No lead unit is named.")
        yield Question(f"no_lead-{task.key}", text, choices, task.line, anchor, grave=True, brief=brief)
    if is_unsure(task):
        text = N_("The units of “%(task)s” were read from running text.", task=task.title)
        right = Choice(N_("Right as read"), answer("accept", task.key))
        brief = N_("The units were read from running text.")
        yield Question(f"running-{task.key}", text, (right, edit), task.line, anchor, brief=brief)


def is_unsure(task: LedgerTask) -> bool:
    """Whether its units were read from running text and nobody has looked at them."""
    return not (task.certain or task.accepted or task.corrected)


def _leave_out(reason: Sentence) -> Sentence:
    return N_("Leave out: %(reason)s", reason=reason)


def open_clauses(ledger: Ledger) -> list[Clause]:
    """Unread clauses that nobody has set aside."""
    return [clause for clause in unread_clauses(ledger) if ledger.answer_to(clause.anchor) is None]


def clause_questions(clauses: Iterable[Clause]) -> Iterator[Question]:
    """Clauses that look like work and became nothing."""
    for clause in clauses:
        yield Question(
            clause.anchor,
            N_("This clause names units and work, but became nothing."),
            (
                Choice(N_("Make it a task"), answer("clause_task", clause.start)),
                Choice(N_("Make it a standing duty"), answer("clause_duty", clause.start)),
                *(
                    Choice(
                        N_("Set aside: %(reason)s", reason=reason),
                        answer("clause_aside", clause.start, number),
                    )
                    for number, reason in enumerate(NO_TASK)
                ),
            ),
            clause.line,
            clause.anchor,
        )


def pair_questions(pairs: Sequence[Pair]) -> Iterator[Question]:
    """Names that may be one unit: the plain pairs as one question, the others singly; nothing merges by itself."""
    plain = [pair for pair in pairs if pair.is_plain]
    if plain:
        text = N_(
            "%(count)s names are another form of a name beside them. Confirm them together.", count=len(plain)
        )
        yield Question(SAME_NAMES, text, line=plain[0].at.line, anchor=SAME_NAMES)
    for pair in pairs:
        if not pair.is_plain:
            yield _single_pair(pair)


def _single_pair(pair: Pair) -> Question:
    text = N_("Are “%(one)s” and “%(two)s” one unit?", one=pair.name, two=pair.unit)
    choices = [Choice(N_("One unit: %(unit)s", unit=pair.unit), answer("same", pair.name, pair.unit))]
    if pair.either:
        other = Choice(N_("One unit: %(unit)s", unit=pair.name), answer("same", pair.unit, pair.name))
        choices.append(other)
    if not pair.is_former:
        choices.append(Choice(N_("Two units"), answer("apart", pair.name, pair.unit)))
    return Question(pair.key, text, tuple(choices), pair.at.line, pair.key, pair=pair)


def half_questions(ledger: Ledger, register: Register) -> Iterator[Question]:
    """Names that are only half of a unit's: which unit, a unit of its own, a group that stays open, or none."""
    for half in half_names(ledger, register):
        text = N_("“%(name)s” does not read like a whole unit. What is it?", name=half.name)
        own = Choice(N_("A unit of its own"), answer("own", half.name))
        several = Choice(N_("Several units, still to be named"), answer("open_group", half.name))
        choices = (
            *(
                Choice(N_("It is %(unit)s", unit=unit), answer("same", half.name, unit))
                for unit in half.units
            ),
            *((several, own) if half.is_field else (own, several)),
            Choice(N_("No unit: take it out"), answer("no_unit", half.name)),
        )
        yield Question(half.key, text, choices, half.at.line, half.key, grave=half.is_field, at=half.at)


def collective_questions(ledger: Ledger, row: LedgerCollective) -> Iterator[Question]:
    """Who belongs to a collective name that a task or confirmed duty uses."""
    used = {name_key(name) for name in ledger.tokens}
    if row.confirmed or name_key(row.token) not in used:
        return
    anchor = f"collective-{row.key}"
    name = Choice(N_("Name its units"), opens=anchor)
    if not row.members:
        if ledger.answer_to(f"members-{row.key}") is None:
            text = N_("The notice does not say who belongs to %(token)s.", token=row.token)
            later = Choice(
                N_("Not known yet: it must be named before the plan is issued"), answer("open", row.key)
            )
            yield Question(f"members-{row.key}", text, (name, later), row.line, anchor)
        return
    text = N_(
        "Confirm who belongs to %(token)s (%(count)s proposed).", token=row.token, count=len(row.members)
    )
    choices = (
        Choice(N_("The %(count)s that are ticked", count=len(row.chosen)), answer("members", row.key)),
        Choice(N_("Choose among them"), opens=anchor),
    )
    yield Question(f"members-{row.key}", text, choices if row.chosen else (name,), row.line, anchor)


def _problem_questions(ledger: Ledger) -> list[Question]:
    found = []
    for place, problem in enumerate(ledger.read.problems):
        key = f"problem-{place}"
        if problem.code in RECHECKED or ledger.answer_to(key) is not None:
            continue
        right = Choice(N_("Seen; it stays as it is"), answer("settle", key))
        sentence = Sentence(problem.message, problem.params)
        found.append(Question(key, sentence, (right,), problem.line, key, grave=problem.grave))
    return found + _sum_questions(ledger)


def _sum_questions(ledger: Ledger) -> list[Question]:
    """Totals that their parts do not make (C31), as corrected so far; figures changed since are asked about anew."""
    found = []
    rows = [row for row in ledger.targets if not row.dropped]
    stated = [sums.Quantity(row.text, row.value, row.measure, row.verb, row.due_on, row.line) for row in rows]
    for one in sums.sums_of(stated):
        sentence = sums.told(one)
        reached = one.total.value - one.difference
        key = f"problem-sum-{rows[stated.index(one.total)].key}-{reached:f}"
        if sentence is not None and ledger.answer_to(key) is None:
            right = Choice(N_("Seen; it stays as it is"), answer("settle", key))
            found.append(Question(key, sentence, (right,), one.total.line, key))
    return found
