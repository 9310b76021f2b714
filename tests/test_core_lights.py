"""Lights: what decides them, when amber turns red, and why (scoring-and-documents.md section 3)."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from supervisor.core.lights import Limits, Situation, explain, judge
from supervisor.core.workdays import seed_calendar
from supervisor.models import Light, LightReason
from supervisor.words import DEFAULT_LOCALE, say

MONDAY = date(2021, 6, 21)
CALENDAR = seed_calendar()
LIMITS = Limits()
COLOURS = [Light.GREEN, Light.AMBER, Light.RED]


def situation(progress: int | None, planned: int | None, due_in: int | None = 30, **more: bool) -> Situation:
    due = None if due_in is None else MONDAY + timedelta(days=due_in)
    return Situation(progress, planned, due, **({"report_was_due": True} | more))


@pytest.mark.parametrize(
    ("of", "light", "why"),
    [
        (situation(95, 100), Light.GREEN, LightReason.ON_COURSE),
        (situation(94, 100), Light.AMBER, LightReason.BEHIND),
        (situation(70, 100), Light.AMBER, LightReason.BEHIND),
        (situation(69, 100), Light.RED, LightReason.FAR_BEHIND),
        (situation(0, 0), Light.GREEN, LightReason.ON_COURSE),
        (situation(100, 50, 3), Light.AMBER, LightReason.NEAR),
        (situation(100, 50, 6), Light.GREEN, LightReason.ON_COURSE),
        (situation(99, 50, -1), Light.RED, LightReason.OVERDUE),
        (situation(None, 40, report_was_due=False), Light.GREY, LightReason.NOTHING_OWED),
        (situation(None, 40), Light.RED, LightReason.FAR_BEHIND),
        (situation(None, 40, 2, report_was_due=False), Light.AMBER, LightReason.NEAR),
        (situation(50, None, None), Light.GREEN, LightReason.NO_PLAN),
        (situation(0, 100, -9, closed=True), Light.GREEN, LightReason.COMPLETED),
        (situation(0, 100, -9, suspended=True), Light.GREY, LightReason.SUSPENDED),
    ],
)
def test_the_worse_lamp_decides_and_says_why(of: Situation, light: Light, why: LightReason) -> None:
    judged = judge(of, day=MONDAY, calendar=CALENDAR, limits=LIMITS)
    assert (judged.light, judged.why) == (light, why)


@pytest.mark.parametrize(
    ("since", "months", "light"),
    [
        (date(2021, 6, 1), 2, Light.AMBER),  # no end of a month yet
        (date(2021, 5, 31), 2, Light.AMBER),  # one
        (date(2021, 4, 30), 2, Light.RED),  # April and May
        (date(2020, 12, 1), 12, Light.AMBER),
        (date(2020, 4, 1), 0, Light.AMBER),  # switched off
    ],
)
def test_amber_at_the_end_of_two_months_running_turns_red(since: date, months: int, light: Light) -> None:
    judged = judge(
        situation(80, 100),
        day=MONDAY,
        calendar=CALENDAR,
        limits=Limits(amber_months=months),
        amber_since=since,
    )
    assert judged.light is light
    assert judged.amber_since == since


def test_a_green_day_ends_the_stretch_of_amber() -> None:
    green = judge(
        situation(99, 100), day=MONDAY, calendar=CALENDAR, limits=LIMITS, amber_since=date(2021, 1, 1)
    )
    assert (green.light, green.amber_since) == (Light.GREEN, None)


@given(st.integers(0, 100), st.integers(0, 100), st.integers(1, 100), st.integers(-400, 400))
def test_more_progress_never_makes_a_light_worse(a: int, b: int, planned: int, due_in: int) -> None:
    less, more = sorted((a, b))
    before, after = (
        judge(situation(n, planned, due_in), day=MONDAY, calendar=CALENDAR, limits=LIMITS)
        for n in (less, more)
    )
    assert COLOURS.index(after.light) <= COLOURS.index(before.light)


def test_every_reason_is_a_sentence_in_chinese() -> None:
    said = {
        say(explain(why, progress=40, planned=60, due_on=MONDAY, limits=LIMITS), DEFAULT_LOCALE)
        for why in LightReason
    }
    assert len(said) == len(LightReason)
    assert all(any("\u4e00" <= c <= "\u9fff" for c in sentence) for sentence in said)
