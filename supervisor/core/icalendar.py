"""Writes a calendar in iCalendar form (RFC 5545): all-day events, folded lines, escaped texts. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta

#: A line holds this many octets before it is folded (RFC 5545, 3.1).
FOLD = 75
PRODUCT = "-//Dukao//Dukao//ZH"


@dataclass(frozen=True)
class AllDay:
    """One all-day event. `uid` never changes for the same matter; `sequence` rises when its day does."""

    uid: str
    day: date
    summary: str
    description: str = ""
    url: str = ""
    sequence: int = 0


def write(name: str, events: Iterable[AllDay], *, now: datetime) -> bytes:
    """The whole calendar as a file; lines end with CRLF, text is UTF-8."""
    lines = [
        "BEGIN:VCALENDAR",
        "VERSION:2.0",
        f"PRODID:{PRODUCT}",
        "CALSCALE:GREGORIAN",
        "METHOD:PUBLISH",
        f"X-WR-CALNAME:{escape(name)}",
        "X-WR-TIMEZONE:Asia/Shanghai",
        "REFRESH-INTERVAL;VALUE=DURATION:PT1H",
        "X-PUBLISHED-TTL:PT1H",
    ]
    for event in events:
        lines += _event(event, now)
    lines.append("END:VCALENDAR")
    return b"".join(folded(line) for line in lines)


def _event(event: AllDay, now: datetime) -> Iterator[str]:
    yield "BEGIN:VEVENT"
    yield f"UID:{escape(event.uid)}"
    yield f"DTSTAMP:{now.astimezone(UTC):%Y%m%dT%H%M%SZ}"
    yield f"DTSTART;VALUE=DATE:{event.day:%Y%m%d}"
    yield f"DTEND;VALUE=DATE:{event.day + timedelta(days=1):%Y%m%d}"
    yield f"SUMMARY:{escape(event.summary)}"
    if event.description:
        yield f"DESCRIPTION:{escape(event.description)}"
    if event.url:
        yield f"URL:{''.join(char for char in event.url if ord(char) > ord(' '))}"
    yield f"SEQUENCE:{event.sequence}"
    yield "TRANSP:TRANSPARENT"
    yield "END:VEVENT"


def escape(text: str) -> str:
    """A text value: backslash, semicolon, comma and line ends escaped, other control characters left out (3.3.11)."""
    text = text.replace("\r\n", "\n").replace("\r", "\n")
    text = text.replace("\\", "\\\\").replace(";", "\\;").replace(",", "\\,").replace("\n", "\\n")
    return "".join(char for char in text if char >= " " and char != "\x7f")


def folded(line: str) -> bytes:
    """A content line in octets with its CRLF, folded so that no character is torn and no line exceeds FOLD."""
    parts, room, part = [], FOLD, b""
    for char in line:
        octets = char.encode("utf-8", "replace")
        if len(part) + len(octets) > room:
            parts.append(part)
            part, room = b"", FOLD - 1  # the space that marks the fold counts
        part += octets
    parts.append(part)
    return b"\r\n ".join(parts) + b"\r\n"
