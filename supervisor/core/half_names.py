"""Names that stand as units and are only half of one: a field of work (供水, 燃气), an office without house (规划办).

Each is asked about, with the units of the register and of the notice that it may mean; none becomes a unit
without a word (E-21, E-32). Pure.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from supervisor.core.draft_ledger import Ledger
from supervisor.core.printed_names import Register
from supervisor.core.same_units import Mention, mention_of
from supervisor.core.unit_names import name_key
from supervisor.intake.units import strip_brackets

#: Fields of work that notices put for whoever does it there.
_FIELD = re.compile(
    r"(?:供电|供水|供气|供热|供暖|燃气|热力|电力|排水|给水|污水|自来水|天然气|煤气|通信|通讯|弱电|强电|网络|有线电视|广电|电视|"
    r"移动|联通|电信|铁塔|管线|管网|邮政|公交|环卫|绿化|照明|物业|消防|交警|综合执法|住房城乡建设|发展改革|财政|自然资源|"
    r"工信|民政|文广|教育|公安|水利|水务|交通|人社|卫健|卫生健康|应急|审计|税务|城管|住建|生态环境|农业农村|市场监管|文旅)$"
)
_BARE_OFFICE = re.compile(r"^(?![省市县区州旗盟])[一-龥]{1,3}办$")
_LEVEL = re.compile(r"^[省市县区州旗盟](?=.{2})")
_WHOLE = re.compile(r"(?:局|委|办|厅|部|室|院|署|处|所|站|队|团|社|公司|集团|中心|厂|银行|支行|分行)$")
#: At most so many units are proposed for a name.
PROPOSED = 3


@dataclass(frozen=True)
class HalfName:
    """A name that may be no whole unit, with those it may mean, the register's first."""

    name: str
    units: tuple[str, ...]
    at: Mention
    #: A field of work; an office without its house is a unit more often than not.
    is_field: bool

    @property
    def key(self) -> str:
        """The key of its answer."""
        return half_key(self.name)


def half_key(name: str) -> str:
    """The key of the question what a half name is."""
    return f"half-{name_key(name)}"


def half_names(ledger: Ledger, register: Register) -> list[HalfName]:
    """Half names at tasks and duties that nobody has decided, in the order of the notice."""
    decided = {name_key(name.key) for name in ledger.names}
    answered = {settled.key for settled in ledger.settled}
    found = []
    for name in ledger.printed_names:
        bare = strip_brackets(name_key(name))
        is_field = bool(_FIELD.search(bare)) and not _WHOLE.search(bare)
        if not is_field and not _BARE_OFFICE.match(bare):
            continue
        known = register.unit_of(name) is not None or ledger.collective(name) is not None
        if known or name_key(name) in decided or half_key(name) in answered:
            continue
        found.append(HalfName(name, _units_like(bare, ledger, register), mention_of(ledger, name), is_field))
    return found


def _units_like(bare: str, ledger: Ledger, register: Register) -> tuple[str, ...]:
    """Whole names in which the half one stands: 供水 in 兴源供水有限责任公司, 规划办 in 区规划办."""
    stem = _LEVEL.sub("", bare)
    seats = [person.unit for person in ledger.roster if person.unit and not person.dropped]
    every = dict.fromkeys((*register.units.values(), *ledger.printed_names, *seats))
    like = [name for name in every if stem in strip_brackets(name_key(name)) and name_key(name) != bare]
    whole = [name for name in like if _WHOLE.search(strip_brackets(name_key(name)))]
    return tuple(whole[:PROPOSED])
