"""The text of a PDF: printed lines joined to paragraphs, ruled tables as rows, page heads and numbers set aside."""

import io
import re
import unicodedata
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from itertools import pairwise

from .gate import Refused
from .grids import Grid, find_grids, joined, rows_of
from .ink import Glyph, Pen

PAGES = 300
_NUMBER = re.compile(
    r"[-—－–·\s]*(?:第?\s*\d{1,4}\s*页?|[ⅰ-ⅻⅠ-Ⅻ]{1,4})(?:\s*[/共,，]\s*共?\s*\d{1,4}\s*页?)?[-—－–·\s]*"
)
_OPENS = re.compile(
    r"\s*(?:第[一二三四五六七八九十百\d]{1,4}[章节条]|[一二三四五六七八九十]{1,3}、|[（(][一二三四五六七八九十\d]{1,3}[）)]|"
    r"\d{1,2}[.．、]|[①-⑳]|附件)"
)
_PARTED = "。；：！？.;:!?"


@dataclass(slots=True)
class Printed:
    """One printed line of a page, or one row of a table."""

    text: str
    x0: float = 0.0
    x1: float = 0.0
    y: float = 0.0
    size: float = 0.0
    row: bool = False
    aside: bool = False


@dataclass(slots=True)
class Page:
    """The lines of a page from top to bottom, and between which margins they stand."""

    lines: list[Printed] = field(default_factory=list)
    left: float = 0.0
    right: float = 0.0
    leading: float = 0.0


def _line(glyphs: list[Glyph]) -> Printed:
    size = Counter(round(glyph.size, 1) for glyph in glyphs).most_common(1)[0][0]
    return Printed(joined(glyphs), glyphs[0].x0, max(g.x1 for g in glyphs), glyphs[0].y, size)


def _rows(grid: Grid) -> list[Printed]:
    rows = [row for row in grid.rows if any(row)]
    return [Printed("\t".join(row), y=grid.top, row=True) for row in rows]


def _page(pen: Pen) -> Page:
    ink = pen.read()
    visible = [glyph for glyph in ink.glyphs if glyph.text.strip()]
    grids = find_grids(ink)
    free = [glyph for glyph in visible if not any(grid.holds(glyph) for grid in grids)]
    lines = [_line(row) for row in rows_of(free)]
    page = Page([line for line in lines if line.text])
    body = [line for line in page.lines if line.x1 - line.x0 > 8 * line.size]
    if body:
        page.left = min(line.x0 for line in body)
        page.right = sorted(line.x1 for line in body)[int(len(body) * 0.9)]
    steps = sorted(above.y - below.y for above, below in pairwise(page.lines))
    page.leading = steps[len(steps) // 2] if steps else 0.0
    page.lines = sorted(page.lines + [row for grid in grids for row in _rows(grid)], key=lambda line: -line.y)
    return page


def _edges(page: Page) -> list[Printed]:
    """Return what may be a head, a foot or a page number: short lines at the top and bottom, apart from the rest."""
    plain = [line for line in page.lines if not line.row]
    found = []
    for ends in (plain[:3], plain[:-4:-1]):
        for line, inner in pairwise([*ends, Printed("")]):
            apart = (
                not inner.text or abs(line.y - inner.y) > 1.3 * page.leading or line.size < 0.9 * inner.size
            )
            if line not in found and len(line.text) <= 60 and apart:
                found += [each for each in ends[: ends.index(line) + 1] if each not in found]
    return found


def _pattern(line: Printed) -> tuple[str, int]:
    return re.sub(r"[\d\s]+", "#", line.text), round(line.y / 8)


def _set_aside(pages: list[Page]) -> None:
    """Mark page numbers, and what stands at the head or foot of several pages with other digits."""
    edges = [_edges(page) for page in pages]
    seen = Counter(pattern for ends in edges for pattern in {_pattern(line) for line in ends})
    for page, ends in zip(pages, edges, strict=True):
        numbered = [line for line in (*page.lines[:1], *page.lines[-1:]) if not line.row]
        for line in (*ends, *numbered):
            repeated = len(pages) > 1 and seen[_pattern(line)] >= max(2, len(pages) // 3)
            line.aside = line.aside or repeated or bool(_NUMBER.fullmatch(line.text))


def _goes_on(before: Printed, line: Printed, last: Page, page: Page) -> bool:
    """Tell whether a printed line continues the paragraph of the one before it."""
    if (
        before.row
        or line.row
        or "\t" in before.text + line.text
        or abs(before.size - line.size) > 0.12 * line.size
    ):
        return False
    full = before.x1 >= last.right - 2.2 * before.size and last.right > last.left
    indented = line.x0 > page.left + 0.9 * line.size
    if not full or indented:
        return False
    if last is page and before.y - line.y > 3 * line.size:
        return False
    return not (_OPENS.match(line.text) and before.text[-1] in _PARTED)


def _follows(before: Printed, line: Printed) -> bool:
    """Tell whether the first row of a page is the rest of the row that the page before ends with."""
    held, more = before.text.split("\t"), line.text.split("\t")
    return before.row and line.row and len(held) == len(more) > 2 and not more[0].strip()


def _paragraphs(pages: list[Page]) -> Iterable[tuple[str, bool]]:
    out: list[tuple[str, bool]] = []
    at = -1
    before: Printed | None = None
    last = Page()
    for page in pages:
        first = True
        for line in page.lines:
            if line.aside:
                out.append((line.text, True))
                continue
            if before is not None and first and _follows(before, line):
                cells = zip(out[at][0].split("\t"), line.text.split("\t"), strict=True)
                out[at] = ("\t".join(a + b for a, b in cells), False)
            elif before is not None and _goes_on(before, line, last, page):
                gap = " " if before.text[-1].isascii() and line.text[0].isascii() else ""
                out[at] = (out[at][0] + gap + line.text, False)
            else:
                at = len(out)
                out.append((line.text, False))
            before, last, first = line, page, False
    return out


def _letters(text: str) -> tuple[int, int]:
    """Return how many characters are letters, and how many of them a Chinese page would hold."""
    letters = [char for char in text if not char.isspace()]
    strange = sum(
        unicodedata.category(char) in {"Co", "Cn", "Cc", "Cs"} or char == "\ufffd" for char in letters
    )
    return sum(char.isalnum() for char in letters), strange * 100 // max(1, len(letters))


def pdf_lines(data: bytes) -> Iterable[tuple[str, bool]]:
    """Return the lines of a PDF, each with whether it is set aside.

    Raises:
        Refused: locked_pdf, no_text, or no_letters where the fonts do not say which letters they print.
    """
    from pypdf import PdfReader
    from pypdf.errors import DependencyError

    reader = PdfReader(io.BytesIO(data))
    try:
        if reader.is_encrypted and not reader.decrypt(""):
            raise Refused("locked_pdf")
        pages = [_page(Pen(page)) for page in reader.pages[:PAGES]]
    except DependencyError:
        raise Refused("locked_pdf") from None
    _set_aside(pages)
    lines = list(_paragraphs(pages))
    letters, strange = _letters("".join(text for text, aside in lines if not aside))
    if strange > 30:
        raise Refused("no_letters")
    if letters < 20:
        raise Refused("no_text")
    return lines
