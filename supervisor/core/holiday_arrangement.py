"""What a notice on holidays says once it is read: passages with their days, and problems with their places."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date

from supervisor.core.workdays import CalendarRow
from supervisor.words import Sentence


@dataclass(frozen=True)
class Problem:
    """What is wrong in a notice: where, what, and how to mend it. `fatal` = it can be mended, not confirmed."""

    code: str
    what: Sentence
    mend: Sentence
    #: Line of the text, from 1; 0 = the notice as a whole.
    line: int = 0
    quote: str = ""
    fatal: bool = True


@dataclass(frozen=True)
class NamedDay:
    """A day that a passage names, with the words and the line it stands on."""

    day: date
    line: int
    quote: str


@dataclass
class Passage:
    """What the notice says of one holiday, or of two joined ones."""

    names: tuple[str, ...]
    line: int
    off: list[NamedDay] = field(default_factory=list)
    work: list[NamedDay] = field(default_factory=list)

    @property
    def name(self) -> str:
        """The names as the calendar shows them."""
        return "、".join(self.names)


@dataclass(frozen=True)
class HolidayNotice:
    """What was read of a notice."""

    year: int | None
    title: str = ""
    issued_on: date | None = None
    passages: tuple[Passage, ...] = ()
    problems: tuple[Problem, ...] = ()

    @property
    def rows(self) -> tuple[CalendarRow, ...]:
        """The days that the notice arranges, each once, in order; where two passages disagree, off."""
        found: dict[date, CalendarRow] = {}
        for passage in self.passages:
            for named in passage.work:
                found[named.day] = CalendarRow(named.day, is_work=True, name=passage.name, source="")
        for passage in self.passages:
            for named in passage.off:
                before = found.get(named.day)
                joined = before is not None and not before.is_work and passage.name not in before.name
                name = f"{before.name}、{passage.name}" if before and joined else passage.name
                found[named.day] = CalendarRow(named.day, is_work=False, name=name, source="")
        return tuple(found[day] for day in sorted(found))

    @property
    def is_partial(self) -> bool:
        """Whether it changes single holidays of a year that is arranged already (关于调整……的通知)."""
        return any(word in self.title for word in ("调整", "延长", "补充"))

    @property
    def is_usable(self) -> bool:
        """Whether the arrangement can be applied, its other problems being confirmed by a person."""
        return self.year is not None and bool(self.passages) and not any(p.fatal for p in self.problems)
