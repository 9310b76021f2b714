"""Text folded for matching, with the way back to the characters as printed.

Folding maps one character to one character (full width to ASCII, every square bracket to 〔, every dash to -),
so an offset means the same place before and after. A passage drops white space and keeps, for each character
left, its offset in the document: spaces and line ends cannot change what is read.
"""

from array import array
from bisect import bisect_right
from collections.abc import Iterable
from dataclasses import dataclass

from supervisor.intake.draft import Place

_DASHES = "—―–－─‒‐‑−﹣～〜~━"
_SPACES = "\t\u00a0\u1680\u3000\ufeff" + "".join(map(chr, range(0x2000, 0x200B))) + "\u202f\u205f"
_PAIRS = {
    "[": "〔", "]": "〕", "［": "〔", "］": "〕", "【": "〔", "】": "〕", "〖": "〔", "〗": "〕",
    "﹝": "〔", "﹞": "〕", "<": "〈", ">": "〉", "＜": "〈", "＞": "〉", "丶": "、", "﹑": "、",
    "､": "、", "｡": "。", "﹕": ":", "︰": ":", "∶": ":", "﹐": ",", "﹔": ";", "．": ".", "﹒": ".",
    "﹙": "(", "﹚": ")", "○": "〇", "Ｏ": "O",
}  # fmt: skip
# Traditional forms of the words that structure a notice; the rest of a traditional text stays as it is.
_TRADITIONAL = dict(
    zip(
        "牽頭單責負門區縣辦廳會屬導調員組長職時間開實圖總務進應發財設規劃體環與農業歲貫徹協屆關於號級層鎮鄉黨團隊處",
        "牵头单责负门区县办厅会属导调员组长职时间开实图总务进应发财设规划体环与农业岁贯彻协届关于号级层镇乡党团队处",
        strict=True,
    )
)


def _table() -> dict[int, str]:
    table = {code: chr(code - 0xFEE0) for code in range(0xFF01, 0xFF5F)}
    table.update({ord(space): " " for space in _SPACES if space != "\t"})
    table.update({ord(dash): "-" for dash in _DASHES})
    table.update({ord(old): new for old, new in _TRADITIONAL.items()})
    table.update({ord(old): new for old, new in _PAIRS.items()})
    return table


_FOLD = _table()
_OPEN, _CLOSE = "(〔〈《“", ")〕〉》”"


def fold(text: str) -> str:
    """Return `text` with one form for each kind of bracket, dash, digit and space; the length stays the same."""
    return text.translate(_FOLD)


_HIDDEN = frozenset(
    chr(code)
    for start, end in (
        (0x00, 0x21), (0x7F, 0xA1), (0xAD, 0xAE), (0x61C, 0x61D), (0x1680, 0x1681), (0x180E, 0x180F), (0x2000, 0x2010),
        (0x2028, 0x2030), (0x205F, 0x2070), (0x3000, 0x3001), (0xFE00, 0xFE10), (0xFEFF, 0xFF00), (0xFFF9, 0xFFFC),
    )
    for code in range(start, end)
)  # fmt: skip  # white space, controls, marks of direction and width, variation selectors


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
        return cls(text, fold(text), tuple(starts))

    def place(self, start: int, end: int) -> Place:
        """Return the place between two offsets."""
        return Place(bisect_right(self.starts, start), start, end)

    def passage(self, spans: Iterable[tuple[int, int]]) -> "Passage":
        """Return the characters of the spans without white space and invisible marks.

        A space between two ASCII letters or digits stays, so that foreign words and columns of numbers do not merge.
        """
        at: array[int] = array("I")
        out: list[str] = []
        gap = False
        for start, end in spans:
            for offset in range(start, end):
                char = self.folded[offset]
                if char in _HIDDEN:
                    gap = True
                    continue
                if (
                    gap
                    and out
                    and out[-1].isascii()
                    and out[-1].isalnum()
                    and char.isascii()
                    and char.isalnum()
                ):
                    out.append(" ")
                    at.append(offset - 1)
                gap = False
                out.append(char)
                at.append(offset)
            gap = True
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
        return "".join(
            " " if self.text[i] == " " else source[self.at[i]] for i in range(len(self.text))[start:end]
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
        r"""Return folded characters with \x1f where the document has spaces and \x1e where a line ends."""
        out: list[str] = []
        for i in range(start, end):
            before = self.at[i - 1] if i > start else self.at[i] - 1
            if self.at[i] - before > 1:
                out.append("\x1e" if "\n" in self.source.text[before : self.at[i]] else "\x1f")
            out.append(self.text[i])
        return "".join(out)


def brackets(text: str) -> list[tuple[int, int]]:
    """Return the outermost round and square brackets of a folded text as (start, end) with the marks inside."""
    found, stack = [], []
    for i, char in enumerate(text):
        if char in "(〔":
            stack.append(i)
        elif char in ")〕" and stack:
            start = stack.pop()
            if not stack:
                found.append((start, i + 1))
    return found


def split_outside(text: str, separators: str) -> list[str]:
    """Split a folded text at separators that stand outside every kind of bracket and quotation mark."""
    parts, depth, start = [], 0, 0
    for i, char in enumerate(text):
        if char in _OPEN:
            depth += 1
        elif char in _CLOSE:
            depth = max(0, depth - 1)
        elif char in separators and depth == 0:
            parts.append(text[start:i])
            start = i + 1
    parts.append(text[start:])
    return parts
