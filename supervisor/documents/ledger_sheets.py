"""The sheets of an uploaded ledger (.xlsx, .xls, .csv) as text, read without trusting the file.

Size, kind and unpacked size are checked here before anything interprets the file; Excel files are then opened by
a child with limits of memory and time (`sheets_child`), like every other list (`grid`).
"""

from __future__ import annotations

import csv
import io
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from supervisor.documents.grid import (
    OLE_MAGIC,
    ZIP_MAGIC,
    ChildFailed,
    GridRefused,
    ask_child,
    names_within,
)
from supervisor.words import N_

#: Rows of tasks that a ledger may have, and those read to find headings, sums and notes beside them.
MOST_TASKS = 10_000
MOST_ROWS = MOST_TASKS + 1_000
MOST_COLUMNS = 60
LARGEST_FILE = 10 * 1024 * 1024  # bytes
LARGEST_UNPACKED = 100 * 1024 * 1024  # bytes
TIMEOUT = 40  # seconds
ENDINGS = (".xlsx", ".xls", ".csv")
#: Other spreadsheets by their ending.
WPS, WITH_MACROS = (".et", ".ett", ".uos"), (".xlsm", ".xltm", ".xlam", ".xlsb")
DAMAGED = N_("The file is damaged. Open it in Excel or WPS, save it again as .xlsx and upload that.")
LOCKED = N_("The file is protected by a password. Remove the password, save it and upload it again.")
NOT_A_SHEET = N_("This is not a spreadsheet. Upload .xlsx, .xls or .csv.")


@dataclass(frozen=True)
class Sheet:
    """One sheet as text; rows and columns are counted from 0, `cells` begin at A1.

    `errors` holds what Excel shows in a cell that failed (#REF!), "=" for a formula without a stored value.
    """

    name: str
    cells: Sequence[Sequence[str]]
    merges: Sequence[Sequence[int]] = ()
    hidden: frozenset[int] = frozenset()
    errors: Mapping[tuple[int, int], str] = field(default_factory=dict)
    #: Rows beyond those read.
    cut: int = 0


@dataclass(frozen=True)
class Sheets:
    """A file's visible sheets with content, the hidden ones' names, and whether its days count from 1904."""

    sheets: tuple[Sheet, ...]
    unseen: tuple[str, ...] = ()
    since_1904: bool = False


def from_plain(kept: Mapping[str, Any]) -> Sheets:
    """The sheets that `read_plain` answered and the database kept."""
    return Sheets(
        tuple(
            Sheet(
                name=sheet["name"],
                cells=sheet["cells"],
                merges=sheet["merges"],
                hidden=frozenset(sheet["hidden"]),
                errors={(row, column): text for row, column, text in sheet["errors"]},
                cut=sheet["cut"],
            )
            for sheet in kept["sheets"]
        ),
        tuple(kept["unseen"]),
        kept["since_1904"],
    )


def read_plain(data: bytes, name: str) -> dict[str, Any]:
    """Read a ledger's file into plain values to keep (see `from_plain`). Raises GridRefused, saying what to do."""
    ending = Path(name.lower()).suffix
    if not data:
        raise GridRefused(N_("The file is empty."))
    if ending in WPS:
        raise GridRefused(
            N_(
                "WPS keeps %(ending)s files in a form of its own. In WPS choose Save as, type .xlsx, and upload that.",
                ending=ending,
            )
        )
    if ending in WITH_MACROS:
        raise GridRefused(
            N_(
                "Files with macros (%(ending)s) are not taken. Save it as .xlsx, which leaves them out.",
                ending=ending,
            )
        )
    if len(data) > LARGEST_FILE:
        raise GridRefused(N_("The file is larger than %(megabytes)s MB.", megabytes=LARGEST_FILE >> 20))
    if data.startswith(ZIP_MAGIC):
        _check_archive(data)
        found = _ask_child(data)
    elif data.startswith(OLE_MAGIC):
        if "EncryptedPackage".encode("utf-16-le") in data:
            raise GridRefused(LOCKED)
        found = _ask_child(data)
    else:
        found = _read_text(data, name)
    if not found["sheets"]:
        raise GridRefused(N_("There is nothing in the visible sheets of this file."))
    return found


def _check_archive(data: bytes) -> None:
    names = names_within(data, LARGEST_UNPACKED, DAMAGED)
    if any(name.endswith("vbaProject.bin") for name in names):
        raise GridRefused(N_("The file holds macros. Save it as .xlsx, which leaves them out."))
    if "xl/workbook.xml" not in names:
        raise GridRefused(NOT_A_SHEET)


def _ask_child(data: bytes) -> dict[str, Any]:
    too_much = N_("The spreadsheet asks for too much memory or time. Copy the ledger's rows into a new file.")
    try:
        return ask_child(data, MOST_ROWS, MOST_COLUMNS, TIMEOUT)
    except ChildFailed as error:
        raise GridRefused({1: DAMAGED, 3: LOCKED}.get(error.code or 0, too_much)) from error


def _read_text(data: bytes, name: str) -> dict[str, Any]:
    """A .csv in UTF-8 or GB18030, its cells between commas, semicolons or tabs."""
    if b"\0" in data[:4096].replace(b"\r\0", b"").replace(b"\n\0", b"") and not data.startswith(b"\xff\xfe"):
        raise GridRefused(NOT_A_SHEET)
    text = _decoded(data)
    if text.lstrip()[:400].lower().startswith(("<html", "<table", "<!doctype", "<?xml", "<meta")):
        raise GridRefused(
            N_("This is a web page named like a spreadsheet. Open it in Excel or WPS and save it as .xlsx.")
        )
    first = max(text[:20_000].splitlines()[:30], key=len, default="")
    mark = max(",\t;", key=first.count)
    if not name.lower().endswith((".csv", ".txt")) and mark not in first:
        raise GridRefused(NOT_A_SHEET)
    cells: list[list[str]] = []
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=mark)
    cut = 0
    try:
        for row in reader:
            if len(cells) < MOST_ROWS:
                cells.append([cell.strip() for cell in row[:MOST_COLUMNS]])
            else:
                cut += any(row)
    except csv.Error as error:
        raise GridRefused(DAMAGED) from error
    sheet = {"name": Path(name).stem, "cells": cells, "merges": [], "hidden": [], "errors": [], "cut": cut}
    return {"sheets": [sheet] if any(map(any, cells)) else [], "unseen": [], "since_1904": False}


def _decoded(data: bytes) -> str:
    for encoding in ("utf-16" if data.startswith(b"\xff\xfe") else "utf-8-sig", "gb18030"):
        try:
            return data.decode(encoding).removeprefix("\ufeff")  # GB18030 may carry a mark, too
        except UnicodeDecodeError:
            continue
    raise GridRefused(NOT_A_SHEET)
