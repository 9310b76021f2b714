"""The printed names of a notice beside the register: which unit each is. Pure but `read`.

Nothing merges by itself (E-16 to E-18): a name is a unit's own, an alias that a person confirmed before, or one
chosen in this review. What merely looks alike is asked about (`same_units`).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date

from supervisor.core.draft_ledger import Ledger
from supervisor.core.unit_names import is_in_force, name_key
from supervisor.models import Unit, UnitAlias
from supervisor.models.base import rows_of


@dataclass(frozen=True)
class Register:
    """A jurisdiction's names as compared: own names of units, and aliases, each to the unit's name."""

    units: Mapping[str, str]
    aliases: Mapping[str, str]
    #: Names that were a unit's at another time than the notice's, with the unit's name: asked about, never read so.
    former: Mapping[str, str] = field(default_factory=dict)

    def unit_of(self, name: str) -> str | None:
        """The registered unit that a name means, or None."""
        key = name_key(name)
        return self.units.get(key) or self.aliases.get(key)


#: For a ledger read before anything is registered.
EMPTY = Register({}, {})


def read(jurisdiction_id: int, on: date | None = None) -> Register:
    """The register of a jurisdiction with the names in force on the day of a notice (E-26); two queries."""
    here = Unit.jurisdiction == jurisdiction_id
    units = list(rows_of(Unit.select(Unit.id, Unit.name, Unit.valid_from, Unit.valid_to).where(here)))
    names = {int(key): str(name) for key, name, _since, _until in units}
    own: dict[str, str] = {}
    aliases: dict[str, str] = {}
    former: dict[str, str] = {}
    for _key, name, since, until in units:
        if on is None or is_in_force(since, until, on):
            own[name_key(name)] = name
    columns = (UnitAlias.unit, UnitAlias.name, UnitAlias.valid_from, UnitAlias.valid_to)
    for key, alias, since, until in rows_of(
        UnitAlias.select(*columns).where(UnitAlias.jurisdiction == jurisdiction_id)
    ):
        in_force = on is None or is_in_force(since, until, on)
        (aliases if in_force else former)[name_key(alias)] = names[int(key)]
    return Register(own, aliases, former)


def resolve(ledger: Ledger, register: Register, name: str) -> str:
    """The unit's name that a printed name stands for: as chosen in this review, then as the register has it."""
    chosen = ledger.unit_of(name)
    return register.unit_of(chosen) or chosen


@dataclass(frozen=True)
class PrintedName:
    """A name of the notice: how often it leads and answers, and what it stands for."""

    name: str
    leads: int
    others: int
    #: The unit it stands for, where that is another name.
    unit: str
    #: Chosen in this review, not yet in the register.
    is_chosen: bool
    is_registered: bool
    is_collective: bool
    line: int | None
    #: Key of the first task or duty with this name, as an anchor.
    first: str


def names_of(ledger: Ledger, register: Register) -> list[PrintedName]:
    """Every name at a task or duty, each once, in the order of the notice."""
    leads: dict[str, int] = {}
    others: dict[str, int] = {}
    firsts: dict[str, tuple[str, int | None]] = {}
    for anchor, line, lead, rest in _mentions(ledger):
        for name in lead:
            leads[name] = leads.get(name, 0) + 1
            firsts.setdefault(name, (anchor, line))
        for name in rest:
            others[name] = others.get(name, 0) + 1
            firsts.setdefault(name, (anchor, line))
    groups = {name_key(c.token) for c in ledger.collectives}
    chosen = {name_key(n.key): n.unit for n in ledger.names if n.unit}
    found = []
    for name, (anchor, line) in firsts.items():
        key = name_key(name)
        target = chosen.get(key, name)
        unit = register.unit_of(target) or target
        found.append(
            PrintedName(
                name=name,
                leads=leads.get(name, 0),
                others=others.get(name, 0),
                unit=unit if name_key(unit) != key else "",
                is_chosen=key in chosen,
                is_registered=register.unit_of(target) is not None,
                is_collective=key in groups,
                line=line,
                first=anchor,
            )
        )
    return found


def _mentions(ledger: Ledger) -> Iterator[tuple[str, int | None, tuple[str, ...], tuple[str, ...]]]:
    for task in ledger.live:
        yield f"task-{task.key}", task.line, task.lead, task.responsible
    for duty in ledger.duties:
        if not duty.dropped:
            yield f"duty-{duty.key}", duty.line, (), duty.units
