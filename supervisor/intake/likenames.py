"""Names that may mean one unit (E-16 to E-22): pairs with the reason; a person decides, nothing merges by itself.

The one comparison of names in Dukao: the reader, the review page, the register and the import of ledgers use it.
Pure; every name is compared only with those in its drawers, so a register of thousands stays quick.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from supervisor.intake.draft import LikeNames
from supervisor.intake.passages import fold
from supervisor.intake.units import strip_brackets
from supervisor.words import N_

LEVEL = N_("One name leaves out the level that the other begins with.").msgid
PLACE = N_("One name leaves out the place that the other begins with.").msgid
BRACKETS = N_("One name adds a second nameplate in brackets.").msgid
FORM = N_("The usual short form of the same name.").msgid
SHORTENED = N_("One name leaves out characters of the other.").msgid
ENDING = N_("One name is only the end of the other.").msgid
SPELLING = N_("The names differ in one or two characters.").msgid
#: Reasons that leave little doubt: shown as one list, each pair ticked.
PLAIN = frozenset({LEVEL, PLACE, BRACKETS, FORM})

#: Long forms and their usual short ones, the longest first; what compares equal after them is one name in two forms.
#: Those of the body, and those of its field.
_BODY_FORMS = (
    ("有限责任公司", "公司"), ("股份有限公司", "公司"), ("有限公司", "公司"), ("人民政府", "政府"),
    ("管理委员会", "管委会"), ("委员会", "委"), ("办公室", "办"), ("办公厅", "办"), ("党委", "委"),
    ("街道办事处", "街道"), ("镇政府", "镇"), ("乡政府", "乡"),
)  # fmt: skip
_FIELD_FORMS = (
    ("发展和改革", "发改"), ("发展与改革", "发改"),
    ("发展改革", "发改"), ("住房和城乡建设", "住建"), ("住房城乡建设", "住建"),
    ("城市管理综合行政执法", "城管执法"), ("城市管理综合执法", "城管执法"), ("城市管理执法", "城管执法"),
    ("城市管理", "城管"), ("综合行政执法", "综合执法"), ("工业和信息化", "工信"), ("工业信息化", "工信"),
    ("经济和信息化", "经信"), ("卫生健康", "卫健"), ("市场监督管理", "市监"), ("市场监管", "市监"),
    ("自然资源和规划", "自规"), ("自然资源规划", "自规"), ("文化和旅游", "文旅"), ("文化旅游", "文旅"),
    ("文化广电和旅游", "文广旅"), ("文化广电旅游", "文广旅"), ("人力资源和社会保障", "人社"),
    ("人力资源社会保障", "人社"), ("退役军人事务", "退役军人"), ("生态环境保护", "环保"), ("生态环境", "环保"),
    ("环境保护", "环保"), ("教育和体育", "教体"), ("教育体育", "教体"), ("教育和科技", "教科"),
    ("教育科技", "教科"), ("科学技术", "科技"), ("商务和工业信息化", "商工"), ("交通运输", "交通"),
    ("国有资产监督管理", "国资"), ("应急管理", "应急"), ("医疗保障", "医保"), ("住房公积金", "公积金"),
    ("消防救援", "消防"), ("交通警察", "交警"), ("监督管理", "监管"), ("和", ""), ("与", ""),
)  # fmt: skip
_LEVELS = "省市县区州旗盟"
#: A level at the head, with the party committee whose department follows (市委宣传部, 州党委宣传部).
_LEVEL = re.compile(
    rf"^([{_LEVELS}])(?!直|场|容|域|块|际|政(?![法府协务]))(?:委(?=.{{2,}}部$|政法|编办|网信|社会工作))?"
)
_UPPER = {"省": 3, "市": 2, "州": 2, "盟": 2, "县": 1, "区": 1, "旗": 1}
_AREA = re.compile(r"(?:政府|管委会|管委|街道|办事处|镇|乡|街)$")
#: A branch of an upper unit is the place's own: 市公安局老城分局 is meant by 公安分局 in a district.
_BRANCH = re.compile(r"(?:分局|支队|大队|中队|分公司|分中心|支公司|支行|分行)$")
_BRAND = re.compile(r"移动|联通|电信|广电网络|铁塔|[一-龥]{2}银行")
_GROUP = re.compile(r"^(?:各|有关|相关|其他|其它)")
#: Characters that tell two units apart: 第一分局 and 第二分局, 东城分局 and 西城分局.
_TELLING = frozenset("一二三四五六七八九十0123456789东西南北上下前后新老内外")
_KEPT, _LEFT_OUT, _ELIDED, _SPELLED = 3, 7, 9, 7
_MOST = 24  # names of one drawer that a name is compared with; more share it in no notice


@dataclass(frozen=True)
class _Name:
    """A name as compared: level and place at its head apart, bare words, and those in their short form."""

    name: str
    level: str
    #: The party committee's department is one office whether or not the committee is named.
    bare: str
    short: str
    brackets: str
    whole: str


def like_names(names: Sequence[str], known: Iterable[str] = ()) -> tuple[LikeNames, ...]:
    """The pairs that may be one unit, in reading order; `known` names (a register's) are only compared with.

    A pair whose reason is in `PLAIN` leaves little doubt; of the others either answer is likely. Governments of
    areas, companies of different brands, and units of different levels are never a pair.
    """
    every = [_parsed(name) for name in _once((*names, *known)) if not _GROUP.match(name)]
    mine = {fold(name) for name in names}
    own = _own_level(every)
    found: dict[tuple[int, int], str] = {}
    drawers: dict[str, list[int]] = {}
    for at, one in enumerate(every):
        for drawer in _drawers(one):
            earlier = drawers.setdefault(drawer, [])
            for before in earlier[-_MOST:]:
                if (before, at) not in found and (reason := _reason(every[before], one, own)):
                    found[before, at] = reason
            earlier.append(at)
    for pair in _endings(every, own):
        found.setdefault(*pair)
    pairs = (LikeNames(every[i].name, every[j].name, reason) for (i, j), reason in sorted(found.items()))
    return tuple(pair for pair in pairs if fold(pair.one) in mine or fold(pair.two) in mine)


def _once(names: Iterable[str]) -> list[str]:
    return list({re.sub(r"\s", "", fold(name)): name for name in reversed(list(names))}.values())[::-1]


def _parsed(name: str) -> _Name:
    folded = re.sub(r"\s", "", fold(name))
    plain = strip_brackets(folded)
    brackets = folded if plain == folded else folded.replace(plain, "", 1)
    for long, short in _BODY_FORMS:
        plain = plain.replace(long, short)
    match = _LEVEL.match(plain)
    bare = plain[match.end() :] if match else plain
    if len(bare) < 2:  # 市委, 区政府: the level is the name
        match, bare = None, plain
    short = bare
    for long, form in _FIELD_FORMS:
        short = short.replace(long, form)
    return _Name(name, match[1] if match else "", bare, short, "" if brackets == folded else brackets, plain)


def _own_level(every: Sequence[_Name]) -> str:
    """The level most names begin with: meant where it is left out (E-20); 市 in a county's notice is not (E-22)."""
    counts = Counter(one.level for one in every if one.level)
    return max(counts, key=lambda level: (counts[level], -_UPPER[level]), default="")


def _drawers(one: _Name) -> set[str]:
    """Where a name is put: names alike share their short form, their first and last character, or a half."""
    forms = {one.short, one.bare, *([one.whole] if one.level else [])}
    found = {f"={one.short}", *(f"{form[:1]}…{form[-1:]}" for form in forms)}
    if len(one.whole) >= _SPELLED:
        found |= {f"{len(one.whole)}{one.whole[:3]}", f"{len(one.whole)}{one.whole[-4:]}"}
    return found


def _reason(a: _Name, b: _Name, own: str) -> str:
    """Why two names may mean one unit, or nothing."""
    if a.level and b.level and a.level != b.level:
        return ""
    if a.level != b.level and own and (a.level or b.level) != own and not _are_branches(a, b):
        return ""
    if a.short == b.short:
        return _of_equals(a, b)
    if _AREA.search(a.bare) or _AREA.search(b.bare) or _BRAND.findall(a.bare) != _BRAND.findall(b.bare):
        return ""
    most = _ELIDED if a.level != b.level else _LEFT_OUT
    forms = [(a.bare, b.bare), (a.short, b.short), *([(a.whole, b.whole)] if a.level and b.level else [])]
    if any(_leaves_out(one, two, most) for one, two in forms):
        return SHORTENED
    return SPELLING if _is_respelt(a.whole, b.whole) else ""


def _are_branches(a: _Name, b: _Name) -> bool:
    return bool(_BRANCH.search(a.bare) and _BRANCH.search(b.bare))


def _of_equals(a: _Name, b: _Name) -> str:
    if a.brackets and b.brackets and a.brackets != b.brackets:
        return ""
    if a.brackets != b.brackets:
        return BRACKETS
    return LEVEL if a.whole != b.whole and a.bare == b.bare else FORM


def _leaves_out(a: str, b: str, most: int) -> bool:
    short, long = sorted((a, b), key=len)
    if not _KEPT <= len(short) < len(long) <= len(short) + most:
        return False
    if short[0] != long[0] or short[-1] != long[-1]:
        return False
    rest = iter(long)
    return all(char in rest for char in short)


def _is_respelt(a: str, b: str) -> bool:
    """One character differs, or two that share one: 供电 and 电力, but not 东山区 and 西山区."""
    if len(a) != len(b) or len(a) < _SPELLED:
        return False
    at = [place for place, (x, y) in enumerate(zip(a, b, strict=True)) if x != y]
    one, two = {a[place] for place in at}, {b[place] for place in at}
    if not 1 <= len(at) <= 2 or (one | two) & _TELLING or re.match(rf"^[{_LEVELS}镇乡]", a[at[-1] + 1 :][:2]):
        return False
    return len(at) == 1 or bool(one & two)


def _endings(every: Sequence[_Name], own: str) -> Iterator[tuple[tuple[int, int], str]]:
    """Names that are the end of exactly one other: 县消防救援大队 of 金沙县消防救援大队, 集团公司 of 县建投集团公司."""
    places = {one.whole: at for at, one in enumerate(every)}
    longer: dict[int, list[tuple[int, str]]] = {}
    for at, one in enumerate(every):
        for cut in range(1, min(len(one.whole) - _KEPT, _ELIDED) + 1):
            short = places.get(one.whole[cut:])
            if short is not None:
                longer.setdefault(short, []).append((at, one.whole[:cut]))
    for short, others in longer.items():
        if len(others) > 1 or _AREA.search(every[short].whole):
            continue
        at, head = others[0]
        level = head.rstrip("党委")[-1:]
        elided = level in _UPPER
        if elided and not every[short].level and level != own and not _are_branches(every[short], every[at]):
            continue  # 东山区教育局 is not the city's 教育局
        reason = PLACE if elided or every[short].level else ENDING
        yield (min(short, at), max(short, at)), reason
