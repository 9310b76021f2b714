"""Reminders of owed reports: rows that exist exactly once, carried by one digest a person and day (D12, D13).

Stages are working days before and after the due day, as the programme decided, and where items are counted the
dates that only remind (C45, E-51). They go out on working days only. What fell due while nothing could be sent
collapses into its latest stage: three days of silence are made up by one message, not by three.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any

from supervisor.clock import beijing, beijing_date
from supervisor.core import digests, messages, pauses, people, programmes, robot_digests
from supervisor.core.cadences import deadline_instant
from supervisor.core.calendar import load_calendar
from supervisor.core.reminder_stages import DATE, Stage, date_stages, stages
from supervisor.core.workdays import Calendar
from supervisor.database import transactional
from supervisor.models import (
    Channel,
    LocalSettings,
    Message,
    MessageState,
    Obligation,
    ObligationState,
    Plan,
    PlanState,
    Programme,
    Reminder,
    ReportingRule,
    RuleKind,
    User,
)
from supervisor.statements import statement

#: Nobody's telephone rings before work begins.
START_OF_DAY = time(8)
#: Returned reports older than this many days are no longer reminded of; the office has them in its list.
LOOK_BACK = timedelta(days=90)
_CHUNK = 400
#: Stands for any schedule version.
_EVER = 0


@dataclass(frozen=True)
class Call:
    """One reminder about to be written: the stage that goes out, and the earlier ones that it takes in."""

    obligation_id: int
    version: int
    due_on: date
    stage: str
    collapsed: tuple[str, ...]
    person: User
    channel: Channel


@dataclass(frozen=True)
class Terms:
    """By what a programme's reminders are planned on a day."""

    settings: LocalSettings
    #: Rules that remind on days of their own, by id; of any programme.
    special: Mapping[int, ReportingRule]
    #: Rules whose reminders are held back.
    paused: frozenset[int] = frozenset()

    @property
    def longest(self) -> int:
        """Working days before a due day at which the first stage may stand."""
        own = [rule.remind_before or [] for rule in self.special.values()]
        return max([0, *map(int, self.settings.remind_before), *(int(n) for days in own for n in days)])


def may_go_out(now: datetime, calendar: Calendar) -> bool:
    """Whether reminders are written now: on a working day, once work has begun."""
    return calendar.is_workday(beijing_date(now)) and beijing(now).time() >= START_OF_DAY


def queue(now: datetime) -> int:
    """Write the reminders that have fallen due, and their digests; running it again changes nothing.

    Returns how many times a person was reminded of a report (channels not counted twice).
    """
    today, calendar = beijing_date(now), load_calendar()
    if not may_go_out(now, calendar):
        return 0
    done, special = 0, special_rules()
    for programme_id in running(today):
        paused = pauses.paused_on(programme_id, today)
        if paused.all:
            continue
        terms = Terms(programmes.settings_on(programme_id, today), special, paused.rules)
        # Looking costs no lock; each person's reminders are then written in a short transaction of their own.
        done += _write(plan(programme_id, terms, calendar, now), calendar, now)
    return done


def cancel(obligation_id: int, now: datetime) -> int:
    """Take back what has not been sent about an owed report; call in the transaction that changes it.

    Rows of older schedules are cancelled, and those of dates that the rule no longer names; waiting digests are brought
    up to date: a report that is no longer owed drops out. Returns how many rows were cancelled. What a person already
    has is history and stays.
    """
    robot_digests.cancel_older(obligation_id, now)
    unsent = _unsent(obligation_id)
    ids = [row.id for row in unsent]
    if not ids:
        return 0
    current: Obligation = Obligation.get_by_id(obligation_id)
    gone = {row.stage for row in unsent if row.stage.startswith(DATE)}
    if gone:
        gone -= {stage.name for stage in date_stages(current.rule, current.period, load_calendar())}
    old = [row.id for row in unsent if row.schedule_version < current.schedule_version or row.stage in gone]
    Reminder.update(cancelled_at=now).where(Reminder.id.in_(old)).execute()
    waiting = Message.select(Message, User).join(User)
    for message in list(waiting.where(Message.id.in_({row.message_id for row in unsent}))):
        digests.refresh(message, now=now)
    cancelled = Reminder.id.in_(ids) & Reminder.cancelled_at.is_null(False)  # noqa: FBT003 -- Peewee's word
    return Reminder.select().where(cancelled).count()


@statement
def _unsent(obligation_id: Any) -> Any:
    return (
        Reminder.select(Reminder.id, Reminder.message, Reminder.schedule_version, Reminder.stage)
        .join(Message)
        .where(
            (Reminder.obligation == obligation_id)
            & Reminder.cancelled_at.is_null()
            & (Message.channel == Channel.MAIL)
            & Message.state.in_([MessageState.NEW, MessageState.RETRY])
        )
    )


def running(today: date) -> list[int]:
    """Programmes that have an issued plan and have not ended."""
    issued = Plan.select(Plan.programme).where(Plan.state == PlanState.ISSUED)
    query = Programme.select(Programme.id).where(
        Programme.id.in_(issued) & (Programme.ended_on.is_null() | (Programme.ended_on >= today))
    )
    return [row.id for row in query.order_by(Programme.id)]


def special_rules() -> dict[int, ReportingRule]:
    """Rules that remind on days of their own: those by which items are counted, and those that name their stages."""
    own = ReportingRule.remind_before.is_null(is_null=False) | ReportingRule.remind_after.is_null(
        is_null=False
    )
    query = ReportingRule.select().where((ReportingRule.kind == RuleKind.COUNT) | own)
    return {rule.id: rule for rule in query}


def owed_until(programme_id: int, latest: date, terms: Terms, now: datetime) -> list[Obligation]:
    """What is still owed and whose stages may have begun: not locked, or returned and waited for again."""
    today = beijing_date(now)
    running = (
        Obligation.state.in_([ObligationState.OPEN, ObligationState.WITH_HEAD])
        & (Obligation.due_at <= deadline_instant(latest))  # a range of the index
        & (Obligation.due_on <= latest)
        # What has locked is missing; asked for by its lock as well, SQLite takes the wrong index.
        & Obligation.outcome.is_null()
    )
    returned = (
        (Obligation.state == ObligationState.RETURNED)
        & (Obligation.return_due_on <= latest)
        & (Obligation.return_due_on >= today - LOOK_BACK)
    )
    mine = Obligation.programme == programme_id
    states = [running, returned]
    counted = [rule.id for rule in terms.special.values() if rule.kind is RuleKind.COUNT]
    if counted:
        waiting = Obligation.state.in_([ObligationState.OPEN, ObligationState.WITH_HEAD])
        still = waiting & (Obligation.due_at > now)
        begun = (Obligation.due_on > latest) & (Obligation.opens_at <= now)
        states.append(still & begun & Obligation.rule.in_(counted))
    # Asked one after the other: of two conditions with "or" between them SQLite takes neither's index.
    found = [row for state in states for row in Obligation.select().where(mine & state)]
    if terms.paused:
        found = [row for row in found if row.rule_id not in terms.paused]
    waited = (row for row in found if row.state is ObligationState.RETURNED or row.locked_at > now)
    return sorted(waited, key=lambda row: row.id)


def plan(programme_id: int, terms: Terms, calendar: Calendar, now: datetime) -> list[Call]:
    """What is to be written now: per owed report the latest stage fallen due, for whom it has not gone out."""
    today = beijing_date(now)
    owed = owed_until(programme_id, calendar.add_workdays(today, terms.longest + 1), terms, now)
    fallen: dict[int, list[Stage]] = {}
    for obligation in owed:
        planned = stages_of(obligation, terms, calendar)
        fallen[obligation.id] = [stage for stage in planned if stage.day <= today]
    waiting = [obligation for obligation in owed if fallen[obligation.id]]
    if not waiting:
        return []
    units = {obligation.unit_id for obligation in waiting}
    liaisons = people.liaisons_of(units, programme_id, today)
    heads = people.heads_of(units, programme_id, today)
    written = _written(waiting)
    calls: list[Call] = []
    for obligation in waiting:
        of_unit = liaisons.get(obligation.unit_id, []), heads.get(obligation.unit_id, [])
        for person, meant in receivers_of(obligation, fallen[obligation.id], *of_unit):
            calls += _calls(obligation, meant, person, written)
    return calls


def stages_of(obligation: Obligation, terms: Terms, calendar: Calendar) -> list[Stage]:
    """All stages of one thing owed, in the order in which they go out; of dates those since the unit owes it."""
    rule = terms.special.get(obligation.rule_id)
    prefix = f"r{obligation.returns}:" if obligation.state is ObligationState.RETURNED else ""
    around = stages(digests.due_day(obligation), terms.settings, calendar, prefix, rule)
    if rule is None or rule.kind is not RuleKind.COUNT:
        return around
    begin = beijing_date(obligation.opens_at)
    dated = [stage for stage in date_stages(rule, obligation.period, calendar) if stage.day >= begin]
    return sorted([*dated, *around], key=lambda stage: stage.day)


def receivers_of(
    obligation: Obligation, fallen: Sequence[Stage], liaisons: Sequence[User], heads: Sequence[User]
) -> Iterator[tuple[User, list[Stage]]]:
    """Who is told of which stages (D13): liaisons of all; heads of overdue ones, and of all where they must act."""
    for person in liaisons:
        yield person, list(fallen)
    heads_act = not liaisons or obligation.state is ObligationState.WITH_HEAD
    names = {person.id for person in liaisons}
    for person in heads:
        meant = [stage for stage in fallen if heads_act or stage.overdue]
        if person.id not in names and meant:
            yield person, meant


def _calls(
    obligation: Obligation, meant: Sequence[Stage], person: User, written: set[tuple[int, str, int, str, int]]
) -> Iterator[Call]:
    for channel in messages.channels_of(person):

        def known(stage: Stage, channel: Channel = channel) -> bool:
            row = (obligation.id, stage.name, person.id, channel.value)
            return (*row, obligation.schedule_version) in written or (*row, _EVER) in written

        latest = meant[-1]
        if not known(latest):
            yield Call(
                obligation_id=obligation.id,
                version=obligation.schedule_version,
                due_on=digests.due_day(obligation),
                stage=latest.name,
                collapsed=tuple(stage.name for stage in meant[:-1] if not known(stage)),
                person=person,
                channel=channel,
            )


def _written(obligations: Sequence[Obligation]) -> set[tuple[int, str, int, str, int]]:
    """Keys of the rows that these obligations already have; of a date that was reminded of, for any version."""
    ids = [obligation.id for obligation in obligations]
    found: set[tuple[int, str, int, str, int]] = set()
    for start in range(0, len(ids), _CHUNK):
        query = Reminder.select(
            Reminder.obligation,
            Reminder.stage,
            Reminder.recipient,
            Reminder.channel,
            Reminder.schedule_version,
            Reminder.cancelled_at,
        ).where(Reminder.obligation.in_(ids[start : start + _CHUNK]))
        for row in query:
            key = (row.obligation_id, row.stage, row.recipient_id, row.channel.value)
            found.add((*key, row.schedule_version))
            if row.cancelled_at is None and row.stage.startswith(DATE):
                found.add((*key, _EVER))
    return found


def _write(calls: Iterable[Call], calendar: Calendar, now: datetime) -> int:
    """Rows and digests of these calls; answers how many (report, person) pairs were reminded of."""
    by_person: dict[int, list[Call]] = defaultdict(list)
    for call in calls:
        by_person[call.person.id].append(call)
    return sum(_write_for(theirs, calendar, now) for theirs in by_person.values())


@transactional
def _write_for(calls: Sequence[Call], calendar: Calendar, now: datetime) -> int:
    """One person's reminders. What was handed in or moved since the plan was made is left out."""
    items = {item.obligation_id: item for item in digests.items_of([call.obligation_id for call in calls])}
    still = [
        call
        for call in calls
        if call.obligation_id in items and items[call.obligation_id].schedule_version == call.version
    ]
    pairs: set[int] = set()
    for channel in dict.fromkeys(call.channel for call in still):
        theirs = [call for call in still if call.channel is channel]
        wanted = [items[key] for key in sorted({call.obligation_id for call in theirs})]
        message = _digest_for(theirs[0].person, channel, wanted, calendar, now)
        if message is not None:  # else today's mail has left, and what is new waits for the next working day
            _write_rows(theirs, message, now)
            pairs.update(item.obligation_id for item in wanted)
    return len(pairs)


def _digest_for(
    person: User, channel: Channel, items: Sequence[digests.Item], calendar: Calendar, now: datetime
) -> Message | None:
    """Today's digest of a person on a channel with these reports taken in, or None where it has already left."""
    today = beijing_date(now)
    key = f"digest:{person.id}:{channel.value}:{today.isoformat()}"
    words = digests.render(digests.in_order(items), person, today=today, calendar=calendar)
    messages.post(
        event=words.event,
        key=key,
        person=person,
        channel=channel,
        subject=words.subject,
        body=words.body,
        link=words.link,
        programme_id=words.programme_id,
        unit_id=words.unit_id,
        now=now,
    )
    message = Message.select(Message.id, Message.state).where(Message.key == key).get()
    if channel is Channel.MAIL and message.state is not MessageState.NEW:
        return None
    before = digests.carried_by(message)
    if before:  # a second programme, or a deadline moved to today: one digest says it all
        every = digests.items_of([*before, *(item.obligation_id for item in items)])
        words = digests.render(every, person, today=today, calendar=calendar)
        digests.rewrite(message, words, read_at=None)
    return message


def _write_rows(calls: Sequence[Call], message: Message, now: datetime) -> None:
    rows = []
    for call in calls:
        for stage in (*call.collapsed, call.stage):
            sent = stage == call.stage
            rows.append(
                {
                    "obligation": call.obligation_id,
                    "stage": stage,
                    "recipient": call.person.id,
                    "channel": call.channel,
                    "schedule_version": call.version,
                    "due_on": call.due_on,
                    "message": message.id if sent else None,
                    "collapsed_into": "" if sent else call.stage,
                    "created_at": now,
                }
            )
    Reminder.insert_many(rows).on_conflict_ignore().execute()
