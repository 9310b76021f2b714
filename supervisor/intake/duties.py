"""Duties: numbered lists, 单位:… paragraphs, entries without a colon, and duties inside one running paragraph."""

import re

from supervisor.intake.draft import Duty
from supervisor.intake.outline import Node, Outline, title_span
from supervisor.intake.passages import Passage, split_outside
from supervisor.intake.units import looks_like_unit, split_units

_SECTION = re.compile(r"职责|职能分工|任务分工|责任分工|工作分工|部门分工|具体分工|^分工|分工$|职能$")
_OWN = re.compile(
    r"(?:领导小组|联席会议|指挥部|工作组|专班|委员会|协调小组)(?:的)?(?:主要|工作|日常)?(?:职责|职能)|办公室(?:主要|工作|日常)?职责|^(?:主要|工作)?职责$|召集人|组长"
)
_GENERIC = re.compile(
    r"^(?:各)?(?:成员|有关|相关|职能|责任|牵头|配合|市直|区直|县直|州直|省直|主管|级)*(?:部门|单位|成员单位)(?:和单位|单位)?$|"
    r"^各级各部门$|^各(?:区|县|市|地)?、?各(?:有关|相关)?(?:部门|单位)$|(?:领导小组|联席会议|指挥部|工作组|专班|工作专班)(?:办公室)?$|^办公室$"
)
_VERB = (
    r"(?:主要|具体|要|应|应当|全面|统一|共同|分别|依法|按(?:照)?(?:各自)?职责|切实|积极)*"
    r"(?:负责|牵头|作为|为|参与|配合|指导|协助|按照|按|承担|统筹|组织|监督|加强|做好|落实|会同|履行|督促|协调|制定|推进|支持|研究|开展|严格|将|充分|完善|强化)"
)
_COLON = re.compile(rf"(?P<units>[^:。;!?]{{2,120}}?)(?::|。(?={_VERB}))")
_NO_COLON = re.compile(rf"(?P<units>[^:。;,!?]{{2,60}}?)(?={_VERB})")
_NOT_UNITS = re.compile(
    r"(?:责任|牵头|配合|协办|主办|参与|负责|成员|实施)(?:单位|部门)$|时限$|时间$|^(?:一|二|三)是|目标$|任务$|要求$|内容$|^附件|措施$|范围$|标准$|原则$|^(?:组长|副组长|成员)"
)


def _units(text: str) -> tuple[str, ...]:
    """Return the units that a printed list names, or nothing where one of them is no unit."""
    if _NOT_UNITS.search(text):
        return ()
    names = split_units(text)
    if not names or any(len(name) > 40 for name in names):
        return ()
    unitlike = [looks_like_unit(name) or _head_of_list(name) for name in names]
    if not looks_like_unit(names[-1]) or not all(unitlike):
        return ()
    if len(names) == 1 and _GENERIC.search(names[0]):
        return ()
    return tuple(names)


def _head_of_list(name: str) -> bool:
    """Accept the short first items of 县供电、供水、燃气等管线单位 (E-21, E-32)."""
    return 2 <= len(name) <= 5 and bool(re.fullmatch(r"[一-龥]+", name))


def _by_colon(passage: Passage) -> Duty | None:
    match = _COLON.match(passage.text)
    if not match:
        return None
    units = _units(match["units"])
    rest = passage.cut(match.end())
    if not units or len(rest) < 4:
        return None
    return _duty(units, rest, passage)


def _duty(units: tuple[str, ...], rest: Passage, whole: Passage) -> Duty:
    printed = tuple(whole.as_printed(unit) for unit in units)
    return Duty(printed, rest.printed(), whole.place())


def _by_verb(passage: Passage) -> Duty | None:
    match = _NO_COLON.match(passage.text)
    if not match:
        return None
    units = _units(match["units"])
    return _duty(units, passage.cut(match.end()), passage) if units else None


def _sentences(passage: Passage) -> list[Passage]:
    parts, at = [], 0
    for piece in split_outside(passage.text, "。"):
        if piece:
            parts.append(passage.cut(at, at + len(piece) + 1))
        at += len(piece) + 1
    return parts


def _running(passage: Passage) -> list[Duty]:
    """Read one paragraph in which each sentence opens with its unit; a sentence without one continues the last."""
    found: list[Duty] = []
    for sentence in _sentences(passage):
        duty = _by_colon(sentence) or _by_verb(sentence)
        if duty:
            found.append(duty)
    return found


def _entry(passage: Passage) -> list[Duty]:
    duty = _by_colon(passage)
    if duty:
        return [duty]
    running = _running(passage)
    if len(running) >= 3:
        return running
    duty = _by_verb(passage)
    return [duty] if duty else []


def is_section(title: str) -> bool:
    """Tell whether a heading opens duties of units (not the duties of the body itself)."""
    return bool(_SECTION.search(title)) and not (
        _OWN.search(title) and not re.search(r"成员单位|部门", title)
    )


def _in_section(node: Node, part_title: str) -> bool:
    above: Node | None = node
    while above is not None:
        title = above.first.text[: title_span(above.first)]
        if _SECTION.search(title) and len(title) <= 60 and (above is not node or not _by_colon(node.first)):
            return is_section(title)
        above = above.parent
    return is_section(part_title.replace(" ", ""))


def _body(node: Node) -> list[Passage]:
    """Return what an item says: its text behind the heading, or all of it where it opens with its unit."""
    first = node.first
    if _by_colon(first):
        return node.passages
    end = title_span(first)
    if end < len(first) and _SECTION.search(first.text[:end]):
        return [first.cut(end + 1), *node.passages[1:]]
    if end >= len(first) and _SECTION.search(first.text):
        return node.passages[1:]
    return node.passages


def _headed(node: Node) -> list[Duty]:
    """Read an item whose heading is the unit and whose text stands below ((一)市甲局 / 负责…)."""
    first = node.first
    heads = len(first) <= 60 and not _SECTION.search(first.text)
    units = _units(first.text.rstrip(":。")) if heads else ()
    if not units or not (len(node.passages) > 1 or node.children):
        return []
    rest = node.passages[1] if len(node.passages) > 1 else node.children[0].first
    return [Duty(tuple(first.as_printed(unit) for unit in units), rest.printed(), first.place())]


def read_duties(outline: Outline, part_titles: list[str], loose: list[tuple[int, Passage]]) -> list[Duty]:
    """Return the duty entries in reading order.

    Args:
        outline: the numbered items.
        part_titles: the title of each part of the document.
        loose: passages without a number, with the index of their part.
    """
    found: list[Duty] = []
    done: set[int] = set()
    listed = _lists(outline)
    for node in outline.nodes:
        if node.parent is not None and id(node.parent) in done:
            done.add(id(node))
            continue
        if _in_section(node, part_titles[node.part]):
            headed = _headed(node)
            if headed:
                found += headed
                done.add(id(node))
                continue
            for passage in _body(node):
                found += _entry(passage)
        elif id(node) in listed:
            found += [duty for p in node.passages if (duty := _by_colon(p))]
    for part, passage in loose:
        if is_section(part_titles[part]):
            found += _entry(passage)
    found += _loose_lists(loose, part_titles)
    return sorted(found, key=lambda duty: duty.place.start)


def _lists(outline: Outline) -> set[int]:
    """Return the ids of the items outside any section of duties that are one of three or more reading 单位:…."""
    found: set[int] = set()
    rows: dict[tuple[int, int, int], list[tuple[int, bool]]] = {}
    for node in outline.nodes:
        opens = [_opens(passage) for passage in node.passages]
        if sum(opens) >= 3:
            found.add(id(node))
        key = (id(node.parent) if node.parent else 0, node.rank, node.part)
        rows.setdefault(key, []).append((id(node), opens[0]))
    for row in rows.values():
        opening = [ident for ident, opens in row if opens]
        if len(row) >= 3 and len(opening) * 3 >= len(row) * 2:
            found.update(opening)
    return found


def _opens(passage: Passage) -> bool:
    duty = _by_colon(passage)
    return duty is not None and bool(re.match(rf"{_VERB}|对|在|根据|指", duty.text))


def _loose_lists(loose: list[tuple[int, Passage]], part_titles: list[str]) -> list[Duty]:
    found = []
    for part in range(len(part_titles)):
        run = [passage for index, passage in loose if index == part and _opens(passage)]
        if len(run) >= 3 and not is_section(part_titles[part]):
            found += [duty for passage in run if (duty := _by_colon(passage))]
    return found
