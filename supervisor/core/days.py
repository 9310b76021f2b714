"""Days in words for sentences that the core hands out; pages have the filter `day` for bare dates."""

from __future__ import annotations

import functools
from collections.abc import Sequence
from datetime import date

from supervisor.core.periods import DAY_LABELS
from supervisor.core.workdays import Calendar
from supervisor.words import N_, Sentence


def day_words(day: date) -> Sentence:
    """A day for use inside a sentence: 15 Jun 2021, 2021年6月15日."""
    return Sentence(DAY_LABELS[day.month - 1].msgid, {"day": day.day, "year": day.year})


def due_words(day: date, calendar: Calendar) -> Sentence:
    """A computed day inside a sentence; in a year that is not announced or loaded it says so (E-60)."""
    words = day_words(day)
    return words if calendar.is_confirmed(day) else N_("%(day)s (calendar not loaded)", day=words)


def listed(sentences: Sequence[Sentence]) -> Sentence:
    """Several sentences as one list, in the reader's way of listing."""
    return functools.reduce(lambda all_, one: N_("%(first)s, %(second)s", first=all_, second=one), sentences)


def in_a_row(sentences: Sequence[Sentence]) -> Sentence:
    """Several whole sentences one after the other."""
    return functools.reduce(lambda all_, one: N_("%(first)s %(second)s", first=all_, second=one), sentences)


def left_words(today: date, due_on: date, calendar: Calendar) -> Sentence:
    """How a due day stands today, in working days: "3 working days left", "due today", "2 working days overdue"."""
    if today == due_on:
        return N_("due today")
    if today < due_on:
        left = calendar.workdays_between(today, due_on)
        if left == 0:  # only days off remain: today itself may still be a working day
            return (
                N_("today is the last working day")
                if calendar.is_workday(today)
                else N_("no working day left")
            )
        return N_("1 working day left") if left == 1 else N_("%(n)s working days left", n=left)
    over = max(1, calendar.workdays_between(due_on, today))
    return N_("1 working day overdue") if over == 1 else N_("%(n)s working days overdue", n=over)
