"""Files: which kind a file is, its text, and why it cannot be read."""

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

from supervisor.intake.draft import Draft
from supervisor.intake.errors import IntakeError
from supervisor.intake.reader import read_text
from supervisor.intake.webpage import text_of_page
from supervisor.words import N_, Sentence

LIMIT = 10 * 1024 * 1024
SECONDS = 20
_OLD = b"\xd0\xcf\x11\xe0"
_CHILD = Path(__file__).with_name("office.py")
_REFUSALS: dict[str, Sentence] = {
    "zip_bomb": N_("This file unpacks to far more than a notice can hold. It was not opened."),
    "broken_docx": N_(
        "This .docx file is damaged and cannot be opened. Open it in Word or WPS, save it again and retry."
    ),
    "broken_pdf": N_("This PDF is damaged or locked and cannot be opened."),
    "no_text": N_("This PDF has no text, only pictures of pages. Ask for the .docx, or paste the text."),
    "dtd": N_(
        "This file contains a document type definition, which no office program writes. It was not opened."
    ),
    "macro": N_("This file contains macros. Save it as .docx without macros and retry."),
}


def _old_office() -> IntakeError:
    return IntakeError(
        "old_office",
        N_(
            "Old .doc and .wps files cannot be read. Open the file in Word or WPS, choose “Save as” and the type .docx."
        ),
    )


def decode(data: bytes) -> str:
    """Return text from UTF-8 (with or without mark), UTF-16 with mark, or GB18030.

    Raises:
        IntakeError: unknown_type, where the bytes are no text.
    """
    if data[:2] in {b"\xff\xfe", b"\xfe\xff"}:
        return data.decode("utf-16", errors="replace")
    for name in ("utf-8-sig", "gb18030"):
        try:
            text = data.decode(name)
        except UnicodeDecodeError:
            continue
        strange = sum(ord(char) < 9 or 14 <= ord(char) < 32 for char in text[:4000])
        if strange * 20 <= len(text[:4000]):
            return text
    raise IntakeError("unknown_type", N_("This is no text, .docx or .pdf file."))


def _limits() -> None:
    """Bind the child to 512 MB and 10 s of processor time (threat model 16)."""
    import resource

    resource.setrlimit(resource.RLIMIT_AS, (512 * 1024 * 1024, 512 * 1024 * 1024))
    resource.setrlimit(resource.RLIMIT_CPU, (10, 10))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))


def _office(data: bytes, kind: str) -> str:
    """Open an office file in a child with limits and return its text."""
    # The path, not -m: the child must not import the package, which is the web application.
    command = [sys.executable, "-I", str(_CHILD), kind]
    try:
        done = subprocess.run(  # noqa: S603 - our own file and interpreter, no shell
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
        return str(answer["text"])
    code = str(answer.get("error", f"broken_{kind}"))
    raise IntakeError(code, _REFUSALS[code])


def text_of(data: bytes, name: str) -> str:
    """Return the text of a file, by its content first and its name second.

    Raises:
        IntakeError: empty, too_large, old_office, unknown_type, and what the office reader refuses.
    """
    if not data.strip(b"\x00\t\r\n \xef\xbb\xbf"):
        raise IntakeError("empty", N_("This file is empty."))
    if len(data) > LIMIT:
        raise IntakeError(
            "too_large",
            N_(
                "This file has %(size)s MB; a notice may have %(limit)s MB.",
                size=len(data) >> 20,
                limit=LIMIT >> 20,
            ),
        )
    suffix = name.lower().rpartition(".")[2] if "." in name else ""
    if data.startswith(_OLD) or (suffix in {"doc", "wps"} and not data.startswith((b"PK", b"%PDF"))):
        raise _old_office()
    if data.startswith(b"PK"):
        return _office(data, "docx")
    if data[:1024].lstrip().startswith(b"%PDF"):
        return _office(data, "pdf")
    if suffix in {"docx", "docm"}:
        raise IntakeError("broken_docx", _REFUSALS["broken_docx"])
    if suffix == "pdf":
        raise IntakeError("broken_pdf", _REFUSALS["broken_pdf"])
    text = decode(data)
    start = text[:2000].lstrip("\ufeff \t\r\n").lower()
    if start.startswith(("<!doctype html", "<html")) or suffix in {"html", "htm"}:
        return text_of_page(text)
    return text


def read(data: bytes, name: str) -> Draft:
    """Read a notice from a file (.txt, .docx, .pdf with text, .html).

    Raises:
        IntakeError: the file is no readable notice; the message says what to do.
    """
    text = text_of(data, name)
    if not text.strip():
        raise IntakeError("empty", N_("This file is empty."))
    return read_text(text)
