"""Obligations: what each unit owes for each period, when it is due, and what time alone makes of it (D1).

One obligation = reporting rule x unit x period, unique in the database, so that generating twice adds nothing.
Its deadline follows from the rule (`schedules`); it opens with the period and locks some working days after the due
day. Nothing is owed for times before the notice's date or before a unit joined (E-33, E-52), nor for a deadline that
had passed when the plan was issued, or when its rule was made or last changed. What is announced never moves by
itself: rows are only added here.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from functools import cache

from peewee import JOIN, ModelSelect

from supervisor.bulk import insert_rows
from supervisor.clock import BEIJING, beijing_date
from supervisor.core import audit, cadences, reminders, schedules
from supervisor.core.calendar import load_calendar
from supervisor.core.obliged import Link, links_of, parties_of
from supervisor.core.permissions import SYSTEM, Actor
from supervisor.core.programmes import settings_by_day, settings_on
from supervisor.core.schedules import Dates, SettingsOn, Slot
from supervisor.database import transactional
from supervisor.errors import NotFound
from supervisor.models import (
    Assignment,
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
    RuleKind,
    RuleState,
    RuleVersion,
)
from supervisor.models.base import rows_of

#: Rows marked at once.
BATCH = 300
#: A rule that never made anything is read from here on; no deadline lies farther behind its period.
LOOK_BACK = timedelta(days=400)
#: Why a report was waived that asked for nothing any more.
NO_TASK_LEFT = "该单位已无承担任务"
ALL_SUSPENDED = "该单位承担的任务均已挂账"
#: States in which the unit still has something to do.
OWED = (ObligationState.OPEN, ObligationState.WITH_HEAD, ObligationState.RETURNED)


@transactional
def generate(programme_id: int, *, now: datetime) -> int:
    """Make what the programme's units owe up to the periods that contain today; returns new obligations.

    Also adds entries for new links to progress reports that are still open. Running twice adds nothing.
    """
    # Holding the programme's row keeps two generating processes apart; the unique key would only stop them.
    Programme.update(id=Programme.id).where(Programme.id == programme_id).execute()
    links = links_of(programme_id)
    if not links:
        return 0
    made, today = 0, beijing_date(now)
    for rule in _rules(programme_id, links):
        asked_at = _asked_at(rule)
        for slot, dates, owing in owed_by(rule, links, today):
            new = _insert_obligations(rule, slot, dates, owing if dates.due_at > asked_at else {})
            if rule.kind is RuleKind.PROGRESS:
                _insert_entries(rule, slot.subject.key, owing, new, now)
            made += len(new)
        ReportingRule.update(generated_on=today).where(ReportingRule.id == rule.id).execute()
    if made:
        audit.record(
            SYSTEM, "obligation.generate", ("programme", programme_id), now=now, after={"obligations": made}
        )
    return made


def generate_due(now: datetime) -> int:
    """Generate for every programme whose present periods have not been generated yet; called by the tick."""
    today, made = beijing_date(now), 0
    issued = Plan.select(Plan.programme).where(Plan.state == PlanState.ISSUED).distinct()
    running = Programme.select(Programme.id).where(
        Programme.id.in_(issued) & (Programme.ended_on.is_null() | (Programme.ended_on >= today))
    )
    for (programme_id,) in rows_of(running):
        rules = list(rules_in_force(programme_id))
        if not rules or any(_is_behind(rule, today) for rule in rules):
            made += generate(programme_id, now=now)
    return made


def _is_behind(rule: ReportingRule, today: date) -> bool:
    """Whether a period has begun, or the rule come into force, since it was last generated."""
    if rule.valid_from > today or (rule.valid_to is not None and rule.valid_to < today):
        return False
    if rule.generated_on is None:
        return True
    begun = schedules.present_begin(rule, today)
    return begun is not None and begun > rule.generated_on


def rules_in_force(programme_id: int) -> ModelSelect[ReportingRule]:
    """A programme's confirmed rules, of issued plans or of none, in the order of making."""
    return (
        ReportingRule.select()
        .join(Plan, JOIN.LEFT_OUTER)
        .where(
            (ReportingRule.programme == programme_id)
            & (ReportingRule.state == RuleState.CONFIRMED)
            & (ReportingRule.plan.is_null() | (Plan.state == PlanState.ISSUED))
        )
        .order_by(ReportingRule.id)
    )


def _rules(programme_id: int, links: list[Link]) -> list[ReportingRule]:
    rules = list(rules_in_force(programme_id))
    if any(rule.kind is RuleKind.PROGRESS for rule in rules):
        return rules
    # The default of every programme: one monthly report; its day is a local setting.
    start = min(link.start for link in links)
    values = {"programme": programme_id, "name": "月报", "recurrence": "monthly", "valid_from": start}
    return [*rules, ReportingRule.create(**values)]


def owed_by(
    rule: ReportingRule,
    links: list[Link],
    last: date,
    *,
    since: date = date.min,
    settings: SettingsOn | None = None,
) -> Iterator[tuple[Slot, Dates, dict[int, list[Link]]]]:
    """What a rule asks for in periods that begin by `last`: each slot, its dates, and the units that owe it.

    With `since`, periods that ended before that day are not looked at. Nothing of work plans: their days follow each
    unit (`work_plan_asking`). `settings` spares reading them for each rule.
    """
    mine = parties_of(rule, links) if rule.kind is not RuleKind.WORK_PLAN else []
    if not mine:
        return
    calendar, settings = load_calendar(), settings or _settings(rule.programme_id)
    first = max(min(link.start for link in mine), rule.valid_from, since)
    until = min(last, rule.valid_to) if rule.valid_to else last
    for slot in schedules.slots(rule, first, until, settings):
        if schedules.is_skipped(slot, calendar):
            continue
        terms = settings(slot.base.end + timedelta(days=1))
        dates = schedules.dates_of(slot.literal, rule, terms, calendar)
        yield slot, dates, _owing(mine, slot, dates)


def expected(programme_id: int, last: date, *, since: date = date.min) -> Iterator[Obligation]:
    """What the rules will ask for in periods that are not generated yet and begin by `last`; nothing is saved."""
    links, settings = links_of(programme_id), settings_by_day(programme_id)
    for rule in rules_in_force(programme_id):
        made_until = rule.generated_on or last - LOOK_BACK
        for slot, dates, owing in owed_by(rule, links, last, since=max(made_until, since), settings=settings):
            if slot.opens_on <= made_until:
                continue
            for unit_id in owing:
                yield Obligation(
                    programme=programme_id, rule=rule.id, unit=unit_id, period=slot.subject.key,
                    opens_at=datetime.combine(slot.opens_on, reminders.START_OF_DAY, tzinfo=BEIJING),
                    due_at=dates.due_at, due_on=dates.due_on, locked_at=dates.locked_at, state=ObligationState.OPEN,
                )  # fmt: skip


def _settings(programme_id: int) -> SettingsOn:
    @cache
    def on(day: date) -> LocalSettings:
        return settings_on(programme_id, day)

    return on


def _owing(links: list[Link], slot: Slot, dates: Dates) -> dict[int, list[Link]]:
    """Unit → its links alive in the period, for deadlines after the link began and the plan was issued."""
    owing: dict[int, list[Link]] = {}
    for link in links:
        if (
            link.start <= slot.base.end
            and link.start < dates.due_on
            and link.issued_at < dates.due_at
            and (link.closed_on is None or link.closed_on >= slot.base.start)
            and (link.lapsed_on is None or dates.due_on < link.lapsed_on)
            and not link.is_paused(dates.due_on)
        ):
            owing.setdefault(link.unit_id, []).append(link)
    return owing


def _asked_at(rule: ReportingRule) -> datetime:
    """When somebody last made or changed a rule: a deadline that had passed by then asks nobody for anything new."""
    changes = RuleVersion.select(RuleVersion.changed_at).where(RuleVersion.rule == rule)
    newest = changes.order_by(RuleVersion.number.desc()).first()
    return newest.changed_at if newest else datetime.min.replace(tzinfo=UTC)


def _insert_obligations(
    rule: ReportingRule, slot: Slot, dates: Dates, owing: dict[int, list[Link]]
) -> list[int]:
    """Write what is not there yet; returns the units."""
    have = _units_with(rule, slot.subject.key)
    opens_on = max(slot.opens_on, rule.valid_from)  # nothing is open before it was asked for
    midnight = cadences.deadline_instant(opens_on - timedelta(days=1))
    rows = [
        {
            "programme": rule.programme_id,
            "rule": rule.id,
            "unit": unit_id,
            "period": slot.subject.key,
            "opens_at": max(midnight, min(_begin(link) for link in links)),
            "due_at": dates.due_at,
            "due_on": dates.due_on,
            "grace_at": dates.grace_at,
            "locked_at": dates.locked_at,
        }
        for unit_id, links in owing.items()
        if unit_id not in have
    ]
    insert_rows(Obligation, rows, ignore=True)
    return [unit_id for unit_id in owing if unit_id not in have]


def _begin(link: Link) -> datetime:
    return max(link.issued_at, cadences.deadline_instant(link.start - timedelta(days=1)))


def _units_with(rule: ReportingRule, period: str) -> set[int]:
    query = Obligation.select(Obligation.unit).where(
        (Obligation.rule == rule) & (Obligation.period == period)
    )
    return {row[0] for row in rows_of(query)}


def _insert_entries(
    rule: ReportingRule, period: str, owing: dict[int, list[Link]], new: list[int], now: datetime
) -> None:
    """Entries that an open obligation lacks: all of a new one's, later links' as long as it is not locked."""
    open_ones = Obligation.select(Obligation.id, Obligation.unit).where(
        (Obligation.rule == rule)
        & (Obligation.period == period)
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
            .where((Obligation.rule == rule) & (Obligation.period == period))
        )
    }
    rows = [
        {"obligation": key, "assignment": link.assignment_id, "task": link.task_id, "sort": link.sort}
        for unit_id, key in obligation_of.items()
        for link in owing.get(unit_id, [])
        if (key, link.assignment_id) not in have
    ]
    insert_rows(Entry, rows, ignore=True)


def forget_link(assignment: Assignment, *, now: datetime, suspended_from: date | None = None) -> None:
    """A link was taken back: drop it from reports not yet handed in; a report left empty is waived.

    With `suspended_from` it was only suspended: what was due before that day stays owed.
    """
    open_ones = Obligation.select(Obligation.id).where(
        (Obligation.unit == assignment.unit_id)
        & (Obligation.programme == assignment.programme_id)
        & (Obligation.state == ObligationState.OPEN)
        & (Obligation.locked_at > now)
    )
    if suspended_from is not None:
        open_ones = open_ones.where(Obligation.due_on >= suspended_from)
    ids = [row[0] for row in rows_of(open_ones)]
    Entry.delete().where(
        (Entry.assignment == assignment.id)
        & (Entry.state == EntryState.OPEN)
        & Entry.obligation.in_(ids)
    ).execute()  # fmt: skip
    for key in set(ids) - _asking_still(ids, assignment):
        Obligation.update(
            state=ObligationState.WAIVED,
            waive_reason=NO_TASK_LEFT if suspended_from is None else ALL_SUSPENDED,
            schedule_version=Obligation.schedule_version + 1,
            version=Obligation.version + 1,
        ).where(Obligation.id == key).execute()
        reminders.cancel(key, now)


def recall_link(assignment: Assignment, *, now: datetime) -> None:
    """A link is no longer suspended: reports not yet due ask for it again, also those that had been left empty."""
    empty = (
        (Obligation.programme == assignment.programme_id)
        & (Obligation.unit == assignment.unit_id)
        & (Obligation.state == ObligationState.WAIVED)
        & (Obligation.waive_reason == ALL_SUSPENDED)
        & (Obligation.due_at > now)
    )
    ids = [row[0] for row in rows_of(Obligation.select(Obligation.id).where(empty))]
    changed = {"schedule_version": Obligation.schedule_version + 1, "version": Obligation.version + 1}
    reopened = {"state": ObligationState.OPEN, "waive_reason": "", **changed}
    Obligation.update(reopened).where(Obligation.id.in_(ids)).execute()
    generate(assignment.programme_id, now=now)
    # Reopened for a rule or a time that does not concern this link: empty as before.
    empty_ones = set(ids) - _asking_still(ids, assignment)
    waived = {"state": ObligationState.WAIVED, "waive_reason": ALL_SUSPENDED, **changed}
    Obligation.update(waived).where(Obligation.id.in_(sorted(empty_ones))).execute()


def _asking_still(ids: list[int], assignment: Assignment) -> set[int]:
    """Of these obligations of one unit, those that ask for something: by entries, or by what it still answers for."""
    found = {row[0] for row in rows_of(Entry.select(Entry.obligation).where(Entry.obligation.in_(ids)))}
    others = list(
        Obligation.select(Obligation, ReportingRule)
        .join(ReportingRule)
        .where(Obligation.id.in_(ids) & (ReportingRule.kind != RuleKind.PROGRESS))
    )
    links = links_of(assignment.programme_id) if others else []
    for row in others:
        mine = [link for link in parties_of(row.rule, links) if link.unit_id == assignment.unit_id]
        if row.rule.kind is RuleKind.WORK_PLAN:
            mine = [link for link in mine if link.plan_id == row.rule.plan_id and not link.standing]
        if any(link.closed_on is None for link in mine):
            found.add(row.id)
    return found


def mark_missing(now: datetime) -> int:
    """Mark as missing what was not handed in by its lock; returns how many. Called by the tick."""
    due = (
        Obligation.select(Obligation.id)
        .where(
            Obligation.state.in_([ObligationState.OPEN, ObligationState.WITH_HEAD])
            & Obligation.first_submitted_at.is_null()
            & Obligation.outcome.is_null()
            & (Obligation.due_at <= now)  # a range of the index; what is not due cannot be locked
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
