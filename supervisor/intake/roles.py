"""Who leads and who answers: labels and verbs beside lists of names, one grammar for brackets, lines, cells and prose.

牵头单位:甲;责任单位:乙、丙 · 责任单位:甲、乙 · 甲牵头,乙、丙按职责分工负责 · 甲、乙等部门配合,各区落实.
"""

import re
from dataclasses import dataclass
from datetime import date
from enum import Enum
from functools import lru_cache

from supervisor.intake import dates
from supervisor.intake.passages import Passage, split_outside
from supervisor.intake.units import (
    UNIT_END,
    clean,
    is_office,
    looks_like_unit,
    spaced_units,
    split_units,
    strip_brackets,
    whole_collectives,
)


class Role(Enum):
    """What a label or verb says of the names beside it."""

    LEAD = "lead"
    RESPONSIBLE = "responsible"
    TIME = "time"
    NOTHING = "nothing"  # a person, a measure, the validity of a policy: read and left aside


@dataclass(frozen=True, slots=True)
class Annotation:
    """Units and times printed as a mark: its span in the passage and what it says.

    Attributes:
        start: offset of its first character in the passage.
        end: offset behind its last character.
        lead: units marked as leading.
        responsible: the other units.
        times: spans that say a time.
        own_line: whether it stands on a line of its own.
        certain: whether it is an explicit mark rather than running text.
        head: how many of the units stand before the first comma.
        items: for how many items it speaks, the last being its own (以上两项由…).
    """

    start: int
    end: int
    lead: tuple[str, ...] = ()
    responsible: tuple[str, ...] = ()
    times: tuple[tuple[int, int], ...] = ()
    own_line: bool = False
    certain: bool = True
    head: int = 0
    items: int = 1

    @property
    def units(self) -> tuple[str, ...]:
        """All units of the mark."""
        return self.lead + self.responsible


@dataclass(frozen=True, slots=True)
class Label:
    """A printed label: where it begins, where its value begins, and what it says of the value."""

    start: int
    value: int
    role: Role
    people: bool = False  # 责任单位及责任人: the value names persons too


_HEADS = (
    "牵头|主办|主责|主要|主体|责任|配合|协办|协助|协同|协作|参与|参加|承办|负责|落实|实施|支持|会办|分管|包联|包保|挂钩|联系|"
    "完成|办结|整改|推进|执行|工作|达标|计划|建设|改造|任务|政策|有效|具体|第[一二]|直接|组织|指导|督导|监督|督办|挂牌|"
    "共同|联合|技术|支撑"
)
_WORD = (
    rf"(?P<word>(?:总|[省市州县区]级?(?=牵头|责任|配合|主办|协办))?(?:{_HEADS})(?:(?:{_HEADS})|[、及和与/]|\([^():]{{1,6}}\)){{0,4}}"
    r"(?:市|县|区|省|州)?(?:级|直)?"
    r"(?:单位|部门|处室|科室|机构|主体|领导|人员|人|时限|时间节点|时间要求|时间|期限|节点|进度|地区|街镇|股室|[办站科]所|方)"
    r"(?:\([^():]{1,8}\))?(?:(?:及|和|、|/)(?:完成)?(?:时限|时间|责任人|负责人|联系人|配合单位|责任单位|责任部门|配合部门))?)"
)
_LABEL = re.compile(
    rf"〔?{_WORD}(?:(?P<closed>〕):?|(?P<mark>:|--?(?=[一-龥])|为(?!主|牵|核|抓)))"
    r"|(?P<short>牵头|主办|责任|配合|协办|参与|协助|部门分工|(?:时限|期限|进度)(?:要求|安排)?|时间(?:要求|安排|节点|进度)):"
    r"|(?<=[;,。])(?P<other>[一-龥]{2,8}):"
)
_LABEL_MARK = re.compile("[:〕为-]")  # without one of these a text holds no label
_BARE = re.compile(_WORD)
_PERSON = re.compile(r"(?:领导|人员|人)(?:\(.*\))?$")
_OFFICES = re.compile(r"单位|部门|处室|科室|机构|主体|地区|街镇|股室|[办站科]所")
_IGNORED = re.compile(r"^(?:政策|执行|有效|联系|建设主体|监督|督导|督办|挂牌|计划时间)")
_TIME = re.compile(r"(?:时限|时间|期限|节点|进度)(?:要求|安排)?$")
_LEAD = re.compile(
    r"^(?:总|第一|共同|联合|[市县区省州]级?)*(?:牵头|主办|主责|责任\(牵头\)|第一责任)(?!.*(?:、|及|和|/)(?:责任单位|责任部门|配合))"
)
_LEAD_BOTH = re.compile(r"^(?:牵头责任|牵头\(责任\)|牵头负责|主要责任|主要负责|主体责任)")

_DUTY = (
    r"(?:(?:按照?|依照?|依据|根据|结合|在|依)(?:各自|自身|部门|其|法定|工作|属地|有关|相关|管理|本部门)*"
    r"(?:职责|职能|分工|职权|权限|范围|原则)+(?:内|范围内)?)"
)
_ADVERB = (
    r"(?:分工|分别|共同|联合|具体|统一|积极|协同|密切|全力|统筹|加强|抓好|抓|分级|主动|予以|给予|做好|各自|直接|依法|进行|全面|认真|"
    r"贯彻|切实|强化)"
)
_LEAD_TAIL = re.compile(
    rf"{_DUTY}?(?:{_ADVERB}|负责|总|组织)*(?:牵头|牵总|主办|主责|主抓|为主)(?:负责|组织|实施|落实|推进|办理|抓总|推动|协调|抓好|完成|统筹|工作|开展)*$"
    r"|(?:作为|为|是)(?:第一|总|主)?(?:牵头|主办|主责)(?:单位|部门)$"
)
_RESP_TAIL = re.compile(
    rf"{_DUTY}?(?:{_ADVERB}|组织)*"
    r"(?:负责|负总责|配合|落实|参与|参加|支撑|支持|实施|协助|协办|指导|督导|推进|推动|承担|承办|办理|监督|协调|会办|督促|贯彻|执行|保障|抓好|"
    r"统筹|跟进|组织实施|各负其责)+(?:工作|等工作|好)?$"
    rf"|{_DUTY}?(?:做好|抓好|落实|开展|承担)(?:相关|有关|各项|具体|相应|配合|本领域|本行业|本地区|本系统|职责内)*(?:工作|任务)$"
    rf"|{_DUTY}$|(?:分工负责|各负其责)$|(?:作为|为|是)(?:责任|配合|协办|参与|承办|协同|支持)(?:单位|部门)$"
)
ALWAYS = re.compile(
    r"(?:并)?(?:长期|持续|常年|全年|常态化?|经常性)(?:坚持|推进|实施|落实|开展|执行|工作|进行|有效|任务|化|性)*$"
)
_MARK = 400  # characters of a mark that may stand again; longer is read anew
_LONGEST = 90  # characters of one name with its verbs; longer is prose
# Any phrase behind an office that opens with a verb or adverb: 结合实际落实, 落实属地责任, 牵总.
_PHRASE = re.compile(
    rf"(?=(?:{_DUTY}|{_ADVERB}|结合|按照?|依照?|依据|根据|参照|在|负|落实|做好|抓|牵|主[抓责管办]|为主|分头|齐抓|各司|提供|总负责|督促|指导|协助|"
    r"支持|推进|推动|实施|组织|配合|参与|监督|保障))(?P<said>.{2,40}$)"
)
_OWN_AREA = re.compile(r"本(?:辖区|地区|行业|领域|系统|单位|部门)$")
_LEADING = re.compile(r"牵头|牵总|主办|主责|主抓|为主")
_SOME_DAY = date(2000, 1, 1)  # completes a date without a year where only its presence matters
REMARK = re.compile(
    r"^(?:以?下同|列.{0,8}为.{0,4}牵头.*|.{0,8}(?:第一|首)(?:位|个|的|名).{0,10}(?:牵头|主办).*|排名不分先后|.{0,12}不再.{0,6}(?:列|标|注|说).*|"
    r"(?:以下|以上|下列|上述)(?:各项|任务|工作|措施|事项|所有|各条)*(?:均|都|由|需|须|涉及).*|另有规定.*)$"
)
_REMARKS = re.compile(
    r"。(?=(?:以下|以上|下列|上述)|不再|下同|(?:列|排|排名|其中)?(?:在)?(?:第一|首)(?:位|个|的|名)|"
    r"[^。;,]{0,8}(?:为|是)(?:牵头|主办)(?:单位|部门))"
)
_MARKED = re.compile(r"[(〔〈](?P<mark>牵头|主办|总牵头|主责|配合|协办|责任|参与)(?:单位|部门)?[)〕〉]$")
#: 政治部(综合办公室协助): another unit in brackets, with the verb that says its part
_BESIDE = re.compile(
    r"^(?P<unit>[^()〔〕]{2,40})[(〔](?:由)?(?P<other>[^()〔〕]{2,40}?)(?P<verb>牵头|主办|协助|配合|协办|参与|协同)[)〕]$"
)
_GLUED = re.compile(
    r"(?P<verb>牵头(?:负责|组织|落实|实施)?)(?=[^负组落实推办抓完工开的单部责人领总,;、。)〕〉\x1e\x1f]|会同|协调小组|实验|实践)"
)


def _role_of(word: str) -> Role:
    if _IGNORED.search(word) or (_PERSON.search(word) and not _OFFICES.search(word)):
        return Role.NOTHING
    if _TIME.search(word) and not _OFFICES.search(word):
        return Role.TIME
    return Role.LEAD if _LEAD.search(word) or _LEAD_BOTH.search(word) else Role.RESPONSIBLE


_LEVELS = "市县区省州盟旗镇乡各国全中"


def labels_in(passage: Passage, start: int = 0, end: int | None = None) -> list[Label]:
    """Return the labels with a colon, 〕 or 为 behind them, in the order they stand."""
    stop = len(passage) if end is None else end
    found: list[Label] = []
    if not _LABEL_MARK.search(passage.text, start, stop):
        return found
    for match in _LABEL.finditer(passage.text, start, stop):
        if match["other"]:
            if found:  # a label that the grammar does not know ends the value before it
                found.append(Label(match.start(), match.end(), Role.NOTHING))
            continue
        word = match["word"] or match["short"]
        people = bool(_PERSON.search(word) and _OFFICES.search(word))
        found.append(Label(match.start(), match.end(), _role_of(word), people))
    return found


def head_label(passage: Passage, start: int, end: int) -> Label | None:
    """Return a label at the head of a bracket that has lost its colon (责任单位 市甲局; 责任单位市甲局), or None."""
    match = _BARE.match(passage.text, start, end)
    if not match or match.end() >= end:
        return None
    behind = passage.text[match.end()]
    if behind == ";":
        return Label(start, match.end() + 1, _role_of(match["word"]))
    return Label(start, match.end(), _role_of(match["word"])) if behind in _LEVELS else None


def label_at(passage: Passage, start: int, end: int) -> bool:
    """Tell whether a label with its mark stands right at `start`."""
    match = _LABEL.match(passage.text, start, end)
    return bool(match and not match["other"])


def is_whole_label(passage: Passage, start: int, end: int) -> bool:
    """Tell whether `start`:`end` is one label without a value (责任单位:)."""
    return bool(_LABEL.fullmatch(passage.text, start, end) or _BARE.fullmatch(passage.text, start, end))


def gap_before(passage: Passage, at: int) -> bool:
    """Tell whether white space stands before a character of a passage."""
    return passage.at[at] - passage.at[at - 1] > 1


def spaced_labels(passage: Passage, start: int) -> list[Label]:
    """Return the labels of a line that sets them off by space instead of a colon (牵头单位 市甲局); else nothing."""
    found: list[Label] = []
    for match in _BARE.finditer(passage.text, start):
        if match.end() < len(passage) and gap_before(passage, match.end()):
            if match.start() != start and not (found and gap_before(passage, match.start())):
                continue
            role = _role_of(match["word"])
            found.append(Label(match.start(), match.end(), role, bool(_PERSON.search(match["word"]))))
        elif match.start() == start:
            return []
    return found


@lru_cache(maxsize=4096)
def _said(token: str, *, strict: bool) -> tuple[str, Role | None]:
    """Part one name from the verbs behind it, and return the role that they say; None where there are none."""
    lead = _LEAD_TAIL.search(token)
    tail = lead or _RESP_TAIL.search(token)
    name = token[: tail.start()] if tail else token
    if (
        strict
        or not name
        or len(name) > _LONGEST
        or (UNIT_END.search(strip_brackets(clean(name))) and not _OWN_AREA.search(name))
    ):
        return name, (Role.LEAD if lead else Role.RESPONSIBLE) if tail else None
    for match in _PHRASE.finditer(token):
        left = token[: match.start()]
        if is_office(clean(left)):
            return left, Role.LEAD if _LEADING.search(match.group()) else Role.RESPONSIBLE
    return name, (Role.LEAD if lead else Role.RESPONSIBLE) if tail else None


def verb_units(
    text: str, default: Role, *, people: bool = False, strict: bool = False
) -> tuple[list[str], list[str], bool]:
    """Read a list of names in which verbs say the role (甲牵头,乙、丙按职责分工负责).

    Args:
        text: folded list; white space may stand as the mark that `Passage.gapped` leaves.
        default: role of names that no verb follows.
        people: whether names of persons stand beside the units, set off by space; they are left out.
        strict: whether only the usual verbs of a mark count, and no other phrase behind a name.

    Returns:
        Lead units, responsible units, and whether any verb was met.
    """
    read = _verb_units if len(text) <= _MARK else _verb_units.__wrapped__
    lead, responsible, met = read(text, default, people, strict)
    return list(lead), list(responsible), met


@lru_cache(maxsize=2048)  # the marks of a notice repeat each other
def _verb_units(
    text: str,
    default: Role,
    people: bool,  # noqa: FBT001 - one part of a key
    strict: bool,  # noqa: FBT001 - one part of a key
) -> tuple[tuple[str, ...], tuple[str, ...], bool]:
    text = _GLUED.sub(r"\g<verb>,", spaced_units(text, people=people))
    lead: list[str] = []
    responsible: list[str] = []
    waiting: list[str] = []
    met = False
    for token in whole_collectives(split_outside(text, "、,;。:")):
        bare = token.strip('\x1f "')
        if (
            not bare
            or REMARK.search(bare)
            or (dates.find(bare, _SOME_DAY, weak=True) and not looks_like_unit(clean(bare)))
            or ALWAYS.match(bare)
        ):
            continue
        marked = _MARKED.search(bare)
        if marked:
            (lead if marked["mark"] in {"牵头", "主办", "总牵头", "主责"} else responsible).extend(
                split_units(bare[: marked.start()])
            )
            met = True
            continue
        beside = _BESIDE.match(bare)
        if beside and all(map(looks_like_unit, others := split_units(beside["other"]))) and others:
            (lead if beside["verb"] in {"牵头", "主办"} else responsible).extend(others)
            bare = beside["unit"]
        name, role = _said(bare, strict=strict)
        waiting += split_units(name)
        if role is not None:
            (lead if role is Role.LEAD else responsible).extend(waiting)
            waiting, met = [], True
    (lead if default is Role.LEAD else responsible).extend(waiting)
    return tuple(once(lead)), tuple(name for name in once(responsible) if name not in lead), met


def once(names: list[str]) -> list[str]:
    """Return the names without repeats, in order."""
    return list(dict.fromkeys(names))


def labelled(passage: Passage, end: int, marks: list[Label]) -> Annotation | None:
    """Read labels and their values up to `end` of a passage; None where no unit and no time is named."""
    text = passage.text
    lead: list[str] = []
    responsible: list[str] = []
    times: list[tuple[int, int]] = []
    for i, mark in enumerate(marks):
        stop = marks[i + 1].start if i + 1 < len(marks) else end
        if mark.role is Role.TIME:
            times.append((mark.value, stop))
        elif mark.role is Role.NOTHING:
            times += times_in(passage, mark.value, stop)
        else:
            sentence = text.find("。", mark.value, stop - 1)
            value = passage.gapped(mark.value, sentence if sentence >= 0 else stop)
            more_lead, more, _ = verb_units(value, mark.role, people=mark.people)
            lead += more_lead
            responsible += more
            times += times_in(passage, mark.value, stop)
    if not (lead or responsible or times):
        return None
    lead = once([name for name in lead if len(name) <= 45])
    rest = tuple(n for n in once(responsible) if n not in lead and len(n) <= 45)
    head = before_comma(text[marks[0].value : end])
    return Annotation(marks[0].start, end, tuple(lead), rest, tuple(times), head=head)


def before_comma(text: str) -> int:
    """Return how many units of a list stand before its first comma outside brackets."""
    return len(split_units(split_outside(text, ",")[0]))


def times_in(passage: Passage, start: int, end: int) -> list[tuple[int, int]]:
    """Return the spans of the parts of a mark that say a time."""
    spans, at = [], start
    for token in split_outside(passage.text[start:end], ",;。、"):
        timely = dates.find(token, _SOME_DAY, weak=True) and not looks_like_unit(clean(token))
        if timely or ALWAYS.match(token):
            spans.append((at, at + len(token)))
        at += len(token) + 1
    return spans


def without_remarks(text: str) -> str:
    """Return a bracket's text up to a remark on the whole notice (。以下均需各区落实,不再列出)."""
    match = _REMARKS.search(text)
    return text[: match.start()] if match else text
