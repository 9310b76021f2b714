"""Decisions on a year of the working calendar: a notice applied, a day corrected, a year set back (C18, E-60).

A decision replaces the days of one *arrangement*: those of its year, and those at the end of December before that
belong to its New Year. It is made by a named person with source and reason, kept with every day it changed, and
never changed itself: a mistake is mended by a further one. What it asks of programmes is written in the same
transaction (`calendar_questions`); no announced deadline moves by it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from peewee import fn

from supervisor.core import audit, calendar_effects, calendar_questions
from supervisor.core.calendar import insert_days, load_calendar
from supervisor.core.calendar_effects import Effects
from supervisor.core.permissions import Actor, Permission
from supervisor.core.statutory_holidays import NEW_YEAR
from supervisor.core.workdays import SATURDAY, Calendar, CalendarDay, CalendarRow
from supervisor.database import transactional
from supervisor.errors import Invalid, Refused
from supervisor.models import CalendarAct, CalendarDate, CalendarDecision, CalendarYear
from supervisor.words import N_, Sentence

DECEMBER = 12
FIRST_YEAR, LAST_YEAR = 2004, 2100
SOURCE_LENGTH = 200


@dataclass(frozen=True)
class Change:
    """A day that becomes another: what it was, what it becomes; None = as its weekday says."""

    day: date
    before: CalendarDay | None
    after: CalendarDay | None

    def kept(self) -> list[str]:
        """As kept with the decision."""
        return [self.day.isoformat(), _kept(self.before), _kept(self.after)]


@dataclass(frozen=True)
class Proposal:
    """A year's days as they would be, before anybody has decided."""

    year: int
    act: CalendarAct
    confirmed: bool
    #: The calendar with the proposal in place.
    calendar: Calendar
    changes: tuple[Change, ...]
    #: How many decisions the year had when this was worked out.
    after_number: int
    text: str = ""

    @property
    def counting(self) -> tuple[date, ...]:
        """Days that become a working day or stop being one, also through the year's confirmation."""
        present = load_calendar()
        days = {change.day for change in self.changes}
        days |= set(_fixed_days(self.year))
        return tuple(sorted(day for day in days if present.is_workday(day) != self.calendar.is_workday(day)))


def propose_notice(
    year: int, rows: Sequence[CalendarRow], *, text: str, only: Sequence[str] = ()
) -> Proposal:
    """The calendar with a read notice in place of the arrangement of `year`, or of the holidays named in `only`."""
    present = load_calendar()

    def is_replaced(day: date, name: str) -> bool:
        return arrangement_of(day, name) == year and (not only or any(part in name for part in only))

    days = {day: of for day, of in present.days.items() if not is_replaced(day, of.name)}
    days |= {row.day: CalendarDay(row.is_work, row.name) for row in rows}
    confirmed = True if not only else present.years.get(year, False)
    return _proposal(year, CalendarAct.NOTICE, days, text=text, confirmed=confirmed)


def propose_day(day: date, kind: str, name: str) -> Proposal:
    """The calendar with one day made `off`, `work` or `weekday` (as its weekday says); Invalid names the field."""
    _check_year(day.year)
    if kind not in {"off", "work", "weekday"}:
        raise Invalid(N_("The day was not changed."), {"kind": N_("Choose one of the three.")})
    if kind == "work" and day.weekday() < SATURDAY and load_calendar().years.get(day.year, False):
        kind = "weekday"  # a weekday is worked unless it is off
    if kind != "weekday" and not name.strip():
        raise Invalid(
            N_("The day was not changed."), {"name": N_("Name the holiday that the day belongs to.")}
        )
    days = dict(load_calendar().days)
    days.pop(day, None)
    if kind != "weekday":
        days[day] = CalendarDay(kind == "work", name.strip()[:80])
    confirmed = load_calendar().years.get(day.year, False)
    return _proposal(day.year, CalendarAct.DAY, days, confirmed=confirmed)


def propose_withdrawal(year: int) -> Proposal:
    """The year as if its arrangement had not been announced; its days stay readable in the history."""
    _check_year(year)
    days = {day: of for day, of in load_calendar().days.items() if arrangement_of(day, of.name) != year}
    return _proposal(year, CalendarAct.WITHDRAWAL, days, confirmed=False)


def arrangement_of(day: date, name: str) -> int:
    """The year whose notice arranges a day: December days of the New Year belong to the year that begins."""
    return day.year + int(day.month == DECEMBER and NEW_YEAR in name)


def effects(proposal: Proposal, *, by: Actor, now: datetime) -> Effects:
    """What the proposal would do to announced deadlines and reminders, before anybody decides."""
    by.require(Permission.CALENDAR_EDIT)
    return calendar_effects.work_out(load_calendar(), proposal.calendar, proposal.counting, now=now)


@transactional
def apply(
    proposal: Proposal,
    *,
    source: str,
    reason: str = "",
    confirmations: Sequence[str] = (),
    by: Actor,
    now: datetime,
) -> CalendarDecision:
    """Put the proposal in force; programmes whose announced deadlines it touches are asked, in one transaction.

    Raises Invalid without a source (a notice) or reason (anything else), or where nothing would change; Refused
    where the year was changed meanwhile.
    """
    by.require(Permission.CALENDAR_EDIT)
    _check(proposal, source, reason)
    CalendarYear.update(
        id=CalendarYear.id
    ).execute()  # holds the calendar's rows: two decisions come one by one
    if last_number(proposal.year) != proposal.after_number:
        raise Refused(N_("Somebody else has changed this year meanwhile. Open the page again and compare."))
    found = effects(proposal, by=by, now=now)
    _write(proposal, source)
    decision = CalendarDecision.create(
        year=proposal.year, number=proposal.after_number + 1, act=proposal.act, confirmed=proposal.confirmed,
        source=source.strip()[:SOURCE_LENGTH], text=proposal.text,
        changes=[change.kept() for change in proposal.changes], confirmations=list(confirmations),
        reason=reason.strip(), decided_by=by.user_id, decided_by_name=by.name, decided_at=now,
    )  # fmt: skip
    audit.record(
        by, "calendar.apply", decision, now=now, reason=reason.strip() or source.strip(),
        after={"year": proposal.year, "confirmed": proposal.confirmed, "act": proposal.act.value,
               "days": [change.kept() for change in proposal.changes]},
    )  # fmt: skip
    calendar_questions.ask(decision, found, now=now)
    return decision


def history(year: int, *, by: Actor) -> list[CalendarDecision]:
    """The decisions on a year, newest first."""
    by.require(Permission.CALENDAR_EDIT)
    query = CalendarDecision.select().where(CalendarDecision.year == year)
    return list(query.order_by(CalendarDecision.number.desc()))


def last_number(year: int) -> int:
    """How many decisions a year has had."""
    numbered = CalendarDecision.select(fn.MAX(CalendarDecision.number)).where(CalendarDecision.year == year)
    return int(numbered.scalar() or 0)


def _proposal(
    year: int, act: CalendarAct, days: Mapping[date, CalendarDay], *, confirmed: bool, text: str = ""
) -> Proposal:
    present = load_calendar()
    touched = sorted(day for day in {*days, *present.days} if days.get(day) != present.days.get(day))
    changes = tuple(Change(day, present.days.get(day), days.get(day)) for day in touched)
    planned = Calendar(days, {**present.years, year: confirmed})
    return Proposal(year, act, confirmed, planned, changes, last_number(year), text)


def _check(proposal: Proposal, source: str, reason: str) -> None:
    _check_year(proposal.year)
    wrong: dict[str, Sentence] = {}
    if proposal.act is CalendarAct.NOTICE and not source.strip():
        wrong["source"] = N_("Name the notice: its number, or where and when it was published.")
    if proposal.act is not CalendarAct.NOTICE and not reason.strip():
        wrong["reason"] = N_("Say why: it stays in the history of the year.")
    if wrong:
        raise Invalid(N_("The calendar was not changed."), wrong)
    same = load_calendar().years.get(proposal.year) == proposal.confirmed
    if same and not proposal.changes:
        raise Invalid(N_("The calendar of %(year)s already says exactly this.", year=proposal.year))


def _check_year(year: int) -> None:
    if not FIRST_YEAR <= year <= LAST_YEAR:
        wrong = N_("A year from %(first)s to %(last)s.", first=FIRST_YEAR, last=LAST_YEAR)
        raise Invalid(N_("The calendar was not changed."), {"year": wrong})


def _write(proposal: Proposal, source: str) -> None:
    gone = [change.day for change in proposal.changes if change.before is not None]
    if gone:
        CalendarDate.delete().where(CalendarDate.day.in_(gone)).execute()
    insert_days(
        [
            CalendarRow(change.day, change.after.is_work, change.after.name, "")
            for change in proposal.changes
            if change.after is not None
        ]
    )
    values: dict[str, object] = {"confirmed": proposal.confirmed}
    if proposal.act is not CalendarAct.DAY:
        values["source"] = source.strip()[:SOURCE_LENGTH]
    if not CalendarYear.update(**values).where(CalendarYear.year == proposal.year).execute():
        CalendarYear.create(year=proposal.year, **{"source": "", **values})


def _kept(of: CalendarDay | None) -> str:
    return "" if of is None else f"{'work' if of.is_work else 'off'} {of.name}"


def _fixed_days(year: int) -> list[date]:
    return [date(year, month, day) for month, day in ((1, 1), (5, 1), (5, 2), (10, 1), (10, 2), (10, 3))]
