"""The draft ledger under review: what was read from a notice, with the reviewer's corrections. Pure.

It is kept in `Document.draft` beside the untouched reading, so that every correction can be
told from what was read. Nothing here is a plan: `plans.adopt` makes one after a person has confirmed.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, fields, replace
from datetime import date
from typing import Any

from supervisor.core.draft_rows import (
    LedgerCollective,
    LedgerDuty,
    LedgerLiaison,
    LedgerMember,
    LedgerPerson,
    LedgerPhase,
    LedgerRhythm,
    LedgerRule,
    LedgerTarget,
    LedgerTask,
    NameDecision,
    Settled,
    Spans,
)
from supervisor.core.rule_proposals import proposed_phases, proposed_rules
from supervisor.core.unit_names import name_key
from supervisor.intake import Draft, DraftTask, Place, draft_from_json, draft_to_json
from supervisor.intake.storage import hints_of, rebuilt, to_plain

_SEPARATORS = re.compile(r"[、,，;；\n]+")

#: Word in the page's anchors → field of the ledger.
KINDS = {
    "task": "tasks", "duty": "duties", "collective": "collectives", "person": "roster", "target": "targets",
    "rhythm": "rhythms", "liaison": "liaison", "name": "names", "settled": "settled",
    "report": "reporting", "phase": "phases",
}  # fmt: skip


@dataclass(frozen=True)
class Ledger:
    """The whole draft as it stands now, and the reading it came from."""

    read: Draft
    title: str
    issued_on: date | None
    tasks: tuple[LedgerTask, ...] = ()
    collectives: tuple[LedgerCollective, ...] = ()
    roster: tuple[LedgerPerson, ...] = ()
    duties: tuple[LedgerDuty, ...] = ()
    targets: tuple[LedgerTarget, ...] = ()
    rhythms: tuple[LedgerRhythm, ...] = ()
    liaison: tuple[LedgerLiaison, ...] = ()
    reporting: tuple[LedgerRule, ...] = ()
    phases: tuple[LedgerPhase, ...] = ()
    names: tuple[NameDecision, ...] = ()
    settled: tuple[Settled, ...] = ()
    issuer: str = ""
    numbers: tuple[str, ...] = ()
    published_on: date | None = None
    #: The plan into which the confirmed changes of this re-issued notice went.
    amends: int | None = None

    @property
    def live(self) -> tuple[LedgerTask, ...]:
        """Tasks that will be adopted."""
        return tuple(task for task in self.tasks if not task.dropped)

    @property
    def standing(self) -> tuple[LedgerDuty, ...]:
        """Duties that become standing tasks (D4)."""
        return tuple(duty for duty in self.duties if duty.standing and not duty.dropped)

    @property
    def tokens(self) -> tuple[str, ...]:
        """Every name at a live task or a confirmed duty, each once, in the order of the notice."""
        names = [name for task in self.live for name in task.units]
        names += [name for duty in self.standing for name in duty.units]
        return tuple(dict.fromkeys(names))

    @property
    def printed_names(self) -> tuple[str, ...]:
        """As `tokens`, with the names of all duties, also of those that nobody has confirmed yet."""
        names = [name for task in self.live for name in task.units]
        names += [name for duty in self.duties if not duty.dropped for name in duty.units]
        return tuple(dict.fromkeys(names))

    def collective(self, token: str) -> LedgerCollective | None:
        """The collective of this name, if the name is one."""
        return next((c for c in self.collectives if name_key(c.token) == name_key(token)), None)

    def unit_of(self, name: str) -> str:
        """The unit's name that a person chose for a printed name, or the name itself."""
        return next((n.unit for n in self.names if n.unit and name_key(n.key) == name_key(name)), name)

    def answer_to(self, question: str) -> Settled | None:
        """How a question was answered, if it was."""
        return next((settled for settled in self.settled if settled.key == question), None)

    def expanded(self, resolve: Callable[[str], str] | None = None) -> tuple[int, int]:
        """Lead and responsible links once collective names stand for their members, a unit once in a task.

        `resolve` turns a printed name into its unit's, for aliases of the register.
        """
        say = resolve or self.unit_of
        groups = {name_key(c.token): [member.name for member in c.chosen] for c in self.collectives}

        def members(names: tuple[str, ...]) -> set[str]:
            found = [one for name in names for one in groups.get(name_key(name), [name])]
            return {name_key(say(name)) for name in found}

        leads = others = 0
        for task in self.live:
            first = members(task.lead)
            leads, others = leads + len(first), others + len(members(task.responsible) - first)
        return leads, others + sum(len(members(duty.units)) for duty in self.standing)

    def rows(self, kind: str) -> tuple[Any, ...]:
        """The rows of a kind (see `KINDS`)."""
        found: tuple[Any, ...] = getattr(self, KINDS[kind])
        return found

    def row(self, kind: str, key: int | str) -> Any:
        """The row of this kind and key, or None."""
        return next((row for row in self.rows(kind) if row.key == key), None)

    def new_key(self, kind: str) -> int:
        """A key that no row of this kind has or had in the reading."""
        return max((row.key for row in self.rows(kind)), default=-1) + 1

    def with_row(self, kind: str, changed: Any, *, after: int | None = None) -> Ledger:
        """The ledger with one row replaced, or added: behind the row with key `after`, else at the end."""
        rows = self.rows(kind)
        if any(row.key == changed.key for row in rows):
            new = tuple(changed if row.key == changed.key else row for row in rows)
        else:
            place = next((n for n, row in enumerate(rows, start=1) if row.key == after), len(rows))
            new = (*rows[:place], changed, *rows[place:])
        return self._with(kind, new)

    def without_row(self, kind: str, key: int | str) -> Ledger:
        """The ledger without the row of this key."""
        return self._with(kind, tuple(row for row in self.rows(kind) if row.key != key))

    def _with(self, kind: str, rows: tuple[Any, ...]) -> Ledger:
        values: dict[str, Any] = {KINDS[kind]: rows}
        return replace(self, **values)

    def task(self, key: int) -> LedgerTask | None:
        """The task with this key."""
        found: LedgerTask | None = self.row("task", key)
        return found

    @property
    def counts(self) -> dict[str, int]:
        """Figures for the page's head: tasks, unit names, links as printed."""
        return {
            "tasks": len(self.live) + len(self.standing),
            "tokens": len(self.tokens),
            "links": sum(len(task.units) for task in self.live),
            "roster": sum(not person.dropped for person in self.roster),
        }


#: Fields of the ledger that a review changes.
REVIEWED = tuple(field.name for field in fields(Ledger) if field.name != "read")


def from_reading(draft: Draft) -> Ledger:
    """The ledger as read, before anybody corrected it."""
    paper = draft.document
    return Ledger(
        read=draft,
        title=paper.title,
        issued_on=paper.issued or paper.published,
        issuer=paper.issuer or "",
        numbers=paper.doc_numbers,
        published_on=paper.published,
        tasks=tuple(_task_of(place, task) for place, task in enumerate(draft.tasks)),
        collectives=_collectives(draft),
        roster=_roster(draft),
        duties=tuple(
            LedgerDuty(
                key,
                duty.units,
                duty.text,
                duty.place.line,
                _span(duty.place),
                verbs=tuple(dict.fromkeys(clause.verb for clause in duty.clauses if clause.verb)),
            )
            for key, duty in enumerate(draft.duties)
        ),
        targets=tuple(
            LedgerTarget(key, t.text, t.value, t.unit_of_measure, t.verb, t.due, t.place.line, _span(t.place))
            for key, t in enumerate(draft.targets)
        ),
        rhythms=_rhythms(draft),
        reporting=proposed_rules(draft),
        phases=proposed_phases(draft),
        liaison=tuple(
            LedgerLiaison(
                key,
                rule.text,
                rule.units,
                rule.count,
                rule.place.line,
                _span(rule.place),
                rank=rule.rank or "",
            )
            for key, rule in enumerate(draft.liaison)
        ),
    )


def _span(place: Place) -> Spans:
    return ((place.start, place.end),)


def _task_of(key: int, task: DraftTask) -> LedgerTask:
    dates = [deadline.date for deadline in task.deadlines if deadline.date]
    return LedgerTask(
        key=key,
        title=task.title,
        lead=task.lead,
        responsible=task.responsible,
        number=task.number,
        path=task.path,
        text=task.text,
        line=task.place.line,
        spans=_span(task.place),
        due_on=max(dates, default=None),
        due_from_notice=bool(dates),
        dates=tuple(dict.fromkeys(deadline.text for deadline in task.deadlines)),
        certain=task.certain,
    )


def _collectives(draft: Draft) -> tuple[LedgerCollective, ...]:
    return tuple(
        LedgerCollective(
            token=c.token,
            definition=c.definition or "",
            line=c.place.line,
            spans=_span(c.place),
            members=tuple(
                LedgerMember(p.name, p.member, p.post, p.note, certain=p.certain, ticked=p.certain)
                for p in c.proposed
            ),
            key=key,
        )
        for key, c in enumerate(draft.collectives)
    )


def _roster(draft: Draft) -> tuple[LedgerPerson, ...]:
    people = [
        LedgerPerson(m.role, m.name, m.post, m.unit or "", m.place.line, m.body, spans=_span(m.place))
        for m in draft.members
    ]
    # A place without a person names its unit as a post does (E-09).
    people += [
        LedgerPerson(
            p.role, "", p.post, getattr(p, "unit", None) or "", p.place.line, p.body, spans=_span(p.place)
        )
        for p in draft.posts
    ]
    return tuple(replace(person, key=key) for key, person in enumerate(people))


def _rhythms(draft: Draft) -> tuple[LedgerRhythm, ...]:
    found = [
        LedgerRhythm(0, c.what, c.text, c.recur, None, c.place.line, _span(c.place), is_cadence=True)
        for c in draft.cadences
    ]
    said = {c.place for c in draft.cadences}
    found += [
        LedgerRhythm(0, d.where, d.text, d.recur or "", d.date, d.place.line, _span(d.place))
        for d in draft.other_deadlines
        if d.date or d.place not in said
    ]
    return tuple(replace(row, key=key) for key, row in enumerate(found))


def split_names(text: str) -> tuple[str, ...]:
    """Unit names as typed, split at 、 ， ； or a new line, each once."""
    return tuple(dict.fromkeys(name.strip() for name in _SEPARATORS.split(text) if name.strip()))


# Storage: without loss; older drafts, kept before a field existed, read as they were read then ----------------------


def to_json(ledger: Ledger) -> dict[str, Any]:
    """The ledger as kept in `Document.draft`; without loss."""
    return {"read": draft_to_json(ledger.read), "review": review_of(ledger)}


def from_json(kept: Mapping[str, Any]) -> Ledger:
    """The ledger that `to_json` wrote."""
    return with_review(from_reading(draft_from_json(kept["read"])), kept["review"])


def review_of(ledger: Ledger) -> dict[str, Any]:
    """What a review changes, as plain JSON values."""
    return {name: to_plain(getattr(ledger, name)) for name in REVIEWED}


def with_review(ledger: Ledger, review: Mapping[str, Any]) -> Ledger:
    """The ledger with these values, as `review_of` gave them; what is not among them stays."""
    hints = hints_of(Ledger)
    return replace(
        ledger,
        **{
            name: rebuilt(hints[name], review[name], skip_unknown=True) for name in REVIEWED if name in review
        },
    )
