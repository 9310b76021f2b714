"""Reads every sheet of a spreadsheet: the file on standard input, JSON on standard output (see `grid`).

A program of its own, without imports of ours: it is run with limits, so that a hostile file ends it and not the
server. Values come from calamine; what calamine does not tell (hidden rows, cells with errors, percent formats)
is read from the file itself. Ends with 1 for a file that cannot be read, with 3 for one under a password.
"""

from __future__ import annotations

import io
import json
import posixpath
import struct
import sys
import zipfile
from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict, dataclass, field
from datetime import date, datetime
from xml.parsers import expat

MEMORY = 1024 * 1024 * 1024  # bytes; a ledger at its limits needs a quarter of it
SECONDS = 25
MOST_TEXT = 10_000_000  # characters of all cells
ZIP_MAGIC = b"PK\x03\x04"
#: Excel's codes of errors in .xls.
ERRORS = {0: "#NULL!", 7: "#DIV/0!", 15: "#VALUE!", 23: "#REF!", 29: "#NAME?", 36: "#NUM!", 42: "#N/A"}
#: Built-in number formats of percent.
PERCENT_FORMATS = frozenset({9, 10})
NO_VALUE = "="
#: From here on the numbers of sectors are marks: free, end of chain.
NO_SECTOR = 0xFFFFFFFA


@dataclass
class Traits:
    """What the values do not tell: hidden rows, cells in error (or a formula without value), cells in percent."""

    hidden: list[int] = field(default_factory=list)
    errors: dict[tuple[int, int], str] = field(default_factory=dict)
    percents: set[tuple[int, int]] = field(default_factory=set)


@dataclass
class Sheet:
    """One sheet; rows and columns are counted from 0, `cells` begin at A1."""

    name: str
    cells: list[list[str]]
    #: First row, first column, last row, last column.
    merges: list[tuple[int, int, int, int]]
    hidden: list[int]
    #: Row, column, what stands there.
    errors: list[tuple[int, int, str]]
    #: Rows below those read.
    cut: int


def main() -> int:
    """Read, write; the exit code."""
    limit_itself()
    rows, columns = int(sys.argv[1]), int(sys.argv[2])
    data = sys.stdin.buffer.read()
    from python_calamine import PasswordError

    try:
        book = read_book(data, rows, columns)
    except PasswordError:
        return 3
    except Exception as error:  # noqa: BLE001 -- whatever a broken file makes a reader say, it cannot be read
        sys.stderr.write(f"{type(error).__name__}: {error}\n")
        return 1
    sys.stdout.buffer.write(json.dumps(book, ensure_ascii=False).encode("utf-8", "replace"))
    return 0


def limit_itself() -> None:
    """Set limits of memory and processor time where the system knows them (not on Windows)."""
    try:
        import resource
    except ImportError:
        return
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
    resource.setrlimit(resource.RLIMIT_CPU, (SECONDS, SECONDS))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))


def read_book(data: bytes, rows: int, columns: int) -> dict[str, object]:
    """The visible sheets with content, the names of the hidden ones, and whether days count from 1904."""
    from python_calamine import CalamineWorkbook, SheetVisibleEnum

    book = CalamineWorkbook.from_filelike(io.BytesIO(data))
    traits, since_1904 = xlsx_traits(data) if data.startswith(ZIP_MAGIC) else xls_traits(data)
    sheets, unseen, room = [], [], MOST_TEXT
    for about in book.sheets_metadata:
        if about.visible != SheetVisibleEnum.Visible:
            unseen.append(about.name)
            continue
        found = book.get_sheet_by_name(about.name)
        known = traits.get(about.name, Traits())
        cells = []
        for number, row in enumerate(found.to_python(skip_empty_area=False, nrows=rows)):
            cells.append(
                [text_of(c, is_percent=(number, at) in known.percents) for at, c in enumerate(row[:columns])]
            )
            room -= sum(map(len, cells[-1]))
            if room < 0:
                raise MemoryError("more text than any ledger holds")
        if not any(any(row) for row in cells):
            continue
        sheet = Sheet(
            name=about.name,
            cells=cells,
            merges=list(clipped(found.merged_cell_ranges or (), rows, columns)),
            hidden=[row for row in known.hidden if row < len(cells)],
            errors=[(r, c, text) for (r, c), text in known.errors.items() if r < rows and c < columns],
            cut=max((found.end or (0, 0))[0] + 1 - rows, 0),
        )
        sheets.append(asdict(sheet))
    return {"sheets": sheets, "unseen": unseen, "since_1904": since_1904}


def clipped(
    ranges: Sequence[tuple[tuple[int, int], tuple[int, int]]], rows: int, columns: int
) -> Iterator[tuple[int, int, int, int]]:
    """The merged ranges within what is read; no more of them than can lie side by side in it."""
    room = rows * columns
    for (top, left), (lowest, farthest) in ranges:
        bottom, right = min(lowest, rows - 1), min(farthest, columns - 1)
        if top <= bottom and left <= right:
            room -= (bottom - top + 1) * (right - left + 1)
            if room < 0:
                return
            yield top, left, bottom, right


def text_of(cell: object, *, is_percent: bool) -> str:
    """A cell as one would type it: 13.0 is 13, 0.35 in a percent format is 35%, a date is ISO."""
    if isinstance(cell, bool):
        return "是" if cell else "否"
    if isinstance(cell, (int, float)):
        return f"{round(cell * 100, 6):.10g}%" if is_percent else f"{cell:.15g}"
    if isinstance(cell, datetime) and not (cell.hour or cell.minute or cell.second):
        cell = cell.date()
    if isinstance(cell, (date, datetime)):
        return cell.isoformat()
    return str(cell).strip()


# .xlsx -----------------------------------------------------------------------------------------------------


def xlsx_traits(data: bytes) -> tuple[dict[str, Traits], bool]:
    """By sheet name, and whether days count from 1904."""
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        percents = _percent_styles(archive)
        links: dict[str, str] = {}
        parse(
            archive,
            "xl/_rels/workbook.xml.rels",
            lambda _tag, a: links.update({a["Id"]: a["Target"]} if "Id" in a else {}),
        )
        sheets: dict[str, str] = {}
        since_1904 = []

        def book(tag: str, a: dict[str, str]) -> None:
            if tag == "sheet":
                sheets[a["name"]] = next((v for k, v in a.items() if k.endswith(":id")), "")
            elif tag == "workbookPr":
                since_1904.append(a.get("date1904") in {"1", "true"})

        parse(archive, "xl/workbook.xml", book)
        names = set(archive.namelist())
        found = {}
        for name, link in sheets.items():
            path = posixpath.normpath(posixpath.join("/xl", links.get(link, ""))).lstrip("/")
            if path in names:
                found[name] = _sheet_traits(archive, path, percents)
    return found, any(since_1904)


def parse(
    archive: zipfile.ZipFile,
    path: str,
    start: Callable[[str, dict[str, str]], None],
    end: Callable[[str], None] | None = None,
    text: Callable[[str], None] | None = None,
) -> None:
    """Run one part of the file through the parser; tags come without their prefix. A document type is refused."""
    parser = expat.ParserCreate()
    parser.buffer_text = True
    parser.StartDoctypeDeclHandler = _refuse
    parser.StartElementHandler = lambda tag, a: start(tag.rpartition(":")[2], a)
    if end:
        parser.EndElementHandler = lambda tag: end(tag.rpartition(":")[2])
    parser.CharacterDataHandler = text
    with archive.open(path) as part:
        parser.ParseFile(part)


def _refuse(*_: object) -> None:
    raise ValueError("a document type definition")


def _percent_styles(archive: zipfile.ZipFile) -> frozenset[str]:
    """The numbers of the cell styles that show percent."""
    if "xl/styles.xml" not in archive.namelist():
        return frozenset()
    formats = set(map(str, PERCENT_FORMATS))
    found: list[str] = []
    state = {"inside": False, "count": 0}

    def start(tag: str, a: dict[str, str]) -> None:
        if tag == "numFmt" and "%" in a.get("formatCode", ""):
            formats.add(a.get("numFmtId", ""))
        elif tag == "cellXfs":
            state["inside"] = True
        elif tag == "xf" and state["inside"]:
            if a.get("numFmtId") in formats:
                found.append(str(state["count"]))
            state["count"] += 1

    def end(tag: str) -> None:
        if tag == "cellXfs":
            state["inside"] = False

    parse(archive, "xl/styles.xml", start, end)
    return frozenset(found)


class _SheetReader:
    """Follows rows and cells of one sheet; a row or cell without its own address stands behind the last one."""

    def __init__(self, percents: frozenset[str]) -> None:
        self.traits = Traits()
        self.percents = percents
        self.row = self.column = -1
        self.kind = ""
        self.has_formula = False
        self.value: list[str] | None = None

    def start(self, tag: str, a: dict[str, str]) -> None:
        if tag == "c":
            self.column = _column(a["r"]) if "r" in a else self.column + 1
            self.kind, self.has_formula, self.value = a.get("t", "n"), False, None
            if a.get("s") in self.percents:
                self.traits.percents.add((self.row, self.column))
        elif tag == "v":
            self.value = []
        elif tag == "f":
            self.has_formula = True
        elif tag == "row":
            self.row = int(a["r"]) - 1 if "r" in a else self.row + 1
            self.column = -1
            if a.get("hidden") in {"1", "true"}:
                self.traits.hidden.append(self.row)

    def end(self, tag: str) -> None:
        if tag != "c":
            return
        if self.kind == "e":
            self.traits.errors[self.row, self.column] = "".join(self.value or ["#N/A"])
        elif self.has_formula and self.value is None:
            self.traits.errors[self.row, self.column] = NO_VALUE

    def text(self, text: str) -> None:
        if self.kind == "e" and self.value is not None:
            self.value.append(text)


def _sheet_traits(archive: zipfile.ZipFile, path: str, percents: frozenset[str]) -> Traits:
    reader = _SheetReader(percents)
    parse(archive, path, reader.start, reader.end, reader.text)
    return reader.traits


def _column(address: str) -> int:
    number = 0
    for letter in address:
        if not letter.isalpha():
            break
        number = number * 26 + ord(letter.upper()) - 64
    return number - 1


# .xls ------------------------------------------------------------------------------------------------------


def xls_traits(data: bytes) -> tuple[dict[str, Traits], bool]:
    """The same of a .xls of Excel 97 and later; nothing where its parts are not where they should be."""
    try:
        stream = workbook_stream(data)
        return _biff_traits(stream)
    except (ValueError, IndexError, struct.error):
        return {}, False


def workbook_stream(data: bytes) -> bytes:
    """The workbook inside an OLE file ([MS-CFB]): the chain of sectors that its directory entry begins."""
    size = 1 << struct.unpack_from("<H", data, 30)[0]
    directory, _, limit, small = struct.unpack_from("<IIII", data, 48)

    def sector(number: int) -> bytes:
        return data[512 + number * size : 512 + (number + 1) * size]

    def words(raw: bytes) -> tuple[int, ...]:
        return struct.unpack(f"<{len(raw) // 4}I", raw)

    table = [
        word for n in struct.unpack_from("<109I", data, 76) if n < NO_SECTOR for word in words(sector(n))
    ]
    entries = chain(directory, table, sector)
    # Streams below the limit lie in small sectors of 64 bytes inside the stream of the first entry.
    small_table = words(chain(small, table, sector))
    within = chain(struct.unpack_from("<I", entries, 116)[0], table, sector)
    for at in range(0, len(entries) - 127, 128):
        name = entries[at : at + 64].decode("utf-16-le", "replace").split("\0")[0]
        first, length = struct.unpack_from("<II", entries, at + 116)
        if name in {"Workbook", "Book"}:
            if length >= limit:
                return chain(first, table, sector)[:length]
            return chain(first, small_table, lambda n: within[n * 64 : n * 64 + 64])[:length]
    raise ValueError("no workbook")


def chain(first: int, table: Sequence[int], sector: Callable[[int], bytes]) -> bytes:
    """The sectors from the first on, as the table links them; a ring ends after one round."""
    parts: list[bytes] = []
    while first < NO_SECTOR and len(parts) <= len(table):
        parts.append(sector(first))
        first = table[first]
    return b"".join(parts)


def records(stream: bytes) -> Iterator[tuple[int, int, bytes]]:
    """The records of a workbook: where each begins, its kind, its content ([MS-XLS])."""
    at = 0
    while at + 4 <= len(stream):
        kind, length = struct.unpack_from("<HH", stream, at)
        yield at, kind, stream[at + 4 : at + 4 + length]
        at += 4 + length


def _biff_traits(stream: bytes) -> tuple[dict[str, Traits], bool]:
    names: dict[int, str] = {}
    found: dict[str, Traits] = {}
    formats, styles, since_1904 = set(PERCENT_FORMATS), [], False
    traits = Traits()
    for at, kind, content in records(stream):
        if kind == 0x85:  # BOUNDSHEET: where the sheet begins, its name
            wide, length = content[7] & 1, content[6]
            raw = content[8 : 8 + length * (2 if wide else 1)]
            names[struct.unpack_from("<I", content)[0]] = raw.decode("utf-16-le" if wide else "latin-1")
        elif kind == 0x809 and at in names:  # BOF
            traits = found.setdefault(names[at], Traits())
        elif kind == 0x22:  # DATEMODE
            since_1904 = content[:2] == b"\x01\x00"
        elif kind == 0x41E and b"%" in content:  # FORMAT
            formats.add(struct.unpack_from("<H", content)[0])
        elif kind == 0xE0:  # XF
            styles.append(struct.unpack_from("<H", content, 2)[0])
        elif kind == 0x208 and content[12] & 0x20:  # ROW, hidden
            traits.hidden.append(struct.unpack_from("<H", content)[0])
        elif kind == 0x205 and content[7]:  # BOOLERR
            row, column = struct.unpack_from("<HH", content)
            traits.errors[row, column] = ERRORS.get(content[6], "#N/A")
        elif kind in {0x06, 0x203, 0x27E}:  # FORMULA, NUMBER, RK
            row, column, style = struct.unpack_from("<HHH", content)
            if style < len(styles) and styles[style] in formats:
                traits.percents.add((row, column))
            if kind == 0x06 and content[6] == 2 and content[12:14] == b"\xff\xff":
                traits.errors[row, column] = ERRORS.get(content[8], "#N/A")
        elif kind == 0xBD:  # MULRK: several numbers in a row
            row, first = struct.unpack_from("<HH", content)
            for offset in range((len(content) - 6) // 6):
                style = struct.unpack_from("<H", content, 4 + offset * 6)[0]
                if style < len(styles) and styles[style] in formats:
                    traits.percents.add((row, first + offset))
    return found, since_1904


if __name__ == "__main__":
    raise SystemExit(main())
