"""The child process that opens office files: bytes on standard input, one JSON object on standard output.

Runs as a file of its own with limits on memory and time, and imports nothing of the application. Its parent is
`containers.py`. A file is looked through before any library opens it: size unpacked, number of entries, ratio,
document type definitions and macros (threat model 16 and 17).
"""

import io
import json
import re
import sys
import zipfile
from collections.abc import Iterator
from typing import Any

UNPACKED = 50 * 1024 * 1024
ENTRIES = 2000
RATIO = 200
_CHUNK = 65536
_CN = "零一二三四五六七八九十"


class Refused(Exception):
    """A file that will not be opened; the argument is its code."""


def _gate(data: bytes) -> None:
    """Unpack every entry as a stream and count; sizes that the archive declares are not believed."""
    total = 0
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        entries = archive.infolist()
        if len(entries) > ENTRIES:
            raise Refused("zip_bomb")
        names = [entry.filename.lower() for entry in entries]
        if any("vbaproject" in name for name in names):
            raise Refused("macro")
        if "word/document.xml" not in names:
            raise Refused("broken_docx")
        for entry in entries:
            size, head = 0, b""
            with archive.open(entry) as stream:
                while chunk := stream.read(_CHUNK):
                    size += len(chunk)
                    total += len(chunk)
                    if total > UNPACKED or size > max(entry.compress_size, 1) * RATIO + 1024 * 1024:
                        raise Refused("zip_bomb")
                    window = head + chunk
                    if entry.filename.lower().endswith((".xml", ".rels")) and b"<!DOCTYPE" in window.replace(
                        b"\x00", b""
                    ):
                        raise Refused("dtd")
                    head = chunk[-32:]


def _chinese(number: int) -> str:
    if number <= 10:
        return _CN[number]
    tens, ones = divmod(number, 10)
    return ("" if tens == 1 else _CN[tens]) + "十" + (_CN[ones] if ones else "")


def _shape(number: int, form: str) -> str:
    if form in {
        "chineseCounting",
        "chineseCountingThousand",
        "ideographDigital",
        "japaneseCounting",
        "taiwaneseCounting",
        "chineseLegalSimplified",
        "ideographTraditional",
    }:
        return _chinese(number) if number < 100 else str(number)
    if form in {"decimalEnclosedCircle", "decimalEnclosedCircleChinese"} and number <= 20:
        return chr(ord("①") + number - 1)
    if form in {"lowerLetter", "upperLetter"} and number <= 26:
        return chr(ord("a" if form == "lowerLetter" else "A") + number - 1)
    return "" if form in {"bullet", "none"} else str(number)


class Numbering:
    """Numbers that Word makes rather than the writer types."""

    def __init__(self, document: Any) -> None:
        from docx.oxml.ns import qn

        self._qn = qn
        self._levels: dict[tuple[str, int], tuple[str, str, int]] = {}
        self._abstract: dict[str, str] = {}
        self._counts: dict[tuple[str, int], int] = {}
        try:
            root = document.part.numbering_part.element
        except (KeyError, NotImplementedError, AttributeError):
            return
        for abstract in root.findall(qn("w:abstractNum")):
            ident = abstract.get(qn("w:abstractNumId"))
            for level in abstract.findall(qn("w:lvl")):
                self._levels[ident, int(level.get(qn("w:ilvl")))] = (
                    self._child(level, "w:numFmt", "decimal"),
                    self._child(level, "w:lvlText", ""),
                    int(self._child(level, "w:start", "1")),
                )
        for num in root.findall(qn("w:num")):
            self._abstract[num.get(qn("w:numId"))] = self._child(num, "w:abstractNumId", "")

    def _child(self, element: Any, tag: str, default: str) -> str:
        child = element.find(self._qn(tag))
        return default if child is None else str(child.get(self._qn("w:val"), default))

    def mark(self, paragraph: Any) -> str:
        """Return the number that Word prints before a paragraph, or nothing."""
        found = self._of(paragraph)
        if found is None:
            return ""
        ident, level = found
        if (ident, level) not in self._levels:
            return ""
        form, text, start = self._levels[ident, level]
        key = (ident, level)
        self._counts[key] = self._counts.get(key, start - 1) + 1
        for other in [k for k in self._counts if k[0] == ident and k[1] > level]:
            del self._counts[other]
        if form in {"bullet", "none"}:
            return ""

        def number(match: "re.Match[str]") -> str:
            at = int(match.group(1)) - 1
            form_at, _, start_at = self._levels.get((ident, at), ("decimal", "", 1))
            return _shape(self._counts.get((ident, at), start_at), form_at)

        return re.sub(r"%(\d)", number, text)

    def _of(self, paragraph: Any) -> tuple[str, int] | None:
        properties = paragraph._p.pPr  # noqa: SLF001 - python-docx has no public way to the numbering
        holders = [properties]
        style = paragraph.style
        for _ in range(6):
            if style is None:
                break
            holders.append(style.element.pPr)
            style = style.base_style
        for holder in holders:
            marks = None if holder is None else holder.find(self._qn("w:numPr"))
            if marks is None:
                continue
            ident = self._child(marks, "w:numId", "0")
            level = int(self._child(marks, "w:ilvl", "0"))
            return None if ident == "0" else (self._abstract.get(ident, ""), level)
        return None


def _rows(table: Any, numbering: Numbering) -> Iterator[str]:
    """Yield the rows of a table: tabs between cells; a cell merged over columns stands once, over rows in each row."""
    for row in table.rows:
        cells, seen = [], set()
        for cell in row.cells:
            if cell._tc in seen:  # noqa: SLF001 - the only mark of a merged cell
                continue
            seen.add(cell._tc)  # noqa: SLF001
            pieces = [numbering.mark(p) + p.text for p in cell.paragraphs]
            text = " ".join(piece.strip() for piece in pieces if piece.strip())
            inner = [
                " ".join(line.split("\t")) for nested in cell.tables for line in _rows(nested, numbering)
            ]
            cells.append(re.sub(r"[\t\n\r]", " ", " ".join([text, *inner])).strip())
        yield "\t".join(cells)


def docx_text(data: bytes) -> str:
    """Return the text of a .docx: paragraphs with the numbers that Word makes, tables with tabs between cells."""
    import docx
    from docx.table import Table

    document = docx.Document(io.BytesIO(data))
    numbering = Numbering(document)
    out: list[str] = []
    for block in document.iter_inner_content():
        if isinstance(block, Table):
            out += list(_rows(block, numbering))
        else:
            out.append(numbering.mark(block) + block.text)
    return "\n".join(out)


def pdf_text(data: bytes) -> str:
    """Return the text layer of a PDF."""
    from pypdf import PdfReader

    reader = PdfReader(io.BytesIO(data))
    if reader.is_encrypted and not reader.decrypt(""):
        raise Refused("broken_pdf")
    pages = [page.extract_text() or "" for page in reader.pages[:300]]
    text = "\n".join(pages)
    if len(re.findall(r"\w", text)) < 20:
        raise Refused("no_text")
    return text


def main() -> None:
    """Answer one file."""
    kind = sys.argv[1] if len(sys.argv) > 1 else "docx"
    data = sys.stdin.buffer.read()
    answer: dict[str, str]
    try:
        if kind == "docx":
            _gate(data)
        answer = {"text": docx_text(data) if kind == "docx" else pdf_text(data)}
    except Refused as refusal:
        answer = {"error": str(refusal)}
    except Exception:  # noqa: BLE001 - whatever a library makes of a hostile file is a broken file
        answer = {"error": "broken_docx" if kind == "docx" else "broken_pdf"}
    sys.stdout.write(json.dumps(answer))


if __name__ == "__main__":
    main()
