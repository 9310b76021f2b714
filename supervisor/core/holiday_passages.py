"""Reads one passage of a holiday notice: dates and ranges, and the verb that says what they are.

Dates wait until a verb takes them (“1月1日至3日放假”) or, after 放假时间为, until the sentence ends. What a sentence
leaves without a verb is a problem, not a guess; what it merely encourages (鼓励……休息) arranges nothing.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from datetime import date, timedelta

from supervisor.core.cadences import WEEKDAY_LABELS
from supervisor.core.days import day_words
from supervisor.core.holiday_arrangement import NamedDay, Passage, Problem
from supervisor.core.statutory_holidays import NEW_YEAR
from supervisor.core.workdays import SATURDAY
from supervisor.words import N_

ONE_DAY = timedelta(days=1)
JANUARY, DECEMBER = 1, 12
WEEKDAYS = "一二三四五六日"
#: No arrangement gives more days in one range.
LONGEST_RANGE = 31

DATE = r"(?:(?P<year>\d{4})年)?(?:(?P<month>\d{1,2})月)?(?P<day>\d{1,2})日(?:\((?P<bracket>[^()\n]*)\))?"
_NUMBER = r"(?:\d+|[一二两三四五六七八九十]+)"
_TOKENS = re.compile(
    rf"(?P<date>{DATE})"
    r"|(?P<noise>公休日|法定休息日|不(?:再)?(?:放假|调休|补休)|(?:节假日|放假|休假)期间)"
    rf"|(?P<count>共计?{_NUMBER}天|(?:放假|调休|连休|休息)共?{_NUMBER}天)"
    r"|(?P<weekend>(?:与|和|同)(?:前后)?(?:周末|双休日|周[六日])(?:公休)?连休)"
    r"|(?P<off>为?法定节?假日|放假|调休|公休|补休|连休|休息)"
    r"|(?P<work>(?:照常|正常)?上班|(?:照常|正常)工作)"
    r"|(?P<move>(?:分别)?(?:调整?|移|调换)[至到])"
    r"|(?P<to>[至到~—–－～-]+)"
    r"|(?P<comma>,)"
    r"|(?P<end>[。;\n])"
)
_ADVICE = re.compile(r"鼓励|提倡|倡导|建议")
_DIGITS = {char: number for number, char in enumerate("零一二三四五六七八九")} | {"两": 2}


def read_passage(passage: Passage, year: int, plain: str, start: int, end: int) -> list[Problem]:
    """Fill the passage from `plain[start:end]`; returns what could not be understood or does not fit."""
    reader = _Reader(passage, year, plain)
    for token in _TOKENS.finditer(plain, start, end):
        reader.take(token)
    reader.finish()
    return reader.problems


@dataclass
class _Reader:
    passage: Passage
    year: int
    plain: str
    problems: list[Problem] = field(default_factory=list)
    #: Dates that no verb has taken yet.
    waiting: list[NamedDay] = field(default_factory=list)
    #: The last date, from which a range may go on; where the range's word stands.
    last: date | None = None
    range_at: int | None = None
    #: 放假 stood before its dates; dates after 调至 are days off.
    verb_first: bool = False
    moved: bool = False
    with_weekend: bool = False
    sentence_from: int = 0

    def take(self, token: re.Match[str]) -> None:
        """Go on by one date, verb, number or mark."""
        kind = token.lastgroup
        if kind == "date":
            self._date(token)
        elif kind == "to":
            self.range_at = token.start() if self.last is not None else None
        elif kind in {"off", "weekend"}:
            self.with_weekend = self.with_weekend or kind == "weekend"
            self._off(token)
        elif kind == "count":
            self._count(token)
        elif kind == "work":
            self.passage.work += self.waiting
            self._forget()
        elif kind == "move":  # whose rest is moved is said once more as 上班; where it goes is off
            self._forget()
            self.moved = True
        elif kind == "end":
            self._end(token)
        else:
            self.range_at = None
            if kind == "comma" and self.moved and self.waiting:
                self._off(token)

    def finish(self) -> None:
        """The passage is over; what still waits has no verb."""
        self._end(None)

    def _date(self, token: re.Match[str]) -> None:
        day = self._day(token)
        begin, self.range_at = self.range_at, None
        if day is None:
            return
        first = self.last
        self.last = day
        named = self._named(day, token)
        if begin is None or first is None:
            self.waiting.append(named)
            return
        if not ONE_DAY <= day - first <= ONE_DAY * LONGEST_RANGE:
            self._problem(
                "backward_range",
                token,
                N_(
                    "The range from %(first)s to %(last)s runs backwards or is too long.",
                    first=first,
                    last=day,
                ),
                N_("Correct the month or the day of its end."),
            )
            return
        self.waiting += [
            NamedDay(first + ONE_DAY * step, named.line, named.quote)
            for step in range(1, (day - first).days + 1)
        ]

    def _day(self, token: re.Match[str]) -> date | None:
        """The date of a token; a month or year left out is that of the date before."""
        month = int(token["month"] or (self.last.month if self.last else 0))
        year = int(token["year"]) if token["year"] else self._year_of(month, token)
        try:
            day = date(year, month, int(token["day"]))
        except ValueError:
            self._problem(
                "no_such_day",
                token,
                N_("“%(text)s” is no day of a calendar.", text=token[0]),
                N_("Correct the month or the day."),
            )
            return None
        if not self._is_of_notice(day):
            self._problem(
                "two_years",
                token,
                N_(
                    "%(day)s does not belong to the arrangement of %(year)s.",
                    day=day_words(day),
                    year=self.year,
                ),
                N_("Paste the notice of one year at a time, or correct the year."),
            )
            return None
        self._check_weekday(day, token)
        return day

    def _year_of(self, month: int, token: re.Match[str]) -> int:
        if self.last is not None and self.range_at is not None and month < self.last.month:
            return self.last.year + 1
        if self.last is not None and token["month"] is None:
            return self.last.year
        # 元旦 of the year may begin at the end of the year before.
        return self.year - 1 if NEW_YEAR in self.passage.names and month == DECEMBER else self.year

    def _is_of_notice(self, day: date) -> bool:
        return (
            day.year == self.year
            or (day.year == self.year - 1 and day.month == DECEMBER)
            or (day.year == self.year + 1 and day.month == JANUARY)
        )

    def _check_weekday(self, day: date, token: re.Match[str]) -> None:
        said = re.search(rf"周([{WEEKDAYS}])", token["bracket"] or "")
        if said is None or WEEKDAYS.index(said[1]) == day.weekday():
            return
        self._problem(
            "weekday",
            token,
            N_(
                "%(day)s is a %(true)s, not a %(said)s.",
                day=day_words(day),
                true=WEEKDAY_LABELS[day.weekday()],
                said=WEEKDAY_LABELS[WEEKDAYS.index(said[1])],
            ),
            N_("Compare the date and its weekday with the notice and correct the wrong one."),
        )

    def _count(self, token: re.Match[str]) -> None:
        if any(verb in token[0] for verb in ("放假", "调休", "连休", "休息")):
            self._off(token)
        said = _whole(re.sub(r"\D*?(\d+|[一二两三四五六七八九十]+)天$", r"\1", token[0]))
        off = {named.day for named in self.passage.off} | {named.day for named in self.waiting}
        found = len(_with_weekends(off) if self.with_weekend else off)
        if off and said != found:
            self._problem(
                "count",
                token,
                N_("The text says %(said)s days off; the dates named are %(found)s.", said=said, found=found),
                N_("Compare the range and the number with the notice and correct the wrong one."),
            )

    def _off(self, token: re.Match[str]) -> None:
        if self._is_advice(token):
            self.waiting.clear()
        self.verb_first = self.verb_first or not (self.waiting or self.passage.off)
        self.passage.off += self.waiting
        self._forget()

    def _end(self, token: re.Match[str] | None) -> None:
        if self.waiting and (self.moved or self.verb_first):
            self.passage.off += self.waiting
        elif self.waiting and token is not None and token[0] == "\n":
            return  # a sentence may run over the end of a line
        elif self.waiting:
            first = self.waiting[0]
            self.problems.append(
                Problem(
                    "no_verb",
                    N_("It is not said whether %(day)s is off or worked.", day=day_words(first.day)),
                    N_("Add 放假 or 上班 behind the date, as in the notice."),
                    first.line,
                    first.quote,
                )
            )
        self._forget()
        self.verb_first = self.with_weekend = False
        self.sentence_from = token.end() if token else self.sentence_from

    def _forget(self) -> None:
        self.waiting = []
        self.range_at = None
        self.moved = False

    def _is_advice(self, token: re.Match[str]) -> bool:
        return bool(self.waiting) and bool(_ADVICE.search(self.plain, self.sentence_from, token.start()))

    def _named(self, day: date, token: re.Match[str]) -> NamedDay:
        return NamedDay(day, line_of(self.plain, token.start()), token[0])

    def _problem(self, code: str, token: re.Match[str], what: object, mend: object) -> None:
        line = line_of(self.plain, token.start())
        self.problems.append(Problem(code, what, mend, line, _around(self.plain, token)))  # type: ignore[arg-type]


def line_of(plain: str, at: int) -> int:
    """The number of the line on which a position stands, from 1."""
    return plain.count("\n", 0, at) + 1


def _around(plain: str, token: re.Match[str]) -> str:
    """The sentence around a token, short enough to be quoted."""
    start = max(plain.rfind(mark, 0, token.start()) for mark in "。;\n") + 1
    ends = [at for at in (plain.find(mark, token.end()) for mark in "。;\n") if at >= 0]
    return plain[max(start, token.start() - 40) : min([*ends, token.end() + 20, len(plain)])].strip()


def _with_weekends(days: set[date]) -> set[date]:
    """The days with the Saturdays and Sundays that touch them."""
    found = set(days)
    for step in (ONE_DAY, -ONE_DAY):
        for day in days:
            beside = day + step
            while beside.weekday() >= SATURDAY:
                found.add(beside)
                beside += step
    return found


def _whole(text: str) -> int:
    """7, 七, 十 or 十一 as a number."""
    if text.isdigit():
        return int(text)
    tens, ten, ones = text.rpartition("十")
    return (_DIGITS.get(tens, 1) * 10 if ten else 0) + _DIGITS.get(ones, 0)
