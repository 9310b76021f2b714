"""The printed names of a notice beside the register: which unit each is, and which two may be one. Pure but `read`.

Nothing merges by itself (E-16 to E-18): a name is a unit's own, an alias that a person confirmed before, or one
chosen in this review. What merely looks alike is asked about.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from supervisor.core.draft_ledger import Ledger
from supervisor.core.unit_names import name_key
from supervisor.models import Unit, UnitAlias
from supervisor.models.base import rows_of


@dataclass(frozen=True)
class Register:
    """A jurisdiction's names as compared: own names of units, and aliases, each to the unit's name."""

    units: Mapping[str, str]
    aliases: Mapping[str, str]

    def unit_of(self, name: str) -> str | None:
        """The registered unit that a name means, or None."""
        key = name_key(name)
        return self.units.get(key) or self.aliases.get(key)


#: For a ledger read before anything is registered.
EMPTY = Register({}, {})


def read(jurisdiction_id: int) -> Register:
    """The register of a jurisdiction; two queries."""
    units = Unit.select(Unit.id, Unit.name).where(Unit.jurisdiction == jurisdiction_id)
    names = {int(key): str(name) for key, name in rows_of(units)}
    aliases = UnitAlias.select(UnitAlias.unit, UnitAlias.name).where(
        UnitAlias.jurisdiction == jurisdiction_id
    )
    return Register(
        {name_key(name): name for name in names.values()},
        {name_key(alias): names[int(key)] for key, alias in rows_of(aliases) if int(key) in names},
    )


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


# Two names that may be one unit ---------------------------------------------------------------------------------

#: Long and short forms of the same word, so that 住建局 and 住房和城乡建设局 compare as one shortening.
_FORMS = (
    ("委员会", "委"), ("人民政府", "政府"), ("有限责任公司", "公司"), ("有限公司", "公司"), ("办公室", "办"),
    ("办公厅", "办"), ("发展和改革", "发展改革"), ("住房和城乡建设", "住房城乡建设"),
)  # fmt: skip
_LEVELS = "省市州盟区县旗镇乡"
_AREA = re.compile(r"(?:政府|管委会|管委|街道|街道办事处|办事处|镇|乡|街)$")
#: A shortening keeps at least so many characters and leaves out at most so many; fewer where only the level at
#: the head is shared (市公积金管理中心, 市住房公积金管理中心).
_KEPT, _LEFT_OUT, _LEFT_OUT_INSIDE = 3, 12, 6


def similar_pairs(names: Iterable[str], known: Iterable[str] = ()) -> list[tuple[str, str]]:
    """Pairs that may be one unit written twice, each (printed name, other name); `known` are only compared to.

    One is a shortening of the other with the same first and last character (after the forms above), or two
    characters differ among seven or more. Governments of different areas are never a pair.
    """
    mine = [(name, _short(name)) for name in dict.fromkeys(names)]
    others = [(name, _short(name)) for name in dict.fromkeys(known)]
    mine_keys = {name_key(name) for name, _ in mine}
    buckets: dict[str, list[tuple[int, str, str]]] = {}
    every = [*mine, *((name, short) for name, short in others if name_key(name) not in mine_keys)]
    for place, (name, short) in enumerate(every):
        for bucket in _buckets(short):
            buckets.setdefault(bucket, []).append((place, name, short))
    found: dict[tuple[int, int], tuple[str, str]] = {}
    for some in buckets.values():
        for at, (i, one, a) in enumerate(some):
            if i >= len(mine):
                break  # both are known already: the register's own matter
            for j, two, b in some[at + 1 :]:
                if (i, j) not in found and _may_be_one(a, b):
                    found[i, j] = (one, two)
    return [found[place] for place in sorted(found)]


def _short(name: str) -> str:
    plain = re.sub(r"\(.*?\)", "", name_key(name))
    for long, short in _FORMS:
        plain = plain.replace(long, short)
    return plain


def _buckets(short: str) -> set[str]:
    """Names are compared only where they end alike: linear in the number of names, not quadratic."""
    if not short:
        return set()
    halves = {f"{len(short)}:{short[:3]}", f"{len(short)}:{short[-4:]}"} if len(short) >= 7 else set()
    return halves | {f"{_bare(short)[:1]}…{short[-1]}", f"{short[0]}…{short[-1]}"}


def _bare(short: str) -> str:
    """Without the level at its head (市, 区): elided in lists of units (E-20)."""
    return short[1:] if len(short) > _KEPT and short[0] in _LEVELS and short[:2] not in _NOT_LEVEL else short


#: Words that begin with a level's character and name none.
_NOT_LEVEL = frozenset({"市场", "市政", "区块", "县域", "乡村", "镇村", "州际", "省际", "市容", "区域"})


def _may_be_one(a: str, b: str) -> bool:
    if a == b:
        return True
    bare_a, bare_b = _bare(a), _bare(b)
    one, two = sorted((bare_a, bare_b), key=len)
    # Two levels differ: 市财政局 and 县财政局 are two units.
    if bare_a != a and bare_b != b and a[0] != b[0]:
        return False
    if one == two:
        return len(one) >= _KEPT
    short, long = sorted((a, b), key=len)
    return (
        _is_shortening(one, two, _LEFT_OUT)
        or _is_shortening(short, long, _LEFT_OUT_INSIDE)
        or _is_misspelling(a, b)
    )


def _is_shortening(short: str, long: str, left_out: int) -> bool:
    if not (_KEPT <= len(short) < len(long) <= len(short) + left_out) or _AREA.search(short):
        return False
    if short[-1] != long[-1] or short[0] != long[0]:
        return False
    rest = iter(long)
    return all(char in rest for char in short)


def _is_misspelling(a: str, b: str) -> bool:
    if len(a) != len(b) or len(a) < 7 or _AREA.search(a):
        return False
    differing = [(x, y) for x, y in zip(a, b, strict=True) if x != y]
    if len(differing) > 2 or any(x + y in _COUNTED for x, y in differing):
        return False
    # 供电 and 电力 share a character; 移动 and 联通 are two companies.
    return len(differing) == 1 or bool({x for x, _ in differing} & {y for _, y in differing})


#: Characters that number: 第一分局 and 第二分局 are two units.
_COUNTED = frozenset(
    x + y for x in "一二三四五六七八九十0123456789" for y in "一二三四五六七八九十0123456789"
)
