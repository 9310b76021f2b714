"""Obligations: what each unit owes for each period, when it is due, and what time alone makes of it (D1).

One obligation = reporting rule x unit x period, unique in the database, so that generating twice adds nothing.
It is due on the rule's day of the month after the period, at the programme's cut-off (D8); it opens with the
period and locks some working days after the due day. Nothing is owed for times before the notice's date or
before a unit joined (E-33, E-52), nor for a deadline that had passed when the plan was issued.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from peewee import ModelSelect, fn

from supervisor.bulk import insert_rows
from supervisor.clock import beijing_date
from supervisor.core import audit, cadences, imported_rows, reminders
from supervisor.core.cadences import DuePolicy
from supervisor.core.calendar import load_calendar
from supervisor.core.periods import MONTHS_IN, Period, periods_between
from supervisor.core.permissions import SYSTEM, Actor
from supervisor.core.programmes import settings_on
from supervisor.core.workdays import Calendar
from supervisor.database import transactional
from supervisor.errors import NotFound
from supervisor.models import (
    Assignment,
    AssignmentState,
    Entry,
    EntryState,
    LocalSettings,
    Obligation,
    ObligationState,
    Outcome,
    Plan,
    PlanState,
    Programme,
    ReportingRule,
    Task,
    TaskState,
)
from supervisor.models.base import rows_of

#: Reports marked as missing at once.
BATCH = 300
#: States in which the unit still has something to do.
OWED = (ObligationState.OPEN, ObligationState.WITH_HEAD, ObligationState.RETURNED)


@dataclass(frozen=True)
class Link:
    """A link as generating needs it: who answers for what, from which day to which."""

    assignment_id: int
    task_id: int
    unit_id: int
    sort: int
    start: date
    closed_on: date | None
    issued_at: datetime


@dataclass(frozen=True)
class Dates:
    """When a period's report is due (day and first instant too late) and when it locks."""

    due_on: date
    due_at: datetime
    locked_at: datetime


def dates_of(period: Period, rule: ReportingRule, settings: LocalSettings, calendar: Calendar) -> Dates:
    """The dates of a period's report under these settings; ValueError for weeks and ten days."""
    return dates_on(cadences.due_of(period, due_day(rule, settings)), settings, calendar)


def dates_on(literal: date, settings: LocalSettings, calendar: Calendar) -> Dates:
    """The dates that follow from a due day as announced: policy for days off, cut-off, lock."""
    due_on = cadences.due_date(literal, DuePolicy(settings.day_off_policy), calendar).effective
    locked_on = calendar.add_workdays(due_on, settings.lock_after_workdays)
    cutoff = cutoff_of(settings.cutoff)
    return Dates(
        due_on, cadences.deadline_instant(due_on, cutoff), cadences.deadline_instant(locked_on, cutoff)
    )


def cutoff_of(moment: time) -> timedelta:
    """The cut-off as time since midnight; 00:00 means the end of the day (D8)."""
    return timedelta(hours=moment.hour, minutes=moment.minute) or cadences.END_OF_DAY


def due_day(rule: ReportingRule, settings: LocalSettings) -> int:
    """The rule's day of the month where it names exactly one, else the local setting."""
    days = cadences.parse_recurrence(rule.recurrence).days
    return int(days[0]) if len(days) == 1 and days[0].isdigit() else settings.monthly_due_day


@transactional
def generate(programme_id: int, *, now: datetime) -> int:
    """Make what the programme's units owe up to the period that contains today; returns new obligations.

    Also adds entries for new links to obligations that are still open. Running twice adds nothing.
    """
    # Holding the programme's row keeps two generating processes apart; the unique key would only stop them.
    Programme.update(id=Programme.id).where(Programme.id == programme_id).execute()
    links = _links(programme_id)
    if not links:
        return 0
    made = 0
    for rule in _rules(programme_id, links):
        kind = cadences.parse_recurrence(rule.recurrence).kind
        if kind not in MONTHS_IN:
            continue  # weekly and ten-day reports come with the weekly check
        made += _generate_rule(rule, list(_periods(rule, links, beijing_date(now))), links, now)
    if made:
        audit.record(
            SYSTEM, "obligation.generate", ("programme", programme_id), now=now, after={"obligations": made}
        )
    return made


def generate_due(now: datetime) -> int:
    """Generate for every programme whose present period has not been generated yet; called by the tick."""
    today, made = beijing_date(now), 0
    issued = Plan.select(Plan.programme).where(Plan.state == PlanState.ISSUED).distinct()
    running = Programme.select(Programme.id).where(
        Programme.id.in_(issued) & (Programme.ended_on.is_null() | (Programme.ended_on >= today))
    )
    for (programme_id,) in rows_of(running):
        rules = list(ReportingRule.select().where(ReportingRule.programme == programme_id))
        if not rules or any(_is_behind(rule, today) for rule in rules):
            made += generate(programme_id, now=now)
    return made


def _is_behind(rule: ReportingRule, today: date) -> bool:
    kind = cadences.parse_recurrence(rule.recurrence).kind
    if kind not in MONTHS_IN or (rule.valid_to is not None and rule.valid_to < today):
        return False
    *_, present = periods_between(kind, today, today)
    return (
        not Obligation.select().where((Obligation.rule == rule) & (Obligation.period == present.key)).exists()
    )


def _links(programme_id: int) -> list[Link]:
    query = (
        Assignment.select(
            Assignment.id,
            Assignment.task,
            Assignment.unit,
            Task.sort,
            Assignment.joined_on,
            Plan.effective_on,
            # A responsible link never closes by itself (D2): it ends with its task.
            fn.COALESCE(Assignment.closed_on, Task.closed_on),
            Plan.issued_at,
        )
        .join(Task)
        .join(Plan)
        .where(
            # By the plan: asked for the links' programme, PostgreSQL takes its index on it, wrongly, before a
            # large new plan has statistics.
            (Plan.programme == programme_id)
            & (Assignment.state != AssignmentState.CANCELLED)
            & ~imported_rows.was_done()
            & (Assignment.suspended == False)  # noqa: E712 -- a column, not a bool
            & (Plan.state == PlanState.ISSUED)
            & Task.state.in_([TaskState.OPEN, TaskState.CLOSED])
        )
        .order_by(Task.sort, Assignment.id)
    )
    return [
        Link(key, task, unit, sort, max(joined, effective) if joined else effective, closed, issued)
        for key, task, unit, sort, joined, effective, closed, issued in rows_of(query)
    ]


def _rules(programme_id: int, links: list[Link]) -> list[ReportingRule]:
    rules = list(
        ReportingRule.select().where(ReportingRule.programme == programme_id).order_by(ReportingRule.id)
    )
    if rules:
        return rules
    # The default of every programme: one monthly report; its day is a local setting.
    start = min(link.start for link in links)
    return [ReportingRule.create(programme=programme_id, name="月报", recurrence="monthly", valid_from=start)]


def _periods(rule: ReportingRule, links: list[Link], today: date) -> Iterator[Period]:
    kind = cadences.parse_recurrence(rule.recurrence).kind
    first = max(min(link.start for link in links), rule.valid_from)
    last = min(today, rule.valid_to) if rule.valid_to else today
    if kind is not None:
        yield from periods_between(kind, first, last)


def _generate_rule(rule: ReportingRule, periods: list[Period], links: list[Link], now: datetime) -> int:
    calendar, made = load_calendar(), 0
    for period in periods:
        settings = settings_on(rule.programme_id, period.end + timedelta(days=1))
        dates = dates_of(period, rule, settings, calendar)
        owing = _owing(links, period, dates)
        new = _insert_obligations(rule, period, dates, owing)
        _insert_entries(rule, period, owing, new, now)
        made += len(new)
    return made


def _owing(links: list[Link], period: Period, dates: Dates) -> dict[int, list[Link]]:
    """Unit → its links alive in the period, for deadlines after the link began and the plan was issued."""
    owing: dict[int, list[Link]] = {}
    for link in links:
        if (
            link.start <= period.end
            and link.start < dates.due_on
            and link.issued_at < dates.due_at
            and (link.closed_on is None or link.closed_on >= period.start)
        ):
            owing.setdefault(link.unit_id, []).append(link)
    return owing


def _insert_obligations(
    rule: ReportingRule, period: Period, dates: Dates, owing: dict[int, list[Link]]
) -> list[int]:
    """Write what is not there yet; returns the units."""
    have = _units_with(rule, period)
    midnight = cadences.deadline_instant(period.start - timedelta(days=1))
    rows = [
        {
            "programme": rule.programme_id,
            "rule": rule.id,
            "unit": unit_id,
            "period": period.key,
            "opens_at": max(midnight, min(_begin(link) for link in links)),
            "due_at": dates.due_at,
            "due_on": dates.due_on,
            "locked_at": dates.locked_at,
        }
        for unit_id, links in owing.items()
        if unit_id not in have
    ]
    insert_rows(Obligation, rows, ignore=True)
    return [unit_id for unit_id in owing if unit_id not in have]


def _begin(link: Link) -> datetime:
    return max(link.issued_at, cadences.deadline_instant(link.start - timedelta(days=1)))


def _units_with(rule: ReportingRule, period: Period) -> set[int]:
    query = Obligation.select(Obligation.unit).where(
        (Obligation.rule == rule) & (Obligation.period == period.key)
    )
    return {row[0] for row in rows_of(query)}


def _insert_entries(
    rule: ReportingRule, period: Period, owing: dict[int, list[Link]], new: list[int], now: datetime
) -> None:
    """Entries that an open obligation lacks: all of a new one's, later links' as long as it is not locked."""
    open_ones = Obligation.select(Obligation.id, Obligation.unit).where(
        (Obligation.rule == rule)
        & (Obligation.period == period.key)
        & (Obligation.state == ObligationState.OPEN)
        & ((Obligation.locked_at > now) | Obligation.unit.in_(new))
    )
    obligation_of = {unit_id: key for key, unit_id in rows_of(open_ones)}
    if not obligation_of:
        return
    have = {
        (obligation, assignment)
        for obligation, assignment in rows_of(
            Entry.select(Entry.obligation, Entry.assignment)
            .join(Obligation)
            .where((Obligation.rule == rule) & (Obligation.period == period.key))
        )
    }
    rows = [
        {"obligation": key, "assignment": link.assignment_id, "task": link.task_id, "sort": link.sort}
        for unit_id, key in obligation_of.items()
        for link in owing.get(unit_id, [])
        if (key, link.assignment_id) not in have
    ]
    insert_rows(Entry, rows, ignore=True)


def forget_link(assignment: Assignment, *, now: datetime) -> None:
    """A link was taken back: drop it from reports not yet handed in; a report left empty is waived."""
    open_ones = Obligation.select(Obligation.id).where(
        (Obligation.unit == assignment.unit_id)
        & (Obligation.programme == assignment.programme_id)
        & (Obligation.state == ObligationState.OPEN)
        & (Obligation.locked_at > now)
    )
    ids = [row[0] for row in rows_of(open_ones)]
    Entry.delete().where(
        (Entry.assignment == assignment.id)
        & (Entry.state == EntryState.OPEN)
        & Entry.obligation.in_(ids)
    ).execute()  # fmt: skip
    filled = {row[0] for row in rows_of(Entry.select(Entry.obligation).where(Entry.obligation.in_(ids)))}
    for key in set(ids) - filled:
        Obligation.update(
            state=ObligationState.WAIVED,
            waive_reason="该单位已无承担任务",
            schedule_version=Obligation.schedule_version + 1,
            version=Obligation.version + 1,
        ).where(Obligation.id == key).execute()
        reminders.cancel(key, now)


def mark_missing(now: datetime) -> int:
    """Mark as missing what was not handed in by its lock; returns how many. Called by the tick."""
    due = (
        Obligation.select(Obligation.id)
        .where(
            Obligation.state.in_([ObligationState.OPEN, ObligationState.WITH_HEAD])
            & Obligation.first_submitted_at.is_null()
            & Obligation.outcome.is_null()
            & (Obligation.locked_at <= now)
        )
        .limit(BATCH)
    )
    ids = [row[0] for row in rows_of(due)]
    if ids:
        _mark(ids, now)
    return len(ids)


@transactional
def _mark(ids: list[int], now: datetime) -> None:
    for row in Obligation.select().where(Obligation.id.in_(ids)):
        marked = (
            Obligation.update(outcome=Outcome.MISSING, version=Obligation.version + 1)
            .where((Obligation.id == row.id) & (Obligation.version == row.version))
            .execute()
        )
        if marked:
            audit.record(SYSTEM, "obligation.missing", row, now=now, after={"outcome": Outcome.MISSING})


def visible_to(actor: Actor) -> ModelSelect[Obligation]:
    """The owed reports a person may see (D16): all of the programme, or their own units'."""
    query = Obligation.select().where(Obligation.programme == actor.programme_id)
    if not actor.sees_all:
        query = query.where(Obligation.unit.in_(sorted(actor.unit_ids)))
    return query


def get_visible(obligation_id: int, actor: Actor) -> Obligation:
    """One owed report by its number; NotFound when there is none that this person may see."""
    row: Obligation | None = visible_to(actor).where(Obligation.id == obligation_id).first()
    if row is None:
        raise NotFound
    return row
