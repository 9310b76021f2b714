"""Reads the State Council's yearly notice on holidays: which days are off, which weekend days are worked (C18).

Pure: text in, days and problems out. The notice names its holidays one by one; `holiday_passages` reads what it
says of each, `holiday_checks` adds what contradicts itself. Nothing is guessed: what is not understood is a
problem with its line and a way to mend it.
"""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterator
from dataclasses import replace
from datetime import date

from supervisor.core.holiday_arrangement import HolidayNotice, Passage, Problem
from supervisor.core.holiday_checks import contradictions
from supervisor.core.holiday_passages import DATE, line_of, read_passage
from supervisor.core.statutory_holidays import SPELLING, official_name
from supervisor.words import N_

#: A notice is a page; a text many times longer is none.
LONGEST_TEXT = 20_000

_NUMBERED = r"\(?[一二三四五六七八九十]+[、.)]|\d{1,2}[、.]"
_HEADING = re.compile(
    rf"(?:^|(?<=[\n。;]))[ ]*(?:{_NUMBERED})?[ ]*"
    rf"(?P<names>(?:{SPELLING})(?:[、和及与](?:{SPELLING}))*)(?:假期)?(?:放假)?(?:调休)?(?:安排)?[ ]*:"
)
#: A numbered holiday that the law does not know, such as a day of remembrance of one year.
_OTHER_HEADING = re.compile(
    r"(?:^|(?<=[\n。;]))[ ]*[一二三四五六七八九十]+、[ ]*(?P<names>(?:(?!\d{1,2}[月日])[^:。\n]){2,60})[ ]*:"
)
_TITLE = re.compile(r"关于[^。:]{0,80}?通\s*知")
_YEAR = re.compile(r"(?:关于(?:调整|延长|补充)?|现将)\s*(\d{4})\s*年")
_SIGNED = re.compile(
    r"(?:^|(?<=[\n。]))[ ]*(?:国务院办公厅)?\s{0,9}(?P<year>\d{4})年(?P<month>\d{1,2})月(?P<day>\d{1,2})日[ ]*(?=\n|$)"
)
_DATE = re.compile(DATE)
_FORMS = str.maketrans("（）：；，０１２３４５６７８９〔〕．\u3000\xa0\t", "():;,0123456789().   ")


def read_notice(text: str) -> HolidayNotice:
    """The arrangement that `text` announces, with everything about it that cannot be right as it stands."""
    plain = _plain(text)
    if len(plain) > LONGEST_TEXT:
        problem = Problem(
            "too_long",
            N_("The text is %(n)s characters long; a notice is a page or two.", n=len(plain)),
            N_("Paste the notice alone, without what stands around it."),
        )
        return HolidayNotice(None, problems=(problem,))
    year, problems = _year(plain)
    signed = max(_SIGNED.finditer(plain), key=re.Match.start, default=None)
    passages = []
    for passage, start, end in _passages(plain, signed.start() if signed else len(plain)):
        if year is not None:
            problems += read_passage(passage, year, plain, start, end)
        passages.append(passage)
    title = _TITLE.search(plain[:600])
    notice = HolidayNotice(
        year,
        re.sub(r"\s+", "", title[0]) if title else "",
        _day_of(signed) if signed else None,
        tuple(passages),
    )
    problems += contradictions(notice, plain)
    return replace(notice, problems=tuple(sorted(problems, key=lambda problem: problem.line)))


def _plain(text: str) -> str:
    """Brackets, colons, digits and spaces in one form; every character keeps its line."""
    plain = text.replace("\r\n", "\n").replace("\r", "\n")
    plain = plain.translate(
        str.maketrans("（）：；，０１２３４５６７８９〔〕．\u3000\xa0\t", "():;,0123456789(). \x20\x20")
    )
    plain = re.sub(" {2,}", " ", re.sub("[\u200b\ufeff]", "", plain))
    # People paste from web pages, where spaces stand between figures and their words.
    plain = re.sub(r"(?<=[\d年月日至到(]) +(?=[\d年月日至到()])", "", plain)
    return re.sub(r"星期|礼拜", "周", plain).replace("周天", "周日")


def _year(plain: str) -> tuple[int | None, list[Problem]]:
    """The year that is arranged, where exactly one is named."""
    named: dict[int, int] = {}
    for found in _YEAR.finditer(plain):
        named.setdefault(int(found[1]), line_of(plain, found.start()))
    if not named:
        problem = Problem(
            "no_year",
            N_("The text does not say which year it arranges."),
            N_("Paste the notice with its title: “关于……年部分节假日安排的通知”."),
        )
        return None, [problem]
    first, *others = named
    return first, [
        Problem(
            "two_years",
            N_("The text arranges two years, %(first)s and %(second)s.", first=first, second=other),
            N_("Paste the notice of one year at a time."),
            named[other],
        )
        for other in others
    ]


def _passages(plain: str, end: int) -> Iterator[tuple[Passage, int, int]]:
    """Each holiday's passage with where its text begins and ends."""
    heads = {found.start(): found for found in _OTHER_HEADING.finditer(plain, 0, end)}
    heads |= {found.start(): found for found in _HEADING.finditer(plain, 0, end)}
    places = sorted(heads)
    for place, following in itertools.pairwise([*places, end]):
        head = heads[place]
        if _DATE.search(plain, head.end(), following) is None:
            continue
        names = tuple(dict.fromkeys(map(official_name, re.split(r"[、和及与]", head["names"]))))
        if head.re is _OTHER_HEADING:
            names = (head["names"].strip(),)
        yield Passage(names, line_of(plain, head.start("names"))), head.end(), following


def _day_of(signed: re.Match[str]) -> date | None:
    try:
        return date(int(signed["year"]), int(signed["month"]), int(signed["day"]))
    except ValueError:
        return None
