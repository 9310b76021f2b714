"""What is looked at before any library opens an office file (threat model 16 and 17)."""

import io
import zipfile

UNPACKED = 50 * 1024 * 1024
ENTRIES = 2000
RATIO = 200
_CHUNK = 65536


class Refused(Exception):
    """A file that will not be opened; the argument is its code."""


def _kind(names: set[str]) -> str:
    """Return the code of an archive that is no Word document."""
    if "ofd.xml" in names:
        return "ofd"
    if "xl/workbook.xml" in names or "xl/workbook.bin" in names:
        return "spreadsheet"
    if "content.xml" in names and "mimetype" in names:
        return "old_office"
    return "broken_docx"


def look_through(data: bytes) -> None:
    """Unpack every entry as a stream and count; sizes that the archive declares are not believed.

    Raises:
        Refused: zip_bomb, macro, dtd, ofd, spreadsheet, old_office or broken_docx.
    """
    total = 0
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        entries = archive.infolist()
        if len(entries) > ENTRIES:
            raise Refused("zip_bomb")
        names = {entry.filename.lower() for entry in entries}
        if any("vbaproject" in name for name in names):
            raise Refused("macro")
        if any(entry.flag_bits & 1 for entry in entries):
            raise Refused("locked_docx")
        if "word/document.xml" not in names:
            raise Refused(_kind(names))
        for entry in entries:
            total += _size(archive, entry, UNPACKED - total)


def _size(archive: zipfile.ZipFile, entry: zipfile.ZipInfo, allowed: int) -> int:
    size, head = 0, b""
    marked = entry.filename.lower().endswith((".xml", ".rels"))
    with archive.open(entry) as stream:
        while chunk := stream.read(_CHUNK):
            size += len(chunk)
            if size > min(allowed, max(entry.compress_size, 1) * RATIO + 1024 * 1024):
                raise Refused("zip_bomb")
            if marked and b"<!DOCTYPE" in (head + chunk).replace(b"\x00", b""):
                raise Refused("dtd")
            head = chunk[-32:]
    return size
