"""The rows of a draft ledger, each with its key and its place in the notice. Pure."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

#: Offsets of the first character and behind the last one in the notice's text.
Spans = tuple[tuple[int, int], ...]
#: A standing task's title is at most as long, in characters.
DUTY_TITLE = 40
_SENTENCE_END, _COMMA = re.compile(r"[。；;！!？?]"), re.compile(r"(?<=.{6})[，,：:]")


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
    spans: Spans = ()
    due_on: date | None = None
    due_from_notice: bool = False
    #: Dates as printed at the task.
    dates: tuple[str, ...] = ()
    dropped: str = ""
    #: D3: nobody leads, every unit answers for itself.
    each_answers: bool = False
    #: Whether the units stand in an explicit mark; running text is asked about.
    certain: bool = True
    corrected: bool = False
    #: A person looked at it and found it right.
    accepted: bool = False

    @property
    def units(self) -> tuple[str, ...]:
        """All names at the task, lead first, each once."""
        return tuple(dict.fromkeys((*self.lead, *self.responsible)))


@dataclass(frozen=True)
class LedgerDuty:
    """A duty clause; `standing` = it becomes a standing task (D4)."""

    key: int
    units: tuple[str, ...]
    text: str
    line: int | None = None
    spans: Spans = ()
    standing: bool = False
    dropped: str = ""
    corrected: bool = False
    #: How its clauses begin: 牵头, 负责, 参与, 配合, 指导.
    verbs: tuple[str, ...] = ()

    @property
    def title(self) -> str:
        """A short title for its standing task: its first sentence, or what of it stands before a comma."""
        plain = re.sub(r"\s", "", self.text)
        title = _SENTENCE_END.split(plain, maxsplit=1)[0]
        if len(title) > DUTY_TITLE:
            title = _COMMA.split(title, maxsplit=1)[0]
        return title if len(title) <= DUTY_TITLE else f"{title[: DUTY_TITLE - 1]}…"


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
    spans: Spans = ()
    members: tuple[LedgerMember, ...] = ()
    confirmed: bool = False
    key: int = 0

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
    key: int = 0
    spans: Spans = ()
    dropped: str = ""
    corrected: bool = False


@dataclass(frozen=True)
class LedgerTarget:
    """A quantity to reach, shared out to units on the plan's page."""

    key: int
    text: str
    value: Decimal
    measure: str
    verb: str = ""
    due_on: date | None = None
    line: int | None = None
    spans: Spans = ()
    dropped: str = ""
    corrected: bool = False


@dataclass(frozen=True)
class LedgerRhythm:
    """A rhythm (monthly:10,25) or a date of the notice outside its tasks; `what` says of what."""

    key: int
    what: str
    text: str
    recur: str = ""
    on: date | None = None
    line: int | None = None
    spans: Spans = ()
    dropped: str = ""
    corrected: bool = False
    #: A rhythm of supervision (周督导), not a date of one duty.
    is_cadence: bool = False


@dataclass(frozen=True)
class LedgerLiaison:
    """How many liaison officers, of what rank, each of `units` names."""

    key: int
    text: str
    units: tuple[str, ...] = ()
    count: int | None = None
    line: int | None = None
    spans: Spans = ()
    dropped: str = ""
    corrected: bool = False
    #: As printed (处级干部); empty = any rank.
    rank: str = ""


@dataclass(frozen=True)
class LedgerRule:
    """A reporting rule: who owes what to whom, when. Only what a person confirms asks anything of anybody.

    `recurrence` and `due_on` empty = the notice names no time: to be set locally.
    """

    key: int
    text: str
    what: str = ""
    #: `RuleKind` and `Obliged`, by value.
    kind: str = "filing"
    obliged: str = "named"
    units: tuple[str, ...] = ()
    recipients: tuple[str, ...] = ()
    recurrence: str = ""
    due_on: date | None = None
    shift: int = 0
    minimum: int = 1
    line: int | None = None
    spans: Spans = ()
    dropped: str = ""
    corrected: bool = False
    confirmed: bool = False

    @property
    def open_parts(self) -> tuple[str, ...]:
        """What the notice leaves open: `when` where it names no time or no day, `units`, `what`, `recipients`."""
        has_day = self.due_on is not None or ":" in self.recurrence
        parts = {
            "units": self.obliged == "named" and not self.units,
            "recipients": not self.recipients,
            "what": not self.what,
            "when": not has_day,
        }
        return tuple(name for name, is_open in parts.items() if is_open)


@dataclass(frozen=True)
class LedgerPhase:
    """A phase of the work; an end that the notice leaves open is None (C17)."""

    key: int
    name: str
    text: str
    begins_on: date | None = None
    ends_on: date | None = None
    line: int | None = None
    spans: Spans = ()
    dropped: str = ""
    corrected: bool = False


@dataclass(frozen=True)
class NameDecision:
    """What a person decided on a printed name (`key`): it is `unit` under another name, or no unit at all."""

    key: str
    unit: str = ""
    no_unit: bool = False


@dataclass(frozen=True)
class Settled:
    """A question (`key`) that a person has answered, and how."""

    key: str
    answer: str
    reason: str = ""
