"""`make bench`: every figure of the issue, medians of five, as ratios to a baseline of the same run.

`python -m tests.bench matrix rules` runs these parts alone.
"""

from __future__ import annotations

import sys

from tests.bench import (
    calendars,
    ledger,
    matrix,
    messages,
    pages,
    periods,
    reading,
    rules,
    scores,
    serving,
    submissions,
)

PARTS = {
    part.__name__.rpartition(".")[2]: part.run
    for part in (
        pages,
        reading,
        submissions,
        ledger,
        rules,
        matrix,
        calendars,
        messages,
        scores,
        periods,
        serving,
    )
}

if __name__ == "__main__":
    wanted = sys.argv[1:] or list(PARTS)
    unknown = sorted(set(wanted) - set(PARTS))
    if unknown:
        sys.exit(f"There is no part {', '.join(unknown)}; there are {', '.join(PARTS)}.")
    for name in wanted:
        PARTS[name]()
