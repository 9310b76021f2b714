"""Medians of processor time: what else the machine does must not be counted as ours."""

from __future__ import annotations

import gc
import statistics
import time
from collections.abc import Callable

REPEATS = 5


def processor_ms(act: Callable[[], object], *, times: int = 20, repeats: int = REPEATS) -> float:
    """Milliseconds of processor time of one `act`: the median of `repeats` rounds of `times` acts, warmed up."""
    for _ in range(3):
        act()
    rounds = []
    for _ in range(repeats):
        gc.collect()
        start = time.process_time()
        for _ in range(times):
            act()
        rounds.append((time.process_time() - start) * 1000 / times)
    return statistics.median(rounds)


def line(name: str, value: float, unit: str, baseline: float | None = None, aim: str = "") -> None:
    """One line of the report: name, value, ratio to the baseline, and what the issue aims at."""
    ratio = f"{value / baseline:6.2f} ×" if baseline else " " * 8
    print(f"{name:<58} {value:10.2f} {unit:<5} {ratio}  {aim}", flush=True)  # noqa: T201 -- this is the report
