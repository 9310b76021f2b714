"""Answer one file: `python -m office docx|pdf` reads bytes and prints {"text", "aside"} or {"error"}."""

import json
import re
import sys
from collections.abc import Iterable
from typing import Any

from .gate import Refused, look_through

_ENDS = re.compile("[\n\r\v\f\x1c-\x1e\x85\u2028\u2029]")


def _answer(lines: Iterable[tuple[str, bool]]) -> dict[str, Any]:
    text: list[str] = []
    aside: list[int] = []
    for line, is_aside in lines:
        for piece in _ENDS.split(line):
            text.append(piece)
            if is_aside:
                aside.append(len(text))
    return {"text": "\n".join(text), "aside": aside}


def _lines(data: bytes, kind: str) -> Iterable[tuple[str, bool]]:
    if kind == "docx":
        from .word import docx_lines

        look_through(data)
        return docx_lines(data)
    from .pages import pdf_lines

    return pdf_lines(data)


def main() -> None:
    """Read one file from standard input."""
    kind = sys.argv[1] if len(sys.argv) > 1 else "docx"
    data = sys.stdin.buffer.read()
    answer: dict[str, Any]
    try:
        answer = _answer(_lines(data, kind))
    except Refused as refusal:
        answer = {"error": str(refusal)}
    except Exception:  # noqa: BLE001 - whatever a library makes of a hostile file is a broken file
        answer = {"error": f"broken_{kind}"}
    sys.stdout.write(json.dumps(answer))


if __name__ == "__main__":
    main()
