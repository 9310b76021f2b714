"""Cells of an uploaded spreadsheet as text, read without trusting the file.

A file of 5 KB can name a cell in the last row and column, and the reader then asks for half a terabyte and
takes the whole process with it. So the reading is done by a child with a limit of memory and time, after the
size, the kind and the unpacked size have been checked here. `read_grid` is for plain lists; a ledger with its
merged cells, hidden rows and several sheets is read by `ledger_sheets` through the same child.
"""

from __future__ import annotations

import io
import json
import os
import subprocess
import sys
import zipfile
import zlib
from pathlib import Path
from typing import Any

from supervisor.words import N_, Sentence

CHILD = Path(__file__).with_name("sheets_child.py")
LARGEST_FILE = 5 * 1024 * 1024  # bytes
LARGEST_UNPACKED = 50 * 1024 * 1024  # bytes
LONGEST_CELL = 1000  # characters
PIECE = 1024 * 1024
TIMEOUT = 20  # seconds
ZIP_MAGIC, OLE_MAGIC = b"PK\x03\x04", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
BROKEN = N_("The file is damaged or protected by a password. Save it again as .xlsx and upload it once more.")
NO_EXCEL = N_("This is not an Excel file. Upload .xlsx or .xls.")


class GridRefused(Exception):
    """The file cannot be read as a spreadsheet; `sentence` says why and what to do."""

    def __init__(self, sentence: Sentence) -> None:
        super().__init__(str(sentence))
        self.sentence = sentence


class ChildFailed(Exception):
    """The child gave no answer; `code` is its exit code, None where it took too long."""

    def __init__(self, code: int | None) -> None:
        super().__init__(f"exit code {code}")
        self.code = code


def read_grid(data: bytes, rows: int, columns: int = 40) -> list[list[str]]:
    """The cells of the first visible sheet that holds any, as text from A1 on; row 1 is the first item.

    At most `rows` × `columns` cells, cut off beyond. Whole numbers have no decimal point, dates are ISO.
    Raises GridRefused.
    """
    _check_envelope(data)
    try:
        sheets = ask_child(data, rows, columns, TIMEOUT)["sheets"]
    except ChildFailed as error:
        if error.code is None:
            slow = N_("The spreadsheet takes too long to read. Copy the list into a new file.")
            raise GridRefused(slow) from error
        if error.code in {1, 3}:
            raise GridRefused(BROKEN) from error
        raise GridRefused(
            N_("The spreadsheet asks for too much memory. Copy the list into a new file.")
        ) from error
    return [[cell[:LONGEST_CELL] for cell in row] for row in sheets[0]["cells"]] if sheets else []


def ask_child(data: bytes, rows: int, columns: int, timeout: float) -> dict[str, Any]:
    """What the child reads of a spreadsheet (`sheets_child.read_book`). Raises ChildFailed."""
    try:
        done = subprocess.run(  # noqa: S603 -- our own interpreter and file, the upload goes in by stdin
            [sys.executable, "-P", str(CHILD), str(rows), str(columns)],
            input=data,
            capture_output=True,
            timeout=timeout,
            env={"PYTHONUTF8": "1"}
            | {name: os.environ[name] for name in ("PATH", "SYSTEMROOT") if name in os.environ},
            check=False,
        )
    except subprocess.TimeoutExpired as error:
        raise ChildFailed(None) from error
    if done.returncode != 0:
        raise ChildFailed(done.returncode)
    found: dict[str, Any] = json.loads(done.stdout)
    return found


def _check_envelope(data: bytes) -> None:
    """Refuse by size, kind and unpacked size, before anything interprets the file."""
    if not data:
        raise GridRefused(N_("The file is empty."))
    if len(data) > LARGEST_FILE:
        raise GridRefused(N_("The file is larger than %(megabytes)s MB.", megabytes=LARGEST_FILE >> 20))
    if data.startswith(OLE_MAGIC):
        return
    if not data.startswith(ZIP_MAGIC):
        raise GridRefused(NO_EXCEL)
    if "xl/workbook.xml" not in names_within(data, LARGEST_UNPACKED, BROKEN):
        raise GridRefused(NO_EXCEL)


def names_within(data: bytes, largest: int, damaged: Sentence) -> list[str]:
    """The names in a zip that unpacks to at most `largest` bytes.

    Unpacked piece by piece and counted: sizes in a zip's directory are what its author wrote there.
    Raises GridRefused, with `damaged` for what is no whole zip.
    """
    unpacked = 0
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            for member in archive.infolist():
                with archive.open(member) as packed:
                    while piece := packed.read(PIECE):
                        unpacked += len(piece)
                        if unpacked > largest:
                            raise GridRefused(
                                N_("The file unpacks to far more than a list can need; it is refused.")
                            )
            return archive.namelist()
    except (zipfile.BadZipFile, zlib.error, NotImplementedError, RuntimeError, EOFError, ValueError) as error:
        # RuntimeError: an encrypted member; NotImplementedError: a method of compression nobody uses here.
        raise GridRefused(damaged) from error
