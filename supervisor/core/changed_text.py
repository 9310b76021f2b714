"""Two versions of a text side by side: only the sentences that differ, with the words that differ marked. Pure."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from itertools import zip_longest

_SENTENCE = re.compile(r"[^。；;！!？?\n]+[。；;！!？?]?")
#: From this likeness on a sentence is shown as changed, below it as one taken out and another put in.
_LIKE = 0.35
#: Equal stretches shorter than this, in characters, are marked with what stands around them.
_ISLAND = 2

#: A piece of a sentence, and whether the other version has it otherwise.
Part = tuple[str, bool]


@dataclass(frozen=True)
class SentenceChange:
    """A sentence in both versions, in pieces; empty on the side that does not have it."""

    old: tuple[Part, ...] = ()
    new: tuple[Part, ...] = ()


def changed_sentences(old: str, new: str) -> tuple[SentenceChange, ...]:
    """The sentences that differ, in the order of the new version; white space alone is no difference."""
    before, after = _sentences(old), _sentences(new)
    found: list[SentenceChange] = []
    matcher = SequenceMatcher(
        None, [_bare(one) for one in before], [_bare(one) for one in after], autojunk=False
    )
    for tag, i, j, k, m in matcher.get_opcodes():
        if tag != "equal":
            found += _paired(before[i:j], after[k:m])
    return tuple(found)


def _sentences(text: str) -> list[str]:
    return [one.strip() for one in _SENTENCE.findall(text) if one.strip()]


def _bare(text: str) -> str:
    return re.sub(r"\s", "", text)


def _paired(before: Sequence[str], after: Sequence[str]) -> list[SentenceChange]:
    found = []
    for one, two in zip_longest(before, after):
        if (
            one is not None
            and two is not None
            and SequenceMatcher(None, one, two, autojunk=False).ratio() >= _LIKE
        ):
            found.append(marked(one, two))
            continue
        if one is not None:
            found.append(SentenceChange(old=((one, True),)))
        if two is not None:
            found.append(SentenceChange(new=((two, True),)))
    return found


def marked(old: str, new: str) -> SentenceChange:
    """Both versions of one sentence with the words that differ marked."""
    codes = SequenceMatcher(None, old, new, autojunk=False).get_opcodes()
    sides: tuple[list[Part], list[Part]] = ([], [])
    for place, (tag, i, j, k, m) in enumerate(codes):
        is_island = tag == "equal" and j - i < _ISLAND and 0 < place < len(codes) - 1
        for parts, text in ((sides[0], old[i:j]), (sides[1], new[k:m])):
            _add(parts, text, is_marked=tag != "equal" or is_island)
    return SentenceChange(tuple(sides[0]), tuple(sides[1]))


def _add(parts: list[Part], text: str, *, is_marked: bool) -> None:
    if not text:
        return
    if parts and parts[-1][1] == is_marked:
        parts[-1] = (parts[-1][0] + text, is_marked)
    else:
        parts.append((text, is_marked))
