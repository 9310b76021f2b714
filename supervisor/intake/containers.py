"""Files: which kind a file is, its text, and why it cannot be read."""

import json
import subprocess
import sys
from dataclasses import dataclass, replace
from email import message_from_bytes, policy
from pathlib import Path
from typing import Any

from supervisor.intake.draft import Draft, Problem
from supervisor.intake.encodings import decode
from supervisor.intake.errors import IntakeError
from supervisor.intake.reader import read_text
from supervisor.intake.webpage import text_of_page
from supervisor.words import N_, Sentence

LIMIT = 10 * 1024 * 1024
#: Characters of the longest text that is read, ten times the longest notice known: reading takes seconds by then.
LONGEST = 600_000
SECONDS = 20
# Appended, not put first, and as a package of its own: the child must not import the application.
_CHILD = (
    f"import runpy, sys; sys.path.append({str(Path(__file__).parent)!r}); sys.argv[0] = 'office'; "
    "runpy.run_module('office', run_name='__main__')"
)
_REFUSALS: dict[str, Sentence] = {
    "empty": N_("This file is empty."),
    "zip_bomb": N_("This file unpacks to far more than a notice can hold. It was not opened."),
    "broken_docx": N_(
        "This .docx file is damaged and cannot be opened. Open it in Word or WPS, save it again and retry."
    ),
    "broken_pdf": N_("This PDF is damaged and cannot be opened. Ask for the .docx, or paste the text."),
    "locked_docx": N_(
        "This document is locked with a password. Open it in Word or WPS, take the password off, save it and retry."
    ),
    "locked_pdf": N_("This PDF is locked with a password. Ask for the .docx, or paste the text."),
    "no_text": N_("This PDF has no text, only pictures of pages. Ask for the .docx, or paste the text."),
    "no_letters": N_(
        "The fonts of this PDF do not say which characters they print. Ask for the .docx, or paste the text."
    ),
    "dtd": N_(
        "This file contains a document type definition, which no office program writes. It was not opened."
    ),
    "macro": N_("This file contains macros. Save it as .docx without macros and retry."),
    "old_office": N_(
        "Files of the types .doc, .wps, .rtf and .odt cannot be read. "
        "Open the file in Word or WPS, choose “Save as” and the type .docx."
    ),
    "ofd": N_(
        "An .ofd file cannot be read. Open it in your OFD reader and export it as .docx or PDF, or paste its text."
    ),
    "spreadsheet": N_("This is a spreadsheet. Import it as an existing ledger, or paste its cells as text."),
    "broken_page": N_(
        "This web archive is damaged and cannot be opened. Save the page as .html, or paste its text."
    ),
    "picture": N_("This is a picture and has no text. Ask for the .docx, or paste the text."),
}
_TOO_LONG = N_(
    "This text has %(size)s characters; a notice may have %(limit)s. "
    "Send the notice alone, without what stands around it."
)
_OTHER = {
    "docx": N_("The file is named .%(suffix)s but holds a Word document; it was read as one."),
    "pdf": N_("The file is named .%(suffix)s but holds a PDF; it was read as one."),
    "page": N_("The file is named .%(suffix)s but holds a web page; it was read as one."),
    "text": N_("The file is named .%(suffix)s but holds plain text; it was read as that."),
}
_SUFFIXES = {
    "docx": "docx", "docm": "docx", "dotx": "docx", "doc": "doc", "wps": "doc", "pdf": "pdf", "html": "page",
    "htm": "page", "shtml": "page", "mht": "page", "mhtml": "page", "txt": "text",
}  # fmt: skip
_PICTURES = (b"\x89PNG\r\n", b"\xff\xd8\xff", b"GIF8", b"BM", b"II*\x00", b"MM\x00*")


@dataclass(frozen=True, slots=True)
class Opened:
    """The text of a file, the numbers of the lines that its layout sets aside, and what kind of file it is."""

    text: str
    aside: frozenset[int] = frozenset()
    kind: str = "text"


def _refused(code: str) -> IntakeError:
    return IntakeError(code, _REFUSALS[code])


def _limits() -> None:
    """Bind the child to 512 MB and 10 s of processor time (threat model 16)."""
    import resource

    resource.setrlimit(resource.RLIMIT_AS, (512 * 1024 * 1024, 512 * 1024 * 1024))
    resource.setrlimit(resource.RLIMIT_CPU, (10, 10))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))


def _office(data: bytes, kind: str) -> Opened:
    """Open an office file in a child with limits."""
    command = [sys.executable, "-I", "-c", _CHILD, kind]
    try:
        done = subprocess.run(  # noqa: S603 - our own code and interpreter, no shell
            command,
            input=data,
            capture_output=True,
            timeout=SECONDS,
            check=False,
            env={"LANG": "C.UTF-8", "PATH": ""},
            preexec_fn=_limits if sys.platform != "win32" else None,
        )
        answer: dict[str, Any] = json.loads(done.stdout) if done.returncode == 0 else {}
    except (subprocess.TimeoutExpired, ValueError):
        answer = {}
    if "text" in answer:
        return Opened(str(answer["text"]), frozenset(answer["aside"]), kind)
    raise _refused(str(answer.get("error", f"broken_{kind}")))


def _archived_page(data: bytes) -> bytes | None:
    """Return the page inside a web archive (.mht)."""
    if b"MIME-Version:" not in data[:2000]:
        return None
    try:
        parts = list(message_from_bytes(data, policy=policy.default).walk())
    except RecursionError:  # thousands of parts inside each other
        raise _refused("broken_page") from None
    for part in parts:
        if part.get_content_type() == "text/html":
            content = part.get_payload(decode=True)
            return content if isinstance(content, bytes) else None
    return None


def _is_page(text: str) -> bool:
    start = text[:2000].lstrip("\ufeff \t\r\n").lower()
    return start.startswith(("<!doctype html", "<html", "<?xml")) and "<html" in text[:4000].lower()


def open_file(data: bytes, name: str) -> Opened:
    """Return the text of a file, by its content first and its name second.

    Raises:
        IntakeError: empty, too_large, unknown_type, and every code of the sentences above.
    """
    if not data.strip(b"\x00\t\r\n \xef\xbb\xbf"):
        raise _refused("empty")
    if len(data) > LIMIT:
        sentence = N_("This file has %(size)s MB; a notice may have %(limit)s MB.")
        raise IntakeError(
            "too_large", replace(sentence, params={"size": len(data) >> 20, "limit": LIMIT >> 20})
        )
    suffix = _suffix(name)
    if data.startswith(b"\xd0\xcf\x11\xe0"):
        raise _refused("locked_docx" if "EncryptedPackage".encode("utf-16-le") in data else "old_office")
    if data.startswith(b"{\\rtf"):
        raise _refused("old_office")
    if data.startswith(_PICTURES):
        raise _refused("picture")
    if data.startswith(b"PK"):
        return _office(data, "docx")
    if b"%PDF" in data[:1024]:
        return _office(data, "pdf")
    return _written(data, suffix)


def _written(data: bytes, suffix: str) -> Opened:
    """Return the text of a file that is neither an archive nor a PDF."""
    archived = _archived_page(data)
    text = decode(archived if archived is not None else data)
    if archived is not None or _is_page(text) or _SUFFIXES.get(suffix) == "page":
        return Opened(*text_of_page(text), "page")
    if _SUFFIXES.get(suffix) in {"docx", "pdf"}:
        raise _refused(f"broken_{_SUFFIXES[suffix]}")
    return Opened(text)


def _suffix(name: str) -> str:
    return name.lower().rpartition(".")[2] if "." in name else ""


def read(data: bytes, name: str) -> Draft:
    """Read a notice from a file (.txt, .docx, .pdf with text, .html).

    Raises:
        IntakeError: the file is no readable notice; the message says what to do.
    """
    opened = open_file(data, name)
    if not opened.text.strip():
        raise _refused("empty")
    if len(opened.text) > LONGEST:
        raise IntakeError("too_long", replace(_TOO_LONG, params={"size": len(opened.text), "limit": LONGEST}))
    draft = read_text(opened.text, opened.aside)
    if not draft.document.text.strip():  # nothing but marks that no page shows
        raise _refused("empty")
    suffix = _suffix(name)
    if _SUFFIXES.get(suffix, opened.kind) == opened.kind:
        return draft
    problem = Problem("other_kind", _OTHER[opened.kind].msgid, {"suffix": suffix})
    return replace(draft, problems=(problem, *draft.problems))
