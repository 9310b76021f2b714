"""`make bench`: every figure of the issue, medians of five, as ratios to a baseline of the same run."""

from __future__ import annotations

from tests.bench import calendars, ledger, pages, reading, rules, serving, submissions

if __name__ == "__main__":
    pages.run()
    reading.run()
    submissions.run()
    ledger.run()
    rules.run()
    calendars.run()
    rules.run()
    serving.run()
