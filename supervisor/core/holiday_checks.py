"""What in a holiday notice contradicts itself, the law or the calendar. Each finding says where and how to mend it."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import date

from supervisor.core.days import day_words
from supervisor.core.holiday_arrangement import HolidayNotice, Passage, Problem
from supervisor.core.statutory_holidays import SPELLING, days_of_law
from supervisor.core.workdays import SATURDAY, fixed_holiday
from supervisor.words import N_

_OF_HOLIDAYS = re.compile(rf"节假日|假期|放假|调休|{SPELLING}")


def contradictions(notice: HolidayNotice, plain: str) -> list[Problem]:
    """Everything about the notice as a whole that cannot be right, or that a person should confirm."""
    if not notice.passages or (notice.title and not _OF_HOLIDAYS.search(notice.title)):
        return [_other_document(notice)]
    found = [*_both(notice), *_weekday_work(notice)]
    if notice.year is not None and any(passage.off for passage in notice.passages):
        found += [*_missing_holidays(notice, notice.year), *_not_off(notice, notice.year)]
        for passage in notice.passages:
            found += _makeup_days(passage, notice.year)
    if "国务院办公厅" not in plain:
        found.append(
            Problem(
                "issuer",
                N_("The text does not name the General Office of the State Council."),
                N_(
                    "Paste the State Council's notice, not one that passes it on; or confirm that it is the same."
                ),
                fatal=False,
            )
        )
    return found


def _other_document(notice: HolidayNotice) -> Problem:
    what = N_("No holiday with its dates was found: this is another kind of text.")
    if notice.title:
        what = N_("“%(title)s” is no notice on the year's holidays.", title=notice.title[:60])
    return Problem(
        "other_document", what, N_("Paste the State Council's notice on the year's holidays, with its title.")
    )


def _both(notice: HolidayNotice) -> Iterator[Problem]:
    off = {named.day: (named, passage) for passage in notice.passages for named in passage.off}
    for passage in notice.passages:
        for named in passage.work:
            if named.day in off:
                yield Problem(
                    "both",
                    N_(
                        "%(day)s is off (%(holiday)s) and a working day as well.",
                        day=day_words(named.day),
                        holiday=off[named.day][1].name,
                    ),
                    N_("Compare both places with the notice: one of the two dates is wrong."),
                    named.line,
                    named.quote,
                )


def _weekday_work(notice: HolidayNotice) -> Iterator[Problem]:
    off = {named.day for passage in notice.passages for named in passage.off}
    for passage in notice.passages:
        for named in passage.work:
            if named.day.weekday() < SATURDAY and named.day not in off:
                yield Problem(
                    "makeup_weekday",
                    N_("%(day)s is to be worked, but it is no Saturday or Sunday.", day=day_words(named.day)),
                    N_("A make-up day is a Saturday or Sunday: correct the date."),
                    named.line,
                    named.quote,
                )


def _missing_holidays(notice: HolidayNotice, year: int) -> Iterator[Problem]:
    named = {name for passage in notice.passages for name in passage.names}
    for name in days_of_law(year):
        if name not in named and not notice.is_partial:
            yield Problem(
                "missing_holiday",
                N_("%(holiday)s is missing.", holiday=name),
                N_("Paste the whole notice; or confirm that it says nothing of this holiday."),
                fatal=False,
            )


def _not_off(notice: HolidayNotice, year: int) -> Iterator[Problem]:
    """Fixed days of the law that a passage of their holiday leaves out."""
    off = {named.day for passage in notice.passages for named in passage.off}
    for passage in notice.passages:
        for day in _fixed_days(passage, year):
            if day not in off and day.weekday() < SATURDAY:
                yield Problem(
                    "statutory_day",
                    N_(
                        "%(day)s is off by law (%(holiday)s), but not in the text.",
                        day=day,
                        holiday=passage.name,
                    ),
                    N_("Compare the range with the notice; or confirm that it is printed so."),
                    passage.line,
                    fatal=False,
                )


def _fixed_days(passage: Passage, year: int) -> Iterator[date]:
    for month, last in ((1, 1), (5, 2), (10, 3)):
        for number in range(1, last + 1):
            day = date(year, month, number)
            if (name := fixed_holiday(day)) and name in passage.names:
                yield day


def _makeup_days(passage: Passage, year: int) -> Iterator[Problem]:
    """Weekdays off = days of the law (one that falls on a Sunday is given on a weekday) + days made up for."""
    law = days_of_law(year)
    if not passage.off or not all(name in law for name in passage.names):
        return
    weekdays = {named.day for named in passage.off if named.day.weekday() < SATURDAY}
    wanted = len(weekdays) - sum(law[name] for name in passage.names)
    found = len({named.day for named in passage.work})
    if found < wanted:
        yield Problem(
            "missing_makeup",
            N_(
                "%(holiday)s: %(days)s weekdays off, %(law)s of law: %(wanted)s make-up days wanted, %(found)s named.",
                holiday=passage.name, days=len(weekdays), law=len(weekdays) - wanted, wanted=wanted, found=found,
            ),
            N_("Look for a missing “……上班” in the notice; or confirm that it names no more."),
            passage.line,
            fatal=False,
        )  # fmt: skip
    elif found > max(wanted, 0):
        yield Problem(
            "extra_makeup",
            N_(
                "%(holiday)s: %(found)s make-up days are named, but only %(wanted)s days off to make up for.",
                holiday=passage.name, found=found, wanted=max(wanted, 0),
            ),
            N_("Compare the make-up days and the range with the notice; or confirm that it is printed so."),
            passage.line,
            fatal=False,
        )  # fmt: skip
