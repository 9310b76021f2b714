"""Names of one notice that may mean one unit (E-16 to E-20): pairs with the reason; a person decides."""

import re

from supervisor.intake.draft import LikeNames
from supervisor.intake.passages import fold
from supervisor.intake.units import strip_brackets
from supervisor.words import N_

SHORTENED = N_("One name leaves out characters of the other.").msgid
LEVEL = N_("One name leaves out the level that the other begins with.").msgid
SPELLING = N_("The names differ in one or two characters.").msgid
_AREA = re.compile(r"(?:人民政府|政府|管委会|管理委员会|办事处|街道|镇|乡)$")
_LEVEL = re.compile(r"^[省市县区州旗盟](?!直)(?:委(?=.{2,}部$|政法|编办|网信))?")
_BRAND = re.compile(r"移动|联通|电信|广电|铁塔|[一-龥]{2}银行")
_GROUP = re.compile(r"^(?:各|有关|相关|其他|其它)")
_MOST = 4  # names of one drawer that a name is compared with; more stand in a register, not in a notice


def _bare(name: str) -> str:
    return re.sub(r"委员会$", "委", strip_brackets(re.sub(r"\s", "", fold(name))))


def _reason(a: str, b: str) -> str | None:
    """Return why two bare names may mean one unit, or None."""
    short, long = sorted((a, b), key=len)
    if _AREA.search(short) or _AREA.search(long):
        return None
    if not _LEVEL.match(short) and _LEVEL.match(long) and _LEVEL.sub("", long) == short:
        return LEVEL
    if 4 <= len(short) < len(long) <= len(short) + 7 and short[-1] == long[-1]:
        same_head = short[0] == long[0] or (
            not _LEVEL.match(short) and _LEVEL.match(long) and short[0] == long[1]
        )
        rest = iter(long)
        if same_head and all(char in rest for char in short):
            return SHORTENED
    if _BRAND.findall(short) != _BRAND.findall(long):
        return None
    if len(short) == len(long) >= 7 and 1 <= sum(x != y for x, y in zip(a, b, strict=True)) <= 2:
        return SPELLING
    return None


def _drawers(bare: str) -> tuple[str, str]:
    """Return where a name is put: two names alike share how they begin behind their level, or how they end."""
    return f"{_LEVEL.sub('', bare)[:1]}…{bare[-1:]}", bare[-4:]


def like_names(names: list[str]) -> tuple[LikeNames, ...]:
    """Return the pairs among the names of units, each pair once, in reading order."""
    plain: dict[str, str] = {}
    for name in names:
        if not _GROUP.match(name):
            plain.setdefault(_bare(name), name)
    drawers: dict[str, list[tuple[int, str]]] = {}
    found: dict[tuple[int, int], LikeNames] = {}
    for at, (bare, name) in enumerate(plain.items()):
        for drawer in _drawers(bare):
            earlier = drawers.setdefault(drawer, [])
            for before, other in earlier[-_MOST:]:
                reason = None if (before, at) in found else _reason(other, bare)
                if reason:
                    found[before, at] = LikeNames(plain[other], name, reason)
            earlier.append((at, bare))
    return tuple(pair for _, pair in sorted(found.items()))
