"""The draft ledger under review: what was read from a notice, with the reviewer's corrections. Pure.

It is kept in `Document.draft` as JSON beside the untouched reading, so that every correction can be told from
what was read. Nothing here is a plan: `plans.adopt` makes one after a person has confirmed.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, replace
from datetime import date
from typing import Any

from supervisor.core.units import name_key, similar_names
from supervisor.errors import Obstacle
from supervisor.intake import Draft, DraftTask, draft_from_json, draft_to_json
from supervisor.words import N_, Sentence

#: Problems that are worked out anew from the corrected ledger, not taken from the reading.
RECHECKED = frozenset({"no_task", "duties_only", "no_unit", "no_lead", "unnamed_collective", "no_date"})
#: A printed mark of who answers: its line must have become a task, a duty or a rule.
_MARKED = re.compile(r"(?:牵头|责任|配合|主办|协办|承办)(?:单位|部门)?[:：]")
_SEPARATORS = re.compile(r"[、,，;；\n]+")


@dataclass(frozen=True)
class LedgerTask:
    """A task as it will be adopted. `line` None = added by hand; `dropped` holds the reason for leaving it out."""

    key: int
    title: str
    lead: tuple[str, ...] = ()
    responsible: tuple[str, ...] = ()
    number: str = ""
    path: tuple[str, ...] = ()
    text: str = ""
    line: int | None = None
    due_on: date | None = None
    due_from_notice: bool = False
    dropped: str = ""
    #: D3: nobody leads, every unit answers for itself.
    each_answers: bool = False
    corrected: bool = False

    @property
    def units(self) -> tuple[str, ...]:
        """All names at the task, lead first, each once."""
        return tuple(dict.fromkeys((*self.lead, *self.responsible)))


@dataclass(frozen=True)
class LedgerMember:
    """A unit proposed for a collective name, and who in the roster stands for it."""

    name: str
    person: str = ""
    post: str = ""
    note: str = ""
    certain: bool = True
    ticked: bool = True


@dataclass(frozen=True)
class LedgerCollective:
    """A collective name such as 各区人民政府; its members count once a person has confirmed them."""

    token: str
    definition: str = ""
    line: int | None = None
    members: tuple[LedgerMember, ...] = ()
    confirmed: bool = False

    @property
    def chosen(self) -> tuple[LedgerMember, ...]:
        """The members a person ticked."""
        return tuple(member for member in self.members if member.ticked)


@dataclass(frozen=True)
class LedgerPerson:
    """A line of the roster; `unit` is empty where the post names none."""

    role: str
    name: str
    post: str
    unit: str = ""
    line: int | None = None
    body: str = ""


@dataclass(frozen=True)
class Ledger:
    """The whole draft as it stands now, and the reading it came from."""

    read: Draft
    title: str
    issued_on: date | None
    tasks: tuple[LedgerTask, ...]
    collectives: tuple[LedgerCollective, ...]
    roster: tuple[LedgerPerson, ...]
    #: Places in `read.duties` that become standing tasks (D4).
    standing: frozenset[int] = frozenset()

    @property
    def live(self) -> tuple[LedgerTask, ...]:
        """Tasks that will be adopted."""
        return tuple(task for task in self.tasks if not task.dropped)

    @property
    def tokens(self) -> tuple[str, ...]:
        """Every name at a live task or a confirmed duty, each once, in the order of the notice."""
        names = [name for task in self.live for name in task.units]
        names += [name for place in sorted(self.standing) for name in self.read.duties[place].units]
        return tuple(dict.fromkeys(names))

    def collective(self, token: str) -> LedgerCollective | None:
        """The collective of this name, if the name is one."""
        return next((c for c in self.collectives if name_key(c.token) == name_key(token)), None)

    @property
    def expanded(self) -> tuple[int, int]:
        """Lead and responsible links once the collective names stand for their members, a unit once in a task."""
        leads = others = 0
        for task in self.live:
            first = {name_key(name) for token in task.lead for name in self._members(token)}
            rest = {name_key(name) for token in task.responsible for name in self._members(token)} - first
            leads, others = leads + len(first), others + len(rest)
        for place in self.standing:
            others += len(
                {name_key(n) for token in self.read.duties[place].units for n in self._members(token)}
            )
        return leads, others

    def _members(self, token: str) -> tuple[str, ...]:
        collective = self.collective(token)
        return tuple(member.name for member in collective.chosen) if collective else (token,)

    def task(self, key: int) -> LedgerTask | None:
        """The task with this key."""
        return next((task for task in self.tasks if task.key == key), None)

    def with_task(self, changed: LedgerTask) -> Ledger:
        """The ledger with one task replaced, or added at the end."""
        if self.task(changed.key) is None:
            return replace(self, tasks=(*self.tasks, changed))
        return replace(self, tasks=tuple(changed if t.key == changed.key else t for t in self.tasks))

    @property
    def counts(self) -> dict[str, int]:
        """Figures for the page's head: tasks, unit names, links as printed."""
        return {
            "tasks": len(self.live) + len(self.standing),
            "tokens": len(self.tokens),
            "links": sum(len(task.units) for task in self.live),
            "roster": len(self.roster),
        }


def from_reading(draft: Draft) -> Ledger:
    """The ledger as read, before anybody corrected it."""
    return Ledger(
        read=draft,
        title=draft.document.title,
        issued_on=draft.document.issued or draft.document.published,
        tasks=tuple(_task_of(place, task) for place, task in enumerate(draft.tasks)),
        collectives=tuple(
            LedgerCollective(
                token=c.token,
                definition=c.definition or "",
                line=c.place.line,
                members=tuple(
                    LedgerMember(p.name, p.member, p.post, p.note, certain=p.certain, ticked=p.certain)
                    for p in c.proposed
                ),
            )
            for c in draft.collectives
        ),
        roster=(
            *(
                LedgerPerson(m.role, m.name, m.post, m.unit or "", m.place.line, m.body)
                for m in draft.members
            ),
            *(LedgerPerson(p.role, "", p.post, "", p.place.line, p.body) for p in draft.posts),
        ),
    )


def _task_of(place: int, task: DraftTask) -> LedgerTask:
    dates = [deadline.date for deadline in task.deadlines if deadline.date]
    return LedgerTask(
        key=place,
        title=task.title,
        lead=task.lead,
        responsible=task.responsible,
        number=task.number,
        path=task.path,
        text=task.text,
        line=task.place.line,
        due_on=max(dates, default=None),
        due_from_notice=bool(dates),
    )


def to_json(ledger: Ledger) -> dict[str, Any]:
    """The ledger as kept in `Document.draft`; without loss."""
    plain = {
        "title": ledger.title,
        "issued_on": ledger.issued_on.isoformat() if ledger.issued_on else None,
        "tasks": [asdict(task) | {"due_on": _iso(task.due_on)} for task in ledger.tasks],
        "collectives": [asdict(collective) for collective in ledger.collectives],
        "roster": [asdict(person) for person in ledger.roster],
        "standing": sorted(ledger.standing),
    }
    return {"read": draft_to_json(ledger.read), "review": plain}


def from_json(kept: Mapping[str, Any]) -> Ledger:
    """The ledger that `to_json` wrote."""
    review = kept["review"]
    return Ledger(
        read=draft_from_json(kept["read"]),
        title=review["title"],
        issued_on=_date(review["issued_on"]),
        tasks=tuple(
            LedgerTask(
                **{
                    **task,
                    "due_on": _date(task["due_on"]),
                    **{name: tuple(task[name]) for name in ("lead", "responsible", "path")},
                }
            )
            for task in review["tasks"]
        ),
        collectives=tuple(
            LedgerCollective(**{**c, "members": tuple(LedgerMember(**m) for m in c["members"])})
            for c in review["collectives"]
        ),
        roster=tuple(LedgerPerson(**person) for person in review["roster"]),
        standing=frozenset(review["standing"]),
    )


def _iso(day: date | None) -> str | None:
    return day.isoformat() if day else None


def _date(text: str | None) -> date | None:
    return date.fromisoformat(text) if text else None


def split_names(text: str) -> tuple[str, ...]:
    """Unit names as typed, split at 、 ， ； or a new line, each once."""
    return tuple(dict.fromkeys(name.strip() for name in _SEPARATORS.split(text) if name.strip()))


@dataclass(frozen=True)
class Finding:
    """Something to look at on the review page: where it stands in the source, and where to mend it."""

    sentence: Sentence
    line: int | None = None
    anchor: str = ""
    grave: bool = False


def findings(ledger: Ledger) -> list[Finding]:
    """What a person must still look at, grave things first, then in the order of the notice."""
    found = [*_task_findings(ledger), *_collective_findings(ledger), *_other_findings(ledger)]
    return sorted(found, key=lambda finding: (not finding.grave, finding.line or 0))


def _task_findings(ledger: Ledger) -> Iterable[Finding]:
    if not ledger.live and not ledger.standing:
        duties = len(ledger.read.duties)
        text = N_("No task was found in this text.")
        if duties:
            text = N_("No task carries units; the %(count)s duties can become standing tasks.", count=duties)
        yield Finding(text, anchor="duties" if duties else "task-new", grave=True)
    for task in ledger.live:
        anchor = f"task-{task.key}"
        if not task.units:
            yield Finding(N_("“%(task)s” names no unit.", task=task.title), task.line, anchor, grave=True)
        elif not task.lead and not task.each_answers:
            text = N_(
                "“%(task)s” names no lead unit: name one, or confirm that each answers for itself.",
                task=task.title,
            )
            yield Finding(text, task.line, anchor, grave=True)
        for name in sorted(set(task.lead) & set(task.responsible)):
            text = N_(
                "%(unit)s stands twice in “%(task)s”; it will be lead unit once.", unit=name, task=task.title
            )
            yield Finding(text, task.line, anchor)


def _collective_findings(ledger: Ledger) -> Iterable[Finding]:
    used = {name_key(name) for name in ledger.tokens}
    for place, item in enumerate(ledger.collectives):
        if item.confirmed or name_key(item.token) not in used:
            continue
        text = N_(
            "Confirm who belongs to %(token)s (%(count)s proposed).",
            token=item.token,
            count=len(item.members),
        )
        if not item.members:
            text = N_("The notice does not say who belongs to %(token)s.", token=item.token)
        yield Finding(text, item.line, f"collective-{place}")


def _other_findings(ledger: Ledger) -> Iterable[Finding]:
    for problem in ledger.read.problems:
        if problem.code not in RECHECKED:
            yield Finding(Sentence(problem.message, problem.params), problem.line, grave=problem.grave)
    for line in unread_lines(ledger):
        yield Finding(N_("This line names units, but nothing was read from it."), line)
    for one, two in similar_names(ledger.tokens):
        yield Finding(N_("“%(one)s” and “%(two)s” are similar; they are not merged.", one=one, two=two))
    if ledger.issued_on is None:
        yield Finding(
            N_("The date of the notice is missing; nothing is owed for times before it."),
            anchor="head",
            grave=True,
        )


def unread_lines(ledger: Ledger) -> list[int]:
    """Lines that mark units (牵头单位：…) and lie in no task, duty or rule: what a reader could have lost."""
    read = ledger.read
    text = read.document.text
    places = [
        *(t.place for t in read.tasks),
        *(d.place for d in read.duties),
        *(r.place for r in read.liaison),
    ]
    found = []
    for mark in _MARKED.finditer(text):
        line = text.count("\n", 0, mark.start()) + 1
        covered = any(place.start <= mark.start() < place.end or place.line == line for place in places)
        if not covered and line not in found and line not in read.document.furniture:
            found.append(line)
    return found


def obstacles(ledger: Ledger, link: str) -> list[Obstacle]:
    """Grave findings as what stands in the way of adopting; `link` is the review page's path."""
    return [
        Obstacle(finding.sentence, f"{link}#{finding.anchor}" if finding.anchor else link)
        for finding in findings(ledger)
        if finding.grave
    ]
