"""Where a notice prints units beside a task: in brackets, on lines of their own, behind a paragraph, in prose."""

import re
from dataclasses import replace

from supervisor.intake.moments import number
from supervisor.intake.passages import Passage, brackets, split_outside
from supervisor.intake.people import sure_name
from supervisor.intake.roles import (
    ALWAYS,
    Annotation,
    Label,
    Role,
    before_comma,
    gap_before,
    head_label,
    is_whole_label,
    label_at,
    labelled,
    labels_in,
    once,
    spaced_labels,
    times_in,
    verb_units,
    without_remarks,
)
from supervisor.intake.units import is_office, looks_like_unit, split_units

_TRIGGER = re.compile(
    r"牵头|负责|配合|落实|参与|主办|协办|支撑|组织实施|分工|承办|支持|指导|会办|统筹|为责任|为牵头"
)
_NO_UNITS = (
    "以下简称", "含", "包括", "见", "详见", "附", "如", "即", "例如", "不含", "简称", "指", "或", "原", "下称", "除",
    "设在", "设于",
)  # fmt: skip
_FUNCTIONS = re.compile(r"等[^、,;]{0,6}(?:部门|单位)")
_PLACE = re.compile(r"[一-龥]{2,4}")
_FUNCTION = re.compile(r"[一-龥]{2,8}")
_OPENS = re.compile(
    r"(?:此|该|本|以上|上述)(?:项|些)?(?:工作|任务|事项|措施|内容)(?:均|都)?由"
    r"|(?:以上|上述)(?P<items>[两二三四五六七八九]|\d)[项条个](?:工作|任务|事项|措施|内容)?(?:均|都)?由"
)
_BULLETS = "*★●■◆▲·-○◇□▪"


def _verbal(passage: Passage, start: int, end: int) -> Annotation | None:
    """Read a bracket without labels: verbs say the roles, or it is nothing but names of units."""
    opened = _OPENS.match(passage.text, start, end)
    items = number(opened["items"].replace("两", "二")) if opened and opened["items"] else 1
    start = opened.end() if opened else start
    text = without_remarks(passage.text[start:end])
    if len(text) < 3 or text.startswith(_NO_UNITS) or re.search(r"[。!?]", text[:-1]):
        return None
    lead, responsible, met = verb_units(passage.gapped(start, start + len(text)), Role.RESPONSIBLE)
    names = lead + responsible
    if not names:
        return None
    functions = bool(_FUNCTIONS.search(text))  # 市发展改革、财政等部门: functions stand for their offices
    good = sum(looks_like_unit(name) or (functions and bool(_FUNCTION.fullmatch(name))) for name in names)
    if met and good >= 2:  # 黑河、绥芬河市政府: places that share the last name's end
        good += sum(not looks_like_unit(name) and bool(_PLACE.fullmatch(name)) for name in names)
    if met and _TRIGGER.search(text):
        if good * 3 < len(names) * 2 or (len(names) < 3 and good < len(names)):
            return None
    elif good < len(names) and not _nearly_all(names):
        return None
    times = tuple(times_in(passage, start, end))
    return Annotation(
        start, end, tuple(lead), tuple(responsible), times, head=before_comma(text), items=items
    )


def _nearly_all(names: list[str]) -> bool:
    """Tell whether a list of four or more names has one that ends like no unit, the others being offices."""
    strange = [name for name in names if not looks_like_unit(name)]
    return len(names) >= 4 and len(strange) == 1 and len(strange[0]) <= 12 and is_office(names[0])


def _spans(passage: Passage) -> list[tuple[int, int]]:
    """Return the outermost brackets of a paragraph.

    One that is never closed counts up to the end if a label follows it or nothing else is bracketed behind it;
    otherwise it is a slip, and the brackets behind it stand on their own.
    """
    pairs: list[tuple[int, int]] = []
    stack: list[int] = []
    for i, char in enumerate(passage.text):
        if char in "(〔":
            stack.append(i)
        elif char in ")〕" and stack:
            start = stack.pop()
            while pairs and pairs[-1][0] > start:
                pairs.pop()
            pairs.append((start, i + 1))
    for start in stack:
        if label_at(passage, start + 1, len(passage)) or not pairs or pairs[-1][1] <= start:
            return [pair for pair in pairs if pair[1] <= start] + [(start, len(passage) + 1)]
    return pairs


def in_brackets(passage: Passage) -> list[Annotation]:
    """Return the unit brackets of a passage; a bare list of units counts only where a sentence ends.

    In mid-paragraph it counts only if the paragraph also ends with one, or follows 。 or ;.
    """
    found: list[tuple[Annotation, bool]] = []
    text = passage.text
    proven = False
    for start, end in _spans(passage):
        inner = text[start + 1 : end - 1]
        sure = True
        if text[start] == "〔" and (
            is_whole_label(passage, start, end) or is_whole_label(passage, start + 1, end - 1)
        ):
            continue  # 〔责任单位〕 is a label, the units stand behind it
        head = head_label(passage, start + 1, end - 1)
        if head and (note := _headed(passage, head, end - 1)):
            pass
        elif label_at(passage, start + 1, end - 1):
            note = labelled(passage, end - 1, labels_in(passage, start + 1, end - 1))
        elif labels_in(passage, start + 1, end - 1):
            note = _mixed(passage, start + 1, end - 1)
        else:
            note = _verbal(passage, start + 1, end - 1)
            if note is not None and not _TRIGGER.search(inner):
                closes = not text[end:].strip("。;,")
                sure = closes or start == 0 or text[start - 1] in "。;"
                sure = sure or _ends_title(text, start, end, note)
                if _called(text[:start]) or not any(is_office(name) for name in note.units):
                    note = None
                proven = proven or (closes and note is not None)
                if not sure and text[end : end + 1] not in {"。", ";", ",", "、"}:
                    note = None
        if note is None and ALWAYS.fullmatch(inner):
            note = Annotation(start, end, times=((start + 1, end - 1),))
        if note and (note.units or note.times):
            found.append((replace(note, start=start, end=end), sure))
    return [note for note, sure in found if sure or proven]


_OFFICE = re.compile(r"(?:^|[省市县区州盟旗]|国家)[^,、。;:]{1,16}(?:局|委员会|委|厅|办|办公室)$")


def _called(before: str) -> bool:
    """Tell whether the words before a bracket are a person or an office, of whom it tells (市科技局(市外专局))."""
    last = re.split("[,、。;:]", before)[-1]
    return sure_name(before.rpartition(":")[2]) or bool(_OFFICE.search(last))


def _headed(passage: Passage, head: Label, end: int) -> Annotation | None:
    note = labelled(passage, end, [head, *labels_in(passage, head.value, end)])
    return note if note and note.units and all(map(looks_like_unit, note.units)) else None


def _ends_title(text: str, start: int, end: int, note: Annotation) -> bool:
    """Tell whether a list of offices closes the first sentence of an item (1.推进甲项(市甲局、市乙局)。加大力度。)."""
    return (
        text[end : end + 1] == "。"
        and "。" not in text[:start]
        and len(note.units) > 1
        and all(map(is_office, note.units))
    )


def _mixed(passage: Passage, start: int, end: int) -> Annotation | None:
    """Read a bracket whose labels stand behind other words (市甲局牵头;配合单位:乙)."""
    labels = labels_in(passage, start, end)
    labels_part = labelled(passage, end, labels)
    words_part = _verbal(passage, start, labels[0].start)
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


def as_line(passage: Passage, *, verbal: bool = True) -> Annotation | None:
    """Read a whole passage as a line of its own under a task (责任单位:… , 甲牵头,乙配合).

    Args:
        passage: the line.
        verbal: whether verbs alone make a mark; among duties they make an entry.
    """
    text = passage.text.lstrip(_BULLETS)
    skip = len(passage.text) - len(text)
    if label_at(passage, skip, len(passage)):
        note = labelled(passage, len(passage), labels_in(passage, skip))
        return replace(note, own_line=True) if note else None
    spaced = spaced_labels(passage, skip)
    if spaced:
        note = labelled(passage, len(passage), spaced)
        if note and all(looks_like_unit(name) for name in note.units):
            return replace(note, own_line=True)
    if text[:1] in "(〔" and (not text.endswith("。") or text.endswith(")。")):
        spans = brackets(passage.text)
        if spans and spans[0][0] == skip and spans[-1][1] >= len(passage.text.rstrip("。;,")):
            notes = in_brackets(passage)
            if len(notes) == len(spans):
                return replace(join(notes), own_line=True)
    return _verbal_line(passage, skip) if verbal else None


def _verbal_line(passage: Passage, skip: int) -> Annotation | None:
    """Read a line in which verbs say the roles of nothing but names (甲牵头,乙、丙配合)."""
    text = passage.text[skip:].rstrip("。;")
    if not 6 <= len(text) <= 300 or not _TRIGGER.search(text) or re.search(r"[。;:《》]", text):
        return None
    lead, responsible, met = verb_units(passage.gapped(skip, skip + len(text)), Role.RESPONSIBLE)
    names = lead + responsible
    if met and lead and all(looks_like_unit(name) for name in names) and is_office(names[0]):
        return Annotation(skip, len(passage), tuple(lead), tuple(responsible), own_line=True)
    return None


def as_names(passage: Passage) -> Annotation | None:
    """Read a line of nothing but names of offices, without label or verb; the caller judges whether it is a mark."""
    if len(passage) > 300 or not is_office(passage.text.rstrip("。").split("、")[0].split(",")[0]):
        return None
    _, names, met = verb_units(passage.gapped(0, len(passage)).rstrip("。"), Role.RESPONSIBLE)
    if met or not names or not all(looks_like_unit(name) for name in names):
        return None
    return Annotation(0, len(passage), (), tuple(names), own_line=True, certain=False)


def label_alone(passage: Passage) -> bool:
    """Tell whether a line is a label whose value stands on the next line."""
    skip = len(passage.text) - len(passage.text.lstrip(_BULLETS))
    return is_whole_label(passage, skip, len(passage))


def join(notes: list[Annotation]) -> Annotation:
    """Return one mark with the union of several."""
    lead = once([name for note in notes for name in note.lead])
    responsible = once([name for note in notes for name in note.responsible if name not in lead])
    times = tuple(span for note in notes for span in note.times)
    return replace(notes[0], end=notes[-1].end, lead=tuple(lead), responsible=tuple(responsible), times=times)


_LABELS = 8  # labels of one paragraph that are tried as the beginning of a mark


def in_tail(passage: Passage) -> Annotation | None:
    """Read labels that close a paragraph without brackets (…。责任单位:甲、乙)."""
    text = passage.text
    labels = labels_in(passage)
    for i, label in enumerate(labels[:_LABELS]):
        if label.start == 0 or label.role is Role.NOTHING:
            continue
        sentence = text[label.start - 1] in "。;)!"
        if not sentence and text[label.start - 1] != "," and not gap_before(passage, label.start):
            continue
        note = labelled(passage, len(text), labels[i:])
        # 责任单位为市甲局, or behind no more than a comma or space: prose, unless nothing but offices or names follow
        proof = is_office if text[label.value - 1] == "为" else None if sentence else looks_like_unit
        if note and note.units and (proof is None or all(map(proof, note.units))):
            return note
    return None


_OPENER = (
    r"(?:(?:此|该|这|本|上述|以上|具体|相关)?(?:项|些)?(?:工作|任务|事项|措施)?"
    r"(?:具体|统一|主要|原则上|要|应|共同|分别)*由|并由)"
)
_LED = re.compile(
    rf"^(?P<by>{_OPENER})?(?P<list>[^由]{{3,120}}?)(?:共同|联合|负责)*牵头(?P<rest>[^、]*)(?P<more>、.*)?$"
)
_COMPANY = 12  # clauses in which those who join a lead unit may be named
_PLAIN_REST = re.compile(r"^(?:负责|组织|实施|落实|推进|抓总|协调|统筹|抓好|完成|办理|总)*$")
_WITH = re.compile(r"^(?:负责)?(?:,|并)?(?:会同|商|联合)(?P<list>.{3,120})$")
_DOING = re.compile(
    r"(?<=[局委办厅部署府室心司团院队会行关镇乡道区县市])(?:共同|联合|及时|积极|定期|进一步|统筹|研究|抓紧)*"
    r"(?:制定|制订|出台|研究|开展|组织|推进|负责|做好|建立|编制|落实|加强|完善|指导|推动|实施|起草|提出|完成|梳理|修订|健全|"
    r"明确|督促|对|按|依|根据|结合|于|在|等有关部门|等部门).*$"
)


def _names(text: str) -> list[str]:
    """Return the names of a list if every one is an office or a collective, else nothing."""
    names = split_units(text)
    good = names and all(looks_like_unit(name) and len(name) <= 25 for name in names)
    return names if good and any(is_office(name) for name in names) else []


def _company(clause: str) -> list[str]:
    """Return the units of a clause that says who joins (乙、丙配合; 会同乙、丙制定方案)."""
    joined = _WITH.match(clause)
    if joined:
        return _names(_DOING.sub("", joined["list"]))
    _, responsible, met = verb_units(clause, Role.RESPONSIBLE, strict=True)
    return responsible if met and all(looks_like_unit(name) for name in responsible) else []


def in_running_text(passage: Passage, *, alone: bool) -> list[Annotation]:
    """Read 由甲牵头,乙、丙配合 in sentences; less certain than a mark.

    Args:
        passage: one paragraph of an item.
        alone: whether the notice marks no task otherwise; then 由甲负责 without company counts too.
    """
    found, at = [], 0
    for sentence in re.split(r"[。;:!?]", passage.text):
        if "牵头" in sentence or (alone and "由" in sentence):
            note = _sentence(sentence, alone=alone)
            if note:
                found.append(replace(note, start=at, end=at + len(sentence)))
        at += len(sentence) + 1
    return found


def _sentence(sentence: str, *, alone: bool) -> Annotation | None:
    clauses = split_outside(sentence, ",")
    for i, clause in enumerate(clauses):
        behind = clauses[i + 1 : i + _COMPANY]
        led = _LED.match(clause)
        if led and not led["rest"].startswith(("的", "单位", "部门", "人", "企业", "抓总的")):
            lead = _names(led["list"])
            rest = led["rest"]
            following = [led["more"][1:]] if led["more"] else []
            following += behind
            company = _company(rest) if _WITH.match(rest) else []
            for more in following:
                named = _company(more)
                if not named:
                    break
                company += named
            plain = bool(_PLAIN_REST.match(rest))
            if lead and (company or (led["by"] and plain)):
                return Annotation(
                    0, 0, tuple(lead), tuple(n for n in once(company) if n not in lead), certain=False
                )
        if alone:
            named = _charged([clause, *behind])
            if named:
                return Annotation(0, 0, (), tuple(named), certain=False)
    return None


_CHARGED = re.compile(
    rf"^{_OPENER}(?P<list>[^由]{{2,120}}?)(?:具体|统一|组织|共同|分别|全面)*(?:负责|承担|组织实施|落实|实施|办理|负总责)(?:落实|实施)?$"
)


def _charged(clauses: list[str]) -> list[str]:
    """Return the units of 由甲、乙部门负责 at the head of the clauses, and of who joins them in those behind."""
    match = _CHARGED.match(clauses[0])
    if not match:
        return []
    names = _names(match["list"])
    functions = split_outside(match["list"], "、")
    if not names and functions[-1].endswith("部门") and all(2 <= len(name) <= 8 for name in functions):
        names = split_units(match["list"])
    for clause in clauses[1:] if names else []:
        more = _company(clause)
        if not more:
            break
        names += more
    return once(names)
