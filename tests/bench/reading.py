"""Reading a notice: 60,000 characters and 5 MB, against one pass of a pattern over the same text."""

from __future__ import annotations

import re
import time
import tracemalloc
from collections.abc import Callable

from supervisor.intake import read_text
from tests.bench.measure import line, processor_ms
from tests.intake_notices import NOTICES

PROSE = "那年冬天，雪下得很大。他从车站出来，沿着河边慢慢走，谁也没有遇见，只听见远处的钟声。\n"


def _ms(act: Callable[[], object]) -> float:
    begun = time.process_time()
    act()
    return (time.process_time() - begun) * 1000


def _peak(text: str) -> float:
    """Megabytes of Python memory at the highest point of one reading."""
    tracemalloc.start()
    read_text(text)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    return peak / 1e6


def run() -> None:
    """Print the figures of reading."""
    notices = "\n".join(notice.text for notice in NOTICES.values())
    sixty = (notices * (60000 // len(notices) + 1))[:60000]
    bare = processor_ms(lambda: re.sub(r"\s", "", sixty), times=5)
    line("one pattern over 60,000 characters (baseline)", bare, "ms")
    line(
        "a notice of 60,000 characters", processor_ms(lambda: read_text(sixty), times=1), "ms", bare, "< 1 s"
    )
    for name, piece in (("notices", notices), ("prose", PROSE)):
        long = piece * (5_000_000 // len(piece.encode()))
        bare = _ms(lambda text=long: re.sub(r"\s", "", text))  # type: ignore[misc]
        line(f"5 MB of {name}", _ms(lambda text=long: read_text(text)), "ms", bare, "a few seconds")  # type: ignore[misc]
    line("memory of a notice of 60,000 characters", _peak(sixty), "MB")
