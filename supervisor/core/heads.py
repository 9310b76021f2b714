"""Heads of the audit trail kept outside the database: one line each in a file, best on another machine's disk.

The promise of the trail is only as old as the last head that somebody else holds. An older database put back in
place, or a trail written anew, no longer has the row of the last kept head: a start and `verify` say so.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path

from scoring import archive
from supervisor.core import audit
from supervisor.core.audit import Head
from supervisor.models import AuditEntry

#: How much of the trail's end may be held by nobody else.
GAP = timedelta(minutes=15)


def keep_head(path: Path, *, at: datetime) -> bool:
    """Append the trail's head to the file unless the last line is younger than `GAP` or names the same head.

    Args:
        path: the file; made if it is missing.
        at: the machine's own time.

    Errors: OSError; ValueError where the file is no list of heads.
    """
    head, last = audit.read_head(), _last_line(path)
    if last is not None and (at - last[0] < GAP or last[1] == head):
        return False
    with path.open("a", encoding="ascii") as file:
        file.write(f"{at.astimezone(UTC).isoformat(timespec='seconds')} {head.seq} {head.hash}\n")
    return True


def read_heads(path: Path) -> list[Head]:
    """Every kept head, oldest first; none where there is no file. ValueError names the line that is none."""
    if not path.exists():
        return []
    lines = path.read_text(encoding="ascii").splitlines()
    return [_parse(line, f"{path}, line {number}")[1] for number, line in enumerate(lines, start=1)]


def compare_with_last(path: Path) -> str:
    """What is wrong between the trail and the last kept head, in a sentence; empty = it is still there."""
    last = _last_line(path)
    if last is None:
        return ""
    at, head = last
    row = AuditEntry.get_or_none(AuditEntry.seq == head.seq)
    if row is not None and row.hash == head.hash:
        return ""
    what = (
        f"ends at row {audit.read_head().seq}"
        if row is None
        else f"has another row {head.seq} than the one kept"
    )
    return (
        f"the audit trail {what}, and {path} holds row {head.seq} of {at:%Y-%m-%d %H:%M} UTC: this database is older "
        "than the one that served here last, or was changed. Work done since then is missing. If it was put back on "
        "purpose, move that file away and keep it with the reason"
    )


def parse_head(text: str) -> Head:
    """A head as receipts print it: `812-0123456789abcdef`. ValueError says how it should look."""
    return Head(*archive.parse_head(text))


def _last_line(path: Path) -> tuple[datetime, Head] | None:
    """The last line, read from the file's end."""
    if not path.exists():
        return None
    with path.open("rb") as file:
        size = file.seek(0, 2)
        file.seek(max(0, size - 400))
        lines: Sequence[str] = file.read().decode("ascii").splitlines()
    return _parse(lines[-1], f"{path}, last line") if lines else None


def _parse(line: str, place: str) -> tuple[datetime, Head]:
    at, _, rest = line.partition(" ")
    seq, _, hashed = rest.partition(" ")
    if not seq.isdigit() or len(hashed) != 64:
        raise ValueError(f"{place} is no head of the audit trail: {line[:80]!r}")
    return datetime.fromisoformat(at), Head(int(seq), hashed)
