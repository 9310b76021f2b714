"""Clauses that look like work and became nothing: what a reader of the notice could have lost. Pure.

A clause is a sentence in which a unit stands before 负责, 牵头 or 承担, or a printed mark of who answers (责任单位：),
and which no task, duty, rule, date or line of a roster covers; also one that begins with a unit of its own name that
must do something (市教育局要、应、会同…), though a date in it was read. It is shown, never taken by itself.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise

from supervisor.core.draft_ledger import Ledger
from supervisor.intake.passages import fold
from supervisor.intake.units import looks_like_unit, split_units

_MARKED = re.compile(r"(?:牵头|责任|配合|主办|协办|承办)(?:单位|部门)?:")
_DUTY = r"(?:按照?|依照?|根据)(?:各自)?(?:职责|职能)?(?:分工)?"
_VERB = re.compile(
    rf"(?P<names>[^,;。:!?\n]{{2,60}}?)(?:{_DUTY}|具体|分别|要|应当?|应该|共同|统一|直接)*(?P<verb>牵头|负责|承担|主责)(?!人|同志)"
)
_WORK = re.compile("牵头|负责|承担|主责")
#: A sentence that begins with units and says what they must do; 各部门要… is mostly an appeal, so not collectives.
_SUBJECT = re.compile(
    r"(?:\d{4}年[^,]{0,12},|[^,]{0,16}(?:前|内|起|末),)?(?P<names>(?!各|全|所有|有关|相关)[^,;。:!?\n]{3,40}?)"
    r"(?:要|应当?|应该|须|必须|会同|牵头|组织|配合|协助|定期|每(?:年|月|季度?|半年))"
)
_SENTENCE = re.compile(r"[。;!?\n]")
#: Rows of the ledger that cover the sentences they were read from.
COVERING = ("task", "duty", "liaison", "person")
#: A title made of a clause ends here.
TITLE = 30


@dataclass(frozen=True)
class Clause:
    """A sentence of the notice: offsets, line, and who would answer as printed."""

    start: int
    end: int
    line: int
    text: str
    lead: tuple[str, ...] = ()
    responsible: tuple[str, ...] = ()

    @property
    def anchor(self) -> str:
        """Where it stands on the page, and the key of its answer."""
        return f"clause-{self.start}"

    @property
    def title(self) -> str:
        """A short title: what stands behind the verb, else how the clause begins."""
        plain = re.sub(r"\s", "", self.text)
        behind = re.split(r"牵头(?:负责)?|负责|承担|主责", plain, maxsplit=1)
        told = behind[1] if len(behind) > 1 and len(behind[1]) >= 4 else plain
        return re.split(r"[，,。；;：:（(]", told.strip("，,：:、"))[0][:TITLE] or plain[:TITLE]


def unread_clauses(ledger: Ledger) -> list[Clause]:
    """The clauses that look like work and that nothing of the ledger covers, in the order of the notice."""
    text = ledger.read.document.text
    folded = fold(text)
    covered, dated = _covered(ledger, *COVERING, "rhythm"), _covered(ledger, *COVERING)
    furniture = set(ledger.read.document.furniture)
    starts = [0, *(match.end() for match in re.finditer("\n", text))]
    found = []
    for start, end in _sentences(folded):
        sentence = folded[start:end]
        subject = _subject_of(sentence) if not _overlaps(dated, start, end) else None
        if subject is None and _overlaps(covered, start, end):
            continue
        line = bisect_right(starts, start)
        names = _names_in(sentence) or subject
        if line not in furniture and (names or _MARKED.search(folded, start, end)):
            lead, others = names or ((), ())
            found.append(Clause(start, end, line, text[start:end].strip(), lead, others))
    return found


def unread_clause(ledger: Ledger, start: int) -> Clause | None:
    """The clause that begins at this offset, if it is still unread."""
    return next((clause for clause in unread_clauses(ledger) if clause.start == start), None)


def _sentences(folded: str) -> Iterator[tuple[int, int]]:
    marks = [-1, *(match.start() for match in _SENTENCE.finditer(folded)), len(folded)]
    for before, after in pairwise(marks):
        start, end = before + 1, min(after + 1, len(folded))
        inner = folded[start:end]
        start += len(inner) - len(inner.lstrip())
        if end - start >= 6:
            yield start, start + len(folded[start:end].rstrip())


def _covered(ledger: Ledger, *kinds: str) -> list[tuple[int, int]]:
    spans = [span for kind in kinds for row in ledger.rows(kind) for span in row.spans]
    spans += [(office.place.start, office.place.end) for office in ledger.read.offices]
    merged: list[tuple[int, int]] = []
    for start, end in sorted(spans):
        if merged and start <= merged[-1][1]:
            merged[-1] = (merged[-1][0], max(end, merged[-1][1]))
        else:
            merged.append((start, end))
    return merged


def _overlaps(spans: list[tuple[int, int]], start: int, end: int) -> bool:
    at = bisect_right(spans, (start, end))
    near = spans[max(0, at - 1) : at + 1]
    return any(one < end and start < two for one, two in near)


def _names_in(sentence: str) -> tuple[tuple[str, ...], tuple[str, ...]] | None:
    """(lead, responsible) of the first part of a sentence that names units before a verb, or None."""
    plain = re.sub(r"\s", "", sentence)
    if not _WORK.search(plain):  # _VERB tries every length of name in front of every character
        return None
    lead: list[str] = []
    others: list[str] = []
    for match in _VERB.finditer(plain):
        names = split_units(re.sub(r"^(?:由|并由|请|其中由?)", "", match["names"]))
        good = [name for name in names if looks_like_unit(name)]
        if good and len(good) == len(names):
            (lead if match["verb"] in {"牵头", "主责"} else others).extend(good)
    if not lead and len(others) == 1:
        lead, others = others, []
    return _once(lead, others)


def _subject_of(sentence: str) -> tuple[tuple[str, ...], tuple[str, ...]] | None:
    """As `_names_in`, for the units that a sentence begins with and that must do what it says."""
    match = _SUBJECT.match(re.sub(r"\s", "", sentence))
    names = split_units(match["names"]) if match else []
    if not names or not all(looks_like_unit(name) for name in names):
        return None
    return _once(names[:1], names[1:]) if len(names) == 1 else _once([], names)


def _once(lead: list[str], others: list[str]) -> tuple[tuple[str, ...], tuple[str, ...]] | None:
    names_once = tuple(dict.fromkeys(lead))
    rest = tuple(name for name in dict.fromkeys(others) if name not in names_once)
    return (names_once, rest) if names_once or rest else None
