from __future__ import annotations

from datetime import date

import pytest

from supervisor.core.calendar import load_calendar
from supervisor.core.days import left_words

pytestmark = pytest.mark.usefixtures("database")


@pytest.mark.parametrize(
    ("today", "words"),
    [
        (date(2021, 3, 31), "%(n)s working days left"),
        (date(2021, 4, 1), "1 working day left"),
        (date(2021, 4, 2), "today is the last working day"),
        (date(2021, 4, 3), "no working day left"),
        (date(2021, 4, 5), "due today"),
        (date(2021, 4, 6), "1 working day overdue"),
    ],
)
def test_a_due_day_behind_a_holiday_counts_down_to_the_last_working_day(today: date, words: str) -> None:
    # 5 April 2021 is Tomb-Sweeping Day: Friday the 2nd is the last working day before it
    assert left_words(today, date(2021, 4, 5), load_calendar()).msgid == words
