"""The stages at which something owed is reminded of: around its due day, and on dates of its own (D12, C45, E-51)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from supervisor.core import schedules
from supervisor.core.cadences import reminder_day
from supervisor.core.periods import Period
from supervisor.core.workdays import Calendar
from supervisor.models import LocalSettings, ReportingRule
from supervisor.words import N_, Sentence

#: Begins the name of a stage that stands on a date of its own: `date:07-10`. A moved deadline does not repeat it.
DATE = "date:"


@dataclass(frozen=True)
class Stage:
    """One moment at which to remind: its name in the row, its working day, and whether it is after the due day."""

    name: str
    day: date
    overdue: bool


def stages(
    due_on: date,
    settings: LocalSettings,
    calendar: Calendar,
    prefix: str = "",
    rule: ReportingRule | None = None,
) -> list[Stage]:
    """The stages of one due day in the order in which they go out; a rule's own come before the local settings."""
    before, after = settings.remind_before, settings.remind_after
    if rule is not None and rule.remind_before is not None:
        before = rule.remind_before
    if rule is not None and rule.remind_after is not None:
        after = rule.remind_after
    planned = [(f"{prefix}before:{n}", -int(n)) for n in sorted(before, reverse=True)]
    planned.append((f"{prefix}due:0", 0))
    planned += [(f"{prefix}overdue:{n}", int(n)) for n in sorted(after)]
    return [Stage(name, reminder_day(due_on, step, calendar), step > 0) for name, step in planned]


def date_stages(rule: ReportingRule, period: str, calendar: Calendar) -> list[Stage]:
    """The stages of counted items: each reminding day of the period, on its working day (C45, E-51)."""
    days = schedules.reminded_of(rule, Period.parse(period), calendar)
    return [Stage(f"{DATE}{day:%m-%d}", on, overdue=False) for day, on in days]


def stage_words(name: str) -> Sentence:
    """A stage's name in words: `before:3` is "3 working days before", `r1:due:0` "on the day, after a return"."""
    if name.startswith(DATE):
        month, day = name.removeprefix(DATE).split("-")
        return N_("reminder of the date %(month)s-%(day)s", month=month, day=day)
    *returned, kind, step = name.split(":")
    words = {
        "before": N_("1 working day before") if step == "1" else N_("%(n)s working days before", n=step),
        "due": N_("on the day"),
        "overdue": N_("1 working day after") if step == "1" else N_("%(n)s working days after", n=step),
    }[kind]
    return N_("%(stage)s, after a return", stage=words) if returned else words
