"""Numbers that Word makes rather than the writer types: numbering.xml, styles, restarts (ECMA-376 part 1, 17.9)."""

import re
from dataclasses import dataclass, field
from xml.etree.ElementTree import Element

from .markup import child, children, number_of, value
from .numbers import shape


@dataclass(frozen=True, slots=True)
class Level:
    """One level of a list: its format, its text with %1 to %9, where it starts and after which level it restarts."""

    form: str = "decimal"
    text: str = ""
    start: int = 1
    restart: int | None = None
    legal: bool = False
    style: str = ""


@dataclass(slots=True)
class _List:
    levels: dict[int, Level]
    link: str = ""


@dataclass(slots=True)
class _Num:
    abstract: str
    levels: dict[int, Level] = field(default_factory=dict)
    starts: dict[int, int] = field(default_factory=dict)


@dataclass(slots=True)
class Style:
    """What a paragraph style says of numbering, and the style that it is based on."""

    num: str | None = None
    level: int | None = None
    base: str = ""


def _level(element: Element) -> Level:
    return Level(
        value(child(element, "numFmt"), "decimal"),
        value(child(element, "lvlText")),
        number_of(child(element, "start"), 1),
        number_of(child(element, "lvlRestart"), -1) if child(element, "lvlRestart") is not None else None,
        child(element, "isLgl") is not None and value(child(element, "isLgl"), "1") not in {"0", "false"},
        value(child(element, "pStyle")),
    )


def _levels(element: Element) -> dict[int, Level]:
    return {int(value(lvl, "0", "ilvl") or 0): _level(lvl) for lvl in children(element, "lvl")}


def read_styles(root: Element | None) -> tuple[dict[str, Style], str]:
    """Return the paragraph styles by name, and the name of the default one."""
    styles: dict[str, Style] = {}
    default = ""
    for element in children(root, "style"):
        name = value(element, "", "styleId")
        marks = child(child(element, "pPr"), "numPr")
        num, level = child(marks, "numId"), child(marks, "ilvl")
        styles[name] = Style(
            value(num) if num is not None else None,
            number_of(level, 0) if level is not None else None,
            value(child(element, "basedOn")),
        )
        if value(element, "", "type") == "paragraph" and value(element, "", "default") in {"1", "true"}:
            default = name
    return styles, default


class Numbering:
    """Counts the paragraphs of every list as Word does."""

    def __init__(self, root: Element | None, styles: Element | None) -> None:
        self.styles, self.default = read_styles(styles)
        self.lists: dict[str, _List] = {}
        self.nums: dict[str, _Num] = {}
        self.counts: dict[str, dict[int, int]] = {}
        self.begun: set[tuple[str, int]] = set()
        for element in children(root, "abstractNum"):
            link = value(child(element, "numStyleLink"))
            self.lists[value(element, "", "abstractNumId")] = _List(_levels(element), link)
        for element in children(root, "num"):
            num = _Num(value(child(element, "abstractNumId")))
            for change in children(element, "lvlOverride"):
                at = int(value(change, "0", "ilvl") or 0)
                for level in _levels(change).values():
                    num.levels[at] = level
                if child(change, "startOverride") is not None:
                    num.starts[at] = number_of(child(change, "startOverride"), 1)
            self.nums[value(element, "", "numId")] = num

    def mark(self, paragraph: Element) -> str:
        """Return the number that Word prints before a paragraph, with a space behind it, or nothing."""
        found = self._of(child(paragraph, "pPr"))
        num = self.nums.get(found[0]) if found else None
        if found is None or num is None:
            return ""
        ident, levels = self._levels_of(num)
        at = found[1]
        if at not in levels:
            return ""
        counts = self._count(ident, found[0], num, at, levels)
        level = levels[at]
        if level.form in {"bullet", "none"} and "%" not in level.text:
            return ""

        def number(match: re.Match[str]) -> str:
            which = int(match[1]) - 1
            other = levels.get(which, Level())
            count = counts.get(which, other.start)
            return shape(count, "decimal" if level.legal else other.form)

        text = re.sub(r"%([1-9])", number, level.text).strip()
        return _closed(text) + " " if text else ""

    def _levels_of(self, num: _Num) -> tuple[str, dict[int, Level]]:
        ident = num.abstract
        for _ in range(4):
            listed = self.lists.get(ident)
            if listed is None or not listed.link:
                break
            linked = self.nums.get(self.styles.get(listed.link, Style()).num or "")
            if linked is None:
                break
            ident = linked.abstract
        listed = self.lists.get(ident)
        return ident, {**(listed.levels if listed else {}), **num.levels}

    def _count(self, ident: str, num_id: str, num: _Num, at: int, levels: dict[int, Level]) -> dict[int, int]:
        counts = self.counts.setdefault(ident, {})
        if at in num.starts and (num_id, at) not in self.begun:
            counts[at] = num.starts[at] - 1
        self.begun.add((num_id, at))
        counts[at] = counts.get(at, levels[at].start - 1) + 1
        for deeper in [level for level in counts if level > at]:
            restart = levels.get(deeper, Level()).restart
            if restart is None or 0 <= at < restart:
                del counts[deeper]
        return counts

    def _of(self, properties: Element | None) -> tuple[str, int] | None:
        """Return the list and the level of a paragraph: its own, or those of its style and the styles below it."""
        marks = child(properties, "numPr")
        num, level = child(marks, "numId"), child(marks, "ilvl")
        ident = value(num) if num is not None else None
        at = number_of(level, 0) if level is not None else None
        name = value(child(properties, "pStyle")) or self.default
        styled = name
        for _ in range(10):
            style = self.styles.get(name)
            if style is None or (ident is not None and at is not None):
                break
            if ident is None and style.num is not None:
                ident = style.num
                at = at if at is not None else self._by_style(style.num, styled, name, style.level)
            name = style.base
        return None if ident in {None, "0", ""} else (str(ident), at or 0)

    def _by_style(self, num_id: str, styled: str, holder: str, level: int | None) -> int | None:
        num = self.nums.get(num_id)
        if num is not None:
            for at, found in self._levels_of(num)[1].items():
                if found.style in {styled, holder} and found.style:
                    return at
        return level


def _closed(text: str) -> str:
    """Close a number that Word prints bare (1 总则), so that it is not read into the words behind it."""
    if text[-1].isascii() and text[-1].isalnum():
        return text + "."
    return text + "、" if text[-1] in "一二三四五六七八九十百千〇零" else text
