"""The outline: numbered items of every usual form, with skips, repeats and restarts kept as printed (E-37)."""

import re
from dataclasses import dataclass, field

from supervisor.intake.passages import Passage

_CN = "一二三四五六七八九十百零〇"
_NUMBER = re.compile(
    rf"(?P<chapter>第[{_CN}\d]{{1,5}}[章编篇部](?!门|分|件))"
    rf"|(?P<section>第[{_CN}\d]{{1,5}}节)"
    rf"|(?P<article>第[{_CN}\d]{{1,5}}条)"
    rf"|(?P<one>(?:[{_CN}]{{1,4}}|-)[、.](?![{_CN}]{{1,2}}[、线季级类层]))"
    rf"|(?P<named>(?:重点|专项|主要|具体)?(?:任务|行动|工程|举措|措施|事项|项目)(?:[{_CN}]{{1,3}}|\d{{1,2}})[:、.])"
    rf"|(?P<two>(?:\([{_CN}]{{1,4}}\)|[㈠-㈩])[、.]?)"
    r"|(?P<deep>\d{1,2}(?:\.\d{1,2}){1,3}[.、]?(?=[^\d.、%)(:万亿倍个户米公吨元平])|\d{1,2}(?:\.\d{1,2}){1,3}[.、](?=20\d\d))"
    r"|(?P<three>\d{1,3}[.、](?=\D|20\d\d年|\d{1,4}[个家户座条类项]|\d{3,4}[一-龥“])(?!$))"
    r"|(?P<three_whole>[⒈-⒛]|[Ⅰ-Ⅻ][、.])"
    r"|(?P<four>(?:\(\d{1,3}\)|[⑴-⒇])[、.]?)"
    r"|(?P<four_half>\d{1,2}\)[、.]?(?=\D))"
    r"|(?P<five>[①-⑳❶-❿][、.]?)"
)
# What a number can begin with; most lines are told apart by that alone.
_FIRST = frozenset(
    f"第{_CN}-重专主具任行工举措事项(0123456789㈠㈡㈢㈣㈤㈥㈦㈧㈨㈩⒈⒉⒊⒋⒌⒍⒎⒏⒐⒑⒒⒓⒔⒕⒖⒗⒘⒙⒚⒛ⅠⅡⅢⅣⅤⅥⅦⅧⅨⅩⅪⅫ"
    "⑴⑵⑶⑷⑸⑹⑺⑻⑼⑽⑾⑿⒀⒁⒂⒃⒄⒅⒆⒇①②③④⑤⑥⑦⑧⑨⑩⑪⑫⑬⑭⑮⑯⑰⑱⑲⑳❶❷❸❹❺❻❼❽❾❿"
)
_RANKS = {
    "chapter": 0, "section": 1, "article": 2, "one": 3, "named": 4, "two": 5, "three": 6, "three_whole": 6, "deep": 7,
    "four": 9, "four_half": 9, "five": 10,
}  # fmt: skip
_SPACED = re.compile(r"\d{1,2}(?=[一-龥“])")  # 1 推进…: a number set off by space alone


@dataclass(slots=True)
class Node:
    """A numbered item: its number, the mark it is printed with (一、), its own passages, and its children."""

    rank: int
    number: str
    mark: str
    passages: list[Passage]
    parent: "Node | None" = None
    children: "list[Node]" = field(default_factory=list)
    part: int = 0

    @property
    def first(self) -> Passage:
        """The passage that begins with the number, the number cut off."""
        return self.passages[0]


def numbered(text: str) -> tuple[str, str] | None:
    """Return the kind and the printed number (with its mark) at the head of a folded passage, or None."""
    match = _NUMBER.match(text) if text[:1] in _FIRST else None
    return (match.lastgroup or "", match.group()) if match else None


def rank_of(kind: str, number: str) -> int:
    """Return how deep a kind of number stands: 章 0 … ① 9."""
    return _RANKS[kind] + (min(number.strip(".、").count(".") - 1, 1) if kind == "deep" else 0)


_DIGITS = {code: chr(code - 0xFEE0) for code in range(0xFF10, 0xFF1A)}


def shown(kind: str, number: str, printed: str) -> str:
    """Return the number as the ledger shows it: 1. becomes 1, 一、 becomes 一, (一) keeps its brackets."""
    return "一" if kind == "one" and number[0] == "-" else printed.rstrip("、.．丶:：").translate(_DIGITS)


@dataclass(slots=True)
class Outline:
    """All items in reading order, the passages before the first item of a part, and those that close a part."""

    nodes: list[Node] = field(default_factory=list)
    loose: list[Passage] = field(default_factory=list)
    closing: list[Passage] = field(default_factory=list)


def _spaced_number(passage: Passage, expected: int) -> tuple[str, str] | None:
    """Return a number without a mark that space sets off (1 推进…), if it is the first or the next one."""
    match = _SPACED.match(passage.text)
    if (
        not match
        or int(match.group()) not in {1, expected}
        or passage.at[match.end()] - passage.at[match.end() - 1] < 2
    ):
        return None
    return "three", match.group()


def build(parts: list[list[Passage]]) -> Outline:
    """Arrange the passages of each part of the document below their numbers."""
    outline = Outline()
    for index, passages in enumerate(parts):
        stack: list[Node] = []
        expected = 1
        for passage in passages:
            found = numbered(passage.text)
            if found is None and (found := _spaced_number(passage, expected)):
                expected = int(found[1]) + 1
            if found is None:
                (stack[-1].passages if stack else outline.loose).append(passage)
                continue
            kind, number = found
            rank = rank_of(kind, number)
            while stack and stack[-1].rank >= rank:
                stack.pop()
            mark_printed = passage.printed(0, len(number))
            node = Node(
                rank, shown(kind, number, mark_printed), mark_printed, [passage.cut(len(number))], part=index
            )
            if stack:
                node.parent = stack[-1]
                stack[-1].children.append(node)
            outline.nodes.append(node)
            stack.append(node)
    return outline


_TITLE_STOP = re.compile(r"[。;!?]")
_LONGEST_TITLE = 400  # characters; every item below prints its headings again


def title_span(passage: Passage) -> int:
    """Return where the short heading of an item ends: before its first 。 or ;."""
    match = _TITLE_STOP.search(passage.text, 0, _LONGEST_TITLE)
    return match.start() if match else min(len(passage), _LONGEST_TITLE)


def heading(node: Node) -> str:
    """Return number and title as printed (一、工作目标)."""
    return node.mark + node.first.printed(0, title_span(node.first)).rstrip("：:")


def path_of(node: Node) -> tuple[str, ...]:
    """Return the headings above an item, outermost first."""
    names: list[str] = []
    above = node.parent
    while above is not None:
        names.append(heading(above))
        above = above.parent
    return tuple(reversed(names))
