"""What a unit's name tells and what it does not: comparing, guessing a kind, showing what looks alike. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterable

from supervisor.intake.passages import fold
from supervisor.models import UnitKind

_DISTRICT = re.compile(r"(?:人民政府|管委会|管理委员会)(?:\(.*\))?$")
_STREET = re.compile(r"(?:街道|街道办事处|街|镇|乡|镇人民政府|乡人民政府|办事处)$")
_ENTERPRISE = re.compile(r"(?:公司|集团|厂|银行|支行|分行)$")
_PARTY = re.compile(
    r"(?:市|区|县|州|省|旗)委(?:政法委|宣传部|组织部|统战部|办公室|办公厅|办|网信办|社会工作部|编办|党校|改革办|.{2,8}部)"
    r"|纪委|总工会|团.委|妇联"
)


def name_key(name: str) -> str:
    """The name as compared: one form of each bracket and digit, no white space. Nothing else is forgiven."""
    return re.sub(r"\s", "", fold(name))


def guess_kind(name: str) -> UnitKind:
    """The kind that a unit's name suggests; a person may change it."""
    plain = name_key(name)
    if _PARTY.search(plain):
        return UnitKind.PARTY
    if _ENTERPRISE.search(plain):
        return UnitKind.ENTERPRISE
    if _STREET.search(plain):
        return UnitKind.STREET
    if _DISTRICT.search(plain):
        return UnitKind.DISTRICT
    return UnitKind.DEPARTMENT


def similar_names(names: Iterable[str]) -> list[tuple[str, str]]:
    """Pairs that may be one unit written twice: one is a shortening of the other, or two characters differ.

    Shown to a person as "similar, not merged". Governments of different areas are never a pair.
    """
    plain = [(name, name_key(name)) for name in dict.fromkeys(names)]
    return [
        (one, two)
        for place, (one, a) in enumerate(plain)
        for two, b in plain[place + 1 :]
        if _is_shortening(*sorted((a, b), key=len)) or _is_misspelling(a, b)
    ]


def _is_shortening(short: str, long: str) -> bool:
    if (
        len(short) < 4
        or len(long) - len(short) not in range(1, 7)
        or short[-1] != long[-1]
        or short[0] != long[0]
    ):
        return False
    rest = iter(long)
    return all(char in rest for char in short) and not _DISTRICT.search(short)


def _is_misspelling(a: str, b: str) -> bool:
    if len(a) != len(b) or len(a) < 7 or a == b or _DISTRICT.search(a) or _STREET.search(a):
        return False
    return sum(x != y for x, y in zip(a, b, strict=True)) <= 2
