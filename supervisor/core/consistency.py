"""The roster beside the work (C04): members without work, work without a member. Pure.

It counts once the names are compared: an alias that nobody has confirmed makes one unit two, and both lists wrong.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from supervisor.core.draft_ledger import Ledger
from supervisor.core.printed_names import Register, resolve
from supervisor.core.same_units import open_pairs
from supervisor.core.unit_names import name_key
from supervisor.intake.collectives import is_open

#: The government itself sits through its leaders and has no work of its own.
OWN_GOVERNMENT = re.compile(r"(?:省|市|州|县|旗|盟)(?:人民)?政府$|^区(?:人民)?政府$")

_EVERYBODY = re.compile(r"各|其他|有关|相关|市|区|县|州|省|国务院")


@dataclass(frozen=True)
class Seat:
    """A unit with the anchor of the item that names it first."""

    unit: str
    anchor: str
    line: int | None


@dataclass(frozen=True)
class Consistency:
    """Both lists, in the order of the notice; `open_pairs` names are still to be compared."""

    without_member: tuple[Seat, ...]
    without_work: tuple[Seat, ...]
    open_pairs: int


def check(ledger: Ledger, register: Register) -> Consistency | None:
    """Compare roster and work by unit; None where the notice has no roster that names units, or no work."""
    seats: dict[str, Seat] = {}
    for person in ledger.roster:
        if person.unit and not person.dropped:
            for unit in _stands_for(ledger, register, person.unit):
                seats.setdefault(name_key(unit), Seat(unit, f"person-{person.key}", person.line))
    # Whoever was ticked for a member by hand sits for it, whatever the post says.
    for group in ledger.collectives:
        for member in group.members:
            if member.ticked and member.person:
                unit = resolve(ledger, register, member.name)
                seats.setdefault(name_key(unit), Seat(unit, f"collective-{group.key}", group.line))
    work: dict[str, Seat] = {}
    for kind, rows in (("task", ledger.live), ("duty", ledger.duties)):
        for row in rows:
            for name in row.units if not row.dropped else ():
                for unit in _stands_for(ledger, register, name):
                    work.setdefault(name_key(unit), Seat(unit, f"{kind}-{row.key}", row.line))
    if not seats or not work:
        return None
    return Consistency(
        tuple(seat for key, seat in work.items() if key not in seats),
        tuple(seat for key, seat in seats.items() if key not in work and not OWN_GOVERNMENT.search(key)),
        len(open_pairs(ledger, register)),
    )


def _stands_for(ledger: Ledger, register: Register, name: str) -> list[str]:
    row = ledger.collective(name)
    if row is None:
        return [resolve(ledger, register, name)]
    seated = {name_key(person.unit) for person in ledger.roster if person.unit}
    # A collective without named members is work of nobody yet; one whose members sit is theirs.
    members = [
        resolve(ledger, register, member.name)
        for member in row.members
        if member.ticked or name_key(member.name) in seated
    ]
    # 各街道办事处 sits under its own name; 专业经营企业 has work and no seat until somebody says who it is.
    unnamed = name_key(row.token) in seated or (is_open(row.token) and not _EVERYBODY.match(row.token))
    return members or ([row.token] if unnamed else [])
