"""An official paper as content: one frozen dataclass that page, print and .docx say alike (GB/T 9704-2012).

A figure in the text is a part of its own that names the page it comes from, so that a draft links every figure to its
source. What is issued is this content as canonical JSON, kept for good.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field, fields
from datetime import date
from typing import Any

from supervisor.documents.content import CellKind, Column
from supervisor.documents.title_lines import balanced_lines, text_width

#: Official names of the fonts; readers' Word and WPS have them.
TITLE_FONT, HEADING_FONT = "方正小标宋简体", "黑体"
BODY_FONT, SUBHEADING_FONT = "仿宋_GB2312", "楷体_GB2312"
#: Characters of 三号 in a line of 156 mm, and of 二号.
LINE_CHARS, TITLE_CHARS = 28, 20
#: Where a day will stand, in a draft.
NO_DAY = "　　年　月　日"


@dataclass(frozen=True)
class Fonts:
    """Names of the fonts for titles, 一、, text and （一）, as a house has them: a local setting."""

    title: str = TITLE_FONT
    heading: str = HEADING_FONT
    body: str = BODY_FONT
    subheading: str = SUBHEADING_FONT


@dataclass(frozen=True)
class PaperStyle:
    """What an office decides for all its papers; kept in each paper, so that a later change leaves it as it is."""

    #: 发文机关标志; empty = the office's name.
    mark: str = ""
    #: Whether the paper bears a seal; and whose, where the office has none of its own (代章).
    sealed: bool = True
    proxy: str = ""
    #: 抄送 as printed, without the full stop; empty = nobody.
    copies: str = ""
    #: 印发机关; empty = the office. No colophon is printed where `colophon` is off.
    printer: str = ""
    colophon: bool = True
    fonts: Fonts = Fonts()

    @classmethod
    def of(cls, held: Mapping[str, Any] | None) -> PaperStyle:
        """From canonical JSON; papers that were issued before there was a style have the default without colophon."""
        if not held:
            return cls(sealed=False, colophon=False)
        return cls(**{**held, "fonts": Fonts(**held["fonts"])})


@dataclass(frozen=True)
class Figure:
    """A figure or name that comes from data: the text as printed, and the path of the page that it comes from."""

    text: str
    source: str = ""


Part = str | Figure


@dataclass(frozen=True)
class Paragraph:
    """A paragraph; `level` 1 to 4 is that of its heading (一、（一）1.（1）), 0 = text."""

    parts: tuple[Part, ...]
    level: int = 0

    @property
    def text(self) -> str:
        """As printed."""
        return "".join(part if isinstance(part, str) else part.text for part in self.parts)

    @property
    def heading_length(self) -> int:
        """How many characters stand in the heading's font: the first sentence, or all of a line without one."""
        if not self.level:
            return 0
        return (self.text.find("。") + 1) or len(self.text)


_LEVELS = tuple(
    re.compile(pattern)
    for pattern in (
        r"[一二三四五六七八九十]+、",
        r"[（(][一二三四五六七八九十]+[）)]",
        r"\d{1,2}[.．]\D",
        r"[（(]\d{1,2}[）)]",
    )
)


def paragraph(*parts: Part) -> Paragraph:
    """A paragraph whose level is read from how it begins."""
    made = Paragraph(tuple(part for part in parts if part not in ("", Figure(""))))
    level = next((n for n, start in enumerate(_LEVELS, 1) if start.match(made.text)), 0)
    return Paragraph(made.parts, level)


def paragraphs(text: str) -> tuple[Paragraph, ...]:
    """The lines of a text as paragraphs; empty lines are left out."""
    return tuple(paragraph(line.strip()) for line in text.splitlines() if line.strip())


@dataclass(frozen=True)
class Annex:
    """A table on pages of its own, across where it is wide; its cells are texts as printed."""

    title: str
    heads: tuple[str, ...]
    #: Shares of the width, and which columns hold numbers.
    widths: tuple[float, ...]
    numbers: tuple[bool, ...]
    rows: tuple[tuple[str, ...], ...]
    note: str = ""
    across: bool = True

    @classmethod
    def of(cls, held: Mapping[str, Any]) -> Annex:
        """From canonical JSON."""
        lists = {name: tuple(held[name]) for name in ("heads", "widths", "numbers")}
        return cls(**{**held, **lists, "rows": tuple(tuple(row) for row in held["rows"])})


def annex_of(
    title: str,
    columns: Sequence[Column],
    rows: Sequence[Mapping[str, object]],
    note: str = "",
    *,
    across: bool = True,
) -> Annex:
    """A table from its columns, with the value of each row under a column's key; None is printed as —."""
    number = {CellKind.INTEGER, CellKind.POINTS, CellKind.CHANGE, CellKind.PERCENT}
    cells = tuple(
        tuple("—" if row[one.key] is None else str(row[one.key]) for one in columns) for row in rows
    )
    return Annex(
        title, tuple(one.heading for one in columns), tuple(float(one.width) for one in columns),
        tuple(one.kind in number for one in columns), cells, note, across,
    )  # fmt: skip


@dataclass(frozen=True)
class Form:
    """Lines of name and text, with a heading where it is a slip under the paper (回执)."""

    rows: tuple[tuple[str, str], ...]
    heading: str = ""


@dataclass(frozen=True)
class OfficialPaper:
    """All that a paper says. Days as ISO texts; `number` and `issued_on` are empty in a draft."""

    office: str
    title: str
    number: str = ""
    #: Printed beside the number on forms.
    signer: str = ""
    #: 等级：蓝色; the colour of a notice in words.
    level: str = ""
    to: str = ""
    body: tuple[Paragraph, ...] = ()
    form: Form | None = None
    annexes: tuple[Annex, ...] = ()
    #: 附注, without its brackets.
    remark: str = ""
    issued_on: str = ""
    slip: Form | None = None
    style: PaperStyle = PaperStyle()
    #: Names that a title does not break.
    whole: tuple[str, ...] = field(default=())
    #: A form begins at the head of the text and not 35 mm below.
    high: bool = False

    def to_json(self) -> str:
        """Canonical text; `read` is its inverse."""
        return json.dumps(asdict(self), ensure_ascii=False, sort_keys=True, separators=(",", ":"))

    @classmethod
    def read(cls, text: str) -> OfficialPaper:
        """From canonical text."""
        held: dict[str, Any] = json.loads(text)
        held["body"] = tuple(
            Paragraph(
                tuple(part if isinstance(part, str) else Figure(**part) for part in one["parts"]),
                one["level"],
            )
            for one in held["body"]
        )
        held["annexes"] = tuple(Annex.of(one) for one in held["annexes"])
        for name in ("form", "slip"):
            held[name] = held[name] and Form(_rows(held[name]["rows"]), held[name]["heading"])
        held["style"] = PaperStyle.of(held["style"])
        held["whole"] = tuple(held["whole"])
        return cls(**{each.name: held[each.name] for each in fields(cls)})

    # What is printed, so that page and file agree ------------------------------------------------------------

    @property
    def mark(self) -> str:
        """发文机关标志."""
        return self.style.mark or self.office

    def mark_lines(self) -> tuple[str, ...]:
        """The mark in one line, or in two where it is long."""
        return balanced_lines(self.mark, 15, whole=self.whole)

    def title_lines(self) -> tuple[str, ...]:
        """The title broken as it is printed."""
        return balanced_lines(self.title, TITLE_CHARS, whole=(*self.whole, self.office))

    def annex_names(self) -> tuple[str, ...]:
        """The lines of 附件说明; one alone has no number."""
        if len(self.annexes) == 1:
            return (f"附件：{self.annexes[0].title}",)
        return tuple(
            f"{'附件：' if n == 1 else '　　　'}{n}．{one.title}"
            for n, one in enumerate(self.annexes, start=1)
        )

    def annex_number(self, place: int) -> str:
        """What stands over an annex, counted from 1."""
        return f"附件{place}" if len(self.annexes) > 1 else "附件"

    def signature(self) -> tuple[str, ...]:
        """署名, with who seals in its stead where the office has no seal of its own."""
        lines = balanced_lines(self.office, LINE_CHARS - 4, whole=self.whole)
        return (*lines, f"（{self.style.proxy}代章）") if self.style.sealed and self.style.proxy else lines

    @property
    def day(self) -> str:
        """成文日期: the full year, no leading zero."""
        return day_words(self.issued_on) if self.issued_on else NO_DAY

    @property
    def copies(self) -> str:
        """抄送 as printed, with its full stop."""
        named = self.style.copies.strip().rstrip("。")
        return f"{named}。" if named else ""

    @property
    def printer(self) -> str:
        """印发机关."""
        return self.style.printer or self.office


def day_words(iso: str) -> str:
    """2026年7月8日, without leading zeros, as official papers print a day."""
    day = date.fromisoformat(iso)
    return f"{day.year}年{day.month}月{day.day}日"


def signature_indents(lines: Sequence[str], day: str, *, sealed: bool) -> tuple[list[float], float]:
    """How far each line of 署名 and the date stand from the right edge, in characters (GB/T 9704 7.3.5)."""
    wide, dated = [text_width(one) for one in lines], text_width(day)
    if sealed:
        # The date leaves four characters free, the name stands centred over it.
        centre = max(4 + dated / 2, *(one / 2 for one in wide))
        return [centre - one / 2 for one in wide], centre - dated / 2
    # The date begins two characters to the right of the name, and both leave at least two free.
    name = max(wide)
    start = max(2 + name, 4 + dated)
    return [start - one for one in wide], start - 2 - dated


def _rows(held: Sequence[Sequence[str]]) -> tuple[tuple[str, str], ...]:
    return tuple((one[0], one[1]) for one in held)
