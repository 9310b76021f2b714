"""Who leads and who answers: the ways a notice prints units and their role beside a task.

牵头单位:甲;责任单位:乙、丙 · 责任单位:甲、乙 · 甲牵头,乙、丙按职责分工负责 · 甲、乙等部门配合,各区落实.
"""

import re
from dataclasses import dataclass, replace
from enum import Enum

from supervisor.intake import dates
from supervisor.intake.passages import Passage, brackets, split_outside
from supervisor.intake.units import clean, looks_like_unit, spaced_units, split_units


class Role(Enum):
    """What a label or verb says of the names beside it."""

    LEAD = "lead"
    RESPONSIBLE = "responsible"
    TIME = "time"
    NOTHING = "nothing"  # a person, a measure, the validity of a policy: read and left aside


@dataclass(frozen=True, slots=True)
class Annotation:
    """Units and times printed as a mark: its span in the passage and what it says."""

    start: int
    end: int
    lead: tuple[str, ...] = ()
    responsible: tuple[str, ...] = ()
    times: tuple[tuple[int, int], ...] = ()
    own_line: bool = False
    certain: bool = True

    @property
    def units(self) -> tuple[str, ...]:
        """All units of the mark."""
        return self.lead + self.responsible


_HEADS = (
    "牵头|主办|主责|主要|主体|责任|配合|协办|协助|协同|协作|参与|参加|承办|负责|落实|实施|支持|会办|分管|包联|包保|挂钩|联系|"
    "完成|办结|整改|推进|执行|工作|达标|计划|建设|改造|任务|政策|有效|具体|第一|直接|组织|指导|督导|监督|督办|挂牌"
)
_LABEL = re.compile(
    rf"〔?(?P<word>总?(?:{_HEADS})(?:(?:{_HEADS})|[、及和与/]|\([^():]{{1,6}}\)){{0,4}}"
    r"(?:市|县|区|省|州)?(?:级|直)?"
    r"(?:单位|部门|处室|科室|机构|主体|领导|人员|人|时限|时间节点|时间要求|时间|期限|节点|进度|地区|街镇|股室|方)"
    r"(?:\([^():]{1,8}\))?(?:(?:及|和|、)(?:完成)?(?:时限|时间|责任人|负责人|配合单位|责任单位))?)(?:(?P<closed>〕):?|(?P<mark>:|为(?!主|牵|核|抓)))"
    r"|(?P<short>牵头|主办|责任|配合|协办|参与|协助|时限):"
)
_PERSON = re.compile(r"(?:领导|人员|人)(?:\(.*\))?$")
_IGNORED = re.compile(r"^(?:政策|执行|有效|联系|建设主体|指导|监督|督导|督办|挂牌|计划时间)")
_TIME = re.compile(r"(?:时限|时间节点|时间要求|时间|期限|节点|进度)$")
_LEAD = re.compile(r"^总?(?:牵头|主办|主责|第一责任)(?!.*(?:责任单位|配合))")
_LEAD_BOTH = re.compile(r"^(?:牵头责任|牵头\(责任\)|责任\(牵头\)|牵头负责|主要责任|主要负责|主体责任)")

_DUTY = (
    r"(?:(?:按照?|依照?|依据|根据|结合|在|依)(?:各自|自身|部门|其|法定|工作|属地|有关|相关|管理)*(?:职责|职能|分工|职权|权限|范围|原则)+"
    r"(?:内|范围内)?)"
)
_LEAD_TAIL = re.compile(
    rf"{_DUTY}?(?:分工|分别|共同|联合|具体|统一|负责|总|统筹)*(?:牵头|主办)(?:负责|组织|实施|落实|推进|办理|抓总|推动|协调|抓好|完成|统筹)*$"
)
_RESP_TAIL = re.compile(
    rf"{_DUTY}?(?:分工|分别|共同|具体|积极|协同|组织|联合|密切|全力|统筹|抓好|加强|抓|分级|主动|予以|给予|做好|各自|统一|直接|依法|进行)*"
    r"(?:负责|配合|落实|参与|参加|支撑|支持|实施|协助|协办|指导|推进|推动|承担|承办|办理|监督|协调|会办|督促|贯彻|执行|保障|抓好|主责|组织)+"
    rf"(?:工作|等工作)?$|{_DUTY}$|(?:分工负责|各负其责)$"
)
_LONGEST = 90  # characters of one name with its verb; longer is prose
_REMARK = re.compile(
    r"^(?:以?下同|列.{0,8}为.{0,4}牵头.*|.{0,6}(?:第一|首)(?:位|个).{0,10}牵头.*|排名不分先后|不再列出|另有规定.*)$"
)
_MARKED = re.compile(r"[(〔〈](?P<mark>牵头|主办|总牵头|主责|配合|协办|责任|参与)(?:单位|部门)?[)〕〉]$")
_GLUED = re.compile(
    r"(?P<verb>牵头(?:负责|组织|落实|实施)?)(?=[^负组落实推办抓完的单部责人领总,;、。)〕〉\x1e\x1f]|会同|协调小组|实验|实践)"
)
_TRIGGER = re.compile(r"牵头|负责|配合|落实|参与|主办|协办|支撑|组织实施|分工|承办|支持|指导")


def _label_role(match: re.Match[str]) -> Role:
    word = match["word"] or match["short"]
    if _PERSON.search(word) or _IGNORED.search(word):
        return Role.NOTHING
    if _TIME.search(word):
        return Role.TIME
    return Role.LEAD if _LEAD.search(word) or _LEAD_BOTH.search(word) else Role.RESPONSIBLE


def verb_units(text: str, default: Role) -> tuple[list[str], list[str], bool]:
    """Read a list of names in which verbs say the role (甲牵头,乙、丙按职责分工负责).

    Args:
        text: folded list; white space may stand as the mark that `Passage.gapped` leaves.
        default: role of names that no verb follows.

    Returns:
        Lead units, responsible units, and whether any verb was met.
    """
    text = _GLUED.sub(r"\g<verb>,", spaced_units(text))
    lead: list[str] = []
    responsible: list[str] = []
    waiting: list[str] = []
    met = False
    for token in split_outside(text, "、,;。:"):
        bare = token.strip('\x1f "“”')
        if (
            not bare
            or _REMARK.search(bare)
            or (dates.find(bare, None, weak=True) and not looks_like_unit(clean(bare)))
        ):
            continue
        marked = _MARKED.search(bare)
        if marked:
            (lead if marked["mark"] in {"牵头", "主办", "总牵头", "主责"} else responsible).extend(
                split_units(bare[: marked.start()])
            )
            met = True
            continue
        tail = _LEAD_TAIL.search(bare)
        target = lead
        if not tail:
            tail, target = _RESP_TAIL.search(bare), responsible
        if tail:
            waiting += split_units(bare[: tail.start()])
            target += waiting
            waiting, met = [], True
        else:
            waiting += split_units(bare)
    (lead if default is Role.LEAD else responsible).extend(waiting)
    return _once(lead), [name for name in _once(responsible) if name not in lead], met


def _once(names: list[str]) -> list[str]:
    return list(dict.fromkeys(names))


def labelled(passage: Passage, start: int, end: int) -> Annotation | None:
    """Read `start`:`end` of a passage as labels and their values; None where no unit and no time is named."""
    text = passage.text
    marks = list(_LABEL.finditer(text, start, end))
    lead: list[str] = []
    responsible: list[str] = []
    times: list[tuple[int, int]] = []
    for i, match in enumerate(marks):
        stop = marks[i + 1].start() if i + 1 < len(marks) else end
        role = _label_role(match)
        value_start = match.end()
        if role is Role.TIME:
            times.append((value_start, stop))
        elif role is not Role.NOTHING:
            value = passage.gapped(value_start, stop)
            value = value.split("。")[0] if "。" in value[:-1] else value
            more_lead, more, _ = verb_units(value, role)
            lead += more_lead
            responsible += more
    if not (lead or responsible or times):
        return None
    lead = _once([name for name in lead if len(name) <= 45])
    return Annotation(
        start,
        end,
        tuple(lead),
        tuple(n for n in _once(responsible) if n not in lead and len(n) <= 45),
        tuple(times),
    )


def _verbal(passage: Passage, start: int, end: int) -> Annotation | None:
    """Read a bracket without labels: verbs say the roles, or it is nothing but names of units."""
    text = passage.text[start:end]
    if len(text) < 3 or text.startswith(
        ("以下简称", "含", "包括", "见", "详见", "附", "如", "即", "例如", "不含")
    ):
        return None
    if re.search(r"[。!?]", text[:-1]):
        return None
    lead, responsible, met = verb_units(passage.gapped(start, end), Role.RESPONSIBLE)
    names = lead + responsible
    if not names:
        return None
    good = sum(looks_like_unit(name) for name in names)
    if met and _TRIGGER.search(text):
        if good * 3 < len(names) * 2 or (len(names) < 3 and good < len(names)):
            return None
    elif good < len(names):
        return None
    times = tuple(_times_in(passage, start, end))
    return Annotation(start, end, tuple(lead), tuple(responsible), times)


def _times_in(passage: Passage, start: int, end: int) -> list[tuple[int, int]]:
    spans, at = [], start
    for token in split_outside(passage.text[start:end], ",;。"):
        if dates.find(token, None, weak=True) or re.search(r"20\d\d年|\d月|年底|年内|每[年月季周]", token):
            spans.append((at, at + len(token)))
        at += len(token) + 1
    return spans


def in_brackets(passage: Passage) -> list[Annotation]:
    """Return the unit brackets of a passage; a bare list of units counts only at the end of a sentence."""
    found = []
    text = passage.text
    for start, end in brackets(text):
        inner = text[start + 1 : end - 1]
        note: Annotation | None = None
        if text[start] == "〔" and (
            _LABEL.fullmatch(text, start, end) or _LABEL.fullmatch(text, start, end + 1)
        ):
            continue  # 〔责任单位〕 is a label, the units stand behind it
        first = _LABEL.match(text, start + 1, end - 1)
        if first:
            note = labelled(passage, start + 1, end - 1)
        elif _LABEL.search(inner):
            note = _mixed(passage, start + 1, end - 1)
        else:
            note = _verbal(passage, start + 1, end - 1)
            closes = not text[end:].strip("。;,") or text[start - 1 : start] in {"。", ";"}
            if note is not None and not _TRIGGER.search(inner) and not closes:
                note = None
        if note and (note.units or note.times):
            found.append(replace(note, start=start, end=end))
    return found


def _mixed(passage: Passage, start: int, end: int) -> Annotation | None:
    """Read a bracket whose labels stand behind other words (市甲局牵头;配合单位:乙)."""
    first = next(_LABEL.finditer(passage.text, start, end))
    labels_part = labelled(passage, first.start(), end)
    words_part = _verbal(passage, start, first.start())
    if not labels_part:
        return words_part
    if not words_part:
        return labels_part
    return replace(
        labels_part,
        lead=words_part.lead + labels_part.lead,
        responsible=words_part.responsible + labels_part.responsible,
        times=words_part.times + labels_part.times,
    )


_LINE_VERBS = re.compile(
    r"^由?[^。;:《》]{2,200}?(?:牵头|按(?:照)?(?:各自)?职责分工|负责|配合|落实)[^。;:《》]{0,120}[。;]?$"
)


def as_line(passage: Passage) -> Annotation | None:
    """Read a whole passage as a line of its own under a task (责任单位:… , 甲牵头,乙配合)."""
    text = passage.text.lstrip("*★●■◆▲·-")
    skip = len(passage.text) - len(text)
    first = _LABEL.match(passage.text, skip)
    if first:
        note = labelled(passage, skip, len(passage))
        return replace(note, own_line=True) if note else None
    if text[:1] in "(〔" and (not text.endswith("。") or text.endswith(")。")):
        spans = brackets(passage.text)
        if spans and spans[0][0] == skip and spans[-1][1] >= len(passage.text.rstrip("。;,")):
            notes = in_brackets(passage)
            if len(notes) == len(spans):
                return replace(join(notes), own_line=True)
    if _LINE_VERBS.match(text) and len(text) <= 200 and "牵头" in text:
        lead, responsible, met = verb_units(
            passage.gapped(skip, len(passage)).rstrip("。;"), Role.RESPONSIBLE
        )
        if met and lead and all(looks_like_unit(name) for name in lead + responsible):
            return Annotation(skip, len(passage), tuple(lead), tuple(responsible), own_line=True)
    return None


def join(notes: list[Annotation]) -> Annotation:
    """Return one mark with the union of several."""
    lead = _once([name for note in notes for name in note.lead])
    responsible = _once([name for note in notes for name in note.responsible if name not in lead])
    times = tuple(span for note in notes for span in note.times)
    return replace(notes[0], end=notes[-1].end, lead=tuple(lead), responsible=tuple(responsible), times=times)


def in_tail(passage: Passage) -> Annotation | None:
    """Read labels that close a paragraph without brackets (…。责任单位:甲、乙)."""
    text = passage.text
    for match in _LABEL.finditer(text):
        if match["mark"] == "为" or match.start() == 0:
            continue
        if text[match.start() - 1] in "。;)!" and _label_role(match) is not Role.NOTHING:
            note = labelled(passage, match.start(), len(text))
            if note and note.units:
                return note
    return None


_RUNNING = re.compile(
    r"(?:^|[。;,:])由(?P<list>[^。;:《》]{2,120}?牵头[^。;:《》]{0,160}?(?:配合|参与|参加|按(?:照)?职责分工负责))"
)


def in_running_text(passage: Passage) -> list[Annotation]:
    """Read 由甲牵头,乙、丙配合 in a sentence; less certain than a mark."""
    found = []
    for match in _RUNNING.finditer(passage.text):
        lead, responsible, met = verb_units(match["list"], Role.RESPONSIBLE)
        if met and lead and all(looks_like_unit(name) for name in lead + responsible):
            found.append(
                Annotation(
                    match.start("list"), match.end("list"), tuple(lead), tuple(responsible), certain=False
                )
            )
    return found


_FIRST_LEADS = re.compile(
    r"(?:第一|首)(?:位|个|家|名)?[^。;]{0,14}(?:为|是|系)[^。;]{0,8}牵头|牵头[^。;]{0,4}(?:为|是)[^。;]{0,6}(?:第一|首)(?:位|个)"
)


def first_leads(text: str) -> bool:
    """Tell whether the notice rules that the first unit named leads (第一位为牵头部门)."""
    return bool(_FIRST_LEADS.search(text))
