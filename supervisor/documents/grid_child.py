"""Reads one spreadsheet: the file on standard input, JSON rows of text on standard output (see `grid`).

A program of its own, without imports of ours. Ends with 1 where the file cannot be read; a limit of memory
ends it from outside with another code.
"""

from __future__ import annotations

import io
import json
import sys
from datetime import date, datetime

MEMORY = 1024 * 1024 * 1024  # bytes; a list at its limits needs a tenth of it
SECONDS = 15
LONGEST_CELL = 1000  # characters


def main() -> int:
    """Read, cut, write; the exit code."""
    limit_itself()
    rows, columns = int(sys.argv[1]), int(sys.argv[2])
    data = sys.stdin.buffer.read()
    try:
        grid = cells_of(data, rows, columns)
    except Exception as error:  # noqa: BLE001 -- whatever a broken file makes the reader say, it cannot be read
        sys.stderr.write(f"{type(error).__name__}: {error}\n")
        return 1
    sys.stdout.buffer.write(json.dumps(grid, ensure_ascii=False).encode("utf-8", "replace"))
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


def cells_of(data: bytes, rows: int, columns: int) -> list[list[str]]:
    """The text of the first visible sheet with content; an empty list where there is none."""
    from python_calamine import CalamineWorkbook, SheetVisibleEnum

    book = CalamineWorkbook.from_filelike(io.BytesIO(data))
    for sheet in book.sheets_metadata:
        if sheet.visible != SheetVisibleEnum.Visible:
            continue
        cells = book.get_sheet_by_name(sheet.name).to_python(skip_empty_area=False, nrows=rows)
        grid = [[text_of(cell) for cell in row[:columns]] for row in cells]
        if any(any(row) for row in grid):
            return grid
    return []


def text_of(cell: object) -> str:
    """A cell as one would type it: 13800000000.0 is 13800000000, a date is ISO, spaces around are gone."""
    if isinstance(cell, float) and cell.is_integer():
        return str(int(cell))
    if isinstance(cell, datetime) and not (cell.hour or cell.minute or cell.second):
        cell = cell.date()
    if isinstance(cell, (date, datetime)):
        return cell.isoformat()
    return str(cell).strip()[:LONGEST_CELL]


if __name__ == "__main__":
    raise SystemExit(main())
