"""What reading a notice gives: the draft ledger, each item with its place in the source."""

import datetime as dt
from dataclasses import dataclass, field
from decimal import Decimal


@dataclass(frozen=True, slots=True)
class Place:
    """Where an item stands in `Document.text`.

    Attributes:
        line: line number, counted from 1.
        start: offset of the first character.
        end: offset behind the last character.
    """

    line: int
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Document:
    """The notice as a paper: its text and what its head says."""

    text: str
    title: str
    issuer: str | None = None
    doc_number: str | None = None
    doc_numbers: tuple[str, ...] = ()
    issued: dt.date | None = None
    published: dt.date | None = None
    furniture: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class Deadline:
    """A date or a recurrence (contracts.md: `weekly`, `monthly:10,25` …) that a task must meet."""

    text: str
    date: dt.date | None
    recur: str | None
    place: Place


@dataclass(frozen=True, slots=True)
class DraftTask:
    """A numbered item or table row with its units.

    Attributes:
        path: headings above it, as printed.
        number: as printed, without its full stop.
        title: short heading without number.
        text: the clause's full text.
        lead: lead units, as printed.
        responsible: responsible units, as printed.
        certain: whether the units stand in an explicit mark (brackets, a line, a table); running text is less sure.
    """

    path: tuple[str, ...]
    number: str
    title: str
    text: str
    lead: tuple[str, ...]
    responsible: tuple[str, ...]
    deadlines: tuple[Deadline, ...]
    place: Place
    certain: bool = True


@dataclass(frozen=True, slots=True)
class Member:
    """A named person of the roster; `unit` is the unit at the head of the post, if one stands there."""

    name: str
    role: str
    post: str
    unit: str | None
    place: Place
    body: str = ""


@dataclass(frozen=True, slots=True)
class Post:
    """A place in the roster without a person's name (E-09); `unit` as with `Member`."""

    role: str
    post: str
    place: Place
    body: str = ""
    unit: str | None = None


@dataclass(frozen=True, slots=True)
class Office:
    """Who runs a body's office: its host unit or a person who holds a post there (E-06, E-08)."""

    role: str
    name: str | None
    unit: str | None
    text: str
    place: Place


@dataclass(frozen=True, slots=True)
class Clause:
    """A clause of a duty; `verb` is 牵头, 负责, 参与, 配合 or 指导 where it begins with such a word."""

    verb: str
    text: str


@dataclass(frozen=True, slots=True)
class Duty:
    """An entry that says what units answer for, whole and clause by clause."""

    units: tuple[str, ...]
    text: str
    place: Place
    clauses: tuple[Clause, ...] = ()


@dataclass(frozen=True, slots=True)
class OtherDeadline:
    """A date or cadence outside the tasks; `where` gives the numbers above it."""

    where: str
    text: str
    date: dt.date | None
    recur: str | None
    place: Place


@dataclass(frozen=True, slots=True)
class LiaisonRule:
    """How many liaison officers, of what rank, each of `units` must name."""

    text: str
    units: tuple[str, ...]
    count: int | None
    rank: str | None
    place: Place


@dataclass(frozen=True, slots=True)
class Proposal:
    """A unit proposed as a member of a collective; `certain` is False where a person must decide (E-14)."""

    name: str
    member: str
    post: str
    certain: bool
    note: str = ""


@dataclass(frozen=True, slots=True)
class Collective:
    """A token such as 各区人民政府 that stands for several units (E-28 to E-30)."""

    token: str
    definition: str | None
    place: Place
    proposed: tuple[Proposal, ...] = ()


@dataclass(frozen=True, slots=True)
class Target:
    """A quantity to reach; `unit_of_measure` names what is counted (个小区, 户)."""

    text: str
    value: Decimal
    unit_of_measure: str
    verb: str
    due: dt.date | None
    place: Place


@dataclass(frozen=True, slots=True)
class Cadence:
    """A rhythm of supervision: 周督导 is (`weekly`, 周督导)."""

    text: str
    recur: str
    what: str
    place: Place


@dataclass(frozen=True, slots=True)
class ReportingRule:
    """A report that units owe: to whom, what, and when; what the notice does not say is empty.

    Attributes:
        text: the sentence as printed.
        units: who owes it.
        recipient: to whom.
        what: what is to be sent.
        recur: a recurrence (contracts.md), if it returns.
        date: the day, if it is owed once.
        hour: the hour of the day as printed (17时, 下班前).
    """

    text: str
    units: tuple[str, ...]
    recipient: str | None
    what: str | None
    recur: str | None
    date: dt.date | None
    hour: str | None
    place: Place


@dataclass(frozen=True, slots=True)
class Phase:
    """A phase of the work as its heading names it; an end that the notice leaves open is None (C17)."""

    name: str
    begins: dt.date | None
    ends: dt.date | None
    place: Place


@dataclass(frozen=True, slots=True)
class LikeNames:
    """Two names of the notice that may mean one unit; `reason` is an English msgid. A person decides."""

    one: str
    two: str
    reason: str


@dataclass(frozen=True, slots=True)
class FormerName:
    """A name that the notice calls former beside the name of today: an alias to propose (E-26)."""

    old: str
    new: str
    text: str
    place: Place


@dataclass(frozen=True, slots=True)
class Succession:
    """The clause that says who follows when a member changes (由接任者自然递补)."""

    text: str
    place: Place


@dataclass(frozen=True, slots=True)
class Problem:
    """What a person must look at; `message` is an English msgid with %(name)s parts filled from `params`."""

    code: str
    message: str
    params: dict[str, str | int] = field(default_factory=dict)
    line: int | None = None
    grave: bool = False


@dataclass(frozen=True, slots=True)
class Draft:
    """The draft ledger of one notice."""

    document: Document
    tasks: tuple[DraftTask, ...] = ()
    duties: tuple[Duty, ...] = ()
    members: tuple[Member, ...] = ()
    posts: tuple[Post, ...] = ()
    other_deadlines: tuple[OtherDeadline, ...] = ()
    liaison: tuple[LiaisonRule, ...] = ()
    collectives: tuple[Collective, ...] = ()
    targets: tuple[Target, ...] = ()
    cadences: tuple[Cadence, ...] = ()
    problems: tuple[Problem, ...] = ()
    offices: tuple[Office, ...] = ()
    reporting: tuple[ReportingRule, ...] = ()
    like_names: tuple[LikeNames, ...] = ()
    succession: tuple[Succession, ...] = ()
    former_names: tuple[FormerName, ...] = ()
    phases: tuple[Phase, ...] = ()
