"""Lights (红黄绿灯): how a task stands, from its dates and from accepted against planned progress, and why.

One function judges, for every page and for the tick. Its limits are local settings; our defaults follow what several
cities do: green from 95 % of plan, amber from 70 %, amber 3 working days before the limit, red after it, and red where
amber lasted over the ends of two months. Suspended tasks and those nothing was owed of yet are
grey, completed ones green. What units say of themselves stands beside it and never changes it.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta

from supervisor.core.days import day_words
from supervisor.core.workdays import Calendar
from supervisor.models import Light, LightReason, LocalSettings
from supervisor.words import N_, Sentence

#: Farther off than this no day need be counted: the longest holiday with its weekends is far shorter.
NEAR_AT_MOST = timedelta(days=90)


@dataclass(frozen=True)
class Limits:
    """From where a light turns; local settings of the programme."""

    #: Accepted of planned progress, in percent, from which a task is green, and from which it is amber.
    green_from: int = 95
    amber_from: int = 70
    #: Working days before the time limit from which an unfinished task is amber.
    near_workdays: int = 3
    #: Ends of months over which a task may stay amber before it turns red; 0 = it never does.
    amber_months: int = 2

    @classmethod
    def of(cls, settings: LocalSettings) -> Limits:
        """The limits in force under these settings."""
        return cls(
            settings.light_green_from,
            settings.light_amber_from,
            settings.light_near_workdays,
            settings.light_amber_months,
        )


@dataclass(frozen=True)
class Situation:
    """What a light is judged by. Percentages are whole; None = nothing accepted, or no plan."""

    progress: int | None
    planned: int | None
    due_on: date | None
    closed: bool = False
    suspended: bool = False
    #: Whether a report on the task has been due: from then on, nothing accepted counts as nought.
    report_was_due: bool = False


@dataclass(frozen=True)
class Judgement:
    """A light, what decided it, and since when the task has been amber by its figures without a break."""

    light: Light
    why: LightReason
    amber_since: date | None = None


def judge(
    of: Situation, *, day: date, calendar: Calendar, limits: Limits, amber_since: date | None = None
) -> Judgement:
    """The worse of two lamps, progress against plan and nearness of the time limit, on a day.

    `amber_since` as the judgement before had it: amber over the ends of `limits.amber_months` months is red.
    """
    light, why = _figures(of, day, calendar, limits)
    if light is not Light.AMBER:
        return Judgement(light, why)
    since = amber_since or day
    if limits.amber_months and _month_ends(since, day) >= limits.amber_months:
        return Judgement(Light.RED, LightReason.STILL_AMBER, since)
    return Judgement(light, why, since)


def _figures(of: Situation, day: date, calendar: Calendar, limits: Limits) -> tuple[Light, LightReason]:
    if of.closed:
        return Light.GREEN, LightReason.COMPLETED
    if of.suspended:
        return Light.GREY, LightReason.SUSPENDED
    if of.due_on is not None and day > of.due_on:
        return Light.RED, LightReason.OVERDUE
    near = (
        of.due_on is not None
        and of.due_on - day <= NEAR_AT_MOST
        and calendar.workdays_between(day, of.due_on) <= limits.near_workdays
    )
    if of.progress is None and not of.report_was_due:
        return (Light.AMBER, LightReason.NEAR) if near else (Light.GREY, LightReason.NOTHING_OWED)
    actual = 100 * (of.progress or 0)
    if of.planned and actual < limits.amber_from * of.planned:
        return Light.RED, LightReason.FAR_BEHIND
    if of.planned and actual < limits.green_from * of.planned:
        return Light.AMBER, LightReason.BEHIND
    if near:
        return Light.AMBER, LightReason.NEAR
    return Light.GREEN, LightReason.NO_PLAN if of.planned is None else LightReason.ON_COURSE


def _month_ends(first: date, day: date) -> int:
    """Ends of months that lie from `first` to the day before `day`."""
    return (day.year - first.year) * 12 + day.month - first.month


def explain(
    why: LightReason, *, progress: int | None, planned: int | None, due_on: date | None, limits: Limits
) -> Sentence:
    """The reason of a light as a sentence with its figures."""
    behind = {"actual": progress or 0, "planned": planned or 0}
    sentences = {
        LightReason.COMPLETED: N_("Completed."),
        LightReason.SUSPENDED: N_("Suspended."),
        LightReason.OVERDUE: N_("The time limit was %(day)s.", day=day_words(due_on) if due_on else ""),
        LightReason.FAR_BEHIND: N_(
            "%(actual)s%% accepted of %(planned)s%% planned: less than %(limit)s%% of the plan.",
            **behind,
            limit=limits.amber_from,
        ),
        LightReason.STILL_AMBER: N_("Amber at the end of %(n)s months running.", n=limits.amber_months),
        LightReason.BEHIND: N_(
            "%(actual)s%% accepted of %(planned)s%% planned: less than %(limit)s%% of the plan.",
            **behind,
            limit=limits.green_from,
        ),
        LightReason.NEAR: N_(
            "At most %(n)s working days are left and it is not completed.", n=limits.near_workdays
        ),
        LightReason.NOTHING_OWED: N_("No report on it has been due yet."),
        LightReason.ON_COURSE: N_("%(actual)s%% accepted of %(planned)s%% planned.", **behind),
        LightReason.NO_PLAN: N_("It has neither a time limit nor planned progress."),
    }
    return sentences[why]
