"""Which encoding a text file has: UTF-8, UTF-16, GB18030 or Big5, told by what the bytes mean."""

import re

from supervisor.intake.errors import IntakeError
from supervisor.words import N_

# What stands in every notice, in either script; a text read with the wrong table has hardly any of it.
_USUAL = re.compile("[的和、，。：一二三四五为是在工作市县区年月日第為區縣]")
_CHINESE = re.compile("[\u4e00-\u9fff\u3000-\u303f\uff00-\uffef]")
_STRANGE = re.compile("[\x00-\x08\x0e-\x1f\ufffd]")
_SAMPLE = 20000  # bytes that are enough to tell


def _share(pattern: "re.Pattern[str]", text: str) -> float:
    return len(pattern.findall(text)) / max(1, len(text))


def _unmarked_wide(data: bytes) -> str | None:
    """Return the form of UTF-16 without a mark: read wrongly, its Chinese falls outside the Chinese block."""
    sample = data[: _SAMPLE // 2 * 2]
    for name in ("utf-16-le", "utf-16-be"):
        text = sample.decode(name, errors="replace")
        if _share(_CHINESE, text) > 0.6 and _share(_USUAL, text) > 0.05:
            return name
    return None


def decode(data: bytes) -> str:
    """Return the text of bytes in UTF-8, UTF-16, GB18030 or Big5; a few bad bytes become U+FFFD.

    Raises:
        IntakeError: unknown_type, where the bytes are no text.
    """
    if data[:2] in {b"\xff\xfe", b"\xfe\xff"}:
        return data.decode("utf-16", errors="replace")
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError:
        text = _other(data)
    if _share(_STRANGE, text[:4000]) > 0.05:
        raise IntakeError("unknown_type", N_("This is no text, .docx or .pdf file."))
    return text


def _other(data: bytes) -> str:
    wide = _unmarked_wide(data)
    if wide:
        return data.decode(wide, errors="replace")
    best, most = "utf-8", -1.0
    for name in ("utf-8", "gb18030", "big5"):
        sample = data[:_SAMPLE].decode(name, errors="replace")
        score = _share(_USUAL, sample) - 5 * _share(_STRANGE, sample)
        if score > most:
            best, most = name, score
    return data.decode(best, errors="replace")
