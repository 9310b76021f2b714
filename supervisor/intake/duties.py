"""Duties: numbered lists, 单位:… paragraphs, entries without a colon, and duties inside one running paragraph."""

import re

from supervisor.intake.draft import Duty
from supervisor.intake.duty_entries import Opening, entry, make, opening, running, units_in
from supervisor.intake.outline import Node, Outline, title_span
from supervisor.intake.passages import Passage

_SECTION = re.compile(
    r"职责|职能分工|任务分工|责任分工|工作分工|部门分工|具体分工|单位分工|^分工|分工$|职能$"
)
_OWN = re.compile(
    r"(?:领导小组|联席会议|指挥部|工作组|专班|委员会|协调小组)(?:的)?(?:主要|工作|日常)?(?:职责|职能)|办公室(?:主要|工作|日常)?职责|召集人|组长"
)
_BARE = re.compile(r"^(?:主要|工作)?(?:职责|职能)$")
_OTHER = re.compile(r"要求|保障|机制|规则|步骤|原则|目标|制度|督导|考核|监督|措施$|总体|组织领导|名单|组成")
_SHARED = re.compile(r"(?:压实|落实|明确|夯实|厘清|细化).{0,8}责任|责任体系|职责|分工")
_WHOSE = re.compile(r"(?P<units>[^。;:!?]{2,60}?)(?:的)?(?:主要|工作|具体)?(?:职责|责任)[。:]?")
_BRINGS = re.compile(r"(?:印发|下发|转发|公布).*的?(?:通知|函)$")
_MARKED = re.compile(r"(?:责任|牵头|配合|主办|协办|承办)(?:单位|部门)[:(]")


def is_section(title: str) -> bool:
    """Tell whether a heading opens duties of units (not the duties of the body itself)."""
    return bool(_SECTION.search(title)) and not (
        (_OWN.search(title) or _BARE.search(title)) and not re.search(r"成员单位|部门", title)
    )


def _title(node: Node) -> str:
    return node.first.text[: title_span(node.first)]


class _Reader:
    """Knows the openings of every passage, and which items lie in a section of duties."""

    def __init__(self, outline: Outline, part_titles: list[str]) -> None:
        self.outline = outline
        self.part_titles = part_titles
        self.openings: dict[int, Opening | None] = {}
        self.sections: dict[int, bool] = {}
        self.bare: set[int] = set()

    def opening(self, passage: Passage) -> Opening | None:
        """Return what a passage opens with, read once."""
        if id(passage) not in self.openings:
            self.openings[id(passage)] = opening(passage.text)
        return self.openings[id(passage)]

    def in_section(self, node: Node) -> bool:
        """Tell whether the nearest heading that speaks of duties or of something else speaks of duties."""
        if id(node) in self.sections:
            return self.sections[id(node)]
        title = _title(node)
        opens = self.opening(node.first)
        if _BARE.search(title):
            below = [child.first for child in node.children] + node.passages[1:]
            answer = sum(self.opening(p) is not None for p in below) >= 2
        elif _SECTION.search(title) and len(title) <= 60 and not (opens and opens.kind != "verb"):
            answer = is_section(title)
        elif _OTHER.search(title) and len(title) <= 20 and not opens:
            answer = False
        elif node.parent is not None:
            answer = self.in_section(node.parent)
        else:
            answer = self.part_of_duties(node.part)
        self.sections[id(node)] = answer
        return answer

    def part_of_duties(self, part: int, *, loose: bool = False) -> bool:
        """Tell whether a part's title opens duties; the text of a notice that brings a list of them does not.

        Args:
            part: its index.
            loose: whether text without a number is meant: that of a notice (印发…分工的通知) is none, whatever follows.
        """
        title = self.part_titles[part].replace(" ", "")
        brings = (loose or len(self.part_titles) > part + 1) and _BRINGS.search(title)
        return is_section(title) and not brings

    def body(self, node: Node) -> list[Passage]:
        """Return what an item says: its text behind the heading, or all of it where it opens with its unit."""
        first = node.first
        opens = self.opening(first)
        if opens and opens.kind == "colon":
            return node.passages
        if not opens and sum(self.opening(child.first) is not None for child in node.children) >= 2:
            return []
        end = title_span(first)
        if _SECTION.search(first.text[:end]) and not opens:
            return [first.cut(end + 1), *node.passages[1:]] if end < len(first) else node.passages[1:]
        return node.passages

    def of_unit(self, node: Node) -> Opening | None:
        """Return the units of a heading that says whose duties follow ((一)市甲局职责。)."""
        match = _WHOSE.fullmatch(node.first.text)
        units = units_in(match["units"]) if match else ()
        return Opening(units, len(node.first), "alone") if units else None

    def headed(self, node: Node) -> list[Duty]:
        """Read an item whose heading is the unit and whose text stands below ((一)市甲局 / 负责…)."""
        found = self.opening(node.first) or self.of_unit(node)
        if not found or found.kind != "alone" or not (len(node.passages) > 1 or node.children):
            return []
        below = node.passages[1:] or [node.children[0].first]
        if any((opens := self.opening(p)) and opens.kind == "colon" for p in below):
            return []
        rest = _joined([*node.passages[1:], *(p for child in node.children for p in child.passages)])
        return [make(found.units, rest, node.first)]


def _joined(passages: list[Passage]) -> Passage:
    first = passages[0]
    at = first.at[:0]
    for passage in passages:
        at += passage.at
    return Passage("".join(p.text for p in passages), at, first.source)


def read_duties(
    outline: Outline, part_titles: list[str], loose: list[tuple[int, Passage]], tasks: set[int]
) -> list[Duty]:
    """Return the duty entries in reading order.

    Args:
        outline: the numbered items.
        part_titles: the title of each part of the document.
        loose: passages without a number, with the index of their part.
        tasks: offsets of the items that are tasks by an explicit mark; they are no duties as well.
    """
    reader = _Reader(outline, part_titles)
    found: list[Duty] = []
    done: set[int] = set()
    listed = _lists(reader)
    for node in outline.nodes:
        if node.parent is not None and id(node.parent) in done:
            done.add(id(node))
        elif node.first.at and node.first.at[0] in tasks:
            continue
        elif reader.in_section(node):
            headed = reader.headed(node)
            if headed:
                done.add(id(node))
            found += headed or [
                duty for passage in reader.body(node) for duty in entry(passage, numbered=True)
            ]
        elif id(node) in listed:
            found += [duty for p in node.passages if _listed(reader, p) for duty in entry(p)]
        elif _SHARED.search(_title(node)):
            found += _in_prose(node)
    found += _loose(reader, loose)
    return sorted(found, key=lambda duty: duty.place.start)


def _in_prose(node: Node) -> list[Duty]:
    """Read 甲局负责…,乙局负责…,丙局负责… under a heading that speaks of responsibility."""
    found: list[Duty] = []
    for passage in node.passages:
        duties = [] if _MARKED.search(passage.text) else running(passage, strict=True)
        found += duties if len(duties) >= 3 else []
    return found


def _opens(reader: _Reader, passage: Passage) -> bool:
    """Tell whether a passage outside any section reads like an entry (单位:负责…, 单位负责…)."""
    found = reader.opening(passage)
    if not found or _MARKED.search(passage.text):
        return False
    if found.kind == "verb":
        strict = opening(passage.text[:80], strict=True)
        return bool(strict and strict.kind == "verb" and strict.units == found.units)
    behind = opening("某某局" + passage.text[found.end :][:60]) if found.kind in {"colon", "stop"} else None
    return bool(behind and behind.kind == "verb")


def _listed(reader: _Reader, passage: Passage) -> bool:
    """Tell whether a passage among entries is one of them: with a colon, whatever it says."""
    found = reader.opening(passage)
    colon = found is not None and found.kind == "colon" and not _MARKED.search(passage.text)
    return colon or _opens(reader, passage)


def _lists(reader: _Reader) -> set[int]:
    """Return the ids of the items outside any section of duties that are one of three or more reading 单位:…."""
    found: set[int] = set()
    rows: dict[tuple[int, int, int], list[tuple[Node, bool]]] = {}
    for node in reader.outline.nodes:
        opens = [_opens(reader, passage) for passage in node.passages]
        if sum(opens) >= 3:
            found.add(id(node))
        key = (id(node.parent) if node.parent else 0, node.rank, node.part)
        rows.setdefault(key, []).append((node, opens[0]))
    for row in rows.values():
        if len(row) >= 3 and sum(opens for _, opens in row) * 3 >= len(row) * 2:
            found.update(id(node) for node, _ in row if _listed(reader, node.first))
    return found


def _loose(reader: _Reader, loose: list[tuple[int, Passage]]) -> list[Duty]:
    """Read paragraphs without a number: those of a part that is about duties, and runs of three or more entries."""
    found: list[Duty] = []
    for part in range(len(reader.part_titles)):
        passages = [passage for index, passage in loose if index == part]
        if reader.part_of_duties(part, loose=True):
            found += [duty for passage in passages for duty in entry(passage)]
            continue
        if sum(_opens(reader, passage) for passage in passages) >= 3:
            found += [duty for passage in passages if _listed(reader, passage) for duty in entry(passage)]
    return found
