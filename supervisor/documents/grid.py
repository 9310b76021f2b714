"""Cells of an uploaded .xlsx or .xls as text, read without trusting the file.

A file of 5 KB can name a cell in the last row and column, and the reader then asks for half a terabyte and
takes the whole process with it. So the reading is done by a child with a limit of memory and time, after the
size, the kind and the unpacked size have been checked here.
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

from supervisor.words import N_, Sentence

CHILD = Path(__file__).with_name("grid_child.py")
LARGEST_FILE = 5 * 1024 * 1024  # bytes
LARGEST_UNPACKED = 50 * 1024 * 1024  # bytes
PIECE = 1024 * 1024
TIMEOUT = 20  # seconds
ZIP_MAGIC, OLE_MAGIC = b"PK\x03\x04", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
BROKEN = N_("The file is damaged or protected by a password. Save it again as .xlsx and upload it once more.")


class GridRefused(Exception):
    """The file cannot be read as a spreadsheet; `sentence` says why and what to do."""

    def __init__(self, sentence: Sentence) -> None:
        super().__init__(str(sentence))
        self.sentence = sentence


def read_grid(data: bytes, rows: int, columns: int = 40) -> list[list[str]]:
    """The cells of the first visible sheet that holds any, as text from A1 on; row 1 is the first item.

    At most `rows` × `columns` cells, cut off beyond. Whole numbers have no decimal point, dates are ISO.
    Raises GridRefused.
    """
    _check_envelope(data)
    try:
        done = subprocess.run(  # noqa: S603 -- our own interpreter and file, the upload goes in by stdin
            [sys.executable, "-P", str(CHILD), str(rows), str(columns)],
            input=data,
            capture_output=True,
            timeout=TIMEOUT,
            env={"PYTHONUTF8": "1"}
            | {name: os.environ[name] for name in ("PATH", "SYSTEMROOT") if name in os.environ},
            check=False,
        )
    except subprocess.TimeoutExpired as error:
        raise GridRefused(
            N_("The spreadsheet takes too long to read. Copy the list into a new file.")
        ) from error
    if done.returncode != 0:
        if done.returncode == 1:
            raise GridRefused(BROKEN)
        raise GridRefused(N_("The spreadsheet asks for too much memory. Copy the list into a new file."))
    grid: list[list[str]] = json.loads(done.stdout)
    return grid


def _check_envelope(data: bytes) -> None:
    """Refuse by size, kind and unpacked size, before anything interprets the file."""
    if not data:
        raise GridRefused(N_("The file is empty."))
    if len(data) > LARGEST_FILE:
        raise GridRefused(N_("The file is larger than %(megabytes)s MB.", megabytes=LARGEST_FILE >> 20))
    if data.startswith(OLE_MAGIC):
        return
    if not data.startswith(ZIP_MAGIC):
        raise GridRefused(N_("This is not an Excel file. Upload .xlsx or .xls."))
    try:
        _check_unpacked(data)
    except (zipfile.BadZipFile, zlib.error, NotImplementedError, RuntimeError, EOFError, ValueError) as error:
        # RuntimeError: an encrypted member; NotImplementedError: a method of compression nobody uses here.
        raise GridRefused(BROKEN) from error


def _check_unpacked(data: bytes) -> None:
    """Unpack piece by piece and count: sizes in a zip's directory are what its author wrote there."""
    unpacked = 0
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        if "xl/workbook.xml" not in archive.namelist():
            raise GridRefused(N_("This is not an Excel file. Upload .xlsx or .xls."))
        for member in archive.infolist():
            with archive.open(member) as packed:
                while piece := packed.read(PIECE):
                    unpacked += len(piece)
                    if unpacked > LARGEST_UNPACKED:
                        raise GridRefused(
                            N_("The file unpacks to far more than a list can need; it is refused.")
                        )
