"""Text folded for matching, with the way back to the characters as printed.

Folding maps one character to one character (full width to ASCII, every square bracket to 〔, every dash to -),
so an offset means the same place before and after. A passage drops white space and keeps, for each character
left, its offset in the document: spaces and line ends cannot change what is read.
"""

import re
from array import array
from bisect import bisect_right
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache, lru_cache

from supervisor.intake.draft import Place
from supervisor.intake.traditional import TRADITIONAL

_DASHES = "—―–－─‒‐‑−﹣～〜~━"
_SPACES = "\t\u00a0\u1680\u3000\ufeff" + "".join(map(chr, range(0x2000, 0x200B))) + "\u202f\u205f"
_PAIRS = {
    "[": "〔", "]": "〕", "［": "〔", "］": "〕", "【": "〔", "】": "〕", "〖": "〔", "〗": "〕",
    "﹝": "〔", "﹞": "〕", "<": "〈", ">": "〉", "＜": "〈", "＞": "〉", "丶": "、", "﹑": "、",
    "､": "、", "｡": "。", "﹕": ":", "︰": ":", "∶": ":", "﹐": ",", "﹔": ";", "．": ".", "﹒": ".",
    "﹙": "(", "﹚": ")", "○": "〇", "Ｏ": "O",
}  # fmt: skip


def _table() -> dict[int, str]:
    table = {code: chr(code - 0xFEE0) for code in range(0xFF01, 0xFF5F)}
    table.update({ord(space): " " for space in _SPACES if space != "\t"})
    table.update({ord(dash): "-" for dash in _DASHES})
    table.update({ord(old): new for old, new in TRADITIONAL.items()})
    table.update({ord(old): new for old, new in _PAIRS.items()})
    return table


_FOLD = _table()
_BRACKET = re.compile("[()〔〕]")
_OPEN, _CLOSE = "(〔〈《“", ")〕〉》”"
_OPENING = re.compile(f"[{_OPEN}]")


# — 3 — between the words of one line: the foot of a page, copied with the text.
_PAGE_MARK = re.compile(r"(?<=[^\s\d\-])[ ]{0,8}[—－─―]{1,2} ?\d{1,3} ?[—－─―]{1,2}(?=[ ]{0,8}[^\s\d])")


def fold(text: str) -> str:
    """Return `text` with one form for each kind of bracket, dash, digit and space; the length stays the same."""
    return _fold_name(text) if len(text) <= _SHORT else text.translate(_FOLD)


_SHORT = 60  # characters of a name; a notice prints the same ones again and again


@lru_cache(maxsize=8192)
def _fold_name(name: str) -> str:
    return name.translate(_FOLD)


# White space, controls, marks of direction and width, variation selectors, bullets of symbol fonts.
_HIDDEN = (
    r"\x00-\x20\x7f-\xa0\xad\u034f\u061c\u115f\u1160\u1680\u17b4\u17b5\u180b-\u180f\u2000-\u200f\u2028-\u202f"
    r"\u205f-\u206f\u3000\u3164\ufe00-\ufe0f\ufeff\uffa0\ufff0-\ufffc\uf000-\uf0ff\U000e0000-\U000e0fff"
)
_SEEN = re.compile(f"[^{_HIDDEN}]+")
_JOINS = re.compile("[0-9A-Za-z]{2}")


@dataclass(frozen=True, slots=True)
class Source:
    """The text of a document and where its lines begin."""

    text: str
    folded: str
    starts: tuple[int, ...]

    @classmethod
    def of(cls, text: str) -> "Source":
        """Split `text` at its line feeds."""
        starts = [0]
        at = text.find("\n")
        while at >= 0:
            starts.append(at + 1)
            at = text.find("\n", at + 1)
        unmarked = _PAGE_MARK.sub(lambda mark: " " * len(mark.group()), text)
        return cls(text, fold(unmarked), tuple(starts))

    def place(self, start: int, end: int) -> Place:
        """Return the place between two offsets."""
        return Place(bisect_right(self.starts, start), start, end)

    def passage(self, spans: Iterable[tuple[int, int]]) -> "Passage":
        """Return the characters of the spans without white space and invisible marks.

        A space between two ASCII letters or digits stays, so that foreign words and columns of numbers do not merge.
        """
        at: array[int] = array("I")
        out: list[str] = []
        folded = self.folded
        for start, end in spans:
            for match in _SEEN.finditer(folded, start, end):
                run = match.group()
                first, behind = match.span()
                if out and _JOINS.match(out[-1][-1] + run[0]):
                    out.append(" ")
                    at.append(first - 1)
                out.append(run)
                at.extend(range(first, behind))
        return Passage("".join(out), at, self)


@dataclass(frozen=True, slots=True)
class Passage:
    """A run of characters without white space: folded in `text`, their offsets in `at`."""

    text: str
    at: "array[int]"
    source: Source

    def __len__(self) -> int:
        return len(self.text)

    def cut(self, start: int, end: int | None = None) -> "Passage":
        """Return a part of the passage."""
        return Passage(self.text[start:end], self.at[start:end], self.source)

    def printed(self, start: int = 0, end: int | None = None) -> str:
        """Return the characters as the document prints them, still without white space."""
        source = self.source.text
        text, at = self.text[start:end], self.at[start:end]
        if not text:
            return ""
        if at[-1] - at[0] == len(text) - 1 and " " not in text:  # one run of the document
            return source[at[0] : at[-1] + 1]
        return "".join(
            [" " if char == " " else source[offset] for char, offset in zip(text, at, strict=True)]
        )

    def as_printed(self, folded: str) -> str:
        """Return a folded piece of the passage as the document prints it; a piece not found stays folded."""
        at = self.text.find(folded)
        return self.printed(at, at + len(folded)) if at >= 0 and folded else folded

    def place(self, start: int = 0, end: int | None = None) -> Place:
        """Return where a part of the passage stands in the document."""
        offsets = self.at[start:end]
        if not offsets:
            offsets = self.at[-1:] or array("I", [0])
        return self.source.place(offsets[0], offsets[-1] + 1)

    def gapped(self, start: int, end: int) -> str:
        r"""Return folded characters with \x1f where the document has a space and \x1e where a line ends.

        A gap of two spaces or more, or of one wide space, gives \x1f twice.
        """
        out: list[str] = []
        for i in range(start, end):
            before = self.at[i - 1] if i > start else self.at[i] - 1
            if self.at[i] - before > 1:
                gap = self.source.text[before + 1 : self.at[i]]
                wide = len(gap) > 1 or gap == "\u3000"
                out.append("\x1e" if "\n" in gap else "\x1f\x1f" if wide else "\x1f")
            out.append(self.text[i])
        return "".join(out)


def brackets(text: str) -> list[tuple[int, int]]:
    """Return the outermost round and square brackets of a folded text as (start, end) with the marks inside."""
    found, stack = [], []
    for match in _BRACKET.finditer(text):
        if match.group() in "(〔":
            stack.append(match.start())
        elif stack:
            start = stack.pop()
            if not stack:
                found.append((start, match.end()))
    return found


@cache
def _parting(separators: str, opening: str = _OPEN, closing: str = _CLOSE) -> re.Pattern[str]:
    return re.compile(f"[{re.escape(separators + opening + closing)}]")


def split_outside(text: str, separators: str) -> list[str]:
    """Split a folded text at separators that stand outside every kind of bracket and quotation mark."""
    if not _OPENING.search(text):
        return _parting(separators, "", "").split(text)
    parts, depth, start = [], 0, 0
    for match in _parting(separators).finditer(text):
        char = match.group()
        if char in _OPEN:
            depth += 1
        elif char in _CLOSE:
            depth = max(0, depth - 1)
        elif depth == 0:
            parts.append(text[start : match.start()])
            start = match.end()
    parts.append(text[start:])
    return parts
