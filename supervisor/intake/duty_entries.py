"""Entries of duties: which units a paragraph opens with, what it says of them, and with which role verb (C05)."""

import re
from dataclasses import dataclass
from functools import lru_cache
from itertools import pairwise

from supervisor.intake.draft import Clause, Duty
from supervisor.intake.passages import Passage, split_outside
from supervisor.intake.units import looks_like_unit, split_units, strip_brackets

_GENERIC = re.compile(
    r"^(?:各)?(?:成员|有关|相关|职能|责任|牵头|配合|市直|区直|县直|州直|省直|市级|县级|区级|主管|级|综合|协调|保护|服务|群团组织和其他|.{0,12}和其他)*"
    r"(?:部门|单位|成员单位)(?:和单位|单位)?$|.{3,}(?:协调|保护|服务|保障|支持|监督|配合|其他)(?:部门|单位)$|"
    r"^各级各部门$|^各(?:区|县|市|地)?、?各(?:有关|相关)?(?:部门|单位)$|(?:领导小组|联席会议|指挥部|工作组|专班|工作专班)(?:办公室)?$|^办公室$|"
    r"(?:行政)?主管部门$|^(?:我|本|全)[市县区州省].{0,2}$"
)
_NOT_UNITS = re.compile(
    r"(?:责任|牵头|配合|协办|主办|参与|负责|成员|实施)(?:单位|部门)$|时限$|时间$|^(?:一|二|三)是|目标$|任务$|要求$|内容$|^附件|措施$|范围$|标准$|原则$|阶段$|"
    r"^(?:组长|副组长|成员)|职责$|分工$|"
    r"^(?:督导|督促|指导(?!委|组)|协调(?!小组|组)|组织(?!部)|配合|协助|支持|引导|监督(?!管理|局)|鼓励|通过|根据|按照|会同|负责|对(?!外)|由|在|将|与|向|从|推动|会商|联合|成立|建立|"
    r"增加|优化|加强|加大|完善|提升|强化|推进(?!办|中心)|深化|实施|开展|健全|落实|规范|拓展|保障(?!局|中心)|促进(?!局|中心|会)|扩大|做好|严格|营造|打造|培育|构建|"
    r"搭建|改善|提高|加快|聚焦|突出|坚持|维护|抓好|发挥|压实|筑牢|守牢|夯实|激发|扶持|畅通|明确|制定|编制(?![办委])|举办|召开|设立|组建|整合|盘活|引进|探索|完成|摸清)"
)
_NEVER = re.compile(
    r"设在|设于|服从|为|由|按照|根据|的|负责|具体|牵头|要(?!素)|密切|应当|加强|指定|下设|设立|承担|严防|严禁|积极|活动"
)
_NOTHING = re.compile(r"(?:负责|牵头|承担|配合|参与|落实)?[,。;]*$")
_BULLET = re.compile(r"(?:-{1,3}|[●■◆▲★□◎·*•▪◇○])+")
_ADVERB = (
    r"(?:主要|具体|要|应|应当|须|需|全面|统一|共同|分别|依法|依规|依据|按(?:照)?(?:各自)?(?:职责|职能)(?:分工)?|切实|积极|认真|及时|定期|主动|全力|进一步|继续|"
    r"为|在)*"
)
_STRICT = rf"{_ADVERB}(?:负责|牵头|承担|会同|参与|配合|协助|指导|统筹|作为)"
_MODAL = rf"{_STRICT}|(?:均|都|还|也)?(?:要(?!素|求|点)|应当|应(?!急)|须)"
# A word that also goes on as a unit's name (宣传部, 保障局, 应急局) is followed by what excludes that.
_ACT = (
    rf"{_ADVERB}(?:负责(?!人|同志)|牵头|作为|参与|参加|配合|指导(?!中心|委|站|服务)|协助|协同|按照|按|依据|依照|依法|承担|统筹(?!办|发展)|组织(?!部|和|、)|监督(?!管理|局|所|站|检)|"
    r"监管(?![局部所分])|加强|做好|落实|会同|履行|督促|协调(?!办|中心|小组|组)|制定|推进(?![办组局]|中心)|推动|支持|研究(?![院所室]|中心)|开展|严格|将(?!军)|把|充分|完善|"
    r"强化|建立|健全|查处|打击|提供|维护(?!中心)|保障(?![局部厅处房性]|中心|服务)|审理|受理|发布(?!中心)|排查|整治(?!办)|处置|发挥|实施|对(?!外)|根据|结合|抓好|抓|引导|"
    r"鼓励|规范|培育|争取|安排|拨付|审核|收集|优化|深化|定期|及时|主动|认真|全力|积极|依托|(?<!服)从|通过|利用|负有|发动|宣传(?![部处办]|中心|思想)|提升(?!办)|提高|确保|执行(?!局)|"
    r"办理|编制(?![委办])|为|是|应(?!急)|须|要|在)"
)
_COLON = re.compile(r"(?P<units>[^:。;!?]{2,120}?):")
_STOP = re.compile(r"(?P<units>[^:。;!?,]{2,60})。(?=.)")
_ACTS = re.compile(_ACT)
_STRICT_ACTS = re.compile(_STRICT)
_MODAL_ACTS = re.compile(_MODAL)
_OF_WHOM = re.compile(r"(?<=.{3})(?:的)?(?:主要|工作|具体)?职责$")  # 市财政局职责:落实经费
_HEADING = re.compile(
    r"^[^,。;:]{2,40}(?:职责|分工|责任)$"
)  # 各部门在应急工作中的职责 says of whom, not what
_MARKS = re.compile(r"[:。;!?]")
_REMARK = re.compile(r"\((?:牵头|责任|配合|协办|主办|参与|落实)(?:单位|部门)?\)")
_ROLE_VERBS = (
    ("牵头", r"牵头"),
    ("负责", r"负责|承担|统筹|组织"),
    ("参与", r"参与|参加"),
    ("配合", r"配合|协助|协同"),
    ("指导", r"指导|督促|监督|督导"),
)
_ROLE_VERB = re.compile("|".join(rf"(?P<v{i}>{words})" for i, (_, words) in enumerate(_ROLE_VERBS)))


@dataclass(frozen=True, slots=True)
class Opening:
    """The units that a passage opens with, where the text behind them begins, and how they are set off."""

    units: tuple[str, ...]
    end: int
    kind: str


@lru_cache(maxsize=4096)
def units_in(text: str) -> tuple[str, ...]:
    """Return the units that a printed list names, or nothing where one of them is no unit."""
    if _NOT_UNITS.search(text):
        return ()
    names = split_units(_REMARK.sub("", text))
    if not names or any(
        len(name) > 40 or _NOT_UNITS.search(strip_brackets(name)) or _NEVER.search(name) for name in names
    ):
        return ()
    if not looks_like_unit(names[-1]) or not all(
        looks_like_unit(name) or _head_of_list(name) for name in names
    ):
        return ()
    return () if len(names) == 1 and _GENERIC.search(names[0]) else tuple(names)


def _head_of_list(name: str) -> bool:
    """Accept the short first items of 县供电、供水、燃气等管线单位 (E-21, E-32)."""
    return 2 <= len(name) <= 5 and bool(re.fullmatch(r"[一-龥]+", name))


def opening(text: str, *, strict: bool = False, modal: bool = False) -> Opening | None:
    """Return what a folded text opens with: 单位:…, 单位。…, 单位负责…, or nothing but units.

    Args:
        text: folded, without white space.
        strict: accept before a verb only where the verb assigns a role (负责, 牵头 …).
        modal: accept only that, or 要, 应 (市教育局要加强…).
    """
    acts = _STRICT_ACTS if strict else _MODAL_ACTS if modal else _ACTS
    bullet = _BULLET.match(text)
    start = bullet.end() if bullet else 0
    for kind, form in (("colon", _COLON), ("stop", _STOP)):
        match = form.match(text, start)
        units = units_in(_OF_WHOM.sub("", match["units"])) if match else ()
        if match and units and len(text) - match.end() >= 4:
            return Opening(units, match.end(), kind)
    acts_in = () if _HEADING.search(text) else acts.finditer(text, start, start + 70)
    for tried, match in enumerate(acts_in):
        head = text[start : match.start()]
        if tried > 8 or _MARKS.search(head):
            break
        units = units_in(head) if len(head) >= 2 else ()
        if units:
            return Opening(units, match.start(), "verb")
    if len(text) <= 60 and (units := units_in(text[start:].rstrip(":。"))):
        return Opening(units, len(text), "alone")
    return None


def make(units: tuple[str, ...], rest: Passage, whole: Passage) -> Duty:
    """Return the duty of units (folded) that `rest` describes; it stands where `whole` stands."""
    printed = tuple(whole.as_printed(unit) for unit in units)
    return Duty(printed, rest.printed(), whole.place(), clauses_of(rest))


def clauses_of(passage: Passage) -> tuple[Clause, ...]:
    """Return the clauses of a duty with their role verbs; a verb carries over , but not over 。 or ;."""
    found: list[Clause] = []
    at = 0
    for piece in split_outside(passage.text, "。;"):
        part = passage.cut(at, at + len(piece))
        at += len(piece) + 1
        if not piece:
            continue
        commas = [match.end() for match in re.finditer(r",", piece)]
        cuts = [0, *(comma for comma in commas if _verb_at(piece[comma : comma + 12]))]
        for start, end in zip(cuts, [*cuts[1:], len(piece)], strict=True):
            verb = _verb_at(piece[start : start + 12]) or _called(piece[start:end])
            found.append(Clause(verb, part.printed(start, end).rstrip("，,")))
    return tuple(found)


def _verb_at(text: str) -> str:
    """Return the role verb that a clause begins with, in one of five words, or nothing."""
    head = re.match(_ADVERB, text)
    match = _ROLE_VERB.match(text, head.end() if head else 0)
    return _ROLE_VERBS[int((match.lastgroup or "v0")[1:])][0] if match else ""


def _called(text: str) -> str:
    """Return 牵头 where a clause names its unit the lead unit (为…牵头单位, E-23)."""
    return "牵头" if re.match(r"(?:作)?为[^,]{0,40}牵头(?:单位|部门)", text) else ""


def _starts(text: str) -> list[int]:
    """Return where the sentences of a paragraph begin; also behind a comma where a unit takes a role there."""
    starts, depth = [0], 0
    for i, char in enumerate(text[:-1]):
        depth = depth + 1 if char in "(〔〈《“" else max(0, depth - 1) if char in ")〕〉》”" else depth
        if not depth and (char in "。;" or (char == "," and _takes_role(text[i + 1 : i + 81]))):
            starts.append(i + 1)
    return starts


def _takes_role(text: str) -> bool:
    found = opening(text, modal=True)
    return found is not None and found.kind == "verb"


def running(passage: Passage, *, strict: bool = False) -> list[Duty]:
    """Read a paragraph whose sentences open with their units; a sentence without one continues the last."""
    text = passage.text
    starts = [*_starts(text), len(text)]
    heads: list[tuple[int, int, Opening]] = []
    for start, end in pairwise(starts):
        found = opening(text[start:end], modal=strict or (start > 0 and text[start - 1] in ",;"))
        if found and found.kind != "alone":
            heads.append((start, start + found.end, found))
    if heads and heads[0][0] > 0 and len(heads) < 3:
        return []
    stops = [*(start for start, _, _ in heads[1:]), len(text)][: len(heads)]
    duties: list[Duty] = []
    last: tuple[tuple[str, ...], int, int] | None = None
    for (start, end, opens), stop in zip(heads, stops, strict=True):
        said = _NOTHING.match(text, end, stop) is None
        if (
            last and not said and text[start - 1] == ","
        ):  # …,市乙局配合: that unit has a part in what was said before
            units, begin, said_from = last
            duties.pop()
            last = ((*units, *(unit for unit in opens.units if unit not in units)), begin, said_from)
        elif said:
            last = (opens.units, start, end)
        else:
            last = None
            continue
        duties.append(make(last[0], passage.cut(last[2], stop), passage.cut(last[1], stop)))
    return duties


_OF_ALL = re.compile(r"(?P<units>各(?:成员|有关|相关)*(?:单位|部门)):(?=.{4})")


def entry(passage: Passage, *, numbered: bool = False) -> list[Duty]:
    """Read one paragraph of a section of duties: one entry, or several in a row.

    Args:
        passage: the paragraph.
        numbered: whether it is an item of a list; then 各成员单位: is an entry like the others, and no address.
    """
    to_all = _OF_ALL.match(passage.text) if numbered else None
    if to_all:
        return [make((to_all["units"],), passage.cut(to_all.end()), passage)]
    found = opening(passage.text)
    if found and found.kind in {"colon", "stop"}:
        several = [duty for duty in running(passage) if duty.units] if found.kind == "colon" else []
        colons = len(re.findall(r"(?:^|[。;])[^:。;,]{2,60}:", passage.text))
        if colons >= 2 and len(several) >= 2:
            return several
        return [make(found.units, passage.cut(found.end), passage)]
    several = running(passage)
    if len(several) >= 2:
        return several
    if several and found and several[0].units[: len(found.units)] == found.units:
        return several
    return [make(found.units, passage.cut(found.end), passage)] if found and found.kind == "verb" else several
