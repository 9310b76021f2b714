"""The text of a .docx: paragraphs with the numbers that Word makes, tables as rows, what is not the text set aside.

Tracked changes are read as accepted: what was inserted stays, what was deleted is left out. Hidden text is left out.
"""

import io
import re
import zipfile
from collections.abc import Iterable, Iterator
from posixpath import join, normpath
from xml.etree.ElementTree import Element

from .markup import child, children, is_on, name, number_of, value
from .numbering import Numbering

Line = tuple[str, bool]  # the text, and whether it is set aside

_THROUGH = {"ins", "moveTo", "customXml", "smartTag", "sdtContent", "hyperlink", "fldSimple", "dir", "bdo"}
_SILENT = {
    "del", "moveFrom", "instrText", "delText", "delInstrText", "rPr", "pPr", "sdtPr", "sdtEndPr", "rt", "Fallback",
    "tblPr", "trPr", "tcPr", "commentReference", "annotationRef",
}  # fmt: skip
_BREAKS = {"tab": "\t", "ptab": "\t", "br": "\n", "cr": "\n", "noBreakHyphen": "-"}


class _Parts:
    """The parts of the archive that hold text."""

    def __init__(self, data: bytes) -> None:
        self.archive = zipfile.ZipFile(io.BytesIO(data))
        self.names = {entry.lower(): entry for entry in self.archive.namelist()}
        self.body = self.named("word/document.xml")
        rels = self.named("word/_rels/document.xml.rels")
        self.targets = [
            (value(rel, "", "Type").rpartition("/")[2], value(rel, "", "Target"))
            for rel in children(rels, "Relationship")
        ]

    def named(self, path: str) -> Element | None:
        """Return the parsed part of that path."""
        from defusedxml.ElementTree import fromstring

        entry = self.names.get(path.lower())
        root: Element | None = fromstring(self.archive.read(entry), forbid_dtd=True) if entry else None
        return root

    def kind(self, wanted: str) -> Iterator[Element]:
        """Yield the parts that the document names as styles, numbering, header, footer, footnotes."""
        for kind, target in self.targets:
            if kind == wanted:
                path = target.lstrip("/") if target.startswith("/") else normpath(join("word", target))
                root = self.named(path)
                if root is not None:
                    yield root


class _Paragraph:
    """The words of one paragraph and the text boxes that hang on it."""

    def __init__(self, element: Element) -> None:
        self.words: list[str] = []
        self.boxes: list[Element] = []
        self._walk(element)

    def _walk(self, element: Element) -> None:
        for inner in element:
            kind = name(inner)
            if kind in _SILENT or (kind == "r" and is_on(child(child(inner, "rPr"), "vanish"))):
                continue
            if kind == "t":
                self.words.append(inner.text or "")
            elif kind in _BREAKS:
                self.words.append(_BREAKS[kind])
            elif kind == "sym":
                code = value(inner, "", "char")
                self.words.append(chr(int(code, 16)) if re.fullmatch(r"[0-9A-Fa-f]{4}", code) else "")
            elif kind == "txbxContent":
                self.boxes.append(inner)
            elif kind not in {"p", "tbl"}:
                self._walk(inner)

    @property
    def text(self) -> str:
        """The words in their order."""
        return "".join(self.words)


class Document:
    """Reads the parts of one file in the order of their printing."""

    def __init__(self, data: bytes) -> None:
        self.parts = _Parts(data)
        styles = next(self.parts.kind("styles"), None)
        self.numbering = Numbering(next(self.parts.kind("numbering"), None), styles)
        self.contents = {
            value(style, "", "styleId")
            for style in children(styles, "style")
            if value(child(style, "name")).lower().startswith("toc ")
        }
        self.in_cell = False  # where a number may stand alone
        self.unfinished = ""  # words of a paragraph whose mark was deleted: they belong to the next one

    def lines(self) -> list[Line]:
        """Return every line of the document; furniture comes behind the text."""
        found = list(self._blocks(child(self.parts.body, "body"), aside=False))
        if self.unfinished:
            found.append((self.unfinished, False))
        for kind in ("footnotes", "endnotes"):
            for root in self.parts.kind(kind):
                found += [(line, True) for line in self._notes(root)]
        furniture: list[str] = []
        for kind in ("header", "footer"):
            for root in self.parts.kind(kind):
                furniture += [line for line, _ in self._blocks(root, aside=True)]
        found += [(line, True) for line in dict.fromkeys(furniture) if re.search(r"[^\W\d_]", line)]
        return found

    def _notes(self, root: Element) -> Iterator[str]:
        for note in root:
            text = " ".join(line for line, _ in self._blocks(note, aside=True) if line.strip())
            if text and value(note, "normal", "type") == "normal":
                yield f"[{value(note, '', 'id')}] {text.strip()}"

    def _blocks(self, element: Element | None, *, aside: bool) -> Iterator[Line]:
        for block in () if element is None else element:
            kind = name(block)
            if kind == "p":
                yield from self._paragraph(block, aside=aside)
            elif kind == "tbl":
                yield from self._table(block, aside=aside)
            elif kind == "sdt":
                gallery = child(child(child(block, "sdtPr"), "docPartObj"), "docPartGallery")
                listed = value(gallery).lower().startswith("table of contents")
                yield from self._blocks(child(block, "sdtContent"), aside=aside or listed)
            elif kind == "AlternateContent":
                yield from self._blocks(child(block, "Choice"), aside=aside)
            elif kind in _THROUGH:
                yield from self._blocks(block, aside=aside)

    def _paragraph(self, element: Element, *, aside: bool) -> Iterator[Line]:
        text, boxes = self._words(element)
        aside = aside or value(child(child(element, "pPr"), "pStyle")) in self.contents
        if text is not None:
            yield text, aside
        for box in boxes:
            yield from self._blocks(box, aside=aside)

    def _words(self, element: Element) -> tuple[str | None, list[Element]]:
        """Return a paragraph with its number (None where it goes on in the next one) and its text boxes."""
        read = _Paragraph(element)
        mark = self.numbering.mark(element)
        text = self.unfinished + (mark + read.text if read.text.strip() or self.in_cell else read.text)
        marks = child(child(element, "pPr"), "rPr")
        if child(marks, "del") is not None or child(marks, "moveFrom") is not None:
            self.unfinished = text
            return None, read.boxes
        self.unfinished = ""
        return text, read.boxes

    def _table(self, table: Element, *, aside: bool) -> Iterator[Line]:
        rows = [row for row in _within(table, "tr") if child(child(row, "trPr"), "del") is None]
        if all(sum(1 for _ in _within(row, "tc")) <= 1 for row in rows):
            for row in rows:  # a frame around text, no table
                for cell in _within(row, "tc"):
                    yield from self._blocks(cell, aside=aside)
            return
        above: dict[int, str] = {}
        for row in rows:
            yield self._row(row, above), aside

    def _row(self, row: Element, above: dict[int, str]) -> str:
        """Return the cells with tabs between: merged over columns once, then empty; merged over rows in each row."""
        at = number_of(child(child(row, "trPr"), "gridBefore"), 0)
        cells = [""] * min(at, 60)
        single = sum(1 for _ in _within(row, "tc")) == 1
        for cell in _within(row, "tc"):
            properties = child(cell, "tcPr")
            span = max(1, min(number_of(child(properties, "gridSpan"), 1), 60))
            text = self._cell(cell)
            merged = child(properties, "vMerge")
            if merged is not None and value(merged, "continue") == "continue":
                text = above.get(at, text)
            above[at] = text
            cells += [text] + ([] if single else [""] * (span - 1))
            at += span
        return "\t".join(cells)

    def _cell(self, cell: Element) -> str:
        above, self.in_cell = self.in_cell, True
        pieces = [piece for line, _ in self._blocks(cell, aside=False) for piece in line.split()]
        self.in_cell = above
        return " ".join(pieces)


def _within(element: Element, wanted: str) -> Iterator[Element]:
    """Yield rows or cells, also those inside content controls and tracked insertions."""
    for inner in element:
        kind = name(inner)
        if kind == wanted:
            yield inner
        elif kind == "sdt" or kind in _THROUGH:
            yield from _within(inner, wanted)


def docx_lines(data: bytes) -> Iterable[Line]:
    """Return the lines of a .docx, each with whether it is set aside (contents, notes, page heads and feet)."""
    return Document(data).lines()
