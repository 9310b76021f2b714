"""Names of a notice that may be one unit, in it or beside the register: pairs that a person confirms. Pure.

Pairs that differ only in level, nameplate or usual short form (`likenames.PLAIN`) are one list, confirmed at once;
those of which either answer is likely are asked singly, with both clauses (E-17). Nothing merges by itself.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import chain

from supervisor.core.draft_ledger import Ledger
from supervisor.core.printed_names import Register
from supervisor.core.unit_names import name_key
from supervisor.intake.draft import LikeNames
from supervisor.intake.likenames import PLAIN, like_names
from supervisor.words import N_, Sentence

#: How a pair was answered: two units; or not with the list, but by itself.
APART, ALONE = "apart", "alone"
_FORMER = N_("The register has this name for another time than that of the notice.")
#: Characters shown of a clause, and of those before the name in it.
_SHOWN, _BEFORE = 46, 12


@dataclass(frozen=True)
class Mention:
    """Where a name stands: the line and some of its words; no line for a name that only the register has."""

    line: int | None = None
    words: str = ""


@dataclass(frozen=True)
class Pair:
    """Two names that may be one unit: `name` would be read as `unit`, unless `either` may be the unit's name."""

    name: str
    unit: str
    reason: Sentence
    is_plain: bool
    #: Neither is registered: the person chooses which of both is the unit's name.
    either: bool
    at: Mention
    unit_at: Mention
    #: The register has it as the unit's name of another time (E-26).
    is_former: bool = False

    @property
    def key(self) -> str:
        """The key of its answer."""
        return pair_key(self.name, self.unit)


def pair_key(one: str, two: str) -> str:
    """The key of the question whether two names are one unit."""
    return "pair-" + "|".join(sorted((name_key(one), name_key(two))))


def open_pairs(ledger: Ledger, register: Register) -> list[Pair]:
    """Pairs that nobody has decided, in the order of the notice; the plain ones first."""
    found = [pair for pair in _alike(ledger, register) if not _is_known(pair, register)]
    answers = {settled.key: settled.answer for settled in ledger.settled}
    apart = [one for one in found if answers.get(pair_key(one.one, one.two)) == APART]
    left = [one for one in found if answers.get(pair_key(one.one, one.two)) != APART]
    clusters = _Clusters(apart)
    plain = [one for one in left if one.reason in PLAIN and answers.get(pair_key(one.one, one.two)) != ALONE]
    for one in plain:
        clusters.join(one.one, one.two)
    units = clusters.units(_Rank(ledger, register))
    pairs: dict[str, Pair] = {}
    for one in sorted(left, key=lambda one: one not in plain):
        for pair in _pairs_of(one, units, is_plain=one in plain, ledger=ledger, register=register):
            if pair.key not in answers or answers[pair.key] == ALONE:
                pairs.setdefault(pair.key, pair)
    for pair in _former(ledger, register):
        pairs[pair.key] = pair
    return sorted(pairs.values(), key=lambda pair: not pair.is_plain)


def _former(ledger: Ledger, register: Register) -> Iterator[Pair]:
    decided = {name_key(name.key) for name in ledger.names}
    for name in ledger.printed_names:
        unit = register.former.get(name_key(name))
        if unit is not None and name_key(name) not in decided and register.unit_of(name) is None:
            at, unit_at = mention_of(ledger, name), mention_of(ledger, unit)
            yield Pair(
                name, unit, _FORMER, is_plain=False, either=False, at=at, unit_at=unit_at, is_former=True
            )


def _alike(ledger: Ledger, register: Register) -> Sequence[LikeNames]:
    seats = [person.unit for person in ledger.roster if person.unit and not person.dropped]
    decided = {name_key(name.key) for name in ledger.names if name.unit or name.no_unit}
    decided |= set(register.aliases)
    printed = [
        name
        for name in dict.fromkeys((*ledger.printed_names, *seats))
        if name_key(name) not in decided and ledger.collective(name) is None
    ]
    return like_names(printed, register.units.values())


def _is_known(pair: LikeNames, register: Register) -> bool:
    """Two registered units are the register's own matter."""
    return name_key(pair.one) in register.units and name_key(pair.two) in register.units


def _pairs_of(
    one: LikeNames, units: Mapping[str, str], *, is_plain: bool, ledger: Ledger, register: Register
) -> Iterator[Pair]:
    """A pair of the list for each name that is not its unit's own; a single one for what is asked singly."""
    ends = [units.get(name, name) for name in (one.one, one.two)]
    if is_plain:
        wanted = [(name, unit) for name, unit in zip((one.one, one.two), ends, strict=True) if name != unit]
    elif ends[0] == ends[1]:
        return
    else:
        registered = [name for name in ends if name_key(name) in register.units]
        if len(registered) == 2:
            return
        unit = registered[0] if registered else max(ends, key=len)
        wanted = [(ends[1] if unit == ends[0] else ends[0], unit)]
    for name, unit in wanted:
        if name_key(name) in register.units:
            continue
        either = not is_plain and name_key(unit) not in register.units
        told = Sentence(one.reason, {})
        yield Pair(name, unit, told, is_plain, either, mention_of(ledger, name), mention_of(ledger, unit))


class _Rank:
    """Which of several names is the unit's: the registered one, else one of the work, with its level, the longest."""

    def __init__(self, ledger: Ledger, register: Register) -> None:
        self._register = register
        self._works = frozenset(ledger.printed_names)

    def __call__(self, name: str) -> tuple[bool, bool, int, str]:
        return name_key(name) in self._register.units, name in self._works, len(name), name


class _Clusters:
    """Names joined by plain pairs, never two that somebody has kept apart."""

    def __init__(self, apart: Iterable[LikeNames]) -> None:
        self._of: dict[str, set[str]] = {}
        self._apart = [{pair.one, pair.two} for pair in apart]

    def join(self, one: str, two: str) -> None:
        """Put two names into one cluster."""
        joined = self._of.get(one, {one}) | self._of.get(two, {two})
        if not any(pair <= joined for pair in self._apart):
            self._of.update(dict.fromkeys(joined, joined))

    def units(self, rank: _Rank) -> dict[str, str]:
        """Name → the name of its unit."""
        return {name: max(names, key=rank) for name, names in self._of.items()}


def mention_of(ledger: Ledger, name: str) -> Mention:
    """The first clause of the notice that prints this name: in a task, a duty, or the roster."""
    tasks = (task.line for task in ledger.live if name in task.units)
    duties = (duty.line for duty in ledger.duties if name in duty.units)
    seats = (person.line for person in ledger.roster if person.unit == name)
    line = next((line for line in chain(tasks, duties, seats) if line), None)
    if line is None:
        return Mention()
    lines = ledger.read.document.text.split("\n")
    words = lines[line - 1].strip() if line <= len(lines) else ""
    at = max(words.find(name) - _BEFORE, 0)
    shown = words[at : at + _SHOWN]
    return Mention(line, ("…" if at else "") + shown + ("…" if at + _SHOWN < len(words) else ""))
