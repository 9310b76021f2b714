"""When a rule is due, in words that a person types and reads: 每月 10、25日, 每周五, 每年 10月30日."""

from __future__ import annotations

import re
from dataclasses import dataclass

from supervisor.core.cadences import END, WEEKDAYS, describe, parse_recurrence
from supervisor.core.days import day_words
from supervisor.core.periods import MONTH_NAMES, PeriodKind
from supervisor.errors import Invalid
from supervisor.models import ReportingRule
from supervisor.words import N_, Sentence

#: What a form's list of rhythms offers; the empty word = once.
EVERY: dict[str, Sentence] = {
    "": N_("once, on a date"),
    "weekly": N_("every week"),
    "tenday": N_("every ten days"),
    "monthly": N_("every month"),
    "quarterly": N_("every quarter"),
    "halfyear": N_("every half-year"),
    "yearly": N_("every year"),
}
EXAMPLES: dict[str, Sentence] = {
    "weekly": N_("a weekday such as 周五 or Fri"),
    "tenday": N_("a number from 1 to 11 or 末 (last day)"),
    "monthly": N_("days such as 10、25 or 末 (last day)"),
    "quarterly": N_("month and day of the quarter such as 1-10 (first month, day 10), or 末 (last day)"),
    "halfyear": N_("month and day of the half-year such as 6-15, or 末 (last day)"),
    "yearly": N_("month and day such as 10月30日 or 10-30"),
}
SHIFTS: dict[int, Sentence] = {
    -1: N_("the period before"),
    0: N_("the same period"),
    1: N_("the period to come"),
}
#: Where a rule names nothing of its own.
AS_PROGRAMME = N_("as the local settings say")
#: Days that each month, and each ten days of a month, has.
SHORTEST_MONTH, SHORTEST_TEN_DAYS = 28, 8
_LAST = {"末", "底", "最后一天", "last", "last day", "end"}
_CHINESE_WEEK = "一二三四五六日"
_MONTH_DAY = re.compile(r"(\d{1,2})(?:月|-|/|\.)(\d{1,2})日?", re.ASCII)


@dataclass(frozen=True)
class When:
    """A recurrence as stored, and what must be said about it (`note`)."""

    recurrence: str
    note: Sentence | None = None


def read_when(every: str, days: str) -> When:
    """The recurrence of a list's word and typed days; no day = to be set locally.

    Raises Invalid, naming the field and an example, where the days cannot be read.
    """
    if every not in EVERY:
        raise Invalid(N_("Choose how often."), {"every": N_("Choose how often.")})
    parts = [part for part in re.split(r"[、,，;；\s]+", days.strip().lower()) if part]
    if not every or not parts:
        return When(every)
    note = None
    words = []
    for part in parts:
        word, said = _day(every, part)
        words.append(word)
        note = note or said
    text = f"{every}:{','.join(words)}"
    try:
        return When(str(parse_recurrence(text)), note)
    except ValueError:
        raise _wrong(every, days) from None


def _wrong(every: str, days: str) -> Invalid:
    sentence = N_("“%(days)s” names no day here; write %(example)s.", days=days, example=EXAMPLES[every])
    return Invalid(sentence, {"days": sentence})


def _day(every: str, part: str) -> tuple[str, Sentence | None]:
    if part in _LAST:
        return END, None
    if every == "weekly":
        bare = re.sub(r"^(?:星期|礼拜|周)", "", part).replace("天", "日")
        return (WEEKDAYS[_CHINESE_WEEK.index(bare)] if bare and bare in _CHINESE_WEEK else part[:3]), None
    if every in {"tenday", "monthly"}:
        return re.sub(r"[日号]$", "", part), None
    match = _MONTH_DAY.fullmatch(part)
    if match is None:
        return part, None
    month, day = int(match[1]), int(match[2])
    longest = {2: 29, 4: 30, 6: 30, 9: 30, 11: 30}.get(month, 31)
    if every == "yearly" and longest < day <= 31:
        note = N_(
            "%(month)s has no day %(day)s: its last day is meant.", month=MONTH_NAMES[month - 1], day=day
        )
        return f"{month}-{longest}", note
    return f"{month}-{day}", None


def last_day_words(recurrence: str) -> Sentence | None:
    """What happens where a day of the recurrence does not exist (30 February): said, or None where each exists."""
    rule = parse_recurrence(recurrence) if recurrence else None
    if rule is None or rule.kind in {None, PeriodKind.WEEK}:
        return None
    rare = [day for day in rule.days if day != END and not _exists_always(rule.word, day)]
    if not rare:
        return None
    if rule.kind is PeriodKind.TEN_DAY:
        return N_("Not every ten days have a day %(days)s: there the last day counts.", days="、".join(rare))
    return N_(
        "Not every month has a day %(days)s (30 February): there the last day of the month counts.",
        days="、".join(str(int(day.rpartition("-")[2])) for day in rare),
    )


def _exists_always(word: str, day: str) -> bool:
    month, _dash, number = day.rpartition("-")
    if word == "tenday":
        return int(number) <= SHORTEST_TEN_DAYS
    if word == "yearly":
        return (int(month), int(number)) != (2, 29)
    return int(number) <= SHORTEST_MONTH


def typed_note(every: str, days: str) -> Sentence | None:
    """What must be said about days as typed: that one of them does not exist, or not always; None for no days."""
    try:
        when = read_when(every, days)
    except Invalid:
        return None
    return when.note or last_day_words(when.recurrence)


def days_of(recurrence: str) -> str:
    """The days of a recurrence as a form shows them, so that `read_when` reads the same."""
    _word, _colon, days = recurrence.partition(":")
    weekdays = dict(zip(WEEKDAYS, _CHINESE_WEEK, strict=True))
    shown = [
        "末" if day == END else f"周{weekdays[day]}" if day in weekdays else day for day in days.split(",")
    ]
    return "、".join(day for day in shown if day)


def every_of(recurrence: str) -> str:
    """The rhythm of a recurrence, as in `EVERY`."""
    return recurrence.partition(":")[0]


def when_words(rule: ReportingRule) -> Sentence:
    """When a rule is due: "every month: day 10, day 25"; what is not set says so."""
    if rule.recurrence:
        return describe(parse_recurrence(rule.recurrence))
    if rule.due_on is not None:
        return N_("once, on %(day)s", day=day_words(rule.due_on))
    return N_("no time set")


def rhythm_words(recurrence: str) -> Sentence:
    """A recurrence in words."""
    return describe(parse_recurrence(recurrence))
