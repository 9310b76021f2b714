"""What a unit's name tells and what it does not: comparing, guessing a kind. Pure."""

from __future__ import annotations

import re
from datetime import date

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


def is_in_force(since: date | None, until: date | None, on: date) -> bool:
    """Whether a name that holds from `since` to `until`, both inclusive, None = open, is in force on a day."""
    return (since is None or since <= on) and (until is None or on <= until)


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
